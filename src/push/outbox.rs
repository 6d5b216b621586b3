//! The worker that sends: messages are leased, put into words, sent, and what became of them is recorded.
//!
//! A process that dies between lease and record loses nothing: the lease ends and the message is sent again under the
//! same Message-ID. That window (from the receiver's 250 to our record) is the only one in which a mail can go twice.

use std::fmt;
use std::time::Duration;

use serde::Serialize;
use tokio::sync::watch;
use tokio::task::JoinSet;

use crate::failpoint;
use crate::push::channels::{Channels, Outcome};
use crate::push::render::render;
use crate::state::AppState;
use crate::store::StoreError;
use crate::store::deliveries::LeasedMessage;

/// A channel that takes longer for one message is broken off.
pub const SEND_LIMIT: Duration = Duration::from_secs(45);
/// Longer than [`SEND_LIMIT`], or a message could be leased anew while it is being sent; not much longer, because this
/// is how long a message waits after the process that held it was killed.
const LEASE: Duration = Duration::from_secs(60);
/// Messages in flight at a time.
const WORKERS: usize = 4;

const MINUTE: i64 = 60_000;
const HOUR: i64 = 60 * MINUTE;
/// After the n-th try: the last comes two days after the first.
const BACK_OFF: [i64; 9] =
    [MINUTE, 5 * MINUTE, 30 * MINUTE, 2 * HOUR, 4 * HOUR, 6 * HOUR, 12 * HOUR, 12 * HOUR, 12 * HOUR];
/// A recipient that was refused without a code is asked again on another day.
const ANOTHER_DAY: i64 = 24 * HOUR;
/// What is recorded of such a refusal starts with this.
const DOUBTFUL: &str = "收件人可能不存在：";

/// How often the outbox is looked at.
const POLL: Duration = Duration::from_secs(1);
/// How often digests are made.
const GATHER: Duration = Duration::from_secs(5);
/// How long a channel that failed is left alone: doubled with each failure in a row, up to the second.
const PAUSE: (Duration, Duration) = (Duration::from_secs(2), Duration::from_secs(300));

/// What one run did.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct DeliverReport {
    /// Digests made.
    pub digests: u64,
    /// Messages sent.
    pub sent: u64,
    /// Messages put back to be tried again.
    pub retried: u64,
    /// Messages given up.
    pub failed: u64,
    /// Of those, messages whose address is gone and gets nothing more.
    pub suppressed: u64,
    /// Messages whose receiver refuses us.
    pub blocked: u64,
    /// Why nothing can be sent at all.
    pub fault: Option<String>,
    /// No channel is on: everything was left as it is.
    pub off: bool,
    /// Deliveries that are not sent yet.
    pub waiting: i64,
}

impl DeliverReport {
    /// Whether nothing calls for a person.
    pub fn is_well(&self) -> bool {
        self.fault.is_none() && self.blocked == 0
    }
}

impl fmt::Display for DeliverReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.off {
            return write!(f, "邮件通道未配置（mail.url 为空）：{} 条通知都留着，配置后会发送", self.waiting);
        }
        write!(f, "已发送 {} 封", self.sent)?;
        if self.digests > 0 {
            write!(f, "，生成汇总 {} 封", self.digests)?;
        }
        if self.retried > 0 {
            write!(f, "，稍后重试 {} 封", self.retried)?;
        }
        if self.failed > 0 {
            write!(f, "，未能送达 {} 封（其中 {} 封的地址已不存在，不再推送）", self.failed, self.suppressed)?;
        }
        if self.blocked > 0 {
            write!(f, "；{} 封被收件方拒收，请检查发件域名的 SPF、DKIM 和信誉", self.blocked)?;
        }
        if self.waiting > 0 {
            write!(f, "；还有 {} 条通知待发送", self.waiting)?;
        }
        if let Some(fault) = &self.fault {
            write!(f, "；邮件暂时发不出去：{fault}")?;
        }
        Ok(())
    }
}

/// Makes the digests that are due and sends everything that is due, then returns.
///
/// # Errors
/// The database failed; what was leased is sent when the leases end.
pub async fn deliver_due(state: &AppState, channels: &Channels, owner: &str) -> Result<DeliverReport, StoreError> {
    let mut report = DeliverReport { off: channels.is_empty(), ..DeliverReport::default() };
    if !report.off {
        report.digests = state.store.gather_digests(state.clock.now()).await?;
        send_due(state, channels, owner, &mut report, || false).await?;
    }
    let counts = state.store.delivery_counts().await?;
    report.waiting = counts.waiting + counts.pending;
    Ok(report)
}

/// Sends what is due, again and again, until `shutdown` becomes true; what is in flight then is finished.
pub async fn run(state: AppState, channels: Channels, owner: String, mut shutdown: watch::Receiver<bool>) {
    if channels.is_empty() {
        tracing::warn!("no channel is configured: notices wait");
        let _ = shutdown.wait_for(|stop| *stop).await;
        return;
    }
    let mut gathered: Option<tokio::time::Instant> = None;
    let mut pause = PAUSE.0;
    while !*shutdown.borrow() {
        let gather = gathered.is_none_or(|at| at.elapsed() >= GATHER);
        let wait = match tick(&state, &channels, &owner, gather, &shutdown).await {
            Ok(None) => {
                pause = PAUSE.0;
                POLL
            }
            // Logged where it was found.
            Ok(Some(_)) => longer(&mut pause),
            Err(error) => {
                tracing::error!(%error, "the outbox could not be worked on");
                longer(&mut pause)
            }
        };
        if gather {
            gathered = Some(tokio::time::Instant::now());
        }
        tokio::select! {
            () = tokio::time::sleep(wait) => {}
            // Also when the sender is gone.
            _ = shutdown.wait_for(|stop| *stop) => return,
        }
    }
}

fn longer(pause: &mut Duration) -> Duration {
    let now = *pause;
    *pause = (now * 2).min(PAUSE.1);
    now
}

/// One look at the outbox. Returns the channel's fault.
async fn tick(
    state: &AppState,
    channels: &Channels,
    owner: &str,
    gather: bool,
    shutdown: &watch::Receiver<bool>,
) -> Result<Option<String>, StoreError> {
    let now = state.clock.now();
    if gather {
        state.store.gather_digests(now).await?;
    }
    // Only reads, where to lease would write.
    if state.store.next_message_due().await?.is_none_or(|due| due > now) {
        return Ok(None);
    }
    let mut report = DeliverReport::default();
    send_due(state, channels, owner, &mut report, || *shutdown.borrow()).await?;
    tracing::info!(
        sent = report.sent,
        retried = report.retried,
        failed = report.failed,
        blocked = report.blocked,
        "outbox worked on"
    );
    Ok(report.fault)
}

/// Leases and sends until nothing is due, the channel fails, or `stop` says so.
async fn send_due(
    state: &AppState,
    channels: &Channels,
    owner: &str,
    report: &mut DeliverReport,
    stop: impl Fn() -> bool,
) -> Result<(), StoreError> {
    let mut sending = JoinSet::new();
    let mut failure = None;
    let mut drained = false;
    loop {
        let wanted = !drained && failure.is_none() && report.fault.is_none() && !stop();
        // Half of the workers at a time: a lease is a transaction.
        if wanted && sending.len() <= WORKERS / 2 {
            let free = i64::try_from(WORKERS - sending.len()).unwrap_or_default();
            let lease = i64::try_from(LEASE.as_millis()).unwrap_or_default();
            match state.store.lease_messages(owner, state.clock.now(), lease, free).await {
                Ok(messages) => {
                    drained = messages.is_empty();
                    for message in messages {
                        sending.spawn(send(state.clone(), channels.clone(), owner.to_owned(), message));
                    }
                }
                Err(error) => failure = Some(error),
            }
            if !drained && failure.is_none() {
                continue;
            }
        }
        match sending.join_next().await {
            Some(Ok(Ok(step))) => step.add_to(report),
            Some(Ok(Err(error))) => failure = Some(error),
            Some(Err(error)) => tracing::error!(%error, "sending a message failed; it is tried again"),
            None if wanted && !drained => {}
            None => return failure.map_or(Ok(()), Err),
        }
    }
}

/// What was recorded of one message.
#[derive(Debug, PartialEq, Eq)]
enum Step {
    Sent,
    Retried,
    Failed,
    Suppressed,
    Blocked,
    Fault(String),
}

impl Step {
    fn add_to(self, report: &mut DeliverReport) {
        match self {
            Self::Sent => report.sent += 1,
            Self::Retried => report.retried += 1,
            Self::Failed => report.failed += 1,
            Self::Suppressed => {
                report.failed += 1;
                report.suppressed += 1;
            }
            Self::Blocked => report.blocked += 1,
            Self::Fault(reason) => report.fault = Some(reason),
        }
    }
}

async fn send(
    state: AppState,
    channels: Channels,
    owner: String,
    mut message: LeasedMessage,
) -> Result<Step, StoreError> {
    // withdrawn since the message was leased
    let ids: Vec<String> = message.items.iter().map(|item| item.policy.id.clone()).collect();
    let withdrawn = state.store.withdrawn(&ids).await?;
    message.items.retain(|item| !withdrawn.contains(&item.policy.id));
    if message.items.is_empty() {
        // with nothing in it the next lease cancels it
        state.store.message_retry(&message.id, &owner, state.clock.now(), "", false).await?;
        return Ok(Step::Retried);
    }
    let rendered = render(&message, &state.config.platform, &state.secret);
    let outcome = match (channels.get(&message.channel), &rendered) {
        (Some(channel), Ok(rendered)) => {
            failpoint::pass("push.before_send");
            let outcome = tokio::time::timeout(SEND_LIMIT, channel.send(rendered)).await;
            failpoint::pass("push.after_send");
            outcome.unwrap_or_else(|_| Outcome::RetryAfter("发送超时".to_owned()))
        }
        (None, _) => Outcome::RetryAfter(format!("没有启用通道 {}", message.channel)),
        (_, Err(error)) => Outcome::Refused(format!("通知无法生成：{error}")),
    };
    record(&state, &owner, &message, outcome).await
}

/// What is to be recorded.
#[derive(Debug, PartialEq, Eq)]
enum Record {
    Sent,
    Retry { at: i64, error: String, counts: bool },
    Failed { error: String, suppress: bool },
}

/// What an outcome means to the message after its `tries` earlier ones; the last of them said `last_error`.
fn decide(outcome: Outcome, tries: i64, last_error: Option<&str>, now: i64) -> (Record, Step) {
    let again = |error: String| {
        let tried = usize::try_from(tries).unwrap_or_default();
        match BACK_OFF.get(tried) {
            Some(wait) => Record::Retry { at: now + wait, error, counts: true },
            None => Record::Failed { error, suppress: false },
        }
    };
    let step = |record: &Record| match record {
        Record::Failed { .. } => Step::Failed,
        _ => Step::Retried,
    };
    match outcome {
        Outcome::Delivered => (Record::Sent, Step::Sent),
        Outcome::RetryAfter(error) => {
            let record = again(error);
            let step = step(&record);
            (record, step)
        }
        Outcome::RecipientDoubtful(error) => {
            // It was put off to another day, so this is one.
            if last_error.is_some_and(|last| last.starts_with(DOUBTFUL)) {
                return (Record::Failed { error, suppress: true }, Step::Suppressed);
            }
            let record = match again(format!("{DOUBTFUL}{error}")) {
                Record::Retry { error, counts, .. } => Record::Retry { at: now + ANOTHER_DAY, error, counts },
                record => record,
            };
            let step = step(&record);
            (record, step)
        }
        Outcome::RecipientGone(error) => (Record::Failed { error, suppress: true }, Step::Suppressed),
        Outcome::Refused(error) => (Record::Failed { error, suppress: false }, Step::Failed),
        Outcome::Blocked(error) => (again(error), Step::Blocked),
        Outcome::Unavailable(error) | Outcome::Misconfigured(error) => {
            (Record::Retry { at: now, error: error.clone(), counts: false }, Step::Fault(error))
        }
    }
}

async fn record(state: &AppState, owner: &str, message: &LeasedMessage, outcome: Outcome) -> Result<Step, StoreError> {
    log(message, &outcome);
    let now = state.clock.now();
    let (record, step) = decide(outcome, message.attempts, message.last_error.as_deref(), now);
    let store = &state.store;
    let recorded = match record {
        Record::Sent => store.message_sent(&message.id, owner, now).await?,
        Record::Retry { at, error, counts } => store.message_retry(&message.id, owner, at, &error, counts).await?,
        Record::Failed { error, suppress } => store.message_failed(&message.id, owner, &error, suppress, now).await?,
    };
    if !recorded {
        // Cancelled or leased by another process meanwhile: theirs is the record.
        tracing::warn!(message = message.id, ?step, "what became of a message was not recorded");
    }
    Ok(step)
}

fn log(message: &LeasedMessage, outcome: &Outcome) {
    let id = message.id.as_str();
    let tries = message.attempts + 1;
    let name = match outcome {
        Outcome::Delivered => {
            tracing::debug!(message = id, tries, "message sent");
            "delivered"
        }
        Outcome::RetryAfter(reason) => {
            tracing::info!(message = id, tries, reason, "message put back");
            "retry"
        }
        Outcome::RecipientDoubtful(reason) => {
            tracing::info!(message = id, tries, reason, "recipient refused without a code");
            "recipient_doubtful"
        }
        Outcome::RecipientGone(reason) => {
            tracing::info!(message = id, tries, reason, "recipient gone");
            "recipient_gone"
        }
        Outcome::Refused(reason) => {
            tracing::warn!(message = id, tries, reason, "message refused");
            "refused"
        }
        Outcome::Blocked(reason) => {
            tracing::error!(message = id, tries, reason, "the receiver refuses mail from here");
            "blocked"
        }
        Outcome::Unavailable(reason) => {
            tracing::warn!(message = id, reason, "channel cannot be reached; messages wait");
            "unavailable"
        }
        Outcome::Misconfigured(reason) => {
            tracing::error!(message = id, reason, "channel is misconfigured; messages wait");
            "misconfigured"
        }
    };
    metrics::counter!("zhida_deliveries_total", "channel" => message.channel.clone(), "outcome" => name)
        .increment(message.items.len() as u64);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tries_go_on_for_two_days_and_end() {
        let mut now = 0;
        let mut tries = 0;
        let record = loop {
            match decide(Outcome::RetryAfter("稍后".into()), tries, None, now) {
                (Record::Retry { at, counts: true, .. }, Step::Retried) => {
                    assert!(at > now);
                    now = at;
                    tries += 1;
                }
                (record, step) => {
                    assert_eq!(step, Step::Failed);
                    break record;
                }
            }
        };
        assert_eq!(record, Record::Failed { error: "稍后".into(), suppress: false });
        assert!((48 * HOUR..52 * HOUR).contains(&now), "{} hours", now / HOUR);
    }

    #[test]
    fn the_channels_fault_is_no_try() {
        for tries in [0, 100] {
            for outcome in [Outcome::Unavailable("x".into()), Outcome::Misconfigured("x".into())] {
                let (record, step) = decide(outcome, tries, None, 7);
                assert_eq!(record, Record::Retry { at: 7, error: "x".into(), counts: false });
                assert_eq!(step, Step::Fault("x".into()));
            }
        }
    }

    #[test]
    fn a_refusal_without_a_code_is_believed_the_second_time_on_another_day() {
        let refusal = || Outcome::RecipientDoubtful("550".into());
        let (record, step) = decide(refusal(), 3, Some("450 稍后"), 0);
        let Record::Retry { at, error, counts: true } = record else { panic!("{record:?}") };
        assert_eq!((at, step), (ANOTHER_DAY, Step::Retried));
        let (record, step) = decide(refusal(), 4, Some(&error), at);
        assert_eq!(record, Record::Failed { error: "550".into(), suppress: true });
        assert_eq!(step, Step::Suppressed);
        // Something else in between: asked once more; at the end of all tries the recipient is kept.
        assert!(matches!(decide(refusal(), 5, Some("450 稍后"), at).0, Record::Retry { .. }));
        assert!(matches!(decide(refusal(), 99, Some("450"), at).0, Record::Failed { suppress: false, .. }));
    }

    #[test]
    fn a_lease_outlives_a_send() {
        assert!(LEASE > SEND_LIMIT + Duration::from_secs(10));
    }
}
