//! Dates in running text: the signature, 施行 and 有效期, the last day to apply.

use std::sync::LazyLock;

use chrono::{Datelike, Days, Months, NaiveDate};
use regex::Regex;
use zhida_schemas::policy::{Application, Policy};

/// A date at the end of a document and what stands above it.
#[derive(Debug, Clone, PartialEq)]
pub struct Signature {
    /// 成文日期.
    pub date: NaiveDate,
    /// As written.
    pub words: String,
    /// The lines above that look like offices, separated by line feeds.
    pub above: String,
}

fn regex(pattern: &str) -> Regex {
    #[allow(clippy::expect_used)]
    Regex::new(pattern).expect("a pattern that every run compiles")
}

const DATE: &str = r"([12]\d{3}|[一二][〇○零0oOＯ一二三四五六七八九]{3})\s*年\s*(\d{1,2}|[一二三四五六七八九十]{1,3})\s*月\s*(\d{1,2}|[一二三四五六七八九十廿]{1,4})\s*日";

static ALONE: LazyLock<Regex> = LazyLock::new(|| regex(&format!(r"^[（(]?\s*{DATE}\s*[）)]?(?:印发|发布)?$")));
static AT_END: LazyLock<Regex> = LazyLock::new(|| regex(&format!(r"^(.{{2,60}}?)\s*{DATE}$")));
static EFFECTIVE: LazyLock<Regex> =
    LazyLock::new(|| regex(&format!(r"自(?:{DATE}|(印发|发布|公布|下发)之日)起(?:正式)?(?:施行|实施|执行|生效)")));
static VALID_FOR: LazyLock<Regex> =
    LazyLock::new(|| regex(r"有效期(?:限)?(?:为|是|暂定)?\s*([0-9]{1,2}|[一二两三四五六七八九十]{1,2})\s*(年|个月)"));
static VALID_TO: LazyLock<Regex> =
    LazyLock::new(|| regex(&format!(r"(?:有效期(?:截止)?(?:至|到)|执行至|实施至|施行至|截止至)\s*{DATE}")));
static BY: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        r"(?:(?:请)?(?:务必)?(?:于|在)|截止(?:日期|时间)?(?:为|：|:|至|到)?|即日起至|申报时间[^。\n]{0,40}?(?:至|到|—|-))\s*(?:(\d{4})\s*年\s*)?(\d{1,2})\s*月\s*(\d{1,2})\s*日(?:[（(][^）)]{1,6}[）)])?\s*(?:(?:上午|下午)?\s*(\d{1,2})[:：时点](\d{2})?分?)?\s*(前|之前|以前|止|截止)?",
    )
});

/// A date of which year, month and day may be written in words.
fn day(year: &str, month: &str, day: &str) -> Option<NaiveDate> {
    let year = year.chars().map(|c| digit(c).and_then(|d| char::from_digit(d, 10))).collect::<Option<String>>()?;
    let date = NaiveDate::from_ymd_opt(year.parse().ok()?, small(month)?, small(day)?)?;
    (1949..=2100).contains(&date.year()).then_some(date)
}

fn digit(c: char) -> Option<u32> {
    match c {
        '〇' | '○' | '零' | 'o' | 'O' | 'Ｏ' => Some(0),
        c => c.to_digit(10).or_else(|| "一二三四五六七八九".chars().position(|d| d == c).map(|at| at as u32 + 1)),
    }
}

/// 1 to 99 in digits or words.
fn small(text: &str) -> Option<u32> {
    if let Ok(number) = text.parse() {
        return Some(number);
    }
    let (mut sum, mut last) = (0, None);
    for c in text.chars() {
        match c {
            '十' => sum += last.take().unwrap_or(1) * 10,
            '廿' => sum += 20,
            '两' => last = Some(2),
            c => last = Some(digit(c)?),
        }
    }
    Some(sum + last.unwrap_or(0))
}

/// The last line that is a date and nothing else (or an office and a date), with the offices above it.
pub fn signature(body: &str, lines: usize) -> Option<Signature> {
    let all: Vec<&str> = body.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    let start = all.len().saturating_sub(lines);
    for at in (start..all.len()).rev() {
        let line = all[at];
        if line.chars().count() > 80 {
            continue;
        }
        if let Some(found) = ALONE.captures(line) {
            let date = day(&found[1], &found[2], &found[3])?;
            let above: Vec<&str> = all[..at]
                .iter()
                .rev()
                .take(6)
                .take_while(|line| line.chars().count() <= 40 && !line.ends_with(['。', '；', '：', ':', ';']))
                .copied()
                .collect();
            let above = above.into_iter().rev().collect::<Vec<_>>().join("\n");
            return Some(Signature { date, words: line.to_owned(), above });
        }
        // 镇江市科技局 2026年3月10日 on one line
        if let Some(found) = AT_END.captures(line)
            && zhida_schemas::issuer::split(&found[1], Some("321100")).len() == 1
            && let Some(date) = day(&found[2], &found[3], &found[4])
        {
            return Some(Signature { date, words: line.to_owned(), above: found[1].to_owned() });
        }
    }
    None
}

/// 施行日期 and the last day in force.
pub fn in_force(policy: &mut Policy) {
    // a draft for comment takes no effect
    if policy.kind.as_deref() == Some("征求意见稿") {
        return;
    }
    if policy.effective_on.is_none()
        && let Some(found) = EFFECTIVE.captures_iter(&policy.body_text).last()
    {
        let date = match (found.get(1), found.get(2), found.get(3), found.get(4)) {
            (Some(y), Some(m), Some(d), _) => day(y.as_str(), m.as_str(), d.as_str()),
            (.., Some(word)) if matches!(word.as_str(), "印发" | "下发") => policy.written_on,
            _ => policy.published_on.or(policy.written_on),
        };
        if let Some(date) = date {
            policy.effective_on = Some(date);
            policy.evidence.insert("effective_on".to_owned(), found[0].to_owned());
        }
    }
    if policy.expires_on.is_none() {
        let stated = VALID_TO
            .captures(&policy.body_text)
            .and_then(|found| Some((day(&found[1], &found[2], &found[3])?, found[0].to_owned())));
        let counted = || {
            let found = VALID_FOR.captures(&policy.body_text)?;
            let number = small(&found[1])?;
            let months = if &found[2] == "年" { number.checked_mul(12)? } else { number };
            let last = policy.effective_on?.checked_add_months(Months::new(months))?.checked_sub_days(Days::new(1))?;
            Some((last, found[0].to_owned()))
        };
        if let Some((date, words)) = stated.or_else(counted) {
            policy.expires_on = Some(date);
            policy.evidence.insert("expires_on".to_owned(), words);
        }
    }
}

/// The last day on which an applicant can apply: the first date in a sentence that asks for 申报 or 报送 by a day. A
/// missing year is that of publication, or the next when that day has passed.
pub fn application(body: &str, published: Option<NaiveDate>) -> Option<Application> {
    for sentence in body.split(['。', '\n', '；']) {
        let asks =
            ["申报", "报送", "提交", "申请", "报名", "填报", "受理", "征集"].iter().any(|word| sentence.contains(word));
        let other = ["意见", "异议", "公示", "评审", "验收", "会议"].iter().any(|word| sentence.contains(word));
        if !asks || other || sentence.chars().count() > 400 {
            continue;
        }
        for found in BY.captures_iter(sentence) {
            let by = &found[0];
            let is_end =
                found.get(6).is_some() || by.contains("截止") || by.starts_with("即日起") || by.contains("申报时间");
            let (month, date) = (found[2].parse().ok()?, found[3].parse().ok()?);
            let closes_on = match found.get(1) {
                Some(year) => NaiveDate::from_ymd_opt(year.as_str().parse().ok()?, month, date),
                None => published.and_then(|published| {
                    let same = NaiveDate::from_ymd_opt(published.year(), month, date)?;
                    if same >= published {
                        Some(same)
                    } else {
                        NaiveDate::from_ymd_opt(published.year() + 1, month, date)
                    }
                }),
            };
            // a deadline before publication is that of another document
            if is_end
                && let Some(closes_on) = closes_on
                && published.is_none_or(|published| closes_on >= published)
            {
                return Some(Application {
                    closes_on: Some(closes_on),
                    evidence: Some(sentence.trim().to_owned()),
                    ..Application::default()
                });
            }
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signatures() {
        for (text, date, above) in [
            ("正文。\n镇江市科学技术局\n2026年3月10日", "2026-03-10", "镇江市科学技术局"),
            ("正文。\n某部\n某局\n二〇二四年五月三十一日\n（此件公开发布）", "2024-05-31", "某部\n某局"),
            ("正文。\n镇江市科学技术局 2026年3月10日", "2026-03-10", "镇江市科学技术局"),
            ("正文。\n某局\n二○一四年十二月二十日", "2014-12-20", "某局"),
        ] {
            let found = signature(text, 50).unwrap();
            assert_eq!((found.date.to_string().as_str(), found.above.as_str()), (date, above), "{text}");
        }
        assert_eq!(signature("截止2026年3月10日。\n无落款", 50), None);
        assert_eq!(signature("某局\n2026年13月40日", 50), None);
    }

    #[test]
    fn deadlines() {
        let published = NaiveDate::from_ymd_opt(2024, 11, 20);
        for (text, closes) in [
            ("请于2024年12月31日前报送材料。", Some("2024-12-31")),
            ("于2024年12月9日（星期一）前将申报资料提交", Some("2024-12-09")),
            ("申报截止时间：12月5日17:00", Some("2024-12-05")),
            ("即日起至1月30日接受申报", Some("2025-01-30")),
            ("公示期间如有异议，请于12月1日前提交意见", None),
            ("会议于12月1日召开", None),
        ] {
            let found = application(text, published).and_then(|found| found.closes_on).map(|date| date.to_string());
            assert_eq!(found.as_deref(), closes, "{text}");
        }
    }
}
