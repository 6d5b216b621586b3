-- Definitions that editors saved, every version that ever was. A null definition is a removal: from then on the bundled
-- definition of that name counts again.
create table source_versions (
    name text collate "C" not null,
    version bigint not null,
    definition text,
    note text not null,
    at bigint not null,
    primary key (name, version)
);

insert into counters (name, value) values ('sources', 0);

-- A run is read as a whole; `created` says which runs brought something new, `alive_at` when the process at it last
-- was there.
alter table crawl_runs add column record text;
update crawl_runs set record = json_build_object('source', source, 'started_at', started_at, 'finished_at', finished_at,
    'lists', lists, 'lists_failed', lists_failed, 'found', found, 'new', created, 'changed', changed,
    'unchanged', unchanged, 'failed', failed, 'errors', errors::json)::text;
alter table crawl_runs drop column lists;
alter table crawl_runs drop column lists_failed;
alter table crawl_runs drop column found;
alter table crawl_runs add column alive_at bigint not null default 0;
alter table crawl_runs drop column changed;
alter table crawl_runs drop column unchanged;
alter table crawl_runs drop column failed;
alter table crawl_runs drop column errors;

-- Pages as they came, as evidence. One is kept when it differs from the one kept before it.
create table page_copies (
    id bigint generated always as identity primary key,
    url_key text collate "C" not null,
    url text not null,
    source text collate "C",
    kind text collate "C" not null check (kind in ('list', 'article')),
    -- why it could not be used; null when it was good
    fault text,
    hash text collate "C" not null,
    -- of a list, for the next request
    etag text,
    last_modified text,
    -- when it first and when it last looked like this
    at bigint not null,
    seen_at bigint not null,
    -- zstd
    raw bytea not null
);

create index page_copies_url on page_copies (url_key, id);
create index page_copies_source on page_copies (source, kind, id);

insert into page_copies (url_key, url, kind, hash, at, seen_at, raw)
    select url_key, url_key, 'article', '', fetched_at, fetched_at, raw from pages;
alter table pages drop column raw;

-- Pages that cannot be had: how often in a row, and when it was found last.
alter table pages add column failures bigint not null default 0;
alter table pages add column failed_at bigint;

-- What an editor should look at. At most one of a kind is open for a source.
create table alarms (
    id bigint generated always as identity primary key,
    source text collate "C" not null,
    kind text collate "C" not null,
    -- in words, with figures
    text text not null,
    url text,
    -- numbers of page_copies: what shows it, and the last good one of that page
    copy bigint,
    good_copy bigint,
    raised_at bigint not null,
    -- when it was last found to be so
    seen_at bigint not null,
    resolved_at bigint,
    told_at bigint,
    lease_until bigint
);

create unique index alarms_open on alarms (source, kind) where resolved_at is null;
