//! Policies, each change with its entry in the log.

use zhida_schemas::Policy;

use super::{Store, StoreError};

/// What saving a policy did. A position is that of the entry in the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Saved {
    /// Seen for the first time.
    New(i64),
    /// A new version.
    Changed(i64),
    /// The same content is stored already; nothing was written.
    Unchanged,
}

/// What a reader of the documents page asks for.
#[derive(Debug, Clone, Default)]
pub struct PolicyCounts {
    /// Not withdrawn.
    pub policies: i64,
    /// Entries in the log.
    pub changes: i64,
}

impl Store {
    /// Saves drafts in one transaction: for each the policy and its entry in the log, or nothing where the content is
    /// the same as stored. The draft's id is taken when it has one, else [`Policy::identity`] of `(draft, None)` is used. The same id
    /// twice in one batch is saved twice in order. Returns one answer per draft, in order.
    pub async fn save_policies(&self, drafts: &[Policy], now: i64) -> Result<Vec<(String, Saved)>, StoreError> {
        let _ = (drafts, now);
        unimplemented!()
    }

    /// The current version; `None` when unknown or withdrawn.
    pub async fn policy(&self, id: &str) -> Result<Option<Policy>, StoreError> {
        let _ = id;
        unimplemented!()
    }

    /// The current versions of those that are there, in the order asked for.
    pub async fn policies(&self, ids: &[String]) -> Result<Vec<Policy>, StoreError> {
        let _ = ids;
        unimplemented!()
    }

    /// Takes a policy out of search and push, with an entry in the log; false when it was not there.
    pub async fn withdraw_policy(&self, id: &str, now: i64) -> Result<bool, StoreError> {
        let _ = (id, now);
        unimplemented!()
    }

    /// Identity and version of policies that are not withdrawn, in order of id after `after`.
    pub async fn policy_versions(&self, after: &str, limit: i64) -> Result<Vec<(String, i64)>, StoreError> {
        let _ = (after, limit);
        unimplemented!()
    }

    /// Current versions in order of id after `after`, for a rebuild.
    pub async fn policies_after(&self, after: &str, limit: i64) -> Result<Vec<Policy>, StoreError> {
        let _ = (after, limit);
        unimplemented!()
    }

    /// Policies (not withdrawn) whose normalised document number is `key` (see `zhida_schemas::doc_number::key`).
    pub async fn policies_by_number(&self, key: &str) -> Result<Vec<Policy>, StoreError> {
        let _ = key;
        unimplemented!()
    }

    /// Policies whose citations name the document number `key`: who cites it.
    pub async fn policies_citing(&self, key: &str, limit: i64) -> Result<Vec<Policy>, StoreError> {
        let _ = (key, limit);
        unimplemented!()
    }

    /// How many there are.
    pub async fn policy_counts(&self) -> Result<PolicyCounts, StoreError> {
        unimplemented!()
    }
}
