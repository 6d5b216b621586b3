//! Editors' corrections: one value for each policy and field, put over whatever a page or a file says.

use serde::Serialize;
use serde_json::Value;
use zhida_schemas::Policy;

use super::db::{args, sql};
use super::documents::Documents;
use super::{Store, StoreError, decode, encode};

/// A correction as it is listed.
#[derive(Debug, Clone, PartialEq, Serialize, schemars::JsonSchema)]
pub struct CorrectionRow {
    /// Field of the record.
    pub field: String,
    /// In place of what is stated.
    pub value: Value,
    /// Who corrected it.
    pub editor: String,
    /// Epoch milliseconds.
    pub at: i64,
}

impl Store {
    /// Corrects fields of a policy, in one transaction with the version and the entry in the log that come of it. The
    /// fields are those of [`crate::effective::CORRECTABLE`] and the values of their form: the caller has checked that.
    /// Gives the record; `None` when the policy is unknown or withdrawn.
    pub async fn correct(
        &self,
        id: &str,
        fields: &[(String, Value)],
        editor: &str,
        now: i64,
    ) -> Result<Option<Policy>, StoreError> {
        let mut tx = self.db.begin().await?;
        let mut documents = Documents::begin(&mut tx, now).await?;
        documents.load(&mut tx, &[id]).await?;
        let Some(document) = documents.all.get_mut(id).filter(|document| !document.withdrawn) else {
            return Ok(None);
        };
        for (field, value) in fields {
            document.overlays.corrections.retain(|correction| correction.field != *field);
            let correction = crate::effective::Correction { field: field.clone(), value: value.clone(), at: now };
            document.overlays.corrections.push(correction);
            let statement = sql!(
                "insert into corrections (policy_id, field, value, editor, at) values ($1, $2, $3, $4, $5) \
                 on conflict (policy_id, field) do update set value = excluded.value, editor = excluded.editor, \
                 at = excluded.at"
            );
            tx.write(statement, args![id, field, encode(id, value)?, editor, now]).await?;
        }
        documents.settle(id)?;
        let record = documents.all.get(id).and_then(|document| document.record.clone());
        documents.write(&mut tx).await?;
        crate::failpoint::pass("store.correct.before_commit");
        tx.commit().await?;
        Ok(record)
    }

    /// Takes a correction back: what is stated shows again. False when there is none.
    pub async fn uncorrect(&self, id: &str, field: &str, now: i64) -> Result<bool, StoreError> {
        let mut tx = self.db.begin().await?;
        let mut documents = Documents::begin(&mut tx, now).await?;
        let statement = sql!("delete from corrections where policy_id = $1 and field = $2");
        if tx.write(statement, args![id, field]).await? == 0 {
            return Ok(false);
        }
        documents.load(&mut tx, &[id]).await?;
        documents.settle(id)?;
        documents.write(&mut tx).await?;
        tx.commit().await?;
        Ok(true)
    }

    /// What editors corrected in a policy, in order of field.
    pub async fn corrections(&self, id: &str) -> Result<Vec<CorrectionRow>, StoreError> {
        let statement = sql!("select field, value, editor, at from corrections where policy_id = $1 order by field");
        let rows: Vec<(String, String, String, i64)> = self.db.all(statement, args![id]).await?;
        rows.into_iter()
            .map(|(field, value, editor, at)| Ok(CorrectionRow { value: decode(id, &value)?, field, editor, at }))
            .collect()
    }
}
