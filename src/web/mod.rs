//! Server-rendered pages: search, a policy, unsubscribing, and the demo's mails. Every page works without JavaScript.

mod feed;
mod mails;
mod policies;
mod unsubscribe;
mod versions;

use askama::Template;
use axum::Router;
use axum::body::Body;
use axum::extract::{Path, Request};
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::{get, post};
use rust_embed::RustEmbed;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;

use crate::state::AppState;

#[derive(RustEmbed)]
#[folder = "assets"]
struct Assets;

/// No code, no other host, no framing by others.
const POLICY: &str = "default-src 'none'; style-src 'self'; img-src 'self' data:; frame-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// The pages.
pub fn router(state: AppState) -> Router {
    let mut pages = Router::new()
        .route("/", get(policies::front))
        .route("/search", get(policies::search))
        .route("/policies/{id}", get(policies::read))
        .route("/policies/{id}/versions", get(versions::list))
        .route(feed::PATH, get(feed::policies))
        .route("/u/{token}", get(unsubscribe::ask).post(unsubscribe::end))
        .route("/u/{token}/undo", post(unsubscribe::undo));
    if state.caught.is_some() {
        pages = pages
            .route("/mails", get(mails::list))
            .route("/mails/{number}", get(mails::read))
            .route("/mails/{number}/html", get(mails::html));
    }
    pages
        .route("/assets/{name}", get(asset))
        .route("/favicon.svg", get(async || asset(Path("favicon.svg".to_owned())).await))
        .route("/robots.txt", get(async || "User-agent: *\nDisallow: /u/\nDisallow: /mails\n"))
        .fallback(not_found)
        .layer(CatchPanicLayer::custom(|_: Box<dyn std::any::Any + Send>| {
            (StatusCode::INTERNAL_SERVER_ERROR, "服务器出错，请稍后再试").into_response()
        }))
        .layer(middleware::from_fn(headers))
        .layer(CompressionLayer::new())
        .with_state(state)
}

/// What every page shows around its content.
pub struct Page {
    name: String,
    contact: String,
    style: String,
    demo: bool,
}

impl Page {
    fn of(state: &AppState) -> Self {
        // the style's name changes with its content, so that a browser may keep it for ever
        let hash = Assets::get("style.css").map(|file| file.metadata.sha256_hash()[0..4].to_vec()).unwrap_or_default();
        let hash: String = hash.iter().map(|byte| format!("{byte:02x}")).collect();
        Self {
            name: state.config.platform.name.clone(),
            contact: state.config.platform.contact.clone(),
            style: format!("style.css?{hash}"),
            demo: state.caught.is_some(),
        }
    }
}

#[derive(Template)]
#[template(path = "message.html")]
struct Message {
    page: Page,
    heading: String,
    text: String,
    /// Address and label of a button.
    form: Option<(String, String)>,
}

fn show(status: StatusCode, page: &impl Template) -> Response {
    match page.render() {
        Ok(html) => (status, Html(html)).into_response(),
        Err(error) => {
            tracing::error!(%error, "page not rendered");
            (StatusCode::INTERNAL_SERVER_ERROR, "服务器出错，请稍后再试").into_response()
        }
    }
}

fn message(
    state: &AppState,
    status: StatusCode,
    heading: &str,
    text: &str,
    form: Option<(String, String)>,
) -> Response {
    show(status, &Message { page: Page::of(state), heading: heading.to_owned(), text: text.to_owned(), form })
}

fn failed(state: &AppState, error: &dyn std::fmt::Display) -> Response {
    tracing::error!(%error, "page failed");
    message(state, StatusCode::INTERNAL_SERVER_ERROR, "服务器出错", "请稍后再试；如果一直这样，请告诉管理员。", None)
}

async fn not_found(axum::extract::State(state): axum::extract::State<AppState>) -> Response {
    message(&state, StatusCode::NOT_FOUND, "没有这个网页", "网址可能有误，或内容已被撤回。可以从首页重新检索。", None)
}

async fn asset(Path(name): Path<String>) -> Response {
    let Some(file) = Assets::get(&name) else { return StatusCode::NOT_FOUND.into_response() };
    let kind = file.metadata.mimetype().to_owned();
    let headers =
        [(header::CONTENT_TYPE, kind), (header::CACHE_CONTROL, "public, max-age=31536000, immutable".to_owned())];
    (headers, file.data.into_owned()).into_response()
}

async fn headers(request: Request<Body>, next: Next) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    headers.entry(header::CONTENT_SECURITY_POLICY).or_insert(HeaderValue::from_static(POLICY));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("same-origin"));
    response
}
