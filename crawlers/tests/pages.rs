//! The bars of extraction on the saved article pages.

use std::path::Path;

use zhida_crawlers::eval::evaluate_pages;

#[test]
fn saved_pages_are_read() {
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data/pages/manifest.jsonl");
    if !manifest.exists() {
        assert!(std::env::var_os("ZHIDA_TEST_ALL").is_none(), "../shared/data not found");
        return println!("left out: ../shared/data not found");
    }
    let report = evaluate_pages(&manifest).expect("the pages can be read");
    println!("{report}");
    for (fields, field, bar) in [
        (&report.with_head, "title", 0.95),
        (&report.with_head, "published_on", 0.95),
        (&report.with_head, "doc_number", 0.95),
        (&report.without_head, "title", 0.85),
        (&report.without_head, "published_on", 0.85),
    ] {
        let score = &fields[field];
        assert!(score.share() >= bar, "{field}: {}/{}, the bar is {bar}: {:?}", score.right, score.of, score.misses);
    }
}
