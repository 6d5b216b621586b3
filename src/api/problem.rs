//! Every error of the API is a problem document (RFC 9457).

use axum::body::{Body, to_bytes};
use axum::extract::Request;
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use schemars::JsonSchema;
use serde::Serialize;

/// An error as RFC 9457 writes it.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct Problem {
    /// Always `about:blank`: the status says what kind of problem it is.
    #[serde(rename = "type")]
    pub kind: &'static str,
    /// The status in words.
    pub title: String,
    /// HTTP status.
    pub status: u16,
    /// What was wrong and what to do, in Chinese.
    pub detail: String,
}

/// Media type of a problem document.
pub const PROBLEM_JSON: &str = "application/problem+json";

impl Problem {
    /// A problem with this status.
    pub fn new(status: StatusCode, detail: impl Into<String>) -> Self {
        Self { kind: "about:blank", title: title_of(status).to_owned(), status: status.as_u16(), detail: detail.into() }
    }

    /// 404.
    pub fn not_found(what: &str) -> Self {
        Self::new(StatusCode::NOT_FOUND, format!("没有找到{what}，可能已被撤回，或编号有误"))
    }

    /// 400.
    pub fn bad_request(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, detail)
    }
}

fn title_of(status: StatusCode) -> &'static str {
    match status {
        StatusCode::BAD_REQUEST => "请求有误",
        StatusCode::UNAUTHORIZED => "需要令牌",
        StatusCode::FORBIDDEN => "没有权限",
        StatusCode::NOT_FOUND => "没有找到",
        StatusCode::GONE => "已撤下",
        StatusCode::CONFLICT => "与现状不符",
        StatusCode::METHOD_NOT_ALLOWED => "不支持这个方法",
        StatusCode::PAYLOAD_TOO_LARGE => "内容太大",
        StatusCode::UNSUPPORTED_MEDIA_TYPE => "不支持的内容类型",
        StatusCode::UNPROCESSABLE_ENTITY => "内容不合要求",
        StatusCode::SERVICE_UNAVAILABLE => "暂时不可用",
        status if status.is_server_error() => "服务器出错",
        _ => "请求未被接受",
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let body = serde_json::to_string(&self).unwrap_or_default();
        (status, [(header::CONTENT_TYPE, HeaderValue::from_static(PROBLEM_JSON))], body).into_response()
    }
}

impl From<crate::store::StoreError> for Problem {
    fn from(error: crate::store::StoreError) -> Self {
        tracing::error!(%error, "store failed");
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "数据库暂时不可用，请稍后再试")
    }
}

impl From<zhida_index::IndexError> for Problem {
    fn from(error: zhida_index::IndexError) -> Self {
        match error {
            zhida_index::IndexError::TooDeep(limit) => Self::bad_request(format!(
                "按页码最多可翻到第 {limit} 条结果：请增加检索词或筛选条件，或用 after 接着翻"
            )),
            zhida_index::IndexError::ForeignCursor => {
                Self::bad_request("after 属于另一次检索：检索词、筛选或排序变了，请从第一页开始")
            }
            error => {
                tracing::error!(%error, "index failed");
                Self::new(StatusCode::INTERNAL_SERVER_ERROR, "检索暂时不可用，请稍后再试")
            }
        }
    }
}

/// Turns whatever else refuses a request (an extractor, the router, a size limit, a caught panic) into a problem
/// document, so that a client has one kind of error to read.
pub async fn problems_only(request: Request<Body>, next: Next) -> Response {
    let response = next.run(request).await;
    let status = response.status();
    let is_error = status.is_client_error() || status.is_server_error();
    let kind = response.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if !is_error || kind.starts_with(PROBLEM_JSON) {
        return response;
    }
    let allow = response.headers().get(header::ALLOW).cloned();
    let said = match to_bytes(response.into_body(), 4096).await {
        Ok(bytes) if !status.is_server_error() => String::from_utf8_lossy(&bytes).into_owned(),
        _ => String::new(),
    };
    let mut problem = Problem::new(status, in_chinese(status, &said)).into_response();
    if let Some(allow) = allow {
        problem.headers_mut().insert(header::ALLOW, allow);
    }
    problem
}

/// What a library said, in words for a user: where it read JSON with its reason, which names the field.
fn in_chinese(status: StatusCode, said: &str) -> String {
    let json = [
        ("Failed to deserialize the JSON body into the target type: ", "JSON 的内容不合要求："),
        ("Failed to parse the request body as JSON: ", "不是有效的 JSON："),
    ];
    if let Some(text) = json.iter().find_map(|(theirs, ours)| Some(format!("{ours}{}", said.strip_prefix(theirs)?))) {
        return text;
    }
    match status {
        _ if said.chars().any(|c| ('\u{4e00}'..='\u{9fff}').contains(&c)) => said.to_owned(),
        StatusCode::UNSUPPORTED_MEDIA_TYPE => "请求头 Content-Type 应为 application/json".to_owned(),
        StatusCode::BAD_REQUEST => "请求有误：网址或内容读不出来，写法见 /api/openapi.json".to_owned(),
        status => title_of(status).to_owned(),
    }
}
