//! Accuracy of understanding on labelled documents.

mod amounts;
mod citations;
mod conditions;
mod windows;

use std::path::Path;

use serde_json::Value;
use zhida_schemas::import_row::parse_date;
use zhida_schemas::{ImportRow, doc_number, issuer};

use super::FactsReport;
use crate::understand;

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
            // what a label does not speak of is not counted
            if truth.get(field).is_none() {
                continue;
            }
            let show = |value: &Value| value.as_str().unwrap_or("null").to_owned();
            let (expected, found) = (show(&truth[field]), show(&record[field]));
            let accepted = truth["accept"][field].as_array().into_iter().flatten().map(show);
            let right =
                std::iter::once(expected.clone()).chain(accepted).any(|expected| same_fact(field, &expected, &found));
            report.fields.entry(field).or_default().count(&id, &expected, &found, right);
        }
        if let Some(expected) = truth["issuers"].as_array() {
            // the labels keep the short names of the text (税务总局); the record has full ones
            let expected: Vec<&str> = expected.iter().filter_map(Value::as_str).collect();
            let full: Vec<String> =
                issuer::split(&expected.join("、"), None).into_iter().map(|issuer| issuer.name).collect();
            let wanted =
                if full.len() == expected.len() { full } else { expected.iter().map(|&n| n.to_owned()).collect() };
            let right = wanted.len() == policy.issuers.len()
                && wanted.iter().all(|name| policy.issuers.iter().any(|found| found == name));
            let found = policy.issuers.join("、");
            report.fields.entry("issuers").or_default().count(&id, &expected.join("、"), &found, right);
        }
        windows::count(&id, &truth, &policy, &mut report);
        amounts::count(&id, &truth, &policy, &mut report);
        conditions::count(&id, &truth, &policy, &mut report);
        citations::count(&id, &truth, &policy, &mut report);
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
