//! How many pages a second are read on one core: bytes to a policy record, beside the parser alone (the floor) and
//! dom_smoothie on the same pages in the same run, taking turns; the best of several rounds each, so that a busy machine
//! harms all alike. Fails below the bar.
//!
//! `cargo bench -p zhida-crawlers --bench extract`; `-- --readings FILE` instead writes what each reads of every page of
//! the manifest, as `benches/compare/extract.py` compares it.

#![allow(clippy::expect_used, reason = "a bench fails by panicking")]

use std::fs::File;
use std::hint::black_box;
use std::io::{BufWriter, Write};
use std::path::Path;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use dom_smoothie::Readability;
use scraper::Html;
use serde_json::{Value, json};
use zhida_crawlers::{PageContext, charset, extract, understand};

/// Pages a second on one core.
const BAR: f64 = 150.0;

/// Rounds of which the best counts.
const ROUNDS: usize = 7;

/// A saved page.
struct Page {
    file: String,
    url: String,
    bytes: Vec<u8>,
}

/// A name, and what reads a page and says how much it found.
type Contender = (&'static str, fn(&Page) -> usize);

const CONTENDERS: &[Contender] = &[
    ("parser alone", |page| Html::parse_document(&charset::decode(&page.bytes, None).0).tree.values().count()),
    ("zhida", |page| extract(&page.bytes, &context(page)).map_or(0, |policy| policy.body_text.len())),
    ("zhida, understood", |page| {
        extract(&page.bytes, &context(page)).map_or(0, |mut policy| {
            understand(&mut policy, None);
            policy.body_text.len()
        })
    }),
    ("dom_smoothie", |page| smoothed(page, &charset::decode(&page.bytes, None).0).map_or(0, |article| article.length)),
];

fn main() -> ExitCode {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let saved = saved_pages(&root.join("../../shared/data/pages"));
    let arguments: Vec<String> = std::env::args().collect();
    if let Some(at) = arguments.iter().position(|argument| argument == "--readings") {
        let (Some(file), Some(pages)) = (arguments.get(at + 1), saved) else {
            eprintln!("--readings FILE needs ../shared/data/pages");
            return ExitCode::FAILURE;
        };
        write_readings(Path::new(file), &pages).expect("the readings can be written");
        return ExitCode::SUCCESS;
    }
    let mut well = true;
    match saved {
        Some(pages) => well &= bench("saved pages", &pages),
        None => println!("saved pages: left out: ../shared/data not found"),
    }
    well &= bench("sample pages", &generated(&root.join("tests/pages")));
    if well { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// The article pages of the manifest, as the evaluation reads them.
fn saved_pages(folder: &Path) -> Option<Vec<Page>> {
    let manifest = std::fs::read_to_string(folder.join("manifest.jsonl")).ok()?;
    let rows = manifest.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let pages = rows.filter_map(|row| {
        let file = row["file"].as_str().filter(|file| row["kind"] == "detail" && !file.starts_with("_nongov"))?;
        let bytes = std::fs::read(folder.join(file)).ok()?;
        Some(Page { file: file.to_owned(), url: row["url"].as_str().unwrap_or_default().to_owned(), bytes })
    });
    Some(pages.collect())
}

/// The sample pages of the tests, each with its text once, five and thirty times, as long documents are.
fn generated(folder: &Path) -> Vec<Page> {
    let mut files: Vec<_> =
        std::fs::read_dir(folder).expect("sample pages").filter_map(|file| Some(file.ok()?.path())).collect();
    files.sort();
    let mut pages = Vec::new();
    for file in files {
        let text = std::fs::read_to_string(&file).expect("a sample page");
        let Some((begin, rest)) = text.split_once("<!--正文-->") else { continue };
        let Some((body, end)) = rest.split_once("<!--/正文-->") else { continue };
        for times in [1, 5, 30] {
            let bytes = format!("{begin}{}{end}", body.repeat(times)).into_bytes();
            let file = file.display().to_string();
            pages.push(Page { file, url: "https://www.example.gov.cn/zc/202603/1.html".to_owned(), bytes });
        }
    }
    pages
}

/// Times all contenders; whether ours reaches the bar.
fn bench(name: &str, pages: &[Page]) -> bool {
    let bytes: usize = pages.iter().map(|page| page.bytes.len()).sum();
    println!("{name}: {} pages, {:.1} MB, one thread, best of {ROUNDS} rounds", pages.len(), bytes as f64 / 1e6);
    let mut best = vec![Duration::MAX; CONTENDERS.len()];
    for _ in 0..ROUNDS {
        for ((_, read), best) in CONTENDERS.iter().zip(&mut best) {
            let started = Instant::now();
            for page in pages {
                black_box(read(page));
            }
            *best = started.elapsed().min(*best);
        }
    }
    let mut well = true;
    for ((contender, _), best) in CONTENDERS.iter().zip(best) {
        let rate = pages.len() as f64 / best.as_secs_f64();
        let ours = *contender == "zhida";
        let fails = ours && rate < BAR && !cfg!(debug_assertions);
        let verdict = if fails { "  BELOW THE BAR" } else { "" };
        let bar = if ours { format!("  (bar {BAR})") } else { String::new() };
        println!(
            "  {contender:<18} {rate:>8.0} pages/s {:>7.1} MB/s{bar}{verdict}",
            bytes as f64 / 1e6 / best.as_secs_f64()
        );
        well &= !fails;
    }
    well
}

fn context(page: &Page) -> PageContext<'_> {
    PageContext { url: &page.url, ..PageContext::default() }
}

fn smoothed(page: &Page, markup: &str) -> Option<dom_smoothie::Article> {
    let url = Some(page.url.as_str()).filter(|url| !url.is_empty());
    Readability::new(markup, url, None).ok()?.parse().ok()
}

/// One line for each tool, page and way to read it (`head`: with the head's metadata or without).
fn write_readings(file: &Path, pages: &[Page]) -> std::io::Result<()> {
    let mut out = BufWriter::new(File::create(file)?);
    for page in pages {
        for head in [true, false] {
            let started = Instant::now();
            let policy = extract(&page.bytes, &PageContext { ignore_head: !head, ..context(page) }).unwrap_or_default();
            let seconds = started.elapsed().as_secs_f64();
            let row = json!({
                "tool": "zhida", "file": page.file, "head": head, "title": policy.title,
                "date": policy.published_on, "text": policy.body_text, "seconds": seconds,
            });
            writeln!(out, "{row}")?;
            let started = Instant::now();
            let (markup, _) = charset::decode(&page.bytes, None);
            let markup = if head { markup } else { without_metadata(&markup) };
            let article = smoothed(page, &markup);
            let seconds = started.elapsed().as_secs_f64();
            let row = json!({
                "tool": "dom_smoothie", "file": page.file, "head": head,
                "title": article.as_ref().map(|article| article.title.clone()),
                "date": article.as_ref().and_then(|article| article.published_time.clone()),
                "text": article.as_ref().map(|article| article.text_content.to_string()), "seconds": seconds,
            });
            writeln!(out, "{row}")?;
        }
    }
    out.flush()
}

/// Markup without its `<meta …>`.
fn without_metadata(markup: &str) -> String {
    let mut out = String::new();
    let mut rest = markup;
    while let Some(at) = rest.find("<meta").into_iter().chain(rest.find("<META")).min() {
        out.push_str(&rest[..at]);
        rest = rest[at..].find('>').map_or("", |end| &rest[at + end + 1..]);
    }
    out.push_str(rest);
    out
}
