//! What kind of company an applicant must be: size, qualification, branch.

use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;
use serde_json::{Value, json};
use zhida_schemas::policy::{Condition, ConditionField, ConditionOp, Policy};
use zhida_schemas::qualification;

use super::numbers::clause;
use super::passages::{Role, Sentence};
use crate::understand::{head, industries, regex, tail};

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

/// Words before a qualification that make it a demand: 须为, 获得, 面向.
static MUST_BE: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        r"(?:应当?为|须为|应是|须是|必须是|必须为|需为|限于|仅限|属于|获得|取得|获评|获批|认定为|认定的|认定|入选|通过|具有|具备|拥有|入库|评定为|已是|为|面向|的|本市|市内|区内|县内|全市|我市)(?:国家|省|市|区|县|级|有效期?内?|国家级|省级|市级|以上|或|和|、|的)*$",
    )
});

/// Words before a qualification that demand it also where the document is about it.
static STRICT: LazyLock<Regex> =
    LazyLock::new(|| regex(r"(?:应当?|须|必须|需)(?:为|是|具有|具备|取得|获得)[\p{Han}]{0,6}$"));

/// Words before a qualification that deny it.
static MUST_NOT: LazyLock<Regex> =
    LazyLock::new(|| regex(r"(?:尚未|未曾|没有|未|非)(?:取得|获得|被?认定为?|列入)?(?:国家|省|市|级)*$"));

/// Words behind a qualification with which it is no applicant: a programme, a list, a count.
const NO_HOLDER: &[&str] =
    &["培育", "申报", "评价", "数", "管理", "服务", "建设", "占", "不少于", "达到", "发展", "协会", "创建", "引进"];

/// Words behind an industry that make it a company of that industry.
static OF_BRANCH: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        r"^(?:等|类|相关|行业|产业|领域|业|生产|制造|服务|经营|加工|开发|运输|设计|的|和|及|、|”|“|型)*(?:企业|单位|机构|公司|经营者|经营主体|法人|纳税人|商户|主体|合作社)",
    )
});

/// Words before an industry that make it the applicant's.
static IN_BRANCH: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        r"(?:从事|经营范围(?:包含|包括|为|含|涉及)?|主营(?:业务)?(?:为|是)?|属于?|具备|所属行业为|应在|经营)(?:[\p{Han}、“]{0,10})$",
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

/// Sizes, qualifications and branches that one sentence asks for.
pub fn of(sentence: &Sentence<'_>, policy: &Policy) -> Vec<Condition> {
    let text = sentence.text;
    let mut found = Vec::new();
    if !matches!(sentence.role, Role::Required | Role::Rewarded) {
        return found;
    }
    let is_applicant = sentence.in_block || sentence.names_applicant;
    let condition = |field, op, value: Value, from: usize, to: usize| Condition {
        field,
        op,
        value,
        unit: None,
        evidence: clause(text, from, to).to_owned(),
    };
    if let Some((from, to, sizes)) = size(text)
        && (sentence.role == Role::Required && (is_applicant || is_addressed(text, from))
            || sentence.role == Role::Rewarded && is_receiver(text, from, to))
    {
        found.push(condition(ConditionField::Size, ConditionOp::In, json!(sizes), from, to));
    }
    let (mut held, mut not_held) = (Vec::new(), Vec::new());
    let (mut held_at, mut not_held_at) = (None, None);
    let mut taken: Vec<Range<usize>> = Vec::new();
    for (range, name) in qualification::find_all(text).into_iter().take(20) {
        taken.push(range.clone());
        let (before, after) = (tail(&text[..range.start], 16), &text[range.end..]);
        if MUST_NOT.is_match(before) && sentence.role == Role::Required {
            not_held.push(name);
            not_held_at.get_or_insert(range);
            continue;
        }
        // what is applied for is not what one must have
        let firm = STRICT.is_match(before);
        let asked_for = !firm && (is_aim(&policy.title, name) || is_aim(&policy.title, &text[range.clone()]));
        let loose =
            matches!(name, "龙头企业" | "个体工商户" | "一般纳税人" | "小规模纳税人" | "农民专业合作社" | "家庭农场");
        let listed = held_at.is_some() && before.ends_with(['、', '或', '和', '及']);
        let holder = !NO_HOLDER.iter().any(|word| after.starts_with(word));
        let aim = sentence.role == Role::Rewarded && ["首次", "新"].iter().any(|word| before.contains(word));
        if !asked_for
            && !loose
            && !aim
            && holder
            && (firm || listed || MUST_BE.is_match(before))
            && !held.contains(&name)
        {
            held.push(name);
            held_at.get_or_insert(range);
        }
    }
    if let Some(range) = held_at {
        found.push(condition(ConditionField::Qualification, ConditionOp::In, json!(held), range.start, range.end));
    }
    if let Some(range) = not_held_at {
        found.push(condition(ConditionField::Qualification, ConditionOp::Not, json!(not_held), range.start, range.end));
    }
    if sentence.role == Role::Required && is_applicant {
        found.extend(branch(sentence, &taken));
    }
    found
}

/// Whether a title names a qualification as what is applied for (…认定, …培育), and not as whom it is for (…奖励).
fn is_aim(title: &str, name: &str) -> bool {
    const GIVEN: &[&str] = &["奖", "补", "贴息", "资助", "扶持", "支持", "贷", "券", "保险", "减", "房租", "专项资金"];
    title.find(name).is_some_and(|at| !GIVEN.iter().any(|word| head(&title[at + name.len()..], 8).contains(word)))
}

/// Whether 面向 stands before a name in its clause: 面向注册在本市的中小微企业发放.
fn is_addressed(text: &str, at: usize) -> bool {
    text[..at].rsplit(['，', ',', '；', '：']).next().is_some_and(|clause| clause.contains("面向"))
}

/// Whether what a size names is given something: at the beginning, or behind 对 or 支持.
fn is_receiver(text: &str, from: usize, to: usize) -> bool {
    let before = &text[..from];
    let clause = before.rsplit(['，', ',']).next().unwrap_or(before);
    let addressed = ["对", "支持", "向", "凡", "符合", "鼓励"].iter().any(|word| clause.contains(word))
        || clause.chars().count() <= 14;
    let after = head(&text[to..], 8);
    let given = ["免征", "减征", "减免", "返还", "缓缴", "补贴", "奖励"].iter().any(|word| before.ends_with(word));
    given || addressed && !["服务", "贷款", "融资", "信贷", "提供", "减免"].iter().any(|word| after.contains(word))
}

/// The branches of the companies that a sentence is about; names inside a qualification (软件企业, 孵化器) are left out.
fn branch(sentence: &Sentence<'_>, taken: &[Range<usize>]) -> Option<Condition> {
    let text = sentence.text;
    let mut codes: Vec<&'static str> = Vec::new();
    let mut place: Option<Range<usize>> = None;
    let mut waiting: Vec<(Range<usize>, Vec<&'static str>)> = Vec::new();
    for (range, names) in industries::named(text).into_iter().take(40) {
        if taken.iter().any(|taken| taken.start < range.end && range.start < taken.end) {
            continue;
        }
        let (before, after) = (tail(&text[..range.start], 16), head(&text[range.end..], 24));
        let denied = ["非", "除", "不含", "不属于"].iter().any(|word| before.ends_with(word));
        let of_branch = OF_BRANCH.is_match(after) || text[range.clone()].ends_with("企业");
        let in_branch = sentence.role == Role::Required && IN_BRANCH.is_match(before);
        if denied {
            continue;
        }
        // 餐饮、住宿企业: the names before the last one wait for it
        let continues = waiting.last().is_some_and(|(last, _)| {
            text[last.end..range.start].chars().count() <= 6
                && text[last.end..range.start].contains(['、', '和', '及', '或'])
        });
        if !continues {
            waiting.clear();
        }
        waiting.push((range.clone(), names));
        if of_branch || in_branch {
            for (range, names) in waiting.drain(..) {
                codes.extend(names.into_iter().filter(|code| !codes.contains(code)).collect::<Vec<_>>());
                place = Some(place.map_or(range.clone(), |place| place.start..range.end));
            }
        }
    }
    let place = place?;
    Some(Condition {
        field: ConditionField::Industry,
        op: ConditionOp::In,
        value: json!(codes),
        unit: None,
        evidence: clause(text, place.start, place.end).to_owned(),
    })
}
