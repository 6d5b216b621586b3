//! When an applicant may apply.

use std::sync::LazyLock;

use chrono::{Datelike, NaiveDate};
use regex::Regex;
use zhida_schemas::policy::Application;

use super::regex;

static BY: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        r"(?:(?:请)?(?:务必)?(?:于|在)|截止(?:日期|时间)?(?:为|：|:|至|到)?|即日起至|申报时间[^。\n]{0,40}?(?:至|到|—|-))\s*(?:(\d{4})\s*年\s*)?(\d{1,2})\s*月\s*(\d{1,2})\s*日(?:[（(][^）)]{1,6}[）)])?\s*(?:(?:上午|下午)?\s*(\d{1,2})[:：时点](\d{2})?分?)?\s*(前|之前|以前|止|截止)?",
    )
});

/// The last day on which an applicant can apply: the first date in a sentence that asks for 申报 or 报送 by a day. A
/// missing year is that of publication, or the next when that day has passed.
pub fn of(body: &str, published: Option<NaiveDate>) -> Option<Application> {
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
            let found = of(text, published).and_then(|found| found.closes_on).map(|date| date.to_string());
            assert_eq!(found.as_deref(), closes, "{text}");
        }
    }
}
