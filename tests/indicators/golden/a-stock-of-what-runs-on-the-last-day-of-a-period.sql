-- above: counts
SELECT
  "t8"."inside",
  "t8"."period",
  COUNT(*) AS "n"
FROM (
  SELECT
    "t7"."inside",
    "t7"."period"
  FROM (
    SELECT
      *
    FROM (
      SELECT
        *
      FROM (
        SELECT
          TRUE AS "inside",
          0 AS "period",
          COALESCE(
            (
              "t0"."on" <= MAKE_DATE(2023, 12, 31)
            )
            AND (
              (
                "t0"."until" IS NULL
              ) OR (
                "t0"."until" >= MAKE_DATE(2023, 12, 31)
              )
            ),
            FALSE
          ) AS "belongs"
        FROM "people" AS "t0"
      ) AS "t2"
      UNION ALL
      SELECT
        *
      FROM (
        SELECT
          TRUE AS "inside",
          1 AS "period",
          COALESCE(
            (
              "t0"."on" <= MAKE_DATE(2024, 3, 31)
            )
            AND (
              (
                "t0"."until" IS NULL
              ) OR (
                "t0"."until" >= MAKE_DATE(2024, 3, 31)
              )
            ),
            FALSE
          ) AS "belongs"
        FROM "people" AS "t0"
      ) AS "t3"
    ) AS "t5"
    UNION ALL
    SELECT
      *
    FROM (
      SELECT
        *
      FROM (
        SELECT
          TRUE AS "inside",
          2 AS "period",
          COALESCE(
            (
              "t0"."on" <= MAKE_DATE(2025, 12, 31)
            )
            AND (
              (
                "t0"."until" IS NULL
              ) OR (
                "t0"."until" >= MAKE_DATE(2025, 12, 31)
              )
            ),
            FALSE
          ) AS "belongs"
        FROM "people" AS "t0"
      ) AS "t4"
      UNION ALL
      SELECT
        *
      FROM (
        SELECT
          TRUE AS "inside",
          CAST(NULL AS TINYINT) AS "period",
          "t0"."on" IS NULL AS "belongs"
        FROM "people" AS "t0"
      ) AS "t1"
    ) AS "t6"
  ) AS "t7"
  WHERE
    COALESCE("t7"."inside", TRUE) AND "t7"."belongs"
) AS "t8"
GROUP BY
  1,
  2;
