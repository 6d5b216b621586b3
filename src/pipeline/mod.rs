//! Readers of the log. Each has a saved position and is idempotent: a crash anywhere is a reader that resumes.

pub mod indexer;
pub mod linker;
pub mod matcher;

use crate::state::AppState;
use indexer::{IndexReport, Indexer};
use matcher::{MatchReport, Matcher};

/// Brings validity, index and matches up to the head of the log, for commands that do not stay. When a running `zhida serve`
/// holds the index, indexing is left to it and `None` is returned for it.
///
/// # Errors
/// The database or the index failed.
pub async fn catch_up(state: &AppState) -> anyhow::Result<(Option<IndexReport>, MatchReport)> {
    // a vocabulary that cannot be read was told of when the index was opened, and keeps nothing from being found
    if state.search.is_outdated().unwrap_or(false) {
        state.search.renew(&state.store, |_| {}).await?;
    }
    // first, so that what it changes is indexed and told of in the same run
    linker::run(state).await?;
    let indexed = match Indexer::open(state.search.index()) {
        Ok(mut indexer) => Some(indexer.run(&state.store, |_| {}).await?),
        Err(zhida_index::IndexError::Busy(_)) => None,
        Err(error) => return Err(error.into()),
    };
    let matched = Matcher::new(state.search.analyzer()).run(state).await?;
    Ok((indexed, matched))
}
