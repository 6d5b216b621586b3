//! Endpoints that machines watch.

use std::sync::LazyLock;

use axum::Router;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use axum::routing::get;
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};

use super::problem::Problem;
use crate::state::AppState;

static METRICS: LazyLock<Option<PrometheusHandle>> =
    LazyLock::new(|| match PrometheusBuilder::new().install_recorder() {
        Ok(handle) => Some(handle),
        Err(error) => {
            tracing::warn!(%error, "metrics are off");
            None
        }
    });

/// How long the database may take to answer.
const PING: std::time::Duration = std::time::Duration::from_secs(2);

/// `/healthz`, `/readyz`, `/metrics`.
pub fn router() -> Router<AppState> {
    LazyLock::force(&METRICS);
    Router::new().route("/healthz", get(async || "ok")).route("/readyz", get(ready)).route("/metrics", get(metrics))
}

/// Ready when the database answers and the index can be read.
async fn ready(State(state): State<AppState>) -> Result<&'static str, Problem> {
    let failed = |what: &str| Problem::new(StatusCode::SERVICE_UNAVAILABLE, format!("{what}不可用"));
    let ping = tokio::time::timeout(PING, state.store.ping()).await;
    if !matches!(ping, Ok(Ok(()))) {
        return Err(failed("数据库"));
    }
    state.search.index().position().map_err(|_| failed("检索索引"))?;
    Ok("ready")
}

async fn metrics(State(state): State<AppState>) -> impl IntoResponse {
    if let Ok(counts) = state.store.delivery_counts().await {
        for (name, count) in [
            ("waiting", counts.waiting),
            ("pending", counts.pending),
            ("sent", counts.sent),
            ("failed", counts.failed),
            ("cancelled", counts.cancelled),
        ] {
            metrics::gauge!("zhida_deliveries", "state" => name).set(count as f64);
        }
    }
    if let Ok(head) = state.store.log_head().await {
        metrics::gauge!("zhida_log_head").set(head as f64);
    }
    let text = METRICS.as_ref().map(PrometheusHandle::render).unwrap_or_default();
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], text)
}
