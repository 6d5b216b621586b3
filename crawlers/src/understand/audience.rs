//! Whether enterprises are addressed.

use std::collections::HashMap;
use std::sync::LazyLock;

use regex::Regex;
use zhida_schemas::Policy;
use zhida_schemas::vocabularies::AUDIENCE;

use super::{head, regex};

/// How much of the text is counted, in characters.
const REACH: usize = 20_000;

/// Persons must be named this many times as often as enterprises before a text is theirs.
const PERSONS_TO_ENTERPRISES: usize = 3;

/// Mentions of persons below this say nothing.
const FEWEST_PERSONS: usize = 6;

/// A text names enterprises at least once in so many characters before it is theirs; a law oftener.
const PER: usize = 1_500;
const STATUTE_PER: usize = 300;

/// What a word says, by where it stands.
#[derive(Debug, Clone, Copy, Default)]
struct Meaning {
    /// In the title it decides: whether for enterprises.
    firm: Option<bool>,
    /// In the title it decides unless the title names enterprises too; the flag: it is about persons.
    weak: Option<bool>,
    /// Counted in the text: whether it names enterprises.
    body: Option<bool>,
}

static MEANINGS: LazyLock<HashMap<&'static str, Meaning>> = LazyLock::new(|| {
    let mut meanings: HashMap<&'static str, Meaning> = HashMap::new();
    for line in AUDIENCE.lines().skip(1).filter(|line| !line.starts_with('#')) {
        let mut cells = line.split(',').map(str::trim);
        let (Some(word), Some(place), Some(who)) = (cells.next(), cells.next(), cells.next()) else { continue };
        let meaning = meanings.entry(word).or_default();
        match place {
            "title" => meaning.firm = Some(who == "enterprises"),
            "weak" => meaning.weak = Some(who == "individuals"),
            _ => meaning.body = Some(who == "enterprises"),
        }
    }
    meanings
});

/// Words of the table, longer ones first.
static WORDS: LazyLock<Regex> = LazyLock::new(|| {
    let mut words: Vec<String> = MEANINGS.keys().map(|word| regex::escape(word)).collect();
    words.sort_by_key(|word| std::cmp::Reverse(word.len()));
    regex(&words.join("|"))
});

/// What title and text say; `None` when they do not.
pub fn of(policy: &Policy) -> Option<bool> {
    let title = policy.title.trim();
    if policy.kind.as_deref() == Some("批复") || title.ends_with("批复") {
        return Some(false);
    }
    // behind the offices, which have words of the table in their names
    let matter = title.find("关于").map_or(title, |at| &title[at..]);
    let (mut names_enterprises, mut firm, mut weak) = (false, false, None);
    for word in WORDS.find_iter(matter) {
        let meaning = MEANINGS[word.as_str()];
        match meaning.firm {
            // 企业职工, 企业退休人员 are persons
            Some(true) => names_enterprises |= !matter[word.end()..].starts_with(['职', '退']),
            Some(false) => firm = true,
            None => {}
        }
        weak = weak.or(meaning.weak);
    }
    if firm {
        return Some(false);
    }
    if names_enterprises {
        return Some(true);
    }
    let (mut persons, mut enterprises) = (0_usize, 0_usize);
    for word in WORDS.find_iter(head(&policy.body_text, REACH)) {
        match MEANINGS[word.as_str()].body {
            Some(true) => enterprises += 1,
            Some(false) => persons += 1,
            None => {}
        }
    }
    match weak {
        // the title hints at persons: the text need only speak of them as much as of enterprises
        Some(of_persons) if !of_persons || persons >= enterprises => Some(false),
        _ if persons >= FEWEST_PERSONS && persons >= enterprises * PERSONS_TO_ENTERPRISES => Some(false),
        // a word in passing, and the duties that a law sets for all, address nobody
        _ => {
            let statute = matches!(policy.kind.as_deref(), Some("法律" | "条例" | "司法解释" | "规章"));
            let per = if statute { STATUTE_PER } else { PER };
            let length = head(&policy.body_text, REACH).chars().count();
            (enterprises > 0 && enterprises >= length / per).then_some(true)
        }
    }
}
