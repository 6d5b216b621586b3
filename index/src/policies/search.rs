//! Runs a plan over the segments: scores, filters, counts facets and keeps the best, in one pass.
//!
//! Tantivy gives the postings and their BM25 scores; what it has no query for is done here: a share of the query's
//! weight that a document has to hold, tiers, and an order that stays the same when segments are merged.

use std::cell::Cell;
use std::collections::HashMap;
use std::sync::Arc;

use chrono::NaiveDate;
use tantivy::query::{BooleanQuery, EnableScoring, Occur, Query, TermQuery, Weight};
use tantivy::schema::IndexRecordOption;
use tantivy::{DocAddress, DocId, Score, Searcher, SegmentReader, Term};
use zhida_schemas::policy::Validity;
use zhida_schemas::region::{self, Region};

use super::columns::{Columns, NONE, Names, Row};
use super::copies;
use super::cursor::{Cursor, Place};
use super::explain::{self, Explanation};
use super::facets::Counts;
use super::postings::{Cursor as Documents, Postings, Source};
use super::schema::{self, Fields};
use super::segments::BySegment;
use super::{SearchRequest, Sort, WindowState};
use crate::query::build::{Clause, Hinted, Plan, Role, TIER_CITES_NUMBER, TIER_OWN_NUMBER};

/// Documents that are scored at a time; the buffers stay in the processor's cache.
const WINDOW: usize = 4096;

/// Looking for one document takes as long as going through so many of a list.
const SEEK: u64 = 24;

/// A document that has only a share of the query is held back: its score times the share to this power.
const HELD_BACK: f32 = 1.5;
/// So many of the best by their words are compared by their pairs of letters.
const LOOKED_AT: usize = 100;

/// A document of today counts this much more than an old one.
const RECENCY: f32 = 0.08;
/// After so many days the bonus is halved.
const RECENCY_HALF_DAYS: f32 = 900.0;
/// A national document counts this much more than one of a county.
const LEVEL: f32 = 0.04;
/// As much more where the query asks for the nation's (国家, 全国).
const LEVEL_ASKED_FOR: f32 = 0.5;
/// What explains or reports a policy counts so many times the policy itself.
const ABOUT_ANOTHER: f32 = 0.8;
/// One on a government's site counts this much more than one elsewhere.
const OFFICIAL: f32 = 0.02;
/// What is out of force counts so many times what is in force, and a draft.
const OUT_OF_FORCE: f32 = 0.6;
const DRAFT: f32 = 0.85;
/// A document of the place that the query names, of one below it, of one above it, of any other place.
const OF_PLACE: f32 = 1.25;
const BELOW_PLACE: f32 = 1.1;
const ABOVE_PLACE: f32 = 1.1;
const OF_ANOTHER_PLACE: f32 = 0.7;
/// A document of the days that the query names.
const OF_THAT_TIME: f32 = 1.2;
/// A document whose window is open, where the query speaks of applying.
const WINDOW_OPEN: f32 = 1.1;

/// What is asked of the results.
pub struct Wanted<'a> {
    /// Filters, order.
    pub request: &'a SearchRequest,
    /// How many of the best are kept.
    pub keep: usize,
    /// Only results behind this one.
    pub after: Option<Cursor>,
    /// What a document has to hold of the query's words.
    pub needed: Needed,
    /// Whether facets are counted.
    pub facets: bool,
    /// The day that decides recency.
    pub today: NaiveDate,
}

/// What a document has to hold of a query's words.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Needed {
    /// More than half of those that say something, or half of their weight; of three and more, two.
    Most,
    /// This share of the weight.
    Share(f32),
}

impl Needed {
    fn share(self) -> f32 {
        match self {
            Self::Most => 0.5,
            Self::Share(share) => share,
        }
    }
}

/// What was found.
#[derive(Default)]
pub struct Found {
    /// How many documents match.
    pub total: usize,
    /// The best, in order.
    pub best: Vec<Best>,
    /// How many of the best were compared more closely.
    pub compared: usize,
    /// Counts of facets, where they were asked for.
    pub counts: Option<Counts>,
}

/// One of the best.
#[derive(Debug, Clone, Copy)]
pub struct Best {
    /// Its place in the order.
    pub place: Place,
    /// What the words' score was multiplied with.
    factor: f32,
    /// Where it is.
    pub address: DocAddress,
    /// Its score.
    pub score: Score,
    /// Copies and versions of it that were found besides.
    pub copies: usize,
}

/// The filters that are terms, as one query; `None` without any.
fn filter_query(fields: &Fields, request: &SearchRequest) -> Option<BooleanQuery> {
    let mut terms: Vec<Vec<Term>> = Vec::new();
    let mut add = |field, value: &Option<String>| {
        if let Some(value) = value.as_deref().filter(|value| !value.is_empty()) {
            terms.push(vec![Term::from_field_text(field, value)]);
        }
    };
    add(fields.issuer, &request.issuer);
    add(fields.kind, &request.kind);
    add(fields.subject, &request.subject.as_deref().map(|subject| subject.trim_matches('/').to_owned()));
    add(fields.industry, &request.industry.as_deref().map(schema::industry_term));
    add(fields.validity, &request.validity.map(|validity| schema::validity_term(validity).to_owned()));
    if !request.applies_to_region {
        add(fields.region, &request.region);
    }
    if terms.is_empty() {
        return None;
    }
    let clauses = terms
        .into_iter()
        .map(|alternatives| {
            let queries: Vec<Box<dyn Query>> = alternatives
                .into_iter()
                .map(|term| -> Box<dyn Query> { Box::new(TermQuery::new(term, IndexRecordOption::Basic)) })
                .collect();
            let query: Box<dyn Query> = Box::new(BooleanQuery::union(queries));
            (Occur::Must, query)
        })
        .collect();
    Some(BooleanQuery::new(clauses))
}

/// A clause ready for every segment.
struct Sourced {
    alternatives: Vec<Vec<Source>>,
    role: Role,
}

/// Runs a plan.
pub fn run(
    postings: &Postings<'_>,
    fields: &Fields,
    names: &Names,
    columns: &BySegment<Columns>,
    plan: &Plan,
    wanted: &Wanted<'_>,
) -> tantivy::Result<Found> {
    let searcher = postings.searcher();
    let silent = EnableScoring::disabled_from_searcher(searcher);
    let clauses = plan.clauses.iter().map(|clause| sourced(clause, postings)).collect::<tantivy::Result<Vec<_>>>()?;
    let excluded = plan.excluded.iter().map(|query| query.weight(silent)).collect::<tantivy::Result<Vec<_>>>()?;
    let filter = filter_query(fields, wanted.request).map(|query| query.weight(silent)).transpose()?;
    let scope = region_scope(wanted.request);
    let of_segments = (searcher.segment_readers().iter())
        .map(|reader| columns.of(reader, searcher, |reader| Columns::read(reader, names)))
        .collect::<tantivy::Result<Vec<_>>>()?;
    let in_scope = scope.as_deref().map(|scope| names.regions.map(|code| in_scope(code, scope)));
    let required = plan.required.iter().map(|query| query.weight(silent)).collect::<tantivy::Result<Vec<_>>>()?;
    let by_place = by_place(plan, names);
    let mut found = Found { counts: wanted.facets.then(|| Counts::new(names)), ..Found::default() };
    let mut window = WINDOWS.take().unwrap_or_default();
    let mut segments = Vec::with_capacity(of_segments.len());
    let mut groups = wanted.request.fold.then(|| Folded { sizes: names.copies.sizes(), found: HashMap::new() });
    for (ordinal, reader) in searcher.segment_readers().iter().enumerate() {
        let mut allowed = filter.as_deref().map(|weight| Bits::of(weight, reader)).transpose()?;
        for weight in &required {
            let bits = Bits::of(weight.as_ref(), reader)?;
            allowed = Some(allowed.map_or(bits.clone(), |allowed| allowed.and(&bits)));
        }
        if !excluded.is_empty() {
            let allowed = allowed.get_or_insert_with(|| Bits::all(reader.max_doc()));
            for weight in &excluded {
                weight.for_each_no_score(reader, &mut |docs| docs.iter().for_each(|&doc| allowed.remove(doc)))?;
            }
        }
        let Some(columns) = of_segments.get(ordinal) else { continue };
        let mut segment = Segment::open(reader, ordinal as u32, wanted, plan, allowed, columns, in_scope.as_deref());
        segment.counts = found.counts.take();
        segment.folded = groups.take();
        segment.by_place = by_place.as_deref();
        segment.most = Factors::most(level_of(plan), &plan.hinted);
        segment.run(&clauses, plan.has_strong, plan.strictness(), searcher, &mut window)?;
        found.counts = segment.counts.take();
        groups = segment.folded.take();
        segments.push(segment);
    }
    WINDOWS.set(Some(window));
    // of each document the copy that leads
    for group in groups.into_iter().flat_map(|groups| groups.found.into_values()) {
        if let Some(segment) = segments.get_mut(group.segment) {
            segment.counts = found.counts.take();
            segment.take(group.doc, group.tier, group.score, group.factor, group.count - 1);
            found.counts = segment.counts.take();
        }
    }
    for segment in &mut segments {
        found.total += segment.total;
        found.best.append(&mut segment.best);
    }
    found.best.sort_unstable_by_key(|best| best.place);
    let after = wanted.after;
    // behind the best that are compared more closely nothing is compared
    if wanted.request.sort == Sort::Relevance && after.is_none_or(|after| after.compared) {
        let closer = plan.closer.iter().map(|boosted| boosted.source(postings)).collect::<tantivy::Result<Vec<_>>>()?;
        found.compared = found.best.len().min(LOOKED_AT);
        let compared = &mut found.best[..found.compared];
        bring_closer(searcher, &closer, compared)?;
        compared.sort_unstable_by_key(|best| best.place);
        if let Some(after) = after {
            let shown = compared.partition_point(|best| best.place <= after.place);
            found.best.drain(..shown);
            found.compared -= shown;
        }
    }
    found.best.truncate(wanted.keep);
    Ok(found)
}

/// What a score is multiplied with, beside the share of the query that a document holds.
#[derive(Debug, Clone, Copy)]
pub struct Factors {
    about: f32,
    recency: f32,
    level: f32,
    official: f32,
    in_force: f32,
    place: f32,
    time: f32,
    window: f32,
}

impl Factors {
    /// `window` reads the state of the document's application window.
    fn of(
        row: &Row,
        today: i64,
        level: f32,
        hinted: &Hinted,
        by_place: Option<&[f32]>,
        window: impl FnOnce() -> Option<WindowState>,
    ) -> Self {
        let standing = u64::from(row.standing);
        let age = row.dated().map_or(f32::INFINITY, |dated| (today - dated).max(0) as f32);
        Self {
            about: if schema::standing_speaks(standing) { 1.0 } else { ABOUT_ANOTHER },
            recency: RECENCY / (1.0 + age / RECENCY_HALF_DAYS),
            level: level * schema::standing_level(standing) as f32 / 3.0,
            official: OFFICIAL * f32::from(schema::standing_site(standing) > 0),
            in_force: match hinted.in_force {
                true => IN_FORCE.get(usize::from(row.validity)).copied().unwrap_or(1.0),
                false => 1.0,
            },
            place: by_place.and_then(|by_place| by_place.get(row.region as usize).copied()).unwrap_or(1.0),
            time: match (hinted.dated, row.dated()) {
                (Some((from, to)), Some(dated)) if (from..=to).contains(&dated) => OF_THAT_TIME,
                _ => 1.0,
            },
            window: match hinted.applying && window() == Some(WindowState::Open) {
                true => WINDOW_OPEN,
                false => 1.0,
            },
        }
    }

    fn product(self) -> f32 {
        let beside = self.in_force * self.place * self.time * self.window;
        self.about * beside * (1.0 + self.recency + self.level + self.official)
    }

    /// The highest product.
    fn most(level: f32, hinted: &Hinted) -> f32 {
        let place = if hinted.place.is_some() { OF_PLACE } else { 1.0 };
        let time = if hinted.dated.is_some() { OF_THAT_TIME } else { 1.0 };
        let window = if hinted.applying { WINDOW_OPEN } else { 1.0 };
        place * time * window * (1.0 + RECENCY + level + OFFICIAL)
    }

    /// Each with its name; what adds to one is given with the one.
    pub fn named(self) -> [(&'static str, &'static str, f32); 8] {
        [
            ("validity", "时效（失效、废止为 0.6）", self.in_force),
            ("place", "检索词里的地区", self.place),
            ("time", "检索词里的时间", self.time),
            ("window", "申请窗口（检索词问申报、窗口正在受理的为 1.1）", self.window),
            ("about", "是政策本身（解读、问答等为 0.8）", self.about),
            ("recency", "发布时间的远近", 1.0 + self.recency),
            ("level", "发文机关的层级", 1.0 + self.level),
            ("official", "来自政府网站", 1.0 + self.official),
        ]
    }
}

/// By number of the issuer's region, what a document is multiplied with where the query names a place.
fn by_place(plan: &Plan, names: &Names) -> Option<Vec<f32>> {
    let place = plan.hinted.place?;
    let above = region::path(place);
    Some(names.regions.map(|code| of_place(code, place, &above)))
}

/// What a national document counts more than one of a county.
fn level_of(plan: &Plan) -> f32 {
    if plan.national { LEVEL_ASKED_FOR } else { LEVEL }
}

/// The parts of the score of one of the best.
pub fn explain(
    postings: &Postings<'_>,
    names: &Names,
    columns: &BySegment<Columns>,
    plan: &Plan,
    (best, compared): (&Best, bool),
    today: NaiveDate,
) -> tantivy::Result<Explanation> {
    let searcher = postings.searcher();
    let reader = searcher.segment_reader(best.address.segment_ord);
    let columns = columns.of(reader, searcher, |reader| Columns::read(reader, names))?;
    let (today, doc) = (schema::day(today), best.address.doc_id);
    let by_place = by_place(plan, names);
    let window = || columns.window(doc, today);
    let factors = Factors::of(columns.row(doc), today, level_of(plan), &plan.hinted, by_place.as_deref(), window);
    let share = best.factor / factors.product();
    explain::explain(postings, plan, best.address, (best.place.tier, share), &factors, compared, best.score)
}

/// Adds to the scores of the best what the pairs of letters that they share with the query count. Those found by words
/// are few, so the long lists of pairs are skipped through.
fn bring_closer(searcher: &Searcher, closer: &[Source], best: &mut [Best]) -> tantivy::Result<()> {
    best.sort_unstable_by_key(|best| best.address);
    for segment in best.chunk_by_mut(|a, b| a.address.segment_ord == b.address.segment_ord) {
        let Some(first) = segment.first() else { continue };
        let ordinal = first.address.segment_ord;
        for source in closer {
            let Some(mut documents) = source.open(searcher, ordinal)? else { continue };
            for best in segment.iter_mut().filter(|best| best.place.tier < TIER_OWN_NUMBER) {
                let doc = best.address.doc_id;
                if documents.seek(doc) == doc {
                    let more = documents.score() * best.factor;
                    best.score += more;
                    best.place.key += f64::from(more);
                }
            }
        }
    }
    Ok(())
}

fn sourced(clause: &Clause, postings: &Postings<'_>) -> tantivy::Result<Sourced> {
    let alternatives = clause
        .alternatives
        .iter()
        .map(|queries| queries.iter().map(|boosted| boosted.source(postings)).collect())
        .collect::<tantivy::Result<_>>()?;
    Ok(Sourced { alternatives, role: clause.role })
}

/// With `applies_to_region`, the codes of the issuer's own region that are in scope: the path to the region, and
/// everything below it (a prefix of the code).
fn region_scope(request: &SearchRequest) -> Option<Vec<String>> {
    let code = request.region.as_deref().filter(|code| request.applies_to_region && !code.is_empty())?;
    let mut codes: Vec<String> = region::path(code).iter().map(|region| region.code.to_owned()).collect();
    if !codes.iter().any(|known| known == code) {
        codes.push(code.to_owned());
    }
    Some(codes)
}

fn keep_best(best: &mut Vec<Best>, keep: usize) {
    if keep == 0 {
        best.clear();
    } else if best.len() > keep {
        best.select_nth_unstable_by_key(keep - 1, |best| best.place);
        best.truncate(keep);
    }
}

/// A set of documents of one segment.
#[derive(Clone)]
struct Bits(Vec<u64>);

impl Bits {
    fn none(documents: u32) -> Self {
        Self(vec![0; (documents as usize).div_ceil(64)])
    }

    fn all(documents: u32) -> Self {
        Self(vec![u64::MAX; (documents as usize).div_ceil(64)])
    }

    fn of(weight: &dyn Weight, reader: &SegmentReader) -> tantivy::Result<Self> {
        let mut bits = Self::none(reader.max_doc());
        weight.for_each_no_score(reader, &mut |docs| docs.iter().for_each(|&doc| bits.insert(doc)))?;
        Ok(bits)
    }

    fn insert(&mut self, doc: DocId) {
        if let Some(word) = self.0.get_mut(doc as usize / 64) {
            *word |= 1 << (doc % 64);
        }
    }

    fn remove(&mut self, doc: DocId) {
        if let Some(word) = self.0.get_mut(doc as usize / 64) {
            *word &= !(1 << (doc % 64));
        }
    }

    fn and(mut self, other: &Self) -> Self {
        self.0.iter_mut().zip(&other.0).for_each(|(word, other)| *word &= other);
        self
    }

    fn contains(&self, doc: DocId) -> bool {
        self.0.get(doc as usize / 64).is_some_and(|word| word >> (doc % 64) & 1 == 1)
    }
}

/// Documents of which there are copies, by number; over all segments.
struct Folded {
    sizes: Arc<[u32]>,
    found: HashMap<u32, Group>,
}

/// Copies of one document that were found, and the one that leads.
struct Group {
    leads: (u8, Option<i64>),
    segment: usize,
    doc: DocId,
    tier: u8,
    score: f32,
    factor: f32,
    count: usize,
}

impl Group {
    fn join(&mut self, other: &Self) {
        let count = self.count + 1;
        if other.leads > self.leads {
            *self = Self { ..*other };
        }
        self.count = count;
    }
}

/// The work on one segment.
struct Segment<'a> {
    ordinal: u32,
    wanted: &'a Wanted<'a>,
    reader: &'a SegmentReader,
    allowed: Option<Bits>,
    /// By number of the issuer's region, whether it is in scope.
    in_scope: Option<&'a [bool]>,
    columns: &'a Columns,
    counts: Option<Counts>,
    /// Copies, where they are folded.
    folded: Option<Folded>,
    today: i64,
    total: usize,
    best: Vec<Best>,
    /// Tier and key of the worst that is kept, once there are enough: what is worse need not be looked at.
    worst: Option<(u8, f64)>,
    /// What a national document counts more than one of a county.
    level: f32,
    /// What else the record counts.
    hinted: Hinted,
    /// By number of the issuer's region.
    by_place: Option<&'a [f32]>,
    /// What a score is multiplied with at most.
    most: f32,
}

impl<'a> Segment<'a> {
    fn open(
        reader: &'a SegmentReader,
        ordinal: u32,
        wanted: &'a Wanted<'a>,
        plan: &Plan,
        allowed: Option<Bits>,
        columns: &'a Columns,
        in_scope: Option<&'a [bool]>,
    ) -> Self {
        Self {
            ordinal,
            wanted,
            reader,
            allowed,
            in_scope,
            columns,
            counts: None,
            folded: None,
            today: schema::day(wanted.today),
            total: 0,
            best: Vec::new(),
            worst: None,
            level: level_of(plan),
            hinted: plan.hinted.clone(),
            by_place: None,
            most: f32::INFINITY,
        }
    }

    fn run(
        &mut self,
        clauses: &[Sourced],
        has_strong: bool,
        strictness: f32,
        searcher: &Searcher,
        window: &mut Window,
    ) -> tantivy::Result<()> {
        let end = self.reader.max_doc();
        let selective = clauses.iter().any(|clause| clause.role != Role::Bonus);
        if !selective {
            for doc in 0..end {
                self.offer(doc, 0, 1.0, 1.0);
            }
            return Ok(());
        }
        let asked = Asked::of(clauses, has_strong, self.wanted.needed);
        let held_back = HELD_BACK * strictness;
        let opened = open_clauses(clauses, searcher, self.ordinal)?;
        let (mut leading, mut following) = asked.split(opened);
        let mut verdicts = Verdicts::new(&asked, held_back);
        // the next document that may be found
        while let Some(base) = leading.iter().filter_map(SegmentClause::doc).min().filter(|&next| next < end) {
            window.score(&mut leading, &mut following, base, end);
            for &index in &window.found {
                let index = usize::from(index);
                if let Some((tier, factor)) = verdicts.of(window.held[index]) {
                    self.offer(base + index as u32, tier, window.total[index] * factor, factor);
                }
            }
        }
        Ok(())
    }

    /// Takes a document that the words match, if it passes the filters.
    fn offer(&mut self, doc: DocId, tier: u8, score: f32, factor: f32) {
        if self.allowed.as_ref().is_some_and(|allowed| !allowed.contains(doc)) || self.reader.is_deleted(doc) {
            return;
        }
        let columns = self.columns;
        let row = columns.row(doc);
        if !self.passes(doc, row) {
            return;
        }
        if let Some(folded) = &mut self.folded
            && folded.sizes.get(row.copies as usize).is_some_and(|&size| size > 1)
        {
            let own =
                Group { leads: copies::leads(row), segment: self.ordinal as usize, doc, tier, score, factor, count: 1 };
            folded.found.entry(row.copies).and_modify(|group| group.join(&own)).or_insert(own);
            return;
        }
        self.take(doc, tier, score, factor, 0);
    }

    /// Takes a document that passed the filters, with so many copies besides.
    fn take(&mut self, doc: DocId, tier: u8, score: f32, factor: f32, copies: usize) {
        let columns = self.columns;
        let row = columns.row(doc);
        self.total += 1;
        if let Some(counts) = &mut self.counts {
            counts.count(columns, row, columns.window(doc, self.today));
        }
        if self.wanted.keep == 0 {
            return;
        }
        // what could not be among the best whatever it is multiplied with
        if let Some(worst) = self.worst
            && self.wanted.request.sort == Sort::Relevance
            && tier == 0
            && (worst.0 > 0 || f64::from(score * self.most) < worst.1)
        {
            return;
        }
        let (tier, key, second, ranked) = self.rank(doc, row, tier, score);
        if self.worst.is_some_and(|worst| tier < worst.0 || (tier == worst.0 && key < worst.1)) {
            return;
        }
        let factor = factor * ranked / score;
        let score = ranked;
        let place = Place { tier, key, second, tie: columns.tie(doc) };
        if self.wanted.after.is_some_and(|after| !after.compared && place <= after.place) {
            return;
        }
        let address = DocAddress::new(self.ordinal, doc);
        self.best.push(Best { place, factor, address, score, copies });
        // those that were shown are among the first
        let keep = LOOKED_AT + self.wanted.keep;
        if self.best.len() >= 3 * keep + 200 {
            keep_best(&mut self.best, keep);
            let worst = self.best.iter().map(|best| best.place).max();
            self.worst = worst.map(|worst| (worst.tier, worst.key));
        }
    }

    fn passes(&self, doc: DocId, row: &Row) -> bool {
        let request = self.wanted.request;
        let dated = row.dated();
        if let Some(in_scope) = self.in_scope
            && (row.region == NONE || !in_scope.get(row.region as usize).copied().unwrap_or(false))
        {
            return false;
        }
        if let Some(from) = request.published_from
            && dated.is_none_or(|dated| dated < schema::day(from))
        {
            return false;
        }
        if let Some(to) = request.published_to
            && dated.is_none_or(|dated| dated > schema::day(to))
        {
            return false;
        }
        if let Some(wanted) = request.window
            && self.columns.window(doc, self.today) != Some(wanted)
        {
            return false;
        }
        if let Some(open_on) = request.open_on {
            let open_on = schema::day(open_on);
            return self.columns.windows(doc).any(|(opens, closes)| opens <= open_on && open_on <= closes);
        }
        true
    }

    fn rank(&self, doc: DocId, row: &Row, tier: u8, score: f32) -> (u8, f64, i64, f32) {
        let (today, dated, standing) = (self.today, row.dated(), u64::from(row.standing));
        match self.wanted.request.sort {
            // The leading copy of a number first: the best place, then the earliest.
            Sort::Relevance if tier == TIER_OWN_NUMBER => {
                (tier, standing as f64, -dated.unwrap_or(i64::MAX), 1000.0 + standing as f32)
            }
            Sort::Relevance => {
                let window = || self.columns.window(doc, today);
                let score = score * Factors::of(row, today, self.level, &self.hinted, self.by_place, window).product();
                (tier, f64::from(score), dated.unwrap_or(i64::MIN), score)
            }
            Sort::Published => (0, dated.map_or(f64::NEG_INFINITY, |dated| dated as f64), 0, score),
            Sort::Closing => {
                let next = self.columns.windows(doc).map(|(_, closes)| closes).filter(|&closes| closes >= today).min();
                let last = self.columns.windows(doc).map(|(_, closes)| closes).max();
                // Windows to come, then open-ended ones, then those that have closed, then documents without.
                let (tier, key) = match (next, last) {
                    (Some(schema::NO_DAY), _) => (2, 0),
                    (Some(closes), _) => (3, -closes),
                    (None, Some(closed)) => (1, closed),
                    (None, None) => (0, 0),
                };
                (tier, key as f64, dated.unwrap_or(i64::MIN), score)
            }
        }
    }
}

/// What a document of this region counts where the query names a place.
fn of_place(code: &str, place: &str, path: &[&Region]) -> f32 {
    // What lies in each other begins with the digits of one province.
    let near = code.get(..2) == place.get(..2);
    if code == place {
        OF_PLACE
    } else if near && region::contains(place, code) {
        BELOW_PLACE
    } else if path.iter().any(|above| above.code == code) {
        ABOVE_PLACE
    } else {
        OF_ANOTHER_PLACE
    }
}

/// What a document counts by its validity, in the order of [`schema::VALIDITIES`].
const IN_FORCE: [f32; schema::VALIDITIES.len()] = {
    let mut factors = [1.0; schema::VALIDITIES.len()];
    let mut number = 0;
    while number < factors.len() {
        factors[number] = match schema::VALIDITIES[number] {
            Validity::Expired | Validity::Repealed => OUT_OF_FORCE,
            Validity::Draft => DRAFT,
            _ => 1.0,
        };
        number += 1;
    }
    factors
};

/// Whether documents of this region's offices apply where the path leads.
fn in_scope(code: &str, scope: &[String]) -> bool {
    scope.iter().any(|above| above == code) || scope.last().is_some_and(|own| region::contains(own, code))
}

/// A clause on one segment, what has no documents there left out.
struct SegmentClause {
    alternatives: Vec<Vec<Documents>>,
    /// Its place among the clauses.
    bit: u64,
}

impl SegmentClause {
    /// The next document of any of its alternatives.
    fn doc(&self) -> Option<DocId> {
        self.alternatives.iter().flatten().map(Documents::doc).min()
    }

    /// At most so many documents.
    fn size(&self) -> u32 {
        self.alternatives.iter().flatten().map(Documents::size).fold(0, u32::saturating_add)
    }
}

fn open_clauses(clauses: &[Sourced], searcher: &Searcher, segment: u32) -> tantivy::Result<Vec<SegmentClause>> {
    let mut opened = Vec::with_capacity(clauses.len());
    for (number, clause) in clauses.iter().enumerate().take(64) {
        let mut alternatives = Vec::new();
        for sources in &clause.alternatives {
            let mut documents = Vec::new();
            for source in sources {
                documents.extend(source.open(searcher, segment)?);
            }
            if !documents.is_empty() {
                alternatives.push(documents);
            }
        }
        if !alternatives.is_empty() {
            opened.push(SegmentClause { alternatives, bit: 1 << number });
        }
    }
    Ok(opened)
}

/// Which clauses of a query say what of a document that holds them, a bit each.
struct Asked {
    /// How many clauses there are.
    clauses: usize,
    /// Weight of all words.
    weight: f32,
    weights: [f32; 64],
    words: u64,
    musts: u64,
    weak: u64,
    enough: [(u64, u8); 2],
    /// Whether the query has a word that says something, in documents or not.
    has_strong: bool,
    /// What has to be held.
    needed: Needed,
}

impl Asked {
    fn of(clauses: &[Sourced], has_strong: bool, needed: Needed) -> Self {
        let tiers = [(0, TIER_OWN_NUMBER), (0, TIER_CITES_NUMBER)];
        let mut asked = Self {
            clauses: clauses.len(),
            weight: 0.0,
            weights: [0.0; 64],
            words: 0,
            musts: 0,
            weak: 0,
            enough: tiers,
            has_strong,
            needed,
        };
        for (number, clause) in clauses.iter().enumerate().take(64) {
            let bit = 1 << number;
            match clause.role {
                Role::Word(weight) | Role::Weak(weight) | Role::Must(weight) => {
                    asked.weight += weight;
                    asked.weights[number] = weight;
                }
                _ => {}
            }
            match clause.role {
                Role::Word(_) => asked.words |= bit,
                Role::Must(_) => (asked.words, asked.musts) = (asked.words | bit, asked.musts | bit),
                Role::Weak(_) => asked.weak |= bit,
                Role::Bonus => {}
                Role::Enough(tier) => {
                    asked.enough.iter_mut().filter(|(_, own)| *own == tier).for_each(|(bits, _)| *bits |= bit);
                }
            }
        }
        asked
    }

    /// Clauses of which a document must hold one to be found, and the others, which are looked for only where one of
    /// those is: as many as can be, the longest first.
    fn split(&self, clauses: Vec<SegmentClause>) -> (Vec<SegmentClause>, Vec<SegmentClause>) {
        let enough = self.enough.iter().fold(0, |bits, (own, _)| bits | own);
        let mut sizes: Vec<(u32, u64)> = clauses.iter().map(|clause| (clause.size(), clause.bit)).collect();
        sizes.sort_unstable();
        let leading = if self.musts != 0 {
            // all of them are needed: the shortest leads
            sizes.iter().find(|(_, bit)| bit & self.musts != 0).map_or(0, |(_, bit)| *bit)
        } else {
            // where the query has words that say something, those that say little find nothing by themselves
            let mut leading = if self.has_strong { self.words } else { self.words | self.weak };
            for (_, bit) in sizes.iter().rev().filter(|(_, bit)| bit & (self.words | self.weak) != 0) {
                if !self.suffices((self.words | self.weak) & !(leading & !bit)) {
                    leading &= !bit;
                }
            }
            leading | enough
        };
        clauses.into_iter().partition(|clause| clause.bit & leading != 0)
    }

    /// Whether a document holds what is needed.
    fn suffices(&self, held: u64) -> bool {
        // A hair less, as sums of the same weights in another order differ.
        let has_share = self.weight_of(held) >= self.weight * self.needed.share() * 0.9999;
        if self.needed != Needed::Most {
            return has_share;
        }
        // words that no document has count nothing
        let known = |bits: u64| (0..64).filter(|bit| bits >> bit & 1 == 1 && self.weights[*bit] > 0.0).count();
        let (of, held) = (known(self.words), known(held & self.words));
        2 * held > of || (has_share && held >= of.min(2).saturating_sub(usize::from(of < 3)))
    }

    fn weight_of(&self, held: u64) -> f32 {
        let mut weight: f32 = 0.0;
        let mut rest = held;
        while rest != 0 {
            weight += self.weights[rest.trailing_zeros() as usize];
            rest &= rest - 1;
        }
        weight
    }

    /// Tier, and what the score is multiplied with, of a document that holds these clauses; `None` when it is not found.
    fn verdict(&self, held: u64, held_back: f32) -> Verdict {
        let tier = self.enough.iter().find(|(bits, _)| held & bits != 0).map_or(0, |(_, tier)| *tier);
        let weight = self.weight_of(held);
        let says_something = held & self.words != 0 || (!self.has_strong && held & self.weak != 0);
        let words = says_something && self.suffices(held);
        if held & self.musts != self.musts || (tier == 0 && !words) {
            return None;
        }
        let share = (weight / self.weight.max(f32::MIN_POSITIVE)).clamp(0.1, 1.0);
        Some((tier, share.powf(held_back)))
    }
}

/// Verdicts that were reached: many documents hold the same clauses.
struct Verdicts<'a> {
    asked: &'a Asked,
    held_back: f32,
    /// By clauses held, when they are few.
    reached: Vec<Option<Verdict>>,
}

/// Tier, and what the score is multiplied with; `None` for a document that is not found.
type Verdict = Option<(u8, f32)>;

impl<'a> Verdicts<'a> {
    fn new(asked: &'a Asked, held_back: f32) -> Self {
        Self { asked, held_back, reached: vec![None; 1 << asked.clauses.min(10)] }
    }

    fn of(&mut self, held: u64) -> Verdict {
        let Some(reached) = self.reached.get_mut(held as usize) else {
            return self.asked.verdict(held, self.held_back);
        };
        *reached.get_or_insert_with(|| self.asked.verdict(held, self.held_back))
    }
}

thread_local! {
    /// The buffers of the last search, which the next one on this thread takes.
    static WINDOWS: Cell<Option<Window>> = const { Cell::new(None) };
}

/// Scores of a stretch of documents.
struct Window {
    total: Vec<f32>,
    clause: Vec<f32>,
    alternative: Vec<f32>,
    /// Clauses that a document holds, a bit each.
    held: Vec<u64>,
    /// Documents that hold one of the leading clauses.
    found: Vec<u16>,
    /// Documents of the present clause, and of the present alternative.
    in_clause: Vec<u16>,
    in_alternative: Vec<u16>,
}

impl Default for Window {
    fn default() -> Self {
        Self {
            total: vec![0.0; WINDOW],
            clause: vec![0.0; WINDOW],
            alternative: vec![0.0; WINDOW],
            held: vec![0; WINDOW],
            found: Vec::with_capacity(WINDOW),
            in_clause: Vec::with_capacity(WINDOW),
            in_alternative: Vec::with_capacity(WINDOW),
        }
    }
}

impl Window {
    /// Scores the stretch that begins at `base`, in a segment that ends at `end`.
    fn score(&mut self, leading: &mut [SegmentClause], following: &mut [SegmentClause], base: DocId, end: DocId) {
        self.total.fill(0.0);
        self.held.fill(0);
        let to = base.saturating_add(WINDOW as u32).min(end);
        for clause in leading {
            self.add_clause(clause, base, to);
        }
        self.found.clear();
        self.found.extend(
            (0..).zip(&self.held[..(to - base) as usize]).filter(|(_, held)| **held != 0).map(|(index, _)| index),
        );
        for clause in following {
            let expected = u64::from(clause.size()) * u64::from(to - base) / u64::from(end);
            if self.found.len() as u64 * SEEK < expected {
                self.look_for(clause, base);
            } else {
                self.add_clause(clause, base, to);
            }
        }
    }

    /// Adds a clause to the documents that were found.
    fn look_for(&mut self, clause: &mut SegmentClause, base: DocId) {
        for &index in &self.found {
            let (doc, index) = (base + u32::from(index), usize::from(index));
            let (mut best, mut holds) = (0.0_f32, false);
            for alternative in &mut clause.alternatives {
                let mut sum = 0.0;
                for documents in alternative {
                    if documents.seek(doc) == doc {
                        sum += documents.score();
                        holds = true;
                    }
                }
                best = best.max(sum);
            }
            if holds {
                self.total[index] += best;
                self.held[index] |= clause.bit;
            }
        }
    }

    /// Adds a clause to all documents of the stretch.
    fn add_clause(&mut self, clause: &mut SegmentClause, base: DocId, to: DocId) {
        let bit = clause.bit;
        if let [only] = clause.alternatives.as_mut_slice() {
            // without a choice the scores just add up
            let (total, held) = (&mut self.total[..WINDOW], &mut self.held[..WINDOW]);
            for documents in only {
                documents.seek(base);
                documents.each_before(to, |doc, score| {
                    let index = (doc - base) as usize;
                    total[index] += score;
                    held[index] |= bit;
                });
            }
            return;
        }
        for alternative in &mut clause.alternatives {
            let (own, in_alternative) = (&mut self.alternative[..WINDOW], &mut self.in_alternative);
            for documents in alternative {
                documents.seek(base);
                documents.each_before(to, |doc, score| {
                    let index = (doc - base) as usize;
                    if own[index] == 0.0 {
                        in_alternative.push(index as u16);
                    }
                    own[index] += score.max(f32::MIN_POSITIVE);
                });
            }
            for &index in &self.in_alternative {
                let index = usize::from(index);
                if self.clause[index] == 0.0 {
                    self.in_clause.push(index as u16);
                }
                self.clause[index] = self.clause[index].max(self.alternative[index]);
                self.alternative[index] = 0.0;
            }
            self.in_alternative.clear();
        }
        for &index in &self.in_clause {
            let index = usize::from(index);
            self.total[index] += self.clause[index];
            self.clause[index] = 0.0;
            self.held[index] |= bit;
        }
        self.in_clause.clear();
    }
}
