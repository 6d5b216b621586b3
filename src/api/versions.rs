//! The history of a policy: its versions, and what each changed.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use serde::Deserialize;
use zhida_schemas::Policy;

use super::params::Query;
use super::policies::policy;
use super::problem::Problem;
use crate::state::AppState;
use crate::versions::{Difference, VersionEntry, difference, history};

/// Versions that a history tells, the latest.
pub const MAX_VERSIONS: i64 = 100;

/// The versions of a policy, the latest first, at most 100.
#[utoipa::path(
    get,
    path = "/policies/{id}/versions",
    tag = "policies",
    params(("id" = String, Path, description = "Identity")),
    responses(
        (status = 200, description = "When each was stored, and what it changed", body = ref("#/components/schemas/PolicyVersions")),
        (status = 404, description = "Not there", body = ref("#/components/schemas/Problem"), content_type = "application/problem+json"),
        (status = 410, description = "Withdrawn", body = ref("#/components/schemas/Problem"), content_type = "application/problem+json"),
    )
)]
pub async fn list(State(state): State<AppState>, Path(id): Path<String>) -> Result<Json<Vec<VersionEntry>>, Problem> {
    policy(&state, &id).await?;
    Ok(Json(history(&state.store.policy_history(&id, MAX_VERSIONS).await?)))
}

/// A version as it was.
#[utoipa::path(
    get,
    path = "/policies/{id}/versions/{version}",
    tag = "policies",
    params(("id" = String, Path, description = "Identity"), ("version" = i64, Path, description = "From 1")),
    responses(
        (status = 200, description = "The record", body = ref("#/components/schemas/Policy")),
        (status = 404, description = "Not there", body = ref("#/components/schemas/Problem"), content_type = "application/problem+json"),
        (status = 410, description = "Withdrawn", body = ref("#/components/schemas/Problem"), content_type = "application/problem+json"),
    )
)]
pub async fn read(
    State(state): State<AppState>,
    Path((id, version)): Path<(String, i64)>,
) -> Result<Json<Policy>, Problem> {
    let current = policy(&state, &id).await?;
    Ok(Json(version_of(&state, current, version).await?))
}

/// Which two versions.
#[derive(Debug, Clone, Copy, Default, Deserialize)]
pub struct DiffParams {
    /// The version before `to` when it is not given.
    pub from: Option<i64>,
    /// The current one when it is not given.
    pub to: Option<i64>,
}

/// What changed from one version to another: fields with what they were, and the text with what was taken out and put
/// in. Long stretches that stayed are folded.
#[utoipa::path(
    get,
    path = "/policies/{id}/diff",
    tag = "policies",
    params(
        ("id" = String, Path, description = "Identity"),
        ("from" = Option<i64>, Query, description = "The version before `to` when it is not given"),
        ("to" = Option<i64>, Query, description = "The current version when it is not given"),
    ),
    responses(
        (status = 200, description = "The difference", body = ref("#/components/schemas/Difference")),
        (status = 400, description = "A parameter is wrong", body = ref("#/components/schemas/Problem"), content_type = "application/problem+json"),
        (status = 404, description = "Not there", body = ref("#/components/schemas/Problem"), content_type = "application/problem+json"),
        (status = 410, description = "Withdrawn", body = ref("#/components/schemas/Problem"), content_type = "application/problem+json"),
    )
)]
pub async fn diff(
    State(state): State<AppState>,
    Path(id): Path<String>,
    Query(params): Query<DiffParams>,
) -> Result<Json<Difference>, Problem> {
    let current = policy(&state, &id).await?;
    Ok(Json(compare(&state, current, params).await?))
}

/// The difference of two versions of a policy, of which `current` is the latest.
///
/// # Errors
/// 404 for a version that never was; the database failed.
pub async fn compare(state: &AppState, current: Policy, params: DiffParams) -> Result<Difference, Problem> {
    let to = params.to.unwrap_or(current.version);
    let from = params.from.unwrap_or(to.saturating_sub(1).max(1));
    let after = version_of(state, current.clone(), to).await?;
    let before = version_of(state, current, from).await?;
    // two long texts take a while
    tokio::task::spawn_blocking(move || difference(&before, &after))
        .await
        .map_err(|_| Problem::new(StatusCode::INTERNAL_SERVER_ERROR, "比较出错"))
}

async fn version_of(state: &AppState, current: Policy, version: i64) -> Result<Policy, Problem> {
    if version == current.version {
        return Ok(current);
    }
    state.store.policy_version(&current.id, version).await?.ok_or_else(|| {
        let last = current.version;
        Problem::new(StatusCode::NOT_FOUND, format!("没有第 {version} 版：这份政策有第 1 到第 {last} 版"))
    })
}
