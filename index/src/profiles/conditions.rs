//! The record's conditions against a profile. What the profile does not answer is unknown, never met or unmet.

use chrono::{Datelike, NaiveDate};
use serde_json::Value;
use zhida_schemas::policy::{Condition, ConditionField, ConditionOp};
use zhida_schemas::{ReasonState, Size, industry, qualification};

use super::profile::Profile;
use super::scope::{code_number, span};

/// Whether a profile meets a condition on this day.
pub fn state(condition: &Condition, profile: &Profile, day: Option<NaiveDate>) -> ReasonState {
    let answer = match condition.field {
        ConditionField::Region => region(condition, profile),
        ConditionField::Industry => {
            among(condition, &profile.industries, |wanted, own| industry::contains(wanted, own) || wanted == own)
        }
        ConditionField::Size => profile.size.and_then(|own| size(condition, own)),
        ConditionField::Qualification => qualifications(condition, profile),
        ConditionField::RegisteredYears => {
            let years = profile.enterprise.founded_on.zip(day).map(|(from, to)| years_between(from, to));
            compare(condition, years, 1.0)
        }
        ConditionField::Staff => compare(condition, profile.enterprise.staff, 1.0),
        ConditionField::Revenue => compare(condition, profile.enterprise.revenue_wan, wan(condition)),
        ConditionField::Assets => compare(condition, profile.enterprise.assets_wan, wan(condition)),
        ConditionField::RdRatio => compare(condition, profile.enterprise.rd_ratio, 1.0),
        ConditionField::Credit | ConditionField::Other => None,
    };
    match answer {
        Some(true) => ReasonState::Met,
        Some(false) => ReasonState::Unmet,
        None => ReasonState::Unknown,
    }
}

fn region(condition: &Condition, profile: &Profile) -> Option<bool> {
    let own = profile.place.region?;
    let wanted: Vec<u32> = words(&condition.value).into_iter().map(code_number).collect::<Option<_>>()?;
    if wanted.is_empty() {
        return None;
    }
    let inside = wanted.iter().any(|&code| span(code).contains(&own));
    let above = wanted.iter().any(|code| span(own).contains(code));
    match condition.op {
        ConditionOp::In | ConditionOp::Has | ConditionOp::Eq => (inside || !above).then_some(inside),
        ConditionOp::Not => (inside || !above).then_some(!inside),
        ConditionOp::Gte | ConditionOp::Lte => None,
    }
}

fn among(condition: &Condition, own: &[String], holds: impl Fn(&str, &str) -> bool) -> Option<bool> {
    let wanted = words(&condition.value);
    if own.is_empty() || wanted.is_empty() {
        return None;
    }
    let any = wanted.iter().any(|wanted| own.iter().any(|own| holds(wanted, own)));
    match condition.op {
        ConditionOp::In | ConditionOp::Has | ConditionOp::Eq => Some(any),
        ConditionOp::Not => Some(!any),
        ConditionOp::Gte | ConditionOp::Lte => None,
    }
}

fn size(condition: &Condition, own: Size) -> Option<bool> {
    let wanted: Vec<Size> = words(&condition.value).into_iter().map(size_of).collect::<Option<_>>()?;
    let first = *wanted.first()?;
    Some(match condition.op {
        ConditionOp::In | ConditionOp::Has | ConditionOp::Eq => wanted.contains(&own),
        ConditionOp::Not => !wanted.contains(&own),
        ConditionOp::Gte => own >= first,
        ConditionOp::Lte => own <= first,
    })
}

fn size_of(word: &str) -> Option<Size> {
    match word {
        "micro" | "微型" => Some(Size::Micro),
        "small" | "小型" => Some(Size::Small),
        "medium" | "中型" => Some(Size::Medium),
        "large" | "大型" => Some(Size::Large),
        _ => None,
    }
}

fn qualifications(condition: &Condition, profile: &Profile) -> Option<bool> {
    let held = profile.qualifications.as_ref()?;
    let wanted: Vec<String> = words(&condition.value).into_iter().map(qualification::standard_name).collect();
    if wanted.is_empty() {
        return None;
    }
    let holds = |wanted: &String| held.iter().any(|held| held == wanted || qualification::implies(held, wanted));
    match condition.op {
        ConditionOp::Has | ConditionOp::Eq | ConditionOp::In => Some(wanted.iter().any(holds)),
        ConditionOp::Not => Some(!wanted.iter().any(holds)),
        ConditionOp::Gte | ConditionOp::Lte => None,
    }
}

fn compare(condition: &Condition, own: Option<f64>, factor: f64) -> Option<bool> {
    let own = own?;
    let bound = match &condition.value {
        Value::Number(number) => number.as_f64()?,
        Value::String(text) => text.trim().parse().ok()?,
        _ => return None,
    } * factor;
    match condition.op {
        ConditionOp::Gte => Some(own >= bound),
        ConditionOp::Lte => Some(own <= bound),
        ConditionOp::Eq => Some((own - bound).abs() < 1e-9),
        ConditionOp::In | ConditionOp::Not | ConditionOp::Has => None,
    }
}

/// Sums of profiles are in 万元.
fn wan(condition: &Condition) -> f64 {
    match condition.unit.as_deref() {
        Some("元") => 1e-4,
        Some("亿元" | "亿") => 1e4,
        _ => 1.0,
    }
}

fn years_between(from: NaiveDate, to: NaiveDate) -> f64 {
    let months = (to.year() - from.year()) * 12 + to.month() as i32 - from.month() as i32;
    let months = if to.day() < from.day() { months - 1 } else { months };
    f64::from(months) / 12.0
}

fn words(value: &Value) -> Vec<&str> {
    match value {
        Value::String(word) => vec![word.as_str()],
        Value::Array(items) => items.iter().take(200).filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;
    use zhida_schemas::Enterprise;

    #[test]
    fn three_values() {
        use ConditionField as F;
        use ConditionOp as O;
        use ReasonState::{Met, Unknown, Unmet};
        let known = Enterprise {
            region_code: Some("321181".to_owned()),
            industry_code: Some("I6513".to_owned()),
            size: Some(Size::Small),
            staff: Some(80.0),
            revenue_wan: Some(2000.0),
            rd_ratio: Some(5.0),
            founded_on: NaiveDate::from_ymd_opt(2020, 6, 15),
            qualifications: Some(vec!["高新技术企业".to_owned()]),
            ..Enterprise::default()
        };
        let unknown = Enterprise::default();
        let day = NaiveDate::from_ymd_opt(2023, 6, 14);
        for (field, op, value, unit, expected) in [
            (F::Region, O::In, json!(["321100"]), None, Met),
            (F::Region, O::In, json!(["320500", "330000"]), None, Unmet),
            (F::Region, O::In, json!("某地"), None, Unknown),
            (F::Industry, O::In, json!(["I65", "C39"]), None, Met),
            (F::Industry, O::Not, json!(["I65"]), None, Unmet),
            (F::Size, O::In, json!(["micro", "small"]), None, Met),
            (F::Size, O::Gte, json!("medium"), None, Unmet),
            (F::Qualification, O::Has, json!("高新技术企业"), None, Met),
            (F::Qualification, O::Has, json!("瞪羚企业"), None, Unmet),
            (F::RegisteredYears, O::Gte, json!(3), Some("年"), Unmet),
            (F::RegisteredYears, O::Gte, json!(2), Some("年"), Met),
            (F::Staff, O::Lte, json!(100), Some("人"), Met),
            (F::Revenue, O::Gte, json!(0.3), Some("亿元"), Unmet),
            (F::Revenue, O::Gte, json!("10000000"), Some("元"), Met),
            (F::RdRatio, O::Gte, json!(3), Some("%"), Met),
            (F::Assets, O::Gte, json!(3), None, Unknown),
            (F::Credit, O::Has, json!("未失信"), None, Unknown),
        ] {
            let condition = Condition { field, op, value, unit: unit.map(str::to_owned), evidence: String::new() };
            assert_eq!(state(&condition, &Profile::facts(&known), day), expected, "{condition:?}");
            assert_eq!(state(&condition, &Profile::facts(&unknown), day), Unknown, "{condition:?}");
        }
    }
}
