//! Import of files: JSONL (also `.gz` and `.zst`), CSV, XLSX.
//!
//! A row is read, understood and saved in batches; a batch and the progress through the file are one transaction, so
//! an import that is killed goes on where it was. A second import of the same file changes nothing: rows have stable
//! identities and the store writes only what differs.

pub(crate) mod lines;
mod rows;
mod table;

use std::fs::File;
use std::io::Read;
use std::path::Path;

use anyhow::{Context, bail};
use serde::Serialize;
use sha2::{Digest, Sha256};
use zhida_schemas::{ImportRow, Policy};

use self::rows::Row;
use crate::failpoint;
use crate::state::AppState;
use crate::store::imports::ImportedRow;
use crate::store::policies::Saved;

/// Rejected rows that are told in words; the rest is only counted.
const KEPT_REJECTED: usize = 200;

/// What one import did.
#[derive(Debug, Clone, Default, Serialize)]
pub struct ImportReport {
    /// Rows of this run: new, changed, unchanged and rejected ones.
    pub rows: u64,
    /// The last line that was read.
    pub lines: u64,
    /// Lines that an earlier, interrupted run had done.
    pub resumed: u64,
    /// Seen for the first time.
    pub new: u64,
    /// New versions.
    pub changed: u64,
    /// Stored already.
    pub unchanged: u64,
    /// Rejected rows.
    pub rejected: u64,
    /// The first of them, with line and reason.
    pub rejections: Vec<Rejection>,
}

/// A rejected row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Rejection {
    /// Line of the file, from 1.
    pub line: u64,
    /// What is wrong.
    pub reason: String,
}

/// Imports one file. `progress` is told how many bytes of the file (as stored) were read.
///
/// # Errors
/// The file cannot be read or is of no known format; the database failed. Bad rows are no error: they are reported.
pub async fn import(state: &AppState, path: &Path, mut progress: impl FnMut(u64)) -> anyhow::Result<ImportReport> {
    if std::fs::metadata(path).with_context(|| format!("打不开文件 {}", path.display()))?.len() == 0 {
        bail!("文件 {} 是空的", path.display());
    }
    let key = content_key(path)?;
    let done = state.store.import_position(&key).await?.max(0).unsigned_abs();
    let mut report = ImportReport { resumed: done, ..ImportReport::default() };
    let origin = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let source = format!("import:{origin}");

    // reading and unpacking block, so they have a thread of their own; the channel bounds what is in memory
    let (sender, mut receiver) = tokio::sync::mpsc::channel::<(Vec<Row>, u64)>(2);
    let file = path.to_owned();
    let reading = tokio::task::spawn_blocking(move || rows::read(&file, done, &sender));

    while let Some((rows, bytes_read)) = receiver.recv().await {
        let upto = rows.last().map_or(done, |(line, _)| *line);
        let source = source.clone();
        let (rows, rejections) = tokio::task::spawn_blocking(move || understand_rows(rows, &source)).await?;
        let (drafts, noted) = with_what_is_stored(state, rows, &mut report).await?;
        let now = state.clock.now();
        for (_, saved) in state.store.save_import_rows(&drafts, &noted, &key, i64::try_from(upto)?, now).await? {
            match saved {
                Saved::New(_) => report.new += 1,
                Saved::Changed(_) => report.changed += 1,
                Saved::Unchanged => report.unchanged += 1,
            }
        }
        failpoint::pass("import.after_batch");
        report.rejected += rejections.len() as u64;
        report.rejections.extend(rejections.into_iter().take(KEPT_REJECTED.saturating_sub(report.rejections.len())));
        report.lines = report.lines.max(upto);
        progress(bytes_read);
    }
    report.lines = reading.await??.max(report.lines);
    report.rows = report.new + report.changed + report.unchanged + report.rejected;
    state.store.forget_import(&key).await?;
    Ok(report)
}

/// A row that was understood.
struct Understood {
    /// What tells the row from others.
    key: String,
    /// A hash of what it says.
    hash: String,
    draft: Policy,
}

fn understand_rows(rows: Vec<Row>, source: &str) -> (Vec<Understood>, Vec<Rejection>) {
    let mut understood = Vec::with_capacity(rows.len());
    let mut rejections = Vec::new();
    for (line, row) in rows {
        match row {
            Ok(row) => {
                let key = row.origin.clone().unwrap_or_else(|| {
                    format!("{}|{}", row.policy.url.as_deref().unwrap_or_default(), row.policy.title)
                });
                let draft = draft(row, source);
                understood.push(Understood { key: hex(&key), hash: draft.content_hash(), draft });
            }
            Err(reason) => rejections.push(Rejection { line, reason }),
        }
    }
    (understood, rejections)
}

/// Leaves out the rows that say what they said before, and joins the others with what is stored: a row changes the
/// policy that it gave; a new row with the address of a policy fills what that lacks, unless its title is another.
async fn with_what_is_stored(
    state: &AppState,
    rows: Vec<Understood>,
    report: &mut ImportReport,
) -> anyhow::Result<(Vec<Policy>, Vec<ImportedRow>)> {
    let keys: Vec<String> = rows.iter().map(|row| row.key.clone()).collect();
    let known = state.store.imported_rows(&keys).await?;
    let mut ids: Vec<String> = rows.iter().map(|row| row.draft.id.clone()).collect();
    ids.extend(known.values().map(|row| row.policy_id.clone()));
    ids.sort_unstable();
    ids.dedup();
    // what editors and later documents say of a policy is none of the row's
    let mut current = state.store.stated(&ids).await?;

    let (mut drafts, mut noted) = (Vec::new(), Vec::new());
    for Understood { key, hash, mut draft } in rows {
        match known.get(&key) {
            Some(row) if row.hash == hash => {
                report.unchanged += 1;
                continue;
            }
            // a row whose policy joined another is still a place of its own there
            Some(row) => {
                if current.get(&draft.id).is_none_or(|(home, _)| *home != row.policy_id) {
                    draft.id.clone_from(&row.policy_id);
                }
            }
            None => {
                if let Some((_, there)) = current.get(&draft.id)
                    && there.title != draft.title
                    && !is_derived(there)
                    && !is_derived(&draft)
                {
                    // two documents under one address, a list page or a site without addresses of its own
                    draft.id = hex(&format!("{}|{}", draft.id, draft.title));
                }
                if let Some((_, there)) = current.get(&draft.id) {
                    fill(&mut draft, there);
                }
            }
        }
        let home = current.get(&draft.id).map_or_else(|| draft.id.clone(), |(home, _)| home.clone());
        current.insert(draft.id.clone(), (home, draft.clone()));
        noted.push(ImportedRow { key, policy_id: draft.id.clone(), hash });
        drafts.push(draft);
    }
    Ok((drafts, noted))
}

/// Whether the title was made of something else because the row had none.
fn is_derived(policy: &Policy) -> bool {
    policy.evidence.contains_key("title")
}

/// Takes over from a stored policy what a row does not say.
fn fill(draft: &mut Policy, there: &Policy) {
    if is_derived(draft) && !is_derived(there) {
        draft.title.clone_from(&there.title);
        draft.evidence.remove("title");
    }
    if draft.body_text.is_empty() {
        draft.body_text.clone_from(&there.body_text);
        draft.body_html.clone_from(&there.body_html);
        draft.attachments.clone_from(&there.attachments);
    }
    if draft.issuers.is_empty() {
        draft.issuers.clone_from(&there.issuers);
    }
    draft.doc_number = draft.doc_number.take().or_else(|| there.doc_number.clone());
    draft.index_number = draft.index_number.take().or_else(|| there.index_number.clone());
    draft.region_code = draft.region_code.take().or_else(|| there.region_code.clone());
    draft.level = draft.level.or(there.level);
    draft.kind = draft.kind.take().or_else(|| there.kind.clone());
    draft.published_on = draft.published_on.or(there.published_on);
    draft.written_on = draft.written_on.or(there.written_on);
}

/// The draft of a row: understood, with its identity.
pub fn draft(row: ImportRow, source: &str) -> Policy {
    let ImportRow { mut policy, origin } = row;
    policy.id = policy.identity(origin.as_deref());
    if !policy.body_html.is_empty() {
        policy.body_html = zhida_crawlers::extract::sanitised(&policy.body_html);
    }
    // a row comes from anywhere, so the region of the deployment must not complete a bare 市政府
    zhida_crawlers::understand(&mut policy, None);
    policy.source = Some(source.to_owned());
    policy
}

fn hex(text: &str) -> String {
    Sha256::digest(text.as_bytes()).iter().take(16).map(|byte| format!("{byte:02x}")).collect()
}

/// Names a file by what is in it.
fn content_key(path: &Path) -> anyhow::Result<String> {
    let mut file = File::open(path).with_context(|| format!("打不开文件 {}", path.display()))?;
    let mut hash = Sha256::new();
    let mut buffer = vec![0; 1 << 16];
    loop {
        let read = file.read(&mut buffer).with_context(|| format!("读不出文件 {}", path.display()))?;
        if read == 0 {
            break;
        }
        hash.update(&buffer[..read]);
    }
    Ok(hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect())
}
