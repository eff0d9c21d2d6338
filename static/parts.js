/**
 * What is fetched when it is first wanted, and kept. What did not come is forgotten, so that it can be
 * wanted again.
 */

import { once, sheet } from "./elements/page-element.js";

/** @typedef {import("./actions.js").Actions} Actions */

/** A part of the page that did not come; its cause says why. */
export class Missing extends Error {
  /** @param {unknown} cause */
  constructor(cause) {
    super("A part of the page could not be loaded.", { cause });
  }
}

/**
 * @template T
 * @param {() => Promise<T>} load
 * @returns {() => Promise<T>}
 */
export function part(load) {
  return once(() =>
    load().catch((cause) => {
      throw new Missing(cause);
    }),
  );
}

/** @param {Actions} actions */
export function partsOf(actions) {
  const { store } = actions;
  return {
    /** What training needs. */
    learning: part(async () => {
      const { TrainingActions } = await import("./actions/training.js");
      return new TrainingActions(actions);
    }),
    /** What there is to choose from, and to collect. */
    datasets: part(async () => {
      const { Datasets } = await import("./actions/datasets.js");
      return new Datasets(actions);
    }),
    /** What asks how the network does. */
    looking: part(async () => {
      const { Looking } = await import("./actions/looking.js");
      return new Looking(actions);
    }),
    /** What follows a number that is dragged. */
    whatIf: part(async () => {
      const { WhatIf } = await import("./actions/what-if.js");
      return new WhatIf(actions);
    }),
    /** What keeps the same scale over time. */
    scales: part(async () => {
      const { Scales } = await import("./actions/limits.js");
      return new Scales(actions);
    }),
    /** What asks for curves. */
    curves: part(async () => {
      const { Curves } = await import("./actions/curves.js");
      return new Curves(actions);
    }),
    /** What “Show how” needs. */
    motion: part(async () => {
      const elements = [import("./elements/motion-bar.js"), import("./elements/beat-overlay.js")];
      const parts = [sheet("motion"), ...elements];
      const [{ Motion }] = await Promise.all([import("./actions/motion.js"), ...parts]);
      return new Motion(store, (tensor, index) => actions.loadFormulas(tensor, index));
    }),
    /** What keeps a moment, and goes to one. */
    moments: part(() => import("./actions/teaching.js")),
    /** How a number comes about: nobody has pointed at one when the page opens. */
    formula: part(() => import("./elements/formula-panel.js")),
    /** What is drawn and copied beside a formula. */
    beside: part(() =>
      Promise.all([
        import("./numpy.js"),
        import("./elements/delta-factors.js"),
        import("./elements/activation-curve.js"),
      ]),
    ),
    /** One tensor over the whole stage. */
    large: part(() => Promise.all([sheet("large"), import("./elements/large-map.js")])),
    future: part(() => Promise.all([sheet("film"), import("./elements/future-dialog.js")])),
    help: part(() => Promise.all([sheet("help"), import("./elements/help-dialog.js")])),
    light: part(() => import("./elements/spot-light.js")),
    log: part(() => import("./elements/action-log.js")),
    panels: part(() => import("./panels.js")),
    images: part(() => {
      const elements = [
        import("./elements/image-gallery.js"),
        import("./elements/dataset-shelf.js"),
      ];
      return Promise.all([sheet("forms"), ...elements]);
    }),
    train: part(() => {
      const sheets = [sheet("film"), sheet("forms")];
      return Promise.all([...sheets, import("./elements/training-panel.js")]);
    }),
    settings: part(() => {
      const elements = [
        import("./elements/network-form.js"),
        import("./elements/settings-panel.js"),
      ];
      return Promise.all([sheet("forms"), ...elements]);
    }),
    teach: part(() => Promise.all([sheet("teach"), import("./elements/teach-panel.js")])),
    chapter: part(() => Promise.all([sheet("lesson"), import("./elements/lesson-panel.js")])),
  };
}

/** @typedef {ReturnType<typeof partsOf>} Parts */
