//! Policies: search, read, publish, withdraw.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use axum::Json;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, header};
use chrono::NaiveDate;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use zhida_index::policies::Part;
use zhida_index::{Hit, IndexError, SearchResults, Understood};
use zhida_schemas::policy::{Citation, Policy, Relation, Validity};
use zhida_schemas::{ImportRow, doc_number};

use super::params::{Query, SearchParams};
use super::problem::Problem;
use crate::search::leave_out_withdrawn;
use crate::state::AppState;
use crate::store::StoreError;
use crate::store::policies::Saved;

/// Most policies that one request may publish.
const MAX_BATCH: usize = 1_000;

/// An index that is behind by more milliseconds is not running.
const JUST_WITHDRAWN: i64 = 3_600_000;

/// Results of a search.
#[derive(Debug, Serialize, JsonSchema)]
pub struct SearchAnswer {
    /// How many policies match.
    pub total: usize,
    /// Time in the index, milliseconds.
    pub took_ms: f64,
    /// The page that was asked for.
    pub items: Vec<SearchItem>,
    /// For the next page, as `after`; null on the last.
    pub next: Option<String>,
    /// Counts by `region`, `kind`, `year`, `issuer`, `subject`, `validity`, `window`.
    pub facets: BTreeMap<String, Vec<FacetCount>>,
    /// How the query was read.
    pub understood: UnderstoodQuery,
}

/// One result: the record without its texts, and with `score` and `highlight` as `SearchItemShape` describes. The
/// record is passed on as the index holds it: reading it only to write it again took longer than finding it.
#[derive(Debug, Serialize)]
#[serde(transparent)]
pub struct SearchItem(Box<RawValue>);

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "SearchItem")]
#[allow(dead_code, reason = "describes what SearchItem writes")]
struct SearchItemShape {
    #[serde(flatten)]
    policy: Policy,
    /// Higher is better; only comparable within one answer.
    score: f32,
    /// Safe HTML with `<mark>` around what was found.
    highlight: Highlight,
    /// Copies and versions of the document that were found besides and stand behind this one.
    copies: usize,
    /// The parts of the score, with `explain=true`.
    #[serde(skip_serializing_if = "Option::is_none")]
    explanation: Option<Vec<ScorePart>>,
}

/// One part of a score.
#[derive(Serialize, JsonSchema)]
struct ScorePart {
    /// `word`, `phrase`, `number`, `pairs` are added up; `share`, `validity`, `place`, `time`, `window`, `about`,
    /// `recency`, `level`, `official` multiply.
    kind: &'static str,
    /// What it is about, for readers.
    text: String,
    /// What it counts.
    value: f32,
}

impl JsonSchema for SearchItem {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        SearchItemShape::schema_name()
    }

    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        SearchItemShape::json_schema(generator)
    }
}

/// Safe HTML with `<mark>` around what was found.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Highlight {
    /// The whole title.
    title: String,
    /// The best passage of the text, or of an attachment when it was found nowhere else.
    body: String,
    /// Name of the attachment that the passage is of; absent when it is of the main text.
    #[serde(skip_serializing_if = "Option::is_none")]
    attachment: Option<String>,
}

/// One count.
#[derive(Debug, Serialize, JsonSchema)]
pub struct FacetCount {
    /// What goes into the filter.
    value: String,
    /// What is shown.
    label: String,
    /// How many of the results have it.
    count: u64,
}

/// How the query was read.
#[derive(Debug, Serialize, JsonSchema)]
pub struct UnderstoodQuery {
    /// Words that were looked for.
    words: Vec<String>,
    /// Phrases between quotes.
    phrases: Vec<String>,
    /// Words that must not occur.
    excluded: Vec<String>,
    /// Document number in its key form.
    doc_number: Option<String>,
    /// What was read as something else: pinyin, slips.
    corrections: Vec<CorrectedText>,
    /// Field words with their values.
    fields: Vec<FieldCondition>,
    /// Full names of the offices that the query names, as issuers.
    issuers: Vec<String>,
    /// The place that it names: its documents rise, those of other places sink.
    region: Option<NamedRegion>,
    /// The days that it names: documents of those days rise.
    dated: Option<DatedSpan>,
    /// A query with a word that sounds or looks alike, which finds at least ten times as much.
    did_you_mean: Option<ProposedQuery>,
    /// Whether few documents hold most of the words, and those that hold less follow them.
    loosened: bool,
}

/// A field word with its value.
#[derive(Debug, Serialize, JsonSchema)]
pub struct FieldCondition {
    /// `title`, `body`, `issuer`, `doc_number`, `region`, `kind`, `subject`, `validity` or `dated`.
    field: &'static str,
    /// Its value as it was read.
    value: String,
    /// Whether policies with it are left out.
    excluded: bool,
}

/// A region with its name.
#[derive(Debug, Serialize, JsonSchema)]
pub struct NamedRegion {
    /// GB/T 2260 code.
    code: &'static str,
    /// Full name.
    name: &'static str,
}

/// A stretch of days, both included.
#[derive(Debug, Serialize, JsonSchema)]
pub struct DatedSpan {
    /// First day.
    from: NaiveDate,
    /// Last day.
    to: NaiveDate,
}

/// Another query.
#[derive(Debug, Serialize, JsonSchema)]
pub struct ProposedQuery {
    /// To be sent instead.
    query: String,
    /// How many policies it finds.
    total: usize,
}

/// A text that was read as another.
#[derive(Debug, Serialize, JsonSchema)]
pub struct CorrectedText {
    /// As typed, in the form in which words are compared.
    typed: String,
    /// What was looked for instead; several are joined by OR.
    read_as: String,
}

/// Searches policies.
#[utoipa::path(
    get,
    path = "/policies",
    tag = "policies",
    params(
        ("q" = Option<String>, Query, description = "Words, \"phrases\", -exclusions, OR, a document number, field words (标题:, 正文:, 发文机关:, 文号:, 地区:, 文种:, 主题:, 时效:, 年份: or 2024年:)"),
        ("region" = Option<String>, Query, description = "GB/T 2260 code or name: the region and all below it"),
        ("issuer" = Option<String>, Query, description = "Full name of an issuer"),
        ("kind" = Option<String>, Query, description = "公文种类"),
        ("subject" = Option<String>, Query, description = "Subject path or its beginning"),
        ("industry" = Option<String>, Query, description = "GB/T 4754 code with its letter, or its beginning"),
        ("validity" = Option<String>, Query, description = "in_force, not_yet, amended, expired, repealed, draft, unknown"),
        ("published_from" = Option<String>, Query, description = "YYYY-MM-DD"),
        ("published_to" = Option<String>, Query, description = "YYYY-MM-DD"),
        ("open_on" = Option<String>, Query, description = "YYYY-MM-DD: the application window is open on that day"),
        ("window" = Option<String>, Query, description = "open, upcoming or closed: the application window today"),
        ("sort" = Option<String>, Query, description = "relevance, published or closing"),
        ("page" = Option<u32>, Query, description = "From 1"),
        ("fold" = Option<bool>, Query, description = "false: copies and versions of one document are results of their own"),
        ("explain" = Option<bool>, Query, description = "true: the parts of each score, by relevance"),
        ("after" = Option<String>, Query, description = "`next` of the page before, in place of `page`: any depth"),
        ("per_page" = Option<u32>, Query, description = "1 to 100, 10 when not given"),
    ),
    responses(
        (status = 200, description = "Results", body = ref("#/components/schemas/SearchAnswer")),
        (status = 400, description = "A parameter is wrong", body = ref("#/components/schemas/Problem"), content_type = "application/problem+json"),
    )
)]
pub async fn search(
    State(state): State<AppState>,
    Query(params): Query<SearchParams>,
) -> Result<Json<SearchAnswer>, Problem> {
    let today = state.clock.today();
    let request = params.into_request(today)?;
    let index = state.search.index();
    let asked = request.clone();
    let started = Instant::now();
    let mut results = tokio::task::spawn_blocking(move || index.search(&asked, today))
        .await
        .map_err(|_| Problem::new(StatusCode::INTERNAL_SERVER_ERROR, "检索出错"))??;
    results.total -= leave_out_withdrawn(&state.store, &mut results.hits).await?.min(results.total);
    let took = started.elapsed();
    state.searches.count(today, &request, &results);
    metrics::histogram!("zhida_search_seconds").record(took.as_secs_f64());
    Ok(Json(SearchAnswer::of(results, took)?))
}

impl SearchAnswer {
    /// What an index found, and how long it took.
    ///
    /// # Errors
    /// The index holds a record that cannot be read.
    pub fn of(results: SearchResults, took: Duration) -> Result<Self, IndexError> {
        let items = results.hits.into_iter().map(SearchItem::of).collect::<Result<_, _>>()?;
        let facets = results.facets.into_iter().map(|(name, counts)| {
            let counts = counts.into_iter();
            (name, counts.map(|f| FacetCount { value: f.value, label: f.label, count: f.count }).collect())
        });
        Ok(Self {
            total: results.total,
            took_ms: (took.as_secs_f64() * 1e5).round() / 100.0,
            items,
            next: results.next.map(|next| next.to_string()),
            facets: facets.collect(),
            understood: UnderstoodQuery::of(results.understood),
        })
    }
}

impl UnderstoodQuery {
    fn of(understood: Understood) -> Self {
        let corrections = understood.corrections.into_iter();
        let fields = understood.fields.into_iter();
        Self {
            words: understood.words,
            phrases: understood.phrases,
            excluded: understood.excluded,
            doc_number: understood.doc_number,
            corrections: corrections.map(|slip| CorrectedText { typed: slip.typed, read_as: slip.read_as }).collect(),
            fields: fields
                .map(|asked| FieldCondition { field: asked.field, value: asked.value, excluded: asked.excluded })
                .collect(),
            issuers: understood.issuers,
            region: understood.region.map(|region| NamedRegion { code: region.code, name: region.name }),
            dated: understood.dated.map(|span| DatedSpan { from: span.from, to: span.to }),
            did_you_mean: understood.did_you_mean.map(|other| ProposedQuery { query: other.query, total: other.total }),
            loosened: understood.loosened,
        }
    }
}

impl SearchItem {
    fn of(hit: Hit) -> Result<Self, IndexError> {
        #[derive(Serialize)]
        struct Beside {
            score: f32,
            highlight: Highlight,
            copies: usize,
            #[serde(skip_serializing_if = "Option::is_none")]
            explanation: Option<Vec<Part>>,
        }
        let zhida_index::Highlight { title, body, attachment } = hit.highlight;
        let highlight = Highlight { title, body, attachment };
        let damaged = |error: serde_json::Error| IndexError::Record(error.to_string());
        let beside = serde_json::to_string(&Beside {
            score: hit.score,
            highlight,
            copies: hit.copies,
            explanation: hit.explanation.map(|explanation| explanation.parts),
        })
        .map_err(damaged)?;
        // {record} and {beside} become one object
        let record = hit.record.trim_end();
        let item = format!("{},{}", record.strip_suffix('}').unwrap_or(record), &beside[1..]);
        RawValue::from_string(item).map(Self).map_err(damaged)
    }
}

/// Reads one policy, whole.
#[utoipa::path(
    get,
    path = "/policies/{id}",
    tag = "policies",
    params(("id" = String, Path, description = "Identity")),
    responses(
        (status = 200, description = "The record", body = ref("#/components/schemas/Policy")),
        (status = 404, description = "Not there", body = ref("#/components/schemas/Problem"), content_type = "application/problem+json"),
        (status = 410, description = "Withdrawn", body = ref("#/components/schemas/Problem"), content_type = "application/problem+json"),
    )
)]
pub async fn read(State(state): State<AppState>, Path(id): Path<String>) -> Result<Json<Policy>, Problem> {
    Ok(Json(policy(&state, &id).await?))
}

/// The current version.
///
/// # Errors
/// 404 when there is none, 410 when it is withdrawn; the database failed.
pub async fn policy(state: &AppState, id: &str) -> Result<Policy, Problem> {
    match state.store.policy(id).await? {
        Some(policy) => Ok(policy),
        None => Err(missing(state, id).await?),
    }
}

/// Why a policy cannot be read.
///
/// # Errors
/// The database failed.
pub async fn missing(state: &AppState, id: &str) -> Result<Problem, StoreError> {
    Ok(match state.store.withdrawal(id).await? {
        Some(withdrawal) => Problem::new(StatusCode::GONE, withdrawn_words(&withdrawal)),
        None => Problem::not_found("这份政策"),
    })
}

/// When and why a policy was withdrawn, in one sentence.
pub fn withdrawn_words((at, reason): &(i64, String)) -> String {
    let day = crate::clock::local(*at).date_naive();
    if reason.is_empty() {
        return format!("这份政策已于 {day} 撤下");
    }
    format!("这份政策已于 {day} 撤下，原因：{reason}")
}

/// Policies like this one, best first.
#[utoipa::path(
    get,
    path = "/policies/{id}/similar",
    tag = "policies",
    params(("id" = String, Path, description = "Identity")),
    responses(
        (status = 200, description = "Records without their texts", body = ref("#/components/schemas/SearchItems")),
        (status = 404, description = "Not there", body = ref("#/components/schemas/Problem"), content_type = "application/problem+json"),
        (status = 410, description = "Withdrawn", body = ref("#/components/schemas/Problem"), content_type = "application/problem+json"),
    )
)]
pub async fn similar(State(state): State<AppState>, Path(id): Path<String>) -> Result<Json<Vec<SearchItem>>, Problem> {
    policy(&state, &id).await?;
    let index = state.search.index();
    let mut hits = tokio::task::spawn_blocking(move || index.similar(&id, 10))
        .await
        .map_err(|_| Problem::new(StatusCode::INTERNAL_SERVER_ERROR, "检索出错"))??;
    leave_out_withdrawn(&state.store, &mut hits).await?;
    Ok(Json(hits.into_iter().map(SearchItem::of).collect::<Result<_, _>>()?))
}

/// What a policy cites, and what cites it.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Citations {
    /// What it cites.
    cites: Vec<CitedPolicy>,
    /// What cites it, by document number: first what repeals, replaces or amends it, and of each the latest.
    cited_by: Vec<CitingPolicy>,
}

/// A citation and, when it is stored here, the policy that it names.
#[derive(Debug, Serialize, JsonSchema)]
pub struct CitedPolicy {
    #[serde(flatten)]
    citation: Citation,
    /// Identity of the cited policy; null when it is not stored here.
    policy_id: Option<String>,
    /// Validity of the cited policy; null when it is not stored here.
    validity: Option<Validity>,
}

/// A policy that cites another.
#[derive(Debug, Serialize, JsonSchema)]
pub struct CitingPolicy {
    /// Identity.
    id: String,
    /// Title.
    title: String,
    /// 发文字号.
    doc_number: Option<String>,
    /// 时效.
    validity: Validity,
    /// What it does to the cited one; when it names it several times, what weighs most (`repeals` before `based_on`).
    relation: Relation,
    /// Its words that say so.
    evidence: String,
}

/// Citations in both directions.
#[utoipa::path(
    get,
    path = "/policies/{id}/citations",
    tag = "policies",
    params(("id" = String, Path, description = "Identity")),
    responses(
        (status = 200, description = "Citations in both directions", body = ref("#/components/schemas/Citations")),
        (status = 404, description = "Not there", body = ref("#/components/schemas/Problem"), content_type = "application/problem+json"),
        (status = 410, description = "Withdrawn", body = ref("#/components/schemas/Problem"), content_type = "application/problem+json"),
    )
)]
pub async fn citations(State(state): State<AppState>, Path(id): Path<String>) -> Result<Json<Citations>, Problem> {
    let policy = policy(&state, &id).await?;
    let cites = crate::citations::cited(&state.store, &policy, usize::MAX).await?.into_iter();
    let cites = cites.map(|(citation, other)| CitedPolicy {
        citation,
        validity: other.as_ref().map(|other| other.validity),
        policy_id: other.map(|other| other.id),
    });
    let cited_by = crate::citations::citing(&state.store, &policy, 100).await?.into_iter();
    let cited_by = cited_by.map(|(citing, citation)| CitingPolicy {
        id: citing.id,
        title: citing.title,
        doc_number: citing.doc_number,
        validity: citing.validity,
        relation: citation.relation,
        evidence: citation.evidence,
    });
    Ok(Json(Citations { cites: cites.collect(), cited_by: cited_by.collect() }))
}

/// What has been typed so far.
#[derive(Debug, Deserialize)]
pub struct SuggestParams {
    #[serde(default)]
    q: String,
}

/// Document numbers, frequent queries, terms and titles for what has been typed so far.
#[utoipa::path(
    get,
    path = "/suggest",
    tag = "policies",
    params(("q" = Option<String>, Query, description = "What has been typed so far")),
    responses((status = 200, description = "At most 10, best first", body = Vec<String>))
)]
pub async fn suggest(
    State(state): State<AppState>,
    Query(params): Query<SuggestParams>,
) -> Result<Json<Vec<String>>, Problem> {
    let (index, frequent) = (state.search.index(), state.searches.frequent());
    let mut suggestions = tokio::task::spawn_blocking(move || index.suggest(&params.q, &frequent, 10))
        .await
        .map_err(|_| Problem::new(StatusCode::INTERNAL_SERVER_ERROR, "检索出错"))??;
    // the index may not have read of it yet
    let withdrawn = state.store.withdrawn_since(state.clock.now() - JUST_WITHDRAWN).await?;
    suggestions.retain(|text| {
        let number = doc_number::key(text);
        !withdrawn.iter().any(|(title, key)| title == text || key.as_ref() == Some(&number))
    });
    Ok(Json(suggestions))
}

/// What became of a published row.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Published {
    /// Line of the request, from 1.
    line: usize,
    /// Identity; null for a rejected row.
    id: Option<String>,
    /// `new`, `changed`, `unchanged` or `rejected`.
    result: &'static str,
    /// Why it was rejected.
    reason: Option<String>,
}

/// Publishes policies: one JSON object, an array of them, or NDJSON (`Content-Type: application/x-ndjson`). Rows are
/// as in an import. Bad rows are rejected one by one; the others are saved in one transaction. When none is left, the
/// answer is a problem.
#[utoipa::path(
    post,
    path = "/policies",
    tag = "policies",
    request_body(content((ref("#/components/schemas/Policy") = "application/json"), (ref("#/components/schemas/Policy") = "application/x-ndjson"))),
    security(("token" = [])),
    responses(
        (status = 200, description = "One entry per row", body = ref("#/components/schemas/PublishedRows")),
        (status = 400, description = "No JSON, or too many rows", body = ref("#/components/schemas/Problem"), content_type = "application/problem+json"),
        (status = 401, description = "No or a wrong token", body = ref("#/components/schemas/Problem"), content_type = "application/problem+json"),
        (status = 422, description = "No row, or none that is right", body = ref("#/components/schemas/Problem"), content_type = "application/problem+json"),
    )
)]
pub async fn publish(
    State(state): State<AppState>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Json<Vec<Published>>, Problem> {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let rows: Vec<Result<serde_json::Value, String>> = if kind.starts_with("application/x-ndjson") {
        body.split(|byte| *byte == b'\n')
            .filter(|line| !line.trim_ascii().is_empty())
            .map(|line| serde_json::from_slice(line).map_err(|error| format!("不是有效的 JSON：{error}")))
            .collect()
    } else {
        match serde_json::from_slice(&body) {
            Ok(serde_json::Value::Array(rows)) => rows.into_iter().map(Ok).collect(),
            Ok(row) => vec![Ok(row)],
            Err(error) => return Err(Problem::bad_request(format!("不是有效的 JSON：{error}"))),
        }
    };
    if rows.is_empty() {
        return Err(Problem::new(
            StatusCode::UNPROCESSABLE_ENTITY,
            "请求里没有政策：应为一个 JSON 对象、数组或 NDJSON",
        ));
    }
    if rows.len() > MAX_BATCH {
        return Err(Problem::bad_request(format!("一次最多 {MAX_BATCH} 条，这里有 {} 条", rows.len())));
    }
    let mut answer = Vec::with_capacity(rows.len());
    let mut drafts = Vec::new();
    for (at, row) in rows.into_iter().enumerate() {
        let read = row.and_then(|value| ImportRow::from_json(value).map_err(|error| error.to_string()));
        match read {
            Ok(row) => {
                drafts.push(crate::import::draft(row, "api"));
                answer.push(Published { line: at + 1, id: None, result: "", reason: None });
            }
            Err(reason) => answer.push(Published { line: at + 1, id: None, result: "rejected", reason: Some(reason) }),
        }
    }
    if drafts.is_empty() {
        let reasons: Vec<String> = answer
            .iter()
            .take(5)
            .map(|entry| format!("第 {} 条：{}", entry.line, entry.reason.as_deref().unwrap_or_default()))
            .collect();
        return Err(Problem::new(StatusCode::UNPROCESSABLE_ENTITY, format!("没有一条被接受。{}", reasons.join("；"))));
    }
    let saved = state.store.save_policies(&drafts, state.clock.now()).await?;
    for (entry, (id, saved)) in answer.iter_mut().filter(|entry| entry.reason.is_none()).zip(saved) {
        entry.id = Some(id);
        entry.result = match saved {
            Saved::New(_) => "new",
            Saved::Changed(_) => "changed",
            Saved::Unchanged => "unchanged",
        };
    }
    Ok(Json(answer))
}

/// Why a policy is withdrawn.
#[derive(Debug, Default, Deserialize)]
pub struct WithdrawParams {
    #[serde(default)]
    reason: String,
}

/// Longest reason, in characters.
pub const MAX_REASON: usize = 500;

/// Takes a policy out of pages, search, feeds and pending messages at once. No crawl and no import brings it back.
#[utoipa::path(
    delete,
    path = "/policies/{id}",
    tag = "policies",
    params(
        ("id" = String, Path, description = "Identity"),
        ("reason" = Option<String>, Query, description = "Shown to whoever asks for it, at most 500 characters"),
    ),
    security(("token" = [])),
    responses(
        (status = 204, description = "Withdrawn"),
        (status = 404, description = "Not there", body = ref("#/components/schemas/Problem"), content_type = "application/problem+json"),
        (status = 410, description = "Withdrawn before", body = ref("#/components/schemas/Problem"), content_type = "application/problem+json"),
    )
)]
pub async fn withdraw(
    State(state): State<AppState>,
    Path(id): Path<String>,
    Query(params): Query<WithdrawParams>,
) -> Result<StatusCode, Problem> {
    let reason = params.reason.split_whitespace().collect::<Vec<_>>().join(" ");
    if reason.chars().count() > MAX_REASON {
        return Err(Problem::bad_request(format!("reason 超过 {MAX_REASON} 个字")));
    }
    if state.store.withdraw_policy(&id, &reason, state.clock.now()).await? {
        Ok(StatusCode::NO_CONTENT)
    } else {
        Err(missing(&state, &id).await?)
    }
}

/// Undoes a withdrawal. Those who were told of the policy hear that it is there again.
#[utoipa::path(
    post,
    path = "/policies/{id}/restore",
    tag = "policies",
    params(("id" = String, Path, description = "Identity")),
    security(("token" = [])),
    responses(
        (status = 200, description = "The record", body = ref("#/components/schemas/Policy")),
        (status = 404, description = "Not there", body = ref("#/components/schemas/Problem"), content_type = "application/problem+json"),
        (status = 409, description = "It is not withdrawn", body = ref("#/components/schemas/Problem"), content_type = "application/problem+json"),
    )
)]
pub async fn restore(State(state): State<AppState>, Path(id): Path<String>) -> Result<Json<Policy>, Problem> {
    if state.store.restore_policy(&id, state.clock.now()).await? {
        return Ok(Json(policy(&state, &id).await?));
    }
    policy(&state, &id).await?;
    Err(Problem::new(StatusCode::CONFLICT, "这份政策没有撤下，不用恢复"))
}
