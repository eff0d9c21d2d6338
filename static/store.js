/**
 * One state object with subscriptions. Nothing is changed in place: a change is a patch, and those
 * who listen are told once for all the patches of one turn.
 */

/** @typedef {import("./state.js").State} State */

/** @returns {State} */
export function initialState() {
  return {
    run: null,
    trace: null,
    position: { iteration: 0, step: 0 },
    formulas: {},
    pinned: null,
    hovered: null,
    term: null,
    focus: {},
    theme: "light",
    language: "en",
    digits: 2,
    sameScale: false,
    singleKeys: true,
    limits: null,
    dataset: null,
    costs: { iterations: [], C: [], accuracy: [] },
    stretch: null,
    predictions: null,
    results: null,
    kinds: null,
    presets: [],
    datasets: [],
    brought: null,
    mine: [],
    shelfNotes: [],
    contributions: null,
    check: null,
    activations: {},
    curve: null,
    outcome: null,
    film: null,
    hide: [],
    predict: false,
    revealed: null,
    spotlight: null,
    chapter: null,
    lesson: null,
    moment: null,
    training: null,
    histograms: null,
    branches: [],
    compared: {},
    seeds: null,
    playing: false,
    speed: 1,
    panel: null,
    zoomed: null,
    busy: false,
    message: null,
    words: 0,
  };
}

/**
 * How this reader wants to see things, which the browser keeps.
 * @param {State} state
 */
export function preferencesOf({ digits, sameScale, singleKeys, theme }) {
  return { digits, sameScale, singleKeys, theme };
}

export class Store {
  /** @param {State} [state] */
  constructor(state = initialState()) {
    this.state = state;
    /** @type {Set<(state: State, before: State) => void>} */
    this.listeners = new Set();
    /** @type {State | null} */
    this.before = null;
  }

  /** @param {Partial<State>} patch */
  set(patch) {
    if (!this.before) {
      this.before = this.state;
      queueMicrotask(() => this.announce());
    }
    this.state = { ...this.state, ...patch };
  }

  /**
   * @param {(state: State, before: State) => void} listener
   * @returns {() => void} stops listening
   */
  subscribe(listener) {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  announce() {
    const before = this.before ?? this.state;
    this.before = null;
    for (const listener of this.listeners) listener(this.state, before);
  }
}
