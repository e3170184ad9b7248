-- above: counts
SELECT
  "t1"."code_0",
  "t1"."code_1",
  "t1"."inside",
  COUNT(*) AS "n"
FROM (
  SELECT
    "t0"."sex" AS "code_0",
    "t0"."area" AS "code_1",
    TRUE AS "inside",
    0 AS "period"
  FROM "people" AS "t0"
  WHERE
    COALESCE(TRUE, TRUE) AND TRUE
) AS "t1"
GROUP BY
  1,
  2,
  3;

-- below: counts
SELECT
  "t1"."code_0",
  "t1"."code_1",
  "t1"."inside",
  COUNT(*) AS "n",
  SUM("t1"."frequency") AS "hi",
  SUM(
    CAST(FLOOR(
      CASE
        WHEN CASE
          WHEN "t1"."frequency" IS NULL
          THEN "t1"."frequency"
          ELSE LEAST(1000000000000.0, "t1"."frequency")
        END IS NULL
        THEN CASE
          WHEN "t1"."frequency" IS NULL
          THEN "t1"."frequency"
          ELSE LEAST(1000000000000.0, "t1"."frequency")
        END
        ELSE GREATEST(
          0,
          CASE
            WHEN "t1"."frequency" IS NULL
            THEN "t1"."frequency"
            ELSE LEAST(1000000000000.0, "t1"."frequency")
          END
        )
      END
    ) AS BIGINT)
  ) AS "units",
  FALSE AS "broken",
  MIN("t1"."frequency") AS "least_frequency",
  MAX("t1"."frequency") AS "most_frequency"
FROM (
  SELECT
    "t0"."gender" AS "code_0",
    "t0"."area" AS "code_1",
    "t0"."persons" AS "frequency",
    TRUE
    AND CASE WHEN "t0"."persons" IS NULL THEN CAST(NULL AS BOOLEAN) ELSE TRUE END AS "inside",
    0 AS "period"
  FROM "population" AS "t0"
  WHERE
    COALESCE(
      TRUE
      AND CASE WHEN "t0"."persons" IS NULL THEN CAST(NULL AS BOOLEAN) ELSE TRUE END,
      TRUE
    )
    AND TRUE
    AND COALESCE("t0"."persons", 1) <> 0
) AS "t1"
GROUP BY
  1,
  2,
  3;
