//! Alarms: what an editor should look at.

use serde::{Deserialize, Serialize};

use super::db::{args, sql};
use super::{Store, StoreError, decode};

/// What is wrong with a source.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum AlarmKind {
    /// A list that had entries has none.
    ListEmpty,
    /// No list could be read, or the same one not, several runs in a row.
    Unreachable,
    /// Most articles cannot be had although their list can.
    ArticlesFailed,
    /// Pages are error pages, challenges or script shells, with status 200.
    Challenge,
    /// A field that pages used to have is missing.
    Coverage,
    /// Nothing new for far longer than its habit.
    Quiet,
    /// It should have been crawled and was not.
    NotCrawled,
}

impl AlarmKind {
    /// As stored and as in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::ListEmpty => "list_empty",
            Self::Unreachable => "unreachable",
            Self::ArticlesFailed => "articles_failed",
            Self::Challenge => "challenge",
            Self::Coverage => "coverage",
            Self::Quiet => "quiet",
            Self::NotCrawled => "not_crawled",
        }
    }

    /// For editors.
    pub fn title(self) -> &'static str {
        match self {
            Self::ListEmpty => "列表突然空了",
            Self::Unreachable => "网站或列表连续抓取失败",
            Self::ArticlesFailed => "文章大多抓取失败",
            Self::Challenge => "网页变成了错误页或验证页",
            Self::Coverage => "读出的要素明显变少",
            Self::Quiet => "太久没有新文件",
            Self::NotCrawled => "没有按时抓取",
        }
    }
}

/// Why an alarm was raised.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(default)]
pub struct AlarmEvidence {
    /// In words, with figures.
    pub text: String,
    /// Address of the page that shows it.
    pub url: Option<String>,
    /// Number of the kept copy that shows it.
    pub copy: Option<i64>,
    /// Number of the last good copy of that page.
    pub good_copy: Option<i64>,
}

/// One alarm.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, schemars::JsonSchema)]
pub struct Alarm {
    /// Number.
    pub id: i64,
    /// Source.
    pub source: String,
    /// What is wrong.
    pub kind: AlarmKind,
    /// Why.
    pub evidence: AlarmEvidence,
    /// Epoch milliseconds.
    pub raised_at: i64,
    /// When it was last found to be so.
    pub seen_at: i64,
    /// When it was found to be over.
    pub resolved_at: Option<i64>,
    /// When its mail was taken.
    pub told_at: Option<i64>,
}

type AlarmRow =
    (i64, String, String, String, Option<String>, Option<i64>, Option<i64>, i64, i64, Option<i64>, Option<i64>);

fn alarm(row: AlarmRow) -> Result<Alarm, StoreError> {
    let (id, source, kind, text, url, copy, good_copy, raised_at, seen_at, resolved_at, told_at) = row;
    Ok(Alarm {
        id,
        source,
        kind: decode(&format!("alarm {id}"), &format!("\"{kind}\""))?,
        evidence: AlarmEvidence { text, url, copy, good_copy },
        raised_at,
        seen_at,
        resolved_at,
        told_at,
    })
}

impl Store {
    /// Raises an alarm, or notes that an open one still holds; true when it is new.
    pub async fn raise_alarm(
        &self,
        source: &str,
        kind: AlarmKind,
        evidence: &AlarmEvidence,
        now: i64,
    ) -> Result<bool, StoreError> {
        let AlarmEvidence { text, url, copy, good_copy } = evidence;
        let mut tx = self.db.begin().await?;
        let statement = sql!(
            "insert into alarms (source, kind, text, url, copy, good_copy, raised_at, seen_at) \
             values ($1, $2, $3, $4, $5, $6, $7, $7) on conflict (source, kind) where resolved_at is null do nothing"
        );
        let values = args![source, kind.name(), text, url.as_deref(), *copy, *good_copy, now];
        let new = tx.write(statement, values).await? == 1;
        if !new {
            let statement =
                sql!("update alarms set seen_at = $3 where source = $1 and kind = $2 and resolved_at is null");
            tx.write(statement, args![source, kind.name(), now]).await?;
        }
        tx.commit().await?;
        Ok(new)
    }

    /// Notes that an alarm is over; false when none was open.
    pub async fn resolve_alarm(&self, source: &str, kind: AlarmKind, now: i64) -> Result<bool, StoreError> {
        let statement =
            sql!("update alarms set resolved_at = $3 where source = $1 and kind = $2 and resolved_at is null");
        Ok(self.db.write(statement, args![source, kind.name(), now]).await? > 0)
    }

    /// Alarms, the latest first; only open ones unless `all`.
    pub async fn alarms(&self, all: bool, limit: i64) -> Result<Vec<Alarm>, StoreError> {
        let statement = sql!(
            "select id, source, kind, text, url, copy, good_copy, raised_at, seen_at, resolved_at, told_at from alarms \
             where resolved_at is null or $1 = 1 order by id desc limit $2"
        );
        self.db.all(statement, args![i64::from(all), limit]).await?.into_iter().map(alarm).collect()
    }

    /// Leases open alarms that nobody was told of.
    pub async fn lease_alarms(&self, now: i64, lease_ms: i64) -> Result<Vec<Alarm>, StoreError> {
        let statement = sql!(
            "update alarms set lease_until = $2 where told_at is null and resolved_at is null \
             and (lease_until is null or lease_until <= $1) \
             returning id, source, kind, text, url, copy, good_copy, raised_at, seen_at, resolved_at, told_at"
        );
        let mut tx = self.db.begin().await?;
        let rows: Vec<AlarmRow> = tx.all(statement, args![now, now.saturating_add(lease_ms)]).await?;
        tx.commit().await?;
        rows.into_iter().map(alarm).collect()
    }

    /// Notes that alarms were told.
    pub async fn alarms_told(&self, ids: &[i64], now: i64) -> Result<(), StoreError> {
        let mut tx = self.db.begin().await?;
        for id in ids {
            let statement = sql!("update alarms set told_at = $2, lease_until = null where id = $1");
            tx.write(statement, args![*id, now]).await?;
        }
        tx.commit().await?;
        Ok(())
    }
}
