/**
 * Keeping a moment: what is on the screen goes under a short link.
 */

/** @typedef {import("../actions.js").Actions} Actions */
/** @typedef {import("../store.js").State} State */

/**
 * How the run is shown, as the server keeps it.
 * @param {State} state
 */
export function viewOf({
  position,
  pinned,
  focus,
  theme,
  digits,
  hide,
  spotlight,
  predict,
  chapter,
}) {
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
