// Pieces of the forms, and the engine's own XPath parser to compare ours with, as modules that Node can run.
import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { rolldown } from "rolldown";

const ROOT = resolve(import.meta.dirname, "..");
const folder = mkdtempSync(join(tmpdir(), "marsad-forms-"));

/** A module of `src/forms`, with what it imports. */
export async function piece(name) {
  const bundle = await rolldown({ input: join(ROOT, "src/forms", `${name}.ts`) });
  const file = join(folder, `${name}.mjs`);
  await bundle.write({ file, format: "esm" });
  await bundle.close();
  return import(file);
}

/** The parser that the engine comes with, cut out of its file between the marks that the build replaces it by. */
export async function engineParser() {
  const source = readFileSync(join(ROOT, "node_modules/@getodk/xforms-engine/dist/index.js"), "utf-8");
  const begins = source.indexOf("function _mergeNamespaces$1");
  const ends = /const expressionParser = await ExpressionParser\.init\(\{[^}]*\}\);\n/.exec(source);
  const file = join(folder, "engine-parser.mjs");
  const node = 'import { createRequire } from "node:module";\nimport * as require$$0$1 from "node:fs";\nconst require = createRequire(import.meta.url);\nconst __dirname = ".";\n';
  writeFileSync(file, `${node}${source.slice(begins, ends.index + ends[0].length)}\nexport { expressionParser };\n`);
  return (await import(file)).expressionParser;
}
