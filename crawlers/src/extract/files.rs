//! The files that a page links to.

use std::collections::HashSet;

use scraper::ElementRef;
use url::Url;
use zhida_schemas::policy::Attachment;

use super::body::Main;
use super::outline::Outline;
use super::{clean, text_of};

/// Endings of files that come as attachments, with their media types.
const KINDS: &[(&str, &str)] = &[
    ("pdf", "application/pdf"),
    ("doc", "application/msword"),
    ("docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
    ("wps", "application/vnd.ms-works"),
    ("xls", "application/vnd.ms-excel"),
    ("xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    ("et", "application/vnd.ms-excel"),
    ("ppt", "application/vnd.ms-powerpoint"),
    ("pptx", "application/vnd.openxmlformats-officedocument.presentationml.presentation"),
    ("ofd", "application/ofd"),
    ("ceb", "application/x-ceb"),
    ("txt", "text/plain"),
    ("rtf", "application/rtf"),
    ("zip", "application/zip"),
    ("rar", "application/vnd.rar"),
    ("7z", "application/x-7z-compressed"),
];

/// Most attachments of a page.
const MOST: usize = 100;

/// Most links of a page that are looked at.
const MOST_LINKS: usize = 5_000;

/// The media type of a file that an address or a name ends in, also in the query (`down.jsp?filename=表.doc`).
pub fn kind_of(address: &str) -> Option<&'static str> {
    let address = address.split('#').next().unwrap_or_default();
    let (path, query) = address.split_once('?').unwrap_or((address, ""));
    let by_ending = |text: &str| {
        let (_, ending) = text.trim().rsplit_once('.')?;
        let ending = ending.trim_end_matches(['）', ')', '】', '》', ' ']);
        KINDS.iter().find(|(kind, _)| kind.eq_ignore_ascii_case(ending)).map(|(_, media_type)| *media_type)
    };
    by_ending(path).or_else(|| query.split('&').find_map(by_ending))
}

/// An address of the web, from a link and the address of its page.
pub fn absolute(base: Option<&Url>, href: &str) -> Option<Url> {
    let href = href.trim();
    if href.is_empty() || href.starts_with('#') || href.len() > 4_000 {
        return None;
    }
    let url = match base {
        Some(base) => base.join(href).ok(),
        None => Url::parse(href).ok(),
    };
    url.filter(|url| matches!(url.scheme(), "http" | "https"))
}

/// The files that the main text links to, and those that the page lists beside and below it; not those in its
/// navigation or its foot.
pub fn attachments(outline: &Outline<'_>, main: &Main<'_>, base: Option<&Url>) -> Vec<Attachment> {
    let mut found: Vec<Attachment> = Vec::new();
    let mut seen: HashSet<String> = HashSet::new();
    let links = outline.items.iter().enumerate().filter(|(_, item)| item.name == "a").take(MOST_LINKS);
    let (inside, outside): (Vec<_>, Vec<_>) = links.partition(|(at, _)| outline.within(*at, main.item));
    let beside = outside.into_iter().filter(|(at, item)| *at > main.item && !item.furniture);
    for (at, item) in inside.into_iter().chain(beside) {
        if found.len() >= MOST {
            break;
        }
        let Some(attachment) = attachment(item.at, base, outline.within(at, main.item)) else { continue };
        if seen.insert(attachment.url.clone()) {
            found.push(attachment);
        }
    }
    found
}

fn attachment(link: ElementRef<'_>, base: Option<&Url>, inside: bool) -> Option<Attachment> {
    let href = link.attr("href")?;
    let url = absolute(base, href)?;
    let text = clean(&text_of(link));
    let title = link.attr("title").map(clean).unwrap_or_default();
    let media_type = kind_of(href).or_else(|| kind_of(&text)).or_else(|| kind_of(&title));
    // 附件1：示例表 whose address does not say what it is
    let called = inside && text.starts_with("附件") && text.chars().count() > 2;
    let is_page = [".html", ".htm", ".shtml", "/"].iter().any(|end| url.path().ends_with(end));
    if media_type.is_none() && (!called || is_page) {
        return None;
    }
    let of_path = || {
        let file = url.path().rsplit('/').next().unwrap_or_default();
        percent(file)
    };
    let name = [text, title].into_iter().find(|name| !name.is_empty()).unwrap_or_else(of_path);
    Some(Attachment {
        name: name.chars().take(300).collect(),
        url: url.into(),
        media_type: media_type.map(str::to_owned),
        ..Attachment::default()
    })
}

/// `%E8%A1%A8.doc` as it reads.
fn percent(file: &str) -> String {
    let query = format!("a={}", file.replace(['+', '&'], " "));
    url::form_urlencoded::parse(query.as_bytes()).next().map(|(_, file)| file.into_owned()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_of_files() {
        for (address, media_type) in [
            ("/a/b.PDF", Some("application/pdf")),
            ("down.jsp?classid=0&filename=%E8%A1%A8.doc", Some("application/msword")),
            ("附件1：示例表.xls）", Some("application/vnd.ms-excel")),
            ("https://x.gov.cn/art.html", None),
            ("https://x.gov.cn/", None),
            ("", None),
        ] {
            assert_eq!(kind_of(address), media_type, "{address}");
        }
        assert_eq!(percent("%E8%A1%A8.doc"), "表.doc");
    }
}
