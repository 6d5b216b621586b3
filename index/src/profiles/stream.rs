//! The letters of a text as the matcher reads them: folded, without quotes, brackets and spaces, with the words of the
//! cut and the way back to the original.

use std::borrow::Cow;
use std::ops::Range;

use crate::Analyzer;

/// Text beyond this is not read; the longest real documents are about a tenth of it.
const MAX_CHARS: usize = 400_000;

/// Stands for punctuation and line ends: no word goes across it.
pub const BREAK: char = '\n';

/// The longest content of brackets that may stand in the middle of a word (出口退（免）税).
const MAX_INSERTION: usize = 2;

/// Letters on both sides of an insertion that are read together.
const INSERTION_REACH: usize = 10;

/// How far a sentence is shown on either side of what was found.
const EVIDENCE_REACH: usize = 60;

/// A text as letters.
pub struct Stream<'a> {
    original: Cow<'a, str>,
    /// Letters and breaks.
    pub letters: Vec<char>,
    /// Byte range of each letter in the original.
    bytes: Vec<Range<usize>>,
    /// Whether a word of the cut begins here.
    begins: Vec<bool>,
    /// Whether the letter stands between 《 and 》.
    pub cited: Vec<bool>,
    paragraphs: Vec<Paragraph>,
    insertions: Vec<Range<usize>>,
}

/// Lines of the original, as letters.
#[derive(Debug, Clone)]
struct Paragraph {
    start: usize,
    /// Where the heading ends; `start` when the line has none.
    heading_end: usize,
}

impl<'a> Stream<'a> {
    /// Reads a text.
    pub fn new(analyzer: &Analyzer, original: impl Into<Cow<'a, str>>) -> Self {
        let original = match original.into() {
            Cow::Borrowed(text) => Cow::Borrowed(head(text, MAX_CHARS)),
            Cow::Owned(text) => Cow::Owned(head(&text, MAX_CHARS).to_owned()),
        };
        let text = original.clone();
        let folded = analyzer.fold_with_offsets(&text);
        let words = analyzer.cut(&folded.text);
        let mut stream = Self {
            original,
            letters: Vec::with_capacity(folded.text.len() / 2),
            bytes: Vec::with_capacity(folded.text.len() / 2),
            begins: Vec::new(),
            cited: Vec::new(),
            paragraphs: Vec::new(),
            insertions: Vec::new(),
        };
        let mut next_word = words.iter().peekable();
        let mut depth = 0_u32;
        let mut bracket: Option<usize> = None;
        let mut line_begins = true;
        for (offset, character) in folded.text.char_indices() {
            if line_begins {
                stream.paragraphs.push(Paragraph { start: stream.letters.len(), heading_end: stream.letters.len() });
                line_begins = false;
            }
            let range = offset..offset + character.len_utf8();
            match character {
                '《' => depth += 1,
                '》' => depth = depth.saturating_sub(1),
                '(' | '（' => bracket = Some(stream.letters.len()),
                ')' | '）' => {
                    if let Some(start) = bracket.take() {
                        let end = stream.letters.len();
                        if (1..=MAX_INSERTION).contains(&(end - start)) {
                            stream.insertions.push(start..end);
                        }
                    }
                }
                _ if character.is_alphanumeric() => {
                    while next_word.peek().is_some_and(|word| word.end <= offset) {
                        next_word.next();
                    }
                    let begins = next_word.peek().is_none_or(|word| word.start >= offset);
                    stream.push(character, folded.original(range), begins, depth > 0);
                }
                _ if is_dropped(character) => {}
                _ => {
                    if !matches!(stream.letters.last(), None | Some(&BREAK)) {
                        stream.push(BREAK, folded.original(range), true, depth > 0);
                    }
                    line_begins = character == '\n' || character == '\r';
                    if line_begins {
                        depth = 0;
                        bracket = None;
                    }
                }
            }
        }
        stream.begins.push(true);
        stream.find_headings();
        stream
    }

    fn push(&mut self, letter: char, bytes: Range<usize>, begins: bool, cited: bool) {
        self.letters.push(letter);
        self.bytes.push(bytes);
        self.begins.push(begins);
        self.cited.push(cited);
    }

    /// A heading is a short numbered line, or the short numbered beginning of one (（二）加强研发投入。…).
    fn find_headings(&mut self) {
        const MAX_HEADING: usize = 36;
        let starts: Vec<usize> = self.paragraphs.iter().map(|paragraph| paragraph.start).collect();
        for (index, paragraph) in self.paragraphs.iter_mut().enumerate() {
            let line_end = starts.get(index + 1).copied().unwrap_or(self.letters.len());
            let Some(bytes) = self.bytes.get(paragraph.start) else { continue };
            let line_start = self.original[..bytes.start].rfind(['\n', '\r']).map_or(0, |at| at + 1);
            let line = self.original[line_start..].trim_start();
            if !is_numbered(line) {
                continue;
            }
            // The number itself may end with a break (一、), so the sentence is looked for in the original.
            let sentence = line.split(['。', '；', '：', '\n', '\r']).next().unwrap_or_default();
            let chars = sentence.chars().filter(|character| character.is_alphanumeric()).count();
            if chars <= MAX_HEADING {
                paragraph.heading_end = (paragraph.start + chars + 4).min(line_end);
            }
        }
    }

    /// The text itself.
    pub fn text(&self) -> &str {
        &self.original
    }

    /// The bytes of the original at these letters.
    pub fn bytes(&self, range: &Range<usize>) -> Range<usize> {
        match (self.bytes.get(range.start), range.end.checked_sub(1).and_then(|last| self.bytes.get(last))) {
            (Some(first), Some(last)) => first.start..last.end.max(first.start),
            _ => self.original.len()..self.original.len(),
        }
    }

    /// How many letters there are.
    pub fn len(&self) -> usize {
        self.letters.len()
    }

    /// The words of the original at these letters.
    pub fn original(&self, range: &Range<usize>) -> &str {
        self.original.get(self.bytes(range)).unwrap_or_default()
    }

    /// The sentence around these letters, cut short when it is long; always an exact part of the original.
    pub fn sentence(&self, range: &Range<usize>) -> &str {
        self.sentence_at(self.bytes(range))
    }

    /// As [`Stream::sentence`], around a byte range of the original.
    pub fn sentence_at(&self, bytes: Range<usize>) -> &str {
        let (Some(before), Some(after)) = (self.original.get(..bytes.start), self.original.get(bytes.end..)) else {
            return "";
        };
        let is_end = |character: char| matches!(character, '。' | '；' | '！' | '？' | ';' | '\n' | '\r');
        let mut start = bytes.start;
        for (offset, character) in before.char_indices().rev().take(EVIDENCE_REACH) {
            if is_end(character) {
                break;
            }
            start = offset;
        }
        let mut end = bytes.end;
        for (offset, character) in after.char_indices().take(EVIDENCE_REACH) {
            if is_end(character) {
                break;
            }
            end = bytes.end + offset + character.len_utf8();
        }
        self.original[start..end].trim()
    }

    /// Whether letters that spell a word are that word here: they may not begin inside one word of the cut and end
    /// inside or after another (外资 in 境外资金), and inside one word they must stand at its beginning or end.
    pub fn is_word(&self, range: &Range<usize>) -> bool {
        let begins = |at: usize| self.begins.get(at).copied().unwrap_or(true);
        let (starts_word, ends_word) = (begins(range.start), begins(range.end));
        if starts_word && ends_word {
            return true;
        }
        // Latin words and numbers are whole or not there at all.
        let latin = |at: usize| self.letters.get(at).is_some_and(char::is_ascii_alphanumeric);
        if (!starts_word && latin(range.start)) || (!ends_word && latin(range.end.saturating_sub(1))) {
            return false;
        }
        let inner = (range.start + 1..range.end).any(begins);
        if inner { starts_word && range.end - range.start > 2 } else { starts_word || ends_word }
    }

    /// Whether a word of the cut begins at the first of these bytes of the original and one ends at the last.
    pub fn are_words(&self, bytes: &Range<usize>) -> Option<Range<usize>> {
        let start = self.bytes.partition_point(|letter| letter.start < bytes.start);
        let end = self.bytes.partition_point(|letter| letter.start < bytes.end);
        let begins = |at: usize| self.begins.get(at).copied().unwrap_or(true);
        (start < end && begins(start) && begins(end)).then_some(start..end)
    }

    /// Whether the sentence around these letters says who may have something.
    pub fn says_who(&self, range: &Range<usize>) -> bool {
        const WHO: [&str; 4] = ["企业", "单位", "主体", "机构"];
        const MAY: [&str; 7] = ["包括", "对象", "申报主体", "适用于", "适用范围", "从事", "申报范围"];
        let sentence = self.sentence(range);
        WHO.iter().any(|word| sentence.contains(word)) && MAY.iter().any(|word| sentence.contains(word))
    }

    /// Whether the letters stand in a heading.
    pub fn in_heading(&self, range: &Range<usize>) -> bool {
        let index = self.paragraphs.partition_point(|paragraph| paragraph.start <= range.start);
        index
            .checked_sub(1)
            .and_then(|at| self.paragraphs.get(at))
            .is_some_and(|paragraph| range.end <= paragraph.heading_end)
    }

    /// Whether the letters are part of the name of an office (知识产权 in 市知识产权局): no mention of the matter.
    pub fn in_office_name(&self, range: &Range<usize>) -> bool {
        const REACH: usize = 6;
        let ahead: Vec<char> =
            self.letters[range.end..].iter().copied().take_while(|&letter| letter != BREAK).take(REACH + 3).collect();
        for (index, &letter) in ahead.iter().take(REACH).enumerate() {
            let next = ahead.get(index + 1).copied().unwrap_or(BREAK);
            match letter {
                '局' | '厅' if !matches!(next, '面' | '部' | '限' | '势') => return true,
                '部' if index == 0 && !matches!(next, '分' | '署' | '位' | '件' | '队' | '级' | '落') => {
                    return true;
                }
                '委' if next == '员' && ahead.get(index + 2) == Some(&'会') => return true,
                '主' if next == '管' && ahead.get(index + 2) == Some(&'部') => return true,
                '部' if next == '门' => return true,
                '的' | '和' | '与' | '及' if index < 3 && letter == '的' => return false,
                _ => {}
            }
        }
        false
    }

    /// Stretches of letters without an insertion in brackets: for each, the letters and where each stands.
    pub fn joints(&self) -> Vec<(Vec<char>, Vec<usize>, usize)> {
        self.insertions
            .iter()
            .take(500)
            .map(|insertion| {
                let from = insertion.start.saturating_sub(INSERTION_REACH);
                let to = (insertion.end + INSERTION_REACH).min(self.letters.len());
                let places: Vec<usize> = (from..insertion.start).chain(insertion.end..to).collect();
                let letters = places.iter().map(|&place| self.letters[place]).collect();
                (letters, places, insertion.start - from)
            })
            .collect()
    }
}

/// Quotes, brackets and spaces do not part words.
fn is_dropped(character: char) -> bool {
    matches!(
        character,
        '“' | '”'
            | '"'
            | '‘'
            | '’'
            | '\''
            | '「'
            | '」'
            | '『'
            | '』'
            | '〔'
            | '〕'
            | '['
            | ']'
            | '【'
            | '】'
            | '·'
            | '-'
    ) || (character.is_whitespace() && character != '\n' && character != '\r')
        || character == '\u{200b}'
        || character == '\u{feff}'
}

fn is_numbered(line: &str) -> bool {
    let number = |character: char| character.is_ascii_digit() || "一二三四五六七八九十百".contains(character);
    let line = line.trim_start_matches(['(', '（']);
    let rest = line.trim_start_matches(number);
    rest.len() < line.len() && rest.starts_with(['、', '.', '．', ')', '）'])
        || line.strip_prefix('第').is_some_and(|rest| {
            let after = rest.trim_start_matches(number);
            after.len() < rest.len() && after.starts_with(['条', '章', '节'])
        })
}

fn head(text: &str, chars: usize) -> &str {
    text.char_indices().nth(chars).map_or(text, |(offset, _)| &text[..offset])
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn find(stream: &Stream<'_>, word: &str) -> Option<Range<usize>> {
        let word: Vec<char> = word.chars().collect();
        stream.letters.windows(word.len()).position(|window| window == word).map(|at| at..at + word.len())
    }

    #[test]
    fn a_word_is_not_found_across_two_others() {
        let analyzer = Analyzer::default();
        for (text, word, expected) in [
            ("严控境外资金流入", "外资", false),
            ("鼓励外资研发中心", "外资", true),
            ("缴存住房公积金", "公积金", true),
            ("提高支农业务占比", "农业", false),
            ("发展现代农业", "农业", true),
            ("使用OPENAI接口", "ai", false),
            ("推进“AI+制造”", "ai", true),
        ] {
            let stream = Stream::new(&analyzer, text);
            let range = find(&stream, word).unwrap();
            assert_eq!(stream.is_word(&range), expected, "{word} in {text}");
        }
    }

    #[test]
    fn names_of_offices_are_no_mention() {
        let analyzer = Analyzer::default();
        for (text, word, expected) in [
            ("由市知识产权局负责", "知识产权", true),
            ("由市农业农村局负责", "农业", true),
            ("各级人力资源主管部门", "人力资源", true),
            ("加强知识产权保护", "知识产权", false),
            ("软件部署在本地", "软件", false),
            ("工业和信息化部通知", "信息化", true),
        ] {
            let stream = Stream::new(&analyzer, text);
            let range = find(&stream, word).unwrap();
            assert_eq!(stream.in_office_name(&range), expected, "{word} in {text}");
        }
    }

    #[test]
    fn headings_are_numbered_and_short() {
        let analyzer = Analyzer::default();
        let text = "一、申报条件\n（二）加强软件研发。支持软件企业。\n软件名单\n1.软件产品";
        let stream = Stream::new(&analyzer, text);
        let places: Vec<bool> = (0..stream.len().saturating_sub(1))
            .filter(|&at| stream.letters[at] == '软' && stream.letters[at + 1] == '件')
            .map(|at| stream.in_heading(&(at..at + 2)))
            .collect();
        assert_eq!(places, [true, false, false, true]);
    }

    proptest! {
        #[test]
        fn evidence_is_always_part_of_the_text(text in "(\\PC|[（）(免)《》。\n企业退税]){0,60}", from in 0_usize..60, length in 1_usize..6) {
            let analyzer = crate::text::tests::analyzer();
            let stream = Stream::new(&analyzer, &text);
            let range = from..from + length;
            prop_assert!(text.contains(stream.sentence(&range)));
            prop_assert!(text.contains(stream.original(&range)));
            stream.joints();
            if range.end <= stream.len() {
                stream.is_word(&range);
                stream.in_heading(&range);
                stream.in_office_name(&range);
            }
        }
    }
}
