//! Walking a source's lists and reading its articles.

use std::borrow::Cow;
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

/// After so many failed pages in a row a list is given up.
const MAX_FAILED: u32 = 2;

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

/// Why a list page gave no entries.
#[derive(Debug, thiserror::Error)]
pub enum ListError {
    /// Not fetched.
    #[error(transparent)]
    Fetch(#[from] FetchError),
    /// An interface answered something else than JSON: an error page, a challenge.
    #[error("{url}: the interface did not answer JSON ({reason})")]
    NotJson {
        /// What was asked for.
        url: String,
        /// What the parser says.
        reason: String,
    },
    /// The first page of a list has no entries: the definition no longer fits the site.
    #[error("{url}: no entries found")]
    NoEntries {
        /// What was asked for.
        url: String,
        /// The definition's selector or path; empty when entries are looked for without one.
        item: String,
    },
}

impl ListError {
    /// One line in Chinese for those who run the crawl: what was wrong, where, what to do.
    pub fn describe(&self) -> String {
        match self {
            Self::Fetch(error) => format!("列表页 {}", error.describe()),
            Self::NotJson { url, reason } => {
                format!("列表页 {url}：接口返回的不是 JSON（{reason}），可能是错误页或验证页")
            }
            Self::NoEntries { url, item } if item.is_empty() => {
                format!("列表页 {url}：没有发现文章链接，请在信息源定义里写 item 选择器")
            }
            Self::NoEntries { url, item } => {
                format!("列表页 {url}：没有条目符合 item = {item:?}，网站可能已改版，请核对信息源定义")
            }
        }
    }

    /// The page that was counted up to is not there.
    fn is_past_the_end(&self) -> bool {
        matches!(self, Self::Fetch(FetchError::Status { status: 404 | 410, .. }))
    }
}

/// A page that is still to be visited.
struct Step {
    /// Which list.
    list: usize,
    /// Which page of it, from 1.
    number: u32,
    url: String,
    /// How many pages before it failed in a row.
    failed: u32,
}

/// A walk over the list pages of a source: follows its paging, never visits a page twice, ends when a page brings
/// nothing new or the source's limit of pages is reached. A page that fails does not end a list whose pages are
/// numbered: the next one is tried.
pub struct Listing {
    fetcher: Fetcher,
    lists: Vec<List>,
    todo: VecDeque<Step>,
    visited: HashSet<(String, u32)>,
    known: HashSet<String>,
    left: usize,
}

impl Listing {
    /// Starts at the first list page.
    pub fn new(source: &Source, fetcher: Fetcher) -> Self {
        let first = |(list, definition): (usize, &List)| Step {
            list,
            number: 1,
            url: numbered(&definition.url, first_number(definition)),
            failed: 0,
        };
        Self {
            fetcher,
            todo: source.lists.iter().enumerate().map(first).collect(),
            lists: source.lists.clone(),
            visited: HashSet::new(),
            known: HashSet::new(),
            left: source.max_pages * source.lists.len(),
        }
    }

    /// The next page, or `None` at the end.
    ///
    /// # Errors
    /// The page could not be fetched or read, or the first page of a list is empty. The walk goes on with the next
    /// page when called again.
    pub async fn next_page(&mut self) -> Result<Option<ListPage>, ListError> {
        while let Some(step) = self.todo.pop_front() {
            let list = &self.lists[step.list];
            // pages of a list that is asked by POST share one address
            let key = (step.url.clone(), if list.post.is_some() { step.number } else { 0 });
            if self.left == 0 || !self.visited.insert(key) {
                continue;
            }
            self.left -= 1;
            let (mut items, next) = match read_page(&self.fetcher, list, &step).await {
                Ok(page) => page,
                Err(error) if step.number > 1 && error.is_past_the_end() => continue,
                Err(error) => {
                    let failed = step.failed + 1;
                    if failed < MAX_FAILED
                        && let Some(url) = counted(list, &step)
                    {
                        self.todo.push_back(Step { number: step.number + 1, url, failed, ..step });
                    }
                    return Err(error);
                }
            };
            if items.is_empty() && step.number == 1 {
                return Err(ListError::NoEntries { url: step.url, item: list.item.clone() });
            }
            // a list that links to itself is no article
            items.retain(|item| !self.visited.contains(&(item.url.clone(), 0)) && self.known.insert(item.url.clone()));
            // a list that repeats itself is at its end
            if !items.is_empty()
                && let Some(url) = next.or_else(|| counted(list, &step))
            {
                self.todo.push_back(Step { number: step.number + 1, url, failed: 0, ..step });
            }
            return Ok(Some(ListPage { url: step.url, items }));
        }
        Ok(None)
    }
}

async fn read_page(fetcher: &Fetcher, list: &List, step: &Step) -> Result<(Vec<ListItem>, Option<String>), ListError> {
    let fetched = match &list.post {
        Some(body) => fetcher.post(&step.url, &numbered(body, step.number)).await?,
        None => fetcher.get(&step.url, None).await?,
    };
    read_list(list, &fetched)
}

/// Address of the page after this one, for a list whose pages are numbered.
fn counted(list: &List, step: &Step) -> Option<String> {
    match &list.pages {
        Some(pages) => Some(numbered(pages, list.from.unwrap_or(2).saturating_add(step.number - 1))),
        None => list.post.as_ref().map(|_| step.url.clone()),
    }
}

fn numbered(address: &str, number: u32) -> String {
    address.replace("{n}", &number.to_string())
}

fn first_number(list: &List) -> u32 {
    list.from.map_or(1, |from| from.saturating_sub(1))
}

/// Entries of a list page and the address of the next one, when the page links to it.
///
/// # Errors
/// The address is none, or an interface did not answer JSON.
pub fn read_list(list: &List, fetched: &Fetched) -> Result<(Vec<ListItem>, Option<String>), ListError> {
    let (text, _) = charset::decode(&fetched.body, fetched.charset.as_deref());
    let base = Url::parse(&fetched.url).map_err(|_| FetchError::BadUrl(fetched.url.clone()))?;
    match list.format {
        Format::Json => Ok((read_json(list, &text, &base)?, None)),
        Format::Html => Ok(read_html(list, &text, &base)),
    }
}

fn read_html(list: &List, text: &str, base: &Url) -> (Vec<ListItem>, Option<String>) {
    let (text, next_group) = unwrap_records(text);
    let page = Html::parse_document(&crate::extract::bounded(&text));
    let stated =
        select_one(page.root_element(), "base[href]").and_then(|base_tag| base.join(base_tag.attr("href")?).ok());
    let base = &stated.unwrap_or_else(|| base.clone());
    let mut items = Vec::new();
    if list.item.is_empty() {
        items = links_like_articles(&page, base);
    } else if let Ok(selector) = Selector::parse(&list.item) {
        items.extend(page.select(&selector).take(MAX_ITEMS).filter_map(|entry| read_entry(list, entry, base)));
    }
    let linked = list.next.as_deref().and_then(|next| select_one(page.root_element(), next));
    let next = linked.and_then(|link| address(base, link.attr("href")?));
    (items, next.or_else(|| address(base, &next_group?)))
}

/// A CMS of many provincial sites (大汉 jpage) keeps the entries out of the markup, in an XML island that its script
/// shows: `<script type="text/xml"><datastore><nextgroup><![CDATA[<a href="…">]]></nextgroup><recordset><record>
/// <![CDATA[<li>…</li>]]></record>…`. Its further pages are such XML alone. Puts the entries where the island stands,
/// and gives the address of the next group.
fn unwrap_records(text: &str) -> (Cow<'_, str>, Option<String>) {
    const RECORD: (&str, &str) = ("<record><![CDATA[", "]]></record>");
    const NEXT: (&str, &str) = ("<nextgroup><![CDATA[", "]]></nextgroup>");
    if !text.contains(RECORD.0) {
        return (Cow::Borrowed(text), None);
    }
    let between = |text: &str, (open, close): (&str, &str)| -> Option<(usize, usize)> {
        let start = text.find(open)? + open.len();
        Some((start, start + text[start..].find(close)?))
    };
    let next_group = between(text, NEXT).and_then(|(start, end)| {
        let link = Html::parse_fragment(&text[start..end]);
        select_one(link.root_element(), "a[href]")?.attr("href").map(str::to_owned)
    });
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(island) = rest.find("<datastore>") {
        // the script's tag before the island would keep the entries from being markup
        let before = &rest[..island];
        let tag = before.rfind("<script").filter(|&tag| !before[tag..].contains("</script"));
        out.push_str(&before[..tag.unwrap_or(before.len())]);
        let end = rest[island..].find("</datastore>").map_or(rest.len(), |end| island + end + "</datastore>".len());
        let mut records = &rest[island..end];
        while let Some((start, end)) = between(records, RECORD) {
            out.push_str(&records[start..end]);
            records = &records[end..];
        }
        rest = &rest[end..];
        if tag.is_some() {
            let closed = rest.find("</script>").map_or(rest.len(), |close| close + "</script>".len());
            rest = &rest[closed..];
        }
    }
    out.push_str(rest);
    (Cow::Owned(out), next_group)
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

fn read_json(list: &List, text: &str, base: &Url) -> Result<Vec<ListItem>, ListError> {
    let value = serde_json::from_str::<Value>(text.trim())
        .map_err(|error| ListError::NotJson { url: base.to_string(), reason: error.to_string() })?;
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
    Ok(items.collect())
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

impl ArticleError {
    /// One line in Chinese for those who run the crawl.
    pub fn describe(&self) -> String {
        match self {
            Self::Fetch(error) => error.describe(),
            Self::Extract { url, error } => format!("{url}：{error}"),
        }
    }
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
        ..PageContext::default()
    };
    let mut policy =
        extract(&fetched.body, &context).map_err(|error| ArticleError::Extract { url: item.url.clone(), error })?;
    crate::extract::paging::read_further(&mut policy, &fetched, &context, fetcher).await?;
    // the list's address is the one that other sites and the next crawl know
    policy.url = Some(item.url.clone());
    policy.doc_number = policy.doc_number.or_else(|| item.doc_number.clone());
    if policy.issuers.is_empty() {
        policy.issuers.extend(item.issuer.clone());
    }
    for (at, attachment) in policy.attachments.iter_mut().enumerate() {
        let read = if at >= MAX_ATTACHMENTS {
            Err(format!("附件超过 {MAX_ATTACHMENTS} 个，其余未读取"))
        } else {
            match fetcher.get(&attachment.url, None).await {
                Ok(file) => attachments::read_text(&attachment.name, &attachment.url, file.body).await,
                Err(error) => Err(error.describe()),
            }
        };
        match read {
            Ok(text) => (attachment.text, attachment.state) = (Some(text), AttachmentState::Read),
            Err(reason) => attachment.reason = Some(reason),
        }
    }
    understand(&mut policy, source.within());
    Ok(Some(Article { policy, validators: fetched.validators, raw: fetched.body }))
}
