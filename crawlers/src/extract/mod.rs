//! One page to a policy record, with or without a source definition.

mod body;
pub(crate) mod labels;

use chrono::NaiveDate;
use regex::Regex;
use scraper::{ElementRef, Html, Selector};
use std::collections::HashMap;
use std::sync::LazyLock;
use url::Url;
use zhida_schemas::import_row::parse_date;
use zhida_schemas::policy::{Attachment, Location, Policy, Validity};
use zhida_schemas::{doc_number, issuer};

use crate::charset;
use crate::source::Source;
use crate::understand::own_number;

/// Largest page that is read.
const MAX_BYTES: usize = 20 * 1024 * 1024;

/// Deepest nesting that is kept; real pages stay far below.
const MAX_DEPTH: usize = 256;

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
    /// A list, a script shell, an error page or a challenge.
    #[error("不是文章：{0}")]
    NotAnArticle(String),
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
    let no_article = |reason: &str| Err(ExtractError::NotAnArticle(reason.to_owned()));
    let (text, _) = charset::decode(bytes, context.charset);
    if is_binary(&text) {
        return no_article("内容不是文字");
    }
    let begin = text.trim_start_matches('\u{feff}').trim_start();
    if begin.starts_with(['{', '[']) {
        return no_article("是接口数据（JSON）");
    }
    if begin.starts_with("%PDF")
        || begin.starts_with("PK\u{3}\u{4}")
        || text.chars().take(2_000).filter(|c| *c == '\0').count() > 20
    {
        return no_article("是文件而不是网页");
    }
    let page = Html::parse_document(&bounded(&text));
    let root = page.root_element();
    let base = Url::parse(context.url).ok();
    let head = if context.ignore_head { Head::default() } else { Head::read(root) };
    let labels = labels::read(root);
    let rules = context.source.map(|source| &source.article);
    let selected = |selector: Option<&String>| {
        selector
            .and_then(|selector| one(root, selector))
            .map(|element| clean(&text_of(element)))
            .filter(|text| !text.is_empty())
    };

    let remove = rules.and_then(|rules| rules.remove.as_deref());
    let main = body::find(root, rules.and_then(|rules| rules.body.as_deref()));
    let Some(main) = main else { return no_article("没有正文") };
    let body_text = body::text(main, remove);
    let attachments = attachments(main, root, base.as_ref());
    let has_head = head.get(&["articletitle"]).is_some() && head.get(&["pubdate"]).is_some();
    if let Some(reason) = refused(root, &body_text, main, has_head, attachments.is_empty()) {
        return no_article(&reason);
    }

    let title = selected(rules.and_then(|rules| rules.title.as_ref()))
        .or_else(|| {
            head.get(&["articletitle", "article.title", "article_title"]).map(|title| without_site(&title, None))
        })
        .or_else(|| labels.get("title").map(str::to_owned).filter(|title| title.chars().count() > 4))
        .or_else(|| title_in_page(root, context, &head))
        .or_else(|| context.list_title.map(clean))
        .or_else(|| body_text.lines().map(clean).find(|line| line.chars().count() > 4))
        .filter(|title| !title.is_empty());
    let Some(title) = title else { return no_article("没有标题") };
    let title: String = title.chars().take(500).collect();

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
        .or_else(|| date_near_title(root, main))
        .or(context.list_date)
        .or_else(|| date_in_url(context.url));

    let within = context.source.and_then(Source::within);
    let mut issuers: Vec<String> = Vec::new();
    let stated = [
        selected(rules.and_then(|rules| rules.issuer.as_ref())),
        labels.get("issuers").map(str::to_owned),
        head.get(&["contentsource", "source", "author"]),
        labels.get("source").map(str::to_owned),
    ];
    for field in stated.into_iter().flatten() {
        if issuers.is_empty() {
            issuers = issuer::split(&field, within).into_iter().map(|issuer| issuer.name).collect();
        }
    }

    let mut policy = Policy {
        url: Some(context.url.to_owned()).filter(|url| !url.is_empty()),
        doc_number: selected(rules.and_then(|rules| rules.doc_number.as_ref()))
            .or_else(|| labels.get("doc_number").map(str::to_owned))
            .filter(|number| doc_number::DocNumber::parse(number).is_some())
            .or_else(|| own_number(&title, &body_text)),
        index_number: labels.get("index_number").map(str::to_owned).filter(|number| number.chars().count() < 60),
        issuers,
        subjects: labels.get("subjects").map(subjects).unwrap_or_default(),
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
        body_html: body::html(main, remove, base.as_ref()),
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

/// The head's metadata by name, without regard to case; the first that is not empty counts.
#[derive(Default)]
struct Head(HashMap<String, String>);

impl Head {
    fn read(root: ElementRef<'_>) -> Self {
        let mut found = HashMap::new();
        for meta in all(root, "meta[content]") {
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

fn title_in_page(root: ElementRef<'_>, context: &PageContext<'_>, head: &Head) -> Option<String> {
    let site = head.get(&["sitename"]);
    let whole = one(root, "title").map(|title| without_site(&clean(&text_of(title)), site.as_deref()));
    // a heading of the page that the <title> also says is surely the title
    let headings = "h1, h2, .title, .bt, #title, .article-title, .content-title, .tit, .xl-title, .con-title, .wztit, ucaptitle, .biaoti, .arti_title, .main-title, .detail-title, .news_title, .info-title, h3";
    let mut best: Option<String> = None;
    for heading in all(root, headings).take(60) {
        let text = clean(&text_of(heading));
        let length = text.chars().count();
        if !(6..=200).contains(&length) {
            continue;
        }
        let squeezed = |text: &str| text.chars().filter(|c| c.is_alphanumeric()).collect::<String>();
        if let Some(whole) = &whole
            && whole.chars().count() >= 6
            && (squeezed(&text).starts_with(&squeezed(whole))
                || squeezed(whole).starts_with(&squeezed(&text)) && length > 8)
        {
            return Some(text);
        }
        if best.is_none() && heading.value().name() == "h1" {
            best = Some(text);
        }
    }
    let listed = context.list_title.map(clean).filter(|title| !title.ends_with(['…', '.']));
    whole.filter(|title| title.chars().count() >= 6).or(best).or(listed)
}

/// `标题_某某网`, `标题 - 栏目 - 某某市人民政府`: what stands behind the separator names the site or a column.
fn without_site(title: &str, site: Option<&str>) -> String {
    let mut title = title.trim();
    for separator in ["_", " - ", "-", "—", "|", "｜", "--", "–"] {
        while let Some((before, after)) = title.rsplit_once(separator) {
            let names_site = [
                "网",
                "政府",
                "门户",
                "局",
                "厅",
                "委员会",
                "部",
                "平台",
                "公开",
                "文件",
                "政策",
                "法规",
                "公告",
                "通知公告",
                "库",
                "专栏",
                "动态",
            ]
            .iter()
            .any(|end| after.trim().ends_with(end))
                || site.is_some_and(|site| !after.trim().is_empty() && site.contains(after.trim()));
            if !names_site || before.chars().count() < 4 || after.chars().count() > 30 {
                break;
            }
            title = before.trim_end().trim_end_matches(['-', '_', '—', '|']).trim_end();
        }
    }
    title.to_owned()
}

static DATED: LazyLock<Regex> = LazyLock::new(|| {
    #[allow(clippy::expect_used)]
    Regex::new(r"(\d{4})\s*[-./年]\s*(\d{1,2})\s*[-./月]\s*(\d{1,2})").expect("a pattern that every run compiles")
});
static LABELLED_DATE: LazyLock<Regex> = LazyLock::new(|| {
    #[allow(clippy::expect_used)]
    Regex::new(r"(?:发布|公开|发文|更新|上传|信息|创建)?\s*(?:时间|日期)\s*[:：]?\s*(\d{4}\s*[-./年]\s*\d{1,2}\s*[-./月]\s*\d{1,2})").expect("a pattern that every run compiles")
});

/// The first date in a text.
pub(crate) fn first_date(text: &str) -> Option<NaiveDate> {
    DATED.captures_iter(text).take(10).find_map(|found| {
        let year: i32 = found[1].parse().ok()?;
        let day = NaiveDate::from_ymd_opt(year, found[2].parse().ok()?, found[3].parse().ok()?)?;
        (1949..=2100).contains(&year).then_some(day)
    })
}

/// The date of publication in the lines around the text, not in it.
fn date_near_title(root: ElementRef<'_>, main: ElementRef<'_>) -> Option<NaiveDate> {
    let outside = body::text_outside(root, main, 20_000);
    let labelled = LABELLED_DATE.captures(&outside).and_then(|found| first_date(&found[1]));
    labelled
        .or_else(|| {
            let near = ".date, .time, .pubtime, .pages-date, .info, .article-info, .source, .sub, .property, .xxgk-info, .fbsj, .laiyuan, .content-info, .titx, .explain, .ly, .riqi, [class*=date], [class*=time]";
            all(root, near).take(40).find_map(|element| {
                let text = text_of(element);
                if text.chars().count() < 200 { first_date(&text) } else { None }
            })
        })
        .or_else(|| {
            // a line of its own that begins with a date, before the text
            outside.lines().find_map(|line| {
                let line = line.trim();
                let starts = line.starts_with(|c: char| c.is_ascii_digit());
                if starts && line.chars().count() < 60 { first_date(line) } else { None }
            })
        })
}

/// `…/202604/t20260402_123.html`, `…/2020-04/02/content_1.htm`, `…/art/2026/4/2/art_1_2.html`.
fn date_in_url(url: &str) -> Option<NaiveDate> {
    let path = url.split_once("://").map_or(url, |(_, rest)| rest);
    if let Some(at) = path.find("/t20") {
        let digits: String = path[at + 2..].chars().take_while(char::is_ascii_digit).collect();
        if digits.len() == 8 {
            return parse_date(&digits);
        }
    }
    let mut parts: Vec<u32> = Vec::new();
    for part in path.split(['/', '-']) {
        match part.parse() {
            Ok(number) => {
                parts.push(number);
                if let [.., year, month, day] = parts.as_slice()
                    && (1990..=2100).contains(year)
                {
                    return NaiveDate::from_ymd_opt(*year as i32, *month, *day);
                }
            }
            Err(_) => parts.clear(),
        }
    }
    None
}

fn attachments(main: ElementRef<'_>, root: ElementRef<'_>, base: Option<&Url>) -> Vec<Attachment> {
    const KINDS: &[(&str, &str)] = &[
        ("pdf", "application/pdf"),
        ("doc", "application/msword"),
        ("docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
        ("wps", "application/vnd.ms-works"),
        ("xls", "application/vnd.ms-excel"),
        ("xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
        ("et", "application/vnd.ms-excel"),
        ("ofd", "application/ofd"),
        ("zip", "application/zip"),
        ("rar", "application/vnd.rar"),
    ];
    let mut found: Vec<Attachment> = Vec::new();
    for link in all(main, "a[href]").chain(all(root, "a[href]")).take(3_000) {
        let href = link.attr("href").unwrap_or_default();
        let name = clean(&text_of(link));
        let url = match base {
            Some(base) => base.join(href).ok(),
            None => Url::parse(href).ok(),
        };
        let Some(url) = url.filter(|url| matches!(url.scheme(), "http" | "https")) else { continue };
        let ending = |text: &str| text.rsplit_once('.').map(|(_, ending)| ending.trim().to_ascii_lowercase());
        let by_path = ending(url.path());
        let by_name = ending(&name);
        let kind =
            KINDS.iter().find(|(kind, _)| by_path.as_deref() == Some(*kind) || by_name.as_deref() == Some(*kind));
        if let Some((_, media_type)) = kind
            && found.iter().all(|attachment| attachment.url != url.as_str())
            && found.len() < 100
        {
            let shown = if name.is_empty() { link.attr("title").map(clean).unwrap_or_default() } else { name };
            let shown =
                if shown.is_empty() { url.path().rsplit('/').next().unwrap_or_default().to_owned() } else { shown };
            found.push(Attachment {
                name: shown,
                url: url.into(),
                media_type: Some((*media_type).to_owned()),
                ..Attachment::default()
            });
        }
    }
    found
}

/// Why a page is no article; `None` when it is one.
fn refused(
    root: ElementRef<'_>,
    text: &str,
    main: ElementRef<'_>,
    has_head: bool,
    no_attachment: bool,
) -> Option<String> {
    let length = text.chars().filter(|c| !c.is_whitespace()).count();
    let title = one(root, "title").map(|title| clean(&text_of(title))).unwrap_or_default();
    let error_words = [
        "404",
        "403",
        "502",
        "页面不存在",
        "找不到",
        "访问的页面",
        "Not Found",
        "安全验证",
        "人机验证",
        "访问验证",
        "系统维护",
    ];
    if length < 400 && error_words.iter().any(|word| title.contains(word) || (length < 200 && text.contains(word))) {
        return Some("错误页或验证页".to_owned());
    }
    if length < 20 && no_attachment {
        let scripts = all(root, "script").count();
        return Some(if scripts > 0 { "正文由脚本生成或为空" } else { "正文太短" }.to_owned());
    }
    let linked: usize = all(main, "a").map(|link| text_of(link).chars().filter(|c| !c.is_whitespace()).count()).sum();
    let links = all(main, "a").count();
    if links >= 8 && linked * 10 > length * 6 && !has_head {
        return Some("是列表页".to_owned());
    }
    None
}

fn subjects(text: &str) -> Vec<String> {
    let paths = text.split(['、', '；', ';', ',', '，']).map(|path| {
        path.split(['\\', '/', '>', '＞', '-'])
            .map(str::trim)
            .filter(|part| !part.is_empty())
            .collect::<Vec<_>>()
            .join("/")
    });
    paths.filter(|path| !path.is_empty() && path.chars().count() < 60).take(20).collect()
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

/// Whether the beginning of a decoded page is no text: many control characters, or many that could not be decoded.
fn is_binary(text: &str) -> bool {
    let beginning = || text.chars().take(4_000);
    let strange = |c: &char| *c == char::REPLACEMENT_CHARACTER || (c.is_control() && !c.is_whitespace());
    beginning().filter(strange).count() * 20 > beginning().count()
}

/// Markup with open tags beyond a depth left out: parsing and matching take time by depth.
pub(crate) fn bounded(text: &str) -> String {
    const SHALLOW: &[&str] = &[
        "p", "li", "td", "tr", "th", "dd", "dt", "option", "br", "hr", "img", "input", "meta", "link", "base", "area",
        "col", "source", "wbr", "embed", "param", "tbody", "thead", "html", "body", "head",
    ];
    let mut out = String::with_capacity(text.len());
    let mut depth = 0_usize;
    let mut rest = text;
    while let Some(at) = rest.find('<') {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let closing = rest[1..].starts_with('/');
        let name_at = if closing { 2 } else { 1 };
        let name: String = rest[name_at..]
            .chars()
            .take_while(char::is_ascii_alphanumeric)
            .take(20)
            .collect::<String>()
            .to_ascii_lowercase();
        if !name.is_empty() && !SHALLOW.contains(&name.as_str()) {
            if closing {
                depth = depth.saturating_sub(1);
            } else {
                depth += 1;
                if depth > MAX_DEPTH {
                    // the tag goes, what it holds stays
                    rest = rest.find('>').map_or("", |end| &rest[end + 1..]);
                    continue;
                }
            }
        }
        out.push('<');
        rest = &rest[1..];
    }
    out.push_str(rest);
    out
}

fn one<'a>(root: ElementRef<'a>, selector: &str) -> Option<ElementRef<'a>> {
    root.select(&Selector::parse(selector).ok()?).next()
}

fn all<'a>(root: ElementRef<'a>, selector: &str) -> impl Iterator<Item = ElementRef<'a>> + use<'a> {
    let found: Vec<ElementRef<'a>> = match Selector::parse(selector) {
        Ok(selector) => root.select(&selector).take(20_000).collect(),
        Err(_) => Vec::new(),
    };
    found.into_iter()
}

fn text_of(element: ElementRef<'_>) -> String {
    element.text().collect()
}

fn clean(text: &str) -> String {
    text.replace(['\u{200b}', '\u{feff}'], "").split_whitespace().collect::<Vec<_>>().join(" ")
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

    #[test]
    fn deep_markup_is_read_in_time() {
        let page = format!("<body>{}<p>{}</p>", "<div><b>".repeat(100_000), "示例正文，说明申报条件。".repeat(20));
        let started = std::time::Instant::now();
        let policy =
            extract(page.as_bytes(), &PageContext { list_title: Some("示例通知"), ..PageContext::default() }).unwrap();
        assert!(policy.body_text.contains("申报条件"));
        assert!(started.elapsed().as_secs() < 20, "{:?}", started.elapsed());
    }

    #[test]
    fn dates_in_addresses() {
        for (url, date) in [
            ("https://x.gov.cn/zw/202604/t20260402_12.html", "2026-04-02"),
            ("http://www.gov.cn/zhengce/2020-04/02/content_1.htm", "2020-04-02"),
            ("https://x.gov.cn/art/2026/4/2/art_1_2.html", "2026-04-02"),
        ] {
            assert_eq!(date_in_url(url).map(|date| date.to_string()).as_deref(), Some(date), "{url}");
        }
        assert_eq!(date_in_url("https://x.gov.cn/content/post_123.html"), None);
    }

    #[test]
    fn the_site_is_taken_off_a_title() {
        for (title, expected) in [
            ("关于开展示例申报的通知_镇江市人民政府", "关于开展示例申报的通知"),
            ("关于开展示例申报的通知 - 通知公告 - 某某网", "关于开展示例申报的通知"),
            ("2024-2026年行动计划", "2024-2026年行动计划"),
        ] {
            assert_eq!(without_site(title, None), expected);
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
