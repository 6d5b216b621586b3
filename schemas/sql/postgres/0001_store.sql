-- The tables of ../sqlite/0001_store.sql. Keys compare by byte, as SQLite compares them, whatever the locale of the
-- database, so that paging by key walks in one order everywhere.

create table counters (
    name text collate "C" primary key,
    value bigint not null
);

insert into counters (name, value) values ('changes', 0), ('profiles', 0), ('jobs', 0);

create table settings (
    name text collate "C" primary key,
    value text not null
);

-- Columns are what statements select and order by; the record itself is in policy_versions.
create table policies (
    id text collate "C" primary key,
    version bigint not null,
    url_key text collate "C",
    title text not null,
    doc_number_key text collate "C",
    region_code text collate "C",
    published_on text collate "C",
    content_hash text collate "C" not null,
    withdrawn_at bigint,
    created_at bigint not null,
    updated_at bigint not null
);

create index policies_doc_number on policies (doc_number_key) where doc_number_key is not null;

-- Every version that was ever stored, the current one among them.
create table policy_versions (
    policy_id text collate "C" not null references policies (id),
    version bigint not null,
    record text not null,
    at bigint not null,
    primary key (policy_id, version)
);

-- What the current version cites.
create table citations (
    policy_id text collate "C" not null references policies (id),
    doc_number_key text collate "C",
    relation text collate "C" not null,
    title text
);

create index citations_policy on citations (policy_id);
create index citations_doc_number on citations (doc_number_key) where doc_number_key is not null;

create table changes (
    position bigint primary key,
    policy_id text collate "C" not null references policies (id),
    version bigint not null,
    kind text collate "C" not null check (kind in ('new', 'changed', 'withdrawn')),
    at bigint not null
);

create table readers (
    name text collate "C" primary key,
    position bigint not null
);

create table import_positions (
    file_key text collate "C" primary key,
    line bigint not null,
    at bigint not null
);

-- rows that were imported: which policy each gave, and what it said, so that a second import changes nothing
create table import_rows (
    row_key text collate "C" primary key,
    policy_id text collate "C" not null references policies (id),
    hash text not null
);

create table enterprises (
    id text collate "C" primary key,
    name text collate "C" not null,
    record text not null,
    created_at bigint not null,
    updated_at bigint not null
);

create table subscriptions (
    id text collate "C" primary key,
    enterprise_id text collate "C" not null references enterprises (id),
    channel text collate "C" not null,
    address text collate "C" not null,
    frequency text collate "C" not null check (frequency in ('immediate', 'daily')),
    active bigint not null check (active in (0, 1)),
    -- Set by an unsubscribe, so that undoing it wakes no subscription that was paused for another reason.
    unsubscribed_at bigint,
    created_at bigint not null,
    updated_at bigint not null
);

create index subscriptions_enterprise on subscriptions (enterprise_id);
create index subscriptions_address on subscriptions (channel, address);

create table suppressions (
    channel text collate "C" not null,
    address text collate "C" not null,
    reason text not null,
    at bigint not null,
    primary key (channel, address)
);

create table matches (
    enterprise_id text collate "C" not null references enterprises (id),
    policy_id text collate "C" not null references policies (id),
    occasion text collate "C" not null,
    score double precision not null,
    reasons text not null,
    at bigint not null,
    primary key (enterprise_id, policy_id, occasion)
);

create table messages (
    id text collate "C" primary key,
    channel text collate "C" not null,
    address text collate "C" not null,
    digest bigint not null check (digest in (0, 1)),
    state text collate "C" not null check (state in ('pending', 'sent', 'failed', 'cancelled')),
    attempts bigint not null default 0,
    last_error text,
    due_at bigint not null,
    lease_owner text collate "C",
    lease_until bigint,
    created_at bigint not null,
    sent_at bigint
);

create index messages_due on messages (due_at) where state = 'pending';
create index messages_address on messages (channel, address);

create table deliveries (
    seq bigint generated always as identity primary key,
    id text collate "C" not null unique,
    channel text collate "C" not null,
    address text collate "C" not null,
    policy_id text collate "C" not null references policies (id),
    occasion text collate "C" not null,
    state text collate "C" not null check (state in ('waiting', 'pending', 'sent', 'failed', 'cancelled')),
    due_at bigint not null,
    message_id text collate "C",
    sent_at bigint,
    created_at bigint not null,
    unique (channel, address, policy_id, occasion)
);

create index deliveries_state on deliveries (state, due_at);
create index deliveries_message on deliveries (message_id) where message_id is not null;

-- For which enterprises of the address a delivery is.
create table delivery_enterprises (
    delivery_id text collate "C" not null references deliveries (id),
    enterprise_id text collate "C" not null references enterprises (id),
    primary key (delivery_id, enterprise_id)
);

create table pages (
    url_key text collate "C" primary key,
    etag text,
    last_modified text,
    fetched_at bigint not null,
    policy_id text collate "C" references policies (id),
    -- zstd
    raw bytea not null
);

create table crawl_runs (
    id bigint generated always as identity primary key,
    source text collate "C" not null,
    started_at bigint not null,
    finished_at bigint,
    lists bigint not null default 0,
    found bigint not null default 0,
    created bigint not null default 0,
    changed bigint not null default 0,
    unchanged bigint not null default 0,
    failed bigint not null default 0,
    errors text not null default '[]'
);

create index crawl_runs_source on crawl_runs (source, id);

create table jobs (
    job text collate "C" not null,
    due_at bigint not null,
    done_at bigint,
    lease_owner text collate "C",
    lease_until bigint,
    primary key (job, due_at)
);

create index jobs_open on jobs (due_at) where done_at is null;
