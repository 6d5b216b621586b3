//! Industries by GB/T 4754—2017 and the loose names that policies use for them.

/// An entry of the table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Industry {
    /// With its letter: `I`, `I65`, `I651`, `I6513`.
    pub code: &'static str,
    /// Name in the standard.
    pub name: &'static str,
}

/// The entry with this code. A code without its letter (`6513`) is found too.
pub fn by_code(code: &str) -> Option<&'static Industry> {
    let _ = code;
    None
}

/// Whether `inner` is `outer` or lies below it in the code tree.
pub fn contains(outer: &str, inner: &str) -> bool {
    inner.starts_with(outer)
}

/// The codes that a loose name of policy language stands for (集成电路 → C3973 …, 软件和信息服务业 → I65),
/// with the byte range of each name in the text.
pub fn find_all(text: &str) -> Vec<(std::ops::Range<usize>, Vec<&'static str>)> {
    let _ = text;
    Vec::new()
}

/// Every entry in code order.
pub fn all() -> &'static [Industry] {
    &[]
}
