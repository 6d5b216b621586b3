//! Subscriptions and deliveries, for those who run the push.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use zhida_schemas::Subscription;

use super::enterprises::ListParams;
use super::params::Query;
use super::problem::Problem;
use crate::state::AppState;
use crate::store::deliveries::{DeliveryCounts, DeliveryRow};

/// Subscriptions in order of id.
#[utoipa::path(
    get,
    path = "/subscriptions",
    tag = "push",
    params(("after" = Option<String>, Query, description = "Last id of the page before"), ("per_page" = Option<i64>, Query, description = "1 to 1000")),
    security(("token" = [])),
    responses((status = 200, description = "Subscriptions", body = ref("#/components/schemas/Subscriptions")))
)]
pub async fn subscriptions(
    State(state): State<AppState>,
    Query(params): Query<ListParams>,
) -> Result<Json<Vec<Subscription>>, Problem> {
    Ok(Json(state.store.subscriptions_after(&params.after, params.limit()).await?))
}

/// Saves one subscription.
#[utoipa::path(
    post,
    path = "/subscriptions",
    tag = "push",
    request_body = ref("#/components/schemas/Subscription"),
    security(("token" = [])),
    responses(
        (status = 200, description = "Saved", body = ref("#/components/schemas/Subscription")),
        (status = 422, description = "No such enterprise, channel or address", body = ref("#/components/schemas/Problem"), content_type = "application/problem+json"),
    )
)]
pub async fn save_subscription(
    State(state): State<AppState>,
    Json(subscription): Json<Subscription>,
) -> Result<Json<Subscription>, Problem> {
    let wrong = |detail: &str| Problem::new(StatusCode::UNPROCESSABLE_ENTITY, detail);
    if subscription.id.is_empty() || subscription.id.len() > 200 {
        return Err(wrong("id 不能为空，且不超过 200 个字符"));
    }
    if subscription.channel != "mail" {
        return Err(wrong("channel 目前只支持 mail"));
    }
    if subscription.address.parse::<lettre::Address>().is_err() {
        return Err(wrong("address 不是有效的邮件地址"));
    }
    if state.store.enterprise(&subscription.enterprise_id).await?.is_none() {
        return Err(wrong("enterprise_id 没有对应的企业，请先保存企业画像"));
    }
    state.store.save_subscription(&subscription, state.clock.now()).await?;
    Ok(Json(subscription))
}

/// Which deliveries.
#[derive(Debug, Deserialize)]
pub struct DeliveryParams {
    state: Option<String>,
    page: Option<i64>,
    per_page: Option<i64>,
}

/// Deliveries and how many stand in each state.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Deliveries {
    /// How many stand in each state.
    counts: DeliveryCounts,
    /// The latest first.
    items: Vec<DeliveryRow>,
}

/// Deliveries, the latest first.
#[utoipa::path(
    get,
    path = "/deliveries",
    tag = "push",
    params(
        ("state" = Option<String>, Query, description = "waiting, pending, sent, failed or cancelled"),
        ("page" = Option<i64>, Query, description = "From 1"),
        ("per_page" = Option<i64>, Query, description = "1 to 1000"),
    ),
    security(("token" = [])),
    responses((status = 200, description = "Deliveries", body = ref("#/components/schemas/Deliveries")))
)]
pub async fn deliveries(
    State(state): State<AppState>,
    Query(params): Query<DeliveryParams>,
) -> Result<Json<Deliveries>, Problem> {
    if let Some(wanted) = &params.state
        && !["waiting", "pending", "sent", "failed", "cancelled"].contains(&wanted.as_str())
    {
        return Err(Problem::bad_request(format!(
            "state {wanted:?} 应为 waiting、pending、sent、failed、cancelled 之一"
        )));
    }
    let limit = params.per_page.unwrap_or(50).clamp(1, 1_000);
    let offset = params.page.unwrap_or(1).clamp(1, 1_000_000).saturating_sub(1) * limit;
    let items = state.store.deliveries(params.state.as_deref(), offset, limit).await?;
    Ok(Json(Deliveries { counts: state.store.delivery_counts().await?, items }))
}
