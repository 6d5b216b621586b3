//! Fetching over real HTTP: a well-meaning client among sites that are slow, broken or hostile.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, Response, StatusCode, Uri};
use axum::response::IntoResponse;
use axum::routing::{get, post};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use zhida_crawlers::{
    Budget, FetchError, Fetcher, FetcherConfig, ListItem, Manners, Source, Validators, fetch_article,
};

/// Requests as they came: path and time.
type Log = Arc<Mutex<Vec<(String, Instant)>>>;

async fn serve(router: Router) -> SocketAddr {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
    address
}

fn config(address: SocketAddr) -> FetcherConfig {
    FetcherConfig {
        user_agent: "zhida/0.1 (+mailto:a@example.org)".to_owned(),
        delay: Duration::ZERO,
        timeout: Duration::from_secs(10),
        allow_private: vec![address.to_string()],
        robots: false,
        retries: 0,
        ..FetcherConfig::default()
    }
}

fn fetcher(address: SocketAddr) -> Fetcher {
    Fetcher::new(config(address)).unwrap()
}

fn redirect(to: impl Into<String>) -> Response<Body> {
    Response::builder().status(302).header("location", to.into()).body(Body::empty()).unwrap()
}

#[tokio::test]
async fn a_page_comes_with_what_its_headers_say() {
    let router = Router::new()
        .route(
            "/page",
            get(|headers: HeaderMap| async move {
                let said = |name: &str| headers.get(name).unwrap().to_str().unwrap().to_owned();
                assert!(said("user-agent").contains("mailto:a@example.org"));
                assert!(said("accept-language").starts_with("zh"));
                let (gbk, ..) = encoding_rs::GBK.encode("政策");
                ([("content-type", "text/html; charset=GBK"), ("etag", "\"1\"")], gbk.into_owned())
            }),
        )
        .route("/here", get(|| async { redirect("page?x=政") }))
        .route(
            "/form",
            post(|headers: HeaderMap, body: String| async move { format!("{:?} {body}", headers["content-type"]) }),
        )
        .route("/moved", post(|| async { redirect("/asked") }))
        .route("/asked", get(|| async { "got" }));
    let address = serve(router).await;
    let fetcher = fetcher(address);
    let page = fetcher.get(&format!("http://{address}/here#top"), None).await.unwrap();
    assert_eq!(page.url, format!("http://{address}/page?x=%E6%94%BF"));
    assert_eq!((page.media_type.as_deref(), page.charset.as_deref()), (Some("text/html"), Some("GBK")));
    assert_eq!(zhida_crawlers::charset::decode(&page.body, page.charset.as_deref()).0, "政策");
    for (body, kind) in [("{\"a\":1}", "application/json"), ("a=1&b=2", "application/x-www-form-urlencoded")] {
        let answer = fetcher.post(&format!("http://{address}/form"), body).await.unwrap();
        assert_eq!(String::from_utf8(answer.body).unwrap(), format!("{kind:?} {body}"));
    }
    assert_eq!(fetcher.post(&format!("http://{address}/moved"), "a=1").await.unwrap().body, b"got");
}

#[tokio::test]
async fn redirects_end() {
    let router = Router::new()
        .route("/a", get(|| async { redirect("/b") }))
        .route("/b", get(|| async { redirect("/a") }))
        .route("/n/{n}", get(|Path(n): Path<u32>| async move { redirect(format!("/n/{}", n + 1)) }))
        .route("/ftp", get(|| async { redirect("ftp://example.org/") }))
        .route("/nowhere", get(|| async { StatusCode::FOUND }));
    let address = serve(router).await;
    let fetcher = fetcher(address);
    let fails = async |path: &str| fetcher.get(&format!("http://{address}{path}"), None).await.unwrap_err();
    assert!(matches!(fails("/a").await, FetchError::Redirects { limit: 5, .. }));
    assert!(matches!(fails("/n/0").await, FetchError::Redirects { .. }));
    assert!(matches!(fails("/ftp").await, FetchError::BadUrl(url) if url.starts_with("ftp:")));
    assert!(matches!(fails("/nowhere").await, FetchError::Status { status: 302, .. }));
}

#[tokio::test]
async fn no_way_leads_to_a_private_address() {
    let hits = Arc::new(AtomicUsize::new(0));
    let count = hits.clone();
    let secret = serve(Router::new().fallback(move || async move {
        count.fetch_add(1, Ordering::SeqCst);
        "secret"
    }))
    .await;
    let port = secret.port();
    let targets = [
        format!("http://127.0.0.1:{port}/"),
        format!("http://localhost:{port}/"),
        format!("http://[::ffff:127.0.0.1]:{port}/"),
        format!("http://2130706433:{port}/"),
        format!("http://0.0.0.0:{port}/"),
        format!("http://[::1]:{port}/"),
        "http://169.254.169.254/latest/meta-data/".to_owned(),
        "http://10.0.0.1/".to_owned(),
    ];
    let list = targets.clone();
    let router = Router::new()
        .route(
            "/{n}",
            get(|Path(n): Path<usize>, State(list): State<[String; 8]>| async move { redirect(list[n].clone()) }),
        )
        .with_state(list);
    let open = serve(router).await;
    // the test server is allowed by address and port, and nothing else on this machine is; asking robots.txt first
    // changes nothing
    for robots in [false, true] {
        let fetcher = Fetcher::new(FetcherConfig { robots, ..config(open) }).unwrap();
        for (n, target) in targets.iter().enumerate() {
            for url in [target.clone(), format!("http://{open}/{n}")] {
                let error = fetcher.get(&url, None).await.unwrap_err();
                assert!(matches!(error, FetchError::Private { .. }), "{url} → {target}: {error}");
            }
        }
    }
    assert_eq!(hits.load(Ordering::SeqCst), 0);
    // a name that is listed with its port
    let named = FetcherConfig { allow_private: vec![format!("localhost:{port}")], ..config(open) };
    let named = Fetcher::new(named).unwrap();
    assert_eq!(named.get(&format!("http://localhost:{port}/"), None).await.unwrap().body, b"secret");
    assert!(named.get(&format!("http://127.0.0.1:{port}/"), None).await.is_err());
    let wrong = Fetcher::new(FetcherConfig { allow_private: vec!["10.0.0.0/8".to_owned()], ..config(open) });
    assert!(wrong.err().unwrap().to_string().contains("10.0.0.0/8"));
}

#[tokio::test]
async fn statuses_and_waits_are_told() {
    let router = Router::new()
        .route("/gone", get(|| async { StatusCode::NOT_FOUND }))
        .route("/busy", get(|| async { (StatusCode::TOO_MANY_REQUESTS, [("retry-after", "7200")]).into_response() }))
        .route("/fine", get(|| async { "fine" }));
    let address = serve(router).await;
    let fetcher = fetcher(address);
    let url = |path: &str| format!("http://{address}{path}");
    let gone = fetcher.get(&url("/gone"), None).await.unwrap_err();
    assert!(matches!(gone, FetchError::Status { status: 404, retry_after: None, .. }) && !gone.is_temporary());
    assert!(gone.describe().contains("不存在") && gone.describe().contains(&url("/gone")));
    assert_eq!(fetcher.get(&url("/fine"), None).await.unwrap().body, b"fine");
    let busy = fetcher.get(&url("/busy"), None).await.unwrap_err();
    let two_hours = Duration::from_secs(7200);
    assert!(matches!(busy, FetchError::Status { status: 429, retry_after: Some(wait), .. } if wait == two_hours));
    assert!(busy.is_temporary());
    // the host asked to be left alone, and is
    let told = fetcher.get(&url("/fine"), None).await.unwrap_err();
    assert!(matches!(told, FetchError::Status { status: 429, retry_after: Some(wait), .. } if wait <= two_hours));
}

#[tokio::test]
async fn a_host_that_asks_for_a_short_wait_gets_it() {
    let asked = Arc::new(AtomicUsize::new(0));
    let count = asked.clone();
    let router = Router::new().fallback(move || async move {
        match count.fetch_add(1, Ordering::SeqCst) {
            0 => (StatusCode::SERVICE_UNAVAILABLE, [("retry-after", "1")], "").into_response(),
            _ => "fine".into_response(),
        }
    });
    let address = serve(router).await;
    let fetcher = fetcher(address);
    let url = format!("http://{address}/");
    assert!(fetcher.get(&url, None).await.unwrap_err().is_temporary());
    let started = Instant::now();
    assert_eq!(fetcher.get(&url, None).await.unwrap().body, b"fine");
    assert!(started.elapsed() >= Duration::from_millis(900));
}

#[tokio::test]
async fn nothing_is_sent_again_when_nothing_changed() {
    let router = Router::new().fallback(|headers: HeaderMap| async move {
        let known = headers.get("if-none-match").is_some_and(|tag| tag == "\"v1\"");
        let dated = headers.get("if-modified-since").is_some();
        if known && dated {
            return StatusCode::NOT_MODIFIED.into_response();
        }
        ([("etag", "\"v1\""), ("last-modified", "Tue, 10 Mar 2026 00:00:00 GMT")], "body").into_response()
    });
    let address = serve(router).await;
    let fetcher = fetcher(address);
    let url = format!("http://{address}/");
    let first = fetcher.get(&url, None).await.unwrap();
    assert!(!first.not_modified && first.body == b"body");
    let second = fetcher.get(&url, Some(&first.validators)).await.unwrap();
    assert!(second.not_modified && second.body.is_empty());
    let other = Validators { etag: Some("\"v0\"".to_owned()), last_modified: None };
    assert!(!fetcher.get(&url, Some(&other)).await.unwrap().not_modified);
}

/// A server that answers every request with the given head and then zeros, until the client goes away.
async fn flood(head: &'static str, pause: Duration, sent: Arc<AtomicUsize>) -> SocketAddr {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let sent = sent.clone();
            tokio::spawn(async move {
                let mut request = [0; 2048];
                let _ = stream.read(&mut request).await;
                if stream.write_all(head.as_bytes()).await.is_err() {
                    return;
                }
                let zeros = vec![b'0'; if pause.is_zero() { 64 * 1024 } else { 1 }];
                while stream.write_all(&zeros).await.is_ok() {
                    sent.fetch_add(zeros.len(), Ordering::SeqCst);
                    tokio::time::sleep(pause).await;
                }
            });
        }
    });
    address
}

#[tokio::test]
async fn a_body_that_does_not_end_is_left() {
    let limit = 1024 * 1024;
    for head in [
        // no length at all; 200 MB, truly; a length that is a lie
        "HTTP/1.1 200 OK\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 209715200\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999\r\n\r\n",
    ] {
        let sent = Arc::new(AtomicUsize::new(0));
        let address = flood(head, Duration::ZERO, sent.clone()).await;
        let fetcher = Fetcher::new(FetcherConfig { max_bytes: limit, ..config(address) }).unwrap();
        let error = fetcher.get(&format!("http://{address}/"), None).await.unwrap_err();
        assert!(matches!(error, FetchError::TooLarge { limit: 1_048_576, .. }), "{error}");
        assert!(error.describe().contains("1 MB"));
        tokio::time::sleep(Duration::from_millis(100)).await;
        // what lies in the buffers of the kernel was sent too
        assert!(sent.load(Ordering::SeqCst) < 32 * limit, "{} bytes were taken", sent.load(Ordering::SeqCst));
    }
}

#[tokio::test]
async fn a_page_that_comes_drop_by_drop_or_not_at_all_times_out() {
    for head in ["HTTP/1.1 200 OK\r\n\r\n", "HTTP/1.1 200 O"] {
        let address = flood(head, Duration::from_millis(50), Arc::default()).await;
        let timeout = Duration::from_millis(500);
        let fetcher = Fetcher::new(FetcherConfig { timeout, ..config(address) }).unwrap();
        let started = Instant::now();
        let error = fetcher.get(&format!("http://{address}/"), None).await.unwrap_err();
        assert!(matches!(error, FetchError::Timeout(_)) && error.is_temporary(), "{error}");
        assert!(started.elapsed() < Duration::from_secs(5));
    }
}

#[tokio::test]
async fn the_time_is_one_for_all_redirects() {
    let router = Router::new().route(
        "/n/{n}",
        get(|Path(n): Path<u32>| async move {
            tokio::time::sleep(Duration::from_millis(300)).await;
            redirect(format!("/n/{}", n + 1))
        }),
    );
    let address = serve(router).await;
    let timed = FetcherConfig { timeout: Duration::from_millis(700), max_redirects: 50, ..config(address) };
    let error = Fetcher::new(timed).unwrap().get(&format!("http://{address}/n/0"), None).await.unwrap_err();
    assert!(matches!(error, FetchError::Timeout(_)), "{error}");
}

#[tokio::test]
async fn a_small_body_that_unpacks_to_a_large_one_is_left() {
    use std::io::Write;
    let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    let zeros = vec![0; 1024 * 1024];
    for _ in 0..100 {
        packer.write_all(&zeros).unwrap();
    }
    let bomb = packer.finish().unwrap();
    assert!(bomb.len() < 200_000);
    let router = Router::new().fallback(move || async move { ([("content-encoding", "gzip")], bomb) });
    let address = serve(router).await;
    let fetcher = Fetcher::new(FetcherConfig { max_bytes: 2 * 1024 * 1024, ..config(address) }).unwrap();
    let error = fetcher.get(&format!("http://{address}/"), None).await.unwrap_err();
    assert!(matches!(error, FetchError::TooLarge { .. }), "{error}");
}

#[tokio::test]
async fn nobody_there_is_told_at_once() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    for robots in [false, true] {
        let fetcher = Fetcher::new(FetcherConfig { robots, ..config(address) }).unwrap();
        let error = fetcher.get(&format!("http://{address}/"), None).await.unwrap_err();
        assert!(matches!(error, FetchError::Connection { .. } | FetchError::NoRobots { .. }), "{error}");
        assert!(error.is_temporary() && error.describe().contains("连接失败"), "{}", error.describe());
    }
}

/// A site that answers everything and remembers when it was asked for what.
async fn logged(robots: impl Fn() -> Response<Body> + Clone + Send + Sync + 'static) -> (SocketAddr, Log) {
    let log = Log::default();
    let router = Router::new()
        .route("/robots.txt", get(move || async move { robots() }))
        .fallback(|uri: Uri, State(log): State<Log>| async move {
            log.lock().unwrap().push((uri.path().to_owned(), Instant::now()));
            tokio::time::sleep(Duration::from_millis(20)).await;
            log.lock().unwrap().push(("done".to_owned(), Instant::now()));
            "page"
        })
        .with_state(log.clone());
    (serve(router).await, log)
}

#[tokio::test]
async fn robots_are_obeyed() {
    let (address, log) = logged(|| "User-agent: *\nDisallow: /private\n".into_response()).await;
    let fetcher = Fetcher::new(FetcherConfig { robots: true, ..config(address) }).unwrap();
    assert!(fetcher.get(&format!("http://{address}/open"), None).await.is_ok());
    let error = fetcher.get(&format!("http://{address}/private/1.html?a=b"), None).await.unwrap_err();
    assert!(matches!(error, FetchError::Robots(_)) && !error.is_temporary(), "{error}");
    assert!(log.lock().unwrap().iter().all(|(path, _)| !path.starts_with("/private")));
}

#[tokio::test]
async fn what_robots_says_when_it_is_not_there() {
    let long = || format!("User-agent: *\nDisallow: /page\n{}", "# long\n".repeat(200_000)).into_response();
    type Answer = fn() -> Response<Body>;
    let cases: [(Answer, bool); 6] = [
        (|| StatusCode::NOT_FOUND.into_response(), true),
        (|| StatusCode::FORBIDDEN.into_response(), true),
        (|| StatusCode::INTERNAL_SERVER_ERROR.into_response(), false),
        (|| redirect("/robots.txt"), true),
        (|| redirect("http://10.0.0.1/robots.txt"), false),
        (long, false),
    ];
    for (n, (robots, expected)) in cases.into_iter().enumerate() {
        let (address, log) = logged(robots).await;
        let fetcher = Fetcher::new(FetcherConfig { robots: true, ..config(address) }).unwrap();
        let page = fetcher.get(&format!("http://{address}/page"), None).await;
        assert_eq!(page.is_ok(), expected, "case {n}: {page:?}");
        assert_eq!(!log.lock().unwrap().is_empty(), expected, "case {n}");
    }
}

#[tokio::test]
async fn one_request_at_a_time_with_a_pause_between() {
    let delay = Duration::from_millis(150);
    let (address, log) = logged(|| StatusCode::NOT_FOUND.into_response()).await;
    let fetcher = Fetcher::new(FetcherConfig { robots: true, delay, ..config(address) }).unwrap();
    let tasks: Vec<_> = (0..4)
        .map(|n| {
            let fetcher = fetcher.clone();
            tokio::spawn(async move { fetcher.get(&format!("http://{address}/{n}"), None).await.unwrap() })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
    let log = log.lock().unwrap();
    assert_eq!(log.len(), 8);
    for pair in log.windows(2) {
        if pair[0].0 == "done" {
            assert!(pair[1].1 - pair[0].1 >= delay, "{:?}", pair[1].1 - pair[0].1);
        } else {
            assert_eq!(pair[1].0, "done", "two requests at a time");
        }
    }
}

#[tokio::test]
async fn a_site_may_ask_for_a_longer_pause() {
    let (address, log) = logged(|| "User-agent: zhida\nCrawl-delay: 0.4\n".into_response()).await;
    let fetcher = Fetcher::new(FetcherConfig { robots: true, ..config(address) }).unwrap();
    for n in 0..2 {
        fetcher.get(&format!("http://{address}/{n}"), None).await.unwrap();
    }
    let log = log.lock().unwrap();
    assert!(log[2].1 - log[1].1 >= Duration::from_millis(400));
}

/// Most requests that ran at the same time, and how long they were apart.
fn side_by_side(log: &Log) -> (usize, Duration) {
    let log = log.lock().unwrap();
    let (mut running, mut most) = (0_usize, 0);
    let mut starts = Vec::new();
    for (path, at) in log.iter() {
        if path == "done" {
            running -= 1;
        } else {
            running += 1;
            starts.push(*at);
        }
        most = most.max(running);
    }
    (most, starts.windows(2).map(|pair| pair[1] - pair[0]).min().unwrap_or_default())
}

#[tokio::test]
async fn a_source_may_ask_for_some_requests_at_a_time() {
    let slow = |log: Log| {
        Router::new()
            .route("/robots.txt", get(|| async { "User-agent: *\nDisallow: /private" }))
            .fallback(|uri: Uri, State(log): State<Log>| async move {
                log.lock().unwrap().push((uri.path().to_owned(), Instant::now()));
                tokio::time::sleep(Duration::from_millis(200)).await;
                log.lock().unwrap().push(("done".to_owned(), Instant::now()));
                "page"
            })
            .with_state(log)
    };
    for (concurrency, at_most) in [(0, 1), (1, 1), (3, 3), (50, 4)] {
        let log = Log::default();
        let address = serve(slow(log.clone())).await;
        let delay = Duration::from_millis(10);
        let fetcher = Fetcher::new(FetcherConfig { robots: true, ..config(address) }).unwrap();
        let fetcher = fetcher.with(Manners { delay, concurrency, budget: None });
        let tasks: Vec<_> = (0..8)
            .map(|n| {
                let fetcher = fetcher.clone();
                tokio::spawn(async move { fetcher.get(&format!("http://{address}/{n}"), None).await.unwrap() })
            })
            .collect();
        for task in tasks {
            task.await.unwrap();
        }
        let (most, apart) = side_by_side(&log);
        assert_eq!(most, at_most, "concurrency {concurrency}");
        assert!(apart >= delay, "{apart:?}");
    }
}

#[tokio::test]
async fn a_site_with_a_crawl_delay_is_asked_one_by_one() {
    let (address, log) = logged(|| "User-agent: *\nCrawl-delay: 0.1\n".into_response()).await;
    let fetcher = Fetcher::new(FetcherConfig { robots: true, ..config(address) }).unwrap();
    let fetcher = fetcher.with(Manners { concurrency: 4, ..Manners::default() });
    let tasks: Vec<_> = (0..3)
        .map(|n| {
            let fetcher = fetcher.clone();
            tokio::spawn(async move { fetcher.get(&format!("http://{address}/{n}"), None).await.unwrap() })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
    let (most, apart) = side_by_side(&log);
    assert_eq!(most, 1);
    assert!(apart >= Duration::from_millis(100), "{apart:?}");
}

#[tokio::test]
async fn a_request_that_is_given_up_frees_its_place() {
    let router = Router::new()
        .route("/slow", get(|| async { tokio::time::sleep(Duration::from_secs(60)).await }))
        .route("/fine", get(|| async { "fine" }));
    let address = serve(router).await;
    let fetcher = fetcher(address);
    let slow = format!("http://{address}/slow");
    assert!(tokio::time::timeout(Duration::from_millis(200), fetcher.get(&slow, None)).await.is_err());
    assert_eq!(fetcher.get(&format!("http://{address}/fine"), None).await.unwrap().body, b"fine");
}

/// A page that fails so many times, then is fine.
async fn fails_first(times: usize, status: StatusCode) -> (SocketAddr, Log) {
    let log = Log::default();
    let router = Router::new()
        .fallback(move |uri: Uri, State(log): State<Log>| async move {
            let mut log = log.lock().unwrap();
            log.push((uri.path().to_owned(), Instant::now()));
            if log.len() <= times { status.into_response() } else { "fine".into_response() }
        })
        .with_state(log.clone());
    (serve(router).await, log)
}

#[tokio::test]
async fn a_temporary_failure_is_tried_again_after_growing_pauses() {
    let delay = Duration::from_millis(40);
    for (times, status, requests, fine) in [
        (2, StatusCode::BAD_GATEWAY, 3, true),
        (3, StatusCode::INTERNAL_SERVER_ERROR, 3, false),
        (1, StatusCode::TOO_MANY_REQUESTS, 2, true),
        (1, StatusCode::NOT_FOUND, 1, false),
        (1, StatusCode::FORBIDDEN, 1, false),
    ] {
        let (address, log) = fails_first(times, status).await;
        let fetcher = Fetcher::new(FetcherConfig { retries: 2, delay, ..config(address) }).unwrap();
        let answer = fetcher.get(&format!("http://{address}/page"), None).await;
        assert_eq!(answer.is_ok(), fine, "{status} {times} times: {answer:?}");
        let log = log.lock().unwrap();
        assert_eq!(log.len(), requests, "{status} {times} times");
        for (n, pair) in log.windows(2).enumerate() {
            let pause = delay * 2_u32.pow(n as u32 + 1);
            assert!(pair[1].1 - pair[0].1 >= pause, "try {n}: {:?}", pair[1].1 - pair[0].1);
        }
    }
}

#[tokio::test]
async fn a_wait_of_nothing_is_no_leave_to_ask_at_once() {
    let delay = Duration::from_millis(40);
    for wait in ["0", "Tue, 10 Mar 2020 00:00:00 GMT"] {
        for status in [StatusCode::SERVICE_UNAVAILABLE, StatusCode::TOO_MANY_REQUESTS] {
            let log = Log::default();
            let router = Router::new()
                .fallback(move |uri: Uri, State(log): State<Log>| async move {
                    log.lock().unwrap().push((uri.path().to_owned(), Instant::now()));
                    (status, [("retry-after", wait)]).into_response()
                })
                .with_state(log.clone());
            let address = serve(router).await;
            let fetcher = Fetcher::new(FetcherConfig { retries: 3, delay, ..config(address) }).unwrap();
            assert!(fetcher.get(&format!("http://{address}/page"), None).await.is_err());
            let log = log.lock().unwrap();
            assert_eq!(log.len(), 4, "{status} {wait}");
            for (n, pair) in log.windows(2).enumerate() {
                let pause = delay * 2_u32.pow(n as u32 + 1);
                assert!(pair[1].1 - pair[0].1 >= pause, "{status} {wait}, try {n}: {:?}", pair[1].1 - pair[0].1);
            }
        }
    }
}

#[tokio::test]
async fn a_host_that_fails_again_and_again_is_left_alone() {
    let (address, log) = fails_first(100, StatusCode::SERVICE_UNAVAILABLE).await;
    let fetcher = Fetcher::new(config(address)).unwrap();
    // the pause of this run is long; that of others is not
    let patient = fetcher.with(Manners { delay: Duration::from_secs(40), ..Manners::default() });
    let url = format!("http://{address}/");
    assert!(matches!(patient.get(&url, None).await.unwrap_err(), FetchError::Status { status: 503, .. }));
    let error = patient.get(&url, None).await.unwrap_err();
    assert!(matches!(error, FetchError::Resting { failures: 1, .. }) && error.is_temporary(), "{error}");
    assert_eq!(log.lock().unwrap().len(), 1);
}

#[tokio::test]
async fn a_run_ends_with_its_budget() {
    let router = Router::new()
        .route("/moved", get(|| async { redirect("/page") }))
        .route("/page", get(|| async { "page" }))
        .route("/down", get(|| async { StatusCode::BAD_GATEWAY }));
    let address = serve(router).await;
    let fetcher = Fetcher::new(FetcherConfig { retries: 2, ..config(address) }).unwrap();
    let budget = Budget::new(6);
    let run = fetcher.with(Manners { budget: Some(budget.clone()), ..Manners::default() });
    let url = |path: &str| format!("http://{address}{path}");
    // a redirect is a request, and so is a further try
    run.get(&url("/moved"), None).await.unwrap();
    run.get(&url("/down"), None).await.unwrap_err();
    assert_eq!(budget.used(), 5);
    run.get(&url("/page"), None).await.unwrap();
    let error = run.get(&url("/page"), None).await.unwrap_err();
    assert!(matches!(error, FetchError::Budget { limit: 6, .. }) && error.ends_the_run(), "{error}");
    assert!(error.describe().contains("max_requests") && budget.used() == 6);
    // another run has its own
    fetcher.get(&url("/page"), None).await.unwrap();
}

#[tokio::test]
async fn a_small_brotli_body_that_unpacks_to_a_large_one_is_left() {
    use std::io::Write;
    let mut bomb = Vec::new();
    let mut packer = brotli::CompressorWriter::new(&mut bomb, 4096, 5, 22);
    let zeros = vec![0; 1024 * 1024];
    for _ in 0..100 {
        packer.write_all(&zeros).unwrap();
    }
    drop(packer);
    assert!(bomb.len() < 100_000);
    let router = Router::new().fallback(move || async move { ([("content-encoding", "br")], bomb) });
    let address = serve(router).await;
    let fetcher = Fetcher::new(FetcherConfig { max_bytes: 2 * 1024 * 1024, ..config(address) }).unwrap();
    let error = fetcher.get(&format!("http://{address}/"), None).await.unwrap_err();
    assert!(matches!(error, FetchError::TooLarge { .. }), "{error}");
}

#[tokio::test]
async fn headers_that_do_not_end_are_left() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            tokio::spawn(async move {
                let mut request = [0; 2048];
                let many = stream.read(&mut request).await.is_ok() && request.starts_with(b"GET /many");
                let _ = stream.write_all(b"HTTP/1.1 200 OK\r\n").await;
                let line = if many { "x-a: b\r\n".repeat(1_000) } else { format!("x-a: {}", "b".repeat(64 * 1024)) };
                while stream.write_all(line.as_bytes()).await.is_ok() {}
            });
        }
    });
    let fetcher = fetcher(address);
    for path in ["many", "long"] {
        let error = fetcher.get(&format!("http://{address}/{path}"), None).await.unwrap_err();
        assert!(matches!(error, FetchError::Connection { .. }), "{path}: {error}");
    }
}

#[tokio::test]
async fn an_attachment_at_a_private_address_is_not_fetched() {
    let hits = Arc::new(AtomicUsize::new(0));
    let count = hits.clone();
    let secret = serve(Router::new().fallback(move || async move {
        count.fetch_add(1, Ordering::SeqCst);
        "secret"
    }))
    .await;
    let port = secret.port();
    let text = "为支持示例企业发展，现将有关事项通知如下（示例）。".repeat(30);
    let page = format!(
        "<html><head><meta name=\"ArticleTitle\" content=\"关于印发示例办法的通知（示例）\">\
         <meta name=\"PubDate\" content=\"2026-03-10\"></head><body><h1>关于印发示例办法的通知（示例）</h1><div id=\"zoom\"><p>{text}</p>\
         <p><a href=\"http://127.0.0.1:{port}/a.pdf\">附件1：示例表格.pdf</a></p>\
         <p><a href=\"http://169.254.169.254/latest/b.docx\">附件2：示例清单.docx</a></p>\
         <p><a href=\"/away.pdf\">附件3：示例目录.pdf</a></p></div></body></html>"
    );
    let away = format!("http://[::ffff:127.0.0.1]:{port}/c.pdf");
    let router = Router::new()
        .route("/art/1.html", get(move || async move { ([("content-type", "text/html; charset=utf-8")], page) }))
        .route("/away.pdf", get(move || async move { redirect(away) }));
    let address = serve(router).await;
    let source = Source::generic(&format!("http://{address}/")).unwrap();
    let item = ListItem { url: format!("http://{address}/art/1.html"), ..ListItem::default() };
    let article = fetch_article(&source, &fetcher(address), &item, None).await.unwrap().unwrap();
    let reasons: Vec<&str> = article.policy.attachments.iter().filter_map(|file| file.reason.as_deref()).collect();
    assert_eq!(reasons.len(), 3, "{:?}", article.policy.attachments);
    assert!(reasons.iter().all(|reason| reason.contains("不是公网地址")), "{reasons:?}");
    assert_eq!(hits.load(Ordering::SeqCst), 0);
}
