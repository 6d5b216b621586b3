//! The append-only log of changes and the positions of its readers.
//!
//! Positions are handed out by a one-row counter that the writing transaction holds until it commits, so that they
//! become visible in order and a reader never passes over one that is still being committed.

use zhida_schemas::policy::Validity;

use super::db::{ROWS, Tx, args, sql};
use super::{Store, StoreError};

/// One entry of the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// 1, 2, 3 …
    pub position: i64,
    /// Which policy.
    pub policy_id: String,
    /// The version that this entry made, or that was current when it was made.
    pub version: i64,
    /// What happened.
    pub kind: ChangeKind,
    /// What the validity became, when the entry changed it, or when an amended document was amended once more.
    pub validity: Option<Validity>,
    /// When.
    pub at: i64,
}

/// What happened to a policy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChangeKind {
    /// Seen for the first time.
    New,
    /// A new version; or the current one was seen at another place.
    Changed,
    /// Taken out.
    Withdrawn,
    /// There again after a withdrawal, maybe as a new version.
    Restored,
}

impl ChangeKind {
    fn name(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Changed => "changed",
            Self::Withdrawn => "withdrawn",
            Self::Restored => "restored",
        }
    }
}

/// `position, policy_id, version, kind, at, validity`.
type ChangeRow = (i64, String, i64, String, i64, Option<String>);

const VALIDITIES: [(&str, Validity); 7] = [
    ("in_force", Validity::InForce),
    ("not_yet", Validity::NotYet),
    ("amended", Validity::Amended),
    ("expired", Validity::Expired),
    ("repealed", Validity::Repealed),
    ("draft", Validity::Draft),
    ("unknown", Validity::Unknown),
];

fn validity_name(validity: Validity) -> &'static str {
    VALIDITIES.iter().find(|(_, known)| *known == validity).map_or("unknown", |(name, _)| name)
}

fn validity_of(name: &str) -> Option<Validity> {
    VALIDITIES.iter().find(|(known, _)| *known == name).map(|(_, validity)| *validity)
}

/// Name of the counter that hands out positions.
pub(super) const COUNTER: &str = "changes";

/// Writes entries into the log. The transaction holds the counter and has counted them.
pub(super) async fn append(tx: &mut Tx, changes: &[Change]) -> Result<(), StoreError> {
    for chunk in changes.chunks(ROWS) {
        let mut values = Vec::with_capacity(chunk.len() * 6);
        for change in chunk {
            let kind = change.kind.name();
            let validity = change.validity.map(validity_name);
            values.extend(args![change.position, &change.policy_id, change.version, kind, change.at, validity]);
        }
        let statement = sql!("insert into changes (position, policy_id, version, kind, at, validity) values {rows}");
        tx.write(statement.rows(6), values).await?;
    }
    Ok(())
}

/// Moves a reader as [`Store::move_reader`] does; the reader's row stays locked until the transaction ends.
pub(super) async fn move_reader(tx: &mut Tx, reader: &str, from: i64, to: i64) -> Result<bool, StoreError> {
    let statement = sql!("insert into readers (name, position) values ($1, 0) on conflict (name) do nothing");
    tx.write(statement, args![reader]).await?;
    let statement = sql!("update readers set position = $3 where name = $1 and position = $2");
    Ok(tx.write(statement, args![reader, from, to]).await? == 1)
}

impl Store {
    /// Entries after `position`, in order.
    pub async fn changes_after(&self, position: i64, limit: i64) -> Result<Vec<Change>, StoreError> {
        let statement = sql!(
            "select position, policy_id, version, kind, at, validity from changes \
             where position > $1 order by position limit $2"
        );
        let rows: Vec<ChangeRow> = self.db.all(statement, args![position, limit]).await?;
        rows.into_iter()
            .map(|(position, policy_id, version, kind, at, validity)| {
                let kind = match kind.as_str() {
                    "new" => ChangeKind::New,
                    "changed" => ChangeKind::Changed,
                    "withdrawn" => ChangeKind::Withdrawn,
                    "restored" => ChangeKind::Restored,
                    other => {
                        let reason = format!("unknown kind {other:?}");
                        return Err(StoreError::Damaged { id: format!("change {position}"), reason });
                    }
                };
                let validity = validity.as_deref().and_then(validity_of);
                Ok(Change { position, policy_id, version, kind, validity, at })
            })
            .collect()
    }

    /// Position of the last entry; 0 when the log is empty.
    pub async fn log_head(&self) -> Result<i64, StoreError> {
        let row = self.db.one(sql!("select value from counters where name = 'changes'"), args![]).await?;
        Ok(row.map_or(0, |(position,): (i64,)| position))
    }

    /// Where a reader stands; 0 when it never read.
    pub async fn reader_position(&self, reader: &str) -> Result<i64, StoreError> {
        let row = self.db.one(sql!("select position from readers where name = $1"), args![reader]).await?;
        Ok(row.map_or(0, |(position,): (i64,)| position))
    }

    /// Moves a reader from `from` to `to`; false when it no longer stands at `from` (another process moved it).
    pub async fn move_reader(&self, reader: &str, from: i64, to: i64) -> Result<bool, StoreError> {
        let mut tx = self.db.begin().await?;
        let moved = move_reader(&mut tx, reader, from, to).await?;
        tx.commit().await?;
        Ok(moved)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn validities_are_named_as_in_records() {
        for (name, validity) in VALIDITIES {
            assert_eq!(serde_json::to_value(validity).unwrap(), name);
        }
    }
}
