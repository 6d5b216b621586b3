//! Imports: every form of file, bad rows told by line, twice the same as once, resumed after a kill, and nobody told of
//! what is old.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fmt::Write as _;
use std::path::Path;
use std::process::{Command, Output};

use serde_json::{Value, json};

fn zhida(dir: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_zhida")).args(arguments).arg("--dir").arg(dir).output().unwrap()
}

fn import(dir: &Path, file: &Path) -> Value {
    let output = zhida(dir, &["import", "--json", file.to_str().unwrap()]);
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    serde_json::from_str(&text).unwrap_or_else(|_| panic!("{text}{}", String::from_utf8_lossy(&output.stderr)))
}

fn report(summary: &Value) -> &Value {
    &summary["files"][0]["report"]
}

#[test]
fn bad_rows_are_told_by_line_and_the_others_kept() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("rows.jsonl");
    let rows = "\u{feff}{\"id\":\"1\",\"title\":\"示例一\"}\n{broken\n\n{\"id\":\"2\"}\n{\"id\":\"3\",\"title\":\"示例三\",\"published\":\"someday\"}\n{\"id\":\"4\",\"title\":\"示例四\"}";
    std::fs::write(&file, rows).unwrap();
    let summary = import(dir.path(), &file);
    let report = report(&summary);
    assert_eq!((&report["new"], &report["rejected"]), (&json!(2), &json!(3)), "{report}");
    let lines: Vec<i64> =
        report["rejections"].as_array().unwrap().iter().map(|row| row["line"].as_i64().unwrap()).collect();
    assert_eq!(lines, [2, 4, 5]);
    let again = import(dir.path(), &file);
    assert_eq!((&self::report(&again)["new"], &self::report(&again)["unchanged"]), (&json!(0), &json!(2)));
}

#[test]
fn a_csv_of_excel_with_bom_or_in_gbk() {
    let dir = tempfile::tempdir().unwrap();
    let text = "标题,发文字号,发布日期,正文\r\n\"示例通知，带逗号\",镇政发〔2020〕1号,2020/1/5,\"第一行\n第二行\"\r\n示例二,,2020年1月6日,正文\r\n";
    let with_bom = dir.path().join("bom.csv");
    std::fs::write(&with_bom, format!("\u{feff}{text}")).unwrap();
    let (gbk, ..) = encoding_rs::GBK.encode(text);
    let in_gbk = dir.path().join("gbk.csv");
    std::fs::write(&in_gbk, gbk).unwrap();
    assert_eq!(report(&import(dir.path(), &with_bom))["new"], 2);
    // the same rows in another charset are the same policies
    assert_eq!(report(&import(dir.path(), &in_gbk))["unchanged"], 2);
    let found = zhida(dir.path(), &["search", "镇政发[2020]1", "--json"]);
    let found: Value = serde_json::from_slice(&found.stdout).unwrap();
    assert_eq!(found["items"][0]["title"], "示例通知，带逗号");
}

#[test]
fn a_slip_in_a_table_costs_one_row() {
    let dir = tempfile::tempdir().unwrap();
    let write = |name: &str, bytes: &[u8]| {
        let file = dir.path().join(name);
        std::fs::write(&file, bytes).unwrap();
        file
    };
    let open = "标题,发文字号\n甲通知（示例）,示发〔2020〕1号\n\"乙通知（示例）,示发〔2020〕2号\n丙通知（示例）,示发〔2020〕3号\n";
    let quote = import(dir.path(), &write("quote.csv", open.as_bytes()));
    assert_eq!((&report(&quote)["new"], &report(&quote)["rejections"][0]["line"]), (&json!(2), &json!(3)), "{quote}");
    let comma = "标题,文号\n丁通知,示例,示发〔2020〕4号\n戊通知（示例）,示发〔2020〕5号\n";
    let comma = import(dir.path(), &write("comma.csv", comma.as_bytes()));
    assert!(report(&comma)["rejections"][0]["reason"].as_str().unwrap().contains("多出一格"), "{comma}");
    // the head of the file is plain ASCII, what follows is in the encoding of a Chinese Excel
    let (gbk, ..) = encoding_rs::GB18030.encode("己通知（示例）,示发〔2020〕6号\n");
    let late = [b"title,doc_number\n".to_vec(), b"plain title,\n".repeat(9_000), gbk.to_vec()].concat();
    import(dir.path(), &write("late.csv", &late));
    // a name above the header, and another separator
    import(
        dir.path(),
        &write("name.csv", "2020年政策台账;;\n序号;标题;文号\n1;庚通知（示例）;示发〔2020〕7号\n".as_bytes()),
    );
    let array = "[{\"title\":\"辛通知（示例）\",\"doc_number\":\"示发〔2020〕8号\"},\n{\"title\":\"\"}]";
    import(dir.path(), &write("array.json", array.as_bytes()));
    for (number, title) in [(6, "己通知"), (7, "庚通知"), (8, "辛通知")] {
        let found = zhida(dir.path(), &["search", &format!("示发〔2020〕{number}号"), "--json"]);
        let found: Value = serde_json::from_slice(&found.stdout).unwrap();
        assert!(found["items"][0]["title"].as_str().unwrap().starts_with(title), "{number}: {found}");
    }
}

#[test]
fn a_number_is_kept_without_its_label() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("labels.csv");
    let rows = "标题,文号\n甲通知（示例）,发文字号：渝府发〔2023〕15号\n乙通知（示例）,文号：待定\n";
    std::fs::write(&file, rows).unwrap();
    assert_eq!(report(&import(dir.path(), &file))["new"], 2);
    for (title, number) in [("甲通知", "渝府发〔2023〕15号"), ("乙通知", "文号：待定")] {
        let found = zhida(dir.path(), &["search", title, "--json"]);
        let found: Value = serde_json::from_slice(&found.stdout).unwrap();
        assert_eq!(found["items"][0]["doc_number"], number, "{found}");
    }
}

#[test]
fn a_file_that_is_none_says_so() {
    let dir = tempfile::tempdir().unwrap();
    for (name, content, words) in [
        ("empty.jsonl", &b""[..], "空的"),
        ("rows.docx", b"x", "不认识的文件类型"),
        ("rows.jsonl.gz", b"no gzip", "rows.jsonl.gz"),
        ("rows.xlsx", b"no xlsx", "损坏"),
        ("columns.csv", "甲,乙\n1,2\n".as_bytes(), "甲、乙"),
        ("blank.csv", b"\n\n", "空的"),
    ] {
        let file = dir.path().join(name);
        std::fs::write(&file, content).unwrap();
        let output = zhida(dir.path(), &["import", file.to_str().unwrap()]);
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(1), "{name}");
        assert!(said.contains(words), "{name}: {said}");
    }
    // nothing in it was a row
    let file = dir.path().join("none.jsonl");
    std::fs::write(&file, "{\n\"title\": \"示例\"\n}").unwrap();
    let output = zhida(dir.path(), &["import", file.to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&output.stdout).contains("每一行应是一个完整的 JSON 对象"));
}

#[test]
fn a_killed_import_goes_on_where_it_was() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("rows.jsonl");
    let mut rows = String::new();
    for number in 0..1_600 {
        writeln!(
            rows,
            "{}",
            json!({ "id": format!("r{number}"), "title": format!("示例政策第{number}号"), "published": "2020-01-01" })
        )
        .unwrap();
    }
    std::fs::write(&file, rows).unwrap();
    let killed = Command::new(env!("CARGO_BIN_EXE_zhida"))
        .args(["import", file.to_str().unwrap(), "--dir", dir.path().to_str().unwrap()])
        .env("ZHIDA_FAILPOINT", "import.after_batch:2")
        .output()
        .unwrap();
    assert_eq!(killed.status.code(), None, "the process was not killed");
    let summary = import(dir.path(), &file);
    let report = report(&summary);
    assert_eq!((&report["resumed"], &report["new"]), (&json!(1_000), &json!(600)), "{report}");
    assert!(zhida(dir.path(), &["index", "verify"]).status.success());
}

/// 50,000 old documents that match a live subscription, and one new one.
#[test]
fn a_bulk_import_tells_nobody_of_what_is_old() {
    let dir = tempfile::tempdir().unwrap();
    let profiles = dir.path().join("profiles.jsonl");
    let profile = json!({ "id": "x", "name": "示例企业", "email": "x@enterprise.example", "region_code": "321181",
        "interests": { "keywords": ["技术改造"] } });
    std::fs::write(&profiles, profile.to_string()).unwrap();
    assert!(zhida(dir.path(), &["enterprise", "import", profiles.to_str().unwrap()]).status.success());

    let row = |id: String, published: String| {
        json!({ "id": id, "title": format!("镇江市工业和信息化局关于申报技术改造项目的通知{id}"), "published": published,
            "issuer": "镇江市工业和信息化局", "body": "在本市注册的企业均可申报技术改造项目。" })
        .to_string()
    };
    let today = zhida::clock::Clock::System.today();
    let mut rows: Vec<String> = (0..50_000).map(|n| row(n.to_string(), format!("2023-{:02}-11", n % 12 + 1))).collect();
    rows.push(row("new".to_owned(), today.to_string()));
    rows.push(row("eight-days".to_owned(), (today - chrono::Days::new(8)).to_string()));
    let file = dir.path().join("rows.jsonl");
    std::fs::write(&file, rows.join("\n")).unwrap();
    let summary = import(dir.path(), &file);
    assert_eq!(report(&summary)["new"], 50_002, "{summary}");
    assert_eq!(summary["matched"]["deliveries"], 1, "{summary}");
    assert_eq!(summary["matched"]["too_old"], 50_001, "{summary}");
    // a rebuild tells nobody either
    assert!(zhida(dir.path(), &["index", "rebuild"]).status.success());
    let again: Value = import(dir.path(), &file);
    assert_eq!(again["matched"]["deliveries"], 0, "{again}");
}
