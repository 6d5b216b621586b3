//! BM25 over one bag of terms for each document, as little as search can be: title and text in one bag, the title
//! several times, no positions, no synonyms. Floors of search quality.

use std::collections::HashMap;

use jieba_rs::Jieba;

const K1: f64 = 1.2;
const B: f64 = 0.75;

/// What the bag holds.
pub enum Terms {
    /// Words of jieba without HMM: the search cut of a document, the plain cut of a query.
    Words(Box<Jieba>),
    /// Every two neighbouring letters; a letter that stands alone is its own term.
    Bigrams,
}

impl Terms {
    fn of_document(&self, text: &str, mut emit: impl FnMut(&str)) {
        match self {
            Self::Words(jieba) => words(&jieba.cut_for_search(&text.to_lowercase(), false), emit),
            Self::Bigrams => bigrams(&text.to_lowercase(), &mut emit),
        }
    }

    fn of_query(&self, text: &str, mut emit: impl FnMut(&str)) {
        match self {
            Self::Words(jieba) => words(&jieba.cut(&text.to_lowercase(), false), emit),
            Self::Bigrams => bigrams(&text.to_lowercase(), &mut emit),
        }
    }
}

fn words(tokens: &[jieba_rs::Token<'_>], emit: impl FnMut(&str)) {
    let words = tokens.iter().map(|token| token.word);
    words.filter(|word| word.chars().any(char::is_alphanumeric)).for_each(emit);
}

fn bigrams(text: &str, emit: &mut impl FnMut(&str)) {
    for run in text.split(|character: char| !character.is_alphanumeric()) {
        let bounds: Vec<usize> = run.char_indices().map(|(offset, _)| offset).chain([run.len()]).collect();
        if bounds.len() == 2 {
            emit(run);
        }
        bounds.windows(3).for_each(|bounds| emit(&run[bounds[0]..bounds[2]]));
    }
}

/// An inverted index in memory.
pub struct Bags {
    terms: Terms,
    title_times: u32,
    ids: Vec<String>,
    lengths: Vec<f64>,
    postings: HashMap<String, Vec<(u32, u32)>>,
}

impl Bags {
    /// An empty index whose bags hold the text once and the title `title_times`.
    pub fn new(terms: Terms, title_times: u32) -> Self {
        Self { terms, title_times, ids: Vec::new(), lengths: Vec::new(), postings: HashMap::new() }
    }

    /// Adds a document.
    pub fn put(&mut self, id: &str, title: &str, body: &str) {
        let number = self.ids.len() as u32;
        let mut length = 0;
        let Self { terms, postings, .. } = self;
        for (text, times) in [(title, self.title_times), (body, 1)] {
            terms.of_document(text, |term| {
                length += times;
                let Some(list) = postings.get_mut(term) else {
                    postings.insert(term.to_owned(), vec![(number, times)]);
                    return;
                };
                match list.last_mut() {
                    Some((last, count)) if *last == number => *count += times,
                    _ => list.push((number, times)),
                }
            });
        }
        self.ids.push(id.to_owned());
        self.lengths.push(f64::from(length));
    }

    /// Identities of the best, ties in the order in which they were put.
    pub fn search(&self, query: &str, limit: usize) -> Vec<String> {
        let documents = self.ids.len() as f64;
        let average = self.lengths.iter().sum::<f64>() / documents.max(1.0);
        let mut scores: HashMap<u32, f64> = HashMap::new();
        self.terms.of_query(query, |term| {
            let Some(list) = self.postings.get(term) else { return };
            let rarity = (1.0 + (documents - list.len() as f64 + 0.5) / (list.len() as f64 + 0.5)).ln();
            for &(document, count) in list {
                let count = f64::from(count);
                let length = self.lengths[document as usize] / average;
                *scores.entry(document).or_default() +=
                    rarity * count * (K1 + 1.0) / (count + K1 * (1.0 - B + B * length));
            }
        });
        let mut best: Vec<(u32, f64)> = scores.into_iter().collect();
        best.sort_unstable_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
        best.into_iter().take(limit).map(|(document, _)| self.ids[document as usize].clone()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranks_by_rarity_frequency_and_length() {
        for terms in [Terms::Words(Box::new(Jieba::new())), Terms::Bigrams] {
            let mut bags = Bags::new(terms, 3);
            bags.put("long", "通知（示例）", "企业奖励办法由主管部门负责解释，本通知自发布之日起施行。");
            bags.put("title", "企业奖励（示例）", "");
            bags.put("other", "公告（示例）", "企业");
            assert_eq!(bags.search("企业奖励", 10), ["title", "long", "other"]);
            assert_eq!(bags.search("企业奖励", 1), ["title"]);
            assert!(bags.search("，", 10).is_empty());
        }
    }
}
