SELECT
  "t9"."region",
  "t9"."best",
  "t9"."reps",
  "t3"."from",
  "t3"."amount"
FROM (
  SELECT
    "t6"."region",
    MAX("t6"."total") AS "best",
    COUNT(*) AS "reps"
  FROM (
    SELECT
      "t4"."region",
      "t4"."rep_id",
      SUM("t4"."revenue") AS "total"
    FROM "sales" AS "t4"
    WHERE
      "t4"."load_type" = 'ACTUALS' AND "t4"."load_id" = 7
    GROUP BY
      1,
      2
  ) AS "t6"
  GROUP BY
    1
) AS "t9"
LEFT OUTER JOIN "targets" AS "t3"
  ON "t9"."region" = "t3"."region"
ORDER BY
  "t9"."best" DESC,
  "t9"."region" ASC,
  "t9"."reps" ASC,
  "t3"."from" ASC,
  "t3"."amount" ASC

-- as it runs:
SELECT "t9"."region", "t9"."best", "t9"."reps", "t3"."from", "t3"."amount" FROM (SELECT "t6"."region", MAX("t6"."total") AS "best", COUNT(*) AS "reps" FROM (SELECT "t4"."region", "t4"."rep_id", SUM("t4"."revenue") AS "total" FROM "sales" AS "t4" WHERE "t4"."load_type" = $p1 AND "t4"."load_id" = CAST($p2 AS INT) GROUP BY 1, 2) AS "t6" GROUP BY 1) AS "t9" LEFT OUTER JOIN "targets" AS "t3" ON "t9"."region" = "t3"."region" ORDER BY "t9"."best" DESC, "t9"."region" ASC, "t9"."reps" ASC, "t3"."from" ASC, "t3"."amount" ASC LIMIT $limit OFFSET $offset
-- p1 = 'ACTUALS'
-- p2 = 7
-- offset = 0
-- limit = 51
