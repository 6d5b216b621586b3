//! Folding: one form for what readers take as the same letter. Compatibility forms (full-width letters and digits,
//! circled numbers, radicals, accents: NFKD without marks, so what NFKC makes equal is equal here), Traditional to
//! Simplified Chinese, lower case.
//!
//! Each character folds by itself, whatever stands beside it, so that a query and a document can never fold the same
//! words in two ways. Punctuation stays as it is: the cut drops it anyway, and ordinary text then needs no new string.

use std::borrow::Cow;
use std::collections::HashMap;
use std::ops::Range;

use ferrous_opencc::OpenCC;
use ferrous_opencc::config::BuiltinConfig;
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// Marks an entry of the table that folds to none or several characters.
const SEVERAL: u32 = u32::MAX;

/// The fold of every character of the Basic Multilingual Plane, worked out once.
pub struct Fold {
    table: Vec<u32>,
    /// A bit for each character that folds to something else: 8 KB, which stay in the processor's cache.
    changes: Vec<u64>,
    several: HashMap<char, Box<str>>,
    simplified: HashMap<char, char>,
}

impl Fold {
    /// Works the table out; takes some milliseconds.
    pub fn new() -> Self {
        let simplified = simplified_characters();
        let mut table = Vec::with_capacity(0x1_0000);
        let mut several = HashMap::new();
        for code in 0..0x1_0000_u32 {
            let Some(character) = char::from_u32(code) else {
                table.push(code);
                continue;
            };
            let folded = fold_character(character, &simplified);
            let mut characters = folded.chars();
            match (characters.next(), characters.next()) {
                (Some(single), None) => table.push(single as u32),
                _ => {
                    table.push(SEVERAL);
                    several.insert(character, folded.into_boxed_str());
                }
            }
        }
        let changes = table
            .chunks(64)
            .zip((0_u32..).step_by(64))
            .map(|(folds, first)| {
                let bits = folds.iter().zip(first..).enumerate().filter(|&(_, (&folded, code))| folded != code);
                bits.fold(0, |changes, (bit, _)| changes | 1 << bit)
            })
            .collect();
        Self { table, changes, several, simplified }
    }

    /// Folds a text. Borrows it when nothing changes, as in nearly all lines of Simplified text.
    pub fn fold<'a>(&self, text: &'a str) -> Cow<'a, str> {
        let mut folded = String::new();
        if self.fold_into(text, &mut folded) { Cow::Owned(folded) } else { Cow::Borrowed(text) }
    }

    /// Folds into `out`, which is cleared; false, with `out` left empty, when the text is its own fold.
    pub fn fold_into(&self, text: &str, out: &mut String) -> bool {
        out.clear();
        let Some(unchanged) = self.unchanged_len(text) else { return false };
        out.reserve(text.len());
        let (head, mut rest) = text.split_at(unchanged);
        out.push_str(head);
        while let Some(character) = rest.chars().next() {
            self.push(character, out);
            rest = &rest[character.len_utf8()..];
            // What stays as it is up to the next change is taken in one piece.
            let kept = self.unchanged_len(rest).unwrap_or(rest.len());
            out.push_str(&rest[..kept]);
            rest = &rest[kept..];
        }
        true
    }

    /// Folds a text and keeps the way back to the original offsets.
    pub fn fold_with_offsets<'a>(&self, text: &'a str) -> Folded<'a> {
        let Some(unchanged) = self.unchanged_len(text) else {
            return Folded { text: Cow::Borrowed(text), runs: Vec::new(), original_len: text.len() };
        };
        let mut out = String::with_capacity(text.len());
        out.push_str(&text[..unchanged]);
        let mut runs = vec![Run { folded: 0, original: 0, whole: false }];
        let mut rest = unchanged;
        while let Some(character) = text[rest..].chars().next() {
            let (original, folded) = (rest, out.len());
            self.push(character, &mut out);
            rest += character.len_utf8();
            let same_length = out.len() - folded == character.len_utf8() && out[folded..].chars().nth(1).is_none();
            let last = runs[runs.len() - 1];
            let continues = !last.whole && original - last.original == folded - last.folded;
            if !same_length {
                runs.push(Run { folded, original, whole: true });
            } else if !continues {
                runs.push(Run { folded, original, whole: false });
            }
            // What stays as it is up to the next change is taken in one piece.
            let kept = self.unchanged_len(&text[rest..]).unwrap_or(text.len() - rest);
            if kept > 0 {
                if !same_length {
                    runs.push(Run { folded: out.len(), original: rest, whole: false });
                }
                out.push_str(&text[rest..rest + kept]);
                rest += kept;
            }
        }
        Folded { text: Cow::Owned(out), runs, original_len: text.len() }
    }

    /// Length of the beginning that folds to itself; `None` when that is the whole text.
    fn unchanged_len(&self, text: &str) -> Option<usize> {
        let mut rest = text.char_indices();
        rest.find(|&(_, character)| {
            let code = character as usize;
            // Beyond the table characters are rare, and folded one by one.
            self.changes.get(code / 64).is_none_or(|changes| changes >> (code % 64) & 1 == 1)
        })
        .map(|(offset, _)| offset)
    }

    fn push(&self, character: char, out: &mut String) {
        match self.table.get(character as usize) {
            Some(&SEVERAL) => out.push_str(self.several.get(&character).map_or("", |folded| folded)),
            Some(&code) => out.push(char::from_u32(code).unwrap_or(character)),
            // Rare: mathematical letters, enclosed letters, rare ideographs.
            None => out.push_str(&fold_character(character, &self.simplified)),
        }
    }
}

impl Default for Fold {
    fn default() -> Self {
        Self::new()
    }
}

/// A folded text and the way back to the original.
#[derive(Debug, Clone)]
pub struct Folded<'a> {
    /// The folded text.
    pub text: Cow<'a, str>,
    runs: Vec<Run>,
    original_len: usize,
}

/// A stretch of the folded text. Within an ordinary run offsets differ by a constant; a `whole` run is one character
/// of the original whose fold has another length.
#[derive(Debug, Clone, Copy)]
struct Run {
    folded: usize,
    original: usize,
    whole: bool,
}

impl Folded<'_> {
    /// The stretch of the original text that a stretch of the folded text came from. It always lies on character
    /// boundaries of the original when `range` does on those of the folded text.
    pub fn original(&self, range: Range<usize>) -> Range<usize> {
        if self.runs.is_empty() {
            return range;
        }
        let start = self.run_at(range.start);
        let from = match self.runs.get(start) {
            Some(run) if run.whole => run.original,
            Some(run) => run.original + (range.start - run.folded),
            None => range.start,
        };
        if range.end <= range.start {
            return from..from;
        }
        let end = self.run_at(range.end - 1);
        let to = match self.runs.get(end) {
            Some(run) if run.whole => self.runs.get(end + 1).map_or(self.original_len, |next| next.original),
            Some(run) => run.original + (range.end - run.folded),
            None => range.end,
        };
        from..to.max(from)
    }

    fn run_at(&self, folded: usize) -> usize {
        self.runs.partition_point(|run| run.folded <= folded).saturating_sub(1)
    }
}

fn fold_character(character: char, simplified: &HashMap<char, char>) -> String {
    if is_invisible(character) {
        return String::new();
    }
    let mut folded = character.to_string();
    // A variant may have a Traditional form that has a Simplified one (啟 → 啓 → 启): go on to the end.
    for _ in 0..4 {
        let next: String = folded
            .nfkd()
            .filter(|&part| !is_combining_mark(part))
            .flat_map(|part| simplified.get(&part).copied().unwrap_or(part).to_lowercase())
            .collect();
        if next == folded {
            break;
        }
        folded = next;
    }
    let is_word = folded.chars().any(char::is_alphanumeric);
    if is_word || is_combining_mark(character) { folded } else { character.to_string() }
}

/// Whether nothing is seen of a character: what pages and editors leave between the letters of a word.
fn is_invisible(character: char) -> bool {
    matches!(
        character,
        '\u{AD}' | '\u{180E}' | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{2069}'
            | '\u{FE00}'..='\u{FE0F}' | '\u{FEFF}' | '\u{E0100}'..='\u{E01EF}'
    )
}

/// Simplified form of every ideograph that has one, by OpenCC.
fn simplified_characters() -> HashMap<char, char> {
    let ideographs: Vec<char> = (0x3400..=0x9FFF_u32).chain(0xF900..=0xFAFF).filter_map(char::from_u32).collect();
    // One character a line, so that no phrase of OpenCC's joins two of them.
    let lines: String = ideographs.iter().flat_map(|&ideograph| [ideograph, '\n']).collect();
    let Ok(converter) = OpenCC::from_config(BuiltinConfig::T2s) else {
        // The tables are compiled in; `simplifies` below would fail.
        return HashMap::new();
    };
    let converted = converter.convert(&lines);
    ideographs
        .iter()
        .zip(converted.lines())
        .filter_map(|(&ideograph, line)| {
            let mut characters = line.chars();
            let simplified = characters.next()?;
            (characters.next().is_none() && simplified != ideograph).then_some((ideograph, simplified))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::sync::OnceLock;

    fn fold() -> &'static Fold {
        static FOLD: OnceLock<Fold> = OnceLock::new();
        FOLD.get_or_init(Fold::new)
    }

    #[test]
    fn folds_what_readers_take_as_the_same() {
        for (text, expected) in [
            ("", ""),
            ("高新技术企业，认定（2024）。", "高新技术企业，认定（2024）。"),
            ("ＧＤＰ１２３", "gdp123"),
            ("中小企業復工復產", "中小企业复工复产"),
            ("住房公積金", "住房公积金"),
            ("AI＋制造", "ai＋制造"),
            ("①面积100㎡", "1面积100m2"),
            ("Ⅲ类", "iii类"),
            ("café cafe\u{301}", "cafe cafe"),
            ("⼯业", "工业"),
            ("𝐀股", "a股"),
            ("啟動", "启动"),
        ] {
            assert_eq!(fold().fold(text), expected, "{text}");
        }
    }

    #[test]
    fn leads_back_to_the_original() {
        let original = "申报面积１００㎡以上的中小企業（ＡＢ）Ⅶ类";
        let folded = fold().fold_with_offsets(original);
        for (needle, expected) in [
            ("申报", "申报"),
            ("100", "１００"),
            ("m2", "㎡"),
            ("2以", "㎡以"),
            ("ii", "Ⅶ"),
            ("企业", "企業"),
            ("ab", "ＡＢ"),
        ] {
            let start = folded.text.find(needle).unwrap();
            let range = folded.original(start..start + needle.len());
            assert_eq!(&original[range], expected, "{needle}");
        }
    }

    proptest! {
        #[test]
        fn folding_twice_changes_nothing(text in "\\PC{0,60}") {
            let once = fold().fold(&text).into_owned();
            prop_assert_eq!(fold().fold(&once), once.as_str());
        }

        #[test]
        fn every_stretch_leads_back_to_character_boundaries(text in any::<String>()) {
            let folded = fold().fold_with_offsets(&text);
            let plain = fold().fold(&text);
            prop_assert_eq!(&folded.text, &plain);
            let bounds: Vec<usize> =
                folded.text.char_indices().map(|(offset, _)| offset).chain([folded.text.len()]).collect();
            for (i, &from) in bounds.iter().enumerate() {
                for &to in &bounds[i..] {
                    let range = folded.original(from..to);
                    prop_assert!(text.get(range.clone()).is_some(), "{range:?}");
                }
            }
        }
    }
}
