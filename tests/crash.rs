//! The promise of the whole: kill the process at any moment, as often as you like, and every expected mail arrives,
//! none twice but for the one that was between the server's 250 and our record, and the index is equal to SQL.
//!
//! A real child process (`zhida serve`) crawls a site that grows, stores, indexes, matches and delivers over real
//! HTTP and SMTP. It is killed with SIGKILL, some times at failpoints inside a transaction, some times at a random
//! moment. `ZHIDA_CRASH_KILLS` sets how often (10 when not said; a third of it on PostgreSQL), `ZHIDA_CRASH_SEED`
//! repeats a run.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "support/postgres.rs"]
mod postgres;

use std::collections::{BTreeMap, BTreeSet};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use axum::Router;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Html;
use axum::routing::get;
use rand::rngs::StdRng;
use rand::seq::IndexedRandom;
use rand::{Rng, SeedableRng};
use zhida::push::catcher::Catcher;

/// Every failpoint of the main job, from crawl to deliver.
const FAILPOINTS: &[&str] = &[
    "crawl.after_article",
    "store.save_article.before_commit",
    "index.before_commit",
    "index.after_commit",
    "store.record_matches.between",
    "store.record_matches.before_commit",
    "store.lease.before_commit",
    "push.before_send",
    "push.after_send",
    "store.message_sent.before_commit",
];

/// Mails that the process has in flight at most.
const CONNECTIONS: usize = 4;

/// Articles that the site gains before each start of the process.
const PER_ROUND: usize = 3;

/// Enterprises that every article is for; a further one is in another province and must hear nothing.
const ADDRESSES: [&str; 2] = ["first@enterprise.example", "second@enterprise.example"];

/// Titles on the site, the newest last.
#[derive(Clone, Default)]
struct Articles(Arc<Mutex<Vec<String>>>);

impl Articles {
    fn titles(&self) -> Vec<String> {
        self.0.lock().unwrap().clone()
    }

    fn add(&self, count: usize) {
        let mut titles = self.0.lock().unwrap();
        for _ in 0..count {
            let number = titles.len() + 1;
            titles.push(format!("镇江市工业和信息化局关于组织申报第{number}批软件企业培育项目的通知（示例）"));
        }
    }
}

/// The two runs would take the processor from each other.
static ONE_AT_A_TIME: tokio::sync::Mutex<()> = tokio::sync::Mutex::const_new(());

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_killed_process_loses_nothing_and_repeats_nothing() {
    let _turn = ONE_AT_A_TIME.lock().await;
    killed_again_and_again(kills(), None).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nor_does_it_on_postgresql() {
    let Some(server) = postgres::server() else { return };
    let _turn = ONE_AT_A_TIME.lock().await;
    killed_again_and_again(kills().div_ceil(3), Some(server.database().await)).await;
}

fn kills() -> usize {
    std::env::var("ZHIDA_CRASH_KILLS").ok().and_then(|kills| kills.parse().ok()).unwrap_or(10)
}

async fn killed_again_and_again(kills: usize, database: Option<String>) {
    let seed: u64 =
        std::env::var("ZHIDA_CRASH_SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or_else(rand::random);
    let backend = if database.is_some() { "PostgreSQL" } else { "SQLite" };
    println!("crash test on {backend}: {kills} kills, ZHIDA_CRASH_SEED={seed}");
    let mut random = StdRng::seed_from_u64(seed);
    // a short run sees other failpoints each time
    let first = random.random_range(0..=FAILPOINTS.len());

    let articles = Articles::default();
    let site = serve_site(articles.clone()).await;
    let catcher = Catcher::start("127.0.0.1:0").await.unwrap();
    let dir = tempfile::tempdir().unwrap();
    let run = Run { dir: dir.path().to_owned(), site, mail: format!("smtp://{}", catcher.address()), database };
    run.prepare();

    let mut killed_at: BTreeMap<String, usize> = BTreeMap::new();
    for kill in 0..kills {
        articles.add(PER_ROUND);
        // each failpoint in turn, then a random moment, so that a short run sees them all
        let failpoint = FAILPOINTS
            .get((first + kill) % (FAILPOINTS.len() + 1))
            .copied()
            .or_else(|| random.random_bool(0.5).then(|| *FAILPOINTS.choose(&mut random).unwrap()));
        // a round has several articles and mails, but few batches of matches
        let several = failpoint.is_some_and(|name| name.starts_with("crawl") || name.starts_with("push"));
        let pass = if several { random.random_range(1..=3) } else { 1 };
        let mut child = run.serve(failpoint.map(|name| format!("{name}:{pass}")));
        let patience = match failpoint {
            // the job of the killed process is leased for ten seconds
            Some(_) => Duration::from_secs(15),
            None => Duration::from_millis(random.random_range(300..3_000)),
        };
        let died_by_itself = wait_for_exit(&mut child, patience).await;
        if !died_by_itself {
            child.kill().unwrap();
            child.wait().unwrap();
        }
        let place = if died_by_itself { failpoint.unwrap_or("?") } else { "a random moment" };
        *killed_at.entry(place.to_owned()).or_default() += 1;
    }
    println!("killed at: {killed_at:?}");
    assert!(!killed_at.contains_key("?"), "the process died without being told to");

    // the last start is left alone until everything has arrived
    articles.add(PER_ROUND);
    let expected: BTreeSet<(String, String)> = articles
        .titles()
        .into_iter()
        .flat_map(|title| ADDRESSES.map(|address| (address.to_owned(), title.clone())))
        .collect();
    let mut child = run.serve(None);
    let started = Instant::now();
    let mut seen = BTreeSet::new();
    while started.elapsed() < Duration::from_secs(120) {
        seen = received(&catcher).into_iter().map(|mail| (mail.to, mail.title)).collect();
        if seen.is_superset(&expected) {
            break;
        }
        assert!(child.try_wait().unwrap().is_none(), "the process ended by itself");
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    // time for a mail that should not come
    tokio::time::sleep(Duration::from_secs(2)).await;
    Command::new("kill").arg("-TERM").arg(child.id().to_string()).status().unwrap();
    assert!(wait_for_exit(&mut child, Duration::from_secs(20)).await, "SIGTERM did not end the process");

    let missing: Vec<_> = expected.difference(&seen).collect();
    assert!(missing.is_empty(), "{} of {} mails are missing: {missing:?}", missing.len(), expected.len());
    let unexpected: Vec<_> = seen.difference(&expected).collect();
    assert!(unexpected.is_empty(), "mails that nobody should get: {unexpected:?}");

    // a repeat is allowed once for each open connection and kill, and only under the Message-ID of the first
    let mut ids: BTreeMap<(String, String), Vec<String>> = BTreeMap::new();
    for mail in received(&catcher) {
        ids.entry((mail.to, mail.title)).or_default().push(mail.message_id);
    }
    let mut repeats = 0;
    for (mail, ids) in &ids {
        repeats += ids.len() - 1;
        assert!(ids.iter().all(|id| id == &ids[0]), "{mail:?} came under several Message-IDs: {ids:?}");
    }
    println!("{} mails expected, {} came, {repeats} repeats under the same Message-ID", expected.len(), seen.len());
    assert!(repeats <= kills * CONNECTIONS, "{repeats} repeats for {kills} kills");

    let verify = run.command(&["index", "verify", "--json"]).output().unwrap();
    assert!(verify.status.success(), "index and SQL differ: {}", String::from_utf8_lossy(&verify.stdout));
    let report: serde_json::Value = serde_json::from_slice(&verify.stdout).unwrap();
    assert_eq!(report["in_sql"], articles.titles().len(), "not every article is stored exactly once");
}

struct Mail {
    to: String,
    title: String,
    message_id: String,
}

fn received(catcher: &Catcher) -> Vec<Mail> {
    let mails = catcher.caught().mails();
    let read = mails.iter().map(|mail| {
        let message = mail_parser::MessageParser::default().parse(&mail.data).expect("a readable mail");
        let subject = message.subject().expect("a subject").to_owned();
        let title = subject.split_once('】').map_or(subject.as_str(), |(_, title)| title).to_owned();
        Mail { to: mail.to.join(","), title, message_id: message.message_id().expect("a Message-ID").to_owned() }
    });
    read.collect()
}

struct Run {
    dir: std::path::PathBuf,
    site: String,
    mail: String,
    /// Address of the database; the embedded one when not given.
    database: Option<String>,
}

impl Run {
    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_zhida"));
        command
            .args(arguments)
            .arg("--dir")
            .arg(&self.dir)
            .env("ZHIDA_LOG", "warn")
            .env("ZHIDA_HTTP_LISTEN", "127.0.0.1:0")
            .env("ZHIDA_CRAWL_SOURCES", "growing")
            .env("ZHIDA_CRAWL_DELAY_MS", "0")
            .env("ZHIDA_CRAWL_ALLOW_PRIVATE", self.site.trim_start_matches("http://"))
            .env("ZHIDA_MAIL_URL", &self.mail)
            .env("ZHIDA_MAIL_FROM", "zhida <noreply@zhida.example>")
            .stdin(Stdio::null());
        if let Some(database) = &self.database {
            command.env("ZHIDA_DATABASE_URL", database);
        }
        command
    }

    fn prepare(&self) {
        let definition = format!(
            r#"
name = "growing"
title = "镇江示例站"
region_code = "321100"
schedule = "* * * * * *"

[[list]]
url = "{}/list.html"
item = "li"
link = "a"
date = "span"
"#,
            self.site
        );
        let file = self.dir.join("growing.toml");
        std::fs::write(&file, definition).unwrap();
        let done = self.command(&["source", "save"]).arg(&file).status().unwrap();
        assert!(done.success(), "definition not saved");
        let profile = |id: &str, address: &str, region: &str| {
            serde_json::json!({ "id": id, "name": format!("示例企业{id}"), "email": address, "region_code": region,
                "industry_code": "I6513", "interests": { "keywords": ["软件企业"] } })
            .to_string()
        };
        let profiles = [
            profile("E1", ADDRESSES[0], "321181"),
            profile("E2", ADDRESSES[1], "321100"),
            profile("E3", "elsewhere@enterprise.example", "440100"),
        ];
        let file = self.dir.join("profiles.jsonl");
        std::fs::write(&file, profiles.join("\n")).unwrap();
        let done = self.command(&["enterprise", "import"]).arg(&file).status().unwrap();
        assert!(done.success(), "profiles not imported");
    }

    fn serve(&self, failpoint: Option<String>) -> Child {
        let mut command = self.command(&["serve"]);
        if let Some(failpoint) = failpoint {
            command.env("ZHIDA_FAILPOINT", failpoint);
        }
        command.stdout(Stdio::null()).spawn().unwrap()
    }
}

async fn wait_for_exit(child: &mut Child, patience: Duration) -> bool {
    let started = Instant::now();
    while started.elapsed() < patience {
        if child.try_wait().unwrap().is_some() {
            return true;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    false
}

async fn serve_site(articles: Articles) -> String {
    let app = Router::new().route("/list.html", get(list)).route("/art/{number}", get(article)).with_state(articles);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, app).await });
    format!("http://{address}")
}

fn today() -> chrono::NaiveDate {
    zhida::clock::Clock::System.today()
}

async fn list(State(articles): State<Articles>) -> Html<String> {
    let mut html = String::from("<!doctype html><meta charset=utf-8><title>通知公告</title><ul>");
    for (number, title) in articles.titles().iter().enumerate().rev() {
        html.push_str(&format!("<li><a href=\"/art/{number}.html\">{title}</a><span>{}</span></li>", today()));
    }
    Html(html + "</ul>")
}

async fn article(State(articles): State<Articles>, Path(number): Path<String>) -> Result<Html<String>, StatusCode> {
    let number: usize = number.trim_end_matches(".html").parse().map_err(|_| StatusCode::NOT_FOUND)?;
    let title = articles.titles().get(number).cloned().ok_or(StatusCode::NOT_FOUND)?;
    let today = today();
    Ok(Html(format!(
        "<!doctype html><html><head><meta charset=utf-8><title>{title}</title>\
         <meta name=\"ArticleTitle\" content=\"{title}\"><meta name=\"PubDate\" content=\"{today} 09:00\">\
         <meta name=\"ContentSource\" content=\"镇江市工业和信息化局\"></head><body><h1>{title}</h1>\
         <div class=\"article-content\"><p>各市（区）工信局，各有关企业：</p>\
         <p>为培育壮大软件企业，现组织开展软件企业培育项目申报。在本市注册登记、具有独立法人资格的软件企业均可申报，\
         对入选的软件企业给予一次性奖励20万元。请于申报期内将材料报送所在地工信部门，逾期不予受理。</p>\
         <p>镇江市工业和信息化局</p></div></body></html>"
    )))
}
