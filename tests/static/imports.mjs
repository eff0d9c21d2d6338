// Lets `node --test` resolve the bare names of the page's import map to static/vendor/, so that the
// modules are tested with the very libraries that the page loads.
//   node --import ./tests/static/imports.mjs --test tests/static/
import { register } from "node:module";

register("./resolve.mjs", import.meta.url);
