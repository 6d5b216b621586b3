//! Polite and safe fetching.

use std::collections::HashMap;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::{Client, StatusCode, header};
use url::Url;

use crate::robots::{self, Robots};

/// How the fetcher behaves.
#[derive(Debug, Clone)]
pub struct FetcherConfig {
    /// User-Agent with a contact.
    pub user_agent: String,
    /// Pause between two requests to one host.
    pub delay: Duration,
    /// Limit for one request, redirects and body included.
    pub timeout: Duration,
    /// Largest body, after decompression.
    pub max_bytes: usize,
    /// How many redirects are followed.
    pub max_redirects: usize,
    /// Addresses that are not public and may be reached all the same, as `127.0.0.1` or `127.0.0.1:8000`.
    pub allow_private: Vec<String>,
    /// Whether robots.txt is asked.
    pub robots: bool,
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
#[derive(Debug, Clone)]
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
    /// Not http or https, or no host.
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
    #[error("{url}: more than {limit} redirects")]
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
            Self::Status { status, .. } => *status == 429 || *status >= 500,
            Self::Timeout(_) | Self::Connection { .. } => true,
            _ => false,
        }
    }
}

/// How long a robots.txt is believed.
const ROBOTS_TTL: Duration = Duration::from_secs(24 * 3600);

/// Longest wait that a server can ask for through Retry-After.
const MAX_RETRY_AFTER: Duration = Duration::from_secs(24 * 3600);

/// Fetches one page at a time from a host, with a pause between, and asks robots.txt first. Cheap to clone; clones
/// share the pauses.
#[derive(Clone)]
pub struct Fetcher {
    client: Client,
    config: Arc<FetcherConfig>,
    hosts: Arc<Mutex<HashMap<String, Arc<tokio::sync::Mutex<Host>>>>>,
}

/// What is remembered of a host; locked while a request to it runs, so that there is one at a time.
#[derive(Default)]
struct Host {
    last_request: Option<Instant>,
    robots: Option<(Instant, Robots)>,
}

impl Fetcher {
    /// A fetcher.
    ///
    /// # Errors
    /// The TLS set-up failed, or an entry of `allow_private` is no address.
    pub fn new(config: FetcherConfig) -> Result<Self, FetchError> {
        // somebody else in the process may have installed it before
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = Client::builder()
            .user_agent(&config.user_agent)
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .timeout(config.timeout)
            .connect_timeout(config.timeout.min(Duration::from_secs(10)))
            .dns_resolver(Arc::new(PublicOnly { allowed: config.allow_private.clone() }))
            .default_headers(
                [(header::ACCEPT_LANGUAGE, header::HeaderValue::from_static("zh-CN,zh;q=0.9"))].into_iter().collect(),
            )
            .build()
            .map_err(|error| FetchError::Connection { url: String::new(), reason: error.to_string() })?;
        Ok(Self { client, config: Arc::new(config), hosts: Arc::default() })
    }

    /// Fetches one address.
    ///
    /// # Errors
    /// See [`FetchError`].
    pub async fn get(&self, url: &str, validators: Option<&Validators>) -> Result<Fetched, FetchError> {
        self.request(url, validators, None).await
    }

    /// Sends a JSON body to one address (lists that are asked by POST).
    ///
    /// # Errors
    /// See [`FetchError`].
    pub async fn post(&self, url: &str, body: &str) -> Result<Fetched, FetchError> {
        self.request(url, None, Some(body)).await
    }

    async fn request(
        &self,
        url: &str,
        validators: Option<&Validators>,
        body: Option<&str>,
    ) -> Result<Fetched, FetchError> {
        let mut next = parse(url)?;
        let mut seen = Vec::new();
        loop {
            if seen.contains(&next) || seen.len() > self.config.max_redirects {
                return Err(FetchError::Redirects { url: url.to_owned(), limit: self.config.max_redirects });
            }
            seen.push(next.clone());
            let work = self.hop(&next, validators, body);
            // the whole hop is bounded, also a body that comes drop by drop; the wait for the turn is not part of it
            match work.await? {
                Hop::Done(fetched) => return Ok(fetched),
                Hop::Redirect(location) => {
                    next = next.join(&location).map_err(|_| FetchError::BadUrl(location))?;
                    next = parse(next.as_str())?;
                }
            }
        }
    }

    async fn hop(&self, url: &Url, validators: Option<&Validators>, body: Option<&str>) -> Result<Hop, FetchError> {
        self.check_literal(url)?;
        let origin = url.origin().ascii_serialization();
        let host = self.hosts.lock().unwrap_or_else(PoisonError::into_inner).entry(origin.clone()).or_default().clone();
        let mut host = host.lock().await;
        if self.config.robots {
            if host.robots.as_ref().is_none_or(|(at, _)| at.elapsed() > ROBOTS_TTL) {
                let robots = self.robots(&origin).await;
                host.robots = Some((Instant::now(), robots));
            }
            let path = &url[url::Position::BeforePath..url::Position::AfterQuery];
            if let Some((_, robots)) = &host.robots
                && !robots.allows(path)
            {
                return Err(FetchError::Robots(url.to_string()));
            }
        }
        let asked = host.robots.as_ref().and_then(|(_, robots)| robots.delay).unwrap_or_default();
        let pause = self.config.delay.max(asked);
        if let Some(last) = host.last_request {
            tokio::time::sleep(pause.saturating_sub(last.elapsed())).await;
        }
        let done = self.send(url, validators, body, self.config.max_bytes).await;
        host.last_request = Some(Instant::now());
        done
    }

    /// 4xx: no rules; anything else that is not the file: nothing may be fetched (RFC 9309, 2.3.1).
    async fn robots(&self, origin: &str) -> Robots {
        let Ok(mut url) = parse(&format!("{origin}/robots.txt")) else { return Robots::disallow_all() };
        for _ in 0..=self.config.max_redirects {
            if self.check_literal(&url).is_err() {
                return Robots::disallow_all();
            }
            match self.send(&url, None, None, robots::LIMIT).await {
                Ok(Hop::Done(fetched)) => {
                    let product = self.config.user_agent.split('/').next().unwrap_or_default();
                    return Robots::parse(&String::from_utf8_lossy(&fetched.body), product);
                }
                Ok(Hop::Redirect(location)) => match url.join(&location) {
                    Ok(next) => url = next,
                    Err(_) => return Robots::allow_all(),
                },
                Err(FetchError::Status { status: 400..=499, .. }) => return Robots::allow_all(),
                // a file over the limit is read up to it; what is that long has its rules at the beginning
                Err(FetchError::TooLarge { .. }) => return Robots::allow_all(),
                Err(_) => return Robots::disallow_all(),
            }
        }
        Robots::allow_all()
    }

    async fn send(
        &self,
        url: &Url,
        validators: Option<&Validators>,
        body: Option<&str>,
        limit: usize,
    ) -> Result<Hop, FetchError> {
        let timed = tokio::time::timeout(self.config.timeout, self.send_untimed(url, validators, body, limit));
        timed.await.unwrap_or_else(|_| Err(FetchError::Timeout(url.to_string())))
    }

    async fn send_untimed(
        &self,
        url: &Url,
        validators: Option<&Validators>,
        body: Option<&str>,
        limit: usize,
    ) -> Result<Hop, FetchError> {
        let mut request = match body {
            Some(body) => {
                self.client.post(url.clone()).header(header::CONTENT_TYPE, "application/json").body(body.to_owned())
            }
            None => self.client.get(url.clone()),
        };
        if let Some(etag) = validators.and_then(|validators| validators.etag.as_deref()) {
            request = request.header(header::IF_NONE_MATCH, etag);
        }
        if let Some(modified) = validators.and_then(|validators| validators.last_modified.as_deref()) {
            request = request.header(header::IF_MODIFIED_SINCE, modified);
        }
        let mut response = request.send().await.map_err(|error| failure(url, &error))?;
        let text = |name: header::HeaderName| {
            response.headers().get(name).and_then(|value| value.to_str().ok()).map(str::to_owned)
        };
        let status = response.status();
        if status.is_redirection()
            && status != StatusCode::NOT_MODIFIED
            && let Some(location) = text(header::LOCATION)
        {
            return Ok(Hop::Redirect(location));
        }
        let kind = text(header::CONTENT_TYPE).unwrap_or_default();
        let mut fetched = Fetched {
            url: url.to_string(),
            body: Vec::new(),
            media_type: kind
                .split(';')
                .next()
                .map(|kind| kind.trim().to_ascii_lowercase())
                .filter(|kind| !kind.is_empty()),
            charset: charset_of(&kind),
            validators: Validators { etag: text(header::ETAG), last_modified: text(header::LAST_MODIFIED) },
            not_modified: status == StatusCode::NOT_MODIFIED && validators.is_some(),
        };
        if fetched.not_modified {
            return Ok(Hop::Done(fetched));
        }
        if status != StatusCode::OK {
            let retry_after = text(header::RETRY_AFTER).and_then(|value| retry_after(&value));
            return Err(FetchError::Status { url: url.to_string(), status: status.as_u16(), retry_after });
        }
        while let Some(chunk) = response.chunk().await.map_err(|error| failure(url, &error))? {
            if fetched.body.len() + chunk.len() > limit {
                return Err(FetchError::TooLarge { url: url.to_string(), limit });
            }
            fetched.body.extend_from_slice(&chunk);
        }
        Ok(Hop::Done(fetched))
    }

    /// An address that is written as numbers never meets the resolver, so it is checked here.
    fn check_literal(&self, url: &Url) -> Result<(), FetchError> {
        let address: IpAddr = match url.host() {
            Some(url::Host::Ipv4(address)) => address.into(),
            Some(url::Host::Ipv6(address)) => address.into(),
            _ => return Ok(()),
        };
        let with_port = SocketAddr::new(address, url.port_or_known_default().unwrap_or(0)).to_string();
        let listed = |entry: &String| *entry == address.to_string() || *entry == with_port;
        if is_public(address) || self.config.allow_private.iter().any(listed) {
            return Ok(());
        }
        Err(FetchError::Private { url: url.to_string(), address })
    }
}

enum Hop {
    Done(Fetched),
    Redirect(String),
}

fn parse(url: &str) -> Result<Url, FetchError> {
    let parsed = Url::parse(url.trim()).map_err(|_| FetchError::BadUrl(url.chars().take(200).collect()))?;
    if !matches!(parsed.scheme(), "http" | "https") || !parsed.has_host() || url.len() > 4_000 {
        return Err(FetchError::BadUrl(url.chars().take(200).collect()));
    }
    Ok(parsed)
}

/// The resolver refuses names that lead to addresses that are not public, at the moment of connecting: a name that
/// answers differently the second time gains nothing.
struct PublicOnly {
    allowed: Vec<String>,
}

#[derive(Debug, thiserror::Error)]
#[error("{0} is not a public address")]
struct NotPublic(IpAddr);

impl Resolve for PublicOnly {
    fn resolve(&self, name: Name) -> Resolving {
        let allowed = self.allowed.clone();
        Box::pin(async move {
            let named = allowed.iter().any(|entry| entry == name.as_str());
            let mut addresses = Vec::new();
            for address in tokio::net::lookup_host((name.as_str(), 0)).await? {
                let ip = address.ip();
                if !named && !is_public(ip) && !allowed.contains(&ip.to_string()) {
                    return Err(Box::new(NotPublic(ip)) as Box<dyn std::error::Error + Send + Sync>);
                }
                addresses.push(address);
            }
            Ok(Box::new(addresses.into_iter()) as Addrs)
        })
    }
}

/// Whether an address belongs to the public internet (RFC 6890 and its successors).
pub fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => {
            let [a, b, c, _] = v4.octets();
            !(v4.is_private()
                || v4.is_loopback()
                || v4.is_link_local()
                || v4.is_broadcast()
                || v4.is_documentation()
                || v4.is_multicast()
                || a == 0
                || a >= 240
                || (a == 100 && (64..128).contains(&b))
                || (a == 192 && b == 0 && c == 0)
                || (a == 192 && b == 88 && c == 99)
                || (a == 198 && (18..20).contains(&b)))
        }
        IpAddr::V6(v6) => {
            let segments = v6.segments();
            let embedded = |high: u16, low: u16| {
                let ([a, b], [c, d]) = (high.to_be_bytes(), low.to_be_bytes());
                is_public(IpAddr::V4(std::net::Ipv4Addr::new(a, b, c, d)))
            };
            match segments {
                [0, 0, 0, 0, 0, 0xffff | 0, high, low] => embedded(high, low) && segments[5] == 0xffff,
                [0x64, 0xff9b, 0, 0, 0, 0, high, low] => embedded(high, low),
                [0x2002, high, low, ..] => embedded(high, low),
                // Teredo, documentation, and all that is not global unicast
                [0x2001, 0 | 0xdb8, ..] => false,
                [first, ..] => (0x2000..0x4000).contains(&first),
            }
        }
    }
}

fn failure(url: &Url, error: &reqwest::Error) -> FetchError {
    if error.is_timeout() {
        return FetchError::Timeout(url.to_string());
    }
    let mut cause: Option<&(dyn std::error::Error + 'static)> = Some(error);
    let mut last = error.to_string();
    while let Some(inner) = cause {
        if let Some(NotPublic(address)) = inner.downcast_ref() {
            return FetchError::Private { url: url.to_string(), address: *address };
        }
        last = inner.to_string();
        cause = inner.source();
    }
    FetchError::Connection { url: url.to_string(), reason: last }
}

fn charset_of(content_type: &str) -> Option<String> {
    let charset = content_type.split(';').skip(1).find_map(|part| {
        let (name, value) = part.split_once('=')?;
        name.trim().eq_ignore_ascii_case("charset").then(|| value.trim().trim_matches(['"', '\'']).to_owned())
    })?;
    (!charset.is_empty()).then_some(charset)
}

/// Seconds, or a date.
fn retry_after(value: &str) -> Option<Duration> {
    let wait = match value.trim().parse() {
        Ok(seconds) => Duration::from_secs(seconds),
        Err(_) => {
            httpdate::parse_http_date(value).ok()?.duration_since(std::time::SystemTime::now()).unwrap_or_default()
        }
    };
    Some(wait.min(MAX_RETRY_AFTER))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_public_internet_is_public() {
        for (address, public) in [
            ("8.8.8.8", true),
            ("127.0.0.1", false),
            ("10.1.2.3", false),
            ("172.16.0.1", false),
            ("192.168.1.1", false),
            ("169.254.169.254", false),
            ("100.64.0.1", false),
            ("0.0.0.0", false),
            ("224.0.0.1", false),
            ("255.255.255.255", false),
            ("198.18.0.1", false),
            ("::1", false),
            ("::", false),
            ("fe80::1", false),
            ("fc00::1", false),
            ("ff02::1", false),
            ("::ffff:127.0.0.1", false),
            ("::ffff:8.8.8.8", true),
            ("::127.0.0.1", false),
            ("64:ff9b::7f00:1", false),
            ("2002:7f00:1::", false),
            ("2001:db8::1", false),
            ("2400:3200::1", true),
        ] {
            assert_eq!(is_public(address.parse().unwrap()), public, "{address}");
        }
    }
}
