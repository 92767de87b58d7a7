SELECT
  "t11"."rep_id",
  "t11"."id",
  "t11"."name",
  "t5"."name" AS "boss.name"
FROM (
  SELECT
    COALESCE(CAST("t8"."rep_id" AS BIGINT), "t7"."id") AS "rep_id",
    "t8"."region",
    "t8"."load_type",
    "t8"."load_id",
    "t7"."id",
    "t7"."name"
  FROM (
    SELECT
      "t1"."rep_id",
      "t1"."region",
      "t1"."load_type",
      "t1"."load_id"
    FROM "sales" AS "t1"
    WHERE
      "t1"."load_type" = 'ACTUALS' AND "t1"."load_id" = 7
  ) AS "t8"
  FULL OUTER JOIN "people" AS "t7"
    ON "t8"."rep_id" = "t7"."id"
) AS "t11"
INNER JOIN "people" AS "t5"
  ON "t11"."region" = "t5"."region"
ORDER BY
  "t11"."rep_id" ASC,
  "t11"."id" ASC,
  "t11"."name" ASC,
  "t5"."name" ASC

-- as it runs:
SELECT "t11"."rep_id", "t11"."id", "t11"."name", "t5"."name" AS "boss.name" FROM (SELECT COALESCE(CAST("t8"."rep_id" AS BIGINT), "t7"."id") AS "rep_id", "t8"."region", "t8"."load_type", "t8"."load_id", "t7"."id", "t7"."name" FROM (SELECT "t1"."rep_id", "t1"."region", "t1"."load_type", "t1"."load_id" FROM "sales" AS "t1" WHERE "t1"."load_type" = $p1 AND "t1"."load_id" = CAST($p2 AS INT)) AS "t8" FULL OUTER JOIN "people" AS "t7" ON "t8"."rep_id" = "t7"."id") AS "t11" INNER JOIN "people" AS "t5" ON "t11"."region" = "t5"."region" ORDER BY "t11"."rep_id" ASC, "t11"."id" ASC, "t11"."name" ASC, "t5"."name" ASC LIMIT $limit OFFSET $offset
-- p1 = 'ACTUALS'
-- p2 = 7
-- offset = 0
-- limit = 51
