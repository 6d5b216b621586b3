//! The main text of a page: the element that holds most of the page's sentences and least of anything else.

use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

use ego_tree::NodeId;
use ego_tree::iter::Edge;
use scraper::{ElementRef, Html, Node, Selector};
use url::Url;

use super::outline::{Item, Kind, NO_TEXT, Outline, Role, begins_with_date, is_block};
use super::{files, one};

/// What a line that is no sentence counts beside one that is, when the page's text is weighed.
const PLAIN: f64 = 0.25;

/// What a name that widely used CMS give to the text is worth, and a name that such elements often have.
const NAMED: f64 = 1.15;
const MAYBE: f64 = 1.04;

/// Characters of sentences below which a page has none to speak of.
const FEW: f64 = 30.0;

/// Most characters of a table's cell whose paragraphs are joined to one line.
const CELL: usize = 400;

/// Most bytes of sanitised HTML; a longer text is shown as plain text.
const MAX_HTML: usize = 4 * 1024 * 1024;

/// The main text.
pub struct Main<'a> {
    /// The element that holds it.
    pub element: ElementRef<'a>,
    /// Where it stands.
    pub item: usize,
    skip: HashSet<NodeId>,
}

impl<'a> Main<'a> {
    /// Everything.
    pub fn whole(root: ElementRef<'a>) -> Self {
        Self { element: root, item: 0, skip: HashSet::new() }
    }
}

/// Finds the main text: by the source's selector, else by weighing every block of the page. `named` is whether names of
/// containers count.
pub fn find<'a>(
    outline: &Outline<'a>,
    root: ElementRef<'a>,
    stated: Option<&str>,
    remove: Option<&str>,
    named: bool,
) -> Option<Main<'a>> {
    let stated = stated.and_then(|selector| one(root, selector)).and_then(|element| outline.position(element));
    let item = match stated {
        Some(item) => item,
        None => heaviest(outline, named)?,
    };
    let main = outline.items.get(item)?;
    let trusted = stated.is_some() || named && main.role == Role::Container;
    let mut skip = furniture_inside(outline, item, trusted);
    if let Some(selector) = remove.and_then(|remove| Selector::parse(remove).ok()) {
        skip.extend(main.at.select(&selector).map(|element| element.id()));
    }
    skip.remove(&main.at.id());
    Some(Main { element: main.at, item, skip })
}

/// Weighs every block by the share of the page's text that it holds and the share of its own lines that are text (the
/// harmonic mean of both); of blocks that weigh the same the innermost.
fn heaviest(outline: &Outline<'_>, named: bool) -> Option<usize> {
    let mut sums = vec![[0.0_f64; 3]];
    // the first heading is the page's title, further ones stand in the text
    let mut headed = false;
    for line in &outline.lines {
        let mut sum = sums.last().copied().unwrap_or_default();
        let (own, linked) = ((line.chars - line.linked) as f64, line.linked as f64);
        match line.kind {
            Kind::Prose => sum[0] += own,
            Kind::Plain => sum[1] += own,
            Kind::Heading if headed => sum[1] += own,
            Kind::Heading | Kind::Furniture => sum[2] += own,
        }
        headed |= line.kind == Kind::Heading;
        sum[2] += linked;
        sums.push(sum);
    }
    let between = |item: &Item<'_>| {
        let (from, to) = (sums.get(item.lines.0), sums.get(item.lines.1));
        match (from, to) {
            (Some(from), Some(to)) => [to[0] - from[0], to[1] - from[1], to[2] - from[2]],
            _ => [0.0; 3],
        }
    };
    // a page without sentences may show its text in images
    let images = between(outline.items.first()?)[0] < FEW;
    let between = |item: &Item<'_>| {
        let [prose, plain, other] = between(item);
        [prose + if images { item.pictured as f64 } else { 0.0 }, plain, other]
    };
    let whole = between(outline.items.first()?);
    let all = whole[0] + PLAIN * whole[1];
    let mut best = (0.0, None);
    for (at, item) in outline.items.iter().enumerate() {
        let may_hold = is_block(item.name)
            && !matches!(item.name, "p" | "tr" | "tbody" | "table" | "hr" | "pre")
            && !item.name.starts_with('h')
            || matches!(item.name, "td" | "body" | "html");
        if !may_hold || item.furniture {
            continue;
        }
        let [prose, plain, other] = between(item);
        let recall = (prose + PLAIN * plain) / all.max(1.0);
        let precision = (prose + plain) / (prose + plain + other).max(1.0);
        let name = match item.role {
            Role::Container if named => NAMED,
            Role::MayContain if named => MAYBE,
            _ => 1.0,
        };
        let score = name * 2.0 * recall * precision / (recall + precision).max(f64::MIN_POSITIVE);
        if score > 0.0 && score >= best.0 {
            best = (score, Some(at));
        }
    }
    best.1.or(Some(0))
}

/// What stands inside the main element and is no part of the text. In an element that is known to hold the text and
/// nothing else (`trusted`) only furniture by name and what leads to other pages goes.
fn furniture_inside(outline: &Outline<'_>, main: usize, trusted: bool) -> HashSet<NodeId> {
    let mut skip = HashSet::new();
    let Some(item) = outline.items.get(main) else { return skip };
    if !item.furniture {
        let inside = outline.items.iter().take(item.end).skip(main + 1);
        skip.extend(inside.filter(|inner| inner.furniture).map(|inner| inner.at.id()));
    }
    let lines = outline.lines_of(main);
    let is_text = |kind: Kind| matches!(kind, Kind::Prose);
    let first = lines.iter().position(|line| is_text(line.kind)).unwrap_or(0);
    let last = lines.iter().rposition(|line| is_text(line.kind)).unwrap_or(lines.len());
    // how many lines before each are text
    let text_before: Vec<usize> = std::iter::once(0)
        .chain(outline.lines.iter().scan(0, |count, line| {
            *count += usize::from(!matches!(line.kind, Kind::Furniture | Kind::Heading));
            Some(*count)
        }))
        .collect();
    let all_furniture = |block: &Item<'_>| text_before.get(block.lines.0) == text_before.get(block.lines.1);
    for (at, line) in lines.iter().enumerate() {
        let goes = match line.kind {
            Kind::Furniture if at > last => !line.text.contains("附件") && (!trusted || !is_only_linked(line)),
            Kind::Furniture | Kind::Heading if at < first => !trusted,
            Kind::Plain if at < first && begins_with_date(line) => {
                let block = outline.items.get(line.block).filter(|_| !trusted && line.block > main);
                if let Some(block) = block.filter(|block| block.lines.1 - block.lines.0 == 1) {
                    skip.insert(block.at.id());
                }
                false
            }
            _ => false,
        };
        if goes
            && line.block > main
            && let Some(block) = outline.items.get(line.block).filter(|block| all_furniture(block))
        {
            skip.insert(block.at.id());
        }
    }
    skip
}

fn is_only_linked(line: &super::outline::Line) -> bool {
    line.linked * 2 > line.chars && !line.text.starts_with(['上', '下'])
}

/// Plain text: paragraphs by line feeds, cells of a table's row by tabs, images with an alternative text that says
/// something as `［图：…］`.
pub fn text(main: &Main<'_>, outline: &Outline<'_>) -> String {
    let mut out = String::new();
    let mut skipping: Option<NodeId> = None;
    // how many cells of data are open: their paragraphs are one line
    let mut cells = 0_usize;
    let is_cell = |node: NodeId, name: &str| {
        matches!(name, "td" | "th") && outline.item_of(node).is_some_and(|item| item.chars <= CELL)
    };
    for edge in main.element.traverse() {
        match edge {
            Edge::Open(node) if skipping.is_none() => match node.value() {
                Node::Element(element) => {
                    let name = element.name();
                    if NO_TEXT.contains(&name) || main.skip.contains(&node.id()) {
                        skipping = Some(node.id());
                    } else if name == "img" {
                        if let Some(alt) = element.attr("alt").and_then(alternative) {
                            out.push_str(&format!("［图：{alt}］"));
                        }
                    } else if is_cell(node.id(), name) && node.id() != main.element.id() {
                        cells += 1;
                    } else if name == "br" || is_block(name) {
                        end_line(&mut out, cells > 0 && name != "tr");
                    }
                }
                Node::Text(text) => push_text(&mut out, text),
                _ => {}
            },
            Edge::Open(_) => {}
            Edge::Close(node) => {
                if skipping == Some(node.id()) {
                    skipping = None;
                } else if skipping.is_none()
                    && let Node::Element(element) = node.value()
                {
                    let name = element.name();
                    if matches!(name, "td" | "th") && node.id() != main.element.id() {
                        if is_cell(node.id(), name) {
                            cells = cells.saturating_sub(1);
                        }
                        out.truncate(out.trim_end_matches([' ', '\n']).len());
                        out.push('\t');
                    } else if is_block(name) {
                        end_line(&mut out, cells > 0 && name != "tr");
                    }
                }
            }
        }
    }
    out.truncate(out.trim_end().len());
    out
}

fn push_text(out: &mut String, text: &str) {
    for c in text.chars() {
        match c {
            '\u{200b}' | '\u{feff}' | '\0' => {}
            // line feeds of the source are no line feeds
            c if c.is_whitespace() => {
                if !out.ends_with(['\n', ' ', '\t']) && !out.is_empty() {
                    out.push(' ');
                }
            }
            c => out.push(c),
        }
    }
}

fn end_line(out: &mut String, in_cell: bool) {
    if in_cell {
        if !out.is_empty() && !out.ends_with(['\n', ' ', '\t']) {
            out.push(' ');
        }
        return;
    }
    out.truncate(out.trim_end_matches([' ', '\t']).len());
    if !out.is_empty() && !out.ends_with('\n') {
        out.push('\n');
    }
}

/// An alternative text that says what an image shows; names of files and of programs do not.
pub(super) fn alternative(alt: &str) -> Option<String> {
    let alt = super::clean(alt);
    let words = alt.chars().filter(|c| ('\u{4e00}'..='\u{9fff}').contains(c)).count();
    let is_name =
        alt.contains("微信图片") || alt.ends_with(|c: char| c.is_ascii_digit()) || alt.contains(['.', '_', '/']);
    (4..=200).contains(&words).then_some(alt).filter(|_| !is_name)
}

static CLEANER: LazyLock<ammonia::Builder<'static>> = LazyLock::new(|| {
    let mut cleaner = ammonia::Builder::default();
    cleaner
        .tags(TAGS.iter().copied().collect())
        .generic_attributes(HashSet::new())
        .tag_attributes(HashMap::from([
            ("a", HashSet::from(["href"])),
            ("td", HashSet::from(["colspan", "rowspan"])),
            ("th", HashSet::from(["colspan", "rowspan"])),
        ]))
        .url_schemes(HashSet::from(["http", "https", "mailto", "tel"]))
        .url_relative(ammonia::UrlRelative::Deny)
        .link_rel(Some("noopener noreferrer nofollow"));
    cleaner
});

/// Elements of sanitised HTML. Images are not among them: they would be loaded from other sites, which tells those who
/// reads what. A link to the image stands in their place, with the alternative text.
const TAGS: &[&str] = &[
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
    "div",
];

/// Markup from outside as it may be shown: tables and links stay, scripts, styles and handlers go.
pub fn sanitised(markup: &str) -> String {
    let page = Html::parse_document(&super::bounded(markup));
    let body = page.root_element().child_elements().find(|element| element.value().name() == "body");
    body.map_or_else(String::new, |body| html(&Main::whole(body), None))
}

/// Sanitised HTML of the main text: tables and links stay, scripts, styles, images and handlers go.
pub fn html(main: &Main<'_>, base: Option<&Url>) -> String {
    let mut out = String::new();
    let mut skipping: Option<NodeId> = None;
    for edge in main.element.traverse() {
        if out.len() > MAX_HTML {
            return String::new();
        }
        match edge {
            Edge::Open(node) if skipping.is_none() => match node.value() {
                Node::Element(element) => {
                    let name = element.name();
                    if NO_TEXT.contains(&name) || main.skip.contains(&node.id()) {
                        skipping = Some(node.id());
                    } else if name == "img" {
                        image(&mut out, element, base);
                    } else if TAGS.contains(&name) && node.id() != main.element.id() {
                        out.push('<');
                        out.push_str(name);
                        for attribute in ["colspan", "rowspan"] {
                            if let Some(span) = element.attr(attribute).and_then(|span| span.trim().parse::<u16>().ok())
                            {
                                out.push_str(&format!(" {attribute}=\"{span}\""));
                            }
                        }
                        if name == "a"
                            && let Some(url) = element.attr("href").and_then(|href| files::absolute(base, href))
                        {
                            out.push_str(" href=\"");
                            escape(&mut out, url.as_str());
                            out.push('"');
                        }
                        out.push('>');
                    }
                }
                Node::Text(text) => escape(&mut out, text),
                _ => {}
            },
            Edge::Open(_) => {}
            Edge::Close(node) => {
                if skipping == Some(node.id()) {
                    skipping = None;
                } else if skipping.is_none()
                    && let Node::Element(element) = node.value()
                    && TAGS.contains(&element.name())
                    && !matches!(element.name(), "br" | "hr")
                    && node.id() != main.element.id()
                {
                    out.push_str("</");
                    out.push_str(element.name());
                    out.push('>');
                }
            }
        }
    }
    CLEANER.clean(&out).to_string()
}

/// Where an image comes from; pages that load images late have the address in another attribute.
fn source_of(element: &scraper::node::Element) -> Option<&str> {
    let addresses = ["data-src", "data-original", "src"].into_iter().filter_map(|name| element.attr(name));
    addresses.map(str::trim).find(|source| !source.is_empty() && !source.starts_with("data:"))
}

/// Whether an image is one that is looked at: no icon and no small one.
pub(super) fn is_picture(element: &scraper::node::Element) -> bool {
    let small = ["width", "height"].iter().any(|side| {
        element
            .attr(side)
            .and_then(|size| size.trim_end_matches("px").trim().parse::<u32>().ok())
            .is_some_and(|size| size < 60)
    });
    let path = source_of(element).unwrap_or_default().split(['?', '#']).next().unwrap_or_default().to_ascii_lowercase();
    let named = ["icon", "logo", "ewm", "qrcode", "share", "banner"].iter().any(|word| path.contains(word));
    !small && !named && !path.is_empty() && !path.ends_with(".gif")
}

/// A link to an image in its place; small icons have none.
fn image(out: &mut String, element: &scraper::node::Element, base: Option<&Url>) {
    let alt = element.attr("alt").and_then(alternative);
    let source = source_of(element).filter(|_| is_picture(element));
    let url = source.and_then(|source| files::absolute(base, source));
    let label = match (&alt, &url) {
        (Some(alt), _) => format!("［图：{alt}］"),
        (None, Some(_)) => "［图］".to_owned(),
        (None, None) => return,
    };
    match url {
        Some(url) => {
            out.push_str("<a href=\"");
            escape(out, url.as_str());
            out.push_str("\">");
            escape(out, &label);
            out.push_str("</a>");
        }
        None => escape(out, &label),
    }
}

fn escape(out: &mut String, text: &str) {
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            c => out.push(c),
        }
    }
}
