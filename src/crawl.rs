//! One crawl of one source: lists, articles, each article stored as soon as it is read.
//!
//! Every article is one transaction, so a crawl that is killed has kept what it read, and the next one goes on: pages
//! fetched a short while ago are not asked for again, older ones are asked for conditionally.

use zhida_crawlers::{ArticleError, Fetcher, ListItem, Listing, Source, Validators, fetch_article};

use crate::failpoint;
use crate::state::AppState;
use crate::store::StoreError;
use crate::store::crawls::CrawlRun;
use crate::store::policies::Saved;

/// A page fetched less than this many milliseconds ago is not fetched again, unless the crawl is a full one.
const FRESH_MS: i64 = 20 * 3_600_000;

/// Errors that a run keeps in words; the rest is only counted.
const KEPT_ERRORS: usize = 50;

/// What a crawl tells while it runs.
#[derive(Debug, Clone)]
pub enum Progress<'a> {
    /// A list page was read and brought so many new entries.
    Listed(usize),
    /// An entry is done.
    Done(&'a ListItem),
}

/// Crawls a source now. `full` also asks for pages that were fetched a short while ago.
///
/// # Errors
/// The database failed. What a site does wrong is counted and told in the run.
pub async fn crawl(
    state: &AppState,
    fetcher: &Fetcher,
    source: &Source,
    full: bool,
    mut progress: impl FnMut(Progress<'_>),
) -> Result<CrawlRun, StoreError> {
    let started_at = state.clock.now();
    let id = state.store.start_crawl(&source.name, started_at).await?;
    let mut run = CrawlRun { source: source.name.clone(), started_at, ..CrawlRun::default() };
    let mut listing = Listing::new(source, fetcher.clone());
    loop {
        let page = match listing.next_page().await {
            Ok(Some(page)) => page,
            Ok(None) => break,
            Err(error) => {
                tracing::warn!(source = source.name, %error, "list page failed");
                // told before single pages: a list that fails hides all that stands on it
                run.errors.insert((run.lists_failed as usize).min(run.errors.len()), error.describe());
                run.errors.truncate(KEPT_ERRORS);
                run.lists_failed += 1;
                run.failed += 1;
                continue;
            }
        };
        run.lists += 1;
        run.found += page.items.len() as i64;
        progress(Progress::Listed(page.items.len()));
        for item in &page.items {
            crawl_item(state, fetcher, source, item, full, &mut run).await?;
            failpoint::pass("crawl.after_article");
            progress(Progress::Done(item));
        }
    }
    run.finished_at = Some(state.clock.now());
    state.store.finish_crawl(id, &run).await?;
    metrics::counter!("zhida_crawl_pages_total", "outcome" => "new").increment(run.new.unsigned_abs());
    metrics::counter!("zhida_crawl_pages_total", "outcome" => "failed").increment(run.failed.unsigned_abs());
    tracing::info!(
        source = source.name,
        found = run.found,
        new = run.new,
        changed = run.changed,
        failed = run.failed,
        "crawl finished"
    );
    Ok(run)
}

async fn crawl_item(
    state: &AppState,
    fetcher: &Fetcher,
    source: &Source,
    item: &ListItem,
    full: bool,
    run: &mut CrawlRun,
) -> Result<(), StoreError> {
    let known = state.store.page(&item.url).await?.filter(|page| page.policy_id.is_some());
    if let Some(page) = &known
        && !full
        && state.clock.now() - page.fetched_at < FRESH_MS
    {
        run.unchanged += 1;
        return Ok(());
    }
    let validators: Option<Validators> = known.map(|page| page.validators);
    match fetch_article(source, fetcher, item, validators.as_ref()).await {
        Ok(None) => run.unchanged += 1,
        Ok(Some(mut article)) => {
            article.policy.source = Some(source.name.clone());
            let now = state.clock.now();
            let saved =
                state.store.save_article(&article.policy, &item.url, &article.validators, &article.raw, now).await?.1;
            match saved {
                Saved::New(_) => run.new += 1,
                Saved::Changed(_) => run.changed += 1,
                Saved::Unchanged => run.unchanged += 1,
            }
        }
        Err(error) => {
            match &error {
                ArticleError::Fetch(_) => tracing::warn!(source = source.name, %error, "page not fetched"),
                ArticleError::Extract { .. } => tracing::info!(source = source.name, %error, "page left out"),
            }
            note(run, error.describe());
        }
    }
    Ok(())
}

fn note(run: &mut CrawlRun, error: String) {
    run.failed += 1;
    if run.errors.len() < KEPT_ERRORS {
        run.errors.push(error);
    }
}
