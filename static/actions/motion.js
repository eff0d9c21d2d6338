/**
 * “Show how”: a formula played term by term, or a map cell by cell. The film is `state.film`; its
 * beats are those of beats.js. It ends when the page goes elsewhere; a pointer on a cell or a term
 * pauses it and takes over until it leaves, and so do keys: ← → one beat, Space plays and pauses,
 * Esc ends. Where the system asks for reduced motion nothing plays, and beats are stepped.
 */

import { beatLength, cellBeats, kindsOf, termBeats } from "../beats.js";
import { formulaOf, isParameter } from "../explanation.js";
import { lookupIn, nameOf } from "../formula.js";

/** @typedef {import("../store.js").Store} Store */
/** @typedef {import("../store.js").State} State */
/** @typedef {import("../moment.js").Cell} Cell */
/** @typedef {import("../beats.js").Beat} Beat */
/** @typedef {import("../beats.js").Kind} Kind */
/** @typedef {import("../beats.js").Film} Film */

export class Motion {
  /**
   * @param {Store} store
   * @param {(tensor: string, index: readonly number[]) => Promise<void>} loadFormulas
   */
  constructor(store, loadFormulas) {
    this.store = store;
    this.loadFormulas = loadFormulas;
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.timer = undefined;
    store.subscribe((state, before) => this.follow(state, before));
    document.addEventListener("keydown", (event) => this.pressed(event), { capture: true });
  }

  get film() {
    return this.store.state.film;
  }

  /**
   * Begin a film of a cell; without a kind the one that tells most.
   * @param {{cell: Cell, kind?: Kind, playing?: boolean}} wanted
   */
  async begin({ cell, kind, playing = true }) {
    await this.loadFormulas(cell.tensor, cell.index);
    const { formulas, trace, pinned } = this.store.state;
    const shape = trace?.tensors[cell.tensor]?.shape;
    const all = formulas[cell.tensor];
    if (!trace || !shape || !all) return;
    const kinds = kindsOf(all, shape, cell.index);
    const shown =
      kind && kinds.includes(kind) ? kind : kindFor(cell.tensor, kinds, pinned !== null);
    const beats = shown ? this.beatsOf(cell, shown) : [];
    if (!shown || beats.length === 0) return;
    const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
    const film = { subject: cell, kind: shown, kinds, beats, at: 0, aside: false, calm };
    this.store.set({ film: { ...film, playing: playing && !calm }, playing: false, term: null });
    this.keepTime();
  }

  /**
   * @param {Cell} cell
   * @param {Kind} kind
   * @returns {Beat[]}
   */
  beatsOf(cell, kind) {
    const { formulas, trace } = this.store.state;
    const shape = trace?.tensors[cell.tensor]?.shape;
    if (!trace || !shape) return [];
    const lookup = lookupIn(trace);
    if (kind === "cells") return cellBeats(formulas[cell.tensor] ?? [], shape, cell.index, lookup);
    const of = isParameter(cell.tensor) ? "next" : null;
    const own = formulaOf(formulas, trace, { ...cell, of });
    return own ? termBeats(own, lookup) : [];
  }

  /**
   * Go to a beat, or by so many; whoever steps takes over.
   * @param {{to?: number, by?: number}} where
   */
  beat({ to, by = 0 }) {
    const { film } = this;
    if (!film) return;
    const at = Math.max(0, Math.min(film.beats.length - 1, to ?? film.at + by));
    this.put({ at, playing: false, aside: false });
  }

  /** Play, or pause; at its end a film begins again. */
  toggle() {
    const { film } = this;
    if (!film || film.calm) return;
    const at = !film.playing && film.at === film.beats.length - 1 ? 0 : film.at;
    this.put({ playing: !film.playing, at, aside: false });
  }

  end() {
    this.store.set({ film: null });
    clearTimeout(this.timer);
  }

  /** @param {Partial<Film>} change */
  put(change) {
    const { film } = this;
    if (!film) return;
    this.store.set({ film: { ...film, ...change } });
    this.keepTime();
  }

  keepTime() {
    clearTimeout(this.timer);
    const { film } = this;
    if (!film?.playing) return;
    this.timer = setTimeout(() => {
      const at = film.at + 1;
      if (at < film.beats.length) this.put({ at });
      else this.put({ playing: false });
    }, beatLength(film.beats.length));
  }

  /**
   * Give way to the pointer; end where the page has gone on; take new numbers as they come.
   * @param {State} state
   * @param {State} before
   */
  follow(state, before) {
    const { film } = this;
    if (!film) return;
    const pointed = state.hovered ?? state.term;
    const known = before.hovered ?? before.term;
    if (pointed && !known) return this.put({ playing: false, aside: true });
    if (!pointed && known) this.put({ aside: false });
    if (goneOn(state, before)) return this.end();
    if (state.trace !== before.trace) {
      const beats = this.beatsOf(film.subject, film.kind);
      if (beats.length === film.beats.length) this.put({ beats });
      else this.end();
    }
  }

  /** @param {KeyboardEvent} event */
  pressed(event) {
    const { film } = this;
    if (!film || event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
    const focus = document.activeElement;
    if (focus?.closest("dialog, [role=grid], input, select, textarea, [role=slider]")) {
      if (film.playing) this.put({ playing: false });
      return;
    }
    const acts = /** @type {Record<string, () => void>} */ ({
      ArrowRight: () => this.beat({ by: 1 }),
      ArrowLeft: () => this.beat({ by: -1 }),
      Home: () => this.beat({ to: 0 }),
      End: () => this.beat({ to: Infinity }),
      Escape: () => this.end(),
    });
    const act =
      acts[event.key] ?? (event.key === " " && !inButton(focus) ? () => this.toggle() : null);
    if (!act) return;
    event.preventDefault();
    event.stopPropagation();
    act();
  }
}

/** @param {Element | null} focus */
function inButton(focus) {
  return Boolean(focus?.closest("button, a, summary, [role=button]"));
}

/**
 * The kind that tells most: of a cell that was chosen its terms; of a step forwards the map, over
 * which a window goes.
 * @param {string} tensor
 * @param {readonly Kind[]} kinds
 * @param {boolean} chosen
 */
function kindFor(tensor, kinds, chosen) {
  const sweeps = !chosen && /\.(z|a)$/.test(tensor) && kinds.includes("cells");
  return sweeps ? "cells" : kinds[0];
}

/**
 * Has the page gone to another moment, or to another cell?
 * @param {State} state
 * @param {State} before
 */
function goneOn(state, before) {
  const moment = (/** @type {State} */ { position, run }) =>
    [position.iteration, position.step, run?.config_hash].join();
  const pinned = (/** @type {State} */ { pinned: cell }) => (cell ? nameOf(cell) : "");
  return moment(state) !== moment(before) || pinned(state) !== pinned(before);
}
