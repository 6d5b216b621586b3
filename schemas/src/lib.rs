//! The data contracts of zhida.
//!
//! Everything that crosses a border of the program (an import row, an API body, a row of the store, a
//! profile file) has its type here, with parsing and checks. The crate knows nothing of search, crawling or
//! serving, and depends on no other crate of the workspace.

pub mod credit_code;
pub mod doc_number;
pub mod enterprise;
pub mod import_row;
pub mod industry;
pub mod issuer;
pub mod json_schema;
pub mod kind;
pub mod policy;
pub mod qualification;
pub mod reason;
pub mod region;
pub mod size;
pub mod subscription;

pub use enterprise::{Enterprise, Interests, Size};
pub use import_row::ImportRow;
pub use json_schema::json_schemas;
pub use policy::Policy;
pub use reason::{Match, Reason, ReasonKind, ReasonState};
pub use subscription::{Frequency, Subscription};

/// Vocabularies as data: each file is a CSV with a header line that a person can edit. The search
/// dictionary and the synonyms are read by `zhida-index` through here, so that there is one place.
pub mod vocabularies {
    /// `term,freq,tag`: words of policy texts that a general dictionary lacks.
    pub const TERMS: &str = include_str!("../vocabularies/terms.csv");
    /// `short,full`: words that users type and the words that documents use, in both directions.
    pub const SYNONYMS: &str = include_str!("../vocabularies/synonyms.csv");
}
