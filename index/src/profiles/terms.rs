//! Terms: the words that profiles name, each stored once for all profiles, with its synonyms and its parts, and how
//! strongly a document speaks of each.

use std::collections::HashMap;
use std::ops::Range;

use zhida_schemas::qualification;

use super::stream::{BREAK, Stream};
use super::words::{WordId, Words};
use crate::Analyzer;

/// Number of a term, stable while a profile uses it.
pub type TermId = u32;

/// A term of more parts is looked for as a whole only.
const MAX_PARTS: usize = 4;

/// Parts that stand together within this many letters more than the term has are a loose mention; side by side, in
/// any order, they are a whole one (餐饮、住宿 for 住宿餐饮).
const LOOSE_SPAN: usize = 2;

/// What a loose mention counts beside a whole one.
const LOOSE_WEIGHT: f64 = 0.7;

/// What a mention in a heading counts, or in a sentence that says who is eligible.
const HEADING_WEIGHT: f64 = 2.0;

/// What a mention inside the title of another document counts.
const CITED_WEIGHT: f64 = 0.5;

/// Letters per expected mention: a text this much longer must mention a word once more to be as much about it.
const LETTERS_PER_MENTION: f64 = 700.0;

/// Mentions (after length) at which a body is half about a word.
const HALF: f64 = 1.1;

/// What a mention in the title is worth by itself.
const TITLE_BASE: f64 = 0.7;

/// The words of all profiles.
#[derive(Default)]
pub struct Terms {
    words: Words,
    terms: Vec<Term>,
    by_letters: HashMap<(Box<[char]>, bool), TermId>,
    free: Vec<TermId>,
    by_word: HashMap<WordId, Vec<TermId>>,
}

#[derive(Default)]
struct Term {
    letters: Box<[char]>,
    has_variants: bool,
    /// Any of these is the term: itself and its synonyms.
    forms: Vec<WordId>,
    /// All of these, close together, are a loose mention.
    parts: Vec<WordId>,
    /// Everything to release.
    spelled: Vec<Box<[char]>>,
    uses: u32,
}

impl Terms {
    /// Adds a term as a person wrote it, or one more use of it. `None` when no letter is in it or it is too long.
    pub fn add(&mut self, analyzer: &Analyzer, text: &str) -> Option<TermId> {
        self.insert(analyzer, text, true)
    }

    /// As [`Terms::add`] for a proper name: no synonyms, no parts.
    pub fn add_name(&mut self, analyzer: &Analyzer, text: &str) -> Option<TermId> {
        self.insert(analyzer, text, false)
    }

    fn insert(&mut self, analyzer: &Analyzer, text: &str, has_variants: bool) -> Option<TermId> {
        let letters = letters(analyzer, text);
        // A proper name that is spelled like a word is another term: it has no variants.
        let key = (letters.clone().into_boxed_slice(), has_variants);
        if let Some(&id) = self.by_letters.get(&key) {
            self.terms[id as usize].uses += 1;
            return Some(id);
        }
        let mut term = Term { letters: letters.clone().into(), has_variants, uses: 1, ..Term::default() };
        term.forms.push(self.words.add(&letters)?);
        term.spelled.push(letters.clone().into());
        if has_variants {
            for variant in variants(analyzer, &letters, text) {
                if let Some(word) = self.words.add(&variant) {
                    term.forms.push(word);
                    term.spelled.push(variant.into());
                }
            }
            let parts = parts(analyzer, text);
            for part in parts {
                if let Some(word) = self.words.add(&part) {
                    term.parts.push(word);
                    term.spelled.push(part.into());
                }
            }
        }
        let id = match self.free.pop() {
            Some(id) => id,
            None => {
                self.terms.push(Term::default());
                TermId::try_from(self.terms.len() - 1).ok()?
            }
        };
        for &word in term.forms.iter().chain(&term.parts) {
            let users = self.by_word.entry(word).or_default();
            if !users.contains(&id) {
                users.push(id);
            }
        }
        self.by_letters.insert(key, id);
        self.terms[id as usize] = term;
        Some(id)
    }

    /// Takes one use back.
    pub fn release(&mut self, id: TermId) {
        let Some(term) = self.terms.get_mut(id as usize) else { return };
        term.uses = term.uses.saturating_sub(1);
        if term.uses > 0 {
            return;
        }
        let term = std::mem::take(term);
        for &word in term.forms.iter().chain(&term.parts) {
            if let Some(users) = self.by_word.get_mut(&word) {
                users.retain(|&user| user != id);
                if users.is_empty() {
                    self.by_word.remove(&word);
                }
            }
        }
        for word in &term.spelled {
            self.words.release(word);
        }
        self.by_letters.remove(&(term.letters, term.has_variants));
        self.free.push(id);
    }

    /// How strongly a document speaks of each term.
    pub fn mentions(&self, title: &Title<'_>, body: &Stream<'_>) -> Mentions {
        let mut places: HashMap<WordId, Vec<Place>> = HashMap::new();
        for (stream, in_title) in [(&title.stream, true), (body, false)] {
            let mut add = |word: WordId, range: Range<usize>, is_word: bool| {
                if in_title && range.start < title.matter_from {
                    return;
                }
                if is_word && !stream.in_office_name(&range) {
                    places.entry(word).or_default().push(Place { in_title, range });
                }
            };
            self.words.scan(&stream.letters, |word, start, end| {
                let range = start..end;
                let is_word = stream.is_word(&range);
                add(word, range, is_word);
            });
            for (letters, at, joint) in stream.joints() {
                self.words.scan(&letters, |word, start, end| {
                    if start < joint && joint < end {
                        add(word, at[start]..at[end - 1] + 1, true);
                    }
                });
            }
        }
        let mut touched: Vec<TermId> =
            places.keys().filter_map(|word| self.by_word.get(word)).flatten().copied().collect();
        touched.sort_unstable();
        touched.dedup();
        let length = body.len();
        let found = touched
            .into_iter()
            .filter_map(|id| Some((id, self.mention(self.terms.get(id as usize)?, &places, body, length)?)))
            .collect();
        Mentions { found }
    }

    fn mention(
        &self,
        term: &Term,
        places: &HashMap<WordId, Vec<Place>>,
        body: &Stream<'_>,
        length: usize,
    ) -> Option<Mention> {
        let mut whole: Vec<&Place> = term.forms.iter().filter_map(|word| places.get(word)).flatten().collect();
        whole.sort_by_key(|place| (!place.in_title, place.range.start, std::cmp::Reverse(place.range.end)));
        // Of forms that overlap (首台套 in 首台套重大技术装备) the first and longest counts.
        whole.dedup_by(|next, kept| next.in_title == kept.in_title && next.range.start < kept.range.end);
        let mut title: Option<(f64, Place)> = None;
        let mut sum = 0.0;
        let mut count = 0;
        let mut best: Option<(f64, Place)> = None;
        let mut note = |place: &Place, weight: f64| {
            if place.in_title {
                if title.as_ref().is_none_or(|(known, _)| *known < weight) {
                    title = Some((weight, place.clone()));
                }
                return;
            }
            let mut weight = weight;
            if body.cited.get(place.range.start).copied().unwrap_or(false) {
                weight *= CITED_WEIGHT;
            } else if body.in_heading(&place.range) || body.says_who(&place.range) {
                weight *= HEADING_WEIGHT;
            }
            sum += weight;
            count += 1;
            if best.as_ref().is_none_or(|(known, _)| *known < weight) {
                best = Some((weight, place.clone()));
            }
        };
        for place in &whole {
            note(place, 1.0);
        }
        for place in loose(term, places) {
            let overlaps = whole.iter().any(|other| {
                other.in_title == place.in_title
                    && other.range.start < place.range.end
                    && place.range.start < other.range.end
            });
            if !overlaps {
                let is_list = place.range.len() <= term.letters.len() + 1;
                note(&place, if is_list { 1.0 } else { LOOSE_WEIGHT });
            }
        }
        let in_body = body_strength(sum, length);
        let (strength, place) = match (&title, &best) {
            (Some((weight, place)), _) => (weight * TITLE_BASE + 0.28 * in_body, place.clone()),
            (None, Some((_, place))) => (in_body, place.clone()),
            (None, None) => return None,
        };
        Some(Mention { strength, in_title: title.is_some(), count, place })
    }
}

/// How much a body of this length is about what it mentions with this weight.
pub fn body_strength(weight: f64, letters: usize) -> f64 {
    let mentions = weight / (1.0 + letters as f64 / LETTERS_PER_MENTION);
    mentions / (mentions + HALF)
}

fn loose(term: &Term, places: &HashMap<WordId, Vec<Place>>) -> Vec<Place> {
    let mut found: Vec<Place> = Vec::new();
    let Some((first, others)) = term.parts.split_first() else { return found };
    let span = term.letters.len() + LOOSE_SPAN;
    let Some(starts) = places.get(first) else { return found };
    let mut lists = Vec::new();
    for other in others {
        let Some(list) = places.get(other) else { return found };
        lists.push(list);
    }
    for start in starts {
        let mut range = start.range.clone();
        let complete = lists.iter().all(|list| {
            // Lists are in text order, titles first.
            let from = list.partition_point(|place| {
                (!place.in_title, place.range.start) < (!start.in_title, start.range.start.saturating_sub(span))
            });
            list[from..]
                .iter()
                .take_while(|place| place.in_title == start.in_title && place.range.start < start.range.end + span)
                .find(|place| {
                    let joined = range.start.min(place.range.start)..range.end.max(place.range.end);
                    let apart = place.range.end <= start.range.start || place.range.start >= start.range.end;
                    apart && joined.len() <= span
                })
                .map(|place| range = range.start.min(place.range.start)..range.end.max(place.range.end))
                .is_some()
        });
        let repeats = found.last().is_some_and(|last| last.in_title == start.in_title && range.start < last.range.end);
        if complete && !repeats {
            found.push(Place { in_title: start.in_title, range });
        }
    }
    found
}

/// Where something stands, as letters.
#[derive(Debug, Clone, PartialEq)]
pub struct Place {
    /// In the title; else in the body.
    pub in_title: bool,
    /// Letters of that stream.
    pub range: Range<usize>,
}

/// What a document says of a term.
#[derive(Debug, Clone)]
pub struct Mention {
    /// 0 to 1.
    pub strength: f64,
    /// Whether the title has it.
    pub in_title: bool,
    /// Mentions in the body.
    pub count: usize,
    /// The best of them.
    pub place: Place,
}

/// The terms of a document.
#[derive(Debug, Default)]
pub struct Mentions {
    found: HashMap<TermId, Mention>,
}

impl Mentions {
    /// What the document says of this term.
    pub fn get(&self, term: TermId) -> Option<&Mention> {
        self.found.get(&term)
    }

    /// Every term that the document mentions.
    pub fn iter(&self) -> impl Iterator<Item = (TermId, &Mention)> {
        self.found.iter().map(|(&id, mention)| (id, mention))
    }

    /// The strongest mention.
    pub fn strongest(&self) -> f64 {
        self.found.values().map(|mention| mention.strength).fold(0.0, f64::max)
    }

    /// The same with every mention as strong as one in the title: what a search for the bare word would find.
    pub fn flattened(&self) -> Self {
        let mut found = self.found.clone();
        for mention in found.values_mut() {
            mention.strength = mention.strength.max(TITLE_BASE);
        }
        Self { found }
    }
}

/// A title: the name of the office before 关于 is no part of the matter.
pub struct Title<'a> {
    /// Its letters.
    pub stream: Stream<'a>,
    /// Where the matter begins.
    pub matter_from: usize,
}

impl<'a> Title<'a> {
    /// Reads a title.
    pub fn new(analyzer: &Analyzer, title: &'a str) -> Self {
        const OFFICE_ENDS: &str = "局厅委部会办室府院心社行校司处署庭组";
        let stream = Stream::new(analyzer, title);
        let about = stream.letters.windows(2).position(|pair| pair == ['关', '于']);
        let matter_from = about
            .filter(|&at| {
                let before = stream.letters[..at].iter().rev().find(|&&letter| letter != BREAK);
                before.is_some_and(|&letter| OFFICE_ENDS.contains(letter))
            })
            .unwrap_or(0);
        Self { stream, matter_from }
    }
}

/// The letters of a text, folded.
pub fn letters(analyzer: &Analyzer, text: &str) -> Vec<char> {
    analyzer.fold(text).chars().filter(|character| character.is_alphanumeric()).collect()
}

/// Other ways to write a term. A lay word is not what a profile means: nothing is pushed for it.
fn variants(analyzer: &Analyzer, own: &[char], text: &str) -> Vec<Vec<char>> {
    let mut found: Vec<Vec<char>> = Vec::new();
    let mut add = |variant: Vec<char>| {
        if !variant.is_empty() && variant != own && !found.contains(&variant) {
            found.push(variant);
        }
    };
    let own_letters: String = own.iter().collect();
    for synonym in analyzer.synonyms_of(&own_letters) {
        add(synonym.chars().collect());
    }
    add(letters(analyzer, &qualification::standard_name(text)));
    found
}

fn parts(analyzer: &Analyzer, text: &str) -> Vec<Vec<char>> {
    let parts: Vec<Vec<char>> =
        analyzer.query_terms(text).iter().map(|word| letters(analyzer, word)).filter(|word| !word.is_empty()).collect();
    let usable = (2..=MAX_PARTS).contains(&parts.len()) && parts.iter().all(|part| part.len() >= 2);
    if usable { parts } else { Vec::new() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::tests::analyzer;

    fn strength(term: &str, title: &str, body: &str) -> f64 {
        let analyzer = analyzer();
        let mut terms = Terms::default();
        let id = terms.add(&analyzer, term).unwrap();
        let mentions = terms.mentions(&Title::new(&analyzer, title), &Stream::new(&analyzer, body));
        mentions.get(id).map_or(0.0, |mention| mention.strength)
    }

    #[test]
    fn a_title_counts_far_more_than_a_passing_mention() {
        let long = "本市各有关单位要抓好落实，做好各项工作。".repeat(100);
        let passing = format!("{long}支持软件企业。{long}");
        assert!(strength("软件", "关于支持软件产业发展的通知", &long) >= TITLE_BASE);
        assert!(strength("软件", "关于做好有关工作的通知", &passing) < 0.2);
        let central = format!("{long}{}", "支持软件企业上云。".repeat(20));
        assert!(strength("软件", "关于做好有关工作的通知", &central) > 0.5);
        assert_eq!(strength("软件", "关于硬件的通知", &long), 0.0);
    }

    #[test]
    fn the_issuer_in_a_title_is_not_its_matter() {
        assert_eq!(strength("公积金", "某市公积金管理中心关于调整服务时间的通知", ""), 0.0);
        assert!(strength("公积金", "某市公积金管理中心关于公积金缓缴的通知", "") >= TITLE_BASE);
    }

    #[test]
    fn brackets_and_order_do_not_hide_a_term() {
        for (term, title) in [
            ("出口退税", "关于出口退（免）税有关工作的通知"),
            ("首台套", "首台（套）装备奖励办法"),
            ("住宿餐饮", "支持餐饮、住宿企业的措施"),
            ("专精特新小巨人企业", "关于申报专精特新“小巨人”企业的通知"),
            ("中小企業", "支持中小企业的措施"),
        ] {
            assert!(strength(term, title, "") > 0.4, "{term} in {title}");
        }
        assert_eq!(strength("住宿餐饮", "餐饮企业须知 学校住宿管理办法另行通知各有关单位住宿", ""), 0.0);
    }

    #[test]
    fn a_lay_word_is_no_other_name_of_a_term() {
        assert!(strength("高企", "高新技术企业认定的通知", "") >= TITLE_BASE);
        assert_eq!(strength("看病", "关于就医结算的通知", ""), 0.0);
        assert_eq!(strength("就医", "关于看病就近的通知", ""), 0.0);
    }

    #[test]
    fn what_is_released_leaves_nothing_behind() {
        let analyzer = analyzer();
        let mut terms = Terms::default();
        let first = terms.add(&analyzer, "住宿餐饮").unwrap();
        let again = terms.add(&analyzer, "住宿 餐饮").unwrap();
        assert_eq!(first, again);
        let other = terms.add(&analyzer, "餐饮").unwrap();
        terms.release(first);
        terms.release(again);
        let mentions = terms.mentions(&Title::new(&analyzer, "住宿餐饮"), &Stream::new(&analyzer, ""));
        assert_eq!(mentions.iter().map(|(id, _)| id).collect::<Vec<_>>(), [other]);
        terms.release(other);
        assert!(terms.by_word.is_empty() && terms.by_letters.is_empty());
    }
}
