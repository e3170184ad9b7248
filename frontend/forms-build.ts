// The forms in the build: the engine without its compiled parser, a service worker in one file, the list of what it keeps.
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { build, type Plugin } from "vite";

const FORMS = resolve(import.meta.dirname, "src/forms");
const ENGINE = /xforms-engine[\\/]dist[\\/]index\.js$/;
/** In the engine's file: where its compiled XPath parser begins, and the line that makes the one parser of the engine. */
export const PARSER_BEGINS = "const xpathLanguage = \"data:application/wasm";
export const PARSER_ENDS = /const expressionParser = await ExpressionParser\.init\(\{[^}]*\}\);\n/;

/** The engine's own reader of XPath needs WebAssembly and eval, which the pages' policy forbids; ours stands in for it. */
export function engineWithoutEval(): Plugin {
  return {
    name: "marsad-engine-without-eval",
    enforce: "pre",
    transform(code, id) {
      if (!ENGINE.test(id.split("?")[0] ?? "")) return null;
      const begins = code.indexOf(PARSER_BEGINS);
      const ends = PARSER_ENDS.exec(code);
      if (begins < 0 || !ends || ends.index < begins) {
        this.error("the XForms engine has changed: its XPath parser is not where it was, and would need eval in the page");
      }
      const kept = keptHelpers(code.slice(begins, ends.index));
      const ours = `import { expressionParser } from ${JSON.stringify(resolve(FORMS, "xpath.ts"))};\n`;
      return { code: ours + code.slice(0, begins) + kept + code.slice(ends.index + ends[0].length), map: null };
    },
  };
}

/** Small functions of the bundle that stand among the parser's and that the rest of the engine uses too. */
function keptHelpers(parser: string): string {
  const helpers = ["commonjsGlobal", "getDefaultExportFromCjs", "getAugmentedNamespace"];
  const begins = parser.search(/^const ambiguousGlobalThis/m);
  const ends = parser.search(/^var treeSitter = /m);
  const found = begins >= 0 && ends > begins ? parser.slice(begins, ends) : "";
  const missing = helpers.filter((name) => parser.includes(name) && !found.includes(name));
  if (missing.length) throw new Error(`the XForms engine has changed: ${missing.join(", ")} moved`);
  return found;
}

/** A service worker is one classic script: it is built apart, in one piece. */
export function formsWorker(out: string): Plugin {
  return {
    name: "marsad-forms-worker",
    async writeBundle() {
      await build({
        configFile: false,
        logLevel: "warn",
        publicDir: false,
        build: {
          outDir: out,
          emptyOutDir: false,
          modulePreload: false,
          rolldownOptions: {
            input: resolve(FORMS, "worker.ts"),
            output: { format: "iife", entryFileNames: "forms-worker.js" },
          },
        },
      });
    },
  };
}

/** ``forms.json``: the entry of the forms and the pieces it loads, which the service worker keeps for the road. */
export function formsList(): Plugin {
  return {
    name: "marsad-forms-list",
    generateBundle(_, bundle) {
      const wanted = new Set<string>();
      const follow = (name: string): void => {
        const chunk = bundle[name];
        if (wanted.has(name) || chunk?.type !== "chunk") return;
        wanted.add(name);
        for (const next of [...chunk.imports, ...chunk.dynamicImports]) follow(next);
      };
      follow("forms.js");
      this.emitFile({ type: "asset", fileName: "forms.json", source: JSON.stringify([...wanted].sort()) });
    },
  };
}

export const FORMS_ENTRY = resolve(FORMS, "main.ts");

/** Pieces of the forms carry a digest in their names: a page of yesterday never meets a piece of today. */
export function chunkName(chunk: { moduleIds: string[] }): string {
  return chunk.moduleIds.some((id) => id.includes("/src/forms/") || ENGINE.test(id)) ? "forms-[name]-[hash].js" : "[name].js";
}

export function engineSource(modules: string): string {
  return readFileSync(resolve(modules, "@getodk/xforms-engine/dist/index.js"), "utf-8");
}
