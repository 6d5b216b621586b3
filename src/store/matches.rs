//! Matches, written together with their deliveries and the matcher's position.

use zhida_schemas::{Match, Subscription};

use super::{Store, StoreError};

/// A match to be written, with the subscriptions that it is delivered to.
#[derive(Debug, Clone)]
pub struct NewMatch {
    /// Enterprise, policy, score, reasons.
    pub matched: Match,
    /// `new`, `change N`, `reminder T-n`.
    pub occasion: String,
    /// Where it goes. Several matches of one batch may name the same address: it gets one delivery.
    pub subscriptions: Vec<Subscription>,
}

/// What was written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Recorded {
    /// Matches that were not there.
    pub matches: usize,
    /// Deliveries that were not there.
    pub deliveries: usize,
}

impl Store {
    /// In one transaction: moves the reader from `from` to `to` and writes matches and deliveries. `None`, with nothing
    /// written, when the reader no longer stands at `from`. A match exists once for (enterprise, policy, occasion), a
    /// delivery once for (channel, address, policy, occasion). Every immediate delivery gets a message of its own, due
    /// now; a daily one gets `due_at = daily_due_at` and waits for its digest.
    pub async fn record_matches(
        &self,
        reader: &str,
        from: i64,
        to: i64,
        matches: &[NewMatch],
        daily_due_at: i64,
        now: i64,
    ) -> Result<Option<Recorded>, StoreError> {
        let _ = (reader, from, to, matches, daily_due_at, now);
        unimplemented!()
    }

    /// How many matches there are.
    pub async fn match_count(&self) -> Result<i64, StoreError> {
        unimplemented!()
    }
}
