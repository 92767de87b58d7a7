# ruff: noqa: E501 - a document and its SQL stand on a line each
"""Each operator on each type, asked four ways, against SQL by hand.

A condition must keep the same rows alone and in a case, and a negated group around it the exact rest.
"""

from __future__ import annotations

import pytest

# {condition} :: SQL; as of 22:30 on 31 March 2024 in New York
ASKED = r"""
{"column":"n","op":"=","value":5} :: n = 5
{"column":"n","op":"=","value":"5"} :: n = 5
{"column":"n","op":"=","value":5.0} :: n = 5
{"column":"n","op":"!=","value":5} :: n <> 5 OR n IS NULL
{"column":"n","op":"<","value":99999999999} :: n IS NOT NULL
{"column":"n","op":">","value":99999999999} :: false
{"column":"n","op":"!=","value":99999999999} :: true
{"column":"n","op":"in","values":[5,99999999999999999999999999]} :: n = 5
{"column":"n","op":"<=","value":-7} :: n <= -7
{"column":"n","op":">=","value":7} :: n >= 7
{"column":"n","op":"between","low":-7,"high":5} :: n >= -7 AND n <= 5
{"column":"n","op":"between","low":5,"high":-7} :: false
{"column":"n","op":"not between","low":-7,"high":5} :: n < -7 OR n > 5 OR n IS NULL
{"column":"n","op":"not between","low":5,"high":-7} :: true
{"column":"n","op":"in","values":[]} :: false
{"column":"n","op":"not in","values":[]} :: true
{"column":"n","op":"in","values":[5,"7"]} :: n IN (5, 7)
{"column":"n","op":"not in","values":[5,7]} :: n IS NULL OR n NOT IN (5, 7)
{"column":"n","op":"is empty"} :: n IS NULL
{"column":"n","op":"is not empty"} :: n IS NOT NULL
{"column":"n","op":"<","other":"m"} :: n < m
{"column":"n","op":"=","other":"m"} :: n = m
{"column":"n","op":"!=","other":"m"} :: n <> m OR n IS NULL OR m IS NULL
{"column":"n","op":">=","other":"x"} :: n::DOUBLE >= x
{"column":"big","op":"=","value":9007199254740993} :: big = 9007199254740993
{"column":"big","op":"=","value":"9007199254740993"} :: big = 9007199254740993
{"column":"big","op":">","value":9007199254740992} :: big > 9007199254740992
{"column":"big","op":"between","low":"9007199254740993","high":9223372036854775807} :: big >= 9007199254740993
{"column":"big","op":"in","values":[9007199254740992,"9223372036854775807"]} :: big IN (9007199254740992, 9223372036854775807)
{"column":"big","op":">","value":-9223372036854775809} :: big IS NOT NULL
{"column":"big","op":"=","value":-9223372036854775808} :: big = (-9223372036854775807 - 1)
{"column":"big","op":"=","other":"huge"} :: big::HUGEINT = huge
{"column":"x","op":"=","value":0.1} :: x = 0.1::DOUBLE
{"column":"x","op":"=","value":"0.1"} :: x = 0.1::DOUBLE
{"column":"x","op":"=","value":0} :: x = 0
{"column":"x","op":">","value":2.5} :: x > 2.5::DOUBLE
{"column":"x","op":">","value":1e308} :: id IN (1, 2)
{"column":"x","op":"<=","value":1e308} :: x <= 1e308
{"column":"x","op":"not between","low":-10,"high":10} :: id IN (1, 2, 3, 4)
{"column":"x","op":"=","other":"y"} :: id IN (1, 5, 8, 11)
{"column":"x","op":"!=","other":"y"} :: id NOT IN (1, 5, 8, 11)
{"column":"x","op":">","other":"y"} :: id IN (2, 6)
{"column":"x","op":"<=","other":"y"} :: id IN (1, 3, 5, 7, 8, 9, 11)
{"column":"x","op":"is empty"} :: x IS NULL
{"column":"f","op":"=","value":0.1} :: id IN (1, 2, 8)
{"column":"f","op":"in","values":[0.1,"1.5"]} :: id IN (1, 2, 8, 3, 9)
{"column":"f","op":"<","value":0.1} :: id = 5
{"column":"f","op":">=","value":0.1} :: f IS NOT NULL AND id <> 5
{"column":"d","op":"=","value":0.005} :: d = 0.0050
{"column":"d","op":"=","value":"0.00500000"} :: d = 0.0050
{"column":"d","op":"=","value":0.00501} :: false
{"column":"d","op":"!=","value":0.00501} :: true
{"column":"d","op":">","value":0.00501} :: d >= 0.0051
{"column":"d","op":"<","value":0.00509} :: d <= 0.0050
{"column":"d","op":"<=","value":0.00505} :: d <= 0.0050
{"column":"d","op":"between","low":0.00501,"high":0.00509} :: false
{"column":"d","op":"between","low":0.00499,"high":0.0050999} :: d = 0.0050
{"column":"d","op":"in","values":[0.005,0.00511,12]} :: d IN (0.0050, 12)
{"column":"d","op":"<","value":1e30} :: d IS NOT NULL
{"column":"d","op":">","value":-100000000000000} :: d IS NOT NULL
{"column":"d","op":"=","value":99999999999999.9999} :: id = 6
{"column":"d","op":"=","other":"n"} :: d = n::DECIMAL(18,4)
{"column":"d","op":"<","other":"w"} :: id IN (1, 3, 7, 9)
{"column":"w","op":"=","value":1234567890123456789012345678.0123456789} :: id = 1
{"column":"w","op":"=","value":"-0.0000000001"} :: id = 2
{"column":"n","op":">","value":2.5} :: n >= 3
{"column":"n","op":"=","value":2.5} :: false
{"column":"n","op":"between","low":4.5,"high":7.5} :: n IN (5, 6, 7)
{"column":"t","op":"=","value":"a"} :: t = 'a'
{"column":"t","op":"=","value":"a","case_sensitive":false} :: lower(t) = 'a'
{"column":"t","op":"!=","value":"a"} :: t <> 'a' OR t IS NULL
{"column":"t","op":"!=","value":"A","case_sensitive":false} :: lower(t) <> 'a' OR t IS NULL
{"column":"t","op":"contains","value":"A"} :: contains(lower(t), 'a')
{"column":"t","op":"contains","value":"A","case_sensitive":true} :: contains(t, 'A')
{"column":"t","op":"does not contain","value":"a"} :: t IS NULL OR NOT contains(lower(t), 'a')
{"column":"t","op":"contains","value":"%"} :: contains(t, '%')
{"column":"t","op":"contains","value":"_"} :: contains(t, '_')
{"column":"t","op":"contains","value":"\\"} :: contains(t, '\')
{"column":"t","op":"contains","value":"e\\F"} :: id = 11
{"column":"t","op":"contains","value":"'"} :: contains(t, '''')
{"column":"t","op":"contains","value":"éa"} :: id = 9
{"column":"t","op":"starts with","value":"O'h"} :: id = 7
{"column":"t","op":"starts with","value":"a_"} :: id = 6
{"column":"t","op":"starts with","value":"a%"} :: false
{"column":"t","op":"ends with","value":"OFF"} :: id = 5
{"column":"t","op":"ends with","value":"OFF","case_sensitive":true} :: false
{"column":"t","op":"ends with","value":"_b"} :: id = 6
{"column":"t","op":"in","values":["a","12"]} :: t IN ('a', '12')
{"column":"t","op":"in","values":["A","12"],"case_sensitive":false} :: lower(t) IN ('a', '12')
{"column":"t","op":"not in","values":["A","12"],"case_sensitive":false} :: t IS NULL OR lower(t) NOT IN ('a', '12')
{"column":"t","op":"not in","values":["A"]} :: t IS NULL OR t <> 'A'
{"column":"t","op":"is empty"} :: t IS NULL OR t = ''
{"column":"t","op":"is not empty"} :: t <> ''
{"column":"t","op":"=","other":"s"} :: t = s
{"column":"t","op":"=","other":"s","case_sensitive":false} :: lower(t) = lower(s)
{"column":"t","op":"contains","other":"s"} :: contains(lower(t), lower(s))
{"column":"t","op":"does not contain","other":"s"} :: t IS NULL OR s IS NULL OR NOT contains(lower(t), lower(s))
{"column":"t","op":"starts with","other":"s"} :: starts_with(lower(t), lower(s))
{"column":"t","op":"ends with","other":"s","case_sensitive":true} :: ends_with(t, s)
{"column":"t","op":"!=","other":"s"} :: t <> s OR t IS NULL OR s IS NULL
{"column":"b","op":"is true"} :: b IS TRUE
{"column":"b","op":"is false"} :: b IS FALSE
{"column":"b","op":"is empty"} :: b IS NULL
{"column":"b","op":"is not empty"} :: b IS NOT NULL
{"column":"day","op":"=","value":"2024-02-29"} :: day = DATE '2024-02-29'
{"column":"day","op":"!=","value":"2024-02-29"} :: day <> DATE '2024-02-29' OR day IS NULL
{"column":"day","op":"<","value":"2024-01-01"} :: day < DATE '2024-01-01'
{"column":"day","op":"between","low":"2024-01-01","high":"2024-03-31"} :: day >= DATE '2024-01-01' AND day <= DATE '2024-03-31'
{"column":"day","op":"not between","low":"2024-01-01","high":"2024-03-31"} :: day < DATE '2024-01-01' OR day > DATE '2024-03-31' OR day IS NULL
{"column":"day","op":"in","values":["1969-12-31","2024-12-30"]} :: day IN (DATE '1969-12-31', DATE '2024-12-30')
{"column":"day","op":"not in","values":["1969-12-31","2024-12-30"]} :: day IS NULL OR day NOT IN (DATE '1969-12-31', DATE '2024-12-30')
{"column":"day","op":"is empty"} :: day IS NULL
{"column":"ts","op":"=","value":"2023-12-31"} :: ts >= '2023-12-31' AND ts < '2024-01-01'
{"column":"ts","op":"!=","value":"2023-12-31"} :: ts IS NULL OR NOT (ts >= '2023-12-31' AND ts < '2024-01-01')
{"column":"ts","op":"=","value":"2024-01-01T00:00:00"} :: ts = '2024-01-01'
{"column":"ts","op":"=","value":"2023-12-31T23:59:59.999999"} :: id = 1
{"column":"ts","op":"in","values":["2023-12-31","2024-01-31"]} :: id IN (1, 8)
{"column":"ts","op":"not in","values":["2023-12-31","2024-01-31"]} :: id NOT IN (1, 8)
{"column":"ts","op":"in","values":["2023-12-31","2024-01-31T23:59:59"]} :: id IN (1, 8)
{"column":"ts","op":"between","low":"2024-01-01","high":"2024-01-31"} :: id IN (2, 8)
{"column":"ts","op":"between","low":"2023-12-31","high":"2023-12-31"} :: id = 1
{"column":"ts","op":"between","low":"2023-12-31T12:00:00","high":"2024-01-01T00:00:00"} :: id IN (1, 2)
{"column":"ts","op":"not between","low":"2024-01-01","high":"2024-01-31"} :: id NOT IN (2, 8)
{"column":"ts","op":"<=","value":"2023-12-31"} :: ts < '2024-01-01'
{"column":"ts","op":"<","value":"2023-12-31"} :: ts < '2023-12-31'
{"column":"ts","op":">","value":"2023-12-31"} :: ts >= '2024-01-01'
{"column":"ts","op":">=","value":"2023-12-31"} :: ts >= '2023-12-31'
{"column":"tz","op":"=","value":"2023-12-31"} :: id = 1
{"column":"tz","op":"=","value":"2024-01-01"} :: id = 2
{"column":"tz","op":"=","value":"2024-03-10"} :: id IN (5, 6)
{"column":"tz","op":"=","value":"2024-11-03"} :: id IN (7, 8)
{"column":"tz","op":"between","low":"2024-02-01","high":"2024-02-29"} :: id = 3
{"column":"tz","op":"=","value":"2024-01-01T05:00:00Z"} :: id = 2
{"column":"tz","op":"=","value":"2024-01-01T00:00:00-05:00"} :: id = 2
{"column":"tz","op":"=","value":"2024-01-01T00:00:00"} :: id = 2
{"column":"tz","op":">","value":"2024-11-03T05:30:00Z"} :: id = 8
{"column":"tz","op":"=","other":"ts"} :: tz = ts::TIMESTAMPTZ
{"column":"day","op":"in the last","count":1,"unit":"day"} :: day = '2024-03-30'
{"column":"day","op":"in the last","count":1,"unit":"day","include_current":true} :: day >= '2024-03-30' AND day <= '2024-03-31'
{"column":"day","op":"in the last","count":3,"unit":"month"} :: day >= '2023-12-01' AND day < '2024-03-01'
{"column":"day","op":"in the last","count":3,"unit":"month","include_current":true} :: day >= '2023-12-01' AND day < '2024-04-01'
{"column":"day","op":"in the next","count":1,"unit":"month"} :: day >= '2024-04-01' AND day < '2024-05-01'
{"column":"day","op":"in the next","count":1,"unit":"quarter","include_current":true} :: day >= '2024-01-01' AND day < '2024-07-01'
{"column":"day","op":"in the next","count":1,"unit":"week"} :: day >= '2024-04-01' AND day < '2024-04-08'
{"column":"day","op":"this","unit":"week"} :: day >= '2024-03-25' AND day < '2024-04-01'
{"column":"day","op":"this","unit":"quarter"} :: day >= '2024-01-01' AND day < '2024-04-01'
{"column":"day","op":"previous","unit":"quarter"} :: day >= '2023-10-01' AND day < '2024-01-01'
{"column":"day","op":"previous","unit":"year"} :: year(day) = 2023
{"column":"day","op":"this","unit":"year"} :: year(day) = 2024
{"column":"day","op":"in the last","count":4,"unit":"year"} :: year(day) BETWEEN 2020 AND 2023
{"column":"ts","op":"this","unit":"day"} :: id = 9
{"column":"ts","op":"previous","unit":"month"} :: id = 3
{"column":"ts","op":"in the last","count":1,"unit":"year"} :: id = 1
{"column":"tz","op":"this","unit":"day"} :: id = 9
{"column":"tz","op":"this","unit":"month"} :: id IN (5, 6, 9)
{"column":"tz","op":"in the next","count":1,"unit":"day"} :: id = 10
{"column":"tz","op":"in the last","count":2,"unit":"month"} :: id IN (2, 3)
{"column":"tz","op":"previous","unit":"year"} :: id = 1
"""
CONDITIONS = [line.split(" :: ") for line in ASKED.strip().splitlines()]
EVERY_ROW = set(range(1, 12))


def ask(world, steps):
    return world.ask(
        f'{{"version": 1, "table": "mess", "as_of": "2024-04-01T02:30:00Z", "steps": [{steps}]}}'
    )


def kept(world, tree):
    filtered = f'{{"type": "filter", "where": {tree}}}, {{"type": "select", "columns": ["id"]}}'
    return {row[0] for row in ask(world, filtered)}


def case(name, tree):
    cases = f'{{"case": [{{"when": {tree}, "then": {{"value": true}}}}], "else": {{"value": false}}}}'
    return f'{{"type": "derive", "column": "{name}", "expression": {cases}}}'


@pytest.mark.parametrize(("condition", "sql"), CONDITIONS)
def test_a_condition_keeps_what_its_words_say_and_its_negation_the_rest(world, condition, sql):
    tree = f'{{"type": "condition", {condition[1:]}'
    negated = f'{{"type": "group", "op": "and", "negate": true, "children": [{tree}]}}'
    wanted = {row[0] for row in world.sql(f"SELECT id FROM mess WHERE {sql}")}
    assert kept(world, tree) == wanted
    assert kept(world, negated) == EVERY_ROW - wanted
    shown = '{"type": "select", "columns": ["id", "hit", "miss"]}'
    cases = ask(world, f"{case('hit', tree)}, {case('miss', negated)}, {shown}")
    assert sorted(cases) == [(row, row in wanted, row not in wanted) for row in sorted(EVERY_ROW)]
