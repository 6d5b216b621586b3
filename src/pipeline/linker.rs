//! The reader that follows citations: a later document that repeals, replaces or amends another changes the validity of
//! that one, in whatever order the two come in. It also lets the days pass: a term that has ended, a repeal that takes
//! effect today.

use serde::Serialize;

use crate::state::AppState;
use crate::store::StoreError;

/// Name under which the position is saved.
pub const READER: &str = "linker";

/// Entries of the log that one transaction covers.
const BATCH: i64 = 100;

/// What one run did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct LinkReport {
    /// Entries of the log that were read.
    pub read: usize,
    /// Policies whose day had come.
    pub turned: usize,
    /// Links between documents that are new.
    pub added: usize,
    /// Links that no longer hold.
    pub removed: usize,
    /// Policies that became another version by links.
    pub changed: usize,
}

/// Lets the days pass and reads the log to its head. When another process moves the reader meanwhile, this one goes on
/// from there.
///
/// # Errors
/// The database failed; what was committed stays.
pub async fn run(state: &AppState) -> Result<LinkReport, StoreError> {
    let mut report = LinkReport::default();
    loop {
        match state.store.pass_days(state.clock.now()).await? {
            0 => break,
            turned => report.turned += turned,
        }
    }
    loop {
        let from = state.store.reader_position(READER).await?;
        let changes = state.store.changes_after(from, BATCH).await?;
        let Some(last) = changes.last() else { return Ok(report) };
        let mut ids: Vec<String> = changes.iter().map(|change| change.policy_id.clone()).collect();
        ids.sort_unstable();
        ids.dedup();
        let now = state.clock.now();
        let Some(linked) = state.store.record_links(READER, from, last.position, &ids, now).await? else {
            continue; // another process was faster
        };
        report.read += changes.len();
        report.added += linked.added;
        report.removed += linked.removed;
        report.changed += linked.changed;
    }
}
