//! One row of an import: the policy record's names, and the looser ones that other systems export.

use crate::policy::Policy;

/// A row that has been read, not yet understood.
#[derive(Debug, Clone, PartialEq)]
pub struct ImportRow {
    /// The fields that the row states.
    pub policy: Policy,
    /// The row's own id, if it has one: its identity when it has no address.
    pub origin: Option<String>,
}

/// Why a row was rejected: a sentence in Chinese that names the field.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct RowError(pub String);

impl ImportRow {
    /// Reads one JSON object. Accepts the policy record's names and also `published` for `published_on`, `body` for
    /// `body_text`, `issuer` (a string) for `issuers`, `region` (a name) for `region_code`. Null is absent; unknown
    /// names are ignored. Dates may be `2021-11-19`, `2021.11.19`, `2021/11/19`, `2021年11月19日`, or with a time.
    ///
    /// # Errors
    /// Not an object; neither title nor body; a date that is none; a field of the wrong type; over the size limits.
    pub fn from_json(value: serde_json::Value) -> Result<Self, RowError> {
        let _ = value;
        Err(RowError("尚未实现".to_owned()))
    }
}
