/** An image of a data set as a tiny picture: one SVG path for each grey level. */

import { html, svg } from "lit";

/** @typedef {readonly (readonly number[])[]} Rows */

/**
 * @param {Rows | readonly Rows[]} image (row, column), or (channel, row, column): the first channel
 */
export function tinyImage(image) {
  const rows = /** @type {Rows} */ (Array.isArray(image[0]?.[0]) ? image[0] : image);
  /** @type {Map<number, string>} */
  const paths = new Map();
  rows.forEach((row, y) =>
    row.forEach((ink, x) => {
      if (ink > 0) paths.set(ink, `${paths.get(ink) ?? ""}M${x} ${y}h1v1h-1z`);
    }),
  );
  return html`<svg
    class="tiny-image"
    viewBox="0 0 ${rows[0]?.length ?? 1} ${rows.length}"
    shape-rendering="crispEdges"
    aria-hidden="true"
  >
    ${[...paths].map(([ink, d]) => svg`<path d=${d} fill-opacity=${ink}></path>`)}
  </svg>`;
}
