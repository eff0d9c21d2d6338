/**
 * Questions of one kind: one is under way at a time, and of those that wait the newest is asked next. A
 * question may want a rest after it, from its beginning on, so that whoever answers can do other work:
 * at least four times as long as the answer took. One that wants none does not wait for a rest.
 */

const SHARE = 4;

export class Newest {
  constructor() {
    /** @type {{question: () => Promise<unknown>, rest: number} | null} */
    this.waiting = null;
    /** @type {Promise<void> | null} */
    this.asking = null;
    this.wake = () => {};
  }

  /**
   * Ask, as soon as it may be, unless something newer is to be asked by then.
   * @param {() => Promise<unknown>} question
   * @param {number} [rest] milliseconds
   * @returns {Promise<void>} is kept when nothing waits any more
   */
  ask(question, rest = 0) {
    this.waiting = { question, rest };
    if (!rest) this.wake();
    this.asking ??= this.turns().finally(() => (this.asking = null));
    return this.asking;
  }

  async turns() {
    while (this.waiting) {
      const { question, rest } = this.waiting;
      this.waiting = null;
      const begun = performance.now();
      await question();
      const took = performance.now() - begun;
      if (rest && !this.isHurried) await this.pause(Math.max(rest, SHARE * took) - took);
    }
  }

  /** Does what waits want no rest? */
  get isHurried() {
    return this.waiting?.rest === 0;
  }

  /** @param {number} milliseconds */
  pause(milliseconds) {
    return new Promise((/** @type {(over?: undefined) => void} */ over) => {
      this.wake = over;
      setTimeout(over, milliseconds);
    });
  }
}
