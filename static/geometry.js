/**
 * Where everything stands in the picture of the network: from shapes to rectangles, in pixels.
 *
 * Words: a *slot* is a column of the picture; a thing (forward lane) and its error (backward lane)
 * share it. A *sheet* is one grid of cells: a map, a filter, a row of weights, a vector. Of several
 * maps one has the *focus* and is large, the others stand small below it, in the same slot.
 *
 * A cell of a sheet at row i, column j is the value at `offset + i·rowStep + j·colStep`.
 */

/** @typedef {Record<string, readonly number[]>} Shapes */
/** @typedef {{letter: string, type: string, shape: readonly number[]}} Layer */
/** @typedef {{tensor: string, offset: number, rows: number, cols: number, rowStep: number, colStep: number, count: number}} Grid */
/** @typedef {Grid & {key: string, lane: 0 | 1, slot: number, x: number, y: number, cell: number, gap: number, small: boolean, map: number | null, caption: number | null}} Sheet */
/** @typedef {{forward: string[], backward: string[], layer: string, kind: "maps" | "kernel" | "weights" | "vector" | "scalar", owner: string | null, tight: boolean}} Slot */
/** @typedef {{tensor: string, lane: 0 | 1, slot: number, x: number, y: number, width: number, room: number}} Heading */
/** @typedef {{x: number, y: number, width: number, height: number}} Box */
/** @typedef {{width: number, height: number, unit: number, sheets: Sheet[], headings: Heading[], boxes: Record<string, Box>, lanes: [Box, Box], corner: Box, verdict: Box, tools: Box, legend: Box}} Picture */

export const NUMBERS_FROM = 27;
const TOOLS = 148;
const FOLDED = 12;

/**
 * The slots of a network, left to right as the data flows.
 * @param {readonly Layer[]} layers
 * @param {Shapes} shapes
 * @returns {Slot[]}
 */
export function slotsOf(layers, shapes) {
  /** @type {Slot[]} */
  const slots = [slot("I", "maps", "I", ["I.a"], ["I.da"])];
  let owner = "I";
  layers.forEach(({ letter, type }, at) => {
    const last = at === layers.length - 1;
    const own = (/** @type {string[]} */ ...names) => names.map((name) => `${letter}.${name}`);
    if (type.startsWith("conv")) {
      owner = letter;
      slots.push(slot(letter, "kernel", owner, own("w", "b"), own("dw", "db")));
      slots.push(slot(letter, "maps", owner, own("z"), own("delta")));
      slots.push(slot(letter, "maps", owner, own("a"), own("da")));
    } else if (type.startsWith("pool")) {
      slots.push(slot(letter, "maps", owner, own("a"), own("da")));
    } else {
      const maps = (shapes[`${letter}.w`]?.length ?? 2) > 2;
      slots.push(slot(letter, "weights", maps ? owner : null, own("w"), own("dw")));
      slots.push(slot(letter, "vector", null, own("b"), own("db"), false));
      slots.push(slot(letter, "vector", null, own("z"), own("delta"), true));
      slots.push(slot(letter, "vector", null, own("a"), own("da"), true));
      if (last) slots.push(slot(letter, "vector", null, ["t"], [], true));
    }
  });
  slots.push(slot("C", "scalar", null, ["C"], []));
  return slots;
}

/**
 * @param {string} layer
 * @param {Slot["kind"]} kind
 * @param {string | null} owner
 * @param {string[]} forward
 * @param {string[]} backward
 * @param {boolean} [tight] stands close to the slot before it
 * @returns {Slot}
 */
function slot(layer, kind, owner, forward, backward, tight = false) {
  return { layer, kind, owner, forward, backward, tight };
}

/**
 * The grids of a tensor that stand side by side for one map (`focus`), or all there are.
 * @param {string} tensor
 * @param {readonly number[]} shape
 * @param {Slot["kind"]} kind
 * @param {number} map
 * @returns {Grid[]}
 */
export function gridsOf(tensor, shape, kind, map) {
  const [n = 1, second = 1, third = 1, fourth = 1] = shape;
  const grid = (
    /** @type {number} */ offset,
    /** @type {number} */ rows,
    /** @type {number} */ cols,
    rowStep = cols,
    colStep = 1,
  ) => ({ tensor, offset, rows, cols, rowStep, colStep, count: shape.reduce((a, b) => a * b, 1) });
  if (kind === "scalar") return [grid(0, 1, 1)];
  if (kind === "vector") {
    const rows = Math.min(n, 10);
    return [grid(0, rows, Math.ceil(n / rows), 1, rows)];
  }
  if (kind === "maps") return [grid(map * second * third, second, third)];
  if (kind === "kernel" && shape.length === 1) return [grid(map, 1, 1)];
  if (kind === "kernel") {
    return range(second).map((c) => grid((map * second + c) * third * fourth, third, fourth));
  }
  if (shape.length === 2) return [grid(0, n, second)];
  return range(n).map((u) => grid((u * second + map) * third * fourth, third, fourth));
}

/**
 * The whole picture.
 * @param {{layers: readonly Layer[], shapes: Shapes, focus: Readonly<Record<string, number>>, layer?: string | null, width: number, height: number, thumb?: number, heading?: number}} given
 *   `thumb` is the size of a small map beside a large one; `layer` is the one that stays large where the rest must be folded; `height` is that of both lanes;
 *   `heading` is the height of a symbol with its three lines of words
 * @returns {Picture}
 */
export function picture({
  layers,
  shapes,
  focus,
  layer = null,
  width,
  height,
  thumb = 0.47,
  heading = height > 620 ? 58 : 46,
}) {
  const slots = slotsOf(layers, shapes).map((one) => ({
    ...one,
    forward: one.forward.filter((id) => id in shapes),
    backward: one.backward.filter((id) => id in shapes),
  }));
  const laneHeight = height / 2;
  const tallest = (laneHeight - heading - 22) / (1.02 + thumb);
  const margin = width < 700 ? 14 : Math.round(width * 0.021);
  const gap = width < 700 ? 18 : Math.max(18, Math.round(width * 0.0165));
  const corner = Math.max(64, width * 0.047);
  const room = width - 2 * margin - corner;
  const plan = (
    /** @type {number} */ unit,
    /** @type {boolean} */ folded,
    /** @type {number} */ large = tallest,
  ) => slots.map((one) => measure(one, shapes, unit, large, folded && one.layer !== layer, focus));
  const total = (/** @type {ReturnType<typeof plan>} */ sized) =>
    sized.reduce((sum, one, at) => sum + one.width + spaceBefore(slots[at], at, gap), 0);
  const fit = (/** @type {boolean} */ folded) => {
    let [low, high] = [4, Math.max(4, tallest / 4)];
    for (let round = 0; round < 24; round += 1) {
      const middle = (low + high) / 2;
      if (total(plan(middle, folded)) <= room) low = middle;
      else high = middle;
    }
    return low;
  };
  let unit = fit(false);
  let folded = false;
  if (unit < NUMBERS_FROM && width >= 1000 && layer) {
    folded = true;
    unit = fit(true);
  }
  if (width < 1000) unit = Math.max(unit, Math.min(tallest / 4, 34));
  unit = Math.floor(unit);
  const large = Math.min(tallest, deepest(plan(unit, folded), slots));
  const sized = plan(unit, folded, large);
  const spare = Math.max(0, room - total(sized));
  const loose = slots.filter((one, at) => at > 0 && !one.tight).length;
  const stretch = Math.min(gap, spare / Math.max(1, loose));
  return place({
    slots,
    sized,
    shapes,
    focus,
    heading,
    laneHeight,
    large,
    margin,
    gap,
    stretch,
    width,
    unit,
    thumb,
  });
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
 * @param {Shapes} shapes
 * @param {number} unit the largest cell
 * @param {number} large the height of a focused map
 * @param {boolean} folded
 * @param {Readonly<Record<string, number>>} focus
 */
function measure(one, shapes, unit, large, folded, focus) {
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

/** @typedef {ReturnType<typeof measure>} Sized */

/**
 * @param {{slots: Slot[], sized: Sized[], shapes: Shapes, focus: Readonly<Record<string, number>>, heading: number, laneHeight: number, large: number, margin: number, gap: number, stretch: number, width: number, unit: number, thumb: number}} given
 * @returns {Picture}
 */
function place(given) {
  const {
    slots,
    sized,
    shapes,
    heading,
    laneHeight,
    large,
    margin,
    gap,
    stretch,
    width,
    unit,
    thumb,
  } = given;
  /** @type {Sheet[]} */
  const sheets = [];
  /** @type {Heading[]} */
  const headings = [];
  /** @type {number[]} */
  const lefts = [];
  let x = margin;
  slots.forEach((one, at) => {
    const size = sized[at];
    if (!size) return;
    x += spaceBefore(one, at, gap) + (at > 0 && !one.tight ? stretch : 0);
    lefts.push(x);
    for (const lane of /** @type {const} */ ([0, 1])) {
      const top = lane * laneHeight;
      const ids = lane === 0 ? one.forward : one.backward;
      if (!ids[0]) continue;
      headings.push({ tensor: ids[0], lane, slot: at, x, y: top + 2, width: size.width, room: 0 });
      ids.forEach((tensor, nth) =>
        sheets.push(
          ...sheetsOf({
            tensor,
            nth,
            one,
            at,
            lane,
            x,
            top: top + heading,
            size,
            shape: shapes[tensor] ?? [],
            large,
            thumb,
          }),
        ),
      );
    }
    x += size.width;
  });
  const end = x;
  for (const heading of headings) {
    heading.room = Math.max(heading.width, (lefts[heading.slot + 1] ?? end + gap) - heading.x - 5);
  }
  const slotAt = (/** @type {string} */ id) => slots.findIndex((one) => one.forward.includes(id));
  const target = slotAt("t");
  const outputs = slots.findIndex(
    (one) => one.kind === "vector" && one.layer === slots[target]?.layer,
  );
  const full = Math.max(width, end + margin);
  const cornerX = lefts[target] ?? end;
  const verdictX = lefts[outputs] ?? end;
  const below = heading + large + 8;
  const first = sized[0]?.width ?? 0;
  return {
    width: full,
    height: 2 * laneHeight,
    unit,
    sheets,
    headings,
    boxes: boxesOf(sheets),
    lanes: [
      { x: 0, y: 0, width: full, height: laneHeight },
      { x: 0, y: laneHeight, width: full, height: laneHeight },
    ],
    corner: { x: cornerX, y: laneHeight, width: full - margin - cornerX, height: laneHeight },
    verdict: { x: verdictX, y: below, width: full - margin - verdictX, height: laneHeight - below },
    tools: { x: margin, y: below, width: first, height: laneHeight - below },
    legend: { x: margin, y: laneHeight + below, width: first, height: laneHeight - below },
  };
}

/**
 * The sheets of one tensor in one lane: the focused ones large, the others small below.
 * @param {{tensor: string, nth: number, one: Slot, at: number, lane: 0 | 1, x: number, top: number, size: Sized, shape: readonly number[], large: number, thumb: number}} given
 * @returns {Sheet[]}
 */
function sheetsOf({ tensor, nth, one, at, lane, x, top, size, shape, large, thumb }) {
  const { map, cell, cols, rows, across, between, down } = size;
  const put = (
    /** @type {Grid} */ grid,
    /** @type {Partial<Sheet>} */ where,
    /** @type {boolean} */ small,
    /** @type {number | null} */ ofMap,
    /** @type {number | null} */ caption,
  ) => ({
    ...grid,
    key: `${tensor}:${grid.offset}`,
    lane,
    slot: at,
    x,
    y: top,
    cell,
    gap: 0,
    small,
    map: ofMap,
    caption,
    ...where,
  });
  const below = nth > 0 ? rows * down * cell + 3 : 0;
  const gridsFor = (/** @type {number} */ k) => gridsOf(tensor, shape, one.kind, k);
  const inside = (
    /** @type {number} */ n,
    /** @type {number} */ c,
    /** @type {number} */ space,
  ) => ({
    x: (n % across) * (cols * c + space),
    y: Math.floor(n / across) * (rows * c + (down > 1 ? Math.max(2, c * 0.2) : 0)),
  });
  const owned = one.owner !== null;
  const sheets = gridsFor(map).map((grid, n) => {
    const shift = inside(n, cell, between);
    const scalar = one.kind === "scalar" ? size.width : cell;
    return put(
      grid,
      {
        x: x + shift.x,
        y: top + shift.y + below,
        cell: scalar,
        gap: size.loose ? 6 : 0,
      },
      false,
      owned ? map : null,
      one.kind === "weights" && shape.length > 2 ? n : null,
    );
  });
  const maps = one.kind === "weights" ? (shape.length > 2 ? (shape[1] ?? 1) : 1) : (shape[0] ?? 1);
  if (!owned || maps < 2 || one.kind === "vector" || one.kind === "scalar") return sheets;
  const others = range(maps).filter((k) => k !== map);
  const bias = one.kind === "kernel" ? 1 : 0;
  const deep = rows * down + bias;
  const wide = cols * across;
  const { cell: little, perLine } = thumbs(
    others.length,
    wide,
    deep,
    size.width,
    large * thumb,
    cell * thumb,
  );
  const apart = wide * little + Math.max(6, little * 0.8);
  const pitch = perLine > 1 ? Math.min((size.width - wide * little) / (perLine - 1), apart) : 0;
  const space = between * (little / cell);
  others.forEach((k, n) => {
    const left = x + (n % perLine) * pitch;
    const y = top + large + 10 + Math.floor(n / perLine) * (deep * little + 4);
    gridsFor(k).forEach((grid, m) => {
      const shift = inside(m, little, across > 1 ? space * 0.6 : 0);
      const under = nth > 0 ? rows * down * little + 2 : 0;
      sheets.push(
        put(grid, { x: left + shift.x, y: y + shift.y + under, cell: little }, true, k, null),
      );
    });
  });
  return sheets;
}

/**
 * The cell size of small maps and how many stand in a line, so that all fit.
 * @param {number} count
 * @param {number} wide cells of one across
 * @param {number} deep cells of one down
 * @param {number} width
 * @param {number} height
 * @param {number} most
 */
function thumbs(count, wide, deep, width, height, most) {
  let best = { cell: 0, perLine: 1 };
  for (let perLine = 1; perLine <= count; perLine += 1) {
    const lines = Math.ceil(count / perLine);
    const across = (width - (perLine - 1) * 5) / (perLine * (wide + (wide > 5 ? 0.35 : 0)));
    const down = (height - (lines - 1) * 4 - (deep > 3 ? 2 : 0)) / (lines * deep);
    const cell = Math.min(most, across, down);
    if (cell >= best.cell) best = { cell, perLine };
  }
  return { cell: Math.max(0.4, best.cell), perLine: best.perLine };
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
 * Width and height of a sheet.
 * @param {Pick<Sheet, "rows" | "cols" | "cell" | "gap">} sheet
 */
export function sizeOf({ rows, cols, cell, gap }) {
  return { width: cols * cell, height: rows * cell + (rows - 1) * gap };
}

/**
 * The place in the tensor's values of the cell at (i, j), or -1 where there is none.
 * @param {Grid} grid
 * @param {number} i
 * @param {number} j
 */
export function placeOf({ offset, rows, cols, rowStep, colStep, count }, i, j) {
  if (i < 0 || j < 0 || i >= rows || j >= cols) return -1;
  const place = offset + i * rowStep + j * colStep;
  return place < count ? place : -1;
}

/**
 * The row and column under a point of the sheet, or null between or beside the cells.
 * @param {Pick<Sheet, "rows" | "cols" | "cell" | "gap">} sheet
 * @param {number} x from the sheet's left edge
 * @param {number} y from its top edge
 */
export function cellAt({ rows, cols, cell, gap }, x, y) {
  const j = Math.floor(x / cell);
  const i = Math.floor(y / (cell + gap));
  if (i < 0 || j < 0 || i >= rows || j >= cols || y - i * (cell + gap) > cell) return null;
  return { i, j };
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

/** @param {number} count */
function range(count) {
  return Array.from({ length: count }, (_, at) => at);
}
