//! Enterprise profiles.

use zhida_schemas::Enterprise;

use super::{Store, StoreError};

impl Store {
    /// Saves profiles in one transaction, new or changed. A profile with an `email` also gets its mail subscription
    /// (id = `ENTERPRISE_ID:mail`), whose address and frequency follow the profile; one that was unsubscribed stays so.
    /// Returns how many were new or changed. The record is stored without its `email`.
    pub async fn save_enterprises(&self, enterprises: &[Enterprise], now: i64) -> Result<usize, StoreError> {
        let _ = (enterprises, now);
        unimplemented!()
    }

    /// One profile.
    pub async fn enterprise(&self, id: &str) -> Result<Option<Enterprise>, StoreError> {
        let _ = id;
        unimplemented!()
    }

    /// Profiles in order of id after `after`.
    pub async fn enterprises_after(&self, after: &str, limit: i64) -> Result<Vec<Enterprise>, StoreError> {
        let _ = (after, limit);
        unimplemented!()
    }

    /// Changes with every write to a profile or subscription: when it is the same as before, a loaded profile index is
    /// still right.
    pub async fn profiles_version(&self) -> Result<i64, StoreError> {
        unimplemented!()
    }
}
