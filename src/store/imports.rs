//! How far each file was imported, so that a killed import goes on where it stopped.

use std::collections::HashMap;

use zhida_schemas::Policy;

use super::db::{Arg, ROWS, args, sql};
use super::policies::{Saved, save_drafts};
use super::{Store, StoreError, short_key};

/// A row of an import and the policy that it gave.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImportedRow {
    /// What tells the row from others: its own id, or its address and title.
    pub key: String,
    /// The policy that it gave.
    pub policy_id: String,
    /// A hash of what the row said.
    pub hash: String,
}

impl Store {
    /// Those of the rows that were imported before, by key.
    pub async fn imported_rows(&self, keys: &[String]) -> Result<HashMap<String, ImportedRow>, StoreError> {
        let mut found = HashMap::new();
        for chunk in keys.chunks(ROWS) {
            let statement = sql!("select row_key, policy_id, hash from import_rows where row_key in ({rows})").list(0);
            let ids: Vec<Arg> = chunk.iter().flat_map(|key| args![key]).collect();
            for (key, policy_id, hash) in self.db.all::<(String, String, String)>(statement, ids).await? {
                found.insert(key.clone(), ImportedRow { key, policy_id, hash });
            }
        }
        Ok(found)
    }

    /// The line up to which a file was imported; 0 when it is unknown. `file_key` is whatever tells one content of a
    /// file from another.
    pub async fn import_position(&self, file_key: &str) -> Result<i64, StoreError> {
        let statement = sql!("select line from import_positions where file_key = $1");
        let row = self.db.one(statement, args![short_key(file_key)]).await?;
        Ok(row.map_or(0, |(line,): (i64,)| line))
    }

    /// [`Store::save_policies`], with the progress of the import in the same transaction: everything up to the line
    /// `upto_line` is stored, or nothing of this batch is.
    pub async fn save_import(
        &self,
        drafts: &[Policy],
        file_key: &str,
        upto_line: i64,
        now: i64,
    ) -> Result<Vec<(String, Saved)>, StoreError> {
        self.save_import_rows(drafts, &[], file_key, upto_line, now).await
    }

    /// [`Store::save_import`], and what the rows of the batch gave, all in one transaction.
    pub async fn save_import_rows(
        &self,
        drafts: &[Policy],
        rows: &[ImportedRow],
        file_key: &str,
        upto_line: i64,
        now: i64,
    ) -> Result<Vec<(String, Saved)>, StoreError> {
        let mut tx = self.db.begin().await?;
        let saved = save_drafts(&mut tx, drafts, now).await?;
        let statement = sql!(
            "insert into import_rows (row_key, policy_id, hash) values ($1, $2, $3) \
             on conflict (row_key) do update set policy_id = excluded.policy_id, hash = excluded.hash"
        );
        // a draft that joined another policy is a row of that one
        let homes: HashMap<&str, &str> =
            drafts.iter().map(|draft| draft.id.as_str()).zip(saved.iter().map(|(id, _)| id.as_str())).collect();
        for row in rows {
            let policy_id = homes.get(row.policy_id.as_str()).copied().unwrap_or(&row.policy_id);
            tx.write(statement, args![&row.key, policy_id, &row.hash]).await?;
        }
        let statement = sql!(
            "insert into import_positions (file_key, line, at) values ($1, $2, $3) \
             on conflict (file_key) do update set line = excluded.line, at = excluded.at"
        );
        tx.write(statement, args![short_key(file_key), upto_line, now]).await?;
        crate::failpoint::pass("store.save_policies.before_commit");
        tx.commit().await?;
        Ok(saved)
    }

    /// Forgets how far a file was imported: the next import reads it from its first line.
    pub async fn forget_import(&self, file_key: &str) -> Result<(), StoreError> {
        self.db.write(sql!("delete from import_positions where file_key = $1"), args![short_key(file_key)]).await?;
        Ok(())
    }
}
