//! Walking a source's lists and reading its articles.

use chrono::NaiveDate;
use zhida_schemas::Policy;

use crate::ExtractError;
use crate::fetch::{FetchError, Fetcher, Validators};
use crate::source::Source;

/// One entry of a list.
#[derive(Debug, Clone, PartialEq)]
pub struct ListItem {
    /// Absolute address of the article.
    pub url: String,
    /// Title as the list shows it (it may be cut off).
    pub title: Option<String>,
    /// Date as the list shows it.
    pub date: Option<NaiveDate>,
    /// A record that the list itself gives whole (JSON interfaces), so that no article need be fetched.
    pub record: Option<Box<Policy>>,
}

/// One page of a list.
#[derive(Debug, Clone, Default)]
pub struct ListPage {
    /// Address of the page.
    pub url: String,
    /// Entries that no earlier page of this walk had.
    pub items: Vec<ListItem>,
}

/// A walk over the list pages of a source: follows its paging, never visits a page twice, ends when a page brings
/// nothing new or the source's limit of pages is reached.
pub struct Listing {}

impl Listing {
    /// Starts at the first list page.
    pub fn new(source: &Source, fetcher: Fetcher) -> Self {
        let _ = (source, fetcher);
        Self {}
    }

    /// The next page, or `None` at the end.
    ///
    /// # Errors
    /// The page could not be fetched or read. The walk goes on with the next page when called again.
    pub async fn next_page(&mut self) -> Result<Option<ListPage>, FetchError> {
        Ok(None)
    }
}

/// An article that was fetched and read.
#[derive(Debug, Clone)]
pub struct Article {
    /// The draft, understood, attachments read; without identity and version.
    pub policy: Policy,
    /// For the next conditional request.
    pub validators: Validators,
    /// The page as it came, for evidence.
    pub raw: Vec<u8>,
}

/// Why an article gave no draft.
#[derive(Debug, thiserror::Error)]
pub enum ArticleError {
    /// Not fetched.
    #[error(transparent)]
    Fetch(#[from] FetchError),
    /// Fetched, but not an article.
    #[error("{url}: {error}")]
    Extract {
        /// Address of the page.
        url: String,
        /// Why.
        error: ExtractError,
    },
}

/// Fetches one entry of a list with its attachments, extracts and understands it. `None`: not modified since
/// `validators`.
///
/// # Errors
/// See [`ArticleError`]. An attachment that cannot be fetched is marked not read in the draft and is no error.
pub async fn fetch_article(
    source: &Source,
    fetcher: &Fetcher,
    item: &ListItem,
    validators: Option<&Validators>,
) -> Result<Option<Article>, ArticleError> {
    let _ = (source, validators);
    Err(ArticleError::Fetch(fetcher.get(&item.url, None).await.err().unwrap_or(FetchError::BadUrl(item.url.clone()))))
}
