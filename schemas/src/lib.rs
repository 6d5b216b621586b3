//! The data contracts of zhida.
//!
//! Everything that crosses a border of the program (an import row, an API body, a row of the store, a
//! profile file) has its type here, with parsing and checks. The crate knows nothing of search, crawling or
//! serving, and depends on no other crate of the workspace.

pub mod credit_code;
pub mod doc_number;
pub mod enterprise;
pub mod import_row;
pub mod industry;
pub mod issuer;
pub mod json_schema;
pub mod kind;
pub mod number_code;
pub mod policy;
pub mod qualification;
pub mod reason;
pub mod region;
pub mod size;
pub mod subscription;
mod words;

pub use enterprise::{Enterprise, Interests, Size};
pub use import_row::ImportRow;
pub use json_schema::json_schemas;
pub use policy::Policy;
pub use reason::{Match, Reason, ReasonKind, ReasonState};
pub use subscription::{Frequency, Subscription};

/// Vocabularies as data: each file is a CSV with a header line that a person can edit. The search
/// dictionary and the synonyms are read by `zhida-index` through here, so that there is one place.
pub mod vocabularies {
    /// `term,freq,tag`: words of policy texts that a general dictionary lacks.
    pub const TERMS: &str = include_str!("../vocabularies/terms.csv");
    /// `short,full,use`: words that users type and the words that documents use, in both directions; with the use
    /// `search` only for searches, and only from the first to the second.
    pub const SYNONYMS: &str = include_str!("../vocabularies/synonyms.csv");
    /// `word,place,who`: words that say whom a document addresses; lines with `#` are comments.
    pub const AUDIENCE: &str = include_str!("../vocabularies/audience.csv");

    #[cfg(test)]
    mod tests {
        use std::collections::HashSet;

        use super::*;

        fn rows(csv: &str) -> Vec<Vec<&str>> {
            csv.lines().skip(1).map(|line| line.split(',').collect()).collect()
        }

        #[test]
        fn every_word_says_whom_it_addresses() {
            assert_eq!(AUDIENCE.lines().next(), Some("word,place,who"));
            let mut seen = HashSet::new();
            for row in rows(AUDIENCE).into_iter().filter(|row| !row[0].starts_with('#')) {
                let [word, place, who] = row.as_slice() else { panic!("{row:?}: three cells are wanted") };
                assert!(seen.insert((*word, *place)), "{word} is there twice");
                assert!(["title", "weak", "body"].contains(place), "{row:?}");
                assert!(["individuals", "departments", "one", "enterprises"].contains(who), "{row:?}");
            }
        }

        #[test]
        fn every_term_is_a_word_with_its_weight() {
            assert_eq!(TERMS.lines().next(), Some("term,freq,tag"));
            let mut seen = HashSet::new();
            for row in rows(TERMS) {
                let [term, frequency, tag] = row.as_slice() else { panic!("{row:?}: three cells are wanted") };
                assert!(seen.insert(*term), "{term} is there twice");
                assert!((2..=16).contains(&term.chars().count()) && term.chars().all(char::is_alphanumeric), "{term}");
                assert!(frequency.parse::<u32>().is_ok_and(|frequency| (1..=100_000).contains(&frequency)), "{row:?}");
                assert!(!tag.is_empty() && tag.bytes().all(|b| b.is_ascii_lowercase()), "{row:?}");
            }
            assert!(seen.len() >= 300);
        }

        #[test]
        fn every_synonym_is_a_pair() {
            assert_eq!(SYNONYMS.lines().next(), Some("short,full,use"));
            let (mut seen, mut both_ways) = (HashSet::new(), 0);
            for row in rows(SYNONYMS) {
                let [short, full, use_for] = row.as_slice() else { panic!("{row:?}: three cells are wanted") };
                assert!(["", "search"].contains(use_for), "{row:?}: what is it used for?");
                both_ways += usize::from(use_for.is_empty());
                assert!(seen.insert((*short, *full)), "{row:?} is there twice");
                assert!(short.chars().count() >= 2 && full.chars().count() >= 2 && short != full, "{row:?}");
                assert!(!short.contains(char::is_whitespace) && !full.contains(char::is_whitespace), "{row:?}");
                assert!(
                    !rows(SYNONYMS).iter().any(|other| other[0] == *full && other[1] == *short),
                    "{row:?}: both ways"
                );
            }
            assert!(both_ways >= 80);
        }
    }
}
