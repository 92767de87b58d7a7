# ruff: noqa: E501 - a document and its SQL stand on a line each
"""Joins of every kind, before and after other steps, against SQL by hand."""

from __future__ import annotations

import pytest
from truth import in_no_order

# what it is
# table {vintage} | steps
# => SQL
ASKED = r"""
# inner join, duplicates, null keys, clashing names
mess | {"type":"join","table":"side","on":[{"left":"k","right":"k"}]}, {"type":"select","columns":["id","k","n","side.n","t","side.t","v","lo"]}
=> SELECT a.id, a.k, a.n, b.n, a.t, b.t, b.v, b.lo FROM mess a JOIN side b ON a.k = b.k

# every column of both, the taken names with their table's
mess | {"type":"join","table":"side","how":"left","on":[{"left":"k","right":"k"}]}, {"type":"select","columns":["id","n","m","big","huge","x","y","d","w","t","s","b","day","ts","tz","k","side.n","side.t","v","lo","hi","since"]}
=> SELECT a.* EXCLUDE (f), b.n, b.t, b.v, b.lo, b.hi, b.since FROM mess a LEFT JOIN side b ON a.k = b.k

# right join keeps the right's key under the left name
mess | {"type":"join","table":"side","how":"right","on":[{"left":"k","right":"k"}]}, {"type":"select","columns":["id","k","side.n","v"]}
=> SELECT a.id, b.k, b.n, b.v FROM mess a RIGHT JOIN side b ON a.k = b.k

# full join
mess | {"type":"join","table":"side","how":"full","on":[{"left":"k","right":"k"}]}, {"type":"select","columns":["id","k","side.n","v"]}
=> SELECT a.id, coalesce(a.k, b.k), b.n, b.v FROM mess a FULL JOIN side b ON a.k = b.k

# full join with different key names keeps the right's too
mess | {"type":"join","table":"other_side","how":"full","on":[{"left":"k","right":"code"}]}, {"type":"select","columns":["id","k","code","other_side.t"]}
=> SELECT a.id, coalesce(a.k, b.code), b.code, b.t FROM mess a FULL JOIN other_side b ON a.k = b.code

# right join with different key names
mess | {"type":"join","table":"other_side","how":"right","on":[{"left":"k","right":"code"}]}, {"type":"select","columns":["id","k","code","other_side.t"]}
=> SELECT a.id, b.code, b.code, b.t FROM mess a RIGHT JOIN other_side b ON a.k = b.code

# left join with different names keeps both
mess | {"type":"join","table":"other_side","how":"left","on":[{"left":"k","right":"code"}]}, {"type":"select","columns":["id","k","code","v"]}
=> SELECT a.id, a.k, b.code, b.v FROM mess a LEFT JOIN other_side b ON a.k = b.code

# filter after a full join: conditions meet NULLs of both sides
mess | {"type":"join","table":"side","how":"full","on":[{"left":"k","right":"k"}]}, {"type":"filter","where":{"type":"condition","column":"side.n","op":"!=","value":5}}, {"type":"select","columns":["id","k","v"]}
=> SELECT a.id, coalesce(a.k, b.k), b.v FROM mess a FULL JOIN side b ON a.k = b.k WHERE b.n <> 5 OR b.n IS NULL

# filter on the coalesced key after a full join
mess | {"type":"join","table":"side","how":"full","on":[{"left":"k","right":"k"}]}, {"type":"filter","where":{"type":"condition","column":"k","op":"in","values":["q","x"]}}, {"type":"select","columns":["id","k","v"]}
=> SELECT a.id, coalesce(a.k, b.k), b.v FROM mess a FULL JOIN side b ON a.k = b.k WHERE coalesce(a.k, b.k) IN ('q', 'x')

# filter on the coalesced key after a right join
mess | {"type":"join","table":"side","how":"right","on":[{"left":"k","right":"k"}]}, {"type":"filter","where":{"type":"condition","column":"k","op":"is empty"}}, {"type":"select","columns":["id","k","v"]}
=> SELECT a.id, b.k, b.v FROM mess a RIGHT JOIN side b ON a.k = b.k WHERE b.k IS NULL OR b.k = ''

# negated group after a left join
mess | {"type":"join","table":"side","how":"left","on":[{"left":"k","right":"k"}]}, {"type":"filter","where":{"type":"group","op":"and","negate":true,"children":[{"type":"condition","column":"v","op":">","value":2},{"type":"condition","column":"n","op":">","value":0}]}}, {"type":"select","columns":["id","v"]}
=> SELECT a.id, b.v FROM mess a LEFT JOIN side b ON a.k = b.k WHERE (b.v > 2 AND a.n > 0) IS NOT TRUE

# a filter before a right join is the left's alone
mess | {"type":"filter","where":{"type":"condition","column":"id","op":"<","value":3}}, {"type":"join","table":"side","how":"right","on":[{"left":"k","right":"k"}]}, {"type":"select","columns":["id","k","v"]}
=> SELECT a.id, b.k, b.v FROM (FROM mess WHERE id < 3) a RIGHT JOIN side b ON a.k = b.k

# a filter on the left after a right join
mess | {"type":"join","table":"side","how":"right","on":[{"left":"k","right":"k"}]}, {"type":"filter","where":{"type":"condition","column":"id","op":"<","value":3}}, {"type":"select","columns":["id","k","v"]}
=> SELECT a.id, b.k, b.v FROM mess a RIGHT JOIN side b ON a.k = b.k WHERE a.id < 3

# is empty on the left after a right join
mess | {"type":"join","table":"side","how":"right","on":[{"left":"k","right":"k"}]}, {"type":"filter","where":{"type":"condition","column":"id","op":"is empty"}}, {"type":"select","columns":["id","k","v"]}
=> SELECT a.id, b.k, b.v FROM mess a RIGHT JOIN side b ON a.k = b.k WHERE a.id IS NULL

# two pairs
mess | {"type":"join","table":"side","how":"full","on":[{"left":"k","right":"k"},{"left":"n","right":"n"}]}, {"type":"select","columns":["id","k","n","v","side.t"]}
=> SELECT a.id, coalesce(a.k, b.k), coalesce(a.n, b.n), b.v, b.t FROM mess a FULL JOIN side b ON a.k = b.k AND a.n = b.n

# a pair and a comparison
mess | {"type":"join","table":"side","how":"left","on":[{"left":"k","right":"k"},{"left":"n","right":"lo","op":">="}]}, {"type":"select","columns":["id","k","n","lo","v"]}
=> SELECT a.id, a.k, a.n, b.lo, b.v FROM mess a LEFT JOIN side b ON a.k = b.k AND a.n >= b.lo

# a comparison with the same name on both sides keeps the right column
mess | {"type":"join","table":"side","how":"left","on":[{"left":"k","right":"k"},{"left":"n","right":"n","op":"<"}]}, {"type":"select","columns":["id","k","n","side.n"]}
=> SELECT a.id, a.k, a.n, b.n FROM mess a LEFT JOIN side b ON a.k = b.k AND a.n < b.n

# full with a comparison: the compared column isn't coalesced
mess | {"type":"join","table":"side","how":"full","on":[{"left":"k","right":"k"},{"left":"n","right":"n","op":"<"}]}, {"type":"select","columns":["id","k","n","side.n","v"]}
=> SELECT a.id, coalesce(a.k, b.k), a.n, b.n, b.v FROM mess a FULL JOIN side b ON a.k = b.k AND a.n < b.n

# the right join with a comparison
mess | {"type":"join","table":"side","how":"right","on":[{"left":"k","right":"k"},{"left":"n","right":"hi","op":"<="}]}, {"type":"select","columns":["id","k","n","hi","v"]}
=> SELECT a.id, b.k, a.n, b.hi, b.v FROM mess a RIGHT JOIN side b ON a.k = b.k AND a.n <= b.hi

# the table with itself
mess | {"type":"join","table":"mess","as":"twin","how":"inner","on":[{"left":"n","right":"m"}]}, {"type":"select","columns":["id","n","twin.id","twin.n","twin.m"]}
=> SELECT a.id, a.n, b.id, b.n, b.m FROM mess a JOIN mess b ON a.n = b.m

# with itself on doubles: NaN equals NaN, -0 equals 0
mess | {"type":"join","table":"mess","as":"twin","how":"inner","on":[{"left":"x","right":"y"}]}, {"type":"select","columns":["id","twin.id"]}
=> SELECT a.id, b.id FROM mess a JOIN mess b ON a.x = b.y

# one table twice
mess | {"type":"join","table":"side","how":"left","on":[{"left":"k","right":"k"}]}, {"type":"join","table":"side","as":"again","how":"left","on":[{"left":"n","right":"n"}]}, {"type":"select","columns":["id","side.n","v","k","again.k","again.v"]}
=> SELECT a.id, b.n, b.v, a.k, c.k, c.v FROM mess a LEFT JOIN side b ON a.k = b.k LEFT JOIN side c ON a.n = c.n

# join on a joined column
mess | {"type":"join","table":"side","how":"left","on":[{"left":"k","right":"k"}]}, {"type":"join","table":"mess","as":"m2","how":"inner","on":[{"left":"side.n","right":"n"}]}, {"type":"select","columns":["id","side.n","m2.id"]}
=> SELECT a.id, b.n, c.id FROM mess a LEFT JOIN side b ON a.k = b.k JOIN mess c ON b.n = c.n

# join numbers of different types
mess | {"type":"join","table":"mess","as":"o","how":"inner","on":[{"left":"d","right":"n"}]}, {"type":"select","columns":["id","o.id"]}
=> SELECT a.id, b.id FROM mess a JOIN mess b ON a.d::DECIMAL(38,4) = b.n

# big ints with doubles: exactly, or at least as doubles
mess | {"type":"join","table":"mess","as":"o","how":"inner","on":[{"left":"big","right":"huge"}]}, {"type":"select","columns":["id","o.id"]}
=> SELECT a.id, b.id FROM mess a JOIN mess b ON a.big::HUGEINT = b.huge

# an empty table on the right, left join
mess | {"type":"join","table":"none_at_all","how":"left","on":[{"left":"k","right":"k"}]}, {"type":"select","columns":["id","none_at_all.n","none_at_all.x"]}
=> SELECT id, NULL, NULL FROM mess

# an empty table on the left, right join
none_at_all | {"type":"join","table":"side","how":"right","on":[{"left":"k","right":"k"}]}, {"type":"aggregate","measures":[{"as":"c","fn":"count"},{"as":"cn","fn":"count","column":"n"},{"as":"ck","fn":"count","column":"k"}]}
=> SELECT count(*), 0, count(b.k) FROM side b

# a join after an aggregate
mess | {"type":"aggregate","by":[{"column":"k"}],"measures":[{"as":"n","fn":"count"}]}, {"type":"join","table":"side","how":"full","on":[{"left":"k","right":"k"}]}, {"type":"select","columns":["k","n","side.n","v"]}
=> SELECT coalesce(a.k, b.k), a.n, b.n, b.v FROM (SELECT k, count(*) n FROM mess GROUP BY k) a FULL JOIN side b ON a.k = b.k

# top 3, then more
mess | {"type":"sort","by":[{"column":"n","descending":true},{"column":"id"}]}, {"type":"limit","rows":3}, {"type":"join","table":"side","how":"left","on":[{"left":"k","right":"k"}]}, {"type":"aggregate","measures":[{"as":"c","fn":"count"},{"as":"v","fn":"sum","column":"v"}]}
=> SELECT count(*), sum(v) FROM (FROM mess ORDER BY n DESC NULLS LAST, id LIMIT 3) a LEFT JOIN side b ON a.k = b.k

# disabled join and derive are as if absent; a disabled select too
mess | {"type":"join","table":"side","how":"inner","on":[{"left":"k","right":"k"}],"disabled":true}, {"type":"select","columns":["n"],"disabled":true}, {"type":"sort","by":[{"column":"n"}],"disabled":true}, {"type":"aggregate","by":[{"column":"n"}],"disabled":true}, {"type":"derive","column":"q","expression":{"column":"n"},"disabled":true}, {"type":"select","columns":["id","n"]}
=> SELECT id, n FROM mess

# a joined table with its own
side | {"type":"join","table":"days","how":"left","on":[{"left":"since","right":"day"}]}, {"type":"select","columns":["k","since","day","days.v"]}
=> SELECT a.k, a.since, b.day, b.v FROM side a LEFT JOIN (FROM days WHERE load_id = '2024-01-05') b ON a.since = b.day

# derive before a join, filter on it after
mess | {"type":"derive","column":"z","expression":{"fn":"coalesce","args":[{"column":"n"},{"value":0}]}}, {"type":"join","table":"side","how":"right","on":[{"left":"k","right":"k"}]}, {"type":"filter","where":{"type":"condition","column":"z","op":"is empty"}}, {"type":"select","columns":["id","k","z","v"]}
=> SELECT a.id, b.k, NULL, b.v FROM mess a RIGHT JOIN side b ON a.k = b.k WHERE a.id IS NULL

# constant derive before a full join, filter after
mess | {"type":"derive","column":"one","expression":{"value":1}}, {"type":"join","table":"side","how":"full","on":[{"left":"k","right":"k"}]}, {"type":"filter","where":{"type":"condition","column":"one","op":"!=","value":1}}, {"type":"select","columns":["id","k","one","v"]}
=> SELECT a.id, b.k, NULL, b.v FROM mess a RIGHT JOIN side b ON a.k = b.k WHERE a.id IS NULL

# derive after a left join on the right's columns, filter on it
mess | {"type":"join","table":"side","how":"left","on":[{"left":"k","right":"k"}]}, {"type":"derive","column":"vv","expression":{"fn":"coalesce","args":[{"column":"v"},{"value":0}]}}, {"type":"filter","where":{"type":"condition","column":"vv","op":"=","value":0}}, {"type":"select","columns":["id","vv"]}
=> SELECT a.id, 0 FROM mess a LEFT JOIN side b ON a.k = b.k WHERE coalesce(b.v, 0) = 0

# or over both sides after a left join
mess | {"type":"join","table":"side","how":"left","on":[{"left":"k","right":"k"}]}, {"type":"filter","where":{"type":"group","op":"or","children":[{"type":"condition","column":"side.n","op":"=","value":5},{"type":"condition","column":"n","op":"is empty"}]}}, {"type":"select","columns":["id","side.n"]}
=> SELECT a.id, b.n FROM mess a LEFT JOIN side b ON a.k = b.k WHERE b.n = 5 OR a.n IS NULL

# not in nothing on the right after a left join
mess | {"type":"join","table":"side","how":"left","on":[{"left":"k","right":"k"}]}, {"type":"filter","where":{"type":"condition","column":"side.t","op":"not in","values":["one"]}}, {"type":"select","columns":["id","side.t"]}
=> SELECT a.id, b.t FROM mess a LEFT JOIN side b ON a.k = b.k WHERE b.t <> 'one' OR b.t IS NULL

# filter on the right's different-named key after a full join
mess | {"type":"join","table":"other_side","how":"full","on":[{"left":"k","right":"code"}]}, {"type":"filter","where":{"type":"condition","column":"code","op":"is empty"}}, {"type":"select","columns":["id","k","code"]}
=> SELECT a.id, coalesce(a.k, b.code), b.code FROM mess a FULL JOIN other_side b ON a.k = b.code WHERE b.code IS NULL OR b.code = ''

# filter on the left key after a full join with other names
mess | {"type":"join","table":"other_side","how":"full","on":[{"left":"k","right":"code"}]}, {"type":"filter","where":{"type":"condition","column":"k","op":"=","value":"w"}}, {"type":"select","columns":["id","k","code"]}
=> SELECT NULL, 'w', 'w'

# a chain of full joins on the coalesced key
mess | {"type":"join","table":"side","how":"full","on":[{"left":"k","right":"k"}]}, {"type":"join","table":"other_side","how":"full","on":[{"left":"k","right":"code"}]}, {"type":"select","columns":["id","k","side.n","code","other_side.v"]}
=> SELECT a.id, coalesce(a.k, c.code), a.n, c.code, c.v FROM (SELECT a.id, coalesce(a.k, b.k) k, b.n FROM mess a FULL JOIN side b ON a.k = b.k) a FULL JOIN other_side c ON a.k = c.code

# left join then inner join on the right's column
mess | {"type":"join","table":"side","how":"left","on":[{"left":"k","right":"k"}]}, {"type":"join","table":"mess","as":"z","how":"left","on":[{"left":"side.n","right":"n"},{"left":"id","right":"id","op":"<"}]}, {"type":"filter","where":{"type":"condition","column":"z.id","op":"is empty"}}, {"type":"select","columns":["id","side.n","z.id"]}
=> SELECT a.id, b.n, c.id FROM mess a LEFT JOIN side b ON a.k = b.k LEFT JOIN mess c ON b.n = c.n AND a.id < c.id WHERE c.id IS NULL

# totals then a join on the key: total rows' NULL matches nothing
mess | {"type":"aggregate","by":[{"column":"k"}],"measures":[{"as":"c","fn":"count"}],"totals":"grand"}, {"type":"join","table":"side","how":"left","on":[{"left":"k","right":"k"}]}, {"type":"select","columns":["k","c","__total__","v"]}
=> SELECT a.k, a.c, a.z, b.v FROM (SELECT k, count(*) c, 0 z FROM mess GROUP BY k UNION ALL SELECT NULL, count(*), 1 FROM mess) a LEFT JOIN side b ON a.k = b.k

# a limit, then a join whose filter mustn't cross it
mess | {"type":"sort","by":[{"column":"id"}]}, {"type":"limit","rows":3}, {"type":"join","table":"side","how":"left","on":[{"left":"k","right":"k"}]}, {"type":"filter","where":{"type":"condition","column":"id","op":">","value":1}}, {"type":"select","columns":["id","v"]}
=> SELECT a.id, b.v FROM (FROM mess ORDER BY id LIMIT 3) a LEFT JOIN side b ON a.k = b.k WHERE a.id > 1

# order after a join still holds (in order)
mess | {"type":"sort","by":[{"column":"id","descending":true}]}, {"type":"join","table":"other_side","how":"left","on":[{"left":"k","right":"code"}]}, {"type":"limit","rows":4}, {"type":"select","columns":["id"]}
=> SELECT id FROM (SELECT a.id FROM mess a LEFT JOIN other_side b ON a.k = b.code ORDER BY a.id DESC LIMIT 4)

# text keys are matched by case
mess | {"type":"join","table":"side","how":"inner","on":[{"left":"s","right":"t"}]}, {"type":"select","columns":["id","side.k"]}
=> SELECT a.id, b.k FROM mess a JOIN side b ON a.s = b.t

# whole numbers with doubles as keys
mess | {"type":"join","table":"mess","as":"o","on":[{"left":"x","right":"n"}]}, {"type":"select","columns":["id","o.id"]}
=> SELECT a.id, b.id FROM mess a JOIN mess b ON a.x = b.n::DOUBLE

# dates with dates from an aggregate
mess | {"type":"aggregate","by":[{"column":"day","bucket":"month","as":"since"}],"measures":[{"as":"c","fn":"count"}]}, {"type":"join","table":"side","how":"left","on":[{"left":"since","right":"since"}]}, {"type":"select","columns":["since","c","k"]}
=> SELECT a.s, a.c, b.k FROM (SELECT date_trunc('month', day)::DATE s, count(*) c FROM mess GROUP BY 1) a LEFT JOIN side b ON a.s = b.since
"""
DOCUMENTS = [each.split("\n") for each in ASKED.strip().split("\n\n")]


@pytest.mark.parametrize(("name", "document", "sql"), DOCUMENTS, ids=[name for name, *_ in DOCUMENTS])
def test_a_join_is_what_its_words_say(world, name, document, sql):
    head, steps = document.split(" | ")
    table, _, vintage = head.partition(" ")
    pinned = f'"vintage": {vintage}, ' if vintage else ""
    got = world.ask(f'{{"version": 1, "table": "{table}", {pinned}"steps": [{steps}]}}')
    wanted = world.sql(sql.removeprefix("=> "))
    if name.endswith("(in order)"):
        assert got == wanted
    else:
        assert in_no_order(got) == in_no_order(wanted)
