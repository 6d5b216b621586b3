//! The days on which an application can be handed in.

use serde_json::Value;
use zhida_schemas::Policy;
use zhida_schemas::policy::Application;

use crate::eval::{FactsReport, Tally};

/// Counts one document: its first and last day as facts, and what else the labels say of the window as answers. A label
/// without `application` says nothing; one that is null says that there is none.
pub fn count(id: &str, truth: &Value, policy: &Policy, report: &mut FactsReport) {
    let Some(expected) = truth.get("application") else { return };
    let nothing = Application::default();
    let found = policy.application.as_ref().unwrap_or(&nothing);
    let show = |date: Option<chrono::NaiveDate>| date.map(|date| date.to_string()).unwrap_or_default();
    let said = |field: &str| expected[field].as_str().unwrap_or_default().to_owned();
    for (field, found) in [("opens_on", show(found.opens_on)), ("closes_on", show(found.closes_on))] {
        let accepted = truth["accept"][field].as_array().into_iter().flatten().filter_map(Value::as_str);
        let accepted: Vec<&str> = accepted.collect();
        let about = format!("{id} {field}");
        day(report.lists.entry("application").or_default(), &about, &said(field), &accepted, &found);
    }
    let evidence = found.evidence.as_deref().unwrap_or_default();
    let exact = policy.body_text.contains(evidence) || policy.title.contains(evidence);
    let mut answer = |field: &'static str, expected: String, found: String| {
        let right = expected == found;
        report.fields.entry(field).or_default().count(id, &expected, &found, right);
    };
    if !evidence.is_empty() {
        answer("application.evidence", evidence.to_owned(), if exact { evidence.to_owned() } else { String::new() });
    }
    if expected.get("closes_at").is_some() {
        answer("application.closes_at", said("closes_at"), found.closes_at.clone().unwrap_or_default());
    }
    if expected["open_ended"].is_boolean() {
        answer("application.open_ended", expected["open_ended"].to_string(), found.open_ended.to_string());
    }
    let recurs = |value: &Value| match value {
        Value::Array(words) => !words.is_empty(),
        value => value.is_string(),
    };
    if expected.get("recurring").is_some() || !found.recurring.is_empty() {
        let wanted = recurs(&expected["recurring"]).to_string();
        answer("application.recurring", wanted, (!found.recurring.is_empty()).to_string());
    }
    if let Some(more) = expected["more"].as_array() {
        let last = |value: &Value| value["closes_on"].as_str().unwrap_or_default().to_owned();
        let found: Vec<String> = found.more.iter().map(|window| show(window.closes_on)).collect();
        for wanted in more.iter().map(last).filter(|wanted| !wanted.is_empty()) {
            answer("application.more", wanted.clone(), if found.contains(&wanted) { wanted } else { found.join(" ") });
        }
    }
}

/// Counts one day; empty is none. A day that the labels accept and do not ask for is right.
fn day(tally: &mut Tally, about: &str, expected: &str, accepted: &[&str], found: &str) {
    let right = found == expected || accepted.contains(&found);
    if !expected.is_empty() {
        tally.expected += 1;
        tally.recalled += usize::from(right && !found.is_empty());
    }
    if !found.is_empty() {
        tally.found += 1;
        tally.right += usize::from(right);
    }
    if !right {
        tally.misses.push([about.to_owned(), expected.to_owned(), found.to_owned()]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_counted_where_the_labels_speak() {
        let mut report = FactsReport::default();
        let policy = Policy {
            body_text: "请于2026年5月31日前申报。".to_owned(),
            application: Some(Application {
                closes_on: "2026-05-31".parse().ok(),
                evidence: Some("请于2026年5月31日前申报".to_owned()),
                ..Application::default()
            }),
            ..Policy::default()
        };
        for (truth, expected, recalled, found, right) in [
            (serde_json::json!({}), 0, 0, 0, 0),
            (serde_json::json!({"application": null}), 0, 0, 1, 0),
            (serde_json::json!({"application": {"closes_on": "2026-05-31"}}), 1, 1, 2, 1),
            (serde_json::json!({"application": {"closes_on": "2026-05-30"}}), 2, 1, 3, 1),
            (serde_json::json!({"application": {}, "accept": {"closes_on": ["2026-05-31"]}}), 2, 1, 4, 2),
            (serde_json::json!({"application": {"opens_on": "2026-05-01", "closes_on": "2026-05-31"}}), 4, 2, 5, 3),
        ] {
            count("示例", &truth, &policy, &mut report);
            let tally = report.lists.entry("application").or_default();
            assert_eq!(
                (tally.expected, tally.recalled, tally.found, tally.right),
                (expected, recalled, found, right),
                "{truth}"
            );
        }
    }
}
