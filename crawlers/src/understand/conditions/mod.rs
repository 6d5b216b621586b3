//! Conditions that an applicant must meet. A condition keeps a notice from an enterprise, so that one is read only where
//! the text says who may apply: under a heading of conditions, in a sentence about the applicant, or before what is
//! given to those who meet it.

mod company;
mod conduct;
mod numbers;
mod passages;
mod places;

use zhida_schemas::policy::{Condition, ConditionField, Policy};

use self::passages::Role;
use super::head;

/// How much of a text is read, in characters.
const REACH: usize = 200_000;

/// Most conditions of one document.
const MOST: usize = 60;

/// Titles of plans, reports and general rules: what they count is no condition of an applicant.
const PLANS: &[&str] = &[
    "规划",
    "纲要",
    "行动计划",
    "行动方案",
    "三年计划",
    "工作要点",
    "工作计划",
    "总结",
    "报告",
    "情况",
    "条例",
    "会议",
    "技术规范",
    "技术标准",
    "规程",
    "预案",
    "通报",
    "表扬",
    "表彰",
    "的公示",
    "情况公示",
    "安排公示",
    "答复",
];

/// How titles of lists of conditions end.
const TITLED: &[&str] = &["条件", "申报要求", "准入标准", "推荐标准", "认定标准", "评价要求", "入库标准"];

/// What title and text say, in the order of the text.
pub fn of(policy: &Policy) -> Vec<Condition> {
    let mut found: Vec<Condition> = Vec::new();
    let mut add = |conditions: Vec<Condition>| {
        for condition in conditions {
            let same = |other: &Condition| {
                (other.field, other.op) == (condition.field, condition.op) && other.value == condition.value
            };
            if !found.iter().any(same) {
                found.push(condition);
            }
        }
        found.len() < MOST
    };
    if policy.kind.as_deref() == Some("批复") || policy.for_enterprises == Some(false) {
        return found;
    }
    add(company::of_title(policy));
    // a report retells; what it says beside its headline is of many programmes
    let is_report = policy.kind.as_deref() == Some("新闻");
    // what a plan counts are its aims
    let is_plan = PLANS.iter().any(|word| policy.title.contains(word));
    let is_of_aims =
        ["规划", "纲要", "工作要点", "工作计划", "总结", "预案"].iter().any(|word| policy.title.contains(word));
    // nothing names an enterprise: what is counted without saying of whom is not known to be an applicant's
    let is_of_nobody = policy.for_enterprises.is_none();
    let mut topic = numbers::Topic::default();
    // whether the line has said already what an applicant must be
    let mut of_applicant = false;
    // the rank of items in a list of which one has said so
    let mut list: Option<u8> = None;
    let titled = TITLED.iter().any(|word| policy.title.trim_end_matches(['）', ')']).ends_with(word));
    for sentence in passages::sentences(head(&policy.body_text, REACH)) {
        of_applicant &= !sentence.begins_line && sentence.role != Role::None;
        if sentence.begins_line || sentence.rank.is_some() {
            let goes_on = list.is_some() && sentence.rank >= list;
            list = list.filter(|_| goes_on);
            of_applicant |= (goes_on || titled && sentence.rank.is_some()) && sentence.role == Role::Plain;
        }
        if is_report && sentence.role != Role::Required {
            add(conduct::other(&sentence, true));
            continue;
        }
        let numbers = numbers::of(&sentence, &mut topic, of_applicant);
        let mut read = Vec::new();
        match sentence.role {
            Role::None => {}
            Role::Plain | Role::Rewarded if is_plan => {}
            // 企业应…: an aim too, unless it names who applies
            Role::Required if is_of_aims && !sentence.names_applicant => {}
            Role::Plain if is_of_nobody => {}
            Role::Plain => {
                read.extend(places::of(&sentence, policy));
                let says = !read.is_empty() || numbers.iter().any(|one| one.field != ConditionField::Other);
                if says {
                    list = sentence.rank.or(list);
                }
                of_applicant |= says;
                read.extend(numbers);
                if of_applicant {
                    read.extend(conduct::credit(&sentence));
                }
            }
            _ => {
                of_applicant |= matches!(sentence.role, Role::Required | Role::Alternative);
                read.extend(places::of(&sentence, policy));
                read.extend(numbers);
                read.extend(company::of(&sentence, policy));
                read.extend(conduct::credit(&sentence));
            }
        }
        let has_fields = read.iter().any(|one| one.field != ConditionField::Industry);
        read.extend(conduct::other(&sentence, has_fields));
        if !add(read) {
            break;
        }
    }
    without_tiers(found)
}

/// Shortest words that two tiers have in common, in characters.
const COMMON: usize = 6;

/// Leaves out demands that only part the rates of a sum: 增长20%以内的给予30%, 增长20%以上的给予50%.
fn without_tiers(found: Vec<Condition>) -> Vec<Condition> {
    use zhida_schemas::policy::ConditionOp::{Gte, Lte};
    let common = |one: &str, other: &str| one.chars().zip(other.chars()).take_while(|(a, b)| a == b).count() >= COMMON;
    let number = |words: &str| -> String { words.chars().filter(char::is_ascii_digit).collect() };
    let opposite = |one: &Condition, other: &Condition| {
        matches!((one.op, other.op), (Gte, Lte) | (Lte, Gte))
            && common(&one.evidence, &other.evidence)
            && number(&one.evidence) == number(&other.evidence)
            && !number(&one.evidence).is_empty()
            && one.evidence != other.evidence
    };
    let is_tier = |one: &Condition| {
        one.field == ConditionField::Other && found.iter().any(|other| other.field == one.field && opposite(one, other))
    };
    let tiers: Vec<bool> = found.iter().map(is_tier).collect();
    found.into_iter().zip(tiers).filter(|(_, is_tier)| !is_tier).map(|(one, _)| one).collect()
}

#[cfg(test)]
mod tests;
