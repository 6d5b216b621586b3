//! The append-only log of changes and the positions of its readers.
//!
//! Positions are handed out by a one-row counter that the writing transaction holds until it commits, so that they
//! become visible in order and a reader never passes over one that is still being committed.

use super::{Store, StoreError};

/// One entry of the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// 1, 2, 3 …
    pub position: i64,
    /// Which policy.
    pub policy_id: String,
    /// The version that this entry made.
    pub version: i64,
    /// What happened.
    pub kind: ChangeKind,
    /// When.
    pub at: i64,
}

/// What happened to a policy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChangeKind {
    /// Seen for the first time.
    New,
    /// A new version.
    Changed,
    /// Taken out.
    Withdrawn,
}

impl Store {
    /// Entries after `position`, in order.
    pub async fn changes_after(&self, position: i64, limit: i64) -> Result<Vec<Change>, StoreError> {
        let _ = (position, limit);
        unimplemented!()
    }

    /// Position of the last entry; 0 when the log is empty.
    pub async fn log_head(&self) -> Result<i64, StoreError> {
        unimplemented!()
    }

    /// Where a reader stands; 0 when it never read.
    pub async fn reader_position(&self, reader: &str) -> Result<i64, StoreError> {
        let _ = reader;
        unimplemented!()
    }

    /// Moves a reader from `from` to `to`; false when it no longer stands at `from` (another process moved it).
    pub async fn move_reader(&self, reader: &str, from: i64, to: i64) -> Result<bool, StoreError> {
        let _ = (reader, from, to);
        unimplemented!()
    }
}
