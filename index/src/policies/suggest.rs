//! Titles for what has been typed so far.

use std::collections::HashSet;

use tantivy::query::{EnableScoring, Query, TermQuery};
use tantivy::schema::IndexRecordOption;
use tantivy::{Searcher, TERMINATED, Term};

use super::schema::Fields;
use crate::Analyzer;

/// What is typed beyond this is not read.
const MAX_TYPED_CHARS: usize = 60;
/// Titles that are looked at, the newest first.
const MAX_CANDIDATES: usize = 2_000;
/// Words of the dictionary that the last, unfinished one may become.
const MAX_EXPANSIONS: usize = 64;

struct Candidate {
    title: String,
    /// 0 when the title begins with what was typed, 1 when it holds it.
    class: u8,
    dated: i64,
    standing: u64,
}

/// Titles that begin with, or else hold, what was typed; then the newest first. The order of words does not matter to
/// the search, but what was typed must stand in the title as typed, spaces aside.
pub fn suggest(
    searcher: &Searcher,
    fields: &Fields,
    analyzer: &Analyzer,
    typed: &str,
    limit: usize,
) -> tantivy::Result<Vec<String>> {
    let end = typed.char_indices().nth(MAX_TYPED_CHARS).map_or(typed.len(), |(offset, _)| offset);
    let folded = analyzer.fold(typed[..end].trim());
    let words: Vec<&str> = analyzer.cut(&folded).iter().map(|word| &folded[word.start..word.end]).collect();
    let Some((last, whole)) = words.split_last() else { return Ok(Vec::new()) };
    let wanted = letters(&folded);
    let mut candidates: Vec<Candidate> = Vec::new();
    for reader in searcher.segment_readers() {
        let Some(titles) = reader.fast_fields().str("title_text")? else { continue };
        let dated = reader.fast_fields().i64("dated")?;
        let standing = reader.fast_fields().u64("standing")?;
        // Any word of the title that begins like the unfinished one.
        let mut last_terms: Vec<Term> = Vec::new();
        let inverted = reader.inverted_index(fields.title)?;
        let mut stream = inverted.terms().range().ge(last.as_bytes()).into_stream()?;
        while let Some((term, _)) = stream.next() {
            if !term.starts_with(last.as_bytes()) || last_terms.len() >= MAX_EXPANSIONS {
                break;
            }
            if let Ok(term) = std::str::from_utf8(term) {
                last_terms.push(Term::from_field_text(fields.title, term));
            }
        }
        let last: Box<dyn Query> = Box::new(tantivy::query::BooleanQuery::new_multiterms_query(last_terms));
        let mut clauses: Vec<(tantivy::query::Occur, Box<dyn Query>)> = vec![(tantivy::query::Occur::Must, last)];
        for word in whole {
            let term = Term::from_field_text(fields.title, word);
            clauses.push((
                tantivy::query::Occur::Must,
                Box::new(TermQuery::new(term, IndexRecordOption::Basic)) as Box<dyn Query>,
            ));
        }
        let query = tantivy::query::BooleanQuery::new(clauses);
        let weight = query.weight(EnableScoring::disabled_from_searcher(searcher))?;
        let mut scorer = weight.scorer(reader, 1.0)?;
        let mut seen = 0;
        let mut title = String::new();
        let mut doc = scorer.doc();
        while doc != TERMINATED && seen < MAX_CANDIDATES {
            if !reader.is_deleted(doc)
                && let Some(ordinal) = titles.ords().first(doc)
            {
                seen += 1;
                title.clear();
                titles.ord_to_str(ordinal, &mut title)?;
                if let Some(at) = letters(&analyzer.fold(&title)).find(&wanted) {
                    candidates.push(Candidate {
                        title: title.clone(),
                        class: u8::from(at > 0),
                        dated: dated.first(doc).unwrap_or(i64::MIN),
                        standing: standing.first(doc).unwrap_or(0),
                    });
                }
            }
            doc = scorer.advance();
        }
    }
    candidates.sort_by(|a, b| {
        (a.class, std::cmp::Reverse((a.dated, a.standing)), &a.title).cmp(&(
            b.class,
            std::cmp::Reverse((b.dated, b.standing)),
            &b.title,
        ))
    });
    let mut seen = HashSet::new();
    Ok(candidates
        .into_iter()
        .map(|candidate| candidate.title)
        .filter(|title| seen.insert(title.clone()))
        .take(limit)
        .collect())
}

fn letters(text: &str) -> String {
    text.chars().filter(|character| character.is_alphanumeric()).collect()
}
