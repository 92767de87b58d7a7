SELECT
  "t3"."sale_id",
  "t3"."load_id"
FROM "sales" AS "t3"
INNER JOIN (
  SELECT
    "t10"."load_type",
    MAX("t10"."load_id") AS "load_id_2"
  FROM (
    SELECT
      "t4"."load_type",
      "t4"."load_id",
      MAX("t4"."load_id_2") AS "__order__"
    FROM (
      SELECT
        "t1"."load_type",
        "t1"."load_id",
        "t1"."load_id" AS "load_id_2"
      FROM "sales" AS "t1"
      WHERE
        NOT (
          "t1"."load_id" IS NULL
        )
    ) AS "t4"
    GROUP BY
      1,
      2
  ) AS "t10"
  INNER JOIN (
    SELECT
      "t5"."load_type",
      MAX("t5"."load_id") AS "__order__"
    FROM "sales" AS "t5"
    WHERE
      NOT (
        "t5"."load_id" IS NULL
      )
    GROUP BY
      1
  ) AS "t11"
    ON "t10"."load_type" = "t11"."load_type" AND "t10"."__order__" = "t11"."__order__"
  GROUP BY
    1
) AS "t16"
  ON "t3"."load_type" = "t16"."load_type" AND "t3"."load_id" = "t16"."load_id_2"
ORDER BY
  "t3"."sale_id" ASC,
  "t3"."load_id" ASC

-- as it runs:
SELECT "t3"."sale_id", "t3"."load_id" FROM "sales" AS "t3" INNER JOIN (SELECT "t10"."load_type", MAX("t10"."load_id") AS "load_id_2" FROM (SELECT "t4"."load_type", "t4"."load_id", MAX("t4"."load_id_2") AS "__order__" FROM (SELECT "t1"."load_type", "t1"."load_id", "t1"."load_id" AS "load_id_2" FROM "sales" AS "t1" WHERE NOT ("t1"."load_id" IS NULL)) AS "t4" GROUP BY 1, 2) AS "t10" INNER JOIN (SELECT "t5"."load_type", MAX("t5"."load_id") AS "__order__" FROM "sales" AS "t5" WHERE NOT ("t5"."load_id" IS NULL) GROUP BY 1) AS "t11" ON "t10"."load_type" = "t11"."load_type" AND "t10"."__order__" = "t11"."__order__" GROUP BY 1) AS "t16" ON "t3"."load_type" = "t16"."load_type" AND "t3"."load_id" = "t16"."load_id_2" ORDER BY "t3"."sale_id" ASC, "t3"."load_id" ASC LIMIT $limit OFFSET $offset
-- offset = 0
-- limit = 51
