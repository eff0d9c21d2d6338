/**
 * Keeping a moment: what is on the screen goes under a short link, and what a link asks for comes on
 * the screen.
 */

import { t } from "../i18n.js";

/** @typedef {import("../actions.js").Actions} Actions */
/** @typedef {import("../store.js").State} State */
/** @typedef {import("../store.js").Store} Store */

/**
 * How the run is shown, as the server keeps it.
 * @param {State} state
 */
function viewOf({ position, pinned, focus, theme, digits, hide, spotlight, predict, chapter }) {
  const { tensor = "", index = [], of = null } = pinned ?? {};
  return {
    iteration: position.iteration,
    step: position.step,
    cell: pinned ? { tensor, index: [...index], of } : null,
    focus,
    theme,
    digits,
    hide,
    spotlight,
    predict,
    chapter,
  };
}

/**
 * Keep the moment that is shown, and hold its link ready.
 * @param {Actions} actions
 */
export async function share(actions) {
  await actions.ask(async () => {
    const moment = await actions.api.share(actions.state.run.id, viewOf(actions.state));
    actions.store.set({ moment });
  });
}

/**
 * What a link asks to be shown.
 * @param {Store} store
 * @param {any} view
 */
export function showAsked(store, view) {
  const names = ["theme", "digits", "hide", "spotlight", "predict", "chapter"];
  const asked = names.filter((name) => view[name] !== undefined && view[name] !== null);
  /** @type {any} */
  const shown = Object.fromEntries(asked.map((name) => [name, view[name]]));
  if (view.cell) shown.pinned = view.cell;
  if (view.refused.length) {
    const text = t("share.refused", { detail: view.refused.join(" ") });
    shown.message = { where: "page", text };
  }
  const focus = { ...store.state.focus, ...view.focus };
  store.set({ ...shown, focus });
}

/**
 * Go where a link asks to be; the next time this address is opened it leads to where one was.
 * @param {Actions} actions
 * @param {{iteration?: number, step?: number}} view
 */
export async function goWhereAsked(actions, { iteration, step }) {
  const { position } = actions.state;
  const there = { iteration: iteration ?? position.iteration, step: step ?? 0 };
  if (iteration === undefined && step === undefined) return;
  await actions.goTo(there.iteration, there.step);
  const address = new URL(location.href);
  for (const name of ["iteration", "step"]) address.searchParams.delete(name);
  history.replaceState(null, "", address);
}
