// Reads what Python wrote down of a network (symbols, formulas, one trace) and says where the page's
// own reading of it differs. One line a difference; nothing where they agree.
//   node tests/static/agree.mjs network.json
import { readFileSync } from "node:fs";
import katex from "katex";
import { lookupIn, nameOf, value } from "../../static/formula.js";
import { explainingLines } from "../../static/lines.js";
import { networkOf, symbol } from "../../static/notation.js";

const [, , path = ""] = process.argv;
const { run, trace, formulas, symbols } = JSON.parse(readFileSync(path, "utf8"));
const network = networkOf(run);
const look = lookupIn(trace);
/** @type {string[]} */
const differences = [];

for (const { cell, tex } of symbols) {
  const written = symbol(network, cell);
  if (written !== tex)
    differences.push(`${nameOf({ index: [], ...cell })}: ${tex} is written ${written}`);
}
for (const { tensor, index, of, tree, law } of formulas) {
  const cell = { tensor, index, of };
  const expected = look(cell);
  const source = of === "next" ? trace.batch.updated[tensor] : trace.tensors[tensor];
  const scale = Math.max(...source.values.map(Math.abs));
  const actual = value(tree, look);
  if (!(Math.abs(actual - expected) <= 1e-12 * scale + 1e-15))
    differences.push(`${nameOf(cell)}: ${expected} is computed as ${actual}`);
  const lines = explainingLines(tree, {
    trace,
    network,
    digits: 2,
    open: new Set(),
    unfolded: true,
  });
  for (const tex of [law, ...lines.map((line) => line.tex)]) {
    try {
      katex.renderToString(tex, { throwOnError: true, strict: false, trust: true, output: "html" });
    } catch (error) {
      differences.push(`${nameOf(cell)}: KaTeX refuses ${tex}: ${error}`);
    }
  }
}
process.stdout.write(differences.slice(0, 50).join("\n"));
