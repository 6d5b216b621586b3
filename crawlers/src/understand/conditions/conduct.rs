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
        r"失信|黑名单|负面清单|不良信用|不良记录|不良行为|信用不良|严重违法|违法违规|违规违法|违法行为|违法记录|违规行为|违规记录|经营异常|异常经营|异常名录|行政处罚|偷税|漏税|骗税|逃税|欠税|纳税违规|联合惩戒|失信惩戒|刑事处罚|涉黑涉恶|骗取|套取",
    )
});

static ACCIDENT: LazyLock<Regex> = LazyLock::new(|| {
    regex(r"安全生产事故|生产安全事故|安全事故|质量事故|环保事故|环境污染事故|污染事故|重大事故|责任事故|群体性事件|环境事件|安全、[^。；，]{0,12}事故|(?:安全|质量|环保|环境)[^。；，]{0,16}(?:事故|事件|违法)")
});

static DENIED: LazyLock<Regex> = LazyLock::new(|| regex(r"未|无|没有|不接受|不存在|不在|不得|不属于|不是|非"));

/// 信用良好, 诚信经营.
static CREDIT: LazyLock<Regex> =
    LazyLock::new(|| regex(r"信用(?:状况|记录|等级|情况)?良好|诚信经营|诚实守信|信誉良好|商业信誉|(?:无|没有)不良"));

/// What opens a demand of an item.
static DEMAND: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        r"具有|具备|拥有|建有|设有|配备|建立|取得|获得|通过|应|须|需|必须|不得|不少于|不低于|不超过|以上|以下|依法|近[一二两三四五1-5]|能够|有[^限关效]|完成|达到|签订|缴纳|参加",
    )
});

/// Items that say what every document says, or what the authority does.
static COMMONPLACE: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        r"产业政策|法律法规|国家政策|发展规划|其他(?:条件|要求|情形|材料)|规定的其他|其他.{0,12}条件|不重复|同一(?:项目|单位|企业|申报)|虚假|本办法|本通知|评审|公示|真实|负责解释|另行|附件|详见|可参照|择优|优先",
    )
});

/// 纳入…名单的企业.
static LISTED: LazyLock<Regex> = LazyLock::new(|| {
    regex(r"(?:纳入|列入|入选|进入)[^。；，失黑负]{2,30}(?:名单|名录|目录|库)[^。；，]{0,24}?(?:企业|单位|项目|的[，,])")
});

/// 足额缴纳社会保险费, 裁员率不超过…: what 稳岗 asks for.
static KEEPS_STAFF: LazyLock<Regex> =
    LazyLock::new(|| regex(r"足额缴纳[^。；，]{0,16}(?:保险费?|社保|税)|裁员率[^。；]{0,40}?(?:不超过|不高于|低于)|(?:未|不)裁员"));

fn condition(field: ConditionField, op: ConditionOp, words: &str) -> Condition {
    let words = head(words, 200).trim();
    Condition { field, op, value: Value::from(words), unit: None, evidence: words.to_owned() }
}

/// What one sentence says of good standing.
pub fn credit(sentence: &Sentence<'_>) -> Vec<Condition> {
    let text = sentence.text;
    if !matches!(sentence.role, Role::Required | Role::Refused) {
        return Vec::new();
    }
    let mut found = Vec::new();
    let denied = |at: usize| sentence.role == Role::Refused || DENIED.is_match(&text[..at]);
    if let Some(place) = DISCREDIT.find(text).filter(|place| denied(place.start())) {
        found.push(condition(ConditionField::Credit, ConditionOp::Not, clause(text, place.start(), place.end())));
    } else if let Some(place) = CREDIT.find(text).filter(|_| sentence.in_block) {
        found.push(condition(ConditionField::Credit, ConditionOp::Has, clause(text, place.start(), place.end())));
    }
    if let Some(place) = ACCIDENT.find(text).filter(|place| denied(place.start())) {
        found.push(condition(ConditionField::Other, ConditionOp::Not, clause(text, place.start(), place.end())));
    }
    found
}

/// The demand of an item of a list of conditions that has no field, by its words.
pub fn other(sentence: &Sentence<'_>, has_fields: bool) -> Vec<Condition> {
    let text = sentence.text.trim_end_matches(['。', '；', ';']);
    let op = |words: &str| {
        let least = ["以上", "不少于", "不低于", "超过", "至少", "达到"].iter().any(|word| words.contains(word));
        if words.contains("不超过") || words.contains("不高于") || words.contains("以下") {
            ConditionOp::Lte
        } else if least && words.contains(|c: char| c.is_ascii_digit()) {
            ConditionOp::Gte
        } else {
            ConditionOp::Has
        }
    };
    if matches!(sentence.role, Role::Rewarded | Role::Required) {
        let place = LISTED.find(text).or_else(|| KEEPS_STAFF.find(text));
        if let Some(place) = place {
            let words = clause(text, place.start(), place.end());
            return vec![condition(ConditionField::Other, op(words), words)];
        }
    }
    let is_item = sentence.in_block && sentence.role == Role::Required && !text.ends_with(['：', ':']);
    let length = text.chars().take(161).count();
    if !is_item || has_fields || !(6..=160).contains(&length) || COMMONPLACE.is_match(text) || !DEMAND.is_match(text) {
        return Vec::new();
    }
    vec![condition(ConditionField::Other, op(text), text)]
}
