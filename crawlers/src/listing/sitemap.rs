//! Sitemaps (sitemaps.org 0.9): `urlset`, `sitemapindex`, and plain text with an address a line.

use quick_xml::Reader;
use quick_xml::events::Event;
use url::Url;
use zhida_schemas::import_row::parse_date;

use super::{Content, ListError, ListItem, address, plain_text};

/// Most entries of one file, as the protocol has it.
const MAX_ENTRIES: usize = 50_000;

/// Longest text of one element, in bytes.
const MAX_TEXT: usize = 4_000;

/// Entries newest first where the file says when they changed.
pub(super) fn read(text: &str, base: &Url) -> Result<Content, ListError> {
    let text = text.trim_start_matches('\u{feff}').trim_start();
    let mut content = Content::default();
    if !text.starts_with('<') {
        let lines = text.lines().map(str::trim).filter(|line| line.starts_with("http"));
        content.items = lines
            .take(MAX_ENTRIES)
            .filter_map(|line| Some(ListItem { url: address(base, line)?, ..ListItem::default() }))
            .collect();
        return Ok(content);
    }
    let wrong = |reason: String| ListError::NotXml { url: base.to_string(), reason };
    let mut reader = Reader::from_str(text);
    reader.config_mut().check_end_names = false;
    reader.config_mut().allow_unmatched_ends = true;
    let mut parts: Vec<ListItem> = Vec::new();
    let mut entry = ListItem::default();
    let (mut value, mut is_sitemap) = (String::new(), false);
    loop {
        match reader.read_event().map_err(|error| wrong(error.to_string()))? {
            Event::Start(tag) => {
                value.clear();
                match tag.local_name().as_ref() {
                    "url" | "sitemap" => entry = ListItem::default(),
                    "urlset" | "sitemapindex" => is_sitemap = true,
                    _ => {}
                }
            }
            Event::Text(text) if value.len() < MAX_TEXT => value.push_str(&text),
            Event::CData(text) if value.len() < MAX_TEXT => value.push_str(&text),
            Event::GeneralRef(name) if value.len() < MAX_TEXT => {
                value.push_str(&format!("&{};", &*name));
            }
            Event::End(tag) => {
                let said = plain_text(&std::mem::take(&mut value));
                match tag.local_name().as_ref() {
                    // images have a `loc` of their own, under another name
                    "loc" if tag.name().prefix().is_none() => entry.url = address(base, &said).unwrap_or_default(),
                    "lastmod" => entry.modified = parse_date(&said),
                    "publication_date" => entry.date = parse_date(&said),
                    "title" => entry.title = Some(said).filter(|title| !title.is_empty()),
                    "url" if !entry.url.is_empty() => content.items.push(std::mem::take(&mut entry)),
                    "sitemap" if !entry.url.is_empty() => parts.push(std::mem::take(&mut entry)),
                    _ => {}
                }
            }
            Event::Eof => break,
            _ => {}
        }
        if content.items.len() + parts.len() >= MAX_ENTRIES {
            break;
        }
    }
    if !is_sitemap {
        return Err(wrong("没有 urlset 或 sitemapindex".to_owned()));
    }
    // stable: those without a date stay in the order of the file, behind the others
    content.items.sort_by_key(|item| std::cmp::Reverse(item.modified.max(item.date)));
    parts.sort_by_key(|part| std::cmp::Reverse(part.modified));
    content.lists = parts.into_iter().map(|part| part.url).collect();
    Ok(content)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn base() -> Url {
        Url::parse("https://x.gov.cn/sitemap.xml").unwrap()
    }

    #[test]
    fn entries_come_newest_first() {
        let text = "<?xml version='1.0'?><urlset xmlns='http://www.sitemaps.org/schemas/sitemap/0.9' xmlns:n='n' xmlns:image='i'>\
            <url><loc>https://x.gov.cn/a?x=1&amp;y=2</loc></url>\
            <url><loc> /b.html </loc><lastmod>2026-03-09T17:00:00Z</lastmod><image:image><image:loc>/p.png</image:loc></image:image></url>\
            <url><loc><![CDATA[https://x.gov.cn/c.html]]></loc><lastmod>2026-03-12</lastmod>\
              <n:news><n:publication_date>2026-03-11</n:publication_date><n:title>示例通知</n:title></n:news></url>\
            <url><loc>ftp://x.gov.cn/d</loc></url></urlset>";
        let items = read(text, &base()).unwrap().items;
        let urls: Vec<&str> = items.iter().map(|item| item.url.as_str()).collect();
        assert_eq!(urls, ["https://x.gov.cn/c.html", "https://x.gov.cn/b.html", "https://x.gov.cn/a?x=1&y=2"]);
        assert_eq!((items[0].title.as_deref(), items[0].date), (Some("示例通知"), "2026-03-11".parse().ok()));
        assert_eq!((items[1].date, items[1].modified), (None, "2026-03-10".parse().ok()));
    }

    #[test]
    fn an_index_leads_to_its_parts() {
        let text = "<sitemapindex><sitemap><loc>/1.xml</loc><lastmod>2020-01-01</lastmod></sitemap>\
                    <sitemap><loc>/2.xml.gz</loc><lastmod>2026-01-01</lastmod></sitemap></sitemapindex>";
        assert_eq!(read(text, &base()).unwrap().lists, ["https://x.gov.cn/2.xml.gz", "https://x.gov.cn/1.xml"]);
        assert_eq!(read("https://x.gov.cn/1\nnone\n/2\n", &base()).unwrap().items.len(), 1);
    }

    #[test]
    fn what_is_no_sitemap_is_told() {
        for text in ["<html><body>验证</body></html>", "<urlset", "<rss><channel/></rss>"] {
            assert!(read(text, &base()).is_err(), "{text}");
        }
        let bomb = format!("<urlset>{}", "<url>".repeat(300_000));
        assert!(read(&bomb, &base()).unwrap().items.is_empty());
    }
}
