//! 机关代字: what the letters before the year of a document number say about the office (`渝财产业〔2024〕1号` → 重庆市
//! 财政局). The table is `vocabularies/number_codes.csv`; letters that several places share say nothing.

use std::collections::HashMap;
use std::sync::LazyLock;

use crate::issuer::{self, Issuer};
use crate::region::{self, Region};

/// What the letters say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Meaning {
    /// Offices; empty for a joint issue (工信部联…), of which the letters name the first only, and where only the
    /// place is known.
    pub issuers: Vec<Issuer>,
    /// GB/T 2260 code of the place.
    pub region_code: String,
}

struct Table {
    places: HashMap<&'static str, &'static Region>,
    /// Names behind a province and behind a city or municipality.
    departments: HashMap<&'static str, (&'static str, &'static str)>,
    whole: HashMap<&'static str, &'static str>,
    ambiguous: Vec<&'static str>,
}

static TABLE: LazyLock<Table> = LazyLock::new(|| {
    let mut table =
        Table { places: HashMap::new(), departments: HashMap::new(), whole: HashMap::new(), ambiguous: Vec::new() };
    for line in include_str!("../vocabularies/number_codes.csv").lines().skip(1) {
        let mut cells = line.split(',');
        let (Some(code), Some(kind), Some(name)) = (cells.next(), cells.next(), cells.next()) else { continue };
        match kind {
            "place" => {
                if let Some(region) = region::by_code(name) {
                    table.places.insert(code, region);
                }
            }
            "department" => {
                table.departments.insert(code, name.split_once('|').unwrap_or((name, name)));
            }
            "whole" => {
                table.whole.insert(code, name);
            }
            _ => table.ambiguous.push(code),
        }
    }
    table
});

/// Longest key of the table, in characters.
const LONGEST: usize = 6;

/// The longest beginning of the code that is a key, and what follows it.
fn longest<'a, T: Copy>(map: &HashMap<&'static str, T>, code: &'a str) -> Option<(T, &'a str)> {
    let ends: Vec<usize> = code.char_indices().map(|(at, c)| at + c.len_utf8()).take(LONGEST).collect();
    ends.into_iter().rev().find_map(|end| map.get(&code[..end]).map(|found| (*found, &code[end..])))
}

/// What the code of a number ([`crate::doc_number::DocNumber::issuer_code`]) says; `None` for letters that are not in
/// the table or that several places share.
pub fn meaning(code: &str) -> Option<Meaning> {
    if TABLE.ambiguous.iter().any(|shared| code.starts_with(shared)) {
        return None;
    }
    let of_place = longest(&TABLE.places, code).and_then(|(place, rest)| {
        let ((province, city), behind) = longest(&TABLE.departments, rest)?;
        let is_province = place.code.ends_with("0000") && !place.name.ends_with('市');
        let name = if is_province { province } else { city };
        let office = issuer::parse(&format!("{}{name}", place.name), None).filter(|_| !name.is_empty())?;
        Some((vec![office], behind))
    });
    let whole = longest(&TABLE.whole, code).map(|(names, behind)| (issuer::split(names, None), behind));
    let (issuers, behind) = whole.or(of_place)?;
    let region_code = issuers.first()?.region_code.clone()?;
    let joint = behind.contains('联');
    Some(Meaning { issuers: if joint { Vec::new() } else { issuers }, region_code })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes() {
        for (code, issuers, region) in [
            ("渝财产业", "重庆市财政局", "500000"),
            ("渝府办发", "重庆市人民政府办公厅", "500000"),
            ("鄂政办发", "湖北省人民政府办公厅", "420000"),
            ("甬政发", "宁波市人民政府", "330200"),
            ("甬政办发", "宁波市人民政府办公厅", "330200"),
            ("镇政办发", "镇江市人民政府办公室", "321100"),
            ("沪人社规", "上海市人力资源和社会保障局", "310000"),
            ("鲁高法", "山东省高级人民法院", "370000"),
            ("苏政办发", "江苏省人民政府办公厅", "320000"),
            ("苏府", "苏州市人民政府", "320500"),
            ("国办发", "国务院办公厅", "100000"),
            ("财税", "财政部、国家税务总局", "100000"),
            ("工信部企业", "工业和信息化部", "100000"),
            ("工信部联企业", "", "100000"),
        ] {
            let meaning = meaning(code).unwrap_or_else(|| panic!("{code} says nothing"));
            let names: Vec<_> = meaning.issuers.iter().map(|issuer| issuer.name.as_str()).collect();
            assert_eq!((names.join("、").as_str(), meaning.region_code.as_str()), (issuers, region), "{code}");
        }
        for code in ["宁政发", "苏工信", "青政办发", "示例发", "财", "渝", ""] {
            assert_eq!(meaning(code), None, "{code}");
        }
    }

    #[test]
    fn every_row_names_a_place_or_an_office() {
        let mut seen = std::collections::HashSet::new();
        for line in include_str!("../vocabularies/number_codes.csv").lines().skip(1) {
            let cells: Vec<&str> = line.split(',').collect();
            let [code, kind, name, _note] = cells.as_slice() else { panic!("{line}: four cells are wanted") };
            assert!(seen.insert((*code, *kind == "department")), "{line}: twice");
            assert!((1..=LONGEST).contains(&code.chars().count()), "{line}");
            match *kind {
                "place" => assert!(region::by_code(name).is_some_and(|place| place.code != region::NATION), "{line}"),
                "department" => {
                    let (province, city) = name.split_once('|').unwrap_or((name, name));
                    for (place, office) in [("湖北省", province), ("宁波市", city)] {
                        let read = issuer::parse(&format!("{place}{office}"), None);
                        assert!(office.is_empty() || read.is_some_and(|read| read.region_code.is_some()), "{line}");
                    }
                }
                "whole" => {
                    let offices = issuer::split(name, None);
                    let names: Vec<_> = offices.iter().map(|office| office.name.as_str()).collect();
                    assert_eq!(names.join("、"), *name, "{line}");
                    assert!(offices.iter().all(|office| office.region_code.is_some()), "{line}");
                }
                "ambiguous" => assert!(name.is_empty() && meaning(code).is_none(), "{line}"),
                other => panic!("{line}: {other} is no kind of row"),
            }
        }
        assert!(seen.len() > 100);
    }

    proptest::proptest! {
        #[test]
        fn any_code_is_survived(code in "[渝苏宁镇财政府办发工信部联国]{0,8}|\\PC{0,20}") {
            meaning(&code);
        }
    }
}
