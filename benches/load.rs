//! Search over HTTP under an open load: requests start at their time whether or not those before them have been
//! answered, and each is timed from the moment at which it should have started. Every query is another, nothing is
//! cached, facets and highlights are on.
//!
//! `cargo bench --bench load`; `ZHIDA_BENCH_DOCS` sets the size of the generated corpus (60,000), `ZHIDA_BENCH_DIR` keeps
//! it for the next run. The server is a process of its own, so that its memory and its share of the processor are told
//! apart from those of the generator.

mod corpus;

use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use zhida::config::Config;
use zhida::search::index_dir;
use zhida::state::AppState;
use zhida_index::eval::tree::Tree;
use zhida_index::{Analyzer, PolicyIndex, SearchRequest};

/// Requests a second at which the bars hold, with the bars for the median and the 99th of a hundred.
const STEADY: (usize, f64, f64) = (400, 3.0, 15.0);
/// The 99th of a hundred that a rate has to keep to count, and the rate that has to be reached.
const HIGHEST: (f64, usize) = (50.0, 1_000);
/// The 95th of a hundred that the whole search has to keep in process, in milliseconds.
const WHOLE: f64 = 20.0;
/// Our searcher takes at most so many times what Tantivy takes for the same clauses.
const SAME: f64 = 1.2;
/// Connections that are kept.
const CONNECTIONS: usize = 64;

fn main() {
    let mut arguments = std::env::args().skip(1).skip_while(|argument| argument != "--serve");
    if arguments.next().is_some() {
        return serve(Path::new(&arguments.next().expect("a directory")));
    }
    let count = std::env::var("ZHIDA_BENCH_DOCS").ok().and_then(|count| count.parse().ok()).unwrap_or(60_000);
    let temporary = tempfile::tempdir().expect("a temporary directory");
    let dir = std::env::var_os("ZHIDA_BENCH_DIR").map_or_else(|| temporary.path().to_owned(), PathBuf::from);
    let analyzer = Analyzer::new();
    build(&analyzer, &dir, count);
    let queries = Arc::new(corpus::queries(&analyzer, 60_000, 7));

    in_process(&analyzer, &dir, &queries[57_000..]);
    if std::env::var_os("ZHIDA_BENCH_IN_PROCESS").is_some() {
        return;
    }

    let started = Instant::now();
    let server = Server::start(&dir);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(run(&server, &queries, 0..1, 1));
    println!("start to first answer with a warm index: {:.2} s (bar 1)", started.elapsed().as_secs_f64());
    // connections and caches of the system
    runtime.block_on(run(&server, &queries, 1..1_001, 200));

    println!("  a second  requests   p50 ms   p95 ms   p99 ms   max ms  server cores  generator cores");
    let mut from = 1_001;
    let mut highest = 0;
    for rate in [STEADY.0, 600, 800, 1_000, 1_200, 1_400, 1_600, 2_000, 2_400, 2_800, 3_200] {
        // at least 5,000 different queries at the steady rate
        let requests = if rate == STEADY.0 { 6_000 } else { rate * 5 };
        let (ours, theirs, at) = (own_cpu(), server.cpu(), Instant::now());
        let mut times = runtime.block_on(run(&server, &queries, from..from + requests, rate));
        let wall = at.elapsed().as_secs_f64();
        from += requests;
        times.sort_unstable();
        let share = |share| corpus::at(&times, share);
        let (p50, p99) = (share(0.5), share(0.99));
        println!(
            "  {rate:>8} {:>9} {p50:>8.2} {:>8.2} {p99:>8.2} {:>8.2} {:>13.2} {:>16.2}",
            times.len(),
            share(0.95),
            share(1.0),
            (server.cpu() - theirs) / wall,
            (own_cpu() - ours) / wall,
        );
        if rate == STEADY.0 {
            let held = p50 < STEADY.1 && p99 < STEADY.2;
            println!("           bars p50 {} ms, p99 {} ms: {}", STEADY.1, STEADY.2, verdict(held));
        }
        if p99 >= HIGHEST.0 || from + rate * 10 > queries.len() {
            break;
        }
        highest = rate;
    }
    println!(
        "  highest rate with p99 under {} ms: {highest} (bar {}): {}",
        HIGHEST.0,
        HIGHEST.1,
        verdict(highest >= HIGHEST.1)
    );
    println!(
        "  server memory: RssAnon {:.0} MB (bar 300), RSS {:.0} MB",
        server.memory("RssAnon"),
        server.memory("VmRSS")
    );
}

/// The whole search, one query at a time, beside the best ten that have any of the words; and our searcher beside
/// Tantivy's own on the same clauses, which both count and find the best ten.
fn in_process(analyzer: &Analyzer, dir: &Path, queries: &[String]) {
    let index = PolicyIndex::open(&index_dir(dir), analyzer.clone()).expect("an index");
    let today = chrono::NaiveDate::from_ymd_opt(2024, 6, 1).expect("a date");
    let mut times: [Vec<Duration>; 4] = Default::default();
    for (number, query) in queries.iter().enumerate() {
        let tree = Tree::of(&index, query, today).expect("a tree");
        let request = SearchRequest { query: query.clone(), limit: 10, fold: true, ..SearchRequest::default() };
        let taken = [
            time(|| index.search(&request, today).map(|results| results.total).expect("a search")),
            time(|| tree.any_word(10).expect("a search")),
            time(|| tree.ours(10, today).expect("a search")),
            time(|| tree.bare(10).expect("a search")),
        ];
        // the first warm the caches
        if number >= 500 && !tree.is_empty() {
            times.iter_mut().zip(taken).for_each(|(times, taken)| times.push(taken));
        }
    }
    println!("  in process                 mean ms   p50 ms   p95 ms   p99 ms");
    let names = ["whole search", "bare top ten of any word", "same clauses, ours", "same clauses, Tantivy"];
    let mut means = Vec::new();
    for (name, times) in names.into_iter().zip(&mut times) {
        times.sort_unstable();
        let at = |share| corpus::at(times, share);
        let mean = times.iter().sum::<Duration>().as_secs_f64() * 1e3 / times.len() as f64;
        println!("  {name:<24} {mean:>9.3} {:>8.3} {:>8.3} {:>8.3}", at(0.5), at(0.95), at(0.99));
        means.push((mean, at(0.95)));
    }
    println!("  whole search p95 under {WHOLE} ms: {}", verdict(means[0].1 < WHOLE));
    let ratio = means[2].0 / means[3].0;
    println!("  same clauses, ratio {ratio:.2} (bar {SAME}): {}", verdict(ratio <= SAME));
}

fn time(work: impl FnOnce() -> usize) -> Duration {
    let started = Instant::now();
    std::hint::black_box(work());
    started.elapsed()
}

fn verdict(held: bool) -> &'static str {
    if held { "held" } else { "MISSED" }
}

fn build(analyzer: &Analyzer, dir: &Path, count: usize) {
    let index = PolicyIndex::open(&index_dir(dir), analyzer.clone()).expect("an index");
    if index.len() == count {
        println!("{count} documents, kept from an earlier run");
        return;
    }
    let mut writer = index.writer().expect("the writer");
    writer.clear().expect("clear");
    let started = Instant::now();
    let mut letters = 0;
    for policy in corpus::generated(analyzer, count, corpus::CORPUS_SEED) {
        letters += policy.body_text.chars().count();
        writer.put(&policy).expect("put");
    }
    writer.commit(1).expect("commit");
    // as a rebuild ends
    writer.compact().expect("compact");
    writer.finish().expect("finish");
    let took = started.elapsed().as_secs_f64();
    println!("{count} documents, {} letters on average, generated and indexed in {took:.0} s", letters / count.max(1));
}

/// The server: pages and API over an index that is there already, until nobody holds the other end of its input.
fn serve(dir: &Path) {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        let state = AppState::open(Config::default(), dir).await.expect("a data directory");
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
        println!("{}", listener.local_addr().expect("an address"));
        let app = zhida::web::router(state.clone()).merge(zhida::api::router(state));
        tokio::spawn(async move { axum::serve(listener, app).await });
        let _ = tokio::task::spawn_blocking(|| std::io::stdin().read(&mut [0])).await;
    });
}

struct Server {
    child: Child,
    address: String,
}

impl Server {
    fn start(dir: &Path) -> Self {
        let program = std::env::current_exe().expect("this program");
        let mut child = Command::new(program)
            .arg("--serve")
            .arg(dir)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the server");
        let mut address = String::new();
        BufReader::new(child.stdout.take().expect("its output")).read_line(&mut address).expect("its address");
        Self { child, address: address.trim().to_owned() }
    }

    /// Seconds of processor.
    fn cpu(&self) -> f64 {
        cpu(&format!("/proc/{}/stat", self.child.id()))
    }

    /// Megabytes, by the name of the line in /proc.
    fn memory(&self, name: &str) -> f64 {
        let mut status = String::new();
        let file = std::fs::File::open(format!("/proc/{}/status", self.child.id()));
        file.and_then(|mut file| file.read_to_string(&mut status)).expect("its status");
        let line = status.lines().find(|line| line.starts_with(name)).unwrap_or_default();
        line.split_whitespace().nth(1).and_then(|kilobytes| kilobytes.parse::<f64>().ok()).unwrap_or(0.0) / 1024.0
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn own_cpu() -> f64 {
    cpu("/proc/self/stat")
}

fn cpu(file: &str) -> f64 {
    let stat = std::fs::read_to_string(file).unwrap_or_default();
    // the name in brackets may hold spaces
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
    let ticks = |at: usize| fields.get(at).and_then(|field| field.parse::<f64>().ok()).unwrap_or(0.0);
    // utime and stime, in hundredths of a second on Linux
    (ticks(11) + ticks(12)) / 100.0
}

/// Sends requests at a rate and gives how long each took from the moment at which it should have started.
async fn run(server: &Server, queries: &Arc<Vec<String>>, which: std::ops::Range<usize>, rate: usize) -> Vec<Duration> {
    let (sender, receiver) = async_queue();
    let begin = Instant::now();
    let mut workers = tokio::task::JoinSet::new();
    for _ in 0..CONNECTIONS.min(which.len()) {
        let (queries, receiver, address) = (queries.clone(), receiver.clone(), server.address.clone());
        workers.spawn(async move {
            let mut times = Vec::new();
            let mut stream = TcpStream::connect(&address).await.expect("a connection");
            stream.set_nodelay(true).expect("no delay");
            let mut stream = tokio::io::BufReader::new(&mut stream);
            loop {
                let next = receiver.lock().await.recv().await;
                let Some((at, due)) = next else { return times };
                get(&mut stream, &queries[at]).await;
                times.push(begin.elapsed().saturating_sub(due));
            }
        });
    }
    // a thread of its own, as the runtime's timer rounds up to milliseconds
    std::thread::spawn(move || {
        for (number, at) in which.enumerate() {
            let due = Duration::from_secs_f64(number as f64 / rate as f64);
            std::thread::sleep((begin + due).saturating_duration_since(Instant::now()));
            sender.send((at, due)).expect("a worker");
        }
    });
    let mut times = Vec::new();
    while let Some(done) = workers.join_next().await {
        times.extend(done.expect("a worker"));
    }
    times
}

type Job = (usize, Duration);

fn async_queue()
-> (tokio::sync::mpsc::UnboundedSender<Job>, Arc<tokio::sync::Mutex<tokio::sync::mpsc::UnboundedReceiver<Job>>>) {
    let (sender, receiver) = tokio::sync::mpsc::unbounded_channel();
    (sender, Arc::new(tokio::sync::Mutex::new(receiver)))
}

async fn get(stream: &mut tokio::io::BufReader<&mut TcpStream>, query: &str) {
    let encoded: String = url::form_urlencoded::byte_serialize(query.as_bytes()).collect();
    let request = format!("GET /api/v1/policies?q={encoded} HTTP/1.1\r\nHost: localhost\r\n\r\n");
    stream.write_all(request.as_bytes()).await.expect("send");
    let mut line = String::new();
    let mut length = 0;
    for number in 0.. {
        line.clear();
        stream.read_line(&mut line).await.expect("a line");
        assert!(number > 0 || line.contains(" 200 "), "{query}: {line}");
        match line.trim_end().to_ascii_lowercase().split_once(": ") {
            Some(("content-length", value)) => length = value.parse().expect("a length"),
            None if number > 0 => break,
            _ => {}
        }
    }
    let mut body = vec![0; length];
    stream.read_exact(&mut body).await.expect("a body");
    assert!(body.ends_with(b"}"), "{query}: not whole");
}
