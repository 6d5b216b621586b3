//! Pairs of neighbouring ideographs, beside words: they find what the dictionary cuts in another way, and a text that
//! has the same letters in the same order has the same pairs.

use std::str::CharIndices;

use tantivy::tokenizer::{Token, TokenStream, Tokenizer};

use super::{Analyzer, tokenizer};

/// Pairs of a folded text, in order, repeated as they are. Runs end at everything that is no ideograph.
pub fn pairs(folded: &str) -> impl Iterator<Item = &str> {
    let mut last: Option<usize> = None;
    folded.char_indices().filter_map(move |(start, character)| {
        let before = last.take();
        if !is_ideograph(character) {
            return None;
        }
        last = Some(start);
        before.map(|before| &folded[before..start + character.len_utf8()])
    })
}

fn is_ideograph(character: char) -> bool {
    matches!(character, '\u{3400}'..='\u{9FFF}' | '\u{20000}'..='\u{3FFFF}')
}

/// Pairs as a tokenizer of Tantivy, line by line as [`super::DocumentTokenizer`] cuts words. Without positions: a
/// text's pairs are all at its beginning.
#[derive(Clone)]
pub struct PairTokenizer {
    analyzer: Analyzer,
    folded: String,
}

impl PairTokenizer {
    /// A tokenizer with the fold of `analyzer`.
    pub fn new(analyzer: Analyzer) -> Self {
        Self { analyzer, folded: String::new() }
    }
}

impl Tokenizer for PairTokenizer {
    type TokenStream<'a> = PairTokens<'a>;

    fn token_stream<'a>(&'a mut self, text: &'a str) -> PairTokens<'a> {
        let Self { analyzer, folded } = self;
        let text = if analyzer.inner.fold.fold_into(text, folded) { folded.as_str() } else { text };
        PairTokens { text, rest: text.char_indices(), before: None, token: Token::default() }
    }
}

/// The pairs of one text.
pub struct PairTokens<'a> {
    text: &'a str,
    rest: CharIndices<'a>,
    /// Where the ideograph before `rest` begins.
    before: Option<usize>,
    token: Token,
}

impl TokenStream for PairTokens<'_> {
    fn advance(&mut self) -> bool {
        while let Some((start, character)) = self.rest.next() {
            let before = self.before.take();
            if !is_ideograph(character) {
                continue;
            }
            self.before = Some(start);
            if let Some(before) = before {
                let end = self.rest.offset();
                tokenizer::set(&mut self.token.text, &self.text[before..end]);
                self.token.offset_from = before;
                self.token.offset_to = end;
                self.token.position = 0;
                return true;
            }
        }
        false
    }

    fn token(&self) -> &Token {
        &self.token
    }

    fn token_mut(&mut self) -> &mut Token {
        &mut self.token
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::tests::analyzer;
    use proptest::prelude::*;

    fn tokens(text: &str) -> Vec<String> {
        let mut tokenizer = PairTokenizer::new(analyzer());
        let mut tokens = Vec::new();
        tokenizer.token_stream(text).process(&mut |token| tokens.push(token.text.clone()));
        tokens
    }

    #[test]
    fn pairs_are_of_neighbouring_ideographs() {
        for (text, expected) in [
            ("", vec![]),
            ("税", vec![]),
            ("高企认定", vec!["高企", "企认", "认定"]),
            ("中小企業，AI赋能", vec!["中小", "小企", "企业", "赋能"]),
            ("第1条\n总则", vec!["总则"]),
        ] {
            assert_eq!(tokens(text), expected, "{text}");
        }
    }

    proptest! {
        #[test]
        fn documents_and_queries_have_the_same_pairs(text in "[高新企業认定Ａ1，。 a]{0,30}|\\PC{0,30}") {
            let folded = analyzer().fold(&text).into_owned();
            prop_assert_eq!(tokens(&text), pairs(&folded).collect::<Vec<_>>());
        }
    }
}
