//! How soon a new document is found while others come in: from its commit in SQL to the first search that gives it.
//!
//! `cargo bench --bench fresh`; `ZHIDA_BENCH_DOCS` sets how many documents are there before (5,000), `ZHIDA_BENCH_RATE`
//! how many come in a second (200), `ZHIDA_BENCH_SECONDS` for how long (20). Store, indexer and matcher are those of
//! `zhida serve`, in one process; documents come in by tens, probes one by one at random moments. A probe has a word
//! that no other document has and is asked for until it is found.

mod corpus;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use rand::{Rng, SeedableRng};
use tokio::sync::{mpsc, watch};
use zhida::cli::{keep_indexed, keep_matched, keep_vocabularies};
use zhida::config::Config;
use zhida::pipeline::indexer::Indexer;
use zhida::state::AppState;
use zhida_index::SearchRequest;
use zhida_schemas::Policy;

/// Every probe has to be found within this time, in milliseconds.
const BAR: f64 = 3_000.0;

/// Documents that are saved in one transaction.
const BATCH: usize = 10;

/// Between two looks for the probes that are not found yet.
const LOOK: Duration = Duration::from_millis(10);

/// Mean time between two probes, in seconds.
const BETWEEN_PROBES: f64 = 0.15;

/// What is not found after this time never will be.
const GIVE_UP: Duration = Duration::from_secs(60);

fn main() {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime");
    runtime.block_on(run());
}

async fn run() {
    let before = setting("ZHIDA_BENCH_DOCS", 5_000);
    let rate = setting("ZHIDA_BENCH_RATE", 200);
    let seconds = setting("ZHIDA_BENCH_SECONDS", 20);
    let dir = tempfile::tempdir().expect("a temporary directory");
    let state = AppState::open(Config::default(), dir.path()).await.expect("a data directory");
    let analyzer = state.search.analyzer();
    let mut policies = corpus::generated(&analyzer, before + rate * seconds, corpus::CORPUS_SEED);
    let mut left = before;
    while left > 0 {
        let batch: Vec<Policy> = policies.by_ref().take(left.min(500)).collect();
        left -= batch.len();
        save(&state, &batch).await;
    }
    let mut indexer = Indexer::open(state.search.index()).expect("the writer");
    indexer.run(&state.store, |_| {}).await.expect("an index");
    drop(indexer);
    // made beforehand, so that making them takes nothing from what is measured
    let incoming: Vec<Policy> = policies.collect();
    let letters: usize = incoming.iter().map(|policy| policy.body_text.chars().count()).sum();
    println!(
        "{before} documents are there; {rate} a second come in for {seconds} s, {} letters on average",
        letters / incoming.len().max(1)
    );

    let (stop, stopping) = watch::channel(false);
    let mut workers = tokio::task::JoinSet::new();
    workers.spawn(keep_indexed(state.clone(), stopping.clone()));
    workers.spawn(keep_vocabularies(state.clone(), stopping.clone()));
    workers.spawn(keep_matched(state.clone(), stopping));

    let fed = Arc::new(AtomicBool::new(false));
    let (committed, probes) = mpsc::unbounded_channel();
    let prober = tokio::spawn(probe(state.clone(), committed, fed.clone()));
    let seeker = tokio::task::spawn_blocking({
        let state = state.clone();
        move || seek(&state, probes)
    });
    let start = Instant::now();
    for (number, batch) in incoming.chunks(BATCH).enumerate() {
        let due = start + Duration::from_secs_f64((number * BATCH) as f64 / rate as f64);
        tokio::time::sleep_until(due.into()).await;
        save(&state, batch).await;
    }
    let took = start.elapsed().as_secs_f64();
    fed.store(true, Ordering::Relaxed);
    prober.await.expect("the probes");
    let (mut waits, lost) = seeker.await.expect("the searches");
    let _ = stop.send(true);
    while workers.join_next().await.is_some() {}

    waits.sort_unstable();
    let worst = if lost > 0 { f64::INFINITY } else { corpus::at(&waits, 1.0) };
    println!("  rate that was kept: {:.0} documents a second (asked for {rate})", incoming.len() as f64 / took);
    println!("  {} probes, {lost} never found, from commit to found:", waits.len() + lost);
    println!(
        "  p50 {:.0} ms, p99 {:.0} ms, max {worst:.0} ms (bar {BAR}): {}",
        corpus::at(&waits, 0.5),
        corpus::at(&waits, 0.99),
        if worst <= BAR { "held" } else { "MISSED" }
    );
}

fn setting(name: &str, default: usize) -> usize {
    std::env::var(name).ok().and_then(|value| value.parse().ok()).unwrap_or(default)
}

async fn save(state: &AppState, policies: &[Policy]) {
    state.store.save_policies(policies, state.clock.now()).await.expect("save");
}

/// The word of a probe: letters alone, so that it is one word and no other document has it.
fn word(number: usize) -> String {
    let letters = (0..6).map(|place| char::from(b'a' + (number / 26_usize.pow(place) % 26) as u8));
    format!("zqx{}", letters.collect::<String>())
}

/// An identity beyond those of the generated documents.
fn id(number: usize) -> String {
    format!("{:032x}", (1_u128 << 64) + number as u128)
}

/// Commits probes at random moments until everything else has come in.
async fn probe(state: AppState, committed: mpsc::UnboundedSender<(usize, Instant)>, fed: Arc<AtomicBool>) {
    let mut random = rand::rngs::StdRng::seed_from_u64(corpus::CORPUS_SEED);
    for number in 0.. {
        let wait = -BETWEEN_PROBES * random.random::<f64>().max(1e-9).ln();
        tokio::time::sleep(Duration::from_secs_f64(wait)).await;
        if fed.load(Ordering::Relaxed) {
            return;
        }
        let policy = Policy {
            id: id(number),
            version: 1,
            title: format!("关于{}的通知", word(number)),
            body_text: format!("企业可以申报{}项目。", word(number)),
            ..Policy::default()
        };
        save(&state, &[policy]).await;
        committed.send((number, Instant::now())).expect("the searches");
    }
}

/// Searches for what was committed until it is found: how long each took, and how many never were.
fn seek(state: &AppState, mut probes: mpsc::UnboundedReceiver<(usize, Instant)>) -> (Vec<Duration>, usize) {
    let (mut waits, mut lost) = (Vec::new(), 0);
    let mut open: Vec<(usize, Instant)> = Vec::new();
    loop {
        let all_committed = loop {
            match probes.try_recv() {
                Ok(probe) => open.push(probe),
                Err(mpsc::error::TryRecvError::Empty) => break false,
                Err(mpsc::error::TryRecvError::Disconnected) => break true,
            }
        };
        let today = state.clock.today();
        open.retain(|&(number, since)| {
            let request = SearchRequest { query: word(number), limit: 1, ..SearchRequest::default() };
            let results = state.search.index().search(&request, today).expect("search");
            let found = results.hits.iter().any(|hit| hit.id == id(number));
            if found {
                waits.push(since.elapsed());
            } else if since.elapsed() > GIVE_UP {
                lost += 1;
                return false;
            }
            !found
        });
        if all_committed && open.is_empty() {
            return (waits, lost);
        }
        std::thread::sleep(LOOK);
    }
}
