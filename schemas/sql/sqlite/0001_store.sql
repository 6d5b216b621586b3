-- Times are epoch milliseconds, dates are YYYY-MM-DD, records are JSON. `counters` rows are also locks: see
-- src/store/db.rs.

create table counters (
    name text primary key,
    value integer not null
) strict, without rowid;

insert into counters (name, value) values ('changes', 0), ('profiles', 0), ('jobs', 0);

create table settings (
    name text primary key,
    value text not null
) strict, without rowid;

-- Columns are what statements select and order by; the record itself is in policy_versions.
create table policies (
    id text primary key,
    version integer not null,
    url_key text,
    title text not null,
    doc_number_key text,
    region_code text,
    published_on text,
    content_hash text not null,
    withdrawn_at integer,
    created_at integer not null,
    updated_at integer not null
) strict, without rowid;

create index policies_doc_number on policies (doc_number_key) where doc_number_key is not null;

-- Every version that was ever stored, the current one among them.
create table policy_versions (
    policy_id text not null references policies (id),
    version integer not null,
    record text not null,
    at integer not null,
    primary key (policy_id, version)
) strict;

-- What the current version cites.
create table citations (
    policy_id text not null references policies (id),
    doc_number_key text,
    relation text not null,
    title text
) strict;

create index citations_policy on citations (policy_id);
create index citations_doc_number on citations (doc_number_key) where doc_number_key is not null;

create table changes (
    position integer primary key,
    policy_id text not null references policies (id),
    version integer not null,
    kind text not null check (kind in ('new', 'changed', 'withdrawn')),
    at integer not null
) strict;

create table readers (
    name text primary key,
    position integer not null
) strict, without rowid;

create table import_positions (
    file_key text primary key,
    line integer not null,
    at integer not null
) strict, without rowid;

-- rows that were imported: which policy each gave, and what it said, so that a second import changes nothing
create table import_rows (
    row_key text primary key,
    policy_id text not null references policies (id),
    hash text not null
) strict, without rowid;

create table enterprises (
    id text primary key,
    name text not null,
    record text not null,
    created_at integer not null,
    updated_at integer not null
) strict;

create table subscriptions (
    id text primary key,
    enterprise_id text not null references enterprises (id),
    channel text not null,
    address text not null,
    frequency text not null check (frequency in ('immediate', 'daily')),
    active integer not null check (active in (0, 1)),
    -- Set by an unsubscribe, so that undoing it wakes no subscription that was paused for another reason.
    unsubscribed_at integer,
    created_at integer not null,
    updated_at integer not null
) strict;

create index subscriptions_enterprise on subscriptions (enterprise_id);
create index subscriptions_address on subscriptions (channel, address);

create table suppressions (
    channel text not null,
    address text not null,
    reason text not null,
    at integer not null,
    primary key (channel, address)
) strict, without rowid;

create table matches (
    enterprise_id text not null references enterprises (id),
    policy_id text not null references policies (id),
    occasion text not null,
    score real not null,
    reasons text not null,
    at integer not null,
    primary key (enterprise_id, policy_id, occasion)
) strict, without rowid;

create table messages (
    id text primary key,
    channel text not null,
    address text not null,
    digest integer not null check (digest in (0, 1)),
    state text not null check (state in ('pending', 'sent', 'failed', 'cancelled')),
    attempts integer not null default 0,
    last_error text,
    due_at integer not null,
    lease_owner text,
    lease_until integer,
    created_at integer not null,
    sent_at integer
) strict;

create index messages_due on messages (due_at) where state = 'pending';
create index messages_address on messages (channel, address);

create table deliveries (
    seq integer primary key,
    id text not null unique,
    channel text not null,
    address text not null,
    policy_id text not null references policies (id),
    occasion text not null,
    state text not null check (state in ('waiting', 'pending', 'sent', 'failed', 'cancelled')),
    due_at integer not null,
    message_id text,
    sent_at integer,
    created_at integer not null,
    unique (channel, address, policy_id, occasion)
) strict;

create index deliveries_state on deliveries (state, due_at);
create index deliveries_message on deliveries (message_id) where message_id is not null;

-- For which enterprises of the address a delivery is.
create table delivery_enterprises (
    delivery_id text not null references deliveries (id),
    enterprise_id text not null references enterprises (id),
    primary key (delivery_id, enterprise_id)
) strict, without rowid;

create table pages (
    url_key text primary key,
    etag text,
    last_modified text,
    fetched_at integer not null,
    policy_id text references policies (id),
    -- zstd
    raw blob not null
) strict;

create table crawl_runs (
    id integer primary key,
    source text not null,
    started_at integer not null,
    finished_at integer,
    lists integer not null default 0,
    found integer not null default 0,
    created integer not null default 0,
    changed integer not null default 0,
    unchanged integer not null default 0,
    failed integer not null default 0,
    errors text not null default '[]'
) strict;

create index crawl_runs_source on crawl_runs (source, id);

create table jobs (
    job text not null,
    due_at integer not null,
    done_at integer,
    lease_owner text,
    lease_until integer,
    primary key (job, due_at)
) strict, without rowid;

create index jobs_open on jobs (due_at) where done_at is null;
