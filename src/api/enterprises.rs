//! Enterprise profiles, and which policies are for one.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use zhida_index::{SearchRequest, Sort, THRESHOLD, profiles};
use zhida_schemas::{Enterprise, Match};

use super::params::Query;
use super::problem::Problem;
use crate::state::AppState;

/// Policies that a profile is compared with: the newest that apply to its region.
const COMPARED: usize = 500;

/// Where a list begins, and how long it is.
#[derive(Debug, Deserialize)]
pub struct ListParams {
    /// The last id of the page before.
    #[serde(default)]
    pub after: String,
    /// 1 to 1000.
    pub per_page: Option<i64>,
}

impl ListParams {
    /// How many are returned.
    pub fn limit(&self) -> i64 {
        self.per_page.unwrap_or(100).clamp(1, 1_000)
    }
}

/// Profiles in order of id.
#[utoipa::path(
    get,
    path = "/enterprises",
    tag = "enterprises",
    params(("after" = Option<String>, Query, description = "Last id of the page before"), ("per_page" = Option<i64>, Query, description = "1 to 1000")),
    security(("token" = [])),
    responses((status = 200, description = "Profiles", body = ref("#/components/schemas/Enterprises")))
)]
pub async fn list(
    State(state): State<AppState>,
    Query(params): Query<ListParams>,
) -> Result<Json<Vec<Enterprise>>, Problem> {
    Ok(Json(state.store.enterprises_after(&params.after, params.limit()).await?))
}

/// One profile.
#[utoipa::path(
    get,
    path = "/enterprises/{id}",
    tag = "enterprises",
    params(("id" = String, Path, description = "Identity")),
    security(("token" = [])),
    responses(
        (status = 200, description = "The profile", body = ref("#/components/schemas/Enterprise")),
        (status = 404, description = "Not there", body = ref("#/components/schemas/Problem"), content_type = "application/problem+json"),
    )
)]
pub async fn read(State(state): State<AppState>, Path(id): Path<String>) -> Result<Json<Enterprise>, Problem> {
    state.store.enterprise(&id).await?.map(Json).ok_or_else(|| Problem::not_found("这家企业"))
}

/// What saving did.
#[derive(Debug, Serialize, JsonSchema)]
pub struct SavedProfiles {
    /// How many profiles were new or changed.
    saved: usize,
}

/// Saves one profile, or an array of them. A profile with `email` gets its mail subscription.
#[utoipa::path(
    post,
    path = "/enterprises",
    tag = "enterprises",
    request_body = ref("#/components/schemas/Enterprise"),
    security(("token" = [])),
    responses(
        (status = 200, description = "Saved", body = ref("#/components/schemas/SavedProfiles")),
        (status = 422, description = "A profile is wrong", body = ref("#/components/schemas/Problem"), content_type = "application/problem+json"),
    )
)]
pub async fn save(
    State(state): State<AppState>,
    Json(body): Json<serde_json::Value>,
) -> Result<Json<SavedProfiles>, Problem> {
    let rows = match body {
        serde_json::Value::Array(rows) => rows,
        row => vec![row],
    };
    let mut profiles = Vec::with_capacity(rows.len());
    for (at, row) in rows.into_iter().enumerate() {
        let profile = parse_profile(row)
            .map_err(|reason| Problem::new(StatusCode::UNPROCESSABLE_ENTITY, format!("第 {} 条：{reason}", at + 1)))?;
        profiles.push(profile);
    }
    let saved = state.store.save_enterprises(&profiles, state.clock.now()).await?;
    Ok(Json(SavedProfiles { saved }))
}

/// Reads and checks one profile.
///
/// # Errors
/// What is wrong, in Chinese, with the field's name.
pub fn parse_profile(row: serde_json::Value) -> Result<Enterprise, String> {
    let profile: Enterprise = serde_json::from_value(row).map_err(|error| format!("企业画像格式有误：{error}"))?;
    if profile.id.is_empty() || profile.id.len() > 100 {
        return Err("id 不能为空，且不超过 100 个字符".to_owned());
    }
    if profile.name.chars().count() > 200 {
        return Err("name 不超过 200 个字".to_owned());
    }
    for (name, value) in [
        ("staff", profile.staff),
        ("revenue_wan", profile.revenue_wan),
        ("assets_wan", profile.assets_wan),
        ("registered_capital_wan", profile.registered_capital_wan),
        ("rd_ratio", profile.rd_ratio),
    ] {
        if value.is_some_and(|value| !(0.0..=1e12).contains(&value)) {
            return Err(format!("{name} 应为不小于 0 的数"));
        }
    }
    if let Some(code) = &profile.region_code
        && zhida_schemas::region::by_code(code).is_none()
    {
        return Err(format!("region_code {code:?} 不是行政区划代码（例如 321181）"));
    }
    if let Some(code) = &profile.industry_code
        && zhida_schemas::industry::by_code(code).is_none()
    {
        return Err(format!("industry_code {code:?} 不是国民经济行业代码（例如 I6513）"));
    }
    if let Some(email) = &profile.email
        && email.parse::<lettre::Address>().is_err()
    {
        return Err("email 不是有效的邮件地址".to_owned());
    }
    let interests = &profile.interests;
    if let Some(wrong) = interests.expressions.iter().find(|text| profiles::expression::parse(text).is_none()) {
        return Err(format!("interests.expressions 里的 {wrong:?} 读不懂：可用 AND、OR、NOT、引号和成对的括号"));
    }
    let words = [&interests.keywords, &interests.expressions, &interests.exclude, &interests.issuers];
    if words.iter().any(|list| list.len() > 200) || words.iter().copied().flatten().any(|w| w.chars().count() > 200) {
        return Err("interests 的每一项最多 200 条，每条不超过 200 个字".to_owned());
    }
    Ok(profile)
}

/// A profile → its policies among the newest that apply to its region, with reasons, best first.
#[utoipa::path(
    post,
    path = "/match",
    tag = "enterprises",
    request_body = ref("#/components/schemas/Enterprise"),
    responses(
        (status = 200, description = "Matches", body = ref("#/components/schemas/Matches")),
        (status = 422, description = "The profile is wrong", body = ref("#/components/schemas/Problem"), content_type = "application/problem+json"),
    )
)]
pub async fn match_profile(
    State(state): State<AppState>,
    Json(body): Json<serde_json::Value>,
) -> Result<Json<Vec<Match>>, Problem> {
    let mut body = body;
    if let Some(object) = body.as_object_mut() {
        object.entry("id").or_insert_with(|| "request".into());
    }
    let profile = parse_profile(body).map_err(|reason| Problem::new(StatusCode::UNPROCESSABLE_ENTITY, reason))?;
    let request = SearchRequest {
        region: profile.region_code.clone(),
        applies_to_region: true,
        sort: Sort::Published,
        limit: COMPARED,
        ..SearchRequest::default()
    };
    let (index, today) = (state.search.index(), state.clock.today());
    let newest = tokio::task::spawn_blocking(move || index.search(&request, today))
        .await
        .map_err(|_| Problem::new(StatusCode::INTERNAL_SERVER_ERROR, "检索出错"))??;
    let ids: Vec<String> = newest.hits.into_iter().map(|hit| hit.id).collect();
    let policies = state.store.policies(&ids).await?;
    let analyzer = state.search.analyzer();
    let mut matches = tokio::task::spawn_blocking(move || {
        let judged = policies.iter().map(|policy| profiles::judge(&analyzer, &profile, policy));
        judged.filter(|matched| matched.score >= THRESHOLD).collect::<Vec<_>>()
    })
    .await
    .map_err(|_| Problem::new(StatusCode::INTERNAL_SERVER_ERROR, "匹配出错"))?;
    matches.sort_by(|a, b| b.score.total_cmp(&a.score));
    Ok(Json(matches))
}
