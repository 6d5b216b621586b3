use std::path::PathBuf;

use clap::Args;

use super::{Shared, print_json, say};
use crate::import::{ImportReport, import};
use crate::pipeline;

#[derive(Args)]
#[command(after_help = "\
例子：
  zhida import 政策.jsonl.gz 台账.xlsx
JSONL 每行一个对象，CSV 和 XLSX 第一行为表头；认识的字段：
  title/标题  body/正文  published/发布日期  issuer/发文机关  doc_number/发文字号
  url/链接  region/地区  kind/公文种类  subjects/主题分类  keywords/关键词
重复导入不会产生重复；中断后再次导入同一文件会接着做。
导入只入库和建索引；早于 push.max_age_days 天的政策不会通知任何人。")]
pub struct Import {
    /// 文件：.jsonl .jsonl.gz .jsonl.zst .csv .xlsx
    #[arg(required = true, value_name = "文件")]
    files: Vec<PathBuf>,
}

impl Import {
    pub async fn run(self, shared: &Shared) -> anyhow::Result<bool> {
        let state = shared.state().await?;
        let mut reports: Vec<(String, ImportReport)> = Vec::new();
        let mut all_well = true;
        for file in &self.files {
            let size = std::fs::metadata(file).map_or(0, |file| file.len());
            let bar = shared.progress(size, "导入", super::BYTES);
            let imported = import(&state, file, |position| bar.set_position(position)).await;
            bar.finish_and_clear();
            match imported {
                Ok(report) => {
                    // a file of which nothing could be read did not do its part
                    all_well &= report.rejected == 0 || report.rejected < report.rows;
                    reports.push((file.display().to_string(), report));
                }
                Err(error) => {
                    all_well = false;
                    eprintln!("{}：{error:#}", file.display());
                }
            }
        }
        let bar = shared.progress(0, "建索引、匹配", super::SPIN);
        bar.enable_steady_tick(std::time::Duration::from_millis(200));
        let (indexed, matched) = pipeline::catch_up(&state).await?;
        bar.finish_and_clear();
        if shared.json {
            let files: Vec<_> =
                reports.iter().map(|(file, report)| serde_json::json!({ "file": file, "report": report })).collect();
            print_json(&serde_json::json!({ "files": files, "indexed": indexed, "matched": matched }))?;
            return Ok(all_well);
        }
        for (file, report) in &reports {
            say!(
                "{file}：共 {} 条，新增 {}，更新 {}，未变 {}，拒绝 {}{}",
                report.rows,
                report.new,
                report.changed,
                report.unchanged,
                report.rejected,
                if report.resumed > 0 {
                    format!("（接着上次，前 {} 行已入库）", report.resumed)
                } else {
                    String::new()
                }
            );
            for rejection in report.rejections.iter().take(20) {
                say!("  第 {} 行：{}", rejection.line, rejection.reason);
            }
            if report.rejected > 20 {
                say!("  ……其余 {} 行从略（--json 列出前 200 行）", report.rejected - 20);
            }
        }
        match indexed {
            Some(indexed) => say!("索引：写入 {} 条，移除 {} 条", indexed.put, indexed.removed),
            None => say!("索引：正在运行的 zhida serve 会自动跟上"),
        }
        say!(
            "匹配：新匹配 {}，待发通知 {}；{} 条发布过久、{} 条没有日期，不通知",
            matched.matches,
            matched.deliveries,
            matched.too_old,
            matched.undated
        );
        Ok(all_well)
    }
}
