SELECT
  "t3"."sale_id",
  "t3"."share",
  "t3"."rest",
  "t3"."rounded",
  "t3"."tens",
  "t3"."wide"
FROM (
  SELECT
    "t2"."sale_id",
    "t2"."revenue",
    "t2"."cost",
    "t2"."units",
    "t2"."load_type",
    "t2"."load_id",
    "t2"."margin",
    CAST("t2"."margin" AS DOUBLE) / NULLIF(CAST("t2"."revenue" AS DOUBLE), 0) AS "share",
    MOD(CAST("t2"."units" AS BIGINT), NULLIF(7, 0)) AS "rest",
    CAST(ROUND(CAST("t2"."margin" AS DECIMAL(14, 2)), -2) AS DECIMAL(14, 2)) AS "rounded",
    CAST((
      CAST("t2"."units" AS BIGINT) - MOD(CAST("t2"."units" AS BIGINT), 10)
    ) + CASE
      WHEN MOD(CAST("t2"."units" AS BIGINT), 10) >= 5
      THEN 10
      WHEN MOD(CAST("t2"."units" AS BIGINT), 10) <= -(
        5
      )
      THEN -(
        10
      )
      ELSE 0
    END AS BIGINT) AS "tens",
    CAST("t2"."revenue" * 1.075 AS DECIMAL(16, 5)) AS "wide"
  FROM (
    SELECT
      "t1"."sale_id",
      "t1"."revenue",
      "t1"."cost",
      "t1"."units",
      "t1"."load_type",
      "t1"."load_id",
      CAST("t1"."revenue" - "t1"."cost" AS DECIMAL(13, 2)) AS "margin"
    FROM "sales" AS "t1"
    WHERE
      "t1"."load_type" = 'ACTUALS' AND "t1"."load_id" = 7
  ) AS "t2"
) AS "t3"

-- as it runs:
SELECT "t3"."sale_id", "t3"."share", "t3"."rest", "t3"."rounded", "t3"."tens", "t3"."wide" FROM (SELECT "t2"."sale_id", "t2"."revenue", "t2"."cost", "t2"."units", "t2"."load_type", "t2"."load_id", "t2"."margin", CAST("t2"."margin" AS DOUBLE) / NULLIF(CAST("t2"."revenue" AS DOUBLE), 0) AS "share", MOD(CAST("t2"."units" AS BIGINT), NULLIF(CAST($p3 AS BIGINT), 0)) AS "rest", CAST(ROUND(CAST("t2"."margin" AS DECIMAL(14, 2)), -2) AS DECIMAL(14, 2)) AS "rounded", CAST((CAST("t2"."units" AS BIGINT) - MOD(CAST("t2"."units" AS BIGINT), 10)) + CASE WHEN MOD(CAST("t2"."units" AS BIGINT), 10) >= 5 THEN 10 WHEN MOD(CAST("t2"."units" AS BIGINT), 10) <= -(5) THEN -(10) ELSE 0 END AS BIGINT) AS "tens", CAST("t2"."revenue" * CAST($p4 AS DECIMAL(4, 3)) AS DECIMAL(16, 5)) AS "wide" FROM (SELECT "t1"."sale_id", "t1"."revenue", "t1"."cost", "t1"."units", "t1"."load_type", "t1"."load_id", CAST("t1"."revenue" - "t1"."cost" AS DECIMAL(13, 2)) AS "margin" FROM "sales" AS "t1" WHERE "t1"."load_type" = $p1 AND "t1"."load_id" = CAST($p2 AS INT)) AS "t2") AS "t3" LIMIT $limit OFFSET $offset
-- p1 = 'ACTUALS'
-- p2 = 7
-- p3 = 7
-- p4 = Decimal('1.075')
-- offset = 0
-- limit = 51
