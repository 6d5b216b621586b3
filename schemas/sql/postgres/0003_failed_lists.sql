alter table crawl_runs add column lists_failed bigint not null default 0;
