/** Questions of one kind: one is under way at a time, and of those that wait the newest is asked next. */

export class Newest {
  /** @param {number} [every] milliseconds from one question to the next, at least */
  constructor(every = 0) {
    this.every = every;
    /** @type {(() => Promise<unknown>) | null} */
    this.waiting = null;
    /** @type {Promise<void> | null} */
    this.asking = null;
  }

  /**
   * Ask, as soon as it may be, unless something newer is to be asked by then.
   * @param {() => Promise<unknown>} question
   * @returns {Promise<void>} is kept when nothing waits any more
   */
  ask(question) {
    this.waiting = question;
    this.asking ??= this.turns().finally(() => (this.asking = null));
    return this.asking;
  }

  async turns() {
    while (this.waiting) {
      const question = this.waiting;
      this.waiting = null;
      const rest = new Promise((over) => setTimeout(over, this.every));
      await question();
      if (this.every) await rest;
    }
  }
}
