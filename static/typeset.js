/**
 * A formula tree as TeX, and TeX as HTML. Each number or symbol is wrapped so that KaTeX makes it an
 * element:
 * `\htmlData{node=3}{.14}` becomes an element with `data-node="3"`, the fourth of the nodes
 * that come along.
 */

import katex from "katex";

import { cells, value } from "./formula.js";

/** @typedef {import("./formula.js").Tree} Tree */
/** @typedef {import("./formula.js").Path} Path */
/** @typedef {import("./formula.js").Cell} Cell */
/** @typedef {import("./formula.js").Lookup} Lookup */
/**
 * A piece of the formula that can be pointed at: a cell, a part that stands for several cells, or
 * the dots of a folded sum.
 * @typedef {{kind: "cell" | "part" | "dots", path: Path, cells: Cell[], hidden: number}} Spot
 */
/**
 * How to write: cells by `cell` (their symbols, or their values), numbers by `number`.
 * @typedef {object} Writing
 * @property {(cell: Cell) => string} cell
 * @property {(value: number) => string} number
 * @property {Lookup | null} lookup where cells are written as values: indicators become 0 or 1
 * @property {ReadonlySet<string>} open paths of the sums that are shown whole
 */

/** Sums with more terms than this are folded to the first three, dots, the last. */
export const LONG = 10;
const FIRST = 3;
const ACTIVATIONS = new Set(["sigmoid", "tanh", "relu", "leaky_relu", "identity"]);

/**
 * A number as the page writes it ("−.37", "1e-9"), as TeX.
 * @param {string} written
 */
export function texNumber(written) {
  const [mantissa = "", exponent] = written.replaceAll("\u2212", "-").split("e");
  if (exponent === undefined) return mantissa;
  return `${mantissa}\\cdot 10^{${Number(exponent)}}`;
}

/**
 * The formula as TeX, and what in it can be pointed at.
 * @param {Tree} tree
 * @param {Writing} writing
 * @returns {{tex: string, spots: Spot[]}}
 */
export function typeset(tree, writing) {
  const setter = new Setter(writing);
  return { tex: setter.write(tree, [], true), spots: setter.spots };
}

/**
 * The parts of a sum or product, worked out, as TeX.
 * @param {"sum" | "product"} op
 * @param {readonly {path: Path, value: number, cells: Cell[]}[]} parts
 * @param {Writing} writing
 */
export function typesetParts(op, parts, writing) {
  const setter = new Setter(writing);
  /** @param {number} i */
  const one = (i) => {
    const part = parts[i] ?? { path: [], value: 0, cells: [] };
    const text = bracketed(texNumber(writing.number(part.value)), i === 0);
    return setter.spot({ kind: "part", path: part.path, cells: part.cells, hidden: 0 }, text);
  };
  const shown = setter.folded(parts.length, []);
  const joint = op === "sum" ? " + " : " \\cdot ";
  const written = shown.map((i) => (i === null ? setter.dots([], parts.length) : one(i)));
  return { tex: written.join(joint), spots: setter.spots };
}

/**
 * A negative number inside a line stands in brackets.
 * @param {string} text
 * @param {boolean} leading does it begin the line?
 */
function bracketed(text, leading) {
  return text.startsWith("-") && !leading ? `(${text})` : text;
}

/**
 * Is this −1 times something?
 * @param {Tree} tree
 */
function negated(tree) {
  if (tree.op !== "product" || tree.args.length < 2) return false;
  const [first] = tree.args;
  return first?.op === "number" && first.value === -1;
}

/** Writes one formula, counting what can be pointed at. */
class Setter {
  /** @param {Writing} writing */
  constructor(writing) {
    this.writing = writing;
    /** @type {Spot[]} */
    this.spots = [];
  }

  /**
   * Make a piece of TeX an element of its own.
   * @param {Spot} spot
   * @param {string} tex
   */
  spot(spot, tex) {
    this.spots.push(spot);
    return `\\htmlData{node=${this.spots.length - 1}}{${tex}}`;
  }

  /**
   * Which of so many terms are shown; null stands for the dots.
   * @param {number} count
   * @param {Path} path
   * @returns {(number | null)[]}
   */
  folded(count, path) {
    const all = Array.from({ length: count }, (_, i) => i);
    if (count <= LONG || this.writing.open.has(path.join(","))) return all;
    return [...all.slice(0, FIRST), null, count - 1];
  }

  /**
   * @param {Path} path
   * @param {number} count
   */
  dots(path, count) {
    return this.spot({ kind: "dots", path, cells: [], hidden: count - FIRST - 1 }, "\\cdots");
  }

  /**
   * @param {Tree} tree
   * @param {Path} path
   * @param {boolean} leading does it begin a line or a bracket, so that a minus needs no brackets?
   * @returns {string}
   */
  write(tree, path, leading) {
    switch (tree.op) {
      case "number":
        return bracketed(this.constant(tree.value), leading);
      case "cell":
        return this.spot(
          { kind: "cell", path, cells: [tree], hidden: 0 },
          bracketed(this.writing.cell(tree), leading),
        );
      case "sum":
        return this.sum(tree.args, path, leading);
      case "product":
        return this.product(tree, path, leading);
      case "quotient":
        return `\\frac{${this.child(tree, path, 0)}}{${this.child(tree, path, 1)}}`;
      case "power":
        return this.power(tree, path);
      case "max":
        return `\\max(${tree.args.map((_, i) => this.child(tree, path, i)).join(",\\,")})`;
      case "indicator":
        return this.indicator(tree, path);
      case "apply":
        return this.applied(tree, path);
    }
  }

  /** @param {number} number */
  constant(number) {
    if (number === 0.5) return "\\tfrac{1}{2}";
    return texNumber(Number.isInteger(number) ? String(number) : this.writing.number(number));
  }

  /**
   * @param {import("./formula.js").GatheringNode | import("./formula.js").ApplyNode} tree
   * @param {Path} path
   * @param {number} i
   */
  child(tree, path, i) {
    const arg = tree.args[i];
    return arg ? this.write(arg, [...path, i], true) : "";
  }

  /**
   * @param {readonly Tree[]} args
   * @param {Path} path
   * @param {boolean} leading
   */
  sum(args, path, leading) {
    if (args.length === 0) return "0";
    return this.folded(args.length, path)
      .map((i) => {
        if (i === null) return ` + ${this.dots(path, args.length)}`;
        const arg = args[i] ?? { op: "number", value: 0 };
        if (i === 0) return this.term(arg, [...path, i], leading);
        const text = this.term(arg, [...path, i], false);
        return negated(arg) ? ` - ${text.slice(1)}` : ` + ${text}`;
      })
      .join("");
  }

  /**
   * @param {Tree} arg
   * @param {Path} path
   * @param {boolean} leading
   */
  term(arg, path, leading) {
    return arg.op === "product"
      ? this.factors(arg.args, path, leading)
      : this.write(arg, path, leading);
  }

  /**
   * @param {import("./formula.js").GatheringNode} tree
   * @param {Path} path
   * @param {boolean} leading
   */
  product(tree, path, leading) {
    const text = this.factors(tree.args, path, leading);
    return negated(tree) && !leading ? `(${text})` : text;
  }

  /**
   * @param {readonly Tree[]} args
   * @param {Path} path
   * @param {boolean} leading
   */
  factors(args, path, leading) {
    if (args.length === 0) return "1";
    const minus = negated({ op: "product", args }) ? 1 : 0;
    const written = args.slice(minus).map((arg, n) => {
      const i = n + minus;
      if (arg.op === "sum" && arg.args.length > 1)
        return `(${this.write(arg, [...path, i], true)})`;
      return this.write(arg, [...path, i], leading && i === 0);
    });
    return (minus ? "-" : "") + written.join(" \\cdot ");
  }

  /**
   * @param {import("./formula.js").GatheringNode} tree
   * @param {Path} path
   */
  power(tree, path) {
    const [base, exponent] = tree.args;
    if (exponent?.op === "number" && exponent.value === 0.5)
      return `\\sqrt{${this.child(tree, path, 0)}}`;
    const inside = this.child(tree, path, 0);
    const bare = base?.op === "cell" && !inside.includes("{-");
    return `${bare ? `{${inside}}` : `(${inside})`}^{${this.child(tree, path, 1)}}`;
  }

  /**
   * With values, an indicator is what it gives; with symbols, what it compares.
   * @param {import("./formula.js").GatheringNode} tree
   * @param {Path} path
   */
  indicator(tree, path) {
    const { lookup } = this.writing;
    if (!lookup) return `[\\,${this.child(tree, path, 0)} = ${this.child(tree, path, 1)}\\,]`;
    const spot = { kind: /** @type {const} */ ("part"), path, cells: cells(tree), hidden: 0 };
    return this.spot(spot, String(value(tree, lookup)));
  }

  /**
   * @param {import("./formula.js").ApplyNode} tree
   * @param {Path} path
   */
  applied(tree, path) {
    const name = tree.function;
    const inside = tree.args.map((_, i) => this.child(tree, path, i)).join(",\\,");
    if (ACTIVATIONS.has(name)) return `a(${inside})`;
    if (name.endsWith("_prime")) return `a'(${inside})`;
    if (name === "exp") return `e^{${inside}}`;
    if (name === "sqrt") return `\\sqrt{${inside}}`;
    return name === "log" ? `\\ln(${inside})` : `\\operatorname{${name}}(${inside})`;
  }
}

const KNOWN = 2000;

/** Longer ones are made again each time: there is no end of the signs in a sum of hundreds. */
const LONGEST = 20_000;

/**
 * The HTML of a TeX, made once.
 * @param {Map<string, string>} known
 * @param {string} tex
 * @param {import("katex").KatexOptions} options
 */
function rendered(known, tex, options) {
  const found = known.get(tex);
  if (found !== undefined) return found;
  const html = katex.renderToString(tex, { ...options, throwOnError: false, strict: false });
  if (known.size >= KNOWN) known.clear();
  if (html.length <= LONGEST) known.set(tex, html);
  return html;
}

/** @type {Map<string, string>} */
const still = new Map();

/**
 * A formula that is only read: its MathML speaks to screen readers.
 * @param {string} tex
 */
export function texHtml(tex) {
  return rendered(still, tex, {});
}

/** @type {Map<string, string>} */
const live = new Map();

/** A number with decimals, and what holds its place: one that no other text of the HTML is like. */
const DECIMAL = /\d*\.\d+/g;
const PLACE = /\.7070707(\d{6})707/g;

/** @typedef {{html: string, decimals: string[]}} Live HTML with places, and what belongs into them */

/**
 * A formula whose pieces can be pointed at (`\htmlData`): each is labelled by whoever shows it, so
 * the line is not hidden from screen readers. All digits are equally large: a formula in which only
 * decimals differ has the same HTML, and they are put in their places. What has an exponent stands in
 * braces, as `typeset` writes it.
 * @param {string} tex
 * @returns {Live}
 */
export function liveTex(tex) {
  /** @type {string[]} */
  const decimals = [];
  const without = tex.replace(DECIMAL, (decimal) => {
    decimals.push(decimal);
    return `.7070707${String(decimals.length - 1).padStart(6, "0")}707`;
  });
  const html = rendered(live, without, {
    output: "html",
    trust: ({ command }) => command === "\\htmlData",
  });
  return {
    html: html.replace('class="katex-html" aria-hidden="true"', 'class="katex-html"'),
    decimals,
  };
}

/**
 * A text with the decimals in their places.
 * @param {string} text
 * @param {readonly string[]} decimals
 */
export function filled(text, decimals) {
  return text.replaceAll(PLACE, (_, at) => decimals[Number(at)] ?? "");
}

/**
 * The texts of an element that hold places of decimals, and what they say.
 * @param {Node} element
 * @returns {[Text, string][]}
 */
export function placesIn(element) {
  const walker = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
  /** @type {[Text, string][]} */
  const places = [];
  for (let text = walker.nextNode(); text; text = walker.nextNode()) {
    const said = text.nodeValue ?? "";
    if (said.search(PLACE) >= 0) places.push([/** @type {Text} */ (text), said]);
  }
  return places;
}
