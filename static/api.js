/**
 * The server: the only module that knows its addresses.
 */

/** What the server refused, in its own words. */
export class Refused extends Error {
  /**
   * @param {number} status 0 where no answer came
   * @param {string} detail
   * @param {Record<string, unknown>} [problem]
   */
  constructor(status, detail, problem = {}) {
    super(detail);
    this.status = status;
    this.problem = problem;
  }
}

/**
 * @param {string} method
 * @param {string} path
 * @param {unknown} [body]
 * @returns {Promise<any>}
 */
async function call(method, path, body) {
  /** @type {RequestInit} */
  const request = { method, headers: { accept: "application/json" } };
  if (body !== undefined) {
    request.body = JSON.stringify(body);
    request.headers = { ...request.headers, "content-type": "application/json" };
  }
  const response = await fetch(path, request).catch(() => {
    throw new Refused(0, "");
  });
  if (response.status === 204) return null;
  const answer = await response.json().catch(() => ({}));
  if (!response.ok)
    throw new Refused(response.status, answer.detail ?? response.statusText, answer);
  return answer;
}

/** @param {string} run */
const at = (run) => `/api/runs/${encodeURIComponent(run)}`;

export const api = {
  /** @param {string} language */
  catalogue: (language) => call("GET", `/locales/${language}.json`),
  /** @param {unknown} body */
  newRun: (body) => call("POST", "/api/runs", body),
  /** @param {string} run */
  run: (run) => call("GET", at(run)),
  /** @param {string} run */
  trace: (run) => call("GET", `${at(run)}/trace`),
  /** @param {string} dataset */
  dataset: (dataset) => call("GET", `/api/datasets/${encodeURIComponent(dataset)}`),
  /** @param {string} run @param {unknown} stage */
  stage: (run, stage) => call("PUT", `${at(run)}/stage`, stage),
  /** @param {string} run @param {{iteration?: number, step?: number}} position */
  position: (run, position) => call("PUT", `${at(run)}/position`, position),
  /** @param {string} run @param {number} iterations */
  descent: (run, iterations) => call("POST", `${at(run)}/descent`, { iterations }),
  /** @param {string} run @param {unknown} values */
  parameters: (run, values) => call("PATCH", `${at(run)}/parameters`, values),
  /** @param {string} run @param {unknown} config */
  config: (run, config) => call("PATCH", `${at(run)}/config`, config),
  /** @param {string} run @param {number} points */
  costs: (run, points) => call("GET", `${at(run)}/costs?points=${points}`),
  /** @param {string} run */
  predictions: (run) => call("GET", `${at(run)}/predictions`),
  /** @param {string} run @param {string} tensor @param {string} hash */
  formulas: (run, tensor, hash) =>
    call("GET", `${at(run)}/formulas/${tensor}?config=${encodeURIComponent(hash)}`),
  /** @param {string} run @param {string} tensor @param {readonly number[]} index @param {string} of */
  check: (run, tensor, index, of) =>
    call("GET", `${at(run)}/check/${tensor}?index=${index.join(",")}&of=${of}`),
  /** @param {string} run @param {string} tensor @param {readonly number[]} index */
  contributions: (run, tensor, index) =>
    call("GET", `${at(run)}/contributions/${tensor}?index=${index.join(",")}`),
};

/** @typedef {typeof api} Api */
