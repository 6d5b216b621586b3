//! What a query is made into, run by the policy index and by bare Tantivy: the floor of the searcher's speed.

use chrono::NaiveDate;
use tantivy::Searcher;
use tantivy::collector::{Count, TopDocs};
use tantivy::query::{BooleanQuery, DisjunctionMaxQuery, Occur, Query, TermQuery};
use tantivy::schema::IndexRecordOption;

use crate::policies::postings::Postings;
use crate::policies::search::{Needed, Wanted};
use crate::query::build::{Boosted, Plan};
use crate::{IndexError, PolicyIndex, SearchRequest};

/// The clauses of one query over one index: of each the best alternative counts, and those add up.
pub struct Tree<'a> {
    index: &'a PolicyIndex,
    searcher: Searcher,
    plan: Plan,
    bare: BooleanQuery,
    words: BooleanQuery,
}

impl<'a> Tree<'a> {
    /// Reads a query.
    ///
    /// # Errors
    /// The index cannot be read.
    pub fn of(index: &'a PolicyIndex, query: &str, today: NaiveDate) -> Result<Self, IndexError> {
        let searcher = index.searcher();
        let mut plan = index.read(query, &Postings::new(&searcher), today)?.plan;
        // Tantivy has no second look at the best, and lets nothing else through than documents with one of the words
        plan.closer.clear();
        plan.required.clear();
        plan.excluded.clear();
        let bare = bare(&plan);
        let words = plan
            .words
            .iter()
            .flat_map(|word| index.in_title_and_body(word))
            .map(|term| -> Box<dyn Query> { Box::new(TermQuery::new(term, IndexRecordOption::WithFreqs)) });
        let words = BooleanQuery::union(words.collect());
        Ok(Self { index, searcher, plan, bare, words })
    }

    /// Whether there is anything to be found.
    pub fn is_empty(&self) -> bool {
        self.plan.clauses.is_empty()
    }

    /// Our searcher: how many are found, and the best `limit`, without facets.
    ///
    /// # Errors
    /// The index cannot be read.
    pub fn ours(&self, limit: usize, today: NaiveDate) -> Result<usize, IndexError> {
        let request = SearchRequest::default();
        let wanted =
            Wanted { request: &request, keep: limit, after: None, needed: Needed::Share(0.0), facets: false, today };
        Ok(self.index.run(&Postings::new(&self.searcher), &self.plan, &wanted)?.total)
    }

    /// Bare Tantivy: how many are found, and the best `limit`.
    ///
    /// # Errors
    /// The index cannot be read.
    pub fn bare(&self, limit: usize) -> Result<usize, IndexError> {
        let top = TopDocs::with_limit(limit).order_by_score();
        Ok(self.searcher.search(&self.bare, &(top, Count))?.1)
    }

    /// Bare Tantivy: the best `limit` that have any of the query's words in title or text.
    ///
    /// # Errors
    /// The index cannot be read.
    pub fn any_word(&self, limit: usize) -> Result<usize, IndexError> {
        Ok(self.searcher.search(&self.words, &TopDocs::with_limit(limit).order_by_score())?.len())
    }
}

fn bare(plan: &Plan) -> BooleanQuery {
    let any = |queries: &Vec<Boosted>| -> Box<dyn Query> {
        Box::new(BooleanQuery::union(queries.iter().map(Boosted::to_query).collect()))
    };
    let clauses = plan.clauses.iter().filter(|clause| !clause.alternatives.is_empty()).map(|clause| {
        let query: Box<dyn Query> = match clause.alternatives.as_slice() {
            [only] => any(only),
            several => Box::new(DisjunctionMaxQuery::new(several.iter().map(any).collect())),
        };
        (Occur::Should, query)
    });
    BooleanQuery::new(clauses.collect())
}
