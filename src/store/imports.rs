//! How far each file was imported, so that a killed import goes on where it stopped.

use zhida_schemas::Policy;

use super::db::{args, sql};
use super::policies::{Saved, save_drafts};
use super::{Store, StoreError, short_key};

impl Store {
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
        let mut tx = self.db.begin().await?;
        let saved = save_drafts(&mut tx, drafts, now).await?;
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
