//! Spreadsheets: XLSX and XLS, read by calamine within bounds of their own.

use std::fmt::Write;
use std::io::{Cursor, Read};

use calamine::{Data, Reader, Xls, Xlsx};
use chrono::{Days, NaiveDate};

use super::MAX_TEXT;

/// Most cells of an old workbook's sheets: calamine lays out each sheet as a whole, from its first cell to its last.
const MAX_CELLS: u64 = 3_000_000;

/// Largest stream of an old workbook, in bytes.
const MAX_STREAM: u64 = 64 * 1024 * 1024;

/// Text of a workbook whose ZIP was checked: `name of the sheet` on a line of its own when there are several, rows by
/// line feeds, cells by tabs.
///
/// # Errors
/// It is damaged or encrypted (in Chinese).
pub fn xlsx(bytes: Vec<u8>) -> Result<String, String> {
    let mut workbook = Xlsx::new(Cursor::new(bytes)).map_err(damaged)?;
    let mut text = String::new();
    let names = workbook.sheet_names();
    for name in &names {
        let begin = text.len();
        let Ok(mut cells) = workbook.worksheet_cells_reader(name) else { continue };
        let (mut row, mut column) = (0, 0);
        // what was read before the damage is kept
        while let Ok(Some(cell)) = cells.next_cell() {
            let value = shown(&Data::from(cell.get_value().clone()));
            if value.is_empty() || text.len() > MAX_TEXT {
                continue;
            }
            let (at, across) = cell.get_position();
            if text.len() == begin && names.len() > 1 {
                let _ = write!(text, "{name}");
                (row, column) = (u32::MAX, 0);
            }
            if at != row && !text.is_empty() {
                text.push('\n');
                column = 0;
            }
            if column < across && !text.is_empty() && !text.ends_with('\n') {
                text.push('\t');
            }
            (row, column) = (at, across);
            text.push_str(&value);
        }
        if text.len() > begin {
            text.push('\n');
        }
    }
    Ok(text)
}

/// Text of a workbook of Excel 97 and the like.
///
/// # Errors
/// It is damaged, encrypted, or has too large sheets (in Chinese).
pub fn xls(bytes: Vec<u8>) -> Result<String, String> {
    let cells = area(&bytes).ok_or_else(|| "文件已损坏".to_owned())?;
    if cells > MAX_CELLS {
        return Err(format!("表格范围有 {cells} 格，超过 {MAX_CELLS} 格的上限"));
    }
    let mut workbook = Xls::new(Cursor::new(bytes)).map_err(damaged)?;
    let mut text = String::new();
    let names = workbook.sheet_names();
    for name in &names {
        let Ok(range) = workbook.worksheet_range(name) else { continue };
        if range.is_empty() {
            continue;
        }
        if names.len() > 1 {
            let _ = writeln!(text, "{name}");
        }
        for row in range.rows() {
            let cells: Vec<String> = row.iter().map(shown).filter(|cell| !cell.is_empty()).collect();
            if !cells.is_empty() {
                let _ = writeln!(text, "{}", cells.join("\t"));
            }
            if text.len() > MAX_TEXT {
                return Ok(text);
            }
        }
    }
    Ok(text)
}

fn damaged(error: impl std::fmt::Display) -> String {
    let password = error.to_string().to_ascii_lowercase().contains("password");
    if password { "文件已加密" } else { "文件已损坏" }.to_owned()
}

/// A cell on one line; a date as `YYYY-MM-DD`.
fn shown(cell: &Data) -> String {
    match cell {
        Data::DateTime(date) if date.is_datetime() => {
            // days since 1899-12-30, the day 0 of Excel
            let zero = NaiveDate::from_ymd_opt(1899, 12, 30);
            let day = zero.and_then(|zero| zero.checked_add_days(Days::new(date.as_f64() as u64)));
            day.map(|day| day.to_string()).unwrap_or_default()
        }
        Data::Empty | Data::Error(_) => String::new(),
        other => other.to_string().split_whitespace().collect::<Vec<_>>().join(" "),
    }
}

/// How many cells the sheets of an old workbook span, all together; `None` when it is no such file.
fn area(bytes: &[u8]) -> Option<u64> {
    const BEGIN: u16 = 0x0809;
    const MANY: u16 = 0x00BD;
    const CELLS: &[u16] = &[0x0006, 0x00D6, 0x00FD, 0x0203, 0x0204, 0x0205, 0x027E, MANY];
    let mut file = cfb::CompoundFile::open(Cursor::new(bytes)).ok()?;
    let stream = ["/Workbook", "/Book"].into_iter().find(|name| file.is_stream(name))?;
    let mut records = Vec::new();
    file.open_stream(stream).ok()?.take(MAX_STREAM).read_to_end(&mut records).ok()?;
    let (mut all, mut sheet) = (0_u64, None::<[u64; 4]>);
    let size =
        |sheet: Option<[u64; 4]>| sheet.map_or(0, |[top, bottom, left, right]| (bottom - top + 1) * (right - left + 1));
    let mut rest = records.as_slice();
    while let [a, b, c, d, behind @ ..] = rest {
        let (kind, length) = (u16::from_le_bytes([*a, *b]), usize::from(u16::from_le_bytes([*c, *d])));
        let Some((data, behind)) = behind.split_at_checked(length) else { break };
        rest = behind;
        if kind == BEGIN {
            all = all.saturating_add(size(sheet.take()));
        }
        if CELLS.contains(&kind)
            && let [r0, r1, c0, c1, ..] = data
        {
            let row = u64::from(u16::from_le_bytes([*r0, *r1]));
            let column = u64::from(u16::from_le_bytes([*c0, *c1]));
            let last = if kind == MANY { column + (data.len() / 6) as u64 } else { column };
            let [top, bottom, left, right] = sheet.unwrap_or([row, row, column, last]);
            sheet = Some([top.min(row), bottom.max(row), left.min(column), right.max(last)]);
        }
    }
    Some(all.saturating_add(size(sheet)))
}
