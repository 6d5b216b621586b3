//! The matcher against pairs judged by people.

use std::collections::{BTreeMap, HashMap};
use std::fmt;

use serde::{Deserialize, Serialize};
use zhida_schemas::{Enterprise, Match, Policy, ReasonKind, ReasonState};

use super::THRESHOLD;
use super::document::Document;
use super::profile::Profile;
use super::terms::{Mentions, Terms};
use super::verify::{Filters, explain, weigh};
use crate::Analyzer;

/// A line of the pairs that cannot be read.
#[derive(Debug, thiserror::Error)]
#[error("判断对第 {line} 行读不懂：{reason}。每行应为 {{\"profile\",\"doc\",\"push\"}}，push 为 0、1 或 2")]
pub struct PairError {
    /// Counted from 1.
    pub line: usize,
    /// What was wrong.
    pub reason: String,
}

/// A judged pair.
#[derive(Debug, Clone, Deserialize)]
struct Pair {
    profile: String,
    #[serde(alias = "policy")]
    doc: String,
    push: u8,
    #[serde(default)]
    why: String,
}

/// A pair that was decided wrongly.
#[derive(Debug, Clone, Serialize)]
pub struct Wrong {
    /// The profile.
    pub profile: String,
    /// The policy.
    pub policy: String,
    /// Its title.
    pub title: String,
    /// The score it got.
    pub score: f64,
    /// Why it was judged as it was.
    pub why: String,
    /// The weightiest reasons given.
    pub reasons: Vec<String>,
}

/// What the report says of one switch.
#[derive(Debug, Clone, Serialize)]
pub struct Worth {
    /// What is switched off.
    pub without: String,
    /// Grade 2 missed then.
    pub missed: usize,
    /// Grade 0 pushed then.
    pub false_pushes: usize,
}

/// The figures.
#[derive(Debug, Clone, Default, Serialize)]
pub struct MatchReport {
    /// Pairs by grade: pushed, not pushed.
    pub table: BTreeMap<u8, (usize, usize)>,
    /// Grade 2, not pushed.
    pub misses: Vec<Wrong>,
    /// Grade 0, pushed.
    pub false_pushes: Vec<Wrong>,
    /// Of those, documents of a region that is not the company's.
    pub of_another_region: usize,
    /// Of those, affairs that are no enterprise's.
    pub of_individuals: usize,
    /// The same with one part of the judgement switched off.
    pub worth: Vec<Worth>,
    /// Pairs whose profile or policy is not there.
    pub left_out: usize,
}

/// Runs the matcher on judged pairs, a JSON object a line: `{profile, doc, push, why}`.
///
/// # Errors
/// A line that is no pair.
pub fn evaluate(profiles: &[Enterprise], policies: &[Policy], pairs: &str) -> Result<MatchReport, PairError> {
    let analyzer = Analyzer::new();
    let mut judged = Vec::new();
    for (index, line) in pairs.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
        let pair: Pair =
            serde_json::from_str(line).map_err(|error| PairError { line: index + 1, reason: error.to_string() })?;
        judged.push(pair);
    }
    let mut terms = Terms::default();
    let profiles: HashMap<&str, Profile> = profiles
        .iter()
        .map(|enterprise| (enterprise.id.as_str(), Profile::new(&analyzer, &mut terms, enterprise)))
        .collect();
    let documents: HashMap<&str, (Document<'_>, Mentions)> = policies
        .iter()
        .map(|policy| {
            let document = Document::new(&analyzer, policy);
            let mentions = terms.mentions(&document.title, &document.body);
            (policy.id.as_str(), (document, mentions))
        })
        .collect();
    let run = |filters: &Filters| -> Vec<Option<Match>> {
        judged
            .iter()
            .map(|pair| {
                let profile = profiles.get(pair.profile.as_str())?;
                let (document, mentions) = documents.get(pair.doc.as_str())?;
                let flattened = (!filters.passing).then(|| mentions.flattened());
                let weighed = weigh(profile, document, flattened.as_ref().unwrap_or(mentions), filters);
                Some(explain(profile, document, &weighed))
            })
            .collect()
    };
    let mut report = MatchReport::default();
    for (pair, matched) in judged.iter().zip(run(&Filters::ALL)) {
        let Some(matched) = matched else {
            report.left_out += 1;
            continue;
        };
        let pushed = matched.score >= THRESHOLD;
        let cell = report.table.entry(pair.push).or_default();
        if pushed {
            cell.0 += 1
        } else {
            cell.1 += 1
        }
        let wrong = || Wrong {
            profile: pair.profile.clone(),
            policy: pair.doc.clone(),
            title: documents
                .get(pair.doc.as_str())
                .map(|(document, _)| document.policy.title.clone())
                .unwrap_or_default(),
            score: matched.score,
            why: pair.why.clone(),
            reasons: matched.reasons.iter().take(4).map(|reason| reason.text.clone()).collect(),
        };
        match (pair.push, pushed) {
            (2, false) => report.misses.push(wrong()),
            (0, true) => {
                report.of_another_region += usize::from(pair.why.contains("other region"));
                let region = matched.reasons.iter().find(|reason| reason.kind == ReasonKind::Region);
                let is_unsure = region.is_some_and(|reason| reason.state != ReasonState::Met);
                let mut wrong = wrong();
                if is_unsure {
                    wrong.reasons.push("地区未确认".to_owned());
                }
                report.of_individuals += usize::from(pair.why.contains("individuals"));
                report.false_pushes.push(wrong);
            }
            _ => {}
        }
    }
    for (name, filters) in [
        ("地区", Filters { region: false, ..Filters::ALL }),
        ("对象（个人、部门、单一单位）", Filters { audience: false, ..Filters::ALL }),
        ("结果名单", Filters { results: false, ..Filters::ALL }),
        ("排除词", Filters { exclude: false, ..Filters::ALL }),
        ("其他行业", Filters { industry: false, ..Filters::ALL }),
        ("规模不符", Filters { size: false, ..Filters::ALL }),
        ("轻重（提到即算）", Filters { passing: false, ..Filters::ALL }),
        ("行业、资质、规模的佐证", Filters { evidence: false, ..Filters::ALL }),
    ] {
        let mut worth = Worth { without: name.to_owned(), missed: 0, false_pushes: 0 };
        for (pair, matched) in judged.iter().zip(run(&filters)) {
            let Some(matched) = matched else { continue };
            let pushed = matched.score >= THRESHOLD;
            worth.missed += usize::from(pair.push == 2 && !pushed);
            worth.false_pushes += usize::from(pair.push == 0 && pushed);
        }
        report.worth.push(worth);
    }
    Ok(report)
}

impl fmt::Display for MatchReport {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let cell = |grade| self.table.get(&grade).copied().unwrap_or_default();
        writeln!(out, "判断          推送  不推送")?;
        for (grade, name) in [(2, "2 应推送"), (1, "1 不计分"), (0, "0 不应推送")] {
            let (pushed, kept) = cell(grade);
            writeln!(out, "{name:　<6}{pushed:>6}{kept:>8}")?;
        }
        let (found, missed) = cell(2);
        let (wrong, _) = cell(0);
        writeln!(
            out,
            "漏推 {missed}/{}，误推 {wrong}（其他地区 {}，个人事项 {}）",
            found + missed,
            self.of_another_region,
            self.of_individuals
        )?;
        if self.left_out > 0 {
            writeln!(out, "{} 对缺少企业或政策，未计", self.left_out)?;
        }
        for (name, list) in [("漏推", &self.misses), ("误推", &self.false_pushes)] {
            for wrong in list {
                writeln!(
                    out,
                    "{name} {} {} {:.2} {}｜{}｜{}",
                    wrong.profile,
                    wrong.policy,
                    wrong.score,
                    wrong.title,
                    wrong.reasons.join("；"),
                    wrong.why
                )?;
            }
        }
        writeln!(out, "关掉一项之后：")?;
        for worth in &self.worth {
            writeln!(out, "  不看{}：漏推 {}，误推 {}", worth.without, worth.missed, worth.false_pushes)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;
    use zhida_schemas::ImportRow;

    use crate::profiles::audience::Audience;
    use crate::profiles::scope::code_number;

    /// Profiles, policies as bare import rows, pairs, and the facts by id.
    type Labelled = (Vec<Enterprise>, Vec<Policy>, String, HashMap<String, serde_json::Value>);

    /// The labelled set, when it is there.
    fn labelled() -> Option<Labelled> {
        let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data/eval");
        let read = |name: &str| std::fs::read_to_string(dir.join(name)).ok();
        let (Some(profiles), Some(policies), Some(pairs), Some(facts)) = (
            read("match/profiles.jsonl"),
            read("match/policies.jsonl"),
            read("match/pairs.jsonl"),
            read("facts/facts.jsonl"),
        ) else {
            println!("left out: ../shared/data not found");
            return None;
        };
        let values = |text: &str| -> Vec<serde_json::Value> {
            text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
        };
        let profiles = values(&profiles).into_iter().map(|value| serde_json::from_value(value).unwrap()).collect();
        let policies = values(&policies)
            .into_iter()
            .map(|value| {
                let id = value["id"].as_str().unwrap().to_owned();
                Policy { id, ..ImportRow::from_json(value).unwrap().policy }
            })
            .collect();
        let facts = values(&facts)
            .into_iter()
            .map(|value| (value["id"].as_str().unwrap().to_owned(), value["truth"].clone()))
            .collect();
        Some((profiles, policies, pairs, facts))
    }

    #[test]
    fn bars_hold_on_the_labelled_pairs() {
        let Some((profiles, bare, pairs, facts)) = labelled() else { return };
        let with = |policy: &Policy, audience: bool| {
            let truth = &facts[&policy.id];
            let text = |field: &str| truth[field].as_str().map(str::to_owned);
            let issuers = truth["issuers"].as_array().unwrap();
            Policy {
                region_code: text("region_code"),
                kind: text("kind"),
                issuers: issuers.iter().filter_map(|issuer| issuer.as_str().map(str::to_owned)).collect(),
                for_enterprises: truth["for_enterprises"].as_bool().filter(|_| audience),
                ..policy.clone()
            }
        };
        let known: Vec<Policy> = bare.iter().map(|policy| with(policy, false)).collect();
        let all: Vec<Policy> = bare.iter().map(|policy| with(policy, true)).collect();
        let conditions: Vec<Policy> = all
            .iter()
            .map(|policy| {
                let conditions = facts[&policy.id]["conditions"].clone();
                Policy { conditions: serde_json::from_value(conditions).unwrap(), ..policy.clone() }
            })
            .collect();
        for (name, policies) in
            [("导入行", &bare), ("加上机关、地区、文种", &known), ("加上对象", &all), ("加上条件", &conditions)]
        {
            let report = evaluate(&profiles, policies, &pairs).unwrap();
            println!("== {name}\n{report}");
            assert!(report.misses.len() <= 2, "{name}: {report}");
            assert!(report.false_pushes.len() <= 4, "{name}: {report}");
            assert_eq!((report.of_another_region, report.of_individuals), (0, 0), "{name}: {report}");
        }
    }

    #[test]
    fn regions_and_audiences_are_read_from_bare_rows() {
        let Some((_, bare, _, facts)) = labelled() else { return };
        let analyzer = Analyzer::new();
        let (mut regions, mut audiences) = (Vec::new(), Vec::new());
        for policy in &bare {
            let document = Document::new(&analyzer, policy);
            let truth = &facts[&policy.id];
            let region = truth["region_code"].as_str().and_then(code_number);
            if document.scope.region != region {
                regions.push(format!("{} {:?} {region:?} {}", policy.id, document.scope.region, policy.title));
            }
            let is_enterprises = document.address.audience == Audience::Enterprises;
            if truth["for_enterprises"].as_bool().is_some_and(|truth| truth != is_enterprises) {
                audiences.push(format!("{} {:?} {}", policy.id, document.address.audience, policy.title));
            }
        }
        println!("regions wrong {}/{}\n{}", regions.len(), bare.len(), regions.join("\n"));
        println!("audiences wrong {}/{}\n{}", audiences.len(), bare.len(), audiences.join("\n"));
        assert!(regions.len() * 10 <= bare.len(), "{regions:?}");
        assert!(audiences.len() * 10 <= bare.len(), "{audiences:?}");
    }
}
