//! One crawl of one source: lists, articles, each article stored as soon as it is read.
//!
//! Every article is one transaction, so a crawl that is killed has kept what it read, and the next one goes on: pages
//! fetched a short while ago are not asked for again, older ones are asked for conditionally.

use zhida_crawlers::{
    ArticleError, ExtractError, Fetcher, ListItem, Listing, PageContext, Source, Validators, extract, fetch_article,
    understand,
};

use crate::failpoint;
use crate::state::AppState;
use crate::store::StoreError;
use crate::store::crawls::CrawlRun;
use crate::store::pages::PageCopy;
use crate::store::policies::Saved;
use crate::watch;

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
    let mut run = CrawlRun { source: source.name.clone(), started_at, full, ..CrawlRun::default() };
    let id = state.store.start_crawl(&run).await?;
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
    watch::judge(state, source).await?;
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
        Ok(None) => {
            run.unchanged += 1;
            state.store.page_unchanged(&item.url, state.clock.now()).await?;
        }
        Ok(Some(mut article)) => {
            watch::cover(run, &article.policy);
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

/// What reading stored pages again did.
#[derive(Debug, Clone, Default, serde::Serialize)]
pub struct Reread {
    /// Pages that were read.
    pub read: usize,
    /// Policies with a new version.
    pub changed: usize,
    /// Policies as they were.
    pub unchanged: usize,
    /// Pages that give no policy by the definition as it is now.
    pub failed: usize,
    /// Why, one line each, at most 50.
    pub errors: Vec<String>,
}

/// Pages that are read between two looks at the database.
const REREAD: i64 = 50;

/// Reads the kept pages of a source again, by its definition as it is now and without asking the site. What only the
/// list or the attachments said is taken from the record.
///
/// # Errors
/// The database failed.
pub async fn reread(state: &AppState, source: &Source, mut progress: impl FnMut()) -> Result<Reread, StoreError> {
    let mut report = Reread::default();
    let mut after = 0;
    loop {
        let copies = state.store.article_copies(&source.name, after, REREAD).await?;
        let Some(last) = copies.last() else { return Ok(report) };
        after = last.id;
        for copy in &copies {
            report.read += 1;
            match reread_page(state, source, copy).await? {
                Ok(Saved::Unchanged) => report.unchanged += 1,
                Ok(Saved::New(_) | Saved::Changed(_)) => report.changed += 1,
                Err(error) => {
                    report.failed += 1;
                    if report.errors.len() < KEPT_ERRORS {
                        report.errors.push(format!("{}：{error}", copy.url));
                    }
                }
            }
            progress();
        }
    }
}

async fn reread_page(
    state: &AppState,
    source: &Source,
    copy: &PageCopy,
) -> Result<Result<Saved, ExtractError>, StoreError> {
    let Some((_, raw)) = state.store.page_copy(copy.id).await? else { return Ok(Ok(Saved::Unchanged)) };
    let known = state.store.page(&copy.url).await?.and_then(|page| page.policy_id);
    let before = match known {
        Some(id) => state.store.policy(&id).await?,
        None => None,
    };
    let context = PageContext {
        url: &copy.url,
        source: Some(source),
        list_date: before.as_ref().and_then(|before| before.published_on),
        list_title: before.as_ref().map(|before| before.title.as_str()),
        ..PageContext::default()
    };
    let mut policy = match extract(&raw, &context) {
        Ok(policy) => policy,
        Err(error) => return Ok(Err(error)),
    };
    for attachment in &mut policy.attachments {
        let same = before.iter().flat_map(|before| &before.attachments).find(|old| old.url == attachment.url);
        if let Some(old) = same {
            *attachment = old.clone();
        }
    }
    understand(&mut policy, source.within());
    policy.source = Some(source.name.clone());
    let saved = state.store.save_policies(std::slice::from_ref(&policy), state.clock.now()).await?;
    Ok(Ok(saved.first().map_or(Saved::Unchanged, |(_, saved)| *saved)))
}
