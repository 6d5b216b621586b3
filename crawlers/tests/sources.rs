//! Every bundled definition has an example list and article (written by us, 示例) and the record that they give.

use std::path::Path;

use zhida_crawlers::listing::read_list;
use zhida_crawlers::{Fetched, PageContext, Source, Validators, extract, understand};

#[test]
fn every_definition_reads_its_example() {
    let examples = Path::new(env!("CARGO_MANIFEST_DIR")).join("sources/examples");
    let sources = Source::bundled();
    assert!(sources.len() >= 5);
    for source in sources {
        let folder = examples.join(&source.name);
        let text = |name: &str| std::fs::read(folder.join(name)).ok();
        let expected =
            text("expected.json").unwrap_or_else(|| panic!("{} has no example: add {folder:?}", source.name));
        let expected: serde_json::Value = serde_json::from_slice(&expected).unwrap();
        let article_url = expected["article_url"].as_str().unwrap();

        let list = Fetched {
            url: expected["list_url"].as_str().unwrap().to_owned(),
            body: text("list.html").or(text("list.json")).unwrap(),
            media_type: None,
            charset: None,
            validators: Validators::default(),
            not_modified: false,
        };
        let items = read_list(&source.lists[0], &source.follow, &list, 1).unwrap().items;
        let item = items.iter().find(|item| item.url == article_url);
        let item = item.unwrap_or_else(|| panic!("{}: {article_url} is not in {items:?}", source.name));
        assert!(item.date.is_some() && item.title.is_some(), "{}: {item:?}", source.name);

        let context = PageContext {
            url: article_url,
            source: Some(&source),
            list_title: item.title.as_deref(),
            list_date: item.date,
            ..PageContext::default()
        };
        let mut policy = extract(&text("article.html").unwrap(), &context).unwrap();
        understand(&mut policy, source.within());
        let record = serde_json::to_value(&policy).unwrap();
        for (field, value) in expected["record"].as_object().unwrap() {
            assert_eq!(&record[field], value, "{}: {field}", source.name);
        }
    }
}
