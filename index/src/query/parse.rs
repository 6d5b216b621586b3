//! The grammar of queries: words, "phrases", -exclusions, OR, document numbers, field words. Every text is a query.

use super::fields::{self, Asked, Condition, Field, FieldWord};
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
    /// Conditions on fields.
    pub conditions: Vec<Condition>,
}

impl Parsed {
    /// Adds an alternative to the last group, or to the last condition, which then is a group.
    fn join(&mut self, part: Part, after_condition: bool) {
        if after_condition && let Some(condition) = self.conditions.pop() {
            self.groups.push(vec![Part::Field(Box::new(condition.asked))]);
        }
        match self.groups.last_mut() {
            Some(group) if group.len() < MAX_PARTS => group.push(part),
            Some(_) => {}
            None => self.groups.push(vec![part]),
        }
    }

    fn parts(&self) -> usize {
        self.groups.len() + self.excluded.len() + self.conditions.len()
    }
}

/// What stands between spaces or quotes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Part {
    /// As typed: may be cut into words of which most are needed.
    Text(String),
    /// Between quotes: must stand so in the document.
    Phrase(String),
    /// A condition on a field, as one of several alternatives.
    Field(Box<Asked>),
}

impl Part {
    /// The text; a condition on a field has none.
    pub fn text(&self) -> &str {
        match self {
            Self::Text(text) | Self::Phrase(text) => text,
            Self::Field(_) => "",
        }
    }
}

/// Takes a query apart.
pub fn parse(query: &str, analyzer: &Analyzer) -> Parsed {
    let end = query.char_indices().nth(MAX_QUERY_CHARS).map_or(query.len(), |(offset, _)| offset);
    let query = &query[..end];
    let folded = analyzer.fold_with_offsets(query);
    // 文号: before a number is no part of it.
    let from = fields::after_number_word(&folded.text).unwrap_or(0);
    // beside OR a number is one of several parts
    let number = if has_or(query) { None } else { number::find(&folded.text[from..], analyzer) }
        .map(|(range, parts)| (from + range.start..from + range.end, parts));
    let mut parsed = Parsed::default();
    match number {
        Some((range, parts)) => {
            let range = folded.original(range);
            let before = query.get(..range.start).unwrap_or_default();
            match number_word(before, analyzer) {
                Some((start, excludes)) => {
                    parts_of(&before[..start], analyzer, &mut parsed);
                    parsed.conditions.push(Condition { asked: Asked::Number(parts.clone()), excludes });
                    parsed.number = (!excludes).then_some(parts);
                }
                None => match before.trim_end_matches(is_minus) {
                    rest if rest.len() < before.len() && rest.chars().next_back().is_none_or(is_space) => {
                        parts_of(rest, analyzer, &mut parsed);
                        parsed.conditions.push(Condition { asked: Asked::Number(parts), excludes: true });
                    }
                    _ => {
                        parts_of(before, analyzer, &mut parsed);
                        parsed.number = Some(parts);
                    }
                },
            }
            parts_of(query.get(range.end..).unwrap_or_default(), analyzer, &mut parsed);
        }
        None => parts_of(query, analyzer, &mut parsed),
    }
    parsed
}

/// Where the word 文号: at the end of a text begins, and whether it excludes.
fn number_word(before: &str, analyzer: &Analyzer) -> Option<(usize, bool)> {
    let text = before.trim_end();
    let start = text.rfind(|character| is_space(character) || is_minus(character));
    let start = start.map_or(0, |at| at + text[at..].chars().next().map_or(0, char::len_utf8));
    let (word, end) = fields::at_start(&text[start..], analyzer)?;
    if word != FieldWord::Names(Field::Number) || start + end != text.len() {
        return None;
    }
    let minus = text[..start].chars().next_back().filter(|sign| is_minus(*sign));
    Some((start - minus.map_or(0, char::len_utf8), minus.is_some()))
}

fn parts_of(query: &str, analyzer: &Analyzer, parsed: &mut Parsed) {
    let mut rest = query;
    let several = has_or(query);
    // whether the part before was joined with OR, and whether it was a condition
    let (mut or, mut after_condition) = (false, false);
    let mut not = false;
    loop {
        rest = rest.trim_start_matches(is_space);
        let Some(first) = rest.chars().next() else { return };
        if parsed.parts() >= MAX_PARTS {
            return;
        }
        if matches!(first, '|' | '｜') {
            or = true;
            rest = &rest[first.len_utf8()..];
            continue;
        }
        let after_minus = &rest[first.len_utf8()..];
        let minus = is_minus(first) && after_minus.chars().next().is_some_and(|next| !is_space(next));
        if minus {
            rest = after_minus;
        }
        let word = &rest[..rest.find(is_space).unwrap_or(rest.len())];
        let follows = !rest[word.len()..].trim_matches(is_space).is_empty();
        let precedes = !parsed.groups.is_empty() || !parsed.conditions.is_empty();
        match Operator::of(word) {
            // half typed, or typed before anything: it joins nothing
            Some(operator) if operator.is_capital(word) || (precedes && follows && operator == Operator::Or) => {
                match operator {
                    Operator::Or => or = precedes,
                    Operator::Not => not = follows,
                    Operator::And => {}
                }
                if precedes || follows {
                    rest = &rest[word.len()..];
                    continue;
                }
            }
            _ => {}
        }
        let excludes = minus || std::mem::take(&mut not);
        if let Some((word, end)) = fields::at_start(rest, analyzer) {
            let value = rest[end..].trim_start_matches(is_space);
            let (asked, after) = match word {
                FieldWord::Years(span) => (Some(Asked::Dated(span)), value),
                FieldWord::Names(_) if value.is_empty() => (None, value),
                FieldWord::Names(field) => {
                    let (part, after) = next_part(value, analyzer);
                    (fields::read(field, &part, analyzer), after)
                }
            };
            match asked {
                Some(asked) if or && !excludes => {
                    parsed.join(Part::Field(Box::new(asked)), after_condition);
                    (rest, or, after_condition) = (after, false, false);
                    continue;
                }
                Some(asked) => {
                    if let (Asked::Number(number), false, false) = (&asked, excludes, several) {
                        parsed.number.get_or_insert_with(|| number.clone());
                    }
                    parsed.conditions.push(Condition { asked, excludes });
                    (rest, or, after_condition) = (after, false, !excludes);
                    continue;
                }
                // 地区:火星 names no region: what is left is looked for
                None if !value.is_empty() => {
                    rest = value;
                    continue;
                }
                None => {}
            }
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
            part if !part.text().chars().any(char::is_alphanumeric) => {}
            part if excludes => parsed.excluded.push(part),
            part => {
                let number = match &part {
                    Part::Text(text) if several => number::read_whole(text, analyzer).filter(NumberParts::is_whole),
                    _ => None,
                };
                let part = number.map_or(part, |number| Part::Field(Box::new(Asked::Number(number))));
                match or {
                    true => parsed.join(part, after_condition),
                    false => parsed.groups.push(vec![part]),
                }
                (or, after_condition) = (false, false);
            }
        }
    }
}

/// A word between parts that says how they belong together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Operator {
    Or,
    And,
    Not,
}

impl Operator {
    fn of(word: &str) -> Option<Self> {
        match word {
            "OR" | "ＯＲ" | "or" | "Or" => Some(Self::Or),
            "AND" | "ＡＮＤ" => Some(Self::And),
            "NOT" | "ＮＯＴ" => Some(Self::Not),
            _ => None,
        }
    }

    /// A small `or` may be a word.
    fn is_capital(self, word: &str) -> bool {
        !word.contains('r')
    }
}

/// The operator that a word is in capitals of any width, as it is usually written.
pub fn operator(word: &str) -> Option<&'static str> {
    let operator = Operator::of(word).filter(|operator| operator.is_capital(word))?;
    Some(match operator {
        Operator::Or => "OR",
        Operator::And => "AND",
        Operator::Not => "NOT",
    })
}

/// Whether a text has alternatives: OR, or a bar.
fn has_or(query: &str) -> bool {
    let words: Vec<&str> = query.split(is_space).filter(|word| !word.is_empty()).collect();
    let between = words.get(1..words.len().saturating_sub(1)).unwrap_or_default();
    between.iter().any(|word| Operator::of(word) == Some(Operator::Or)) || query.contains(['|', '｜'])
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

fn is_minus(character: char) -> bool {
    matches!(character, '-' | '－' | '−')
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
            ("OR 高企", vec![vec![text("高企")]], vec![]),
            ("高企 OR", vec![vec![text("高企")]], vec![]),
            ("高企 or 小巨人", vec![vec![text("高企"), text("小巨人")]], vec![]),
            ("高企 AND 小巨人", vec![vec![text("高企")], vec![text("小巨人")]], vec![]),
            ("高企 NOT 小巨人", vec![vec![text("高企")]], vec![text("小巨人")]),
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
            assert_eq!(parsed, Parsed { groups, excluded, ..Parsed::default() }, "{query}");
        }
    }

    #[test]
    fn finds_a_number_beside_words() {
        let parsed = parse("財庫 财办库［2020］29號 “采购”", &analyzer());
        assert_eq!(parsed.groups, [vec![text("财库")], vec![phrase("采购")]]);
        assert_eq!(parsed.number.map(|number| number.shown()).as_deref(), Some("财办库〔2020〕29号"));
    }

    #[test]
    fn reads_field_words() {
        for (query, groups, conditions) in [
            ("标题:高企 奖励", vec![vec![text("奖励")]], vec!["title 高企"]),
            ("题名：“高企 认定”", vec![], vec!["title 高企 认定"]),
            ("正文: 奖励", vec![], vec!["body 奖励"]),
            ("发文机关:工信部 申报", vec![vec![text("申报")]], vec!["issuer 工业和信息化部"]),
            ("-机关:教育部 申报", vec![vec![text("申报")]], vec!["-issuer 教育部"]),
            ("文号:国发2023 11号 创新", vec![vec![text("创新")]], vec!["doc_number 国发〔2023〕11号"]),
            ("创新 文号：国发〔2023〕11号", vec![vec![text("创新")]], vec!["doc_number 国发〔2023〕11号"]),
            ("创新 -文号：国发〔2023〕11号", vec![vec![text("创新")]], vec!["-doc_number 国发〔2023〕11号"]),
            ("文号:国发", vec![], vec!["doc_number 国发"]),
            (
                "地区:镇江 年份:2024 文种:通知",
                vec![],
                vec!["region 镇江市", "dated 2024-01-01 – 2024-12-31", "kind 通知"],
            ),
            ("2024年:补贴", vec![vec![text("补贴")]], vec!["dated 2024-01-01 – 2024-12-31"]),
            ("地区:火星", vec![vec![text("火星")]], vec![]),
            ("-国发〔2023〕11号 创新", vec![vec![text("创新")]], vec!["-doc_number 国发〔2023〕11号"]),
            ("创新 －国发2023 11号", vec![vec![text("创新")]], vec!["-doc_number 国发〔2023〕11号"]),
            ("电话:补贴", vec![vec![text("电话:补贴")]], vec![]),
            ("标题:", vec![vec![text("标题:")]], vec![]),
        ] {
            let parsed = parse(query, &analyzer());
            let read: Vec<String> = (parsed.conditions.iter())
                .map(|condition| {
                    let sign = if condition.excludes { "-" } else { "" };
                    format!("{sign}{} {}", condition.asked.field(), condition.asked.shown())
                })
                .collect();
            assert_eq!((parsed.groups, read), (groups, conditions.into_iter().map(str::to_owned).collect()), "{query}");
        }
    }

    #[test]
    fn conditions_and_numbers_are_alternatives() {
        let field = |part: &Part| match part {
            Part::Field(asked) => format!("{} {}", asked.field(), asked.shown()),
            part => part.text().to_owned(),
        };
        for (query, groups, conditions) in [
            ("标题:高企 OR 标题:瞪羚", vec![vec!["title 高企", "title 瞪羚"]], 0),
            ("标题:高企 OR 公积金 奖励", vec![vec!["title 高企", "公积金"], vec!["奖励"]], 0),
            ("时效:废止 | 时效:失效 地区:镇江", vec![vec!["validity 已废止", "validity 已失效"]], 1),
            (
                "国发〔2023〕11号 OR 沪科〔2014〕12号",
                vec![vec!["doc_number 国发〔2023〕11号", "doc_number 沪科〔2014〕12号"]],
                0,
            ),
            ("国发〔2023〕11号 OR 公积金", vec![vec!["doc_number 国发〔2023〕11号", "公积金"]], 0),
        ] {
            let parsed = parse(query, &analyzer());
            let read: Vec<Vec<String>> = parsed.groups.iter().map(|group| group.iter().map(field).collect()).collect();
            assert_eq!(read, groups, "{query}");
            assert_eq!((parsed.conditions.len(), parsed.number), (conditions, None), "{query}");
        }
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
