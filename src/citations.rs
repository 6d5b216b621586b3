//! What a policy cites and what cites it, each with how it is named and whether the other is in force.

use std::collections::HashMap;

use zhida_schemas::doc_number;
use zhida_schemas::policy::{Citation, Policy, Relation};

use crate::store::{Store, StoreError};

/// The citations of a policy, each with the policy that it names when that is stored here: of copies the earliest.
///
/// # Errors
/// The database failed.
pub async fn cited(
    store: &Store,
    policy: &Policy,
    limit: usize,
) -> Result<Vec<(Citation, Option<Policy>)>, StoreError> {
    let mut named: HashMap<String, Option<Policy>> = HashMap::new();
    let mut all = Vec::new();
    for citation in policy.citations.iter().take(limit) {
        let key = citation.doc_number.as_deref().map(doc_number::key);
        let other = match key {
            None => None,
            Some(key) => match named.get(&key) {
                Some(known) => known.clone(),
                None => {
                    let copies = store.policies_by_number(&key).await?;
                    let other = copies.into_iter().find(|other| other.id != policy.id);
                    // of a whole law only the name is shown
                    let other =
                        other.map(|other| Policy { body_text: String::new(), body_html: String::new(), ..other });
                    named.insert(key, other.clone());
                    other
                }
            },
        };
        all.push((citation.clone(), other));
    }
    Ok(all)
}

/// The policies that name a policy by its number, each once with its weightiest citation: those that end or change it
/// before the others, and of those the latest first.
///
/// # Errors
/// The database failed.
pub async fn citing(store: &Store, policy: &Policy, limit: i64) -> Result<Vec<(Policy, Citation)>, StoreError> {
    let Some(key) = policy.doc_number.as_deref().map(doc_number::key) else { return Ok(Vec::new()) };
    let citing = store.policies_citing(&key, limit).await?;
    let with_words = citing.into_iter().filter(|citing| citing.id != policy.id).filter_map(|citing| {
        let names_it =
            |citation: &&Citation| citation.doc_number.as_deref().map(doc_number::key).as_ref() == Some(&key);
        let citation =
            citing.citations.iter().filter(names_it).min_by_key(|citation| weight(citation.relation))?.clone();
        Some((citing, citation))
    });
    Ok(with_words.collect())
}

/// What matters most to a reader of the cited document comes first.
fn weight(relation: Relation) -> u8 {
    match relation {
        Relation::Repeals => 0,
        Relation::Replaces => 1,
        Relation::Amends => 2,
        Relation::Interprets => 3,
        Relation::Forwards => 4,
        Relation::BasedOn => 5,
        Relation::Cites => 6,
    }
}
