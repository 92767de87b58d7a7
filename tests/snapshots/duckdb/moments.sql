SELECT
  "t7"."month",
  "t7"."due",
  "t7"."age",
  "t7"."weekday",
  "t7"."read",
  "t7"."number"
FROM (
  SELECT
    "t6"."product",
    "t6"."sale_date",
    "t6"."booked",
    "t6"."synced",
    "t6"."load_type",
    "t6"."load_id",
    "t6"."month",
    "t6"."due",
    "t6"."age",
    "t6"."weekday",
    "t6"."read",
    TRY_CAST(CASE
      WHEN REGEXP_FULL_MATCH("t6"."product", '\s*[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d{1,4})?\s*')
      THEN "t6"."product"
      ELSE CAST(NULL AS TEXT)
    END AS DECIMAL(38, 10)) AS "number"
  FROM (
    SELECT
      "t5"."product",
      "t5"."sale_date",
      "t5"."booked",
      "t5"."synced",
      "t5"."load_type",
      "t5"."load_id",
      "t5"."month",
      "t5"."due",
      "t5"."age",
      "t5"."weekday",
      CAST(TRY_CAST(CASE
        WHEN REGEXP_FULL_MATCH("t5"."product", '\s*\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?)?\s*')
        THEN "t5"."product"
        ELSE CAST(NULL AS TEXT)
      END AS TIMESTAMP) AS DATE) AS "read"
    FROM (
      SELECT
        "t4"."product",
        "t4"."sale_date",
        "t4"."booked",
        "t4"."synced",
        "t4"."load_type",
        "t4"."load_id",
        "t4"."month",
        "t4"."due",
        "t4"."age",
        ISODOW("t4"."booked") AS "weekday"
      FROM (
        SELECT
          "t3"."product",
          "t3"."sale_date",
          "t3"."booked",
          "t3"."synced",
          "t3"."load_type",
          "t3"."load_id",
          "t3"."month",
          "t3"."due",
          DIVIDE(
            DATE_DIFF(
              'day',
              DATE_TRUNC('week', CAST("t3"."sale_date" AS TIMESTAMP)),
              DATE_TRUNC('week', "t3"."booked")
            ),
            7
          ) AS "age"
        FROM (
          SELECT
            "t2"."product",
            "t2"."sale_date",
            "t2"."booked",
            "t2"."synced",
            "t2"."load_type",
            "t2"."load_id",
            "t2"."month",
            CAST(CAST("t2"."sale_date" AS TIMESTAMP) + TO_MONTHS(CAST(1 AS INT)) AS DATE) AS "due"
          FROM (
            SELECT
              "t1"."product",
              "t1"."sale_date",
              "t1"."booked",
              "t1"."synced",
              "t1"."load_type",
              "t1"."load_id",
              TIMEZONE('Europe/Berlin', DATE_TRUNC('month', TIMEZONE('Europe/Berlin', "t1"."synced"))) AS "month"
            FROM (
              SELECT
                "t0"."product",
                "t0"."sale_date",
                "t0"."booked",
                "t0"."synced",
                "t0"."load_type",
                "t0"."load_id"
              FROM "sales" AS "t0"
              WHERE
                "t0"."load_type" = 'ACTUALS' AND "t0"."load_id" = 7
            ) AS "t1"
          ) AS "t2"
        ) AS "t3"
      ) AS "t4"
    ) AS "t5"
  ) AS "t6"
) AS "t7"

-- as it runs:
SELECT "t7"."month", "t7"."due", "t7"."age", "t7"."weekday", "t7"."read", "t7"."number" FROM (SELECT "t6"."product", "t6"."sale_date", "t6"."booked", "t6"."synced", "t6"."load_type", "t6"."load_id", "t6"."month", "t6"."due", "t6"."age", "t6"."weekday", "t6"."read", TRY_CAST(CASE WHEN REGEXP_FULL_MATCH("t6"."product", '\s*[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d{1,4})?\s*') THEN "t6"."product" ELSE CAST(NULL AS TEXT) END AS DECIMAL(38, 10)) AS "number" FROM (SELECT "t5"."product", "t5"."sale_date", "t5"."booked", "t5"."synced", "t5"."load_type", "t5"."load_id", "t5"."month", "t5"."due", "t5"."age", "t5"."weekday", CAST(TRY_CAST(CASE WHEN REGEXP_FULL_MATCH("t5"."product", '\s*\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?)?\s*') THEN "t5"."product" ELSE CAST(NULL AS TEXT) END AS TIMESTAMP) AS DATE) AS "read" FROM (SELECT "t4"."product", "t4"."sale_date", "t4"."booked", "t4"."synced", "t4"."load_type", "t4"."load_id", "t4"."month", "t4"."due", "t4"."age", ISODOW("t4"."booked") AS "weekday" FROM (SELECT "t3"."product", "t3"."sale_date", "t3"."booked", "t3"."synced", "t3"."load_type", "t3"."load_id", "t3"."month", "t3"."due", DIVIDE(DATE_DIFF('day', DATE_TRUNC('week', CAST("t3"."sale_date" AS TIMESTAMP)), DATE_TRUNC('week', "t3"."booked")), 7) AS "age" FROM (SELECT "t2"."product", "t2"."sale_date", "t2"."booked", "t2"."synced", "t2"."load_type", "t2"."load_id", "t2"."month", CAST(CAST("t2"."sale_date" AS TIMESTAMP) + TO_MONTHS(CAST(CAST($p3 AS BIGINT) AS INT)) AS DATE) AS "due" FROM (SELECT "t1"."product", "t1"."sale_date", "t1"."booked", "t1"."synced", "t1"."load_type", "t1"."load_id", TIMEZONE('Europe/Berlin', DATE_TRUNC('month', TIMEZONE('Europe/Berlin', "t1"."synced"))) AS "month" FROM (SELECT "t0"."product", "t0"."sale_date", "t0"."booked", "t0"."synced", "t0"."load_type", "t0"."load_id" FROM "sales" AS "t0" WHERE "t0"."load_type" = $p1 AND "t0"."load_id" = CAST($p2 AS INT)) AS "t1") AS "t2") AS "t3") AS "t4") AS "t5") AS "t6") AS "t7" LIMIT $limit OFFSET $offset
-- p1 = 'ACTUALS'
-- p2 = 7
-- p3 = 1
-- offset = 0
-- limit = 51
