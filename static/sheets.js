/**
 * Which tensor stands in which column, as which grids of cells; and which value is under which point.
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
/** @typedef {{map: number, cell: number, rows: number, cols: number, across: number, down: number, between: number, loose: boolean, width: number}} Sized the size of a slot */
/** @typedef {{tensor: string, nth: number, one: Slot, at: number, lane: 0 | 1, x: number, top: number, size: Sized, shape: readonly number[], large: number, thumb: number}} Stand where a tensor stands: `nth` in its slot and lane */

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
 * The letter of the convolution whose focus a tensor's maps follow; the image's own has none.
 * @param {readonly Pick<Layer, "letter" | "type">[]} layers
 * @param {string} tensor
 */
export function ownerOf(layers, tensor) {
  const letter = tensor.split(".")[0];
  const at = layers.findIndex((one) => one.letter === letter);
  const below = layers.slice(0, at + 1).filter(({ type }) => type.startsWith("conv"));
  return below.at(-1)?.letter ?? "I";
}

/**
 * The tensor in whose place one is seen: a pooling's switch is rings on the layer below.
 * @param {readonly Pick<Layer, "letter">[]} layers
 * @param {string} tensor
 */
export function seenAs(layers, tensor) {
  const [letter = "", name] = tensor.split(".");
  if (name !== "switch" && name !== "mask") return tensor;
  const at = layers.findIndex((one) => one.letter === letter);
  return `${layers[at - 1]?.letter ?? "I"}.a`;
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
 * How many maps a tensor has, of which one at a time is large.
 * @param {Slot["kind"]} kind
 * @param {readonly number[]} shape
 */
export function mapsOf(kind, shape) {
  if (kind === "maps" || kind === "kernel") return shape[0] ?? 1;
  return kind === "weights" && shape.length > 2 ? (shape[1] ?? 1) : 1;
}

/**
 * The sheets of one tensor in one lane: the focused ones large, the others small below.
 * @param {Stand} stand
 * @returns {Sheet[]}
 */
export function sheetsOf(stand) {
  return [...largeSheets(stand), ...smallSheets(stand)];
}

/**
 * @param {Stand} stand
 * @returns {Sheet[]}
 */
function largeSheets(stand) {
  const { tensor, nth, one, x, top, size, shape } = stand;
  const { map, cell, rows, down, between } = size;
  const below = nth > 0 ? rows * down * cell + 3 : 0;
  const captioned = one.kind === "weights" && shape.length > 2;
  return gridsOf(tensor, shape, one.kind, map).map((grid, n) => {
    const shift = shiftOf(size, n, cell, between);
    return sheetAt(stand, grid, {
      x: x + shift.x,
      y: top + shift.y + below,
      cell: one.kind === "scalar" ? size.width : cell,
      gap: size.loose ? 6 : 0,
      small: false,
      map: one.owner === null ? null : map,
      caption: captioned ? n : null,
    });
  });
}

/**
 * @param {Stand} stand
 * @returns {Sheet[]}
 */
function smallSheets(stand) {
  const { tensor, nth, one, x, top, size, shape, large } = stand;
  const maps = one.owner === null ? 1 : mapsOf(one.kind, shape);
  const others = range(maps).filter((k) => k !== size.map);
  if (others.length === 0 || maps < 2) return [];
  const { cell, perLine, pitch, deep, between } = rowsOfThumbs(stand, others.length);
  const under = nth > 0 ? size.rows * size.down * cell + 2 : 0;
  return others.flatMap((k, n) => {
    const left = x + (n % perLine) * pitch;
    const y = top + large + 10 + Math.floor(n / perLine) * (deep * cell + 4);
    return gridsOf(tensor, shape, one.kind, k).map((grid, m) => {
      const shift = shiftOf(size, m, cell, between);
      const where = { x: left + shift.x, y: y + shift.y + under, cell, gap: 0 };
      return sheetAt(stand, grid, { ...where, small: true, map: k, caption: null });
    });
  });
}

/**
 * @param {Stand} stand
 * @param {Grid} grid
 * @param {Pick<Sheet, "x" | "y" | "cell" | "gap" | "small" | "map" | "caption">} where
 * @returns {Sheet}
 */
function sheetAt({ tensor, lane, at }, grid, where) {
  return { ...grid, key: `${tensor}:${grid.offset}`, lane, slot: at, ...where };
}

/**
 * How far the nth of the grids of one map stands from the first one.
 * @param {Sized} size
 * @param {number} n
 * @param {number} cell
 * @param {number} between
 */
function shiftOf({ across, down, cols, rows }, n, cell, between) {
  const apart = down > 1 ? Math.max(2, cell * 0.2) : 0;
  return {
    x: (n % across) * (cols * cell + between),
    y: Math.floor(n / across) * (rows * cell + apart),
  };
}

/**
 * How the small maps of a tensor stand: their cells, how many in a line, and how far apart.
 * @param {Stand} stand
 * @param {number} count
 */
function rowsOfThumbs({ one, size, large, thumb }, count) {
  const { rows, cols, across, down, width } = size;
  const deep = rows * down + (one.kind === "kernel" ? 1 : 0);
  const wide = cols * across;
  const most = size.cell * thumb;
  const { cell, perLine } = thumbs(count, wide, deep, width, large * thumb, most);
  const apart = wide * cell + Math.max(6, cell * 0.8);
  const pitch = perLine > 1 ? Math.min((width - wide * cell) / (perLine - 1), apart) : 0;
  const between = across > 1 ? size.between * (cell / size.cell) * 0.6 : 0;
  return { cell, perLine, pitch, deep, between };
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
 * The numbers from 0 on.
 * @param {number} count
 */
export function range(count) {
  return Array.from({ length: count }, (_, at) => at);
}
