//! Subscriptions and unsubscribes.

use zhida_schemas::Subscription;

use super::{Store, StoreError};

impl Store {
    /// Saves one subscription (new, or replacing that of the same id).
    pub async fn save_subscription(&self, subscription: &Subscription, now: i64) -> Result<(), StoreError> {
        let _ = (subscription, now);
        unimplemented!()
    }

    /// One subscription.
    pub async fn subscription(&self, id: &str) -> Result<Option<Subscription>, StoreError> {
        let _ = id;
        unimplemented!()
    }

    /// Subscriptions in order of id after `after`.
    pub async fn subscriptions_after(&self, after: &str, limit: i64) -> Result<Vec<Subscription>, StoreError> {
        let _ = (after, limit);
        unimplemented!()
    }

    /// Active subscriptions of these enterprises whose address is not suppressed.
    pub async fn active_subscriptions(&self, enterprise_ids: &[String]) -> Result<Vec<Subscription>, StoreError> {
        let _ = enterprise_ids;
        unimplemented!()
    }

    /// Ends every subscription of an address at once, cancels its deliveries that are not sent, and suppresses it.
    /// Returns how many subscriptions ended.
    pub async fn unsubscribe(&self, channel: &str, address: &str, reason: &str, now: i64) -> Result<u64, StoreError> {
        let _ = (channel, address, reason, now);
        unimplemented!()
    }

    /// Undoes an unsubscribe that the person made (not a suppression after a hard bounce).
    pub async fn resubscribe(&self, channel: &str, address: &str, now: i64) -> Result<u64, StoreError> {
        let _ = (channel, address, now);
        unimplemented!()
    }
}
