//! What a user typed, understood: words, phrases, exclusions, document numbers.

pub mod build;
pub mod correct;
pub mod number;
pub mod parse;
pub mod sounds;
pub mod synonyms;
