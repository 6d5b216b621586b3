//! Where terms stand: each term is looked up once for a search, and its list is read block by block. Tantivy's scorers
//! are asked for one document at a time through a table of functions, which took most of a search.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;
use std::sync::Arc;

use tantivy::fieldnorm::FieldNormReader;
use tantivy::postings::{BlockSegmentPostings, TermInfo};
use tantivy::query::{EnableScoring, Query, Scorer, Weight};
use tantivy::schema::{Field, IndexRecordOption};
use tantivy::{DocId, InvertedIndexReader, Score, Searcher, TERMINATED, Term};

/// As in Tantivy, whose scores of phrases are added to those of terms.
const K1: Score = 1.2;
const B: Score = 0.75;

/// The lists of an index, for one search.
pub struct Postings<'a> {
    searcher: &'a Searcher,
    fields: RefCell<HashMap<Field, Rc<FieldLists>>>,
    terms: RefCell<HashMap<Term, Rc<TermLists>>>,
}

/// A field in every segment.
struct FieldLists {
    readers: Vec<Arc<InvertedIndexReader>>,
    lengths: Vec<FieldNormReader>,
    /// What BM25 adds to a frequency, by length of the field as Tantivy encodes it.
    norms: Rc<[Score; 256]>,
}

/// A term in every segment.
pub struct TermLists {
    field: Rc<FieldLists>,
    /// In how many documents it stands.
    frequency: u64,
    of_segments: Vec<Option<TermInfo>>,
}

impl<'a> Postings<'a> {
    /// The lists that a searcher sees.
    pub fn new(searcher: &'a Searcher) -> Self {
        Self { searcher, fields: RefCell::default(), terms: RefCell::default() }
    }

    /// The searcher.
    pub fn searcher(&self) -> &'a Searcher {
        self.searcher
    }

    /// How many documents there are.
    pub fn documents(&self) -> u64 {
        self.searcher.num_docs()
    }

    /// In how many documents a term stands; deleted ones are counted until their segment is merged.
    pub fn frequency(&self, term: &Term) -> tantivy::Result<u64> {
        Ok(self.lists(term)?.frequency)
    }

    /// As [`Postings::frequency`], of a text in the field that has it most.
    pub fn frequency_in(&self, fields: impl IntoIterator<Item = Field>, text: &str) -> tantivy::Result<u64> {
        let mut most = 0;
        for field in fields {
            most = most.max(self.frequency(&Term::from_field_text(field, text))?);
        }
        Ok(most)
    }

    /// A term's lists, scored by BM25 times `boost`.
    pub fn term(&self, term: &Term, boost: Score) -> tantivy::Result<Source> {
        let lists = self.lists(term)?;
        let documents: u64 = self.searcher.segment_readers().iter().map(|reader| u64::from(reader.max_doc())).sum();
        let absent = documents.saturating_sub(lists.frequency) as Score;
        let idf = (1.0 + (absent + 0.5) / (lists.frequency as Score + 0.5)).ln();
        Ok(Source::Term { lists, weight: boost * idf * (K1 + 1.0) })
    }

    /// What any query finds, its scores times `boost`.
    pub fn query(&self, query: &dyn Query, boost: Score) -> tantivy::Result<Source> {
        let weight = query.weight(EnableScoring::enabled_from_searcher(self.searcher))?;
        Ok(Source::Query { weight, boost })
    }

    fn lists(&self, term: &Term) -> tantivy::Result<Rc<TermLists>> {
        if let Some(known) = self.terms.borrow().get(term) {
            return Ok(known.clone());
        }
        let field = self.field(term.field())?;
        let of_segments =
            field.readers.iter().map(|reader| reader.get_term_info(term)).collect::<std::io::Result<Vec<_>>>()?;
        let frequency = of_segments.iter().flatten().map(|info| u64::from(info.doc_freq)).sum();
        let lists = Rc::new(TermLists { field, frequency, of_segments });
        self.terms.borrow_mut().insert(term.clone(), lists.clone());
        Ok(lists)
    }

    fn field(&self, field: Field) -> tantivy::Result<Rc<FieldLists>> {
        if let Some(known) = self.fields.borrow().get(&field) {
            return Ok(known.clone());
        }
        let segments = self.searcher.segment_readers();
        let mut lists = FieldLists { readers: Vec::new(), lengths: Vec::new(), norms: Rc::new([0.0; 256]) };
        let (mut tokens, mut documents) = (0, 0);
        for segment in segments {
            let reader = segment.inverted_index(field)?;
            tokens += reader.total_num_tokens();
            documents += u64::from(segment.max_doc());
            let lengths = segment.fieldnorms_readers().get_field(field)?;
            lists.lengths.push(lengths.unwrap_or_else(|| FieldNormReader::constant(segment.max_doc(), 1)));
            lists.readers.push(reader);
        }
        let average = tokens as Score / documents as Score;
        lists.norms = Rc::new(std::array::from_fn(|length| {
            let length = FieldNormReader::id_to_fieldnorm(length as u8) as Score;
            K1 * (1.0 - B + B * length / average)
        }));
        let lists = Rc::new(lists);
        self.fields.borrow_mut().insert(field, lists.clone());
        Ok(lists)
    }
}

/// Where scored documents of every segment come from.
pub enum Source {
    /// A term.
    Term {
        /// Its lists.
        lists: Rc<TermLists>,
        /// What BM25 multiplies with.
        weight: Score,
    },
    /// Any query.
    Query {
        /// Its weight.
        weight: Box<dyn Weight>,
        /// What its scores are multiplied with.
        boost: Score,
    },
}

impl Source {
    /// The documents of a segment; `None` without any.
    pub fn open(&self, searcher: &Searcher, segment: u32) -> tantivy::Result<Option<Cursor>> {
        match self {
            Self::Term { lists, weight } => {
                let ordinal = segment as usize;
                let Some(info) = lists.of_segments.get(ordinal).and_then(Option::as_ref) else { return Ok(None) };
                let reader = &lists.field.readers[ordinal];
                let blocks = reader.read_block_postings_from_terminfo(info, IndexRecordOption::WithFreqs)?;
                let (lengths, norms) = (lists.field.lengths[ordinal].clone(), lists.field.norms.clone());
                Ok(Some(Cursor::List(Box::new(List { blocks, at: 0, lengths, norms, weight: *weight }))))
            }
            Self::Query { weight, boost } => {
                let scorer = weight.scorer(searcher.segment_reader(segment), *boost)?;
                Ok((scorer.doc() != TERMINATED).then_some(Cursor::Scorer(scorer)))
            }
        }
    }
}

/// Goes through the scored documents of a segment, in their order.
pub enum Cursor {
    /// Of a term.
    List(Box<List>),
    /// Of any query.
    Scorer(Box<dyn Scorer>),
}

impl Cursor {
    /// The document that it stands at; [`TERMINATED`] behind the last.
    pub fn doc(&self) -> DocId {
        match self {
            Self::List(list) => list.doc(),
            Self::Scorer(scorer) => scorer.doc(),
        }
    }

    /// Goes on to a document, or to the next one that it has; gives where it stands.
    pub fn seek(&mut self, doc: DocId) -> DocId {
        match self {
            Self::List(list) if list.doc() < doc => list.seek(doc),
            Self::Scorer(scorer) if scorer.doc() < doc => scorer.seek(doc),
            _ => self.doc(),
        }
    }

    /// The score of the document that it stands at.
    pub fn score(&mut self) -> Score {
        match self {
            Self::List(list) => list.score(),
            Self::Scorer(scorer) => scorer.score(),
        }
    }

    /// About how many documents there are.
    pub fn size(&self) -> u32 {
        match self {
            Self::List(list) => list.blocks.doc_freq(),
            Self::Scorer(scorer) => scorer.size_hint(),
        }
    }

    /// Gives every document before `end` with its score, and goes on to `end`.
    pub fn each_before(&mut self, end: DocId, mut each: impl FnMut(DocId, Score)) {
        match self {
            Self::List(list) => list.each_before(end, each),
            Self::Scorer(scorer) => {
                let mut doc = scorer.doc();
                while doc < end {
                    each(doc, scorer.score());
                    doc = scorer.advance();
                }
            }
        }
    }
}

/// The list of a term in a segment.
pub struct List {
    blocks: BlockSegmentPostings,
    /// Place in the block.
    at: usize,
    lengths: FieldNormReader,
    norms: Rc<[Score; 256]>,
    weight: Score,
}

impl List {
    /// Blocks are filled up with [`TERMINATED`], but for one that is full and the last.
    fn doc(&self) -> DocId {
        if self.at < self.blocks.block_len() { self.blocks.doc(self.at) } else { TERMINATED }
    }

    fn seek(&mut self, doc: DocId) -> DocId {
        self.at = self.blocks.seek(doc);
        self.doc()
    }

    fn score(&self) -> Score {
        bm25(self.weight, &self.norms, &self.lengths, self.blocks.doc(self.at), self.blocks.freq(self.at))
    }

    fn each_before(&mut self, end: DocId, mut each: impl FnMut(DocId, Score)) {
        let (weight, norms, lengths) = (self.weight, &*self.norms, &self.lengths);
        loop {
            let docs = self.blocks.docs();
            let last_is_before = docs.last().is_some_and(|&last| last < end);
            let upto = if last_is_before { docs.len() } else { docs.partition_point(|&doc| doc < end) };
            for (at, &doc) in docs.iter().enumerate().take(upto).skip(self.at) {
                each(doc, bm25(weight, norms, lengths, doc, self.blocks.freq(at)));
            }
            self.at = upto.max(self.at);
            if !last_is_before {
                return;
            }
            self.blocks.advance();
            self.at = 0;
        }
    }
}

fn bm25(weight: Score, norms: &[Score; 256], lengths: &FieldNormReader, doc: DocId, frequency: u32) -> Score {
    let frequency = frequency as Score;
    weight * (frequency / (frequency + norms[usize::from(lengths.fieldnorm_id(doc))]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use tantivy::collector::TopDocs;
    use tantivy::query::TermQuery;
    use tantivy::schema::{STRING, Schema, TEXT};
    use tantivy::{Index, IndexWriter, TantivyDocument};

    /// Two segments with a word in some of their documents, and a filler before it.
    fn index(segments: &[Vec<u8>]) -> (Index, [Field; 2]) {
        let mut schema = Schema::builder();
        let fields = [schema.add_text_field("text", TEXT), schema.add_text_field("raw", STRING)];
        let index = Index::create_in_ram(schema.build());
        let mut writer: IndexWriter = index.writer_with_num_threads(1, 15_000_000).unwrap();
        writer.set_merge_policy(Box::new(tantivy::indexer::NoMergePolicy));
        for segment in segments {
            for &times in segment {
                let mut document = TantivyDocument::new();
                document.add_text(
                    fields[0],
                    format!("{}{}", "x ".repeat(1 + times as usize * 3), "a ".repeat(times.into())),
                );
                document.add_text(fields[1], if times > 0 { "a" } else { "x" });
                writer.add_document(document).unwrap();
            }
            writer.commit().unwrap();
        }
        (index, fields)
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(24))]
        /// Blocks are of 128; the last may be full.
        #[test]
        fn lists_are_those_of_tantivy(
            segments in proptest::collection::vec(
                prop_oneof![
                    proptest::collection::vec(0_u8..4, 1..400),
                    (1_usize..4).prop_map(|blocks| vec![2; blocks * 128]),
                ],
                1..3,
            ),
            steps in proptest::collection::vec((any::<bool>(), 1_u32..150), 1..8),
        ) {
            let (index, fields) = index(&segments);
            let searcher = index.reader().unwrap().searcher();
            let postings = Postings::new(&searcher);
            for field in fields {
                let term = Term::from_field_text(field, "a");
                let query = TermQuery::new(term.clone(), IndexRecordOption::WithFreqs);
                let mut expected: Vec<(u32, DocId, Score)> = searcher
                    .search(&query, &TopDocs::with_limit(2_000).order_by_score())
                    .unwrap()
                    .into_iter()
                    .map(|(score, address)| (address.segment_ord, address.doc_id, score * 2.0))
                    .collect();
                expected.sort_by_key(|(segment, doc, _)| (*segment, *doc));
                prop_assert_eq!(postings.frequency(&term).unwrap(), expected.len() as u64);
                let source = postings.term(&term, 2.0).unwrap();
                for segment in 0..segments.len() as u32 {
                    let own: Vec<(DocId, Score)> =
                        expected.iter().filter(|hit| hit.0 == segment).map(|hit| (hit.1, hit.2)).collect();
                    let Some(mut cursor) = source.open(&searcher, segment).unwrap() else {
                        prop_assert!(own.is_empty());
                        continue;
                    };
                    let mut at = 0;
                    let same = |(doc, score): (DocId, Score), (own, other): (DocId, Score)| {
                        doc == own && (score - other).abs() <= other.abs() * 1e-5
                    };
                    for &(seeks, distance) in steps.iter().chain([&(false, 2_000), &(true, 2_000)]) {
                        let to = at + distance;
                        if seeks {
                            let next = own.iter().find(|(doc, _)| *doc >= to);
                            prop_assert_eq!(cursor.seek(to), next.map_or(TERMINATED, |(doc, _)| *doc));
                            if let Some(&next) = next {
                                prop_assert!(same((cursor.doc(), cursor.score()), next));
                            }
                        } else {
                            let mut given = Vec::new();
                            cursor.each_before(to, |doc, score| given.push((doc, score)));
                            let between: Vec<_> = own.iter().filter(|(doc, _)| (at..to).contains(doc)).collect();
                            prop_assert_eq!(given.len(), between.len());
                            for (given, own) in given.into_iter().zip(between) {
                                prop_assert!(same(given, *own), "{given:?} {own:?}");
                            }
                        }
                        at = to;
                    }
                }
            }
        }
    }
}
