/**
 * Edits in the past: which intents begin a new future, from which iteration on, and what is asked
 * before they do. `asking` shows what would be replaced and gives the reader's choice.
 */

/** @typedef {import("../actions.js").Actions} Actions */
/** @typedef {import("../elements/future-dialog.js").Choice} Choice */
/** @typedef {{act: string, at: number, to: number}} Question `to` is the last iteration that is replaced */
/** @typedef {(actions: Actions, detail: any) => number | null} Beginning the iteration, or null for none */

/** @type {Beginning} */
const here = ({ state }) => state.position.iteration;
/** Only where the update learns from an image, and another one was learnt.
 * @type {Beginning} */
const learning = ({ state }) => (state.trace?.batch?.branches ? state.position.iteration : null);

/**
 * Where each of these intents edits, and the family of words that asks about it; all others edit
 * where one is.
 * @type {Record<string, {act: string, from: Beginning}>}
 */
const EDITS = {
  "new-weights": { act: "weights", from: () => 0 },
  undo: { act: "undo", from: ({ done }) => done.at(-1)?.at ?? null },
  redo: { act: "redo", from: ({ undone }) => undone.at(-1)?.at ?? null },
  descend: { act: "learn", from: learning },
  train: { act: "learn", from: learning },
  "train-pause": {
    act: "learn",
    from: (actions, { paused }) => (paused ? null : learning(actions, null)),
  },
};

export class Future {
  /**
   * @param {Actions} actions
   * @param {(question: Question) => Promise<Choice>} asking
   * @param {() => Promise<boolean>} keep the present future as a branch; false where it cannot be
   */
  constructor(actions, asking, keep) {
    this.actions = actions;
    this.asking = asking;
    this.keep = keep;
    /** is a question open? */
    this.open = false;
  }

  /**
   * May an intent be followed? One that edits the past is asked about first.
   * @param {string} name
   * @param {any} detail
   */
  async allows(name, detail) {
    const { act, from } = EDITS[name] ?? { act: "edit", from: here };
    do await this.actions.queue;
    while (this.actions.drawingUnderWay); // what is on stage may be learnt
    const at = from(this.actions, detail);
    const { run, training } = this.actions.state;
    if (at === null || training?.state === "running") return true; // which the server refuses
    if (at < run.iterations && !(await this.agreed({ act, at, to: run.iterations }))) return false;
    this.actions.forgetEdits(at);
    return true;
  }

  /**
   * Ask, and keep what is to be kept; what is wanted while a question is open is wanted in vain.
   * @param {Question} question
   */
  async agreed(question) {
    if (this.open) return false;
    this.open = true;
    try {
      const choice = await this.asking(question);
      return choice === "replace" || (choice === "keep" && (await this.keep()));
    } finally {
      this.open = false;
    }
  }
}
