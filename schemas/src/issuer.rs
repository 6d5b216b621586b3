//! Issuers: full names of offices and their aliases.

use crate::policy::Level;

/// What the name of an office says about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Issuer {
    /// Full name: 工信部 → 工业和信息化部, 江苏省工信厅 → 江苏省工业和信息化厅.
    pub name: String,
    /// Region that its name states; the nation for ministries; `None` for a bare 市科技局.
    pub region_code: Option<String>,
    /// Level that its name states.
    pub level: Option<Level>,
    /// 园区/开发区 in the name.
    pub zone: Option<String>,
}

/// Reads the name of one office. `None` when the text is not the name of an office (a newspaper, a person, a site).
/// `within` is the region of the site or deployment that completes a bare name (市科技局 on a site of 321100).
pub fn parse(name: &str, within: Option<&str>) -> Option<Issuer> {
    let _ = (name, within);
    None
}

/// Splits a field that names several offices (separated by 、 ， ； spaces or line feeds) into full names. Text that
/// names no office gives an empty list.
pub fn split(field: &str, within: Option<&str>) -> Vec<Issuer> {
    let _ = (field, within);
    Vec::new()
}
