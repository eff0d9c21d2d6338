import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { fill, knows, speak, t } from "../../static/i18n.js";
import {
  caption,
  meaning,
  replaySentence,
  stepKeys,
  stepSentence,
  updateSentence,
} from "../../static/sentences.js";

/**
 * A catalogue, read from its gettext file.
 * @param {string} language
 * @returns {Record<string, string>}
 */
function catalogue(language) {
  const path = `../../app/locales/${language}/LC_MESSAGES/messages.po`;
  const text = readFileSync(new URL(path, import.meta.url), "utf8");
  const found = [...text.matchAll(/msgid "(.+)"\nmsgstr "(.*)"/g)];
  return Object.fromEntries(found.map(([, key = "", said = ""]) => [key, JSON.parse(`"${said}"`)]));
}

/** @type {(kind: string, optimizer: string, loss: string, last: string) => any} */
const textbook = (kind, optimizer, loss, last) => ({
  layers: [
    { letter: "F", type: "conv", shape: [3, 4, 4] },
    { letter: "P", type: "pool", shape: [3, 2, 2] },
    { letter: "H", type: "dense", shape: [5] },
    { letter: "O", type: "dense", shape: [3] },
  ],
  config: {
    layers: [
      { type: "conv", activation: "sigmoid" },
      { type: "pool", kind },
      { type: "dense", activation: "relu" },
      { type: "dense", activation: last },
    ],
    loss,
    training: { optimizer, reduction: "sum", learn_from: "set" },
  },
});
const NAMES = {
  forward: ["F.z", "F.a", "P.a", "H.z", "H.a", "O.z", "O.a"],
  cost: ["C"],
  backward: ["O.da", "O.delta", "O.dw", "O.db", "H.da", "H.delta", "H.dw", "H.db"],
  more: ["P.da", "F.da", "F.delta", "F.dw", "F.db", "I.da"],
  update: ["F.w", "F.b", "H.w", "H.b", "O.w", "O.b"],
};
const LOOKS = [
  "I.a",
  "P.switch",
  "P.mask",
  "F.slope",
  "O.slope",
  "t",
  "eta",
  "iteration",
  "updates",
];

for (const language of ["en", "zh_Hans"]) {
  test(`every step and tensor of every kind has its words (${language})`, () => {
    speak(language, catalogue(language));
    for (const kind of ["max", "average", "l2"])
      for (const optimizer of ["gradient_descent", "momentum", "adam"])
        for (const [loss, last] of [
          ["squared_error", "sigmoid"],
          ["cross_entropy", "softmax"],
        ]) {
          const run = textbook(kind, optimizer, loss ?? "", last ?? "");
          for (const [phase, tensors] of Object.entries(NAMES))
            for (const writes of tensors) {
              const step = { phase, writes };
              assert.ok(stepKeys(run, step).some(knows), `${writes}: ${stepKeys(run, step)}`);
              assert.doesNotMatch(stepSentence(run, step), /[{}]/);
            }
          for (const tensor of [...Object.values(NAMES).flat(), ...LOOKS]) {
            assert.doesNotMatch(caption(run, tensor), /^caption\.|[{}]/);
            assert.doesNotMatch(meaning(run, tensor), /^meaning\.|[{}]/);
          }
        }
  });
}

test("max pooling has a sentence of its own for δ, other pooling does not", () => {
  speak("en", catalogue("en"));
  const step = { phase: "backward", writes: "F.delta" };
  const said = ["max", "average"].map((kind) =>
    stepSentence(textbook(kind, "adam", "squared_error", "sigmoid"), step),
  );
  assert.match(said[0] ?? "", /winner/);
  assert.doesNotMatch(said[1] ?? "", /winner/);
});

test("the update says whose gradient it uses", () => {
  speak("en", catalogue("en"));
  const run = textbook("max", "gradient_descent", "squared_error", "sigmoid");
  const all = Array.from({ length: 96 }, (_, i) => i);
  assert.match(updateSentence(run, { samples: all }), /the sum over 96 images/);
  run.config.training.learn_from = "stage";
  assert.match(updateSentence(run, { samples: all }), /this image alone/);
});

test("a missing message and a missing value are seen", () => {
  assert.equal(t("no.such.key"), "no.such.key");
  assert.equal(fill("{a} and {b}", { a: 1 }), "1 and {b}");
});

test("a run that was begun elsewhere says how far its replay is from what was kept", () => {
  for (const language of ["en", "zh_Hans"]) {
    speak(language, catalogue(language));
    assert.equal(replaySentence(null), "");
    const said = [null, 0, 2.34e-15].map((difference) => replaySentence({ difference }));
    assert.equal(new Set(said).size, 3);
    assert.match(said[2] ?? "", /2\.3e−15/);
  }
});
