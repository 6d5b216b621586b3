//! How often what was searched for, by day. Nothing is kept of who searched.

use chrono::NaiveDate;
use serde::Serialize;

use super::db::{ROWS, args, sql};
use super::{Store, StoreError};

/// A query and how often it was asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, schemars::JsonSchema)]
pub struct SearchCount {
    /// As typed, spaces and case made even (the operator OR keeps its own).
    pub query: String,
    /// How often.
    pub times: i64,
    /// How often nothing was found without a filter.
    pub empty: i64,
}

impl Store {
    /// Adds to the counts of a day; a query stands once in `counts`.
    pub async fn add_searches(&self, day: NaiveDate, counts: &[SearchCount]) -> Result<(), StoreError> {
        let mut tx = self.db.begin().await?;
        for chunk in counts.chunks(ROWS) {
            let statement = sql!(
                "insert into searches (day, query, times, empty) values {rows} on conflict (day, query) do update set \
                 times = searches.times + excluded.times, empty = searches.empty + excluded.empty"
            );
            let row = |count: &SearchCount| args![day.to_string(), &count.query, count.times, count.empty];
            tx.write(statement.rows(4), chunk.iter().flat_map(row).collect()).await?;
        }
        tx.commit().await?;
        Ok(())
    }

    /// The most frequent queries from one day to another, both included; with `empty_only` those that found nothing
    /// at least once, by how often.
    pub async fn frequent_searches(
        &self,
        from: NaiveDate,
        to: NaiveDate,
        empty_only: bool,
        limit: i64,
    ) -> Result<Vec<SearchCount>, StoreError> {
        // sums of integers are numeric on PostgreSQL
        let statement = if empty_only {
            sql!(
                "select query, cast(sum(times) as bigint), cast(sum(empty) as bigint) from searches \
                 where day >= $1 and day <= $2 group by query having sum(empty) > 0 \
                 order by sum(empty) desc, query limit $3"
            )
        } else {
            sql!(
                "select query, cast(sum(times) as bigint), cast(sum(empty) as bigint) from searches \
                 where day >= $1 and day <= $2 group by query order by sum(times) desc, query limit $3"
            )
        };
        let rows: Vec<(String, i64, i64)> =
            self.db.all(statement, args![from.to_string(), to.to_string(), limit]).await?;
        Ok(rows.into_iter().map(|(query, times, empty)| SearchCount { query, times, empty }).collect())
    }

    /// Queries that were asked on several days or very often, at least `least` times, and found something; the most
    /// frequent first.
    pub async fn suggested_searches(
        &self,
        from: NaiveDate,
        least: i64,
        often: i64,
        limit: i64,
    ) -> Result<Vec<String>, StoreError> {
        // a row is a day
        let statement = sql!(
            "select query from searches where day >= $1 group by query \
             having sum(empty) < sum(times) and sum(times) >= $2 and (count(*) > 1 or sum(times) >= $3) \
             order by sum(times) desc, query limit $4"
        );
        let rows: Vec<(String,)> = self.db.all(statement, args![from.to_string(), least, often, limit]).await?;
        Ok(rows.into_iter().map(|(query,)| query).collect())
    }

    /// Forgets the counts of the days before.
    pub async fn forget_searches(&self, before: NaiveDate) -> Result<(), StoreError> {
        self.db.write(sql!("delete from searches where day < $1"), args![before.to_string()]).await?;
        Ok(())
    }
}
