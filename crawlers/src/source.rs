//! Source definitions: where a site lists its documents, and how its pages are read. TOML that an editor writes.

use rust_embed::RustEmbed;
use scraper::Selector;
use serde::{Deserialize, Serialize};
use url::Url;
use zhida_schemas::region;

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
    /// Whether the definition was tried on a page of the site.
    #[serde(default)]
    pub verified: bool,
    /// When it is crawled: six cron fields, Asia/Shanghai.
    #[serde(default = "every_morning")]
    pub schedule: String,
    /// Most list pages of one crawl.
    #[serde(default = "five")]
    pub max_pages: usize,
    /// Where documents are listed; several for a site with several columns.
    #[serde(rename = "list")]
    pub lists: Vec<List>,
    /// How an article is read; what is not given is found by itself.
    #[serde(default)]
    pub article: Article,
}

/// One list.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct List {
    /// Address of the first page.
    pub url: String,
    /// Address of the further pages with `{n}` for their number.
    pub pages: Option<String>,
    /// The first number for `{n}`; 2 when not given.
    pub from: Option<u32>,
    /// Selector of the link to the next page, for lists that are not numbered.
    pub next: Option<String>,
    /// `html` or `json`.
    pub format: Format,
    /// HTML: selector of one entry. JSON: path to the entries (`data.*.list`, where `*` is every member). Empty: links
    /// that look like articles are found by themselves.
    pub item: String,
    /// HTML: selector of the link in an entry. JSON: path to the address in an entry.
    pub link: Option<String>,
    /// The title in an entry; the link's text when not given.
    pub title: Option<String>,
    /// The date in an entry; found by itself in HTML when not given.
    pub date: Option<String>,
    /// JSON: path to 发文字号 in an entry.
    pub doc_number: Option<String>,
    /// JSON: path to the issuer in an entry.
    pub issuer: Option<String>,
    /// JSON: body of a POST with `{n}` for the page; without it the list is asked by GET.
    pub post: Option<String>,
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
}

/// Selectors of an article page.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[allow(missing_docs)]
pub struct Article {
    pub title: Option<String>,
    pub body: Option<String>,
    pub published_on: Option<String>,
    pub issuer: Option<String>,
    pub doc_number: Option<String>,
    /// What does not belong to the text.
    pub remove: Option<String>,
}

fn every_morning() -> String {
    "0 0 8 * * *".to_owned()
}

fn five() -> usize {
    5
}

/// Definitions that come with the program.
#[derive(RustEmbed)]
#[folder = "sources"]
#[include = "*.toml"]
struct Bundled;

impl Source {
    /// Reads and checks a definition.
    ///
    /// # Errors
    /// Not TOML, an unknown key, a selector or a schedule that cannot be parsed, an address that is none.
    pub fn parse(toml: &str) -> Result<Self, SourceError> {
        let source: Self = toml::from_str(toml)
            .map_err(|error| SourceError { name: "定义".to_owned(), reason: error.to_string() })?;
        source.check().map_err(|reason| SourceError { name: source.name.clone(), reason })?;
        Ok(source)
    }

    /// The definitions that are bundled with the program, by name.
    pub fn bundled() -> Vec<Self> {
        let mut sources: Vec<Self> = Bundled::iter()
            .filter_map(|file| {
                let text = String::from_utf8(Bundled::get(&file)?.data.into_owned()).ok()?;
                // a test parses every one of them
                Self::parse(&text).ok()
            })
            .collect();
        sources.sort_by(|a, b| a.name.cmp(&b.name));
        sources
    }

    /// A definition for any list page: links that look like articles are found by themselves.
    ///
    /// # Errors
    /// Not an address.
    pub fn generic(url: &str) -> Result<Self, SourceError> {
        let host = Url::parse(url).ok().and_then(|url| url.host_str().map(str::to_owned)).unwrap_or_default();
        let source = Self {
            name: "any-site".to_owned(),
            title: host,
            region_code: region::NATION.to_owned(),
            verified: false,
            schedule: every_morning(),
            max_pages: 3,
            lists: vec![List { url: url.to_owned(), ..List::default() }],
            article: Article::default(),
        };
        source.check().map_err(|reason| SourceError { name: url.to_owned(), reason })?;
        Ok(source)
    }

    /// Whether a page is on the site of one of the lists.
    pub fn covers(&self, page: &Url) -> bool {
        self.lists.iter().any(|list| Url::parse(&list.url).is_ok_and(|list| list.host_str() == page.host_str()))
    }

    /// Region that completes a bare 市科技局; none for a site of the nation.
    pub fn within(&self) -> Option<&str> {
        Some(self.region_code.as_str()).filter(|code| *code != region::NATION)
    }

    fn check(&self) -> Result<(), String> {
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        if self.name.is_empty() || !self.name.chars().all(plain) {
            return Err(format!("name {:?} 只能用小写字母、数字和连字符", self.name));
        }
        if region::by_code(&self.region_code).is_none() {
            return Err(format!("region_code {:?} 不是行政区划代码（全国为 100000）", self.region_code));
        }
        if self.schedule.split_whitespace().count() != 6 {
            return Err(format!("schedule {:?} 应有六段：秒 分 时 日 月 周", self.schedule));
        }
        if self.lists.is_empty() {
            return Err("至少要有一个 [[list]]".to_owned());
        }
        if !(1..=1_000).contains(&self.max_pages) {
            return Err("max_pages 应在 1 到 1000 之间".to_owned());
        }
        for list in &self.lists {
            let addresses = [Some(&list.url), list.pages.as_ref()];
            for address in addresses.into_iter().flatten() {
                let numbered = address.replace("{n}", "1");
                if !Url::parse(&numbered).is_ok_and(|url| matches!(url.scheme(), "http" | "https") && url.has_host()) {
                    return Err(format!("地址 {address:?} 应以 http:// 或 https:// 开头"));
                }
            }
            if list.pages.as_ref().is_some_and(|pages| !pages.contains("{n}")) {
                return Err("pages 里要有 {n} 代表页码".to_owned());
            }
            if list.format == Format::Json {
                if list.item.is_empty() || list.link.is_none() {
                    return Err("json 列表要写 item（条目的路径）和 link（网址的路径）".to_owned());
                }
            } else {
                let selectors = [
                    Some(&list.item).filter(|item| !item.is_empty()),
                    list.next.as_ref(),
                    list.link.as_ref(),
                    list.title.as_ref(),
                    list.date.as_ref(),
                ];
                check_selectors(selectors.into_iter().flatten())?;
            }
        }
        let article = &self.article;
        let selectors = [
            &article.title,
            &article.body,
            &article.published_on,
            &article.issuer,
            &article.doc_number,
            &article.remove,
        ];
        check_selectors(selectors.into_iter().flatten())
    }
}

fn check_selectors<'a>(selectors: impl Iterator<Item = &'a String>) -> Result<(), String> {
    for selector in selectors {
        Selector::parse(selector).map_err(|error| format!("选择器 {selector:?} 有误：{error}"))?;
    }
    Ok(())
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
        ] {
            let error = Source::parse(&GOOD.replacen(from, to, 1)).unwrap_err().to_string();
            assert!(error.contains(named), "{error} does not name {named}");
        }
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
