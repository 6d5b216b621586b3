//! Years and dates in a query: 2024年, 2022-2024, 近三年, 去年.

use std::ops::Range;
use std::sync::LazyLock;

use chrono::{Datelike, Months, NaiveDate};
use regex::{Captures, Regex};

/// A stretch of days, both ends included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
pub struct Span {
    /// First day.
    pub from: NaiveDate,
    /// Last day.
    pub to: NaiveDate,
}

impl Span {
    /// From the first day of a year to the last of another.
    fn years(from: i32, to: i32) -> Option<Self> {
        Some(Self { from: NaiveDate::from_ymd_opt(from, 1, 1)?, to: NaiveDate::from_ymd_opt(to, 12, 31)? })
            .filter(|span| span.from <= span.to)
    }

    fn month(year: i32, month: u32) -> Option<Self> {
        let from = NaiveDate::from_ymd_opt(year, month, 1)?;
        Some(Self { from, to: from.checked_add_months(Months::new(1))?.pred_opt()? })
    }

    fn with(self, other: Self) -> Self {
        Self { from: self.from.min(other.from), to: self.to.max(other.to) }
    }
}

/// The first year of documents that anybody asks for.
const FIRST_YEAR: i32 = 1949;

/// What stands behind a number that is none of years: 2000万元, 2000人以上.
const UNITS: &str = "万亿千百元人家户吨亩公个条名项号度次米克瓦%.,:件所套台座只种类期届";

static DATES: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(concat!(
        r"(?:近|最近|过去)(?P<count>\d{1,2}|[一二两三四五六七八九十])(?P<unit>年|个月)(?:以?来|以?内|间)?",
        r"|(?P<named>今年|本年度|本年|去年|上年|前年|明年)",
        r"|(?P<named_month>本月|这个月|上个?月)",
        r"|(?P<on>(?:19|20)\d{2})(?:年|-|/|\.)(?P<on_month>\d{1,2})(?:月|-|/|\.)(?P<on_day>\d{1,2})日?",
        r"|(?P<first>(?:19|20)\d{2})年?\s?(?:-|—|–|~|至|到)\s?(?P<last>(?:19|20)\d{2})(?:年度?)?",
        r"|(?P<since>(?:19|20)\d{2})年?(?:以来|之后|以后|后|起)",
        r"|(?P<of>(?:19|20)\d{2})(?:年|-)(?P<month>\d{1,2})月?",
        r"|(?P<year>(?:19|20)\d{2})(?P<mark>年度?)?",
    ))
    .ok()
});

/// The dates that a folded text names as one span, and where the first of them stands.
pub fn find(text: &str, today: NaiveDate) -> Option<(Range<usize>, Span)> {
    let mut found: Option<(Range<usize>, Span)> = None;
    for captures in DATES.as_ref()?.captures_iter(text).take(4) {
        let Some(whole) = captures.get(0) else { continue };
        let in_number = |character: Option<char>| character.is_some_and(|c| c.is_ascii_alphanumeric());
        if in_number(text[..whole.start()].chars().next_back()) || in_number(text[whole.end()..].chars().next()) {
            continue;
        }
        let is_bare = captures.name("year").is_some() && captures.name("mark").is_none();
        if is_bare && text[whole.end()..].chars().next().is_some_and(|next| UNITS.contains(next)) {
            continue;
        }
        let Some(span) = span(&captures, today) else { continue };
        found = Some(match found {
            None => (whole.range(), span),
            Some((range, known)) => (range, known.with(span)),
        });
    }
    found
}

fn span(captures: &Captures<'_>, today: NaiveDate) -> Option<Span> {
    let number = |name: &str| captures.name(name).and_then(|part| part.as_str().parse::<i32>().ok());
    // Plans reach far, documents no further than the next year: 2030年 is what they are about.
    let year = |name: &str| number(name).filter(|year| (FIRST_YEAR..=today.year() + 1).contains(year));
    if let Some(count) = captures.name("count") {
        let count = match count.as_str() {
            "两" => 2,
            text => text.parse().ok().or_else(|| "一二三四五六七八九十".find(text).map(|at| at as u32 / 3 + 1))?,
        };
        let months = if captures.name("unit").is_some_and(|unit| unit.as_str() == "年") { 12 * count } else { count };
        return Some(Span { from: today.checked_sub_months(Months::new(months))?, to: today });
    }
    if let Some(named) = captures.name("named") {
        let year = today.year()
            + match named.as_str() {
                "去年" | "上年" => -1,
                "前年" => -2,
                "明年" => 1,
                _ => 0,
            };
        return Span::years(year, year);
    }
    if let Some(named) = captures.name("named_month") {
        let back = u32::from(named.as_str().starts_with('上'));
        let day = today.checked_sub_months(Months::new(back))?;
        return Span::month(day.year(), day.month());
    }
    if let (Some(year), Some(month), Some(day)) = (year("on"), number("on_month"), number("on_day")) {
        let day = NaiveDate::from_ymd_opt(year, u32::try_from(month).ok()?, u32::try_from(day).ok()?)?;
        return Some(Span { from: day, to: day });
    }
    if let (Some(first), Some(last)) = (year("first"), number("last")) {
        return Span::years(first, last);
    }
    if let Some(since) = year("since") {
        return Span::years(since, today.year().max(since)).map(|span| Span { to: span.to.max(today), ..span });
    }
    if let (Some(year), Some(month)) = (year("of"), number("month")) {
        return Span::month(year, u32::try_from(month).ok()?);
    }
    year("year").and_then(|year| Span::years(year, year))
}

/// Whether a text that names a time means all of it since: 2020年以来. Documents do not say so of themselves.
pub fn is_since(text: &str) -> bool {
    ["以来", "之后", "以后", "后", "起"].iter().any(|end| text.ends_with(end))
}

/// The years that the whole text names: 2024, 2024年, 2022-2024.
pub fn read_years(text: &str) -> Option<Span> {
    // Years to come are no slip here.
    let far = NaiveDate::from_ymd_opt(2098, 1, 1)?;
    let text = text.trim();
    let is_absolute = text.starts_with(|first: char| first.is_ascii_digit());
    find(text, far).filter(|(range, _)| is_absolute && *range == (0..text.len())).map(|(_, span)| span)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(span: Span) -> String {
        format!("{} {}", span.from, span.to)
    }

    #[test]
    fn finds_years_and_dates() {
        let today = NaiveDate::from_ymd_opt(2024, 6, 15).unwrap();
        for (query, expected) in [
            ("2024年 高企 奖励", Some(("2024年", "2024-01-01 2024-12-31"))),
            ("重庆2023 未来工厂", Some(("2023", "2023-01-01 2023-12-31"))),
            ("2023年度申报", Some(("2023年度", "2023-01-01 2023-12-31"))),
            ("2022-2024 技改", Some(("2022-2024", "2022-01-01 2024-12-31"))),
            ("2022年至2023年", Some(("2022年至2023年", "2022-01-01 2023-12-31"))),
            ("2022 2024", Some(("2022", "2022-01-01 2024-12-31"))),
            ("2020年以来的政策", Some(("2020年以来", "2020-01-01 2024-12-31"))),
            ("2024年2月", Some(("2024年2月", "2024-02-01 2024-02-29"))),
            ("2024-02", Some(("2024-02", "2024-02-01 2024-02-29"))),
            ("2024-02-03 公告", Some(("2024-02-03", "2024-02-03 2024-02-03"))),
            ("2024年2月3日", Some(("2024年2月3日", "2024-02-03 2024-02-03"))),
            ("本月", Some(("本月", "2024-06-01 2024-06-30"))),
            ("上个月的通知", Some(("上个月", "2024-05-01 2024-05-31"))),
            ("近三年 补贴", Some(("近三年", "2021-06-15 2024-06-15"))),
            ("最近2年", Some(("最近2年", "2022-06-15 2024-06-15"))),
            ("近六个月", Some(("近六个月", "2023-12-15 2024-06-15"))),
            ("今年", Some(("今年", "2024-01-01 2024-12-31"))),
            ("去年的奖励", Some(("去年", "2023-01-01 2023-12-31"))),
            ("2030年 碳达峰", None),
            ("营业收入2000万元", None),
            ("2000人以上", None),
            ("gb2024", None),
            ("12024", None),
            ("20240101", None),
            ("1900年", None),
            ("2024年13月", None),
            ("企业", None),
            ("", None),
        ] {
            let found = find(query, today).map(|(range, span)| (query[range].to_owned(), shown(span)));
            let expected = expected.map(|(text, span): (&str, &str)| (text.to_owned(), span.to_owned()));
            assert_eq!(found, expected, "{query}");
        }
    }

    #[test]
    fn reads_years_that_are_the_whole() {
        for (text, expected) in [
            ("2024", Some("2024-01-01 2024-12-31")),
            ("2024年", Some("2024-01-01 2024-12-31")),
            ("2022-2024", Some("2022-01-01 2024-12-31")),
            ("去年", None),
            ("24", None),
            ("2024年通知", None),
            ("", None),
        ] {
            assert_eq!(read_years(text).map(shown).as_deref(), expected, "{text}");
        }
    }
}
