//! Counts of the results by region, kind, year, issuer, subject, validity and state of the application window.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use chrono::{Datelike, NaiveDate};
use tantivy::columnar::StrColumn;
use tantivy::{DocId, SegmentReader};
use zhida_schemas::region;

use super::{Facet, WindowState, schema};

/// Issuers and kinds beyond the largest are not counted out.
const MAX_VALUES: usize = 50;

/// The fields that are counted by value, as in [`SegmentFacets`].
const FIELDS: [&str; 5] = ["region_code", "kind", "issuer", "subject", "validity"];

/// The values of a segment's counted columns by ordinal: reading their dictionaries for every search would take longer
/// than the rest of the count.
#[derive(Default)]
pub struct Values([Arc<[Arc<str>]>; 5]);

impl Values {
    /// Reads them.
    pub fn read(reader: &SegmentReader) -> tantivy::Result<Self> {
        let mut values = Self::default();
        for (values, field) in values.0.iter_mut().zip(FIELDS) {
            let Some(column) = reader.fast_fields().str(field)? else { continue };
            let mut terms = column.dictionary().stream()?;
            let mut read = Vec::with_capacity(column.num_terms());
            while terms.advance() {
                read.push(Arc::from(String::from_utf8_lossy(terms.key())));
            }
            *values = read.into();
        }
        Ok(values)
    }
}

/// Counts by value.
#[derive(Debug, Default)]
pub struct Counts {
    /// By the issuer's region.
    region: HashMap<Arc<str>, u64>,
    /// By 公文种类.
    kind: HashMap<Arc<str>, u64>,
    /// By year.
    year: BTreeMap<i32, u64>,
    /// By issuer.
    issuer: HashMap<Arc<str>, u64>,
    /// By subject path, with its beginnings.
    subject: HashMap<Arc<str>, u64>,
    /// By validity.
    validity: HashMap<Arc<str>, u64>,
    /// By the state of the application window, as in [`WindowState`].
    window: [u64; 3],
}

impl Counts {
    /// As facets, the largest first; regions are the children of the filter's region, subjects those of its subject.
    pub fn into_facets(self, region: Option<&str>, subject: Option<&str>) -> BTreeMap<String, Vec<Facet>> {
        let mut children: HashMap<&'static str, u64> = HashMap::new();
        let above = region.filter(|code| !code.is_empty()).unwrap_or(region::NATION);
        for (code, count) in &self.region {
            // The step of the path that follows the filter's region.
            let path = region::path(code);
            let below = path.iter().skip_while(|step| step.code != above).nth(1);
            if let Some(child) = below {
                *children.entry(child.code).or_default() += count;
            }
        }
        let regions = children
            .into_iter()
            .map(|(code, count)| Facet {
                value: code.to_owned(),
                label: region::by_code(code).map_or(code, |region| region.name).to_owned(),
                count,
            })
            .collect();
        // The largest are chosen before anything is written out: there are thousands of issuers.
        let plain = |counts: HashMap<Arc<str>, u64>| -> Vec<Facet> {
            let mut counts: Vec<(Arc<str>, u64)> = counts.into_iter().collect();
            if counts.len() > MAX_VALUES {
                counts.select_nth_unstable_by(MAX_VALUES, |(a, more), (b, less)| less.cmp(more).then_with(|| a.cmp(b)));
                counts.truncate(MAX_VALUES);
            }
            let facet =
                |(value, count): (Arc<str>, u64)| Facet { label: value.to_string(), value: value.to_string(), count };
            counts.into_iter().map(facet).collect()
        };
        let beneath = subject.map(|subject| subject.trim_matches('/')).filter(|subject| !subject.is_empty());
        let subjects = self.subject.into_iter().filter_map(|(path, count)| {
            let step = match beneath {
                Some(above) => path.strip_prefix(above)?.strip_prefix('/')?,
                None => &*path,
            };
            let facet = |label: &str| Facet { value: path.to_string(), label: label.to_owned(), count };
            (!step.is_empty() && !step.contains('/')).then(|| facet(step))
        });
        let validities = self.validity.into_iter().map(|(term, count)| {
            let label = schema::validity_of(&term).map(schema::validity_label).unwrap_or(&term).to_owned();
            Facet { value: term.to_string(), label, count }
        });
        let windows = WindowState::ALL.into_iter().zip(self.window).filter(|(_, count)| *count > 0);
        let windows = windows.map(|(state, count)| Facet {
            value: state.name().to_owned(),
            label: state.label().to_owned(),
            count,
        });
        let years = self
            .year
            .into_iter()
            .map(|(year, count)| Facet { value: year.to_string(), label: format!("{year}年"), count })
            .collect();
        let mut facets = BTreeMap::new();
        for (name, mut values) in [
            ("region", regions),
            ("kind", plain(self.kind)),
            ("year", years),
            ("issuer", plain(self.issuer)),
            ("subject", subjects.collect()),
            ("validity", validities.collect()),
            ("window", windows.collect()),
        ] {
            values.sort_by(|a: &Facet, b: &Facet| b.count.cmp(&a.count).then_with(|| a.value.cmp(&b.value)));
            values.truncate(MAX_VALUES);
            facets.insert(name.to_owned(), values);
        }
        facets
    }
}

/// One counted column of a segment.
pub struct CountedColumn {
    column: Option<StrColumn>,
    values: Arc<[Arc<str>]>,
    counts: Vec<u64>,
}

impl CountedColumn {
    /// Its values by ordinal.
    pub fn values(&self) -> impl Iterator<Item = &str> {
        self.values.iter().map(|value| &**value)
    }

    /// Ordinal of a document's first value.
    pub fn first(&self, doc: DocId) -> Option<u64> {
        self.column.as_ref()?.ords().first(doc)
    }

    fn count(&mut self, doc: DocId) {
        let Some(column) = &self.column else { return };
        for ordinal in column.term_ords(doc) {
            if let Some(count) = self.counts.get_mut(ordinal as usize) {
                *count += 1;
            }
        }
    }

    fn add_to(&self, to: &mut HashMap<Arc<str>, u64>) {
        for (value, count) in self.values.iter().zip(&self.counts).filter(|(_, count)| **count > 0) {
            *to.entry(value.clone()).or_default() += count;
        }
    }
}

/// Facet counts of one segment.
pub struct SegmentFacets {
    counting: bool,
    /// The issuer's region.
    pub region: CountedColumn,
    kind: CountedColumn,
    issuer: CountedColumn,
    subject: CountedColumn,
    validity: CountedColumn,
    window: [u64; 3],
    by_year: BTreeMap<i32, u64>,
    /// The year last counted, with its first day, the day after its last, and its count.
    year: Option<(i32, i64, i64, u64)>,
}

impl SegmentFacets {
    /// Opens the columns; counts nothing where nobody asked for it.
    pub fn open(reader: &SegmentReader, values: &Values, counting: bool) -> tantivy::Result<Self> {
        let fast = reader.fast_fields();
        let open = |field, values: Arc<[Arc<str>]>| -> tantivy::Result<CountedColumn> {
            Ok(CountedColumn { column: fast.str(field)?, counts: vec![0; values.len()], values })
        };
        let [region, kind, issuer, subject, validity] = values.0.clone();
        Ok(Self {
            counting,
            region: open(FIELDS[0], region)?,
            kind: open(FIELDS[1], kind)?,
            issuer: open(FIELDS[2], issuer)?,
            subject: open(FIELDS[3], subject)?,
            validity: open(FIELDS[4], validity)?,
            window: [0; 3],
            by_year: BTreeMap::new(),
            year: None,
        })
    }

    /// Counts a document; `window` is the state of its application window, when it has one.
    pub fn count(&mut self, doc: DocId, dated: Option<i64>, window: impl FnOnce() -> Option<WindowState>) {
        if !self.counting {
            return;
        }
        self.region.count(doc);
        self.kind.count(doc);
        self.issuer.count(doc);
        self.subject.count(doc);
        self.validity.count(doc);
        if let Some(state) = window() {
            self.window[state as usize] += 1;
        }
        let Some(dated) = dated else { return };
        match &mut self.year {
            Some((_, from, to, count)) if (*from..*to).contains(&dated) => *count += 1,
            _ => {
                self.finish_year();
                let date = i32::try_from(dated).ok().and_then(NaiveDate::from_num_days_from_ce_opt);
                self.year = date.and_then(|date| {
                    let from = schema::day(NaiveDate::from_ymd_opt(date.year(), 1, 1)?);
                    let to = schema::day(NaiveDate::from_ymd_opt(date.year(), 12, 31)?) + 1;
                    Some((date.year(), from, to, 1))
                });
            }
        }
    }

    fn finish_year(&mut self) {
        if let Some((year, _, _, count)) = self.year.take() {
            *self.by_year.entry(year).or_default() += count;
        }
    }

    /// Adds what was counted.
    pub fn add_to(mut self, counts: &mut Counts) {
        self.finish_year();
        for (year, count) in &self.by_year {
            *counts.year.entry(*year).or_default() += count;
        }
        self.region.add_to(&mut counts.region);
        self.kind.add_to(&mut counts.kind);
        self.issuer.add_to(&mut counts.issuer);
        self.subject.add_to(&mut counts.subject);
        self.validity.add_to(&mut counts.validity);
        for (sum, count) in counts.window.iter_mut().zip(self.window) {
            *sum += count;
        }
    }
}
