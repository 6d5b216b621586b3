//! Runs of the crawler with their counts.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::db::{args, sql};
use super::{Store, StoreError, decode, encode};

/// One run of one source.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(default)]
pub struct CrawlRun {
    /// Source.
    pub source: String,
    /// Epoch milliseconds.
    pub started_at: i64,
    /// Epoch milliseconds; `None` while it runs or when it was killed.
    pub finished_at: Option<i64>,
    /// Whether it was asked to look at everything again.
    pub full: bool,
    /// Requests that were sent, without those for robots.txt.
    pub requests: i64,
    /// List pages read.
    pub lists: i64,
    /// List pages that failed: what stood on them is missing.
    pub lists_failed: i64,
    /// Of these, lists that were read and had no entries.
    pub lists_empty: i64,
    /// Of these, lists that were an error page or a challenge with status 200.
    pub lists_refused: i64,
    /// Addresses of the list pages that failed, at most 50.
    pub failed_lists: Vec<String>,
    /// Entries found in lists.
    pub found: i64,
    /// Articles seen for the first time.
    pub new: i64,
    /// Articles with a new version.
    pub changed: i64,
    /// Articles as they were.
    pub unchanged: i64,
    /// Pages that failed or were no article.
    pub failed: i64,
    /// Of these, articles that cannot be had, for a reason that lasts: not there, not allowed.
    pub lost: i64,
    /// Entries that were not asked for, as they could not be had before; they are tried again after some days.
    pub resting: i64,
    /// Of the articles that were read: how many have a field, and how many were read.
    pub coverage: BTreeMap<String, Share>,
    /// Pages that were no article although the site answered 200, by kind (`error`, `challenge`, `script`, `list` …).
    pub refused: BTreeMap<String, i64>,
    /// Why it ended before its lists did: the budget, the hours.
    pub ended: Option<String>,
    /// What failed, one line each, at most 50.
    pub errors: Vec<String>,
}

/// A part of a whole.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Share {
    /// How many have it.
    pub have: i64,
    /// Of how many.
    pub of: i64,
}

/// Errors of a run that are kept.
const ERRORS: usize = 50;
/// Characters of an error that are kept.
const ERROR_CHARS: usize = 500;

impl CrawlRun {
    /// Whether it looked at all that its lists show, so that what a later run finds there is new.
    pub fn is_complete(&self) -> bool {
        self.finished_at.is_some() && self.lists > 0 && self.lists_failed == 0 && self.ended.is_none()
    }
}

impl Store {
    /// Notes the start of a run; returns its id. An error in the answer: another process is at this source and was
    /// there at that time, less than `lease_ms` ago.
    pub async fn start_crawl(&self, run: &CrawlRun, lease_ms: i64) -> Result<Result<i64, i64>, StoreError> {
        let record = encode("crawl run", run)?;
        let mut tx = self.db.begin().await?;
        // two that start at once see each other
        tx.lock("sources").await?;
        let statement =
            sql!("select max(alive_at) from crawl_runs where source = $1 and finished_at is null and alive_at > $2");
        let row: Option<(Option<i64>,)> = tx.one(statement, args![&run.source, run.started_at - lease_ms]).await?;
        if let Some((Some(alive_at),)) = row {
            return Ok(Err(alive_at));
        }
        let statement =
            sql!("insert into crawl_runs (source, started_at, alive_at, record) values ($1, $2, $2, $3) returning id");
        let (id,): (i64,) =
            tx.one(statement, args![&run.source, run.started_at, record]).await?.ok_or(sqlx::Error::RowNotFound)?;
        tx.commit().await?;
        Ok(Ok(id))
    }

    /// Tells the others that the process is still at a run.
    pub async fn crawl_goes_on(&self, id: i64, now: i64) -> Result<(), StoreError> {
        self.db.write(sql!("update crawl_runs set alive_at = $2 where id = $1"), args![id, now]).await?;
        Ok(())
    }

    /// Writes the counts of a run.
    pub async fn finish_crawl(&self, id: i64, run: &CrawlRun) -> Result<(), StoreError> {
        let cut = |error: &String| error.chars().take(ERROR_CHARS).collect();
        let errors = run.errors.iter().take(ERRORS).map(cut).collect();
        let failed_lists = run.failed_lists.iter().take(ERRORS).cloned().collect();
        let record = encode("crawl run", &CrawlRun { errors, failed_lists, ..run.clone() })?;
        let statement = sql!("update crawl_runs set finished_at = $2, created = $3, record = $4 where id = $1");
        self.db.write(statement, args![id, run.finished_at, run.new, record]).await?;
        Ok(())
    }

    /// The last run of each source, in order of name.
    pub async fn last_crawls(&self) -> Result<Vec<CrawlRun>, StoreError> {
        let statement = sql!(
            "select record from crawl_runs where id in (select max(id) from crawl_runs group by source) order by source"
        );
        runs(self.db.all(statement, args![]).await?)
    }

    /// The last run of a source, finished or not.
    pub async fn last_crawl(&self, source: &str) -> Result<Option<CrawlRun>, StoreError> {
        let statement = sql!("select record from crawl_runs where source = $1 order by id desc limit 1");
        Ok(runs(self.db.all(statement, args![source]).await?)?.pop())
    }

    /// Finished runs of a source, the last first.
    pub async fn crawls_of(&self, source: &str, limit: i64) -> Result<Vec<CrawlRun>, StoreError> {
        let statement = sql!(
            "select record from crawl_runs where source = $1 and finished_at is not null order by id desc limit $2"
        );
        runs(self.db.all(statement, args![source, limit]).await?)
    }

    /// When runs of a source began that brought something new, the last first.
    pub async fn crawls_with_news(&self, source: &str, limit: i64) -> Result<Vec<i64>, StoreError> {
        let statement = sql!(
            "select started_at from crawl_runs where source = $1 and finished_at is not null and created > 0 \
             order by id desc limit $2"
        );
        let rows: Vec<(i64,)> = self.db.all(statement, args![source, limit]).await?;
        Ok(rows.into_iter().map(|(at,)| at).collect())
    }

    /// When the first run of a source began, finished or not.
    pub async fn first_crawl(&self, source: &str) -> Result<Option<i64>, StoreError> {
        let statement = sql!("select min(started_at) from crawl_runs where source = $1");
        let row: Option<(Option<i64>,)> = self.db.one(statement, args![source]).await?;
        Ok(row.and_then(|(at,)| at))
    }

    /// Forgets runs that started before a time, but for the last of each source; returns how many went.
    pub async fn forget_crawls(&self, before: i64) -> Result<u64, StoreError> {
        let statement = sql!(
            "delete from crawl_runs where started_at < $1 \
             and id not in (select max(id) from crawl_runs group by source)"
        );
        self.db.write(statement, args![before]).await
    }
}

fn runs(rows: Vec<(String,)>) -> Result<Vec<CrawlRun>, StoreError> {
    rows.into_iter().map(|(record,)| decode("crawl run", &record)).collect()
}
