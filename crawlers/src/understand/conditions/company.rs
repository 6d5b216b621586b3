//! What kind of company an applicant must be: size, qualification, branch.

use std::sync::LazyLock;

use regex::Regex;
use serde_json::{Value, json};
use zhida_schemas::policy::{Condition, ConditionField, ConditionOp, Policy};
use zhida_schemas::qualification;

use super::numbers::clause;
use super::passages::{Role, Sentence};
use crate::understand::{industries, regex, tail};

/// Sizes by the word for them; longer words first.
const SIZES: &[(&str, &[&str])] = &[
    ("大中小微企业", &[]),
    ("大中小企业", &[]),
    ("大中小型企业", &[]),
    ("中小微型企业", &["medium", "small", "micro"]),
    ("中小微企业", &["medium", "small", "micro"]),
    ("中小型企业", &["medium", "small", "micro"]),
    ("中小企业", &["medium", "small", "micro"]),
    ("小型微型企业", &["small", "micro"]),
    ("小型、微型企业", &["small", "micro"]),
    ("小微企业", &["small", "micro"]),
    ("微型企业", &["micro"]),
    ("大中型企业", &["large", "medium"]),
    ("大型企业", &["large"]),
];

/// Words around a name of a size that make it something else (科技型中小企业 is a qualification, 中小企业局 an office).
const NO_SIZE: &[&str] = &["局", "处", "司", "划型", "服务", "公共", "发展专项", "发展资金", "促进法", "贷款", "融资"];

/// The sizes that words name, with where.
fn size(text: &str) -> Option<(usize, usize, &'static [&'static str])> {
    let (at, word, sizes) =
        SIZES.iter().filter_map(|(word, sizes)| Some((text.find(word)?, *word, *sizes))).min_by_key(|found| found.0)?;
    let before = tail(&text[..at], 3);
    let after = &text[at + word.len()..];
    let other = ["科技型", "创新型", "特新", "特新”", "初创期"].iter().any(|word| before.ends_with(word))
        || NO_SIZE.iter().any(|word| after.starts_with(word));
    (!sizes.is_empty() && !other).then_some((at, at + word.len(), sizes))
}

/// Words before a qualification that make it a demand.
static MUST_BE: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        r"(?:应当?为|须为|应是|须是|必须是|必须为|需为|限于|仅限|属于|获得|取得|获评|获批|认定为|认定的|认定|入选|通过|具有|具备|拥有|入库|评定为|已是|为)(?:国家|省|市|区|县|级|有效期?内?的?|的|或|、|以上|\p{Han}{0,6})*$",
    )
});

/// Conditions that the title alone says: 关于支持中小微企业…的措施, 汽车企业….
pub fn of_title(policy: &Policy) -> Vec<Condition> {
    let title = policy.title.as_str();
    let mut found = Vec::new();
    if let Some((from, to, sizes)) = size(title) {
        found.push(Condition {
            field: ConditionField::Size,
            op: ConditionOp::In,
            value: json!(sizes),
            unit: None,
            evidence: title[from..to].to_owned(),
        });
    }
    if let Some((words, codes)) = industries::addressed(policy) {
        found.push(Condition {
            field: ConditionField::Industry,
            op: ConditionOp::In,
            value: json!(codes),
            unit: None,
            evidence: words,
        });
    }
    found
}

/// Sizes and qualifications that one sentence asks for.
pub fn of(sentence: &Sentence<'_>, policy: &Policy) -> Vec<Condition> {
    let text = sentence.text;
    let mut found = Vec::new();
    if sentence.role == Role::Required
        && let Some((from, to, sizes)) = size(text)
    {
        found.push(Condition {
            field: ConditionField::Size,
            op: ConditionOp::In,
            value: json!(sizes),
            unit: None,
            evidence: clause(text, from, to).to_owned(),
        });
    }
    if sentence.role != Role::Required {
        return found;
    }
    let mut names: Vec<&str> = Vec::new();
    let mut place = None;
    for (range, name) in qualification::find_all(text).into_iter().take(20) {
        // what is applied for is not what one must have
        let asked_for = policy.title.contains(name) || policy.title.contains(&text[range.clone()]);
        let loose =
            matches!(name, "龙头企业" | "个体工商户" | "一般纳税人" | "小规模纳税人" | "农民专业合作社" | "家庭农场");
        let before = tail(&text[..range.start], 16);
        let firm = sentence.in_block || ["应", "须", "限"].iter().any(|word| before.contains(word));
        let demanded = firm && MUST_BE.is_match(before);
        if !asked_for && !loose && demanded && !names.contains(&name) {
            names.push(name);
            place.get_or_insert(range);
        }
    }
    if let Some(range) = place {
        found.push(Condition {
            field: ConditionField::Qualification,
            op: ConditionOp::In,
            value: Value::from(names),
            unit: None,
            evidence: clause(text, range.start, range.end).to_owned(),
        });
    }
    found
}
