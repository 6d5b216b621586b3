//! Forms of support that the text offers.

use zhida_schemas::Policy;

/// What title and text say.
pub fn of(_policy: &Policy) -> Vec<String> {
    Vec::new()
}
