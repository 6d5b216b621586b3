//! Stories of the outbox: promises in the store, mails in the inbox, and servers that fail in between.

#![allow(clippy::unwrap_used)]

#[path = "support/notices.rs"]
#[allow(dead_code)]
mod notices;

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use chrono::TimeDelta;
use mail_parser::MessageParser;
use notices::{config, matched, morning, policy, reasons};
use tokio::sync::watch;
use zhida::clock::Clock;
use zhida::push::catcher::{Catcher, Caught};
use zhida::push::channels::Channels;
use zhida::push::outbox::{DeliverReport, deliver_due, run};
use zhida::push::unsubscribe;
use zhida::state::AppState;
use zhida::store::Store;
use zhida::store::deliveries::DeliveryCounts;
use zhida::store::matches::NewMatch;
use zhida_schemas::{Enterprise, Frequency, Subscription};

/// A store, a clock that stands, and the address of a mail server that a story starts and stops.
struct Story {
    state: AppState,
    server: SocketAddr,
    caught: Caught,
    position: i64,
    _dir: tempfile::TempDir,
}

impl Story {
    /// Nothing listens on the address yet.
    async fn begin() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let catcher = Catcher::start("127.0.0.1:0").await.unwrap();
        let (server, caught) = (catcher.address(), catcher.caught());
        drop(catcher);
        let mut state = AppState::open(config(&format!("smtp://{server}")), dir.path()).await.unwrap();
        state.clock = Clock::fixed(morning());
        Self { state, server, caught, position: 0, _dir: dir }
    }

    async fn server(&self) -> Catcher {
        for _ in 0..50 {
            if let Ok(catcher) = Catcher::start_with(self.server, self.caught.clone()).await {
                return catcher;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        panic!("the mail server's port is taken");
    }

    /// One policy is promised to each address, for an enterprise of its own.
    async fn promise(&mut self, policy_id: &str, frequency: Frequency, addresses: &[&str]) {
        let (store, now) = (&self.state.store, self.state.clock.now());
        store.save_policies(&[policy(policy_id, &format!("{policy_id}（示例）"))], now).await.unwrap();
        let mut matches = Vec::new();
        for address in addresses {
            let enterprise =
                Enterprise {
                    id: format!("E-{address}"), name: format!("示例企业 {address}"), ..Enterprise::default()
                };
            store.save_enterprises(std::slice::from_ref(&enterprise), now).await.unwrap();
            let subscription = Subscription {
                id: format!("{}:{frequency:?}", enterprise.id),
                enterprise_id: enterprise.id.clone(),
                channel: "mail".into(),
                address: (*address).to_owned(),
                frequency,
                active: true,
            };
            store.save_subscription(&subscription, now).await.unwrap();
            let mut matched = matched(policy_id, reasons());
            matched.profile = enterprise.id;
            matches.push(NewMatch { matched, occasion: "new".into(), subscriptions: vec![subscription] });
        }
        let tomorrow = now + 23 * 3_600_000;
        let to = self.position + 1;
        let recorded = store.record_matches("test", self.position, to, &matches, tomorrow, now).await.unwrap().unwrap();
        assert_eq!(recorded.matches, addresses.len());
        self.position = to;
    }

    async fn deliver(&self) -> DeliverReport {
        let channels = Channels::from_config(&self.state.config).unwrap();
        deliver_due(&self.state, &channels, "story").await.unwrap()
    }

    fn later(&self, delta: TimeDelta) {
        let now = chrono::DateTime::from_timestamp_millis(self.state.clock.now()).unwrap();
        self.state.clock.set(now + delta);
    }

    async fn counts(&self) -> DeliveryCounts {
        self.state.store.delivery_counts().await.unwrap()
    }

    /// (address, Message-ID) → how often it came.
    fn inbox(&self) -> BTreeMap<(String, String), usize> {
        let mut inbox = BTreeMap::new();
        for mail in self.caught.mails() {
            let id = MessageParser::default().parse(&mail.data).unwrap().message_id().unwrap().to_owned();
            *inbox.entry((mail.to.join(","), id)).or_default() += 1;
        }
        inbox
    }

    /// Addresses that got mail, each once for each mail.
    fn receivers(&self) -> Vec<String> {
        let mut receivers: Vec<String> = self.caught.mails().into_iter().flat_map(|mail| mail.to).collect();
        receivers.sort();
        receivers
    }
}

const THREE: [&str; 3] = ["a@one.example", "b@two.example", "c@three.example"];

#[tokio::test]
async fn every_notice_is_sent_once() {
    let mut story = Story::begin().await;
    let _server = story.server().await;
    let addresses: Vec<String> = (0..30).map(|at| format!("reader{at:02}@enterprise.example")).collect();
    let addresses: Vec<&str> = addresses.iter().map(String::as_str).collect();
    story.promise("p1", Frequency::Immediate, &addresses).await;
    let report = story.deliver().await;
    assert_eq!(report, DeliverReport { sent: 30, ..DeliverReport::default() });
    assert_eq!(report.to_string(), "已发送 30 封");
    assert!(report.is_well());
    assert_eq!(story.receivers(), addresses);
    assert_eq!(story.counts().await, DeliveryCounts { sent: 30, ..DeliveryCounts::default() });
    assert_eq!(story.deliver().await, DeliverReport::default());
    assert_eq!(story.caught.len(), 30);
}

#[tokio::test]
async fn a_server_that_is_down_costs_nothing() {
    let mut story = Story::begin().await;
    story.promise("p1", Frequency::Immediate, &THREE).await;
    for _ in 0..15 {
        let report = story.deliver().await;
        assert!(report.fault.as_deref().unwrap().contains("连接"), "{report:?}");
        assert!(!report.is_well() && report.sent == 0 && report.waiting == 3);
        story.later(TimeDelta::hours(12));
    }
    let rows = story.state.store.deliveries(None, 0, 10).await.unwrap();
    assert!(rows.iter().all(|row| row.attempts == 0 && row.last_error.is_some()), "no try of a message: {rows:?}");
    let _server = story.server().await;
    assert_eq!(story.deliver().await.sent, 3);
    assert_eq!(story.deliver().await.sent, 0);
    assert_eq!(story.receivers(), THREE);
}

#[tokio::test]
async fn a_server_that_turns_us_away_costs_nothing() {
    let mut story = Story::begin().await;
    let server = story.server().await;
    story.promise("p1", Frequency::Immediate, &THREE).await;
    for reply in ["421 4.3.2 closing", "554 5.7.1 not you"] {
        server.fail(|faults| faults.greeting = Some(reply.to_owned()));
        let report = story.deliver().await;
        assert!(report.fault.as_deref().unwrap().contains(reply) && report.waiting == 3, "{report}");
    }
    server.fail(|faults| (faults.greeting, faults.sender) = (None, Some("550 5.7.1 sender not allowed".into())));
    assert!(story.deliver().await.fault.unwrap().contains("550 5.7.1"));
    server.fail(|faults| faults.sender = None);
    assert_eq!(story.deliver().await.sent, 3);
    assert_eq!(story.receivers(), THREE);
}

#[tokio::test]
async fn an_address_that_is_gone_gets_nothing_more_and_the_others_do() {
    let mut story = Story::begin().await;
    let server = story.server().await;
    let gone = "550 5.1.1 <b@two.example>: no such user";
    server.fail(|faults| faults.recipients = vec![("b@two.example".into(), gone.into(), u32::MAX)]);
    story.promise("p1", Frequency::Immediate, &THREE).await;
    story.promise("p2", Frequency::Daily, &THREE).await;
    let report = story.deliver().await;
    assert_eq!((report.sent, report.failed, report.suppressed), (2, 1, 1));
    assert!(report.is_well(), "a person who left is no fault");
    story.later(TimeDelta::days(1));
    assert_eq!(story.deliver().await.sent, 2);
    assert_eq!(story.receivers(), ["a@one.example", "a@one.example", "c@three.example", "c@three.example"]);
    let failed = story.state.store.deliveries(Some("failed"), 0, 10).await.unwrap();
    assert_eq!(failed.len(), 1);
    let error = failed[0].last_error.as_deref().unwrap();
    assert!(error.contains("550 5.1.1") && !error.contains('@'), "{error}");
    assert_eq!(story.counts().await.cancelled, 1, "the digest of the address that is gone");
    // Also when the server would take it by now.
    server.fail(|faults| faults.recipients.clear());
    story.promise("p3", Frequency::Immediate, &["b@two.example"]).await;
    assert_eq!(story.deliver().await.sent, 0);
}

#[tokio::test]
async fn a_refusal_for_now_is_tried_again_later() {
    let mut story = Story::begin().await;
    let server = story.server().await;
    server.fail(|faults| faults.recipients = vec![("a@one.example".into(), "450 4.2.0 greylisted".into(), 2)]);
    story.promise("p1", Frequency::Immediate, &THREE).await;
    let report = story.deliver().await;
    assert_eq!((report.sent, report.retried, report.waiting), (2, 1, 1));
    assert_eq!(story.deliver().await, DeliverReport { waiting: 1, ..DeliverReport::default() }, "not yet");
    story.later(TimeDelta::minutes(1));
    assert_eq!(story.deliver().await.retried, 1);
    story.later(TimeDelta::minutes(4));
    assert_eq!(story.deliver().await.retried, 0, "the second wait is longer");
    story.later(TimeDelta::minutes(1));
    assert_eq!(story.deliver().await.sent, 1);
    assert_eq!(story.receivers(), THREE);
}

#[tokio::test]
async fn a_full_mailbox_is_tried_for_two_days_and_its_owner_kept() {
    let mut story = Story::begin().await;
    let server = story.server().await;
    server.fail(|faults| faults.recipients = vec![("*".into(), "552 5.2.2 full".into(), u32::MAX)]);
    story.promise("p1", Frequency::Immediate, &["a@one.example"]).await;
    let mut hours = 0;
    while story.counts().await.failed == 0 {
        assert!(story.deliver().await.suppressed == 0 && hours < 100);
        story.later(TimeDelta::hours(1));
        hours += 1;
    }
    assert!(hours >= 48, "given up after {hours} hours");
    server.fail(|faults| faults.recipients.clear());
    story.promise("p2", Frequency::Immediate, &["a@one.example"]).await;
    assert_eq!(story.deliver().await.sent, 1);
}

#[tokio::test]
async fn a_refusal_without_a_code_is_believed_on_another_day() {
    let mut story = Story::begin().await;
    let server = story.server().await;
    server.fail(|faults| faults.recipients = vec![("*".into(), "550 no such user".into(), u32::MAX)]);
    story.promise("p1", Frequency::Immediate, &["a@one.example"]).await;
    assert_eq!(story.deliver().await.retried, 1);
    story.later(TimeDelta::hours(20));
    assert_eq!(story.deliver().await.suppressed, 0);
    story.later(TimeDelta::hours(4));
    assert_eq!(story.deliver().await.suppressed, 1);
    story.promise("p2", Frequency::Immediate, &["a@one.example"]).await;
    assert_eq!(story.deliver().await.sent, 0);
}

#[tokio::test]
async fn a_receiver_that_refuses_us_is_an_alarm_and_stops_nobody_else() {
    let mut story = Story::begin().await;
    let server = story.server().await;
    server.fail(|faults| faults.recipients = vec![("b@two.example".into(), "550 5.7.1 bad reputation".into(), 1)]);
    story.promise("p1", Frequency::Immediate, &THREE).await;
    let report = story.deliver().await;
    assert_eq!((report.sent, report.blocked), (2, 1));
    assert!(!report.is_well() && report.to_string().contains("SPF"), "{report}");
    story.later(TimeDelta::minutes(1));
    assert_eq!(story.deliver().await.sent, 1, "the recipient was kept");
}

#[tokio::test]
async fn a_mail_that_got_no_answer_comes_again_under_the_same_id() {
    let mut story = Story::begin().await;
    let server = story.server().await;
    server.fail(|faults| faults.dropped = 1);
    story.promise("p1", Frequency::Immediate, &THREE).await;
    let report = story.deliver().await;
    assert_eq!((report.sent, report.retried), (2, 1));
    story.later(TimeDelta::minutes(1));
    assert_eq!(story.deliver().await.sent, 1);
    let inbox = story.inbox();
    assert_eq!(inbox.len(), 3, "three Message-IDs: {inbox:?}");
    let mut times: Vec<usize> = inbox.into_values().collect();
    times.sort_unstable();
    assert_eq!(times, [1, 1, 2]);
}

#[tokio::test]
async fn a_digest_gathers_what_is_due_of_one_address() {
    let mut story = Story::begin().await;
    let _server = story.server().await;
    for id in ["p1", "p2", "p3"] {
        story.promise(id, Frequency::Daily, &["a@one.example"]).await;
    }
    story.promise("p4", Frequency::Daily, &["b@two.example"]).await;
    assert_eq!(story.deliver().await, DeliverReport { waiting: 4, ..DeliverReport::default() });
    story.later(TimeDelta::hours(23));
    let report = story.deliver().await;
    assert_eq!((report.digests, report.sent, report.waiting), (2, 2, 0));
    assert_eq!(report.to_string(), "已发送 2 封，生成汇总 2 封");
    let subjects: BTreeMap<String, String> = story
        .caught
        .mails()
        .into_iter()
        .map(|mail| {
            let subject = MessageParser::default().parse(&mail.data).unwrap().subject().unwrap().to_owned();
            (mail.to.join(","), subject)
        })
        .collect();
    assert_eq!(subjects["a@one.example"], "今日3条与您有关的政策");
    assert_eq!(subjects["b@two.example"], "今日1条与您有关的政策");
    assert_eq!(story.deliver().await, DeliverReport::default());
}

#[tokio::test]
async fn an_unsubscribe_takes_back_what_is_not_sent() {
    let mut story = Story::begin().await;
    let server = story.server().await;
    server.fail(|faults| faults.recipients = vec![("*".into(), "450 4.2.0 later".into(), 1)]);
    story.promise("p1", Frequency::Immediate, &["a@one.example"]).await;
    story.promise("p2", Frequency::Daily, &["a@one.example"]).await;
    assert_eq!(story.deliver().await.retried, 1);
    let token = unsubscribe::token_for(&story.state.secret, "mail", "a@one.example");
    let (channel, address) = unsubscribe::read(&story.state.secret, &token).unwrap();
    let now = story.state.clock.now();
    assert_eq!(story.state.store.unsubscribe(&channel, &address, "link", now).await.unwrap(), 2);
    story.later(TimeDelta::days(2));
    assert_eq!(story.deliver().await, DeliverReport::default());
    assert!(story.caught.is_empty());
    assert_eq!(story.counts().await.cancelled, 2);
}

#[tokio::test]
async fn with_mail_off_everything_waits_and_the_report_says_so() {
    let mut story = Story::begin().await;
    story.promise("p1", Frequency::Immediate, &THREE).await;
    let mut off = story.state.clone();
    off.config = Arc::new(config(""));
    let channels = Channels::from_config(&off.config).unwrap();
    let report = deliver_due(&off, &channels, "story").await.unwrap();
    assert!(report.off && report.waiting == 3 && report.is_well());
    assert_eq!(report.to_string(), "邮件通道未配置（mail.url 为空）：3 条通知都留着，配置后会发送");
    let _server = story.server().await;
    assert_eq!(story.deliver().await.sent, 3);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn workers_side_by_side_send_nothing_twice() {
    let mut story = Story::begin().await;
    let server = story.server().await;
    server.fail(|faults| faults.delay = Duration::from_millis(5));
    let addresses: Vec<String> = (0..60).map(|at| format!("reader{at:02}@enterprise.example")).collect();
    let addresses: Vec<&str> = addresses.iter().map(String::as_str).collect();
    story.promise("p1", Frequency::Immediate, &addresses).await;
    story.promise("p2", Frequency::Daily, &addresses).await;
    story.later(TimeDelta::days(1));
    // Each with a connection to the database of its own, as two processes have.
    let url = format!("sqlite:{}", story._dir.path().join("zhida.db").display());
    let mut workers = tokio::task::JoinSet::new();
    for name in ["one", "two", "three"] {
        let state = AppState { store: Store::open(&url).await.unwrap(), ..story.state.clone() };
        let channels = Channels::from_config(&state.config).unwrap();
        workers.spawn(async move { deliver_due(&state, &channels, name).await.unwrap() });
    }
    let reports = workers.join_all().await;
    assert_eq!(reports.iter().map(|report| report.sent).sum::<u64>(), 120, "{reports:?}");
    let inbox = story.inbox();
    assert_eq!(inbox.len(), 120);
    assert!(inbox.values().all(|times| *times == 1));
}

#[tokio::test]
async fn what_a_dead_process_held_is_sent_when_its_lease_ends() {
    let mut story = Story::begin().await;
    let _server = story.server().await;
    story.promise("p1", Frequency::Immediate, &THREE).await;
    let now = story.state.clock.now();
    assert_eq!(story.state.store.lease_messages("dead", now, 60_000, 2).await.unwrap().len(), 2);
    assert_eq!(story.deliver().await.sent, 1);
    story.later(TimeDelta::seconds(60));
    assert_eq!(story.deliver().await.sent, 2);
    assert_eq!(story.receivers(), THREE);
}

#[tokio::test]
async fn the_running_worker_sends_what_comes_and_stops_when_told() {
    let mut story = Story::begin().await;
    let (stop, stopping) = watch::channel(false);
    let channels = Channels::from_config(&story.state.config).unwrap();
    let worker = tokio::spawn(run(story.state.clone(), channels, "worker".into(), stopping));
    // Nobody listens yet.
    story.promise("p1", Frequency::Immediate, &["a@one.example"]).await;
    tokio::time::sleep(Duration::from_millis(1500)).await;
    let server = story.server().await;
    arrived(&story, 1).await;
    story.promise("p2", Frequency::Immediate, &["b@two.example"]).await;
    arrived(&story, 2).await;
    // What is in flight when told to stop is finished and recorded.
    server.fail(|faults| faults.delay = Duration::from_millis(1500));
    story.promise("p3", Frequency::Immediate, &["c@three.example"]).await;
    leased(&story).await;
    stop.send(true).unwrap();
    tokio::time::timeout(Duration::from_secs(5), worker).await.expect("it stops").unwrap();
    assert_eq!(story.receivers(), THREE);
    assert_eq!(story.counts().await.sent, 3);
}

/// Waits until a message is in flight: nothing is due before its lease ends.
async fn leased(story: &Story) {
    for _ in 0..500 {
        if story.state.store.next_message_due().await.unwrap().is_some_and(|due| due > story.state.clock.now()) {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("no message was leased");
}

async fn arrived(story: &Story, mails: usize) {
    for _ in 0..150 {
        if story.caught.len() >= mails {
            return;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("{} of {mails} mails arrived", story.caught.len());
}
