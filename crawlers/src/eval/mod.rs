//! Accuracy of extraction on a manifest of saved pages, and of understanding on labelled facts.

mod facts;
mod pages;
mod shown;

use std::collections::BTreeMap;
use std::fmt;

use serde::Serialize;

pub use facts::evaluate_understanding;
pub use pages::{evaluate_pages, overlap};

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
    /// Pages that say the date of publication in their head only, and no date was found without it: they are left out
    /// of `without_head`. Page, and whether the day stands elsewhere with another meaning.
    pub undated: Vec<(String, bool)>,
    /// Pages that have no 发文字号; right where none was found.
    pub no_number: Score,
    /// Main text.
    pub body: Bodies,
    /// Main text where no container is known by name.
    pub body_by_density: Bodies,
}

/// How well main texts were found: overlap by pairs of characters (F1, white space left out), by host.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Bodies {
    /// Page and overlap, 0 to 1, by host.
    pub hosts: BTreeMap<String, Vec<(String, f64)>>,
}

impl Bodies {
    /// Overlap from which a main text counts as found.
    pub const FOUND: f64 = 0.95;

    fn count(&mut self, host: &str, page: &str, overlap: f64) {
        self.hosts.entry(host.to_owned()).or_default().push((page.to_owned(), overlap));
    }

    /// Mean over the hosts of a figure of a host's pages; every host weighs the same.
    fn over_hosts(&self, figure: impl Fn(f64) -> f64) -> f64 {
        let of_host = |pages: &Vec<(String, f64)>| {
            pages.iter().map(|(_, overlap)| figure(*overlap)).sum::<f64>() / pages.len().max(1) as f64
        };
        self.hosts.values().map(of_host).sum::<f64>() / self.hosts.len().max(1) as f64
    }

    /// Mean overlap.
    pub fn mean(&self) -> f64 {
        self.over_hosts(|overlap| overlap)
    }

    /// Share of pages whose main text was found.
    pub fn found(&self) -> f64 {
        self.over_hosts(|overlap| f64::from(u8::from(overlap >= Self::FOUND)))
    }
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
        print(out, "不使用 head 元数据", &self.without_head)?;
        let other = self.undated.iter().filter(|(_, other)| *other).count();
        writeln!(
            out,
            "  网页正文中没有发布日期：{}（只在 head 元数据中，不计入上面的 published_on；其中 {other} 页有这一天，但只作为施行日期、落款日期或其他文件链接的日期）",
            self.undated.len()
        )?;
        for (page, _) in &self.undated {
            writeln!(out, "      {page}")?;
        }
        let none = BTreeMap::from([("doc_number", self.no_number.clone())]);
        print(out, "没有文号的网页", &none)?;
        print_bodies(out, "正文（不用信息源定义，各站点权重相同）", &self.body)?;
        print_bodies(out, "正文（不认识任何容器名称）", &self.body_by_density)
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

fn print_bodies(out: &mut fmt::Formatter<'_>, what: &str, bodies: &Bodies) -> fmt::Result {
    writeln!(out, "{what}")?;
    writeln!(out, "  平均 {:.3}，重合度 {} 以上的网页 {:.1} %", bodies.mean(), Bodies::FOUND, 100.0 * bodies.found())?;
    for (host, pages) in &bodies.hosts {
        let mean = pages.iter().map(|(_, overlap)| overlap).sum::<f64>() / pages.len().max(1) as f64;
        writeln!(out, "  {host:<20} {:>3} 页 平均 {mean:.3}", pages.len())?;
        for (page, overlap) in pages.iter().filter(|(_, overlap)| *overlap < Bodies::FOUND) {
            writeln!(out, "      {overlap:.3} {page}")?;
        }
    }
    Ok(())
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
