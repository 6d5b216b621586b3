//! Words that users type and words that documents use.

use std::collections::HashMap;

use crate::Analyzer;
use crate::text::letters;

/// The longest run of words that is looked up as one.
pub const MAX_RUN: usize = 6;

/// The use of a row that only searches read.
pub const FOR_SEARCH: &str = "search";

/// Synonyms by their letters, folded.
#[derive(Debug, Default)]
pub struct Synonyms {
    by_letters: HashMap<String, Vec<String>>,
}

impl Synonyms {
    /// Reads `short,full` rows with a header line, which hold in both directions; a third cell `search` (a lay word and
    /// an official one) makes it one.
    pub fn new(csv: &str, analyzer: &Analyzer) -> Self {
        let mut by_letters: HashMap<String, Vec<String>> = HashMap::new();
        for record in crate::text::rows(csv) {
            let (Some(short), Some(full)) = (record.get(0), record.get(1)) else { continue };
            let (short, full) = (analyzer.fold(short), analyzer.fold(full));
            if letters(&short).is_empty() || letters(&full).is_empty() || letters(&short) == letters(&full) {
                continue;
            }
            let directions = [(&short, &full), (&full, &short)];
            let lay = record.get(2) == Some(FOR_SEARCH);
            for (from, to) in directions.into_iter().take(if lay { 1 } else { 2 }) {
                let entry = by_letters.entry(letters(from)).or_default();
                // As written: documents are cut at its punctuation, so it must be too.
                if !entry.iter().any(|known| known.as_str() == to.as_ref()) {
                    entry.push(to.clone().into_owned());
                }
            }
        }
        Self { by_letters }
    }

    /// Synonyms of a folded word or run of words, given without punctuation.
    pub fn of(&self, letters: &str) -> &[String] {
        self.by_letters.get(letters).map_or(&[], Vec::as_slice)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::tests::analyzer;

    #[test]
    fn holds_in_both_directions() {
        let synonyms = Synonyms::new("short,full\n高企,高新技术企业\n首台套,首台（套）重大技术装备\n", &analyzer());
        assert_eq!(synonyms.of("高企"), ["高新技术企业"]);
        assert_eq!(synonyms.of("高新技术企业"), ["高企"]);
        assert_eq!(synonyms.of("首台套重大技术装备"), ["首台套"]);
        assert_eq!(synonyms.of("首台套"), ["首台（套）重大技术装备"]);
        assert!(synonyms.of("企业").is_empty());
    }

    #[test]
    fn a_lay_word_stands_for_the_official_one_only() {
        let synonyms = Synonyms::new("short,full,use\n看病,就医,search\n高企,高新技术企业,\n", &analyzer());
        assert_eq!(synonyms.of("看病"), ["就医"]);
        assert!(synonyms.of("就医").is_empty());
        assert_eq!(synonyms.of("高新技术企业"), ["高企"]);
    }
}
