//! Hostile texts for as long as one likes: `ZHIDA_FUZZ_SECONDS` (5 when not said) for each target. A case that is found
//! is kept in `fuzz.proptest-regressions` and tried first from then on.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "../../tests/support/fuzzing.rs"]
mod fuzzing;

use std::collections::HashSet;
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use proptest::prelude::*;
use zhida_index::policies::highlight::Highlighter;
use zhida_index::{Analyzer, PolicyIndex, SearchRequest};
use zhida_schemas::Policy;

/// A query takes at most this long, here in a debug build on a busy machine; `benches/` holds it to less.
const QUERY_LIMIT: Duration = Duration::from_secs(2);

fn analyzer() -> &'static Analyzer {
    static ANALYZER: OnceLock<Analyzer> = OnceLock::new();
    ANALYZER.get_or_init(Analyzer::new)
}

/// Texts that a user, a page or an attacker may bring: signs with a meaning, words, numbers, strange letters.
fn text(pieces: usize) -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        3 => prop::sample::select(vec![
            "高新技术企业", "高企", "专精特新", "申报", "通知", "的", "江苏省", "工信部", "镇江市", "2024年", "税", "政策",
            "国办发〔2017〕47号", "国发[2023]11", "財政補助", "gaoxin", "gxjsqy", "技改", "小巨人",
        ]).prop_map(str::to_owned),
        2 => prop::sample::select(vec![
            " ", "\u{3000}", "\"", "“", "”", "「", "」", "-", "－", "|", " OR ", "(", "）", "〔", "]", "标题:", "文号：", "*", "?",
            "\\", "<", ">", "&", "'", "\0", "\u{202e}", "\u{feff}", "\n", "%", "+", "/", "~", "^", ":",
        ]).prop_map(str::to_owned),
        1 => "\\PC{1,8}",
        1 => any::<String>(),
        1 => "[0-9０-９〇一二三]{1,30}",
        1 => "[㍿㈱ﬁⅣ①Ａａ゙́﷽🏳️‍🌈𠮷]{1,6}",
    ];
    prop::collection::vec(piece, 0..pieces).prop_map(|pieces| pieces.concat())
}

#[test]
fn every_query_is_answered_in_time() {
    let dir = tempfile::tempdir().unwrap();
    let index = PolicyIndex::open(dir.path(), analyzer().clone()).unwrap();
    let mut writer = index.writer().unwrap();
    for n in 0..300 {
        let title = format!("镇江市工业和信息化局关于组织申报第{n}批高新技术企业和专精特新小巨人的通知（示例）");
        let body = "江苏省的企业可以申报财政补助，技改政策按国办发〔2017〕47号执行，税务部门办理。".repeat(n % 7 + 1);
        let policy = Policy { id: n.to_string(), title, body_text: body, ..Policy::default() };
        writer.put(&policy).unwrap();
    }
    writer.commit(1).unwrap();
    index.reload().unwrap();
    let today = "2026-03-10".parse().unwrap();
    let frequent = ["高企 认定".to_owned(), "国办发".to_owned()];
    fuzzing::run(file!(), "query", text(40), |query| {
        let started = Instant::now();
        let request = SearchRequest { query: query.clone(), limit: 10, ..SearchRequest::default() };
        let results = index.search(&request, today).map_err(|error| TestCaseError::fail(error.to_string()))?;
        prop_assert!(results.hits.len() <= results.total.min(10));
        for hit in &results.hits {
            check_html(&hit.highlight.title)?;
            check_html(&hit.highlight.body)?;
        }
        index.suggest(&query, &frequent, 10).map_err(|error| TestCaseError::fail(error.to_string()))?;
        prop_assert!(started.elapsed() < QUERY_LIMIT, "{:?}", started.elapsed());
        Ok(())
    });
}

#[test]
fn every_text_is_cut_into_words_that_a_query_finds() {
    fuzzing::run(file!(), "words", text(60), |text| {
        let analyzer = analyzer();
        let document: HashSet<String> = analyzer.document_terms(&text).into_iter().collect();
        for word in analyzer.query_terms(&text) {
            prop_assert!(document.contains(&word), "{word:?}");
        }
        let folded = analyzer.fold_with_offsets(&text);
        for word in analyzer.cut_with_parts(&folded.text) {
            let original = folded.original(word.start..word.end);
            prop_assert!(text.get(original.clone()).is_some(), "{original:?} cuts a character");
        }
        Ok(())
    });
}

#[test]
fn every_highlight_is_safe_html_of_the_text() {
    let marks = prop::collection::vec(text(3), 0..8);
    fuzzing::run(file!(), "highlight", (text(60), marks), |(text, marks)| {
        let analyzer = analyzer();
        let marks: Vec<String> = marks.iter().map(|mark| analyzer.fold(mark).into_owned()).collect();
        let highlighter = Highlighter::new(analyzer, &marks);
        check_html(&highlighter.marked(&text))?;
        check_html(&highlighter.beginning(&text))?;
        check_html(&highlighter.passage(&text).unwrap_or_default())?;
        Ok(())
    });
}

/// Nothing but text with entities, and marks that are opened and closed in turn.
fn check_html(html: &str) -> Result<(), TestCaseError> {
    let mut rest = html;
    let mut open = false;
    while let Some(at) = rest.find(['<', '>', '&', '"']) {
        rest = &rest[at..];
        let (token, opens) = match () {
            () if rest.starts_with("<mark>") => ("<mark>", Some(true)),
            () if rest.starts_with("</mark>") => ("</mark>", Some(false)),
            () => (
                ["&amp;", "&lt;", "&gt;", "&quot;", "&#39;"]
                    .into_iter()
                    .find(|entity| rest.starts_with(entity))
                    .unwrap_or(""),
                None,
            ),
        };
        prop_assert!(!token.is_empty(), "not escaped: {html:?}");
        if let Some(opens) = opens {
            prop_assert!(opens != open, "marks inside marks: {html:?}");
            open = opens;
        }
        rest = &rest[token.len()..];
    }
    prop_assert!(!open, "a mark is not closed: {html:?}");
    Ok(())
}
