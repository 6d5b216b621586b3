//! A definition drafted from a list page: what an editor corrects rather than writes.

use std::collections::HashSet;

use scraper::{ElementRef, Html, Selector};
use serde::Serialize;
use serde_json::Value;
use url::Url;
use zhida_schemas::doc_number::DocNumber;
use zhida_schemas::import_row::parse_date;
use zhida_schemas::{issuer, region};

use crate::charset;
use crate::fetch::{FetchError, Fetched, Fetcher};
use crate::listing::html::Document;
use crate::listing::{
    ListError, ListItem, Xml, address, discover, html, jpaas, json, read_list, select_one, text_of, unpacked,
};
use crate::source::{Family, Format, List, Source, families};

/// Entries that a draft shows.
const SAMPLE: usize = 20;

/// How deep the rows of an interface are looked for.
const MAX_DEPTH: usize = 8;

/// A drafted definition, and what an editor should know of it.
#[derive(Debug, Clone, Serialize)]
pub struct DraftSource {
    /// The definition.
    pub source: Source,
    /// The same as TOML.
    pub toml: String,
    /// What was found and what is to be checked, in Chinese.
    pub notes: Vec<String>,
    /// Feeds that the page names; they may be the better list.
    pub feeds: Vec<String>,
    /// Entries that the definition takes from this page.
    pub sample: Vec<ListItem>,
}

/// Drafts a definition from the address of a list page, an interface, a feed or a sitemap.
///
/// # Errors
/// The page cannot be fetched, or cannot be read at all.
pub async fn draft(fetcher: &Fetcher, url: &str) -> Result<DraftSource, ListError> {
    let fetched = fetcher.get(url, None).await?;
    let draft = draft_from(&fetched)?;
    Ok(behind_script(fetcher, &fetched, &draft).await.unwrap_or(draft))
}

/// The draft of a column whose entries its script asks for (大汉 JPAAS): its own address and the family are enough.
async fn behind_script(fetcher: &Fetcher, fetched: &Fetched, plain: &DraftSource) -> Option<DraftSource> {
    const FAMILY: &str = "jpaas";
    let (text, _) = charset::decode(&fetched.body, fetched.charset.as_deref());
    let interface = jpaas::interface(&text, &Url::parse(&fetched.url).ok()?)?;
    let short = Source {
        extends: Some(FAMILY.to_owned()),
        lists: vec![List { url: fetched.url.clone(), ..List::default() }],
        ..plain.source.clone()
    };
    let source = Source::parse(&toml::to_string(&short).ok()?).ok()?;
    let answer = fetcher.get(&interface.replace("{n}", "1"), None).await.ok()?;
    let items = read_list(source.lists.first()?, &source.follow, &answer, 1).ok()?.items;
    if items.is_empty() || items.len() < plain.sample.len() {
        return None;
    }
    let dated = items.iter().filter(|item| item.date.is_some()).count();
    let notes = vec![
        format!("列表由脚本向接口（{interface}）取得，抓取时会自动找到它（extends = {FAMILY:?}）"),
        format!("接口的第一页取到 {} 个条目，其中 {dated} 个有日期", items.len()),
    ];
    Some(DraftSource {
        toml: source.to_toml().ok()?,
        source,
        notes,
        feeds: plain.feeds.clone(),
        sample: items.into_iter().take(SAMPLE).collect(),
    })
}

/// Drafts a definition from a list page that was fetched.
///
/// # Errors
/// The address is none, or the page cannot be read at all.
pub fn draft_from(fetched: &Fetched) -> Result<DraftSource, ListError> {
    let base = Url::parse(&fetched.url).map_err(|_| FetchError::BadUrl(fetched.url.clone()))?;
    let body = unpacked(fetched)?;
    let (text, _) = charset::decode(body.as_deref().unwrap_or(&fetched.body), fetched.charset.as_deref());
    let mut notes = Vec::new();
    let mut source = Source::generic(&fetched.url).map_err(|_| FetchError::BadUrl(fetched.url.clone()))?;
    source.name = name_of(&base);
    source.max_pages = 5;
    let mut feeds = Vec::new();
    let mut site = None;
    let list = match (Xml::of(&text), json::parse(&text)) {
        (Some(Xml::Feed), _) => List { format: Format::Feed, ..List::default() },
        (Some(Xml::Sitemap), _) => {
            notes.push(
                "这是网站地图：请用 match 写出文章网址的规律，只取文章；lastmod 是修改时间，不作为发布日期".to_owned(),
            );
            List { format: Format::Sitemap, ..List::default() }
        }
        (None, Ok(value)) => interface(&value, &base, &mut notes),
        (None, Err(_)) => {
            let document = Document::parse(&text, &base);
            site = site_of(&document.page);
            feeds = feeds_of(&document.page, &document.base);
            // the sign that says most: several systems call the script of their pager by one name
            let signed = |family: &Family| {
                family.signs.iter().filter(|sign| text.contains(sign.as_str())).map(String::len).max()
            };
            let family = families().iter().filter_map(|(name, family)| Some((signed(family)?, name, family)));
            let family = family.max_by_key(|(length, ..)| *length);
            if let Some((_, name, family)) = family {
                notes.push(format!("网页由“{}”生成（extends = {name:?}）", family.title));
                source.extends = Some(name.clone());
            }
            let follows = family.is_some_and(|(_, _, family)| family.says("next"));
            page(&document, follows, &mut notes)
        }
    };
    source.lists = vec![List { url: numbered_url(&list, &fetched.url), ..list }];
    if let Some(site) = site {
        source.title = site.chars().take(100).collect();
    }
    match region_of(&source.title) {
        Some(code) => source.region_code = code,
        None => notes.push("没有从网站名称认出地区，暂记为全国（100000），请核对 region_code".to_owned()),
    }
    if !feeds.is_empty() {
        notes.push(format!("网页声明了 RSS/Atom：{}，可改用 format = \"feed\"", feeds.join("、")));
    }
    let source = completed(source, fetched, &mut notes);
    let content = read_list(&source.lists[0], &source.follow, fetched, 1).unwrap_or_default();
    if content.items.is_empty() && !content.lists.is_empty() {
        notes.push(format!("本页没有条目，会从它列出的 {} 个列表里取", content.lists.len()));
    } else if content.items.is_empty() {
        notes.push(match source.lists[0].format {
            Format::Html | Format::Any => {
                "本页没有取到条目：列表可能由脚本加载，请在浏览器的“网络”面板找到它请求的接口，改用接口的地址"
                    .to_owned()
            }
            _ => "没有取到条目，请核对网址，以及各项的写法".to_owned(),
        });
    } else {
        let dated = content.items.iter().filter(|item| item.date.is_some()).count();
        notes.push(format!("本页取到 {} 个条目，其中 {dated} 个有日期", content.items.len()));
    }
    let toml = source.to_toml().map_err(|error| FetchError::BadUrl(error.to_string()))?;
    Ok(DraftSource { source, toml, notes, feeds, sample: content.items.into_iter().take(SAMPLE).collect() })
}

/// The source with what its family adds, when the family does not spoil what was found.
fn completed(source: Source, fetched: &Fetched, notes: &mut Vec<String>) -> Source {
    let plain = Source { extends: None, ..source.clone() };
    if source.extends.is_none() {
        return plain;
    }
    let urls = |source: &Source| {
        let items = read_list(&source.lists[0], &source.follow, fetched, 1).unwrap_or_default().items;
        items.into_iter().map(|item| item.url).collect::<Vec<_>>()
    };
    let family = toml::to_string(&source).ok().and_then(|text| Source::parse(&text).ok());
    match family.filter(|family| urls(family) == urls(&plain)) {
        Some(family) => family,
        None => {
            notes.push("该系统模板里的列表写法不适合本页，未继承；文章页的写法可以参考模板".to_owned());
            plain
        }
    }
}

/// Paging and entries of a page; `follows`: its family says which link is that to the next page.
fn page(document: &Document, follows: bool, notes: &mut Vec<String>) -> List {
    let clusters = discover::clusters(&document.page, &document.base);
    // the first of those that are alike
    let best = clusters.iter().rev().max_by_key(|cluster| cluster.weight());
    let Some(best) = best else { return List { format: Format::Any, ..List::default() } };
    let mut list = List::default();
    let item = discover::selector(&document.page, best);
    if clusters.len() > 1 && item.is_some() {
        notes.push(format!("本页有 {} 个列表，取最像正文列表的一个；首页请改用 format = \"any\"", clusters.len()));
    }
    match item {
        Some(item) => {
            list.item = item;
            list.date = discover::date_selector(best);
            choose_link(document, best, &mut list, notes);
        }
        None if clusters.len() > 1 => {
            notes.push(format!("本页有 {} 个列表，没有只取其中一个的选择器，全部自动发现", clusters.len()));
            list.format = Format::Any;
        }
        None => notes.push("没有找到稳定的条目选择器，条目将自动发现".to_owned()),
    }
    if best.dated() < best.entries.len() {
        notes.push(format!("{} 个条目没有日期", best.entries.len() - best.dated()));
    }
    match document.next(1) {
        Some(next) if follows || counts_down(document, &next) => notes.push(format!("下一页（{next}）会自动跟随")),
        Some(next) => match numbered_pages(&document.base, &next) {
            Some((pages, from)) => (list.pages, list.from) = (Some(pages), Some(from).filter(|from| *from != 2)),
            None => notes.push(format!("下一页（{next}）会自动跟随")),
        },
        None => notes.push("没有发现下一页：只看首页，或请写出 pages".to_owned()),
    }
    list
}

/// Writes `link` where the selectors, as they stand, lead to other addresses than those that were found.
fn choose_link(document: &Document, best: &discover::Cluster<'_>, list: &mut List, notes: &mut Vec<String>) {
    let wanted: HashSet<&str> = best.entries.iter().map(|entry| entry.item.url.as_str()).collect();
    let right = |list: &List| {
        let items = html::entries(list, &document.page, &document.base);
        let found: HashSet<&str> = items.iter().map(|item| item.url.as_str()).collect();
        found.intersection(&wanted).count()
    };
    let mut most = right(list);
    for link in discover::link_selectors(best, &document.base).into_iter().take(30) {
        if most == wanted.len() {
            break;
        }
        let tried = List { link: Some(link), ..list.clone() };
        let count = right(&tried);
        if count > most {
            (most, *list) = (count, tried);
        }
    }
    if most < wanted.len() {
        notes.push(format!("选择器只取到 {} 个条目中的 {most} 个，请核对 item 和 link", wanted.len()));
    }
}

/// Pages that are counted down (博达: `tzgg.htm`, `tzgg/12.htm`, …, `tzgg/1.htm`), so that the number of the second page
/// changes with every new one.
fn counts_down(document: &Document, next: &str) -> bool {
    let Ok(next) = Url::parse(next) else { return false };
    let base = document.base.path();
    let stem = base.rsplit_once('.').map_or(base, |(stem, _)| stem).trim_end_matches('/');
    let below = next.path().strip_prefix(stem).and_then(|rest| rest.strip_prefix('/'));
    let is_number =
        |name: &str| name.split('.').next().is_some_and(|n| !n.is_empty() && n.bytes().all(|b| b.is_ascii_digit()));
    if base.contains('.') && !stem.ends_with("/index") && below.is_some_and(is_number) {
        return true;
    }
    // the last page has a smaller number than the next one
    let number = |url: &str| -> Option<(String, u64)> {
        let end = url.rfind(|c: char| c.is_ascii_digit())? + 1;
        let start = url[..end].rfind(|c: char| !c.is_ascii_digit()).map_or(0, |at| at + 1);
        Some((format!("{}{}", &url[..start], &url[end..]), url[start..end].parse().ok()?))
    };
    let Ok(links) = Selector::parse("a[href]") else { return false };
    let last = document.page.select(&links).take(5_000).find(|link| {
        matches!(text_of(*link).trim_matches(|c: char| !c.is_alphanumeric()), "尾页" | "末页" | "最后一页" | "最后页")
    });
    let last = last.and_then(|link| address(&document.base, link.attr("href")?)).and_then(|url| number(&url));
    matches!((last, number(next.as_str())), (Some((a, last)), Some((b, next))) if a == b && last < next)
}

/// `index_1.html` → `index_{n}.html` and 1: the address of the second page with its number.
fn numbered_pages(base: &Url, next: &str) -> Option<(String, u32)> {
    let next = Url::parse(next).ok()?;
    let beside = next.host_str() == base.host_str() && next.scheme() == base.scheme();
    let folder = |url: &Url| url.path().rsplit_once('/').map(|(folder, _)| folder.to_owned());
    let (fixed, changing) = if beside && next.path() == base.path() && next.query().is_some() {
        (String::new(), format!("?{}", next.query()?))
    } else if beside && folder(&next) == folder(base) {
        (String::new(), next[url::Position::BeforePath..].rsplit_once('/')?.1.to_owned())
    } else {
        let (fixed, file) = next.as_str().rsplit_once('/')?;
        (format!("{fixed}/"), file.to_owned())
    };
    // the last number that is that of a second page
    let mut found = None;
    let bytes = changing.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        let end = at + bytes[at..].iter().take_while(|byte| byte.is_ascii_digit()).count();
        if end == at {
            at += 1;
            continue;
        }
        if let Some(number) =
            changing.get(at..end).and_then(|digits| digits.parse::<u32>().ok()).filter(|n| (1..=2).contains(n))
        {
            found = Some((at, end, number));
        }
        at = end;
    }
    let (start, end, number) = found?;
    Some((format!("{fixed}{}{{n}}{}", changing.get(..start)?, changing.get(end..)?), number))
}

/// The address of the list; that of an interface with `{n}` for its page.
fn numbered_url(list: &List, url: &str) -> String {
    if list.format != Format::Json {
        return url.to_owned();
    }
    const NAMES: &[&str] =
        &["page", "pageno", "pagenum", "pageindex", "pagenumber", "currentpage", "current", "p", "curpage"];
    let Some((path, query)) = url.split_once('?') else { return url.to_owned() };
    let pairs = query.split('&').map(|pair| match pair.split_once('=') {
        Some((name, "1")) if NAMES.contains(&name.to_ascii_lowercase().as_str()) => format!("{name}={{n}}"),
        _ => pair.to_owned(),
    });
    format!("{path}?{}", pairs.collect::<Vec<_>>().join("&"))
}

/// `www.gz.gov.cn/tzgg/` → `gz-gov-tzgg`, `kjt.jiangsu.gov.cn` → `jiangsu-kjt`.
fn name_of(base: &Url) -> String {
    let host = base.host_str().unwrap_or_default().to_ascii_lowercase();
    let mut labels: Vec<&str> = match base.host() {
        Some(url::Host::Domain(_)) => {
            host.split('.').filter(|label| !matches!(*label, "www" | "cn" | "gov" | "com" | "org" | "net")).collect()
        }
        _ => vec!["site"],
    };
    labels.reverse();
    if labels.len() < 2 {
        labels.push("gov");
    }
    let column = base.path().split('/').rfind(|part| {
        !part.is_empty()
            && part.len() <= 20
            && !part.contains('.')
            && part.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
    });
    let name = labels.into_iter().chain(column).collect::<Vec<_>>().join("-").to_ascii_lowercase();
    let plain = name.chars().filter(|c| c.is_ascii_alphanumeric() || *c == '-').take(60).collect::<String>();
    plain.trim_matches('-').to_owned()
}

/// `SiteName·ColumnName` of the head (国办发〔2017〕47号), or the page's title.
fn site_of(page: &Html) -> Option<String> {
    let root = page.root_element();
    let metas = Selector::parse("meta[name][content]").ok()?;
    let meta = |wanted: &str| {
        let found = page.select(&metas).take(200).find(|meta| {
            meta.attr("name").is_some_and(|name| name.trim().eq_ignore_ascii_case(wanted))
                && meta.attr("content").is_some_and(|content| !content.trim().is_empty())
        });
        found.and_then(|meta| meta.attr("content")).map(|content| content.trim().to_owned())
    };
    let plain = |name: String| name.replace("门户网站", "").replace("官方网站", "");
    match (meta("SiteName").map(plain), meta("ColumnName")) {
        (Some(site), Some(column)) if site != column => Some(format!("{site}·{column}")),
        (Some(site), _) => Some(site),
        (None, column) => {
            let title = select_one(root, "title").map(text_of).filter(|title| !title.is_empty())?;
            // 通知公告_示例市人民政府 → 示例市人民政府·通知公告
            let parts: Vec<&str> =
                title.split(['_', '-', '|', '－', '—', '–']).map(str::trim).filter(|part| !part.is_empty()).collect();
            Some(match parts.as_slice() {
                [.., site] if parts.len() > 1 => {
                    format!("{}·{}", plain((*site).to_owned()), column.as_deref().unwrap_or(parts[0]))
                }
                _ => title,
            })
        }
    }
}

/// The region that a site's name says: that of its office, or that which it begins with.
fn region_of(title: &str) -> Option<String> {
    let name = title.split('·').next().unwrap_or_default();
    let of_office = issuer::parse(name, None).and_then(|office| office.region_code);
    of_office.or_else(|| region::at_start(name, None).map(|(region, _)| region.code.to_owned())).or_else(|| {
        let nation = ["中国政府网", "中华人民共和国", "国务院", "国家"].iter().any(|start| name.starts_with(start));
        nation.then(|| region::NATION.to_owned())
    })
}

fn feeds_of(page: &Html, base: &Url) -> Vec<String> {
    let Ok(links) = Selector::parse("link[rel=alternate][type][href]") else { return Vec::new() };
    let is_feed = |link: &ElementRef<'_>| {
        link.attr("type")
            .is_some_and(|kind| kind.contains("rss") || kind.contains("atom") || kind.contains("feed+json"))
    };
    let feeds = page.select(&links).filter(is_feed).filter_map(|link| address(base, link.attr("href")?));
    feeds.take(10).collect()
}

/// Rows of an interface: the members that hold the address, the title, the date.
fn interface(value: &Value, base: &Url, notes: &mut Vec<String>) -> List {
    let mut arrays = Vec::new();
    rows(value, String::new(), 0, &mut arrays);
    let mut best: Option<(usize, List)> = None;
    for (path, rows) in arrays.into_iter().take(200) {
        let Some((points, list)) = columns_of(&path, &rows, base) else { continue };
        if best.as_ref().is_none_or(|(most, _)| points > *most) {
            best = Some((points, list));
        }
    }
    let Some((points, mut list)) = best else {
        notes.push("接口的答复里没有找到带网址和标题的条目，请自己写 item、link、title".to_owned());
        return List { format: Format::Json, link: Some("url".to_owned()), ..List::default() };
    };
    if points < 200 {
        notes.push("条目里没有网址：请看一篇文章的地址，把 link 写成 \"https://…/{id}.html\" 的样子".to_owned());
    }
    let mut numbers = Vec::new();
    totals(value, String::new(), 0, &mut numbers);
    // that of the whole answer stands above those of its parts
    numbers.sort_by_key(|path| path.matches('.').count());
    let named = |names: &[&str]| {
        let said = |path: &String| {
            let last = path.rsplit('.').next().unwrap_or_default().to_ascii_lowercase();
            names.contains(&last.as_str())
        };
        numbers.iter().find(|path| said(path)).cloned()
    };
    list.total = named(&["total", "totalcount", "recordcount", "totalhits", "totalnum", "count"]);
    if list.total.is_none() {
        list.page_count = named(&["pagecount", "totalpage", "totalpages", "pages"]);
    }
    notes.push("接口的第一页之后按 total 翻页：请核对网址（或 post）里代表页码的 {n}".to_owned());
    list
}

fn joined(path: &str, key: &str) -> String {
    let plain = !key.is_empty() && !key.contains(['.', '[', ']', '|', '*', '{', '}']);
    match (plain, path.is_empty()) {
        (true, true) => key.to_owned(),
        (true, false) => format!("{path}.{key}"),
        (false, _) => format!("{path}[\"{key}\"]"),
    }
}

/// Lists of objects and the paths that lead to them.
fn rows<'a>(value: &'a Value, path: String, depth: usize, found: &mut Vec<(String, Vec<&'a Value>)>) {
    if depth > MAX_DEPTH || found.len() > 200 {
        return;
    }
    match value {
        Value::Array(items) => {
            let objects: Vec<&Value> = items.iter().filter(|item| item.is_object()).collect();
            if !objects.is_empty() {
                found.push((path, objects));
            }
        }
        Value::Object(members) => {
            let before = found.len();
            for (key, member) in members {
                rows(member, joined(&path, key), depth + 1, found);
            }
            // the same list under each of several members: a.x.list, a.y.list → a.*.list
            let below = |path_: &str| {
                path_.strip_prefix(&path)?.trim_start_matches('.').split_once('.').map(|(_, rest)| rest.to_owned())
            };
            let mut tails: Vec<String> = found[before..].iter().filter_map(|(path, _)| below(path)).collect();
            tails.sort();
            tails.dedup();
            if let ([tail], true) = (tails.as_slice(), found.len() - before > 1)
                && found[before..].iter().all(|(path, _)| below(path).is_some())
            {
                let all = found[before..].iter().flat_map(|(_, rows)| rows.iter().copied()).collect();
                let merged = format!("{}.{tail}", joined(&path, "x").trim_end_matches('x').to_owned() + "*");
                found.truncate(before);
                found.push((merged, all));
            }
        }
        _ => {}
    }
}

fn totals(value: &Value, path: String, depth: usize, found: &mut Vec<String>) {
    let Value::Object(members) = value else { return };
    for (key, member) in members {
        let is_number = member.as_u64().or_else(|| member.as_str()?.parse().ok()).is_some_and(|number| number > 0);
        if is_number && found.len() < 500 {
            found.push(joined(&path, key));
        } else if depth < 3 {
            totals(member, joined(&path, key), depth + 1, found);
        }
    }
}

/// What stands for the address of rows that have none.
const NO_LINK: &str = "url";

/// Which member of the rows is what. `None`: no title, or too little else.
fn columns_of(path: &str, rows: &[&Value], base: &Url) -> Option<(usize, List)> {
    let sample: Vec<&Value> = rows.iter().copied().take(30).collect();
    let mut keys = Vec::new();
    members(sample.first()?, String::new(), 0, &mut keys);
    let values = |key: &str| -> Vec<String> {
        let Ok(path) = json::Path::parse(key) else { return Vec::new() };
        let text = |value: &Value| match value {
            Value::String(text) => Some(text.trim().to_owned()).filter(|text| !text.is_empty()),
            Value::Number(number) => Some(number.to_string()),
            _ => None,
        };
        sample.iter().filter_map(|row| path.find(row).into_iter().find_map(text)).collect()
    };
    let most = |score: &dyn Fn(&str, &[String]) -> usize| {
        let scored = keys.iter().map(|key| (score(&last(key), &values(key)), key.clone()));
        scored
            .filter(|(points, _)| *points > 0)
            .max_by_key(|(points, key)| (*points, std::cmp::Reverse(key.len())))
            .map(|(_, key)| key)
    };
    let enough = |count: usize, of: usize| of > 0 && count * 10 >= of * 8 && count * 10 >= sample.len() * 5;
    let link = most(&|key, values| {
        let urls: HashSet<&String> = values
            .iter()
            .filter(|value| value.starts_with("http") || (value.starts_with('/') && value.len() > 5))
            .filter(|value| !value.contains(char::is_whitespace))
            .collect();
        let pictures =
            values.iter().any(|value| [".jpg", ".png", ".gif", ".css"].iter().any(|end| value.ends_with(end)));
        if pictures || !enough(urls.len(), values.len()) {
            return 0;
        }
        let articles =
            urls.iter().filter(|url| address(base, url).is_some_and(|url| discover::is_article(&url))).count();
        1 + articles * 3 + usize::from(["url", "docpuburl", "link", "href"].contains(&key)) * 2
    });
    let title = most(&|key, values| {
        let han = |text: &str| text.chars().filter(|c| ('\u{4e00}'..='\u{9fff}').contains(c)).count();
        let titles: HashSet<&String> =
            values.iter().filter(|value| (6..=150).contains(&value.chars().count()) && han(value) >= 4).collect();
        if !enough(titles.len(), values.len()) {
            return 0;
        }
        let average = titles.iter().map(|title| title.chars().count()).sum::<usize>() / titles.len();
        average.min(60) + 40 * usize::from(key.contains("title") || key.contains("subject") || key == "name")
            - usize::from(key.contains("abstract"))
    })?;
    let date = most(&|key, values| {
        let dates = values.iter().filter(|value| value.len() >= 8 && parse_date(value).is_some()).count();
        if !enough(dates, values.len()) {
            return 0;
        }
        let named = ["date", "time", "rq", "sj"].iter().any(|word| key.contains(word));
        let published = ["pub", "fb", "display", "deploy", "release"].iter().any(|word| key.contains(word));
        1 + 2 * usize::from(named) + 4 * usize::from(published)
    });
    let doc_number = most(&|_, values| {
        values.iter().filter(|value| value.chars().count() < 40 && DocNumber::parse(value).is_some()).count()
    });
    let issuer = most(&|key, values| {
        let offices = values.iter().filter(|value| value.chars().count() < 60);
        let offices = offices.filter(|value| issuer::parse(value, None).is_some()).count();
        // the site on which a document stands is not who issued it
        let named = ["publish", "puborg", "dept", "unit", "fbjg", "fwjg", "fbdw", "agency"];
        let named = named.iter().any(|word| key.contains(word));
        if key.contains("site") || !enough(offices, if named { offices } else { values.len() }) {
            return 0;
        }
        offices + 100 * usize::from(named)
    });
    let points = rows.len().min(100) + 20 * usize::from(date.is_some()) + 200 * usize::from(link.is_some());
    let list = List {
        format: Format::Json,
        item: path.to_owned(),
        link: link.or_else(|| Some(NO_LINK.to_owned())),
        title: Some(title),
        date,
        doc_number,
        issuer,
        ..List::default()
    };
    Some((points, list))
}

fn last(key: &str) -> String {
    key.rsplit(['.', '[']).next().unwrap_or_default().trim_matches(['"', ']']).to_ascii_lowercase()
}

fn members(value: &Value, path: String, depth: usize, found: &mut Vec<String>) {
    if let Value::Object(inner) = value {
        for (key, member) in inner {
            let path = joined(&path, key);
            match member {
                Value::Object(_) if depth < 2 => members(member, path, depth + 1, found),
                Value::String(_) | Value::Number(_) if found.len() < 300 => found.push(path),
                _ => {}
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drafted(url: &str, body: &str) -> DraftSource {
        let fetched = Fetched { url: url.to_owned(), body: body.as_bytes().to_vec(), ..Fetched::default() };
        draft_from(&fetched).unwrap()
    }

    #[test]
    fn a_column_becomes_a_definition() {
        let rows: String = (1..16)
            .map(|n| format!("<li><span class=\"date\">2026-03-{n:02}</span><a href=\"./202603/t202603{n:02}_{n}00.html\">镇江市示例事项第{n}批通知</a></li>"))
            .collect();
        let page = format!(
            "<html><head><title>通知公告_镇江市科学技术局</title><meta name=\"SiteName\" content=\"镇江市科学技术局门户网站\">\
             <meta name=\"ColumnName\" content=\"通知公告\"><link rel=alternate type=\"application/rss+xml\" href=\"/rss.xml\"></head>\
             <body><ul class=nav><li><a href=/a/>政府信息公开目录</a></li></ul><ul class=\"news-list\">{rows}</ul>\
             <script>createPageHTML(8, 0, \"index\", \"html\");</script></body></html>"
        );
        let draft = drafted("https://kjj.zhenjiang.gov.cn/tzgg/", &page);
        let list = &draft.source.lists[0];
        assert_eq!(draft.source.name, "zhenjiang-kjj-tzgg");
        assert_eq!(
            (draft.source.title.as_str(), draft.source.region_code.as_str()),
            ("镇江市科学技术局·通知公告", "321100")
        );
        assert_eq!(draft.source.extends.as_deref(), Some("trs"));
        assert_eq!((list.item.as_str(), list.date.as_deref()), (".news-list li", Some(".date")));
        assert_eq!((list.pages.as_deref(), list.from), (Some("index_{n}.html"), Some(1)));
        assert_eq!(list.page_url(3).as_deref(), Some("https://kjj.zhenjiang.gov.cn/tzgg/index_2.html"));
        assert_eq!(draft.feeds, ["https://kjj.zhenjiang.gov.cn/rss.xml"]);
        assert_eq!(draft.sample.len(), 15);
        assert!(!draft.source.verified && draft.toml.contains("extends = \"trs\""), "{}", draft.toml);
        assert_eq!(Source::parse(&draft.toml).unwrap(), draft.source);
    }

    #[test]
    fn an_interface_becomes_a_definition() {
        let row = |n: u32| {
            format!(
                r#"{{"id": {n}, "pic": "/a/{n}.png", "art": {{"linkurl": "/tzgg/content/post_{n}00.html", "headtitle": "关于示例事项第{n}批的通知"}},
                "abstract": "短", "createtime": 1700000000, "pubtime": "2026.03.0{n}", "wh": "苏科发〔2026〕{n}号", "fbjg": "江苏省科学技术厅"}}"#
            )
        };
        let body = format!(
            r#"{{"code": 200, "data": {{"cat": {{"a": {{"list": [{}]}}, "b": {{"list": [{}, {}]}}}}, "total": "57"}}, "menu": [{{"name": "菜单"}}]}}"#,
            row(1),
            row(2),
            row(3)
        );
        let draft = drafted("https://kxt.jiangsu.gov.cn/api/list?pageNo=1&size=3", &body);
        let list = &draft.source.lists[0];
        assert_eq!(list.url, "https://kxt.jiangsu.gov.cn/api/list?pageNo={n}&size=3");
        assert_eq!(list.item, "data.cat.*.list");
        let read = |field: &Option<String>| field.clone().unwrap_or_default();
        assert_eq!((read(&list.link), read(&list.title)), ("art.linkurl".to_owned(), "art.headtitle".to_owned()));
        assert_eq!((read(&list.date), read(&list.doc_number)), ("pubtime".to_owned(), "wh".to_owned()));
        assert_eq!((read(&list.issuer), read(&list.total)), ("fbjg".to_owned(), "data.total".to_owned()));
        assert_eq!(draft.sample.len(), 3);
    }

    #[test]
    fn feeds_sitemaps_and_shells() {
        let feed = drafted(
            "https://x.gov.cn/rss.xml",
            "<rss version=\"2.0\"><channel><item><title>示例</title><link>/1.html</link></item></channel></rss>",
        );
        assert_eq!((feed.source.lists[0].format, feed.sample.len()), (Format::Feed, 1));
        let sitemap = drafted("https://x.gov.cn/sitemap.xml", "<urlset><url><loc>/1.html</loc></url></urlset>");
        assert_eq!((sitemap.source.lists[0].format, sitemap.sample.len()), (Format::Sitemap, 1));
        let shell = drafted("https://x.gov.cn/", "<html><body><div id=app></div></body></html>");
        assert!(shell.sample.is_empty() && shell.notes.iter().any(|note| note.contains("接口")), "{:?}", shell.notes);
        let interface = drafted("https://x.gov.cn/api", "{\"rows\": []}");
        assert!(interface.notes.iter().any(|note| note.contains("item")));
    }

    #[test]
    fn numbers_of_second_pages() {
        let base = Url::parse("https://x.gov.cn/zc/2024/index.html").unwrap();
        for (next, expected) in [
            ("https://x.gov.cn/zc/2024/index_1.html", Some(("index_{n}.html", 1))),
            ("https://x.gov.cn/zc/2024/index.html?page=2&size=20", Some(("?page={n}&size=20", 2))),
            ("https://x.gov.cn/other/list_2.html", Some(("https://x.gov.cn/other/list_{n}.html", 2))),
            ("https://x.gov.cn/zc/2024/87.htm", None),
        ] {
            let expected = expected.map(|(pages, from)| (pages.to_owned(), from));
            assert_eq!(numbered_pages(&base, next), expected, "{next}");
        }
    }

    /// Rows of a list with addresses from `from`.
    fn rows(from: u32) -> String {
        (from..from + 6)
            .map(|n| {
                format!(
                    "<li><a href=\"/a/{}.html\">关于示例事项第{n}批的通知</a><span>2026-03-0{}</span></li>",
                    61_000 + n,
                    n % 9 + 1
                )
            })
            .collect()
    }

    #[test]
    fn the_main_list_is_taken() {
        let all = |from: u32| format!("<ul>{}</ul>", rows(from));
        for (page, expected) in [
            // two that are alike: the first
            (format!("<div class=a>{}</div><div class=b>{}</div>", all(100), all(200)), ".a li"),
            // tabs that are not open, boxes beside the list
            (
                format!(
                    "<div class=a style='display: none'>{}{}</div><div class=b>{}</div>",
                    all(100),
                    all(300),
                    all(200)
                ),
                ".b li",
            ),
            (format!("<div class=hot>{}</div><div class=b>{}</div>", all(100), all(200)), ".b li"),
            (format!("<div class=a><h3>点击排行</h3>{}</div><div class=b>{}</div>", all(100), all(200)), ".b li"),
        ] {
            let draft = drafted("https://x.gov.cn/tzgg/", &page);
            assert_eq!(draft.source.lists[0].item, expected, "{page}");
        }
    }

    #[test]
    fn the_date_of_publication_is_drafted() {
        let page: String = (1..9)
            .map(|n| format!(
                "<li><a href=/c/{n}/ class=lm>[政策文件]</a><a class=bt href=/a/6100{n}.html>关于召开2026年12月{n}日示例会议的通知</a>\
                 <i class=yx>有效期至2028-12-31</i><i class=fb>2026-03-0{n}</i></li>"))
            .collect();
        let draft = drafted("https://x.gov.cn/tzgg/", &format!("<ul class=u>{page}</ul>"));
        assert_eq!(draft.source.lists[0].date.as_deref(), Some(".fb"), "{}", draft.toml);
        assert!(draft.sample.iter().all(|item| item.url.contains("/a/6100")), "{:?}", draft.sample);
    }

    #[test]
    fn pages_that_are_counted_down_are_followed() {
        let list = |after: &str| {
            drafted("https://x.gov.cn/tzgg.htm", &format!("<ul>{}</ul>{after}", rows(1))).source.lists.remove(0)
        };
        for after in [
            "<a href=tzgg/2.htm>下页</a>",
            "<a href=p/2.htm>下页</a><a href=p/1.htm>尾页</a>",
            "<div class=_vsb_><a class=Next href=p_2.htm>下页</a></div>",
        ] {
            assert_eq!(list(after).pages, None, "{after}");
        }
        assert_eq!(list("<a href=p_2.htm>下页</a><a href=p_9.htm>尾页</a>").pages.as_deref(), Some("p_{n}.htm"));
    }

    #[test]
    fn a_system_is_told_by_what_is_its_own() {
        let family = |script: &str| {
            drafted("https://x.gov.cn/", &format!("<ul>{}</ul><script>{script}</script>", rows(1))).source.extends
        };
        assert_eq!(family("createPageHTML(3, 0, \"index\", \"html\")").as_deref(), Some("trs"));
        assert_eq!(family("createPageHTML(\"page_div\",3, 1,\"index\",\"shtml\",50)").as_deref(), Some("ucap"));
        // only a page may be filled by a script
        for (url, body) in [("https://x.gov.cn/api", "{\"rows\": []}"), ("https://x.gov.cn/s.xml", "<urlset></urlset>")]
        {
            assert!(!drafted(url, body).notes.iter().any(|note| note.contains("脚本")), "{body}");
        }
    }
}
