-- above: counts
SELECT
  "t1"."code_0",
  "t1"."inside",
  COUNT(*) AS "n"
FROM (
  SELECT
    "t0"."sex" AS "code_0",
    TRUE AS "inside",
    "t0"."person" AS "contributor",
    0 AS "period"
  FROM "people" AS "t0"
  WHERE
    COALESCE(TRUE, TRUE) AND TRUE
) AS "t1"
GROUP BY
  1,
  2;

-- above: contributors
WITH "t2" AS (
  SELECT
    "t1"."code_0",
    "t1"."period",
    "t1"."part",
    "t1"."contributor",
    SUM("t1"."hi") AS "hi",
    SUM("t1"."lo") AS "lo"
  FROM (
    SELECT
      "t0"."sex" AS "code_0",
      TRUE AS "inside",
      "t0"."person" AS "contributor",
      0 AS "period",
      1 AS "hi",
      0 AS "lo",
      TRUE AS "part"
    FROM "people" AS "t0"
    WHERE
      COALESCE(TRUE, TRUE) AND TRUE AND 0 IS NOT NULL
  ) AS "t1"
  GROUP BY
    1,
    2,
    3,
    4
)
SELECT
  *
FROM (
  SELECT
    "t4"."way",
    "t4"."axis_0",
    "t4"."part",
    COUNT(*) AS "units"
  FROM (
    SELECT DISTINCT
      0 AS "way",
      '_T' AS "axis_0",
      "t3"."part",
      "t3"."contributor"
    FROM "t2" AS "t3"
    WHERE
      "t3"."part" IS NOT NULL
  ) AS "t4"
  GROUP BY
    1,
    2,
    3
) AS "t5"
UNION ALL
SELECT
  *
FROM (
  SELECT
    "t6"."way",
    "t6"."axis_0",
    "t6"."part",
    COUNT(*) AS "units"
  FROM (
    SELECT DISTINCT
      1 AS "way",
      COALESCE(
        CASE WHEN "t3"."code_0" IN ('_T') THEN CAST(NULL AS TEXT) ELSE "t3"."code_0" END,
        '_U'
      ) AS "axis_0",
      "t3"."part",
      "t3"."contributor"
    FROM "t2" AS "t3"
    WHERE
      "t3"."part" IS NOT NULL
  ) AS "t6"
  GROUP BY
    1,
    2,
    3
) AS "t7";

-- above: largest contributors
WITH "t2" AS (
  SELECT
    "t1"."code_0",
    "t1"."period",
    "t1"."part",
    "t1"."contributor",
    SUM("t1"."hi") AS "hi",
    SUM("t1"."lo") AS "lo"
  FROM (
    SELECT
      "t0"."sex" AS "code_0",
      TRUE AS "inside",
      "t0"."person" AS "contributor",
      0 AS "period",
      1 AS "hi",
      0 AS "lo",
      TRUE AS "part"
    FROM "people" AS "t0"
    WHERE
      COALESCE(TRUE, TRUE) AND TRUE AND 0 IS NOT NULL
  ) AS "t1"
  GROUP BY
    1,
    2,
    3,
    4
)
SELECT
  *
FROM (
  SELECT
    "t10"."way",
    "t10"."axis_0",
    "t10"."hi",
    "t10"."lo"
  FROM (
    SELECT
      "t8"."way",
      "t8"."axis_0",
      "t8"."contributor",
      "t8"."hi",
      "t8"."lo",
      ROW_NUMBER() OVER (
        PARTITION BY "t8"."way", "t8"."axis_0"
        ORDER BY "t8"."hi" DESC, "t8"."lo" DESC
        ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
      ) - 1 AS "place"
    FROM (
      SELECT
        "t6"."way",
        "t6"."axis_0",
        "t6"."contributor",
        "t6"."hi" + CAST(FLOOR("t6"."lo" / 1000000000.0) AS BIGINT) AS "hi",
        "t6"."lo" - (
          CAST(FLOOR("t6"."lo" / 1000000000.0) AS BIGINT) * 1000000000
        ) AS "lo"
      FROM (
        SELECT
          "t4"."way",
          "t4"."axis_0",
          "t4"."contributor",
          SUM("t4"."hi") AS "hi",
          SUM("t4"."lo") AS "lo"
        FROM (
          SELECT
            "t3"."code_0",
            "t3"."period",
            "t3"."part",
            "t3"."contributor",
            "t3"."hi",
            "t3"."lo",
            0 AS "way",
            '_T' AS "axis_0"
          FROM "t2" AS "t3"
        ) AS "t4"
        GROUP BY
          1,
          2,
          3
      ) AS "t6"
    ) AS "t8"
  ) AS "t10"
  WHERE
    "t10"."place" < 5
) AS "t12"
UNION ALL
SELECT
  *
FROM (
  SELECT
    "t11"."way",
    "t11"."axis_0",
    "t11"."hi",
    "t11"."lo"
  FROM (
    SELECT
      "t9"."way",
      "t9"."axis_0",
      "t9"."contributor",
      "t9"."hi",
      "t9"."lo",
      ROW_NUMBER() OVER (
        PARTITION BY "t9"."way", "t9"."axis_0"
        ORDER BY "t9"."hi" DESC, "t9"."lo" DESC
        ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
      ) - 1 AS "place"
    FROM (
      SELECT
        "t7"."way",
        "t7"."axis_0",
        "t7"."contributor",
        "t7"."hi" + CAST(FLOOR("t7"."lo" / 1000000000.0) AS BIGINT) AS "hi",
        "t7"."lo" - (
          CAST(FLOOR("t7"."lo" / 1000000000.0) AS BIGINT) * 1000000000
        ) AS "lo"
      FROM (
        SELECT
          "t5"."way",
          "t5"."axis_0",
          "t5"."contributor",
          SUM("t5"."hi") AS "hi",
          SUM("t5"."lo") AS "lo"
        FROM (
          SELECT
            "t3"."code_0",
            "t3"."period",
            "t3"."part",
            "t3"."contributor",
            "t3"."hi",
            "t3"."lo",
            1 AS "way",
            COALESCE(
              CASE WHEN "t3"."code_0" IN ('_T') THEN CAST(NULL AS TEXT) ELSE "t3"."code_0" END,
              '_U'
            ) AS "axis_0"
          FROM "t2" AS "t3"
        ) AS "t5"
        GROUP BY
          1,
          2,
          3
      ) AS "t7"
    ) AS "t9"
  ) AS "t11"
  WHERE
    "t11"."place" < 5
) AS "t13";
