//! Enterprise profiles.

use std::collections::HashMap;

use zhida_schemas::Enterprise;

use super::db::{Arg, ROWS, Tx, args, sql};
use super::subscriptions::{MAIL, address_key, frequency_name};
use super::{Store, StoreError, check_key, decode, encode};

/// Name of the counter that every write to a profile or subscription moves on.
pub(super) const COUNTER: &str = "profiles";

impl Store {
    /// Saves profiles in one transaction, new or changed. A profile with an `email` also gets its mail subscription
    /// (id = `ENTERPRISE_ID:mail`), whose address and frequency follow the profile; one that was unsubscribed stays so.
    /// Returns how many were new or changed. The record is stored without its `email`.
    pub async fn save_enterprises(&self, enterprises: &[Enterprise], now: i64) -> Result<usize, StoreError> {
        let mut tx = self.db.begin().await?;
        let version = tx.lock(COUNTER).await?;
        let mut written = 0;
        for chunk in enterprises.chunks(ROWS) {
            // Of an enterprise that is there twice, the last one counts: one statement cannot write a row twice.
            let mut latest: HashMap<&str, &Enterprise> = HashMap::new();
            for enterprise in chunk {
                check_key("enterprise id", &enterprise.id)?;
                latest.insert(&enterprise.id, enterprise);
            }
            let mut chunk: Vec<&Enterprise> = latest.into_values().collect();
            chunk.sort_unstable_by(|a, b| a.id.cmp(&b.id));
            written += save_chunk(&mut tx, &chunk, now).await?;
        }
        if written > 0 {
            tx.set(COUNTER, version + 1).await?;
            tx.commit().await?;
        }
        Ok(written)
    }

    /// One profile.
    pub async fn enterprise(&self, id: &str) -> Result<Option<Enterprise>, StoreError> {
        let row: Option<(String,)> =
            self.db.one(sql!("select record from enterprises where id = $1"), args![id]).await?;
        row.map(|(record,)| decode(id, &record)).transpose()
    }

    /// Profiles in order of id after `after`.
    pub async fn enterprises_after(&self, after: &str, limit: i64) -> Result<Vec<Enterprise>, StoreError> {
        let statement = sql!("select id, record from enterprises where id > $1 order by id limit $2");
        let rows: Vec<(String, String)> = self.db.all(statement, args![after, limit]).await?;
        rows.into_iter().map(|(id, record)| decode(&id, &record)).collect()
    }

    /// Changes with every write to a profile or subscription: when it is the same as before, a loaded profile index is
    /// still right.
    pub async fn profiles_version(&self) -> Result<i64, StoreError> {
        let row = self.db.one(sql!("select value from counters where name = 'profiles'"), args![]).await?;
        Ok(row.map_or(0, |(version,): (i64,)| version))
    }
}

/// Saves enterprises of different ids; returns how many were new or changed.
async fn save_chunk(tx: &mut Tx, enterprises: &[&Enterprise], now: i64) -> Result<usize, StoreError> {
    let ids: Vec<Arg> = enterprises.iter().flat_map(|enterprise| args![&enterprise.id]).collect();
    let statement = sql!("select id, record from enterprises where id in ({rows})").list(0);
    let stored: HashMap<String, String> = tx.all::<(String, String)>(statement, ids).await?.into_iter().collect();
    let ids: Vec<Arg> = enterprises.iter().flat_map(|enterprise| args![mail_id(enterprise)]).collect();
    let statement = sql!("select id, address, frequency from subscriptions where id in ({rows})").list(0);
    let subscribed: HashMap<String, (String, String)> = tx
        .all::<(String, String, String)>(statement, ids)
        .await?
        .into_iter()
        .map(|(id, address, frequency)| (id, (address, frequency)))
        .collect();

    let mut profiles = Vec::new();
    let mut subscriptions = Vec::new();
    let mut written = 0;
    for enterprise in enterprises {
        let record = encode(&enterprise.id, &Enterprise { email: None, ..(*enterprise).clone() })?;
        let profile_differs = stored.get(&enterprise.id) != Some(&record);
        if profile_differs {
            profiles.extend(args![&enterprise.id, &enterprise.name, record, now, now]);
        }
        let mut subscription_differs = false;
        if let Some(email) = enterprise.email.as_deref().filter(|email| !email.trim().is_empty()) {
            let id = mail_id(enterprise);
            let address = address_key(MAIL, email);
            check_key("mail address", &address)?;
            let frequency = frequency_name(enterprise.frequency.unwrap_or_default());
            subscription_differs = subscribed.get(&id).is_none_or(|(old_address, old_frequency)| {
                (old_address, old_frequency.as_str()) != (&address, frequency)
            });
            if subscription_differs {
                subscriptions.extend(args![id, &enterprise.id, MAIL, address, frequency, 1, now, now]);
            }
        }
        if profile_differs || subscription_differs {
            written += 1;
        }
    }

    if !profiles.is_empty() {
        let statement = sql!(
            "insert into enterprises (id, name, record, created_at, updated_at) values {rows} \
             on conflict (id) do update set name = excluded.name, record = excluded.record, \
             updated_at = excluded.updated_at"
        );
        tx.write(statement.rows(5), profiles).await?;
    }
    if !subscriptions.is_empty() {
        // `active` is left as it is: an unsubscribe or a pause outlives a new profile.
        let statement = sql!(
            "insert into subscriptions (id, enterprise_id, channel, address, frequency, active, created_at, updated_at) \
             values {rows} on conflict (id) do update set address = excluded.address, \
             frequency = excluded.frequency, updated_at = excluded.updated_at"
        );
        tx.write(statement.rows(8), subscriptions).await?;
    }
    Ok(written)
}

/// Identity of the mail subscription that follows a profile.
fn mail_id(enterprise: &Enterprise) -> String {
    format!("{}:{MAIL}", enterprise.id)
}
