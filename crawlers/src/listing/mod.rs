//! Walking a source's lists and reading its articles. One file for each form of a list.

pub(crate) mod dates;
pub(crate) mod discover;
mod feed;
mod files;
pub(crate) mod html;
pub(crate) mod jpaas;
pub mod json;
mod sitemap;
mod titles;

use std::collections::{HashMap, HashSet, VecDeque};
use std::io::Read;
use std::sync::LazyLock;

use chrono::NaiveDate;
use regex::{Regex, RegexBuilder};
use scraper::{ElementRef, Html, Selector};
use url::Url;
use zhida_schemas::Policy;
use zhida_schemas::policy::AttachmentState;

use crate::attachments;
use crate::fetch::{FetchError, Fetched, Fetcher, Validators};
use crate::source::{Follow, Format, List, Source};
use crate::{ExtractError, PageContext, charset, extract, understand};

/// Most entries of one page of a walk; a longer list comes in several.
const MAX_ITEMS: usize = 500;

/// Most attachments of one article that are fetched.
const MAX_ATTACHMENTS: usize = 20;

/// After so many failed pages in a row a list is given up.
const MAX_FAILED: u32 = 2;

/// Most pages of a list in a full sweep.
const MAX_SWEEP: u32 = 10_000;

/// Largest list after decompression, in bytes.
const MAX_UNPACKED: u64 = 50 * 1024 * 1024;

/// Longest title that a list gives, in characters.
const MAX_TITLE: usize = 500;

/// Largest compiled `match`, in bytes: an expression from a file could ask for very much memory.
pub(crate) const MAX_PATTERN: usize = 1 << 20;

/// One entry of a list.
#[derive(Debug, Clone, Default, PartialEq, serde::Serialize)]
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
    /// When the article was last changed, when the list (a sitemap, a feed) states it: no date of publication.
    pub modified: Option<NaiveDate>,
}

/// A list page of an earlier walk, for a conditional request.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Remembered {
    /// Address that it was asked for at.
    pub url: String,
    /// What the site said it can be told by.
    pub validators: Validators,
    /// The page as it came; read again when the site says that it is as it was.
    pub body: Vec<u8>,
}

/// One page of a list.
#[derive(Debug, Clone, Default)]
pub struct ListPage {
    /// Address of the page.
    pub url: String,
    /// Which list of the definition it belongs to, from 0.
    pub list: usize,
    /// Entries that no earlier page of this walk had.
    pub items: Vec<ListItem>,
}

/// What one answer holds.
#[derive(Debug, Clone, Default)]
pub struct Content {
    /// Entries.
    pub items: Vec<ListItem>,
    /// Address of the next page, when the page says so.
    pub next: Option<String>,
    /// How many pages the list has, when it says so.
    pub pages: Option<u32>,
    /// Other lists that this one leads to: parts of a sitemap, columns of a site.
    pub lists: Vec<String>,
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
    /// No feed or sitemap.
    #[error("{url}: no feed or sitemap ({reason})")]
    NotXml {
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
    /// The first page of a list has entries, and none has an address that fits `match`.
    #[error("{url}: no entry matches {pattern}")]
    NoMatch {
        /// What was asked for.
        url: String,
        /// The definition's expression.
        pattern: String,
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
            Self::NotXml { url, reason } => {
                format!("列表页 {url}：不是可以识别的 RSS、Atom 或网站地图（{reason}），可能是错误页或验证页")
            }
            Self::NoEntries { url, item } if item.is_empty() => {
                format!("列表页 {url}：没有发现文章链接，请在信息源定义里写 item 选择器")
            }
            Self::NoEntries { url, item } => {
                format!("列表页 {url}：没有条目符合 item = {item:?}，网站可能已改版，请核对信息源定义")
            }
            Self::NoMatch { url, pattern } => {
                format!("列表页 {url}：条目的网址都不符合 match = {pattern:?}，请核对信息源定义")
            }
        }
    }

    /// The page that was asked for.
    pub fn url(&self) -> &str {
        match self {
            Self::Fetch(error) => error.url(),
            Self::NotJson { url, .. } | Self::NotXml { url, .. } | Self::NoEntries { url, .. } => url,
            Self::NoMatch { url, .. } => url,
        }
    }

    /// Whether the run is at its end: the budget of requests is used up.
    pub fn ends_the_run(&self) -> bool {
        matches!(self, Self::Fetch(error) if error.ends_the_run())
    }

    /// The page that was counted up to is not there.
    fn is_past_the_end(&self) -> bool {
        matches!(self, Self::Fetch(FetchError::Status { status: 404 | 410, .. }))
    }
}

/// A page that is still to be visited.
#[derive(Clone)]
struct Step {
    /// Which list of the definition.
    list: usize,
    /// Which run of pages: a list of the definition, or one that was found on the way.
    trail: usize,
    /// Which page of it, from 1.
    number: u32,
    url: String,
    /// How many pages before it failed in a row.
    failed: u32,
    /// How many clicks from the definition's list.
    depth: u8,
    /// Entries of a full page, from the first one, and the number of pages, when the list says so.
    pages: Option<u32>,
}

/// A walk over the list pages of a source: follows its paging and what it finds on the way, never visits a page twice,
/// ends when a page brings nothing new or the source's limits are reached. A page that fails does not end a list whose
/// pages are numbered: the next one is tried.
///
/// Incremental: tell [`Self::seen`] after each page whether all its entries were known, and the list is left there. A
/// caller whose last run of the source did not come to its end (killed, out of budget) does not tell, so that what
/// lies behind known entries is reached; nothing of a walk needs to be kept for that.
pub struct Listing {
    fetcher: Fetcher,
    lists: Vec<List>,
    follow: Follow,
    todo: VecDeque<Step>,
    /// Pages that are read and not yet given out.
    ready: VecDeque<(usize, ListPage)>,
    visited: HashSet<(String, u32)>,
    known: HashSet<String>,
    max_pages: u32,
    /// Lists found on the way.
    found: usize,
    trails: usize,
    /// The trail of the page that was given out last, and whether it is in the order of time.
    last: Option<(usize, bool)>,
    sweep: bool,
    remembered: HashMap<String, Remembered>,
    /// The page that was fetched last.
    last_fetched: Fetched,
}

impl Listing {
    /// Starts at the first list page.
    pub fn new(source: &Source, fetcher: Fetcher) -> Self {
        let first = |(list, definition): (usize, &List)| Step {
            list,
            trail: list,
            number: 1,
            url: definition.page_url(1).unwrap_or_default(),
            failed: 0,
            depth: 0,
            pages: None,
        };
        Self {
            fetcher,
            todo: source.lists.iter().enumerate().map(first).collect(),
            ready: VecDeque::new(),
            lists: source.lists.clone(),
            follow: source.follow.clone(),
            visited: HashSet::new(),
            known: HashSet::new(),
            max_pages: u32::try_from(source.max_pages).unwrap_or(u32::MAX),
            found: 0,
            trails: source.lists.len(),
            last: None,
            sweep: false,
            remembered: HashMap::new(),
            last_fetched: Fetched::default(),
        }
    }

    /// Asks for these pages only whether they changed. One that did not is read from what is remembered of it.
    #[must_use]
    pub fn remember(mut self, pages: Vec<Remembered>) -> Self {
        self.remembered = pages.into_iter().map(|page| (page.url.clone(), page)).collect();
        self
    }

    /// The page that was fetched last, as it came, whether or not it could be read; empty when it was not fetched.
    pub fn raw(&self) -> &[u8] {
        &self.last_fetched.body
    }

    /// What the page that was fetched last can be told by.
    pub fn validators(&self) -> &Validators {
        &self.last_fetched.validators
    }

    /// Walks every list to its last page: neither `max_pages` nor [`Self::seen`] ends it.
    #[must_use]
    pub fn sweep(mut self) -> Self {
        self.sweep = true;
        self.max_pages = MAX_SWEEP;
        self
    }

    /// Tells whether the caller knew all entries of the page that was given out last: then the list is not followed
    /// further, as what stands behind is older.
    pub fn seen(&mut self, all_known: bool) {
        if let Some((trail, in_order)) = self.last
            && all_known
            && !self.sweep
        {
            self.todo.retain(|step| step.trail != trail);
            if in_order {
                self.ready.retain(|(of, _)| *of != trail);
            }
        }
    }

    /// The next page, or `None` at the end.
    ///
    /// # Errors
    /// The page could not be fetched or read, or the first page of a list is empty. The walk goes on with the next
    /// page when called again; after an error that [ends the run](ListError::ends_the_run) there is none.
    pub async fn next_page(&mut self) -> Result<Option<ListPage>, ListError> {
        if let Some((_, page)) = self.ready.pop_front() {
            return Ok(Some(page));
        }
        while let Some(step) = self.todo.pop_front() {
            let Some(list) = self.lists.get(step.list).cloned() else { continue };
            // pages of a list that is asked by POST share one address
            let key = (twin(&step.url).to_owned(), if list.post.is_some() { step.number } else { 0 });
            if step.number > self.max_pages || !self.visited.insert(key) {
                continue;
            }
            self.last_fetched = Fetched::default();
            let known = self.remembered.remove(&step.url).filter(|_| list.post.is_none());
            let fetched = fetch_page(&self.fetcher, &list, &step, known).await.map_err(ListError::from);
            // a list that is defined by the page of its column: the interface that the page asks is the list
            if let Ok(page) = &fetched
                && let Some(own) = self.lists.get_mut(step.list)
                && let Some(address) = jpaas::behind(&list, page)
            {
                own.url = address;
                let url = own.page_url(1).unwrap_or_default();
                self.todo.push_front(Step { url, ..step });
                continue;
            }
            let read = fetched.and_then(|fetched| {
                let content = read_list(&list, &self.follow, &fetched, step.number);
                self.last_fetched = fetched;
                content
            });
            let content = match read {
                Ok(content) => content,
                Err(error) if step.number > 1 && error.is_past_the_end() => continue,
                Err(error) => {
                    if error.ends_the_run() {
                        self.todo.clear();
                    }
                    let failed = step.failed + 1;
                    if failed < MAX_FAILED
                        && let Some(url) = counted(&list, &step)
                    {
                        self.todo.push_back(Step { number: step.number + 1, url, failed, ..step });
                    }
                    return Err(error);
                }
            };
            return self.take(&list, step, content).map(Some);
        }
        Ok(None)
    }

    /// Keeps what a page leads to, and gives its new entries.
    fn take(&mut self, list: &List, mut step: Step, content: Content) -> Result<ListPage, ListError> {
        let Content { mut items, next, pages, lists } = content;
        let had = !items.is_empty();
        keep_matching(list, &mut items);
        let is_first = step.number == 1 && step.depth == 0;
        if items.is_empty() && is_first && lists.is_empty() {
            return Err(match list.matches.clone().filter(|_| had) {
                Some(pattern) => ListError::NoMatch { url: step.url, pattern },
                None => ListError::NoEntries { url: step.url, item: list.item.clone() },
            });
        }
        // columns that lead to further columns are followed as far as the definition says; a sitemap has its parts
        let far = if list.format == Format::Sitemap { 2 } else { self.follow.depth };
        if step.depth < far {
            for url in lists {
                if self.found < self.follow.columns && !self.visited.contains(&(twin(&url).to_owned(), 0)) {
                    self.found += 1;
                    let (depth, trail) = (step.depth + 1, self.trails);
                    self.trails += 1;
                    self.todo.push_back(Step { trail, number: 1, url, failed: 0, depth, pages: None, ..step });
                }
            }
        }
        // a list that links to itself is no article
        items.retain(|item| {
            !self.visited.contains(&(twin(&item.url).to_owned(), 0)) && self.known.insert(twin(&item.url).to_owned())
        });
        step.pages = step.pages.or(pages);
        // a list that repeats itself is at its end
        if !items.is_empty()
            && step.pages.is_none_or(|pages| step.number < pages)
            && let Some(url) = next.or_else(|| counted(list, &step))
        {
            self.todo.push_back(Step { number: step.number + 1, url, failed: 0, ..step.clone() });
        }
        let in_order = items.iter().all(|item| item.modified.is_some());
        self.last = Some((step.trail, in_order));
        let rest = items.split_off(items.len().min(MAX_ITEMS));
        for more in rest.chunks(MAX_ITEMS) {
            let page = ListPage { url: step.url.clone(), list: step.list, items: more.to_vec() };
            self.ready.push_back((step.trail, page));
        }
        Ok(ListPage { url: step.url, list: step.list, items })
    }
}

async fn fetch_page(
    fetcher: &Fetcher,
    list: &List,
    step: &Step,
    known: Option<Remembered>,
) -> Result<Fetched, FetchError> {
    if let Some(body) = list.page_body(step.number) {
        return fetcher.post(&step.url, &body).await;
    }
    let mut fetched = fetcher.get(&step.url, known.as_ref().map(|known| &known.validators)).await?;
    if let Some(known) = known.filter(|_| fetched.not_modified) {
        (fetched.body, fetched.validators) = (known.body, known.validators);
    }
    Ok(fetched)
}

/// Address of the page after this one, for a list whose pages are numbered.
fn counted(list: &List, step: &Step) -> Option<String> {
    // a list that was found on the way has no number of the definition
    if step.depth > 0 { None } else { list.page_url(step.number.checked_add(1)?) }
}

/// What a list page holds; `number` is the number of the page, from 1.
///
/// # Errors
/// The address is none, an interface did not answer JSON, a feed or sitemap cannot be read.
pub fn read_list(list: &List, follow: &Follow, fetched: &Fetched, number: u32) -> Result<Content, ListError> {
    let body = unpacked(fetched)?;
    let (text, _) = charset::decode(body.as_deref().unwrap_or(&fetched.body), fetched.charset.as_deref());
    let base = Url::parse(&fetched.url).map_err(|_| FetchError::BadUrl(fetched.url.clone()))?;
    let mut content = match list.format {
        Format::Json => json::read(list, &text, &base, number)?,
        Format::Html => html::read(list, &text, &base, number),
        Format::Feed => feed::read(&text, &base)?,
        Format::Sitemap => sitemap::read(&text, &base)?,
        Format::Any => match Xml::of(&text) {
            Some(Xml::Feed) => feed::read(&text, &base)?,
            Some(Xml::Sitemap) => sitemap::read(&text, &base)?,
            None => discover::read(&text, &base, follow, number),
        },
    };
    let mut seen = HashSet::new();
    content.items.retain(|item| seen.insert(twin(&item.url).to_owned()));
    for item in &mut content.items {
        for text in [&mut item.title, &mut item.doc_number, &mut item.issuer] {
            *text = text.take().map(|text| shown_only(&text).trim().chars().take(MAX_TITLE).collect());
        }
    }
    Ok(content)
}

/// Leaves out entries whose address does not fit the definition's `match`.
pub(crate) fn keep_matching(list: &List, items: &mut Vec<ListItem>) {
    let built = list.matches.as_deref().map(|pattern| RegexBuilder::new(pattern).size_limit(MAX_PATTERN).build());
    if let Some(Ok(pattern)) = built {
        items.retain(|item| pattern.is_match(&item.url));
    }
}

/// What an XML answer is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Xml {
    Feed,
    Sitemap,
}

impl Xml {
    /// Told by the first element.
    pub(crate) fn of(text: &str) -> Option<Self> {
        let begin: String = text.trim_start_matches('\u{feff}').trim_start().chars().take(2_000).collect();
        let at = begin.match_indices('<').find(|(at, _)| !begin[at + 1..].starts_with(['?', '!']))?.0;
        let name = begin[at + 1..].split(|c: char| !c.is_alphanumeric() && c != ':').next().unwrap_or_default();
        match name.rsplit(':').next().unwrap_or_default() {
            "rss" | "feed" | "RDF" => Some(Self::Feed),
            "urlset" | "sitemapindex" => Some(Self::Sitemap),
            _ => None,
        }
    }
}

/// The body of a file that is itself compressed (`sitemap.xml.gz`); bounded, as a small file can unpack to a large one.
pub(crate) fn unpacked(fetched: &Fetched) -> Result<Option<Vec<u8>>, FetchError> {
    if !fetched.body.starts_with(&[0x1f, 0x8b]) {
        return Ok(None);
    }
    let mut out = Vec::new();
    let mut reader = flate2::read::MultiGzDecoder::new(fetched.body.as_slice()).take(MAX_UNPACKED + 1);
    let read = reader.read_to_end(&mut out);
    if out.len() as u64 > MAX_UNPACKED {
        return Err(FetchError::TooLarge { url: fetched.url.clone(), limit: MAX_UNPACKED as usize });
    }
    // what is cut off or broken is for the parser to say
    Ok(read.is_ok().then_some(out))
}

/// What two addresses of one page have in common: sites that moved to https still link to themselves by http.
pub(crate) fn twin(url: &str) -> &str {
    url.split_once("://").map_or(url, |(_, rest)| rest)
}

/// Text without characters that show nothing, or that change how a terminal or a line of text shows the others.
pub(crate) fn shown_only(text: &str) -> String {
    let hidden = |c: &char| {
        c.is_control() && !c.is_whitespace()
            || matches!(c, '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{61c}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
    };
    text.chars().filter(|c| !hidden(c)).map(|c| if c.is_control() { ' ' } else { c }).collect()
}

/// Text without tags and with the named characters of HTML read.
fn plain_text(text: &str) -> String {
    if text.contains(['<', '&']) {
        // a fragment of one list's entry needs no more
        let short: String = text.chars().take(10_000).collect();
        return text_of(Html::parse_fragment(&extract::bounded(&short)).root_element());
    }
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

pub(crate) fn select_one<'a>(element: ElementRef<'a>, selector: &str) -> Option<ElementRef<'a>> {
    element.select(&Selector::parse(selector).ok()?).next()
}

pub(crate) fn text_of(element: ElementRef<'_>) -> String {
    element.text().collect::<String>().split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The text of an element with a space between those of its elements, which need not stand apart in the markup.
fn spaced_text(element: ElementRef<'_>) -> String {
    element.text().flat_map(str::split_whitespace).collect::<Vec<_>>().join(" ")
}

/// The address that a link leads to; one that a script opens (`javascript:location.href='…'`) is read from it.
pub(crate) fn address(base: &Url, href: &str) -> Option<String> {
    static OPENED: LazyLock<Regex> = LazyLock::new(|| {
        #[allow(clippy::expect_used)]
        Regex::new(r#"^javascript:\s*(?:(?:window\.|self\.)?location(?:\.href)?\s*=|window\.open\()\s*['"]([^'"]{1,2000})['"]"#)
            .expect("a pattern that every run compiles")
    });
    let href = href.trim();
    let href = OPENED.captures(href).and_then(|found| found.get(1)).map_or(href, |found| found.as_str());
    let mut url = base.join(href).ok()?;
    url.set_fragment(None);
    if url.query() == Some("") {
        url.set_query(None);
    }
    matches!(url.scheme(), "http" | "https").then(|| url.to_string())
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
        /// The page as it came, for evidence.
        raw: Vec<u8>,
    },
}

impl ArticleError {
    /// One line in Chinese for those who run the crawl.
    pub fn describe(&self) -> String {
        match self {
            Self::Fetch(error) => error.describe(),
            Self::Extract { url, error, .. } => format!("{url}：{error}"),
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
    let mut policy = if files::is_file(&fetched) {
        files::policy(item, &fetched).await
    } else {
        read_page(source, fetcher, item, &fetched).await?
    };
    complete(&mut policy, source, item);
    Ok(Some(Article { policy, validators: fetched.validators, raw: fetched.body }))
}

/// Adds what only the list says, and what the text does.
fn complete(policy: &mut Policy, source: &Source, item: &ListItem) {
    // the list's address is the one that other sites and the next crawl know
    policy.url = Some(item.url.clone());
    policy.doc_number = policy.doc_number.take().or_else(|| item.doc_number.clone());
    if policy.issuers.is_empty() {
        policy.issuers.extend(item.issuer.clone());
    }
    understand(policy, source.within());
}

/// Reads a kept page again, without asking its site. What only the list, the attachments or the further pages of a long
/// article said is taken from the record `before`.
///
/// # Errors
/// The page is no article by the definition as it is now.
pub async fn read_kept(
    source: &Source,
    url: &str,
    raw: Vec<u8>,
    before: Option<&Policy>,
) -> Result<Policy, ExtractError> {
    // a field with evidence was read from the page, and is read again
    let of_list = |field: &str| before.filter(|before| !before.evidence.contains_key(field));
    let item = ListItem {
        url: url.to_owned(),
        title: before.map(|before| before.title.clone()),
        date: before.and_then(|before| before.published_on),
        doc_number: of_list("doc_number").and_then(|before| before.doc_number.clone()),
        issuer: of_list("issuers").and_then(|before| before.issuers.first().cloned()),
        modified: None,
    };
    let mut fetched = Fetched { url: url.to_owned(), body: raw, ..Fetched::default() };
    let mut policy = if files::is_file(&fetched) {
        let file = before.and_then(|before| before.attachments.first());
        fetched.media_type = file.and_then(|file| file.media_type.clone());
        files::policy(&item, &fetched).await
    } else {
        let context = context_of(source, &item, &fetched);
        let mut policy = extract(&fetched.body, &context)?;
        let (markup, _) = charset::decode(&fetched.body, None);
        let is_long =
            Url::parse(url).is_ok_and(|url| !crate::extract::paging::further_pages(&markup, &url, None).is_empty());
        if let Some(before) = before.filter(|_| is_long) {
            (policy.body_text, policy.body_html) = (before.body_text.clone(), before.body_html.clone());
        }
        for attachment in &mut policy.attachments {
            let same = before.iter().flat_map(|before| &before.attachments).find(|old| old.url == attachment.url);
            if let Some(old) = same {
                *attachment = old.clone();
            }
        }
        policy
    };
    complete(&mut policy, source, &item);
    Ok(policy)
}

/// What is known of a page before it is read.
fn context_of<'a>(source: &'a Source, item: &'a ListItem, fetched: &'a Fetched) -> PageContext<'a> {
    PageContext {
        url: &fetched.url,
        charset: fetched.charset.as_deref(),
        source: Some(source),
        list_title: item.title.as_deref(),
        list_date: item.date,
        ..PageContext::default()
    }
}

/// The draft of a page, with its further pages and its attachments.
async fn read_page(
    source: &Source,
    fetcher: &Fetcher,
    item: &ListItem,
    fetched: &Fetched,
) -> Result<Policy, ArticleError> {
    let context = context_of(source, item, fetched);
    let mut policy = match extract(&fetched.body, &context) {
        Ok(policy) => policy,
        Err(error) => return Err(ArticleError::Extract { url: item.url.clone(), error, raw: fetched.body.clone() }),
    };
    crate::extract::paging::read_further(&mut policy, fetched, &context, fetcher).await?;
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
    Ok(policy)
}
