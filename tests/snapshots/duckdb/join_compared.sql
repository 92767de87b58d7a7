SELECT
  "t6"."region",
  "t6"."sale_id",
  "t6"."amount"
FROM (
  SELECT
    "t5"."sale_id",
    COALESCE("t5"."region", "t4"."region") AS "region",
    "t5"."sale_date",
    "t5"."load_type",
    "t5"."load_id",
    "t4"."amount"
  FROM (
    SELECT
      "t0"."sale_id",
      "t0"."region",
      "t0"."sale_date",
      "t0"."load_type",
      "t0"."load_id"
    FROM "sales" AS "t0"
    WHERE
      "t0"."load_type" = 'ACTUALS' AND "t0"."load_id" = 7
  ) AS "t5"
  RIGHT OUTER JOIN "targets" AS "t4"
    ON "t5"."region" = "t4"."region" AND "t5"."sale_date" >= "t4"."from"
) AS "t6"
ORDER BY
  "t6"."region" ASC,
  "t6"."sale_id" ASC,
  "t6"."amount" ASC

-- as it runs:
SELECT "t6"."region", "t6"."sale_id", "t6"."amount" FROM (SELECT "t5"."sale_id", COALESCE("t5"."region", "t4"."region") AS "region", "t5"."sale_date", "t5"."load_type", "t5"."load_id", "t4"."amount" FROM (SELECT "t0"."sale_id", "t0"."region", "t0"."sale_date", "t0"."load_type", "t0"."load_id" FROM "sales" AS "t0" WHERE "t0"."load_type" = $p1 AND "t0"."load_id" = CAST($p2 AS INT)) AS "t5" RIGHT OUTER JOIN "targets" AS "t4" ON "t5"."region" = "t4"."region" AND "t5"."sale_date" >= "t4"."from") AS "t6" ORDER BY "t6"."region" ASC, "t6"."sale_id" ASC, "t6"."amount" ASC LIMIT $limit OFFSET $offset
-- p1 = 'ACTUALS'
-- p2 = 7
-- offset = 0
-- limit = 51
