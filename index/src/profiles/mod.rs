//! The profile index: which stored profiles does this document match.
//!
//! The dual of the policy index. The words of all profiles are one set that a document is read against once; how much
//! the document is about each word is worked out once for all profiles that name it. A profile is filed under what a
//! document must have to reach it (any of its keywords, the rarest required word of each expression, its industry,
//! qualifications or size where it names no words), ordered by region, so that only profiles of the document's region
//! that can still pass the threshold are looked at.

mod audience;
mod conditions;
mod document;
pub mod eval;
mod expression;
mod profile;
mod scope;
mod stream;
mod terms;
mod verify;
mod words;

use std::collections::{BTreeSet, HashMap};

use zhida_schemas::{Enterprise, Match, Policy, Size, qualification};

use crate::Analyzer;
use document::Document;
use profile::Profile;
use terms::{TermId, Terms};
use verify::{Filters, Signs};

/// A pair at or above this score is pushed.
pub const THRESHOLD: f64 = 0.5;

/// What a document must have to reach the profiles filed here.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Key {
    /// This keyword.
    Keyword(TermId),
    /// This word, as the rarest of an expression.
    Expression(TermId),
    /// The company's name.
    Name(TermId),
    /// An industry of this section, given as a whole section.
    Section(String),
    /// An industry of this division or below.
    Division(String),
    /// Any industry of this section: the company states no more.
    Broad(String),
    /// A qualification that this one implies.
    Qualification(String),
    /// This size.
    Size(Size),
    /// Nothing.
    Any,
}

type Slot = u32;

/// Stored profiles, found by what a document must contain. One in-memory structure.
pub struct ProfileIndex {
    analyzer: Analyzer,
    terms: Terms,
    profiles: Vec<Option<Profile>>,
    by_id: HashMap<String, Slot>,
    free: Vec<Slot>,
    /// Profiles by key, ordered by region (0 where it is not known).
    filed: HashMap<Key, BTreeSet<(u32, Slot)>>,
    keys: HashMap<Slot, Vec<Key>>,
}

impl ProfileIndex {
    /// An index without profiles.
    pub fn new(analyzer: Analyzer) -> Self {
        Self {
            analyzer,
            terms: Terms::default(),
            profiles: Vec::new(),
            by_id: HashMap::new(),
            free: Vec::new(),
            filed: HashMap::new(),
            keys: HashMap::new(),
        }
    }

    /// Adds a profile, or replaces the one of the same id.
    pub fn put(&mut self, enterprise: &Enterprise) {
        self.remove(&enterprise.id);
        let profile = Profile::new(&self.analyzer, &mut self.terms, enterprise);
        let slot = match self.free.pop() {
            Some(slot) => slot,
            None => {
                self.profiles.push(None);
                // A structure in memory never holds four thousand million profiles.
                Slot::try_from(self.profiles.len() - 1).unwrap_or(Slot::MAX)
            }
        };
        let keys = self.keys_of(&profile);
        let region = profile.place.region.unwrap_or(0);
        for key in &keys {
            self.filed.entry(key.clone()).or_default().insert((region, slot));
        }
        self.keys.insert(slot, keys);
        self.by_id.insert(enterprise.id.clone(), slot);
        self.profiles[slot as usize] = Some(profile);
    }

    /// Takes a profile out.
    pub fn remove(&mut self, id: &str) {
        let Some(slot) = self.by_id.remove(id) else { return };
        let Some(profile) = self.profiles.get_mut(slot as usize).and_then(Option::take) else { return };
        let region = profile.place.region.unwrap_or(0);
        for key in self.keys.remove(&slot).unwrap_or_default() {
            if let Some(filed) = self.filed.get_mut(&key) {
                filed.remove(&(region, slot));
                if filed.is_empty() {
                    self.filed.remove(&key);
                }
            }
        }
        profile.release(&mut self.terms);
        self.free.push(slot);
    }

    /// How many profiles are stored.
    pub fn len(&self) -> usize {
        self.by_id.len()
    }

    /// Whether none are.
    pub fn is_empty(&self) -> bool {
        self.by_id.is_empty()
    }

    fn keys_of(&self, profile: &Profile) -> Vec<Key> {
        let mut keys: Vec<Key> = profile.keywords.iter().map(|(term, _)| Key::Keyword(*term)).collect();
        for (expression, _) in &profile.expressions {
            // How many profiles are filed under a word says how common it is.
            let cost = |term: &Option<TermId>| {
                term.map_or(0, |term| {
                    let filed = |key: &Key| self.filed.get(key).map_or(0, BTreeSet::len);
                    1 + filed(&Key::Keyword(term)) + filed(&Key::Expression(term))
                })
            };
            match expression.required(&cost) {
                Some(words) => keys.extend(words.into_iter().flatten().map(|&term| Key::Expression(term))),
                None => keys.push(Key::Any),
            }
        }
        keys.extend(profile.name.map(Key::Name));
        if !profile.has_words() {
            if profile.has_choices() {
                keys.push(Key::Any);
            }
            for code in &profile.industries {
                let section: String = code.chars().take(1).collect();
                match code.get(..3) {
                    Some(division) => keys.push(Key::Division(division.to_owned())),
                    None => keys.push(Key::Broad(section.clone())),
                }
                keys.push(Key::Section(section));
            }
            keys.extend(profile.qualifications.iter().flatten().cloned().map(Key::Qualification));
            keys.extend(profile.size.map(Key::Size));
            // Without industry, qualification and size only conditions can speak for it.
        }
        keys.sort_by_cached_key(|key| format!("{key:?}"));
        keys.dedup();
        keys
    }

    /// Every stored profile that the policy is to be pushed to, best first.
    pub fn matches(&self, policy: &Policy) -> Vec<Match> {
        let document = Document::new(&self.analyzer, policy);
        self.candidates_and_matches(&document).1
    }

    /// How many profiles had to be looked at, and the matches.
    fn candidates_and_matches(&self, document: &Document<'_>) -> (usize, Vec<Match>) {
        use audience::Audience;
        if matches!(document.address.audience, Audience::Individuals | Audience::Departments) {
            return (0, Vec::new());
        }
        let mentions = self.terms.mentions(&document.title, &document.body);
        let signs = Signs::most(document);
        let mut keys = vec![Key::Any];
        let strongest = mentions.strongest();
        for (term, mention) in mentions.iter() {
            keys.push(Key::Name(term));
            if signs.with_words(mention.strength) >= THRESHOLD {
                keys.push(Key::Keyword(term));
            }
            if signs.with_words(verify::and_strength(mention.strength, strongest)) >= THRESHOLD {
                keys.push(Key::Expression(term));
            }
        }
        if !signs.is_none() {
            self.add_keys_of_signs(document, &mut keys);
        }
        let ranges = document.scope.candidates();
        let mut candidates: Vec<Slot> = Vec::new();
        for filed in keys.iter().filter_map(|key| self.filed.get(key)) {
            for range in &ranges {
                candidates.extend(filed.range((*range.start(), 0)..=(*range.end(), Slot::MAX)).map(|(_, slot)| slot));
            }
        }
        candidates.sort_unstable();
        candidates.dedup();
        let mut matches: Vec<Match> = candidates
            .iter()
            .filter_map(|&slot| self.profiles.get(slot as usize)?.as_ref())
            .filter_map(|profile| {
                let weighed = verify::weigh(profile, document, &mentions, &Filters::ALL);
                (weighed.score >= THRESHOLD).then(|| verify::explain(profile, document, &weighed))
            })
            .collect();
        matches.sort_by(|one, other| other.score.total_cmp(&one.score).then_with(|| one.profile.cmp(&other.profile)));
        (candidates.len(), matches)
    }

    /// Keys of profiles without words.
    fn add_keys_of_signs(&self, document: &Document<'_>, keys: &mut Vec<Key>) {
        let mut codes: BTreeSet<&str> = document.industries.iter().map(|named| named.value.as_str()).collect();
        let mut names: BTreeSet<&str> = document.qualifications.iter().map(|named| named.value.as_str()).collect();
        for condition in &document.policy.conditions {
            use zhida_schemas::policy::ConditionField;
            match condition.field {
                // A condition may be met by not being something: everyone may meet it.
                ConditionField::Industry => {
                    keys.extend(self.filed.keys().filter(|key| matches!(key, Key::Section(_))).cloned());
                }
                ConditionField::Qualification => {
                    keys.extend(self.filed.keys().filter(|key| matches!(key, Key::Qualification(_))).cloned());
                }
                ConditionField::Size => keys.extend(ALL_SIZES.map(Key::Size)),
                _ => {}
            }
        }
        for code in std::mem::take(&mut codes) {
            let section: String = code.chars().take(1).collect();
            match code.get(..3) {
                Some(division) => {
                    keys.push(Key::Division(division.to_owned()));
                    keys.push(Key::Broad(section));
                }
                None => keys.push(Key::Section(section)),
            }
        }
        let names = std::mem::take(&mut names);
        if !names.is_empty() {
            let implied = |key: &&Key| match key {
                Key::Qualification(held) => {
                    names.iter().any(|name| held == name || qualification::implies(held, name))
                }
                _ => false,
            };
            keys.extend(self.filed.keys().filter(implied).cloned());
        }
        if let Some(sizes) = &document.sizes {
            keys.extend(sizes.any.iter().map(|&size| Key::Size(size)));
        }
        keys.sort_by_cached_key(|key| format!("{key:?}"));
        keys.dedup();
    }
}

const ALL_SIZES: [Size; 4] = [Size::Micro, Size::Small, Size::Medium, Size::Large];

/// One pair judged with all its reasons, also when it is not to be pushed. `ProfileIndex::matches` gives exactly the
/// pairs for which this scores at or above [`THRESHOLD`].
pub fn judge(analyzer: &Analyzer, enterprise: &Enterprise, policy: &Policy) -> Match {
    let document = Document::new(analyzer, policy);
    judge_document(analyzer, enterprise, &document, &Filters::ALL)
}

fn judge_document(analyzer: &Analyzer, enterprise: &Enterprise, document: &Document<'_>, filters: &Filters) -> Match {
    let mut terms = Terms::default();
    let profile = Profile::new(analyzer, &mut terms, enterprise);
    let mut mentions = terms.mentions(&document.title, &document.body);
    if !filters.passing {
        mentions = mentions.flattened();
    }
    let weighed = verify::weigh(&profile, document, &mentions, filters);
    verify::explain(&profile, document, &weighed)
}
