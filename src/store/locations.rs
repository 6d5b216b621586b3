//! Pages that are gone, and come back: a policy outlives the pages that it was read from.

use super::db::{Tx, args, sql};
use super::documents::Documents;
use super::{Store, StoreError, short_key};
use zhida_schemas::policy::url_key;

/// A page that is found gone again after so many milliseconds is believed to be: a site that is being repaired answers
/// like one whose page was taken away.
const BELIEVED_AFTER: i64 = 20 * 3_600_000;

impl Store {
    /// A page answered that it is not there (404, 410). The second time, the better part of a day later, the place is
    /// marked in the policy's record, with an entry in the log. True when it was marked now.
    pub async fn note_vanished(&self, url: &str, now: i64) -> Result<bool, StoreError> {
        let url_key = short_key(&url_key(url));
        let mut tx = self.db.begin().await?;
        let mut documents = Documents::begin(&mut tx, now).await?;
        let statement = sql!(
            "update policy_locations set missing_since = coalesce(missing_since, $2) \
             where url_key = $1 and vanished_at is null returning policy_id, key, missing_since"
        );
        let rows: Vec<(String, String, i64)> = tx.all(statement, args![&url_key, now]).await?;
        let mut is_marked = false;
        for (id, key, _) in rows.into_iter().filter(|(_, _, since)| now - since >= BELIEVED_AFTER) {
            documents.load(&mut tx, &[&id]).await?;
            let copies = documents.all.get_mut(&id).map(|document| &mut document.copies);
            if let Some(copy) = copies.into_iter().flatten().find(|copy| copy.key == key) {
                (copy.vanished_at, copy.is_changed) = (Some(now), true);
                documents.settle(&id)?;
                is_marked = true;
            }
        }
        documents.write(&mut tx).await?;
        crate::failpoint::pass("store.note_vanished.before_commit");
        tx.commit().await?;
        Ok(is_marked)
    }

    /// A page answered: a mark that it had is taken away. True when it had one.
    pub async fn note_seen(&self, url: &str, now: i64) -> Result<bool, StoreError> {
        let statement =
            sql!("select key from policy_locations where url_key = $1 and missing_since is not null limit 1");
        // nearly always nothing is to be done, and nobody has to wait
        if self.db.one::<(String,)>(statement, args![short_key(&url_key(url))]).await?.is_none() {
            return Ok(false);
        }
        let mut tx = self.db.begin().await?;
        let is_marked = note_seen(&mut tx, url, now).await?;
        tx.commit().await?;
        Ok(is_marked)
    }
}

/// [`Store::note_seen`] within a transaction that does not hold the log's counter for another purpose.
pub(super) async fn note_seen(tx: &mut Tx, url: &str, now: i64) -> Result<bool, StoreError> {
    let statement = sql!(
        "update policy_locations set missing_since = null where url_key = $1 and missing_since is not null \
         returning policy_id, key, vanished_at"
    );
    let rows: Vec<(String, String, Option<i64>)> = tx.all(statement, args![short_key(&url_key(url))]).await?;
    let mut is_marked = false;
    let mut documents: Option<Documents> = None;
    for (id, key, _) in rows.into_iter().filter(|(_, _, vanished_at)| vanished_at.is_some()) {
        let documents = match &mut documents {
            Some(documents) => documents,
            None => documents.insert(Documents::begin(tx, now).await?),
        };
        documents.load(tx, &[&id]).await?;
        let copies = documents.all.get_mut(&id).map(|document| &mut document.copies);
        if let Some(copy) = copies.into_iter().flatten().find(|copy| copy.key == key) {
            (copy.vanished_at, copy.missing_since, copy.is_changed) = (None, None, true);
            documents.settle(&id)?;
            is_marked = true;
        }
    }
    if let Some(documents) = documents {
        documents.write(tx).await?;
    }
    Ok(is_marked)
}
