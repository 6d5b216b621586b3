//! How many documents a second one core understands, beside finding their sentences and numbers by one pattern in the
//! same run, taking turns; the best of several rounds each, so that a busy machine harms both alike.
//!
//! `cargo bench --package zhida-crawlers --bench understand`. The texts are the written labels of this crate and, when
//! they are there, the labelled facts and the shared corpus (`ZHIDA_BENCH_DOCS` of it, 1,000, evenly spread).

use std::hint::black_box;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::time::{Duration, Instant};

use flate2::read::GzDecoder;
use regex::Regex;
use serde_json::Value;
use zhida_crawlers::understand;
use zhida_schemas::{ImportRow, Policy};

/// Documents a second that have to be reached on each set.
const BAR: f64 = 300.0;

/// Rounds of which the best counts.
const ROUNDS: usize = 5;

fn main() {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let shared = here.join("../../shared/data");
    let labels = ["windows", "conditions"].map(|name| here.join(format!("tests/labels/{name}.jsonl")));
    let written = labels.iter().flat_map(|path| rows(&std::fs::read_to_string(path).expect("labels"))).collect();
    let mut slow = !bench("written texts", written);
    match std::fs::read_to_string(shared.join("eval/facts/facts.jsonl")) {
        Ok(facts) => slow |= !bench("labelled facts", rows(&facts)),
        Err(_) => println!("labelled facts: left out: ../shared/data not found"),
    }
    let wanted = std::env::var("ZHIDA_BENCH_DOCS").ok().and_then(|count| count.parse().ok()).unwrap_or(1_000);
    for name in ["provincial", "misc", "epidemic_relief", "realestate"] {
        match std::fs::File::open(shared.join("corpus").join(format!("{name}.jsonl.gz"))) {
            Ok(file) => {
                let lines: Vec<String> = BufReader::new(GzDecoder::new(file)).lines().map_while(Result::ok).collect();
                let step = lines.len().div_ceil(wanted / 4).max(1);
                let spread: Vec<&str> = lines.iter().step_by(step).map(String::as_str).collect();
                slow |= !bench(name, rows(&spread.join("\n")));
            }
            Err(_) => println!("{name}: left out: ../shared/data not found"),
        }
    }
    if slow {
        eprintln!("fewer than {BAR} documents a second");
        std::process::exit(1);
    }
}

/// Import rows that have a text.
fn rows(text: &str) -> Vec<Policy> {
    let read = |line: &str| Some(ImportRow::from_json(serde_json::from_str::<Value>(line).ok()?).ok()?.policy);
    text.lines().filter_map(read).filter(|policy| !policy.body_text.is_empty()).collect()
}

/// Whether a set is understood fast enough.
fn bench(name: &str, policies: Vec<Policy>) -> bool {
    if policies.is_empty() {
        println!("{name}: no texts");
        return true;
    }
    let bytes: usize = policies.iter().map(|policy| policy.title.len() + policy.body_text.len()).sum();
    let pattern = Regex::new(r"[^。；;\n]*?(?:[0-9０-９]+|[一二三四五六七八九十百千]+)[^。；;\n]*").expect("a pattern");
    let (mut ours, mut floor) = (Duration::MAX, Duration::MAX);
    // what a first text loads is no part of the speed
    understand(&mut policies[0].clone(), None);
    for _ in 0..ROUNDS {
        let mut copies = policies.clone();
        let start = Instant::now();
        for policy in &mut copies {
            understand(black_box(policy), None);
        }
        ours = ours.min(start.elapsed());
        let start = Instant::now();
        let found: usize = policies.iter().map(|policy| pattern.find_iter(black_box(&policy.body_text)).count()).sum();
        floor = floor.min(start.elapsed());
        black_box(found);
    }
    let rate = policies.len() as f64 / ours.as_secs_f64();
    println!(
        "{name}: {} documents, {:.2} MB: {rate:.0} documents/s (bar {BAR}), {:.1} MB/s; one pattern {:.0} documents/s, {:.0} times as fast",
        policies.len(),
        bytes as f64 / 1e6,
        bytes as f64 / 1e6 / ours.as_secs_f64(),
        policies.len() as f64 / floor.as_secs_f64(),
        ours.as_secs_f64() / floor.as_secs_f64(),
    );
    rate >= BAR
}
