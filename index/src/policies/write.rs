//! The writer of the policy index.

use std::time::{Duration, Instant};

use tantivy::directory::error::LockError;
use tantivy::indexer::LogMergePolicy;
use tantivy::{IndexWriter, TantivyError, Term};
use zhida_schemas::Policy;

use super::schema::{self, Fields};
use super::{IndexError, PolicyIndex};
use crate::Analyzer;

/// Memory for documents that are not yet written to a segment, of all threads together.
const HEAP_BYTES: usize = 64 << 20;

/// Threads of a writer that is not told how many.
const THREADS: usize = 1;

/// Segments of which more than this share is deleted are merged.
const DELETED_SHARE: f32 = 0.2;

/// Segments that are being merged are waited for this long.
const PATIENCE: Duration = Duration::from_secs(600);

/// The one writer. Changes are lost unless committed.
pub struct PolicyWriter {
    writer: IndexWriter,
    fields: Fields,
    analyzer: Analyzer,
}

impl PolicyWriter {
    pub(super) fn new(index: &PolicyIndex) -> Result<Self, IndexError> {
        Self::with_threads(index, THREADS)
    }

    /// As [`PolicyIndex::writer`], with a number of threads that cut and index documents; each makes segments of its
    /// own.
    ///
    /// # Errors
    /// [`IndexError::Busy`] when another holds the writer.
    pub fn with_threads(index: &PolicyIndex, threads: usize) -> Result<Self, IndexError> {
        let writer = index.index.writer_with_num_threads(threads, HEAP_BYTES).map_err(|error| match error {
            TantivyError::LockFailure(LockError::LockBusy, _) => IndexError::Busy(index.dir.display().to_string()),
            error => error.into(),
        })?;
        let mut merge_policy = LogMergePolicy::default();
        merge_policy.set_del_docs_ratio_before_merge(DELETED_SHARE);
        writer.set_merge_policy(Box::new(merge_policy));
        Ok(Self { writer, fields: index.fields.clone(), analyzer: index.analyzer.clone() })
    }

    /// Adds a policy, or replaces the version that is there.
    pub fn put(&mut self, policy: &Policy) -> Result<(), IndexError> {
        let document = schema::document(&self.fields, &self.analyzer, policy)
            .map_err(|error| IndexError::Tantivy(format!("policy {}: {error}", policy.id)))?;
        self.remove(&policy.id)?;
        self.writer.add_document(document)?;
        Ok(())
    }

    /// Takes a policy out.
    pub fn remove(&mut self, id: &str) -> Result<(), IndexError> {
        self.writer.delete_term(Term::from_field_text(self.fields.id, id));
        Ok(())
    }

    /// Takes everything out; the next commit replaces the whole index.
    pub fn clear(&mut self) -> Result<(), IndexError> {
        self.writer.delete_all_documents()?;
        Ok(())
    }

    /// Makes everything so far durable, together with the log position that it covers.
    pub fn commit(&mut self, position: i64) -> Result<(), IndexError> {
        let mut prepared = self.writer.prepare_commit()?;
        prepared.set_payload(&position.to_string());
        prepared.commit()?;
        Ok(())
    }

    /// Merges all segments into one, so that searches look in one place; waits for it. What is not committed stays so.
    ///
    /// # Errors
    /// The index cannot be written, or segments were still being merged after ten minutes.
    pub fn compact(&mut self) -> Result<(), IndexError> {
        let started = Instant::now();
        loop {
            let segments = self.writer.index().searchable_segment_ids()?;
            if segments.len() < 2 {
                return Ok(());
            }
            match self.writer.merge(&segments).wait() {
                Ok(_) => {}
                // some of them are being merged already
                Err(TantivyError::InvalidArgument(_)) if started.elapsed() < PATIENCE => {
                    std::thread::sleep(Duration::from_millis(50));
                }
                Err(error) => return Err(error.into()),
            }
        }
    }

    /// Waits until segments are merged, and lets go of the index.
    pub fn finish(self) -> Result<(), IndexError> {
        self.writer.wait_merging_threads()?;
        Ok(())
    }
}
