//! Indexing and query speed beside bare Tantivy and jieba-rs doing the same work in the same run, one thread each.
//!
//! `cargo bench --bench index`; `ZHIDA_BENCH_DOCS` sets the size of the generated corpus.

mod corpus;

use std::time::{Duration, Instant};

use chrono::NaiveDate;
use zhida_index::eval::floor::{BareSearcher, Floor};
use zhida_index::{Analyzer, PolicyIndex, SearchRequest};
use zhida_schemas::Policy;

/// Indexing has to reach this share of the floor.
const BAR: f64 = 0.6;

fn main() {
    let analyzer = Analyzer::new();
    let count = std::env::var("ZHIDA_BENCH_DOCS").ok().and_then(|count| count.parse().ok()).unwrap_or(5_000);
    let generated = corpus::generated(&analyzer, count, 20_240_601);
    bench("generated", &analyzer, &generated);
    drop(generated);
    let mut shared = Vec::new();
    match corpus::shared(|policy| shared.push(policy)) {
        Some(_) => bench("shared corpus", &analyzer, &shared),
        None => println!("shared corpus: left out: ../shared/data not found"),
    }
}

fn bench(name: &str, analyzer: &Analyzer, policies: &[Policy]) {
    let bytes: usize = policies.iter().map(|policy| policy.title.len() + policy.body_text.len()).sum();
    println!("\n{name}: {} documents, {:.1} MB", policies.len(), bytes as f64 / 1e6);
    // In turns, the better of two each, so that a busy machine harms both alike.
    let (mut ours, mut floor) = (Duration::MAX, Duration::MAX);
    let mut searchers = None;
    for _ in 0..2 {
        let (bare, took) = write_floor(policies);
        floor = floor.min(took);
        let (index, took) = write_ours(analyzer, policies);
        ours = ours.min(took);
        searchers = Some((bare, index));
    }
    let rate = |took: Duration| (policies.len() as f64 / took.as_secs_f64(), bytes as f64 / 1e6 / took.as_secs_f64());
    let ratio = floor.as_secs_f64() / ours.as_secs_f64();
    println!("  indexing     documents/s      MB/s");
    for (engine, took) in [("zhida", ours), ("floor", floor)] {
        let (documents, megabytes) = rate(took);
        println!("  {engine:<10} {documents:>13.0} {megabytes:>9.2}");
    }
    println!("  ratio {ratio:.2} (bar {BAR}): {}", if ratio >= BAR { "held" } else { "MISSED" });
    if let Some(((_bare_dir, bare), (_dir, index))) = searchers {
        queries(&index, &bare);
    }
}

fn write_ours(analyzer: &Analyzer, policies: &[Policy]) -> ((tempfile::TempDir, PolicyIndex), Duration) {
    let dir = tempfile::tempdir().expect("a temporary directory");
    let index = PolicyIndex::open(dir.path(), analyzer.clone()).expect("an index");
    let mut writer = index.writer().expect("the writer");
    let start = Instant::now();
    for policy in policies {
        writer.put(policy).expect("put");
    }
    writer.commit(1).expect("commit");
    writer.finish().expect("finish");
    let took = start.elapsed();
    index.reload().expect("reload");
    ((dir, index), took)
}

fn write_floor(policies: &[Policy]) -> ((tempfile::TempDir, BareSearcher), Duration) {
    let dir = tempfile::tempdir().expect("a temporary directory");
    let mut floor = Floor::new(Some(dir.path())).expect("an index");
    let start = Instant::now();
    for policy in policies {
        floor.put(policy).expect("put");
    }
    let bare = floor.finish().expect("finish");
    ((dir, bare), start.elapsed())
}

fn queries(index: &PolicyIndex, bare: &BareSearcher) {
    let today = NaiveDate::from_ymd_opt(2024, 6, 1).expect("a date");
    let (mut ours, mut floor, mut suggest) = (Vec::new(), Vec::new(), Vec::new());
    for round in 0..12 {
        for query in corpus::QUERIES {
            let request = SearchRequest { query: (*query).to_owned(), limit: 10, ..SearchRequest::default() };
            let took = time(|| index.search(&request, today).map(|_| ()).expect("search"));
            let bare_took = time(|| bare.search(query, 10).map(|_| ()).expect("bare search"));
            let typed: String = query.chars().take(3).collect();
            let suggest_took = time(|| index.suggest(&typed, 8).map(|_| ()).expect("suggest"));
            // The first rounds warm the caches.
            if round >= 2 {
                ours.push(took);
                floor.push(bare_took);
                suggest.push(suggest_took);
            }
        }
    }
    println!("  queries            p50 ms    p95 ms");
    for (engine, times) in [("zhida search", &mut ours), ("floor top 10", &mut floor), ("zhida suggest", &mut suggest)]
    {
        times.sort_unstable();
        let at = |share: f64| times[((times.len() - 1) as f64 * share) as usize].as_secs_f64() * 1e3;
        println!("  {engine:<15} {:>9.3} {:>9.3}", at(0.5), at(0.95));
    }
}

fn time(work: impl FnOnce()) -> Duration {
    let start = Instant::now();
    work();
    start.elapsed()
}
