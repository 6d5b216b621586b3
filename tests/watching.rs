//! A site that changes under the crawler: what is noticed, what is kept as evidence, who is told, and when it is over.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::extract::{Path, State};
use axum::response::Html;
use axum::routing::get;
use chrono::{DateTime, TimeDelta, Utc};
use mail_parser::MessageParser;
use zhida::clock::Clock;
use zhida::config::Config;
use zhida::push::catcher::Catcher;
use zhida::state::AppState;
use zhida::store::alarms::{Alarm, AlarmKind};
use zhida::{crawl, schedule, watch};

/// What the site shows.
#[derive(Clone, Copy, PartialEq, Debug)]
enum Face {
    Well,
    /// The list is built in another way.
    Rebuilt,
    /// Articles are a script that wants to be run first, with status 200.
    Challenge,
    /// Articles no longer say who issued them.
    WithoutIssuer,
    /// The list itself is a challenge.
    ListChallenge,
}

#[derive(Clone)]
struct Site {
    face: Arc<Mutex<Face>>,
    articles: Arc<Mutex<usize>>,
}

const CHALLENGE: &str = "<html><head><title>安全验证</title></head><body><script>document.cookie='x=1';location.reload()</script><p>正在进行安全验证，请稍候</p></body></html>";

async fn list(State(site): State<Site>) -> Html<String> {
    let tag = match *site.face.lock().unwrap() {
        Face::ListChallenge => return Html(CHALLENGE.to_owned()),
        Face::Rebuilt => "p",
        _ => "li",
    };
    let count = *site.articles.lock().unwrap();
    let rows: String = (0..count)
        .rev()
        .map(|n| {
            format!(
                "<{tag}><a href=\"/a/{n}.html\">关于申报第{n}批示例项目的通知</a><span>2026-03-0{}</span></{tag}>",
                n % 9 + 1
            )
        })
        .collect();
    Html(format!("<html><head><title>通知公告</title></head><body><ul>{rows}</ul></body></html>"))
}

async fn article(State(site): State<Site>, Path(name): Path<String>) -> Html<String> {
    let n = name.trim_end_matches(".html");
    let issuer = match *site.face.lock().unwrap() {
        Face::Challenge => return Html(CHALLENGE.to_owned()),
        Face::WithoutIssuer => String::new(),
        _ => "<p>发布机构：镇江市示例局</p>".to_owned(),
    };
    Html(format!(
        "<html><head><title>关于申报第{n}批示例项目的通知</title></head><body>{issuer}<p>发布日期：2026-03-05</p>\
         <h1>关于申报第{n}批示例项目的通知</h1><div id=\"zoom\"><p>各有关单位，为做好第{n}批示例项目的申报工作，现将有关事项通知如下，\
         请认真组织，按照要求准备材料，并通过平台提交，逾期不再办理。</p><p>本批项目面向在本地登记、正常经营的单位，材料应真实完整。</p></div></body></html>"
    ))
}

struct Story {
    state: AppState,
    site: Site,
    catcher: Catcher,
    _dir: tempfile::TempDir,
}

fn start() -> DateTime<Utc> {
    "2026-03-10T01:00:00Z".parse().unwrap()
}

impl Story {
    async fn begin() -> Self {
        let site = Site { face: Arc::new(Mutex::new(Face::Well)), articles: Arc::new(Mutex::new(12)) };
        let router =
            Router::new().route("/list.html", get(list)).route("/a/{name}", get(article)).with_state(site.clone());
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });

        let dir = tempfile::tempdir().unwrap();
        let catcher = Catcher::start("127.0.0.1:0").await.unwrap();
        let mut config = Config::default();
        config.mail.url = format!("smtp://{}", catcher.address());
        config.mail.from = "直达 <noreply@zhida.example>".to_owned();
        config.crawl.allow_private = vec![address.to_string()];
        config.crawl.delay_ms = 0;
        config.crawl.sources = vec!["watched".to_owned()];
        config.crawl.editors = vec!["editor@center.example".to_owned()];
        let mut state = AppState::open(config, dir.path()).await.unwrap();
        state.clock = Clock::fixed(start());
        let definition = format!(
            "name = \"watched\"\ntitle = \"镇江示例站\"\nregion_code = \"321100\"\neditor = \"own@center.example\"\n\
             [[list]]\nurl = \"http://{address}/list.html\"\nitem = \"li\"\n"
        );
        state.store.save_source("watched", Some(&definition), "", 0).await.unwrap();
        Self { state, site, catcher, _dir: dir }
    }

    fn show(&self, face: Face) {
        *self.site.face.lock().unwrap() = face;
    }

    /// The next day: so many new articles, one crawl, one look at the sources.
    async fn day(&self, new: usize) -> zhida::store::crawls::CrawlRun {
        let next = self.state.clock.now() + TimeDelta::days(1).num_milliseconds();
        self.state.clock.set(DateTime::from_timestamp_millis(next).unwrap());
        *self.site.articles.lock().unwrap() += new;
        let defined = self.state.sources.defined(&self.state.store).await.unwrap();
        let source = defined.get("watched").unwrap();
        let run =
            crawl::crawl(&self.state, &self.state.fetcher().unwrap(), source, false, |_| {}).await.unwrap().unwrap();
        watch::watch(&self.state).await.unwrap();
        run
    }

    async fn open(&self) -> Vec<Alarm> {
        self.state.store.alarms(false, 100).await.unwrap()
    }

    async fn kinds(&self) -> Vec<AlarmKind> {
        self.open().await.into_iter().map(|alarm| alarm.kind).collect()
    }

    async fn copy(&self, id: Option<i64>) -> String {
        let (_, raw) = self.state.store.page_copy(id.unwrap()).await.unwrap().unwrap();
        String::from_utf8(raw).unwrap()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_site_does_is_noticed_told_once_and_over() {
    let story = Story::begin().await;
    let run = story.day(0).await;
    assert_eq!((run.new, run.failed), (12, 0), "{run:?}");
    assert_eq!(run.coverage["issuers"].have, 12, "{run:?}");
    assert!(story.kinds().await.is_empty());

    story.show(Face::Rebuilt);
    story.day(1).await;
    assert_eq!(story.kinds().await, [AlarmKind::ListEmpty]);
    let alarm = story.open().await.remove(0);
    assert!(alarm.evidence.url.as_deref().unwrap().ends_with("/list.html"));
    assert!(story.copy(alarm.evidence.copy).await.contains("<p><a"));
    assert!(story.copy(alarm.evidence.good_copy).await.contains("<li><a"));
    story.day(0).await;
    let mails = story.catcher.caught().mails();
    let to: Vec<&str> = mails.iter().flat_map(|mail| mail.to.iter().map(String::as_str)).collect();
    assert_eq!(to, ["editor@center.example", "own@center.example"], "each editor once, although it still holds");
    let mail = MessageParser::default().parse(&mails[0].data).unwrap();
    assert_eq!(mail.subject().unwrap(), "【信息源告警】镇江示例站：列表突然空了");
    let text = mail.body_text(0).unwrap();
    assert!(text.contains("读到 12 条") && text.contains("zhida source test watched"), "{text}");
    assert!(mail.header("List-Unsubscribe").is_none(), "no notice to subscribe to");

    story.show(Face::Well);
    story.day(0).await;
    assert!(story.kinds().await.is_empty(), "over by itself");

    story.show(Face::Challenge);
    let run = story.day(4).await;
    assert_eq!((run.new, run.failed), (0, 17), "known pages are asked for again, too: {run:?}");
    assert_eq!(run.refused, [("challenge".to_owned(), 17)].into());
    assert_eq!(story.kinds().await, [AlarmKind::Challenge]);
    assert!(story.copy(story.open().await[0].evidence.copy).await.contains("安全验证"));
    story.show(Face::Well);
    let run = story.day(0).await;
    assert_eq!(run.new, 4, "what failed is read later: {run:?}");
    assert!(story.kinds().await.is_empty());

    story.show(Face::ListChallenge);
    story.day(0).await;
    assert_eq!(story.kinds().await, [AlarmKind::Challenge], "a challenge is called so, not an empty list");
    story.show(Face::Well);
    story.day(0).await;
    assert!(story.kinds().await.is_empty());

    story.show(Face::WithoutIssuer);
    story.day(6).await;
    assert_eq!(story.kinds().await, [AlarmKind::Coverage]);
    let alarm = story.open().await.remove(0);
    assert!(alarm.evidence.text.contains("发文机关从 100% 降到 0%"), "{}", alarm.evidence.text);
    assert!(!story.copy(alarm.evidence.copy).await.contains("发布机构"));
    assert!(story.copy(alarm.evidence.good_copy).await.contains("发布机构"));
    story.show(Face::Well);
    story.day(6).await;
    assert!(story.kinds().await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_crawler_that_stopped_is_told() {
    let story = Story::begin().await;
    story.day(0).await;
    assert!(story.kinds().await.is_empty());
    // nobody crawls for three days
    let now = DateTime::from_timestamp_millis(story.state.clock.now()).unwrap();
    story.state.clock.set(now + TimeDelta::days(3));
    watch::watch(&story.state).await.unwrap();
    assert_eq!(story.kinds().await, [AlarmKind::NotCrawled]);
    assert_eq!(story.catcher.caught().len(), 2);
    story.day(0).await;
    assert!(story.kinds().await.is_empty());
    // a mail server that is away: told later
    story.state.clock.set(now + TimeDelta::days(9));
    watch::watch(&story.state).await.unwrap();
    watch::tidy(&story.state).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_changed_definition_counts_at_once_and_reads_kept_pages_again() {
    let story = Story::begin().await;
    story.day(0).await;
    let before = story.state.store.policies_after("", 100).await.unwrap();
    assert!(before.iter().all(|policy| policy.doc_number.is_none()));
    // the site goes down; the editor names a selector for the title
    story.show(Face::Challenge);
    let saved = story.state.store.source_versions("watched").await.unwrap().remove(0).definition.unwrap();
    let changed = format!("schedule = \"0 0 6 * * *\"\n{saved}\n[article]\ntitle = \"#zoom p\"\n");
    story.state.store.save_source("watched", Some(&changed), "示例", 1).await.unwrap();
    let jobs = schedule::jobs(&story.state).await.unwrap();
    assert!(jobs.iter().any(|job| job.job == "crawl:watched" && job.cron == "0 0 6 * * *"), "{jobs:?}");

    let defined = story.state.sources.defined(&story.state.store).await.unwrap();
    let report = crawl::reread(&story.state, defined.get("watched").unwrap(), || {}).await.unwrap();
    assert_eq!((report.read, report.changed, report.failed), (12, 12, 0), "{report:?}");
    let after = story.state.store.policies_after("", 100).await.unwrap();
    assert!(after.iter().all(|policy| policy.title.starts_with("各有关单位") && policy.version == 2));
    assert_eq!(after.len(), 12);
    let again = crawl::reread(&story.state, defined.get("watched").unwrap(), || {}).await.unwrap();
    assert_eq!((again.changed, again.unchanged), (0, 12), "{again:?}");
}
