SELECT
  "t10"."region",
  "t10"."best",
  "t10"."reps",
  "t10"."from",
  "t10"."amount"
FROM (
  SELECT
    "t9"."region",
    "t9"."best",
    "t9"."reps",
    "t3"."from",
    "t3"."amount"
  FROM (
    SELECT
      "t7"."region",
      "t7"."best",
      "t7"."reps"
    FROM (
      SELECT
        "t6"."region",
        MAX("t6"."total") AS "best",
        COUNT(*) AS "reps"
      FROM (
        SELECT
          "t5"."region",
          "t5"."total"
        FROM (
          SELECT
            "t4"."region",
            "t4"."rep_id",
            SUM("t4"."revenue") AS "total"
          FROM (
            SELECT
              "t1"."region",
              "t1"."rep_id",
              "t1"."revenue"
            FROM "sales" AS "t1"
            WHERE
              "t1"."load_type" = 'ACTUALS' AND "t1"."load_id" = 7
          ) AS "t4"
          GROUP BY
            1,
            2
        ) AS "t5"
      ) AS "t6"
      GROUP BY
        1
    ) AS "t7"
  ) AS "t9"
  LEFT OUTER JOIN (
    SELECT
      "t0"."region" AS "region_2",
      "t0"."from",
      "t0"."amount"
    FROM "targets" AS "t0"
  ) AS "t3"
    ON "t9"."region" = "t3"."region_2"
) AS "t10"
ORDER BY
  "t10"."best" DESC,
  "t10"."region" ASC,
  "t10"."reps" ASC,
  "t10"."from" ASC,
  "t10"."amount" ASC

-- as it runs:
SELECT "t10"."region", "t10"."best", "t10"."reps", "t10"."from", "t10"."amount" FROM (SELECT "t9"."region", "t9"."best", "t9"."reps", "t3"."from", "t3"."amount" FROM (SELECT "t7"."region", "t7"."best", "t7"."reps" FROM (SELECT "t6"."region", MAX("t6"."total") AS "best", COUNT(*) AS "reps" FROM (SELECT "t5"."region", "t5"."total" FROM (SELECT "t4"."region", "t4"."rep_id", SUM("t4"."revenue") AS "total" FROM (SELECT "t1"."region", "t1"."rep_id", "t1"."revenue" FROM "sales" AS "t1" WHERE "t1"."load_type" = $p1 AND "t1"."load_id" = CAST($p2 AS INT)) AS "t4" GROUP BY 1, 2) AS "t5") AS "t6" GROUP BY 1) AS "t7") AS "t9" LEFT OUTER JOIN (SELECT "t0"."region" AS "region_2", "t0"."from", "t0"."amount" FROM "targets" AS "t0") AS "t3" ON "t9"."region" = "t3"."region_2") AS "t10" ORDER BY "t10"."best" DESC, "t10"."region" ASC, "t10"."reps" ASC, "t10"."from" ASC, "t10"."amount" ASC LIMIT $limit OFFSET $offset
-- p1 = 'ACTUALS'
-- p2 = 7
-- offset = 0
-- limit = 51
