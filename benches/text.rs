//! How fast texts are cut into words and pairs, beside jieba-rs and Tantivy's own n-grams on the same texts in the same
//! run, one thread, taking turns; the best of several rounds each, so that a busy machine harms all alike.
//!
//! `cargo bench --bench text`; `ZHIDA_BENCH_MB` sets how much text of each corpus is taken (16).

mod corpus;

use std::hint::black_box;
use std::time::{Duration, Instant};

use jieba_rs::Jieba;
use tantivy::tokenizer::{NgramTokenizer, TokenStream, Tokenizer};
use zhida_index::Analyzer;
use zhida_index::text::{DocumentTokenizer, PairTokenizer};
use zhida_schemas::Policy;

/// Our cut of documents, with the words inside words, has to be at least so many times as fast as jieba's plain cut.
const CUT_BAR: f64 = 1.0;

/// Our pairs, folded, have to be at least so many times as fast as Tantivy's n-grams.
const PAIRS_BAR: f64 = 1.0;

/// Rounds of which the best counts.
const ROUNDS: usize = 7;

/// A name, and what cuts a text and counts what comes of it.
type Contender<'a> = (&'static str, &'a mut dyn FnMut(&str) -> usize);

fn main() {
    let megabytes = std::env::var("ZHIDA_BENCH_MB").ok().and_then(|size| size.parse().ok()).unwrap_or(16);
    let analyzer = Analyzer::new();
    let mut texts = Texts::new(megabytes * 1_000_000);
    for policy in corpus::generated(&analyzer, usize::MAX, corpus::CORPUS_SEED) {
        if !texts.take(policy) {
            break;
        }
    }
    bench("generated", &analyzer, &texts.texts);
    let mut texts = Texts::new(usize::MAX);
    match corpus::shared(|policy| _ = texts.take(policy)) {
        Some(_) => bench("shared corpus", &analyzer, &texts.sample(megabytes * 1_000_000)),
        None => println!("shared corpus: left out: ../shared/data not found"),
    }
}

/// Titles and bodies, up to a number of bytes.
struct Texts {
    texts: Vec<String>,
    left: usize,
}

impl Texts {
    fn new(bytes: usize) -> Self {
        Self { texts: Vec::new(), left: bytes }
    }

    /// False when there is enough.
    fn take(&mut self, policy: Policy) -> bool {
        self.left = self.left.saturating_sub(policy.title.len() + policy.body_text.len());
        self.texts.extend([policy.title, policy.body_text]);
        self.left > 0
    }

    /// Every n-th text, so that every file of the corpus is among them.
    fn sample(self, bytes: usize) -> Vec<String> {
        let all: usize = self.texts.iter().map(String::len).sum();
        // an odd step takes titles and bodies in turn
        let step = (all / bytes.max(1)) | 1;
        self.texts.into_iter().step_by(step).collect()
    }
}

fn bench(name: &str, analyzer: &Analyzer, texts: &[String]) {
    let bytes: usize = texts.iter().map(String::len).sum();
    let lines: usize = texts.iter().map(|text| text.lines().count()).sum();
    println!("\n{name}: {} texts, {lines} lines, {:.1} MB", texts.len(), bytes as f64 / 1e6);
    let jieba = Jieba::new();
    let mut words = DocumentTokenizer::new(analyzer.clone());
    let mut pairs = PairTokenizer::new(analyzer.clone());
    let mut ngrams = NgramTokenizer::new(2, 2, false).expect("a tokenizer");
    let mut contenders: [Contender<'_>; 6] = [
        ("jieba plain cut", &mut |text| black_box(jieba.cut(text, false)).len()),
        ("jieba by line", &mut |text| text.split('\n').map(|line| black_box(jieba.cut(line, false)).len()).sum()),
        ("zhida document cut", &mut |text| count(words.token_stream(text))),
        ("zhida query cut", &mut |text| black_box(analyzer.cut(&analyzer.fold(text))).len()),
        ("tantivy 2-grams", &mut |text| count(ngrams.token_stream(text))),
        ("zhida pairs", &mut |text| count(pairs.token_stream(text))),
    ];
    let mut best = [Duration::MAX; 6];
    let mut tokens = [0; 6];
    for _ in 0..ROUNDS {
        for (number, (_, work)) in contenders.iter_mut().enumerate() {
            let start = Instant::now();
            tokens[number] = texts.iter().map(|text| work(text)).sum();
            best[number] = best[number].min(start.elapsed());
        }
    }
    println!("  {:<20} {:>8} {:>12}", "", "MB/s", "tokens");
    for (number, (contender, _)) in contenders.iter().enumerate() {
        println!("  {contender:<20} {:>8.1} {:>12}", bytes as f64 / 1e6 / best[number].as_secs_f64(), tokens[number]);
    }
    let ratio = |ours: usize, floor: usize| best[floor].as_secs_f64() / best[ours].as_secs_f64();
    for (what, ratio, bar) in [
        ("document cut / jieba plain cut", ratio(2, 0), CUT_BAR),
        ("document cut / jieba by line", ratio(2, 1), CUT_BAR),
        ("query cut / jieba plain cut", ratio(3, 0), CUT_BAR),
        ("pairs / 2-grams", ratio(5, 4), PAIRS_BAR),
    ] {
        println!("  {what:<31} {ratio:.2} (bar {bar}): {}", if ratio >= bar { "held" } else { "MISSED" });
    }
}

/// The tokens of a stream, each looked at.
fn count(mut stream: impl TokenStream) -> usize {
    let mut tokens = 0;
    while stream.advance() {
        black_box(stream.token());
        tokens += 1;
    }
    tokens
}
