//! The API and the pages over the router, and a scheduler that was away.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{Request, StatusCode, header};
use chrono::{TimeZone, Utc};
use serde_json::{Value, json};
use tower::ServiceExt;
use zhida::clock::Clock;
use zhida::config::Config;
use zhida::pipeline;
use zhida::push::unsubscribe::token_for;
use zhida::state::AppState;
use zhida::{api, schedule, web};

const TOKEN: &str = "a-token-of-some-length";

struct App {
    router: Router,
    state: AppState,
    _dir: tempfile::TempDir,
}

struct Answer {
    status: StatusCode,
    kind: String,
    policy: String,
    text: String,
}

impl Answer {
    fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|_| panic!("no JSON: {}", self.text))
    }
}

impl App {
    async fn start() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let mut config = Config::default();
        config.api.token = TOKEN.to_owned();
        let mut state = AppState::open(config, dir.path()).await.unwrap();
        state.clock = Clock::fixed(Utc.with_ymd_and_hms(2026, 3, 10, 4, 0, 0).unwrap());
        let router = web::router(state.clone()).merge(api::router(state.clone()));
        Self { router, state, _dir: dir }
    }

    async fn send(&self, request: Request<Body>) -> Answer {
        let response = self.router.clone().oneshot(request).await.unwrap();
        let header = |name| response.headers().get(name).map_or("", |value| value.to_str().unwrap()).to_owned();
        let (kind, policy) = (header(header::CONTENT_TYPE), header(header::CONTENT_SECURITY_POLICY));
        let status = response.status();
        let bytes = to_bytes(response.into_body(), 1 << 24).await.unwrap();
        Answer { status, kind, policy, text: String::from_utf8(bytes.to_vec()).unwrap() }
    }

    async fn get(&self, path: &str) -> Answer {
        self.send(Request::get(path).body(Body::empty()).unwrap()).await
    }

    async fn post(&self, path: &str, body: &Value) -> Answer {
        let request = Request::post(path)
            .header(header::AUTHORIZATION, format!("Bearer {TOKEN}"))
            .header(header::CONTENT_TYPE, "application/json");
        self.send(request.body(Body::from(body.to_string())).unwrap()).await
    }

    async fn publish(&self, rows: Value) -> Value {
        let answer = self.post("/api/v1/policies", &rows).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
        pipeline::catch_up(&self.state).await.unwrap();
        answer.json()
    }
}

fn samples() -> Value {
    json!([
        { "id": "a", "title": "镇江市工业和信息化局关于申报技术改造项目的通知（示例）", "doc_number": "镇工信〔2026〕1号",
          "issuer": "镇江市工业和信息化局", "published": "2026-03-09", "body": "在本市注册的企业均可申报技术改造项目补助。" },
        { "id": "b", "title": "<script>alert(1)</script>苏州市示例办法", "issuer": "苏州市财政局", "published": "2025-01-02",
          "body": "根据《通知》（镇工信〔2026〕1号）\"><img src=x onerror=alert(1)>" },
        { "id": "c" }
    ])
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_published_is_found_read_matched_and_withdrawn() {
    let app = App::start().await;
    let published = app.publish(samples()).await;
    assert_eq!(published[0]["result"], "new");
    assert_eq!(published[2]["result"], "rejected");
    assert!(published[2]["reason"].as_str().unwrap().contains("title"));

    let found =
        app.get("/api/v1/policies?q=%E6%8A%80%E6%9C%AF%E6%94%B9%E9%80%A0&region=%E9%95%87%E6%B1%9F").await.json();
    assert_eq!(found["total"], 1, "{found}");
    assert!(found["items"][0]["highlight"]["title"].as_str().unwrap().contains("<mark>"));
    let by_number = app.get("/api/v1/policies?q=%E9%95%87%E5%B7%A5%E4%BF%A1%5B2026%5D1").await.json();
    assert_eq!(by_number["items"][0]["doc_number"], "镇工信〔2026〕1号", "{by_number}");

    let id = found["items"][0]["id"].as_str().unwrap().to_owned();
    assert_eq!(app.get(&format!("/api/v1/policies/{id}")).await.json()["region_code"], "321100");
    assert_eq!(app.get(&format!("/api/v1/policies/{id}/similar")).await.status, StatusCode::OK);
    assert_eq!(app.get(&format!("/api/v1/policies/{id}/citations")).await.status, StatusCode::OK);
    let profile = json!({ "region_code": "321181", "interests": { "keywords": ["技术改造"] } });
    let matches = app.post("/api/v1/match", &profile).await.json();
    assert_eq!(matches[0]["policy"], id.as_str(), "{matches}");
    assert!(!matches[0]["reasons"].as_array().unwrap().is_empty());

    let request =
        Request::delete(format!("/api/v1/policies/{id}")).header(header::AUTHORIZATION, format!("Bearer {TOKEN}"));
    assert_eq!(app.send(request.body(Body::empty()).unwrap()).await.status, StatusCode::NO_CONTENT);
    pipeline::catch_up(&app.state).await.unwrap();
    assert_eq!(app.get(&format!("/api/v1/policies/{id}")).await.status, StatusCode::GONE);
    assert_eq!(app.get("/api/v1/policies?q=%E6%8A%80%E6%9C%AF%E6%94%B9%E9%80%A0").await.json()["total"], 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_error_is_a_problem_document() {
    let app = App::start().await;
    for (path, status) in [
        ("/api/v1/policies?page=0", 400),
        ("/api/v1/policies?region=nowhere", 400),
        ("/api/v1/policies?published_from=2026-02-30", 400),
        ("/api/v1/policies?page=99999", 400),
        ("/api/v1/policies/none", 404),
        ("/api/v1/policies/none/similar", 404),
        ("/api/nothing", 404),
        ("/api/v1/deliveries", 401),
        ("/api/v1/enterprises", 401),
        ("/api/v1/suggest", 200),
    ] {
        let answer = app.get(path).await;
        assert_eq!(answer.status.as_u16(), status, "{path}: {}", answer.text);
        if status >= 400 {
            assert_eq!(answer.kind, "application/problem+json", "{path}");
            assert_eq!(answer.json()["status"], status);
            assert!(!answer.json()["detail"].as_str().unwrap().is_empty());
        }
    }
    let wrong_method = app.send(Request::put("/api/v1/suggest").body(Body::empty()).unwrap()).await;
    assert_eq!((wrong_method.status.as_u16(), wrong_method.kind.as_str()), (405, "application/problem+json"));
    for (path, body, status) in [
        ("/api/v1/enterprises", json!({ "id": "" }), 422),
        ("/api/v1/enterprises", json!({ "id": "x", "region_code": "1" }), 422),
        ("/api/v1/subscriptions", json!({ "id": "x" }), 422),
        ("/api/v1/match", json!("x"), 422),
    ] {
        let answer = app.post(path, &body).await;
        assert_eq!(
            (answer.status.as_u16(), answer.kind.as_str()),
            (status, "application/problem+json"),
            "{path} {body}"
        );
    }
    let large = Request::post("/api/v1/policies").header(header::AUTHORIZATION, format!("Bearer {TOKEN}"));
    let large = app.send(large.body(Body::from(vec![b' '; 33 << 20])).unwrap()).await;
    assert_eq!((large.status.as_u16(), large.kind.as_str()), (413, "application/problem+json"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_that_cannot_be_read_is_told_in_chinese() {
    let app = App::start().await;
    let token =
        |request: axum::http::request::Builder| request.header(header::AUTHORIZATION, format!("Bearer {TOKEN}"));
    for (path, detail) in [
        ("/api/v1/policies?q=a&q=b", "参数 q 只能出现一次"),
        ("/api/v1/suggest?q=a&x=1&x=2&q=b", "参数 q 只能出现一次"),
        ("/api/v1/searches?limit=many", "参数 limit 的值不对"),
        ("/api/v1/searches?empty=perhaps", "参数 empty 的值不对"),
        ("/api/v1/deliveries?page=1&page=2", "参数 page 只能出现一次"),
        ("/api/v1/enterprises?per_page=x", "参数 per_page 的值不对"),
        ("/api/v1/policies/%ff", "请求有误"),
        ("/api/v2/policies", "没有找到这个接口"),
    ] {
        let answer = app.send(token(Request::get(path)).body(Body::empty()).unwrap()).await;
        assert_eq!(answer.kind, "application/problem+json", "{path}");
        let said = answer.json()["detail"].as_str().unwrap().to_owned();
        assert!(said.starts_with(detail) && !said.contains("撤回") && !said.contains("deserialize"), "{path}: {said}");
    }
    // what nobody reads may stand there as often as it likes
    assert_eq!(app.get("/api/v1/policies?utm=1&utm=2").await.status, StatusCode::OK);
    let typed = token(Request::post("/api/v1/subscriptions")).header(header::CONTENT_TYPE, "application/json");
    let wrong = app.send(typed.body(Body::from("{")).unwrap()).await;
    assert!(wrong.json()["detail"].as_str().unwrap().starts_with("不是有效的 JSON："), "{}", wrong.text);
    let untyped = app.send(token(Request::post("/api/v1/subscriptions")).body(Body::from("{}")).unwrap()).await;
    assert!(untyped.json()["detail"].as_str().unwrap().contains("Content-Type"), "{}", untyped.text);

    // a page is shown all the same
    let page = app.get(&format!("/search?q=a&q={}", encoded("技术改造"))).await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(page.text.contains("</html>") && page.text.contains("技术改造"), "{}", page.text);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_result_is_the_record_with_score_and_highlight() {
    let app = App::start().await;
    app.publish(samples()).await;
    let answer = app.get("/api/v1/policies?q=%E6%8A%80%E6%9C%AF%E6%94%B9%E9%80%A0").await.json();
    let mut item = answer["items"][0].clone();
    let fields = item.as_object_mut().unwrap();
    assert_eq!(fields.remove("copies").unwrap(), 0);
    assert!(fields.remove("score").unwrap().as_f64().unwrap() > 0.0);
    assert!(fields.remove("highlight").unwrap()["title"].as_str().unwrap().contains("<mark>"));
    let whole = app.get(&format!("/api/v1/policies/{}", item["id"].as_str().unwrap())).await.json();
    for (name, value) in whole.as_object().unwrap() {
        let without_text = if name == "body_text" { json!("") } else { value.clone() };
        assert_eq!(item[name], without_text, "{name}");
    }
    let document = app.get("/api/openapi.json").await.json();
    let described = document["components"]["schemas"]["SearchItem"].to_string();
    assert!(described.contains("highlight") && described.contains("doc_number"), "{described}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_says_how_the_query_was_read() {
    let app = App::start().await;
    app.publish(samples()).await;
    let query = "镇江工信局 技术改造 2026年 -标题:解读";
    let encoded: String = url::form_urlencoded::byte_serialize(query.as_bytes()).collect();
    let answer = app.get(&format!("/api/v1/policies?q={encoded}")).await.json();
    let understood = &answer["understood"];
    assert_eq!(understood["issuers"], json!(["镇江市工业和信息化局"]), "{answer}");
    assert_eq!(understood["region"], json!({ "code": "321100", "name": "镇江市" }));
    assert_eq!(understood["dated"], json!({ "from": "2026-01-01", "to": "2026-12-31" }));
    assert_eq!(understood["fields"], json!([{ "field": "title", "value": "解读", "excluded": true }]));
    assert_eq!(understood["did_you_mean"], json!(null));
    assert_eq!(app.get("/api/v1/policies?q=%EF%BC%8C%E3%80%82").await.json()["total"], 0);
    assert_eq!(app.get("/api/v1/policies?q=").await.json()["total"], 2);
    let document = app.get("/api/openapi.json").await.json();
    let described = document["components"]["schemas"]["UnderstoodQuery"].to_string();
    assert!(described.contains("did_you_mean") && described.contains("issuers"), "{described}");
}

#[tokio::test(flavor = "multi_thread")]
async fn citations_go_both_ways_with_the_relation_and_the_validity_of_each() {
    let app = App::start().await;
    let published = app
        .publish(json!([
            { "id": "old", "title": "示例市旧办法（示例）", "doc_number": "示政发〔2019〕1号", "validity": "废止" },
            { "id": "new", "title": "示例市新办法（示例）", "doc_number": "示政发〔2026〕2号", "validity": "有效",
              "published": "2026-01-01",
              "citations": [{ "relation": "based_on", "doc_number": "示政发〔2019〕1号" },
                            { "relation": "repeals", "title": "示例市旧办法", "doc_number": "示政发[2019]1号",
                              "evidence": "《示例市旧办法》同时废止" },
                            { "relation": "cites", "doc_number": "示政发〔2001〕9号" }] },
            { "id": "late", "title": "示例市实施细则（示例）", "published": "2026-02-01",
              "citations": [{ "relation": "based_on", "doc_number": "示政发〔2019〕1号", "evidence": "根据示政发〔2019〕1号" }] }
        ]))
        .await;
    let of = async |row: usize| {
        let id = published[row]["id"].as_str().unwrap();
        (
            app.get(&format!("/api/v1/policies/{id}/citations")).await.json(),
            app.get(&format!("/policies/{id}")).await.text,
        )
    };
    let (new, page) = of(1).await;
    let cited = &new["cites"][1];
    assert_eq!((&cited["policy_id"], &cited["relation"]), (&published[0]["id"], &json!("repeals")));
    assert_eq!((&cited["validity"], &cited["evidence"]), (&json!("repealed"), &json!("《示例市旧办法》同时废止")));
    assert_eq!(new["cites"][2]["validity"], Value::Null, "not stored here");
    let section = |page: &str, heading: &str| {
        let at = page.find(heading).unwrap_or_else(|| panic!("no {heading}: {page}"));
        page[at..].split("</section>").next().unwrap().to_owned()
    };
    let cites = section(&page, "本文件提到的文件");
    for words in ["废止该文件", "已废止", "依据", "示例市旧办法（示例）</a>", "<li>示政发〔2001〕9号<"]
    {
        assert!(cites.contains(words), "{words}: {cites}");
    }

    // what ends a document stands before a later one that only rests on it
    let (old, page) = of(0).await;
    let cited_by = old["cited_by"].as_array().unwrap();
    assert_eq!(cited_by.len(), 2, "each once: {old}");
    assert_eq!((&cited_by[0]["id"], &cited_by[0]["relation"]), (&published[1]["id"], &json!("repeals")));
    assert_eq!((&cited_by[0]["validity"], &cited_by[0]["evidence"]), (&json!("in_force"), &cited["evidence"]));
    assert_eq!((&cited_by[1]["id"], &cited_by[1]["relation"]), (&published[2]["id"], &json!("based_on")));
    let cited_by = section(&page, "提到本文件的政策");
    for words in ["废止本文件", "现行有效", "以本文件为依据"] {
        assert!(cited_by.contains(words), "{words}: {cited_by}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_openapi_document_names_only_what_is_there() {
    let app = App::start().await;
    let document = app.get("/api/openapi.json").await.json();
    let text = document.to_string();
    for reference in text.split("\"#/components/schemas/").skip(1) {
        let name = reference.split('"').next().unwrap();
        assert!(document["components"]["schemas"][name].is_object(), "{name} is not defined");
    }
    for path in
        ["/api/v1/policies", "/api/v1/policies/{id}", "/api/v1/match", "/api/v1/enterprises", "/api/v1/deliveries"]
    {
        assert!(document["paths"][path].is_object(), "{path} is not described");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_escape_what_they_are_given() {
    let app = App::start().await;
    let published = app.publish(samples()).await;
    let hostile = published[1]["id"].as_str().unwrap().to_owned();
    let markup = json!({
        "title": "镇江市关于示例标记的通知", "body": "正文",
        "body_html": "<p onclick=x>正文<script>1</script></p><a href=\"javascript:alert(2)\">甲</a><img src=x onerror=alert(1)>\
                      <table><tr><td colspan=2>格</td></tr></table>",
    });
    let marked = app.publish(markup).await[0]["id"].as_str().unwrap().to_owned();
    let stored = app.get(&format!("/api/v1/policies/{marked}")).await.json();
    let html = stored["body_html"].as_str().unwrap();
    assert!(html.contains("<td colspan=\"2\">格") && html.contains("<p>正文"), "{html}");
    assert!(!["onclick", "script", "onerror", "<img"].iter().any(|sign| html.contains(sign)), "{html}");
    for path in [
        "/".to_owned(),
        "/search?q=%E8%8B%8F%E5%B7%9E".to_owned(),
        "/search?q=%3Cscript%3Ealert(1)%3C/script%3E&region=%22%3E%3Cscript%3E".to_owned(),
        format!("/policies/{hostile}"),
        format!("/policies/{marked}"),
        "/policies/none".to_owned(),
        "/u/forged".to_owned(),
        "/nothing".to_owned(),
    ] {
        let page = app.get(&path).await;
        assert!(page.policy.contains("default-src 'none'"), "{path} has no policy");
        assert!(!page.text.contains("<script") && !page.text.contains("<img src=x"), "{path}: {}", page.text);
        assert!(page.text.contains("</html>"), "{path} is not whole");
    }
    assert_eq!(app.get("/policies/none").await.status, StatusCode::NOT_FOUND);
    assert_eq!(app.get("/search?page=x").await.status, StatusCode::BAD_REQUEST);
    assert_eq!(app.get("/mails").await.status, StatusCode::NOT_FOUND);
}

#[tokio::test(flavor = "multi_thread")]
async fn unsubscribing_takes_one_click_and_can_be_undone() {
    let app = App::start().await;
    let profile = json!({ "id": "x", "name": "示例", "email": "a@enterprise.example", "region_code": "321181",
        "interests": { "keywords": ["技术改造"] } });
    assert_eq!(app.post("/api/v1/enterprises", &profile).await.status, StatusCode::OK);
    app.publish(samples()).await;
    assert_eq!(app.state.store.delivery_counts().await.unwrap().pending, 1);
    let link = format!("/u/{}", token_for(&app.state.secret, "mail", "a@enterprise.example"));
    assert_eq!(app.get(&link).await.status, StatusCode::OK);
    assert_eq!(
        app.state.store.delivery_counts().await.unwrap().pending,
        1,
        "a link that is only fetched changes nothing"
    );
    let one_click = Request::post(&link).body(Body::from("List-Unsubscribe=One-Click")).unwrap();
    assert_eq!(app.send(one_click).await.status, StatusCode::OK);
    let counts = app.state.store.delivery_counts().await.unwrap();
    assert_eq!((counts.pending, counts.cancelled), (0, 1));
    assert!(app.state.store.active_subscriptions(&["x".to_owned()]).await.unwrap().is_empty());
    let undo = Request::post(format!("{link}/undo")).body(Body::empty()).unwrap();
    assert_eq!(app.send(undo).await.status, StatusCode::OK);
    assert_eq!(app.state.store.active_subscriptions(&["x".to_owned()]).await.unwrap().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn editors_see_what_is_searched_for() {
    let app = App::start().await;
    app.publish(samples()).await;
    for path in
        ["/search?q=%E6%8A%80%E6%9C%AF%E6%94%B9%E9%80%A0", "/api/v1/policies?q=zzz", "/api/v1/policies?q=ZZZ&page=2"]
    {
        assert_eq!(app.get(path).await.status, StatusCode::OK);
    }
    assert_eq!(app.get("/api/v1/searches").await.status, StatusCode::UNAUTHORIZED);
    let get = async |path: &str| {
        let request = Request::get(path).header(header::AUTHORIZATION, format!("Bearer {TOKEN}"));
        app.send(request.body(Body::empty()).unwrap()).await
    };
    let all = get("/api/v1/searches").await.json();
    assert_eq!(
        all["items"],
        json!([{ "query": "zzz", "times": 1, "empty": 1 }, { "query": "技术改造", "times": 1, "empty": 0 }])
    );
    assert_eq!(get("/api/v1/searches?empty=true").await.json()["items"].as_array().unwrap().len(), 1);
    assert_eq!(get("/api/v1/searches?to=2026-03-01").await.json()["items"], json!([]));
    assert_eq!(get("/api/v1/searches?from=soon").await.status, StatusCode::BAD_REQUEST);
}

fn encoded(text: &str) -> String {
    url::form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_word_is_not_missing_because_of_a_filter() {
    let app = App::start().await;
    app.publish(samples()).await;
    let word = encoded("技术改造");
    for rest in ["&region=110000", "&published_from=2030-01-01", "&window=closed", "&kind=%E4%BB%A4"] {
        for path in ["/search", "/api/v1/policies"] {
            let answer = app.get(&format!("{path}?q={word}{rest}")).await;
            assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
        }
    }
    app.get(&format!("/search?q={}", encoded("正文:没有的字词"))).await;
    app.get(&format!("/search?q={}", encoded("没有的字词"))).await;
    app.get(&format!("/search?q={}", encoded("微信zhangsan123"))).await;
    app.state.searches.write(&app.state).await.unwrap();
    let today = app.state.clock.today();
    let empty = app.state.store.frequent_searches(today, today, true, 10).await.unwrap();
    assert_eq!(empty.iter().map(|count| count.query.as_str()).collect::<Vec<_>>(), ["没有的字词"]);
    let all = app.state.store.frequent_searches(today, today, false, 10).await.unwrap();
    assert_eq!((all[0].query.as_str(), all[0].times, all[0].empty), ("技术改造", 8, 0));
    assert!(!all.iter().any(|count| count.query.contains("zhangsan")), "{all:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_one_asks_in_a_day_is_not_suggested_to_all() {
    let app = App::start().await;
    app.publish(samples()).await;
    let query = "技术改造 OR 镇江市补助";
    let search = async || app.get(&format!("/search?q={}", encoded(query))).await;
    let suggested = async || {
        app.state.searches.write(&app.state).await.unwrap();
        let answer = app.get(&format!("/api/v1/suggest?q={}", encoded("技术改造"))).await.json();
        answer.as_array().unwrap().contains(&json!(query))
    };
    for _ in 0..4 {
        search().await;
    }
    assert!(!suggested().await);
    app.state.clock.set(Utc.with_ymd_and_hms(2026, 3, 11, 4, 0, 0).unwrap());
    search().await;
    assert!(suggested().await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_find_in_an_attachment_names_it() {
    let app = App::start().await;
    let attachment = |name: &str, text: Option<&str>| {
        let state = if text.is_some() { "read" } else { "not_read" };
        json!({ "name": name, "url": format!("https://gxj.shili.example/{name}"), "text": text, "state": state })
    };
    app.publish(json!([{
        "id": "attached", "title": "关于示例事项的通知", "body": "具体要求见附件。", "published": "2026-03-09",
        "attachments": [attachment("说明.wps", None), attachment("目录.pdf", Some("本目录不列名称。")),
            attachment("申报指南.pdf", Some("第一章 总则。申报单位应当配备<量子>密钥分发设备。"))],
    }]))
    .await;
    let answer = app.get(&format!("/api/v1/policies?q={}", encoded("量子密钥分发"))).await.json();
    assert_eq!(answer["total"], 1, "{answer}");
    let highlight = &answer["items"][0]["highlight"];
    assert_eq!(highlight["attachment"], "申报指南.pdf");
    assert!(highlight["body"].as_str().unwrap().contains("&lt;<mark>量子"), "{highlight}");
    let page = app.get(&format!("/search?q={}", encoded("量子密钥分发"))).await.text;
    assert!(page.contains("见附件：申报指南.pdf"), "{page}");
    let answer = app.get(&format!("/api/v1/policies?q={}", encoded("具体要求"))).await.json();
    assert!(answer["items"][0]["highlight"].get("attachment").is_none(), "{answer}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_was_missed_happens_at_start_and_only_once() {
    let app = App::start().await;
    let jobs = schedule::jobs(&app.state).await.unwrap();
    let jobs: Vec<_> = jobs.into_iter().filter(|scheduled| scheduled.job == "digest").collect();
    assert_eq!(jobs.len(), 1, "{jobs:?}");
    schedule::catch_up(&app.state, &jobs).await.unwrap();
    assert!(schedule::run_next(&app.state, "one").await.unwrap());
    // a second start, a doubled tick: the same due time is done
    schedule::catch_up(&app.state, &jobs).await.unwrap();
    assert!(!schedule::run_next(&app.state, "two").await.unwrap());
    // three days away: one run at the next start, not three
    app.state.clock.set(Utc.with_ymd_and_hms(2026, 3, 13, 4, 0, 0).unwrap());
    schedule::catch_up(&app.state, &jobs).await.unwrap();
    assert!(schedule::run_next(&app.state, "one").await.unwrap());
    assert!(!schedule::run_next(&app.state, "one").await.unwrap());
    // 08:30 in Shanghai is 00:30 UTC
    let due = app.state.store.last_due("digest").await.unwrap().unwrap();
    assert_eq!(due, Utc.with_ymd_and_hms(2026, 3, 13, 0, 30, 0).unwrap().timestamp_millis());
}
