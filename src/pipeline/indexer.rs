//! The reader that keeps the search index equal to SQL.
//!
//! Its position is in the index itself, in the payload of the commit that covers it, so that the two cannot differ.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use serde::Serialize;
use zhida_index::{IndexError, PolicyIndex, PolicyWriter};
use zhida_schemas::Policy;

use crate::failpoint;
use crate::state::AppState;
use crate::store::Store;

/// Entries of the log that are covered by one commit.
const BATCH: i64 = 500;

/// When a run puts in more than one policy of so many, the segments that it left are merged.
const MUCH: usize = 4;

/// What one run did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct IndexReport {
    /// Policies put into the index.
    pub put: usize,
    /// Policies taken out.
    pub removed: usize,
}

/// How the index compares with SQL.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct IndexDifference {
    /// Policies in SQL.
    pub in_sql: usize,
    /// Policies in the index.
    pub in_index: usize,
    /// In SQL and not in the index.
    pub missing: Vec<String>,
    /// In the index and not in SQL.
    pub surplus: Vec<String>,
    /// In both, with another version.
    pub stale: Vec<String>,
}

impl IndexDifference {
    /// Whether the two are equal.
    pub fn is_none(&self) -> bool {
        self.missing.is_empty() && self.surplus.is_empty() && self.stale.is_empty()
    }
}

/// Holds an index's one writer.
pub struct Indexer {
    index: Arc<PolicyIndex>,
    // shared with the blocking threads that do the writing; never contended
    writer: Arc<Mutex<PolicyWriter>>,
}

impl Indexer {
    /// Takes the writer.
    ///
    /// # Errors
    /// [`IndexError::Busy`] when another process holds it.
    pub fn open(index: Arc<PolicyIndex>) -> Result<Self, IndexError> {
        let writer = Arc::new(Mutex::new(index.writer()?));
        Ok(Self { index, writer })
    }

    /// Whether it writes this index.
    pub fn writes(&self, index: &Arc<PolicyIndex>) -> bool {
        Arc::ptr_eq(&self.index, index)
    }

    /// Reads the log to its head. `progress` is told the position reached after each commit.
    ///
    /// # Errors
    /// The database or the index failed; what was committed stays.
    pub async fn run(&mut self, store: &Store, mut progress: impl FnMut(i64)) -> anyhow::Result<IndexReport> {
        let mut report = IndexReport::default();
        let mut position = self.index.position()?;
        if position == 0 && self.index.is_empty() && store.log_head().await? > BATCH {
            // an empty index is filled faster from the policies than from their history
            report = self.rebuild(store, &mut progress).await?;
            position = self.index.position()?;
        }
        loop {
            let changes = store.changes_after(position, BATCH).await?;
            let Some(last) = changes.last() else { break };
            position = last.position;
            let ids: Vec<String> = changes
                .iter()
                .map(|change| (change.policy_id.clone(), ()))
                .collect::<BTreeMap<_, _>>()
                .into_keys()
                .collect();
            let policies = store.policies(&ids).await?;
            let mut gone: BTreeMap<String, ()> = ids.into_iter().map(|id| (id, ())).collect();
            for policy in &policies {
                gone.remove(&policy.id);
            }
            let gone: Vec<String> = gone.into_keys().collect();
            report.put += policies.len();
            report.removed += gone.len();
            self.write(policies, gone, Some(position)).await?;
            failpoint::pass("index.after_commit");
            self.index.reload()?;
            metrics::gauge!("zhida_index_position").set(position as f64);
            progress(position);
        }
        if report.put > self.index.len() / MUCH {
            self.with_writer(PolicyWriter::compact).await?;
            self.index.reload()?;
        }
        Ok(report)
    }

    /// Makes the index again from SQL. Searches see the old one until the new one is committed.
    ///
    /// # Errors
    /// The database or the index failed; the old index stays.
    pub async fn rebuild(&mut self, store: &Store, mut progress: impl FnMut(i64)) -> anyhow::Result<IndexReport> {
        // what is written to the log from here on is read again afterwards
        let head = store.log_head().await?;
        let mut report = IndexReport::default();
        self.with_writer(|writer| writer.clear()).await?;
        let mut after = String::new();
        loop {
            let policies = store.policies_after(&after, BATCH).await?;
            let Some(last) = policies.last() else { break };
            after.clone_from(&last.id);
            report.put += policies.len();
            self.write(policies, Vec::new(), None).await?;
            progress(report.put as i64);
        }
        self.with_writer(move |writer| writer.commit(head)).await?;
        self.with_writer(PolicyWriter::compact).await?;
        self.index.reload()?;
        Ok(report)
    }

    async fn write(&self, policies: Vec<Policy>, gone: Vec<String>, commit: Option<i64>) -> anyhow::Result<()> {
        self.with_writer(move |writer| {
            for policy in &policies {
                writer.put(policy)?;
            }
            for id in &gone {
                writer.remove(id)?;
            }
            match commit {
                Some(position) => {
                    failpoint::pass("index.before_commit");
                    writer.commit(position)
                }
                None => Ok(()),
            }
        })
        .await
    }

    async fn with_writer(
        &self,
        work: impl FnOnce(&mut PolicyWriter) -> Result<(), IndexError> + Send + 'static,
    ) -> anyhow::Result<()> {
        let writer = self.writer.clone();
        let done = tokio::task::spawn_blocking(move || {
            work(&mut writer.lock().unwrap_or_else(std::sync::PoisonError::into_inner))
        });
        Ok(done.await??)
    }
}

/// Compares identity and version of every policy.
///
/// # Errors
/// The database or the index failed.
pub async fn verify(state: &AppState) -> anyhow::Result<IndexDifference> {
    let index = state.search.index();
    index.reload()?;
    let mut indexed = index.versions()?;
    let mut difference = IndexDifference { in_index: indexed.len(), ..IndexDifference::default() };
    let mut after = String::new();
    loop {
        let stored = state.store.policy_versions(&after, 5_000).await?;
        let Some((last, _)) = stored.last() else { break };
        after.clone_from(last);
        for (id, version) in stored {
            difference.in_sql += 1;
            match indexed.remove(&id) {
                None => difference.missing.push(id),
                Some(found) if found != version => difference.stale.push(id),
                Some(_) => {}
            }
        }
    }
    difference.surplus = indexed.into_keys().collect();
    Ok(difference)
}
