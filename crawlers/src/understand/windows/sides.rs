//! Which side of a window a day is: the first, the last, or both ends of a range.

use std::sync::LazyLock;

use chrono::NaiveDate;
use regex::Regex;

use super::super::dates::number;
use super::super::regex;
use super::acts::is_label;
use super::days::{Mention, Named, Year, after};
use super::layout::{bounded, ceil_char_boundary};
use super::{Reader, STOPS};

/// Between the two days of a range.
pub(super) static TO: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        r"^\s{0,4}(?:起|开始|开放|启动|起开始)?\s?[，,]?\s?(?:一直|持续|直)?\s?(?:至|到|截至|截止到?|截止至|截止日?期?为|止于|[-‐‑‒–—―─－~～∼〜﹣−→一])+\s{0,4}(?:于)?(?:其?同月)?\s{0,4}$",
    )
});

/// Behind the last day.
pub(super) static BEFORE: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        r"^\s{0,4}(?:下班|工作时间|中午|零时|24时)?\s{0,4}(?:(?:之|以)?前|止|为止|截止|截至|结束|终止|(?:系统|平台|通道|窗口|申报|报名|受理)?(?:将|自动|准时|统一){0,2}(?:关闭|停止|结束|截止|关停|锁定|封闭))",
    )
});

/// Where 前 is another word.
pub(super) const NOT_BEFORE: [&str; 8] = ["前往", "前后", "前来", "前期", "前述", "前端", "前沿", "前身"];

/// Before the last day.
pub(super) static UNTIL: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        r"(?:截止|截至|(?:截止|结束|终止|关闭)(?:时间|日期|期限|日)|截止[^，。；\n]{0,8}(?:时间|日期)|最(?:迟|晚)[^，。；]{0,6}|最后(?:期限|时限|日期|时间)|不(?:得|能|应)?(?:晚|迟)于|不(?:得)?超过|延(?:长|期|迟|后)?(?:至|到)|延长[^，。；]{0,6}(?:至|到)|顺延(?:至|到)|调整(?:至|为|到)|推迟(?:至|到)|(?:时间|期限|日期|有效|一直|持续)[^，。；\n\d]{0,4}(?:至|到))(?:为|是|至|到|于|在|[:：\s])*$",
    )
});

/// Behind the first day.
pub(super) static FROM: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        r"^\s{0,4}(?:起|(?:系统|平台|通道|窗口|申报|报名|受理)?(?:正式)?(?:开始|开放|开通|启动|开启|上线))\s{0,4}[，,]?\s{0,4}([^，,。；\n]{0,36})",
    )
});

/// Before the first day.
pub(super) static SINCE: LazyLock<Regex> =
    LazyLock::new(|| regex(r"(?:开始|起始|开放|启动|开启|开通)(?:时间|日期)(?:为|是|[:：\s])*$"));

/// 30日内 behind 自发布之日起.
pub(super) static WITHIN: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        r"^\s{0,4}[，,]?\s{0,2}(?:的|至)?\s{0,2}([0-9０-９]{1,3}|[一二两三四五六七八九十百]{1,4})\s{0,2}个?(工作日|日|天|月|周|年)\s{0,2}(?:之内|以内|内|止)",
    )
});

/// One or two days of a sentence, and what they are.
pub(super) struct Span {
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) opens_on: Option<NaiveDate>,
    pub(super) closes_on: Option<NaiveDate>,
    pub(super) closes_at: Option<String>,
    pub(super) side: Side,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    Range,
    Last,
    First,
    /// A day of which nothing says which side it is.
    Plain,
}

/// The length of 起, 开放 behind a day.
pub(super) fn from_mark(right: &str) -> Option<usize> {
    FROM.captures(right)?.get(1).map(|rest| rest.start())
}

/// The length of 前, 止 behind a day.
pub(super) fn before_mark(right: &str) -> Option<usize> {
    let found = BEFORE.find(right)?;
    let word = right[..found.end()].chars().next_back()?;
    let at = found.end() - word.len_utf8();
    (!NOT_BEFORE.iter().any(|other| right[at..].starts_with(other))).then_some(found.end())
}

impl Reader<'_> {
    /// Joins the days of a sentence to ranges and tells the sides.
    pub(super) fn spans(&self, mentions: &[Mention], sentence: (usize, usize)) -> Vec<Span> {
        let text = self.text;
        let mut spans: Vec<Span> = Vec::new();
        let mut rest = mentions.iter().peekable();
        let mut known: Option<NaiveDate> = None;
        while let Some(mention) = rest.next() {
            let joined = rest.peek().filter(|next| {
                next.start >= mention.end
                    && next.start - mention.end < 60
                    && TO.is_match(&text[mention.end..next.start])
            });
            if let Some(last) = joined.copied() {
                rest.next();
                let Some((opens_on, closes_on)) = mention.named.to(last.named, &self.clock, known) else { continue };
                let mut end = last.end;
                if let Some(mark) = before_mark(bounded(&text[end..])) {
                    end += mark;
                }
                known = Some(closes_on);
                spans.push(Span {
                    start: mention.start,
                    end,
                    opens_on,
                    closes_on: Some(closes_on),
                    closes_at: last.at.clone(),
                    side: Side::Range,
                });
                continue;
            }
            let left = &text[ceil_char_boundary(text, mention.start.saturating_sub(90))
                .max(sentence.0)
                .min(mention.start)..mention.start];
            let right = bounded(&text[mention.end..]);
            if let Named::Issue { .. } = mention.named {
                let Some(opens) = mention.named.issue(&self.clock) else { continue };
                if let Some(within) = WITHIN.captures(right) {
                    let closes_on = within.get(1).and_then(|count| after(opens, number(count.as_str())?, &within[2]));
                    let end = mention.end + within.get(0).map_or(0, |whole| whole.len());
                    spans.push(Span {
                        start: mention.start,
                        end,
                        opens_on: Some(opens),
                        closes_on,
                        closes_at: None,
                        side: Side::Range,
                    });
                } else if let Some(verb) =
                    from_mark(right).or(text[mention.start..mention.end].ends_with('起').then_some(0))
                {
                    spans.push(Span {
                        start: mention.start,
                        end: mention.end + verb,
                        opens_on: Some(opens),
                        closes_on: None,
                        closes_at: None,
                        side: Side::First,
                    });
                }
                continue;
            }
            if let Named::Dotted { first, last } = mention.named {
                let day = |(month, day)| Named::Day { year: Year::Unsaid, month, day };
                let label = is_label(left.rsplit(STOPS).next().unwrap_or_default());
                if let Some((opens_on, closes_on)) = day(first).to(day(last), &self.clock, known).filter(|_| label) {
                    let closes_at = mention.at.clone();
                    spans.push(Span {
                        start: mention.start,
                        end: mention.end,
                        opens_on,
                        closes_on: Some(closes_on),
                        closes_at,
                        side: Side::Range,
                    });
                }
                continue;
            }
            let day = mention.named.last_day(&self.clock, known);
            let mark = before_mark(right);
            let whole_month = matches!(mention.named, Named::Month { end: false, .. });
            let (Some(day), false) = (day, whole_month || mention.bare && mark.is_none()) else { continue };
            known = Some(day);
            // 6月1日起30日内: the first day counts
            if let Some(verb) = from_mark(right)
                && let Some(within) = WITHIN.captures(&right[verb..])
                && let Some(count) = within.get(1).and_then(|count| number(count.as_str()))
                && let Some(closes_on) = after(day, count, &within[2]).and_then(|closes| closes.pred_opt())
            {
                let end = mention.end + verb + within.get(0).map_or(0, |whole| whole.len());
                let closes_at = mention.at.clone();
                spans.push(Span {
                    start: mention.start,
                    end,
                    opens_on: Some(day),
                    closes_on: Some(closes_on),
                    closes_at,
                    side: Side::Range,
                });
                continue;
            }
            let (end, side) = if SINCE.is_match(left) {
                (mention.end, Side::First)
            } else if let Some(mark) = mark {
                (mention.end + mark, Side::Last)
            } else if let Some(verb) = from_mark(right) {
                (mention.end + verb, Side::First)
            } else if UNTIL.is_match(left) {
                (mention.end, Side::Last)
            } else {
                (mention.end, Side::Plain)
            };
            let (opens_on, closes_on) = if side == Side::First { (Some(day), None) } else { (None, Some(day)) };
            spans.push(Span {
                start: mention.start,
                end,
                opens_on,
                closes_on,
                closes_at: mention.at.clone().filter(|_| side != Side::First),
                side,
            });
        }
        spans
    }
}
