//! Accuracy of extraction on a manifest of saved pages, and of understanding on labelled facts.

mod facts;
mod pages;

use std::collections::BTreeMap;
use std::fmt;

use serde::Serialize;

pub use facts::evaluate_understanding;
pub use pages::evaluate_pages;

/// Right answers of one field.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Score {
    /// Pages that have the field.
    pub of: usize,
    /// Of these, read right.
    pub right: usize,
    /// The others: page, expected, found.
    pub misses: Vec<[String; 3]>,
}

impl Score {
    fn count(&mut self, page: &str, expected: &str, found: &str, right: bool) {
        self.of += 1;
        if right {
            self.right += 1;
        } else {
            self.misses.push([page.to_owned(), expected.to_owned(), found.to_owned()]);
        }
    }

    /// Share of right answers, 0 to 1.
    pub fn share(&self) -> f64 {
        if self.of == 0 { 1.0 } else { self.right as f64 / self.of as f64 }
    }
}

/// Accuracy by field, with and without the head's metadata.
#[derive(Debug, Clone, Default, Serialize)]
pub struct PagesReport {
    /// With everything.
    pub with_head: BTreeMap<&'static str, Score>,
    /// With the head's metadata left out.
    pub without_head: BTreeMap<&'static str, Score>,
}

/// What was found of a fact of which a document may have several, or none.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Tally {
    /// Facts that the labels have.
    pub expected: usize,
    /// Of these, found.
    pub recalled: usize,
    /// Facts that were found.
    pub found: usize,
    /// Of these, right.
    pub right: usize,
    /// What was missed or is wrong: document, expected (empty: nothing), found (empty: nothing).
    pub misses: Vec<[String; 3]>,
}

impl Tally {
    /// Share of what was found that is right, 0 to 1.
    pub fn precision(&self) -> f64 {
        if self.found == 0 { 1.0 } else { self.right as f64 / self.found as f64 }
    }

    /// Share of the labels that was found, 0 to 1.
    pub fn recall(&self) -> f64 {
        if self.expected == 0 { 1.0 } else { self.recalled as f64 / self.expected as f64 }
    }

    /// Harmonic mean of precision and recall.
    pub fn f1(&self) -> f64 {
        let (precision, recall) = (self.precision(), self.recall());
        if precision + recall == 0.0 { 0.0 } else { 2.0 * precision * recall / (precision + recall) }
    }
}

/// Accuracy by field.
#[derive(Debug, Clone, Default, Serialize)]
pub struct FactsReport {
    /// Facts of which a document has one, by field of the record.
    pub fields: BTreeMap<&'static str, Score>,
    /// Facts of which a document may have several.
    pub lists: BTreeMap<&'static str, Tally>,
}

impl fmt::Display for PagesReport {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        print(out, "使用 head 元数据", &self.with_head)?;
        print(out, "不使用 head 元数据", &self.without_head)
    }
}

impl fmt::Display for FactsReport {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        print(out, "要素", &self.fields)?;
        for (name, tally) in &self.lists {
            let (precision, recall, f1) = (tally.precision(), tally.recall(), tally.f1());
            writeln!(
                out,
                "  {name:<20} 准确率 {precision:.3}（{}/{}） 召回率 {recall:.3}（{}/{}） F1 {f1:.3}",
                tally.right, tally.found, tally.recalled, tally.expected
            )?;
            for [document, expected, found] in &tally.misses {
                writeln!(out, "      {document}\n        应为 {expected}\n        读得 {found}")?;
            }
        }
        Ok(())
    }
}

fn print(out: &mut fmt::Formatter<'_>, what: &str, fields: &BTreeMap<&'static str, Score>) -> fmt::Result {
    writeln!(out, "{what}")?;
    for (field, score) in fields {
        writeln!(out, "  {field:<14} {:>3}/{:<3} {:>6.1} %", score.right, score.of, 100.0 * score.share())?;
        for [page, expected, found] in &score.misses {
            writeln!(out, "      {page}\n        应为 {expected}\n        读得 {found}")?;
        }
    }
    Ok(())
}
