// Builds the style sheets (left to right and right to left), the scripts, and the fonts of pages and of charts.
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";
import rtlcss from "rtlcss";
import subsetFont from "subset-font";
import { defineConfig, type Plugin } from "vite";
import { chunkName, engineWithoutEval, FORMS_ENTRY, formsList, formsWorker } from "./forms-build.ts";

const OUT = resolve(import.meta.dirname, "../src/marsad/web/static/build");
const MODULES = resolve(import.meta.dirname, "node_modules");

/** Every code point of some ranges, as a string: what a font of the pages must be able to write. */
function characters(...ranges: [number, number][]): string {
  return ranges.map(([from, to]) => String.fromCodePoint(...Array.from({ length: to - from + 1 }, (_, i) => from + i))).join("");
}

const LATIN = characters([0x20, 0x7e], [0xa0, 0xff], [0x152, 0x153], [0x178, 0x178], [0x2002, 0x200f], [0x2010, 0x2026])
  + characters([0x202f, 0x2030], [0x2039, 0x203a], [0x2066, 0x2069], [0x20ac, 0x20ac], [0x2190, 0x2193], [0x2212, 0x2212], [0x2248, 0x2248], [0x2260, 0x2265]);
// The letters and marks of Modern Standard Arabic and of the names of Morocco, not those of Persian or Urdu.
const ARABIC = characters([0x20, 0x20], [0x60c, 0x60c], [0x61b, 0x61b], [0x61f, 0x61f], [0x621, 0x63a], [0x640, 0x655], [0x66a, 0x66c], [0x670, 0x671])
  + "\u06a4\u06ad\u06af\u200c\u200d\u200e\u200f\ufdfd";

const WEB_FONTS = [
  { family: "ibm-plex-sans", weight: "400Regular", text: LATIN, name: "plex-400" },
  { family: "ibm-plex-sans", weight: "600SemiBold", text: LATIN, name: "plex-600" },
  { family: "ibm-plex-sans-arabic", weight: "400Regular", text: ARABIC, name: "plex-arabic-400" },
  { family: "ibm-plex-sans-arabic", weight: "600SemiBold", text: ARABIC, name: "plex-arabic-600" },
];

function fullFont(family: string, weight: string): string {
  const prefix = family === "ibm-plex-sans" ? "IBMPlexSans" : "IBMPlexSansArabic";
  return resolve(MODULES, "@expo-google-fonts", family, weight, `${prefix}_${weight}.ttf`);
}

function fonts(): Plugin {
  return {
    name: "marsad-fonts",
    async writeBundle() {
      mkdirSync(resolve(OUT, "fonts"), { recursive: true });
      mkdirSync(resolve(OUT, "fonts-ttf"), { recursive: true });
      for (const { family, weight, text, name } of WEB_FONTS) {
        const full = fullFont(family, weight);
        writeFileSync(resolve(OUT, "fonts", `${name}.woff2`), await subsetFont(readFileSync(full), text, { targetFormat: "woff2" }));
        copyFileSync(full, resolve(OUT, "fonts-ttf", full.split("/").pop()!));
      }
    },
  };
}

function rightToLeft(): Plugin {
  return {
    name: "marsad-right-to-left",
    generateBundle(_, bundle) {
      for (const asset of Object.values(bundle)) {
        if (asset.type === "asset" && asset.fileName === "style.css") {
          this.emitFile({ type: "asset", fileName: "style.rtl.css", source: rtlcss.process(String(asset.source)) });
        }
      }
    },
  };
}

function mapWorker(): Plugin {
  return {
    name: "marsad-map-worker",
    writeBundle() {
      copyFileSync(resolve(MODULES, "maplibre-gl/dist/maplibre-gl-worker.mjs"), resolve(OUT, "map-worker.js"));
    },
  };
}

export default defineConfig({
  base: "./",
  publicDir: "public",
  logLevel: "warn",
  build: {
    outDir: OUT,
    emptyOutDir: true,
    assetsInlineLimit: 0,
    cssCodeSplit: true,
    modulePreload: false,
    chunkSizeWarningLimit: 1500,
    rolldownOptions: {
      input: { main: resolve(import.meta.dirname, "src/main.ts"), style: resolve(import.meta.dirname, "src/main.scss"), forms: FORMS_ENTRY },
      output: { entryFileNames: "[name].js", chunkFileNames: chunkName, assetFileNames: "[name][extname]" },
      // fonts and images stand beside the bundle under the same relative address
      external: [/^\.\/(fonts|images)\//],
    },
  },
  css: { preprocessorOptions: { scss: { quietDeps: true, silenceDeprecations: ["import", "global-builtin", "color-functions", "if-function"] } } },
  plugins: [engineWithoutEval(), rightToLeft(), fonts(), mapWorker(), formsList(), formsWorker(OUT)],
});
