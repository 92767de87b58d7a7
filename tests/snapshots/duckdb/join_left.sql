SELECT
  "t5"."sale_id",
  "t4"."name",
  "t4"."region" AS "people.region",
  "t5"."region"
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
LEFT OUTER JOIN "people" AS "t4"
  ON "t5"."rep_id" = "t4"."id"
WHERE
  "t4"."level" >= 3
ORDER BY
  "t5"."sale_id" ASC,
  "t5"."load_type" ASC,
  "t5"."load_id" ASC

-- as it runs:
SELECT "t5"."sale_id", "t4"."name", "t4"."region" AS "people.region", "t5"."region" FROM (SELECT "t0"."sale_id", "t0"."rep_id", "t0"."region", "t0"."load_type", "t0"."load_id" FROM "sales" AS "t0" WHERE "t0"."load_type" = $p1 AND "t0"."load_id" = CAST($p2 AS INT)) AS "t5" LEFT OUTER JOIN "people" AS "t4" ON "t5"."rep_id" = "t4"."id" WHERE "t4"."level" >= CAST($p3 AS TINYINT) ORDER BY "t5"."sale_id" ASC, "t5"."load_type" ASC, "t5"."load_id" ASC LIMIT $limit OFFSET $offset
-- p1 = 'ACTUALS'
-- p2 = 7
-- p3 = 3
-- offset = 0
-- limit = 51
