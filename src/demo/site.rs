//! The sample government site: bundled pages, or those of a folder, served on loopback.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, bail};
use axum::Router;
use axum::extract::State;
use axum::http::{StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use chrono::{Datelike, Days, NaiveDate};
use rust_embed::RustEmbed;
use zhida_crawlers::Source;

use crate::clock::Clock;

/// Pages, attachments and source definitions, all written for the demo and marked 示例.
#[derive(RustEmbed)]
#[folder = "src/demo/site"]
struct Bundled;

/// Pages of one listing.
const PER_LIST: usize = 50;

/// Most pages that are taken from a folder.
const MAX_PAGES: usize = 5_000;

/// A site that is being served; dropping it ends that.
pub struct Site {
    address: SocketAddr,
    content: Arc<Content>,
    server: tokio::task::JoinHandle<()>,
}

enum Content {
    Bundled(Clock),
    Folder { root: PathBuf, pages: Vec<String> },
}

impl Drop for Site {
    fn drop(&mut self) {
        self.server.abort();
    }
}

impl Site {
    /// The bundled site; its dates are relative to `clock`.
    ///
    /// # Errors
    /// No port on loopback could be taken.
    pub async fn bundled(clock: Clock) -> anyhow::Result<Self> {
        Self::serve(Content::Bundled(clock)).await
    }

    /// The pages below a folder, as they are. Their list is made of their names, as a folder of saved pages has none.
    ///
    /// # Errors
    /// The folder is not there, or holds no page.
    pub async fn of_folder(root: &Path) -> anyhow::Result<Self> {
        let root = root.canonicalize().with_context(|| format!("找不到文件夹 {}", root.display()))?;
        let mut pages = Vec::new();
        find_pages(&root, &root, 0, &mut pages)?;
        pages.sort_unstable();
        let articles: Vec<String> = pages.iter().filter(|page| !is_index(page)).cloned().collect();
        if !articles.is_empty() {
            pages = articles;
        }
        if pages.is_empty() {
            bail!("{} 里没有网页（.html、.htm、.shtml）", root.display());
        }
        Self::serve(Content::Folder { root, pages }).await
    }

    async fn serve(content: Content) -> anyhow::Result<Self> {
        let content = Arc::new(content);
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.context("示例站点无法启动")?;
        let address = listener.local_addr()?;
        let app = Router::new().fallback(answer).with_state(content.clone());
        let server = tokio::spawn(async move {
            let _ = axum::serve(listener, app).await;
        });
        Ok(Self { address, content, server })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Its front page.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// How it is crawled: the definitions that it brings along, else its made list.
    ///
    /// # Errors
    /// A definition is wrong.
    pub fn sources(&self) -> anyhow::Result<Vec<Source>> {
        let base = self.url();
        let texts: BTreeMap<String, String> = match self.content.as_ref() {
            Content::Bundled(_) => Bundled::iter()
                .filter(|name| name.starts_with("sources/") && name.ends_with(".toml"))
                .filter_map(|name| {
                    let text = String::from_utf8(Bundled::get(&name)?.data.into_owned()).ok()?;
                    Some((name.into_owned(), text))
                })
                .collect(),
            Content::Folder { root, .. } => definitions(root)?,
        };
        if texts.is_empty() {
            return super::parse_sources(std::iter::once(("list".to_owned(), LISTED.to_owned())), &base);
        }
        super::parse_sources(texts.into_iter(), &base)
    }
}

/// The definition for a folder without one: the made list, page by page.
const LISTED: &str = r#"
name = "folder"
title = "网页文件夹"
region_code = "100000"
schedule = "0 0 8 * * *"
max_pages = 200

[[list]]
url = "{{base}}/__list__/1.html"
next = "a.next"
item = "li"
link = "a"
"#;

fn definitions(root: &Path) -> anyhow::Result<BTreeMap<String, String>> {
    let mut texts = BTreeMap::new();
    if let Ok(entries) = std::fs::read_dir(root.join("sources")) {
        for path in entries.filter_map(|entry| Some(entry.ok()?.path())) {
            if path.extension().is_some_and(|ending| ending == "toml") {
                texts.insert(path.display().to_string(), std::fs::read_to_string(&path)?);
            }
        }
    }
    Ok(texts)
}

fn find_pages(root: &Path, folder: &Path, depth: usize, pages: &mut Vec<String>) -> anyhow::Result<()> {
    if depth > 8 {
        return Ok(());
    }
    for entry in std::fs::read_dir(folder).with_context(|| format!("读不到文件夹 {}", folder.display()))? {
        let path = entry?.path();
        if path.is_dir() {
            find_pages(root, &path, depth + 1, pages)?;
        } else if pages.len() < MAX_PAGES
            && path
                .extension()
                .and_then(|ending| ending.to_str())
                .is_some_and(|ending| ["html", "htm", "shtml"].contains(&ending.to_ascii_lowercase().as_str()))
            && let Some(name) = path.strip_prefix(root).ok().and_then(Path::to_str)
        {
            pages.push(name.to_owned());
        }
    }
    Ok(())
}

fn is_index(page: &str) -> bool {
    let name = page.rsplit('/').next().unwrap_or(page);
    name.starts_with("index") || name.starts_with("list")
}

async fn answer(State(content): State<Arc<Content>>, uri: Uri) -> Response {
    let path = percent_decoded(uri.path().trim_start_matches('/'));
    let served = match content.as_ref() {
        Content::Bundled(clock) => bundled_page(&path, clock),
        Content::Folder { root, pages } => folder_page(&path, root, pages),
    };
    served.unwrap_or_else(|| (StatusCode::NOT_FOUND, "没有这个网页").into_response())
}

fn percent_decoded(path: &str) -> String {
    percent_encoding::percent_decode_str(path).decode_utf8_lossy().into_owned()
}

fn bundled_page(path: &str, clock: &Clock) -> Option<Response> {
    let path = if path.is_empty() { "index.html" } else { path };
    let file = Bundled::get(path)?;
    let kind = mime_guess::from_path(path).first_or_octet_stream();
    if kind.type_() != "text" {
        return Some(([(header::CONTENT_TYPE, kind.to_string())], file.data.into_owned()).into_response());
    }
    let text = with_dates(&String::from_utf8_lossy(&file.data), clock.today());
    // like many real sites, the GBK page says its charset in the page and not in the header
    if path.ends_with(".gbk.html") {
        let (bytes, ..) = encoding_rs::GBK.encode(&text);
        return Some(([(header::CONTENT_TYPE, "text/html")], bytes.into_owned()).into_response());
    }
    Some(([(header::CONTENT_TYPE, format!("{kind}; charset=utf-8"))], text).into_response())
}

fn folder_page(path: &str, root: &Path, pages: &[String]) -> Option<Response> {
    if let Some(number) = path.strip_prefix("__list__/").and_then(|rest| rest.strip_suffix(".html")) {
        return list_page(number.parse().ok()?, pages);
    }
    // only what lies below the folder, whatever dots and links the address has
    let file = root.join(path).canonicalize().ok().filter(|file| file.starts_with(root) && file.is_file())?;
    let bytes = std::fs::read(&file).ok()?;
    // saved pages know their charset better than a guess from the name would
    let kind = mime_guess::from_path(&file).first_or_octet_stream();
    Some(([(header::CONTENT_TYPE, kind.essence_str().to_owned())], bytes).into_response())
}

fn list_page(number: usize, pages: &[String]) -> Option<Response> {
    let chunk = pages.chunks(PER_LIST).nth(number.checked_sub(1)?)?;
    let mut html = String::from("<!doctype html><meta charset=\"utf-8\"><title>网页列表</title><ul>");
    for page in chunk {
        let address = page
            .split('/')
            .map(|part| percent_encoding::utf8_percent_encode(part, percent_encoding::NON_ALPHANUMERIC).to_string())
            .collect::<Vec<_>>()
            .join("/");
        let _ = write!(html, "<li><a href=\"/{address}\"></a></li>");
    }
    html.push_str("</ul>");
    if pages.len() > number * PER_LIST {
        let _ = write!(html, "<a class=\"next\" href=\"/__list__/{}.html\">下一页</a>", number + 1);
    }
    Some(([(header::CONTENT_TYPE, "text/html; charset=utf-8")], html).into_response())
}

/// Replaces `{{today-2}}` (2026-03-08), `{{today+30:cn}}` (2026年4月9日) and `{{today:hanzi}}` (二〇二六年三月十日).
fn with_dates(text: &str, today: NaiveDate) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("{{today") {
        out.push_str(before);
        let Some((spec, after)) = after.split_once("}}") else {
            out.push_str("{{today");
            rest = after;
            continue;
        };
        let (offset, form) = spec.split_once(':').unwrap_or((spec, "iso"));
        let days: i64 = if offset.is_empty() { 0 } else { offset.parse().unwrap_or(0) };
        let shift = Days::new(days.unsigned_abs());
        let date = if days < 0 { today.checked_sub_days(shift) } else { today.checked_add_days(shift) };
        out.push_str(&written(date.unwrap_or(today), form));
        rest = after;
    }
    out.push_str(rest);
    out
}

fn written(date: NaiveDate, form: &str) -> String {
    match form {
        "cn" => format!("{}年{}月{}日", date.year(), date.month(), date.day()),
        "year" => date.year().to_string(),
        "path" => date.format("%Y/%-m/%-d").to_string(),
        "hanzi" => {
            let year: String = date.year().to_string().chars().map(digit).collect();
            format!("{year}年{}月{}日", number(date.month()), number(date.day()))
        }
        _ => date.to_string(),
    }
}

fn digit(c: char) -> char {
    let digits = ['〇', '一', '二', '三', '四', '五', '六', '七', '八', '九'];
    c.to_digit(10).and_then(|value| digits.get(value as usize).copied()).unwrap_or(c)
}

/// 1 to 31 in words.
fn number(value: u32) -> String {
    let unit = |value: u32| char::from_digit(value, 10).map_or(' ', digit);
    match (value / 10, value % 10) {
        (0, units) => unit(units).to_string(),
        (1, 0) => "十".to_owned(),
        (1, units) => format!("十{}", unit(units)),
        (tens, 0) => format!("{}十", unit(tens)),
        (tens, units) => format!("{}十{}", unit(tens), unit(units)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_written_relative_to_today() {
        let today = NaiveDate::from_ymd_opt(2026, 3, 10).unwrap();
        for (text, expected) in [
            ("{{today}}", "2026-03-10"),
            ("x{{today-10}}y", "x2026-02-28y"),
            ("{{today+30:cn}}", "2026年4月9日"),
            ("{{today:hanzi}}", "二〇二六年三月十日"),
            ("{{today+21:hanzi}}", "二〇二六年三月三十一日"),
            ("{{today:year}}年 {{today", "2026年 {{today"),
        ] {
            assert_eq!(with_dates(text, today), expected);
        }
    }

    #[tokio::test]
    async fn a_folder_serves_only_what_lies_below_it() {
        let outside = tempfile::tempdir().unwrap();
        let root = outside.path().join("site");
        std::fs::create_dir_all(root.join("a b")).unwrap();
        std::fs::write(outside.path().join("secret.html"), "no").unwrap();
        std::fs::write(root.join("a b/通知.html"), "yes").unwrap();
        std::fs::write(root.join("index.html"), "list").unwrap();
        let Content::Folder { root, pages } = &*Site::of_folder(&root).await.unwrap().content.clone() else { panic!() };
        assert_eq!(pages, &["a b/通知.html"]);
        assert!(folder_page("a b/通知.html", root, pages).is_some());
        assert!(folder_page("../secret.html", root, pages).is_none());
        assert!(folder_page("__list__/1.html", root, pages).is_some());
        assert!(folder_page("__list__/2.html", root, pages).is_none());
        assert!(folder_page("__list__/0.html", root, pages).is_none());
    }
}
