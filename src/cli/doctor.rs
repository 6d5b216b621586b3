use clap::Args;
use serde::Serialize;

use super::{Shared, print_json, say};
use crate::config::Config;
use crate::pipeline::indexer::verify;
use crate::state::AppState;
use crate::{clock, schedule};

#[derive(Args)]
#[command(after_help = "逐项检查并给出建议；有一项不通过时退出码为 1。")]
pub struct Doctor {}

/// One thing that was looked at.
#[derive(Debug, Serialize)]
struct Finding {
    /// What.
    what: &'static str,
    state: State,
    /// What was found, and what to do.
    text: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
enum State {
    Good,
    Warning,
    Bad,
}

impl Doctor {
    pub async fn run(self, shared: &Shared) -> anyhow::Result<bool> {
        let mut findings = Vec::new();
        let mut found = |what, state, text: String| findings.push(Finding { what, state, text });
        match shared.config() {
            Err(error) => found("配置", State::Bad, format!("{error:#}")),
            Ok(config) => {
                found("配置", State::Good, format!("服务地区 {}", config.platform.region_code));
                check_addresses(&config, &mut found);
                match AppState::open(config, &shared.dir).await {
                    Err(error) => found("数据", State::Bad, format!("{error:#}")),
                    Ok(state) => check_state(&state, &mut found).await,
                }
            }
        }
        check_tools(&mut found);
        let well = findings.iter().all(|finding| finding.state != State::Bad);
        if shared.json {
            print_json(&findings)?;
            return Ok(well);
        }
        for finding in &findings {
            let mark = match finding.state {
                State::Good => "✓",
                State::Warning => "!",
                State::Bad => "✗",
            };
            say!("{mark} {}：{}", finding.what, finding.text);
        }
        say!("{}", if well { "可以运行。" } else { "请先处理标 ✗ 的项目。" });
        Ok(well)
    }
}

fn check_addresses(config: &Config, found: &mut impl FnMut(&'static str, State, String)) {
    if config.platform.base_url.contains("127.0.0.1") || config.platform.base_url.contains("localhost") {
        found(
            "对外地址",
            State::Warning,
            format!("platform.base_url 是 {}：邮件里的链接别人打不开，上线前改成对外网址", config.platform.base_url),
        );
    }
    if config.platform.contact.is_empty() {
        found("联系方式", State::Warning, "platform.contact 为空：网页和邮件的页脚没有咨询方式".to_owned());
    }
    if config.api.token.is_empty() {
        found("接口令牌", State::Warning, "api.token 为空：发布、企业、投递等接口关闭".to_owned());
    } else if config.api.token.len() < 16 {
        found("接口令牌", State::Bad, "api.token 太短：至少 16 个字符".to_owned());
    }
}

async fn check_state(state: &AppState, found: &mut impl FnMut(&'static str, State, String)) {
    match state.store.policy_counts().await {
        Ok(counts) => found(
            "数据库",
            State::Good,
            format!("{}，政策 {} 条，变更 {} 条", state.store.backend(), counts.policies, counts.changes),
        ),
        Err(error) => found("数据库", State::Bad, error.to_string()),
    }
    match verify(state).await {
        Ok(difference) if difference.is_none() => {
            found("索引", State::Good, format!("与数据库一致，{} 条", difference.in_index));
        }
        Ok(difference) => found(
            "索引",
            State::Warning,
            format!(
                "与数据库相差 {} 条：zhida serve 会自动跟上，或运行 zhida index rebuild",
                difference.missing.len() + difference.surplus.len() + difference.stale.len()
            ),
        ),
        Err(error) => found("索引", State::Bad, format!("{error:#}：可删除数据目录里的 index 后重建")),
    }
    match (state.search.is_outdated(), state.search.others()) {
        (Err(error), _) => found(
            "词表",
            State::Bad,
            format!("{error:#}。目前照旧用以前的词表；改好这个文件或把它移走，zhida serve 会自动用上"),
        ),
        (Ok(true), _) => found(
            "词表",
            State::Warning,
            "有改动还没有用上：zhida serve 会自动重做索引，或运行 zhida index rebuild".to_owned(),
        ),
        (Ok(false), Ok(others)) if !others.is_empty() => found(
            "词表",
            State::Warning,
            format!("有 {} 个不再使用的旧索引占着空间：zhida serve 启动时会清理", others.len()),
        ),
        (Ok(false), _) => found("词表", State::Good, "索引与词表一致".to_owned()),
    }
    check_sources(state, found).await;
    match schedule::jobs(state).await {
        Ok(jobs) if jobs.iter().all(|scheduled| !scheduled.job.starts_with("crawl:")) => {
            found(
                "定时抓取",
                State::Warning,
                "没有要定时抓取的信息源：写进 crawl.sources，或保存自己的定义并写上 verified = true（zhida source list）".to_owned(),
            );
        }
        Ok(_) if state.config.crawl.contact.is_empty() => found(
            "抓取联系方式",
            State::Warning,
            "crawl.contact 为空：写上电话或邮箱，被抓取的网站才找得到人（放在 User-Agent 里）".to_owned(),
        ),
        Ok(jobs) => found("定时任务", State::Good, format!("{} 项", jobs.len())),
        Err(error) => found("定时任务", State::Bad, format!("{error:#}")),
    }
    check_mail(state, found).await;
    let now = clock::local(state.clock.now());
    let year = now.format("%Y").to_string();
    let state_of_clock = if year.as_str() < "2024" { State::Bad } else { State::Good };
    found("时钟", state_of_clock, format!("{}（Asia/Shanghai）", now.format("%Y-%m-%d %H:%M:%S")));
}

async fn check_sources(state: &AppState, found: &mut impl FnMut(&'static str, State, String)) {
    match state.sources.defined(&state.store).await {
        Ok(defined) => {
            for problem in &defined.problems {
                found("信息源", State::Bad, problem.clone());
            }
        }
        Err(error) => found("信息源", State::Bad, error.to_string()),
    }
    match state.store.alarms(false, 1_000).await {
        Ok(alarms) if alarms.is_empty() => {}
        Ok(alarms) => {
            for alarm in alarms.iter().take(20) {
                found(
                    "信息源",
                    State::Warning,
                    format!("{}：{}。{}", alarm.source, alarm.kind.title(), alarm.evidence.text),
                );
            }
            if state.config.crawl.editors.is_empty() {
                found("告警", State::Warning, "crawl.editors 为空：信息源的告警不会寄给任何人".to_owned());
            }
        }
        Err(error) => found("告警", State::Bad, error.to_string()),
    }
}

async fn check_mail(state: &AppState, found: &mut impl FnMut(&'static str, State, String)) {
    let mail = &state.config.mail;
    let Ok(url) = url::Url::parse(&mail.url) else {
        return found("邮件", State::Warning, "mail.url 为空：通知会留着不发".to_owned());
    };
    let host = url.host_str().unwrap_or_default().to_owned();
    let port = url.port().unwrap_or(if url.scheme() == "smtps" { 465 } else { 25 });
    let reached =
        tokio::time::timeout(std::time::Duration::from_secs(5), tokio::net::TcpStream::connect((host.as_str(), port)));
    match reached.await {
        Ok(Ok(_)) => found("邮件", State::Good, format!("{host}:{port} 可以连接，发件人 {}", mail.from)),
        Ok(Err(error)) => found("邮件", State::Bad, format!("连不上 {host}:{port}：{error}")),
        Err(_) => found("邮件", State::Bad, format!("连不上 {host}:{port}：5 秒没有回应，检查防火墙")),
    }
}

fn check_tools(found: &mut impl FnMut(&'static str, State, String)) {
    for (tool, files, package) in [("pdftotext", "PDF", "poppler-utils"), ("catdoc", "DOC", "catdoc")] {
        let there = std::process::Command::new(tool)
            .arg("-v")
            .stdin(std::process::Stdio::null())
            .stdout(std::process::Stdio::null())
            .stderr(std::process::Stdio::null())
            .status()
            .is_ok();
        if there {
            found("附件", State::Good, format!("{tool} 已安装，可读 {files}"));
        } else {
            found("附件", State::Warning, format!("没有 {tool}，{files} 附件会标为“未读取”：安装 {package} 即可"));
        }
    }
}
