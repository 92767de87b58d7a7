SELECT
  "t2"."month",
  "t2"."due",
  "t2"."age",
  "t2"."weekday",
  "t2"."read",
  "t2"."number"
FROM (
  SELECT
    "t1"."product",
    "t1"."sale_date",
    "t1"."booked",
    "t1"."synced",
    "t1"."load_type",
    "t1"."load_id",
    TIMEZONE('Europe/Berlin', DATE_TRUNC('month', TIMEZONE('Europe/Berlin', "t1"."synced"))) AS "month",
    CAST(CAST("t1"."sale_date" AS TIMESTAMP) + TO_MONTHS(CAST(1 AS INT)) AS DATE) AS "due",
    DIVIDE(
      DATE_DIFF(
        'day',
        DATE_TRUNC('week', CAST("t1"."sale_date" AS TIMESTAMP)),
        DATE_TRUNC('week', "t1"."booked")
      ),
      7
    ) AS "age",
    ISODOW("t1"."booked") AS "weekday",
    CAST(TRY_CAST(CASE
      WHEN REGEXP_FULL_MATCH(TRIM("t1"."product"), '\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?)?')
      THEN TRIM("t1"."product")
      ELSE CAST(NULL AS TEXT)
    END AS TIMESTAMP) AS DATE) AS "read",
    TRY_CAST(CASE
      WHEN REGEXP_FULL_MATCH("t1"."product", '\s*[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d{1,4})?\s*')
      THEN "t1"."product"
      ELSE CAST(NULL AS TEXT)
    END AS DECIMAL(38, 10)) AS "number"
  FROM "sales" AS "t1"
  WHERE
    "t1"."load_type" = 'ACTUALS' AND "t1"."load_id" = 7
) AS "t2"

-- as it runs:
SELECT "t2"."month", "t2"."due", "t2"."age", "t2"."weekday", "t2"."read", "t2"."number" FROM (SELECT "t1"."product", "t1"."sale_date", "t1"."booked", "t1"."synced", "t1"."load_type", "t1"."load_id", TIMEZONE('Europe/Berlin', DATE_TRUNC('month', TIMEZONE('Europe/Berlin', "t1"."synced"))) AS "month", CAST(CAST("t1"."sale_date" AS TIMESTAMP) + TO_MONTHS(CAST(CAST($p3 AS BIGINT) AS INT)) AS DATE) AS "due", DIVIDE(DATE_DIFF('day', DATE_TRUNC('week', CAST("t1"."sale_date" AS TIMESTAMP)), DATE_TRUNC('week', "t1"."booked")), 7) AS "age", ISODOW("t1"."booked") AS "weekday", CAST(TRY_CAST(CASE WHEN REGEXP_FULL_MATCH(TRIM("t1"."product"), '\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?)?') THEN TRIM("t1"."product") ELSE CAST(NULL AS TEXT) END AS TIMESTAMP) AS DATE) AS "read", TRY_CAST(CASE WHEN REGEXP_FULL_MATCH("t1"."product", '\s*[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d{1,4})?\s*') THEN "t1"."product" ELSE CAST(NULL AS TEXT) END AS DECIMAL(38, 10)) AS "number" FROM "sales" AS "t1" WHERE "t1"."load_type" = $p1 AND "t1"."load_id" = CAST($p2 AS INT)) AS "t2" LIMIT $limit OFFSET $offset
-- p1 = 'ACTUALS'
-- p2 = 7
-- p3 = 1
-- offset = 0
-- limit = 51
