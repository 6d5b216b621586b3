//! Conditions that an applicant must meet.

use zhida_schemas::policy::{Condition, Policy};

/// What title and text say.
pub fn of(_policy: &Policy) -> Vec<Condition> {
    Vec::new()
}
