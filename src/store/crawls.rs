//! What crawling remembers: pages with their validators, runs with their counts.

use std::io::Read;

use serde::Serialize;
use zhida_crawlers::Validators;
use zhida_schemas::Policy;

use super::db::{args, sql};
use super::locations::note_seen;
use super::policies::{Saved, save_drafts};
use super::{Store, StoreError, decode, encode, short_key};

/// What is remembered of a page.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Page {
    /// For a conditional request.
    pub validators: Validators,
    /// When it was last fetched.
    pub fetched_at: i64,
    /// Whether it gave a policy.
    pub policy_id: Option<String>,
}

/// Counts of one run.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, schemars::JsonSchema)]
pub struct CrawlRun {
    /// Source.
    pub source: String,
    /// Epoch milliseconds.
    pub started_at: i64,
    /// Epoch milliseconds; `None` while it runs or when it was killed.
    pub finished_at: Option<i64>,
    /// List pages read.
    pub lists: i64,
    /// List pages that failed: what stood on them is missing.
    pub lists_failed: i64,
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
    /// What failed, one line each, at most 50.
    pub errors: Vec<String>,
}

/// Errors of a run that are kept.
const ERRORS: usize = 50;
/// Characters of an error that are kept.
const ERROR_CHARS: usize = 500;
/// A stored page never unpacks to more than this.
const RAW_BYTES: usize = 512 << 20;

/// `etag, last_modified, fetched_at, policy_id`.
type PageRow = (Option<String>, Option<String>, i64, Option<String>);

type CrawlRow = (String, i64, Option<i64>, i64, i64, i64, i64, i64, i64, i64, String);

impl Store {
    /// What is remembered of a page.
    pub async fn page(&self, url: &str) -> Result<Option<Page>, StoreError> {
        let statement = sql!("select etag, last_modified, fetched_at, policy_id from pages where url_key = $1");
        let row: Option<PageRow> = self.db.one(statement, args![short_key(url)]).await?;
        Ok(row.map(|(etag, last_modified, fetched_at, policy_id)| Page {
            validators: Validators { etag, last_modified },
            fetched_at,
            policy_id,
        }))
    }

    /// In one transaction: the draft with its entry in the log, the page with its validators, and the raw bytes
    /// (compressed) as evidence.
    pub async fn save_article(
        &self,
        draft: &Policy,
        url: &str,
        validators: &Validators,
        raw: &[u8],
        now: i64,
    ) -> Result<(String, Saved), StoreError> {
        let raw = raw.to_vec();
        let raw = tokio::task::spawn_blocking(move || zstd::bulk::compress(&raw, zstd::DEFAULT_COMPRESSION_LEVEL))
            .await
            .map_err(std::io::Error::other)
            .flatten()
            .map_err(|error| StoreError::Damaged { id: url.to_owned(), reason: error.to_string() })?;

        let mut tx = self.db.begin().await?;
        let saved = save_drafts(&mut tx, std::slice::from_ref(draft), now).await?;
        note_seen(&mut tx, url, now).await?;
        let (id, saved) = saved.into_iter().next().ok_or(sqlx::Error::RowNotFound)?;
        let statement = sql!(
            "insert into pages (url_key, etag, last_modified, fetched_at, policy_id, raw) \
             values ($1, $2, $3, $4, $5, $6) \
             on conflict (url_key) do update set etag = excluded.etag, last_modified = excluded.last_modified, \
             fetched_at = excluded.fetched_at, policy_id = excluded.policy_id, raw = excluded.raw"
        );
        let (etag, last_modified) = (validators.etag.as_deref(), validators.last_modified.as_deref());
        tx.write(statement, args![short_key(url), etag, last_modified, now, &id, raw]).await?;
        crate::failpoint::pass("store.save_article.before_commit");
        tx.commit().await?;
        Ok((id, saved))
    }

    /// The raw bytes of a page as last fetched.
    pub async fn raw_page(&self, url: &str) -> Result<Option<Vec<u8>>, StoreError> {
        let row = self.db.one(sql!("select raw from pages where url_key = $1"), args![short_key(url)]).await?;
        let Some((packed,)): Option<(Vec<u8>,)> = row else { return Ok(None) };
        let unpack = move || {
            let mut raw = Vec::new();
            zstd::Decoder::new(packed.as_slice())?.take(RAW_BYTES as u64).read_to_end(&mut raw)?;
            Ok(raw)
        };
        let damaged = |error: std::io::Error| StoreError::Damaged { id: url.to_owned(), reason: error.to_string() };
        let raw = tokio::task::spawn_blocking(unpack).await.map_err(std::io::Error::other).map_err(damaged)?;
        raw.map(Some).map_err(damaged)
    }

    /// Notes the start of a run; returns its id.
    pub async fn start_crawl(&self, source: &str, now: i64) -> Result<i64, StoreError> {
        let mut tx = self.db.begin().await?;
        let statement = sql!("insert into crawl_runs (source, started_at) values ($1, $2) returning id");
        let (id,): (i64,) = tx.one(statement, args![source, now]).await?.ok_or(sqlx::Error::RowNotFound)?;
        tx.commit().await?;
        Ok(id)
    }

    /// Writes the counts of a run.
    pub async fn finish_crawl(&self, id: i64, run: &CrawlRun) -> Result<(), StoreError> {
        let errors: Vec<String> =
            run.errors.iter().take(ERRORS).map(|error| error.chars().take(ERROR_CHARS).collect()).collect();
        let statement = sql!(
            "update crawl_runs set finished_at = $2, lists = $3, found = $4, created = $5, changed = $6, \
             unchanged = $7, failed = $8, errors = $9, lists_failed = $10 where id = $1"
        );
        let errors = encode("crawl run", &errors)?;
        let values = args![
            id,
            run.finished_at,
            run.lists,
            run.found,
            run.new,
            run.changed,
            run.unchanged,
            run.failed,
            errors,
            run.lists_failed,
        ];
        self.db.write(statement, values).await?;
        Ok(())
    }

    /// The last run of each source, in order of name.
    pub async fn last_crawls(&self) -> Result<Vec<CrawlRun>, StoreError> {
        let statement = sql!(
            "select source, started_at, finished_at, lists, lists_failed, found, created, changed, unchanged, failed, errors \
             from crawl_runs where id in (select max(id) from crawl_runs group by source) order by source"
        );
        let rows: Vec<CrawlRow> = self.db.all(statement, args![]).await?;
        rows.into_iter()
            .map(
                |(
                    source,
                    started_at,
                    finished_at,
                    lists,
                    lists_failed,
                    found,
                    new,
                    changed,
                    unchanged,
                    failed,
                    errors,
                )| {
                    let errors = decode("crawl run", &errors)?;
                    Ok(CrawlRun {
                        source,
                        started_at,
                        finished_at,
                        lists,
                        lists_failed,
                        found,
                        new,
                        changed,
                        unchanged,
                        failed,
                        errors,
                    })
                },
            )
            .collect()
    }
}
