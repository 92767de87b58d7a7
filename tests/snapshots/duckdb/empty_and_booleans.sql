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
  AND (
    "t0"."region" IS NULL OR "t0"."region" = ''
  )
  AND NOT (
    "t0"."revenue" IS NULL
  )
  AND NOT (
    COALESCE("t0"."paid" OR NOT (
      "t0"."paid"
    ), FALSE)
  )

-- as it runs:
SELECT "t0"."sale_id", "t0"."rep_id", "t0"."region", "t0"."product", "t0"."revenue", "t0"."cost", "t0"."units", "t0"."ratio", "t0"."paid", "t0"."sale_date", "t0"."booked", "t0"."synced", "t0"."load_type", "t0"."load_id" FROM "sales" AS "t0" WHERE "t0"."load_type" = $p1 AND "t0"."load_id" = CAST($p2 AS INT) AND ("t0"."region" IS NULL OR "t0"."region" = '') AND NOT ("t0"."revenue" IS NULL) AND NOT (COALESCE("t0"."paid" OR NOT ("t0"."paid"), FALSE)) LIMIT $limit OFFSET $offset
-- p1 = 'ACTUALS'
-- p2 = 7
-- offset = 0
-- limit = 51
