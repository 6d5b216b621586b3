//! Polite and safe fetching.

use std::collections::{HashMap, HashSet};
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::{Client, StatusCode, header};
use tokio::sync::Notify;
// the clock of the runtime, so that a test can travel
use tokio::time::Instant;
use url::Url;

use crate::address::Allowed;
use crate::robots::{self, Robots};
use crate::source::Source;

/// How the fetcher behaves.
#[derive(Debug, Clone)]
pub struct FetcherConfig {
    /// User-Agent with a contact.
    pub user_agent: String,
    /// Pause between two requests to one host.
    pub delay: Duration,
    /// Limit for one request, redirects and body included; waiting for the host's turn does not count.
    pub timeout: Duration,
    /// Largest body, after decompression.
    pub max_bytes: usize,
    /// How many redirects are followed.
    pub max_redirects: usize,
    /// Addresses that are not public and may be reached all the same, as `127.0.0.1`, `127.0.0.1:8000`,
    /// `intranet.example` or `intranet.example:8000`.
    pub allow_private: Vec<String>,
    /// Whether robots.txt is asked.
    pub robots: bool,
    /// How often a page is asked for again after a temporary failure.
    pub retries: u32,
}

impl Default for FetcherConfig {
    fn default() -> Self {
        Self {
            user_agent: format!("zhida/{} (+https://example.org/zhida)", env!("CARGO_PKG_VERSION")),
            delay: Duration::from_secs(1),
            timeout: Duration::from_secs(30),
            max_bytes: 20 * 1024 * 1024,
            max_redirects: 5,
            allow_private: Vec::new(),
            robots: true,
            retries: 2,
        }
    }
}

/// How many requests a run may still send; shared by all that run in it.
#[derive(Debug)]
pub struct Budget {
    limit: usize,
    used: AtomicUsize,
}

impl Budget {
    /// A budget of `limit` requests: pages, redirects, attachments, repeated tries. A robots.txt, asked for once a day,
    /// does not count.
    pub fn new(limit: usize) -> Arc<Self> {
        Arc::new(Self { limit, used: AtomicUsize::new(0) })
    }

    /// Requests that were sent.
    pub fn used(&self) -> usize {
        self.used.load(Ordering::Relaxed).min(self.limit)
    }

    fn take(&self) -> bool {
        self.used
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |used| (used < self.limit).then_some(used + 1))
            .is_ok()
    }
}

/// How one run behaves towards the hosts it asks.
#[derive(Debug, Clone, Default)]
pub struct Manners {
    /// Pause between two requests to one host; the longest of this, the program's and that of robots.txt counts.
    pub delay: Duration,
    /// Requests to one host at a time, at least 1 and at most 4; 1 where robots.txt has a Crawl-delay.
    pub concurrency: usize,
    /// Requests that the run may send.
    pub budget: Option<Arc<Budget>>,
}

impl Manners {
    /// What a source definition asks for, with a budget of its own for this run.
    pub fn of(source: &Source) -> Self {
        Self {
            delay: Duration::from_millis(source.delay_ms.unwrap_or_default()),
            concurrency: source.concurrency,
            budget: Some(Budget::new(source.max_requests)),
        }
    }
}

/// Validators of an earlier response, for a conditional request.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Validators {
    /// ETag.
    pub etag: Option<String>,
    /// Last-Modified.
    pub last_modified: Option<String>,
}

/// A response with status 200, or the news that nothing changed.
#[derive(Debug, Clone, Default)]
pub struct Fetched {
    /// Address after redirects.
    pub url: String,
    /// Body; empty when not modified.
    pub body: Vec<u8>,
    /// Content-Type, without parameters.
    pub media_type: Option<String>,
    /// Charset of the Content-Type header.
    pub charset: Option<String>,
    /// For the next time.
    pub validators: Validators,
    /// Status 304.
    pub not_modified: bool,
}

/// Why nothing was fetched. Each says what was wrong and where.
#[derive(Debug, thiserror::Error)]
pub enum FetchError {
    /// Not http or https, no host, too long, or with a password.
    #[error("not an address that can be fetched: {0}")]
    BadUrl(String),
    /// Private, loopback, link-local …
    #[error("{url}: {address} is not a public address (list it in crawl.allow_private to allow it)")]
    Private {
        /// What was asked for.
        url: String,
        /// Where it led.
        address: IpAddr,
    },
    /// robots.txt forbids it.
    #[error("{0}: robots.txt forbids it")]
    Robots(String),
    /// robots.txt could not be had, so nothing may be fetched now (RFC 9309, 2.3.1.4).
    #[error("{url}: robots.txt could not be read ({reason})")]
    NoRobots {
        /// What was asked for.
        url: String,
        /// Why.
        reason: String,
    },
    /// Any status but 200 and 304.
    #[error("{url}: status {status}")]
    Status {
        /// What was asked for.
        url: String,
        /// HTTP status.
        status: u16,
        /// Retry-After, when the server said so.
        retry_after: Option<Duration>,
    },
    /// Too many redirects, or a loop.
    #[error("{url}: redirects in a circle or more than {limit} times")]
    Redirects {
        /// What was asked for.
        url: String,
        /// The limit.
        limit: usize,
    },
    /// Body over the limit.
    #[error("{url}: more than {limit} bytes")]
    TooLarge {
        /// What was asked for.
        url: String,
        /// The limit.
        limit: usize,
    },
    /// The run's budget of requests is used up.
    #[error("{url}: the budget of {limit} requests is used up")]
    Budget {
        /// What was asked for.
        url: String,
        /// The budget.
        limit: usize,
    },
    /// The host failed again and again, and is left alone for a while.
    #[error("{url}: the host failed {failures} times in a row and is left alone for {} s", wait.as_secs())]
    Resting {
        /// What was asked for.
        url: String,
        /// Failures in a row.
        failures: u32,
        /// How long it is left alone.
        wait: Duration,
    },
    /// Took too long.
    #[error("{0}: timed out")]
    Timeout(String),
    /// Could not connect, connection broken, TLS.
    #[error("{url}: {reason}")]
    Connection {
        /// What was asked for.
        url: String,
        /// Why.
        reason: String,
    },
}

impl FetchError {
    /// Whether a later try may succeed.
    pub fn is_temporary(&self) -> bool {
        match self {
            Self::Status { status, .. } => matches!(status, 408 | 425 | 429) || *status >= 500,
            Self::Timeout(_) | Self::Connection { .. } | Self::NoRobots { .. } => true,
            Self::Budget { .. } | Self::Resting { .. } => true,
            _ => false,
        }
    }

    /// What was asked for.
    pub fn url(&self) -> &str {
        match self {
            Self::BadUrl(url) | Self::Robots(url) | Self::Timeout(url) => url,
            Self::Private { url, .. } | Self::NoRobots { url, .. } | Self::Status { url, .. } => url,
            Self::Redirects { url, .. } | Self::TooLarge { url, .. } | Self::Budget { url, .. } => url,
            Self::Resting { url, .. } | Self::Connection { url, .. } => url,
        }
    }

    /// Whether no further request of this run will be sent.
    pub fn ends_the_run(&self) -> bool {
        matches!(self, Self::Budget { .. })
    }

    /// Whether asking again at once makes sense.
    fn is_worth_a_retry(&self) -> bool {
        match self {
            // the server said how long: a wait that is too long is told, not sat out
            Self::Status { retry_after: Some(wait), .. } => self.is_temporary() && *wait <= MAX_PATIENCE,
            Self::Status { .. } | Self::Timeout(_) | Self::Connection { .. } => self.is_temporary(),
            _ => false,
        }
    }

    /// One line in Chinese for those who run the crawl: what was wrong, where, what to do.
    pub fn describe(&self) -> String {
        match self {
            Self::BadUrl(url) => format!("{url}：不是可以抓取的网址（应以 http:// 或 https:// 开头）"),
            Self::Private { url, address } => {
                format!("{url}：{address} 不是公网地址，已拒绝（确需访问时写入 crawl.allow_private）")
            }
            Self::Robots(url) => format!("{url}：该网站的 robots.txt 不允许抓取"),
            Self::NoRobots { url, reason } => format!("{url}：读不到该网站的 robots.txt（{reason}），暂不抓取"),
            Self::Status { url, status, retry_after } => {
                let meaning = match status {
                    401 | 407 => "需要登录",
                    403 => "拒绝访问",
                    404 | 410 => "网页不存在",
                    408 | 504 => "网站响应超时",
                    429 => "请求过于频繁",
                    500..=599 => "网站故障",
                    _ => "没有返回网页",
                };
                let wait = retry_after.map(|wait| format!("，网站要求 {} 秒后再试", wait.as_secs()));
                format!("{url}：{meaning}（状态码 {status}{}）", wait.unwrap_or_default())
            }
            Self::Redirects { url, limit } => format!("{url}：重定向成环，或超过 {limit} 次"),
            Self::TooLarge { url, limit } => format!("{url}：超过 {} 的大小上限，未读取", size(*limit)),
            Self::Budget { url, limit } => {
                format!("{url}：本次抓取已达 {limit} 次请求的上限，其余留待下次（可在信息源定义里调整 max_requests）")
            }
            Self::Resting { url, failures, wait } => {
                format!("{url}：该网站连续失败 {failures} 次，{} 秒后再试", wait.as_secs())
            }
            Self::Timeout(url) => format!("{url}：超时，网站没有及时答复"),
            Self::Connection { url, reason } => format!("{url}：连接失败（{reason}）"),
        }
    }
}

fn size(bytes: usize) -> String {
    match bytes {
        0..=1023 => format!("{bytes} 字节"),
        1024..=1_048_575 => format!("{} KB", bytes / 1024),
        _ => format!("{} MB", bytes / 1_048_576),
    }
}

/// How long a robots.txt is believed.
const ROBOTS_TTL: Duration = Duration::from_secs(24 * 3600);

/// How long it is believed when it cannot be had again (RFC 9309, 2.3.1.4).
const ROBOTS_KEPT: Duration = Duration::from_secs(30 * 24 * 3600);

/// How long a host whose robots.txt could not be had is left alone.
const ROBOTS_AGAIN: Duration = Duration::from_secs(60);

/// Most redirects of a robots.txt (RFC 9309, 2.3.1.2).
const ROBOTS_REDIRECTS: usize = 5;

/// Longest wait that a server can ask for through Retry-After.
const MAX_RETRY_AFTER: Duration = Duration::from_secs(24 * 3600);

/// A wait for a host that is longer is not sat out: the caller is told.
const MAX_PATIENCE: Duration = Duration::from_secs(60);

/// Longest wait after failures in a row.
const MAX_BACK_OFF: Duration = Duration::from_secs(600);

/// Most requests to one host at a time.
const MAX_CONCURRENCY: usize = 4;

/// Longest address that is asked for.
const MAX_URL: usize = 4_000;

/// Hosts that are remembered before those at rest are forgotten.
const MAX_HOSTS: usize = 2_000;

/// Fetches one page at a time from a host (or as many as a source asks for), with a pause between, and asks robots.txt
/// first. A host that fails is asked again after a pause that doubles with each failure in a row. Cheap to clone;
/// clones share what is known of the hosts.
#[derive(Clone)]
pub struct Fetcher {
    shared: Arc<Shared>,
    manners: Manners,
}

struct Shared {
    config: FetcherConfig,
    allowed: Allowed,
    lookup: Lookup,
    /// A client for each port, as the resolver is not told the port and an entry of `allow_private` may have one.
    clients: Mutex<HashMap<u16, Client>>,
    hosts: Mutex<HashMap<String, Arc<Host>>>,
}

/// What is remembered of a host.
#[derive(Default)]
struct Host {
    /// Held while a request waits for its turn, so that the pauses are kept.
    turn: tokio::sync::Mutex<HashMap<String, Rules>>,
    state: Mutex<HostState>,
    /// Woken when a request has ended.
    freed: Notify,
}

#[derive(Default)]
struct HostState {
    running: usize,
    started: Option<Instant>,
    ended: Option<Instant>,
    /// Asked to be left alone until then (Retry-After), and the status that said so.
    not_before: Option<(Instant, u16)>,
    /// Temporary failures in a row, and until when it is left alone for them.
    failures: u32,
    rests_until: Option<Instant>,
}

/// One request that runs; its end is told however it ends.
struct Running<'a>(&'a Host);

impl<'a> Running<'a> {
    fn start(host: &'a Host) -> Self {
        let mut state = locked(&host.state);
        state.running += 1;
        state.started = Some(Instant::now());
        Self(host)
    }
}

impl Drop for Running<'_> {
    fn drop(&mut self) {
        let mut state = locked(&self.0.state);
        state.running = state.running.saturating_sub(1);
        state.ended = Some(Instant::now());
        self.0.freed.notify_one();
    }
}

#[derive(Default)]
struct Rules {
    read: Option<(Instant, Robots)>,
    failed: Option<(Instant, Unread)>,
}

/// Why robots.txt was not read.
#[derive(Clone)]
enum Unread {
    Private(IpAddr),
    Other(String),
}

/// What is sent.
#[derive(Clone, Copy, Default)]
struct Question<'a> {
    validators: Option<&'a Validators>,
    body: Option<&'a str>,
}

impl Fetcher {
    /// A fetcher.
    ///
    /// # Errors
    /// The TLS set-up failed, or an entry of `allow_private` is no address.
    pub fn new(config: FetcherConfig) -> Result<Self, FetchError> {
        let lookup = |name| -> Looking {
            Box::pin(async move { Ok(tokio::net::lookup_host((name, 0)).await?.map(|found| found.ip()).collect()) })
        };
        Self::with_lookup(config, Arc::new(lookup))
    }

    fn with_lookup(config: FetcherConfig, lookup: Lookup) -> Result<Self, FetchError> {
        // somebody else in the process may have installed it before
        let _ = rustls::crypto::ring::default_provider().install_default();
        let allowed = Allowed::parse(&config.allow_private)
            .map_err(|entry| FetchError::BadUrl(format!("allow_private {entry:?}")))?;
        let shared = Shared { config, allowed, lookup, clients: Mutex::default(), hosts: Mutex::default() };
        // fails now rather than at the first page
        shared.client(443)?;
        Ok(Self { shared: Arc::new(shared), manners: Manners::default() })
    }

    /// The same fetcher for one run, with its own pause, concurrency and budget; what is known of the hosts is shared.
    #[must_use]
    pub fn with(&self, manners: Manners) -> Self {
        Self { shared: self.shared.clone(), manners }
    }

    /// Fetches one address.
    ///
    /// # Errors
    /// See [`FetchError`].
    pub async fn get(&self, url: &str, validators: Option<&Validators>) -> Result<Fetched, FetchError> {
        self.request(url, Question { validators, body: None }).await
    }

    /// Sends a body to one address (lists that are asked by POST): JSON, or else the fields of a form.
    ///
    /// # Errors
    /// See [`FetchError`].
    pub async fn post(&self, url: &str, body: &str) -> Result<Fetched, FetchError> {
        self.request(url, Question { validators: None, body: Some(body) }).await
    }

    async fn request(&self, url: &str, question: Question<'_>) -> Result<Fetched, FetchError> {
        let mut tries = 0;
        loop {
            match self.shared.request(url, question, &self.manners).await {
                Err(error) if tries < self.shared.config.retries && error.is_worth_a_retry() => {
                    tracing::debug!(%error, "asked again");
                    tries += 1;
                }
                answer => return answer,
            }
        }
    }
}

impl Shared {
    async fn request(&self, url: &str, mut question: Question<'_>, manners: &Manners) -> Result<Fetched, FetchError> {
        let mut next = parse(url)?;
        let mut seen = HashSet::new();
        let mut left = self.config.timeout;
        loop {
            if seen.len() > self.config.max_redirects || !seen.insert(next.clone()) {
                return Err(FetchError::Redirects { url: url.to_owned(), limit: self.config.max_redirects });
            }
            match self.hop(&next, question, manners, &mut left).await? {
                Hop::Done { fetched, .. } => return Ok(fetched),
                Hop::Redirect { location, keeps_body } => {
                    next = next.join(&location).map_err(|_| FetchError::BadUrl(shortened(&location)))?;
                    next = parse(next.as_str())?;
                    if !keeps_body {
                        question.body = None;
                    }
                }
            }
        }
    }

    /// One request to one host, when it is its turn.
    async fn hop(
        &self,
        url: &Url,
        question: Question<'_>,
        manners: &Manners,
        left: &mut Duration,
    ) -> Result<Hop, FetchError> {
        self.check_literal(url)?;
        let host = self.host(url);
        let running = self.turn(&host, url, manners).await?;
        let started = Instant::now();
        let answer = self.send(url, question, self.config.max_bytes, *left).await;
        *left = left.saturating_sub(started.elapsed());
        drop(running);
        let mut state = locked(&host.state);
        match &answer {
            Err(FetchError::Status { status: status @ (429 | 503), retry_after: Some(wait), .. }) => {
                // a host that says "at once" each time is no less busy than one that says nothing
                state.failures = state.failures.saturating_add(1);
                let pause = back_off(state.failures, self.config.delay.max(manners.delay));
                state.not_before = Some((Instant::now() + pause.max(*wait), *status));
            }
            Err(error) if error.is_temporary() => {
                state.failures = state.failures.saturating_add(1);
                let pause = back_off(state.failures, self.config.delay.max(manners.delay));
                state.rests_until = Some(Instant::now() + pause);
            }
            _ => (state.failures, state.rests_until) = (0, None),
        }
        drop(state);
        match answer? {
            Hop::Done { cut: true, .. } => {
                Err(FetchError::TooLarge { url: url.to_string(), limit: self.config.max_bytes })
            }
            hop => Ok(hop),
        }
    }

    /// Waits until a request may be sent to a host.
    async fn turn<'a>(&self, host: &'a Host, url: &Url, manners: &Manners) -> Result<Running<'a>, FetchError> {
        let mut rules = host.turn.lock().await;
        let mut asked = None;
        if self.config.robots {
            self.check_robots(host, &mut rules, url).await?;
            asked = rules.get(&origin(url)).and_then(|rules| rules.read.as_ref()?.1.delay);
        }
        let pause = self.config.delay.max(manners.delay).max(asked.unwrap_or_default());
        let at_once = if asked.is_some() { 1 } else { manners.concurrency.clamp(1, MAX_CONCURRENCY) };
        let next = loop {
            let freed = host.freed.notified();
            {
                let mut state = locked(&host.state);
                if state.running < at_once {
                    let rest = |until: Instant| until.saturating_duration_since(Instant::now());
                    if let Some((until, status)) = state.not_before.filter(|(until, _)| rest(*until) > MAX_PATIENCE) {
                        let retry_after = Some(rest(until));
                        return Err(FetchError::Status { url: url.to_string(), status, retry_after });
                    }
                    if let Some(until) = state.rests_until.filter(|until| rest(*until) > MAX_PATIENCE) {
                        let (failures, wait) = (state.failures, rest(until));
                        return Err(FetchError::Resting { url: url.to_string(), failures, wait });
                    }
                    let asked = state.not_before.take().map(|(until, _)| until);
                    // alone, the pause begins when the answer is there; side by side, when the last request was sent
                    let last = if at_once == 1 { state.started.max(state.ended) } else { state.started };
                    break last.map(|last| last + pause).max(asked).max(state.rests_until);
                }
            }
            freed.await;
        };
        if let Some(next) = next {
            tokio::time::sleep_until(next).await;
        }
        if let Some(budget) = &manners.budget
            && !budget.take()
        {
            return Err(FetchError::Budget { url: url.to_string(), limit: budget.limit });
        }
        Ok(Running::start(host))
    }

    async fn check_robots(&self, host: &Host, known: &mut HashMap<String, Rules>, url: &Url) -> Result<(), FetchError> {
        let origin = origin(url);
        let rules = known.entry(origin.clone()).or_default();
        let fresh = |at: &Instant, time: Duration| at.elapsed() < time;
        if !rules.read.as_ref().is_some_and(|(at, _)| fresh(at, ROBOTS_TTL))
            && !rules.failed.as_ref().is_some_and(|(at, _)| fresh(at, ROBOTS_AGAIN))
        {
            match self.robots(&origin).await {
                Ok(robots) => *rules = Rules { read: Some((Instant::now(), robots)), failed: None },
                Err(reason) => rules.failed = Some((Instant::now(), reason)),
            }
            locked(&host.state).ended = Some(Instant::now());
        }
        let path = &url[url::Position::BeforePath..url::Position::AfterQuery];
        match rules {
            Rules { read: Some((at, robots)), .. } if fresh(at, ROBOTS_KEPT) => {
                if robots.allows(path) {
                    Ok(())
                } else {
                    Err(FetchError::Robots(url.to_string()))
                }
            }
            Rules { failed: Some((_, Unread::Private(address))), .. } => {
                Err(FetchError::Private { url: url.to_string(), address: *address })
            }
            Rules { failed: Some((_, Unread::Other(reason))), .. } => {
                Err(FetchError::NoRobots { url: url.to_string(), reason: reason.clone() })
            }
            Rules { .. } => Err(FetchError::Robots(url.to_string())),
        }
    }

    /// 4xx: no rules; anything else that is not the file: nothing may be fetched (RFC 9309, 2.3.1).
    async fn robots(&self, origin: &str) -> Result<Robots, Unread> {
        let other = |reason: &str| Unread::Other(reason.to_owned());
        let mut url = parse(&format!("{origin}/robots.txt")).map_err(|_| other("网址有误"))?;
        for _ in 0..=ROBOTS_REDIRECTS {
            let answer = match self.check_literal(&url) {
                Ok(()) => self.send(&url, Question::default(), robots::LIMIT, self.config.timeout).await,
                Err(error) => Err(error),
            };
            match answer {
                // of a file over the limit the beginning counts (RFC 9309, 2.5)
                Ok(Hop::Done { fetched, .. }) => {
                    let product = self.config.user_agent.split('/').next().unwrap_or_default();
                    return Ok(Robots::parse(&String::from_utf8_lossy(&fetched.body), product));
                }
                Ok(Hop::Redirect { location, .. }) => {
                    let next = url.join(&location).ok().and_then(|next| parse(next.as_str()).ok());
                    let Some(next) = next else { return Ok(Robots::allow_all()) };
                    url = next;
                }
                Err(FetchError::Status { status: 400..=499, .. }) => return Ok(Robots::allow_all()),
                Err(FetchError::Status { status, .. }) => return Err(other(&format!("状态码 {status}"))),
                Err(FetchError::Private { address, .. }) => return Err(Unread::Private(address)),
                Err(FetchError::Timeout(_)) => return Err(other("超时")),
                Err(FetchError::Connection { reason, .. }) => return Err(other(&format!("连接失败：{reason}"))),
                Err(error) => return Err(other(&error.to_string())),
            }
        }
        // more redirects than anybody needs: as if it were not there
        Ok(Robots::allow_all())
    }

    async fn send(&self, url: &Url, question: Question<'_>, limit: usize, time: Duration) -> Result<Hop, FetchError> {
        let timed = tokio::time::timeout(time, self.send_untimed(url, question, limit));
        timed.await.unwrap_or_else(|_| Err(FetchError::Timeout(url.to_string())))
    }

    async fn send_untimed(&self, url: &Url, question: Question<'_>, limit: usize) -> Result<Hop, FetchError> {
        let client = self.client(url.port_or_known_default().unwrap_or(0))?;
        let mut request = match question.body {
            Some(body) => {
                let json = body.trim_start().starts_with(['{', '[']);
                let kind = if json { "application/json" } else { "application/x-www-form-urlencoded" };
                client.post(url.clone()).header(header::CONTENT_TYPE, kind).body(body.to_owned())
            }
            None => client.get(url.clone()),
        };
        if let Some(etag) = question.validators.and_then(|validators| validators.etag.as_deref()) {
            request = request.header(header::IF_NONE_MATCH, etag);
        }
        if let Some(modified) = question.validators.and_then(|validators| validators.last_modified.as_deref()) {
            request = request.header(header::IF_MODIFIED_SINCE, modified);
        }
        let mut response = request.send().await.map_err(|error| failure(url, &error))?;
        let text = |name: header::HeaderName| {
            response.headers().get(name).and_then(|value| value.to_str().ok()).map(str::to_owned)
        };
        let status = response.status();
        if matches!(status.as_u16(), 301 | 302 | 303 | 307 | 308)
            && let Some(location) = response.headers().get(header::LOCATION)
        {
            // addresses with bare Chinese in them are sent as UTF-8
            let location = String::from_utf8_lossy(location.as_bytes()).into_owned();
            return Ok(Hop::Redirect { location, keeps_body: matches!(status.as_u16(), 307 | 308) });
        }
        let kind = text(header::CONTENT_TYPE).unwrap_or_default();
        let essence = kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        let mut fetched = Fetched {
            url: url.to_string(),
            body: Vec::new(),
            media_type: Some(essence).filter(|essence| !essence.is_empty()),
            charset: charset_of(&kind),
            validators: Validators { etag: text(header::ETAG), last_modified: text(header::LAST_MODIFIED) },
            not_modified: status == StatusCode::NOT_MODIFIED && question.validators.is_some(),
        };
        if fetched.not_modified {
            return Ok(Hop::Done { fetched, cut: false });
        }
        if status != StatusCode::OK {
            let retry_after = text(header::RETRY_AFTER).and_then(|value| retry_after(&value, SystemTime::now()));
            return Err(FetchError::Status { url: url.to_string(), status: status.as_u16(), retry_after });
        }
        // the length is counted as it comes: what a header says may be wrong, and a small body can unpack to a large one
        while let Some(chunk) = response.chunk().await.map_err(|error| failure(url, &error))? {
            let room = limit - fetched.body.len();
            fetched.body.extend_from_slice(chunk.get(..room).unwrap_or(&chunk));
            if chunk.len() > room {
                return Ok(Hop::Done { fetched, cut: true });
            }
        }
        Ok(Hop::Done { fetched, cut: false })
    }

    /// An address that is written as numbers never meets the resolver, so it is checked here.
    fn check_literal(&self, url: &Url) -> Result<(), FetchError> {
        let address: IpAddr = match url.host() {
            Some(url::Host::Ipv4(address)) => address.into(),
            Some(url::Host::Ipv6(address)) => address.into(),
            _ => return Ok(()),
        };
        if self.allowed.admits(None, address, url.port_or_known_default().unwrap_or(0)) {
            return Ok(());
        }
        Err(FetchError::Private { url: url.to_string(), address })
    }

    fn client(&self, port: u16) -> Result<Client, FetchError> {
        let mut clients = locked(&self.clients);
        if let Some(client) = clients.get(&port) {
            return Ok(client.clone());
        }
        let said = [
            (header::ACCEPT_LANGUAGE, "zh-CN,zh;q=0.9"),
            (header::ACCEPT, "text/html,application/xhtml+xml,application/json;q=0.9,*/*;q=0.8"),
        ];
        let client = Client::builder()
            .user_agent(&self.config.user_agent)
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .connect_timeout(self.config.timeout.min(Duration::from_secs(10)))
            .dns_resolver(Arc::new(Guard { allowed: self.allowed.clone(), port, lookup: self.lookup.clone() }))
            .default_headers(
                said.into_iter().map(|(name, value)| (name, header::HeaderValue::from_static(value))).collect(),
            )
            .build()
            .map_err(|error| FetchError::Connection { url: String::new(), reason: root_cause(&error) })?;
        // a site could redirect through thousands of ports
        if clients.len() >= 64 {
            clients.clear();
        }
        clients.insert(port, client.clone());
        Ok(client)
    }

    /// The memory of a host; http and https at their own ports are one.
    fn host(&self, url: &Url) -> Arc<Host> {
        let name = url.host_str().unwrap_or_default().trim_end_matches('.');
        let key = url.port().map_or_else(|| name.to_owned(), |port| format!("{name}:{port}"));
        let mut hosts = locked(&self.hosts);
        if hosts.len() >= MAX_HOSTS && !hosts.contains_key(&key) {
            let now = Instant::now();
            hosts.retain(|_, host| {
                let state = locked(&host.state);
                let later = |at: Option<Instant>| at.is_some_and(|at| at > now);
                state.running > 0
                    || state.started.max(state.ended).is_some_and(|at| at.elapsed() < MAX_PATIENCE)
                    || later(state.not_before.map(|(until, _)| until))
                    || later(state.rests_until)
            });
        }
        hosts.entry(key).or_default().clone()
    }
}

/// Pause after so many failures in a row: twice the usual one, doubled each time.
fn back_off(failures: u32, delay: Duration) -> Duration {
    delay.saturating_mul(1_u32.checked_shl(failures.min(20)).unwrap_or(u32::MAX)).min(MAX_BACK_OFF)
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

enum Hop {
    /// `cut`: the body is longer than the limit, and only its beginning is there.
    Done {
        fetched: Fetched,
        cut: bool,
    },
    Redirect {
        location: String,
        keeps_body: bool,
    },
}

fn origin(url: &Url) -> String {
    url.origin().ascii_serialization()
}

fn parse(url: &str) -> Result<Url, FetchError> {
    let bad = || FetchError::BadUrl(shortened(url));
    let mut parsed = Url::parse(url.trim()).map_err(|_| bad())?;
    let plain = parsed.username().is_empty() && parsed.password().is_none();
    if !matches!(parsed.scheme(), "http" | "https") || !parsed.has_host() || !plain || url.len() > MAX_URL {
        return Err(bad());
    }
    parsed.set_fragment(None);
    Ok(parsed)
}

fn shortened(url: &str) -> String {
    url.chars().take(200).collect()
}

/// The resolver refuses names that lead to addresses that are not public, at the moment of connecting: a name that
/// answers differently the second time gains nothing.
struct Guard {
    allowed: Allowed,
    port: u16,
    lookup: Lookup,
}

/// Asks for the addresses of a name.
type Lookup = Arc<dyn Fn(String) -> Looking + Send + Sync>;
type Looking = Pin<Box<dyn Future<Output = io::Result<Vec<IpAddr>>> + Send>>;

#[derive(Debug, thiserror::Error)]
#[error("{0} is not a public address")]
struct NotPublic(IpAddr);

impl Resolve for Guard {
    fn resolve(&self, name: Name) -> Resolving {
        let (allowed, port, lookup) = (self.allowed.clone(), self.port, self.lookup.clone());
        Box::pin(async move {
            let addresses = lookup(name.as_str().to_owned()).await?;
            if let Some(address) =
                addresses.iter().find(|address| !allowed.admits(Some(name.as_str()), **address, port))
            {
                return Err(Box::new(NotPublic(*address)) as Box<dyn std::error::Error + Send + Sync>);
            }
            Ok(Box::new(addresses.into_iter().map(|address| SocketAddr::new(address, 0))) as Addrs)
        })
    }
}

fn failure(url: &Url, error: &reqwest::Error) -> FetchError {
    if error.is_timeout() {
        return FetchError::Timeout(url.to_string());
    }
    let mut cause: Option<&(dyn std::error::Error + 'static)> = Some(error);
    while let Some(inner) = cause {
        if let Some(NotPublic(address)) = inner.downcast_ref() {
            return FetchError::Private { url: url.to_string(), address: *address };
        }
        cause = inner.source();
    }
    FetchError::Connection { url: url.to_string(), reason: root_cause(error) }
}

/// What the last error in the chain says: the first ones only say that sending failed.
fn root_cause(error: &reqwest::Error) -> String {
    let mut last: &dyn std::error::Error = error;
    while let Some(inner) = last.source() {
        last = inner;
    }
    last.to_string()
}

fn charset_of(content_type: &str) -> Option<String> {
    let charset = content_type.split(';').skip(1).find_map(|part| {
        let (name, value) = part.split_once('=')?;
        name.trim().eq_ignore_ascii_case("charset").then(|| value.trim().trim_matches(['"', '\'']).to_owned())
    })?;
    (!charset.is_empty()).then_some(charset)
}

/// Seconds, or a date (RFC 9110, 10.2.3).
fn retry_after(value: &str, now: SystemTime) -> Option<Duration> {
    let wait = match value.trim().parse() {
        Ok(seconds) => Duration::from_secs(seconds),
        Err(_) => httpdate::parse_http_date(value.trim()).ok()?.duration_since(now).unwrap_or_default(),
    };
    Some(wait.min(MAX_RETRY_AFTER))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_that_can_be_asked_for() {
        for (url, expected) in [
            (" https://www.gov.cn/a#b ", Some("https://www.gov.cn/a")),
            ("http://政府.cn/政策?q=人", Some("http://xn--mxtq1m.cn/%E6%94%BF%E7%AD%96?q=%E4%BA%BA")),
            // numbers in any form are seen as what they are
            ("http://2130706433/", Some("http://127.0.0.1/")),
            ("http://0x7f.1:80/", Some("http://127.0.0.1/")),
            ("ftp://www.gov.cn/", None),
            ("file:///etc/passwd", None),
            ("javascript:alert(1)", None),
            ("http://user:secret@www.gov.cn/", None),
            ("/relative", None),
            ("", None),
        ] {
            assert_eq!(parse(url).ok().as_ref().map(Url::as_str), expected, "{url}");
        }
        assert!(parse(&format!("http://x.cn/{}", "a".repeat(MAX_URL))).is_err());
    }

    #[test]
    fn waits_that_servers_ask_for() {
        let now = httpdate::parse_http_date("Tue, 10 Mar 2026 00:00:00 GMT").unwrap();
        for (value, seconds) in [
            ("120", Some(120)),
            (" 7 ", Some(7)),
            ("Tue, 10 Mar 2026 00:05:00 GMT", Some(300)),
            ("Tue, 10 Mar 2020 00:05:00 GMT", Some(0)),
            ("99999999999", Some(24 * 3600)),
            ("-1", None),
            ("soon", None),
        ] {
            assert_eq!(retry_after(value, now).map(|wait| wait.as_secs()), seconds, "{value}");
        }
    }

    #[test]
    fn charsets_of_headers() {
        for (header, charset) in [
            ("text/html; charset=GBK", Some("GBK")),
            ("text/html;Charset=\"utf-8\"", Some("utf-8")),
            ("text/html; a=b; charset='gb2312'", Some("gb2312")),
            ("text/html; charset=", None),
            ("text/html", None),
        ] {
            assert_eq!(charset_of(header).as_deref(), charset, "{header}");
        }
    }

    #[test]
    fn every_error_names_the_place_in_both_languages() {
        let url = "https://www.gov.cn/x".to_owned();
        let retry_after = Some(Duration::from_secs(9));
        for error in [
            FetchError::BadUrl(url.clone()),
            FetchError::Private { url: url.clone(), address: IpAddr::from([10, 0, 0, 1]) },
            FetchError::Robots(url.clone()),
            FetchError::NoRobots { url: url.clone(), reason: "超时".to_owned() },
            FetchError::Status { url: url.clone(), status: 503, retry_after },
            FetchError::Redirects { url: url.clone(), limit: 5 },
            FetchError::TooLarge { url: url.clone(), limit: 20 << 20 },
            FetchError::Timeout(url.clone()),
            FetchError::Budget { url: url.clone(), limit: 500 },
            FetchError::Resting { url: url.clone(), failures: 6, wait: Duration::from_secs(64) },
            FetchError::Connection { url: url.clone(), reason: "refused".to_owned() },
        ] {
            assert!(error.to_string().contains(&url) && error.describe().contains(&url), "{error}");
        }
        let busy = FetchError::Status { url, status: 429, retry_after }.describe();
        assert!(busy.contains("429") && busy.contains("9 秒"), "{busy}");
    }

    /// A server that says who it is, and how often it was asked.
    async fn named(address: &str, answer: String) -> (SocketAddr, Arc<AtomicUsize>) {
        use tokio::io::{AsyncReadExt, AsyncWriteExt};
        let listener = tokio::net::TcpListener::bind(address).await.unwrap();
        let (address, asked) = (listener.local_addr().unwrap(), Arc::new(AtomicUsize::new(0)));
        let count = asked.clone();
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                count.fetch_add(1, Ordering::SeqCst);
                let mut request = [0; 2048];
                let _ = stream.read(&mut request).await;
                let _ = stream.write_all(answer.as_bytes()).await;
            }
        });
        (address, asked)
    }

    /// A name that leads to a good address the first time and to a private one the second (DNS rebinding): each
    /// connection goes to an address that was checked for this very connection.
    #[tokio::test]
    async fn a_name_that_changes_its_mind_gains_nothing() {
        let again = "HTTP/1.1 302 Found\r\nLocation: /again\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
        let (good, asked) = named("127.0.0.2:0", again.to_owned()).await;
        let port = good.port();
        let (_, secrets) = named(
            &format!("127.0.0.1:{port}"),
            "HTTP/1.1 200 OK\r\nContent-Length: 6\r\nConnection: close\r\n\r\nsecret".to_owned(),
        )
        .await;
        for private in ["127.0.0.1", "::ffff:127.0.0.1", "::1", "10.0.0.1"] {
            let lookups = Arc::new(AtomicUsize::new(0));
            let count = lookups.clone();
            let config = FetcherConfig {
                delay: Duration::ZERO,
                robots: false,
                allow_private: vec![format!("127.0.0.2:{port}")],
                ..FetcherConfig::default()
            };
            let lookup: Lookup = Arc::new(move |_| {
                let first = count.fetch_add(1, Ordering::SeqCst) == 0;
                let address = if first { "127.0.0.2" } else { private };
                Box::pin(async move { Ok(vec![address.parse().unwrap()]) })
            });
            let fetcher = Fetcher::with_lookup(config, lookup).unwrap();
            let error = fetcher.get(&format!("http://rebind.example:{port}/"), None).await.unwrap_err();
            assert!(matches!(error, FetchError::Private { .. }), "{private}: {error}");
            assert_eq!(lookups.load(Ordering::SeqCst), 2, "a lookup for each connection");
        }
        assert_eq!((asked.load(Ordering::SeqCst), secrets.load(Ordering::SeqCst)), (4, 0));
    }

    #[tokio::test]
    async fn one_private_address_among_many_is_enough() {
        let config = FetcherConfig { robots: false, ..FetcherConfig::default() };
        let lookup: Lookup =
            Arc::new(|_| Box::pin(async { Ok(vec![IpAddr::from([8, 8, 8, 8]), IpAddr::from([169, 254, 169, 254])]) }));
        let fetcher = Fetcher::with_lookup(config, lookup).unwrap();
        let error = fetcher.get("http://metadata.example/", None).await.unwrap_err();
        assert!(matches!(error, FetchError::Private { address, .. } if address == IpAddr::from([169, 254, 169, 254])));
    }

    #[test]
    fn a_pause_doubles_up_to_a_limit() {
        let delay = Duration::from_secs(1);
        for (failures, seconds) in [(1, 2), (2, 4), (5, 32), (6, 64), (9, 512), (10, 600), (40, 600), (u32::MAX, 600)] {
            assert_eq!(back_off(failures, delay).as_secs(), seconds, "{failures}");
        }
        assert_eq!(back_off(3, Duration::ZERO), Duration::ZERO);
    }

    #[test]
    fn a_budget_is_spent_once() {
        let budget = Budget::new(2);
        assert!(budget.take() && budget.take() && !budget.take() && !budget.take());
        assert_eq!(budget.used(), 2);
    }
}
