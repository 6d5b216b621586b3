//! What a source would take, field by field, with nothing stored.

use scraper::{Html, Selector};
use serde::Serialize;
use serde_json::Value;
use zhida_schemas::policy::{Application, Condition};
use zhida_schemas::{Policy, region};

use crate::charset;
use crate::fetch::Fetcher;
use crate::listing::{
    Article, ArticleError, ListItem, fetch_article, jpaas, keep_matching, read_list, select_one, text_of,
};
use crate::source::Source;

/// Entries of a list that are shown.
const SHOWN: usize = 20;

/// How much of a text is shown, in characters.
const EXCERPT: usize = 1_500;

/// Fields of a policy with their names, in the order of a document's head.
const FIELDS: &[(&str, &str)] = &[
    ("title", "标题"),
    ("doc_number", "发文字号"),
    ("index_number", "索引号"),
    ("issuers", "发文机关"),
    ("region_code", "地区"),
    ("level", "层级"),
    ("zone", "园区"),
    ("kind", "公文种类"),
    ("subjects", "主题分类"),
    ("keywords", "关键词"),
    ("written_on", "成文日期"),
    ("published_on", "发布日期"),
    ("effective_on", "施行日期"),
    ("expires_on", "失效日期"),
    ("validity", "有效性"),
    ("application", "申报时间"),
    ("amounts", "支持金额"),
    ("conditions", "申报条件"),
    ("citations", "引用文件"),
    ("contacts", "联系方式"),
];

/// What a source would take.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Probe {
    /// The first page of each list.
    pub lists: Vec<ProbedList>,
    /// The first articles, taken in turn from each list.
    pub articles: Vec<ProbedArticle>,
}

/// The first page of a list.
#[derive(Debug, Clone, Default, Serialize)]
pub struct ProbedList {
    /// Address of the page.
    pub url: String,
    /// How many entries it has.
    pub found: usize,
    /// The first of them.
    pub items: Vec<ListItem>,
    /// Address of the second page.
    pub next: Option<String>,
    /// How many pages the list has, when it says so.
    pub pages: Option<u32>,
    /// Lists that the page leads to (`any`, `sitemap`).
    pub lists: Vec<String>,
    /// Why nothing was taken, in Chinese.
    pub error: Option<String>,
}

/// An article, field by field.
#[derive(Debug, Clone, Default, Serialize)]
pub struct ProbedArticle {
    /// The entry that led to it.
    pub item: ListItem,
    /// What was taken; an empty value means that the page does not say.
    pub fields: Vec<Field>,
    /// The beginning of the text.
    pub text: String,
    /// The text as clean HTML.
    pub html: String,
    /// The page as it came, decoded, to be shown beside the fields.
    #[serde(skip)]
    pub page: String,
    /// Why nothing was taken, in Chinese.
    pub error: Option<String>,
}

/// A field of a policy.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Field {
    /// Its name in the record.
    pub key: String,
    /// Its name in Chinese.
    pub name: String,
    /// What was taken, in words.
    pub value: String,
    /// Where it comes from: a selector, a tag of the head, the list, or the words of the page.
    pub origin: Option<String>,
}

/// Reads the first page of each list and the first `articles` articles.
pub async fn probe(fetcher: &Fetcher, source: &Source, articles: usize) -> Probe {
    let mut probe = Probe::default();
    let mut entries = Vec::new();
    for list in &source.lists {
        let mut probed = ProbedList { url: list.page_url(1).unwrap_or_default(), ..ProbedList::default() };
        let mut fetched = match list.page_body(1) {
            Some(body) => fetcher.post(&probed.url, &body).await,
            None => fetcher.get(&probed.url, None).await,
        };
        let mut list = list.clone();
        if let Ok(page) = &fetched
            && let Some(address) = jpaas::behind(&list, page)
        {
            list.url = address;
            fetched = fetcher.get(&list.page_url(1).unwrap_or_default(), None).await;
        }
        let content = match fetched {
            Ok(fetched) => read_list(&list, &source.follow, &fetched, 1).map_err(|error| error.describe()),
            Err(error) => Err(error.describe()),
        };
        match content {
            Ok(mut content) => {
                keep_matching(&list, &mut content.items);
                if content.items.is_empty() && content.lists.is_empty() {
                    probed.error = Some("没有取到条目，请核对 item、link 或 match".to_owned());
                }
                probed.found = content.items.len();
                probed.items = content.items.iter().take(SHOWN).cloned().collect();
                probed.next = content.next.or_else(|| list.page_url(2)).filter(|_| content.pages != Some(1));
                probed.pages = content.pages;
                probed.lists = content.lists.into_iter().take(SHOWN).collect();
                entries.push(content.items);
            }
            Err(error) => probed.error = Some(error),
        }
        probe.lists.push(probed);
    }
    let longest = entries.iter().map(Vec::len).max().unwrap_or_default();
    let in_turn = (0..longest).flat_map(|n| entries.iter().filter_map(move |items| items.get(n)));
    for item in in_turn.take(articles) {
        probe.articles.push(match fetch_article(source, fetcher, item, None).await {
            Ok(Some(article)) => shown(source, item, &article),
            Ok(None) => ProbedArticle { item: item.clone(), ..ProbedArticle::default() },
            Err(error) => {
                let page = match &error {
                    ArticleError::Extract { raw, .. } => charset::decode(raw, None).0,
                    ArticleError::Fetch(_) => String::new(),
                };
                ProbedArticle { item: item.clone(), page, error: Some(error.describe()), ..ProbedArticle::default() }
            }
        });
    }
    probe
}

fn shown(source: &Source, item: &ListItem, article: &Article) -> ProbedArticle {
    let policy = &article.policy;
    let (text, _) = charset::decode(&article.raw, None);
    let page = Html::parse_document(&crate::extract::bounded(&text));
    let record = serde_json::to_value(policy).unwrap_or_default();
    let mut fields: Vec<Field> = FIELDS
        .iter()
        .map(|(key, name)| {
            let value = shown_value(policy, key).unwrap_or_else(|| words(record.get(*key).unwrap_or(&Value::Null)));
            let origin = if value.is_empty() {
                None
            } else {
                policy
                    .evidence
                    .get(*key)
                    .or_else(|| policy.application.as_ref().filter(|_| *key == "application")?.evidence.as_ref())
                    .map(|evidence| format!("网页：{evidence}"))
                    .or_else(|| by_selector(source, key, &page))
                    .or_else(|| in_head(&page, &value))
                    .or_else(|| in_list(item, key, &value))
            };
            Field { key: (*key).to_owned(), name: (*name).to_owned(), value, origin }
        })
        .collect();
    for attachment in &policy.attachments {
        let state = match (&attachment.text, &attachment.reason) {
            (Some(text), _) => format!("已读取 {} 字", text.chars().count()),
            (None, Some(reason)) => reason.clone(),
            (None, None) => "未读取".to_owned(),
        };
        fields.push(Field {
            key: "attachments".to_owned(),
            name: "附件".to_owned(),
            value: format!("{}（{state}）", attachment.name),
            origin: Some(attachment.url.clone()),
        });
    }
    fields.push(Field {
        key: "body_text".to_owned(),
        name: "正文".to_owned(),
        value: format!("{} 字", policy.body_text.chars().count()),
        origin: source.article.body.as_ref().map(|body| match select_one(page.root_element(), body) {
            Some(_) => format!("选择器 {body}"),
            None => format!("自动发现（选择器 {body} 在本页没有对应）"),
        }),
    });
    ProbedArticle {
        item: item.clone(),
        fields,
        text: policy.body_text.chars().take(EXCERPT).collect(),
        html: policy.body_html.clone(),
        page: text,
        error: None,
    }
}

fn by_selector(source: &Source, key: &str, page: &Html) -> Option<String> {
    let article = &source.article;
    let selector = match key {
        "title" => &article.title,
        "published_on" => &article.published_on,
        "issuers" => &article.issuer,
        "doc_number" => &article.doc_number,
        _ => return None,
    };
    let selector = selector.as_deref()?;
    let text = text_of(select_one(page.root_element(), selector)?);
    (!text.is_empty()).then(|| format!("选择器 {selector}：{}", text.chars().take(80).collect::<String>()))
}

fn in_head(page: &Html, value: &str) -> Option<String> {
    let metas = Selector::parse("meta[name][content]").ok()?;
    let found = page.select(&metas).take(200).find(|meta| {
        let content = meta.attr("content").unwrap_or_default().trim();
        content == value || (value.len() == 10 && content.starts_with(value))
    })?;
    Some(format!("网页头 {}：{}", found.attr("name")?, found.attr("content")?.trim()))
}

fn in_list(item: &ListItem, key: &str, value: &str) -> Option<String> {
    let listed = match key {
        "title" => item.title.clone(),
        "published_on" => item.date.map(|date| date.to_string()),
        "doc_number" => item.doc_number.clone(),
        "issuers" => item.issuer.clone(),
        _ => None,
    };
    listed.filter(|listed| listed == value).map(|_| "列表页".to_owned())
}

/// What is stored as a code, in words.
fn shown_value(policy: &Policy, key: &str) -> Option<String> {
    match key {
        "region_code" => {
            let code = policy.region_code.as_deref()?;
            Some(region::by_code(code).map_or_else(|| code.to_owned(), |region| format!("{}（{code}）", region.name)))
        }
        "level" => policy.level.map(|level| level.label().to_owned()),
        "validity" => Some(policy.validity.label().to_owned()),
        "application" => policy.application.as_ref().map(Application::words).filter(|words| !words.is_empty()),
        "conditions" => Some(policy.conditions.iter().map(Condition::words).collect::<Vec<_>>().join("；")),
        _ => None,
    }
}

/// A value as a person reads it.
fn words(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        Value::Bool(_) | Value::Number(_) => value.to_string(),
        Value::Array(items) => items.iter().map(words).filter(|text| !text.is_empty()).collect::<Vec<_>>().join("；"),
        // a fact shows the words that say so
        Value::Object(members) => ["evidence", "text", "title", "name"]
            .iter()
            .filter_map(|key| members.get(*key))
            .map(words)
            .find(|text| !text.is_empty())
            .unwrap_or_default(),
    }
}
