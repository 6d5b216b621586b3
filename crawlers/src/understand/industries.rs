//! Industries (GB/T 4754 codes with their letter) that the text is about.

use zhida_schemas::Policy;

/// What title and text say.
pub fn of(_policy: &Policy) -> Vec<String> {
    Vec::new()
}
