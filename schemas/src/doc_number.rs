//! 发文字号: `机关代字〔年份〕序号号`, and orders and announcements (`…令第716号`, `…公告2023年第7号`), in every bracket
//! and width that real pages use.

use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

use crate::issuer;

/// A document number taken apart.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct DocNumber {
    /// 机关代字 (`国办发`) or, for orders and announcements, the issuing words (`财政部 税务总局公告`, `国务院令`), where
    /// 中华人民共和国 is left out and 国令 and 省政府令 are written out.
    pub issuer_code: String,
    /// Four digits; `None` for orders that carry no year (主席令第二十三号).
    pub year: Option<u16>,
    /// Serial as digits, without 第 and 号; `11-13` for a range.
    pub serial: String,
    /// Whether it is written `…公告2023年第7号` or `…令第716号` rather than with brackets.
    pub order: bool,
}

/// What an index files a number under, see [`DocNumber::parts`].
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Parts {
    /// Issuer's code without spaces and separators: `国办发`, `财政部税务总局公告`.
    pub code: String,
    /// Four digits.
    pub year: Option<u16>,
    /// Serial as digits.
    pub serial: String,
    /// Code, year and serial with nothing between them: `国办发201747`, `国务院令716`. A user's `国办发2017` is its
    /// beginning.
    pub compact: String,
}

/// Brackets that stand around the year on real pages; all are read as 〔 〕.
const OPENING: &str = "〔［[（(【〖﹝{｛「<＜〈";
const CLOSING: &str = "〕］]）)】〗﹞}｝」>＞〉";

/// Longest text that is read as one number, in characters.
const LONGEST: usize = 120;

/// Longest issuer's code in a running text, in characters.
const LONGEST_CODE: usize = 24;

/// Most offices of a joint issue that are looked for before an announcement's number.
const MOST_OFFICES: usize = 20;

/// What the issuing words of an order end with.
const ORDERS: &[&str] = &["令", "公告", "通告", "公报", "决定", "决议"];

// The patterns of `parse` read folded text: half-width digits, 〔 〕, no spaces.
const YEAR: &str = r"(?:19|20)\d{2}|[一二][九〇○零Ｏ][一二三四五六七八九〇○零]{2}";
const SERIAL: &str = r"\d{1,6}(?:[-—–~～至之]\d{1,5})?|[一二三四五六七八九十百千零〇○两]{1,9}";

static BRACKETED: LazyLock<Regex> = LazyLock::new(|| {
    // a bracket may be missing, doubled or empty: [20151号, 〔2015〕]36号, []2015]348号
    regex(&format!(
        r"^(.{{1,60}}?)〔{{1,2}}〕?({YEAR}|[5-9]\d)年?〔?〕{{0,2}}年?(?:第|号)?({SERIAL})号{{0,2}}(?:文件?)?(?:〔〕)?$"
    ))
});
static SESSION: LazyLock<Regex> = LazyLock::new(|| {
    regex(&format!(r"^(.{{1,60}}?)〔第?(\d{{1,2}}|[一二三四五六七八九十]{{1,3}})届〕第?({SERIAL})号$"))
});
static ORDER: LazyLock<Regex> = LazyLock::new(|| {
    regex(&format!(
        r"^(.{{0,80}}?(?:令|公告|通告|公报|决定|决议))〔?(?:({YEAR})年?)?〕?年?第?〔?({SERIAL})〕?号〔?〕?$"
    ))
});
static ORDER_BEHIND: LazyLock<Regex> =
    LazyLock::new(|| regex(&format!(r"^(.{{0,80}}?)(?:({YEAR})年)?第?〔?({SERIAL})〕?号(令|公告|通告|决定)$")));
static OF_OFFICE: LazyLock<Regex> =
    LazyLock::new(|| regex(&format!(r"^(.{{2,80}}?)〔?({YEAR})年?〕?年?第({SERIAL})号$")));
static BARE: LazyLock<Regex> =
    LazyLock::new(|| regex(r"^([\p{Han}A-Za-z·]{1,20}?)((?:19|20)\d{2})(?:年第?|第|-)?(\d{1,5})号?$"));

// The patterns of `find_all` read raw text and begin where the issuer's code ends.
static IN_BRACKETS: LazyLock<Regex> = LazyLock::new(|| {
    regex(concat!(
        r"[〔［\[（(【〖﹝]\s{0,2}([12１２][90０９][0-9０-９]{2})\s{0,2}年?\s{0,2}[〕］\]）)】〗﹞]\s{0,2}第?\s{0,2}",
        r"([0-9０-９]{1,6}(?:\s{0,2}(?:[-—–~～至、,，和及]|号、|号和|号至)\s{0,2}[0-9０-９]{1,6}){0,20})\s{0,2}号",
    ))
});
static IN_WORDS: LazyLock<Regex> = LazyLock::new(|| {
    regex(concat!(
        r"(令|公告|通告|公报|决定|决议)\s{0,2}[〔［\[（(【]?(?:([12１２][90０９][0-9０-９]{2})\s{0,2}年?)?[〕］\]）)】]?\s{0,2}",
        r"第\s{0,2}([0-9０-９]{1,5}|[一二三四五六七八九十百千零〇○]{1,9})\s{0,2}号",
        r"|(?:([12１２][90０９][0-9０-９]{2})\s{0,2}年\s{0,2})?第\s{0,2}([0-9０-９]{1,5})\s{0,2}号(令|公告|通告)",
    ))
});

fn regex(pattern: &str) -> Regex {
    #[allow(clippy::expect_used)]
    Regex::new(pattern).expect("a pattern that a test compiles")
}

impl DocNumber {
    /// Reads one number that fills the whole text. What pages and users add or leave out is no matter: a label
    /// (`发文字号：`), 号, brackets (`国发2023 11号`), 第, leading zeros, a bracket around the whole.
    pub fn parse(text: &str) -> Option<Self> {
        if text.chars().count() > LONGEST {
            return None;
        }
        let spaced = fold(text);
        let spaced = behind_label(&spaced).unwrap_or(&spaced);
        let spaced = spaced.trim_matches(|c: char| !c.is_alphanumeric() && !"〔〕".contains(c));
        let folded: String = spaced.chars().filter(|c| *c != ' ').collect();
        // 〔粤林〔2015〕139号〕
        let folded = folded
            .strip_prefix('〔')
            .and_then(|inner| inner.strip_suffix('〕').or_else(|| Some(inner).filter(|inner| inner.ends_with('号'))))
            .filter(|inner| is_code(inner.split('〔').next().unwrap_or_default()))
            .unwrap_or(&folded);
        if let Some(found) = BRACKETED.captures(folded)
            && is_code(&found[1])
        {
            let (year, serial) = (year(&found[2])?, serial(&found[3])?);
            if ORDERS.iter().any(|word| found[1].ends_with(word)) {
                return Some(Self::of_order(spaced, &found[1], "", Some(year), serial));
            }
            return Some(Self { issuer_code: found[1].to_owned(), year: Some(year), serial, order: false });
        }
        if let Some(found) = SESSION.captures(folded)
            && is_code(&found[1])
        {
            let session = format!("〔{}届〕", number_in_words(&found[2])?);
            return Some(Self::of_order(spaced, &found[1], &session, None, serial(&found[3])?));
        }
        if let Some(found) = ORDER.captures(folded)
            && is_issuing(&found[1])
        {
            let year = found.get(2).and_then(|text| year(text.as_str()));
            return Some(Self::of_order(spaced, &found[1], "", year, serial(&found[3])?));
        }
        if let Some(found) = ORDER_BEHIND.captures(folded)
            && (is_issuing(&found[1]) || found[1].is_empty() && found.get(2).is_some())
        {
            let year = found.get(2).and_then(|text| year(text.as_str()));
            return Some(Self::of_order(spaced, &found[1], &found[4], year, serial(&found[3])?));
        }
        if let Some(found) = OF_OFFICE.captures(folded)
            && is_issuing(&found[1])
            && found[1].split(['、', '，', ',']).all(|office| issuer::parse(office, None).is_some())
        {
            return Some(Self::of_order(spaced, &found[1], "", year(&found[2]), serial(&found[3])?));
        }
        // 国发2023 11号: the space, a hyphen or the 号 tells the year from the serial
        let separated = spaced.contains([' ', '-']) || folded.ends_with('号');
        let found = BARE.captures(folded).filter(|_| separated)?;
        let code = &found[1];
        (is_code(code) && code.chars().count() <= 12).then(|| Self {
            issuer_code: code.to_owned(),
            year: found[2].parse().ok(),
            serial: trim_zeros(&found[3]),
            order: false,
        })
    }

    fn of_order(spaced: &str, code: &str, behind: &str, year: Option<u16>, serial: String) -> Self {
        let mut issuer_code = as_written(spaced, code);
        for prefix in ["中华人民共和国", "共和国"] {
            if let Some(rest) = issuer_code.strip_prefix(prefix) {
                issuer_code = rest.trim_start().to_owned();
            }
        }
        issuer_code.push_str(behind);
        if issuer_code == "国令" {
            issuer_code = "国务院令".to_owned();
        }
        if let Some(place) = issuer_code.strip_suffix("政府令")
            && !place.ends_with("人民")
        {
            issuer_code = format!("{place}人民政府令");
        }
        Self { issuer_code, year, serial, order: true }
    }

    /// The form for identity and exact search: `国办发〔2017〕47号`, half-width digits, no spaces. It reads back as
    /// the same number.
    pub fn key(&self) -> String {
        let code = self.bare_code();
        match (self.order, self.year) {
            (false, Some(year)) => format!("{code}〔{year}〕{}号", self.serial),
            (_, Some(year)) => format!("{code}{year}年第{}号", self.serial),
            (_, None) => format!("{code}第{}号", self.serial),
        }
    }

    /// The parts for an index in which a user finds a number by a part of it: the code alone (`国办发`), code and year
    /// (`国办发 2017`), year and serial, or all of it typed together.
    pub fn parts(&self) -> Parts {
        let code = self.bare_code();
        let year = self.year.map(|year| year.to_string()).unwrap_or_default();
        let compact = format!("{code}{year}{}", self.serial);
        Parts { code, year: self.year, serial: self.serial.clone(), compact }
    }

    fn bare_code(&self) -> String {
        self.issuer_code.chars().filter(|c| !c.is_whitespace() && !"、，,；;".contains(*c)).collect()
    }
}

/// What stands behind a label: a cell may repeat its own, 发文字号：渝府发〔2023〕15号.
fn behind_label(text: &str) -> Option<&str> {
    let (label, rest) = text.split_once(['：', ':'])?;
    label.trim_end().ends_with('号').then_some(rest)
}

/// A number as written, without the label before it; text in which no number follows a label stays as it is.
pub fn without_label(text: &str) -> &str {
    behind_label(text).map(str::trim).filter(|rest| DocNumber::parse(rest).is_some()).unwrap_or(text)
}

/// The key of a number as written; text that cannot be read as a number is only folded (width, brackets, spaces).
pub fn key(text: &str) -> String {
    let folded = || fold(text).chars().filter(|c| *c != ' ').collect();
    DocNumber::parse(text).map_or_else(folded, |number| number.key())
}

/// Every complete document number in a running text, with its byte range, in order. Of a list (财税〔2018〕54、55号)
/// each number is given; the ranges of the later ones hold their serial only.
pub fn find_all(text: &str) -> Vec<(Range<usize>, DocNumber)> {
    let mut all = Vec::new();
    for found in IN_BRACKETS.captures_iter(text) {
        let (Some(whole), Some(serials)) = (found.get(0), found.get(2)) else { continue };
        let start = code_before(text, whole.start());
        let code = fold(&text[start..whole.start()]);
        if code.chars().count() < 2 || !is_code(&code.replace(' ', "")) {
            continue;
        }
        let year = &found[1];
        for (at, serial) in listed(serials.as_str()) {
            let range = if at == 0 { start } else { serials.start() + at }..serials.start() + at + serial.len();
            if let Some(number) = DocNumber::parse(&format!("{code}〔{year}〕{serial}号")) {
                all.push((range, number));
            }
        }
        if let Some((last, _)) = all.last_mut()
            && last.end == serials.end()
        {
            last.end = whole.end();
        }
    }
    for found in IN_WORDS.captures_iter(text) {
        let Some(whole) = found.get(0) else { continue };
        let start = offices_before(text, whole.start());
        let has_year = found.get(2).or(found.get(4)).is_some();
        let words = text[start..whole.start()].trim_end().trim_start_matches("中华人民共和国");
        let issuing = ["主席", "国", "省政府", "市政府", "省", "市"].contains(&words)
            || issuer::parse(words.rsplit(['、', ' ', '\u{3000}']).next().unwrap_or_default(), None).is_some()
            || words.is_empty() && has_year && opens_line(text, start);
        if issuing && let Some(number) = DocNumber::parse(&text[start..whole.end()]) {
            all.push((start..whole.end(), number));
        }
    }
    all.sort_by_key(|(range, _)| range.start);
    all
}

/// The serials of `54、55` or `11-13`, with their byte offset.
fn listed(serials: &str) -> Vec<(usize, &str)> {
    let mut list = Vec::new();
    let mut at = 0;
    for part in serials.split(['、', ',', '，', '和', '及']) {
        let skipped = part.len() - part.trim_start().len();
        let serial = part.trim().trim_end_matches('号');
        if !serial.is_empty() {
            list.push((at + skipped, serial));
        }
        // every separator but the comma is three bytes long
        at += part.len() + serials[at + part.len()..].chars().next().map_or(0, char::len_utf8);
    }
    list
}

/// Words that end something else when they stand before an issuer's code.
const WORDS_BEFORE: &[&str] = &[
    "根据", "按照", "依据", "依照", "遵照", "参照", "比照", "贯彻", "落实", "执行", "转发", "印发", "下发", "文件",
    "文号", "字号", "发文", "通知", "办法", "意见", "规定", "方案", "公告", "以及", "关于", "废止", "发布", "公布",
    "修订", "代替", "替代", "取代", "详见", "附件", "同时", "现行", "其中", "包括", "现将", "符合", "出台", "了",
    "兹将", "对照", "参见", "适用", "按", "据", "依", "的", "是", "在",
];

/// Characters that join or point, and that also begin codes (和县, 原阳, 即墨, 将乐, 经信): cut only behind something.
const JOINING: &str = "和与及或以由对从为见即原将经";

/// Where the issuer's code before a bracket begins.
fn code_before(text: &str, end: usize) -> usize {
    let before = text[..end].trim_end();
    if end - before.len() > 2 * '\u{3000}'.len_utf8() {
        return end;
    }
    let mut start = before.len();
    let mut chars = before.char_indices().rev().take(LONGEST_CODE).peekable();
    while let Some((at, c)) = chars.next() {
        if is_letter(c) && c != '号' {
            start = at;
        } else if CLOSING.contains(c) {
            // 沪水务[海洋]〔2015〕105号: a part of the office stands in brackets of its own
            let Some(open) = before[..at].char_indices().rev().take(6).find(|(_, c)| !is_letter(*c)) else { break };
            let inside = &before[open.0 + open.1.len_utf8()..at];
            let stands = OPENING.contains(open.1)
                && (2..=4).contains(&inside.chars().count())
                && !["试行", "修订", "暂行", "草案", "节选", "摘要"].contains(&inside)
                && before[..open.0].chars().next_back().is_some_and(is_letter);
            if !stands {
                break;
            }
            while chars.next_if(|(at, _)| *at >= open.0).is_some() {}
            start = open.0;
        } else {
            break;
        }
    }
    let start = cut_words(text, start, before.len());
    start + office_before_code(&before[start..])
}

/// Length of an office's whole name that stands before the code: 北京市财政局京民福发 → 北京市财政局.
fn office_before_code(run: &str) -> usize {
    let cuts = ["局", "厅", "委员会", "办公室", "政府"];
    let ends = cuts.iter().filter_map(|unit| run.rfind(unit).map(|at| at + unit.len()));
    ends.filter(|end| {
        let code = &run[*end..];
        (2..=10).contains(&code.chars().count())
            && !code.starts_with(['公', '令', '通', '办', '文', '函', '字', '发', '规', '党', '会', '决'])
            && issuer::parse(&run[..*end], None).is_some_and(|office| office.level.is_some())
    })
    .max()
    .unwrap_or_default()
}

/// The start of the code in `text[start..end]`, behind the words that do not belong to it.
fn cut_words(text: &str, mut start: usize, end: usize) -> usize {
    let mut behind_word = false;
    let run = &text[start..end];
    for word in WORDS_BEFORE {
        if let Some(at) = run.rfind(word) {
            let cut = at + word.len();
            // enough must be left for a code (…规定 may itself be its end)
            if run[cut..].chars().count() >= 2 && text.len() - run.len() + cut > 0 && cut + end - run.len() > start {
                start = end - run.len() + cut;
                behind_word = true;
            }
        }
    }
    while let Some(c) = text[start..end].chars().next() {
        // 2019年5月5日国务院令: the date ends here
        if "年月日".contains(c) && text[..start].trim_end().ends_with(|c: char| c.is_numeric()) {
            start += c.len_utf8();
            behind_word = true;
            continue;
        }
        let left = text[start + c.len_utf8()..end].chars().count();
        let opens = text[..start].chars().next_back().is_none_or(|c| OPENING.contains(c) || "\n\r：:、，".contains(c));
        if !JOINING.contains(c) || left < 2 || (opens && !behind_word && "和即原将经".contains(c)) {
            break;
        }
        start += c.len_utf8();
    }
    start
}

/// Where the issuing words of an order begin: the office, and before it the others of a joint issue.
fn offices_before(text: &str, end: usize) -> usize {
    let mut start = end;
    for nth in 0..MOST_OFFICES {
        let before = &text[..start];
        let gap = before.trim_end_matches([' ', '\u{3000}', '\u{a0}']);
        let separated = gap.strip_suffix('、').unwrap_or(gap);
        if nth > 0 && separated.len() == before.len() || before.len() - separated.len() > 9 {
            break;
        }
        let reach = separated.char_indices().rev().take_while(|(_, c)| is_letter(*c) && *c != '号').take(40).last();
        let Some((from, _)) = reach else { break };
        let from = cut_words(text, from, separated.len());
        let office = &text[from..separated.len()];
        if nth > 0 && issuer::parse(office, None).is_none() {
            break;
        }
        let cut = text[..from].chars().next_back().is_some_and(is_letter);
        start = from;
        if cut {
            break;
        }
    }
    start
}

fn opens_line(text: &str, at: usize) -> bool {
    text[..at].trim_end_matches([' ', '\u{3000}']).chars().next_back().is_none_or(|c| c == '\n' || OPENING.contains(c))
}

fn is_letter(c: char) -> bool {
    c.is_ascii_alphabetic() || ('\u{4e00}'..='\u{9fff}').contains(&c) || ('\u{3400}'..='\u{4dbf}').contains(&c)
}

/// Whether folded text can be an issuer's code: letters, perhaps with a part in brackets, not the end of a date.
fn is_code(code: &str) -> bool {
    let mut depth = 0;
    for c in code.chars() {
        match c {
            '〔' => depth += 1,
            '〕' => depth -= 1,
            '、' | '·' | '.' | '-' | '，' | ',' => {}
            c if is_letter(c) => {}
            _ => return false,
        }
        if !(0..=1).contains(&depth) {
            return false;
        }
    }
    depth == 0
        && code.chars().next().is_some_and(is_letter)
        && !code.is_ascii()
        && !code.ends_with(['第', '年', '月', '日', '号', '元', '届', '期'])
}

/// Whether words can issue an order: 令 alone and 责令 cannot.
fn is_issuing(words: &str) -> bool {
    is_code(words)
        && !["责令", "指令", "口令", "法令", "律令", "司令"].iter().any(|word| words.ends_with(word))
        && words != "令"
}

/// Half-width digits and letters, one kind of bracket, single spaces, no invisible characters.
fn fold(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.trim().chars() {
        let c = match c {
            c if OPENING.contains(c) => '〔',
            c if CLOSING.contains(c) => '〕',
            '０'..='９' | 'Ａ'..='Ｚ' | 'ａ'..='ｚ' | '－' => char::from_u32(c as u32 - 0xFEE0).unwrap_or(c),
            '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}' => continue,
            c if c.is_whitespace() => ' ',
            c => c,
        };
        if c != ' ' || !out.ends_with(' ') {
            out.push(c);
        }
    }
    out
}

/// The issuing words as they stand in the text, offices separated by a space.
fn as_written(spaced: &str, code: &str) -> String {
    let mut left = code.chars().peekable();
    let mut out = String::new();
    for c in spaced.chars() {
        if left.peek().is_none() {
            break;
        }
        if left.next_if_eq(&c).is_some() {
            out.push(if "、，,".contains(c) { ' ' } else { c });
        } else if c == ' ' && !out.is_empty() && !out.ends_with(' ') {
            out.push(' ');
        }
    }
    // 国务院 令: a space inside the words of one office separates nothing
    match out.rsplit_once(' ') {
        Some((before, last)) if ORDERS.contains(&last) => format!("{before}{last}"),
        _ => out,
    }
}

fn year(text: &str) -> Option<u16> {
    let year = match text.parse::<u16>() {
        Ok(year) if year < 100 => 1900 + year,
        Ok(year) => year,
        Err(_) => u16::try_from(number_in_words(text)?).ok()?,
    };
    (1900..2100).contains(&year).then_some(year)
}

fn serial(text: &str) -> Option<String> {
    if let Some((from, to)) = text.split_once(['-', '—', '–', '~', '～', '至', '之']) {
        return Some(format!("{}-{}", trim_zeros(from), trim_zeros(to)));
    }
    if text.bytes().all(|b| b.is_ascii_digit()) {
        return Some(trim_zeros(text));
    }
    number_in_words(text).map(|number| number.to_string())
}

fn trim_zeros(serial: &str) -> String {
    let trimmed = serial.trim_start_matches('0');
    if trimmed.is_empty() { "0".to_owned() } else { trimmed.to_owned() }
}

/// 716, 二十三, 一百零五, 一〇五.
fn number_in_words(text: &str) -> Option<u32> {
    if let Ok(number) = text.parse() {
        return Some(number);
    }
    let digit = |c| {
        "〇一二三四五六七八九"
            .chars()
            .zip(0u32..)
            .find(|(d, _)| *d == c || (*d == '〇' && "零○Ｏ".contains(c)))
            .map(|(_, n)| n)
    };
    if !text.contains(['十', '百', '千']) {
        return text.chars().try_fold(0u32, |sum, c| sum.checked_mul(10)?.checked_add(digit(c)?));
    }
    let (mut sum, mut last) = (0u32, None);
    for c in text.chars() {
        let unit = match c {
            '十' => 10,
            '百' => 100,
            '千' => 1000,
            '两' => {
                last = Some(2);
                continue;
            }
            _ => {
                last = Some(digit(c)?);
                continue;
            }
        };
        sum = sum.checked_add(last.take().filter(|n| *n > 0).unwrap_or(1) * unit)?;
    }
    sum.checked_add(last.unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_key_for_every_way_to_write_a_number() {
        for (key_form, written) in [
            (
                "国办发〔2017〕47号",
                &[
                    "国办发〔2017〕47号",
                    "国办发[2017]47号",
                    "国办发【2017】47号",
                    "国办发 【2017】 47 号",
                    "国办发（２０１７）４７号",
                    "国办发［2017］47号",
                    "国办发〖2017〗47号",
                    "国办发﹝2017﹞47号",
                    "国办发〈2017〉47号",
                    "国办发[2017]47",
                    "国办发2017 47号",
                    "国办发2017 47",
                    "国办发2017年第47号",
                    "国办发2017-47号",
                    "国办发〔2017〕第47号",
                    "国办发〔2017年〕47号",
                    "国办发〔2017〕047号",
                    "国办发〔2017〕47号文",
                    "国办发〔2017〕47号号",
                    "国办发〔2017〕号47",
                    "国办发[2017]]47号",
                    "国办发[[2017]47号",
                    "〔国办发〔2017〕47号〕",
                    "（国办发〔2017〕47号）",
                    "?国办发[2 0 1 7]4 7号",
                    "\u{200d}国办发〔2017〕47号 \t",
                    "发文字号：国办发〔2017〕47号",
                    "文  号: 国办发〔2017〕47号",
                    "国办发〔二〇一七〕四十七号",
                ][..],
            ),
            ("国发〔2023〕11号", &["国发2023 11号", "国发2023 11", "国发[2023]11", "国发﹝2023﹞11号", "国发202311号"]),
            ("工信部联企业〔2011〕300号", &["工信部联企业2011 300", "工信部联企业〔2011〕300号"]),
            ("穗府办规〔2021〕7号", &["穗府办规〔2021〕7号"]),
            ("渝府发〔2014〕53号", &["渝府发〔2014〕53号", "渝府发〔2014〕 53号"]),
            ("发改价格规〔2021〕689号", &["发改价格规〔2021〕689号"]),
            ("财税字〔1994〕1号", &["财税字[94]1号", "财税字〔1994〕001号"]),
            ("锡政规〔2015〕1号", &["锡政规[20151号", "锡政规[2015]1号"]),
            ("苏卫规〔家庭〕〔2015〕5号", &["苏卫规(家庭)〔2015〕5号", "苏卫规[家庭]〔2015〕5号"]),
            ("财税〔2008〕11-13号", &["财税〔2008〕11-13号", "财税〔2008〕11—13号", "财税〔2008〕11至13号"]),
            (
                "财政部税务总局公告2023年第7号",
                &[
                    "财政部 税务总局公告2023年第7号",
                    "财政部、税务总局公告2023年第7号",
                    "财政部 税务总局公告〔2023〕7号",
                    "财政部 税务总局公告[2023]年第7号",
                    "财政部 税务总局公告2023年7号",
                    "财政部 税务总局2023年第7号公告",
                    "财政部税务总局公告二〇二三年第七号",
                ],
            ),
            (
                "国务院令第716号",
                &["中华人民共和国国务院令第716号", "中华人民共和国国务院令 第716号", "国务院令第716号", "国令第716号"],
            ),
            ("主席令第23号", &["主席令第二十三号", "主席令第23号", "中华人民共和国主席令第二十三号"]),
            ("芜湖市人民政府令第56号", &["芜湖市人民政府令56号", "芜湖市政府令第56号", "芜湖市人民政府令（第56号）"]),
            ("交通运输部令2016年第62号", &["交通运输部令2016年第62号", "中华人民共和国交通运输部令2016年第62号"]),
            ("省人民政府令第187号", &["省政府令 第187号"]),
            ("交通运输部2019年第45号", &["共和国交通运输部2019年第45号"]),
            (
                "珠海市人民代表大会常务委员会公告〔8届〕第26号",
                &["珠海市人民代表大会常务委员会公告〔8届〕第26号", "珠海市人民代表大会常务委员会公告[八届]第二十六号"],
            ),
            ("苏政规〔2021〕1号", &["苏政规〔2021〕1号"]),
        ] {
            for text in written {
                assert_eq!(key(text), key_form, "{text}");
            }
            assert_eq!(key(key_form), key_form);
        }
    }

    #[test]
    fn a_label_is_taken_off_a_number_only() {
        for (written, kept) in [
            ("发文字号：渝府发〔2023〕15号", "渝府发〔2023〕15号"),
            ("文号: 渝府发[2023]15号 ", "渝府发[2023]15号"),
            ("字 号：财政部公告2023年第7号", "财政部公告2023年第7号"),
            ("渝府发〔2023〕15号", "渝府发〔2023〕15号"),
            ("发文字号：", "发文字号："),
            ("发文字号：无", "发文字号：无"),
            ("渝府发〔2023〕15号：附件", "渝府发〔2023〕15号：附件"),
        ] {
            assert_eq!(without_label(written), kept, "{written}");
        }
    }

    #[test]
    fn what_is_no_number_is_only_folded() {
        for text in [
            "",
            "2024年5月31日",
            "专精特新",
            "2024-05-31",
            "关于2023年",
            "无",
            "010-12345678",
            "0511-84425566",
            "〔2015〕129号",
            "2015年第7号",
            "第38号",
            "（2015）京民初字第12号",
            "发文字号：",
            "2024年第3期",
            "国办发〔2017〕号",
            "国办发〔2017〕",
            "责令第3号",
            "第十三届全国人民代表大会第2号",
            "冀卫办规划函〔2015〕号",
            "13812345678",
        ] {
            assert_eq!(DocNumber::parse(text), None, "{text}");
        }
        assert_eq!(key(" 无 "), "无");
        assert_eq!(key("[2015] 129号"), "〔2015〕129号");
    }

    #[test]
    fn parts_for_an_index() {
        let parts = |text: &str| DocNumber::parse(text).unwrap().parts();
        let number = parts("国办发[2017]047");
        assert_eq!((number.code.as_str(), number.year, number.serial.as_str()), ("国办发", Some(2017), "47"));
        assert_eq!(number.compact, "国办发201747");
        let order = parts("财政部 税务总局公告2023年第7号");
        assert_eq!((order.code.as_str(), order.compact.as_str()), ("财政部税务总局公告", "财政部税务总局公告20237"));
        assert_eq!(DocNumber::parse("财政部、税务总局公告2023年第7号").unwrap().issuer_code, "财政部 税务总局公告");
        assert_eq!(parts("中华人民共和国国务院令第716号").compact, "国务院令716");
    }

    #[test]
    fn numbers_in_running_text() {
        for (text, keys) in [
            (
                "根据《通知》（国办发〔2017〕47号）和工信部联企业〔2011〕300号文件，按照国务院令第716号、财政部 税务总局公告2023年第7号，（2024）第3期，电话（0511）8442号。",
                &[
                    "国办发〔2017〕47号",
                    "工信部联企业〔2011〕300号",
                    "国务院令第716号",
                    "财政部税务总局公告2023年第7号",
                ][..],
            ),
            ("现将国发〔2023〕11号转发给你们", &["国发〔2023〕11号"]),
            ("依照财税〔2018〕54号与财税〔2018〕55号执行", &["财税〔2018〕54号", "财税〔2018〕55号"]),
            ("见财税〔2018〕54、55号", &["财税〔2018〕54号", "财税〔2018〕55号"]),
            ("财税〔2008〕1号、2号和国发〔2020〕3号", &["财税〔2008〕1号", "财税〔2008〕2号", "国发〔2020〕3号"]),
            ("《关于某事的通知》（苏经信企业〔2018〕5号）", &["苏经信企业〔2018〕5号"]),
            ("（和政发〔2020〕5号）", &["和政发〔2020〕5号"]),
            ("（即政发〔2020〕5号、苏政办发〔2022〕\n25号）", &["即政发〔2020〕5号", "苏政办发〔2022〕25号"]),
            ("豫政办 〔2019〕34号", &["豫政办〔2019〕34号"]),
            ("北京市财政局京民福发〔2015〕270号", &["京民福发〔2015〕270号"]),
            ("浙江省国土资源厅公告〔2015〕10号", &["浙江省国土资源厅公告2015年第10号"]),
            ("镇政规发（2023）3 号", &["镇政规发〔2023〕3号"]),
            ("沪水务[海洋]〔2015〕105号", &["沪水务〔海洋〕〔2015〕105号"]),
            ("《办法（试行）》国发〔2020〕1号", &["国发〔2020〕1号"]),
            ("国发〔２０２０〕１号文规定", &["国发〔2020〕1号"]),
            ("根据《办法》（财政部令第100号）", &["财政部令第100号"]),
            ("以中华人民共和国主席令第二十三号公布", &["主席令第23号"]),
            ("2019年5月5日国务院令第716号公布", &["国务院令第716号"]),
            ("2020年4月15日市人民政府京政发〔2020〕9号文件", &["京政发〔2020〕9号"]),
            ("国发〔2020〕1号和财政部 税务总局公告2023年第7号", &["国发〔2020〕1号", "财政部税务总局公告2023年第7号"]),
            (
                "《关于某事的公告》（财政部、税务总局、海关总署公告2019年第39号）",
                &["财政部税务总局海关总署公告2019年第39号"],
            ),
            ("农业农村部印发第285号公告，重申", &[]),
            ("农业农村部第285号公告重申", &["农业农村部公告第285号"]),
            ("山西省人民政府令第181号", &["山西省人民政府令第181号"]),
            ("二〇二三年五月十日（2023）第5号楼", &[]),
            ("2023年5月10日，编号（2023）5号", &[]),
            ("咨询电话：（0511）84425566，010-12345678转3号", &[]),
            ("（2015）京民初字第12号判决", &[]),
            ("责令第3号仓库停产", &[]),
            ("本公告第2号附件", &[]),
            ("第3号楼[2020]", &[]),
            ("公告2023年第7号", &["公告2023年第7号"]),
            ("", &[]),
        ] {
            let found = find_all(text);
            let read: Vec<String> = found.iter().map(|(_, number)| number.key()).collect();
            assert_eq!(read, keys, "{text}");
            for (range, number) in found {
                let written = &text[range];
                assert!(
                    key(written) == number.key() || number.serial.starts_with(written.trim_end_matches('号')),
                    "{written}"
                );
            }
        }
    }

    fn shared(path: &str) -> Option<Vec<u8>> {
        let file = std::fs::read(format!("{}/../../shared/data/{path}", env!("CARGO_MANIFEST_DIR")));
        if file.is_err() {
            assert!(std::env::var_os("ZHIDA_TEST_ALL").is_none(), "../shared/data not found");
            println!("left out: ../shared/data not found");
        }
        file.ok()
    }

    #[test]
    fn real_numbers_are_read() {
        let Some(file) = shared("eval/doc_numbers.jsonl.gz") else { return };
        let text = std::io::read_to_string(flate2::read::GzDecoder::new(file.as_slice())).unwrap();
        let numbers = text.lines().filter_map(|line| {
            serde_json::from_str::<serde_json::Value>(line).ok()?["doc_number"].as_str().map(str::to_owned)
        });
        let (mut all, mut found_whole, mut differ) = (0, 0, Vec::new());
        let mut unread: std::collections::BTreeMap<&str, Vec<String>> = Default::default();
        for number in numbers {
            all += 1;
            let Some(read) = DocNumber::parse(&number) else {
                unread.entry(why_none(&number)).or_default().push(number);
                continue;
            };
            // the same number in a sentence is found as that number
            let sentence = format!("根据《某通知》（{number}）办理。");
            if find_all(&sentence).iter().any(|(_, found)| found.key() == read.key()) {
                found_whole += 1;
            }
            // there and back: the key is a number again, of the same key and parts; so is each way to write it
            let again = DocNumber::parse(&read.key());
            let back = again.as_ref().is_some_and(|again| again.key() == read.key() && again.parts() == read.parts());
            let written = other_ways(&number);
            if !back || written.iter().any(|number| key(number) != read.key()) {
                differ.push((number, read.key(), again.map(|again| again.key())));
            }
        }
        println!("{all} numbers, {} do not come back: {:?}", differ.len(), differ.iter().take(40).collect::<Vec<_>>());
        println!("not read: {unread:?}; {found_whole} found in a sentence");
        assert!(all > 10_000);
        assert!(!unread.contains_key(""), "{unread:?}");
        assert!(differ.is_empty(), "{} of {all} do not come back", differ.len());
        assert!(found_whole * 100 >= all * 99, "{found_whole} of {all} found in a sentence");
    }

    /// Why a value is no 发文字号; empty when it is one.
    fn why_none(value: &str) -> &'static str {
        let bare: String = without_label(value).chars().filter(|c| c.is_alphanumeric()).collect();
        match () {
            () if matches!(bare.as_str(), "" | "发文字号" | "文号") => "a label alone",
            () if !bare.chars().any(|c| c.is_numeric() || "一二三四五六七八九十".contains(c)) => "no serial",
            // 豫政 第24号: without a year a number is complete only as an order or an announcement
            () if !["令", "公告", "通告", "19", "20", "一九", "二〇", "二○"].iter().any(|word| bare.contains(word)) => {
                "neither a year nor 令, 公告, 通告"
            }
            () => "",
        }
    }

    /// The same number in other brackets, with spaces and in full-width digits.
    fn other_ways(number: &str) -> Vec<String> {
        let wide = |c: char| char::from_u32(c as u32 - u32::from(b'0') + 0xFF10).unwrap_or(c);
        let mut ways = vec![
            number.chars().map(|c| if c.is_ascii_digit() { wide(c) } else { c }).collect(),
            number.replace('号', " 号"),
        ];
        if number.contains('〔') {
            for (open, close) in [("[", "]"), ("［", "］"), ("（", "）"), ("【", "】"), (" 〔", "〕 ")] {
                ways.push(number.replace('〔', open).replace('〕', close));
            }
        }
        ways
    }

    #[test]
    fn copies_of_a_document_have_one_key() {
        let Some(file) = shared("eval/repost_pairs.csv") else { return };
        let mut reader = csv::Reader::from_reader(file.as_slice());
        let (mut both, mut equal, mut unread, mut differ) = (0, 0, 0, Vec::new());
        for row in reader.records().map_while(Result::ok) {
            let (a, b) = (row.get(3).unwrap_or_default().trim(), row.get(7).unwrap_or_default().trim());
            if a.is_empty() || b.is_empty() {
                continue;
            }
            both += 1;
            unread += usize::from(DocNumber::parse(a).is_none() || DocNumber::parse(b).is_none());
            if key(a) == key(b) {
                equal += 1;
            } else {
                differ.push((a.to_owned(), b.to_owned(), key(a), key(b)));
            }
        }
        println!("{both} pairs with two numbers, {equal} equal, {unread} with one not read");
        for pair in differ.iter().step_by(differ.len() / 150 + 1) {
            println!("  {pair:?}");
        }
        assert!(equal >= 5_800, "{equal} of {both} equal");
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_survived_and_a_key_is_stable(text in "[国发办令公告财部〔〕\\[\\]2017年第号0-9、 ]{0,30}|\\PC{0,60}") {
            for (range, _) in find_all(&text) {
                proptest::prop_assert!(text.get(range).is_some());
            }
            let once = key(&text);
            proptest::prop_assert_eq!(key(&once), once);
        }

        #[test]
        fn a_number_is_found_in_any_bracket(code in "[国苏镇穗渝][府政办发]{1,3}", year in 1990u16..2030, serial in 1u32..9999, bracket in 0usize..8) {
            let pair = |all: &str| all.chars().nth(bracket).unwrap();
            let written = format!("{code}{}{year}{}{serial}号", pair(OPENING), pair(CLOSING));
            let expected = format!("{code}〔{year}〕{serial}号");
            proptest::prop_assert_eq!(&key(&written), &expected);
            if bracket < 7 {
                let found = find_all(&format!("依据{written}。"));
                proptest::prop_assert_eq!(found.first().map(|(_, number)| number.key()), Some(expected));
            }
        }
    }
}
