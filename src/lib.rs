//! zhida 直达: brings government policy to the enterprise it is for.
//!
//! One log, many readers: everything that happens to a policy is first a committed row together with an entry in the
//! `changes` log; the indexer and the matcher are readers of that log with saved positions.

#![warn(clippy::print_stdout)]

pub mod api;
pub mod citations;
pub mod cli;
pub mod clock;
pub mod config;
pub mod copies;
pub mod corrections;
pub mod crawl;
pub mod demo;
pub mod effective;
pub mod failpoint;
pub mod import;
pub mod pipeline;
pub mod push;
pub mod schedule;
pub mod search;
pub mod searches;
pub mod sources;
pub mod state;
pub mod store;
pub mod versions;
pub mod watch;
pub mod web;
