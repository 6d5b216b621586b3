//! A parsed query as clauses over the fields of the index.

use std::collections::HashSet;
use std::ops::Bound;
use std::sync::LazyLock;

use tantivy::query::{
    BooleanQuery, BoostQuery, ConstScoreQuery, EmptyQuery, Occur, PhraseQuery, Query, RangeQuery, TermQuery,
};
use tantivy::schema::{Field, IndexRecordOption};
use tantivy::{Score, Term};

use super::fields::Asked;
use super::hints::{self, Hints, Office};
use super::number::NumberParts;
use super::parse::{Parsed, Part};
use super::synonyms::{MAX_RUN, Synonyms};
use crate::Analyzer;
use crate::policies::postings::{Postings, Source};
use crate::policies::schema::{self, Fields};
use crate::text::{Word, pairs};

/// Words beyond this are not looked for.
const MAX_WORDS: usize = 32;

/// Synonyms of one word beyond this are not looked for.
const MAX_SYNONYMS: usize = 6;

/// The share of the query's weight that a document has to hold where few hold most of it: some say it in other words.
/// Of a sentence less: [`Plan::strictness`].
pub const NEEDED: f32 = 0.4;

/// What a word counts in each field.
#[derive(Debug, Clone, Copy)]
struct FieldWeights {
    title: f32,
    body: f32,
    attachments: f32,
    names: f32,
}

const WORD: FieldWeights = FieldWeights { title: 1.5, body: 1.0, attachments: 0.4, names: 0.6 };
const SYNONYM: f32 = 0.95;
const COMPOUND_PARTS: f32 = 0.35;
const TITLE_PHRASE: f32 = 1.2;
/// A pair of letters counts less than a word: a word of four letters has three.
const PAIR: f32 = 0.6;
/// Pairs beyond this are not looked for.
const MAX_PAIRS: usize = 200;

/// An office that issued the document, beside a word of its text.
const ISSUER: f32 = 1.0;
/// A document that lacks the name of the place lacks so much of the word: it may apply there nevertheless.
const PLACE_WORD: f32 = 0.5;

/// A word in a question that need not be found.
const STOP_WORD: f32 = 0.1;
/// One letter alone says little.
const SINGLE_LETTER: f32 = 0.3;

/// A part of more words is a sentence.
const KEY_WORDS: f32 = 2.5;

/// Words that ask for what the nation's offices say.
const NATIONAL: [&str; 3] = ["国家", "全国", "中央"];

/// How a clause takes part.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Role {
    /// A word with its weight: most of the weight is needed.
    Word(f32),
    /// A word that says little: it has a weight, but is not enough to be found where the query has others.
    Weak(f32),
    /// Must hold, and has a weight.
    Must(f32),
    /// Only adds to the score.
    Bonus,
    /// Enough by itself; a higher tier ranks before every lower one.
    Enough(u8),
}

/// The document's own number is the one typed.
pub const TIER_OWN_NUMBER: u8 = 3;
/// It cites the number.
pub const TIER_CITES_NUMBER: u8 = 1;

/// What is looked for, and what its score is multiplied with.
pub struct Boosted {
    sought: Sought,
    boost: Score,
}

enum Sought {
    /// A term, scored by BM25.
    Term(Term),
    /// Any other query.
    Query(Box<dyn Query>),
}

impl Boosted {
    /// A term whose score counts `boost` times.
    pub fn term(term: Term, boost: Score) -> Self {
        Self { sought: Sought::Term(term), boost }
    }

    /// A query whose score counts `boost` times.
    pub fn query(query: impl Query, boost: Score) -> Self {
        Self { sought: Sought::Query(Box::new(query)), boost }
    }

    /// Where its documents come from.
    pub fn source(&self, postings: &Postings<'_>) -> tantivy::Result<Source> {
        match &self.sought {
            Sought::Term(term) => postings.term(term, self.boost),
            Sought::Query(query) => postings.query(&**query, self.boost),
        }
    }

    /// As a query of Tantivy's.
    pub fn to_query(&self) -> Box<dyn Query> {
        let query: Box<dyn Query> = match &self.sought {
            Sought::Term(term) => Box::new(TermQuery::new(term.clone(), IndexRecordOption::WithFreqs)),
            Sought::Query(query) => query.box_clone(),
        };
        Box::new(BoostQuery::new(query, self.boost))
    }

    /// As a query that lets documents through.
    fn into_query(self) -> Box<dyn Query> {
        match self.sought {
            Sought::Term(term) => Box::new(TermQuery::new(term, IndexRecordOption::Basic)),
            Sought::Query(query) => query,
        }
    }
}

/// A part of the query.
pub struct Clause {
    /// The best alternative counts; within one, scores add up.
    pub alternatives: Vec<Vec<Boosted>>,
    /// How it takes part.
    pub role: Role,
    /// What is looked for, as in the query.
    pub label: String,
}

/// What a document's score is multiplied with for what its record says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Hinted {
    /// Code of the place that the query names.
    pub place: Option<&'static str>,
    /// Days of the common era that it names, both included.
    pub dated: Option<(i64, i64)>,
    /// Whether an open window counts.
    pub applying: bool,
    /// Whether what is out of force, or a draft, sinks.
    pub in_force: bool,
}

impl Hinted {
    /// Of what a query says beside its words.
    pub fn of(hints: &Hints) -> Self {
        Self {
            place: hints.place.map(|place| place.code),
            dated: hints.dated.map(|span| (schema::day(span.from), schema::day(span.to))),
            applying: hints.applying,
            in_force: !hints.out_of_force,
        }
    }
}

/// A query ready to run.
#[derive(Default)]
pub struct Plan {
    /// What is looked for.
    pub clauses: Vec<Clause>,
    /// What must not occur.
    pub excluded: Vec<Box<dyn Query>>,
    /// What must hold, without a score.
    pub required: Vec<Box<dyn Query>>,
    /// What the score is multiplied with.
    pub hinted: Hinted,
    /// Full names of offices that words name.
    pub issuers: Vec<String>,
    /// What brings the best of the found documents closer to the top.
    pub closer: Vec<Boosted>,
    /// Words that were looked for, as cut.
    pub words: Vec<String>,
    /// Folded texts to be marked in results.
    pub marks: Vec<String>,
    /// Whether it asks for what the nation's offices say.
    pub national: bool,
    /// Words that say something in the part that has most of them.
    pub longest: usize,
    /// Whether it has a word that says something, in documents or not.
    pub has_strong: bool,
}

impl Plan {
    /// How strictly the query's words are asked for, from 1 downwards: a few words between spaces are chosen, each for
    /// what it says; a part of many words is a sentence, which documents say in other words.
    pub fn strictness(&self) -> f32 {
        let sentence = self.longest as f32 / KEY_WORDS;
        if sentence > 1.0 { sentence.powi(3).recip() } else { 1.0 }
    }
}

/// Makes clauses of a parsed query.
pub struct Builder<'a> {
    /// For the cut.
    pub analyzer: &'a Analyzer,
    /// Fields of the index.
    pub fields: &'a Fields,
    /// Synonyms.
    pub synonyms: &'a Synonyms,
    /// For the weights of words.
    pub postings: &'a Postings<'a>,
    /// What the query says beside its words.
    pub hints: &'a Hints,
}

impl Builder<'_> {
    /// Clauses for words, phrases, exclusions, the number and conditions on fields.
    pub fn plan(&self, parsed: &Parsed) -> tantivy::Result<Plan> {
        let mut plan = Plan { hinted: Hinted::of(self.hints), ..Plan::default() };
        if let Some(number) = &parsed.number {
            self.number(number, &mut plan);
        }
        if let ([group], None) = (parsed.groups.as_slice(), &parsed.number)
            && let [Part::Text(text)] = group.as_slice()
        {
            self.number_code(text, &mut plan)?;
        }
        let mut seen = HashSet::new();
        for group in &parsed.groups {
            match group.as_slice() {
                [Part::Text(text)] => self.text(text, &mut seen, &mut plan)?,
                [Part::Phrase(text)] => self.must_phrase(text, &mut plan)?,
                [Part::Field(asked)] => self.condition(asked, false, &mut plan)?,
                alternatives => self.alternatives(alternatives, &mut plan)?,
            }
        }
        plan.closer = self.pairs(parsed);
        if parsed.number.is_some() {
            // Beside a number, words only rank.
            for clause in &mut plan.clauses {
                if let Role::Word(_) | Role::Weak(_) | Role::Must(_) = clause.role {
                    clause.role = Role::Bonus;
                }
            }
        }
        for part in &parsed.excluded {
            plan.excluded.extend(self.exactly(part.text(), 1.0).into_iter().map(Boosted::into_query));
        }
        for condition in &parsed.conditions {
            self.condition(&condition.asked, condition.excludes, &mut plan)?;
        }
        Ok(plan)
    }

    /// A condition on a field: words of title or text are looked for there, the others only let through.
    fn condition(&self, asked: &Asked, excludes: bool, plan: &mut Plan) -> tantivy::Result<()> {
        let fields = self.fields;
        match asked {
            Asked::Title(part) if !excludes => return self.in_one_field(fields.title, WORD.title, part, plan),
            Asked::Body(part) if !excludes => return self.in_one_field(fields.body, WORD.body, part, plan),
            Asked::Issuer(names) if !excludes => plan.issuers.extend(names.first().cloned()),
            _ => {}
        }
        let query = self.asked(asked);
        if excludes {
            plan.excluded.push(query)
        } else {
            plan.required.push(query)
        }
        Ok(())
    }

    /// The documents that a condition lets through.
    fn asked(&self, asked: &Asked) -> Box<dyn Query> {
        let fields = self.fields;
        let term =
            |field, text: &str| Box::new(TermQuery::new(Term::from_field_text(field, text), IndexRecordOption::Basic));
        match asked {
            Asked::Title(part) => self.in_field(fields.title, part),
            Asked::Body(part) => self.in_field(fields.body, part),
            Asked::Issuer(names) => {
                let offices = names.iter().flat_map(|name| issuer_terms(fields, name));
                let offices: Vec<_> = offices
                    .map(|term| -> Box<dyn Query> { Box::new(TermQuery::new(term, IndexRecordOption::Basic)) })
                    .collect();
                Box::new(BooleanQuery::union(offices))
            }
            Asked::Number(number) => term(fields.number, &number.term()),
            Asked::Region(region) => term(fields.region, region.code),
            Asked::Kind(kind) => term(fields.kind, kind),
            Asked::Subject(subject) => term(fields.subject, subject),
            Asked::Validity(validity) => term(fields.validity, schema::validity_term(*validity)),
            Asked::Dated(span) => {
                let bound = |day| Bound::Included(Term::from_field_i64(fields.dated, schema::day(day)));
                Box::new(RangeQuery::new(bound(span.from), bound(span.to)))
            }
        }
    }

    /// Words, or a phrase, that one field must have, or a synonym of the whole.
    fn in_one_field(&self, field: Field, weight: f32, part: &Part, plan: &mut Plan) -> tantivy::Result<()> {
        let text = part.text();
        let mut alternatives = vec![vec![Boosted::query(self.in_field(field, part), weight)]];
        if let Part::Text(text) = part {
            for synonym in self.synonyms.of(text).iter().take(MAX_SYNONYMS) {
                let phrase = Part::Phrase(synonym.clone());
                alternatives.push(vec![Boosted::query(self.in_field(field, &phrase), weight * SYNONYM)]);
                plan.marks.push(synonym.clone());
            }
            plan.marks.extend(self.analyzer.query_terms(text));
        }
        plan.marks.push(text.to_owned());
        let weight = self.weight(text, self.frequency(text)?.max(1));
        plan.clauses.push(Clause { alternatives, role: Role::Must(weight), label: text.to_owned() });
        Ok(())
    }

    fn in_field(&self, field: Field, part: &Part) -> Box<dyn Query> {
        let text = part.text();
        let words = self.analyzer.cut(text);
        let words = &words[..words.len().min(MAX_WORDS)];
        if let Part::Phrase(_) = part {
            return self
                .phrase(field, text, words, 1.0)
                .map_or_else(|| -> Box<dyn Query> { Box::new(EmptyQuery) }, Boosted::into_query);
        }
        let terms = words.iter().map(|word| Term::from_field_text(field, &text[word.start..word.end]));
        Box::new(all_terms(terms))
    }

    /// How many documents an office issued.
    fn issued(&self, name: &str) -> tantivy::Result<u64> {
        let mut issued = 0;
        for term in issuer_terms(self.fields, name) {
            issued += self.postings.frequency(&term)?;
        }
        Ok(issued)
    }

    fn issued_by(&self, name: &str, boost: f32) -> Vec<Boosted> {
        let terms = issuer_terms(self.fields, name);
        terms.map(|term| Boosted::term(term, boost)).collect()
    }

    /// The number itself first, then documents that cite it.
    fn number(&self, number: &NumberParts, plan: &mut Plan) {
        plan.clauses.push(Clause {
            alternatives: vec![vec![filed_under(self.fields.number, number, 1.0)]],
            role: Role::Enough(TIER_OWN_NUMBER),
            label: number.shown(),
        });
        if number.code.is_empty() || number.serial.is_empty() {
            return;
        }
        let mut citing = vec![filed_under(self.fields.cites, number, 2.0)];
        // Positions skip brackets, so that the text's own spelling of the number is found in any.
        citing.extend(self.exactly(&number.shown(), 1.0));
        let (role, label) = (Role::Enough(TIER_CITES_NUMBER), number.shown());
        plan.clauses.push(Clause { alternatives: vec![citing], role, label });
        plan.marks.extend(number.spellings());
    }

    /// A query that is the letters of document numbers (粤府函) and no word: documents with such a number stand first.
    fn number_code(&self, text: &str, plan: &mut Plan) -> tantivy::Result<()> {
        let letters = text.chars().count();
        if !(2..=8).contains(&letters) || pairs(text).count() + 1 != letters || self.analyzer.has_word(text) {
            return Ok(());
        }
        let code = NumberParts { code: text.to_owned(), ..NumberParts::default() };
        if self.postings.frequency_in([self.fields.number], &code.term())? > 0 {
            let alternatives = vec![vec![filed_under(self.fields.number, &code, 1.0)]];
            let role = Role::Enough(TIER_CITES_NUMBER);
            plan.clauses.push(Clause { alternatives, role, label: text.to_owned() });
        }
        Ok(())
    }

    /// Text as typed: each word is a clause, adjacent words make phrases that rank higher.
    fn text(&self, text: &str, seen: &mut HashSet<String>, plan: &mut Plan) -> tantivy::Result<()> {
        let words = self.analyzer.cut(text);
        let words = &words[..words.len().min(MAX_WORDS.saturating_sub(plan.words.len()))];
        let seen_before = plan.longest;
        let strong = words.iter().filter(|word| !is_weak(&text[word.start..word.end])).count();
        plan.longest = plan.longest.max(strong);
        let run_synonyms = self.run_synonyms(text, words);
        let offices = hints::offices(text, words, self.hints.place, |name| self.issued(name))?;
        for (index, word) in words.iter().enumerate() {
            let letters = &text[word.start..word.end];
            if !seen.insert(letters.to_owned()) {
                continue;
            }
            let mut alternatives = vec![self.word(letters, importance(letters))];
            let mut frequency = self.frequency(letters)?;
            plan.words.push(letters.to_owned());
            plan.marks.push(letters.to_owned());
            for (run, synonym) in run_synonyms.iter().filter(|(run, _)| run.contains(&index)).take(MAX_SYNONYMS) {
                let share = SYNONYM / run.len() as f32;
                alternatives.push(self.words_or_phrase(synonym, share));
                frequency = frequency.max(self.frequency(synonym)?);
                plan.marks.push(synonym.clone());
            }
            for office in offices.iter().filter(|office| office.words.contains(&index)) {
                alternatives.push(self.issued_by(&office.name, ISSUER / office.words.len() as f32));
                frequency = frequency.max(office.issued);
            }
            if let Some(parts) = self.parts(letters) {
                frequency = frequency.max(1);
                plan.marks.extend(parts.iter().cloned());
                alternatives.push(self.all_of(&parts, COMPOUND_PARTS));
            }
            let mut weight = self.weight(letters, frequency);
            if self.hints.place_words.iter().any(|word| word == letters) {
                weight *= PLACE_WORD;
            }
            let weak = is_weak(letters);
            plan.has_strong |= !weak;
            plan.national |= NATIONAL.contains(&letters);
            let role = if weak { Role::Weak(weight) } else { Role::Word(weight) };
            plan.clauses.push(Clause { alternatives, role, label: letters.to_owned() });
        }
        if strong == 0 && seen_before == 0 {
            self.unknown_word(text, words, plan)?;
        }
        for Office { name, .. } in offices {
            if !plan.issuers.contains(&name) {
                let alternatives = vec![self.issued_by(&name, ISSUER)];
                plan.clauses.push(Clause { alternatives, role: Role::Bonus, label: name.clone() });
                plan.issuers.push(name);
            }
        }
        if words.len() > 1 {
            let phrase = self.phrase(self.fields.title, text, words, TITLE_PHRASE * WORD.title);
            let alternatives = vec![Vec::from_iter(phrase)];
            plan.clauses.push(Clause { alternatives, role: Role::Bonus, label: text.to_owned() });
        }
        Ok(())
    }

    /// A part that the cut leaves as letters, none of which says much: 新冠 before it came into a dictionary. It is looked
    /// for as a word.
    fn unknown_word(&self, text: &str, words: &[Word], plan: &mut Plan) -> tantivy::Result<()> {
        let letters = words.iter().filter(|word| !STOP_WORDS.contains(&text[word.start..word.end])).count();
        if letters < 2 {
            return Ok(());
        }
        let fields = [(self.fields.title_pairs, WORD.title), (self.fields.body_pairs, WORD.body)];
        let mut rarest = u64::MAX;
        for pair in pairs(text) {
            rarest = rarest.min(self.postings.frequency_in(fields.map(|(field, _)| field), pair)?);
        }
        if rarest == 0 || rarest == u64::MAX {
            return Ok(());
        }
        plan.has_strong = true;
        plan.marks.push(text.to_owned());
        let role = Role::Word(self.weight(text, rarest));
        // its pairs of letters, as letters by themselves stand nearly everywhere
        let all = |(field, weight): (Field, f32)| {
            let terms: Vec<Term> = pairs(text).map(|pair| Term::from_field_text(field, pair)).collect();
            match terms.as_slice() {
                [only] => Boosted::term(only.clone(), weight),
                _ => Boosted::query(all_terms(terms.into_iter()), weight),
            }
        };
        let alternatives = vec![fields.into_iter().map(all).collect()];
        plan.clauses.push(Clause { alternatives, role, label: text.to_owned() });
        Ok(())
    }

    /// Pairs of letters of the query, also over the spaces between its parts: 研发费用 加计扣除 stands without one in
    /// documents.
    fn pairs(&self, parsed: &Parsed) -> Vec<Boosted> {
        let mut texts = vec![String::new()];
        for group in &parsed.groups {
            match (group.as_slice(), texts.last_mut()) {
                ([part], Some(last)) => last.push_str(part.text()),
                (alternatives, _) => {
                    texts.extend(alternatives.iter().map(|part| part.text().to_owned()));
                    texts.push(String::new());
                }
            }
        }
        let mut seen = HashSet::new();
        let pairs = texts.iter().flat_map(|text| pairs(text)).filter(|pair| seen.insert(*pair)).take(MAX_PAIRS);
        pairs
            .flat_map(|pair| [self.fields.title_pairs, self.fields.body_pairs].map(|field| (field, pair)))
            .map(|(field, pair)| Boosted::term(Term::from_field_text(field, pair), PAIR))
            .collect()
    }

    /// Text between quotes.
    fn must_phrase(&self, text: &str, plan: &mut Plan) -> tantivy::Result<()> {
        let words = self.analyzer.cut(text);
        if words.is_empty() {
            return Ok(());
        }
        plan.marks.push(text.to_owned());
        let frequency = words
            .iter()
            .map(|word| self.frequency(&text[word.start..word.end]))
            .collect::<tantivy::Result<Vec<_>>>()?
            .into_iter()
            .min()
            .unwrap_or(0);
        let weight = self.weight(text, frequency.max(1));
        let mut alternatives = vec![self.exactly(text, 1.5)];
        // a document may have been cut within the last word: 高新技术|企业所得税
        let parts: Vec<Word> = words.iter().flat_map(|word| self.parts_of(text, *word)).collect();
        if words.len() == 1 && parts.len() > 1 {
            alternatives.push(self.phrases(text, &parts, 1.5));
        }
        plan.clauses.push(Clause { alternatives, role: Role::Must(weight), label: text.to_owned() });
        Ok(())
    }

    /// Parts joined by OR.
    fn alternatives(&self, parts: &[Part], plan: &mut Plan) -> tantivy::Result<()> {
        let mut alternatives = Vec::new();
        let mut weight: f32 = 0.0;
        for part in parts {
            let text = match part {
                Part::Field(asked) => {
                    let boosted = match &**asked {
                        Asked::Title(_) | Asked::Body(_) => Boosted::query(self.asked(asked), 1.0),
                        _ => Boosted::query(ConstScoreQuery::new(self.asked(asked), 1.0), 1.0),
                    };
                    alternatives.push(vec![boosted]);
                    plan.marks.push(asked.shown());
                    weight = weight.max(1.0);
                    continue;
                }
                Part::Phrase(text) => {
                    alternatives.push(self.exactly(text, 1.0));
                    text
                }
                Part::Text(text) => {
                    alternatives.push(self.words_or_phrase(text, 1.0));
                    text
                }
            };
            plan.marks.push(text.to_owned());
            plan.words.push(text.to_owned());
            for synonym in self.synonyms.of(text).iter().take(MAX_SYNONYMS) {
                alternatives.push(self.words_or_phrase(synonym, SYNONYM));
                plan.marks.push(synonym.clone());
            }
            weight = weight.max(self.weight(text, self.frequency(text)?.max(1)));
        }
        let label = |part: &Part| match part {
            Part::Field(asked) => asked.shown(),
            part => part.text().to_owned(),
        };
        let label = parts.iter().map(label).collect::<Vec<_>>().join(" OR ");
        plan.clauses.push(Clause { alternatives, role: Role::Must(weight), label });
        Ok(())
    }

    /// Synonyms of every run of adjacent words: indexes of the run, and the synonym.
    fn run_synonyms(&self, text: &str, words: &[Word]) -> Vec<(std::ops::Range<usize>, String)> {
        let mut found = Vec::new();
        for from in 0..words.len() {
            let mut letters = String::new();
            for (to, word) in words.iter().enumerate().skip(from).take(MAX_RUN) {
                letters.push_str(&text[word.start..word.end]);
                found.extend(self.synonyms.of(&letters).iter().map(|synonym| (from..to + 1, synonym.clone())));
            }
        }
        found
    }

    /// One word in every field.
    fn word(&self, word: &str, boost: f32) -> Vec<Boosted> {
        self.field_weights()
            .into_iter()
            .map(|(field, weight)| Boosted::term(Term::from_field_text(field, word), weight * boost))
            .collect()
    }

    /// A text that is one word, or else its words at their distances.
    fn words_or_phrase(&self, text: &str, boost: f32) -> Vec<Boosted> {
        match self.analyzer.cut(text).as_slice() {
            [word] => self.word(&text[word.start..word.end], boost),
            _ => self.exactly(text, boost),
        }
    }

    /// The words of a text at their distances, in the fields that have positions.
    fn exactly(&self, text: &str, boost: f32) -> Vec<Boosted> {
        self.phrases(text, &self.analyzer.cut(text), boost)
    }

    fn phrases(&self, text: &str, words: &[Word], boost: f32) -> Vec<Boosted> {
        let words = &words[..words.len().min(MAX_WORDS)];
        [(self.fields.title, WORD.title), (self.fields.body, WORD.body), (self.fields.attachments, WORD.attachments)]
            .into_iter()
            .flat_map(|(field, weight)| self.phrase(field, text, words, weight * boost))
            .collect()
    }

    /// The words that make up a longer one, at their places; the word itself where there are none.
    fn parts_of(&self, text: &str, word: Word) -> Vec<Word> {
        let Some(parts) = self.parts(&text[word.start..word.end]) else { return vec![word] };
        let (mut start, mut position) = (word.start, word.position);
        let place = |part: String| {
            let placed = Word { start, end: start + part.len(), position };
            (start, position) = (placed.end, position + part.chars().count());
            placed
        };
        parts.into_iter().map(place).collect()
    }

    fn phrase(&self, field: Field, text: &str, words: &[Word], boost: f32) -> Option<Boosted> {
        let first = words.first()?;
        let terms: Vec<(usize, Term)> = words
            .iter()
            .map(|word| (word.position - first.position, Term::from_field_text(field, &text[word.start..word.end])))
            .collect();
        match terms.as_slice() {
            [(_, term)] => Some(Boosted::term(term.clone(), boost)),
            _ => Some(Boosted::query(PhraseQuery::new_with_offset(terms), boost)),
        }
    }

    /// All of some words, in title or in body.
    fn all_of(&self, words: &[String], boost: f32) -> Vec<Boosted> {
        [(self.fields.title, WORD.title), (self.fields.body, WORD.body)]
            .into_iter()
            .map(|(field, weight)| {
                let terms = words.iter().map(|word| Term::from_field_text(field, word));
                Boosted::query(all_terms(terms), weight * boost)
            })
            .collect()
    }

    /// Words of the dictionary that make up a longer one: 高新技术企业 → 高新技术, 企业.
    fn parts(&self, word: &str) -> Option<Vec<String>> {
        let bounds: Vec<usize> = word.char_indices().map(|(offset, _)| offset).chain([word.len()]).collect();
        let chars = bounds.len() - 1;
        if !(4..=12).contains(&chars) || word.len() == chars {
            return None;
        }
        let mut parts = Vec::new();
        let mut from = 0;
        while from < chars {
            let longest = (from + 2..=chars)
                .rev()
                .filter(|&to| to - from < chars)
                .find(|&to| self.analyzer.has_word(&word[bounds[from]..bounds[to]]))?;
            parts.push(word[bounds[from]..bounds[longest]].to_owned());
            from = longest;
        }
        Some(parts)
    }

    /// In how many documents a text occurs: a word, or the rarest word of several.
    fn frequency(&self, text: &str) -> tantivy::Result<u64> {
        let mut rarest = u64::MAX;
        for word in self.analyzer.cut(text) {
            let fields = self.field_weights().map(|(field, _)| field);
            rarest = rarest.min(self.postings.frequency_in(fields, &text[word.start..word.end])?);
        }
        Ok(if rarest == u64::MAX { 0 } else { rarest })
    }

    /// What a word counts in the share that is needed: rare words more. A word that no document has counts nothing.
    fn weight(&self, word: &str, frequency: u64) -> f32 {
        if frequency == 0 {
            return 0.0;
        }
        let documents = self.postings.documents().max(frequency) as f32;
        let frequency = frequency as f32;
        let rarity = (1.0 + (documents - frequency + 0.5) / (frequency + 0.5)).ln();
        // The root, as the words that users have and documents lack are rare ones.
        rarity.sqrt() * importance(word)
    }

    fn field_weights(&self) -> [(Field, f32); 4] {
        [
            (self.fields.title, WORD.title),
            (self.fields.body, WORD.body),
            (self.fields.attachments, WORD.attachments),
            (self.fields.names, WORD.names),
        ]
    }
}

/// Documents that have all of some terms.
fn all_terms(terms: impl Iterator<Item = Term>) -> BooleanQuery {
    let must = terms.map(|term| -> (Occur, Box<dyn Query>) {
        (Occur::Must, Box::new(TermQuery::new(term, IndexRecordOption::WithFreqs)))
    });
    BooleanQuery::new(must.collect())
}

/// Documents filed under a number, whole or in part, which all score the same.
fn filed_under(field: Field, number: &NumberParts, score: Score) -> Boosted {
    let term = Term::from_field_text(field, &number.term());
    Boosted::query(ConstScoreQuery::new(Box::new(TermQuery::new(term, IndexRecordOption::Basic)), score), 1.0)
}

/// An office and its own office, which writes for it.
fn issuer_terms(fields: &Fields, name: &str) -> impl Iterator<Item = Term> {
    ["", "办公厅", "办公室"]
        .into_iter()
        .map(move |office| Term::from_field_text(fields.issuer, &format!("{name}{office}")))
}

/// What a word counts beside others, apart from its rarity.
fn importance(word: &str) -> f32 {
    if STOP_WORDS.contains(word) {
        STOP_WORD
    } else if word.chars().nth(1).is_none() {
        SINGLE_LETTER
    } else {
        1.0
    }
}

fn is_weak(word: &str) -> bool {
    importance(word) < 1.0
}

static STOP_WORDS: LazyLock<HashSet<&'static str>> = LazyLock::new(|| {
    include_str!("stop_words.txt")
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
        .collect()
});
