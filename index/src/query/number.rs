//! Document numbers in queries: typed with any bracket, with spaces, without 号, without a part.

use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;
use zhida_schemas::doc_number::{self, DocNumber};

use crate::Analyzer;
use crate::text::letters;

/// A number as far as it is known, folded.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct NumberParts {
    /// 机关代字; empty when not known.
    pub code: String,
    /// Year.
    pub year: Option<u16>,
    /// Serial; empty when not known.
    pub serial: String,
}

impl NumberParts {
    /// The parts of a number.
    pub fn of(number: &DocNumber, analyzer: &Analyzer) -> Self {
        Self {
            // 财政部 税务总局公告 and 财政部税务总局公告 are one code
            code: letters(&analyzer.fold(&number.issuer_code)),
            year: number.year,
            serial: number.serial.trim_start_matches('0').to_owned(),
        }
    }

    /// What a document is filed under and a query asks for.
    pub fn term(&self) -> String {
        let year = self.year.map(|year| year.to_string()).unwrap_or_default();
        format!("{}|{year}|{}", self.code, self.serial)
    }

    /// The number, and what is left of it when a user leaves one part or two out.
    pub fn terms(&self) -> Vec<String> {
        let mut terms = Vec::with_capacity(7);
        for kept in (1..8_u8).rev() {
            let part = Self {
                code: if kept & 4 > 0 { self.code.clone() } else { String::new() },
                year: self.year.filter(|_| kept & 2 > 0),
                serial: if kept & 1 > 0 { self.serial.clone() } else { String::new() },
            };
            let term = part.term();
            if part != Self::default() && !terms.contains(&term) {
                terms.push(term);
            }
        }
        terms
    }

    /// Whether code, year and serial are known.
    pub fn is_whole(&self) -> bool {
        !self.code.is_empty() && self.year.is_some() && !self.serial.is_empty()
    }

    /// As officially written; parts that are not known are left out.
    pub fn shown(&self) -> String {
        let year = self.year.map(|year| format!("〔{year}〕")).unwrap_or_default();
        let serial = match (self.serial.is_empty(), self.year) {
            (true, _) => String::new(),
            (false, Some(_)) => format!("{}号", self.serial),
            (false, None) => format!("第{}号", self.serial),
        };
        format!("{}{year}{serial}", self.code)
    }

    /// Every way in which texts write the complete number, for marking.
    pub fn spellings(&self) -> Vec<String> {
        let (Some(year), false) = (self.year, self.serial.is_empty()) else { return Vec::new() };
        [("〔", "〕"), ("[", "]"), ("［", "］"), ("(", ")"), ("（", "）"), ("【", "】"), ("", "年第")]
            .iter()
            .map(|(open, close)| format!("{}{open}{year}{close}{}号", self.code, self.serial))
            .collect()
    }
}

/// 国办发[2017]47, 国发2023 11号, 国办发〔2017〕, 民航函 2020 145号.
static TYPED: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        r"(?P<code>\p{Han}{1,16})[\s]{0,3}(?P<open>[〔\[(（【〖［{])?[\s]{0,3}(?P<year>(?:19|20)\d{2})[\s]{0,3}(?P<close>[〕\])）】〗］}])?[\s]{0,3}年?[\s]{0,3}第?[\s]{0,3}(?P<serial>\d{1,5})?[\s]{0,3}(?P<mark>号)?",
    )
    .ok()
});

/// 国办发 47号, 〔2017〕47号, 2017 47号: a number without its year, or without its code, that is the whole query.
static IN_PART: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        r"^(?:(?P<code>\p{Han}{2,16})|[〔\[(（【]?(?P<year>(?:19|20)\d{2})[〕\])）】]?\s{0,3}年?)\s{0,3}第?\s{0,3}(?P<serial>\d{1,5})\s{0,3}号$",
    )
    .ok()
});

fn in_part(text: &str) -> Option<NumberParts> {
    let captures = IN_PART.as_ref()?.captures(text)?;
    let part = |name: &str| captures.name(name).map_or("", |part| part.as_str());
    // 第47号 has no code
    let code = part("code").trim_end_matches('第');
    let serial = part("serial").trim_start_matches('0').to_owned();
    let parts = NumberParts { code: code.to_owned(), year: part("year").parse().ok(), serial };
    (!parts.serial.is_empty() && (parts.year.is_some() || !code.is_empty())).then_some(parts)
}

/// Reads what is given for a number, whole or in part: 国发, 2017, 47号, 〔2017〕47号, 国发2017.
pub fn read_part(text: &str, analyzer: &Analyzer) -> Option<NumberParts> {
    if let Some(number) = read_whole(text, analyzer) {
        return Some(number);
    }
    let folded = analyzer.fold(text);
    let text = folded.trim();
    if let Some(parts) = in_part(text) {
        return Some(parts);
    }
    let digits = text.find(|character: char| character.is_ascii_digit()).unwrap_or(text.len());
    let (code, rest) = text.split_at(digits);
    let code = letters(code);
    let number = rest.trim_end_matches(|character: char| !character.is_ascii_digit());
    if !code.chars().all(char::is_alphabetic) || !number.bytes().all(|byte| byte.is_ascii_digit()) || number.len() > 6 {
        return None;
    }
    let is_year = number.len() == 4 && (number.starts_with("19") || number.starts_with("20"));
    let code = if code == "第" { String::new() } else { code };
    let parts = match is_year {
        true => NumberParts { code, year: number.parse().ok(), serial: String::new() },
        false => NumberParts { code, year: None, serial: number.trim_start_matches('0').to_owned() },
    };
    (parts != NumberParts::default()).then_some(parts)
}

/// Reads a text that is one number.
pub fn read_whole(text: &str, analyzer: &Analyzer) -> Option<NumberParts> {
    if let Some(number) = DocNumber::parse(text) {
        return Some(NumberParts::of(&number, analyzer));
    }
    let folded = analyzer.fold(text);
    let trimmed = folded.trim();
    typed(trimmed).filter(|(range, _)| *range == (0..trimmed.len())).map(|(_, parts)| parts)
}

/// Digits of numbers, as officially written or as in old texts.
const DIGITS: [char; 15] = ['一', '二', '三', '四', '五', '六', '七', '八', '九', '十', '百', '千', '零', '〇', '○'];

/// The number in a folded query, and where it stands.
pub fn find(folded: &str, analyzer: &Analyzer) -> Option<(Range<usize>, NumberParts)> {
    // most queries have none, and the patterns take longer than the rest of the parsing
    if !folded.contains(|character: char| character.is_ascii_digit() || DIGITS.contains(&character)) {
        return None;
    }
    let trimmed = folded.trim();
    let start = folded.len() - folded.trim_start().len();
    if let Some(number) = DocNumber::parse(trimmed) {
        let range = start..start + trimmed.len();
        return Some(without_word_before(folded, range, NumberParts::of(&number, analyzer)));
    }
    if let Some((range, number)) = doc_number::find_all(folded).into_iter().next()
        && folded.get(range.clone()).is_some()
    {
        return Some(without_word_before(folded, range, NumberParts::of(&number, analyzer)));
    }
    if let Some(parts) = in_part(trimmed) {
        return Some((start..start + trimmed.len(), parts));
    }
    typed(folded)
}

/// A word typed before a number (财库 财办库〔2020〕29号) is no part of it; offices joined by a space are, before an
/// announcement or an order (财政部 税务总局公告2023年第7号).
fn without_word_before(folded: &str, range: Range<usize>, parts: NumberParts) -> (Range<usize>, NumberParts) {
    let text = folded.get(range.clone()).unwrap_or_default();
    let code = text.split(|character: char| character.is_ascii_digit()).next().unwrap_or_default();
    let code = code.trim_end_matches(|character: char| !character.is_alphanumeric());
    let joint = ["公告", "通告", "令", "决定"].iter().any(|ending| code.ends_with(ending));
    match code.rfind(char::is_whitespace) {
        Some(space) if !joint => {
            let after = space + code[space..].chars().next().map_or(1, char::len_utf8);
            let parts = NumberParts { code: letters(&code[after..]), ..parts };
            (range.start + after..range.end, parts)
        }
        _ => (range, parts),
    }
}

fn typed(folded: &str) -> Option<(Range<usize>, NumberParts)> {
    let whole = folded.trim().len();
    TYPED.as_ref()?.captures_iter(folded).take(8).find_map(|captures| {
        let found = captures.get(0)?;
        let serial = captures.name("serial").map_or("", |part| part.as_str());
        let bracketed = captures.name("open").is_some() && captures.name("close").is_some();
        let marked = !serial.is_empty() && captures.name("mark").is_some();
        let alone = !serial.is_empty() && found.as_str().trim().len() == whole;
        // 重庆2024 and 国务院 2020 50 条 are words; a bracket, 号, or nothing else beside it make a number.
        if !(bracketed || marked || alone) {
            return None;
        }
        let range = found.start()..found.start() + found.as_str().trim_end().len();
        let parts = NumberParts {
            code: captures.name("code")?.as_str().to_owned(),
            year: captures.name("year")?.as_str().parse().ok(),
            serial: serial.trim_start_matches('0').to_owned(),
        };
        Some((range, parts))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::tests::analyzer;

    #[test]
    fn reads_what_users_type() {
        for (query, expected) in [
            ("国办发[2017]47", Some(("国办发", 2017, "47"))),
            ("国发2023 11号", Some(("国发", 2023, "11"))),
            ("国发（2019）4", Some(("国发", 2019, "4"))),
            ("法释【2021】20号", Some(("法释", 2021, "20"))),
            ("民航函 2020 145号", Some(("民航函", 2020, "145"))),
            ("建金2020年23号", Some(("建金", 2020, "23"))),
            ("财库 财办库[2020]29号", Some(("财办库", 2020, "29"))),
            ("国办发〔2017〕", Some(("国办发", 2017, ""))),
            ("〔2017〕47号", Some(("", 2017, "47"))),
            ("2017 47号", Some(("", 2017, "47"))),
            ("镇政规发〔2023〕03号 高企", Some(("镇政规发", 2023, "3"))),
            ("重庆2024 未来工厂 申报", None),
            ("国务院 2020 50 条措施", None),
            ("2020年 高速公路免费通行", None),
            ("高新技术企业", None),
            ("", None),
        ] {
            let folded = analyzer().fold(query).into_owned();
            let found = find(&folded, &analyzer()).map(|(_, parts)| parts);
            let expected = expected.map(|(code, year, serial)| NumberParts {
                code: code.to_owned(),
                year: Some(year),
                serial: serial.to_owned(),
            });
            assert_eq!(found, expected, "{query}");
        }
    }

    #[test]
    fn reads_parts_of_a_number() {
        for (value, expected) in [
            ("国发", Some("国发||")),
            ("2017", Some("|2017|")),
            ("〔2017〕", Some("|2017|")),
            ("47", Some("||47")),
            ("53号", Some("||53")),
            ("第053号", Some("||53")),
            ("〔2017〕47号", Some("|2017|47")),
            ("国办发 47号", Some("国办发||47")),
            ("辽政发2017", Some("辽政发|2017|")),
            ("国发〔2023〕11号", Some("国发|2023|11")),
            ("1234567", None),
            ("11-13", None),
            ("", None),
        ] {
            let read = read_part(value, &analyzer()).map(|parts| parts.term());
            assert_eq!(read.as_deref(), expected, "{value}");
        }
        let found = find("国办发 47号", &analyzer()).map(|(_, parts)| parts.term());
        assert_eq!(found.as_deref(), Some("国办发||47"));
    }

    #[test]
    fn a_number_is_filed_whole_and_with_one_part_left_out() {
        let parts = NumberParts { code: "国发".into(), year: Some(2023), serial: "11".into() };
        let terms = ["国发|2023|11", "国发|2023|", "国发||11", "国发||", "|2023|11", "|2023|", "||11"];
        assert_eq!(parts.terms(), terms);
        assert_eq!(parts.shown(), "国发〔2023〕11号");
        let order = NumberParts { code: "主席令".into(), year: None, serial: "23".into() };
        assert_eq!(order.terms(), ["主席令||23", "主席令||", "||23"]);
        assert_eq!(order.shown(), "主席令第23号");
    }
}
