//! Sources: their definitions with every version, their runs, their alarms, and the pages that show what was wrong.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::params::Query;
use super::problem::Problem;
use crate::sources::read_definition;
use crate::state::AppState;
use crate::store::alarms::Alarm;
use crate::store::crawls::CrawlRun;
use crate::store::sources::SourceVersion;

/// Longest definition.
pub const MAX_DEFINITION: usize = 256 * 1024;

/// A source and its last run.
#[derive(Debug, Serialize, JsonSchema)]
pub struct SourceState {
    /// Short name.
    name: String,
    /// Name of the site.
    title: String,
    /// GB/T 2260 code.
    region_code: String,
    /// Whether the definition was tried on a page of the site.
    verified: bool,
    /// Six cron fields, Asia/Shanghai.
    schedule: String,
    /// Saved version in use; null for a bundled definition.
    version: Option<i64>,
    /// Null when it was never crawled.
    last_run: Option<CrawlRun>,
    /// Alarms that are open.
    alarms: Vec<Alarm>,
}

/// Sources with their last run and open alarms.
#[utoipa::path(
    get,
    path = "/sources",
    tag = "sources",
    security(("token" = [])),
    responses((status = 200, description = "Sources", body = ref("#/components/schemas/Sources")))
)]
pub async fn list(State(state): State<AppState>) -> Result<Json<Vec<SourceState>>, Problem> {
    let mut runs = state.store.last_crawls().await?;
    let alarms = state.store.alarms(false, 1_000).await?;
    let defined = state.sources.defined(&state.store).await?;
    let sources = defined.sources.iter().map(|source| SourceState {
        name: source.name.clone(),
        title: source.title.clone(),
        region_code: source.region_code.clone(),
        verified: source.verified,
        schedule: source.schedule.clone(),
        version: defined.version(&source.name),
        last_run: runs.iter().position(|run| run.source == source.name).map(|at| runs.swap_remove(at)),
        alarms: alarms.iter().filter(|alarm| alarm.source == source.name).cloned().collect(),
    });
    Ok(Json(sources.collect()))
}

/// A definition as TOML: the one in use. An editor saves it again with PUT.
#[utoipa::path(
    get,
    path = "/sources/{name}",
    tag = "sources",
    params(("name" = String, Path, description = "Short name")),
    security(("token" = [])),
    responses((status = 200, description = "TOML", content_type = "application/toml", body = String))
)]
pub async fn read(State(state): State<AppState>, Path(name): Path<String>) -> Result<Response, Problem> {
    let toml = definition(&state, &name).await?;
    Ok(([(header::CONTENT_TYPE, "application/toml; charset=utf-8")], toml).into_response())
}

/// The definition in use, as an editor wrote it, or as it is bundled.
///
/// # Errors
/// There is none of that name; the database failed.
pub async fn definition(state: &AppState, name: &str) -> Result<String, Problem> {
    let defined = state.sources.defined(&state.store).await?;
    let Some(source) = defined.get(name) else { return Err(none_of(name)) };
    let saved = match defined.version(name) {
        Some(version) => state.store.source_versions(name).await?.into_iter().find(|saved| saved.version == version),
        None => None,
    };
    match saved.and_then(|saved| saved.definition) {
        Some(toml) => Ok(toml),
        None => source.to_toml().map_err(|error| {
            tracing::error!(%error, "a bundled definition cannot be written");
            Problem::new(StatusCode::INTERNAL_SERVER_ERROR, "这份定义写不出来")
        }),
    }
}

/// What saving did.
#[derive(Debug, Serialize, JsonSchema)]
pub struct SavedSource {
    /// Short name.
    name: String,
    /// Version that is in use now; null when the bundled definition is.
    version: Option<i64>,
}

/// Saves a definition (TOML) as a new version. It is in use at once.
#[utoipa::path(
    put,
    path = "/sources/{name}",
    tag = "sources",
    params(("name" = String, Path, description = "Short name, as in the definition")),
    request_body(content = String, content_type = "application/toml"),
    security(("token" = [])),
    responses((status = 200, description = "Saved", body = ref("#/components/schemas/SavedSource")))
)]
pub async fn save(
    State(state): State<AppState>,
    Path(name): Path<String>,
    toml: String,
) -> Result<Json<SavedSource>, Problem> {
    if toml.len() > MAX_DEFINITION {
        return Err(Problem::bad_request(format!("定义超过 {} KB", MAX_DEFINITION / 1024)));
    }
    read_definition(&name, &toml).map_err(|error| Problem::bad_request(error.to_string()))?;
    let version = state.store.save_source(&name, Some(&toml), "接口保存", state.clock.now()).await?;
    Ok(Json(SavedSource { name, version: Some(version) }))
}

/// Removes a saved definition; a bundled one of that name is in use again.
#[utoipa::path(
    delete,
    path = "/sources/{name}",
    tag = "sources",
    params(("name" = String, Path, description = "Short name")),
    security(("token" = [])),
    responses((status = 200, description = "Removed", body = ref("#/components/schemas/SavedSource")))
)]
pub async fn remove(State(state): State<AppState>, Path(name): Path<String>) -> Result<Json<SavedSource>, Problem> {
    let saved = state.store.source_versions(&name).await?;
    if saved.first().is_none_or(|last| last.definition.is_none()) {
        return Err(none_of(&name));
    }
    state.store.save_source(&name, None, "接口删除", state.clock.now()).await?;
    Ok(Json(SavedSource { name, version: None }))
}

/// Every saved version of a definition, the last first.
#[utoipa::path(
    get,
    path = "/sources/{name}/versions",
    tag = "sources",
    params(("name" = String, Path, description = "Short name")),
    security(("token" = [])),
    responses((status = 200, description = "Versions", body = ref("#/components/schemas/SourceVersions")))
)]
pub async fn versions(
    State(state): State<AppState>,
    Path(name): Path<String>,
) -> Result<Json<Vec<SourceVersion>>, Problem> {
    Ok(Json(state.store.source_versions(&name).await?))
}

/// The finished runs of a source, the last first.
#[utoipa::path(
    get,
    path = "/sources/{name}/runs",
    tag = "sources",
    params(("name" = String, Path, description = "Short name")),
    security(("token" = [])),
    responses((status = 200, description = "Runs", body = ref("#/components/schemas/CrawlRuns")))
)]
pub async fn runs(State(state): State<AppState>, Path(name): Path<String>) -> Result<Json<Vec<CrawlRun>>, Problem> {
    Ok(Json(state.store.crawls_of(&name, 100).await?))
}

/// Which alarms.
#[derive(Debug, Deserialize)]
pub struct AlarmParams {
    #[serde(default)]
    all: bool,
}

/// Alarms of all sources, the latest first.
#[utoipa::path(
    get,
    path = "/alarms",
    tag = "sources",
    params(("all" = Option<bool>, Query, description = "true: also those that are over")),
    security(("token" = [])),
    responses((status = 200, description = "Alarms", body = ref("#/components/schemas/Alarms")))
)]
pub async fn alarms(
    State(state): State<AppState>,
    Query(params): Query<AlarmParams>,
) -> Result<Json<Vec<Alarm>>, Problem> {
    Ok(Json(state.store.alarms(params.all, 1_000).await?))
}

/// A page as it came, for evidence. It is given as a file: a page of another site is never run on this one.
#[utoipa::path(
    get,
    path = "/pages/{id}",
    tag = "sources",
    params(("id" = i64, Path, description = "Number of the copy")),
    security(("token" = [])),
    responses((status = 200, description = "The bytes", content_type = "application/octet-stream", body = String))
)]
pub async fn page(State(state): State<AppState>, Path(id): Path<i64>) -> Result<Response, Problem> {
    let Some((copy, raw)) = state.store.page_copy(id).await? else {
        return Err(Problem::new(StatusCode::NOT_FOUND, format!("没有编号为 {id} 的网页副本")));
    };
    let headers = [
        (header::CONTENT_TYPE, "application/octet-stream".to_owned()),
        (header::CONTENT_DISPOSITION, format!("attachment; filename=\"page-{}.html\"", copy.id)),
    ];
    Ok((headers, raw).into_response())
}

fn none_of(name: &str) -> Problem {
    Problem::new(StatusCode::NOT_FOUND, format!("没有叫 {name} 的信息源"))
}
