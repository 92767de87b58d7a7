SELECT
  "t5"."region",
  "t5"."total",
  "t5"."n"
FROM (
  SELECT
    "t4"."region",
    "t4"."sale_date_month",
    "t4"."total",
    "t4"."n"
  FROM (
    SELECT
      "t3"."region",
      "t3"."sale_date_month",
      "t3"."total",
      "t3"."n"
    FROM (
      SELECT
        "t2"."region",
        "t2"."sale_date_month",
        SUM("t2"."revenue") AS "total",
        COUNT(*) AS "n"
      FROM (
        SELECT
          "t1"."region",
          CAST(DATE_TRUNC('month', "t1"."sale_date") AS DATE) AS "sale_date_month",
          "t1"."revenue"
        FROM "sales" AS "t1"
        WHERE
          "t1"."load_type" = 'ACTUALS'
          AND "t1"."load_id" = 7
          AND "t1"."paid"
          AND (
            "t1"."region" <> 'Nord' OR "t1"."region" IS NULL
          )
      ) AS "t2"
      GROUP BY
        1,
        2
    ) AS "t3"
    WHERE
      "t3"."total" > 1000.00
    ORDER BY
      "t3"."total" DESC,
      "t3"."region" ASC,
      "t3"."sale_date_month" ASC
    LIMIT 10
  ) AS t4
  QUALIFY
    ROW_NUMBER() OVER () > 0
) AS "t5"
ORDER BY
  "t5"."total" DESC,
  "t5"."region" ASC,
  "t5"."sale_date_month" ASC

-- as it runs:
SELECT "t5"."region", "t5"."total", "t5"."n" FROM (SELECT "t4"."region", "t4"."sale_date_month", "t4"."total", "t4"."n" FROM (SELECT "t3"."region", "t3"."sale_date_month", "t3"."total", "t3"."n" FROM (SELECT "t2"."region", "t2"."sale_date_month", SUM("t2"."revenue") AS "total", COUNT(*) AS "n" FROM (SELECT "t1"."region", CAST(DATE_TRUNC('month', "t1"."sale_date") AS DATE) AS "sale_date_month", "t1"."revenue" FROM "sales" AS "t1" WHERE "t1"."load_type" = $p1 AND "t1"."load_id" = CAST($p2 AS INT) AND "t1"."paid" AND ("t1"."region" <> $p3 OR "t1"."region" IS NULL)) AS "t2" GROUP BY 1, 2) AS "t3" WHERE "t3"."total" > CAST($p4 AS DECIMAL(38, 2)) ORDER BY "t3"."total" DESC, "t3"."region" ASC, "t3"."sale_date_month" ASC LIMIT $p5) AS t4 QUALIFY ROW_NUMBER() OVER () > 0) AS "t5" ORDER BY "t5"."total" DESC, "t5"."region" ASC, "t5"."sale_date_month" ASC LIMIT $limit OFFSET $offset
-- p1 = 'ACTUALS'
-- p2 = 7
-- p3 = 'Nord'
-- p4 = Decimal('1000.00')
-- p5 = 10
-- offset = 0
-- limit = 51
