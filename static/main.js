/**
 * The composition root: the only module that joins the store, the server and the elements.
 */

import { Actions } from "./actions.js";
import { api } from "./api.js";
import { isComputed } from "./explanation.js";
import { languageTag, LANGUAGES, speak, t } from "./i18n.js";
import { intentOf, usesKey } from "./keys.js";
import { currentStep, flatten, isCovered, reading, tellingCell } from "./moment.js";
import { networkOf } from "./notation.js";
import { colour } from "./scale.js";
import { stepSentence, updateSentence } from "./sentences.js";
import { preferencesOf, Store } from "./store.js";
import { sheet } from "./elements/page-element.js";
import "./elements/formula-panel.js";
import "./elements/network-map.js";
import "./elements/step-player.js";

/** @typedef {import("./store.js").State} State */
/** @typedef {import("./moment.js").Cell} Cell */

const PREFERENCES = "backlit.preferences";
const PLAY_EVERY = 1500;
const AHEAD_AFTER = 1500;

const store = new Store();
const actions = new Actions(store, api, t);
const root = document.documentElement;

/**
 * @param {string} selector
 * @returns {any}
 */
const the = (selector) => document.querySelector(selector);
const map = the("network-map");
const player = the("step-player");
const formula = the("formula-panel");
const panel = the("#panel");

/* ---- what is explained ---- */

/**
 * The cell that the panel explains: the pinned one, the one pointed at, or one that tells most of
 * what the step does.
 * @param {State} state
 * @returns {Cell | null}
 */
function explained({ pinned, hovered, trace, position, focus, motion }) {
  if (!trace) return null;
  if (motion && !(motion.aside && hovered)) return motion.beats[motion.at]?.value[0] ?? null;
  if (pinned) return pinned;
  if (hovered && reading(trace, position.step, hovered.tensor)?.written) return hovered;
  const now = currentStep(trace, position.step);
  const read = now && reading(trace, position.step, now.writes);
  if (!now || !read) return null;
  const map = Object.values(focus)[0] ?? 0;
  return { tensor: now.writes, index: tellingCell(read.tensor, map), of: now.of ?? null };
}

/**
 * @param {State} state
 * @param {Cell | null} cell
 */
function formulaOf({ formulas, trace }, cell) {
  const all = cell && formulas[cell.tensor];
  const shape = cell && trace?.tensors[cell.tensor]?.shape;
  return all && shape ? (all[flatten(shape, cell.index)] ?? null) : null;
}

/** Only a cell that was chosen lights the map; the step itself is shown by its frames.
 * @param {State} state */
function lightsOf(state) {
  const { motion } = state;
  const beat = motion && !motion.aside ? motion.beats[motion.at] : undefined;
  if (motion && beat) {
    const whole = motion.kind === "cells";
    const [value = null] = beat.value;
    return { value, reads: whole ? beat.reads : [], terms: whole ? [] : beat.term };
  }
  const chosen = state.pinned ?? state.hovered;
  const formula = formulaOf(state, chosen);
  const terms = state.term ? [state.term] : [];
  return { value: chosen, reads: formula?.cells ?? [], terms };
}

/* ---- state → page ---- */

/**
 * @param {State} state
 * @param {State} before
 */
function show(state, before) {
  const { run, trace, position } = state;
  if (!run || !trace) return;
  if (state.theme !== before.theme) showTheme(state);
  if (state.words !== before.words) showWords();
  if (before.run && before.run.config_hash !== run.config_hash) firstFocus();
  const { language, digits, theme } = state;
  const common = { language: `${language}${state.words}`, digits, theme };
  const cell = explained(state);
  if (cell && isComputed(cell)) void actions.loadFormulas(cell.tensor, cell.index);
  const covered = isCovered(state);
  root.toggleAttribute("data-covered", covered);
  // What lies under a large map is drawn again when that is closed.
  assign(state.zoomed ? null : map, {
    ...common,
    run,
    trace,
    step: position.step,
    covered,
    chosen: state.focus,
    lights: lightsOf(state),
    film: state.motion,
    costs: state.costs,
    busy: state.busy,
    message: state.message,
    floors: state.sameScale ? state.limits : null,
    classes: state.dataset?.classes ?? trace.tensors.t?.values.map((_, at) => String(at)) ?? [],
  });
  assign(player, {
    language: common.language,
    steps: trace.steps,
    step: position.step,
    iteration: position.iteration,
    iterations: run.iterations,
    network: networkOf(run),
    playing: state.playing,
    speed: state.speed,
    busy: state.busy,
  });
  assign(formula, {
    ...common,
    run,
    trace,
    cell,
    formulas: state.formulas,
    hovered: state.hovered,
    contributions: state.contributions,
    check: state.check,
    examples: state.dataset,
    costs: state.costs,
    pinned: state.pinned !== null,
    film: state.motion,
    activations: state.activations,
    curve: state.curve,
    outcome: state.outcome,
  });
  showStep(state);
  showPanel(state, before);
  showTeaching(state, before);
  if (state.zoomed || before.zoomed) void showLarge(before.zoomed);
}

/**
 * One tensor over the whole stage.
 * @param {string | null} before which one was
 */
async function showLarge(before) {
  await Promise.all([sheet("large"), import("./elements/large-map.js")]);
  const { run, trace, position, zoomed: tensor, ...state } = store.state;
  map.inert = tensor !== null;
  if (!tensor || !trace?.tensors[tensor]) {
    the("large-map")?.remove();
    if (before && !tensor) map.focus();
    return;
  }
  if (!the("large-map")) map.after(document.createElement("large-map"));
  assign(the("large-map"), {
    run,
    trace,
    tensor,
    step: position.step,
    chosen: state.focus,
    lights: lightsOf(store.state),
    floors: state.sameScale ? state.limits : null,
    language: `${state.language}${state.words}`,
    digits: state.digits,
    theme: state.theme,
  });
}

/**
 * @param {any} element
 * @param {Record<string, unknown>} properties
 */
function assign(element, properties) {
  if (element) Object.assign(element, properties);
}

/** @param {State} state */
function showStep(state) {
  const { run, trace, position, message } = state;
  if (!trace) return;
  const now = currentStep(trace, position.step) ?? undefined;
  const phase = now ? t(`phase.${now.phase}`) : t("ui.start");
  const count = t("ui.step_of", { step: position.step, steps: trace.steps.length });
  const then = isCovered(state) ? t("teach.guess") : phase;
  put("#step-count", now ? `${count} · ${then}` : count);
  the("#step-count").dataset.phase = now?.phase ?? "";
  const sum = now?.phase === "update" ? ` ${updateSentence(run, trace.batch)}` : "";
  put("#step-sentence", stepSentence(run, now) + sum);
  const { dataset, training } = run.config;
  the("#learn-from").hidden = now?.phase !== "update" || !dataset;
  const other = training.learn_from === "stage" ? "set" : "stage";
  put("#learn-from", `⇄ ${t(`update.${other}_choice`)}`);
  the("#learn-from").title = t(`update.use_${other}`);
  const { sample } = trace.stage;
  put("#on-stage", sample === null ? t("ui.drawing") : t("ui.sample", { number: sample + 1 }));
  const said = message && (message.where === "page" || message.where === "pad") ? message.text : "";
  put("#message", said);
  the("#message").hidden = said === "";
}

/**
 * @param {string} selector
 * @param {string} text
 */
function put(selector, text) {
  const element = the(selector);
  if (element && element.textContent !== text) element.textContent = text;
}

/* ---- in front of a class ---- */

/**
 * What is hidden, what alone is lit, and on the wall what was done last.
 * @param {State} state
 * @param {State} before
 */
function showTeaching(state, before) {
  const { hide, spotlight, theme } = state;
  if (hide !== before.hide) root.dataset.hide = hide.join(" ");
  if (spotlight || before.spotlight) {
    void import("./elements/spot-light.js");
    assign(the("spot-light"), { tensor: spotlight });
  }
  if (theme === "projector") void showLog(state, before);
}

/** @type {Promise<unknown> | undefined} */
let log;

/**
 * What was done is noted in the order in which it was done, also while the log is on its way.
 * @param {State} state
 * @param {State} before
 */
async function showLog(state, before) {
  await (log ??= import("./elements/action-log.js"));
  the("action-log").note(state, before);
}

/** The tensor of the cell that is explained alone in the light, or everything again. */
function spotlightHere() {
  const cell = store.state.spotlight ? null : explained(store.state);
  store.set({ spotlight: cell?.tensor ?? null });
}

/* ---- panels: images, training, settings ---- */

/**
 * @param {State} state
 * @param {State} before
 */
function showPanel(state, before) {
  if (state.panel !== before.panel) {
    panel.hidden = state.panel === null;
    for (const part of panel.querySelectorAll("[data-panel]")) {
      part.hidden = part.dataset.panel !== state.panel;
    }
    for (const button of document.querySelectorAll("[data-open]")) {
      button.setAttribute(
        "aria-expanded",
        String(button.getAttribute("data-open") === state.panel),
      );
    }
    if (state.panel)
      panel.querySelector(`[data-panel=${state.panel}]`)?.querySelector("h2")?.focus();
  }
  if (state.panel) void showParts();
}

/** What the open panel shows, as things stand when its parts have come. */
async function showParts() {
  (await panels()).show();
}

/** @type {Promise<import("./panels.js").Panels> | undefined} */
let parts;

/** What fills the panels, fetched when one is first opened. */
function panels() {
  parts ??= import("./panels.js").then(
    ({ Panels }) => new Panels({ store, actions, learning, lesson, allWords }),
  );
  return parts;
}

/** @type {Promise<import("./actions/training.js").TrainingActions> | undefined} */
let trainings;

/** What training needs, fetched after the first picture. */
function learning() {
  trainings ??= import("./actions/training.js").then(
    ({ TrainingActions }) => new TrainingActions(actions),
  );
  return trainings;
}

/**
 * Do an edit; one in the past says first that a new future begins, and what may be kept.
 * @param {() => unknown} edit
 */
async function fromHere(edit) {
  const { run, position } = store.state;
  if (position.iteration >= run.iterations) return edit();
  await Promise.all([allWords(), sheet("film"), import("./elements/future-dialog.js")]);
  assign(the("future-dialog"), {
    language: `${store.state.language}${store.state.words}`,
    from: position.iteration,
    to: run.iterations,
    open: true,
  });
  const choice = await new Promise((chosen) => {
    document.addEventListener(
      "future",
      (event) => chosen(/** @type {CustomEvent} */ (event).detail.choice),
      { once: true },
    );
  });
  if (choice === "cancel") return store.set({ words: store.state.words + 1 });
  if (choice === "keep" && !(await (await learning()).keep({}))) return;
  await edit();
}

/* ---- theme, words, preferences ---- */

/** @param {State} state */
function showTheme({ theme }) {
  root.dataset.theme = theme;
  const scales = /** @type {const} */ ({
    signed: [-1, -0.5, 0, 0.5, 1],
    positive: [0, 0.25, 0.5, 0.75, 1],
  });
  for (const kind of /** @type {const} */ (["signed", "positive"])) {
    const stops = scales[kind].map((value) => colour(value, { kind, limit: 1 }, theme));
    root.style.setProperty(`--legend-${kind}`, `linear-gradient(to right, ${stops.join(", ")})`);
  }
}

function showWords() {
  root.lang = languageTag();
  document.title = t("page.title");
  for (const element of document.querySelectorAll("[data-t]")) {
    element.textContent = t(element.getAttribute("data-t") ?? "");
  }
  for (const name of ["aria-label", "title"]) {
    for (const element of document.querySelectorAll(`[data-t-${name}]`)) {
      element.setAttribute(name, t(element.getAttribute(`data-t-${name}`) ?? ""));
    }
  }
}

/** @param {Partial<State>} preferences */
function prefer(preferences) {
  store.set(preferences);
  try {
    localStorage.setItem(PREFERENCES, JSON.stringify(preferencesOf(store.state)));
  } catch {
    // A browser that keeps nothing still shows everything.
  }
}

function kept() {
  try {
    return JSON.parse(localStorage.getItem(PREFERENCES) ?? "{}");
  } catch {
    return {};
  }
}

/** @type {Promise<void> | undefined} */
let said;

/** All words, those too that the first picture can do without. */
function allWords() {
  said ??= api.catalogue(store.state.language).then((catalogue) => {
    speak(store.state.language, catalogue);
    store.set({ words: store.state.words + 1 });
  });
  return said;
}

/** @param {string} language */
async function changeLanguage(language) {
  said = Promise.resolve();
  speak(language, await api.catalogue(language));
  document.cookie = `language=${language}; path=/; max-age=31536000; samesite=lax`;
  store.set({ language, words: store.state.words + 1 });
}

/* ---- intent → action ---- */

/** @type {Record<string, (detail: any) => unknown>} */
const INTENTS = {
  step: (detail) => actions.step(detail),
  phase: (detail) => actions.phase(detail),
  iteration: (detail) => actions.iteration(detail),
  descend: (detail) => actions.descend(detail),
  reset: () => actions.reset(),
  "new-weights": () => actions.newWeights(),
  draw: (detail) => actions.draw(detail),
  label: (detail) => actions.label(detail),
  "label-named": ({ name }) => {
    const label = store.state.dataset?.classes.indexOf(name) ?? -1;
    if (label >= 0) void actions.label({ label });
  },
  "choose-sample": (detail) => actions.chooseSample(detail),
  "bring-dataset": (detail) => actions.bringDataset(detail),
  "add-drawing": () => fromHere(() => actions.addDrawing()),
  "save-drawing": () => actions.saveDrawing(),
  "split-dataset": () => fromHere(() => actions.splitDataset()),
  "edit-parameter": (detail) => fromHere(() => actions.editParameter(detail)),
  configure: (detail) => fromHere(() => actions.configure(detail)),
  train: async (detail) => (await learning()).train(detail),
  "train-pause": async (detail) => (await learning()).alter(detail),
  "train-speed": async (detail) => (await learning()).alter(detail),
  "train-stop": async () => (await learning()).stop(),
  replay: async (detail) => (await learning()).replay(detail),
  "branch-keep": async (detail) => (await learning()).keep(detail),
  "branch-compare": async (detail) => (await learning()).compare(detail),
  "branch-take": async (detail) => (await learning()).take(detail),
  "branch-drop": async (detail) => (await learning()).drop(detail),
  "seeds-try": async (detail) => (await learning()).trySeeds(detail),
  "seeds-drop": async () => (await learning()).dropSeeds(),
  hide: ({ what, on }) => {
    const others = store.state.hide.filter((one) => !what.includes(one));
    store.set({ hide: on ? [...others, ...what] : others });
  },
  predict: ({ on }) => store.set({ predict: on, revealed: store.state.position }),
  reveal: () => actions.reveal(),
  spotlight: ({ tensor }) => store.set({ spotlight: tensor }),
  "spotlight-here": spotlightHere,
  share: async () => (await import("./actions/teaching.js")).share(actions),
  "learn-from": async () => {
    const { run, position } = store.state;
    const from = run.config.training.learn_from === "stage" ? "set" : "stage";
    await actions.configure({ training: { learn_from: from } });
    await actions.step({ to: position.step });
  },
  undo: () => actions.undo(),
  redo: () => actions.redo(),
  "cell-hover": (cell) => hover(cell),
  "cell-pin": (cell) => {
    const { lesson, panel } = store.state;
    if (cell && panel === "lesson" && lesson?.asks === cell.tensor) return asked("answer")(cell);
    store.set({ pinned: same(cell, store.state.pinned) ? null : cell });
  },
  "lesson-go": asked("go"),
  "lesson-back": asked("back"),
  "lesson-chapter": asked("choose"),
  "lesson-answer": asked("answer"),
  "lesson-hint": asked("hint"),
  "lesson-solve": asked("solve"),
  "lesson-cells": asked("cells"),
  "lesson-image": asked("image"),
  "lesson-pool": (detail) => fromHere(() => asked("pool")(detail)),
  zoom: (detail) => zoom(detail?.tensor),
  unzoom: () => store.set({ zoomed: null, hovered: null }),
  "term-hover": (cell) => store.set({ term: cell }),
  "need-image": (detail) => actions.loadImages(detail),
  "need-formulas": ({ tensor, index }) => actions.loadFormulas(tensor, index),
  "contributions-wanted": (detail) => actions.loadContributions(detail),
  "check-wanted": (detail) => actions.loadCheck(detail),
  "focus-map": focusMap,
  "what-if": async (detail) => (await whatIf()).change(detail),
  "activation-wanted": async (detail) => (await curves()).activation(detail),
  "curve-wanted": async (detail) => (await curves()).cost(detail),
  "after-wanted": async () => (await curves()).after(),
  "show-how": async (detail) => (await motion()).begin(detail),
  beat: async (detail) => (await motion()).beat(detail),
  "beat-play": async () => (await motion()).toggle(),
  "film-end": async () => (await motion()).end(),
  play: () => store.set({ playing: !store.state.playing }),
  speed: ({ speed }) => store.set({ speed }),
  prefer: (detail) => prefer(detail),
  open: ({ panel: name }) => store.set({ panel: store.state.panel === name ? null : name }),
  leave: () =>
    store.set({
      pinned: null,
      hovered: null,
      term: null,
      panel: null,
      spotlight: null,
      zoomed: null,
    }),
  language: () => changeLanguage(nextOf(Object.keys(LANGUAGES), store.state.language)),
  theme: () => prefer({ theme: store.state.theme === "dark" ? "light" : "dark" }),
  projector: () => prefer({ theme: store.state.theme === "projector" ? "light" : "projector" }),
  "full-screen": () =>
    document.fullscreenElement
      ? document.exitFullscreen()
      : root.requestFullscreen().catch(() => null),
  "draw-here": () => the("drawing-pad tensor-heatmap")?.focusCell(),
  explain: () => {
    const cell = explained(store.state);
    if (cell) store.set({ pinned: cell });
  },
  help: openHelp,
};

/** @type {Promise<import("./actions/what-if.js").WhatIf> | undefined} */
let asking;

/** What follows a number that is dragged, fetched when one is. */
function whatIf() {
  asking ??= import("./actions/what-if.js").then(({ WhatIf }) => new WhatIf(actions));
  return asking;
}

/** @type {Promise<import("./actions/curves.js").Curves> | undefined} */
let drawing;

/** What asks for curves, fetched when one is first wanted. */
function curves() {
  drawing ??= import("./actions/curves.js").then(({ Curves }) => new Curves(actions));
  return drawing;
}

/** @type {Promise<import("./actions/motion.js").Motion> | undefined} */
let films;

/** What “Show how” needs, fetched when it is first wanted. */
function motion() {
  const elements = [import("./elements/motion-bar.js"), import("./elements/beat-overlay.js")];
  const parts = [...elements, sheet("motion")];
  films ??= Promise.all([import("./actions/motion.js"), ...parts]).then(
    ([{ Motion }]) => new Motion(store, (tensor, index) => actions.loadFormulas(tensor, index)),
  );
  return films;
}

/** @type {Promise<import("./actions/lesson.js").Lesson> | undefined} */
let told;

/** The lesson, fetched when it is first opened. */
function lesson() {
  const film = {
    play: (/** @type {Cell} */ cell) => INTENTS["show-how"]?.({ cell }),
    end: () => store.state.motion && INTENTS["film-end"]?.(null),
  };
  told ??= import("./actions/lesson.js").then(({ Lesson }) => new Lesson(actions, film));
  return told;
}

/**
 * An intent that the lesson answers.
 * @param {"go" | "back" | "choose" | "answer" | "hint" | "solve" | "cells" | "image" | "pool"} name
 */
function asked(name) {
  return async (/** @type {any} */ detail) => (await lesson())[name](detail);
}

/** Open a tensor large: the one that is named, or else that of the cell that is explained.
 * @param {string | undefined} tensor */
function zoom(tensor) {
  const { zoomed, trace } = store.state;
  const wanted = tensor ?? (zoomed ? null : (explained(store.state)?.tensor ?? "I.a"));
  if (wanted === null || trace?.tensors[wanted]?.shape.length)
    store.set({ zoomed: wanted, hovered: null });
}

/** @param {Cell | null} cell */
function hover(cell) {
  const written =
    cell &&
    store.state.trace &&
    reading(store.state.trace, store.state.position.step, cell.tensor)?.written;
  store.set({ hovered: written ? cell : null });
}

/**
 * @param {Cell | null} a
 * @param {Cell | null} b
 */
function same(a, b) {
  return a !== null && b !== null && a.tensor === b.tensor && String(a.index) === String(b.index);
}

/** @param {{owner: string, map?: number, turn?: number}} wanted */
function focusMap({ owner, map, turn = 0 }) {
  const { run, focus, trace } = store.state;
  const count = trace?.tensors[`${owner}.z`]?.shape[0] ?? 1;
  if (!run || count < 2) return;
  const to = map ?? ((focus[owner] ?? 0) + turn + count) % count;
  store.set({ focus: { ...focus, [owner]: to }, hovered: null });
}

async function openHelp() {
  await Promise.all([sheet("help"), import("./elements/help-dialog.js")]);
  const dialog = the("help-dialog");
  assign(dialog, { language: `${store.state.language}${store.state.words}` });
  dialog.open?.();
}

/**
 * @template T
 * @param {readonly T[]} all
 * @param {T} one
 */
function nextOf(all, one) {
  return /** @type {T} */ (all[(all.indexOf(one) + 1) % all.length]);
}

/* ---- playing ---- */

/** @type {ReturnType<typeof setTimeout> | undefined} */
let beat;

/** @param {State} state @param {State} before */
function keepTime(state, before) {
  if (state.playing === before.playing && state.speed === before.speed) return;
  clearTimeout(beat);
  const next = async () => {
    await actions.step({ by: 1 });
    if (store.state.playing) beat = setTimeout(next, PLAY_EVERY / store.state.speed);
  };
  if (state.playing) beat = setTimeout(next, PLAY_EVERY / state.speed / 3);
}

/* ---- begin ---- */

function listen() {
  for (const [name, act] of Object.entries(INTENTS)) {
    document.addEventListener(name, (event) => {
      if (event instanceof CustomEvent) void act(event.detail);
    });
  }
  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || usesKey(document.activeElement, event.key)) return;
    const intent = intentOf(event, store.state);
    if (!intent) return;
    event.preventDefault();
    void INTENTS[intent.name]?.(intent.detail);
  });
  document.addEventListener("click", (event) => {
    const button =
      event.target instanceof Element ? event.target.closest("[data-intent], [data-open]") : null;
    if (!button) return;
    const open = button.getAttribute("data-open");
    if (open) void INTENTS.open?.({ panel: open });
    else void INTENTS[button.getAttribute("data-intent") ?? ""]?.(null);
  });
}

function firstFocus() {
  const { run, trace } = store.state;
  /** @type {Record<string, number>} */
  const focus = {};
  for (const { letter, type } of run.layers) {
    if (type.startsWith("conv"))
      focus[letter] = Math.min(1, (trace?.tensors[`${letter}.z`]?.shape[0] ?? 1) - 1);
  }
  store.set({ focus });
}

/** Formulas of all that steps write, and what is drawn beside them, when nothing else is to be done, so
 * that hovering asks nobody. */
function fetchAhead() {
  const beside = [import("./elements/delta-factors.js"), import("./elements/activation-curve.js")];
  void Promise.all(beside).then(async () => (await curves()).ahead());
  const wait =
    globalThis.requestIdleCallback ?? ((/** @type {() => void} */ act) => setTimeout(act, 200));
  const tensors = [...new Set(store.state.trace?.steps.map((one) => one.writes))];
  const next = () => {
    const tensor = tensors.shift();
    if (tensor) void actions.loadFormulas(tensor).then(() => wait(next));
  };
  wait(next);
}

/** The typefaces of formulas, before the first one is shown, so that nothing moves when they come. */
function fontsAhead() {
  const faces = ["KaTeX_Main", "italic KaTeX_Math", "KaTeX_Size1", "KaTeX_Size2"];
  const greek = ["1em 'Source Serif 4'", "italic 1em 'Source Serif 4'"];
  const wanted = [
    ...faces.map((face) => document.fonts.load(face.replace(/(\S+)$/, "1em $1"))),
    ...greek.map((face) => document.fonts.load(face, "δ")),
  ];
  return Promise.allSettled(wanted);
}

async function begin() {
  const { language = "en", theme } = root.dataset;
  const system = matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
  const before = store.state;
  store.set({ theme: system, ...kept(), ...(theme && { theme }) });
  showTheme(store.state);
  const came = JSON.parse(the("#came").textContent);
  speak(language, came.catalogue);
  actions.open(came.run, came.trace, came.dataset, came.costs);
  firstFocus();
  store.set({ language, words: 1 });
  const asksMore = Object.keys(came.view).length > 1 || came.view.refused.length > 0;
  const link = asksMore ? await import("./actions/teaching.js") : null;
  link?.showAsked(store, came.view);
  listen();
  store.subscribe(show);
  store.subscribe(keepTime);
  show(store.state, before);
  root.classList.add("ready");
  await link?.goWhereAsked(actions, came.view);
  if (store.state.chapter) store.set({ panel: "lesson" });
  await actions.loadRest();
  const { state } = store.state.run.training;
  if (state === "running") (await learning()).follow();
  await fontsAhead();
  setTimeout(async () => {
    if (state !== "running") (await learning()).follow();
    fetchAhead();
  }, AHEAD_AFTER);
}

await begin();
