//! The policy index on Tantivy.

mod columns;
pub(crate) mod copies;
mod cursor;
mod explain;
mod facets;
pub mod highlight;
pub(crate) mod postings;
pub mod schema;
pub mod search;
mod segments;
pub mod similar;
mod stored;
pub mod suggest;
mod write;

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use tantivy::directory::MmapDirectory;
use tantivy::directory::error::OpenReadError;
use tantivy::error::DataCorruption;
use tantivy::query::TermQuery;
use tantivy::schema::IndexRecordOption;
use tantivy::{DocAddress, Index, IndexReader, ReloadPolicy, Searcher, TantivyError, Term};
use zhida_schemas::policy::Validity;
use zhida_schemas::{Policy, vocabularies};

use self::columns::{Columns, Names};
pub use self::cursor::Cursor;
pub use self::explain::{Explanation, Part};
use self::highlight::Highlighter;
use self::postings::Postings;
use self::schema::Fields;
use self::search::{Found, Wanted};
use self::segments::BySegment;
use self::stored::{Opening, Whole};
use self::suggest::{Suggester, Titles};
pub use self::write::PolicyWriter;
use crate::Analyzer;
use crate::query::build::{Builder, NEEDED, Plan};
use crate::query::correct::{Correction, Corrector, TIMES_TO_PROPOSE};
use crate::query::dates::Span;
use crate::query::fields::Asked;
use crate::query::hints::Hints;
use crate::query::parse;
use crate::query::sounds::Sounds;
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

/// A search, after the edges have parsed it.
#[derive(Debug, Clone, Default)]
pub struct SearchRequest {
    /// As typed. Empty finds everything that passes the filters.
    pub query: String,
    /// GB/T 2260 code: documents of this region and of all below it.
    pub region: Option<String>,
    /// With `region`: also documents of the regions above it, as they apply there too.
    pub applies_to_region: bool,
    /// Full name of an issuer.
    pub issuer: Option<String>,
    /// 公文种类.
    pub kind: Option<String>,
    /// Subject path or its beginning.
    pub subject: Option<String>,
    /// Industry code or its beginning.
    pub industry: Option<String>,
    /// 时效.
    pub validity: Option<Validity>,
    /// First day of publication.
    pub published_from: Option<NaiveDate>,
    /// Last day of publication.
    pub published_to: Option<NaiveDate>,
    /// A day on which the application window is open.
    pub open_on: Option<NaiveDate>,
    /// State of the application window on the day of the search.
    pub window: Option<WindowState>,
    /// Order of results.
    pub sort: Sort,
    /// Whether copies and versions of one document are one result; those of a number that is asked for are not.
    pub fold: bool,
    /// Whether the parts of each score are shown; by relevance only.
    pub explain: bool,
    /// Only results behind the last one of another page of the same search; any depth.
    pub after: Option<Cursor>,
    /// How many results are skipped.
    pub offset: usize,
    /// How many results are returned.
    pub limit: usize,
}

/// Order of results.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Sort {
    /// Best first.
    #[default]
    Relevance,
    /// Newest first.
    Published,
    /// The window that closes first, first.
    Closing,
}

/// State of an application window on a day; the first is the best of a document's several.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum WindowState {
    /// Applications are taken.
    Open,
    /// It has not opened.
    Upcoming,
    /// It has closed.
    Closed,
}

impl WindowState {
    /// Every state, in order.
    pub const ALL: [Self; 3] = [Self::Open, Self::Upcoming, Self::Closed];

    /// As in requests and facets.
    pub fn name(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Upcoming => "upcoming",
            Self::Closed => "closed",
        }
    }

    /// As readers know it.
    pub fn label(self) -> &'static str {
        match self {
            Self::Open => "正在受理",
            Self::Upcoming => "尚未开始",
            Self::Closed => "已经截止",
        }
    }
}

/// Results of a search.
#[derive(Debug, Clone, Default)]
pub struct SearchResults {
    /// How many documents match.
    pub total: usize,
    /// The page that was asked for.
    pub hits: Vec<Hit>,
    /// For the page behind it; `None` on the last.
    pub next: Option<Cursor>,
    /// Counts by `region` (direct children of the filter's region), `kind`, `year`, `issuer`, `subject` (direct children
    /// of the filter's subject), `validity`, `window`, the largest first.
    pub facets: BTreeMap<String, Vec<Facet>>,
    /// How the query was read.
    pub understood: Understood,
}

/// One count.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Facet {
    /// What goes into the filter (a code, a name, a year).
    pub value: String,
    /// What is shown.
    pub label: String,
    /// How many of the results have it.
    pub count: u64,
}

/// How a query was read.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Understood {
    /// Words that were looked for.
    pub words: Vec<String>,
    /// Phrases between quotes.
    pub phrases: Vec<String>,
    /// Words that must not occur.
    pub excluded: Vec<String>,
    /// Document number, in its key form.
    pub doc_number: Option<String>,
    /// What was read as something else: pinyin, slips.
    pub corrections: Vec<Correction>,
    /// Field words with their values.
    pub fields: Vec<FieldCondition>,
    /// Full names of the offices that the query names, as issuers.
    pub issuers: Vec<String>,
    /// The place that it names: documents of other places sink.
    pub region: Option<NamedRegion>,
    /// The days that it names: documents of those days rise.
    pub dated: Option<Span>,
    /// A query of words that sound or look alike, of which much more is found.
    pub did_you_mean: Option<Proposal>,
}

/// A field word with its value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FieldCondition {
    /// Name of the field.
    pub field: &'static str,
    /// Its value as it was read.
    pub value: String,
    /// Whether documents with it are left out.
    pub excluded: bool,
}

/// A region with its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct NamedRegion {
    /// GB/T 2260 code.
    pub code: &'static str,
    /// Full name.
    pub name: &'static str,
}

/// Another query.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Proposal {
    /// To be typed instead.
    pub query: String,
    /// How many policies it finds.
    pub total: usize,
}

/// One result: the policy without its text.
#[derive(Debug, Clone)]
pub struct Hit {
    /// Higher is better; only comparable within one result list.
    pub score: f32,
    /// Identity of the policy.
    pub id: String,
    /// The record as JSON, with `body_text`, `body_html` and attachment texts emptied: what answers an API is passed
    /// on as it is stored.
    pub record: String,
    /// Safe HTML with `<mark>` around what was found.
    pub highlight: Highlight,
    /// How many copies and versions of it were found besides.
    pub copies: usize,
    /// The parts of the score, where they were asked for.
    pub explanation: Option<Explanation>,
}

impl Hit {
    /// The record, read.
    ///
    /// # Errors
    /// The index is damaged.
    pub fn policy(&self) -> Result<Policy, IndexError> {
        read_record(&self.record)
    }
}

/// Safe HTML with `<mark>` around what was found.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Highlight {
    /// The whole title.
    pub title: String,
    /// The best passage of the text.
    pub body: String,
}

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
    sounds: Mutex<Option<(u64, Arc<Sounds>)>>,
    dir: PathBuf,
}

/// Words are filed by their sound anew when the index has grown or shrunk by this share.
const SOUNDS_CHANGE: u64 = 10;
/// A word stands in so many times as many texts as titles.
const RARER_IN_TITLES: u64 = 10;

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
            sounds: Mutex::default(),
            dir: dir.to_owned(),
        };
        // Tantivy panics where a block of a column cannot be unpacked
        let warmed = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| opened.warm()));
        warmed.unwrap_or_else(|_| {
            let what = "a column cannot be read".to_owned();
            Err(TantivyError::DataCorruption(DataCorruption::comment_only(what)))
        })?;
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

    /// Searches. `today` decides recency.
    ///
    /// # Errors
    /// [`IndexError::TooDeep`] beyond [`MAX_DEPTH`] results.
    pub fn search(&self, request: &SearchRequest, today: NaiveDate) -> Result<SearchResults, IndexError> {
        let keep = request.offset.saturating_add(request.limit);
        if keep > MAX_DEPTH {
            return Err(IndexError::TooDeep(MAX_DEPTH));
        }
        if request.after.is_some_and(|after| !after.is_of(request)) {
            return Err(IndexError::ForeignCursor);
        }
        // one more, to know whether there is a next page
        let keep = keep + 1;
        let searcher = self.reader.searcher();
        let postings = Postings::new(&searcher);
        let mut parsed = parse::parse(&request.query, &self.analyzer);
        let corrector = Corrector { analyzer: &self.analyzer, postings: &postings, fields: &self.fields };
        let sounds = corrector.is_needed(&parsed)?.then(|| self.sounds(&searcher)).transpose()?;
        let corrections = match sounds.as_deref() {
            Some(sounds) => corrector.correct(&mut parsed, sounds)?,
            None => Vec::new(),
        };
        let hints = Hints::read(&mut parsed, &self.analyzer, today);
        let builder = Builder {
            analyzer: &self.analyzer,
            fields: &self.fields,
            synonyms: &self.synonyms,
            postings: &postings,
            hints: &hints,
        };
        let by_date = SearchRequest { sort: Sort::Published, ..request.clone() };
        let mut plan = builder.plan(&parsed)?;
        // Without words everything is equally relevant: the newest first.
        let asked = request;
        let has_words = plan.clauses.iter().any(|clause| !clause.alternatives.is_empty());
        let asks_something = has_words || !plan.required.is_empty() || !plan.excluded.is_empty();
        if !asks_something && !request.query.trim().is_empty() {
            // Punctuation, emoji: something was asked, and nothing says it.
            return Ok(SearchResults::default());
        }
        let request = if has_words || request.sort != Sort::Relevance { request } else { &by_date };
        let mut wanted = Wanted { request, keep, after: request.after, needed: NEEDED, facets: true, today };
        let mut found = search::run(&postings, &self.fields, &self.names, &self.columns, &plan, &wanted)?;
        let mut number = parsed.number.take();
        if found.total == 0
            && let Some(misread) = &number
        {
            // Nothing has the number: it may have been words.
            let text = misread.shown();
            parsed.groups.insert(0, vec![parse::Part::Text(text)]);
            let words = builder.plan(&parsed)?;
            found = search::run(&postings, &self.fields, &self.names, &self.columns, &words, &wanted)?;
            if found.total > 0 {
                plan = words;
                number = None;
            }
        }
        if found.total == 0 && has_words {
            // No document holds most of it: then those that hold any.
            wanted.needed = 0.0;
            found = search::run(&postings, &self.fields, &self.names, &self.columns, &plan, &wanted)?;
        }
        let did_you_mean = match sounds.as_deref() {
            Some(sounds) if corrections.is_empty() && found.total > 0 => match corrector.propose(&parsed, sounds)? {
                Some((changed, change)) => {
                    let plan = builder.plan(&changed)?;
                    let counted = Wanted { request, keep: 0, after: None, needed: NEEDED, facets: false, today };
                    let other = search::run(&postings, &self.fields, &self.names, &self.columns, &plan, &counted)?;
                    let much_more = other.total as u64 >= TIMES_TO_PROPOSE.saturating_mul(found.total as u64);
                    let query = change.in_text(&asked.query, &self.analyzer);
                    much_more.then_some(Proposal { query, total: other.total })
                }
                None => None,
            },
            _ => None,
        };
        let highlighter = Highlighter::new(&self.analyzer, &plan.marks);
        let hits = found
            .best
            .iter()
            .skip(request.offset)
            .take(request.limit)
            .zip(request.offset..)
            .map(|(best, place)| {
                let mut hit = self.hit(&searcher, best.address, best.score, Some(&highlighter))?;
                hit.copies = best.copies;
                if request.explain && request.sort == Sort::Relevance {
                    let best = (best, place < found.compared);
                    let parts = search::explain(&postings, &self.names, &self.columns, &plan, best, today)?;
                    hit.explanation = Some(parts);
                }
                Ok(hit)
            })
            .collect::<Result<_, IndexError>>()?;
        let end = request.offset + request.limit;
        let last = found.best.get(end.wrapping_sub(1)).filter(|_| request.limit > 0 && found.best.len() > end);
        let next = last.map(|last| Cursor::new(last.place, end <= found.compared, asked));
        let fields = parsed.conditions.iter().map(|condition| FieldCondition {
            field: condition.asked.field(),
            value: condition.asked.shown(),
            excluded: condition.excludes,
        });
        let understood = Understood {
            fields: fields.collect(),
            issuers: plan.issuers,
            region: hints.place.map(|place| NamedRegion { code: place.code, name: place.name }),
            dated: hints.dated,
            did_you_mean,
            words: plan.words,
            phrases: parsed
                .groups
                .iter()
                .flatten()
                .filter_map(|part| match part {
                    parse::Part::Phrase(text) => Some(text.clone()),
                    parse::Part::Text(_) => None,
                })
                .collect(),
            excluded: parsed.excluded.iter().map(|part| part.text().to_owned()).collect(),
            doc_number: number.map(|number| number.shown()),
            corrections,
        };
        let (mut region, mut subject) = (request.region.as_deref(), request.subject.as_deref());
        for condition in parsed.conditions.iter().filter(|condition| !condition.excludes) {
            match &condition.asked {
                Asked::Region(typed) => region = region.or(Some(typed.code)),
                Asked::Subject(typed) => subject = subject.or(Some(typed)),
                _ => {}
            }
        }
        let facets = found.counts.map(|counts| counts.into_facets(&self.names, region, subject)).unwrap_or_default();
        Ok(SearchResults { total: found.total, hits, next, facets, understood })
    }

    /// Policies like this one, best first, itself left out; empty for an unknown id.
    pub fn similar(&self, id: &str, limit: usize) -> Result<Vec<Hit>, IndexError> {
        let searcher = self.reader.searcher();
        let postings = Postings::new(&searcher);
        let Some(own) = self.address(&searcher, id)? else { return Ok(Vec::new()) };
        let document: Opening = searcher.doc(own)?;
        let policy: Policy = read_record(&document.record)?;
        let body = document.texts.first().map_or("", String::as_str);
        let plan: Plan = similar::plan(&postings, &self.fields, &self.analyzer, &policy.title, body)?;
        let request = SearchRequest::default();
        let wanted = Wanted {
            request: &request,
            keep: limit.saturating_add(1).min(MAX_DEPTH),
            after: None,
            needed: similar::NEEDED,
            facets: false,
            today: policy.dated_on().unwrap_or_default(),
        };
        if plan.clauses.is_empty() {
            return Ok(Vec::new());
        }
        let found: Found = search::run(&postings, &self.fields, &self.names, &self.columns, &plan, &wanted)?;
        found
            .best
            .iter()
            .filter(|best| best.address != own)
            .take(limit)
            .map(|best| self.hit(&searcher, best.address, best.score, None))
            .collect()
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
            by_sound: &|typed| self.sounds(&searcher).map(|sounds| sounds.of_latin(typed)).unwrap_or_default(),
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

    /// How many policies are indexed.
    pub fn len(&self) -> usize {
        self.reader.searcher().num_docs() as usize
    }

    /// Whether none are.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The words of titles and of the dictionary of terms by their sound; filed when first needed.
    fn sounds(&self, searcher: &Searcher) -> Result<Arc<Sounds>, IndexError> {
        let documents = searcher.num_docs();
        let mut known = self.sounds.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((then, sounds)) = &*known
            && documents.abs_diff(*then) <= then / SOUNDS_CHANGE
        {
            return Ok(sounds.clone());
        }
        let mut words: BTreeMap<String, u32> = BTreeMap::new();
        for reader in searcher.segment_readers() {
            let inverted = reader.inverted_index(self.fields.title)?;
            let mut terms = inverted.terms().stream()?;
            while let Some((term, info)) = terms.next() {
                if let Ok(term) = std::str::from_utf8(term) {
                    *words.entry(term.to_owned()).or_default() += info.doc_freq;
                }
            }
        }
        for term in self.analyzer.terms() {
            if !words.contains_key(term) {
                let frequency = searcher.doc_freq(&Term::from_field_text(self.fields.body, term))?;
                // As in titles, where a word is about so many times rarer.
                words.insert(term.clone(), u32::try_from(frequency / RARER_IN_TITLES).unwrap_or(u32::MAX));
            }
        }
        let sounds = Arc::new(Sounds::new(words));
        *known = Some((documents, sounds.clone()));
        Ok(sounds)
    }

    fn address(&self, searcher: &Searcher, id: &str) -> Result<Option<DocAddress>, IndexError> {
        let query = TermQuery::new(Term::from_field_text(self.fields.id, id), IndexRecordOption::Basic);
        Ok(searcher.search(&query, &tantivy::collector::DocSetCollector)?.into_iter().next())
    }

    fn hit(
        &self,
        searcher: &Searcher,
        address: DocAddress,
        score: f32,
        highlighter: Option<&Highlighter<'_>>,
    ) -> Result<Hit, IndexError> {
        let Opening { record, texts } = searcher.doc(address)?;
        let Head { id, title } = read_record(&record)?;
        let (id, mut highlight) = (id.into_owned(), Highlight::default());
        if let Some(highlighter) = highlighter {
            highlight.title = highlighter.marked(&title);
            highlight.body = match texts.first().and_then(|text| highlighter.passage(text)) {
                Some(passage) => passage,
                None if highlighter.is_empty() => highlighter.highlight("", &texts).body,
                // it may be in an attachment
                None => highlighter.highlight("", &searcher.doc::<Whole>(address)?.texts).body,
            };
        }
        Ok(Hit { score, id, record, highlight, copies: 0, explanation: None })
    }
}

/// What is read of every record that is shown.
#[derive(Deserialize)]
struct Head<'a> {
    #[serde(borrow)]
    id: Cow<'a, str>,
    #[serde(borrow)]
    title: Cow<'a, str>,
}

fn read_record<'a, T: Deserialize<'a>>(record: &'a str) -> Result<T, IndexError> {
    serde_json::from_str(record).map_err(|error| IndexError::Record(error.to_string()))
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
