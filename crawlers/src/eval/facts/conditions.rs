//! Conditions that an applicant must meet, and whether enterprises are addressed.
//!
//! A condition that was read is right when a label has the same field and
//! - region, industry, size, qualification: an op of the same meaning (`in`, `has` and `eq` are one; `not` is another),
//!   and lists that share an entry; industries also agree when one code begins the other, qualifications when one name
//!   holds the other (重庆市智能工厂, 智能工厂);
//! - registered_years, staff, revenue, assets, rd_ratio: the same op and the same number;
//! - credit, other (free text): evidence that overlaps, one being a part of the other or both sharing a run of
//!   characters of at least half the shorter.
//!
//! Several readings may agree with one label (all are right, the label counts once). A reading that agrees with an entry
//! of `truth.accept_extra` and with no label is not counted. `conditions_scope` = `main`: only recall counts.

use serde_json::Value;
use zhida_schemas::policy::{Condition, ConditionField, ConditionOp};
use zhida_schemas::{Policy, qualification};

use crate::eval::{FactsReport, Tally};

/// Counts one document; fields that its labels leave out are not counted.
pub fn count(id: &str, truth: &Value, policy: &Policy, report: &mut FactsReport) {
    if let Some(expected) = truth["conditions"].as_array() {
        let read = |list: &[Value]| -> Vec<Condition> {
            list.iter().filter_map(|entry| serde_json::from_value(entry.clone()).ok()).collect()
        };
        let expected = read(expected);
        let extra = truth["accept_extra"].as_array().map(|list| read(list)).unwrap_or_default();
        let only_recall = truth["conditions_scope"] == "main";
        let labels = Labels { id, expected: &expected, extra: &extra, only_recall };
        labels.count(&policy.conditions, |_| true, report.lists.entry("conditions").or_default());
        labels.count(&policy.conditions, is_numeric, report.lists.entry("conditions_numeric").or_default());
    }
    if truth.get("for_enterprises").is_some() {
        let show = |value: Option<bool>| value.map_or("null".to_owned(), |value| value.to_string());
        let (expected, found) = (show(truth["for_enterprises"].as_bool()), show(policy.for_enterprises));
        report.fields.entry("for_enterprises").or_default().count(id, &expected, &found, expected == found);
    }
}

struct Labels<'a> {
    id: &'a str,
    expected: &'a [Condition],
    extra: &'a [Condition],
    only_recall: bool,
}

impl Labels<'_> {
    fn count(&self, found: &[Condition], counts: impl Fn(ConditionField) -> bool, tally: &mut Tally) {
        let found: Vec<&Condition> = found.iter().filter(|condition| counts(condition.field)).collect();
        for label in self.expected.iter().filter(|label| counts(label.field)) {
            tally.expected += 1;
            if found.iter().any(|found| agree(label, found)) {
                tally.recalled += 1;
            } else {
                tally.misses.push([self.id.to_owned(), show(label), String::new()]);
            }
        }
        if self.only_recall {
            return;
        }
        for condition in found {
            let right = self.expected.iter().any(|label| agree(label, condition));
            if !right && self.extra.iter().any(|label| agree(label, condition)) {
                continue;
            }
            tally.found += 1;
            if right {
                tally.right += 1;
            } else {
                tally.misses.push([self.id.to_owned(), String::new(), show(condition)]);
            }
        }
    }
}

fn show(condition: &Condition) -> String {
    let word = |value: Value| value.as_str().unwrap_or_default().to_owned();
    let field = word(serde_json::to_value(condition.field).unwrap_or_default());
    let op = word(serde_json::to_value(condition.op).unwrap_or_default());
    format!("{field} {op} {}（{}）", condition.value, condition.evidence)
}

fn is_numeric(field: ConditionField) -> bool {
    use ConditionField::{Assets, RdRatio, RegisteredYears, Revenue, Staff};
    matches!(field, RegisteredYears | Staff | Revenue | Assets | RdRatio)
}

/// Whether a label and a reading say the same.
fn agree(label: &Condition, found: &Condition) -> bool {
    if label.field != found.field {
        return false;
    }
    let is_member = |op| matches!(op, ConditionOp::In | ConditionOp::Has | ConditionOp::Eq);
    let same_op = label.op == found.op || is_member(label.op) && is_member(found.op);
    let share = |same: &dyn Fn(&str, &str) -> bool| {
        words(&label.value).iter().any(|one| words(&found.value).iter().any(|other| same(one, other)))
    };
    match label.field {
        ConditionField::Region | ConditionField::Size => same_op && share(&|one, other| one == other),
        ConditionField::Industry => same_op && share(&|one, other| one.starts_with(other) || other.starts_with(one)),
        ConditionField::Qualification => {
            same_op
                && share(&|one, other| {
                    let (one, other) = (qualification::standard_name(one), qualification::standard_name(other));
                    one.contains(&other) || other.contains(&one)
                })
        }
        ConditionField::Credit | ConditionField::Other => overlap(&label.evidence, &found.evidence),
        _ => same_op && number(label).zip(number(found)).is_some_and(|(one, other)| (one - other).abs() < 1e-6),
    }
}

/// The number of a condition in the unit of its field (万元, 人, 年, %).
fn number(condition: &Condition) -> Option<f64> {
    let value = condition.value.as_f64().or_else(|| condition.value.as_str()?.trim().parse().ok())?;
    let factor = match condition.unit.as_deref() {
        Some("元") => 1e-4,
        Some("亿元" | "亿") => 1e4,
        Some("月" | "个月") => 1.0 / 12.0,
        _ => 1.0,
    };
    Some(value * factor)
}

fn words(value: &Value) -> Vec<&str> {
    match value {
        Value::String(word) => vec![word],
        Value::Array(list) => list.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    }
}

/// Whether two evidences share a run of characters of at least half the shorter.
fn overlap(one: &str, other: &str) -> bool {
    let (one, other): (Vec<char>, Vec<char>) = (one.chars().take(1000).collect(), other.chars().take(1000).collect());
    let shorter = one.len().min(other.len());
    let mut longest = 0;
    let mut runs = vec![0; other.len() + 1];
    for a in &one {
        for at in (0..other.len()).rev() {
            runs[at + 1] = if *a == other[at] { runs[at] + 1 } else { 0 };
            longest = longest.max(runs[at + 1]);
        }
    }
    shorter > 0 && longest * 2 >= shorter
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn condition(field: &str, op: &str, value: Value, evidence: &str) -> Condition {
        serde_json::from_value(json!({"field": field, "op": op, "value": value, "evidence": evidence})).unwrap()
    }

    #[test]
    fn labels_and_readings_that_agree() {
        for (field, op, value, found_op, found, agrees) in [
            ("region", "in", json!("321100"), "eq", json!(["321100"]), true),
            ("region", "in", json!("321100"), "not", json!(["321100"]), false),
            ("industry", "in", json!(["I65"]), "in", json!(["C39", "I6513"]), true),
            ("industry", "in", json!(["I65"]), "in", json!(["C39"]), false),
            ("size", "in", json!(["small", "micro"]), "in", json!(["micro"]), true),
            ("qualification", "in", json!(["示例市智能工厂"]), "has", json!("智能工厂"), true),
            ("revenue", "gte", json!(2000), "gte", json!(2000.0), true),
            ("revenue", "gte", json!(2000), "lte", json!(2000), false),
            ("staff", "gte", json!(10), "gte", json!(20), false),
        ] {
            let (label, read) = (condition(field, op, value, ""), condition(field, found_op, found, ""));
            assert_eq!(agree(&label, &read), agrees, "{label:?} {read:?}");
        }
        let label = condition("other", "has", json!("制度"), "具有健全的财务管理制度");
        assert!(agree(&label, &condition("other", "not", json!(""), "2．具有健全的财务管理制度，依法经营")));
        assert!(!agree(&label, &condition("other", "has", json!(""), "具有独立法人资格")));
    }

    #[test]
    fn what_is_counted() {
        let truth = json!({
            "conditions": [condition("revenue", "gte", json!(2000), "")],
            "accept_extra": [condition("staff", "gte", json!(10), "")],
            "for_enterprises": true
        });
        let read = |conditions: Vec<Condition>| {
            let mut report = FactsReport::default();
            let policy = Policy { conditions, ..Policy::default() };
            count("示例", &truth, &policy, &mut report);
            let tally = &report.lists["conditions_numeric"];
            (tally.right, tally.found, tally.recalled, tally.expected, report.fields["for_enterprises"].right)
        };
        assert_eq!(read(Vec::new()), (0, 0, 0, 1, 0));
        let revenue = condition("revenue", "gte", json!(2000), "");
        let staff = condition("staff", "gte", json!(10), "");
        let wrong = condition("staff", "gte", json!(20), "");
        assert_eq!(read(vec![revenue, staff, wrong]), (1, 2, 1, 1, 0));
    }
}
