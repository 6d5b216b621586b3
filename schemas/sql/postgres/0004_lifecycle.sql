-- One document at several addresses, what later documents and editors say of it, and the turns that dates bring.

-- Columns for finding copies and for the clock. An empty `revalue_on` is due at once: rows of before this migration
-- get their other new columns then.
alter table policies add column title_key text collate "C";
alter table policies add column revalue_on text collate "C";
alter table policies add column withdrawn_reason text;
update policies set revalue_on = '';
create index policies_title on policies (title_key) where title_key is not null;
create index policies_revalue on policies (revalue_on) where revalue_on is not null;
create index policies_withdrawn on policies (withdrawn_at) where withdrawn_at is not null;

alter table citations add column title_key text collate "C";
create index citations_title on citations (title_key) where title_key is not null;

-- Who was told of a policy.
create index matches_policy on matches (policy_id);

-- What an entry of the log changed the validity to, when it did.
alter table changes add column validity text collate "C";

-- The places at which a policy was seen, each with the draft that it gave. `key` is the identity that the draft has by
-- itself: that of the policy for the place at which it was seen first.
create table policy_locations (
    key text collate "C" primary key,
    policy_id text collate "C" not null references policies (id),
    url_key text collate "C",
    -- null: the record of the current version says just this
    draft text,
    draft_hash text not null,
    first_seen_at bigint not null,
    -- when the page was first found to be gone, and when that was believed
    missing_since bigint,
    vanished_at bigint
);

create index policy_locations_policy on policy_locations (policy_id);
create index policy_locations_url on policy_locations (url_key) where url_key is not null;

-- What later documents do to a policy.
create table validity_links (
    policy_id text collate "C" not null references policies (id),
    by_id text collate "C" not null references policies (id),
    relation text collate "C" not null check (relation in ('repeals', 'replaces', 'amends')),
    -- YYYY-MM-DD
    since text,
    by_title bigint not null check (by_title in (0, 1)),
    evidence text not null,
    primary key (policy_id, by_id)
);

create index validity_links_by on validity_links (by_id);

-- Editors' corrections, put over whatever a page or a file says.
create table corrections (
    policy_id text collate "C" not null references policies (id),
    field text collate "C" not null,
    value text not null,
    editor text not null,
    at bigint not null,
    primary key (policy_id, field)
);
