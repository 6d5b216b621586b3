//! Search quality on judged queries, beside the bare libraries.

use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::io::BufRead;
use std::path::Path;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use zhida_schemas::{Policy, issuer, region};

use crate::{Analyzer, IndexError, PolicyIndex, SearchRequest};

pub mod floor;

/// Results that count.
const DEPTH: usize = 10;
/// Results that are fetched, so that ten judged ones are left.
const FETCHED: usize = 100;

/// What went wrong in an evaluation.
#[derive(Debug, thiserror::Error)]
pub enum EvalError {
    /// A line of an input is not what it should be.
    #[error("{file} line {line}: {what}")]
    Line {
        /// Which input.
        file: &'static str,
        /// Counted from 1.
        line: usize,
        /// What is wrong.
        what: String,
    },
    /// An input could not be read.
    #[error("{0}")]
    Io(#[from] std::io::Error),
    /// The index failed.
    #[error(transparent)]
    Index(#[from] IndexError),
    /// The bare index failed.
    #[error("bare index: {0}")]
    Floor(#[from] tantivy::TantivyError),
}

/// A query with its judgements.
#[derive(Debug, Clone, Deserialize)]
struct Query {
    qid: String,
    #[serde(default)]
    group: String,
    query: String,
}

/// Figures of one engine over some queries.
#[derive(Debug, Clone, Copy, Default, Serialize)]
pub struct Figures {
    /// Queries.
    pub queries: usize,
    /// nDCG@10 over judged results only.
    pub ndcg: f64,
    /// Mean reciprocal rank of the first result of the highest grade, among all results.
    pub mrr: f64,
    /// Share of the first ten results that somebody judged.
    pub judged: f64,
    /// Share of queries without any result.
    pub empty: f64,
}

/// One query: what zhida and the floor made of it.
#[derive(Debug, Clone, Serialize)]
pub struct Case {
    /// Which query.
    pub qid: String,
    /// Its group.
    pub group: String,
    /// As typed.
    pub query: String,
    /// nDCG@10 of zhida.
    pub ndcg: f64,
    /// nDCG@10 of the floor.
    pub floor_ndcg: f64,
    /// Reciprocal rank of zhida.
    pub reciprocal_rank: f64,
    /// Titles of the first results of zhida with their grades; `None` is not judged.
    pub first: Vec<(Option<u8>, String)>,
}

/// The outcome.
#[derive(Debug, Clone, Serialize)]
pub struct SearchEval {
    /// Documents searched.
    pub documents: usize,
    /// Zhida by group, and over all under `all`.
    pub zhida: BTreeMap<String, Figures>,
    /// Bare Tantivy (BM25, OR of the words) with jieba's search cut.
    pub floor: BTreeMap<String, Figures>,
    /// Every query, the worst first.
    pub cases: Vec<Case>,
}

/// Evaluates search: `queries` is JSONL with `qid, group, query`; `qrels` is TREC form (`qid 0 doc grade`); `docs` is
/// JSONL of import-like rows with `id, title, body, doc_number, issuer, published, region`. `today` decides recency.
///
/// # Errors
/// An input that is not in its form, named with its line; an index that cannot be written to `dir`.
pub fn search(
    dir: &Path,
    analyzer: &Analyzer,
    queries: impl BufRead,
    qrels: impl BufRead,
    docs: impl BufRead,
    today: NaiveDate,
) -> Result<SearchEval, EvalError> {
    let queries: Vec<Query> = json_lines("queries", queries)?;
    let grades = read_qrels(qrels)?;
    let index = PolicyIndex::open(dir, analyzer.clone())?;
    let mut writer = index.writer()?;
    let mut floor = floor::Floor::new(None)?;
    let mut titles: HashMap<String, String> = HashMap::new();
    writer.clear()?;
    for (number, line) in docs.lines().enumerate() {
        let line = line?;
        if line.trim().is_empty() {
            continue;
        }
        let value = serde_json::from_str(&line).map_err(|error| EvalError::Line {
            file: "docs",
            line: number + 1,
            what: error.to_string(),
        })?;
        let policy = document(&value);
        writer.put(&policy)?;
        floor.put(&policy)?;
        titles.insert(policy.id, policy.title);
    }
    writer.commit(1)?;
    index.reload()?;
    let floor = floor.finish()?;

    let mut cases = Vec::with_capacity(queries.len());
    let mut ours: BTreeMap<String, Vec<Measures>> = BTreeMap::new();
    let mut bare: BTreeMap<String, Vec<Measures>> = BTreeMap::new();
    let nothing = HashMap::new();
    for query in queries {
        let judged = grades.get(&query.qid).unwrap_or(&nothing);
        let request = SearchRequest { query: query.query.clone(), limit: FETCHED, ..SearchRequest::default() };
        let results = index.search(&request, today)?;
        let ids: Vec<String> = results.hits.into_iter().map(|hit| hit.id).collect();
        let measures = measure(&ids, judged);
        let floor_measures = measure(&floor.search(&query.query, FETCHED)?, judged);
        cases.push(Case {
            qid: query.qid,
            group: query.group.clone(),
            query: query.query,
            ndcg: measures.ndcg,
            floor_ndcg: floor_measures.ndcg,
            reciprocal_rank: measures.reciprocal_rank,
            first: ids
                .iter()
                .take(5)
                .map(|id| (judged.get(id).copied(), titles.get(id).cloned().unwrap_or_default()))
                .collect(),
        });
        for group in [query.group.as_str(), "all"] {
            ours.entry(group.to_owned()).or_default().push(measures);
            bare.entry(group.to_owned()).or_default().push(floor_measures);
        }
    }
    cases.sort_by(|a, b| a.ndcg.total_cmp(&b.ndcg).then_with(|| a.qid.cmp(&b.qid)));
    Ok(SearchEval { documents: titles.len(), zhida: means(ours), floor: means(bare), cases })
}

#[derive(Debug, Clone, Copy)]
struct Measures {
    ndcg: f64,
    reciprocal_rank: f64,
    judged: f64,
    empty: bool,
}

fn measure(ids: &[String], grades: &HashMap<String, u8>) -> Measures {
    let gain = |grade: u8| f64::from((1_u32 << grade.min(16)) - 1);
    let discounted = |grades: &mut dyn Iterator<Item = u8>| -> f64 {
        grades.take(DEPTH).enumerate().map(|(rank, grade)| gain(grade) / (rank as f64 + 2.0).log2()).sum()
    };
    let mut ideal: Vec<u8> = grades.values().copied().collect();
    ideal.sort_unstable_by(|a, b| b.cmp(a));
    let best = discounted(&mut ideal.iter().copied());
    // Condensed: results that nobody judged are left out of the list.
    let reached = discounted(&mut ids.iter().filter_map(|id| grades.get(id).copied()));
    let top = ideal.first().copied().filter(|&grade| grade > 0);
    let rank = top.and_then(|top| ids.iter().position(|id| grades.get(id) == Some(&top)));
    let shown = ids.len().min(DEPTH);
    let judged = ids.iter().take(DEPTH).filter(|id| grades.contains_key(*id)).count();
    Measures {
        ndcg: if best > 0.0 { reached / best } else { 0.0 },
        reciprocal_rank: rank.map_or(0.0, |rank| 1.0 / (rank as f64 + 1.0)),
        judged: if shown == 0 { 0.0 } else { judged as f64 / shown as f64 },
        empty: ids.is_empty(),
    }
}

fn means(groups: BTreeMap<String, Vec<Measures>>) -> BTreeMap<String, Figures> {
    groups
        .into_iter()
        .map(|(group, measures)| {
            let count = measures.len() as f64;
            let mean = |value: fn(&Measures) -> f64| measures.iter().map(value).sum::<f64>() / count;
            let figures = Figures {
                queries: measures.len(),
                ndcg: mean(|measures| measures.ndcg),
                mrr: mean(|measures| measures.reciprocal_rank),
                judged: mean(|measures| measures.judged),
                empty: mean(|measures| f64::from(u8::from(measures.empty))),
            };
            (group, figures)
        })
        .collect()
}

/// A row as a policy, with what its fields say and nothing read from its text.
fn document(row: &serde_json::Value) -> Policy {
    let text = |name: &str| row.get(name).and_then(serde_json::Value::as_str).unwrap_or_default().to_owned();
    let some = |name: &str| Some(text(name)).filter(|text| !text.is_empty());
    let region_code = some("region_code").or_else(|| {
        let name = some("region")?;
        region::by_name(&name).first().map(|region| region.code.to_owned())
    });
    let issuers = some("issuer").map_or_else(Vec::new, |field| {
        let offices = issuer::split(&field, region_code.as_deref());
        if offices.is_empty() { vec![field] } else { offices.into_iter().map(|office| office.name).collect() }
    });
    Policy {
        id: text("id"),
        version: 1,
        url: some("url"),
        title: text("title"),
        body_text: text("body"),
        doc_number: some("doc_number"),
        published_on: some("published").and_then(|date| date.get(..10)?.parse().ok()),
        issuers,
        region_code,
        ..Policy::default()
    }
}

fn json_lines<T: for<'de> Deserialize<'de>>(file: &'static str, lines: impl BufRead) -> Result<Vec<T>, EvalError> {
    let mut values = Vec::new();
    for (number, line) in lines.lines().enumerate() {
        let line = line?;
        if line.trim().is_empty() {
            continue;
        }
        let value = serde_json::from_str(&line).map_err(|error| EvalError::Line {
            file,
            line: number + 1,
            what: error.to_string(),
        })?;
        values.push(value);
    }
    Ok(values)
}

fn read_qrels(lines: impl BufRead) -> Result<HashMap<String, HashMap<String, u8>>, EvalError> {
    let mut grades: HashMap<String, HashMap<String, u8>> = HashMap::new();
    for (number, line) in lines.lines().enumerate() {
        let line = line?;
        let fields: Vec<&str> = line.split_whitespace().collect();
        let [qid, _, doc, grade] = fields.as_slice() else {
            if fields.is_empty() {
                continue;
            }
            let what = format!("{} columns instead of 4", fields.len());
            return Err(EvalError::Line { file: "qrels", line: number + 1, what });
        };
        let grade: i32 = grade.parse().map_err(|_| EvalError::Line {
            file: "qrels",
            line: number + 1,
            what: format!("{grade} is no grade"),
        })?;
        let grade = u8::try_from(grade.max(0)).unwrap_or(u8::MAX);
        grades.entry((*qid).to_owned()).or_default().insert((*doc).to_owned(), grade);
    }
    Ok(grades)
}

impl fmt::Display for SearchEval {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let queries = self.zhida.get("all").map_or(0, |figures| figures.queries);
        writeln!(out, "检索质量：{queries} 个查询，{} 篇文档（nDCG 只计已判定的结果）", self.documents)?;
        writeln!(out, "组    查询数  nDCG@10 直达/裸库   首个最佳结果 MRR 直达/裸库   前十已判定 直达/裸库")?;
        for (group, ours) in &self.zhida {
            let floor = self.floor.get(group).copied().unwrap_or_default();
            writeln!(
                out,
                "{group:<5} {:>6}     {:.3} / {:.3}             {:.3} / {:.3}              {:>3.0}% / {:>3.0}%",
                ours.queries,
                ours.ndcg,
                floor.ndcg,
                ours.mrr,
                floor.mrr,
                ours.judged * 100.0,
                floor.judged * 100.0
            )?;
        }
        writeln!(out, "最差的查询：")?;
        for case in self.cases.iter().take(12) {
            writeln!(out, "  {} {}  nDCG {:.3}（裸库 {:.3}）", case.qid, case.query, case.ndcg, case.floor_ndcg)?;
            for (grade, title) in &case.first {
                let grade = grade.map_or("?".to_owned(), |grade| grade.to_string());
                writeln!(out, "      [{grade}] {}", title.chars().take(48).collect::<String>())?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn measures_agree_with_figures_by_hand() {
        let grades = HashMap::from([("a".to_owned(), 2), ("b".to_owned(), 1), ("c".to_owned(), 0)]);
        let ids = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
        let perfect = measure(&ids(&["a", "b"]), &grades);
        assert!((perfect.ndcg - 1.0).abs() < 1e-9);
        assert!((perfect.reciprocal_rank - 1.0).abs() < 1e-9);
        // Not judged results are skipped by nDCG, not by the rank.
        let condensed = measure(&ids(&["x", "a", "b", "y"]), &grades);
        assert!((condensed.ndcg - 1.0).abs() < 1e-9);
        assert!((condensed.reciprocal_rank - 0.5).abs() < 1e-9);
        assert!((condensed.judged - 0.5).abs() < 1e-9);
        // (1/log2(2) + 3/log2(3)) / (3/log2(2) + 1/log2(3)) for the grades swapped.
        let swapped = measure(&ids(&["b", "a"]), &grades);
        assert!((swapped.ndcg - 0.796_7).abs() < 1e-3, "{}", swapped.ndcg);
        assert!(measure(&[], &grades).empty);
    }

    #[test]
    fn evaluates_and_names_a_bad_line() {
        let dir = tempfile::tempdir().unwrap();
        let analyzer = crate::text::tests::analyzer();
        let today = NaiveDate::from_ymd_opt(2024, 1, 1).unwrap();
        let run = |queries: &str, qrels: &str, docs: &str| {
            search(dir.path(), &analyzer, queries.as_bytes(), qrels.as_bytes(), docs.as_bytes(), today)
        };
        let queries = "{\"qid\":\"1\",\"group\":\"A\",\"query\":\"獎勵\"}\n";
        let docs = "{\"id\":\"x\",\"title\":\"奖励办法（示例）\",\"body\":\"\"}\n{\"id\":\"y\",\"title\":\"其他\"}\n";
        let outcome = run(queries, "1\t0\tx\t2\n", docs).unwrap();
        assert!((outcome.zhida["A"].ndcg - 1.0).abs() < 1e-9);
        assert!(outcome.floor["all"].ndcg < 0.1, "the bare libraries do not know Traditional characters");
        assert!(outcome.to_string().contains("獎勵"));
        let error = run(queries, "1 0 x\n", docs).unwrap_err().to_string();
        assert_eq!(error, "qrels line 1: 3 columns instead of 4");
        assert!(matches!(run("{", "", docs), Err(EvalError::Line { file: "queries", line: 1, .. })));
    }
}
