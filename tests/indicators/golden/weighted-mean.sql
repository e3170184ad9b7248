-- above: counts
SELECT
  "t2"."code_0",
  "t2"."inside",
  COUNT(*) AS "n",
  SUM(
    CAST(FLOOR(
      CASE
        WHEN CASE
          WHEN (
            "t2"."value" * "t2"."weight"
          ) IS NULL
          THEN "t2"."value" * "t2"."weight"
          ELSE LEAST(1000000000000.0, "t2"."value" * "t2"."weight")
        END IS NULL
        THEN CASE
          WHEN (
            "t2"."value" * "t2"."weight"
          ) IS NULL
          THEN "t2"."value" * "t2"."weight"
          ELSE LEAST(1000000000000.0, "t2"."value" * "t2"."weight")
        END
        ELSE GREATEST(
          0,
          CASE
            WHEN (
              "t2"."value" * "t2"."weight"
            ) IS NULL
            THEN "t2"."value" * "t2"."weight"
            ELSE LEAST(1000000000000.0, "t2"."value" * "t2"."weight")
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
              WHEN (
                "t2"."value" * "t2"."weight"
              ) IS NULL
              THEN "t2"."value" * "t2"."weight"
              ELSE LEAST(1000000000000.0, "t2"."value" * "t2"."weight")
            END IS NULL
            THEN CASE
              WHEN (
                "t2"."value" * "t2"."weight"
              ) IS NULL
              THEN "t2"."value" * "t2"."weight"
              ELSE LEAST(1000000000000.0, "t2"."value" * "t2"."weight")
            END
            ELSE GREATEST(
              0,
              CASE
                WHEN (
                  "t2"."value" * "t2"."weight"
                ) IS NULL
                THEN "t2"."value" * "t2"."weight"
                ELSE LEAST(1000000000000.0, "t2"."value" * "t2"."weight")
              END
            )
          END - CAST(FLOOR(
            CASE
              WHEN CASE
                WHEN (
                  "t2"."value" * "t2"."weight"
                ) IS NULL
                THEN "t2"."value" * "t2"."weight"
                ELSE LEAST(1000000000000.0, "t2"."value" * "t2"."weight")
              END IS NULL
              THEN CASE
                WHEN (
                  "t2"."value" * "t2"."weight"
                ) IS NULL
                THEN "t2"."value" * "t2"."weight"
                ELSE LEAST(1000000000000.0, "t2"."value" * "t2"."weight")
              END
              ELSE GREATEST(
                0,
                CASE
                  WHEN (
                    "t2"."value" * "t2"."weight"
                  ) IS NULL
                  THEN "t2"."value" * "t2"."weight"
                  ELSE LEAST(1000000000000.0, "t2"."value" * "t2"."weight")
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
  MIN("t2"."value") AS "least_value",
  MAX("t2"."value") AS "most_value",
  MIN("t2"."weight") AS "least_weight",
  MAX("t2"."weight") AS "most_weight",
  MIN("t2"."value" * "t2"."weight") AS "least_amount",
  MAX("t2"."value" * "t2"."weight") AS "most_amount"
FROM (
  SELECT
    "t1"."code_0",
    "t1"."value",
    "t1"."weight",
    "t1"."inside",
    "t1"."period"
  FROM (
    SELECT
      "t0"."sex" AS "code_0",
      CASE WHEN ISNAN("t0"."income") THEN CAST(NULL AS DOUBLE) ELSE "t0"."income" END AS "value",
      CASE WHEN ISNAN("t0"."weight") THEN CAST(NULL AS DOUBLE) ELSE "t0"."weight" END AS "weight",
      TRUE
      AND CASE
        WHEN CASE WHEN ISNAN("t0"."income") THEN CAST(NULL AS DOUBLE) ELSE "t0"."income" END IS NULL
        THEN CAST(NULL AS BOOLEAN)
        ELSE TRUE
      END
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

-- above: largest
SELECT
  "t3"."code_0",
  "t3"."value",
  "t3"."weight",
  "t3"."hi",
  "t3"."lo"
FROM (
  SELECT
    "t2"."code_0",
    "t2"."value",
    "t2"."weight",
    "t2"."inside",
    "t2"."period",
    "t2"."hi",
    "t2"."lo",
    "t2"."part",
    "t2"."everything",
    ROW_NUMBER() OVER (
      PARTITION BY "t2"."everything", "t2"."code_0"
      ORDER BY "t2"."value" DESC, "t2"."weight" DESC
      ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
    ) - 1 AS "place"
  FROM (
    SELECT
      COALESCE(
        CASE WHEN "t1"."code_0" IN ('_T') THEN CAST(NULL AS TEXT) ELSE "t1"."code_0" END,
        '_U'
      ) AS "code_0",
      "t1"."value",
      "t1"."weight",
      "t1"."inside",
      "t1"."period",
      CAST(FLOOR(
        CASE
          WHEN CASE
            WHEN (
              "t1"."value" * "t1"."weight"
            ) IS NULL
            THEN "t1"."value" * "t1"."weight"
            ELSE LEAST(1000000000000.0, "t1"."value" * "t1"."weight")
          END IS NULL
          THEN CASE
            WHEN (
              "t1"."value" * "t1"."weight"
            ) IS NULL
            THEN "t1"."value" * "t1"."weight"
            ELSE LEAST(1000000000000.0, "t1"."value" * "t1"."weight")
          END
          ELSE GREATEST(
            0,
            CASE
              WHEN (
                "t1"."value" * "t1"."weight"
              ) IS NULL
              THEN "t1"."value" * "t1"."weight"
              ELSE LEAST(1000000000000.0, "t1"."value" * "t1"."weight")
            END
          )
        END
      ) AS BIGINT) AS "hi",
      CAST(FLOOR(
        (
          (
            CASE
              WHEN CASE
                WHEN (
                  "t1"."value" * "t1"."weight"
                ) IS NULL
                THEN "t1"."value" * "t1"."weight"
                ELSE LEAST(1000000000000.0, "t1"."value" * "t1"."weight")
              END IS NULL
              THEN CASE
                WHEN (
                  "t1"."value" * "t1"."weight"
                ) IS NULL
                THEN "t1"."value" * "t1"."weight"
                ELSE LEAST(1000000000000.0, "t1"."value" * "t1"."weight")
              END
              ELSE GREATEST(
                0,
                CASE
                  WHEN (
                    "t1"."value" * "t1"."weight"
                  ) IS NULL
                  THEN "t1"."value" * "t1"."weight"
                  ELSE LEAST(1000000000000.0, "t1"."value" * "t1"."weight")
                END
              )
            END - CAST(FLOOR(
              CASE
                WHEN CASE
                  WHEN (
                    "t1"."value" * "t1"."weight"
                  ) IS NULL
                  THEN "t1"."value" * "t1"."weight"
                  ELSE LEAST(1000000000000.0, "t1"."value" * "t1"."weight")
                END IS NULL
                THEN CASE
                  WHEN (
                    "t1"."value" * "t1"."weight"
                  ) IS NULL
                  THEN "t1"."value" * "t1"."weight"
                  ELSE LEAST(1000000000000.0, "t1"."value" * "t1"."weight")
                END
                ELSE GREATEST(
                  0,
                  CASE
                    WHEN (
                      "t1"."value" * "t1"."weight"
                    ) IS NULL
                    THEN "t1"."value" * "t1"."weight"
                    ELSE LEAST(1000000000000.0, "t1"."value" * "t1"."weight")
                  END
                )
              END
            ) AS BIGINT)
          ) * 1000000000.0
        ) + 0.5
      ) AS BIGINT) AS "lo",
      TRUE AS "part",
      0 AS "everything"
    FROM (
      SELECT
        "t0"."sex" AS "code_0",
        CASE WHEN ISNAN("t0"."income") THEN CAST(NULL AS DOUBLE) ELSE "t0"."income" END AS "value",
        CASE WHEN ISNAN("t0"."weight") THEN CAST(NULL AS DOUBLE) ELSE "t0"."weight" END AS "weight",
        TRUE
        AND CASE
          WHEN CASE WHEN ISNAN("t0"."income") THEN CAST(NULL AS DOUBLE) ELSE "t0"."income" END IS NULL
          THEN CAST(NULL AS BOOLEAN)
          ELSE TRUE
        END
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
      AND "t1"."inside"
      AND "t1"."period" IS NOT NULL
  ) AS "t2"
) AS "t3"
WHERE
  "t3"."place" < 5;
