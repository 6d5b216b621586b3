//! Fields of the policy index, and a policy as a document of it.

use chrono::{Datelike, NaiveDate};
use tantivy::TantivyDocument;
use tantivy::schema::{
    FAST, Field, INDEXED, IndexRecordOption, STORED, STRING, Schema, TextFieldIndexing, TextOptions,
};
use zhida_schemas::policy::{Application, Level, Validity};
use zhida_schemas::{Policy, doc_number, industry, region};

use crate::Analyzer;
use crate::query::number::{self, NumberParts};

/// Raised when fields or their meaning change; part of the directory's name.
pub const SCHEMA_VERSION: u32 = 5;

/// Name under which the document tokenizer is registered.
pub const TOKENIZER: &str = "policy";

/// Name under which the tokenizer of pairs is registered.
pub const PAIRS: &str = "pairs";

/// A day without a bound.
pub const NO_DAY: i64 = i64::MAX;

/// How much of the beginning of a text is searched for the document's own number.
const HEAD_BYTES: usize = 1200;

/// Every field of the index.
#[derive(Debug, Clone)]
pub struct Fields {
    /// Identity, raw.
    pub id: Field,
    /// Version, fast.
    pub version: Field,
    /// First 8 bytes of the identity, fast: breaks ties the same way for ever.
    pub tie: Field,
    /// Words of the title.
    pub title: Field,
    /// The title itself, fast.
    pub title_text: Field,
    /// Words of the main text, stored.
    pub body: Field,
    /// Words of the attachments, stored.
    pub attachments: Field,
    /// Pairs of letters of the title.
    pub title_pairs: Field,
    /// Pairs of letters of the main text.
    pub body_pairs: Field,
    /// Words of issuers, keywords, subjects, qualifications and region names.
    pub names: Field,
    /// Document numbers, whole and with parts left out ([`NumberParts::terms`]).
    pub number: Field,
    /// Document numbers that the document cites.
    pub cites: Field,
    /// Issuers, raw.
    pub issuer: Field,
    /// Codes from the nation down to the issuer's region.
    pub region: Field,
    /// Code of the issuer's region, fast.
    pub region_code: Field,
    /// 公文种类, raw.
    pub kind: Field,
    /// Subject paths and their beginnings, fast.
    pub subject: Field,
    /// Industry codes and their beginnings.
    pub industry: Field,
    /// 时效, raw, fast.
    pub validity: Field,
    /// Day of publication, else of signature; days of the common era, fast.
    pub dated: Field,
    /// First days of the application windows, fast; in step with `closes`.
    pub opens: Field,
    /// Last days of the application windows, fast.
    pub closes: Field,
    /// How far the copy can be trusted to lead, fast ([`standing`]).
    pub standing: Field,
    /// What copies of the document have in common, fast.
    pub copies: Field,
    /// The record without its texts as JSON, stored.
    pub summary: Field,
}

/// The schema and its fields.
pub fn schema() -> (Schema, Fields) {
    let indexed = |tokenizer, option| {
        TextOptions::default()
            .set_indexing_options(TextFieldIndexing::default().set_tokenizer(tokenizer).set_index_option(option))
    };
    let text = indexed(TOKENIZER, IndexRecordOption::WithFreqsAndPositions);
    let pairs = indexed(PAIRS, IndexRecordOption::WithFreqs);
    let mut builder = Schema::builder();
    let fields = Fields {
        id: builder.add_text_field("id", STRING | FAST),
        version: builder.add_i64_field("version", FAST),
        tie: builder.add_u64_field("tie", FAST),
        title: builder.add_text_field("title", text.clone()),
        title_text: builder.add_text_field("title_text", FAST),
        body: builder.add_text_field("body", text.clone() | STORED),
        attachments: builder.add_text_field("attachments", text | STORED),
        title_pairs: builder.add_text_field("title_pairs", pairs.clone()),
        body_pairs: builder.add_text_field("body_pairs", pairs),
        names: builder.add_text_field("names", indexed(TOKENIZER, IndexRecordOption::WithFreqs)),
        number: builder.add_text_field("number", STRING),
        cites: builder.add_text_field("cites", STRING),
        issuer: builder.add_text_field("issuer", STRING | FAST),
        region: builder.add_text_field("region", STRING),
        region_code: builder.add_text_field("region_code", STRING | FAST),
        kind: builder.add_text_field("kind", STRING | FAST),
        subject: builder.add_text_field("subject", STRING | FAST),
        industry: builder.add_text_field("industry", STRING),
        validity: builder.add_text_field("validity", STRING | FAST),
        dated: builder.add_i64_field("dated", FAST),
        opens: builder.add_i64_field("opens", FAST),
        closes: builder.add_i64_field("closes", FAST),
        standing: builder.add_u64_field("standing", FAST | INDEXED),
        copies: builder.add_u64_field("copies", FAST),
        summary: builder.add_text_field("summary", STORED),
    };
    (builder.build(), fields)
}

/// A policy as a document.
pub fn document(fields: &Fields, analyzer: &Analyzer, policy: &Policy) -> Result<TantivyDocument, serde_json::Error> {
    let mut document = TantivyDocument::new();
    // what is stored comes in the order in which it is read: the record, the main text, the attachments
    document.add_text(fields.summary, &serde_json::to_string(&summary(policy))?);
    document.add_text(fields.id, &policy.id);
    document.add_i64(fields.version, policy.version);
    document.add_u64(fields.tie, tie(&policy.id));
    document.add_text(fields.title, &policy.title);
    document.add_text(fields.title_text, &policy.title);
    document.add_text(fields.title_pairs, &policy.title);
    if !policy.body_text.is_empty() {
        document.add_text(fields.body_pairs, &policy.body_text);
        document.add_text(fields.body, &policy.body_text);
    }
    for text in policy.attachments.iter().filter_map(|attachment| attachment.text.as_deref()) {
        document.add_text(fields.attachments, text);
    }
    let names = names(policy);
    if !names.is_empty() {
        document.add_text(fields.names, &names);
    }
    for number in own_numbers(policy) {
        for term in NumberParts::of(&number, analyzer).terms() {
            document.add_text(fields.number, &term);
        }
    }
    for number in policy.citations.iter().filter_map(|citation| citation.doc_number.as_deref()) {
        if let Some(parts) = number::read_whole(number, analyzer) {
            document.add_text(fields.cites, parts.term());
        }
    }
    for issuer in &policy.issuers {
        document.add_text(fields.issuer, issuer);
    }
    if let Some(code) = &policy.region_code {
        let path = region::path(code);
        if path.is_empty() {
            document.add_text(fields.region, code);
        }
        for region in path {
            document.add_text(fields.region, region.code);
        }
        document.add_text(fields.region_code, code);
    }
    if let Some(kind) = &policy.kind {
        document.add_text(fields.kind, kind);
    }
    for subject in &policy.subjects {
        for beginning in beginnings(subject) {
            document.add_text(fields.subject, beginning);
        }
    }
    for code in &policy.industries {
        for (end, _) in code.char_indices().skip(1).take(8) {
            document.add_text(fields.industry, &code[..end]);
        }
        document.add_text(fields.industry, code);
    }
    document.add_text(fields.validity, validity_term(policy.validity));
    if let Some(date) = policy.dated_on() {
        document.add_i64(fields.dated, day(date));
    }
    if let Some(application) = &policy.application {
        for window in std::iter::once(application).chain(&application.more) {
            if let Some((opens, closes)) = window_days(window, policy.dated_on()) {
                document.add_i64(fields.opens, opens);
                document.add_i64(fields.closes, closes);
            }
        }
    }
    document.add_u64(fields.standing, standing(policy));
    if let Some(key) = super::copies::key(analyzer, policy) {
        document.add_u64(fields.copies, key);
    }
    Ok(document)
}

/// The record without its texts. Fields are named one by one so that a new one is not forgotten, and the texts are
/// not copied only to be dropped.
pub(crate) fn summary(policy: &Policy) -> Policy {
    let Policy {
        id,
        version,
        url,
        locations,
        source,
        title,
        doc_number,
        index_number,
        issuers,
        region_code,
        zone,
        level,
        kind,
        subjects,
        keywords,
        industries,
        qualifications,
        support,
        for_enterprises,
        written_on,
        published_on,
        effective_on,
        expires_on,
        validity,
        validity_by,
        body_text: _,
        body_html: _,
        attachments,
        application,
        amounts,
        conditions,
        citations,
        contacts,
        evidence,
    } = policy;
    Policy {
        id: id.clone(),
        version: *version,
        url: url.clone(),
        locations: locations.clone(),
        source: source.clone(),
        title: title.clone(),
        doc_number: doc_number.clone(),
        index_number: index_number.clone(),
        issuers: issuers.clone(),
        region_code: region_code.clone(),
        zone: zone.clone(),
        level: *level,
        kind: kind.clone(),
        subjects: subjects.clone(),
        keywords: keywords.clone(),
        industries: industries.clone(),
        qualifications: qualifications.clone(),
        support: support.clone(),
        for_enterprises: *for_enterprises,
        written_on: *written_on,
        published_on: *published_on,
        effective_on: *effective_on,
        expires_on: *expires_on,
        validity: *validity,
        validity_by: validity_by.clone(),
        body_text: String::new(),
        body_html: String::new(),
        attachments: attachments
            .iter()
            .map(|attachment| zhida_schemas::policy::Attachment {
                name: attachment.name.clone(),
                url: attachment.url.clone(),
                media_type: attachment.media_type.clone(),
                text: None,
                state: attachment.state,
                reason: attachment.reason.clone(),
            })
            .collect(),
        application: application.clone(),
        amounts: amounts.clone(),
        conditions: conditions.clone(),
        citations: citations.clone(),
        contacts: contacts.clone(),
        evidence: evidence.clone(),
    }
}

/// Days of the common era: what fast fields hold for dates.
pub fn day(date: NaiveDate) -> i64 {
    i64::from(date.num_days_from_ce())
}

/// The word that stands for a validity in index and API.
pub fn validity_term(validity: Validity) -> &'static str {
    match validity {
        Validity::InForce => "in_force",
        Validity::NotYet => "not_yet",
        Validity::Amended => "amended",
        Validity::Expired => "expired",
        Validity::Repealed => "repealed",
        Validity::Draft => "draft",
        Validity::Unknown => "unknown",
    }
}

/// Every validity.
pub const VALIDITIES: [Validity; 7] = [
    Validity::InForce,
    Validity::NotYet,
    Validity::Amended,
    Validity::Expired,
    Validity::Repealed,
    Validity::Draft,
    Validity::Unknown,
];

/// The validity that a word stands for.
pub fn validity_of(term: &str) -> Option<Validity> {
    VALIDITIES.into_iter().find(|&validity| validity_term(validity) == term)
}

/// The code under which an industry is filed: with its letter.
pub fn industry_term(code: &str) -> String {
    industry::by_code(code).map_or_else(|| code.to_owned(), |entry| entry.code.to_owned())
}

/// How far a copy can be trusted to lead the copies of a document: one with a text before one without, then by the
/// site (the State Council's, a ministry's or a government's own, a department's below it, any other).
pub fn standing(policy: &Policy) -> u64 {
    let host = policy.url.as_deref().map(zhida_schemas::policy::url_key).unwrap_or_default();
    let host = host.split('/').next().unwrap_or_default();
    let host = host.strip_prefix("www.").unwrap_or(host);
    let site = match host.strip_suffix("gov.cn").map(|rest| rest.matches('.').count()) {
        Some(0) if host == "gov.cn" => 3,
        // Another name that only ends in these letters.
        Some(0) => 0,
        Some(1) => 2,
        Some(_) => 1,
        None => 0,
    };
    let level = match policy.level {
        Some(Level::National) => 3,
        Some(Level::Province) => 2,
        Some(Level::City) => 1,
        Some(Level::County | Level::Zone) => 0,
        // The region says as much where nobody read the level.
        None => match policy.region_code.as_deref() {
            Some(region::NATION) => 3,
            Some(code) if code.ends_with("0000") => 2,
            Some(code) if code.ends_with("00") => 1,
            _ => 0,
        },
    };
    let has_text = u64::from(!policy.body_text.is_empty());
    let speaks = u64::from(!is_about_another(policy));
    speaks << 5 | has_text << 4 | site << 2 | level
}

/// Whether a text explains or reports a policy and is none: 解读, 问答, 传闻.
fn is_about_another(policy: &Policy) -> bool {
    ABOUT_ANOTHER.iter().any(|word| policy.title.contains(word) || policy.kind.as_deref() == Some(word))
}

/// Words in the titles of texts about policies.
const ABOUT_ANOTHER: [&str; 8] = ["解读", "一图读懂", "一图看懂", "图解", "答记者问", "问答", "传闻", "解答"];

/// Whether the text speaks for itself, out of [`standing`].
pub fn standing_speaks(standing: u64) -> bool {
    standing >> 5 & 1 == 1
}

/// Level of the issuer out of [`standing`]: 3 for the nation to 0.
pub fn standing_level(standing: u64) -> u64 {
    standing & 3
}

/// Site out of [`standing`]: 3 for the State Council's to 0 for one outside the government.
pub fn standing_site(standing: u64) -> u64 {
    standing >> 2 & 3
}

fn tie(id: &str) -> u64 {
    // Identities are hex of a hash; whatever else comes is spread by FNV-1a.
    u64::from_str_radix(id.get(..16).unwrap_or_default(), 16).unwrap_or_else(|_| {
        id.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3))
    })
}

/// Names that are looked for as words: offices, keywords, subjects, qualifications, regions.
pub(crate) fn names(policy: &Policy) -> String {
    let mut names: Vec<&str> = Vec::new();
    names.extend(policy.issuers.iter().map(String::as_str));
    names.extend(policy.keywords.iter().map(String::as_str));
    names.extend(policy.subjects.iter().map(String::as_str));
    names.extend(policy.qualifications.iter().map(String::as_str));
    names.extend(policy.zone.as_deref());
    if let Some(code) = &policy.region_code {
        names.extend(region::path(code).iter().skip(1).map(|region| region.name));
        // 镇江 as well as 镇江市.
        names.extend(region::path(code).iter().skip(1).map(|region| region.short));
    }
    names.join("\n")
}

/// The document's own numbers: the field, else those in the title, else a line of the head that is nothing else.
fn own_numbers(policy: &Policy) -> Vec<doc_number::DocNumber> {
    if let Some(number) = policy.doc_number.as_deref() {
        if let Some(number) = doc_number::DocNumber::parse(number) {
            return vec![number];
        }
        let found = doc_number::find_all(number);
        if !found.is_empty() {
            return found.into_iter().map(|(_, number)| number).collect();
        }
    }
    let in_title: Vec<_> = doc_number::find_all(&policy.title)
        .into_iter()
        // 关于贯彻国发〔2023〕11号文件的通知 names another's number; its own stands in brackets at the end.
        .filter(|(range, _)| policy.title[range.end..].chars().all(|character| !character.is_alphanumeric()))
        .map(|(_, number)| number)
        .collect();
    if !in_title.is_empty() {
        return in_title;
    }
    let mut end = policy.body_text.len().min(HEAD_BYTES);
    while !policy.body_text.is_char_boundary(end) {
        end -= 1;
    }
    policy.body_text[..end]
        .lines()
        .take(12)
        .map(|line| line.trim().trim_matches(['(', ')', '（', '）', ' ', '\u{3000}']))
        .filter(|line| line.chars().count() <= 40)
        .find_map(doc_number::DocNumber::parse)
        .into_iter()
        .collect()
}

/// `a/b/c` → `a`, `a/b`, `a/b/c`.
fn beginnings(path: &str) -> impl Iterator<Item = &str> {
    path.match_indices('/').map(|(end, _)| &path[..end]).chain([path]).filter(|beginning| !beginning.is_empty())
}

/// First and last day of a window; `None` when its end is not known.
fn window_days(window: &Application, dated_on: Option<NaiveDate>) -> Option<(i64, i64)> {
    let closes = match window.closes_on {
        Some(date) => day(date),
        None if window.open_ended => NO_DAY,
        None => return None,
    };
    let opens = window.opens_on.or(dated_on).map_or(i64::MIN, day);
    Some((opens, closes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_leading_copy_is_the_one_with_text_on_the_higher_site() {
        let copy = |url: &str, body: &str| {
            standing(&Policy { url: Some(url.to_owned()), body_text: body.to_owned(), ..Policy::default() })
        };
        let order = [
            copy("https://www.gov.cn/zhengce/1.htm", "全文"),
            copy("https://www.miit.gov.cn/1.html", "全文"),
            copy("http://kjj.zhenjiang.gov.cn/1.html", "全文"),
            copy("https://news.example.com/1.html", "全文"),
            copy("https://www.gov.cn/zhengce/1.htm", ""),
            copy("https://evilgov.cn/1.htm", ""),
        ];
        assert!(order.is_sorted_by(|a, b| a > b), "{order:?}");
    }

    #[test]
    fn a_subject_is_found_by_its_beginnings() {
        assert_eq!(beginnings("综合政务/政务公开").collect::<Vec<_>>(), ["综合政务", "综合政务/政务公开"]);
        assert_eq!(beginnings("").count(), 0);
    }

    #[test]
    fn a_window_without_an_end_is_no_window_unless_open_ended() {
        let date = NaiveDate::from_ymd_opt(2024, 3, 1);
        let window = Application { opens_on: date, ..Application::default() };
        assert_eq!(window_days(&window, None), None);
        let open = Application { open_ended: true, ..Application::default() };
        assert_eq!(window_days(&open, date), Some((day(date.unwrap()), NO_DAY)));
        let closing = Application { closes_on: date, ..Application::default() };
        assert_eq!(window_days(&closing, None), Some((i64::MIN, day(date.unwrap()))));
    }
}
