//! Deliveries and the messages that carry them.
//!
//! A delivery is the promise that one address hears of one policy on one occasion. A message is what is sent: one
//! delivery at once, or all that are due of one address as a digest. Messages are leased, sent, recorded.

use serde::Serialize;
use zhida_schemas::{Match, Policy};

use super::{Store, StoreError};

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
#[derive(Debug, Clone, Serialize)]
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
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
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
        let _ = now;
        unimplemented!()
    }

    /// Leases up to `limit` messages that are due and not leased (or whose lease ended) for `lease_ms`. A message whose
    /// policies were all withdrawn is cancelled instead.
    pub async fn lease_messages(
        &self,
        owner: &str,
        now: i64,
        lease_ms: i64,
        limit: i64,
    ) -> Result<Vec<LeasedMessage>, StoreError> {
        let _ = (owner, now, lease_ms, limit);
        unimplemented!()
    }

    /// Records that a message was taken by the receiver's server, with its deliveries. False when the lease was lost.
    pub async fn message_sent(&self, id: &str, owner: &str, now: i64) -> Result<bool, StoreError> {
        let _ = (id, owner, now);
        unimplemented!()
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
        let _ = (id, owner, at, error, counts);
        unimplemented!()
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
        let _ = (id, owner, error, suppress, now);
        unimplemented!()
    }

    /// Deliveries, the latest first.
    pub async fn deliveries(
        &self,
        state: Option<&str>,
        offset: i64,
        limit: i64,
    ) -> Result<Vec<DeliveryRow>, StoreError> {
        let _ = (state, offset, limit);
        unimplemented!()
    }

    /// How many deliveries stand in each state.
    pub async fn delivery_counts(&self) -> Result<DeliveryCounts, StoreError> {
        unimplemented!()
    }

    /// When the next message is due (leased ones: when the lease ends); `None` when none waits.
    pub async fn next_message_due(&self) -> Result<Option<i64>, StoreError> {
        unimplemented!()
    }
}
