//! Field words in a query: 标题:高企, 发文机关:工信部, 地区:镇江, 2024年:补贴.

use zhida_schemas::policy::Validity;
use zhida_schemas::region::{self, Region};
use zhida_schemas::{issuer, kind};

use super::dates::{self, Span};
use super::number::{self, NumberParts};
use super::parse::Part;
use crate::Analyzer;
use crate::policies::schema;

/// What is asked of one field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Asked {
    /// The title has it.
    Title(Part),
    /// The main text has it.
    Body(Part),
    /// One of these offices, the full name first.
    Issuer(Vec<String>),
    /// The document's own number, whole or in part.
    Number(NumberParts),
    /// An office of this region or of one below it.
    Region(&'static Region),
    /// 公文种类.
    Kind(String),
    /// Subject path or its beginning.
    Subject(String),
    /// 时效.
    Validity(Validity),
    /// Dated within.
    Dated(Span),
}

/// A condition on a field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Condition {
    /// What is asked.
    pub asked: Asked,
    /// Whether what has it is left out.
    pub excludes: bool,
}

impl Asked {
    /// Name of the field, as in the parameters of a search.
    pub fn field(&self) -> &'static str {
        match self {
            Self::Title(_) => "title",
            Self::Body(_) => "body",
            Self::Issuer(_) => "issuer",
            Self::Number(_) => "doc_number",
            Self::Region(_) => "region",
            Self::Kind(_) => "kind",
            Self::Subject(_) => "subject",
            Self::Validity(_) => "validity",
            Self::Dated(_) => "dated",
        }
    }

    /// How the value was read.
    pub fn shown(&self) -> String {
        match self {
            Self::Title(part) | Self::Body(part) => part.text().to_owned(),
            Self::Issuer(names) => names.first().cloned().unwrap_or_default(),
            Self::Number(number) => number.shown(),
            Self::Region(region) => region.name.to_owned(),
            Self::Kind(text) | Self::Subject(text) => text.clone(),
            Self::Validity(validity) => validity.label().to_owned(),
            Self::Dated(Span { from, to }) => format!("{from} – {to}"),
        }
    }
}

/// A field that a word names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Field {
    /// Words of the title.
    Title,
    /// Words of the main text.
    Body,
    /// Offices.
    Issuer,
    /// 发文字号.
    Number,
    /// The issuer's region.
    Region,
    /// 公文种类.
    Kind,
    /// Subject path.
    Subject,
    /// 时效.
    Validity,
    /// Years.
    Year,
}

/// Folded.
const WORDS: [(&str, Field); 26] = [
    ("标题", Field::Title),
    ("题名", Field::Title),
    ("题目", Field::Title),
    ("正文", Field::Body),
    ("内容", Field::Body),
    ("全文", Field::Body),
    ("发文机关", Field::Issuer),
    ("发布机构", Field::Issuer),
    ("发布机关", Field::Issuer),
    ("制发机关", Field::Issuer),
    ("发文单位", Field::Issuer),
    ("机关", Field::Issuer),
    ("文号", Field::Number),
    ("发文字号", Field::Number),
    ("发文号", Field::Number),
    ("地区", Field::Region),
    ("区域", Field::Region),
    ("文种", Field::Kind),
    ("公文种类", Field::Kind),
    ("主题", Field::Subject),
    ("主题分类", Field::Subject),
    ("时效", Field::Validity),
    ("有效性", Field::Validity),
    ("年份", Field::Year),
    ("年度", Field::Year),
    ("发布年份", Field::Year),
];

/// Letters before a colon beyond this are no field word.
const MAX_WORD_CHARS: usize = 8;

/// A field word at the beginning of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FieldWord {
    /// Its value follows.
    Names(Field),
    /// 2024年: is its own value.
    Years(Span),
}

/// The field word with its colon at the beginning of a text, and where the colon ends.
pub fn at_start(text: &str, analyzer: &Analyzer) -> Option<(FieldWord, usize)> {
    let (colon, sign) = text.char_indices().take(MAX_WORD_CHARS + 1).find(|(_, sign)| matches!(sign, ':' | '：'))?;
    let end = colon + sign.len_utf8();
    let word = analyzer.fold(&text[..colon]);
    if word.ends_with('年')
        && let Some(span) = dates::read_years(&word)
    {
        return Some((FieldWord::Years(span), end));
    }
    WORDS.iter().find(|(known, _)| *known == word).map(|(_, field)| (FieldWord::Names(*field), end))
}

/// Where the last word for a document number in a folded text ends, with its colon.
pub fn after_number_word(text: &str) -> Option<usize> {
    let (colon, sign) = text.char_indices().rfind(|(_, sign)| matches!(sign, ':' | '：'))?;
    let is_one = |(word, field): &(&str, Field)| *field == Field::Number && text[..colon].ends_with(word);
    WORDS.iter().any(is_one).then_some(colon + sign.len_utf8())
}

/// What a value asks of a field; `None` for one that is no value of it, which is then a text like any other.
pub fn read(field: Field, value: &Part, analyzer: &Analyzer) -> Option<Asked> {
    let text = value.text().trim();
    if !text.chars().any(char::is_alphanumeric) {
        return None;
    }
    Some(match field {
        Field::Title => Asked::Title(value.clone()),
        Field::Body => Asked::Body(value.clone()),
        Field::Issuer => {
            let full = issuer::parse(text, None).map(|office| office.name);
            let mut names: Vec<String> = full.into_iter().chain([text.to_owned()]).collect();
            names.dedup();
            Asked::Issuer(names)
        }
        Field::Number => Asked::Number(number::read_part(text, analyzer)?),
        Field::Region => Asked::Region(region::by_code(text).or_else(|| region::of_text(text, None))?),
        Field::Kind => Asked::Kind(kind::standard(text).map_or_else(|| text.to_owned(), str::to_owned)),
        Field::Subject => Asked::Subject(text.trim_matches('/').to_owned()),
        Field::Validity => Asked::Validity(validity(text)?),
        Field::Year => Asked::Dated(dates::read_years(text)?),
    })
}

fn validity(text: &str) -> Option<Validity> {
    let said = match text {
        "有效" | "现行" | "生效" => Some(Validity::InForce),
        "未生效" => Some(Validity::NotYet),
        "修改" | "修订" | "已修订" => Some(Validity::Amended),
        "失效" | "过期" => Some(Validity::Expired),
        "废止" => Some(Validity::Repealed),
        "草案" | "意见稿" => Some(Validity::Draft),
        _ => None,
    };
    let labelled = || schema::VALIDITIES.into_iter().find(|&validity| validity.label() == text);
    said.or_else(labelled).or_else(|| schema::validity_of(text))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::tests::analyzer;

    #[test]
    fn every_field_word_is_read_with_either_colon() {
        for (word, field) in WORDS {
            for colon in [":", "："] {
                let text = format!("{word}{colon}值");
                let expected = Some((FieldWord::Names(field), word.len() + colon.len()));
                assert_eq!(at_start(&text, &analyzer()), expected, "{text}");
            }
        }
        for text in ["標題：值", "标题：", "2024年：值"] {
            assert!(at_start(text, &analyzer()).is_some(), "{text}");
        }
        for text in ["其他:值", "标题", "的标题:值", "http://example.cn", "2024:值", ":", ""] {
            assert_eq!(at_start(text, &analyzer()), None, "{text}");
        }
    }

    #[test]
    fn reads_values() {
        for (field, value, expected) in [
            (Field::Title, "高企", Some("title 高企")),
            (Field::Body, "奖励", Some("body 奖励")),
            (Field::Issuer, "工信部", Some("issuer 工业和信息化部")),
            (Field::Issuer, "江苏省工信厅", Some("issuer 江苏省工业和信息化厅")),
            (Field::Issuer, "镇江科技局", Some("issuer 镇江市科学技术局")),
            (Field::Issuer, "示例", Some("issuer 示例")),
            (Field::Number, "国发2023 11号", Some("doc_number 国发〔2023〕11号")),
            (Field::Number, "国发", Some("doc_number 国发")),
            (Field::Number, "11", Some("doc_number 第11号")),
            (Field::Number, "2017", Some("doc_number 〔2017〕")),
            (Field::Number, "11-13", None),
            (Field::Region, "镇江", Some("region 镇江市")),
            (Field::Region, "江苏省镇江市", Some("region 镇江市")),
            (Field::Region, "321100", Some("region 镇江市")),
            (Field::Region, "全国", Some("region 全国")),
            (Field::Region, "火星", None),
            (Field::Kind, "通知", Some("kind 通知")),
            (Field::Kind, "令", Some("kind 命令")),
            (Field::Subject, "科技/奖励/", Some("subject 科技/奖励")),
            (Field::Validity, "有效", Some("validity 现行有效")),
            (Field::Validity, "已废止", Some("validity 已废止")),
            (Field::Validity, "draft", Some("validity 征求意见稿")),
            (Field::Validity, "或许", None),
            (Field::Year, "2024", Some("dated 2024-01-01 – 2024-12-31")),
            (Field::Year, "今天", None),
            (Field::Title, "，", None),
        ] {
            let asked = read(field, &Part::Text(value.to_owned()), &analyzer());
            let shown = asked.map(|asked| format!("{} {}", asked.field(), asked.shown()));
            assert_eq!(shown.as_deref(), expected, "{field:?} {value}");
        }
    }
}
