SELECT
  "t0"."id",
  "t0"."name",
  "t0"."region",
  "t0"."level",
  "t0"."hired"
FROM "people" AS "t0"

-- as it runs:
SELECT "t0"."id", "t0"."name", "t0"."region", "t0"."level", "t0"."hired" FROM "people" AS "t0" LIMIT $limit OFFSET $offset
-- offset = 0
-- limit = 51
