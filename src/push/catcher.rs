//! A small SMTP server that keeps what it is given: the demo's and the tests' inbox.

use std::sync::{Arc, Mutex};

/// One mail as it came.
#[derive(Debug, Clone)]
pub struct CaughtMail {
    /// MAIL FROM.
    pub from: String,
    /// RCPT TO.
    pub to: Vec<String>,
    /// The message, header and body.
    pub data: Vec<u8>,
    /// Epoch milliseconds.
    pub received_at: i64,
}

/// The mails so far, the oldest first. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct Caught {
    mails: Arc<Mutex<Vec<CaughtMail>>>,
}

impl Caught {
    /// All mails so far.
    pub fn mails(&self) -> Vec<CaughtMail> {
        self.mails.lock().unwrap_or_else(std::sync::PoisonError::into_inner).clone()
    }
}
