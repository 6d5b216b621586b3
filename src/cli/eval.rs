use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::PathBuf;

use anyhow::Context;
use clap::{Args, Subcommand};
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
    /// 检索质量：nDCG、MRR，与裸 BM25 对照
    Search {
        /// 含 queries.jsonl、qrels.tsv、docs.jsonl.gz 的目录
        #[arg(long, value_name = "目录")]
        dir: PathBuf,
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
            What::Search { dir } => {
                let open = |name: &str| -> anyhow::Result<Box<dyn BufRead>> {
                    let path = dir.join(name);
                    let file = File::open(&path).with_context(|| format!("打不开 {}", path.display()))?;
                    Ok(match name.ends_with(".gz") {
                        true => Box::new(BufReader::new(flate2::read::GzDecoder::new(file))),
                        false => Box::new(BufReader::new(file)),
                    })
                };
                let index = tempfile::tempdir()?;
                let (queries, qrels, docs) = (open("queries.jsonl")?, open("qrels.tsv")?, open("docs.jsonl.gz")?);
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

fn show(shared: &Shared, report: &(impl serde::Serialize + std::fmt::Display)) -> anyhow::Result<bool> {
    if shared.json {
        print_json(report)?;
    } else {
        say!("{report}");
    }
    Ok(true)
}
