-- above: counts
SELECT
  "t2"."code_0",
  "t2"."inside",
  COUNT(*) AS "n",
  SUM(
    CAST(FLOOR(
      CASE
        WHEN CASE
          WHEN "t2"."weight" IS NULL
          THEN "t2"."weight"
          ELSE LEAST(1000000000000.0, "t2"."weight")
        END IS NULL
        THEN CASE
          WHEN "t2"."weight" IS NULL
          THEN "t2"."weight"
          ELSE LEAST(1000000000000.0, "t2"."weight")
        END
        ELSE GREATEST(
          0,
          CASE
            WHEN "t2"."weight" IS NULL
            THEN "t2"."weight"
            ELSE LEAST(1000000000000.0, "t2"."weight")
          END
        )
      END
    ) AS BIGINT)
  ) AS "hi",
  SUM(
    CAST(FLOOR(
      (
        (
          CASE
            WHEN CASE
              WHEN "t2"."weight" IS NULL
              THEN "t2"."weight"
              ELSE LEAST(1000000000000.0, "t2"."weight")
            END IS NULL
            THEN CASE
              WHEN "t2"."weight" IS NULL
              THEN "t2"."weight"
              ELSE LEAST(1000000000000.0, "t2"."weight")
            END
            ELSE GREATEST(
              0,
              CASE
                WHEN "t2"."weight" IS NULL
                THEN "t2"."weight"
                ELSE LEAST(1000000000000.0, "t2"."weight")
              END
            )
          END - CAST(FLOOR(
            CASE
              WHEN CASE
                WHEN "t2"."weight" IS NULL
                THEN "t2"."weight"
                ELSE LEAST(1000000000000.0, "t2"."weight")
              END IS NULL
              THEN CASE
                WHEN "t2"."weight" IS NULL
                THEN "t2"."weight"
                ELSE LEAST(1000000000000.0, "t2"."weight")
              END
              ELSE GREATEST(
                0,
                CASE
                  WHEN "t2"."weight" IS NULL
                  THEN "t2"."weight"
                  ELSE LEAST(1000000000000.0, "t2"."weight")
                END
              )
            END
          ) AS BIGINT)
        ) * 1000000000.0
      ) + 0.5
    ) AS BIGINT)
  ) AS "lo",
  SUM(
    CAST(FLOOR(
      CASE
        WHEN CASE
          WHEN "t2"."weight" IS NULL
          THEN "t2"."weight"
          ELSE LEAST(1000000000000.0, "t2"."weight")
        END IS NULL
        THEN CASE
          WHEN "t2"."weight" IS NULL
          THEN "t2"."weight"
          ELSE LEAST(1000000000000.0, "t2"."weight")
        END
        ELSE GREATEST(
          0,
          CASE
            WHEN "t2"."weight" IS NULL
            THEN "t2"."weight"
            ELSE LEAST(1000000000000.0, "t2"."weight")
          END
        )
      END
    ) AS BIGINT)
  ) AS "weight_hi",
  SUM(
    CAST(FLOOR(
      (
        (
          CASE
            WHEN CASE
              WHEN "t2"."weight" IS NULL
              THEN "t2"."weight"
              ELSE LEAST(1000000000000.0, "t2"."weight")
            END IS NULL
            THEN CASE
              WHEN "t2"."weight" IS NULL
              THEN "t2"."weight"
              ELSE LEAST(1000000000000.0, "t2"."weight")
            END
            ELSE GREATEST(
              0,
              CASE
                WHEN "t2"."weight" IS NULL
                THEN "t2"."weight"
                ELSE LEAST(1000000000000.0, "t2"."weight")
              END
            )
          END - CAST(FLOOR(
            CASE
              WHEN CASE
                WHEN "t2"."weight" IS NULL
                THEN "t2"."weight"
                ELSE LEAST(1000000000000.0, "t2"."weight")
              END IS NULL
              THEN CASE
                WHEN "t2"."weight" IS NULL
                THEN "t2"."weight"
                ELSE LEAST(1000000000000.0, "t2"."weight")
              END
              ELSE GREATEST(
                0,
                CASE
                  WHEN "t2"."weight" IS NULL
                  THEN "t2"."weight"
                  ELSE LEAST(1000000000000.0, "t2"."weight")
                END
              )
            END
          ) AS BIGINT)
        ) * 1000000000.0
      ) + 0.5
    ) AS BIGINT)
  ) AS "weight_lo",
  MIN("t2"."weight") AS "least_weight",
  MAX("t2"."weight") AS "most_weight"
FROM (
  SELECT
    "t1"."code_0",
    "t1"."weight",
    "t1"."inside",
    "t1"."period"
  FROM (
    SELECT
      "t0"."sex" AS "code_0",
      CASE WHEN ISNAN("t0"."weight") THEN CAST(NULL AS DOUBLE) ELSE "t0"."weight" END AS "weight",
      TRUE
      AND CASE
        WHEN CASE WHEN ISNAN("t0"."weight") THEN CAST(NULL AS DOUBLE) ELSE "t0"."weight" END IS NULL
        THEN CAST(NULL AS BOOLEAN)
        ELSE TRUE
      END AS "inside",
      0 AS "period",
      TRUE AS "belongs"
    FROM "people" AS "t0"
  ) AS "t1"
  WHERE
    COALESCE("t1"."inside", TRUE)
    AND "t1"."belongs"
    AND COALESCE("t1"."weight", 1) <> 0
) AS "t2"
GROUP BY
  1,
  2;
