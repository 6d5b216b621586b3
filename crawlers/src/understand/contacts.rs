//! Whom to ask.

use zhida_schemas::policy::{Contact, Policy};

/// What title and text say.
pub fn of(_policy: &Policy) -> Vec<Contact> {
    Vec::new()
}
