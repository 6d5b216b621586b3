//! JSON under `/api/v1`, its OpenAPI document, and the endpoints that machines watch.

pub mod access;
pub mod corrections;
pub mod enterprises;
pub mod health;
pub mod openapi;
pub mod params;
pub mod policies;
pub mod problem;
pub mod push;
pub mod searches;
pub mod sources;
pub mod versions;

use axum::extract::DefaultBodyLimit;
use axum::http::StatusCode;
use axum::routing::get;
use axum::{Json, Router, middleware};
use tower_http::catch_panic::CatchPanicLayer;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::state::AppState;
use problem::Problem;

/// Largest body of a request: a batch of policies.
const MAX_BODY: usize = 32 * 1024 * 1024;

/// An endpoint that never was is not withdrawn.
fn no_endpoint() -> Problem {
    Problem::new(StatusCode::NOT_FOUND, "没有找到这个接口")
}

/// The API and the endpoints that machines watch.
pub fn router(state: AppState) -> Router {
    let open = OpenApiRouter::new()
        .routes(routes!(policies::search))
        .routes(routes!(policies::read))
        .routes(routes!(policies::similar))
        .routes(routes!(policies::citations))
        .routes(routes!(versions::list))
        .routes(routes!(versions::read))
        .routes(routes!(versions::diff))
        .routes(routes!(policies::suggest))
        .routes(routes!(enterprises::match_profile));
    let guarded = OpenApiRouter::new()
        .routes(routes!(policies::publish))
        .routes(routes!(policies::withdraw))
        .routes(routes!(policies::restore))
        .routes(routes!(corrections::list))
        .routes(routes!(corrections::save, corrections::remove))
        .routes(routes!(enterprises::list, enterprises::save))
        .routes(routes!(enterprises::read))
        .routes(routes!(push::subscriptions, push::save_subscription))
        .routes(routes!(push::deliveries))
        .routes(routes!(sources::list))
        .routes(routes!(sources::read, sources::save, sources::remove))
        .routes(routes!(sources::versions))
        .routes(routes!(sources::runs))
        .routes(routes!(sources::alarms))
        .routes(routes!(sources::page))
        .routes(routes!(searches::searches))
        .route_layer(middleware::from_fn_with_state(state.clone(), access::require_token));
    let (api, document) = OpenApiRouter::new().nest("/api/v1", open.merge(guarded)).split_for_parts();
    let document = openapi::complete(document, &state.config.platform.name);

    let api = api
        .route("/api/openapi.json", get(move || std::future::ready(Json(document.clone()))))
        .route("/api", axum::routing::any(async || no_endpoint()))
        .route("/api/{*rest}", axum::routing::any(async || no_endpoint()));
    Router::new()
        .merge(api)
        .merge(health::router())
        .layer(DefaultBodyLimit::max(MAX_BODY))
        .layer(CatchPanicLayer::new())
        .layer(middleware::from_fn(problem::problems_only))
        .with_state(state)
}
