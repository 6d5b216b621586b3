//! Who may write, and read what is not public: holders of the token in `api.token`.

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use sha2::{Digest, Sha256};

use super::problem::Problem;
use crate::state::AppState;

/// Lets a request pass that carries `Authorization: Bearer TOKEN`.
pub async fn require_token(State(state): State<AppState>, request: Request<Body>, next: Next) -> Response {
    let expected = &state.config.api.token;
    if expected.is_empty() {
        return Problem::new(StatusCode::FORBIDDEN, "这个接口未开放：请先在配置中设置 api.token").into_response();
    }
    let given = request
        .headers()
        .get(header::AUTHORIZATION)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.strip_prefix("Bearer "))
        .unwrap_or_default();
    // digests are compared, so that the time taken says nothing of the token
    if Sha256::digest(given.trim()) == Sha256::digest(expected) {
        return next.run(request).await;
    }
    let mut problem =
        Problem::new(StatusCode::UNAUTHORIZED, "请在请求头中给出 Authorization: Bearer 令牌").into_response();
    problem.headers_mut().insert(header::WWW_AUTHENTICATE, header::HeaderValue::from_static("Bearer"));
    problem
}
