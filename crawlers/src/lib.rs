//! From the outside world to a draft policy record: polite fetching, source definitions, page extraction,
//! attachments, understanding of text.
//!
//! The crate knows nothing of SQL, of the search index or of serving. Everything it reads is hostile: sizes, depths
//! and times are bounded, and no address that is not public is reached unless it is listed.

pub mod address;
pub mod attachments;
pub mod charset;
pub mod draft;
pub mod eval;
pub mod extract;
pub mod fetch;
pub mod listing;
pub mod masking;
pub mod probe;
pub mod robots;
pub mod source;
pub mod understand;

pub use draft::{DraftSource, draft};
pub use extract::{ExtractError, PageContext, extract};
pub use fetch::{Budget, FetchError, Fetched, Fetcher, FetcherConfig, Manners, Validators};
pub use listing::{
    Article, ArticleError, ListError, ListItem, ListPage, Listing, Remembered, fetch_article, read_kept,
};
pub use probe::{Probe, probe};
pub use source::{Source, SourceError};
pub use understand::understand;
