-- How often what was searched for, by day; nothing of who searched.
create table searches (
    day text collate "C" not null,
    query text collate "C" not null,
    times bigint not null,
    -- of those, how often nothing was found
    empty bigint not null,
    primary key (day, query)
);
