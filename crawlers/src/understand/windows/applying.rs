//! Whether words say that one applies by a day, where the title calls for nothing.

use std::sync::LazyLock;

use regex::Regex;

use super::super::{head, regex};
use super::STOPS;
use super::acts::{Act, WORDS};
use super::departments::APPLICANT;
use super::sides::Side;

/// What an applicant does, or an office for applicants.
pub(super) static APPLIES: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        r"申报|申请|申领|申办|报名|受理|接受申|提交|报送|填报|递交|送交|反馈|兑付|领取|投递|应征|征集|自荐|揭榜|补办|提出|发送|发至|寄送|寄至|送至|填写[^，。；]{0,16}申请|办理[^，。；]{0,8}(?:手续|退|补贴|补助|缓|申)|报[我至到经市县区省][^，。；]",
    )
});

/// What lets or bids an applicant do so, or says where it is done.
pub(super) static BIDDEN: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        "请|须|应|需|可|必须|向|到|前往|至|凭|登[录陆]|通过|进行|窗口|自愿|均|仅|集中|开始|接受|停止|正式|启动|开放|为",
    )
});

/// Behind a verb of applying: it only says which things are meant (申请预售的项目), or the case (提交材料时).
pub(super) static OF_CASE: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        r"^(?:将|在\p{Han}|的|\p{Han}{0,4}日)|^[^，,。；]{0,24}时[^间限段效]|^[^，,。；]{0,60}?(?:的\s?(?:$|[，,。；：:]|新建|商品|存量|项目|楼盘|房|企业|单位|家庭|职工|个人|购房|纳税人|缴存|人员|贷款|业务|借款|按|可按|最高|公积金|首付|套数|面积|建筑|价格|标准|额度|比例)|(?:时|后|者|前)(?:$|[，,。；]))",
    )
});

/// The rule that holds in a period, not what an applicant does in it.
pub(super) static RULES: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        "^(?:对|按|依|给予|执行|实行|继续|加强|加大|调整|取消|暂停|停止执行|购买|新购|出售|完成|缴纳|组织职工|阶段性|适当|免征|减|最高|单|支持|鼓励|优化|凡)",
    )
});

/// Whether the words around a day say that one applies, or is applied to, by it or within it: 可于…前向…提出申请. A day
/// of a purchase, or from which a rule holds, is none.
pub(super) fn applies(left: &str, side: Side, right: &str) -> bool {
    let own = left.rsplit(STOPS).next().unwrap_or_default();
    let stated = right.split(STOPS).next().unwrap_or_default();
    // 可申请，在年底前缓缴
    if ["缓缴", "停缴", "缓交"].iter().any(|word| stated.trim_start().starts_with(word)) && left.contains("申请")
    {
        return true;
    }
    // 受理从…开始, 申领日期截至…
    let told = APPLIES.find_iter(own).last();
    if let Some(told) = told
        && !OF_CASE.is_match(&own[told.end()..])
        && !["证明", "条件", "对象"].iter().any(|noun| own[told.end()..].starts_with(noun))
        && !own[told.end()..].replace("的时间", "").replace("的期限", "").contains('的')
        && !["已", "未", "不予"].iter().any(|word| own[..told.start()].ends_with(word))
    {
        return true;
    }
    // 对…者，… pays
    if own.trim_start().starts_with('对') {
        return false;
    }
    let sentence = right.split(['。', '；', ';']).next().unwrap_or_default();
    if sentence.trim_end().ends_with(['的', '者']) {
        return false;
    }
    let mut passed = String::new();
    for (at, clause) in
        sentence.split(['，', ',']).map(str::trim).filter(|clause| !clause.is_empty()).take(4).enumerate()
    {
        let clause = clause.trim_start_matches(|c: char| "期间之内止起时 ".contains(c));
        // 将申报材料发送至邮箱, but not 将贷款额度调整为
        if clause.starts_with(['将', '把']) {
            return ["发送", "发至", "报送", "提交", "送至", "寄", "递交", "送交", "报至", "上传", "交至"]
                .iter()
                .any(|verb| clause.contains(verb));
        }
        if RULES.is_match(clause) || clause.contains("税务机关") {
            return false;
        }
        // what a fund pays out, and what counts as done: 申请提取公积金; 前申请的，视为连续缴存
        if clause.contains("申请提取") || clause.contains("和提取") || sentence.contains("可视为") {
            return false;
        }
        // 申请人 is who, not what
        let is_name = |verb: &regex::Match<'_>| clause[verb.end()..].starts_with(['人', '者']);
        if let Some(verb) = APPLIES.find_iter(clause).find(|verb| !is_name(verb)) {
            // 办理网签及完税手续: what is due in any case
            if ["网签", "完税", "产权", "登记", "过户"].iter().any(|word| verb.as_str().contains(word)) {
                return false;
            }
            let lead = &clause[..verb.start()];
            let negated = ["已", "未", "不予", "不", "无需"].iter().any(|word| lead.ends_with(word));
            let at_once = at == 0 && lead.chars().count() <= 2 && side == Side::Last;
            let bidden = BIDDEN.is_match(lead)
                || BIDDEN.is_match(&passed)
                || ["请", "须", "应", "需", "可"].iter().any(|word| own.contains(word))
                || matches!(verb.as_str(), "受理" | "接受申" | "征集" | "报名")
                || clause[verb.end()..].starts_with("即可");
            let behind = &clause[verb.end()..];
            let by_rule = verb.as_str() == "受理" && lead.contains('按');
            return behind.starts_with("窗口")
                || !negated && (at_once || bidden) && !OF_CASE.is_match(behind) && !by_rule;
        }
        passed.push_str(clause);
    }
    false
}

/// Whether behind 起 an application begins at once: 起开始受理.
pub(super) fn opens_directly(right: &str) -> bool {
    let right = head(right, 30);
    let right = right.trim_start_matches(['起', '，', ',', ' ']);
    WORDS.first(head(right, 12)) == Some(Act::Applying)
}

/// Whether the clause behind 起 lets applicants apply: 可于3月1日起通过…申请.
pub(super) fn opens_for_applicants(left: &str, right: &str) -> bool {
    let clause = right.split(STOPS).find(|clause| !clause.trim().is_empty()).unwrap_or_default();
    let own = left.rsplit(STOPS).next().unwrap_or_default();
    (APPLICANT.is_match(own) || APPLICANT.is_match(clause)) && applies("", Side::First, clause)
        || own.contains('可') && APPLIES.is_match(clause) && !OF_CASE.is_match(clause)
}
