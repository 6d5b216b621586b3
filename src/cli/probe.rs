//! What a source would take, on the terminal or as a page with each article beside its fields.

use std::path::Path;

use anyhow::Context;
use askama::Template;
use zhida_crawlers::probe::{Probe, ProbedArticle, probe};

use super::{Shared, print_json, say, table};
use crate::state::AppState;

/// Entries of a list that are shown on the terminal.
const SHOWN: usize = 5;
/// Columns of a value on the terminal.
const WIDE: usize = 70;
/// Most articles.
const MAX_ARTICLES: usize = 50;
/// Longest page that is shown beside its fields, in characters.
const MAX_PAGE: usize = 400_000;

/// Tries a source by name, by file or by the address of a list page. Nothing is stored. True when every list has
/// entries and every article could be read.
pub async fn run(
    shared: &Shared,
    state: &AppState,
    name: &str,
    articles: usize,
    html: Option<&Path>,
) -> anyhow::Result<bool> {
    let defined = state.sources.defined(&state.store).await?;
    let source = super::source::find(&defined, name)?;
    let bar = shared.progress(0, "试读", super::SPIN);
    bar.enable_steady_tick(std::time::Duration::from_millis(100));
    let probe = probe(&state.fetcher()?, &source, articles.min(MAX_ARTICLES)).await;
    bar.finish_and_clear();
    let well = probe.lists.iter().all(|list| list.error.is_none())
        && probe.articles.iter().all(|article| article.error.is_none());
    if let Some(path) = html {
        let page = Report::of(&source.title, &probe).render()?;
        std::fs::write(path, page).with_context(|| format!("写不了 {}", path.display()))?;
    }
    if shared.json {
        print_json(&probe)?;
        return Ok(well);
    }
    print(&probe);
    if let Some(path) = html {
        say!();
        say!("对照报告：{}（用浏览器打开）", path.display());
    }
    Ok(well)
}

fn print(probe: &Probe) {
    for list in &probe.lists {
        say!("列表 {}", list.url);
        if let Some(error) = &list.error {
            say!("  ✗ {error}");
            continue;
        }
        let pages = list.pages.map(|pages| format!("，共 {pages} 页")).unwrap_or_default();
        say!("  {} 条{pages}；下一页：{}", list.found, list.next.as_deref().unwrap_or("没有"));
        for url in &list.lists {
            say!("  栏目 {url}");
        }
        for item in list.items.iter().take(SHOWN) {
            let date = item.date.map_or_else(|| "没有日期".to_owned(), |date| date.to_string());
            say!("  {date}  {}", table::shorten(item.title.as_deref().unwrap_or(&item.url), WIDE));
        }
    }
    for article in &probe.articles {
        say!();
        say!("文章 {}", article.item.url);
        if let Some(error) = &article.error {
            say!("  ✗ {error}");
            continue;
        }
        let rows: Vec<Vec<String>> = article
            .fields
            .iter()
            .map(|field| {
                let value = if field.value.is_empty() { "（没有）" } else { &field.value };
                let origin = field.origin.as_deref().unwrap_or_default();
                vec![field.name.clone(), table::shorten(value, WIDE), table::shorten(origin, WIDE)]
            })
            .collect();
        table::print(&["要素", "读到的", "出处"], &rows);
    }
}

#[derive(Template)]
#[template(path = "probe.html")]
struct Report<'a> {
    title: &'a str,
    probe: &'a Probe,
    articles: Vec<(&'a ProbedArticle, String)>,
}

impl<'a> Report<'a> {
    fn of(title: &'a str, probe: &'a Probe) -> Self {
        Self { title, probe, articles: probe.articles.iter().map(|article| (article, page_of(article))).collect() }
    }
}

/// The page for a frame without scripts: its own address as the base, so that its styles are found.
fn page_of(article: &ProbedArticle) -> String {
    let page: String = article.page.chars().take(MAX_PAGE).collect();
    let address = article.item.url.replace('&', "&amp;").replace('"', "&quot;").replace('<', "&lt;");
    format!("<base href=\"{address}\" target=\"_blank\">{page}")
}
