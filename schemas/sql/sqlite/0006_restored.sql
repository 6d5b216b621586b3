-- That a policy is there again after a withdrawal is an entry of its own kind: who was told of the policy hears of it.
create table changes_with_restored (
    position integer primary key,
    policy_id text not null references policies (id),
    version integer not null,
    kind text not null check (kind in ('new', 'changed', 'withdrawn', 'restored')),
    at integer not null,
    validity text
) strict;
insert into changes_with_restored (position, policy_id, version, kind, at, validity)
    select position, policy_id, version, kind, at, validity from changes;
drop table changes;
alter table changes_with_restored rename to changes;
