//! RSS, Atom and JSON Feed.

use std::borrow::Cow;

use chrono::{DateTime, FixedOffset, NaiveDate, NaiveTime, TimeZone, Utc};
use feed_rs::model::{Entry, Feed};
use feed_rs::parser;
use quick_xml::Reader;
use quick_xml::events::Event;
use url::Url;
use zhida_schemas::import_row::parse_date;

use super::dates::{self, SHANGHAI};
use super::{Content, ListError, ListItem, MAX_ITEMS, address, plain_text};

/// Deepest nesting that is read: the parser of feeds calls itself for nested markup.
const MAX_DEPTH: usize = 100;

pub(super) fn read(text: &str, base: &Url) -> Result<Content, ListError> {
    let wrong = |reason: String| ListError::NotXml { url: base.to_string(), reason };
    let text = without_declarations(text.trim_start_matches('\u{feff}'));
    let text = text.trim_start();
    if too_deep(text) {
        return Err(wrong(format!("嵌套超过 {MAX_DEPTH} 层")));
    }
    let feed = parser::Builder::new()
        .base_uri(Some(base.as_str()))
        .timestamp_parser(time)
        .build()
        .parse(text.as_bytes())
        .map_err(|error| wrong(error.to_string()))?;
    let next = feed.links.iter().find(|link| link.rel.as_deref() == Some("next"));
    Ok(Content {
        next: next.and_then(|link| address(base, &link.href)),
        items: items(feed, base),
        ..Content::default()
    })
}

/// The feed without its XML declarations, wherever they stand: what they say of the charset is no longer true of decoded
/// text, and the parser panics on one that changes the charset midway.
fn without_declarations(text: &str) -> Cow<'_, str> {
    const BEGIN: &str = "<?xml";
    if !text.contains(BEGIN) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(BEGIN) {
        out.push_str(&rest[..at]);
        // what stands on both sides must not become a declaration
        out.push(' ');
        let inside = &rest[at + BEGIN.len()..];
        rest = inside.split_once("?>").map_or("", |(_, behind)| behind);
    }
    out.push_str(rest);
    Cow::Owned(out)
}

fn items(feed: Feed, base: &Url) -> Vec<ListItem> {
    feed.entries.into_iter().take(MAX_ITEMS).filter_map(|entry| item(entry, base)).collect()
}

fn item(entry: Entry, base: &Url) -> Option<ListItem> {
    let link = entry.links.iter().find(|link| link.rel.as_deref().is_none_or(|rel| rel == "alternate"));
    // a guid is the address where there is no link
    let href =
        link.map(|link| link.href.as_str()).or_else(|| Some(entry.id.as_str()).filter(|id| id.starts_with("http")))?;
    let local = FixedOffset::east_opt(SHANGHAI)?;
    let day = |time: Option<DateTime<Utc>>| time.map(|time| time.with_timezone(&local).date_naive());
    let modified = day(entry.updated);
    Some(ListItem {
        url: address(base, href)?,
        title: entry.title.map(|title| plain_text(&title.content)).filter(|title| !title.is_empty()),
        date: day(entry.published).or(modified),
        modified,
        ..ListItem::default()
    })
}

/// Times as the standards have them, and as people write them (`2026-03-10 09:00:00`: local time).
fn time(text: &str) -> Option<DateTime<Utc>> {
    let text = text.trim();
    if let Ok(time) = DateTime::parse_from_rfc3339(text).or_else(|_| DateTime::parse_from_rfc2822(text)) {
        return Some(time.to_utc());
    }
    if let Some(day) = parse_date(text) {
        return midnight(day);
    }
    midnight(dates::in_english(text)?)
}

fn midnight(day: NaiveDate) -> Option<DateTime<Utc>> {
    let local = FixedOffset::east_opt(SHANGHAI)?.from_local_datetime(&day.and_time(NaiveTime::MIN)).single()?;
    Some(local.to_utc())
}

fn too_deep(text: &str) -> bool {
    let mut reader = Reader::from_str(text);
    reader.config_mut().check_end_names = false;
    reader.config_mut().allow_unmatched_ends = true;
    let mut depth = 0_usize;
    loop {
        match reader.read_event() {
            Ok(Event::Start(_)) => depth += 1,
            Ok(Event::End(_)) => depth = depth.saturating_sub(1),
            // what is no XML is for the parser to say
            Ok(Event::Eof) | Err(_) => return false,
            Ok(_) => {}
        }
        if depth > MAX_DEPTH {
            return true;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn base() -> Url {
        Url::parse("https://x.gov.cn/rss/zc.xml").unwrap()
    }

    fn listed(text: &str) -> Vec<(String, Option<String>, Option<String>)> {
        let items = read(text, &base()).unwrap().items;
        items.into_iter().map(|item| (item.url, item.title, item.date.map(|day| day.to_string()))).collect()
    }

    #[test]
    fn rss_as_sites_write_it() {
        let rss = "\u{feff}<?xml version=\"1.0\" encoding=\"gb2312\"?>\n<rss version=\"2.0\"><channel><title>示例</title>\
            <item><title><![CDATA[关于<em>示例</em>&nbsp;的通知]]></title><link>/art/1.html</link>\
              <pubDate>Mon, 09 Mar 2026 16:30:00 GMT</pubDate></item>\
            <item><title>本地时间（示例）</title><link> https://x.gov.cn/art/2.html?a=1&amp;b=2 </link>\
              <pubDate>2026-03-10 23:30:00</pubDate></item>\
            <item><title>只有标识（示例）</title><guid>https://x.gov.cn/art/3.html</guid><pubDate>Tue Mar 10 09:00:00 CST 2026</pubDate></item>\
            <item><title>没有日期（示例）</title><link>https://x.gov.cn/art/4.html</link><pubDate>日前</pubDate></item>\
            <item><title>没有网址（示例）</title></item></channel></rss>";
        let expected = [
            ("https://x.gov.cn/art/1.html", "关于示例 的通知", Some("2026-03-10")),
            ("https://x.gov.cn/art/2.html?a=1&b=2", "本地时间（示例）", Some("2026-03-10")),
            ("https://x.gov.cn/art/3.html", "只有标识（示例）", Some("2026-03-10")),
            ("https://x.gov.cn/art/4.html", "没有日期（示例）", None),
        ];
        let expected =
            expected.map(|(url, title, date)| (url.to_owned(), Some(title.to_owned()), date.map(str::to_owned)));
        assert_eq!(listed(rss), expected);
    }

    #[test]
    fn atom_has_a_next_page() {
        let atom = "<feed xmlns=\"http://www.w3.org/2005/Atom\"><title>示例</title><id>urn:x</id>\
            <link rel=\"next\" href=\"zc2.xml\"/><updated>2026-03-10T00:00:00Z</updated>\
            <entry><id>urn:1</id><title type=\"html\">示例&lt;b&gt;通知&lt;/b&gt;</title>\
              <link rel=\"enclosure\" href=\"/a.pdf\"/><link href=\"../art/5.html#top\"/>\
              <published>2026-03-09T17:00:00Z</published><updated>2026-03-11T00:00:00Z</updated></entry></feed>";
        let content = read(atom, &base()).unwrap();
        assert_eq!(content.next.as_deref(), Some("https://x.gov.cn/rss/zc2.xml"));
        let [item] = content.items.as_slice() else { panic!("{:?}", content.items) };
        assert_eq!((item.url.as_str(), item.title.as_deref()), ("https://x.gov.cn/art/5.html", Some("示例通知")));
        assert_eq!(item.date.unwrap().to_string(), "2026-03-10");
    }

    #[test]
    fn declarations_anywhere_are_no_reason_to_stop() {
        let item = "<item><title>示例通知</title><link>/art/1.html</link></item>";
        for declared in [
            format!("<rss version=\"2.0\"><channel><?xml version=\"1.0\" encoding=\"gb2312\"?>{item}</channel></rss>"),
            format!(
                "\u{feff} <?xml version='1.0' encoding='utf-16'?><rss version=\"2.0\"><channel><?xml?>{item}</channel></rss>"
            ),
            format!("<rss version=\"2.0\"><channel>{item}</channel></rss><?x<?xml ?>ml encoding=\"gbk\"?>"),
        ] {
            assert_eq!(listed(&declared).len(), 1, "{declared}");
        }
        let open = "<rss version=\"2.0\"><channel><?xml version=\"1.0\" encoding=\"gb2312\"";
        let _ = read(open, &base());
    }

    #[test]
    fn what_is_no_feed_is_told() {
        let deep = format!("<rss><channel>{}", "<a>".repeat(200_000));
        let content = format!(
            "<feed xmlns=\"http://www.w3.org/2005/Atom\"><entry><content type=\"xhtml\">{}",
            "<b>".repeat(200_000)
        );
        for text in ["", "<html><body>验证</body></html>", "{}", "<rss", &deep, &content] {
            let shown: String = text.chars().take(40).collect();
            assert!(matches!(read(text, &base()), Err(ListError::NotXml { .. })), "{shown}");
        }
    }
}
