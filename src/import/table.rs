//! Tables: CSV as Excel and others write it, and XLSX.

use std::collections::VecDeque;
use std::path::Path;

use anyhow::{Context, bail};
use calamine::Reader;
use zhida_schemas::ImportRow;

use super::lines::{Decoder, Line, Lines, MAX_LINE, too_long};
use super::rows::Batch;

/// Lines in which the header is looked for: a name of the table often stands above it.
const HEADER_LINES: usize = 10;

/// Largest spreadsheet, and most cells of a row that are looked at.
const MAX_XLSX: u64 = 50 * 1024 * 1024;
const MAX_COLUMNS: usize = 500;

/// The names of the columns.
struct Header(Vec<String>);

impl Header {
    /// How far a line of cells looks like a header: the number of columns that are known.
    fn known(cells: &[String]) -> usize {
        cells.iter().filter(|cell| ImportRow::knows(cell)).count()
    }

    /// The first of some lines that has most known columns, at least one.
    fn find(lines: &[Vec<String>]) -> Option<usize> {
        let best = lines.iter().map(|cells| Self::known(cells)).max().filter(|&known| known > 0)?;
        lines.iter().position(|cells| Self::known(cells) == best)
    }

    fn missing(lines: &[Vec<String>]) -> anyhow::Error {
        let first = lines.iter().find(|cells| cells.iter().any(|cell| !cell.is_empty()));
        let Some(first) = first else {
            return anyhow::anyhow!("表格是空的：第一行应为表头（例如 标题,发文字号,发布日期,正文）");
        };
        let names: Vec<&str> = first.iter().map(String::as_str).filter(|cell| !cell.is_empty()).take(8).collect();
        anyhow::anyhow!(
            "没有找到表头：前 {HEADER_LINES} 行里没有认识的列名（读到的是 {}）。表头应有 标题、正文、发文字号、发布日期、发文机关、链接 等列",
            names.join("、").chars().take(80).collect::<String>()
        )
    }

    fn row(&self, cells: &[String]) -> Result<ImportRow, String> {
        // a comma that is no separator shifts the cells behind it: their columns would be guessed
        if let Some(surplus) = cells.iter().skip(self.0.len()).find(|cell| !cell.is_empty()) {
            let surplus: String = surplus.chars().take(20).collect();
            return Err(format!("比表头多出一格“{surplus}”：含有分隔符的内容应放在引号里"));
        }
        let fields = self.0.iter().map(String::as_str).zip(cells.iter().map(String::as_str));
        ImportRow::from_fields(fields).map_err(|error| error.to_string())
    }
}

/// Reads a CSV; the separator may be a comma, a semicolon or a tab.
///
/// # Errors
/// The file cannot be read or has no header.
pub fn read_csv(mut lines: Lines<'_>, batch: &mut Batch<'_>) -> anyhow::Result<()> {
    let mut head = VecDeque::new();
    while head.len() < HEADER_LINES
        && let Some(line) = lines.next()?
    {
        head.push_back(line);
    }
    let texts: Vec<String> = head
        .iter()
        .map(|line| line.as_ref().ok().and_then(|line| Some(Decoder::default().decode(line).ok()?.into_owned())))
        .map(Option::unwrap_or_default)
        .collect();
    let cut = |separator: u8| -> Vec<Vec<String>> { texts.iter().map(|line| cells(line, separator)).collect() };
    let known = |separator: &u8| cut(*separator).iter().map(|cells| Header::known(cells)).max();
    // of equals the last is taken, so the comma comes last
    let separator = [b'\t', b';', b','].into_iter().max_by_key(known).unwrap_or(b',');
    let table = cut(separator);
    let at = Header::find(&table).ok_or_else(|| Header::missing(&table))?;
    let header = Header(table[at].clone());

    let mut records = Records { lines, ahead: head, number: 0, separator };
    let mut decoder = Decoder::default();
    while let Some((line, record)) = records.next()? {
        if line <= at as u64 + 1 {
            continue;
        }
        match record {
            Err(reason) => batch.push(line, 0, || Err(reason))?,
            Ok(bytes) if bytes.iter().all(|byte| byte.is_ascii_whitespace() || *byte == separator) => {}
            Ok(bytes) => batch.push(line, bytes.len(), || header.row(&cells(&decoder.decode(&bytes)?, separator)))?,
        }
    }
    Ok(())
}

/// The cells of one record.
fn cells(record: &str, separator: u8) -> Vec<String> {
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(separator)
        .trim(csv::Trim::All)
        .buffer_capacity(record.len().clamp(64, 1 << 16))
        .from_reader(record.as_bytes());
    let mut cells = csv::StringRecord::new();
    match reader.read_record(&mut cells) {
        Ok(true) => cells.iter().map(str::to_owned).collect(),
        _ => Vec::new(),
    }
}

/// The line on which a record begins, and its bytes or what is wrong with it.
type Record = (u64, Result<Vec<u8>, String>);

/// The records of a CSV (RFC 4180): lines, joined where a quoted cell holds line breaks. A quote that is never closed
/// costs its own line, and not all that follow.
struct Records<'a> {
    lines: Lines<'a>,
    /// Lines that are to be read before the others.
    ahead: VecDeque<Line>,
    /// Lines read.
    number: u64,
    separator: u8,
}

impl Records<'_> {
    fn line(&mut self) -> std::io::Result<Option<Line>> {
        match self.ahead.pop_front() {
            Some(line) => Ok(Some(line)),
            None => self.lines.next(),
        }
    }

    /// The next record.
    fn next(&mut self) -> std::io::Result<Option<Record>> {
        let first = match self.line()? {
            None => return Ok(None),
            Some(Err(length)) => {
                self.number += 1;
                return Ok(Some((self.number, Err(too_long(length)))));
            }
            Some(Ok(line)) => line,
        };
        self.number += 1;
        let begins = self.number;
        // a stray quote is sloppy, but its record ends on its own line
        let mut inside = quote_open(&first, false, self.separator).unwrap_or_default();
        let mut record = first;
        let mut joined: Vec<Line> = Vec::new();
        while inside {
            let next = self.line()?;
            let state = match &next {
                Some(Ok(line)) if record.len() + line.len() <= MAX_LINE => quote_open(line, true, self.separator),
                _ => Err(Stray),
            };
            let ended = next.is_none();
            if let Some(line) = next {
                if let Ok(line) = &line {
                    record.extend_from_slice(line);
                }
                joined.push(line);
            }
            match state {
                Ok(still) if !ended => inside = still,
                // the quote was never closed: the lines behind the first are lines of their own
                _ => {
                    for line in joined.into_iter().rev() {
                        self.ahead.push_front(line);
                    }
                    return Ok(Some((begins, Err("引号没有关闭，这一行没有导入".to_owned()))));
                }
            }
        }
        self.number += joined.len() as u64;
        Ok(Some((begins, Ok(record))))
    }
}

/// A quote closes and is followed by something else than a separator or the end of the line.
struct Stray;

/// Whether a quoted cell is open at the end of a line, given whether one is at its beginning.
fn quote_open(line: &[u8], mut inside: bool, separator: u8) -> Result<bool, Stray> {
    let mut at = 0;
    let mut begins_cell = !inside;
    while at < line.len() {
        let byte = line[at];
        if inside {
            if byte == b'"' {
                match line.get(at + 1) {
                    Some(b'"') => at += 1,
                    None | Some(b'\r' | b'\n') => inside = false,
                    Some(next) if *next == separator => inside = false,
                    Some(b' ') => inside = false,
                    Some(_) => return Err(Stray),
                }
            }
            begins_cell = false;
        } else if byte == b'"' && begins_cell {
            inside = true;
        } else {
            begins_cell = byte == separator || (begins_cell && byte == b' ');
        }
        at += 1;
    }
    Ok(inside)
}

/// Reads every sheet of a workbook, each with a header of its own. A line of a later sheet counts on from the sheet
/// before; what is wrong with it names the sheet.
///
/// # Errors
/// The file cannot be read, is too large, or no sheet has a header.
pub fn read_xlsx(path: &Path, batch: &mut Batch<'_>) -> anyhow::Result<()> {
    let size = std::fs::metadata(path)?.len();
    if size > MAX_XLSX {
        bail!("表格 {} 超过 {} MB，请拆分或另存为 CSV", path.display(), MAX_XLSX >> 20);
    }
    let mut workbook: calamine::Xlsx<_> = calamine::open_workbook(path).context("打不开表格，文件可能已损坏")?;
    batch.whole_file_read(size);
    let sheets = workbook.sheet_names();
    let mut before = 0;
    let mut without_header = Vec::new();
    for (number, sheet) in sheets.iter().enumerate() {
        let mut rows = SheetRows { cells: workbook.worksheet_cells_reader(sheet)?, next: None };
        let mut head: Vec<(u64, Vec<String>)> = Vec::new();
        while head.len() < HEADER_LINES
            && let Some(row) = rows.next()?
        {
            head.push(row);
        }
        let table: Vec<Vec<String>> = head.iter().map(|(_, cells)| cells.clone()).collect();
        let Some(at) = Header::find(&table) else {
            without_header.push((sheet.clone(), Header::missing(&table), table.is_empty()));
            continue;
        };
        let header = Header(table[at].clone());
        let mut head = head.into_iter().skip(at + 1);
        let mut last = 0;
        while let Some((line, cells)) = match head.next() {
            Some(row) => Some(row),
            None => rows.next()?,
        } {
            last = line;
            let bytes = cells.iter().map(String::len).sum();
            batch.push(before + line, bytes, || {
                let named = |reason| {
                    if number == 0 { reason } else { format!("工作表“{sheet}”第 {line} 行：{reason}") }
                };
                header.row(&cells).map_err(named)
            })?;
        }
        before += last;
    }
    if without_header.len() == sheets.len() {
        return Err(without_header.into_iter().next().map_or_else(|| Header::missing(&[]), |(_, error, _)| error));
    }
    // an empty sheet is nothing to tell
    for (sheet, _, _) in without_header.iter().filter(|(_, _, empty)| !empty) {
        before += 1;
        batch.push(before, 0, || Err(format!("工作表“{sheet}”没有认识的表头，没有导入")))?;
    }
    Ok(())
}

/// The rows of a sheet that are not empty, read one by one: a sheet may claim to be larger than any memory.
struct SheetRows<'a> {
    cells: calamine::XlsxCellReader<'a, std::io::BufReader<std::fs::File>>,
    /// The first cell of the row after the one given last.
    next: Option<(u32, usize, String)>,
}

impl SheetRows<'_> {
    /// Line, from 1, and cells.
    fn next(&mut self) -> anyhow::Result<Option<(u64, Vec<String>)>> {
        let mut row: Option<(u32, Vec<String>)> = None;
        loop {
            let cell = match self.next.take() {
                Some(cell) => Some(cell),
                None => self.read()?,
            };
            let Some((line, column, text)) = cell else { break };
            let (current, cells) = row.get_or_insert_with(|| (line, Vec::new()));
            if *current != line {
                self.next = Some((line, column, text));
                break;
            }
            if column < MAX_COLUMNS {
                cells.resize(cells.len().max(column + 1), String::new());
                cells[column] = text;
            }
        }
        Ok(row.map(|(line, cells)| (u64::from(line) + 1, cells)))
    }

    /// The next cell that is not empty: row, column, text.
    fn read(&mut self) -> anyhow::Result<Option<(u32, usize, String)>> {
        while let Some(cell) = self.cells.next_cell().context("读不出工作表，文件可能已损坏")? {
            let (row, column) = cell.get_position();
            let text = cell_text(&calamine::Data::from(cell.get_value().clone()));
            if !text.is_empty() {
                return Ok(Some((row, column as usize, text)));
            }
        }
        Ok(None)
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    fn records(text: &str) -> Vec<(u64, Result<String, String>)> {
        let lines = Lines::new(text.as_bytes());
        let mut records = Records { lines, ahead: VecDeque::new(), number: 0, separator: b',' };
        let mut all = Vec::new();
        while let Some((line, record)) = records.next().unwrap() {
            all.push((line, record.map(|bytes| String::from_utf8(bytes).unwrap())));
        }
        all
    }

    #[test]
    fn a_record_may_have_several_lines() {
        let ok = |line, text: &str| (line, Ok(text.to_owned()));
        assert_eq!(
            records("a,b\r\n\"一\n二\",\"说\"\"是\"\"\n\"\n\n末,行"),
            [ok(1, "a,b\r\n"), ok(2, "\"一\n二\",\"说\"\"是\"\"\n\"\n"), ok(5, "\n"), ok(6, "末,行")]
        );
        // a quote inside a cell is a letter, and so is one behind a closed cell on the same line
        assert_eq!(records("5\" 管,x\n\"甲\"乙,x\n"), [ok(1, "5\" 管,x\n"), ok(2, "\"甲\"乙,x\n")]);
    }

    #[test]
    fn a_quote_that_is_not_closed_costs_one_line() {
        for text in ["\"甲,x\n乙,x\n丙,x\n", "\"甲,x\n乙,x\n\"丙\",x\n", "\"甲,x\n乙,x\n丙,x"] {
            let all = records(text);
            assert_eq!(all.iter().map(|(line, _)| *line).collect::<Vec<_>>(), [1, 2, 3], "{text}");
            assert_eq!(all.iter().map(|(_, record)| record.is_ok()).collect::<Vec<_>>(), [false, true, true], "{text}");
        }
    }
}
