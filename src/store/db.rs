//! The two databases behind one face: every statement of the store is written once and runs on both.
//!
//! SQLite has one writing connection, so that writers of this process queue in memory, and `begin immediate`, so that
//! writers of other processes queue on the file's lock and none fails half-way for having started as a reader. Commits
//! are synced (`synchronous = full`): what was committed outlives a power cut, which a record of a sent mail must.
//!
//! PostgreSQL lets writers run side by side. Where they must take turns they lock a row of `counters` first
//! ([`Tx::lock`]), which also makes the order of locks the same everywhere.

use std::borrow::Cow;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::time::Duration;

use sqlx::postgres::{PgConnectOptions, PgPool, PgPoolOptions, PgRow};
use sqlx::sqlite::{
    SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteRow, SqliteSynchronous,
};
use sqlx::{AssertSqlSafe, Connection as _, FromRow, Postgres, SqlSafeStr, SqlStr, Sqlite, Transaction};

use super::StoreError;

/// Rows written or asked for by one statement. Both databases take far more placeholders than this makes.
pub(super) const ROWS: usize = 100;
/// How long a writer waits for another process.
const BUSY_TIMEOUT: Duration = Duration::from_secs(30);
/// How long a task waits for a connection of the pool: SQLite's writers take turns, PostgreSQL answers or is down.
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(60);
const POSTGRES_TIMEOUT: Duration = Duration::from_secs(10);
const READERS: u32 = 4;
const POSTGRES_CONNECTIONS: u32 = 10;

/// One statement: its text and the line that it stands on.
#[derive(Clone, Copy)]
pub(super) struct Sql {
    text: &'static str,
    place: &'static str,
    /// What PostgreSQL needs beside; SQLite's writer holds the whole file.
    tail: &'static str,
    rows: Option<(usize, usize)>,
}

/// A statement. `{rows}` in its text stands for placeholders that [`Sql::rows`] or [`Sql::list`] writes.
macro_rules! sql {
    ($text:literal) => {
        $crate::store::db::Sql::new($text, concat!(file!(), ":", line!()))
    };
}
pub(super) use sql;

/// Values for a statement's placeholders, `$1` first.
macro_rules! args {
    ($($value:expr),* $(,)?) => { vec![$($crate::store::db::Arg::from($value)),*] };
}
pub(super) use args;

impl Sql {
    pub(super) const fn new(text: &'static str, place: &'static str) -> Self {
        Self { text, place, tail: "", rows: None }
    }

    /// Rows that it reads are locked until the transaction ends; other writers wait.
    pub(super) const fn locking(self) -> Self {
        Self { tail: " for update", ..self }
    }

    /// Rows that it reads are locked until the transaction ends; rows that another holds are passed over.
    pub(super) const fn claiming(self) -> Self {
        Self { tail: " for update skip locked", ..self }
    }

    /// `{rows}` becomes `($1, $2), ($3, $4) …`: as many rows of `columns` as there are values.
    pub(super) const fn rows(self, columns: usize) -> Self {
        Self { rows: Some((0, columns)), ..self }
    }

    /// `{rows}` becomes `$N, …`: a place for each value after the first `fixed`.
    pub(super) const fn list(self, fixed: usize) -> Self {
        Self { rows: Some((fixed, 1)), ..self }
    }

    /// The text for a backend, and whether it is worth keeping prepared.
    fn text(&self, backend: &'static str, values: usize) -> (SqlStr, bool) {
        record(backend, self.place);
        let tail = if backend == POSTGRES { self.tail } else { "" };
        let Some((fixed, columns)) = self.rows else {
            if tail.is_empty() {
                return (self.text.into_sql_str(), true);
            }
            return (AssertSqlSafe(format!("{}{tail}", self.text)).into_sql_str(), true);
        };
        let rows = values.saturating_sub(fixed) / columns;
        let mut places = String::with_capacity(rows * (columns * 6 + 4));
        for row in 0..rows {
            if row > 0 {
                places.push_str(", ");
            }
            if columns > 1 {
                places.push('(');
            }
            for column in 0..columns {
                if column > 0 {
                    places.push_str(", ");
                }
                places.push('$');
                places.push_str(&(fixed + row * columns + column + 1).to_string());
            }
            if columns > 1 {
                places.push(')');
            }
        }
        let text = format!("{}{tail}", self.text.replace("{rows}", &places));
        (AssertSqlSafe(text).into_sql_str(), rows == ROWS)
    }
}

/// A value for a placeholder.
pub(super) enum Arg {
    Int(Option<i64>),
    Real(f64),
    Text(Option<String>),
    Bytes(Vec<u8>),
}

impl From<i64> for Arg {
    fn from(value: i64) -> Self {
        Self::Int(Some(value))
    }
}

impl From<Option<i64>> for Arg {
    fn from(value: Option<i64>) -> Self {
        Self::Int(value)
    }
}

impl From<f64> for Arg {
    fn from(value: f64) -> Self {
        Self::Real(value)
    }
}

impl From<Vec<u8>> for Arg {
    fn from(value: Vec<u8>) -> Self {
        Self::Bytes(value)
    }
}

impl From<&str> for Arg {
    fn from(value: &str) -> Self {
        Self::Text(Some(without_nul(value).into_owned()))
    }
}

impl From<&String> for Arg {
    fn from(value: &String) -> Self {
        Self::from(value.as_str())
    }
}

impl From<String> for Arg {
    fn from(value: String) -> Self {
        if value.contains('\0') { Self::from(value.as_str()) } else { Self::Text(Some(value)) }
    }
}

impl From<Option<String>> for Arg {
    fn from(value: Option<String>) -> Self {
        value.map_or(Self::Text(None), Self::from)
    }
}

impl From<Option<&str>> for Arg {
    fn from(value: Option<&str>) -> Self {
        value.map_or(Self::Text(None), Self::from)
    }
}

/// PostgreSQL's text holds no NUL, and no address, name or number has one. In a JSON record it is written `\u0000`
/// and stays.
pub(super) fn without_nul(text: &str) -> Cow<'_, str> {
    if text.contains('\0') { Cow::Owned(text.replace('\0', "")) } else { Cow::Borrowed(text) }
}

/// A row that both databases can give: a tuple of `i64`, `f64`, `String`, `Vec<u8>` and options of them.
pub(super) trait Row:
    for<'r> FromRow<'r, SqliteRow> + for<'r> FromRow<'r, PgRow> + Send + Unpin + 'static
{
}

impl<T> Row for T where T: for<'r> FromRow<'r, SqliteRow> + for<'r> FromRow<'r, PgRow> + Send + Unpin + 'static {}

pub(super) const SQLITE: &str = "sqlite";
pub(super) const POSTGRES: &str = "postgres";

macro_rules! bound {
    ($query:expr, $args:expr) => {{
        let mut query = $query;
        for arg in $args {
            query = match arg {
                Arg::Int(value) => query.bind(value),
                Arg::Real(value) => query.bind(value),
                Arg::Text(value) => query.bind(value),
                Arg::Bytes(value) => query.bind(value),
            };
        }
        query
    }};
}

/// Either database.
#[derive(Clone)]
pub(super) enum Db {
    Sqlite { writer: SqlitePool, reader: SqlitePool },
    Postgres(PgPool),
}

impl Db {
    pub(super) async fn open(url: &str) -> Result<Self, StoreError> {
        let db = if url.starts_with("postgres://") || url.starts_with("postgresql://") {
            let options = PgConnectOptions::from_str(url)?.application_name("zhida");
            // a pool keeps trying and says only that it took too long; one connection says why
            let first = tokio::time::timeout(POSTGRES_TIMEOUT, sqlx::PgConnection::connect_with(&options)).await;
            first.map_err(|_| sqlx::Error::PoolTimedOut).flatten().map_err(|error| StoreError::Unreachable {
                server: format!(
                    "{}:{}/{}",
                    options.get_host(),
                    options.get_port(),
                    options.get_database().unwrap_or("")
                ),
                error,
            })?;
            let pool = PgPoolOptions::new()
                .max_connections(POSTGRES_CONNECTIONS)
                .acquire_timeout(POSTGRES_TIMEOUT)
                .connect_with(options)
                .await?;
            sqlx::migrate!("schemas/sql/postgres").run(&pool).await?;
            Self::Postgres(pool)
        } else {
            open_sqlite(&sqlite_path(url)?).await?
        };
        Ok(db)
    }

    pub(super) fn backend(&self) -> &'static str {
        match self {
            Self::Sqlite { .. } => SQLITE,
            Self::Postgres(_) => POSTGRES,
        }
    }

    pub(super) async fn close(&self) {
        match self {
            Self::Sqlite { writer, reader } => {
                reader.close().await;
                writer.close().await;
            }
            Self::Postgres(pool) => pool.close().await,
        }
    }

    /// Starts a transaction that writes.
    pub(super) async fn begin(&self) -> Result<Tx, StoreError> {
        Ok(match self {
            Self::Sqlite { writer, .. } => Tx::Sqlite(writer.begin_with("begin immediate").await?),
            Self::Postgres(pool) => Tx::Postgres(pool.begin().await?),
        })
    }

    /// Reads all rows, outside of any transaction.
    pub(super) async fn all<T: Row>(&self, sql: Sql, args: Vec<Arg>) -> Result<Vec<T>, StoreError> {
        let (text, keep) = sql.text(self.backend(), args.len());
        Ok(match self {
            Self::Sqlite { reader, .. } => {
                bound!(sqlx::query_as::<Sqlite, T>(text).persistent(keep), args).fetch_all(reader).await?
            }
            Self::Postgres(pool) => {
                bound!(sqlx::query_as::<Postgres, T>(text).persistent(keep), args).fetch_all(pool).await?
            }
        })
    }

    /// Reads the first row, outside of any transaction.
    pub(super) async fn one<T: Row>(&self, sql: Sql, args: Vec<Arg>) -> Result<Option<T>, StoreError> {
        Ok(self.all(sql, args).await?.into_iter().next())
    }

    /// Writes with one statement; returns how many rows it wrote.
    pub(super) async fn write(&self, sql: Sql, args: Vec<Arg>) -> Result<u64, StoreError> {
        let mut tx = self.begin().await?;
        let rows = tx.write(sql, args).await?;
        tx.commit().await?;
        Ok(rows)
    }
}

/// A transaction that writes. Dropped without [`Tx::commit`] it leaves nothing.
pub(super) enum Tx {
    Sqlite(Transaction<'static, Sqlite>),
    Postgres(Transaction<'static, Postgres>),
}

impl Tx {
    fn backend(&self) -> &'static str {
        match self {
            Self::Sqlite(_) => SQLITE,
            Self::Postgres(_) => POSTGRES,
        }
    }

    pub(super) async fn all<T: Row>(&mut self, sql: Sql, args: Vec<Arg>) -> Result<Vec<T>, StoreError> {
        let (text, keep) = sql.text(self.backend(), args.len());
        Ok(match self {
            Self::Sqlite(tx) => {
                bound!(sqlx::query_as::<Sqlite, T>(text).persistent(keep), args).fetch_all(&mut **tx).await?
            }
            Self::Postgres(tx) => {
                bound!(sqlx::query_as::<Postgres, T>(text).persistent(keep), args).fetch_all(&mut **tx).await?
            }
        })
    }

    pub(super) async fn one<T: Row>(&mut self, sql: Sql, args: Vec<Arg>) -> Result<Option<T>, StoreError> {
        Ok(self.all(sql, args).await?.into_iter().next())
    }

    /// Returns how many rows were written.
    pub(super) async fn write(&mut self, sql: Sql, args: Vec<Arg>) -> Result<u64, StoreError> {
        let (text, keep) = sql.text(self.backend(), args.len());
        Ok(match self {
            Self::Sqlite(tx) => {
                bound!(sqlx::query::<Sqlite>(text).persistent(keep), args).execute(&mut **tx).await?.rows_affected()
            }
            Self::Postgres(tx) => {
                bound!(sqlx::query::<Postgres>(text).persistent(keep), args).execute(&mut **tx).await?.rows_affected()
            }
        })
    }

    /// Reads a counter and holds it until the transaction ends: writers that need the same one wait here.
    pub(super) async fn lock(&mut self, counter: &str) -> Result<i64, StoreError> {
        let row = self.one(sql!("select value from counters where name = $1").locking(), args![counter]).await?;
        let (value,): (i64,) = row.ok_or_else(|| StoreError::Damaged {
            id: counter.to_owned(),
            reason: "the counter is missing; restore the database from a backup".to_owned(),
        })?;
        Ok(value)
    }

    /// Writes a counter that this transaction holds.
    pub(super) async fn set(&mut self, counter: &str, value: i64) -> Result<(), StoreError> {
        self.write(sql!("update counters set value = $2 where name = $1"), args![counter, value]).await?;
        Ok(())
    }

    pub(super) async fn commit(self) -> Result<(), StoreError> {
        match self {
            Self::Sqlite(tx) => tx.commit().await?,
            Self::Postgres(tx) => tx.commit().await?,
        }
        Ok(())
    }
}

/// The file that a `sqlite:` address names. A database in memory is refused: its connections would not see each other.
fn sqlite_path(url: &str) -> Result<PathBuf, StoreError> {
    let rest = url.strip_prefix("sqlite:").ok_or_else(|| StoreError::Url(url.to_owned()))?;
    let path = rest.strip_prefix("//").unwrap_or(rest);
    if path.is_empty() || path.starts_with(":memory:") || path.contains('?') {
        return Err(StoreError::Url(url.to_owned()));
    }
    Ok(PathBuf::from(path))
}

async fn open_sqlite(path: &Path) -> Result<Db, StoreError> {
    let file_error = |error: std::io::Error| StoreError::File { path: path.to_owned(), error };
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        tokio::fs::create_dir_all(folder).await.map_err(file_error)?;
    }
    let options = SqliteConnectOptions::new()
        .filename(path)
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .busy_timeout(BUSY_TIMEOUT)
        .foreign_keys(true)
        // A log that grew under a long reader is cut back to this.
        .pragma("journal_size_limit", "67108864");

    // The migrator takes no lock on SQLite: two processes that start together would both make the first table.
    let lock_path = PathBuf::from(format!("{}-migrate", path.display()));
    let lock = tokio::task::spawn_blocking(move || -> std::io::Result<std::fs::File> {
        let lock = std::fs::File::create(&lock_path)?;
        lock.lock()?;
        Ok(lock)
    })
    .await
    .map_err(|error| file_error(std::io::Error::other(error)))?
    .map_err(file_error)?;
    let writer = SqlitePoolOptions::new()
        .max_connections(1)
        .acquire_timeout(ACQUIRE_TIMEOUT)
        .connect_with(options.clone().pragma("cache_size", "-32768"))
        .await?;
    sqlx::migrate!("schemas/sql/sqlite").run(&writer).await?;
    drop(lock);

    let reader = SqlitePoolOptions::new()
        .max_connections(READERS)
        .acquire_timeout(ACQUIRE_TIMEOUT)
        .connect_with(options.create_if_missing(false).pragma("query_only", "on"))
        .await?;
    Ok(Db::Sqlite { writer, reader })
}

#[cfg(debug_assertions)]
static RAN: std::sync::Mutex<std::collections::BTreeSet<(&'static str, &'static str)>> =
    std::sync::Mutex::new(std::collections::BTreeSet::new());

fn record(backend: &'static str, place: &'static str) {
    #[cfg(debug_assertions)]
    RAN.lock().unwrap_or_else(std::sync::PoisonError::into_inner).insert((backend, place));
    #[cfg(not(debug_assertions))]
    let _ = (backend, place);
}

/// Every statement that ran in this process: the backend and the line that it stands on. Debug builds only.
#[cfg(debug_assertions)]
pub(super) fn statements_run() -> Vec<(&'static str, &'static str)> {
    RAN.lock().unwrap_or_else(std::sync::PoisonError::into_inner).iter().copied().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placeholders() {
        let text = |sql: Sql, backend, values| sql.text(backend, values).0.as_str().to_owned();
        assert_eq!(text(sql!("values {rows}").rows(2), SQLITE, 4), "values ($1, $2), ($3, $4)");
        assert_eq!(text(sql!("a = $1 and b in ({rows})").list(1), SQLITE, 3), "a = $1 and b in ($2, $3)");
        assert_eq!(text(sql!("select 1").locking(), SQLITE, 0), "select 1");
        assert_eq!(text(sql!("select 1").claiming(), POSTGRES, 0), "select 1 for update skip locked");
    }

    #[test]
    fn sqlite_addresses() {
        let path = |url| sqlite_path(url).ok().map(|path| path.display().to_string());
        assert_eq!(path("sqlite:data/zhida.db").as_deref(), Some("data/zhida.db"));
        assert_eq!(path("sqlite:/var/lib/z.db").as_deref(), Some("/var/lib/z.db"));
        assert_eq!(path("sqlite:///var/lib/z.db").as_deref(), Some("/var/lib/z.db"));
        for refused in ["sqlite:", "sqlite::memory:", "sqlite:a.db?mode=ro", "mysql://x", "data/zhida.db", ""] {
            assert_eq!(path(refused), None, "{refused}");
        }
    }

    #[test]
    fn nul_never_reaches_a_text() {
        let Arg::Text(Some(text)) = Arg::from("a\0b".to_owned()) else { panic!("a text") };
        assert_eq!(text, "ab");
        let Arg::Text(Some(text)) = Arg::from("a\0b") else { panic!("a text") };
        assert_eq!(text, "ab");
    }
}
