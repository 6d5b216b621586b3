//! One page to a policy record, with or without a source definition.

mod body;
mod files;
pub(crate) mod labels;
mod markup;
mod outline;
pub mod paging;
mod published;
mod refused;
pub(crate) mod subjects;
mod title;

use chrono::NaiveDate;
use scraper::{ElementRef, Html, Selector};
use std::collections::HashMap;
use std::sync::LazyLock;
use url::Url;
use zhida_schemas::doc_number::DocNumber;
use zhida_schemas::import_row::parse_date;
use zhida_schemas::issuer;
use zhida_schemas::policy::{Location, Policy, Validity};

use crate::charset;
use crate::listing::shown_only;
use crate::source::Source;
use crate::understand::own_number;
use outline::Outline;

pub use body::sanitised;
pub(crate) use markup::bounded;
pub(crate) use published::{first_date, in_url as published_in_url};
pub use refused::{Refused, challenge};

/// Largest page that is read.
const MAX_BYTES: usize = 20 * 1024 * 1024;

/// What is known of a page besides its bytes.
#[derive(Debug, Clone, Default)]
pub struct PageContext<'a> {
    /// Address of the page, after redirects.
    pub url: &'a str,
    /// Charset of the Content-Type header.
    pub charset: Option<&'a str>,
    /// Definition of the source that the page belongs to: its selectors are tried first.
    pub source: Option<&'a Source>,
    /// Title that the list page showed.
    pub list_title: Option<&'a str>,
    /// Date that the list page showed.
    pub list_date: Option<NaiveDate>,
    /// Leaves the head's metadata out (for measuring).
    pub ignore_head: bool,
    /// Looks for the main text without knowing any container by name (for measuring).
    pub ignore_containers: bool,
}

/// Why a page gave no policy.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum ExtractError {
    /// Nothing to read.
    #[error("网页是空的")]
    Empty,
    /// Over the limit.
    #[error("网页有 {0} 字节，超过 {1} 字节的上限")]
    TooLarge(usize, usize),
    /// A list, a script shell, an error page, a challenge and the like.
    #[error("不是文章：{0}")]
    NotAnArticle(Refused),
}

impl ExtractError {
    /// The kind of page that stood in the article's place, as runs count it; `None` for one that may well be an article.
    pub fn kind(&self) -> Option<&'static str> {
        match self {
            Self::NotAnArticle(refused) => Some(refused.name()),
            Self::Empty => Some("empty"),
            Self::TooLarge(..) => None,
        }
    }
}

/// Reads one page (raw bytes) into a policy record: head metadata first, labelled header blocks next, then the text
/// itself. Attachments are listed, not fetched. Facts in the text are not yet understood.
///
/// # Errors
/// See [`ExtractError`].
pub fn extract(bytes: &[u8], context: &PageContext<'_>) -> Result<Policy, ExtractError> {
    if bytes.len() > MAX_BYTES {
        return Err(ExtractError::TooLarge(bytes.len(), MAX_BYTES));
    }
    if bytes.trim_ascii().is_empty() {
        return Err(ExtractError::Empty);
    }
    let no_article = |reason: Refused| Err(ExtractError::NotAnArticle(reason));
    let (text, _) = charset::decode(bytes, context.charset);
    if let Some(reason) = refused::no_page(&text) {
        return no_article(reason);
    }
    let page = Html::parse_document(&bounded(&text));
    let root = page.root_element();
    let outline = Outline::read(root);
    let base = Url::parse(context.url).ok();
    let head = if context.ignore_head { Head::default() } else { Head::read(root) };
    let labels = labels::read(&outline);
    let rules = context.source.map(|source| &source.article);
    let selected = |selector: Option<&String>| {
        selector
            .and_then(|selector| one(root, selector))
            .map(|element| clean(&text_of(element)))
            .filter(|text| !text.is_empty())
    };

    let remove = rules.and_then(|rules| rules.remove.as_deref());
    let stated = rules.and_then(|rules| rules.body.as_deref());
    let main = body::find(&outline, root, stated, remove, !context.ignore_containers);
    let Some(main) = main else { return no_article(Refused::NoText) };
    let body_text = body::text(&main, &outline);
    let attachments = files::attachments(&outline, &main, base.as_ref());
    let has_head = head.get(&["articletitle"]).is_some() && head.get(&["pubdate"]).is_some();
    let shown_on = published::on_page(&outline, &main);
    // an article may be images alone; the image of a page without a date is its picture of itself
    let pictured = outline.items.get(main.item).is_some_and(|item| item.pictured > 0);
    let dated = has_head || shown_on.is_some();
    let holds = !attachments.is_empty() || pictured && dated;
    let reason = refused::no_article(&outline, &main, &text, &body_text, dated, has_head, holds);
    if let Some(reason) = reason {
        return no_article(reason);
    }

    let title = selected(rules.and_then(|rules| rules.title.as_ref()))
        .or_else(|| {
            head.get(&["articletitle", "article.title", "article_title"]).map(|title| title::without_site(&title, None))
        })
        .or_else(|| labels.get("title").map(str::to_owned).filter(|title| title.chars().count() > 4))
        .or_else(|| {
            let whole = root.select(&TITLE).next().map(text_of);
            title::find(&outline, &main, whole.as_deref(), context, &head)
        })
        .or_else(|| context.list_title.map(clean))
        .or_else(|| body_text.lines().map(clean).find(|line| line.chars().count() > 4))
        .filter(|title| !title.is_empty());
    let Some(title) = title else { return no_article(Refused::NoTitle) };
    let title = shown_title(&title);

    let published_on = selected(rules.and_then(|rules| rules.published_on.as_ref()))
        .and_then(|text| first_date(&text))
        .or_else(|| {
            let names = [
                "pubdate",
                "publishdate",
                "firstpublishedtime",
                "publish_date",
                "article:published_time",
                "pubtime",
                "createdate",
            ];
            names.iter().find_map(|name| head.get(&[*name]).and_then(|date| parse_date(&date)))
        })
        .or_else(|| labels.get("published_on").and_then(first_date))
        .or(shown_on)
        .or(context.list_date)
        .or_else(|| {
            let head = if context.ignore_head { text.find("</head>").unwrap_or(0) } else { 0 };
            published::in_scripts(&text[head..])
        })
        .or_else(|| published::in_url(context.url));

    let within = context.source.and_then(Source::within);
    let mut issuers: Vec<String> = Vec::new();
    let stated = [
        selected(rules.and_then(|rules| rules.issuer.as_ref())),
        labels.get("issuers").map(str::to_owned),
        head.get(&["contentsource", "source", "author"]),
        labels.get("source").map(str::to_owned),
    ];
    for field in stated.into_iter().flatten() {
        if issuers.is_empty() && !NO_SOURCES.contains(&field.trim()) {
            issuers = issuer::split(&field, within).into_iter().map(|issuer| clean(&issuer.name)).collect();
        }
    }
    if let [name] = issuers.as_slice()
        && let Some(whole) = with_place(name, &title, &body_text, within)
    {
        issuers = vec![whole];
    }
    // an author may be a person, and what stands beside the date anything: only an office with its place counts
    let author = labels.get("author").map(str::to_owned);
    for field in
        author.into_iter().chain(beside_date(&outline, &main)).filter(|_| issuers.is_empty()).collect::<Vec<_>>()
    {
        let offices = issuer::split(&field, within);
        if issuers.is_empty() && !offices.is_empty() && offices.iter().all(|office| office.region_code.is_some()) {
            issuers = offices.into_iter().map(|office| office.name).collect();
        }
    }

    let mut policy = Policy {
        url: Some(context.url.to_owned()).filter(|url| !url.is_empty()),
        doc_number: selected(rules.and_then(|rules| rules.doc_number.as_ref()))
            .or_else(|| labels.get("doc_number").map(str::to_owned))
            .filter(|number| DocNumber::parse(number).is_some())
            .or_else(|| above_text(&outline, &main))
            .or_else(|| order_in_two_lines(&body_text))
            .or_else(|| own_number(&title, &body_text)),
        index_number: labels.get("index_number").map(str::to_owned).filter(|number| number.chars().count() < 60),
        issuers,
        subjects: labels.get("subjects").map(subjects::read).unwrap_or_default(),
        keywords: labels.get("keywords").map(keywords).unwrap_or_default(),
        kind: labels
            .get("kind")
            .and_then(|kind| zhida_schemas::kind::KINDS.iter().find(|known| kind.trim() == **known))
            .map(|kind| (*kind).to_owned()),
        written_on: labels.get("written_on").and_then(first_date),
        published_on,
        effective_on: labels.get("effective_on").and_then(first_date),
        expires_on: labels.get("expires_on").and_then(first_date),
        validity: labels.get("validity").map_or(Validity::Unknown, validity),
        body_html: body::html(&main, base.as_ref()),
        body_text,
        attachments,
        title,
        ..Policy::default()
    };
    if let Some(url) = &policy.url {
        let site = head.get(&["sitename"]);
        policy.locations.push(Location { url: url.clone(), site, published_on, ..Location::default() });
    }
    for (field, words) in labels.evidence() {
        policy.evidence.insert(field.to_owned(), words.to_owned());
    }
    Ok(policy)
}

static META: LazyLock<Selector> = LazyLock::new(|| selector("meta[content]"));
static TITLE: LazyLock<Selector> = LazyLock::new(|| selector("title"));

fn selector(selector: &str) -> Selector {
    #[allow(clippy::expect_used)]
    Selector::parse(selector).expect("a selector that every run compiles")
}

/// The head's metadata by name, without regard to case; the first that is not empty counts.
#[derive(Default)]
struct Head(HashMap<String, String>);

impl Head {
    fn read(root: ElementRef<'_>) -> Self {
        let mut found = HashMap::new();
        for meta in root.select(&META).take(500) {
            let name = meta.attr("name").or(meta.attr("property")).unwrap_or_default().trim().to_ascii_lowercase();
            let content = clean(meta.attr("content").unwrap_or_default());
            if !name.is_empty() && !content.is_empty() {
                found.entry(name).or_insert(content);
            }
        }
        Self(found)
    }

    fn get(&self, names: &[&str]) -> Option<String> {
        names.iter().find_map(|name| self.0.get(*name)).cloned()
    }
}

/// `省经信厅` as the source of a text that says 浙江省经济和信息化厅 in its title or on a line of its own: the full name.
/// `None` where the name has its place, or the text does not say which.
fn with_place(name: &str, title: &str, body: &str, within: Option<&str>) -> Option<String> {
    let placed = |name: &str| {
        let offices = issuer::split(name, within);
        offices
            .first()
            .filter(|office| offices.len() == 1 && office.region_code.is_some())
            .map(|office| office.name.clone())
    };
    if placed(name).is_some() {
        return None;
    }
    let lines = body.lines().take(2_000).filter(|line| line.chars().count() <= 40);
    std::iter::once(title).chain(lines).find_map(|line| {
        let before = &line[..line.find(name)?];
        let length: usize = before.chars().rev().take(8).take_while(|c| c.is_alphabetic()).map(char::len_utf8).sum();
        placed(&format!("{}{name}", &before[before.len() - length..]))
            .filter(|whole| whole.ends_with(name) && whole != name)
    })
}

/// What stands behind 来源 and names no office.
const NO_SOURCES: &[&str] = &[
    "本局",
    "本厅",
    "本委",
    "本部",
    "本办",
    "本院",
    "本站",
    "本网",
    "本单位",
    "我局",
    "我厅",
    "我委",
    "原创",
    "网络",
    "互联网",
    "未知",
];

/// How many lines above the text may hold its number, or the date and what stands beside it.
const NEAR: usize = 10;

/// The short texts of the elements beside the date above the text.
fn beside_date(outline: &Outline<'_>, main: &body::Main<'_>) -> Vec<String> {
    let begin = outline.first_prose(main.item);
    let lines = outline.lines.iter().take(begin).rev().take(NEAR);
    let dated =
        lines.filter(|line| line.chars <= 120 && line.linked * 2 <= line.chars && first_date(&line.text).is_some());
    let blocks =
        dated.filter_map(|line| outline.items.get(line.block..outline.items.get(line.block)?.end.min(line.block + 40)));
    blocks
        .take(2)
        .flatten()
        .filter(|item| (4..=40).contains(&item.chars) && item.linked == 0)
        .map(|item| clean(&text_of(item.at)))
        .collect()
}

/// A number on a line of its own between the title and the text.
fn above_text(outline: &Outline<'_>, main: &body::Main<'_>) -> Option<String> {
    let lines = outline.lines.iter().take(outline.items.get(main.item)?.lines.0).rev().take(NEAR);
    let alone = lines
        .filter(|line| line.linked == 0 && line.chars <= 40)
        .map(|line| line.text.trim_matches(['（', '）', '(', ')', ' ']));
    alone.filter(|line| DocNumber::parse(line).is_some_and(|number| number.year.is_some())).map(str::to_owned).next()
}

/// `某市人民政府令` and below it `第179号`, as the head of an order is set.
fn order_in_two_lines(body: &str) -> Option<String> {
    let mut before = "";
    for line in body.lines().map(str::trim).filter(|line| !line.is_empty()).take(5) {
        let set = ["令", "公告", "通告"].iter().any(|end| before.ends_with(end))
            && line.starts_with('第')
            && line.ends_with('号')
            && before.chars().count() + line.chars().count() <= 50;
        if set {
            let number = format!("{before}{line}");
            return DocNumber::parse(&number).filter(|number| number.order).map(|_| number);
        }
        before = line;
    }
    None
}

fn keywords(text: &str) -> Vec<String> {
    let words = text.split([' ', '、', '；', ';', ',', '，', '\u{3000}']).map(str::trim);
    words.filter(|word| !word.is_empty() && word.chars().count() < 30).take(30).map(str::to_owned).collect()
}

fn validity(text: &str) -> Validity {
    let text = text.trim();
    match text {
        _ if text.contains("废止") => Validity::Repealed,
        _ if text.contains("失效") || text == "无效" => Validity::Expired,
        _ if text.contains("修改") || text.contains("修订") => Validity::Amended,
        _ if text.contains("尚未生效") || text.contains("未生效") => Validity::NotYet,
        "是" | "有效" | "现行有效" | "继续有效" | "生效" => Validity::InForce,
        _ => Validity::Unknown,
    }
}

fn one<'a>(root: ElementRef<'a>, selector: &str) -> Option<ElementRef<'a>> {
    root.select(&Selector::parse(selector).ok()?).next()
}

fn text_of(element: ElementRef<'_>) -> String {
    element.text().collect()
}

/// Main text, its markup and its files.
struct MainText {
    text: String,
    html: String,
    attachments: Vec<zhida_schemas::policy::Attachment>,
}

/// The main text of a further page of an article, whatever else the page has.
fn main_text(bytes: &[u8], context: &PageContext<'_>) -> Option<MainText> {
    let (text, _) = charset::decode(bytes.get(..bytes.len().min(MAX_BYTES))?, context.charset);
    if refused::no_page(&text).is_some() {
        return None;
    }
    let page = Html::parse_document(&bounded(&text));
    let root = page.root_element();
    let outline = Outline::read(root);
    let base = Url::parse(context.url).ok();
    let rules = context.source.map(|source| &source.article);
    let (stated, remove) =
        (rules.and_then(|rules| rules.body.as_deref()), rules.and_then(|rules| rules.remove.as_deref()));
    let main = body::find(&outline, root, stated, remove, !context.ignore_containers)?;
    Some(MainText {
        text: body::text(&main, &outline),
        html: body::html(&main, base.as_ref()),
        attachments: files::attachments(&outline, &main, base.as_ref()),
    })
}

/// The text of a saved web page, all of it.
pub(crate) fn plain_text(markup: &str) -> String {
    let page = Html::parse_document(&bounded(markup));
    let outline = Outline::read(page.root_element());
    body::text(&body::Main::whole(page.root_element()), &outline)
}

/// The text of markup without parsing it: what stands between tags, scripts and styles left out; at most so many bytes.
fn text_of_markup(markup: &str, limit: usize) -> String {
    let mut out = String::new();
    let mut rest = markup;
    while let Some(at) = rest.find('<') {
        out.push_str(&rest[..at]);
        if out.len() > limit {
            break;
        }
        rest = &rest[at..];
        let name: String = rest[1..].chars().take(8).take_while(char::is_ascii_alphabetic).collect();
        let end = match name.to_ascii_lowercase().as_str() {
            close @ ("script" | "style" | "noscript") => {
                let lower = format!("</{close}");
                rest.find(&lower).or_else(|| rest.find(&lower.to_ascii_uppercase())).unwrap_or(rest.len())
            }
            _ if rest.starts_with("<!--") => rest.find("-->").map_or(rest.len(), |end| end + 2),
            _ => 0,
        };
        rest = rest[end..].find('>').map_or("", |close| &rest[end + close + 1..]);
        out.push(' ');
    }
    out
}

/// A title as it is stored: without what is not shown, and no longer than a record takes.
pub(crate) fn shown_title(text: &str) -> String {
    clean(text).chars().take(500).collect()
}

fn clean(text: &str) -> String {
    shown_only(text).split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_article_is_refused_with_the_reason() {
        for (page, reason) in [
            ("", "空"),
            ("  \n", "空"),
            ("{\"code\":200}", "JSON"),
            ("%PDF-1.4", "文件"),
            ("<html><body><script>load()</script><div id=app></div></body></html>", ""),
            (
                "<title>404 Not Found</title><body><h1>404</h1><p>您访问的页面不存在或已被删除，请返回首页继续浏览。</p>",
                "错误页",
            ),
        ] {
            let error =
                extract(page.as_bytes(), &PageContext { url: "https://x.gov.cn/1.html", ..PageContext::default() })
                    .unwrap_err();
            assert!(error.to_string().contains(reason), "{page}: {error}");
        }
        assert!(matches!(
            extract(&vec![b'a'; MAX_BYTES + 1], &PageContext::default()),
            Err(ExtractError::TooLarge(..))
        ));
    }

    /// Markup that makes a reader that looks at everything inside of everything take the square of its length.
    #[test]
    fn deep_and_long_markup_is_read_in_time() {
        let source = crate::Source::parse(
            "name = \"x\"\ntitle = \"x\"\nregion_code = \"321100\"\nextends = \"trs\"\n[[list]]\nurl = \"https://x.gov.cn/\"",
        )
        .unwrap();
        let text = "示例正文，说明申报条件。".repeat(20);
        let zoom = "<div id=\"zoom\" class=\"TRS_Editor\">";
        for (case, page) in [
            ("nested elements", format!("<body>{}<p>{text}</p>", "<div><b>".repeat(100_000))),
            ("nested main texts", format!("{}<p>{text}</p>", zoom.repeat(347))),
            (
                "nested main texts with lines",
                format!("{}<p>{text}</p>", format!("{zoom}关于示例<br>来源：示例").repeat(3_000)),
            ),
            ("nested main texts in paragraphs", format!("{}<p>{text}</p>", format!("{zoom}<p>发布日期").repeat(3_000))),
            ("lines of navigation", format!("<p>{text}</p><div>{}</div>", "上一篇：示例<br>".repeat(60_000))),
            (
                "navigation in the text",
                format!(
                    "<div id=zoom>{}<p>{text}</p>{}</div>",
                    "来源：示例<br>".repeat(30_000),
                    "下一篇：示例<br>".repeat(30_000)
                ),
            ),
            (
                "empty elements inside",
                format!("{}{}<p>{text}</p>", "<div class=date>".repeat(250), "<span></span>".repeat(60_000)),
            ),
            ("headings", format!("{}<p>{text}</p>", "<h1>关于示例的通知".repeat(30_000))),
            (
                "nested titles",
                format!(
                    "{}关于示例的通知{}<p>{text}</p>",
                    "<div class=title>".repeat(250),
                    "<span></span>".repeat(60_000)
                ),
            ),
            ("labels", format!("{}<p>{text}</p>", "<span>来源：<i>发布日期".repeat(30_000))),
            (
                "nested hidden elements",
                format!("{}{}", "<div hidden class=share>".repeat(250), format!("<p>{text}</p>").repeat(3_000)),
            ),
            ("nested cells", format!("{}{text}", "<table><tr><td>".repeat(3_000))),
            ("links", format!("{}<p>{text}</p>", "<a href=a.pdf title=附件>附件".repeat(30_000))),
            (
                "a table",
                format!("<div id=zoom><p>{text}</p><table>{}</table></div>", "<tr><td>甲<td>乙</tr>".repeat(30_000)),
            ),
        ] {
            for source in [None, Some(&source)] {
                let started = std::time::Instant::now();
                let context = PageContext { list_title: Some("示例通知"), source, ..PageContext::default() };
                let policy = extract(page.as_bytes(), &context);
                let took = started.elapsed();
                println!("{case}: {took:?}");
                assert!(policy.is_ok_and(|policy| policy.body_text.contains("申报条件")), "{case}");
                assert!(took.as_secs() < 60, "{case}: {took:?}");
            }
        }
    }

    proptest::proptest! {
        #![proptest_config(proptest::prelude::ProptestConfig::with_cases(64))]
        #[test]
        fn any_page_is_survived(page in "(<[a-z]{1,5}( class=\"x\")?>|</[a-z]{1,5}>|标题：|发布日期|2026年13月|\\PC){0,80}") {
            let _ = extract(page.as_bytes(), &PageContext { url: "https://x.gov.cn/", ..PageContext::default() });
        }
    }
}
