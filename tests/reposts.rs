//! Copies among real titles and numbers: which are joined, and that the like is not.
//!
//! Wants `../shared/data`; says so when it is not there.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::HashMap;
use std::path::PathBuf;

use serde_json::json;
use zhida::copies::{same_document, similar_titles, title_key};
use zhida_schemas::{ImportRow, Policy, doc_number};

/// A file of the test data; `None`, with a printed reason, when it is not on this machine.
fn data(name: &str) -> Option<PathBuf> {
    let file = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../shared/data").join(name);
    if file.exists() {
        return Some(file);
    }
    assert!(std::env::var_os("ZHIDA_TEST_ALL").is_none(), "{} is needed", file.display());
    println!("left out: no {}", file.display());
    None
}

/// As an import reads a row.
fn draft(title: &str, number: &str, url: &str, published: Option<&str>) -> Option<Policy> {
    let row = json!({ "title": title, "doc_number": number, "url": url, "published": published });
    Some(zhida::import::draft(ImportRow::from_json(row).ok()?, "test"))
}

#[test]
fn pairs_of_one_number_are_joined() {
    let Some(file) = data("eval/repost_pairs.csv") else { return };
    let mut rows = csv::Reader::from_path(file).unwrap();
    let names: HashMap<String, usize> =
        rows.headers().unwrap().iter().enumerate().map(|(at, name)| (name.to_owned(), at)).collect();
    let (mut pairs, mut joined, mut wrong) = (0, 0, Vec::new());
    let mut missed = Vec::new();
    for row in rows.records() {
        let row = row.unwrap();
        let of = |name: &str| row.get(names[name]).unwrap_or_default().trim();
        let side = |side: &str| {
            let of = |name: &str| of(&format!("{name}_{side}"));
            draft(of("title"), of("docnum"), of("url"), None)
        };
        let (Some(a), Some(b)) = (side("a"), side("b")) else { continue };
        let number = |policy: &Policy| policy.doc_number.as_deref().map(doc_number::key).filter(|key| !key.is_empty());
        let same = same_document(&a, &b);
        assert_eq!(same, same_document(&b, &a), "{} / {}", a.title, b.title);
        match (number(&a), number(&b)) {
            (Some(one), Some(other)) if one == other => {
                pairs += 1;
                joined += usize::from(same);
                if !same && missed.len() < 15 {
                    missed.push(format!("{} / {} / {one}", a.title, b.title));
                }
            }
            (Some(_), Some(_)) if same => wrong.push(format!("{} / {}", a.title, b.title)),
            _ => {}
        }
    }
    println!("of {pairs} pairs with one number {joined} are joined; not joined, for example:\n{}", missed.join("\n"));
    assert!(pairs > 5_000, "{pairs}");
    assert!(joined * 1000 >= pairs * 985, "{joined} of {pairs}");
    assert!(wrong.is_empty(), "{wrong:?}");
}

/// Neighbours in the order of titles that are compared.
const NEIGHBOURS: usize = 6;

#[test]
fn the_like_with_another_number_stays_apart() {
    let Some(file) = data("corpus/titles_only.jsonl.gz") else { return };
    let unpacked = flate2::read::GzDecoder::new(std::fs::File::open(file).unwrap());
    let mut policies = Vec::new();
    for line in std::io::BufRead::lines(std::io::BufReader::new(unpacked)) {
        let row: serde_json::Value = serde_json::from_str(&line.unwrap()).unwrap();
        let text = |name: &str| row[name].as_str().unwrap_or_default();
        if !text("doc_number").is_empty() && title_key(text("title")).is_some() {
            policies.extend(draft(text("title"), text("doc_number"), text("url"), row["published"].as_str()));
        }
    }
    let key = |policy: &Policy| policy.doc_number.as_deref().map(doc_number::key);
    policies.sort_by_key(|policy| (title_key(&policy.title), key(policy)));
    let (mut pairs, mut wrong) = (0, Vec::new());
    for (at, a) in policies.iter().enumerate() {
        for b in policies.iter().skip(at + 1).take(NEIGHBOURS) {
            if key(a) == key(b) || !similar_titles(&a.title, &b.title) {
                continue;
            }
            pairs += 1;
            assert!(!same_document(a, b), "{} {:?} / {} {:?}", a.title, a.doc_number, b.title, b.doc_number);
            // the same where one of the two pages forgot its number
            let numberless = Policy { doc_number: None, ..b.clone() };
            if same_document(a, &numberless) {
                wrong.push(format!("{} {:?} / {} {:?}", a.title, a.doc_number, b.title, b.doc_number));
            }
        }
    }
    println!("of {pairs} pairs with like titles none is joined; without one of the numbers {}:", wrong.len());
    println!("{}", wrong.iter().take(10).cloned().collect::<Vec<_>>().join("\n"));
    assert!(pairs > 1_000, "{pairs}");
    assert!(wrong.len() * 500 <= pairs, "{} of {pairs}", wrong.len());
}
