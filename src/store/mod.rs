//! SQL: the truth of the program. Every statement is in this folder, a file per aggregate.
//!
//! Times are epoch milliseconds and come in as `now`.

pub mod changes;
pub mod crawls;
pub mod deliveries;
pub mod enterprises;
pub mod matches;
pub mod policies;
pub mod schedule;
pub mod subscriptions;

/// What went wrong in the store.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The database could not be opened, or refused a statement.
    #[error("database: {0}")]
    Sql(#[from] sqlx::Error),
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
}

/// A connection to the database. Cheap to clone.
#[derive(Clone)]
pub struct Store {}

impl Store {
    /// Opens the database and brings its schema up to date. A SQLite file is made when it is not there.
    pub async fn open(url: &str) -> Result<Self, StoreError> {
        Err(StoreError::Url(url.to_owned()))
    }
}
