//! A dictionary that an editor changes while the program runs: old documents are found by new words, and there is no
//! moment at which nothing is found.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::path::Path;

use zhida::config::Config;
use zhida::pipeline;
use zhida::state::AppState;
use zhida_index::SearchRequest;
use zhida_schemas::{Enterprise, Interests, Policy, ReasonKind, ReasonState};

fn found(state: &AppState, query: &str) -> Vec<String> {
    let request = SearchRequest { query: query.to_owned(), limit: 10, ..SearchRequest::default() };
    let results = state.search.index().search(&request, state.clock.today()).unwrap();
    results.hits.into_iter().map(|hit| hit.id).collect()
}

async fn open(dir: &Path) -> AppState {
    AppState::open(Config::default(), dir).await.unwrap()
}

fn write(dir: &Path, name: &str, rows: &[u8]) {
    std::fs::create_dir_all(dir.join("vocabularies")).unwrap();
    std::fs::write(dir.join("vocabularies").join(name), rows).unwrap();
}

fn directories(dir: &Path) -> usize {
    std::fs::read_dir(dir.join("index")).unwrap().count()
}

#[tokio::test(flavor = "multi_thread")]
async fn old_documents_are_found_by_new_words() {
    let dir = tempfile::tempdir().unwrap();
    let state = open(dir.path()).await;
    let policy = |id: &str, title: &str| Policy { id: id.into(), title: title.into(), ..Policy::default() };
    let policies = [
        policy("coupon", "关于发放智转券的通知（示例）"),
        policy("platform", "低空经济平台管理办法（示例）"),
        policy("other", "关于转发智能终端消费券兑换办法的通知（示例）"),
    ];
    state.store.save_policies(&policies, state.clock.now()).await.unwrap();
    pipeline::catch_up(&state).await.unwrap();
    assert_eq!(found(&state, "小鸟计划"), Vec::<String>::new());
    let before = state.search.analyzer().fingerprint();

    // Excel saves with a byte order mark
    write(dir.path(), "terms.csv", "\u{feff}term,freq,tag\r\n智转券,1000,n\r\n\r\n".as_bytes());
    write(dir.path(), "synonyms.csv", "short,full\n小鸟计划,低空经济平台\n".as_bytes());
    assert!(state.search.is_outdated().unwrap());
    // one that starts now answers from the index that was built last
    let early = open(dir.path()).await;
    assert!(early.search.is_outdated().unwrap());
    assert_eq!(early.search.analyzer().fingerprint(), before);
    assert!(found(&early, "智转券").contains(&"coupon".to_owned()));
    drop(early);

    assert!(state.search.renew(&state.store, |_| {}).await.unwrap());
    assert_ne!(state.search.analyzer().fingerprint(), before);
    assert_eq!(found(&state, "智转券"), ["coupon"]);
    assert_eq!(found(&state, "小鸟计划"), ["platform"]);
    assert_eq!(directories(dir.path()), 1, "the superseded index stays");
    assert!(!state.search.renew(&state.store, |_| {}).await.unwrap(), "nothing has changed since");

    // the matcher reads the same vocabularies
    let profile = Enterprise {
        id: "x".into(),
        name: "示例企业".into(),
        region_code: Some("321181".into()),
        interests: Interests { keywords: vec!["小鸟计划".into()], ..Interests::default() },
        ..Enterprise::default()
    };
    let judged = zhida_index::profiles::judge(&state.search.analyzer(), &profile, &policies[1]);
    let says = |kind| judged.reasons.iter().any(|reason| reason.kind == kind && reason.state == ReasonState::Met);
    assert!(says(ReasonKind::Keyword), "{judged:?}");

    // it goes on taking in documents, and the next start opens it
    state.store.save_policies(&[policy("late", "智转券兑付指南（示例）")], state.clock.now()).await.unwrap();
    pipeline::catch_up(&state).await.unwrap();
    let next = open(dir.path()).await;
    assert!(!next.search.is_outdated().unwrap());
    let mut coupons = found(&next, "智转券");
    coupons.sort();
    assert_eq!(coupons, ["coupon", "late"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broken_file_changes_nothing_and_is_named() {
    let dir = tempfile::tempdir().unwrap();
    let state = open(dir.path()).await;
    for (bytes, words) in [(&b"term,freq,tag\n\xff\xfe,1,n\n"[..], "UTF-8"), (&[b'x'; (4 << 20) + 1], "4 MB")] {
        write(dir.path(), "terms.csv", bytes);
        let error = format!("{:#}", state.search.renew(&state.store, |_| {}).await.unwrap_err());
        assert!(error.contains(words) && error.contains("terms.csv"), "{error}");
    }
    // rows that are none are passed over
    write(dir.path(), "terms.csv", "term,freq,tag\n\"没有收尾\n，，，\n智转券,,\n".as_bytes());
    assert!(state.search.renew(&state.store, |_| {}).await.unwrap());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_table_that_excel_saved_is_read() {
    let dir = tempfile::tempdir().unwrap();
    let state = open(dir.path()).await;
    let policy = |id: &str, title: &str| Policy { id: id.to_owned(), title: title.to_owned(), ..Policy::default() };
    let policies =
        [policy("coupon", "关于发放智转券的通知（示例）"), policy("other", "关于转发智能终端消费券的通知（示例）")];
    state.store.save_policies(&policies, state.clock.now()).await.unwrap();
    pipeline::catch_up(&state).await.unwrap();
    let text = "term,freq,tag\r\n智转券,1000,n\r\n";
    let (gbk, ..) = encoding_rs::GB18030.encode(text);
    let utf16: Vec<u8> = "\u{feff}".encode_utf16().chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect();
    for saved in [&gbk[..], &utf16] {
        write(dir.path(), "terms.csv", saved);
        // the same words, however they are saved: one index for them
        state.search.renew(&state.store, |_| {}).await.unwrap();
        assert_eq!(found(&state, "智转券"), ["coupon"]);
        assert!(!open(dir.path()).await.search.is_outdated().unwrap());
    }
    write(dir.path(), "terms.csv", text.as_bytes());
    assert!(!state.search.is_outdated().unwrap());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broken_file_stops_no_start() {
    let dir = tempfile::tempdir().unwrap();
    write(dir.path(), "terms.csv", "term,freq,tag\n智转券,1000,n\n".as_bytes());
    let state = open(dir.path()).await;
    let policy =
        Policy { id: "coupon".into(), title: "关于发放智转券的通知（示例）".into(), ..Policy::default() };
    state.store.save_policies(&[policy], state.clock.now()).await.unwrap();
    pipeline::catch_up(&state).await.unwrap();
    let words = state.search.analyzer().fingerprint();
    drop(state);

    for bytes in [&b"term,freq,tag\n\xff\xfe,1,n\n"[..], &[b'x'; (4 << 20) + 1]] {
        write(dir.path(), "terms.csv", bytes);
        // the last index that was built answers
        let next = open(dir.path()).await;
        assert_eq!(next.search.analyzer().fingerprint(), words);
        assert!(found(&next, "智转券").contains(&"coupon".to_owned()));
        drop(next);
        let program = |arguments: &[&str]| {
            let mut program = std::process::Command::new(env!("CARGO_BIN_EXE_zhida"));
            let output = program.args(arguments).arg("--dir").arg(dir.path()).output().unwrap();
            (output.status.success(), String::from_utf8_lossy(&output.stdout).into_owned())
        };
        let rows = dir.path().join("rows.jsonl");
        std::fs::write(&rows, "{\"title\":\"智转券兑付指南（示例）\"}").unwrap();
        let (well, said) = program(&["import", rows.to_str().unwrap()]);
        assert!(well, "{said}");
        let (well, said) = program(&["search", "智转券"]);
        assert!(well && said.contains("关于发放智转券") && said.contains("兑付指南"), "{said}");
        let (well, said) = program(&["doctor"]);
        let line = said.lines().find(|line| line.contains("terms.csv")).unwrap_or_default();
        assert!(!well && line.starts_with('✗') && line.contains("移走"), "{said}");
    }

    // nothing was built yet: the vocabularies of the program
    let fresh = tempfile::tempdir().unwrap();
    std::fs::create_dir_all(fresh.path().join("vocabularies/terms.csv")).unwrap();
    let fresh_state = open(fresh.path()).await;
    assert!(found(&fresh_state, "智转券").is_empty());
    std::fs::remove_dir(fresh.path().join("vocabularies/terms.csv")).unwrap();
    assert!(!fresh_state.search.is_outdated().unwrap());
}
