//! Accuracy of extraction on a manifest of saved pages, and of understanding on labelled facts.

use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;

use serde::Serialize;
use serde_json::Value;
use zhida_schemas::import_row::parse_date;
use zhida_schemas::{ImportRow, Policy, doc_number, issuer};

use crate::{PageContext, Source, extract, understand};

/// Right answers of one field.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Score {
    /// Pages that have the field.
    pub of: usize,
    /// Of these, read right.
    pub right: usize,
    /// The others: page, expected, found.
    pub misses: Vec<[String; 3]>,
}

impl Score {
    fn count(&mut self, page: &str, expected: &str, found: &str, right: bool) {
        self.of += 1;
        if right {
            self.right += 1;
        } else {
            self.misses.push([page.to_owned(), expected.to_owned(), found.to_owned()]);
        }
    }

    /// Share of right answers, 0 to 1.
    pub fn share(&self) -> f64 {
        if self.of == 0 { 1.0 } else { self.right as f64 / self.of as f64 }
    }
}

/// Accuracy by field, with and without the head's metadata.
#[derive(Debug, Clone, Default, Serialize)]
pub struct PagesReport {
    /// With everything.
    pub with_head: BTreeMap<&'static str, Score>,
    /// With the head's metadata left out.
    pub without_head: BTreeMap<&'static str, Score>,
}

/// Accuracy by field.
#[derive(Debug, Clone, Default, Serialize)]
pub struct FactsReport {
    /// By field of the record.
    pub fields: BTreeMap<&'static str, Score>,
}

impl fmt::Display for PagesReport {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        print(out, "使用 head 元数据", &self.with_head)?;
        print(out, "不使用 head 元数据", &self.without_head)
    }
}

impl fmt::Display for FactsReport {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        print(out, "要素", &self.fields)
    }
}

fn print(out: &mut fmt::Formatter<'_>, what: &str, fields: &BTreeMap<&'static str, Score>) -> fmt::Result {
    writeln!(out, "{what}")?;
    for (field, score) in fields {
        writeln!(out, "  {field:<14} {:>3}/{:<3} {:>6.1} %", score.right, score.of, 100.0 * score.share())?;
        for [page, expected, found] in &score.misses {
            writeln!(out, "      {page}\n        应为 {expected}\n        读得 {found}")?;
        }
    }
    Ok(())
}

/// Reads every saved article page of government sites in a manifest (JSONL; `file`, `site`, `kind`, `url`, `meta`,
/// `truth`, `body_truth`) and compares title, date, issuer and 发文字号. The page's own tags win over `truth`.
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
            if let Some(date) = date.as_deref().and_then(parse_date) {
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
            if let Some(number) = number {
                let found = policy.doc_number.clone().unwrap_or_default();
                let right = doc_number::key(&number) == doc_number::key(&found);
                fields.entry("doc_number").or_default().count(&file, &number, &found, right);
            }
            if let Some(body) = &body {
                let overlap = overlap(body, &policy.body_text);
                fields.entry("body").or_default().count(&file, "0.90", &format!("{overlap:.2}"), overlap >= 0.9);
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

/// Overlap of two texts by their pairs of characters (F1), 0 to 1.
fn overlap(expected: &str, found: &str) -> f64 {
    let pairs = |text: &str| {
        let chars: Vec<char> = text.chars().filter(|c| c.is_alphanumeric()).collect();
        let mut counts: BTreeMap<(char, char), usize> = BTreeMap::new();
        for pair in chars.windows(2) {
            *counts.entry((pair[0], pair[1])).or_default() += 1;
        }
        counts
    };
    let (a, b) = (pairs(expected), pairs(found));
    let common: usize = a.iter().map(|(pair, count)| (*count).min(b.get(pair).copied().unwrap_or(0))).sum();
    let total = a.values().sum::<usize>() + b.values().sum::<usize>();
    if total == 0 { 1.0 } else { 2.0 * common as f64 / total as f64 }
}

/// Understands labelled documents (JSONL; import rows with `truth`) and compares what this version reads.
///
/// # Errors
/// The file cannot be read.
pub fn evaluate_understanding(facts: &Path) -> std::io::Result<FactsReport> {
    let mut report = FactsReport::default();
    for line in std::fs::read_to_string(facts)?.lines() {
        let Ok(row) = serde_json::from_str::<Value>(line) else { continue };
        let id = row["id"].as_str().unwrap_or_default().to_owned();
        let truth = row["truth"].clone();
        let Ok(ImportRow { mut policy, .. }) = ImportRow::from_json(row) else { continue };
        understand(&mut policy, None);
        let record = serde_json::to_value(&policy).unwrap_or_default();
        for field in ["doc_number", "region_code", "level", "kind", "written_on", "effective_on", "expires_on"] {
            let show = |value: &Value| value.as_str().unwrap_or("null").to_owned();
            let (expected, found) = (show(&truth[field]), show(&record[field]));
            let accepted = truth["accept"][field].as_array().into_iter().flatten().map(show);
            let right =
                std::iter::once(expected.clone()).chain(accepted).any(|expected| same_fact(field, &expected, &found));
            report.fields.entry(field).or_default().count(&id, &expected, &found, right);
        }
        // the labels keep the short names of the text (税务总局); the record has full ones
        let expected: Vec<&str> = truth["issuers"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        let full: Vec<String> =
            issuer::split(&expected.join("、"), None).into_iter().map(|issuer| issuer.name).collect();
        let wanted = if full.len() == expected.len() { full } else { expected.iter().map(|&n| n.to_owned()).collect() };
        let right = wanted.len() == policy.issuers.len()
            && wanted.iter().all(|name| policy.issuers.iter().any(|found| found == name));
        report.fields.entry("issuers").or_default().count(&id, &expected.join("、"), &policy.issuers.join("、"), right);
    }
    Ok(report)
}

/// Whether a label and what was read say the same. The nation has the code `000000` in some labels; a day more or less
/// is allowed where a period begins or ends (the labels' own convention).
fn same_fact(field: &str, expected: &str, found: &str) -> bool {
    match field {
        "doc_number" => doc_number::key(expected) == doc_number::key(found),
        "region_code" if expected == "000000" => found == zhida_schemas::region::NATION,
        "effective_on" | "expires_on" => match (parse_date(expected), parse_date(found)) {
            (Some(a), Some(b)) => (a - b).num_days().abs() <= 1,
            (a, b) => a == b,
        },
        _ => expected == found,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_and_records_that_say_the_same() {
        for (field, expected, found, same) in [
            ("region_code", "000000", "100000", true),
            ("region_code", "000000", "320000", false),
            ("region_code", "null", "null", true),
            ("doc_number", "示例发﹝2024﹞4号", "示例发〔2024〕4号", true),
            ("effective_on", "2024-01-01", "2024-01-02", true),
            ("effective_on", "2024-01-01", "2024-01-03", false),
            ("effective_on", "2024-01-01", "null", false),
            ("written_on", "2024-01-01", "2024-01-02", false),
        ] {
            assert_eq!(same_fact(field, expected, found), same, "{field}: {expected} and {found}");
        }
    }
}
