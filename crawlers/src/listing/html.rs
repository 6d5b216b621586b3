//! Lists that are pages.

use std::borrow::Cow;
use std::sync::LazyLock;

use chrono::NaiveDate;
use regex::Regex;
use scraper::{ElementRef, Html, Selector};
use url::Url;

use super::{Content, ListItem, MAX_ITEMS, address, dates, discover, select_one, text_of, titles};
use crate::source::List;

/// Most links of a page among which the next page is looked for.
const MAX_LINKS: usize = 20_000;

pub(super) fn read(list: &List, text: &str, base: &Url, number: u32) -> Content {
    let document = Document::parse(text, base);
    let Document { page, base, .. } = &document;
    let items = entries(list, page, base);
    let next = match list.next.as_deref() {
        Some("") => None,
        Some(next) => select_one(page.root_element(), next)
            .and_then(|link| address(base, link.attr("href")?))
            .or_else(|| document.next_group()),
        None if list.pages.is_some() || list.post.is_some() || list.url.contains("{n}") => document.next_group(),
        None => document.next(number),
    };
    Content { items, next, ..Content::default() }
}

/// The entries of a page.
pub(crate) fn entries(list: &List, page: &Html, base: &Url) -> Vec<ListItem> {
    if list.item.is_empty() {
        return discover::articles(page, base);
    }
    let Ok(selector) = Selector::parse(&list.item) else { return Vec::new() };
    let today = dates::today();
    page.select(&selector).take(MAX_ITEMS).filter_map(|entry| read_entry(list, entry, base, today)).collect()
}

/// A list page as it is read: entries of XML islands unpacked, `<base>` heeded.
pub(crate) struct Document {
    pub(crate) page: Html,
    pub(crate) base: Url,
    text: String,
    next_group: Option<String>,
}

impl Document {
    pub(crate) fn parse(text: &str, base: &Url) -> Self {
        let (text, next_group) = unwrap_records(text);
        let text = crate::extract::bounded(&text);
        let page = Html::parse_document(&text);
        let stated = select_one(page.root_element(), "base[href]").and_then(|tag| base.join(tag.attr("href")?).ok());
        Self { page, base: stated.unwrap_or_else(|| base.clone()), text, next_group }
    }

    fn next_group(&self) -> Option<String> {
        address(&self.base, self.next_group.as_deref()?)
    }

    /// Address of the page after page `number`, found by itself: the group of an island, `rel="next"`, 下一页, the
    /// script of a pager, the number itself.
    pub(crate) fn next(&self, number: u32) -> Option<String> {
        self.next_group()
            .or_else(|| self.next_link(number))
            .or_else(|| address(&self.base, &page_of_script(&self.text)?))
            // a script names files beside this page, whatever the page calls itself
            .filter(|next| next != self.base.as_str())
    }

    fn next_link(&self, number: u32) -> Option<String> {
        let links = Selector::parse("a[href], link[rel=next][href], area[href]").ok()?;
        let wanted = number.checked_add(1)?.to_string();
        let mut numbered = None;
        for link in self.page.select(&links).take(MAX_LINKS) {
            let Some(url) = link.attr("href").filter(|href| !href.trim_start().starts_with('#')) else { continue };
            let Some(url) = address(&self.base, url).filter(|url| url != self.base.as_str()) else { continue };
            let says_next = link.attr("rel").is_some_and(|rel| rel.split_whitespace().any(|word| word == "next")) || {
                let words = text_of(link);
                let words = if words.is_empty() { link.attr("title").unwrap_or_default().to_owned() } else { words };
                let plain = words.trim_matches(|c: char| !c.is_alphanumeric());
                if plain == wanted && numbered.is_none() && same_folder(&self.base, &url) {
                    numbered = Some(url.clone());
                }
                matches!(
                    plain,
                    "下一页" | "下页" | "后一页" | "下一頁" | "后页" | "next" | "Next" | "NEXT" | "Next Page"
                )
            };
            if says_next {
                return Some(url);
            }
        }
        numbered
    }
}

/// Whether an address is that of a page beside this one: a link that only says 2 may lead anywhere.
fn same_folder(base: &Url, url: &str) -> bool {
    let Ok(url) = Url::parse(url) else { return false };
    let folder = |url: &Url| url.path().rsplit_once('/').map(|(folder, _)| folder.to_owned());
    url.host_str() == base.host_str() && (url.path() == base.path() || folder(&url) == folder(base))
}

/// The next page as the script of a pager names it (拓尔思 and its like): `createPageHTML(20, 0, "index", "html")`, where
/// 20 is the number of pages, 0 the current one, and page 0 has no number in its name; in another version a box comes
/// first and the pages are counted from 1: `createPageHTML('page', 20, 1, 'index', 'html', 300)`.
fn page_of_script(text: &str) -> Option<String> {
    static CALL: LazyLock<Regex> = LazyLock::new(|| {
        #[allow(clippy::expect_used)]
        Regex::new(r"createPage(?:HTML|Html|html)\s*\(([^(){}]{3,200})\)").expect("a pattern that every run compiles")
    });
    CALL.captures_iter(text).take(10).find_map(|call| {
        let (mut numbers, mut words, mut boxed) = (Vec::new(), Vec::new(), false);
        for part in call[1].split(',').map(str::trim) {
            match part.strip_prefix(['"', '\'']) {
                Some(quoted) if numbers.is_empty() => boxed = !quoted.is_empty(),
                Some(quoted) => words.push(quoted.trim_end_matches(['"', '\''])),
                None => numbers.push(part.parse().ok().or_else(|| variable(text, part))?),
            }
        }
        let ([pages, current, ..], [name, ending, ..]): (&[u32], &[&str]) = (&numbers, &words) else { return None };
        let next = current.checked_add(1)?;
        let last = if boxed { *pages } else { pages.checked_sub(1)? };
        let plain =
            |word: &str| !word.is_empty() && word.chars().all(|c| c.is_ascii_alphanumeric() || "_-".contains(c));
        (next <= last && plain(name) && plain(ending)).then(|| format!("{name}_{next}.{ending}"))
    })
}

/// `var countPage = 20`.
fn variable(text: &str, name: &str) -> Option<u32> {
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '_';
    if name.is_empty() || name.len() > 40 || !name.chars().all(plain) {
        return None;
    }
    text.match_indices(name).take(50).find_map(|(at, _)| {
        let before = text[..at].chars().next_back();
        let value = text[at + name.len()..].trim_start().strip_prefix('=')?.trim_start();
        let value = value.trim_start_matches(['"', '\'']);
        let end = value.find(|c: char| !c.is_ascii_digit())?;
        (!before.is_some_and(plain)).then(|| value[..end].parse().ok())?
    })
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

fn read_entry(list: &List, entry: ElementRef<'_>, base: &Url, today: NaiveDate) -> Option<ListItem> {
    let (link, url) = match &list.link {
        Some(selector) => {
            let link = select_one(entry, selector)?;
            (link, address(base, link.attr("href")?)?)
        }
        None => titles::link_of(entry, base)?,
    };
    let title = match &list.title {
        Some(selector) => select_one(entry, selector).map(text_of),
        None => Some(titles::title_of(link)),
    };
    let date = match &list.date {
        Some(selector) => dates::of_selected(entry, selector, &url, today),
        None => dates::of_entry(entry, Some(link), &url, today),
    };
    Some(ListItem { url, title: title.filter(|title| !title.trim().is_empty()), date, ..ListItem::default() })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn next(text: &str, number: u32) -> Option<String> {
        Document::parse(text, &Url::parse("https://x.gov.cn/zc/tzgg/index.html").unwrap()).next(number)
    }

    #[test]
    fn the_next_page_is_found_by_itself() {
        let there = |path: &str| Some(format!("https://x.gov.cn/zc/{path}"));
        for (text, number, expected) in [
            ("<link rel=next href=2.html>", 1, there("tzgg/2.html")),
            ("<a href='index_2.html'>下一页 &gt;&gt;</a>", 1, there("tzgg/index_2.html")),
            ("<a href='index_2.html'><span>下页</span></a>", 1, there("tzgg/index_2.html")),
            ("<a href='?page=2' title='下一页'><i></i></a>", 1, there("tzgg/index.html?page=2")),
            ("<a href='#'>下一页</a>", 1, None),
            ("<a href='javascript:go(2)'>下一页</a>", 1, None),
            ("<a href='index.html'>下一页</a>", 1, None),
            ("<a href='1.html'>1</a><a href='2.html'>2</a><a href='3.html'>3</a>", 2, there("tzgg/3.html")),
            ("<a href='/other/2.html'>2</a>", 1, None),
            ("<script>createPageHTML(20, 0, \"index\", \"html\");</script>", 1, there("tzgg/index_1.html")),
            ("<script>createPageHTML(20, 4,\"index\",\"shtml\")</script>", 5, there("tzgg/index_5.shtml")),
            ("<script>createPageHTML(20, 19, \"index\", \"html\");</script>", 20, None),
            ("<script>createPageHTML('page', 20, 1, 'index', 'html', 300);</script>", 1, there("tzgg/index_2.html")),
            ("<script>createPageHTML('page', 20, 20, 'index', 'html', 300);</script>", 20, None),
            (
                "<script>var countPage = 3; var currentPage = 1;createPageHTML(countPage, currentPage, \"list\", \"htm\")</script>",
                2,
                there("tzgg/list_2.htm"),
            ),
            (
                "<script>function createPageHTML(a, b, c, d) { }</script><script>createPageHTML(1, 0, \"index\", \"html\")</script>",
                1,
                None,
            ),
            ("<base href='/zc/'><a href='b.html'>下一页</a>", 1, there("b.html")),
        ] {
            assert_eq!(next(text, number), expected, "{text}");
        }
    }

    #[test]
    fn an_editor_s_selectors_are_followed() {
        const T: &str = "<a href=/a/1.html>关于召开2026年12月5日示例会议的通知</a>";
        for (entry, keys) in [
            (format!("<li>{T}<em>2026/11/28</em></li>"), "date = \"em\""),
            (format!("<li>{T}<font class=tt color=red>2026-11-28</font></li>"), "date = \"font.tt\""),
            (format!("<li>{T}<i class=time>[2026-11-28]</i></li>"), "date = \"i.time\""),
            (format!("<li>{T}<div class=day><b>28</b><span>2026-11</span></div></li>"), "date = \".day\""),
            (format!("<li>{T}<small>上传于2026年11月28日某时</small></li>"), "date = \"small\""),
            (
                format!(
                    "<li><b><a href=/c/>示例栏目的名称很长很长的一个链接</a></b><strong class=t>{T}</strong>2026-11-28</li>"
                ),
                "link = \"strong.t > a\"",
            ),
            (format!("<li><span>2026-11-20</span>{T}<span>2026-11-28</span></li>"), "date = \"a + span\""),
        ] {
            let source = format!(
                "name = \"x\"\ntitle = \"x\"\nregion_code = \"100000\"\n[[list]]\nurl = \"https://x.gov.cn/\"\nitem = \"li\"\n{keys}"
            );
            let list = crate::source::Source::parse(&source).unwrap().lists.remove(0);
            let items = read(&list, &entry, &Url::parse("https://x.gov.cn/").unwrap(), 1).items;
            let [item] = items.as_slice() else { panic!("{entry}: {items:?}") };
            assert_eq!(
                (item.url.as_str(), item.date),
                ("https://x.gov.cn/a/1.html", "2026-11-28".parse().ok()),
                "{entry}"
            );
        }
    }

    #[test]
    fn a_page_made_to_be_slow_is_not() {
        let started = std::time::Instant::now();
        let base = Url::parse("https://x.gov.cn/").unwrap();
        for text in [
            "<a href='/art/2026/3/1/art_1_2.html'>关于示例事项的通知（示例）</a>".repeat(30_000),
            "<div><a href=1>".repeat(60_000),
            // rows in rows with words that are nearly dates
            format!("{}<a href=/a/123.html>关于示例事项的通知</a>{}", "<li>2026-11-".repeat(50), "</li>".repeat(50))
                .repeat(600),
            "<tr><td>发布日期<td><a href=/a/1.html>关于示例事项的通知</a><td>2026-1-".repeat(10_000),
            format!("<table>{}</table>", "<tr><td><a href=/a/1.html>关于示例事项的通知</a><td>11-2".repeat(10_000)),
            "<record><![CDATA[".repeat(60_000),
            "<script><datastore>".repeat(60_000),
            "<datastore><record><![CDATA[a]]></record></datastore>".repeat(20_000),
            "createPageHTML(".repeat(60_000),
            format!("createPageHTML(aaa, aaa){}", "aaa".repeat(300_000)),
        ] {
            let content = read(&List::default(), &text, &base, 1);
            assert!(content.items.len() <= MAX_ITEMS);
        }
        assert!(started.elapsed() < std::time::Duration::from_secs(60), "{:?}", started.elapsed());
    }
}
