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
        if token.word.chars().any(char::is_alphanumeric) {
            emit(Word { start: token.byte_start, end: word_end(token.word, token.byte_start), position });
            position += token.end - token.start;
        }
    }
}

/// The precise cut and the words inside each word. `position` is where the text begins and is moved to where it ends.
pub fn with_parts(jieba: &Jieba, text: &str, position: &mut usize, words: &mut Vec<Word>) {
    for token in jieba.cut(text, false) {
        let word = token.word;
        if !word.chars().any(char::is_alphanumeric) {
            continue;
        }
        words.push(Word { start: token.byte_start, end: word_end(word, token.byte_start), position: *position });
        let chars = token.end - token.start;
        if chars > 2 && chars <= MAX_COMPOUND_CHARS && word.len() > chars {
            parts(jieba, word, chars, |from, to, skipped| {
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

/// Words of the dictionary strictly inside a word: byte range, and letters before it. Equal words come in the order in
/// which they stand.
fn parts(jieba: &Jieba, word: &str, chars: usize, mut emit: impl FnMut(usize, usize, usize)) {
    let mut bounds = [0_usize; MAX_COMPOUND_CHARS + 1];
    for (bound, (offset, _)) in bounds.iter_mut().zip(word.char_indices()) {
        *bound = offset;
    }
    bounds[chars] = word.len();
    for length in 2..chars {
        for first in 0..=chars - length {
            let (from, to) = (bounds[first], bounds[first + length]);
            let part = &word[from..to];
            // A part of a number or of a Latin word is none of its words.
            if part.len() > length && jieba.has_word(part) {
                emit(from, to, first);
            }
        }
    }
}

fn word_end(word: &str, start: usize) -> usize {
    if word.len() <= MAX_WORD_CHARS {
        return start + word.len();
    }
    start + word.char_indices().nth(MAX_WORD_CHARS).map_or(word.len(), |(offset, _)| offset)
}
