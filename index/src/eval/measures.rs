//! Measures of a ranked list against judgements: nDCG, reciprocal rank, recall.

use std::collections::HashMap;

use serde::Serialize;

/// Results that count for nDCG, the reciprocal rank and the share judged.
const DEPTH: usize = 10;
/// Results that count for recall.
const RECALL_DEPTH: usize = 20;

/// Measures of one list, or their means over some queries.
#[derive(Debug, Clone, Copy, Default, Serialize)]
pub struct Figures {
    /// nDCG@10; a result that nobody judged counts as irrelevant.
    pub ndcg: f64,
    /// nDCG@10 over the judged results only.
    pub condensed: f64,
    /// Reciprocal rank of the first result of the highest grade among the first ten.
    pub mrr: f64,
    /// Share of the relevant documents (grade 1 and above) among the first 20.
    pub recall: f64,
    /// Share of the first ten results that somebody judged.
    pub judged: f64,
    /// Share of queries without any result.
    pub empty: f64,
}

/// Measures one list of identities, the best first.
pub fn measure(ids: &[String], grades: &HashMap<String, u8>) -> Figures {
    let mut ideal: Vec<u8> = grades.values().copied().filter(|&grade| grade > 0).collect();
    ideal.sort_unstable_by(|a, b| b.cmp(a));
    let best = discounted(ideal.iter().copied());
    let share_of_best = |reached: f64| if best > 0.0 { reached / best } else { 0.0 };
    let grade = |id: &String| grades.get(id).copied();
    let rank = ideal.first().and_then(|top| ids.iter().take(DEPTH).position(|id| grade(id) == Some(*top)));
    let found = ids.iter().take(RECALL_DEPTH).filter(|id| grade(id).is_some_and(|grade| grade > 0)).count();
    let shown = ids.len().min(DEPTH);
    let judged = ids.iter().take(DEPTH).filter(|id| grades.contains_key(*id)).count();
    Figures {
        ndcg: share_of_best(discounted(ids.iter().map(|id| grade(id).unwrap_or(0)))),
        condensed: share_of_best(discounted(ids.iter().filter_map(grade))),
        mrr: rank.map_or(0.0, |rank| 1.0 / (rank as f64 + 1.0)),
        recall: if ideal.is_empty() { 0.0 } else { found as f64 / ideal.len() as f64 },
        judged: if shown == 0 { 0.0 } else { judged as f64 / shown as f64 },
        empty: if ids.is_empty() { 1.0 } else { 0.0 },
    }
}

/// The means of some figures; zeros without any.
pub fn mean(figures: &[Figures]) -> Figures {
    let count = figures.len().max(1) as f64;
    let of = |value: fn(&Figures) -> f64| figures.iter().map(value).sum::<f64>() / count;
    Figures {
        ndcg: of(|figures| figures.ndcg),
        condensed: of(|figures| figures.condensed),
        mrr: of(|figures| figures.mrr),
        recall: of(|figures| figures.recall),
        judged: of(|figures| figures.judged),
        empty: of(|figures| figures.empty),
    }
}

/// Discounted gain of the first grades: 2^grade − 1, by the logarithm of the rank.
fn discounted(grades: impl Iterator<Item = u8>) -> f64 {
    // A sum of no floats is −0.
    0.0 + grades
        .take(DEPTH)
        .enumerate()
        .map(|(rank, grade)| f64::from((1_u32 << grade.min(16)) - 1) / (rank as f64 + 2.0).log2())
        .sum::<f64>()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn agree_with_figures_by_hand() {
        let grades = HashMap::from([("a".to_owned(), 2), ("b".to_owned(), 1), ("c".to_owned(), 0)]);
        let of = |names: &[&str]| measure(&names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>(), &grades);
        for (name, figures, ndcg, condensed, mrr, recall, judged) in [
            ("perfect", of(&["a", "b"]), 1.0, 1.0, 1.0, 1.0, 1.0),
            // (3/log2(3) + 1/log2(4)) / (3/log2(2) + 1/log2(3)).
            ("unjudged first", of(&["x", "a", "b", "y"]), 0.659_0, 1.0, 0.5, 1.0, 0.5),
            // (1/log2(2) + 3/log2(3)) / (3/log2(2) + 1/log2(3)).
            ("grades swapped", of(&["b", "a"]), 0.796_7, 0.796_7, 0.5, 1.0, 1.0),
            ("half", of(&["a", "c"]), 0.826_2, 0.826_2, 1.0, 0.5, 1.0),
            ("nothing", of(&[]), 0.0, 0.0, 0.0, 0.0, 0.0),
        ] {
            for (measure, value, expected) in [
                ("ndcg", figures.ndcg, ndcg),
                ("condensed", figures.condensed, condensed),
                ("mrr", figures.mrr, mrr),
                ("recall", figures.recall, recall),
                ("judged", figures.judged, judged),
            ] {
                assert!((value - expected).abs() < 1e-3, "{name}: {measure} is {value}, not {expected}");
            }
        }
        assert!((mean(&[of(&[]), of(&["a", "b"])]).empty - 0.5).abs() < 1e-9);
    }
}
