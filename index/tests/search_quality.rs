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
        let file = BufReader::new(File::open(data.join(path)).unwrap());
        if path.ends_with(".gz") { Box::new(BufReader::new(GzDecoder::new(file))) } else { Box::new(file) }
    };
    let (queries, qrels) = (open(&format!("eval/{set}/queries.jsonl")), open(&format!("eval/{set}/qrels.tsv")));
    let dir = tempfile::tempdir().unwrap();
    let today = NaiveDate::from_ymd_opt(2025, 7, 1).unwrap();
    let outcome = eval::search(dir.path(), &Analyzer::new(), queries, qrels, open(docs), today).unwrap();
    println!("{outcome}");
    Some(outcome)
}

#[test]
fn policies_are_found_as_users_type() {
    let Some(outcome) = evaluate("search", "eval/search/docs.jsonl.gz") else { return };
    let all = outcome.groups["all"].figures;
    assert!(all.zhida.condensed > all.tantivy.condensed + 0.03, "{all:?}");
    assert!(all.zhida.mrr > all.tantivy.mrr + 0.1, "{all:?}");
}

#[test]
fn questions_find_their_passage() {
    let Some(outcome) = evaluate("epidemic_relief_qa", "corpus/epidemic_relief.jsonl.gz") else { return };
    let all = outcome.groups["all"].figures;
    assert!(all.zhida.mrr > all.words.mrr, "{all:?}");
}

#[test]
fn lay_questions_find_their_articles() {
    let Some(outcome) = evaluate("statute_articles", "eval/statute_articles/corpus.jsonl") else { return };
    let all = outcome.groups["all"].figures;
    println!("{all:?}");
}
