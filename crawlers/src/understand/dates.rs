//! Dates in running text: 施行 and 有效期.

use std::ops::Range;
use std::sync::LazyLock;

use chrono::{Datelike, Days, Months, NaiveDate};
use regex::{Captures, Regex};
use zhida_schemas::policy::{Policy, Validity};

use super::regex;

/// How far from both ends a note on validity is looked for, in characters.
const NOTE: usize = 400;

/// How far from the end the line of the print is looked for, in characters.
const PRINT: usize = 1_500;

/// A day in digits or words, in three groups.
pub const DATE: &str = r"([12１２]\d{3}|[一二][〇○零0oOＯ一二三四五六七八九]{3})\s*年\s*(\d{1,2}|[一二三四五六七八九十]{1,3})\s*月\s*(\d{1,2}|[一二三四五六七八九十廿]{1,4})\s*日";

/// What takes effect: 施行, and the words that mean the same.
const TAKES_EFFECT: &str = "(?:正式)?(?:施行|实施|执行|生效|试行|实行|停止执行)";

/// The acts of issuing from which a period counts.
const ISSUED: &str = "(?:本[\\p{Han}]{2,4}|政策|文件)?(印发|发布|公布|下发|发文|下文|签发|公告)";

static DATED: LazyLock<Regex> = LazyLock::new(|| regex(DATE));
static EFFECTIVE: LazyLock<Regex> =
    LazyLock::new(|| regex(&format!(r"(?:(?:自|从|于)\s*{DATE}\s*起?|{DATE}\s*起){TAKES_EFFECT}")));
static SINCE_ISSUE: LazyLock<Regex> = LazyLock::new(|| {
    regex(&format!(
        r"自{ISSUED}之?日(?:起(?:满?([0-9一二三四五六七八九十]{{1,3}})(?:个)?(日|天|个?月)(?:后|之?后起)?)?)?起?{TAKES_EFFECT}"
    ))
});
static FOR_MONTHS: LazyLock<Regex> = LazyLock::new(|| {
    regex(&format!(
        r"(?:执行期限?|有效期限?|实施期限?|试行期)(?:暂定)?为?自{ISSUED}之日起(?:的|至)?([0-9一二两三四五六七八九十]{{1,2}})\s*(年|个月)"
    ))
});
/// From the issue to a day, which `VALID_TO` reads: 执行期为自发布之日起至2026年6月30日.
static SINCE_ISSUE_UNTIL: LazyLock<Regex> = LazyLock::new(|| {
    regex(&format!(r"(?:执行|实施|施行|有效|政策)(?:时间|期限|期)(?:为|是|暂定为)?[：:]?自{ISSUED}之日起?(?:至|到)"))
});
static PERIOD: LazyLock<Regex> = LazyLock::new(|| {
    regex(&format!(
        r"(?:(?:执行|实施|施行|有效|政策)(?:时间|期限|期)(?:为|是|暂定为)?[：:]?自?|自)\s*{DATE}\s*起?\s*(?:至|到|-|—|－|～|~)+\s*(?:([12]\d{{3}})\s*年\s*)?(\d{{1,2}})\s*月\s*(\d{{1,2}})\s*日(?:止|期间)?[，,]?(有效|执行|实施|施行|实行)?"
    ))
});
/// How long: 有效期5年, 起试行2年, 本办法试行二年.
static VALID_FOR: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        r"(?:(?:有效|试行|暂行|执行|施行|实施)期(?:限)?(?:暂定)?(?:为|是)?|起(?:(?:正式)?(?:施行|实施|执行|生效))?[，,、]?(?:试行|暂行|有效)|(?:办法|规定|细则|措施|意见|政策|通知|方案|规则|制度)(?:试行|暂行)(?:期)?(?:限)?(?:为)?)\s*([0-9０-９]{1,2}|[一二两三四五六七八九十]{1,2})\s*(年|个月)",
    )
});
/// Until when: 有效期至…, 自…起施行，至…废止.
static VALID_TO: LazyLock<Regex> = LazyLock::new(|| {
    regex(&format!(
        r"(?:(?:有效|执行|实施|施行|试行|适用)(?:期限|期|时限)[^。；\n，,]{{0,36}}?(?:至|到|截止|截至)|(?:执行|实施|施行|试行|适用|延续|继续执行|继续有效)(?:截止)?(?:至|到)|截止至|(?:适用|执行|政策|有效)(?:的)?截止(?:时间|日期)为|起{TAKES_EFFECT}[，,、]?\s?(?:有效期限?)?(?:截?至|到|截止))\s*(?:{DATE}|([12]\d{{3}})\s*年(?:\s*(\d{{1,2}})\s*月)?\s*[底末]?)"
    ))
});
/// Without a year: 本次政策执行时间为2月1日至6月30日.
static PERIOD_OF_YEAR: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        r"政策(?:的)?(?:执行|实施|施行|有效)(?:时间|期限|期)(?:为|是|暂定为)?[：:]?自?\s*(\d{1,2})\s*月\s*(\d{1,2})\s*日\s*起?\s*(?:至|到|-|—|－|～|~)+\s*(\d{1,2})\s*月\s*(\d{1,2})\s*日",
    )
});
/// A title that says so: 示例办法（已废止）.
static TITLED_VALIDITY: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        r"[（(\[【〔](?:现?已)?(?:全文)?(?P<all>废止|失效)[）)\]】〕]|[（(\[【〔](?P<part>部分条款|条款|部分)(?:已)?(?:废止|失效|修改|修订)[）)\]】〕]",
    )
});
/// A note above or below the text: 本文件已废止.
static NOTED_VALIDITY: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        r"(?:本|该|此)(?:文件|办法|规定|细则|通知|意见|公告|法规|规章|政策|方案|件|文)(?:现|均)?(?:已|业已)(?:于[^，。；\n]{0,16})?(?:被[^，。；\n]{0,60}?|由[^，。；\n]{0,60}?)?(?:宣布)?(?:全文)?(废止|失效)|(?:有效性|时效性|效力状态|效力|文件状态|时效|是否有效)[：:\s】\]]{1,4}(?:已)?(现行有效|继续有效|有效|废止|失效|尚未生效|已?被?修[改订]|部分(?:失效|废止))",
    )
});

/// A date of which year, month and day may be written in words.
fn day(year: &str, month: &str, day: &str) -> Option<NaiveDate> {
    let date = NaiveDate::from_ymd_opt(year_of(year)?, number(month)?, number(day)?)?;
    (1949..=2100).contains(&date.year()).then_some(date)
}

/// A year in digits or words: 2026, 二〇二六.
pub fn year_of(text: &str) -> Option<i32> {
    let digits = text.chars().map(|c| digit(c).and_then(|d| char::from_digit(d, 10))).collect::<Option<String>>()?;
    digits.parse().ok()
}

fn digit(c: char) -> Option<u32> {
    match c {
        '〇' | '○' | '零' | 'o' | 'O' | 'Ｏ' => Some(0),
        '０'..='９' => Some(u32::from(c) - u32::from('０')),
        c => c.to_digit(10).or_else(|| "一二三四五六七八九".chars().position(|d| d == c).map(|at| at as u32 + 1)),
    }
}

/// 1 to 999 in digits or words.
pub fn number(text: &str) -> Option<u32> {
    if text.chars().all(|c| c.is_ascii_digit() || ('０'..='９').contains(&c)) {
        return text.chars().try_fold(0u32, |sum, c| sum.checked_mul(10)?.checked_add(digit(c)?));
    }
    let (mut sum, mut last) = (0, None);
    for c in text.chars() {
        match c {
            '百' => sum += last.take().unwrap_or(1) * 100,
            '十' => sum += last.take().unwrap_or(1) * 10,
            '廿' => sum += 20,
            '两' => last = Some(2),
            c => last = Some(digit(c)?),
        }
    }
    Some(sum + last.unwrap_or(0))
}

/// The first day in a text.
pub fn date_of(text: &str) -> Option<NaiveDate> {
    DATED.captures(text).and_then(|found| captured(&found, 1))
}

/// Whether the whole text is a day.
pub fn is_date(text: &str) -> bool {
    DATED.find(text).is_some_and(|found| found.len() == text.len()) && date_of(text).is_some()
}

/// The day in three groups from `first` on.
fn captured(found: &Captures<'_>, first: usize) -> Option<NaiveDate> {
    day(found.get(first)?.as_str(), found.get(first + 1)?.as_str(), found.get(first + 2)?.as_str())
}

/// A statement of when the document takes effect, and perhaps of its last day.
struct Statement<'a> {
    at: usize,
    words: &'a str,
    effective_on: Option<NaiveDate>,
    expires_on: Option<NaiveDate>,
}

/// Whether a statement is about this document (本办法自…) rather than about one that it names.
fn about_itself(body: &str, at: usize) -> bool {
    let before = super::tail(&body[..at], 40);
    let sentence = before.rsplit(['。', '；', '\n', '》']).next().unwrap_or_default();
    sentence.contains('本') || sentence.contains("以上") || sentence.contains("上述") || sentence.trim().is_empty()
}

/// What title, labels or a note say of the document's own validity. Whether it is in force on some day is not asked.
pub fn stated_validity(policy: &Policy) -> Option<(Validity, String)> {
    if let Some(found) = TITLED_VALIDITY.captures(super::head(&policy.title, 500)) {
        let validity = match found.name("all").map(|word| word.as_str()) {
            Some("废止") => Validity::Repealed,
            Some(_) => Validity::Expired,
            None => Validity::Amended,
        };
        return Some((validity, found[0].to_owned()));
    }
    let (head, tail) = (super::head(&policy.body_text, NOTE), super::tail(&policy.body_text, NOTE));
    let found = NOTED_VALIDITY.captures(head).or_else(|| NOTED_VALIDITY.captures(tail))?;
    let word = found.get(1).or(found.get(2))?.as_str();
    let validity = match word {
        "废止" => Validity::Repealed,
        "失效" => Validity::Expired,
        "尚未生效" => Validity::NotYet,
        word if word.contains("有效") => Validity::InForce,
        _ => Validity::Amended,
    };
    Some((validity, found[0].to_owned()))
}

/// Every statement of the text, in order.
fn statements<'a>(policy: &'a Policy) -> Vec<Statement<'a>> {
    let body = policy.body_text.as_str();
    let issued = |word: &str| match word {
        "印发" | "下发" | "发文" | "下文" | "签发" => policy.written_on,
        _ => policy.published_on.or(policy.written_on),
    };
    let mut all: Vec<Statement<'a>> = Vec::new();
    let mut put = |found: &Captures<'a>, effective_on: Option<NaiveDate>, expires_on: Option<NaiveDate>| {
        if let Some(whole) = found.get(0) {
            // 起实行某制度 is what it orders, 起实行。 is its own beginning
            let behind = body[whole.end()..].trim_start_matches(' ');
            let noun = |c: char| c.is_alphanumeric();
            if expires_on.is_none() && whole.as_str().ends_with("实行") && behind.starts_with(noun) {
                return;
            }
            // 《甲办法》自…起停止执行 is the end of another
            if expires_on.is_none() && whole.as_str().ends_with("停止执行") {
                let before = super::tail(&body[..whole.start()], 160);
                let clause = before.rsplit(['。', '；', '\n']).next().unwrap_or_default();
                let named = |words: &str| words.contains(['》', '号']);
                let object = behind.split(['。', '；', '\n', '，']).next().unwrap_or_default();
                if named(clause) && !clause.ends_with(['，', ',']) && !clause.contains('本') || named(object) {
                    return;
                }
            }
            all.push(Statement { at: whole.start(), words: whole.as_str(), effective_on, expires_on });
        }
    };
    for found in EFFECTIVE.captures_iter(body) {
        put(&found, captured(&found, 1).or_else(|| captured(&found, 4)), None);
    }
    for found in SINCE_ISSUE.captures_iter(body) {
        let base = issued(&found[1]);
        let after = found.get(2).and_then(|count| number(count.as_str()));
        let effective_on = match (after, found.get(3)) {
            (Some(number), Some(unit)) if unit.as_str().ends_with('月') => {
                base.and_then(|base| base.checked_add_months(Months::new(number)))
            }
            (Some(number), _) => base.and_then(|base| base.checked_add_days(Days::new(number.into()))),
            _ => base,
        };
        put(&found, effective_on, None);
    }
    for found in FOR_MONTHS.captures_iter(body) {
        let base = issued(&found[1]);
        put(&found, base, base.and_then(|base| last_day(base, &found[2], &found[3])));
    }
    for found in SINCE_ISSUE_UNTIL.captures_iter(body) {
        put(&found, issued(&found[1]), None);
    }
    for found in PERIOD.captures_iter(body) {
        // 自…至…: of the document only where it says so
        if found.get(0).is_some_and(|whole| whole.as_str().starts_with('自')) && found.get(7).is_none() {
            continue;
        }
        let first = captured(&found, 1);
        let year = found.get(4).map_or_else(|| found[1].to_owned(), |year| year.as_str().to_owned());
        put(&found, first, day(&year, &found[5], &found[6]));
    }
    for found in PERIOD_OF_YEAR.captures_iter(body) {
        let Some(base) = policy.written_on.or(policy.published_on) else { continue };
        let date =
            |first: usize| NaiveDate::from_ymd_opt(base.year(), number(&found[first])?, number(&found[first + 1])?);
        put(&found, date(1), date(3));
    }
    all.sort_by_key(|statement| statement.at);
    all
}

/// The last day of a period of so many years or months.
fn last_day(first: NaiveDate, count: &str, unit: &str) -> Option<NaiveDate> {
    let count = number(count)?;
    let months = if unit == "年" { count.checked_mul(12)? } else { count };
    first.checked_add_months(Months::new(months))?.checked_sub_days(Days::new(1))
}

/// The last day of `VALID_TO`: a day, or the end of a month or a year.
fn last_named(found: &Captures<'_>) -> Option<NaiveDate> {
    if let Some(date) = captured(found, 1) {
        return Some(date);
    }
    let year = year_of(found.get(4)?.as_str())?;
    let month = found.get(5).map_or(Some(12), |month| number(month.as_str()))?;
    NaiveDate::from_ymd_opt(year, month, 1)?.checked_add_months(Months::new(1))?.pred_opt()
}

/// How a document calls itself.
static OWN_NAME: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        r"(?:本|该|此)(?:办法|规定|细则|措施|意见|政策|通知|方案|规则|公告|通告|文件|条例|决定|计划|实施|若干|次政策|项政策)",
    )
});

/// A note below the title of a text that was amended: its 发布之日 is that of the first version.
static AMENDED: LazyLock<Regex> =
    LazyLock::new(|| regex(r"[（(][^（）()]{0,400}日[^（）()]{0,80}(?:修正|修订)[^（）()]{0,80}[）)]"));

/// What ends another document, and from when.
const ENDS: &str = r"(?:正式|予以|全文|全部|同时|一并)*(?:停止(?:执行|施行|实施|使用)|终止(?:执行|施行|实施)|不再(?:执行|施行|实施|适用)|废止|失效|作废)";
static ENDED: LazyLock<Regex> = LazyLock::new(|| regex(&format!(r"(?:自|从|于)\s*{DATE}\s*(?:零时)?起?[，,]?{ENDS}")));
static ENDED_BEFORE: LazyLock<Regex> = LazyLock::new(|| {
    regex(&format!(r"(?:自|从|于)\s*{DATE}\s*(?:零时)?起?[，,]?(?:{ENDS}|将|对)?(?:原|此前的)?[《〈（(]?$"))
});

/// The line of the print below a document: 某市人民政府办公室　2026年3月10日印发.
static PRINTED: LazyLock<Regex> = LazyLock::new(|| {
    regex(&format!(
        r"(?m)^[ \t\u{{3000}}]*([\p{{Han}} \u{{3000}}]{{4,40}}?)[ \t\u{{3000}}]*({DATE})[ \t\u{{3000}}]*印发[ \t\u{{3000}}]*$"
    ))
});

/// The day from which a sentence ends the document that stands at `cited` in it: 《…》自2027年1月1日起停止执行, or
/// 自2027年1月1日起废止《…》. `None` where the sentence names none, or one that is about something else.
pub fn ended_on(sentence: &str, cited: Range<usize>) -> Option<NaiveDate> {
    let behind = sentence.get(cited.end..)?;
    let ended = ENDED.captures(behind).and_then(|found| {
        let between = &behind[..found.get(0)?.start()];
        // another document with its own day stands in between
        (!between.contains(['。', '；']) && !between.contains("起施行") && !EFFECTIVE.is_match(between))
            .then(|| captured(&found, 1))?
    });
    ended.or_else(|| {
        let found = ENDED_BEFORE.captures(sentence.get(..cited.start)?)?;
        captured(&found, 1)
    })
}

/// The office and the day of the print, the first in the last part of the text.
pub fn printed(body: &str) -> Option<(&str, NaiveDate, &str)> {
    let found = PRINTED.captures(super::tail(body, PRINT))?;
    Some((found.get(1)?.as_str().trim(), captured(&found, 3)?, found.get(2)?.as_str()))
}

/// Whether a period is that of the document, not of what it grants: 认定有效期三年, 平台有效期为三年.
fn of_document(body: &str, at: usize) -> bool {
    let (before, own) = body.split_at(at);
    if own.starts_with('起') {
        return true;
    }
    let before = super::tail(before, 60);
    let sentence = before.rsplit(['。', '；', '\n', '》']).next().unwrap_or_default();
    let clause = sentence.rsplit(['，', ',']).next().unwrap_or_default().trim();
    let about_it = |text: &str| {
        text.contains('本')
            || ["施行", "实施", "执行", "生效", "政策", "办法", "措施", "规定", "通知", "文件"]
                .iter()
                .any(|word| text.contains(word))
    };
    // the clause names something else: 合格证书
    let bare =
        clause.trim_start_matches(|c: char| !('一'..='龥').contains(&c) || "一二三四五六七八九十第条".contains(c));
    // behind a comma it is the period of what the sentence is about: of the whole text, or of one item of a list
    let whole_text = || {
        const WHOLE: &[&str] = &[
            "起施行",
            "起实施",
            "起执行",
            "起生效",
            "起试行",
            "正式施行",
            "正式实施",
            "正式执行",
            "日施行",
            "日实施",
            "日执行",
            "发布之日",
            "印发之日",
            "公布之日",
            "下发之日",
            "施行之日",
            "上述",
            "以上",
        ];
        WHOLE.iter().any(|word| sentence.contains(word)) || OWN_NAME.is_match(sentence)
    };
    if bare.is_empty() { sentence.len() == clause.len() || whole_text() } else { about_it(bare) }
}

/// 施行日期 and the last day in force.
pub fn in_force(policy: &mut Policy) {
    // a draft for comment takes no effect
    if super::kinds::is_draft(policy.kind.as_deref(), &policy.title) {
        return;
    }
    let statements = statements(policy);
    let own = |statement: &&Statement<'_>| about_itself(&policy.body_text, statement.at);
    // what others of its measures say counts when all say the same
    let others = || {
        let last = statements.last()?;
        statements.iter().all(|other| other.effective_on == last.effective_on).then_some(last)
    };
    let chosen = statements.iter().rev().find(own).or_else(others);
    // 自发布之日起 of a text amended since is the day of its first version
    let amended = AMENDED.is_match(super::head(&policy.body_text, 800));
    let chosen = chosen.filter(|found| !(amended && SINCE_ISSUE.is_match(found.words)));
    let chosen = chosen.map(|found| (found.effective_on, found.expires_on, found.words.to_owned()));
    if policy.effective_on.is_none()
        && let Some((Some(date), _, words)) = &chosen
    {
        policy.effective_on = Some(*date);
        policy.evidence.insert("effective_on".to_owned(), words.clone());
    }
    if policy.expires_on.is_none() {
        let body = policy.body_text.as_str();
        let stated = VALID_TO.captures_iter(body).find_map(|found| {
            let whole = found.get(0)?;
            Some((last_named(&found)?, whole.as_str().to_owned())).filter(|_| of_document(body, whole.start()))
        });
        let within = chosen.and_then(|(_, last, words)| Some((last?, words)));
        let counted = || {
            // its own stands in the last article
            let all = VALID_FOR.captures_iter(body).filter_map(|found| {
                let whole = found.get(0).filter(|whole| of_document(body, whole.start()))?;
                Some((last_day(policy.effective_on?, &found[1], &found[2])?, whole.as_str().to_owned()))
            });
            all.last()
        };
        let last = stated.or(within).or_else(counted);
        // a day before its first is the day of something else
        if let Some((date, words)) = last.filter(|(date, _)| policy.effective_on.is_none_or(|first| first <= *date)) {
            policy.expires_on = Some(date);
            policy.evidence.insert("expires_on".to_owned(), words);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_on_which_others_end() {
        for (sentence, cited, day) in [
            ("《示例甲办法》自2027年1月1日起停止执行", "《示例甲办法》", "2027-01-01"),
            ("《示例甲办法》（示政规〔2021〕40号）自2027年1月1日起予以废止", "《示例甲办法》", "2027-01-01"),
            ("自2027年1月1日起，示政规〔2021〕40号停止执行", "示政规〔2021〕40号", "2027-01-01"),
            ("自2027年1月1日起废止《示例甲办法》", "《示例甲办法》", "2027-01-01"),
            ("本办法自2026年5月1日起施行，《示例甲办法》同时废止", "《示例甲办法》", ""),
            ("《示例乙办法》自2026年5月1日起施行，《示例甲办法》同时废止", "《示例甲办法》", ""),
            ("《示例甲办法》和《示例乙办法》自2027年1月1日起失效", "《示例甲办法》", "2027-01-01"),
            ("《示例甲办法》同时废止", "《示例甲办法》", ""),
        ] {
            let at = sentence.find(cited).expect("it stands in the sentence");
            let found = ended_on(sentence, at..at + cited.len());
            assert_eq!(found, day.parse().ok(), "{sentence}");
        }
    }

    #[test]
    fn periods_in_force() {
        let day = |text: &str| text.parse::<NaiveDate>().ok();
        for (text, effective, expires) in [
            ("本办法自2026年4月1日起施行，有效期2年。", "2026-04-01", "2028-03-31"),
            ("《示例条例》自2010年1月1日起施行。本办法自2026年4月1日起施行。", "2026-04-01", ""),
            ("本办法自2026年4月1日起施行，《旧办法》自同日起废止。旧条例自2010年1月1日起施行", "2026-04-01", ""),
            ("本办法自印发之日起施行。", "2026-03-10", ""),
            ("本办法自公布之日起施行。", "2026-03-12", ""),
            ("本细则自下文之日起执行", "2026-03-10", ""),
            ("本办法自印发之日起30日后施行。", "2026-04-09", ""),
            ("本办法自发布之日起满30日施行", "2026-04-11", ""),
            ("自本通知印发之日起停止执行。", "2026-03-10", ""),
            ("调整后的标准从2026年4月1日起执行。", "2026-04-01", ""),
            ("标准2026年4月1日起执行。", "2026-04-01", ""),
            ("《示例办法》自2027年1月1日起停止执行。", "", ""),
            ("示政规〔2021〕40号自2027年1月1日起停止执行。本决定自2026年4月1日起施行。", "2026-04-01", ""),
            (
                "本决定自2026年4月1日起施行。《示例办法》（示政规〔2021〕40号）自2027年1月1日起停止执行。",
                "2026-04-01",
                "",
            ),
            ("自2027年1月1日起停止执行《示例办法》。", "", ""),
            ("下列文件自2026年4月1日起停止执行：", "2026-04-01", ""),
            ("自2026年4月1日起试行3年。", "2026-04-01", "2029-03-31"),
            ("自2026年4月1日施行，有效期至2027年12月31日", "2026-04-01", "2027-12-31"),
            ("本政策执行期暂定为自印发之日起的三个月", "2026-03-10", "2026-06-09"),
            ("本通知的执行时间为2026年1月1日至2028年12月31日。", "2026-01-01", "2028-12-31"),
            ("自2026年1月1日至3月31日，实行更优惠的政策", "2026-01-01", "2026-03-31"),
            ("自2026年1月1日至3月31日申报", "", ""),
            ("本办法自2026年4月1日起执行，试行期一年", "2026-04-01", "2027-03-31"),
            ("本政策自发布之日起施行，施行期暂定为6个月。", "2026-03-12", "2026-09-11"),
            ("本文件自2026年1月1日起实施，试行一年", "2026-01-01", "2026-12-31"),
            ("本通知自2026年1月1日起执行，适用截止时间为2026年6月30日", "2026-01-01", "2026-06-30"),
            ("本通知自2026年1月1日起执行。报名截止时间为2026年6月30日", "2026-01-01", ""),
            ("甲补贴自2026年1月1日起执行。乙补贴自2026年2月1日起执行。", "", ""),
            ("本公告自公布之日施行。", "2026-03-12", ""),
            ("本通知自2026年4月1日起执行，至2027年3月31日止。", "2026-04-01", "2027-03-31"),
            ("本措施自2026年4月1日起实施，有效期截至2027年12月31日。", "2026-04-01", "2027-12-31"),
            ("本措施有效期自示例细则发布之日起至2026年12月31日。", "", "2026-12-31"),
            ("本意见自2026年4月1日起施行，执行至2028年底。", "2026-04-01", "2028-12-31"),
            ("本办法自2026年4月1日起施行，有效期限为５年。", "2026-04-01", "2031-03-31"),
            ("本办法自2026年4月1日起施行。本办法试行二年。", "2026-04-01", "2028-03-31"),
            ("第八条 示例平台有效期为三年。本办法自2026年4月1日起施行。", "2026-04-01", ""),
            ("认定结果有效期至2028年12月31日。", "", ""),
            ("证书有效期3年。本办法自2026年4月1日起施行，有效期五年。", "2026-04-01", "2031-03-31"),
            ("本次政策执行时间为2月1日至6月30日。", "2026-02-01", "2026-06-30"),
            ("自受理之日起3个工作日内办结", "", ""),
            ("本措施自印发之日起实行。", "2026-03-10", ""),
            (
                "示例证自签发之日起生效，有效期2年。\n本规定自2026年1月1日起施行，有效期3年。",
                "2026-01-01",
                "2028-12-31",
            ),
            ("自2026年4月1日起实行示例制度。", "", ""),
            ("本政策执行期暂定为自政策发布之日起至2026年6月30日。", "2026-03-12", "2026-06-30"),
            ("上述政策实施时限暂定至2026年12月31日。", "", "2026-12-31"),
            ("8.继续实施降低示例费率的政策，执行期限至2026年12月31日。\n9.示例。", "", ""),
            ("本办法自2026年4月1日起施行，有效期至2025年12月31日。", "2026-04-01", ""),
            ("（1999年3月1日发布　2019年3月24日修正）\n第一条 略。\n本条例自发布之日起施行。", "", ""),
            ("", "", ""),
        ] {
            let mut policy = Policy {
                body_text: text.to_owned(),
                written_on: day("2026-03-10"),
                published_on: day("2026-03-12"),
                ..Policy::default()
            };
            in_force(&mut policy);
            assert_eq!((policy.effective_on, policy.expires_on), (day(effective), day(expires)), "{text}");
            assert!(policy.evidence.values().all(|words| text.contains(words)), "{text}");
        }
    }

    #[test]
    fn the_line_of_the_print() {
        for (text, expected) in [
            ("略。\n示例市人民政府办公室2026年3月10日印发", Some(("示例市人民政府办公室", "2026-03-10"))),
            ("略。\n示例市人民政府办公室\u{3000}2026年１月３日印发\n", Some(("示例市人民政府办公室", "2026-01-03"))),
            ("根据示例市人民政府办公室2026年3月10日印发的通知", None),
            ("", None),
        ] {
            let found = printed(text);
            let found = found.map(|(office, day, _)| (office, day.to_string()));
            assert_eq!(found, expected.map(|(office, day)| (office, day.to_owned())), "{text}");
        }
    }

    #[test]
    fn validity_that_is_stated() {
        for (title, body, validity) in [
            ("示例市示例管理办法（已废止）", "第一条 略。", Some(Validity::Repealed)),
            ("（已失效）示例市示例意见", "各单位：", Some(Validity::Expired)),
            ("示例公告[全文废止]", "现公告如下。", Some(Validity::Repealed)),
            ("示例公告【条款失效】", "现公告如下。", Some(Validity::Amended)),
            ("示例办法", "效力状态：现行有效\n第一条 略。", Some(Validity::InForce)),
            ("示例办法", "时效性：已失效\n第一条 略。", Some(Validity::Expired)),
            ("示例办法", "注：本文件已于2026年1月1日废止。\n第一条 略。", Some(Validity::Repealed)),
            ("示例办法", "本办法自2026年4月1日起施行，原《旧办法》同时废止。", None),
            ("关于废止示例文件的决定", "《旧办法》已废止。", None),
            ("关于宣布失效一批文件的通知", "各单位：", None),
        ] {
            let policy = Policy { title: title.to_owned(), body_text: body.to_owned(), ..Policy::default() };
            let found = stated_validity(&policy);
            assert_eq!(found.as_ref().map(|(validity, _)| *validity), validity, "{title} {body}");
            let exact = found.is_none_or(|(_, words)| title.contains(&words) || body.contains(&words));
            assert!(exact, "{title} {body}");
        }
    }
}
