//! 发文字号: `机关代字〔年份〕序号号`, in every bracket and width that real pages use.

use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

/// A document number taken apart.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct DocNumber {
    /// 机关代字 (`国办发`) or, for orders and announcements, the issuing words (`财政部 税务总局公告`, `国务院令`).
    pub issuer_code: String,
    /// Four digits; `None` for orders that carry no year (主席令第二十三号).
    pub year: Option<u16>,
    /// Serial as digits, without 第 and 号.
    pub serial: String,
    /// Whether it is written `…公告2023年第7号` or `…令第716号` rather than with brackets.
    pub order: bool,
}

/// Brackets that stand around the year on real pages; all are read as 〔 〕.
const OPENING: &[char] = &['〔', '［', '[', '（', '(', '【', '〖', '﹝', '{', '｛', '「', '<', '＜', '〈'];
const CLOSING: &[char] = &['〕', '］', ']', '）', ')', '】', '〗', '﹞', '}', '｝', '」', '>', '＞', '〉'];

/// Longest text that is read as one number.
const LONGEST: usize = 120;

// after folding: half-width digits, 〔 〕, no spaces
static BRACKETED: LazyLock<Regex> = LazyLock::new(|| {
    regex(r"^([\p{Han}A-Za-z、·.\-]{1,40}?)字?〔((?:19|20)\d{2})年?〕第?(\d{1,6}(?:[-—之]\d{1,3})?)号?文?$")
});
static BARE: LazyLock<Regex> =
    LazyLock::new(|| regex(r"^([\p{Han}A-Za-z、·]{1,20}?)((?:19|20)\d{2})年?(?:第)?[ ]?(\d{1,5})号?$"));
static ORDER: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        r"^([\p{Han}A-Za-z、，,·（）]{0,80}?(?:令|公告|通告|决定|公报|通知))〔?(?:((?:19|20)\d{2})年?)?〕?[（(]?第?([0-9]{1,5}|[一二三四五六七八九十百千零〇○两]{1,9})号[）)]?$",
    )
});
// in running text: the code is taken greedily backwards, then cut at words that are not part of one
static IN_TEXT: LazyLock<Regex> = LazyLock::new(|| {
    regex(concat!(
        r"([\p{Han}A-Za-z]{1,24})\s?[〔［\[（(【〖﹝]\s?((?:19|20|１９|２０)[0-9０-９]{2})\s?年?\s?[〕］\]）)】〗﹞]\s?第?\s?([0-9０-９]{1,6})\s?号",
        r"|([\p{Han}A-Za-z、 ]{0,40}(?:令|公告|通告))\s?(?:((?:19|20)\d{2})\s?年)?\s?第\s?([0-9０-９]{1,5}|[一二三四五六七八九十百千零〇○]{1,9})\s?号",
    ))
});

fn regex(pattern: &str) -> Regex {
    #[allow(clippy::expect_used)]
    Regex::new(pattern).expect("a pattern that a test compiles")
}

impl DocNumber {
    /// Reads one number that fills the whole text.
    pub fn parse(text: &str) -> Option<Self> {
        if text.chars().count() > LONGEST {
            return None;
        }
        let spaced = fold(text);
        // a cell may repeat its label: 发文字号：渝府发〔2023〕15号
        let spaced = match spaced.split_once(['：', ':']) {
            Some((label, rest)) if label.replace(' ', "").ends_with("号") => rest.trim_start().to_owned(),
            _ => spaced,
        };
        let folded: String = spaced.chars().filter(|c| *c != ' ').collect();
        if let Some(found) = BRACKETED.captures(&folded) {
            return Some(Self {
                issuer_code: found[1].to_owned(),
                year: found[2].parse().ok(),
                serial: trim_zeros(&found[3]),
                order: false,
            });
        }
        if let Some(found) = ORDER.captures(&folded) {
            let issuer_code = spaced_issuer(&spaced, &found[1]);
            return Some(Self {
                issuer_code,
                year: found.get(2).and_then(|year| year.as_str().parse().ok()),
                serial: number_in_words(&found[3])?.to_string(),
                order: true,
            });
        }
        // 国发2023 11号: the space or the 号 tells the year from the serial
        let separated = spaced.trim().contains(' ') || folded.ends_with('号');
        let found = BARE.captures(&folded).filter(|_| separated)?;
        let code = &found[1];
        (!code.ends_with(['第', '年', '月', '日']) && code.chars().count() <= 12).then(|| Self {
            issuer_code: code.to_owned(),
            year: found[2].parse().ok(),
            serial: trim_zeros(&found[3]),
            order: false,
        })
    }

    /// The form for identity and exact search: `国办发〔2017〕47号`, half-width digits, no spaces.
    pub fn key(&self) -> String {
        let code: String = self.issuer_code.chars().filter(|c| !c.is_whitespace() && *c != '、').collect();
        match (self.order, self.year) {
            (false, Some(year)) => format!("{code}〔{year}〕{}号", self.serial),
            (_, Some(year)) => format!("{code}{year}年第{}号", self.serial),
            (_, None) => format!("{code}第{}号", self.serial),
        }
    }
}

/// The key of a number as written; text that cannot be read as a number is only folded (width, brackets, spaces).
pub fn key(text: &str) -> String {
    let folded = || fold(text).chars().filter(|c| *c != ' ').collect();
    DocNumber::parse(text).map_or_else(folded, |number| number.key())
}

/// Every complete document number in a running text, with its byte range, in order.
pub fn find_all(text: &str) -> Vec<(Range<usize>, DocNumber)> {
    let mut all = Vec::new();
    for found in IN_TEXT.captures_iter(text) {
        let Some(whole) = found.get(0) else { continue };
        let code = found.get(1).or(found.get(4)).map_or("", |code| code.as_str());
        let start = whole.start() + code_start(code);
        let written = &text[start..whole.end()];
        if let Some(number) = DocNumber::parse(written)
            && number.issuer_code.chars().count() >= 2
        {
            all.push((start..whole.end(), number));
        }
    }
    all
}

/// Where the issuer's code begins in the characters before a bracket: after the last word that ends something else.
fn code_start(code: &str) -> usize {
    const ENDS: &[&str] = &[
        "根据", "按照", "依据", "依照", "转发", "印发", "原", "和", "及", "与", "以及", "文件", "文号", "字号", "通知",
        "办法", "意见", "参照", "经", "由", "见", "即", "为", "的", "是", "对", "在", "将", "以", "发布", "公布",
        "废止",
    ];
    let mut start = 0;
    for word in ENDS {
        if let Some(at) = code.rfind(word) {
            let end = at + word.len();
            // a code may hold these characters itself (…经发): only cut where enough is left for one
            if code[end..].chars().count() >= 2 && end > start {
                start = end;
            }
        }
    }
    start + code[start..].len() - code[start..].trim_start().len()
}

/// Half-width digits and letters, one kind of bracket, single spaces.
fn fold(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.trim().chars() {
        let c = match c {
            c if OPENING.contains(&c) => '〔',
            c if CLOSING.contains(&c) => '〕',
            '０'..='９' | 'Ａ'..='Ｚ' | 'ａ'..='ｚ' => char::from_u32(c as u32 - 0xFEE0).unwrap_or(c),
            '\u{3000}' | '\u{a0}' => ' ',
            '\u{200b}' | '\u{feff}' => continue,
            c if c.is_whitespace() => ' ',
            c => c,
        };
        if c != ' ' || !out.ends_with(' ') {
            out.push(c);
        }
    }
    out
}

/// The issuing words of an order as written, with the space between two offices.
fn spaced_issuer(spaced: &str, code: &str) -> String {
    let mut left: Vec<char> = code.chars().rev().collect();
    let mut out = String::new();
    for c in spaced.chars() {
        if left.is_empty() {
            break;
        }
        out.push(c);
        if left.last() == Some(&c) {
            left.pop();
        }
    }
    out
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
    let digit = |c| "〇一二三四五六七八九".chars().position(|d| d == c || (d == '〇' && "零○".contains(c)));
    if !text.contains(['十', '百', '千']) {
        return text.chars().try_fold(0u32, |sum, c| sum.checked_mul(10)?.checked_add(digit(c)? as u32));
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
                last = Some(digit(c)? as u32);
                continue;
            }
        };
        sum += last.take().filter(|n| *n > 0).unwrap_or(1) * unit;
    }
    Some(sum + last.unwrap_or(0))
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
                    "国办发 【2017】 47 号",
                    "国办发（２０１７）４７号",
                    "国办发[2017]47",
                    "国办发2017 47号",
                    "国办发〔2017〕第47号",
                    "国办发〔2017〕047号",
                ][..],
            ),
            ("国发〔2023〕11号", &["国发2023 11号", "国发[2023]11", "国发﹝2023﹞11号"]),
            ("工信部联企业〔2011〕300号", &["工信部联企业2011 300", "工信部联企业〔2011〕300号"]),
            ("财政部税务总局公告2023年第7号", &["财政部 税务总局公告2023年第7号", "财政部、税务总局公告2023年第7号"]),
            ("中华人民共和国国务院令第716号", &["中华人民共和国国务院令第716号", "中华人民共和国国务院令 第716号"]),
            ("主席令第23号", &["主席令第二十三号", "主席令第23号"]),
            ("苏政规〔2021〕1号", &["苏政规〔2021〕1号"]),
        ] {
            for text in written {
                assert_eq!(key(text), key_form, "{text}");
            }
        }
    }

    #[test]
    fn what_is_no_number_is_only_folded() {
        for text in ["", "2024年5月31日", "专精特新", "2024-05-31", "关于2023年", "无", "010-12345678"] {
            assert_eq!(DocNumber::parse(text), None, "{text}");
        }
        assert_eq!(key(" 无 "), "无");
    }

    #[test]
    fn numbers_in_running_text() {
        let text = "根据《通知》（国办发〔2017〕47号）和工信部联企业〔2011〕300号文件，按照国务院令第716号、财政部 税务总局公告2023年第7号，（2024）第3期，电话（0511）8442号。";
        let keys: Vec<String> = find_all(text).into_iter().map(|(_, number)| number.key()).collect();
        assert_eq!(
            keys,
            ["国办发〔2017〕47号", "工信部联企业〔2011〕300号", "国务院令第716号", "财政部税务总局公告2023年第7号"]
        );
        for (range, number) in find_all(text) {
            assert_eq!(key(&text[range]), number.key());
        }
    }

    #[test]
    fn real_numbers_are_read() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/data/eval/doc_numbers.jsonl.gz");
        let Ok(file) = std::fs::File::open(path) else {
            assert!(std::env::var_os("ZHIDA_TEST_ALL").is_none(), "../shared/data not found");
            return println!("left out: ../shared/data not found");
        };
        let text = std::io::read_to_string(flate2::read::GzDecoder::new(file)).unwrap();
        let numbers = text.lines().filter_map(|line| {
            serde_json::from_str::<serde_json::Value>(line).ok()?["doc_number"].as_str().map(str::to_owned)
        });
        let (mut all, mut misses) = (0, Vec::new());
        for number in numbers {
            all += 1;
            if DocNumber::parse(&number).is_none() {
                misses.push(number);
            }
        }
        println!(
            "{all} numbers, {} not read, for example {:?}",
            misses.len(),
            misses.iter().step_by(misses.len() / 50 + 1).collect::<Vec<_>>()
        );
        assert!(all > 10_000 && misses.len() * 100 < all * 4, "{} of {all} not read", misses.len());
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_survived_and_a_key_is_stable(text in "\\PC{0,60}") {
            find_all(&text);
            let once = key(&text);
            proptest::prop_assert_eq!(key(&once), once);
        }
    }
}
