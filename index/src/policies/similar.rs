//! Policies like a given one: the words that set it apart, as a query.

use std::collections::HashMap;

use tantivy::Term;

use super::postings::Postings;
use super::schema::Fields;
use crate::Analyzer;
use crate::query::build::{Boosted, Clause, Plan, Role};

/// How much of a text is read.
const HEAD_CHARS: usize = 6_000;
/// How many words make the query.
const WORDS: usize = 24;
/// A word of the title counts like so many of the text.
const TITLE: f32 = 6.0;
/// A share of the weight that a similar document has to hold.
pub const NEEDED: f32 = 0.25;

/// The plan that finds documents like one with this title and text.
pub fn plan(
    postings: &Postings<'_>,
    fields: &Fields,
    analyzer: &Analyzer,
    title: &str,
    body: &str,
) -> tantivy::Result<Plan> {
    let end = body.char_indices().nth(HEAD_CHARS).map_or(body.len(), |(offset, _)| offset);
    let mut counts: HashMap<String, f32> = HashMap::new();
    for (text, weight) in [(title, TITLE), (&body[..end], 1.0)] {
        for word in analyzer.query_terms(text) {
            if word.chars().nth(1).is_some() && !word.chars().all(|character| character.is_ascii_digit()) {
                *counts.entry(word).or_default() += weight;
            }
        }
    }
    let documents = postings.documents() as f32;
    let mut words: Vec<(f32, String)> = Vec::with_capacity(counts.len());
    for (word, count) in counts {
        let frequency = postings.frequency(&Term::from_field_text(fields.body, &word))?;
        let in_titles = postings.frequency(&Term::from_field_text(fields.title, &word))?;
        let frequency = frequency.max(in_titles) as f32;
        // A word of this document alone leads to no other.
        if frequency < 2.0 {
            continue;
        }
        let rarity = (1.0 + (documents - frequency + 0.5).max(0.0) / (frequency + 0.5)).ln();
        words.push((count.sqrt() * rarity, word));
    }
    words.sort_by(|a, b| b.0.total_cmp(&a.0).then_with(|| a.1.cmp(&b.1)));
    words.truncate(WORDS);
    let clauses = words
        .into_iter()
        .map(|(weight, word)| {
            let queries = [(fields.title, 2.0), (fields.body, 1.0)]
                .into_iter()
                .map(|(field, boost)| {
                    let term = Term::from_field_text(field, &word);
                    Boosted::term(term, boost * weight)
                })
                .collect();
            Clause { alternatives: vec![queries], role: Role::Word(weight), label: word }
        })
        .collect();
    Ok(Plan { clauses, has_strong: true, ..Plan::default() })
}
