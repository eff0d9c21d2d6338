// A resolve hook of node's (see imports.mjs).
import { readFileSync } from "node:fs";

const vendor = new URL("../../static/vendor/", import.meta.url);
/** @type {Record<string, string>} */
const imports = JSON.parse(readFileSync(new URL("imports.json", vendor), "utf8"));

/**
 * @param {string} name
 * @param {import("node:module").ResolveHookContext} context
 * @param {(name: string, context: import("node:module").ResolveHookContext) => unknown} next
 */
export function resolve(name, context, next) {
  const file = imports[name];
  return file ? { url: new URL(file, vendor).href, shortCircuit: true } : next(name, context);
}
