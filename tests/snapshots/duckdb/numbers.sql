SELECT
  "t7"."sale_id",
  "t7"."share",
  "t7"."rest",
  "t7"."rounded",
  "t7"."tens",
  "t7"."wide"
FROM (
  SELECT
    "t6"."sale_id",
    "t6"."revenue",
    "t6"."cost",
    "t6"."units",
    "t6"."load_type",
    "t6"."load_id",
    "t6"."margin",
    "t6"."share",
    "t6"."rest",
    "t6"."rounded",
    "t6"."tens",
    CAST("t6"."revenue" * 1.075 AS DECIMAL(16, 5)) AS "wide"
  FROM (
    SELECT
      "t5"."sale_id",
      "t5"."revenue",
      "t5"."cost",
      "t5"."units",
      "t5"."load_type",
      "t5"."load_id",
      "t5"."margin",
      "t5"."share",
      "t5"."rest",
      "t5"."rounded",
      CAST((
        CAST("t5"."units" AS BIGINT) - MOD(CAST("t5"."units" AS BIGINT), 10)
      ) + CASE
        WHEN MOD(CAST("t5"."units" AS BIGINT), 10) >= 5
        THEN 10
        WHEN MOD(CAST("t5"."units" AS BIGINT), 10) <= -(
          5
        )
        THEN -(
          10
        )
        ELSE 0
      END AS BIGINT) AS "tens"
    FROM (
      SELECT
        "t4"."sale_id",
        "t4"."revenue",
        "t4"."cost",
        "t4"."units",
        "t4"."load_type",
        "t4"."load_id",
        "t4"."margin",
        "t4"."share",
        "t4"."rest",
        CAST(ROUND(CAST("t4"."margin" AS DECIMAL(14, 2)), -2) AS DECIMAL(14, 2)) AS "rounded"
      FROM (
        SELECT
          "t3"."sale_id",
          "t3"."revenue",
          "t3"."cost",
          "t3"."units",
          "t3"."load_type",
          "t3"."load_id",
          "t3"."margin",
          "t3"."share",
          MOD(CAST("t3"."units" AS BIGINT), NULLIF(7, 0)) AS "rest"
        FROM (
          SELECT
            "t2"."sale_id",
            "t2"."revenue",
            "t2"."cost",
            "t2"."units",
            "t2"."load_type",
            "t2"."load_id",
            "t2"."margin",
            CAST("t2"."margin" AS DOUBLE) / NULLIF(CAST("t2"."revenue" AS DOUBLE), 0) AS "share"
          FROM (
            SELECT
              "t1"."sale_id",
              "t1"."revenue",
              "t1"."cost",
              "t1"."units",
              "t1"."load_type",
              "t1"."load_id",
              CAST("t1"."revenue" - "t1"."cost" AS DECIMAL(13, 2)) AS "margin"
            FROM (
              SELECT
                "t0"."sale_id",
                "t0"."revenue",
                "t0"."cost",
                "t0"."units",
                "t0"."load_type",
                "t0"."load_id"
              FROM "sales" AS "t0"
              WHERE
                "t0"."load_type" = 'ACTUALS' AND "t0"."load_id" = 7
            ) AS "t1"
          ) AS "t2"
        ) AS "t3"
      ) AS "t4"
    ) AS "t5"
  ) AS "t6"
) AS "t7"

-- as it runs:
SELECT "t7"."sale_id", "t7"."share", "t7"."rest", "t7"."rounded", "t7"."tens", "t7"."wide" FROM (SELECT "t6"."sale_id", "t6"."revenue", "t6"."cost", "t6"."units", "t6"."load_type", "t6"."load_id", "t6"."margin", "t6"."share", "t6"."rest", "t6"."rounded", "t6"."tens", CAST("t6"."revenue" * CAST($p4 AS DECIMAL(4, 3)) AS DECIMAL(16, 5)) AS "wide" FROM (SELECT "t5"."sale_id", "t5"."revenue", "t5"."cost", "t5"."units", "t5"."load_type", "t5"."load_id", "t5"."margin", "t5"."share", "t5"."rest", "t5"."rounded", CAST((CAST("t5"."units" AS BIGINT) - MOD(CAST("t5"."units" AS BIGINT), 10)) + CASE WHEN MOD(CAST("t5"."units" AS BIGINT), 10) >= 5 THEN 10 WHEN MOD(CAST("t5"."units" AS BIGINT), 10) <= -(5) THEN -(10) ELSE 0 END AS BIGINT) AS "tens" FROM (SELECT "t4"."sale_id", "t4"."revenue", "t4"."cost", "t4"."units", "t4"."load_type", "t4"."load_id", "t4"."margin", "t4"."share", "t4"."rest", CAST(ROUND(CAST("t4"."margin" AS DECIMAL(14, 2)), -2) AS DECIMAL(14, 2)) AS "rounded" FROM (SELECT "t3"."sale_id", "t3"."revenue", "t3"."cost", "t3"."units", "t3"."load_type", "t3"."load_id", "t3"."margin", "t3"."share", MOD(CAST("t3"."units" AS BIGINT), NULLIF(CAST($p3 AS BIGINT), 0)) AS "rest" FROM (SELECT "t2"."sale_id", "t2"."revenue", "t2"."cost", "t2"."units", "t2"."load_type", "t2"."load_id", "t2"."margin", CAST("t2"."margin" AS DOUBLE) / NULLIF(CAST("t2"."revenue" AS DOUBLE), 0) AS "share" FROM (SELECT "t1"."sale_id", "t1"."revenue", "t1"."cost", "t1"."units", "t1"."load_type", "t1"."load_id", CAST("t1"."revenue" - "t1"."cost" AS DECIMAL(13, 2)) AS "margin" FROM (SELECT "t0"."sale_id", "t0"."revenue", "t0"."cost", "t0"."units", "t0"."load_type", "t0"."load_id" FROM "sales" AS "t0" WHERE "t0"."load_type" = $p1 AND "t0"."load_id" = CAST($p2 AS INT)) AS "t1") AS "t2") AS "t3") AS "t4") AS "t5") AS "t6") AS "t7" LIMIT $limit OFFSET $offset
-- p1 = 'ACTUALS'
-- p2 = 7
-- p3 = 7
-- p4 = Decimal('1.075')
-- offset = 0
-- limit = 51
