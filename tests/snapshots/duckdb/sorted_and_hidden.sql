SELECT
  "t2"."product"
FROM (
  SELECT
    "t1"."sale_id",
    "t1"."region",
    "t1"."product",
    "t1"."revenue",
    "t1"."units",
    "t1"."load_type",
    "t1"."load_id"
  FROM (
    SELECT
      "t0"."sale_id",
      "t0"."region",
      "t0"."product",
      "t0"."revenue",
      "t0"."units",
      "t0"."load_type",
      "t0"."load_id"
    FROM "sales" AS "t0"
    WHERE
      "t0"."load_type" = 'ACTUALS' AND "t0"."load_id" = 7
    ORDER BY
      "t0"."region" ASC,
      "t0"."revenue" DESC,
      "t0"."sale_id" ASC,
      "t0"."load_type" ASC,
      "t0"."load_id" ASC
    LIMIT 100
  ) AS t1
  QUALIFY
    ROW_NUMBER() OVER () > 0
) AS "t2"
WHERE
  "t2"."units" > 1
ORDER BY
  "t2"."region" ASC,
  "t2"."revenue" DESC,
  "t2"."sale_id" ASC,
  "t2"."load_type" ASC,
  "t2"."load_id" ASC

-- as it runs:
SELECT "t2"."product" FROM (SELECT "t1"."sale_id", "t1"."region", "t1"."product", "t1"."revenue", "t1"."units", "t1"."load_type", "t1"."load_id" FROM (SELECT "t0"."sale_id", "t0"."region", "t0"."product", "t0"."revenue", "t0"."units", "t0"."load_type", "t0"."load_id" FROM "sales" AS "t0" WHERE "t0"."load_type" = $p1 AND "t0"."load_id" = CAST($p2 AS INT) ORDER BY "t0"."region" ASC, "t0"."revenue" DESC, "t0"."sale_id" ASC, "t0"."load_type" ASC, "t0"."load_id" ASC LIMIT $p3) AS t1 QUALIFY ROW_NUMBER() OVER () > 0) AS "t2" WHERE "t2"."units" > CAST($p4 AS INT) ORDER BY "t2"."region" ASC, "t2"."revenue" DESC, "t2"."sale_id" ASC, "t2"."load_type" ASC, "t2"."load_id" ASC LIMIT $limit OFFSET $offset
-- p1 = 'ACTUALS'
-- p2 = 7
-- p3 = 100
-- p4 = 1
-- offset = 0
-- limit = 51
