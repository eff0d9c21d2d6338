/**
 * Colours of values. A signed quantity goes from ochre over paper to blue, centred on 0; a quantity
 * from 0 upwards goes from paper to ink. Both read the same for the common kinds of colour blindness
 * (light to dark, blue against ochre), and a minus sign marks what is negative besides.
 */

import { interpolateRgb, piecewise } from "d3-interpolate";

/** @typedef {"signed" | "positive"} Kind */
/** @typedef {"light" | "dark" | "projector"} Theme */
/** @typedef {{kind: Kind, limit: number}} Scale the colour of `limit` and more is the deepest */

/** @type {Record<Theme, {negative: string[], positive: string[], ink: string[]}>} */
const RAMPS = {
  light: {
    negative: ["#fbf8f1", "#f6dca8", "#e3a847", "#b4701a", "#74430a"],
    positive: ["#fbf8f1", "#c3dbea", "#7fb2d4", "#2f77ad", "#0c3f70"],
    ink: ["#fbf8f1", "#cfd2d0", "#97a0a4", "#566069", "#15202b"],
  },
  dark: {
    negative: ["#201e1b", "#4f3a1b", "#8a5f1c", "#c98f2e", "#f5cf85"],
    positive: ["#201e1b", "#1f3a50", "#27618c", "#4f9bd0", "#a9d8f8"],
    ink: ["#201e1b", "#45443f", "#75736c", "#aeaba0", "#f3eee2"],
  },
  projector: {
    negative: ["#ffffff", "#ffe0a0", "#f2a91f", "#b96a00", "#6a3a00"],
    positive: ["#ffffff", "#b9dbf3", "#5ea7dc", "#0e66ab", "#012f60"],
    ink: ["#ffffff", "#c4c9cd", "#868f97", "#444e57", "#000000"],
  },
};

const ramps = new Map(
  Object.entries(RAMPS).map(([theme, colours]) => [
    theme,
    {
      negative: piecewise(interpolateRgb, colours.negative),
      positive: piecewise(interpolateRgb, colours.positive),
      ink: piecewise(interpolateRgb, colours.ink),
    },
  ]),
);

/** @typedef {Readonly<Record<string, Scale>>} Limits scales that stay as they are, by tensor and whose it is */

/**
 * The scale of a tensor: symmetric limits for a signed quantity; 0 to 1, or to its largest value, else.
 * One that is kept ("same scale over time") holds for values beyond it too, which have its deepest colour.
 * @param {string} tensor id
 * @param {readonly number[]} values
 * @param {Scale | null} [kept]
 * @returns {Scale}
 */
export function scaleOf(tensor, values, kept = null) {
  let low = 0;
  let high = 0;
  for (const value of values) {
    if (value < low) low = value;
    if (value > high) high = value;
  }
  if (kept && (kept.kind === "signed" || low >= 0)) return kept;
  const outputs = tensor.endsWith(".a") || tensor === "t" || tensor === "C";
  if (outputs && low >= 0) return { kind: "positive", limit: Math.max(1, high) };
  return { kind: "signed", limit: Math.max(-low, high) };
}

/**
 * The scale that is kept for a tensor of the image on stage, or of the batch.
 * @param {Limits | null} limits
 * @param {string} tensor
 * @param {string | null} of
 */
export function keptAs(limits, tensor, of) {
  return limits?.[of === "batch" ? `batch ${tensor}` : tensor] ?? null;
}

/**
 * Scales wide enough for these tensors too.
 * @param {Limits} limits
 * @param {Record<string, {values: readonly number[]}>} tensors
 * @param {"batch" | null} of
 * @returns {Limits}
 */
export function together(limits, tensors, of) {
  const wider = Object.entries(tensors).map(([tensor, { values }]) => {
    const own = scaleOf(tensor, values);
    const known = keptAs(limits, tensor, of) ?? own;
    const kind = known.kind === "signed" || own.kind === "signed" ? "signed" : "positive";
    const limit = Math.max(known.limit, own.limit);
    return [of === "batch" ? `batch ${tensor}` : tensor, { kind, limit }];
  });
  return { ...limits, ...Object.fromEntries(wider) };
}

/**
 * Does a value lie beyond the scale, so that its colour is that of the limit?
 * @param {readonly number[]} values
 * @param {Scale} scale
 */
export function isBeyond(values, { limit }) {
  return values.some((value) => Math.abs(value) > limit);
}

/**
 * The colour of a value.
 * @param {number} value
 * @param {Scale} scale
 * @param {Theme} theme
 * @returns {string} a CSS colour, `rgb(…)`
 */
export function colour(value, { kind, limit }, theme) {
  const ramp = ramps.get(theme) ?? ramps.get("light");
  if (!ramp) return "";
  const part = limit > 0 ? Math.min(1, Math.abs(value) / limit) : 0;
  if (kind === "positive") return ramp.ink(part);
  return value < 0 ? ramp.negative(part) : ramp.positive(part);
}

/**
 * Red, green and blue, 0 to 255.
 * @param {string} colourText `rgb(r, g, b)`
 */
export function channels(colourText) {
  return (colourText.match(/\d+(\.\d+)?/g) ?? []).slice(0, 3).map(Number);
}

/**
 * The ink for a number that stands on this colour, with a contrast of at least 4.5 to 1.
 * @param {string} background `rgb(r, g, b)`
 * @returns {"#000" | "#fff"}
 */
export function inkOn(background) {
  return luminance(background) > 0.179 ? "#000" : "#fff";
}

/**
 * Relative luminance as WCAG 2 defines it.
 * @param {string} colourText `rgb(r, g, b)`
 */
export function luminance(colourText) {
  const [r = 0, g = 0, b = 0] = channels(colourText).map((part) => {
    const share = part / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}
