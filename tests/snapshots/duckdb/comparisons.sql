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
  AND "t0"."units" >= 3
  AND "t0"."revenue" <= 12.50
  AND (
    "t0"."region" <> 'Nord' OR "t0"."region" IS NULL
  )
  AND "t0"."sale_date" >= CAST('2024-01-01' AS DATE)
  AND "t0"."sale_date" <= CAST('2024-12-31' AS DATE)
  AND (
    NOT (
      "t0"."units" >= 5 AND "t0"."units" <= 7
    ) OR "t0"."units" IS NULL
  )
  AND "t0"."ratio" = CAST('nan' AS DOUBLE)

-- as it runs:
SELECT "t0"."sale_id", "t0"."rep_id", "t0"."region", "t0"."product", "t0"."revenue", "t0"."cost", "t0"."units", "t0"."ratio", "t0"."paid", "t0"."sale_date", "t0"."booked", "t0"."synced", "t0"."load_type", "t0"."load_id" FROM "sales" AS "t0" WHERE "t0"."load_type" = $p1 AND "t0"."load_id" = CAST($p2 AS INT) AND "t0"."units" >= CAST($p3 AS INT) AND "t0"."revenue" <= CAST($p4 AS DECIMAL(12, 2)) AND ("t0"."region" <> $p5 OR "t0"."region" IS NULL) AND "t0"."sale_date" >= $p6 AND "t0"."sale_date" <= $p7 AND (NOT ("t0"."units" >= CAST($p8 AS INT) AND "t0"."units" <= CAST($p9 AS INT)) OR "t0"."units" IS NULL) AND "t0"."ratio" = $p10 LIMIT $limit OFFSET $offset
-- p1 = 'ACTUALS'
-- p2 = 7
-- p3 = 3
-- p4 = Decimal('12.50')
-- p5 = 'Nord'
-- p6 = datetime.date(2024, 1, 1)
-- p7 = datetime.date(2024, 12, 31)
-- p8 = 5
-- p9 = 7
-- p10 = nan
-- offset = 0
-- limit = 51
