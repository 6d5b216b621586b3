//! The signature (落款): the offices and the date below the text, on lines of their own or, where a page lost its
//! lines, within one.

use std::sync::LazyLock;

use chrono::NaiveDate;
use regex::Regex;
use zhida_schemas::issuer::{self, Issuer};

use super::dates::{self, DATE};

/// Offices and date below a text.
#[derive(Debug, Clone, PartialEq)]
pub struct Signature<'a> {
    /// 成文日期; `None` where its place is left blank (`2026年 月 日` of a draft).
    pub date: Option<NaiveDate>,
    /// The date as written.
    pub words: &'a str,
    /// Offices above the date; a bare 市科技局 has no region.
    pub offices: Vec<Issuer>,
    /// The offices as written, empty when there are none.
    pub above: &'a str,
}

/// Most dates of a text that are looked at, and of these, that are read with what stands before them.
const MOST_DATES: usize = 20_000;
const MOST_READ: usize = 400;

/// Reach before a date in which offices are looked for, in characters.
const REACH: usize = 400;

/// Most lines or words of one signature's offices.
const MOST_WORDS: usize = 24;

static DATED: LazyLock<Regex> = LazyLock::new(|| {
    super::regex(&format!(r"{DATE}|(?:20[0-9]{{2}}|×+|X+|\n)\s{{0,4}}年[\s×X]{{0,6}}月[\s×X]{{0,6}}日"))
});

/// The first signature of the text: attachments and forwarded documents, which stand behind it, have their own. A date
/// alone counts where the text ends before it; one that stands in the middle of things only when there is no better.
pub fn find<'a>(body: &'a str, within: Option<&str>) -> Option<Signature<'a>> {
    let mut alone: Option<Signature<'a>> = None;
    let mut several_alone = false;
    let mut read = 0;
    for found in DATED.find_iter(body).take(MOST_DATES) {
        let Some(place) = Place::of(body, found.start(), found.end()) else { continue };
        read += 1;
        if read > MOST_READ {
            break;
        }
        let date = dates::date_of(found.as_str());
        let words = found.as_str().trim();
        let blank =
            words.rsplit(['月', '日']).nth(1).is_some_and(|day| day.trim_matches(['×', 'X', ' ']).trim().is_empty());
        if date.is_none() && !blank {
            continue;
        }
        let (offices, above) = if place.in_brackets { (Vec::new(), "") } else { offices_before(place.before, within) };
        let named = offices.iter().any(|office| office.region_code.is_some());
        if !offices.is_empty() && (place.ends_line || named && place.after_space) {
            return Some(Signature { date, words, offices, above });
        }
        if date.is_none() || !place.ends_line {
            continue;
        }
        let signature = Signature { date, words, offices: Vec::new(), above: "" };
        if place.text_ends_before() && !place.in_brackets {
            return Some(signature);
        }
        if place.own_line {
            several_alone = alone.is_some();
            alone = alone.or(Some(signature));
        }
    }
    alone.filter(|_| !several_alone).or_else(|| undated(body, within))
}

/// Offices on lines of their own at the very end, without a date.
fn undated<'a>(body: &'a str, within: Option<&str>) -> Option<Signature<'a>> {
    let body = body.trim_end();
    let (offices, above) = offices_before(body, within);
    let before = &body[..body.len() - above.len()];
    let named = !offices.is_empty() && offices.iter().all(|office| office.region_code.is_some());
    let ends = before.ends_with(char::is_whitespace) && before.trim_end().ends_with(['。', '！', '）', ')']);
    (named && ends).then_some(Signature { date: None, words: "", offices, above })
}

/// What stands around a date.
struct Place<'a> {
    /// The text before it.
    before: &'a str,
    /// The line, or the document, ends behind it; a bracket (此件公开发布) may follow.
    ends_line: bool,
    /// A space follows, and then text: the page lost its lines.
    after_space: bool,
    /// It begins a line.
    own_line: bool,
    in_brackets: bool,
}

impl<'a> Place<'a> {
    /// `None` where the date is part of a sentence or of a table's row.
    fn of(body: &'a str, start: usize, end: usize) -> Option<Self> {
        let (mut before, mut behind) = (&body[..start], &body[end..]);
        let in_brackets = before.ends_with(['（', '(']) && behind.starts_with(['）', ')']);
        if in_brackets {
            before = &before[..before.len() - before.chars().next_back().map_or(0, char::len_utf8)];
            behind = &behind[behind.chars().next().map_or(0, char::len_utf8)..];
        }
        let gap_start = before.trim_end().len();
        let (text, gap) = before.split_at(gap_start);
        let next = behind.trim_start_matches(|c: char| c.is_whitespace() && c != '\n');
        // 2026年3月10日（含3月10日）起 goes on
        let goes_on = ["（含", "(含"].iter().any(|begin| next.starts_with(begin));
        let ends_line = next.is_empty() || next.starts_with(['\n', '（', '(']) && !goes_on;
        let after_space = next.len() < behind.len();
        // a row of a table
        if gap.contains('\t') || behind.starts_with('\t') || !ends_line && !after_space {
            return None;
        }
        let own_line = text.is_empty() || gap.contains('\n') || gap.is_empty() && body[start..].starts_with('\n');
        Some(Self { before: text, ends_line, after_space, own_line, in_brackets })
    }

    /// Whether the text, or its list of attachments, ends before the date.
    fn text_ends_before(&self) -> bool {
        if self.before.ends_with(['。', '！']) {
            return true;
        }
        let tail = super::tail(self.before, 120);
        let last = tail.lines().next_back().unwrap_or_default().trim_start();
        let listed = last.starts_with("附件")
            || last.starts_with("特此")
            || last.starts_with(|c: char| c.is_ascii_digit()) && tail.contains("附件");
        self.own_line && listed && super::tail(self.before, 3_000).contains('。')
    }
}

/// The offices at the end of a text, and the words that name them.
fn offices_before<'a>(before: &'a str, within: Option<&str>) -> (Vec<Issuer>, &'a str) {
    const STOPS: &[char] = &['。', '；', '！', '？', ';', '：', ':', '》', '）', ')', '，', ',', '”'];
    let nothing = (Vec::new(), "");
    let window = super::tail(before, REACH);
    let cut = window.rfind(STOPS).map_or(0, |at| at + window[at..].chars().next().map_or(0, char::len_utf8));
    let window = &window[cut..];
    let mut start = window.len();
    for word in window.split_whitespace().rev().take(MOST_WORDS) {
        let at = word.as_ptr() as usize - window.as_ptr() as usize;
        if !names_offices(word, within) {
            // the name of one office over two lines
            if start < window.len() && broken(word, window[start..].trim()) {
                start = at;
            }
            break;
        }
        start = at;
    }
    let last_line_at = window.trim_end().rfind('\n').map_or(0, |at| at + 1);
    if start == window.len() {
        // 示 例 市 财 政 局: letters set apart
        let line = window[last_line_at..].trim();
        if line.chars().count() > 60 || !line.contains(char::is_whitespace) {
            return nothing;
        }
        start = last_line_at + (window[last_line_at..].len() - window[last_line_at..].trim_start().len());
    }
    // 联系单位：某局 2026年1月5日 is a label with its value
    if window[..start].trim().is_empty()
        && before[..before.len() - window.len()].ends_with(['：', ':'])
        && !window[..start].contains('\n')
    {
        return nothing;
    }
    let above = window[start..].trim();
    (together(above, within), above)
}

/// Whether a word is one office or several, joined by 、 or run together, and nothing else.
pub fn names_offices(word: &str, within: Option<&str>) -> bool {
    word.chars().all(|c| c.is_alphabetic() || "、·“”（）()".contains(c))
        && word.split('、').filter(|part| !part.is_empty()).all(|part| !issuer::split(part, within).is_empty())
}

/// Whether two lines are the name of one office: the second alone is a bare unit, both together have a place.
fn broken(first: &str, second: &str) -> bool {
    let bare = issuer::parse(second, None).is_some_and(|unit| unit.region_code.is_none() && unit.level.is_none());
    bare && issuer::parse(&format!("{first}{second}"), None).is_some_and(|office| office.region_code.is_some())
}

/// Offices as a signature sets them: an inner unit on a line of its own belongs to the office above it.
pub fn together(above: &str, within: Option<&str>) -> Vec<Issuer> {
    let offices = issuer::split(above, within);
    let words: Vec<&str> = above.split_whitespace().collect();
    let inner = |word: &str| ["办公室", "处", "中心", "小组", "委员会"].iter().any(|end| word.ends_with(end));
    if let [whole, unit] = words.as_slice()
        && (inner(unit) || issuer::split(whole, within).is_empty())
        && issuer::parse(unit, None).is_some_and(|unit| unit.region_code.is_none() && unit.level.is_none())
        && let Some(joined) = issuer::parse(&format!("{whole}{unit}"), within)
        && joined.region_code.is_some()
    {
        return vec![joined];
    }
    offices
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
            ("正文。\n某局\n二ＯＯ七年二月六日", "2007-02-06", "某局"),
            // a page that lost its lines
            ("通知 各单位： 请执行。 镇江市财政局 2026年3月10日 示例办法 第一条 略。", "2026-03-10", "镇江市财政局"),
            ("现印发给你们。镇江市财政局 2026年3月10日 示例办法", "2026-03-10", "镇江市财政局"),
            (
                "请执行。 镇江市财政局\u{3000}镇江市科技局 2026年3月10日（此件公开发布） 示例办法",
                "2026-03-10",
                "镇江市财政局\u{3000}镇江市科技局",
            ),
            ("请执行。\u{3000}\u{3000}2026年3月10日\u{2002}（此件公开发布）示例办法", "2026-03-10", ""),
            // what is attached or forwarded has its own
            (
                "转发给你们。\n镇江市财政局\n2026年3月10日\n示例通知\n正文。\n江苏省财政厅\n2026年1月5日",
                "2026-03-10",
                "镇江市财政局",
            ),
            ("转发给你们。\n2026年3月10日\n示例意见\n正文。\n省财政厅\n2026年1月5日", "2026-03-10", ""),
            // attachments above, a note below
            ("正文。\n附件：1.示例\n2.示例表\n2026年3月10日\n（联系人：某人）", "2026-03-10", ""),
            (
                "正文。\n4.江苏省财政厅关于示例的通知（示例〔2024〕399号）\n镇江市财政局\n2026年3月10日",
                "2026-03-10",
                "镇江市财政局",
            ),
            ("正文。\n镇 江 市 财 政 局\n2026年3月10日", "2026-03-10", "镇 江 市 财 政 局"),
            ("示例公告\n（2026年3月10日）\n正文。", "2026-03-10", ""),
        ] {
            let found = find(text, None).unwrap_or_else(|| panic!("{text}: no signature"));
            assert_eq!((found.date.map(|d| d.to_string()).as_deref(), found.above), (Some(date), above), "{text}");
        }
        for text in [
            "截止2026年3月10日。\n无落款",
            "某局\n2026年13月40日",
            "印发。\n某市人民政府办公室　2026年3月10日印发",
            "请于\n2026年3月10日\n前报送",
            "一览表\n江苏省财政厅\t2026年3月10日\n江苏省科技厅\t2026年3月11日",
            "联系单位：镇江市财政局 2026年3月10日起受理",
            "2026年3月10日",
            "给予补贴。\n2026年3月10日(含3月10日)起购房的",
            "",
        ] {
            let found = find(text, None)
                .filter(|found| !found.offices.is_empty() || text.contains("截止") || text.contains('含'));
            assert_eq!(found, None, "{text}");
        }
        let blank = find("正文。\n工业和信息化部市场监管总局\n2026年 月 日", None).unwrap();
        assert_eq!((blank.date, blank.offices.len()), (None, 2));
        let undated = find("正文。\n特此通知。\n镇江市财政局\n镇江市科技局", None).unwrap();
        assert_eq!((undated.date, undated.above), (None, "镇江市财政局\n镇江市科技局"));
        assert_eq!(find("示例\n镇江市财政局", None), None);
        let broken = find("正文。 广西壮族自治区示例疫情 防控工作领导小组指挥部 2020年2月8日 扫一扫", None).unwrap();
        assert_eq!(broken.offices[0].name, "广西壮族自治区示例疫情防控工作领导小组指挥部");
        let unit = find("正文。\n重庆市示例委员会\n职称改革办公室\n2026年3月10日", None).unwrap();
        assert_eq!(unit.offices[0].name, "重庆市示例委员会职称改革办公室");
    }
}
