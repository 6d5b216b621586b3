use clap::Args;
use zhida_crawlers::Source;

use super::{Shared, print_json, say};
use crate::crawl::{Progress, crawl};
use crate::pipeline;
use crate::store::crawls::CrawlRun;

/// Failures of a source that are told.
const TOLD: usize = 20;

#[derive(Args)]
#[command(after_help = "\
例子：
  zhida crawl --list                 列出信息源和上次抓取的情况
  zhida crawl gov-cn-zuixin          抓取一个信息源
  zhida crawl 我的站点.toml          用一个定义文件抓取
  zhida crawl https://某站/列表页/   没有定义也能试：自动发现列表里的文章
自己的信息源用 zhida source new、test、save 建立。")]
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
    /// 全部重来：翻到列表的最后一页，不久前抓过的网页也重新抓
    #[arg(long)]
    full: bool,
}

impl Crawl {
    pub async fn run(self, shared: &Shared) -> anyhow::Result<bool> {
        let state = shared.state().await?;
        if self.list {
            return super::source::list(shared, &state).await;
        }
        let defined = state.sources.defined(&state.store).await?;
        let sources: Vec<Source> = match &self.source {
            Some(name) => vec![super::source::find(&defined, name)?],
            None => defined.sources.iter().filter(|source| source.verified).cloned().collect(),
        };
        let fetcher = state.fetcher()?;
        let mut runs = Vec::new();
        let mut busy = false;
        for source in &sources {
            let bar = shared.progress(0, "抓取", super::COUNT);
            let run = crawl(&state, &fetcher, source, self.full, |progress| match progress {
                Progress::Listed(found) => bar.inc_length(found as u64),
                Progress::Done(_) => bar.inc(1),
            })
            .await?;
            bar.finish_and_clear();
            let Some(run) = run else {
                eprintln!("{}（{}）正由另一个进程抓取，等它抓完再试", source.title, source.name);
                busy = true;
                continue;
            };
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
                if run.resting > 0 {
                    say!("  {} 个条目以前取不到，暂不重试（--full 会重试）", run.resting);
                }
                if let Some(reason) = &run.ended {
                    say!("  没有抓完：{reason}。下次接着抓");
                }
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
        let well = |run: &CrawlRun| run.lists_failed == 0 && run.new + run.changed + run.unchanged > 0;
        Ok(!busy && runs.iter().all(well))
    }
}
