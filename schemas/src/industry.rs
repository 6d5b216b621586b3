//! Industries by GB/T 4754—2017 (`vocabularies/industries.csv`) and the loose names that policies use for them
//! (`vocabularies/industry_names.csv`).

use std::collections::HashMap;
use std::ops::Range;
use std::sync::LazyLock;

/// An entry of the table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Industry {
    /// With its letter: `I`, `I65`, `I651`, `I6513`.
    pub code: &'static str,
    /// Name in the standard.
    pub name: &'static str,
}

static TABLE: LazyLock<Vec<Industry>> = LazyLock::new(|| {
    let rows = include_str!("../vocabularies/industries.csv").lines().skip(1);
    rows.filter_map(|line| {
        let (code, name) = line.split_once(',')?;
        Some(Industry { code, name: name.trim_matches('"') })
    })
    .collect()
});

static BY_CODE: LazyLock<HashMap<&'static str, usize>> = LazyLock::new(|| {
    let mut codes = HashMap::new();
    for (at, industry) in TABLE.iter().enumerate() {
        codes.insert(industry.code, at);
        if industry.code.len() > 1 {
            codes.insert(&industry.code[1..], at);
        }
    }
    codes
});

/// A loose name and the codes that it stands for.
type LooseName = (&'static str, Vec<&'static str>);

/// Loose names by their first character, the longest first.
static NAMES: LazyLock<HashMap<char, Vec<LooseName>>> = LazyLock::new(|| {
    let mut names: HashMap<char, Vec<LooseName>> = HashMap::new();
    for line in include_str!("../vocabularies/industry_names.csv").lines().skip(1) {
        if let Some((name, codes)) = line.split_once(',')
            && let Some(first) = name.chars().next()
        {
            names.entry(first).or_default().push((name, codes.split('|').collect()));
        }
    }
    for list in names.values_mut() {
        list.sort_by_key(|(name, _)| std::cmp::Reverse(name.len()));
    }
    names
});

/// The entry with this code. A code without its letter (`6513`) is found too.
pub fn by_code(code: &str) -> Option<&'static Industry> {
    BY_CODE.get(code).map(|at| &TABLE[*at])
}

/// Whether `inner` is `outer` or lies below it in the code tree.
pub fn contains(outer: &str, inner: &str) -> bool {
    inner.starts_with(outer)
}

/// The codes that a loose name of policy language stands for (集成电路 → C3973 …, 软件和信息服务业 → I65),
/// with the byte range of each name in the text.
pub fn find_all(text: &str) -> Vec<(Range<usize>, Vec<&'static str>)> {
    let mut found = Vec::new();
    let mut end = 0;
    for (at, first) in text.char_indices() {
        if at < end {
            continue;
        }
        let names = NAMES.get(&first).map(Vec::as_slice).unwrap_or_default();
        if let Some((name, codes)) = names.iter().find(|(name, _)| text[at..].starts_with(name)) {
            end = at + name.len();
            found.push((at..end, codes.clone()));
        }
    }
    found
}

/// Every entry in code order.
pub fn all() -> &'static [Industry] {
    &TABLE
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_of_both_tables_is_right() {
        assert_eq!(all().len(), 1_971);
        for industry in all() {
            assert!(industry.code.starts_with(|c: char| ('A'..='T').contains(&c)) && industry.code.len() <= 5);
            assert!(!industry.name.is_empty());
        }
        for (name, codes) in NAMES.values().flatten() {
            for code in codes {
                assert!(by_code(code).is_some(), "{name}: {code}");
            }
        }
    }

    #[test]
    fn loose_names_in_a_text() {
        let text = "重点支持新能源汽车、集成电路和软件和信息技术服务业";
        let found: Vec<_> = find_all(text).into_iter().map(|(range, codes)| (&text[range], codes[0])).collect();
        assert_eq!(found, [("新能源汽车", "C3612"), ("集成电路", "C3973"), ("软件和信息技术服务业", "I65")]);
        assert_eq!(by_code("6513").map(|industry| industry.code), Some("I6513"));
        assert!(contains("I65", "I6513") && !contains("I64", "I6513"));
    }
}
