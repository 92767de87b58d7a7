SELECT
  "t3"."sale_id",
  "t3"."rep_id",
  "t3"."region",
  "t3"."product",
  "t3"."revenue",
  "t3"."cost",
  "t3"."units",
  "t3"."ratio",
  "t3"."paid",
  "t3"."sale_date",
  "t3"."booked",
  "t3"."synced",
  "t3"."load_type",
  "t3"."load_id"
FROM "sales" AS "t3"
WHERE
  "t3"."load_type" = 'ACTUALS'
  AND "t3"."load_id" = 7
  AND "t3"."rep_id" IN (3, 1, 2, 2)
  AND (
    NOT (
      LOWER(UPPER("t3"."region")) IN (LOWER(UPPER('A')), LOWER(UPPER('b')))
    )
    OR "t3"."region" IS NULL
  )
  AND (
    NOT (
      "t3"."sale_id" IN (
        SELECT
          "t1"."value"
        FROM (
          SELECT
            UNNEST(
              CAST([
                0,
                1,
                2,
                3,
                4,
                5,
                6,
                7,
                8,
                9,
                10,
                11,
                12,
                13,
                14,
                15,
                16,
                17,
                18,
                19,
                20,
                21,
                22,
                23,
                24,
                25,
                26,
                27,
                28,
                29,
                30,
                31,
                32,
                33,
                34,
                35,
                36,
                37,
                38,
                39,
                40,
                41,
                42,
                43,
                44,
                45,
                46,
                47,
                48,
                49,
                50,
                51,
                52,
                53,
                54,
                55,
                56,
                57,
                58,
                59,
                60,
                61,
                62,
                63,
                64,
                65,
                66,
                67,
                68,
                69
              ] AS BIGINT[])
            ) AS "value"
        ) AS "t1"
      )
    )
    OR "t3"."sale_id" IS NULL
  )
  AND FALSE
ORDER BY
  "t3"."sale_id" ASC,
  "t3"."load_type" ASC,
  "t3"."load_id" ASC

-- as it runs:
SELECT "t3"."sale_id", "t3"."rep_id", "t3"."region", "t3"."product", "t3"."revenue", "t3"."cost", "t3"."units", "t3"."ratio", "t3"."paid", "t3"."sale_date", "t3"."booked", "t3"."synced", "t3"."load_type", "t3"."load_id" FROM "sales" AS "t3" WHERE "t3"."load_type" = $p1 AND "t3"."load_id" = CAST($p2 AS INT) AND "t3"."rep_id" IN (CAST($p3 AS INT), CAST($p4 AS INT), CAST($p5 AS INT), CAST($p6 AS INT)) AND (NOT (LOWER(UPPER("t3"."region")) IN (LOWER(UPPER($p7)), LOWER(UPPER($p8)))) OR "t3"."region" IS NULL) AND (NOT ("t3"."sale_id" IN (SELECT "t1"."value" FROM (SELECT UNNEST(CAST($p9 AS BIGINT[])) AS "value") AS "t1")) OR "t3"."sale_id" IS NULL) AND FALSE ORDER BY "t3"."sale_id" ASC, "t3"."load_type" ASC, "t3"."load_id" ASC LIMIT $limit OFFSET $offset
-- p1 = 'ACTUALS'
-- p2 = 7
-- p3 = 3
-- p4 = 1
-- p5 = 2
-- p6 = 2
-- p7 = 'A'
-- p8 = 'b'
-- p9 = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31, 32, 33, 34, 35, 36, 37, 38, 39, 40, 41, 42, 43, 44, 45, 46, 47, 48, 49, 50, 51, 52, 53, 54, 55, 56, 57, 58, 59, 60, 61, 62, 63, 64, 65, 66, 67, 68, 69]
-- offset = 0
-- limit = 51
