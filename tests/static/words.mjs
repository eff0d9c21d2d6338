/**
 * Does every step and tensor of these runs have its words? Read a file of runs and a catalogue; print
 * a line for each message that is not there.
 */

import { readFileSync } from "node:fs";

import { knows, speak } from "../../static/i18n.js";
import { stepKeys, stepValues, tensorKeys } from "../../static/sentences.js";

const { catalogue, runs } = JSON.parse(readFileSync(process.argv[2] ?? "", "utf-8"));
speak("any", catalogue);

const missing = new Set();
/** @param {readonly string[]} keys from the special to the general */
const want = (keys) => {
  if (!keys.some(knows)) missing.add(keys.join(" or "));
};

for (const { run, steps, tensors } of runs) {
  for (const step of steps) {
    const keys = stepKeys(run, step);
    want(keys);
    want([`phase.${step.phase}`]);
    const text = catalogue[keys.find(knows) ?? ""] ?? "";
    const values = stepValues(run, step.writes);
    for (const [, name] of text.matchAll(/\{(\w+)\}/g)) {
      const value = values[name];
      const isTold = value !== undefined && !String(value).includes("function.");
      if (!isTold) missing.add(`${name} of ${keys}`);
    }
  }
  for (const tensor of tensors) {
    want(tensorKeys(run, tensor, "caption"));
    want(tensorKeys(run, tensor, "meaning"));
  }
}

for (const line of missing) console.log(line);
