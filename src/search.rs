//! The search index that is in use, and the vocabularies that it was made with.
//!
//! Documents are cut into words by a dictionary, so a word that an editor adds is found in old documents only when they
//! are cut again. A changed vocabulary therefore builds another index beside the one in use, which goes on answering
//! and taking in documents, and then takes its place. Each index directory holds the vocabularies that it was made
//! with, so that a process which starts meanwhile answers from the old one too.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};

use anyhow::Context;
use serde::{Deserialize, Serialize};
use zhida_index::{Analyzer, Hit, IndexError, PolicyIndex};
use zhida_schemas::vocabularies;

use crate::import::lines::{Decoder, Lines, too_long};
use crate::pipeline::indexer::Indexer;
use crate::store::{Store, StoreError};

/// A file of own vocabulary is read up to this size.
const MAX_FILE: u64 = 4 << 20;

/// Name of the file in an index directory that holds its vocabularies.
const MADE_WITH: &str = "vocabularies.json";

/// Words and synonyms: those that come with the program, and behind them the rows of `terms.csv` (`term,freq,tag`) and
/// `synonyms.csv` (`short,full`) in `DATA/vocabularies`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Vocabularies {
    terms: String,
    synonyms: String,
}

impl Vocabularies {
    /// As the files stand now, in any encoding in which an import is read: Excel saves GB18030.
    ///
    /// # Errors
    /// A file is there and cannot be read, is too large or is no text; the message names it.
    pub fn read(dir: &Path) -> anyhow::Result<Self> {
        let with_own = |bundled: &str, name: &str| -> anyhow::Result<String> {
            let path = dir.join("vocabularies").join(name);
            let size = match std::fs::metadata(&path) {
                Ok(file) => file.len(),
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(bundled.to_owned()),
                Err(error) => return Err(error).with_context(|| format!("读不到词表 {}", path.display())),
            };
            anyhow::ensure!(size <= MAX_FILE, "词表 {} 超过 {} MB", path.display(), MAX_FILE >> 20);
            let unread = || format!("读不到词表 {}", path.display());
            let mut lines = Lines::new(File::open(&path).with_context(unread)?);
            let mut decoder = Decoder::default();
            let mut all = bundled.trim_end().to_owned();
            let mut number = 0;
            while let Some(line) = lines.next().with_context(unread)? {
                number += 1;
                let row = line.map_err(too_long).and_then(|bytes| Ok(decoder.decode(&bytes)?.trim_end().to_owned()));
                let row = row.map_err(anyhow::Error::msg).with_context(|| format!("{} 第 {number} 行", unread()))?;
                // the first line names the columns
                if number > 1 && !row.is_empty() {
                    all = all + "\n" + &row;
                }
            }
            Ok(all + "\n")
        };
        Ok(Self {
            terms: with_own(vocabularies::TERMS, "terms.csv")?,
            synonyms: with_own(vocabularies::SYNONYMS, "synonyms.csv")?,
        })
    }

    /// Those that come with the program, alone.
    fn bundled() -> Self {
        Self { terms: vocabularies::TERMS.to_owned(), synonyms: vocabularies::SYNONYMS.to_owned() }
    }

    fn open(&self, index_dir: &Path) -> Result<PolicyIndex, IndexError> {
        let analyzer = Analyzer::with_vocabularies(&self.terms, &self.synonyms);
        let index = PolicyIndex::open_with_synonyms(index_dir, analyzer, &self.synonyms)?;
        let made_with = index.dir().join(MADE_WITH);
        if !made_with.exists() {
            std::fs::write(&made_with, serde_json::to_vec(self).map_err(std::io::Error::other)?)?;
        }
        Ok(index)
    }
}

/// An index with what it was made with.
struct InUse {
    index: Arc<PolicyIndex>,
    vocabularies: Vocabularies,
}

/// The index in use. Cheap to clone; clones see the same one, also after it was changed for another.
#[derive(Clone)]
pub struct Search {
    dir: PathBuf,
    in_use: Arc<RwLock<InUse>>,
}

impl Search {
    /// Opens the index of a data directory: the one for the vocabularies as they are now, or, while that has not been
    /// built, the last one that was. A vocabulary that cannot be read is told in the log and stops nobody: the last
    /// index that was built is opened, or else the one for the vocabularies of the program.
    ///
    /// # Errors
    /// The index cannot be opened.
    pub fn open(dir: &Path) -> anyhow::Result<Self> {
        let wanted = Vocabularies::read(dir).unwrap_or_else(|error| {
            let error = format!("{error:#}");
            let last = last_built(&index_dir(dir));
            let instead = if last.is_some() { "those of the last index" } else { "those of the program" };
            tracing::warn!(error, instead, "a vocabulary cannot be read, others are used");
            last.map_or_else(Vocabularies::bundled, |last| last.vocabularies)
        });
        let mut in_use = InUse { index: Arc::new(wanted.open(&index_dir(dir))?), vocabularies: wanted };
        if in_use.index.position()? == 0
            && let Some(last) = last_built(&index_dir(dir))
        {
            in_use = last;
        }
        Ok(Self { dir: dir.to_owned(), in_use: Arc::new(RwLock::new(in_use)) })
    }

    /// The index to search and to write now. Ask again for each piece of work.
    pub fn index(&self) -> Arc<PolicyIndex> {
        self.in_use.read().unwrap_or_else(PoisonError::into_inner).index.clone()
    }

    /// The text analysis of [`Search::index`].
    pub fn analyzer(&self) -> Analyzer {
        self.index().analyzer().clone()
    }

    /// Whether the vocabularies are other than those of the index in use.
    ///
    /// # Errors
    /// See [`Vocabularies::read`].
    pub fn is_outdated(&self) -> anyhow::Result<bool> {
        let wanted = Vocabularies::read(&self.dir)?;
        Ok(self.in_use.read().unwrap_or_else(PoisonError::into_inner).vocabularies != wanted)
    }

    /// When the vocabularies have changed: builds their index beside the one in use, puts it in its place, and takes
    /// away those that nobody writes any more. `progress` is told how many policies are done. False when nothing
    /// changed, or another process is building.
    ///
    /// # Errors
    /// A vocabulary cannot be read, or the database or an index failed; the one in use stays.
    pub async fn renew(&self, store: &Store, progress: impl FnMut(i64)) -> anyhow::Result<bool> {
        if !self.is_outdated()? {
            return Ok(false);
        }
        let dir = self.dir.clone();
        let (wanted, index) = tokio::task::spawn_blocking(move || {
            let wanted = Vocabularies::read(&dir)?;
            let index = Arc::new(wanted.open(&index_dir(&dir))?);
            anyhow::Ok((wanted, index))
        })
        .await??;
        match Indexer::open(index.clone()) {
            Ok(mut indexer) => {
                if index.position()? == 0 {
                    indexer.rebuild(store, progress).await?;
                }
                indexer.run(store, |_| {}).await?;
            }
            Err(IndexError::Busy(_)) if index.position()? > 0 => {} // another process built it and uses it
            Err(IndexError::Busy(_)) => return Ok(false),
            Err(error) => return Err(error.into()),
        }
        index.reload()?;
        let fingerprint = index.analyzer().fingerprint();
        *self.in_use.write().unwrap_or_else(PoisonError::into_inner) = InUse { index, vocabularies: wanted };
        tracing::info!(fingerprint, "the vocabularies changed: another search index is in use");
        self.remove_others()?;
        Ok(true)
    }

    /// Directories of indexes that are not in use: of earlier vocabularies and earlier versions of the program.
    ///
    /// # Errors
    /// The directory cannot be read.
    pub fn others(&self) -> std::io::Result<Vec<PathBuf>> {
        let in_use = self.index();
        let mut others = Vec::new();
        for entry in std::fs::read_dir(index_dir(&self.dir))? {
            let path = entry?.path();
            if path.join("meta.json").is_file() && path != in_use.dir() {
                others.push(path);
            }
        }
        Ok(others)
    }

    /// Takes away the indexes that are not in use here and that no process writes, unless the one in use is itself not
    /// the one that is wanted. Gives how many.
    ///
    /// # Errors
    /// A directory cannot be removed.
    pub fn remove_others(&self) -> anyhow::Result<usize> {
        if self.is_outdated()? || self.index().position()? == 0 {
            return Ok(0);
        }
        let mut removed = 0;
        for other in self.others()? {
            if PolicyIndex::remove(&other)? {
                tracing::info!(dir = %other.display(), "removed a search index that is no longer used");
                removed += 1;
            }
        }
        Ok(removed)
    }
}

/// Takes what was withdrawn out of what an index found: a withdrawal counts at once, also while the index is behind.
/// Gives how many it was.
///
/// # Errors
/// The database failed.
pub async fn leave_out_withdrawn(store: &Store, hits: &mut Vec<Hit>) -> Result<usize, StoreError> {
    let ids: Vec<String> = hits.iter().map(|hit| hit.id.clone()).collect();
    let withdrawn = store.withdrawn(&ids).await?;
    hits.retain(|hit| !withdrawn.contains(&hit.id));
    Ok(ids.len() - hits.len())
}

/// Where the search indexes live, a directory each.
pub fn index_dir(dir: &Path) -> PathBuf {
    dir.join("index")
}

/// The index that was built last and that this version of the program can read.
fn last_built(index_dir: &Path) -> Option<InUse> {
    let mut built: Vec<(std::time::SystemTime, PathBuf)> = std::fs::read_dir(index_dir)
        .ok()?
        .filter_map(|entry| {
            let made_with = entry.ok()?.path().join(MADE_WITH);
            Some((std::fs::metadata(&made_with).ok()?.modified().ok()?, made_with))
        })
        .collect();
    built.sort();
    built.into_iter().rev().find_map(|(_, made_with)| {
        let vocabularies: Vocabularies = serde_json::from_slice(&std::fs::read(&made_with).ok()?).ok()?;
        let index = vocabularies.open(index_dir).ok()?;
        let usable = Some(index.dir()) == made_with.parent() && index.position().is_ok_and(|position| position > 0);
        usable.then(|| InUse { index: Arc::new(index), vocabularies })
    })
}
