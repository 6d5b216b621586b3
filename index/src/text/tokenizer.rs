//! The document cut as a tokenizer of Tantivy.

use tantivy::tokenizer::{Token, TokenStream, Tokenizer};

use super::Analyzer;
use super::cut::{self, Compounds, Word};

/// Cuts documents line by line, so that the buffers stay small and a line that needs no folding is not copied.
#[derive(Clone)]
pub struct DocumentTokenizer {
    analyzer: Analyzer,
    folded: String,
    words: Vec<Word>,
    compounds: Compounds,
}

impl DocumentTokenizer {
    /// A tokenizer with the words of `analyzer`.
    pub fn new(analyzer: Analyzer) -> Self {
        Self { analyzer, folded: String::new(), words: Vec::new(), compounds: Compounds::default() }
    }
}

impl Tokenizer for DocumentTokenizer {
    type TokenStream<'a> = DocumentTokens<'a>;

    fn token_stream<'a>(&'a mut self, text: &'a str) -> DocumentTokens<'a> {
        self.words.clear();
        DocumentTokens {
            tokenizer: self,
            rest: text,
            line: text,
            line_is_folded: false,
            next: 0,
            position: 0,
            token: Token::default(),
        }
    }
}

/// The words of one text.
pub struct DocumentTokens<'a> {
    tokenizer: &'a mut DocumentTokenizer,
    rest: &'a str,
    line: &'a str,
    line_is_folded: bool,
    next: usize,
    position: usize,
    token: Token,
}

impl DocumentTokens<'_> {
    /// Cuts lines until one has words; false at the end of the text.
    fn next_line(&mut self) -> bool {
        let DocumentTokenizer { analyzer, folded, words, compounds } = &mut *self.tokenizer;
        words.clear();
        self.next = 0;
        while !self.rest.is_empty() {
            let (line, rest) = self.rest.split_once('\n').unwrap_or((self.rest, ""));
            self.rest = rest;
            self.line = line;
            self.line_is_folded = analyzer.inner.fold.fold_into(line, folded);
            let text = if self.line_is_folded { folded.as_str() } else { line };
            cut::with_parts(&analyzer.inner.jieba, compounds, text, &mut self.position, words);
            if !words.is_empty() {
                return true;
            }
        }
        false
    }
}

impl TokenStream for DocumentTokens<'_> {
    fn advance(&mut self) -> bool {
        if self.next >= self.tokenizer.words.len() && !self.next_line() {
            return false;
        }
        let word = self.tokenizer.words[self.next];
        self.next += 1;
        let text = if self.line_is_folded { self.tokenizer.folded.as_str() } else { self.line };
        set(&mut self.token.text, &text[word.start..word.end]);
        self.token.position = word.position;
        self.token.offset_from = word.start;
        self.token.offset_to = word.end;
        true
    }

    fn token(&self) -> &Token {
        &self.token
    }

    fn token_mut(&mut self) -> &mut Token {
        &mut self.token
    }
}

/// Puts a word in the place of another. The arms do the same: bytes of a length that the compiler knows, one to four
/// ideographs, are copied without a call.
#[inline(always)]
pub(super) fn set(text: &mut String, word: &str) {
    text.clear();
    match word.len() {
        3 => text.push_str(word),
        6 => text.push_str(word),
        9 => text.push_str(word),
        12 => text.push_str(word),
        _ => text.push_str(word),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::tests::analyzer;
    use proptest::prelude::*;

    fn tokens(text: &str) -> Vec<(String, usize)> {
        let mut tokenizer = DocumentTokenizer::new(analyzer());
        let mut stream = tokenizer.token_stream(text);
        let mut tokens = Vec::new();
        stream.process(&mut |token| tokens.push((token.text.clone(), token.position)));
        tokens
    }

    #[test]
    fn positions_go_on_over_lines() {
        let tokens = tokens("認定\n\n，\n奖励");
        assert_eq!(tokens, [("认定".to_owned(), 0), ("奖励".to_owned(), 2)]);
    }

    proptest! {
        #[test]
        fn cutting_by_line_equals_cutting_at_once(text in "[高新技术企業認定Ａ-Ｚ，。\\n a-c]{0,40}|\\PC{0,30}") {
            let analyzer = analyzer();
            let folded = analyzer.fold(&text);
            let expected: Vec<(String, usize)> = analyzer
                .cut_with_parts(&folded)
                .iter()
                .map(|word| (folded[word.start..word.end].to_owned(), word.position))
                .collect();
            prop_assert_eq!(tokens(&text), expected);
        }
    }
}
