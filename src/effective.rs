//! The record that readers see: what a page or a file states, and over it what is known besides.
//!
//! The stated draft is never overwritten. Editors' corrections, later documents that repeal or amend this one, and
//! the days that pass are put over it by one pure function, whenever one of them changes. So a page that is read again
//! resets nothing, and what is undone is as if it had never been.

use chrono::{Datelike, NaiveDate};
use serde_json::Value;
use zhida_schemas::Policy;
use zhida_schemas::policy::{Location, Relation, Validity, ValidityCause};

use crate::clock;

/// Later documents that a record names.
const MAX_CAUSES: usize = 20;

/// What editors may correct.
pub const CORRECTABLE: [&str; 24] = [
    "title",
    "doc_number",
    "index_number",
    "issuers",
    "region_code",
    "zone",
    "level",
    "kind",
    "subjects",
    "keywords",
    "industries",
    "qualifications",
    "support",
    "for_enterprises",
    "written_on",
    "published_on",
    "effective_on",
    "expires_on",
    "validity",
    "application",
    "amounts",
    "conditions",
    "citations",
    "contacts",
];

/// An editor's correction of one field.
#[derive(Debug, Clone, PartialEq)]
pub struct Correction {
    /// One of [`CORRECTABLE`].
    pub field: String,
    /// In place of what is stated.
    pub value: Value,
    /// Epoch milliseconds.
    pub at: i64,
}

/// What a later document does to this one.
#[derive(Debug, Clone, PartialEq)]
pub struct Link {
    /// The later document, what it does and from when.
    pub cause: ValidityCause,
    /// Whether only the title tells that this document is meant. It does not outweigh what a page states.
    pub by_title: bool,
}

/// What is known of a document besides what is stated.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Overlays {
    /// One for each field at most.
    pub corrections: Vec<Correction>,
    /// One for each later document.
    pub links: Vec<Link>,
}

/// The record for `today`. `locations` are all the places at which the document was seen, the leading one first; when
/// there is none, those of the draft stay.
pub fn effective(stated: &Policy, locations: Vec<Location>, overlays: &Overlays, today: NaiveDate) -> Policy {
    let mut policy = corrected(stated, &overlays.corrections);
    if !locations.is_empty() {
        policy.locations = locations;
    }
    if overlays.corrections.iter().any(|correction| correction.field == "validity") {
        return policy;
    }

    // what a page states of itself weighs more than a title that may be another's
    let heard: Vec<&Link> = overlays
        .links
        .iter()
        .filter(|link| !link.by_title || matches!(policy.validity, Validity::Unknown | Validity::NotYet))
        .collect();
    let is_due = |link: &Link| link.cause.since.is_none_or(|since| since <= today);
    let strongest = heard.iter().filter(|link| is_due(link)).min_by_key(|link| {
        (link.cause.relation == Relation::Amends, std::cmp::Reverse(link.cause.since), &link.cause.policy_id)
    });
    if let Some(link) = strongest {
        let by_link = if link.cause.relation == Relation::Amends { Validity::Amended } else { Validity::Repealed };
        let is_over = matches!(policy.validity, Validity::Repealed | Validity::Expired | Validity::Draft);
        if !is_over && policy.validity != by_link {
            policy.validity = by_link;
            policy.evidence.insert("validity".to_owned(), link.cause.evidence.clone());
        }
    }
    let mut causes: Vec<&Link> = heard;
    causes.sort_by_key(|link| {
        let since = std::cmp::Reverse(link.cause.since);
        (!is_due(link), link.cause.relation == Relation::Amends, since, link.cause.policy_id.clone())
    });
    policy.validity_by = causes.into_iter().take(MAX_CAUSES).map(|link| link.cause.clone()).collect();

    match policy.validity {
        Validity::Repealed | Validity::Expired | Validity::Draft => {}
        _ if policy.expires_on.is_some_and(|last| last < today) => {
            policy.validity = Validity::Expired;
            let last = policy.expires_on.map(|last| last.to_string()).unwrap_or_default();
            policy.evidence.insert("validity".to_owned(), format!("有效期至{last}，已届满"));
        }
        // what says from when to when it holds says whether it does
        Validity::Unknown if policy.effective_on.is_some_and(|first| first > today) => {
            policy.validity = Validity::NotYet;
            state_by(&mut policy, &["effective_on"]);
        }
        Validity::Unknown if policy.expires_on.is_some() => {
            policy.validity = Validity::InForce;
            state_by(&mut policy, &["expires_on", "effective_on"]);
        }
        Validity::NotYet if policy.effective_on.is_some_and(|first| first <= today) => {
            policy.validity = Validity::InForce;
            let first = policy.effective_on.map(|first| first.to_string()).unwrap_or_default();
            policy.evidence.insert("validity".to_owned(), format!("自{first}起施行，已到施行日期"));
        }
        _ => {}
    }
    policy
}

/// Takes the words for one of the fields as those for the validity.
fn state_by(policy: &mut Policy, fields: &[&str]) {
    if let Some(words) = fields.iter().find_map(|field| policy.evidence.get(*field)).cloned() {
        policy.evidence.insert("validity".to_owned(), words);
    }
}

/// The next day after `today` on which [`effective`] may give another record without anything being saved.
pub fn next_turn(record: &Policy, overlays: &Overlays, today: NaiveDate) -> Option<NaiveDate> {
    let ends = record.expires_on.and_then(|last| last.succ_opt());
    let turns = [record.effective_on, ends].into_iter().flatten();
    let turns = turns.chain(overlays.links.iter().filter_map(|link| link.cause.since));
    turns.filter(|day| *day > today).min()
}

/// A draft with corrections put over it. One that no longer fits the record's form is left out.
fn corrected(stated: &Policy, corrections: &[Correction]) -> Policy {
    let mut policy = stated.clone();
    for correction in corrections {
        if let Ok(changed) = with_field(&policy, &correction.field, correction.value.clone()) {
            policy = changed;
            let day = clock::local(correction.at).date_naive();
            policy.evidence.insert(correction.field.clone(), format!("编辑更正（{day}）"));
        }
    }
    policy
}

/// A record with another value in one field.
///
/// # Errors
/// The value is not of the field's form.
pub fn with_field(policy: &Policy, field: &str, value: Value) -> Result<Policy, serde_json::Error> {
    let mut record = serde_json::to_value(policy)?;
    if let Some(fields) = record.as_object_mut() {
        fields.insert(field.to_owned(), value);
    }
    serde_json::from_value(record)
}

/// What a later document does to one, in words behind its title: 已被《…》（文号）废止，自2026年1月1日起.
pub fn words(cause: &ValidityCause, today: NaiveDate) -> (&'static str, String, String) {
    let is_due = cause.since.is_none_or(|since| since <= today);
    let done = match cause.relation {
        Relation::Replaces => "替代",
        Relation::Amends => "修改",
        _ => "废止",
    };
    let number = cause.doc_number.as_deref().map(|number| format!("（{number}）")).unwrap_or_default();
    let since = cause.since.map(|day| format!("，自{}年{}月{}日起", day.year(), day.month(), day.day()));
    let before = if is_due { "已被" } else { "将被" };
    (before, quoted(&cause.title), format!("{number}{done}{}", since.unwrap_or_default()))
}

/// Why the validity is what it is, in one sentence; `None` when the page itself states it or nothing is known.
pub fn why(policy: &Policy, today: NaiveDate) -> Option<String> {
    if let Some(cause) = policy.validity_by.first() {
        let (before, title, after) = words(cause, today);
        return Some(format!("{before}{title}{after}"));
    }
    let evidence = policy.evidence.get("validity")?;
    (policy.validity == Validity::Expired && evidence.starts_with("有效期至")).then(|| evidence.clone())
}

/// A title between 《 and 》, which it may have already; a title within it stands between 〈 and 〉 (GB/T 15834—2011,
/// 4.16.3.1).
pub fn quoted(title: &str) -> String {
    let whole = title.strip_prefix('《').and_then(|rest| rest.strip_suffix('》'));
    let inner = whole.filter(|inner| !inner.contains(['《', '》'])).unwrap_or(title);
    format!("《{}》", inner.replace('《', "〈").replace('》', "〉"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn link(relation: Relation, since: Option<&str>, by_title: bool) -> Link {
        let cause = ValidityCause {
            relation,
            policy_id: format!("{relation:?}"),
            title: "示例新办法".into(),
            doc_number: Some("示发〔2026〕1号".into()),
            since: since.map(day),
            evidence: "原办法同时废止".into(),
        };
        Link { cause, by_title }
    }

    fn validity(stated: &Policy, links: Vec<Link>, today: &str) -> Validity {
        effective(stated, Vec::new(), &Overlays { links, ..Overlays::default() }, day(today)).validity
    }

    #[test]
    fn a_stated_period_says_whether_it_holds() {
        for (effective_on, expires_on, expected) in [
            (Some("2025-01-01"), Some("2027-12-31"), Validity::InForce),
            (None, Some("2026-03-10"), Validity::InForce),
            (None, Some("2026-03-09"), Validity::Expired),
            (Some("2026-03-11"), Some("2027-12-31"), Validity::NotYet),
            (Some("2026-03-11"), None, Validity::NotYet),
            // nobody knows whether an old document without an end was ever repealed
            (Some("2009-01-01"), None, Validity::Unknown),
        ] {
            let policy =
                Policy { effective_on: effective_on.map(day), expires_on: expires_on.map(day), ..Policy::default() };
            assert_eq!(validity(&policy, Vec::new(), "2026-03-10"), expected, "{effective_on:?} {expires_on:?}");
        }
        assert_eq!(quoted("示例市关于印发《示例办法》的通知"), "《示例市关于印发〈示例办法〉的通知》");
        assert_eq!(quoted("《示例办法》"), "《示例办法》");
        assert_eq!(quoted("《甲》和《乙》"), "《〈甲〉和〈乙〉》");
    }

    #[test]
    fn later_documents_change_validity_from_their_day_on() {
        let policy = |validity| Policy { validity, ..Policy::default() };
        let repeals = |by_title| link(Relation::Repeals, Some("2026-01-01"), by_title);
        let amends = link(Relation::Amends, Some("2025-01-01"), false);
        for (stated, links, today, expected) in [
            (Validity::Unknown, vec![repeals(false)], "2025-12-31", Validity::Unknown),
            (Validity::Unknown, vec![repeals(false)], "2026-01-01", Validity::Repealed),
            (Validity::InForce, vec![repeals(false)], "2026-01-01", Validity::Repealed),
            (Validity::InForce, vec![repeals(true)], "2026-01-01", Validity::InForce),
            (Validity::Unknown, vec![repeals(true)], "2026-01-01", Validity::Repealed),
            (Validity::InForce, vec![amends.clone(), repeals(false)], "2025-06-01", Validity::Amended),
            (Validity::InForce, vec![amends.clone(), repeals(false)], "2026-06-01", Validity::Repealed),
            (Validity::Repealed, vec![amends.clone()], "2026-06-01", Validity::Repealed),
            (Validity::Expired, vec![amends.clone()], "2026-06-01", Validity::Expired),
            (Validity::InForce, vec![link(Relation::Replaces, None, false)], "2026-06-01", Validity::Repealed),
        ] {
            assert_eq!(validity(&policy(stated), links.clone(), today), expected, "{stated:?} {links:?} {today}");
        }
        let overlays = Overlays { links: vec![repeals(false)], ..Overlays::default() };
        let record = effective(&policy(Validity::Unknown), Vec::new(), &overlays, day("2026-01-02"));
        assert_eq!(record.evidence["validity"], "原办法同时废止");
        let said = why(&record, day("2026-01-02")).unwrap();
        assert_eq!(said, "已被《示例新办法》（示发〔2026〕1号）废止，自2026年1月1日起");
        let before = effective(&policy(Validity::Unknown), Vec::new(), &overlays, day("2025-12-02"));
        assert_eq!(next_turn(&before, &overlays, day("2025-12-02")), Some(day("2026-01-01")));
        assert!(why(&before, day("2025-12-02")).unwrap().starts_with("将被《"));
    }

    #[test]
    fn days_pass() {
        let policy = Policy {
            validity: Validity::NotYet,
            effective_on: Some(day("2026-02-01")),
            expires_on: Some(day("2026-12-31")),
            ..Policy::default()
        };
        for (today, expected, next) in [
            ("2026-01-31", Validity::NotYet, Some("2026-02-01")),
            ("2026-02-01", Validity::InForce, Some("2027-01-01")),
            ("2026-12-31", Validity::InForce, Some("2027-01-01")),
            ("2027-01-01", Validity::Expired, None),
        ] {
            assert_eq!(validity(&policy, Vec::new(), today), expected, "{today}");
            assert_eq!(next_turn(&policy, &Overlays::default(), day(today)), next.map(day), "{today}");
        }
    }

    #[test]
    fn corrections_come_first_and_can_be_wrong_without_harm() {
        let correct = |field: &str, value: Value| Correction { field: field.into(), value, at: 0 };
        let corrections = vec![
            correct("title", "改过的标题".into()),
            correct("expires_on", "2020-01-01".into()),
            correct("level", "no such level".into()),
        ];
        let overlays = Overlays { corrections, links: Vec::new() };
        let record = effective(&Policy::default(), Vec::new(), &overlays, day("2026-01-01"));
        assert_eq!((record.title.as_str(), record.level), ("改过的标题", None));
        assert_eq!(record.validity, Validity::Expired);
        assert_eq!(record.evidence["title"], "编辑更正（1970-01-01）");
        assert!(!record.evidence.contains_key("level"));

        let corrections = vec![correct("validity", "in_force".into())];
        let overlays = Overlays { corrections, links: vec![link(Relation::Repeals, None, false)] };
        let record = effective(&Policy::default(), Vec::new(), &overlays, day("2026-01-01"));
        assert_eq!((record.validity, record.validity_by.len()), (Validity::InForce, 0));
    }

    #[test]
    fn every_correctable_field_is_one_of_the_record() {
        let record = serde_json::to_value(Policy::default()).unwrap();
        for field in CORRECTABLE {
            assert!(record.get(field).is_some(), "{field}");
        }
    }
}
