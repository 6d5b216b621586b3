//! One row of an import: the policy record's names, and the looser ones that other systems export.

use chrono::NaiveDate;
use serde_json::{Map, Value};

use crate::policy::Policy;
use crate::{doc_number, issuer, kind, region};

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

/// Longest text of any other field, in characters.
const MAX_FIELD: usize = 2_000;

/// Most entries of a list.
const MAX_ENTRIES: usize = 1_000;

/// Names of fields in other systems, and the record's own. Spaces and colons in a header do not count.
const NAMES: &[(&str, &str)] = &[
    ("标题", "title"),
    ("信息名称", "title"),
    ("政策名称", "title"),
    ("文件名称", "title"),
    ("名称", "title"),
    ("题名", "title"),
    ("发文字号", "doc_number"),
    ("文号", "doc_number"),
    ("文件编号", "doc_number"),
    ("索引号", "index_number"),
    ("信息索引号", "index_number"),
    ("发文机关", "issuers"),
    ("发布机构", "issuers"),
    ("发布机关", "issuers"),
    ("发布单位", "issuers"),
    ("发布部门", "issuers"),
    ("发文单位", "issuers"),
    ("制发机关", "issuers"),
    ("制定机关", "issuers"),
    ("印发机关", "issuers"),
    ("issuer", "issuers"),
    ("成文日期", "written_on"),
    ("成文时间", "written_on"),
    ("印发日期", "written_on"),
    ("生成日期", "written_on"),
    ("发文日期", "written_on"),
    ("written", "written_on"),
    ("发布日期", "published_on"),
    ("公开日期", "published_on"),
    ("公布日期", "published_on"),
    ("发布时间", "published_on"),
    ("时间", "published_on"),
    ("日期", "published_on"),
    ("published", "published_on"),
    ("生效日期", "effective_on"),
    ("施行日期", "effective_on"),
    ("实施日期", "effective_on"),
    ("失效日期", "expires_on"),
    ("废止日期", "expires_on"),
    ("有效期至", "expires_on"),
    ("正文", "body_text"),
    ("内容", "body_text"),
    ("全文", "body_text"),
    ("政策内容", "body_text"),
    ("body", "body_text"),
    ("content", "body_text"),
    ("链接", "url"),
    ("网址", "url"),
    ("原文链接", "url"),
    ("原文网址", "url"),
    ("来源网址", "url"),
    ("地址", "url"),
    ("地区", "region"),
    ("区域", "region"),
    ("所属地区", "region"),
    ("行政区划", "region"),
    ("行政区划代码", "region_code"),
    ("地区代码", "region_code"),
    ("主题分类", "subjects"),
    ("信息分类", "subjects"),
    ("分类", "subjects"),
    ("公文种类", "kind"),
    ("文种", "kind"),
    ("体裁分类", "kind"),
    ("关键词", "keywords"),
    ("主题词", "keywords"),
    ("有效性", "validity"),
    ("时效", "validity"),
    ("时效性", "validity"),
    ("文件状态", "validity"),
    ("编号", "id"),
    ("序号", "id"),
];

impl ImportRow {
    /// Reads one JSON object. Accepts the policy record's names and also `published` for `published_on`, `body` for
    /// `body_text`, `issuer` (a string) for `issuers`, `region` (a name) for `region_code`. Null is absent; unknown
    /// names are ignored. A document number may stand behind its label. Dates may be `2021-11-19`, `2021.11.19`,
    /// `2021/11/19`, `2021年11月19日`, or with a time.
    /// Offices get their full names, with the words of the row in `evidence`. A row without a title gets one from the
    /// beginning of its text, with those words in `evidence`.
    ///
    /// # Errors
    /// Not an object; neither title nor body; a date that is none; a field of the wrong type; over the size limits.
    pub fn from_json(value: Value) -> Result<Self, RowError> {
        let Value::Object(fields) = value else { return Err(RowError("应为一个 JSON 对象".to_owned())) };
        let mut record = Map::new();
        let mut origin = None;
        let mut region_name = None;
        for (name, value) in fields {
            let name = own_name(&name);
            if value.is_null() {
                continue;
            }
            match name.as_str() {
                "id" => origin = text(&name, value)?.filter(|id| id.len() <= 200),
                "region" => region_name = text(&name, value)?,
                "written_on" | "published_on" | "effective_on" | "expires_on" => {
                    if let Some(day) = date(&name, &value)? {
                        record.entry(name).or_insert(day.to_string().into());
                    }
                }
                "issuers" | "subjects" | "keywords" => {
                    let entries = list(&name, value)?;
                    // 发文机关 and 发布机构 may both be there, one of them empty
                    if !entries.is_empty() {
                        record.entry(name).or_insert(Value::Array(entries));
                    }
                }
                "title" | "doc_number" | "index_number" | "kind" | "url" | "body_text" | "region_code" | "validity" => {
                    if let Some(text) = text(&name, value)? {
                        let text = match name.as_str() {
                            "validity" => validity(&text)?.to_owned(),
                            "doc_number" => doc_number::without_label(&text).to_owned(),
                            _ => text,
                        };
                        record.entry(name).or_insert(text.into());
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
            let named = region_name.as_deref().and_then(place);
            policy.region_code = named.map(|region| region.code.to_owned());
        }
        check(&mut policy)?;
        Ok(Self { policy, origin })
    }

    /// Whether a column of this name is read.
    pub fn knows(name: &str) -> bool {
        let own = own_name(name);
        NAMES.iter().any(|(_, known)| *known == own)
    }

    /// Reads one row of a table: header and cell, in English or Chinese names. Lists are separated by 、 or ；; of two
    /// columns for one field the first that is not empty counts.
    ///
    /// # Errors
    /// As [`Self::from_json`].
    pub fn from_fields<'a>(fields: impl IntoIterator<Item = (&'a str, &'a str)>) -> Result<Self, RowError> {
        let mut object = Map::new();
        for (name, cell) in fields {
            let (name, cell) = (own_name(name), cell.trim());
            if !name.is_empty() && !cell.is_empty() {
                object.entry(name).or_insert(cell.into());
            }
        }
        Self::from_json(Value::Object(object))
    }
}

/// The record's name for a field: `标 题：` → `title`.
fn own_name(name: &str) -> String {
    let plain: String = name.chars().filter(|c| !c.is_whitespace() && !"\u{feff}:：*".contains(*c)).collect();
    let known = NAMES.iter().find(|(other, _)| plain.eq_ignore_ascii_case(other));
    known.map_or(plain, |(_, own)| (*own).to_owned())
}

/// The region that a cell names; of a zone or a place that the table does not know (成都市高新区) the region in which it
/// lies. A list of places names none.
fn place(name: &str) -> Option<&'static region::Region> {
    let listed = name.contains(['、', '，', ',', '；', '等']);
    region::of_text(name, None).or_else(|| {
        let around = region::at_start(name, None).filter(|_| !listed)?;
        Some(around.0)
    })
}

fn check(policy: &mut Policy) -> Result<(), RowError> {
    policy.title = without_tags(&policy.title).split_whitespace().collect::<Vec<_>>().join(" ");
    if policy.title.chars().count() > MAX_TITLE {
        return Err(RowError(format!("title（标题）超过 {MAX_TITLE} 个字")));
    }
    for (name, text) in [("body（正文）", &policy.body_text), ("body_html", &policy.body_html)] {
        if text.len() > MAX_BODY {
            return Err(RowError(format!("{name}超过 {} MB", MAX_BODY >> 20)));
        }
    }
    let short = [("doc_number", &policy.doc_number), ("index_number", &policy.index_number), ("url", &policy.url)];
    for (name, text) in short {
        if text.as_ref().is_some_and(|text| text.chars().count() > MAX_FIELD) {
            return Err(RowError(format!("{name} 超过 {MAX_FIELD} 个字")));
        }
    }
    for (name, entries) in [
        ("issuers", policy.issuers.len()),
        ("subjects", policy.subjects.len()),
        ("keywords", policy.keywords.len()),
        ("attachments", policy.attachments.len()),
        ("citations", policy.citations.len()),
    ] {
        if entries > MAX_ENTRIES {
            return Err(RowError(format!("{name} 超过 {MAX_ENTRIES} 项")));
        }
    }
    if policy.body_text.contains('\0') {
        policy.body_text = policy.body_text.replace('\0', "");
    }
    if let Some(stated) = policy.url.take() {
        policy.url = address(&stated)?;
        if policy.url.is_none() {
            policy.evidence.insert("url".to_owned(), stated);
        }
    }
    let places = policy.locations.iter_mut().map(|location| &mut location.url);
    let files = policy.attachments.iter_mut().map(|attachment| &mut attachment.url);
    for url in places.chain(files).filter(|url| !url.is_empty()) {
        *url = address(url)?.unwrap_or_default();
    }
    if let Some(code) = &policy.region_code {
        // 321100000000 is the same place in the statistical code of 12 digits
        let six = code.get(..6).filter(|six| code.trim_start_matches(six).bytes().all(|b| b == b'0'));
        match six.and_then(region::by_code) {
            Some(region) => policy.region_code = Some(region.code.to_owned()),
            None => return Err(RowError(format!("region_code {code:?} 不是行政区划代码"))),
        }
    }
    policy.kind = policy.kind.take().and_then(|kind| kind::standard(&kind)).map(str::to_owned);
    name_issuers(policy);
    // a title of digits alone (a date that slipped into the column) names nothing
    if !policy.title.chars().any(char::is_alphabetic) {
        // a register of numbers names a document by its number
        let number = || {
            let key = doc_number::DocNumber::parse(policy.doc_number.as_deref()?)?.key();
            Some((key.clone(), key))
        };
        let Some((title, words)) = title_of(&policy.body_text).or_else(number) else {
            return Err(RowError(
                "缺少 title（标题）、body（正文）和可读的 doc_number（发文字号），至少要有一项".to_owned(),
            ));
        };
        policy.evidence.insert("title".to_owned(), words);
        policy.title = title;
    }
    Ok(())
}

/// Full names for the offices that the row names. What names no office (a newspaper, a site) is no issuer; the words
/// of the row stay in `evidence`.
fn name_issuers(policy: &mut Policy) {
    let stated = policy.issuers.join(" ");
    let named: Vec<String> =
        issuer::split(&stated, policy.region_code.as_deref()).into_iter().map(|i| i.name).collect();
    if named != policy.issuers {
        policy.evidence.insert("issuers".to_owned(), stated);
        policy.issuers = named;
    }
}

/// What the title of a document ends with, brackets behind it left out.
const TITLE_ENDS: &[&str] = &[
    "通知",
    "意见",
    "办法",
    "公告",
    "通告",
    "方案",
    "措施",
    "细则",
    "规定",
    "条例",
    "决定",
    "指南",
    "规划",
    "计划",
    "复函",
    "的函",
    "批复",
    "通报",
    "纪要",
    "解读",
    "政策",
    "规则",
    "标准",
    "目录",
    "名单",
    "公示",
    "公开信",
    "纲要",
    "倡议书",
    "须知",
];

/// How a sentence of a document begins, which is no title.
const SENTENCE_BEGINS: &[&str] =
    &["为", "根据", "按照", "依据", "各", "现将", "现就", "第一", "近日", "日前", "经", "一、"];

/// Longest title that is put together from lines, in characters, and of how many lines.
const LONGEST_HEADING: usize = 90;
const MOST_LINES: usize = 4;

/// Words that can stand as the title of a text, with the piece of the text that they are: the heading, which ends as a
/// title does and may run over some lines, else the first sentence, at most [`TITLE_FROM_BODY`] characters, cut where a
/// clause ends.
fn title_of(body: &str) -> Option<(String, String)> {
    let beginning: &str = body.char_indices().nth(4_000).map_or(body, |(at, _)| &body[..at]);
    let is_end = |c: char| "\n\r。！？| \t\u{2028}\u{3000}\u{a0}".contains(c);
    let is_rim = |c: char| c.is_whitespace() || "#*-=>_：:".contains(c);
    let mut parts: Vec<&str> = Vec::new();
    for part in beginning.split(is_end) {
        let part = part.trim_start_matches(|c: char| is_rim(c) && c != '：' && c != ':').trim();
        if part.chars().any(char::is_alphabetic) && parts.len() < 8 {
            parts.push(part);
        }
    }
    let at = |part: &str| part.as_ptr() as usize - beginning.as_ptr() as usize;
    let is_addressee = |part: &str| part.ends_with(['：', ':']);
    for (nth, first) in parts.iter().enumerate() {
        let is_sentence = |part: &str| SENTENCE_BEGINS.iter().any(|begin| part.starts_with(begin));
        if is_sentence(first)
            || is_addressee(first)
            || first.chars().count() < 4 && issuer::parse(first, None).is_none()
        {
            continue;
        }
        // a page may say its heading twice
        if parts.get(nth + 1).is_some_and(|next| next.starts_with(first)) && !ends_as_title(first) {
            continue;
        }
        for last in parts[nth..].iter().take(MOST_LINES) {
            let piece = &beginning[at(first)..at(last) + last.len()];
            if piece.contains(['。', '！', '？', '|', '；'])
                || piece.chars().count() > LONGEST_HEADING
                || is_addressee(last)
                || is_sentence(last)
                || parse_date(last).is_some()
            {
                break;
            }
            let title = on_one_line(piece);
            if ends_as_title(&title) && title.chars().count() >= 8 {
                return Some((title, piece.to_owned()));
            }
        }
    }
    // a lone word at the beginning (a label, a page number), an office, or whom the text is for is no title where a
    // sentence follows
    let bare = |part: &&str| part.trim_matches(is_rim).to_owned();
    let is_office = |part: &str| part.chars().count() <= 16 && issuer::parse(part, None).is_some();
    let is_sentence = |part: &&&str| part.chars().count() >= 8 && !is_addressee(part) && !is_office(part);
    let best = parts.iter().find(is_sentence).or_else(|| parts.iter().find(|part| part.chars().count() >= 8));
    let best = bare(best.or(parts.first())?);
    let cut = cut_at_clause(&best).to_owned();
    Some((cut.clone(), cut))
}

/// A heading without the breaks of its lines; offices one below the other stay apart.
fn on_one_line(piece: &str) -> String {
    let mut title = String::with_capacity(piece.len());
    let mut office = false;
    for line in piece.split(['\n', '\r']).map(|line| line.split_whitespace().collect::<Vec<_>>().join(" ")) {
        if office && !line.is_empty() && !line.starts_with("关于") {
            title.push(' ');
        }
        office = !line.is_empty() && issuer::parse(&line, None).is_some();
        title.push_str(&line);
    }
    title
}

fn ends_as_title(title: &str) -> bool {
    // the name of a column of a site
    if title.ends_with("通知公告") {
        return false;
    }
    let mut bare = title.trim_end_matches(['》', '〉', '”']);
    while let Some(open) = bare.ends_with(['）', ')', '〕', ']']).then(|| bare.rfind(['（', '(', '〔', '['])).flatten()
    {
        bare = bare[..open].trim_end_matches(['》', '〉', '”']);
    }
    // commas stand in a title that says 关于
    let whole = !bare.contains(['，', ',']) || bare.contains("关于") && !bare.contains("以下");
    whole && TITLE_ENDS.iter().any(|end| bare.ends_with(end))
}

/// At most [`TITLE_FROM_BODY`] characters, to the end of a clause, never within a number or marks that are open.
fn cut_at_clause(words: &str) -> &str {
    let Some((limit, _)) = words.char_indices().nth(TITLE_FROM_BODY) else { return words };
    let mut depth = 0_i32;
    let mut clause = None;
    let mut outside = limit;
    for (at, c) in words[..limit].char_indices() {
        match c {
            '《' | '（' | '(' | '〔' | '“' | '[' => {
                if depth == 0 {
                    outside = at;
                }
                depth += 1;
            }
            '》' | '）' | ')' | '〕' | '”' | ']' => depth = (depth - 1).max(0),
            '，' | ',' | '；' | ';' | '：' | ':' if depth == 0 && at >= 24 => clause = Some(at),
            _ => {}
        }
    }
    let end = clause.unwrap_or(if depth > 0 && outside >= 24 { outside } else { limit });
    let cut = &words[..end];
    let bare = if words[end..].starts_with(|c: char| c.is_ascii_digit() || "年月日%％．.".contains(c)) {
        cut.trim_end_matches(|c: char| c.is_ascii_digit() || "年月．.".contains(c))
    } else {
        cut
    };
    let bare = bare.trim_end_matches(['、', '，', ',']);
    if bare.is_empty() { cut } else { bare }
}

/// An address of the web, also without its scheme; words in its place (某某数据库) are none.
fn address(stated: &str) -> Result<Option<String>, RowError> {
    if ["http://", "https://"].iter().any(|scheme| starts_ignoring_case(stated, scheme)) {
        return Ok(Some(stated.to_owned()));
    }
    let scheme = stated.split_once(':').map(|(scheme, _)| scheme);
    if scheme.is_some_and(|scheme| !scheme.is_empty() && scheme.bytes().all(|b| b.is_ascii_alphanumeric())) {
        return Err(RowError(format!("url {stated:?} 不是网址（应以 http:// 或 https:// 开头）")));
    }
    let host = stated.split('/').next().unwrap_or_default();
    let is_host = host.contains('.') && host.bytes().all(|b| b.is_ascii_alphanumeric() || b"-.".contains(&b));
    Ok(is_host.then(|| format!("http://{stated}")))
}

fn starts_ignoring_case(text: &str, start: &str) -> bool {
    text.get(..start.len()).is_some_and(|head| head.eq_ignore_ascii_case(start))
}

/// The record's word for a state as pages write it.
fn validity(text: &str) -> Result<&'static str, RowError> {
    let known: &[(&str, &[&str])] = &[
        ("in_force", &["in_force", "有效", "现行有效", "继续有效", "现行", "有效文件"]),
        ("not_yet", &["not_yet", "尚未生效", "未生效", "尚未施行"]),
        ("amended", &["amended", "已修改", "已修订", "部分有效", "已被修改"]),
        ("expired", &["expired", "失效", "已失效", "过期"]),
        ("repealed", &["repealed", "废止", "已废止"]),
        ("draft", &["draft", "征求意见稿", "草案"]),
        ("unknown", &["unknown", "未知"]),
    ];
    known.iter().find(|(_, words)| words.contains(&text)).map(|(own, _)| *own).ok_or_else(|| {
        RowError(format!("validity（有效性）{text:?} 不认识，应为 有效、失效、废止、已修改 或 尚未生效"))
    })
}

fn text(name: &str, value: Value) -> Result<Option<String>, RowError> {
    let text = match value {
        Value::String(text) => text,
        Value::Number(number) => number.to_string(),
        _ => return Err(RowError(format!("{name} 应为文字"))),
    };
    let trimmed = text.trim_matches(|c: char| c.is_whitespace() || matches!(c, '\u{200b}' | '\u{feff}'));
    Ok((!trimmed.is_empty()).then(|| trimmed.to_owned()))
}

fn list(name: &str, value: Value) -> Result<Vec<Value>, RowError> {
    match value {
        Value::Array(items) => {
            items.into_iter().map(|item| Ok(text(name, item)?.into())).collect::<Result<Vec<Value>, _>>()
        }
        Value::String(text) => {
            // a path is one subject: 综合政务\政务公开
            let separators: &[char] =
                if name == "subjects" { &['；', ';', '\n'] } else { &['、', '；', ';', '\n', '，', ','] };
            let parts = text.split(separators).map(|part| part.trim().replace('\\', "/"));
            Ok(parts.filter(|part| !part.is_empty()).map(Value::from).collect())
        }
        _ => Err(RowError(format!("{name} 应为文字或列表"))),
    }
    .map(|items| items.into_iter().filter(|item| !item.is_null()).collect())
}

fn date(name: &str, value: &Value) -> Result<Option<NaiveDate>, RowError> {
    let read = match value {
        Value::Number(number) => number.as_f64().and_then(day_of_number),
        Value::String(text) if text.trim().is_empty() => return Ok(None),
        Value::String(text) => parse_date(text),
        _ => None,
    };
    match read {
        Some(day) => Ok(Some(day)),
        None => Err(RowError(format!("{name} {value} 不是日期（应为 年-月-日）"))),
    }
}

/// A date as a number: 20211119, a day of a spreadsheet (44519), epoch seconds or milliseconds.
fn day_of_number(number: f64) -> Option<NaiveDate> {
    let whole = number.is_finite().then_some(number as i64)?;
    match whole {
        19_000_101..=21_001_231 => NaiveDate::parse_from_str(&whole.to_string(), "%Y%m%d").ok(),
        20_000..80_000 => NaiveDate::from_ymd_opt(1899, 12, 30)?.checked_add_days(chrono::Days::new(whole as u64)),
        100_000_000..10_000_000_000 => day_of_millis(whole * 1_000),
        10_000_000_000..10_000_000_000_000 => day_of_millis(whole),
        _ => None,
    }
}

/// The local day of a time in epoch milliseconds (Asia/Shanghai, which has no daylight saving).
fn day_of_millis(millis: i64) -> Option<NaiveDate> {
    let local = millis.checked_add(8 * 3_600_000)?;
    chrono::DateTime::from_timestamp_millis(local).map(|time| time.date_naive())
}

/// A date as people write it: `2021-11-19`, `2021.11.19`, `2021/11/19`, `2021年11月19日`, `20211119`, each also with a
/// time behind it; a number as `day_of_number` reads it; a time with its offset (`…Z`) gives the local day.
pub fn parse_date(text: &str) -> Option<NaiveDate> {
    let folded: String = text.trim().chars().take(64).map(half_width).collect();
    if let Ok(time) = chrono::DateTime::parse_from_rfc3339(&folded) {
        return day_of_millis(time.timestamp_millis());
    }
    if !folded.is_empty() && folded.bytes().all(|b| b.is_ascii_digit()) {
        return day_of_number(folded.parse().ok()?);
    }
    if !folded.starts_with(|c: char| c.is_ascii_digit()) {
        return None;
    }
    // no word may stand between the numbers: 2021年第3期12号 is no date
    let mut numbers = Vec::with_capacity(3);
    let mut rest = folded.as_str();
    while numbers.len() < 3 {
        let end = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
        numbers.push(&rest[..end]);
        rest = rest[end..].trim_start();
        if numbers.len() < 3 {
            rest = rest.strip_prefix(['-', '.', '/', '年', '月', '－', '—'])?.trim_start();
        }
    }
    let [year, month, day] = numbers.as_slice() else { return None };
    if year.len() != 4 || month.is_empty() || month.len() > 2 || day.is_empty() || day.len() > 2 {
        return None;
    }
    let year = year.parse().ok().filter(|year| (1900..=2100).contains(year))?;
    NaiveDate::from_ymd_opt(year, month.parse().ok()?, day.parse().ok()?)
}

fn half_width(c: char) -> char {
    if ('！'..='～').contains(&c) { char::from_u32(c as u32 - 0xFEE0).unwrap_or(c) } else { c }
}

/// The text without tags and with the named characters of HTML read: `<em>专精特新</em>&nbsp;企业` → 专精特新 企业.
fn without_tags(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('<') {
        out.push_str(before);
        let tag = after.split_once('>').filter(|(tag, _)| {
            tag.trim_start_matches('/').starts_with(|c: char| c.is_ascii_alphabetic()) && tag.len() < 200
        });
        match tag {
            Some((tag, behind)) => {
                if starts_ignoring_case(tag, "br") {
                    out.push(' ');
                }
                rest = behind;
            }
            None => {
                out.push('<');
                rest = after;
            }
        }
    }
    out.push_str(rest);
    if out.contains('&') {
        for (entity, character) in [
            ("&nbsp;", " "),
            ("&ldquo;", "“"),
            ("&rdquo;", "”"),
            ("&middot;", "·"),
            ("&mdash;", "—"),
            ("&quot;", "\""),
            ("&lt;", "<"),
            ("&gt;", ">"),
            ("&amp;", "&"),
        ] {
            out = out.replace(entity, character);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn day(y: i32, m: u32, d: u32) -> Option<NaiveDate> {
        NaiveDate::from_ymd_opt(y, m, d)
    }

    #[test]
    fn loose_names_and_forms() {
        let row = ImportRow::from_json(json!({
            "id": "x1", "title": "关于<em>专精特新</em>的 通知", "published": "2021.11.19 10:00", "body": "正文",
            "issuer": "江苏省财政厅、省科技厅", "region": "镇江市", "extra": { "a": 1 }, "doc_number": null
        }))
        .unwrap();
        assert_eq!(row.origin.as_deref(), Some("x1"));
        assert_eq!(row.policy.title, "关于专精特新的 通知");
        assert_eq!(row.policy.issuers, ["江苏省财政厅", "江苏省科学技术厅"]);
        assert_eq!(row.policy.evidence["issuers"], "江苏省财政厅 省科技厅");
        assert_eq!(row.policy.region_code.as_deref(), Some("321100"));
        assert_eq!(row.policy.published_on, day(2021, 11, 19));
        assert_eq!(row.policy.doc_number, None);
    }

    #[test]
    fn the_own_names_of_the_record() {
        let policy = Policy {
            title: "示例办法".to_owned(),
            issuers: vec!["江苏省财政厅".to_owned()],
            region_code: Some("320000".to_owned()),
            published_on: day(2026, 1, 5),
            kind: Some("办法".to_owned()),
            subjects: vec!["财政、金融、审计/财政".to_owned()],
            body_text: "正文".to_owned(),
            ..Policy::default()
        };
        let row = ImportRow::from_json(serde_json::to_value(&policy).unwrap()).unwrap();
        assert_eq!(row.policy, policy);
    }

    #[test]
    fn regions_by_name_and_code() {
        for (row, code) in [
            (json!({ "title": "示例", "region": "江苏省镇江市" }), Some("321100")),
            (json!({ "title": "示例", "region": "广西省南宁市" }), Some("450100")),
            (json!({ "title": "示例", "region": "四川省成都市高新区" }), Some("510100")),
            (json!({ "title": "示例", "region": "广州、佛山" }), None),
            (json!({ "title": "示例", "region": "某某数据库" }), None),
            (json!({ "title": "示例", "region": "国家" }), Some("100000")),
            (json!({ "title": "示例", "region": "鼓楼区" }), None),
            (json!({ "title": "示例", "region_code": 320000 }), Some("320000")),
            (json!({ "title": "示例", "region_code": "321181000000" }), Some("321181")),
        ] {
            let read = ImportRow::from_json(row.clone()).unwrap().policy.region_code;
            assert_eq!(read.as_deref(), code, "{row}");
        }
    }

    #[test]
    fn what_names_no_office_is_no_issuer() {
        let row = ImportRow::from_json(json!({ "title": "示例", "issuer": "新华社" })).unwrap();
        assert!(row.policy.issuers.is_empty());
        assert_eq!(row.policy.evidence["issuers"], "新华社");
    }

    #[test]
    fn addresses() {
        for (stated, url) in [
            ("https://example.gov.cn/a", Some("https://example.gov.cn/a")),
            ("HTTP://example.gov.cn/a", Some("HTTP://example.gov.cn/a")),
            ("www.example.gov.cn/a.html", Some("http://www.example.gov.cn/a.html")),
            ("某数据库", None),
            ("Law Database", None),
        ] {
            let row = ImportRow::from_json(json!({ "title": "示例", "url": stated })).unwrap();
            assert_eq!(row.policy.url.as_deref(), url);
            assert_eq!(row.policy.evidence.contains_key("url"), url.is_none());
        }
    }

    #[test]
    fn a_table_with_chinese_headers() {
        let fields = [
            ("\u{feff}标 题", "示例通知"),
            ("文号：", "镇政发〔2026〕1号"),
            ("索引号", "014000319/2026-00001"),
            ("发布机构", ""),
            ("发文机关", "市科技局；市财政局"),
            ("成文日期", "2026/1/4"),
            ("发布日期", "2026年1月5日"),
            ("地区", "镇江"),
            ("主题分类", "科技、教育\\科技"),
            ("公文种类", "通知"),
            ("关键词", "科技、创新"),
            ("有效性", "有效"),
            ("链接", "https://example.gov.cn/1.html"),
            ("正文", ""),
            ("备注", "没有这一列"),
        ];
        let policy = ImportRow::from_fields(fields).unwrap().policy;
        assert_eq!(policy.doc_number.as_deref(), Some("镇政发〔2026〕1号"));
        assert_eq!(policy.index_number.as_deref(), Some("014000319/2026-00001"));
        assert_eq!(policy.issuers, ["镇江市科学技术局", "镇江市财政局"]);
        assert_eq!((policy.written_on, policy.published_on), (day(2026, 1, 4), day(2026, 1, 5)));
        assert_eq!(policy.region_code.as_deref(), Some("321100"));
        assert_eq!(policy.subjects, ["科技、教育/科技"]);
        assert_eq!(policy.keywords, ["科技", "创新"]);
        assert_eq!((policy.kind.as_deref(), policy.validity), (Some("通知"), crate::policy::Validity::InForce));
        assert_eq!(policy.url.as_deref(), Some("https://example.gov.cn/1.html"));
    }

    #[test]
    fn every_name_is_a_field_of_the_record() {
        let record = serde_json::to_value(Policy::default()).unwrap();
        for (other, own) in NAMES {
            assert!(*own == "region" || record.get(own).is_some(), "{other} → {own}");
            assert_eq!(own_name(other), *own);
        }
    }

    #[test]
    fn dates() {
        for (text, expected) in [
            ("2020-05-14", day(2020, 5, 14)),
            ("2020-05-14 10:00", day(2020, 5, 14)),
            ("2020/5/4 10:00:00", day(2020, 5, 4)),
            ("2020.05.04", day(2020, 5, 4)),
            ("2020年5月4日", day(2020, 5, 4)),
            ("2020 年 5 月 4 日", day(2020, 5, 4)),
            ("２０２０－０５－０４", day(2020, 5, 4)),
            ("2021-11-19T16:30:00Z", day(2021, 11, 20)),
            ("2021-11-19T23:30:00+08:00", day(2021, 11, 19)),
            ("1637280000000", day(2021, 11, 19)),
            ("1637280000", day(2021, 11, 19)),
            ("20211119", day(2021, 11, 19)),
            ("44519", day(2021, 11, 19)),
            ("2021-02-30", None),
            ("2021-11", None),
            ("2021年第3期12号", None),
            ("1021-11-19", None),
            ("soon", None),
            ("12-11-2021", None),
            ("", None),
            ("99999999999999999999", None),
        ] {
            assert_eq!(parse_date(text), expected, "{text}");
        }
        let row = ImportRow::from_json(
            json!({ "title": "示例", "published": 1_637_280_000_000_i64, "written_on": 20211118 }),
        );
        let policy = row.unwrap().policy;
        assert_eq!((policy.published_on, policy.written_on), (day(2021, 11, 19), day(2021, 11, 18)));
    }

    #[test]
    fn bad_rows_name_their_field() {
        for (row, field) in [
            (json!([1]), "对象"),
            (json!({}), "title"),
            (json!({ "title": " ", "body": "" }), "title"),
            (json!({ "title": "2023-03-30 00:00:00" }), "title"),
            (json!({ "title": "t", "published": "soon" }), "published_on"),
            (json!({ "title": "t", "published": true }), "published_on"),
            (json!({ "title": "t", "url": "javascript:alert(1)" }), "url"),
            (json!({ "title": "t", "attachments": [{ "name": "a", "url": "javascript:alert(1)" }] }), "url"),
            (json!({ "title": "t", "locations": [{ "url": "data:text/html,x" }] }), "url"),
            (json!({ "title": "t", "url": format!("http://{}", "a".repeat(3_000)) }), "url"),
            (json!({ "title": ["t"] }), "title"),
            (json!({ "title": "t", "region_code": "999999" }), "region_code"),
            (json!({ "title": "t", "region_code": "3211" }), "region_code"),
            (json!({ "title": "t", "attachments": 3 }), "类型"),
            (json!({ "title": "t", "validity": "大概" }), "validity"),
            (json!({ "title": "t", "issuer": { "name": "x" } }), "issuers"),
            (json!({ "title": "t".repeat(1_001) }), "title"),
            (json!({ "title": "t", "body": "长".repeat(MAX_BODY / 3 + 1) }), "body"),
            (json!({ "title": "t", "keywords": vec!["k"; 1_001] }), "keywords"),
        ] {
            let error = ImportRow::from_json(row.clone()).unwrap_err().to_string();
            assert!(error.contains(field), "{error} does not name {field}");
        }
    }

    #[test]
    fn a_text_without_a_title_gets_its_first_words() {
        for (body, title) in [
            ("\n关于稳定商务发展的通知 各有关单位：为深入贯彻", "关于稳定商务发展的通知"),
            ("# 通知\n\n关于示例补贴的若干措施。一、总则", "关于示例补贴的若干措施"),
            ("2023-03-30 00:00:00 | 某部 | 关于协同做好示例服务的通知", "关于协同做好示例服务的通知"),
            ("短文", "短文"),
            // over two lines, behind the name of an office, and never a sentence or whom it is for
            ("示例市支持示例园区建设等\n若干政策措施\n第一条 为示例", "示例市支持示例园区建设等若干政策措施"),
            ("国家税务总局\n关于印发示例措施的通知\n各单位：", "国家税务总局关于印发示例措施的通知"),
            ("各示例局，各有关单位，各企业：\n为做好示例工作，现将有关事项明确。", "为做好示例工作，现将有关事项明确"),
            ("财政部 税务总局\n关于示例税收的公告\n各单位：", "财政部 税务总局关于示例税收的公告"),
            ("国家税务总局示例省税务局 通知公告\n近日示例市示例局印发", "近日示例市示例局印发"),
            ("示例局\n示例局\n关于示例的通知\n2026年1月5日", "示例局关于示例的通知"),
            ("示例市示例局\n2026年1月5日\n示例管理办法（试行）", "示例管理办法（试行）"),
            ("一、示例\n关于示例的若干意见（试行）\n各单位：", "关于示例的若干意见（试行）"),
            (
                "为深入贯彻落实示例省关于推动示例产业高质量发展的决策部署，根据《示例省示例发展规划纲要和二〇三五年远景目标》（示发〔2026〕5号）",
                "为深入贯彻落实示例省关于推动示例产业高质量发展的决策部署",
            ),
        ] {
            let row = ImportRow::from_json(json!({ "title": null, "body": body })).unwrap();
            assert_eq!(row.policy.title, title);
            let words = &row.policy.evidence["title"];
            assert!(body.contains(words), "{words}");
            assert_eq!(words.split_whitespace().collect::<String>(), title.replace(' ', ""));
        }
        let long = ImportRow::from_json(json!({ "body": "长".repeat(100) })).unwrap();
        assert_eq!(long.policy.title.chars().count(), TITLE_FROM_BODY);
        let stated = ImportRow::from_json(json!({ "title": "示例", "body": "正文" })).unwrap();
        assert!(!stated.policy.evidence.contains_key("title"));
    }

    #[test]
    fn tags_and_entities_in_titles() {
        for (text, plain) in [
            ("<em>专精</em>特新&nbsp;企业", "专精特新 企业"),
            ("关于<br/>通知", "关于 通知"),
            ("3<5 且 7>2", "3<5 且 7>2"),
            ("&ldquo;小巨人&rdquo;", "“小巨人”"),
            ("<", "<"),
        ] {
            let row = ImportRow::from_json(json!({ "title": format!("示例{text}") })).unwrap();
            assert_eq!(row.policy.title, format!("示例{plain}"));
        }
    }

    /// Every record of the real files is read, or says truly what it lacks.
    #[test]
    fn real_records_are_read() {
        use std::io::BufRead;
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/data/corpus");
        let Ok(files) = std::fs::read_dir(folder) else {
            assert!(std::env::var_os("ZHIDA_TEST_ALL").is_none(), "../shared/data not found");
            return println!("left out: ../shared/data not found");
        };
        let (mut all, mut rejected, mut placed, mut named, mut issued) = (0, 0, 0, 0, 0);
        for file in files {
            let file = std::fs::File::open(file.unwrap().path()).unwrap();
            for line in std::io::BufReader::new(flate2::read::GzDecoder::new(file)).lines() {
                let record: Value = serde_json::from_str(&line.unwrap()).unwrap();
                all += 1;
                let lacks =
                    |name: &str| !record[name].as_str().is_some_and(|text| text.chars().any(char::is_alphabetic));
                match ImportRow::from_json(record.clone()) {
                    Ok(row) => {
                        assert!(!row.policy.title.is_empty() && row.policy.title.chars().count() <= MAX_TITLE);
                        assert_eq!(row.origin.as_deref(), record["id"].as_str());
                        assert_eq!(row.policy.published_on.is_some(), record["published"].is_string(), "{record}");
                        named += usize::from(record["region"].is_string());
                        placed += usize::from(row.policy.region_code.is_some());
                        issued += usize::from(!row.policy.issuers.is_empty());
                    }
                    Err(error) => {
                        rejected += 1;
                        assert!(lacks("title") && lacks("body") && error.0.contains("title"), "{error}: {record}");
                    }
                }
            }
        }
        println!("{all} rows, {rejected} rejected; {placed} of {named} regions, {issued} issuers read");
        assert!(all > 55_000 && placed * 100 >= named * 98);
    }

    proptest::proptest! {
        #[test]
        fn any_cell_is_survived(title in "\\PC{0,40}", date in "\\PC{0,20}|[0-9年月日./:TZ -]{0,20}", body in "[<>&;a-z|。 \n长]{0,60}") {
            parse_date(&date);
            let read = ImportRow::from_fields([("标题", title.as_str()), ("发布日期", date.as_str()), ("正文", body.as_str())]);
            if let Ok(row) = read {
                proptest::prop_assert!(!row.policy.title.is_empty());
            }
        }
    }
}
