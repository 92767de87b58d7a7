# ruff: noqa: E501 - a document and its SQL stand on a line each
"""Summaries, sorts, limits, loads and what is switched off, against SQL by hand."""

from __future__ import annotations

import pytest
from truth import in_no_order

# what it is
# table {vintage} | steps
# => SQL
ASKED = r"""
# no rows, no keys
none_at_all | {"type":"aggregate","measures":[{"as":"c","fn":"count"},{"as":"s","fn":"sum","column":"n"},{"as":"a","fn":"avg","column":"x"},{"as":"d","fn":"distinct_count","column":"k"},{"as":"m","fn":"max","column":"day"}]}
=> SELECT 0, NULL, NULL, 0, NULL

# no rows, a key
none_at_all | {"type":"aggregate","by":[{"column":"k"}],"measures":[{"as":"c","fn":"count"}]}
=> SELECT k, 0 FROM none_at_all

# no rows, grand total
none_at_all | {"type":"aggregate","by":[{"column":"k"}],"measures":[{"as":"c","fn":"count"}],"totals":"grand"}
=> SELECT NULL, 0, 1

# no rows, rollup
none_at_all | {"type":"aggregate","by":[{"column":"k"},{"column":"n"}],"measures":[{"as":"c","fn":"count"}],"totals":"rollup"}
=> SELECT NULL, NULL, 0, 2

# totals without keys: one row
mess | {"type":"aggregate","measures":[{"as":"c","fn":"count"}],"totals":"grand"}
=> SELECT 11, 0

# rollup without keys: one row
mess | {"type":"aggregate","measures":[{"as":"c","fn":"count"}],"totals":"rollup"}
=> SELECT 11, 0

# NULL keys are a group
mess | {"type":"aggregate","by":[{"column":"k"}],"measures":[{"as":"c","fn":"count"},{"as":"s","fn":"sum","column":"n"},{"as":"cn","fn":"count","column":"n"},{"as":"dn","fn":"distinct_count","column":"n"}]}
=> SELECT k, count(*), sum(n), count(n), count(DISTINCT n) FROM mess GROUP BY k

# every measure on ints
mess | {"type":"aggregate","by":[{"column":"m"}],"measures":[{"as":"s","fn":"sum","column":"big"},{"as":"a","fn":"avg","column":"n"},{"as":"mn","fn":"min","column":"big"},{"as":"mx","fn":"max","column":"huge"},{"as":"me","fn":"median","column":"n"},{"as":"sd","fn":"stddev","column":"n"}]}
=> SELECT m, sum(big::HUGEINT), avg(n), min(big), max(huge), median(n), stddev_samp(n) FROM mess GROUP BY m

# every measure on doubles with NaN
mess | {"type":"aggregate","by":[{"column":"b"}],"measures":[{"as":"s","fn":"sum","column":"x"},{"as":"a","fn":"avg","column":"x"},{"as":"mn","fn":"min","column":"x"},{"as":"mx","fn":"max","column":"x"},{"as":"c","fn":"count","column":"x"},{"as":"d","fn":"distinct_count","column":"x"}]}
=> SELECT b, sum(x), avg(x), min(x), max(x), count(x), count(DISTINCT x) FROM mess GROUP BY b

# decimals: exact sums
mess | {"type":"aggregate","measures":[{"as":"s","fn":"sum","column":"d"},{"as":"w","fn":"sum","column":"w"},{"as":"a","fn":"avg","column":"d"},{"as":"mn","fn":"min","column":"d"},{"as":"dd","fn":"distinct_count","column":"d"},{"as":"me","fn":"median","column":"d"}]}
=> SELECT sum(d), '1234567890123456789012345692.6373456788', avg(d), min(d), count(DISTINCT d), 0.00505::DOUBLE FROM mess

# min and max of text, dates, times, booleans
mess | {"type":"aggregate","by":[{"column":"m"}],"measures":[{"as":"t1","fn":"min","column":"t"},{"as":"t2","fn":"max","column":"t"},{"as":"d1","fn":"min","column":"day"},{"as":"z2","fn":"max","column":"tz"},{"as":"ts1","fn":"min","column":"ts"}]}
=> SELECT m, min(t), max(t), min(day), max(tz), min(ts) FROM mess GROUP BY m

# no measures: the distinct keys
mess | {"type":"aggregate","by":[{"column":"m"},{"column":"b"}]}
=> SELECT DISTINCT m, b FROM mess

# doubles as keys: NaN is one group, -0 and 0 another
mess | {"type":"aggregate","by":[{"column":"y"}],"measures":[{"as":"c","fn":"count"}]}
=> SELECT y, count(*) FROM mess GROUP BY y

# -0 and 0 in one column are one group
mess | {"type":"derive","column":"z","expression":{"fn":"multiply","args":[{"column":"n"},{"value":0}]}}, {"type":"derive","column":"zz","expression":{"fn":"multiply","args":[{"column":"f"},{"fn":"negate","args":[{"column":"z"}]}]}}, {"type":"aggregate","by":[{"column":"zz"}],"measures":[{"as":"c","fn":"count"}]}
=> SELECT f * -(n * 0), count(*) FROM mess GROUP BY 1

# buckets of a date
mess | {"type":"aggregate","by":[{"column":"day","bucket":"year"},{"column":"day","bucket":"quarter"},{"column":"day","bucket":"month","as":"mo"},{"column":"day","bucket":"week"},{"column":"day","bucket":"day"}],"measures":[{"as":"c","fn":"count"}]}
=> SELECT date_trunc('year', day)::DATE, date_trunc('quarter', day)::DATE, date_trunc('month', day)::DATE, date_trunc('week', day)::DATE, day, count(*) FROM mess GROUP BY 1,2,3,4,5

# buckets of a timestamp with a zone
mess | {"type":"aggregate","by":[{"column":"tz","bucket":"month"},{"column":"tz","bucket":"week"},{"column":"tz","bucket":"day"}],"measures":[{"as":"c","fn":"count"}]}
=> SELECT date_trunc('month', tz), date_trunc('week', tz), date_trunc('day', tz), count(*) FROM mess GROUP BY ALL

# weeks over the year's end
mess | {"type":"filter","where":{"type":"condition","column":"day","op":"between","low":"2020-12-28","high":"2021-01-03"}}, {"type":"aggregate","by":[{"column":"day","bucket":"week"}],"measures":[{"as":"c","fn":"count"}]}
=> SELECT DATE '2020-12-28', 2

# hours of a timestamp
mess | {"type":"aggregate","by":[{"column":"ts","bucket":"hour"}],"measures":[{"as":"c","fn":"count"}]}
=> SELECT date_trunc('hour', ts), count(*) FROM mess GROUP BY 1

# rollup with NULL keys
mess | {"type":"aggregate","by":[{"column":"b"},{"column":"m"}],"measures":[{"as":"c","fn":"count"},{"as":"s","fn":"sum","column":"n"}],"totals":"rollup"}
=> SELECT b, m, count(*), sum(n), 0 FROM mess GROUP BY b, m UNION ALL SELECT b, NULL, count(*), sum(n), 1 FROM mess GROUP BY b UNION ALL SELECT NULL, NULL, count(*), sum(n), 2 FROM mess

# grand with NULL keys
mess | {"type":"aggregate","by":[{"column":"b"},{"column":"m"}],"measures":[{"as":"c","fn":"count"}],"totals":"grand"}
=> SELECT b, m, count(*), 0 FROM mess GROUP BY b, m UNION ALL SELECT NULL, NULL, count(*), 2 FROM mess

# a filter after totals meets the total rows
mess | {"type":"aggregate","by":[{"column":"b"},{"column":"m"}],"measures":[{"as":"c","fn":"count"}],"totals":"rollup"}, {"type":"filter","where":{"type":"condition","column":"m","op":"is empty"}}
=> FROM (SELECT b, m, count(*) c, 0 z FROM mess GROUP BY b, m UNION ALL SELECT b, NULL, count(*), 1 FROM mess GROUP BY b UNION ALL SELECT NULL, NULL, count(*), 2 FROM mess) WHERE m IS NULL

# a filter on a key after rollup doesn't change the totals
mess | {"type":"aggregate","by":[{"column":"m"}],"measures":[{"as":"c","fn":"count"}],"totals":"rollup"}, {"type":"filter","where":{"type":"condition","column":"m","op":"!=","value":3}}
=> FROM (SELECT m, count(*) c, 0 z FROM mess GROUP BY m UNION ALL SELECT NULL, count(*), 1 FROM mess) WHERE m <> 3 OR m IS NULL

# totals, then only ordinary rows, then aggregate again
mess | {"type":"aggregate","by":[{"column":"m"}],"measures":[{"as":"c","fn":"count"}],"totals":"grand"}, {"type":"filter","where":{"type":"condition","column":"__total__","op":"=","value":0}}, {"type":"aggregate","measures":[{"as":"groups","fn":"count"},{"as":"rows","fn":"sum","column":"c"}]}
=> SELECT count(*), sum(c) FROM (SELECT m, count(*) c FROM mess GROUP BY m)

# totals of bucketed keys (in order)
mess | {"type":"aggregate","by":[{"column":"day","bucket":"year"}],"measures":[{"as":"x","fn":"max","column":"x"}],"totals":"grand"}, {"type":"sort","by":[{"column":"__total__","descending":true},{"column":"day_year"}]}
=> FROM (SELECT NULL::DATE d, 'NaN'::DOUBLE, 1 z UNION ALL SELECT date_trunc('year', day)::DATE d, max(x), 0 FROM mess GROUP BY 1) ORDER BY z DESC, d NULLS LAST

# an aggregate over an aggregate
mess | {"type":"aggregate","by":[{"column":"m"},{"column":"b"}],"measures":[{"as":"s","fn":"sum","column":"n"}]}, {"type":"aggregate","by":[{"column":"b"}],"measures":[{"as":"top","fn":"max","column":"s"},{"as":"k","fn":"count","column":"s"},{"as":"all","fn":"count"}]}
=> SELECT b, max(s), count(s), count(*) FROM (SELECT m, b, sum(n) s FROM mess GROUP BY m, b) GROUP BY b

# a measure named as a column of the table
mess | {"type":"aggregate","by":[{"column":"k"}],"measures":[{"as":"n","fn":"sum","column":"n"},{"as":"d","fn":"max","column":"n"}]}, {"type":"filter","where":{"type":"condition","column":"n","op":">","value":0}}
=> SELECT k, sum(n), max(n) FROM mess GROUP BY k HAVING sum(n) > 0

# a key named as another column, and a filter on it after
mess | {"type":"aggregate","by":[{"column":"m","as":"n"}],"measures":[{"as":"m","fn":"sum","column":"n"}]}, {"type":"filter","where":{"type":"condition","column":"n","op":"<","value":3}}
=> SELECT m, sum(n) FROM mess WHERE m < 3 GROUP BY m

# a derived column over one of the same name is... refused or replaces? two derived
mess | {"type":"derive","column":"a","expression":{"fn":"add","args":[{"column":"m"},{"value":1}]}}, {"type":"derive","column":"b2","expression":{"fn":"multiply","args":[{"column":"a"},{"column":"a"}]}}, {"type":"filter","where":{"type":"condition","column":"b2","op":">","value":4}}, {"type":"select","columns":["b2","a","id"]}
=> SELECT (m::BIGINT+1)*(m::BIGINT+1), m::BIGINT+1, id FROM mess WHERE (m::BIGINT+1)*(m::BIGINT+1) > 4

# limit then filter (in order)
mess | {"type":"sort","by":[{"column":"id"}]}, {"type":"limit","rows":4}, {"type":"filter","where":{"type":"condition","column":"n","op":">","value":0}}, {"type":"select","columns":["id"]}
=> SELECT id FROM (FROM mess ORDER BY id LIMIT 4) WHERE n > 0 ORDER BY id

# filter then limit (in order)
mess | {"type":"sort","by":[{"column":"id"}]}, {"type":"filter","where":{"type":"condition","column":"n","op":">","value":5}}, {"type":"limit","rows":2}, {"type":"select","columns":["id"]}
=> SELECT id FROM mess WHERE n > 5 ORDER BY id LIMIT 2

# limits: the smaller wins whichever is first (in order)
mess | {"type":"sort","by":[{"column":"id","descending":true}]}, {"type":"limit","rows":5}, {"type":"limit","rows":2}, {"type":"limit","rows":9}, {"type":"select","columns":["id"]}
=> SELECT id FROM mess ORDER BY id DESC LIMIT 2

# limit, sorted again, limit (in order)
mess | {"type":"sort","by":[{"column":"id"}]}, {"type":"limit","rows":5}, {"type":"sort","by":[{"column":"id","descending":true}]}, {"type":"limit","rows":2}, {"type":"select","columns":["id"]}
=> SELECT id FROM (FROM mess ORDER BY id LIMIT 5) ORDER BY id DESC LIMIT 2

# limit of no rows
mess | {"type":"limit","rows":0}, {"type":"aggregate","measures":[{"as":"c","fn":"count"}]}
=> SELECT 0

# limit with nothing sorted takes the first rows as they stand
mess | {"type":"limit","rows":3}, {"type":"select","columns":["id"]}
=> SELECT id FROM mess LIMIT 3

# NULLs last, both ways, NaN above infinity (in order)
mess | {"type":"sort","by":[{"column":"x","descending":true}]}, {"type":"select","columns":["id"]}
=> SELECT id FROM mess ORDER BY x DESC NULLS LAST, id

# NULLs last upward (in order)
mess | {"type":"sort","by":[{"column":"x"}]}, {"type":"select","columns":["id","x"]}
=> SELECT id, x FROM mess ORDER BY x NULLS LAST, id

# order by several, hidden columns (in order)
mess | {"type":"sort","by":[{"column":"b","descending":true},{"column":"m"},{"column":"t","descending":true}]}, {"type":"select","columns":["id"]}
=> SELECT id FROM mess ORDER BY b DESC NULLS LAST, m NULLS LAST, t DESC NULLS LAST, id

# order holds through select, limit and a derive (in order)
mess | {"type":"sort","by":[{"column":"day"}]}, {"type":"select","columns":["id","m"]}, {"type":"limit","rows":6}, {"type":"derive","column":"z","expression":{"fn":"negate","args":[{"column":"id"}]}}, {"type":"select","columns":["z"]}
=> SELECT -id FROM mess ORDER BY day NULLS LAST, id LIMIT 6

# the last of two sorts holds (in order)
mess | {"type":"sort","by":[{"column":"day"}]}, {"type":"sort","by":[{"column":"id","descending":true}]}, {"type":"select","columns":["id"]}
=> SELECT id FROM mess ORDER BY id DESC

# sort, hide, filter on what is left (in order)
mess | {"type":"sort","by":[{"column":"d","descending":true}]}, {"type":"select","columns":["id","n"]}, {"type":"filter","where":{"type":"condition","column":"n","op":"is not empty"}}
=> SELECT id, n FROM mess WHERE n IS NOT NULL ORDER BY d DESC NULLS LAST, id

# disabled steps, groups and conditions
mess | {"type":"limit","rows":1,"disabled":true}, {"type":"filter","where":{"type":"condition","column":"n","op":"=","value":5},"disabled":true}, {"type":"filter","where":{"type":"group","op":"or","children":[{"type":"condition","column":"n","op":"=","value":7},{"type":"condition","column":"n","op":"=","value":5,"disabled":true},{"type":"group","op":"and","disabled":true,"children":[{"type":"condition","column":"id","op":">","value":0}]}]}}, {"type":"select","columns":["id"]}
=> SELECT id FROM mess WHERE n = 7

# a disabled condition under or is not "true", under and not "false"
mess | {"type":"filter","where":{"type":"group","op":"and","children":[{"type":"condition","column":"n","op":"=","value":7},{"type":"condition","column":"n","op":"=","value":5,"disabled":true}]}}, {"type":"select","columns":["id"]}
=> SELECT id FROM mess WHERE n = 7

# all disabled: keeps all
mess | {"type":"filter","where":{"type":"group","op":"or","children":[{"type":"condition","column":"n","op":"=","value":7,"disabled":true}]}}, {"type":"select","columns":["id"]}
=> SELECT id FROM mess

# a disabled root
mess | {"type":"filter","where":{"type":"condition","column":"n","op":"=","value":7,"disabled":true}}, {"type":"select","columns":["id"]}
=> SELECT id FROM mess

# an empty group
mess | {"type":"filter","where":{"type":"group","op":"or","children":[]}}, {"type":"select","columns":["id"]}
=> SELECT id FROM mess

# groups in groups with negate
mess | {"type":"filter","where":{"type":"group","op":"or","negate":true,"children":[{"type":"group","op":"and","negate":true,"children":[{"type":"condition","column":"n","op":">","value":0},{"type":"condition","column":"x","op":"<","value":5}]},{"type":"condition","column":"b","op":"is false"}]}}, {"type":"select","columns":["id"]}
=> SELECT id FROM mess WHERE ((((n > 0) AND (x < 5)) IS NOT TRUE) OR b IS FALSE) IS NOT TRUE

# search
mess | {"type":"filter","role":"search","where":{"type":"group","op":"or","children":[{"type":"condition","column":"t","op":"contains","value":"A"},{"type":"condition","column":"k","op":"contains","value":"A"}]}}, {"type":"select","columns":["id"]}
=> SELECT id FROM mess WHERE contains(lower(t), 'a') OR contains(lower(k), 'a')

# aggregate of a derived case
mess | {"type":"derive","column":"kind","expression":{"case":[{"when":{"type":"condition","column":"n","op":"<","value":0},"then":{"value":"minus"}},{"when":{"type":"condition","column":"n","op":"is empty"},"then":{"value":"none"}}],"else":{"value":"plus"}}}, {"type":"aggregate","by":[{"column":"kind"}],"measures":[{"as":"c","fn":"count"}]}
=> SELECT CASE WHEN n < 0 THEN 'minus' WHEN n IS NULL THEN 'none' ELSE 'plus' END, count(*) FROM mess GROUP BY 1

# select may rename nothing but may drop and reorder; then an aggregate by what is left (in order)
mess | {"type":"select","columns":["m","n"]}, {"type":"aggregate","by":[{"column":"m"}],"measures":[{"as":"t","fn":"sum","column":"n"}]}, {"type":"sort","by":[{"column":"t","descending":true}]}, {"type":"limit","rows":2}
=> SELECT m, sum(n) t FROM mess GROUP BY m ORDER BY t DESC NULLS LAST LIMIT 2

# vintage: latest of each load type by default
loads | {"type":"select","columns":["load_type","load_id","v"]}
=> SELECT load_type, load_id, v FROM loads WHERE (load_type = 'M' AND load_id = '10') OR (load_type = 'D' AND load_id = '1') OR (load_type IS NULL AND load_id = '7')

# vintage: latest of each load type by default, 2
loads {"load_type":"M"} | {"type":"select","columns":["v"]}
=> SELECT v FROM loads WHERE load_type = 'M' AND load_id = '10'

# vintage: latest of each load type by default, 3
loads {"load_type":"M","load_id":"latest"} | {"type":"select","columns":["v"]}
=> SELECT v FROM loads WHERE load_type = 'M' AND load_id = '10'

# vintage: latest of each load type by default, 4
loads {"load_type":"all","load_id":"all"} | {"type":"select","columns":["v"]}
=> SELECT v FROM loads

# vintage: latest of each load type by default, 5
loads {"load_id":"all"} | {"type":"select","columns":["v"]}
=> SELECT v FROM loads

# vintage: latest of each load type by default, 6
loads {"load_type":"D","load_id":"all"} | {"type":"select","columns":["v"]}
=> SELECT v FROM loads WHERE load_type = 'D'

# vintage: latest of each load type by default, 7
loads {"load_type":"M","load_id":"9"} | {"type":"select","columns":["v"]}
=> SELECT v FROM loads WHERE load_type = 'M' AND load_id = '9'

# vintage: latest of each load type by default, 8
loads {"load_id":"1"} | {"type":"select","columns":["v"]}
=> SELECT v FROM loads WHERE load_id = '1'

# latest is of the table, not of what a filter leaves
loads {"load_type":"M"} | {"type":"filter","where":{"type":"condition","column":"load_id","op":"=","value":"9"}}
=> SELECT * FROM loads WHERE false

# latest by the load ID itself
by_id | {"type":"select","columns":["v"]}
=> SELECT v FROM by_id WHERE (lt = 'M' AND run = 10) OR (lt = 'D' AND run = 3)

# latest by the load ID itself, 2
by_id {"load_type":"M","load_id":9} | {"type":"select","columns":["v"]}
=> SELECT 1

# no load type
days | {"type":"aggregate","measures":[{"as":"s","fn":"sum","column":"v"}]}
=> SELECT 3

# no load type, 2
days {"load_id":"2024-01-04"} | {"type":"aggregate","measures":[{"as":"s","fn":"sum","column":"v"}]}
=> SELECT 10

# a joined table with its own, 2
side | {"type":"join","table":"days","vintage":{"load_id":"all"},"how":"left","on":[{"left":"since","right":"day"}]}, {"type":"select","columns":["k","since","days.v"]}
=> SELECT a.k, a.since, b.v FROM side a LEFT JOIN days b ON a.since = b.day

# a joined table with its own, 3
side | {"type":"join","table":"loads","vintage":{"load_type":"D"},"how":"full","on":[{"left":"k","right":"k"}]}, {"type":"select","columns":["k","n","loads.v","load_id"]}
=> SELECT coalesce(a.k, b.k), a.n, b.v, b.load_id FROM side a FULL JOIN (FROM loads WHERE load_type = 'D' AND load_id = '1') b ON a.k = b.k

# the same table joined, two loads of it compared
loads {"load_type":"M","load_id":"9"} | {"type":"join","table":"loads","as":"now","vintage":{"load_type":"M","load_id":"10"},"how":"full","on":[{"left":"k","right":"k"}]}, {"type":"select","columns":["k","v","now.v"]}
=> SELECT coalesce(a.k, b.k), a.v, b.v FROM (FROM loads WHERE load_type='M' AND load_id='9') a FULL JOIN (FROM loads WHERE load_type='M' AND load_id='10') b ON a.k = b.k

# having on a bucketed key
mess | {"type":"aggregate","by":[{"column":"tz","bucket":"month"}],"measures":[{"as":"c","fn":"count"}]}, {"type":"filter","where":{"type":"condition","column":"tz_month","op":"=","value":"2024-03-01"}}
=> SELECT date_trunc('month', tz), count(*) FROM mess WHERE date_trunc('month', tz) = '2024-03-01 00:00:00-05' GROUP BY 1

# having that mixes key and measure under or
mess | {"type":"aggregate","by":[{"column":"m"}],"measures":[{"as":"s","fn":"sum","column":"n"}]}, {"type":"filter","where":{"type":"group","op":"or","children":[{"type":"condition","column":"m","op":"=","value":3},{"type":"condition","column":"s","op":">","value":10}]}}
=> SELECT m, sum(n) FROM mess GROUP BY m HAVING m = 3 OR sum(n) > 10

# a keyless aggregate, then a filter on it that keeps nothing
mess | {"type":"aggregate","measures":[{"as":"s","fn":"count"}]}, {"type":"filter","where":{"type":"condition","column":"s","op":">","value":100}}
=> SELECT 1 WHERE false

# a constant key: no rows stay no rows
none_at_all | {"type":"derive","column":"c","expression":{"value":"all"}}, {"type":"aggregate","by":[{"column":"c"}],"measures":[{"as":"s","fn":"count"}]}
=> SELECT 1, 2 WHERE false

# a filter before a keyless aggregate, always false
mess | {"type":"filter","where":{"type":"condition","column":"n","op":"in","values":[]}}, {"type":"aggregate","measures":[{"as":"s","fn":"count"},{"as":"t","fn":"sum","column":"n"}]}
=> SELECT 0, NULL

# totals, sorted and cut (in order)
mess | {"type":"aggregate","by":[{"column":"m"}],"measures":[{"as":"s","fn":"sum","column":"n"}],"totals":"grand"}, {"type":"sort","by":[{"column":"s","descending":true}]}, {"type":"limit","rows":2}
=> FROM (SELECT m, sum(n) s, 0 z FROM mess GROUP BY m UNION ALL SELECT NULL, sum(n), 1 FROM mess) ORDER BY s DESC NULLS LAST LIMIT 2

# totals twice
mess | {"type":"aggregate","by":[{"column":"m"},{"column":"b"}],"measures":[{"as":"c","fn":"count"}],"totals":"rollup"}, {"type":"aggregate","by":[{"column":"__total__","as":"level"}],"measures":[{"as":"rows","fn":"count"},{"as":"sum","fn":"sum","column":"c"}],"totals":"grand"}
=> SELECT 0, count(*), sum(c), 0 FROM (SELECT count(*) c FROM mess GROUP BY m, b) UNION ALL SELECT 1, count(*), sum(c), 0 FROM (SELECT count(*) c FROM mess GROUP BY m) UNION ALL SELECT 2, 1, 11, 0 UNION ALL SELECT NULL, (SELECT count(*) FROM (SELECT 1 FROM mess GROUP BY m, b)) + (SELECT count(*) FROM (SELECT 1 FROM mess GROUP BY m)) + 1, 33, 1

# ordinary duplicates stay through select
mess | {"type":"select","columns":["m"]}
=> SELECT m FROM mess

# the hidden sort column after an aggregate (in order)
mess | {"type":"aggregate","by":[{"column":"m"}],"measures":[{"as":"s","fn":"sum","column":"n"}]}, {"type":"sort","by":[{"column":"s"}]}, {"type":"select","columns":["m"]}
=> SELECT m FROM mess GROUP BY m ORDER BY sum(n) NULLS LAST, m NULLS LAST

# median, stddev of one and of none
mess | {"type":"filter","where":{"type":"condition","column":"id","op":"in","values":[4,8]}}, {"type":"aggregate","by":[{"column":"id"}],"measures":[{"as":"md","fn":"median","column":"n"},{"as":"sd","fn":"stddev","column":"n"},{"as":"a","fn":"avg","column":"d"}]}
=> SELECT id, median(n), stddev_samp(n), avg(d) FROM mess WHERE id IN (4, 8) GROUP BY id

# filter, aggregate by boolean case, twice the same column
mess | {"type":"aggregate","by":[{"column":"day","bucket":"month"},{"column":"day"}],"measures":[{"as":"c","fn":"count"}]}, {"type":"aggregate","by":[{"column":"day_month"}],"measures":[{"as":"days","fn":"distinct_count","column":"day"}]}
=> SELECT date_trunc('month', day)::DATE, count(DISTINCT day) FROM mess GROUP BY 1
"""
DOCUMENTS = [each.split("\n") for each in ASKED.strip().split("\n\n")]


@pytest.mark.parametrize(("name", "document", "sql"), DOCUMENTS, ids=[name for name, *_ in DOCUMENTS])
def test_steps_are_what_their_words_say(world, name, document, sql):
    head, steps = document.split(" | ")
    table, _, vintage = head.partition(" ")
    pinned = f'"vintage": {vintage}, ' if vintage else ""
    got = world.ask(f'{{"version": 1, "table": "{table}", {pinned}"steps": [{steps}]}}')
    wanted = world.sql(sql.removeprefix("=> "))
    if name.endswith("(in order)"):
        assert got == wanted
    else:
        assert in_no_order(got) == in_no_order(wanted)
