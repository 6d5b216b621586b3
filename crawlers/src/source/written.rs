//! A definition as an editor wrote it: what is wrong with it and where, in words for those who do not read parsers.

use toml::Spanned;
use toml::de::{DeTable, DeValue, Error};

/// Most mistakes that are told at once.
const MAX_FAULTS: usize = 20;

/// What a key holds.
#[derive(Clone, Copy)]
enum Kind {
    Text,
    Number,
    Flag,
    Texts,
    /// One of these words.
    Word(&'static [&'static str]),
    Table(&'static [Key]),
    Tables(&'static [Key]),
}

/// A key of a table.
struct Key {
    name: &'static str,
    kind: Kind,
    /// What it is for, where it must not be left out.
    needed: Option<&'static str>,
}

const fn key(name: &'static str, kind: Kind) -> Key {
    Key { name, kind, needed: None }
}

const fn needed(name: &'static str, kind: Kind, what: &'static str) -> Key {
    Key { name, kind, needed: Some(what) }
}

/// The keys of a definition; a test compares them with the fields of [`super::Source`].
const SOURCE: &[Key] = &[
    needed("name", Kind::Text, "信息源的简称，如 name = \"example-gov\""),
    needed("title", Kind::Text, "网站或栏目的中文名称"),
    needed("region_code", Kind::Text, "网站所属地区的行政区划代码，如 region_code = \"321100\""),
    key("extends", Kind::Text),
    key("verified", Kind::Flag),
    key("schedule", Kind::Text),
    key("hours", Kind::Text),
    key("max_pages", Kind::Number),
    key("max_requests", Kind::Number),
    key("delay_ms", Kind::Number),
    key("concurrency", Kind::Number),
    key("quiet_days", Kind::Number),
    key("editor", Kind::Text),
    key("follow", Kind::Table(FOLLOW)),
    needed("list", Kind::Tables(LIST), "至少要有一个 [[list]]"),
    key("article", Kind::Table(ARTICLE)),
];

const FOLLOW: &[Key] = &[key("depth", Kind::Number), key("columns", Kind::Number), key("hosts", Kind::Texts)];

const LIST: &[Key] = &[
    needed("url", Kind::Text, "列表页的地址"),
    key("format", Kind::Word(&["html", "json", "feed", "sitemap", "any"])),
    key("pages", Kind::Text),
    key("from", Kind::Number),
    key("step", Kind::Number),
    key("next", Kind::Text),
    key("item", Kind::Text),
    key("link", Kind::Text),
    key("title", Kind::Text),
    key("date", Kind::Text),
    key("doc_number", Kind::Text),
    key("issuer", Kind::Text),
    key("markup", Kind::Text),
    key("total", Kind::Text),
    key("size", Kind::Number),
    key("page_count", Kind::Text),
    key("post", Kind::Text),
    key("match", Kind::Text),
];

const ARTICLE: &[Key] = &[
    key("title", Kind::Text),
    key("body", Kind::Text),
    key("published_on", Kind::Text),
    key("issuer", Kind::Text),
    key("doc_number", Kind::Text),
    key("remove", Kind::Text),
];

/// Where a mistake stands, and what it is, in Chinese.
pub(super) struct Fault {
    /// Bytes from the beginning; `None` for one that stands nowhere.
    at: Option<usize>,
    reason: String,
}

/// What a checked value belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// A key of the definition itself.
    Source(&'static str),
    /// A key of `[follow]`.
    Follow(&'static str),
    /// A key of a `[[list]]`, from 0.
    List(usize, &'static str),
    /// A key of `[article]`.
    Article(&'static str),
}

/// A definition that was parsed as TOML.
pub(super) struct Written<'a> {
    text: &'a str,
    table: Spanned<DeTable<'a>>,
    faults: Vec<Fault>,
}

impl<'a> Written<'a> {
    /// Reads a definition and checks its keys and what they hold, not what is meant by it.
    pub(super) fn read(text: &'a str) -> Self {
        let (table, errors) = DeTable::parse_recoverable(text);
        let mut faults: Vec<Fault> = errors.iter().map(syntax).collect();
        // one mistake of writing leads to many of meaning
        if faults.is_empty() {
            check(table.get_ref(), SOURCE, "", None, &mut faults);
        }
        faults.truncate(MAX_FAULTS);
        Self { text, table, faults }
    }

    /// The name that it gives itself, when that can be read.
    pub(super) fn name(&self) -> Option<&str> {
        self.table.get_ref().get("name")?.get_ref().as_str().filter(|name| !name.is_empty() && name.len() <= 64)
    }

    /// What is wrong, in one line; `None` when nothing is.
    pub(super) fn wrong(&self) -> Option<String> {
        (!self.faults.is_empty()).then(|| self.told(&self.faults))
    }

    /// The same of what was found by a look at the values.
    pub(super) fn tell(&self, faults: Vec<(Place, String)>) -> String {
        let placed = |(place, reason)| Fault { at: self.find(place), reason };
        self.told(&faults.into_iter().take(MAX_FAULTS).map(placed).collect::<Vec<_>>())
    }

    fn told(&self, faults: &[Fault]) -> String {
        let mut faults: Vec<&Fault> = faults.iter().collect();
        faults.sort_by_key(|fault| fault.at);
        let line = |fault: &&Fault| match fault.at {
            Some(at) => {
                let before = self.text.get(..at).unwrap_or(self.text);
                let row = before.matches('\n').count() + 1;
                let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
                format!("第 {row} 行第 {column} 列：{}", fault.reason)
            }
            None => fault.reason.clone(),
        };
        let mut lines: Vec<String> = faults.iter().map(line).collect();
        lines.dedup();
        lines.join("；")
    }

    /// Where a value stands; of a key that the definition does not have, nowhere (its family says it).
    fn find(&self, place: Place) -> Option<usize> {
        let table = self.table.get_ref();
        let value = match place {
            Place::Source(name) => table.get(name),
            Place::Follow(name) => table.get("follow")?.get_ref().as_table()?.get(name),
            Place::Article(name) => table.get("article")?.get_ref().as_table()?.get(name),
            Place::List(at, name) => {
                let list = table.get("list")?.get_ref().as_array()?.get(at)?;
                list.get_ref().as_table()?.get(name).or(Some(list))
            }
        };
        Some(value?.span().start)
    }
}

fn check(table: &DeTable<'_>, keys: &'static [Key], within: &str, begin: Option<usize>, faults: &mut Vec<Fault>) {
    for (name, value) in table.iter() {
        let said = name.get_ref().as_ref();
        match keys.iter().find(|key| key.name == said) {
            Some(key) => check_value(key, value, faults),
            None => faults.push(Fault { at: Some(name.span().start), reason: unknown(said, keys, within) }),
        }
    }
    for key in keys {
        if let Some(what) = key.needed
            && table.get(key.name).is_none()
        {
            let reason =
                if key.name == "list" { what.to_owned() } else { format!("{within}缺少 {}（{what}）", key.name) };
            faults.push(Fault { at: begin, reason });
        }
    }
}

fn check_value(key: &Key, value: &Spanned<DeValue<'_>>, faults: &mut Vec<Fault>) {
    let (at, name) = (value.span().start, key.name);
    let mut wrong = |reason: String| faults.push(Fault { at: Some(at), reason });
    match (key.kind, value.get_ref()) {
        (Kind::Text, DeValue::String(_)) | (Kind::Flag, DeValue::Boolean(_)) => {}
        (Kind::Number, DeValue::Integer(number)) => {
            if u32::from_str_radix(&number.as_str().replace('_', ""), number.radix()).is_err() {
                wrong(format!("{name} 应是不小于 0 的整数，也不能太大"));
            }
        }
        (Kind::Word(words), DeValue::String(said)) => {
            if !words.contains(&said.as_ref()) {
                wrong(format!("{name} 不能是 {said:?}，可以写 {}", words.join("、")));
            }
        }
        (Kind::Texts, DeValue::Array(texts)) => {
            if texts.iter().any(|text| !text.get_ref().is_str()) {
                wrong(format!("{name} 里的每一项都应是带引号的文字"));
            }
        }
        (Kind::Table(keys), DeValue::Table(table)) => {
            check(table, keys, &format!("[{name}] 里"), Some(at), faults);
        }
        (Kind::Tables(keys), DeValue::Array(tables)) => {
            for table in tables.iter() {
                match table.get_ref() {
                    DeValue::Table(own) => {
                        check(own, keys, &format!("[[{name}]] 里"), Some(table.span().start), faults);
                    }
                    _ => faults.push(Fault { at: Some(table.span().start), reason: format!("应写成 [[{name}]]") }),
                }
            }
        }
        (Kind::Tables(_), _) => wrong(format!("应写成 [[{name}]]（两层方括号）")),
        (Kind::Table(_), _) => wrong(format!("应写成 [{name}]（一层方括号）")),
        (kind, found) => {
            let should = match kind {
                Kind::Number => "不带引号的整数",
                Kind::Flag => "true 或 false（不带引号）",
                Kind::Texts => "方括号里的几项文字，如 [\"a\", \"b\"]",
                _ => "带引号的文字",
            };
            let is = match found {
                DeValue::String(_) => "文字",
                DeValue::Integer(_) | DeValue::Float(_) => "数字",
                DeValue::Boolean(_) => "true 或 false",
                DeValue::Datetime(_) => "日期",
                DeValue::Array(_) => "方括号里的几项",
                DeValue::Table(_) => "一组项目",
            };
            wrong(format!("{name} 应是{should}，现在是{is}"));
        }
    }
}

fn unknown(said: &str, keys: &'static [Key], within: &str) -> String {
    let shown: String = said.chars().take(60).collect();
    let nearest = keys.iter().map(|key| (distance(said, key.name), key.name)).min();
    if let Some((_, name)) = nearest.filter(|(far, name)| *far <= (name.len() / 3).max(1)) {
        return format!("{within}没有 {shown} 这一项，是不是 {name}？");
    }
    // a key behind a header belongs to what the header says
    for (table, place) in
        [(SOURCE, "第一个 [[list]] 之前"), (LIST, "[[list]] 里"), (ARTICLE, "[article] 里"), (FOLLOW, "[follow] 里")]
    {
        if table.iter().any(|key| key.name == said) {
            return format!("{within}没有 {shown} 这一项：它要写在{place}");
        }
    }
    let known: Vec<&str> = keys.iter().map(|key| key.name).collect();
    format!("{within}没有 {shown} 这一项，可以写的有 {}", known.join("、"))
}

/// How many letters must be changed to make one word of the other.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    let mut before: Vec<usize> = Vec::new();
    let mut last = None;
    for (i, from) in a.chars().take(60).enumerate() {
        let mut next = vec![i + 1];
        for (j, to) in b.iter().enumerate() {
            let mut least = (row[j] + usize::from(from != *to)).min(row[j + 1] + 1).min(next[j] + 1);
            // two letters in the wrong order are one mistake
            if j > 0 && last == Some(*to) && b[j - 1] == from {
                least = least.min(before[j - 1] + 1);
            }
            next.push(least);
        }
        before = std::mem::replace(&mut row, next);
        last = Some(from);
    }
    row.last().copied().unwrap_or_default()
}

/// What the parser says, in words. Its own are in English, and speak of grammar.
fn syntax(error: &Error) -> Fault {
    let said = error.message();
    let has = |words: &[&str]| words.iter().any(|word| said.contains(word));
    let reason = if has(&["duplicate"]) {
        "同一项写了两次"
    } else if has(&["must be quoted"]) {
        "文字要用引号括起来"
    } else if has(&["escape"]) {
        "双引号里的反斜杠要写两个（\\\\），或改用单引号"
    } else if has(&["string", "quote"]) {
        "引号没有成对，或引号里有不能直接写的字符"
    } else if has(&["no value", "expected `=`", "missing value", "`=`"]) {
        "应写成“项 = 值”"
    } else if has(&["expected newline", "unexpected key"]) {
        "一行只能写一项，后面有多余的内容"
    } else if has(&["table", "array", "`]`", "`}`"]) {
        "方括号或花括号没有成对，或写法不对"
    } else if has(&["number", "integer", "float", "date", "time"]) {
        "数字写法不对；文字要用引号括起来"
    } else {
        "写法不对（不是 TOML）"
    };
    Fault { at: error.span().map(|span| span.start), reason: reason.to_owned() }
}

/// Why a selector is none, in words.
pub(super) fn selector_fault(selector: &str) -> &'static str {
    const JQUERY: &[&str] =
        &[":contains", ":eq(", ":gt(", ":lt(", ":first ", ":last ", ":visible", ":hidden", ":even", ":odd"];
    let count = |c: char| selector.matches(c).count();
    let ends = selector.trim_end();
    if JQUERY.iter().any(|word| format!("{selector} ").contains(word)) {
        "不能用 jQuery 的写法（:contains、:eq、:first 等），可以用 :nth-of-type(2)、:has(a)"
    } else if count('[') != count(']') || count('(') != count(')') || count('"') % 2 == 1 || count('\'') % 2 == 1 {
        "括号或引号没有成对"
    } else if ends.is_empty()
        || ends.ends_with(['.', '#', ',', '>', '+', '~', ':'])
        || ends.starts_with([',', '+', '~'])
    {
        "不完整，开头或末尾缺少内容"
    } else if selector.contains("::") {
        "不能选伪元素（::before、::after 等）"
    } else if ends.starts_with("//") {
        "这是 XPath，请改用 CSS 选择器"
    } else if selector.split(['.', '#']).skip(1).any(|name| name.starts_with(|c: char| c.is_ascii_digit())) {
        "以数字开头的名字要写成 [class~=\"1a\"] 或 [id=\"1a\"]"
    } else {
        "写法不认识，请对照浏览器“检查”里的元素重写"
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::{Article, Follow, List, Source};

    fn wrong(text: &str) -> String {
        Source::parse(text).unwrap_err().reason
    }

    #[test]
    fn every_field_is_a_known_key() {
        let names =
            |keys: &[Key]| keys.iter().map(|key| key.name.to_owned()).collect::<std::collections::BTreeSet<_>>();
        // serde names every field when it meets one that it does not know
        let fields = |error: toml::de::Error| {
            let (_, behind) = error.message().split_once("expected one of ").unwrap();
            behind.split(',').map(|name| name.trim().trim_matches('`').to_owned()).collect()
        };
        assert_eq!(names(SOURCE), fields(toml::from_str::<Source>("none = 1").unwrap_err()));
        assert_eq!(names(LIST), fields(toml::from_str::<List>("none = 1").unwrap_err()));
        assert_eq!(names(ARTICLE), fields(toml::from_str::<Article>("none = 1").unwrap_err()));
        assert_eq!(names(FOLLOW), fields(toml::from_str::<Follow>("none = 1").unwrap_err()));
    }

    #[test]
    fn mistakes_are_told_with_their_lines() {
        const HEAD: &str = "name = \"x\"\ntitle = \"示例\"\nregion_code = \"321100\"\n";
        for (text, expected) in [
            (
                format!("{HEAD}[[list]]\nurl = \"https://x.gov.cn/\"\nitme = \"li\"\n"),
                "第 6 行第 1 列：[[list]] 里没有 itme 这一项，是不是 item？",
            ),
            (
                format!("{HEAD}[[list]]\nurl = \"https://x.gov.cn/\"\nmax_pages = 3\n"),
                "第 6 行第 1 列：[[list]] 里没有 max_pages 这一项：它要写在第一个 [[list]] 之前",
            ),
            (
                format!("{HEAD}max_pages = \"3\"\n[[list]]\nurl = \"https://x.gov.cn/\"\n"),
                "第 4 行第 13 列：max_pages 应是不带引号的整数，现在是文字",
            ),
            (
                format!("{HEAD}max_pages = -3\n[[list]]\nurl = \"https://x.gov.cn/\"\n"),
                "第 4 行第 13 列：max_pages 应是不小于 0 的整数，也不能太大",
            ),
            (format!("{HEAD}[[list]]\nitem = \"li\"\n"), "第 4 行第 1 列：[[list]] 里缺少 url（列表页的地址）"),
            (format!("{HEAD}[list]\nurl = \"https://x.gov.cn/\"\n"), "第 4 行第 1 列：应写成 [[list]]（两层方括号）"),
            (
                format!("{HEAD}[[list]]\nurl = \"https://x.gov.cn/\"\nformat = \"xml\"\n"),
                "第 6 行第 10 列：format 不能是 \"xml\"，可以写 html、json、feed、sitemap、any",
            ),
            (
                format!("{HEAD}[[list]]\nurl = \"https://x.gov.cn/\"\nitem = \"li[\"\n"),
                "第 6 行第 8 列：选择器 \"li[\" 有误：括号或引号没有成对",
            ),
            (format!("{HEAD}[[list]]\nurl = \"https://x.gov.cn/\nitem = \"li\"\n"), "第 5 行"),
            (
                format!("{HEAD}title = \"二\"\n[[list]]\nurl = \"https://x.gov.cn/\"\n"),
                "第 4 行第 1 列：同一项写了两次",
            ),
            (format!("{HEAD}[[list]]\nurl = https://x.gov.cn/\n"), "第 5 行第 7 列：文字要用引号括起来"),
            (
                format!("{HEAD}[[list]]\nurl = \"https://user:secret@x.gov.cn/\"\n"),
                "第 5 行第 7 列：地址里不能写用户名和密码",
            ),
            (format!("{HEAD}[[list]]\nurl = \"https://x.gov.cn/\"\nmatch = \"\\d\"\n"), "第 6 行"),
        ] {
            let told = wrong(&text);
            assert!(told.contains(expected), "{told} does not say {expected}");
            assert!(!told.is_ascii() && !told.contains("expected") && !told.contains("secret"), "{told}");
        }
        // all at once
        let many = wrong("name = \"x\"\nregion_code = 321100\nverifeid = true\n[[list]]\nlnik = \"a\"\n");
        for part in ["缺少 title", "region_code 应是带引号的文字", "是不是 verified", "是不是 link", "缺少 url"]
        {
            assert!(many.contains(part), "{many} does not say {part}");
        }
        let meant = wrong(
            "name = \"X\"\ntitle = \"示例\"\nregion_code = \"999999\"\nmax_pages = 0\n[[list]]\nurl = \"ftp://x.gov.cn/\"\nitem = \"li:eq(1)\"\n",
        );
        for part in [
            "第 1 行第 8 列：name",
            "第 3 行",
            "第 4 行第 13 列：max_pages",
            "第 6 行第 7 列：地址",
            "第 7 行第 8 列：选择器",
            "jQuery",
        ] {
            assert!(meant.contains(part), "{meant} does not say {part}");
        }
    }

    #[test]
    fn selectors_are_refused_in_words() {
        for selector in [
            "li[",
            ".a >",
            "a:contains(\"通知\")",
            ".1a",
            "//div",
            "a::before",
            "",
            "a:nth-child(",
            "@",
            ".a,,.b",
            "a..b",
        ] {
            if scraper::Selector::parse(selector).is_err() {
                assert!(!selector_fault(selector).is_ascii(), "{selector}");
            }
        }
        assert!(selector_fault("li:first").contains("jQuery") && selector_fault(".list .1a").contains("数字"));
    }

    #[test]
    fn hostile_definitions_are_told_in_time() {
        for text in [
            "[".repeat(200_000),
            "a.".repeat(100_000),
            "a=".repeat(100_000),
            "a = [".repeat(40_000),
            "\"".repeat(100_001),
        ] {
            assert!(wrong(&text).len() < 20_000);
        }
    }
}
