use anyhow::bail;
use clap::{Args, Subcommand};

use super::{Shared, print_json, say};
use crate::pipeline::indexer::{IndexReport, Indexer, verify};

#[derive(Args)]
#[command(after_help = "\
例子：
  zhida index verify      逐条核对索引与数据库，不一致时退出码为 1
  zhida index rebuild     重做索引；重做期间旧索引照常可查")]
pub struct Index {
    #[command(subcommand)]
    action: Action,
}

#[derive(Subcommand)]
enum Action {
    /// 从数据库重做索引
    Rebuild,
    /// 核对索引与数据库
    Verify,
}

impl Index {
    pub async fn run(self, shared: &Shared) -> anyhow::Result<bool> {
        let state = shared.state().await?;
        match self.action {
            Action::Rebuild => {
                let total = state.store.policy_counts().await?.policies;
                let bar = shared.progress(total.max(0).unsigned_abs(), "重做索引", super::COUNT);
                let progress = |done: i64| bar.set_position(done.max(0).unsigned_abs());
                let report = if state.search.renew(&state.store, progress).await? {
                    IndexReport { put: state.search.index().len(), removed: 0 }
                } else {
                    let mut indexer = match Indexer::open(state.search.index()) {
                        Ok(indexer) => indexer,
                        Err(zhida_index::IndexError::Busy(_)) => {
                            bail!("索引正由另一个进程写入：请先停止 zhida serve，再重做索引")
                        }
                        Err(error) => return Err(error.into()),
                    };
                    let report = indexer.rebuild(&state.store, progress).await?;
                    // what came in meanwhile
                    indexer.run(&state.store, |_| {}).await?;
                    report
                };
                state.search.remove_others()?;
                bar.finish_and_clear();
                if shared.json {
                    print_json(&report)?;
                } else {
                    say!("索引已重做：{} 条政策", report.put);
                }
                Ok(true)
            }
            Action::Verify => {
                let difference = verify(&state).await?;
                if shared.json {
                    print_json(&difference)?;
                } else if difference.is_none() {
                    say!("一致：数据库和索引各有 {} 条政策", difference.in_sql);
                } else {
                    say!(
                        "不一致：数据库 {} 条，索引 {} 条；索引缺 {}，多 {}，过时 {}",
                        difference.in_sql,
                        difference.in_index,
                        difference.missing.len(),
                        difference.surplus.len(),
                        difference.stale.len()
                    );
                    say!("运行 zhida index rebuild 即可修复（zhida serve 运行时稍等片刻，它会自己跟上）");
                }
                Ok(difference.is_none())
            }
        }
    }
}
