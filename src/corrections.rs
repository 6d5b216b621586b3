//! Whether a value can stand in place of what a page states: of the field's form, and from its list where it has one.

use chrono::{Datelike, NaiveDate};
use serde_json::Value;
use zhida_schemas::policy::Policy;
use zhida_schemas::{industry, kind, region};

use crate::effective::{CORRECTABLE, with_field};
use crate::versions::label;

/// Longest value, in bytes of JSON.
const MAX_VALUE: usize = 256 * 1024;
/// Longest text within a value, in characters.
const MAX_TEXT: usize = 2_000;
/// Most entries of a list.
const MAX_ENTRIES: usize = 1_000;

/// Checks a correction of a field. The error is a sentence in Chinese that says what is right.
pub fn check(policy: &Policy, field: &str, value: &Value) -> Result<(), String> {
    if !CORRECTABLE.contains(&field) {
        return Err(format!("{field:?} 不能更正。可以更正的有：{}", correctable()));
    }
    let named = format!("{}（{field}）", label(field));
    let wrong = || format!("{named}应为{}", expected(field));
    if value.to_string().len() > MAX_VALUE {
        return Err(format!("{named}超过 {} KB", MAX_VALUE / 1024));
    }
    bounded(value).map_err(|reason| format!("{named}{reason}"))?;
    let changed = with_field(policy, field, value.clone()).map_err(|_| wrong())?;
    let kept = serde_json::to_value(&changed).ok().and_then(|record| record.get(field).cloned()).unwrap_or_default();
    if let Some(name) = unknown_name(value, &kept) {
        return Err(format!("{named}里没有 {name:?} 这一项"));
    }
    let is_known = match field {
        "title" => !changed.title.trim().is_empty(),
        "region_code" => changed.region_code.as_deref().is_none_or(|code| region::by_code(code).is_some()),
        "kind" => changed.kind.as_deref().is_none_or(|name| kind::standard(name) == Some(name)),
        "industries" => changed.industries.iter().all(|code| industry::by_code(code).is_some()),
        _ => true,
    };
    if !is_known {
        return Err(wrong());
    }
    match impossible(&changed, field) {
        Some(reason) => Err(format!("{named}{reason}")),
        None => Ok(()),
    }
}

/// What cannot be of a record as it would be after a correction of a field.
fn impossible(policy: &Policy, field: &str) -> Option<&'static str> {
    let before = |first: Option<NaiveDate>, last: Option<NaiveDate>| first.zip(last).is_some_and(|(a, b)| b < a);
    let possible = |day: &NaiveDate| (1900..=2100).contains(&day.year());
    let days = [policy.written_on, policy.published_on, policy.effective_on, policy.expires_on];
    match field {
        "written_on" | "published_on" | "effective_on" | "expires_on" => {
            if !days.iter().flatten().all(possible) {
                return Some("的年份应在 1900 到 2100 之间");
            }
            let of_term = matches!(field, "effective_on" | "expires_on");
            (of_term && before(policy.effective_on, policy.expires_on))
                .then_some("使失效日期早于施行日期，请先更正另一个")
        }
        "application" => {
            let windows = policy.application.iter().flat_map(|window| std::iter::once(window).chain(&window.more));
            let mut windows = windows.filter(|window| before(window.opens_on, window.closes_on));
            windows.next().map(|_| "的截止日期早于开始日期")
        }
        "amounts" => {
            let negative = policy.amounts.iter().any(|amount| amount.max_yuan.is_some_and(|yuan| yuan < 0));
            negative.then_some("里的 max_yuan 不能小于 0")
        }
        _ => None,
    }
}

/// The fields that can be corrected, with their names for readers.
pub fn correctable() -> String {
    CORRECTABLE.map(|field| format!("{field}（{}）", label(field))).join("、")
}

/// The form of a field's value, in words.
pub fn expected(field: &str) -> &'static str {
    match field {
        "title" => "不空的文字",
        "written_on" | "published_on" | "effective_on" | "expires_on" => "日期，例如 \"2026-01-31\"，或 null",
        "region_code" => "行政区划代码，例如 \"321100\"，或 null",
        "kind" => "法定或通行的文种，例如 \"通知\"，或 null",
        "level" => "national、province、city、county、zone 之一，或 null",
        "validity" => "in_force、not_yet、amended、expired、repealed、draft、unknown 之一",
        "for_enterprises" => "true、false 或 null",
        "industries" => "行业代码的列表，例如 [\"I65\"]",
        "issuers" | "subjects" | "keywords" | "qualifications" | "support" => "文字的列表，例如 [\"示例市财政局\"]",
        "application" => "对象，例如 {\"opens_on\": \"2026-01-01\", \"closes_on\": \"2026-01-31\"}，或 null",
        "amounts" => "列表，例如 [{\"text\": \"最高50万元\", \"max_yuan\": 500000}]",
        "conditions" => "列表，例如 [{\"field\": \"size\", \"op\": \"in\", \"value\": [\"small\"]}]",
        "citations" => "列表，例如 [{\"relation\": \"repeals\", \"title\": \"示例办法\", \"doc_number\": null}]",
        "contacts" => "列表，例如 [{\"name\": \"示例科\", \"phone\": \"0511-0000000\"}]",
        _ => "文字或 null",
    }
}

fn bounded(value: &Value) -> Result<(), String> {
    match value {
        Value::String(text) if text.chars().count() > MAX_TEXT => Err(format!("里有超过 {MAX_TEXT} 个字的文字")),
        Value::String(text) if text.contains(|c: char| c.is_control() && c != '\n') => Err("里有控制字符".to_owned()),
        Value::Array(entries) if entries.len() > MAX_ENTRIES => Err(format!("超过 {MAX_ENTRIES} 项")),
        Value::Array(entries) => entries.iter().try_for_each(bounded),
        Value::Object(fields) => fields.values().try_for_each(bounded),
        _ => Ok(()),
    }
}

/// A name in an object that the record does not have: a slip that would be lost without a word.
fn unknown_name<'a>(given: &'a Value, kept: &Value) -> Option<&'a str> {
    match (given, kept) {
        (Value::Object(given), Value::Object(kept)) => given.iter().find_map(|(name, value)| match kept.get(name) {
            Some(kept) => unknown_name(value, kept),
            None => Some(name.as_str()),
        }),
        (Value::Array(given), Value::Array(kept)) => {
            given.iter().zip(kept).find_map(|(given, kept)| unknown_name(given, kept))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_correction_is_of_the_fields_form() {
        let policy = Policy::default();
        for (field, value) in [
            ("title", json!("示例办法")),
            ("doc_number", json!("示发〔2026〕1号")),
            ("doc_number", Value::Null),
            ("issuers", json!(["示例市财政局"])),
            ("region_code", json!("321100")),
            ("region_code", Value::Null),
            ("kind", json!("通知")),
            ("level", json!("city")),
            ("expires_on", json!("2026-12-31")),
            ("validity", json!("repealed")),
            ("for_enterprises", json!(false)),
            ("industries", json!(["I65"])),
            ("application", json!({ "opens_on": "2026-01-01", "more": [{ "closes_on": "2026-03-01" }] })),
            ("amounts", json!([{ "text": "最高50万元", "max_yuan": 500_000 }])),
            ("conditions", json!([{ "field": "size", "op": "in", "value": ["small"] }])),
            ("citations", json!([{ "relation": "repeals", "title": "示例办法", "doc_number": null }])),
            ("contacts", json!([{ "name": "示例科", "phone": "0511-0000000" }])),
        ] {
            assert_eq!(check(&policy, field, &value), Ok(()), "{field} {value}");
        }
        for (field, value, words) in [
            ("id", json!("x"), "可以更正的有"),
            ("body_text", json!("x"), "title（标题）"),
            ("title", json!(" "), "不空的文字"),
            ("title", Value::Null, "不空的文字"),
            ("title", json!("字".repeat(MAX_TEXT + 1)), "2000"),
            ("title", json!("甲\u{0}乙"), "控制字符"),
            ("issuers", json!("示例市财政局"), "列表"),
            ("issuers", Value::Null, "列表"),
            ("keywords", json!(vec!["词"; MAX_ENTRIES + 1]), "1000 项"),
            ("region_code", json!("999999"), "321100"),
            ("kind", json!("小说"), "通知"),
            ("level", json!("town"), "county"),
            ("expires_on", json!("2026-02-30"), "2026-01-31"),
            ("validity", json!("废止"), "repealed"),
            ("for_enterprises", json!("yes"), "true"),
            ("industries", json!(["Z99"]), "I65"),
            ("application", json!({ "close_on": "2026-03-01" }), "close_on"),
            ("application", json!({ "more": [{ "closed": true }] }), "closed"),
            ("conditions", json!([{ "field": "size" }]), "列表"),
            ("written_on", json!("9999-01-01"), "2100"),
            ("application", json!({ "opens_on": "2026-03-01", "closes_on": "2026-02-01" }), "早于"),
            ("application", json!({ "more": [{ "opens_on": "2026-03-01", "closes_on": "2026-02-01" }] }), "早于"),
            ("amounts", json!([{ "text": "x", "max_yuan": -5, "evidence": "" }]), "不能小于 0"),
        ] {
            let error = check(&policy, field, &value).unwrap_err();
            assert!(error.contains(words), "{field} {value}: {error}");
        }
    }

    #[test]
    fn the_examples_are_right_themselves() {
        for field in CORRECTABLE {
            let Some((_, example)) = expected(field).split_once("例如 ") else { continue };
            let example = example.trim_end_matches("，或 null");
            let value: Value = serde_json::from_str(example).unwrap_or_else(|_| panic!("{field}: {example}"));
            assert_eq!(check(&Policy::default(), field, &value), Ok(()), "{field}");
        }
    }
}
