//! What is due: one row for each (job, due time), so that a missed, doubled or slow tick changes nothing.

use super::{Store, StoreError};

/// A job that this process may run until its lease ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DueJob {
    /// `crawl:NAME`, `digest`, …
    pub job: String,
    /// The time it was due, epoch milliseconds.
    pub due_at: i64,
}

impl Store {
    /// Notes that `job` is due at `due_at`; false when that was noted before.
    pub async fn note_due(&self, job: &str, due_at: i64) -> Result<bool, StoreError> {
        let _ = (job, due_at);
        unimplemented!()
    }

    /// The latest due time noted for a job.
    pub async fn last_due(&self, job: &str) -> Result<Option<i64>, StoreError> {
        let _ = job;
        unimplemented!()
    }

    /// Leases the next job that is noted, due by `now`, not done and not leased; the oldest first.
    pub async fn lease_job(&self, owner: &str, now: i64, lease_ms: i64) -> Result<Option<DueJob>, StoreError> {
        let _ = (owner, now, lease_ms);
        unimplemented!()
    }

    /// Extends the lease of a running job; false when it was lost.
    pub async fn extend_job(&self, job: &DueJob, owner: &str, until: i64) -> Result<bool, StoreError> {
        let _ = (job, owner, until);
        unimplemented!()
    }

    /// Records that a job was done (older entries of the same job that are not done are done with it).
    pub async fn finish_job(&self, job: &DueJob, owner: &str, now: i64) -> Result<bool, StoreError> {
        let _ = (job, owner, now);
        unimplemented!()
    }
}
