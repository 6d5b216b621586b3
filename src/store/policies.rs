//! Policies, each change with its entry in the log.
//!
//! `policies` has a small row for each policy, `policy_versions` the record of each version that was ever stored: the
//! current one is read by joining them, earlier ones are evidence.
//!
//! A withdrawal is an editor's decision and holds: a withdrawn policy that is saved again, with whatever content, stays
//! withdrawn and is answered [`Saved::Unchanged`].

use std::collections::{BTreeSet, HashMap, HashSet};

use chrono::NaiveDate;
use zhida_schemas::policy::Relation;
use zhida_schemas::{Policy, doc_number, region};

use super::changes::ChangeKind;
use super::db::{ROWS, Tx, args, sql, without_nul};
use super::documents::{Copy, Documents};
use super::{Store, StoreError, check_key, decode};
use crate::copies;

/// What saving a policy did. A position is that of the entry in the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Saved {
    /// Seen for the first time.
    New(i64),
    /// A new version.
    Changed(i64),
    /// The same content is stored already, or the policy is withdrawn; nothing was written.
    Unchanged,
}

/// What a reader of the documents page asks for.
#[derive(Debug, Clone, Default)]
pub struct PolicyCounts {
    /// Not withdrawn.
    pub policies: i64,
    /// Entries in the log.
    pub changes: i64,
}

/// At most this many copies of one document number are returned.
const SAME_NUMBER: i64 = 500;
/// Text longer than this is no document number.
const DOC_NUMBER_BYTES: usize = 200;
/// Stored policies that a new draft is compared with, and copies of each.
const CANDIDATES: usize = 12;
const COMPARED: usize = 5;
/// Policies whose day has come that one transaction looks at.
const TURNS: i64 = 100;
/// Records of this many bytes are written at a time: a batch of long documents is not held in memory twice.
const CHUNK_BYTES: usize = 8 << 20;

impl Store {
    /// Saves drafts in one transaction: for each the policy and its entry in the log, or nothing where the content is
    /// the same as stored. The draft's id is taken when it has one, else [`Policy::identity`] of `(draft, None)` is used. The same id
    /// twice in one batch is saved twice in order. A draft that is a copy of a stored document (see
    /// [`copies::same_document`]) becomes a location of that policy. Returns one answer per draft, in order: the policy's
    /// id, and what became of it.
    pub async fn save_policies(&self, drafts: &[Policy], now: i64) -> Result<Vec<(String, Saved)>, StoreError> {
        let mut tx = self.db.begin().await?;
        let saved = save_drafts(&mut tx, drafts, now).await?;
        crate::failpoint::pass("store.save_policies.before_commit");
        tx.commit().await?;
        Ok(saved)
    }

    /// The current version; `None` when unknown or withdrawn.
    pub async fn policy(&self, id: &str) -> Result<Option<Policy>, StoreError> {
        let statement = sql!(
            "select v.record from policies p join policy_versions v on v.policy_id = p.id and v.version = p.version \
             where p.id = $1 and p.withdrawn_at is null"
        );
        let row: Option<(String,)> = self.db.one(statement, args![id]).await?;
        row.map(|(record,)| decode(id, &record)).transpose()
    }

    /// The current versions of those that are there, in the order asked for.
    pub async fn policies(&self, ids: &[String]) -> Result<Vec<Policy>, StoreError> {
        let mut found: HashMap<String, Policy> = HashMap::new();
        for chunk in ids.chunks(ROWS) {
            let statement = sql!(
                "select p.id, v.record from policies p \
                 join policy_versions v on v.policy_id = p.id and v.version = p.version \
                 where p.withdrawn_at is null and p.id in ({rows})"
            );
            let values = chunk.iter().flat_map(|id| args![id]).collect();
            let rows: Vec<(String, String)> = self.db.all(statement.list(0), values).await?;
            found.extend(decode_all(rows)?.into_iter().map(|policy| (policy.id.clone(), policy)));
        }
        Ok(ids.iter().filter_map(|id| found.remove(id)).collect())
    }

    /// When the current versions of these policies were stored, withdrawn ones left out.
    pub async fn stored_at(&self, ids: &[String]) -> Result<HashMap<String, i64>, StoreError> {
        let mut found = HashMap::new();
        for chunk in ids.chunks(ROWS) {
            let statement = sql!(
                "select p.id, v.at from policies p \
                 join policy_versions v on v.policy_id = p.id and v.version = p.version \
                 where p.withdrawn_at is null and p.id in ({rows})"
            );
            let values = chunk.iter().flat_map(|id| args![id]).collect();
            found.extend(self.db.all::<(String, i64)>(statement.list(0), values).await?);
        }
        Ok(found)
    }

    /// Takes a policy out of search and push, with an entry in the log; in the same transaction its deliveries that are
    /// not sent are cancelled. False when it was not there.
    pub async fn withdraw_policy(&self, id: &str, reason: &str, now: i64) -> Result<bool, StoreError> {
        let mut tx = self.db.begin().await?;
        let mut documents = Documents::begin(&mut tx, now).await?;
        let statement = sql!(
            "update policies set withdrawn_at = $2, withdrawn_reason = $3, updated_at = $2 \
             where id = $1 and withdrawn_at is null returning version"
        );
        let row: Option<(i64,)> = tx.one(statement, args![id, now, reason]).await?;
        let Some((version,)) = row else { return Ok(false) };
        documents.log(id, version, ChangeKind::Withdrawn, None);
        settle_linked(&mut tx, &mut documents, id).await?;
        documents.write(&mut tx).await?;
        let statement = sql!(
            "update deliveries set state = 'cancelled', message_id = null \
             where policy_id = $1 and state in ('waiting', 'pending')"
        );
        tx.write(statement, args![id]).await?;
        crate::failpoint::pass("store.withdraw_policy.before_commit");
        tx.commit().await?;
        Ok(true)
    }

    /// Undoes a withdrawal, with an entry in the log; false when it was not withdrawn. What was cancelled stays so.
    pub async fn restore_policy(&self, id: &str, now: i64) -> Result<bool, StoreError> {
        let mut tx = self.db.begin().await?;
        let mut documents = Documents::begin(&mut tx, now).await?;
        let statement = sql!(
            "update policies set withdrawn_at = null, withdrawn_reason = null, updated_at = $2 \
             where id = $1 and withdrawn_at is not null returning version"
        );
        let row: Option<(i64,)> = tx.one(statement, args![id, now]).await?;
        let Some((version,)) = row else { return Ok(false) };
        documents.load(&mut tx, &[id]).await?;
        documents.touch(id);
        documents.settle(id)?;
        let version = documents.all.get(id).map_or(version, |document| document.version);
        documents.log(id, version, ChangeKind::Restored, None);
        settle_linked(&mut tx, &mut documents, id).await?;
        documents.write(&mut tx).await?;
        crate::failpoint::pass("store.restore_policy.before_commit");
        tx.commit().await?;
        Ok(true)
    }

    /// When and why a policy was withdrawn; `None` when it is there or never was.
    pub async fn withdrawal(&self, id: &str) -> Result<Option<(i64, String)>, StoreError> {
        let statement = sql!("select withdrawn_at, withdrawn_reason from policies where id = $1 and withdrawn_at > 0");
        let row: Option<(i64, Option<String>)> = self.db.one(statement, args![id]).await?;
        Ok(row.map(|(at, reason)| (at, reason.unwrap_or_default())))
    }

    /// Those of the policies that are withdrawn.
    pub async fn withdrawn(&self, ids: &[String]) -> Result<HashSet<String>, StoreError> {
        let mut found = HashSet::new();
        for chunk in ids.chunks(ROWS) {
            let statement = sql!("select id from policies where withdrawn_at is not null and id in ({rows})");
            let values = chunk.iter().flat_map(|id| args![id]).collect();
            let rows: Vec<(String,)> = self.db.all(statement.list(0), values).await?;
            found.extend(rows.into_iter().map(|(id,)| id));
        }
        Ok(found)
    }

    /// Titles and numbers of what was withdrawn at or after `since`.
    pub async fn withdrawn_since(&self, since: i64) -> Result<Vec<(String, Option<String>)>, StoreError> {
        let statement = sql!(
            "select title, doc_number_key from policies where withdrawn_at >= $1 order by withdrawn_at limit 1000"
        );
        self.db.all(statement, args![since]).await
    }

    /// Works out anew up to a hundred policies whose day has come: a term has ended, a later document takes effect. Each
    /// that becomes another is a new version with its entry in the log. Gives how many were looked at; 0 when none is
    /// left.
    pub async fn pass_days(&self, now: i64) -> Result<usize, StoreError> {
        let today = crate::clock::local(now).date_naive().to_string();
        let statement = sql!("select id from policies where revalue_on <= $1 order by revalue_on, id limit $2");
        if self.db.one::<(String,)>(statement, args![&today, 1]).await?.is_none() {
            return Ok(0);
        }
        let mut tx = self.db.begin().await?;
        let mut documents = Documents::begin(&mut tx, now).await?;
        let statement = sql!("select id from policies where revalue_on <= $1 order by revalue_on, id limit $2");
        let due: Vec<(String,)> = tx.all(statement, args![&today, TURNS]).await?;
        let ids: Vec<&str> = due.iter().map(|(id,)| id.as_str()).collect();
        documents.load(&mut tx, &ids).await?;
        for id in &ids {
            documents.touch(id);
            documents.settle(id)?;
        }
        documents.write(&mut tx).await?;
        crate::failpoint::pass("store.pass_days.before_commit");
        tx.commit().await?;
        Ok(due.len())
    }

    /// The drafts of these identities as they are stated, without what is put over them, each with the id of the policy
    /// that it belongs to.
    pub async fn stated(&self, keys: &[String]) -> Result<HashMap<String, (String, Policy)>, StoreError> {
        let mut found = HashMap::new();
        for chunk in keys.chunks(ROWS) {
            let statement = sql!(
                "select l.key, p.id, coalesce(l.draft, v.record) from policy_locations l join policies p on p.id = l.policy_id \
                 join policy_versions v on v.policy_id = p.id and v.version = p.version \
                 where p.withdrawn_at is null and l.key in ({rows})"
            );
            let values = chunk.iter().flat_map(|key| args![key]).collect();
            let rows: Vec<(String, String, String)> = self.db.all(statement.list(0), values).await?;
            for (key, id, draft) in rows {
                let draft = decode(&key, &draft)?;
                found.insert(key, (id, draft));
            }
        }
        Ok(found)
    }

    /// The latest versions of a policy with the time at which each was stored, the latest first; none when it is unknown
    /// or withdrawn.
    pub async fn policy_history(&self, id: &str, limit: i64) -> Result<Vec<(i64, Policy)>, StoreError> {
        let statement = sql!(
            "select v.at, v.record from policies p join policy_versions v on v.policy_id = p.id \
             where p.id = $1 and p.withdrawn_at is null order by v.version desc limit $2"
        );
        let rows: Vec<(i64, String)> = self.db.all(statement, args![id, limit]).await?;
        rows.into_iter().map(|(at, record)| Ok((at, decode(id, &record)?))).collect()
    }

    /// Identity and version of policies that are not withdrawn, in order of id after `after`.
    pub async fn policy_versions(&self, after: &str, limit: i64) -> Result<Vec<(String, i64)>, StoreError> {
        let statement =
            sql!("select id, version from policies where id > $1 and withdrawn_at is null order by id limit $2");
        self.db.all(statement, args![after, limit]).await
    }

    /// Current versions in order of id after `after`, for a rebuild.
    pub async fn policies_after(&self, after: &str, limit: i64) -> Result<Vec<Policy>, StoreError> {
        let statement = sql!(
            "select p.id, v.record from policies p \
             join policy_versions v on v.policy_id = p.id and v.version = p.version \
             where p.id > $1 and p.withdrawn_at is null order by p.id limit $2"
        );
        decode_all(self.db.all(statement, args![after, limit]).await?)
    }

    /// A version as it was stored, whether or not it is the current one or the policy is withdrawn.
    pub async fn policy_version(&self, id: &str, version: i64) -> Result<Option<Policy>, StoreError> {
        let statement = sql!("select record from policy_versions where policy_id = $1 and version = $2");
        let row: Option<(String,)> = self.db.one(statement, args![id, version]).await?;
        row.map(|(record,)| decode(id, &record)).transpose()
    }

    /// Policies (not withdrawn) whose normalised document number is `key` (see `zhida_schemas::doc_number::key`), the
    /// earliest first.
    pub async fn policies_by_number(&self, key: &str) -> Result<Vec<Policy>, StoreError> {
        let statement = sql!(
            "select p.id, v.record from policies p \
             join policy_versions v on v.policy_id = p.id and v.version = p.version \
             where p.doc_number_key = $1 and p.withdrawn_at is null \
             order by p.published_on is null, p.published_on, p.id limit $2"
        );
        decode_all(self.db.all(statement, args![key, SAME_NUMBER]).await?)
    }

    /// Policies whose citations name the document number `key`: those that repeal, replace or amend it, then the others;
    /// of each the latest first.
    pub async fn policies_citing(&self, key: &str, limit: i64) -> Result<Vec<Policy>, StoreError> {
        let statement = sql!(
            "select p.id, v.record from (select policy_id, \
             min(case relation when 'repeals' then 0 when 'replaces' then 1 when 'amends' then 2 else 3 end) as weight \
             from citations where doc_number_key = $1 group by policy_id) c \
             join policies p on p.id = c.policy_id \
             join policy_versions v on v.policy_id = p.id and v.version = p.version \
             where p.withdrawn_at is null \
             order by c.weight, p.published_on is null, p.published_on desc, p.id limit $2"
        );
        decode_all(self.db.all(statement, args![key, limit]).await?)
    }

    /// How many there are.
    pub async fn policy_counts(&self) -> Result<PolicyCounts, StoreError> {
        let row = self.db.one(sql!("select count(*) from policies where withdrawn_at is null"), args![]).await?;
        Ok(PolicyCounts { policies: row.map_or(0, |(count,): (i64,)| count), changes: self.log_head().await? })
    }
}

/// Works out anew what a document repeals, replaces or amends, when it goes or comes back: a withdrawn one must not be
/// named as the reason for anything.
async fn settle_linked(tx: &mut Tx, documents: &mut Documents, by: &str) -> Result<(), StoreError> {
    let statement = sql!("select policy_id from validity_links where by_id = $1 order by policy_id");
    let linked: Vec<(String,)> = tx.all(statement, args![by]).await?;
    documents.load(tx, &linked.iter().map(|(id,)| id.as_str()).collect::<Vec<_>>()).await?;
    for (id,) in &linked {
        documents.settle(id)?;
    }
    Ok(())
}

/// A draft on its way in.
struct Draft<'a> {
    policy: &'a Policy,
    /// Its identity by itself, which is that of the policy unless it joins another.
    key: String,
    content_hash: String,
}

/// What is known of the place that a draft comes from.
struct Known {
    policy_id: String,
    hash: String,
    withdrawn: bool,
}

/// Saves drafts within a transaction; see [`Store::save_policies`].
pub(super) async fn save_drafts(tx: &mut Tx, drafts: &[Policy], now: i64) -> Result<Vec<(String, Saved)>, StoreError> {
    let mut saved = Vec::with_capacity(drafts.len());
    let mut rest = drafts;
    while !rest.is_empty() {
        let (chunk, after) = rest.split_at(chunk_length(rest));
        rest = after;
        let chunk = chunk
            .iter()
            .map(|policy| {
                let key = if policy.id.is_empty() { policy.identity(None) } else { policy.id.clone() };
                let key = without_nul(&key).into_owned();
                check_key("policy id", &key)?;
                Ok(Draft { policy, key, content_hash: policy.content_hash() })
            })
            .collect::<Result<Vec<_>, StoreError>>()?;
        saved.extend(save_chunk(tx, &chunk, now).await?);
    }
    Ok(saved)
}

/// How many of the drafts, at least one, are written at a time.
fn chunk_length(drafts: &[Policy]) -> usize {
    let mut bytes = 0;
    let mut length = 0;
    for draft in drafts.iter().take(ROWS) {
        let attachments: usize = draft.attachments.iter().filter_map(|file| file.text.as_ref()).map(String::len).sum();
        bytes += draft.body_text.len() + draft.body_html.len() + attachments;
        if length > 0 && bytes > CHUNK_BYTES {
            break;
        }
        length += 1;
    }
    length
}

async fn save_chunk(tx: &mut Tx, drafts: &[Draft<'_>], now: i64) -> Result<Vec<(String, Saved)>, StoreError> {
    let is_unchanged = |known: &HashMap<String, Known>, draft: &Draft<'_>| {
        known.get(&draft.key).is_some_and(|known| known.withdrawn || known.hash == draft.content_hash)
    };
    // An import that is run again mostly finds everything as it was: it must not make others wait.
    let known = read_known(tx, drafts).await?;
    if drafts.iter().all(|draft| is_unchanged(&known, draft)) {
        let unchanged = drafts.iter().filter_map(|draft| known.get(&draft.key));
        return Ok(unchanged.map(|known| (known.policy_id.clone(), Saved::Unchanged)).collect());
    }

    // Another process may have saved the same drafts until it let go of the counter.
    let mut documents = Documents::begin(tx, now).await?;
    let known = read_known(tx, drafts).await?;
    let changed: HashSet<&str> =
        drafts.iter().filter(|draft| !is_unchanged(&known, draft)).map(|draft| draft.key.as_str()).collect();
    let home = |key: &str| known.get(key).map_or_else(|| key.to_owned(), |known| known.policy_id.clone());
    let homes: Vec<String> = changed.iter().map(|key| home(key)).collect();
    documents.load(tx, &homes.iter().map(String::as_str).collect::<Vec<_>>()).await?;
    let is_new = |documents: &Documents, draft: &Draft<'_>| {
        changed.contains(draft.key.as_str()) && !documents.all.contains_key(&home(&draft.key))
    };
    let new: Vec<&Draft<'_>> = drafts.iter().filter(|draft| is_new(&documents, draft)).collect();
    let mut alike = Alike::find(tx, &new).await?;
    documents.load(tx, &alike.ids(&new)).await?;

    let mut joined: HashMap<&str, String> = HashMap::new();
    let mut answers = Vec::with_capacity(drafts.len());
    for draft in drafts {
        let mut id = joined.get(draft.key.as_str()).cloned().unwrap_or_else(|| home(&draft.key));
        if !changed.contains(draft.key.as_str()) {
            answers.push((id, Saved::Unchanged));
            continue;
        }
        if !documents.all.contains_key(&id) {
            let same = |id: &&String| {
                // what its copies state, and what an editor put over it
                documents.all.get(*id).is_some_and(|document| {
                    let stated = document.copies.iter().take(COMPARED).map(|copy| &copy.draft);
                    let mut said = stated.chain(document.record.as_ref());
                    said.any(|said| copies::same_document(said, draft.policy))
                })
            };
            match alike.of(draft).iter().find(same).cloned() {
                Some(other) => {
                    joined.insert(&draft.key, other.clone());
                    id = other;
                }
                None => {
                    let copy = Copy::new(&draft.key, draft.policy.clone(), draft.content_hash.clone(), now);
                    documents.add(&id, copy);
                    alike.add(draft);
                    let settled = documents.settle(&id)?;
                    answers.push((id, settled.map_or(Saved::Unchanged, |(_, position)| Saved::New(position))));
                    continue;
                }
            }
        }
        let is_changed = documents.all.get_mut(&id).is_some_and(|document| {
            if document.withdrawn {
                return false;
            }
            match document.copies.iter_mut().find(|copy| copy.key == draft.key) {
                Some(copy) => copy.put(draft.policy, &draft.content_hash),
                None => {
                    let copy = Copy::new(&draft.key, draft.policy.clone(), draft.content_hash.clone(), now);
                    document.copies.push(copy);
                    true
                }
            }
        });
        let version = |documents: &Documents| {
            documents.all.get(&id).and_then(|document| document.record.as_ref()).map(|record| record.version)
        };
        let before = version(&documents);
        let settled = if is_changed { documents.settle(&id)? } else { None };
        // one more place, or another text on a page that does not lead, is no news
        let saved = match settled {
            Some((_, position)) if version(&documents) != before => Saved::Changed(position),
            _ => Saved::Unchanged,
        };
        answers.push((id, saved));
    }
    documents.write(tx).await?;
    Ok(answers)
}

async fn read_known(tx: &mut Tx, drafts: &[Draft<'_>]) -> Result<HashMap<String, Known>, StoreError> {
    let statement = sql!(
        "select l.key, l.policy_id, l.draft_hash, p.withdrawn_at from policy_locations l \
         join policies p on p.id = l.policy_id where l.key in ({rows})"
    );
    let values = drafts.iter().flat_map(|draft| args![&draft.key]).collect();
    let rows: Vec<(String, String, String, Option<i64>)> = tx.all(statement.list(0), values).await?;
    let known = rows.into_iter().map(|(key, policy_id, hash, withdrawn_at)| {
        (key, Known { policy_id, hash, withdrawn: withdrawn_at.is_some() })
    });
    Ok(known.collect())
}

/// Policies that a new draft may be a copy of.
#[derive(Default)]
struct Alike {
    by_number: HashMap<String, Vec<Near>>,
    by_title: HashMap<String, Vec<Near>>,
}

/// What is looked at before a policy is loaded.
#[derive(Clone)]
struct Near {
    id: String,
    number: Option<String>,
    region: Option<String>,
    published_on: Option<NaiveDate>,
}

/// `id, doc_number_key, title_key, region_code, published_on`.
type NearRow = (String, Option<String>, Option<String>, Option<String>, Option<String>);

impl Alike {
    async fn find(tx: &mut Tx, drafts: &[&Draft<'_>]) -> Result<Self, StoreError> {
        let mut alike = Self::default();
        let numbers: BTreeSet<String> =
            drafts.iter().filter_map(|draft| draft.policy.doc_number.as_deref().and_then(number_key)).collect();
        if !numbers.is_empty() {
            let statement = sql!(
                "select id, doc_number_key, title_key, region_code, published_on from policies \
                 where doc_number_key in ({rows}) order by created_at, id limit 2000"
            );
            let values = numbers.iter().flat_map(|key| args![key]).collect();
            for (id, number, _, region, published_on) in tx.all::<NearRow>(statement.list(0), values).await? {
                let Some(key) = number.clone() else { continue };
                let published_on = published_on.and_then(|day| day.parse().ok());
                alike.by_number.entry(key).or_default().push(Near { id, number, region, published_on });
            }
        }
        let titles: BTreeSet<String> =
            drafts.iter().filter_map(|draft| copies::title_key(&draft.policy.title)).collect();
        if !titles.is_empty() {
            let statement = sql!(
                "select id, case when exists (select 1 from corrections c where c.policy_id = policies.id \
                 and c.field = 'doc_number') then null else doc_number_key end, title_key, region_code, published_on \
                 from policies where title_key in ({rows}) order by created_at, id limit 5000"
            );
            let values = titles.iter().flat_map(|key| args![key]).collect();
            // a number that an editor corrected is not what another site says
            for (id, number, title, region, published_on) in tx.all::<NearRow>(statement.list(0), values).await? {
                let Some(key) = title else { continue };
                let published_on = published_on.and_then(|day| day.parse().ok());
                alike.by_title.entry(key).or_default().push(Near { id, number, region, published_on });
            }
        }
        Ok(alike)
    }

    /// A policy that the same batch brought.
    fn add(&mut self, draft: &Draft<'_>) {
        let number = draft.policy.doc_number.as_deref().and_then(number_key);
        let near = Near {
            id: draft.key.clone(),
            number: number.clone(),
            region: draft.policy.region_code.clone(),
            published_on: draft.policy.published_on,
        };
        if let Some(number) = number {
            self.by_number.entry(number).or_default().push(near.clone());
        }
        if let Some(title) = copies::title_key(&draft.policy.title) {
            self.by_title.entry(title).or_default().push(near);
        }
    }

    /// Those that a draft is compared with, the likeliest first.
    fn of(&self, draft: &Draft<'_>) -> Vec<String> {
        let number = draft.policy.doc_number.as_deref().and_then(number_key);
        let region = draft.policy.region_code.as_deref();
        let by_number = number.as_ref().and_then(|key| self.by_number.get(key)).into_iter().flatten();
        let by_title = copies::title_key(&draft.policy.title);
        let by_title = by_title.as_ref().and_then(|key| self.by_title.get(key)).into_iter().flatten();
        // with two numbers it would have been found by them
        let by_title = by_title.filter(|near| number.is_none() || near.number.is_none());
        let mut near: Vec<(bool, i64, &String)> = by_number
            .map(|near| (false, near))
            .chain(by_title.map(|near| (true, near)))
            .filter(|(_, near)| match (region, near.region.as_deref()) {
                (Some(one), Some(other)) => region::contains(one, other) || region::contains(other, one),
                _ => true,
            })
            .map(|(is_by_title, near)| {
                let days = draft.policy.published_on.zip(near.published_on);
                let days = days.map_or(i64::MAX, |(one, other)| (one - other).num_days().abs());
                (is_by_title, days, &near.id)
            })
            .collect();
        near.sort();
        let mut seen = HashSet::new();
        let ids = near.into_iter().map(|(_, _, id)| id).filter(|id| **id != draft.key && seen.insert(*id));
        ids.take(CANDIDATES).cloned().collect()
    }

    /// Stored ones that have to be loaded for comparing.
    fn ids<'a>(&'a self, drafts: &[&Draft<'_>]) -> Vec<&'a str> {
        let wanted: HashSet<String> = drafts.iter().flat_map(|draft| self.of(draft)).collect();
        let all = self.by_number.values().chain(self.by_title.values()).flatten();
        all.map(|near| near.id.as_str()).filter(|id| wanted.contains(*id)).collect()
    }
}

/// The form of a document number for comparison; `None` for what is too long to be one.
pub(super) fn number_key(text: &str) -> Option<String> {
    let key = doc_number::key(text);
    (!key.is_empty() && key.len() <= DOC_NUMBER_BYTES).then_some(key)
}

pub(super) fn relation_name(relation: Relation) -> &'static str {
    match relation {
        Relation::BasedOn => "based_on",
        Relation::Cites => "cites",
        Relation::Repeals => "repeals",
        Relation::Replaces => "replaces",
        Relation::Amends => "amends",
        Relation::Forwards => "forwards",
        Relation::Interprets => "interprets",
    }
}

fn decode_all(rows: Vec<(String, String)>) -> Result<Vec<Policy>, StoreError> {
    rows.into_iter().map(|(id, record)| decode(&id, &record)).collect()
}

/// Current versions by id within a transaction, withdrawn ones left out.
pub(super) async fn current(tx: &mut Tx, ids: &[&str]) -> Result<HashMap<String, Policy>, StoreError> {
    let mut found = HashMap::new();
    for chunk in ids.chunks(ROWS) {
        let statement = sql!(
            "select p.id, v.record from policies p \
             join policy_versions v on v.policy_id = p.id and v.version = p.version \
             where p.withdrawn_at is null and p.id in ({rows})"
        );
        let values = chunk.iter().flat_map(|id| args![*id]).collect();
        let rows = tx.all(statement.list(0), values).await?;
        found.extend(decode_all(rows)?.into_iter().map(|policy| (policy.id.clone(), policy)));
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_documents_are_written_in_smaller_chunks() {
        let short = vec![Policy::default(); ROWS * 2 + 1];
        assert_eq!(chunk_length(&short), ROWS);
        let long = Policy { body_text: "文".repeat(CHUNK_BYTES / 3), ..Policy::default() };
        assert_eq!(chunk_length(&vec![long; 3]), 1);
    }

    #[test]
    fn relations_are_named_as_in_records() {
        for relation in [
            Relation::BasedOn,
            Relation::Cites,
            Relation::Repeals,
            Relation::Replaces,
            Relation::Amends,
            Relation::Forwards,
            Relation::Interprets,
        ] {
            assert_eq!(serde_json::to_value(relation).unwrap(), relation_name(relation));
        }
    }

    #[test]
    fn a_page_of_text_is_no_document_number() {
        assert_eq!(number_key(&"国".repeat(100)), None);
        assert_eq!(number_key(""), None);
    }
}
