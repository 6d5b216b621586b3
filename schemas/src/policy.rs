//! The policy record: what zhida knows of one government document.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// One government document. Unknown is `None` or empty, never a guess.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Policy {
    /// Stable identity, given by [`Policy::identity`] at first sight and never changed.
    pub id: String,
    /// Counts from 1; each change of content adds one.
    pub version: i64,
    /// Address of the leading copy; `None` for documents loaded without one.
    pub url: Option<String>,
    /// Every place at which the document was seen, the leading one first.
    pub locations: Vec<Location>,
    /// Name of the source definition or import that brought it.
    pub source: Option<String>,
    /// Title without the site's suffix, full-width punctuation kept.
    pub title: String,
    /// 发文字号 as written on the page; [`crate::doc_number::key`] gives the form for comparison.
    pub doc_number: Option<String>,
    /// 索引号.
    pub index_number: Option<String>,
    /// 发文机关, full names, in the order of signature; several for a joint issue.
    pub issuers: Vec<String>,
    /// GB/T 2260 code of the issuer's region; `100000` is the nation.
    pub region_code: Option<String>,
    /// 园区/开发区 that issued it, by name; `region_code` is then the county that it lies in.
    pub zone: Option<String>,
    /// Level of the issuer.
    pub level: Option<Level>,
    /// 公文种类: one of [`crate::kind::KINDS`].
    pub kind: Option<String>,
    /// 主题分类, one path for each entry, parts joined by `/`.
    pub subjects: Vec<String>,
    /// 主题词.
    pub keywords: Vec<String>,
    /// GB/T 4754 codes with their letter (`I6513`) that the text is about.
    pub industries: Vec<String>,
    /// Qualifications that the text is about, by standard name.
    pub qualifications: Vec<String>,
    /// Forms of support (资金补助, 奖励, 贴息 …).
    pub support: Vec<String>,
    /// Whether enterprises are addressed; `None` when not known.
    pub for_enterprises: Option<bool>,
    /// 成文日期.
    pub written_on: Option<NaiveDate>,
    /// 发布日期 of the page.
    pub published_on: Option<NaiveDate>,
    /// 施行日期.
    pub effective_on: Option<NaiveDate>,
    /// Last day in force.
    pub expires_on: Option<NaiveDate>,
    /// 时效.
    pub validity: Validity,
    /// Later documents that made `validity` what it is, or that will on their day; the latest effect first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub validity_by: Vec<ValidityCause>,
    /// Plain text, paragraphs separated by line feeds.
    pub body_text: String,
    /// Sanitised HTML of the main text; empty when the document came as plain text.
    pub body_html: String,
    /// Linked files.
    pub attachments: Vec<Attachment>,
    /// Application window.
    pub application: Option<Application>,
    /// Sums that an applicant may receive.
    pub amounts: Vec<Amount>,
    /// Conditions that an applicant must meet.
    pub conditions: Vec<Condition>,
    /// Other documents named in the text.
    pub citations: Vec<Citation>,
    /// Whom to ask.
    pub contacts: Vec<Contact>,
    /// For each field that was read from text: the words that say so.
    pub evidence: BTreeMap<String, String>,
}

/// A place at which a document was seen.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Location {
    /// Address of the copy.
    pub url: String,
    /// Name of the site as it calls itself.
    pub site: Option<String>,
    /// Publication date on that site.
    pub published_on: Option<NaiveDate>,
    /// Since when the page is known to be gone; `None` while it can be read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub vanished_on: Option<NaiveDate>,
}

/// A later document that repeals, replaces or amends this one.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ValidityCause {
    /// `repeals`, `replaces` or `amends`.
    pub relation: Relation,
    /// Identity of the later document.
    pub policy_id: String,
    /// Its title.
    pub title: String,
    /// Its 发文字号.
    #[serde(default)]
    pub doc_number: Option<String>,
    /// The day on which it takes effect; `None` when it says none.
    #[serde(default)]
    pub since: Option<NaiveDate>,
    /// Its words that say so.
    #[serde(default)]
    pub evidence: String,
}

/// Level of the issuer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// 国家.
    National,
    /// 省、自治区、直辖市.
    Province,
    /// 地级.
    City,
    /// 县级.
    County,
    /// 园区、开发区.
    Zone,
}

/// 时效.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Validity {
    /// 现行有效.
    InForce,
    /// 尚未生效.
    NotYet,
    /// 已修改.
    Amended,
    /// 失效 by date.
    Expired,
    /// 废止.
    Repealed,
    /// 征求意见稿.
    Draft,
    /// Not stated.
    #[default]
    Unknown,
}

/// A linked file.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Attachment {
    /// Name as the link shows it.
    pub name: String,
    /// Absolute address.
    pub url: String,
    /// Media type by content or ending.
    pub media_type: Option<String>,
    /// Text, when it could be read.
    pub text: Option<String>,
    /// Whether `text` was read.
    pub state: AttachmentState,
    /// Why it was not read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// Whether an attachment's text was read.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum AttachmentState {
    /// `text` holds what the file says.
    Read,
    /// The file was not fetched or could not be read.
    #[default]
    NotRead,
}

/// When an applicant may apply. The first window in time is in the fields, further ones in `more`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Application {
    /// First day; `None` when only the end is stated.
    pub opens_on: Option<NaiveDate>,
    /// Last day.
    pub closes_on: Option<NaiveDate>,
    /// Time on the last day, `HH:MM`.
    pub closes_at: Option<String>,
    /// 长期有效.
    pub open_ended: bool,
    /// Yearly or monthly windows in words (每年3月、9月).
    pub recurring: Vec<String>,
    /// Further windows.
    pub more: Vec<Application>,
    /// The words that say so.
    pub evidence: Option<String>,
}

/// A sum that an applicant may receive.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Amount {
    /// The sum as written.
    pub text: String,
    /// Upper bound in yuan; `None` for a share without a cap.
    pub max_yuan: Option<i64>,
    /// The sentence that says so.
    pub evidence: String,
}

/// A condition that an applicant must meet.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Condition {
    /// What is asked about.
    pub field: ConditionField,
    /// How it is compared.
    pub op: ConditionOp,
    /// A code, a number in `unit`, or a list.
    pub value: serde_json::Value,
    /// Unit of a number (`年`, `人`, `万元`, `%`).
    #[serde(default)]
    pub unit: Option<String>,
    /// The words that say so.
    #[serde(default)]
    pub evidence: String,
}

/// What a condition asks about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs)]
pub enum ConditionField {
    Region,
    Industry,
    Size,
    Qualification,
    RegisteredYears,
    Staff,
    Revenue,
    Assets,
    RdRatio,
    Credit,
    Other,
}

/// How a condition compares.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs)]
pub enum ConditionOp {
    In,
    Not,
    Has,
    Eq,
    Gte,
    Lte,
}

/// Another document named in the text.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Citation {
    /// How it is named.
    pub relation: Relation,
    /// Title between 《 and 》.
    pub title: Option<String>,
    /// 发文字号 as written.
    pub doc_number: Option<String>,
    /// The words that say so.
    #[serde(default)]
    pub evidence: String,
}

/// How one document names another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs)]
pub enum Relation {
    BasedOn,
    Cites,
    Repeals,
    Replaces,
    Amends,
    Forwards,
    Interprets,
}

/// Whom to ask.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Contact {
    /// 联系人 or office.
    pub name: Option<String>,
    /// 联系电话.
    pub phone: Option<String>,
    /// The words that say so.
    pub evidence: String,
}

impl Policy {
    /// The identity of a document that has none yet: from its address where it has one (scheme, fragment and a
    /// trailing slash do not count), else from the `origin` id that an import row carries, else from title,
    /// number and date. 16 bytes as lower-case hex.
    pub fn identity(&self, origin: Option<&str>) -> String {
        let key = match (&self.url, origin) {
            (Some(url), _) => format!("url:{}", url_key(url)),
            (None, Some(origin)) => format!("origin:{origin}"),
            (None, None) => format!(
                "text:{}|{}|{}|{}",
                self.title,
                self.doc_number.as_deref().map(crate::doc_number::key).unwrap_or_default(),
                self.published_on.map(|d| d.to_string()).unwrap_or_default(),
                if self.title.is_empty() { self.body_text.as_str() } else { "" },
            ),
        };
        hex(&key)
    }

    /// A hash of everything that a reader of the document would notice: two records with the same hash are the
    /// same version. Identity, version and the places it came from do not count.
    pub fn content_hash(&self) -> String {
        let mut content = self.clone();
        content.id.clear();
        content.version = 0;
        content.source = None;
        content.locations.clear();
        hex(&serde_json::to_string(&content).unwrap_or_default())
    }

    /// The day that decides whether a document is new: publication, else signature.
    pub fn dated_on(&self) -> Option<NaiveDate> {
        self.published_on.or(self.written_on)
    }
}

/// An address for comparison: host in lower case, without scheme, fragment, default index page or a slash at
/// the end.
pub fn url_key(url: &str) -> String {
    let rest = url.trim().split('#').next().unwrap_or_default();
    let rest = rest.split_once("://").map_or(rest, |(_, after)| after);
    let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
    let host = host.to_ascii_lowercase();
    let host = host.strip_suffix(":80").or(host.strip_suffix(":443")).unwrap_or(&host);
    format!("{host}/{}", path.trim_end_matches('/'))
}

fn hex(text: &str) -> String {
    use sha2::{Digest, Sha256};
    Sha256::digest(text.as_bytes()).iter().take(16).map(|byte| format!("{byte:02x}")).collect()
}
