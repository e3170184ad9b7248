-- above: counts
SELECT
  "t2"."inside",
  "t2"."period",
  COUNT(*) AS "n"
FROM (
  SELECT
    "t1"."inside",
    "t1"."period"
  FROM (
    SELECT
      TRUE AS "inside",
      CASE
        WHEN "t0"."on" BETWEEN MAKE_DATE(2024, 1, 1) AND MAKE_DATE(2024, 3, 31)
        THEN 0
        WHEN "t0"."on" BETWEEN MAKE_DATE(2024, 4, 1) AND MAKE_DATE(2024, 6, 30)
        THEN 1
        ELSE CAST(NULL AS TINYINT)
      END AS "period",
      COALESCE(
        "t0"."on" BETWEEN MAKE_DATE(2024, 1, 1) AND MAKE_DATE(2024, 3, 31)
        OR "t0"."on" BETWEEN MAKE_DATE(2024, 4, 1) AND MAKE_DATE(2024, 6, 30)
        OR (
          "t0"."on" IS NULL
        )
        OR FALSE,
        TRUE
      ) AS "belongs",
      CAST("t0"."on" AS TEXT) AS "dated"
    FROM "people" AS "t0"
  ) AS "t1"
  WHERE
    COALESCE("t1"."inside", TRUE) AND "t1"."belongs"
) AS "t2"
GROUP BY
  1,
  2;
