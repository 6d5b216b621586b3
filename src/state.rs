//! What every part of the running program shares.

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::Context;
use zhida_crawlers::{Fetcher, FetcherConfig};

use crate::clock::Clock;
use crate::config::Config;
use crate::push::catcher::Caught;
use crate::search::Search;
use crate::searches::Searches;
use crate::sources::Sources;
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
    /// Source definitions.
    pub sources: Sources,
    /// What is searched for.
    pub searches: Searches,
    /// Time.
    pub clock: Clock,
    /// Signs the links in mails; made once and kept in the database.
    pub secret: Arc<str>,
    /// What fetches; see [`AppState::fetcher`].
    pub fetcher: OneFetcher,
    /// Mails caught by the demo's mail server; `None` outside the demo.
    pub caught: Option<Caught>,
}

/// The fetcher of the process, made when it is first asked for.
#[derive(Clone, Default)]
pub struct OneFetcher(Arc<Mutex<Option<Fetcher>>>);

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
        Ok(Self {
            config: Arc::new(config),
            store,
            search,
            sources: Sources::default(),
            fetcher: OneFetcher::default(),
            searches: Searches::default(),
            clock: Clock::System,
            secret: secret.into(),
            caught: None,
        })
    }

    /// The fetcher, as configured: one for the process, so that two sources on one host wait for each other.
    ///
    /// # Errors
    /// An entry of `crawl.allow_private` is no address.
    pub fn fetcher(&self) -> anyhow::Result<Fetcher> {
        let mut made = self.fetcher.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(fetcher) = &*made {
            return Ok(fetcher.clone());
        }
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
        let fetcher = Fetcher::new(config)?;
        *made = Some(fetcher.clone());
        Ok(fetcher)
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

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
