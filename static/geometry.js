/**
 * Where everything stands in the picture of the network: from shapes to rectangles, in pixels, and the
 * ways between them. The words are those of sheets.js.
 */

import { gridsOf, sheetsOf, sizeOf, slotsOf } from "./sheets.js";

/** @typedef {import("./sheets.js").Shapes} Shapes */
/** @typedef {import("./sheets.js").Layer} Layer */
/** @typedef {import("./sheets.js").Sheet} Sheet */
/** @typedef {import("./sheets.js").Slot} Slot */
/** @typedef {import("./sheets.js").Sized} Sized */
/** @typedef {{tensor: string, lane: 0 | 1, slot: number, x: number, y: number, width: number, room: number}} Heading */
/** @typedef {{x: number, y: number, width: number, height: number}} Box */
/** @typedef {{width: number, height: number, unit: number, sheets: Sheet[], headings: Heading[], boxes: Record<string, Box>, lanes: [Box, Box], corner: Box, verdict: Box, tools: Box, legend: Box}} Picture */
/** @typedef {ReturnType<typeof frameOf>} Frame */
/** @typedef {{slots: Slot[], sized: Sized[], shapes: Shapes, frame: Frame, large: number, stretch: number, unit: number}} Plan */

export const NUMBERS_FROM = 27;
const TOOLS = 148;
const CORNER = 176; // what the cost curve and its buttons need
const SCROLLS_BELOW = 1000; // narrower stages show their picture by and by
const FOLDED = 12;

/**
 * The whole picture.
 * @param {{layers: readonly Layer[], shapes: Shapes, focus: Readonly<Record<string, number>>, layer?: string | null, width: number, height: number, thumb?: number, heading?: number}} given
 *   `thumb` is the size of a small map beside a large one; `layer` is the one that stays large where the rest must be folded; `height` is that of both lanes;
 *   `heading` is the height of a symbol with its three lines of words
 * @returns {Picture}
 */
export function picture({ layers, shapes, focus, layer = null, ...room }) {
  const slots = slotsOf(layers, shapes).map((one) => ({
    ...one,
    forward: one.forward.filter((id) => id in shapes),
    backward: one.backward.filter((id) => id in shapes),
  }));
  const frame = frameOf(room);
  const plan = (
    /** @type {number} */ unit,
    /** @type {boolean} */ folded,
    /** @type {number} */ large = frame.tallest,
  ) =>
    slots.map((one) =>
      measure(one, { shapes, unit, large, folded: folded && one.layer !== layer, focus }),
    );
  const { unit, folded } = unitOf(frame, layer, (unit, folded) =>
    widthOf(slots, plan(unit, folded), frame.gap),
  );
  const large = Math.min(frame.tallest, deepest(plan(unit, folded), slots));
  const sized = plan(unit, folded, large);
  const spare = Math.max(0, frame.room - widthOf(slots, sized, frame.gap));
  const loose = slots.filter((one, at) => at > 0 && !one.tight).length;
  const stretch = Math.min(frame.gap, spare / Math.max(1, loose));
  return place({ slots, sized, shapes, frame, large, stretch, unit });
}

/**
 * What the size of the stage gives: the height of a lane and of the largest map in it, the white at the
 * sides and between, the width for the slots.
 * @param {{width: number, height: number, thumb?: number, heading?: number}} given
 */
function frameOf({ width, height, thumb = 0.47, heading = height > 620 ? 58 : 46 }) {
  const laneHeight = height / 2;
  const margin = width < 700 ? 14 : Math.round(width * 0.021);
  const corner = Math.max(64, width * 0.047);
  return {
    width,
    heading,
    thumb,
    laneHeight,
    margin,
    tallest: (laneHeight - heading - 22) / (1.02 + thumb),
    gap: width < 700 ? 18 : Math.max(18, Math.round(width * 0.0165)),
    room: width - 2 * margin - corner,
  };
}

/**
 * The size of the largest cells, and whether all layers but one must be folded to make room.
 * @param {Frame} frame
 * @param {string | null} layer
 * @param {(unit: number, folded: boolean) => number} widthAt
 */
function unitOf({ width, room, tallest }, layer, widthAt) {
  const fit = (/** @type {boolean} */ folded) =>
    largest(Math.max(4, tallest / 4), (unit) => widthAt(unit, folded) <= room);
  const open = fit(false);
  const folded = open < NUMBERS_FROM && width >= SCROLLS_BELOW && Boolean(layer);
  const found = folded ? fit(true) : open;
  const unit = width < SCROLLS_BELOW ? Math.max(found, Math.min(tallest / 4, 34)) : found;
  return { unit: Math.floor(unit), folded };
}

/**
 * The largest number from 4 to `most` that fits.
 * @param {number} most
 * @param {(number: number) => boolean} fits
 */
function largest(most, fits) {
  let [low, high] = [4, most];
  for (let round = 0; round < 24; round += 1) {
    const middle = (low + high) / 2;
    if (fits(middle)) low = middle;
    else high = middle;
  }
  return low;
}

/**
 * The width of all slots side by side.
 * @param {readonly Slot[]} slots
 * @param {readonly Sized[]} sized
 * @param {number} gap
 */
function widthOf(slots, sized, gap) {
  return sized.reduce((sum, one, at) => sum + one.width + spaceBefore(slots[at], at, gap), 0);
}

/**
 * The height that the layers need: the image may be as high as the highest of them.
 * @param {readonly Sized[]} sized
 * @param {readonly Slot[]} slots
 */
function deepest(sized, slots) {
  const heights = sized.map(({ rows, down, cell }, at) => {
    const bias = slots[at]?.kind === "kernel" ? 1 : 0;
    return slots[at]?.layer === "I" ? 0 : (rows * down + bias) * cell;
  });
  return Math.max(...heights);
}

/**
 * @param {Slot | undefined} one
 * @param {number} at
 * @param {number} gap
 */
function spaceBefore(one, at, gap) {
  if (at === 0 || !one) return 0;
  return one.tight ? 8 : gap;
}

/**
 * The size of a slot: of its large cells, of what stands side by side, of its small maps.
 * @param {Slot} one
 * @param {{shapes: Shapes, unit: number, large: number, folded: boolean, focus: Readonly<Record<string, number>>}} given
 *   `unit` is the largest cell, `large` the height of a focused map
 * @returns {Sized}
 */
function measure(one, { shapes, unit, large, folded, focus }) {
  const id = one.forward[0] ?? "";
  const shape = shapes[id] ?? [];
  const map = one.owner ? (focus[one.owner] ?? 0) : 0;
  const grids = gridsOf(id, shape, one.kind, map);
  const [first] = grids;
  const rows = first?.rows ?? 1;
  const cols = first?.cols ?? 1;
  const across = grids.length > 4 ? Math.ceil(Math.sqrt(grids.length)) : grids.length;
  const down = Math.ceil(grids.length / across);
  const bias = one.kind === "kernel" ? 1 : 0;
  const loose = one.kind === "vector" && rows <= 5 && cols === 1;
  const height = large - (down - 1) * 6 - (loose ? (rows - 1) * 6 : 0);
  const most = folded ? Math.min(unit, FOLDED) : unit;
  const cell = Math.max(2, Math.min(most, height / (rows * down + bias)));
  const between = across > 1 ? Math.max(3, cell * 0.2) : 0;
  const wide = across * cols * cell + (across - 1) * between;
  return {
    map,
    cell,
    rows,
    cols,
    across,
    down,
    between,
    loose,
    width: Math.max(wide, leastOf(one)),
  };
}

/**
 * The width that a slot's symbols need, or the drawing tools under the image.
 * @param {Slot} one
 */
function leastOf({ kind, layer }) {
  if (layer === "I") return TOOLS;
  if (kind === "scalar") return 46;
  return kind === "vector" ? 29 : 0;
}

/**
 * @param {Plan} plan
 * @returns {Picture}
 */
function place(plan) {
  const { frame, unit } = plan;
  const { lefts, end } = columnsOf(plan);
  const stands = standsOf(plan, lefts);
  const sheets = stands.flatMap(({ ids, ...stand }) =>
    ids.flatMap((tensor, nth) =>
      sheetsOf({ ...stand, tensor, nth, shape: plan.shapes[tensor] ?? [] }),
    ),
  );
  const headings = stands.map(({ ids, lane, at, x, size }) => {
    const next = lefts[at + 1] ?? end + frame.gap;
    const y = lane * frame.laneHeight + 2;
    const room = Math.max(size.width, next - x - 5);
    return { tensor: ids[0] ?? "", lane, slot: at, x, y, width: size.width, room };
  });
  return {
    height: 2 * frame.laneHeight,
    unit,
    sheets,
    headings,
    boxes: boxesOf(sheets),
    ...placesBeside(plan, lefts, end),
  };
}

/**
 * The left edge of each slot, and the right edge of the last one.
 * @param {Plan} plan
 */
function columnsOf({ slots, sized, frame, stretch }) {
  let x = frame.margin;
  const lefts = slots.map((one, at) => {
    x += spaceBefore(one, at, frame.gap) + (at > 0 && !one.tight ? stretch : 0);
    const left = x;
    x += sized[at]?.width ?? 0;
    return left;
  });
  return { lefts, end: x };
}

/**
 * What stands where in both lanes: a slot's tensors, one below the other.
 * @param {Plan} plan
 * @param {readonly number[]} lefts
 */
function standsOf({ slots, sized, frame, large }, lefts) {
  const { laneHeight, heading, thumb } = frame;
  const both = /** @type {const} */ ([0, 1]);
  return slots.flatMap((one, at) => {
    const size = sized[at];
    const x = lefts[at];
    if (!size || x === undefined) return [];
    return both.flatMap((lane) => {
      const ids = lane === 0 ? one.forward : one.backward;
      const top = lane * laneHeight + heading;
      return ids[0] ? [{ ids, one, at, lane, x, top, size, large, thumb }] : [];
    });
  });
}

/**
 * The lanes, and what stands in the places that the slots leave free.
 * @param {Plan} plan
 * @param {readonly number[]} lefts
 * @param {number} end
 */
function placesBeside({ slots, sized, frame, large }, lefts, end) {
  const { laneHeight, margin, heading } = frame;
  const target = slots.findIndex((one) => one.forward.includes("t"));
  const layer = slots[target]?.layer;
  const outputs = slots.findIndex((one) => one.kind === "vector" && one.layer === layer);
  const cornerX = lefts[target] ?? end;
  const scrolls = frame.width < SCROLLS_BELOW;
  const width = Math.max(frame.width, (scrolls ? Math.max(end, cornerX + CORNER) : end) + margin);
  const verdictX = lefts[outputs] ?? end;
  const below = heading + large + 8;
  const first = { x: margin, width: sized[0]?.width ?? 0, height: laneHeight - below };
  /** @type {[Box, Box]} */
  const lanes = [
    { x: 0, y: 0, width, height: laneHeight },
    { x: 0, y: laneHeight, width, height: laneHeight },
  ];
  return {
    width,
    lanes,
    corner: { x: cornerX, y: laneHeight, width: width - margin - cornerX, height: laneHeight },
    verdict: { x: verdictX, y: below, width: width - margin - verdictX, height: first.height },
    tools: { ...first, y: below },
    legend: { ...first, y: laneHeight + below },
  };
}

/**
 * The box around the large sheets of each tensor.
 * @param {readonly Sheet[]} sheets
 */
function boxesOf(sheets) {
  /** @type {Record<string, Box>} */
  const boxes = {};
  for (const sheet of sheets) {
    if (sheet.small) continue;
    const { width, height } = sizeOf(sheet);
    const known = boxes[sheet.tensor];
    boxes[sheet.tensor] = known
      ? around(known, { x: sheet.x, y: sheet.y, width, height })
      : { x: sheet.x, y: sheet.y, width, height };
  }
  return boxes;
}

/**
 * @param {Box} a
 * @param {Box} b
 * @returns {Box}
 */
function around(a, b) {
  const x = Math.min(a.x, b.x);
  const y = Math.min(a.y, b.y);
  return {
    x,
    y,
    width: Math.max(a.x + a.width, b.x + b.width) - x,
    height: Math.max(a.y + a.height, b.y + b.height) - y,
  };
}

/**
 * The way from one box to another, as an SVG path: from edge to edge, through the white between. Between boxes
 * of one column it runs beside them, so that it crosses neither captions nor small maps.
 * @param {Box} from
 * @param {Box} to
 */
export function wayBetween(from, to) {
  const [fx, tx] = [from.x + from.width / 2, to.x + to.width / 2];
  const [fy, ty] = [from.y + from.height / 2, to.y + to.height / 2];
  const across = Math.max(to.x - (from.x + from.width), from.x - (to.x + to.width));
  if (across > 4) {
    const right = tx > fx;
    const x1 = right ? from.x + from.width + 3 : from.x - 3;
    const x2 = right ? to.x - 6 : to.x + to.width + 6;
    const apart = Math.abs(fy - ty) > (from.height + to.height) / 2;
    const y1 = apart ? fy : middleOf(from, to);
    const y2 = apart ? ty : y1;
    const bend = (x2 - x1) / 2;
    return `M${round(x1)} ${round(y1)}C${round(x1 + bend)} ${round(y1)} ${round(x2 - bend)} ${round(y2)} ${round(x2)} ${round(y2)}`;
  }
  const edge = Math.max(from.x + from.width, to.x + to.width);
  const bulge = edge + Math.min(15, Math.max(7, from.width / 6));
  return `M${round(from.x + from.width + 3)} ${round(fy)}C${round(bulge)} ${round(fy)} ${round(bulge)} ${round(ty)} ${round(to.x + to.width + 5)} ${round(ty)}`;
}

/**
 * A height at which both boxes are.
 * @param {Box} a
 * @param {Box} b
 */
function middleOf(a, b) {
  return (Math.max(a.y, b.y) + Math.min(a.y + a.height, b.y + b.height)) / 2;
}

/** @param {number} value */
function round(value) {
  return Math.round(value * 10) / 10;
}
