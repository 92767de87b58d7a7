SELECT
  "t1"."sale_id",
  "t1"."rep_id",
  "t1"."region",
  "t1"."product",
  "t1"."revenue",
  "t1"."cost",
  "t1"."units",
  "t1"."ratio",
  "t1"."paid",
  "t1"."sale_date",
  "t1"."booked",
  "t1"."synced",
  "t1"."load_type",
  "t1"."load_id"
FROM "sales" AS "t1"
WHERE
  "t1"."load_type" = 'ACTUALS'
  AND "t1"."load_id" = 7
  AND (
    CONTAINS(LOWER(UPPER("t1"."region")), LOWER(UPPER('100%')))
    OR STARTS_WITH("t1"."region", 'a_')
    OR SUFFIX(LOWER(UPPER("t1"."product")), LOWER(UPPER('''')))
    OR NOT (
      CONTAINS(LOWER(UPPER("t1"."product")), LOWER(UPPER('x')))
    )
    OR "t1"."product" IS NULL
    OR LOWER(UPPER("t1"."product")) = LOWER(UPPER('straße'))
  )

-- as it runs:
SELECT "t1"."sale_id", "t1"."rep_id", "t1"."region", "t1"."product", "t1"."revenue", "t1"."cost", "t1"."units", "t1"."ratio", "t1"."paid", "t1"."sale_date", "t1"."booked", "t1"."synced", "t1"."load_type", "t1"."load_id" FROM "sales" AS "t1" WHERE "t1"."load_type" = $p1 AND "t1"."load_id" = CAST($p2 AS INT) AND (CONTAINS(LOWER(UPPER("t1"."region")), LOWER(UPPER($p3))) OR STARTS_WITH("t1"."region", $p4) OR SUFFIX(LOWER(UPPER("t1"."product")), LOWER(UPPER($p5))) OR NOT (CONTAINS(LOWER(UPPER("t1"."product")), LOWER(UPPER($p6)))) OR "t1"."product" IS NULL OR LOWER(UPPER("t1"."product")) = LOWER(UPPER($p7))) LIMIT $limit OFFSET $offset
-- p1 = 'ACTUALS'
-- p2 = 7
-- p3 = '100%'
-- p4 = 'a_'
-- p5 = "'"
-- p6 = 'x'
-- p7 = 'straße'
-- offset = 0
-- limit = 51
