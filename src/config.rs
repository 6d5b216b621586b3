//! Settings: one struct per concern, read from `zhida.toml` and the environment, checked at start.
//!
//! Every key is also an environment variable, `ZHIDA_SECTION_KEY` in capitals (`ZHIDA_MAIL_URL`); the environment wins
//! over the file, the file over the defaults. A list is written with commas.

use std::path::Path;

use chrono::NaiveTime;
use serde::{Deserialize, Serialize};

/// Why the settings were rejected: which key, what is wrong with it, what to write instead.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("配置有误：{0}")]
pub struct ConfigError(String);

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
    /// Names of the sources that are crawled by schedule, besides saved ones that are verified; `all` for every
    /// verified one.
    pub sources: Vec<String>,
    /// Mail addresses that are told of every source's alarms.
    pub editors: Vec<String>,
    /// Days that copies of pages are kept; the last good copy of a page is kept for ever.
    pub keep_pages_days: i64,
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
            editors: Vec::new(),
            keep_pages_days: 180,
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

impl Config {
    /// Reads the file, when there is one, and the environment, and checks every value.
    ///
    /// # Errors
    /// The file cannot be read or has an unknown key; a value is of the wrong type or does not make sense.
    pub fn load(file: Option<&Path>, environment: impl Iterator<Item = (String, String)>) -> Result<Self, ConfigError> {
        let text = match file {
            Some(path) => std::fs::read_to_string(path)
                .map_err(|error| ConfigError(format!("读不到配置文件 {}：{error}", path.display())))?,
            None => String::new(),
        };
        let from_file: Self = toml::from_str(&text).map_err(|error| ConfigError(error.to_string()))?;
        let config = with_environment(&from_file, environment)?;
        config.check()?;
        Ok(config)
    }

    /// Local time of the daily digest.
    pub fn daily_at(&self) -> NaiveTime {
        parse_time(&self.push.daily_at).unwrap_or(NaiveTime::MIN)
    }

    fn check(&self) -> Result<(), ConfigError> {
        let wrong = |key: &str, value: &str, advice: &str| Err(ConfigError(format!("{key} = {value:?}：{advice}")));
        if zhida_schemas::region::by_code(&self.platform.region_code).is_none() {
            return wrong("platform.region_code", &self.platform.region_code, "应为六位行政区划代码，例如 321100");
        }
        match url::Url::parse(&self.platform.base_url) {
            Ok(url) if matches!(url.scheme(), "http" | "https") && !self.platform.base_url.ends_with('/') => {}
            _ => {
                return wrong(
                    "platform.base_url",
                    &self.platform.base_url,
                    "应以 http:// 或 https:// 开头，末尾不带斜杠",
                );
            }
        }
        if self.http.listen.parse::<std::net::SocketAddr>().is_err() {
            return wrong("http.listen", &self.http.listen, "应为 地址:端口，例如 127.0.0.1:8080");
        }
        if parse_time(&self.push.daily_at).is_none() {
            return wrong("push.daily_at", &self.push.daily_at, "应为 时:分，例如 08:30");
        }
        if !(0..=36_500).contains(&self.push.max_age_days) {
            return wrong("push.max_age_days", &self.push.max_age_days.to_string(), "应为 0 到 36500 之间的天数");
        }
        if self.mail.from.parse::<lettre::message::Mailbox>().is_err() {
            return wrong("mail.from", &self.mail.from, "应为邮件地址，例如 直达 <noreply@example.org>");
        }
        if !self.mail.url.is_empty() {
            match url::Url::parse(&self.mail.url) {
                Ok(url) if matches!(url.scheme(), "smtp" | "smtps" | "smtp+starttls") && url.has_host() => {}
                // the address may hold a password, so it is not repeated
                _ => {
                    return wrong(
                        "mail.url",
                        "…",
                        "应为 smtp://主机:端口、smtps://用户:密码@主机 或 smtp+starttls://用户:密码@主机",
                    );
                }
            }
        }
        if self.crawl.max_mb == 0 || self.crawl.timeout_s == 0 {
            return wrong("crawl.max_mb, crawl.timeout_s", "0", "应大于 0");
        }
        Ok(())
    }
}

/// Puts the environment over the settings. The keys and their types are those of the settings themselves.
fn with_environment(
    config: &Config,
    environment: impl Iterator<Item = (String, String)>,
) -> Result<Config, ConfigError> {
    let mut table = toml::Table::try_from(config).map_err(|error| ConfigError(error.to_string()))?;
    for (name, value) in environment {
        let Some(name) = name.strip_prefix("ZHIDA_") else { continue };
        let name = name.to_ascii_lowercase();
        for (section, keys) in &mut table {
            let Some(keys) = keys.as_table_mut() else { continue };
            let Some(key) = name.strip_prefix(section.as_str()).and_then(|rest| rest.strip_prefix('_')) else {
                continue;
            };
            let Some(current) = keys.get_mut(key) else {
                let known: Vec<String> =
                    keys.keys().map(|key| format!("{section}_{key}").to_ascii_uppercase()).collect();
                return Err(ConfigError(format!(
                    "环境变量 ZHIDA_{} 不认识；这一组有 ZHIDA_{}",
                    name.to_ascii_uppercase(),
                    known.join("、ZHIDA_")
                )));
            };
            *current = match current {
                toml::Value::Integer(_) => toml::Value::Integer(value.trim().parse().map_err(|_| {
                    ConfigError(format!("环境变量 ZHIDA_{} = {value:?}：应为整数", name.to_ascii_uppercase()))
                })?),
                toml::Value::Boolean(_) => toml::Value::Boolean(matches!(value.trim(), "1" | "true" | "yes" | "on")),
                toml::Value::Array(_) => toml::Value::Array(
                    value.split(',').map(str::trim).filter(|v| !v.is_empty()).map(|v| v.to_owned().into()).collect(),
                ),
                _ => toml::Value::String(value.clone()),
            };
        }
    }
    table.try_into().map_err(|error: toml::de::Error| ConfigError(error.to_string()))
}

fn parse_time(text: &str) -> Option<NaiveTime> {
    NaiveTime::parse_from_str(text, "%H:%M").ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn load(text: &str, environment: &[(&str, &str)]) -> Result<Config, ConfigError> {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("zhida.toml");
        std::fs::write(&file, text).unwrap();
        Config::load(Some(&file), environment.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())))
    }

    #[test]
    fn the_environment_wins_over_the_file_and_the_file_over_the_defaults() {
        let config = load(
            "[push]\nmax_age_days = 3\ndaily_at = \"09:00\"",
            &[("ZHIDA_PUSH_MAX_AGE_DAYS", "5"), ("ZHIDA_CRAWL_ALLOW_PRIVATE", "127.0.0.1, 10.0.0.1:80"), ("PATH", "x")],
        )
        .unwrap();
        assert_eq!(config.push.max_age_days, 5);
        assert_eq!(config.daily_at(), NaiveTime::from_hms_opt(9, 0, 0).unwrap());
        assert_eq!(config.crawl.allow_private, ["127.0.0.1", "10.0.0.1:80"]);
        assert_eq!(config.http.listen, "127.0.0.1:8080");
    }

    #[test]
    fn every_wrong_value_names_its_key() {
        for (text, key) in [
            ("[platform]\nregion_code = \"999999\"", "platform.region_code"),
            ("[platform]\nbase_url = \"zhida.example\"", "platform.base_url"),
            ("[http]\nlisten = \"8080\"", "http.listen"),
            ("[push]\ndaily_at = \"8 o'clock\"", "push.daily_at"),
            ("[push]\nmax_age_days = -1", "push.max_age_days"),
            ("[mail]\nfrom = \"nobody\"", "mail.from"),
            ("[mail]\nurl = \"localhost:25\"", "mail.url"),
            ("[crawl]\nmax_mb = 0", "crawl.max_mb"),
            ("[push]\nmax_age = 3", "max_age"),
        ] {
            let error = load(text, &[]).unwrap_err().to_string();
            assert!(error.contains(key), "{error:?} does not name {key}");
        }
        let misspelt = load("", &[("ZHIDA_PUSH_MAX_AGE_DAY", "3")]).unwrap_err().to_string();
        assert!(misspelt.contains("ZHIDA_PUSH_MAX_AGE_DAYS"), "{misspelt}");
        assert!(
            load("", &[("ZHIDA_CRAWL_DELAY_MS", "soon")]).unwrap_err().to_string().contains("ZHIDA_CRAWL_DELAY_MS")
        );
    }

    #[test]
    fn a_password_in_a_wrong_mail_address_is_not_repeated() {
        let error = load("[mail]\nurl = \"http://user:geheim@host\"", &[]).unwrap_err().to_string();
        assert!(!error.contains("geheim"), "{error}");
    }
}
