//! Single values that the program keeps for itself.

use super::db::{args, sql};
use super::{Store, StoreError};

impl Store {
    /// A stored value.
    pub async fn setting(&self, name: &str) -> Result<Option<String>, StoreError> {
        let row = self.db.one(sql!("select value from settings where name = $1"), args![name]).await?;
        Ok(row.map(|(value,): (String,)| value))
    }

    /// Stores a value, in place of one that was there.
    pub async fn put_setting(&self, name: &str, value: &str) -> Result<(), StoreError> {
        let statement = sql!(
            "insert into settings (name, value) values ($1, $2) \
             on conflict (name) do update set value = excluded.value"
        );
        self.db.write(statement, args![name, value]).await?;
        Ok(())
    }

    /// A secret that is made once and is then the same for every process and every start.
    pub async fn secret(&self, name: &str, generate: impl FnOnce() -> String) -> Result<String, StoreError> {
        if let Some(secret) = self.setting(name).await? {
            return Ok(secret);
        }
        let mut tx = self.db.begin().await?;
        let statement = sql!("insert into settings (name, value) values ($1, $2) on conflict (name) do nothing");
        tx.write(statement, args![name, generate()]).await?;
        let row = tx.one(sql!("select value from settings where name = $1"), args![name]).await?;
        let (secret,): (String,) = row.ok_or(sqlx::Error::RowNotFound)?;
        tx.commit().await?;
        Ok(secret)
    }
}
