-- above: counts
SELECT
  "t1"."code_0",
  "t1"."inside",
  COUNT(*) AS "n"
FROM (
  SELECT
    "t0"."area" AS "code_0",
    TRUE AS "inside",
    0 AS "period"
  FROM "people" AS "t0"
  WHERE
    COALESCE(TRUE, TRUE)
    AND TRUE
    AND NOT (
      COALESCE("t0"."area", '_U') IN ('MAR', 'R2', 'R2A')
    )
) AS "t1"
GROUP BY
  1,
  2;
