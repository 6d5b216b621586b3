//! The document's own 发文字号, told from the numbers that it cites.

use std::sync::LazyLock;

use regex::Regex;
use zhida_schemas::doc_number::{self, DocNumber};

use super::head;

/// How far from the beginning the own number is looked for, in characters.
const HEAD: usize = 1_200;

/// Longest title that is looked through, in characters.
const TITLE: usize = 500;

/// `渝财产业〔2024〕173号.docx` at the end of a page: the linked file is the document itself.
static FILE_NAME: LazyLock<Regex> =
    LazyLock::new(|| super::regex(r"(?m)^\s*(\S{2,30}号)\.(?:docx?|pdf|wps|ofd|et|xlsx?)\s*$"));

/// The document's own number in title or text, as written: in the title, alone on a line near the beginning, behind
/// the title, in brackets with the date, or as the name of the only file at the end.
pub fn own_number(title: &str, body: &str) -> Option<String> {
    let head = head(body, HEAD);
    in_title(super::head(title, TITLE))
        .or_else(|| in_head(title, head))
        .or_else(|| file_at_end(body))
        .map(|number| number.trim().to_owned())
}

fn in_title(title: &str) -> Option<&str> {
    let found = doc_number::find_all(title);
    if let Some((range, _)) = found.last()
        && title[range.end..].trim_matches(['）', ')', ' ', '》']).is_empty()
        && !title.contains('《')
    {
        return Some(&title[range.clone()]);
    }
    // 示例发〔2026〕1号-关于…的通知, 某部公告2026年第1号（关于…的公告）
    let (range, _) = found.first()?;
    let behind = &title[range.end..];
    let stands_alone = behind.starts_with(['-', '—', '（', '(', '_', ' ', '\u{3000}', '：', ':', '关']);
    (range.start == 0 && stands_alone).then(|| &title[range.clone()])
}

fn in_head<'a>(title: &str, head: &'a str) -> Option<&'a str> {
    let mut seen = 0;
    for line in head.lines().map(str::trim).filter(|line| !line.is_empty()).take(15) {
        let bare = line.trim_matches(['（', '）', '(', ')', ' ', '\u{3000}']);
        if DocNumber::parse(bare).is_some_and(|number| number.order || number.year.is_some() && !bare.contains("年")) {
            return Some(bare);
        }
        let found = doc_number::find_all(line);
        if let Some((range, _)) = found.first() {
            // the number with little around it; a citation stands in a sentence
            let (before, number, behind) = (&line[..range.start], &line[range.clone()], &line[range.end..]);
            let around = before.chars().count() + behind.chars().count();
            let alone = found.len() == 1
                && !behind.starts_with('.')
                && (around <= 4 || before.trim_end().ends_with(['号', '：', ':']) && around < 12);
            let heads_text = seen == 0 && range.start == 0 && !behind.starts_with(['）', ')', '文', '、', '和']);
            if alone || heads_text || behind_title(title, before) || behind_heading(before, behind) {
                return Some(number);
            }
            // （示例发〔2026〕1号　2026年1月5日）
            let dated = behind.trim_matches(['）', ')', ' ', '\u{3000}', '，', ',']);
            if matches!(before.trim(), "（" | "(") && super::dates::is_date(dated) {
                return Some(number);
            }
            // 文号：示例发〔2026〕1号 成文日期：…
            let labels = crate::extract::labels::pairs(line);
            if let Some((_, value)) = labels.iter().find(|(field, _)| *field == "doc_number")
                && DocNumber::parse(value).is_some()
            {
                return Some(value);
            }
        }
        seen += line.chars().count();
        if seen > 600 {
            break;
        }
    }
    None
}

/// Whether what stands before a number ends with the title, spaces left out.
fn behind_title(title: &str, before: &str) -> bool {
    let squeezed = |text: &str| text.chars().filter(|c| !c.is_whitespace()).collect::<String>();
    let title = squeezed(title);
    !title.is_empty() && squeezed(before).ends_with(&title)
}

/// Text on one line: a heading without any stop, the number, and a space before the addressee.
fn behind_heading(before: &str, behind: &str) -> bool {
    let heading = before.trim_end();
    heading.ends_with(['知', '见', '定', '告', '复', '函', '法', '则', '案', '报'])
        && heading.contains("关于")
        && !heading.contains(['。', '；', '：', '，', '“'])
        && heading.matches('《').count() == heading.matches('》').count()
        && behind.starts_with(char::is_whitespace)
}

fn file_at_end(body: &str) -> Option<&str> {
    let tail = super::tail(body, 400);
    let mut names = FILE_NAME.captures_iter(tail).filter_map(|found| found.get(1)).map(|name| name.as_str());
    let name = names.next().filter(|name| DocNumber::parse(name).is_some());
    name.filter(|_| names.next().is_none())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn own_numbers() {
        for (title, body, number) in [
            ("关于示例的通知", "示例发〔2026〕1号\n各单位：\n根据示例办〔2025〕3号", Some("示例发〔2026〕1号")),
            (
                "关于示例的通知",
                "关于示例的通知 示例发〔2026〕1号 各单位： 根据示例办〔2025〕3号文",
                Some("示例发〔2026〕1号"),
            ),
            (
                "关于示例的通知",
                "关于示例的通知示例发〔2026〕1号 各单位： 根据示例办〔2025〕3号文",
                Some("示例发〔2026〕1号"),
            ),
            ("示例", "关于某项工作的通知 示例发〔2026〕1号 各单位：", Some("示例发〔2026〕1号")),
            ("关于示例的通知", "（示例发[2026]1号　2026年1月5日）\n各单位：", Some("示例发[2026]1号")),
            ("示例发〔2026〕1号-关于印发《示例》的通知", "各单位：", Some("示例发〔2026〕1号")),
            ("海关总署公告2026年第8号（关于示例的公告）", "根据海关总署令第1号", Some("海关总署公告2026年第8号")),
            ("关于示例的通知", "各单位：\n正文。\n示例发〔2026〕1号.docx", Some("示例发〔2026〕1号")),
            ("关于示例的通知", "各单位：\n正文。\n示例发〔2026〕1号.docx\n示例发〔2026〕2号.pdf", None),
            ("关于示例的通知", "各单位：\n根据《示例》（示例发〔2026〕1号）", None),
            ("关于示例的通知", "根据《关于示例的通知》（示例发〔2026〕1号） 各单位", None),
            ("关于转发《示例》（示例发〔2026〕1号）的通知", "各单位：", None),
            ("示例", "文 号：示例发〔2026〕1号 发布日期：2026-01-05", Some("示例发〔2026〕1号")),
            ("", "", None),
        ] {
            assert_eq!(own_number(title, body).as_deref(), number, "{title} {body}");
        }
    }
}
