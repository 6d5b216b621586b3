//! Whole articles over real HTTP: several pages, any charset, attachments of every kind under any name.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::io::{Cursor, Write};
use std::net::SocketAddr;
use std::time::Duration;

use axum::Router;
use axum::http::{StatusCode, Uri};
use axum::response::IntoResponse;
use zhida_crawlers::{Article, FetchError, Fetcher, FetcherConfig, ListItem, Source, fetch_article, read_kept};
use zhida_schemas::policy::AttachmentState;

/// Path, media type, content; anything else is not there.
type Files = Vec<(&'static str, &'static str, Vec<u8>)>;

async fn serve(files: Files) -> SocketAddr {
    let answer = move |uri: Uri| {
        let found = files.iter().find(|(path, ..)| uri.path() == *path);
        let answer = found.map(|(_, kind, content)| ([("content-type", *kind)], content.clone()).into_response());
        async move { answer.unwrap_or_else(|| StatusCode::NOT_FOUND.into_response()) }
    };
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, Router::new().fallback(answer)).await.unwrap() });
    address
}

async fn article(files: Files, path: &str) -> Result<Article, zhida_crawlers::ArticleError> {
    let address = serve(files).await;
    let config = FetcherConfig {
        user_agent: "zhida/0.1 (+mailto:a@example.org)".to_owned(),
        delay: Duration::ZERO,
        timeout: Duration::from_secs(10),
        allow_private: vec![address.to_string()],
        robots: false,
        retries: 0,
        ..FetcherConfig::default()
    };
    let source = Source::generic(&format!("http://{address}/")).unwrap();
    let item = ListItem { url: format!("http://{address}{path}"), ..ListItem::default() };
    Ok(fetch_article(&source, &Fetcher::new(config).unwrap(), &item, None).await?.unwrap())
}

fn gbk(text: &str) -> Vec<u8> {
    encoding_rs::GBK.encode(text).0.into_owned()
}

fn page(body: &str, behind: &str) -> String {
    format!(
        "<html><head><meta http-equiv=\"Content-Type\" content=\"text/html; charset=utf-8\">\
         <title>镇江市示例管理办法（示例）_镇江市人民政府</title></head><body><a href=\"/\">首页</a>\
         <h1>镇江市示例管理办法（示例）</h1><div class=\"info\">发布时间：2026-03-10 来源：镇江市人民政府</div>\
         <div class=\"TRS_Editor\">{body}</div>{behind}<div class=\"footer\">示ICP备00000000号</div></body></html>"
    )
}

#[tokio::test]
async fn an_article_of_several_pages_is_read_whole() {
    let part = |number: u32| {
        format!("<p>第{number}条　为了规范示例管理工作，根据有关规定，结合本市实际，制定本条第{number}款（示例）。</p>")
    };
    let script = "<script>createPageHTML(3, 0, \"t20260310_1\", \"html\");</script>";
    // GBK that meta tag and header call UTF-8
    let kind = "text/html; charset=utf-8";
    let last = format!("{}<p>镇江市人民政府</p><p>2026年3月8日</p><p><a href=\"表.pdf\">附件：示例表</a></p>", part(3));
    let files: Files = vec![
        ("/zc/t20260310_1.html", kind, gbk(&page(&part(1), script))),
        ("/zc/t20260310_1_1.html", kind, gbk(&page(&part(2), script))),
        ("/zc/t20260310_1_2.html", kind, gbk(&page(&last, script))),
    ];
    let policy = article(files.clone(), "/zc/t20260310_1.html").await.unwrap().policy;
    let starts: Vec<&str> =
        policy.body_text.lines().filter_map(|line| line.split_whitespace().next()).take(3).collect();
    assert_eq!(starts, ["第1条", "第2条", "第3条"], "{}", policy.body_text);
    assert_eq!(policy.title, "镇江市示例管理办法（示例）");
    assert_eq!(policy.written_on.unwrap().to_string(), "2026-03-08");
    assert_eq!(policy.attachments.len(), 1);
    assert!(policy.attachments[0].reason.is_some());
    assert!(policy.body_html.contains("第3条"));
    // half an article is none
    let error = article(files[..2].to_vec(), "/zc/t20260310_1.html").await.unwrap_err();
    assert!(matches!(&error, zhida_crawlers::ArticleError::Fetch(FetchError::Status { .. })), "{error:?}");
    // pages that are linked one from the other
    let link = |number: u32| format!("<div class=page><a href=\"content_7_{number}.html\">下一页</a></div>");
    let files: Files = vec![
        ("/zc/content_7.html", kind, page(&part(1), &link(2)).into_bytes()),
        ("/zc/content_7_2.html", kind, page(&part(2), &link(3)).into_bytes()),
        ("/zc/content_7_3.html", kind, page(&part(3), "").into_bytes()),
    ];
    let policy = article(files, "/zc/content_7.html").await.unwrap().policy;
    assert_eq!(policy.body_text.matches("示例管理工作").count(), 3, "{}", policy.body_text);
}

fn docx(text: &str) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    zip.start_file("word/document.xml", zip::write::SimpleFileOptions::default()).unwrap();
    zip.write_all(format!("<w:document><w:p><w:t>{text}</w:t></w:p></w:document>").as_bytes()).unwrap();
    zip.finish().unwrap().into_inner()
}

#[tokio::test]
async fn attachments_of_every_kind_are_read_by_what_they_hold() {
    let docx = docx("示例申报表的文字");
    let body = "<p>各有关单位：现将有关事项通知如下，请认真组织申报（示例）。</p>\
        <p><a href=\"a.doc\">附件1：示例申报表.doc</a></p><p><a href=\"b.jpg\">附件2：示例图.pdf</a></p>\
        <p><a href=\"c.rar\">附件3：示例.rar</a></p><p><a href=\"d.xls\">附件4：示例.xls</a></p>\
        <p><a href=\"/down?id=5\">附件5：没有后缀的示例</a></p>";
    let kind = "application/octet-stream";
    let files: Files = vec![
        ("/1.html", "text/html", page(body, "").into_bytes()),
        ("/a.doc", kind, docx.clone()),
        ("/b.jpg", kind, b"\xFF\xD8\xFF\xE0 x".to_vec()),
        ("/c.rar", kind, b"Rar!\x1A\x07".to_vec()),
        ("/down", kind, docx),
    ];
    let policy = article(files, "/1.html").await.unwrap().policy;
    let read: Vec<_> =
        policy.attachments.iter().map(|file| (file.state, file.reason.as_deref().unwrap_or_default())).collect();
    let expected = [
        (AttachmentState::Read, ""),
        (AttachmentState::NotRead, "图片"),
        (AttachmentState::NotRead, "RAR"),
        (AttachmentState::NotRead, "404"),
        (AttachmentState::Read, ""),
    ];
    assert_eq!(read.len(), expected.len(), "{read:?}");
    for ((state, reason), (right, words)) in read.iter().zip(expected) {
        assert!(*state == right && reason.contains(words), "{read:?}");
    }
    assert!(policy.attachments[0].text.as_deref().unwrap().contains("示例申报表的文字"));
}

#[tokio::test]
async fn a_kept_page_is_read_again_with_what_was_read_elsewhere() {
    let long =
        |n: usize| format!("<p>第{n}条 示例企业应当按照本办法的要求报送材料，并对材料的真实性负责。</p>").repeat(6);
    let script = "<script>createPageHTML(2, 0, \"t20260310_1\", \"html\");</script>";
    let first = page(&format!("{}<a href=\"/a.docx\">附件.docx</a>", long(1)), script);
    let files: Files = vec![
        ("/t20260310_1.html", "text/html", first.into_bytes()),
        ("/t20260310_1_1.html", "text/html", page(&long(2), script).into_bytes()),
    ];
    let mut read = article(files, "/t20260310_1.html").await.unwrap();
    read.policy.doc_number = Some("示政规〔2026〕1号".into());
    let source = Source::generic("https://x.gov.cn/").unwrap();
    let url = read.policy.url.clone().unwrap();
    let again = read_kept(&source, &url, read.raw.clone(), Some(&read.policy)).await.unwrap();
    assert!(read.policy.body_text.contains("第2条") && again.body_text == read.policy.body_text);
    assert_eq!(again.attachments, read.policy.attachments);
    assert_eq!(again.doc_number, read.policy.doc_number, "only the list said it");
    // a field that was read from the page is read again
    read.policy.evidence.insert("doc_number".into(), "示政规〔2026〕1号".into());
    let again = read_kept(&source, &url, read.raw, Some(&read.policy)).await.unwrap();
    assert_eq!(again.doc_number, None);

    // a document that is a file
    let files: Files = vec![("/b.docx", "application/octet-stream", docx("示例办法的正文在这里。"))];
    let read = article(files, "/b.docx").await.unwrap();
    let url = read.policy.url.clone().unwrap();
    let again = read_kept(&source, &url, read.raw, Some(&read.policy)).await.unwrap();
    assert!(again.body_text.contains("示例办法的正文"), "{again:?}");
    assert_eq!(again.content_hash(), read.policy.content_hash());
}
