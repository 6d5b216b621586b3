//! What crawling remembers: pages with their validators, runs with their counts.

use serde::Serialize;
use zhida_crawlers::Validators;
use zhida_schemas::Policy;

use super::policies::Saved;
use super::{Store, StoreError};

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
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct CrawlRun {
    /// Source.
    pub source: String,
    /// Epoch milliseconds.
    pub started_at: i64,
    /// Epoch milliseconds; `None` while it runs or when it was killed.
    pub finished_at: Option<i64>,
    /// List pages read.
    pub lists: i64,
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

impl Store {
    /// What is remembered of a page.
    pub async fn page(&self, url: &str) -> Result<Option<Page>, StoreError> {
        let _ = url;
        unimplemented!()
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
        let _ = (draft, url, validators, raw, now);
        unimplemented!()
    }

    /// The raw bytes of a page as last fetched.
    pub async fn raw_page(&self, url: &str) -> Result<Option<Vec<u8>>, StoreError> {
        let _ = url;
        unimplemented!()
    }

    /// Notes the start of a run; returns its id.
    pub async fn start_crawl(&self, source: &str, now: i64) -> Result<i64, StoreError> {
        let _ = (source, now);
        unimplemented!()
    }

    /// Writes the counts of a run.
    pub async fn finish_crawl(&self, id: i64, run: &CrawlRun) -> Result<(), StoreError> {
        let _ = (id, run);
        unimplemented!()
    }

    /// The last run of each source.
    pub async fn last_crawls(&self) -> Result<Vec<CrawlRun>, StoreError> {
        unimplemented!()
    }
}
