// The NumPy programs that the page copies, for some cells of each tensor that Python wrote down, as JSON.
//   node tests/static/programs.mjs network.json
import { readFileSync } from "node:fs";
import { lookupIn } from "../../static/formula.js";
import { numpyProgram } from "../../static/numpy.js";

const [, , path = ""] = process.argv;
const { trace, formulas } = JSON.parse(readFileSync(path, "utf8"));
const look = lookupIn(trace);
/** @type {Map<string, any[]>} */
const cells = new Map();
for (const formula of formulas)
  cells.set(formula.tensor, [...(cells.get(formula.tensor) ?? []), formula]);
const some = [...cells.values()].flatMap((all) => [...new Set([all[0], all.at(-1)])]);
const programs = some.map(({ tensor, index, of, tree }) => ({
  cell: `${of ?? ""}:${tensor}[${index}]`,
  program: numpyProgram("value", tree, trace),
  expected: look({ tensor, index, of }),
}));
process.stdout.write(JSON.stringify(programs));
