//! 主题: paths of the 国务院主题分类, from the words of the title, the offices and the beginning of the text.
//!
//! `topics.csv` holds the classification (the 主题分类 of the State Council's open-information catalogue) with the words
//! that tell each topic. A title speaks first, then the leading office, then the text. What points to several topics
//! alike gets none.

use std::collections::HashMap;
use std::sync::LazyLock;

use regex::Regex;
use zhida_schemas::Policy;

use super::{head, regex};

/// A word that tells its topic by itself, in the title.
const STRONG: f64 = 4.0;

/// A word that only hints at it.
const WEAK: f64 = 2.0;

/// The office that leads a document; the others of a joint issue; one that the title names as its matter.
const LEADING: f64 = 3.5;
const JOINT: f64 = 0.8;
const NAMED: f64 = 1.0;

/// What the beginning of the text adds, shared among the topics that it speaks of.
const TEXT: f64 = 3.0;

/// How much of the text is read, in characters, and the fewest words in it that say anything.
const REACH: usize = 2_000;
const FEWEST: usize = 3;

/// A topic needs this much: an office alone does not give one, a strong word in the title does.
const ENOUGH: f64 = 4.0;

/// A topic that another comes this near to is not sure.
const NEAR: f64 = 1.2;

/// A sub-topic needs more than one sign, and must stand out in its topic.
const SUB_ENOUGH: f64 = 6.0;
const SUB_NEAR: f64 = 2.0;

/// Most topics of a document.
const MOST: usize = 3;

struct Row {
    topic: &'static str,
    /// Empty for words of the whole topic.
    sub: &'static str,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Class {
    Strong,
    Weak,
    Office,
}

struct Table {
    rows: Vec<Row>,
    words: HashMap<&'static str, Vec<(usize, Class)>>,
    /// The words, longer ones first.
    pattern: Regex,
}

static TABLE: LazyLock<Table> = LazyLock::new(|| {
    let mut rows = Vec::new();
    let mut words: HashMap<&'static str, Vec<(usize, Class)>> = HashMap::new();
    for line in include_str!("topics.csv").lines().skip(1) {
        let mut cells = line.split(',');
        let (Some(topic), Some(sub)) = (cells.next(), cells.next()) else { continue };
        for class in [Class::Strong, Class::Weak, Class::Office] {
            for word in cells.next().unwrap_or_default().split('|').filter(|word| !word.is_empty()) {
                words.entry(word).or_default().push((rows.len(), class));
            }
        }
        rows.push(Row { topic, sub });
    }
    let mut all: Vec<String> = words.keys().map(|word| regex::escape(word)).collect();
    all.sort_by_key(|word| std::cmp::Reverse(word.len()));
    Table { rows, words, pattern: regex(&all.join("|")) }
});

/// Paths (`工业、交通/信息产业（含电信）`, the topic alone where its sub-topic is not sure), the surest first, with the
/// words of title or text that tell the first.
pub fn of(policy: &Policy) -> Option<(Vec<String>, String)> {
    let table = &*TABLE;
    let title = policy.title.as_str();
    // the offices stand before it
    let at = title.find("关于").unwrap_or(0);
    let matter = &title[at..];
    let mut scores = vec![0.0; table.rows.len()];
    let mut said_by_title = vec![0.0; table.rows.len()];
    let in_title = title[..at].split([' ', '、', '\u{3000}']);
    let offices: Vec<&str> = match policy.issuers.as_slice() {
        [] => in_title.filter(|name| !name.is_empty()).collect(),
        stated => stated.iter().map(String::as_str).collect(),
    };
    for (nth, office) in offices.iter().enumerate() {
        // the last name in it is the office itself: 省财政厅教科文处
        if let Some(word) = table.pattern.find_iter(office).last() {
            for (row, class) in &table.words[word.as_str()] {
                if *class == Class::Office {
                    scores[*row] += if nth == 0 { LEADING } else { JOINT };
                }
            }
        }
    }
    let mut seen: Vec<&str> = Vec::new();
    for word in table.pattern.find_iter(matter).map(|found| found.as_str()) {
        if seen.contains(&word) {
            continue;
        }
        seen.push(word);
        for (row, class) in &table.words[word] {
            said_by_title[*row] += match class {
                Class::Strong => STRONG,
                Class::Weak => WEAK,
                Class::Office => NAMED,
            };
        }
    }
    let begin = head(&policy.body_text, REACH);
    let mut counts = vec![0_usize; table.rows.len()];
    for word in table.pattern.find_iter(begin) {
        for (row, class) in &table.words[word.as_str()] {
            counts[*row] += usize::from(*class == Class::Strong);
        }
    }
    let total: usize = counts.iter().sum();
    for (row, score) in scores.iter_mut().enumerate() {
        *score += said_by_title[row];
        if total >= FEWEST {
            *score += TEXT * counts[row] as f64 / total as f64;
        }
    }
    let mut topics: Vec<(&'static str, f64, f64)> = Vec::new();
    for (row, score) in table.rows.iter().zip(scores.iter().zip(&said_by_title)) {
        match topics.iter_mut().find(|(topic, ..)| *topic == row.topic) {
            Some((_, all, of_title)) => {
                *all += score.0;
                *of_title += score.1;
            }
            None => topics.push((row.topic, *score.0, *score.1)),
        }
    }
    topics.sort_by(|a, b| b.1.total_cmp(&a.1));
    let best = topics.first()?.1;
    topics.retain(|(_, score, _)| *score >= ENOUGH && score * NEAR > best);
    let sure = topics.len() == 1 || topics.iter().all(|(.., of_title)| *of_title >= STRONG);
    // a title with three matters is about none of them
    if topics.is_empty() || !sure || topics.len() >= MOST {
        return None;
    }
    let first = topics.first()?.0;
    let tells = |text: &str| {
        let mut found: Option<(bool, String)> = None;
        for word in table.pattern.find_iter(text) {
            for (row, class) in &table.words[word.as_str()] {
                let strong = *class == Class::Strong;
                if table.rows[*row].topic == first && found.as_ref().is_none_or(|(known, _)| strong && !known) {
                    found = Some((strong, word.as_str().to_owned()));
                }
            }
        }
        found.map(|(_, word)| word)
    };
    let words = tells(matter).or_else(|| tells(begin)).or_else(|| tells(title))?;
    let paths = topics.iter().map(|(topic, ..)| path(table, &scores, topic)).collect();
    Some((paths, words))
}

/// The topic with its sub-topic, where one stands out.
fn path(table: &Table, scores: &[f64], topic: &str) -> String {
    let mut subs: Vec<(f64, &str)> = table
        .rows
        .iter()
        .zip(scores)
        .filter(|(row, _)| row.topic == topic && !row.sub.is_empty())
        .map(|(row, score)| (*score, row.sub))
        .collect();
    subs.sort_by(|a, b| b.0.total_cmp(&a.0));
    let second = subs.get(1).map_or(0.0, |(score, _)| *score);
    match subs.first() {
        Some((score, sub)) if *score >= SUB_ENOUGH && *score >= second * SUB_NEAR => format!("{topic}/{sub}"),
        _ => topic.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_is_of_the_classification() {
        let mut seen = std::collections::HashSet::new();
        for line in include_str!("topics.csv").lines().skip(1) {
            assert_eq!(line.split(',').count(), 5, "{line}");
        }
        for row in &TABLE.rows {
            assert!(seen.insert((row.topic, row.sub)), "{}/{} is there twice", row.topic, row.sub);
            // a page that states the path is read to the same names
            let path = [row.topic, row.sub].into_iter().filter(|name| !name.is_empty()).collect::<Vec<_>>().join("\\");
            assert_eq!(crate::extract::subjects::read(&path), [path.replace('\\', "/")], "{path}");
        }
        assert_eq!(TABLE.rows.iter().map(|row| row.topic).collect::<std::collections::HashSet<_>>().len(), 21);
        assert!(TABLE.words.keys().all(|word| word.chars().count() >= 2));
    }

    #[test]
    fn titles_and_their_topics() {
        for (title, issuer, text, expected) in [
            (
                "关于组织申报示例市高新技术企业的通知",
                "示例市科学技术局",
                "科技创新，研发机构，科技成果",
                &["科技、教育/科技"][..],
            ),
            ("关于减征示例税收的公告", "国家税务总局", "", &["财政、金融、审计/税务"]),
            ("示例市示例条例", "", "", &[]),
            // the office leads, the matter is of another
            ("关于开展安全生产检查的通知", "示例市财政局", "", &["市场监管、安全生产监管"]),
            // two matters alike
            ("关于示例教育和旅游工作的通知", "", "", &["科技、教育", "商贸、海关、旅游"]),
            ("关于教育、旅游、体育和林业工作的通知", "", "", &[]),
            ("关于做好有关工作的通知", "示例市财政局", "", &[]),
            ("", "", "", &[]),
        ] {
            let policy = Policy {
                title: title.to_owned(),
                issuers: [issuer].into_iter().filter(|name| !name.is_empty()).map(str::to_owned).collect(),
                body_text: text.to_owned(),
                ..Policy::default()
            };
            let mut found = of(&policy).map(|(paths, _)| paths).unwrap_or_default();
            let mut wanted: Vec<String> = expected.iter().map(|path| (*path).to_owned()).collect();
            found.sort();
            wanted.sort();
            assert_eq!(found, wanted, "{title}");
            if let Some((_, words)) = of(&policy) {
                assert!(title.contains(&words) || text.contains(&words), "{words}");
            }
        }
    }
}
