//! What changed between two versions of a policy, for people to read.
//!
//! Texts are compared sentence by sentence, and what was rewritten by words: a document that came as one line is read
//! like one with paragraphs. Long stretches that stayed are folded.

use std::collections::HashSet;
use std::time::{Duration, Instant};

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Map, Value, json};
use similar::{Algorithm, DiffOp, capture_diff_slices_deadline};
use zhida_schemas::policy::{Application, Level, Policy, Validity};
use zhida_schemas::region;

use crate::effective::quoted;

/// Characters that stay visible beside a change.
const AROUND: usize = 50;
/// A stretch of fewer characters is not folded: the fold would take as much room.
const FOLDED: usize = 160;
/// Fewer characters between two changes are read as part of them.
const SHORT: usize = 3;
/// Two sentences that share less are another sentence each.
const LIKE: f64 = 0.3;
/// Of more sentences than these, counted as pairs, it is not looked for which became which.
const PAIRED: usize = 10_000;
/// Comparing two texts takes no longer; what is left then counts as rewritten.
const LIMIT: Duration = Duration::from_millis(800);

/// Fields in the order of a record's page, with their names for readers.
const FIELDS: [(&str, &str); 30] = [
    ("title", "标题"),
    ("doc_number", "发文字号"),
    ("index_number", "索引号"),
    ("issuers", "发文机关"),
    ("region_code", "地区"),
    ("zone", "园区"),
    ("level", "层级"),
    ("kind", "公文种类"),
    ("written_on", "成文日期"),
    ("published_on", "发布日期"),
    ("effective_on", "施行日期"),
    ("expires_on", "有效期至"),
    ("validity", "时效"),
    ("validity_by", "时效依据"),
    ("application", "申报时间"),
    ("amounts", "资金额度"),
    ("conditions", "申报条件"),
    ("support", "支持方式"),
    ("industries", "行业"),
    ("qualifications", "资质"),
    ("for_enterprises", "面向企业"),
    ("subjects", "主题分类"),
    ("keywords", "主题词"),
    ("citations", "提到的文件"),
    ("contacts", "联系方式"),
    ("attachments", "附件"),
    ("url", "原文网址"),
    ("body_text", "正文"),
    ("body_html", "正文版式"),
    ("evidence", "识别依据"),
];

/// A field's name for readers; the field itself when it has none.
pub fn label(field: &str) -> &str {
    FIELDS.iter().find(|(name, _)| *name == field).map_or(field, |(_, label)| label)
}

/// The difference of two versions.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Difference {
    /// The version that is compared.
    pub from: i64,
    /// With which.
    pub to: i64,
    /// Fields that differ, the text left out.
    pub fields: Vec<FieldChange>,
    /// The text from beginning to end; empty when it is the same.
    pub text: Vec<Piece>,
}

/// A field that differs.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct FieldChange {
    /// Name in the record.
    pub field: String,
    /// Name for readers.
    pub label: String,
    /// What it was; of attachments names and addresses only.
    pub before: Value,
    /// What it became.
    pub after: Value,
    /// Words that say why, when there are any: an editor's correction, a later document, the sentence it was read from.
    pub evidence: Option<String>,
}

/// A stretch of text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Piece {
    /// What became of it.
    pub kind: PieceKind,
    /// Its words; empty when it is folded.
    pub text: String,
    /// How many characters it has.
    pub characters: usize,
}

/// What became of a stretch of text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum PieceKind {
    /// In both.
    Same,
    /// Only in the earlier version.
    Deleted,
    /// Only in the later version.
    Inserted,
    /// In both, and left out here.
    Folded,
}

impl Piece {
    fn new(kind: PieceKind, text: String) -> Self {
        Self { kind, characters: text.chars().count(), text }
    }
}

/// A version in a policy's history.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct VersionEntry {
    /// 1, 2, 3 …
    pub version: i64,
    /// When it was stored, epoch milliseconds.
    pub at: i64,
    /// What the version before said otherwise; empty for the first.
    pub changed: Vec<ChangedField>,
    /// An editor's correction or what a later document does, when that made the version.
    pub note: Option<String>,
}

/// A field that another version changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ChangedField {
    /// Name in the record.
    pub field: String,
    /// Name for readers.
    pub label: String,
}

/// The history of a policy from its versions with their times, the latest first.
pub fn history(versions: &[(i64, Policy)]) -> Vec<VersionEntry> {
    let earlier = versions.iter().skip(1).map(|(_, policy)| Some(policy)).chain([None]);
    let entries = versions.iter().zip(earlier).map(|((at, policy), before)| {
        let changes = before.map(|before| field_changes(before, policy)).unwrap_or_default();
        let is_corrected = |words: &&str| words.starts_with("编辑更正");
        let note = changes.iter().filter_map(|change| change.evidence.as_deref()).find(is_corrected).map(str::to_owned);
        let day = crate::clock::local(*at).date_naive();
        let is_turned = changes.iter().any(|change| change.field == "validity");
        let note = note.or_else(|| is_turned.then(|| crate::effective::why(policy, day)).flatten());
        let mut changed: Vec<ChangedField> =
            changes.into_iter().map(|change| ChangedField { field: change.field, label: change.label }).collect();
        if before.is_some_and(|before| before.body_text != policy.body_text) {
            changed.push(ChangedField { field: "body_text".to_owned(), label: label("body_text").to_owned() });
        }
        VersionEntry { version: policy.version, at: *at, changed, note }
    });
    entries.collect()
}

/// What differs between two versions of a policy.
pub fn difference(before: &Policy, after: &Policy) -> Difference {
    Difference {
        from: before.version,
        to: after.version,
        fields: field_changes(before, after),
        text: text_changes(&before.body_text, &after.body_text),
    }
}

/// Fields that differ, in the order of a record's page, without the text. What nobody reads (markup, evidence) is named
/// only when nothing else differs.
fn field_changes(before: &Policy, after: &Policy) -> Vec<FieldChange> {
    let (old, new) = (fields_of(before), fields_of(after));
    let differ = |field: &str| old.get(field) != new.get(field);
    let is_read = |field: &str| !matches!(field, "body_text" | "body_html" | "evidence");
    let change = |(field, label): (&str, &str)| FieldChange {
        field: field.to_owned(),
        label: label.to_owned(),
        before: old.get(field).cloned().unwrap_or_default(),
        after: new.get(field).cloned().unwrap_or_default(),
        evidence: after.evidence.get(field).filter(|words| before.evidence.get(field) != Some(*words)).cloned(),
    };
    let read: Vec<FieldChange> =
        FIELDS.into_iter().filter(|(field, _)| is_read(field) && differ(field)).map(change).collect();
    if !read.is_empty() || before.body_text != after.body_text {
        return read;
    }
    let unread = FIELDS.into_iter().filter(|(field, _)| !is_read(field) && differ(field)).map(change);
    // the markup itself says nothing to a reader
    unread.map(|change| FieldChange { before: Value::Null, after: Value::Null, ..change }).collect()
}

/// The fields that are compared. Of an attachment its text is left out, and told by its length.
fn fields_of(policy: &Policy) -> Map<String, Value> {
    let Ok(Value::Object(mut fields)) = serde_json::to_value(policy) else { return Map::new() };
    let files = policy.attachments.iter().map(|file| {
        let characters = file.text.as_ref().map(|text| text.chars().count());
        json!({ "name": file.name, "url": file.url, "characters": characters })
    });
    fields.insert("attachments".to_owned(), files.collect());
    fields.entry("validity_by").or_insert_with(|| Value::Array(Vec::new()));
    fields
}

impl FieldChange {
    /// What it was and what it became, in words; of lists only the entries that differ.
    pub fn in_words(&self) -> (String, String) {
        let without = |value: &Value, other: &Value| match (value, other) {
            (Value::Array(entries), Value::Array(others)) => {
                Value::Array(entries.iter().filter(|entry| !others.contains(entry)).cloned().collect())
            }
            _ => value.clone(),
        };
        let (before, after) = (without(&self.before, &self.after), without(&self.after, &self.before));
        (in_words(&self.field, &before), in_words(&self.field, &after))
    }
}

/// A field's value in words.
pub fn in_words(field: &str, value: &Value) -> String {
    let text = |value: &Value, name: &str| value.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
    let words = match (field, value) {
        (_, Value::Null) => String::new(),
        ("validity", _) => {
            serde_json::from_value::<Validity>(value.clone()).map(Validity::label).unwrap_or_default().to_owned()
        }
        ("level", _) => serde_json::from_value::<Level>(value.clone()).map(Level::label).unwrap_or_default().to_owned(),
        ("region_code", Value::String(code)) => {
            region::by_code(code).map_or_else(|| code.clone(), |region| region.name.to_owned())
        }
        (_, Value::Bool(yes)) => if *yes { "是" } else { "否" }.to_owned(),
        ("application", _) => {
            serde_json::from_value::<Application>(value.clone()).map(|window| window.words()).unwrap_or_default()
        }
        (_, Value::Array(entries)) => {
            let words = entries.iter().map(|entry| match field {
                "validity_by" | "citations" => {
                    let (title, number) = (text(entry, "title"), text(entry, "doc_number"));
                    let title = if title.is_empty() { title } else { quoted(&title) };
                    let number = if number.is_empty() { number } else { format!("（{number}）") };
                    format!("{}{title}{number}", relation_label(&text(entry, "relation")))
                }
                "conditions" => text(entry, "evidence"),
                "amounts" => text(entry, "text"),
                "contacts" => format!("{} {}", text(entry, "name"), text(entry, "phone")).trim().to_owned(),
                "attachments" => {
                    let read = entry.get("characters").and_then(Value::as_u64);
                    text(entry, "name") + &read.map(|read| format!("（{read} 字）")).unwrap_or_default()
                }
                _ => entry.as_str().map_or_else(|| entry.to_string(), str::to_owned),
            });
            words.collect::<Vec<_>>().join("；")
        }
        (_, Value::String(text)) => text.clone(),
        (_, other) => other.to_string(),
    };
    if words.is_empty() { "（无）".to_owned() } else { words }
}

fn relation_label(relation: &str) -> &'static str {
    match relation {
        "based_on" => "依据",
        "repeals" => "废止",
        "replaces" => "替代",
        "amends" => "修改",
        "forwards" => "转发",
        "interprets" => "解读",
        _ => "",
    }
}

/// Two texts as one, with what was taken out and what was put in; empty when they are the same.
pub fn text_changes(before: &str, after: &str) -> Vec<Piece> {
    if before == after {
        return Vec::new();
    }
    let deadline = Instant::now() + LIMIT;
    let (old, new) = (sentences(before), sentences(after));
    let mut pieces = Pieces::default();
    for op in capture_diff_slices_deadline(Algorithm::Myers, &old, &new, Some(deadline)) {
        let (was, is) = (op.old_range(), op.new_range());
        let (was, is) = (old.get(was).unwrap_or_default().concat(), new.get(is).unwrap_or_default().concat());
        match op {
            DiffOp::Equal { .. } => pieces.push(PieceKind::Same, &was),
            DiffOp::Delete { .. } => pieces.push(PieceKind::Deleted, &was),
            DiffOp::Insert { .. } => pieces.push(PieceKind::Inserted, &is),
            DiffOp::Replace { old_index, old_len, new_index, new_len } => {
                let old = old.get(old_index..old_index + old_len).unwrap_or_default();
                let new = new.get(new_index..new_index + new_len).unwrap_or_default();
                for (was, is) in paired(old, new) {
                    rewritten(&was, &is, deadline, &mut pieces);
                }
            }
        }
    }
    folded(pieces.0)
}

/// Sentences that were rewritten, each with what became of it; on one side nothing where a sentence went or came. Of
/// all ways to go through both in order the one in which most stays alike.
fn paired(old: &[&str], new: &[&str]) -> Vec<(String, String)> {
    if old.len() == 1 && new.len() == 1 || old.len() * new.len() > PAIRED {
        return vec![(old.concat(), new.concat())];
    }
    let alike: Vec<Vec<f64>> = old.iter().map(|was| new.iter().map(|is| likeness(was, is)).collect()).collect();
    // best[i][j]: what the sentences from i and from j on can still give
    let mut best = vec![vec![0.0_f64; new.len() + 1]; old.len() + 1];
    for i in (0..old.len()).rev() {
        for j in (0..new.len()).rev() {
            let both = if alike[i][j] >= LIKE { alike[i][j] + best[i + 1][j + 1] } else { 0.0 };
            best[i][j] = both.max(best[i + 1][j]).max(best[i][j + 1]);
        }
    }
    let mut pairs = Vec::new();
    let (mut i, mut j) = (0, 0);
    while i < old.len() && j < new.len() {
        if alike[i][j] >= LIKE && best[i][j] <= alike[i][j] + best[i + 1][j + 1] {
            pairs.push((old[i].to_owned(), new[j].to_owned()));
            (i, j) = (i + 1, j + 1);
        } else if best[i + 1][j] >= best[i][j + 1] {
            pairs.push((old[i].to_owned(), String::new()));
            i += 1;
        } else {
            pairs.push((String::new(), new[j].to_owned()));
            j += 1;
        }
    }
    pairs.extend(old.iter().skip(i).map(|was| ((*was).to_owned(), String::new())));
    pairs.extend(new.iter().skip(j).map(|is| (String::new(), (*is).to_owned())));
    pairs
}

/// Share of the pairs of letters that two sentences have in common (Dice's coefficient).
fn likeness(a: &str, b: &str) -> f64 {
    let pairs = |text: &str| -> HashSet<(char, char)> { text.chars().zip(text.chars().skip(1)).collect() };
    let (a, b) = (pairs(a), pairs(b));
    if a.is_empty() || b.is_empty() {
        return 0.0;
    }
    2.0 * a.intersection(&b).count() as f64 / (a.len() + b.len()) as f64
}

/// Pieces of which no two neighbours are of one kind.
#[derive(Default)]
struct Pieces(Vec<Piece>);

impl Pieces {
    fn push(&mut self, kind: PieceKind, text: &str) {
        if text.is_empty() {
            return;
        }
        // what is deleted stands before what is put in its place
        let at = match (kind, self.0.last()) {
            (PieceKind::Deleted, Some(last)) if last.kind == PieceKind::Inserted => self.0.len() - 1,
            _ => self.0.len(),
        };
        match at.checked_sub(1).and_then(|before| self.0.get_mut(before)).filter(|before| before.kind == kind) {
            Some(before) => {
                before.text.push_str(text);
                before.characters += text.chars().count();
            }
            None => self.0.insert(at, Piece::new(kind, text.to_owned())),
        }
    }
}

/// Compares two sentences by their words.
fn rewritten(was: &str, is: &str, deadline: Instant, pieces: &mut Pieces) {
    let (old, new) = (words(was), words(is));
    let ops = capture_diff_slices_deadline(Algorithm::Myers, &old, &new, Some(deadline));
    let part = |words: &[&str], range: std::ops::Range<usize>| words.get(range).unwrap_or_default().concat();
    let stays = |op: &DiffOp| match op {
        DiffOp::Equal { old_index, len, .. } => part(&old, *old_index..*old_index + *len).chars().count(),
        _ => 0,
    };
    // single signs that two sentences share say nothing
    let kept: usize = ops.iter().map(stays).filter(|length| *length >= SHORT).sum();
    if (kept as f64) < LIKE * was.chars().count().min(is.chars().count()) as f64 {
        pieces.push(PieceKind::Deleted, was);
        pieces.push(PieceKind::Inserted, is);
        return;
    }
    let last = ops.len().saturating_sub(1);
    for (at, op) in ops.iter().enumerate() {
        let (was, is) = (part(&old, op.old_range()), part(&new, op.new_range()));
        if matches!(op, DiffOp::Equal { .. }) && (at == 0 || at == last || stays(op) >= SHORT) {
            pieces.push(PieceKind::Same, &was);
        } else {
            pieces.push(PieceKind::Deleted, &was);
            pieces.push(PieceKind::Inserted, &is);
        }
    }
}

/// A text cut behind the signs that end a sentence or a line. A line's end stays with its last sentence: by itself it
/// would be like every other.
fn sentences(text: &str) -> Vec<&str> {
    let mut sentences = Vec::new();
    let mut start = 0;
    let mut before = ' ';
    for (at, c) in text.char_indices() {
        if c != '\n' && matches!(before, '\n' | '。' | '；' | '！' | '？') {
            sentences.extend(text.get(start..at));
            start = at;
        }
        before = c;
    }
    sentences.extend(text.get(start..).filter(|rest| !rest.is_empty()));
    sentences
}

/// Characters, but numbers and Latin words whole: 2024 becomes 2025, not 4 becomes 5.
fn words(text: &str) -> Vec<&str> {
    let mut words = Vec::new();
    let mut start = 0;
    let mut before = ' ';
    for (at, c) in text.char_indices() {
        let goes_on = before.is_ascii_alphanumeric() && (c.is_ascii_alphanumeric() || c == '.');
        let goes_on = goes_on || (before == '.' && c.is_ascii_digit());
        if at > start && !goes_on {
            words.extend(text.get(start..at));
            start = at;
        }
        before = c;
    }
    words.extend(text.get(start..).filter(|rest| !rest.is_empty()));
    words
}

/// Leaves out the middle of long stretches that stayed.
fn folded(pieces: Vec<Piece>) -> Vec<Piece> {
    let last = pieces.len().saturating_sub(1);
    let mut shown = Vec::with_capacity(pieces.len());
    for (at, piece) in pieces.into_iter().enumerate() {
        if piece.kind != PieceKind::Same || piece.characters <= FOLDED {
            shown.push(piece);
            continue;
        }
        let head = if at == 0 { 0 } else { AROUND };
        let tail = if at == last { 0 } else { AROUND };
        let letters: Vec<char> = piece.text.chars().collect();
        // cut where a reader would pause
        let pauses = |c: &char| "，。；：！？、\n".contains(*c);
        let head = letters[..head].iter().rposition(pauses).filter(|at| *at > AROUND / 4).map_or(head, |at| at + 1);
        let last_letters = &letters[letters.len() - tail..];
        let skipped = last_letters.iter().position(pauses).filter(|at| *at < AROUND * 3 / 4).map_or(0, |at| at + 1);
        let tail = tail - skipped;
        // a fold is a line by itself
        let head = head - usize::from(head > 0 && letters[head - 1] == '\n');
        let tail = tail - usize::from(tail > 0 && letters[letters.len() - tail] == '\n');
        let hidden = piece.characters - head - tail;
        let part = |from: usize, length: usize| letters[from..from + length].iter().collect::<String>();
        if head > 0 {
            shown.push(Piece::new(PieceKind::Same, part(0, head)));
        }
        shown.push(Piece { kind: PieceKind::Folded, text: String::new(), characters: hidden });
        if tail > 0 {
            shown.push(Piece::new(PieceKind::Same, part(piece.characters - tail, tail)));
        }
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As a terminal shows it.
    fn marked(pieces: &[Piece]) -> String {
        let piece = |piece: &Piece| match piece.kind {
            PieceKind::Same => piece.text.clone(),
            PieceKind::Deleted => format!("[-{}-]", piece.text),
            PieceKind::Inserted => format!("{{+{}+}}", piece.text),
            PieceKind::Folded => format!("<{}>", piece.characters),
        };
        pieces.iter().map(piece).collect()
    }

    #[test]
    fn texts_are_compared_as_a_reader_would() {
        for (before, after, expected) in [
            ("一样。", "一样。", ""),
            ("申报时间为2024年3月1日。", "申报时间为2025年4月10日。", "申报时间为[-2024年3月1-]{+2025年4月10+}日。"),
            ("补助50万元。保留。", "补助80.5万元。保留。", "补助[-50-]{+80.5+}万元。保留。"),
            ("甲句在此。乙句在此。", "甲句在此。", "甲句在此。[-乙句在此。-]"),
            ("甲句在此。", "甲句在此。\n新增一句。", "甲句在此。{+\n新增一句。+}"),
            ("全部都不一样的旧文字。", "没有半点相同之处", "[-全部都不一样的旧文字。-]{+没有半点相同之处+}"),
            (
                "补助不超过10%。请于15日前报送材料。",
                "补助不超过12%。请于30日前报送材料。本通知由示例局负责解释。",
                "补助不超过[-10-]{+12+}%。请于[-15-]{+30+}日前报送材料。{+本通知由示例局负责解释。+}",
            ),
            (
                "补助不超过50万元。\n请于4月15日前将材料报送至示例处。",
                "补助不超过80万元。\n请于4月30日前将材料报送至示例处。\n本通知由示例局解释。",
                "补助不超过[-50-]{+80+}万元。\n请于4月[-15-]{+30+}日前将材料报送至示例处。{+\n本通知由示例局解释。+}",
            ),
            ("", "新", "{+新+}"),
            ("旧", "", "[-旧-]"),
        ] {
            assert_eq!(marked(&text_changes(before, after)), expected, "{before} / {after}");
        }
    }

    #[test]
    fn whatever_is_not_folded_gives_both_texts_back() {
        let long = "第一条　为了示例，制定本办法。".repeat(30);
        let (before, after) = (format!("{long}旧的一句。{long}尾"), format!("{long}新的一句。{long}尾巴"));
        let pieces = text_changes(&before, &after);
        assert!(pieces.iter().any(|piece| piece.kind == PieceKind::Folded), "{}", marked(&pieces));
        assert!(pieces.iter().all(|piece| piece.kind != PieceKind::Same || piece.characters <= FOLDED));
        let length = |without: PieceKind| -> usize {
            pieces.iter().filter(|piece| piece.kind != without).map(|piece| piece.characters).sum()
        };
        assert_eq!(length(PieceKind::Inserted), before.chars().count());
        assert_eq!(length(PieceKind::Deleted), after.chars().count());
        assert!(pieces.iter().all(|p| p.kind == PieceKind::Folded || p.text.chars().count() == p.characters));
    }

    #[test]
    fn two_long_texts_that_share_nothing_are_done_in_time() {
        let text = |shift: u32| -> String {
            (0..120_000).filter_map(|n: u32| char::from_u32(0x4e00 + (n * 7919 + shift * 104_729) % 20_000)).collect()
        };
        let started = Instant::now();
        assert!(!text_changes(&text(0), &text(1)).is_empty());
        assert!(started.elapsed() < Duration::from_secs(10), "{:?}", started.elapsed());
    }

    #[test]
    fn fields_are_named_with_what_they_were_and_why_they_changed() {
        let before = Policy { version: 1, title: "示例办法".into(), ..Policy::default() };
        let mut after = Policy { version: 2, validity: Validity::Repealed, ..before.clone() };
        after.evidence.insert("validity".into(), "原办法同时废止".into());
        let found = difference(&before, &after);
        let [only] = found.fields.as_slice() else { panic!("{found:?}") };
        assert_eq!((only.label.as_str(), only.evidence.as_deref()), ("时效", Some("原办法同时废止")));
        assert_eq!(
            (in_words("validity", &only.before), in_words("validity", &only.after)),
            ("未标明".into(), "已废止".into())
        );
        assert!(found.text.is_empty());

        let lists = |before: &[&str], after: &[&str]| {
            let of = |issuers: &[&str]| Policy {
                issuers: issuers.iter().map(|name| (*name).into()).collect(),
                ..Policy::default()
            };
            difference(&of(before), &of(after)).fields[0].in_words()
        };
        assert_eq!(lists(&["甲局", "乙局"], &["甲局", "丙局"]), ("乙局".into(), "丙局".into()));
        assert_eq!(lists(&["甲局"], &["甲局", "丙局"]), ("（无）".into(), "丙局".into()));

        let layout = Policy { body_html: "<p>示例</p>".into(), ..before.clone() };
        assert_eq!(difference(&before, &layout).fields[0].label, "正文版式");
        let text = Policy { body_text: "示例".into(), ..layout };
        assert!(difference(&before, &text).fields.is_empty());
        assert_eq!(history(&[(2, text), (1, before)])[0].changed[0].label, "正文");
    }

    #[test]
    fn every_field_of_the_record_has_a_name() {
        let record = serde_json::to_value(Policy::default()).unwrap();
        let unnamed = ["id", "version", "locations", "source"];
        for field in record.as_object().unwrap().keys().filter(|field| !unnamed.contains(&field.as_str())) {
            assert_ne!(label(field), field);
        }
        for field in crate::effective::CORRECTABLE {
            assert_ne!(label(field), field);
        }
    }

    #[test]
    fn values_are_told_in_words() {
        for (field, value, words) in [
            ("region_code", json!("321100"), "镇江市"),
            ("for_enterprises", json!(true), "是"),
            ("issuers", json!(["甲局", "乙局"]), "甲局；乙局"),
            ("doc_number", Value::Null, "（无）"),
            (
                "application",
                json!({ "opens_on": "2026-01-01", "closes_on": "2026-02-01", "closes_at": "17:00" }),
                "2026-01-01 至 2026-02-01 17:00",
            ),
            (
                "citations",
                json!([{ "relation": "repeals", "title": "示例", "doc_number": "示〔2020〕1号" }]),
                "废止《示例》（示〔2020〕1号）",
            ),
            ("attachments", json!([{ "name": "表.docx", "characters": 12 }]), "表.docx（12 字）"),
        ] {
            assert_eq!(in_words(field, &value), words);
        }
    }
}
