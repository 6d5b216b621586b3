//! Commands as they are typed: exit codes, what is said, and that one slip does not stop the rest.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::path::Path;
use std::process::{Command, Output, Stdio};

use axum::Router;
use axum::http::StatusCode;
use axum::response::Html;
use axum::routing::get;

fn zhida(dir: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_zhida"));
    command.args(arguments).arg("--dir").arg(dir).stdin(Stdio::null());
    command
}

fn run(dir: &Path, arguments: &[&str]) -> Output {
    zhida(dir, arguments).output().unwrap()
}

fn said(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

#[test]
fn wrong_usage_ends_with_2_and_names_the_option() {
    let dir = tempfile::tempdir().unwrap();
    for (arguments, words) in [
        (&["search", "x", "--page", "0"][..], "--page"),
        (&["search", "x", "--published-from", "someday"], "--published-from"),
        (&["search", "x", "--sort", "best"], "--sort"),
        (&["serve", "--listen", "127.0.0.1:99999"], "127.0.0.1:99999"),
        (&["extract", "-", "--url", "javascript:1"], "--url"),
        (&["search", "--nonsense"], "--nonsense"),
    ] {
        let output = run(dir.path(), arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {}", said(&output));
        assert!(said(&output).contains(words), "{arguments:?}: {}", said(&output));
    }
}

#[test]
fn a_reader_that_has_seen_enough_does_not_stop_the_work() {
    let dir = tempfile::tempdir().unwrap();
    let rows = dir.path().join("rows.jsonl");
    std::fs::write(&rows, "{\"title\":\"示例一\"}\n{broken\n{\"title\":\"示例二\"}").unwrap();
    let mut child = zhida(dir.path(), &["import", rows.to_str().unwrap()]).stdout(Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    assert!(child.wait().unwrap().success());
    assert!(run(dir.path(), &["index", "verify"]).status.success(), "the work was not done to its end");
}

#[test]
fn a_search_says_when_the_index_is_behind() {
    let dir = tempfile::tempdir().unwrap();
    assert!(said(&run(dir.path(), &["search", "示例"])).contains("还没有政策"));
    let rows = dir.path().join("rows.jsonl");
    std::fs::write(&rows, "{\"title\":\"示例一\"}").unwrap();
    assert!(run(dir.path(), &["import", rows.to_str().unwrap()]).status.success());
    std::fs::remove_dir_all(dir.path().join("index")).unwrap();
    assert!(said(&run(dir.path(), &["search", "示例"])).contains("index rebuild"));
    assert!(run(dir.path(), &["index", "rebuild"]).status.success());
    assert!(said(&run(dir.path(), &["search", "示例"])).contains("共 1 条"));
}

#[test]
fn an_editor_keeps_definitions_with_every_version() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("mine.toml");
    let definition = |title: &str| {
        format!(
            "name = \"mine\"\ntitle = \"{title}\"\nregion_code = \"321100\"\n\n[[list]]\n\
             url = \"https://www.shili.example/list/\"\nitem = \"li\"\n"
        )
    };
    let save = |text: &str| {
        std::fs::write(&file, text).unwrap();
        run(dir.path(), &["source", "save", file.to_str().unwrap(), "--note", "示例说明"])
    };
    // a broken one is refused with the reason, and nothing is kept
    let refused = save("name = \"mine\"\nunknown = 1\n");
    assert_eq!(refused.status.code(), Some(1));
    assert!(said(&refused).contains("mine.toml") && said(&refused).contains("unknown"), "{}", said(&refused));
    assert_eq!(run(dir.path(), &["source", "show", "mine"]).status.code(), Some(1));

    let first = said(&save(&definition("示例站一")));
    assert!(first.contains("第 1 版") && first.contains("还不会定时抓取"), "{first}");
    assert!(said(&save(&definition("示例站二"))).contains("第 2 版"));
    assert!(said(&save(&definition("示例站二"))).contains("第 2 版"), "the same again is no new version");
    let list = said(&run(dir.path(), &["source", "list"]));
    assert!(list.contains("示例站二") && list.contains("第 2 版") && list.contains("gov-cn-zuixin"), "{list}");
    assert_eq!(said(&run(dir.path(), &["source", "show", "mine", "--version", "1"])), definition("示例站一"));
    assert!(run(dir.path(), &["source", "revert", "mine", "1"]).status.success());
    assert_eq!(
        said(&run(dir.path(), &["source", "show", "mine"])),
        definition("示例站一"),
        "the export is what was saved"
    );
    let history = said(&run(dir.path(), &["source", "history", "mine"]));
    assert!(history.contains("示例说明") && history.contains("恢复第 1 版"), "{history}");
    assert!(run(dir.path(), &["source", "remove", "mine"]).status.success());
    assert_eq!(run(dir.path(), &["source", "show", "mine"]).status.code(), Some(1));
    assert!(run(dir.path(), &["source", "revert", "mine", "2"]).status.success());

    let verified = definition("示例站三").replace("region_code", "verified = true\nregion_code");
    assert!(said(&save(&verified)).contains("按时间表抓取"));

    // a bundled one is changed by saving one of its name, and is itself again when that is removed
    let bundled = said(&run(dir.path(), &["source", "show", "gov-cn-zuixin"]));
    let changed = bundled.replacen("title = \"", "title = \"改过的", 1);
    assert!(save(&changed).status.success());
    assert!(said(&run(dir.path(), &["source", "list"])).contains("改过的"));
    assert!(run(dir.path(), &["source", "remove", "gov-cn-zuixin"]).status.success());
    assert!(!said(&run(dir.path(), &["source", "list"])).contains("改过的"));
    assert_eq!(run(dir.path(), &["source", "remove", "gov-cn-zuixin"]).status.code(), Some(1));
}

#[test]
fn a_server_that_is_not_there_is_named_at_once() {
    let dir = tempfile::tempdir().unwrap();
    let started = std::time::Instant::now();
    let mut command = zhida(dir.path(), &["search", "示例"]);
    let output = command.env("ZHIDA_DATABASE_URL", "postgres://zhida:geheim@127.0.0.1:1/zhida").output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(started.elapsed() < std::time::Duration::from_secs(10));
    let said = said(&output);
    assert!(said.contains("127.0.0.1:1/zhida") && !said.contains("geheim"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_that_fails_is_told_first_and_ends_with_1() {
    let item = |n: usize| format!("<li><a href=\"/missing/{n}.html\">没有的网页第{n}号</a></li>");
    let list = format!("<ul><li><a href=\"/art.html\">示例通知</a></li>{}</ul>", (0..30).map(item).collect::<String>());
    let text = "各有关单位应按要求组织实施，认真做好申报、审核和报送工作。".repeat(4);
    let article =
        format!("<html><body><h1>关于示例工作的通知</h1><div class=content><p>{text}</p></div></body></html>");
    let router = Router::new()
        .route("/list.html", get(async move || Html(list)))
        .route("/art.html", get(async move || Html(article)))
        .route("/broken.html", get(async || StatusCode::INTERNAL_SERVER_ERROR));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, router).await });
    let dir = tempfile::tempdir().unwrap();
    let definition = format!(
        "name = \"two\"\ntitle = \"示例站\"\nregion_code = \"321100\"\n[[list]]\nurl = \"http://{address}/list.html\"\n\
         item = \"li\"\n[[list]]\nurl = \"http://{address}/broken.html\"\nitem = \"li\"\n"
    );
    let file = dir.path().join("two.toml");
    std::fs::write(&file, definition).unwrap();
    let mut command = zhida(dir.path(), &["crawl", file.to_str().unwrap()]);
    command.env("ZHIDA_CRAWL_ALLOW_PRIVATE", address.to_string()).env("ZHIDA_CRAWL_DELAY_MS", "0");
    let output = tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap();
    let said = said(&output);
    assert_eq!(output.status.code(), Some(1), "{said}");
    let first = said.lines().nth(1).unwrap_or_default();
    assert!(first.contains("broken.html") && first.contains("500"), "{said}");
    assert!(said.contains("新增 1") && said.contains("另有 11 条"), "{said}");
}

#[test]
fn judged_pairs_are_matched_by_what_the_texts_say() {
    let pairs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data/eval/match");
    if !pairs.exists() {
        assert!(std::env::var_os("ZHIDA_TEST_ALL").is_none(), "../shared/data not found");
        return println!("left out: ../shared/data not found");
    }
    let output = zhida(&pairs, &["eval", "match", "--json"]).output().unwrap();
    assert!(output.status.success(), "{}", said(&output));
    let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let count = |list: &str| report[list].as_array().unwrap().len();
    assert!(count("misses") <= 2, "{}", report["misses"]);
    assert!(count("false_pushes") <= 2, "{}", report["false_pushes"]);
}

#[test]
fn an_editor_looks_at_a_policy_corrects_withdraws_and_restores_it() {
    let dir = tempfile::tempdir().unwrap();
    let rows = dir.path().join("rows.jsonl");
    let import = |body: &str| {
        let row = |url: &str, number: &str, office: &str, body: &str| {
            format!(
                "{{\"url\":\"https://gxj.shili.gov.cn/{url}\",\"title\":\"示例市关于{url}项目申报的通知\",\"doc_number\":\"{number}\",\
                 \"issuer\":\"示例市{office}\",\"published\":\"2020-01-02\",\"body\":\"{body}\"}}\n"
            )
        };
        let twice = "公告2020年第7号";
        let text = row("a", "示工信〔2020〕1号", "工业和信息化局", body)
            + &row("b", twice, "财政局", "示例乙。")
            + &row("c", twice, "商务局", "示例丙。");
        std::fs::write(&rows, text).unwrap();
        assert!(run(dir.path(), &["import", rows.to_str().unwrap()]).status.success());
    };
    import("补助不超过50万元。");
    import("补助不超过80万元。");
    let ok = |arguments: &[&str]| {
        let output = run(dir.path(), arguments);
        assert_eq!(output.status.code(), Some(0), "{arguments:?}: {}", said(&output));
        said(&output)
    };
    let refused = |arguments: &[&str], code: i32, words: &str| {
        let output = run(dir.path(), arguments);
        assert_eq!(output.status.code(), Some(code), "{arguments:?}: {}", said(&output));
        assert!(said(&output).contains(words), "{arguments:?}: {}", said(&output));
    };
    let json = |arguments: &[&str]| -> serde_json::Value { serde_json::from_str(&ok(arguments)).unwrap() };

    // by its number, in any writing, when only one policy has it
    let number = "示工信[2020]1";
    let shown = json(&["policy", "show", number, "--json"]);
    let id = shown["id"].as_str().unwrap().to_owned();
    assert_eq!(shown["version"], 2);
    let text = ok(&["policy", "show", &id]);
    assert!(text.contains("发文字号：示工信〔2020〕1号") && text.contains("https://gxj.shili.gov.cn/a"), "{text}");
    refused(&["policy", "show", "公告2020年第7号"], 1, "有 2 份政策");
    refused(&["policy", "show", "没有这个"], 1, "zhida search");
    refused(&["policy", "show"], 2, "政策");

    assert!(ok(&["policy", "versions", &id]).contains("首次收录"));
    assert_eq!(json(&["policy", "versions", &id, "--json"])[0]["version"], 2);
    assert!(ok(&["policy", "diff", &id]).contains("补助不超过[-50-]{+80+}万元。"));
    assert_eq!(json(&["policy", "diff", &id, "--from", "2", "--to", "1", "--json"])["from"], 2);
    refused(&["policy", "diff", &id, "--to", "9"], 1, "没有第 9 版");
    refused(&["policy", "diff", &id, "--to", "x"], 2, "--to");

    assert!(ok(&["policy", "correct", &id]).contains("expires_on"), "what can be corrected");
    refused(&["policy", "correct", &id, "title"], 2, "值");
    refused(&["policy", "correct", &id, "body_text", "x"], 2, "可以更正的有");
    refused(&["policy", "correct", &id, "expires_on", "someday"], 2, "2026-01-31");
    assert!(ok(&["policy", "correct", &id, "expires_on", "2019-12-31"]).contains("2019-12-31"));
    ok(&["policy", "correct", &id, "issuers", "[\"示例市财政局\"]", "--editor", "示例编辑"]);
    ok(&["policy", "correct", &id, "index_number", "2020", "--json"]);
    import("补助不超过90万元。");
    let shown = json(&["policy", "show", &id, "--json"]);
    assert_eq!((&shown["expires_on"], &shown["index_number"]), (&"2019-12-31".into(), &"2020".into()), "{shown}");
    assert_eq!((&shown["issuers"][0], &shown["validity"]), (&"示例市财政局".into(), &"expired".into()));
    assert!(ok(&["policy", "show", &id]).contains("示例编辑"));
    assert!(ok(&["policy", "uncorrect", &id, "expires_on"]).contains("（无）"));
    refused(&["policy", "uncorrect", &id, "expires_on"], 1, "更正过的字段：index_number、issuers");

    refused(&["policy", "withdraw", &id], 2, "--reason");
    refused(&["policy", "withdraw", &id, "--reason", " "], 2, "--reason");
    assert!(ok(&["policy", "withdraw", number, "--reason", "示例：发布有误"]).contains(&id));
    assert!(ok(&["search", "示工信〔2020〕1号"]).contains("没有找到"));
    for arguments in [&["policy", "show", &id][..], &["policy", "diff", &id], &["policy", "correct", &id, "zone", "x"]]
    {
        refused(arguments, 1, "示例：发布有误");
    }
    refused(&["policy", "restore", "没有这个"], 1, "编号");
    assert!(ok(&["policy", "restore", &id]).contains("示例市关于a项目申报的通知"));
    refused(&["policy", "restore", &id], 1, "没有撤下");
    assert!(ok(&["search", "示工信〔2020〕1号"]).contains("共 1 条"));
}
