//! SQL: the truth of the program. Every statement is in this folder, a file per aggregate.
//!
//! Times are epoch milliseconds and come in as `now`.

pub mod alarms;
pub mod changes;
pub mod corrections;
pub mod crawls;
mod db;
pub mod deliveries;
mod documents;
pub mod enterprises;
pub mod imports;
pub mod links;
pub mod locations;
pub mod matches;
pub mod pages;
pub mod policies;
pub mod schedule;
pub mod searches;
pub mod settings;
pub mod sources;
pub mod subscriptions;

use std::path::PathBuf;

use serde::Serialize;
use serde::de::DeserializeOwned;

use db::{Db, args, sql};

/// What went wrong in the store.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The database could not be opened, or refused a statement.
    #[error("database: {0}")]
    Sql(#[from] sqlx::Error),
    /// No connection to the server could be made.
    #[error("database {server}: {error}")]
    Unreachable {
        /// Host, port and name, without user and password.
        server: String,
        /// Why.
        error: sqlx::Error,
    },
    /// The schema could not be brought up to date.
    #[error("database migration: {0}")]
    Migrate(#[from] sqlx::migrate::MigrateError),
    /// A stored record could not be read back.
    #[error("stored record {id}: {reason}")]
    Damaged {
        /// Which one.
        id: String,
        /// Why.
        reason: String,
    },
    /// Not a database address that is known.
    #[error("database.url {0:?}: use postgres://user:password@host/name or sqlite:PATH")]
    Url(String),
    /// The folder of a SQLite file could not be made or written.
    #[error("database file {path}: {error}")]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        error: std::io::Error,
    },
    /// A key that is longer than an index can hold.
    #[error("{what} has {bytes} bytes, at most {MAX_KEY_BYTES} are allowed")]
    KeyTooLong {
        /// Which key.
        what: &'static str,
        /// Its length.
        bytes: usize,
    },
}

/// An identity or address may be this long; PostgreSQL's indexes hold no more than some 2,700 bytes for a whole row.
pub const MAX_KEY_BYTES: usize = 500;

/// A connection to the database. Cheap to clone.
#[derive(Clone)]
pub struct Store {
    db: Db,
}

impl Store {
    /// Opens the database and brings its schema up to date. A SQLite file is made when it is not there.
    pub async fn open(url: &str) -> Result<Self, StoreError> {
        Ok(Self { db: Db::open(url).await? })
    }

    /// Answers when the database does.
    pub async fn ping(&self) -> Result<(), StoreError> {
        self.db.one::<(i64,)>(sql!("select cast(1 as bigint)"), args![]).await?;
        Ok(())
    }

    /// `sqlite` or `postgres`.
    pub fn backend(&self) -> &'static str {
        self.db.backend()
    }

    /// Waits for running statements and closes every connection.
    pub async fn close(&self) {
        self.db.close().await;
    }

    /// Every statement of this folder that ran in this process, as (backend, `file:line`): the conformance test
    /// compares them. Debug builds only.
    #[cfg(debug_assertions)]
    pub fn statements_run() -> Vec<(&'static str, &'static str)> {
        db::statements_run()
    }
}

fn encode(id: &str, record: &impl Serialize) -> Result<String, StoreError> {
    serde_json::to_string(record).map_err(|error| StoreError::Damaged { id: id.to_owned(), reason: error.to_string() })
}

fn decode<T: DeserializeOwned>(id: &str, record: &str) -> Result<T, StoreError> {
    serde_json::from_str(record).map_err(|error| StoreError::Damaged { id: id.to_owned(), reason: error.to_string() })
}

fn check_key(what: &'static str, key: &str) -> Result<(), StoreError> {
    if key.len() > MAX_KEY_BYTES { Err(StoreError::KeyTooLong { what, bytes: key.len() }) } else { Ok(()) }
}

/// A key of any length, such as an address on the web, made to fit into an index: the end of a long one is replaced by
/// a hash of the whole.
fn short_key(key: &str) -> String {
    if key.len() <= MAX_KEY_BYTES {
        return key.to_owned();
    }
    let mut end = MAX_KEY_BYTES - 40;
    while !key.is_char_boundary(end) {
        end -= 1;
    }
    format!("{}#{}", &key[..end], hash(&[key]))
}

/// 16 bytes of SHA-256 over the parts, as lower-case hex.
fn hash(parts: &[&str]) -> String {
    use sha2::{Digest, Sha256};
    let mut hasher = Sha256::new();
    for part in parts {
        hasher.update((part.len() as u64).to_be_bytes());
        hasher.update(part.as_bytes());
    }
    hasher.finalize().iter().take(16).map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_keys_stay_and_long_ones_stay_apart() {
        assert_eq!(short_key("https://www.example.gov.cn/a"), "https://www.example.gov.cn/a");
        let long = "路".repeat(2000);
        let other = format!("{long}一");
        assert!(short_key(&long).len() <= MAX_KEY_BYTES);
        assert_ne!(short_key(&long), short_key(&other));
        assert_eq!(short_key(&long), short_key(&long));
    }

    #[test]
    fn a_hash_knows_where_its_parts_end() {
        assert_ne!(hash(&["ab", "c"]), hash(&["a", "bc"]));
        assert_eq!(hash(&["ab"]).len(), 32);
    }
}
