//! The bars of extraction on the saved article pages, and on pages as the common site systems write them.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::path::Path;

use serde::Deserialize;
use zhida_crawlers::eval::{evaluate_pages, overlap};
use zhida_crawlers::{PageContext, extract, understand};
use zhida_schemas::doc_number;

#[test]
fn saved_pages_are_read() {
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data/pages/manifest.jsonl");
    if !manifest.exists() {
        assert!(std::env::var_os("ZHIDA_TEST_ALL").is_none(), "../shared/data not found");
        return println!("left out: ../shared/data not found");
    }
    let report = evaluate_pages(&manifest).expect("the pages can be read");
    println!("{report}");
    for (fields, field, bar) in [
        (&report.with_head, "title", 0.99),
        (&report.with_head, "published_on", 0.99),
        (&report.with_head, "issuers", 0.95),
        (&report.with_head, "doc_number", 0.99),
        (&report.without_head, "title", 0.95),
        (&report.without_head, "published_on", 0.95),
    ] {
        let score = &fields[field];
        assert!(score.share() >= bar, "{field}: {}/{}, the bar is {bar}: {:?}", score.right, score.of, score.misses);
    }
    assert!(report.no_number.misses.is_empty(), "{:?}", report.no_number.misses);
    for bodies in [&report.body, &report.body_by_density] {
        assert!(bodies.mean() >= 0.97 && bodies.found() >= 0.95, "{} {}", bodies.mean(), bodies.found());
    }
}

/// What a sample page says in the comment that it begins with.
#[derive(Deserialize)]
struct Expected {
    url: String,
    title: String,
    date: String,
    issuer: String,
    number: String,
    #[serde(default)]
    attachments: usize,
}

/// The words of the markup between the marks, as a person copies them: without scripts and styles, images by what they
/// show. White space does not count.
fn body_of(page: &str) -> String {
    let begin = page.find("<!--正文-->").unwrap();
    let body = &page[begin..page.find("<!--/正文-->").unwrap()];
    let (mut out, mut rest) = (String::new(), body);
    while let Some(at) = rest.find('<') {
        out.push_str(&rest[..at]);
        let end = if rest[at..].starts_with("<style") {
            at + rest[at..].find("</style>").unwrap() + 8
        } else {
            at + rest[at..].find('>').unwrap() + 1
        };
        if let Some((_, alt)) = rest[at..end].split_once("alt=\"").filter(|(_, alt)| !alt.starts_with('"')) {
            out.push_str(&format!("［图：{}］", alt.split('"').next().unwrap()));
        }
        rest = &rest[end..];
    }
    out.push_str(rest);
    out.replace("&nbsp;", " ").replace("&gt;", ">")
}

fn bare(text: &str) -> String {
    text.chars().filter(|c| c.is_alphanumeric()).collect()
}

#[test]
fn pages_of_every_family_are_read() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/pages");
    let mut files: Vec<_> = std::fs::read_dir(folder).unwrap().map(|file| file.unwrap().path()).collect();
    files.sort();
    assert!(files.len() >= 12);
    let mut wrong = Vec::new();
    let (mut right, mut all) = (0, 0);
    for file in files {
        let name = file.file_stem().unwrap().to_string_lossy().into_owned();
        let text = std::fs::read_to_string(&file).unwrap();
        let (expected, page) = text.strip_prefix("<!--").unwrap().split_once("-->").unwrap();
        let expected: Expected = toml::from_str(expected).unwrap();
        let context = PageContext { url: &expected.url, ..PageContext::default() };
        let plain = page.replace("<!--正文-->", "").replace("<!--/正文-->", "");
        let mut policy = match extract(plain.as_bytes(), &context) {
            Ok(policy) => policy,
            Err(error) => {
                all += 5;
                wrong.push(format!("{name}: {error}"));
                continue;
            }
        };
        understand(&mut policy, None);
        let body = overlap(&body_of(page), &policy.body_text);
        let density = extract(plain.as_bytes(), &PageContext { ignore_containers: true, ..context });
        let by_density = density.map(|policy| policy.body_text).unwrap_or_default();
        let density = overlap(&body_of(page), &by_density);
        println!("{name:<20} 正文 {body:.3}，不认识容器名称 {density:.3}");
        let date = policy.published_on.map(|date| date.to_string()).unwrap_or_default();
        let number = policy.doc_number.clone().unwrap_or_default();
        let issuer =
            policy.issuers.iter().any(|issuer| issuer.ends_with(&expected.issuer) && !expected.issuer.is_empty());
        for (what, good, found) in [
            ("title", bare(&policy.title) == bare(&expected.title), &policy.title),
            ("date", date == expected.date, &date),
            ("issuer", issuer || expected.issuer.is_empty(), &policy.issuers.join("、")),
            ("number", doc_number::key(&number) == doc_number::key(&expected.number), &number),
            ("body", body >= 0.95, &policy.body_text),
            ("body by density", density >= 0.95, &by_density),
            ("files", policy.attachments.len() == expected.attachments, &format!("{:?}", policy.attachments)),
        ] {
            all += 1;
            right += usize::from(good);
            if !good {
                wrong.push(format!("{name} {what}: {found}"));
            }
        }
    }
    println!("{right} of {all} right");
    assert!(wrong.is_empty(), "{right} of {all} right\n{}", wrong.join("\n"));
}

/// A page (示例) around a text.
fn around(body: &str) -> String {
    format!(
        "<html><head><title>关于示例事项的通知_镇江市商务局</title></head><body><h1>关于示例事项的通知</h1>\
         <p>发布时间：2026-03-10 来源：镇江市商务局</p><div id=\"zoom\">{body}</div></body></html>"
    )
}

fn read(bytes: &[u8], charset: Option<&str>) -> zhida_schemas::Policy {
    let context = PageContext { url: "https://swj.example.gov.cn/zc/1.html", charset, ..PageContext::default() };
    extract(bytes, &context).unwrap()
}

#[test]
fn html_is_harmless_and_keeps_tables_and_links() {
    let policy = read(
        around(
            "<p onclick=\"a()\" style=\"x\">各有关单位：现将有关事项通知如下（示例）。<script>alert(1)</script><style>p{}</style></p>\
             <table onmouseover=a><tr><th colspan=2>补助标准（示例）</th></tr><tr><td rowspan=\"2\">甲类</td><td>每家<br>最高20万元</td></tr>\
             <tr><td>乙<p>类</p></td></tr></table><a href=\"javascript:alert(1)\">链接甲</a><a href=\" JavaScript:a\">链接乙</a>\
             <a href=\"data:text/html,x\">链接丙</a><a href=\"../fj/表.doc\" target=_top>申报表.doc</a><iframe src=x></iframe>\
             <img src=x onerror=alert(1) alt=\"补助标准示意图（示例）\"><img src=\"//evil.example/p.gif\" width=1>\
             <svg onload=a><a xlink:href=\"javascript:a\"></a></svg><form action=x><input name=y></form><base href=\"//evil.example/\">\
             <object data=x></object><math><mtext><img src=x onerror=a></mtext></math><p>请认真组织申报，按时报送材料。</p>",
        )
        .as_bytes(),
        None,
    );
    let html = &policy.body_html;
    for bad in [
        "script",
        "onclick",
        "onerror",
        "onload",
        "onmouse",
        "javascript",
        "data:",
        "iframe",
        "<img",
        "svg",
        "style",
        "form",
        "base",
        "object",
        "math",
        "evil",
    ] {
        assert!(!html.to_lowercase().contains(bad), "{bad}: {html}");
    }
    for kept in [
        "<table>",
        "<th colspan=\"2\">补助标准（示例）</th>",
        "<td rowspan=\"2\">甲类</td>",
        "href=\"https://swj.example.gov.cn/fj/",
        "［图：补助标准示意图（示例）］",
        "链接甲",
    ] {
        assert!(html.contains(kept), "{kept}: {html}");
    }
    assert!(policy.body_text.contains("补助标准（示例）\n甲类\t每家 最高20万元\n乙 类\n"), "{:?}", policy.body_text);
    assert!(policy.body_text.contains("［图：补助标准示意图（示例）］") && !policy.body_text.contains("alert"));
    assert_eq!(policy.attachments.len(), 1);
}

#[test]
fn pages_in_any_charset_are_read() {
    let simple = around(
        "<p>各有关单位：现将组织申报的有关事项通知如下，请按时报送材料（示例）。</p><p>镇江市商务局</p><p>2026年3月9日</p>",
    );
    let traditional = simple
        .replace("关于示例事项的通知", "關於示例事項的通知")
        .replace("镇江市商务局", "鎮江市商務局")
        .replace(
            "各有关单位：现将组织申报的有关事项通知如下，请按时报送材料（示例）。",
            "各有關單位：現將組織申報的有關事項通知如下，請按時報送材料（示例）。",
        )
        .replace("发布时间", "發布時間")
        .replace("来源", "來源");
    let four = simple.replace("（示例）", "（示例𠮷㐀）");
    let mut broken = simple.clone().into_bytes();
    let at = simple.find("有关事项").unwrap();
    broken.splice(at + 1..at + 2, [0xFF]);
    let meta = |charset: &str| simple.replace("<head>", &format!("<head><meta charset=\"{charset}\">"));
    for (case, bytes, label, words) in [
        (
            "GBK called UTF-8 by the header",
            encoding_rs::GBK.encode(&simple).0.into_owned(),
            Some("utf-8"),
            "请按时报送材料",
        ),
        (
            "GBK called UTF-8 by its meta tag",
            encoding_rs::GBK.encode(&meta("utf-8")).0.into_owned(),
            None,
            "请按时报送材料",
        ),
        ("GBK called gb2312", encoding_rs::GBK.encode(&meta("gb2312")).0.into_owned(), None, "请按时报送材料"),
        ("GB18030 with four bytes", encoding_rs::GB18030.encode(&four).0.into_owned(), None, "示例𠮷㐀"),
        ("Big5", encoding_rs::BIG5.encode(&traditional).0.into_owned(), Some("big5"), "請按時報送材料"),
        ("Big5 without a label", encoding_rs::BIG5.encode(&traditional).0.into_owned(), None, "請按時報送材料"),
        ("UTF-8 with a broken character", broken, None, "请按时报送材料"),
        ("UTF-8 called GBK", meta("gbk").into_bytes(), Some("gbk"), "请按时报送材料"),
    ] {
        let mut policy = read(&bytes, label);
        understand(&mut policy, None);
        assert!(policy.body_text.contains(words), "{case}: {}", policy.body_text);
        assert!(policy.title.contains("示例事"), "{case}: {}", policy.title);
        assert_eq!(policy.published_on.map(|day| day.to_string()).as_deref(), Some("2026-03-10"), "{case}");
        assert_eq!(policy.written_on.map(|day| day.to_string()).as_deref(), Some("2026-03-09"), "{case}");
    }
}

#[test]
fn title_number_signature_and_date_in_the_text_are_read() {
    // nothing but the text says anything: no heading, no label, no metadata
    let page = "<html><head><title>镇江市人民政府</title></head><body><div><p style=\"text-align:center\">镇江市人民政府办公室文件</p>\
        <p style=\"text-align:center\">镇 政 办 发〔2026〕9号</p><p style=\"text-align:center\">镇江市人民政府办公室关于印发示例应急预案的通知</p>\
        <p>各县（市、区）人民政府，市各有关部门：</p><p>《示例应急预案》已经市政府同意，现印发给你们，请认真贯彻执行。</p>\
        <p>镇江市人民政府办公室</p><p>二〇二六年三月九日</p></div></body></html>";
    let mut policy = read(page.as_bytes(), None);
    understand(&mut policy, None);
    assert_eq!(policy.title, "镇江市人民政府办公室关于印发示例应急预案的通知");
    assert_eq!(policy.doc_number.as_deref().map(doc_number::key), Some(doc_number::key("镇政办发〔2026〕9号")));
    assert_eq!(policy.issuers, ["镇江市人民政府办公室"]);
    assert_eq!(policy.written_on.map(|day| day.to_string()).as_deref(), Some("2026-03-09"));
    assert_eq!(policy.published_on, None);
}
