//! What becomes of a document: its copies, versions, corrections, what later documents do to it, its withdrawal. Told
//! as stories over a real server and a real inbox.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use chrono::{DateTime, TimeDelta, Utc};
use mail_parser::MessageParser;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use zhida::clock::Clock;
use zhida::config::Config;
use zhida::push::catcher::Catcher;
use zhida::push::channels::Channels;
use zhida::push::outbox::deliver_due;
use zhida::state::AppState;
use zhida::{api, pipeline, web};
use zhida_crawlers::{PageContext, extract, understand};

const TOKEN: &str = "a-token-of-some-length";

struct Answer {
    status: u16,
    head: String,
    text: String,
}

impl Answer {
    fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|_| panic!("no JSON: {}", self.text))
    }
}

struct Story {
    state: AppState,
    address: String,
    catcher: Catcher,
    _dir: tempfile::TempDir,
}

/// A mail as it is read.
struct Mail {
    to: String,
    subject: String,
    text: String,
}

impl Story {
    async fn begin() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let catcher = Catcher::start("127.0.0.1:0").await.unwrap();
        let mut config = Config::default();
        config.api.token = TOKEN.to_owned();
        config.mail.url = format!("smtp://{}", catcher.address());
        config.mail.from = "直达 <noreply@zhida.example>".to_owned();
        config.platform.base_url = "https://zhida.example".to_owned();
        let mut state = AppState::open(config, dir.path()).await.unwrap();
        state.clock = Clock::fixed("2026-03-10T04:00:00Z".parse::<DateTime<Utc>>().unwrap());
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let router = web::router(state.clone()).merge(api::router(state.clone()));
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { state, address, catcher, _dir: dir }
    }

    async fn ask(&self, method: &str, path: &str, body: Option<&Value>) -> Answer {
        let body = body.map(Value::to_string).unwrap_or_default();
        let request = format!(
            "{method} {path} HTTP/1.0\r\nHost: {}\r\nAuthorization: Bearer {TOKEN}\r\nContent-Type: application/json\r\n\
             Content-Length: {}\r\n\r\n{body}",
            self.address,
            body.len()
        );
        self.raw(&request).await
    }

    async fn raw(&self, request: &str) -> Answer {
        let mut stream = tokio::net::TcpStream::connect(&self.address).await.unwrap();
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut bytes = Vec::new();
        stream.read_to_end(&mut bytes).await.unwrap();
        let answer = String::from_utf8(bytes).unwrap();
        let (head, text) = answer.split_once("\r\n\r\n").unwrap();
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        Answer { status, head: head.to_ascii_lowercase(), text: text.to_owned() }
    }

    async fn get(&self, path: &str) -> Answer {
        self.ask("GET", path, None).await
    }

    async fn publish(&self, rows: Value) -> Vec<String> {
        let answer = self.ask("POST", "/api/v1/policies", Some(&rows)).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        self.follow().await;
        answer.json().as_array().unwrap().iter().map(|row| row["id"].as_str().unwrap().to_owned()).collect()
    }

    /// As a crawl would: extracted, understood, saved.
    async fn read_page(&self, url: &str, html: &str) -> String {
        let mut policy = extract(html.as_bytes(), &PageContext { url, ..PageContext::default() }).unwrap();
        understand(&mut policy, Some("321100"));
        let saved = self.state.store.save_policies(&[policy], self.state.clock.now()).await.unwrap();
        self.follow().await;
        saved[0].0.clone()
    }

    async fn follow(&self) {
        // a second look finds what the first one caused
        for _ in 0..2 {
            pipeline::catch_up(&self.state).await.unwrap();
        }
    }

    async fn policy(&self, id: &str) -> Value {
        let answer = self.get(&format!("/api/v1/policies/{id}")).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        answer.json()
    }

    async fn total(&self, query: &str) -> i64 {
        self.get(&format!("/api/v1/policies?q={}", encoded(query))).await.json()["total"].as_i64().unwrap()
    }

    async fn subscribe(&self) {
        let profile = json!({ "id": "e1", "name": "示例精密制造有限公司", "email": "office@enterprise.example",
            "region_code": "321181", "interests": { "keywords": ["技术改造"] } });
        assert_eq!(self.ask("POST", "/api/v1/enterprises", Some(&profile)).await.status, 200);
    }

    /// Sends what is due, and gives what came in since the last time.
    async fn mails(&self) -> Vec<Mail> {
        let before = self.catcher.caught().len();
        let channels = Channels::from_config(&self.state.config).unwrap();
        let report = deliver_due(&self.state, &channels, "test").await.unwrap();
        assert!(report.is_well(), "{report}");
        let mails = self.catcher.caught().mails().split_off(before);
        let read = |mail: zhida::push::catcher::CaughtMail| {
            let parsed = MessageParser::default().parse(&mail.data).unwrap();
            Mail {
                to: mail.to.join(","),
                subject: parsed.subject().unwrap().to_owned(),
                text: parsed.body_text(0).unwrap().replace("\r\n", "\n"),
            }
        };
        mails.into_iter().map(read).collect()
    }

    fn later(&self, days: i64) {
        let later = self.state.clock.now() + TimeDelta::days(days).num_milliseconds();
        self.state.clock.set(DateTime::from_timestamp_millis(later).unwrap());
    }
}

fn encoded(text: &str) -> String {
    url::form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

/// What stands under a heading of a page.
fn section<'a>(page: &'a str, heading: &str) -> &'a str {
    let at = page.find(heading).unwrap_or_else(|| panic!("no {heading}: {page}"));
    page[at..].split("</section>").next().unwrap()
}

fn notice() -> Value {
    json!({ "url": "https://gxj.shili.gov.cn/a/1.html", "title": "镇江市工业和信息化局关于组织申报技术改造示例项目的通知",
        "doc_number": "镇工信〔2026〕11号", "issuer": "镇江市工业和信息化局", "published": "2026-03-09",
        "body": "各有关企业：\n为支持技术改造，现组织申报示例项目。\n申报企业应当在本市注册。补助不超过50万元。\n请于2026年4月15日前报送材料。" })
}

#[tokio::test(flavor = "multi_thread")]
async fn every_endpoint_is_described_and_no_other() {
    let story = Story::begin().await;
    let document = story.get("/api/openapi.json").await.json();
    let text = document.to_string();
    for reference in text.split("\"#/components/schemas/").skip(1) {
        let name = reference.split('"').next().unwrap();
        assert!(document["components"]["schemas"][name].is_object(), "{name} is not defined");
    }
    for (path, method) in [
        ("/api/v1/policies/{id}/versions", "get"),
        ("/api/v1/policies/{id}/versions/{version}", "get"),
        ("/api/v1/policies/{id}/diff", "get"),
        ("/api/v1/policies/{id}/corrections", "get"),
        ("/api/v1/policies/{id}/corrections/{field}", "put"),
        ("/api/v1/policies/{id}/corrections/{field}", "delete"),
        ("/api/v1/policies/{id}", "delete"),
        ("/api/v1/policies/{id}/restore", "post"),
    ] {
        assert!(document["paths"][path][method].is_object(), "{method} {path} is not described");
    }
    // what is described is there, and wants the token when it says so
    for (path, methods) in document["paths"].as_object().unwrap() {
        let path = path.replace("{id}", "none").replace("{field}", "title").replace("{version}", "1");
        let path = path.replace("{name}", "none");
        for (method, described) in methods.as_object().unwrap() {
            let method = method.to_ascii_uppercase();
            let request = format!("{method} {path} HTTP/1.0\r\nHost: {}\r\nContent-Length: 0\r\n\r\n", story.address);
            let answer = story.raw(&request).await;
            assert_ne!(answer.status, 405, "{method} {path}");
            assert!(!answer.text.contains("没有找到这个接口"), "{method} {path}");
            assert_eq!(answer.status == 401, described["security"].is_array(), "{method} {path}: {}", answer.text);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_changed_page_is_another_version_with_a_difference_to_read() {
    let story = Story::begin().await;
    let id = story.publish(notice()).await.remove(0);
    let path = |rest: &str| format!("/api/v1/policies/{id}{rest}");
    assert_eq!(story.get(&path("/versions")).await.json().as_array().unwrap().len(), 1);
    assert!(!story.get(&format!("/policies/{id}")).await.text.contains("版本与改动"));
    let page = story.get(&format!("/policies/{id}/versions")).await;
    assert!(page.status == 200 && page.text.contains("没有改动"), "{}", page.text);

    story.later(1);
    let mut changed = notice();
    changed["body"] = json!(changed["body"].as_str().unwrap().replace("50万元", "80万元").replace("4月15日", "4月30日"));
    assert_eq!(story.publish(changed.clone()).await[0], id);
    assert_eq!(story.publish(changed).await[0], id, "the same again is no version");

    let versions = story.get(&path("/versions")).await.json();
    assert_eq!(versions.as_array().unwrap().len(), 2, "{versions}");
    assert_eq!((&versions[0]["version"], &versions[1]["version"]), (&json!(2), &json!(1)));
    assert_eq!(versions[0]["at"].as_i64().unwrap() - versions[1]["at"].as_i64().unwrap(), 86_400_000);
    let fields: Vec<&str> =
        versions[0]["changed"].as_array().unwrap().iter().map(|c| c["field"].as_str().unwrap()).collect();
    assert!(fields.contains(&"body_text") && fields.contains(&"application"), "{versions}");
    let first = story.get(&path("/versions/1")).await.json();
    assert!(first["body_text"].as_str().unwrap().contains("50万元"));
    assert_eq!(story.get(&path("/versions/3")).await.status, 404);
    assert_eq!(story.get(&path("/versions/0")).await.status, 404);
    assert_eq!(story.get(&path("/versions/x")).await.status, 400);

    let difference = story.get(&path("/diff")).await.json();
    assert_eq!((&difference["from"], &difference["to"]), (&json!(1), &json!(2)));
    let of = |kind: &str| -> Vec<&str> {
        let pieces = difference["text"].as_array().unwrap().iter().filter(|piece| piece["kind"] == kind);
        pieces.map(|piece| piece["text"].as_str().unwrap()).collect()
    };
    assert_eq!((of("deleted"), of("inserted")), (vec!["50", "15"], vec!["80", "30"]), "{difference}");
    let back = story.get(&path("/diff?from=2&to=1")).await.json();
    assert_eq!(back["text"].as_array().unwrap().iter().filter(|piece| piece["kind"] == "deleted").count(), 2);
    assert_eq!(story.get(&path("/diff?from=2&to=2")).await.json()["text"], json!([]));
    assert_eq!(story.get(&path("/diff?from=7")).await.status, 404);
    assert_eq!(story.get(&path("/diff?from=x")).await.status, 400);

    let policy = story.get(&format!("/policies/{id}")).await.text;
    assert!(policy.contains(&format!("/policies/{id}/versions\">版本与改动（共 2 版）")), "{policy}");
    let page = story.get(&format!("/policies/{id}/versions")).await.text;
    for words in ["<del><span class=\"hidden\">删除：</span>50</del>", "新增：</span>80</ins>", "首次收录", "申报时间"] {
        assert!(page.contains(words), "{words}: {page}");
    }
    assert_eq!(story.get(&format!("/policies/{id}/versions?from=9&to=1")).await.status, 404);
    assert_eq!(story.get("/policies/none/versions").await.status, 404);
}
