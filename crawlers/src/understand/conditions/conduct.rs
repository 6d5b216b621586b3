//! Good standing, and demands that the record has no field for.

use std::sync::LazyLock;

use regex::Regex;
use serde_json::Value;
use zhida_schemas::policy::{Condition, ConditionField, ConditionOp};

use super::numbers::clause;
use super::passages::{Role, Sentence};
use crate::understand::{head, regex};

/// Lists and acts that shut a company out.
static DISCREDIT: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        r"失信|黑名单|负面清单|不良信用|不良记录|不良行为|信用不良|严重违法|违法违规|违规违法|违法行为|违法记录|违规行为|违规记录|经营异常|异常经营|异常名录|行政处罚|偷税|漏税|骗税|逃税|欠税|纳税违规|联合惩戒|失信惩戒|刑事处罚|涉黑涉恶|骗取|套取|骗退税|逃废|不良贷款|不良信贷|当前逾期|以上逾期|逾期记录|逾期贷款|信用逾期|欠薪|欠缴|红牌",
    )
});

static ACCIDENT: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        r"安全生产事故|生产安全事故|安全事故|质量事故|环保事故|环境污染事故|污染事故|重大事故|责任事故|群体性事件|环境事件|安全、[^。；，]{0,12}(?:事故|违法)|拖欠[^。；，]{0,6}(?:工资|货款)|(?:安全|质量|环保|环境)[^。；，]{0,16}(?:事故|事件|违法)",
    )
});

static DENIED: LazyLock<Regex> = LazyLock::new(|| regex(r"未|无|没有|不接受|不存在|不在|不得|不属于|不是|非"));

/// How an item of a list of conditions begins.
static DEMAND: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        r"^(?:且|并|同时|原则上|[\p{Han}]{0,12}(?:单位|企业|主体|对象|机构|平台|团队|项目))?[\p{Han}]{0,4}?(?:具有|具备|拥有|建有|设有|配备|建立|取得|获得|通过|持有|从事|应|须|需|必须|不少于|不低于|依法|近[一二两三四五0-9]|能够|有[^限关效]|签订|缴纳|参加|愿意|在)",
    )
});

/// Items that say what every document says, or what the authority does.
static COMMONPLACE: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        r"以下(?:条件|要求|情形|标准|一项)|下列|至少一项|产业政策|法律法规|国家政策|发展规划|其他(?:条件|要求|情形|材料)|规定的其他|其他.{0,12}条件|不重复|同一(?:项目|单位|企业|申报)|虚假|本办法|本通知|评审|公示|审批|审查|真实|给予|一次性|一事一议|负责解释|另行|附件|详见|可参照|择优|优先|按规定|按照|的，应当?|的，可|的,应|个人|户籍|学历|学位|申购|可通过|信用良好|守信|诚信|合法经营|(?:应当?|须|需)(?:在|于)[^，。；]{1,40}(?:[日月]前|[日月]内|之前|之后|[日月]后)|独立法人资格$|独立法人$|独立承担民事责任",
    )
});

/// 纳入…名单的企业.
static LISTED: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        r"(?:纳入|列入|入选|进入)[^。；，失黑负]{2,30}(?:名单|名录|目录|库)(?:内?的[^。；，]{0,24}?(?:企业|单位|纳税人|[，,])|、[^。；，]{2,24}的(?:企业|单位))|(?:列入|纳入)[^。；，失黑负]{2,40}名单(?:内)?(?:的)?(?:企业|单位)|企业名单内的[^。；，]{0,10}(?:企业|主体|单位)|企业实施名单制管理",
    )
});

/// 足额缴纳社会保险费, 裁员率不超过…: what 稳岗 asks for.
static KEEPS_STAFF: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        r"足额缴纳[^。；，]{0,16}(?:保险费?|社保|税)|(?:[不未]裁员?[、或者和及]{0,2})?裁员率[^。；，]{0,40}?(?:不超过|不高于|低于)|[不未]裁员(?:[、或者和及]{1,2}[不少未](?:裁|减)员)?[^，。；]{0,16}?的",
    )
});

/// 由不高于…放宽到不高于…: a bound that is no longer asked, and the change of a rule.
static CHANGED: LazyLock<Regex> =
    LazyLock::new(|| regex(r"(?:由|从)[^。；]{1,60}?(?:放宽|调整|提高|降低|扩大|上调|下调)[至到为]"));

/// Whether a clause changes a rule: 裁员率标准由…放宽到….
fn is_change(clause: &str) -> bool {
    CHANGED.is_match(clause) || clause.contains("裁员率标准")
}

/// Words before 足额缴纳 with which it is what one cannot do, or a duty of everybody.
const NOT_PAID: &[&str] = &["无力", "难以", "不能", "无法", "未", "未能", "应当按时", "应按时", "必须按时"];

/// 具有独立法人资格.
static LEGAL_PERSON: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        r"(?:具有|具备|取得|拥有)[\p{Han}]{0,6}法人(?:资格|地位)|独立(?:企业|事业)?法人(?:资格|企业|单位|机构|$|[，,、。；的])",
    )
});

/// 纳税信用等级为B级及以上.
static GRADE: LazyLock<Regex> = LazyLock::new(|| regex(r"信用(?:等级|级别|评级|评价)[^。；，]{0,12}?[A-DＡ-Ｄ]\s*级?"));

/// 未被列入…名单, in a sentence that does not say otherwise of whom.
static NOT_LISTED: LazyLock<Regex> =
    LazyLock::new(|| regex(r"(?:未|没有|无|不存在)被?[^的，。；]{0,16}?(?:列入|纳入|列为|认定为|存在)"));

/// What the authority refrains from: 不将其列入异常名录.
const LENIENT: &[&str] = &["不将", "不再将", "暂不", "不纳入", "不列入", "不作为", "不影响", "不计入"];

fn condition(field: ConditionField, op: ConditionOp, words: &str) -> Condition {
    let words = head(words, 200).trim();
    Condition { field, op, value: Value::from(words), unit: None, evidence: words.to_owned() }
}

/// What one sentence says of good standing.
pub fn credit(sentence: &Sentence<'_>) -> Vec<Condition> {
    let text = sentence.text;
    let of_whom = matches!(sentence.role, Role::Required | Role::Alternative | Role::Refused | Role::Plain);
    // 对未被列入失信名单的企业，给予…
    if !of_whom && !NOT_LISTED.is_match(text) {
        return Vec::new();
    }
    let mut found = Vec::new();
    let denied = |at: usize| sentence.role == Role::Refused || DENIED.is_match(&text[..at]);
    // 严肃查处…违法行为: what the authority does
    if ["查处", "打击", "整治", "惩治"].iter().any(|word| text.contains(word)) {
        return Vec::new();
    }
    if text.contains("暂不") || sentence.role != Role::Refused && LENIENT.iter().any(|word| text.contains(word)) {
        return Vec::new();
    }
    if matches!(sentence.role, Role::Required | Role::Alternative)
        && let Some(place) = GRADE.find(text)
    {
        found.push(condition(ConditionField::Credit, ConditionOp::Has, clause(text, place.start(), place.end())));
    }
    let spared = |at: usize| ["免予", "不给予", "不予", "免于"].iter().any(|word| text[..at].ends_with(word));
    if let Some(place) = DISCREDIT.find(text).filter(|place| denied(place.start()) && !spared(place.start())) {
        found.push(condition(ConditionField::Credit, ConditionOp::Not, clause(text, place.start(), place.end())));
    }
    if let Some(place) = ACCIDENT.find(text).filter(|place| denied(place.start())) {
        found.push(condition(ConditionField::Other, ConditionOp::Not, clause(text, place.start(), place.end())));
    }
    found
}

/// 2023年2月22日以后注册成立, 注册时间不迟于….
static FOUNDED: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        r"20\d\d年(?:\d{1,2}月)?(?:\d{1,2}日)?(?:[（(]不?含[^）)]{0,6}[）)])?(?:(?P<gte>以后|之后|以来|后|起)|(?P<lte>以前|之前|前))[^。；，]{0,8}?(?:注册|成立|设立|迁入|登记)|(?:注册|成立|设立)[^。；，]{0,8}?(?:(?P<early>不迟于|不晚于)|(?P<late>不早于))20\d\d年",
    )
});

/// The demand of a sentence that has no field, by its words. `has_fields`: other readers found what it asks.
pub fn other(sentence: &Sentence<'_>, has_fields: bool) -> Vec<Condition> {
    let text = sentence.text.trim_end_matches(['。', '；', ';']);
    let op = |words: &str| {
        let most = ["不超过", "不高于", "以下", "低于"].iter().any(|word| words.contains(word));
        if most { ConditionOp::Lte } else { ConditionOp::Has }
    };
    let listed = LISTED.find(text).filter(|place| {
        let before = &text[..place.start()];
        sentence.role != Role::Refused
            && !["未", "未被", "不", "没有", "未有"].iter().any(|word| before.ends_with(word))
    });
    let keeps = KEEPS_STAFF.find_iter(text).take(8).find(|place| {
        let before = &text[..place.start()];
        sentence.role != Role::Refused
            && !NOT_PAID.iter().any(|word| before.ends_with(word))
            && !is_change(clause(text, place.start(), place.end()))
    });
    // 协助纳入名单的企业申请: what others do
    let listed = listed.filter(|place| {
        let clause = clause(text, place.start(), place.end());
        !["协助", "帮助", "做好", "组织", "规范"].iter().any(|word| clause.contains(word))
    });
    if let Some(place) = listed.or(keeps) {
        let words = clause(text, place.start(), place.end());
        let asked = if listed.is_some() { ConditionOp::Has } else { op(words) };
        let mut demand = condition(ConditionField::Other, asked, words);
        if keeps.is_some() && listed.is_none() {
            let end = if place.as_str().ends_with('的') { place.end() - '的'.len_utf8() } else { place.end() };
            let end =
                if op(words) == ConditionOp::Lte { place.start() + words_from(text, place.start()).len() } else { end };
            let said = head(text[place.start()..end].trim(), 60);
            // one demand in several wordings: 不裁员、少裁员
            let few = said.starts_with("不裁员") && ["少裁员", "少减员"].iter().any(|word| said.ends_with(word));
            demand.value = Value::from(if few { "不裁员或少裁员" } else { said });
        }
        return vec![demand];
    }
    if !matches!(sentence.role, Role::Required | Role::Alternative) {
        return Vec::new();
    }
    let mut found: Vec<Condition> = Vec::new();
    if let Some(place) = LEGAL_PERSON.find(text).filter(|place| !denied_person(&text[..place.start()])) {
        let mut demand = condition(ConditionField::Other, ConditionOp::Has, clause(text, place.start(), place.end()));
        demand.value =
            Value::from(if place.as_str().contains("资格") { "独立法人资格" } else { "独立法人" });
        if !place.as_str().contains("独立") {
            demand.value = Value::from("法人资格");
        }
        found.push(demand);
    }
    if let Some(founded) = FOUNDED.captures(text)
        && let Some(place) = founded.get(0)
    {
        let least = founded.name("gte").or(founded.name("late")).is_some();
        let op = if least { ConditionOp::Gte } else { ConditionOp::Lte };
        found.push(condition(ConditionField::Other, op, clause(text, place.start(), place.end())));
        return found;
    }
    let length = text.chars().take(161).count();
    let is_item = found.is_empty()
        && sentence.in_block
        && !has_fields
        && (6..=160).contains(&length)
        && !text.ends_with(['：', ':']);
    // 对…的: whom something is done for
    if !is_item || text.starts_with('对') || COMMONPLACE.is_match(text) || !DEMAND.is_match(text) {
        return found;
    }
    let mut demand = condition(ConditionField::Other, op(text), text);
    demand.value = Value::from(short(text));
    vec![demand]
}

/// Longest words of a demand, in characters.
const SHORT: usize = 50;

/// The first clauses of a demand, as many as are short together.
pub fn short(text: &str) -> &str {
    let reach = head(text, SHORT);
    if reach.len() == text.len() {
        return text.trim();
    }
    let cut = reach.rfind(['，', ',', '；', '、']).filter(|at| *at >= 18).unwrap_or(reach.len());
    reach[..cut].trim()
}

/// From a place to the end of its clause, without 的 and what it is of.
fn words_from(text: &str, at: usize) -> &str {
    let words = text[at..].split(['，', ',', '；', '。']).next().unwrap_or_default();
    words.find("的企业").or(words.find("的参保")).map_or(words, |end| &words[..end]).trim_end_matches('的')
}

/// Whether what stands before 法人资格 says that it is another's, or not asked.
fn denied_person(before: &str) -> bool {
    ["不", "无", "非"].iter().any(|word| before.ends_with(word))
}
