//! The history of a policy, and what one version changed.

use askama::Template;
use axum::extract::{Path, RawQuery, State};
use axum::http::StatusCode;
use axum::response::Response;
use url::form_urlencoded;
use zhida_schemas::Policy;

use super::policies::not_there;
use super::{Page, failed, message, show};
use crate::api::versions::{DiffParams, MAX_VERSIONS, compare};
use crate::clock;
use crate::state::AppState;
use crate::versions::{PieceKind, history};

#[derive(Template)]
#[template(path = "versions.html")]
struct Versions {
    page: Page,
    policy: Policy,
    rows: Vec<Row>,
    from: i64,
    to: i64,
    fields: Vec<Field>,
    text: Vec<Piece>,
}

/// A version in the list.
struct Row {
    version: i64,
    at: String,
    changed: String,
    note: String,
    /// Address of the comparison with the version before; none for the first.
    href: Option<String>,
    is_shown: bool,
}

struct Field {
    label: String,
    before: String,
    after: String,
    why: Option<String>,
}

struct Piece {
    kind: PieceKind,
    text: String,
    characters: usize,
}

impl Piece {
    fn is(&self, kind: &str) -> bool {
        match self.kind {
            PieceKind::Same => kind == "same",
            PieceKind::Deleted => kind == "deleted",
            PieceKind::Inserted => kind == "inserted",
            PieceKind::Folded => kind == "folded",
        }
    }
}

/// `GET /policies/{id}/versions`
pub async fn list(State(state): State<AppState>, Path(id): Path<String>, RawQuery(query): RawQuery) -> Response {
    let policy = match state.store.policy(&id).await {
        Ok(Some(policy)) => policy,
        Ok(None) => return not_there(&state, &id).await,
        Err(error) => return failed(&state, &error),
    };
    let mut params = DiffParams::default();
    for (name, value) in form_urlencoded::parse(query.as_deref().unwrap_or_default().as_bytes()) {
        match &*name {
            "from" => params.from = value.parse().ok(),
            "to" => params.to = value.parse().ok(),
            _ => {}
        }
    }
    let entries = match state.store.policy_history(&id, MAX_VERSIONS).await {
        Ok(versions) => history(&versions),
        Err(error) => return failed(&state, &error),
    };
    let difference = match compare(&state, policy.clone(), params).await {
        Ok(difference) => difference,
        Err(problem) => {
            let status = StatusCode::from_u16(problem.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
            return message(&state, status, "没有这一版", &problem.detail, None);
        }
    };
    let rows = entries.into_iter().map(|entry| {
        let labels: Vec<String> = entry.changed.into_iter().map(|changed| changed.label).collect();
        Row {
            version: entry.version,
            at: clock::local(entry.at).format("%Y-%m-%d %H:%M").to_string(),
            changed: if entry.version == 1 { "首次收录".to_owned() } else { labels.join("、") },
            note: entry.note.unwrap_or_default(),
            href: (entry.version > 1)
                .then(|| format!("/policies/{id}/versions?from={}&to={}#difference", entry.version - 1, entry.version)),
            is_shown: entry.version == difference.to,
        }
    });
    let fields = difference.fields.iter().map(|change| {
        let (before, after) = change.in_words();
        Field { label: change.label.clone(), before, after, why: change.evidence.clone() }
    });
    let versions = Versions {
        page: Page::of(&state),
        rows: rows.collect(),
        from: difference.from,
        to: difference.to,
        fields: fields.collect(),
        text: (difference.text.into_iter())
            .map(|piece| Piece { kind: piece.kind, text: piece.text, characters: piece.characters })
            .collect(),
        policy,
    };
    show(StatusCode::OK, &versions)
}
