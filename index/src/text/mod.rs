//! Chinese text analysis: folding, cutting into words, the dictionary of policy terms.

mod cut;
mod fold;
mod pairs;
mod tokenizer;

use std::borrow::Cow;
use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use jieba_rs::Jieba;
use sha2::{Digest, Sha256};
use zhida_schemas::vocabularies;

use crate::query::synonyms::FOR_SEARCH;

pub use cut::Word;
pub use fold::{Fold, Folded};
pub use pairs::{PairTokenizer, pairs};
pub use tokenizer::DocumentTokenizer;

/// Raised when the fold or the cut changes, so that old indexes are not mixed with new words.
const ANALYSIS_VERSION: &str = "2 jieba-rs 0.11 opencc 0.4";

/// Synonyms up to this length are words of the dictionary; longer ones are phrases.
const MAX_SYNONYM_WORD_CHARS: usize = 6;

/// Folds and cuts text the one way that documents, queries and profiles share. Cheap to clone.
#[derive(Clone)]
pub struct Analyzer {
    inner: Arc<Inner>,
}

struct Inner {
    jieba: Jieba,
    fold: Fold,
    fingerprint: String,
    /// Words and synonyms of policy texts, folded, each once.
    terms: Vec<String>,
    /// Synonyms that hold in both directions: letters by letters, folded.
    synonyms: HashMap<String, Vec<String>>,
}

impl Analyzer {
    /// The dictionary of jieba with the policy terms of `zhida_schemas::vocabularies::TERMS`.
    pub fn new() -> Self {
        Self::with_vocabularies(vocabularies::TERMS, vocabularies::SYNONYMS)
    }

    /// The dictionary of jieba with terms (`term,freq,tag`) and synonyms (`short,full`), both CSV with a header line.
    pub fn with_vocabularies(terms: &str, synonyms: &str) -> Self {
        let fold = Fold::new();
        let mut jieba = Jieba::new();
        let mut known = BTreeSet::new();
        let mut both_ways: HashMap<String, Vec<String>> = HashMap::new();
        for record in rows(terms) {
            let word = fold.fold(record.get(0).unwrap_or_default());
            let frequency = record.get(1).and_then(|field| field.parse().ok()).filter(|&frequency| frequency > 0);
            if is_word(&word) {
                jieba.add_word(&word, frequency, record.get(2));
                known.insert(word.into_owned());
            }
        }
        for record in rows(synonyms) {
            if let (Some(short), Some(full)) = (record.get(0), record.get(1))
                && record.get(2) != Some(FOR_SEARCH)
            {
                let (short, full) = (letters(&fold.fold(short)), letters(&fold.fold(full)));
                both_ways.entry(short.clone()).or_default().push(full.clone());
                both_ways.entry(full).or_default().push(short);
            }
            for field in record.iter().take(2) {
                let word = fold.fold(field);
                if is_word(&word) {
                    known.insert(word.clone().into_owned());
                }
                if is_word(&word) && word.chars().count() <= MAX_SYNONYM_WORD_CHARS && !jieba.has_word(&word) {
                    jieba.add_word(&word, None, None);
                }
            }
        }
        let mut hash = Sha256::new();
        for part in [ANALYSIS_VERSION, terms, synonyms] {
            hash.update(part.as_bytes());
            hash.update([0]);
        }
        let fingerprint = hash.finalize().iter().take(8).map(|byte| format!("{byte:02x}")).collect();
        Self {
            inner: Arc::new(Inner {
                jieba,
                fold,
                fingerprint,
                terms: known.into_iter().collect(),
                synonyms: both_ways,
            }),
        }
    }

    /// The text in the form in which words are compared.
    pub fn fold<'a>(&self, text: &'a str) -> Cow<'a, str> {
        self.inner.fold.fold(text)
    }

    /// As [`Analyzer::fold`], with the way back to the original offsets.
    pub fn fold_with_offsets<'a>(&self, text: &'a str) -> Folded<'a> {
        self.inner.fold.fold_with_offsets(text)
    }

    /// Words for a query or a profile: folded, plain cut, no punctuation, in order, repeated as they are.
    pub fn query_terms(&self, text: &str) -> Vec<String> {
        let folded = self.fold(text);
        self.cut(&folded).into_iter().map(|word| folded[word.start..word.end].to_owned()).collect()
    }

    /// Words of a document: those of the plain cut and the words of the dictionary inside them, folded, each once, in
    /// the order in which they first stand. [`Analyzer::query_terms`] of the same text are always among them.
    pub fn document_terms(&self, text: &str) -> Vec<String> {
        let mut seen: HashSet<&str> = HashSet::new();
        let folded = self.fold(text);
        let mut words = Vec::new();
        let mut terms = Vec::new();
        let mut position = 0;
        cut::with_parts(&self.inner.jieba, &mut cut::Compounds::default(), &folded, &mut position, &mut words);
        for word in &words {
            let term = &folded[word.start..word.end];
            if seen.insert(term) {
                terms.push(term.to_owned());
            }
        }
        terms
    }

    /// The plain cut of text that is folded already.
    pub fn cut(&self, folded: &str) -> Vec<Word> {
        let mut words = Vec::new();
        cut::precise(&self.inner.jieba, folded, |word| words.push(word));
        words
    }

    /// The cut of a document, of text that is folded already: the words of the plain cut and those inside them.
    pub fn cut_with_parts(&self, folded: &str) -> Vec<Word> {
        let mut words = Vec::new();
        cut::with_parts(&self.inner.jieba, &mut cut::Compounds::default(), folded, &mut 0, &mut words);
        words
    }

    /// Synonyms of a word or run of words that hold in both directions, as folded letters; given and without
    /// punctuation.
    pub fn synonyms_of(&self, letters: &str) -> &[String] {
        self.inner.synonyms.get(letters).map_or(&[], Vec::as_slice)
    }

    /// Whether the dictionary has this word (folded).
    pub fn has_word(&self, word: &str) -> bool {
        self.inner.jieba.has_word(word)
    }

    /// The policy terms of the dictionary and of the synonyms, folded, in order.
    pub fn terms(&self) -> &[String] {
        &self.inner.terms
    }

    /// Changes when the folding, the cut or the dictionary does; names the index directory.
    pub fn fingerprint(&self) -> String {
        self.inner.fingerprint.clone()
    }
}

impl Default for Analyzer {
    fn default() -> Self {
        Self::new()
    }
}

/// Whether the dictionary may have it: letters only, as punctuation ends a word; none of Latin letters and digits
/// alone, as a run of those is one word in any case, and would be cut where such a word ends (OPEN|AI).
fn is_word(text: &str) -> bool {
    text.chars().count() > 1 && text.chars().all(char::is_alphanumeric) && !text.is_ascii()
}

/// The letters and digits of a text, without what stands between them.
pub(crate) fn letters(text: &str) -> String {
    text.chars().filter(|character| character.is_alphanumeric()).collect()
}

pub(crate) fn rows(csv: &str) -> impl Iterator<Item = csv::StringRecord> {
    csv::ReaderBuilder::new()
        .flexible(true)
        .trim(csv::Trim::All)
        .comment(Some(b'#'))
        .from_reader(csv.as_bytes())
        .into_records()
        .filter_map(Result::ok)
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::sync::OnceLock;

    const TERMS: &str = "term,freq,tag\n高新技术企业,20000,n\n专精特新,20000,n\n揭榜挂帅,20000,n\n";
    pub(crate) const SYNONYMS: &str = "short,full\n高企,高新技术企业\n首台套,首台（套）重大技术装备\n";

    /// One analyzer for all tests, as loading takes a while.
    pub(crate) fn analyzer() -> Analyzer {
        static ANALYZER: OnceLock<Analyzer> = OnceLock::new();
        ANALYZER.get_or_init(|| Analyzer::with_vocabularies(TERMS, SYNONYMS)).clone()
    }

    #[test]
    fn cuts_queries_plainly_and_documents_with_parts() {
        let analyzer = analyzer();
        assert_eq!(analyzer.query_terms("高新技術企業，認定！"), ["高新技术企业", "认定"]);
        assert_eq!(analyzer.query_terms("专精特新 揭榜挂帅 高企"), ["专精特新", "揭榜挂帅", "高企"]);
        let terms = analyzer.document_terms("高新技术企业认定，高新技术企业奖励");
        for word in ["高新技术企业", "高新技术", "技术", "企业", "认定", "奖励"] {
            assert!(terms.iter().any(|term| term == word), "{word} in {terms:?}");
        }
        assert_eq!(terms.iter().collect::<HashSet<_>>().len(), terms.len());
    }

    #[test]
    fn runs_of_latin_letters_are_not_cut() {
        let analyzer = Analyzer::with_vocabularies("term,freq,tag\nAI,20000,n\n", "short,full\nAI,人工智能\n");
        assert_eq!(analyzer.query_terms("OpenAI与AI"), ["openai", "与", "ai"]);
    }

    #[test]
    fn positions_count_letters_without_punctuation() {
        let analyzer = analyzer();
        let text = "首台（套）装备";
        let words: Vec<(&str, usize)> =
            analyzer.cut(text).iter().map(|word| (&text[word.start..word.end], word.position)).collect();
        let last = words.iter().find(|(word, _)| *word == "装备").unwrap();
        assert_eq!(last.1, 3);
    }

    #[test]
    fn fingerprint_follows_the_dictionary() {
        let one = Analyzer::with_vocabularies(TERMS, SYNONYMS);
        let other = Analyzer::with_vocabularies("term,freq,tag\n", SYNONYMS);
        assert_eq!(one.fingerprint(), analyzer().fingerprint());
        assert_ne!(one.fingerprint(), other.fingerprint());
    }

    #[test]
    fn long_runs_of_letters_count_by_their_beginning() {
        let terms = analyzer().query_terms(&"a".repeat(100_000));
        assert_eq!(terms, ["a".repeat(cut::MAX_WORD_CHARS)]);
    }

    proptest! {
        #[test]
        fn words_of_a_query_are_words_of_the_document(text in "[高新技术企业认定奖励专精特揭榜挂帅a-zA-Z0-9，。（）国发\\s]{0,40}|\\PC{0,40}") {
            let analyzer = analyzer();
            let document: HashSet<String> = analyzer.document_terms(&text).into_iter().collect();
            for word in analyzer.query_terms(&text) {
                prop_assert!(document.contains(&word), "{word} of {text}");
            }
        }
    }
}
