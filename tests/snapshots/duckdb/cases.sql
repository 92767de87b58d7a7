SELECT
  CASE
    WHEN "t0"."revenue" >= 1000.00
    THEN 'large'
    WHEN "t0"."revenue" >= 100.00 AND "t0"."paid"
    THEN 'middling'
    ELSE 'small'
  END AS "size",
  COALESCE("t0"."region", "t0"."product", '?') AS "known",
  CASE
    WHEN CAST("t0"."units" AS BIGINT) = 0
    THEN CAST(NULL AS INT)
    ELSE "t0"."units"
  END AS "units0"
FROM "sales" AS "t0"
WHERE
  "t0"."load_type" = 'ACTUALS' AND "t0"."load_id" = 7

-- as it runs:
SELECT CASE WHEN "t0"."revenue" >= CAST($p6 AS DECIMAL(12, 2)) THEN $p3 WHEN "t0"."revenue" >= CAST($p7 AS DECIMAL(12, 2)) AND "t0"."paid" THEN $p4 ELSE $p5 END AS "size", COALESCE("t0"."region", "t0"."product", $p8) AS "known", CASE WHEN CAST("t0"."units" AS BIGINT) = CAST($p9 AS BIGINT) THEN CAST(NULL AS INT) ELSE "t0"."units" END AS "units0" FROM "sales" AS "t0" WHERE "t0"."load_type" = $p1 AND "t0"."load_id" = CAST($p2 AS INT) LIMIT $limit OFFSET $offset
-- p1 = 'ACTUALS'
-- p2 = 7
-- p3 = 'large'
-- p4 = 'middling'
-- p5 = 'small'
-- p6 = Decimal('1000.00')
-- p7 = Decimal('100.00')
-- p8 = '?'
-- p9 = 0
-- offset = 0
-- limit = 51
