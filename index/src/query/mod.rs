//! What a user typed, understood: words, phrases, exclusions, document numbers, field words, offices, places, dates.

pub mod build;
pub mod correct;
pub mod dates;
pub mod fields;
pub mod hints;
pub mod number;
pub mod parse;
mod readings;
pub mod sounds;
pub mod synonyms;
