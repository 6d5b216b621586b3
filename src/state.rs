//! What every part of the running program shares.

use std::sync::Arc;

use zhida_index::{Analyzer, PolicyIndex};

use crate::clock::Clock;
use crate::config::Config;
use crate::push::catcher::Caught;
use crate::store::Store;

/// Shared by handlers, workers and commands. Cheap to clone.
#[derive(Clone)]
pub struct AppState {
    /// Settings, checked at start.
    pub config: Arc<Config>,
    /// SQL.
    pub store: Store,
    /// Search index.
    pub index: Arc<PolicyIndex>,
    /// Text analysis that index and matcher share.
    pub analyzer: Analyzer,
    /// Time.
    pub clock: Clock,
    /// Signs the links in mails; made once and kept in the database.
    pub secret: Arc<str>,
    /// Mails caught by the demo's mail server; `None` outside the demo.
    pub caught: Option<Caught>,
}
