//! Accuracy of extraction on a manifest of saved pages.

use std::collections::HashMap;
use std::path::Path;

use serde_json::Value;
use zhida_schemas::import_row::parse_date;
use zhida_schemas::{Policy, doc_number, issuer};

use super::PagesReport;
use super::shown::{Shown, shown};
use crate::{PageContext, Source, charset, extract, understand};

/// Reads every saved article page of government sites in a manifest (JSONL; `file`, `site`, `kind`, `url`, `meta`,
/// `truth`, `body_truth`) and compares title, date, issuer, 发文字号 and main text. The page's own tags win over `truth`.
/// The main text is read without a source's definition.
///
/// # Errors
/// The manifest or a page cannot be read.
pub fn evaluate_pages(manifest: &Path) -> std::io::Result<PagesReport> {
    let folder = manifest.parent().unwrap_or(Path::new("."));
    let sources = Source::bundled();
    let mut report = PagesReport::default();
    for line in std::fs::read_to_string(manifest)?.lines() {
        let Ok(row) = serde_json::from_str::<Value>(line) else { continue };
        let text = |value: &Value| value.as_str().map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned);
        let file = text(&row["file"]).unwrap_or_default();
        if row["kind"] != "detail" || file.starts_with("_nongov") {
            continue;
        }
        let bytes = std::fs::read(folder.join(&file))?;
        let url = text(&row["url"]).unwrap_or_default();
        let site = url::Url::parse(&url).ok();
        let source = sources.iter().find(|source| site.as_ref().is_some_and(|site| source.covers(site)));
        let meta = |names: &[&str]| {
            let meta = row["meta"].as_object()?;
            names.iter().find_map(|name| {
                meta.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).and_then(|(_, value)| text(value))
            })
        };
        let truth = |name: &str| text(&row["truth"][name]);
        let body = text(&row["body_truth"]).and_then(|name| std::fs::read_to_string(folder.join(name)).ok());
        for ignore_head in [false, true] {
            let fields = if ignore_head { &mut report.without_head } else { &mut report.with_head };
            let context = PageContext { url: &url, source, ignore_head, ..PageContext::default() };
            let mut policy = match extract(&bytes, &context) {
                Ok(policy) => policy,
                Err(error) => Policy { title: format!("({error})"), ..Policy::default() },
            };
            understand(&mut policy, source.and_then(Source::within));
            if let Some(title) = meta(&["ArticleTitle"]).or_else(|| truth("title")) {
                let right = same_title(&title, &policy.title);
                fields.entry("title").or_default().count(&file, &title, &policy.title, right);
            }
            let date = meta(&["PubDate", "publishdate", "firstpublishedtime"]).or_else(|| truth("published"));
            let date = date.as_deref().and_then(parse_date);
            // what stands in the head only cannot be read without it; a wrong date is wrong all the same
            let missed = date.filter(|_| ignore_head && policy.published_on.is_none());
            let place = missed.map(|date| shown(&charset::decode(&bytes, None).0, date, policy.written_on));
            if let Some(place) = place.filter(|place| *place != Shown::Yes) {
                report.undated.push((file.clone(), place == Shown::OfOtherMeaning));
            } else if let Some(date) = date {
                let found = policy.published_on.map(|date| date.to_string()).unwrap_or_default();
                fields.entry("published_on").or_default().count(
                    &file,
                    &date.to_string(),
                    &found,
                    found == date.to_string(),
                );
            }
            if let Some(stated) = meta(&["ContentSource"]).or_else(|| truth("issuer")) {
                let expected: Vec<String> = issuer::split(&stated, source.and_then(Source::within))
                    .into_iter()
                    .map(|issuer| issuer.name)
                    .collect();
                if !expected.is_empty() {
                    let found = policy.issuers.join("、");
                    let right = expected.iter().any(|name| {
                        policy.issuers.iter().any(|found| found.ends_with(name) || name.ends_with(found.as_str()))
                    });
                    fields.entry("issuers").or_default().count(&file, &stated, &found, right);
                }
            }
            // （依据…〔2024〕1号） names the document that this one rests on
            let number = truth("doc_number")
                .filter(|number| !number.contains("依据") && doc_number::DocNumber::parse(number).is_some());
            if let Some(number) = &number {
                let found = policy.doc_number.clone().unwrap_or_default();
                let right = doc_number::key(number) == doc_number::key(&found);
                fields.entry("doc_number").or_default().count(&file, number, &found, right);
            }
            // （政务指引） in the place of a number says that there is none
            let none = row["truth"].is_object() && number.is_none();
            if none && !ignore_head {
                let found = policy.doc_number.clone().unwrap_or_default();
                report.no_number.count(&file, "", &found, found.is_empty());
            }
        }
        if let Some(body) = &body {
            let host = text(&row["site"]).unwrap_or_default();
            for (ignore_containers, bodies) in [(false, &mut report.body), (true, &mut report.body_by_density)] {
                let context = PageContext { url: &url, ignore_containers, ..PageContext::default() };
                let found = extract(&bytes, &context).map(|policy| policy.body_text).unwrap_or_default();
                bodies.count(&host, &file, overlap(body, &found));
            }
        }
    }
    Ok(report)
}

/// Equal but for spaces and punctuation.
fn same_title(expected: &str, found: &str) -> bool {
    let bare = |text: &str| text.chars().filter(|c| c.is_alphanumeric()).collect::<String>();
    bare(expected) == bare(found)
}

/// Overlap of two texts by their pairs of characters (F1), 0 to 1; white space does not count.
pub fn overlap(expected: &str, found: &str) -> f64 {
    let pairs = |text: &str| {
        let mut counts: HashMap<(char, char), usize> = HashMap::new();
        let mut before = None;
        for c in text.chars().filter(|c| !c.is_whitespace()) {
            if let Some(before) = before.replace(c) {
                *counts.entry((before, c)).or_default() += 1;
            }
        }
        counts
    };
    let (a, b) = (pairs(expected), pairs(found));
    let common: usize = a.iter().map(|(pair, count)| (*count).min(b.get(pair).copied().unwrap_or(0))).sum();
    let total = a.values().sum::<usize>() + b.values().sum::<usize>();
    if total == 0 { 1.0 } else { 2.0 * common as f64 / total as f64 }
}
