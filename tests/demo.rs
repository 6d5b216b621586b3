//! The main job as a user sees it: `zhida demo --once`, on the bundled samples and on a folder of strange pages.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::BTreeSet;
use std::process::Command;

use serde_json::Value;

fn demo(arguments: &[&str]) -> (bool, Value) {
    let output = Command::new(env!("CARGO_BIN_EXE_zhida")).args(["demo", "--once", "--json"]).args(arguments).output();
    let output = output.unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let summary = serde_json::from_str(&text)
        .unwrap_or_else(|error| panic!("{error}: {text} {}", String::from_utf8_lossy(&output.stderr)));
    (output.status.success(), summary)
}

#[test]
fn the_bundled_samples_reach_the_right_inboxes_and_no_other() {
    let (well, summary) = demo(&[]);
    assert!(well, "{summary}");
    assert_eq!(summary["stored"], summary["indexed"]);
    assert_eq!(summary["deliveries"], summary["delivered"]);
    assert_eq!(summary["too_old"], 1);
    let notices: BTreeSet<(&str, &str)> = summary["notices"]
        .as_array()
        .unwrap()
        .iter()
        .map(|notice| (notice["address"].as_str().unwrap(), notice["policy"].as_str().unwrap()))
        .collect();
    let got = |address: &str, words: &str| notices.iter().any(|(to, title)| *to == address && title.contains(words));
    // a national, a provincial, a city and a county document, each for whom it is
    for (address, words) in [
        ("demo02@example.com", "专精特新中小企业"),
        ("demo10@example.com", "专精特新中小企业"),
        ("demo04@example.com", "省级智能工厂"),
        ("demo01@example.com", "工业软件首版次"),
        ("demo07@example.com", "贷款贴息"),
        ("demo02@example.com", "知识产权质押"),
        ("demo03@example.com", "龙头企业"),
        ("demo08@example.com", "生物医药"),
        ("demo09@example.com", "广州市"),
        ("demo05@example.com", "跨境电商"),
        ("demo06@example.com", "稳岗返还"),
    ] {
        assert!(got(address, words), "{address} did not hear of {words}: {notices:#?}");
    }
    for (address, words) in [
        ("demo01@example.com", "广州市"),
        ("demo09@example.com", "镇江市"),
        ("demo08@example.com", "镇江市"),
        ("demo10@example.com", "丹阳市"),
        ("demo01@example.com", "运营补助"),
    ] {
        assert!(!got(address, words), "{address} heard of {words}");
    }
    for (address, title) in &notices {
        assert!(!["demo11@example.com", "demo12@example.com"].contains(address), "{address} heard of {title}");
        assert!(!title.contains("招生"), "{address} heard of {title}");
    }
}

#[test]
fn a_folder_of_strange_pages_does_the_same() {
    let dir = tempfile::tempdir().unwrap();
    let site = dir.path().join("site/深层 目录");
    std::fs::create_dir_all(&site).unwrap();
    let page = |title: &str, text: &str| {
        format!(
            "<html><head><title>{title}</title></head><body><h1>{title}</h1><p>发布日期：2024-05-06 来源：丹阳市科技局</p>\
             <div class=\"content\"><p>{text}</p><p>各有关单位应按要求组织实施，认真做好申报、审核和报送工作。</p></div></body></html>"
        )
    };
    let notice = page("丹阳市科技局关于组织申报示例技术改造项目的通知", "在本市注册的企业均可申报技术改造项目。");
    std::fs::write(site.join("通知 1.html"), &notice).unwrap();
    let other = notice.replace("技术改造", "智能化改造");
    let (gbk, ..) = encoding_rs::GBK.encode(&other);
    std::fs::write(site.join("gbk.htm"), gbk).unwrap();
    std::fs::write(site.join("empty.html"), "").unwrap();
    std::fs::write(site.join("broken.html"), "<html><<<<").unwrap();
    let profiles = dir.path().join("profiles.jsonl");
    let profile = r#"{"id":"x","name":"示例企业","region_code":"321181","interests":{"keywords":["技术改造"]}}"#;
    std::fs::write(&profiles, format!("\u{feff}{profile}\n\n")).unwrap();
    let folder = dir.path().join("site");
    let (well, summary) = demo(&["--site", folder.to_str().unwrap(), "--profiles", profiles.to_str().unwrap()]);
    assert!(well, "{summary}");
    assert!(summary["delivered"].as_i64().unwrap() >= 1, "{summary}");
    assert!(
        summary["crawls"][0]["failed"].as_i64().unwrap() >= 2,
        "the empty and the broken page were not told: {summary}"
    );
}

#[test]
fn what_did_not_do_its_part_ends_with_1() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("1.html"), "").unwrap();
    let (well, summary) = demo(&["--site", dir.path().to_str().unwrap()]);
    assert!(!well && !summary["failures"].as_array().unwrap().is_empty());
    for arguments in [&["--site", "/does/not/exist"][..], &["--profiles", "/does/not/exist"]] {
        let output =
            Command::new(env!("CARGO_BIN_EXE_zhida")).args(["demo", "--once"]).args(arguments).output().unwrap();
        assert_eq!(output.status.code(), Some(1));
        assert!(String::from_utf8_lossy(&output.stderr).contains("/does/not/exist"));
    }
}
