//! The results of a search as an Atom feed (RFC 4287): whoever reads it hears of what is new and what changed.

use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use chrono::{DateTime, NaiveDate, SecondsFormat};
use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesEnd, BytesStart, BytesText, Event};
use sha2::{Digest, Sha256};
use zhida_schemas::policy::{Policy, Validity};

use super::policies::address;
use crate::api::params::SearchParams;
use crate::clock;
use crate::state::AppState;

/// Address of the feed.
pub const PATH: &str = "/feeds/policies.atom";

/// Entries when no number is asked for.
const ENTRIES: &str = "50";
/// Characters of a summary.
const SUMMARY: usize = 200;

/// `GET /feeds/policies.atom`, with the parameters of a search.
pub async fn policies(State(state): State<AppState>, RawQuery(query): RawQuery, headers: HeaderMap) -> Response {
    let asked = SearchParams::of_page(query.as_deref());
    let params = SearchParams {
        sort: Some("published".to_owned()),
        per_page: asked.per_page.clone().or_else(|| Some(ENTRIES.to_owned())),
        page: None,
        after: None,
        ..asked.clone()
    };
    let xml = match feed(&state, &asked, &params).await {
        Ok(xml) => xml,
        Err(problem) => return problem.into_response(),
    };
    let tag: String = Sha256::digest(&xml).iter().take(8).map(|byte| format!("{byte:02x}")).collect();
    let tag = format!("\"{tag}\"");
    let known = headers.get(header::IF_NONE_MATCH).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let is_known = known.split(',').any(|known| known.trim().trim_start_matches("W/") == tag);
    let mut response = if is_known { StatusCode::NOT_MODIFIED.into_response() } else { xml.into_response() };
    let kind = HeaderValue::from_static("application/atom+xml; charset=utf-8");
    response.headers_mut().insert(header::CONTENT_TYPE, kind);
    if let Ok(tag) = HeaderValue::from_str(&tag) {
        response.headers_mut().insert(header::ETAG, tag);
    }
    response
}

async fn feed(
    state: &AppState,
    asked: &SearchParams,
    params: &SearchParams,
) -> Result<Vec<u8>, crate::api::problem::Problem> {
    let today = state.clock.today();
    let request = params.into_request(today)?;
    let index = state.search.index();
    let found = tokio::task::spawn_blocking(move || index.search(&request, today))
        .await
        .map_err(|_| crate::api::problem::Problem::new(StatusCode::INTERNAL_SERVER_ERROR, "检索出错"))??;
    let ids: Vec<String> = found.hits.into_iter().map(|hit| hit.id).collect();
    // from SQL, which knows at once what is withdrawn
    let policies = state.store.policies(&ids).await?;
    let times = state.store.stored_at(&ids).await?;
    let mut entries: Vec<(i64, Policy)> =
        policies.into_iter().map(|policy| (times.get(&policy.id).copied().unwrap_or_default(), policy)).collect();
    entries.sort_by_key(|(at, policy)| std::cmp::Reverse((*at, policy.dated_on())));
    let updated = entries.first().map_or_else(|| midnight(today), |(at, _)| time(*at));

    let platform = &state.config.platform;
    let base = platform.base_url.trim_end_matches('/');
    let own = format!("{base}{}", address(PATH, asked, "sort", None));
    let title = match asked.q.as_deref().map(str::trim).filter(|query| !query.is_empty()) {
        Some(query) => format!("{query} · {}", platform.name),
        None => platform.name.clone(),
    };
    let mut xml = Xml(Writer::new(Vec::new()));
    xml.event(Event::Decl(BytesDecl::new("1.0", Some("utf-8"), None)));
    xml.open("feed", &[("xmlns", "http://www.w3.org/2005/Atom"), ("xml:lang", "zh-CN")]);
    xml.text("id", &own);
    xml.text("title", &title);
    xml.text("updated", &updated);
    xml.link("self", "application/atom+xml", &own);
    xml.link("alternate", "text/html", &format!("{base}{}", address("/search", asked, "sort", None)));
    xml.open("author", &[]);
    xml.text("name", &platform.name);
    xml.close("author");
    for (at, policy) in &entries {
        xml.entry(base, *at, policy);
    }
    xml.close("feed");
    Ok(xml.0.into_inner())
}

/// Writing into memory does not fail.
struct Xml(Writer<Vec<u8>>);

impl Xml {
    fn event(&mut self, event: Event<'_>) {
        if let Err(error) = self.0.write_event(event) {
            tracing::error!(%error, "feed not written");
        }
    }

    fn open(&mut self, name: &str, attributes: &[(&str, &str)]) {
        let tag = BytesStart::new(name).with_attributes(attributes.iter().copied());
        self.event(Event::Start(tag));
    }

    fn close(&mut self, name: &str) {
        self.event(Event::End(BytesEnd::new(name)));
    }

    fn text(&mut self, name: &str, text: &str) {
        self.open(name, &[]);
        self.event(Event::Text(BytesText::new(&printable(text))));
        self.close(name);
    }

    fn link(&mut self, relation: &str, kind: &str, href: &str) {
        let href = printable(href);
        let mut attributes = vec![("rel", relation)];
        if !kind.is_empty() {
            attributes.push(("type", kind));
        }
        attributes.push(("href", &href));
        self.event(Event::Empty(BytesStart::new("link").with_attributes(attributes)));
    }

    fn entry(&mut self, base: &str, at: i64, policy: &Policy) {
        let page = format!("{base}/policies/{}", percent_encoding::utf8_percent_encode(&policy.id, ID));
        self.open("entry", &[]);
        self.text("id", &page);
        self.text("title", &policy.title);
        self.text("updated", &time(at));
        if let Some(day) = policy.published_on {
            self.text("published", &midnight(day));
        }
        self.link("alternate", "text/html", &page);
        if let Some(url) = policy.url.as_deref().and_then(|url| url::Url::parse(url).ok()) {
            self.link("via", "", url.as_str());
        }
        // the first of those who signed it; without one the feed's author counts
        for issuer in policy.issuers.iter().take(5) {
            self.open("author", &[]);
            self.text("name", issuer);
            self.close("author");
        }
        let words = [policy.kind.as_deref()].into_iter().flatten().chain(policy.subjects.iter().map(String::as_str));
        for word in words.take(10) {
            let word = printable(word);
            self.event(Event::Empty(BytesStart::new("category").with_attributes([("term", word.as_str())])));
        }
        self.text("summary", &summary(policy));
        self.close("entry");
    }
}

/// What of an identity cannot stand in a path.
const ID: &percent_encoding::AsciiSet = &percent_encoding::NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.');

/// Number, validity when the document no longer is what it was, last day, and the beginning of the text.
fn summary(policy: &Policy) -> String {
    let mut parts: Vec<String> = policy.doc_number.iter().cloned().collect();
    if !matches!(policy.validity, Validity::Unknown | Validity::InForce) {
        parts.push(policy.validity.label().to_owned());
    }
    if let Some(closes) = policy.application.as_ref().and_then(|application| application.closes_on) {
        parts.push(format!("申报截止 {closes}"));
    }
    let text: String = policy.body_text.split_whitespace().collect::<Vec<_>>().join(" ");
    let mut beginning: String = text.chars().take(SUMMARY).collect();
    if beginning.len() < text.len() {
        beginning.push('…');
    }
    parts.extend(Some(beginning).filter(|beginning| !beginning.is_empty()));
    if parts.is_empty() { policy.title.clone() } else { parts.join("。") }
}

/// Without the characters that XML 1.0 cannot hold.
fn printable(text: &str) -> String {
    let is_char =
        |c: &char| matches!(c, '\t' | '\n' | '\r' | ' '..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..);
    text.chars().filter(is_char).collect()
}

fn time(at: i64) -> String {
    clock::local(at).to_rfc3339_opts(SecondsFormat::Secs, false)
}

fn midnight(day: NaiveDate) -> String {
    let local = day.and_hms_opt(0, 0, 0).and_then(|midnight| midnight.and_local_timezone(clock::ZONE).single());
    local.map_or_else(|| DateTime::UNIX_EPOCH.to_rfc3339(), |local| local.to_rfc3339_opts(SecondsFormat::Secs, false))
}
