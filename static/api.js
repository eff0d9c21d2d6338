/**
 * The server: the only module that knows its addresses. Each request says which language the page
 * speaks, so that what is refused is said in it too, whatever another window has chosen since.
 */

import { language } from "./i18n.js";

/** What the server refused, in its own words. */
export class Refused extends Error {
  /**
   * @param {number} status 0 where no answer came
   * @param {string} detail
   * @param {Record<string, unknown>} [problem]
   * @param {unknown} [cause]
   */
  constructor(status, detail, problem = {}, cause = undefined) {
    super(detail, { cause });
    this.status = status;
    this.problem = problem;
  }
}

/**
 * @param {string} method
 * @param {string} path
 * @param {unknown} [body]
 * @param {{version?: number, keepalive?: boolean}} [how] `version` is the run's, where the request is
 * meant for no other; `keepalive` sends it also where the page is left meanwhile (a small body)
 * @returns {Promise<any>}
 */
async function call(method, path, body, { version, keepalive = false } = {}) {
  /** @type {Record<string, string>} */
  const headers = { accept: "application/json", "x-language": language() };
  /** @type {RequestInit} */
  const request = { method, headers, keepalive };
  if (body !== undefined) {
    const isForm = body instanceof FormData;
    request.body = isForm ? body : JSON.stringify(body);
    if (!isForm) headers["content-type"] = "application/json";
  }
  if (version !== undefined) headers["if-match"] = `"${version}"`;
  const response = await fetch(path, request).catch((cause) => {
    throw new Refused(0, "", {}, cause);
  });
  if (response.status === 204) return null;
  return response.ok ? answerOf(response) : refuse(response);
}

/**
 * What the server answered; one that breaks off counts as none.
 * @param {Response} response
 */
async function answerOf(response) {
  try {
    return await response.json();
  } catch (cause) {
    throw new Refused(0, "", {}, cause);
  }
}

/**
 * Throw what the server refused; one in front of it may say so without a problem document.
 * @param {Response} response
 * @returns {Promise<never>}
 */
async function refuse(response) {
  const { status, statusText } = response;
  const problem = await response.json().catch(() => ({}));
  throw new Refused(status, problem.detail ?? statusText, problem);
}

/** @param {string} run */
const at = (run) => `/api/runs/${encodeURIComponent(run)}`;

/** @typedef {{id: string, version: number}} Version of a run: what a change is meant for */

/**
 * Change a run, unless another window has changed it since.
 * @param {string} method
 * @param {Version} run
 * @param {string} what
 * @param {unknown} body
 */
const change = (method, { id, version }, what, body, keepalive = false) =>
  call(method, `${at(id)}/${what}`, body, { version, keepalive });

export const api = {
  /** @param {string} language */
  catalogue: (language) => call("GET", `/locales/${language}.json`),
  /** @param {string} run */
  run: (run) => call("GET", at(run)),
  /** @param {string} run */
  trace: (run) => call("GET", `${at(run)}/trace`),
  kinds: () => call("GET", "/api/kinds"),
  presets: () => call("GET", "/api/presets"),
  datasets: () => call("GET", "/api/datasets"),
  /** @param {File} file */
  bring: (file) => {
    const form = new FormData();
    form.append("file", file);
    return call("POST", "/api/datasets", form);
  },
  /** @param {unknown} dataset without id */
  newDataset: (dataset) => call("POST", "/api/datasets", dataset),
  /** @param {string} dataset @param {{pixels: unknown, label: number}} drawing */
  addImage: (dataset, drawing) =>
    call("POST", `/api/datasets/${encodeURIComponent(dataset)}/images`, drawing),
  /** @param {string} dataset a fifth of which is kept for testing */
  split: (dataset) => call("POST", `/api/datasets/${encodeURIComponent(dataset)}/split`, {}),
  /** @param {string} run */
  results: (run) => call("GET", `${at(run)}/results`),
  /** @param {string} dataset @param {number} from @param {number} count images of it; all its labels */
  dataset: (dataset, from, count) =>
    call("GET", `/api/datasets/${encodeURIComponent(dataset)}?from=${from}&count=${count}`),
  /** @param {Version} run @param {unknown} stage */
  stage: (run, stage) => change("PUT", run, "stage", stage),
  /** @param {Version} run @param {{iteration?: number, step?: number}} position */
  position: (run, position) => change("PUT", run, "position", position, true),
  /** @param {Version} run @param {number} iterations */
  descent: (run, iterations) => change("POST", run, "descent", { iterations }),
  /** @param {Version} run @param {unknown} values */
  parameters: (run, values) => change("PATCH", run, "parameters", values),
  /** @param {Version} run @param {unknown} config */
  config: (run, config) => change("PATCH", run, "config", config),
  /** @param {string} run @param {number} points */
  costs: (run, points) => call("GET", `${at(run)}/costs?points=${points}`),
  /** @param {string} run @param {number} points @param {{from: number, to: number}} stretch of iterations */
  costsOf: (run, points, { from, to }) =>
    call("GET", `${at(run)}/costs?points=${points}&from=${from}&to=${to}`),
  /** @param {string} run @param {number} iteration one that was reached; the position stays */
  traceAt: (run, iteration) => call("GET", `${at(run)}/trace?iteration=${iteration}`),
  /** @param {string} run */
  training: (run) => call("GET", `${at(run)}/training`),
  /** @param {Version} run @param {unknown} wanted */
  train: (run, wanted) => change("POST", run, "training", wanted),
  /** @param {string} run @param {{paused?: boolean, speed?: number | null}} other */
  alterTraining: (run, other) => call("PATCH", `${at(run)}/training`, other),
  /** @param {string} run */
  stopTraining: (run) => call("DELETE", `${at(run)}/training`),
  /** @param {string} run what happens to it, as it happens */
  events: (run) => new EventSource(`${at(run)}/events`),
  /** @param {string} run */
  histograms: (run) => call("GET", `${at(run)}/histograms`),
  /** @param {string} run */
  branches: (run) => call("GET", `${at(run)}/branches`),
  /** @param {Version} run @param {string} name */
  keepBranch: (run, name) => change("POST", run, "branches", { name }),
  /** @param {string} run @param {string} branch @param {number} points */
  branchCosts: (run, branch, points) =>
    call("GET", `${at(run)}/branches/${encodeURIComponent(branch)}/costs?points=${points}`),
  /** @param {Version} run @param {string} branch */
  takeBranch: (run, branch) => change("PUT", run, `branches/${encodeURIComponent(branch)}`, {}),
  /** @param {string} run @param {string} branch */
  dropBranch: (run, branch) => call("DELETE", `${at(run)}/branches/${encodeURIComponent(branch)}`),
  /** @param {string} run */
  seeds: (run) => call("GET", `${at(run)}/seeds`),
  /** @param {string} run @param {{seeds: number[], iterations: number}} wanted */
  trySeeds: (run, wanted) => call("POST", `${at(run)}/seeds`, wanted),
  /** @param {string} run */
  dropSeeds: (run) => call("DELETE", `${at(run)}/seeds`),
  /** @param {string} run */
  predictions: (run) => call("GET", `${at(run)}/predictions`),
  /** @param {string} run @param {unknown} shown */
  share: (run, shown) => call("POST", `${at(run)}/moments`, shown),
  /** @param {string} run @param {string} tensor @param {readonly number[]} index @param {string} hash */
  formulas: (run, tensor, index, hash) =>
    call(
      "GET",
      `${at(run)}/formulas/${tensor}?around=${index.join(",")}&config=${encodeURIComponent(hash)}`,
    ),
  /** @param {string} run @param {string} tensor @param {readonly number[]} index @param {string} of */
  check: (run, tensor, index, of) =>
    call("GET", `${at(run)}/check/${tensor}?index=${index.join(",")}&of=${of}`),
  /** @param {string} run @param {string} layer @param {number} reach */
  activation: (run, layer, reach) => call("GET", `${at(run)}/activation/${layer}?reach=${reach}`),
  /** @param {string} run @param {string} tensor @param {{index: readonly number[], of: string, points: number, span: number}} asked */
  curve: (run, tensor, { index, of, points, span }) =>
    call(
      "GET",
      `${at(run)}/curve/${tensor}?index=${index.join(",")}&of=${of}&points=${points}&span=${span}`,
    ),
  /** What would be. @param {string} run @param {unknown} values */
  preview: (run, values) => call("POST", `${at(run)}/preview`, values),
  /** @param {string} run @param {string} tensor @param {readonly number[]} index */
  contributions: (run, tensor, index) =>
    call("GET", `${at(run)}/contributions/${tensor}?index=${index.join(",")}`),
};

/** @typedef {typeof api} Api */
