//! Source definitions: where a site lists its documents, and how its pages are read. TOML that an editor writes.
//!
//! A definition may say `extends = "trs"`: then the family of that name (`sources/families/trs.toml`) gives what the
//! definition does not say itself. The rules: a key of the definition wins over the family's; every `[[list]]` takes
//! the family's `[list]` as its defaults; `[article]` is completed key by key; a key that is set to `""` takes nothing
//! from the family. [`Source::parse`] resolves this, and [`Source::to_toml`] writes the short form again.

mod family;
mod written;

use chrono::NaiveTime;
use regex::RegexBuilder;
use rust_embed::RustEmbed;
use scraper::Selector;
use serde::{Deserialize, Serialize};
use url::Url;
use zhida_schemas::region;

use crate::charset;
use crate::listing::json::Path;
pub use family::{Family, families};
use written::{Place, Written, selector_fault};

/// Largest definition that is read, in bytes.
const MAX_TOML: usize = 256 * 1024;

/// Most lists of one definition.
const MAX_LISTS: usize = 200;

/// Longest pause that a definition can ask for, in milliseconds.
const MAX_DELAY_MS: u64 = 600_000;

/// Most requests of one run that a definition can ask for.
const MAX_REQUESTS: usize = 100_000;

/// Why a definition was rejected.
#[derive(Debug, thiserror::Error)]
#[error("信息源 {name}：{reason}")]
pub struct SourceError {
    /// Name or file of the definition.
    pub name: String,
    /// What is wrong and what to do.
    pub reason: String,
}

/// One source.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Source {
    /// Short name, as in `zhida crawl NAME`: lower-case letters, digits and hyphens.
    pub name: String,
    /// Name of the site in Chinese.
    pub title: String,
    /// GB/T 2260 code of the region that the site belongs to.
    pub region_code: String,
    /// Family of sites that completes the definition.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub extends: Option<String>,
    /// Whether the definition was tried on a page of the site.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub verified: bool,
    /// When it is crawled: six cron fields, Asia/Shanghai.
    #[serde(default = "every_morning", skip_serializing_if = "is_every_morning")]
    pub schedule: String,
    /// Hours of the day (Asia/Shanghai) in which it may be crawled, as `22:00-06:00`; at any hour when not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hours: Option<String>,
    /// Most pages of each list in one crawl; a full sweep does not heed it.
    #[serde(default = "five", skip_serializing_if = "is_five")]
    pub max_pages: usize,
    /// Most requests of one crawl: list pages, articles, attachments, redirects, repeated tries. A robots.txt, asked for
    /// once a day, does not count.
    #[serde(default = "five_hundred", skip_serializing_if = "is_five_hundred")]
    pub max_requests: usize,
    /// Pause between two requests to one host, in milliseconds; never less than the program's own setting.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delay_ms: Option<u64>,
    /// Requests to one host at a time, 1 to 4; 1 where robots.txt has a Crawl-delay.
    #[serde(default = "one", skip_serializing_if = "is_one")]
    pub concurrency: usize,
    /// Days without anything new after which the source is taken for broken; found from its habit when not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quiet_days: Option<u32>,
    /// Mail address of the editor who is told when the source fails.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub editor: Option<String>,
    /// How far lists and sitemaps are looked for.
    #[serde(default, skip_serializing_if = "Follow::is_default")]
    pub follow: Follow,
    /// Where documents are listed; several for a site with several columns.
    #[serde(rename = "list")]
    pub lists: Vec<List>,
    /// How an article is read; what is not given is found by itself.
    #[serde(default, skip_serializing_if = "Article::is_default")]
    pub article: Article,
}

/// How far lists are looked for: columns of a site (`any`), parts of a sitemap.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Follow {
    /// Clicks from the first page to a list, 0 to 4.
    pub depth: u8,
    /// Most lists that are found by themselves, 0 to 500.
    pub columns: usize,
    /// Other hosts that belong to the site, as `tzgg.example.gov.cn`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub hosts: Vec<String>,
}

impl Default for Follow {
    fn default() -> Self {
        Self { depth: 1, columns: 20, hosts: Vec::new() }
    }
}

impl Follow {
    fn is_default(&self) -> bool {
        *self == Self::default()
    }
}

/// One list. Selectors are for pages, paths (see [`Path`]) for JSON.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct List {
    /// Address of the first page; one with `{n}` is the address of every page.
    pub url: String,
    /// Form of the list.
    #[serde(skip_serializing_if = "Format::is_html")]
    pub format: Format,
    /// Address of the further pages with `{n}` for their number; may be relative to `url`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pages: Option<String>,
    /// The number of the second page; 1 + `step` when not given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<u32>,
    /// What is added to the number from page to page; 1 when not given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub step: Option<u32>,
    /// Selector of the link to the next page. Without it and without `pages` the next page is found by itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
    /// HTML: selector of one entry. JSON: path to the entries. Empty: entries are found by themselves.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub item: String,
    /// HTML: selector of the link in an entry. JSON: path to the address in an entry, or an address with paths in
    /// braces (`https://x.gov.cn/{id}.html`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub link: Option<String>,
    /// The title in an entry; the link's text when not given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// The date in an entry; found by itself in HTML when not given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub date: Option<String>,
    /// JSON: path to 发文字号 in an entry.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub doc_number: Option<String>,
    /// JSON: path to the issuer in an entry.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub issuer: Option<String>,
    /// JSON: path to a piece of HTML that holds the entries; the other keys are then selectors.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub markup: Option<String>,
    /// JSON: path to the number of all entries, from which the number of pages follows.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub total: Option<String>,
    /// Entries of a full page, for `total`; counted on the first page when not given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub size: Option<u32>,
    /// JSON: path to the number of pages.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub page_count: Option<String>,
    /// Body of a POST with `{n}` for the page, JSON or the fields of a form; without it the list is asked by GET.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub post: Option<String>,
    /// Regular expression for the addresses of articles; others are left out.
    #[serde(rename = "match", skip_serializing_if = "Option::is_none")]
    pub matches: Option<String>,
}

impl List {
    /// Address of a page, from 1, for a list whose pages are numbered. `None`: there is no such address.
    pub fn page_url(&self, number: u32) -> Option<String> {
        let template = match &self.pages {
            Some(pages) if number > 1 => pages,
            _ if number == 1 || self.url.contains("{n}") || self.post.is_some() => &self.url,
            _ => return None,
        };
        let address = template.replace("{n}", &self.page_number(number).to_string());
        if number == 1 || address.contains("://") {
            return Some(address);
        }
        Some(Url::parse(&self.page_url(1)?).ok()?.join(&address).ok()?.to_string())
    }

    /// Body of the POST for a page, from 1.
    pub fn page_body(&self, number: u32) -> Option<String> {
        Some(self.post.as_ref()?.replace("{n}", &self.page_number(number).to_string()))
    }

    /// What stands for `{n}`.
    fn page_number(&self, number: u32) -> u32 {
        let step = self.step.unwrap_or(1);
        let second = self.from.unwrap_or(step.saturating_add(1));
        match number.checked_sub(2) {
            Some(after) => second.saturating_add(step.saturating_mul(after)),
            None => second.saturating_sub(step),
        }
    }
}

/// Form of a list.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Format {
    /// A page.
    #[default]
    Html,
    /// An interface.
    Json,
    /// RSS, Atom or JSON Feed.
    Feed,
    /// A sitemap or an index of sitemaps, also compressed.
    Sitemap,
    /// Any page of a site: its lists and their articles are found by themselves.
    Any,
}

impl Format {
    fn is_html(&self) -> bool {
        *self == Self::Html
    }
}

/// Selectors of an article page.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[allow(missing_docs)]
pub struct Article {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub body: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub published_on: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub issuer: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub doc_number: Option<String>,
    /// What does not belong to the text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub remove: Option<String>,
}

impl Article {
    fn is_default(&self) -> bool {
        *self == Self::default()
    }
}

fn is_address(text: &str) -> bool {
    let plain = |c: char| !c.is_whitespace() && !c.is_control();
    text.chars().all(plain) && text.split_once('@').is_some_and(|(name, host)| !name.is_empty() && host.contains('.'))
}

fn every_morning() -> String {
    "0 0 8 * * *".to_owned()
}

fn is_every_morning(schedule: &str) -> bool {
    schedule == every_morning()
}

fn five() -> usize {
    5
}

fn is_five(number: &usize) -> bool {
    *number == five()
}

fn five_hundred() -> usize {
    500
}

fn is_five_hundred(number: &usize) -> bool {
    *number == five_hundred()
}

fn one() -> usize {
    1
}

fn is_one(number: &usize) -> bool {
    *number == one()
}

/// Definitions that come with the program.
#[derive(RustEmbed)]
#[folder = "sources"]
#[include = "*.toml"]
struct Bundled;

impl Source {
    /// Reads and checks a definition, completed by its family.
    ///
    /// # Errors
    /// Not TOML, an unknown key or family, a selector, path or schedule that cannot be parsed, an address that is none.
    pub fn parse(toml: &str) -> Result<Self, SourceError> {
        let wrong = |name: &str, reason: String| SourceError { name: name.to_owned(), reason };
        const NAMELESS: &str = "（未命名）";
        if toml.len() > MAX_TOML {
            return Err(wrong(NAMELESS, format!("超过 {} KB", MAX_TOML / 1024)));
        }
        let written = Written::read(toml);
        let name = written.name().unwrap_or(NAMELESS);
        if let Some(reason) = written.wrong() {
            return Err(wrong(name, reason));
        }
        let mut source: Self = toml::from_str(toml).map_err(|error| wrong(name, error.message().to_owned()))?;
        if let Some(family) = &source.extends {
            let completed = family::complete(toml, family);
            source = completed.map_err(|reason| wrong(name, written.tell(vec![(Place::Source("extends"), reason)])))?;
        }
        source.drop_empty();
        let faults = source.faults();
        if faults.is_empty() {
            Ok(source)
        } else {
            Err(SourceError { reason: written.tell(faults), name: source.name })
        }
    }

    /// The definition as TOML, without what its family says. Reads back as the same source.
    ///
    /// # Errors
    /// The definition is wrong: see [`Self::parse`].
    pub fn to_toml(&self) -> Result<String, SourceError> {
        let wrong = |reason: String| SourceError { name: self.name.clone(), reason };
        let write = |source: &Self| toml::to_string(source).map_err(|error| wrong(error.to_string()));
        if self.extends.is_some()
            && let Some(short) = family::without(self)
        {
            let text = write(&short)?;
            if Self::parse(&text).is_ok_and(|read| read == *self) {
                return Ok(text);
            }
        }
        // what differs from the family in a way that cannot be said shortly is written in full
        let text = write(&Self { extends: None, ..self.clone() })?;
        Self::parse(&text)?;
        Ok(text)
    }

    /// A definition to start from, with a comment in Chinese for every key.
    pub fn template() -> &'static str {
        include_str!("template.toml")
    }

    /// The definitions that are bundled with the program, by name.
    pub fn bundled() -> Vec<Self> {
        let mut sources: Vec<Self> = Bundled::iter()
            .filter(|file| !file.contains('/'))
            .filter_map(|file| {
                let text = String::from_utf8(Bundled::get(&file)?.data.into_owned()).ok()?;
                // a test parses every one of them
                Self::parse(&text).ok()
            })
            .collect();
        sources.sort_by(|a, b| a.name.cmp(&b.name));
        sources
    }

    /// A definition for any site: lists and articles are found by themselves, from a home page, a column or a feed.
    ///
    /// # Errors
    /// Not an address.
    pub fn generic(url: &str) -> Result<Self, SourceError> {
        let host = Url::parse(url).ok().and_then(|url| url.host_str().map(str::to_owned)).unwrap_or_default();
        let source = Self {
            name: "any-site".to_owned(),
            title: host,
            region_code: region::NATION.to_owned(),
            extends: None,
            verified: false,
            schedule: every_morning(),
            hours: None,
            max_pages: 3,
            max_requests: five_hundred(),
            delay_ms: None,
            concurrency: 1,
            quiet_days: None,
            editor: None,
            follow: Follow::default(),
            lists: vec![List { url: url.to_owned(), format: Format::Any, ..List::default() }],
            article: Article::default(),
        };
        let faults = source.faults();
        if faults.is_empty() {
            return Ok(source);
        }
        let reasons: Vec<String> = faults.into_iter().map(|(_, reason)| reason).collect();
        Err(SourceError { name: url.to_owned(), reason: reasons.join("；") })
    }

    /// Whether a page is on the site of one of the lists.
    pub fn covers(&self, page: &Url) -> bool {
        self.lists.iter().any(|list| Url::parse(&list.url).is_ok_and(|list| list.host_str() == page.host_str()))
    }

    /// Region that completes a bare 市科技局; none for a site of the nation.
    pub fn within(&self) -> Option<&str> {
        Some(self.region_code.as_str()).filter(|code| *code != region::NATION)
    }

    /// Whether it may be crawled at this time of the day (Asia/Shanghai).
    pub fn open_at(&self, time: NaiveTime) -> bool {
        match self.hours.as_deref().and_then(hours) {
            None => true,
            Some((from, to)) if from <= to => from <= time && time < to,
            // over midnight
            Some((from, to)) => from <= time || time < to,
        }
    }

    /// `""` is how a definition says that it wants nothing of a key.
    fn drop_empty(&mut self) {
        let article = &mut self.article;
        let of_article = [
            &mut article.title,
            &mut article.body,
            &mut article.published_on,
            &mut article.issuer,
            &mut article.doc_number,
            &mut article.remove,
        ];
        let drop = |key: &mut Option<String>| {
            if key.as_ref().is_some_and(|text| text.trim().is_empty()) {
                *key = None;
            }
        };
        of_article.into_iter().for_each(drop);
        for list in &mut self.lists {
            // an empty `next` says that there is no next page, and stays
            let of_list = [
                &mut list.pages,
                &mut list.link,
                &mut list.title,
                &mut list.date,
                &mut list.doc_number,
                &mut list.issuer,
                &mut list.markup,
                &mut list.total,
                &mut list.page_count,
                &mut list.post,
                &mut list.matches,
            ];
            of_list.into_iter().for_each(drop);
        }
    }

    /// All that is wrong with it, and where.
    fn faults(&self) -> Vec<(Place, String)> {
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        let name = !self.name.is_empty() && self.name.len() <= 64 && self.name.chars().all(plain);
        let title = !self.title.trim().is_empty() && self.title.chars().count() <= 200;
        let hours = self.hours.as_deref().is_none_or(|text| hours(text).is_some());
        let told = |text: &str| format!("{:?}", text.chars().take(100).collect::<String>());
        let mut faults: Vec<(Place, String)> = [
            (name, "name", format!("name {} 只能用小写字母、数字和连字符，最多 64 个", told(&self.name))),
            (title, "title", "title 应写网站或栏目的中文名称，最多 200 字".to_owned()),
            (
                region::by_code(&self.region_code).is_some(),
                "region_code",
                format!("region_code {} 不是行政区划代码（全国为 100000）", told(&self.region_code)),
            ),
            (
                self.schedule.split_whitespace().count() == 6,
                "schedule",
                format!("schedule {} 应有六段：秒 分 时 日 月 周", told(&self.schedule)),
            ),
            (
                hours,
                "hours",
                format!("hours {} 应写成 22:00-06:00 的样子", told(self.hours.as_deref().unwrap_or_default())),
            ),
            ((1..=1_000).contains(&self.max_pages), "max_pages", "max_pages 应在 1 到 1000 之间".to_owned()),
            (
                (1..=MAX_REQUESTS).contains(&self.max_requests),
                "max_requests",
                "max_requests 应在 1 到 100000 之间".to_owned(),
            ),
            (
                self.delay_ms.is_none_or(|delay| delay <= MAX_DELAY_MS),
                "delay_ms",
                "delay_ms 应在 0 到 600000 之间（毫秒）".to_owned(),
            ),
            ((1..=4).contains(&self.concurrency), "concurrency", "concurrency 应在 1 到 4 之间".to_owned()),
            (self.editor.as_deref().is_none_or(is_address), "editor", "editor 应是一个邮箱地址".to_owned()),
            (
                self.quiet_days.is_none_or(|days| (1..=3_650).contains(&days)),
                "quiet_days",
                "quiet_days 应在 1 到 3650 之间".to_owned(),
            ),
            (!self.lists.is_empty(), "list", "至少要有一个 [[list]]".to_owned()),
            (self.lists.len() <= MAX_LISTS, "list", "[[list]] 最多 200 个".to_owned()),
        ]
        .into_iter()
        .filter(|(right, ..)| !right)
        .map(|(_, key, reason)| (Place::Source(key), reason))
        .collect();
        for (right, key, reason) in [
            (self.follow.depth <= 4, "depth", "follow.depth 应在 0 到 4 之间"),
            (self.follow.columns <= 500, "columns", "follow.columns 应在 0 到 500 之间"),
            (self.follow.hosts.len() <= 50, "hosts", "follow.hosts 最多 50 个"),
        ] {
            if !right {
                faults.push((Place::Follow(key), reason.to_owned()));
            }
        }
        for (at, list) in self.lists.iter().enumerate().take(MAX_LISTS) {
            faults.extend(list.faults().into_iter().map(|(key, reason)| (Place::List(at, key), reason)));
        }
        let article = &self.article;
        let selectors = [
            ("title", &article.title),
            ("body", &article.body),
            ("published_on", &article.published_on),
            ("issuer", &article.issuer),
            ("doc_number", &article.doc_number),
            ("remove", &article.remove),
        ];
        let wrong = |(key, selector): (&'static str, &Option<String>)| {
            Some((Place::Article(key), wrong_selector(selector.as_ref()?)?))
        };
        faults.extend(selectors.into_iter().filter_map(wrong));
        faults
    }
}

impl List {
    /// What is wrong, by key.
    fn faults(&self) -> Vec<(&'static str, String)> {
        let mut faults = Vec::new();
        if self.url.trim().is_empty() {
            return vec![("url", "[[list]] 里要写 url（列表页的地址）".to_owned())];
        }
        for (key, address) in
            [("url", self.page_url(1)), ("pages", self.page_url(2).filter(|_| self.pages.is_some()))].into_iter().chain(
                // shown as it was written
                [("pages", self.pages.as_ref().filter(|_| self.page_url(2).is_none()).cloned())],
            )
        {
            let Some(address) = address else { continue };
            let shown: String = address.chars().take(200).collect();
            match Url::parse(&address) {
                // not shown again, as errors are written to logs
                Ok(url) if !url.username().is_empty() || url.password().is_some() => {
                    faults.push((key, "地址里不能写用户名和密码".to_owned()));
                }
                Ok(url) if matches!(url.scheme(), "http" | "https") && url.has_host() => {}
                _ => faults.push((key, format!("地址 {shown:?} 应以 http:// 或 https:// 开头"))),
            }
        }
        if faults.len() == 2 {
            // what is relative to a wrong address
            faults.truncate(1);
        }
        if self.pages.as_ref().is_some_and(|pages| !pages.contains("{n}")) {
            faults.push(("pages", "pages 里要有 {n} 代表页码".to_owned()));
        }
        if self.step == Some(0) {
            faults.push(("step", "step 应大于 0".to_owned()));
        }
        if self.size == Some(0) {
            faults.push(("size", "size 应大于 0".to_owned()));
        }
        if let Some(pattern) = &self.matches
            && RegexBuilder::new(pattern).size_limit(crate::listing::MAX_PATTERN).build().is_err()
        {
            faults
                .push(("match", format!("match {pattern:?} 不是正则表达式（括号没有成对、用了不支持的写法，或太大）")));
        }
        let html = match self.format {
            Format::Json => {
                let paths = [("total", &self.total), ("page_count", &self.page_count), ("markup", &self.markup)];
                let in_entry = [
                    ("title", &self.title),
                    ("date", &self.date),
                    ("doc_number", &self.doc_number),
                    ("issuer", &self.issuer),
                ];
                let mut path = |key: &'static str, path: &str| {
                    if let Err(reason) = Path::parse(path) {
                        faults.push((key, reason));
                    }
                };
                for (key, text) in paths {
                    text.iter().for_each(|text| path(key, text));
                }
                if self.markup.is_none() {
                    for (key, text) in in_entry {
                        text.iter().for_each(|text| path(key, text));
                    }
                    path("item", &self.item);
                    match &self.link {
                        Some(link) => {
                            if let Err(reason) = crate::listing::json::Template::parse(link) {
                                faults.push(("link", reason));
                            }
                        }
                        None => {
                            faults.push(("link", "json 列表要写 link（网址的路径，或含 {路径} 的网址）".to_owned()))
                        }
                    }
                }
                self.markup.is_some()
            }
            Format::Html => true,
            Format::Feed | Format::Sitemap | Format::Any => false,
        };
        if html {
            let selectors = [
                ("item", Some(&self.item).filter(|item| !item.is_empty())),
                ("next", self.next.as_ref().filter(|next| !next.trim().is_empty())),
                ("link", self.link.as_ref()),
                ("title", self.title.as_ref()),
                ("date", self.date.as_ref()),
            ];
            faults.extend(selectors.into_iter().filter_map(|(key, selector)| Some((key, wrong_selector(selector?)?))));
        }
        faults
    }
}

/// `22:00-06:00`.
fn hours(text: &str) -> Option<(NaiveTime, NaiveTime)> {
    let (from, to) = text.split_once('-')?;
    let time = |text: &str| NaiveTime::parse_from_str(text.trim(), "%H:%M").ok();
    Some((time(from)?, time(to)?))
}

fn wrong_selector(selector: &str) -> Option<String> {
    let wrong = Selector::parse(selector).is_err();
    wrong.then(|| {
        format!("选择器 {:?} 有误：{}", selector.chars().take(200).collect::<String>(), selector_fault(selector))
    })
}

/// The text of a definition's file, whatever the editor's machine saved it in (UTF-8, GBK).
pub fn text_of_file(bytes: &[u8]) -> String {
    let text = charset::decode(bytes, None).0;
    // a few words of GBK may be right UTF-8 by chance, but then they are no Chinese
    let han = |text: &str| text.chars().any(|c| ('\u{4e00}'..='\u{9fff}').contains(&c));
    if !text.is_ascii() && !han(&text) {
        let (gbk, _, bad) = encoding_rs::GB18030.decode(bytes);
        if !bad && han(&gbk) {
            return gbk.into_owned();
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = "name = \"x\"\ntitle = \"某站\"\nregion_code = \"321100\"\n[[list]]\nurl = \"https://x.gov.cn/list/\"\nitem = \"li\"\n";

    #[test]
    fn what_is_wrong_is_named() {
        assert_eq!(Source::parse(GOOD).unwrap().schedule, "0 0 8 * * *");
        for (from, to, named) in [
            ("\"x\"", "\"X y\"", "name"),
            ("321100", "999999", "region_code"),
            ("https://", "ftp://", "ftp"),
            ("\"li\"", "\"li[\"", "选择器"),
            ("item", "itme", "itme"),
            ("[[list]]", "schedule = \"0 8 * * *\"\n[[list]]", "schedule"),
            ("item", "pages = \"https://x.gov.cn/2\"\nitem", "{n}"),
            ("item", "format = \"json\"\nitem", "link"),
            ("item", "format = \"xml\"\nitem", "xml"),
            ("item = \"li\"", "format = \"json\"\nitem = \"a..b\"\nlink = \"url\"", "a..b"),
            ("item = \"li\"", "format = \"json\"\nitem = \"a\"\nlink = \"/{id\"", "花括号"),
            ("item", "match = \"(\"\nitem", "match"),
            ("item", "match = \"(a{1000}){1000}\"\nitem", "match"),
            ("item", "step = 0\nitem", "step"),
            ("url = \"https://x.gov.cn/list/\"", "", "url"),
            ("[[list]]", "hours = \"25:00-06:00\"\n[[list]]", "hours"),
            ("[[list]]", "concurrency = 5\n[[list]]", "concurrency"),
            ("[[list]]", "max_requests = 0\n[[list]]", "max_requests"),
            ("[[list]]", "delay_ms = 99999999\n[[list]]", "delay_ms"),
            ("[[list]]", "quiet_days = 0\n[[list]]", "quiet_days"),
            ("[[list]]", "follow = { depth = 9 }\n[[list]]", "follow.depth"),
            ("[[list]]", "extends = \"none\"\n[[list]]", "none"),
        ] {
            let error = Source::parse(&GOOD.replacen(from, to, 1)).unwrap_err().to_string();
            assert!(error.contains(named), "{error} does not name {named}");
        }
    }

    #[test]
    fn a_definition_saved_in_gbk_is_read() {
        let (gbk, ..) = encoding_rs::GBK.encode(GOOD);
        assert_eq!(Source::parse(&text_of_file(&gbk)).unwrap(), Source::parse(GOOD).unwrap());
        let (gbk, ..) = encoding_rs::GBK.encode(Source::template());
        assert_eq!(text_of_file(&gbk), Source::template());
    }

    #[test]
    fn a_definition_is_written_as_it_was_read() {
        let all = Source::bundled().into_iter().chain([Source::parse(Source::template()).unwrap()]);
        for source in all.chain([Source::generic("https://x.gov.cn/").unwrap()]) {
            let text = source.to_toml().unwrap();
            assert_eq!(Source::parse(&text).unwrap(), source, "{text}");
        }
        let mut wrong = Source::parse(GOOD).unwrap();
        wrong.name = "X y".to_owned();
        assert!(wrong.to_toml().is_err());
    }

    #[test]
    fn what_the_template_leaves_out_can_be_put_in() {
        let out = |line: &str| {
            let key = |rest: &str| {
                rest.split(" = ").next().is_some_and(|key| key.chars().all(|c| c.is_ascii_lowercase() || c == '_'))
            };
            let is_toml = |rest: &&str| rest.starts_with('[') || rest.contains(" = ") && key(rest);
            line.strip_prefix("# ").filter(is_toml).unwrap_or(line).to_owned() + "\n"
        };
        let all: String = Source::template().lines().map(out).collect();
        // an interface gives rows or a piece of HTML
        let source = Source::parse(&all.replace("markup = ", "# ")).unwrap();
        let [page, interface] = source.lists.as_slice() else { panic!("{:?}", source.lists) };
        assert!(page.matches.is_some() && page.next.is_some() && page.pages.is_some() && page.step.is_some());
        assert_eq!((interface.size, interface.format, interface.post.is_some()), (Some(20), Format::Json, true));
        assert_eq!((source.extends.as_deref(), source.hours.is_some()), (Some("trs"), true));
        assert_eq!((source.follow.hosts.len(), source.quiet_days, source.delay_ms), (1, Some(30), Some(2_000)));
        assert!(source.article.remove.is_some() && source.article.title.is_some());
        assert!(Source::parse(&all.replace("link = \"url\"", "")).is_ok());
    }

    #[test]
    fn numbers_of_pages() {
        let list = |keys: &str| Source::parse(&format!("{GOOD}{keys}")).unwrap().lists.remove(0);
        let pages =
            |list: &List| [1, 2, 3].map(|number| list.page_url(number).map(|url| url.replace("https://x.gov.cn/", "")));
        let some = |pages: [&str; 3]| pages.map(|page| Some(page.to_owned()));
        assert_eq!(pages(&list("")), [Some("list/".to_owned()), None, None]);
        assert_eq!(
            pages(&list("pages = \"index_{n}.html\"\nfrom = 1")),
            some(["list/", "list/index_1.html", "list/index_2.html"])
        );
        assert_eq!(pages(&list("pages = \"?p={n}\"")), some(["list/", "list/?p=2", "list/?p=3"]));
        let numbered = GOOD.replace("list/", "list?start={n}");
        let offset = Source::parse(&format!("{numbered}from = 20\nstep = 20")).unwrap().lists.remove(0);
        assert_eq!(pages(&offset), some(["list?start=0", "list?start=20", "list?start=40"]));
        let posted = list("post = \"page={n}\"");
        assert_eq!(pages(&posted), some(["list/", "list/", "list/"]));
        assert_eq!((posted.page_body(1).as_deref(), posted.page_body(3).as_deref()), (Some("page=1"), Some("page=3")));
    }

    #[test]
    fn hours_may_go_over_midnight() {
        let at = |hours: &str, time: &str| {
            let source = GOOD.replace("[[list]]", &format!("hours = \"{hours}\"\n[[list]]"));
            Source::parse(&source).unwrap().open_at(time.parse().unwrap())
        };
        for (hours, time, open) in [
            ("22:00-06:00", "23:30:00", true),
            ("22:00-06:00", "05:59:59", true),
            ("22:00-06:00", "06:00:00", false),
            ("22:00-06:00", "12:00:00", false),
            ("08:30-18:00", "08:30:00", true),
            ("08:30-18:00", "18:00:00", false),
        ] {
            assert_eq!(at(hours, time), open, "{hours} {time}");
        }
        assert!(Source::parse(GOOD).unwrap().open_at("03:00:00".parse().unwrap()));
    }

    #[test]
    fn every_bundled_definition_is_right() {
        for file in Bundled::iter().filter(|file| !file.contains('/')) {
            let text = String::from_utf8(Bundled::get(&file).unwrap().data.into_owned()).unwrap();
            let source = Source::parse(&text).unwrap_or_else(|error| panic!("{file}: {error}"));
            assert_eq!(format!("{}.toml", source.name), file);
        }
        assert!(Source::bundled().len() >= 5);
    }
}
