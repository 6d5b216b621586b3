-- How often what was searched for, by day; nothing of who searched.
create table searches (
    day text not null,
    query text not null,
    times integer not null,
    -- of those, how often nothing was found
    empty integer not null,
    primary key (day, query)
) strict, without rowid;
