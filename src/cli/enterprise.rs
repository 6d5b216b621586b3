use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::matching::read_profiles;
use super::{Shared, print_json, say, table};

#[derive(Args)]
#[command(after_help = "\
例子：
  zhida enterprise import 企业.jsonl     每行一个画像；带 email 的同时建立邮件订阅
  zhida enterprise list")]
pub struct EnterpriseCommand {
    #[command(subcommand)]
    action: Action,
}

#[derive(Subcommand)]
enum Action {
    /// 导入企业画像（JSONL）
    Import {
        /// 每行一个 JSON 的文件
        #[arg(value_name = "文件")]
        file: PathBuf,
    },
    /// 列出企业画像
    List,
}

impl EnterpriseCommand {
    pub async fn run(self, shared: &Shared) -> anyhow::Result<bool> {
        let state = shared.state().await?;
        match self.action {
            Action::Import { file } => {
                let profiles = read_profiles(&file)?;
                let saved = state.store.save_enterprises(&profiles, state.clock.now()).await?;
                if shared.json {
                    print_json(&serde_json::json!({ "rows": profiles.len(), "saved": saved }))?;
                } else {
                    say!("共 {} 家企业，新增或更新 {saved}", profiles.len());
                }
            }
            Action::List => {
                let mut all = Vec::new();
                let mut after = String::new();
                loop {
                    let page = state.store.enterprises_after(&after, 1_000).await?;
                    let Some(last) = page.last() else { break };
                    after.clone_from(&last.id);
                    all.extend(page);
                }
                if shared.json {
                    print_json(&all)?;
                } else if all.is_empty() {
                    say!("还没有企业画像：zhida enterprise import 企业.jsonl");
                } else {
                    let rows: Vec<Vec<String>> = all
                        .iter()
                        .map(|enterprise| {
                            let region = enterprise.region_code.as_deref().and_then(zhida_schemas::region::by_code);
                            vec![
                                enterprise.id.clone(),
                                enterprise.name.clone(),
                                region.map_or("", |region| region.name).to_owned(),
                                enterprise.industry_code.clone().unwrap_or_default(),
                                enterprise.interests.keywords.join("、"),
                            ]
                        })
                        .collect();
                    table::print(&["编号", "名称", "地区", "行业", "关心的词"], &rows);
                }
            }
        }
        Ok(true)
    }
}
