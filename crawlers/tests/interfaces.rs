//! Answers of real interfaces, saved: every row is read by a definition, and a draft finds the rows by itself. Counts are compared with the raw JSON.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::path::{Path, PathBuf};

use serde_json::Value;
use zhida_crawlers::draft::draft_from;
use zhida_crawlers::listing::{ListItem, read_list};
use zhida_crawlers::{Fetched, Source};

struct Case {
    file: &'static str,
    /// Keys of the list.
    keys: &'static str,
    /// Where the rows are in the raw JSON, and where a row has its title and its number.
    rows: &'static [&'static str],
    title: &'static str,
    number: Option<&'static str>,
    /// Pages that the answer speaks of.
    pages: Option<u32>,
}

const CASES: &[Case] = &[
    Case {
        file: "sousuo.gov.cn/GWY_success.json",
        keys: "item = \"searchVO.catMap.*.listVO\"\nlink = \"url\"\ntitle = \"title\"\ndate = \"pubtime\"\ndoc_number = \"pcode\"\nissuer = \"puborg\"\npage_count = \"searchVO.totalpage\"",
        rows: &["/searchVO/catMap/bumenfile/listVO", "/searchVO/catMap/gongwen/listVO"],
        title: "/title",
        number: Some("/pcode"),
        pages: Some(446),
    },
    Case {
        file: "sousuo.gov.cn/GWY_error.json",
        keys: "item = \"searchVO.catMap.*.listVO\"\nlink = \"url\"",
        rows: &["/searchVO/catMap/gongwen/listVO"],
        title: "/title",
        number: None,
        pages: None,
    },
    Case {
        file: "www.cq.gov.cn/CQProvince_success.json",
        keys: "item = \"data.list\"\nlink = \"doc_pub_url\"\ntitle = \"f_202121500898\"\ndate = \"f_202121607647\"\ndoc_number = \"f_202121837479\"\ntotal = \"data.pager.total\"\nsize = 10",
        rows: &["/data/list"],
        title: "/f_202121500898",
        number: Some("/f_202121837479"),
        pages: Some(380),
    },
    Case {
        file: "www.fujian.gov.cn/FJPronvince_FJProvince_success.json",
        keys: "item = \"datas\"\nlink = \"docpuburl\"\ntitle = \"doctitle\"\ndate = \"pubtime | docreltime\"\ndoc_number = \"fileno\"\nissuer = \"puborg\"\npage_count = \"page.pagecount\"",
        rows: &["/datas"],
        title: "/doctitle",
        number: Some("/fileno"),
        pages: Some(6),
    },
    Case {
        file: "www.gd.gov.cn/GDProvince_GDProvince_success.json",
        keys: "item = \"data.list\"\nlink = \"url\"\ntitle = \"title\"\ndate = \"date\"\ndoc_number = \"document_number\"\nissuer = \"publisher\"\ntotal = \"data.total\"\nsize = 20",
        rows: &["/data/list"],
        title: "/title",
        number: Some("/document_number"),
        pages: Some(12_264),
    },
    Case {
        file: "www.ggzy.gov.cn/api_sample.json",
        keys: "item = \"data.records\"\nlink = \"url\"\ntitle = \"title\"\ndate = \"publishTime\"\npage_count = \"data.pages\"",
        rows: &["/data/records"],
        title: "/title",
        number: None,
        pages: Some(80),
    },
    Case {
        file: "www.gxzf.gov.cn/GXProvince_WholeProvince_success.json",
        keys: "item = \"page.content\"\nlink = \"DOCPUBURL\"\ntitle = \"DOCTITLE\"\ndate = \"PUBDATE\"\ndoc_number = \"fileNum\"\nissuer = \"publisher\"\ntotal = \"page.total\"\nsize = 10",
        rows: &["/page/content"],
        title: "/DOCTITLE",
        number: Some("/fileNum"),
        pages: Some(4_105),
    },
    Case {
        file: "www.henan.gov.cn/HNProvince_WholeProvince_error.json",
        keys: "item = \"searchResultAll.searchTotal\"\nlink = \"url\"",
        rows: &["/searchResultAll/searchTotal"],
        title: "/title",
        number: None,
        pages: None,
    },
    Case {
        file: "www.shaanxi.gov.cn/SXProvinceL_WholeProvince_success.json",
        keys: "item = \"page.content\"\nlink = \"DOCPUBURL\"\ntitle = \"highlight.DOCTITLE[0] | DOCTITLE\"\ndate = \"PUBDATE\"\nissuer = \"publishdept\"\npage_count = \"page.totalPages\"",
        rows: &["/page/content"],
        title: "/DOCTITLE",
        number: None,
        pages: Some(69),
    },
    Case {
        file: "www.zj.gov.cn/ZJProvince_WholeProvince_success.json",
        keys: "item = \"dataResults\"\nlink = \"data.url\"\ntitle = \"data.title\"\ndate = \"data.deploytime\"\ndoc_number = \"data.filenumber\"\ntotal = \"total\"\nsize = 30",
        rows: &["/dataResults"],
        title: "/data/title",
        number: Some("/data/filenumber"),
        pages: Some(652),
    },
];

fn pages() -> Option<PathBuf> {
    let pages = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data/pages");
    if pages.exists() {
        return Some(pages);
    }
    assert!(std::env::var_os("ZHIDA_TEST_ALL").is_none(), "../shared/data not found");
    println!("left out: ../shared/data not found");
    None
}

fn answer(pages: &Path, case: &Case) -> (Fetched, Vec<Value>) {
    let body = std::fs::read(pages.join(case.file)).unwrap();
    let raw: Value = serde_json::from_slice(&body).unwrap();
    let rows = case.rows.iter().filter_map(|path| raw.pointer(path)?.as_array()).flatten().cloned().collect();
    let host = case.file.split('/').next().unwrap();
    (Fetched { url: format!("https://{host}/api?page=1"), body, ..Fetched::default() }, rows)
}

fn said<'a>(row: &'a Value, path: &str) -> &'a str {
    row.pointer(path).and_then(Value::as_str).unwrap_or_default()
}

#[test]
fn every_row_of_every_answer_is_read() {
    let Some(pages) = pages() else { return };
    let saved: Vec<Value> = std::fs::read_to_string(pages.join("manifest.jsonl"))
        .unwrap()
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    for file in saved.iter().filter(|file| file["kind"] == "api").map(|file| file["file"].as_str().unwrap()) {
        assert!(CASES.iter().any(|case| case.file == file), "{file} has no definition");
    }
    for case in CASES {
        let (fetched, rows) = answer(&pages, case);
        let source = Source::parse(&format!(
            "name = \"x\"\ntitle = \"示例\"\nregion_code = \"100000\"\n[[list]]\nurl = \"{}\"\nformat = \"json\"\n{}",
            fetched.url, case.keys
        ))
        .unwrap();
        let content = read_list(&source.lists[0], &source.follow, &fetched, 1).unwrap();
        assert_eq!(content.items.len(), rows.len(), "{}", case.file);
        assert_eq!(content.pages, case.pages, "{}", case.file);
        for (item, row) in content.items.iter().zip(&rows) {
            check(case, item, row);
        }
        println!("{}: {} rows", case.file, rows.len());
    }
}

fn check(case: &Case, item: &ListItem, row: &Value) {
    let plain = |text: &str| {
        text.split_whitespace()
            .collect::<Vec<_>>()
            .join(" ")
            .replace("<em>", "")
            .replace("</em>", "")
            .replace("<br/>", "")
    };
    let title = item.title.as_deref().unwrap_or_default();
    assert_eq!(
        plain(title),
        plain(said(row, case.title))
            .replace('\u{200b}', "")
            .replace("&nbsp;", " ")
            .replace("&ldquo;", "“")
            .replace("&rdquo;", "”"),
        "{}",
        case.file
    );
    assert!(
        item.date.is_some() && item.url.starts_with("http") && !title.contains(['<', '&']),
        "{}: {item:?}",
        case.file
    );
    if let Some(number) = case.number {
        assert_eq!(
            plain(item.doc_number.as_deref().unwrap_or_default()),
            plain(said(row, number)).replace('\u{200b}', ""),
            "{}",
            case.file
        );
    }
}

#[test]
fn a_draft_finds_the_rows_by_itself() {
    let Some(pages) = pages() else { return };
    for case in CASES {
        let (fetched, rows) = answer(&pages, case);
        if rows.is_empty() {
            continue;
        }
        let draft = draft_from(&fetched).unwrap();
        let list = &draft.source.lists[0];
        let content = read_list(list, &draft.source.follow, &fetched, 1).unwrap();
        assert_eq!(content.items.len(), rows.len(), "{}: {list:?}", case.file);
        let titled = content
            .items
            .iter()
            .zip(&rows)
            .filter(|(item, row)| item.title.as_deref() == Some(said(row, case.title).trim()))
            .count();
        println!(
            "{}: item {:?} link {:?} title {:?} ({titled}/{}) date {:?} number {:?} issuer {:?} total {:?} {:?}",
            case.file,
            list.item,
            list.link,
            list.title,
            rows.len(),
            list.date,
            list.doc_number,
            list.issuer,
            list.total,
            list.page_count
        );
        assert!(list.date.is_some(), "{}: {list:?}", case.file);
    }
}
