//! What later documents do to the validity of others, written together with the linker's position.
//!
//! Which document a citation means is decided here, because it has to be decided while nobody saves: a document that
//! is saved a moment later finds the citation by itself.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use zhida_schemas::doc_number::DocNumber;
use zhida_schemas::policy::{Citation, Relation, Validity, ValidityCause};
use zhida_schemas::{Policy, doc_number, region};

use super::db::{ROWS, Tx, args, sql};
use super::documents::{Documents, relation_of};
use super::policies::{current, number_key, relation_name};
use super::{Store, StoreError, changes};
use crate::copies;
use crate::effective::Link;

/// What one run of the linker changed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Linked {
    /// Links that were not there.
    pub added: usize,
    /// Links that no longer hold.
    pub removed: usize,
    /// Policies that became another version by it.
    pub changed: usize,
}

/// Documents that one citation may mean and that are looked at.
const MEANT: usize = 20;
/// Documents that name a changed one and that are looked at again.
const CITERS: usize = 500;
/// Citations of one document that are followed: a decision that repeals hundreds is known, thousands are none.
const FOLLOWED: usize = 1_000;

/// By (cited policy, citing policy).
type Links = BTreeMap<(String, String), Link>;

impl Store {
    /// In one transaction: moves the reader from `from` to `to`, and works out anew what the policies `ids`, which
    /// changed, do to others and what others do to them. Each that becomes another by it is a new version with its entry
    /// in the log. `None`, with nothing written, when the reader no longer stands at `from`.
    pub async fn record_links(
        &self,
        reader: &str,
        from: i64,
        to: i64,
        ids: &[String],
        now: i64,
    ) -> Result<Option<Linked>, StoreError> {
        let mut tx = self.db.begin().await?;
        let mut documents = Documents::begin(&mut tx, now).await?;
        if !changes::move_reader(&mut tx, reader, from, to).await? {
            return Ok(None);
        }
        let changed: Vec<&str> = ids.iter().map(String::as_str).collect();
        let there = current(&mut tx, &changed).await?;
        let mut citers: BTreeSet<String> = ids.iter().cloned().collect();
        citers.extend(citing(&mut tx, there.values()).await?);
        let citers: Vec<String> = citers.into_iter().collect();
        let before = read_links(&mut tx, &citers).await?;
        let after = links_of(&mut tx, &citers).await?;

        let mut linked = Linked::default();
        let mut turned: BTreeSet<&str> = BTreeSet::new();
        for ((id, by), _) in before.iter().filter(|(pair, link)| after.get(pair).is_none_or(|new| !same(link, new))) {
            let statement = sql!("delete from validity_links where policy_id = $1 and by_id = $2");
            tx.write(statement, args![id, by]).await?;
            turned.insert(id);
            linked.removed += usize::from(!after.contains_key(&(id.clone(), by.clone())));
        }
        let new: Vec<_> =
            after.iter().filter(|(pair, link)| before.get(pair).is_none_or(|old| !same(link, old))).collect();
        for chunk in new.chunks(ROWS) {
            let mut values = Vec::with_capacity(chunk.len() * 6);
            for ((id, by), link) in chunk {
                turned.insert(id);
                linked.added += usize::from(!before.contains_key(&(id.clone(), by.clone())));
                values.extend(args![
                    id,
                    by,
                    relation_name(link.cause.relation),
                    link.cause.since.map(|day| day.to_string()),
                    i64::from(link.by_title),
                    &link.cause.evidence,
                ]);
            }
            let statement = sql!(
                "insert into validity_links (policy_id, by_id, relation, since, by_title, evidence) values {rows}"
            );
            tx.write(statement.rows(6), values).await?;
        }
        crate::failpoint::pass("store.record_links.between");
        let turned: Vec<&str> = turned.into_iter().collect();
        documents.load(&mut tx, &turned).await?;
        for id in turned {
            linked.changed += usize::from(documents.settle(id)?.is_some());
        }
        documents.write(&mut tx).await?;
        crate::failpoint::pass("store.record_links.before_commit");
        tx.commit().await?;
        Ok(Some(linked))
    }
}

fn same(a: &Link, b: &Link) -> bool {
    a.cause.relation == b.cause.relation
        && a.cause.since == b.cause.since
        && a.by_title == b.by_title
        && a.cause.evidence == b.cause.evidence
}

/// Policies that repeal, replace or amend one with the number or the title of these.
async fn citing(tx: &mut Tx, policies: impl Iterator<Item = &Policy>) -> Result<HashSet<String>, StoreError> {
    let (mut numbers, mut titles) = (BTreeSet::new(), BTreeSet::new());
    for policy in policies {
        numbers.extend(policy.doc_number.as_deref().and_then(number_key));
        titles.extend(copies::title_keys(&policy.title));
    }
    let mut found = HashSet::new();
    for chunk in numbers.iter().collect::<Vec<_>>().chunks(ROWS) {
        let statement = sql!(
            "select distinct policy_id from citations \
             where relation in ('repeals', 'replaces', 'amends') and doc_number_key in ({rows})"
        );
        let values = chunk.iter().flat_map(|key| args![*key]).collect();
        found.extend(tx.all::<(String,)>(statement.list(0), values).await?.into_iter().map(|(id,)| id));
    }
    for chunk in titles.iter().collect::<Vec<_>>().chunks(ROWS) {
        let statement = sql!(
            "select distinct policy_id from citations \
             where relation in ('repeals', 'replaces', 'amends') and title_key in ({rows})"
        );
        let values = chunk.iter().flat_map(|key| args![*key]).collect();
        found.extend(tx.all::<(String,)>(statement.list(0), values).await?.into_iter().map(|(id,)| id));
    }
    Ok(found.into_iter().take(CITERS).collect())
}

async fn read_links(tx: &mut Tx, citers: &[String]) -> Result<Links, StoreError> {
    let mut links = Links::new();
    for chunk in citers.chunks(ROWS) {
        let statement = sql!(
            "select policy_id, by_id, relation, since, by_title, evidence from validity_links where by_id in ({rows})"
        );
        let values = chunk.iter().flat_map(|id| args![id]).collect();
        let rows: Vec<(String, String, String, Option<String>, i64, String)> =
            tx.all(statement.list(0), values).await?;
        for (id, by, relation, since, by_title, evidence) in rows {
            let cause = ValidityCause {
                relation: relation_of(&relation),
                policy_id: by.clone(),
                title: String::new(),
                doc_number: None,
                since: since.and_then(|since| since.parse().ok()),
                evidence,
            };
            links.insert((id, by), Link { cause, by_title: by_title == 1 });
        }
    }
    Ok(links)
}

/// What these policies, as they are now, do to stored ones.
async fn links_of(tx: &mut Tx, citers: &[String]) -> Result<Links, StoreError> {
    let ids: Vec<&str> = citers.iter().map(String::as_str).collect();
    let citers = current(tx, &ids).await?;
    let (mut numbers, mut titles) = (BTreeSet::new(), BTreeSet::new());
    for citation in citers.values().flat_map(ending) {
        match citation.doc_number.as_deref().and_then(number_key) {
            Some(key) => drop(numbers.insert(key)),
            None => titles.extend(citation.title.as_deref().map(copies::title_keys).unwrap_or_default()),
        }
    }
    let mut meant: HashMap<String, Vec<String>> = HashMap::new();
    for chunk in numbers.iter().collect::<Vec<_>>().chunks(ROWS) {
        let statement = sql!(
            "select doc_number_key, id from policies where withdrawn_at is null and doc_number_key in ({rows}) \
             order by created_at, id"
        );
        let values = chunk.iter().flat_map(|key| args![*key]).collect();
        for (key, id) in tx.all::<(String, String)>(statement.list(0), values).await? {
            meant.entry(format!("number {key}")).or_default().push(id);
        }
    }
    for chunk in titles.iter().collect::<Vec<_>>().chunks(ROWS) {
        let statement = sql!(
            "select title_key, id from policies where withdrawn_at is null and title_key in ({rows}) \
             order by created_at, id"
        );
        let values = chunk.iter().flat_map(|key| args![*key]).collect();
        for (key, id) in tx.all::<(String, String)>(statement.list(0), values).await? {
            meant.entry(format!("title {key}")).or_default().push(id);
        }
    }
    let wanted: BTreeSet<&str> = meant.values().flat_map(|ids| ids.iter().take(MEANT)).map(String::as_str).collect();
    let cited = current(tx, &wanted.into_iter().collect::<Vec<_>>()).await?;

    let mut links = Links::new();
    for (by, citer) in &citers {
        for citation in ending(citer) {
            let number = citation.doc_number.as_deref().and_then(number_key);
            let keys: Vec<String> = match &number {
                Some(key) => vec![format!("number {key}")],
                None => {
                    let title = citation.title.as_deref().unwrap_or_default();
                    copies::title_keys(title).into_iter().map(|key| format!("title {key}")).collect()
                }
            };
            let found: BTreeSet<&String> = keys.iter().filter_map(|key| meant.get(key)).flatten().collect();
            let candidates = found.into_iter().take(MEANT).filter_map(|id| cited.get(id));
            let named: Vec<&Policy> = candidates.filter(|other| names(citer, citation, other)).collect();
            // of several with one title none is known to be meant
            if number.is_none() && named.len() > 1 {
                continue;
            }
            for other in named {
                let cause = ValidityCause {
                    relation: citation.relation,
                    policy_id: by.clone(),
                    title: citer.title.clone(),
                    doc_number: citer.doc_number.clone(),
                    since: zhida_crawlers::understand::ended_on(citation).or(citer.effective_on).or(citer.dated_on()),
                    evidence: citation.evidence.clone(),
                };
                let link = Link { cause, by_title: number.is_none() };
                let place = links.entry((other.id.clone(), by.clone())).or_insert_with(|| link.clone());
                if place.cause.relation == Relation::Amends {
                    *place = link;
                }
            }
        }
    }
    Ok(links)
}

/// Citations that end or change the cited document; none of a draft, which does nothing yet.
fn ending(citer: &Policy) -> impl Iterator<Item = &Citation> {
    let is_draft = citer.validity == Validity::Draft;
    let ends = |relation| matches!(relation, Relation::Repeals | Relation::Replaces | Relation::Amends);
    citer.citations.iter().take(FOLLOWED).filter(move |citation| !is_draft && ends(citation.relation))
}

/// Whether a citation that has a document's number, or its title, means it.
fn names(citer: &Policy, citation: &Citation, other: &Policy) -> bool {
    if citer.id == other.id || citer.dated_on().zip(other.dated_on()).is_some_and(|(by, of)| of > by) {
        return false;
    }
    let within = match (citer.region_code.as_deref(), other.region_code.as_deref()) {
        // a city repeals nothing of its province
        (Some(by), Some(of)) => region::contains(by, of),
        _ => true,
    };
    if !within {
        return false;
    }
    let same_office = || copies::issuers_share(citer, other) == Some(true);
    match citation.doc_number.as_deref().and_then(number_key) {
        Some(key) => {
            let is_its = other.doc_number.as_deref().map(doc_number::key).as_ref() == Some(&key);
            let is_named = DocNumber::parse(&key).is_some_and(|number| {
                let code = number.parts().code.chars().count();
                if number.order { code >= 5 } else { code >= 2 }
            });
            let title = citation.title.as_deref().unwrap_or_default();
            is_its && (is_named || same_office()) && (title.is_empty() || copies::similar_titles(title, &other.title))
        }
        None => {
            let title = citation.title.as_deref().unwrap_or_default();
            citer.region_code.is_some()
                && citer.region_code == other.region_code
                && same_office()
                && copies::equal_titles(title, &other.title)
        }
    }
}
