//! What is due and when.
//!
//! tokio-cron-scheduler is only a clock: a tick writes down that a job is due at a time, under a unique key. What is
//! run is decided from those rows, so a missed, doubled or slow tick changes nothing, and start-up writes down what
//! became due while the process was away.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, anyhow, bail};
use croner::Cron;
use croner::parser::{CronParser, Seconds};
use tokio::sync::watch;
use tokio_cron_scheduler::{Job, JobScheduler};
use zhida_crawlers::Source;

use crate::clock::{self, ZONE};
use crate::state::AppState;
use crate::store::schedule::DueJob;

/// How long a job belongs to the process that runs it; extended while it runs. Short, because this is how long a job
/// waits after the process that ran it was killed.
const LEASE_MS: i64 = 10_000;

/// A job and its schedule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scheduled {
    /// `crawl:NAME` or `digest`.
    pub job: String,
    /// Six cron fields, Asia/Shanghai.
    pub cron: String,
}

/// Looks after sources: alarms for those that are not crawled or fall silent, and telling them.
const WATCH: &str = "watch";
/// Forgets what is kept longer than it has to be.
const HOUSEKEEPING: &str = "housekeeping";

/// The jobs of this deployment as it is configured and defined now: a crawl for each wanted source, the daily digest,
/// the watch over sources, housekeeping.
///
/// # Errors
/// The database failed, `crawl.sources` names a source that is not there, or a schedule cannot be read.
pub async fn jobs(state: &AppState) -> anyhow::Result<Vec<Scheduled>> {
    let mut jobs = Vec::new();
    for source in wanted(state).await? {
        jobs.push(Scheduled { job: format!("crawl:{}", source.name), cron: source.schedule });
    }
    let at = state.config.daily_at().format("%-M %-H");
    jobs.push(Scheduled { job: "digest".to_owned(), cron: format!("0 {at} * * *") });
    jobs.push(Scheduled { job: WATCH.to_owned(), cron: "0 */5 * * * *".to_owned() });
    jobs.push(Scheduled { job: HOUSEKEEPING.to_owned(), cron: "0 40 3 * * *".to_owned() });
    for scheduled in &jobs {
        parse(&scheduled.cron).with_context(|| format!("{} 的时间表 {:?} 有误", scheduled.job, scheduled.cron))?;
    }
    Ok(jobs)
}

/// The sources that are crawled by schedule: those that `crawl.sources` names, and those that an editor saved and
/// marked as verified.
///
/// # Errors
/// The database failed, or `crawl.sources` names a source that is not there.
pub async fn wanted(state: &AppState) -> anyhow::Result<Vec<Source>> {
    let names = &state.config.crawl.sources;
    let defined = state.sources.defined(&state.store).await?;
    for name in names.iter().filter(|name| *name != "all") {
        if defined.get(name).is_none() {
            bail!("crawl.sources 里的 {name} 不存在：zhida source list 可列出全部信息源");
        }
    }
    let all = names.iter().any(|name| name == "all");
    let is_saved = |source: &Source| defined.version(&source.name).is_some();
    let is_wanted = |source: &&Source| names.contains(&source.name) || source.verified && (all || is_saved(source));
    Ok(defined.sources.iter().filter(is_wanted).cloned().collect())
}

/// Writes down for every job the last time at which it was due: what was missed while the process was away. A job
/// that was never due is due at once, so that a new deployment does not wait a day for its first documents.
///
/// # Errors
/// The database failed.
pub async fn catch_up(state: &AppState, jobs: &[Scheduled]) -> anyhow::Result<()> {
    for scheduled in jobs {
        note(state, scheduled).await?;
    }
    Ok(())
}

async fn note(state: &AppState, scheduled: &Scheduled) -> anyhow::Result<()> {
    let due_at = last_due(&scheduled.cron, state.clock.now())?;
    // an older time than one noted before is a clock that was set back
    if state.store.last_due(&scheduled.job).await?.is_none_or(|last| last < due_at)
        && state.store.note_due(&scheduled.job, due_at).await?
    {
        tracing::info!(job = scheduled.job, due = %clock::local(due_at), "due");
    }
    Ok(())
}

/// The last time at or before `now` at which a schedule was due; both epoch milliseconds.
///
/// # Errors
/// The schedule cannot be read, or is never due.
pub fn last_due(cron: &str, now: i64) -> anyhow::Result<i64> {
    let due = parse(cron)?.find_previous_occurrence(&clock::local(now), true)?;
    Ok(due.timestamp() * 1000)
}

fn parse(cron: &str) -> anyhow::Result<Cron> {
    let parser = CronParser::builder().seconds(Seconds::Required).build();
    Ok(parser.parse(cron)?)
}

/// The clock: runs until `shutdown` turns true. Every second it looks what became due by the definitions as they are
/// then, so that a new or changed one counts without a restart.
///
/// # Errors
/// The clock cannot be started.
pub async fn tick(state: AppState, mut shutdown: watch::Receiver<bool>) -> anyhow::Result<()> {
    let mut scheduler = JobScheduler::new().await?;
    // what was noted last, so that the database is asked only for what is new; a slow tick is not overtaken
    let noted = Arc::new(tokio::sync::Mutex::new(HashMap::new()));
    let every_second = Job::new_async_tz("* * * * * *", ZONE, move |_, _| {
        let (state, noted) = (state.clone(), noted.clone());
        Box::pin(async move {
            let Ok(mut noted) = noted.try_lock() else { return };
            if let Err(error) = note_due(&state, &mut noted).await {
                // the next tick, or start-up, notes what this one could not
                tracing::error!(%error, "tick not noted");
            }
        })
    })?;
    scheduler.add(every_second).await?;
    scheduler.start().await?;
    let _ = shutdown.wait_for(|stop| *stop).await;
    scheduler.shutdown().await?;
    Ok(())
}

async fn note_due(state: &AppState, noted: &mut HashMap<String, i64>) -> anyhow::Result<()> {
    for scheduled in jobs(state).await? {
        let due_at = last_due(&scheduled.cron, state.clock.now())?;
        if noted.get(&scheduled.job) != Some(&due_at) {
            note(state, &scheduled).await?;
            noted.insert(scheduled.job, due_at);
        }
    }
    Ok(())
}

/// The worker: runs what is due until `shutdown` turns true. Several processes on one database share the work.
pub async fn work(state: AppState, owner: String, mut shutdown: watch::Receiver<bool>) {
    loop {
        match run_next(&state, &owner).await {
            Ok(true) => continue,
            Ok(false) => {}
            Err(error) => tracing::error!(%error, "job failed"),
        }
        tokio::select! {
            () = tokio::time::sleep(Duration::from_secs(1)) => {}
            _ = shutdown.wait_for(|stop| *stop) => return,
        }
    }
}

/// Runs one job that is due; false when none is. A job that fails is not tried again before its next time: a site that
/// is down is asked again by schedule, and everything else a job does is found in SQL by the next run.
///
/// # Errors
/// The database failed.
pub async fn run_next(state: &AppState, owner: &str) -> anyhow::Result<bool> {
    let Some(job) = state.store.lease_job(owner, state.clock.now(), LEASE_MS).await? else { return Ok(false) };
    let extend = async {
        loop {
            tokio::time::sleep(Duration::from_millis(LEASE_MS.unsigned_abs() / 3)).await;
            let until = state.clock.now() + LEASE_MS;
            if let Err(error) = state.store.extend_job(&job, owner, until).await {
                tracing::warn!(job = job.job, %error, "lease not extended");
            }
        }
    };
    let done = tokio::select! {
        done = run(state, &job) => done,
        () = extend => unreachable!("the lease is extended for ever"),
    };
    if let Err(error) = done {
        tracing::error!(job = job.job, %error, "job failed");
    }
    state.store.finish_job(&job, owner, state.clock.now()).await?;
    Ok(true)
}

async fn run(state: &AppState, job: &DueJob) -> anyhow::Result<()> {
    if job.job == "digest" {
        let messages = state.store.gather_digests(state.clock.now()).await?;
        tracing::info!(messages, "digests gathered");
        return Ok(());
    }
    if job.job == WATCH {
        return crate::watch::watch(state).await;
    }
    if job.job == HOUSEKEEPING {
        return crate::watch::tidy(state).await;
    }
    let name = job.job.strip_prefix("crawl:").ok_or_else(|| anyhow!("unknown job {}", job.job))?;
    let defined = state.sources.defined(&state.store).await?;
    let source = defined.get(name).ok_or_else(|| anyhow!("source {name} is no longer defined"))?;
    if crate::crawl::crawl(state, &state.fetcher()?, source, false, |_| {}).await?.is_none() {
        tracing::info!(source = name, "another process is at it");
    }
    Ok(())
}

/// What is odd about when a source is crawled, in Chinese.
pub fn oddities(source: &Source, now: i64) -> Vec<String> {
    let Ok(cron) = parse(&source.schedule) else {
        return vec![format!("schedule = {:?} 有误（秒 分 时 日 月 周）", source.schedule)];
    };
    let mut odd = Vec::new();
    let times: Vec<_> = cron.iter_after(clock::local(now)).take(200).collect();
    match times.as_slice() {
        [] => odd.push(format!("schedule = {:?} 没有到期的时候，不会定时抓取", source.schedule)),
        [first, second, ..] if (*second - *first).num_seconds() < 60 => {
            odd.push(format!("schedule = {:?} 太密：两次之间不到一分钟", source.schedule));
        }
        _ => {}
    }
    if !times.is_empty() && times.iter().all(|time| !source.open_at(time.time())) {
        let hours = source.hours.as_deref().unwrap_or_default();
        odd.push(format!("schedule = {:?} 的时刻都不在 hours = {hours:?} 之内，不会定时抓取", source.schedule));
    }
    odd
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ms(text: &str) -> i64 {
        chrono::DateTime::parse_from_rfc3339(text).unwrap().timestamp_millis()
    }

    #[test]
    fn the_last_due_time_is_local_to_shanghai() {
        for (cron, now, due) in [
            ("0 30 8 * * *", "2026-03-10T08:29:59+08:00", "2026-03-09T08:30:00+08:00"),
            ("0 30 8 * * *", "2026-03-10T00:30:00Z", "2026-03-10T08:30:00+08:00"),
            ("0 30 8 * * *", "2026-03-10T08:30:00.900+08:00", "2026-03-10T08:30:00+08:00"),
            ("0 0 */2 * * *", "2026-03-10T01:10:00+08:00", "2026-03-10T00:00:00+08:00"),
            ("0 0 9 * * 1", "2026-03-12T10:00:00+08:00", "2026-03-09T09:00:00+08:00"),
        ] {
            assert_eq!(last_due(cron, ms(now)).unwrap(), ms(due), "{cron} at {now}");
        }
    }

    #[test]
    fn a_schedule_of_five_fields_is_refused() {
        assert!(last_due("30 8 * * *", ms("2026-03-10T08:29:59+08:00")).is_err());
        assert!(last_due("x", ms("2026-03-10T08:29:59+08:00")).is_err());
    }
}
