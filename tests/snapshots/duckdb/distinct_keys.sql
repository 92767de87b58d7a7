SELECT DISTINCT
  "t0"."region",
  "t0"."product"
FROM "sales" AS "t0"
WHERE
  "t0"."load_type" = 'ACTUALS' AND "t0"."load_id" = 7
ORDER BY
  "t0"."region" ASC,
  "t0"."product" ASC

-- as it runs:
SELECT DISTINCT "t0"."region", "t0"."product" FROM "sales" AS "t0" WHERE "t0"."load_type" = $p1 AND "t0"."load_id" = CAST($p2 AS INT) ORDER BY "t0"."region" ASC, "t0"."product" ASC LIMIT $limit OFFSET $offset
-- p1 = 'ACTUALS'
-- p2 = 7
-- offset = 0
-- limit = 51
