use std::io::{Read, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use clap::{Args, Subcommand};
use zhida_crawlers::Source;

use super::{Shared, print_json, say, table};
use crate::api::sources::MAX_DEFINITION;
use crate::sources::{Defined, read_definition};
use crate::state::AppState;
use crate::{clock, schedule};

#[derive(Args)]
#[command(after_help = "\
例子：
  zhida source list                         列出信息源、上次抓取和未解除的告警
  zhida source new https://某站/列表页/     看一个列表页，起草一份定义
  zhida source test 我的站点.toml           不入库，看看会读到什么；--html 报告.html 与网页对照
  zhida source save 我的站点.toml           存入数据库，立即生效
  zhida source show 名字 > 名字.toml        导出
  zhida source history 名字                 历次修改；source revert 名字 版本 恢复
  zhida source alarms                       没有解除的告警
  zhida source reread 名字                  改了定义后，把存下的网页重新读一遍")]
pub struct SourceCommand {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    /// 列出信息源
    List,
    /// 打印一份带说明的定义模板
    Template,
    /// 看一个列表页，起草一份定义
    New {
        /// 列表页的网址
        #[arg(value_name = "网址")]
        url: String,
        /// 写到文件；不写时打印出来
        #[arg(long, short, value_name = "文件")]
        output: Option<PathBuf>,
    },
    /// 看看一个定义会读到什么，逐项列出；不入库
    Test {
        /// 信息源的名字、定义文件，或列表页的网址
        #[arg(value_name = "信息源")]
        source: String,
        /// 每个列表读几篇文章
        #[arg(long, short = 'n', default_value_t = 3, value_name = "篇数")]
        articles: usize,
        /// 写一份报告：左边是网页，右边是读出的要素
        #[arg(long, value_name = "文件")]
        html: Option<PathBuf>,
    },
    /// 保存一份定义（新的一版），立即生效
    Save {
        /// 定义文件；- 表示标准输入
        #[arg(value_name = "文件")]
        file: PathBuf,
        /// 这次改了什么
        #[arg(long, default_value = "", value_name = "说明")]
        note: String,
    },
    /// 打印一份定义
    Show {
        /// 信息源的名字
        #[arg(value_name = "名字")]
        name: String,
        /// 哪一版；不写时是正在用的
        #[arg(long, value_name = "版本")]
        version: Option<i64>,
    },
    /// 一份定义的历次修改
    History {
        /// 信息源的名字
        #[arg(value_name = "名字")]
        name: String,
    },
    /// 恢复以前的一版（作为新的一版）
    Revert {
        /// 信息源的名字
        #[arg(value_name = "名字")]
        name: String,
        /// 哪一版
        #[arg(value_name = "版本")]
        version: i64,
    },
    /// 删除自己的定义；自带的同名定义重新生效，以前的各版仍可恢复
    Remove {
        /// 信息源的名字
        #[arg(value_name = "名字")]
        name: String,
    },
    /// 列出告警
    Alarms {
        /// 已解除的也列出
        #[arg(long)]
        all: bool,
    },
    /// 取出存下的一个网页（编号见告警），原样输出
    Page {
        /// 网页副本的编号
        #[arg(value_name = "编号")]
        id: i64,
        /// 写到文件；不写时输出到标准输出
        #[arg(long, short, value_name = "文件")]
        output: Option<PathBuf>,
    },
    /// 用现在的定义把存下的网页重新读一遍（不访问网站）
    Reread {
        /// 信息源的名字
        #[arg(value_name = "名字")]
        name: String,
    },
}

impl SourceCommand {
    pub async fn run(self, shared: &Shared) -> anyhow::Result<bool> {
        let state = shared.state().await?;
        match self.what {
            What::List => list(shared, &state).await,
            What::Template => {
                say!("{}", Source::template());
                Ok(true)
            }
            What::New { url, output } => draft(shared, &state, &url, output.as_deref()).await,
            What::Test { source, articles, html } => {
                super::probe::run(shared, &state, &source, articles, html.as_deref()).await
            }
            What::Save { file, note } => save(shared, &state, &file, &note).await,
            What::Show { name, version } => show(&state, &name, version).await,
            What::History { name } => history(shared, &state, &name).await,
            What::Revert { name, version } => {
                let definition = version_of(&state, &name, version).await?;
                store(shared, &state, &name, &definition, &format!("恢复第 {version} 版")).await
            }
            What::Remove { name } => remove(shared, &state, &name).await,
            What::Alarms { all } => alarms(shared, &state, all).await,
            What::Page { id, output } => page(&state, id, output.as_deref()).await,
            What::Reread { name } => reread(shared, &state, &name).await,
        }
    }
}

/// A source by name, by file, or by the address of a list page.
pub fn find(defined: &Defined, name: &str) -> anyhow::Result<Source> {
    if let Some(source) = defined.get(name) {
        return Ok(source.clone());
    }
    if name.starts_with("http://") || name.starts_with("https://") {
        return Source::generic(name).with_context(|| format!("{name} 不能作为列表页"));
    }
    if name.ends_with(".toml") {
        let text = read_file(Path::new(name))?;
        return Source::parse(&text).with_context(|| format!("信息源定义 {name} 有误"));
    }
    if let Some(problem) = defined.problems.iter().find(|problem| problem.contains(name)) {
        bail!("{problem}");
    }
    let names: Vec<&str> = defined.sources.iter().map(|source| source.name.as_str()).collect();
    bail!("没有叫 {name} 的信息源。现有：{}", names.join("、"));
}

fn read_file(path: &Path) -> anyhow::Result<String> {
    let mut bytes = Vec::new();
    let input: Box<dyn Read> = if path.as_os_str() == "-" {
        Box::new(std::io::stdin())
    } else {
        Box::new(std::fs::File::open(path).with_context(|| format!("读不到信息源定义 {}", path.display()))?)
    };
    input
        .take(MAX_DEFINITION as u64 + 1)
        .read_to_end(&mut bytes)
        .with_context(|| format!("读不了 {}", path.display()))?;
    anyhow::ensure!(bytes.len() <= MAX_DEFINITION, "{} 超过 {} KB", path.display(), MAX_DEFINITION / 1024);
    Ok(zhida_crawlers::source::text_of_file(&bytes))
}

/// Sources with their last run and open alarms.
pub async fn list(shared: &Shared, state: &AppState) -> anyhow::Result<bool> {
    let runs = state.store.last_crawls().await?;
    let alarms = state.store.alarms(false, 1_000).await?;
    let defined = state.sources.defined(&state.store).await?;
    let open = |name: &str| alarms.iter().filter(|alarm| alarm.source == name).collect::<Vec<_>>();
    if shared.json {
        let sources: Vec<_> = defined
            .sources
            .iter()
            .map(|source| {
                let last = runs.iter().find(|run| run.source == source.name);
                serde_json::json!({ "name": source.name, "title": source.title, "region_code": source.region_code,
                    "verified": source.verified, "schedule": source.schedule,
                    "version": defined.version(&source.name), "last_run": last, "alarms": open(&source.name) })
            })
            .collect();
        print_json(&sources)?;
        return Ok(true);
    }
    let rows: Vec<Vec<String>> = defined
        .sources
        .iter()
        .map(|source| {
            let last = runs.iter().find(|run| run.source == source.name);
            let last = last.map_or_else(
                || "从未".to_owned(),
                |run| match run.finished_at {
                    Some(_) => format!("{} 新增 {} 失败 {}", short_time(run.started_at), run.new, run.failed),
                    None => format!("{} 没有抓完", short_time(run.started_at)),
                },
            );
            let region = zhida_schemas::region::by_code(&source.region_code).map_or("", |region| region.name);
            let kind = match (defined.version(&source.name), source.verified) {
                (Some(version), _) => format!("第 {version} 版"),
                (None, true) => "自带".to_owned(),
                (None, false) => "自带，未核实".to_owned(),
            };
            let open: Vec<&str> = open(&source.name).iter().map(|alarm| alarm.kind.title()).collect();
            vec![
                source.name.clone(),
                source.title.clone(),
                region.to_owned(),
                kind,
                source.schedule.clone(),
                last,
                open.join("、"),
            ]
        })
        .collect();
    for problem in &defined.problems {
        eprintln!("{problem}");
    }
    table::print(&["名字", "站点", "地区", "定义", "时间表（秒 分 时 日 月 周）", "上次抓取", "告警"], &rows);
    Ok(true)
}

fn short_time(at: i64) -> String {
    clock::local(at).format("%m-%d %H:%M").to_string()
}

async fn save(shared: &Shared, state: &AppState, file: &Path, note: &str) -> anyhow::Result<bool> {
    let text = read_file(file)?;
    let source = Source::parse(&text).with_context(|| format!("信息源定义 {} 有误", file.display()))?;
    store(shared, state, &source.name, &text, note).await
}

async fn store(shared: &Shared, state: &AppState, name: &str, definition: &str, note: &str) -> anyhow::Result<bool> {
    let source = read_definition(name, definition)?;
    let version = state.store.save_source(name, Some(definition), note, state.clock.now()).await?;
    if shared.json {
        print_json(&serde_json::json!({ "name": name, "version": version }))?;
        return Ok(true);
    }
    say!("已保存：{name} 第 {version} 版，立即生效");
    for odd in schedule::oddities(&source, state.clock.now()) {
        say!("注意：{odd}");
    }
    let wanted = schedule::wanted(state).await.unwrap_or_default();
    match wanted.iter().find(|source| source.name == name) {
        Some(source) => say!("按时间表抓取（{}）。现在抓一次：zhida crawl {name}", source.schedule),
        None => say!("它还不会定时抓取：核对无误后写上 verified = true 再保存。现在抓一次：zhida crawl {name}"),
    }
    Ok(true)
}

async fn show(state: &AppState, name: &str, version: Option<i64>) -> anyhow::Result<bool> {
    let text = match version {
        Some(version) => version_of(state, name, version).await?,
        None => {
            crate::api::sources::definition(state, name).await.map_err(|problem| anyhow::anyhow!(problem.detail))?
        }
    };
    say!("{}", text.trim_end());
    Ok(true)
}

async fn version_of(state: &AppState, name: &str, version: i64) -> anyhow::Result<String> {
    let saved = state.store.source_versions(name).await?.into_iter().find(|saved| saved.version == version);
    let definition = saved.and_then(|saved| saved.definition);
    definition.with_context(|| format!("{name} 没有第 {version} 版：zhida source history {name} 列出各版"))
}

async fn history(shared: &Shared, state: &AppState, name: &str) -> anyhow::Result<bool> {
    let versions = state.store.source_versions(name).await?;
    if shared.json {
        print_json(&versions)?;
        return Ok(true);
    }
    if versions.is_empty() {
        let defined = state.sources.defined(&state.store).await?;
        find(&defined, name)?;
        say!("{name} 是自带的定义，没有改过");
        return Ok(true);
    }
    let rows: Vec<Vec<String>> = versions
        .into_iter()
        .map(|version| {
            let what = if version.definition.is_some() { version.note } else { format!("删除 {}", version.note) };
            vec![version.version.to_string(), clock::local(version.at).format("%Y-%m-%d %H:%M").to_string(), what]
        })
        .collect();
    table::print(&["版本", "时间", "说明"], &rows);
    Ok(true)
}

async fn remove(shared: &Shared, state: &AppState, name: &str) -> anyhow::Result<bool> {
    let versions = state.store.source_versions(name).await?;
    if versions.first().is_none_or(|last| last.definition.is_none()) {
        bail!("{name} 不是自己保存的定义，不能删除");
    }
    state.store.save_source(name, None, "", state.clock.now()).await?;
    let left = state.sources.defined(&state.store).await?.get(name).is_some();
    if shared.json {
        print_json(&serde_json::json!({ "name": name, "version": null }))?;
    } else if left {
        say!("已删除；自带的 {name} 重新生效");
    } else {
        say!("已删除；zhida source revert {name} 版本 可以恢复");
    }
    Ok(true)
}

async fn alarms(shared: &Shared, state: &AppState, all: bool) -> anyhow::Result<bool> {
    let alarms = state.store.alarms(all, 1_000).await?;
    if shared.json {
        print_json(&alarms)?;
        return Ok(true);
    }
    if alarms.is_empty() {
        say!("没有{}告警", if all { "过" } else { "未解除的" });
        return Ok(true);
    }
    for alarm in alarms {
        let state = alarm.resolved_at.map_or_else(|| "未解除".to_owned(), |at| format!("已于 {} 解除", short_time(at)));
        say!("{}（{}）  {} 起，{state}", alarm.kind.title(), alarm.source, short_time(alarm.raised_at));
        say!("  {}", alarm.evidence.text);
        if let Some(url) = &alarm.evidence.url {
            say!("  网页：{url}");
        }
        if let Some(copy) = alarm.evidence.copy {
            say!("  当时的网页：zhida source page {copy} -o 网页.html");
        }
        if let Some(copy) = alarm.evidence.good_copy {
            say!("  上次正常的网页：zhida source page {copy} -o 网页.html");
        }
    }
    Ok(true)
}

async fn page(state: &AppState, id: i64, output: Option<&Path>) -> anyhow::Result<bool> {
    let (copy, raw) = state.store.page_copy(id).await?.with_context(|| format!("没有编号为 {id} 的网页副本"))?;
    match output {
        Some(path) => {
            std::fs::write(path, raw).with_context(|| format!("写不了 {}", path.display()))?;
            say!("{} 在 {} 的样子，已写入 {}", copy.url, short_time(copy.seen_at), path.display());
        }
        None => std::io::stdout().lock().write_all(&raw)?,
    }
    Ok(true)
}

async fn draft(shared: &Shared, state: &AppState, url: &str, output: Option<&Path>) -> anyhow::Result<bool> {
    let draft = zhida_crawlers::draft(&state.fetcher()?, url).await;
    let draft = draft.map_err(|error| anyhow::anyhow!("{}", error.describe()))?;
    if shared.json {
        print_json(&draft)?;
        return Ok(true);
    }
    let text = draft.toml;
    for note in &draft.notes {
        eprintln!("# {note}");
    }
    for item in draft.sample.iter().take(3) {
        let date = item.date.map(|date| date.to_string()).unwrap_or_default();
        eprintln!("# 例如 {date} {}", item.title.as_deref().unwrap_or(&item.url));
    }
    match output {
        Some(path) => {
            anyhow::ensure!(!path.exists(), "{} 已存在，换一个文件名", path.display());
            std::fs::write(path, &text).with_context(|| format!("写不了 {}", path.display()))?;
            say!("已写入 {}。下一步：zhida source test {}", path.display(), path.display());
        }
        None => say!("{}", text.trim_end()),
    }
    Ok(true)
}

async fn reread(shared: &Shared, state: &AppState, name: &str) -> anyhow::Result<bool> {
    let defined = state.sources.defined(&state.store).await?;
    let source = find(&defined, name)?;
    let bar = shared.progress(0, "重读", super::SPIN);
    let report = crate::crawl::reread(state, &source, || bar.inc(1)).await?;
    bar.finish_and_clear();
    let (indexed, matched) = crate::pipeline::catch_up(state).await?;
    if shared.json {
        print_json(&serde_json::json!({ "reread": report, "indexed": indexed, "matched": matched }))?;
    } else {
        say!(
            "{name}：重读 {} 页，更新 {}，未变 {}，读不成 {}",
            report.read,
            report.changed,
            report.unchanged,
            report.failed
        );
        for error in report.errors.iter().take(20) {
            say!("  {error}");
        }
    }
    Ok(true)
}
