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
        r"以下(?:条件|要求|情形|标准|一项)|下列|至少一项|产业政策|法律法规|国家政策|发展规划|其他(?:条件|要求|情形|材料)|规定的其他|其他.{0,12}条件|不重复|同一(?:项目|单位|企业|申报)|虚假|本办法|本通知|评审|公示|真实|负责解释|另行|附件|详见|可参照|择优|优先|按规定|按照|的，应当?|的，可|的,应|个人|户籍|学历|学位|申购|可通过|信用良好|守信|诚信|合法经营|(?:应当?|须|需)(?:在|于)[^，。；]{1,40}(?:[日月]前|[日月]内|之前|之后|[日月]后)|独立法人资格$|独立法人$|独立承担民事责任",
    )
});

/// 纳入…名单的企业.
static LISTED: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        r"(?:纳入|列入|入选|进入)[^。；，失黑负]{2,30}(?:名单|名录|目录|库)的[^。；，]{0,24}?(?:企业|单位|纳税人|[，,])|企业实施名单制管理",
    )
});

/// 足额缴纳社会保险费, 裁员率不超过…: what 稳岗 asks for.
static KEEPS_STAFF: LazyLock<Regex> =
    LazyLock::new(|| regex(r"足额缴纳[^。；，]{0,16}(?:保险费?|社保|税)|裁员率[^。；]{0,40}?(?:不超过|不高于|低于)"));

fn condition(field: ConditionField, op: ConditionOp, words: &str) -> Condition {
    let words = head(words, 200).trim();
    Condition { field, op, value: Value::from(words), unit: None, evidence: words.to_owned() }
}

/// What one sentence says of good standing.
pub fn credit(sentence: &Sentence<'_>) -> Vec<Condition> {
    let text = sentence.text;
    if !matches!(sentence.role, Role::Required | Role::Alternative | Role::Refused | Role::Plain) {
        return Vec::new();
    }
    let mut found = Vec::new();
    let denied = |at: usize| sentence.role == Role::Refused || DENIED.is_match(&text[..at]);
    // 严肃查处…违法行为: what the authority does
    if ["查处", "打击", "整治", "惩治"].iter().any(|word| text.contains(word)) {
        return Vec::new();
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
    let listed = LISTED.find(text).filter(|_| sentence.role != Role::Refused);
    let keeps = KEEPS_STAFF.find(text).filter(|place| !text[..place.start()].ends_with("无力"));
    if let Some(place) = listed.or(keeps) {
        let words = clause(text, place.start(), place.end());
        return vec![condition(ConditionField::Other, op(words), words)];
    }
    if !matches!(sentence.role, Role::Required | Role::Alternative) {
        return Vec::new();
    }
    if let Some(founded) = FOUNDED.captures(text)
        && let Some(place) = founded.get(0)
    {
        let least = founded.name("gte").or(founded.name("late")).is_some();
        let op = if least { ConditionOp::Gte } else { ConditionOp::Lte };
        return vec![condition(ConditionField::Other, op, clause(text, place.start(), place.end()))];
    }
    let length = text.chars().take(161).count();
    let is_item = sentence.in_block && !has_fields && (6..=160).contains(&length) && !text.ends_with(['：', ':']);
    if !is_item || COMMONPLACE.is_match(text) || !DEMAND.is_match(text) {
        return Vec::new();
    }
    vec![condition(ConditionField::Other, op(text), text)]
}
