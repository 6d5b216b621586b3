//! Days as a text names them, and which they are.

use std::sync::LazyLock;

use chrono::{Datelike, Days, Months, NaiveDate};
use regex::{Captures, Regex};

use super::super::dates::{number, year_of};
use super::super::regex;
use super::LATE;
use super::layout::bounded;

/// 1 or 2 digits, or words.
pub(super) const NUMBER: &str = "[0-9０-９]{1,2}|[一二三四五六七八九十廿]{1,4}";
pub(super) const YEAR: &str = "[1１2２][0-9０-９]{3}|[一二][〇○零0oOＯ一二三四五六七八九]{3}";
pub(super) const GAP: &str = r"\s{0,4}";

/// What names a day, or the end of a month or a year.
pub(super) static DAY: LazyLock<Regex> = LazyLock::new(|| {
    regex(&format!(
        r"(?:(?P<year>{YEAR}){GAP}年度?{GAP}|(?P<relative>今年|本年度?|当年|明年|次年|来年|翌年){GAP})?(?P<month>{NUMBER}){GAP}月份?(?:{GAP}(?:(?P<day>{NUMBER}){GAP}(?P<unit>[日号])?|(?P<end>底|末)))?|(?P<y>[2２][0０][0-9０-９]{{2}}){GAP}[-./．／-]{GAP}(?P<m>[0-9０-９]{{1,2}}){GAP}[-./．／-]{GAP}(?P<d>[0-9０-９]{{1,2}})(?:{GAP}日)?|(?:(?P<year_end>{YEAR}){GAP}年{GAP}|今年|本年度?|明年)?年?(?P<year_ends>年底|年末|底前|底之前|底以前)|(?:本|当)月?月[底末]|(?:即日|(?:本|该)?(?:公告|通知|通告|公示|文件|指南|方案|细则|办法|政策|措施|规定|意见|项目|信息)?(?:正式|公开|对外)?(?P<issue>印发|发布|公布|下发|发文|公告|签发|刊登|发出|公开|发)(?:之日|日|后)){GAP}起?|(?P<alone>{NUMBER}){GAP}[日号]|(?P<m1>[0-9]{{1,2}})[.．](?P<d1>[0-9]{{1,2}})\s?(?:至|[-–—―─－~～])+\s?(?P<m2>[0-9]{{1,2}})[.．](?P<d2>[0-9]{{1,2}})"
    ))
});

/// Behind a day: the weekday, the hour.
pub(super) static BEHIND: LazyLock<Regex> = LazyLock::new(|| {
    let bracket = r"(?:[（(]\s?(?:含|不含|包括|星期|周|礼拜|节假日|工作日|法定|公休|双休|北京时间|当日|当天|以|逾期|延长|上午|下午|晚|[0-9０-９]{1,2}[:：时点]|[0-9]{1,2}天)[^（()）。；\n]{0,24}[）)])?";
    let hour = format!(
        r"(?P<half>上午|下午|晚上?|中午|早上|凌晨|夜间)?{GAP}(?P<hour>[0-9０-９]{{1,2}}|[零一二三四五六七八九十]{{1,3}}){GAP}(?:[:：∶]{GAP}(?P<minute>[0-9０-９]{{2}})(?:[:：∶][0-9０-９]{{2}})?|[时点](?:整|(?P<minutes>[0-9０-９]{{1,2}})分?|(?P<thirty>半))?)"
    );
    regex(&format!(
        r"^{GAP}{bracket}{GAP}(?:周[一二三四五六日天]|星期[一二三四五六日天])?{GAP}(?:当日|当天)?{GAP}[（(]?(?:{hour})?{GAP}(?:整)?[）)]?{bracket}"
    ))
});

/// The days from which a text counts.
pub(super) struct Clock {
    /// 成文日期, else that of publication.
    pub(super) issued: Option<NaiveDate>,
    /// Publication, else 成文日期.
    pub(super) published: Option<NaiveDate>,
}

impl Clock {
    /// The earlier of both.
    pub(super) fn base(&self) -> Option<NaiveDate> {
        self.issued.into_iter().chain(self.published).min()
    }
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Year {
    Given(i32),
    /// 明年.
    Next,
    /// 次年: the year behind another that is named.
    Following,
    Unsaid,
}

/// A day as a text names it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Named {
    Day {
        year: Year,
        month: u32,
        day: u32,
    },
    /// The whole month; its end where only that is meant.
    Month {
        year: Year,
        month: u32,
        end: bool,
    },
    YearEnd {
        year: Year,
    },
    MonthEnd,
    /// `15日` behind `3月1日至`.
    Alone {
        day: u32,
    },
    /// 6.12—6.30, which may be numbers of another kind.
    Dotted {
        first: (u32, u32),
        last: (u32, u32),
    },
    /// 即日起, 自印发之日起: counted from 成文 or from publication.
    Issue {
        written: bool,
    },
}

/// A day and where it stands.
#[derive(Debug, Clone)]
pub(super) struct Mention {
    pub(super) start: usize,
    /// Behind the hour.
    pub(super) end: usize,
    pub(super) named: Named,
    /// Without 日: 3月1-15日.
    pub(super) bare: bool,
    pub(super) at: Option<String>,
}

impl Mention {
    pub(super) fn read(found: &Captures<'_>, text: &str) -> Option<Self> {
        let whole = found.get(0)?;
        let word = |name| found.name(name).map(|group| group.as_str());
        let year = match (word("year"), word("relative")) {
            (Some(year), _) => Year::Given(year_of(year)?),
            (_, Some("明年" | "来年")) => Year::Next,
            (_, Some("次年" | "翌年")) => Year::Following,
            _ => Year::Unsaid,
        };
        let mut end = whole.end();
        let mut bare = false;
        let named = if let Some(month) = word("month") {
            let month = number(month).filter(|month| (1..=12).contains(month))?;
            match (word("day").and_then(number), word("end")) {
                (Some(day), _) => {
                    bare = word("unit").is_none();
                    Named::Day { year, month, day }
                }
                (None, last) => Named::Month { year, month, end: last.is_some() },
            }
        } else if let (Some(y), Some(m), Some(d)) = (word("y"), word("m"), word("d")) {
            Named::Day { year: Year::Given(year_of(y)?), month: number(m)?, day: number(d)? }
        } else if let Some(ends) = found.name("year_ends") {
            // 底前: the word 前 is read again
            end = ends.start() + if ends.as_str().starts_with('底') { "底".len() } else { ends.len() };
            let year = match word("year_end") {
                Some(year) => Year::Given(year_of(year)?),
                None if whole.as_str().starts_with("明年") => Year::Next,
                None if ends.as_str().starts_with('底') && !whole.as_str().contains('年') => return None,
                None => Year::Unsaid,
            };
            Named::YearEnd { year }
        } else if let Some(day) = word("alone") {
            Named::Alone { day: number(day)? }
        } else if let (Some(m1), Some(d1), Some(m2), Some(d2)) = (word("m1"), word("d1"), word("m2"), word("d2")) {
            let behind = text[whole.end()..].chars().next();
            if behind.is_some_and(|c| "%％.．元万亿倍0123456789".contains(c)) {
                return None;
            }
            Named::Dotted { first: (number(m1)?, number(d1)?), last: (number(m2)?, number(d2)?) }
        } else if word("issue").is_none() && whole.as_str().starts_with(['本', '当']) {
            Named::MonthEnd
        } else {
            Named::Issue { written: matches!(word("issue"), Some("印发" | "下发" | "发文" | "签发" | "发")) }
        };
        let mut at = None;
        if !matches!(named, Named::Issue { .. })
            && let Some(behind) = BEHIND.captures(bounded(&text[end..]))
        {
            at = hour(&behind);
            let words = behind.get(0).map_or("", |whole| whole.as_str());
            // a bracket around more than the hour is not its own
            let words = if words.contains(['（', '(']) {
                words.trim_end_matches(['（', '('])
            } else {
                words.trim_end_matches(['）', ')'])
            };
            end += words.len();
        }
        Some(Self { start: whole.start(), end, named, bare, at })
    }
}

/// `17:00` of 下午5点.
pub(super) fn hour(found: &Captures<'_>) -> Option<String> {
    let word = |name| found.name(name).map(|group| group.as_str());
    let mut hour = number(word("hour")?)?;
    let minute = match (word("minute").or(word("minutes")), word("thirty")) {
        (Some(minute), _) => number(minute)?,
        (None, Some(_)) => 30,
        (None, None) => 0,
    };
    let late = matches!(word("half"), Some("晚" | "晚上" | "夜间"));
    if hour < 12 && (late || word("half") == Some("下午")) || hour == 12 && late {
        hour += 12;
    }
    (hour <= 24 && minute < 60).then(|| format!("{hour:02}:{minute:02}"))
}

pub(super) fn end_of_month(year: i32, month: u32) -> Option<NaiveDate> {
    NaiveDate::from_ymd_opt(year, month, 1)?.checked_add_months(Months::new(1))?.pred_opt()
}

impl Named {
    /// The day in a given year: of a month the first or the last day.
    pub(super) fn in_year(self, year: i32, last: bool) -> Option<NaiveDate> {
        match self {
            Self::Day { month, day, .. } => NaiveDate::from_ymd_opt(year, month, day),
            Self::Month { month, end, .. } if last || end => end_of_month(year, month),
            Self::Month { month, .. } => NaiveDate::from_ymd_opt(year, month, 1),
            Self::YearEnd { .. } => NaiveDate::from_ymd_opt(year, 12, 31),
            Self::MonthEnd | Self::Alone { .. } | Self::Dotted { .. } | Self::Issue { .. } => None,
        }
    }

    pub(super) fn year(self) -> Year {
        match self {
            Self::Day { year, .. } | Self::Month { year, .. } | Self::YearEnd { year } => year,
            Self::MonthEnd | Self::Alone { .. } | Self::Dotted { .. } | Self::Issue { .. } => Year::Unsaid,
        }
    }

    /// A last day. A missing year is that of the document, or the next when that day had passed; without the
    /// document's day, that of the day named before.
    pub(super) fn last_day(self, clock: &Clock, before: Option<NaiveDate>) -> Option<NaiveDate> {
        let base = clock.base();
        match (self, self.year(), base) {
            (Self::Issue { .. }, ..) => self.issue(clock),
            (Self::MonthEnd, ..) => base.and_then(|base| end_of_month(base.year(), base.month())),
            (Self::Alone { .. } | Self::Dotted { .. }, ..) => None,
            (_, Year::Given(year), _) => self.in_year(year, true),
            (_, Year::Next, Some(base)) => self.in_year(base.year() + 1, true),
            (_, Year::Following, _) => None,
            (_, Year::Unsaid, Some(base)) => {
                let same = self.in_year(base.year(), true)?;
                let passed = (base - same).num_days() > LATE;
                if passed { self.in_year(base.year() + 1, true) } else { Some(same) }
            }
            (_, Year::Unsaid, None) => {
                let before = before?;
                self.in_year(before.year(), true).filter(|same| *same >= before).or_else(|| {
                    // in the next year only where the days are near
                    self.in_year(before.year() + 1, true).filter(|next| (*next - before).num_days() < 180)
                })
            }
            (_, Year::Next, None) => None,
        }
    }

    pub(super) fn issue(self, clock: &Clock) -> Option<NaiveDate> {
        match self {
            Self::Issue { written: true } => clock.issued,
            Self::Issue { written: false } => clock.published,
            _ => None,
        }
    }

    /// Both days of a range; the year of one completes the other.
    pub(super) fn to(
        self,
        last: Self,
        clock: &Clock,
        before: Option<NaiveDate>,
    ) -> Option<(Option<NaiveDate>, NaiveDate)> {
        let last = match (self, last) {
            (Self::Day { year, month, day: first }, Self::Alone { day }) => {
                let (year, month) = match (year, month) {
                    (year, month) if day >= first => (year, month),
                    (Year::Given(year), 12) => (Year::Given(year + 1), 1),
                    (year, month) => (year, month % 12 + 1),
                };
                Self::Day { year, month, day }
            }
            (_, last) => last,
        };
        let closes = match (self.year(), last.year()) {
            (Year::Given(year), Year::Unsaid) => {
                let opens = self.in_year(year, false)?;
                last.in_year(year, true)
                    .filter(|closes| *closes >= opens)
                    .or_else(|| last.in_year(year + 1, true))
                    .or_else(|| last.last_day(clock, before))?
            }
            (Year::Given(year), Year::Next | Year::Following) => last.in_year(year + 1, true)?,
            (Year::Unsaid, Year::Following) => {
                let opens = self.last_day(clock, before)?;
                last.in_year(opens.year() + 1, true)?
            }
            _ => last.last_day(clock, before)?,
        };
        let opens = match (self, self.year()) {
            (Self::Issue { .. }, _) => self.issue(clock).filter(|opens| *opens <= closes),
            (_, Year::Given(year)) => self.in_year(year, false),
            _ => self
                .in_year(closes.year(), false)
                .filter(|opens| *opens <= closes)
                .or_else(|| self.in_year(closes.year() - 1, false)),
        };
        (opens.is_none_or(|opens| opens <= closes)).then_some((opens, closes))
    }
}

/// The day so many days or months after another.
pub(super) fn after(first: NaiveDate, count: u32, unit: &str) -> Option<NaiveDate> {
    match unit {
        "日" | "天" => first.checked_add_days(Days::new(count.into())),
        "周" => first.checked_add_days(Days::new(u64::from(count) * 7)),
        "月" => first.checked_add_months(Months::new(count)),
        "年" => first.checked_add_months(Months::new(count.checked_mul(12)?)),
        // holidays are not known here
        _ => None,
    }
}
