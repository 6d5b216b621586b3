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
        Some(Industry { code, name: name.trim_matches(['"', ' ', '\u{3000}']) })
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

/// Names of the standard; of equal ones (典当 is a 小类 only, 互联网安全服务 both) the widest code.
static BY_NAME: LazyLock<HashMap<&'static str, &'static str>> = LazyLock::new(|| {
    let mut names = HashMap::new();
    for industry in TABLE.iter() {
        names.entry(industry.name).or_insert(industry.code);
    }
    names
});

/// A loose name with its codes. Without codes it is a longer word in which a name means something else (社会保险).
struct Name {
    name: &'static str,
    codes: Vec<&'static str>,
}

/// Names by their first character, the longest first: the loose ones, and those of the standard that texts use.
static NAMES: LazyLock<HashMap<char, Vec<Name>>> = LazyLock::new(|| {
    let mut names: HashMap<char, Vec<Name>> = HashMap::new();
    let loose = include_str!("../vocabularies/industry_names.csv").lines().skip(1).filter_map(|line| {
        let (name, codes) = line.split_once(',')?;
        Some(Name { name, codes: codes.split('|').filter(|code| !code.is_empty()).collect() })
    });
    // 小类 are left out, as are words that say nothing of a branch (其他…) and the state's own (S, T)
    let standard = TABLE.iter().filter(|industry| {
        industry.code.len() <= 4
            && !industry.code.starts_with(['P', 'Q', 'S', 'T'])
            && !industry.name.starts_with("其他")
            && industry.name.chars().count() >= 4
            && ["业", "制造", "加工", "批发", "零售"].iter().any(|end| industry.name.ends_with(end))
            && BY_NAME.get(industry.name) == Some(&industry.code)
    });
    for name in loose.chain(standard.map(|industry| Name { name: industry.name, codes: vec![industry.code] })) {
        if let Some(first) = name.name.chars().next() {
            let list = names.entry(first).or_default();
            if !list.iter().any(|other| other.name == name.name) {
                list.push(name);
            }
        }
    }
    for list in names.values_mut() {
        list.sort_by_key(|name| std::cmp::Reverse(name.name.len()));
    }
    names
});

/// The entry with this code. A code without its letter (`6513`) is found too.
pub fn by_code(code: &str) -> Option<&'static Industry> {
    BY_CODE.get(code).map(|at| &TABLE[*at])
}

/// The entry with this name in the standard; of a chain of equal names (污水处理及其再生利用) the widest.
pub fn by_name(name: &str) -> Option<&'static Industry> {
    by_code(BY_NAME.get(name.trim())?)
}

/// Whether `inner` is `outer` or lies below it in the code tree.
pub fn contains(outer: &str, inner: &str) -> bool {
    !outer.is_empty() && inner.starts_with(outer)
}

/// The codes that a loose name of policy language stands for (集成电路 → C3973 …, 软件和信息服务业 → I65),
/// with the byte range of each name in the text. The longest name at a place counts; names that are only a part of
/// another word (社会保险) are left out.
pub fn find_all(text: &str) -> Vec<(Range<usize>, Vec<&'static str>)> {
    let mut found = Vec::new();
    let mut end = 0;
    for (at, first) in text.char_indices() {
        if at < end {
            continue;
        }
        let names = NAMES.get(&first).map(Vec::as_slice).unwrap_or_default();
        if let Some(name) = names.iter().find(|name| text[at..].starts_with(name.name)) {
            end = at + name.name.len();
            if !name.codes.is_empty() {
                found.push((at..end, name.codes.clone()));
            }
        }
    }
    found
}

/// The codes of an enterprise's own words for its branch (`应用软件开发（工业软件）`, `水果和坚果加工`, `做集成电路设计的`):
/// names of the standard first, with or without 业, 制造 and the like, then loose names. Each code once, in the order
/// of the text; empty when nothing is known.
pub fn of_text(text: &str) -> Vec<&'static str> {
    let mut codes: Vec<&'static str> = Vec::new();
    let mut add = |code: &'static str| {
        if !codes.contains(&code) {
            codes.push(code);
        }
    };
    // 、 and ， stand inside names of the standard (农、林、牧、渔业), so that whole parts are tried first
    for part in text.split(['；', ';', '\n', '（', '）', '(', ')', '/', '|']).map(str::trim).take(50) {
        if let Some(code) = standard(part) {
            add(code);
            continue;
        }
        for piece in part.split(['、', '，', ',', ' ', '\u{3000}']).map(str::trim).take(50) {
            match standard(piece) {
                Some(code) => add(code),
                None => find_all(piece).into_iter().flat_map(|(_, codes)| codes).for_each(&mut add),
            }
        }
    }
    codes
}

/// The code of a name of the standard, with or without the words that end it.
fn standard(name: &str) -> Option<&'static str> {
    if name.chars().count() < 2 {
        return None;
    }
    let plain = ["行业", "产业", "企业"].iter().find_map(|end| name.strip_suffix(end)).unwrap_or(name);
    [name, plain].into_iter().find_map(|name| BY_NAME.get(name).copied()).or_else(|| {
        ["业", "制造业", "制造", "服务", "服务业", "开发", "活动"]
            .iter()
            .find_map(|end| BY_NAME.get(format!("{plain}{end}").as_str()).copied())
    })
}

/// Every entry in code order.
pub fn all() -> &'static [Industry] {
    &TABLE
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_of_the_standard_is_right() {
        assert_eq!(all().len(), 1_971);
        assert!(all().windows(2).all(|pair| pair[0].code < pair[1].code));
        for industry in all() {
            let code = industry.code;
            assert!(code.starts_with(|c: char| ('A'..='T').contains(&c)) && code.len() <= 5, "{industry:?}");
            assert!(!industry.name.is_empty() && !industry.name.contains([' ', '\u{3000}', '"']), "{industry:?}");
            let above = match code.len() {
                1 => continue,
                3 => &code[..1],
                length => &code[..length - 1],
            };
            assert!(by_code(above).is_some(), "{industry:?} has nothing above it");
            assert_eq!(by_code(&code[1..]), Some(industry));
            assert!(by_name(industry.name).is_some());
        }
    }

    #[test]
    fn every_loose_name_stands_for_codes() {
        let mut seen = std::collections::HashSet::new();
        for line in include_str!("../vocabularies/industry_names.csv").lines().skip(1) {
            let (name, codes) = line.split_once(',').unwrap_or_else(|| panic!("{line}"));
            assert!(seen.insert(name) && name.chars().count() >= 2, "{line}");
            for code in codes.split('|').filter(|code| !code.is_empty()) {
                assert_eq!(by_code(code).map(|industry| industry.code), Some(code), "{line}");
            }
            let found = find_all(name);
            match codes {
                "" => assert!(found.is_empty(), "{line}"),
                _ => assert!(found.len() == 1 && found[0].0 == (0..name.len()), "{line}: {found:?}"),
            }
        }
        assert!(seen.len() > 500);
    }

    #[test]
    fn loose_names_in_a_text() {
        let codes = |text: &'static str| -> Vec<_> {
            find_all(text).into_iter().map(|(range, codes)| (&text[range], codes[0])).collect()
        };
        assert_eq!(
            codes("重点支持新能源汽车、集成电路和软件和信息技术服务业"),
            [("新能源汽车", "C3612"), ("集成电路", "C3973"), ("软件和信息技术服务业", "I65")]
        );
        assert_eq!(codes("医药制造业、专用设备制造业"), [("医药制造业", "C27"), ("专用设备制造业", "C35")]);
        assert_eq!(codes("餐饮企业和快递企业"), [("餐饮", "H62"), ("快递", "G602")]);
        for text in ["缴纳社会保险费", "镇江市工业和信息化局", "建筑面积500平方米", "失业保险稳岗返还", ""]
        {
            assert_eq!(codes(text), [], "{text}");
        }
        assert_eq!(by_code("6513").map(|industry| industry.code), Some("I6513"));
        assert!(
            contains("I65", "I6513") && !contains("I64", "I6513") && !contains("", "I65") && !contains("I6513", "I65")
        );
    }

    #[test]
    fn an_enterprise_in_its_own_words() {
        for (text, code) in [
            ("应用软件开发（工业软件）", "I6513"),
            ("应用软件开发", "I6513"),
            ("软件开发", "I651"),
            ("老年人、残疾人养护服务", "Q8514"),
            ("计算机整机制造（服务器）", "C3911"),
            ("医疗、外科及兽医用器械制造", "C3584"),
            ("棉纺纱加工", "C1711"),
            ("职业中介服务", "L7262"),
            ("模具制造（外商独资）", "C3525"),
            ("房地产开发经营", "K701"),
            ("汽车制造", "C36"),
            ("软件和信息技术服务业", "I65"),
            ("农、林、牧、渔业", "A"),
            ("做集成电路设计的公司", "C3973"),
            ("工业机器人", "C3491"),
        ] {
            assert_eq!(of_text(text).first(), Some(&code), "{text}: {:?}", of_text(text));
        }
        assert!(of_text("示例").is_empty() && of_text("").is_empty());
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_survived(text in "\\PC{0,60}") {
            for (range, codes) in find_all(&text) {
                proptest::prop_assert!(text.get(range).is_some() && !codes.is_empty());
            }
            of_text(&text);
        }
    }
}
