//! Cutting folded text into words, for documents and for queries.
//!
//! A document is cut precisely, and every word of the dictionary inside one of its words is a word as well: 高新技术企业
//! holds 高新, 技术, 企业 and 高新技术, so whatever a query is cut into is among the words of a document that holds
//! it. The position of a word is the number of letters before it, punctuation not counted: a phrase is words at the
//! right distances, however either side was cut.

use jieba_rs::Jieba;

/// Longer words (only runs of Latin letters and digits are) count by their beginning.
pub const MAX_WORD_CHARS: usize = 64;

/// Words inside words longer than this are not looked for, which bounds the work; the dictionary has few longer ones.
const MAX_COMPOUND_CHARS: usize = 16;

/// A word: where it stands in the folded text, and its position.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Word {
    /// First byte.
    pub start: usize,
    /// Byte after the last.
    pub end: usize,
    /// Letters before it.
    pub position: usize,
}

/// The precise cut: each letter in one word.
pub fn precise(jieba: &Jieba, text: &str, mut emit: impl FnMut(Word)) {
    let mut position = 0;
    for token in jieba.cut(text, false) {
        if has_letter(token.word) {
            emit(Word { start: token.byte_start, end: word_end(token.word, token.byte_start), position });
            position += token.end - token.start;
        }
    }
}

/// The precise cut and the words inside each word. `position` is where the text begins and is moved to where it ends.
pub fn with_parts(jieba: &Jieba, seen: &mut Compounds, text: &str, position: &mut usize, words: &mut Vec<Word>) {
    for token in jieba.cut(text, false) {
        let word = token.word;
        if !has_letter(word) {
            continue;
        }
        words.push(Word { start: token.byte_start, end: word_end(word, token.byte_start), position: *position });
        let chars = token.end - token.start;
        if chars > 2 && chars <= MAX_COMPOUND_CHARS && word.len() > chars {
            seen.parts(jieba, word, chars, |from, to, skipped| {
                words.push(Word {
                    start: token.byte_start + from,
                    end: token.byte_start + to,
                    position: *position + skipped,
                });
            });
        }
        *position += chars;
    }
}

/// Words that were cut lately, with the words inside them: the same ones come again and again, and asking the
/// dictionary for each part of a word costs as much as cutting it. Of a fixed size: a word takes the place of another.
#[derive(Clone, Default)]
pub struct Compounds {
    /// Empty until the first word.
    slots: Vec<Compound>,
}

/// A word of up to `REMEMBERED_BYTES`, zeros behind it, and a bit for each of its parts in the order of [`stretches`].
#[derive(Clone, Copy, Default)]
struct Compound {
    word: [u64; REMEMBERED_BYTES / 8],
    parts: u32,
}

/// Eight ideographs, whose 27 stretches have a bit each.
const REMEMBERED_BYTES: usize = 24;

/// As many as stay in the processor's cache (128 KB); a power of two.
const REMEMBERED: usize = 4096;

impl Compounds {
    /// Words of the dictionary strictly inside a word: byte range, and letters before it. Equal words come in the order
    /// in which they stand.
    fn parts(&mut self, jieba: &Jieba, word: &str, chars: usize, mut emit: impl FnMut(usize, usize, usize)) {
        let mut bounds = [0_usize; MAX_COMPOUND_CHARS + 1];
        if word.len() == chars * 3 {
            for (letter, bound) in bounds.iter_mut().enumerate() {
                *bound = letter * 3;
            }
        } else {
            for (bound, (offset, _)) in bounds.iter_mut().zip(word.char_indices()) {
                *bound = offset;
            }
            bounds[chars] = word.len();
        }
        let is_part = |first: usize, length: usize| {
            let part = &word[bounds[first]..bounds[first + length]];
            // A part of a number or of a Latin word is none of its words.
            part.len() > length && jieba.has_word(part)
        };
        if word.len() > REMEMBERED_BYTES || chars > REMEMBERED_BYTES / 3 {
            for (first, length) in stretches(chars) {
                if is_part(first, length) {
                    emit(bounds[first], bounds[first + length], first);
                }
            }
            return;
        }
        let remembered = self.slot(word);
        if remembered.parts == UNKNOWN {
            let bits = stretches(chars).enumerate().filter(|&(_, (first, length))| is_part(first, length));
            remembered.parts = bits.fold(0, |parts, (bit, _)| parts | 1 << bit);
        }
        if remembered.parts != 0 {
            for (bit, (first, length)) in stretches(chars).enumerate() {
                if remembered.parts >> bit & 1 == 1 {
                    emit(bounds[first], bounds[first + length], first);
                }
            }
        }
    }

    /// The place of a word of at most `REMEMBERED_BYTES`, its parts `UNKNOWN` when another word had it.
    fn slot(&mut self, word: &str) -> &mut Compound {
        if self.slots.is_empty() {
            self.slots.resize(REMEMBERED, Compound::default());
        }
        let mut padded = [[0_u8; 8]; REMEMBERED_BYTES / 8];
        padded.as_flattened_mut()[..word.len()].copy_from_slice(word.as_bytes());
        let key = padded.map(u64::from_le_bytes);
        let mixed = key.iter().fold(0_u64, |mixed, &part| (mixed.rotate_left(5) ^ part).wrapping_mul(MULTIPLIER));
        let slot = &mut self.slots[(mixed >> 32) as usize % REMEMBERED];
        if slot.word != key {
            *slot = Compound { word: key, parts: UNKNOWN };
        }
        slot
    }
}

/// Parts that have not been looked for; no word of eight letters has so many.
const UNKNOWN: u32 = u32::MAX;

/// Spreads the bits of a word (2^64 over the golden ratio).
const MULTIPLIER: u64 = 0x9e37_79b9_7f4a_7c15;

/// Every stretch strictly inside a word of two letters or more, the short ones first: its first letter and its length.
fn stretches(chars: usize) -> impl Iterator<Item = (usize, usize)> {
    (2..chars).flat_map(move |length| (0..=chars - length).map(move |first| (first, length)))
}

/// Whether there is a letter or a digit in it. Most words begin with an ideograph, told here by its first byte.
#[inline]
fn has_letter(word: &str) -> bool {
    matches!(word.as_bytes(), [0xE5..=0xE9, ..]) || word.chars().any(is_letter)
}

/// As [`char::is_alphanumeric`], which takes its time over ideographs and their punctuation.
fn is_letter(character: char) -> bool {
    match character {
        '\u{4E00}'..='\u{9FFF}' => true,
        '\0'..='\u{7F}' => character.is_ascii_alphanumeric(),
        '\u{2010}'..='\u{2027}' | '\u{3000}'..='\u{3004}' | '\u{3008}'..='\u{3020}' => false,
        '\u{FF01}'..='\u{FF0F}' | '\u{FF1A}'..='\u{FF20}' => false,
        _ => character.is_alphanumeric(),
    }
}

fn word_end(word: &str, start: usize) -> usize {
    if word.len() <= MAX_WORD_CHARS {
        return start + word.len();
    }
    start + word.char_indices().nth(MAX_WORD_CHARS).map_or(word.len(), |(offset, _)| offset)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::tests::analyzer;

    #[test]
    fn letters_are_those_of_the_standard_library() {
        for character in '\0'..=char::MAX {
            assert_eq!(is_letter(character), character.is_alphanumeric(), "{character:?}");
        }
    }

    #[test]
    fn words_inside_words_are_the_same_when_remembered() {
        let analyzer = analyzer();
        let jieba = &analyzer.inner.jieba;
        let mut seen = Compounds::default();
        for word in ["高新技术企业", "专精特新", "中华人民共和国", "中华人民共和国国务院办公厅", "4s店", "国务院"]
        {
            let parts = |seen: &mut Compounds| {
                let mut parts = Vec::new();
                seen.parts(jieba, word, word.chars().count(), |from, to, skipped| {
                    parts.push((word[from..to].to_owned(), skipped));
                });
                parts
            };
            let chars: Vec<char> = word.chars().collect();
            let mut expected = Vec::new();
            for length in 2..chars.len() {
                for (first, part) in chars.windows(length).enumerate() {
                    let part = String::from_iter(part);
                    if !part.is_ascii() && jieba.has_word(&part) {
                        expected.push((part, first));
                    }
                }
            }
            assert_eq!(parts(&mut seen), expected, "{word}");
            assert_eq!(parts(&mut seen), expected, "{word} again");
        }
    }
}
