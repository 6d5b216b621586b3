//! The grammar of queries: words, "phrases", -exclusions, OR, document numbers. Every text is a query.

use super::number::{self, NumberParts};
use crate::Analyzer;

/// What comes after is not read.
pub const MAX_QUERY_CHARS: usize = 200;

/// Alternatives joined by OR, and parts between spaces, beyond this are not read.
const MAX_PARTS: usize = 24;

/// A query taken apart. Texts are folded.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Parsed {
    /// What is looked for: of each group one alternative.
    pub groups: Vec<Vec<Part>>,
    /// What must not occur.
    pub excluded: Vec<Part>,
    /// A document number.
    pub number: Option<NumberParts>,
}

/// What stands between spaces or quotes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Part {
    /// As typed: may be cut into words of which most are needed.
    Text(String),
    /// Between quotes: must stand so in the document.
    Phrase(String),
}

impl Part {
    /// The text.
    pub fn text(&self) -> &str {
        match self {
            Self::Text(text) | Self::Phrase(text) => text,
        }
    }
}

/// Takes a query apart.
pub fn parse(query: &str, analyzer: &Analyzer) -> Parsed {
    let end = query.char_indices().nth(MAX_QUERY_CHARS).map_or(query.len(), |(offset, _)| offset);
    let query = &query[..end];
    let folded = analyzer.fold_with_offsets(query);
    let number = number::find(&folded.text, analyzer);
    let mut parsed = Parsed::default();
    match number {
        Some((range, parts)) => {
            let range = folded.original(range);
            parts_of(query.get(..range.start).unwrap_or_default(), analyzer, &mut parsed);
            parts_of(query.get(range.end..).unwrap_or_default(), analyzer, &mut parsed);
            parsed.number = Some(parts);
        }
        None => parts_of(query, analyzer, &mut parsed),
    }
    parsed
}

fn parts_of(query: &str, analyzer: &Analyzer, parsed: &mut Parsed) {
    let mut rest = query;
    let mut or = false;
    loop {
        rest = rest.trim_start_matches(is_space);
        let Some(first) = rest.chars().next() else { return };
        if parsed.groups.len() + parsed.excluded.len() >= MAX_PARTS {
            return;
        }
        if matches!(first, '|' | '｜') {
            or = true;
            rest = &rest[first.len_utf8()..];
            continue;
        }
        let after_minus = &rest[first.len_utf8()..];
        let excludes =
            matches!(first, '-' | '－' | '−') && after_minus.chars().next().is_some_and(|next| !is_space(next));
        if excludes {
            rest = after_minus;
        }
        let (part, after) = next_part(rest, analyzer);
        let before = query[..query.len() - rest.len()].chars().next_back();
        let part = match part {
            // In a sentence such quotes set off a name: 对“小巨人”企业的奖励.
            Part::Phrase(text) if is_name_quote(first) && (is_letter(before) || is_letter(after.chars().next())) => {
                Part::Text(text)
            }
            part => part,
        };
        rest = after;
        match part {
            Part::Text(ref text) if text == "or" && rest.starts_with(is_space) && query_has_or(query) => or = true,
            part if !part.text().chars().any(char::is_alphanumeric) => {}
            part if excludes => parsed.excluded.push(part),
            part => {
                match parsed.groups.last_mut() {
                    Some(group) if or && group.len() < MAX_PARTS => group.push(part),
                    _ => parsed.groups.push(vec![part]),
                }
                or = false;
            }
        }
    }
}

/// Only the capital OR is one.
fn query_has_or(query: &str) -> bool {
    query.split(is_space).any(|word| word == "OR" || word == "ＯＲ")
}

/// One part at the beginning of a text that does not begin with a space, and what follows it.
fn next_part<'a>(text: &'a str, analyzer: &Analyzer) -> (Part, &'a str) {
    let first = text.chars().next().unwrap_or(' ');
    if let Some(closes) = closing(first) {
        let inner = &text[first.len_utf8()..];
        if let Some((phrase, after)) = inner.split_once(closes) {
            return (Part::Phrase(analyzer.fold(phrase).into_owned()), after);
        }
        // A quote that is never closed is a slip.
        let end = inner.find(is_space).unwrap_or(inner.len());
        return (Part::Text(analyzer.fold(&inner[..end]).into_owned()), &inner[end..]);
    }
    let ends = |character: char| is_space(character) || closing(character).is_some() || matches!(character, '|' | '｜');
    let end = text.find(ends).unwrap_or(text.len()).max(first.len_utf8());
    (Part::Text(analyzer.fold(&text[..end]).into_owned()), &text[end..])
}

fn closing(opening: char) -> Option<fn(char) -> bool> {
    match opening {
        '"' | '＂' | '“' | '”' | '〝' => Some(|character| matches!(character, '"' | '＂' | '“' | '”' | '〞')),
        '「' => Some(|character| character == '」'),
        '『' => Some(|character| character == '』'),
        _ => None,
    }
}

/// Chinese quotes; a straight one is only typed for a search.
fn is_name_quote(quote: char) -> bool {
    matches!(quote, '“' | '「' | '『' | '〝')
}

fn is_letter(character: Option<char>) -> bool {
    character.is_some_and(char::is_alphanumeric)
}

fn is_space(character: char) -> bool {
    character.is_whitespace() || character.is_control()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::tests::analyzer;
    use proptest::prelude::*;

    fn text(text: &str) -> Part {
        Part::Text(text.to_owned())
    }

    fn phrase(text: &str) -> Part {
        Part::Phrase(text.to_owned())
    }

    #[test]
    fn takes_queries_apart() {
        for (query, groups, excluded) in [
            ("", vec![], vec![]),
            ("高企　认定", vec![vec![text("高企")], vec![text("认定")]], vec![]),
            ("“无废城市” 建设", vec![vec![phrase("无废城市")], vec![text("建设")]], vec![]),
            ("\"無廢城市\"", vec![vec![phrase("无废城市")]], vec![]),
            ("「补贴」", vec![vec![phrase("补贴")]], vec![]),
            ("补贴 -农业 -\"个体 工商户\"", vec![vec![text("补贴")]], vec![text("农业"), phrase("个体 工商户")]),
            ("高企 OR 小巨人 奖励", vec![vec![text("高企"), text("小巨人")], vec![text("奖励")]], vec![]),
            ("高企|小巨人", vec![vec![text("高企"), text("小巨人")]], vec![]),
            ("or 高企", vec![vec![text("or")], vec![text("高企")]], vec![]),
            (
                "对“小巨人”企业 奖励",
                vec![vec![text("对")], vec![text("小巨人")], vec![text("企业")], vec![text("奖励")]],
                vec![],
            ),
            ("“没有收尾 奖励", vec![vec![text("没有收尾")], vec![text("奖励")]], vec![]),
            ("- | ，。 \"\"", vec![], vec![]),
            ("a-b", vec![vec![text("a-b")]], vec![]),
        ] {
            let parsed = parse(query, &analyzer());
            assert_eq!(parsed, Parsed { groups, excluded, number: None }, "{query}");
        }
    }

    #[test]
    fn finds_a_number_beside_words() {
        let parsed = parse("財庫 财办库［2020］29號 “采购”", &analyzer());
        assert_eq!(parsed.groups, [vec![text("财库")], vec![phrase("采购")]]);
        assert_eq!(parsed.number.map(|number| number.shown()).as_deref(), Some("财办库〔2020〕29号"));
    }

    #[test]
    fn reads_only_the_beginning_of_a_long_query() {
        let parsed = parse(&"税".repeat(1_000_000), &analyzer());
        assert_eq!(parsed.groups, [vec![text(&"税".repeat(MAX_QUERY_CHARS))]]);
    }

    proptest! {
        #[test]
        fn every_text_is_a_query(query in "([\"“”「」\\-|OR 国发〔2023〕11号高企\u{3000}]|\\PC){0,60}") {
            let parsed = parse(&query, &analyzer());
            prop_assert!(parsed.groups.len() + parsed.excluded.len() <= 2 * MAX_PARTS);
            prop_assert!(parsed.groups.iter().all(|group| !group.is_empty()));
        }

        #[test]
        fn every_string_is_a_query(query in any::<String>()) {
            parse(&query, &analyzer());
        }
    }
}
