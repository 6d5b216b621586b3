//! Conditions in numbers: years since registration, staff, revenue, assets, share of research in revenue.

use std::collections::HashMap;
use std::sync::LazyLock;

use regex::{Captures, Regex};
use serde_json::Value;
use zhida_schemas::policy::{Condition, ConditionField, ConditionOp};

use super::passages::{Role, Sentence};
use crate::understand::{head, regex};

/// What a number in a sentence is about, by the word before it (`measures.csv`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Measure {
    Revenue,
    Staff,
    Assets,
    /// 研发费用: a condition when a share of revenue is asked.
    Research,
    Years,
    /// Something that the record has no field for: investments, registered capital, rates of growth.
    Other,
    /// What is given or lent: no condition.
    Grant,
}

static MEASURES: LazyLock<HashMap<&'static str, Measure>> = LazyLock::new(|| {
    let rows = include_str!("measures.csv").lines().skip(1).filter_map(|line| line.split_once(','));
    rows.map(|(word, measure)| {
        let measure = match measure.trim() {
            "revenue" => Measure::Revenue,
            "staff" => Measure::Staff,
            "assets" => Measure::Assets,
            "research" => Measure::Research,
            "years" => Measure::Years,
            "grant" => Measure::Grant,
            _ => Measure::Other,
        };
        (word, measure)
    })
    .collect()
});

/// Words of the table, longer ones first.
static WORDS: LazyLock<Regex> = LazyLock::new(|| {
    let mut words: Vec<String> = MEASURES.keys().map(|word| regex::escape(word)).collect();
    words.sort_by_key(|word| std::cmp::Reverse(word.len()));
    regex(&words.join("|"))
});

const NUMBER: &str = r"(?:[0-9０-９]{1,4}|[一二两三四五六七八九十百]{1,5})亿零?(?:[0-9０-９]{3,4}|[一二两三四五六七八九十百千]{1,7})|[0-9０-９]+(?:[,，][0-9０-９]{3})*(?:[.．][0-9０-９]+)?|[〇零一二两三四五六七八九十百千]+|半";
/// Units of money, shares, time and people, and of what is counted.
const UNIT: &str = r"万亿元?|亿元?|千万元?|百万元?|万元?|千元|元|%|％|个百分点|周岁|岁|个?完整的?(?:会计|经营|自然)?年度|个会计年度|周年|整年|年度|年|个月|月|天|日|万人|人次|人|名|万?平方米|㎡|亩|项|件|家|户|张|辆|台|套|吨|场|次|条|间|篇|种|所|册|倍|座|处|公里|千瓦|兆瓦|个";

/// A number with its unit, or a range of them.
static QUANTITY: LazyLock<Regex> = LazyLock::new(|| {
    regex(&format!(
        r"(?:(?P<low>{NUMBER})\s*(?P<low_unit>{UNIT})?\s*(?:[（(]不?含[^）)]{{0,6}}[）)])?\s*(?:-|－|—|–|~|～|至|到|与){{1,2}}\s*)?(?:百分之(?P<share>{NUMBER})|(?P<number>{NUMBER})\s*多?\s*(?P<unit>{UNIT}))"
    ))
});

/// How the words before a number compare.
static BEFORE: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        r"(?:(?P<gte>不低于|不得低于|不能低于|不应低于|不少于|不得少于|不能少于|不应少于|不小于|不得小于|大于或等于|大于等于|大于或者等于|高于或等于|>=|＞=|≥|⩾|＞|>|高于|大于|多于|超过|超出|超|达到|达|满|至少为?|至少有?|最低为?|突破|不短于|不得短于|介于|放宽至|放宽到|放宽为|降低至|降低到|降至|跨过|跨越|迈上|须在|应在|在)|(?P<lte>不超过|不得超过|不应超过|未超过|不超|不高于|不得高于|不多于|不得多于|不大于|小于或等于|小于等于|<=|＜=|≤|⩽|＜|<|低于|少于|小于|短于|不足|不满|未满|未达到|未达|不到|至多|最多为?))(?:或等于|等于)?\s*(?:人民币|了|为)?\s*$",
    )
});

/// 研发费用不低于营业收入的(3%): the comparison stands before what the share is of.
static SHARE_OF: LazyLock<Regex> = LazyLock::new(|| {
    regex(r"(?:不低于|不得低于|不少于|不得少于|高于|超过|达到|≥)[^，。；]{0,12}(?:收入|销售额|营业额|营收)(?:总额)?的$")
});

/// How the words after a number compare.
static AFTER: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        r"^\s*(?:人民币)?\s*(?:[（(]不?含[^）)]{0,8}[）)])?\s*(?:（含）|\(含\)|及其?|或者?|含)?\s*(?:(?P<gte>以上|之上|及以上|或以上)|(?P<lte>以下|之下|以内|之内|内)|(?P<gap>之间))",
    )
});

/// Most numbers of a sentence that are looked at; more stand in tables of another kind.
const MOST: usize = 24;

/// A number that is read.
struct Quantity {
    at: usize,
    end: usize,
    low: Option<f64>,
    value: f64,
    unit: Unit,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Unit {
    /// In 万元.
    Money,
    People,
    Percent,
    Years,
    /// Something that is counted or measured and has no field.
    Count,
}

/// A unit and the factor that brings its numbers to 万元, 人, % or 年.
fn unit(word: &str) -> Option<(Unit, f64)> {
    Some(match word.trim_start_matches('个') {
        "万亿元" | "万亿" => (Unit::Money, 1e8),
        "亿元" | "亿" => (Unit::Money, 1e4),
        "千万元" | "千万" => (Unit::Money, 1e3),
        "百万元" | "百万" => (Unit::Money, 100.0),
        "万元" | "万" => (Unit::Money, 1.0),
        "千元" => (Unit::Money, 0.1),
        "元" => (Unit::Money, 1e-4),
        "%" | "％" => (Unit::Percent, 1.0),
        "人" | "名" => (Unit::People, 1.0),
        "周年" | "整年" | "年" | "会计年度" => (Unit::Years, 1.0),
        word if word.starts_with("完整") => (Unit::Years, 1.0),
        "月" => (Unit::Years, 1.0 / 12.0),
        "天" | "日" => (Unit::Years, 1.0 / 365.0),
        "个百分点" | "百分点" | "周岁" | "岁" | "人次" | "万人" | "年度" | "次" => return None,
        _ => (Unit::Count, 1.0),
    })
}

/// 2,000 or ２０００ or 二千.
fn number(text: &str) -> Option<f64> {
    let plain: String = text
        .chars()
        .filter(|c| !matches!(c, ',' | '，'))
        .map(|c| match c {
            '０'..='９' => char::from_u32(c as u32 - '０' as u32 + '0' as u32).unwrap_or(c),
            '．' => '.',
            c => c,
        })
        .collect();
    if plain == "半" {
        return Some(0.5);
    }
    // 1亿5000(万元)
    if let Some((hundreds, rest)) = plain.split_once('亿') {
        return Some(number(hundreds)? * 1e4 + number(rest.trim_start_matches('零'))?);
    }
    if let Ok(number) = plain.parse::<f64>() {
        return Some(number).filter(|number| number.is_finite() && *number < 1e12);
    }
    let (mut sum, mut digit) = (0.0, None);
    for c in plain.chars().take(12) {
        let value = "〇一二三四五六七八九".chars().position(|numeral| numeral == c).or(match c {
            '零' => Some(0),
            '两' => Some(2),
            _ => None,
        });
        match (value, c) {
            (Some(value), _) => digit = Some(digit.map_or(value as f64, |before: f64| before * 10.0 + value as f64)),
            (None, '十') => sum += digit.take().unwrap_or(1.0) * 10.0,
            (None, '百') => sum += digit.take().unwrap_or(1.0) * 100.0,
            (None, '千') => sum += digit.take().unwrap_or(1.0) * 1000.0,
            _ => return None,
        }
    }
    Some(sum + digit.unwrap_or(0.0))
}

fn quantity(found: &Captures<'_>, sentence: &str) -> Option<Quantity> {
    let whole = found.get(0)?;
    let (value, (unit, factor), mut at) = match found.name("share") {
        Some(share) => (number(share.as_str())?, (Unit::Percent, 1.0), whole.start()),
        None => (number(&found["number"])?, unit(&found["unit"])?, found.name("number")?.start()),
    };
    let low = found.name("low").and_then(|low| {
        let factor = match found.name("low_unit") {
            Some(word) => self::unit(word.as_str()).filter(|(same, _)| *same == unit)?.1,
            None => factor,
        };
        at = low.start();
        Some(number(low.as_str())? * factor)
    });
    let after = &sentence[whole.end()..];
    let before = head_back(sentence, at, 2);
    let is_other = match unit {
        Unit::Money => {
            ["美元", "欧元", "港元", "港币", "日元", "美金", "平方", "亩", "吨", "家", "户", "台", "件", "人", "个"]
                .iter()
                .any(|word| after.starts_with(word))
                && !["人民币", "台阶"].iter().any(|word| after.starts_with(word))
        }
        // 2024年, 近3年, 每年, 3年期
        Unit::Years => {
            value * factor > 60.0
                || value.fract() == 0.0 && value > 1900.0
                || ["近", "前", "第", "每", "后", "这", "份"].iter().any(|word| before.ends_with(word))
                || before.ends_with('上') && !before.ends_with("以上")
                || before.ends_with("连续") && !head_back(sentence, at, 4).ends_with("营连续")
                || before.ends_with("未来")
                || after.starts_with(|c: char| c.is_ascii_digit() || "期制来度级份".contains(c))
                || after.starts_with("一次")
        }
        Unit::People => after.starts_with("民币") || after.starts_with("次") || after.starts_with("才"),
        Unit::Percent => false,
        Unit::Count => after.starts_with("工作日") || after.starts_with("百分点"),
    };
    // 2020-02-10 名, 1月2日至20日: dates
    let date = before.ends_with(['-', '/', '.'])
        || unit == Unit::Years && before.ends_with('月') && low.is_some()
        || before.ends_with(|c: char| c.is_ascii_digit());
    if date {
        return None;
    }
    // 500万元/年, 10元/平方米
    let is_rate = after.starts_with('/') && !after.starts_with("/年");
    (!is_other && !is_rate).then_some(Quantity { at, end: whole.end(), low, value: value * factor, unit })
}

/// Up to `characters` characters before a place.
fn head_back(text: &str, at: usize, characters: usize) -> &str {
    crate::understand::tail(&text[..at], characters)
}

/// How the words around a number compare, and where they end.
fn comparison(sentence: &str, quantity: &Quantity) -> Option<(ConditionOp, usize)> {
    let after = head(&sentence[quantity.end..], 24);
    let before = head_back(sentence, quantity.at, 12);
    if let Some(found) = AFTER.captures(after) {
        let end = quantity.end + found.get(0).map_or(0, |found| found.end());
        let rest = &sentence[end..];
        let op = if found.name("lte").is_some() { ConditionOp::Lte } else { ConditionOp::Gte };
        // 三年内无事故, 五年内免征 speak of something else
        let speaks_of = quantity.unit == Unit::Years && op == ConditionOp::Lte && !rest.is_empty() && {
            !["的", "、", "，", ",", "。", "；", "（", "(", "且", "或", "和", "以", " ", "企", "初"]
                .iter()
                .any(|word| rest.starts_with(word))
        };
        return (!speaks_of).then_some((op, end));
    }
    let found = BEFORE.captures(before)?;
    let op = if found.name("lte").is_some() { ConditionOp::Lte } else { ConditionOp::Gte };
    let word = found.get(0).map_or("", |found| found.as_str()).trim();
    (!matches!(word, "在" | "须在" | "应在")).then_some((op, quantity.end))
}

/// What the sentences read so far leave for the next one.
#[derive(Default)]
pub struct Topic {
    /// 研发费用占比符合下列要求： stood before, so that a bare 比例不低于5% is of it.
    research: bool,
    /// The last number was of revenue: 首次突破1亿元的，…；首次突破10亿元的，….
    revenue: bool,
    /// What the columns of a table are about, from its head.
    columns: Vec<Option<Measure>>,
}

/// A word of the table in a sentence.
#[derive(Debug, Clone, Copy)]
struct Subject {
    measure: Measure,
    from: usize,
    to: usize,
}

/// A number with what it bounds.
#[derive(Debug, Clone)]
struct Bound {
    /// The field, [`ConditionField::Other`] for one that the record has no field for, `None` for no condition.
    field: Option<ConditionField>,
    op: ConditionOp,
    value: f64,
    low: Option<f64>,
    /// Where its subject begins.
    from: usize,
    at: usize,
    end: usize,
    /// It follows another number with only a sign of a list between.
    listed: bool,
    unit: Unit,
}

/// The conditions in numbers of one sentence. `of_applicant`: its line speaks of the applicant, so that also bounds on what
/// the record has no field for are read.
pub fn of(sentence: &Sentence<'_>, topic: &mut Topic, of_applicant: bool) -> Vec<Condition> {
    let text = sentence.text;
    let is_row = text.contains('\t');
    if !is_row {
        topic.columns.clear();
    }
    let mut quantities = QUANTITY.captures_iter(text).filter_map(|found| quantity(&found, text)).take(MOST).peekable();
    if quantities.peek().is_none() {
        topic.research = names_research(text) && is_share(text);
        if is_row {
            let measure = |cell: &str| WORDS.find_iter(cell).last().map(|word| MEASURES[word.as_str()]);
            topic.columns = text.split('\t').map(measure).collect();
        }
        return Vec::new();
    }
    let mut words = WORDS.find_iter(text).peekable();
    // words since the last number; all of them say what the numbers behind are about
    let mut named: Vec<Subject> = Vec::new();
    let mut research: Option<usize> = None;
    let mut fresh = true;
    let mut distributed = 0;
    let mut bounds: Vec<Bound> = Vec::new();
    let mut before: Option<(ConditionOp, usize)> = None;
    for quantity in quantities {
        while let Some(word) = words.next_if(|word| word.start() < quantity.at) {
            if fresh {
                named.clear();
                (fresh, distributed) = (false, 0);
            }
            let subject = Subject { measure: MEASURES[word.as_str()], from: word.start(), to: word.end() };
            match subject.measure {
                Measure::Research => research = Some(subject.to),
                Measure::Revenue => {}
                // 研发经费支出占…: a word of the same name
                _ if research == Some(subject.from) => research = Some(subject.to),
                _ => research = None,
            }
            named.push(subject);
        }
        let listed = before.is_some_and(|(_, end)| end <= quantity.at && is_list_mark(&text[end..quantity.at]));
        // A、B分别不低于1、2
        let apart = named.len() >= 2 && text[named[0].to..quantity.at].contains("分别");
        let subject = if apart && !fresh {
            named.first()
        } else if apart && listed && distributed + 1 < named.len() {
            distributed += 1;
            named.get(distributed)
        } else {
            named.last()
        };
        let column = if is_row {
            let cell = text[..quantity.at].matches('\t').count();
            let from = text[..quantity.at].rfind('\t').map_or(0, |at| at + 1);
            let measure = topic.columns.get(cell).copied().flatten();
            measure.map(|measure| Subject { measure, from, to: from })
        } else {
            None
        };
        let subject = column.or(subject.copied());
        let compared = comparison(text, &quantity)
            .or_else(|| {
                let to = research.filter(|_| quantity.unit == Unit::Percent)?;
                SHARE_OF.is_match(&text[to.min(quantity.at)..quantity.at]).then_some((ConditionOp::Gte, quantity.end))
            })
            .or_else(|| before.filter(|_| listed).map(|(op, _)| (op, quantity.end)))
            // 减征1至3个月: a span of what is given
            .or_else(|| {
                quantity.low.filter(|_| is_range(text, &quantity, subject)).map(|_| (ConditionOp::Gte, quantity.end))
            });
        fresh = true;
        let Some((op, end)) = compared else { continue };
        // 8年以内（特定行业可放宽至10年）
        let relaxed = ["放宽至", "放宽到", "放宽为"].iter().any(|word| head_back(text, quantity.at, 4).contains(word));
        let op = match bounds.iter().rev().find(|bound| bound.unit == quantity.unit) {
            Some(bound) if relaxed => bound.op,
            _ => op,
        };
        let share_of_research = match (column, research) {
            (Some(column), _) => column.measure == Measure::Research,
            (None, Some(to)) => is_share_of_research(&text[to..quantity.at]),
            (None, None) => {
                topic.research && text[..quantity.at].contains('比') && !text[..quantity.at].contains("人员")
            }
        };
        let step = topic.revenue
            && subject.is_none()
            && ["首次", "跨过", "突破"].iter().any(|word| text[..end].contains(word));
        let field = match quantity.unit {
            Unit::Percent if share_of_research && op == ConditionOp::Gte => Some(ConditionField::RdRatio),
            Unit::Percent if share_of_research => None,
            Unit::Money if step => Some(ConditionField::Revenue),
            _ => field(text, &quantity, op, subject, end),
        };
        let from = subject.map_or(quantity.at, |subject| subject.from);
        bounds.push(Bound {
            field,
            op,
            value: quantity.value,
            low: quantity.low,
            from,
            at: quantity.at,
            end,
            listed,
            unit: quantity.unit,
        });
        before = Some((op, end));
    }
    let has_field = |field| bounds.iter().any(|bound| bound.field == Some(field));
    topic.research =
        if names_research(text) { is_share(text) && !has_field(ConditionField::RdRatio) } else { topic.research };
    if !bounds.is_empty() {
        topic.revenue = bounds.last().is_some_and(|bound| bound.field == Some(ConditionField::Revenue));
    }
    if sentence.role == Role::None {
        return Vec::new();
    }
    conditions(sentence, &bounds, of_applicant)
}

/// Whether a range without a word that compares bounds what stands before it: of years only next to it.
fn is_range(text: &str, quantity: &Quantity, subject: Option<Subject>) -> bool {
    quantity.unit != Unit::Years
        || subject.is_some_and(|subject| text[subject.to..quantity.at].chars().nth(8).is_none())
}

/// What stands before a bound that a change does away with: 由低于(30万元…).
static CHANGED_FROM: LazyLock<Regex> = LazyLock::new(|| regex(r"(?:由|从[^业事]|原)[^。；：]{0,40}$"));

/// What stands behind it: 的企业，调整为.
static CHANGED_TO: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        r"^[^。；：、（）()，,]{0,16}[，,]?(?:统一)?(?:调整|放宽|提高|降低|下调|上调|扩大|变更|修改|提升|降|增加)[为至到]",
    )
});

/// Whether a number is what was asked before a change: 由低于30万元的企业，调整为低于100万元的企业.
fn is_old(text: &str, quantity: &Quantity, end: usize) -> bool {
    text[..quantity.at].contains(['由', '从', '原'])
        && CHANGED_TO.is_match(head(&text[end..], 32))
        && CHANGED_FROM.is_match(head_back(text, quantity.at, 44))
}

/// 的港澳青年, 以上的博士后: who is described is a person.
static PERSON: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        r"^[^，。；：]{0,24}?的[^，。；：的]{0,10}(?:青年|博士后?|硕士|人才|人员|毕业生|职工|个人|家庭|居民|农民工|劳动力|学生|专家|教师|医生|户籍|购房)",
    )
});

/// 招用3人以下的按每人2000元: the bound only fixes the rate.
static TIER: LazyLock<Regex> = LazyLock::new(|| regex(r"^的?(?:部分)?(?:按|每增加|每新增)"));

/// 院士工作站, 床位, 费用: what is counted in years is no company.
static NO_COMPANY: LazyLock<Regex> = LazyLock::new(|| {
    regex(r"^的?[^，。；：、和]{0,14}(?:工作站|费用|缓交期|房租|租金|床位|产品|专利|设备|期限|社保|保险费)")
});

fn names_research(text: &str) -> bool {
    text.contains('研') || text.contains("R&D")
}

fn is_share(text: &str) -> bool {
    ["占", "比例", "比重", "强度", "之比"].iter().any(|word| text.contains(word))
}

/// Whether the words between 研发费用 and a percentage make it a share of revenue.
fn is_share_of_research(between: &str) -> bool {
    let other = ["增长", "增幅", "增速", "按", "给予", "人员", "人数"];
    !other.iter().any(|word| between.contains(word)) && between.chars().count() <= 60
}

/// Whether only signs of a list stand between two numbers.
fn is_list_mark(between: &str) -> bool {
    !between.is_empty() && between.trim_matches(['、', '，', ',', '和', '及', '或', '/', ' ']).is_empty()
}

/// Words before 主营业务收入 that make it that of a person, a piece of land, a month.
const PER: &[&str] = &["亩均", "人均", "户均", "每亩", "每平方", "地均", "店均", "产品"];

/// Shorter spans are those of procedures, in years.
const SHORTEST: f64 = 0.24;

/// 10亿元以上企业5家, 员工20人以下企业占60%: companies are counted.
static COUNTED: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        r"^的?(?:企业|单位)?(?:数量?)?(?:有|达|共)?(?:[0-9０-９]+|[一二两三四五六七八九十]+)[家户]|^的?(?:企业|单位)(?:数量?)?(?:占|比例|不低于|不少于)|^的?(?:划)?为(?:大|中|小|微)[\p{Han}]{0,4}企业|^[^，。；]{0,14}的部分|^的(?:比例|标准|降为|下调|调整)|^”?[^，。；]{0,6}(?:调整|修改|修订|变更)为",
    )
});

/// The field that a number bounds.
fn field(
    text: &str,
    quantity: &Quantity,
    op: ConditionOp,
    subject: Option<Subject>,
    end: usize,
) -> Option<ConditionField> {
    let after = head(&text[end..], 12);
    let measure = subject.map(|subject| subject.measure);
    let granted = ["贷款", "补助", "补贴", "奖励", "资助", "授信", "支持", "扶持", "奖补", "担保"];
    let granted = measure == Some(Measure::Grant)
        || granted.iter().any(|word| after.trim_start_matches(['的', '一', '次', '性']).starts_with(word));
    let of_things = quantity.unit == Unit::Years && NO_COMPANY.is_match(head(&text[end..], 24));
    if of_things || is_old(text, quantity, end) {
        return None;
    }
    let fined = ["罚款", "罚金", "违约金", "滞纳金"].iter().any(|word| after.contains(word));
    if granted || fined || COUNTED.is_match(after) {
        return None;
    }
    // 其中脱贫劳动力不少于5人: a part of what stood before; 第三方机构应成立五年以上: another's
    let clause = text[..quantity.at].rsplit(['，', ',', '；', '：']).next().unwrap_or_default().trim_start();
    let part =
        clause.starts_with("其中") || subject.is_some_and(|subject| text[subject.to..quantity.at].contains("其中"));
    if clause.starts_with("第三方") {
        return None;
    }
    let far = |limit: usize| subject.is_some_and(|subject| text[subject.to..quantity.at].chars().nth(limit).is_some());
    let other = Some(ConditionField::Other);
    // 每间不超过6人
    let each = subject.is_some_and(|subject| text[subject.to..quantity.at].contains('每'));
    let each =
        each || subject.is_some_and(|subject| PER.iter().any(|word| head_back(text, subject.from, 6).contains(word)));
    match (quantity.unit, measure) {
        (Unit::Money | Unit::People, Some(Measure::Revenue | Measure::Assets | Measure::Staff)) if each => None,
        // 达到职工人数10%（超过100人的企业达到5%）
        (Unit::People, _) if after.starts_with("的企业") && head_back(text, quantity.at, 4).contains(['（', '(']) => {
            None
        }
        (Unit::Money, Some(Measure::Revenue)) if !far(40) => Some(ConditionField::Revenue),
        (Unit::Money, Some(Measure::Assets)) if !far(40) => Some(ConditionField::Assets),
        (_, Some(Measure::Staff | Measure::Years)) if part => other,
        (Unit::People, Some(Measure::Staff)) if !far(30) => Some(ConditionField::Staff),
        // 30人以下的企业
        (Unit::People, None) if after.contains("企业") => Some(ConditionField::Staff),
        (Unit::Years, Some(Measure::Years)) => {
            let subject = subject?;
            let between = &text[subject.to..quantity.at];
            let promised = ["承诺", "保证", "不得", "今后"].iter().any(|word| text[..subject.from].contains(word));
            let past = ["签订", "近", "连续盈利", "每年", "租", "合同", "有效", "业绩", "以来"]
                .iter()
                .any(|word| between.contains(word));
            if promised {
                return None;
            }
            // 近三年（含成立不足三年）; 从事文旅运营不少于两年
            let span =
                head_back(text, subject.from, 2).ends_with("（含") || head_back(text, subject.from, 2).ends_with("(含");
            if span {
                return None;
            }
            let past = past || ["购销合同", "合同", "协议"].iter().any(|word| after.starts_with(word));
            let term =
                ["年限", "期限"].iter().any(|word| between.contains(word)) && text[subject.from..].starts_with("运营");
            if term {
                return None;
            }
            let short = quantity.value < SHORTEST;
            if far(24) || past || short {
                other.filter(|_| op == ConditionOp::Gte)
            } else {
                Some(ConditionField::RegisteredYears)
            }
        }
        (Unit::Percent, None) if op == ConditionOp::Lte => None,
        // 近三年内无… is of another kind
        (Unit::Years, _) => other.filter(|_| op == ConditionOp::Gte),
        _ => other,
    }
}

fn conditions(sentence: &Sentence<'_>, bounds: &[Bound], of_applicant: bool) -> Vec<Condition> {
    let text = sentence.text;
    // what shuts out below a bound asks for the bound
    let turned = |op: ConditionOp| match op {
        ConditionOp::Gte if sentence.role == Role::Refused => ConditionOp::Lte,
        ConditionOp::Lte if sentence.role == Role::Refused => ConditionOp::Gte,
        op => op,
    };
    let mut found: Vec<Condition> = Vec::new();
    let either = if sentence.role == Role::Refused { Vec::new() } else { alternatives(text, bounds) };
    for (nth, bound) in bounds.iter().enumerate() {
        let Some(field) = bound.field else { continue };
        if let Some(group) = either.iter().find(|group| group.contains(&nth)) {
            if group.start == nth
                && let Some(last) = bounds.get(group.end - 1)
            {
                found.push(Condition {
                    field: ConditionField::Other,
                    op: ConditionOp::Has,
                    value: Value::from(super::conduct::short(&text[bound.from..last.end])),
                    unit: None,
                    evidence: clause(text, bound.from, last.end).to_owned(),
                });
            }
            continue;
        }
        // 销售收入小于5000万元的企业，比例不低于5%: for whom the share is asked, and no condition itself
        let is_case = field == ConditionField::Revenue
            && bounds[nth + 1..].iter().any(|next| {
                next.field == Some(ConditionField::RdRatio) && {
                    let between = &text[bound.end..next.at.max(bound.end)];
                    between.contains("的企业") || between.contains("的，") || between.contains("的,")
                }
            });
        if is_case {
            continue;
        }
        let evidence = clause(text, bound.from, bound.end);
        let rest = head(&text[bound.end..], 40);
        // 加大对30人以下企业的支持力度: a wish
        let wish = ["加大", "倾斜"].iter().any(|word| evidence.contains(word));
        if wish && !sentence.in_block && sentence.role != Role::Required {
            continue;
        }
        // 100人以上的，补助4.5万元: without what is counted it is a step of the sum
        let bare = bound.from == bound.at
            && sentence.role == Role::Rewarded
            && evidence.starts_with(&text[bound.at..bound.end]);
        if field == ConditionField::Other && (bare || TIER.is_match(rest) || PERSON.is_match(rest)) {
            continue;
        }
        if field == ConditionField::Other {
            let known = bounds.iter().any(|bound| bound.field.is_some_and(|field| field != ConditionField::Other));
            let wanted = match sentence.role {
                Role::Plain => of_applicant || known,
                Role::Rewarded => known || is_rewarded(text, bound.end, evidence),
                _ => true,
            };
            // 每家企业受让不超过3项, 单笔不超过500万元: what one gets; 每个单位推荐不超过2个 binds who applies
            let has = |words: &[&str]| words.iter().any(|word| evidence.contains(word));
            // homes that persons buy, aims
            let of_others =
                has(&["购买", "购房", "户型", "确保", "力争", "坚持", "引导", "下调", "收费标准", "免租", "减租"])
                    || text.contains("视为")
                    || is_aim(evidence);
            let quota = bound.op == ConditionOp::Lte && has(&["每", "单笔", "单个", "单户"]) && !has(&["推荐", "申报"]);
            if wanted
                && !quota
                && !of_others
                && !found.iter().any(|last| last.field == field && last.evidence == evidence)
            {
                let op = turned(bound.op);
                found.push(Condition {
                    field,
                    op,
                    value: Value::from(demand(evidence, rest_of_clause(text, bound.end))),
                    unit: None,
                    evidence: evidence.to_owned(),
                });
            }
            continue;
        }
        // 首次突破1亿元、5亿元的: the lowest step is what one must reach
        if bound.listed
            && bound.low.is_none()
            && let Some(last) = found.last_mut().filter(|last| last.field == field && last.op == bound.op)
        {
            if last.value.as_f64().is_some_and(|value| bound.value < value) {
                last.value = json_number(bound.value);
            }
            continue;
        }
        let mut add = |op: ConditionOp, value: f64| {
            let op = turned(op);
            found.push(Condition {
                field,
                op,
                value: json_number(value),
                unit: Some(unit_of(field).to_owned()),
                evidence: evidence.to_owned(),
            });
        };
        match bound.low {
            Some(low) if low < bound.value => {
                add(ConditionOp::Gte, low);
                add(ConditionOp::Lte, bound.value);
            }
            _ => add(bound.op, bound.value),
        }
    }
    found
}

/// Bounds of which one is enough, each group by its places: 从业人员1000人以下或者营业收入40000万元以下.
fn alternatives(text: &str, bounds: &[Bound]) -> Vec<std::ops::Range<usize>> {
    let mut groups: Vec<std::ops::Range<usize>> = Vec::new();
    for (nth, pair) in bounds.windows(2).enumerate() {
        let [one, other] = pair else { continue };
        // of one that has no field nothing is known: the other is still what a reader checks
        let known = |bound: &Bound| bound.field.is_some_and(|field| field != ConditionField::Other);
        let apart = known(one) && known(other) && one.field != other.field;
        let between = text.get(one.end..other.from).unwrap_or_default();
        let between = between.trim_start_matches(['的', '，', ',', '、', ' ']);
        if !apart
            || !matches!(between.trim_end(), "或" | "或者" | "或其" | "或上年度" | "或者上年度" | "或年" | "或者年")
        {
            continue;
        }
        match groups.last_mut().filter(|group| group.end == nth + 1) {
            Some(group) => group.end = nth + 2,
            None => groups.push(nth..nth + 2),
        }
    }
    groups
}

/// Whether a number is an aim of a programme: 产业规模超过50亿元, 在不少于3种产品中实现….
fn is_aim(evidence: &str) -> bool {
    ["产业规模", "产业总规模", "产业总产值", "种产品中实现", "目标", "覆盖率", "普及率"]
        .iter()
        .any(|word| evidence.contains(word))
}

/// The words between a place and the next comma.
fn rest_of_clause(text: &str, from: usize) -> &str {
    text[from..].split(['，', ',', '：', ':', '；', ';', '。', '\n']).next().unwrap_or_default().trim_end()
}

/// The demand in a clause, of which `rest` stands behind its number: without 对 and without what is given for it.
fn demand<'a>(evidence: &'a str, rest: &str) -> &'a str {
    const GIVEN: &[&str] = &["给予", "予以", "奖", "补", "资助", "减", "免", "享受", "申请"];
    const STARTS: &[&str] = &["对于", "对", "凡是", "凡", "并且", "且", "并", "同时", "其中"];
    let gives = GIVEN.iter().any(|word| rest.contains(word));
    let words = if gives { evidence.strip_suffix(rest).unwrap_or(evidence) } else { evidence };
    let words = STARTS.iter().find_map(|word| words.strip_prefix(word)).unwrap_or(words);
    super::conduct::short(words.trim_end_matches('的'))
}

/// Whether what a number bounds is rewarded: …2000万元以上的，给予….
fn is_rewarded(text: &str, end: usize, evidence: &str) -> bool {
    const GIVEN: &[&str] =
        &["给予", "奖", "补助", "补贴", "资助", "贴息", "减免", "返还", "可申请", "可享受", "认定为"];
    let after = &text[end..];
    let here = after.split(['，', ',']).next().unwrap_or(after);
    let sums = ["按", "收取", "收费", "比例", "标准", "每年安排", "重点建设", "创建", "建成"];
    here.contains('的')
        && GIVEN.iter().any(|word| after.contains(word))
        && !sums.iter().any(|word| evidence.contains(word))
}

fn unit_of(field: ConditionField) -> &'static str {
    match field {
        ConditionField::Staff => "人",
        ConditionField::RdRatio => "%",
        ConditionField::RegisteredYears => "年",
        _ => "万元",
    }
}

/// A number without the noise of a division, whole where it can be.
fn json_number(value: f64) -> Value {
    let rounded = (value * 1e4).round() / 1e4;
    if rounded.fract() == 0.0 && rounded.abs() < 1e15 { Value::from(rounded as i64) } else { Value::from(rounded) }
}

/// The words between commas that hold a range of a sentence.
pub fn clause(text: &str, from: usize, to: usize) -> &str {
    let marks = ['，', ',', '：', ':', '；', ';', '。', '\n'];
    let start = text[..from].rfind(marks).map_or(0, |at| at + text[at..].chars().next().map_or(0, char::len_utf8));
    let end = text[to..].find(marks).map_or(text.len(), |at| to + at);
    text[start..end].trim()
}
