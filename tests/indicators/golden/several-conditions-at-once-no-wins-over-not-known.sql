-- above: counts
SELECT
  "t2"."inside",
  COUNT(*) AS "n"
FROM (
  SELECT
    "t1"."inside",
    "t1"."period"
  FROM (
    SELECT
      TRUE
      AND (
        "t0"."age" > 18
      )
      AND (
        "t0"."employed" = TRUE
      )
      AND (
        "t0"."sex" = 'F'
      ) AS "inside",
      0 AS "period",
      TRUE AS "belongs"
    FROM "people" AS "t0"
  ) AS "t1"
  WHERE
    COALESCE("t1"."inside", TRUE) AND "t1"."belongs"
) AS "t2"
GROUP BY
  1;
