alter table crawl_runs add column lists_failed integer not null default 0;
