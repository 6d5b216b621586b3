//! Front page, results, and one policy.

use askama::Template;
use axum::extract::{Path, RawQuery, State};
use axum::http::StatusCode;
use axum::response::Response;
use chrono::NaiveDate;
use url::form_urlencoded;
use zhida_index::policies::schema::validity_of;
use zhida_index::{Facet, Hit, IndexError, SearchRequest, Sort, WindowState};
use zhida_schemas::policy::{Citation, Location, Policy, Relation, Validity, url_key};
use zhida_schemas::region;

use super::{Page, failed, message, show};
use crate::api::params::SearchParams;
use crate::api::policies::withdrawn_words;
use crate::search::leave_out_withdrawn;
use crate::state::AppState;
use crate::{citations, effective};

/// A policy in a list. In results, title and body are safe HTML. One that is not stored here has no identity.
struct Row {
    id: String,
    title: String,
    body: String,
    facts: Vec<String>,
}

/// A facet or an active filter as a link.
struct Chip {
    label: String,
    count: u64,
    href: String,
}

#[derive(Template)]
#[template(path = "front.html")]
struct Front {
    page: Page,
    total: usize,
    rows: Vec<Row>,
}

#[derive(Template)]
#[template(path = "search.html")]
struct Results {
    page: Page,
    query: String,
    region: String,
    kind: String,
    issuer: String,
    published_from: String,
    published_to: String,
    sort: &'static str,
    sorts: [(&'static str, &'static str); 3],
    filtered: bool,
    /// Address of the feed of this search.
    feed: String,
    error: Option<String>,
    chips: Vec<Chip>,
    regions: Vec<Chip>,
    kinds: Vec<Chip>,
    /// Further facets with more than one value, by what they are called.
    facets: Vec<(&'static str, Vec<Chip>)>,
    corrections: Vec<String>,
    /// Another query, where it leads, and how much it finds.
    did_you_mean: Option<(String, String, usize)>,
    /// Whether policies that hold only some of the words follow.
    loosened: bool,
    total: usize,
    took: String,
    rows: Vec<Row>,
    number: usize,
    last: usize,
    previous: Option<String>,
    next: Option<String>,
}

#[derive(Template)]
#[template(path = "policy.html")]
struct Reading {
    page: Page,
    policy: Policy,
    /// Why the document is not what it was.
    standing: Vec<Standing>,
    /// Whether it no longer holds.
    is_over: bool,
    facts: Vec<(&'static str, String)>,
    /// Since when the page that gave the text is gone.
    lead_vanished: Option<NaiveDate>,
    /// Further places at which the document was seen.
    places: Vec<Location>,
    similar: Vec<Row>,
    cites: Vec<Row>,
    cited_by: Vec<Row>,
}

/// What bears on the validity, with the later document that does it.
struct Standing {
    before: String,
    title: String,
    id: String,
    after: String,
    evidence: String,
}

/// Citations of either direction that a page shows.
const SHOWN_CITATIONS: usize = 30;

/// `GET /`
pub async fn front(State(state): State<AppState>) -> Response {
    let request = SearchRequest { sort: Sort::Published, limit: 10, ..SearchRequest::default() };
    let today = state.clock.today();
    match state.search.index().search(&request, today) {
        Ok(mut results) => {
            if let Err(error) = leave_out_withdrawn(&state.store, &mut results.hits).await {
                return failed(&state, &error);
            }
            let rows = results.hits.iter().filter_map(|hit| Some(row(&hit.policy().ok()?))).collect();
            show(StatusCode::OK, &Front { page: Page::of(&state), total: results.total, rows })
        }
        Err(error) => failed(&state, &error),
    }
}

/// `GET /search`
pub async fn search(State(state): State<AppState>, RawQuery(query): RawQuery) -> Response {
    let params = SearchParams::of_page(query.as_deref());
    let today = state.clock.today();
    let text = |value: &Option<String>| value.clone().unwrap_or_default().trim().to_owned();
    let mut results = Results {
        page: Page::of(&state),
        query: text(&params.q).chars().take(500).collect(),
        region: text(&params.region),
        kind: text(&params.kind),
        issuer: text(&params.issuer),
        published_from: text(&params.published_from),
        published_to: text(&params.published_to),
        sort: "relevance",
        sorts: [("relevance", "最相关"), ("published", "最新发布"), ("closing", "临近截止")],
        filtered: false,
        feed: address(super::feed::PATH, &params, "sort", None),
        error: None,
        chips: chips(&params),
        regions: Vec::new(),
        kinds: Vec::new(),
        facets: Vec::new(),
        corrections: Vec::new(),
        did_you_mean: None,
        loosened: false,
        total: 0,
        took: String::new(),
        rows: Vec::new(),
        number: 1,
        last: 1,
        previous: None,
        next: None,
    };
    results.filtered = !results.chips.is_empty();
    if let Some(code) = region::by_code(&results.region) {
        results.region = code.name.to_owned();
    }
    let request = match params.into_request(today) {
        Ok(request) => request,
        Err(problem) => {
            results.error = Some(problem.detail);
            return show(StatusCode::BAD_REQUEST, &results);
        }
    };
    results.sort = match request.sort {
        Sort::Relevance => "relevance",
        Sort::Published => "published",
        Sort::Closing => "closing",
    };
    let (index, asked) = (state.search.index(), request.clone());
    let started = std::time::Instant::now();
    let mut found = match tokio::task::spawn_blocking(move || index.search(&asked, today)).await {
        Ok(Ok(found)) => found,
        Ok(Err(IndexError::TooDeep(limit))) => {
            results.error = Some(format!("最多可翻到第 {limit} 条结果，请增加检索词或筛选条件"));
            return show(StatusCode::BAD_REQUEST, &results);
        }
        Ok(Err(error)) => return failed(&state, &error),
        Err(error) => return failed(&state, &error),
    };
    match leave_out_withdrawn(&state.store, &mut found.hits).await {
        Ok(left_out) => found.total -= left_out.min(found.total),
        Err(error) => return failed(&state, &error),
    }
    results.took = format!("{:.1}", started.elapsed().as_secs_f64() * 1000.0);
    results.total = found.total;
    state.searches.count(today, &request, &found);
    let corrections = found.understood.corrections.iter();
    results.corrections = corrections
        .map(|correction| format!("已按“{}”检索，输入的是“{}”", correction.read_as, correction.typed))
        .collect();
    results.did_you_mean = (found.understood.did_you_mean.as_ref())
        .map(|other| (other.query.clone(), href(&params, "q", Some(&other.query)), other.total));
    results.loosened = found.understood.loosened;
    results.number = request.offset / request.limit + 1;
    results.last = found.total.div_ceil(request.limit).max(1);
    let page_href = |number: usize| href(&params, "page", Some(&number.to_string()));
    results.previous = (results.number > 1).then(|| page_href(results.number - 1));
    results.next = (results.number < results.last).then(|| page_href(results.number + 1));
    let facet = |facet: &Facet, name: &str| Chip {
        label: facet.label.clone(),
        count: facet.count,
        href: href(&params, name, Some(&facet.value)),
    };
    results.regions = found.facets.get("region").into_iter().flatten().take(12).map(|f| facet(f, "region")).collect();
    results.kinds = found.facets.get("kind").into_iter().flatten().take(20).map(|f| facet(f, "kind")).collect();
    let named = [("subject", "主题"), ("kind", "文种"), ("window", "申报"), ("validity", "时效"), ("issuer", "机关")];
    for (name, label) in named {
        let counts = found.facets.get(name).map(Vec::as_slice).unwrap_or_default();
        // what all results share tells nothing apart
        if counts.len() > 1 || counts.first().is_some_and(|only| only.count < found.total as u64) {
            results.facets.push((label, counts.iter().take(8).map(|f| facet(f, name)).collect()));
        }
    }
    results.rows = match found.hits.into_iter().map(highlighted).collect() {
        Ok(rows) => rows,
        Err(error) => return failed(&state, &error),
    };
    show(StatusCode::OK, &results)
}

/// `GET /policies/{id}`
pub async fn read(State(state): State<AppState>, Path(id): Path<String>) -> Response {
    let policy = match state.store.policy(&id).await {
        Ok(Some(policy)) => policy,
        Ok(None) => return not_there(&state, &id).await,
        Err(error) => return failed(&state, &error),
    };
    let index = state.search.index();
    let similar = tokio::task::spawn_blocking(move || index.similar(&id, 5)).await;
    // a page without its neighbours is better than none
    let mut similar = similar.ok().and_then(Result::ok).unwrap_or_default();
    if leave_out_withdrawn(&state.store, &mut similar).await.is_err() {
        similar.clear();
    }
    let cited = citations::cited(&state.store, &policy, SHOWN_CITATIONS).await.unwrap_or_default();
    let citing = citations::citing(&state.store, &policy, SHOWN_CITATIONS as i64).await.unwrap_or_default();
    let lead_vanished = places_of(&policy, true).find_map(|place| place.vanished_on);
    let places: Vec<Location> = places_of(&policy, false).cloned().collect();
    let reading = Reading {
        page: Page::of(&state),
        standing: standing(&policy, state.clock.today()),
        is_over: matches!(policy.validity, Validity::Repealed | Validity::Expired),
        facts: facts(&policy),
        lead_vanished,
        places,
        similar: similar.iter().filter_map(|hit| Some(row(&hit.policy().ok()?))).collect(),
        cites: cited.into_iter().filter_map(|(citation, other)| cited_row(citation, other.as_ref())).collect(),
        cited_by: citing.iter().map(|(citing, citation)| citing_row(citing, citation.relation)).collect(),
        policy,
    };
    show(StatusCode::OK, &reading)
}

/// The page for a policy that is withdrawn, or never was.
pub async fn not_there(state: &AppState, id: &str) -> Response {
    match state.store.withdrawal(id).await {
        Ok(Some(withdrawal)) => {
            let text = format!("{}。可以从首页重新检索。", withdrawn_words(&withdrawal));
            message(state, StatusCode::GONE, "这份政策已撤下", &text, None)
        }
        Ok(None) => {
            let text = "网址可能有误。可以从首页重新检索。";
            message(state, StatusCode::NOT_FOUND, "没有找到这份政策", text, None)
        }
        Err(error) => failed(state, &error),
    }
}

/// The places at which a document was seen: the address that its record names, or the others.
fn places_of(policy: &Policy, leading: bool) -> impl Iterator<Item = &Location> {
    let lead = policy.url.as_deref().map(url_key);
    policy.locations.iter().filter(move |place| (Some(url_key(&place.url)) == lead) == leading)
}

/// What bears on the validity: later documents, a term that ended, what the page itself says.
fn standing(policy: &Policy, today: NaiveDate) -> Vec<Standing> {
    let label = policy.validity.label();
    let mut lines: Vec<Standing> = policy
        .validity_by
        .iter()
        .map(|cause| {
            let (before, title, after) = effective::words(cause, today);
            let (id, evidence) = (cause.policy_id.clone(), cause.evidence.clone());
            Standing { before: before.to_owned(), title, id, after, evidence }
        })
        .collect();
    let has_ended = matches!(policy.validity, Validity::Repealed | Validity::Expired | Validity::Amended);
    let is_told = policy.validity_by.iter().any(|cause| cause.since.is_none_or(|since| since <= today));
    if has_ended && (!is_told || policy.validity == Validity::Expired) {
        let said = policy.evidence.get("validity").cloned().unwrap_or_default();
        let own = said.starts_with("有效期至") || said.starts_with("编辑更正");
        let (after, evidence) = match own {
            true => (format!("：{said}"), String::new()),
            false => (String::new(), said),
        };
        let before = format!("本文件{label}");
        lines.insert(0, Standing { before, title: String::new(), id: String::new(), after, evidence });
    }
    lines
}

/// A document that the shown one names; `None` when it is not said which.
fn cited_row(citation: Citation, other: Option<&Policy>) -> Option<Row> {
    let relation = match citation.relation {
        Relation::BasedOn => "依据",
        Relation::Cites => "引用",
        Relation::Repeals => "废止该文件",
        Relation::Replaces => "替代该文件",
        Relation::Amends => "修改该文件",
        Relation::Forwards => "转发",
        Relation::Interprets => "解读",
    };
    let number = other.and_then(|other| other.doc_number.clone()).or(citation.doc_number);
    let title = other.map(|other| other.title.clone()).or(citation.title).filter(|title| !title.is_empty());
    let (title, number) = match title {
        Some(title) => (title, number),
        None => (number?, None),
    };
    let facts = std::iter::once(relation.to_owned()).chain(number).chain(other.and_then(validity_fact));
    Some(Row {
        id: other.map(|other| other.id.clone()).unwrap_or_default(),
        title,
        body: String::new(),
        facts: facts.collect(),
    })
}

/// A document that names the shown one.
fn citing_row(citing: &Policy, relation: Relation) -> Row {
    let relation = match relation {
        Relation::BasedOn => "以本文件为依据",
        Relation::Cites => "引用本文件",
        Relation::Repeals => "废止本文件",
        Relation::Replaces => "替代本文件",
        Relation::Amends => "修改本文件",
        Relation::Forwards => "转发本文件",
        Relation::Interprets => "解读本文件",
    };
    let day = citing.dated_on().map(|day| day.to_string());
    let facts = std::iter::once(relation.to_owned()).chain(citing.doc_number.clone()).chain(day);
    Row {
        id: citing.id.clone(),
        title: citing.title.clone(),
        body: String::new(),
        facts: facts.chain(validity_fact(citing)).collect(),
    }
}

fn validity_fact(policy: &Policy) -> Option<String> {
    validity_words(policy.validity).map(str::to_owned)
}

fn row(policy: &Policy) -> Row {
    let mut facts: Vec<String> = Vec::new();
    facts.extend(policy.doc_number.clone());
    if !policy.issuers.is_empty() {
        facts.push(policy.issuers.iter().take(3).cloned().collect::<Vec<_>>().join("、"));
    } else if let Some(region) = policy.region_code.as_deref().and_then(region::by_code) {
        facts.push(region.name.to_owned());
    }
    facts.extend(policy.published_on.map(|date| date.to_string()));
    if let Some(closes) = policy.application.as_ref().and_then(|application| application.closes_on) {
        facts.push(format!("申报截止 {closes}"));
    }
    facts.extend(validity_words(policy.validity).filter(|_| policy.validity != Validity::InForce).map(str::to_owned));
    Row { id: policy.id.clone(), title: policy.title.clone(), body: String::new(), facts }
}

fn highlighted(hit: Hit) -> Result<Row, IndexError> {
    let mut row = row(&hit.policy()?);
    if hit.copies > 0 {
        row.facts.push(format!("另有 {} 份转载或旧版", hit.copies));
    }
    if let Some(name) = &hit.highlight.attachment {
        row.facts.push(format!("见附件：{name}"));
    }
    Ok(Row { title: hit.highlight.title, body: hit.highlight.body, ..row })
}

fn facts(policy: &Policy) -> Vec<(&'static str, String)> {
    let date = |date: Option<chrono::NaiveDate>| date.map(|date| date.to_string());
    let region = policy.region_code.as_deref().map(|code| {
        let path = region::path(code);
        let below: Vec<&str> = path.iter().skip(usize::from(path.len() > 1)).map(|region| region.name).collect();
        below.join(" ")
    });
    let level = policy.level.map(|level| level.label().to_owned());
    let closes = policy.application.as_ref().and_then(|application| date(application.closes_on));
    let facts = [
        ("发文字号", policy.doc_number.clone()),
        ("发文机关", Some(policy.issuers.join("、"))),
        ("发布日期", date(policy.published_on)),
        ("成文日期", date(policy.written_on)),
        ("施行日期", date(policy.effective_on)),
        ("有效期至", date(policy.expires_on)),
        ("申报截止", closes),
        ("地区", region),
        ("层级", level),
        ("公文种类", policy.kind.clone()),
        ("时效", validity_words(policy.validity).map(str::to_owned)),
        ("索引号", policy.index_number.clone()),
        ("主题分类", Some(policy.subjects.join("、"))),
    ];
    facts.into_iter().filter_map(|(label, value)| Some((label, value.filter(|value| !value.is_empty())?))).collect()
}

fn validity_words(validity: Validity) -> Option<&'static str> {
    (validity != Validity::Unknown).then(|| validity.label())
}

/// The filters that are set, each with the address without it.
fn chips(params: &SearchParams) -> Vec<Chip> {
    let filters = [
        ("region", "地区", &params.region),
        ("kind", "文种", &params.kind),
        ("issuer", "机关", &params.issuer),
        ("subject", "主题", &params.subject),
        ("industry", "行业", &params.industry),
        ("published_from", "不早于", &params.published_from),
        ("published_to", "不晚于", &params.published_to),
        ("open_on", "可申报", &params.open_on),
        ("validity", "时效", &params.validity),
        ("window", "申报", &params.window),
        ("fold", "转载和旧版", &params.fold),
    ];
    let set = filters.into_iter().filter_map(|(name, label, value)| {
        let value = value.as_deref().map(str::trim).filter(|value| !value.is_empty())?;
        let shown = match name {
            "region" => region::by_code(value).map(|region| region.name),
            "validity" => validity_of(value).map(Validity::label),
            "fold" => (value == "false").then_some("逐条列出"),
            "window" => WindowState::ALL.into_iter().find(|state| state.name() == value).map(WindowState::label),
            _ => None,
        }
        .unwrap_or(value);
        Some(Chip { label: format!("{label}：{shown}"), count: 0, href: href(params, name, None) })
    });
    set.collect()
}

/// The address of the same search with one parameter changed; every change but of the page goes back to the first.
fn href(params: &SearchParams, name: &str, value: Option<&str>) -> String {
    address("/search", params, name, value)
}

/// The same for what else takes the parameters of a search.
pub fn address(path: &str, params: &SearchParams, name: &str, value: Option<&str>) -> String {
    let all = [
        ("q", &params.q),
        ("region", &params.region),
        ("issuer", &params.issuer),
        ("kind", &params.kind),
        ("subject", &params.subject),
        ("industry", &params.industry),
        ("validity", &params.validity),
        ("published_from", &params.published_from),
        ("published_to", &params.published_to),
        ("open_on", &params.open_on),
        ("window", &params.window),
        ("sort", &params.sort),
        ("fold", &params.fold),
        ("per_page", &params.per_page),
    ];
    let mut query = form_urlencoded::Serializer::new(String::new());
    for (key, current) in all {
        let current = current.as_deref().map(str::trim).filter(|text| !text.is_empty() && key != name);
        if let Some(text) = current {
            query.append_pair(key, text);
        }
    }
    if let Some(value) = value {
        query.append_pair(name, value);
    }
    format!("{path}?{}", query.finish())
}
