//! Search quality on judged queries, beside the bare libraries.

use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::io::BufRead;
use std::path::Path;

use chrono::NaiveDate;
use jieba_rs::Jieba;
use serde::{Deserialize, Serialize};
use zhida_schemas::{Policy, issuer, region};

use self::bags::{Bags, Terms};
pub use self::measures::Figures;
use self::measures::{mean, measure};
use crate::{Analyzer, IndexError, PolicyIndex, SearchRequest};

pub mod bags;
pub mod floor;
mod measures;
pub mod tree;

/// Results that are fetched, so that ten judged ones are left.
const FETCHED: usize = 100;
/// Worst cases that are printed.
const WORST: usize = 12;
/// The group of queries that name none.
const QUESTIONS: &str = "问句";

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
    /// A name or a number.
    qid: serde_json::Value,
    #[serde(default)]
    group: String,
    query: String,
}

/// Figures of every engine over the same queries.
#[derive(Debug, Clone, Copy, Default, Serialize)]
pub struct Engines<T> {
    /// Ours.
    pub zhida: T,
    /// BM25 over jieba words, title five times.
    pub words: T,
    /// BM25 over character bigrams, title three times.
    pub bigrams: T,
    /// Bare Tantivy: BM25 of any of jieba's words in title and text.
    pub tantivy: T,
}

impl<T> Engines<T> {
    /// Every engine with the name that is printed.
    fn named(&self) -> [(&'static str, &T); 4] {
        [("直达", &self.zhida), ("词 BM25", &self.words), ("二字 BM25", &self.bigrams), ("裸 tantivy", &self.tantivy)]
    }
}

/// A group of queries.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct Group {
    /// How many.
    pub queries: usize,
    /// The means.
    #[serde(flatten)]
    pub figures: Engines<Figures>,
}

/// What has to be reached.
#[derive(Debug, Clone, Serialize)]
pub struct Bar {
    /// What is measured, in which group.
    pub what: String,
    /// What we reach.
    pub value: f64,
    /// What has to be reached at least.
    pub bar: f64,
    /// Whether it is.
    pub reached: bool,
}

/// One query: what the engines made of it.
#[derive(Debug, Clone, Serialize)]
pub struct Case {
    /// Which query.
    pub qid: String,
    /// Its group.
    pub group: String,
    /// As typed.
    pub query: String,
    /// What each engine reached.
    #[serde(flatten)]
    pub figures: Engines<Figures>,
    /// Titles of our first results with their grades; `None` is not judged.
    pub first: Vec<(Option<u8>, String)>,
}

/// The outcome.
#[derive(Debug, Clone, Serialize)]
pub struct SearchEval {
    /// Documents searched.
    pub documents: usize,
    /// By group, and over all under `all`.
    pub groups: BTreeMap<String, Group>,
    /// What has to be reached.
    pub bars: Vec<Bar>,
    /// Every query, the worst first.
    pub cases: Vec<Case>,
}

/// Evaluates search: `queries` is JSONL with `qid, group, query`; `qrels` is TREC form (`qid 0 doc grade`); `docs` is
/// JSONL of import-like rows with `id, title, body, doc_number, issuer, published, region` (also `docid` and `text`).
/// `today` decides recency.
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
    let mut tantivy = floor::Floor::new(None)?;
    let mut words = Bags::new(Terms::Words(Box::new(Jieba::new())), 5);
    let mut bigrams = Bags::new(Terms::Bigrams, 3);
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
        tantivy.put(&policy)?;
        words.put(&policy.id, &policy.title, &policy.body_text);
        bigrams.put(&policy.id, &policy.title, &policy.body_text);
        let shown = if policy.title.is_empty() { policy.body_text } else { policy.title };
        titles.insert(policy.id, shown.chars().take(60).collect());
    }
    writer.commit(1)?;
    index.reload()?;
    let tantivy = tantivy.finish()?;

    let mut cases = Vec::with_capacity(queries.len());
    let nothing = HashMap::new();
    for query in queries {
        let qid = query.qid.as_str().map_or_else(|| query.qid.to_string(), str::to_owned);
        let judged = grades.get(&qid).unwrap_or(&nothing);
        let request = SearchRequest { query: query.query.clone(), limit: FETCHED, ..SearchRequest::default() };
        let results = index.search(&request, today)?;
        let ids: Vec<String> = results.hits.into_iter().map(|hit| hit.id).collect();
        let first = ids.iter().take(5);
        cases.push(Case {
            figures: Engines {
                zhida: measure(&ids, judged),
                words: measure(&words.search(&query.query, FETCHED), judged),
                bigrams: measure(&bigrams.search(&query.query, FETCHED), judged),
                tantivy: measure(&tantivy.search(&query.query, FETCHED)?, judged),
            },
            first: first.map(|id| (judged.get(id).copied(), titles.get(id).cloned().unwrap_or_default())).collect(),
            group: if query.group.is_empty() { QUESTIONS.to_owned() } else { query.group },
            query: query.query,
            qid,
        });
    }
    cases.sort_by(|a, b| {
        let (a_reached, b_reached) = (a.figures.zhida, b.figures.zhida);
        a_reached.condensed.total_cmp(&b_reached.condensed).then_with(|| a.qid.cmp(&b.qid))
    });
    let mut groups = BTreeMap::new();
    for name in cases.iter().map(|case| case.group.as_str()).chain(["all"]) {
        if !groups.contains_key(name) {
            groups.insert(name.to_owned(), group(cases.iter().filter(|case| name == "all" || case.group == name)));
        }
    }
    let bars = bars(&groups);
    Ok(SearchEval { documents: titles.len(), groups, bars, cases })
}

fn group<'a>(cases: impl Iterator<Item = &'a Case> + Clone) -> Group {
    let of = |engine: fn(&Engines<Figures>) -> Figures| {
        let figures: Vec<Figures> = cases.clone().map(|case| engine(&case.figures)).collect();
        mean(&figures)
    };
    Group {
        queries: cases.clone().count(),
        figures: Engines {
            zhida: of(|figures| figures.zhida),
            words: of(|figures| figures.words),
            bigrams: of(|figures| figures.bigrams),
            tantivy: of(|figures| figures.tantivy),
        },
    }
}

/// What has to be reached in the groups that are there: A topical, B known item, C document number, D hard forms, and
/// questions.
fn bars(groups: &BTreeMap<String, Group>) -> Vec<Bar> {
    let mut bars = Vec::new();
    let mut add = |what: &str, group: &str, value: f64, bar: f64| {
        bars.push(Bar { what: format!("{group} {what}"), value, bar, reached: value >= bar });
    };
    for (name, group) in groups {
        let Engines { zhida, words, bigrams, .. } = &group.figures;
        match name.as_str() {
            "A" | "D" => {
                let times = if name == "A" { 1.15 } else { 1.4 };
                add("nDCG@10（只计已判定）", name, zhida.condensed, times * words.condensed.max(bigrams.condensed));
                add("nDCG@10", name, zhida.ndcg, words.ndcg.max(bigrams.ndcg));
                add("前十已判定", name, zhida.judged, 0.6);
            }
            "B" => add("MRR@10", name, zhida.mrr, 0.92),
            "C" => add("MRR@10", name, zhida.mrr, 0.99),
            QUESTIONS => add("MRR@10", name, zhida.mrr, 1.05 * words.mrr),
            _ => {}
        }
    }
    bars
}

/// A row as a policy, with what its fields say and nothing read from its text.
fn document(row: &serde_json::Value) -> Policy {
    let some = |name: &str| row.get(name).and_then(serde_json::Value::as_str).filter(|text| !text.is_empty());
    let either = |name: &str, other: &str| some(name).or_else(|| some(other)).unwrap_or_default().to_owned();
    let region_code = some("region_code").map(str::to_owned).or_else(|| {
        let name = some("region")?;
        region::by_name(name).first().map(|region| region.code.to_owned())
    });
    let issuers = some("issuer").map_or_else(Vec::new, |field| {
        let offices = issuer::split(field, region_code.as_deref());
        if offices.is_empty() {
            vec![field.to_owned()]
        } else {
            offices.into_iter().map(|office| office.name).collect()
        }
    });
    Policy {
        id: either("id", "docid"),
        version: 1,
        url: some("url").map(str::to_owned),
        title: either("title", ""),
        body_text: either("body", "text"),
        doc_number: some("doc_number").map(str::to_owned),
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
        let queries = self.groups.get("all").map_or(0, |group| group.queries);
        writeln!(out, "检索质量：{queries} 个查询，{} 篇文档", self.documents)?;
        writeln!(out, "组   查询数  引擎        nDCG@10  只计已判定  MRR@10  Recall@20  前十已判定  无结果")?;
        for (name, group) in &self.groups {
            for (row, (engine, figures)) in group.figures.named().into_iter().enumerate() {
                let (name, queries) =
                    if row == 0 { (name.as_str(), group.queries.to_string()) } else { ("", String::new()) };
                writeln!(
                    out,
                    "{}{queries:>6}  {}{:>7.3}     {:>7.3} {:>7.3}    {:>7.3}       {:>4.0}%   {:>4.0}%",
                    padded(name, 5),
                    padded(engine, 12),
                    figures.ndcg,
                    figures.condensed,
                    figures.mrr,
                    figures.recall,
                    figures.judged * 100.0,
                    figures.empty * 100.0,
                )?;
            }
        }
        writeln!(out, "要求：")?;
        for bar in &self.bars {
            let verdict = if bar.reached { "达到" } else { "未达到" };
            writeln!(out, "  {}{:.3}（要求 {:.3}）{verdict}", padded(&bar.what, 26), bar.value, bar.bar)?;
        }
        writeln!(out, "最差的查询（nDCG@10 只计已判定：直达 / 词 / 二字）：")?;
        for case in self.cases.iter().take(WORST) {
            let Engines { zhida, words, bigrams, .. } = case.figures;
            let figures = format!("{:.3} / {:.3} / {:.3}", zhida.condensed, words.condensed, bigrams.condensed);
            writeln!(out, "  {} {}  {figures}", case.qid, case.query)?;
            for (grade, title) in &case.first {
                let grade = grade.map_or("?".to_owned(), |grade| grade.to_string());
                writeln!(out, "      [{grade}] {}", title.chars().take(48).collect::<String>())?;
            }
        }
        Ok(())
    }
}

/// Text with spaces up to a width, a Chinese character being two wide.
fn padded(text: &str, width: usize) -> String {
    let wide: usize = text.chars().map(|character| if character.is_ascii() { 1 } else { 2 }).sum();
    format!("{text}{}", " ".repeat(width.saturating_sub(wide)))
}

#[cfg(test)]
mod tests {
    use super::*;

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
        let Engines { zhida, words, bigrams, tantivy } = outcome.groups["A"].figures;
        assert!((zhida.condensed - 1.0).abs() < 1e-9);
        for floor in [words, bigrams, tantivy] {
            assert!(floor.condensed < 0.1, "the bare libraries do not know Traditional characters");
        }
        assert!(outcome.bars.iter().all(|bar| bar.reached), "{:?}", outcome.bars);
        assert!(outcome.to_string().contains("獎勵"));
        let error = run(queries, "1 0 x\n", docs).unwrap_err().to_string();
        assert_eq!(error, "qrels line 1: 3 columns instead of 4");
        assert!(matches!(run("{", "", docs), Err(EvalError::Line { file: "queries", line: 1, .. })));
    }

    #[test]
    fn reads_questions_with_numbers_for_names_and_passages_without_titles() {
        let dir = tempfile::tempdir().unwrap();
        let today = NaiveDate::from_ymd_opt(2024, 1, 1).unwrap();
        let queries = "{\"qid\":7,\"query\":\"小作坊怎么登记？\"}\n";
        let docs = "{\"docid\":\"第一条（示例）\",\"text\":\"小作坊应当办理登记。\"}\n{\"docid\":\"第二条（示例）\",\"text\":\"其他\"}\n";
        let qrels = "7\t0\t第一条（示例）\t1\n";
        let analyzer = crate::text::tests::analyzer();
        let outcome =
            search(dir.path(), &analyzer, queries.as_bytes(), qrels.as_bytes(), docs.as_bytes(), today).unwrap();
        assert!((outcome.groups[QUESTIONS].figures.zhida.mrr - 1.0).abs() < 1e-9);
        assert_eq!(outcome.bars[0].what, "问句 MRR@10");
    }
}
