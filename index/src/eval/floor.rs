//! The floor of search quality and speed: bare Tantivy with the text fields of the policy index, fed by jieba's search
//! cut and by plain pairs of letters; BM25, an OR of the words over title and text.

use std::path::Path;
use std::sync::Arc;

use jieba_rs::Jieba;
use tantivy::collector::TopDocs;
use tantivy::query::{BooleanQuery, Occur, Query, TermQuery};
use tantivy::schema::{Field, IndexRecordOption, STORED, STRING, Schema, TextFieldIndexing, TextOptions, Value};
use tantivy::tokenizer::{NgramTokenizer, TextAnalyzer, Token, TokenStream, Tokenizer};
use tantivy::{Index, IndexWriter, Searcher, TantivyDocument, Term};
use zhida_schemas::Policy;

use crate::policies::schema;

/// The bare index while it is written.
pub struct Floor {
    writer: IndexWriter,
    bare: BareFields,
    words_only: bool,
}

#[derive(Clone)]
struct BareFields {
    jieba: Arc<Jieba>,
    id: Field,
    title: Field,
    body: Field,
    attachments: Field,
    title_pairs: Field,
    body_pairs: Field,
    names: Field,
    summary: Field,
}

/// The bare index, to be searched.
pub struct BareSearcher {
    searcher: Searcher,
    bare: BareFields,
}

impl Floor {
    /// An index in memory, or in an empty directory, written by one thread.
    ///
    /// # Errors
    /// The directory cannot be written.
    pub fn new(dir: Option<&Path>) -> tantivy::Result<Self> {
        Self::with_threads(dir, 1)
    }

    /// As [`Floor::new`], with a number of threads that cut and index documents.
    ///
    /// # Errors
    /// The directory cannot be written.
    pub fn with_threads(dir: Option<&Path>, threads: usize) -> tantivy::Result<Self> {
        let jieba = Arc::new(Jieba::new());
        let indexed = |tokenizer, option| {
            TextOptions::default()
                .set_indexing_options(TextFieldIndexing::default().set_tokenizer(tokenizer).set_index_option(option))
        };
        let pairs = indexed("pairs", IndexRecordOption::WithFreqs);
        let text = indexed("jieba", IndexRecordOption::WithFreqsAndPositions);
        let mut builder = Schema::builder();
        let id = builder.add_text_field("id", STRING | STORED);
        let title = builder.add_text_field("title", text.clone());
        let body = builder.add_text_field("body", text.clone() | STORED);
        let attachments = builder.add_text_field("attachments", text | STORED);
        let title_pairs = builder.add_text_field("title_pairs", pairs.clone());
        let body_pairs = builder.add_text_field("body_pairs", pairs);
        let names = builder.add_text_field("names", indexed("jieba", IndexRecordOption::WithFreqs));
        let summary = builder.add_text_field("summary", STORED);
        let builder = Index::builder().schema(builder.build());
        let index = match dir {
            Some(dir) => builder.create_in_dir(dir)?,
            None => builder.create_in_ram()?,
        };
        index.tokenizers().register("jieba", BareTokenizer { jieba: jieba.clone() });
        let pairs = TextAnalyzer::from(NgramTokenizer::new(2, 2, false)?);
        index.tokenizers().register("pairs", pairs);
        let writer = index.writer_with_num_threads(threads, 64 << 20)?;
        Ok(Self {
            words_only: false,
            writer,
            bare: BareFields { jieba, id, title, body, attachments, title_pairs, body_pairs, names, summary },
        })
    }

    /// Leaves out all but the words of title and body from here on: no pairs, names or attachments. What is stored
    /// stays the same, attachments aside.
    #[must_use]
    pub fn words_only(mut self) -> Self {
        self.words_only = true;
        self
    }

    /// Adds a document: the text fields and the stored texts that the policy index has.
    ///
    /// # Errors
    /// The index cannot be written.
    pub fn put(&mut self, policy: &Policy) -> tantivy::Result<()> {
        let mut document = TantivyDocument::new();
        document.add_text(self.bare.id, &policy.id);
        document.add_text(self.bare.title, &policy.title);
        document.add_text(self.bare.body, &policy.body_text);
        if !self.words_only {
            document.add_text(self.bare.title_pairs, &policy.title);
            document.add_text(self.bare.body_pairs, &policy.body_text);
            for text in policy.attachments.iter().filter_map(|attachment| attachment.text.as_deref()) {
                document.add_text(self.bare.attachments, text);
            }
            document.add_text(self.bare.names, schema::names(policy));
        }
        let summary = serde_json::to_string(&schema::summary(policy)).unwrap_or_default();
        document.add_text(self.bare.summary, &summary);
        self.writer.add_document(document)?;
        Ok(())
    }

    /// Makes it durable and searchable, and waits for merges.
    ///
    /// # Errors
    /// The index cannot be written.
    pub fn finish(mut self) -> tantivy::Result<BareSearcher> {
        self.writer.commit()?;
        let index = self.writer.index().clone();
        self.writer.wait_merging_threads()?;
        let searcher = index.reader()?.searcher();
        Ok(BareSearcher { searcher, bare: self.bare })
    }
}

impl BareSearcher {
    /// Identities of the best: BM25 of any of the words, the best `limit` loaded from the store.
    ///
    /// # Errors
    /// The index cannot be read.
    pub fn search(&self, query: &str, limit: usize) -> tantivy::Result<Vec<String>> {
        let clauses = self
            .bare
            .jieba
            .cut(query, false)
            .into_iter()
            .filter(|token| !token.word.trim().is_empty())
            .flat_map(|token| [self.bare.title, self.bare.body].map(|field| Term::from_field_text(field, token.word)))
            .map(|term| -> (Occur, Box<dyn Query>) {
                (Occur::Should, Box::new(TermQuery::new(term, IndexRecordOption::WithFreqs)))
            })
            .collect();
        let top = self.searcher.search(&BooleanQuery::new(clauses), &TopDocs::with_limit(limit).order_by_score())?;
        top.into_iter()
            .map(|(_, address)| {
                let document: TantivyDocument = self.searcher.doc(address)?;
                Ok(document.get_first(self.bare.id).and_then(|value| value.as_str()).unwrap_or_default().to_owned())
            })
            .collect()
    }
}

#[derive(Clone)]
struct BareTokenizer {
    jieba: Arc<Jieba>,
}

struct BareTokens {
    tokens: std::vec::IntoIter<Token>,
    token: Token,
}

impl Tokenizer for BareTokenizer {
    type TokenStream<'a> = BareTokens;

    fn token_stream<'a>(&'a mut self, text: &'a str) -> BareTokens {
        let tokens: Vec<Token> = self
            .jieba
            .cut_for_search(text, false)
            .into_iter()
            .map(|token| Token {
                offset_from: token.byte_start,
                offset_to: token.byte_end,
                position: token.start,
                text: token.word.to_owned(),
                position_length: token.end - token.start,
            })
            .collect();
        BareTokens { tokens: tokens.into_iter(), token: Token::default() }
    }
}

impl TokenStream for BareTokens {
    fn advance(&mut self) -> bool {
        match self.tokens.next() {
            Some(token) => {
                self.token = token;
                true
            }
            None => false,
        }
    }

    fn token(&self) -> &Token {
        &self.token
    }

    fn token_mut(&mut self) -> &mut Token {
        &mut self.token
    }
}
