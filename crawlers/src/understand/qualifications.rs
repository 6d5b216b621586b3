//! Qualifications that the text is about, by standard name.

use zhida_schemas::Policy;

/// What title and text say.
pub fn of(_policy: &Policy) -> Vec<String> {
    Vec::new()
}
