//! Hostile pages, bytes and definitions for as long as one likes: `ZHIDA_FUZZ_SECONDS` (5 when not said) for each
//! target. A case that is found is kept in `fuzz.proptest-regressions` and tried first from then on.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "../../tests/support/fuzzing.rs"]
mod fuzzing;

use std::time::{Duration, Instant};

use proptest::prelude::*;
use zhida_crawlers::draft::draft_from;
use zhida_crawlers::listing::read_list;
use zhida_crawlers::source::{Follow, Format, List};
use zhida_crawlers::{Fetched, PageContext, Source, charset, extract, understand};
use zhida_schemas::doc_number::{self, DocNumber};
use zhida_schemas::import_row::parse_date;

/// A page takes at most this long, here in a debug build on a busy machine.
const PAGE_LIMIT: Duration = Duration::from_secs(10);

/// A source of the family that most sites belong to.
const TRS: &str =
    "name = \"x\"\ntitle = \"x\"\nregion_code = \"321100\"\nextends = \"trs\"\n[[list]]\nurl = \"https://x.gov.cn/\"";

/// Pieces of markup as sites and attackers write it, each also many times over.
fn markup(pieces: usize) -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        6 => prop::sample::select(vec![
            "<html>", "<head>", "<body>", "<div class=\"list\">", "</div>", "<ul>", "<li>", "</li>", "</ul>", "<table>", "<tr>",
            "<td>", "</td></tr>", "</table>", "<p>", "</p>", "<br>", "<b>", "<span class='date'>", "</span>", "<h1>", "</h1>",
            "<a href=\"./202603/t20260310_101.html\">", "<a href='index_2.html'>下一页</a>", "<a href=\"javascript:void(0)\">",
            "<a href=附件.pdf title=附件>", "</a>", "<base href=\"/x/\">", "<base href=\"javascript:\">", "<img src=x onerror=a>",
            "<script>", "</script>", "<style>", "<textarea>", "<title>", "</title>", "<svg>", "<math>", "<template>", "<select>",
            "<meta name=\"ArticleTitle\" content=\"关于示例事项的通知\">", "<meta name=\"PubDate\" content=\"2026-03-10 09:00\">",
            "<meta charset=gbk>", "<!--", "-->", "<![CDATA[", "]]>", "<?xml version=\"1.0\" encoding=\"gb2312\"?>", "<!DOCTYPE",
            "<datastore><nextgroup><![CDATA[<a href=\"2\">]]></nextgroup>", "<record><![CDATA[", "]]></record>", "</datastore>",
            "createPageHTML(20, 0, \"index\", \"html\");", "createPageHTML(a, a", "var a = 3;", "&lt;", "&#x0;", "&#99999999;", "&",
            "<rss version=\"2.0\"><channel>", "<item>", "<link>", "<pubDate>", "</item>", "<feed xmlns=\"http://www.w3.org/2005/Atom\">",
            "<entry>", "</entry>", "<urlset>", "<url><loc>", "</loc></url>", "<sitemapindex><sitemap>", "<lastmod>",
            "<div id=\"zoom\" class=\"TRS_Editor\">",
        ]).prop_map(str::to_owned),
        4 => words(),
        1 => any::<String>(),
    ];
    let repeated = (piece, prop_oneof![8 => Just(1_usize), 1 => 2..40_usize, 1 => 200..3_000_usize])
        .prop_map(|(piece, times)| if piece.len() > 200 { piece } else { piece.repeat(times) });
    prop::collection::vec(repeated, 0..pieces).prop_map(|pieces| pieces.concat())
}

/// Words of documents: labels, numbers, dates, sums, in good and in odd forms.
fn words() -> impl Strategy<Value = String> {
    prop_oneof![
        6 => prop::sample::select(vec![
            "关于组织申报2026年高新技术企业的通知", "发文字号：", "索引号", "国办发〔2017〕47号", "镇科发[2026] 5 号", "第二十三号",
            "〔", "〕", "年", "号", "2026-03-10", "二〇二六年三月十日", "2026年3月", "即日起至6月30日", "自发布之日起30日内", "17:00前",
            "最高不超过500万元", "30%", "有效期5年", "附件：1.", "江苏省科学技术厅", "镇江市人民政府办公室", "（此件公开发布）", "《", "》",
            "予以废止", "联系人：", "0511-80000000", "一、", "（一）", "不低于", "营业收入2000万元以上", "。", "\n", " ", "\u{3000}", "\u{a0}",
        ]).prop_map(str::to_owned),
        1 => "[0-9０-９〇零一二三十廿]{1,40}",
        1 => "[-./年月日:：TZ+ 0-9]{1,40}",
        1 => "\\PC{1,10}",
        1 => "[㍿ﬁⅣ①゙́﷽🏳️‍🌈𠮷\u{0}\u{202e}\u{feff}]{1,6}",
    ]
}

fn text(pieces: usize) -> impl Strategy<Value = String> {
    prop::collection::vec(words(), 0..pieces).prop_map(|pieces| pieces.concat())
}

fn page(text: &str) -> Fetched {
    Fetched { url: "https://x.gov.cn/zc/index.html".to_owned(), body: text.as_bytes().to_vec(), ..Fetched::default() }
}

#[test]
fn every_page_is_read_or_refused_in_time() {
    let source = Source::parse(TRS).unwrap();
    fuzzing::run(file!(), "page", (markup(40), any::<bool>()), |(markup, with_source)| {
        let started = Instant::now();
        let url = "https://x.gov.cn/art/2026/3/10/art_1_2.html";
        let context = PageContext { url, source: with_source.then_some(&source), ..PageContext::default() };
        if let Ok(mut policy) = extract(markup.as_bytes(), &context) {
            prop_assert!(!policy.title.is_empty() && policy.title.chars().count() <= 500);
            understand(&mut policy, source.within());
            check_html(&policy.body_html)?;
        }
        prop_assert!(started.elapsed() < PAGE_LIMIT, "{:?}", started.elapsed());
        Ok(())
    });
}

/// Nothing in it runs, and nothing in it changes where links lead.
fn check_html(html: &str) -> Result<(), TestCaseError> {
    let fragment = scraper::Html::parse_fragment(html);
    let elements = fragment.tree.values().filter_map(|node| node.as_element());
    for element in elements {
        prop_assert!(!matches!(element.name(), "script" | "style" | "base" | "iframe" | "object" | "form"), "{html}");
        for (name, value) in element.attrs() {
            let value = value.trim().to_ascii_lowercase();
            prop_assert!(!name.starts_with("on") && !value.starts_with("javascript:"), "{name}={value} in {html}");
        }
    }
    Ok(())
}

#[test]
fn every_list_is_read_or_refused_in_time() {
    let lists = [
        List::default(),
        List { item: "li".to_owned(), ..List::default() },
        List { format: Format::Any, ..List::default() },
        List { format: Format::Feed, ..List::default() },
        List { format: Format::Sitemap, ..List::default() },
    ];
    fuzzing::run(file!(), "list", (markup(60), 0..lists.len()), |(markup, form)| {
        let started = Instant::now();
        let fetched = page(&markup);
        if let Ok(content) = read_list(&lists[form], &Follow::default(), &fetched, 1) {
            for item in &content.items {
                prop_assert!(item.url.starts_with("http"), "{item:?}");
            }
            prop_assert!(content.next.as_deref() != Some(fetched.url.as_str()) || form == 3, "{:?}", content.next);
        }
        if let Ok(draft) = draft_from(&fetched) {
            prop_assert!(Source::parse(&draft.toml).is_ok_and(|source| source == draft.source), "{}", draft.toml);
        }
        prop_assert!(started.elapsed() < PAGE_LIMIT, "{:?}", started.elapsed());
        Ok(())
    });
}

#[test]
fn cases_that_were_found_stay_mended() {
    // a list with a second XML declaration
    let feed = List { format: Format::Feed, ..List::default() };
    let declared = page("<rss version=\"2.0\"><channel><?xml version=\"1.0\" encoding=\"gb2312\"?><item>");
    let _ = read_list(&feed, &Follow::default(), &declared, 1);
    let _ = draft_from(&declared);
    // one main text in another, hundreds of times
    let started = Instant::now();
    let nested = page(&format!("{}关于示例<p>正文，示例。", "<div id=\"zoom\" class=\"TRS_Editor\">".repeat(3_000)));
    let _ = draft_from(&nested);
    for format in [Format::Html, Format::Any] {
        let _ = read_list(&List { format, ..List::default() }, &Follow::default(), &nested, 1);
    }
    let source = Source::parse(TRS).unwrap();
    let context = PageContext { url: &nested.url, source: Some(&source), ..PageContext::default() };
    if let Ok(mut policy) = extract(&nested.body, &context) {
        understand(&mut policy, None);
    }
    assert!(started.elapsed() < PAGE_LIMIT, "{:?}", started.elapsed());
    println!("nested: {:?}", started.elapsed());
    // drawings that never end
    let started = Instant::now();
    let drawings = page(&format!("{}{}", "<svg>".repeat(20_000), "<p>示例</p>".repeat(20_000)));
    let _ = draft_from(&drawings);
    let _ = extract(&drawings.body, &PageContext { url: &drawings.url, ..PageContext::default() });
    assert!(started.elapsed() < PAGE_LIMIT, "{:?}", started.elapsed());
    // UTF-8 with a zero that a label calls UTF-16
    assert_eq!(charset::decode("示例通知\0。".as_bytes(), Some("utf-16")).0, "示例通知\0。");
}

/// JSON of any shape, with what lists have in it.
fn json() -> impl Strategy<Value = serde_json::Value> {
    let leaf = prop_oneof![
        Just(serde_json::Value::Null),
        any::<bool>().prop_map(Into::into),
        any::<i64>().prop_map(Into::into),
        any::<f64>().prop_map(Into::into),
        words().prop_map(Into::into),
        "/art/[0-9]{1,6}\\.html".prop_map(Into::into),
    ];
    let key = prop_oneof![
        4 => prop::sample::select(vec!["data", "list", "title", "url", "date", "total", "page", "a.b", "", "x\"y", "*", "[0]", "{n}"]).prop_map(str::to_owned),
        1 => "\\PC{0,4}",
    ];
    leaf.prop_recursive(6, 120, 8, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..8).prop_map(Into::into),
            prop::collection::vec((key.clone(), inner), 0..8)
                .prop_map(|members| serde_json::Value::Object(members.into_iter().collect())),
        ]
    })
}

#[test]
fn every_answer_of_an_interface_is_read_or_refused() {
    let path = "[a-c.*|\\[\\]0\"' {}]{0,12}";
    fuzzing::run(file!(), "interface", (json(), path, "\\PC{0,8}"), |(value, path, around)| {
        let list = List {
            format: Format::Json,
            item: path.clone(),
            link: Some(format!("/{path}/{{url}}")),
            title: Some("title".to_owned()),
            date: Some("date".to_owned()),
            total: Some("total".to_owned()),
            markup: Some(path).filter(|path| path.len() > 8),
            ..List::default()
        };
        for text in [value.to_string(), format!("{around}({value});"), format!("{around}{value}")] {
            let _ = read_list(&list, &Follow::default(), &page(&text), 1);
            if let Ok(draft) = draft_from(&page(&text)) {
                prop_assert!(Source::parse(&draft.toml).is_ok_and(|source| source == draft.source), "{}", draft.toml);
            }
        }
        Ok(())
    });
}

#[test]
fn all_bytes_are_text() {
    let encoded = (text(30), 0..4_usize, 0..400_usize).prop_map(|(text, encoding, cut)| {
        let mut bytes = match encoding {
            0 => text.into_bytes(),
            1 => encoding_rs::GBK.encode(&text).0.into_owned(),
            2 => encoding_rs::BIG5.encode(&text).0.into_owned(),
            _ => text.encode_utf16().flat_map(u16::to_le_bytes).collect(),
        };
        bytes.truncate(bytes.len().saturating_sub(cut % 7));
        bytes
    });
    let bytes = prop_oneof![prop::collection::vec(any::<u8>(), 0..2_000), encoded];
    let label =
        prop::option::of(prop::sample::select(vec!["gbk", "gb2312", "utf-8", "big5", "utf-16", "iso-8859-1", "x", ""]));
    fuzzing::run(file!(), "charset", (bytes, label), |(bytes, label)| {
        let (text, encoding) = charset::decode(&bytes, label);
        prop_assert!(!encoding.is_empty());
        prop_assert!(text.len() <= bytes.len() * 3 + 3);
        // ASCII with zeros may be UTF-16
        if let Ok(right) = std::str::from_utf8(&bytes)
            && (!right.contains('\0') || !right.is_ascii())
        {
            let right = right.strip_prefix('\u{feff}').unwrap_or(right);
            prop_assert!(text == right || bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]));
        }
        Ok(())
    });
}

#[test]
fn every_number_of_a_document_has_a_stable_key() {
    fuzzing::run(file!(), "number", text(20), |text| {
        if let Some(number) = DocNumber::parse(&text) {
            let key = number.key();
            prop_assert!(!key.is_empty());
            prop_assert_eq!(doc_number::key(&key), key.clone(), "the key of a key is itself");
            number.parts();
        }
        for (range, number) in doc_number::find_all(&text) {
            prop_assert!(text.get(range.clone()).is_some(), "{range:?} cuts a character");
            prop_assert!(!number.key().is_empty());
        }
        doc_number::key(&text);
        doc_number::without_label(&text);
        Ok(())
    });
}

#[test]
fn every_date_is_a_day_or_none() {
    fuzzing::run(file!(), "date", text(12), |text| {
        if let Some(day) = parse_date(&text) {
            prop_assert_eq!(parse_date(&day.to_string()), Some(day));
        }
        let mut policy = zhida_schemas::Policy { title: text.clone(), body_text: text, ..Default::default() };
        understand(&mut policy, Some("321100"));
        Ok(())
    });
}

/// Lines of a definition, right and wrong, in any order.
fn definition() -> impl Strategy<Value = String> {
    let line = prop_oneof![
        8 => prop::sample::select(vec![
            "title = \"示例\"", "region_code = \"321100\"", "extends = \"trs\"", "extends = \"gkmlpt\"", "extends = \"jpaas\"",
            "hours = \"22:00-06:00\"", "max_pages = 3", "concurrency = 2", "delay_ms = 5", "follow = { depth = 2 }",
            "[[list]]\nurl = \"https://x.gov.cn/\"", "[[list]]\nurl = \"https://x.gov.cn/?p={n}\"", "[[list]]\nurl = \"\"", "[list]",
            "format = \"json\"", "format = \"any\"", "item = \"li\"", "item = \"a..b\"", "item = \"\"", "link = \"{id}\"", "link = \"/{id\"",
            "pages = \"{n}.html\"", "pages = \"https://y.gov.cn/{n}\"", "from = 4294967295", "step = 4294967295", "from = 0", "next = \"\"",
            "post = \"{n}\"", "match = \"a+\"", "match = \"(\"", "total = \"a\"", "size = 1", "markup = \"\"", "[article]", "body = \"#zoom\"",
            "body = \"\"", "body = \"li[\"", "name = \"y\"", "quiet_days = 1",
        ]).prop_map(str::to_owned),
        1 => ("[a-z_]{1,10}", "\\PC{0,10}").prop_map(|(key, value)| format!("{key} = {value}")),
        1 => any::<String>(),
        1 => "[\\[\\]{}=\",.#a]{0,60}",
    ];
    let good = "name = \"x\"\ntitle = \"示例\"\nregion_code = \"321100\"\n";
    (any::<bool>(), prop::collection::vec(line, 0..16))
        .prop_map(move |(begin, lines)| format!("{}{}", if begin { good } else { "" }, lines.join("\n")))
}

#[test]
fn every_definition_is_refused_or_written_as_it_was_read() {
    fuzzing::run(file!(), "definition", definition(), |text| {
        match Source::parse(&text) {
            Err(error) => prop_assert!(!error.to_string().is_empty()),
            Ok(source) => {
                let written = source.to_toml().map_err(|error| TestCaseError::fail(error.to_string()))?;
                let read = Source::parse(&written).map_err(|error| TestCaseError::fail(error.to_string()))?;
                // what differs too much from its family is written without it
                prop_assert_eq!(&Source { extends: source.extends.clone(), ..read }, &source);
                for list in &source.lists {
                    for number in [1, 2, 3, u32::MAX] {
                        list.page_url(number);
                        list.page_body(number);
                    }
                }
            }
        }
        Ok(())
    });
}
