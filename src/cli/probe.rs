use super::Shared;
use crate::state::AppState;
use std::path::Path;
pub async fn run(_: &Shared, _: &AppState, _: &str, _: usize, _: Option<&Path>) -> anyhow::Result<bool> {
    Ok(true)
}
