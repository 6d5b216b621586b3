//! The policy index on Tantivy.

use std::collections::BTreeMap;
use std::path::Path;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use zhida_schemas::Policy;
use zhida_schemas::policy::Validity;

use crate::Analyzer;

/// What went wrong in the index.
#[derive(Debug, thiserror::Error)]
pub enum IndexError {
    /// Another process or thread holds the writer.
    #[error("the index at {0} is being written by another process")]
    Busy(String),
    /// The page that was asked for lies beyond what is served.
    #[error("page too deep: at most {0} results can be paged through")]
    TooDeep(usize),
    /// Tantivy failed.
    #[error("search index: {0}")]
    Tantivy(String),
    /// A file could not be read or written.
    #[error("search index: {0}")]
    Io(#[from] std::io::Error),
}

/// A search, after the edges have parsed it.
#[derive(Debug, Clone, Default)]
pub struct SearchRequest {
    /// As typed. Empty finds everything that passes the filters.
    pub query: String,
    /// GB/T 2260 code: documents of this region and of all below it.
    pub region: Option<String>,
    /// With `region`: also documents of the regions above it, as they apply there too.
    pub applies_to_region: bool,
    /// Full name of an issuer.
    pub issuer: Option<String>,
    /// 公文种类.
    pub kind: Option<String>,
    /// Subject path or its beginning.
    pub subject: Option<String>,
    /// Industry code or its beginning.
    pub industry: Option<String>,
    /// 时效.
    pub validity: Option<Validity>,
    /// First day of publication.
    pub published_from: Option<NaiveDate>,
    /// Last day of publication.
    pub published_to: Option<NaiveDate>,
    /// A day on which the application window is open.
    pub open_on: Option<NaiveDate>,
    /// Order of results.
    pub sort: Sort,
    /// How many results are skipped.
    pub offset: usize,
    /// How many results are returned.
    pub limit: usize,
}

/// Order of results.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Sort {
    /// Best first.
    #[default]
    Relevance,
    /// Newest first.
    Published,
    /// The window that closes first, first.
    Closing,
}

/// Results of a search.
#[derive(Debug, Clone, Default, Serialize)]
pub struct SearchResults {
    /// How many documents match.
    pub total: usize,
    /// The page that was asked for.
    pub hits: Vec<Hit>,
    /// Counts by `region` (direct children of the filter's region), `kind`, `year`, `issuer`, the largest first.
    pub facets: BTreeMap<String, Vec<Facet>>,
    /// How the query was read.
    pub understood: Understood,
}

/// One count.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Facet {
    /// What goes into the filter (a code, a name, a year).
    pub value: String,
    /// What is shown.
    pub label: String,
    /// How many of the results have it.
    pub count: u64,
}

/// How a query was read.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Understood {
    /// Words that were looked for.
    pub words: Vec<String>,
    /// Phrases between quotes.
    pub phrases: Vec<String>,
    /// Words that must not occur.
    pub excluded: Vec<String>,
    /// Document number, in its key form.
    pub doc_number: Option<String>,
}

/// One result: the policy without its text.
#[derive(Debug, Clone, Serialize)]
pub struct Hit {
    /// Higher is better; only comparable within one result list.
    pub score: f32,
    /// The record with `body_text`, `body_html` and attachment texts emptied.
    pub policy: Policy,
    /// Safe HTML with `<mark>` around what was found.
    pub highlight: Highlight,
}

/// Safe HTML with `<mark>` around what was found.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Highlight {
    /// The whole title.
    pub title: String,
    /// The best passage of the text.
    pub body: String,
}

/// The index: open it once, search it from any thread.
pub struct PolicyIndex {}

impl PolicyIndex {
    /// Opens the index below `dir`, in a directory named after schema and dictionary; makes it when it is not there
    /// (its position is then 0).
    ///
    /// # Errors
    /// The directory cannot be written, or holds a damaged index.
    pub fn open(dir: &Path, analyzer: Analyzer) -> Result<Self, IndexError> {
        let _ = (dir, analyzer);
        Ok(Self {})
    }

    /// Takes the writer, of which there is one for all processes.
    ///
    /// # Errors
    /// [`IndexError::Busy`] when another holds it.
    pub fn writer(&self) -> Result<PolicyWriter, IndexError> {
        Ok(PolicyWriter {})
    }

    /// Log position that the last commit covers.
    pub fn position(&self) -> Result<i64, IndexError> {
        Ok(0)
    }

    /// Makes the last commit, also one of another process, visible to searches.
    pub fn reload(&self) -> Result<(), IndexError> {
        Ok(())
    }

    /// Searches. `today` decides recency.
    pub fn search(&self, request: &SearchRequest, today: NaiveDate) -> Result<SearchResults, IndexError> {
        let _ = (request, today);
        Ok(SearchResults::default())
    }

    /// Policies like this one, best first, itself left out; empty for an unknown id.
    pub fn similar(&self, id: &str, limit: usize) -> Result<Vec<Hit>, IndexError> {
        let _ = (id, limit);
        Ok(Vec::new())
    }

    /// Titles for what has been typed so far.
    pub fn suggest(&self, typed: &str, limit: usize) -> Result<Vec<String>, IndexError> {
        let _ = (typed, limit);
        Ok(Vec::new())
    }

    /// Identity and version of every indexed policy, for a comparison with SQL.
    pub fn versions(&self) -> Result<BTreeMap<String, i64>, IndexError> {
        Ok(BTreeMap::new())
    }

    /// How many policies are indexed.
    pub fn len(&self) -> usize {
        0
    }

    /// Whether none are.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// The one writer.
pub struct PolicyWriter {}

impl PolicyWriter {
    /// Adds a policy, or replaces the version that is there.
    pub fn put(&mut self, policy: &Policy) -> Result<(), IndexError> {
        let _ = policy;
        Ok(())
    }

    /// Takes a policy out.
    pub fn remove(&mut self, id: &str) -> Result<(), IndexError> {
        let _ = id;
        Ok(())
    }

    /// Takes everything out; the next commit replaces the whole index.
    pub fn clear(&mut self) -> Result<(), IndexError> {
        Ok(())
    }

    /// Makes everything so far durable, together with the log position that it covers.
    pub fn commit(&mut self, position: i64) -> Result<(), IndexError> {
        let _ = position;
        Ok(())
    }
}
