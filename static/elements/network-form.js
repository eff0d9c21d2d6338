/**
 * The network as a form: preset, size of the images, layers, cost, optimizer, initial weights. Kinds, words and bounds
 * come from the server (`kinds`). A change that keeps the weights is told at once; one that needs new
 * weights waits here as a draft until the reader applies it.
 *
 * Tells `configure` (a part of the configuration).
 */

import { html, nothing } from "lit";

import { t } from "../i18n.js";
import { bounds } from "../bounds.js";
import { PageElement } from "./page-element.js";

/**
 * @typedef {import("../bounds.js").Kind} Kind
 * @typedef {Record<string, any>} Layer
 */

const SHAPING = ["filters", "size", "stride", "padding", "units"];

export class NetworkForm extends PageElement {
  /** @override */
  static properties = {
    config: { attribute: false },
    kinds: { attribute: false },
    presets: { attribute: false },
    preset: {},
    message: {},
    busy: { type: Boolean },
    language: {},
    draft: { state: true },
  };

  constructor() {
    super();
    /** @type {any} */ this.config = null;
    /** @type {any} */ this.kinds = null;
    /** @type {readonly {id: string, config: any}[]} */ this.presets = [];
    this.preset = "";
    this.message = "";
    this.busy = false;
    this.language = "en";
    /** @type {any} a configuration that needs new weights and is not applied yet */
    this.draft = null;
    /** the configuration that is in force, as text */
    this.inForce = "";
  }

  /** @override */
  willUpdate() {
    const now = JSON.stringify(this.config);
    if (now !== this.inForce) this.draft = null;
    this.inForce = now;
  }

  /** What appears at the foot of the panel does not cover the field that one is at. @override */
  updated() {
    const { activeElement: field } = document;
    if (this.draft && field && this.contains(field)) field.scrollIntoView({ block: "nearest" });
  }

  /** What the form shows. */
  get shown() {
    return this.draft ?? this.config;
  }

  /** @override */
  render() {
    if (!this.config || !this.kinds) return nothing;
    const { layers, loss, initial, training } = this.shown;
    const { kinds } = this;
    return html`<h3>${t("form.network")}</h3>
      ${this.chooser()} ${this.images()}
      <ol class="layers">
        ${layers.map((/** @type {Layer} */ layer, /** @type {number} */ at) => this.layer(layer, at))}
      </ol>
      ${this.adding(layers)}
      ${this.field("loss", kinds.loss, loss, (value) => this.change({ loss: value }))}
      <h3>${t("ui.descend")}</h3>
      ${["optimizer", "reduction"].map((name) =>
        this.field(name, kinds.training[name], training[name], (value) =>
          this.change({ training: { [name]: value } }),
        ),
      )}
      ${this.batch(training.batch, kinds.training.batch)}
      ${this.field("initial", kinds.initial, initial, (value) =>
        this.change({ initial: value }, true),
      )}
      ${this.field("seed", kinds.training.seed, training.seed, (value) =>
        this.change({ training: { seed: value } }, true),
      )}
      ${this.verdict()}`;
  }

  chooser() {
    const chosen = this.presets.find(
      ({ config }) => JSON.stringify(config) === JSON.stringify(this.shown),
    );
    return html`<label class="line"
        ><span>${t("form.preset")}</span>
        <select
          name="preset"
          ?disabled=${this.busy}
          @change=${(/** @type {Event} */ event) => this.take(valueOf(event))}
        >
          ${chosen ? nothing : html`<option value="" selected>${t("form.own")}</option>`}
          ${this.presets.map(
            ({ id }) =>
              html`<option value=${id} ?selected=${id === chosen?.id}>
                ${t(`preset_name.${id}`)}
              </option>`,
          )}
        </select></label
      >
      ${chosen ? html`<p class="about">${t(`preset.${chosen.id}`)}</p>` : nothing}`;
  }

  /** @param {string} id a preset whose configuration is taken whole */
  take(id) {
    const found = this.presets.find((one) => one.id === id);
    if (found) this.draft = structuredClone(found.config);
  }

  /** The size of the images that the network takes. */
  images() {
    const { input } = this.shown;
    return html`<div class="images" role="group" aria-label=${t("form.images")}>
      <div class="layer-head"><b>${t("form.images")}</b></div>
      <div class="layer-fields">
        ${["channels", "height", "width"].map((name) =>
          this.field(name, this.kinds.input[name], input[name], (value) =>
            this.change({ input: { ...input, [name]: value } }, true),
          ),
        )}
      </div>
    </div>`;
  }

  /** Whether what is learnt from will no longer fit, once the draft is applied. */
  get unfits() {
    const { config, draft } = this;
    if (!draft?.dataset || draft.dataset !== config.dataset) return false;
    const size = (/** @type {any} */ { input, layers }) =>
      JSON.stringify([input.channels, input.height, input.width, layers.at(-1).units]);
    return size(draft) !== size(config);
  }

  /**
   * @param {Layer} layer
   * @param {number} at
   */
  layer(layer, at) {
    const { layers } = this.shown;
    const fields = Object.entries(this.kinds.layers[layer.type]);
    const name = t(`kind.layer.${layer.type}`);
    const move = (
      /** @type {number} */ to,
      /** @type {string} */ sign,
      /** @type {string} */ key,
    ) =>
      html`<button
        type="button"
        ?disabled=${to < 0 || to >= layers.length}
        title=${t(key)}
        aria-label=${`${t(key)}: ${name} ${at + 1}`}
        @click=${() => this.move(at, to)}
      >
        ${sign}
      </button>`;
    return html`<li>
      <div class="layer-head">
        <b>${name}</b>
        ${move(at - 1, "↑", "form.up")} ${move(at + 1, "↓", "form.down")}
        <button
          type="button"
          ?disabled=${layers.length === 1}
          title=${t("form.remove")}
          aria-label=${`${t("form.remove")}: ${name} ${at + 1}`}
          @click=${() => this.relayer(layers.filter((/** @type {Layer} */ one) => one !== layer))}
        >
          ×
        </button>
      </div>
      <div class="layer-fields">
        ${fields.map(([key, kind]) =>
          this.field(key, /** @type {Kind} */ (kind), layer[key], (value) => {
            const changed = layers.map((/** @type {Layer} */ one, /** @type {number} */ n) =>
              n === at ? { ...one, [key]: value } : one,
            );
            this.relayer(changed, SHAPING.includes(key));
          }),
        )}
      </div>
    </li>`;
  }

  /** @param {readonly Layer[]} layers */
  adding(layers) {
    const full = layers.length >= this.kinds.layer_count.maximum;
    return html`<div class="line" role="group" aria-label=${t("form.add")}>
      <span>${t("form.add")}</span>
      ${Object.keys(this.kinds.layers).map(
        (type) =>
          html`<button type="button" ?disabled=${full} @click=${() => this.add(type)}>
            ${t(`kind.layer.${type}`)}
          </button>`,
      )}
    </div>`;
  }

  /** A new layer goes where it can stand: before the first dense layer, or before the output.
   * @param {string} type */
  add(type) {
    const made = {
      conv: { type, filters: 3, size: 3, stride: 1, padding: 1, activation: "sigmoid" },
      pool: { type, kind: "max", size: 2, stride: 2 },
      dense: { type, units: 6, activation: "sigmoid" },
    }[type];
    const layers = [...this.shown.layers];
    const dense = layers.findIndex((one) => one.type === "dense");
    const place = type === "dense" || dense < 0 ? layers.length - 1 : dense;
    layers.splice(Math.max(0, place), 0, made);
    this.relayer(layers);
  }

  /**
   * @param {number} from
   * @param {number} to
   */
  move(from, to) {
    const layers = [...this.shown.layers];
    layers.splice(to, 0, ...layers.splice(from, 1));
    this.relayer(layers);
  }

  /**
   * @param {readonly Layer[]} layers
   * @param {boolean} [reshapes]
   */
  relayer(layers, reshapes = true) {
    this.change({ layers }, reshapes);
  }

  /**
   * Tell a change, or lay it over the draft where there is one or weights must be drawn anew.
   * @param {any} part
   * @param {boolean} [renews]
   */
  change(part, renews = false) {
    if (!renews && !this.draft) return this.tell("configure", part);
    const { shown } = this;
    const training = { ...shown.training, ...part.training };
    this.draft = { ...shown, ...part, training };
    return undefined;
  }

  /**
   * @param {string} name
   * @param {Kind} kind
   * @param {any} value
   * @param {(value: any) => void} act
   */
  field(name, kind, value, act) {
    const control =
      kind.values.length > 0
        ? this.words(name, kind, value, act)
        : html`<input
              type="number"
              name=${name}
              required
              min=${kind.minimum ?? nothing}
              max=${kind.maximum ?? nothing}
              step=${kind.whole ? 1 : "any"}
              .value=${String(value)}
              @change=${(/** @type {Event} */ event) => this.number(event, act)}
            /><small>${bounds(kind)}</small>`;
    return html`<label class="line"><span>${t(`field.${name}`)}</span>${control}</label>`;
  }

  /**
   * @param {string} name
   * @param {Kind} kind
   * @param {string} value
   * @param {(value: string) => void} act
   */
  words(name, kind, value, act) {
    return html`<select name=${name} @change=${(/** @type {Event} */ event) => act(valueOf(event))}>
      ${kind.values.map(
        (word) =>
          html`<option value=${word} ?selected=${word === value}>
            ${name === "activation" ? t(`function.${word}`) : t(`kind.${name}.${word}`)}
          </option>`,
      )}
    </select>`;
  }

  /** The whole set, or so many images an update.
   * @param {"all" | number} value
   * @param {Kind} kind */
  batch(value, kind) {
    const all = value === "all";
    return html`<div class="line">
      <span>${t("field.batch")}</span>
      <label
        ><input
          type="checkbox"
          name="batch-all"
          .checked=${all}
          @change=${(/** @type {Event} */ event) => {
            const { checked } = /** @type {HTMLInputElement} */ (event.target);
            this.change({ training: { batch: checked ? "all" : 32 } });
          }}
        />${t("kind.batch.all")}</label
      >
      ${
        all
          ? nothing
          : html`<input
                type="number"
                name="batch"
                required
                aria-label=${t("field.batch")}
                min=${kind.minimum ?? 1}
                max=${kind.maximum ?? nothing}
                .value=${String(value)}
                @change=${(/** @type {Event} */ event) =>
                  this.number(event, (count) => this.change({ training: { batch: count } }))}
              /><small>${bounds(kind)}</small>`
      }
    </div>`;
  }

  /**
   * A number within its bounds; the browser says what is wrong with another.
   * @param {Event} event
   * @param {(value: number) => void} act
   */
  number(event, act) {
    const input = /** @type {HTMLInputElement} */ (event.target);
    if (input.reportValidity()) act(Number(input.value));
  }

  /** What the server refused, and what waits to be applied. */
  verdict() {
    const { draft } = this;
    return html`<div class=${draft ? "verdict waiting" : "verdict"}>
      ${this.message ? html`<p class="message" role="alert">${this.message}</p>` : nothing}
      ${
        draft
          ? html`<p role="status">
                ${t("form.new_weights")} ${this.unfits ? t("form.unfit") : nothing}
              </p>
              <button type="button" name="apply" ?disabled=${this.busy} @click=${this.apply}>
                ${t("form.apply")}
              </button>
              <button type="button" name="cancel" @click=${() => (this.draft = null)}>
                ${t("form.cancel")}
              </button>`
          : nothing
      }
    </div>`;
  }

  apply() {
    if (this.draft) this.tell("configure", difference(this.config, this.draft));
  }
}

/**
 * What of a configuration is different, so that what is the same may be given up where it no longer fits.
 * @param {any} from
 * @param {any} to
 */
function difference(from, to) {
  const same = (/** @type {any} */ a, /** @type {any} */ b) =>
    JSON.stringify(a) === JSON.stringify(b);
  const training = Object.entries(to.training).filter(
    ([key, value]) => !same(value, from.training[key]),
  );
  const parts = Object.entries(to).filter(([key, value]) => !same(value, from[key]));
  return Object.fromEntries(
    parts.map(([key, value]) => [key, key === "training" ? Object.fromEntries(training) : value]),
  );
}

/** @param {Event} event */
function valueOf(event) {
  return /** @type {HTMLSelectElement} */ (event.target).value;
}

customElements.define("network-form", NetworkForm);
