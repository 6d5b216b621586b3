//! What a user typed, understood: words, phrases, exclusions, document numbers.

pub mod build;
pub mod number;
pub mod parse;
pub mod synonyms;
