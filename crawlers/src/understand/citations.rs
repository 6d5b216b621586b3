//! Other documents that the text names, and how.

use zhida_schemas::policy::{Citation, Policy};

/// What title and text say.
pub fn of(_policy: &Policy) -> Vec<Citation> {
    Vec::new()
}
