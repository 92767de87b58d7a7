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
  AND "t0"."booked" >= CAST('2024-02-29 00:00:00' AS TIMESTAMP)
  AND "t0"."booked" < CAST('2024-03-01 00:00:00' AS TIMESTAMP)
  AND "t0"."synced" < CAST('2024-03-31 22:00:00+00:00' AS TIMESTAMPTZ)
  AND NOT (
    COALESCE(
      "t0"."booked" IN (CAST('2024-01-02 10:00:00' AS TIMESTAMP))
      OR (
        "t0"."booked" >= CAST('2024-01-01 00:00:00' AS TIMESTAMP)
        AND "t0"."booked" < CAST('2024-01-02 00:00:00' AS TIMESTAMP)
      ),
      FALSE
    )
  )

-- as it runs:
SELECT "t0"."sale_id", "t0"."rep_id", "t0"."region", "t0"."product", "t0"."revenue", "t0"."cost", "t0"."units", "t0"."ratio", "t0"."paid", "t0"."sale_date", "t0"."booked", "t0"."synced", "t0"."load_type", "t0"."load_id" FROM "sales" AS "t0" WHERE "t0"."load_type" = $p1 AND "t0"."load_id" = CAST($p2 AS INT) AND "t0"."booked" >= $p3 AND "t0"."booked" < $p4 AND "t0"."synced" < $p5 AND NOT (COALESCE("t0"."booked" IN ($p6) OR ("t0"."booked" >= $p7 AND "t0"."booked" < $p8), FALSE)) LIMIT $limit OFFSET $offset
-- p1 = 'ACTUALS'
-- p2 = 7
-- p3 = datetime.datetime(2024, 2, 29, 0, 0)
-- p4 = datetime.datetime(2024, 3, 1, 0, 0)
-- p5 = datetime.datetime(2024, 3, 31, 22, 0, tzinfo=datetime.timezone.utc)
-- p6 = datetime.datetime(2024, 1, 2, 10, 0)
-- p7 = datetime.datetime(2024, 1, 1, 0, 0)
-- p8 = datetime.datetime(2024, 1, 2, 0, 0)
-- offset = 0
-- limit = 51
