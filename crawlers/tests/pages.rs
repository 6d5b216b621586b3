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
