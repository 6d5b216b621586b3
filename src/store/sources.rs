//! Source definitions that editors saved. Every version stays; the last one counts.

use serde::Serialize;

use super::db::{args, sql};
use super::{Store, StoreError, check_key};

/// A version of a definition.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, schemars::JsonSchema)]
pub struct SourceVersion {
    /// Name of the source.
    pub name: String,
    /// 1, 2, 3 …
    pub version: i64,
    /// TOML; `None` where the definition was removed.
    pub definition: Option<String>,
    /// What the editor said of the change.
    pub note: String,
    /// Epoch milliseconds.
    pub at: i64,
}

/// Counts changes of definitions, so that a running program notices.
const COUNTER: &str = "sources";

type SourceRow = (String, i64, Option<String>, String, i64);

fn version((name, version, definition, note, at): SourceRow) -> SourceVersion {
    SourceVersion { name, version, definition, note, at }
}

impl Store {
    /// Saves a version of a definition (`None` removes it) and returns its number; the number of the last version when
    /// that says the same already.
    pub async fn save_source(
        &self,
        name: &str,
        definition: Option<&str>,
        note: &str,
        now: i64,
    ) -> Result<i64, StoreError> {
        check_key("source name", name)?;
        let mut tx = self.db.begin().await?;
        let changes = tx.lock(COUNTER).await?;
        let statement =
            sql!("select version, definition from source_versions where name = $1 order by version desc limit 1");
        let last: Option<(i64, Option<String>)> = tx.one(statement, args![name]).await?;
        if let Some((version, stored)) = &last
            && stored.as_deref() == definition
        {
            return Ok(*version);
        }
        let version = last.map_or(1, |(version, _)| version + 1);
        let statement =
            sql!("insert into source_versions (name, version, definition, note, at) values ($1, $2, $3, $4, $5)");
        tx.write(statement, args![name, version, definition, note, now]).await?;
        tx.set(COUNTER, changes + 1).await?;
        tx.commit().await?;
        Ok(version)
    }

    /// The last version of every definition that was not removed, in order of name.
    pub async fn saved_sources(&self) -> Result<Vec<SourceVersion>, StoreError> {
        let statement = sql!(
            "select name, version, definition, note, at from source_versions s where definition is not null \
             and version = (select max(version) from source_versions o where o.name = s.name) order by name"
        );
        Ok(self.db.all(statement, args![]).await?.into_iter().map(version).collect())
    }

    /// Every version of a definition, the last first.
    pub async fn source_versions(&self, name: &str) -> Result<Vec<SourceVersion>, StoreError> {
        let statement = sql!(
            "select name, version, definition, note, at from source_versions where name = $1 order by version desc"
        );
        Ok(self.db.all(statement, args![name]).await?.into_iter().map(version).collect())
    }

    /// Changes with every definition that is saved.
    pub async fn sources_version(&self) -> Result<i64, StoreError> {
        let row = self.db.one(sql!("select value from counters where name = 'sources'"), args![]).await?;
        Ok(row.map_or(0, |(version,): (i64,)| version))
    }
}
