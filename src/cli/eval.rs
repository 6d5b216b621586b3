use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};

use anyhow::Context;
use clap::{Args, Subcommand};
use flate2::read::GzDecoder;
use zhida_crawlers::eval::{evaluate_pages, evaluate_understanding};
use zhida_index::Analyzer;

use super::matching::{read_policies, read_profiles};
use super::{Shared, print_json, say};
use crate::clock::Clock;

#[derive(Args)]
#[command(after_help = "\
例子：
  zhida eval extract --manifest ../shared/data/pages/manifest.jsonl
  zhida eval understand --facts ../shared/data/eval/facts/facts.jsonl
  zhida eval search --dir ../shared/data/eval/search
  zhida eval search --dir ../shared/data/eval/epidemic_relief_qa --docs ../shared/data/corpus/epidemic_relief.jsonl.gz
  zhida eval search --dir ../shared/data/eval/statute_articles --docs ../shared/data/eval/statute_articles/corpus.jsonl
  zhida eval match --dir ../shared/data/eval/match")]
pub struct Eval {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    /// 网页抽取：标题、日期、机关、文号，用与不用 head 元数据
    Extract {
        /// 网页清单
        #[arg(long, value_name = "文件")]
        manifest: PathBuf,
    },
    /// 要素理解：机关、地区、文号、文种、日期
    Understand {
        /// 标注的要素
        #[arg(long, value_name = "文件")]
        facts: PathBuf,
    },
    /// 检索质量：nDCG、MRR、召回，与词、二字的 BM25 和裸 tantivy 对照
    Search {
        /// 含 queries.jsonl、qrels.tsv、docs.jsonl.gz 的目录
        #[arg(long, value_name = "目录", required_unless_present_all = ["docs", "queries", "qrels"])]
        dir: Option<PathBuf>,
        /// 文档：JSONL，可以是 .gz
        #[arg(long, value_name = "文件")]
        docs: Option<PathBuf>,
        /// 查询：JSONL，有 qid、query，可以有 group
        #[arg(long, value_name = "文件")]
        queries: Option<PathBuf>,
        /// 判定：TREC 格式
        #[arg(long, value_name = "文件")]
        qrels: Option<PathBuf>,
    },
    /// 匹配质量：混淆表、每个条件的作用
    Match {
        /// 含 profiles.jsonl、policies.jsonl、pairs.jsonl 的目录
        #[arg(long, value_name = "目录")]
        dir: PathBuf,
    },
}

impl Eval {
    pub fn run(self, shared: &Shared) -> anyhow::Result<bool> {
        match self.what {
            What::Extract { manifest } => {
                show(shared, &evaluate_pages(&manifest).with_context(|| manifest.display().to_string())?)
            }
            What::Understand { facts } => {
                show(shared, &evaluate_understanding(&facts).with_context(|| facts.display().to_string())?)
            }
            What::Search { dir, docs, queries, qrels } => {
                let input = |given: Option<PathBuf>, name: &str| {
                    let path = given.or_else(|| dir.as_ref().map(|dir| dir.join(name)));
                    open(&path.with_context(|| format!("缺少 {name}"))?)
                };
                let (queries, qrels) = (input(queries, "queries.jsonl")?, input(qrels, "qrels.tsv")?);
                let docs = input(docs, "docs.jsonl.gz")?;
                let index = tempfile::tempdir()?;
                let today = Clock::System.today();
                show(shared, &zhida_index::eval::search(index.path(), &Analyzer::new(), queries, qrels, docs, today)?)
            }
            What::Match { dir } => {
                let profiles = read_profiles(&dir.join("profiles.jsonl"))?;
                let policies = read_policies(&dir.join("policies.jsonl"))?;
                let pairs = std::fs::read_to_string(dir.join("pairs.jsonl"))
                    .with_context(|| format!("读不到 {}/pairs.jsonl", dir.display()))?;
                show(shared, &zhida_index::profiles::eval::evaluate(&profiles, &policies, &pairs)?)
            }
        }
    }
}

/// The lines of a file, unpacked when its name ends in `.gz`.
fn open(path: &Path) -> anyhow::Result<Box<dyn BufRead>> {
    let file = File::open(path).with_context(|| format!("打不开 {}", path.display()))?;
    let packed = path.extension().is_some_and(|extension| extension == "gz");
    Ok(if packed { Box::new(BufReader::new(GzDecoder::new(file))) } else { Box::new(BufReader::new(file)) })
}

fn show(shared: &Shared, report: &(impl serde::Serialize + std::fmt::Display)) -> anyhow::Result<bool> {
    if shared.json {
        print_json(report)?;
    } else {
        say!("{report}");
    }
    Ok(true)
}
