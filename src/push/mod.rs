//! From a match to the inbox: messages, channels, the worker that sends.

pub mod catcher;
