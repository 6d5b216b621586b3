//! The floor of search quality: bare Tantivy over title and text, jieba's search cut, BM25, an OR of the words.

use std::sync::Arc;

use jieba_rs::Jieba;
use tantivy::collector::TopDocs;
use tantivy::query::{BooleanQuery, Occur, Query, TermQuery};
use tantivy::schema::{Field, IndexRecordOption, STORED, STRING, Schema, TextFieldIndexing, TextOptions, Value};
use tantivy::tokenizer::{Token, TokenStream, Tokenizer};
use tantivy::{Index, IndexWriter, Searcher, TantivyDocument, Term};
use zhida_schemas::Policy;

/// The bare index while it is written.
pub struct Floor {
    writer: IndexWriter,
    bare: BareFields,
}

#[derive(Clone)]
struct BareFields {
    jieba: Arc<Jieba>,
    id: Field,
    title: Field,
    body: Field,
}

/// The bare index, to be searched.
pub struct BareSearcher {
    searcher: Searcher,
    bare: BareFields,
}

impl Floor {
    /// An index in memory.
    pub fn new() -> tantivy::Result<Self> {
        let jieba = Arc::new(Jieba::new());
        let text = TextOptions::default().set_indexing_options(
            TextFieldIndexing::default()
                .set_tokenizer("jieba")
                .set_index_option(IndexRecordOption::WithFreqsAndPositions),
        );
        let mut builder = Schema::builder();
        let id = builder.add_text_field("id", STRING | STORED);
        let title = builder.add_text_field("title", text.clone());
        let body = builder.add_text_field("body", text);
        let index = Index::create_in_ram(builder.build());
        index.tokenizers().register("jieba", BareTokenizer { jieba: jieba.clone() });
        let writer = index.writer_with_num_threads(1, 64 << 20)?;
        Ok(Self { writer, bare: BareFields { jieba, id, title, body } })
    }

    /// Adds a document.
    pub fn put(&mut self, policy: &Policy) -> tantivy::Result<()> {
        let mut document = TantivyDocument::new();
        document.add_text(self.bare.id, &policy.id);
        document.add_text(self.bare.title, &policy.title);
        document.add_text(self.bare.body, &policy.body_text);
        self.writer.add_document(document)?;
        Ok(())
    }

    /// Makes it searchable.
    pub fn finish(mut self) -> tantivy::Result<BareSearcher> {
        self.writer.commit()?;
        let searcher = self.writer.index().reader()?.searcher();
        Ok(BareSearcher { searcher, bare: self.bare })
    }
}

impl BareSearcher {
    /// Identities of the best.
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
