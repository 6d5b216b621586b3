//! Whether enterprises are addressed.

use zhida_schemas::Policy;

/// What title and text say; `None` when they do not.
pub fn of(_policy: &Policy) -> Option<bool> {
    None
}
