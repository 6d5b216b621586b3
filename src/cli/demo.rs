use std::path::PathBuf;

use anyhow::Context;
use clap::Args;

use super::{Shared, print_json, say, table};
use crate::clock::Clock;
use crate::demo::{Demo as Running, Input, Summary, profiles};

#[derive(Args)]
#[command(after_help = "\
例子：
  zhida demo                 走完流程后留着网页：检索、看政策、看寄出的邮件
  zhida demo --once          走完流程，打印结果就退出；每一步都成功时退出码为 0
  zhida demo --once --site 网页文件夹 --profiles 企业.jsonl    用自己的网页和企业
演示数据放在临时目录，退出即清除；不会向外发信，也不访问外网。")]
pub struct Demo {
    /// 走完流程就退出
    #[arg(long)]
    once: bool,
    /// 网页的端口；0 表示任选
    #[arg(long, default_value_t = 8080, value_name = "端口")]
    port: u16,
    /// 用这个文件夹里的网页代替自带的示例站点
    #[arg(long, value_name = "文件夹")]
    site: Option<PathBuf>,
    /// 用这些企业画像代替自带的示例（每行一个 JSON）
    #[arg(long, value_name = "文件")]
    profiles: Option<PathBuf>,
}

impl Demo {
    pub async fn run(self, shared: &Shared) -> anyhow::Result<bool> {
        let profiles = profiles(self.profiles.as_deref())?;
        let dir = tempfile::Builder::new().prefix("zhida-demo-").tempdir().context("无法建立临时目录")?;
        // the web's address stands in the mails, so its port is taken before the first is sent
        let listener = self.listen().await?;
        let address = listener.local_addr()?;
        let input =
            Input { site: self.site.clone(), profiles: self.profiles.clone(), base_url: format!("http://{address}") };
        let demo = Running::start(&input, dir.path(), Clock::System).await?;
        let bar = shared.progress(0, "准备", "{spinner} {msg}");
        bar.enable_steady_tick(std::time::Duration::from_millis(100));
        let summary = demo.run(&profiles, |step| bar.set_message(step.to_owned())).await;
        bar.finish_and_clear();
        let summary = summary?;
        if shared.json {
            print_json(&summary)?;
        } else {
            print(&summary);
        }
        if self.once {
            return Ok(summary.failures.is_empty());
        }
        say!();
        say!("网页已打开：http://{address}        检索和阅读政策");
        say!("寄出的邮件：http://{address}/mails");
        say!("示例站点：  {}", demo.site_url);
        say!("按 Ctrl-C 结束。");
        super::serve::run(demo.state.clone(), listener).await?;
        Ok(true)
    }

    async fn listen(&self) -> anyhow::Result<tokio::net::TcpListener> {
        let port = if self.once { 0 } else { self.port };
        match tokio::net::TcpListener::bind(("127.0.0.1", port)).await {
            Ok(listener) => Ok(listener),
            Err(error) if error.kind() == std::io::ErrorKind::AddrInUse => {
                eprintln!("端口 {port} 已被占用，改用其他端口");
                Ok(tokio::net::TcpListener::bind("127.0.0.1:0").await?)
            }
            Err(error) => Err(error).with_context(|| format!("无法监听端口 {port}")),
        }
    }
}

fn print(summary: &Summary) {
    let sum = |count: fn(&crate::store::crawls::CrawlRun) -> i64| summary.crawls.iter().map(count).sum::<i64>();
    let rows = [
        ("抓取", format!("{} 个列表页，{} 个条目", sum(|run| run.lists), sum(|run| run.found))),
        ("新增", format!("{} 份政策，{} 个网页未读成政策", sum(|run| run.new), sum(|run| run.failed))),
        (
            "索引",
            format!(
                "{} 份，与数据库{}",
                summary.indexed,
                if summary.indexed == summary.stored { "一致" } else { "不一致" }
            ),
        ),
        (
            "匹配",
            format!(
                "{} 家企业，{} 次匹配；{} 份发布过久、{} 份没有日期，不通知",
                summary.enterprises, summary.matched, summary.too_old, summary.undated
            ),
        ),
        ("送达", format!("{} / {} 条通知，{} 封邮件", summary.delivered, summary.deliveries, summary.mails)),
    ];
    let rows: Vec<Vec<String>> = rows.into_iter().map(|(step, did)| vec![step.to_owned(), did]).collect();
    table::print(&["步骤", "结果"], &rows);
    say!();
    let notices: Vec<Vec<String>> = summary
        .notices
        .iter()
        .map(|notice| {
            vec![
                table::shorten(&notice.enterprise, 26),
                notice.address.clone(),
                table::shorten(&notice.policy, 44),
                table::shorten(&notice.why.join("；"), 60),
                if notice.state == "sent" { "已送达".to_owned() } else { notice.state.clone() },
            ]
        })
        .collect();
    table::print(&["企业", "收件地址", "政策", "为什么", "状态"], &notices);
    for error in summary.crawls.iter().flat_map(|run| &run.errors).take(20) {
        say!("  未读成政策：{error}");
    }
    for failure in &summary.failures {
        say!("✗ {failure}");
    }
    if summary.failures.is_empty() {
        say!("✓ 每一步都完成了");
    }
}
