//! Subscriptions and unsubscribes.

use zhida_schemas::{Frequency, Subscription};

use super::db::{ROWS, Tx, args, sql};
use super::enterprises::COUNTER;
use super::{Store, StoreError, check_key};

/// The channel that an enterprise's `email` subscribes to.
pub(super) const MAIL: &str = "mail";
/// Why an address is suppressed whose server refused it for good.
pub(super) const BOUNCE: &str = "bounce";

impl Store {
    /// Saves one subscription (new, or replacing that of the same id).
    pub async fn save_subscription(&self, subscription: &Subscription, now: i64) -> Result<(), StoreError> {
        let address = address_key(&subscription.channel, &subscription.address);
        check_key("subscription id", &subscription.id)?;
        check_key("address", &address)?;
        let mut tx = self.db.begin().await?;
        let version = tx.lock(COUNTER).await?;
        let statement = sql!(
            "insert into subscriptions (id, enterprise_id, channel, address, frequency, active, created_at, updated_at) \
             values ($1, $2, $3, $4, $5, $6, $7, $7) \
             on conflict (id) do update set enterprise_id = excluded.enterprise_id, channel = excluded.channel, \
             address = excluded.address, frequency = excluded.frequency, active = excluded.active, \
             unsubscribed_at = null, updated_at = excluded.updated_at"
        );
        let values = args![
            &subscription.id,
            &subscription.enterprise_id,
            &subscription.channel,
            address,
            frequency_name(subscription.frequency),
            i64::from(subscription.active),
            now,
        ];
        tx.write(statement, values).await?;
        tx.set(COUNTER, version + 1).await?;
        tx.commit().await
    }

    /// One subscription.
    pub async fn subscription(&self, id: &str) -> Result<Option<Subscription>, StoreError> {
        let statement =
            sql!("select id, enterprise_id, channel, address, frequency, active from subscriptions where id = $1");
        let row: Option<SubscriptionRow> = self.db.one(statement, args![id]).await?;
        row.map(from_row).transpose()
    }

    /// Subscriptions in order of id after `after`.
    pub async fn subscriptions_after(&self, after: &str, limit: i64) -> Result<Vec<Subscription>, StoreError> {
        let statement = sql!(
            "select id, enterprise_id, channel, address, frequency, active from subscriptions \
             where id > $1 order by id limit $2"
        );
        let rows: Vec<SubscriptionRow> = self.db.all(statement, args![after, limit]).await?;
        rows.into_iter().map(from_row).collect()
    }

    /// Active subscriptions of these enterprises whose address is not suppressed, in order of id.
    pub async fn active_subscriptions(&self, enterprise_ids: &[String]) -> Result<Vec<Subscription>, StoreError> {
        let mut ids: Vec<&String> = enterprise_ids.iter().collect();
        ids.sort_unstable();
        ids.dedup();
        let mut found = Vec::new();
        for chunk in ids.chunks(ROWS) {
            let statement = sql!(
                "select s.id, s.enterprise_id, s.channel, s.address, s.frequency, s.active from subscriptions s \
                 where s.active = 1 and s.enterprise_id in ({rows}) and not exists \
                 (select 1 from suppressions x where x.channel = s.channel and x.address = s.address)"
            );
            let values = chunk.iter().flat_map(|id| args![*id]).collect();
            let rows: Vec<SubscriptionRow> = self.db.all(statement.list(0), values).await?;
            for row in rows {
                found.push(from_row(row)?);
            }
        }
        found.sort_unstable_by(|a, b| a.id.cmp(&b.id));
        Ok(found)
    }

    /// Ends every subscription of an address at once, cancels its deliveries that are not sent, and suppresses it.
    /// Returns how many subscriptions ended.
    pub async fn unsubscribe(&self, channel: &str, address: &str, reason: &str, now: i64) -> Result<u64, StoreError> {
        let mut tx = self.db.begin().await?;
        let ended = unsubscribe(&mut tx, channel, address, reason, now).await?;
        tx.commit().await?;
        Ok(ended)
    }

    /// Undoes an unsubscribe that the person made (not a suppression after a hard bounce). Returns how many
    /// subscriptions are active again; one that was paused before the unsubscribe stays paused.
    pub async fn resubscribe(&self, channel: &str, address: &str, now: i64) -> Result<u64, StoreError> {
        let address = address_key(channel, address);
        let mut tx = self.db.begin().await?;
        let version = tx.lock(COUNTER).await?;
        let statement = sql!("delete from suppressions where channel = $1 and address = $2 and reason <> $3");
        if tx.write(statement, args![channel, &address, BOUNCE]).await? == 0 {
            return Ok(0);
        }
        let statement = sql!(
            "update subscriptions set active = 1, unsubscribed_at = null, updated_at = $3 \
             where channel = $1 and address = $2 and unsubscribed_at is not null"
        );
        let woken = tx.write(statement, args![channel, &address, now]).await?;
        tx.set(COUNTER, version + 1).await?;
        tx.commit().await?;
        Ok(woken)
    }
}

/// [`Store::unsubscribe`] within a transaction that holds no message or delivery yet.
pub(super) async fn unsubscribe(
    tx: &mut Tx,
    channel: &str,
    address: &str,
    reason: &str,
    now: i64,
) -> Result<u64, StoreError> {
    let address = address_key(channel, address);
    check_key("address", &address)?;
    let version = tx.lock(COUNTER).await?;
    let statement = sql!(
        "update subscriptions set active = 0, unsubscribed_at = $3, updated_at = $3 \
         where channel = $1 and address = $2 and active = 1"
    );
    let ended = tx.write(statement, args![channel, &address, now]).await?;
    // A bounce outweighs what the person did: undoing the unsubscribe would not make the address exist.
    let statement = sql!(
        "insert into suppressions (channel, address, reason, at) values ($1, $2, $3, $4) \
         on conflict (channel, address) do update set reason = excluded.reason, at = excluded.at \
         where suppressions.reason <> $5"
    );
    tx.write(statement, args![channel, &address, reason, now, BOUNCE]).await?;
    // The owner of a lease may be sending this very moment, so the lease stays: it can still record what it did.
    let statement =
        sql!("update messages set state = 'cancelled' where channel = $1 and address = $2 and state = 'pending'");
    tx.write(statement, args![channel, &address]).await?;
    let statement = sql!(
        "update deliveries set state = 'cancelled' \
         where channel = $1 and address = $2 and state in ('waiting', 'pending')"
    );
    tx.write(statement, args![channel, &address]).await?;
    tx.set(COUNTER, version + 1).await?;
    Ok(ended)
}

/// An address as it is stored and compared: of a mail address the domain in lower case (RFC 5321 section 2.4), so that
/// one mailbox is one recipient.
pub(super) fn address_key(channel: &str, address: &str) -> String {
    let address = address.trim().replace('\0', "");
    match address.rsplit_once('@') {
        Some((mailbox, domain)) if channel == MAIL => format!("{mailbox}@{}", domain.to_ascii_lowercase()),
        _ => address,
    }
}

pub(super) fn frequency_name(frequency: Frequency) -> &'static str {
    match frequency {
        Frequency::Immediate => "immediate",
        Frequency::Daily => "daily",
    }
}

type SubscriptionRow = (String, String, String, String, String, i64);

fn from_row(row: SubscriptionRow) -> Result<Subscription, StoreError> {
    let (id, enterprise_id, channel, address, frequency, active) = row;
    let frequency = match frequency.as_str() {
        "immediate" => Frequency::Immediate,
        "daily" => Frequency::Daily,
        other => return Err(StoreError::Damaged { id, reason: format!("unknown frequency {other:?}") }),
    };
    Ok(Subscription { id, enterprise_id, channel, address, frequency, active: active == 1 })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_mailbox_is_one_address() {
        assert_eq!(address_key(MAIL, " Wang@Example.COM "), "Wang@example.com");
        assert_eq!(address_key(MAIL, "no-domain"), "no-domain");
        assert_eq!(address_key("webhook", "https://User@Example.com/A"), "https://User@Example.com/A");
    }
}
