SELECT
  "t2"."region",
  "t2"."units_2" AS "units",
  "t2"."__total__"
FROM (
  SELECT
    "t1"."region",
    SUM("t1"."units") AS "units_2",
    GROUPING("t1"."region") AS "__total__"
  FROM "sales" AS "t1"
  WHERE
    "t1"."load_type" = 'ACTUALS' AND "t1"."load_id" = 7
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
SELECT "t2"."region", "t2"."units_2" AS "units", "t2"."__total__" FROM (SELECT "t1"."region", SUM("t1"."units") AS "units_2", GROUPING("t1"."region") AS "__total__" FROM "sales" AS "t1" WHERE "t1"."load_type" = $p1 AND "t1"."load_id" = CAST($p2 AS INT) GROUP BY GROUPING SETS (("t1"."region"), ())) AS "t2" WHERE "t2"."units_2" > CAST($p3 AS INT128) ORDER BY "t2"."region" ASC, "t2"."__total__" ASC LIMIT $limit OFFSET $offset
-- p1 = 'ACTUALS'
-- p2 = 7
-- p3 = 0
-- offset = 0
-- limit = 51
