SELECT
  "t17"."sale_id",
  "t17"."load_id"
FROM (
  SELECT
    "t3"."sale_id",
    "t3"."load_type",
    "t3"."load_id"
  FROM (
    SELECT
      "t0"."sale_id",
      "t0"."load_type",
      "t0"."load_id"
    FROM "sales" AS "t0"
  ) AS "t3"
  INNER JOIN (
    SELECT
      "t14"."load_type" AS "load_type_2",
      "t14"."load_id_2"
    FROM (
      SELECT
        "t13"."load_type",
        MAX("t13"."load_id") AS "load_id_2"
      FROM (
        SELECT
          "t12"."load_type",
          "t12"."load_id"
        FROM (
          SELECT
            "t10"."load_type",
            "t10"."load_id",
            "t10"."__order__"
          FROM (
            SELECT
              "t6"."load_type",
              "t6"."load_id",
              "t6"."__order__"
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
            ) AS "t6"
          ) AS "t10"
          INNER JOIN (
            SELECT
              "t7"."load_type" AS "load_type_2",
              "t7"."__order__" AS "__order___2"
            FROM (
              SELECT
                "t5"."load_type",
                MAX("t5"."load_id") AS "__order__"
              FROM (
                SELECT
                  "t1"."load_type",
                  "t1"."load_id"
                FROM "sales" AS "t1"
                WHERE
                  NOT (
                    "t1"."load_id" IS NULL
                  )
              ) AS "t5"
              GROUP BY
                1
            ) AS "t7"
          ) AS "t11"
            ON "t10"."load_type" = "t11"."load_type_2"
            AND "t10"."__order__" = "t11"."__order___2"
        ) AS "t12"
      ) AS "t13"
      GROUP BY
        1
    ) AS "t14"
  ) AS "t16"
    ON "t3"."load_type" = "t16"."load_type_2" AND "t3"."load_id" = "t16"."load_id_2"
) AS "t17"
ORDER BY
  "t17"."sale_id" ASC,
  "t17"."load_id" ASC

-- as it runs:
SELECT "t17"."sale_id", "t17"."load_id" FROM (SELECT "t3"."sale_id", "t3"."load_type", "t3"."load_id" FROM (SELECT "t0"."sale_id", "t0"."load_type", "t0"."load_id" FROM "sales" AS "t0") AS "t3" INNER JOIN (SELECT "t14"."load_type" AS "load_type_2", "t14"."load_id_2" FROM (SELECT "t13"."load_type", MAX("t13"."load_id") AS "load_id_2" FROM (SELECT "t12"."load_type", "t12"."load_id" FROM (SELECT "t10"."load_type", "t10"."load_id", "t10"."__order__" FROM (SELECT "t6"."load_type", "t6"."load_id", "t6"."__order__" FROM (SELECT "t4"."load_type", "t4"."load_id", MAX("t4"."load_id_2") AS "__order__" FROM (SELECT "t1"."load_type", "t1"."load_id", "t1"."load_id" AS "load_id_2" FROM "sales" AS "t1" WHERE NOT ("t1"."load_id" IS NULL)) AS "t4" GROUP BY 1, 2) AS "t6") AS "t10" INNER JOIN (SELECT "t7"."load_type" AS "load_type_2", "t7"."__order__" AS "__order___2" FROM (SELECT "t5"."load_type", MAX("t5"."load_id") AS "__order__" FROM (SELECT "t1"."load_type", "t1"."load_id" FROM "sales" AS "t1" WHERE NOT ("t1"."load_id" IS NULL)) AS "t5" GROUP BY 1) AS "t7") AS "t11" ON "t10"."load_type" = "t11"."load_type_2" AND "t10"."__order__" = "t11"."__order___2") AS "t12") AS "t13" GROUP BY 1) AS "t14") AS "t16" ON "t3"."load_type" = "t16"."load_type_2" AND "t3"."load_id" = "t16"."load_id_2") AS "t17" ORDER BY "t17"."sale_id" ASC, "t17"."load_id" ASC LIMIT $limit OFFSET $offset
-- offset = 0
-- limit = 51
