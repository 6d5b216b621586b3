//! Sums that an applicant may receive.

use zhida_schemas::policy::{Amount, Policy};

/// What title and text say.
pub fn of(_policy: &Policy) -> Vec<Amount> {
    Vec::new()
}
