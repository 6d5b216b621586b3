//! The parts of a score, for one result: which words it holds and what they count, and what that is multiplied with.

use serde::Serialize;
use tantivy::{DocAddress, Score};

use super::postings::Postings;
use super::search::Factors;
use crate::query::build::{Boosted, Plan, Role};

/// One part of a score.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Part {
    /// `word`, `phrase`, `number`, `pairs`: added up; `share`, `tier`, `validity`, `place`, `time`, `window`, `about`: what the
    /// sum is multiplied with; `recency`, `level`, `official`: with the sum of these, less their ones.
    pub kind: &'static str,
    /// What it is about, for readers.
    pub text: String,
    /// What it counts.
    pub value: f32,
}

/// The parts of a score.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Explanation {
    /// In the order in which they are added and then multiplied.
    pub parts: Vec<Part>,
    /// The score that they make.
    pub score: f32,
}

/// Explains the score of a document that a plan found. `share` is what documents are held back with that hold only a
/// part of the query, or are raised with above a tier of 0.
pub fn explain(
    postings: &Postings<'_>,
    plan: &Plan,
    address: DocAddress,
    (tier, share): (u8, f32),
    factors: &Factors,
    compared: bool,
    score: f32,
) -> tantivy::Result<Explanation> {
    let mut parts = Vec::new();
    let mut part = |kind, text: String, value: f32| parts.push(Part { kind, text, value });
    for clause in &plan.clauses {
        let mut best: f32 = 0.0;
        for alternative in &clause.alternatives {
            best = best.max(sum(postings, alternative, address)?);
        }
        if best > 0.0 {
            let kind = match clause.role {
                Role::Word(_) | Role::Weak(_) => "word",
                Role::Must(_) | Role::Bonus => "phrase",
                Role::Enough(_) => "number",
            };
            part(kind, clause.label.clone(), best);
        }
    }
    if compared {
        let pairs = sum(postings, &plan.closer, address)?;
        if pairs > 0.0 {
            part("pairs", "与检索词相同的相邻两字".to_owned(), pairs);
        }
    }
    match tier {
        0 => part("share", "所含检索词的份额".to_owned(), share),
        _ => part("tier", "文号相符，排在其他结果之前".to_owned(), share),
    }
    for (kind, text, value) in factors.named() {
        part(kind, text.to_owned(), value);
    }
    Ok(Explanation { parts, score })
}

fn sum(postings: &Postings<'_>, queries: &[Boosted], address: DocAddress) -> tantivy::Result<Score> {
    let mut sum = 0.0;
    for boosted in queries {
        let cursor = boosted.source(postings)?.open(postings.searcher(), address.segment_ord)?;
        if let Some(mut cursor) = cursor
            && cursor.seek(address.doc_id) == address.doc_id
        {
            sum += cursor.score();
        }
    }
    Ok(sum)
}
