//! What is searched for: counted for editors (which words do people use, what do they not find) and for suggestions.
//!
//! A count says nothing of who searched, and a query that looks like a person's or a company's number, an address or a
//! long text is not counted at all. Counts are gathered in memory and written every few seconds; a process that is
//! killed loses those.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use chrono::{Days, NaiveDate};

use crate::state::AppState;
use crate::store::StoreError;
use crate::store::searches::SearchCount;

/// Longer queries are not counted.
const MAX_CHARS: usize = 40;
/// More digits in a row may be a telephone, a card or a credit code; year and serial of a document number are fewer.
const MAX_DIGITS: usize = 7;
/// Different queries that are held until they are written; more are not counted.
const MAX_HELD: usize = 10_000;
/// Counts are kept so long.
const KEPT_DAYS: u64 = 400;
/// Suggestions are queries of so many days that were asked at least so often and found something.
const SUGGESTED: (u64, i64) = (90, 3);
/// So many of them are held.
const MAX_SUGGESTED: i64 = 2_000;

/// By day and query, how often it was asked and how often nothing was found.
type Held = HashMap<(NaiveDate, String), (i64, i64)>;

/// Counts that are not written yet, and the frequent queries. Cheap to clone; clones share both.
#[derive(Clone, Default)]
pub struct Searches {
    held: Arc<Mutex<Held>>,
    frequent: Arc<RwLock<Arc<[String]>>>,
}

impl Searches {
    /// Counts a search by the first page of its results.
    pub fn count(&self, day: NaiveDate, query: &str, found: usize) {
        let Some(query) = countable(query) else { return };
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        if held.len() >= MAX_HELD && !held.contains_key(&(day, query.clone())) {
            return;
        }
        let (times, empty) = held.entry((day, query)).or_default();
        *times += 1;
        *empty += i64::from(found == 0);
    }

    /// The frequent queries, the most frequent first.
    pub fn frequent(&self) -> Arc<[String]> {
        self.frequent.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Writes what was counted, forgets what is old, and reads the frequent queries anew.
    ///
    /// # Errors
    /// The database failed; what was counted is kept for the next time.
    pub async fn write(&self, state: &AppState) -> Result<(), StoreError> {
        let taken = std::mem::take(&mut *self.held.lock().unwrap_or_else(PoisonError::into_inner));
        let mut days: BTreeMap<NaiveDate, Vec<SearchCount>> = BTreeMap::new();
        for ((day, query), (times, empty)) in taken {
            days.entry(day).or_default().push(SearchCount { query, times, empty });
        }
        let mut failed = None;
        for (day, counts) in days {
            if let Err(error) = state.store.add_searches(day, &counts).await {
                let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
                for SearchCount { query, times, empty } in counts {
                    let sum = held.entry((day, query)).or_default();
                    *sum = (sum.0 + times, sum.1 + empty);
                }
                failed = Some(error);
            }
        }
        if let Some(error) = failed {
            return Err(error);
        }
        let today = state.clock.today();
        let before = |days| today.checked_sub_days(Days::new(days)).unwrap_or(today);
        state.store.forget_searches(before(KEPT_DAYS)).await?;
        let (days, least) = SUGGESTED;
        let frequent = state.store.frequent_searches(before(days), today, false, MAX_SUGGESTED).await?;
        let frequent = frequent.into_iter().filter(|count| count.times >= least && count.empty < count.times);
        *self.frequent.write().unwrap_or_else(PoisonError::into_inner) = frequent.map(|count| count.query).collect();
        Ok(())
    }
}

/// A query as it is counted; `None` for one that is not.
fn countable(query: &str) -> Option<String> {
    let query = query.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase();
    let mut run = 0;
    let mut longest = 0;
    for c in query.chars() {
        // letters of a credit code, and separators of telephone and card numbers, do not end a run
        run = match c {
            _ if c.is_numeric() => run + 1,
            '-' | ' ' => run,
            _ if c.is_ascii_alphabetic() => run,
            _ => 0,
        };
        longest = longest.max(run);
    }
    let has_sense = query.chars().any(char::is_alphanumeric) && !query.contains(['@', '＠']) && !query.contains("://");
    (has_sense && query.chars().count() <= MAX_CHARS && longest <= MAX_DIGITS).then_some(query)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_may_be_somebody_is_not_counted() {
        for (query, counted) in [
            ("  高企　认定 ", Some("高企 认定")),
            ("国办发〔2017〕47号", Some("国办发〔2017〕47号")),
            ("AI 算力券", Some("ai 算力券")),
            ("gaoxin jishu qiye", Some("gaoxin jishu qiye")),
            ("工信部联企业2011 300", Some("工信部联企业2011 300")),
            ("13800001234", None),
            ("138-0000-1234 补贴", None),
            ("138 0000 1234", None),
            ("91320000MA1ABCDE0X", None),
            ("a@b.example", None),
            ("https://x.example", None),
            ("，。！", None),
            ("", None),
        ] {
            assert_eq!(countable(query).as_deref(), counted, "{query}");
        }
        assert_eq!(countable(&"政".repeat(41)), None);
    }

    #[test]
    fn memory_is_bounded() {
        let searches = Searches::default();
        let day = NaiveDate::default();
        for n in 0..MAX_HELD + 5 {
            searches.count(day, &format!("第{n}"), 1);
        }
        searches.count(day, "第0", 0);
        let held = searches.held.lock().unwrap();
        assert_eq!(held.len(), MAX_HELD);
        assert_eq!(held[&(day, "第0".to_owned())], (2, 1));
    }
}
