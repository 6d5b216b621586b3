//! Import of files: JSONL (also `.gz` and `.zst`), CSV, XLSX.
//!
//! A row is read, understood and saved in batches; a batch and the progress through the file are one transaction, so
//! an import that is killed goes on where it was. A second import of the same file changes nothing: rows have stable
//! identities and the store writes only what differs.

use std::collections::HashMap;
use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;

use anyhow::{Context, bail};
use serde::Serialize;
use sha2::{Digest, Sha256};
use zhida_schemas::{ImportRow, Policy};

use crate::failpoint;
use crate::state::AppState;
use crate::store::imports::ImportedRow;
use crate::store::policies::Saved;

/// Rows of one transaction, and the text at which a batch is closed earlier.
const BATCH_ROWS: usize = 500;
const BATCH_BYTES: usize = 8 * 1024 * 1024;

/// Longest line of a JSONL file; a longer one is rejected and passed over without being held in memory.
const MAX_LINE: usize = 16 * 1024 * 1024;

/// Largest spreadsheet: it is unpacked in memory.
const MAX_XLSX: u64 = 50 * 1024 * 1024;

/// Rejected rows that are told in words; the rest is only counted.
const KEPT_REJECTED: usize = 200;

/// What one import did.
#[derive(Debug, Clone, Default, Serialize)]
pub struct ImportReport {
    /// Rows in the file, those of an earlier, interrupted run included.
    pub rows: u64,
    /// Rows that an earlier, interrupted run had saved.
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

/// A row of the file, with its line.
type Row = (u64, Result<ImportRow, String>);

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
    let reading = tokio::task::spawn_blocking(move || read_rows(&file, done, &sender));

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
        report.rows = report.rows.max(upto);
        progress(bytes_read);
    }
    report.rows = reading.await??.max(report.rows);
    state.store.forget_import(&key).await?;
    Ok(report)
}

/// Reads the rows of a file after `done` lines, in batches, until the receiver is gone. Returns the last line.
fn read_rows(path: &Path, done: u64, sender: &tokio::sync::mpsc::Sender<(Vec<Row>, u64)>) -> anyhow::Result<u64> {
    let mut batch = Batch { rows: Vec::new(), bytes: 0, done, sender };
    let name = path.to_string_lossy().to_lowercase();
    if name.ends_with(".xlsx") {
        read_xlsx(path, &mut batch)?;
    } else {
        let file = File::open(path)?;
        let read = std::sync::Arc::new(std::sync::atomic::AtomicU64::new(0));
        let counted = Counted { inner: file, read: read.clone() };
        let (text, inner): (Box<dyn Read>, &str) = if let Some(inner) = name.strip_suffix(".gz") {
            (Box::new(flate2::read::MultiGzDecoder::new(counted)), inner)
        } else if let Some(inner) = name.strip_suffix(".zst") {
            (Box::new(zstd::Decoder::new(counted)?), inner)
        } else {
            (Box::new(counted), name.as_str())
        };
        let position = || read.load(std::sync::atomic::Ordering::Relaxed);
        if inner.ends_with(".csv") {
            read_csv(text, &mut batch, &position)?;
        } else if inner.ends_with(".jsonl") || inner.ends_with(".ndjson") || inner.ends_with(".json") {
            read_jsonl(BufReader::with_capacity(1 << 16, text), &mut batch, &position)?;
        } else {
            bail!("不认识的文件类型：{}（可用 .jsonl、.jsonl.gz、.jsonl.zst、.csv、.xlsx）", path.display());
        }
    }
    let last = batch.rows.last().map(|(line, _)| *line);
    batch.send(0)?;
    Ok(last.unwrap_or(done))
}

/// Rows that are gathered for one transaction.
struct Batch<'a> {
    rows: Vec<Row>,
    bytes: usize,
    done: u64,
    sender: &'a tokio::sync::mpsc::Sender<(Vec<Row>, u64)>,
}

impl Batch<'_> {
    fn push(
        &mut self,
        line: u64,
        bytes: usize,
        position: u64,
        row: impl FnOnce() -> Result<ImportRow, String>,
    ) -> anyhow::Result<()> {
        if line <= self.done {
            return Ok(());
        }
        self.rows.push((line, row()));
        self.bytes += bytes;
        if self.rows.len() >= BATCH_ROWS || self.bytes >= BATCH_BYTES {
            self.send(position)?;
        }
        Ok(())
    }

    fn send(&mut self, position: u64) -> anyhow::Result<()> {
        self.bytes = 0;
        if self.rows.is_empty() {
            return Ok(());
        }
        self.sender.blocking_send((std::mem::take(&mut self.rows), position)).context("导入已中止")
    }
}

fn read_jsonl(mut text: impl BufRead, batch: &mut Batch<'_>, position: &dyn Fn() -> u64) -> anyhow::Result<()> {
    let mut line = 0;
    let mut bytes = Vec::new();
    loop {
        bytes.clear();
        let length = read_line(&mut text, &mut bytes)?;
        if length == 0 {
            return Ok(());
        }
        line += 1;
        let content = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&bytes).trim_ascii();
        if content.is_empty() {
            continue;
        }
        batch.push(line, content.len(), position(), || {
            if length > MAX_LINE {
                return Err(format!("这一行有 {length} 字节，超过 {MAX_LINE} 字节的上限"));
            }
            let value = serde_json::from_slice(content).map_err(|error| format!("不是有效的 JSON：{error}"))?;
            ImportRow::from_json(value).map_err(|error| error.to_string())
        })?;
    }
}

/// Reads one line and returns its length; of a line over the limit only the beginning is kept.
fn read_line(text: &mut impl BufRead, kept: &mut Vec<u8>) -> std::io::Result<usize> {
    let mut length = 0;
    loop {
        let available = text.fill_buf()?;
        if available.is_empty() {
            return Ok(length);
        }
        let end = available.iter().position(|byte| *byte == b'\n');
        let taken = end.map_or(available.len(), |at| at + 1);
        if length < MAX_LINE {
            kept.extend_from_slice(&available[..taken.min(MAX_LINE - length + 1)]);
        }
        length += taken;
        text.consume(taken);
        if end.is_some() {
            return Ok(length);
        }
    }
}

fn read_csv(mut text: impl Read, batch: &mut Batch<'_>, position: &dyn Fn() -> u64) -> anyhow::Result<()> {
    // a CSV saved by a Chinese Excel may be GB18030; the head decides, and 64 KiB of it is plenty
    let mut head = Vec::new();
    text.by_ref().take(1 << 16).read_to_end(&mut head)?;
    let rest = head.clone();
    let encoding = match zhida_crawlers::charset::decode(&head, None).1 {
        "gb18030" | "GBK" => encoding_rs::GB18030,
        _ => encoding_rs::UTF_8,
    };
    let text = encoding_rs_io::DecodeReaderBytesBuilder::new()
        .encoding(Some(encoding))
        .build(std::io::Cursor::new(rest).chain(text));
    let mut reader = csv::ReaderBuilder::new().flexible(true).trim(csv::Trim::All).from_reader(text);
    let headers = reader.headers().context("CSV 的表头读不出来")?.clone();
    if headers.is_empty() {
        bail!("CSV 是空的：第一行应为表头（例如 标题,发文字号,发布日期,正文）");
    }
    let mut record = csv::StringRecord::new();
    let mut last_line = 1;
    loop {
        match reader.read_record(&mut record) {
            Ok(false) => return Ok(()),
            Ok(true) => {
                last_line = record.position().map_or(last_line + 1, csv::Position::line);
                let row =
                    || ImportRow::from_fields(headers.iter().zip(record.iter())).map_err(|error| error.to_string());
                batch.push(last_line, record.as_slice().len(), position(), row)?;
            }
            Err(error) if error.is_io_error() => return Err(error.into()),
            Err(error) => {
                last_line = error.position().map_or(last_line + 1, csv::Position::line);
                batch.push(last_line, 0, position(), || Err(format!("CSV 格式有误：{error}")))?;
            }
        }
    }
}

fn read_xlsx(path: &Path, batch: &mut Batch<'_>) -> anyhow::Result<()> {
    use calamine::Reader;
    let size = std::fs::metadata(path)?.len();
    if size > MAX_XLSX {
        bail!("表格 {} 超过 {} MB，请拆分或另存为 CSV", path.display(), MAX_XLSX >> 20);
    }
    let mut workbook: calamine::Xlsx<_> = calamine::open_workbook(path).context("打不开表格，文件可能已损坏")?;
    let range = workbook.worksheet_range_at(0).context("表格里没有工作表")?.context("读不出第一张工作表")?;
    let first_line = range.start().map_or(0, |(row, _)| u64::from(row)) + 1;
    let mut rows = range.rows();
    let Some(headers) = rows.next() else { bail!("工作表是空的：第一行应为表头") };
    let headers: Vec<String> = headers.iter().map(cell_text).collect();
    for (line, row) in (first_line + 1..).zip(rows) {
        let cells: Vec<String> = row.iter().map(cell_text).collect();
        if cells.iter().all(String::is_empty) {
            continue;
        }
        let bytes = cells.iter().map(String::len).sum();
        batch.push(line, bytes, size, || {
            let fields = headers.iter().map(String::as_str).zip(cells.iter().map(String::as_str));
            ImportRow::from_fields(fields).map_err(|error| error.to_string())
        })?;
    }
    Ok(())
}

/// A cell as a person sees it; a date as `YYYY-MM-DD`.
fn cell_text(cell: &calamine::Data) -> String {
    match cell {
        calamine::Data::DateTime(date) => {
            // days since 1899-12-30, the day 0 of Excel
            let day = chrono::NaiveDate::from_ymd_opt(1899, 12, 30)
                .and_then(|zero| zero.checked_add_days(chrono::Days::new(date.as_f64() as u64)));
            day.map(|day| day.to_string()).unwrap_or_default()
        }
        calamine::Data::Empty | calamine::Data::Error(_) => String::new(),
        other => other.to_string().trim().to_owned(),
    }
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
    let stored = state.store.policies(&ids).await?;
    let mut current: HashMap<String, Policy> = stored.into_iter().map(|policy| (policy.id.clone(), policy)).collect();

    let (mut drafts, mut noted) = (Vec::new(), Vec::new());
    for Understood { key, hash, mut draft } in rows {
        match known.get(&key) {
            Some(row) if row.hash == hash => {
                report.unchanged += 1;
                continue;
            }
            Some(row) => draft.id = row.policy_id.clone(),
            None => {
                if let Some(there) = current.get(&draft.id)
                    && there.title != draft.title
                    && !is_derived(there)
                    && !is_derived(&draft)
                {
                    // two documents under one address, a list page or a site without addresses of its own
                    draft.id = hex(&format!("{}|{}", draft.id, draft.title));
                }
                if let Some(there) = current.get(&draft.id) {
                    fill(&mut draft, there);
                }
            }
        }
        current.insert(draft.id.clone(), draft.clone());
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

/// Counts what is read through it, for the progress bar.
struct Counted {
    inner: File,
    read: std::sync::Arc<std::sync::atomic::AtomicU64>,
}

impl Read for Counted {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let read = self.inner.read(buffer)?;
        self.read.fetch_add(read as u64, std::sync::atomic::Ordering::Relaxed);
        Ok(read)
    }
}
