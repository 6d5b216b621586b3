//! What every found document is ranked and counted by, a small row each, held in memory: reading the columns of the
//! index for each document of each search took longer than finding it.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use chrono::{Datelike, NaiveDate};
use tantivy::columnar::{Column, StrColumn};
use tantivy::{DocId, SegmentReader};
use zhida_schemas::policy::Validity;

use super::copies::Groups;
use super::{WindowState, schema};

/// The year that year 0 of a [`Row`] stands for.
pub const FIRST_YEAR: i32 = 1900;

/// No value.
pub const NONE: u32 = u32::MAX;

/// One document.
#[derive(Debug, Clone, Copy)]
pub struct Row {
    /// Day of the common era; `i32::MIN` without a date.
    dated: i32,
    /// Years after [`FIRST_YEAR`]; 0 without a date.
    pub year: u8,
    /// See [`schema::standing`].
    pub standing: u8,
    /// Place in [`schema::VALIDITIES`].
    pub validity: u8,
    /// Whether it has an application window.
    pub has_window: bool,
    issuers: u8,
    subjects: u8,
    /// The issuer's region, or [`NONE`].
    pub region: u32,
    /// 公文种类, or [`NONE`].
    pub kind: u32,
    /// Number of what its copies have in common ([`super::copies`]), or [`NONE`].
    pub copies: u32,
    /// Where its issuers begin, and behind them its subjects with their beginnings.
    names_at: u32,
}

impl Row {
    /// Day of the common era.
    pub fn dated(&self) -> Option<i64> {
        (self.dated != i32::MIN).then_some(i64::from(self.dated))
    }
}

/// The rows of a segment, and columns that few of them are looked up in, opened once.
pub struct Columns {
    rows: Vec<Row>,
    names: Vec<u32>,
    opens: Column<i64>,
    closes: Column<i64>,
    tie: Column<u64>,
}

impl Columns {
    /// Reads a segment; its values get numbers from `names`.
    pub fn read(reader: &SegmentReader, names: &Names) -> tantivy::Result<Self> {
        let fast = reader.fast_fields();
        let numbered = |field: &str, names: &Interner| -> tantivy::Result<(Option<StrColumn>, Vec<u32>)> {
            let Some(column) = fast.str(field)? else { return Ok((None, Vec::new())) };
            let mut numbers = Vec::with_capacity(column.num_terms());
            let mut terms = column.dictionary().stream()?;
            while terms.advance() {
                numbers.push(names.number(&String::from_utf8_lossy(terms.key())));
            }
            Ok((Some(column), numbers))
        };
        let first = |(column, numbers): &(Option<StrColumn>, Vec<u32>), doc| {
            let ordinal = column.as_ref().and_then(|column| column.ords().first(doc));
            ordinal.and_then(|ordinal| numbers.get(ordinal as usize).copied()).unwrap_or(NONE)
        };
        let regions = numbered("region_code", &names.regions)?;
        let kinds = numbered("kind", &names.kinds)?;
        let issuers = numbered("issuer", &names.issuers)?;
        let subjects = numbered("subject", &names.subjects)?;
        let validities = numbered("validity", &names.validities)?;
        let (dated, standing) = (fast.i64("dated")?, fast.u64("standing")?);
        let copies = fast.u64("copies")?;
        let mut columns = Self {
            rows: Vec::with_capacity(reader.max_doc() as usize),
            names: Vec::new(),
            opens: fast.i64("opens")?,
            closes: fast.i64("closes")?,
            tie: fast.u64("tie")?,
        };
        for doc in 0..reader.max_doc() {
            let day = dated.first(doc).and_then(|day| i32::try_from(day).ok());
            let date = day.and_then(NaiveDate::from_num_days_from_ce_opt);
            let validity = match first(&validities, doc) {
                NONE => None,
                number => names.validities.name(number).and_then(|term| schema::validity_of(&term)),
            };
            let names_at = columns.names.len();
            let mut listed = |(column, numbers): &(Option<StrColumn>, Vec<u32>)| {
                let from = columns.names.len();
                let ordinals = column.iter().flat_map(|column| column.term_ords(doc)).take(usize::from(u8::MAX));
                columns.names.extend(ordinals.filter_map(|ordinal| numbers.get(ordinal as usize)));
                (columns.names.len() - from) as u8
            };
            columns.rows.push(Row {
                dated: day.unwrap_or(i32::MIN),
                year: date.and_then(|date| u8::try_from(date.year() - FIRST_YEAR).ok()).unwrap_or(0),
                standing: standing.first(doc).and_then(|standing| u8::try_from(standing).ok()).unwrap_or(0),
                validity: validity_number(validity.unwrap_or(Validity::Unknown)),
                has_window: columns.closes.first(doc).is_some(),
                region: first(&regions, doc),
                kind: first(&kinds, doc),
                issuers: listed(&issuers),
                subjects: listed(&subjects),
                copies: copies.first(doc).map_or(NONE, |key| names.copies.number(key)),
                names_at: names_at as u32,
            });
        }
        Ok(columns)
    }

    /// All rows, in order of document.
    pub fn rows(&self) -> &[Row] {
        &self.rows
    }

    /// The row of a document.
    pub fn row(&self, doc: DocId) -> &Row {
        &self.rows[doc as usize]
    }

    /// First and last days of a document's application windows, days of the common era.
    pub fn windows(&self, doc: DocId) -> impl Iterator<Item = (i64, i64)> + '_ {
        self.opens.values_for_doc(doc).zip(self.closes.values_for_doc(doc))
    }

    /// The state of a document's application window on a day of the common era: the best of several.
    pub fn window(&self, doc: DocId, today: i64) -> Option<WindowState> {
        if !self.row(doc).has_window {
            return None;
        }
        let state = |(opens, closes)| match () {
            () if closes < today => WindowState::Closed,
            () if opens > today => WindowState::Upcoming,
            () => WindowState::Open,
        };
        self.windows(doc).map(state).min()
    }

    /// What breaks ties.
    pub fn tie(&self, doc: DocId) -> u64 {
        self.tie.first(doc).unwrap_or(0)
    }

    /// Numbers of a document's issuers, and of its subjects with their beginnings.
    pub fn lists(&self, row: &Row) -> (&[u32], &[u32]) {
        let from = row.names_at as usize;
        let names = &self.names[from..from + usize::from(row.issuers) + usize::from(row.subjects)];
        names.split_at(usize::from(row.issuers))
    }
}

fn validity_number(validity: Validity) -> u8 {
    schema::VALIDITIES.iter().position(|known| *known == validity).unwrap_or_default() as u8
}

/// Names by number and numbers by name, the same for all segments; what was once named keeps its number.
#[derive(Default)]
pub struct Interner(RwLock<Known>);

#[derive(Default)]
struct Known {
    numbers: HashMap<Arc<str>, u32>,
    names: Vec<Arc<str>>,
}

impl Interner {
    fn number(&self, name: &str) -> u32 {
        let mut known = self.0.write().unwrap_or_else(PoisonError::into_inner);
        if let Some(number) = known.numbers.get(name) {
            return *number;
        }
        let (number, name) = (known.names.len() as u32, Arc::<str>::from(name));
        known.numbers.insert(name.clone(), number);
        known.names.push(name);
        number
    }

    /// The name of a number.
    pub fn name(&self, number: u32) -> Option<Arc<str>> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).names.get(number as usize).cloned()
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.read().unwrap_or_else(PoisonError::into_inner).names.len()
    }

    /// Something of every name, in order of number.
    pub fn map<T>(&self, of: impl FnMut(&Arc<str>) -> T) -> Vec<T> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).names.iter().map(of).collect()
    }
}

/// The names of every counted column.
#[derive(Default)]
pub struct Names {
    /// Codes of the issuers' regions.
    pub regions: Interner,
    /// 公文种类.
    pub kinds: Interner,
    /// Issuers.
    pub issuers: Interner,
    /// Subject paths and their beginnings.
    pub subjects: Interner,
    validities: Interner,
    /// Documents that are one.
    pub copies: Groups,
}
