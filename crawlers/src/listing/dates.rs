//! The day on which an entry of a list was published: from the words around its title, never from those of the title.
//!
//! A date counts that stands apart: alone in an element, behind 发布时间, at the edge of other words. One in the middle of
//! words (关于召开2026年3月10日会议的通知, 根据2025年1月2日印发的文件) says something else, and so does that of 有效期至 or 截止.

use std::sync::LazyLock;

use chrono::{DateTime, Datelike, FixedOffset, NaiveDate, TimeDelta, Utc};
use ego_tree::NodeId;
use regex::Regex;
use scraper::{ElementRef, Node, Selector};
use zhida_schemas::import_row::parse_date;

use super::spaced_text;

/// Most nodes of an entry that are looked at, and most pieces of text among them.
const MAX_NODES: usize = 1_000;
const MAX_PIECES: usize = 80;

/// Longest piece of text in which a date is looked for, in characters.
const MAX_PIECE: usize = 200;

/// Most elements behind an entry that may hold its date.
const MAX_BEHIND: usize = 6;

/// Asia/Shanghai, which has no daylight saving.
pub(super) const SHANGHAI: i32 = 8 * 3600;

#[allow(clippy::expect_used)]
fn pattern(text: &str) -> Regex {
    Regex::new(text).expect("a pattern that every run compiles")
}

static FULL: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(\d{4})\s*([-./年－])\s*(\d{1,2})\s*[-./月－]\s*(\d{1,2})(?:\s*日)?(?:[T\s]*\d{1,2}:\d{2}(?::\d{2})?(?:\.\d+)?)?",
    )
});
static SHORT: LazyLock<Regex> = LazyLock::new(|| {
    pattern(r"(?:(\d{2})[-/.](\d{2})|(\d{1,2})\s*月\s*(\d{1,2})\s*日)(?:\s+\d{1,2}:\d{2}(?::\d{2})?)?")
});
/// A day above its month, as cards have it: `28` `2026-11`, `2026年` `11-28`, `11月` `28`.
static CARDS: LazyLock<[(Regex, [usize; 3]); 6]> = LazyLock::new(|| {
    // the groups of year, month and day; 0 for none
    [
        (pattern(r"^(\d{1,2})日?\s+(\d{4})\s?[-./年]\s?(\d{1,2})月?$"), [2, 3, 1]),
        (pattern(r"^(\d{4})\s?[-./年]\s?(\d{1,2})月?\s+(\d{1,2})日?$"), [1, 2, 3]),
        (pattern(r"^(\d{1,2})\s?[-./月]\s?(\d{1,2})日?\s+(\d{4})年?$"), [3, 1, 2]),
        (pattern(r"^(\d{4})年?\s+(\d{1,2})\s?[-./月]\s?(\d{1,2})日?$"), [1, 2, 3]),
        (pattern(r"^(\d{1,2})日?\s+(\d{1,2})月$"), [0, 2, 1]),
        (pattern(r"^(\d{1,2})月\s+(\d{1,2})日?$"), [0, 1, 2]),
    ]
});

/// Today, as the sites have it.
pub(crate) fn today() -> NaiveDate {
    let now = Utc::now();
    FixedOffset::east_opt(SHANGHAI).map_or_else(|| now.date_naive(), |local| now.with_timezone(&local).date_naive())
}

/// A day that may lack its year.
#[derive(Clone, Copy)]
enum Day {
    Full(NaiveDate),
    Short(u32, u32),
}

/// What the words in front of a date make of it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Label {
    /// 发布时间, 日期.
    Published,
    /// 成文日期, 更新时间: taken where nothing better is.
    Other,
    /// 有效期至, 截止时间, 会议时间.
    Foreign,
    None,
}

/// How well a date may be that of publication; the smallest is taken.
mod worth {
    pub(super) const STATED: u8 = 0;
    pub(super) const ALONE: u8 = 1;
    pub(super) const BESIDE: u8 = 2;
    /// Added for a day without its year.
    pub(super) const NO_YEAR: u8 = 3;
    pub(super) const IN_TITLE: u8 = 6;
    pub(super) const OTHER: u8 = 7;
}

fn label(words: &str) -> Label {
    let plain: String =
        words.trim_end_matches([' ', '：', ':', '（', '(', '[', '【', '［', '\u{3000}', '\u{a0}']).chars().collect();
    let word: Vec<char> =
        plain.chars().rev().take_while(|c| !c.is_whitespace() && !"：:；;，。|".contains(*c)).take(8).collect();
    let word: String = word.into_iter().rev().collect();
    let has = |words: &[&str]| words.iter().any(|one| word.contains(one));
    if word.is_empty() {
        Label::None
    } else if has(&["有效", "截止", "截至", "失效", "到期", "终止", "结束", "施行", "实施", "生效", "废止", "止日"])
        || word.ends_with(['至', '到', '自', '于', '从'])
    {
        Label::Foreign
    } else if has(&["成文", "生成", "印发", "签发", "更新", "修改", "修订", "落款", "发文日", "发文时", "制发"])
    {
        Label::Other
    } else if has(&["发布", "公布", "发表", "公开", "上传", "刊登"])
        || ["时间", "日期", "时", "日", "Date", "date"].contains(&word.as_str())
    {
        Label::Published
    } else if word.ends_with("时间") || word.ends_with("日期") {
        Label::Foreign
    } else {
        Label::None
    }
}

/// A piece of text of an entry.
struct Piece {
    text: String,
    /// Whether it belongs to the link that gives the title.
    in_title: bool,
    /// In which cell of a row it stands, from 0.
    cell: Option<usize>,
}

/// The date of an entry whose title stands in `link`: from the entry itself, or, where a list has no elements for its
/// entries, from what stands right behind it. `url`, the entry's address, may say the year.
pub(crate) fn of_entry(
    entry: ElementRef<'_>,
    link: Option<ElementRef<'_>>,
    url: &str,
    today: NaiveDate,
) -> Option<NaiveDate> {
    let heads = if entry.value().name() == "tr" { heads_of(entry) } else { Vec::new() };
    let link = link.map(|link| link.id());
    best(&pieces(entry, link), &heads).or_else(|| best(&behind(entry), &[])).and_then(|day| dated(day, url, today))
}

/// The date that an editor's selector leads to.
pub(crate) fn of_selected(entry: ElementRef<'_>, selector: &str, url: &str, today: NaiveDate) -> Option<NaiveDate> {
    let selector = Selector::parse(selector).ok()?;
    let found = || entry.select(&selector).take(50);
    let strict = found().find_map(|element| dated(best(&pieces(element, None), &[])?, url, today));
    // the editor says that a date is there, whatever the words around it
    strict.or_else(|| {
        found().find_map(|element| {
            let text: String = spaced_text(element).chars().take(MAX_PIECE).collect();
            let full = FULL.find_iter(&text).find_map(|found| parse_date(found.as_str()));
            full.or_else(|| dated(short(SHORT.captures(&text)?)?, url, today))
        })
    })
}

/// Whether an element holds a date that may be that of publication.
pub(super) fn is_dated(element: ElementRef<'_>) -> bool {
    best(&pieces(element, None), &[]).is_some()
}

/// Whether a text is a date and nothing else.
pub(super) fn is_date(text: &str) -> bool {
    matches!(judged(text, Label::None, false), Some((worth, _)) if worth % worth::NO_YEAR < worth::BESIDE)
        || card(text).is_some()
}

/// A title without a date that stands before or behind it.
pub(super) fn without_date(title: &str) -> &str {
    static EDGE: LazyLock<[Regex; 2]> = LazyLock::new(|| {
        let date = r"\d{4}[-./]\d{1,2}[-./]\d{1,2}(?:\s+\d{1,2}:\d{2}(?::\d{2})?)?";
        [
            pattern(&format!(r"^(?:[\[(（【]\s*{date}\s*[\])）】]|{date}\s)\s*")),
            pattern(&format!(r"(?:\s*[\[(（【]\s*{date}\s*[\])）】]|\s*{date})$")),
        ]
    });
    let mut rest = title.trim();
    let [first, last] = &*EDGE;
    if let Some(found) = first.find(rest) {
        rest = &rest[found.end()..];
    }
    // 2026-03-01至2026-03-10 is part of a title
    if let Some(found) =
        last.find(rest).filter(|found| !rest[..found.start()].trim_end().ends_with(['至', '—', '~', '-']))
    {
        rest = &rest[..found.start()];
    }
    rest.trim()
}

/// A value of an interface: as `parse_date` reads it, with a zone in other forms, in English words, in milliseconds that
/// came as a fraction, as `/Date(1637251200000)/`; a day without its year as [`of_entry`] has it.
pub(super) fn of_value(text: &str, url: &str, today: NaiveDate) -> Option<NaiveDate> {
    let text = text.trim();
    let inner = text.strip_prefix("/Date(").and_then(|rest| rest.split_once(')')).map_or(text, |(number, _)| number);
    let inner = inner.split_once(['+']).map_or(inner, |(number, _)| if inner == text { text } else { number });
    if let Some(number) =
        inner.parse::<f64>().ok().filter(|number| inner.contains(['.', 'e', 'E']) && number.abs() < 1e15)
    {
        // 2021.11 is no number of milliseconds
        return if number.abs() >= 1e8 { parse_date(&format!("{number:.0}")) } else { None };
    }
    let local = FixedOffset::east_opt(SHANGHAI)?;
    for format in
        ["%Y-%m-%dT%H:%M:%S%.f%z", "%Y-%m-%d %H:%M:%S%.f%z", "%Y-%m-%d %H:%M:%S%.f %z", "%a, %d %b %Y %H:%M:%S %z"]
    {
        if let Ok(time) = DateTime::parse_from_str(inner, format) {
            return Some(time.with_timezone(&local).date_naive());
        }
    }
    parse_date(inner).or_else(|| in_english(inner)).or_else(|| {
        let whole = SHORT.captures(inner).filter(|found| found.get(0).is_some_and(|all| all.len() == inner.len()))?;
        dated(short(whole)?, url, today)
    })
}

/// `Nov 19, 2021 12:00:00 AM`, `Fri Nov 19 00:00:00 CST 2021`, `Tue, 10 Mar 2026 09:00:00 GMT+8`: the day counts.
pub(super) fn in_english(text: &str) -> Option<NaiveDate> {
    if text.len() > 100 {
        return None;
    }
    let words: Vec<&str> = text.split([' ', ',']).filter(|word| !word.is_empty()).collect();
    let number = |length: std::ops::RangeInclusive<usize>| {
        words.iter().find(|word| length.contains(&word.len()) && word.bytes().all(|c| c.is_ascii_digit()))
    };
    let month = words.iter().find_map(|word| word.get(..3)?.parse::<chrono::Month>().ok())?;
    NaiveDate::from_ymd_opt(number(4..=4)?.parse().ok()?, month.number_from_month(), number(1..=2)?.parse().ok()?)
}

/// The words of an entry's table above its cells, when they speak of dates.
fn heads_of(row: ElementRef<'_>) -> Vec<String> {
    let (Ok(rows), Ok(links)) = (Selector::parse("tr"), Selector::parse("a[href]")) else { return Vec::new() };
    let table = row.ancestors().take(4).filter_map(ElementRef::wrap).find(|above| above.value().name() == "table");
    let Some(table) = table else { return Vec::new() };
    for head in table.select(&rows).take(4).take_while(|head| head.id() != row.id()) {
        let mut words = Vec::new();
        for cell in head.child_elements().take(40) {
            let span = cell.attr("colspan").and_then(|span| span.trim().parse().ok()).unwrap_or(1_usize).clamp(1, 20);
            words.extend(std::iter::repeat_n(spaced_text(cell).replace(' ', ""), span));
        }
        let speaks = words.iter().any(|word| word.contains("日期") || word.contains("时间"));
        if speaks && head.select(&links).next().is_none() {
            return words;
        }
    }
    Vec::new()
}

fn pieces(entry: ElementRef<'_>, link: Option<NodeId>) -> Vec<Piece> {
    let mut found = Vec::new();
    let mut cell: Option<usize> = None;
    for node in entry.descendants().take(MAX_NODES) {
        if found.len() >= MAX_PIECES {
            break;
        }
        let text = match node.value() {
            Node::Element(element) => {
                if matches!(element.name(), "td" | "th")
                    && node.parent().is_some_and(|parent| parent.id() == entry.id())
                {
                    let before = node.prev_siblings().filter_map(ElementRef::wrap);
                    let span = |cell: ElementRef<'_>| {
                        cell.attr("colspan").and_then(|span| span.trim().parse().ok()).unwrap_or(1_usize)
                    };
                    cell = Some(before.map(|cell| span(cell).clamp(1, 20)).sum());
                }
                match element.attr("datetime") {
                    Some(stated) => stated,
                    None => continue,
                }
            }
            Node::Text(text) => text,
            _ => continue,
        };
        let is_code = node.parent().and_then(ElementRef::wrap);
        if is_code.is_some_and(|parent| matches!(parent.value().name(), "script" | "style")) {
            continue;
        }
        let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
        // what is too long for a date still parts what stands on both sides
        if text.chars().any(char::is_alphanumeric) {
            let in_title = link.is_some_and(|link| node.ancestors().take(30).any(|above| above.id() == link));
            found.push(Piece { text: text.chars().take(MAX_PIECE).collect(), in_title, cell });
        }
    }
    found
}

/// What stands behind an entry before the next one begins; for a `dd` also what stands before it.
fn behind(entry: ElementRef<'_>) -> Vec<Piece> {
    let name = entry.value().name();
    if matches!(name, "li" | "tr" | "td") {
        return Vec::new();
    }
    let Ok(links) = Selector::parse("a[href]") else { return Vec::new() };
    let mut found = Vec::new();
    let mut take = |siblings: &mut dyn Iterator<Item = ego_tree::NodeRef<'_, Node>>| {
        for node in siblings.take(MAX_BEHIND) {
            if let Some(element) = ElementRef::wrap(node) {
                let other = element.value().name();
                if other == name || matches!(other, "br" | "hr" | "a") || element.select(&links).next().is_some() {
                    break;
                }
                found.extend(pieces(element, None));
            } else if let Node::Text(text) = node.value() {
                let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
                if text.chars().any(char::is_alphanumeric) {
                    found.push(Piece { text: text.chars().take(MAX_PIECE).collect(), in_title: false, cell: None });
                }
            }
        }
        !found.is_empty()
    };
    if !take(&mut entry.next_siblings()) && matches!(name, "dd" | "a") {
        take(&mut entry.prev_siblings());
    }
    found
}

/// The likeliest date of the pieces; the first of those that are alike.
fn best(pieces: &[Piece], heads: &[String]) -> Option<Day> {
    let mut best: Option<(u8, Day)> = None;
    let mut take = |found: Option<(u8, Day)>| {
        if let Some((worth, day)) = found
            && best.is_none_or(|(least, _)| worth < least)
        {
            best = Some((worth, day));
        }
    };
    for (at, piece) in pieces.iter().enumerate() {
        let before = at.checked_sub(1).and_then(|before| pieces.get(before));
        let said = before
            .filter(|before| !before.in_title && before.text.chars().count() <= 12)
            .map_or(Label::None, |before| label(&before.text));
        let head = piece.cell.and_then(|cell| heads.get(cell)).map_or(Label::None, |head| label(head));
        take(judged(&piece.text, if head == Label::None { said } else { head }, piece.in_title));
        // a card in pieces
        for count in 2..=3 {
            if let Some(some) =
                pieces.get(at..at + count).filter(|some| some.iter().all(|one| one.text.chars().count() <= 10))
            {
                let joined = some.iter().map(|one| one.text.as_str()).collect::<Vec<_>>().join(" ");
                take(card(&joined).filter(|_| said != Label::Foreign));
            }
        }
    }
    best.map(|(_, day)| day)
}

fn card(text: &str) -> Option<(u8, Day)> {
    let text = text.replace([',', '，'], " ");
    let number = |found: &regex::Captures<'_>, at: usize| found.get(at)?.as_str().parse::<u32>().ok();
    CARDS.iter().find_map(|(card, [year, month, day])| {
        let found = card.captures(text.trim())?;
        let (month, day) = (number(&found, *month)?, number(&found, *day)?);
        if *year == 0 {
            return Some((worth::ALONE + worth::NO_YEAR, Day::Short(month, day).checked()?));
        }
        let year = i32::try_from(number(&found, *year)?).ok().filter(|year| (1900..=2100).contains(year))?;
        Some((worth::ALONE, Day::Full(NaiveDate::from_ymd_opt(year, month, day)?)))
    })
}

impl Day {
    fn checked(self) -> Option<Self> {
        match self {
            // a leap year has every day
            Self::Short(month, day) => NaiveDate::from_ymd_opt(2024, month, day).map(|_| self),
            Self::Full(_) => Some(self),
        }
    }
}

fn short(found: regex::Captures<'_>) -> Option<Day> {
    let number = |a: usize, b: usize| found.get(a).or_else(|| found.get(b))?.as_str().parse().ok();
    Day::Short(number(1, 3)?, number(2, 4)?).checked()
}

/// The date that stands apart in a piece of text, and what it is worth.
fn judged(text: &str, said: Label, in_title: bool) -> Option<(u8, Day)> {
    let text = text.trim();
    let alone = |rest: &str| !rest.chars().any(char::is_alphanumeric);
    if text.len() > 10
        && text.contains('T')
        && let Some(day) = parse_date(text)
    {
        // `2026-03-09T17:00:00Z` as a whole
        return (said != Label::Foreign).then_some((worth::ALONE, Day::Full(day)));
    }
    if text.len() == 8 && text.bytes().all(|byte| byte.is_ascii_digit()) && !in_title {
        return parse_date(text).filter(|_| said != Label::Foreign).map(|day| (worth::BESIDE, Day::Full(day)));
    }
    let full = FULL.captures_iter(text).take(5).find_map(|found| {
        let all = found.get(0)?;
        let day = Day::Full(parse_date(all.as_str())?);
        let numeric = &found[2] != "年";
        Some((place(text, all.start(), all.end(), said, in_title, numeric)?, day))
    });
    full.or_else(|| {
        SHORT.captures_iter(text).take(5).find_map(|found| {
            let all = found.get(0)?;
            let worth = place(text, all.start(), all.end(), said, false, true)
                .filter(|_| !in_title || alone(&text[..all.start()]) && alone(&text[all.end()..]))?;
            Some((worth + worth::NO_YEAR, short(found)?))
        })
    })
    // a piece of two dates is a span of time
    .filter(|_| FULL.find_iter(text).take(2).count() < 2 || !spans(text))
}

fn spans(text: &str) -> bool {
    static SPAN: LazyLock<Regex> = LazyLock::new(|| pattern(r"\d日?\s*(?:至|到|—+|~|～|--)\s*\d"));
    SPAN.is_match(text)
}

/// What a date between `start` and `end` of a text is worth. `None`: it is part of other words.
fn place(text: &str, start: usize, end: usize, said: Label, in_title: bool, numeric: bool) -> Option<u8> {
    const EDGES: &str = "[]()（）【】［］〔〕<>《》|｜/·•・:：,，、;；\u{3000}";
    let (before, after) = (&text[..start], &text[end..]);
    let alone = |rest: &str| !rest.chars().any(char::is_alphanumeric);
    let joins = |c: Option<char>| c.is_some_and(|c| c.is_ascii_digit() || "-.".contains(c));
    if joins(before.chars().next_back()) || joins(after.chars().next().filter(|c| *c != '.' || after.len() > 1)) {
        return None;
    }
    let own = if alone(before) { said } else { label(before) };
    match own {
        Label::Foreign => return None,
        Label::Other => return Some(worth::OTHER),
        Label::Published => return Some(worth::STATED),
        Label::None => {}
    }
    let (free_before, free_after) = (alone(before), alone(after));
    if free_before && free_after {
        return Some(worth::ALONE);
    }
    if in_title {
        return (numeric && (free_after || free_before && !after.starts_with(char::is_alphanumeric)))
            .then_some(worth::IN_TITLE);
    }
    let edge = |c: Option<char>| c.is_none_or(|c| c.is_whitespace() || EDGES.contains(c));
    let apart = edge(before.chars().next_back()) && edge(after.chars().next());
    // a sentence goes on behind a comma
    let sentence = text.chars().count() > 60 || text.contains('。') || after.starts_with(['，', ',']) && !numeric;
    (apart && !sentence).then_some(worth::BESIDE)
}

/// The year of a day that lacks it: that of the address (`/202603/`, `t20260301_`), else the latest one in which the day is
/// not in the future.
fn dated(day: Day, url: &str, today: NaiveDate) -> Option<NaiveDate> {
    let (month, day) = match day {
        Day::Full(date) => return Some(date),
        Day::Short(month, day) => (month, day),
    };
    static IN_URL: LazyLock<Regex> =
        LazyLock::new(|| pattern(r"(?:^|\D)(20\d{2})(?:[-/_]?(0[1-9]|1[0-2])|/([1-9]))(?:\D|[0-3]\d(?:\D|$)|$)"));
    let path = url.split_once("://").map_or(url, |(_, rest)| rest);
    let named = IN_URL.captures_iter(path).take(5).find_map(|found| {
        let month_of = found.get(2).or_else(|| found.get(3))?.as_str().parse().ok()?;
        let about = NaiveDate::from_ymd_opt(found[1].parse().ok()?, month_of, 15)?;
        let near = |year: i32| NaiveDate::from_ymd_opt(year, month, day);
        let years = [about.year(), about.year() - 1, about.year() + 1].into_iter().filter_map(near);
        years.min_by_key(|date| (*date - about).num_days().abs()).filter(|date| (*date - about) <= TimeDelta::days(120))
    });
    named.or_else(|| {
        (0..8).find_map(|back| NaiveDate::from_ymd_opt(today.year() - back, month, day).filter(|date| *date <= today))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use scraper::Html;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn of(markup: &str, url: &str) -> Option<String> {
        let inside = |name: &str| markup.trim_start().starts_with(name);
        let page = if inside("<tr") { format!("<table>{markup}</table>") } else { markup.to_owned() };
        let page = Html::parse_document(&page);
        let first = |selector: &str| page.select(&Selector::parse(selector).unwrap()).next_back();
        let entry = first(".e").or_else(|| first("li")).or_else(|| first("tr")).unwrap();
        let link = entry.select(&Selector::parse("a").unwrap()).next().or_else(|| first("a"));
        of_entry(entry, link, url, day("2026-11-29")).map(|day| day.to_string())
    }

    #[test]
    fn the_date_of_an_entry_stands_outside_its_title() {
        const T: &str = "<a href=1>关于召开2026年12月5日示例会议的通知</a>";
        for (around, expected) in [
            ("<li>@<span>2026-11-28</span></li>", Some("2026-11-28")),
            ("<li>@</li>", None),
            ("<li>@<p>根据2025年1月2日印发的文件要求，现就有关事项……</p></li>", None),
            (
                "<li>@<p>根据2025年1月2日印发的文件要求……</p><span>来源：示例局</span><span>发布时间：2026-11-28</span></li>",
                Some("2026-11-28"),
            ),
            ("<li>@<span>有效期至2028-12-31</span><span>2026-11-28</span></li>", Some("2026-11-28")),
            ("<li>@<span>截止时间：2026-12-31</span></li>", None),
            ("<li>@<i>有效期至</i><i>2028-12-31</i><b>[2026/11/28]</b></li>", Some("2026-11-28")),
            (
                "<li>@<div>成文日期：2026-11-20</div><div>发布日期：2026-11-28 来源：示例局</div></li>",
                Some("2026-11-28"),
            ),
            ("<li>@<div>成文日期：2026-11-20</div></li>", Some("2026-11-20")),
            ("<li>@<span>示例局</span> <span>2026-11-28 09:30:00</span></li>", Some("2026-11-28")),
            ("<li>@ 2026.11.28 示例局</li>", Some("2026-11-28")),
            ("<li><a href=1>关于示例的通知 [2026-11-28]</a></li>", Some("2026-11-28")),
            ("<li><a href=1>关于示例的通知2026-11-28</a></li>", Some("2026-11-28")),
            (
                "<li><a href=1><span>关于2025年3月1日示例的通知</span><span>2026年11月28日</span></a></li>",
                Some("2026-11-28"),
            ),
            ("<li><a href=1>示例公示（2026-11-20至2026-11-28）</a></li>", None),
            ("<li>@<time datetime='2026-11-27T18:00:00Z'>11月28日</time></li>", Some("2026-11-28")),
            // cells and cards
            ("<tr><td>@<td>2026-11-25</td><td>2026-11-28</td></tr>", Some("2026-11-25")),
            ("<tr><th>标题<th>成文日期<th>发布日期</tr><tr><td>@<td>2026-11-25<td>2026-11-28</tr>", Some("2026-11-28")),
            ("<tr><th>标题<th>有效期<th>发布时间</tr><tr><td>@<td>2028-11-25<td>2026-11-28</tr>", Some("2026-11-28")),
            ("<li>@<div><b>28</b><span>2026-11</span></div></li>", Some("2026-11-28")),
            ("<li><a href=1><span>28</span><span>2026.11</span><h4>关于示例的通知</h4></a></li>", Some("2026-11-28")),
            ("<li>@<b>11-28</b><i>2026</i></li>", Some("2026-11-28")),
            ("<li>@<i>2026年</i><b>11月28日</b></li>", Some("2026-11-28")),
            // lists without elements for their entries
            (
                "<dl><dt class=e>@</dt><dd>2026-11-28 来源：示例局</dd><dt><a>乙</a></dt><dd>2026-01-01</dd></dl>",
                Some("2026-11-28"),
            ),
            ("<p>・<a class=e href=1>关于示例的通知</a>　2026.11.28<br></p>", Some("2026-11-28")),
            ("<p><a class=e href=1>关于示例的通知</a><br>2026.11.28</p>", None),
        ] {
            assert_eq!(of(&around.replace('@', T), "https://x.gov.cn/1.html").as_deref(), expected, "{around}");
        }
    }

    #[test]
    fn a_day_without_its_year() {
        for (shown, url, expected) in [
            ("[03-01]", "/a.html", Some("2026-03-01")),
            ("(12-30)", "/a.html", Some("2025-12-30")),
            ("11月28日", "/a.html", Some("2026-11-28")),
            ("03/01", "/202403/t20240301_1.html", Some("2024-03-01")),
            ("01-02", "/202312/t20231231_1.html", Some("2024-01-02")),
            ("03-01", "/art/2025/3/1/art_1_2.html", Some("2025-03-01")),
            ("03-01", "/2025/0301/c1a2/page.htm", Some("2025-03-01")),
            ("02-29", "/a.html", Some("2024-02-29")),
            ("13-45", "/a.html", None),
            ("12/30", "/a.html", Some("2025-12-30")),
            ("第03-01号", "/a.html", None),
        ] {
            let found = of(&format!("<li><a href=1>关于示例的通知</a><i>{shown}</i></li>"), url);
            assert_eq!(found.as_deref(), expected, "{shown} {url}");
        }
    }

    #[test]
    fn values_of_interfaces() {
        for (text, expected) in [
            ("2021-11-18T16:30:00.000+0000", Some("2021-11-19")),
            ("2021-11-18T23:30:00-05:00", Some("2021-11-19")),
            ("2021-11-18T16:30:00Z", Some("2021-11-19")),
            ("1637251200000.0", Some("2021-11-19")),
            ("1.6372512e12", Some("2021-11-19")),
            ("/Date(1637251200000)/", Some("2021-11-19")),
            ("/Date(1637251200000+0800)/", Some("2021-11-19")),
            ("Nov 19, 2021 12:00:00 AM", Some("2021-11-19")),
            ("Fri Nov 19 00:00:00 CST 2021", Some("2021-11-19")),
            ("2021.11.19", Some("2021-11-19")),
            ("2021-11-19 00:30:00.0", Some("2021-11-19")),
            ("11-19", Some("2026-11-19")),
            ("2021.11", None),
            ("今天", None),
            ("", None),
            ("0", None),
            ("1e300", None),
            ("NaN", None),
        ] {
            assert_eq!(
                of_value(text, "https://x.gov.cn/1", day("2026-11-29")).map(|day| day.to_string()).as_deref(),
                expected,
                "{text}"
            );
        }
    }

    #[test]
    fn a_title_keeps_its_own_dates() {
        for (title, expected) in [
            ("关于示例的通知 [2026-11-28]", "关于示例的通知"),
            ("关于示例的通知2026-11-28", "关于示例的通知"),
            ("(2026/1/2) 关于示例的通知", "关于示例的通知"),
            ("示例会议2026年3月1日", "示例会议2026年3月1日"),
            ("示例公示（2026-11-20至2026-11-28）", "示例公示（2026-11-20至2026-11-28）"),
        ] {
            assert_eq!(without_date(title), expected);
        }
    }
}
