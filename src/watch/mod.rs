//! Watching over sources: a source that fails, changes its pages or falls silent raises an alarm to its editor, with
//! the evidence, and the alarm ends when the source is well again.

mod signals;
mod tell;

use std::collections::HashMap;

use zhida_crawlers::Source;

use crate::clock::DAY_MS;
use crate::push::channels::Channels;
use crate::schedule;
use crate::state::AppState;
use crate::store::StoreError;
use crate::store::alarms::{AlarmEvidence, AlarmKind};
use crate::store::crawls::CrawlRun;
use crate::store::pages::PageKind;

pub use signals::MAY_PASS;
use signals::Verdict;

/// Runs that a source is judged by.
const RUNS: i64 = 60;
/// Runs with something new that its habit is read from.
const NEWS: i64 = 40;

/// Days that runs, and jobs that were done, are kept.
const KEEP_RUNS_DAYS: i64 = 400;

/// Judges a source by its runs, after one of them.
///
/// # Errors
/// The database failed.
pub async fn judge(state: &AppState, source: &Source) -> Result<(), StoreError> {
    let runs = state.store.crawls_of(&source.name, RUNS).await?;
    let open: HashMap<AlarmKind, i64> = state
        .store
        .alarms(false, i64::MAX)
        .await?
        .into_iter()
        .filter(|alarm| alarm.source == source.name)
        .map(|alarm| (alarm.kind, alarm.raised_at))
        .collect();
    for (kind, verdict) in signals::of_runs(&runs, &open) {
        settle(state, &source.name, kind, verdict, runs.first()).await?;
    }
    judge_silence(state, source, runs.first()).await
}

async fn judge_silence(state: &AppState, source: &Source, last: Option<&CrawlRun>) -> Result<(), StoreError> {
    let news = state.store.crawls_with_news(&source.name, NEWS).await?;
    let first = state.store.first_crawl(&source.name).await?;
    let verdict = signals::quiet(last, &news, first, source.quiet_days, state.clock.now());
    settle(state, &source.name, AlarmKind::Quiet, verdict, last).await
}

async fn settle(
    state: &AppState,
    source: &str,
    kind: AlarmKind,
    verdict: Verdict,
    last: Option<&CrawlRun>,
) -> Result<(), StoreError> {
    let now = state.clock.now();
    match verdict {
        Verdict::Unknown => {}
        Verdict::Over => {
            if state.store.resolve_alarm(source, kind, now).await? {
                tracing::info!(source, kind = kind.name(), "alarm is over");
            }
        }
        Verdict::Holds(text) => {
            let evidence = evidence(state, source, kind, text, last).await?;
            if state.store.raise_alarm(source, kind, &evidence, now).await? {
                tracing::warn!(source, kind = kind.name(), evidence = evidence.text, "alarm");
            }
        }
    }
    Ok(())
}

/// The page that shows it, and that page as it last was when it was good.
async fn evidence(
    state: &AppState,
    source: &str,
    kind: AlarmKind,
    text: String,
    last: Option<&CrawlRun>,
) -> Result<AlarmEvidence, StoreError> {
    let shown = match kind {
        AlarmKind::ListEmpty | AlarmKind::Unreachable => state.store.faulty_copy(source, Some(PageKind::List)).await?,
        AlarmKind::Challenge => state.store.faulty_copy(source, None).await?,
        AlarmKind::Coverage => state.store.article_before(source, i64::MAX).await?,
        AlarmKind::ArticlesFailed | AlarmKind::Quiet | AlarmKind::NotCrawled => None,
    };
    let Some(shown) = shown else { return Ok(AlarmEvidence { text, ..AlarmEvidence::default() }) };
    let good = match kind {
        // the page itself is whole; an article of before the run shows how they were
        AlarmKind::Coverage => {
            let run = last.map_or(0, |run| run.started_at);
            state.store.article_before(source, run).await?
        }
        _ => state.store.good_copy(&shown.url).await?,
    };
    Ok(AlarmEvidence {
        text,
        url: Some(shown.url),
        copy: Some(shown.id),
        good_copy: good.map(|good| good.id).filter(|good| *good != shown.id),
    })
}

/// The watch that runs every few minutes: what no run can tell, because there is none, and telling the editors.
///
/// # Errors
/// The database failed.
pub async fn watch(state: &AppState) -> anyhow::Result<()> {
    let now = state.clock.now();
    for source in schedule::wanted(state).await? {
        let runs = state.store.crawls_of(&source.name, RUNS).await?;
        let previous = schedule::last_due(&source.schedule, now)
            .and_then(|due| Ok((due, schedule::last_due(&source.schedule, due - 1_000)?)));
        // a schedule that cannot be read is told when the jobs are made
        if let Ok((due, before)) = previous {
            let first = state.store.first_crawl(&source.name).await?;
            // one that asked for nothing, as it was not its hour, is none
            let last = runs.iter().find(|run| run.lists + run.lists_failed > 0);
            let verdict = signals::not_crawled(last, first, due, before, now);
            settle(state, &source.name, AlarmKind::NotCrawled, verdict, runs.first()).await?;
        }
        judge_silence(state, &source, runs.first()).await?;
    }
    // an alarm about what is no longer crawled is over
    let wanted = schedule::wanted(state).await?;
    let open = state.store.alarms(false, i64::MAX).await?;
    metrics::gauge!("zhida_alarms_open").set(open.len() as f64);
    for alarm in open {
        let timed = matches!(alarm.kind, AlarmKind::NotCrawled | AlarmKind::Quiet);
        if timed && wanted.iter().all(|source| source.name != alarm.source) {
            state.store.resolve_alarm(&alarm.source, alarm.kind, now).await?;
        }
    }
    tell::tell(state, &Channels::from_config(&state.config)?).await
}

/// Forgets what is kept longer than it has to be.
///
/// # Errors
/// The database failed.
pub async fn tidy(state: &AppState) -> anyhow::Result<()> {
    let now = state.clock.now();
    let copies = state.store.forget_page_copies(now - state.config.crawl.keep_pages_days * DAY_MS).await?;
    let runs = state.store.forget_crawls(now - KEEP_RUNS_DAYS * DAY_MS).await?;
    let jobs = state.store.forget_jobs(now - KEEP_RUNS_DAYS * DAY_MS).await?;
    tracing::info!(copies, runs, jobs, "kept no longer");
    Ok(())
}

/// Notes of an article that was read which of its fields are known.
pub fn cover(run: &mut CrawlRun, policy: &zhida_schemas::Policy) {
    let known = [
        ("title", !policy.title.is_empty()),
        ("published_on", policy.published_on.is_some()),
        ("issuers", !policy.issuers.is_empty()),
        ("doc_number", policy.doc_number.is_some()),
        ("body_text", policy.body_text.chars().count() >= 50),
        ("attachments", !policy.attachments.is_empty()),
    ];
    for (field, has) in known {
        let share = run.coverage.entry(field.to_owned()).or_default();
        share.of += 1;
        share.have += i64::from(has);
    }
}
