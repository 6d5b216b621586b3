//! One crawl of one source: lists, articles, each article stored as soon as it is read.
//!
//! Every article is one transaction, so a crawl that is killed has kept what it read, and the next one goes on: pages
//! fetched a short while ago are not asked for again, older ones are asked for conditionally. Pages that cannot be
//! used are kept too, as evidence.

use std::time::Duration;

use futures_util::{StreamExt, stream};
use tokio::task::JoinSet;
use zhida_crawlers::extract::challenge;
use zhida_crawlers::{
    Article, ArticleError, Budget, ExtractError, FetchError, Fetcher, ListError, ListItem, Listing, Manners, Source,
    Validators, charset, fetch_article, read_kept,
};

use crate::clock::DAY_MS;
use crate::state::AppState;
use crate::store::StoreError;
use crate::store::crawls::CrawlRun;
use crate::store::pages::{Came, Page, PageCopy, PageKind};
use crate::store::policies::Saved;
use crate::{clock, failpoint, watch};

/// A page fetched less than this many milliseconds ago is not fetched again, unless the crawl is a full one.
const FRESH_MS: i64 = 20 * 3_600_000;

/// List pages that are asked for conditionally; a walk rarely reads more of them than that.
const REMEMBERED_LISTS: i64 = 20;

/// Errors that a run keeps in words; the rest is only counted.
const KEPT_ERRORS: usize = 50;

/// Requests of a full sweep, where the definition allows no more of them.
const FULL_REQUESTS: usize = 20_000;

/// A run belongs to a process that was seen less than so many milliseconds ago,
const LEASE_MS: i64 = 20_000;
/// and the process shows itself this often.
const ALIVE: Duration = Duration::from_secs(5);

/// What cannot be had is asked for again after a day, then two, four …, and at most so many.
const MAX_REST_DAYS: i64 = 30;

/// What a crawl tells while it runs.
#[derive(Debug, Clone)]
pub enum Progress<'a> {
    /// A list page was read and brought so many new entries.
    Listed(usize),
    /// An entry is done.
    Done(&'a ListItem),
}

/// Crawls a source now. By default a list is followed until a page of it shows nothing but what is known; `full` walks
/// every list to its end and asks for every page again. A run that follows one that did not come to its end takes up
/// where that one was: nothing that it read is asked for again, and known pages do not end a list.
///
/// `None`: another process is crawling this source. One that was killed is waited for until its lease has ended.
///
/// # Errors
/// The database failed. What a site does wrong is counted and told in the run.
pub async fn crawl(
    state: &AppState,
    fetcher: &Fetcher,
    source: &Source,
    full: bool,
    mut progress: impl FnMut(Progress<'_>),
) -> Result<Option<CrawlRun>, StoreError> {
    let mut run = CrawlRun { source: source.name.clone(), full, ..CrawlRun::default() };
    if let Some(reason) = closed(state, source) {
        run.started_at = state.clock.now();
        return Ok(Some(CrawlRun { finished_at: Some(run.started_at), ended: Some(reason), ..run }));
    }
    let broken_off = state.store.last_crawl(&source.name).await?.filter(|last| !last.is_complete());
    let Some(id) = start(state, &mut run).await? else { return Ok(None) };
    let started_at = run.started_at;
    let _alive = show_alive(state, id);
    let mut manners = Manners::of(source);
    if full {
        manners.budget = Some(Budget::new(source.max_requests.max(FULL_REQUESTS)));
    }
    let budget = manners.budget.clone();
    let crawler = Crawler {
        full,
        state,
        fetcher: fetcher.with(manners),
        source,
        fresh_since: match &broken_off {
            _ if !full => started_at - FRESH_MS,
            Some(before) if before.full => before.started_at,
            _ => started_at,
        },
    };
    let remembered = state.store.remembered_lists(&source.name, REMEMBERED_LISTS).await?;
    let mut listing = Listing::new(source, crawler.fetcher.clone()).remember(remembered);
    if full {
        listing = listing.sweep();
    }
    while run.ended.is_none() {
        if let Some(reason) = closed(state, source) {
            run.ended = Some(reason);
            break;
        }
        let page = match listing.next_page().await {
            Ok(Some(page)) => page,
            Ok(None) => break,
            Err(error) if error.ends_the_run() => {
                run.ended = Some(error.describe());
                break;
            }
            Err(error) => {
                crawler.list_failed(&error, &listing, &mut run).await?;
                continue;
            }
        };
        run.lists += 1;
        run.found += page.items.len() as i64;
        progress(Progress::Listed(page.items.len()));
        crawler.keep_list(&page.url, None, &listing).await?;
        let mut all_known = !page.items.is_empty();
        // what is asked for side by side is stored one after another, in the order of the list
        let asked: Vec<_> = page.items.iter().map(|item| crawler.ask(item)).collect();
        let mut answers = stream::iter(asked).buffered(source.concurrency.max(1));
        while let Some(answer) = answers.next().await {
            let answer = answer?;
            let item = answer.item;
            all_known &= crawler.take(answer, &mut run).await?;
            failpoint::pass("crawl.after_article");
            progress(Progress::Done(item));
            if run.ended.is_some() {
                break;
            }
        }
        if broken_off.is_none() {
            listing.seen(all_known);
        }
    }
    run.requests = budget.map_or(0, |budget| budget.used() as i64);
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
        ended = run.ended,
        "crawl finished"
    );
    Ok(Some(run))
}

/// Why a source may not be asked now.
fn closed(state: &AppState, source: &Source) -> Option<String> {
    let open = source.open_at(clock::local(state.clock.now()).time());
    (!open).then(|| format!("不在允许抓取的时段（{}）", source.hours.as_deref().unwrap_or_default()))
}

/// Notes the start of a run, unless another process is at this source and stays there.
async fn start(state: &AppState, run: &mut CrawlRun) -> Result<Option<i64>, StoreError> {
    let mut seen = None;
    for _ in 0..=LEASE_MS / 1_000 {
        run.started_at = state.clock.now();
        match state.store.start_crawl(run, LEASE_MS).await? {
            Ok(id) => return Ok(Some(id)),
            Err(alive_at) if seen.is_some_and(|before| before != alive_at) => return Ok(None),
            Err(alive_at) => seen = Some(alive_at),
        }
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
    Ok(None)
}

/// Shows the others that the run goes on, until the answer is dropped.
fn show_alive(state: &AppState, id: i64) -> JoinSet<()> {
    let (store, clock) = (state.store.clone(), state.clock.clone());
    let mut tasks = JoinSet::new();
    tasks.spawn(async move {
        loop {
            tokio::time::sleep(ALIVE).await;
            if let Err(error) = store.crawl_goes_on(id, clock.now()).await {
                tracing::warn!(%error, "run not shown as alive");
            }
        }
    });
    tasks
}

struct Crawler<'a> {
    full: bool,
    state: &'a AppState,
    fetcher: Fetcher,
    source: &'a Source,
    /// Pages that were fetched at or after this time are not fetched again.
    fresh_since: i64,
}

/// What came of asking for one entry of a list.
struct Answer<'a> {
    item: &'a ListItem,
    /// Whether it gave a policy before.
    is_known: bool,
    /// Whether it was asked for before, with whatever outcome.
    was_asked: bool,
    fetched: Asked,
}

enum Asked {
    /// Not asked for: fetched a short while ago.
    Fresh,
    /// Not asked for: it could not be had before.
    Resting,
    /// `None` when the site says that it is as it was.
    Came(Box<Result<Option<Article>, ArticleError>>),
}

/// Whether a page that could not be had is left alone for now.
fn rests(page: &Page, now: i64) -> bool {
    let days = 1_i64.checked_shl(u32::try_from(page.failures - 1).unwrap_or(0)).unwrap_or(MAX_REST_DAYS);
    let until = page.failed_at.map(|at| at + days.clamp(1, MAX_REST_DAYS) * DAY_MS - DAY_MS / 6);
    page.failures > 0 && page.policy_id.is_none() && until.is_some_and(|until| now < until)
}

impl Crawler<'_> {
    async fn list_failed(&self, error: &ListError, listing: &Listing, run: &mut CrawlRun) -> Result<(), StoreError> {
        let raw = listing.raw();
        tracing::warn!(source = self.source.name, %error, "list page failed");
        let reason = error.describe();
        // told before single pages: a list that fails hides all that stands on it
        run.errors.insert((run.lists_failed as usize).min(run.errors.len()), reason.clone());
        run.errors.truncate(KEPT_ERRORS);
        run.lists_failed += 1;
        run.failed += 1;
        if run.failed_lists.len() < KEPT_ERRORS {
            run.failed_lists.push(error.url().to_owned());
        }
        if raw.is_empty() {
            return Ok(());
        }
        match challenge(&charset::decode(raw, None).0) {
            Some(_) => run.lists_refused += 1,
            None => run.lists_empty += 1,
        }
        self.keep_list(error.url(), Some(&reason), listing).await
    }

    async fn keep_list(&self, url: &str, fault: Option<&str>, listing: &Listing) -> Result<(), StoreError> {
        let source = Some(self.source.name.as_str());
        let (validators, raw) = (Some(listing.validators()), listing.raw());
        let page = Came { url, source, kind: PageKind::List, fault, validators, raw };
        self.state.store.keep_page(page, self.state.clock.now()).await?;
        Ok(())
    }

    /// Fetches one entry of a list, unless that was done a short while ago.
    async fn ask<'a>(&self, item: &'a ListItem) -> Result<Answer<'a>, StoreError> {
        let page = self.state.store.page(&item.url).await?;
        let is_known = page.as_ref().is_some_and(|page| page.policy_id.is_some());
        let was_asked = page.is_some();
        let answer = |fetched| Ok(Answer { item, is_known, was_asked, fetched });
        if page.as_ref().is_some_and(|page| is_known && page.fetched_at >= self.fresh_since) {
            return answer(Asked::Fresh);
        }
        if !self.full && page.as_ref().is_some_and(|page| rests(page, self.state.clock.now())) {
            return answer(Asked::Resting);
        }
        let validators: Option<Validators> = page.filter(|_| is_known).map(|page| page.validators);
        let came = fetch_article(self.source, &self.fetcher, item, validators.as_ref()).await;
        answer(Asked::Came(Box::new(came)))
    }

    /// Stores what came of one entry; true when it was known before.
    async fn take(&self, answer: Answer<'_>, run: &mut CrawlRun) -> Result<bool, StoreError> {
        let store = &self.state.store;
        let Answer { item, is_known, was_asked, fetched } = answer;
        let came = match fetched {
            Asked::Fresh => {
                run.unchanged += 1;
                return Ok(true);
            }
            Asked::Resting => {
                run.resting += 1;
                return Ok(true);
            }
            Asked::Came(came) => *came,
        };
        match came {
            Ok(None) => {
                run.unchanged += 1;
                store.page_unchanged(&item.url, self.state.clock.now()).await?;
                store.note_seen(&item.url, self.state.clock.now()).await?;
            }
            Ok(Some(mut article)) => {
                watch::cover(run, &article.policy);
                article.policy.source = Some(self.source.name.clone());
                let now = self.state.clock.now();
                let saved =
                    store.save_article(&article.policy, &item.url, &article.validators, &article.raw, now).await?.1;
                match saved {
                    Saved::New(_) => run.new += 1,
                    Saved::Changed(_) => run.changed += 1,
                    Saved::Unchanged => run.unchanged += 1,
                }
            }
            Err(error) => return self.item_failed(item, (is_known, was_asked), error, run).await,
        }
        Ok(is_known)
    }

    async fn item_failed(
        &self,
        item: &ListItem,
        (is_known, was_asked): (bool, bool),
        error: ArticleError,
        run: &mut CrawlRun,
    ) -> Result<bool, StoreError> {
        let store = &self.state.store;
        let now = self.state.clock.now();
        let reason = error.describe();
        let mut seen_before = is_known;
        match error {
            ArticleError::Fetch(error) if error.ends_the_run() => {
                run.ended = Some(reason);
                return Ok(is_known);
            }
            ArticleError::Fetch(error) => {
                tracing::warn!(source = self.source.name, %error, "page not fetched");
                if !error.is_temporary() {
                    run.lost += 1;
                    seen_before |= was_asked;
                    store.page_failed(&item.url, now).await?;
                }
                if is_known && matches!(error, FetchError::Status { status: 404 | 410, .. }) {
                    store.note_vanished(&item.url, now).await?;
                }
            }
            ArticleError::Extract { url, error, raw } => {
                tracing::info!(source = self.source.name, url, %error, "page left out");
                if let Some(kind) = error.kind() {
                    *run.refused.entry(kind.to_owned()).or_default() += 1;
                }
                // what was refused before does not make a list look new; what may pass is asked for again
                seen_before |= store.last_copy(&item.url).await?.is_some();
                if !error.kind().is_some_and(|kind| watch::MAY_PASS.contains(&kind)) {
                    store.page_failed(&item.url, now).await?;
                }
                let source = Some(self.source.name.as_str());
                let fault = Some(reason.as_str());
                let kind = PageKind::Article;
                let came = Came { url: &item.url, source, kind, fault, validators: None, raw: &raw };
                store.keep_page(came, now).await?;
            }
        }
        run.failed += 1;
        if run.errors.len() < KEPT_ERRORS {
            run.errors.push(reason);
        }
        Ok(seen_before)
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
    let mut policy = match read_kept(source, &copy.url, raw, before.as_ref()).await {
        Ok(policy) => policy,
        Err(error) => return Ok(Err(error)),
    };
    policy.source = Some(source.name.clone());
    let saved = state.store.save_policies(std::slice::from_ref(&policy), state.clock.now()).await?;
    Ok(Ok(saved.first().map_or(Saved::Unchanged, |(_, saved)| *saved)))
}
