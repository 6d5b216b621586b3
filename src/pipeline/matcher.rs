//! The reader that finds the enterprises each new document is for and writes their deliveries. When a document that
//! they were told of is repealed, amended or ends, or holds again, it tells them that too.

use std::collections::BTreeMap;

use chrono::{Days, NaiveDate};
use serde::Serialize;
use zhida_index::{Analyzer, ProfileIndex};
use zhida_schemas::Policy;
use zhida_schemas::policy::Validity;

use crate::clock;
use crate::state::AppState;
use crate::store::StoreError;
use crate::store::changes::{Change, ChangeKind};
use crate::store::matches::NewMatch;

/// Name under which the position is saved.
pub const READER: &str = "matcher";

/// Entries of the log that one transaction covers.
const BATCH: i64 = 200;

/// What one run did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct MatchReport {
    /// Entries of the log that were read.
    pub read: usize,
    /// Documents that were too old to be told of.
    pub too_old: usize,
    /// Documents that were not told of because nothing says how old they are.
    pub undated: usize,
    /// New matches.
    pub matches: usize,
    /// New deliveries.
    pub deliveries: usize,
}

/// The loaded profiles and the version of the store that they were loaded from.
pub struct Matcher {
    fingerprint: String,
    profiles: ProfileIndex,
    loaded: Option<i64>,
}

impl Matcher {
    /// A matcher that loads its profiles at the first run.
    pub fn new(analyzer: Analyzer) -> Self {
        Self { fingerprint: analyzer.fingerprint(), profiles: ProfileIndex::new(analyzer), loaded: None }
    }

    /// Reads the log to its head. When another process moves the reader meanwhile, this one goes on from there.
    ///
    /// # Errors
    /// The database failed; what was committed stays.
    pub async fn run(&mut self, state: &AppState) -> Result<MatchReport, StoreError> {
        let mut report = MatchReport::default();
        loop {
            let from = state.store.reader_position(READER).await?;
            let changes = state.store.changes_after(from, BATCH).await?;
            let Some(last) = changes.last() else { return Ok(report) };
            let to = last.position;
            self.refresh(state).await?;

            let mut ids: Vec<String> = changes
                .iter()
                .filter(|change| change.kind != ChangeKind::Withdrawn)
                .map(|change| change.policy_id.clone())
                .collect();
            ids.sort_unstable();
            ids.dedup();
            let policies = state.store.policies(&ids).await?;

            let mut batch = MatchReport { read: changes.len(), ..MatchReport::default() };
            let today = state.clock.today();
            let mut found = Vec::new();
            for policy in &policies {
                match age(policy, today, state.config.push.max_age_days) {
                    Age::New => found.extend(self.profiles.matches(policy)),
                    Age::TooOld => batch.too_old += 1,
                    Age::Undated => batch.undated += 1,
                }
            }

            let now = state.clock.now();
            let mut told: Vec<(zhida_schemas::Match, String)> =
                // a corrected document is told to those who were not told of it before: the same occasion, so that
                // nobody hears of it twice
                found.into_iter().map(|matched| (matched, "new".to_owned())).collect();
            for policy in &policies {
                let of_it = |change: &&Change| change.policy_id == policy.id;
                // of several turns in one batch only the last one still holds
                let is_turn =
                    |change: &&Change| change.kind == ChangeKind::Restored || change.validity == Some(policy.validity);
                let Some(turn) = changes.iter().rev().filter(of_it).find(is_turn) else { continue };
                let occasion = format!("change {}", turn.position);
                let told_before = state.store.told(&policy.id).await?.into_iter();
                let hears_again = told_before.filter(|told| match turn.kind {
                    // also those whose first notice was cancelled by the withdrawal
                    ChangeKind::Restored => true,
                    _ if is_end(policy.validity) => told.hears,
                    // what was said to have ended holds again
                    _ => told.heard_of_change,
                });
                told.extend(hears_again.map(|told| (told.matched, occasion.clone())));
            }
            let new = with_subscriptions(state, told).await?;
            let daily_due_at = next_daily(now, state.config.daily_at());
            let Some(recorded) = state.store.record_matches(READER, from, to, &new, daily_due_at, now).await? else {
                continue; // another process was faster
            };
            metrics::counter!("zhida_matches_total").increment(recorded.matches as u64);
            report.read += batch.read;
            report.too_old += batch.too_old;
            report.undated += batch.undated;
            report.matches += recorded.matches;
            report.deliveries += recorded.deliveries;
        }
    }

    /// Loads the profiles again when one of them, or the dictionary that cuts their words, changed.
    async fn refresh(&mut self, state: &AppState) -> Result<(), StoreError> {
        let version = state.store.profiles_version().await?;
        let analyzer = state.search.analyzer();
        if self.loaded == Some(version) && self.fingerprint == analyzer.fingerprint() {
            return Ok(());
        }
        self.fingerprint = analyzer.fingerprint();
        let mut profiles = ProfileIndex::new(analyzer);
        let mut after = String::new();
        loop {
            let enterprises = state.store.enterprises_after(&after, 1_000).await?;
            let Some(last) = enterprises.last() else { break };
            after.clone_from(&last.id);
            for enterprise in &enterprises {
                profiles.put(enterprise);
            }
        }
        self.profiles = profiles;
        self.loaded = Some(version);
        Ok(())
    }
}

/// Whether those who were told of a policy have to hear that its validity became this.
fn is_end(validity: Validity) -> bool {
    matches!(validity, Validity::Repealed | Validity::Amended | Validity::Expired)
}

async fn with_subscriptions(
    state: &AppState,
    found: Vec<(zhida_schemas::Match, String)>,
) -> Result<Vec<NewMatch>, StoreError> {
    let mut enterprises: Vec<String> = found.iter().map(|(matched, _)| matched.profile.clone()).collect();
    enterprises.sort_unstable();
    enterprises.dedup();
    let mut by_enterprise: BTreeMap<String, Vec<_>> = BTreeMap::new();
    if !enterprises.is_empty() {
        for subscription in state.store.active_subscriptions(&enterprises).await? {
            by_enterprise.entry(subscription.enterprise_id.clone()).or_default().push(subscription);
        }
    }
    Ok(found
        .into_iter()
        .map(|(matched, occasion)| NewMatch {
            subscriptions: by_enterprise.get(&matched.profile).cloned().unwrap_or_default(),
            occasion,
            matched,
        })
        .collect())
}

/// So far ahead of today a date of publication is believed.
const AHEAD: Days = Days::new(30);

#[derive(Debug, PartialEq, Eq)]
enum Age {
    New,
    TooOld,
    Undated,
}

/// Whether a document is news. A first crawl, an import, a rebuild or a re-extraction brings documents of every age,
/// and only the document's own date tells them from news. A date a little ahead is that of an announcement.
fn age(policy: &Policy, today: NaiveDate, max_age_days: i64) -> Age {
    let oldest = today.checked_sub_days(Days::new(max_age_days.unsigned_abs())).unwrap_or(NaiveDate::MIN);
    // further ahead a year was mistyped, and the document may be of any age
    let latest = today.checked_add_days(AHEAD).unwrap_or(NaiveDate::MAX);
    match [policy.published_on, policy.written_on].into_iter().flatten().find(|date| *date <= latest) {
        None => Age::Undated,
        Some(date) if date < oldest => Age::TooOld,
        Some(_) => Age::New,
    }
}

/// The next time at which daily digests go out, after `now`; both epoch milliseconds.
fn next_daily(now: i64, at: chrono::NaiveTime) -> i64 {
    let local = clock::local(now);
    let mut day = local.date_naive();
    if local.time() >= at {
        day = day.succ_opt().unwrap_or(day);
    }
    // China has had no daylight saving since 1991, so every local time exists once
    day.and_time(at).and_local_timezone(clock::ZONE).single().map_or(now, |due| due.timestamp_millis())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_dated_within_the_limit_is_news() {
        let today = NaiveDate::from_ymd_opt(2026, 3, 10).unwrap();
        let day = |d| NaiveDate::from_ymd_opt(2026, 3, d);
        for (published, written, expected) in [
            (day(10), None, Age::New),
            (day(3), None, Age::New),
            (day(2), None, Age::TooOld),
            (day(9), day(1), Age::New),
            (None, day(1), Age::TooOld),
            (None, day(9), Age::New),
            (day(12), None, Age::New),
            (NaiveDate::from_ymd_opt(2099, 3, 9), None, Age::Undated),
            (NaiveDate::from_ymd_opt(2099, 3, 9), day(9), Age::New),
            (None, None, Age::Undated),
        ] {
            let policy = Policy { published_on: published, written_on: written, ..Policy::default() };
            assert_eq!(age(&policy, today, 7), expected, "{published:?} {written:?}");
        }
    }

    #[test]
    fn the_next_digest_is_today_before_the_hour_and_tomorrow_from_it_on() {
        let at = chrono::NaiveTime::from_hms_opt(8, 30, 0).unwrap();
        let ms = |text: &str| chrono::DateTime::parse_from_rfc3339(text).unwrap().timestamp_millis();
        for (now, due) in [
            ("2026-03-10T08:29:59+08:00", "2026-03-10T08:30:00+08:00"),
            ("2026-03-10T08:30:00+08:00", "2026-03-11T08:30:00+08:00"),
            ("2026-12-31T23:00:00+08:00", "2027-01-01T08:30:00+08:00"),
        ] {
            assert_eq!(next_daily(ms(now), at), ms(due), "{now}");
        }
    }
}
