/**
 * What the tensors hold after the first `step` steps of an iteration: which are written, whose they
 * are, and with what values. Everything comes from the trace; nothing is computed here.
 */

/** @typedef {{shape: readonly number[], values: readonly number[]}} Tensor */
/** @typedef {{number: number, phase: string, layer: string, writes: string, of?: string | null, reads: readonly string[], reads_of?: readonly (string | null)[], law?: string}} Step */
/** @typedef {{C: number, accuracy: number, samples: readonly number[], measured_at?: number, diverged?: string | null, branches?: boolean, gradients: Record<string, Tensor>, updated: Record<string, Tensor>}} Batch */
/** @typedef {{run: string, version: number, iteration: number, step: number, stage: {sample: number | null, label: number}, steps: readonly Step[], tensors: Record<string, Tensor>, batch: Batch | null, prediction: number, flat?: Record<string, number>, replay?: {made_on: string, here: string, difference: number | null} | null}} Trace */
/** @typedef {{tensor: string, index: readonly number[], of?: string | null}} Cell */
/** @typedef {{tensor: Tensor, written: boolean, of: string | null}} Reading */

/**
 * What a tensor holds at this moment: null where the trace has no such tensor.
 *
 * A parameter shows its new value once its update is done. While the update goes on, a gradient
 * shows the sum over the batch, which is what the update reads.
 * @param {Trace} trace
 * @param {number} step how many steps are done
 * @param {string} id
 * @returns {Reading | null}
 */
export function reading(trace, step, id) {
  const own = trace.tensors[id];
  if (!own) return null;
  const writer = trace.steps.find((one) => one.writes === writerOf(id));
  if (!writer) return { tensor: own, written: true, of: null };
  const done = writer.number <= step;
  if (writer.of === "next") {
    const next = trace.batch?.updated[id];
    return done && next
      ? { tensor: next, written: true, of: "next" }
      : { tensor: own, written: true, of: null };
  }
  const sum = trace.batch?.gradients[id];
  if (sum && currentStep(trace, step)?.phase === "update") {
    return { tensor: sum, written: true, of: "batch" };
  }
  return { tensor: own, written: done, of: null };
}

/**
 * The tensor whose step writes this one: the switch, the mask and the slope come with an output.
 * @param {string} id
 */
function writerOf(id) {
  return id.replace(/\.switch$/, ".a");
}

/**
 * The step that was done last, or null at the start.
 * @param {Trace} trace
 * @param {number} step
 */
export function currentStep(trace, step) {
  return trace.steps[step - 1] ?? null;
}

/**
 * The step number at which the next (or this, or the one before) phase begins.
 * @param {Trace} trace
 * @param {number} step
 * @param {1 | -1} direction
 */
export function phaseStep(trace, step, direction) {
  const ends = trace.steps
    .filter((one, at) => trace.steps[at + 1]?.phase !== one.phase)
    .map((one) => one.number);
  const stops = [0, ...ends];
  return direction > 0
    ? (stops.find((stop) => stop > step) ?? trace.steps.length)
    : (stops.filter((stop) => stop < step).at(-1) ?? 0);
}

/**
 * The step with which the network has answered: the last of the forward pass.
 * @param {Trace} trace
 */
export function answeredAt(trace) {
  return trace.steps.filter((one) => one.phase === "forward").at(-1)?.number ?? 0;
}

/**
 * Is what the step writes still to be guessed? Everything up to `revealed` has been shown.
 * @param {{predict: boolean, revealed: {iteration: number, step: number} | null, position: {iteration: number, step: number}}} state
 */
export function isCovered({ predict, revealed, position: { iteration, step } }) {
  if (!predict || step === 0) return false;
  if (!revealed) return true;
  const later = iteration > revealed.iteration;
  return later || (iteration === revealed.iteration && step > revealed.step);
}

/**
 * The last step that is shown: that of the cost where the way back is hidden.
 * @param {Trace} trace
 * @param {readonly string[]} hide
 */
export function lastShown(trace, hide) {
  if (!hide.includes("backward")) return trace.steps.length;
  return trace.steps.filter(({ phase }) => phase === "forward" || phase === "cost").length;
}

/**
 * The step at which everything is on the page but the update: as frames of a film are shown.
 * @param {Trace} trace
 */
export function shownWhole(trace) {
  return trace.steps.filter((one) => one.phase !== "update").at(-1)?.number ?? 0;
}

/**
 * The value of one cell, read as its `of` says; null where there is none.
 * @param {Trace} trace
 * @param {Cell} cell
 * @returns {number | null}
 */
export function valueAt(trace, cell) {
  const found = tensorOf(trace, cell);
  return found?.values[flatten(found.shape, cell.index)] ?? null;
}

/**
 * The tensor that a cell belongs to: the image's, the batch's gradient, or the next value.
 * @param {{tensors: Record<string, Tensor>, batch?: Pick<Batch, "C" | "gradients" | "updated"> | null}} trace
 * @param {{tensor: string, of?: string | null}} place
 * @returns {Tensor | undefined}
 */
export function tensorOf(trace, { tensor, of }) {
  if (of === "next") return trace.batch?.updated[tensor];
  if (of !== "batch") return trace.tensors[tensor];
  if (tensor === "C" && trace.batch) return { shape: [], values: [trace.batch.C] };
  return trace.batch?.gradients[tensor];
}

/**
 * The place of an index in a tensor's row-major values; -1 outside the shape.
 * @param {readonly number[]} shape
 * @param {readonly number[]} index
 */
export function flatten(shape, index) {
  let place = 0;
  for (const [axis, size] of shape.entries()) {
    const i = index[axis] ?? -1;
    if (i < 0 || i >= size) return -1;
    place = place * size + i;
  }
  return place;
}

/**
 * The index of a place in the row-major values.
 * @param {readonly number[]} shape
 * @param {number} place
 */
export function unflatten(shape, place) {
  const index = new Array(shape.length).fill(0);
  let rest = place;
  for (let axis = shape.length - 1; axis >= 0; axis -= 1) {
    const size = shape[axis] ?? 1;
    index[axis] = rest % size;
    rest = Math.floor(rest / size);
  }
  return index;
}

/**
 * Flat values as lists of lists.
 * @param {readonly number[]} shape
 * @param {readonly number[]} values row-major
 * @returns {any}
 */
export function nested([, ...inner], values) {
  const size = inner.reduce((all, n) => all * n, 1);
  if (inner.length === 0) return [...values];
  const count = values.length / size;
  return Array.from({ length: count }, (_, i) =>
    nested(inner, values.slice(i * size, (i + 1) * size)),
  );
}

/**
 * Pixels in rows; in channels of rows where there are several.
 * @param {readonly number[]} shape (channel, row, column)
 * @param {readonly number[]} values
 * @returns {number[][] | number[][][]}
 */
export function pixelsOf(shape, values) {
  const channels = nested(shape, values);
  return channels.length === 1 ? channels[0] : channels;
}

/**
 * What is on stage, so that it can be put there again.
 * @param {Trace} trace
 */
export function stageOf(trace) {
  const image = trace.tensors["I.a"] ?? { shape: [1, 1, 1], values: [0] };
  return { ...trace.stage, pixels: pixelsOf(image.shape, image.values) };
}

/**
 * The cell that a step is explained with when nobody points at one: in the focused map, the one
 * with the largest value, so that its terms say something.
 * @param {Tensor} tensor
 * @param {number | null} focus which map, null for any
 * @returns {number[]}
 */
export function tellingCell({ shape, values }, focus) {
  const maps = shape.length >= 3 && focus !== null ? (shape[0] ?? 1) : 1;
  const size = values.length / maps;
  const from = maps > 1 ? Math.min(focus ?? 0, maps - 1) * size : 0;
  let best = from;
  for (let place = from; place < from + size; place += 1) {
    if (Math.abs(values[place] ?? 0) > Math.abs(values[best] ?? 0)) best = place;
  }
  return unflatten(shape, best);
}
