//! What is searched for, for editors.

use axum::Json;
use axum::extract::State;
use chrono::{Days, NaiveDate};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::params::{Query, date_of};
use super::problem::Problem;
use crate::state::AppState;
use crate::store::searches::SearchCount;

/// Days that are looked at when none are given.
const DEFAULT_DAYS: u64 = 30;

/// Which searches.
#[derive(Debug, Deserialize)]
pub struct SearchCountParams {
    from: Option<String>,
    to: Option<String>,
    #[serde(default)]
    empty: bool,
    limit: Option<i64>,
}

/// Queries of some days.
#[derive(Debug, Serialize, JsonSchema)]
pub struct SearchCounts {
    /// First day.
    from: NaiveDate,
    /// Last day.
    to: NaiveDate,
    /// The most frequent first.
    items: Vec<SearchCount>,
}

/// The most frequent queries, or those that found nothing when no filter was set. Nothing is kept of who searched.
#[utoipa::path(
    get,
    path = "/searches",
    tag = "policies",
    params(
        ("from" = Option<String>, Query, description = "YYYY-MM-DD; 30 days before `to` when not given"),
        ("to" = Option<String>, Query, description = "YYYY-MM-DD; today when not given"),
        ("empty" = Option<bool>, Query, description = "true: only queries that found nothing without filters, by how often"),
        ("limit" = Option<i64>, Query, description = "1 to 1000, 100 when not given"),
    ),
    security(("token" = [])),
    responses((status = 200, description = "Queries", body = ref("#/components/schemas/SearchCounts")))
)]
pub async fn searches(
    State(state): State<AppState>,
    Query(params): Query<SearchCountParams>,
) -> Result<Json<SearchCounts>, Problem> {
    let to = date_of("to", &params.to)?.unwrap_or_else(|| state.clock.today());
    let from = date_of("from", &params.from)?.or(to.checked_sub_days(Days::new(DEFAULT_DAYS))).unwrap_or(to);
    // what was counted a moment ago is seen too
    state.searches.write(&state).await?;
    let limit = params.limit.unwrap_or(100).clamp(1, 1_000);
    let items = state.store.frequent_searches(from, to, params.empty, limit).await?;
    Ok(Json(SearchCounts { from, to, items }))
}
