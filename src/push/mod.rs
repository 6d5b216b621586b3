//! From a match to the inbox: messages, channels, the worker that sends.

pub mod catcher;
pub mod channels;
pub mod outbox;
pub mod render;
pub mod unsubscribe;
