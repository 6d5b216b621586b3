//! What is kept of a document besides its words: the record and the texts, in the order of [`super::schema::document`],
//! read no further than is needed.

use std::sync::LazyLock;

use tantivy::schema::Field;
use tantivy::schema::document::{DeserializeError, DocumentDeserialize, DocumentDeserializer};

use super::schema::{self, Fields};

static FIELDS: LazyLock<Fields> = LazyLock::new(|| schema::schema().1);

/// A stored document, read up to its first text, or to its end where it is `WHOLE`.
#[derive(Default)]
pub struct Stored<const WHOLE: bool> {
    /// The record without its texts, as JSON.
    pub record: String,
    /// The main text; empty when there is none.
    pub body: String,
    /// The texts of the attachments that were read, in order.
    pub attachments: Vec<String>,
}

/// A document up to its first text: what most results need.
pub type Opening = Stored<false>;
/// A document with all its texts.
pub type Whole = Stored<true>;

impl<const WHOLE: bool> DocumentDeserialize for Stored<WHOLE> {
    fn deserialize<'de, D: DocumentDeserializer<'de>>(mut document: D) -> Result<Self, DeserializeError> {
        let mut stored = Self::default();
        while WHOLE || stored.record.is_empty() || stored.body.is_empty() && stored.attachments.is_empty() {
            let Some((field, text)): Option<(Field, String)> = document.next_field()? else { break };
            if field == FIELDS.summary {
                stored.record = text;
            } else if field == FIELDS.body {
                stored.body = text;
            } else {
                stored.attachments.push(text);
            }
        }
        Ok(stored)
    }
}
