/**
 * How people write what the engine computes: the page's twin of `engine/notation.py`, tied to it by
 * a test that compares every cell of several networks.
 *
 * A tensor has an id, `LAYER.name` (`F.w`, `P.a`, `O.delta`), and indices counted from 0. People
 * write symbols and count from 1. Only this module translates.
 */

/**
 * What the symbols depend on: `kinds` maps a layer's letter to what it is, `channels` to the number
 * of maps that it reads (the input layer: its own).
 * @typedef {{kinds: Readonly<Record<string, string>>, channels: Readonly<Record<string, number>>}} Network
 */
/** @typedef {{tensor: string, index?: readonly number[] | null, of?: string | null}} Place */
/** @typedef {{config: {input: {channels: number}}, layers: readonly {letter: string, type: string, shape: readonly number[]}[]}} RunLayers */

/** @type {Readonly<Record<string, string>>} */
const FREE = { C: "C", eta: "\\eta", iteration: "\\text{iteration}", updates: "\\tau" };
/** @type {Readonly<Record<string, string>>} */
const PARTIAL = { da: "a", dw: "w", db: "b" };
/** @type {Readonly<Record<string, string>>} */
const HEADS = { delta: "\\delta", switch: "s", mask: "m" };

/**
 * What the symbols of a run depend on.
 * @param {RunLayers} run
 * @returns {Network}
 */
export function networkOf(run) {
  /** @type {Record<string, string>} */
  const kinds = { I: "input" };
  /** @type {Record<string, number>} */
  const channels = { I: run.config.input.channels };
  let maps = run.config.input.channels;
  for (const layer of run.layers) {
    kinds[layer.letter] = layer.type.split("/")[0] ?? layer.type;
    channels[layer.letter] = maps;
    maps = layer.shape[0] ?? 1;
  }
  return { kinds, channels };
}

/**
 * The symbol of a tensor, or of one of its cells, as TeX: `\delta^{F1}_{23}`.
 * @param {Network} network
 * @param {Place} place without an index, the whole tensor
 */
export function symbol(network, { tensor, index = null, of = null }) {
  if (tensor in FREE) return tensor === "C" && of === "batch" ? "C_T" : FREE[tensor];
  if (tensor === "t") return index ? `t_{${run(index)}}` : "t";
  const [layer = "", ...rest] = tensor.split(".");
  const name = rest.join(".");
  if (rest.length > 1) return state(network, layer, rest, index, of);
  if (name in PARTIAL) {
    const below = plain(network, layer, PARTIAL[name] ?? "", index);
    return `\\frac{\\partial ${of === "batch" ? "C_T" : "C"}}{\\partial ${below}}`;
  }
  if (name === "slope") return `a'(${plain(network, layer, "z", index)})`;
  return plain(network, layer, name, index);
}

/**
 * The symbol as text without markup, for labels and screen readers: `δ^F1_23`, `∂C/∂w^F1_12`.
 * @param {Network} network
 * @param {Place} place
 */
export function plainSymbol(network, place) {
  return bare(symbol(network, place));
}

/**
 * The symbol as small pieces of HTML text: each piece is on the line, raised or lowered.
 * @param {Network} network
 * @param {Place} place
 * @returns {{text: string, at: "line" | "sup" | "sub"}[]}
 */
export function pieces(network, place) {
  const text = bare(symbol(network, place));
  const found = [...text.matchAll(/\^\{?([A-Za-z0-9,′-]+)\}?|_\{?([A-Za-z0-9,′-]+)\}?|[^_^]+/g)];
  return found.map(([whole, sup, sub]) => {
    if (sup) return { text: sup, at: "sup" };
    return sub ? { text: sub, at: "sub" } : { text: whole, at: "line" };
  });
}

/** @param {string} tex */
function bare(tex) {
  return tex
    .replace(/\\frac\{\\partial (C(?:_T)?)\}\{\\partial (.*)\}$/, "∂$1/∂$2")
    .replace(/_\{\\text\{new\}\}/g, "")
    .replace(/([A-Z])_\{(\d+)\}/g, "$1$2")
    .replace(/\\text\{([^}]*)\}/g, "$1")
    .replace(/\\delta/g, "δ")
    .replace(/\\eta/g, "η")
    .replace(/\\tau/g, "τ")
    .replace(/'/g, "′")
    .replace(/[{}]/g, "");
}

/**
 * Several 0-based indices in a row, counted from 1: `23`, but `12,3`.
 * @param {readonly number[]} indices
 */
function run(indices) {
  const written = indices.map((index) => String(index + 1));
  return written.join(written.every((text) => text.length === 1) ? "" : ",");
}

/**
 * What an optimizer remembers of a parameter: `v[w^{F1}_{11}]`.
 * @param {Network} network
 * @param {string} layer
 * @param {readonly string[]} names the parameter and what is remembered
 * @param {readonly number[] | null} index
 * @param {string | null} of
 */
function state(network, layer, [parameter = "", kind = ""], index, of) {
  const mark = of === "next" ? "_{\\text{new}}" : "";
  return `${kind === "m" ? "m" : "v"}${mark}[${plain(network, layer, parameter, index)}]`;
}

/**
 * @param {Network} network
 * @param {string} layer
 * @param {string} name
 * @param {readonly number[] | null} index
 */
function plain(network, layer, name, index) {
  const input = network.kinds[layer] === "input";
  const head = input ? "x" : (HEADS[name] ?? name);
  const letter = layer.length === 1 ? layer : `${layer[0]}_{${layer.slice(1)}}`;
  const whole = input ? "" : letter;
  const [above, below] = index ? indices(network, layer, name, index, whole) : [whole, ""];
  return head + (above ? `^{${above}}` : "") + (below ? `_{${below}}` : "");
}

/**
 * What stands above and below the letter of a cell.
 * @param {Network} network
 * @param {string} layer
 * @param {string} name
 * @param {readonly number[]} index
 * @param {string} above
 * @returns {[string, string]}
 */
function indices(network, layer, name, index, above) {
  const [first = 0, ...rest] = index;
  const several = (network.channels[layer] ?? 1) > 1;
  const kind = network.kinds[layer];
  if (kind === "input") return [several ? String(first + 1) : "", run(rest)];
  if (kind === "dense" && name !== "w") return [above, run(index)];
  const numbered = above.includes("_") ? `${above},${first + 1}` : `${above}${first + 1}`;
  if (kind === "dense") return [numbered, rest.length > 1 ? path(rest) : run(rest)];
  if (name === "b") return [numbered, ""];
  if (name === "w") return [numbered, several ? path(rest) : run(rest.slice(1))];
  return [numbered, run(rest)];
}

/**
 * A map's number, a dash, then row and column: `2-11`.
 * @param {readonly number[]} index
 */
function path([map = 0, ...rest]) {
  return `${map + 1}\\text{-}${run(rest)}`;
}
