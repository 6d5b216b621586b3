//! Channels: the ways out of the house.

pub mod mail;

use std::collections::BTreeMap;
use std::pin::Pin;
use std::sync::Arc;

use crate::config::Config;
use crate::push::render::Rendered;

/// What became of a message. Reasons are for operators, in Chinese, without addresses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// The receiver's server took it.
    Delivered,
    /// Not now; a try of this message.
    RetryAfter(String),
    /// The receiver's server does not know the address, and did not say so for certain: gone when it says it again on
    /// another day.
    RecipientDoubtful(String),
    /// The address does not exist: it gets nothing more.
    RecipientGone(String),
    /// This message will never be taken; the recipient is kept.
    Refused(String),
    /// The receiver refuses us (policy, reputation): a person must look; the message is tried again, the recipient kept.
    Blocked(String),
    /// The channel cannot be reached: everything waits, and it is no try of this message.
    Unavailable(String),
    /// The channel cannot work until a person changes something: everything waits, and it is no try of this message.
    Misconfigured(String),
}

/// The future of [`Channel::send`].
pub type Sending<'a> = Pin<Box<dyn Future<Output = Outcome> + Send + 'a>>;

/// A way out of the house.
pub trait Channel: Send + Sync {
    /// Sends one message once. It ends within [`crate::push::outbox::SEND_LIMIT`].
    fn send<'a>(&'a self, message: &'a Rendered) -> Sending<'a>;
}

/// A setting of a channel that cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("{setting} 的值“{value}”不能用：{reason}")]
pub struct ChannelError {
    /// Name of the setting.
    pub setting: &'static str,
    /// What it says, without a password.
    pub value: String,
    /// What is wrong and what to do.
    pub reason: String,
}

/// The channels that are on, by name. Cheap to clone.
#[derive(Clone, Default)]
pub struct Channels {
    by_name: BTreeMap<&'static str, Arc<dyn Channel>>,
}

impl Channels {
    /// The channels that the settings switch on.
    ///
    /// # Errors
    /// A setting of a channel cannot be used.
    pub fn from_config(config: &Config) -> Result<Self, ChannelError> {
        let mut channels = Self::default();
        if !config.mail.url.trim().is_empty() {
            channels = channels.with(mail::NAME, Arc::new(mail::MailChannel::new(&config.mail)?));
        }
        Ok(channels)
    }

    /// With one channel more.
    #[must_use]
    pub fn with(mut self, name: &'static str, channel: Arc<dyn Channel>) -> Self {
        self.by_name.insert(name, channel);
        self
    }

    /// The channel of a name, when it is on.
    pub fn get(&self, name: &str) -> Option<&Arc<dyn Channel>> {
        self.by_name.get(name)
    }

    /// Whether every channel is off.
    pub fn is_empty(&self) -> bool {
        self.by_name.is_empty()
    }
}
