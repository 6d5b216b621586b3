//! Long articles that a site spreads over several pages.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use regex::Regex;
use scraper::{Html, Selector};
use url::Url;
use zhida_schemas::Policy;

use super::{PageContext, clean, main_text, text_of};
use crate::charset;
use crate::fetch::{FetchError, Fetched, Fetcher};

/// Most further pages of one article.
const MOST: usize = 20;

/// TRS: `createPageHTML(3, 0, "t20260105_123", "html")`: how many pages, which one this is, name and ending; some
/// versions give the element first.
static SCRIPT: LazyLock<Regex> = LazyLock::new(|| {
    #[allow(clippy::expect_used)]
    Regex::new(
        r#"createPageHTML\(\s*(?:['"][^'"]{0,60}['"]\s*,\s*)?(\d{1,4})\s*,\s*(\d{1,4})\s*,\s*['"]([^'"]{1,100})['"]\s*,\s*['"](\w{1,8})['"]"#,
    )
    .expect("a pattern that every run compiles")
});

static LINKS: LazyLock<Selector> = LazyLock::new(|| super::selector("a[href]"));

/// Parameters that number the pages of an article.
const PARAMETERS: &[&str] = &["page", "p", "pageno", "pageindex", "curpage", "currentpage", "pagenum"];

/// The further pages of an article that a page names, by their numbers: links such as 2 or 下一页 to `name_2.html` or
/// `?page=2` beside this page, and the script of a CMS. Only pages of the same place under the same name count, so that
/// the next article or the next page of a list is none.
///
/// `begin` is the first page, when it is known: a further page need not lead back to it.
pub fn further_pages(markup: &str, url: &Url, begin: Option<&Url>) -> BTreeMap<u32, Url> {
    let mut found = BTreeMap::new();
    let Some(file) = url.path_segments().and_then(Iterator::last).map(str::to_owned) else { return found };
    let (stem, ending) = file.rsplit_once('.').unwrap_or((&file, ""));
    for script in SCRIPT.captures_iter(markup).take(5) {
        let (Ok(count), Ok(this)) = (script[1].parse::<u32>(), script[2].parse::<u32>()) else { continue };
        if this == 0 && &script[3] == stem && !stem.is_empty() {
            for number in 1..count.min(MOST as u32 + 1) {
                if let Ok(page) = url.join(&format!("{stem}_{number}.{}", &script[4])) {
                    found.insert(number + 1, page);
                }
            }
        }
    }
    // parsing takes time: only where a link could be one
    if !found.is_empty() || !["下一页", "下页", ">2<", "[2]"].iter().any(|words| markup.contains(words)) {
        return found;
    }
    let page = Html::parse_document(&super::bounded(markup));
    let targets = page.select(&LINKS).take(5_000);
    let targets: Vec<Url> = targets
        .filter_map(|link| super::files::absolute(Some(url), link.attr("href")?))
        .filter(|target| target.origin() == url.origin())
        .collect();
    // name_2.html is a further page where it leads back to name.html
    let first = stem.rsplit_once(['_', '-']).filter(|(name, digits)| {
        let file = if ending.is_empty() { (*name).to_owned() } else { format!("{name}.{ending}") };
        let first = url.join(&file);
        let is_first = |first: Url| begin == Some(&first) || targets.contains(&first);
        digits.len() <= 2 && digits.parse::<u32>().is_ok() && first.is_ok_and(is_first)
    });
    let stems = [Some(stem), first.map(|(name, _)| name)];
    for link in page.select(&LINKS).take(5_000) {
        let text = clean(&text_of(link));
        let text = text.trim_matches(['[', ']', '【', '】', '>', '»', ' ']);
        let counts = matches!(text, "下一页" | "下页" | "后一页") || text.len() <= 3 && text.parse::<u32>().is_ok();
        if !counts || found.len() >= MOST {
            continue;
        }
        let Some(target) = link.attr("href").and_then(|href| super::files::absolute(Some(url), href)) else { continue };
        if let Some(number) = number_of(&target, url, &stems, ending) {
            found.entry(number).or_insert(target);
        }
    }
    found
}

/// The number of a page in its address, when it is a further page of the same article.
fn number_of(target: &Url, url: &Url, stems: &[Option<&str>], ending: &str) -> Option<u32> {
    if target.origin() != url.origin() {
        return None;
    }
    if target.path() == url.path() {
        let parameter = |address: &Url| {
            address
                .query_pairs()
                .find(|(name, _)| PARAMETERS.contains(&name.to_ascii_lowercase().as_str()))
                .and_then(|(_, value)| value.parse::<u32>().ok())
        };
        let others = |address: &Url| {
            let pairs = address.query_pairs().into_owned();
            pairs.filter(|(name, _)| !PARAMETERS.contains(&name.to_ascii_lowercase().as_str())).collect::<Vec<_>>()
        };
        let number = parameter(target)?;
        return (others(target) == others(url) && number > parameter(url).unwrap_or(1)).then_some(number);
    }
    let (folder, file) = target.path().rsplit_once('/')?;
    if url.path().rsplit_once('/').map(|(folder, _)| folder) != Some(folder) {
        return None;
    }
    let (name, other) = file.rsplit_once('.').unwrap_or((file, ""));
    let stems = stems.iter().flatten().filter(|stem| !stem.is_empty());
    let digits = stems.into_iter().find_map(|stem| name.strip_prefix(stem)?.strip_prefix(['_', '-', '(']))?;
    let number = digits.trim_end_matches(')').parse::<u32>().ok().filter(|number| *number <= MOST as u32 + 1)?;
    (other == ending).then_some(number)
}

/// Fetches the further pages of an article and puts their text, markup and attachments behind those of the first.
///
/// # Errors
/// A page could not be fetched: half an article is none.
pub async fn read_further(
    policy: &mut Policy,
    first: &Fetched,
    context: &PageContext<'_>,
    fetcher: &Fetcher,
) -> Result<(), FetchError> {
    let Ok(url) = Url::parse(&first.url) else { return Ok(()) };
    let (markup, _) = charset::decode(&first.body, first.charset.as_deref());
    let mut pages = further_pages(&markup, &url, None);
    let mut read = vec![url.clone()];
    let begin = url;
    while let Some((_, url)) = pages.pop_first() {
        if read.len() > MOST {
            break;
        }
        if read.contains(&url) {
            continue;
        }
        let page = fetcher.get(url.as_str(), None).await?;
        let (markup, _) = charset::decode(&page.body, page.charset.as_deref());
        // a page of many may name only the next one
        pages.extend(further_pages(&markup, &url, Some(&begin)).into_iter().filter(|(_, url)| !read.contains(url)));
        append(
            policy,
            &page.body,
            &PageContext { url: &page.url, charset: page.charset.as_deref(), ..context.clone() },
        );
        read.push(url);
    }
    Ok(())
}

/// Puts the main text of a further page behind what is there; a page that repeats it adds nothing.
pub fn append(policy: &mut Policy, bytes: &[u8], context: &PageContext<'_>) {
    let Some(more) = main_text(bytes, context) else { return };
    if more.text.is_empty() || policy.body_text.ends_with(&more.text) {
        return;
    }
    policy.body_text.push('\n');
    policy.body_text.push_str(&more.text);
    policy.body_html.push_str(&more.html);
    for attachment in more.attachments {
        if policy.attachments.iter().all(|known| known.url != attachment.url) {
            policy.attachments.push(attachment);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn further_pages_are_told_from_other_links() {
        for (url, markup, expected) in [
            (
                "https://x.gov.cn/zc/t20260105_12.html",
                "<script>createPageHTML(3, 0, \"t20260105_12\", \"html\");</script>",
                "2 /zc/t20260105_12_1.html,3 /zc/t20260105_12_2.html",
            ),
            (
                "https://x.gov.cn/zc/t20260105_12.html",
                "<script>createPageHTML(9, 0, \"index\", \"html\");</script>",
                "",
            ),
            (
                "https://x.gov.cn/zc/content_12.htm",
                "<a href='content_12.htm'>1</a><a href='content_12_2.htm'>2</a><a href='content_12_2.htm'>下一页</a>",
                "2 /zc/content_12_2.htm",
            ),
            (
                "https://x.gov.cn/zc/content_12_2.htm",
                "<a href='content_12.htm'>1</a><a href='content_12_3.htm'>下一页</a>",
                "3 /zc/content_12_3.htm",
            ),
            ("https://x.gov.cn/a?id=7", "<a href='?id=7&page=2'>下一页</a><a href='?id=8&page=2'>[2]</a>", "2 /a"),
            (
                "https://x.gov.cn/zc/content_12.htm",
                "<a href='content_13.htm'>下一页</a><a href='https://y.gov.cn/zc/content_12_2.htm'>2</a><a href='/content_12_2.htm'>2</a>",
                "",
            ),
            ("https://x.gov.cn/zc/", "<a href='index_1.html'>下一页</a>", ""),
        ] {
            let found = further_pages(markup, &Url::parse(url).unwrap(), None);
            let found: Vec<String> = found.iter().map(|(number, url)| format!("{number} {}", url.path())).collect();
            assert_eq!(found.join(","), expected, "{url}");
        }
    }

    #[test]
    fn text_is_put_behind_text() {
        let page = |text: &str| format!("<h1>示例通知</h1><div class='TRS_Editor'><p>{text}</p></div>");
        let context = PageContext { url: "https://x.gov.cn/a.html", ..PageContext::default() };
        let first = page("第一部分，各单位应当认真组织申报，按时报送材料。");
        let mut policy = super::super::extract(first.as_bytes(), &context).unwrap();
        append(&mut policy, page("第二部分，附则。<a href='f.pdf'>附件</a>").as_bytes(), &context);
        append(&mut policy, page("第二部分，附则。<a href='f.pdf'>附件</a>").as_bytes(), &context);
        assert_eq!(policy.body_text, "第一部分，各单位应当认真组织申报，按时报送材料。\n第二部分，附则。附件");
        assert_eq!(policy.attachments.len(), 1);
        assert!(policy.body_html.contains("第二部分"));
    }
}
