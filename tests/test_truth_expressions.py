# ruff: noqa: E501 - a document and its SQL stand on a line each
"""Each function of an expression on each type it takes, against SQL by hand."""

from __future__ import annotations

import pytest

# {expression} :: SQL
ASKED = r"""
{"fn":"add","args":[{"column":"n"},{"column":"m"}]} :: n::BIGINT + m
{"fn":"subtract","args":[{"column":"n"},{"column":"m"}]} :: n::BIGINT - m
{"fn":"multiply","args":[{"column":"n"},{"column":"n"}]} :: n::BIGINT * n
{"fn":"multiply","args":[{"column":"d"},{"column":"d"}]} :: d::DECIMAL(19,4) * d::DECIMAL(19,4)
{"fn":"multiply","args":[{"column":"n"},{"value":0.1}]} :: n * 0.1
{"fn":"add","args":[{"column":"d"},{"column":"n"}]} :: d::DECIMAL(38,4) + n
{"fn":"add","args":[{"column":"x"},{"column":"d"}]} :: x + d::DOUBLE
{"fn":"divide","args":[{"column":"n"},{"column":"m"}]} :: CASE WHEN m = 0 THEN NULL ELSE n::DOUBLE / m END
{"fn":"divide","args":[{"column":"n"},{"value":2}]} :: n / 2.0::DOUBLE
{"fn":"divide","args":[{"column":"x"},{"column":"y"}]} :: CASE WHEN y = 0 THEN NULL ELSE x / y END
{"fn":"divide","args":[{"column":"n"},{"value":0}]} :: NULL
{"fn":"modulo","args":[{"column":"n"},{"column":"m"}]} :: CASE WHEN m = 0 THEN NULL ELSE n % m END
{"fn":"modulo","args":[{"column":"n"},{"value":3}]} :: n % 3
{"fn":"modulo","args":[{"column":"n"},{"value":-3}]} :: n % -3
{"fn":"modulo","args":[{"column":"d"},{"value":2}]} :: d % 2
{"fn":"negate","args":[{"column":"n"}]} :: -(n::BIGINT)
{"fn":"abs","args":[{"column":"n"}]} :: abs(n::BIGINT)
{"fn":"abs","args":[{"column":"d"}]} :: abs(d)
{"fn":"round","args":[{"column":"w"}]} :: CASE id WHEN 1 THEN '1234567890123456789012345678' WHEN 2 THEN '0' WHEN 3 THEN '3' WHEN 5 THEN '0' WHEN 6 THEN '1' WHEN 7 THEN '-1' WHEN 8 THEN '12' WHEN 9 THEN '2' WHEN 10 THEN '0' WHEN 11 THEN '-2' END
{"fn":"round","args":[{"column":"d"},{"value":2}]} :: round(d, 2)
{"fn":"round","args":[{"column":"x"}]} :: CASE id WHEN 9 THEN 2 WHEN 11 THEN 1 WHEN 6 THEN 3 WHEN 7 THEN -3 ELSE round(x) END
{"fn":"round","args":[{"column":"n"},{"value":-1}]} :: CASE id WHEN 1 THEN 10 WHEN 2 THEN -10 WHEN 3 THEN 10 WHEN 5 THEN 0 WHEN 6 THEN 2147483650 WHEN 7 THEN -2147483650 WHEN 8 THEN 10 WHEN 9 THEN -10 WHEN 10 THEN 10 WHEN 11 THEN 10 END
{"fn":"floor","args":[{"column":"x"}]} :: floor(x)
{"fn":"ceil","args":[{"column":"x"}]} :: ceil(x)
{"fn":"floor","args":[{"column":"d"}]} :: floor(d)
{"fn":"ceil","args":[{"column":"d"}]} :: ceil(d)
{"fn":"concat","args":[{"column":"t"},{"value":"-"},{"column":"s"}]} :: coalesce(t, '') || '-' || coalesce(s, '')
{"fn":"concat","args":[{"column":"t"}]} :: coalesce(t, '')
{"fn":"upper","args":[{"column":"t"}]} :: upper(t)
{"fn":"lower","args":[{"column":"t"}]} :: lower(t)
{"fn":"trim","args":[{"column":"t"}]} :: trim(t)
{"fn":"length","args":[{"column":"t"}]} :: length(t)
{"fn":"substring","args":[{"column":"t"},{"value":2},{"value":3}]} :: t[2:4]
{"fn":"substring","args":[{"column":"t"},{"value":1},{"value":1}]} :: t[1:1]
{"fn":"substring","args":[{"column":"t"},{"value":3},{"value":0}]} :: CASE WHEN t IS NOT NULL THEN '' END
{"fn":"replace","args":[{"column":"t"},{"value":"a"},{"value":""}]} :: replace(t, 'a', '')
{"fn":"replace","args":[{"column":"t"},{"value":"%"},{"value":"''"}]} :: replace(t, '%', '''''')
{"fn":"year","args":[{"column":"day"}]} :: year(day)
{"fn":"quarter","args":[{"column":"day"}]} :: quarter(day)
{"fn":"month","args":[{"column":"ts"}]} :: month(ts)
{"fn":"day","args":[{"column":"tz"}]} :: day(tz)
{"fn":"month","args":[{"column":"tz"}]} :: month(tz)
{"fn":"hour","args":[{"column":"tz"}]} :: hour(tz)
{"fn":"hour","args":[{"column":"ts"}]} :: hour(ts)
{"fn":"weekday","args":[{"column":"day"}]} :: isodow(day)
{"fn":"weekday","args":[{"column":"tz"}]} :: isodow(tz)
{"fn":"truncate","args":[{"value":"week"},{"column":"day"}]} :: date_trunc('week', day)::DATE
{"fn":"truncate","args":[{"value":"quarter"},{"column":"ts"}]} :: date_trunc('quarter', ts)
{"fn":"truncate","args":[{"value":"month"},{"column":"tz"}]} :: date_trunc('month', tz)
{"fn":"truncate","args":[{"value":"week"},{"column":"tz"}]} :: date_trunc('week', tz)
{"fn":"truncate","args":[{"value":"hour"},{"column":"tz"}]} :: CASE id WHEN 7 THEN TIMESTAMPTZ '2024-11-03 01:00:00-04' ELSE date_trunc('hour', tz) END
{"fn":"truncate","args":[{"value":"day"},{"column":"tz"}]} :: date_trunc('day', tz)
{"fn":"date_add","args":[{"value":"month"},{"value":1},{"column":"day"}]} :: (day + INTERVAL 1 MONTH)::DATE
{"fn":"date_add","args":[{"value":"month"},{"value":-1},{"column":"day"}]} :: (day - INTERVAL 1 MONTH)::DATE
{"fn":"date_add","args":[{"value":"year"},{"value":1},{"column":"day"}]} :: (day + INTERVAL 1 YEAR)::DATE
{"fn":"date_add","args":[{"value":"quarter"},{"value":-1},{"column":"ts"}]} :: ts - INTERVAL 3 MONTH
{"fn":"date_add","args":[{"value":"week"},{"value":2},{"column":"day"}]} :: (day + INTERVAL 14 DAY)::DATE
{"fn":"date_add","args":[{"value":"day"},{"value":1},{"column":"tz"}]} :: tz + INTERVAL 1 DAY
{"fn":"date_add","args":[{"value":"hour"},{"value":-25},{"column":"ts"}]} :: ts - INTERVAL 25 HOUR
{"fn":"date_diff","args":[{"value":"year"},{"value":"2023-12-31"},{"column":"day"}]} :: year(day) - 2023
{"fn":"date_diff","args":[{"value":"month"},{"column":"day"},{"value":"2024-02-01"}]} :: (2024 - year(day)) * 12 + 2 - month(day)
{"fn":"date_diff","args":[{"value":"week"},{"value":"2023-12-31"},{"column":"day"}]} :: (date_trunc('week', day)::DATE - DATE '2023-12-25') // 7
{"fn":"date_diff","args":[{"value":"quarter"},{"column":"ts"},{"value":"2024-04-01"}]} :: (2024 - year(ts)) * 4 + 2 - quarter(ts)
{"fn":"date_diff","args":[{"value":"day"},{"column":"ts"},{"column":"tz"}]} :: (tz::TIMESTAMP)::DATE - ts::DATE
{"fn":"date_diff","args":[{"value":"day"},{"column":"day"},{"column":"ts"}]} :: ts::DATE - day
{"fn":"null_if","args":[{"column":"n"},{"column":"m"}]} :: nullif(n, m)
{"fn":"null_if","args":[{"column":"t"},{"value":""}]} :: nullif(t, '')
{"fn":"null_if","args":[{"column":"x"},{"column":"y"}]} :: CASE WHEN x = y THEN NULL ELSE x END
{"fn":"coalesce","args":[{"column":"n"},{"column":"m"}]} :: coalesce(n, m)
{"fn":"coalesce","args":[{"column":"n"},{"column":"d"},{"value":0}]} :: coalesce(n::DECIMAL(18,4), d, 0)
{"fn":"coalesce","args":[{"column":"day"},{"value":"2000-01-01"}]} :: coalesce(day, DATE '2000-01-01')
{"fn":"to_text","args":[{"column":"n"}]} :: n::VARCHAR
{"fn":"to_text","args":[{"column":"d"}]} :: d::VARCHAR
{"fn":"to_text","args":[{"column":"day"}]} :: day::VARCHAR
{"fn":"to_text","args":[{"column":"b"}]} :: b::VARCHAR
{"fn":"to_text","args":[{"column":"huge"}]} :: huge::VARCHAR
{"fn":"to_number","args":[{"column":"t"}]} :: CASE WHEN t = '12' THEN 12 END
{"fn":"to_number","args":[{"value":"12,5"}]} :: NULL
{"fn":"to_date","args":[{"value":"2024-02-30"}]} :: NULL
{"fn":"to_date","args":[{"value":"2024-02-29"}]} :: DATE '2024-02-29'
{"fn":"to_date","args":[{"column":"t"}]} :: NULL
{"case":[{"when":{"type":"condition","column":"n","op":">","value":5},"then":{"value":"more"}},{"when":{"type":"condition","column":"n","op":"!=","value":5},"then":{"value":"other"}}]} :: CASE WHEN n > 5 THEN 'more' WHEN n <> 5 OR n IS NULL THEN 'other' END
{"case":[{"when":{"type":"condition","column":"b","op":"is true"},"then":{"column":"n"}}],"else":{"column":"d"}} :: CASE WHEN b THEN n::DECIMAL(18,4) ELSE d END
{"fn":"add","args":[{"fn":"divide","args":[{"column":"n"},{"column":"m"}]},{"value":1}]} :: CASE WHEN m = 0 THEN NULL ELSE n::DOUBLE / m END + 1
{"value":"it's; -- \"x\""} :: 'it''s; -- "x"'
{"value":12345678901234567890} :: 12345678901234567890
{"value":0.10} :: 0.10
{"value":true} :: true
{"fn":"date_add","args":[{"value":"hour"},{"value":1},{"column":"tz"}]} :: tz + INTERVAL 1 HOUR
{"fn":"date_diff","args":[{"value":"hour"},{"value":"2024-03-10T00:00:00"},{"column":"tz"}]} :: CASE id WHEN 5 THEN 1 WHEN 6 THEN 2 WHEN 7 THEN 5712 WHEN 8 THEN 5713 ELSE (epoch(date_trunc('hour', tz)) - epoch(TIMESTAMPTZ '2024-03-10 00:00:00-05'))::BIGINT // 3600 END
{"fn":"to_number","args":[{"value":" 12.50 "}]} :: 12.5
{"fn":"to_number","args":[{"value":"NaN"}]} :: NULL
{"fn":"substring","args":[{"column":"t"},{"value":0},{"value":2}]} :: t[1:1]
{"fn":"multiply","args":[{"fn":"multiply","args":[{"column":"d"},{"column":"d"}]},{"value":0}]} :: 0 * d
{"fn":"subtract","args":[{"column":"d"},{"fn":"multiply","args":[{"column":"n"},{"value":1.00000001}]}]} :: d::DECIMAL(38,8) - n * 1.00000001
"""
EXPRESSIONS = [line.split(" :: ") for line in ASKED.strip().splitlines()]


@pytest.mark.parametrize(("expression", "sql"), EXPRESSIONS)
def test_an_expression_is_what_its_words_say(world, expression, sql):
    derive = f'{{"type": "derive", "column": "made", "expression": {expression}}}'
    steps = f'[{derive}, {{"type": "sort", "by": [{{"column": "id"}}]}}, {{"type": "select", "columns": ["id", "made"]}}]'
    got = world.ask(f'{{"version": 1, "table": "mess", "steps": {steps}}}')
    assert got == world.sql(f"SELECT id, {sql} FROM mess ORDER BY id")
