//! Slips in a query: Latin letters that stand for Chinese words, and single letters of the same sound or another form.
//! A text is only read as another one where the index has next to nothing for it and much for the other: 景点 is never
//! read as 经典, as both are words that documents use.

use std::cmp::Reverse;
use std::collections::HashSet;

use tantivy::Term;
use tantivy::collector::Count;
use tantivy::query::PhraseQuery;

use super::parse::{Parsed, Part};
use super::sounds::{Sounds, is_latin, without_apostrophes};
use crate::Analyzer;
use crate::policies::postings::Postings;
use crate::policies::schema::Fields;
use crate::text::{Word, pairs};

/// The other word has to be in so many documents at least.
const KNOWN: u64 = 3;
/// And in so many times as many as what was typed.
const TIMES: u64 = 100;
/// Fewer times suffice to propose another word, as the typed one is looked for nevertheless.
pub const TIMES_TO_PROPOSE: u64 = 10;
/// What stands in more documents than this, and than one of [`STRANGE`], is known and not proposed for.
const SELDOM: u64 = 3;
/// Fewer times suffice for Latin letters, which are seldom more than part of an address.
const LATIN_TIMES: u64 = 10;
/// A word in one of so many documents may be a slip of theirs.
const STRANGE: u64 = 1_000;
/// The longest stretch that is compared, in letters.
const MAX_CHARS: usize = 6;
/// Short stretches may be anything in a long text, as a question is: so many letters are short, and so many around make
/// a text long.
const FEW_CHARS: usize = 3;
const MAX_CHARS_AROUND: usize = 9;
/// Letters that hold others together; between words they are no slip.
const FUNCTION: &str = "的地得是与和及或在被以之向谁何什么哪吗呢了不未无已为于对将把让给可能会应该我你他她它们这那其此到从由因若如怎几个\
    一二三四五六七八九十都也还又再很就则才只但而且等既";
/// Of slips within known words: the least and the most letters, in how many documents and in one of how many the other
/// word has to be at least, and in how many times as many as the words in a row as typed.
const MIN_CHARS_OF_WORDS: usize = 3;
const MAX_CHARS_OF_WORDS: usize = 8;
const KNOWN_WORDS: u64 = 20;
const FEW: u64 = 10_000;
const MANY_TIMES: u64 = 50;
/// Letters beyond this are not compared.
const MAX_COMPARED: usize = 40;

/// A text that was read as another.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Correction {
    /// As typed, folded.
    pub typed: String,
    /// What was looked for instead.
    pub read_as: String,
}

impl Correction {
    /// A query as typed with what was read put in.
    pub fn in_text(&self, query: &str, analyzer: &Analyzer) -> String {
        if query.contains(&self.typed) {
            query.replacen(&self.typed, &self.read_as, 1)
        } else {
            analyzer.fold(query).replacen(&self.typed, &self.read_as, 1)
        }
    }
}

/// Looks at the index, for how often things stand there.
pub struct Corrector<'a> {
    /// For the cut.
    pub analyzer: &'a Analyzer,
    /// The index.
    pub postings: &'a Postings<'a>,
    /// Its fields.
    pub fields: &'a Fields,
}

impl Corrector<'_> {
    /// Whether a query has something that no document has, so that the words need to be known by their sound.
    pub fn is_needed(&self, parsed: &Parsed) -> tantivy::Result<bool> {
        let few = SELDOM.max(self.postings.documents() / TIMES);
        for part in texts(parsed) {
            let letters = without_apostrophes(part).map_or_else(|| part.to_owned(), |(letters, _)| letters);
            for word in letters.split(|character: char| !character.is_ascii_lowercase()) {
                if word.len() > 1 && self.frequency_of_word(word)? <= few {
                    return Ok(true);
                }
            }
            for pair in pairs(part).take(MAX_COMPARED) {
                if self.frequency_of_pair(pair)? <= few {
                    return Ok(true);
                }
            }
        }
        Ok(false)
    }

    /// Reads slips as what was meant; gives what was changed.
    pub fn correct(&self, parsed: &mut Parsed, sounds: &Sounds) -> tantivy::Result<Vec<Correction>> {
        let mut corrections = Vec::new();
        for group in &mut parsed.groups {
            let [Part::Text(text)] = group.as_slice() else { continue };
            let typed = text.clone();
            if self.is_code(&typed)? {
                continue;
            }
            if let Some((letters, _)) = without_apostrophes(&typed) {
                let frequency = self.frequency_of_word(&letters)?;
                let read = sounds.of_latin(&typed);
                let mut other = 0;
                for word in &read {
                    other = other.max(self.rarest_pair(word)?);
                }
                // An abbreviation that documents use is none of ours; one in an address among their texts is.
                if !read.is_empty() && (frequency == 0 || other >= frequency * LATIN_TIMES) {
                    corrections.push(Correction { typed, read_as: read.join(" OR ") });
                    *group = read.into_iter().map(Part::Text).collect();
                }
                continue;
            }
            let slip = match self.slip(&typed, sounds, TIMES)? {
                None => self.slip_in_words(&typed, sounds)?,
                found => found,
            };
            if let Some((stretch, word)) = slip {
                let read_as = word.to_owned();
                *group = vec![Part::Text(typed.replacen(stretch, word, 1))];
                corrections.push(Correction { typed: stretch.to_owned(), read_as });
            }
        }
        Ok(corrections)
    }

    /// The query with the first rare word that sounds or looks like a frequent one changed for it, and that change.
    pub fn propose(&self, parsed: &Parsed, sounds: &Sounds) -> tantivy::Result<Option<(Parsed, Correction)>> {
        for (index, group) in parsed.groups.iter().enumerate() {
            let [Part::Text(text)] = group.as_slice() else { continue };
            if is_latin(text) || self.is_code(text)? {
                continue;
            }
            let Some((stretch, word)) = self.slip(text, sounds, TIMES_TO_PROPOSE)? else { continue };
            if self.rarest_pair(stretch)? > SELDOM.max(self.postings.documents() / STRANGE) {
                continue;
            }
            let mut changed = parsed.clone();
            if let Some(group) = changed.groups.get_mut(index) {
                *group = vec![Part::Text(text.replacen(stretch, word, 1))];
            }
            let correction = Correction { typed: stretch.to_owned(), read_as: word.to_owned() };
            return Ok(Some((changed, correction)));
        }
        Ok(None)
    }

    /// The longest stretch of a text that is a slip for a word in so many times as many documents, and that word.
    fn slip<'t, 's>(
        &self,
        text: &'t str,
        sounds: &'s Sounds,
        times: u64,
    ) -> tantivy::Result<Option<(&'t str, &'s str)>> {
        let bounds: Vec<usize> =
            text.char_indices().map(|(start, _)| start).chain([text.len()]).take(MAX_COMPARED + 1).collect();
        let letters = bounds.len() - 1;
        // Letters that the cut left alone, and those of words that next to no document has; others are no slip. A word
        // that documents have may at most be asked about.
        let mut doubtful: HashSet<usize> = HashSet::new();
        // What begins or ends within another word is no word of its own: 何规 in 有何规定.
        let mut within: HashSet<usize> = HashSet::new();
        for word in self.analyzer.cut(text).into_iter().take(MAX_COMPARED) {
            let letters = &text[word.start..word.end];
            let starts = letters.char_indices().map(|(start, _)| word.start + start);
            let is_doubtful = letters.chars().nth(1).is_none()
                || self.is_strange(letters)? && (times < TIMES || self.frequency_of_word(letters)? == 0);
            if is_doubtful {
                doubtful.extend(starts);
            } else {
                within.extend(starts.skip(1));
            }
        }
        for length in (2..=MAX_CHARS.min(letters)).rev() {
            for stretch in bounds.windows(length + 1) {
                if !stretch[..length].iter().any(|start| doubtful.contains(start))
                    || within.contains(&stretch[0])
                    || within.contains(&stretch[length])
                {
                    continue;
                }
                let start = stretch[0];
                let stretch = &text[start..stretch[length]];
                let is_short = length <= FEW_CHARS;
                if is_short && (letters > MAX_CHARS_AROUND || stretch.contains(is_function)) {
                    continue;
                }
                let frequency = self.rarest_pair(stretch)?;
                let mut best: Option<(u64, &str)> = None;
                let words: Vec<&str> =
                    if stretch == text { sounds.like(stretch).collect() } else { sounds.much_like(stretch).collect() };
                for word in words {
                    let Some(slip) = difference(stretch, word) else { continue };
                    if !doubtful.contains(&(start + slip)) || stretch[slip..].starts_with(is_function) {
                        continue;
                    }
                    let other = self.rarest_pair(word)?.min(self.frequency_of_word(word)?);
                    if other >= KNOWN.max(frequency * times) && best.is_none_or(|(most, _)| other > most) {
                        best = Some((other, word));
                    }
                }
                if let Some((_, word)) = best {
                    return Ok(Some((stretch, word)));
                }
            }
        }
        Ok(None)
    }

    /// The longest stretch of whole words that no document has so and that is a slip for a term of policy: 人工 and 只能
    /// are known, 人工只能 is nothing.
    fn slip_in_words<'t, 's>(&self, text: &'t str, sounds: &'s Sounds) -> tantivy::Result<Option<(&'t str, &'s str)>> {
        let words: Vec<Word> = self.analyzer.cut(text).into_iter().take(MAX_COMPARED).collect();
        let mut stretches = Vec::new();
        for (at, first) in words.iter().enumerate() {
            let mut end = first.start;
            for word in &words[at..] {
                if word.start != end {
                    break;
                }
                end = word.end;
                let stretch = &text[first.start..end];
                let letters = stretch.chars().count();
                if letters > MAX_CHARS_OF_WORDS {
                    break;
                }
                if letters >= MIN_CHARS_OF_WORDS {
                    stretches.push((letters, first.start, stretch));
                }
            }
        }
        stretches.sort_by_key(|&(letters, start, _)| (Reverse(letters), start));
        for (_, _, stretch) in stretches {
            let mut best: Option<(u64, &str)> = None;
            let is_term = |word: &&str| self.is_term(word) && difference(stretch, word).is_some();
            for word in sounds.much_like(stretch).filter(is_term) {
                let other = self.rarest_pair(word)?.min(self.frequency_of_word(word)?);
                let many = KNOWN_WORDS.max(self.postings.documents() / FEW);
                if other >= many && best.is_none_or(|(most, _)| other > most) {
                    best = Some((other, word));
                }
            }
            if let Some((other, word)) = best
                && self.frequency_of_run(stretch)? <= other / MANY_TIMES
            {
                return Ok(Some((stretch, word)));
            }
        }
        Ok(None)
    }

    /// In how many documents words stand one after the other, in the text or in the title.
    fn frequency_of_run(&self, text: &str) -> tantivy::Result<u64> {
        let words: Vec<&str> = self.analyzer.cut(text).into_iter().map(|word| &text[word.start..word.end]).collect();
        if self.rarest_pair(text)? == 0 {
            return Ok(0);
        }
        let mut most = 0;
        for field in [self.fields.title, self.fields.body] {
            let terms: Vec<Term> = words.iter().map(|word| Term::from_field_text(field, word)).collect();
            let count = match terms.as_slice() {
                [] => 0,
                [term] => self.postings.frequency(term)?,
                _ => self.postings.searcher().search(&PhraseQuery::new(terms), &Count)? as u64,
            };
            most = most.max(count);
        }
        Ok(most)
    }

    /// Whether numbers of documents begin so: 粤府函.
    fn is_code(&self, text: &str) -> tantivy::Result<bool> {
        Ok(self.postings.frequency(&Term::from_field_text(self.fields.number, &format!("{text}||")))? > 0)
    }

    /// Whether next to no document has a word that is no term of policy either.
    fn is_strange(&self, word: &str) -> tantivy::Result<bool> {
        let is_rare = self.frequency_of_word(word)? <= self.postings.documents() / STRANGE;
        Ok(is_rare && !self.is_term(word))
    }

    fn is_term(&self, word: &str) -> bool {
        // They are sorted.
        self.analyzer.terms().binary_search_by(|term| term.as_str().cmp(word)).is_ok()
    }

    fn rarest_pair(&self, text: &str) -> tantivy::Result<u64> {
        let mut rarest = u64::MAX;
        for pair in pairs(text) {
            rarest = rarest.min(self.frequency_of_pair(pair)?);
        }
        // Without a pair there is nothing to compare.
        Ok(if rarest == u64::MAX { self.postings.documents() } else { rarest })
    }

    fn frequency_of_pair(&self, pair: &str) -> tantivy::Result<u64> {
        self.postings.frequency_in([self.fields.title_pairs, self.fields.body_pairs], pair)
    }

    fn frequency_of_word(&self, word: &str) -> tantivy::Result<u64> {
        self.postings.frequency_in([self.fields.title, self.fields.body], word)
    }
}

/// Texts that may be read in another way: not what stands between quotes, and no alternatives.
fn texts(parsed: &Parsed) -> impl Iterator<Item = &str> {
    parsed.groups.iter().filter_map(|group| match group.as_slice() {
        [Part::Text(text)] => Some(text.as_str()),
        _ => None,
    })
}

fn is_function(letter: char) -> bool {
    FUNCTION.contains(letter)
}

/// Where two texts of one length differ, if in one letter.
fn difference(text: &str, other: &str) -> Option<usize> {
    if text.chars().count() != other.chars().count() {
        return None;
    }
    let mut differ = text.char_indices().zip(other.chars()).filter(|((_, one), another)| one != another);
    let ((start, _), _) = differ.next()?;
    differ.next().is_none().then_some(start)
}
