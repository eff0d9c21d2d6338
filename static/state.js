/**
 * What the page knows: the type of its state. It holds types alone, so that no browser asks for it.
 */

/** @typedef {import("./moment.js").Trace} Trace */
/** @typedef {import("./moment.js").Cell} Cell */
/** @typedef {import("./scale.js").Theme} Theme */
/**
 * @typedef {object} Training
 * @property {"idle" | "running" | "paused" | "finished" | "diverged" | "failed"} state
 * @property {number} begun the iteration where it began
 * @property {number} iteration
 * @property {number | null} goal
 * @property {number | null} speed updates a second, null for as many as can be
 * @property {number} per_second
 * @property {number | null} seconds_left
 * @property {string | null} reason
 */
/**
 * @typedef {object} State
 * @property {any} run
 * @property {Trace | null} trace the image on stage at the iteration that is shown
 * @property {{iteration: number, step: number}} position
 * @property {Record<string, readonly any[]>} formulas tensor id → its cells' formulas, row-major
 * @property {Cell | null} pinned
 * @property {Cell | null} hovered
 * @property {Cell | null} term the cell of the formula's term that is pointed at
 * @property {Record<string, number>} focus letter of a convolution → the map that is large
 * @property {Theme} theme
 * @property {string} language
 * @property {number} digits 2, 4 or 17
 * @property {boolean} sameScale
 * @property {boolean} singleKeys
 * @property {import("./scale.js").Limits | null} limits the scales that are kept over time
 * @property {any} dataset
 * @property {{iterations: number[], C: number[], accuracy: number[]}} costs
 * @property {{from: number, to: number, costs: State["costs"]} | null} stretch of the costs that is seen closer
 * @property {any} predictions what the network says of each training image
 * @property {any} results accuracy and confusions on training and test images
 * @property {any} kinds what the settings form offers
 * @property {readonly any[]} presets
 * @property {readonly any[]} datasets all sets without their images
 * @property {string | null} brought the set that was brought last, as a file
 * @property {readonly string[]} mine the sets that this browser brought or made
 * @property {readonly string[]} shelfNotes what was said of the newest set
 * @property {any} contributions each image's share of the gradient that is asked about
 * @property {any} check the newest comparison with finite differences
 * @property {Record<string, any>} activations the curves of the layers' activations
 * @property {any} curve the cost along the weight that is looked at
 * @property {{iteration: number, C: number} | null} outcome C_T after the coming update
 * @property {import("./beats.js").Film | null} film what “Show how” shows
 * @property {readonly string[]} hide what the class should not see yet
 * @property {boolean} predict is what a step writes covered until it is revealed?
 * @property {{iteration: number, step: number} | null} revealed up to where it was revealed
 * @property {string | null} spotlight the tensor that alone is lit
 * @property {string | null} chapter of the lesson, as an address names it
 * @property {import("./actions/progress.js").Progress | null} lesson how far the reader is
 * @property {any} moment the newest that was kept, with its link
 * @property {Training | null} training how the latest training goes
 * @property {any} histograms of the errors and gradients of each layer
 * @property {readonly any[]} branches futures that were kept
 * @property {Readonly<Record<string, any>>} compared their cost curves, by id
 * @property {any} seeds several weights side by side
 * @property {boolean} playing
 * @property {number} speed
 * @property {string | null} panel "images", "train", "settings", "teach", "lesson" or none
 * @property {string | null} zoomed the tensor that is opened large
 * @property {boolean} busy
 * @property {{where: "corner" | "pad" | "settings" | "shelf" | "training" | "page", text: string} | null} message
 * @property {number} words counts up when a catalogue has come
 */

export {};
