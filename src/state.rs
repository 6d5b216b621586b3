//! What every part of the running program shares.

use std::path::Path;
use std::sync::Arc;

use anyhow::Context;
use zhida_crawlers::{Fetcher, FetcherConfig, Source};

use crate::clock::Clock;
use crate::config::Config;
use crate::push::catcher::Caught;
use crate::search::Search;
use crate::searches::Searches;
use crate::store::Store;

/// Shared by handlers, workers and commands. Cheap to clone.
#[derive(Clone)]
pub struct AppState {
    /// Settings, checked at start.
    pub config: Arc<Config>,
    /// SQL.
    pub store: Store,
    /// Search index, with the text analysis that matching shares.
    pub search: Search,
    /// Source definitions: those of the data directory and, where no such has its name, the bundled ones.
    pub sources: Arc<Vec<Source>>,
    /// Definitions of the data directory that cannot be read, in words; the others are used all the same.
    pub source_problems: Arc<Vec<String>>,
    /// What is searched for.
    pub searches: Searches,
    /// Time.
    pub clock: Clock,
    /// Signs the links in mails; made once and kept in the database.
    pub secret: Arc<str>,
    /// Mails caught by the demo's mail server; `None` outside the demo.
    pub caught: Option<Caught>,
}

impl AppState {
    /// Opens the database and the index of a data directory; both are made when they are not there.
    ///
    /// # Errors
    /// The directory cannot be written, the database cannot be opened, the index is damaged.
    pub async fn open(config: Config, dir: &Path) -> anyhow::Result<Self> {
        std::fs::create_dir_all(dir)
            .with_context(|| format!("无法建立数据目录 {}，请检查权限或用 --dir 指定其他目录", dir.display()))?;
        let store = Store::open(&database_url(&config, dir)).await.context("无法打开数据库")?;
        let search = Search::open(dir).context("无法打开检索索引")?;
        let secret = store.secret("link-signing", || hex(&rand::random::<[u8; 32]>())).await?;
        let (sources, problems) = sources_of(dir)?;
        for problem in &problems {
            tracing::warn!(problem, "a source definition is left out");
        }
        Ok(Self {
            config: Arc::new(config),
            store,
            search,
            sources: Arc::new(sources),
            source_problems: Arc::new(problems),
            searches: Searches::default(),
            clock: Clock::System,
            secret: secret.into(),
            caught: None,
        })
    }

    /// A fetcher that behaves as configured.
    ///
    /// # Errors
    /// An entry of `crawl.allow_private` is no address.
    pub fn fetcher(&self) -> anyhow::Result<Fetcher> {
        let crawl = &self.config.crawl;
        let contact = if crawl.contact.is_empty() { &self.config.platform.base_url } else { &crawl.contact };
        let config = FetcherConfig {
            user_agent: format!("zhida/{} (+{contact})", env!("CARGO_PKG_VERSION")),
            delay: std::time::Duration::from_millis(crawl.delay_ms),
            timeout: std::time::Duration::from_secs(crawl.timeout_s),
            max_bytes: crawl.max_mb * 1024 * 1024,
            allow_private: crawl.allow_private.clone(),
            ..FetcherConfig::default()
        };
        Ok(Fetcher::new(config)?)
    }
}

/// The configured database, or the embedded one in the data directory.
pub fn database_url(config: &Config, dir: &Path) -> String {
    if config.database.url.is_empty() {
        format!("sqlite:{}", dir.join("zhida.db").display())
    } else {
        config.database.url.clone()
    }
}

/// Reads `sources/*.toml` of a data directory over the bundled definitions; with them, in words, what is wrong with
/// those that cannot be used. One slip of an editor must not stop everything else.
///
/// # Errors
/// The folder cannot be read.
pub fn sources_of(dir: &Path) -> anyhow::Result<(Vec<Source>, Vec<String>)> {
    let mut problems = Vec::new();
    let mut sources: std::collections::BTreeMap<String, Source> =
        Source::bundled().into_iter().map(|source| (source.name.clone(), source)).collect();
    let own = dir.join("sources");
    if own.is_dir() {
        for entry in std::fs::read_dir(&own)? {
            let path = entry?.path();
            if path.extension().is_some_and(|ending| ending == "toml") {
                match read_source(&path) {
                    Ok(source) => drop(sources.insert(source.name.clone(), source)),
                    Err(error) => problems.push(format!("{error:#}")),
                }
            }
        }
    }
    Ok((sources.into_values().collect(), problems))
}

/// Reads one definition from a file.
///
/// # Errors
/// The file cannot be read or is no definition; the message names it.
pub fn read_source(path: &Path) -> anyhow::Result<Source> {
    let text = std::fs::read_to_string(path).with_context(|| format!("读不到信息源定义 {}", path.display()))?;
    Source::parse(&text).with_context(|| format!("信息源定义 {} 有误", path.display()))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
