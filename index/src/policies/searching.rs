//! Searching the policy index: a query is read, what it asks for is found, and what was found is dressed.

use std::sync::Arc;

use chrono::NaiveDate;
use tantivy::query::TermQuery;
use tantivy::schema::IndexRecordOption;
use tantivy::{DocAddress, Searcher, Term};
use zhida_schemas::Policy;
use zhida_schemas::policy::AttachmentState;

use super::columns::{Columns, NONE};
use super::highlight::Highlighter;
use super::postings::Postings;
use super::results::{Head, read_record};
use super::search::{self, Found, Needed, Wanted};
use super::stored::{Opening, Whole};
use super::{
    Cursor, FieldCondition, Highlight, Hit, IndexError, MAX_DEPTH, NamedRegion, PolicyIndex, Proposal, SearchRequest,
    SearchResults, Sort, Understood, similar,
};
use crate::query::build::{Builder, NEEDED, Plan, Role};
use crate::query::correct::{Correction, Corrector, TIMES_TO_PROPOSE};
use crate::query::fields::Asked;
use crate::query::hints::Hints;
use crate::query::parse::{self, Parsed, Part};
use crate::query::sounds::Sounds;

/// Where fewer documents hold most of a query, those that hold less are found as well.
const ENOUGH: usize = 10;

/// A query as it was read.
pub(crate) struct Reading {
    parsed: Parsed,
    hints: Hints,
    corrections: Vec<Correction>,
    /// The words of the index by their sound, where the query has one that is next to unknown.
    sounds: Option<Arc<Sounds>>,
    /// What is looked for.
    pub(crate) plan: Plan,
}

impl Reading {
    /// Whether there are words, or a number, to be found.
    fn has_words(&self) -> bool {
        self.plan.clauses.iter().any(|clause| !clause.alternatives.is_empty())
    }

    fn asks_something(&self) -> bool {
        self.has_words() || !self.plan.required.is_empty() || !self.plan.excluded.is_empty()
    }

    /// The region and the subject that the query's field words ask for.
    fn asked_for(&self) -> (Option<&str>, Option<&str>) {
        let (mut region, mut subject) = (None, None);
        for condition in self.parsed.conditions.iter().filter(|condition| !condition.excludes) {
            match &condition.asked {
                Asked::Region(typed) => region = region.or(Some(typed.code)),
                Asked::Subject(typed) => subject = subject.or(Some(typed.as_str())),
                _ => {}
            }
        }
        (region, subject)
    }

    fn understood(self, did_you_mean: Option<Proposal>, loosened: bool) -> Understood {
        let Self { parsed, hints, corrections, plan, .. } = self;
        let alternatives = parsed.groups.iter().flatten().filter_map(|part| match part {
            Part::Field(asked) => Some((&**asked, false)),
            _ => None,
        });
        let conditions = parsed.conditions.iter().map(|condition| (&condition.asked, condition.excludes));
        let fields = conditions.chain(alternatives).map(|(asked, excluded)| FieldCondition {
            field: asked.field(),
            value: asked.shown(),
            excluded,
        });
        let phrases = parsed.groups.iter().flatten().filter_map(|part| match part {
            Part::Phrase(text) => Some(text.clone()),
            _ => None,
        });
        Understood {
            fields: fields.collect(),
            issuers: plan.issuers,
            region: hints.place.map(|place| NamedRegion { code: place.code, name: place.name }),
            dated: hints.dated,
            did_you_mean,
            loosened,
            words: plan.words,
            phrases: phrases.collect(),
            excluded: parsed.excluded.iter().map(|part| part.text().to_owned()).collect(),
            doc_number: parsed.number.map(|number| number.shown()),
            corrections,
        }
    }
}

impl PolicyIndex {
    /// Searches. `today` decides recency.
    ///
    /// # Errors
    /// [`IndexError::TooDeep`] beyond [`MAX_DEPTH`] results; [`IndexError::ForeignCursor`].
    pub fn search(&self, request: &SearchRequest, today: NaiveDate) -> Result<SearchResults, IndexError> {
        let end = request.offset.saturating_add(request.limit);
        if end > MAX_DEPTH {
            return Err(IndexError::TooDeep(MAX_DEPTH));
        }
        if request.after.is_some_and(|after| !after.is_of(request)) {
            return Err(IndexError::ForeignCursor);
        }
        let searcher = self.reader.searcher();
        let postings = Postings::new(&searcher);
        let mut reading = self.read(&request.query, &postings, today)?;
        if !reading.asks_something() && !request.query.trim().is_empty() {
            // Punctuation, emoji: something was asked, and nothing says it.
            return Ok(SearchResults::default());
        }
        // Without words everything is equally relevant: the newest first.
        let by_date = SearchRequest { sort: Sort::Published, ..request.clone() };
        let sorted = if reading.has_words() || request.sort != Sort::Relevance { request } else { &by_date };
        // one more, to know whether there is a next page
        let wanted =
            Wanted { request: sorted, keep: end + 1, after: request.after, needed: Needed::Most, facets: true, today };
        let (found, loosened) = self.find(&mut reading, &postings, &wanted)?;
        let did_you_mean = self.propose(&reading, &request.query, &postings, &wanted, found.total)?;
        let highlighter = Highlighter::new(&self.analyzer, &reading.plan.marks);
        let mut hits = Vec::with_capacity(request.limit.min(found.best.len()));
        for (place, best) in found.best.iter().enumerate().skip(request.offset).take(request.limit) {
            let mut hit = self.hit(&searcher, best.address, best.score, Some(&highlighter))?;
            hit.copies = best.copies;
            if request.explain && sorted.sort == Sort::Relevance {
                let best = (best, place < found.compared);
                let parts = search::explain(&postings, &self.names, &self.columns, &reading.plan, best, today)?;
                hit.explanation = Some(parts);
            }
            hits.push(hit);
        }
        let last = found.best.get(end.wrapping_sub(1)).filter(|_| request.limit > 0 && found.best.len() > end);
        let next = last.map(|last| Cursor::new(last.place, end <= found.compared, request));
        let (region, subject) = reading.asked_for();
        let (region, subject) = (request.region.as_deref().or(region), request.subject.as_deref().or(subject));
        let facets = found.counts.map(|counts| counts.into_facets(&self.names, region, subject)).unwrap_or_default();
        Ok(SearchResults {
            total: found.total,
            hits,
            next,
            facets,
            understood: reading.understood(did_you_mean, loosened),
        })
    }

    /// Reads a query.
    pub(crate) fn read(&self, query: &str, postings: &Postings<'_>, today: NaiveDate) -> Result<Reading, IndexError> {
        let mut parsed = parse::parse(query, &self.analyzer);
        let corrector = self.corrector(postings);
        let sounds = corrector.is_needed(&parsed)?.then(|| self.sounds(postings.searcher())).transpose()?;
        let corrections = match sounds.as_deref() {
            Some(sounds) => corrector.correct(&mut parsed, sounds)?,
            None => Vec::new(),
        };
        let hints = Hints::read(&mut parsed, &self.analyzer, today);
        let plan = self.builder(postings, &hints).plan(&parsed)?;
        Ok(Reading { parsed, hints, corrections, sounds, plan })
    }

    /// Runs a plan for documents that hold most of it; where those are few, for those that hold less as well, and where
    /// there are none, for those that hold any. Also whether they need not hold most.
    fn run_most(&self, postings: &Postings<'_>, plan: &Plan, wanted: &Wanted<'_>) -> Result<(Found, bool), IndexError> {
        let found = self.run(postings, plan, wanted)?;
        let has_words = plan.clauses.iter().any(|clause| matches!(clause.role, Role::Word(_) | Role::Weak(_)));
        if found.total >= ENOUGH || !has_words {
            return Ok((found, false));
        }
        let less = NEEDED * plan.strictness();
        let more = self.run(postings, plan, &Wanted { needed: Needed::Share(less), ..*wanted })?;
        match more.total {
            0 => Ok((self.run(postings, plan, &Wanted { needed: Needed::Share(0.0), ..*wanted })?, true)),
            total if total == found.total => Ok((found, false)),
            _ => Ok((more, true)),
        }
    }

    /// Runs a plan.
    pub(crate) fn run(&self, postings: &Postings<'_>, plan: &Plan, wanted: &Wanted<'_>) -> Result<Found, IndexError> {
        Ok(search::run(postings, &self.fields, &self.names, &self.columns, plan, wanted)?)
    }

    /// Runs what was read; where nothing is found, what else it may have meant.
    fn find(
        &self,
        reading: &mut Reading,
        postings: &Postings<'_>,
        wanted: &Wanted<'_>,
    ) -> Result<(Found, bool), IndexError> {
        let found = self.run_most(postings, &reading.plan, wanted)?;
        if found.0.total > 0 {
            return Ok(found);
        }
        if let Some(misread) = reading.parsed.number.take() {
            // Nothing has the number: it may have been words.
            reading.parsed.groups.insert(0, vec![Part::Text(misread.shown())]);
            let plan = self.builder(postings, &reading.hints).plan(&reading.parsed)?;
            let found = self.run_most(postings, &plan, wanted)?;
            if found.0.total > 0 {
                reading.plan = plan;
                return Ok(found);
            }
            reading.parsed.number = Some(misread);
        }
        Ok(found)
    }

    /// Another query that finds much more, of words that sound or look like those of this one.
    fn propose(
        &self,
        reading: &Reading,
        query: &str,
        postings: &Postings<'_>,
        wanted: &Wanted<'_>,
        total: usize,
    ) -> Result<Option<Proposal>, IndexError> {
        let Some(sounds) = reading.sounds.as_deref().filter(|_| reading.corrections.is_empty() && total > 0) else {
            return Ok(None);
        };
        let Some((changed, change)) = self.corrector(postings).propose(&reading.parsed, sounds)? else {
            return Ok(None);
        };
        let plan = self.builder(postings, &reading.hints).plan(&changed)?;
        let counted = Wanted { keep: 0, after: None, facets: false, ..*wanted };
        let other = self.run_most(postings, &plan, &counted)?.0.total;
        let much_more = other as u64 >= TIMES_TO_PROPOSE.saturating_mul(total as u64);
        Ok(much_more.then(|| Proposal { query: change.in_text(query, &self.analyzer), total: other }))
    }

    fn corrector<'a>(&'a self, postings: &'a Postings<'a>) -> Corrector<'a> {
        Corrector { analyzer: &self.analyzer, postings, fields: &self.fields }
    }

    fn builder<'a>(&'a self, postings: &'a Postings<'a>, hints: &'a Hints) -> Builder<'a> {
        Builder { analyzer: &self.analyzer, fields: &self.fields, synonyms: &self.synonyms, postings, hints }
    }

    /// Policies like this one, best first, itself left out; empty for an unknown id.
    pub fn similar(&self, id: &str, limit: usize) -> Result<Vec<Hit>, IndexError> {
        let searcher = self.reader.searcher();
        let postings = Postings::new(&searcher);
        let Some(own) = self.address(&searcher, id)? else { return Ok(Vec::new()) };
        let document: Opening = searcher.doc(own)?;
        let policy: Policy = read_record(&document.record)?;
        let attached = document.attachments.first().map_or("", String::as_str);
        let body = if document.body.is_empty() { attached } else { document.body.as_str() };
        let plan = similar::plan(&postings, &self.fields, &self.analyzer, &policy.title, body)?;
        if plan.clauses.is_empty() {
            return Ok(Vec::new());
        }
        let wanted = Wanted {
            request: &SearchRequest { fold: true, ..SearchRequest::default() },
            keep: limit.saturating_add(1).min(MAX_DEPTH),
            after: None,
            needed: Needed::Share(similar::NEEDED),
            facets: false,
            today: policy.dated_on().unwrap_or_default(),
        };
        let found = self.run(&postings, &plan, &wanted)?;
        let itself = self.copies_at(&searcher, own)?;
        let mut others = Vec::with_capacity(found.best.len());
        for best in found.best.iter().filter(|best| best.address != own) {
            if itself.is_none() || self.copies_at(&searcher, best.address)? != itself {
                others.push(best);
            }
        }
        let others = others.into_iter().take(limit);
        others.map(|best| self.hit(&searcher, best.address, best.score, None)).collect()
    }

    /// What a document has in common with its copies, if it may have any.
    fn copies_at(&self, searcher: &Searcher, address: DocAddress) -> Result<Option<u32>, IndexError> {
        let reader = searcher.segment_reader(address.segment_ord);
        let columns = self.columns.of(reader, searcher, |reader| Columns::read(reader, &self.names))?;
        Ok(Some(columns.row(address.doc_id).copies).filter(|&copies| copies != NONE))
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
        let Opening { record, body, .. } = searcher.doc(address)?;
        let Head { id, title } = read_record(&record)?;
        let (id, mut highlight) = (id.into_owned(), Highlight::default());
        if let Some(highlighter) = highlighter {
            highlight.title = highlighter.marked(&title);
            match highlighter.passage(&body) {
                Some(passage) => highlight.body = passage,
                None if highlighter.is_empty() => highlight.body = highlighter.beginning(&body),
                None => {
                    let found = searcher.doc::<Whole>(address)?.attachments.into_iter().enumerate();
                    let found = found.filter_map(|(at, text)| Some((at, highlighter.passage(&text)?))).next();
                    if let Some((at, passage)) = found {
                        highlight.body = passage;
                        highlight.attachment = attachment_name(&record, at)?;
                    } else {
                        highlight.body = highlighter.beginning(&body);
                    }
                }
            }
        }
        Ok(Hit { score, id, record, highlight, copies: 0, explanation: None })
    }
}

/// Name of an attachment by its place among those that were read.
fn attachment_name(record: &str, at: usize) -> Result<Option<String>, IndexError> {
    let policy: Policy = read_record(record)?;
    let mut read = policy.attachments.into_iter().filter(|attachment| attachment.state == AttachmentState::Read);
    Ok(read.nth(at).map(|attachment| attachment.name))
}
