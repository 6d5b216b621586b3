//! Pages: what is remembered for the next request, and copies of what came, as evidence.
//!
//! A copy is kept when a page differs from the copy kept before it. Of a list only the last good and the last faulty
//! copy stay; copies of articles stay until [`Store::forget_page_copies`], the last good one of each for ever.

use std::io::Read;

use serde::Serialize;
use sha2::{Digest, Sha256};
use zhida_crawlers::{Remembered, Validators};
use zhida_schemas::Policy;

use super::db::{Tx, args, sql};
use super::locations::note_seen;
use super::policies::{Saved, save_drafts};
use super::{Store, StoreError, short_key};

/// What is remembered of a page.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Page {
    /// For a conditional request.
    pub validators: Validators,
    /// When it was last fetched.
    pub fetched_at: i64,
    /// Whether it gave a policy.
    pub policy_id: Option<String>,
    /// How often in a row it could not be had or gave no policy, for a reason that lasts.
    pub failures: i64,
    /// When it failed last.
    pub failed_at: Option<i64>,
}

/// What a page is to the crawler.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum PageKind {
    /// A page of a list.
    List,
    /// A document.
    Article,
}

impl PageKind {
    fn name(self) -> &'static str {
        match self {
            Self::List => "list",
            Self::Article => "article",
        }
    }
}

/// A copy of a page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, schemars::JsonSchema)]
pub struct PageCopy {
    /// Number.
    pub id: i64,
    /// Address.
    pub url: String,
    /// Source that it was fetched for.
    pub source: Option<String>,
    /// `list` or `article`.
    pub kind: String,
    /// Why it could not be used; `None` when it was good.
    pub fault: Option<String>,
    /// When it first looked like this, epoch milliseconds.
    pub at: i64,
    /// When it last looked like this.
    pub seen_at: i64,
}

/// A page as it came.
#[derive(Debug, Clone, Copy)]
pub struct Came<'a> {
    /// Address that it was asked for at.
    pub url: &'a str,
    /// Source that it was asked for by.
    pub source: Option<&'a str>,
    /// List or article.
    pub kind: PageKind,
    /// Why it could not be used.
    pub fault: Option<&'a str>,
    /// Of a list, for a conditional request; those of an article are remembered with its policy.
    pub validators: Option<&'a Validators>,
    /// The bytes.
    pub raw: &'a [u8],
}

/// A stored page never unpacks to more than this.
const RAW_BYTES: usize = 512 << 20;
/// Characters of a fault that are kept.
const FAULT_CHARS: usize = 500;

/// `etag, last_modified, fetched_at, policy_id, failures, failed_at`.
type PageRow = (Option<String>, Option<String>, i64, Option<String>, i64, Option<i64>);

type RawRow = (i64, String, Option<String>, String, Option<String>, i64, i64, Vec<u8>);

type CopyRow = (i64, String, Option<String>, String, Option<String>, i64, i64);

fn copy((id, url, source, kind, fault, at, seen_at): CopyRow) -> PageCopy {
    PageCopy { id, url, source, kind, fault, at, seen_at }
}

/// Bytes ready to be kept.
struct Packed {
    hash: String,
    raw: Vec<u8>,
}

async fn pack(url: &str, raw: &[u8]) -> Result<Packed, StoreError> {
    let raw = raw.to_vec();
    let pack = move || -> std::io::Result<Packed> {
        let hash = Sha256::digest(&raw).iter().take(16).map(|byte| format!("{byte:02x}")).collect();
        Ok(Packed { hash, raw: zstd::bulk::compress(&raw, zstd::DEFAULT_COMPRESSION_LEVEL)? })
    };
    let packed = tokio::task::spawn_blocking(pack).await.map_err(std::io::Error::other).flatten();
    packed.map_err(|error| StoreError::Damaged { id: url.to_owned(), reason: error.to_string() })
}

/// Keeps a copy, or notes that the last one still holds; returns its number.
async fn keep(tx: &mut Tx, page: Came<'_>, packed: Packed, now: i64) -> Result<i64, StoreError> {
    let key = short_key(page.url);
    let fault: Option<String> = page.fault.map(|fault| fault.chars().take(FAULT_CHARS).collect());
    let etag = page.validators.and_then(|validators| validators.etag.as_deref());
    let modified = page.validators.and_then(|validators| validators.last_modified.as_deref());
    let statement = sql!("select id, hash, fault from page_copies where url_key = $1 order by id desc limit 1");
    let last: Option<(i64, String, Option<String>)> = tx.one(statement, args![&key]).await?;
    if let Some((id, hash, before)) = last
        && hash == packed.hash
        && before.is_some() == fault.is_some()
    {
        let statement = sql!("update page_copies set seen_at = $2, etag = $3, last_modified = $4 where id = $1");
        tx.write(statement, args![id, now, etag, modified]).await?;
        return Ok(id);
    }
    let statement = sql!(
        "insert into page_copies (url_key, url, source, kind, fault, hash, etag, last_modified, at, seen_at, raw) \
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $9, $10) returning id"
    );
    let is_good = fault.is_none();
    let values = args![
        &key,
        page.url,
        page.source,
        page.kind.name(),
        fault.as_deref(),
        packed.hash,
        etag,
        modified,
        now,
        packed.raw
    ];
    let (id,): (i64,) = tx.one(statement, values).await?.ok_or(sqlx::Error::RowNotFound)?;
    if page.kind == PageKind::List {
        let statement = sql!(
            "delete from page_copies where url_key = $1 and id < $2 and (fault is null) = ($3 = 1) \
             and id not in (select copy from alarms where copy is not null and resolved_at is null) \
             and id not in (select good_copy from alarms where good_copy is not null and resolved_at is null)"
        );
        tx.write(statement, args![&key, id, i64::from(is_good)]).await?;
    }
    Ok(id)
}

impl Store {
    /// What is remembered of a page.
    pub async fn page(&self, url: &str) -> Result<Option<Page>, StoreError> {
        let statement = sql!(
            "select etag, last_modified, fetched_at, policy_id, failures, failed_at from pages where url_key = $1"
        );
        let row: Option<PageRow> = self.db.one(statement, args![short_key(url)]).await?;
        Ok(row.map(|(etag, last_modified, fetched_at, policy_id, failures, failed_at)| Page {
            validators: Validators { etag, last_modified },
            fetched_at,
            policy_id,
            failures,
            failed_at,
        }))
    }

    /// In one transaction: the draft with its entry in the log, the page with its validators, and the raw bytes
    /// (compressed) as evidence.
    pub async fn save_article(
        &self,
        draft: &Policy,
        url: &str,
        validators: &Validators,
        raw: &[u8],
        now: i64,
    ) -> Result<(String, Saved), StoreError> {
        let packed = pack(url, raw).await?;
        let mut tx = self.db.begin().await?;
        let saved = save_drafts(&mut tx, std::slice::from_ref(draft), now).await?;
        note_seen(&mut tx, url, now).await?;
        let (id, saved) = saved.into_iter().next().ok_or(sqlx::Error::RowNotFound)?;
        let statement = sql!(
            "insert into pages (url_key, etag, last_modified, fetched_at, policy_id) values ($1, $2, $3, $4, $5) \
             on conflict (url_key) do update set etag = excluded.etag, last_modified = excluded.last_modified, \
             fetched_at = excluded.fetched_at, policy_id = excluded.policy_id, failures = 0"
        );
        let (etag, last_modified) = (validators.etag.as_deref(), validators.last_modified.as_deref());
        tx.write(statement, args![short_key(url), etag, last_modified, now, &id]).await?;
        let source = draft.source.as_deref();
        let came = Came { url, source, kind: PageKind::Article, fault: None, validators: None, raw };
        keep(&mut tx, came, packed, now).await?;
        crate::failpoint::pass("store.save_article.before_commit");
        tx.commit().await?;
        Ok((id, saved))
    }

    /// Notes that a page is as it was: it was asked for, and did not change.
    pub async fn page_unchanged(&self, url: &str, now: i64) -> Result<(), StoreError> {
        let statement = sql!("update pages set fetched_at = $2, failures = 0 where url_key = $1");
        self.db.write(statement, args![short_key(url), now]).await?;
        Ok(())
    }

    /// Notes that a page cannot be had, or is no article, for a reason that lasts.
    pub async fn page_failed(&self, url: &str, now: i64) -> Result<(), StoreError> {
        let statement = sql!(
            "insert into pages (url_key, fetched_at, failures, failed_at) values ($1, 0, 1, $2) \
             on conflict (url_key) do update set failures = pages.failures + 1, failed_at = excluded.failed_at"
        );
        self.db.write(statement, args![short_key(url), now]).await?;
        Ok(())
    }

    /// Keeps a copy of a page that gave no policy: a list, or an article that could not be read.
    pub async fn keep_page(&self, page: Came<'_>, now: i64) -> Result<i64, StoreError> {
        let packed = pack(page.url, page.raw).await?;
        let mut tx = self.db.begin().await?;
        let id = keep(&mut tx, page, packed, now).await?;
        tx.commit().await?;
        Ok(id)
    }

    /// The raw bytes of a page as it last was when it was good.
    pub async fn raw_page(&self, url: &str) -> Result<Option<Vec<u8>>, StoreError> {
        match self.good_copy(url).await? {
            Some(copy) => Ok(self.page_copy(copy.id).await?.map(|(_, raw)| raw)),
            None => Ok(None),
        }
    }

    /// The last good copy of a page.
    pub async fn good_copy(&self, url: &str) -> Result<Option<PageCopy>, StoreError> {
        let statement = sql!(
            "select id, url, source, kind, fault, at, seen_at from page_copies \
             where url_key = $1 and fault is null order by id desc limit 1"
        );
        Ok(self.db.one(statement, args![short_key(url)]).await?.map(copy))
    }

    /// The last copy of a page, good or not.
    pub async fn last_copy(&self, url: &str) -> Result<Option<PageCopy>, StoreError> {
        let statement = sql!(
            "select id, url, source, kind, fault, at, seen_at from page_copies where url_key = $1 \
             order by id desc limit 1"
        );
        Ok(self.db.one(statement, args![short_key(url)]).await?.map(copy))
    }

    /// The last copy of a page of a source that could not be used.
    pub async fn faulty_copy(&self, source: &str, kind: Option<PageKind>) -> Result<Option<PageCopy>, StoreError> {
        let statement = sql!(
            "select id, url, source, kind, fault, at, seen_at from page_copies \
             where source = $1 and fault is not null and ($2 = '' or kind = $2) order by seen_at desc, id desc limit 1"
        );
        let kind = kind.map_or("", PageKind::name);
        Ok(self.db.one(statement, args![source, kind]).await?.map(copy))
    }

    /// The good article of a source that was last seen before a time.
    pub async fn article_before(&self, source: &str, before: i64) -> Result<Option<PageCopy>, StoreError> {
        let statement = sql!(
            "select id, url, source, kind, fault, at, seen_at from page_copies \
             where source = $1 and kind = 'article' and fault is null and seen_at < $2 \
             order by seen_at desc, id desc limit 1"
        );
        Ok(self.db.one(statement, args![source, before]).await?.map(copy))
    }

    /// Every copy of a page, the last first.
    pub async fn page_copies(&self, url: &str) -> Result<Vec<PageCopy>, StoreError> {
        let statement = sql!(
            "select id, url, source, kind, fault, at, seen_at from page_copies where url_key = $1 order by id desc"
        );
        Ok(self.db.all(statement, args![short_key(url)]).await?.into_iter().map(copy).collect())
    }

    /// A copy and its bytes.
    pub async fn page_copy(&self, id: i64) -> Result<Option<(PageCopy, Vec<u8>)>, StoreError> {
        let statement = sql!("select id, url, source, kind, fault, at, seen_at, raw from page_copies where id = $1");
        let row: Option<RawRow> = self.db.one(statement, args![id]).await?;
        let Some((id, url, source, kind, fault, at, seen_at, packed)) = row else { return Ok(None) };
        let unpack = move || {
            let mut raw = Vec::new();
            zstd::Decoder::new(packed.as_slice())?.take(RAW_BYTES as u64).read_to_end(&mut raw)?;
            Ok(raw)
        };
        let raw = tokio::task::spawn_blocking(unpack).await.map_err(std::io::Error::other).flatten();
        let raw = raw.map_err(|error: std::io::Error| StoreError::Damaged {
            id: format!("page copy {id}"),
            reason: error.to_string(),
        })?;
        Ok(Some((copy((id, url, source, kind, fault, at, seen_at)), raw)))
    }

    /// The good copies of a source's lists that can be asked for conditionally, the latest first.
    pub async fn remembered_lists(&self, source: &str, limit: i64) -> Result<Vec<Remembered>, StoreError> {
        let statement = sql!(
            "select id, etag, last_modified from page_copies where source = $1 and kind = 'list' and fault is null \
             and (etag is not null or last_modified is not null) order by seen_at desc, id desc limit $2"
        );
        let rows: Vec<(i64, Option<String>, Option<String>)> = self.db.all(statement, args![source, limit]).await?;
        let mut remembered = Vec::with_capacity(rows.len());
        for (id, etag, last_modified) in rows {
            if let Some((copy, body)) = self.page_copy(id).await? {
                let validators = Validators { etag, last_modified };
                remembered.push(Remembered { url: copy.url, validators, body });
            }
        }
        Ok(remembered)
    }

    /// The last good copies of a source's articles, in order of number after `after`.
    pub async fn article_copies(&self, source: &str, after: i64, limit: i64) -> Result<Vec<PageCopy>, StoreError> {
        let statement = sql!(
            "select id, url, source, kind, fault, at, seen_at from page_copies c \
             where source = $1 and kind = 'article' and fault is null and id > $2 \
             and id = (select max(id) from page_copies o where o.url_key = c.url_key and o.fault is null) \
             order by id limit $3"
        );
        Ok(self.db.all(statement, args![source, after, limit]).await?.into_iter().map(copy).collect())
    }

    /// Forgets copies last seen before a time; the last good one of each page, and what an open alarm shows, stay.
    /// Returns how many went.
    pub async fn forget_page_copies(&self, before: i64) -> Result<u64, StoreError> {
        let statement = sql!(
            "delete from page_copies where seen_at < $1 \
             and id not in (select max(id) from page_copies where fault is null group by url_key) \
             and id not in (select copy from alarms where copy is not null and resolved_at is null) \
             and id not in (select good_copy from alarms where good_copy is not null and resolved_at is null)"
        );
        self.db.write(statement, args![before]).await
    }
}
