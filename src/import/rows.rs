//! The rows of a file, in batches: JSONL, JSON, CSV, XLSX, packed or not.

use std::fs::File;
use std::io::Read;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use anyhow::{Context, bail};
use tokio::sync::mpsc::Sender;
use zhida_schemas::ImportRow;

use super::lines::{Decoder, Lines, too_long};
use super::table;

/// Rows of one transaction, and the text at which a batch is closed earlier.
const BATCH_ROWS: usize = 500;
const BATCH_BYTES: usize = 8 * 1024 * 1024;

/// Largest file that is one JSON array: it is held in memory.
const MAX_ARRAY: u64 = 64 * 1024 * 1024;

/// A row of the file, with its line.
pub type Row = (u64, Result<ImportRow, String>);

/// Reads the rows of a file after `done` lines, in batches with the number of bytes read (of the file as stored),
/// until the receiver is gone. Returns the last line.
///
/// # Errors
/// The file cannot be read, is of no known format, or has no header.
pub fn read(path: &Path, done: u64, sender: &Sender<(Vec<Row>, u64)>) -> anyhow::Result<u64> {
    let read = Arc::new(AtomicU64::new(0));
    let mut batch = Batch { rows: Vec::new(), bytes: 0, done, last: done, read: read.clone(), sender };
    let name = path.to_string_lossy().to_lowercase();
    if name.ends_with(".xlsx") {
        table::read_xlsx(path, &mut batch)?;
    } else {
        let counted = Counted { inner: File::open(path)?, read };
        let (text, inner): (Box<dyn Read>, &str) = if let Some(inner) = name.strip_suffix(".gz") {
            (Box::new(flate2::read::MultiGzDecoder::new(counted)), inner)
        } else if let Some(inner) = name.strip_suffix(".zst") {
            (Box::new(zstd::Decoder::new(counted)?), inner)
        } else {
            (Box::new(counted), name.as_str())
        };
        if [".csv", ".tsv", ".txt"].iter().any(|ending| inner.ends_with(ending)) {
            table::read_csv(Lines::new(text), &mut batch)?;
        } else if [".jsonl", ".ndjson", ".json"].iter().any(|ending| inner.ends_with(ending)) {
            read_jsonl(text, &mut batch)?;
        } else {
            bail!("不认识的文件类型：{}（可用 .jsonl、.jsonl.gz、.jsonl.zst、.csv、.xlsx）", path.display());
        }
    }
    batch.send()?;
    Ok(batch.last)
}

/// Rows that are gathered for one transaction.
pub struct Batch<'a> {
    rows: Vec<Row>,
    bytes: usize,
    done: u64,
    last: u64,
    read: Arc<AtomicU64>,
    sender: &'a Sender<(Vec<Row>, u64)>,
}

impl Batch<'_> {
    /// Takes the row of a line, unless an earlier run did; lines come in order.
    ///
    /// # Errors
    /// The import was broken off.
    pub fn push(
        &mut self,
        line: u64,
        bytes: usize,
        row: impl FnOnce() -> Result<ImportRow, String>,
    ) -> anyhow::Result<()> {
        self.last = self.last.max(line);
        if line <= self.done {
            return Ok(());
        }
        self.rows.push((line, row()));
        self.bytes += bytes;
        if self.rows.len() >= BATCH_ROWS || self.bytes >= BATCH_BYTES {
            self.send()?;
        }
        Ok(())
    }

    /// For a file that is read in one piece.
    pub fn whole_file_read(&self, size: u64) {
        self.read.store(size, Ordering::Relaxed);
    }

    fn send(&mut self) -> anyhow::Result<()> {
        self.bytes = 0;
        if self.rows.is_empty() {
            return Ok(());
        }
        let read = self.read.load(Ordering::Relaxed);
        self.sender.blocking_send((std::mem::take(&mut self.rows), read)).context("导入已中止")
    }
}

fn read_jsonl(mut text: impl Read, batch: &mut Batch<'_>) -> anyhow::Result<()> {
    // some systems write one array: its elements are the rows
    let mut head = Vec::new();
    text.by_ref().take(64).read_to_end(&mut head)?;
    let begins = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&head).trim_ascii_start();
    if begins.starts_with(b"[") {
        return read_array(head.as_slice().chain(text), batch);
    }
    let mut lines = Lines::new(head.as_slice().chain(text));
    let mut decoder = Decoder::default();
    let mut number = 0;
    while let Some(line) = lines.next()? {
        number += 1;
        match line {
            Err(length) => batch.push(number, 0, || Err(too_long(length)))?,
            Ok(bytes) => {
                let content = bytes.trim_ascii();
                if !content.is_empty() {
                    batch.push(number, content.len(), || json_row(&decoder.decode(content)?))?;
                }
            }
        }
    }
    Ok(())
}

fn json_row(line: &str) -> Result<ImportRow, String> {
    let value = serde_json::from_str(line).map_err(|error| {
        let hint = if error.is_eof() { "：每一行应是一个完整的 JSON 对象" } else { "" };
        // serde counts the lines of this line
        format!("不是有效的 JSON（第 {} 列：{}）{hint}", error.column(), what(&error))
    })?;
    ImportRow::from_json(value).map_err(|error| error.to_string())
}

fn what(error: &serde_json::Error) -> String {
    let text = error.to_string();
    text.split(" at line ").next().unwrap_or_default().to_owned()
}

fn read_array(text: impl Read, batch: &mut Batch<'_>) -> anyhow::Result<()> {
    let mut bytes = Vec::new();
    text.take(MAX_ARRAY + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > MAX_ARRAY {
        bail!("这个 JSON 数组超过 {} MB，请改为每行一个对象（.jsonl）", MAX_ARRAY >> 20);
    }
    let text = Decoder::default().decode(bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&bytes)).map(|t| t.into_owned());
    let values: Vec<serde_json::Value> = serde_json::from_str(&text.map_err(anyhow::Error::msg)?)
        .map_err(|error| anyhow::anyhow!("不是有效的 JSON（第 {} 行：{}）", error.line(), what(&error)))?;
    for (number, value) in (1..).zip(values) {
        batch.push(number, 1_000, || ImportRow::from_json(value).map_err(|error| error.to_string()))?;
    }
    Ok(())
}

/// Counts what is read through it, for the progress bar.
struct Counted {
    inner: File,
    read: Arc<AtomicU64>,
}

impl Read for Counted {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let read = self.inner.read(buffer)?;
        self.read.fetch_add(read as u64, Ordering::Relaxed);
        Ok(read)
    }
}
