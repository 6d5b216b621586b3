//! What is due: one row for each (job, due time), so that a missed, doubled or slow tick changes nothing.

use super::db::{args, sql};
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
        let statement = sql!("insert into jobs (job, due_at) values ($1, $2) on conflict (job, due_at) do nothing");
        Ok(self.db.write(statement, args![job, due_at]).await? == 1)
    }

    /// The latest due time noted for a job.
    pub async fn last_due(&self, job: &str) -> Result<Option<i64>, StoreError> {
        let row = self.db.one(sql!("select max(due_at) from jobs where job = $1"), args![job]).await?;
        Ok(row.and_then(|(due_at,): (Option<i64>,)| due_at))
    }

    /// Leases the next job that is noted, due by `now`, not done and not leased; the oldest first. A job of which another
    /// due time is leased waits for that one: it never runs twice at once.
    pub async fn lease_job(&self, owner: &str, now: i64, lease_ms: i64) -> Result<Option<DueJob>, StoreError> {
        let mut tx = self.db.begin().await?;
        tx.lock("jobs").await?;
        let statement = sql!(
            "select j.job, j.due_at from jobs j where j.done_at is null and j.due_at <= $1 \
             and not exists (select 1 from jobs o where o.job = j.job and o.done_at is null and o.lease_until > $1) \
             order by j.due_at, j.job limit 1"
        );
        let row: Option<(String, i64)> = tx.one(statement, args![now]).await?;
        let Some((job, due_at)) = row else { return Ok(None) };
        let statement = sql!("update jobs set lease_owner = $3, lease_until = $4 where job = $1 and due_at = $2");
        tx.write(statement, args![&job, due_at, owner, now.saturating_add(lease_ms)]).await?;
        crate::failpoint::pass("store.lease_job.before_commit");
        tx.commit().await?;
        Ok(Some(DueJob { job, due_at }))
    }

    /// Extends the lease of a running job; false when it was lost.
    pub async fn extend_job(&self, job: &DueJob, owner: &str, until: i64) -> Result<bool, StoreError> {
        let statement = sql!(
            "update jobs set lease_until = $4 where job = $1 and due_at = $2 and lease_owner = $3 and done_at is null"
        );
        Ok(self.db.write(statement, args![&job.job, job.due_at, owner, until]).await? == 1)
    }

    /// Records that a job was done (older entries of the same job that are not done are done with it).
    pub async fn finish_job(&self, job: &DueJob, owner: &str, now: i64) -> Result<bool, StoreError> {
        let mut tx = self.db.begin().await?;
        tx.lock("jobs").await?;
        let statement = sql!(
            "update jobs set done_at = $4, lease_until = null \
             where job = $1 and due_at = $2 and lease_owner = $3 and done_at is null"
        );
        if tx.write(statement, args![&job.job, job.due_at, owner, now]).await? == 0 {
            return Ok(false);
        }
        let statement = sql!("update jobs set done_at = $3 where job = $1 and due_at < $2 and done_at is null");
        tx.write(statement, args![&job.job, job.due_at, now]).await?;
        tx.commit().await?;
        Ok(true)
    }

    /// Forgets jobs that were done before a time; returns how many went.
    pub async fn forget_jobs(&self, before: i64) -> Result<u64, StoreError> {
        // the latest of each job tells what was noted last
        let statement = sql!(
            "delete from jobs where done_at < $1 \
             and due_at < (select max(o.due_at) from jobs o where o.job = jobs.job)"
        );
        self.db.write(statement, args![before]).await
    }
}
