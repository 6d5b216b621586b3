//! Search on the judged queries, when the shared data is there.

use std::fs::File;
use std::io::BufReader;
use std::path::Path;

use chrono::NaiveDate;
use flate2::read::GzDecoder;
use zhida_index::{Analyzer, eval};

#[test]
fn finds_more_of_what_was_judged_good_than_the_bare_libraries() {
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data/eval/search");
    if !data.exists() {
        println!("left out: ../shared/data not found");
        return;
    }
    let open = |name: &str| BufReader::new(File::open(data.join(name)).unwrap());
    let docs = BufReader::new(GzDecoder::new(open("docs.jsonl.gz")));
    let dir = tempfile::tempdir().unwrap();
    let today = NaiveDate::from_ymd_opt(2025, 7, 1).unwrap();
    let outcome =
        eval::search(dir.path(), &Analyzer::new(), open("queries.jsonl"), open("qrels.tsv"), docs, today).unwrap();
    println!("{outcome}");
    let (ours, floor) = (outcome.zhida["all"], outcome.floor["all"]);
    assert!(ours.ndcg > floor.ndcg + 0.03, "{ours:?} against {floor:?}");
    assert!(ours.mrr > floor.mrr + 0.1, "{ours:?} against {floor:?}");
}
