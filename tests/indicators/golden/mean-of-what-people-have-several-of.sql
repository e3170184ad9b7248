-- above: counts
SELECT
  "t2"."inside",
  COUNT(*) AS "n",
  SUM(
    CAST(FLOOR(
      CASE
        WHEN CASE
          WHEN "t2"."value" IS NULL
          THEN "t2"."value"
          ELSE LEAST(1000000000000.0, "t2"."value")
        END IS NULL
        THEN CASE
          WHEN "t2"."value" IS NULL
          THEN "t2"."value"
          ELSE LEAST(1000000000000.0, "t2"."value")
        END
        ELSE GREATEST(
          0,
          CASE
            WHEN "t2"."value" IS NULL
            THEN "t2"."value"
            ELSE LEAST(1000000000000.0, "t2"."value")
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
              WHEN "t2"."value" IS NULL
              THEN "t2"."value"
              ELSE LEAST(1000000000000.0, "t2"."value")
            END IS NULL
            THEN CASE
              WHEN "t2"."value" IS NULL
              THEN "t2"."value"
              ELSE LEAST(1000000000000.0, "t2"."value")
            END
            ELSE GREATEST(
              0,
              CASE
                WHEN "t2"."value" IS NULL
                THEN "t2"."value"
                ELSE LEAST(1000000000000.0, "t2"."value")
              END
            )
          END - CAST(FLOOR(
            CASE
              WHEN CASE
                WHEN "t2"."value" IS NULL
                THEN "t2"."value"
                ELSE LEAST(1000000000000.0, "t2"."value")
              END IS NULL
              THEN CASE
                WHEN "t2"."value" IS NULL
                THEN "t2"."value"
                ELSE LEAST(1000000000000.0, "t2"."value")
              END
              ELSE GREATEST(
                0,
                CASE
                  WHEN "t2"."value" IS NULL
                  THEN "t2"."value"
                  ELSE LEAST(1000000000000.0, "t2"."value")
                END
              )
            END
          ) AS BIGINT)
        ) * 1000000000.0
      ) + 0.5
    ) AS BIGINT)
  ) AS "lo",
  MIN("t2"."value") AS "least_value",
  MAX("t2"."value") AS "most_value"
FROM (
  SELECT
    "t1"."value",
    "t1"."inside",
    "t1"."contributor",
    "t1"."period"
  FROM (
    SELECT
      CASE WHEN ISNAN("t0"."income") THEN CAST(NULL AS DOUBLE) ELSE "t0"."income" END AS "value",
      TRUE
      AND (
        "t0"."sex" = 'F'
      )
      AND CASE
        WHEN CASE WHEN ISNAN("t0"."income") THEN CAST(NULL AS DOUBLE) ELSE "t0"."income" END IS NULL
        THEN CAST(NULL AS BOOLEAN)
        ELSE TRUE
      END AS "inside",
      "t0"."person" AS "contributor",
      0 AS "period",
      TRUE AS "belongs"
    FROM "people" AS "t0"
  ) AS "t1"
  WHERE
    COALESCE("t1"."inside", TRUE) AND "t1"."belongs"
) AS "t2"
GROUP BY
  1;

-- above: contributors
SELECT
  "t4"."way",
  "t4"."part",
  COUNT(*) AS "units"
FROM (
  SELECT DISTINCT
    0 AS "way",
    "t3"."part",
    "t3"."contributor"
  FROM (
    SELECT
      "t2"."period",
      "t2"."part",
      "t2"."contributor",
      SUM("t2"."hi") AS "hi",
      SUM("t2"."lo") AS "lo"
    FROM (
      SELECT
        "t1"."value",
        "t1"."inside",
        "t1"."contributor",
        "t1"."period",
        CAST(FLOOR(
          CASE
            WHEN CASE
              WHEN "t1"."value" IS NULL
              THEN "t1"."value"
              ELSE LEAST(1000000000000.0, "t1"."value")
            END IS NULL
            THEN CASE
              WHEN "t1"."value" IS NULL
              THEN "t1"."value"
              ELSE LEAST(1000000000000.0, "t1"."value")
            END
            ELSE GREATEST(
              0,
              CASE
                WHEN "t1"."value" IS NULL
                THEN "t1"."value"
                ELSE LEAST(1000000000000.0, "t1"."value")
              END
            )
          END
        ) AS BIGINT) AS "hi",
        CAST(FLOOR(
          (
            (
              CASE
                WHEN CASE
                  WHEN "t1"."value" IS NULL
                  THEN "t1"."value"
                  ELSE LEAST(1000000000000.0, "t1"."value")
                END IS NULL
                THEN CASE
                  WHEN "t1"."value" IS NULL
                  THEN "t1"."value"
                  ELSE LEAST(1000000000000.0, "t1"."value")
                END
                ELSE GREATEST(
                  0,
                  CASE
                    WHEN "t1"."value" IS NULL
                    THEN "t1"."value"
                    ELSE LEAST(1000000000000.0, "t1"."value")
                  END
                )
              END - CAST(FLOOR(
                CASE
                  WHEN CASE
                    WHEN "t1"."value" IS NULL
                    THEN "t1"."value"
                    ELSE LEAST(1000000000000.0, "t1"."value")
                  END IS NULL
                  THEN CASE
                    WHEN "t1"."value" IS NULL
                    THEN "t1"."value"
                    ELSE LEAST(1000000000000.0, "t1"."value")
                  END
                  ELSE GREATEST(
                    0,
                    CASE
                      WHEN "t1"."value" IS NULL
                      THEN "t1"."value"
                      ELSE LEAST(1000000000000.0, "t1"."value")
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
          CASE WHEN ISNAN("t0"."income") THEN CAST(NULL AS DOUBLE) ELSE "t0"."income" END AS "value",
          TRUE
          AND (
            "t0"."sex" = 'F'
          )
          AND CASE
            WHEN CASE WHEN ISNAN("t0"."income") THEN CAST(NULL AS DOUBLE) ELSE "t0"."income" END IS NULL
            THEN CAST(NULL AS BOOLEAN)
            ELSE TRUE
          END AS "inside",
          "t0"."person" AS "contributor",
          0 AS "period",
          TRUE AS "belongs"
        FROM "people" AS "t0"
      ) AS "t1"
      WHERE
        COALESCE("t1"."inside", TRUE)
        AND "t1"."belongs"
        AND "t1"."inside"
        AND "t1"."period" IS NOT NULL
    ) AS "t2"
    GROUP BY
      1,
      2,
      3
  ) AS "t3"
  WHERE
    "t3"."part" IS NOT NULL
) AS "t4"
GROUP BY
  1,
  2;

-- above: largest contributors
SELECT
  "t7"."way",
  "t7"."hi",
  "t7"."lo"
FROM (
  SELECT
    "t6"."way",
    "t6"."contributor",
    "t6"."hi",
    "t6"."lo",
    ROW_NUMBER() OVER (
      PARTITION BY "t6"."way"
      ORDER BY "t6"."hi" DESC, "t6"."lo" DESC
      ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
    ) - 1 AS "place"
  FROM (
    SELECT
      "t5"."way",
      "t5"."contributor",
      "t5"."hi" + CAST(FLOOR("t5"."lo" / 1000000000.0) AS BIGINT) AS "hi",
      "t5"."lo" - (
        CAST(FLOOR("t5"."lo" / 1000000000.0) AS BIGINT) * 1000000000
      ) AS "lo"
    FROM (
      SELECT
        "t4"."way",
        "t4"."contributor",
        SUM("t4"."hi") AS "hi",
        SUM("t4"."lo") AS "lo"
      FROM (
        SELECT
          "t3"."period",
          "t3"."part",
          "t3"."contributor",
          "t3"."hi",
          "t3"."lo",
          0 AS "way"
        FROM (
          SELECT
            "t2"."period",
            "t2"."part",
            "t2"."contributor",
            SUM("t2"."hi") AS "hi",
            SUM("t2"."lo") AS "lo"
          FROM (
            SELECT
              "t1"."value",
              "t1"."inside",
              "t1"."contributor",
              "t1"."period",
              CAST(FLOOR(
                CASE
                  WHEN CASE
                    WHEN "t1"."value" IS NULL
                    THEN "t1"."value"
                    ELSE LEAST(1000000000000.0, "t1"."value")
                  END IS NULL
                  THEN CASE
                    WHEN "t1"."value" IS NULL
                    THEN "t1"."value"
                    ELSE LEAST(1000000000000.0, "t1"."value")
                  END
                  ELSE GREATEST(
                    0,
                    CASE
                      WHEN "t1"."value" IS NULL
                      THEN "t1"."value"
                      ELSE LEAST(1000000000000.0, "t1"."value")
                    END
                  )
                END
              ) AS BIGINT) AS "hi",
              CAST(FLOOR(
                (
                  (
                    CASE
                      WHEN CASE
                        WHEN "t1"."value" IS NULL
                        THEN "t1"."value"
                        ELSE LEAST(1000000000000.0, "t1"."value")
                      END IS NULL
                      THEN CASE
                        WHEN "t1"."value" IS NULL
                        THEN "t1"."value"
                        ELSE LEAST(1000000000000.0, "t1"."value")
                      END
                      ELSE GREATEST(
                        0,
                        CASE
                          WHEN "t1"."value" IS NULL
                          THEN "t1"."value"
                          ELSE LEAST(1000000000000.0, "t1"."value")
                        END
                      )
                    END - CAST(FLOOR(
                      CASE
                        WHEN CASE
                          WHEN "t1"."value" IS NULL
                          THEN "t1"."value"
                          ELSE LEAST(1000000000000.0, "t1"."value")
                        END IS NULL
                        THEN CASE
                          WHEN "t1"."value" IS NULL
                          THEN "t1"."value"
                          ELSE LEAST(1000000000000.0, "t1"."value")
                        END
                        ELSE GREATEST(
                          0,
                          CASE
                            WHEN "t1"."value" IS NULL
                            THEN "t1"."value"
                            ELSE LEAST(1000000000000.0, "t1"."value")
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
                CASE WHEN ISNAN("t0"."income") THEN CAST(NULL AS DOUBLE) ELSE "t0"."income" END AS "value",
                TRUE
                AND (
                  "t0"."sex" = 'F'
                )
                AND CASE
                  WHEN CASE WHEN ISNAN("t0"."income") THEN CAST(NULL AS DOUBLE) ELSE "t0"."income" END IS NULL
                  THEN CAST(NULL AS BOOLEAN)
                  ELSE TRUE
                END AS "inside",
                "t0"."person" AS "contributor",
                0 AS "period",
                TRUE AS "belongs"
              FROM "people" AS "t0"
            ) AS "t1"
            WHERE
              COALESCE("t1"."inside", TRUE)
              AND "t1"."belongs"
              AND "t1"."inside"
              AND "t1"."period" IS NOT NULL
          ) AS "t2"
          GROUP BY
            1,
            2,
            3
        ) AS "t3"
      ) AS "t4"
      GROUP BY
        1,
        2
    ) AS "t5"
  ) AS "t6"
) AS "t7"
WHERE
  "t7"."place" < 5;
