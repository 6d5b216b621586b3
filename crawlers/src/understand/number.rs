//! The document's own 发文字号, told from the numbers that it cites.

use std::sync::LazyLock;

use regex::Regex;
use zhida_schemas::doc_number::{self, DocNumber};
use zhida_schemas::kind;

use super::{dates, head};

/// Words of a sentence, which no number holds: 近日，我市印发示例发〔2026〕1号文件.
static SENTENCE: LazyLock<Regex> = LazyLock::new(|| {
    super::regex(concat!(
        r"[，。；！？,;]|近日|日前|近期|[我全本][省市区县]|印发|出台|现[对将就]|贯彻|落实|根据|按照|依据|遵照|参照|执行|学习",
        r"|转发|解读|废止|修改|未[按经在对将列纳作]|不再|以及|关于",
    ))
});

/// What goes on behind a number that a sentence begins with: 示例发〔2026〕1号解读如下.
static GOES_ON: LazyLock<Regex> = LazyLock::new(|| {
    super::regex(r"^(?:的|是|解读|已|未|不|自|规定|印发后|出台|实施|施行|发布后|中|所|同时|等|以|与|对|第|继续|有效)")
});

/// What a page writes beside the number below a title: 发布日期：2026-09-03, 来源：市政府办.
static BESIDE: LazyLock<Regex> = LazyLock::new(|| {
    super::regex(concat!(
        r"^(?:[\s\u{3000}|｜]*(?:(?:发布|成文|印发|公布|发文|生成|签发)?(?:日期|时间)|(?:信息|文章|稿件)?来源|(?:发布|发文|制发)(?:机构|机关|单位)",
        r"|索引号|主题分类|浏览(?:次数|量)?|点击(?:数|量|率)?|阅读(?:次数|量)?|作者|编辑|责任编辑|字体|字号|(?:发文|文件)?字号|文号|发布文号)",
        r"[：:][\s\u{3000}]{0,3}[^\s\u{3000}，。；：:《]{0,40}(?:[\s\u{3000}]\d{1,2}:\d{2}(?::\d{2})?)?",
        r"|[\s\u{3000}|｜]*\d{4}[-年/.]\d{1,2}[-月/.]\d{1,2}日?)+[\s\u{3000}|｜]*$",
    ))
});

/// How far from the beginning the own number is looked for, in characters.
const HEAD: usize = 1_200;

/// How far from the beginning the note below a title is looked for, in characters.
const NOTE: usize = 300;

static NOTED: LazyLock<Regex> = LazyLock::new(|| {
    super::regex(&format!(
        concat!(
            r"(?m)(?:^|[（(])[ \u{{3000}}]*{}[ \u{{3000}}]*(?:以)?",
            r"(?P<number>[\p{{Han}}、 ]{{2,30}}?(?:第[0-9一二三四五六七八九十百零〇]{{1,6}}号|[〔\[［]\d{{4}}[〕\]］]\d{{1,4}}号))",
            r"(?:发布|公布|颁布|[ \u{{3000}}]*$)"
        ),
        dates::DATE
    ))
});

/// Longest title that is looked through, in characters.
const TITLE: usize = 500;

/// `渝财产业〔2024〕173号.docx` at the end of a page: the linked file is the document itself.
static FILE_NAME: LazyLock<Regex> =
    LazyLock::new(|| super::regex(r"(?m)^\s*(\S{2,30}号)\.(?:docx?|pdf|wps|ofd|et|xlsx?)\s*$"));

/// The document's own number in title or text, as written: in the title, alone on a line near the beginning, behind
/// the title, in brackets with the date, or as the name of the only file at the end.
pub fn own_number(title: &str, body: &str) -> Option<String> {
    // a reading of a document has no number of its own
    if kind::of_title(title) == Some("解读") {
        return None;
    }
    in_title(head(title, TITLE))
        .or_else(|| in_head(head(title, TITLE), head(body, HEAD)))
        .or_else(|| in_note(head(body, NOTE)))
        .or_else(|| file_at_end(body))
        // 关于…的公告（第350号）: the number alone says nothing
        .filter(|number| !number.contains("关于"))
        .map(|number| number.trim().to_owned())
}

/// （1994年10月13日示政发〔1994〕115号发布　根据…修正）, or a line of day and number, below the title of a regulation.
fn in_note(begin: &str) -> Option<&str> {
    let found = NOTED.captures(begin)?;
    let number = found.name("number")?.as_str();
    DocNumber::parse(number).is_some().then_some(number)
}

fn in_title(title: &str) -> Option<&str> {
    // the title of an order may be its number: 某省某指挥部令（第1号）
    if DocNumber::parse(title).is_some_and(|number| number.order) && title.chars().count() <= 60 {
        return Some(title);
    }
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

fn in_head<'a>(title: &str, begin: &'a str) -> Option<&'a str> {
    let mut seen = 0;
    for line in begin.lines().map(str::trim).filter(|line| !line.is_empty()).take(15) {
        let bare = line.trim_matches(['（', '）', '(', ')', ' ', '\u{3000}']);
        if DocNumber::parse(bare).is_some_and(|number| number.order || number.year.is_some() && !bare.contains("年")) {
            let number = without_heading(bare);
            if !is_sentence(number) {
                return Some(number);
            }
        }
        // the title repeated, with the number glued to it
        if seen == 0
            && let Some(rest) = behind(title, line)
            && let Some((range, _)) = doc_number::find_all(head(rest, 80)).first()
            && range.start <= '（'.len_utf8()
            && rest[..range.start].chars().all(|c| "（( \u{3000}".contains(c))
        {
            return Some(&rest[range.clone()]);
        }
        let found = doc_number::find_all(line);
        if let Some((range, _)) = found.first() {
            // the number with little around it; a citation stands in a sentence
            let (before, number, behind) = (&line[..range.start], &line[range.clone()], &line[range.end..]);
            let around = before.chars().count() + behind.chars().count();
            let in_sentence = is_sentence(number) || GOES_ON.is_match(behind.trim_start());
            let alone = found.len() == 1
                && !in_sentence
                && !is_sentence(before)
                && !behind.starts_with('.')
                && (around <= 4 || before.trim_end().ends_with(['号', '：', ':']) && around < 12);
            let beside = |words: &str| words.trim().is_empty() || BESIDE.is_match(words);
            let labelled = found.len() == 1 && !in_sentence && beside(before) && beside(behind);
            let heads_text =
                seen == 0 && range.start == 0 && !in_sentence && !behind.starts_with(['）', ')', '文', '、', '和']);
            if alone || labelled || heads_text || behind_title(title, before) || behind_heading(before, behind) {
                return Some(number);
            }
            // （示例发〔2026〕1号　2026年1月5日）
            let dated = behind.trim_matches(['）', ')', ' ', '\u{3000}', '，', ',']);
            if matches!(before.trim(), "（" | "(") && dates::is_date(dated) {
                return Some(number);
            }
            // （1989年7月24日　某省人民政府令第9号）
            let dated = before.trim_matches(['（', '(', ' ', '\u{3000}', '，', ',']);
            if matches!(behind.trim(), "）" | ")") && before.starts_with(['（', '(']) && dates::is_date(dated) {
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

/// Whether what was read as a number is, or begins with, words of a sentence.
fn is_sentence(number: &str) -> bool {
    // 示例局公告2026年第1号，… of an order may name several offices: 财政部，税务总局公告
    let code = number.split(|c: char| c.is_ascii_digit() || "〔［[（(【".contains(c)).next().unwrap_or_default();
    SENTENCE.find(code).is_some_and(|found| !(found.as_str() == "，" && number.contains("公告")))
        || number.contains(['。', '；'])
}

/// A line that is a heading and the number behind it: the number.
fn without_heading(line: &str) -> &str {
    match doc_number::find_all(line).last() {
        Some((range, _)) if range.end == line.len() && (line[..range.start].contains("关于") || line.len() > 120) => {
            &line[range.clone()]
        }
        _ => line,
    }
}

/// What stands behind the title at the beginning of a line, spaces left out in both.
fn behind<'a>(title: &str, line: &'a str) -> Option<&'a str> {
    let mut wanted = title.chars().filter(|c| !c.is_whitespace()).peekable();
    wanted.peek()?;
    for (at, c) in line.char_indices() {
        match wanted.peek() {
            None => return Some(&line[at..]),
            Some(_) if c.is_whitespace() => {}
            Some(next) if *next == c => {
                wanted.next();
            }
            Some(_) => return None,
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
            ("示例办法", "示例办法\n（2026年1月5日　四川省人民政府令第9号）\n第一条", Some("四川省人民政府令第9号")),
            ("关于示例的函", "关于示例的函示例办函〔2026〕52号市教委：你委请示收悉", Some("示例办函〔2026〕52号")),
            ("示例意见", "示例市住建局等七部门关于示例的若干意见示建规[2026]4号\n各单位", Some("示建规[2026]4号")),
            ("示例", "关于示例的通知 示例管规发〔2026〕4号\n各单位", Some("示例管规发〔2026〕4号")),
            ("示例省感染的示例应急指挥部令（第1号）", "各市：", Some("示例省感染的示例应急指挥部令（第1号）")),
            (
                "示例意见",
                "【发文单位】 国家税务总局 【发布文号】 税总发〔2026〕11号 【发文日期】 2026-02-27",
                Some("税总发〔2026〕11号"),
            ),
            ("关于示例事项的公告(第350号)", "现公告如下", None),
            (
                "示例条例",
                "（1994年10月13日示政发〔1994〕115号发布　根据2010年11月29日示例省人民政府令第228号修正）\n第一条",
                Some("示政发〔1994〕115号"),
            ),
            (
                "示例条例",
                "1997年7月31日中华人民共和国国务院令第226号\n第一章 总则",
                Some("中华人民共和国国务院令第226号"),
            ),
            ("示例条例", "（2010年11月29日示例省第十一届人民代表大会常务委员会通过）\n第一条", None),
            // a sentence is no number
            ("示例市出台新政", "近日，我市印发示政规〔2026〕1号文件。", None),
            ("关于示例的说明", "现对示政规〔2026〕1号解读如下。", None),
            ("关于示例的说明", "示政规〔2026〕1号解读如下。", None),
            ("关于示例的通知", "贯彻示政规〔2026〕1号。", None),
            ("关于示例的通知", "未列入示政规〔2026〕1号的\n各单位：", None),
            ("《示例办法》政策解读", "示政规〔2026〕1号\n一、背景", None),
            // beside the day and the source
            (
                "关于示例的通知",
                "关于示例的通知\n示政发〔2026〕9号　　发布日期：2026-09-03\n各单位：",
                Some("示政发〔2026〕9号"),
            ),
            ("关于示例的通知", "关于示例的通知\n示政发〔2026〕9号 来源：市政府办\n各单位：", Some("示政发〔2026〕9号")),
            (
                "关于示例的通知",
                "关于示例的通知\n发布日期：2026-05-06 示政发〔2026〕9号\n各单位：",
                Some("示政发〔2026〕9号"),
            ),
            (
                "关于示例的通知",
                "关于示例的通知\n发布时间：2026-05-06 10:30 来源：市政府办 示政发〔2026〕9号 浏览次数：12\n各单位：",
                Some("示政发〔2026〕9号"),
            ),
            ("", "", None),
        ] {
            assert_eq!(own_number(title, body).as_deref(), number, "{title} {body}");
        }
    }
}
