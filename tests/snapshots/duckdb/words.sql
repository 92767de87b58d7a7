SELECT
  "t1"."label",
  "t1"."size"
FROM (
  SELECT
    "t0"."name",
    "t0"."level",
    COALESCE(
      UPPER(SUBSTRING("t0"."name", GREATEST(1, 1), GREATEST((
        1 + LEAST(1, 1)
      ) - 1, 0))),
      ''
    ) || COALESCE(
      LOWER(SUBSTRING("t0"."name", GREATEST(2, 1), GREATEST((
        200 + LEAST(2, 1)
      ) - 1, 0))),
      ''
    ) || COALESCE(' (', '') || COALESCE(CAST("t0"."level" AS TEXT), '') || COALESCE(')', '') AS "label",
    LENGTH(TRIM(REPLACE("t0"."name", '.', ''))) AS "size"
  FROM "people" AS "t0"
) AS "t1"

-- as it runs:
SELECT "t1"."label", "t1"."size" FROM (SELECT "t0"."name", "t0"."level", COALESCE(UPPER(SUBSTRING("t0"."name", GREATEST(CAST($p1 AS BIGINT), 1), GREATEST((CAST($p2 AS BIGINT) + LEAST(CAST($p1 AS BIGINT), 1)) - 1, 0))), '') || COALESCE(LOWER(SUBSTRING("t0"."name", GREATEST(CAST($p3 AS BIGINT), 1), GREATEST((CAST($p4 AS BIGINT) + LEAST(CAST($p3 AS BIGINT), 1)) - 1, 0))), '') || COALESCE($p5, '') || COALESCE(CAST("t0"."level" AS TEXT), '') || COALESCE($p6, '') AS "label", LENGTH(TRIM(REPLACE("t0"."name", $p7, $p8))) AS "size" FROM "people" AS "t0") AS "t1" LIMIT $limit OFFSET $offset
-- p1 = 1
-- p2 = 1
-- p3 = 2
-- p4 = 200
-- p5 = ' ('
-- p6 = ')'
-- p7 = '.'
-- p8 = ''
-- offset = 0
-- limit = 51
