//! Regions by GB/T 2260 code: the nation `100000`, provinces, cities, counties.

use crate::policy::Level;

/// The whole country.
pub const NATION: &str = "100000";

/// A region of the table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Region {
    /// Six digits.
    pub code: &'static str,
    /// Full name (`镇江市`).
    pub name: &'static str,
    /// Name without the unit (`镇江`); the full name where that would leave one character.
    pub short: &'static str,
    /// Level in the tree, pseudo-units (市辖区, 省直辖县级) left out.
    pub level: Level,
    /// Code of the region above; `None` for the nation.
    pub parent: Option<&'static str>,
}

/// The region with this code.
pub fn by_code(code: &str) -> Option<&'static Region> {
    let _ = code;
    None
}

/// Regions with this full or short name, highest level first.
pub fn by_name(name: &str) -> Vec<&'static Region> {
    let _ = name;
    Vec::new()
}

/// From the nation down to the region itself; empty for an unknown code.
pub fn path(code: &str) -> Vec<&'static Region> {
    let _ = code;
    Vec::new()
}

/// Whether `inner` is `outer` or lies below it.
pub fn contains(outer: &str, inner: &str) -> bool {
    path(inner).iter().any(|region| region.code == outer)
}

/// The region that a name of an office begins with (江苏省镇江市丹阳市科技局 → 321181, 江苏省工业和信息化厅 → 320000,
/// 镇江市科技局 → 321100, 工业和信息化部 → `None`), and the byte length of that part. `within` breaks ties between
/// regions of one name.
pub fn at_start(office: &str, within: Option<&str>) -> Option<(&'static Region, usize)> {
    let _ = (office, within);
    None
}

/// Every region of the table, from the nation down, in code order.
pub fn all() -> &'static [Region] {
    &[]
}
