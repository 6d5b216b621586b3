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
    changed["body"] =
        json!(changed["body"].as_str().unwrap().replace("50万元", "80万元").replace("4月15日", "4月30日"));
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
    for words in ["<del><span class=\"hidden\">删除：</span>50</del>", "新增：</span>80</ins>", "首次收录", "申报时间"]
    {
        assert!(page.contains(words), "{words}: {page}");
    }
    assert_eq!(story.get(&format!("/policies/{id}/versions?from=9&to=1")).await.status, 404);
    assert_eq!(story.get("/policies/none/versions").await.status, 404);
}

const ISSUER: &str = "https://gxj.zhenjiang.gov.cn/zcwj/2026/0309/t1.html";
const REPOST: &str = "https://www.zhenjiang.gov.cn/zwgk/art/2026/3/10/art_1.html";

fn paragraphs() -> [&'static str; 5] {
    [
        "各市、区工业和信息化主管部门，有关企业：",
        "为贯彻落实制造业高质量发展的要求，现组织开展2026年度技术改造示例项目申报工作，有关事项通知如下。",
        "一、申报企业应当在镇江市注册登记，具有独立法人资格，上年度营业收入不低于2000万元，项目总投资不低于500万元。",
        "二、对通过评审的项目，按照设备投资额的一定比例给予补助，最高不超过50万元。",
        "三、请于2026年4月15日前将申报材料报送至市工业和信息化局技术改造处，逾期不予受理。",
    ]
}

const TITLE: &str = "镇江市工业和信息化局关于组织申报2026年度技术改造示例项目的通知";

/// The issuer's own page: metadata in the head, the number in a table.
fn own_page(texts: &[&str]) -> String {
    let body: String = texts.iter().map(|text| format!("<p>{text}</p>")).collect();
    format!(
        "<html><head><title>{TITLE}</title><meta name=\"SiteName\" content=\"镇江市工业和信息化局\">\
         <meta name=\"ArticleTitle\" content=\"{TITLE}\"><meta name=\"PubDate\" content=\"2026-03-09 09:00\"></head><body>\
         <table><tr><td>发文字号：</td><td>镇工信〔2026〕11号</td></tr><tr><td>发布机构：</td><td>镇江市工业和信息化局</td></tr>\
         </table><h1>{TITLE}</h1><div id=\"zoom\">{body}<p>镇江市工业和信息化局</p><p>2026年3月9日</p></div></body></html>"
    )
}

/// The city's portal: a shorter title, everything in one column, the number in other brackets.
fn repost(texts: &[&str]) -> String {
    let body: String = texts.iter().map(|text| format!("<div><span>　　{text}</span></div>")).collect();
    let title = "关于组织申报2026年度技术改造示例项目的通知";
    format!(
        "<html><head><title>{title}_镇江市人民政府</title><meta name=\"SiteName\" content=\"镇江市人民政府\"></head><body>\
         <div class=\"crumbs\">首页 &gt; 政务公开</div><div class=\"tit\"><h2>{title}</h2></div><div>发布日期：2026-03-10　来源：市工信局</div>\
         <div class=\"TRS_Editor\"><div>镇工信[2026]11号</div>{body}</div><div>打印　关闭</div></body></html>"
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn one_document_of_two_sites_is_one_policy_and_the_issuers_page_leads() {
    for issuer_first in [true, false] {
        let story = Story::begin().await;
        let mut pages = vec![(ISSUER, own_page(&paragraphs())), (REPOST, repost(&paragraphs()))];
        if !issuer_first {
            pages.reverse();
        }
        let first = story.read_page(pages[0].0, &pages[0].1).await;
        story.later(1);
        let second = story.read_page(pages[1].0, &pages[1].1).await;
        assert_eq!(first, second, "issuer first: {issuer_first}");
        assert_eq!(story.state.store.policy_counts().await.unwrap().policies, 1);
        let policy = story.policy(&first).await;
        let places: Vec<&str> =
            policy["locations"].as_array().unwrap().iter().map(|place| place["url"].as_str().unwrap()).collect();
        assert_eq!(places, [ISSUER, REPOST], "issuer first: {issuer_first}");
        assert_eq!((&policy["url"], &policy["title"]), (&json!(ISSUER), &json!(TITLE)), "issuer first: {issuer_first}");
        assert_eq!(story.total("技术改造示例项目").await, 1);
        let page = story.get(&format!("/policies/{first}")).await.text;
        let others = section(&page, "同一文件的其他发布页");
        assert!(others.contains(REPOST) && others.contains("镇江市人民政府") && !others.contains(ISSUER), "{others}");
        // the same pages again change nothing
        let head = story.state.store.log_head().await.unwrap();
        for (url, html) in &pages {
            assert_eq!(story.read_page(url, html).await, first);
        }
        assert_eq!(story.state.store.log_head().await.unwrap(), head);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_only_looks_like_a_copy_stays_apart() {
    let story = Story::begin().await;
    let row = |url: &str, title: &str, number: &str, body: &str| {
        json!({ "url": url, "title": title, "doc_number": number, "issuer": "镇江市工业和信息化局",
            "published": "2026-03-09", "body": body })
    };
    let text = paragraphs().join("\n");
    let next_year = text.replace("2026", "2027");
    let ids = story
        .publish(json!([
            row("https://gxj.shili.gov.cn/1", TITLE, "镇工信〔2026〕11号", &text),
            row("https://gxj.shili.gov.cn/2", TITLE, "镇工信〔2026〕12号", &text),
            row("https://gxj.shili.gov.cn/3", &TITLE.replace("2026", "2027"), "镇工信〔2027〕11号", &next_year),
            row("https://gxj.shili.gov.cn/4", &TITLE.replace("的通知", "的补充通知"), "镇工信〔2026〕11号", &text),
            row("https://gxj.shili.gov.cn/5", &format!("《{TITLE}》解读"), "", &text),
            row("https://gxj.shili.gov.cn/6", &TITLE.replace("示例项目", "示例项目（第二批）"), "", &text),
        ]))
        .await;
    let apart: std::collections::HashSet<&String> = ids.iter().collect();
    assert_eq!(apart.len(), 6, "{ids:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_correction_outlives_every_reading_and_can_be_taken_back() {
    let story = Story::begin().await;
    let id = story.read_page(ISSUER, &own_page(&paragraphs())).await;
    let path = |rest: &str| format!("/api/v1/policies/{id}/corrections{rest}");
    let open = story.raw(&format!("PUT {} HTTP/1.0\r\nContent-Length: 2\r\n\r\n\"\"", path("/title"))).await;
    assert_eq!(open.status, 401);
    let listed = story.get(&path("")).await.json();
    assert_eq!(listed["items"], json!([]));
    let fields = listed["correctable"].as_array().unwrap();
    assert!(fields.iter().any(|field| field["field"] == "expires_on" && field["label"] == "有效期至"), "{listed}");

    for (field, value, words) in [
        ("body_text", json!("x"), "可以更正的有"),
        ("expires_on", json!("2026-02-30"), "日期"),
        ("region_code", json!("000000"), "行政区划代码"),
        ("title", json!(""), "不空的文字"),
    ] {
        let refused = story.ask("PUT", &path(&format!("/{field}")), Some(&value)).await;
        assert_eq!(refused.status, 422, "{field}");
        assert!(refused.json()["detail"].as_str().unwrap().contains(words), "{}", refused.text);
    }
    let put = format!("{}?editor={}", path("/expires_on"), encoded("示例编辑"));
    let corrected = story.ask("PUT", &put, Some(&json!("2026-12-31"))).await;
    assert_eq!((corrected.status, &corrected.json()["expires_on"]), (200, &json!("2026-12-31")));
    let title = json!("技术改造示例项目申报通知（更正）");
    assert_eq!(story.ask("PUT", &path("/title"), Some(&title)).await.status, 200);
    story.follow().await;
    assert_eq!(story.total("标题:更正").await, 1, "found by what was corrected");

    // the page is read again, changed
    story.later(3);
    let mut texts = paragraphs();
    texts[3] = "二、对通过评审的项目，按照设备投资额的一定比例给予补助，最高不超过80万元。";
    assert_eq!(story.read_page(ISSUER, &own_page(&texts)).await, id);
    let policy = story.policy(&id).await;
    assert_eq!((&policy["title"], &policy["expires_on"]), (&title, &json!("2026-12-31")));
    assert!(policy["body_text"].as_str().unwrap().contains("80万元"), "the rest follows the page");
    assert!(policy["evidence"]["title"].as_str().unwrap().contains("编辑更正"), "{policy}");
    let items = story.get(&path("")).await.json()["items"].clone();
    assert_eq!((&items[0]["field"], &items[0]["editor"]), (&json!("expires_on"), &json!("示例编辑")));
    let versions = story.get(&format!("/api/v1/policies/{id}/versions")).await.json();
    assert!(versions.to_string().contains("编辑更正"), "{versions}");

    assert_eq!(story.ask("DELETE", &path("/title"), None).await.status, 204);
    assert_eq!(story.ask("DELETE", &path("/title"), None).await.status, 404);
    let policy = story.policy(&id).await;
    assert_eq!((&policy["title"], &policy["expires_on"]), (&json!(TITLE), &json!("2026-12-31")));
    assert_eq!(story.ask("PUT", "/api/v1/policies/none/corrections/title", Some(&title)).await.status, 404);
}

/// The notice, found and told; gives its id.
async fn told(story: &Story) -> String {
    story.subscribe().await;
    let id = story.publish(notice()).await.remove(0);
    let mails = story.mails().await;
    assert_eq!(mails.len(), 1);
    assert!(mails[0].subject.starts_with("【新政策】"), "{}", mails[0].subject);
    id
}

fn later_document(number: &str, title: &str, body: &str) -> Value {
    json!({ "url": format!("https://gxj.shili.gov.cn/later/{}.html", number.len() + title.len()), "title": title,
        "doc_number": number, "issuer": "镇江市工业和信息化局", "published": "2026-03-12", "body": body })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_text_that_repeals_replaces_or_amends_changes_the_other_and_is_told_once() {
    let old = "镇江市工业和信息化局关于组织申报技术改造示例项目的通知";
    for (title, body, validity, subject, words) in [
        (
            "镇江市工业和信息化局关于印发设备更新示例办法的通知",
            format!(
                "各有关单位：\n现印发设备更新示例办法。\n本办法自2026年3月12日起施行，《{old}》（镇工信〔2026〕11号）同时废止。"
            ),
            "repealed",
            "【政策废止】",
            "废止，自2026年3月12日起",
        ),
        (
            "镇江市工业和信息化局关于印发设备更新示例办法的通知",
            format!(
                "各有关单位：\n现印发设备更新示例办法。\n本通知自印发之日起施行，原《{old}》（镇工信〔2026〕11号）由本通知代替。"
            ),
            "repealed",
            "【政策废止】",
            "替代，自2026年3月12日起",
        ),
        (
            "镇江市工业和信息化局关于修改技术改造示例项目申报要求的通知",
            format!(
                "各有关单位：\n现对《{old}》（镇工信〔2026〕11号）作如下修改：\n一、将申报截止日期修改为2026年5月15日。"
            ),
            "amended",
            "【政策修改】",
            "修改，自2026年3月12日起",
        ),
    ] {
        let story = Story::begin().await;
        let id = told(&story).await;
        story.later(2);
        let by = story.publish(later_document("镇工信〔2026〕20号", title, &body)).await.remove(0);
        let policy = story.policy(&id).await;
        assert_eq!(policy["validity"], validity, "{body}: {policy}");
        assert_eq!(policy["validity_by"][0]["policy_id"], by.as_str());
        assert!(policy["evidence"]["validity"].as_str().unwrap().contains("镇工信〔2026〕11号"), "{policy}");
        let page = story.get(&format!("/policies/{id}")).await.text;
        assert!(page.contains(&format!("<a href=\"/policies/{by}\">")) && page.contains(words), "{words}: {page}");
        assert!(page.contains("已被") && page.contains("原文："), "{page}");

        let mails: Vec<Mail> = story.mails().await.into_iter().filter(|mail| mail.subject.contains(old)).collect();
        assert_eq!(mails.len(), 1, "{:?}", mails.iter().map(|mail| &mail.subject).collect::<Vec<_>>());
        assert!(
            mails[0].subject.starts_with(subject) && mails[0].to == "office@enterprise.example",
            "{}",
            mails[0].subject
        );
        for part in [
            words,
            title,
            &format!("https://zhida.example/policies/{id}"),
            &format!("https://zhida.example/policies/{by}"),
        ] {
            assert!(mails[0].text.contains(part), "{part}: {}", mails[0].text);
        }
        story.later(1);
        story.follow().await;
        story.publish(later_document("镇工信〔2026〕20号", title, &body)).await;
        assert!(story.mails().await.is_empty(), "once");

        // the later document was a mistake: what it ended holds again, and who heard of the end hears of that
        assert_eq!(story.ask("DELETE", &format!("/api/v1/policies/{by}"), None).await.status, 204);
        let page = story.get(&format!("/policies/{id}")).await.text;
        assert!(
            !page.contains(&by) && !page.contains("已被"),
            "a withdrawn document is no reason any more, at once: {page}"
        );
        story.follow().await;
        let policy = story.policy(&id).await;
        assert_ne!(policy["validity"], validity);
        assert!(policy.get("validity_by").is_none(), "{policy}");
        let mails = story.mails().await;
        assert_eq!(mails.len(), 1);
        assert!(mails[0].subject.starts_with("【政策恢复】"), "{}", mails[0].subject);
        // and back again, before anything has looked
        assert_eq!(story.ask("POST", &format!("/api/v1/policies/{by}/restore"), None).await.status, 200);
        story.follow().await;
        assert_eq!(story.policy(&id).await["validity"], validity);
        for action in ["DELETE", "POST"] {
            let path = format!("/api/v1/policies/{by}{}", if action == "POST" { "/restore" } else { "" });
            assert!(story.ask(action, &path, None).await.status < 300);
        }
        story.follow().await;
        assert_eq!(story.policy(&id).await["validity"], validity);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn each_amendment_is_told() {
    let story = Story::begin().await;
    let id = told(&story).await;
    story.later(2);
    let old = "镇江市工业和信息化局关于组织申报技术改造示例项目的通知";
    for (number, times) in [("镇工信〔2026〕20号", "一"), ("镇工信〔2026〕21号", "二")] {
        let title = format!("镇江市工业和信息化局关于第{times}次修改示例项目申报要求的通知");
        let body = format!(
            "各有关单位：\n现对《{old}》（镇工信〔2026〕11号）作如下修改：\n一、将申报截止日期修改为2026年5月15日。"
        );
        let mut row = later_document(number, &title, &body);
        row["url"] = json!(format!("https://gxj.shili.gov.cn/later/{}.html", encoded(times)));
        story.publish(row).await;
        let mails: Vec<Mail> = story.mails().await.into_iter().filter(|mail| mail.subject.contains(old)).collect();
        assert_eq!(mails.len(), 1, "{times}");
        assert!(mails[0].subject.starts_with("【政策修改】") && mails[0].text.contains(number), "{}", mails[0].text);
    }
    assert_eq!(story.policy(&id).await["validity_by"].as_array().unwrap().len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_repeal_that_comes_first_waits_for_what_it_repeals() {
    let story = Story::begin().await;
    story.subscribe().await;
    let body = "各有关单位：\n经研究，决定废止《镇江市工业和信息化局关于组织申报技术改造示例项目的通知》（镇工信〔2026〕11号），自2026年4月1日起停止执行。";
    let title = "镇江市工业和信息化局关于废止技术改造示例项目申报通知的决定";
    let mut repeal = later_document("镇工信〔2026〕20号", title, body);
    repeal["effective_on"] = json!("2026-04-01");
    let by = story.publish(repeal).await.remove(0);
    let id = story.publish(notice()).await.remove(0);
    let policy = story.policy(&id).await;
    assert_eq!(
        (&policy["validity_by"][0]["policy_id"], &policy["validity_by"][0]["since"]),
        (&json!(by), &json!("2026-04-01"))
    );
    assert_ne!(policy["validity"], "repealed", "its day has not come");
    assert!(story.get(&format!("/policies/{id}")).await.text.contains("将被"), "said beforehand");
    story.mails().await;
    story.later(22);
    story.follow().await;
    assert_eq!(story.policy(&id).await["validity"], "repealed");
    let mails = story.mails().await;
    assert_eq!(mails.len(), 1);
    assert!(mails[0].subject.starts_with("【政策废止】"), "{}", mails[0].subject);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_repeal_finds_what_it_names_in_short_and_has_its_own_day() {
    for (title, ends, since) in [
        // a name that is a part of the title, with the number; its day is not that of the decision
        (
            "镇江市工业和信息化局关于部分示例文件的决定",
            "《37号示例办法》（镇工信〔2026〕12号）自2027年1月1日起停止执行。",
            Some("2027-01-01"),
        ),
        ("镇江市工业和信息化局关于部分示例文件的决定", "原镇工信〔2026〕12号文件同时废止。", Some("2026-03-12")),
        // the name alone, of a notice that issues it without marks
        ("镇江市工业和信息化局关于部分示例文件的决定", "《镇江市丙37号示例办法》同时废止。", Some("2026-03-12")),
        ("镇江市工业和信息化局关于部分示例文件的决定", "《镇江市丙38号示例办法》同时废止。", None),
        ("镇江市工业和信息化局关于部分示例文件的决定", "除镇工信〔2026〕12号外，其余有关文件同时废止。", None),
        ("镇江市示例管理办法（征求意见稿）的公告", "《镇江市丙37号示例办法》（镇工信〔2026〕12号）同时废止。", None),
    ] {
        let story = Story::begin().await;
        let name = "镇江市工业和信息化局关于印发镇江市丙37号示例办法的通知";
        let mut old = later_document("镇工信〔2026〕12号", name, "各有关单位：\n现将办法印发给你们，请遵照执行。");
        old["url"] = json!("https://gxj.shili.gov.cn/later/old.html");
        old["published"] = json!("2026-03-01");
        let id = story.publish(old).await.remove(0);
        story.later(2);
        let body = format!("各有关单位：\n现决定如下：\n一、本决定自2026年3月12日起施行。\n二、{ends}");
        let body = body.replace("施行。\n二、原", "施行，原").replace("施行。\n二、《镇江", "施行，《镇江");
        let by = story.publish(later_document("镇工信〔2026〕30号", title, &body)).await.remove(0);
        let policy = story.policy(&id).await;
        let link = &policy["validity_by"][0];
        assert_eq!(link["since"].as_str(), since, "{body}: {policy}");
        let is_over = since == Some("2026-03-12");
        assert_eq!(policy["validity"] == "repealed", is_over, "{body}: {policy}");
        if since.is_some() {
            assert_eq!(link["policy_id"], by.as_str());
            assert_eq!(story.policy(&by).await["effective_on"], "2026-03-12");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_term_ends_by_itself_and_is_told() {
    let story = Story::begin().await;
    story.subscribe().await;
    let mut row = notice();
    row["expires_on"] = json!("2026-03-20");
    let id = story.publish(row).await.remove(0);
    assert_eq!(story.mails().await.len(), 1);
    // 20 March, noon: the last day is a day in force
    story.later(10);
    story.follow().await;
    assert_ne!(story.policy(&id).await["validity"], "expired");
    assert!(story.mails().await.is_empty());
    story.later(1);
    story.follow().await;
    assert_eq!(story.policy(&id).await["validity"], "expired");
    let found = story.get(&format!("/api/v1/policies?validity=expired&q={}", encoded("技术改造"))).await.json();
    assert_eq!(found["total"], 1, "the index follows");
    assert!(story.get(&format!("/policies/{id}")).await.text.contains("本文件已失效：有效期至2026-03-20，已届满"));
    let mails = story.mails().await;
    assert_eq!(mails.len(), 1);
    assert!(
        mails[0].subject.starts_with("【政策失效】") && mails[0].text.contains("有效期至2026-03-20"),
        "{}",
        mails[0].text
    );
    story.later(1);
    story.follow().await;
    assert!(story.mails().await.is_empty(), "once");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_withdrawn_policy_is_gone_at_once_everywhere_and_can_be_restored() {
    let story = Story::begin().await;
    story.subscribe().await;
    let id = story.publish(notice()).await.remove(0);
    let feed = format!("/feeds/policies.atom?q={}", encoded("技术改造"));
    assert!(story.get(&feed).await.text.contains(&format!("/policies/{id}")));
    assert_eq!(story.state.store.delivery_counts().await.unwrap().pending, 1);

    let delete = format!("/api/v1/policies/{id}?reason={}", encoded("示例：发布有误"));
    let open = story.raw(&format!("DELETE {delete} HTTP/1.0\r\n\r\n")).await;
    assert_eq!(open.status, 401);
    let long = format!("/api/v1/policies/{id}?reason={}", "a".repeat(501));
    assert_eq!(story.ask("DELETE", &long, None).await.status, 400);
    assert_eq!(story.ask("DELETE", &delete, None).await.status, 204);
    // nothing of the pipeline has run since: SQL alone decides
    for path in ["", "/similar", "/citations", "/versions", "/versions/1", "/diff", "/corrections"] {
        let answer = story.get(&format!("/api/v1/policies/{id}{path}")).await;
        assert_eq!(answer.status, 410, "{path}");
        assert!(answer.head.contains("application/problem+json"), "{path}: {}", answer.head);
        assert!(
            answer.json()["detail"].as_str().unwrap().contains("2026-03-10 撤下，原因：示例：发布有误"),
            "{}",
            answer.text
        );
    }
    assert_eq!(
        story.ask("PUT", &format!("/api/v1/policies/{id}/corrections/zone"), Some(&json!("x"))).await.status,
        410
    );
    assert_eq!(story.ask("DELETE", &delete, None).await.status, 410, "once");
    for path in ["", "/versions"] {
        let page = story.get(&format!("/policies/{id}{path}")).await;
        assert_eq!(page.status, 410);
        assert!(
            page.text.contains("这份政策已撤下")
                && page.text.contains("示例：发布有误")
                && !page.text.contains("50万元")
        );
    }
    assert_eq!(story.total("技术改造").await, 0);
    for path in ["/".to_owned(), format!("/search?q={}", encoded("技术改造")), feed.clone()] {
        let page = story.get(&path).await;
        assert!(page.status == 200 && !page.text.contains(&id), "{path}: {}", page.text);
    }
    let suggested = story.get(&format!("/api/v1/suggest?q={}", encoded("镇工信〔2026〕11"))).await.text;
    assert!(!suggested.contains("11号"), "{suggested}");
    let profile = json!({ "region_code": "321181", "interests": { "keywords": ["技术改造"] } });
    assert_eq!(story.ask("POST", "/api/v1/match", Some(&profile)).await.json(), json!([]));
    assert!(story.mails().await.is_empty(), "what was pending is cancelled");
    story.follow().await;
    assert_eq!(story.total("技术改造").await, 0);
    // neither a crawl nor an import brings it back
    let mut again = notice();
    again["body"] = json!("改过的正文，仍是技术改造。");
    story.publish(again).await;
    assert_eq!(story.get(&format!("/api/v1/policies/{id}")).await.status, 410);

    let restore = format!("/api/v1/policies/{id}/restore");
    assert_eq!(story.ask("POST", &restore, None).await.status, 200);
    assert_eq!(story.ask("POST", &restore, None).await.status, 409);
    assert_eq!(story.ask("POST", "/api/v1/policies/none/restore", None).await.status, 404);
    story.follow().await;
    assert_eq!(story.total("技术改造").await, 1);
    assert_eq!(story.get(&format!("/policies/{id}")).await.status, 200);
    assert!(story.get(&feed).await.text.contains(&id));
    let mails = story.mails().await;
    assert_eq!(mails.len(), 1, "told that it is there again");
    assert!(mails[0].subject.starts_with("【政策恢复】"), "{}", mails[0].subject);
    // a second time is another occasion
    story.ask("DELETE", &delete, None).await;
    story.follow().await;
    story.ask("POST", &restore, None).await;
    story.follow().await;
    assert_eq!(story.mails().await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_that_is_gone_is_marked_until_it_is_back() {
    let story = Story::begin().await;
    let id = story.read_page(ISSUER, &own_page(&paragraphs())).await;
    story.read_page(REPOST, &repost(&paragraphs())).await;
    let versions = story.get(&format!("/api/v1/policies/{id}/versions")).await.json().as_array().unwrap().len();
    let gone = async |url: &str| {
        for _ in 0..2 {
            story.state.store.note_vanished(url, story.state.clock.now()).await.unwrap();
            story.later(1);
        }
        story.follow().await;
    };
    gone(REPOST).await;
    let page = story.get(&format!("/policies/{id}")).await.text;
    let others = section(&page, "同一文件的其他发布页");
    assert!(others.contains("原网页已不存在（2026-03-11）"), "{others}");
    gone(ISSUER).await;
    let page = story.get(&format!("/policies/{id}")).await.text;
    assert!(page.contains("原网页已不存在（2026-03-13），以下是当时的内容") && page.contains("50万元"), "{page}");
    assert_eq!(story.total("技术改造示例项目").await, 1, "never deleted");
    for url in [ISSUER, REPOST] {
        assert!(story.state.store.note_seen(url, story.state.clock.now()).await.unwrap());
    }
    assert!(!story.get(&format!("/policies/{id}")).await.text.contains("原网页已不存在"));
    let after = story.get(&format!("/api/v1/policies/{id}/versions")).await.json().as_array().unwrap().len();
    assert_eq!(after, versions, "a page that comes and goes changes no text");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_search_is_a_feed() {
    let story = Story::begin().await;
    let mut hostile = notice();
    hostile["url"] = json!("https://gxj.shili.gov.cn/a/2.html?a=1&b=<x>");
    hostile["title"] = json!("关于技术改造<b>&amp;\u{1}示例</b>]]>的公告");
    hostile["doc_number"] = json!("镇工信〔2026〕12号");
    hostile["published"] = json!("2026-03-08");
    let other = json!({ "url": "https://rsj.shili.gov.cn/a/3.html", "title": "镇江市人力资源和社会保障局关于稳岗返还示例的通知",
        "published": "2026-03-09", "body": "稳岗返还。" });
    let ids = story.publish(json!([notice(), hostile, other])).await;
    story.later(1);
    let path = format!("/feeds/policies.atom?q={}&region=321100", encoded("技术改造"));
    let answer = story.get(&path).await;
    assert!(answer.status == 200 && answer.head.contains("application/atom+xml"), "{}", answer.head);
    let feed = Feed::read(&answer.text);
    assert_eq!(
        feed.entries.iter().map(|entry| entry.id.as_str()).collect::<Vec<_>>(),
        [format!("https://zhida.example/policies/{}", ids[0]), format!("https://zhida.example/policies/{}", ids[1])]
    );
    assert!(
        feed.entries[1].title.contains("&示例]]>") && !feed.entries[1].title.contains('\u{1}'),
        "{:?}",
        feed.entries[1]
    );
    let own = format!("https://zhida.example{path}");
    assert!(feed.links.contains(&("self".to_owned(), own.clone())), "{:?} {own}", feed.links);
    assert!(feed.links.iter().any(|(relation, href)| relation == "alternate" && href.contains("/search?q=")));
    assert_eq!((feed.id.as_str(), feed.updated.as_str()), (own.as_str(), "2026-03-10T12:00:00+08:00"));

    // a change makes it the newest
    let mut changed = notice();
    changed["url"] = json!("https://gxj.shili.gov.cn/a/2.html?a=1&b=<x>");
    changed["title"] = json!("关于技术改造示例的公告");
    changed["doc_number"] = json!("镇工信〔2026〕12号");
    changed["published"] = json!("2026-03-08");
    assert_eq!(story.publish(changed).await[0], ids[1]);
    let feed = Feed::read(&story.get(&path).await.text);
    assert!(feed.entries[0].id.ends_with(&ids[1]), "{:?}", feed.entries);
    assert!(feed.entries[0].updated > feed.entries[1].updated && feed.updated == feed.entries[0].updated);

    let tag = answer.head.lines().find_map(|line| line.strip_prefix("etag: ")).unwrap().to_owned();
    assert!(!tag.is_empty());
    let now = story.get(&path).await;
    let tag = now.head.lines().find_map(|line| line.strip_prefix("etag: ")).unwrap().to_owned();
    let again = story.raw(&format!("GET {path} HTTP/1.0\r\nIf-None-Match: {tag}\r\n\r\n")).await;
    assert_eq!((again.status, again.text.as_str()), (304, ""));

    let page = story.get(&format!("/search?q={}", encoded("技术改造"))).await.text;
    assert!(
        page.contains("rel=\"alternate\" type=\"application/atom+xml\"") && page.contains("订阅更新</a>"),
        "{page}"
    );
    assert_eq!(Feed::read(&story.get("/feeds/policies.atom?q=zzzz").await.text).entries.len(), 0);
    let wrong = story.get("/feeds/policies.atom?region=nowhere").await;
    assert!(wrong.status == 400 && wrong.text.contains("region"), "{}", wrong.text);
    assert_eq!(Feed::read(&story.get("/feeds/policies.atom").await.text).entries.len(), 3);
    assert_eq!(Feed::read(&story.get("/feeds/policies.atom?per_page=1").await.text).entries.len(), 1);
}

#[derive(Debug, Default)]
struct FeedEntry {
    id: String,
    title: String,
    updated: String,
}

/// A feed as a reader reads it: what RFC 4287 asks for has to be there.
#[derive(Debug, Default)]
struct Feed {
    id: String,
    updated: String,
    links: Vec<(String, String)>,
    entries: Vec<FeedEntry>,
}

impl Feed {
    fn read(xml: &str) -> Self {
        use quick_xml::events::Event;
        let mut reader = quick_xml::Reader::from_str(xml);
        reader.config_mut().check_end_names = true;
        let mut feed = Self::default();
        let (mut path, mut text): (Vec<String>, String) = (Vec::new(), String::new());
        let mut authors = 0;
        loop {
            match reader.read_event().unwrap() {
                Event::Start(tag) => {
                    path.push(tag.name().as_ref().to_owned());
                    text.clear();
                    match path.join("/").as_str() {
                        "feed" => {
                            let space = tag.try_get_attribute("xmlns").unwrap().unwrap();
                            assert_eq!(&*space.value, "http://www.w3.org/2005/Atom");
                        }
                        "feed/entry" => feed.entries.push(FeedEntry::default()),
                        _ => {}
                    }
                }
                Event::Text(part) => text.push_str(&part),
                Event::GeneralRef(part) => text.push_str(match &*part {
                    "amp" => "&",
                    "lt" => "<",
                    "gt" => ">",
                    "quot" => "\"",
                    "apos" => "'",
                    other => panic!("{other}"),
                }),
                Event::Empty(tag) if tag.name().as_ref() == "link" && path == ["feed"] => {
                    let of = |name: &str| tag.try_get_attribute(name).unwrap().unwrap().value.replace("&amp;", "&");
                    feed.links.push((of("rel"), of("href")));
                }
                Event::End(_) => {
                    let value = std::mem::take(&mut text);
                    let entry = feed.entries.last_mut();
                    match (path.join("/").as_str(), entry) {
                        ("feed/id", _) => feed.id = value,
                        ("feed/updated", _) => feed.updated = value,
                        ("feed/author/name", _) => authors += 1,
                        ("feed/entry/id", Some(entry)) => entry.id = value,
                        ("feed/entry/title", Some(entry)) => entry.title = value,
                        ("feed/entry/updated", Some(entry)) => entry.updated = value,
                        _ => {}
                    }
                    path.pop();
                }
                Event::Eof => break,
                _ => {}
            }
        }
        assert!(path.is_empty() && authors == 1, "{xml}");
        for time in feed.entries.iter().map(|entry| &entry.updated).chain([&feed.updated]) {
            assert!(DateTime::parse_from_rfc3339(time).is_ok(), "{time:?}: {xml}");
        }
        assert!(feed.entries.iter().all(|entry| !entry.id.is_empty() && !entry.title.is_empty()), "{xml}");
        feed
    }
}
