# ruff: noqa: E501 - a question stands beside its SQL
"""Questions of people who compare: flights, TPC-H and a shop with duplicates, NULL keys and loads."""

import duckdb
import pytest
from documents import agree, by, call, derive, is_, join, limit, select, sort, where

from aurora_widgets.service.open import open_runner

SHOP = {
    "orders": """SELECT * FROM (VALUES
        (1, 'A', 'ann', 10.10::DECIMAL(12,2), TIMESTAMPTZ '2013-08-14 23:30:00-04', 'D', '1'),
        (2, 'A', 'ANN', -0.05, '2013-08-15 00:00:00-04', 'D', '1'), (3, 'b', 'bob', NULL, '2013-08-15 23:59:59.999-04', 'D', '2'),
        (4, NULL, 'bob', 99999999.99, '2013-08-16 00:00:00-04', 'D', '2'), (5, NULL, NULL, 0.01, NULL, 'M', '10'),
        (6, 'B', 'é, f', 0.01, '2013-07-31 23:59:59-04', 'M', '10'), (7, 'a', '', 5, '2013-08-01 00:00:00-04', 'M', '9'),
        (8, 'C', 'x%y', 7.77, '2013-03-10 03:30:00-04', 'D', '2'), (9, 'C', 'x_y', 7.77, '2013-11-03 01:30:00-05', 'D', '2'))
        t(id, code, buyer, amount, made, load_type, load_id)""",
    "prices": """SELECT * FROM (VALUES
        ('A', 'old', 1.5::DECIMAL(6,3), 1, DATE '2013-01-01'), ('A', 'new', 2.25, 2, '2013-08-01'), ('B', 'new', NULL, 2, '2013-08-01'),
        (NULL, 'new', 9.999, 2, NULL), ('C', 'new', 0.001, 2, '2013-08-15'), ('C', 'new', 0.002, 2, '2013-08-15'), ('Z', 'old', 5, 1, '2012-12-31'))
        t(code, note, price, load_id, since)""",
}
CATALOG = """
version: 1
time_zone: America/New_York
tables:
  orders: {vintage: {load_type: load_type, load_id: load_id}}
  prices: {vintage: {load_id: load_id}}
"""
ALL = {"load_type": "all", "load_id": "all"}
LATEST = "((load_type = 'D' AND load_id = '2') OR (load_type = 'M' AND load_id = '9'))"  # IDs are text here


@pytest.fixture(scope="module")
def shop(tmp_path_factory):
    folder = tmp_path_factory.mktemp("shop")
    plain = duckdb.connect()
    plain.execute("SET TimeZone = 'America/New_York'")
    for name, rows in SHOP.items():
        plain.execute(f"CREATE TABLE {name} AS {rows}")
        plain.execute(f"COPY {name} TO '{folder / name}.parquet'")
    (folder / "shop.yaml").write_text(CATALOG)
    runner = open_runner(*(folder / f"{name}.parquet" for name in SHOP), catalog=folder / "shop.yaml")
    yield runner, plain
    runner.close()


def group(op, *children, negate=False):
    return {"type": "group", "op": op, "children": list(children), "negate": negate}


def totals(kind, *columns, **measures):
    return by(*columns, **measures) | {"totals": kind}


def case(when, then, otherwise):
    return {"case": [{"when": when, "then": then}], "else": otherwise}


def a(value):
    return {"value": value}


IN_SHOP = {
    "latest by default, each load type its own": ("orders", [sort("id")], f"SELECT * FROM orders WHERE {LATEST} ORDER BY id"),
    "a load of one type": ("orders", [by(n="count", sum="sum:amount")], "SELECT count(*), sum(amount) FROM orders WHERE load_type = 'D' AND load_id = '1'", {"load_type": "D", "load_id": "1"}),
    "all loads, joined to the latest prices: duplicates multiply, NULL keys meet nothing": (
        "orders", [join("prices", "left", ("code", "code"), vintage={"load_id": "latest"}), select("id", "code", "price", "note"), sort("id", "price")],
        "SELECT id, o.code, price, note FROM orders o LEFT JOIN (FROM prices WHERE load_id = 2) p ON o.code = p.code ORDER BY id, price NULLS LAST", ALL),
    "all loads, joined to the first prices": (
        "orders", [join("prices", "inner", ("code", "code"), vintage={"load_id": 1}), by("note", n="count", most="max:amount")],
        "SELECT note, count(*), max(amount) FROM orders o JOIN (FROM prices WHERE load_id = 1) p ON o.code = p.code GROUP BY 1", ALL),
    "a pinned table joined in full: the filter is on the key of both": (
        "orders", [join("prices", "full", ("code", "code"), vintage={"load_id": "all"}), where(is_("code", "!=", value="A")), select("id", "code", "note", "price"), sort("code", "id", "price", "note")],
        "SELECT id, coalesce(o.code, p.code), note, price FROM orders o FULL JOIN prices p ON o.code = p.code WHERE coalesce(o.code, p.code) IS DISTINCT FROM 'A' ORDER BY 2 NULLS LAST, 1 NULLS LAST, 4 NULLS LAST, 3 NULLS LAST", ALL),
    "one table twice, each with its load": (
        "orders", [
            join("prices", "inner", ("code", "code"), vintage={"load_id": 1}), select("id", "code", "price"),
            join("prices", "inner", ("code", "code"), vintage={"load_id": 2}, **{"as": "now"}), derive("rise", call("subtract", "now.price", "price")), select("id", "rise"), sort("id"),
        ],
        "SELECT id, n.price - p.price FROM orders o JOIN prices p ON o.code = p.code AND p.load_id = 1 JOIN prices n ON o.code = n.code AND n.load_id = 2 ORDER BY id", ALL),
    "a day on an instant is New York's day": ("orders", [where(is_("made", "=", value="2013-08-15")), select("id"), sort("id")], "SELECT id FROM orders WHERE made::DATE = '2013-08-15' ORDER BY id", ALL),
    "every day but one, with the empty": ("orders", [where(is_("made", "!=", value="2013-08-15")), select("id"), sort("id")], "SELECT id FROM orders WHERE made IS NULL OR made::DATE <> '2013-08-15' ORDER BY id", ALL),
    "this month, by the wall clock": ("orders", [where(is_("made", "this", unit="month")), select("id"), sort("id")], "SELECT id FROM orders WHERE made::DATE BETWEEN '2013-08-01' AND '2013-08-31' ORDER BY id", ALL),
    "the last month, this one left out": ("orders", [where(is_("made", "in the last", count=1, unit="month")), select("id"), sort("id")], "SELECT id FROM orders WHERE made::DATE BETWEEN '2013-07-01' AND '2013-07-31' ORDER BY id", ALL),
    "today in New York": ("orders", [where(is_("made", "this", unit="day")), select("id"), sort("id")], "SELECT id FROM orders WHERE made::DATE = '2013-08-15' ORDER BY id", ALL),
    "the hour's group, in both of its clocks": (
        "orders", [by("made:hour", n="count"), sort("made_hour")], "SELECT to_timestamp(floor(epoch(made) / 3600) * 3600), count(*) FROM orders GROUP BY 1 ORDER BY 1 NULLS LAST", ALL),
    "the group's month and HAVING": (
        "orders", [by("made:month", n="count", sum="sum:amount"), where(is_("made_month", ">=", value="2013-08-01"), is_("n", ">", value=1)), select("n", "sum")],
        "SELECT count(*), sum(amount) FROM orders GROUP BY date_trunc('month', made) HAVING date_trunc('month', made) >= '2013-08-01' AND count(*) > 1", ALL),
    "letters of any case": ("orders", [where(is_("buyer", "contains", value="An")), select("id"), sort("id")], "SELECT id FROM orders WHERE buyer ILIKE '%an%' ORDER BY id", ALL),
    "not that word: the empty stay": ("orders", [where(is_("buyer", "does not contain", value="AN")), select("id"), sort("id")], "SELECT id FROM orders WHERE coalesce(buyer NOT ILIKE '%an%', true) ORDER BY id", ALL),
    "letters as they are": ("orders", [where(is_("buyer", "starts with", value="a", case_sensitive=True)), select("id")], "SELECT id FROM orders WHERE buyer LIKE 'a%'", ALL),
    "equal in any case": ("orders", [where(is_("code", "=", value="a", case_sensitive=False)), select("id"), sort("id")], "SELECT id FROM orders WHERE lower(code) = 'a' ORDER BY id", ALL),
    "a list with a comma and a percent sign in it": ("orders", [where(is_("buyer", "in", values=["é, f", "x%y", "nobody"])), select("id"), sort("id")], "SELECT id FROM orders WHERE buyer IN ('é, f', 'x%y') ORDER BY id", ALL),
    "not in a list: the empty stay": ("orders", [where(is_("code", "not in", values=["A", "C"])), select("id"), sort("id")], "SELECT id FROM orders WHERE code IS NULL OR code NOT IN ('A', 'C') ORDER BY id", ALL),
    "neither of two, with NULLs": ("orders", [{"type": "filter", "where": group("or", is_("code", "=", value="A"), is_("amount", ">", value=5), negate=True)}, select("id"), sort("id")], "SELECT id FROM orders WHERE NOT coalesce(code = 'A' OR amount > 5, false) ORDER BY id", ALL),
    "cents of a decimal, exact": ("orders", [where(is_("amount", "<=", value="0.014"), is_("amount", ">", value=-0.1)), select("id", "amount"), sort("id")], "SELECT id, amount FROM orders WHERE amount <= 0.014 AND amount > -0.1 ORDER BY id", ALL),
    "a tax of a decimal, exact": ("orders", [derive("tax", call("round", call("multiply", "amount", a(0.075)), a(2))), select("id", "tax"), sort("id")], "SELECT id, round(amount * 0.075, 2)::DECIMAL(38,2) FROM orders ORDER BY id", ALL),
    "totals, and a filter that meets them as rows": (
        "orders", [totals("rollup", "load_type", "code", sum="sum:amount", n="count"), where(is_("n", ">=", value=2)), sort("load_type", "code", "__total__")],
        "SELECT load_type, code, sum(amount), count(*), GROUPING(load_type) + GROUPING(code) g FROM orders GROUP BY ROLLUP(load_type, code) HAVING count(*) >= 2 ORDER BY load_type NULLS LAST, code NULLS LAST, g", ALL),
    "a filter on a key does not lessen the grand total": (
        "orders", [totals("grand", "code", sum="sum:amount"), {"type": "filter", "where": group("or", is_("code", "=", value="A"), is_("__total__", ">", value=0))}],
        "SELECT code, sum(amount), GROUPING(code) FROM orders GROUP BY GROUPING SETS ((code), ()) HAVING code = 'A' OR GROUPING(code) > 0", ALL),
    "a column made of a summary": (
        "orders", [by("code", sum="sum:amount", n="count:amount"), derive("mean", call("divide", "sum", "n")), where(is_("mean", "is not empty")), select("code", "mean"), sort("mean", "code")],
        "SELECT code, (sum(amount) / nullif(count(amount), 0))::DOUBLE m FROM orders GROUP BY 1 HAVING m IS NOT NULL ORDER BY 2, 1 NULLS LAST", ALL),
    "a summary of a summary": (
        "orders", [by("load_type", "code", n="count"), by("load_type", codes="count", named="count:code", most="max:n")],
        "SELECT load_type, count(*), count(code), max(n) FROM (SELECT load_type, code, count(*) n FROM orders GROUP BY 1, 2) GROUP BY 1", ALL),
    "distinct leaves NULL out, empty text counts": ("orders", [by(codes="distinct_count:code", buyers="distinct_count:buyer")], "SELECT count(DISTINCT code), count(DISTINCT buyer) FROM orders", ALL),
    "the top three, then those of them that match": ("orders", [sort("-amount", "id"), limit(3), where(is_("code", "is not empty")), select("id")], "SELECT id FROM (SELECT * FROM orders ORDER BY amount DESC NULLS LAST, id LIMIT 3) WHERE code <> '' ORDER BY amount DESC NULLS LAST, id", ALL),
    "a limit within a limit": ("orders", [sort("id"), limit(5), sort("-id"), limit(2), select("code"), limit(9)], "SELECT code FROM (SELECT * FROM (SELECT * FROM orders ORDER BY id LIMIT 5) ORDER BY id DESC LIMIT 2) ORDER BY id DESC", ALL),
    "sorted by a column that is then hidden, and made anew": ("orders", [sort("-id"), select("code", "buyer"), derive("id", call("concat", "code", "buyer")), limit(4), select("id")], "SELECT concat(code, buyer) FROM orders ORDER BY orders.id DESC LIMIT 4", ALL),
    "what is sold to nobody": ("orders", [join("prices", "right", ("code", "code"), vintage={"load_id": "all"}), where(is_("id", "is empty")), select("code", "note", "price"), sort("code", "note")], "SELECT code, note, price FROM prices p WHERE NOT EXISTS (FROM orders o WHERE o.code = p.code) ORDER BY 1 NULLS LAST, 2", ALL),
    "prices in force: a range beside an equal key": (
        "orders", [derive("day", call("to_date", "made")), {"type": "join", "table": "prices", "how": "left", "vintage": {"load_id": "all"}, "on": [{"left": "code", "right": "code"}, {"left": "day", "right": "since", "op": ">="}]}, select("id", "price", "since"), sort("id", "price", "since")],
        "SELECT id, price, since FROM orders o LEFT JOIN prices p ON o.code = p.code AND o.made::DATE >= p.since ORDER BY id, price NULLS LAST, since NULLS LAST", ALL),
    "a rule that nothing meets keeps nothing, of a summary of all too": ("orders", [by(n="count"), {"type": "filter", "where": group("or", negate=True)}], "SELECT count(*) FROM orders HAVING false", ALL),
    "a rule that nothing meets, before a summary of all": ("orders", [{"type": "filter", "where": group("and", negate=True)}, by(n="count", sum="sum:amount")], "SELECT count(*), sum(amount) FROM orders WHERE false", ALL),
    "a key that is a double on one side and a decimal on the other": (
        "orders", [derive("x", call("divide", "amount", a(1))), join("prices", "full", ("x", "price"), vintage={"load_id": "all"}), where(is_("x", "in", values=[0.001, 5, 7.77])), select("x", "note", "id"), sort("x", "id")],
        "SELECT coalesce(amount::DOUBLE, price::DOUBLE) x, note, id FROM orders FULL JOIN prices ON amount = price WHERE x IN (0.001, 5, 7.77) ORDER BY 1, 3 NULLS LAST", ALL),
    "a case over what is empty": ("orders", [derive("size", case(is_("amount", ">", value=5), a("big"), case(is_("amount", "is empty"), a("none"), a("small")))), by("size", n="count"), sort("size")], "SELECT CASE WHEN amount > 5 THEN 'big' WHEN amount IS NULL THEN 'none' ELSE 'small' END s, count(*) FROM orders GROUP BY 1 ORDER BY 1", ALL),
    "days between, by boundaries": ("orders", [derive("days", call("date_diff", a("day"), "made", a("2013-08-16"))), select("id", "days"), sort("id")], "SELECT id, date_diff('day', made::DATE, DATE '2013-08-16') FROM orders ORDER BY id", ALL),
}  # fmt: skip
PLAN = "flights"
IN_FLIGHTS = {
    "planes built when the flight flew, two columns called year": (
        PLAN, [join("planes", "inner", ("tailnum", "tailnum")), where(is_("planes.year", ">=", value=2012), is_("year", "=", value=2013)), by("carrier", "planes.year", n="count", seats="sum:seats"), sort("-n", "carrier", "planes.year")],
        "SELECT carrier, p.year, count(*), sum(seats) FROM flights f JOIN planes p USING (tailnum) WHERE p.year >= 2012 AND f.year = 2013 GROUP BY 1, 2 ORDER BY 3 DESC, 1, 2"),
    "airports nobody flies to, sorted by what is hidden": (
        PLAN, [by("dest", n="count"), join("airports", "right", ("dest", "faa")), where(is_("n", "is empty"), is_("alt", ">", value=6000)), sort("-alt", "dest"), select("dest", "name")],
        "SELECT faa, name FROM airports WHERE alt > 6000 AND faa NOT IN (SELECT dest FROM flights) ORDER BY alt DESC, faa"),
    "the worst hour of a wet day": (
        PLAN, [where(is_("time_hour", "=", value="2013-07-01")), join("weather", "left", ("origin", "origin"), ("time_hour", "time_hour")), by("origin", "weather.hour", late="avg:dep_delay", rain="max:precip"), where(is_("rain", ">", value=0)), sort("-late", "origin", "weather.hour"), limit(5)],
        "SELECT f.origin, w.hour, avg(dep_delay)::DOUBLE, max(precip) FROM flights f LEFT JOIN weather w ON f.origin = w.origin AND f.time_hour = w.time_hour WHERE f.time_hour::DATE = '2013-07-01' GROUP BY 1, 2 HAVING max(precip) > 0 ORDER BY 3 DESC NULLS LAST, 1, 2 LIMIT 5"),
    "this quarter, by week, of three carriers in a list": (
        PLAN, [where(is_("time_hour", "this", unit="quarter"), is_("carrier", "in", values=["aa", "UA", "Dl"], case_sensitive=False)), by("time_hour:week", n="count", tails="distinct_count:tailnum"), sort("time_hour_week")],
        "SELECT date_trunc('week', time_hour)::TIMESTAMPTZ, count(*), count(DISTINCT tailnum) FROM flights WHERE time_hour::DATE BETWEEN '2013-07-01' AND '2013-09-30' AND carrier IN ('AA', 'UA', 'DL') GROUP BY 1 ORDER BY 1"),
    "the night the clocks went forward": (
        PLAN, [where(is_("time_hour", "between", low="2013-03-09", high="2013-03-10")), by("time_hour:day", n="count"), sort("time_hour_day")],
        "SELECT date_trunc('day', time_hour), count(*) FROM flights WHERE time_hour >= '2013-03-09' AND time_hour < '2013-03-11' GROUP BY 1 ORDER BY 1"),
    "a share of all by a rollup": (
        PLAN, [totals("rollup", "origin", "carrier", n="count", miles="sum:distance"), where(is_("n", ">", value=30000)), sort("origin", "carrier", "__total__")],
        "SELECT origin, carrier, count(*), sum(distance), GROUPING(origin) + GROUPING(carrier) g FROM flights GROUP BY ROLLUP(origin, carrier) HAVING count(*) > 30000 ORDER BY 1 NULLS LAST, 2 NULLS LAST, g"),
    "speed, where there is an air time": (
        PLAN, [derive("mph", call("divide", "distance", call("divide", "air_time", a(60)))), by("carrier", best="max:mph", n="count:mph"), where(is_("best", ">", value=550)), sort("carrier")],
        "SELECT carrier, max(distance / (air_time / 60)), count(air_time) FROM flights GROUP BY 1 HAVING max(distance / (air_time / 60)) > 550 ORDER BY 1"),
    "early and late are two groups, none is a third": (
        PLAN, [derive("how", case(is_("arr_delay", "<=", value=0), a("early"), case(is_("arr_delay", ">", value=0), a("late"), a("never")))), by("how", n="count"), sort("how")],
        "SELECT CASE WHEN arr_delay <= 0 THEN 'early' WHEN arr_delay > 0 THEN 'late' ELSE 'never' END h, count(*) FROM flights GROUP BY 1 ORDER BY 1"),
    "the ten planes that flew most, and who built them": (
        PLAN, [where(is_("tailnum", "is not empty")), by("tailnum", n="count"), sort("-n", "tailnum"), limit(10), join("planes", "left", ("tailnum", "tailnum")), select("tailnum", "n", "manufacturer")],
        "SELECT tailnum, n, manufacturer FROM (SELECT tailnum, count(*) n FROM flights WHERE tailnum <> '' GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT 10) LEFT JOIN planes USING (tailnum) ORDER BY 2 DESC, 1"),
}  # fmt: skip
IN_TPCH = {
    "customers without an order (Q22's heart)": (
        "customer", [join("orders", "left", ("c_custkey", "o_custkey")), where(is_("o_orderkey", "is empty"), is_("c_acctbal", ">", value=0)), derive("code", call("substring", "c_phone", a(1), a(2))), by("code", n="count", sum="sum:c_acctbal"), sort("code")],
        "SELECT c_phone[1:2], count(*), sum(c_acctbal) FROM customer WHERE c_acctbal > 0 AND c_custkey NOT IN (SELECT o_custkey FROM orders) GROUP BY 1 ORDER BY 1"),
    "how many orders each has (Q13)": (
        "customer", [join("orders", "left", ("c_custkey", "o_custkey")), by("c_custkey", n="count:o_orderkey"), by("n", customers="count"), sort("-customers", "-n")],
        "SELECT n, count(*) FROM (SELECT c_custkey, count(o_orderkey) n FROM customer LEFT JOIN orders ON c_custkey = o_custkey GROUP BY 1) GROUP BY 1 ORDER BY 2 DESC, 1 DESC"),
    "large orders (Q18)": (
        "lineitem", [by("l_orderkey", qty="sum:l_quantity"), where(is_("qty", ">", value="250.00")), join("orders", "inner", ("l_orderkey", "o_orderkey")), sort("-o_totalprice", "o_orderdate", "l_orderkey"), select("l_orderkey", "o_totalprice", "qty"), limit(100)],
        "SELECT l_orderkey, o_totalprice, sum(l_quantity) FROM lineitem JOIN orders ON l_orderkey = o_orderkey GROUP BY 1, 2, o_orderdate HAVING sum(l_quantity) > 250 ORDER BY 2 DESC, o_orderdate, 1 LIMIT 100"),
    "money by month, exact to the cent of a cent": (
        "lineitem", [derive("net", call("multiply", "l_extendedprice", call("subtract", a(1), "l_discount"))), by("l_shipdate:month", net="sum:net", low="min:net"), where(is_("l_shipdate_month", "between", low="1995-01-01", high="1995-12-31")), sort("l_shipdate_month")],
        "SELECT date_trunc('month', l_shipdate)::DATE m, sum(l_extendedprice * (1 - l_discount)), min(l_extendedprice * (1 - l_discount)) FROM lineitem WHERE year(l_shipdate) = 1995 GROUP BY 1 ORDER BY 1"),
    "nations twice: who sells to whom (Q7's heart)": (
        "lineitem", [
            join("supplier", "inner", ("l_suppkey", "s_suppkey")), join("orders", "inner", ("l_orderkey", "o_orderkey")), join("customer", "inner", ("o_custkey", "c_custkey")),
            join("nation", "inner", ("s_nationkey", "n_nationkey"), **{"as": "seller"}), join("nation", "inner", ("c_nationkey", "n_nationkey"), **{"as": "buyer"}),
            where(group("or", group("and", is_("n_name", "=", value="FRANCE"), is_("buyer.n_name", "=", value="GERMANY")), group("and", is_("n_name", "=", value="GERMANY"), is_("buyer.n_name", "=", value="FRANCE")))),
            by("n_name", "buyer.n_name", "l_shipdate:year", n="count"), sort("n_name", "l_shipdate_year"),
        ],
        "SELECT a.n_name, b.n_name, date_trunc('year', l_shipdate)::DATE, count(*) FROM lineitem JOIN supplier ON l_suppkey = s_suppkey JOIN orders ON l_orderkey = o_orderkey JOIN customer ON o_custkey = c_custkey JOIN nation a ON s_nationkey = a.n_nationkey JOIN nation b ON c_nationkey = b.n_nationkey WHERE (a.n_name, b.n_name) IN (('FRANCE', 'GERMANY'), ('GERMANY', 'FRANCE')) GROUP BY 1, 2, 3 ORDER BY 1, 3"),
    "parts nobody supplies from here, negated as a whole": (
        "part", [join("partsupp", "left", ("p_partkey", "ps_partkey")), {"type": "filter", "where": group("and", is_("ps_availqty", ">", value=100), is_("p_size", "in", values=[1, 2, 3]), negate=True)}, by("p_size", n="count", cost="max:ps_supplycost"), sort("p_size")],
        "SELECT p_size, count(*), max(ps_supplycost) FROM part LEFT JOIN partsupp ON p_partkey = ps_partkey WHERE NOT coalesce(ps_availqty > 100 AND p_size IN (1, 2, 3), false) GROUP BY 1 ORDER BY 1"),
}  # fmt: skip


IN_BUCKETS = [
    (unit, op, value)
    for unit, values in {"week": ("1995-03-06", "1995-03-08"), "month": ("1995-03-01", "1995-03-15"), "quarter": ("1995-04-01", "1995-06-30"), "year": ("1995-01-01", "1995-12-31")}.items()
    for op in ("=", "!=", "<", "<=", ">", ">=")
    for value in values
]  # fmt: skip


@pytest.mark.parametrize(("unit", "op", "value"), IN_BUCKETS)
def test_a_group_of_days_is_compared_by_its_first_day(worlds, unit, op, value):
    column, name = "o_orderdate", f"o_orderdate_{unit}"
    steps = [by(f"{column}:{unit}", n="count"), where(is_(name, op, value=value)), sort(name)]
    said = f"date_trunc('{unit}', {column})::DATE"
    sql = f"SELECT {said}, count(*) FROM orders GROUP BY 1 HAVING {said} {op} DATE '{value}' ORDER BY 1"
    agree(worlds[0]["tpch"], worlds[1]["tpch"], "orders", steps, sql)


@pytest.mark.parametrize("name", IN_SHOP)
def test_the_shop_answers_as_plain_sql_does(shop, name):
    table, steps, sql, *vintage = IN_SHOP[name]
    agree(*shop, table, steps, sql, **({"vintage": vintage[0]} if vintage else {}))


@pytest.mark.parametrize("name", IN_FLIGHTS)
def test_flights_answer_as_plain_sql_does(worlds, name):
    agree(worlds[0]["flights"], worlds[1]["flights"], *IN_FLIGHTS[name])


@pytest.mark.parametrize("name", IN_TPCH)
def test_orders_answer_as_plain_sql_does(worlds, name):
    agree(worlds[0]["tpch"], worlds[1]["tpch"], *IN_TPCH[name])
