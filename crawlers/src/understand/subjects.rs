//! 主题: paths of the 国务院主题分类.

use zhida_schemas::Policy;

/// What title and text say.
pub fn of(_policy: &Policy) -> Vec<String> {
    Vec::new()
}
