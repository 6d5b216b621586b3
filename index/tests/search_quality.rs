//! Search on the judged queries, when the shared data is there: the bars that are reached stay reached.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::Path;

use chrono::NaiveDate;
use flate2::read::GzDecoder;
use zhida_index::Analyzer;
use zhida_index::eval::{self, SearchEval};

/// Evaluates one of the judged sets; `None` where the shared data is not there.
fn evaluate(set: &str, docs: &str) -> Option<SearchEval> {
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data");
    if !data.exists() {
        println!("left out: ../shared/data not found");
        return None;
    }
    let open = |path: &str| -> Box<dyn BufRead> {
        let file = BufReader::new(File::open(data.join(path)).expect(path));
        if path.ends_with(".gz") { Box::new(BufReader::new(GzDecoder::new(file))) } else { Box::new(file) }
    };
    let (queries, qrels) = (open(&format!("eval/{set}/queries.jsonl")), open(&format!("eval/{set}/qrels.tsv")));
    let dir = tempfile::tempdir().expect("a temporary directory");
    let today = NaiveDate::from_ymd_opt(2025, 7, 1).expect("a date");
    let outcome = eval::search(dir.path(), &Analyzer::new(), queries, qrels, open(docs), today).expect("an outcome");
    println!("{outcome}");
    Some(outcome)
}

/// Every bar of the set is reached.
fn holds(outcome: &SearchEval) {
    assert!(!outcome.bars.is_empty());
    for bar in &outcome.bars {
        assert!(bar.reached, "{}: {:.3} where {:.3} is asked for", bar.what, bar.value, bar.bar);
    }
}

#[test]
fn policies_are_found_as_users_type() {
    if let Some(outcome) = evaluate("search", "eval/search/docs.jsonl.gz") {
        holds(&outcome);
    }
}

#[test]
fn questions_find_their_passage() {
    if let Some(outcome) = evaluate("epidemic_relief_qa", "corpus/epidemic_relief.jsonl.gz") {
        holds(&outcome);
    }
}

#[test]
fn lay_questions_find_their_articles() {
    if let Some(outcome) = evaluate("statute_articles", "eval/statute_articles/corpus.jsonl") {
        holds(&outcome);
    }
}
