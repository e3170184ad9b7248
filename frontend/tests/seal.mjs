// Seals what stands on standard input, as a page does: {"key", "label", "about", "files": [{"name", "type", "text"}]} -> base64.
import { readFileSync } from "node:fs";
import { piece } from "./bundled.mjs";

const { key, label, about, files } = JSON.parse(readFileSync(0, "utf-8"));
const [{ packed }, { sealed }] = [await piece("bytes"), await piece("seal")];
const content = await packed(about, files.map(({ name, type, text }) => new File([text], name, { type })));
process.stdout.write(Buffer.from(await sealed(content, label, key)).toString("base64"));
