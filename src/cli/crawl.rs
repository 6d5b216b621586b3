use std::path::Path;

use anyhow::{Context, bail};
use clap::Args;
use zhida_crawlers::Source;

use super::{Shared, print_json, say, table};
use crate::crawl::{Progress, crawl};
use crate::state::read_source;
use crate::{clock, pipeline};

/// Failures of a source that are told.
const TOLD: usize = 20;

#[derive(Args)]
#[command(after_help = "\
例子：
  zhida crawl --list                 列出信息源和上次抓取的情况
  zhida crawl gov-cn-zuixin          抓取一个信息源
  zhida crawl 我的站点.toml          用一个定义文件抓取
  zhida crawl https://某站/列表页/   没有定义也能试：自动发现列表里的文章
自定义的信息源放在 数据目录/sources/*.toml，写法见 README。")]
pub struct Crawl {
    /// 信息源的名字、定义文件，或列表页的网址
    #[arg(value_name = "信息源", required_unless_present_any = ["all", "list"])]
    source: Option<String>,
    /// 抓取全部已核实的信息源
    #[arg(long, conflicts_with = "source")]
    all: bool,
    /// 列出信息源
    #[arg(long, conflicts_with_all = ["source", "all"])]
    list: bool,
    /// 不久前抓过的网页也重新抓
    #[arg(long)]
    full: bool,
}

impl Crawl {
    pub async fn run(self, shared: &Shared) -> anyhow::Result<bool> {
        let state = shared.state().await?;
        if self.list {
            return list(shared, &state).await;
        }
        let sources: Vec<Source> = match &self.source {
            Some(name) => vec![find(&state.sources, &state.source_problems, name)?],
            None => state.sources.iter().filter(|source| source.verified).cloned().collect(),
        };
        let fetcher = state.fetcher()?;
        let mut runs = Vec::new();
        for source in &sources {
            let bar = shared.progress(0, "抓取", super::COUNT);
            let run = crawl(&state, &fetcher, source, self.full, |progress| match progress {
                Progress::Listed(found) => bar.inc_length(found as u64),
                Progress::Done(_) => bar.inc(1),
            })
            .await?;
            bar.finish_and_clear();
            if !shared.json {
                say!(
                    "{}（{}）：列表 {} 页，条目 {}，新增 {}，更新 {}，未变 {}，失败 {}",
                    source.title,
                    source.name,
                    run.lists,
                    run.found,
                    run.new,
                    run.changed,
                    run.unchanged,
                    run.failed
                );
                for error in run.errors.iter().take(TOLD) {
                    say!("  {error}");
                }
                if run.failed as usize > TOLD {
                    say!("  ……另有 {} 条失败（--json 列出前 50 条）", run.failed as usize - TOLD);
                }
            }
            runs.push(run);
        }
        let (indexed, matched) = pipeline::catch_up(&state).await?;
        if shared.json {
            print_json(&serde_json::json!({ "runs": runs, "indexed": indexed, "matched": matched }))?;
        } else {
            say!("匹配：新匹配 {}，待发通知 {}（zhida deliver 立即发送）", matched.matches, matched.deliveries);
        }
        // a source that brought nothing at all, or not all of its lists, did not do its part
        Ok(runs.iter().all(|run| run.lists_failed == 0 && run.new + run.changed + run.unchanged > 0))
    }
}

/// A source by name, by file, or by the address of a list page.
fn find(sources: &[Source], problems: &[String], name: &str) -> anyhow::Result<Source> {
    if let Some(source) = sources.iter().find(|source| source.name == name) {
        return Ok(source.clone());
    }
    if name.starts_with("http://") || name.starts_with("https://") {
        return Source::generic(name).with_context(|| format!("{name} 不能作为列表页"));
    }
    if name.ends_with(".toml") {
        return read_source(Path::new(name));
    }
    if let Some(problem) = problems.iter().find(|problem| problem.contains(&format!("{name}.toml"))) {
        bail!("{problem}");
    }
    let mut names: Vec<&str> = sources.iter().map(|source| source.name.as_str()).collect();
    names.sort_unstable();
    bail!("没有叫 {name} 的信息源。现有：{}", names.join("、"));
}

async fn list(shared: &Shared, state: &crate::state::AppState) -> anyhow::Result<bool> {
    let runs = state.store.last_crawls().await?;
    if shared.json {
        let sources: Vec<_> = state
            .sources
            .iter()
            .map(|source| {
                let last = runs.iter().find(|run| run.source == source.name);
                serde_json::json!({ "name": source.name, "title": source.title, "region_code": source.region_code,
                    "verified": source.verified, "schedule": source.schedule, "last_run": last })
            })
            .collect();
        print_json(&sources)?;
        return Ok(true);
    }
    let rows: Vec<Vec<String>> = state
        .sources
        .iter()
        .map(|source| {
            let last = runs.iter().find(|run| run.source == source.name);
            let last = last.map_or_else(
                || "从未".to_owned(),
                |run| {
                    let at = clock::local(run.started_at).format("%m-%d %H:%M");
                    format!("{at} 新增 {} 失败 {}", run.new, run.failed)
                },
            );
            let region = zhida_schemas::region::by_code(&source.region_code).map_or("", |region| region.name);
            vec![
                source.name.clone(),
                source.title.clone(),
                region.to_owned(),
                if source.verified { "已核实" } else { "未核实" }.to_owned(),
                source.schedule.clone(),
                last,
            ]
        })
        .collect();
    for problem in state.source_problems.iter() {
        eprintln!("{problem}");
    }
    table::print(&["名字", "站点", "地区", "定义", "时间表（秒 分 时 日 月 周）", "上次抓取"], &rows);
    Ok(true)
}
