//! Qualifications of enterprises by standard name, and the words used for them (`vocabularies/qualifications.csv`).

use std::collections::HashMap;
use std::ops::Range;
use std::sync::LazyLock;

struct Qualification {
    name: &'static str,
    aliases: Vec<&'static str>,
    implies: Vec<&'static str>,
    /// Longer words in which an alias means something else (价格高企, 提高企业).
    not_in: Vec<&'static str>,
}

static TABLE: LazyLock<Vec<Qualification>> = LazyLock::new(|| {
    let rows = include_str!("../vocabularies/qualifications.csv").lines().skip(1);
    rows.filter_map(|line| {
        let mut cells = line.split(',');
        let list = |cell: Option<&'static str>| cell.unwrap_or("").split('|').filter(|part| !part.is_empty()).collect();
        Some(Qualification {
            name: cells.next()?,
            aliases: list(cells.next()),
            implies: list(cells.next()),
            not_in: list(cells.next()),
        })
    })
    .collect()
});

/// Words by their first character, the longest first, each with its standard name; `None` for words that only hide
/// another.
type Words = HashMap<char, Vec<(String, Option<&'static str>)>>;

static WORDS: LazyLock<Words> = LazyLock::new(|| {
    let mut words: Words = HashMap::new();
    for row in TABLE.iter() {
        let named = std::iter::once(&row.name).chain(&row.aliases).map(|word| (*word, Some(row.name)));
        for (word, name) in named.chain(row.not_in.iter().map(|word| (*word, None))) {
            let word = plain(word);
            if let Some(first) = word.chars().next() {
                words.entry(first).or_default().push((word, name));
            }
        }
    }
    for list in words.values_mut() {
        list.sort_by_key(|(word, _)| std::cmp::Reverse(word.len()));
    }
    words
});

/// Signs that are written or left out at will: 专精特新“小巨人”企业, 首台（套）.
const SIGNS: &[char] = &['“', '”', '"', '「', '」', '‘', '’', '\'', '（', '）', '(', ')', '《', '》', '〈', '〉'];

fn plain(text: &str) -> String {
    text.chars().filter(|c| !SIGNS.contains(c) && !c.is_whitespace()).collect()
}

/// The standard name of a qualification as a person or a text writes it (高企 → 高新技术企业, 小巨人 →
/// 专精特新“小巨人”企业); the trimmed text itself when the table does not know it.
pub fn standard_name(text: &str) -> String {
    let plain = plain(text);
    let list = plain.chars().next().and_then(|first| WORDS.get(&first)).map(Vec::as_slice).unwrap_or_default();
    let known = list.iter().find(|(word, _)| *word == plain).and_then(|(_, name)| *name);
    known.unwrap_or_else(|| text.trim()).to_owned()
}

/// Standard names of the qualifications that a text names, with the byte range of each. The longest name at a place
/// counts; quotes and brackets inside a name do not matter (“专精特新”中小企业).
pub fn find_all(text: &str) -> Vec<(Range<usize>, &'static str)> {
    // the text without the signs; for each character its place there, and its bytes in the text
    let mut stripped = String::with_capacity(text.len());
    let mut places = Vec::new();
    for (at, c) in text.char_indices().filter(|(_, c)| !SIGNS.contains(c) && !c.is_whitespace()) {
        places.push((stripped.len(), c, at..at + c.len_utf8()));
        stripped.push(c);
    }
    let mut found = Vec::new();
    let mut end = 0;
    for (nth, (from, first, bytes)) in places.iter().enumerate() {
        if *from < end {
            continue;
        }
        let list = WORDS.get(first).map(Vec::as_slice).unwrap_or_default();
        let Some((word, name)) = list.iter().find(|(word, _)| stripped[*from..].starts_with(word.as_str())) else {
            continue;
        };
        end = from + word.len();
        if let (Some(name), Some((.., last))) = (name, places.get(nth + word.chars().count() - 1)) {
            found.push((bytes.start..closed(text, bytes.start, last.end), *name));
        }
    }
    found
}

/// The end of a name: a sign right behind it belongs to it where it opened inside (专精特新“小巨人”).
fn closed(text: &str, start: usize, end: usize) -> usize {
    let count = |signs: &[char]| text[start..end].chars().filter(|c| signs.contains(c)).count();
    let open = count(&['“', '（', '(', '「']) > count(&['”', '）', ')', '」']);
    match text[end..].chars().next() {
        Some(c) if open && ['”', '）', ')', '」'].contains(&c) => end + c.len_utf8(),
        _ => end,
    }
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
        let mut seen = std::collections::HashSet::new();
        for row in TABLE.iter() {
            for word in std::iter::once(&row.name).chain(&row.aliases) {
                assert!(seen.insert(plain(word)), "{word} is there twice");
                assert_eq!(standard_name(word), row.name);
                let found: Vec<_> = find_all(word).into_iter().map(|(_, name)| name).collect();
                assert_eq!(found, [row.name], "{word}");
            }
            for implied in &row.implies {
                assert!(TABLE.iter().any(|other| other.name == *implied), "{implied}");
                assert!(implies(row.name, implied) && !implies(implied, row.name), "{} {implied}", row.name);
            }
            for word in &row.not_in {
                assert!(find_all(word).iter().all(|(_, name)| *name != row.name), "{word}");
            }
        }
        assert!(TABLE.len() >= 60);
    }

    #[test]
    fn names_in_a_text() {
        for (text, expected) in [
            (
                "支持专精特新“小巨人”企业和高企申报",
                &[("专精特新“小巨人”企业", "专精特新“小巨人”企业"), ("高企", "高新技术企业")][..],
            ),
            ("“专精特新”中小企业", &[("专精特新”中小企业", "专精特新中小企业")]),
            ("国家级专精特新“小巨人”", &[("国家级专精特新“小巨人”", "专精特新“小巨人”企业")]),
            ("首台（套）重大技术装备", &[("首台（套）重大技术装备", "首台套")]),
            ("首台(套)认定", &[("首台(套)", "首台套")]),
            ("规模以上工业企业", &[("规模以上工业企业", "规上工业企业")]),
            ("科技小巨人企业", &[("科技小巨人企业", "科技小巨人企业")]),
            ("法规上没有规定，价格高企不下", &[]),
            ("原材料价格高企，提高企业创新力", &[]),
            ("", &[]),
        ] {
            let found: Vec<_> = find_all(text).into_iter().map(|(range, name)| (&text[range], name)).collect();
            assert_eq!(found, expected, "{text}");
        }
    }

    #[test]
    fn one_qualification_implies_another() {
        for (held, wanted, met) in [
            ("小巨人", "专精特新中小企业", true),
            ("国家级专精特新“小巨人”企业", "创新型中小企业", true),
            ("专精特新中小企业", "小巨人", false),
            ("高企", "高新技术企业", true),
            ("高新技术企业", "科技型中小企业", false),
            ("规上工业企业", "规模以上企业", true),
            ("规上企业", "规上工业企业", false),
            ("某某示范", "某某示范", true),
        ] {
            assert_eq!(implies(held, wanted), met, "{held} → {wanted}");
        }
        assert_eq!(standard_name(" 某某示范 "), "某某示范");
        assert_eq!(standard_name("首台(套)"), "首台套");
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_survived(text in "[专精特新“”小巨人（）企业高 首台套]{0,20}|\\PC{0,60}") {
            for (range, _) in find_all(&text) {
                proptest::prop_assert!(text.get(range).is_some_and(|words| !words.is_empty()));
            }
            standard_name(&text);
        }
    }
}
