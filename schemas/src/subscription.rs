//! A subscription: where an enterprise's notices go, and how often.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Where the notices of one enterprise go, and how often.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Subscription {
    /// Stable identity.
    pub id: String,
    /// The enterprise whose profile is matched.
    pub enterprise_id: String,
    /// Name of the channel; `mail` is the only one so far.
    pub channel: String,
    /// Address within the channel.
    pub address: String,
    /// How often.
    pub frequency: Frequency,
    /// False after an unsubscribe or a pause.
    pub active: bool,
}

/// How often notices are sent.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Frequency {
    /// As soon as a document matches.
    #[default]
    Immediate,
    /// One message a day at the hour of `push.daily_at`.
    Daily,
}
