//! One row of an import: the policy record's names, and the looser ones that other systems export.

use chrono::NaiveDate;
use serde_json::{Map, Value};

use crate::policy::Policy;
use crate::region;

/// Longest title, in characters.
const MAX_TITLE: usize = 1_000;

/// Longest text, in bytes.
const MAX_BODY: usize = 5 * 1024 * 1024;

/// Length of a title that is taken from the text, in characters.
const TITLE_FROM_BODY: usize = 60;

/// A row that has been read, not yet understood.
#[derive(Debug, Clone, PartialEq)]
pub struct ImportRow {
    /// The fields that the row states.
    pub policy: Policy,
    /// The row's own id, if it has one: its identity when it has no address.
    pub origin: Option<String>,
}

/// Why a row was rejected: a sentence in Chinese that names the field.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct RowError(pub String);

/// Names of fields in other systems, and the record's own.
const NAMES: &[(&str, &str)] = &[
    ("标题", "title"),
    ("信息名称", "title"),
    ("政策名称", "title"),
    ("名称", "title"),
    ("发文字号", "doc_number"),
    ("文号", "doc_number"),
    ("索引号", "index_number"),
    ("发文机关", "issuers"),
    ("发布机构", "issuers"),
    ("制发机关", "issuers"),
    ("发文单位", "issuers"),
    ("issuer", "issuers"),
    ("成文日期", "written_on"),
    ("印发日期", "written_on"),
    ("written", "written_on"),
    ("发布日期", "published_on"),
    ("公开日期", "published_on"),
    ("发布时间", "published_on"),
    ("published", "published_on"),
    ("生效日期", "effective_on"),
    ("施行日期", "effective_on"),
    ("失效日期", "expires_on"),
    ("正文", "body_text"),
    ("内容", "body_text"),
    ("body", "body_text"),
    ("content", "body_text"),
    ("链接", "url"),
    ("网址", "url"),
    ("原文链接", "url"),
    ("地区", "region"),
    ("区域", "region"),
    ("主题分类", "subjects"),
    ("公文种类", "kind"),
    ("文种", "kind"),
    ("关键词", "keywords"),
    ("主题词", "keywords"),
    ("编号", "id"),
];

impl ImportRow {
    /// Reads one JSON object. Accepts the policy record's names and also `published` for `published_on`, `body` for
    /// `body_text`, `issuer` (a string) for `issuers`, `region` (a name) for `region_code`. Null is absent; unknown
    /// names are ignored. Dates may be `2021-11-19`, `2021.11.19`, `2021/11/19`, `2021年11月19日`, or with a time.
    ///
    /// # Errors
    /// Not an object; neither title nor body; a date that is none; a field of the wrong type; over the size limits.
    pub fn from_json(value: Value) -> Result<Self, RowError> {
        let Value::Object(fields) = value else { return Err(RowError("应为一个 JSON 对象".to_owned())) };
        let mut record = Map::new();
        let mut origin = None;
        let mut region_name = None;
        for (name, value) in fields {
            if value.is_null() {
                continue;
            }
            let name = NAMES.iter().find(|(other, _)| *other == name).map_or(name.as_str(), |(_, own)| own).to_owned();
            match name.as_str() {
                "id" => origin = text(&name, value)?.filter(|id| id.len() <= 200),
                "region" => region_name = text(&name, value)?,
                "written_on" | "published_on" | "effective_on" | "expires_on" => {
                    if let Some(day) = date(&name, &value)? {
                        record.insert(name, day.to_string().into());
                    }
                }
                "issuers" | "subjects" | "keywords" => {
                    record.entry(name.clone()).or_insert(Value::Array(list(&name, value)?));
                }
                "title" | "doc_number" | "index_number" | "kind" | "url" | "body_text" => {
                    if let Some(text) = text(&name, value)? {
                        record.insert(name, text.into());
                    }
                }
                // set by the store
                "version" | "source" => {}
                _ => {
                    record.insert(name, value);
                }
            }
        }
        let mut policy: Policy = serde_json::from_value(Value::Object(record))
            .map_err(|error| RowError(format!("字段类型有误：{error}")))?;
        if policy.region_code.is_none() {
            let named = region_name.as_deref().map(region::by_name).unwrap_or_default();
            policy.region_code = named.first().map(|region| region.code.to_owned());
        }
        check(&mut policy)?;
        Ok(Self { policy, origin })
    }

    /// Reads one row of a table: header and cell, in English or Chinese names. Lists are separated by 、 or ；.
    ///
    /// # Errors
    /// As [`Self::from_json`].
    pub fn from_fields<'a>(fields: impl Iterator<Item = (&'a str, &'a str)>) -> Result<Self, RowError> {
        let mut object = Map::new();
        for (name, cell) in fields {
            let (name, cell) = (name.trim_start_matches('\u{feff}').trim(), cell.trim());
            if !name.is_empty() && !cell.is_empty() {
                object.insert(name.to_owned(), cell.into());
            }
        }
        Self::from_json(Value::Object(object))
    }
}

fn check(policy: &mut Policy) -> Result<(), RowError> {
    policy.title = without_tags(&policy.title).split_whitespace().collect::<Vec<_>>().join(" ");
    if policy.title.chars().count() > MAX_TITLE {
        return Err(RowError(format!("title 超过 {MAX_TITLE} 个字")));
    }
    if policy.body_text.len() > MAX_BODY {
        return Err(RowError(format!("body 超过 {} MB", MAX_BODY >> 20)));
    }
    if policy.body_text.contains('\0') {
        policy.body_text = policy.body_text.replace('\0', "");
    }
    if let Some(url) = policy.url.take() {
        policy.url = address(&url);
    }
    if let Some(code) = &policy.region_code
        && region::by_code(code).is_none()
    {
        return Err(RowError(format!("region_code {code:?} 不是行政区划代码")));
    }
    if policy.title.is_empty() && policy.body_text.trim().is_empty() {
        // a document of which only the number is known is found by it
        if let Some(number) = policy.doc_number.as_deref().and_then(crate::doc_number::DocNumber::parse) {
            policy.title = number.key();
            policy.evidence.insert("title".to_owned(), policy.title.clone());
        }
    }
    if policy.title.is_empty() {
        let Some(line) = policy.body_text.lines().map(str::trim).find(|line| !line.is_empty()) else {
            return Err(RowError("缺少 title（标题）和 body（正文）".to_owned()));
        };
        // the first words of a text that runs on without a line feed
        let sentence = line.split(['。', '！', '？', ' ', '\u{3000}']).find(|part| !part.is_empty()).unwrap_or(line);
        policy.title = sentence.chars().take(TITLE_FROM_BODY).collect();
        policy.evidence.insert("title".to_owned(), policy.title.clone());
    }
    Ok(())
}

/// An address as people write it, with or without its scheme; `None` for other words (a name of a database, a rumour),
/// which lose nothing but themselves.
fn address(text: &str) -> Option<String> {
    let text = text.trim();
    let found = text.find("http://").or_else(|| text.find("https://"));
    if let Some(at) = found {
        return Some(text[at..].split_whitespace().next().unwrap_or_default().to_owned());
    }
    let host = text.split('/').next().unwrap_or_default();
    let plain = host.contains('.') && host.chars().all(|c| c.is_ascii_alphanumeric() || ".-".contains(c));
    (plain && text.contains('/') && !text.contains(char::is_whitespace)).then(|| format!("http://{text}"))
}

fn text(name: &str, value: Value) -> Result<Option<String>, RowError> {
    let text = match value {
        Value::String(text) => text,
        Value::Number(number) => number.to_string(),
        _ => return Err(RowError(format!("{name} 应为文字"))),
    };
    let trimmed = text.trim();
    Ok((!trimmed.is_empty()).then(|| trimmed.to_owned()))
}

fn list(name: &str, value: Value) -> Result<Vec<Value>, RowError> {
    match value {
        Value::Array(items) => {
            items.into_iter().map(|item| Ok(text(name, item)?.into())).collect::<Result<Vec<Value>, _>>()
        }
        Value::String(text) => {
            let parts = text.split(['、', '；', ';', '\n']).map(str::trim).filter(|part| !part.is_empty());
            Ok(parts.map(Value::from).collect())
        }
        _ => Err(RowError(format!("{name} 应为文字或列表"))),
    }
    .map(|items| items.into_iter().filter(|item| !item.is_null()).collect())
}

fn date(name: &str, value: &Value) -> Result<Option<NaiveDate>, RowError> {
    let read = match value {
        Value::Number(number) => number.as_i64().and_then(day_of_millis),
        Value::String(text) if text.trim().is_empty() => return Ok(None),
        Value::String(text) => parse_date(text),
        _ => None,
    };
    match read {
        Some(day) => Ok(Some(day)),
        None => Err(RowError(format!("{name} {value} 不是日期（应为 年-月-日）"))),
    }
}

/// The local day of a time in epoch milliseconds (Asia/Shanghai, which has no daylight saving).
fn day_of_millis(millis: i64) -> Option<NaiveDate> {
    let local = millis.checked_add(8 * 3_600_000)?;
    chrono::DateTime::from_timestamp_millis(local).map(|time| time.date_naive())
}

/// A date as people write it: `2021-11-19`, `2021.11.19`, `2021/11/19`, `2021年11月19日`, `20211119`, each also with a
/// time behind it; a time in UTC (`…Z`) gives the local day.
pub fn parse_date(text: &str) -> Option<NaiveDate> {
    let text = text.trim();
    if text.ends_with('Z')
        && let Ok(time) = chrono::DateTime::parse_from_rfc3339(text)
    {
        return day_of_millis(time.timestamp_millis());
    }
    if text.len() == 13 && text.bytes().all(|b| b.is_ascii_digit()) {
        return day_of_millis(text.parse().ok()?);
    }
    if text.len() == 8 && text.bytes().all(|b| b.is_ascii_digit()) {
        return NaiveDate::parse_from_str(text, "%Y%m%d").ok();
    }
    let mut numbers = text.split(|c: char| !c.is_ascii_digit()).filter(|part| !part.is_empty());
    let year = numbers.next().filter(|year| year.len() == 4)?.parse().ok()?;
    let month = numbers.next()?.parse().ok()?;
    let day = numbers.next()?.parse().ok()?;
    if !text.starts_with(|c: char| c.is_ascii_digit()) || !(1900..=2100).contains(&year) {
        return None;
    }
    NaiveDate::from_ymd_opt(year, month, day)
}

fn without_tags(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('<') {
        out.push_str(before);
        let tag = after.split_once('>').filter(|(tag, _)| {
            tag.trim_start_matches('/').starts_with(|c: char| c.is_ascii_alphabetic()) && tag.len() < 200
        });
        match tag {
            Some((_, behind)) => rest = behind,
            None => {
                out.push('<');
                rest = after;
            }
        }
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn loose_names_and_forms() {
        let row = ImportRow::from_json(json!({
            "id": "x1", "title": "关于<em>专精特新</em>的 通知", "published": "2021.11.19 10:00", "body": "正文",
            "issuer": "江苏省财政厅、江苏省科学技术厅", "region": "镇江市", "extra": { "a": 1 }, "doc_number": null
        }))
        .unwrap();
        assert_eq!(row.origin.as_deref(), Some("x1"));
        assert_eq!(row.policy.title, "关于专精特新的 通知");
        assert_eq!(row.policy.issuers, ["江苏省财政厅", "江苏省科学技术厅"]);
        assert_eq!(row.policy.region_code.as_deref(), Some("321100"));
        assert_eq!(row.policy.published_on, NaiveDate::from_ymd_opt(2021, 11, 19));
    }

    #[test]
    fn a_table_with_chinese_headers() {
        let fields =
            [("\u{feff}标题", "示例通知"), ("文号", "镇政发〔2026〕1号"), ("发布日期", "2026年1月5日"), ("正文", "")];
        let row = ImportRow::from_fields(fields.into_iter()).unwrap();
        assert_eq!(row.policy.doc_number.as_deref(), Some("镇政发〔2026〕1号"));
        assert_eq!(row.policy.published_on, NaiveDate::from_ymd_opt(2026, 1, 5));
    }

    #[test]
    fn dates() {
        let day = |y, m, d| NaiveDate::from_ymd_opt(y, m, d);
        for (text, expected) in [
            ("2020-05-14", day(2020, 5, 14)),
            ("2020/5/4 10:00:00", day(2020, 5, 4)),
            ("2021-11-19T16:30:00Z", day(2021, 11, 20)),
            ("1637280000000", day(2021, 11, 19)),
            ("20211119", day(2021, 11, 19)),
            ("2021-02-30", None),
            ("soon", None),
            ("12-11-2021", None),
        ] {
            assert_eq!(parse_date(text), expected, "{text}");
        }
    }

    #[test]
    fn bad_rows_name_their_field() {
        for (row, field) in [
            (json!([1]), "对象"),
            (json!({}), "title"),
            (json!({ "title": " ", "body": "" }), "title"),
            (json!({ "title": "t", "published": "soon" }), "published_on"),
            (json!({ "title": ["t"] }), "title"),
            (json!({ "title": "t", "region_code": "999999" }), "region_code"),
            (json!({ "title": "t", "attachments": 3 }), "类型"),
            (json!({ "title": "t".repeat(1_001) }), "title"),
        ] {
            let error = ImportRow::from_json(row.clone()).unwrap_err().to_string();
            assert!(error.contains(field), "{error} does not name {field}");
        }
    }

    #[test]
    fn what_is_no_address_is_left_out_and_the_row_kept() {
        for (url, expected) in [
            ("javascript:alert(1)", None),
            ("传闻", None),
            ("PKU Law Database", None),
            ("www.x.gov.cn/a/1.shtml", Some("http://www.x.gov.cn/a/1.shtml")),
            ("人民网:http://x.cn/1.html", Some("http://x.cn/1.html")),
        ] {
            let row = ImportRow::from_json(json!({ "title": "t", "url": url })).unwrap();
            assert_eq!(row.policy.url.as_deref(), expected, "{url}");
        }
    }

    #[test]
    fn a_document_of_which_only_the_number_is_known() {
        let row = ImportRow::from_json(json!({ "url": "http://x.cn/1", "doc_number": "发文字号：渝府发〔2023〕15号" }))
            .unwrap();
        assert_eq!(row.policy.title, "渝府发〔2023〕15号");
        assert!(ImportRow::from_json(json!({ "doc_number": "发文字号：" })).is_err());
    }

    #[test]
    fn a_text_without_a_title_gets_its_first_words() {
        let row = ImportRow::from_json(json!({ "body": "\n关于稳定商务发展的通知 各有关单位：为深入贯彻" })).unwrap();
        assert_eq!(row.policy.title, "关于稳定商务发展的通知");
    }
}
