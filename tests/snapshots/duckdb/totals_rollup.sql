SELECT
  "t3"."region",
  "t3"."week",
  "t3"."n",
  "t3"."__total__"
FROM (
  SELECT
    "t2"."region",
    "t2"."week",
    COUNT(*) AS "n",
    GROUPING("t2"."region") + GROUPING("t2"."week") AS "__total__"
  FROM (
    SELECT
      "t1"."region",
      TIMEZONE('Europe/Berlin', DATE_TRUNC('week', TIMEZONE('Europe/Berlin', "t1"."synced"))) AS "week"
    FROM "sales" AS "t1"
    WHERE
      "t1"."load_type" = 'ACTUALS' AND "t1"."load_id" = 7
  ) AS "t2"
  GROUP BY
    ROLLUP (
      "t2"."region",
      "t2"."week"
    )
) AS "t3"
ORDER BY
  "t3"."region" ASC,
  "t3"."week" ASC,
  "t3"."__total__" ASC

-- as it runs:
SELECT "t3"."region", "t3"."week", "t3"."n", "t3"."__total__" FROM (SELECT "t2"."region", "t2"."week", COUNT(*) AS "n", GROUPING("t2"."region") + GROUPING("t2"."week") AS "__total__" FROM (SELECT "t1"."region", TIMEZONE('Europe/Berlin', DATE_TRUNC('week', TIMEZONE('Europe/Berlin', "t1"."synced"))) AS "week" FROM "sales" AS "t1" WHERE "t1"."load_type" = $p1 AND "t1"."load_id" = CAST($p2 AS INT)) AS "t2" GROUP BY ROLLUP ("t2"."region", "t2"."week")) AS "t3" ORDER BY "t3"."region" ASC, "t3"."week" ASC, "t3"."__total__" ASC LIMIT $limit OFFSET $offset
-- p1 = 'ACTUALS'
-- p2 = 7
-- offset = 0
-- limit = 51
