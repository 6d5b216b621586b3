//! To what a condition belongs: to the document as a whole, or to one of the measures in it.
//!
//! A document of many measures (若干政策措施) asks something else in each: a company that does not meet one of them may
//! still have the others. So an unmet condition speaks against the document only where nothing else is left.

use std::collections::{BTreeMap, BTreeSet};

use zhida_schemas::policy::Condition;
use zhida_schemas::{Policy, ReasonState};

/// Conditions and sums of money that are looked at.
const MOST: usize = 100;

/// A sentence is looked at this far around a condition, in bytes.
const REACH: usize = 600;

/// Words by which a sentence gives something to those whom it describes.
const GIVEN: &[&str] = &[
    "给予", "予以", "奖励", "奖补", "补助", "补贴", "资助", "贴息", "减免", "减征", "减半", "免征", "免收", "缓缴",
    "返还", "退还",
];

/// Words by which a sentence says whom it gives to.
const RECEIVER: &[&str] = &["对", "的，", "的,", "凡", "支持", "鼓励", "为"];

/// Where a condition stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    /// In the title, or not in the text.
    Everywhere,
    /// In a list of conditions; lists are counted, and what is given between two of them parts them.
    List(usize),
    /// In a sentence that gives something to those who meet it: where its line and where the sentence begin.
    Measure { line: usize, sentence: usize },
}

/// The measures of a document and the places of its conditions.
#[derive(Debug, Default)]
pub struct Measures {
    places: Vec<Place>,
    /// Lines that give something.
    lines: BTreeSet<usize>,
    /// Lists that are of some of the lines only, with these lines.
    own: BTreeMap<usize, Vec<usize>>,
}

impl Measures {
    /// Reads the places of a record's conditions.
    pub fn new(policy: &Policy) -> Self {
        if policy.conditions.is_empty() {
            return Self::default();
        }
        let text = policy.body_text.as_str();
        let found = |words: &str| if words.is_empty() { None } else { text.find(words).map(|at| at..at + words.len()) };
        let line = |at: usize| text[..at].rfind('\n').map_or(0, |at| at + 1);
        let mut lines = BTreeSet::new();
        for amount in policy.amounts.iter().take(MOST) {
            let Some(range) = found(&amount.evidence) else { continue };
            let (start, end) = sentence(text, range.start, range.end);
            if RECEIVER.iter().any(|word| text[start..end].contains(word)) {
                lines.insert(line(range.start));
            }
        }
        let conditions = policy.conditions.iter().take(MOST);
        let ranges: Vec<_> = conditions.map(|condition| found(&condition.evidence)).collect();
        let mut places: Vec<Place> = ranges
            .iter()
            .map(|range| {
                let Some(range) = range else { return Place::Everywhere };
                let (start, end) = sentence(text, range.start, range.end);
                if !GIVEN.iter().any(|word| text[start..end].contains(word)) {
                    return Place::List(0);
                }
                lines.insert(line(range.start));
                Place::Measure { line: line(range.start), sentence: start }
            })
            .collect();
        let mut lists = BTreeSet::new();
        for (place, range) in places.iter_mut().zip(&ranges) {
            if let (Place::List(nth), Some(range)) = (place, range) {
                *nth = lines.range(..range.start).count();
                lists.insert(*nth);
            }
        }
        let own = Self::own_lists(&lists, &lines);
        Self { places, lines, own }
    }

    /// Where lists and what is given take turns, each list is of what stands between it and the list before; one before
    /// all that is given is of all of it, and so is one alone.
    fn own_lists(lists: &BTreeSet<usize>, lines: &BTreeSet<usize>) -> BTreeMap<usize, Vec<usize>> {
        let behind: Vec<usize> = lists.iter().copied().filter(|nth| *nth > 0).collect();
        if behind.len() < 2 {
            return BTreeMap::new();
        }
        let before = |at: usize| at.checked_sub(1).map_or(0, |at| behind[at]);
        let of = |(at, nth): (usize, &usize)| (*nth, lines.iter().copied().take(*nth).skip(before(at)).collect());
        behind.iter().enumerate().map(of).collect()
    }

    /// The lines that are closed to a company that does not meet what is asked here; empty when all are.
    fn closes(&self, place: Place) -> Vec<usize> {
        match place {
            Place::Everywhere => Vec::new(),
            Place::List(nth) => self.own.get(&nth).cloned().unwrap_or_default(),
            Place::Measure { line, .. } => vec![line],
        }
    }

    /// Which unmet conditions leave something of the document open: another measure that asks nothing the company lacks,
    /// or another of its field, of another measure or list, that is met.
    pub fn spared(&self, conditions: &[(&Condition, ReasonState)]) -> Vec<bool> {
        if conditions.iter().all(|(_, state)| *state != ReasonState::Unmet) {
            return vec![false; conditions.len()];
        }
        let placed = || self.places.iter().copied().zip(conditions);
        let closed: BTreeSet<usize> = placed()
            .filter(|(_, (_, state))| *state == ReasonState::Unmet)
            .flat_map(|(place, _)| self.closes(place))
            .collect();
        let is_open = self.lines.iter().any(|line| !closed.contains(line));
        // at least 2,000 in one measure is no alternative to at most 500 in another
        let alternative = |one: &Condition, other: &Condition| one.field == other.field && one.op == other.op;
        let met_elsewhere = |here: Place, unmet: &Condition| {
            placed().any(|(place, (condition, state))| {
                *state == ReasonState::Met
                    && alternative(condition, unmet)
                    && place != here
                    && place != Place::Everywhere
            })
        };
        placed()
            .map(|(place, (condition, state))| {
                *state == ReasonState::Unmet
                    && place != Place::Everywhere
                    && (is_open && !self.closes(place).is_empty() || met_elsewhere(place, condition))
            })
            .collect()
    }
}

/// Bounds of the sentence around a range.
fn sentence(text: &str, from: usize, to: usize) -> (usize, usize) {
    const ENDS: [char; 4] = ['。', '；', ';', '\n'];
    let mut first = from.saturating_sub(REACH);
    while !text.is_char_boundary(first) {
        first += 1;
    }
    let mut last = to.saturating_add(REACH).min(text.len());
    while !text.is_char_boundary(last) {
        last -= 1;
    }
    let start = text[first..from].rfind(ENDS).map_or(first, |at| {
        let at = first + at;
        at + text[at..].chars().next().map_or(0, char::len_utf8)
    });
    let end = text[to..last].find(ENDS).map_or(last, |at| to + at);
    (start, end)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;
    use zhida_schemas::policy::{ConditionField, ConditionOp};

    /// Which of the conditions (field, evidence, whether met) are spared.
    fn spared(body: &str, conditions: &[(ConditionField, &str, bool)]) -> Vec<bool> {
        let record: Vec<Condition> = conditions
            .iter()
            .map(|(field, evidence, _)| Condition {
                field: *field,
                op: ConditionOp::In,
                value: json!([]),
                unit: None,
                evidence: (*evidence).to_owned(),
            })
            .collect();
        let policy = Policy { body_text: body.to_owned(), conditions: record.clone(), ..Policy::default() };
        let state = |met: bool| if met { ReasonState::Met } else { ReasonState::Unmet };
        let states: Vec<_> = record.iter().zip(conditions).map(|(one, (.., met))| (one, state(*met))).collect();
        Measures::new(&policy).spared(&states)
    }

    #[test]
    fn one_measure_of_many_does_not_rule_a_document_out() {
        use ConditionField::{Qualification, Revenue, Size, Staff};
        for (body, conditions, expected) in [
            // the other measure is open
            (
                "一、对示例孵化器给予50万元补助。\n二、对年收入2000万元以上的企业给予奖励。",
                &[(Qualification, "对示例孵化器给予50万元补助", true), (Revenue, "年收入2000万元以上", false)][..],
                &[false, true][..],
            ),
            // all measures are closed
            (
                "一、对示例孵化器给予50万元补助。\n二、对年收入2000万元以上的企业给予奖励。",
                &[(Qualification, "对示例孵化器给予50万元补助", false), (Revenue, "年收入2000万元以上", false)],
                &[false, false],
            ),
            // the only measure
            ("对年收入2000万元以上的企业给予奖励。", &[(Revenue, "年收入2000万元以上", false)], &[false]),
            // two sentences of one measure
            (
                "一、免征中小微企业的费用。对大型企业减半征收。",
                &[(Size, "免征中小微企业", true), (Size, "对大型企业减半征收", false)],
                &[false, true],
            ),
            // one list: all of it is asked
            (
                "一、申报条件\n1.应为示例企业；\n2.应为样本企业；",
                &[(Qualification, "应为示例企业", true), (Qualification, "应为样本企业", false)],
                &[false, false],
            ),
            // lists of two programmes
            (
                "一、甲\n应为示例企业；\n对入选的企业给予奖励，收入2亿元的翻倍。\n二、乙\n应为样本企业；",
                &[
                    (Qualification, "应为示例企业", true),
                    (Revenue, "收入2亿元", true),
                    (Qualification, "应为样本企业", false),
                ],
                &[false, false, true],
            ),
            // each measure has its list, and the first is not met
            (
                "一、对有30人的企业给予奖励。\n条件：应为示例企业；\n二、对收入2亿元的企业给予补助。\n条件：人数50人；",
                &[
                    (Staff, "有30人", true),
                    (Qualification, "应为示例企业", false),
                    (Revenue, "收入2亿元", true),
                    (Staff, "人数50人", true),
                ],
                &[false, true, false, false],
            ),
            // one list behind two measures is of both
            (
                "一、对有30人的企业给予奖励。\n二、对收入2亿元的企业给予补助。\n条件：应为示例企业；",
                &[(Staff, "有30人", true), (Revenue, "收入2亿元", true), (Qualification, "应为示例企业", false)],
                &[false, false, false],
            ),
            // the title's is for all of it
            ("对示例企业给予奖励。\n对样本企业给予奖励。", &[(Size, "中小企业", false)], &[false]),
            ("", &[(Size, "中小企业", false), (Size, "", true)], &[false, false]),
        ] {
            assert_eq!(spared(body, conditions), expected, "{body}");
        }
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_survived(body in "[对的给予。；\n企业]{0,40}|\\PC{0,40}", at in 0_usize..20, length in 0_usize..20) {
            let evidence: String = body.chars().skip(at).take(length).collect();
            let found = spared(&body, &[(ConditionField::Size, &evidence, false)]);
            proptest::prop_assert_eq!(found.len(), 1);
        }
    }
}
