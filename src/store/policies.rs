//! Policies, each change with its entry in the log.
//!
//! `policies` has a small row for each policy, `policy_versions` the record of each version that was ever stored: the
//! current one is read by joining them, earlier ones are evidence.
//!
//! A withdrawal is an editor's decision and holds: a withdrawn policy that is saved again, with whatever content, stays
//! withdrawn and is answered [`Saved::Unchanged`].

use std::collections::{HashMap, HashSet};

use zhida_schemas::policy::Relation;
use zhida_schemas::{Policy, doc_number};

use super::changes::{Change, ChangeKind, append};
use super::db::{ROWS, Tx, args, sql, without_nul};
use super::{Store, StoreError, changes, check_key, decode, encode, short_key};

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
/// Records of this many bytes are written at a time: a batch of long documents is not held in memory twice.
const CHUNK_BYTES: usize = 8 << 20;

impl Store {
    /// Saves drafts in one transaction: for each the policy and its entry in the log, or nothing where the content is
    /// the same as stored. The draft's id is taken when it has one, else [`Policy::identity`] of `(draft, None)` is used. The same id
    /// twice in one batch is saved twice in order. Returns one answer per draft, in order.
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

    /// Takes a policy out of search and push, with an entry in the log; false when it was not there.
    pub async fn withdraw_policy(&self, id: &str, now: i64) -> Result<bool, StoreError> {
        let mut tx = self.db.begin().await?;
        let position = tx.lock(changes::COUNTER).await? + 1;
        let statement = sql!(
            "update policies set withdrawn_at = $2, updated_at = $2 where id = $1 and withdrawn_at is null \
             returning version"
        );
        let row: Option<(i64,)> = tx.one(statement, args![id, now]).await?;
        let Some((version,)) = row else { return Ok(false) };
        let change = Change { position, policy_id: id.to_owned(), version, kind: ChangeKind::Withdrawn, at: now };
        append(&mut tx, &[change]).await?;
        tx.set(changes::COUNTER, position).await?;
        tx.commit().await?;
        Ok(true)
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

/// What saving has to know of a stored policy.
#[derive(Clone)]
struct Stored {
    version: i64,
    content_hash: String,
    withdrawn: bool,
}

/// A draft on its way in.
struct Draft<'a> {
    policy: &'a Policy,
    id: String,
    content_hash: String,
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
                let id = if policy.id.is_empty() { policy.identity(None) } else { policy.id.clone() };
                let id = without_nul(&id).into_owned();
                check_key("policy id", &id)?;
                Ok(Draft { policy, id, content_hash: policy.content_hash() })
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
    // An import that is run again mostly finds everything as it was: it must not make others wait.
    let stored = read_stored(tx, drafts).await?;
    let is_unchanged = |draft: &Draft<'_>| {
        stored.get(&draft.id).is_some_and(|stored| stored.withdrawn || stored.content_hash == draft.content_hash)
    };
    if drafts.iter().all(is_unchanged) {
        return Ok(drafts.iter().map(|draft| (draft.id.clone(), Saved::Unchanged)).collect());
    }

    // Another process may have saved the same drafts until it let go of the counter.
    let mut position = tx.lock(changes::COUNTER).await?;
    let before = read_stored(tx, drafts).await?;
    let mut current = before.clone();
    let mut last: HashMap<&str, usize> = HashMap::new();
    let mut answers = Vec::with_capacity(drafts.len());
    let mut written = Vec::new();
    let mut versions = Vec::new();
    for (index, draft) in drafts.iter().enumerate() {
        let (version, kind) = match current.get(&draft.id) {
            Some(stored) if stored.withdrawn || stored.content_hash == draft.content_hash => {
                answers.push((draft.id.clone(), Saved::Unchanged));
                continue;
            }
            Some(stored) => (stored.version + 1, ChangeKind::Changed),
            None => (1, ChangeKind::New),
        };
        position += 1;
        let record = Policy { id: draft.id.clone(), version, ..draft.policy.clone() };
        versions.extend(args![&draft.id, version, encode(&draft.id, &record)?, now]);
        written.push(Change { position, policy_id: draft.id.clone(), version, kind, at: now });
        let saved = if kind == ChangeKind::New { Saved::New(position) } else { Saved::Changed(position) };
        answers.push((draft.id.clone(), saved));
        let stored = Stored { version, content_hash: draft.content_hash.clone(), withdrawn: false };
        current.insert(draft.id.clone(), stored);
        last.insert(&draft.id, index);
    }
    if written.is_empty() {
        return Ok(answers);
    }

    let mut indices: Vec<usize> = last.into_values().collect();
    indices.sort_unstable();
    let latest: Vec<&Draft<'_>> = indices.into_iter().filter_map(|index| drafts.get(index)).collect();
    write_policies(tx, &latest, &current, now).await?;
    let statement = sql!("insert into policy_versions (policy_id, version, record, at) values {rows}").rows(4);
    tx.write(statement, versions).await?;
    append(tx, &written).await?;
    write_citations(tx, &latest, &before).await?;
    tx.set(changes::COUNTER, position).await?;
    Ok(answers)
}

async fn read_stored(tx: &mut Tx, drafts: &[Draft<'_>]) -> Result<HashMap<String, Stored>, StoreError> {
    let statement = sql!("select id, version, content_hash, withdrawn_at from policies where id in ({rows})").list(0);
    let values = drafts.iter().flat_map(|draft| args![&draft.id]).collect();
    let rows: Vec<(String, i64, String, Option<i64>)> = tx.all(statement, values).await?;
    let stored = rows.into_iter().map(|(id, version, content_hash, withdrawn_at)| {
        (id, Stored { version, content_hash, withdrawn: withdrawn_at.is_some() })
    });
    Ok(stored.collect())
}

async fn write_policies(
    tx: &mut Tx,
    drafts: &[&Draft<'_>],
    current: &HashMap<String, Stored>,
    now: i64,
) -> Result<(), StoreError> {
    let mut values = Vec::with_capacity(drafts.len() * 10);
    for draft in drafts {
        let version = current.get(&draft.id).map_or(1, |stored| stored.version);
        values.extend(args![
            &draft.id,
            version,
            draft.policy.url.as_deref().map(|url| short_key(&zhida_schemas::policy::url_key(url))),
            &draft.policy.title,
            draft.policy.doc_number.as_deref().and_then(number_key),
            draft.policy.region_code.as_deref(),
            draft.policy.published_on.map(|day| day.to_string()),
            &draft.content_hash,
            now,
            now,
        ]);
    }
    let statement = sql!(
        "insert into policies (id, version, url_key, title, doc_number_key, region_code, published_on, content_hash, \
         created_at, updated_at) values {rows} \
         on conflict (id) do update set version = excluded.version, url_key = excluded.url_key, \
         title = excluded.title, doc_number_key = excluded.doc_number_key, region_code = excluded.region_code, \
         published_on = excluded.published_on, content_hash = excluded.content_hash, \
         updated_at = excluded.updated_at"
    );
    tx.write(statement.rows(10), values).await?;
    Ok(())
}

async fn write_citations(
    tx: &mut Tx,
    drafts: &[&Draft<'_>],
    before: &HashMap<String, Stored>,
) -> Result<(), StoreError> {
    let old: Vec<_> = drafts.iter().filter(|d| before.contains_key(&d.id)).flat_map(|d| args![&d.id]).collect();
    if !old.is_empty() {
        tx.write(sql!("delete from citations where policy_id in ({rows})").list(0), old).await?;
    }
    let mut rows = Vec::new();
    for draft in drafts {
        let mut seen = HashSet::new();
        for citation in &draft.policy.citations {
            let key = citation.doc_number.as_deref().and_then(number_key);
            let row = (key, relation_name(citation.relation), citation.title.as_deref());
            if seen.insert(row.clone()) {
                rows.push((draft.id.as_str(), row));
            }
        }
    }
    for chunk in rows.chunks(ROWS) {
        let mut values = Vec::with_capacity(chunk.len() * 4);
        for (id, (key, relation, title)) in chunk {
            values.extend(args![*id, key.clone(), *relation, *title]);
        }
        let statement = sql!("insert into citations (policy_id, doc_number_key, relation, title) values {rows}");
        tx.write(statement.rows(4), values).await?;
    }
    Ok(())
}

/// The form of a document number for comparison; `None` for what is too long to be one.
fn number_key(text: &str) -> Option<String> {
    let key = doc_number::key(text);
    (!key.is_empty() && key.len() <= DOC_NUMBER_BYTES).then_some(key)
}

fn relation_name(relation: Relation) -> &'static str {
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
