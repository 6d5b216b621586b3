//! Matches, written together with their deliveries and the matcher's position.

use std::collections::hash_map::Entry;
use std::collections::{HashMap, HashSet};

use zhida_schemas::{Frequency, Match, Subscription};

use super::db::{ROWS, Tx, args, sql};
use super::subscriptions::address_key;
use super::{Store, StoreError, changes, check_key, encode, hash};

/// A match to be written, with the subscriptions that it is delivered to.
#[derive(Debug, Clone)]
pub struct NewMatch {
    /// Enterprise, policy, score, reasons.
    pub matched: Match,
    /// `new`, `change N` (entry N of the log), `reminder T-n`.
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

/// An enterprise for which a delivery of a policy was made.
#[derive(Debug, Clone, PartialEq)]
pub struct Told {
    /// The first match.
    pub matched: Match,
    /// Whether a delivery was sent, or will be: none that was cancelled or failed.
    pub hears: bool,
    /// Whether one of those was of a change.
    pub heard_of_change: bool,
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
        let mut tx = self.db.begin().await?;
        if !changes::move_reader(&mut tx, reader, from, to).await? {
            return Ok(None);
        }
        let mut recorded = Recorded { matches: write_matches(&mut tx, matches, now).await?, deliveries: 0 };
        crate::failpoint::pass("store.record_matches.between");
        let promises = promises(matches)?;
        recorded.deliveries = write_deliveries(&mut tx, &promises, daily_due_at, now).await?;
        write_enterprises(&mut tx, &promises).await?;
        crate::failpoint::pass("store.record_matches.before_commit");
        tx.commit().await?;
        Ok(Some(recorded))
    }

    /// For each enterprise that a delivery is for: the name, and what matched. In order of name.
    pub async fn matches_of_delivery(&self, delivery_id: &str) -> Result<Vec<(String, Match)>, StoreError> {
        let statement = sql!(
            "select e.record, m.enterprise_id, m.policy_id, m.score, m.reasons from deliveries d \
             join delivery_enterprises de on de.delivery_id = d.id join enterprises e on e.id = de.enterprise_id \
             join matches m on m.enterprise_id = e.id and m.policy_id = d.policy_id and m.occasion = d.occasion \
             where d.id = $1"
        );
        let rows: Vec<(String, String, String, f64, String)> = self.db.all(statement, args![delivery_id]).await?;
        let mut matches = Vec::with_capacity(rows.len());
        for (record, profile, policy, score, reasons) in rows {
            let enterprise: zhida_schemas::Enterprise = super::decode(&profile, &record)?;
            let reasons = super::decode(&profile, &reasons)?;
            matches.push((enterprise.name, Match { profile, policy, score, reasons }));
        }
        matches.sort_by(|a, b| a.0.cmp(&b.0));
        Ok(matches)
    }

    /// The enterprises for which a delivery of a policy was ever made, in order of their identity.
    pub async fn told(&self, policy_id: &str) -> Result<Vec<Told>, StoreError> {
        let statement = sql!(
            "select m.enterprise_id, m.score, m.reasons, d.occasion, d.state from matches m \
             join delivery_enterprises l on l.enterprise_id = m.enterprise_id \
             join deliveries d on d.id = l.delivery_id and d.policy_id = m.policy_id and d.occasion = m.occasion \
             where m.policy_id = $1 order by m.enterprise_id, m.at, m.occasion"
        );
        let rows: Vec<(String, f64, String, String, String)> = self.db.all(statement, args![policy_id]).await?;
        let mut all: Vec<Told> = Vec::new();
        for (profile, score, reasons, occasion, state) in rows {
            if all.last().is_none_or(|last| last.matched.profile != profile) {
                let reasons = super::decode(&profile, &reasons)?;
                let matched = Match { profile, policy: policy_id.to_owned(), score, reasons };
                all.push(Told { matched, hears: false, heard_of_change: false });
            }
            let Some(told) = all.last_mut() else { continue };
            let hears = matches!(state.as_str(), "waiting" | "pending" | "sent");
            told.hears |= hears;
            told.heard_of_change |= hears && occasion.starts_with("change ");
        }
        Ok(all)
    }

    /// How many matches there are.
    pub async fn match_count(&self) -> Result<i64, StoreError> {
        let row = self.db.one(sql!("select count(*) from matches"), args![]).await?;
        Ok(row.map_or(0, |(count,): (i64,)| count))
    }
}

/// A delivery to be written: what one address hears of one policy on one occasion, for all its enterprises.
struct Promise<'a> {
    id: String,
    channel: &'a str,
    address: String,
    policy_id: &'a str,
    occasion: &'a str,
    frequency: Frequency,
    enterprise_ids: Vec<&'a str>,
}

impl Promise<'_> {
    /// The message of an immediate delivery; a daily one waits for its digest.
    fn message_id(&self) -> Option<String> {
        (self.frequency == Frequency::Immediate).then(|| hash(&["message", &self.id]))
    }
}

/// The deliveries of a batch, one for each address, policy and occasion, in the order of the matches. Where an address
/// has both frequencies it hears at once.
fn promises(matches: &[NewMatch]) -> Result<Vec<Promise<'_>>, StoreError> {
    let mut promises: Vec<Promise<'_>> = Vec::new();
    let mut places: HashMap<String, usize> = HashMap::new();
    for new in matches {
        for subscription in &new.subscriptions {
            let address = address_key(&subscription.channel, &subscription.address);
            check_key("address", &address)?;
            let policy_id = new.matched.policy.as_str();
            let id = hash(&["delivery", &subscription.channel, &address, policy_id, &new.occasion]);
            match places.entry(id) {
                Entry::Occupied(place) => {
                    let Some(promise) = promises.get_mut(*place.get()) else { continue };
                    if subscription.frequency == Frequency::Immediate {
                        promise.frequency = Frequency::Immediate;
                    }
                    if !promise.enterprise_ids.contains(&new.matched.profile.as_str()) {
                        promise.enterprise_ids.push(&new.matched.profile);
                    }
                }
                Entry::Vacant(place) => {
                    promises.push(Promise {
                        id: place.key().clone(),
                        channel: &subscription.channel,
                        address,
                        policy_id,
                        occasion: &new.occasion,
                        frequency: subscription.frequency,
                        enterprise_ids: vec![&new.matched.profile],
                    });
                    place.insert(promises.len() - 1);
                }
            }
        }
    }
    Ok(promises)
}

async fn write_matches(tx: &mut Tx, matches: &[NewMatch], now: i64) -> Result<usize, StoreError> {
    let mut written = 0;
    for chunk in matches.chunks(ROWS) {
        let mut values = Vec::with_capacity(chunk.len() * 6);
        for NewMatch { matched, occasion, .. } in chunk {
            let reasons = encode(&matched.policy, &matched.reasons)?;
            values.extend(args![&matched.profile, &matched.policy, occasion, matched.score, reasons, now]);
        }
        let statement = sql!(
            "insert into matches (enterprise_id, policy_id, occasion, score, reasons, at) values {rows} \
             on conflict (enterprise_id, policy_id, occasion) do nothing"
        );
        written += tx.write(statement.rows(6), values).await?;
    }
    Ok(usize::try_from(written).unwrap_or(usize::MAX))
}

/// Writes deliveries that are not there, and a message for each of them that is immediate.
async fn write_deliveries(
    tx: &mut Tx,
    promises: &[Promise<'_>],
    daily_due_at: i64,
    now: i64,
) -> Result<usize, StoreError> {
    let mut written = 0;
    for chunk in promises.chunks(ROWS) {
        let mut values = Vec::with_capacity(chunk.len() * 9);
        for promise in chunk {
            let message_id = promise.message_id();
            let (state, due_at) = if message_id.is_some() { ("pending", now) } else { ("waiting", daily_due_at) };
            values.extend(args![
                &promise.id,
                promise.channel,
                &promise.address,
                promise.policy_id,
                promise.occasion,
                state,
                due_at,
                message_id,
                now,
            ]);
        }
        let statement = sql!(
            "insert into deliveries \
             (id, channel, address, policy_id, occasion, state, due_at, message_id, created_at) values {rows} \
             on conflict (channel, address, policy_id, occasion) do nothing returning id"
        );
        let new: Vec<(String,)> = tx.all(statement.rows(9), values).await?;
        let new: HashSet<String> = new.into_iter().map(|(id,)| id).collect();
        written += new.len();

        let mut values = Vec::new();
        for promise in chunk.iter().filter(|promise| new.contains(&promise.id)) {
            if let Some(id) = promise.message_id() {
                values.extend(args![id, promise.channel, &promise.address, 0, "pending", now, now]);
            }
        }
        if !values.is_empty() {
            let statement =
                sql!("insert into messages (id, channel, address, digest, state, due_at, created_at) values {rows}");
            tx.write(statement.rows(7), values).await?;
        }
    }
    Ok(written)
}

async fn write_enterprises(tx: &mut Tx, promises: &[Promise<'_>]) -> Result<(), StoreError> {
    let pairs: Vec<(&str, &str)> =
        promises.iter().flat_map(|p| p.enterprise_ids.iter().map(|id| (p.id.as_str(), *id))).collect();
    for chunk in pairs.chunks(ROWS) {
        let values = chunk.iter().flat_map(|(delivery_id, id)| args![*delivery_id, *id]).collect();
        let statement = sql!(
            "insert into delivery_enterprises (delivery_id, enterprise_id) values {rows} \
             on conflict (delivery_id, enterprise_id) do nothing"
        );
        tx.write(statement.rows(2), values).await?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn new_match(enterprise: &str, address: &str, frequency: Frequency) -> NewMatch {
        NewMatch {
            matched: Match { profile: enterprise.into(), policy: "p".into(), score: 1.0, reasons: Vec::new() },
            occasion: "new".into(),
            subscriptions: vec![Subscription {
                id: format!("{enterprise}:mail"),
                enterprise_id: enterprise.into(),
                channel: "mail".into(),
                address: address.into(),
                frequency,
                active: true,
            }],
        }
    }

    #[test]
    fn one_address_is_promised_once_and_hears_at_once_where_any_wants_that() {
        let matches = [
            new_match("e1", "a@example.com", Frequency::Daily),
            new_match("e2", "b@example.com", Frequency::Daily),
            new_match("e3", "a@EXAMPLE.com", Frequency::Immediate),
            new_match("e1", "a@example.com", Frequency::Daily),
        ];
        let promises = promises(&matches).unwrap();
        assert_eq!(promises.len(), 2);
        assert_eq!((promises[0].address.as_str(), promises[0].frequency), ("a@example.com", Frequency::Immediate));
        assert_eq!(promises[0].enterprise_ids, ["e1", "e3"]);
        assert!(promises[0].message_id().is_some() && promises[1].message_id().is_none());
    }
}
