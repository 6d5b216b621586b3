//! The main job on bundled samples, with nothing to install: a local sample government site is served, crawled,
//! indexed and matched against sample enterprises; the notices go by real SMTP to a built-in mail catcher.
//!
//! `--site DIR` and `--profiles F` do the same with pages and profiles that were not written for it.

pub mod site;

use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use serde::Serialize;
use zhida_crawlers::Source;
use zhida_schemas::Enterprise;

use crate::clock::Clock;
use crate::config::Config;
use crate::crawl::{Progress, crawl};
use crate::pipeline::indexer::{self, Indexer};
use crate::pipeline::matcher::Matcher;
use crate::push::catcher::Catcher;
use crate::push::channels::Channels;
use crate::push::outbox::deliver_due;
use crate::sources::Sources;
use crate::state::AppState;
use crate::store::crawls::CrawlRun;

/// The bundled sample enterprises.
const PROFILES: &str = include_str!("profiles.jsonl");

/// What the demo did.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Summary {
    /// One for each source.
    pub crawls: Vec<CrawlRun>,
    /// Policies in SQL.
    pub stored: usize,
    /// Policies in the index, when it is equal to SQL.
    pub indexed: usize,
    /// Sample enterprises.
    pub enterprises: usize,
    /// Enterprise × policy.
    pub matched: i64,
    /// Documents that were too old to be told of.
    pub too_old: usize,
    /// Documents without any date, not told of.
    pub undated: usize,
    /// Address × policy, promised.
    pub deliveries: i64,
    /// Address × policy, delivered.
    pub delivered: i64,
    /// Mails in the catcher.
    pub mails: usize,
    /// Who hears of what, and why.
    pub notices: Vec<Notice>,
    /// What did not do its part; empty when all is well.
    pub failures: Vec<String>,
}

/// One line of the table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Notice {
    /// Name of the enterprise.
    pub enterprise: String,
    /// Where the mail went.
    pub address: String,
    /// Title of the policy.
    pub policy: String,
    /// The reasons that are met.
    pub why: Vec<String>,
    /// `sent`, or what became of it.
    pub state: String,
}

/// The running demo: drop it and the site, the catcher and the data are gone.
pub struct Demo {
    /// What the web needs.
    pub state: AppState,
    /// Address of the sample site.
    pub site_url: String,
    _site: site::Site,
    _catcher: Catcher,
}

/// What to run the demo on.
#[derive(Debug, Clone, Default)]
pub struct Input {
    /// Pages that replace the bundled site.
    pub site: Option<PathBuf>,
    /// Profiles that replace the bundled ones, one JSON object a line.
    pub profiles: Option<PathBuf>,
    /// Where the web will be, for the links in the mails.
    pub base_url: String,
}

impl Demo {
    /// Serves the site and the mail catcher, and opens the data directory.
    ///
    /// # Errors
    /// A port or the directory cannot be used; the site's folder is not there.
    pub async fn start(input: &Input, dir: &Path, clock: Clock) -> anyhow::Result<Self> {
        let site = match &input.site {
            Some(folder) => site::Site::of_folder(folder).await?,
            None => site::Site::bundled(clock.clone()).await?,
        };
        let catcher = Catcher::start("127.0.0.1:0").await.context("内置的邮件服务器无法启动")?;
        let mut config = Config::default();
        config.platform.name = "直达（演示）".to_owned();
        config.platform.base_url = input.base_url.clone();
        config.platform.region_code = "320000".to_owned();
        config.platform.contact = "演示数据，请勿用于实际申报".to_owned();
        config.crawl.allow_private = vec![site.address().to_string()];
        config.crawl.delay_ms = 20;
        config.mail.url = format!("smtp://{}", catcher.address());
        config.mail.from = "直达（演示） <noreply@zhida.example>".to_owned();
        if input.site.is_some() {
            // saved pages are of any age, and the point is to see them delivered
            config.platform.region_code = zhida_schemas::region::NATION.to_owned();
            config.push.max_age_days = 36_500;
        }
        let mut state = AppState::open(config, dir).await?;
        state.sources = Sources::fixed(site.sources()?);
        state.caught = Some(catcher.caught());
        state.clock = clock;
        Ok(Self { state, site_url: site.url(), _site: site, _catcher: catcher })
    }

    /// Does the whole job once: crawl, store, index, match, deliver.
    ///
    /// # Errors
    /// The database, the index or a profile failed. What went wrong on the way is in the summary's `failures`.
    pub async fn run(&self, profiles: &[Enterprise], mut progress: impl FnMut(&str)) -> anyhow::Result<Summary> {
        let state = &self.state;
        let mut summary = Summary { enterprises: profiles.len(), ..Summary::default() };
        state.store.save_enterprises(profiles, state.clock.now()).await?;

        let fetcher = state.fetcher()?;
        for source in &state.sources.defined(&state.store).await?.sources {
            progress(&format!("抓取 {}", source.title));
            let run = crawl(state, &fetcher, source, false, |step| {
                if let Progress::Done(item) = step {
                    progress(&format!("抓取 {}", item.title.as_deref().unwrap_or(&item.url)));
                }
            })
            .await?;
            summary.crawls.extend(run);
        }

        progress("建索引");
        Indexer::open(state.search.index())?.run(&state.store, |_| {}).await?;
        let difference = indexer::verify(state).await?;
        summary.stored = difference.in_sql;
        if difference.is_none() {
            summary.indexed = difference.in_index;
        }

        progress("匹配企业");
        let matched = Matcher::new(state.search.analyzer()).run(state).await?;
        summary.matched = state.store.match_count().await?;
        summary.too_old = matched.too_old;
        summary.undated = matched.undated;

        progress("寄信");
        let channels = Channels::from_config(&state.config)?;
        deliver_due(state, &channels, "demo").await?;
        // the daily digests are not due before tomorrow morning: travel there
        let tomorrow =
            chrono::DateTime::from_timestamp_millis(state.clock.now() + crate::clock::DAY_MS).unwrap_or_default();
        let later = AppState { clock: Clock::fixed(tomorrow), ..state.clone() };
        deliver_due(&later, &channels, "demo").await?;

        let counts = state.store.delivery_counts().await?;
        summary.delivered = counts.sent;
        summary.deliveries = counts.sent + counts.waiting + counts.pending + counts.failed;
        summary.mails = state.caught.as_ref().map_or(0, |caught| caught.mails().len());
        summary.notices = self.notices().await?;
        summary.failures = failures(&summary);
        Ok(summary)
    }

    async fn notices(&self) -> anyhow::Result<Vec<Notice>> {
        let mut notices = Vec::new();
        for row in self.state.store.deliveries(None, 0, 10_000).await? {
            for (enterprise, matched) in self.state.store.matches_of_delivery(&row.id).await? {
                let met = matched.reasons.into_iter().filter(|r| r.state == zhida_schemas::ReasonState::Met);
                notices.push(Notice {
                    enterprise,
                    address: row.address.clone(),
                    policy: row.policy_title.clone(),
                    why: met.map(|reason| reason.text).collect(),
                    state: row.state.clone(),
                });
            }
        }
        notices.sort_by(|a, b| (&a.enterprise, &a.policy).cmp(&(&b.enterprise, &b.policy)));
        Ok(notices)
    }
}

/// Which steps did not do their part.
fn failures(summary: &Summary) -> Vec<String> {
    let mut failures = Vec::new();
    let new: i64 = summary.crawls.iter().map(|run| run.new).sum();
    if summary.crawls.iter().map(|run| run.found).sum::<i64>() == 0 {
        failures.push("抓取：列表里没有找到任何文章".to_owned());
    }
    if new == 0 {
        failures.push("抓取：没有一个网页读成了政策".to_owned());
    }
    if summary.stored == 0 || summary.indexed != summary.stored {
        failures.push(format!("索引：数据库有 {} 条，索引有 {} 条", summary.stored, summary.indexed));
    }
    if summary.matched == 0 {
        failures.push("匹配：没有一份政策与任何企业匹配，无信可寄".to_owned());
    }
    if summary.delivered < summary.deliveries || summary.deliveries == 0 {
        failures.push(format!("寄信：应送达 {} 条，实际送达 {} 条", summary.deliveries, summary.delivered));
    }
    if summary.delivered > 0 && summary.mails == 0 {
        failures.push("寄信：邮件服务器没有收到邮件".to_owned());
    }
    failures
}

/// The profiles to run on. One without an address gets one at the demo's own domain.
///
/// # Errors
/// A line is no profile; there is none.
pub fn profiles(file: Option<&Path>) -> anyhow::Result<Vec<Enterprise>> {
    let text = match file {
        Some(path) => std::fs::read_to_string(path).with_context(|| format!("读不到企业画像 {}", path.display()))?,
        None => PROFILES.to_owned(),
    };
    let mut profiles = Vec::new();
    for (number, line) in (1..).zip(text.trim_start_matches('\u{feff}').lines()) {
        if line.trim().is_empty() {
            continue;
        }
        let value = serde_json::from_str(line).with_context(|| format!("企业画像第 {number} 行不是有效的 JSON"))?;
        let mut profile = crate::api::enterprises::parse_profile(value)
            .map_err(|reason| anyhow::anyhow!("企业画像第 {number} 行：{reason}"))?;
        if profile.email.is_none() {
            let local: String =
                profile.id.chars().filter(|c| c.is_ascii_alphanumeric() || "-_.".contains(*c)).collect();
            profile.email = Some(format!("enterprise-{number}-{local}@demo.example"));
        }
        profiles.push(profile);
    }
    if profiles.is_empty() {
        bail!("企业画像文件是空的：每行应有一个 JSON 对象");
    }
    Ok(profiles)
}

/// The definitions below `sources/` of the bundled site, or of a folder that has such.
fn parse_sources(texts: impl Iterator<Item = (String, String)>, base: &str) -> anyhow::Result<Vec<Source>> {
    texts
        .map(|(name, text)| {
            Source::parse(&text.replace("{{base}}", base)).with_context(|| format!("信息源定义 {name} 有误"))
        })
        .collect()
}
