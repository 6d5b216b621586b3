//! The link of an entry, and its title.

use std::sync::LazyLock;

use regex::Regex;
use scraper::{ElementRef, Node, Selector};
use url::Url;

use super::{address, dates, discover, text_of};

/// Shortest title of an article, in characters.
pub(super) const MIN_TITLE: usize = 6;

/// Longest title that an attribute can state, in characters.
const MAX_STATED: usize = 300;

/// Most links of an entry among which that of its title is looked for.
const MAX_LINKS: usize = 50;

#[allow(clippy::expect_used)]
fn pattern(text: &str) -> Regex {
    Regex::new(text).expect("a pattern that every run compiles")
}

/// How many letters and digits a text has.
pub(super) fn length(text: &str) -> usize {
    text.chars().filter(|c| c.is_alphanumeric()).count()
}

/// The link of an entry that leads to its article: the one with the longest title, not that of its column
/// (`[政策文件]`), of its picture, of its 来源, of 详细.
pub(super) fn link_of<'a>(entry: ElementRef<'a>, base: &Url) -> Option<(ElementRef<'a>, String)> {
    let leads = |link: ElementRef<'a>| Some((link, address(base, link.attr("href")?)?));
    if entry.value().name() == "a" {
        return leads(entry);
    }
    let links = Selector::parse("a[href]").ok()?;
    let points = |link: ElementRef<'_>, url: &str| {
        let title = title_of(link);
        let length = if is_tag(&title) { 0 } else { length(&title) };
        (length >= MIN_TITLE, discover::is_article(url), length)
    };
    let scored =
        entry.select(&links).take(MAX_LINKS).filter_map(leads).map(|(link, url)| (points(link, &url), link, url));
    // the first of those that are alike
    let best = scored.reduce(|best, other| if other.0 > best.0 { other } else { best });
    best.map(|(_, link, url)| (link, url))
}

/// `[政策文件]`: the whole in brackets, and short.
fn is_tag(title: &str) -> bool {
    title.starts_with(['[', '【', '［', '〔'])
        && title.ends_with([']', '】', '］', '〕'])
        && title.chars().count() <= 16
}

/// The title that a link shows or states, the longer one: without the date, the number, the mark of its row.
pub(super) fn title_of(link: ElementRef<'_>) -> String {
    let shown = shown(link);
    let stated = link.attr("title").map(stated).unwrap_or_default();
    // 关于组织申报…… is the beginning of what is stated
    let begin = shown.trim_end_matches(['.', '…', '．', ' ']);
    let cut = begin.len() < shown.len() && !begin.is_empty() && stated.starts_with(begin);
    let length = stated.chars().count();
    if length < MAX_STATED && (cut || length > shown.chars().count()) { stated } else { shown }
}

fn shown(link: ElementRef<'_>) -> String {
    let of_title = |element: &ElementRef<'_>| {
        let name = element.value().name();
        let named = || {
            let classes = element.attr("class").unwrap_or_default().to_ascii_lowercase();
            classes
                .split(|c: char| !c.is_ascii_alphabetic())
                .any(|part| matches!(part, "title" | "tit" | "bt" | "biaoti"))
        };
        element.id() != link.id() && (matches!(name, "h1" | "h2" | "h3" | "h4" | "h5" | "h6") || named())
    };
    // a card is one link around the title, the date and the beginning of the text
    let heading = link.descendants().take(100).filter_map(ElementRef::wrap).filter(of_title).map(text_of);
    let heading = heading.into_iter().find(|text| length(text) >= MIN_TITLE);
    let text = heading.unwrap_or_else(|| without_dates(link));
    trimmed(&text)
}

/// The text of a link without the pieces that are its date.
fn without_dates(link: ElementRef<'_>) -> String {
    let texts: Vec<&str> = link
        .descendants()
        .take(300)
        .filter_map(|node| match node.value() {
            Node::Text(text) if !text.trim().is_empty() => Some(&**text),
            _ => None,
        })
        .collect();
    let mut out = String::new();
    let mut at = 0;
    while let Some(text) = texts.get(at) {
        let pair = texts.get(at + 1).map(|next| format!("{} {}", text.trim(), next.trim()));
        if texts.len() > 2 && pair.is_some_and(|pair| pair.chars().count() <= 16 && dates::is_date(&pair)) {
            at += 1;
        } else if texts.len() == 1 || !dates::is_date(text) {
            out.push_str(text);
        }
        at += 1;
    }
    out.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn trimmed(text: &str) -> String {
    static BEFORE: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"^(?:[·•・▪■◆●>\-—\s]+|\d{1,3}\s*[.、．](?:\s+|\b)(?P<stop>\D)?|[\[【](?:置顶|最新|推荐|原创|热点|NEW|new|图文)[\]】]\s*)",
        )
    });
    let mut rest = dates::without_date(text);
    for _ in 0..4 {
        let Some(found) = BEFORE.captures(rest) else { break };
        let Some(all) = found.get(0) else { break };
        // 1.5亿元 is no number of a row
        let numbered = all.as_str().starts_with(|c: char| c.is_ascii_digit());
        let end = found.name("stop").map_or(all.end(), |stop| stop.start());
        if numbered
            && rest[end..].starts_with(|c: char| c.is_ascii_digit())
            && !all.as_str().ends_with(char::is_whitespace)
        {
            break;
        }
        rest = &rest[end..];
    }
    rest.trim().to_owned()
}

/// `标题：…\n发布时间：…` → the title.
fn stated(attribute: &str) -> String {
    static LABEL: LazyLock<Regex> = LazyLock::new(|| pattern(r"(?:文章|信息)?标\s*题\s*[:：]\s*"));
    static NEXT: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?:[\r\n]\s*|\s+)(?:发布|发文|更新|公开|公布|创建|生成|成文|点击|浏览|作者|来源|日期|时间)[^\s:：]{0,6}\s*[:：]",
        )
    });
    let text =
        LABEL.find(attribute).filter(|found| found.start() < 12).map_or(attribute, |found| &attribute[found.end()..]);
    let text = NEXT.find(text).map_or(text, |found| &text[..found.start()]);
    trimmed(&text.split_whitespace().collect::<Vec<_>>().join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use scraper::Html;

    fn found(entry: &str) -> (String, String) {
        let page = Html::parse_fragment(entry);
        let entry = page.select(&Selector::parse("li").unwrap()).next().unwrap();
        let (link, url) = link_of(entry, &Url::parse("https://x.gov.cn/").unwrap()).unwrap();
        (url.replace("https://x.gov.cn", ""), title_of(link))
    }

    #[test]
    fn the_link_with_the_title_is_taken() {
        const T: &str = "关于组织申报示例项目的通知";
        for (entry, url, title) in [
            (format!("<li>[<a href=/c/1/>通知</a>] <a href=/x/35120.html>{T}</a></li>"), "/x/35120.html", T),
            (
                format!("<li><a href=/col/col1/index.html>[政策文件与解读]</a><a href=/a/61000.html>{T}</a></li>"),
                "/a/61000.html",
                T,
            ),
            (
                format!(
                    "<li><a href=/a/1.html><img src=x></a><h3><a href=/a/1.html>{T}</a></h3><a href=/a/1.html>[详细]</a></li>"
                ),
                "/a/1.html",
                T,
            ),
            (
                format!("<li><a href=javascript:void(0)>收藏本条信息内容</a><a href=/a/61000.html>{T}</a></li>"),
                "/a/61000.html",
                T,
            ),
            (
                format!(
                    "<li><a href=/a/61000.html>{T}</a>来源：<a href=/dept/1.html>示例市科技局政策法规与科技服务处</a></li>"
                ),
                "/a/61000.html",
                T,
            ),
            (
                format!("<li><a href=/1.html title='标题：{T}&#10;发布时间：2026-11-28'>关于组织…</a></li>"),
                "/1.html",
                T,
            ),
            (
                format!("<li><a href=/1.html title='文章标题：{T} 发布日期：2026-11-28 点击数：3'>关于组织…</a></li>"),
                "/1.html",
                T,
            ),
            (
                format!("<li><a href=/1.html><span>1.</span><span>{T}</span><span>2026年3月1日</span></a></li>"),
                "/1.html",
                T,
            ),
            (
                format!(
                    "<li><a href=/1.html><div><b>28</b><i>2026.11</i></div><h4>{T}</h4><p>为贯彻落实示例精神</p></a></li>"
                ),
                "/1.html",
                T,
            ),
            (format!("<li><a href=/1.html><b>28</b><i>2026.11</i><span>{T}</span></a></li>"), "/1.html", T),
            (format!("<li><a href=/1.html>[置顶] 12、{T}</a></li>"), "/1.html", T),
            (format!("<li><a href=/1.html title='{T}'>{T}...</a></li>"), "/1.html", T),
            ("<li><a href=/1.html>1.5亿元示例资金下达</a></li>".to_owned(), "/1.html", "1.5亿元示例资金下达"),
            ("<li><a href=/1.html>示例会议2026年3月1日召开</a></li>".to_owned(), "/1.html", "示例会议2026年3月1日召开"),
            (
                "<li><a href=\"javascript:location.href='/7.html'\">示例文件印发公告</a></li>".to_owned(),
                "/7.html",
                "示例文件印发公告",
            ),
        ] {
            assert_eq!(found(&entry), (url.to_owned(), title.to_owned()), "{entry}");
        }
    }
}
