//! What may be meant by what has been typed so far: a document number, a frequent query, a term, a title.

use std::cmp::Reverse;
use std::collections::HashSet;
use std::sync::Arc;

use memchr::memmem::Finder;
use tantivy::columnar::StrColumn;
use tantivy::{DocId, Searcher, SegmentReader, Term};

use super::schema::Fields;
use super::segments::BySegment;
use crate::Analyzer;
use crate::query::number::{self, NumberParts};
use crate::query::sounds::Sounds;
use crate::text::letters;

/// What is typed beyond this is not read.
const MAX_TYPED_CHARS: usize = 60;
/// At most so many numbers, and of frequent queries and terms together; titles take the rest.
const MAX_NUMBERS: usize = 5;
const MAX_PHRASES: usize = 4;
/// Numbers of one year and issuer that are looked at.
const MAX_SERIALS: usize = 2_000;

/// The titles of a segment as letters, one after the other, so that all of them are searched in one sweep.
pub struct Titles {
    /// Folded, without punctuation, each ended by a line feed; in the order of the column's dictionary.
    letters: String,
    /// Where each begins.
    starts: Vec<u32>,
    /// Documents by title: those of title `n` are `docs[firsts[n]..firsts[n + 1]]`.
    docs: Vec<DocId>,
    firsts: Vec<u32>,
}

impl Titles {
    /// Reads the titles of a segment.
    pub fn read(reader: &SegmentReader, analyzer: &Analyzer) -> tantivy::Result<Self> {
        let mut titles = Self { letters: String::new(), starts: Vec::new(), docs: Vec::new(), firsts: vec![0] };
        let Some(column) = reader.fast_fields().str("title_text")? else { return Ok(titles) };
        let mut terms = column.dictionary().stream()?;
        while terms.advance() {
            titles.starts.push(u32::try_from(titles.letters.len()).unwrap_or(u32::MAX));
            titles.letters.push_str(&letters(&analyzer.fold(&String::from_utf8_lossy(terms.key()))));
            titles.letters.push('\n');
        }
        let ordinal = |doc| column.ords().first(doc).map(|ordinal| ordinal as usize);
        let mut counts = vec![0_u32; titles.starts.len() + 1];
        for title in (0..reader.max_doc()).filter_map(ordinal) {
            counts[title + 1] += 1;
        }
        for at in 1..counts.len() {
            counts[at] += counts[at - 1];
        }
        titles.firsts.clone_from(&counts);
        titles.docs = vec![0; counts.last().map_or(0, |&count| count as usize)];
        for doc in 0..reader.max_doc() {
            if let Some(title) = ordinal(doc) {
                titles.docs[counts[title] as usize] = doc;
                counts[title] += 1;
            }
        }
        Ok(titles)
    }

    /// Titles that hold every part: ordinal, and whether it begins with the first.
    fn holding(&self, parts: &[String]) -> Vec<(usize, bool)> {
        // the longest is the rarest
        let Some(longest) = parts.iter().max_by_key(|part| part.len()) else { return Vec::new() };
        let finder = Finder::new(longest);
        let mut found = Vec::new();
        let mut from = 0;
        while let Some(at) = finder.find(&self.letters.as_bytes()[from..]) {
            let title = self.starts.partition_point(|&start| start as usize <= from + at) - 1;
            let end = self.starts.get(title + 1).map_or(self.letters.len(), |&next| next as usize);
            let letters = &self.letters[self.starts[title] as usize..end];
            if parts.iter().all(|part| letters.contains(part.as_str())) {
                found.push((title, letters.starts_with(parts[0].as_str())));
            }
            from = end;
        }
        found
    }

    fn docs_of(&self, title: usize) -> &[DocId] {
        &self.docs[self.firsts[title] as usize..self.firsts[title + 1] as usize]
    }
}

/// What suggestions are drawn from.
pub struct Suggester<'a> {
    pub(super) searcher: &'a Searcher,
    pub(super) fields: &'a Fields,
    pub(super) analyzer: &'a Analyzer,
    pub(super) titles: &'a BySegment<Titles>,
    /// Queries that are asked often, the most frequent first.
    pub(super) frequent: &'a [String],
    /// Words by their sound, where they are known.
    pub(super) sounds: &'a dyn Fn() -> Option<Arc<Sounds>>,
}

impl Suggester<'_> {
    /// Suggestions, best first: numbers that begin like the one typed, frequent queries and terms that begin with what
    /// was typed, titles that begin with it, titles that hold it; of titles the newest first. Words typed with spaces
    /// between may stand apart in a title; pinyin and initials stand for words.
    pub fn suggest(&self, typed: &str, limit: usize) -> tantivy::Result<Vec<String>> {
        let end = typed.char_indices().nth(MAX_TYPED_CHARS).map_or(typed.len(), |(offset, _)| offset);
        let folded = self.analyzer.fold(typed[..end].trim());
        let parts: Vec<String> =
            folded.split_whitespace().map(letters).filter(|part: &String| !part.is_empty()).collect();
        if parts.is_empty() {
            return Ok(Vec::new());
        }
        let mut suggestions = self.numbers(&folded)?;
        suggestions.extend(self.phrases(&parts.concat())?);
        if suggestions.is_empty() {
            // gxjs, gaoxinj, 疫情fk: the words, and the titles that hold the first of them
            let words = self.by_sound(&folded);
            if let Some(word) = words.first() {
                let titles = self.titles(std::slice::from_ref(word), limit)?;
                suggestions.extend(words);
                suggestions.extend(titles);
            }
        }
        // one title more than is wanted for each that is there already
        suggestions.extend(self.titles(&parts, limit + suggestions.len())?);
        let mut seen = HashSet::new();
        suggestions.retain(|text| seen.insert(text.clone()));
        if suggestions.is_empty() {
            suggestions = self.slips(&parts.concat());
        }
        suggestions.truncate(limit);
        Ok(suggestions)
    }

    /// Words that begin with what was typed in pinyin or by initials, perhaps after Chinese letters.
    fn by_sound(&self, folded: &str) -> Vec<String> {
        let is_latin = |letter: char| letter.is_ascii_lowercase() || matches!(letter, '\'' | '’' | ' ');
        let latin = folded.len() - folded.trim_end_matches(is_latin).len();
        let (chinese, latin) = folded.split_at(folded.len() - latin);
        // Some type their syllables apart, and an apostrophe may be what comes next.
        let typed: String = latin.split_whitespace().collect();
        let typed = typed.trim_matches(['\'', '’']);
        if typed.len() < 2 {
            return Vec::new();
        }
        let Some(sounds) = (self.sounds)() else { return Vec::new() };
        if chinese.is_empty() {
            sounds.beginning(typed, MAX_PHRASES)
        } else {
            sounds.continuing(&letters(chinese), typed, MAX_PHRASES)
        }
    }

    /// Words that sound or look like what was typed, of which there is nothing.
    fn slips(&self, typed: &str) -> Vec<String> {
        if !typed.chars().nth(1).is_some_and(|_| typed.chars().all(|letter| !letter.is_ascii())) {
            return Vec::new();
        }
        let Some(sounds) = (self.sounds)() else { return Vec::new() };
        let mut seen = HashSet::from([typed]);
        let words = sounds.much_like(typed).filter(|word| seen.insert(*word)).take(MAX_PHRASES);
        words.map(str::to_owned).collect()
    }

    /// Document numbers that begin like the one typed, when that has at least its issuer and year; the latest first.
    fn numbers(&self, folded: &str) -> tantivy::Result<Vec<String>> {
        let Some(parts) = number::read_whole(folded, self.analyzer) else { return Ok(Vec::new()) };
        if parts.code.is_empty() || parts.year.is_none() {
            return Ok(Vec::new());
        }
        let prefix = parts.term();
        let mut serials: Vec<(u64, String)> = Vec::new();
        for reader in self.searcher.segment_readers() {
            let inverted = reader.inverted_index(self.fields.number)?;
            let mut terms = inverted.terms().range().ge(prefix.as_bytes()).into_stream()?;
            while let Some((term, _)) = terms.next() {
                let Some(serial) = std::str::from_utf8(term).ok().and_then(|term| term.strip_prefix(&prefix)) else {
                    break;
                };
                let serial = format!("{}{serial}", parts.serial);
                if !serial.is_empty() && serials.len() < MAX_SERIALS {
                    serials.push((serial.parse().unwrap_or(0), serial));
                }
            }
        }
        // the number itself before those that begin like it
        serials.sort_by_key(|(number, serial)| (*serial != parts.serial, Reverse(*number)));
        serials.dedup();
        let shown = serials.into_iter().take(MAX_NUMBERS).map(|(_, serial)| NumberParts { serial, ..parts.clone() });
        Ok(shown.map(|number| number.shown()).collect())
    }

    /// Frequent queries, and terms of the dictionary that documents hold, that begin with what was typed.
    fn phrases(&self, typed: &str) -> tantivy::Result<Vec<String>> {
        let longer = |text: &str| {
            let letters = letters(&self.analyzer.fold(text));
            letters.len() > typed.len() && letters.starts_with(typed)
        };
        let mut phrases: Vec<String> =
            self.frequent.iter().filter(|query| longer(query)).take(MAX_PHRASES).cloned().collect();
        let mut terms: Vec<(u64, &String)> = Vec::new();
        for term in self.analyzer.terms().iter().filter(|term| longer(term)) {
            let documents = self.searcher.doc_freq(&Term::from_field_text(self.fields.body, term))?
                + self.searcher.doc_freq(&Term::from_field_text(self.fields.title, term))?;
            if documents > 0 {
                terms.push((documents, term));
            }
        }
        // 高企 is more often looked for by its full form than by what begins so
        for full in self.analyzer.synonyms_of(typed) {
            let words = [self.fields.body, self.fields.title].map(|field| Term::from_field_text(field, full));
            if self.searcher.doc_freq(&words[0])? + self.searcher.doc_freq(&words[1])? > 0 {
                phrases.push(full.clone());
            }
        }
        terms.sort_by_key(|(documents, term)| (Reverse(*documents), *term));
        phrases.extend(terms.into_iter().map(|(_, term)| term.clone()).take(MAX_PHRASES));
        phrases.truncate(MAX_PHRASES);
        Ok(phrases)
    }

    fn titles(&self, parts: &[String], limit: usize) -> tantivy::Result<Vec<String>> {
        /// Whether what was typed stands within it, its day, its standing.
        type Rank = (bool, Reverse<i64>, Reverse<u64>);
        struct Candidate {
            rank: Rank,
            segment: usize,
            title: usize,
        }
        let mut candidates: Vec<Candidate> = Vec::new();
        let mut columns: Vec<Option<StrColumn>> = Vec::new();
        for (segment, reader) in self.searcher.segment_readers().iter().enumerate() {
            let fast = reader.fast_fields();
            columns.push(fast.str("title_text")?);
            let titles = self.titles.of(reader, self.searcher, |reader| Titles::read(reader, self.analyzer))?;
            let (dated, standing) = (fast.i64("dated")?, fast.u64("standing")?);
            for (title, begins) in titles.holding(parts) {
                let alive = titles.docs_of(title).iter().filter(|&&doc| !reader.is_deleted(doc));
                let newest =
                    alive.map(|&doc| (dated.first(doc).unwrap_or(i64::MIN), standing.first(doc).unwrap_or(0))).max();
                if let Some((dated, standing)) = newest {
                    candidates.push(Candidate { rank: (!begins, Reverse(dated), Reverse(standing)), segment, title });
                }
            }
        }
        // a title may stand in several segments
        let keep = limit * columns.len().max(1);
        if keep == 0 {
            return Ok(Vec::new());
        }
        if candidates.len() > keep {
            candidates.select_nth_unstable_by_key(keep, |candidate| candidate.rank);
            candidates.truncate(keep);
        }
        let mut titles: Vec<(Rank, String)> = Vec::new();
        candidates.sort_by_key(|candidate| candidate.rank);
        for candidate in candidates {
            let Some(column) = &columns[candidate.segment] else { continue };
            let mut text = String::new();
            column.ord_to_str(candidate.title as u64, &mut text)?;
            titles.push((candidate.rank, text));
            if titles.len() >= 2 * limit {
                break;
            }
        }
        titles.sort();
        Ok(titles.into_iter().map(|(_, title)| title).collect())
    }
}
