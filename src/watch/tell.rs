//! Telling editors of alarms, by mail.

use std::collections::BTreeMap;

use askama::Template;

use crate::push::channels::{Channels, Outcome, mail};
use crate::push::render::{Rendered, one_line};
use crate::state::AppState;
use crate::store::alarms::Alarm;

/// How long alarms belong to the process that tells them.
const LEASE_MS: i64 = 5 * 60_000;

/// Mails every open alarm that nobody was told of to the editors of its source: one mail for each editor. Alarms for
/// which there is no editor, or no mail, stay visible in the commands and count as not told.
///
/// # Errors
/// The database failed.
pub async fn tell(state: &AppState, channels: &Channels) -> anyhow::Result<()> {
    let Some(channel) = channels.get(mail::NAME) else { return Ok(()) };
    let defined = state.sources.defined(&state.store).await?;
    let now = state.clock.now();
    let mut by_editor: BTreeMap<String, Vec<(Alarm, String)>> = BTreeMap::new();
    for alarm in state.store.lease_alarms(now, LEASE_MS).await? {
        let source = defined.get(&alarm.source);
        let title = source.map_or_else(|| alarm.source.clone(), |source| source.title.clone());
        let own = source.and_then(|source| source.editor.clone());
        for editor in state.config.crawl.editors.iter().cloned().chain(own) {
            by_editor.entry(editor).or_default().push((alarm.clone(), title.clone()));
        }
    }
    let mut told = Vec::new();
    for (editor, alarms) in &by_editor {
        match channel.send(&mail_of(editor, alarms, &state.config.platform.name)?).await {
            Outcome::Delivered => told.extend(alarms.iter().map(|(alarm, _)| alarm.id)),
            outcome => tracing::warn!(?outcome, "an editor was not told of alarms; tried again"),
        }
    }
    told.sort_unstable();
    told.dedup();
    state.store.alarms_told(&told, state.clock.now()).await?;
    Ok(())
}

/// The same alarms give the same message, so that a mail that is sent again after a crash is known as the same.
fn mail_of(editor: &str, alarms: &[(Alarm, String)], platform: &str) -> Result<Rendered, askama::Error> {
    let ids = || alarms.iter().map(|(alarm, _)| alarm.id);
    let subject = match alarms {
        [(alarm, title)] => format!("【信息源告警】{}：{}", one_line(title), alarm.kind.title()),
        several => format!("【信息源告警】{} 项需要处理", several.len()),
    };
    let entries: Vec<Entry<'_>> = alarms.iter().map(|(alarm, title)| Entry::of(alarm, title)).collect();
    Ok(Rendered {
        id: format!("alarm-{}-{}-{}", ids().min().unwrap_or_default(), ids().max().unwrap_or_default(), alarms.len()),
        to: editor.to_owned(),
        digest: false,
        created_at: alarms.iter().map(|(alarm, _)| alarm.raised_at).max().unwrap_or_default(),
        text: Text { entries: &entries, platform }.render()?,
        html: Html { entries: &entries, platform, subject: &subject }.render()?,
        subject,
        unsubscribe_url: None,
    })
}

/// An alarm in words.
struct Entry<'a> {
    heading: String,
    text: String,
    url: Option<String>,
    source: &'a str,
    copy: Option<i64>,
    good_copy: Option<i64>,
}

impl<'a> Entry<'a> {
    fn of(alarm: &'a Alarm, title: &str) -> Self {
        Self {
            heading: format!("{}：{}", one_line(title), alarm.kind.title()),
            text: one_line(&alarm.evidence.text),
            url: alarm.evidence.url.as_deref().map(one_line),
            source: &alarm.source,
            copy: alarm.evidence.copy,
            good_copy: alarm.evidence.good_copy,
        }
    }
}

#[derive(Template)]
#[template(path = "mail/alarm.txt", escape = "none")]
struct Text<'a> {
    entries: &'a [Entry<'a>],
    platform: &'a str,
}

#[derive(Template)]
#[template(path = "mail/alarm.html")]
struct Html<'a> {
    entries: &'a [Entry<'a>],
    platform: &'a str,
    subject: &'a str,
}
