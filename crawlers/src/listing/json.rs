//! Lists that an interface answers as JSON.

use std::sync::LazyLock;

use regex::Regex;
use serde_json::Value;
use url::Url;

use super::{Content, ListError, ListItem, MAX_ITEMS, address, dates, html, plain_text};
use crate::source::List;

/// Longest path or template, in bytes.
const MAX_PATH: usize = 1_000;

/// Most values that one path leads to.
const MAX_FOUND: usize = 10_000;

/// A path into JSON: `data.list`, `a.*.b` (every member), `a[0].b` (one item, from 0), `["a.b"].c` (a key with a dot),
/// `a | b` (b where a leads nowhere). Lists on the way and at the end are entered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Path(Vec<Vec<Step>>);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Step {
    Key(String),
    Index(usize),
    Each,
}

impl Path {
    /// Reads a path; an empty one leads to the value itself.
    ///
    /// # Errors
    /// What is wrong, in Chinese.
    pub fn parse(text: &str) -> Result<Self, String> {
        if text.len() > MAX_PATH {
            return Err(format!("路径超过 {MAX_PATH} 字节"));
        }
        text.split('|')
            .map(|one| steps(one.trim()).ok_or_else(|| format!("路径 {text:?} 有误")))
            .collect::<Result<_, _>>()
            .map(Self)
    }

    /// What the path leads to, in order.
    pub fn find<'a>(&self, value: &'a Value) -> Vec<&'a Value> {
        for way in &self.0 {
            let mut found = Vec::new();
            walk(value, way, &mut found);
            if !found.is_empty() {
                return found;
            }
        }
        Vec::new()
    }

    /// The first text or number that the path leads to, without markup.
    fn text(&self, value: &Value) -> Option<String> {
        self.0.iter().find_map(|way| {
            let mut found = Vec::new();
            walk(value, way, &mut found);
            found.into_iter().find_map(scalar)
        })
    }

    fn number(&self, value: &Value) -> Option<u64> {
        self.text(value)?.parse().ok()
    }
}

fn scalar(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(plain_text(text)).filter(|text| !text.is_empty()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

fn steps(text: &str) -> Option<Vec<Step>> {
    let mut steps = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        if let Some(inner) = rest.strip_prefix('[') {
            let quote = inner.chars().next().filter(|c| matches!(c, '"' | '\''));
            let (step, after) = if let Some(quote) = quote {
                let (key, after) = inner[1..].split_once(quote)?;
                (Step::Key(key.to_owned()), after.strip_prefix(']')?)
            } else {
                let (index, after) = inner.split_once(']')?;
                let each = index.trim() == "*";
                (if each { Step::Each } else { Step::Index(index.trim().parse().ok()?) }, after)
            };
            steps.push(step);
            rest = after;
        } else {
            let end = rest.find(['.', '[']).unwrap_or(rest.len());
            let (key, after) = rest.split_at(end);
            if key.is_empty() {
                return None;
            }
            steps.push(if key == "*" { Step::Each } else { Step::Key(key.to_owned()) });
            rest = after;
        }
        if let Some(after) = rest.strip_prefix('.') {
            if after.is_empty() {
                return None;
            }
            rest = after;
        } else if !rest.is_empty() && !rest.starts_with('[') {
            return None;
        }
    }
    Some(steps)
}

fn walk<'a>(value: &'a Value, way: &[Step], found: &mut Vec<&'a Value>) {
    if found.len() >= MAX_FOUND {
        return;
    }
    match (way, value) {
        ([Step::Index(index), rest @ ..], Value::Array(items)) => {
            if let Some(item) = items.get(*index) {
                walk(item, rest, found);
            }
        }
        ([Step::Each, rest @ ..], Value::Array(items)) => items.iter().for_each(|item| walk(item, rest, found)),
        (_, Value::Array(items)) => items.iter().for_each(|item| walk(item, way, found)),
        ([], Value::Null) => {}
        ([], value) => found.push(value),
        ([Step::Each, rest @ ..], Value::Object(members)) => {
            members.values().for_each(|member| walk(member, rest, found));
        }
        ([Step::Key(key), rest @ ..], Value::Object(members)) => {
            if let Some(member) = members.get(key) {
                walk(member, rest, found);
            }
        }
        _ => {}
    }
}

/// An address made of an entry's values: a path, or words with paths in braces.
#[derive(Debug, Clone)]
pub(crate) struct Template(Vec<Piece>);

#[derive(Debug, Clone)]
enum Piece {
    Words(String),
    Value(Path),
}

impl Template {
    /// Reads `url` or `https://x.gov.cn/{column}/{id}.html`.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        if !text.contains('{') {
            return Ok(Self(vec![Piece::Value(Path::parse(text)?)]));
        }
        let mut pieces = Vec::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once('{') {
            let (path, after) = after.split_once('}').ok_or_else(|| format!("{text:?} 缺少右花括号"))?;
            pieces.push(Piece::Words(before.to_owned()));
            pieces.push(Piece::Value(Path::parse(path)?));
            rest = after;
        }
        pieces.push(Piece::Words(rest.to_owned()));
        Ok(Self(pieces))
    }

    fn fill(&self, entry: &Value) -> Option<String> {
        self.0
            .iter()
            .map(|piece| match piece {
                Piece::Words(words) => Some(words.clone()),
                Piece::Value(path) => path.text(entry),
            })
            .collect()
    }
}

/// JSON without what some interfaces put around it: a byte order mark, the call of a JSONP callback.
pub(crate) fn parse(text: &str) -> Result<Value, serde_json::Error> {
    let mut value = parse_outer(text)?;
    unfold(&mut value, 3);
    Ok(value)
}

/// Some interfaces put the rows into a text that is JSON again: `{"data": "{\"rows\": […]}"}`.
fn unfold(value: &mut Value, depth: usize) {
    match value {
        Value::Object(members) if depth > 0 => members.values_mut().for_each(|member| unfold(member, depth - 1)),
        Value::String(text) if text.len() > 20 && text.trim_start().starts_with(['{', '[']) => {
            let holds_rows = |inner: &Value| match inner {
                Value::Array(items) => items.first().is_some_and(Value::is_object),
                inner => inner.is_object(),
            };
            if let Some(inner) = serde_json::from_str(text).ok().filter(holds_rows) {
                *value = inner;
            }
        }
        _ => {}
    }
}

fn parse_outer(text: &str) -> Result<Value, serde_json::Error> {
    let text = text.trim_start_matches('\u{feff}').trim();
    let called = |text: &str| -> Option<Value> {
        let (name, rest) = text.trim_start_matches("/**/").trim_start().split_once('(')?;
        let name = name.trim();
        let plain = |c: char| c.is_ascii_alphanumeric() || "_$.[]'\"= ".contains(c);
        let inner = rest.trim_end().trim_end_matches(';').trim_end().strip_suffix(')')?;
        (name.len() < 200 && name.chars().all(plain)).then(|| serde_json::from_str(inner.trim()).ok())?
    };
    let read = |text: &str| serde_json::from_str(text).or_else(|error| called(text).ok_or(error));
    read(text).or_else(|error| read(&mended(text).ok_or(error)?))
}

/// JSON with what some interfaces write in their texts and no parser reads put right: half of a surrogate pair (the title
/// was cut in the middle of a character), bare control characters. `None`: there is nothing of the kind.
fn mended(text: &str) -> Option<String> {
    static ESCAPE: LazyLock<Regex> = LazyLock::new(|| {
        #[allow(clippy::expect_used)]
        Regex::new(r"(?i)\\\\|\\u(d[89ab][0-9a-f]{2})\\u(d[c-f][0-9a-f]{2})|\\u(d[89a-f][0-9a-f]{2})")
            .expect("a pattern that every run compiles")
    });
    let pairs = ESCAPE.replace_all(text, |found: &regex::Captures<'_>| match found.get(3) {
        Some(_) => "\\ufffd".to_owned(),
        None => found[0].to_owned(),
    });
    let plain = pairs.replace(|c: char| c.is_ascii_control(), " ");
    (plain != text).then_some(plain)
}

pub(super) fn read(list: &List, text: &str, base: &Url, number: u32) -> Result<Content, ListError> {
    let value = parse(text).map_err(|error| ListError::NotJson { url: base.to_string(), reason: error.to_string() })?;
    let path = |path: &Option<String>| path.as_deref().and_then(|path| Path::parse(path).ok());
    let mut content = match path(&list.markup) {
        Some(markup) => {
            // the piece of HTML is wanted with its tags
            let pieces: Vec<&str> = markup.find(&value).into_iter().filter_map(Value::as_str).collect();
            html::read(list, &pieces.concat(), base, number)
        }
        None => Content { items: entries(list, &value, base), ..Content::default() },
    };
    let pages = path(&list.page_count).and_then(|path| path.number(&value)).or_else(|| {
        let total = path(&list.total)?.number(&value)?;
        let size = list.size.map_or(content.items.len() as u64, u64::from);
        (size > 0).then(|| total.div_ceil(size))
    });
    content.pages = pages.map(|pages| u32::try_from(pages).unwrap_or(u32::MAX));
    Ok(content)
}

fn entries(list: &List, value: &Value, base: &Url) -> Vec<ListItem> {
    let parse = |path: &Option<String>| path.as_deref().and_then(|path| Path::parse(path).ok());
    let Ok(item) = Path::parse(&list.item) else { return Vec::new() };
    let Some(link) = list.link.as_deref().and_then(|link| Template::parse(link).ok()) else { return Vec::new() };
    let (title, date, doc_number, issuer) =
        (parse(&list.title), parse(&list.date), parse(&list.doc_number), parse(&list.issuer));
    let today = dates::today();
    let field = |entry: &Value, path: &Option<Path>| path.as_ref()?.text(entry);
    let items = item.find(value).into_iter().take(MAX_ITEMS).filter_map(|entry| {
        let url = address(base, &link.fill(entry)?)?;
        Some(ListItem {
            title: field(entry, &title),
            date: field(entry, &date).and_then(|date| dates::of_value(&date, &url, today)),
            url,
            doc_number: field(entry, &doc_number),
            issuer: field(entry, &issuer),
            modified: None,
        })
    });
    items.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn paths_lead_where_they_say() {
        let value = json!({
            "a": { "b": [ { "c": 1 }, { "c": 2 }, { "d": 3 } ], "x.y": { "z": 4 } },
            "m": { "one": { "l": [5] }, "two": { "l": [6, 7] } }, "n": null, "rows": [[8, 9]]
        });
        for (path, expected) in [
            ("a.b.c", json!([1, 2])),
            ("a.b[1].c", json!([2])),
            ("a.b[9].c", json!([])),
            ("a.b.*.c", json!([1, 2])),
            ("a.b[*].c", json!([1, 2])),
            ("a[\"x.y\"].z", json!([4])),
            ("a['x.y'].z", json!([4])),
            ("m.*.l", json!([5, 6, 7])),
            ("m.*.l[0]", json!([5, 6])),
            ("rows[0][1]", json!([9])),
            ("n", json!([])),
            ("none | n | a.b.d", json!([3])),
            ("a.b.c.e", json!([])),
        ] {
            let found = Path::parse(path).unwrap();
            assert_eq!(json!(found.find(&value)), expected, "{path}");
        }
        assert_eq!(Path::parse("").unwrap().find(&value), [&value]);
        for wrong in ["a..b", ".a", "a.", "a[", "a[x]", "a[\"b]", "a[0]b", "[-1]"] {
            assert!(Path::parse(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn addresses_are_made_of_fields() {
        let entry = json!({ "id": 123456789012345_u64, "data": { "col": "zc" }, "bad": null });
        for (template, expected) in [
            ("https://x.gov.cn/{data.col}/{id}.html", Some("https://x.gov.cn/zc/123456789012345.html")),
            ("/{id}", Some("/123456789012345")),
            ("data.col", Some("zc")),
            ("/{bad}.html", None),
        ] {
            assert_eq!(Template::parse(template).unwrap().fill(&entry).as_deref(), expected, "{template}");
        }
        assert!(Template::parse("/{id").is_err());
    }

    #[test]
    fn rows_in_a_text_are_rows() {
        let rows = json!({ "rows": [{ "title": "示例通知", "url": "/1.html" }] });
        let text =
            json!({ "code": 0, "data": rows.to_string(), "title": "[置顶] 关于示例事项的通知，共二十字" }).to_string();
        let value = parse(&text).unwrap();
        assert_eq!(Path::parse("data.rows.title").unwrap().find(&value), [&json!("示例通知")]);
        assert!(value["title"].is_string());
    }

    #[test]
    fn a_broken_character_does_not_lose_the_list() {
        for (text, title) in [
            (r#"{"t": "甲\ud83d乙"}"#, "甲\u{fffd}乙"),
            (r#"{"t": "甲\udC00"}"#, "甲\u{fffd}"),
            (r#"{"t": "\ud83d\ude00\ud83d"}"#, "😀\u{fffd}"),
            (r#"{"t": "\\ud83d\ud83d"}"#, "\\ud83d\u{fffd}"),
            ("{\"t\": \"甲\n乙\u{1}\"}", "甲 乙 "),
        ] {
            assert_eq!(parse(text).unwrap(), json!({ "t": title }), "{text}");
        }
    }

    #[test]
    fn what_stands_around_json_is_taken_off() {
        for text in [
            "{\"a\":1}",
            "\u{feff} {\"a\":1}\n",
            "callback({\"a\":1});",
            "/**/jQuery1_2({\"a\":1})",
            "a.b = c({\"a\":1})",
        ] {
            assert_eq!(parse(text).unwrap(), json!({ "a": 1 }), "{text}");
        }
        for text in ["", "<html>", "f({\"a\":1}", "f()", "网页({\"a\":1})"] {
            assert!(parse(text).is_err(), "{text}");
        }
    }
}
