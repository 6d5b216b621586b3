-- That a policy is there again after a withdrawal is an entry of its own kind: who was told of the policy hears of it.
alter table changes drop constraint changes_kind_check;
alter table changes add constraint changes_kind_check check (kind in ('new', 'changed', 'withdrawn', 'restored'));
