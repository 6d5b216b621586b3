//! What a query says beside the words that are looked for: a place, a time, that somebody wants to apply.

use std::ops::Range;

use chrono::NaiveDate;
use zhida_schemas::issuer;
use zhida_schemas::region::{self, NATION, Region};

use super::dates::{self, Span};
use super::parse::{Parsed, Part};
use crate::Analyzer;
use crate::text::Word;

/// Words of somebody who wants to apply for something.
const APPLYING: [&str; 16] = [
    "申报",
    "申请",
    "申领",
    "申办",
    "报名",
    "征集",
    "补贴",
    "补助",
    "奖励",
    "奖补",
    "资助",
    "扶持",
    "认定",
    "贴息",
    "领取",
    "怎么领",
];

/// Words that ask for what is out of force, or not yet in it.
const OUT_OF_FORCE: [&str; 7] = ["废止", "失效", "过期", "历史", "征求意见", "意见稿", "草案"];

/// The longest name of an office, in words.
const MAX_OFFICE_WORDS: usize = 7;
/// So many stretches of one text are read as an office.
const MAX_READ: usize = 24;
/// How the names of offices end.
const OFFICE_ENDS: &str = "部委局厅署院办会行室府社司处关";

/// What a query says beside its words.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Hints {
    /// The place that it names.
    pub place: Option<&'static Region>,
    /// The words that name it, and the regions above it.
    pub place_words: Vec<String>,
    /// The days that it names.
    pub dated: Option<Span>,
    /// Whether it speaks of applying.
    pub applying: bool,
    /// Whether it asks for what is out of force.
    pub out_of_force: bool,
}

impl Hints {
    /// Reads a query. A part that only says when (近三年) is taken out where others are left.
    pub fn read(parsed: &mut Parsed, analyzer: &Analyzer, today: NaiveDate) -> Self {
        let mut hints = Self::default();
        (hints.place, hints.place_words) = place(parsed, analyzer).unwrap_or_default();
        let mut only_when = Vec::new();
        for (index, text) in texts(parsed) {
            hints.applying |= APPLYING.iter().any(|word| text.contains(word));
            hints.out_of_force |= OUT_OF_FORCE.iter().any(|word| text.contains(word));
            if let Some((range, span)) = dates::find(text, today) {
                hints.dated.get_or_insert(span);
                // A year stands in documents, 近三年 does not say what it says here.
                let is_absolute = text.starts_with(|first: char| first.is_ascii_digit());
                if range == (0..text.len()) && (!is_absolute || dates::is_since(text)) {
                    only_when.push(index);
                }
            }
        }
        if only_when.len() < parsed.groups.len() {
            for index in only_when.into_iter().rev() {
                parsed.groups.remove(index);
            }
        }
        hints
    }
}

/// Parts that are texts, with their place among the groups.
fn texts(parsed: &Parsed) -> impl Iterator<Item = (usize, &str)> {
    parsed.groups.iter().enumerate().filter_map(|(index, group)| match group.as_slice() {
        [Part::Text(text)] => Some((index, text.as_str())),
        _ => None,
    })
}

/// The one place that the words name, the lowest of several that lie in each other, and those words.
fn place(parsed: &Parsed, analyzer: &Analyzer) -> Option<(Option<&'static Region>, Vec<String>)> {
    let mut place: Option<&'static Region> = None;
    let mut words = Vec::new();
    for (_, text) in texts(parsed) {
        for Word { start, end, .. } in analyzer.cut(text) {
            let word = &text[start..end];
            let alone = word.len() == text.len();
            let within = place.map(|region| region.code);
            let found = region::of_word(word, &text[end..], alone, within).filter(|region| region.code != NATION);
            let Some(found) = found else { continue };
            match place {
                Some(known) if region::contains(found.code, known.code) => {}
                Some(known) if !region::contains(known.code, found.code) => return None,
                _ => place = Some(found),
            }
            words.push(word.to_owned());
        }
    }
    Some((place, words))
}

/// An office that adjacent words name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Office {
    /// Its words.
    pub words: Range<usize>,
    /// Its full name.
    pub name: String,
    /// How many documents it issued.
    pub issued: u64,
}

/// Offices that adjacent words name and that issued documents, as `issued` says; a bare 工信厅 is the one of the place.
pub fn offices<E>(
    text: &str,
    words: &[Word],
    place: Option<&Region>,
    issued: impl Fn(&str) -> Result<u64, E>,
) -> Result<Vec<Office>, E> {
    let mut found = Vec::new();
    let mut read = 0;
    let mut from = 0;
    while from < words.len() {
        let last = words.len().min(from + MAX_OFFICE_WORDS);
        let mut longest = None;
        for to in (from + 1..=last).rev() {
            let name = text.get(words[from].start..words[to - 1].end).unwrap_or_default();
            if !name.ends_with(|end| OFFICE_ENDS.contains(end)) || read == MAX_READ {
                continue;
            }
            read += 1;
            let office = issuer::parse(name, place.map(|region| region.code));
            let Some(office) = office.filter(|office| office.region_code.is_some()) else { continue };
            let issued = issued(&office.name)?;
            if issued > 0 {
                longest = Some(Office { words: from..to, name: office.name, issued });
                break;
            }
        }
        from = longest.as_ref().map_or(from + 1, |office| office.words.end);
        found.extend(longest);
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::query::parse::parse;

    fn analyzer() -> Analyzer {
        // The whole dictionary: the cut decides.
        static ANALYZER: std::sync::OnceLock<Analyzer> = std::sync::OnceLock::new();
        ANALYZER.get_or_init(Analyzer::new).clone()
    }

    fn hints(query: &str) -> (Hints, Parsed) {
        let mut parsed = parse(query, &analyzer());
        let hints = Hints::read(&mut parsed, &analyzer(), NaiveDate::from_ymd_opt(2024, 6, 15).unwrap());
        (hints, parsed)
    }

    #[test]
    fn reads_the_place() {
        for (query, code) in [
            ("镇江 技改 补贴", Some("321100")),
            ("江苏省 技改", Some("320000")),
            ("江苏省工信厅 申报", Some("320000")),
            ("江苏镇江技改补贴", Some("321100")),
            ("江苏 镇江", Some("321100")),
            ("镇江 江苏", Some("321100")),
            ("丹阳 技改", Some("321181")),
            ("北京 朝阳区 补贴", Some("110105")),
            ("重庆2024 未来工厂", Some("500000")),
            ("江苏 浙江 合作", None),
            ("朝阳产业 扶持", None),
            ("上海南站 改造", Some("310000")),
            ("全国 试点", None),
            ("白银 交易", None),
            ("灯塔 工厂", None),
            ("公安 备案", None),
            ("合作社 补贴", None),
            ("“镇江” 技改", None),
            ("企业 奖励", None),
            ("", None),
        ] {
            assert_eq!(hints(query).0.place.map(|region| region.code), code, "{query}");
        }
    }

    #[test]
    fn reads_times_and_what_is_wanted() {
        for (query, dated, applying, out_of_force, groups) in [
            ("近三年 高企 奖励", true, true, false, 2),
            ("近三年", true, false, false, 1),
            ("企业近三年 补贴", true, true, false, 2),
            ("2024年 高企", true, false, false, 2),
            ("废止 文件", false, false, true, 2),
            ("高企 认定条件", false, true, false, 2),
        ] {
            let (hints, parsed) = hints(query);
            let read = (hints.dated.is_some(), hints.applying, hints.out_of_force, parsed.groups.len());
            assert_eq!(read, (dated, applying, out_of_force, groups), "{query}");
        }
    }

    #[test]
    fn reads_offices() {
        let jiangsu = region::by_code("320000");
        for (text, place, expected) in [
            ("工信部申报", None, vec!["工业和信息化部"]),
            ("江苏省工信厅技改", None, vec!["江苏省工业和信息化厅"]),
            ("镇江科技局", None, vec!["镇江市科学技术局"]),
            ("国务院办公厅", None, vec!["国务院办公厅"]),
            ("工信厅", jiangsu, vec!["江苏省工业和信息化厅"]),
            ("科技局", None, vec![]),
            ("财政部税务总局公告", None, vec!["财政部", "国家税务总局"]),
            ("开办企业", None, vec![]),
            ("企业家协会", None, vec![]),
            ("有关部门", None, vec![]),
            ("", None, vec![]),
        ] {
            let words = analyzer().cut(text);
            let issued = |name: &str| Ok::<_, ()>(u64::from(name != "财政部税务总局"));
            let found = offices(text, &words, place, issued).unwrap();
            let names: Vec<String> = found.into_iter().map(|office| office.name).collect();
            assert_eq!(names, expected, "{text}");
        }
    }
}
