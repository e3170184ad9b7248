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

-- above: medians
WITH "t3" AS (
  SELECT
    "t2"."code_0",
    "t2"."period",
    "t2"."value",
    SUM(
      (
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
        ) AS BIGINT) * 1000000000
      ) + CAST(FLOOR(
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
    ) AS "weight"
  FROM (
    SELECT
      "t1"."code_0",
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
      TRUE AS "part"
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
  GROUP BY
    1,
    2,
    3
)
SELECT
  *
FROM (
  SELECT
    *
  FROM (
    SELECT
      "t9"."way",
      "t9"."axis_0",
      MIN("t9"."value") FILTER(WHERE
        (
          "t9"."passed" * 2
        ) >= "t9"."whole") AS "low",
      MIN("t9"."value") FILTER(WHERE
        (
          "t9"."passed" * 2
        ) > "t9"."whole") AS "high"
    FROM (
      SELECT
        "t7"."way",
        "t7"."axis_0",
        "t7"."value",
        "t7"."weight",
        SUM("t7"."weight") OVER (
          PARTITION BY "t7"."way", "t7"."axis_0"
          ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
        ) AS "whole",
        SUM("t7"."weight") OVER (
          PARTITION BY "t7"."way", "t7"."axis_0"
          ORDER BY "t7"."value" ASC
          ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
        ) AS "passed"
      FROM (
        SELECT
          "t5"."way",
          "t5"."axis_0",
          "t5"."value",
          SUM("t5"."weight") AS "weight"
        FROM (
          SELECT
            "t4"."code_0",
            "t4"."period",
            "t4"."value",
            "t4"."weight",
            0 AS "way",
            '_T' AS "axis_0"
          FROM "t3" AS "t4"
        ) AS "t5"
        GROUP BY
          1,
          2,
          3
      ) AS "t7"
    ) AS "t9"
    GROUP BY
      1,
      2
  ) AS "t11"
) AS "t12"
UNION ALL
SELECT
  *
FROM (
  SELECT
    *
  FROM (
    SELECT
      "t10"."way",
      "t10"."axis_0",
      MIN("t10"."value") FILTER(WHERE
        (
          "t10"."passed" * 2
        ) >= "t10"."whole") AS "low",
      MIN("t10"."value") FILTER(WHERE
        (
          "t10"."passed" * 2
        ) > "t10"."whole") AS "high"
    FROM (
      SELECT
        "t8"."way",
        "t8"."axis_0",
        "t8"."value",
        "t8"."weight",
        SUM("t8"."weight") OVER (
          PARTITION BY "t8"."way", "t8"."axis_0"
          ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
        ) AS "whole",
        SUM("t8"."weight") OVER (
          PARTITION BY "t8"."way", "t8"."axis_0"
          ORDER BY "t8"."value" ASC
          ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
        ) AS "passed"
      FROM (
        SELECT
          "t6"."way",
          "t6"."axis_0",
          "t6"."value",
          SUM("t6"."weight") AS "weight"
        FROM (
          SELECT
            "t4"."code_0",
            "t4"."period",
            "t4"."value",
            "t4"."weight",
            1 AS "way",
            COALESCE(
              CASE WHEN "t4"."code_0" IN ('_T') THEN CAST(NULL AS TEXT) ELSE "t4"."code_0" END,
              '_U'
            ) AS "axis_0"
          FROM "t3" AS "t4"
        ) AS "t6"
        GROUP BY
          1,
          2,
          3
      ) AS "t8"
    ) AS "t10"
    GROUP BY
      1,
      2
  ) AS "t13"
) AS "t14";
