"""Documents as people write them, against plain SQL on the same rows: flights and TPC-H."""

from __future__ import annotations

import json

import pytest
from documents import agree, by, call, derive, is_, join, limit, select, sort, where

from aurora_widgets.query.read import from_json

REVENUE = derive("revenue", call("multiply", "l_extendedprice", call("subtract", {"value": 1}, "l_discount")))

FLIGHTS = {
    "every column of some days": (
        "flights",
        [where(is_("day", "=", value=31))],
        "FROM flights WHERE day = 31",
    ),
    "what the design's example asks": (
        "flights",
        [
            join("airlines", "left", ("carrier", "carrier")),
            derive("gain", call("subtract", "dep_delay", "arr_delay")),
            where(
                is_("month", ">", value=3),
                {
                    "type": "group",
                    "op": "or",
                    "children": [
                        is_("carrier", "in", values=["AA", "UA"]),
                        is_("dest", "starts with", value="S"),
                    ],
                },
            ),
            by("name", "time_hour:month", total="sum:distance", flights="count"),
            where(is_("total", ">", value=1000)),
            sort("-total", "name", "time_hour_month"),
            select("name", "total", "flights"),
        ],
        """SELECT name, sum(distance), count(*) FROM flights LEFT JOIN airlines USING (carrier)
           WHERE month > 3 AND (carrier IN ('AA', 'UA') OR dest ILIKE 'S%')
           GROUP BY name, date_trunc('month', time_hour) HAVING sum(distance) > 1000
           ORDER BY 2 DESC, 1, date_trunc('month', time_hour)""",
    ),
    "late flights, the latest first": (
        "flights",
        [
            where(is_("arr_delay", ">=", value=120)),
            sort("-arr_delay", "flight", "time_hour"),
            select("carrier", "flight", "arr_delay"),
            limit(100),
        ],
        """SELECT carrier, flight, arr_delay FROM flights WHERE arr_delay >= 120
           ORDER BY arr_delay DESC, flight, time_hour LIMIT 100""",
    ),
    "flights that never left, by carrier": (
        "flights",
        [where(is_("dep_time", "is empty")), by("carrier", n="count"), sort("-n", "carrier")],
        "SELECT carrier, count(*) n FROM flights WHERE dep_time IS NULL GROUP BY 1 ORDER BY 2 DESC, 1",
    ),
    "not one carrier keeps the flights without a tail number": (
        "flights",
        [
            where(is_("tailnum", "does not contain", value="n1"), is_("tailnum", "!=", value="D942DN")),
            by("tailnum", n="count"),
        ],
        """SELECT tailnum, count(*) FROM flights WHERE tailnum IS NULL
           OR (tailnum NOT ILIKE '%n1%' AND tailnum <> 'D942DN') GROUP BY 1""",
    ),
    "nobody's plane: right join keeps the planes without a flight": (
        "flights",
        [
            where(is_("month", "=", value=1)),
            join("planes", "right", ("tailnum", "tailnum")),
            where(is_("carrier", "is empty")),
            select("tailnum", "model", "seats"),
        ],
        """SELECT p.tailnum, p.model, p.seats FROM (FROM flights WHERE month = 1) f
           RIGHT JOIN planes p USING (tailnum) WHERE f.carrier IS NULL""",
    ),
    "a full join counts both sides": (
        "flights",
        [
            where(is_("origin", "=", value="LGA")),
            join("planes", "full", ("tailnum", "tailnum")),
            by(n="count", flights="count:flight", planes="count:model", tails="distinct_count:tailnum"),
        ],
        """SELECT count(*), count(flight), count(model), count(DISTINCT tailnum)
           FROM (FROM flights WHERE origin = 'LGA') FULL JOIN planes USING (tailnum)""",
    ),
    "delay by wind, on two keys": (
        "flights",
        [
            join("weather", "inner", ("origin", "origin"), ("time_hour", "time_hour")),
            where(is_("wind_speed", "between", low=10, high=20), is_("dep_delay", "is not empty")),
            by("origin", n="count", delay="avg:dep_delay", worst="max:dep_delay", humid="min:humid"),
            sort("origin"),
        ],
        """SELECT f.origin, count(*), avg(dep_delay), max(dep_delay), min(humid)
           FROM flights f JOIN weather w ON f.origin = w.origin AND f.time_hour = w.time_hour
           WHERE wind_speed BETWEEN 10 AND 20 AND dep_delay IS NOT NULL GROUP BY 1 ORDER BY 1""",
    ),
    "one table joined twice": (
        "flights",
        [
            join("airports", "left", ("origin", "faa"), **{"as": "home"}),
            join("airports", "left", ("dest", "faa"), **{"as": "away"}),
            by("name", "away.name", n="count"),
            sort("-n", "name", "away.name"),
            limit(20),
        ],
        """SELECT h.name, a.name, count(*) FROM flights LEFT JOIN airports h ON origin = h.faa
           LEFT JOIN airports a ON dest = a.faa GROUP BY ALL ORDER BY 3 DESC, 1, 2 LIMIT 20""",
    ),
    "a day in New York, not in Greenwich": (
        "flights",
        [
            where(is_("time_hour", "=", value="2013-07-04")),
            by(n="count", first="min:time_hour", last="max:time_hour"),
        ],
        """SELECT count(*), min(time_hour), max(time_hour) FROM flights
           WHERE time_hour >= TIMESTAMPTZ '2013-07-04 00:00:00-04'
           AND time_hour < TIMESTAMPTZ '2013-07-05 00:00:00-04'""",
    ),
    "days of the clock's change": (
        "flights",
        [
            where(is_("time_hour", "between", low="2013-11-02", high="2013-11-04")),
            by("time_hour:day", n="count"),
            sort("time_hour_day"),
        ],
        """SELECT date_trunc('day', time_hour), count(*) FROM flights
           WHERE month = 11 AND day BETWEEN 2 AND 4 GROUP BY 1 ORDER BY 1""",
    ),
    "the months of a quarter, relative to a day": (
        "flights",
        [
            where(is_("time_hour", "in the last", count=3, unit="month")),
            by("month", n="count"),
            sort("month"),
        ],
        "SELECT month, count(*) FROM flights WHERE month BETWEEN 5 AND 7 GROUP BY 1 ORDER BY 1",
    ),
    "an average of averages": (
        "flights",
        [
            by("carrier", "month", delay="avg:arr_delay"),
            by("carrier", months="count", mean="avg:delay", best="min:delay"),
            sort("carrier"),
        ],
        """SELECT carrier, count(*), avg(delay), min(delay) FROM
           (SELECT carrier, month, avg(arr_delay) delay FROM flights GROUP BY ALL) GROUP BY 1 ORDER BY 1""",
    ),
    "the distinct routes": (
        "flights",
        [by("origin", "dest"), sort("origin", "dest")],
        "SELECT DISTINCT origin, dest FROM flights ORDER BY ALL",
    ),
    "speed where the time is known, and NULL for a division by zero": (
        "flights",
        [
            derive("mph", call("divide", call("multiply", "distance", {"value": 60}), "air_time")),
            derive("none", call("divide", "distance", call("subtract", "day", "day"))),
            by(known="count:mph", fastest="max:mph", never="count:none"),
        ],
        "SELECT count(distance * 60 / air_time), max(distance * 60.0::DOUBLE / air_time), 0 FROM flights",
    ),
    "part of the day": (
        "flights",
        [
            derive(
                "part",
                {
                    "case": [
                        {"when": is_("hour", "<", value=12), "then": {"value": "morning"}},
                        {"when": is_("hour", "<", value=18), "then": {"value": "afternoon"}},
                    ],
                    "else": {"value": "evening"},
                },
            ),
            by("part", n="count", far="sum:distance"),
            sort("part"),
        ],
        """SELECT CASE WHEN hour < 12 THEN 'morning' WHEN hour < 18 THEN 'afternoon' ELSE 'evening' END,
           count(*), sum(distance) FROM flights GROUP BY 1 ORDER BY 1""",
    ),
    "subtotals are told from empty keys": (
        "flights",
        [
            where(is_("month", "=", value=2)),
            join("planes", "left", ("tailnum", "tailnum")),
            {**by("origin", "type", n="count", seats="sum:seats"), "totals": "rollup"},
        ],
        """SELECT origin, type, count(*), sum(seats), (grouping(origin) + grouping(type))
           FROM flights LEFT JOIN planes USING (tailnum) WHERE month = 2 GROUP BY ROLLUP (origin, type)""",
    ),
}

TPC = {
    "the pricing summary (Q1)": (
        "lineitem",
        [
            where(is_("l_shipdate", "<=", value="1998-09-02")),
            REVENUE,
            derive("charge", call("multiply", "revenue", call("add", {"value": 1}, "l_tax"))),
            by(
                "l_returnflag", "l_linestatus", qty="sum:l_quantity", base="sum:l_extendedprice",
                disc="sum:revenue",
                charge="sum:charge", avg_qty="avg:l_quantity", avg_disc="avg:l_discount", n="count",
            ),
            sort("l_returnflag", "l_linestatus"),
        ],
        """SELECT l_returnflag, l_linestatus, sum(l_quantity), sum(l_extendedprice),
           sum(l_extendedprice * (1 - l_discount)), sum(l_extendedprice * (1 - l_discount) * (1 + l_tax)),
           avg(l_quantity), avg(l_discount), count(*) FROM lineitem WHERE l_shipdate <= DATE '1998-09-02'
           GROUP BY ALL ORDER BY 1, 2""",
    ),
    "the shipping priority (Q3)": (
        "customer",
        [
            join("orders", "inner", ("c_custkey", "o_custkey")),
            join("lineitem", "inner", ("o_orderkey", "l_orderkey")),
            where(
                is_("c_mktsegment", "=", value="BUILDING"),
                is_("o_orderdate", "<", value="1995-03-15"),
                is_("l_shipdate", ">", value="1995-03-15"),
            ),
            REVENUE,
            by("o_orderkey", "o_orderdate", "o_shippriority", total="sum:revenue"),
            sort("-total", "o_orderdate"),
            limit(10),
        ],
        """SELECT o_orderkey, o_orderdate, o_shippriority, sum(l_extendedprice * (1 - l_discount)) total
           FROM customer JOIN orders ON c_custkey = o_custkey JOIN lineitem ON l_orderkey = o_orderkey
           WHERE c_mktsegment = 'BUILDING' AND o_orderdate < DATE '1995-03-15'
           AND l_shipdate > DATE '1995-03-15'
           GROUP BY ALL ORDER BY total DESC, o_orderdate LIMIT 10""",
    ),
    "the local supplier volume (Q5)": (
        "region",
        [
            where(is_("r_name", "=", value="ASIA")),
            join("nation", "inner", ("r_regionkey", "n_regionkey")),
            join("supplier", "inner", ("n_nationkey", "s_nationkey")),
            join("lineitem", "inner", ("s_suppkey", "l_suppkey")),
            join("orders", "inner", ("l_orderkey", "o_orderkey")),
            join("customer", "inner", ("o_custkey", "c_custkey"), ("n_nationkey", "c_nationkey")),
            where(is_("o_orderdate", "between", low="1994-01-01", high="1994-12-31")),
            REVENUE,
            by("n_name", total="sum:revenue"),
            sort("-total"),
        ],
        """SELECT n_name, sum(l_extendedprice * (1 - l_discount)) AS total
           FROM customer, orders, lineitem, supplier, nation, region
           WHERE c_custkey = o_custkey AND l_orderkey = o_orderkey AND l_suppkey = s_suppkey
           AND c_nationkey = s_nationkey AND s_nationkey = n_nationkey AND n_regionkey = r_regionkey
           AND r_name = 'ASIA' AND o_orderdate >= DATE '1994-01-01' AND o_orderdate < DATE '1995-01-01'
           GROUP BY 1 ORDER BY 2 DESC""",
    ),
    "the forecast revenue change (Q6)": (
        "lineitem",
        [
            where(
                is_("l_shipdate", ">=", value="1994-01-01"),
                is_("l_shipdate", "<", value="1995-01-01"),
                is_("l_discount", "between", low="0.05", high="0.07"),
                is_("l_quantity", "<", value="24"),
            ),
            derive("change", call("multiply", "l_extendedprice", "l_discount")),
            by(total="sum:change"),
        ],
        """SELECT sum(l_extendedprice * l_discount) FROM lineitem WHERE l_shipdate >= DATE '1994-01-01'
           AND l_shipdate < DATE '1995-01-01' AND l_discount BETWEEN 0.05 AND 0.07 AND l_quantity < 24""",
    ),
    "customers by how many orders (Q13)": (
        "customer",
        [
            join("orders", "left", ("c_custkey", "o_custkey")),
            by("c_custkey", orders="count:o_orderkey"),
            by("orders", customers="count"),
            sort("-customers", "-orders"),
        ],
        """SELECT c_count, count(*) FROM (SELECT c_custkey, count(o_orderkey) c_count FROM customer
           LEFT JOIN orders ON c_custkey = o_custkey GROUP BY 1) GROUP BY 1 ORDER BY 2 DESC, 1 DESC""",
    ),
    "large orders (Q18)": (
        "lineitem",
        [
            by("l_orderkey", qty="sum:l_quantity"),
            where(is_("qty", ">", value=250)),
            join("orders", "inner", ("l_orderkey", "o_orderkey")),
            join("customer", "left", ("o_custkey", "c_custkey")),
            select("c_name", "l_orderkey", "o_totalprice", "qty"),
            sort("-o_totalprice", "l_orderkey"),
        ],
        """SELECT c_name, o_orderkey, o_totalprice, qty FROM
           (SELECT l_orderkey, sum(l_quantity) qty FROM lineitem GROUP BY 1 HAVING qty > 250)
           JOIN orders ON l_orderkey = o_orderkey LEFT JOIN customer ON o_custkey = c_custkey
           ORDER BY 3 DESC, 2""",
    ),
    "promotion's share of a month (Q14), by case": (
        "lineitem",
        [
            where(is_("l_shipdate", "between", low="1995-09-01", high="1995-09-30")),
            join("part", "inner", ("l_partkey", "p_partkey")),
            REVENUE,
            derive(
                "promo",
                {
                    "case": [
                        {
                            "when": is_("p_type", "starts with", value="PROMO", case_sensitive=True),
                            "then": {"column": "revenue"},
                        }
                    ],
                    "else": {"value": 0},
                },
            ),
            by(promo="sum:promo", total="sum:revenue"),
            derive("share", call("divide", "promo", "total")),
        ],
        """SELECT sum(CASE WHEN p_type LIKE 'PROMO%' THEN r ELSE 0 END) p, sum(r) t, p::DOUBLE / t::DOUBLE
           FROM (SELECT p_type, l_extendedprice * (1 - l_discount) r FROM lineitem, part
           WHERE l_partkey = p_partkey AND l_shipdate >= DATE '1995-09-01'
           AND l_shipdate < DATE '1995-10-01')""",
    ),
    "a late line by another column, by week": (
        "lineitem",
        [
            where(
                is_("l_receiptdate", ">", other="l_commitdate"),
                is_("l_shipmode", "not in", values=["AIR", "MAIL"]),
            ),
            by("l_receiptdate:week", n="count", days="distinct_count:l_receiptdate"),
            sort("l_receiptdate_week"),
        ],
        """SELECT date_trunc('week', l_receiptdate)::DATE, count(*), count(DISTINCT l_receiptdate)
           FROM lineitem
           WHERE l_receiptdate > l_commitdate AND l_shipmode NOT IN ('AIR', 'MAIL') GROUP BY 1 ORDER BY 1""",
    ),
    "no part of either kind": (
        "part",
        [
            {
                "type": "filter",
                "where": {
                    "type": "group",
                    "op": "or",
                    "negate": True,
                    "children": [
                        is_("p_name", "contains", value="GREEN"),
                        is_("p_size", "not between", low=5, high=40),
                        is_("p_container", "ends with", value="box"),
                    ],
                },
            },
            sort("p_partkey"),
            select("p_partkey", "p_name"),
        ],
        """SELECT p_partkey, p_name FROM part WHERE NOT (p_name ILIKE '%green%' OR p_size NOT BETWEEN 5 AND 40
           OR p_container ILIKE '%box') ORDER BY 1""",
    ),
    "words of an address": (
        "supplier",
        [
            derive(
                "code",
                call(
                    "concat",
                    call("upper", call("substring", "s_name", {"value": 1}, {"value": 3})),
                    "s_phone",
                ),
            ),
            derive("long", call("length", call("trim", "s_address"))),
            sort("s_suppkey"),
            select("s_suppkey", "code", "long"),
        ],
        """SELECT s_suppkey, upper(substring(s_name, 1, 3)) || s_phone, length(trim(s_address)) FROM supplier
           ORDER BY s_suppkey""",
    ),
}  # fmt: skip

ASKED = [("flights", name) for name in FLIGHTS] + [("tpch", name) for name in TPC]


@pytest.mark.parametrize(("world", "name"), ASKED, ids=[name for _, name in ASKED])
def test_the_rows_are_those_of_plain_sql(worlds, world, name):
    runners, plain = worlds
    agree(runners[world], plain[world], *(FLIGHTS if world == "flights" else TPC)[name])


def test_every_page_together_is_the_result(worlds):
    runners, plain = worlds
    query = from_json(
        json.dumps({"version": 1, "table": "customer", "steps": [sort("c_mktsegment", "-c_nationkey")]})
    )
    runner, seen, offset = runners["tpch"], [], 0
    while True:
        page = runner.page(query, offset, 499)
        seen += [row[0] for row in page.rows]
        offset += len(page.rows)
        if not page.more:
            break
    assert len(seen) == len(set(seen)) == plain["tpch"].execute("SELECT count(*) FROM customer").fetchone()[0]
