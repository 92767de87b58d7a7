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
FROM (
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
      CONTAINS(LOWER(UPPER("t0"."region")), LOWER(UPPER('100%')))
      OR STARTS_WITH("t0"."region", 'a_')
      OR SUFFIX(LOWER(UPPER("t0"."product")), LOWER(UPPER('''')))
      OR NOT (
        CONTAINS(LOWER(UPPER("t0"."product")), LOWER(UPPER('x')))
      )
      OR "t0"."product" IS NULL
      OR LOWER(UPPER("t0"."product")) = LOWER(UPPER('straße'))
    )
) AS "t1"

-- as it runs:
SELECT "t1"."sale_id", "t1"."rep_id", "t1"."region", "t1"."product", "t1"."revenue", "t1"."cost", "t1"."units", "t1"."ratio", "t1"."paid", "t1"."sale_date", "t1"."booked", "t1"."synced", "t1"."load_type", "t1"."load_id" FROM (SELECT "t0"."sale_id", "t0"."rep_id", "t0"."region", "t0"."product", "t0"."revenue", "t0"."cost", "t0"."units", "t0"."ratio", "t0"."paid", "t0"."sale_date", "t0"."booked", "t0"."synced", "t0"."load_type", "t0"."load_id" FROM "sales" AS "t0" WHERE "t0"."load_type" = $p1 AND "t0"."load_id" = CAST($p2 AS INT) AND (CONTAINS(LOWER(UPPER("t0"."region")), LOWER(UPPER($p3))) OR STARTS_WITH("t0"."region", $p4) OR SUFFIX(LOWER(UPPER("t0"."product")), LOWER(UPPER($p5))) OR NOT (CONTAINS(LOWER(UPPER("t0"."product")), LOWER(UPPER($p6)))) OR "t0"."product" IS NULL OR LOWER(UPPER("t0"."product")) = LOWER(UPPER($p7)))) AS "t1" LIMIT $limit OFFSET $offset
-- p1 = 'ACTUALS'
-- p2 = 7
-- p3 = '100%'
-- p4 = 'a_'
-- p5 = "'"
-- p6 = 'x'
-- p7 = 'straße'
-- offset = 0
-- limit = 51
