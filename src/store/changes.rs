//! The append-only log of changes and the positions of its readers.
//!
//! Positions are handed out by a one-row counter that the writing transaction holds until it commits, so that they
//! become visible in order and a reader never passes over one that is still being committed.

use super::db::{ROWS, Tx, args, sql};
use super::{Store, StoreError};

/// One entry of the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// 1, 2, 3 …
    pub position: i64,
    /// Which policy.
    pub policy_id: String,
    /// The version that this entry made.
    pub version: i64,
    /// What happened.
    pub kind: ChangeKind,
    /// When.
    pub at: i64,
}

/// What happened to a policy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChangeKind {
    /// Seen for the first time.
    New,
    /// A new version.
    Changed,
    /// Taken out.
    Withdrawn,
}

impl ChangeKind {
    fn name(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Changed => "changed",
            Self::Withdrawn => "withdrawn",
        }
    }
}

/// Name of the counter that hands out positions.
pub(super) const COUNTER: &str = "changes";

/// Writes entries into the log. The transaction holds the counter and has counted them.
pub(super) async fn append(tx: &mut Tx, changes: &[Change]) -> Result<(), StoreError> {
    for chunk in changes.chunks(ROWS) {
        let mut values = Vec::with_capacity(chunk.len() * 5);
        for change in chunk {
            let kind = change.kind.name();
            values.extend(args![change.position, &change.policy_id, change.version, kind, change.at]);
        }
        let statement = sql!("insert into changes (position, policy_id, version, kind, at) values {rows}").rows(5);
        tx.write(statement, values).await?;
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
            "select position, policy_id, version, kind, at from changes where position > $1 order by position limit $2"
        );
        let rows: Vec<(i64, String, i64, String, i64)> = self.db.all(statement, args![position, limit]).await?;
        rows.into_iter()
            .map(|(position, policy_id, version, kind, at)| {
                let kind = match kind.as_str() {
                    "new" => ChangeKind::New,
                    "changed" => ChangeKind::Changed,
                    "withdrawn" => ChangeKind::Withdrawn,
                    other => {
                        let reason = format!("unknown kind {other:?}");
                        return Err(StoreError::Damaged { id: format!("change {position}"), reason });
                    }
                };
                Ok(Change { position, policy_id, version, kind, at })
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
