SELECT
  "t0"."sale_id",
  "t0"."rep_id",
  "t0"."region",
  "t0"."product",
  "t0"."revenue",
  "t0"."cost",
  "t0"."units",
  "t0"."ratio",
  "t0"."paid",
  "t0"."sale_date",
  "t0"."booked",
  "t0"."synced",
  "t0"."load_type",
  "t0"."load_id"
FROM "sales" AS "t0"
WHERE
  "t0"."load_type" = 'ACTUALS'
  AND "t0"."load_id" = 7
  AND "t0"."sale_date" >= CAST('2024-02-01' AS DATE)
  AND "t0"."sale_date" <= CAST('2024-04-30' AS DATE)
  AND "t0"."booked" >= CAST('2024-04-01 00:00:00' AS TIMESTAMP)
  AND "t0"."booked" < CAST('2024-07-01 00:00:00' AS TIMESTAMP)
  AND "t0"."synced" >= CAST('2024-05-05 22:00:00+00:00' AS TIMESTAMPTZ)
  AND "t0"."synced" < CAST('2024-05-12 22:00:00+00:00' AS TIMESTAMPTZ)

-- as it runs:
SELECT "t0"."sale_id", "t0"."rep_id", "t0"."region", "t0"."product", "t0"."revenue", "t0"."cost", "t0"."units", "t0"."ratio", "t0"."paid", "t0"."sale_date", "t0"."booked", "t0"."synced", "t0"."load_type", "t0"."load_id" FROM "sales" AS "t0" WHERE "t0"."load_type" = $p1 AND "t0"."load_id" = CAST($p2 AS INT) AND "t0"."sale_date" >= $p3 AND "t0"."sale_date" <= $p4 AND "t0"."booked" >= $p5 AND "t0"."booked" < $p6 AND "t0"."synced" >= $p7 AND "t0"."synced" < $p8 LIMIT $limit OFFSET $offset
-- p1 = 'ACTUALS'
-- p2 = 7
-- p3 = datetime.date(2024, 2, 1)
-- p4 = datetime.date(2024, 4, 30)
-- p5 = datetime.datetime(2024, 4, 1, 0, 0)
-- p6 = datetime.datetime(2024, 7, 1, 0, 0)
-- p7 = datetime.datetime(2024, 5, 5, 22, 0, tzinfo=datetime.timezone.utc)
-- p8 = datetime.datetime(2024, 5, 12, 22, 0, tzinfo=datetime.timezone.utc)
-- offset = 0
-- limit = 51
