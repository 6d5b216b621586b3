//! The demo's inbox: mails that the built-in server caught.

use askama::Template;
use axum::extract::{Path, State};
use axum::http::{StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use mail_parser::MessageParser;

use super::{Page, message, show};
use crate::clock;
use crate::push::catcher::CaughtMail;
use crate::state::AppState;

struct Row {
    number: usize,
    subject: String,
    to: String,
    at: String,
}

#[derive(Template)]
#[template(path = "mails.html")]
struct List {
    page: Page,
    mails: Vec<Row>,
}

#[derive(Template)]
#[template(path = "mail.html")]
struct Reading {
    page: Page,
    mail: Row,
    headers: Vec<(&'static str, String)>,
    text: String,
}

fn row(number: usize, mail: &CaughtMail) -> Row {
    let subject = MessageParser::default().parse(&mail.data).and_then(|parsed| parsed.subject().map(str::to_owned));
    Row {
        number,
        subject: subject.unwrap_or_else(|| "（没有主题）".to_owned()),
        to: mail.to.join("、"),
        at: clock::local(mail.received_at).format("%Y-%m-%d %H:%M:%S").to_string(),
    }
}

fn find(state: &AppState, number: &str) -> Option<(usize, CaughtMail)> {
    let number: usize = number.parse().ok()?;
    Some((number, state.caught.as_ref()?.mails().into_iter().nth(number.checked_sub(1)?)?))
}

fn missing(state: &AppState) -> Response {
    message(state, StatusCode::NOT_FOUND, "没有这封邮件", "演示重新开始后，以前的邮件就不在了。", None)
}

/// `GET /mails`
pub async fn list(State(state): State<AppState>) -> Response {
    let caught = state.caught.as_ref().map(|caught| caught.mails()).unwrap_or_default();
    let mut mails: Vec<Row> = (1..).zip(&caught).map(|(number, mail)| row(number, mail)).collect();
    mails.reverse();
    show(StatusCode::OK, &List { page: Page::of(&state), mails })
}

/// `GET /mails/{number}`
pub async fn read(State(state): State<AppState>, Path(number): Path<String>) -> Response {
    let Some((number, mail)) = find(&state, &number) else { return missing(&state) };
    let parsed = MessageParser::default().parse(&mail.data);
    let header = |name: &str| {
        parsed
            .as_ref()
            .and_then(|parsed| parsed.header_raw(name))
            .map(|value| value.trim().to_owned())
            .unwrap_or_default()
    };
    let headers = [
        ("发件人", mail.from.clone()),
        ("收件人", mail.to.join("、")),
        ("时间", row(number, &mail).at),
        ("编号", header("Message-ID")),
        ("退订", header("List-Unsubscribe")),
    ];
    let headers = headers.into_iter().filter(|(_, value)| !value.is_empty()).collect();
    let text = parsed.as_ref().and_then(|parsed| parsed.body_text(0)).map(|text| text.into_owned()).unwrap_or_default();
    show(StatusCode::OK, &Reading { page: Page::of(&state), mail: row(number, &mail), headers, text })
}

/// `GET /mails/{number}/html`: the HTML part alone, for the frame. Its own styles are allowed, code is not.
pub async fn html(State(state): State<AppState>, Path(number): Path<String>) -> Response {
    let Some((_, mail)) = find(&state, &number) else { return missing(&state) };
    let parsed = MessageParser::default().parse(&mail.data);
    let html = parsed.as_ref().and_then(|parsed| parsed.body_html(0)).map(|html| html.into_owned()).unwrap_or_default();
    let policy = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'self'; sandbox allow-popups allow-top-navigation-by-user-activation";
    ([(header::CONTENT_SECURITY_POLICY, policy)], Html(html)).into_response()
}
