//! Counts of the results by region, kind, year, issuer, subject, validity and state of the application window.

use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap};

use zhida_schemas::region;

use super::columns::{Columns, FIRST_YEAR, Interner, NONE, Names, Row};
use super::{Facet, WindowState, schema};

/// Values beyond the largest are not counted out.
const MAX_VALUES: usize = 50;

/// Counts by number of the value ([`Names`]).
pub struct Counts {
    region: Vec<u32>,
    kind: Vec<u32>,
    issuer: Vec<u32>,
    subject: Vec<u32>,
    validity: [u32; schema::VALIDITIES.len()],
    window: [u32; 3],
    year: [u32; 256],
}

impl Counts {
    /// Nothing counted yet; for values that have a number by now.
    pub fn new(names: &Names) -> Self {
        let zeros = |names: &Interner| vec![0; names.len()];
        Self {
            region: zeros(&names.regions),
            kind: zeros(&names.kinds),
            issuer: zeros(&names.issuers),
            subject: zeros(&names.subjects),
            validity: [0; schema::VALIDITIES.len()],
            window: [0; 3],
            year: [0; 256],
        }
    }

    /// Counts a document; `window` is the state of its application window, when it has one.
    pub fn count(&mut self, columns: &Columns, row: &Row, window: Option<WindowState>) {
        fn add(counts: &mut [u32], number: u32) {
            if let Some(count) = counts.get_mut(number as usize) {
                *count += 1;
            }
        }
        if row.region != NONE {
            add(&mut self.region, row.region);
        }
        if row.kind != NONE {
            add(&mut self.kind, row.kind);
        }
        let (issuers, subjects) = columns.lists(row);
        issuers.iter().for_each(|&number| add(&mut self.issuer, number));
        subjects.iter().for_each(|&number| add(&mut self.subject, number));
        add(&mut self.validity, u32::from(row.validity));
        if let Some(state) = window {
            self.window[state as usize] += 1;
        }
        if row.year > 0 {
            self.year[usize::from(row.year)] += 1;
        }
    }

    /// As facets, the largest first; regions are the children of the filter's region, subjects those of its subject.
    pub fn into_facets(
        self,
        names: &Names,
        region: Option<&str>,
        subject: Option<&str>,
    ) -> BTreeMap<String, Vec<Facet>> {
        let above = region.filter(|code| !code.is_empty()).unwrap_or(region::NATION);
        let mut children: HashMap<&'static str, u64> = HashMap::new();
        for (number, count) in counted(&self.region) {
            let Some(code) = names.regions.name(number) else { continue };
            // The step of the path that follows the filter's region.
            let path = region::path(&code);
            let below = path.iter().skip_while(|step| step.code != above).nth(1);
            if let Some(child) = below {
                *children.entry(child.code).or_default() += u64::from(count);
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
        let plain = |counts: &[u32], names: &Interner| -> Vec<Facet> {
            let mut counts: Vec<(u32, u32)> = counted(counts).collect();
            if counts.len() > MAX_VALUES {
                counts.select_nth_unstable_by_key(MAX_VALUES, |(number, count)| (Reverse(*count), *number));
                counts.truncate(MAX_VALUES);
            }
            let named = counts.into_iter().filter_map(|(number, count)| Some((names.name(number)?, count)));
            named.map(|(name, count)| facet(&name, &name, count)).collect()
        };
        let beneath = subject.map(|subject| subject.trim_matches('/')).filter(|subject| !subject.is_empty());
        let subjects = counted(&self.subject).filter_map(|(number, count)| {
            let path = names.subjects.name(number)?;
            let step = match beneath {
                Some(above) => path.strip_prefix(above)?.strip_prefix('/')?,
                None => &*path,
            };
            (!step.is_empty() && !step.contains('/')).then(|| facet(&path, step, count))
        });
        let validities = schema::VALIDITIES.into_iter().zip(self.validity).filter(|(_, count)| *count > 0);
        let validities =
            validities.map(|(validity, count)| facet(schema::validity_term(validity), validity.label(), count));
        let windows = WindowState::ALL.into_iter().zip(self.window).filter(|(_, count)| *count > 0);
        let windows = windows.map(|(state, count)| facet(state.name(), state.label(), count));
        let years = counted(&self.year).map(|(number, count)| {
            let year = FIRST_YEAR + number as i32;
            facet(&year.to_string(), &format!("{year}年"), count)
        });
        let mut facets = BTreeMap::new();
        for (name, mut values) in [
            ("region", regions),
            ("kind", plain(&self.kind, &names.kinds)),
            ("year", years.collect()),
            ("issuer", plain(&self.issuer, &names.issuers)),
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

/// The numbers that were counted.
fn counted(counts: &[u32]) -> impl Iterator<Item = (u32, u32)> {
    (0..).zip(counts.iter().copied()).filter(|(_, count)| *count > 0)
}

fn facet(value: &str, label: &str, count: u32) -> Facet {
    Facet { value: value.to_owned(), label: label.to_owned(), count: u64::from(count) }
}
