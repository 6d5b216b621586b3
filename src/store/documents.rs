//! Policies with everything that their records are made of: the drafts of all their copies, corrections, and what later
//! documents do to them. Whatever changes one of these loads the policy, changes it, and lets [`Documents::write`] put
//! down what became of it: versions, entries of the log, and the columns that statements select by.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use chrono::NaiveDate;
use zhida_schemas::Policy;
use zhida_schemas::policy::{Location, Relation, Validity, ValidityCause, url_key};

use super::changes::{Change, ChangeKind, append};
use super::db::{ROWS, Tx, args, sql};
use super::policies::{number_key, relation_name};
use super::{StoreError, changes, decode, encode, short_key};
use crate::copies;
use crate::effective::{Correction, Link, Overlays, effective, next_turn};

/// One place at which a policy was seen.
pub(super) struct Copy {
    /// The identity of the draft by itself.
    pub(super) key: String,
    pub(super) draft: Policy,
    hash: String,
    /// Whether the draft is stored beside the record.
    is_apart: bool,
    pub(super) is_changed: bool,
    pub(super) first_seen_at: i64,
    pub(super) missing_since: Option<i64>,
    pub(super) vanished_at: Option<i64>,
}

impl Copy {
    pub(super) fn new(key: &str, draft: Policy, hash: String, now: i64) -> Self {
        Self {
            key: key.to_owned(),
            draft,
            hash,
            is_apart: false,
            is_changed: true,
            first_seen_at: now,
            missing_since: None,
            vanished_at: None,
        }
    }

    /// Puts another draft in the place of the one that is there; false when it says the same.
    pub(super) fn put(&mut self, draft: &Policy, hash: &str) -> bool {
        // written by an earlier version, the hash may be made in another way
        if self.hash == hash || self.draft.content_hash() == hash {
            return false;
        }
        self.draft = draft.clone();
        self.hash = hash.to_owned();
        self.is_changed = true;
        true
    }

    /// The copy's addresses, its own among them.
    fn locations(&self) -> Vec<Location> {
        let mut all = self.draft.locations.clone();
        if let Some(url) = &self.draft.url
            && !all.iter().any(|location| url_key(&location.url) == url_key(url))
        {
            let published_on = self.draft.published_on;
            all.insert(0, Location { url: url.clone(), published_on, ..Location::default() });
        }
        let vanished_on = self.vanished_at.map(|at| crate::clock::local(at).date_naive());
        for location in &mut all {
            location.vanished_on = vanished_on;
        }
        all
    }
}

/// A policy that is being changed.
pub(super) struct Document {
    /// 0 while it is not stored.
    pub(super) version: i64,
    was_stored: bool,
    pub(super) withdrawn: bool,
    /// The current version.
    pub(super) record: Option<Policy>,
    pub(super) copies: Vec<Copy>,
    pub(super) overlays: Overlays,
    created_at: i64,
}

impl Document {
    /// The copy that gives the record: one with a text, on the site nearest to the issuer, the earliest.
    pub(super) fn lead(&self) -> Option<&Copy> {
        self.copies.iter().max_by_key(|copy| {
            let dated = copy.draft.dated_on().unwrap_or(NaiveDate::MAX);
            let first = (Reverse(dated), Reverse(copy.first_seen_at), Reverse(&copy.key));
            (!copy.draft.body_text.is_empty(), copies::standing(&copy.draft), first)
        })
    }

    fn record_for(&self, id: &str, today: NaiveDate) -> Option<Policy> {
        let lead = self.lead()?;
        let mut stated = lead.draft.clone();
        let others = || self.copies.iter().filter(|copy| copy.key != lead.key);
        // a repost may tell the number that the issuer's own page forgot
        stated.doc_number = stated.doc_number.or_else(|| others().find_map(|copy| copy.draft.doc_number.clone()));
        let mut locations = Vec::new();
        if self.copies.len() > 1 || lead.vanished_at.is_some() {
            let mut rest: Vec<&Copy> = others().collect();
            rest.sort_by_key(|copy| (copy.draft.dated_on().unwrap_or(NaiveDate::MAX), copy.first_seen_at, &copy.key));
            let mut seen = HashSet::new();
            let all = std::iter::once(lead).chain(rest).flat_map(Copy::locations);
            locations.extend(all.filter(|location| seen.insert(url_key(&location.url))));
        }
        let mut record = effective(&stated, locations, &self.overlays, today);
        record.id = id.to_owned();
        Some(record)
    }

    /// The hash of a record that [`Document::record_for`] gave; that of the only draft when nothing was put over it.
    fn hash_of(&self, record: &Policy) -> String {
        match self.copies.as_slice() {
            [only] if self.overlays == Overlays::default() && only.draft.validity == record.validity => {
                only.hash.clone()
            }
            _ => record.content_hash(),
        }
    }
}

/// Policies that one transaction changes. It holds the log from the beginning, so nobody changes them meanwhile.
pub(super) struct Documents {
    pub(super) all: HashMap<String, Document>,
    position: i64,
    changes: Vec<Change>,
    /// Records by policy and version, and whether the version is new.
    versions: BTreeMap<(String, i64), (String, bool)>,
    touched: BTreeSet<String>,
    pub(super) today: NaiveDate,
    now: i64,
}

impl Documents {
    /// Waits for other writers of the log, and keeps it until the transaction ends.
    pub(super) async fn begin(tx: &mut Tx, now: i64) -> Result<Self, StoreError> {
        Ok(Self {
            all: HashMap::new(),
            position: tx.lock(changes::COUNTER).await?,
            changes: Vec::new(),
            versions: BTreeMap::new(),
            touched: BTreeSet::new(),
            today: crate::clock::local(now).date_naive(),
            now,
        })
    }

    /// Loads those of the policies that are stored and not loaded yet, withdrawn ones too.
    pub(super) async fn load(&mut self, tx: &mut Tx, ids: &[&str]) -> Result<(), StoreError> {
        let ids: BTreeSet<&str> = ids.iter().copied().filter(|id| !self.all.contains_key(*id)).collect();
        let ids: Vec<&str> = ids.into_iter().collect();
        for chunk in ids.chunks(ROWS) {
            self.load_chunk(tx, chunk).await?;
        }
        Ok(())
    }

    async fn load_chunk(&mut self, tx: &mut Tx, ids: &[&str]) -> Result<(), StoreError> {
        let statement = sql!(
            "select p.id, p.version, p.withdrawn_at, p.created_at, v.record from policies p \
             join policy_versions v on v.policy_id = p.id and v.version = p.version where p.id in ({rows})"
        );
        let values = || ids.iter().flat_map(|id| args![*id]).collect();
        let rows: Vec<(String, i64, Option<i64>, i64, String)> = tx.all(statement.list(0), values()).await?;
        if rows.is_empty() {
            return Ok(());
        }
        for (id, version, withdrawn_at, created_at, record) in rows {
            let document = Document {
                version,
                was_stored: true,
                withdrawn: withdrawn_at.is_some(),
                record: Some(decode(&id, &record)?),
                copies: Vec::new(),
                overlays: Overlays::default(),
                created_at,
            };
            self.all.insert(id, document);
        }
        let statement = sql!(
            "select policy_id, key, draft, draft_hash, first_seen_at, missing_since, vanished_at \
             from policy_locations where policy_id in ({rows}) order by first_seen_at, key"
        );
        for (id, key, draft, hash, first_seen_at, missing_since, vanished_at) in
            tx.all::<CopyRow>(statement.list(0), values()).await?
        {
            let Some(document) = self.all.get_mut(&id) else { continue };
            let is_apart = draft.is_some();
            let draft = match draft {
                Some(draft) => decode(&key, &draft)?,
                None => document.record.clone().unwrap_or_default(),
            };
            let is_changed = false;
            let copy = Copy { key, draft, hash, is_apart, is_changed, first_seen_at, missing_since, vanished_at };
            document.copies.push(copy);
        }
        let statement = sql!("select policy_id, field, value, at from corrections where policy_id in ({rows})");
        let rows: Vec<(String, String, String, i64)> = tx.all(statement.list(0), values()).await?;
        for (id, field, value, at) in rows {
            let value = decode(&id, &value)?;
            if let Some(document) = self.all.get_mut(&id) {
                document.overlays.corrections.push(Correction { field, value, at });
            }
        }
        let statement = sql!(
            "select l.policy_id, l.by_id, l.relation, l.since, l.by_title, l.evidence, p.title, p.doc_number_key \
             from validity_links l join policies p on p.id = l.by_id \
             where p.withdrawn_at is null and l.policy_id in ({rows})"
        );
        for (id, policy_id, relation, since, by_title, evidence, title, doc_number) in
            tx.all::<LinkRow>(statement.list(0), values()).await?
        {
            let since = since.and_then(|since| since.parse().ok());
            let relation = relation_of(&relation);
            let cause = ValidityCause { relation, policy_id, title, doc_number, since, evidence };
            if let Some(document) = self.all.get_mut(&id) {
                document.overlays.links.push(Link { cause, by_title: by_title == 1 });
            }
        }
        for id in ids {
            // stored by an earlier version: its record is its only draft
            if let Some(document) = self.all.get_mut(*id).filter(|document| document.copies.is_empty()) {
                let draft = document.record.clone().unwrap_or_default();
                let hash = draft.content_hash();
                document.copies.push(Copy::new(id, draft, hash, document.created_at));
                self.touched.insert((*id).to_owned());
            }
        }
        Ok(())
    }

    /// A policy that is not stored yet, with its first copy.
    pub(super) fn add(&mut self, id: &str, copy: Copy) {
        let document = Document {
            version: 0,
            was_stored: false,
            withdrawn: false,
            record: None,
            copies: vec![copy],
            overlays: Overlays::default(),
            created_at: self.now,
        };
        self.all.insert(id.to_owned(), document);
    }

    /// Its columns are written anew even when its record stays.
    pub(super) fn touch(&mut self, id: &str) {
        self.touched.insert(id.to_owned());
    }

    /// Works out a policy's record after something of it was changed. Gives the entry of the log, when there is one: a
    /// new version, or, when only the places changed at which it was seen, the same version again.
    pub(super) fn settle(&mut self, id: &str) -> Result<Option<(ChangeKind, i64)>, StoreError> {
        let today = self.today;
        let Some(document) = self.all.get_mut(id).filter(|document| !document.withdrawn) else { return Ok(None) };
        let Some(mut record) = document.record_for(id, today) else { return Ok(None) };
        self.touched.insert(id.to_owned());
        let (version, kind) = match &document.record {
            None => (1, ChangeKind::New),
            Some(old) if old.content_hash() != document.hash_of(&record) => (document.version + 1, ChangeKind::Changed),
            Some(old) if old.locations != record.locations => (document.version, ChangeKind::Changed),
            Some(_) => return Ok(None),
        };
        record.version = version;
        let turned = document
            .record
            .as_ref()
            .filter(|old| old.validity != record.validity || is_amended_again(old, &record, today));
        let validity = turned.map(|_| record.validity);
        let is_new = version != document.version;
        let place = self.versions.entry((id.to_owned(), version)).or_insert((String::new(), is_new));
        place.0 = encode(id, &record)?;
        document.version = version;
        document.record = Some(record);
        Ok(Some((kind, self.log(id, version, kind, validity))))
    }

    /// An entry of the log; gives its position.
    pub(super) fn log(&mut self, id: &str, version: i64, kind: ChangeKind, validity: Option<Validity>) -> i64 {
        self.position += 1;
        self.changes.push(Change {
            position: self.position,
            policy_id: id.to_owned(),
            version,
            kind,
            validity,
            at: self.now,
        });
        self.position
    }

    /// Writes what was settled, touched and logged.
    pub(super) async fn write(self, tx: &mut Tx) -> Result<(), StoreError> {
        let touched: Vec<(&String, &Document)> =
            self.touched.iter().filter_map(|id| self.all.get_key_value(id)).collect();
        for chunk in touched.chunks(ROWS) {
            self.write_policies(tx, chunk).await?;
        }
        let (new, rewritten): (Vec<_>, Vec<_>) = self.versions.iter().partition(|(_, (_, is_new))| *is_new);
        for chunk in new.chunks(ROWS) {
            let values = chunk.iter().flat_map(|((id, version), (record, _))| args![id, *version, record, self.now]);
            let statement = sql!("insert into policy_versions (policy_id, version, record, at) values {rows}").rows(4);
            tx.write(statement, values.collect()).await?;
        }
        for ((id, version), (record, _)) in rewritten {
            let statement = sql!("update policy_versions set record = $3 where policy_id = $1 and version = $2");
            tx.write(statement, args![id, *version, record]).await?;
        }
        write_copies(tx, &touched).await?;
        write_citations(tx, &touched).await?;
        if !self.changes.is_empty() {
            append(tx, &self.changes).await?;
            tx.set(changes::COUNTER, self.position).await?;
        }
        Ok(())
    }

    async fn write_policies(&self, tx: &mut Tx, documents: &[(&String, &Document)]) -> Result<(), StoreError> {
        let mut values = Vec::with_capacity(documents.len() * 12);
        for (id, document) in documents {
            let Some(record) = &document.record else { continue };
            let turn = next_turn(record, &document.overlays, self.today).filter(|_| !document.withdrawn);
            values.extend(args![
                *id,
                document.version,
                record.url.as_deref().map(|url| short_key(&url_key(url))),
                &record.title,
                copies::title_key(&record.title),
                record.doc_number.as_deref().and_then(number_key),
                record.region_code.as_deref(),
                record.published_on.map(|day| day.to_string()),
                document.hash_of(record),
                turn.map(|day| day.to_string()),
                document.created_at,
                self.now,
            ]);
        }
        let statement = sql!(
            "insert into policies (id, version, url_key, title, title_key, doc_number_key, region_code, published_on, \
             content_hash, revalue_on, created_at, updated_at) values {rows} \
             on conflict (id) do update set version = excluded.version, url_key = excluded.url_key, \
             title = excluded.title, title_key = excluded.title_key, doc_number_key = excluded.doc_number_key, \
             region_code = excluded.region_code, published_on = excluded.published_on, \
             content_hash = excluded.content_hash, revalue_on = excluded.revalue_on, updated_at = excluded.updated_at"
        );
        if !values.is_empty() {
            tx.write(statement.rows(12), values).await?;
        }
        Ok(())
    }
}

/// Whether an amended document was amended by one more.
fn is_amended_again(before: &Policy, after: &Policy, today: NaiveDate) -> bool {
    let cause = after.validity_by.first().filter(|cause| cause.since.is_none_or(|since| since <= today));
    let is_known = |cause: &ValidityCause| before.validity_by.iter().any(|known| known.policy_id == cause.policy_id);
    after.validity == Validity::Amended && cause.is_some_and(|cause| !is_known(cause))
}

/// `policy_id, key, draft, draft_hash, first_seen_at, missing_since, vanished_at`.
type CopyRow = (String, String, Option<String>, String, i64, Option<i64>, Option<i64>);

/// `policy_id, by_id, relation, since, by_title, evidence, title, doc_number`.
type LinkRow = (String, String, String, Option<String>, i64, String, String, Option<String>);

async fn write_copies(tx: &mut Tx, documents: &[(&String, &Document)]) -> Result<(), StoreError> {
    let mut rows = Vec::new();
    for (id, document) in documents {
        let is_single = document.copies.len() == 1;
        for copy in &document.copies {
            // where nothing is put over the only draft, the record is the draft
            let says_the_same = is_single
                && document.record.as_ref().is_some_and(|record| {
                    record.locations == copy.draft.locations && document.hash_of(record) == copy.hash
                });
            if copy.is_changed || copy.is_apart == says_the_same {
                rows.push((*id, copy, (!says_the_same).then_some(&copy.draft)));
            }
        }
    }
    for chunk in rows.chunks(ROWS) {
        let mut values = Vec::with_capacity(chunk.len() * 8);
        for (id, copy, draft) in chunk {
            values.extend(args![
                &copy.key,
                *id,
                copy.draft.url.as_deref().map(|url| short_key(&url_key(url))),
                draft.map(|draft| encode(&copy.key, draft)).transpose()?,
                &copy.hash,
                copy.first_seen_at,
                copy.missing_since,
                copy.vanished_at,
            ]);
        }
        let statement = sql!(
            "insert into policy_locations (key, policy_id, url_key, draft, draft_hash, first_seen_at, missing_since, \
             vanished_at) values {rows} \
             on conflict (key) do update set url_key = excluded.url_key, draft = excluded.draft, \
             draft_hash = excluded.draft_hash, missing_since = excluded.missing_since, \
             vanished_at = excluded.vanished_at"
        );
        tx.write(statement.rows(8), values).await?;
    }
    Ok(())
}

async fn write_citations(tx: &mut Tx, documents: &[(&String, &Document)]) -> Result<(), StoreError> {
    let old: Vec<&String> = documents.iter().filter(|(_, d)| d.was_stored).map(|(id, _)| *id).collect();
    for chunk in old.chunks(ROWS) {
        let values = chunk.iter().flat_map(|id| args![*id]).collect();
        tx.write(sql!("delete from citations where policy_id in ({rows})").list(0), values).await?;
    }
    let mut rows = Vec::new();
    for (id, document) in documents {
        let mut seen = HashSet::new();
        for citation in document.record.iter().flat_map(|record| &record.citations) {
            let key = citation.doc_number.as_deref().and_then(number_key);
            let row = (key, relation_name(citation.relation), citation.title.as_deref());
            if seen.insert(row.clone()) {
                rows.push((id.as_str(), row));
            }
        }
    }
    for chunk in rows.chunks(ROWS) {
        let mut values = Vec::with_capacity(chunk.len() * 5);
        for (id, (key, relation, title)) in chunk {
            values.extend(args![*id, key.clone(), *relation, *title, title.and_then(copies::title_key)]);
        }
        let statement =
            sql!("insert into citations (policy_id, doc_number_key, relation, title, title_key) values {rows}");
        tx.write(statement.rows(5), values).await?;
    }
    Ok(())
}

/// As stored in `validity_links`.
pub(super) fn relation_of(name: &str) -> Relation {
    match name {
        "replaces" => Relation::Replaces,
        "amends" => Relation::Amends,
        _ => Relation::Repeals,
    }
}
