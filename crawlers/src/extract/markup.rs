//! Markup made harmless before it is parsed.

use std::borrow::Cow;

/// Deepest nesting that is kept; real pages stay far below.
const MAX_DEPTH: usize = 256;

/// Most tags that are kept; the text behind them stays.
const MAX_TAGS: usize = 200_000;

/// Elements that close by themselves, or hold nothing.
const SHALLOW: &[&str] = &[
    "p", "li", "td", "tr", "th", "dd", "dt", "option", "br", "hr", "img", "input", "meta", "link", "base", "area",
    "col", "source", "wbr", "embed", "param", "tbody", "thead", "html", "body", "head",
];

/// Elements whose content is no markup.
const RAW: &[&str] = &["script", "style", "textarea", "title", "xmp", "iframe", "noembed", "noframes", "noscript"];

/// Elements that a parser opens again in every paragraph until they are closed: read as `span`, which it does not.
const FORMATTING: &[&str] = &["font", "big", "small", "tt", "strike", "nobr", "s", "u", "i", "em", "code"];

/// Of these the two that show what is a heading stay, without their attributes: a parser repeats no more than three that
/// are the same.
const EMPHASIS: &[&str] = &["b", "strong"];

/// Markup whose parsing takes time and memory by its length: open tags beyond a depth or a number are left out (what
/// they hold stays), and elements for the looks of letters become plain ones, as a parser repeats those that are
/// never closed in every paragraph.
pub(crate) fn bounded(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut depth = 0_usize;
    let mut tags = 0_usize;
    let mut open_drawing = false;
    let mut rest = text;
    while let Some(at) = rest.find('<') {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        if rest.starts_with("<!--") {
            rest = rest.find("-->").map_or("", |end| &rest[end + 3..]);
            continue;
        }
        let closing = rest[1..].starts_with('/');
        let name = name_of(&rest[if closing { 2 } else { 1 }..]);
        if name.is_empty() {
            out.push('<');
            rest = &rest[1..];
            continue;
        }
        let end = tag_end(rest);
        let (tag, behind) = rest.split_at(end);
        rest = behind;
        tags += 1;
        let name = name.as_ref();
        let counts = !SHALLOW.contains(&name);
        if counts && closing {
            depth = depth.saturating_sub(1);
        }
        let too_deep = counts && depth >= MAX_DEPTH;
        if counts && !closing {
            depth += 1;
        }
        if !closing && (RAW.contains(&name) || name == "svg") {
            let close = if name == "svg" && open_drawing { rest.len() } else { closing_tag(rest, name) };
            // one look for an end that is not there is enough
            open_drawing |= name == "svg" && close == rest.len();
            let end = close + tag_end(&rest[close..]);
            depth = depth.saturating_sub(1);
            if name != "svg" && tags <= MAX_TAGS && !too_deep {
                out.push_str(tag);
                out.push_str(&rest[..end]);
            }
            // a drawing that never ends is none
            if name != "svg" || close < rest.len() {
                rest = &rest[end..];
            }
            continue;
        }
        if tags > MAX_TAGS || too_deep {
            continue;
        }
        if FORMATTING.contains(&name) {
            out.push_str(if closing { "</span>" } else { "<span>" });
        } else if EMPHASIS.contains(&name) {
            out.push_str(if closing { "</" } else { "<" });
            out.push_str(name);
            out.push('>');
        } else {
            out.push_str(tag);
        }
    }
    out.push_str(rest);
    out
}

/// The name of a tag in small letters, empty when none begins here.
fn name_of(text: &str) -> Cow<'_, str> {
    let letters = text.bytes().take(24).take_while(u8::is_ascii_alphanumeric).count();
    let name = &text[..letters];
    if !name.starts_with(|c: char| c.is_ascii_alphabetic()) {
        return Cow::Borrowed("");
    }
    if name.bytes().any(|b| b.is_ascii_uppercase()) {
        Cow::Owned(name.to_ascii_lowercase())
    } else {
        Cow::Borrowed(name)
    }
}

/// One past the `>` of a tag; a `>` in quotes is none, unless the quote is not closed within a while.
fn tag_end(tag: &str) -> usize {
    const LONGEST: usize = 8_000;
    let mut quote = None;
    let mut first = None;
    for (at, byte) in tag.bytes().enumerate() {
        match (quote, byte) {
            (None, b'>') => return at + 1,
            (Some(_), b'>') if first.is_none() => first = Some(at + 1),
            (Some(open), byte) if byte == open => quote = None,
            // a quote opens a value: <p style=x"> has none
            (None, b'"' | b'\'') if tag[..at].trim_end().ends_with('=') => quote = Some(byte),
            _ => {}
        }
        if at > LONGEST && first.is_some() {
            break;
        }
    }
    first.unwrap_or(tag.len())
}

/// Where the closing tag of an element begins; the end of the text without one.
fn closing_tag(text: &str, name: &str) -> usize {
    let mut from = 0;
    while let Some(at) = text[from..].find("</") {
        let at = from + at;
        let found = text.as_bytes().get(at + 2..at + 2 + name.len());
        if found.is_some_and(|found| found.eq_ignore_ascii_case(name.as_bytes())) {
            return at;
        }
        from = at + 2;
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_harms_goes() {
        for (markup, expected) in [
            ("<p class=\"a\">甲</p>", "<p class=\"a\">甲</p>"),
            ("<FONT size=5><b style='x'>甲</B></font>", "<span><b>甲</b></span>"),
            ("<a title=\"甲>乙\">丙</a>", "<a title=\"甲>乙\">丙</a>"),
            ("<a title=\"甲>丙</a>", "<a title=\"甲>丙</a>"),
            ("1 < 2 <3", "1 < 2 <3"),
            ("<!-- <div> -->甲<!--", "甲"),
            ("<script>'<div><div>'</SCRIPT>甲", "<script>'<div><div>'</SCRIPT>甲"),
            ("<script>'<div>", "<script>'<div>"),
            ("<", "<"),
        ] {
            assert_eq!(bounded(markup), expected);
        }
        let deep = bounded(&"<div>".repeat(1_000));
        assert_eq!(deep.matches("<div>").count(), MAX_DEPTH);
        let closed = format!("{}甲{}<p>乙", "<div>".repeat(1_000), "</div>".repeat(1_000));
        assert_eq!(bounded(&closed).matches("</div>").count(), MAX_DEPTH);
        assert!(bounded(&"<p>甲".repeat(MAX_TAGS * 2)).ends_with("甲甲"));
    }
}
