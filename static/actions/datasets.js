/**
 * What there is to choose from: the kinds of layers that the form offers, the image sets and their
 * images; and drawings put into a set.
 */

import { stageOf } from "../moment.js";
import { remember, remembered } from "../shelf.js";

/** @typedef {import("../actions.js").Actions} Actions */

const IMAGES_AT_ONCE = 240;

export class Datasets {
  /** @param {Actions} actions */
  constructor(actions) {
    this.actions = actions;
    this.store = actions.store;
    this.api = actions.api;
    /** @type {Promise<boolean> | undefined} */
    this.kinds = undefined;
    /** @type {Promise<boolean> | undefined} */
    this.shelf = undefined;
    /** how often the list was asked for */
    this.listed = 0;
    /** hundreds of images that are asked for
     * @type {Set<string>} */
    this.coming = new Set();
    this.known = remembered();
    this.store.set({ mine: this.known.mine });
  }

  get state() {
    return this.store.state;
  }

  /** What the form offers, asked for once. */
  async loadKinds() {
    this.kinds ??= this.actions.ask(async () => {
      const [kinds, { presets }] = await Promise.all([this.api.kinds(), this.api.presets()]);
      this.store.set({ kinds, presets });
    }, "settings");
    if (!(await this.kinds)) this.kinds = undefined;
  }

  /** All data sets without their images, asked for when first looked at. */
  async loadDatasets() {
    this.shelf ??= this.actions.ask(() => this.readDatasets(), "shelf");
    if (!(await this.shelf)) this.shelf = undefined;
  }

  /** Read the list anew; an answer that a later question has overtaken is dropped. */
  async readDatasets() {
    const asked = ++this.listed;
    const { datasets } = await this.api.datasets();
    if (asked === this.listed) this.store.set({ datasets });
  }

  /**
   * Images of the run's set, some hundreds in a row, once they are to be seen.
   * @param {{sample: number}} one of them
   */
  async loadImages({ sample }) {
    const { dataset } = this.state;
    if (!dataset || dataset.images[sample]) return;
    const from = sample - (sample % IMAGES_AT_ONCE);
    const key = `${dataset.id} ${from}`;
    if (this.coming.has(key)) return;
    this.coming.add(key);
    await this.actions
      .ask(() => this.readImages(dataset.id, from))
      .finally(() => this.coming.delete(key));
  }

  /**
   * @param {string} id
   * @param {number} from
   */
  async readImages(id, from) {
    const { images } = await this.api.dataset(id, from, IMAGES_AT_ONCE);
    const now = this.state.dataset;
    if (now?.id !== id) return;
    const known = [...now.images];
    images.forEach((/** @type {any} */ image, /** @type {number} */ n) => {
      known[from + n] = image;
    });
    this.store.set({ dataset: { ...now, images: known } });
  }

  /** @param {{file: File}} given a data set as a file */
  async bringDataset({ file }) {
    await this.actions.change("shelf", async () => {
      const made = await this.api.bring(file);
      await this.readDatasets();
      this.remember(made.id);
      const count = made.labels.length;
      const said = this.actions.t("shelf.brought", { name: made.name, count });
      this.store.set({ brought: made.id, shelfNotes: [said, ...made.notes], message: null });
    });
  }

  /** Go on learning from a copy of the run's set, a share of which is kept for testing. */
  async splitDataset() {
    const { dataset } = this.state.run.config;
    const made = dataset && (await this.collect(() => this.api.split(dataset)));
    if (!made) return;
    await this.actions.configure({ dataset: made.id });
    this.store.set({ shelfNotes: made.notes });
  }

  /** Put what is on stage into a copy of the run's set, and go on learning from that. */
  async addDrawing() {
    const { dataset } = this.state.run.config;
    const made = dataset && (await this.collect((drawing) => this.api.addImage(dataset, drawing)));
    if (!made) return;
    await this.actions.configure({ dataset: made.id });
    const { config } = this.state.run;
    if (config.dataset === made.id) await this.actions.stage({ sample: made.size - 1 });
  }

  /** Put what is on stage into a set of the reader's own, which begins with it or grows by it. */
  async saveDrawing() {
    await this.loadDatasets();
    const { dataset, datasets } = this.state;
    const classes = dataset?.classes;
    const { own } = this.latest();
    const grows = own?.classes === String(classes) && datasets.some(({ id }) => id === own?.id);
    const name = this.actions.t("shelf.mine");
    const made = await this.collect(({ pixels, label }) =>
      own && grows
        ? this.api.addImage(own.id, { pixels, label })
        : this.api.newDataset({ name, classes, images: [pixels], labels: [label] }),
    );
    if (made) this.remember(made.id, { id: made.id, classes: String(classes) });
  }

  /**
   * Know a set as the reader's own, here and when the page is opened again.
   * @param {string} id
   * @param {{id: string, classes: string}} [own] where drawings are collected in it
   */
  remember(id, own) {
    this.known = remember(this.latest(), id, own);
    this.store.set({ mine: this.known.mine });
  }

  /** What is remembered by now: another window may have added to it. */
  latest() {
    const { own, mine } = remembered();
    return { own: own ?? this.known.own, mine: [...new Set([...this.known.mine, ...mine])] };
  }

  /**
   * Make a data set that has what is on stage in it; null where the server refuses.
   * @param {(drawing: {pixels: any, label: number}) => Promise<any>} make
   */
  async collect(make) {
    const { trace } = this.state;
    if (!trace) return null;
    const { pixels, label } = stageOf(trace);
    /** @type {any} */
    let made = null;
    await this.actions.change("shelf", async () => {
      made = await make({ pixels, label });
      this.remember(made.id);
      await this.readDatasets();
      const count = made.size ?? made.labels.length;
      const said = this.actions.t("shelf.added", { name: made.name, count });
      this.store.set({ shelfNotes: [said], message: null });
    });
    return made;
  }
}
