SELECT
  "t2"."region",
  "t2"."units_2" AS "units",
  "t2"."__total__"
FROM (
  SELECT
    "t1"."region",
    SUM("t1"."units") AS "units_2",
    GROUPING("t1"."region") AS "__total__"
  FROM (
    SELECT
      "t0"."region",
      "t0"."units"
    FROM "sales" AS "t0"
    WHERE
      "t0"."load_type" = 'ACTUALS' AND "t0"."load_id" = 7
  ) AS "t1"
  GROUP BY
    GROUPING SETS (
      ("t1"."region"),
      ()
    )
) AS "t2"
WHERE
  "t2"."units_2" > 0
ORDER BY
  "t2"."region" ASC,
  "t2"."__total__" ASC

-- as it runs:
SELECT "t2"."region", "t2"."units_2" AS "units", "t2"."__total__" FROM (SELECT "t1"."region", SUM("t1"."units") AS "units_2", GROUPING("t1"."region") AS "__total__" FROM (SELECT "t0"."region", "t0"."units" FROM "sales" AS "t0" WHERE "t0"."load_type" = $p1 AND "t0"."load_id" = CAST($p2 AS INT)) AS "t1" GROUP BY GROUPING SETS (("t1"."region"), ())) AS "t2" WHERE "t2"."units_2" > CAST($p3 AS INT128) ORDER BY "t2"."region" ASC, "t2"."__total__" ASC LIMIT $limit OFFSET $offset
-- p1 = 'ACTUALS'
-- p2 = 7
-- p3 = 0
-- offset = 0
-- limit = 51
