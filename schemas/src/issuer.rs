//! Issuers: full names of offices and their aliases (`vocabularies/issuers.csv`).

use std::sync::LazyLock;

use crate::policy::Level;
use crate::region::{self, NATION, Region};

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

/// Alias and full name of the part behind the region, the longest alias first.
static ALIASES: LazyLock<Vec<(&'static str, &'static str)>> = LazyLock::new(|| {
    let rows = include_str!("../vocabularies/issuers.csv").lines().skip(1);
    let mut aliases: Vec<_> = rows.filter_map(|line| line.split_once(',')).collect();
    aliases.sort_by_key(|(alias, _)| std::cmp::Reverse(alias.len()));
    aliases
});

/// How the name of an office ends, the longest first where one ends with another.
const UNITS: &[&str] = &[
    "人民政府办公厅",
    "人民政府办公室",
    "人民代表大会常务委员会",
    "人民代表大会",
    "人民政府",
    "管理委员会",
    "委员会办公室",
    "领导小组办公室",
    "工作领导小组",
    "领导小组",
    "联席会议办公室",
    "指挥部",
    "监督管理局",
    "委员会",
    "管委会",
    "办公厅",
    "办公室",
    "总局",
    "国务院",
    "总署",
    "总会",
    "工商联",
    "工商业联合会",
    "人民法院",
    "人民检察院",
    "法院",
    "检察院",
    "分局",
    "支局",
    "厅",
    "局",
    "部",
    "委",
    "署",
    "办",
    "院",
    "会",
    "中心",
    "银行",
    "税务局",
    "海关",
    "协会",
    "联合会",
    "支队",
    "总队",
    "所",
    "分行",
    "公司",
    "政府",
    "处",
    "司",
    "联盟",
    "学会",
    "台",
];

/// Endings that make a text a site or a newspaper rather than an office.
const NO_OFFICE: &[&str] =
    &["网", "报", "社", "网站", "门户", "记者", "编辑", "电视台", "客户端", "公众号", "本站", "平台"];

/// How the name of a zone ends.
const ZONES: &[&str] = &[
    "高新技术产业开发区",
    "经济技术开发区",
    "高新技术开发区",
    "经济开发区",
    "自由贸易试验区",
    "综合保税区",
    "工业园区",
    "科技园区",
    "产业园区",
    "示范区",
    "高新区",
    "经开区",
    "保税区",
    "开发区",
    "度假区",
    "工业园",
    "产业园",
    "新区",
    "园区",
];

/// New areas that are regions of the table or departments and not zones.
const NOT_ZONES: &[&str] = &["浦东新区", "滨海新区"];

/// Reads the name of one office. `None` when the text is not the name of an office (a newspaper, a person, a site).
/// `within` is the region of the site or deployment that completes a bare name (市科技局 on a site of 321100).
pub fn parse(name: &str, within: Option<&str>) -> Option<Issuer> {
    let name: String = name.chars().filter(|c| !c.is_whitespace()).collect();
    let name =
        name.trim_matches(['《', '》', '“', '”', '"', '：', ':', '。', '，', ',', '、', '；', '[', ']', '【', '】']);
    let length = name.chars().count();
    if !(2..=40).contains(&length) || NO_OFFICE.iter().any(|ending| name.ends_with(ending)) {
        return None;
    }
    if name.contains(['。', '，', '！', '？', '<', '>', '《', '1', '2', '3', '@', '/']) {
        return None;
    }
    if name == "国务院" || name.starts_with("国务院") || name.starts_with("中共中央") || name.starts_with("全国人")
    {
        return is_office(name).then(|| national(expand(name)));
    }
    if let Some((region, end)) = region::at_start(name, within) {
        let rest = &name[end..];
        if rest.is_empty() {
            return None;
        }
        return office(name[..end].to_owned(), rest, Some(region));
    }
    // 市科技局, 区财政局, 省工信厅, 县人民政府, 我市…: completed by the region of the site
    if let Some((level, rest)) = bare(name) {
        if !is_office(rest) && !matches!(rest, "政府" | "府") {
            return None;
        }
        let above = within.map(region::path).unwrap_or_default().into_iter().find(|region| region.level == level);
        let Some(above) = above else {
            return Some(Issuer { name: expand(name), region_code: None, level: Some(level), zone: None });
        };
        let rest = if matches!(rest, "政府" | "府") { "人民政府" } else { rest };
        return office(above.name.to_owned(), rest, Some(above));
    }
    if !is_office(name) {
        return None;
    }
    let full = expand(name);
    let ministry = ["部", "总局", "总署", "国家", "中国人民银行", "最高人民", "中央"];
    if ministry.iter().any(|word| full.starts_with(word) || full.ends_with(word)) && length >= 3 {
        return Some(national(full));
    }
    if let Some(zone) = zone_of(name) {
        let region_code = within.map(str::to_owned);
        return Some(Issuer { name: full, region_code, level: Some(Level::Zone), zone: Some(zone) });
    }
    Some(Issuer { name: full, region_code: None, level: None, zone: None })
}

fn national(name: String) -> Issuer {
    Issuer { name, region_code: Some(NATION.to_owned()), level: Some(Level::National), zone: None }
}

fn office(prefix: String, rest: &str, region: Option<&'static Region>) -> Option<Issuer> {
    let zone = zone_of(rest);
    if !is_office(rest) && zone.is_none() {
        return None;
    }
    let level = if zone.is_some() { Some(Level::Zone) } else { region.map(|region| region.level) };
    Some(Issuer {
        name: format!("{prefix}{}", expand(rest)),
        region_code: region.map(|region| region.code.to_owned()),
        level,
        zone,
    })
}

fn bare(name: &str) -> Option<(Level, &str)> {
    let name = name.strip_prefix('我').unwrap_or(name);
    for (prefix, level) in [("省", Level::Province), ("市", Level::City), ("区", Level::County), ("县", Level::County)]
    {
        if let Some(rest) = name.strip_prefix(prefix)
            && !rest.is_empty()
        {
            return Some((level, rest));
        }
    }
    None
}

fn is_office(name: &str) -> bool {
    UNITS.iter().any(|unit| name.ends_with(unit)) || ALIASES.iter().any(|(alias, _)| name.ends_with(alias))
}

/// Replaces an alias by the full name; what stands before it stays.
fn expand(name: &str) -> String {
    for (alias, full) in ALIASES.iter() {
        if name == *alias {
            return (*full).to_owned();
        }
        if let Some(before) = name.strip_suffix(alias)
            && !name.ends_with(full)
            // 镇江市发改委 yes; a full name that merely ends like an alias no
            && (before.ends_with(['省', '市', '区', '县', '州', '旗', '盟', '国', '部']) || before.is_empty())
        {
            return format!("{before}{full}");
        }
    }
    name.to_owned()
}

fn zone_of(name: &str) -> Option<String> {
    if NOT_ZONES.iter().any(|area| name.contains(area)) {
        return None;
    }
    let found = ZONES.iter().filter_map(|zone| name.find(zone).map(|at| at + zone.len())).min()?;
    Some(name[..found].to_owned()).filter(|zone| zone.chars().count() > 2)
}

/// Splits a field that names several offices (separated by 、 ， ； spaces or line feeds) into full names. Text that
/// names no office gives an empty list.
pub fn split(field: &str, within: Option<&str>) -> Vec<Issuer> {
    let mut issuers: Vec<Issuer> = Vec::new();
    for part in field.split(['、', '，', ',', '；', ';', ' ', '\n', '\t', '\u{3000}', '\u{a0}', '|']).take(50) {
        for piece in run_together(part.trim()) {
            if let Some(issuer) = parse(piece, within)
                && !issuers.contains(&issuer)
            {
                issuers.push(issuer);
            }
        }
    }
    // 苏州 市 人力资源…: spaces inside one name
    if issuers.is_empty() && field.chars().count() <= 60 {
        let joined: String = field.chars().filter(|c| !c.is_whitespace()).collect();
        issuers.extend(parse(&joined, within));
    }
    issuers
}

/// 重庆市经济和信息化委员会重庆市住房和城乡建设委员会: cut where an office ends and a name of a region or of the state begins.
fn run_together(text: &str) -> Vec<&str> {
    let mut pieces = Vec::new();
    let mut rest = text;
    'next: while rest.chars().count() > 8 {
        for (at, _) in rest.char_indices().skip(4) {
            let (left, right) = rest.split_at(at);
            let ends = ["局", "厅", "委员会", "部", "办公室", "办公厅", "人民政府", "总局", "银行"]
                .iter()
                .any(|unit| left.ends_with(unit));
            let starts = right.starts_with("国家")
                || right.starts_with("中国人民")
                || region::at_start(right, None)
                    .is_some_and(|(region, end)| end >= region.name.len() && right.len() > end);
            if ends && starts && parse(left, None).is_some() {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_aliases() {
        for (text, within, name, region, level) in [
            ("工信部", None, "工业和信息化部", Some("100000"), Some(Level::National)),
            ("国务院办公厅", None, "国务院办公厅", Some("100000"), Some(Level::National)),
            ("国家税务总局", None, "国家税务总局", Some("100000"), Some(Level::National)),
            ("江苏省工信厅", None, "江苏省工业和信息化厅", Some("320000"), Some(Level::Province)),
            ("镇江市科技局", None, "镇江市科学技术局", Some("321100"), Some(Level::City)),
            ("市科技局", Some("321181"), "镇江市科学技术局", Some("321100"), Some(Level::City)),
            ("市政府", Some("500000"), "市政府", None, Some(Level::City)),
            ("丹阳市人民政府办公室", None, "丹阳市人民政府办公室", Some("321181"), Some(Level::County)),
            ("重庆市经济和信息化委员会", None, "重庆市经济和信息化委员会", Some("500000"), Some(Level::Province)),
            ("广州市天河区教育局", None, "广州市天河区教育局", Some("440106"), Some(Level::County)),
            (
                "镇江高新技术产业开发区管理委员会",
                None,
                "镇江高新技术产业开发区管理委员会",
                Some("321100"),
                Some(Level::Zone),
            ),
        ] {
            let issuer = parse(text, within).unwrap_or_else(|| panic!("{text} is no office"));
            assert_eq!(
                (issuer.name.as_str(), issuer.region_code.as_deref(), issuer.level),
                (name, region, level),
                "{text}"
            );
        }
    }

    #[test]
    fn what_is_no_office() {
        for text in ["新华社", "人民日报", "中国政府网", "张三", "本网讯", "", "南方网", "2024年5月31日", "江苏省"]
        {
            assert_eq!(parse(text, Some("321100")), None, "{text}");
        }
    }

    #[test]
    fn joint_issue() {
        let names = |field| split(field, None).into_iter().map(|issuer| issuer.name).collect::<Vec<_>>();
        assert_eq!(names("财政部 税务总局"), ["财政部", "国家税务总局"]);
        assert_eq!(
            names("重庆市经济和信息化委员会重庆市住房和城乡建设委员会"),
            ["重庆市经济和信息化委员会", "重庆市住房和城乡建设委员会"]
        );
        assert_eq!(names("江苏省财政厅、江苏省科学技术厅"), ["江苏省财政厅", "江苏省科学技术厅"]);
        assert!(names("南方日报 记者 张三").is_empty());
    }

    #[test]
    fn every_alias_names_an_office() {
        for (alias, full) in ALIASES.iter() {
            assert!(!alias.is_empty() && UNITS.iter().any(|unit| full.ends_with(unit)), "{alias},{full}");
        }
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_survived(text in "\\PC{0,60}") {
            parse(&text, Some("321181"));
            split(&text, None);
        }
    }
}
