/**
 * The composition root: the only module that joins the store, the server and the elements.
 */

import { Actions } from "./actions.js";
import { api } from "./api.js";
import { explained, isComputed, lightsOf } from "./explanation.js";
import { languageTag, LANGUAGES, speak, t } from "./i18n.js";
import { intentOf, usesKey } from "./keys.js";
import { currentStep, isCovered, reading } from "./moment.js";
import { networkOf } from "./notation.js";
import { Missing, part, partsOf } from "./parts.js";
import { colour } from "./scale.js";
import { replaySentence, startSentence, stepSentence, updateSentence } from "./sentences.js";
import { preferencesOf, Store } from "./store.js";
import { once } from "./elements/page-element.js";
import "./elements/network-map.js";
import "./elements/step-player.js";

/** @typedef {import("./store.js").State} State */
/** @typedef {import("./moment.js").Cell} Cell */

const PREFERENCES = "backlit.preferences";
const LEFT = "backlit.left";
const PLAY_EVERY = 1500;
const AHEAD_AFTER = 1500;
const PATIENCE = 1000;
/** The typeface of large brackets, which no first step shows. */
const LARGE = "1em KaTeX_Size2";

const store = new Store();
const actions = new Actions(store, api, t, follow);
const parts = partsOf(actions);
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

/* ---- state → page ---- */

/**
 * @param {State} state
 * @param {State} before
 */
function show(state, before) {
  const { run, trace } = state;
  if (!run || !trace) return;
  if (state.theme !== before.theme) showTheme(state);
  if (state.words !== before.words) showWords(state);
  if (before.run && before.run.config_hash !== run.config_hash) firstFocus();
  const cell = explained(state);
  if (cell && isComputed(cell)) void actions.loadFormulas(cell.tensor, cell.index);
  if (state.sameScale) void told(parts.scales().then((scales) => scales.keep()));
  showMap(state, trace);
  showPlayer(state, trace);
  showFormula(state, cell);
  showStep(state);
  showPanel(state, before);
  showTeaching(state, before);
  if (state.zoomed || before.zoomed) void told(showLarge(before.zoomed));
}

/**
 * What every element is told: with the words, it says all anew in another language.
 * @param {State} state
 */
function commonOf({ language, words, digits, theme }) {
  return { language: `${language}${words}`, digits, theme };
}

/**
 * What lies under a large map is drawn again when that is closed.
 * @param {State} state
 * @param {NonNullable<State["trace"]>} trace
 */
function showMap(state, trace) {
  const covered = isCovered(state);
  root.toggleAttribute("data-covered", covered);
  assign(state.zoomed ? null : map, {
    ...commonOf(state),
    run: state.run,
    trace,
    step: state.position.step,
    covered,
    chosen: state.focus,
    lights: lightsOf(state),
    film: state.film,
    costs: state.costs,
    busy: state.busy,
    message: state.message,
    limits: state.sameScale ? state.limits : null,
    classes: state.dataset?.classes ?? trace.tensors.t?.values.map((_, at) => String(at)) ?? [],
  });
}

/**
 * @param {State} state
 * @param {NonNullable<State["trace"]>} trace
 */
function showPlayer(state, trace) {
  assign(player, {
    language: commonOf(state).language,
    steps: trace.steps,
    step: state.position.step,
    iteration: state.position.iteration,
    iterations: state.run.iterations,
    network: networkOf(state.run),
    playing: state.playing,
    speed: state.speed,
    busy: state.busy,
  });
}

/** the cell for which the panel was asked for last; one that did not come is asked for with the next
 * @type {Cell | null} */
let wanted = null;

/**
 * @param {State} state
 * @param {Cell | null} cell that is explained
 */
function showFormula(state, cell) {
  if (cell && !same(cell, wanted)) void told(parts.formula());
  wanted = cell;
  assign(formula, {
    ...commonOf(state),
    run: state.run,
    trace: state.trace,
    cell,
    formulas: state.formulas,
    hovered: state.hovered,
    contributions: state.contributions,
    check: state.check,
    examples: state.dataset,
    costs: state.costs,
    pinned: state.pinned !== null,
    film: state.film,
    activations: state.activations,
    curve: state.curve,
    outcome: state.outcome,
  });
}

/**
 * Say what did not come, or was refused, to the reader.
 * @param {unknown} begun what was begun, and may not be ended yet
 */
async function told(begun) {
  try {
    await begun;
  } catch (error) {
    if (!(error instanceof Missing)) return actions.fail("page", error);
    reportError(error.cause);
    actions.say("page", t("error.missing"));
  }
}

/**
 * One tensor over the whole stage.
 * @param {string | null} before which one was
 */
async function showLarge(before) {
  await parts.large().catch((error) => {
    store.set({ zoomed: null });
    throw error;
  });
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
    limits: state.sameScale ? state.limits : null,
    ...commonOf(store.state),
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
  put("#step-sentence", now ? stepSentence(run, now) + sum : startSentence(position.iteration));
  put("#elsewhere", replaySentence(trace.replay));
  the("#elsewhere").hidden = !trace.replay;
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
    void told(parts.light());
    assign(the("spot-light"), { tensor: spotlight });
  }
  if (theme === "projector") void told(showLog(state, before));
}

/**
 * What was done is noted in the order in which it was done, also while the log is on its way.
 * @param {State} state
 * @param {State} before
 */
async function showLog(state, before) {
  await parts.log();
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
    const within = panel.contains(document.activeElement);
    panel.hidden = state.panel === null;
    if (state.panel) panel.setAttribute("aria-labelledby", `title-${state.panel}`);
    if (panel.hidden && within) the(`[data-open=${before.panel}]`)?.focus();
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
  if (state.panel !== before.panel) lacking = false;
  if (state.panel && !lacking) void told(showParts(state.panel !== before.panel));
}

/** did a part of the open panel not come? It is wanted again when a panel is opened. */
let lacking = false;

/**
 * What the open panel shows, as things stand when its parts have come.
 * @param {boolean} opened is it new?
 */
async function showParts(opened) {
  try {
    await (await panels()).show(opened);
  } catch (error) {
    lacking = true;
    throw error;
  }
}

/** What fills the panels. */
const panels = once(async () => {
  const { Panels } = await parts.panels();
  return new Panels({ store, parts, lesson, allWords, told });
});

/** Intents that may begin a new future: what that would replace is asked about first. */
const BRANCHING = new Set([
  ...["add-drawing", "split-dataset", "edit-parameter", "configure", "lesson-pool"],
  ...["new-weights", "learn-from", "undo", "redo", "descend", "train", "train-pause"],
]);

/** What knows which edits replace something, fetched before the first that could. */
const future = part(async () => {
  const [{ Future }] = await Promise.all([import("./actions/future.js"), parts.future()]);
  return new Future(actions, askFuture, async () => (await parts.learning()).keep({}));
});

/**
 * Ask in a dialog what is to become of the iterations that an edit would replace.
 * @param {import("./actions/future.js").Question} question
 * @returns {Promise<import("./elements/future-dialog.js").Choice>}
 */
async function askFuture(question) {
  store.set({ playing: false });
  await allWords();
  const { language } = commonOf(store.state);
  assign(the("future-dialog"), { ...question, language, open: true });
  return new Promise((chosen) => {
    const hear = (/** @type {any} */ { detail }) => chosen(detail.choice);
    document.addEventListener("future", hear, { once: true });
  });
}

/**
 * Do what an intent wants, unless it would replace iterations that the reader wants to keep.
 * @param {string} name
 * @param {any} detail
 */
async function follow(name, detail) {
  const asks = BRANCHING.has(name) && store.state.run.iterations > 0;
  if (!asks || (await (await future()).allows(name, detail))) return INTENTS[name]?.(detail);
  store.set({ words: store.state.words + 1 }); // a form shows again what is
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

/** @param {State} state */
function showWords(state) {
  root.lang = languageTag();
  assign(the("help-dialog"), { language: commonOf(state).language });
  document.title = t("page.title");
  for (const element of document.querySelectorAll("[data-t]")) {
    element.textContent = t(element.getAttribute("data-t") ?? "");
  }
  for (const name of ["aria-label", "title"]) {
    for (const element of document.querySelectorAll(`[data-t-${name}]`)) {
      const key = name === "title" ? element.getAttribute("data-key") : null;
      const words = t(element.getAttribute(`data-t-${name}`) ?? "");
      element.setAttribute(name, key ? `${words} (${key})` : words);
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

/** Keep where this window is left, if the server has not been told; and tell it. */
function leave() {
  const { run, position } = store.state;
  try {
    if (actions.told) sessionStorage.removeItem(LEFT);
    else sessionStorage.setItem(LEFT, JSON.stringify({ run: run.id, ...position }));
  } catch {
    // Then the next page shows what the server knows.
  }
  void actions.flush();
}

/** Where this window was left just now. */
function left() {
  try {
    const place = JSON.parse(sessionStorage.getItem(LEFT) ?? "null");
    sessionStorage.removeItem(LEFT);
    return place;
  } catch {
    return null;
  }
}

/** is the whole catalogue there? */
let whole = false;

/** All words, those too that the first picture can do without. */
const allWords = once(async () => {
  if (whole) return;
  const catalogue = await api.catalogue(store.state.language);
  speak(store.state.language, catalogue);
  store.set({ words: store.state.words + 1 });
});

/** @param {string} language */
async function changeLanguage(language) {
  speak(language, await api.catalogue(language));
  whole = true;
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
  "bring-dataset": async (detail) => (await parts.datasets()).bringDataset(detail),
  "add-drawing": async () => (await parts.datasets()).addDrawing(),
  "save-drawing": async () => (await parts.datasets()).saveDrawing(),
  "split-dataset": async () => (await parts.datasets()).splitDataset(),
  "edit-parameter": (detail) => actions.editParameter(detail),
  configure: (detail) => actions.configure(detail),
  train: async (detail) => (await parts.learning()).train(detail),
  "train-pause": async (detail) => (await parts.learning()).alter(detail),
  "train-speed": async (detail) => (await parts.learning()).alter(detail),
  "train-stop": async () => (await parts.learning()).stop(),
  "costs-wanted": async (detail) => (await parts.learning()).seeCloser(detail),
  replay: async (detail) => (await parts.learning()).replay(detail),
  "branch-keep": async (detail) => (await parts.learning()).keep(detail),
  "branch-compare": async (detail) => (await parts.learning()).compare(detail),
  "branch-take": async (detail) => (await parts.learning()).take(detail),
  "branch-drop": async (detail) => (await parts.learning()).drop(detail),
  "seeds-try": async (detail) => (await parts.learning()).trySeeds(detail),
  "seeds-drop": async () => (await parts.learning()).dropSeeds(),
  hide: ({ what, on }) => {
    const others = store.state.hide.filter((one) => !what.includes(one));
    store.set({ hide: on ? [...others, ...what] : others });
  },
  predict: ({ on }) => store.set({ predict: on, revealed: store.state.position }),
  reveal: () => actions.reveal(),
  spotlight: ({ tensor }) => store.set({ spotlight: tensor }),
  "spotlight-here": spotlightHere,
  share: async () => (await parts.moments()).share(actions),
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
  "lesson-pool": asked("pool"),
  zoom: (detail) => zoom(detail?.tensor),
  unzoom: () => store.set({ zoomed: null, hovered: null }),
  "term-hover": (cell) => store.set({ term: cell }),
  "need-image": async (detail) => (await parts.datasets()).loadImages(detail),
  "need-formulas": ({ tensor, index }) => actions.loadFormulas(tensor, index),
  "contributions-wanted": async (detail) => (await parts.looking()).loadContributions(detail),
  "check-wanted": async (detail) => (await parts.looking()).loadCheck(detail),
  "focus-map": focusMap,
  "what-if": async (detail) => (await parts.whatIf()).change(detail),
  "activation-wanted": async (detail) => (await parts.curves()).activation(detail),
  "curve-wanted": async (detail) => (await parts.curves()).cost(detail),
  "after-wanted": async () => (await parts.curves()).after(),
  "show-how": async (detail) => (await parts.motion()).begin(detail),
  beat: async (detail) => (await parts.motion()).beat(detail),
  "beat-play": async () => (await parts.motion()).toggle(),
  "film-end": async () => (await parts.motion()).end(),
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
  missing: ({ cause }) => told(Promise.reject(new Missing(cause))),
};

/** The lesson, fetched when it is first opened. */
const lesson = part(async () => {
  const film = {
    play: (/** @type {Cell} */ cell) => INTENTS["show-how"]?.({ cell }),
    end: () => store.state.film && INTENTS["film-end"]?.(null),
  };
  const { Lesson } = await import("./actions/lesson.js");
  return new Lesson(actions, film);
});

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

/** @type {ReturnType<typeof setTimeout> | undefined} */
let leaving;

/**
 * Point at a cell, or at none: from one map to the next is one change and not two.
 * @param {Cell | null} cell
 */
function hover(cell) {
  clearTimeout(leaving);
  const { trace, position } = store.state;
  const written = cell && trace && reading(trace, position.step, cell.tensor)?.written;
  if (written) store.set({ hovered: cell });
  else leaving = setTimeout(() => store.set({ hovered: null }));
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
  await parts.help();
  const dialog = the("help-dialog");
  assign(dialog, { language: commonOf(store.state).language });
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
  for (const name of Object.keys(INTENTS)) {
    document.addEventListener(name, (event) => {
      if (event instanceof CustomEvent) void told(follow(name, event.detail));
    });
  }
  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || usesKey(document.activeElement, event.key)) return;
    const intent = intentOf(event, store.state);
    if (!intent) return;
    event.preventDefault();
    void told(follow(intent.name, intent.detail));
  });
  document.addEventListener("click", (event) => {
    const button =
      event.target instanceof Element ? event.target.closest("[data-intent], [data-open]") : null;
    if (!button) return;
    const open = button.getAttribute("data-open");
    if (open) void told(follow("open", { panel: open }));
    else void told(follow(button.getAttribute("data-intent") ?? "", null));
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
  void document.fonts.load(LARGE);
  void told(parts.formula());
  void told(parts.beside().then(async () => (await parts.curves()).ahead()));
  const wait =
    globalThis.requestIdleCallback ?? ((/** @type {() => void} */ act) => setTimeout(act, 200));
  const tensors = [...new Set(store.state.trace?.steps.map((one) => one.writes))];
  const next = () => {
    const tensor = tensors.shift();
    if (tensor) void actions.loadFormulas(tensor).then(() => wait(next));
  };
  wait(next);
}

/** The typefaces of the first picture, so that nothing moves when they come; who waits long sees it
 * without them. */
function typefaces() {
  const plain = ["", "600", "italic"].map((style) => `${style} 1em 'Source Serif 4'`);
  const math = ["KaTeX_Main", "KaTeX_Size1"].map((family) => `1em ${family}`);
  if (store.state.position.step) math.push(LARGE);
  const latin = [...plain, "1em 'Source Sans 3'", ...math, "italic 1em KaTeX_Math"];
  const greek = ["1em 'Source Serif 4'", "italic 1em 'Source Serif 4'"];
  const wanted = [
    ...latin.map((face) => document.fonts.load(face)),
    ...greek.map((face) => document.fonts.load(face, "δ")),
  ];
  const patience = new Promise((over) => setTimeout(over, PATIENCE));
  return Promise.race([Promise.allSettled(wanted), patience]);
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
  const link = asksMore ? await parts.moments() : null;
  const place = left();
  if (place) actions.resume(place, !link);
  link?.showAsked(store, came.view);
  if (explained(store.state)) await told(parts.formula());
  await typefaces();
  listen();
  globalThis.addEventListener("pagehide", leave);
  store.subscribe(show);
  store.subscribe(keepTime);
  show(store.state, before);
  root.classList.add("ready");
  await link?.goWhereAsked(actions, came.view);
  if (store.state.chapter) store.set({ panel: "lesson" });
  await actions.loadRest();
  const { state } = store.state.run.training;
  if (state === "running") (await parts.learning()).follow();
  setTimeout(async () => {
    if (state !== "running") void told(parts.learning().then((learning) => learning.follow()));
    fetchAhead();
  }, AHEAD_AFTER);
}

await begin();
