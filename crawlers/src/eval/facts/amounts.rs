//! Sums that an applicant may receive.

use serde_json::Value;
use zhida_schemas::Policy;

use crate::eval::FactsReport;

/// Counts one document: the largest sum as an answer, each labelled sum as a fact. A label without `amounts` says
/// nothing; where the labels name the main sums only (`amounts_scope`), others are neither right nor wrong.
pub fn count(id: &str, truth: &Value, policy: &Policy, report: &mut FactsReport) {
    let Some(labels) = truth["amounts"].as_array() else { return };
    let mut expected: Vec<Option<i64>> = labels.iter().map(|label| label["max_yuan"].as_i64()).collect();
    let found: Vec<Option<i64>> = policy.amounts.iter().map(|amount| amount.max_yuan).collect();
    let show = |sums: &[Option<i64>]| match sums.iter().max() {
        None => "无".to_owned(),
        Some(None) => "无上限的比例".to_owned(),
        Some(Some(yuan)) => yuan.to_string(),
    };
    let (largest, read) = (show(&expected), show(&found));
    report.fields.entry("amounts.largest").or_default().count(id, &largest, &read, largest == read);
    let exact = policy.amounts.iter().all(|amount| {
        let said = |words: &str| policy.body_text.contains(words) || policy.title.contains(words);
        said(&amount.evidence) && said(&amount.text)
    });
    report.fields.entry("amounts.evidence").or_default().count(id, "原文", "改写", exact);

    let all = truth["amounts_scope"] == "all";
    let tally = report.lists.entry("amounts").or_default();
    tally.expected += expected.len();
    for amount in &policy.amounts {
        let place = expected.iter().position(|label| *label == amount.max_yuan);
        tally.found += usize::from(all || place.is_some());
        match place {
            Some(place) => {
                expected.swap_remove(place);
                tally.right += 1;
                tally.recalled += 1;
            }
            None if all => tally.misses.push([id.to_owned(), String::new(), amount.text.clone()]),
            None => {}
        }
    }
    let missed = expected.iter().map(|sum| show(&[*sum]));
    tally.misses.extend(missed.map(|sum| [id.to_owned(), sum, String::new()]));
}
