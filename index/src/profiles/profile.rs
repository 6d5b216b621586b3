//! A profile made ready for matching: words by number, codes parsed, the size worked out.

use std::collections::BTreeSet;

use zhida_schemas::{Enterprise, Size, industry, issuer, qualification, size};

use super::expression::{self, Expression};
use super::scope::{Place, code_number};
use super::terms::{TermId, Terms};
use crate::Analyzer;

/// More words of a kind than this are not read.
const MAX_ENTRIES: usize = 200;

/// A profile made ready for matching.
#[derive(Debug)]
pub struct Profile {
    /// As given.
    pub enterprise: Enterprise,
    /// Where the company is.
    pub place: Place,
    /// Its industries by code: the stated one, else those that its own words name.
    pub industries: Vec<String>,
    /// Its size, stated or worked out.
    pub size: Option<Size>,
    /// Qualifications held, by standard name.
    pub qualifications: Option<Vec<String>>,
    /// Any of these words, with the words as given.
    pub keywords: Vec<(TermId, String)>,
    /// Any of these expressions.
    pub expressions: Vec<(Expression<Option<TermId>>, String)>,
    /// None of these words.
    pub exclude: Vec<(TermId, String)>,
    /// The company's own name.
    pub name: Option<TermId>,
    /// Issuers as given and by full name.
    pub issuers: Vec<String>,
    /// Everything to release.
    terms: Vec<TermId>,
}

impl Profile {
    /// Makes a profile ready; its words are added to `terms`.
    pub fn new(analyzer: &Analyzer, terms: &mut Terms, enterprise: &Enterprise) -> Self {
        let mut profile = Self::facts(enterprise);
        let interests = &enterprise.interests;
        for word in interests.keywords.iter().take(MAX_ENTRIES) {
            if let Some(term) = terms.add(analyzer, word) {
                profile.terms.push(term);
                profile.keywords.push((term, word.trim().to_owned()));
            }
        }
        for text in interests.expressions.iter().take(MAX_ENTRIES) {
            if let Some(parsed) = expression::parse(text) {
                let mut add = |word: &String| {
                    let term = terms.add(analyzer, word);
                    profile.terms.extend(term);
                    term
                };
                let compiled = parsed.map(&mut add);
                profile.expressions.push((compiled, text.trim().to_owned()));
            }
        }
        for word in interests.exclude.iter().take(MAX_ENTRIES) {
            if let Some(term) = terms.add(analyzer, word) {
                profile.terms.push(term);
                profile.exclude.push((term, word.trim().to_owned()));
            }
        }
        // A short name is too often an ordinary word.
        if enterprise.name.chars().count() >= 6 {
            profile.name = terms.add_name(analyzer, &enterprise.name);
            profile.terms.extend(profile.name);
        }
        profile
    }

    /// The part that needs no words.
    pub fn facts(enterprise: &Enterprise) -> Self {
        let mut industries: Vec<String> = enterprise.industry_code.iter().map(|code| standard_code(code)).collect();
        if industries.is_empty()
            && let Some(text) = &enterprise.industry_text
        {
            let codes: BTreeSet<&str> = industry::find_all(text).into_iter().flat_map(|(_, codes)| codes).collect();
            industries = codes.into_iter().map(str::to_owned).collect();
        }
        let issuers = &enterprise.interests.issuers;
        let full = issuers.iter().filter_map(|name| issuer::parse(name, None)).map(|parsed| parsed.name);
        Self {
            place: Place {
                region: enterprise.region_code.as_deref().and_then(code_number),
                zone: enterprise.zone.clone().filter(|zone| !zone.trim().is_empty()),
            },
            size: size::classify(enterprise),
            qualifications: enterprise
                .qualifications
                .as_ref()
                .map(|held| held.iter().map(|name| qualification::standard_name(name)).collect()),
            issuers: issuers.iter().cloned().chain(full).filter(|name| !name.trim().is_empty()).collect(),
            enterprise: enterprise.clone(),
            industries,
            keywords: Vec::new(),
            expressions: Vec::new(),
            exclude: Vec::new(),
            name: None,
            terms: Vec::new(),
        }
    }

    /// Whether it says by words what it wants to hear of.
    pub fn has_words(&self) -> bool {
        !self.keywords.is_empty() || !self.expressions.is_empty()
    }

    /// Whether it says by kind, issuer or subject what it wants to hear of.
    pub fn has_choices(&self) -> bool {
        let interests = &self.enterprise.interests;
        !interests.kinds.is_empty() || !interests.issuers.is_empty() || !interests.subjects.is_empty()
    }

    /// Gives its words back.
    pub fn release(&self, terms: &mut Terms) {
        for &term in &self.terms {
            terms.release(term);
        }
    }
}

/// The code with its letter where the table knows it.
fn standard_code(code: &str) -> String {
    industry::by_code(code).map_or_else(|| code.trim().to_owned(), |found| found.code.to_owned())
}
