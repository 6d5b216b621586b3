//! What the policy index answers.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use zhida_schemas::Policy;

use super::{Cursor, Explanation, IndexError};
use crate::query::correct::Correction;
use crate::query::dates::Span;

/// Results of a search.
#[derive(Debug, Clone, Default)]
pub struct SearchResults {
    /// How many documents match.
    pub total: usize,
    /// The page that was asked for.
    pub hits: Vec<Hit>,
    /// For the page behind it; `None` on the last.
    pub next: Option<Cursor>,
    /// Counts by `region` (direct children of the filter's region), `kind`, `year`, `issuer`, `subject` (direct children
    /// of the filter's subject), `validity`, `window`, the largest first.
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
    /// What was read as something else: pinyin, slips.
    pub corrections: Vec<Correction>,
    /// Field words with their values.
    pub fields: Vec<FieldCondition>,
    /// Full names of the offices that the query names, as issuers.
    pub issuers: Vec<String>,
    /// The place that it names: documents of other places sink.
    pub region: Option<NamedRegion>,
    /// The days that it names: documents of those days rise.
    pub dated: Option<Span>,
    /// A query of words that sound or look alike, of which much more is found.
    pub did_you_mean: Option<Proposal>,
    /// Whether documents that hold less than most of the words were found as well, as few hold most.
    pub loosened: bool,
}

/// A field word with its value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FieldCondition {
    /// Name of the field.
    pub field: &'static str,
    /// Its value as it was read.
    pub value: String,
    /// Whether documents with it are left out.
    pub excluded: bool,
}

/// A region with its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct NamedRegion {
    /// GB/T 2260 code.
    pub code: &'static str,
    /// Full name.
    pub name: &'static str,
}

/// Another query.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Proposal {
    /// To be typed instead.
    pub query: String,
    /// How many policies it finds.
    pub total: usize,
}

/// One result: the policy without its text.
#[derive(Debug, Clone)]
pub struct Hit {
    /// Higher is better; only comparable within one result list.
    pub score: f32,
    /// Identity of the policy.
    pub id: String,
    /// The record as JSON, with `body_text`, `body_html` and attachment texts emptied: what answers an API is passed
    /// on as it is stored.
    pub record: String,
    /// Safe HTML with `<mark>` around what was found.
    pub highlight: Highlight,
    /// How many copies and versions of it were found besides.
    pub copies: usize,
    /// The parts of the score, where they were asked for.
    pub explanation: Option<Explanation>,
}

impl Hit {
    /// The record, read.
    ///
    /// # Errors
    /// The index is damaged.
    pub fn policy(&self) -> Result<Policy, IndexError> {
        read_record(&self.record)
    }
}

/// Safe HTML with `<mark>` around what was found.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Highlight {
    /// The whole title.
    pub title: String,
    /// The best passage of the text, or of an attachment when it was found nowhere else.
    pub body: String,
    /// Name of the attachment that the passage is of; `None` when it is of the main text.
    pub attachment: Option<String>,
}

/// What is read of every record that is shown.
#[derive(Deserialize)]
pub(super) struct Head<'a> {
    #[serde(borrow)]
    pub(super) id: Cow<'a, str>,
    #[serde(borrow)]
    pub(super) title: Cow<'a, str>,
}

pub(super) fn read_record<'a, T: Deserialize<'a>>(record: &'a str) -> Result<T, IndexError> {
    serde_json::from_str(record).map_err(|error| IndexError::Record(error.to_string()))
}
