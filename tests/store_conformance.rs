//! The promises of the store, kept on SQLite and on PostgreSQL by the same cases.
//!
//! Every case gets an empty database. When all have run, every statement of `src/store` must have run on both.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "support/postgres.rs"]
mod postgres;

use std::collections::{BTreeSet, HashMap, HashSet};
use std::future::Future;
use std::os::unix::process::ExitStatusExt;
use std::pin::Pin;

use chrono::NaiveDate;
use zhida::store::alarms::{AlarmEvidence, AlarmKind};
use zhida::store::changes::ChangeKind;
use zhida::store::crawls::{CrawlRun, Share};
use zhida::store::deliveries::{DeliveryCounts, LeasedMessage};
use zhida::store::imports::ImportedRow;
use zhida::store::matches::{NewMatch, Recorded};
use zhida::store::pages::{Came, PageKind};
use zhida::store::policies::Saved;
use zhida::store::schedule::DueJob;
use zhida::store::searches::SearchCount;
use zhida::store::{MAX_KEY_BYTES, Store, StoreError};
use zhida_crawlers::{Remembered, Validators};
use zhida_schemas::policy::{Citation, Location, Relation, Validity};
use zhida_schemas::{Enterprise, Frequency, Match, Policy, Reason, ReasonKind, ReasonState, Subscription, doc_number};

/// An empty database and a store on it.
struct Bench {
    url: String,
    store: Store,
    _folder: Option<tempfile::TempDir>,
}

impl Bench {
    /// Another process on the same database, as far as one process can play that: pools of its own.
    async fn other(&self) -> Store {
        Store::open(&self.url).await.unwrap()
    }
}

type Case = fn(Bench) -> Pin<Box<dyn Future<Output = ()> + Send>>;

macro_rules! cases {
    ($($name:ident),* $(,)?) => { &[$((stringify!($name), |bench| Box::pin($name(bench)))),*] };
}

const CASES: &[(&str, Case)] = cases![
    opening_twice_at_once,
    policies_are_versioned,
    a_batch_is_one_transaction,
    withdrawing_holds,
    a_withdrawal_is_told_and_undone,
    copies_are_places_of_one_policy,
    pages_go_and_come_back,
    corrections_are_put_over_what_is_stated,
    later_documents_change_earlier_ones,
    numbers_and_citations,
    keys_page_in_byte_order,
    text_that_databases_dislike,
    reader_moves_once,
    log_is_seen_in_order_under_writers,
    the_same_draft_from_two_processes,
    pages_and_runs,
    copies_of_pages,
    alarms_are_raised_once_and_told_once,
    definitions_keep_their_versions,
    profiles_and_their_subscriptions,
    unsubscribing,
    matches_and_deliveries_are_written_once,
    a_refused_match_writes_nothing,
    immediate_messages,
    digests,
    failures_and_bounces,
    withdrawn_policies_are_not_sent,
    unsubscribing_stops_what_is_under_way,
    messages_are_leased_once,
    digests_are_gathered_once,
    matches_of_one_position_are_recorded_once,
    jobs,
    jobs_are_leased_once,
    settings_and_secrets,
    searches_are_counted_by_day,
    imports_resume,
    crashes_leave_all_or_nothing,
];

#[test]
fn both_databases_keep_every_promise() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(4).enable_all().build().unwrap();
    let mut failures = Vec::new();
    runtime.block_on(async {
        for (name, case) in CASES {
            let folder = tempfile::tempdir().unwrap();
            let url = format!("sqlite:{}", folder.path().join("zhida.db").display());
            run("sqlite", name, *case, url, Some(folder), &mut failures).await;
        }
    });
    let server = postgres::server();
    if let Some(server) = server {
        runtime.block_on(async {
            for (name, case) in CASES {
                let url = server.database().await;
                run("postgres", name, *case, url, None, &mut failures).await;
            }
        });
    }
    assert!(failures.is_empty(), "failed: {failures:?}");
    #[cfg(debug_assertions)]
    every_statement_ran(server.is_some());
}

async fn run(
    backend: &str,
    name: &str,
    case: Case,
    url: String,
    folder: Option<tempfile::TempDir>,
    failures: &mut Vec<String>,
) {
    let store = Store::open(&url).await.unwrap();
    assert_eq!(store.backend(), backend);
    let started = std::time::Instant::now();
    let done = tokio::spawn(case(Bench { url, store: store.clone(), _folder: folder })).await;
    println!("{backend} {name}: {} in {:?}", if done.is_ok() { "ok" } else { "FAILED" }, started.elapsed());
    if done.is_err() {
        failures.push(format!("{backend} {name}"));
    }
    store.close().await;
}

/// Compares the statements that ran with those that the source has.
#[cfg(debug_assertions)]
fn every_statement_ran(with_postgres: bool) {
    let mut written = BTreeSet::new();
    for entry in std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/src/store")).unwrap() {
        let path = entry.unwrap().path();
        let file = path.file_name().unwrap().to_str().unwrap().to_owned();
        let source = std::fs::read_to_string(&path).unwrap();
        let source = source.split("#[cfg(test)]\nmod tests").next().unwrap();
        for (number, line) in source.lines().enumerate() {
            let code = line.trim_start();
            if !code.starts_with("//") && line.contains("sql!(") {
                assert_eq!(line.matches("sql!(").count(), 1, "{file}:{}: one statement to a line", number + 1);
                written.insert(format!("src/store/{file}:{}", number + 1));
            }
            // Whoever goes past `sql!` is not counted.
            assert!(file == "db.rs" || !line.contains("sqlx::query"), "{file}:{}: use sql!", number + 1);
        }
    }
    assert!(written.len() > 50, "the statements are found: {written:?}");
    let mut backends = vec!["sqlite"];
    if with_postgres {
        backends.push("postgres");
    }
    for backend in backends {
        let ran: BTreeSet<String> = Store::statements_run()
            .into_iter()
            .filter(|(on, _)| *on == backend)
            .map(|(_, place)| place.to_owned())
            .collect();
        let missing: Vec<_> = written.difference(&ran).collect();
        assert!(missing.is_empty(), "statements that no case runs on {backend}: {missing:?}");
        let unknown: Vec<_> = ran.difference(&written).collect();
        assert!(unknown.is_empty(), "statements that were not found in the source: {unknown:?}");
    }
}

const NOW: i64 = 1_750_000_000_000;

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn policy(name: &str) -> Policy {
    Policy {
        url: Some(format!("https://www.example.gov.cn/{name}.html")),
        title: format!("示例市关于{name}的通知"),
        doc_number: Some(format!("示例发〔2025〕{}号", name.len())),
        region_code: Some("320000".into()),
        published_on: Some(day("2025-06-01")),
        body_text: format!("示例：{name}的正文。"),
        ..Policy::default()
    }
}

fn enterprise(id: &str, email: Option<&str>) -> Enterprise {
    Enterprise {
        id: id.into(), name: format!("示例企业{id}"), email: email.map(Into::into), ..Enterprise::default()
    }
}

/// A policy and its id in the store.
async fn stored_policy(store: &Store, name: &str) -> String {
    store.save_policies(&[policy(name)], NOW).await.unwrap().remove(0).0
}

fn new_match(enterprise_id: &str, policy_id: &str, subscriptions: Vec<Subscription>) -> NewMatch {
    NewMatch {
        matched: Match {
            profile: enterprise_id.into(),
            policy: policy_id.into(),
            score: 0.75,
            reasons: vec![Reason {
                kind: ReasonKind::Region,
                state: ReasonState::Met,
                text: "注册地在发文地区内".into(),
                evidence: "示例市".into(),
            }],
        },
        occasion: "new".into(),
        subscriptions,
    }
}

fn subscription(enterprise_id: &str, address: &str, frequency: Frequency) -> Subscription {
    Subscription {
        id: format!("{enterprise_id}:mail"),
        enterprise_id: enterprise_id.into(),
        channel: "mail".into(),
        address: address.into(),
        frequency,
        active: true,
    }
}

/// Enterprises e0…, each with an address of its own, all matched by one policy; returns the policy's id.
async fn matched(store: &Store, count: usize, frequency: Frequency, daily_due_at: i64) -> String {
    let enterprises: Vec<Enterprise> = (0..count)
        .map(|n| Enterprise {
            frequency: Some(frequency),
            ..enterprise(&format!("e{n:03}"), Some(&format!("e{n:03}@example.com")))
        })
        .collect();
    store.save_enterprises(&enterprises, NOW).await.unwrap();
    let id = stored_policy(store, "match").await;
    let ids: Vec<String> = enterprises.iter().map(|e| e.id.clone()).collect();
    let subscriptions = store.active_subscriptions(&ids).await.unwrap();
    assert_eq!(subscriptions.len(), count);
    let matches: Vec<NewMatch> =
        subscriptions.into_iter().map(|s| new_match(&s.enterprise_id.clone(), &id, vec![s])).collect();
    let recorded = store.record_matches("matcher", 0, 1, &matches, daily_due_at, NOW).await.unwrap();
    assert_eq!(recorded, Some(Recorded { matches: count, deliveries: count }));
    id
}

fn ids(messages: &[LeasedMessage]) -> Vec<String> {
    messages.iter().map(|message| message.id.clone()).collect()
}

// ---------------------------------------------------------------------------------------------------------------------

async fn opening_twice_at_once(bench: Bench) {
    bench.store.ping().await.unwrap();
    let fresh = tempfile::tempdir().unwrap();
    let url = match bench.store.backend() {
        "sqlite" => format!("sqlite:{}", fresh.path().join("folder/new.db").display()),
        _ => postgres::server().unwrap().database().await,
    };
    let opened = futures(8, |_| {
        let url = url.clone();
        async move { Store::open(&url).await.map(drop).map_err(|error| error.to_string()) }
    })
    .await;
    assert!(opened.iter().all(Result::is_ok), "{opened:?}");
    assert!(matches!(Store::open("mysql://localhost/x").await, Err(StoreError::Url(_))));
    assert!(matches!(Store::open("sqlite:/dev/null/x/z.db").await, Err(StoreError::File { .. })));
}

/// Runs tasks side by side and returns what they gave, in order.
async fn futures<T: Send + 'static, F: Future<Output = T> + Send + 'static>(
    count: usize,
    make: impl Fn(usize) -> F,
) -> Vec<T> {
    let tasks: Vec<_> = (0..count).map(|n| tokio::spawn(make(n))).collect();
    let mut results = Vec::new();
    for task in tasks {
        results.push(task.await.unwrap());
    }
    results
}

async fn policies_are_versioned(bench: Bench) {
    let store = &bench.store;
    let draft = policy("a");
    let saved = store.save_policies(&[draft.clone(), policy("b")], NOW).await.unwrap();
    let id = draft.identity(None);
    assert_eq!(saved[0], (id.clone(), Saved::New(1)));
    assert_eq!(saved[1].1, Saved::New(2));
    assert_eq!(store.policy(&id).await.unwrap(), Some(Policy { id: id.clone(), version: 1, ..draft.clone() }));

    // The same content, from another source and with what the store gave it, is the same version.
    let again = Policy { id: id.clone(), version: 7, source: Some("other".into()), ..draft.clone() };
    assert_eq!(store.save_policies(&[again], NOW + 1).await.unwrap(), [(id.clone(), Saved::Unchanged)]);

    let changed = Policy { body_text: "示例：改过的正文。".into(), ..draft.clone() };
    assert_eq!(
        store.save_policies(std::slice::from_ref(&changed), NOW + 2).await.unwrap(),
        [(id.clone(), Saved::Changed(3))]
    );
    assert_eq!(store.policy(&id).await.unwrap(), Some(Policy { id: id.clone(), version: 2, ..changed }));
    let first = store.policy_version(&id, 1).await.unwrap().unwrap();
    assert_eq!((first.version, &first.body_text), (1, &draft.body_text), "the first version is kept");
    assert_eq!(store.policy_version(&id, 3).await.unwrap(), None);

    // Back to what it was is a change too.
    assert_eq!(store.save_policies(&[draft], NOW + 3).await.unwrap()[0].1, Saved::Changed(4));

    let changes = store.changes_after(0, 10).await.unwrap();
    let seen: Vec<_> = changes.iter().map(|c| (c.position, c.version, c.kind, c.at)).collect();
    assert_eq!(
        seen,
        [
            (1, 1, ChangeKind::New, NOW),
            (2, 1, ChangeKind::New, NOW),
            (3, 2, ChangeKind::Changed, NOW + 2),
            (4, 3, ChangeKind::Changed, NOW + 3)
        ]
    );
    assert_eq!(store.changes_after(1, 1).await.unwrap(), changes[1..2]);
    assert_eq!(store.log_head().await.unwrap(), 4);
    let counts = store.policy_counts().await.unwrap();
    assert_eq!((counts.policies, counts.changes), (2, 4));

    let asked = [saved[1].0.clone(), "nothing".to_owned(), id.clone()];
    let found: Vec<String> = store.policies(&asked).await.unwrap().into_iter().map(|p| p.id).collect();
    assert_eq!(found, [saved[1].0.clone(), id.clone()], "in the order asked for");
    assert!(store.policies(&[]).await.unwrap().is_empty());
    assert!(store.save_policies(&[], NOW).await.unwrap().is_empty());
}

async fn a_batch_is_one_transaction(bench: Bench) {
    let store = &bench.store;
    // More than one statement holds, with an id that comes twice in one chunk and again in another.
    let mut drafts: Vec<Policy> = (0..250).map(|n| policy(&format!("p{n:03}"))).collect();
    drafts[1] = Policy { title: "示例：第二版".into(), ..policy("p000") };
    drafts[2] = drafts[1].clone();
    drafts[249] = Policy { title: "示例：第三版".into(), ..policy("p000") };
    let saved = store.save_policies(&drafts, NOW).await.unwrap();
    assert_eq!(saved.len(), 250);
    assert_eq!(saved[0].1, Saved::New(1));
    assert_eq!(saved[1].1, Saved::Changed(2));
    assert_eq!(saved[2].1, Saved::Unchanged);
    assert_eq!(saved[249].1, Saved::Changed(249));
    let current = store.policy(&saved[0].0).await.unwrap().unwrap();
    assert_eq!((current.version, current.title.as_str()), (3, "示例：第三版"));
    assert_eq!(store.policy_version(&saved[0].0, 2).await.unwrap().unwrap().title, "示例：第二版");
    assert_eq!(store.policy_counts().await.unwrap().policies, 247);
    assert_eq!(store.log_head().await.unwrap(), 249);

    let again = store.save_policies(&drafts[3..249], NOW).await.unwrap();
    assert!(again.iter().all(|(_, saved)| *saved == Saved::Unchanged));

    // The last draft is refused: none of the others is there.
    let mut refused: Vec<Policy> = (0..150).map(|n| policy(&format!("r{n}"))).collect();
    refused[149].id = "长".repeat(MAX_KEY_BYTES);
    let answer = store.save_policies(&refused, NOW).await;
    assert!(matches!(answer, Err(StoreError::KeyTooLong { what: "policy id", .. })), "{answer:?}");
    assert_eq!(store.policy_counts().await.unwrap().policies, 247);
    assert_eq!(store.log_head().await.unwrap(), 249);
    assert_eq!(store.save_policies(&[policy("after")], NOW).await.unwrap()[0].1, Saved::New(250));

    let mut walked = Vec::new();
    let mut after = String::new();
    loop {
        let page = store.policies_after(&after, 90).await.unwrap();
        let Some(last) = page.last() else { break };
        after = last.id.clone();
        walked.extend(page.into_iter().map(|p| (p.id, p.version)));
    }
    assert_eq!(walked.len(), 248);
    assert_eq!(store.policy_versions("", 1000).await.unwrap(), walked);
    assert_eq!(store.policy_versions(&walked[9].0, 2).await.unwrap(), walked[10..12]);
}

async fn withdrawing_holds(bench: Bench) {
    let store = &bench.store;
    let id = stored_policy(store, "gone").await;
    assert!(store.withdraw_policy(&id, "示例：发布有误", NOW + 1).await.unwrap());
    assert!(!store.withdraw_policy(&id, "示例：发布有误", NOW + 2).await.unwrap(), "once");
    assert!(!store.withdraw_policy("nothing", "示例：发布有误", NOW).await.unwrap());
    assert_eq!(store.policy(&id).await.unwrap(), None);
    assert!(store.policies(std::slice::from_ref(&id)).await.unwrap().is_empty());
    assert!(store.policies_after("", 9).await.unwrap().is_empty());
    assert!(store.policy_versions("", 9).await.unwrap().is_empty());
    assert_eq!(store.policy_counts().await.unwrap().policies, 0);
    let last = store.changes_after(1, 9).await.unwrap();
    assert_eq!(last.len(), 1);
    assert_eq!((last[0].position, last[0].version, last[0].kind), (2, 1, ChangeKind::Withdrawn));

    // An editor took it out: neither the next crawl nor a new version brings it back.
    let changed = Policy { title: "示例：改过".into(), ..policy("gone") };
    for draft in [policy("gone"), changed] {
        assert_eq!(store.save_policies(&[draft], NOW + 3).await.unwrap(), [(id.clone(), Saved::Unchanged)]);
    }
    assert_eq!(store.log_head().await.unwrap(), 2);
    assert!(store.policy_version(&id, 1).await.unwrap().is_some(), "evidence stays");
}

async fn a_withdrawal_is_told_and_undone(bench: Bench) {
    let store = &bench.store;
    let id = matched(store, 2, Frequency::Immediate, 0).await;
    let other = stored_policy(store, "other").await;
    let asked = [id.clone(), other.clone(), "nothing".to_owned()];
    assert_eq!(store.withdrawal(&id).await.unwrap(), None);
    assert!(store.withdrawn(&asked).await.unwrap().is_empty());
    assert_eq!(store.stored_at(&asked).await.unwrap(), HashMap::from([(id.clone(), NOW), (other.clone(), NOW)]));
    assert!(!store.restore_policy(&id, NOW).await.unwrap(), "it is there");
    assert!(store.withdraw_policy(&id, "示例：发布有误", NOW + 1).await.unwrap());

    assert_eq!(store.withdrawal(&id).await.unwrap(), Some((NOW + 1, "示例：发布有误".to_owned())));
    assert_eq!(store.withdrawn(&asked).await.unwrap(), HashSet::from([id.clone()]));
    assert_eq!(store.stored_at(&asked).await.unwrap(), HashMap::from([(other.clone(), NOW)]));
    let told = store.withdrawn_since(NOW).await.unwrap();
    assert_eq!(told, [(policy("match").title, policy("match").doc_number.as_deref().map(doc_number::key))]);
    assert!(store.withdrawn_since(NOW + 2).await.unwrap().is_empty());
    assert!(store.policy_history(&id, 9).await.unwrap().is_empty());
    let counts = store.delivery_counts().await.unwrap();
    assert_eq!((counts.pending, counts.cancelled), (0, 2));
    let hears: Vec<bool> = store.told(&id).await.unwrap().into_iter().map(|told| told.hears).collect();
    assert_eq!(hears, [false, false], "a delivery was made and cancelled");
    assert!(store.told(&other).await.unwrap().is_empty());

    assert!(store.restore_policy(&id, NOW + 3).await.unwrap());
    assert!(!store.restore_policy(&id, NOW + 4).await.unwrap(), "once");
    assert!(!store.restore_policy("nothing", NOW).await.unwrap());
    assert_eq!(store.policy(&id).await.unwrap().unwrap().version, 1);
    assert_eq!(store.withdrawal(&id).await.unwrap(), None);
    let kinds: Vec<ChangeKind> =
        store.changes_after(2, 9).await.unwrap().into_iter().map(|change| change.kind).collect();
    assert_eq!(kinds, [ChangeKind::Withdrawn, ChangeKind::Restored]);
    let history = store.policy_history(&id, 9).await.unwrap();
    assert_eq!(history.iter().map(|(at, policy)| (*at, policy.version)).collect::<Vec<_>>(), [(NOW, 1)]);

    // what is told of a change is known apart from what is told of the document
    let to = store.active_subscriptions(&["e000".to_owned()]).await.unwrap();
    let change = NewMatch { occasion: "change 4".into(), ..new_match("e000", &id, to) };
    store.record_matches("matcher", 1, 2, &[change], 0, NOW + 5).await.unwrap().unwrap();
    let told: Vec<_> =
        store.told(&id).await.unwrap().into_iter().map(|t| (t.matched.profile, t.hears, t.heard_of_change)).collect();
    assert_eq!(told, [("e000".to_owned(), true, true), ("e001".to_owned(), false, false)]);

    // matched a moment before it was withdrawn, recorded a moment after
    store.withdraw_policy(&id, "示例：发布有误", NOW + 6).await.unwrap();
    let to = store.active_subscriptions(&["e001".to_owned()]).await.unwrap();
    let late = NewMatch { occasion: "change 5".into(), ..new_match("e001", &id, to) };
    store.record_matches("matcher", 2, 3, &[late], 0, NOW + 7).await.unwrap().unwrap();
    assert!(store.lease_messages("a", NOW + 8, 60_000, 10).await.unwrap().is_empty());
    let counts = store.delivery_counts().await.unwrap();
    assert_eq!((counts.pending, counts.cancelled), (0, 4));
}

/// One document as two government sites show it; the issuer's own first.
fn two_copies() -> [Policy; 2] {
    let text = "各有关企业：现组织申报示例项目，申报企业应当在镇江市注册登记，请于四月十五日前报送材料。".repeat(4);
    let copy = |url: &str, site: &str, title: &str, day: &str| Policy {
        url: Some(url.into()),
        locations: vec![Location { url: url.into(), site: Some(site.into()), ..Location::default() }],
        title: title.into(),
        doc_number: Some("镇工信〔2025〕3号".into()),
        issuers: vec!["镇江市工业和信息化局".into()],
        region_code: Some("321100".into()),
        published_on: Some(day.parse().unwrap()),
        body_text: text.clone(),
        ..Policy::default()
    };
    [
        copy(
            "https://gxj.zhenjiang.gov.cn/a.html",
            "镇江市工业和信息化局",
            "镇江市工业和信息化局关于组织申报示例项目的通知",
            "2025-06-01",
        ),
        copy("https://www.zhenjiang.gov.cn/b.html", "镇江市人民政府", "关于组织申报示例项目的通知", "2025-06-02"),
    ]
}

async fn copies_are_places_of_one_policy(bench: Bench) {
    let store = &bench.store;
    let [own, repost] = two_copies();
    let first = store.save_policies(std::slice::from_ref(&repost), NOW).await.unwrap().remove(0);
    assert_eq!(first, (repost.identity(None), Saved::New(1)), "the first place gives the identity");
    let id = first.0;
    let saved = store.save_policies(std::slice::from_ref(&own), NOW + 1).await.unwrap();
    assert_eq!(saved, [(id.clone(), Saved::Changed(2))], "the issuer's page leads from now on");
    let record = store.policy(&id).await.unwrap().unwrap();
    assert_eq!((&record.url, &record.title, record.version), (&own.url, &own.title, 2));
    let urls: Vec<&str> = record.locations.iter().map(|place| place.url.as_str()).collect();
    assert_eq!(urls, [own.url.as_deref().unwrap(), repost.url.as_deref().unwrap()]);
    let stated = store.stated(&[own.identity(None), repost.identity(None), "nothing".into()]).await.unwrap();
    assert_eq!(stated.len(), 2);
    assert_eq!((&stated[&repost.identity(None)].0, &stated[&repost.identity(None)].1.title), (&id, &repost.title));

    // the same again, alone, together and in the other order, is nothing new
    for batch in [vec![own.clone()], vec![repost.clone(), own.clone()], vec![own.clone(), repost.clone()]] {
        let saved = store.save_policies(&batch, NOW + 2).await.unwrap();
        assert!(saved.iter().all(|(home, saved)| *home == id && *saved == Saved::Unchanged), "{saved:?}");
    }
    assert_eq!(store.log_head().await.unwrap(), 2);
    // another text of the copy that does not lead is kept and changes no record
    let shorter = Policy { published_on: Some(day("2025-06-03")), ..repost.clone() };
    assert_eq!(store.save_policies(&[shorter], NOW + 3).await.unwrap(), [(id.clone(), Saved::Unchanged)]);
    assert_eq!(store.policy_counts().await.unwrap().policies, 1);

    // both in one batch, by one that finds the other there
    let next = |policy: &Policy| Policy {
        url: policy.url.as_deref().map(|url| url.replace(".html", "2.html")),
        doc_number: Some("镇工信〔2025〕4号".into()),
        locations: Vec::new(),
        ..policy.clone()
    };
    let saved = store.save_policies(&[next(&own), next(&repost)], NOW + 4).await.unwrap();
    assert_eq!(saved[0].0, saved[1].0, "{saved:?}");
    assert_ne!(saved[0].0, id, "another number is another document");
}

async fn pages_go_and_come_back(bench: Bench) {
    let store = &bench.store;
    let copies = two_copies();
    let id = store.save_policies(&copies, NOW).await.unwrap().remove(0).0;
    let [own, repost] = copies.map(|copy| copy.url.unwrap());
    let gone = async || {
        let record = store.policy(&id).await.unwrap().unwrap();
        record
            .locations
            .iter()
            .filter(|place| place.vanished_on.is_some())
            .map(|place| place.url.clone())
            .collect::<Vec<_>>()
    };
    let head = store.log_head().await.unwrap();
    let hour = 3_600_000;
    assert!(!store.note_vanished(&repost, NOW).await.unwrap(), "once may be an accident");
    assert!(!store.note_vanished(&repost, NOW + hour).await.unwrap(), "and so may twice in an hour");
    assert!(!store.note_seen(&repost, NOW + 2 * hour).await.unwrap(), "it was not marked");
    assert!(!store.note_vanished(&repost, NOW + 30 * hour).await.unwrap(), "counted anew");
    assert_eq!(store.log_head().await.unwrap(), head);
    assert!(store.note_vanished(&repost, NOW + 51 * hour).await.unwrap());
    assert!(!store.note_vanished(&repost, NOW + 52 * hour).await.unwrap(), "marked before");
    assert_eq!(gone().await, std::slice::from_ref(&repost));
    let last = store.changes_after(head, 9).await.unwrap();
    assert_eq!(last.iter().map(|c| (c.kind, c.version)).collect::<Vec<_>>(), [(ChangeKind::Changed, 1)], "no version");
    store.note_vanished(&own, NOW + 60 * hour).await.unwrap();
    assert!(store.note_vanished(&own, NOW + 90 * hour).await.unwrap());
    assert_eq!(gone().await, [own.clone(), repost.clone()], "the policy outlives all of its pages");
    assert!(store.note_seen(&own, NOW + 91 * hour).await.unwrap());
    assert!(!store.note_seen(&own, NOW + 92 * hour).await.unwrap());
    assert_eq!(gone().await, std::slice::from_ref(&repost));
    assert!(!store.note_vanished("https://www.example.gov.cn/unknown", NOW).await.unwrap());
    // an article that is read at the address tells the same
    let [_, draft] = two_copies();
    store.save_article(&draft, &repost, &Validators::default(), b"raw", NOW + 93 * hour).await.unwrap();
    assert!(gone().await.is_empty());
    assert_eq!(store.policy(&id).await.unwrap().unwrap().version, 1);
}

async fn corrections_are_put_over_what_is_stated(bench: Bench) {
    let store = &bench.store;
    let id = stored_policy(store, "wrong").await;
    let title = ("title".to_owned(), serde_json::json!("示例：改正的标题"));
    let number = ("doc_number".to_owned(), serde_json::json!("示例发〔2025〕99号"));
    let record = store.correct(&id, &[title.clone(), number], "甲", NOW + 1).await.unwrap().unwrap();
    assert_eq!((record.title.as_str(), record.version), ("示例：改正的标题", 2));
    assert_eq!(store.policy(&id).await.unwrap().unwrap(), record);
    let key = doc_number::key("示例发〔2025〕99号");
    assert_eq!(store.policies_by_number(&key).await.unwrap().len(), 1, "found by what is right");
    let rows = store.corrections(&id).await.unwrap();
    let seen: Vec<_> = rows.iter().map(|row| (row.field.as_str(), row.editor.as_str(), row.at)).collect();
    assert_eq!(seen, [("doc_number", "甲", NOW + 1), ("title", "甲", NOW + 1)]);

    let changed =
        Policy {
            body_text: "示例：另一个正文。".into(), title: "示例：另一个标题".into(), ..policy("wrong")
        };
    let saved = store.save_policies(std::slice::from_ref(&changed), NOW + 2).await.unwrap();
    assert_eq!(saved, [(id.clone(), Saved::Changed(3))]);
    let record = store.policy(&id).await.unwrap().unwrap();
    assert_eq!((record.title.as_str(), &record.body_text), ("示例：改正的标题", &changed.body_text));
    let stated = store.stated(std::slice::from_ref(&id)).await.unwrap();
    assert_eq!(stated[&id].1.title, changed.title, "what is stated is not overwritten");
    assert_eq!(store.save_policies(&[changed], NOW + 2).await.unwrap()[0].1, Saved::Unchanged);

    // corrected again: one row
    let again = ("title".to_owned(), serde_json::json!("示例：再次改正"));
    assert_eq!(store.correct(&id, &[again], "乙", NOW + 3).await.unwrap().unwrap().title, "示例：再次改正");
    assert_eq!(store.corrections(&id).await.unwrap().len(), 2);
    assert!(store.uncorrect(&id, "title", NOW + 4).await.unwrap());
    assert!(!store.uncorrect(&id, "title", NOW + 4).await.unwrap());
    assert!(store.uncorrect(&id, "doc_number", NOW + 5).await.unwrap());
    let record = store.policy(&id).await.unwrap().unwrap();
    assert_eq!((record.title.as_str(), &record.doc_number), ("示例：另一个标题", &policy("wrong").doc_number));
    assert!(!record.evidence.contains_key("title"), "as if it had never been: {record:?}");
    assert_eq!(store.correct("nothing", std::slice::from_ref(&title), "甲", NOW).await.unwrap(), None);
    store.withdraw_policy(&id, "示例", NOW + 6).await.unwrap();
    assert_eq!(store.correct(&id, &[title], "甲", NOW).await.unwrap(), None);

    // other sites go on saying the number that was wrong, or say the right one: both are copies of it
    let seen = |site: &str, number: &str| Policy {
        id: String::new(),
        url: Some(format!("https://{site}.example.gov.cn/numbered.html")),
        title: "示例市财政局关于示例专项资金申报的通知".into(),
        doc_number: Some(number.into()),
        issuers: vec!["江苏省财政厅".into()],
        published_on: Some(day("2025-06-01")),
        ..policy("numbered")
    };
    let with_id = |policy: Policy| Policy { id: policy.identity(None), ..policy };
    let first = with_id(seen("a", "苏财规〔2025〕4号"));
    let saved = store.save_policies(&[first], NOW + 7).await.unwrap();
    let right = ("doc_number".to_owned(), serde_json::json!("苏财规〔2025〕44号"));
    store.correct(&saved[0].0, &[right], "甲", NOW + 8).await.unwrap().unwrap();
    for (site, number) in [("b", "苏财规〔2025〕4号"), ("c", "苏财规〔2025〕44号")] {
        let copy = with_id(seen(site, number));
        assert_eq!(store.save_policies(&[copy], NOW + 9).await.unwrap()[0].0, saved[0].0, "{number}");
    }
}

async fn later_documents_change_earlier_ones(bench: Bench) {
    let store = &bench.store;
    let old = |name: &str, number: Option<&str>, title: &str| Policy {
        doc_number: number.map(Into::into),
        issuers: vec!["镇江市财政局".into()],
        title: title.into(),
        region_code: Some("321100".into()),
        ..policy(name)
    };
    let cites = |relation, title: &str, number: Option<&str>| Citation {
        relation,
        title: Some(title.into()),
        doc_number: number.map(Into::into),
        evidence: format!("《{title}》同时废止"),
    };
    let numbered = old("numbered", Some("镇财规〔2020〕1号"), "镇江市示例资金管理办法");
    let titled = old("titled", None, "镇江市示例补助实施细则");
    let mut by = old("by", Some("镇财规〔2025〕8号"), "镇江市示例专项资金管理办法");
    // NOW is 15 June 2025
    by.effective_on = Some(day("2025-06-20"));
    by.published_on = Some(day("2025-06-10"));
    by.citations = vec![
        cites(Relation::Replaces, "镇江市示例资金管理办法", Some("镇财规〔2020〕1号")),
        cites(Relation::Repeals, "镇江市示例补助实施细则", None),
        cites(Relation::Amends, "没有的文件", Some("镇财规〔2019〕99号")),
    ];
    let ids: Vec<String> = store
        .save_policies(&[by.clone(), numbered, titled], NOW)
        .await
        .unwrap()
        .into_iter()
        .map(|(id, _)| id)
        .collect();
    let [by_id, numbered, titled] = [&ids[0], &ids[1], &ids[2]];
    let linked = store.record_links("linker", 0, 3, &ids, NOW).await.unwrap().unwrap();
    assert_eq!((linked.added, linked.removed, linked.changed), (2, 0, 2));
    assert_eq!(store.record_links("linker", 0, 3, &ids, NOW).await.unwrap(), None, "the reader has moved");
    let validity = async |id: &str| store.policy(id).await.unwrap().unwrap().validity;
    assert_eq!(validity(numbered).await, Validity::Unknown, "its day has not come");
    let causes = store.policy(numbered).await.unwrap().unwrap().validity_by;
    assert_eq!((causes[0].policy_id.as_str(), causes[0].since), (by_id.as_str(), by.effective_on));
    let head = store.log_head().await.unwrap();
    let again = store.record_links("linker", 3, head, &ids, NOW).await.unwrap().unwrap();
    assert_eq!((again.added, again.removed, again.changed), (0, 0, 0), "nothing is linked twice");

    // on its day, by the clock
    assert_eq!(store.pass_days(NOW).await.unwrap(), 0);
    let later = NOW + 6 * 86_400_000;
    assert!(store.pass_days(later).await.unwrap() > 0);
    while store.pass_days(later).await.unwrap() > 0 {}
    assert_eq!((validity(numbered).await, validity(titled).await), (Validity::Repealed, Validity::Repealed));
    let turns = store.changes_after(head, 9).await.unwrap();
    assert_eq!(turns.iter().filter(|change| change.validity == Some(Validity::Repealed)).count(), 2, "{turns:?}");
    assert!(store.policy(titled).await.unwrap().unwrap().evidence["validity"].contains("同时废止"));

    // amended so that it only touches one of them
    let head = store.log_head().await.unwrap();
    by.citations = vec![cites(Relation::Amends, "镇江市示例资金管理办法", Some("镇财规〔2020〕1号"))];
    store.save_policies(std::slice::from_ref(&by), later).await.unwrap();
    let linked = store.record_links("linker", 5, head + 1, std::slice::from_ref(by_id), later).await.unwrap().unwrap();
    assert_eq!((linked.added, linked.removed, linked.changed), (0, 1, 2));
    assert_eq!((validity(numbered).await, validity(titled).await), (Validity::Amended, Validity::Unknown));
    // withdrawn, it does nothing any more
    store.withdraw_policy(by_id, "示例", later).await.unwrap();
    store.record_links("linker", head + 1, head + 4, std::slice::from_ref(by_id), later).await.unwrap().unwrap();
    assert_eq!(validity(numbered).await, Validity::Unknown);
}

async fn numbers_and_citations(bench: Bench) {
    let store = &bench.store;
    let number = "示例发〔2025〕7号";
    let key = doc_number::key(number);
    let mut original = policy("original");
    original.doc_number = Some(number.into());
    let mut copy = policy("copy");
    copy.doc_number = Some(number.into());
    copy.published_on = Some(day("2025-05-01"));
    let mut undated = policy("undated");
    undated.doc_number = Some(number.into());
    undated.published_on = None;
    let mut long = policy("long");
    long.doc_number = Some("号".repeat(3000));
    let citation = |relation, doc_number: Option<&str>| Citation {
        relation,
        title: Some("示例办法".into()),
        doc_number: doc_number.map(Into::into),
        evidence: String::new(),
    };
    let mut citing = policy("citing");
    citing.citations = vec![
        citation(Relation::BasedOn, Some(number)),
        citation(Relation::Cites, Some(number)),
        citation(Relation::Cites, Some(number)),
        citation(Relation::Repeals, None),
    ];
    let mut later = policy("later");
    later.published_on = Some(day("2025-07-01"));
    later.citations = (0..250).map(|n| citation(Relation::Cites, Some(&format!("示例发〔2024〕{n}号")))).collect();
    later.citations.push(citation(Relation::Amends, Some(number)));
    let drafts = [original, copy, undated, long, citing.clone(), later];
    let ids: Vec<String> = store.save_policies(&drafts, NOW).await.unwrap().into_iter().map(|(id, _)| id).collect();

    let found = |policies: Vec<Policy>| policies.into_iter().map(|p| p.id).collect::<Vec<_>>();
    let same = found(store.policies_by_number(&key).await.unwrap());
    assert_eq!(same, [ids[1].clone(), ids[0].clone(), ids[2].clone()], "the earliest first, undated last");
    let citers = found(store.policies_citing(&key, 10).await.unwrap());
    assert_eq!(citers, [ids[5].clone(), ids[4].clone()], "each once, the latest first");
    assert_eq!(found(store.policies_citing(&key, 1).await.unwrap()), [&ids[5][..]]);

    // A version that cites no more is found no more.
    citing.citations.clear();
    store.save_policies(&[citing], NOW).await.unwrap();
    store.withdraw_policy(&ids[5], "示例：发布有误", NOW).await.unwrap();
    store.withdraw_policy(&ids[1], "示例：发布有误", NOW).await.unwrap();
    assert!(store.policies_citing(&key, 10).await.unwrap().is_empty());
    assert_eq!(found(store.policies_by_number(&key).await.unwrap()), [ids[0].clone(), ids[2].clone()]);
}

async fn keys_page_in_byte_order(bench: Bench) {
    let store = &bench.store;
    let mut names = ["b", "B", "a", "_", "中", "一", "é", "z", "10", "9", "a b"].map(str::to_owned).to_vec();
    let enterprises: Vec<Enterprise> = names.iter().map(|id| enterprise(id, Some("x@example.com"))).collect();
    store.save_enterprises(&enterprises, NOW).await.unwrap();
    names.sort();
    let mut walked = Vec::new();
    let mut after = String::new();
    while let Some(next) = store.enterprises_after(&after, 1).await.unwrap().pop() {
        after = next.id.clone();
        walked.push(next.id);
    }
    assert_eq!(walked, names);
    let subscriptions = store.subscriptions_after("", 100).await.unwrap();
    let mut expected: Vec<String> = names.iter().map(|id| format!("{id}:mail")).collect();
    expected.sort();
    assert_eq!(subscriptions.iter().map(|s| s.id.clone()).collect::<Vec<_>>(), expected);
    assert_eq!(store.subscriptions_after(&expected[9], 100).await.unwrap().len(), 1);
}

async fn text_that_databases_dislike(bench: Bench) {
    let store = &bench.store;
    let mut draft = policy("odd");
    draft.id = "od\0d".into();
    draft.url = Some(format!("https://www.example.gov.cn/{}", "路".repeat(3000)));
    draft.title = "示例\0标题'; drop table policies; -- $1 {rows} ?".into();
    draft.body_text = "正文\0\u{1}\u{fffe}😀\r\n\u{202e}".into();
    draft.doc_number = Some("示例\0〔2025〕1号".into());
    let (id, _) = store.save_policies(&[draft.clone()], NOW).await.unwrap().remove(0);
    assert_eq!(id, "odd");
    let read = store.policy("odd").await.unwrap().unwrap();
    assert_eq!((read.title, read.body_text), (draft.title.clone(), draft.body_text.clone()));
    assert_eq!(store.save_policies(&[draft], NOW).await.unwrap()[0].1, Saved::Unchanged);

    store.save_enterprises(&[Enterprise { name: "示例\0企业".into(), ..enterprise("e", None) }], NOW).await.unwrap();
    store.put_setting("odd", "a\0b").await.unwrap();
    assert_eq!(store.setting("odd").await.unwrap().as_deref(), Some("ab"));
    let url = format!("https://www.example.gov.cn/?q={}", "长".repeat(5000));
    store.save_article(&policy("long-url"), &url, &Validators::default(), b"<html>", NOW).await.unwrap();
    assert_eq!(store.raw_page(&url).await.unwrap().as_deref(), Some(&b"<html>"[..]));
    assert_eq!(store.page(&format!("{url}长")).await.unwrap(), None);
    let long = "长".repeat(MAX_KEY_BYTES);
    assert!(matches!(
        store.save_enterprises(&[enterprise(&long, None)], NOW).await,
        Err(StoreError::KeyTooLong { .. })
    ));
    let subscription = subscription("e", &long, Frequency::Daily);
    assert!(matches!(store.save_subscription(&subscription, NOW).await, Err(StoreError::KeyTooLong { .. })));
}

async fn reader_moves_once(bench: Bench) {
    let store = &bench.store;
    assert_eq!(store.reader_position("indexer").await.unwrap(), 0);
    assert!(!store.move_reader("indexer", 5, 6).await.unwrap(), "a reader that never read stands at 0");
    assert!(store.move_reader("indexer", 0, 3).await.unwrap());
    assert!(!store.move_reader("indexer", 0, 4).await.unwrap());
    assert_eq!(store.reader_position("indexer").await.unwrap(), 3);
    assert_eq!(store.reader_position("matcher").await.unwrap(), 0);
    assert!(store.move_reader("indexer", 3, 0).await.unwrap(), "a rebuild goes back");

    let other = bench.other().await;
    let stores = [store.clone(), other];
    for from in 0..5 {
        let moved = futures(8, |n| {
            let store = stores[n % 2].clone();
            async move { store.move_reader("indexer", from, from + 1).await.unwrap() }
        })
        .await;
        assert_eq!(moved.into_iter().filter(|moved| *moved).count(), 1, "one of them moves it");
    }
}

async fn log_is_seen_in_order_under_writers(bench: Bench) {
    let stores = [bench.store.clone(), bench.other().await, bench.other().await];
    let reader = bench.other().await;
    let writers = tokio::spawn(async move {
        futures(3, |n| {
            let store = stores[n].clone();
            async move {
                for round in 0..12 {
                    let drafts: Vec<Policy> = (0..7).map(|k| policy(&format!("w{n}-{round}-{k}"))).collect();
                    store.save_policies(&drafts, NOW).await.unwrap();
                }
            }
        })
        .await
    });
    // A reader that goes on from the last position that it saw misses none.
    let mut position = 0;
    while position < 3 * 12 * 7 {
        for change in reader.changes_after(position, 50).await.unwrap() {
            assert_eq!(change.position, position + 1, "no position becomes visible after a later one");
            position = change.position;
        }
        assert!(!writers.is_finished() || reader.log_head().await.unwrap() == 3 * 12 * 7);
    }
    writers.await.unwrap();
    assert_eq!(reader.log_head().await.unwrap(), 3 * 12 * 7);
}

async fn the_same_draft_from_two_processes(bench: Bench) {
    let stores = [bench.store.clone(), bench.other().await];
    for round in 0..6 {
        let drafts: Vec<Policy> = (0..30)
            .map(|n| Policy { title: format!("示例：第{n}项，第{round}版"), ..policy(&format!("s{n}")) })
            .collect();
        let saved = futures(4, |n| {
            let (store, drafts) = (stores[n % 2].clone(), drafts.clone());
            async move { store.save_policies(&drafts, NOW).await.unwrap() }
        })
        .await;
        let written = saved.iter().flatten().filter(|(_, saved)| *saved != Saved::Unchanged).count();
        assert_eq!(written, 30, "each version is made once");
    }
    assert_eq!(bench.store.log_head().await.unwrap(), 180);
}

async fn pages_and_runs(bench: Bench) {
    let store = &bench.store;
    let url = "https://www.example.gov.cn/a.html";
    assert_eq!(store.page(url).await.unwrap(), None);
    assert_eq!(store.raw_page(url).await.unwrap(), None);
    let validators = Validators { etag: Some("\"1\"".into()), last_modified: None };
    let raw: Vec<u8> = (0..200_000u32).map(|n| (n % 251) as u8).collect();
    let (id, saved) = store.save_article(&policy("a"), url, &validators, &raw, NOW).await.unwrap();
    assert_eq!(saved, Saved::New(1));
    let page = store.page(url).await.unwrap().unwrap();
    assert_eq!((page.validators, page.fetched_at, page.policy_id), (validators, NOW, Some(id.clone())));
    assert_eq!(store.raw_page(url).await.unwrap().unwrap(), raw);

    // The document is as it was, the page is not.
    let validators = Validators { etag: None, last_modified: Some("Sun, 01 Jun 2025 00:00:00 GMT".into()) };
    let answer = store.save_article(&policy("a"), url, &validators, b"", NOW + 5).await.unwrap();
    assert_eq!(answer, (id, Saved::Unchanged));
    let page = store.page(url).await.unwrap().unwrap();
    assert_eq!((page.validators, page.fetched_at), (validators, NOW + 5));
    assert_eq!(store.raw_page(url).await.unwrap().unwrap(), b"");
    for times in 1..=2 {
        store.page_failed("https://www.example.gov.cn/gone", NOW + times).await.unwrap();
        let page = store.page("https://www.example.gov.cn/gone").await.unwrap().unwrap();
        assert_eq!((page.policy_id, page.failures, page.failed_at), (None, times, Some(NOW + times)));
    }
    store.page_failed(url, NOW + 6).await.unwrap();
    store.page_unchanged(url, NOW + 7).await.unwrap();
    assert_eq!(store.page(url).await.unwrap().unwrap().failures, 0);

    assert!(store.last_crawls().await.unwrap().is_empty());
    let begun = |source: &str, started_at| CrawlRun { source: source.into(), started_at, ..CrawlRun::default() };
    let first = store.start_crawl(&begun("jiangsu", NOW), 10).await.unwrap().unwrap();
    let other = store.start_crawl(&begun("beijing", NOW + 1), 10).await.unwrap().unwrap();
    let mut run = CrawlRun {
        finished_at: Some(NOW + 9),
        full: true,
        lists_failed: 1,
        lists: 1,
        found: 2,
        new: 3,
        changed: 4,
        unchanged: 5,
        failed: 6,
        coverage: [("issuers".to_owned(), Share { have: 3, of: 7 })].into(),
        refused: [("challenge".to_owned(), 2)].into(),
        ended: Some("预算用完".into()),
        ..begun("jiangsu", NOW)
    };
    run = CrawlRun { errors: (0..80).map(|n| format!("{n}：{}", "错".repeat(2000))).collect(), ..run };
    store.finish_crawl(first, &run).await.unwrap();
    let runs = store.last_crawls().await.unwrap();
    assert_eq!(runs.len(), 2);
    assert_eq!((runs[0].source.as_str(), runs[0].finished_at), ("beijing", None), "it runs or was killed");
    assert_eq!(runs[1].errors.len(), 50);
    run.errors = runs[1].errors.clone();
    assert_eq!(runs[1], run);
    assert_eq!(store.crawls_with_news("jiangsu", 5).await.unwrap(), [NOW]);
    // a run belongs to its process until that was not seen for a while
    assert_eq!(store.start_crawl(&begun("beijing", NOW + 8), 10).await.unwrap(), Err(NOW + 1));
    store.crawl_goes_on(other, NOW + 9).await.unwrap();
    assert_eq!(store.start_crawl(&begun("beijing", NOW + 15), 10).await.unwrap(), Err(NOW + 9));
    let second = store.start_crawl(&begun("jiangsu", NOW + 20), 10).await.unwrap().unwrap();
    assert!(first < other && other < second);
    assert_eq!(store.last_crawls().await.unwrap()[1].started_at, NOW + 20);
    assert_eq!(store.crawls_of("jiangsu", 10).await.unwrap(), [run], "one that has not finished tells nothing");
    assert_eq!(store.first_crawl("jiangsu").await.unwrap(), Some(NOW));
    assert_eq!(store.first_crawl("nowhere").await.unwrap(), None);
    assert_eq!(store.last_crawl("jiangsu").await.unwrap(), Some(begun("jiangsu", NOW + 20)));
    assert_eq!(store.forget_crawls(NOW + 100).await.unwrap(), 1, "the last of each source stays");
    assert_eq!(store.first_crawl("jiangsu").await.unwrap(), Some(NOW + 20));
}

async fn copies_of_pages(bench: Bench) {
    let store = &bench.store;
    let (list, article) = ("https://www.example.gov.cn/list/", "https://www.example.gov.cn/b.html");
    let validators = Validators { etag: Some("\"1\"".into()), last_modified: None };
    let came = |url, fault, raw| {
        let validators = Some(&validators);
        Came { url, source: Some("jiangsu"), kind: PageKind::List, fault, validators, raw }
    };
    let keep = async |page: Came<'_>, at| store.keep_page(page, at).await.unwrap();
    let first = keep(came(list, None, b"<li>1"), NOW).await;
    assert_eq!(keep(came(list, None, b"<li>1"), NOW + 1).await, first, "as it was");
    let second = keep(came(list, None, b"<li>2"), NOW + 2).await;
    let known = store.remembered_lists("jiangsu", 5).await.unwrap();
    let page = Remembered { url: list.into(), validators: validators.clone(), body: b"<li>2".into() };
    assert_eq!(known, [page]);
    assert_eq!(store.remembered_lists("jiangsu", 0).await.unwrap(), []);
    let broken = keep(came(list, Some("没有条目"), b"<p>"), NOW + 3).await;
    assert!(first < second && second < broken);
    let copies = store.page_copies(list).await.unwrap();
    assert_eq!(copies.iter().map(|copy| copy.id).collect::<Vec<_>>(), [broken, second], "of a list one of each stays");
    assert_eq!((copies[0].fault.as_deref(), copies[1].seen_at), (Some("没有条目"), NOW + 2));
    assert_eq!(store.good_copy(list).await.unwrap().unwrap().id, second);
    assert_eq!(store.faulty_copy("jiangsu", Some(PageKind::List)).await.unwrap().unwrap().id, broken);
    assert_eq!(store.faulty_copy("jiangsu", Some(PageKind::Article)).await.unwrap(), None);
    assert_eq!(store.faulty_copy("jiangsu", None).await.unwrap().unwrap().id, broken);
    assert_eq!(store.page_copy(second).await.unwrap().unwrap().1, b"<li>2");
    assert_eq!(store.page_copy(first).await.unwrap(), None);

    let draft = Policy { source: Some("jiangsu".into()), ..policy("b") };
    for (raw, at) in [(&b"one"[..], NOW), (b"two", NOW + 5), (b"two", NOW + 6)] {
        store.save_article(&draft, article, &Validators::default(), raw, at).await.unwrap();
    }
    let articles = store.article_copies("jiangsu", 0, 10).await.unwrap();
    let newest = articles[0].id;
    assert_eq!(articles.len(), 1, "only the last of a page");
    assert_eq!(store.last_copy(article).await.unwrap().unwrap().id, newest);
    assert_eq!(store.article_before("jiangsu", NOW + 9).await.unwrap().unwrap().id, newest);
    assert!(store.article_before("jiangsu", NOW + 6).await.unwrap().unwrap().id < newest);
    assert_eq!(store.page_copies(article).await.unwrap().len(), 2);
    store.page_unchanged(article, NOW + 9).await.unwrap();
    assert_eq!(store.page(article).await.unwrap().unwrap().fetched_at, NOW + 9);

    // what an open alarm shows stays as long as it is open
    let evidence =
        AlarmEvidence { text: "示例".into(), url: Some(list.into()), copy: Some(broken), good_copy: Some(second) };
    assert!(store.raise_alarm("jiangsu", AlarmKind::ListEmpty, &evidence, NOW).await.unwrap());
    keep(came(list, None, b"<li>3"), NOW + 7).await;
    keep(came(list, Some("又没有"), b"<p>2"), NOW + 8).await;
    assert_eq!(store.page_copies(list).await.unwrap().len(), 4);
    assert_eq!(store.forget_page_copies(NOW + 100).await.unwrap(), 2, "the first article, the last faulty list");
    assert!(store.resolve_alarm("jiangsu", AlarmKind::ListEmpty, NOW).await.unwrap());
    store.forget_page_copies(NOW + 100).await.unwrap();
    assert_eq!(store.page_copies(list).await.unwrap().len(), 1, "the last good one stays for ever");
    assert_eq!(store.raw_page(article).await.unwrap().unwrap(), b"two");
}

async fn alarms_are_raised_once_and_told_once(bench: Bench) {
    let store = &bench.store;
    let evidence = |text: &str| AlarmEvidence { text: text.into(), ..AlarmEvidence::default() };
    let raise =
        async |source: &str, kind, text: &str, at| store.raise_alarm(source, kind, &evidence(text), at).await.unwrap();
    assert!(raise("a", AlarmKind::Quiet, "示例一", NOW).await);
    assert!(!raise("a", AlarmKind::Quiet, "示例二", NOW + 5).await);
    assert!(raise("a", AlarmKind::Coverage, "示例三", NOW + 6).await);
    assert!(raise("b", AlarmKind::Quiet, "示例四", NOW + 7).await);
    let alarms = store.alarms(false, 10).await.unwrap();
    assert_eq!(alarms.len(), 3);
    let last = alarms.last().unwrap();
    assert_eq!((last.evidence.text.as_str(), last.raised_at, last.seen_at), ("示例一", NOW, NOW + 5));

    let leased = store.lease_alarms(NOW + 10, 1_000).await.unwrap();
    assert_eq!(leased.len(), 3);
    assert!(bench.other().await.lease_alarms(NOW + 11, 1_000).await.unwrap().is_empty(), "they are leased");
    store.alarms_told(&[last.id], NOW + 12).await.unwrap();
    assert!(store.resolve_alarm("b", AlarmKind::Quiet, NOW + 13).await.unwrap());
    assert!(!store.resolve_alarm("b", AlarmKind::Quiet, NOW + 14).await.unwrap());
    let again = store.lease_alarms(NOW + 2_000, 1_000).await.unwrap();
    assert_eq!(again.iter().map(|alarm| alarm.kind).collect::<Vec<_>>(), [AlarmKind::Coverage]);
    assert_eq!(store.alarms(false, 10).await.unwrap().len(), 2);
    assert_eq!(store.alarms(true, 10).await.unwrap().len(), 3);
    assert!(raise("b", AlarmKind::Quiet, "又来了", NOW + 20).await, "over and back is a new alarm");
}

async fn definitions_keep_their_versions(bench: Bench) {
    let store = &bench.store;
    let save = async |name: &str, text: Option<&str>| store.save_source(name, text, "说明", NOW).await.unwrap();
    let counted = store.sources_version().await.unwrap();
    assert_eq!(save("a", Some("一")).await, 1);
    assert_eq!(save("a", Some("一")).await, 1, "the same again is no version");
    assert_eq!(save("a", Some("二")).await, 2);
    assert_eq!(save("b", Some("三")).await, 1);
    assert_eq!(store.sources_version().await.unwrap(), counted + 3);
    let saved = store.saved_sources().await.unwrap();
    let seen: Vec<_> = saved.iter().map(|saved| (saved.name.as_str(), saved.definition.as_deref())).collect();
    assert_eq!(seen, [("a", Some("二")), ("b", Some("三"))]);
    assert_eq!(save("a", None).await, 3);
    assert_eq!(store.saved_sources().await.unwrap().len(), 1);
    let versions = store.source_versions("a").await.unwrap();
    assert_eq!(versions.iter().map(|version| version.version).collect::<Vec<_>>(), [3, 2, 1]);
    assert_eq!(store.sources_version().await.unwrap(), counted + 4);
}

async fn profiles_and_their_subscriptions(bench: Bench) {
    let store = &bench.store;
    let version = store.profiles_version().await.unwrap();
    let mut profile = enterprise("e1", Some("Wang@Example.com"));
    profile.staff = Some(12.5);
    assert_eq!(store.save_enterprises(&[profile.clone(), enterprise("e2", None)], NOW).await.unwrap(), 2);
    assert!(store.profiles_version().await.unwrap() > version);
    let read = store.enterprise("e1").await.unwrap().unwrap();
    assert_eq!(read, Enterprise { email: None, ..profile.clone() }, "the address is not in the record");
    assert_eq!(store.enterprise("nobody").await.unwrap(), None);
    let subscribed = store.subscription("e1:mail").await.unwrap().unwrap();
    assert_eq!(
        (subscribed.address.as_str(), subscribed.frequency, subscribed.active),
        ("Wang@example.com", Frequency::Immediate, true)
    );
    assert_eq!(store.subscription("e2:mail").await.unwrap(), None);

    let version = store.profiles_version().await.unwrap();
    assert_eq!(store.save_enterprises(std::slice::from_ref(&profile), NOW + 1).await.unwrap(), 0, "as it was");
    assert_eq!(store.profiles_version().await.unwrap(), version);
    profile.frequency = Some(Frequency::Daily);
    profile.email = Some("li@example.com".into());
    assert_eq!(store.save_enterprises(std::slice::from_ref(&profile), NOW + 2).await.unwrap(), 1);
    assert!(store.profiles_version().await.unwrap() > version);
    let followed = store.subscription("e1:mail").await.unwrap().unwrap();
    assert_eq!((followed.address.as_str(), followed.frequency), ("li@example.com", Frequency::Daily));

    // An unsubscribe outlives the profile, and so does one for an address of another letter case.
    assert_eq!(store.unsubscribe("mail", "li@EXAMPLE.com", "user", NOW).await.unwrap(), 1);
    profile.frequency = None;
    store.save_enterprises(std::slice::from_ref(&profile), NOW + 3).await.unwrap();
    assert!(!store.subscription("e1:mail").await.unwrap().unwrap().active);

    // Twice in one batch: the last one counts.
    let twice = [enterprise("e3", None), Enterprise { name: "示例：改名".into(), ..enterprise("e3", None) }];
    assert_eq!(store.save_enterprises(&twice, NOW).await.unwrap(), 1);
    assert_eq!(store.enterprise("e3").await.unwrap().unwrap().name, "示例：改名");
    let many: Vec<Enterprise> = (0..330).map(|n| enterprise(&format!("m{n}"), Some("m@example.com"))).collect();
    assert_eq!(store.save_enterprises(&many, NOW).await.unwrap(), 330);
    let all: Vec<String> = many.iter().map(|e| e.id.clone()).chain(["m0".to_owned()]).collect();
    let active = store.active_subscriptions(&all).await.unwrap();
    assert_eq!(active.len(), 330);
    assert!(active.is_sorted_by(|a, b| a.id < b.id));
}

async fn unsubscribing(bench: Bench) {
    let store = &bench.store;
    store.save_enterprises(&[enterprise("e1", None), enterprise("e2", None)], NOW).await.unwrap();
    let of = |id: &str, enterprise: &str, channel: &str, active| Subscription {
        id: id.into(),
        enterprise_id: enterprise.into(),
        channel: channel.into(),
        active,
        ..subscription(enterprise, "a@example.com", Frequency::Immediate)
    };
    for subscription in [
        of("s1", "e1", "mail", true),
        of("s2", "e2", "mail", true),
        of("paused", "e2", "mail", false),
        of("s4", "e2", "wecom", true),
    ] {
        store.save_subscription(&subscription, NOW).await.unwrap();
        assert_eq!(store.subscription(&subscription.id).await.unwrap(), Some(subscription));
    }
    let both = ["e1".to_owned(), "e2".to_owned()];
    let active =
        || async { store.active_subscriptions(&both).await.unwrap().into_iter().map(|s| s.id).collect::<Vec<_>>() };
    assert_eq!(active().await, ["s1", "s2", "s4"]);
    let version = store.profiles_version().await.unwrap();
    assert_eq!(store.unsubscribe("mail", "a@example.com", "user", NOW).await.unwrap(), 2);
    assert!(store.profiles_version().await.unwrap() > version);
    assert_eq!(active().await, ["s4"]);
    assert_eq!(store.unsubscribe("mail", "a@example.com", "user", NOW).await.unwrap(), 0);

    // A subscription saved for a suppressed address stays silent until the person comes back.
    store.save_subscription(&of("s5", "e1", "mail", true), NOW).await.unwrap();
    assert_eq!(active().await, ["s4"]);
    assert_eq!(store.resubscribe("mail", "a@example.com", NOW).await.unwrap(), 2);
    assert_eq!(active().await, ["s1", "s2", "s4", "s5"], "what was paused before stays paused");
    assert_eq!(store.resubscribe("mail", "a@example.com", NOW).await.unwrap(), 0);

    // A bounce is not the person's to undo, whichever came first.
    for reasons in [["bounce", "user"], ["user", "bounce"]] {
        for reason in reasons {
            store.unsubscribe("mail", "a@example.com", reason, NOW).await.unwrap();
        }
        assert_eq!(store.resubscribe("mail", "a@example.com", NOW).await.unwrap(), 0);
        assert_eq!(active().await, ["s4"]);
    }
    let unknown = store.save_subscription(&of("s6", "nobody", "mail", true), NOW).await;
    assert!(matches!(unknown, Err(StoreError::Sql(_))), "a subscription belongs to an enterprise");
}

async fn matches_and_deliveries_are_written_once(bench: Bench) {
    let store = &bench.store;
    let profiles = [
        enterprise("e1", Some("shared@example.com")),
        Enterprise { frequency: Some(Frequency::Daily), ..enterprise("e2", Some("shared@example.com")) },
        Enterprise { frequency: Some(Frequency::Daily), ..enterprise("e3", Some("daily@example.com")) },
        enterprise("e4", None),
    ];
    store.save_enterprises(&profiles, NOW).await.unwrap();
    let (a, b) = (stored_policy(store, "a").await, stored_policy(store, "b").await);
    let of = |id: &str| {
        let ids = [id.to_owned()];
        async move { store.active_subscriptions(&ids).await.unwrap() }
    };
    let (s1, s2, s3) = (of("e1").await, of("e2").await, of("e3").await);
    let batch = [
        new_match("e2", &a, s2.clone()),
        new_match("e1", &a, s1.clone()),
        new_match("e3", &a, s3.clone()),
        new_match("e3", &b, s3.clone()),
        new_match("e4", &b, Vec::new()),
    ];
    let recorded = store.record_matches("matcher", 0, 2, &batch, NOW + 1000, NOW).await.unwrap();
    assert_eq!(recorded, Some(Recorded { matches: 5, deliveries: 3 }));
    assert_eq!(store.match_count().await.unwrap(), 5);
    assert_eq!(store.reader_position("matcher").await.unwrap(), 2);
    let counts = store.delivery_counts().await.unwrap();
    assert_eq!(counts, DeliveryCounts { pending: 1, waiting: 2, ..DeliveryCounts::default() });

    let mut told = Vec::new();
    for row in store.deliveries(None, 0, 10).await.unwrap() {
        told.extend(store.matches_of_delivery(&row.id).await.unwrap().into_iter().map(|(_, matched)| matched.profile));
    }
    told.sort_unstable();
    assert_eq!(told, ["e1", "e2", "e3", "e3"], "who a delivery is for, and why");

    // Not from where it stands: nothing is written.
    let stale = store.record_matches("matcher", 0, 3, &[new_match("e1", &b, s1.clone())], 0, NOW).await.unwrap();
    assert_eq!(stale, None);
    assert_eq!(store.match_count().await.unwrap(), 5);

    // Again from further on, as after a rebuild: all of it is there already; another occasion is another delivery.
    let again = store.record_matches("matcher", 2, 3, &batch, NOW + 1000, NOW).await.unwrap();
    assert_eq!(again, Some(Recorded { matches: 0, deliveries: 0 }));
    let changed = NewMatch { occasion: "change 2".into(), ..batch[1].clone() };
    let other = store.record_matches("matcher", 3, 4, &[changed], NOW + 1000, NOW + 1).await.unwrap();
    assert_eq!(other, Some(Recorded { matches: 1, deliveries: 1 }));
    let empty = store.record_matches("matcher", 4, 9, &[], 0, NOW).await.unwrap();
    assert_eq!(empty, Some(Recorded::default()));

    let rows = store.deliveries(None, 0, 10).await.unwrap();
    assert_eq!(rows.len(), 4);
    assert_eq!((rows[0].occasion.as_str(), rows[0].state.as_str()), ("change 2", "pending"));
    assert_eq!(rows[3].enterprises, ["示例企业e1", "示例企业e2"], "one delivery names both");
    assert_eq!((rows[3].policy_title.as_str(), rows[3].due_at), ("示例市关于a的通知", NOW));
    let waiting = store.deliveries(Some("waiting"), 0, 10).await.unwrap();
    assert_eq!(waiting.iter().map(|row| row.due_at).collect::<Vec<_>>(), [NOW + 1000; 2]);
    assert_eq!(store.deliveries(Some("waiting"), 1, 10).await.unwrap()[0].id, waiting[1].id);
    assert_eq!(store.deliveries(None, 0, 1).await.unwrap().len(), 1);
}

async fn a_refused_match_writes_nothing(bench: Bench) {
    let store = &bench.store;
    store.save_enterprises(&[enterprise("e1", Some("a@example.com"))], NOW).await.unwrap();
    let id = stored_policy(store, "a").await;
    let to = store.active_subscriptions(&["e1".to_owned()]).await.unwrap();
    let batch = [new_match("e1", &id, to.clone()), new_match("e1", "unknown", to)];
    assert!(matches!(store.record_matches("matcher", 0, 1, &batch, 0, NOW).await, Err(StoreError::Sql(_))));
    assert_eq!(store.match_count().await.unwrap(), 0);
    assert_eq!(store.reader_position("matcher").await.unwrap(), 0);
    assert_eq!(store.delivery_counts().await.unwrap(), DeliveryCounts::default());
    assert!(store.record_matches("matcher", 0, 1, &batch[..1], 0, NOW).await.unwrap().is_some());
}

async fn immediate_messages(bench: Bench) {
    let store = &bench.store;
    let policy_id = matched(store, 3, Frequency::Immediate, 0).await;
    assert_eq!(store.next_message_due().await.unwrap(), Some(NOW));
    assert!(store.lease_messages("w1", NOW - 1, 1000, 10).await.unwrap().is_empty(), "not due yet");
    assert!(store.lease_messages("w1", NOW, 1000, 0).await.unwrap().is_empty());

    let leased = store.lease_messages("w1", NOW, 1000, 2).await.unwrap();
    assert_eq!(leased.len(), 2);
    let message = &leased[0];
    assert_eq!((message.channel.as_str(), message.digest, message.attempts), ("mail", false, 0));
    assert_eq!((message.created_at, message.items.len()), (NOW, 1));
    let item = &message.items[0];
    assert_eq!((item.policy.id.as_str(), item.policy.version, item.occasion.as_str()), (&policy_id[..], 1, "new"));
    let (name, matched) = &item.matches[0];
    assert_eq!(*name, format!("示例企业{}", matched.profile));
    assert_eq!(message.address, format!("{}@example.com", matched.profile));
    assert_eq!((matched.policy.as_str(), matched.score), (&policy_id[..], 0.75));
    assert_eq!(matched.reasons[0].text, "注册地在发文地区内");

    let rest = store.lease_messages("w2", NOW, 1000, 10).await.unwrap();
    assert_eq!(rest.len(), 1);
    assert!(store.lease_messages("w2", NOW + 999, 1000, 10).await.unwrap().is_empty(), "all are leased");
    assert_eq!(store.next_message_due().await.unwrap(), Some(NOW + 1000), "when the leases end");

    assert!(store.message_sent(&leased[0].id, "w1", NOW + 5).await.unwrap());
    assert!(!store.message_sent(&leased[0].id, "w1", NOW + 6).await.unwrap(), "once");
    assert!(!store.message_sent(&leased[1].id, "w2", NOW + 5).await.unwrap(), "another's");
    assert!(!store.message_sent("unknown", "w1", NOW + 5).await.unwrap());

    // The lease of the second ends: another takes it over, and the first has lost it.
    let taken = store.lease_messages("w2", NOW + 1000, 1000, 10).await.unwrap();
    assert_eq!(
        ids(&taken).into_iter().collect::<HashSet<_>>(),
        ids(&[leased[1].clone(), rest[0].clone()]).into_iter().collect::<HashSet<_>>()
    );
    assert!(!store.message_sent(&leased[1].id, "w1", NOW + 1001).await.unwrap());
    assert!(!store.message_retry(&leased[1].id, "w1", NOW, "late", true).await.unwrap());
    assert!(!store.message_failed(&leased[1].id, "w1", "late", true, NOW).await.unwrap());

    // A try that failed, and one that was the channel's fault.
    assert!(store.message_retry(&leased[1].id, "w2", NOW + 9000, "450 稍后再试", true).await.unwrap());
    assert!(store.message_retry(&rest[0].id, "w2", NOW + 8000, &"长".repeat(9999), false).await.unwrap());
    assert!(!store.message_retry(&rest[0].id, "w2", NOW, "again", false).await.unwrap(), "no longer leased");
    assert_eq!(store.next_message_due().await.unwrap(), Some(NOW + 8000));
    let again = store.lease_messages("w1", NOW + 9000, 1000, 10).await.unwrap();
    let tried: Vec<(String, i64)> = again.iter().map(|m| (m.id.clone(), m.attempts)).collect();
    assert_eq!(tried, [(rest[0].id.clone(), 0), (leased[1].id.clone(), 1)], "the earliest due first, ids stable");
    let rows = store.deliveries(Some("pending"), 0, 10).await.unwrap();
    assert!(rows.iter().any(|row| row.last_error.as_deref() == Some("450 稍后再试") && row.attempts == 1));
    for message in &again {
        assert!(store.message_sent(&message.id, "w1", NOW + 9001).await.unwrap());
    }
    assert_eq!(store.next_message_due().await.unwrap(), None);
    let sent = store.deliveries(Some("sent"), 0, 10).await.unwrap();
    assert_eq!(sent.len(), 3);
    assert!(sent.iter().all(|row| row.sent_at.is_some() && row.last_error.is_none() && row.attempts >= 1));
}

async fn digests(bench: Bench) {
    let store = &bench.store;
    let first = matched(store, 3, Frequency::Daily, NOW + 500).await;
    let second = stored_policy(store, "second").await;
    let to = store.active_subscriptions(&["e000".to_owned()]).await.unwrap();
    store.record_matches("matcher", 1, 2, &[new_match("e000", &second, to.clone())], NOW + 500, NOW + 1).await.unwrap();
    assert_eq!(store.next_message_due().await.unwrap(), None);
    assert_eq!(store.gather_digests(NOW + 499).await.unwrap(), 0);
    assert!(store.lease_messages("w", NOW + 499, 1000, 10).await.unwrap().is_empty());
    assert_eq!(store.gather_digests(NOW + 500).await.unwrap(), 3, "one for each address");
    assert_eq!(store.gather_digests(NOW + 500).await.unwrap(), 0);
    let leased = store.lease_messages("w", NOW + 500, 1000, 10).await.unwrap();
    assert_eq!(leased.len(), 3);
    let digest = leased.iter().find(|message| message.address == "e000@example.com").unwrap();
    assert!(digest.digest);
    let told: Vec<&str> = digest.items.iter().map(|item| item.policy.id.as_str()).collect();
    assert_eq!(told, [&first[..], &second[..]], "the earliest first");
    assert!(store.message_sent(&digest.id, "w", NOW + 501).await.unwrap());
    assert_eq!(store.delivery_counts().await.unwrap().sent, 2);

    // The next day's is another message; more than one statement holds go into one.
    let mut batch = Vec::new();
    for n in 0..130 {
        batch.push(new_match("e000", &stored_policy(store, &format!("n{n}")).await, to.clone()));
    }
    store.record_matches("matcher", 2, 3, &batch, NOW + 900, NOW + 600).await.unwrap();
    assert_eq!(store.gather_digests(NOW + 900).await.unwrap(), 1);
    let next = store.lease_messages("w2", NOW + 900, 1000, 10).await.unwrap();
    assert_eq!(next.len(), 1);
    assert_ne!(next[0].id, digest.id);
    assert_eq!(next[0].items.len(), 130);
}

async fn failures_and_bounces(bench: Bench) {
    let store = &bench.store;
    let policy_id = matched(store, 2, Frequency::Immediate, 0).await;
    let leased = store.lease_messages("w", NOW, 1000, 10).await.unwrap();
    assert!(store.message_failed(&leased[0].id, "w", "554 内容被拒", false, NOW + 1).await.unwrap());
    assert!(!store.message_failed(&leased[0].id, "w", "again", false, NOW + 1).await.unwrap());
    let row = &store.deliveries(Some("failed"), 0, 10).await.unwrap()[0];
    assert_eq!((row.last_error.as_deref(), row.attempts), (Some("554 内容被拒"), 1));
    let both = ["e000".to_owned(), "e001".to_owned()];
    assert_eq!(store.active_subscriptions(&both).await.unwrap().len(), 2, "the address is not to blame");

    assert!(store.message_failed(&leased[1].id, "w", "550 无此用户", true, NOW + 2).await.unwrap());
    let active = store.active_subscriptions(&both).await.unwrap();
    assert_eq!(active.len(), 1);
    assert_eq!(store.delivery_counts().await.unwrap(), DeliveryCounts { failed: 2, ..DeliveryCounts::default() });
    assert_eq!(store.resubscribe("mail", &leased[1].address, NOW).await.unwrap(), 0);

    // A match that was made before the bounce was known is not sent after it.
    let gone = both.iter().find(|id| **id != active[0].enterprise_id).unwrap();
    let late = NewMatch {
        occasion: "change 2".into(),
        ..new_match(gone, &policy_id, vec![subscription(gone, &leased[1].address, Frequency::Immediate)])
    };
    store.record_matches("matcher", 1, 2, &[late], 0, NOW + 3).await.unwrap();
    assert!(store.lease_messages("w", NOW + 3, 1000, 10).await.unwrap().is_empty());
    assert_eq!(store.delivery_counts().await.unwrap().cancelled, 1);
    assert_eq!(store.next_message_due().await.unwrap(), None);
}

async fn withdrawn_policies_are_not_sent(bench: Bench) {
    let store = &bench.store;
    let first = matched(store, 5, Frequency::Daily, NOW).await;
    let second = stored_policy(store, "second").await;
    let to = store.active_subscriptions(&["e000".to_owned()]).await.unwrap();
    store.record_matches("matcher", 1, 2, &[new_match("e000", &second, to)], NOW, NOW).await.unwrap();
    assert_eq!(store.gather_digests(NOW).await.unwrap(), 5);
    store.withdraw_policy(&first, "示例：发布有误", NOW + 1).await.unwrap();
    // One at a time: those that are cancelled do not hide the one that is left.
    let leased = store.lease_messages("w", NOW + 1, 1000, 1).await.unwrap();
    assert_eq!(leased.len(), 1);
    let told: Vec<&str> = leased[0].items.iter().map(|item| item.policy.id.as_str()).collect();
    assert_eq!(told, [&second[..]]);
    assert!(store.message_sent(&leased[0].id, "w", NOW + 2).await.unwrap());
    assert!(store.lease_messages("w", NOW + 2, 1000, 10).await.unwrap().is_empty());
    let counts = store.delivery_counts().await.unwrap();
    assert_eq!(counts, DeliveryCounts { sent: 1, cancelled: 5, ..DeliveryCounts::default() });
    assert_eq!(store.next_message_due().await.unwrap(), None);
}

async fn unsubscribing_stops_what_is_under_way(bench: Bench) {
    let store = &bench.store;
    let policy_id = matched(store, 3, Frequency::Immediate, 0).await;
    let leased = store.lease_messages("w", NOW, 1000, 2).await.unwrap();
    for n in 0..3 {
        store.unsubscribe("mail", &format!("e{n:03}@example.com"), "user", NOW + 1).await.unwrap();
    }
    let counts = store.delivery_counts().await.unwrap();
    assert_eq!(counts, DeliveryCounts { cancelled: 3, ..DeliveryCounts::default() });
    assert_eq!(store.next_message_due().await.unwrap(), None);
    assert!(store.lease_messages("w2", NOW + 5000, 1000, 10).await.unwrap().is_empty());
    // One was already with the server: what happened is recorded. The other does not come back.
    assert!(store.message_sent(&leased[0].id, "w", NOW + 2).await.unwrap());
    assert!(!store.message_retry(&leased[1].id, "w", NOW + 2, "later", true).await.unwrap());
    let counts = store.delivery_counts().await.unwrap();
    assert_eq!(counts, DeliveryCounts { sent: 1, cancelled: 2, ..DeliveryCounts::default() });

    // What waits for a digest is cancelled too.
    store.resubscribe("mail", "e000@example.com", NOW + 3).await.unwrap();
    let daily = NewMatch {
        occasion: "change 2".into(),
        ..new_match("e000", &policy_id, vec![subscription("e000", "e000@example.com", Frequency::Daily)])
    };
    store.record_matches("matcher", 1, 2, &[daily], NOW + 4, NOW + 4).await.unwrap();
    assert_eq!(store.delivery_counts().await.unwrap().waiting, 1);
    store.unsubscribe("mail", "e000@example.com", "user", NOW + 5).await.unwrap();
    assert_eq!(store.gather_digests(NOW + 9).await.unwrap(), 0);
    assert_eq!(store.delivery_counts().await.unwrap().cancelled, 3);
}

async fn messages_are_leased_once(bench: Bench) {
    let store = &bench.store;
    matched(store, 120, Frequency::Immediate, 0).await;
    let stores = [store.clone(), bench.other().await, bench.other().await];
    let leased = futures(6, |n| {
        let store = stores[n % 3].clone();
        async move {
            let owner = format!("w{n}");
            let mut mine = Vec::new();
            loop {
                let messages = store.lease_messages(&owner, NOW, 60_000, 7).await.unwrap();
                if messages.is_empty() {
                    break mine;
                }
                for message in messages {
                    assert!(store.message_sent(&message.id, &owner, NOW).await.unwrap());
                    mine.push(message.id);
                }
            }
        }
    })
    .await;
    let all: Vec<String> = leased.into_iter().flatten().collect();
    assert_eq!(all.len(), 120, "none twice, none left");
    assert_eq!(all.into_iter().collect::<HashSet<_>>().len(), 120);
    assert_eq!(store.delivery_counts().await.unwrap().sent, 120);
}

async fn digests_are_gathered_once(bench: Bench) {
    let store = &bench.store;
    matched(store, 60, Frequency::Daily, NOW).await;
    let stores = [store.clone(), bench.other().await];
    let gathered = futures(6, |n| {
        let store = stores[n % 2].clone();
        async move { store.gather_digests(NOW).await.unwrap() }
    })
    .await;
    assert_eq!(gathered.iter().sum::<u64>(), 60, "{gathered:?}");
    assert_eq!(store.lease_messages("w", NOW, 1000, 100).await.unwrap().len(), 60);
}

async fn matches_of_one_position_are_recorded_once(bench: Bench) {
    let store = &bench.store;
    store.save_enterprises(&[enterprise("e1", Some("a@example.com"))], NOW).await.unwrap();
    let to = store.active_subscriptions(&["e1".to_owned()]).await.unwrap();
    let stores = [store.clone(), bench.other().await];
    for from in 0..6 {
        let id = stored_policy(store, &format!("p{from}")).await;
        let batch = [new_match("e1", &id, to.clone())];
        let recorded = futures(4, |n| {
            let (store, batch) = (stores[n % 2].clone(), batch.clone());
            async move { store.record_matches("matcher", from, from + 1, &batch, 0, NOW).await.unwrap() }
        })
        .await;
        let won: Vec<Recorded> = recorded.into_iter().flatten().collect();
        assert_eq!(won, [Recorded { matches: 1, deliveries: 1 }]);
    }
    assert_eq!(store.delivery_counts().await.unwrap().pending, 6);
}

async fn jobs(bench: Bench) {
    let store = &bench.store;
    assert_eq!(store.last_due("digest").await.unwrap(), None);
    assert_eq!(store.lease_job("w1", NOW, 1000).await.unwrap(), None);
    assert!(store.note_due("digest", NOW).await.unwrap());
    assert!(!store.note_due("digest", NOW).await.unwrap(), "noted before");
    assert!(store.note_due("digest", NOW - 100).await.unwrap());
    assert!(store.note_due("digest", NOW + 100).await.unwrap());
    assert!(store.note_due("crawl:a", NOW - 50).await.unwrap());
    assert_eq!(store.last_due("digest").await.unwrap(), Some(NOW + 100));

    let first = store.lease_job("w1", NOW, 1000).await.unwrap().unwrap();
    assert_eq!(first, DueJob { job: "digest".into(), due_at: NOW - 100 }, "the oldest first");
    let second = store.lease_job("w2", NOW, 1000).await.unwrap().unwrap();
    assert_eq!(second.job, "crawl:a", "the same job does not run twice at once");
    assert_eq!(store.lease_job("w2", NOW, 1000).await.unwrap(), None);

    assert!(store.extend_job(&first, "w1", NOW + 5000).await.unwrap());
    assert!(!store.extend_job(&first, "w2", NOW + 5000).await.unwrap());
    let taken = store.lease_job("w3", NOW + 1000, 1000).await.unwrap();
    assert_eq!(taken.as_ref(), Some(&second), "its lease ended");
    assert!(!store.finish_job(&second, "w2", NOW + 1001).await.unwrap(), "lost");
    assert!(store.finish_job(&second, "w3", NOW + 1001).await.unwrap());
    assert!(!store.extend_job(&second, "w3", NOW + 9000).await.unwrap(), "done");

    assert!(store.finish_job(&first, "w1", NOW + 2000).await.unwrap());
    assert!(!store.finish_job(&first, "w1", NOW + 2000).await.unwrap());
    let next = store.lease_job("w1", NOW + 2000, 1000).await.unwrap().unwrap();
    assert_eq!(next.due_at, NOW);
    assert!(store.note_due("digest", NOW - 700).await.unwrap());
    assert!(store.finish_job(&next, "w1", NOW + 2001).await.unwrap());
    let last = store.lease_job("w1", NOW + 2001, 1000).await.unwrap().unwrap();
    assert_eq!(last.due_at, NOW + 100, "the older entry was done with it");
    assert_eq!(store.forget_jobs(NOW + 2001).await.unwrap(), 1, "of what was done earlier; the latest of a job stays");
    assert_eq!(store.forget_jobs(NOW + 9000).await.unwrap(), 2);
    assert_eq!(store.last_due("crawl:a").await.unwrap(), Some(NOW - 50));
}

async fn jobs_are_leased_once(bench: Bench) {
    let store = &bench.store;
    for n in 0..20 {
        store.note_due(&format!("crawl:{n}"), NOW).await.unwrap();
        store.note_due(&format!("crawl:{n}"), NOW + 1).await.unwrap();
    }
    let stores = [store.clone(), bench.other().await];
    let leased = futures(6, |n| {
        let store = stores[n % 2].clone();
        async move {
            let mut mine = Vec::new();
            while let Some(job) = store.lease_job(&format!("w{n}"), NOW + 1, 1000).await.unwrap() {
                mine.push(job.job);
            }
            mine
        }
    })
    .await;
    let all: Vec<String> = leased.into_iter().flatten().collect();
    assert_eq!(all.len(), 20);
    assert_eq!(all.into_iter().collect::<HashSet<_>>().len(), 20);
}

async fn settings_and_secrets(bench: Bench) {
    let store = &bench.store;
    assert_eq!(store.setting("theme").await.unwrap(), None);
    store.put_setting("theme", "a").await.unwrap();
    store.put_setting("theme", "b").await.unwrap();
    assert_eq!(store.setting("theme").await.unwrap().as_deref(), Some("b"));
    let stores = [store.clone(), bench.other().await];
    let secrets = futures(6, |n| {
        let store = stores[n % 2].clone();
        async move { store.secret("unsubscribe", || format!("secret {n}")).await.unwrap() }
    })
    .await;
    assert_eq!(secrets.iter().collect::<HashSet<_>>().len(), 1, "made once: {secrets:?}");
    assert_eq!(store.secret("unsubscribe", || unreachable!()).await.unwrap(), secrets[0]);
}

async fn searches_are_counted_by_day(bench: Bench) {
    let store = &bench.store;
    let day = |d| NaiveDate::from_ymd_opt(2026, 3, d).unwrap();
    let count = |query: &str, times, empty| SearchCount { query: query.to_owned(), times, empty };
    store.add_searches(day(1), &[count("高企", 2, 0), count("没有", 1, 1)]).await.unwrap();
    store.add_searches(day(1), &[count("高企", 1, 0)]).await.unwrap();
    store.add_searches(day(2), &[count("高企", 1, 0), count("没有", 4, 3), count("稳岗", 4, 0)]).await.unwrap();
    store.add_searches(day(2), &[]).await.unwrap();
    let all = store.frequent_searches(day(1), day(2), false, 10).await.unwrap();
    assert_eq!(all, [count("没有", 5, 4), count("稳岗", 4, 0), count("高企", 4, 0)]);
    assert_eq!(store.frequent_searches(day(1), day(1), false, 1).await.unwrap(), [count("高企", 3, 0)]);
    assert_eq!(store.frequent_searches(day(1), day(2), true, 10).await.unwrap(), [count("没有", 5, 4)]);
    // of two days, or often; never what was only empty
    assert_eq!(store.suggested_searches(day(1), 3, 10, 10).await.unwrap(), ["没有", "高企"]);
    assert_eq!(store.suggested_searches(day(1), 3, 4, 10).await.unwrap(), ["没有", "稳岗", "高企"]);
    assert_eq!(store.suggested_searches(day(1), 5, 4, 10).await.unwrap(), ["没有"]);
    assert!(store.suggested_searches(day(2), 3, 10, 10).await.unwrap().is_empty());
    store.forget_searches(day(2)).await.unwrap();
    assert!(store.frequent_searches(day(1), day(1), false, 10).await.unwrap().is_empty());
    assert_eq!(store.frequent_searches(day(1), day(2), true, 10).await.unwrap(), [count("没有", 4, 3)]);
}

async fn imports_resume(bench: Bench) {
    let store = &bench.store;
    assert_eq!(store.import_position("laws#1").await.unwrap(), 0);
    let row = ImportedRow { key: "row".to_owned(), policy_id: policy("a").identity(None), hash: "1".to_owned() };
    let saved = store.save_import(&[policy("a"), policy("b")], "laws#1", 7, NOW).await.unwrap();
    let row = ImportedRow { policy_id: saved[0].0.clone(), ..row };
    store.save_import_rows(&[], std::slice::from_ref(&row), "other", 1, NOW).await.unwrap();
    let rows = store.imported_rows(&["row".to_owned(), "unknown".to_owned()]).await.unwrap();
    assert_eq!(rows.into_values().collect::<Vec<_>>(), [row]);
    assert_eq!(saved.len(), 2);
    assert_eq!(store.import_position("laws#1").await.unwrap(), 7);
    store.save_import(&[policy("b"), policy("c")], "laws#1", 9, NOW).await.unwrap();
    assert_eq!(store.import_position("laws#1").await.unwrap(), 9);
    let refused = Policy { id: "长".repeat(MAX_KEY_BYTES), ..policy("d") };
    assert!(store.save_import(&[policy("e"), refused], "laws#1", 99, NOW).await.is_err());
    assert_eq!(store.import_position("laws#1").await.unwrap(), 9);
    assert_eq!(store.policy_counts().await.unwrap().policies, 3);
    store.forget_import("laws#1").await.unwrap();
    assert_eq!(store.import_position("laws#1").await.unwrap(), 0);
}

// ---------------------------------------------------------------------------------------------------------------------

/// What a child process does before it is killed at a failpoint, the failpoint, and what must be as before.
#[cfg(debug_assertions)]
const CRASHES: &[(&str, &str)] = &[
    ("save_policies", "store.save_policies.before_commit"),
    ("save_import", "store.save_policies.before_commit"),
    ("save_article", "store.save_article.before_commit"),
    ("record_matches", "store.record_matches.between"),
    ("record_matches", "store.record_matches.before_commit"),
    ("lease", "store.lease.before_commit"),
    ("message_sent", "store.message_sent.before_commit"),
    ("lease_job", "store.lease_job.before_commit"),
    ("correct", "store.correct.before_commit"),
    ("withdraw", "store.withdraw_policy.before_commit"),
    ("record_links", "store.record_links.between"),
    ("record_links", "store.record_links.before_commit"),
];

#[cfg(not(debug_assertions))]
const CRASHES: &[(&str, &str)] = &[];

/// Does one thing to the store; the parent and the child call it alike.
async fn act(store: &Store, action: &str) {
    match action {
        "save_policies" => drop(store.save_policies(&[policy("crash")], NOW).await.unwrap()),
        "save_import" => drop(store.save_import(&[policy("crash")], "file", 5, NOW).await.unwrap()),
        "save_article" => {
            let url = "https://www.example.gov.cn/crash.html";
            store.save_article(&policy("crash"), url, &Validators::default(), b"raw", NOW).await.unwrap();
        }
        "record_matches" => {
            let id = policy("match").identity(None);
            let to = store.active_subscriptions(&["e000".to_owned()]).await.unwrap();
            let again = NewMatch { occasion: "change 2".into(), ..new_match("e000", &id, to) };
            store.record_matches("matcher", 1, 2, &[again], 0, NOW).await.unwrap().unwrap();
        }
        "lease" => assert_eq!(store.lease_messages("child", NOW, 60_000, 10).await.unwrap().len(), 1),
        "message_sent" => {
            let leased = store.lease_messages("child", NOW, 60_000, 10).await.unwrap();
            assert!(store.message_sent(&leased[0].id, "child", NOW).await.unwrap());
        }
        "lease_job" => drop(store.lease_job("child", NOW, 60_000).await.unwrap().unwrap()),
        "correct" => {
            let fields = [("title".to_owned(), serde_json::json!("示例：改正的标题"))];
            store.correct(&policy("match").identity(None), &fields, "甲", NOW).await.unwrap().unwrap();
        }
        "withdraw" => {
            assert!(store.withdraw_policy(&policy("match").identity(None), "示例", NOW).await.unwrap());
        }
        "record_links" => {
            let ids = [policy("match").identity(None)];
            store.record_links("linker", 0, 1, &ids, NOW).await.unwrap().unwrap();
        }
        other => panic!("unknown action {other}"),
    }
}

/// Everything that can be seen of a store.
async fn picture(store: &Store) -> String {
    let counts = store.policy_counts().await.unwrap();
    let mut deliveries = store.deliveries(None, 0, 100).await.unwrap();
    deliveries.iter_mut().for_each(|row| row.sent_at = None);
    format!(
        "{} {} {} {:?} {} {:?} {} {:?} {:?} {:?}",
        store.reader_position("linker").await.unwrap(),
        counts.policies,
        counts.changes,
        store.changes_after(0, 100).await.unwrap(),
        store.match_count().await.unwrap(),
        deliveries,
        store.reader_position("matcher").await.unwrap(),
        store.page("https://www.example.gov.cn/crash.html").await.unwrap(),
        store.import_position("file").await.unwrap(),
        store.next_message_due().await.unwrap(),
    )
}

async fn crashes_leave_all_or_nothing(bench: Bench) {
    if CRASHES.is_empty() {
        println!("left out: failpoints are in debug builds only");
        return;
    }
    matched(&bench.store, 1, Frequency::Immediate, 0).await;
    bench.store.note_due("digest", NOW).await.unwrap();
    let undisturbed = picture(&bench.store).await;
    let template = match bench.store.backend() {
        "sqlite" => {
            // The file is whole once every connection is closed.
            bench.store.close().await;
            Some(bench.url.trim_start_matches("sqlite:").to_owned())
        }
        _ => None,
    };
    for (action, failpoint) in CRASHES {
        let folder = tempfile::tempdir().unwrap();
        let url = match &template {
            Some(template) => {
                let copy = folder.path().join("zhida.db");
                std::fs::copy(template, &copy).unwrap();
                format!("sqlite:{}", copy.display())
            }
            None => {
                let url = postgres::server().unwrap().database().await;
                let store = Store::open(&url).await.unwrap();
                matched(&store, 1, Frequency::Immediate, 0).await;
                store.note_due("digest", NOW).await.unwrap();
                url
            }
        };
        let child = tokio::process::Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "crash_child", "--nocapture"])
            .env("ZHIDA_STORE_CRASH_ACTION", action)
            .env("ZHIDA_STORE_CRASH_URL", &url)
            .env("ZHIDA_FAILPOINT", format!("{failpoint}:1"))
            .output()
            .await
            .unwrap();
        let said = String::from_utf8_lossy(&child.stdout).into_owned() + &String::from_utf8_lossy(&child.stderr);
        assert_eq!(child.status.signal(), Some(9), "{action} is killed at {failpoint}: {said}");

        let store = Store::open(&url).await.unwrap();
        let mut found = picture(&store).await;
        if *action == "message_sent" {
            // The lease was committed before; it ends.
            assert!(found.ends_with(&format!("Some({})", NOW + 60_000)), "{found}");
            found = found.replace(&format!("Some({})", NOW + 60_000), &format!("Some({NOW})"));
            let leased = store.lease_messages("child", NOW + 60_000, 60_000, 10).await.unwrap();
            assert_eq!(leased.len(), 1, "it is sent again, under the same id");
            assert!(store.message_sent(&leased[0].id, "child", NOW).await.unwrap());
        }
        assert_eq!(found, undisturbed, "{action} killed at {failpoint} left something");
        if *action != "message_sent" {
            act(&store, action).await;
            assert!(*action == "lease_job" || picture(&store).await != undisturbed, "{action} works afterwards");
        }
        store.close().await;
    }
}

/// Not a test of its own: the process that [`crashes_leave_all_or_nothing`] has killed.
#[test]
fn crash_child() {
    let (Ok(action), Ok(url)) = (std::env::var("ZHIDA_STORE_CRASH_ACTION"), std::env::var("ZHIDA_STORE_CRASH_URL"))
    else {
        return;
    };
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let store = Store::open(&url).await.unwrap();
        act(&store, &action).await;
    });
}
