//! Issuers: full names of offices and their aliases (`vocabularies/issuers.csv`), zones (`vocabularies/zones.csv`).

use std::collections::HashMap;
use std::sync::LazyLock;

use crate::policy::Level;
use crate::region::{self, NATION, Region};

/// What the name of an office says about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Issuer {
    /// Full name: 工信部 → 工业和信息化部, 江苏省工信厅 → 江苏省工业和信息化厅. The official unit at its end (局, 厅,
    /// 委员会, 部, 办公室, 人民政府, 办公厅) is kept: 江苏省人民政府办公厅 is another office than 江苏省人民政府.
    pub name: String,
    /// Region that its name states; the nation for ministries; `None` for a bare 市科技局.
    pub region_code: Option<String>,
    /// Level that its name states.
    pub level: Option<Level>,
    /// 园区/开发区 in the name.
    pub zone: Option<String>,
}

/// A row of `issuers.csv`.
struct Alias {
    alias: &'static str,
    /// Name behind a region; empty for what is only national.
    full: &'static str,
    /// Name of the office of the State Council; empty where there is none.
    national: &'static str,
    /// Whether the bare alias means the national office when nothing says where.
    bare_national: bool,
}

struct Table {
    rows: HashMap<&'static str, Alias>,
    /// Zones by what is left of their name without the words that vary, see [`zone_key`].
    zones: HashMap<String, (&'static str, &'static str)>,
    /// The same by full name, for those whose name ends like nothing else.
    zone_names: HashMap<&'static str, &'static str>,
    /// Longest alias and longest zone, in characters.
    longest: usize,
}

static TABLE: LazyLock<Table> = LazyLock::new(|| {
    let rows: HashMap<_, _> = include_str!("../vocabularies/issuers.csv")
        .lines()
        .skip(1)
        .filter_map(|line| {
            let mut cells = line.split(',');
            let (alias, full, national, bare) = (cells.next()?, cells.next()?, cells.next()?, cells.next()?);
            Some((alias, Alias { alias, full, national, bare_national: bare == "national" }))
        })
        .collect();
    let zone_names: HashMap<_, _> =
        include_str!("../vocabularies/zones.csv").lines().skip(1).filter_map(|line| line.split_once(',')).collect();
    // the first of two names for one zone is the one that is written
    let mut zones = HashMap::new();
    for (name, code) in
        include_str!("../vocabularies/zones.csv").lines().skip(1).filter_map(|line| line.split_once(','))
    {
        zones.entry(zone_key(name)).or_insert((name, code));
    }
    let longest = rows.keys().chain(zone_names.keys());
    let longest = longest.map(|name| name.chars().count()).max().unwrap_or_default();
    Table { rows, zones, zone_names, longest }
});

/// How the name of an office ends.
const UNITS: &[&str] = &[
    "厅",
    "局",
    "部",
    "委",
    "署",
    "办",
    "院",
    "政府",
    "委员会",
    "管委会",
    "办公厅",
    "办公室",
    "国务院",
    "总社",
    "合作社",
    "常委会",
    "联席会议",
    "领导小组",
    "工作小组",
    "工作组",
    "专班",
    "指挥部",
    "联防联控机制",
    "工商联",
    "联合会",
    "总工会",
    "妇联",
    "残联",
    "科协",
    "贸促会",
    "协会",
    "学会",
    "商会",
    "促进会",
    "法院",
    "检察院",
    "税务所",
    "财政所",
    "监管所",
    "中心",
    "银行",
    "分行",
    "支行",
    "支队",
    "总队",
    "大队",
    "海关",
    "证监会",
    "银监会",
    "保监会",
    "银保监会",
    "理事会",
    "仲裁委",
    "政协",
    "人大",
    "人民代表大会",
    "交易所",
    "处",
    "司",
    "中央",
    "管理所",
    "服务站",
    "事务所",
    "研究院",
    "研究所",
    "科学院",
    "供电公司",
    "有限责任公司",
    "集团有限公司",
    "共青团中央",
    "党组",
    "党委",
];

/// Endings and beginnings that make a text a site, a newspaper, a person's role or a sentence rather than an office.
const NO_OFFICE_END: &[&str] = &[
    "网",
    "报",
    "社",
    "网站",
    "门户",
    "记者",
    "编辑",
    "编辑部",
    "电视台",
    "电台",
    "客户端",
    "公众号",
    "本站",
    "平台",
    "微博",
    "频道",
    "融媒体中心",
    "新闻中心",
    "传媒中心",
    "传媒集团",
    "新闻部",
    "采访部",
    "新闻办",
    "发布会",
    "座谈会",
    "现场会",
    "推进会",
    "说明会",
    "论坛",
];
const NO_OFFICE_START: &[&str] = &[
    "本网",
    "本站",
    "本报",
    "来源",
    "作者",
    "编辑",
    "记者",
    "通讯员",
    "责任",
    "新华",
    "人民日报",
    "关于",
    "各",
    "有关",
];
const NO_OFFICE_WITHIN: &[&str] = &[
    "的通知",
    "印发",
    "召开",
    "举行",
    "获悉",
    "日前",
    "近日",
    "通过",
    "根据",
    "按照",
    "报送",
    "有关部门",
    "公众号",
    "报社",
    "的",
    "转载",
];

/// Bodies whose local branches carry the name of the whole before that of the place: 国家税务总局江苏省税务局.
const VERTICAL: &[&str] = &[
    "国家税务总局",
    "国家金融监督管理总局",
    "中国人民银行",
    "国家统计局",
    "财政部",
    "中国银行保险监督管理委员会",
    "中国银保监会",
    "中国证券监督管理委员会",
    "中国证监会",
    "中国银行业监督管理委员会",
    "中国保险监督管理委员会",
    "中国银监会",
    "中国保监会",
    "国家外汇管理局",
    "国家能源局",
    "国家矿山安全监察局",
    "国家粮食和物资储备局",
    "中国气象局",
    "中国地震局",
    "国家邮政局",
    "国家烟草专卖局",
    "国家药品监督管理局",
    "国家知识产权局",
    "中国民用航空",
    "中华人民共和国",
];

/// Endings of branches of vertical bodies: their place keeps the form in which it is written (南京海关, 江苏证监局).
const BRANCHES: &[&str] = &[
    "海关",
    "税务局",
    "证监局",
    "银保监局",
    "银监局",
    "保监局",
    "监管局",
    "监管分局",
    "海事局",
    "铁路局",
    "铁路监督管理局",
    "邮政管理局",
    "分行",
    "支行",
    "调查总队",
    "调查队",
    "监管专员办",
    "专员办",
    "特派员办事处",
    "交易所",
    "银行",
    "海警局",
    "办事处",
    "出入境检验检疫局",
];

/// How the name of a zone ends, the longer before what it ends with; the second is the form for comparison.
const ZONES: &[(&str, &str)] = &[
    ("国家高新技术产业开发区", "高新区"),
    ("国家级高新技术产业开发区", "高新区"),
    ("国家级经济技术开发区", "经开区"),
    ("国家经济技术开发区", "经开区"),
    ("高新技术产业开发区", "高新区"),
    ("高技术产业开发区", "高新区"),
    ("高新技术产业园区", "高新区"),
    ("高新技术开发区", "高新区"),
    ("新技术开发区", "高新区"),
    ("高新技术园区", "高新区"),
    ("国家高新区", "高新区"),
    ("高新区", "高新区"),
    ("经济技术开发区", "经开区"),
    ("经济开发区", "经开区"),
    ("经开区", "经开区"),
    ("自由贸易试验区", "自贸区"),
    ("自贸试验区", "自贸区"),
    ("自贸区", "自贸区"),
    ("综合保税区", "综保区"),
    ("综保区", "综保区"),
    ("保税港区", "保税港区"),
    ("保税区", "保税区"),
    ("旅游度假区", "度假区"),
    ("度假区", "度假区"),
    ("城乡一体化示范区", "示范区"),
    ("一体化示范区", "示范区"),
    ("改革示范区", "示范区"),
    ("产业示范区", "示范区"),
    ("自主创新示范区", "示范区"),
    ("示范区", "示范区"),
    ("综合实验区", "实验区"),
    ("风景名胜区", "风景区"),
    ("风景区", "风景区"),
    ("深度合作区", "合作区"),
    ("合作区", "合作区"),
    ("集中区", "集中区"),
    ("管理区", "管理区"),
    ("工业园区", "工业园区"),
    ("科技园区", "科技园区"),
    ("产业园区", "产业园区"),
    ("物流园区", "物流园区"),
    ("开发区", "开发区"),
    ("起步区", "起步区"),
    ("工业园", "工业园"),
    ("产业园", "产业园"),
    ("科技园", "科技园"),
    ("科学城", "科学城"),
    ("新片区", "新片区"),
    ("新区", "新区"),
    ("新城", "新城"),
    ("园区", "园区"),
];

/// Cities whose government has a 办公厅 as a province does (副省级市).
const SUB_PROVINCIAL: &[&str] = &[
    "210100", "210200", "220100", "230100", "320100", "330100", "330200", "350200", "370100", "370200", "420100",
    "440100", "440300", "510100", "610100",
];

/// Reads the name of one office. `None` when the text is not the name of an office (a newspaper, a person, a site).
/// `within` is the region of the site or deployment that completes a bare name (市科技局 on a site of 321100; on the
/// site of a county-level city 市 is that city).
pub fn parse(name: &str, within: Option<&str>) -> Option<Issuer> {
    let name: String = without_brackets(name).chars().filter(|c| !c.is_whitespace() && !is_invisible(*c)).collect();
    let name = name.trim_matches(|c: char| !c.is_alphanumeric());
    let name = name.strip_suffix("及办公室").or(name.strip_suffix("及办公厅")).unwrap_or(name);
    let length = name.chars().count();
    if !(2..=40).contains(&length)
        || NO_OFFICE_END.iter().any(|end| name.ends_with(end)) && !name.ends_with("合作社") && !name.ends_with("总社")
        || NO_OFFICE_START.iter().any(|start| name.starts_with(start))
        || NO_OFFICE_WITHIN.iter().any(|word| name.replace("感染的", "感染").contains(word))
        || !name.chars().all(|c| c.is_alphabetic() || "·“”".contains(c))
    {
        return None;
    }
    let name = match name.strip_prefix("中华人民共和国") {
        Some(rest) if is_office(rest) => rest,
        _ => name,
    };
    if let Some(party) = name.strip_prefix("中共")
        && !party.starts_with("中央")
    {
        let committee = parse(party, within)?;
        return Some(Issuer { name: format!("中共{}", committee.name), ..committee });
    }
    if let Some(office) = national(name, within) {
        return Some(office);
    }
    if let Some(branch) = branch(name) {
        return Some(branch);
    }
    if ["国家", "中国", "中华", "全国", "国务院", "中共中央", "中央", "最高人民", "共青团中央"]
        .iter()
        .any(|start| name.starts_with(start))
    {
        return is_office(name).then(|| of_nation(name.to_owned()));
    }
    if let Some((zone, code, end)) = known_zone(name) {
        let office = of_zone(zone, &name[end..], region::by_code(code))?;
        // 重庆两江新区管理委员会 is called so, though the zone is 两江新区
        let before = name[..end].strip_suffix(zone).unwrap_or_default();
        return Some(Issuer { name: format!("{before}{}", office.name), ..office });
    }
    if let Some((region, end)) = region::at_start(name, within) {
        return local(&name[..end], &name[end..], region);
    }
    if let Some((unit, rest)) = bare(name) {
        let level = level_of(unit, within);
        let place = within.and_then(|within| completed(unit, within));
        return match place {
            Some(place) => local(&full_prefix(place), rest, place),
            None if !is_office(rest) && rest != "府" => None,
            None => Some(Issuer {
                name: format!("{unit}{}", department(rest, level == Some(Level::Province))),
                region_code: None,
                level,
                zone: None,
            }),
        };
    }
    let zone = zone_of("", name);
    if !is_office(name) && zone.is_none() {
        return None;
    }
    let place = within.filter(|within| *within != NATION).and_then(region::by_code);
    match (zone, place) {
        (Some(zone), _) => of_zone(&zone, name.strip_prefix(zone.as_str()).unwrap_or_default(), place),
        // 科技局 on the site of a city is that city's
        (None, Some(place)) if TABLE.rows.contains_key(name) => local(&full_prefix(place), name, place),
        (None, _) => Some(Issuer { name: expand(name), region_code: None, level: None, zone: None }),
    }
}

/// An office of the State Council or an inner unit of one (财政部办公厅, 卫生健康委基层司).
fn national(name: &str, within: Option<&str>) -> Option<Issuer> {
    let (row, rest) = longest_alias(name)?;
    let here = within.is_none_or(|within| within == NATION);
    let whole = rest.is_empty() || INNER_UNITS.iter().any(|unit| rest.ends_with(unit)) && rest.chars().count() <= 30;
    // 国家 and 部 leave no doubt; 发展改革委 and 知识产权局 are local offices on a local site
    let sure = row.full.is_empty() || within == Some(NATION) || here && row.bare_national;
    if row.national.is_empty() || !whole || !sure || place_follows(rest) {
        return None;
    }
    let name = match rest.strip_suffix("办") {
        Some(before) => format!("{}{before}办公室", row.national),
        None => format!("{}{rest}", row.national),
    };
    Some(of_nation(name))
}

/// Units inside a ministry or a department.
const INNER_UNITS: &[&str] =
    &["办公厅", "办公室", "办", "司", "局", "秘书局", "处", "中心", "小组", "组", "委员会", "部", "科", "工作机制"];

fn of_nation(name: String) -> Issuer {
    Issuer { name, region_code: Some(NATION.to_owned()), level: Some(Level::National), zone: None }
}

/// 国家税务总局江苏省税务局, 南京海关, 江苏证监局: bodies of the nation that act in a region.
fn branch(name: &str) -> Option<Issuer> {
    let rest = VERTICAL.iter().find_map(|body| name.strip_prefix(body)).filter(|rest| !rest.is_empty())?;
    let (region, end) = region::at_start(rest, None)?;
    (rest.len() > end && is_office(rest)).then(|| Issuer {
        name: name.to_owned(),
        region_code: Some(region.code.to_owned()),
        level: Some(region.level),
        zone: None,
    })
}

fn place_follows(rest: &str) -> bool {
    region::at_start(rest, None).is_some()
}

/// The row with the longest alias at the beginning of the name, and what follows it.
fn longest_alias(name: &str) -> Option<(&'static Alias, &str)> {
    let ends: Vec<usize> = name.char_indices().map(|(at, c)| at + c.len_utf8()).take(TABLE.longest).collect();
    ends.into_iter().rev().find_map(|end| TABLE.rows.get(&name[..end]).map(|row| (row, &name[end..])))
}

/// The zone of the table at the beginning of the name: its name, its region, the length of what stands in the name.
fn known_zone(name: &str) -> Option<(&'static str, &'static str, usize)> {
    let ends: Vec<usize> = name.char_indices().map(|(at, c)| at + c.len_utf8()).take(TABLE.longest).collect();
    if let Some((zone, code, end)) = ends
        .into_iter()
        .rev()
        .find_map(|end| TABLE.zone_names.get_key_value(&name[..end]).map(|(zone, code)| (*zone, *code, end)))
    {
        return Some((zone, code, end));
    }
    let (_, end) = zone_end(name)?;
    TABLE.zones.get(&zone_key(&name[..end])).map(|(zone, code)| (*zone, *code, end))
}

/// The first words of a zone in the text: where they begin and end.
fn zone_end(text: &str) -> Option<(usize, usize)> {
    ZONES
        .iter()
        .filter_map(|(zone, _)| text.find(zone).map(|at| (at, at + zone.len())))
        .min_by_key(|(at, end)| (*at, std::cmp::Reverse(*end)))
}

/// What is left of a zone's name for comparison: 镇江高新技术产业开发区, 镇江国家高新区 and 镇江市高新区 are one.
pub fn zone_key(name: &str) -> String {
    let mut key: String = name.chars().filter(|c| !c.is_whitespace()).collect();
    for end in ["管理委员会", "管委会"] {
        if let Some(at) = key.find(end) {
            key.truncate(at);
        }
    }
    if let Some((zone, short)) = ZONES.iter().find(|(zone, _)| key.ends_with(zone)) {
        key.truncate(key.len() - zone.len());
        let place = match region::of_text(&key, None) {
            Some(region) => region.short.to_owned(),
            // 江苏省镇江市…, 河北唐山…: only the last place tells zones apart
            None => region::at_start(&key, None).map_or(key.clone(), |(_, end)| match &key[end..] {
                "" => key.clone(),
                rest => rest.to_owned(),
            }),
        };
        return format!("{place}{short}");
    }
    key
}

/// The name of the zone in the words behind a region; `None` when they name no zone, or an office that deals with one.
fn zone_of(place: &str, rest: &str) -> Option<String> {
    let (at, end) = zone_end(rest)?;
    let behind = &rest[end..];
    let deals = ["工作", "建设", "领导", "协调", "服务", "推进", "办公室", "处", "司"]
        .iter()
        .any(|word| behind.starts_with(word));
    let words_before = ["局", "厅", "委员会", "办公室"].iter().any(|unit| rest[..at].contains(unit));
    if deals || words_before || at == 0 && place.is_empty() || !behind.is_empty() && !is_office(behind) {
        return None;
    }
    Some(format!("{place}{}", &rest[..end]))
}

fn of_zone(zone: &str, rest: &str, region: Option<&Region>) -> Option<Issuer> {
    if !rest.is_empty() && !is_office(rest) {
        return None;
    }
    let office = match rest {
        "管委会" => "管理委员会".to_owned(),
        "管委会办公室" => "管理委员会办公室".to_owned(),
        rest => expand(rest),
    };
    Some(Issuer {
        name: format!("{zone}{office}"),
        region_code: region.map(|region| region.code.to_owned()),
        level: Some(Level::Zone),
        zone: Some(zone.to_owned()),
    })
}

/// An office behind the name of its region.
fn local(prefix: &str, rest: &str, region: &'static Region) -> Option<Issuer> {
    if rest.is_empty() {
        return None;
    }
    // 镇江市高新区 is the 镇江高新区; a zone behind other words (武进高新区) keeps them
    let place = if zone_end(rest).is_some_and(|(at, _)| at == 0) { region.short } else { "" };
    if let Some(zone) = zone_of(place, rest) {
        let end = zone.len() - place.len();
        let name = TABLE.zones.get(&zone_key(&zone)).map_or(zone.as_str(), |(name, _)| name);
        let office = of_zone(name, &rest[end..], Some(region))?;
        // 南通市通州湾示范区: the city stands before the zone, and is no part of its name
        let before = if place.is_empty() && name == zone { prefix } else { "" };
        return Some(Issuer { name: format!("{before}{}", office.name), ..office });
    }
    if !is_office(rest) && rest != "府" {
        return None;
    }
    let branch = BRANCHES.iter().any(|end| rest.ends_with(end)) && !TABLE.rows.contains_key(rest);
    let prefix = match prefix.strip_suffix(region.short) {
        // 江苏工信厅: the name of the region is written out, but 南京海关 is called so
        Some(above) if !branch && region.name != region.short => format!("{above}{}", region.name),
        _ => prefix.to_owned(),
    };
    let chief = region.level == Level::Province || SUB_PROVINCIAL.contains(&region.code);
    let rest = department(rest, chief);
    Some(Issuer {
        name: format!("{prefix}{rest}"),
        region_code: Some(region.code.to_owned()),
        level: Some(region.level),
        zone: None,
    })
}

/// 市科技局 → 市 and 科技局; not 市场监督管理局.
fn bare(name: &str) -> Option<(&'static str, &str)> {
    const NOT_BARE: &[&str] =
        &["市场", "市容", "市区", "市民中心", "区域", "区块", "县域", "省级", "市级", "省会", "州际", "旗舰"];
    let name = name.strip_prefix('我').unwrap_or(name);
    if NOT_BARE.iter().any(|word| name.starts_with(word)) {
        return None;
    }
    ["自治区", "自治州", "省", "市", "区", "县", "州", "盟", "旗"]
        .into_iter()
        .find_map(|unit| name.strip_prefix(unit).map(|rest| (unit, rest)))
        .filter(|(_, rest)| !rest.is_empty())
}

/// The region that a bare unit means on a site: from the site's own region upwards, the first that is such a unit.
fn completed(unit: &str, within: &str) -> Option<&'static Region> {
    region::path(within).into_iter().rev().find(|region| match unit {
        "区" => region.level == Level::County && region.name.ends_with('区'),
        _ => region.name.ends_with(unit),
    })
}

fn level_of(unit: &str, within: Option<&str>) -> Option<Level> {
    if let Some(place) = within.and_then(|within| completed(unit, within)) {
        return Some(place.level);
    }
    match unit {
        "省" | "自治区" => Some(Level::Province),
        "市" | "州" | "盟" | "自治州" => Some(Level::City),
        _ => Some(Level::County),
    }
}

/// The official beginning of the name of a region's offices: a district carries its city (南京市鼓楼区).
fn full_prefix(region: &Region) -> String {
    match region.parent.and_then(region::by_code) {
        Some(city) if region.level == Level::County && region.name.ends_with('区') => {
            format!("{}{}", city.name, region.name)
        }
        _ => region.name.to_owned(),
    }
}

fn is_office(name: &str) -> bool {
    UNITS.iter().any(|unit| name.ends_with(unit)) || TABLE.rows.contains_key(name)
}

/// The full name of a department: 科技局 → 科学技术局, 发改委办公室 → 发展和改革委员会办公室, 政府办公厅 → 人民政府办公厅.
fn expand(name: &str) -> String {
    if let Some((row, rest)) = longest_alias(name)
        && !row.full.is_empty()
        && (rest.is_empty() || INNER_UNITS.contains(&rest))
        // 住建委 of a city stays a committee; what is the full name already stays as it is
        && row.alias != row.full
    {
        return format!("{}{rest}", row.full);
    }
    name.to_owned()
}

/// A department behind a region's name; `chief` where the government's office is a 办公厅 (provinces, 副省级市).
fn department(name: &str, chief: bool) -> String {
    match name {
        "政府办" | "府办" | "人民政府办" if chief => "人民政府办公厅".to_owned(),
        "政府办" | "府办" | "人民政府办" => "人民政府办公室".to_owned(),
        name => expand(name),
    }
}

fn is_invisible(c: char) -> bool {
    matches!(c, '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}')
}

/// The text without what stands in brackets: 医疗保障局（医疗保险服务中心）.
fn without_brackets(text: &str) -> String {
    let mut depth = 0usize;
    let mut out = String::with_capacity(text.len());
    for c in text.chars().take(4_000) {
        match c {
            '（' | '(' | '〔' | '[' | '【' => depth += 1,
            '）' | ')' | '〕' | ']' | '】' => depth = depth.saturating_sub(1),
            c if depth == 0 => out.push(c),
            _ => {}
        }
    }
    out
}

/// Most offices that one field can name.
const MOST_OFFICES: usize = 60;

/// Splits a field that names several offices (separated by 、 ， ； spaces or line feeds, or run together where an
/// office ends and the next begins) into full names. Text that names no office gives an empty list. A later bare name
/// is completed by the region of an earlier one (广州市财政局、市人社局).
pub fn split(field: &str, within: Option<&str>) -> Vec<Issuer> {
    let issuers = split_within(field, within);
    // 医保局 卫生健康委 财政部: beside ministries alone, a bare office is one of the State Council
    let national = |issuer: &Issuer| issuer.region_code.as_deref().map(|code| code == NATION);
    let beside_ministries = issuers.iter().any(|issuer| national(issuer) == Some(true))
        && issuers.iter().any(|issuer| issuer.level.is_none())
        && !issuers.iter().any(|issuer| national(issuer) == Some(false) || issuer.zone.is_some());
    if within.is_none() && beside_ministries { split_within(field, Some(NATION)) } else { issuers }
}

fn split_within(field: &str, within: Option<&str>) -> Vec<Issuer> {
    let mut issuers: Vec<Issuer> = Vec::new();
    let plain = without_brackets(field);
    let mut here = within.map(str::to_owned);
    let separators = |c: char| c.is_whitespace() || "、，,；;|/".contains(c);
    let mut parts: Vec<String> = Vec::new();
    for part in plain.split(separators).map(str::trim).filter(|part| !part.is_empty()).take(MOST_OFFICES) {
        // 国家税务总局 / 东莞市税务局: a branch may stand on a line of its own
        match parts.last_mut() {
            Some(whole)
                if VERTICAL.iter().any(|body| whole.ends_with(body))
                    && region::at_start(part, None).is_some()
                    && is_branch_behind(whole, part) =>
            {
                whole.push_str(part);
            }
            _ => parts.push(part.to_owned()),
        }
    }
    for part in &parts {
        for piece in run_together(part) {
            let Some(issuer) = parse(piece, here.as_deref()) else { continue };
            if let Some(code) = issuer.region_code.as_deref().filter(|code| *code != NATION) {
                here = Some(code.to_owned());
            }
            if !issuers.contains(&issuer) {
                issuers.push(issuer);
            }
        }
    }
    // 苏州 市 人力资源…: spaces inside one name
    if issuers.is_empty() && field.chars().count() <= 60 {
        issuers.extend(parse(field, within));
    }
    issuers
}

/// 重庆市经济和信息化委员会重庆市住房和城乡建设委员会, 财政部税务总局: cut where an office ends and a name of a region, of
/// a national office or another bare one begins.
fn run_together(text: &str) -> Vec<&str> {
    let mut pieces = Vec::new();
    let mut rest = text;
    'next: while pieces.len() < MOST_OFFICES {
        if let Some(state) = rest.strip_prefix("中共中央").filter(|after| after.starts_with("国务院")) {
            pieces.push("中共中央");
            rest = state;
            continue;
        }
        for (at, _) in rest.char_indices().skip(2).take(60) {
            let (left, right) = rest.split_at(at);
            if ends_office(left) && left != "国务院" && begins_office(left, right) && parse(left, None).is_some() {
                pieces.push(left);
                rest = right;
                continue 'next;
            }
        }
        break;
    }
    pieces.push(rest);
    pieces
}

fn ends_office(left: &str) -> bool {
    const ENDS: &[&str] = &[
        "局",
        "厅",
        "委员会",
        "委",
        "部",
        "办公室",
        "办公厅",
        "政府",
        "总署",
        "银行",
        "会",
        "法院",
        "检察院",
        "中心",
        "分行",
        "支行",
    ];
    ENDS.iter().any(|unit| left.ends_with(unit))
}

/// Whether another office begins here, which is not a branch or an inner unit of the one before.
fn begins_office(left: &str, right: &str) -> bool {
    if VERTICAL.contains(&left) && region::at_start(right, None).is_some() {
        return !is_branch_behind(left, right);
    }
    // 中国农业发展银行 + 福建省分行
    let behind_place = region::at_start(right, None).map_or(right, |(_, end)| &right[end..]);
    if left.ends_with("银行") && ["分行", "支行", "中心支行", "营业"].iter().any(|unit| behind_place.starts_with(unit))
    {
        return false;
    }
    let starts_national = longest_alias(right).is_some_and(|(row, rest)| {
        !row.national.is_empty()
            && (row.full.is_empty() || left.starts_with("国家"))
            && row.alias.chars().count() >= 3
            && !place_follows(rest)
    });
    let starts_state =
        ["国家", "中国", "中华", "最高人民", "国务院", "中共"].iter().any(|start| right.starts_with(start))
            && right.chars().count() >= 4;
    let starts_local =
        region::at_start(right, None).is_some_and(|(_, end)| right.len() > end && ends_with_unit(&right[..end]));
    let same_bare = bare(left).zip(bare(right)).is_some_and(|((one, _), (other, rest))| {
        let ends = rest.char_indices().map(|(at, c)| at + c.len_utf8()).skip(2).take(14);
        one == other && ends.into_iter().any(|end| ends_office(&rest[..end]))
    });
    let starts_local = starts_local || known_zone(right).is_some_and(|(_, _, end)| right[end..].starts_with("管"));
    starts_national || starts_state || starts_local || same_bare
}

/// 国家税务总局 + 江苏省税务局 is one office; 国家税务总局 + 江苏省财政厅 are two.
fn is_branch_behind(left: &str, right: &str) -> bool {
    let head = right.char_indices().map(|(at, c)| at + c.len_utf8()).take(24).find(|end| ends_office(&right[..*end]));
    let head = head.map_or(right, |end| &right[..end]);
    BRANCHES.iter().any(|end| head.ends_with(end))
        || left == "中国人民银行"
        || left.ends_with("税务总局") && head.contains("税务")
}

fn ends_with_unit(place: &str) -> bool {
    place.ends_with(['省', '市', '县', '区', '州', '盟', '旗'])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_aliases() {
        use Level::{City, County, National, Province, Zone};
        for (text, within, name, region, level) in [
            ("工信部", None, "工业和信息化部", Some("100000"), Some(National)),
            ("财政部", Some("321100"), "财政部", Some("100000"), Some(National)),
            ("中华人民共和国工业和信息化部", None, "工业和信息化部", Some("100000"), Some(National)),
            ("国务院办公厅", None, "国务院办公厅", Some("100000"), Some(National)),
            ("国家税务总局", None, "国家税务总局", Some("100000"), Some(National)),
            ("税务总局办公厅", None, "国家税务总局办公厅", Some("100000"), Some(National)),
            ("卫生健康委基层司", None, "国家卫生健康委员会基层司", Some("100000"), Some(National)),
            ("发展改革委", None, "国家发展和改革委员会", Some("100000"), Some(National)),
            ("发展改革委", Some("100000"), "国家发展和改革委员会", Some("100000"), Some(National)),
            ("发改委", Some("321100"), "镇江市发展和改革委员会", Some("321100"), Some(City)),
            ("知识产权局", Some("100000"), "国家知识产权局", Some("100000"), Some(National)),
            ("知识产权局", Some("320000"), "江苏省知识产权局", Some("320000"), Some(Province)),
            ("市场监管总局", Some("321100"), "国家市场监督管理总局", Some("100000"), Some(National)),
            ("住房和城乡建设部", None, "住房和城乡建设部", Some("100000"), Some(National)),
            (
                "国务院应对新型冠状病毒感染肺炎疫情联防联控机制",
                None,
                "国务院应对新型冠状病毒感染肺炎疫情联防联控机制",
                Some("100000"),
                Some(National),
            ),
            ("江苏省工信厅", None, "江苏省工业和信息化厅", Some("320000"), Some(Province)),
            ("江苏工信厅", None, "江苏省工业和信息化厅", Some("320000"), Some(Province)),
            ("江苏省人民政府办公厅", None, "江苏省人民政府办公厅", Some("320000"), Some(Province)),
            ("江苏省政府", None, "江苏省人民政府", Some("320000"), Some(Province)),
            ("江苏省市场监管局", None, "江苏省市场监督管理局", Some("320000"), Some(Province)),
            ("江苏市场监管局", None, "江苏省市场监督管理局", Some("320000"), Some(Province)),
            ("广西壮族自治区人民政府办公厅", None, "广西壮族自治区人民政府办公厅", Some("450000"), Some(Province)),
            ("镇江市科技局", None, "镇江市科学技术局", Some("321100"), Some(City)),
            ("镇江市市监局", None, "镇江市市场监督管理局", Some("321100"), Some(City)),
            ("镇江市人社局", None, "镇江市人力资源和社会保障局", Some("321100"), Some(City)),
            ("镇江市住建局", None, "镇江市住房和城乡建设局", Some("321100"), Some(City)),
            ("镇江市发改委", None, "镇江市发展和改革委员会", Some("321100"), Some(City)),
            ("市科技局", Some("321100"), "镇江市科学技术局", Some("321100"), Some(City)),
            ("市科技局", Some("321181"), "丹阳市科学技术局", Some("321181"), Some(County)),
            ("市科技局", Some("321102"), "镇江市科学技术局", Some("321100"), Some(City)),
            ("省工信厅", Some("321181"), "江苏省工业和信息化厅", Some("320000"), Some(Province)),
            ("省政府办公厅", Some("320000"), "江苏省人民政府办公厅", Some("320000"), Some(Province)),
            ("市政府", Some("500000"), "重庆市人民政府", Some("500000"), Some(Province)),
            ("市政府", Some("321100"), "镇江市人民政府", Some("321100"), Some(City)),
            ("市府办", Some("321100"), "镇江市人民政府办公室", Some("321100"), Some(City)),
            ("市府办(市金融办、市外事办)", Some("440100"), "广州市人民政府办公厅", Some("440100"), Some(City)),
            ("区财政局", Some("320106"), "南京市鼓楼区财政局", Some("320106"), Some(County)),
            ("市政府及办公室", Some("330782"), "义乌市人民政府", Some("330782"), Some(County)),
            ("市府办", None, "市人民政府办公室", None, Some(City)),
            ("县人民政府", Some("331024"), "仙居县人民政府", Some("331024"), Some(County)),
            ("自治区财政厅", Some("450100"), "广西壮族自治区财政厅", Some("450000"), Some(Province)),
            ("市科技局", None, "市科学技术局", None, Some(City)),
            ("市财政局", Some("100000"), "市财政局", None, Some(City)),
            ("丹阳市人民政府办公室", None, "丹阳市人民政府办公室", Some("321181"), Some(County)),
            ("江苏省镇江市丹阳市科技局", None, "江苏省镇江市丹阳市科学技术局", Some("321181"), Some(County)),
            ("重庆市经济和信息化委员会", None, "重庆市经济和信息化委员会", Some("500000"), Some(Province)),
            ("广州市天河区教育局", None, "广州市天河区教育局", Some("440106"), Some(County)),
            ("广州市医疗保障局（广州市医疗保险服务中心）", None, "广州市医疗保障局", Some("440100"), Some(City)),
            ("\u{200b}北京市中医管理局", None, "北京市中医管理局", Some("110000"), Some(Province)),
            ("延边州人社局", None, "延边州人力资源和社会保障局", Some("222400"), Some(City)),
            ("国家税务总局江苏省税务局", None, "国家税务总局江苏省税务局", Some("320000"), Some(Province)),
            ("国家税务总局镇江市税务局", None, "国家税务总局镇江市税务局", Some("321100"), Some(City)),
            ("中国人民银行江苏省分行", None, "中国人民银行江苏省分行", Some("320000"), Some(Province)),
            ("国家金融监督管理总局江苏监管局", None, "国家金融监督管理总局江苏监管局", Some("320000"), Some(Province)),
            ("南京海关", None, "南京海关", Some("320100"), Some(City)),
            ("中华人民共和国南京海关", None, "南京海关", Some("320100"), Some(City)),
            (
                "江西省新型冠状病毒感染的肺炎疫情防控应急指挥部",
                None,
                "江西省新型冠状病毒感染的肺炎疫情防控应急指挥部",
                Some("360000"),
                Some(Province),
            ),
            ("中共镇江市委组织部", None, "中共镇江市委组织部", Some("321100"), Some(City)),
            ("中共中央办公厅", None, "中共中央办公厅", Some("100000"), Some(National)),
            ("全国人民代表大会常务委员会", None, "全国人民代表大会常务委员会", Some("100000"), Some(National)),
            ("镇江高新区管委会", None, "镇江高新技术产业开发区管理委员会", Some("321100"), Some(Zone)),
        ] {
            let issuer = parse(text, within).unwrap_or_else(|| panic!("{text} is no office"));
            let read = (issuer.name.as_str(), issuer.region_code.as_deref(), issuer.level);
            assert_eq!(read, (name, region, level), "{text} within {within:?}");
            // a full name stays as it is
            let again = parse(&issuer.name, within).unwrap_or_else(|| panic!("{} is no office", issuer.name));
            assert_eq!(again, issuer, "{text} within {within:?}");
        }
    }

    #[test]
    fn zones() {
        for (text, within, name, region, zone) in [
            (
                "镇江高新技术产业开发区管理委员会",
                None,
                "镇江高新技术产业开发区管理委员会",
                Some("321100"),
                "镇江高新技术产业开发区",
            ),
            ("镇江新区管委会", None, "镇江新区管理委员会", Some("321100"), "镇江新区"),
            ("苏州工业园区管理委员会", None, "苏州工业园区管理委员会", Some("320500"), "苏州工业园区"),
            ("苏州工业园区科技局", None, "苏州工业园区科学技术局", Some("320500"), "苏州工业园区"),
            ("重庆两江新区管委会", None, "重庆两江新区管理委员会", Some("500000"), "两江新区"),
            ("江北新区管委会", None, "江北新区管理委员会", Some("320100"), "江北新区"),
            ("丹阳经开区管委会", None, "丹阳经济开发区管理委员会", Some("321181"), "丹阳经济开发区"),
            (
                "佛山高新技术产业开发区管理委员会",
                None,
                "佛山高新技术产业开发区管理委员会",
                Some("440600"),
                "佛山高新技术产业开发区",
            ),
            (
                "惠州仲恺高新技术产业开发区管理委员会办公室",
                None,
                "惠州仲恺高新技术产业开发区管理委员会办公室",
                Some("441300"),
                "惠州仲恺高新技术产业开发区",
            ),
            (
                "示例市场工业园区管委会",
                Some("321181"),
                "示例市场工业园区管理委员会",
                Some("321181"),
                "示例市场工业园区",
            ),
            ("南通市通州湾示范区管委会", None, "南通市通州湾示范区管理委员会", Some("320600"), "通州湾示范区"),
        ] {
            let issuer = parse(text, within).unwrap_or_else(|| panic!("{text} is no office"));
            let read = (issuer.name.as_str(), issuer.region_code.as_deref(), issuer.zone.as_deref(), issuer.level);
            assert_eq!(read, (name, region, Some(zone), Some(Level::Zone)), "{text}");
        }
        for text in
            ["浦东新区科技和经济委员会", "上海市浦东新区人民政府", "江苏省开发区工作办公室", "天津市滨海新区人民政府"]
        {
            assert_eq!(parse(text, None).map(|issuer| issuer.zone), Some(None), "{text}");
        }
        for same in [
            ["镇江高新区", "镇江国家高新技术产业开发区"],
            ["镇江市高新区", "江苏省镇江高新区"],
            ["丹阳经开区", "丹阳经济开发区管委会"],
        ] {
            assert_eq!(zone_key(same[0]), zone_key(same[1]), "{same:?}");
        }
        assert_ne!(zone_key("镇江高新区"), zone_key("镇江经开区"));
        assert_ne!(zone_key("镇江高新区"), zone_key("扬州高新区"));
    }

    #[test]
    fn what_is_no_office() {
        for text in [
            "新华社",
            "人民日报",
            "中国政府网",
            "张三",
            "本网讯",
            "",
            "南方网",
            "2024年5月31日",
            "江苏省",
            "江苏",
            "记者 张三",
            "新华日报",
            "本站原创",
            "镇江日报",
            "央视新闻客户端",
            "中国经济网",
            "江苏省人民政府门户网站",
            "市融媒体中心",
            "关于印发办法的通知",
            "广州市人民政府门户",
            "粤省事微信公众号（天河区政府网转载）",
            "江苏省人民政府召开新闻发布会",
            "编辑部",
            "市场",
            "全市各有关单位",
            "13812345678",
            "www.gov.cn",
            "专精特新",
        ] {
            assert_eq!(parse(text, Some("321100")), None, "{text}");
            assert!(split(text, None).is_empty(), "{text}");
        }
    }

    #[test]
    fn joint_issue() {
        for (field, names) in [
            ("财政部 税务总局", &["财政部", "国家税务总局"][..]),
            ("财政部税务总局", &["财政部", "国家税务总局"]),
            ("财政部　海关总署　税务总局", &["财政部", "海关总署", "国家税务总局"]),
            (
                "重庆市经济和信息化委员会重庆市住房和城乡建设委员会",
                &["重庆市经济和信息化委员会", "重庆市住房和城乡建设委员会"],
            ),
            ("工业和信息化部办公厅国家发展改革委办公厅", &["工业和信息化部办公厅", "国家发展和改革委员会办公厅"]),
            ("中共中央办公厅国务院办公厅", &["中共中央办公厅", "国务院办公厅"]),
            ("中共中央 国务院", &["中共中央", "国务院"]),
            ("中共中央国务院", &["中共中央", "国务院"]),
            ("国务院国有资产监督管理委员会", &["国务院国有资产监督管理委员会"]),
            ("国家税务总局江苏省税务局江苏省财政厅", &["国家税务总局江苏省税务局", "江苏省财政厅"]),
            ("江苏省财政厅国家税务总局江苏省税务局", &["江苏省财政厅", "国家税务总局江苏省税务局"]),
            ("江苏省财政厅、江苏省科学技术厅", &["江苏省财政厅", "江苏省科学技术厅"]),
            ("江苏省财政厅,省科技厅；省工信厅", &["江苏省财政厅", "江苏省科学技术厅", "江苏省工业和信息化厅"]),
            (
                "广州市天河区科技工业和信息化局、区人力资源和社会保障局",
                &["广州市天河区科技工业和信息化局", "广州市天河区人力资源和社会保障局"],
            ),
            ("教育部应对新型冠状病毒肺炎疫情工作领导小组办公室", &["教育部应对新型冠状病毒肺炎疫情工作领导小组办公室"]),
            ("医保局 卫生健康委", &["国家医疗保障局", "国家卫生健康委员会"]),
            ("文化和旅游部办公厅 文物局办公室", &["文化和旅游部办公厅", "国家文物局办公室"]),
            ("医保局 市财政局", &["医疗保障局", "市财政局"]),
            ("苏州 市 人力资源和社会保障 局", &["苏州市人力资源和社会保障局"]),
            ("新华社 国务院办公厅", &["国务院办公厅"]),
            ("财政部、财政部", &["财政部"]),
            ("福州市人民政府　中国农业发展银行福建省分行", &["福州市人民政府", "中国农业发展银行福建省分行"]),
            (
                "东莞市住房公积金管理中心国家税务总局\n东莞市税务局",
                &["东莞市住房公积金管理中心", "国家税务总局东莞市税务局"],
            ),
            ("北京市财政局北京经济技术开发区管理委员会", &["北京市财政局", "北京经济技术开发区管理委员会"]),
            ("市财政局 镇江市示例中心", &["市财政局", "镇江市示例中心"]),
            ("南方日报 记者 张三", &[]),
            ("中国政府网", &[]),
            ("", &[]),
        ] {
            let read: Vec<_> = split(field, None).into_iter().map(|issuer| issuer.name).collect();
            assert_eq!(read, names, "{field}");
        }
        let read: Vec<_> = split("市人社局市税务局市医保局", None).into_iter().map(|issuer| issuer.name).collect();
        assert_eq!(read, ["市人力资源和社会保障局", "市税务局", "市医疗保障局"]);
        let read: Vec<_> = split("市财政局市科技局", Some("321100")).into_iter().map(|issuer| issuer.name).collect();
        assert_eq!(read, ["镇江市财政局", "镇江市科学技术局"]);
    }

    #[test]
    fn every_alias_names_an_office() {
        let mut seen = std::collections::HashSet::new();
        for line in include_str!("../vocabularies/issuers.csv").lines().skip(1) {
            let cells: Vec<&str> = line.split(',').collect();
            let [alias, full, national, bare, _note] = cells.as_slice() else {
                panic!("{line}: five cells are wanted")
            };
            assert!(seen.insert(*alias) && !alias.is_empty(), "{line}: twice");
            assert!(!full.is_empty() || !national.is_empty(), "{line}");
            assert!(["national", "local"].contains(bare) && (*bare == "local" || !national.is_empty()), "{line}");
            for name in [full, national].into_iter().filter(|name| !name.is_empty()) {
                assert!(is_office(name), "{line}: {name}");
            }
            if !national.is_empty() {
                assert_eq!(parse(alias, Some(NATION)).map(|issuer| issuer.name).as_deref(), Some(*national), "{line}");
            }
            if !full.is_empty() {
                let read = parse(&format!("示例{alias}"), None);
                assert!(read.is_some() || *full == "人民政府", "{line}");
                let read = parse(&format!("扬州市{alias}"), None).map(|issuer| issuer.name);
                assert_eq!(read, Some(format!("扬州市{full}")), "{line}");
            }
        }
        assert!(seen.len() > 350);
    }

    #[test]
    fn every_zone_lies_in_a_region() {
        let mut zones = 0;
        for line in include_str!("../vocabularies/zones.csv").lines().skip(1) {
            let (name, code) = line.split_once(',').unwrap_or_else(|| panic!("{line}"));
            assert!(region::by_code(code).is_some(), "{line}");
            let issuer = parse(&format!("{name}管理委员会"), None).unwrap_or_else(|| panic!("{line}: no office"));
            assert_eq!(
                (issuer.region_code.as_deref(), issuer.level),
                (Some(code), Some(Level::Zone)),
                "{line}: {issuer:?}"
            );
            zones += 1;
        }
        assert!(zones > 150);
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_survived(text in "[江苏省镇市丹阳区财政局部委办公室国家税务总管高新开发、 （）]{0,20}|\\PC{0,60}") {
            parse(&text, Some("321181"));
            for issuer in split(&text, None) {
                proptest::prop_assert!(!issuer.name.is_empty());
            }
        }
    }
}
