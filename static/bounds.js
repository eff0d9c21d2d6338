/** The bounds of a number, in words: they stand beside its field. */

import { t } from "./i18n.js";

/**
 * @typedef {{minimum: number | null, maximum: number | null, whole: boolean, values: string[],
 *   default: string | number | null}} Kind
 */

const ENDLESS = 1e9; // nobody means to reach such a bound

/** @param {Kind} kind */
export function bounds({ minimum, maximum }) {
  const words = new Intl.NumberFormat(document.documentElement.lang);
  const low = words.format(minimum ?? 0);
  if (maximum === null || maximum > ENDLESS) return t("form.from", { low });
  return t("form.range", { low, high: words.format(maximum) });
}
