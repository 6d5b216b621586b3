//! Settings: one struct per concern, read from `zhida.toml` and the environment, checked at start.

use serde::{Deserialize, Serialize};

/// All settings.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// The deployment itself.
    pub platform: Platform,
    /// SQL.
    pub database: Database,
    /// Web and API.
    pub http: Http,
    /// Crawling.
    pub crawl: Crawl,
    /// Push.
    pub push: Push,
    /// Mail channel.
    pub mail: Mail,
    /// API.
    pub api: Api,
}

/// The deployment itself.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Platform {
    /// Name shown on every page and in every mail.
    pub name: String,
    /// GB/T 2260 code of the region served: the default scope of search.
    pub region_code: String,
    /// Public address, without a slash at the end; links in mails start with it.
    pub base_url: String,
    /// Whom subscribers can ask; shown at the foot of pages and mails.
    pub contact: String,
}

impl Default for Platform {
    fn default() -> Self {
        Self {
            name: "直达惠企政策".to_owned(),
            region_code: "100000".to_owned(),
            base_url: "http://127.0.0.1:8080".to_owned(),
            contact: String::new(),
        }
    }
}

/// SQL.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Database {
    /// `postgres://…` or `sqlite:PATH`; empty for `zhida.db` in the data directory.
    pub url: String,
}

/// Web and API.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Http {
    /// Address to listen on.
    pub listen: String,
}

impl Default for Http {
    fn default() -> Self {
        Self { listen: "127.0.0.1:8080".to_owned() }
    }
}

/// Crawling.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Crawl {
    /// Contact in the User-Agent.
    pub contact: String,
    /// Milliseconds between two requests to one host.
    pub delay_ms: u64,
    /// Seconds for one request.
    pub timeout_s: u64,
    /// Megabytes for one body.
    pub max_mb: usize,
    /// Addresses that are not public and may be reached all the same.
    pub allow_private: Vec<String>,
    /// Names of the sources that are crawled by schedule; `all` for every bundled one that is verified.
    pub sources: Vec<String>,
}

impl Default for Crawl {
    fn default() -> Self {
        Self {
            contact: String::new(),
            delay_ms: 1000,
            timeout_s: 30,
            max_mb: 20,
            allow_private: Vec::new(),
            sources: Vec::new(),
        }
    }
}

/// Push.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Push {
    /// A document published more days ago than this is announced to nobody.
    pub max_age_days: i64,
    /// Local time of the daily digest, `HH:MM`.
    pub daily_at: String,
}

impl Default for Push {
    fn default() -> Self {
        Self { max_age_days: 7, daily_at: "08:30".to_owned() }
    }
}

/// Mail channel.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Mail {
    /// `smtp://host:port`, `smtps://user:password@host:port`; empty: mail is off and deliveries wait.
    pub url: String,
    /// Sender, `名称 <address>` or an address.
    pub from: String,
}

impl Default for Mail {
    fn default() -> Self {
        Self { url: String::new(), from: "noreply@localhost".to_owned() }
    }
}

/// API.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Api {
    /// Bearer token for endpoints that write or show personal data; empty: they are closed.
    pub token: String,
}
