import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { engineParser, piece } from "./bundled.mjs";

const expressions = readFileSync(join(import.meta.dirname, "expressions.txt"), "utf-8").split("\n").filter(Boolean);

function tree(node) {
  return { type: node.type, text: node.text, children: node.children.map(tree) };
}

function read(parser, expression) {
  try {
    return tree(parser.parse(expression).rootNode);
  } catch {
    return "refused";
  }
}

test("our parser reads every expression as the engine's own does", async () => {
  const [ours, theirs] = [(await piece("xpath")).expressionParser, await engineParser()];
  assert.ok(expressions.length > 90);
  for (const expression of expressions) assert.deepEqual(read(ours, expression), read(theirs, expression), expression);
});

test("a minus before a minus is XPath, and ours reads it", async () => {
  const { readExpression } = await piece("xpath");
  assert.equal(readExpression("--1").children[0].children[0].type, "unary_expr");
  for (const wrong of ["", "1 2", "a[", "a/-b", "$x", "f(", "f(1,)", "//"]) assert.throws(() => readExpression(wrong), wrong);
});

test("numbers are read as people write them", async () => {
  const { plainNumber } = await piece("text");
  assert.equal(plainNumber("٣٤"), "34");
  assert.equal(plainNumber("1 250,5"), "1250.5");
  assert.equal(plainNumber("١٢٫٥"), "12.5");
  assert.equal(plainNumber("\u2212 7"), "-7");
  assert.equal(plainNumber("twelve"), "twelve");
});

test("a long list is searched without accents, cases and ways of writing", async () => {
  const { plainWord } = await piece("text");
  assert.ok(plainWord("Côte d’Ivoire").includes(plainWord("cote d'i")));
  assert.ok(plainWord("إِسبانيا").includes(plainWord("اسبان")));
  assert.ok(plainWord("غينيا الاستوائية").includes(plainWord("الاستوائيه")));
  assert.ok(!plainWord("Niger").includes(plainWord("Nigéria")));
});

test("files packed together come out as they were", async () => {
  const { packed, unpacked } = await piece("bytes");
  const files = [new File(["<x>é</x>"], "record.xml", { type: "text/xml" }), new File([new Uint8Array([0, 255, 7])], "a.jpg", { type: "image/jpeg" })];
  const { manifest, files: found } = unpacked(await packed({ form: "f", version: "1", page: 2 }, files));
  assert.equal(manifest.page, 2);
  assert.equal(await found[0].text(), "<x>é</x>");
  assert.deepEqual([...new Uint8Array(await found[1].arrayBuffer())], [0, 255, 7]);
});

test("a draft opens with its own key in its own place, and nowhere else", async () => {
  const { draftKey, locked, unlocked } = await piece("seal");
  const secret = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8";
  const [hers, his] = [await draftKey(secret, "amina"), await draftKey(secret, "brahim")];
  const piece1 = await locked(hers, "draft:1", new TextEncoder().encode("secret words"));
  assert.equal(new TextDecoder().decode(await unlocked(hers, "draft:1", piece1)), "secret words");
  await assert.rejects(unlocked(his, "draft:1", piece1));
  await assert.rejects(unlocked(hers, "draft:2", piece1));
  assert.equal(hers.extractable, false);
});

test("every word is there in three languages, with the same gaps", async () => {
  const { speak, say } = await piece("words");
  const gaps = { title: "T", number: 1, page: 1, pages: 2, size: "3", count: 4, metres: 5 };
  for (const word of ["addAnother", "instance", "page", "signOutAsk", "located", "pictureTooLarge"]) {
    for (const language of ["fr", "ar", "en"]) {
      speak(language);
      assert.doesNotMatch(say(word, gaps), /\{|undefined/, `${word} ${language}`);
    }
  }
});
