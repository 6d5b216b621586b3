//! Chinese policy search on Tantivy, and its dual: the index of stored profiles.
//!
//! The crate knows nothing of SQL, of crawling or of serving. Both indexes are derived data: they are built from
//! records and can be built again.

pub mod eval;
pub mod policies;
pub mod profiles;
pub mod query;
pub mod text;

pub use policies::{
    Cursor, Explanation, Facet, Highlight, Hit, IndexError, PolicyIndex, PolicyWriter, SearchRequest, SearchResults,
    Sort, Understood, WindowState,
};
pub use profiles::{ProfileIndex, THRESHOLD};
pub use text::Analyzer;
