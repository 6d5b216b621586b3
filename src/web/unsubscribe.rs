//! Unsubscribing by the link of a mail, without a password: a page with a button, and RFC 8058 one-click.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;

use super::{failed, message};
use crate::push::unsubscribe::read;
use crate::state::AppState;

fn wrong(state: &AppState) -> Response {
    let text = "这个退订链接不完整或已失效，请从邮件里重新打开。";
    message(state, StatusCode::NOT_FOUND, "链接无效", text, None)
}

/// `GET /u/{token}`: says what will happen. A link that is only fetched, by a scanner say, changes nothing.
pub async fn ask(State(state): State<AppState>, Path(token): Path<String>) -> Response {
    let Some((_, address)) = read(&state.secret, &token) else { return wrong(&state) };
    let text = format!("确认后，{} 不再收到任何政策通知，尚未发出的也一并取消。", masked(&address));
    message(&state, StatusCode::OK, "退订政策通知", &text, Some((format!("/u/{token}"), "确认退订".to_owned())))
}

/// `POST /u/{token}`: at once, without cookie or login (RFC 8058).
pub async fn end(State(state): State<AppState>, Path(token): Path<String>) -> Response {
    let Some((channel, address)) = read(&state.secret, &token) else { return wrong(&state) };
    match state.store.unsubscribe(&channel, &address, "unsubscribe", state.clock.now()).await {
        Ok(_) => {
            let text = format!("{} 已退订，立即生效。", masked(&address));
            let undo = Some((format!("/u/{token}/undo"), "撤销，继续接收".to_owned()));
            message(&state, StatusCode::OK, "已退订", &text, undo)
        }
        Err(error) => failed(&state, &error),
    }
}

/// `POST /u/{token}/undo`
pub async fn undo(State(state): State<AppState>, Path(token): Path<String>) -> Response {
    let Some((channel, address)) = read(&state.secret, &token) else { return wrong(&state) };
    match state.store.resubscribe(&channel, &address, state.clock.now()).await {
        Ok(_) => message(&state, StatusCode::OK, "已恢复", "您会继续收到与企业有关的政策通知。", None),
        Err(error) => failed(&state, &error),
    }
}

/// Enough for the owner to recognise: `a***@example.com`.
fn masked(address: &str) -> String {
    match address.split_once('@') {
        Some((local, domain)) => format!("{}***@{domain}", local.chars().next().unwrap_or('*')),
        None => "***".to_owned(),
    }
}
