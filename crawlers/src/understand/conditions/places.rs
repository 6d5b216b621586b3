//! Where an applicant must be registered.

use std::sync::LazyLock;

use regex::Regex;
use serde_json::Value;
use zhida_schemas::policy::{Condition, ConditionField, ConditionOp, Policy};
use zhida_schemas::region::{self, Region};

use super::numbers::clause;
use super::passages::{Role, Sentence};
use crate::understand::{head, regex, regions, tail};

/// A place by name or as 本市, and what an applicant has or does there. Group 1 is what stands before 注册.
static REGISTERED: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        r"([本我全该][省市区县州旗]|自治区|辖区|[\p{Han}]{1,20}?[省市区县州盟旗])(?:[（(][^）)]{1,20}[）)])?(?:行政)?(?:辖区|管辖范围|区域|范围|境|地区|域)?(?:以?内|范围内)?(?:新|已|办理|正式|从事)?(?:[\p{Han}、]{0,6}?(?:依法|合法|工商|市场监管部门|市场监督管理部门)[\p{Han}、]{0,6}?)?(?:注册|登记|设立|成立|依法纳税|纳税、|具有独立法人|有实际生产经营|实际生产经营|(?:实际)?(?:从事|开展)[^，。；]{0,10}?(?:生产|经营|业务|活动)|合法经营|依法经营|实际经营|纳统)",
    )
});

/// 注册地在本市, 工商注册地、税务征管关系均在某区内.
static SEAT: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        r"(?:注册|登记|纳税|住所)(?:登记)?(?:所在)?(?:地点?|地址|住所|关系)?(?:[^。；，,]{0,24}?(?:在|为|位于|于|属)|\t)([本我全该][省市区县州旗]|[\p{Han}]{1,20}?[省市区县州盟旗])",
    )
});

/// 在北京注册: a place without its unit.
static SHORT: LazyLock<Regex> =
    LazyLock::new(|| regex(r"[在于]([\p{Han}]{2,6}?)(?:依法|工商|合法|正式)?(?:注册|登记)"));

/// 注册地不在本市的不得申报, 未在本市注册的不予受理: who is shut out is elsewhere.
static ELSEWHERE: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        r"(?:注册|登记|纳税|住所)(?:登记)?(?:所在)?(?:地点?|地址|关系)?(?:不在|未在|不属于|不位于)(?P<seat>[本我全该][省市区县州旗]|[\p{Han}]{1,20}?[省市区县州盟旗])|(?:未在|不在)(?P<place>[本我全该][省市区县州旗]|[\p{Han}]{1,20}?[省市区县州盟旗])(?:行政)?(?:辖区|区域|范围|境)?内?(?:依法|工商|办理){0,2}(?:注册|登记|纳税)",
    )
});

/// (不含示例新区), behind the place.
static WITHOUT: LazyLock<Regex> = LazyLock::new(|| regex(r"[（(](?:不含|不包括|除)([\p{Han}]{2,16})[）)]"));

/// 已在我市工商注册, 本市范围内: the places that need no name.
const OWN: &[char] = &['本', '我', '全', '该'];

/// The region conditions of one sentence.
pub fn of(sentence: &Sentence<'_>, policy: &Policy) -> Vec<Condition> {
    let text = sentence.text;
    if !["注册", "登记", "设立", "成立", "纳税", "法人", "经营", "住所"].iter().any(|word| text.contains(word))
    {
        return Vec::new();
    }
    let mut found = Vec::new();
    if sentence.role == Role::Refused {
        if let Some(captures) = ELSEWHERE.captures(text)
            && let (Some(whole), Some(place)) = (captures.get(0), captures.name("seat").or(captures.name("place")))
            && let Some(region) = region_of(place.as_str(), policy)
        {
            found.push(Condition {
                field: ConditionField::Region,
                op: ConditionOp::In,
                value: Value::from(region.code),
                unit: None,
                evidence: clause(text, whole.start(), whole.end()).to_owned(),
            });
        }
        return found;
    }
    for captures in
        REGISTERED.captures_iter(text).chain(SEAT.captures_iter(text)).chain(SHORT.captures_iter(text)).take(6)
    {
        let (Some(whole), Some(place)) = (captures.get(0), captures.get(1)) else { continue };
        // 未在本市注册, 注册地迁出本市
        let before = tail(&text[..whole.start()], 6);
        // 本市登记失业人员: persons
        if PERSONS.iter().any(|word| head(&text[whole.end()..], 6).contains(word)) {
            continue;
        }
        if ["非", "未在", "迁出", "不在", "外地", "市外", "省外", "取得", "不得"]
            .iter()
            .any(|word| before.contains(word))
        {
            continue;
        }
        let Some(region) = region_of(place.as_str(), policy) else { continue };
        let condition = |op, region: &Region, evidence: &str| Condition {
            field: ConditionField::Region,
            op,
            value: Value::from(region.code),
            unit: None,
            evidence: evidence.to_owned(),
        };
        found.push(condition(ConditionOp::In, region, clause(text, whole.start(), whole.end())));
        // 在示例省（不含示例市）注册
        if let Some(without) = WITHOUT.captures(text)
            && let (Some(whole), Some(name)) = (without.get(0), without.get(1))
            && let Some(other) = region::of_text(name.as_str(), Some(region.code))
            && other.code != region.code
            && region::contains(region.code, other.code)
        {
            found.push(condition(ConditionOp::Not, other, whole.as_str()));
        }
        break;
    }
    found
}

/// The region that words name: the document's own for 本市, or one by its full name.
fn region_of(words: &str, policy: &Policy) -> Option<&'static Region> {
    let own = policy.region_code.as_deref().and_then(region::by_code);
    let unit = words.chars().next_back()?;
    // 在本市: the lazy name before the unit may hold more than the two characters
    let last = tail(words, 2);
    if last.starts_with(OWN) || words == "自治区" || last == "辖区" {
        let own = own.filter(|own| own.code != region::NATION)?;
        if last == "辖区" {
            return Some(own);
        }
        // 我市 in a text of a district is the city around it
        return region::path(own.code).into_iter().rev().find(|region| region.name.ends_with(unit));
    }
    let words = head(words, 30);
    if !UNITS.contains(&unit) {
        return region::of_text(words, policy.region_code.as_deref()).filter(|region| near(own, region));
    }
    let names = regions::mentions(words);
    names.last().map(|mention| mention.region).filter(|region| near(own, region))
}

/// Who is registered and is no company.
const PERSONS: &[&str] = &["失业", "人员", "户籍", "居民", "劳动力", "车辆", "毕业生", "求职"];

/// Last characters of full names.
const UNITS: &[char] = &['省', '市', '区', '县', '州', '盟', '旗'];

/// Whether a place may be asked for by a document of `own`: a place elsewhere is a branch, a parent company, a project.
fn near(own: Option<&Region>, region: &Region) -> bool {
    let related = |own: &Region| region::contains(own.code, region.code) || region::contains(region.code, own.code);
    region.code != region::NATION && own.is_none_or(related)
}
