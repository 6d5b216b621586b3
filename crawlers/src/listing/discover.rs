//! Lists that nobody described: entries, columns and selectors are found by the structure of a page.
//!
//! An entry is the largest piece of markup around a link that holds no other link to an article. Entries that stand
//! side by side are a list when most of them have a date, or addresses and titles like those of articles. Menus,
//! footers and links to other sites are no lists.

use std::collections::{HashMap, HashSet};

use ego_tree::NodeId;
use scraper::{ElementRef, Html, Selector};
use url::Url;

use super::html::Document;
use super::{Content, ListItem, MAX_ITEMS, address, dates, files, text_of, titles, twin};
use crate::source::Follow;

/// Most links of a page that are looked at.
const MAX_LINKS: usize = 5_000;

/// How far up from a link its surroundings are looked at.
const MAX_CLIMB: usize = 60;

/// How many rows around a link are looked at for a date.
const MAX_ROWS: usize = 3;

/// Longest name of a column, in characters.
const MAX_COLUMN: usize = 14;

/// Words of a column that lists documents, in the order of their worth.
const COLUMNS: &[&str] = &[
    "政策",
    "文件",
    "通知",
    "公告",
    "规范性",
    "法规",
    "规章",
    "申报",
    "惠企",
    "解读",
    "公示",
    "公报",
    "信息公开",
    "公开目录",
    "通告",
    "意见征集",
    "征求意见",
];

/// Names of links to the whole of a list that is shown in part.
const MORE: &[&str] =
    &["更多", "更多>>", "更多>", "查看更多", "more", "MORE", "More", "more+", "MORE+", "更多+", "全部"];

/// Words of links that are no column of documents, whatever else they say.
const NO_COLUMNS: &[&str] = &[
    "登录",
    "注册",
    "首页",
    "无障碍",
    "联系",
    "地图",
    "帮助",
    "搜索",
    "检索",
    "繁体",
    "邮箱",
    "信箱",
    "视频",
    "图片",
    "领导",
    "关于",
    "English",
    "客户端",
    "微信",
    "微博",
    "投诉",
    "咨询",
];

/// One entry of a list.
pub(crate) struct Entry<'a> {
    pub(crate) element: ElementRef<'a>,
    pub(crate) item: ListItem,
    /// Whether the address is like that of an article.
    article: bool,
}

/// Entries that stand side by side.
pub(crate) struct Cluster<'a> {
    pub(crate) entries: Vec<Entry<'a>>,
}

impl Cluster<'_> {
    pub(crate) fn dated(&self) -> usize {
        self.entries.iter().filter(|entry| entry.item.date.is_some()).count()
    }

    /// How likely this is the list of a page: by its entries and their dates; less when it stands aside, or is not shown.
    pub(crate) fn weight(&self) -> usize {
        let points = (self.dated() * 10 + self.entries.len()) * 100;
        let Some(first) = self.entries.first() else { return 0 };
        let around =
            || std::iter::once(first.element).chain(first.element.ancestors().take(12).filter_map(ElementRef::wrap));
        if around().any(is_hidden) {
            points / 100
        } else if around().any(is_aside) || around().take(4).any(is_under_hot) {
            points / 3
        } else {
            points
        }
    }

    fn is_list(&self) -> bool {
        let all = self.entries.len();
        let articles = self.entries.iter().filter(|entry| entry.article).count();
        let length: usize =
            self.entries.iter().filter_map(|entry| entry.item.title.as_ref()).map(|title| title.chars().count()).sum();
        (all >= 2 && self.dated() * 10 >= all * 6) || (all >= 3 && articles * 10 >= all * 6 && length >= all * 9)
    }
}

/// Reads any page of a site: its entries, its next page, and the columns that it leads to.
pub(super) fn read(text: &str, base: &Url, follow: &Follow, number: u32) -> Content {
    let document = Document::parse(text, base);
    let items = articles(&document.page, &document.base);
    let next = if items.is_empty() { None } else { document.next(number) };
    // a page that is a column itself leads to no other
    let is_column = number > 1 || (next.is_some() && items.iter().filter(|item| item.date.is_some()).count() >= 5);
    let lists = if is_column { Vec::new() } else { columns(&document.page, &document.base, follow) };
    Content { items, next, lists, pages: None }
}

/// The entries of all lists of a page.
pub(super) fn articles(page: &Html, base: &Url) -> Vec<ListItem> {
    let entries = clusters(page, base).into_iter().flat_map(|cluster| cluster.entries);
    entries.take(MAX_ITEMS).map(|entry| entry.item).collect()
}

/// The lists of a page, in its order.
pub(crate) fn clusters<'a>(page: &'a Html, base: &Url) -> Vec<Cluster<'a>> {
    let today = dates::today();
    let links = links(page, base);
    let mut counts: HashMap<NodeId, usize> = HashMap::new();
    for (link, _) in &links {
        for above in link.ancestors().take(MAX_CLIMB) {
            *counts.entry(above.id()).or_default() += 1;
        }
    }
    let mut order: Vec<(Option<NodeId>, String, String)> = Vec::new();
    let mut groups: HashMap<(Option<NodeId>, String, String), Vec<Entry<'_>>> = HashMap::new();
    for (link, item) in links {
        let alone = |element: &ElementRef<'_>| counts.get(&element.id()).is_none_or(|count| *count <= 1);
        // the last piece of a list that is cut in pieces may hold one entry: its row is the entry, not the piece
        let mut element = link;
        let mut rows = 0;
        for above in link.ancestors().take(MAX_CLIMB).filter_map(ElementRef::wrap).take_while(alone) {
            let is_row = rows < MAX_ROWS && matches!(element.value().name(), "li" | "tr");
            rows += usize::from(is_row);
            if is_row && dates::of_entry(element, Some(link), &item.url, today).is_some() {
                break;
            }
            element = above;
        }
        let parent = element.parent().and_then(ElementRef::wrap);
        // lists are often cut in pieces of five: boxes of one kind side by side are one list
        let kind = |element: Option<ElementRef<'_>>| {
            element.map(|element| format!("{} {}", element.value().name(), element.attr("class").unwrap_or_default()))
        };
        let place = match parent.filter(|parent| matches!(parent.value().name(), "ul" | "ol" | "dl" | "tbody")) {
            Some(list) => list.parent().map(|above| above.id()),
            None => parent.map(|parent| parent.id()),
        };
        let key = (place, kind(parent).unwrap_or_default(), element.value().name().to_owned());
        let article = is_article(&item.url);
        let date = dates::of_entry(element, Some(link), &item.url, today);
        let entry = Entry { element, item: ListItem { date, ..item }, article };
        if !groups.contains_key(&key) {
            order.push(key.clone());
        }
        groups.entry(key).or_default().push(entry);
    }
    let all: Vec<Cluster<'_>> =
        order.iter().filter_map(|key| groups.remove(key)).map(|entries| Cluster { entries }).collect();
    let (mut lists, rest): (Vec<_>, Vec<_>) = all.into_iter().partition(Cluster::is_list);
    // a column that has just begun: one entry, where nothing else is
    if lists.is_empty() {
        let lonely = |list: &Cluster<'_>| list.dated() == 1 && list.entries.iter().all(|entry| entry.article);
        let mut rest = rest.into_iter().filter(lonely);
        lists.extend(rest.next());
        if rest.next().is_some() {
            lists.clear();
        }
    }
    // where dated lists stand, those without dates are banners and hot topics
    let dated: usize = lists.iter().map(Cluster::dated).sum();
    if dated >= 3 {
        lists.retain(|list| list.dated() > 0);
    }
    lists
}

/// Links that may be articles, each address once: outside of menus and footers, on a page of their own, with a title.
fn links<'a>(page: &'a Html, base: &Url) -> Vec<(ElementRef<'a>, ListItem)> {
    let Ok(selector) = Selector::parse("a[href]") else { return Vec::new() };
    let mut seen = HashSet::new();
    let mut chrome: HashMap<NodeId, bool> = HashMap::new();
    let mut found = Vec::new();
    let mut said: HashMap<(String, String), usize> = HashMap::new();
    for link in page.select(&selector).take(MAX_LINKS) {
        let Some(url) = link.attr("href").and_then(|href| address(base, href)) else { continue };
        let title = titles::title_of(link);
        let Ok(parsed) = Url::parse(&url) else { continue };
        let root = parsed.path() == "/" && parsed.query().is_none();
        let long = titles::length(&title) >= titles::MIN_TITLE;
        if !long || root || url == base.as_str() || in_chrome(link, &mut chrome) {
            continue;
        }
        *said.entry((url.clone(), title.clone())).or_default() += 1;
        if seen.insert(twin(&url).to_owned()) {
            found.push((link, ListItem { url, title: Some(title), ..ListItem::default() }));
        }
    }
    // what stands in every row is its column or its office
    let all = found.len();
    let often = |item: &ListItem| {
        let key = (item.url.clone(), item.title.clone().unwrap_or_default());
        said.get(&key).is_some_and(|times| *times >= 3 && (!is_article(&item.url) || *times * 3 >= all))
    };
    found.retain(|(_, item)| !often(item));
    found
}

/// A tab that is not open.
fn is_hidden(element: ElementRef<'_>) -> bool {
    let style = element.attr("style").unwrap_or_default().to_ascii_lowercase().replace(' ', "");
    let mut classes = element.attr("class").unwrap_or_default().split_whitespace();
    style.contains("display:none")
        || element.attr("hidden").is_some()
        || classes.any(|one| matches!(one, "hide" | "hidden"))
}

/// A box beside the list.
fn is_aside(element: ElementRef<'_>) -> bool {
    const NAMES: &[&str] =
        &["aside", "side", "sidebar", "hot", "rank", "ranking", "recommend", "tuijian", "related", "phb", "xgwz"];
    let names = element.attr("class").unwrap_or_default().split_whitespace().chain(element.attr("id")).take(20);
    let mut parts = names.flat_map(|name| name.split(|c: char| !c.is_ascii_alphabetic()));
    element.value().name() == "aside"
        || !matches!(element.value().name(), "body" | "html")
            && parts.any(|part| NAMES.contains(&part.to_ascii_lowercase().as_str()))
}

/// A list under a heading like 点击排行.
fn is_under_hot(element: ElementRef<'_>) -> bool {
    const WORDS: &[&str] = &["推荐", "排行", "热点", "热门", "最热", "相关文", "相关阅读", "猜你"];
    element.prev_siblings().filter_map(ElementRef::wrap).take(2).any(|before| {
        let text: String = before.text().take(20).collect();
        text.trim().chars().count() <= 12 && WORDS.iter().any(|word| text.contains(word))
    })
}

/// Selectors that may lead to the title's link in an entry.
pub(crate) fn link_selectors(cluster: &Cluster<'_>, base: &Url) -> Vec<String> {
    let Ok(links) = Selector::parse("a[href]") else { return Vec::new() };
    let mut found = Vec::new();
    for entry in cluster.entries.iter().take(3) {
        let own = |link: &ElementRef<'_>| {
            link.attr("href").and_then(|href| address(base, href)).is_some_and(|url| url == entry.item.url)
        };
        for link in entry.element.select(&links).take(50).filter(own) {
            let classes = |element: ElementRef<'_>| -> Vec<String> {
                element
                    .attr("class")
                    .unwrap_or_default()
                    .split_whitespace()
                    .filter(|class| is_plain(class))
                    .take(4)
                    .map(str::to_owned)
                    .collect()
            };
            found.extend(classes(link).into_iter().map(|class| format!("a.{class}")));
            if let Some(parent) =
                link.parent().and_then(ElementRef::wrap).filter(|parent| parent.id() != entry.element.id())
            {
                found.push(format!("{} > a", parent.value().name()));
                found.extend(classes(parent).into_iter().map(|class| format!(".{class} a")));
            }
            let before =
                link.prev_siblings().filter_map(ElementRef::wrap).filter(|other| other.value().name() == "a").count();
            found.push(format!("a:nth-of-type({})", before + 1));
        }
    }
    found
}

/// Whether an element stands in a menu, a header, a footer, a box of links.
fn in_chrome(link: ElementRef<'_>, known: &mut HashMap<NodeId, bool>) -> bool {
    let mut way = Vec::new();
    let mut answer = false;
    for element in link.ancestors().take(MAX_CLIMB).filter_map(ElementRef::wrap) {
        if let Some(said) = known.get(&element.id()) {
            answer = *said;
            break;
        }
        way.push(element.id());
        if is_chrome(element) {
            answer = true;
            break;
        }
    }
    for id in way {
        known.insert(id, answer);
    }
    answer
}

fn is_chrome(element: ElementRef<'_>) -> bool {
    if matches!(element.value().name(), "nav" | "header" | "footer" | "select" | "form") {
        return true;
    }
    const NAMES: &[&str] = &[
        "nav",
        "navbar",
        "menu",
        "submenu",
        "header",
        "footer",
        "foot",
        "head",
        "breadcrumb",
        "crumb",
        "crumbs",
        "position",
        "location",
        "friendlink",
        "friendlinks",
        "friend",
        "links",
        "sitemap",
        "topbar",
        "toolbar",
        "pagination",
        "pager",
        "dqwz",
        "wz",
        "banner",
    ];
    let mut names = element.attr("class").unwrap_or_default().split_whitespace().chain(element.attr("id")).take(20);
    // a page whose body is `class="nav-fixed"` is no menu
    !matches!(element.value().name(), "body" | "html" | "li" | "a")
        && names.any(|name| {
            let name = name.to_ascii_lowercase();
            let mut parts = name.split(|c: char| !c.is_ascii_alphabetic());
            NAMES.contains(&name.as_str())
                || parts.any(|part| matches!(part, "nav" | "menu" | "footer" | "breadcrumb" | "crumb"))
        })
}

/// `content_123.html`, `t20260310_1.html`, `/2026/03/10/`, `art_1_2.html`, `?id=123`: not the address of a column.
pub(crate) fn is_article(url: &str) -> bool {
    let Ok(url) = Url::parse(url) else { return false };
    let digits = |text: &str| {
        let mut run = 0;
        text.bytes().any(|byte| {
            run = if byte.is_ascii_digit() { run + 1 } else { 0 };
            run >= 3
        })
    };
    let path = url.path().trim_end_matches('/');
    let file = path.rsplit('/').next().unwrap_or_default().to_ascii_lowercase();
    if ["index", "list", "col", "default", "node", "column"].iter().any(|start| file.starts_with(start)) {
        return url.query().is_some_and(|query| query.contains("id=") && digits(query)) && !file.starts_with("list");
    }
    let is_file =
        [".html", ".htm", ".shtml", ".jhtml", ".aspx", ".asp", ".jsp", ".php"].iter().any(|end| file.ends_with(end))
            || files::ending(&file).is_some();
    digits(&file) && (is_file || file.len() >= 6) || url.query().is_some_and(digits)
}

/// Columns of documents that a page leads to, the likeliest first.
fn columns(page: &Html, base: &Url, follow: &Follow) -> Vec<String> {
    let Ok(selector) = Selector::parse("a[href]") else { return Vec::new() };
    let mut found: Vec<(usize, String)> = Vec::new();
    let mut seen = HashSet::new();
    for link in page.select(&selector).take(MAX_LINKS) {
        let Some(url) = link.attr("href").and_then(|href| address(base, href)) else { continue };
        let words = text_of(link);
        let words = if words.is_empty() { link.attr("title").unwrap_or_default() } else { words.as_str() };
        let length = words.chars().count();
        let Ok(parsed) = Url::parse(&url) else { continue };
        let of_site = parsed.host_str() == base.host_str()
            || follow.hosts.iter().any(|host| parsed.host_str().is_some_and(|own| own.eq_ignore_ascii_case(host)));
        let root = parsed.path() == "/" && parsed.query().is_none();
        if !of_site || root || url == base.as_str() || is_article(&url) || !(2..=MAX_COLUMN).contains(&length) {
            continue;
        }
        if NO_COLUMNS.iter().any(|word| words.contains(word)) {
            continue;
        }
        let worth = COLUMNS.iter().position(|word| words.contains(word));
        let more = MORE.contains(&words.trim_matches(|c: char| c.is_whitespace() || "[]>》»".contains(c)));
        if let Some(worth) = worth.or(more.then_some(COLUMNS.len()))
            && seen.insert(url.clone())
        {
            found.push((worth, url));
        }
    }
    found.sort_by_key(|(worth, _)| *worth);
    found.into_iter().map(|(_, url)| url).collect()
}

/// A selector for the entries of a list: the one that finds most of them and little else.
pub(crate) fn selector(page: &Html, cluster: &Cluster<'_>) -> Option<String> {
    let wanted: HashSet<NodeId> = cluster.entries.iter().map(|entry| entry.element.id()).collect();
    let first = cluster.entries.first()?.element;
    let tag = first.value().name();
    let mut candidates = Vec::new();
    if let Some(class) = common_class(cluster) {
        candidates.push(format!("{tag}.{class}"));
    }
    for above in first.ancestors().take(8).filter_map(ElementRef::wrap) {
        let name = above.value().name();
        if let Some(id) = above.attr("id").filter(|id| !id.is_empty() && !id.contains(['"', '\\', '\n'])) {
            let place = if is_plain(id) { format!("#{id}") } else { format!("[id=\"{id}\"]") };
            candidates.push(format!("{place} {tag}"));
        }
        for class in above.attr("class").unwrap_or_default().split_whitespace().filter(|class| is_plain(class)).take(4)
        {
            candidates.push(format!(".{class} {tag}"));
            candidates.push(format!("{name}.{class} > {tag}"));
        }
    }
    candidates.push(format!("{} > {tag}", first.parent().and_then(ElementRef::wrap)?.value().name()));
    let score = |candidate: &String| {
        let selector = Selector::parse(candidate).ok()?;
        let (mut right, mut wrong) = (0_usize, 0_usize);
        for element in page.select(&selector).take(MAX_LINKS) {
            // an entry without a link is left out when the list is read
            if wanted.contains(&element.id()) {
                right += 1;
            } else if element.select(&Selector::parse("a[href]").ok()?).next().is_some()
                || element.value().name() == "a"
            {
                wrong += 1;
            }
        }
        (right > 0).then(|| (right.saturating_sub(wrong * 2), candidate.clone()))
    };
    let mut best: Option<(usize, String)> = None;
    for scored in candidates.iter().take(40).filter_map(score) {
        if best.as_ref().is_none_or(|(points, _)| scored.0 > *points) {
            best = Some(scored);
        }
    }
    best.filter(|(points, _)| *points * 2 > wanted.len()).map(|(_, selector)| selector)
}

fn common_class(cluster: &Cluster<'_>) -> Option<String> {
    let mut classes = cluster.entries.iter().map(|entry| entry.element.attr("class").unwrap_or_default());
    let first: Vec<&str> = classes.next()?.split_whitespace().filter(|class| is_plain(class)).collect();
    let shared = |class: &&str| {
        cluster
            .entries
            .iter()
            .all(|entry| entry.element.attr("class").is_some_and(|all| all.split_whitespace().any(|one| one == *class)))
    };
    first.into_iter().find(shared).map(str::to_owned)
}

/// A name that needs no escape in a selector.
fn is_plain(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_alphabetic())
        && name.chars().all(|c| c.is_ascii_alphanumeric() || "-_".contains(c))
}

/// The selector within an entry that leads to its date: an element of its own that says nothing else.
pub(crate) fn date_selector(cluster: &Cluster<'_>) -> Option<String> {
    let today = dates::today();
    let entry = cluster.entries.iter().find(|entry| entry.item.date.is_some())?;
    let mut candidates = Vec::new();
    for place in entry.element.descendants().filter_map(ElementRef::wrap).take(200) {
        let name = place.value().name();
        if place.id() == entry.element.id() || name == "a" || text_of(place).chars().count() > 40 {
            continue;
        }
        candidates.extend(
            place
                .attr("class")
                .unwrap_or_default()
                .split_whitespace()
                .filter(|class| is_plain(class))
                .take(4)
                .map(|class| format!(".{class}")),
        );
        candidates.push(name.to_owned());
        let before = place.prev_siblings().filter_map(ElementRef::wrap).filter(|other| other.value().name() == name);
        candidates.push(format!("{name}:nth-of-type({})", before.count() + 1));
    }
    candidates.truncate(100);
    let leads = |selector: &&String| {
        let read =
            |entry: &Entry<'_>| dates::of_selected(entry.element, selector, &entry.item.url, today) == entry.item.date;
        cluster.entries.iter().all(read)
    };
    // one that meets nothing else says more
    let first = |selector: &&String| {
        let Ok(parsed) = Selector::parse(selector) else { return false };
        entry.element.select(&parsed).next().is_some_and(|place| dates::is_dated(place))
    };
    candidates.iter().filter(first).find(leads).or_else(|| candidates.iter().find(leads)).cloned()
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: &str = r#"<html><body>
      <div class="header"><ul class="nav"><li><a href="/">首页</a></li><li><a href="/zwgk/">政务公开信息公开指南</a></li>
        <li><a href="/zwgk/zc/">政策文件</a></li><li><a href="/tzgg/index.html">通知公告</a></li><li><a href="/ld/">领导之窗</a></li></ul></div>
      <div class="side"><ul><li><a href="/zt/2026/">示例专题专栏一</a></li><li><a href="/zt/2025/">示例专题专栏二</a></li></ul></div>
      <div class="main"><div class="list">
        <ul><li><a href="./202603/t20260310_101.html" title="关于组织申报示例项目的通知（示例全称）">关于组织申报示例项目…</a><span class="date">2026-03-10</span></li>
            <li><a href="./202603/t20260309_102.html">关于公布示例名单的公告</a><span class="date">2026-03-09</span></li></ul>
        <ul><li><a href="./202603/t20260308_103.html">关于印发示例办法的通知</a><span class="date">2026-03-08</span></li></ul>
      </div><div class="page"><a href="index_1.html">下一页</a></div></div>
      <div class="footer"><a href="/about/123456.html">关于我们网站声明</a><a href="https://other.gov.cn/a/1234.html">其他政府网站链接</a></div>
    </body></html>"#;

    fn base() -> Url {
        Url::parse("https://x.gov.cn/zwgk/tzgg/").unwrap()
    }

    #[test]
    fn the_list_is_found_and_the_menu_is_not() {
        let page = Html::parse_document(PAGE);
        let found = clusters(&page, &base());
        let [list] = found.as_slice() else { panic!("{} lists", found.len()) };
        let titles: Vec<&str> = list.entries.iter().filter_map(|entry| entry.item.title.as_deref()).collect();
        assert_eq!(
            titles,
            ["关于组织申报示例项目的通知（示例全称）", "关于公布示例名单的公告", "关于印发示例办法的通知"]
        );
        assert_eq!(list.dated(), 3);
        assert_eq!(selector(&page, list).as_deref(), Some(".list li"));
        assert_eq!(date_selector(list).as_deref(), Some(".date"));
    }

    #[test]
    fn columns_of_documents_are_found() {
        let page = Html::parse_document(PAGE);
        let found = columns(&page, &base(), &Follow::default());
        assert_eq!(found, ["https://x.gov.cn/zwgk/zc/", "https://x.gov.cn/tzgg/index.html", "https://x.gov.cn/zwgk/"]);
    }

    #[test]
    fn other_forms_of_lists() {
        let entry = |n: u32| format!("<a href='/art/2026/3/{n}/art_1_{n}00.html'>关于第{n}批示例事项的公告</a>");
        let rows = |open: &str, close: &str| -> String {
            (1..5).map(|n| format!("{open}{}{close}", entry(n).replace("{n}", &n.to_string()))).collect()
        };
        for (text, count) in [
            // a table, paragraphs, links side by side, definition lists
            (format!("<table>{}</table>", rows("<tr><td>", "</td><td>2026-03-01</td></tr>")), 4),
            (format!("<div>{}</div>", rows("<p>", " (2026/3/1)</p>")), 4),
            (format!("<div>{}</div>", rows("", "")), 4),
            (format!("<dl>{}</dl>", rows("<dd>", "<em>2026年3月1日</em></dd>")), 4),
            (format!("<ul>{}</ul>", rows("<li><b>09</b><i>2026-03</i>", "<p>摘要</p></li>")), 4),
            // two entries need a date
            (format!("<ul><li>{}</li><li>{}</li></ul>", entry(1), entry(2)), 0),
            (format!("<ul><li>{} 2026-03-01</li><li>{} 2026-03-01</li></ul>", entry(1), entry(2)), 2),
            // a menu of words
            ("<ul><li><a href=/a/>机构职能公开</a></li><li><a href=/b/>政府信息公开</a></li><li><a href=/c/>财政预算决算</a></li></ul>".to_owned(), 0),
        ] {
            let page = Html::parse_document(&text);
            assert_eq!(articles(&page, &base()).len(), count, "{text}");
        }
    }

    #[test]
    fn addresses_of_articles() {
        for (url, expected) in [
            ("https://x.gov.cn/zhengce/content/202603/content_6941234.htm", true),
            ("https://x.gov.cn/art/2026/3/10/art_76841_11900001.html", true),
            ("https://x.gov.cn/tzgg/202603/t20260310_1.html", true),
            ("https://x.gov.cn/info/1001/2345.htm", true),
            ("https://x.gov.cn/view.jsp?id=12345", true),
            ("https://x.gov.cn/tzgg/", false),
            ("https://x.gov.cn/tzgg/index.html", false),
            ("https://x.gov.cn/tzgg/index_123.html", false),
            ("https://x.gov.cn/col/col76841/index.html", false),
            ("https://x.gov.cn/list.jsp?id=12345", false),
        ] {
            assert_eq!(is_article(url), expected, "{url}");
        }
    }
}
