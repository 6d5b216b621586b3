//! The date of publication that a page shows, and the one in its address.

use std::sync::LazyLock;

use chrono::NaiveDate;
use regex::Regex;
use zhida_schemas::import_row::parse_date;

use super::body::Main;
use super::outline::{Line, Outline, Role};

/// Longest line that is taken for one with a date beside source and buttons, in characters.
const LONGEST: usize = 200;

/// How many lines before the text, and at its beginning, may hold the date without a label.
const NEAR: usize = 12;

static DATED: LazyLock<Regex> = LazyLock::new(|| {
    #[allow(clippy::expect_used)]
    Regex::new(r"(\d{4})\s*[-./年]\s*(\d{1,2})\s*[-./月]\s*(\d{1,2})").expect("a pattern that every run compiles")
});

static LABELLED: LazyLock<Regex> = LazyLock::new(|| {
    #[allow(clippy::expect_used)]
    Regex::new(r"(\p{Han}{0,4})\s*(时\s*间|日\s*期|于)\s*[:：\]】]?\s*(\d{4}\s*[-./年]\s*\d{1,2}\s*[-./月]\s*\d{1,2})")
        .expect("a pattern that every run compiles")
});

/// What stands before 时间 or 日期 where the day of publication is meant.
const OF_PUBLICATION: &[&str] =
    &["发布", "公开", "上传", "信息", "创建", "公布", "发表", "录入", "添加", "提交", "编辑", "刊发", "稿件", "文章"];

/// Of these, those that mean nothing else wherever they stand.
const CERTAIN: &[&str] = &["发布", "公开", "公布", "信息", "发表", "刊发", "上传"];

/// How the name of a source ends.
const OFFICE_ENDS: &[char] = &['局', '厅', '委', '部', '府', '办', '会', '室', '网', '社', '报', '院', '心', '台'];

/// The same where the page states no day of publication but one of its last change.
const OF_CHANGE: &[&str] = &["更新", "修改"];

/// The first date in a text.
pub(crate) fn first_date(text: &str) -> Option<NaiveDate> {
    DATED.captures_iter(text).take(10).find_map(|found| {
        let year: i32 = found[1].parse().ok()?;
        let day = NaiveDate::from_ymd_opt(year, found[2].parse().ok()?, found[3].parse().ok()?)?;
        (1949..=2100).contains(&year).then_some(day)
    })
}

/// The date of publication as the page shows it around the text: behind a label, else alone or beside source and
/// buttons above the text. Dates of other meaning (施行, 成文) and of linked documents are none.
pub fn on_page(outline: &Outline<'_>, main: &Main<'_>) -> Option<NaiveDate> {
    let (from, to) = outline.items.get(main.item).map(|item| item.lines)?;
    let is_whole = from == 0 && to == outline.lines.len();
    let begin = if is_whole { NEAR * 3 } else { outline.first_prose(main.item).min(from + NEAR) };
    let before = || outline.lines.iter().take(begin).rev().take(200);
    let inside = || outline.lines_of(main.item).iter().take(NEAR);
    let behind = || outline.lines.iter().skip(to).take(100);
    let shown = |line: &&Line| line.linked * 2 <= line.chars && line.chars <= LONGEST;
    let head = || before().filter(shown);
    head()
        .find_map(|line| labelled(&line.text, OF_PUBLICATION, true))
        // in the text and below it other days have such labels too: 提交时间, 更新日期 of the site
        .or_else(|| inside().chain(behind()).filter(shown).find_map(|line| labelled(&line.text, CERTAIN, false)))
        .or_else(|| head().find_map(|line| labelled(&line.text, OF_CHANGE, false)))
        .or_else(|| {
            let by_name = outline.items.iter().filter(|item| {
                item.lines.0 < begin.max(1)
                    && (item.role == Role::Date || item.name == "time")
                    && item.chars <= LONGEST
                    && item.chars >= 8
                    && item.linked * 2 <= item.chars
            });
            by_name.rev().take(40).find_map(|item| alone(&super::clean(&super::text_of(item.at))))
        })
        .or_else(|| before().take(NEAR).filter(shown).find_map(|line| alone(&line.text)))
}

/// Names of variables and members that hold the day of publication.
static IN_SCRIPT: LazyLock<Regex> = LazyLock::new(|| {
    #[allow(clippy::expect_used)]
    Regex::new(
        r#"(?i)\b(?:date_?published|publish(?:ed)?_?(?:time|date)|pub_?(?:time|date)|create_?time)["']?\s*[:=]\s*["'](\d{4}[-/.年]\d{1,2}[-/.月]\d{1,2})"#,
    )
    .expect("a pattern that every run compiles")
});

/// The day that the page's scripts and structured data call that of publication, when they name one only: those of a list
/// name many.
pub fn in_scripts(markup: &str) -> Option<NaiveDate> {
    let mut days = IN_SCRIPT.captures_iter(markup).take(20).filter_map(|found| first_date(&found[1]));
    let day = days.next()?;
    days.all(|other| other == day).then_some(day)
}

/// The date behind a label with one of these words, or behind 时间 and 日期 without any when that is `enough`.
fn labelled(text: &str, words: &[&str], enough: bool) -> Option<NaiveDate> {
    LABELLED.captures_iter(text).find_map(|found| {
        let before = &found[1];
        let meant = words.iter().any(|word| before.ends_with(word)) // the source before it, without a space where its element ended
            || enough && &found[2] != "于" && (before.is_empty() || before.ends_with(OFFICE_ENDS));
        if meant { first_date(&found[3]) } else { None }
    })
}

/// A date without a label of another meaning before it.
fn alone(text: &str) -> Option<NaiveDate> {
    let found = DATED.find(text)?;
    let before = text[..found.start()].trim_end().trim_end_matches(['：', ':', ']', '】']).trim_end();
    let label = before.trim_end_matches(['时', '间', '日', '期']);
    let labelled = label.len() < before.len() && label.ends_with(|c: char| c.is_alphanumeric());
    let other =
        labelled && !OF_PUBLICATION.iter().chain(OF_CHANGE).any(|word| label.ends_with(word)) || before.ends_with('自');
    // a sentence, or a span of time
    let behind = text[found.end()..].trim_start_matches('日').trim_start();
    let sentence = text.contains(['。', '；']) || behind.starts_with(['至', '-', '—', '~', '前', '起', '施']);
    if other || sentence { None } else { first_date(found.as_str()) }
}

/// `…/202604/t20260402_123.html`, `…/2020-04/02/content_1.htm`, `…/art/2026/4/2/art_1_2.html`.
pub fn in_url(url: &str) -> Option<NaiveDate> {
    let path = url.split_once("://").map_or(url, |(_, rest)| rest);
    if let Some(at) = path.find("/t20") {
        let digits: String = path[at + 2..].chars().take_while(char::is_ascii_digit).collect();
        if digits.len() == 8 {
            return parse_date(&digits);
        }
    }
    let mut parts: Vec<u32> = Vec::new();
    for part in path.split(['/', '-']).take(40) {
        match part.parse() {
            Ok(number) => {
                parts.push(number);
                if let [.., year, month, day] = parts.as_slice()
                    && (1990..=2100).contains(year)
                {
                    return NaiveDate::from_ymd_opt(*year as i32, *month, *day);
                }
            }
            Err(_) => parts.clear(),
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_in_addresses() {
        for (url, date) in [
            ("https://x.gov.cn/zw/202604/t20260402_12.html", "2026-04-02"),
            ("http://www.gov.cn/zhengce/2020-04/02/content_1.htm", "2020-04-02"),
            ("https://x.gov.cn/art/2026/4/2/art_1_2.html", "2026-04-02"),
        ] {
            assert_eq!(in_url(url).map(|date| date.to_string()).as_deref(), Some(date), "{url}");
        }
        assert_eq!(in_url("https://x.gov.cn/content/post_123.html"), None);
    }

    #[test]
    fn dates_in_scripts() {
        for (script, date) in [
            ("var ct = 1; var createTime = '2026-03-10 10:00';", Some("2026-03-10")),
            ("{\"@type\":\"NewsArticle\",\"datePublished\": \"2026-03-10T09:00:00+08:00\"}", Some("2026-03-10")),
            ("[{\"pubDate\":\"2026-03-10\"},{\"pubDate\":\"2026-03-11\"}]", None),
            ("var updateTime = '2026-03-10'", None),
        ] {
            assert_eq!(in_scripts(script).map(|date| date.to_string()).as_deref(), date, "{script}");
        }
    }

    #[test]
    fn dates_of_other_meaning_are_none() {
        for (line, date) in [
            ("发布时间：2026-01-05 10:00 来源：示例局", Some("2026-01-05")),
            ("信息来源：示例局 发布日期: 2026年1月5日 浏览：3", Some("2026-01-05")),
            ("时间：2026-01-05", Some("2026-01-05")),
            ("实施日期：2026年06月01日", None),
            ("成文日期：2026-01-04", None),
        ] {
            assert_eq!(labelled(line, OF_PUBLICATION, true).map(|date| date.to_string()).as_deref(), date, "{line}");
            assert_eq!(alone(line).map(|date| date.to_string()).as_deref(), date, "{line}");
        }
        assert_eq!(alone("2026-01-05 10:00 示例局").map(|date| date.to_string()).as_deref(), Some("2026-01-05"));
        assert_eq!(alone("2026年1月5日至2月1日"), None);
    }
}
