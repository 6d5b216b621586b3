//! Qualifications of enterprises by standard name, and the words used for them (`vocabularies/qualifications.csv`).

use std::ops::Range;
use std::sync::LazyLock;

struct Qualification {
    name: &'static str,
    aliases: Vec<&'static str>,
    implies: Vec<&'static str>,
}

static TABLE: LazyLock<Vec<Qualification>> = LazyLock::new(|| {
    let rows = include_str!("../vocabularies/qualifications.csv").lines().skip(1);
    rows.filter_map(|line| {
        let mut cells = line.split(',');
        let list = |cell: Option<&'static str>| cell.unwrap_or("").split('|').filter(|part| !part.is_empty()).collect();
        Some(Qualification { name: cells.next()?, aliases: list(cells.next()), implies: list(cells.next()) })
    })
    .collect()
});

/// Every way to write a qualification with its standard name, the longest first.
static WORDS: LazyLock<Vec<(&'static str, &'static str)>> = LazyLock::new(|| {
    let mut words: Vec<_> = TABLE
        .iter()
        .flat_map(|row| std::iter::once(row.name).chain(row.aliases.iter().copied()).map(|word| (word, row.name)))
        .collect();
    words.sort_by_key(|(word, _)| std::cmp::Reverse(word.len()));
    words
});

/// The standard name of a qualification as a person or a text writes it (高企 → 高新技术企业, 小巨人 →
/// 专精特新“小巨人”企业); the trimmed text itself when the table does not know it.
pub fn standard_name(text: &str) -> String {
    let text = text.trim();
    let known = WORDS.iter().find(|(word, _)| *word == text).map(|(_, name)| (*name).to_owned());
    known.unwrap_or_else(|| text.to_owned())
}

/// Standard names of the qualifications that a text names, with the byte range of each.
pub fn find_all(text: &str) -> Vec<(Range<usize>, &'static str)> {
    let mut found: Vec<(Range<usize>, &'static str)> = Vec::new();
    for (word, name) in WORDS.iter() {
        for (at, _) in text.match_indices(word) {
            let range = at..at + word.len();
            // a longer name was found there already
            if !found.iter().any(|(other, _)| other.start < range.end && range.start < other.end) {
                found.push((range, name));
            }
        }
    }
    found.sort_by_key(|(range, _)| range.start);
    found
}

/// Whether holding `held` meets a demand for `wanted` (a 小巨人 is also a 专精特新中小企业).
pub fn implies(held: &str, wanted: &str) -> bool {
    let (held, wanted) = (standard_name(held), standard_name(wanted));
    held == wanted || TABLE.iter().any(|row| row.name == held && row.implies.contains(&wanted.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_is_whole() {
        for row in TABLE.iter() {
            assert!(!row.name.is_empty());
            for implied in &row.implies {
                assert!(TABLE.iter().any(|other| other.name == *implied), "{implied}");
            }
        }
        assert!(TABLE.len() >= 20);
    }

    #[test]
    fn names_in_a_text() {
        let text = "支持专精特新“小巨人”企业和高企申报";
        let found: Vec<_> = find_all(text).into_iter().map(|(range, name)| (&text[range], name)).collect();
        assert_eq!(found, [("专精特新“小巨人”企业", "专精特新“小巨人”企业"), ("高企", "高新技术企业")]);
        assert!(implies("小巨人", "专精特新中小企业") && !implies("专精特新中小企业", "小巨人"));
        assert_eq!(standard_name(" 某某示范 "), "某某示范");
    }
}
