//! Walking a source's lists and reading its articles.

use std::collections::{HashSet, VecDeque};

use chrono::NaiveDate;
use scraper::{ElementRef, Html, Selector};
use serde_json::Value;
use url::Url;
use zhida_schemas::Policy;
use zhida_schemas::import_row::parse_date;
use zhida_schemas::policy::AttachmentState;

use crate::attachments;
use crate::fetch::{FetchError, Fetched, Fetcher, Validators};
use crate::source::{Format, List, Source};
use crate::{ExtractError, PageContext, charset, extract, understand};

/// Most entries that are taken from one list page.
const MAX_ITEMS: usize = 500;

/// Most attachments of one article that are fetched.
const MAX_ATTACHMENTS: usize = 20;

/// One entry of a list.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ListItem {
    /// Absolute address of the article.
    pub url: String,
    /// Title as the list shows it (it may be cut off).
    pub title: Option<String>,
    /// Date as the list shows it.
    pub date: Option<NaiveDate>,
    /// 发文字号, when the list (a JSON interface) states it.
    pub doc_number: Option<String>,
    /// Issuer, when the list (a JSON interface) states it.
    pub issuer: Option<String>,
}

/// One page of a list.
#[derive(Debug, Clone, Default)]
pub struct ListPage {
    /// Address of the page.
    pub url: String,
    /// Entries that no earlier page of this walk had.
    pub items: Vec<ListItem>,
}

/// A walk over the list pages of a source: follows its paging, never visits a page twice, ends when a page brings
/// nothing new or the source's limit of pages is reached.
pub struct Listing {
    fetcher: Fetcher,
    lists: Vec<List>,
    /// Pages to visit: which list, which number, which address.
    todo: VecDeque<(usize, u32, String)>,
    visited: HashSet<(String, u32)>,
    known: HashSet<String>,
    left: usize,
}

impl Listing {
    /// Starts at the first list page.
    pub fn new(source: &Source, fetcher: Fetcher) -> Self {
        let todo = source.lists.iter().enumerate().map(|(at, list)| (at, 1, numbered(&list.url, first_number(list))));
        Self {
            fetcher,
            todo: todo.collect(),
            lists: source.lists.clone(),
            visited: HashSet::new(),
            known: HashSet::new(),
            left: source.max_pages * source.lists.len(),
        }
    }

    /// The next page, or `None` at the end.
    ///
    /// # Errors
    /// The page could not be fetched or read. The walk goes on with the next page when called again.
    pub async fn next_page(&mut self) -> Result<Option<ListPage>, FetchError> {
        while let Some((at, number, url)) = self.todo.pop_front() {
            let post = self.lists[at].post.as_ref().map(|body| numbered(body, number));
            // pages of a list that is asked by POST share one address
            let key = (url.clone(), if post.is_some() { number } else { 0 });
            if self.left == 0 || !self.visited.insert(key) {
                continue;
            }
            self.left -= 1;
            let fetched = match &post {
                Some(body) => self.fetcher.post(&url, body).await?,
                None => self.fetcher.get(&url, None).await?,
            };
            let list = &self.lists[at];
            let (mut items, next) = read_list(list, &fetched);
            items.retain(|item| self.known.insert(item.url.clone()));
            // a list that repeats itself is at its end
            if !items.is_empty() {
                if let Some(next) = next {
                    self.todo.push_back((at, number + 1, next));
                } else if let Some(pages) = &list.pages {
                    let page = list.from.unwrap_or(2) + number - 1;
                    self.todo.push_back((at, number + 1, numbered(pages, page)));
                } else if post.is_some() {
                    self.todo.push_back((at, number + 1, url.clone()));
                }
            }
            return Ok(Some(ListPage { url, items }));
        }
        Ok(None)
    }
}

fn numbered(address: &str, number: u32) -> String {
    address.replace("{n}", &number.to_string())
}

fn first_number(list: &List) -> u32 {
    list.from.map_or(1, |from| from.saturating_sub(1))
}

/// Entries of a list page and the address of the next one, when the page links to it.
pub fn read_list(list: &List, fetched: &Fetched) -> (Vec<ListItem>, Option<String>) {
    let (text, _) = charset::decode(&fetched.body, fetched.charset.as_deref());
    let Ok(base) = Url::parse(&fetched.url) else { return (Vec::new(), None) };
    match list.format {
        Format::Json => (read_json(list, &text, &base), None),
        Format::Html => read_html(list, &text, &base),
    }
}

fn read_html(list: &List, text: &str, base: &Url) -> (Vec<ListItem>, Option<String>) {
    let page = Html::parse_document(&crate::extract::bounded(text));
    let stated =
        select_one(page.root_element(), "base[href]").and_then(|base_tag| base.join(base_tag.attr("href")?).ok());
    let base = &stated.unwrap_or_else(|| base.clone());
    let mut items = Vec::new();
    if list.item.is_empty() {
        items = links_like_articles(&page, base);
    } else if let Ok(selector) = Selector::parse(&list.item) {
        items.extend(page.select(&selector).take(MAX_ITEMS).filter_map(|entry| read_entry(list, entry, base)));
    }
    let next = list.next.as_deref().and_then(|next| select_one(page.root_element(), next));
    let next = next.and_then(|link| address(base, link.attr("href")?));
    (items, next)
}

fn read_entry(list: &List, entry: ElementRef<'_>, base: &Url) -> Option<ListItem> {
    let link = match &list.link {
        Some(selector) => select_one(entry, selector)?,
        None if entry.value().name() == "a" => entry,
        None => select_one(entry, "a[href]")?,
    };
    let url = address(base, link.attr("href")?)?;
    let title = match &list.title {
        Some(selector) => select_one(entry, selector).map(text_of),
        None => link
            .attr("title")
            .map(str::to_owned)
            .filter(|title| !title.trim().is_empty())
            .or_else(|| Some(text_of(link))),
    };
    let date = match &list.date {
        Some(selector) => select_one(entry, selector).and_then(|date| date_in(&text_of(date))),
        None => date_in(&text_of(entry)),
    };
    Some(ListItem { url, title: title.filter(|title| !title.trim().is_empty()), date, ..ListItem::default() })
}

/// Links of the same host whose text is as long as a title, or whose address ends like that of an article.
fn links_like_articles(page: &Html, base: &Url) -> Vec<ListItem> {
    let Ok(links) = Selector::parse("a[href]") else { return Vec::new() };
    let mut items: Vec<ListItem> = Vec::new();
    for link in page.select(&links) {
        let Some(url) = link.attr("href").and_then(|href| address(base, href)) else { continue };
        let title = link.attr("title").map(str::to_owned).unwrap_or_else(|| text_of(link)).trim().to_owned();
        let same_host = Url::parse(&url).is_ok_and(|url| url.host_str() == base.host_str() && url.path() != "/");
        let file = url.rsplit('/').next().unwrap_or_default();
        let like_article = [".html", ".htm", ".shtml", ".jhtml", ".aspx"].iter().any(|end| file.ends_with(end))
            && !file.starts_with("index")
            && !file.starts_with("list");
        if same_host && like_article && title.chars().count() >= 8 && items.len() < MAX_ITEMS {
            let around = link.parent().and_then(ElementRef::wrap);
            let date = around.filter(|around| around.text().count() < 30).and_then(|around| date_in(&text_of(around)));
            if items.iter().all(|item| item.url != url) {
                items.push(ListItem { url, title: Some(title), date, ..ListItem::default() });
            }
        }
    }
    items
}

fn read_json(list: &List, text: &str, base: &Url) -> Vec<ListItem> {
    let Ok(value) = serde_json::from_str::<Value>(text.trim()) else { return Vec::new() };
    let mut entries = Vec::new();
    walk(&value, &list.item, &mut entries);
    let field = |entry: &Value, path: &Option<String>| {
        let mut found = Vec::new();
        walk(entry, path.as_deref()?, &mut found);
        match found.first()? {
            Value::String(text) => Some(without_tags(text).trim().to_owned()).filter(|text| !text.is_empty()),
            Value::Number(number) => Some(number.to_string()),
            _ => None,
        }
    };
    let items = entries.into_iter().take(MAX_ITEMS).filter_map(|entry| {
        Some(ListItem {
            url: address(base, &field(entry, &list.link)?)?,
            title: field(entry, &list.title),
            date: field(entry, &list.date).and_then(|date| parse_date(&date)),
            doc_number: field(entry, &list.doc_number),
            issuer: field(entry, &list.issuer),
        })
    });
    items.collect()
}

/// Follows `a.b.*.c`; lists on the way and at the end are entered.
fn walk<'a>(value: &'a Value, path: &str, found: &mut Vec<&'a Value>) {
    if let Value::Array(items) = value {
        for item in items.iter().take(MAX_ITEMS) {
            walk(item, path, found);
        }
        return;
    }
    if path.is_empty() {
        found.push(value);
        return;
    }
    let (step, rest) = path.split_once('.').unwrap_or((path, ""));
    match (step, value) {
        ("*", Value::Object(members)) => members.values().for_each(|member| walk(member, rest, found)),
        (_, Value::Object(members)) => {
            if let Some(member) = members.get(step) {
                walk(member, rest, found);
            }
        }
        _ => {}
    }
}

fn without_tags(text: &str) -> String {
    if text.contains('<') { text_of(Html::parse_fragment(text).root_element()) } else { text.to_owned() }
}

fn select_one<'a>(element: ElementRef<'a>, selector: &str) -> Option<ElementRef<'a>> {
    element.select(&Selector::parse(selector).ok()?).next()
}

fn text_of(element: ElementRef<'_>) -> String {
    element.text().collect::<String>().split_whitespace().collect::<Vec<_>>().join(" ")
}

fn address(base: &Url, href: &str) -> Option<String> {
    let mut url = base.join(href.trim()).ok()?;
    url.set_fragment(None);
    matches!(url.scheme(), "http" | "https").then(|| url.to_string())
}

/// The first date in a text: `2026-01-05`, `[2026/1/5]`, `2026年1月5日`.
fn date_in(text: &str) -> Option<NaiveDate> {
    let starts = text
        .char_indices()
        .filter(|(at, c)| c.is_ascii_digit() && !text[..*at].ends_with(|before: char| before.is_ascii_digit()));
    starts.take(20).find_map(|(at, _)| {
        parse_date(&text[at..]).filter(|_| {
            let rest = &text[at..];
            rest.len() >= 8
                && (rest.as_bytes().get(4).is_some_and(|c| b"-./".contains(c)) || rest[4..].starts_with('年'))
        })
    })
}

/// An article that was fetched and read.
#[derive(Debug, Clone)]
pub struct Article {
    /// The draft, understood, attachments read; without identity and version.
    pub policy: Policy,
    /// For the next conditional request.
    pub validators: Validators,
    /// The page as it came, for evidence.
    pub raw: Vec<u8>,
}

/// Why an article gave no draft.
#[derive(Debug, thiserror::Error)]
pub enum ArticleError {
    /// Not fetched.
    #[error(transparent)]
    Fetch(#[from] FetchError),
    /// Fetched, but not an article.
    #[error("{url}: {error}")]
    Extract {
        /// Address of the page.
        url: String,
        /// Why.
        error: ExtractError,
    },
}

/// Fetches one entry of a list with its attachments, extracts and understands it. `None`: not modified since
/// `validators`.
///
/// # Errors
/// See [`ArticleError`]. An attachment that cannot be fetched is marked not read in the draft and is no error.
pub async fn fetch_article(
    source: &Source,
    fetcher: &Fetcher,
    item: &ListItem,
    validators: Option<&Validators>,
) -> Result<Option<Article>, ArticleError> {
    let fetched = fetcher.get(&item.url, validators).await?;
    if fetched.not_modified {
        return Ok(None);
    }
    let context = PageContext {
        url: &fetched.url,
        charset: fetched.charset.as_deref(),
        source: Some(source),
        list_title: item.title.as_deref(),
        list_date: item.date,
        ignore_head: false,
    };
    let mut policy =
        extract(&fetched.body, &context).map_err(|error| ArticleError::Extract { url: item.url.clone(), error })?;
    // the list's address is the one that other sites and the next crawl know
    policy.url = Some(item.url.clone());
    policy.doc_number = policy.doc_number.or_else(|| item.doc_number.clone());
    if policy.issuers.is_empty() {
        policy.issuers.extend(item.issuer.clone());
    }
    for attachment in policy.attachments.iter_mut().take(MAX_ATTACHMENTS) {
        let read = match fetcher.get(&attachment.url, None).await {
            Ok(file) => attachments::read_text(&attachment.name, &attachment.url, file.body).await,
            Err(error) => Err(error.to_string()),
        };
        match read {
            Ok(text) => (attachment.text, attachment.state) = (Some(text), AttachmentState::Read),
            Err(reason) => attachment.reason = Some(reason),
        }
    }
    understand(&mut policy, source.within());
    Ok(Some(Article { policy, validators: fetched.validators, raw: fetched.body }))
}
