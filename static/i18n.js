/**
 * The words of the page: a catalogue (message key → text with `{placeholders}`) and how to ask it.
 *
 * Catalogues are gettext files on the server (`app/locales`); `main.js` fetches one and calls
 * {@link speak}. Elements ask {@link t} when they render, and render again when their `language`
 * property changes. A key that no catalogue has is shown as it is, so that it is seen and mended.
 */

/** @typedef {Record<string, string>} Catalogue */

export const LANGUAGES = Object.freeze({ en: "English", zh_Hans: "简体中文" });

/** @type {{language: string, catalogue: Catalogue}} */
const spoken = { language: "en", catalogue: {} };

/**
 * Speak this language from now on.
 * @param {string} language "en" or "zh_Hans"
 * @param {Catalogue} catalogue
 */
export function speak(language, catalogue) {
  spoken.language = language;
  spoken.catalogue = catalogue;
}

/** The language spoken, as the server names it ("en", "zh_Hans"). */
export function language() {
  return spoken.language;
}

/** The language spoken, as an HTML `lang` attribute writes it ("en", "zh-Hans"). */
export function languageTag() {
  return spoken.language.replace("_", "-");
}

/**
 * The text of a key, placeholders filled.
 * @param {string} key
 * @param {Record<string, string | number>} [values]
 * @returns {string}
 */
export function t(key, values = {}) {
  return fill(spoken.catalogue[key] ?? key, values);
}

/**
 * Does the catalogue have this key?
 * @param {string} key
 */
export function knows(key) {
  return Object.hasOwn(spoken.catalogue, key);
}

/**
 * The text of the first of these keys that the catalogue has: from the special to the general.
 * @param {readonly string[]} keys
 * @param {Record<string, string | number>} [values]
 */
export function tFirst(keys, values = {}) {
  return t(keys.find(knows) ?? keys[0] ?? "", values);
}

/**
 * Fill `{name}` placeholders; one without a value stays, so that it is seen.
 * @param {string} text
 * @param {Record<string, string | number>} values
 */
export function fill(text, values) {
  return text.replace(/\{(\w+)\}/g, (whole, name) =>
    Object.hasOwn(values, name) ? String(values[name]) : whole,
  );
}
