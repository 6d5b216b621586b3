//! The policy index on Tantivy.

mod columns;
pub(crate) mod copies;
mod cursor;
mod explain;
mod facets;
pub mod highlight;
pub(crate) mod postings;
mod request;
mod results;
pub mod schema;
pub mod search;
mod searching;
mod segments;
pub mod similar;
mod stored;
pub mod suggest;
mod write;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use tantivy::directory::MmapDirectory;
use tantivy::directory::error::OpenReadError;
use tantivy::error::DataCorruption;
use tantivy::termdict::TermMerger;
use tantivy::{Index, IndexReader, ReloadPolicy, Searcher, TantivyError, Term};
use zhida_schemas::vocabularies;

use self::columns::{Columns, Names};
pub use self::cursor::Cursor;
pub use self::explain::{Explanation, Part};
pub use self::request::{SearchRequest, Sort, WindowState};
pub use self::results::{Facet, FieldCondition, Highlight, Hit, NamedRegion, Proposal, SearchResults, Understood};
use self::schema::Fields;
use self::segments::BySegment;
use self::suggest::{Suggester, Titles};
pub use self::write::PolicyWriter;
use crate::Analyzer;
use crate::query::sounds::{self, Sounds};
use crate::query::synonyms::Synonyms;
use crate::text::{DocumentTokenizer, PairTokenizer};

/// What went wrong in the index.
#[derive(Debug, thiserror::Error)]
pub enum IndexError {
    /// Another process or thread holds the writer.
    #[error("the index at {0} is being written by another process")]
    Busy(String),
    /// The page that was asked for lies beyond what is served.
    #[error("page too deep: at most {0} results can be paged through")]
    TooDeep(usize),
    /// The page to go on from is of another search.
    #[error("the cursor belongs to another search")]
    ForeignCursor,
    /// Files of the index are missing or damaged.
    #[error("the search index at {dir} is damaged ({what}): rebuild it")]
    Damaged {
        /// The directory.
        dir: String,
        /// What Tantivy says.
        what: String,
    },
    /// A stored record cannot be read.
    #[error("the search index holds a record that cannot be read ({0}): rebuild it")]
    Record(String),
    /// Tantivy failed.
    #[error("search index: {0}")]
    Tantivy(String),
    /// A file could not be read or written.
    #[error("search index: {0}")]
    Io(#[from] std::io::Error),
}

impl From<TantivyError> for IndexError {
    fn from(error: TantivyError) -> Self {
        Self::Tantivy(error.to_string())
    }
}

/// How deep results can be paged through.
pub const MAX_DEPTH: usize = 10_000;

/// The index: open it once, search it from any thread.
pub struct PolicyIndex {
    index: Index,
    reader: IndexReader,
    fields: Fields,
    analyzer: Analyzer,
    synonyms: Synonyms,
    names: Names,
    columns: BySegment<Columns>,
    titles: BySegment<Titles>,
    sounds: Arc<KnownSounds>,
    dir: PathBuf,
}

/// The words of an index by their sound, and how many documents there were then.
#[derive(Default)]
struct KnownSounds {
    known: Mutex<Option<(u64, Arc<Sounds>)>>,
    /// Held by who files them.
    filing: Mutex<()>,
}

impl KnownSounds {
    fn known(&self) -> Option<(u64, Arc<Sounds>)> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// Words are filed by their sound anew when the index has grown or shrunk by this share.
const SOUNDS_CHANGE: u64 = 10;
/// A word stands in so many times as many texts as titles.
const RARER_IN_TITLES: u32 = 10;
/// Words that stand in texts only are known by their sound when they are no longer than this and stand in so many
/// texts, and in one of so many.
const MAX_CHARS_OF_TEXTS: usize = 4;
const IN_TEXTS: u64 = 3;
const FEW_TEXTS: u64 = 20_000;

impl PolicyIndex {
    /// Opens the index below `dir`, in a directory named after schema and dictionary; makes it when it is not there
    /// (its position is then 0). A damaged index is emptied, as it can be built again from the log; it then also
    /// begins at position 0.
    ///
    /// # Errors
    /// The directory cannot be written; the index is damaged while another process writes it.
    pub fn open(dir: &Path, analyzer: Analyzer) -> Result<Self, IndexError> {
        Self::open_with_synonyms(dir, analyzer, vocabularies::SYNONYMS)
    }

    /// As [`PolicyIndex::open`], with other synonyms (`short,full` rows with a header line).
    ///
    /// # Errors
    /// As [`PolicyIndex::open`].
    pub fn open_with_synonyms(dir: &Path, analyzer: Analyzer, synonyms: &str) -> Result<Self, IndexError> {
        let dir = dir.join(format!("{}-{}", schema::SCHEMA_VERSION, analyzer.fingerprint()));
        std::fs::create_dir_all(&dir)?;
        match Self::open_whole(&dir, &analyzer, synonyms) {
            Ok(opened) => Ok(opened),
            Err(error) if is_damage(&error) => {
                tracing::warn!(dir = %dir.display(), %error, "the search index is damaged and begins anew");
                empty(&dir, &error)?;
                Ok(Self::open_whole(&dir, &analyzer, synonyms)?)
            }
            Err(error) => Err(error.into()),
        }
    }

    /// Opens the files of a directory and reads what searches hold in memory.
    fn open_whole(dir: &Path, analyzer: &Analyzer, synonyms: &str) -> Result<Self, TantivyError> {
        let (index, reader, fields) = open_files(dir, analyzer)?;
        let opened = Self {
            index,
            reader,
            fields,
            analyzer: analyzer.clone(),
            synonyms: Synonyms::new(synonyms, analyzer),
            names: Names::default(),
            columns: BySegment::default(),
            titles: BySegment::default(),
            sounds: Arc::default(),
            dir: dir.to_owned(),
        };
        // Tantivy panics where a block of a column cannot be unpacked
        let warmed = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| opened.warm()));
        warmed.unwrap_or_else(|_| {
            let what = "a column cannot be read".to_owned();
            Err(TantivyError::DataCorruption(DataCorruption::comment_only(what)))
        })?;
        opened.file_sounds(opened.reader.searcher());
        Ok(opened)
    }

    /// Its own directory.
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// The text analysis of its documents, which its queries and whoever compares words with it share.
    pub fn analyzer(&self) -> &Analyzer {
        &self.analyzer
    }

    /// Takes the directory of an index away, unless a process writes there; false then.
    ///
    /// # Errors
    /// The files cannot be removed.
    pub fn remove(dir: &Path) -> Result<bool, IndexError> {
        use tantivy::Directory;
        let directory = MmapDirectory::open(dir).map_err(TantivyError::from)?;
        let Ok(lock) = directory.acquire_lock(&tantivy::directory::INDEX_WRITER_LOCK) else { return Ok(false) };
        std::fs::remove_dir_all(dir)?;
        drop(lock);
        Ok(true)
    }

    /// Takes the writer, of which there is one for all processes.
    ///
    /// # Errors
    /// [`IndexError::Busy`] when another holds it.
    pub fn writer(&self) -> Result<PolicyWriter, IndexError> {
        PolicyWriter::new(self)
    }

    /// Log position that the last commit covers.
    pub fn position(&self) -> Result<i64, IndexError> {
        let payload = self.index.load_metas()?.payload;
        Ok(payload.and_then(|position| position.parse().ok()).unwrap_or(0))
    }

    /// Makes the last commit, also one of another process, visible to searches.
    pub fn reload(&self) -> Result<(), IndexError> {
        self.reader.reload()?;
        Ok(self.warm()?)
    }

    /// Reads what searches hold in memory, so that none of them waits for it.
    fn warm(&self) -> Result<(), TantivyError> {
        let searcher = self.reader.searcher();
        let mut columns = Vec::new();
        for reader in searcher.segment_readers() {
            columns.push((self.columns.of(reader, &searcher, |reader| Columns::read(reader, &self.names))?, reader));
            self.titles.of(reader, &searcher, |reader| Titles::read(reader, &self.analyzer))?;
        }
        self.names.copies.count(&columns);
        Ok(())
    }

    /// Reads every file of the index and compares checksums; gives the damaged ones.
    pub fn damaged_files(&self) -> Result<Vec<PathBuf>, IndexError> {
        let mut files: Vec<PathBuf> = self.index.validate_checksum()?.into_iter().collect();
        files.sort();
        Ok(files)
    }

    /// Numbers, queries, terms and titles for what has been typed so far. `frequent` are queries that are asked often,
    /// the most frequent first.
    pub fn suggest(&self, typed: &str, frequent: &[String], limit: usize) -> Result<Vec<String>, IndexError> {
        let searcher = self.reader.searcher();
        let suggester = Suggester {
            searcher: &searcher,
            fields: &self.fields,
            analyzer: &self.analyzer,
            titles: &self.titles,
            frequent,
            sounds: &|| self.sounds(&searcher).ok(),
        };
        Ok(suggester.suggest(typed, limit)?)
    }

    /// Identity and version of every indexed policy, for a comparison with SQL.
    pub fn versions(&self) -> Result<BTreeMap<String, i64>, IndexError> {
        let mut versions = BTreeMap::new();
        for reader in self.reader.searcher().segment_readers() {
            let Some(ids) = reader.fast_fields().str("id")? else { continue };
            let column = reader.fast_fields().i64("version")?;
            for doc in reader.doc_ids_alive() {
                let mut id = String::new();
                if let Some(ordinal) = ids.ords().first(doc)
                    && ids.ord_to_str(ordinal, &mut id)?
                {
                    versions.insert(id, column.first(doc).unwrap_or(0));
                }
            }
        }
        Ok(versions)
    }

    /// Sees the index as it was when it was last reloaded.
    pub(crate) fn searcher(&self) -> Searcher {
        self.reader.searcher()
    }

    /// A word in titles and in texts.
    pub(crate) fn in_title_and_body(&self, word: &str) -> [Term; 2] {
        [self.fields.title, self.fields.body].map(|field| Term::from_field_text(field, word))
    }

    /// How many policies are indexed.
    pub fn len(&self) -> usize {
        self.reader.searcher().num_docs() as usize
    }

    /// Whether none are.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The words of titles, of texts and of the dictionary of terms by their sound. They are filed beside the searches
    /// when the index is opened and when it has changed; a search only waits for them when they are not there or of
    /// less than half the documents.
    fn sounds(&self, searcher: &Searcher) -> Result<Arc<Sounds>, IndexError> {
        let documents = searcher.num_docs();
        let is_usable = |then: u64| then / 2 <= documents && documents / 2 <= then;
        let known = self.sounds.known().filter(|(then, _)| is_usable(*then));
        if let Some((then, sounds)) = known {
            if documents.abs_diff(then) > then / SOUNDS_CHANGE {
                self.file_sounds(searcher.clone());
            }
            return Ok(sounds);
        }
        let _filing = self.sounds.filing.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, sounds)) = self.sounds.known().filter(|(then, _)| is_usable(*then)) {
            return Ok(sounds);
        }
        Ok(read_sounds(&self.sounds, searcher, &self.fields, &self.analyzer)?)
    }

    /// Files words by their sound in a thread of its own, unless that is being done.
    fn file_sounds(&self, searcher: Searcher) {
        if searcher.num_docs() == 0 {
            return;
        }
        let (known, fields, analyzer) = (self.sounds.clone(), self.fields.clone(), self.analyzer.clone());
        let filing = move || {
            let Ok(_filing) = known.filing.try_lock() else { return };
            if let Err(error) = read_sounds(&known, &searcher, &fields, &analyzer) {
                tracing::warn!(%error, "words could not be filed by their sound");
            }
        };
        if let Err(error) = std::thread::Builder::new().name("sounds".into()).spawn(filing) {
            tracing::warn!(%error, "words are filed by their sound when they are needed");
        }
    }
}

/// Files the words of an index by their sound and keeps them.
fn read_sounds(
    known: &KnownSounds,
    searcher: &Searcher,
    fields: &Fields,
    analyzer: &Analyzer,
) -> Result<Arc<Sounds>, TantivyError> {
    let documents = searcher.num_docs();
    let seldom = IN_TEXTS.max(documents / FEW_TEXTS);
    let mut words: Vec<(String, u32)> = Vec::new();
    for (field, times, max_chars, least) in
        [(fields.title, RARER_IN_TITLES, sounds::MAX_CHARS, 1), (fields.body, 1, MAX_CHARS_OF_TEXTS, seldom)]
    {
        let readers = searcher.segment_readers().iter().map(|reader| reader.inverted_index(field));
        let readers = readers.collect::<Result<Vec<_>, _>>()?;
        let streams = readers.iter().map(|reader| reader.terms().stream()).collect::<std::io::Result<Vec<_>>>()?;
        let mut terms = TermMerger::new(streams);
        while terms.advance() {
            let key = terms.key();
            // Most ideographs take three bytes; Latin words and figures are not looked at.
            if !(3 * sounds::MIN_CHARS..=4 * max_chars).contains(&key.len()) || key[0] < 0xE3 {
                continue;
            }
            let frequency: u32 = terms.current_segment_ords_and_term_infos().map(|(_, info)| info.doc_freq).sum();
            if u64::from(frequency) < least {
                continue;
            }
            if let Ok(word) = std::str::from_utf8(terms.key())
                && word.chars().count() <= max_chars
            {
                words.push((word.to_owned(), frequency.saturating_mul(times)));
            }
        }
    }
    for term in analyzer.terms() {
        let frequency = searcher.doc_freq(&Term::from_field_text(fields.body, term))?;
        words.push((term.clone(), u32::try_from(frequency).unwrap_or(u32::MAX)));
    }
    let sounds = Arc::new(Sounds::new(words));
    *known.known.lock().unwrap_or_else(PoisonError::into_inner) = Some((documents, sounds.clone()));
    Ok(sounds)
}

fn open_files(dir: &Path, analyzer: &Analyzer) -> Result<(Index, IndexReader, Fields), TantivyError> {
    let (schema, fields) = schema::schema();
    let directory = MmapDirectory::open(dir)?;
    let index = Index::open_or_create(directory, schema)?;
    index.tokenizers().register(schema::TOKENIZER, DocumentTokenizer::new(analyzer.clone()));
    index.tokenizers().register(schema::PAIRS, PairTokenizer::new(analyzer.clone()));
    let reader = index.reader_builder().reload_policy(ReloadPolicy::Manual).try_into()?;
    Ok((index, reader, fields))
}

/// Whether files are missing or hold something else, as against a disk or a permission that fails.
fn is_damage(error: &TantivyError) -> bool {
    matches!(
        error,
        TantivyError::DataCorruption(_)
            | TantivyError::SchemaError(_)
            | TantivyError::IncompatibleIndex(_)
            | TantivyError::OpenReadError(OpenReadError::FileDoesNotExist(_) | OpenReadError::IncompatibleIndex(_))
    )
}

/// Takes the files of a damaged index away, unless another process writes there.
fn empty(dir: &Path, damage: &TantivyError) -> Result<(), IndexError> {
    use tantivy::Directory;
    let damaged = || IndexError::Damaged { dir: dir.display().to_string(), what: damage.to_string() };
    let directory = MmapDirectory::open(dir).map_err(TantivyError::from)?;
    let lock = directory.acquire_lock(&tantivy::directory::INDEX_WRITER_LOCK).map_err(|_| damaged())?;
    for entry in std::fs::read_dir(dir)? {
        let path = entry?.path();
        let is_lock = path.extension().is_some_and(|extension| extension == "lock");
        if path.is_file() && !is_lock {
            std::fs::remove_file(path)?;
        }
    }
    drop(lock);
    Ok(())
}

#[cfg(test)]
mod tests;
