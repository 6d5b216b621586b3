//! Editors' corrections of single fields. They outlive every reading of the page.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use zhida_schemas::Policy;

use super::params::Query;
use super::policies::{missing, policy};
use super::problem::Problem;
use crate::corrections::{check, expected};
use crate::effective::CORRECTABLE;
use crate::state::AppState;
use crate::store::corrections::CorrectionRow;
use crate::versions::label;

/// Longest name of an editor, in characters.
const MAX_EDITOR: usize = 100;

/// Corrections of a policy, and what can be corrected.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Corrections {
    /// What is corrected, in order of field.
    items: Vec<CorrectionRow>,
    /// What can be.
    correctable: Vec<CorrectableField>,
}

/// A field that can be corrected.
#[derive(Debug, Serialize, JsonSchema)]
pub struct CorrectableField {
    /// Name in the record.
    field: &'static str,
    /// Name for readers.
    label: &'static str,
    /// The form of its value, in words.
    expected: &'static str,
    /// What the record says now.
    current: Value,
}

/// What editors corrected in a policy, and which fields can be corrected.
#[utoipa::path(
    get,
    path = "/policies/{id}/corrections",
    tag = "policies",
    params(("id" = String, Path, description = "Identity")),
    security(("token" = [])),
    responses(
        (status = 200, description = "Corrections", body = ref("#/components/schemas/Corrections")),
        (status = 404, description = "Not there", body = ref("#/components/schemas/Problem"), content_type = "application/problem+json"),
        (status = 410, description = "Withdrawn", body = ref("#/components/schemas/Problem"), content_type = "application/problem+json"),
    )
)]
pub async fn list(State(state): State<AppState>, Path(id): Path<String>) -> Result<Json<Corrections>, Problem> {
    let policy = policy(&state, &id).await?;
    let record = serde_json::to_value(&policy).unwrap_or_default();
    let correctable = CORRECTABLE.map(|field| CorrectableField {
        field,
        label: label(field),
        expected: expected(field),
        current: record.get(field).cloned().unwrap_or_default(),
    });
    Ok(Json(Corrections { items: state.store.corrections(&id).await?, correctable: correctable.into() }))
}

/// Who corrects.
#[derive(Debug, Default, Deserialize)]
pub struct EditorParams {
    #[serde(default)]
    editor: String,
}

/// Corrects a field: the value stands in place of whatever the page states, now and whenever it is read again.
#[utoipa::path(
    put,
    path = "/policies/{id}/corrections/{field}",
    tag = "policies",
    params(
        ("id" = String, Path, description = "Identity"),
        ("field" = String, Path, description = "Name in the record; `GET …/corrections` lists those that can be corrected"),
        ("editor" = Option<String>, Query, description = "Who corrects it"),
    ),
    request_body(content = serde_json::Value, content_type = "application/json", description = "The value, as it stands in a record"),
    security(("token" = [])),
    responses(
        (status = 200, description = "The record as it is now", body = ref("#/components/schemas/Policy")),
        (status = 404, description = "Not there", body = ref("#/components/schemas/Problem"), content_type = "application/problem+json"),
        (status = 410, description = "Withdrawn", body = ref("#/components/schemas/Problem"), content_type = "application/problem+json"),
        (status = 422, description = "The field cannot be corrected, or the value is not of its form", body = ref("#/components/schemas/Problem"), content_type = "application/problem+json"),
    )
)]
pub async fn save(
    State(state): State<AppState>,
    Path((id, field)): Path<(String, String)>,
    Query(params): Query<EditorParams>,
    Json(value): Json<Value>,
) -> Result<Json<Policy>, Problem> {
    let policy = policy(&state, &id).await?;
    check(&policy, &field, &value).map_err(|reason| Problem::new(StatusCode::UNPROCESSABLE_ENTITY, reason))?;
    let editor: String = params.editor.trim().chars().filter(|c| !c.is_control()).take(MAX_EDITOR).collect();
    let editor = if editor.is_empty() { "接口" } else { &editor };
    match state.store.correct(&id, &[(field, value)], editor, state.clock.now()).await? {
        Some(record) => Ok(Json(record)),
        None => Err(missing(&state, &id).await?),
    }
}

/// Takes a correction back: what the page states shows again.
#[utoipa::path(
    delete,
    path = "/policies/{id}/corrections/{field}",
    tag = "policies",
    params(("id" = String, Path, description = "Identity"), ("field" = String, Path, description = "Name in the record")),
    security(("token" = [])),
    responses(
        (status = 204, description = "Taken back"),
        (status = 404, description = "There is no such correction", body = ref("#/components/schemas/Problem"), content_type = "application/problem+json"),
    )
)]
pub async fn remove(
    State(state): State<AppState>,
    Path((id, field)): Path<(String, String)>,
) -> Result<StatusCode, Problem> {
    if state.store.uncorrect(&id, &field, state.clock.now()).await? {
        return Ok(StatusCode::NO_CONTENT);
    }
    policy(&state, &id).await?;
    Err(Problem::new(StatusCode::NOT_FOUND, format!("这份政策的 {field} 没有更正过")))
}
