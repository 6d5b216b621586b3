//! Pages that are no articles: error pages, challenges, logins, lists, shells that a script fills, files, data.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::body::Main;
use super::outline::Outline;

/// What a page is that is no article.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Refused {
    /// 404 and the like, delivered as a page; a site in maintenance.
    ErrorPage,
    /// A firewall or a captcha asks whether a person reads.
    Challenge,
    /// The page is for those who have logged in.
    Login,
    /// Links to articles.
    List,
    /// The text comes by script; the markup has none.
    ScriptShell,
    /// No text, or next to none.
    NoText,
    /// Nothing that could be a title.
    NoTitle,
    /// A file (PDF, an archive, an image) and no page.
    File,
    /// An answer of an interface (JSON, XML).
    Data,
}

impl Refused {
    /// As runs count it.
    pub fn name(self) -> &'static str {
        match self {
            Self::ErrorPage => "error",
            Self::Challenge => "challenge",
            Self::Login => "login",
            Self::List => "list",
            Self::ScriptShell => "script",
            Self::NoText => "no_text",
            Self::NoTitle => "no_title",
            Self::File => "file",
            Self::Data => "data",
        }
    }
}

impl fmt::Display for Refused {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Self::ErrorPage => "错误页（页面不存在或网站维护）",
            Self::Challenge => "验证页（防火墙或人机验证）",
            Self::Login => "登录页",
            Self::List => "列表页",
            Self::ScriptShell => "正文由脚本生成，网页里没有文字",
            Self::NoText => "没有正文或正文太短",
            Self::NoTitle => "没有标题",
            Self::File => "是文件而不是网页",
            Self::Data => "是接口数据（JSON 或 XML）",
        })
    }
}

/// Longest text of an error page or a challenge, in characters.
const SHORT: usize = 400;

/// Shortest text of an article, in characters.
const ENOUGH: usize = 20;

/// Words of scripts and pages by which firewalls ask; they stand in no article's markup.
const CHALLENGES: &[&str] = &[
    "__jsl_clearance",
    "__jsluid",
    "acw_sc__v2",
    "_cf_chl",
    "cf-browser-verification",
    "challenge-platform",
    "yunsuo_session",
    "wzws-waf",
    "wzwschallenge",
    "safeline",
    "aliyun_waf",
    "waf-nc-h5",
    "geetest",
    "人机验证",
    "安全验证",
    "访问验证",
    "滑动验证",
    "请完成验证",
    "请输入验证码",
    "拖动滑块",
    "您的访问请求",
    "访问过于频繁",
    "请求过于频繁",
    "网站防火墙",
    "Web应用防火墙",
    "已被拦截",
    "存在安全威胁",
    "verify you are human",
    "Just a moment",
    "enable JavaScript and cookies",
];

/// Words of error pages.
const ERRORS: &[&str] = &[
    "404",
    "403",
    "500",
    "502",
    "503",
    "页面不存在",
    "网页不存在",
    "找不到",
    "无法找到",
    "访问的页面",
    "已被删除",
    "已删除",
    "Not Found",
    "Forbidden",
    "Bad Gateway",
    "Service Unavailable",
    "Internal Server Error",
    "系统维护",
    "系统升级",
    "网站维护",
    "正在维护",
    "暂停服务",
    "升级改造",
    "出错了",
];

/// Words of pages for those who have logged in.
const LOGINS: &[&str] = &["用户登录", "登录", "请先登录", "统一身份认证", "用户名", "密码"];

/// What answers of status 200 are that carry no page of their own: challenges, error pages, logins. `None` for all
/// others. Looks at the beginning of the markup only, so it is cheap before extraction and for lists.
pub fn challenge(markup: &str) -> Option<Refused> {
    let begin = match markup.char_indices().nth(60_000) {
        Some((at, _)) => &markup[..at],
        None => markup,
    };
    let text = super::text_of_markup(begin, SHORT * 4);
    let chars = text.chars().filter(|c| !c.is_whitespace()).count();
    let title = title_of(begin);
    if chars >= SHORT {
        return None;
    }
    let says = |words: &[&str]| words.iter().any(|word| title.contains(word) || text.contains(word));
    // the scripts of a firewall also stand in full pages: only a page without text is their answer
    let script = chars < 200 && CHALLENGES.iter().any(|word| begin.contains(word));
    if script || says(CHALLENGES) {
        return Some(Refused::Challenge);
    }
    let error = |word: &&str| title.contains(*word) || chars < 200 && text.contains(*word);
    if ERRORS.iter().filter(|word| !word.bytes().all(|b| b.is_ascii_digit())).any(&error)
        || number_of_error(title)
        || chars < 60 && number_of_error(&text)
    {
        return Some(Refused::ErrorPage);
    }
    let lower = begin.to_ascii_lowercase();
    let asks = ["type=\"password\"", "type='password'", "type=password"].iter().any(|field| lower.contains(field));
    (asks && LOGINS.iter().any(|word| title.contains(word) || text.contains(word))).then_some(Refused::Login)
}

/// Whether a title is `404`, `404 - 出错` and the like; 第404号 is none.
fn number_of_error(text: &str) -> bool {
    let codes = ERRORS.iter().filter(|word| word.bytes().all(|b| b.is_ascii_digit()));
    codes.into_iter().any(|code| {
        text.match_indices(code).take(3).any(|(at, _)| {
            let before = text[..at].chars().next_back();
            let behind = text[at + code.len()..].chars().next();
            let free = |c: Option<char>| c.is_none_or(|c| !c.is_alphanumeric());
            free(before) && free(behind)
        })
    })
}

fn title_of(markup: &str) -> &str {
    let Some(at) = markup.find("<title") else { return "" };
    let text = markup[at..].split_once('>').map_or("", |(_, text)| text);
    text.split_once('<').map_or(text, |(title, _)| title).trim()
}

/// What bytes are that are no page.
pub(super) fn no_page(text: &str) -> Option<Refused> {
    let begin = text.trim_start_matches('\u{feff}').trim_start();
    if begin.starts_with("%PDF") || begin.starts_with("PK\u{3}\u{4}") || begin.starts_with("{\\rtf") || is_binary(text)
    {
        return Some(Refused::File);
    }
    let xml =
        begin.starts_with("<?xml") && !begin.contains("<html") && !begin.contains("<HTML") && !begin.contains("<div");
    (begin.starts_with(['{', '[']) || xml).then_some(Refused::Data)
}

/// Whether the beginning of a decoded page is no text: many control characters, or many that could not be decoded.
fn is_binary(text: &str) -> bool {
    let beginning = || text.chars().take(4_000);
    let strange = |c: &char| *c == char::REPLACEMENT_CHARACTER || (c.is_control() && !c.is_whitespace());
    beginning().filter(strange).count() * 20 > beginning().count()
}

/// Why a page is no article; `None` when it is one. `dated`: it shows its date of publication.
pub(super) fn no_article(
    outline: &Outline<'_>,
    main: &Main<'_>,
    markup: &str,
    body_text: &str,
    dated: bool,
    has_head: bool,
    holds_files: bool,
) -> Option<Refused> {
    let length = body_text.chars().filter(|c| !c.is_whitespace()).count();
    // 关于系统升级暂停服务的公告 is no error page: it has a date and sentences. Firewalls give both too
    let is_notice = dated && outline.prose(main.item) >= ENOUGH;
    if length < SHORT
        && let Some(found) = challenge(markup).filter(|found| !is_notice || *found == Refused::Challenge)
    {
        return Some(found);
    }
    if length < ENOUGH && !holds_files {
        let scripted = markup.contains("<script") || markup.contains("<SCRIPT");
        return Some(if scripted { Refused::ScriptShell } else { Refused::NoText });
    }
    let item = outline.items.get(main.item)?;
    let links =
        outline.items.get(main.item..item.end).unwrap_or_default().iter().filter(|item| item.name == "a").count();
    (links >= 8 && item.linked * 10 > item.chars * 6 && !has_head).then_some(Refused::List)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_that_are_no_pages() {
        for (markup, expected) in [
            ("<title>404 Not Found</title><h1>404</h1>", Some(Refused::ErrorPage)),
            ("<title>提示</title><p>您访问的页面不存在或已被删除</p>", Some(Refused::ErrorPage)),
            ("<title>某市人民政府</title><p>网站正在维护，请稍后访问。</p>", Some(Refused::ErrorPage)),
            (
                "<html><script>document.cookie='__jsl_clearance_s=1';location.reload()</script></html>",
                Some(Refused::Challenge),
            ),
            ("<title>安全验证</title><p>请拖动滑块完成拼图</p>", Some(Refused::Challenge)),
            ("<title>统一身份认证</title><form>用户名<input type=\"password\"></form>", Some(Refused::Login)),
            ("<title>系统</title><form>用户名<INPUT type=password><button>登录</form>", Some(Refused::Login)),
            ("<title>某省人民政府令第404号</title><p>现予公布。</p>", None),
            ("<title>关于示例的通知</title><p>各有关单位：现将有关事项通知如下。</p>", None),
            ("", None),
        ] {
            assert_eq!(challenge(markup), expected, "{markup}");
        }
    }
}
