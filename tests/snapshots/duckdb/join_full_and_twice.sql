SELECT
  "t12"."rep_id",
  "t12"."id",
  "t12"."name",
  "t12"."name_2" AS "boss.name"
FROM (
  SELECT
    "t11"."rep_id",
    "t11"."region",
    "t11"."load_type",
    "t11"."load_id",
    "t11"."id",
    "t11"."name",
    "t5"."name_2"
  FROM (
    SELECT
      "t9"."rep_id",
      "t9"."region",
      "t9"."load_type",
      "t9"."load_id",
      "t9"."id",
      "t9"."name"
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
      FULL OUTER JOIN (
        SELECT
          "t2"."id",
          "t2"."name"
        FROM "people" AS "t2"
      ) AS "t7"
        ON "t8"."rep_id" = "t7"."id"
    ) AS "t9"
  ) AS "t11"
  INNER JOIN (
    SELECT
      "t0"."region" AS "region_2",
      "t0"."name" AS "name_2"
    FROM "people" AS "t0"
  ) AS "t5"
    ON "t11"."region" = "t5"."region_2"
) AS "t12"
ORDER BY
  "t12"."rep_id" ASC,
  "t12"."id" ASC,
  "t12"."name" ASC,
  "t12"."name_2" ASC

-- as it runs:
SELECT "t12"."rep_id", "t12"."id", "t12"."name", "t12"."name_2" AS "boss.name" FROM (SELECT "t11"."rep_id", "t11"."region", "t11"."load_type", "t11"."load_id", "t11"."id", "t11"."name", "t5"."name_2" FROM (SELECT "t9"."rep_id", "t9"."region", "t9"."load_type", "t9"."load_id", "t9"."id", "t9"."name" FROM (SELECT COALESCE(CAST("t8"."rep_id" AS BIGINT), "t7"."id") AS "rep_id", "t8"."region", "t8"."load_type", "t8"."load_id", "t7"."id", "t7"."name" FROM (SELECT "t1"."rep_id", "t1"."region", "t1"."load_type", "t1"."load_id" FROM "sales" AS "t1" WHERE "t1"."load_type" = $p1 AND "t1"."load_id" = CAST($p2 AS INT)) AS "t8" FULL OUTER JOIN (SELECT "t2"."id", "t2"."name" FROM "people" AS "t2") AS "t7" ON "t8"."rep_id" = "t7"."id") AS "t9") AS "t11" INNER JOIN (SELECT "t0"."region" AS "region_2", "t0"."name" AS "name_2" FROM "people" AS "t0") AS "t5" ON "t11"."region" = "t5"."region_2") AS "t12" ORDER BY "t12"."rep_id" ASC, "t12"."id" ASC, "t12"."name" ASC, "t12"."name_2" ASC LIMIT $limit OFFSET $offset
-- p1 = 'ACTUALS'
-- p2 = 7
-- offset = 0
-- limit = 51
