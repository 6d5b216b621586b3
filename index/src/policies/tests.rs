//! Stories of the policy index: records in, results out.

use chrono::NaiveDate;
use proptest::prelude::*;
use zhida_schemas::Policy;
use zhida_schemas::policy::{Application, Level, Validity};

use super::*;
use crate::text::tests::{SYNONYMS, analyzer};

fn date(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn today() -> NaiveDate {
    date("2024-06-01")
}

fn policy(id: &str, title: &str, body: &str) -> Policy {
    Policy { id: id.to_owned(), version: 1, title: title.to_owned(), body_text: body.to_owned(), ..Policy::default() }
}

/// An index of these policies in a directory of its own.
fn indexed(policies: &[Policy]) -> (tempfile::TempDir, PolicyIndex) {
    let dir = tempfile::tempdir().unwrap();
    let index = PolicyIndex::open_with_synonyms(dir.path(), analyzer(), SYNONYMS).unwrap();
    let mut writer = index.writer().unwrap();
    for policy in policies {
        writer.put(policy).unwrap();
    }
    writer.commit(policies.len() as i64).unwrap();
    index.reload().unwrap();
    (dir, index)
}

fn ask(query: &str) -> SearchRequest {
    SearchRequest { query: query.to_owned(), limit: 20, ..SearchRequest::default() }
}

fn ids(index: &PolicyIndex, request: &SearchRequest) -> Vec<String> {
    index.search(request, today()).unwrap().hits.into_iter().map(|hit| hit.id).collect()
}

fn found(index: &PolicyIndex, query: &str) -> Vec<String> {
    ids(index, &ask(query))
}

fn samples() -> Vec<Policy> {
    vec![
        Policy {
            issuers: vec!["科学技术部".into()],
            region_code: Some("100000".into()),
            level: Some(Level::National),
            kind: Some("通知".into()),
            published_on: Some(date("2023-05-01")),
            subjects: vec!["科技、教育/科技".into()],
            industries: vec!["I6513".into()],
            ..policy(
                "a",
                "高新技术企业认定管理办法（示例）",
                "企业申请认定须注册成立一年以上。\n高新技术企业享受税收优惠。",
            )
        },
        Policy {
            issuers: vec!["江苏省科学技术厅".into(), "江苏省财政厅".into()],
            region_code: Some("320000".into()),
            level: Some(Level::Province),
            kind: Some("通知".into()),
            published_on: Some(date("2024-05-20")),
            application: Some(Application {
                opens_on: Some(date("2024-05-20")),
                closes_on: Some(date("2024-06-20")),
                ..Application::default()
            }),
            ..policy("b", "关于组织申报科技成果转化项目的通知（示例）", "对高企给予奖励，重点支持集成电路、生物医药。")
        },
        Policy {
            region_code: Some("321100".into()),
            level: Some(Level::City),
            kind: Some("公告".into()),
            published_on: Some(date("2022-03-03")),
            application: Some(Application {
                closes_on: Some(date("2022-04-01")),
                more: vec![Application {
                    opens_on: Some(date("2024-09-01")),
                    closes_on: Some(date("2024-09-30")),
                    ..Application::default()
                }],
                ..Application::default()
            }),
            ..policy("c", "食品小作坊登记公告（示例）", "食品小作坊应当办理登记证。专精特新企业除外。")
        },
    ]
}

#[test]
fn finds_words_synonyms_phrases_and_exclusions() {
    let mut policies = samples();
    policies.push(policy("d", "首台（套）重大技术装备目录（示例）", ""));
    let (_dir, index) = indexed(&policies);
    for (query, expected) in [
        ("认定 高新技术企业", vec!["a", "b"]),
        ("高新技术", vec!["a"]),
        ("高企", vec!["a", "b"]),
        ("高新技术企业", vec!["a", "b"]),
        ("高新技術企業認定", vec!["a", "b"]),
        ("首台套", vec!["d"]),
        ("食品小作坊怎么登记", vec!["c"]),
        ("\"小作坊登记\"", vec!["c"]),
        ("“登记小作坊”", vec![]),
        ("企业 -专精特新", vec!["a"]),
        ("-食品 -装备", vec!["b", "a"]),
        ("集成电路 OR 小作坊", vec!["c", "b"]),
        ("不存在的词语甲乙丙", vec![]),
        ("认定 量子计算", vec!["a"]),
    ] {
        let mut found = found(&index, query);
        let mut expected: Vec<String> = expected.into_iter().map(str::to_owned).collect();
        if query.contains("OR") {
            found.sort();
            expected.sort();
        }
        assert_eq!(found, expected, "{query}");
    }
}

#[test]
fn understands_and_highlights() {
    let (_dir, index) = indexed(&samples());
    let results = index.search(&ask("高企 “小作坊” -奖励"), today()).unwrap();
    assert_eq!(results.understood.words, ["高企"]);
    assert_eq!(results.understood.phrases, ["小作坊"]);
    assert_eq!(results.understood.excluded, ["奖励"]);
    let results = index.search(&ask("高新技术企业"), today()).unwrap();
    assert_eq!(results.hits[0].highlight.title, "<mark>高新技术企业</mark>认定管理办法（示例）");
    assert_eq!(results.hits[1].highlight.body, "对<mark>高企</mark>给予奖励，重点支持集成电路、生物医药。");
    assert!(results.hits[0].policy().unwrap().body_text.is_empty());
    assert_eq!(results.hits[0].policy().unwrap().industries, ["I6513"]);
}

#[test]
fn reads_pinyin_and_slips_as_what_was_meant() {
    let mut policies = samples();
    for number in 0..4 {
        let title = format!("商品房预售办法、景点和经典（示例{number}）");
        policies.push(policy(&format!("sale{number}"), &title, "预售许可的办理。"));
    }
    let (_dir, index) = indexed(&policies);
    for (query, first, corrections) in [
        ("shipin", "c", vec![("shipin", "食品")]),
        ("gxjsqy", "a", vec![("gxjsqy", "高新技术企业")]),
        ("gaoxinjishuqiyerending", "a", vec![("gaoxinjishuqiyerending", "高新技术企业认定")]),
        ("商品房 预受", "sale0", vec![("预受", "预售")]),
        // Chinese as typed is never read as another word that documents use.
        ("景点", "sale0", vec![]),
        ("经典", "sale0", vec![]),
        // Quotes ask for what is typed.
        ("食品 “预受”", "", vec![]),
        ("高新技术企业", "a", vec![]),
    ] {
        let results = index.search(&ask(query), today()).unwrap();
        let found = results.hits.first().map_or("", |hit| hit.id.as_str());
        let read: Vec<(&str, &str)> = results
            .understood
            .corrections
            .iter()
            .map(|correction| (correction.typed.as_str(), correction.read_as.as_str()))
            .collect();
        if first.starts_with("sale") {
            assert!(found.starts_with("sale"), "{query}: {found}");
        } else {
            assert_eq!(found, first, "{query}");
        }
        assert_eq!(read, corrections, "{query}");
    }
}

#[test]
fn corrects_whole_words_and_nothing_else() {
    let mut policies = Vec::new();
    for number in 0..40 {
        let title = format!("人工智能与知识产权合规的复函（示例{number}）");
        policies.push(policy(&format!("ai{number}"), &title, "创业担保贷款。只能由人工核查。建设单位全力保障。"));
    }
    let numbered =
        Policy { doc_number: Some("粤府函〔2020〕5号".into()), ..policy("code", "示例通知", "示例。") };
    policies.push(numbered);
    // The whole dictionary of terms: only those are read where each word is known.
    let dir = tempfile::tempdir().unwrap();
    let index = PolicyIndex::open(dir.path(), Analyzer::new()).unwrap();
    let mut writer = index.writer().unwrap();
    for policy in &policies {
        writer.put(policy).unwrap();
    }
    writer.commit(1).unwrap();
    index.reload().unwrap();
    for (query, corrections) in [
        // Each of its words is known, and nowhere do they stand so.
        ("人工只能", vec![("人工只能", "人工智能")]),
        ("知识产全", vec![("知识产全", "知识产权")]),
        ("创业但保贷款", vec![("创业但保贷款", "创业担保贷款")]),
        ("人工核查", vec![]),
        ("只能由人工核查", vec![]),
        // Half of a known word is no slip: 何规 for 合规.
        ("有何规定", vec![]),
        // The code of a number is as it should be.
        ("粤府函", vec![]),
        ("zhishichanquan", vec![("zhishichanquan", "知识产权")]),
        ("rengong'zhineng", vec![("rengong'zhineng", "人工智能")]),
    ] {
        let understood = index.search(&ask(query), today()).unwrap().understood;
        let read = understood.corrections.iter().map(|slip| (slip.typed.as_str(), slip.read_as.as_str()));
        assert_eq!(read.collect::<Vec<_>>(), corrections, "{query}");
    }
    assert_eq!(index.suggest("知识cq", &[], 1).unwrap(), ["知识产权"]);
    assert_eq!(index.suggest("人工只能", &[], 1).unwrap(), ["人工智能"]);
    // what no document holds
    assert!(index.suggest("高企", &[], 1).unwrap().is_empty());
}

#[test]
fn proposes_what_is_found_ten_times_as_often() {
    let mut policies: Vec<Policy> = (0..30)
        .map(|number| policy(&format!("sale{number}"), &format!("商品房预售许可办法（示例{number}）"), "预售许可。"))
        .collect();
    policies.push(policy("slip", "商品房预受许可办法（示例）", "预受许可。"));
    for number in 0..12 {
        policies.push(policy(&format!("view{number}"), &format!("景点开放办法（示例{number}）"), "景点。"));
    }
    for number in 0..4 {
        policies.push(policy(&format!("book{number}"), &format!("经典诵读办法（示例{number}）"), "经典。"));
    }
    let (_dir, index) = indexed(&policies);
    for (query, expected) in [
        ("预受", Some(("预售", 30))),
        ("預受", Some(("预售", 30))),
        ("预售", None),
        ("“预受”", None),
        ("经典", None),
        ("景点", None),
        ("预受 示例", Some(("预售 示例", 30))),
    ] {
        let results = index.search(&ask(query), today()).unwrap();
        let proposed = results.understood.did_you_mean.as_ref();
        let proposed = proposed.map(|proposal| (proposal.query.as_str(), proposal.total));
        assert_eq!(proposed, expected, "{query}");
        assert!(results.understood.corrections.is_empty() && results.total > 0, "{query}");
    }
}

#[test]
fn signs_alone_find_nothing() {
    let (_dir, index) = indexed(&samples());
    for query in ["，。！", "😀", "-", "“”", "《》 ……"] {
        let results = index.search(&ask(query), today()).unwrap();
        assert!(results.total == 0 && results.hits.is_empty(), "{query}");
    }
    assert_eq!(index.search(&ask("  "), today()).unwrap().total, 3);
}

#[test]
fn field_words_ask_one_field() {
    let mut policies = samples();
    policies[1].issuers = vec!["工业和信息化部办公厅".into()];
    policies[2].issuers = vec!["镇江市市场监督管理局".into()];
    policies[2].doc_number = Some("镇市监发〔2022〕3号".into());
    policies[2].validity = Validity::Repealed;
    let (_dir, index) = indexed(&policies);
    for (query, expected, fields) in [
        ("标题:高企", vec!["a"], vec!["title 高企"]),
        ("标题：“科技成果”", vec!["b"], vec!["title 科技成果"]),
        ("正文:高企", vec!["a", "b"], vec!["body 高企"]),
        ("企业 -标题:公告", vec!["a"], vec!["-title 公告"]),
        ("发文机关:工信部", vec!["b"], vec!["issuer 工业和信息化部"]),
        ("机关:镇江市市监局 登记", vec!["c"], vec!["issuer 镇江市市场监督管理局"]),
        ("-机关:科技部", vec!["b", "c"], vec!["-issuer 科学技术部"]),
        ("文号:镇市监发2022 3号", vec!["c"], vec!["doc_number 镇市监发〔2022〕3号"]),
        ("文号:镇市监发2022 3号 标题:高企", vec![], vec!["doc_number 镇市监发〔2022〕3号", "title 高企"]),
        ("文号:镇市监发", vec!["c"], vec!["doc_number 镇市监发"]),
        ("文号:镇市", vec![], vec!["doc_number 镇市"]),
        ("地区:镇江 登记", vec!["c"], vec!["region 镇江市"]),
        ("地区:镇江 标题:高企", vec![], vec!["region 镇江市", "title 高企"]),
        ("文种:通知 认定", vec!["a"], vec!["kind 通知"]),
        ("时效:废止", vec!["c"], vec!["validity 已废止"]),
        ("主题:科技、教育 认定", vec!["a"], vec!["subject 科技、教育"]),
        ("年份:2022", vec!["c"], vec!["dated 2022-01-01 – 2022-12-31"]),
        ("2023年:企业", vec!["a"], vec!["dated 2023-01-01 – 2023-12-31"]),
        ("网址:食品小作坊", vec!["c"], vec![]),
    ] {
        let results = index.search(&ask(query), today()).unwrap();
        let mut found: Vec<&str> = results.hits.iter().map(|hit| hit.id.as_str()).collect();
        found.sort_unstable();
        assert_eq!(found, expected, "{query}");
        let read: Vec<String> = (results.understood.fields.iter())
            .map(|field| format!("{}{} {}", if field.excluded { "-" } else { "" }, field.field, field.value))
            .collect();
        assert_eq!(read, fields, "{query}");
    }
}

/// Copies of one text whose records differ.
fn copies(records: Vec<(&str, Policy)>) -> (tempfile::TempDir, PolicyIndex) {
    let copy = |(id, record): (&str, Policy)| Policy { ..Policy { id: id.to_owned(), ..record } };
    indexed(&records.into_iter().map(copy).collect::<Vec<_>>())
}

fn about(title: &str) -> Policy {
    policy("", title, "对企业技术改造项目给予补贴。")
}

#[test]
fn an_office_in_the_query_raises_what_it_issued() {
    let by =
        |issuer: &str| Policy { issuers: vec![issuer.to_owned()], ..about("技术改造补贴办法（示例）") };
    let (_dir, index) = copies(vec![
        ("other", by("财政部")),
        ("ministry", by("工业和信息化部")),
        ("province", by("江苏省工业和信息化厅")),
        ("nobody", about("技术改造补贴办法（示例）")),
        ("far", policy("", "食品小作坊登记公告（示例）", "")),
        ("farther", policy("", "商品房预售办法（示例）", "")),
    ]);
    for (query, first, issuers) in [
        ("工信部 技术改造补贴", "ministry", vec!["工业和信息化部"]),
        ("江苏省工信厅 技术改造补贴", "province", vec!["江苏省工业和信息化厅"]),
        ("江苏 工信厅 技术改造补贴", "province", vec!["江苏省工业和信息化厅"]),
        ("财政部技术改造补贴", "other", vec!["财政部"]),
        ("教育部 技术改造补贴", "", vec![]),
    ] {
        let results = index.search(&ask(query), today()).unwrap();
        assert_eq!(results.total, 4, "{query}");
        assert!(first.is_empty() || results.hits[0].id == first, "{query}: {}", results.hits[0].id);
        assert_eq!(results.understood.issuers, issuers, "{query}");
    }
}

#[test]
fn documents_of_the_place_stand_before_those_above_it_and_those_of_others() {
    let of =
        |code: &str| Policy { region_code: Some(code.to_owned()), ..about("技术改造补贴办法（示例）") };
    let (_dir, index) = copies(vec![
        ("suzhou", of("320500")),
        ("nation", of("100000")),
        ("zhenjiang", of("321100")),
        ("hubei", of("420000")),
    ]);
    let results = index.search(&ask("镇江 技术改造补贴"), today()).unwrap();
    let order: Vec<&str> = results.hits.iter().map(|hit| hit.id.as_str()).collect();
    assert_eq!(order[..2], ["zhenjiang", "nation"]);
    assert_eq!(results.total, 4);
    assert_eq!(results.understood.region, Some(NamedRegion { code: "321100", name: "镇江市" }));
}

#[test]
fn documents_of_the_time_rise() {
    let dated = |day: &str| Policy { published_on: Some(date(day)), ..about("技术改造补贴办法（示例）") };
    let (_dir, index) =
        copies(vec![("new", dated("2024-05-01")), ("old", dated("2020-03-01")), ("none", about("补贴"))]);
    for (query, first, from) in [
        ("技术改造补贴", "new", None),
        ("技术改造补贴 2020年", "old", Some("2020-01-01")),
        ("技术改造补贴 近三年", "new", Some("2021-06-01")),
    ] {
        let results = index.search(&ask(query), today()).unwrap();
        assert_eq!(results.hits[0].id, first, "{query}");
        assert_eq!(results.understood.dated.map(|span| span.from), from.map(date), "{query}");
    }
}

#[test]
fn what_is_out_of_force_sinks_and_an_open_window_rises() {
    let valid = |validity| Policy { validity, ..about("技术改造补贴办法（示例）") };
    let open = Application { closes_on: Some(date("2024-12-31")), ..Application::default() };
    let (_dir, index) = copies(vec![
        ("repealed", valid(Validity::Repealed)),
        ("draft", valid(Validity::Draft)),
        ("force", valid(Validity::InForce)),
        ("open", Policy { application: Some(open), ..valid(Validity::InForce) }),
    ]);
    assert_eq!(found(&index, "技术改造补贴"), ["open", "force", "draft", "repealed"]);
    let asked = found(&index, "技术改造 废止");
    assert_eq!(asked.len(), 4, "all are equal where the query asks for it: {asked:?}");
}

#[test]
fn a_policy_stands_before_what_explains_it() {
    let (_dir, index) = indexed(&[
        policy("about", "《小微企业奖励办法（示例）》解读", "小微企业奖励办法的解读。"),
        policy("itself", "关于印发小微企业奖励办法的通知（示例）", "小微企业奖励办法。"),
    ]);
    assert_eq!(found(&index, "小微企业奖励办法"), ["itself", "about"]);
}

#[test]
fn a_sentence_asks_for_less_of_its_words_than_key_words_do() {
    let (_dir, index) = indexed(&samples());
    assert_eq!(found(&index, "街边开的食品小作坊究竟怎样才算登记成功呢"), ["c"]);
    assert!(!found(&index, "食品 审计 环保 消防 登记").contains(&"a".to_owned()));
}

#[test]
fn filters_by_what_the_record_says() {
    let (_dir, index) = indexed(&samples());
    let everything = || ask("");
    for (name, request, expected) in [
        ("everything", everything(), vec!["b", "a", "c"]),
        ("kind", SearchRequest { kind: Some("公告".into()), ..everything() }, vec!["c"]),
        ("issuer", SearchRequest { issuer: Some("江苏省财政厅".into()), ..everything() }, vec!["b"]),
        ("subject", SearchRequest { subject: Some("科技、教育".into()), ..everything() }, vec!["a"]),
        ("industry", SearchRequest { industry: Some("I65".into()), ..everything() }, vec!["a"]),
        ("from", SearchRequest { published_from: Some(date("2024-01-01")), ..everything() }, vec!["b"]),
        ("to", SearchRequest { published_to: Some(date("2023-05-01")), ..everything() }, vec!["a", "c"]),
        ("open", SearchRequest { open_on: Some(date("2024-06-20")), ..everything() }, vec!["b"]),
        ("open later", SearchRequest { open_on: Some(date("2024-09-15")), ..everything() }, vec!["c"]),
        ("between windows", SearchRequest { open_on: Some(date("2024-07-01")), ..everything() }, vec![]),
        ("validity", SearchRequest { validity: Some(Validity::Repealed), ..everything() }, vec![]),
        ("closing", SearchRequest { sort: Sort::Closing, ..everything() }, vec!["b", "c", "a"]),
        ("published", SearchRequest { sort: Sort::Published, ..ask("企业") }, vec!["a", "c"]),
        ("page", SearchRequest { offset: 1, limit: 1, ..everything() }, vec!["a"]),
        ("none", SearchRequest { limit: 0, ..everything() }, vec![]),
        ("region unknown", SearchRequest { region: Some("999999".into()), ..everything() }, vec![]),
    ] {
        assert_eq!(ids(&index, &request), expected, "{name}");
    }
}

#[test]
fn counts_facets_of_everything_that_matches() {
    let (_dir, index) = indexed(&samples());
    let results = index.search(&SearchRequest { limit: 1, ..ask("") }, today()).unwrap();
    assert_eq!(results.total, 3);
    assert_eq!(results.hits.len(), 1);
    let counted = |facet: &str| -> Vec<(String, u64)> {
        results.facets[facet].iter().map(|facet| (facet.value.clone(), facet.count)).collect()
    };
    assert_eq!(counted("kind"), [("通知".to_owned(), 2), ("公告".to_owned(), 1)]);
    assert_eq!(counted("year"), [("2022".to_owned(), 1), ("2023".to_owned(), 1), ("2024".to_owned(), 1)]);
    assert_eq!(counted("issuer").len(), 3);
}

#[test]
fn a_number_finds_its_document_then_the_copies_then_what_cites_it() {
    let numbered = |id: &str, url: &str, number: Option<&str>, title: &str, body: &str, published: &str| Policy {
        url: Some(url.to_owned()),
        doc_number: number.map(str::to_owned),
        published_on: Some(date(published)),
        ..policy(id, title, body)
    };
    let title = "关于政府网站的指引（示例）";
    let (_dir, index) = indexed(&[
        numbered(
            "cites",
            "https://www.a.gov.cn/1",
            None,
            "解读（示例）",
            "根据国办发[2017]47号文件要求……",
            "2024-01-01",
        ),
        numbered("copy", "https://kjj.b.gov.cn/1", Some("国办发[2017]47号"), title, "全文", "2017-06-09"),
        numbered(
            "news",
            "https://example.com/1",
            None,
            "关于政府网站的指引（国办发〔2017〕47号）",
            "全文",
            "2017-06-08",
        ),
        numbered("lead", "https://www.gov.cn/1", Some("国办发〔2017〕47号"), title, "全文", "2017-06-10"),
        numbered("empty", "https://www.gov.cn/2", Some("国办发〔2017〕47号"), title, "", "2017-06-07"),
        numbered("head", "https://example.com/2", None, title, "国办发〔2017〕47号\n各省：", "2018-06-08"),
        numbered(
            "other",
            "https://www.gov.cn/3",
            Some("国办发〔2017〕48号"),
            "关于47号（示例）",
            "全文2017",
            "2024-01-01",
        ),
    ]);
    let expected = ["lead", "copy", "news", "head", "empty", "cites"];
    for query in ["国办发〔2017〕47号", "国办发[2017]47", "国办发2017 47号", "国办发(2017)４７号", "國辦發【2017】47號"]
    {
        let results = index.search(&ask(query), today()).unwrap();
        let ids: Vec<&str> = results.hits.iter().map(|hit| hit.id.as_str()).collect();
        assert_eq!(ids, expected, "{query}");
        assert_eq!(results.understood.doc_number.as_deref(), Some("国办发〔2017〕47号"), "{query}");
    }
    assert_eq!(found(&index, "国办发〔2017〕").len(), 6, "without its serial it is every number of the year");
    let misread = index.search(&ask("文件要求2017年9号"), today()).unwrap();
    assert_eq!(misread.hits[0].id, "cites", "what no document has as a number is read as words");
    assert_eq!(misread.understood.doc_number, None);
}

#[test]
fn filters_and_counts_by_region() {
    let (_dir, index) = indexed(&samples());
    let region = |code: &str, applies_to_region| {
        ids(&index, &SearchRequest { region: Some(code.to_owned()), applies_to_region, ..ask("") })
    };
    assert_eq!(region("320000", false), ["b", "c"]);
    assert_eq!(region("321181", false), Vec::<String>::new());
    assert_eq!(region("321181", true), ["b", "a", "c"]);
    assert_eq!(region("320500", true), ["b", "a"]);
    let request = SearchRequest { region: Some("320000".into()), ..ask("") };
    let facets = index.search(&request, today()).unwrap().facets;
    let expected = Facet { value: "321100".into(), label: "镇江市".into(), count: 1 };
    assert_eq!(facets["region"], [expected]);
}

#[test]
fn refuses_to_page_too_deep() {
    let (_dir, index) = indexed(&samples());
    let request = SearchRequest { offset: usize::MAX, limit: 10, ..ask("") };
    assert!(matches!(index.search(&request, today()), Err(IndexError::TooDeep(MAX_DEPTH))));
}

#[test]
fn replaces_removes_and_clears() {
    let (dir, index) = indexed(&samples());
    let other = PolicyIndex::open_with_synonyms(dir.path(), analyzer(), SYNONYMS).unwrap();
    assert_eq!(other.position().unwrap(), 3);
    let mut writer = index.writer().unwrap();
    assert!(matches!(other.writer(), Err(IndexError::Busy(_))));
    writer.put(&Policy { version: 2, ..policy("a", "揭榜挂帅项目（示例）", "") }).unwrap();
    writer.remove("b").unwrap();
    writer.commit(7).unwrap();
    assert_eq!(other.position().unwrap(), 7);
    assert_eq!(other.len(), 3, "another reader sees it after a reload");
    other.reload().unwrap();
    assert_eq!(other.versions().unwrap(), BTreeMap::from([("a".to_owned(), 2), ("c".to_owned(), 1)]));
    assert_eq!(found(&other, "揭榜挂帅"), ["a"]);
    assert!(found(&other, "认定").is_empty());

    writer.clear().unwrap();
    writer.put(&policy("d", "新的（示例）", "")).unwrap();
    assert_eq!(other.len(), 2);
    writer.commit(8).unwrap();
    other.reload().unwrap();
    assert_eq!(other.versions().unwrap(), BTreeMap::from([("d".to_owned(), 1)]));
    drop(writer);
    assert!(other.writer().is_ok());
}

/// Frequent and rare words over more documents than are scored at a time, some with a choice of words.
fn many() -> Vec<Policy> {
    let policy = |number: usize| {
        let mut body = "企业".repeat(1 + number % 5);
        for (every, word) in [(3, "补贴"), (7, "申报"), (611, "揭榜挂帅"), (977, "高企"), (1301, "高新技术企业")]
        {
            if number.is_multiple_of(every) {
                body.push_str(word);
            }
        }
        policy(&format!("{number:016x}"), if number.is_multiple_of(401) { "揭榜挂帅项目" } else { "通知" }, &body)
    };
    (0..5_000).map(policy).collect()
}

#[test]
fn results_are_the_same_however_documents_lie_in_segments() {
    let dirs = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
    let [whole, pieces] =
        dirs.each_ref().map(|dir| PolicyIndex::open_with_synonyms(dir.path(), analyzer(), SYNONYMS).unwrap());
    for (index, piece) in [(&whole, 5_000), (&pieces, 900)] {
        let mut writer = index.writer().unwrap();
        for (number, policies) in many().chunks(piece).enumerate() {
            policies.iter().for_each(|policy| writer.put(policy).unwrap());
            writer.commit(number as i64 + 1).unwrap();
        }
        index.reload().unwrap();
    }
    assert_eq!(whole.searcher().segment_readers().len(), 1);
    assert_eq!(pieces.searcher().segment_readers().len(), 6);
    let compare = || {
        for query in [
            "企业",
            "企业 揭榜挂帅",
            "企业 补贴 揭榜挂帅",
            "高企 申报",
            "补贴 \"揭榜挂帅\"",
            "揭榜挂帅 OR 高企",
            "企业 -补贴 揭榜挂帅",
            "揭榜挂帅项目",
        ] {
            let request = SearchRequest { explain: true, ..ask(query) };
            let results = [&whole, &pieces].map(|index| index.search(&request, today()).unwrap());
            let [one, other] = results.each_ref().map(|results| {
                let hits = results.hits.iter().map(|hit| (hit.id.clone(), (hit.score * 1e4).round()));
                (results.total, hits.collect::<Vec<_>>())
            });
            assert_eq!(one, other, "{query}");
            assert!(one.0 > 0, "{query}");
            // what is explained is read from the lists one document at a time
            for hit in &results[0].hits {
                let parts = &hit.explanation.as_ref().unwrap().parts;
                let added = ["word", "phrase", "number", "pairs"];
                let (sums, factors): (Vec<_>, Vec<_>) = parts.iter().partition(|part| added.contains(&part.kind));
                let more = ["recency", "level", "official"];
                let beside: f32 =
                    factors.iter().filter(|part| more.contains(&part.kind)).map(|part| part.value - 1.0).sum();
                let product: f32 =
                    factors.iter().filter(|part| !more.contains(&part.kind)).map(|part| part.value).product();
                let score = sums.iter().map(|part| part.value).sum::<f32>() * product * (1.0 + beside);
                assert!((score / hit.score - 1.0).abs() < 1e-3, "{query}: {score} of {parts:?}, not {}", hit.score);
            }
        }
    };
    compare();
    let mut writer = pieces.writer().unwrap();
    writer.compact().unwrap();
    pieces.reload().unwrap();
    assert_eq!((pieces.searcher().segment_readers().len(), pieces.position().unwrap()), (1, 6));
    compare();
    writer.compact().unwrap();
}

#[test]
fn most_of_a_query_is_needed_where_enough_documents_hold_it() {
    let text = |number: usize| match number {
        0..12 => "知识产权保护条例（示例）",
        12..20 => "未成年人保护条例（示例）",
        _ => "地方性法规条例（示例）",
    };
    let policies: Vec<Policy> = (0..60).map(|number| policy(&format!("{number:016x}"), "示例", text(number))).collect();
    let (_dir, index) = indexed(&policies);
    let results = index.search(&ask("知识产权 保护 条例"), today()).unwrap();
    assert_eq!((results.total, results.understood.loosened), (20, false));
    // where few hold most of it, others are shown behind those
    let text = |number: usize| match number {
        0..4 => "知识产权保护（示例）",
        4..24 => "知识产权（示例）",
        24..44 => "环境保护（示例）",
        44..54 => "示范园区（示例）",
        _ => "其他（示例）",
    };
    let policies: Vec<Policy> = (0..60).map(|number| policy(&format!("{number:016x}"), "示例", text(number))).collect();
    let (_dir, index) = indexed(&policies);
    let results = index.search(&ask("知识产权 保护 示范"), today()).unwrap();
    assert_eq!((results.total, results.understood.loosened), (14, true));
    assert!(results.hits[..4].iter().all(|hit| hit.highlight.body.contains("<mark>知识产权保护</mark>")));
}

#[test]
fn letters_that_no_dictionary_joins_are_a_word() {
    let (_dir, index) = indexed(&[
        policy("a", "防控通知（示例）", "做好新冠防控。"),
        policy("b", "夺冠通知（示例）", "新的一年，夺得冠军。"),
    ]);
    assert_eq!(found(&index, "新冠"), ["a"]);
}

#[test]
fn parts_of_a_number_find_it() {
    let numbered = |id: &str, number: &str| Policy {
        doc_number: Some(number.to_owned()),
        ..policy(id, "关于示例工作的通知", "")
    };
    let (_dir, index) = indexed(&[numbered("a", "国办发〔2017〕47号"), numbered("b", "粤府函〔2017〕53号")]);
    for (query, expected) in [
        ("国办发 47号", &["a"][..]),
        ("〔2017〕47号", &["a"]),
        ("文号:47", &["a"]),
        ("文号:53号", &["b"]),
        ("文号:粤府函2017", &["b"]),
        ("文号:粤府函", &["b"]),
        ("粤府函", &["b"]),
        ("-国办发〔2017〕47号 示例", &["b"]),
        ("国办发〔2017〕47号 OR 粤府函〔2017〕53号", &["a", "b"]),
        ("文号:国办发 OR 文号:粤府函", &["a", "b"]),
    ] {
        let mut ids = found(&index, query);
        ids.sort();
        assert_eq!(ids, expected, "{query}");
    }
    let mut both = found(&index, "文号:2017");
    both.sort();
    assert_eq!(both, ["a", "b"]);
}

#[test]
fn a_phrase_is_found_where_the_cut_goes_through_it() {
    let (_dir, index) = indexed(&[policy("a", "通知（示例）", "享受高新技术企业所得税优惠。")]);
    assert_eq!(found(&index, "\"高新技术企业\""), ["a"]);
    assert_eq!(found(&index, "公\u{200B}告"), Vec::<String>::new());
    assert_eq!(found(&index, "所\u{200B}得税"), ["a"]);
}

#[test]
fn changes_without_a_commit_are_lost() {
    let (dir, index) = indexed(&samples());
    let mut writer = index.writer().unwrap();
    writer.clear().unwrap();
    writer.put(&policy("d", "新的（示例）", "")).unwrap();
    drop(writer);
    let again = PolicyIndex::open_with_synonyms(dir.path(), analyzer(), SYNONYMS).unwrap();
    assert_eq!(again.position().unwrap(), 3);
    assert_eq!(again.len(), 3);
}

#[test]
fn begins_anew_when_files_are_damaged() {
    for damage in ["meta.json", "segments"] {
        let (dir, index) = indexed(&samples());
        let files = index.dir.clone();
        assert!(index.damaged_files().unwrap().is_empty());
        drop(index);
        for entry in std::fs::read_dir(&files).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            if damage == "meta.json" && name == damage {
                std::fs::write(&path, "{").unwrap();
            } else if damage == "segments" && name.ends_with(".term") {
                std::fs::remove_file(&path).unwrap();
            }
        }
        let again = PolicyIndex::open_with_synonyms(dir.path(), analyzer(), SYNONYMS).unwrap();
        assert_eq!((again.position().unwrap(), again.len()), (0, 0), "{damage}");
        again.writer().unwrap().commit(1).unwrap();
    }
}

#[test]
fn suggests_titles_that_begin_with_or_hold_what_was_typed() {
    let (_dir, index) = indexed(&samples());
    for (typed, expected) in [
        ("高新技", vec!["高新技术企业", "高新技术企业认定管理办法（示例）"]),
        ("科技成果", vec!["关于组织申报科技成果转化项目的通知（示例）"]),
        ("小作坊登", vec!["食品小作坊登记公告（示例）"]),
        ("登记小作坊", vec![]),
        // pinyin and initials, also begun ones
        ("gaoxinj", vec!["高新技术", "高新技术企业", "高新技术企业认定管理办法（示例）"]),
        ("gaoxinjishuqiye", vec!["高新技术企业", "高新技术企业认定管理办法（示例）"]),
        ("gxjsqy", vec!["高新技术企业", "高新技术企业认定管理办法（示例）"]),
        ("zzzz", vec![]),
        // words with a space between may stand apart and in any order
        ("登记 小作坊", vec!["食品小作坊登记公告（示例）"]),
        (
            "示例",
            vec![
                "关于组织申报科技成果转化项目的通知（示例）",
                "高新技术企业认定管理办法（示例）",
                "食品小作坊登记公告（示例）",
            ],
        ),
        ("", vec![]),
        ("“", vec![]),
    ] {
        assert_eq!(index.suggest(typed, &[], 10).unwrap(), expected, "{typed}");
    }
}

#[test]
fn counts_subjects_validity_and_windows() {
    let window = |id: &str, opens: &str, closes: &str| Policy {
        application: Some(Application {
            opens_on: Some(date(opens)),
            closes_on: Some(date(closes)),
            ..Application::default()
        }),
        subjects: vec!["科技、教育/科技".into(), "财政/补贴".into()],
        ..policy(id, "示例通知", "")
    };
    let policies = [
        window("open", "2024-05-01", "2024-06-01"),
        window("upcoming", "2024-07-01", "2024-08-01"),
        window("closed", "2023-05-01", "2023-06-01"),
        Policy { validity: Validity::Repealed, ..policy("none", "示例通知", "") },
    ];
    let (_dir, index) = indexed(&policies);
    let counts = |request: &SearchRequest, name: &str| -> Vec<(String, u64)> {
        let facets = index.search(request, today()).unwrap().facets;
        facets[name].iter().map(|facet| (facet.value.clone(), facet.count)).collect()
    };
    let pairs =
        |pairs: &[(&str, u64)]| pairs.iter().map(|(name, count)| ((*name).to_owned(), *count)).collect::<Vec<_>>();
    let all = ask("");
    assert_eq!(counts(&all, "window"), pairs(&[("closed", 1), ("open", 1), ("upcoming", 1)]));
    assert_eq!(counts(&all, "validity"), pairs(&[("unknown", 3), ("repealed", 1)]));
    assert_eq!(counts(&all, "subject"), pairs(&[("科技、教育", 3), ("财政", 3)]));
    let below = SearchRequest { subject: Some("财政".into()), ..ask("") };
    assert_eq!(counts(&below, "subject"), pairs(&[("财政/补贴", 3)]));
    for (state, id) in
        [(WindowState::Open, "open"), (WindowState::Upcoming, "upcoming"), (WindowState::Closed, "closed")]
    {
        let found = index.search(&SearchRequest { window: Some(state), ..ask("示例") }, today()).unwrap();
        assert_eq!(found.hits.iter().map(|hit| hit.id.as_str()).collect::<Vec<_>>(), [id]);
    }
}

#[test]
fn pages_go_on_behind_a_result_to_the_last() {
    // more than are compared closely, in several segments, some of equal score and date
    let dir = tempfile::tempdir().unwrap();
    let index = PolicyIndex::open_with_synonyms(dir.path(), analyzer(), SYNONYMS).unwrap();
    let mut writer = index.writer().unwrap();
    for n in 0..330 {
        let body = format!("{}奖励。", "企业申请认定。".repeat(n % 7));
        let published_on = Some(date(if n % 3 == 0 { "2024-01-05" } else { "2023-06-07" }));
        writer.put(&Policy { published_on, ..policy(&format!("p{n}"), "企业奖励办法（示例）", &body) }).unwrap();
        if n % 110 == 109 {
            writer.commit(n as i64).unwrap();
        }
    }
    writer.commit(330).unwrap();
    index.reload().unwrap();
    for sort in [Sort::Relevance, Sort::Published, Sort::Closing] {
        let request = SearchRequest { sort, limit: 330, ..ask("企业 奖励") };
        let whole = ids(&index, &request);
        assert_eq!(whole.len(), 330);
        let mut paged = Vec::new();
        let mut request = SearchRequest { limit: 40, ..request };
        loop {
            let page = index.search(&request, today()).unwrap();
            assert_eq!(page.total, 330);
            paged.extend(page.hits.into_iter().map(|hit| hit.id));
            let Some(next) = page.next else { break };
            request.after = Some(Cursor::parse(&next.to_string()).unwrap());
        }
        assert_eq!(paged, whole, "{sort:?}");
        let other = SearchRequest { query: "企业".into(), ..request };
        assert!(matches!(index.search(&other, today()), Err(IndexError::ForeignCursor)));
    }
}

#[test]
fn the_parts_of_a_score_make_the_score() {
    let (_dir, index) = indexed(&samples());
    for query in ["高新技术企业 认定", "“科技成果” 转化", "高企 OR 小作坊", "怎么 申报 项目"]
    {
        let results = index.search(&SearchRequest { explain: true, ..ask(query) }, today()).unwrap();
        assert!(!results.hits.is_empty(), "{query}");
        for hit in &results.hits {
            let explanation = hit.explanation.as_ref().unwrap();
            let of = |kinds: &[&str]| -> Vec<f32> {
                let parts = explanation.parts.iter().filter(|part| kinds.contains(&part.kind));
                parts.map(|part| part.value).collect()
            };
            let sum: f32 = of(&["word", "phrase", "number", "pairs"]).iter().sum();
            let share: f32 = of(&["share", "validity", "place", "time", "window", "about"]).iter().product();
            let beside: f32 = of(&["recency", "level", "official"]).iter().map(|value| value - 1.0).sum();
            let made = sum * share * (1.0 + beside);
            assert!((made - hit.score).abs() < hit.score * 1e-3, "{query}: {made} {} {explanation:?}", hit.score);
        }
    }
    assert!(index.search(&ask("认定"), today()).unwrap().hits[0].explanation.is_none());
}

#[test]
fn copies_fold_under_the_one_that_leads() {
    let copy = |id: &str, url: &str, body: &str, on: &str| Policy {
        url: Some(url.into()),
        doc_number: Some("示政发〔2020〕1号".into()),
        published_on: Some(date(on)),
        ..policy(id, "示例市关于支持企业发展的若干意见", body)
    };
    let policies = [
        copy("repost", "https://news.example.com/1.html", "支持企业发展。支持企业。", "2020-01-09"),
        copy("official", "https://www.shili.gov.cn/1.html", "支持企业发展。", "2020-01-05"),
        copy("bare", "https://www.shili.gov.cn/2.html", "", "2020-02-05"),
        policy("other", "示例市关于支持企业上市的通知", "支持企业发展。"),
    ];
    let dir = tempfile::tempdir().unwrap();
    let index = PolicyIndex::open_with_synonyms(dir.path(), analyzer(), SYNONYMS).unwrap();
    let mut writer = index.writer().unwrap();
    for (n, policy) in policies.iter().enumerate() {
        writer.put(policy).unwrap();
        // each in a segment of its own
        writer.commit(n as i64 + 1).unwrap();
    }
    index.reload().unwrap();
    let folded = SearchRequest { fold: true, ..ask("支持企业发展") };
    let results = index.search(&folded, today()).unwrap();
    let copies: Vec<(&str, usize)> = results.hits.iter().map(|hit| (hit.id.as_str(), hit.copies)).collect();
    assert_eq!(copies, [("official", 2), ("other", 0)]);
    assert_eq!(results.total, 2);
    assert_eq!(index.search(&ask("支持企业发展"), today()).unwrap().total, 4);
    // a filter that only a copy passes shows that copy
    let late = SearchRequest { published_from: Some(date("2020-02-01")), ..folded.clone() };
    assert_eq!(ids(&index, &late), ["bare"]);
    // also those of a number
    let number = index.search(&SearchRequest { query: "示政发[2020]1".into(), ..folded.clone() }, today()).unwrap();
    assert_eq!((number.total, number.hits[0].id.as_str(), number.hits[0].copies), (1, "official", 2));
    // a copy that is taken away is none
    writer.remove("official").unwrap();
    writer.commit(9).unwrap();
    index.reload().unwrap();
    let results = index.search(&folded, today()).unwrap();
    let copies: Vec<(&str, usize)> = results.hits.iter().map(|hit| (hit.id.as_str(), hit.copies)).collect();
    assert_eq!(copies, [("repost", 1), ("other", 0)]);
}

#[test]
fn an_index_with_a_damaged_column_begins_anew() {
    let (dir, index) = indexed(&samples());
    let own = index.dir().to_owned();
    drop(index);
    let is_fast = |path: &std::path::Path| path.extension().is_some_and(|ending| ending == "fast");
    for path in std::fs::read_dir(&own).unwrap().map(|entry| entry.unwrap().path()).filter(|path| is_fast(path)) {
        let mut bytes = std::fs::read(&path).unwrap();
        // what is in it, and not the footer, which says that the file is whole
        let end = bytes.len() - 200.min(bytes.len());
        bytes[..end].fill(0xAA);
        std::fs::write(&path, bytes).unwrap();
    }
    let index = PolicyIndex::open_with_synonyms(dir.path(), analyzer(), SYNONYMS).unwrap();
    assert_eq!((index.position().unwrap(), index.len()), (0, 0), "it begins anew, to be filled from the log");
    let mut writer = index.writer().unwrap();
    for policy in samples() {
        writer.put(&policy).unwrap();
    }
    writer.commit(9).unwrap();
    index.reload().unwrap();
    assert_eq!(found(&index, "高新技术企业").first().map(String::as_str), Some("a"));
}

#[test]
fn suggests_numbers_and_frequent_queries() {
    let numbered =
        |id: &str, number: &str| Policy { doc_number: Some(number.into()), ..policy(id, "示例通知", "") };
    let numbers = ["国办发〔2017〕4号", "国办发〔2017〕47号", "国办发〔2017〕46号", "国办发〔2018〕47号"];
    let policies: Vec<_> = numbers.iter().map(|number| numbered(number, number)).collect();
    let (_dir, index) = indexed(&policies);
    for (typed, expected) in [
        ("国办发[2017]4", vec!["国办发〔2017〕4号", "国办发〔2017〕47号", "国办发〔2017〕46号"]),
        ("国办发2018 4", vec!["国办发〔2018〕47号"]),
        ("国办发〔2017〕5", vec![]),
        ("国办发", vec![]),
        ("稳岗", vec!["稳岗返还 条件", "稳岗返还"]),
        // what is typed already is no suggestion
        ("稳岗返还 条件", vec![]),
    ] {
        let frequent = ["稳岗返还 条件".to_owned(), "稳岗返还".to_owned(), "高企".to_owned()];
        assert_eq!(index.suggest(typed, &frequent, 10).unwrap(), expected, "{typed}");
    }
}

#[test]
fn finds_similar_policies() {
    let mut policies = samples();
    policies.push(policy("d", "高新技术企业认定管理工作指引（示例）", "高新技术企业认定的程序，税收优惠的办理。"));
    let (_dir, index) = indexed(&policies);
    let similar = index.similar("a", 2).unwrap();
    assert_eq!(similar[0].id, "d");
    assert!(similar.iter().all(|hit| hit.id != "a"));
    assert!(index.similar("nobody", 2).unwrap().is_empty());
}

/// One index for the properties.
fn shared() -> &'static PolicyIndex {
    static INDEX: std::sync::OnceLock<(tempfile::TempDir, PolicyIndex)> = std::sync::OnceLock::new();
    &INDEX.get_or_init(|| indexed(&samples())).1
}

proptest! {
    #[test]
    fn no_query_fails(query in any::<String>()) {
        shared().search(&ask(&query), today()).unwrap();
        shared().suggest(&query, &["高企认定".to_owned()], 5).unwrap();
    }

    #[test]
    fn no_query_of_our_own_signs_fails(query in "([\"“”「\\-|高企认定OR奖励 国发〔2023〕1号（）《》]|\\PC){0,80}") {
        let results = shared().search(&ask(&query), today()).unwrap();
        prop_assert!(results.hits.len() <= results.total);
        shared().suggest(&query, &["高企认定".to_owned()], 5).unwrap();
    }
}
