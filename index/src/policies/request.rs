//! What is asked of the policy index.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use zhida_schemas::policy::Validity;

use super::Cursor;

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
    /// State of the application window on the day of the search.
    pub window: Option<WindowState>,
    /// Order of results.
    pub sort: Sort,
    /// Whether copies and versions of one document are one result.
    pub fold: bool,
    /// Whether the parts of each score are shown; by relevance only.
    pub explain: bool,
    /// Only results behind the last one of another page of the same search; any depth.
    pub after: Option<Cursor>,
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

/// State of an application window on a day; the first is the best of a document's several.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum WindowState {
    /// Applications are taken.
    Open,
    /// It has not opened.
    Upcoming,
    /// It has closed.
    Closed,
}

impl WindowState {
    /// Every state, in order.
    pub const ALL: [Self; 3] = [Self::Open, Self::Upcoming, Self::Closed];

    /// As in requests and facets.
    pub fn name(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Upcoming => "upcoming",
            Self::Closed => "closed",
        }
    }

    /// As readers know it.
    pub fn label(self) -> &'static str {
        match self {
            Self::Open => "正在受理",
            Self::Upcoming => "尚未开始",
            Self::Closed => "已经截止",
        }
    }
}
