//! Documents that a text names, with the relation.

use serde::Deserialize as _;
use serde_json::Value;
use zhida_schemas::doc_number;
use zhida_schemas::policy::{Citation, Policy};

use crate::eval::{FactsReport, Tally};

/// Counts one document. Two citations are the same by their numbers where both have one, else by their titles without
/// marks and spaces. The labels hold every numbered citation, of those with a title only not all: such a one that they
/// lack is neither right nor wrong. `citations_relation` asks for the relation too.
pub fn count(id: &str, truth: &Value, policy: &Policy, report: &mut FactsReport) {
    let Some(labels) = truth.get("citations").and_then(Value::as_array) else { return };
    let labels: Vec<Citation> = labels.iter().filter_map(|label| Citation::deserialize(label).ok()).collect();
    let plain = |label: &Citation, found: &Citation| is_same(label, found);
    let related = |label: &Citation, found: &Citation| is_same(label, found) && label.relation == found.relation;
    tally(id, &labels, &policy.citations, &plain, report.lists.entry("citations").or_default());
    tally(id, &labels, &policy.citations, &related, report.lists.entry("citations_relation").or_default());
}

fn tally(
    id: &str,
    labels: &[Citation],
    found: &[Citation],
    fits: &dyn Fn(&Citation, &Citation) -> bool,
    tally: &mut Tally,
) {
    for label in labels {
        tally.expected += 1;
        if found.iter().any(|found| fits(label, found)) {
            tally.recalled += 1;
        } else {
            let near = found.iter().find(|found| is_same(label, found)).map(shown).unwrap_or_default();
            tally.misses.push([id.to_owned(), shown(label), near]);
        }
    }
    for found in found {
        let known = labels.iter().any(|label| is_same(label, found));
        if !known && found.doc_number.is_none() {
            continue;
        }
        tally.found += 1;
        if labels.iter().any(|label| fits(label, found)) {
            tally.right += 1;
        } else if !known {
            tally.misses.push([id.to_owned(), String::new(), shown(found)]);
        }
    }
}

fn is_same(a: &Citation, b: &Citation) -> bool {
    match (&a.doc_number, &b.doc_number, &a.title, &b.title) {
        (Some(a), Some(b), _, _) => doc_number::key(a) == doc_number::key(b),
        (_, _, Some(a), Some(b)) => bare(a) == bare(b),
        _ => false,
    }
}

fn bare(title: &str) -> String {
    title.chars().filter(|c| c.is_alphanumeric()).collect()
}

fn shown(citation: &Citation) -> String {
    let title = citation.title.as_deref().unwrap_or("-");
    format!("{:?} {title} {}", citation.relation, citation.doc_number.as_deref().unwrap_or("-"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use zhida_schemas::policy::Relation;

    fn citation(relation: Relation, title: &str, number: &str) -> Citation {
        let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        Citation { relation, title: some(title), doc_number: some(number), evidence: String::new() }
    }

    #[test]
    fn a_title_that_the_labels_lack_does_not_count() {
        let truth = serde_json::json!({"citations": [
            {"relation": "based_on", "title": "示例办法（试行）", "doc_number": "示例发〔2026〕1号"},
            {"relation": "cites", "title": "示例“甲”规划", "doc_number": null},
            {"relation": "repeals", "title": null, "doc_number": "示例发〔2020〕3号"},
        ]});
        let policy = Policy {
            citations: vec![
                citation(Relation::Cites, "", "示例发[2026]1号"),
                citation(Relation::Cites, "示例甲规划", ""),
                citation(Relation::Cites, "示例乙规划", ""),
                citation(Relation::Cites, "示例丙规划", "示例发〔2026〕9号"),
            ],
            ..Policy::default()
        };
        let mut report = FactsReport::default();
        count("a", &truth, &policy, &mut report);
        count("b", &serde_json::json!({}), &policy, &mut report);
        let all = &report.lists["citations"];
        assert_eq!((all.expected, all.recalled, all.found, all.right), (3, 2, 3, 2));
        let related = &report.lists["citations_relation"];
        assert_eq!((related.expected, related.recalled, related.found, related.right), (3, 1, 3, 1));
    }
}
