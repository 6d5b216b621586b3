//! Dates in running text: 施行 and 有效期.

use std::sync::LazyLock;

use chrono::{Datelike, Days, Months, NaiveDate};
use regex::{Captures, Regex};
use zhida_schemas::policy::Policy;

use super::regex;

/// A day in digits or words, in three groups.
pub const DATE: &str = r"([12１２]\d{3}|[一二][〇○零0oOＯ一二三四五六七八九]{3})\s*年\s*(\d{1,2}|[一二三四五六七八九十]{1,3})\s*月\s*(\d{1,2}|[一二三四五六七八九十廿]{1,4})\s*日";

/// What takes effect: 施行, and the words that mean the same.
const TAKES_EFFECT: &str = "(?:正式)?(?:施行|实施|执行|生效|试行|停止执行)";

/// The acts of issuing from which a period counts.
const ISSUED: &str = "(?:本[\\p{Han}]{2,4})?(印发|发布|公布|下发|发文|下文|签发|公告)";

static DATED: LazyLock<Regex> = LazyLock::new(|| regex(DATE));
static EFFECTIVE: LazyLock<Regex> =
    LazyLock::new(|| regex(&format!(r"(?:(?:自|从|于)\s*{DATE}\s*起?|{DATE}\s*起){TAKES_EFFECT}")));
static SINCE_ISSUE: LazyLock<Regex> = LazyLock::new(|| {
    regex(&format!(
        r"自{ISSUED}之?日起(?:满?([0-9一二三四五六七八九十]{{1,3}})(?:个)?(日|天|个?月)(?:后|之?后起)?)?起?{TAKES_EFFECT}"
    ))
});
static FOR_MONTHS: LazyLock<Regex> = LazyLock::new(|| {
    regex(&format!(
        r"(?:执行期限?|有效期限?|实施期限?|试行期)(?:暂定)?为?自{ISSUED}之日起(?:的|至)?([0-9一二两三四五六七八九十]{{1,2}})\s*(年|个月)"
    ))
});
static PERIOD: LazyLock<Regex> = LazyLock::new(|| {
    regex(&format!(
        r"(?:(?:执行|实施|施行|有效|政策)(?:时间|期限|期)(?:为|是|暂定为)?[：:]?自?|自)\s*{DATE}\s*起?\s*(?:至|到|-|—|－|～|~)+\s*(?:([12]\d{{3}})\s*年\s*)?(\d{{1,2}})\s*月\s*(\d{{1,2}})\s*日(?:止|期间)?[，,]?(有效|执行|实施|施行|实行)?"
    ))
});
static VALID_FOR: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        r"(?:(?:有效|试行|执行|施行|实施)期(?:限)?(?:为|是|暂定为?)?|起(?:施行|实施|执行)?[，,]?试行)\s*([0-9]{1,2}|[一二两三四五六七八九十]{1,2})\s*(年|个月)",
    )
});
static VALID_TO: LazyLock<Regex> = LazyLock::new(|| {
    regex(&format!(
        r"(?:有效期(?:截止)?(?:至|到)|执行至|实施至|施行至|截止至|(?:适用|执行|政策|有效)截止时间为)\s*{DATE}"
    ))
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
    for found in PERIOD.captures_iter(body) {
        // 自…至…: of the document only where it says so
        if found.get(0).is_some_and(|whole| whole.as_str().starts_with('自')) && found.get(7).is_none() {
            continue;
        }
        let first = captured(&found, 1);
        let year = found.get(4).map_or_else(|| found[1].to_owned(), |year| year.as_str().to_owned());
        put(&found, first, day(&year, &found[5], &found[6]));
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

/// 施行日期 and the last day in force.
pub fn in_force(policy: &mut Policy) {
    // a draft for comment takes no effect
    if policy.kind.as_deref() == Some("征求意见稿") {
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
    let chosen = chosen.map(|found| (found.effective_on, found.expires_on, found.words.to_owned()));
    if policy.effective_on.is_none()
        && let Some((Some(date), _, words)) = &chosen
    {
        policy.effective_on = Some(*date);
        policy.evidence.insert("effective_on".to_owned(), words.clone());
    }
    if policy.expires_on.is_none() {
        let stated =
            VALID_TO.captures(&policy.body_text).and_then(|found| Some((captured(&found, 1)?, found[0].to_owned())));
        let within = chosen.and_then(|(_, last, words)| Some((last?, words)));
        let counted = || {
            let found = VALID_FOR.captures(&policy.body_text)?;
            Some((last_day(policy.effective_on?, &found[1], &found[2])?, found[0].to_owned()))
        };
        if let Some((date, words)) = stated.or(within).or_else(counted) {
            policy.expires_on = Some(date);
            policy.evidence.insert("expires_on".to_owned(), words);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
            ("自受理之日起3个工作日内办结", "", ""),
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
}
