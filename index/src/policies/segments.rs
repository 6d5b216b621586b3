//! What is read of a segment once: a segment never changes, so it is kept until the segment is gone.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use tantivy::index::SegmentId;
use tantivy::{Searcher, SegmentReader};

/// One value for each segment.
pub struct BySegment<T>(Mutex<HashMap<SegmentId, Arc<T>>>);

impl<T> Default for BySegment<T> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<T> BySegment<T> {
    /// The value of a segment, read when it is asked for the first time; values of segments that are gone are
    /// forgotten then.
    pub fn of(
        &self,
        reader: &SegmentReader,
        searcher: &Searcher,
        read: impl FnOnce(&SegmentReader) -> tantivy::Result<T>,
    ) -> tantivy::Result<Arc<T>> {
        let id = reader.segment_id();
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(value) = known.get(&id) {
            return Ok(value.clone());
        }
        let value = Arc::new(read(reader)?);
        let living: Vec<SegmentId> = searcher.segment_readers().iter().map(SegmentReader::segment_id).collect();
        known.retain(|id, _| living.contains(id));
        known.insert(id, value.clone());
        Ok(value)
    }
}
