//! The profile index: which stored profiles does this document match.

use zhida_schemas::{Enterprise, Match, Policy};

use crate::Analyzer;

/// A pair at or above this score is pushed.
pub const THRESHOLD: f64 = 0.5;

/// Stored profiles, found by what a document must contain. One in-memory structure.
pub struct ProfileIndex {}

impl ProfileIndex {
    /// An index without profiles.
    pub fn new(analyzer: Analyzer) -> Self {
        let _ = analyzer;
        Self {}
    }

    /// Adds a profile, or replaces the one of the same id.
    pub fn put(&mut self, enterprise: &Enterprise) {
        let _ = enterprise;
    }

    /// Takes a profile out.
    pub fn remove(&mut self, id: &str) {
        let _ = id;
    }

    /// How many profiles are stored.
    pub fn len(&self) -> usize {
        0
    }

    /// Whether none are.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Every stored profile that the policy is to be pushed to, best first.
    pub fn matches(&self, policy: &Policy) -> Vec<Match> {
        let _ = policy;
        Vec::new()
    }
}

/// One pair judged with all its reasons, also when it is not to be pushed. `ProfileIndex::matches` gives exactly the
/// pairs for which this scores at or above [`THRESHOLD`].
pub fn judge(analyzer: &Analyzer, enterprise: &Enterprise, policy: &Policy) -> Match {
    let _ = analyzer;
    Match { profile: enterprise.id.clone(), policy: policy.id.clone(), score: 0.0, reasons: Vec::new() }
}
