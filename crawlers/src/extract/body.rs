//! The main text of a page: by known containers, else by density.

use ego_tree::NodeId;
use ego_tree::iter::Edge;
use scraper::{ElementRef, Node, Selector};
use std::collections::{HashMap, HashSet};
use url::Url;

use super::{all, one};

/// Containers that government CMS use for the text, the most specific first.
const CONTAINERS: &[&str] = &[
    "#UCAP-CONTENT",
    "#ucapcontent",
    "ucapcontent",
    ".TRS_UEDITOR",
    ".trs_editor_view",
    ".TRS_Editor",
    ".pages_content",
    "#zoom",
    "#Zoom",
    "#zoomcon",
    ".article-content",
    ".article_content",
    ".articleContent",
    ".article-con",
    ".wenzhang",
    ".news_cont_d_wrap",
    ".view.TRS_UEDITOR",
    ".xxgk-content",
    ".zwxl-article",
    ".zw_c_c_cont",
    ".bt_content",
    ".zfxxgk_zhengwen",
    "#mainText",
    "#content_body",
    ".content_body",
    ".arti_content",
    ".wp_articlecontent",
    "#vsb_content",
    ".v_news_content",
    ".rich_media_content",
    ".detail-content",
    ".detail_content",
    ".news-content",
    ".newscontent",
    ".con_text",
    ".conTxt",
    ".info-content",
    ".main-txt",
    ".main_txt",
    "#articleContent",
    "#article-content",
    "#js_content",
    ".nrzt",
    ".ewb-article-info",
    "#fontzoom",
    ".xl_content",
    ".document-content",
];

/// Elements that are no text.
const NO_TEXT: &[&str] = &[
    "script", "style", "noscript", "template", "iframe", "svg", "button", "select", "textarea", "nav", "footer",
    "head", "object",
];

/// Shortest text of a container that is believed, in characters.
const ENOUGH: usize = 40;

/// The element that holds the main text.
pub fn find<'a>(root: ElementRef<'a>, stated: Option<&str>, named: bool) -> Option<ElementRef<'a>> {
    if let Some(selector) = stated
        && let Some(element) = one(root, selector)
    {
        return Some(element);
    }
    for selector in CONTAINERS.iter().filter(|_| named) {
        let longest = all(root, selector).max_by_key(|element| visible(*element));
        if let Some(element) = longest.filter(|element| visible(*element) >= ENOUGH) {
            return Some(element);
        }
    }
    by_density(root).or_else(|| one(root, "body"))
}

fn visible(element: ElementRef<'_>) -> usize {
    text(element, None).chars().filter(|c| !c.is_whitespace()).count()
}

/// The element whose own paragraphs hold the most text that is no link: paragraphs give their length to the parent and
/// half of it to the grandparent, as readability does.
fn by_density(root: ElementRef<'_>) -> Option<ElementRef<'_>> {
    let mut scores: HashMap<NodeId, f64> = HashMap::new();
    for paragraph in all(root, "p, td, pre, section, div, span, blockquote") {
        // the text that stands directly in it
        let own: String =
            paragraph.children().filter_map(|child| child.value().as_text().map(|text| &**text)).collect();
        let length = own.chars().filter(|c| !c.is_whitespace()).count();
        if length < 8 || within_link(paragraph) {
            continue;
        }
        let commas = own.chars().filter(|c| "，。；：、".contains(*c)).count();
        let score = length as f64 + 10.0 * commas as f64;
        let mut share = 1.0;
        for above in paragraph.ancestors().filter_map(ElementRef::wrap).take(4) {
            *scores.entry(above.id()).or_default() += score * share;
            share *= 0.6;
        }
        *scores.entry(paragraph.id()).or_default() += score * 0.9;
    }
    let (best, _) = scores.into_iter().max_by(|a, b| a.1.total_cmp(&b.1).then(b.0.cmp(&a.0)))?;
    let mut element = all(root, "*").find(|element| element.id() == best)?;
    // a table's cell or row is part of a table that is part of the text
    while matches!(element.value().name(), "tr" | "td" | "tbody" | "table" | "p" | "span" | "section" | "strong") {
        match element.parent().and_then(ElementRef::wrap) {
            Some(parent) if parent.value().name() != "body" => element = parent,
            _ => break,
        }
    }
    Some(element)
}

fn within_link(element: ElementRef<'_>) -> bool {
    element.value().name() == "a"
        || element.ancestors().filter_map(ElementRef::wrap).take(3).any(|above| above.value().name() == "a")
}

fn removed(root: ElementRef<'_>, remove: Option<&str>) -> HashSet<NodeId> {
    let junk =
        ".share, .bdsharebuttonbox, .print, .fenxiang, .ewm, .erweima, .qrcode, .bshare-custom, .pageturn, .prevnext";
    let mut ids: HashSet<NodeId> = all(root, junk).map(|element| element.id()).collect();
    if let Some(selector) = remove.and_then(|remove| Selector::parse(remove).ok()) {
        ids.extend(root.select(&selector).map(|element| element.id()));
    }
    ids.remove(&root.id());
    ids
}

/// Plain text: paragraphs by line feeds, cells of a table row by tabs.
pub fn text(main: ElementRef<'_>, remove: Option<&str>) -> String {
    collect(main, &removed(main, remove), usize::MAX)
}

/// The text of the page without that of `main`, at most so many bytes.
pub fn text_outside(root: ElementRef<'_>, main: ElementRef<'_>, limit: usize) -> String {
    if root.id() == main.id() || main.value().name() == "body" {
        // the text could not be told from what is around it
        return collect(root, &HashSet::new(), limit.min(3_000));
    }
    collect(root, &HashSet::from([main.id()]), limit)
}

fn collect(root: ElementRef<'_>, skip: &HashSet<NodeId>, limit: usize) -> String {
    let mut out = String::new();
    let mut skipping: Option<NodeId> = None;
    for edge in root.traverse() {
        match edge {
            Edge::Open(node) => {
                if skipping.is_some() {
                    continue;
                }
                match node.value() {
                    Node::Element(element) => {
                        if NO_TEXT.contains(&element.name()) || skip.contains(&node.id()) {
                            skipping = Some(node.id());
                        } else if element.name() == "br" || is_block(element.name()) {
                            end_line(&mut out);
                        }
                    }
                    Node::Text(text) => {
                        for c in text.chars() {
                            match c {
                                '\u{200b}' | '\u{feff}' | '\0' => {}
                                // source line feeds are no line feeds
                                c if c.is_whitespace() => {
                                    if !out.ends_with(['\n', ' ', '\t']) && !out.is_empty() {
                                        out.push(' ');
                                    }
                                }
                                c => out.push(c),
                            }
                        }
                    }
                    _ => {}
                }
            }
            Edge::Close(node) => {
                if skipping == Some(node.id()) {
                    skipping = None;
                } else if skipping.is_none()
                    && let Node::Element(element) = node.value()
                {
                    match element.name() {
                        "td" | "th" => {
                            out.truncate(out.trim_end_matches([' ', '\n']).len());
                            out.push('\t');
                        }
                        name if is_block(name) => end_line(&mut out),
                        _ => {}
                    }
                }
            }
        }
        if out.len() > limit {
            break;
        }
    }
    out.truncate(out.trim_end().len());
    out
}

fn end_line(out: &mut String) {
    out.truncate(out.trim_end_matches([' ', '\t']).len());
    if !out.is_empty() && !out.ends_with('\n') {
        out.push('\n');
    }
}

fn is_block(name: &str) -> bool {
    matches!(
        name,
        "p" | "div"
            | "tr"
            | "table"
            | "li"
            | "ul"
            | "ol"
            | "h1"
            | "h2"
            | "h3"
            | "h4"
            | "h5"
            | "h6"
            | "section"
            | "article"
            | "blockquote"
            | "pre"
            | "dl"
            | "dt"
            | "dd"
            | "hr"
            | "center"
            | "header"
            | "form"
            | "fieldset"
            | "caption"
            | "ucapcontent"
    )
}

/// Sanitised HTML of the main text: tables and links stay, scripts, styles and handlers go.
pub fn html(main: ElementRef<'_>, remove: Option<&str>, base: Option<&Url>) -> String {
    let mut markup = main.inner_html();
    if markup.len() > 4 * 1024 * 1024 {
        return String::new(); // the plain text is shown instead
    }
    for id in removed(main, remove) {
        if let Some(element) = all(main, "*").find(|element| element.id() == id) {
            markup = markup.replacen(&element.html(), "", 1);
        }
    }
    let tags: HashSet<&str> = [
        "p",
        "br",
        "hr",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "ul",
        "ol",
        "li",
        "dl",
        "dt",
        "dd",
        "table",
        "caption",
        "thead",
        "tbody",
        "tfoot",
        "tr",
        "td",
        "th",
        "a",
        "b",
        "strong",
        "i",
        "em",
        "u",
        "s",
        "sub",
        "sup",
        "blockquote",
        "pre",
        "img",
        "div",
        "span",
    ]
    .into();
    let mut cleaner = ammonia::Builder::default();
    cleaner
        .tags(tags)
        .generic_attributes(HashSet::new())
        .tag_attributes(HashMap::from([
            ("a", HashSet::from(["href"])),
            ("img", HashSet::from(["alt"])),
            ("td", HashSet::from(["colspan", "rowspan"])),
            ("th", HashSet::from(["colspan", "rowspan"])),
        ]))
        .url_schemes(HashSet::from(["http", "https", "mailto", "tel"]))
        .link_rel(Some("noopener noreferrer nofollow"))
        .clean_content_tags(HashSet::from(["script", "style", "noscript", "template", "iframe"]));
    cleaner.url_relative(match base {
        Some(base) => ammonia::UrlRelative::RewriteWithBase(base.clone()),
        None => ammonia::UrlRelative::Deny,
    });
    cleaner.clean(&markup).to_string()
}
