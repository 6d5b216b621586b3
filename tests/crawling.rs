//! How much a crawl asks for: what is new, within its budget and hours, and after it was broken off only the rest.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::{BTreeMap, HashSet};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::{StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use chrono::{DateTime, TimeDelta, Utc};
use zhida::clock::Clock;
use zhida::config::Config;
use zhida::crawl;
use zhida::state::AppState;
use zhida::store::crawls::CrawlRun;

/// Entries of a list page.
const PER_PAGE: usize = 10;

#[derive(Default)]
struct Site {
    articles: usize,
    gone: HashSet<usize>,
    asked: BTreeMap<String, usize>,
    /// Whether list pages have an ETag, and how many were answered with 304.
    tagged: bool,
    not_modified: usize,
    /// How long an article takes, how many are under way, and the most that were at once.
    slow: Duration,
    running: usize,
    most: usize,
}

type Shared = Arc<Mutex<Site>>;

async fn answer(State(site): State<Shared>, request: Request) -> Response {
    let slow = {
        let mut site = site.lock().unwrap();
        site.running += 1;
        site.most = site.most.max(site.running);
        site.slow
    };
    tokio::time::sleep(slow).await;
    let mut site = site.lock().unwrap();
    site.running -= 1;
    let path = request.uri().path().to_owned();
    *site.asked.entry(path.clone()).or_default() += 1;
    if let Some(page) = path.strip_prefix("/list_").and_then(|rest| rest.strip_suffix(".html")) {
        let page: usize = page.parse().unwrap();
        let newest: Vec<usize> = (0..site.articles).rev().skip((page - 1) * PER_PAGE).take(PER_PAGE).collect();
        if newest.is_empty() {
            return StatusCode::NOT_FOUND.into_response();
        }
        let row = |n: &usize| {
            format!("<li><a href=\"/a/{n}.html\">关于第{n}批示例事项的通知</a><span>2026-03-01</span></li>")
        };
        let rows: String = newest.iter().map(row).collect();
        let page = Html(format!("<title>通知</title><ul>{rows}</ul>"));
        if !site.tagged {
            return page.into_response();
        }
        let tag = format!("\"{}\"", site.articles);
        if request.headers().get(header::IF_NONE_MATCH).is_some_and(|known| *known == tag) {
            site.not_modified += 1;
            return StatusCode::NOT_MODIFIED.into_response();
        }
        return ([(header::ETAG, tag)], page).into_response();
    }
    let Some(n) = path.strip_prefix("/a/").and_then(|rest| rest.strip_suffix(".html")) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let n: usize = n.parse().unwrap();
    if site.gone.contains(&n) {
        return StatusCode::GONE.into_response();
    }
    Html(format!(
        "<title>关于第{n}批示例事项的通知</title><h1>关于第{n}批示例事项的通知</h1><p>发布日期：2026-03-01</p><div id=\"zoom\">\
         <p>各有关单位：现将第{n}批示例事项的要求通知如下，请对照编号为{}的清单办理，并按时报送材料。</p></div>",
        n * 7919 % 1000
    ))
    .into_response()
}

struct Story {
    state: AppState,
    site: Shared,
    address: String,
    _dir: tempfile::TempDir,
}

impl Story {
    async fn begin(articles: usize, keys: &str) -> Self {
        let site: Shared = Arc::new(Mutex::new(Site { articles, ..Site::default() }));
        let router = Router::new().fallback(answer).with_state(site.clone());
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        let dir = tempfile::tempdir().unwrap();
        let mut config = Config::default();
        config.crawl.allow_private = vec![address.clone()];
        config.crawl.delay_ms = 0;
        let mut state = AppState::open(config, dir.path()).await.unwrap();
        state.clock = Clock::fixed("2026-03-10T01:00:00Z".parse::<DateTime<Utc>>().unwrap());
        let definition = format!(
            "name = \"counted\"\ntitle = \"镇江示例站\"\nregion_code = \"321100\"\n{keys}\n[[list]]\n\
             url = \"http://{address}/list_{{n}}.html\"\nitem = \"li\"\n"
        );
        state.store.save_source("counted", Some(&definition), "", 0).await.unwrap();
        Self { state, site, address, _dir: dir }
    }

    async fn crawl(&self, full: bool) -> CrawlRun {
        let defined = self.state.sources.defined(&self.state.store).await.unwrap();
        let source = defined.get("counted").unwrap();
        crawl::crawl(&self.state, &self.state.fetcher().unwrap(), source, full, |_| {}).await.unwrap().unwrap()
    }

    fn later(&self, hours: i64) {
        let later = self.state.clock.now() + TimeDelta::hours(hours).num_milliseconds();
        self.state.clock.set(DateTime::from_timestamp_millis(later).unwrap());
    }

    /// What was asked for since the last time: list pages, articles.
    fn asked(&self) -> (usize, usize) {
        let asked = std::mem::take(&mut self.site.lock().unwrap().asked);
        let count =
            |start: &str| asked.iter().filter(|(path, _)| path.starts_with(start)).map(|(_, times)| times).sum();
        (count("/list_"), count("/a/"))
    }

    async fn policies(&self) -> usize {
        self.state.store.policies_after("", 1_000).await.unwrap().len()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_is_left_where_it_shows_what_is_known() {
    let story = Story::begin(35, "").await;
    let run = story.crawl(false).await;
    // four pages and the one after them, which is not there
    assert_eq!((story.asked(), run.new, story.policies().await), ((5, 35), 35, 35), "{run:?}");
    assert!(run.is_complete() && run.requests == 40, "robots.txt is not counted: {run:?}");

    story.later(24);
    story.site.lock().unwrap().articles += 3;
    let run = story.crawl(false).await;
    // the first page has three new ones; the second has nothing new, and there it ends
    assert_eq!((story.asked(), run.new, run.unchanged), ((2, 20), 3, 17), "{run:?}");

    let run = story.crawl(false).await;
    assert_eq!((story.asked(), run.unchanged), ((1, 0), 10), "a short while later nothing is asked for again: {run:?}");

    story.later(24);
    let run = story.crawl(true).await;
    assert_eq!((story.asked(), run.unchanged, run.full), ((5, 38), 38, true), "{run:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_without_budget_is_taken_up_by_the_next() {
    let story = Story::begin(25, "max_requests = 12").await;
    let mut news = Vec::new();
    let mut articles = 0;
    for _ in 0..8 {
        let run = story.crawl(false).await;
        articles += story.asked().1;
        news.push(run.new);
        assert!(run.requests <= 12, "{run:?}");
        if run.is_complete() {
            break;
        }
        assert!(run.ended.as_deref().unwrap().contains("max_requests"), "{run:?}");
        story.later(1);
    }
    assert_eq!(news.iter().sum::<i64>(), 25, "{news:?}");
    assert_eq!(articles, 25, "none is asked for twice: {news:?}");
    assert_eq!(story.policies().await, 25);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_run_that_was_killed_goes_on() {
    let story = Story::begin(25, "").await;
    story.crawl(false).await;
    story.asked();
    story.later(48);
    // as a killed process leaves it: begun, five pages fetched, not finished
    let begun =
        CrawlRun { source: "counted".into(), full: true, started_at: story.state.clock.now(), ..CrawlRun::default() };
    story.state.store.start_crawl(&begun, 0).await.unwrap().unwrap();
    story.later(1);
    for n in 20..25 {
        let url = format!("http://{}/a/{n}.html", story.address);
        story.state.store.page_unchanged(&url, story.state.clock.now()).await.unwrap();
    }
    story.later(1);
    let run = story.crawl(true).await;
    assert_eq!((story.asked().1, run.unchanged), (20, 25), "{run:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn hours_are_kept() {
    // 09:00 in Shanghai
    let story = Story::begin(5, "hours = \"22:00-06:00\"").await;
    let run = story.crawl(false).await;
    assert_eq!((story.asked(), run.new), ((0, 0), 0));
    assert!(run.ended.as_deref().unwrap().contains("22:00-06:00"), "{run:?}");
    story.later(14);
    assert_eq!(story.crawl(false).await.new, 5);
}

#[tokio::test(flavor = "multi_thread")]
async fn lists_are_asked_only_whether_they_changed() {
    let story = Story::begin(15, "").await;
    story.site.lock().unwrap().tagged = true;
    story.crawl(false).await;
    story.later(24);
    let run = story.crawl(true).await;
    assert_eq!((run.found, run.unchanged, run.lists), (15, 15, 2), "read from what was kept: {run:?}");
    assert_eq!(story.site.lock().unwrap().not_modified, 2);
    story.site.lock().unwrap().articles += 1;
    let run = story.crawl(true).await;
    assert_eq!((run.found, run.new), (16, 1), "{run:?}");
    assert_eq!(story.site.lock().unwrap().not_modified, 2, "both pages changed");
}

#[tokio::test(flavor = "multi_thread")]
async fn as_many_pages_at_once_as_the_definition_says() {
    for at_once in [1, 3] {
        let story = Story::begin(12, &format!("concurrency = {at_once}")).await;
        story.site.lock().unwrap().slow = Duration::from_millis(50);
        assert_eq!(story.crawl(false).await.new, 12);
        assert_eq!(story.site.lock().unwrap().most, at_once);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn dead_links_neither_hide_the_end_nor_are_asked_for_every_time() {
    let story = Story::begin(30, "").await;
    story.site.lock().unwrap().gone.extend([5, 15, 25]);
    let run = story.crawl(false).await;
    assert_eq!((story.asked(), run.new, run.failed, run.lost), ((4, 30), 27, 3, 3), "{run:?}");
    story.later(1);
    let run = story.crawl(false).await;
    assert_eq!((story.asked(), run.resting, run.failed), ((1, 0), 1, 0), "{run:?}");
    story.later(24);
    let run = story.crawl(false).await;
    assert_eq!((story.asked(), run.resting, run.failed), ((1, 10), 0, 1), "tried again after a day: {run:?}");
    story.later(24);
    let run = story.crawl(false).await;
    assert_eq!((story.asked(), run.resting, run.failed), ((1, 9), 1, 0), "then after two: {run:?}");
    story.site.lock().unwrap().gone.clear();
    story.later(24);
    assert_eq!(story.crawl(true).await.new, 3, "a full one asks for everything");
}

#[tokio::test(flavor = "multi_thread")]
async fn two_processes_do_not_crawl_one_source() {
    let story = Story::begin(12, "").await;
    story.site.lock().unwrap().slow = Duration::from_millis(60);
    let defined = story.state.sources.defined(&story.state.store).await.unwrap();
    let source = defined.get("counted").unwrap();
    let fetcher = story.state.fetcher().unwrap();
    let at = || crawl::crawl(&story.state, &fetcher, source, false, |_| {});
    let began = std::time::Instant::now();
    let (first, second) = tokio::join!(at(), at());
    let runs: Vec<CrawlRun> = [first.unwrap(), second.unwrap()].into_iter().flatten().collect();
    let (lists, articles) = story.asked();
    assert!(articles == 12 && lists <= 4, "{runs:?}");
    assert_eq!(runs.iter().map(|run| run.new).sum::<i64>(), 12, "after {:?}", began.elapsed());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_that_is_gone_is_marked_and_kept() {
    let story = Story::begin(5, "").await;
    story.crawl(false).await;
    let vanished = async || {
        let policies = story.state.store.policies_after("", 10).await.unwrap();
        assert_eq!(policies.len(), 5, "never deleted");
        policies.iter().flat_map(|policy| &policy.locations).filter(|place| place.vanished_on.is_some()).count()
    };
    story.site.lock().unwrap().gone.insert(3);
    story.later(24);
    story.crawl(false).await;
    assert_eq!(vanished().await, 0, "once may be an accident");
    story.later(24);
    story.crawl(false).await;
    assert_eq!(vanished().await, 1);
    story.site.lock().unwrap().gone.clear();
    story.later(24);
    story.crawl(false).await;
    assert_eq!(vanished().await, 0, "it is back");
}
