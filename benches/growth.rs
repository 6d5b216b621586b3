//! How everything grows with the number of documents: one row for each size, beside bare Tantivy's OR of the words in
//! the same run.
//!
//! `cargo bench --bench growth`; `ZHIDA_BENCH_DOCS` sets the largest size (100,000; 1,000,000 is made without the bare
//! index, for time's sake). Bodies have a median of 600 letters, so that a million documents can be made on one machine.
//! The time to open and the memory are those of a process of its own.

mod corpus;

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use chrono::NaiveDate;
use zhida::config::Config;
use zhida::search::index_dir;
use zhida::state::AppState;
use zhida_index::eval::floor::{BareSearcher, Floor};
use zhida_index::{Analyzer, PolicyIndex, SearchRequest};

/// Median length of a body, in letters.
const LETTERS: f64 = 600.0;

/// Sizes, of which those up to `ZHIDA_BENCH_DOCS` are made.
const SIZES: [usize; 3] = [10_000, 100_000, 1_000_000];

/// The bare index is left out above this size.
const FLOOR_UP_TO: usize = 200_000;

/// Different queries, each asked once after as many others as warm the caches.
const QUERIES: usize = 1_000;
const WARMING: usize = 200;

fn main() {
    let mut arguments = std::env::args().skip(1).skip_while(|argument| argument != "--serve");
    if arguments.next().is_some() {
        return serve(Path::new(&arguments.next().expect("a directory")));
    }
    let largest = std::env::var("ZHIDA_BENCH_DOCS").ok().and_then(|count| count.parse().ok()).unwrap_or(100_000);
    let analyzer = Analyzer::new();
    let queries = corpus::queries(&analyzer, WARMING + QUERIES, 7);
    println!("bodies of a median of {LETTERS} letters; {QUERIES} different queries, facets and highlights on");
    println!(
        "{:>9} {:>8} {:>6} {:>8} {:>8} {:>8} {:>26} {:>26} {:>8} {:>8}",
        "documents",
        "text MB",
        "MB/s",
        "disk MB",
        "segments",
        "open s",
        "search p50/p95/p99 ms",
        "bare OR p50/p95/p99 ms",
        "sugg p95",
        "anon MB"
    );
    for count in SIZES.into_iter().filter(|&count| count <= largest) {
        row(&analyzer, &queries, count);
    }
}

fn row(analyzer: &Analyzer, queries: &[String], count: usize) {
    let dir = tempfile::tempdir().expect("a temporary directory");
    let index = PolicyIndex::open(&index_dir(dir.path()), analyzer.clone()).expect("an index");
    let (bytes, took) = write(analyzer, &index, count);
    let bare_dir = tempfile::tempdir().expect("a temporary directory");
    let bare = (count <= FLOOR_UP_TO).then(|| write_bare(analyzer, bare_dir.path(), count));
    let disk = corpus::bytes_on_disk(&index_dir(dir.path())) as f64 / 1e6;
    let (opened, memory) = served(dir.path());
    let times = search(&index, bare.as_ref(), queries);
    println!(
        "{count:>9} {:>8.1} {:>6.2} {disk:>8.1} {:>8} {opened:>8.2} {:>26} {:>26} {:>8.2} {memory:>8.0}",
        bytes / 1e6,
        bytes / 1e6 / took.as_secs_f64(),
        segments(index.dir()),
        shares(&times.ours),
        shares(&times.bare),
        corpus::at(&times.suggest, 0.95),
    );
}

/// Bytes of text that were indexed, and how long that took; making the texts is not counted.
fn write(analyzer: &Analyzer, index: &PolicyIndex, count: usize) -> (f64, Duration) {
    let mut writer = index.writer().expect("the writer");
    let mut policies = corpus::generated_of(analyzer, count, corpus::CORPUS_SEED, LETTERS);
    let (mut bytes, mut took) = (0, Duration::ZERO);
    loop {
        let some: Vec<_> = policies.by_ref().take(5_000).collect();
        if some.is_empty() {
            break;
        }
        bytes += some.iter().map(|policy| policy.title.len() + policy.body_text.len()).sum::<usize>();
        took += time(|| some.iter().for_each(|policy| writer.put(policy).expect("put")));
    }
    took += time(|| {
        writer.commit(1).expect("commit");
        // as a rebuild ends
        writer.compact().expect("compact");
        writer.finish().expect("finish");
    });
    index.reload().expect("reload");
    (bytes as f64, took)
}

fn write_bare(analyzer: &Analyzer, dir: &Path, count: usize) -> BareSearcher {
    let mut floor = Floor::new(Some(dir)).expect("an index");
    for policy in corpus::generated_of(analyzer, count, corpus::CORPUS_SEED, LETTERS) {
        floor.put(&policy).expect("put");
    }
    floor.finish().expect("finish")
}

/// Sorted times.
#[derive(Default)]
struct Times {
    ours: Vec<Duration>,
    bare: Vec<Duration>,
    suggest: Vec<Duration>,
}

fn search(index: &PolicyIndex, bare: Option<&BareSearcher>, queries: &[String]) -> Times {
    let mut times = Times::default();
    for (number, query) in queries.iter().enumerate() {
        let typed: String = query.chars().take(3).collect();
        let ours = time(|| ask(index, query));
        let theirs = bare.map(|bare| time(|| bare.search(query, 10).map(|_| ()).expect("bare search")));
        let suggest = time(|| index.suggest(&typed, &[], 8).map(|_| ()).expect("suggest"));
        if number >= WARMING {
            times.ours.push(ours);
            times.bare.extend(theirs);
            times.suggest.push(suggest);
        }
    }
    times.ours.sort_unstable();
    times.bare.sort_unstable();
    times.suggest.sort_unstable();
    times
}

fn ask(index: &PolicyIndex, query: &str) {
    let today = NaiveDate::from_ymd_opt(2024, 6, 1).expect("a date");
    let request = SearchRequest { query: query.to_owned(), limit: 10, ..SearchRequest::default() };
    index.search(&request, today).expect("search");
}

fn shares(sorted: &[Duration]) -> String {
    if sorted.is_empty() {
        return "left out".to_owned();
    }
    let at = |share| corpus::at(sorted, share);
    format!("{:.2}/{:.2}/{:.2}", at(0.5), at(0.95), at(0.99))
}

/// Segments of the last commit.
fn segments(dir: &Path) -> usize {
    let meta = std::fs::read(dir.join("meta.json")).expect("its metadata");
    let meta: serde_json::Value = serde_json::from_slice(&meta).expect("its metadata");
    meta["segments"].as_array().map_or(0, Vec::len)
}

/// Seconds from the start of a process that serves a directory to its first answer, and its anonymous memory in
/// megabytes after all queries.
fn served(dir: &Path) -> (f64, f64) {
    let program = std::env::current_exe().expect("this program");
    let started = Instant::now();
    let mut child = Command::new(program).arg("--serve").arg(dir).stdout(Stdio::piped()).spawn().expect("a process");
    let mut lines = BufReader::new(child.stdout.take().expect("its output")).lines();
    let _ = lines.next();
    let opened = started.elapsed().as_secs_f64();
    let memory = lines.next().and_then(|line| line.ok()?.parse().ok()).unwrap_or(f64::NAN);
    child.wait().expect("its end");
    (opened, memory)
}

/// The process that is measured: one line when it has answered once, one with its memory when it has answered all.
fn serve(dir: &Path) {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime");
    let state = runtime.block_on(AppState::open(Config::default(), dir)).expect("a data directory");
    let index = state.search.index();
    ask(&index, "企业");
    println!("opened");
    // The words of the generated corpus would count as memory here: these are what people type, two by two.
    let words: Vec<&str> = corpus::QUERIES.iter().flat_map(|query| query.split(' ')).collect();
    for first in &words {
        for second in &words {
            ask(&index, &format!("{first} {second}"));
        }
    }
    println!("{:.1}", anonymous_megabytes());
}

fn anonymous_megabytes() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("RssAnon")).unwrap_or_default();
    line.split_whitespace().nth(1).and_then(|kilobytes| kilobytes.parse::<f64>().ok()).unwrap_or(f64::NAN) / 1024.0
}

fn time(work: impl FnOnce()) -> Duration {
    let start = Instant::now();
    work();
    start.elapsed()
}
