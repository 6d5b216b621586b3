//! Crawls of one source into the store.
