//! Deliveries and the messages that carry them.
//!
//! A delivery is the promise that one address hears of one policy on one occasion. A message is what is sent: one
//! delivery at once, or all that are due of one address as a digest. Messages are leased, sent, recorded.

use std::collections::{BTreeMap, HashMap, HashSet};

use serde::Serialize;
use zhida_schemas::{Match, Policy};

use super::db::{Arg, ROWS, Tx, args, sql};
use super::enterprises::COUNTER;
use super::subscriptions::{BOUNCE, unsubscribe};
use super::{Store, StoreError, decode, hash, policies};

/// A message that this process may send until its lease ends.
#[derive(Debug, Clone)]
pub struct LeasedMessage {
    /// Stable: the Message-ID is made of it.
    pub id: String,
    /// Name of the channel.
    pub channel: String,
    /// Where it goes.
    pub address: String,
    /// Whether it is a digest.
    pub digest: bool,
    /// How often sending was tried before.
    pub attempts: i64,
    /// What the last try said.
    pub last_error: Option<String>,
    /// When the message was made.
    pub created_at: i64,
    /// What it tells of, the earliest first.
    pub items: Vec<MessageItem>,
}

/// One policy in a message.
#[derive(Debug, Clone)]
pub struct MessageItem {
    /// The current version.
    pub policy: Policy,
    /// `new`, `change N`, `reminder T-n`.
    pub occasion: String,
    /// For each enterprise of this address that it matched: the name and the match.
    pub matches: Vec<(String, Match)>,
}

/// A row of the delivery list.
#[derive(Debug, Clone, Serialize, schemars::JsonSchema)]
pub struct DeliveryRow {
    /// Identity.
    pub id: String,
    /// Channel.
    pub channel: String,
    /// Address.
    pub address: String,
    /// Policy.
    pub policy_id: String,
    /// Its title.
    pub policy_title: String,
    /// Names of the enterprises it was for.
    pub enterprises: Vec<String>,
    /// `new`, `change N`, `reminder T-n`.
    pub occasion: String,
    /// `waiting` (for a digest), `pending`, `sent`, `failed`, `cancelled`.
    pub state: String,
    /// Tries so far.
    pub attempts: i64,
    /// What the last try said.
    pub last_error: Option<String>,
    /// When it is due, epoch milliseconds.
    pub due_at: i64,
    /// When it was sent, epoch milliseconds.
    pub sent_at: Option<i64>,
}

/// How many deliveries stand in each state.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, schemars::JsonSchema)]
#[allow(missing_docs)]
pub struct DeliveryCounts {
    pub waiting: i64,
    pub pending: i64,
    pub sent: i64,
    pub failed: i64,
    pub cancelled: i64,
}

impl Store {
    /// Makes one digest message for each address that has waiting deliveries due by `now`. Returns how many.
    pub async fn gather_digests(&self, now: i64) -> Result<u64, StoreError> {
        let mut tx = self.db.begin().await?;
        // Not `claiming`: a second gatherer must wait and then find nothing, or an address would get two digests.
        let statement =
            sql!("select id, channel, address from deliveries where state = 'waiting' and due_at <= $1 order by seq");
        let waiting: Vec<(String, String, String)> = tx.all(statement.locking(), args![now]).await?;
        let mut digests: BTreeMap<(String, String), Vec<String>> = BTreeMap::new();
        for (id, channel, address) in waiting {
            digests.entry((channel, address)).or_default().push(id);
        }

        let mut messages = Vec::with_capacity(digests.len());
        let mut members = Vec::new();
        for ((channel, address), ids) in &digests {
            // What is in it names it: every delivery is in one message, so no two are called the same.
            let parts: Vec<&str> = std::iter::once("digest").chain(ids.iter().map(String::as_str)).collect();
            let message_id = hash(&parts);
            members.extend(ids.iter().map(|id| (id, message_id.clone())));
            messages.push((message_id, channel, address));
        }
        for chunk in messages.chunks(ROWS) {
            let values = chunk
                .iter()
                .flat_map(|(id, channel, address)| args![id, *channel, *address, 1, "pending", now, now])
                .collect();
            let statement =
                sql!("insert into messages (id, channel, address, digest, state, due_at, created_at) values {rows}");
            tx.write(statement.rows(7), values).await?;
        }
        for chunk in members.chunks(ROWS) {
            let values = chunk.iter().flat_map(|(id, message_id)| args![*id, message_id]).collect();
            let statement = sql!(
                "with member (id, message_id) as (values {rows}) \
                 update deliveries set state = 'pending', message_id = member.message_id \
                 from member where deliveries.id = member.id"
            );
            tx.write(statement.rows(2), values).await?;
        }
        tx.commit().await?;
        Ok(messages.len() as u64)
    }

    /// Leases up to `limit` messages that are due and not leased (or whose lease ended) for `lease_ms`. A message whose
    /// policies were all withdrawn, or whose address is suppressed, is cancelled instead.
    pub async fn lease_messages(
        &self,
        owner: &str,
        now: i64,
        lease_ms: i64,
        limit: i64,
    ) -> Result<Vec<LeasedMessage>, StoreError> {
        let limit = limit.clamp(0, ROWS as i64);
        loop {
            let mut tx = self.db.begin().await?;
            let due = claim(&mut tx, now, limit).await?;
            if due.is_empty() {
                return Ok(Vec::new());
            }
            let (suppressed, wanted): (Vec<Due>, Vec<Due>) = due.into_iter().partition(|due| due.suppressions > 0);
            let mut items = load_items(&mut tx, &wanted).await?;
            let mut leased = Vec::new();
            let mut cancelled: Vec<String> = suppressed.into_iter().map(|due| due.id).collect();
            for due in wanted {
                match items.remove(&due.id).filter(|items| !items.is_empty()) {
                    Some(items) => leased.push(due.lease(items)),
                    None => cancelled.push(due.id),
                }
            }
            cancel(&mut tx, &cancelled).await?;
            if !leased.is_empty() {
                let mut values = args![owner, now.saturating_add(lease_ms)];
                values.extend(leased.iter().flat_map(|message| args![&message.id]));
                let statement = sql!("update messages set lease_owner = $1, lease_until = $2 where id in ({rows})");
                tx.write(statement.list(2), values).await?;
            }
            crate::failpoint::pass("store.lease.before_commit");
            tx.commit().await?;
            // With nothing left of these, further ones may be due.
            if !leased.is_empty() {
                return Ok(leased);
            }
        }
    }

    /// Records that a message was taken by the receiver's server, with its deliveries. False when the lease was lost.
    pub async fn message_sent(&self, id: &str, owner: &str, now: i64) -> Result<bool, StoreError> {
        let mut tx = self.db.begin().await?;
        // Cancelled after it was leased, it was sent all the same.
        let statement = sql!(
            "update messages set state = 'sent', sent_at = $3, attempts = attempts + 1, lease_owner = null, \
             lease_until = null, last_error = null \
             where id = $1 and lease_owner = $2 and state in ('pending', 'cancelled')"
        );
        if tx.write(statement, args![id, owner, now]).await? == 0 {
            return Ok(false);
        }
        let statement = sql!(
            "update deliveries set state = 'sent', sent_at = $2 \
             where message_id = $1 and state in ('pending', 'cancelled')"
        );
        tx.write(statement, args![id, now]).await?;
        crate::failpoint::pass("store.message_sent.before_commit");
        tx.commit().await?;
        Ok(true)
    }

    /// Puts a message back, due at `at`. `counts` says whether this was a try of the message (false: the channel's fault).
    pub async fn message_retry(
        &self,
        id: &str,
        owner: &str,
        at: i64,
        error: &str,
        counts: bool,
    ) -> Result<bool, StoreError> {
        let statement = sql!(
            "update messages set due_at = $3, last_error = $4, attempts = attempts + $5, lease_owner = null, \
             lease_until = null where id = $1 and lease_owner = $2 and state = 'pending'"
        );
        let values = args![id, owner, at, bounded(error), i64::from(counts)];
        Ok(self.db.write(statement, values).await? == 1)
    }

    /// Records that a message will not be sent; with `suppress`, its address gets no further message
    /// (`Store::unsubscribe` with reason `bounce`), in the same transaction.
    pub async fn message_failed(
        &self,
        id: &str,
        owner: &str,
        error: &str,
        suppress: bool,
        now: i64,
    ) -> Result<bool, StoreError> {
        let mut tx = self.db.begin().await?;
        if suppress {
            // Before the message, as an unsubscribe locks them.
            tx.lock(COUNTER).await?;
        }
        let statement = sql!(
            "update messages set state = 'failed', last_error = $3, attempts = attempts + 1, lease_owner = null, \
             lease_until = null where id = $1 and lease_owner = $2 and state in ('pending', 'cancelled') \
             returning channel, address"
        );
        let row: Option<(String, String)> = tx.one(statement, args![id, owner, bounded(error)]).await?;
        let Some((channel, address)) = row else { return Ok(false) };
        let statement =
            sql!("update deliveries set state = 'failed' where message_id = $1 and state in ('pending', 'cancelled')");
        tx.write(statement, args![id]).await?;
        if suppress {
            unsubscribe(&mut tx, &channel, &address, BOUNCE, now).await?;
        }
        tx.commit().await?;
        Ok(true)
    }

    /// Deliveries, the latest first.
    pub async fn deliveries(
        &self,
        state: Option<&str>,
        offset: i64,
        limit: i64,
    ) -> Result<Vec<DeliveryRow>, StoreError> {
        let statement = sql!(
            "select d.id, d.channel, d.address, d.policy_id, p.title, d.occasion, d.state, coalesce(m.attempts, 0), \
             m.last_error, coalesce(m.due_at, d.due_at), d.sent_at \
             from deliveries d join policies p on p.id = d.policy_id left join messages m on m.id = d.message_id \
             where $1 is null or d.state = $1 order by d.seq desc limit $2 offset $3"
        );
        let rows: Vec<DeliveryColumns> = self.db.all(statement, args![state, limit.max(0), offset.max(0)]).await?;
        let mut names: HashMap<String, Vec<String>> = HashMap::new();
        for chunk in rows.chunks(ROWS) {
            let statement = sql!(
                "select l.delivery_id, e.name from delivery_enterprises l join enterprises e on e.id = l.enterprise_id \
                 where l.delivery_id in ({rows}) order by l.delivery_id, e.id"
            );
            let ids = chunk.iter().flat_map(|row| args![&row.0]).collect();
            for (id, name) in self.db.all::<(String, String)>(statement.list(0), ids).await? {
                names.entry(id).or_default().push(name);
            }
        }
        let deliveries =
            rows.into_iter().map(|row| {
                let (
                    id,
                    channel,
                    address,
                    policy_id,
                    policy_title,
                    occasion,
                    state,
                    attempts,
                    last_error,
                    due_at,
                    sent_at,
                ) = row;
                let enterprises = names.remove(&id).unwrap_or_default();
                DeliveryRow {
                    id,
                    channel,
                    address,
                    policy_id,
                    policy_title,
                    enterprises,
                    occasion,
                    state,
                    attempts,
                    last_error,
                    due_at,
                    sent_at,
                }
            });
        Ok(deliveries.collect())
    }

    /// How many deliveries stand in each state.
    pub async fn delivery_counts(&self) -> Result<DeliveryCounts, StoreError> {
        let rows: Vec<(String, i64)> =
            self.db.all(sql!("select state, count(*) from deliveries group by state"), args![]).await?;
        let mut counts = DeliveryCounts::default();
        for (state, count) in rows {
            match state.as_str() {
                "waiting" => counts.waiting = count,
                "pending" => counts.pending = count,
                "sent" => counts.sent = count,
                "failed" => counts.failed = count,
                _ => counts.cancelled += count,
            }
        }
        Ok(counts)
    }

    /// When the next message is due (leased ones: when the lease ends); `None` when none waits.
    pub async fn next_message_due(&self) -> Result<Option<i64>, StoreError> {
        let statement = sql!(
            "select min(case when lease_until > due_at then lease_until else due_at end) \
             from messages where state = 'pending'"
        );
        let row: Option<(Option<i64>,)> = self.db.one(statement, args![]).await?;
        Ok(row.and_then(|(due_at,)| due_at))
    }
}

type DeliveryColumns = (String, String, String, String, String, String, String, i64, Option<String>, i64, Option<i64>);

/// What a server said can be long; this much is kept.
fn bounded(error: &str) -> String {
    error.chars().take(1000).collect()
}

/// A message that is due.
struct Due {
    id: String,
    channel: String,
    address: String,
    digest: bool,
    attempts: i64,
    last_error: Option<String>,
    created_at: i64,
    suppressions: i64,
}

type DueColumns = (String, String, String, i64, i64, Option<String>, i64, i64);

impl Due {
    fn lease(self, items: Vec<MessageItem>) -> LeasedMessage {
        LeasedMessage {
            id: self.id,
            channel: self.channel,
            address: self.address,
            digest: self.digest,
            attempts: self.attempts,
            last_error: self.last_error,
            created_at: self.created_at,
            items,
        }
    }
}

/// Messages that are due and that no other process holds, locked until the transaction ends.
async fn claim(tx: &mut Tx, now: i64, limit: i64) -> Result<Vec<Due>, StoreError> {
    // An unsubscribe may have come between a match and its delivery: it is looked at again here.
    let statement = sql!(
        "select m.id, m.channel, m.address, m.digest, m.attempts, m.last_error, m.created_at, \
         (select count(*) from suppressions x where x.channel = m.channel and x.address = m.address) \
         from messages m where m.state = 'pending' and m.due_at <= $1 \
         and (m.lease_until is null or m.lease_until <= $1) order by m.due_at, m.id limit $2"
    );
    let rows: Vec<DueColumns> = tx.all(statement.claiming(), args![now, limit]).await?;
    let due = rows.into_iter().map(|(id, channel, address, digest, attempts, last_error, created_at, suppressions)| {
        Due { id, channel, address, digest: digest == 1, attempts, last_error, created_at, suppressions }
    });
    Ok(due.collect())
}

/// Deliveries of messages as items, by message. Those of withdrawn policies are cancelled and leave their message.
async fn load_items(tx: &mut Tx, messages: &[Due]) -> Result<HashMap<String, Vec<MessageItem>>, StoreError> {
    if messages.is_empty() {
        return Ok(HashMap::new());
    }
    let message_ids = || messages.iter().flat_map(|due| args![&due.id]).collect::<Vec<Arg>>();
    let statement = sql!(
        "select id, message_id, policy_id, occasion from deliveries \
         where state = 'pending' and message_id in ({rows}) order by seq"
    );
    let deliveries: Vec<(String, String, String, String)> = tx.all(statement.list(0), message_ids()).await?;
    let statement = sql!(
        "select d.id, e.id, e.name, m.score, m.reasons from deliveries d \
         join delivery_enterprises l on l.delivery_id = d.id \
         join matches m on m.enterprise_id = l.enterprise_id and m.policy_id = d.policy_id and m.occasion = d.occasion \
         join enterprises e on e.id = l.enterprise_id \
         where d.state = 'pending' and d.message_id in ({rows}) order by d.seq, e.id"
    );
    let rows: Vec<(String, String, String, f64, String)> = tx.all(statement.list(0), message_ids()).await?;
    let mut matches: HashMap<String, Vec<(String, String, f64, String)>> = HashMap::new();
    for (id, enterprise_id, name, score, reasons) in rows {
        matches.entry(id).or_default().push((enterprise_id, name, score, reasons));
    }

    let policy_ids: HashSet<&str> = deliveries.iter().map(|(_, _, policy_id, _)| policy_id.as_str()).collect();
    let policy_ids: Vec<&str> = policy_ids.into_iter().collect();
    let current = policies::current(tx, &policy_ids).await?;
    let mut items: HashMap<String, Vec<MessageItem>> = HashMap::new();
    let mut withdrawn = Vec::new();
    for (id, message_id, policy_id, occasion) in deliveries {
        let Some(policy) = current.get(&policy_id) else {
            withdrawn.push(id);
            continue;
        };
        let matches = matches.remove(&id).unwrap_or_default();
        let matches = matches
            .into_iter()
            .map(|(profile, name, score, reasons)| {
                let reasons = decode(&id, &reasons)?;
                Ok((name, Match { profile, policy: policy_id.clone(), score, reasons }))
            })
            .collect::<Result<Vec<_>, StoreError>>()?;
        items.entry(message_id).or_default().push(MessageItem { policy: policy.clone(), occasion, matches });
    }
    for chunk in withdrawn.chunks(ROWS) {
        let values = chunk.iter().flat_map(|id| args![id]).collect();
        let statement =
            sql!("update deliveries set state = 'cancelled', message_id = null where id in ({rows})").list(0);
        tx.write(statement, values).await?;
    }
    Ok(items)
}

/// Cancels messages with whatever deliveries they still have.
async fn cancel(tx: &mut Tx, message_ids: &[String]) -> Result<(), StoreError> {
    if message_ids.is_empty() {
        return Ok(());
    }
    let ids = || message_ids.iter().flat_map(|id| args![id]).collect::<Vec<Arg>>();
    tx.write(sql!("update messages set state = 'cancelled' where id in ({rows})").list(0), ids()).await?;
    let statement =
        sql!("update deliveries set state = 'cancelled' where state = 'pending' and message_id in ({rows})");
    tx.write(statement.list(0), ids()).await?;
    Ok(())
}
