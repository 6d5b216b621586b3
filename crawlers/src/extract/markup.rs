//! Markup made harmless before it is parsed.

use std::borrow::Cow;
use std::collections::HashMap;

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

/// Elements for the looks of letters, which a parser opens again in every paragraph until they are closed.
const FORMATTING: [&str; 13] =
    ["b", "big", "code", "em", "font", "i", "nobr", "s", "small", "strike", "strong", "tt", "u"];

/// Most of them that are open at once.
const MAX_OPEN: usize = 64;

/// How often a parser may open them again in one page: enough for a page that closes none, too little for one that is
/// made to be slow.
const MAX_REOPENED: usize = 400_000;

/// The formatting elements that are open. What a page writes stays as it is, as selectors are written by what a browser
/// shows; only beyond the bounds they become `span`, which a parser does not open again.
#[derive(Default)]
struct Formatting<'a> {
    /// The open ones by name, with their tags; `None` for one that became a `span`.
    open: [Vec<Option<&'a str>>; FORMATTING.len()],
    /// How many of the open ones have the same tag: a parser opens no more than three of them again.
    same: HashMap<&'a str, usize>,
    /// How many a parser would open again now, and how many it did so far at most.
    pending: usize,
    reopened: usize,
}

impl<'a> Formatting<'a> {
    /// Counts what a tag may cost. Once that is too much, all that is open is closed.
    fn meet(&mut self, out: &mut String) {
        self.reopened = self.reopened.saturating_add(self.pending);
        if self.reopened <= MAX_REOPENED || self.pending == 0 {
            return;
        }
        for (name, open) in FORMATTING.iter().zip(&mut self.open) {
            for tag in open.iter_mut().rev().filter(|tag| tag.is_some()) {
                *tag = None;
                out.push_str("</");
                out.push_str(name);
                out.push('>');
            }
        }
        self.same.clear();
        self.pending = 0;
    }

    fn open(&mut self, at: usize, tag: &'a str, out: &mut String) {
        let Some(open) = self.open.get_mut(at) else { return };
        if self.pending >= MAX_OPEN || self.reopened > MAX_REOPENED {
            open.push(None);
            out.push_str("<span>");
            return;
        }
        open.push(Some(tag));
        let same = self.same.entry(tag).or_default();
        *same += 1;
        self.pending += usize::from(*same <= 3);
        out.push_str(tag);
    }

    fn close(&mut self, at: usize, tag: &str, out: &mut String) {
        match self.open.get_mut(at).and_then(Vec::pop) {
            Some(None) => out.push_str("</span>"),
            Some(Some(opened)) => {
                let same = self.same.entry(opened).or_default();
                self.pending = self.pending.saturating_sub(usize::from(*same <= 3));
                *same = same.saturating_sub(1);
                out.push_str(tag);
            }
            None => out.push_str(tag),
        }
    }
}

/// Markup whose parsing takes time and memory by its length: open tags beyond a depth or a number are left out (what
/// they hold stays), and so many elements for the looks of letters that are never closed become plain ones, as a parser
/// repeats them in every paragraph.
pub(crate) fn bounded(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut depth = 0_usize;
    let mut tags = 0_usize;
    let mut open_drawing = false;
    let mut formatting = Formatting::default();
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
        formatting.meet(&mut out);
        match FORMATTING.iter().position(|one| *one == name) {
            Some(at) if closing => formatting.close(at, tag, &mut out),
            Some(at) => formatting.open(at, tag, &mut out),
            None => out.push_str(tag),
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
            ("<FONT size=5><b style='x'>甲</B></font>", "<FONT size=5><b style='x'>甲</B></font>"),
            ("</em><i class=time>甲<i/></i></u>", "</em><i class=time>甲<i/></i></u>"),
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

    /// An editor writes what the browser's inspector shows.
    #[test]
    fn selectors_meet_what_the_page_says() {
        let rows = |row: &str| bounded(&row.repeat(200));
        for (row, selector, found) in [
            ("<dd><a href=/1>示例</a><em>2026/3/1</em></dd>", "dd > em", 200),
            ("<li><font class=tt color=red><b id=x>示例</b></font></li>", "font.tt > b#x", 200),
            ("<li><i class=time>03-01</i><small>1</small><s>2</s><u>3</u><code>4</code>", "li > i.time", 200),
            // cells close what they hold; paragraphs do not
            ("<table><tr><td><font color=red>示例</td></tr></table>", "td > font", 200),
            ("<p><font color=red>示例</p>", "p > font", 200),
        ] {
            let page = scraper::Html::parse_document(&rows(row));
            assert!(page.select(&scraper::Selector::parse(selector).unwrap()).count() >= found, "{row}");
        }
    }

    #[test]
    fn a_page_that_closes_nothing_is_read_in_time() {
        let started = std::time::Instant::now();
        let all = |row: &dyn Fn(usize) -> String| (0..60_000).map(row).collect::<String>();
        for page in [
            all(&|n| format!("<p><font color={n}>甲")),
            all(&|n| format!("<p><b id=a{}><i id=b{}>甲</p>", n % 100, n % 90)),
            all(&|_| "<p><b>甲".to_owned()),
            all(&|n| format!("<em x={}></em>", n % 7)) + &"<p>甲".repeat(60_000),
            "<u a=1><u a=2><u a=3><u a=4><u a=5><u a=6><u a=7><u a=8>".to_owned() + &"<p>甲".repeat(100_000),
        ] {
            let page = scraper::Html::parse_document(&bounded(&page));
            assert!(page.tree.nodes().count() < 1_500_000);
        }
        assert!(started.elapsed() < std::time::Duration::from_secs(60), "{:?}", started.elapsed());
    }
}
