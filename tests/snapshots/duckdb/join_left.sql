SELECT
  "t6"."sale_id",
  "t6"."name",
  "t6"."region_2" AS "people.region",
  "t6"."region"
FROM (
  SELECT
    "t5"."sale_id",
    "t5"."rep_id",
    "t5"."region",
    "t5"."load_type",
    "t5"."load_id",
    "t4"."name",
    "t4"."region_2",
    "t4"."level"
  FROM (
    SELECT
      "t0"."sale_id",
      "t0"."rep_id",
      "t0"."region",
      "t0"."load_type",
      "t0"."load_id"
    FROM "sales" AS "t0"
    WHERE
      "t0"."load_type" = 'ACTUALS' AND "t0"."load_id" = 7
  ) AS "t5"
  LEFT OUTER JOIN (
    SELECT
      "t1"."id",
      "t1"."name",
      "t1"."region" AS "region_2",
      "t1"."level"
    FROM "people" AS "t1"
  ) AS "t4"
    ON "t5"."rep_id" = "t4"."id"
) AS "t6"
WHERE
  "t6"."level" >= 3
ORDER BY
  "t6"."sale_id" ASC,
  "t6"."load_type" ASC,
  "t6"."load_id" ASC

-- as it runs:
SELECT "t6"."sale_id", "t6"."name", "t6"."region_2" AS "people.region", "t6"."region" FROM (SELECT "t5"."sale_id", "t5"."rep_id", "t5"."region", "t5"."load_type", "t5"."load_id", "t4"."name", "t4"."region_2", "t4"."level" FROM (SELECT "t0"."sale_id", "t0"."rep_id", "t0"."region", "t0"."load_type", "t0"."load_id" FROM "sales" AS "t0" WHERE "t0"."load_type" = $p1 AND "t0"."load_id" = CAST($p2 AS INT)) AS "t5" LEFT OUTER JOIN (SELECT "t1"."id", "t1"."name", "t1"."region" AS "region_2", "t1"."level" FROM "people" AS "t1") AS "t4" ON "t5"."rep_id" = "t4"."id") AS "t6" WHERE "t6"."level" >= CAST($p3 AS TINYINT) ORDER BY "t6"."sale_id" ASC, "t6"."load_type" ASC, "t6"."load_id" ASC LIMIT $limit OFFSET $offset
-- p1 = 'ACTUALS'
-- p2 = 7
-- p3 = 3
-- offset = 0
-- limit = 51
