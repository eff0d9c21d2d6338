import assert from "node:assert/strict";
import { test } from "node:test";
import { api } from "../../static/api.js";
import { speak } from "../../static/i18n.js";

test("each request says which language the page speaks now", async (context) => {
  const answer = { ok: true, status: 200, json: async () => ({}) };
  const fetched = context.mock.method(globalThis, "fetch", async () => answer);
  await api.kinds();
  speak("zh_Hans", {});
  await api.newDataset({});
  const said = fetched.mock.calls.map((call) => {
    const [, request] = /** @type {[string, {headers: Record<string, string>}]} */ (
      /** @type {unknown} */ (call.arguments)
    );
    return request.headers["x-language"];
  });
  assert.deepEqual(said, ["en", "zh_Hans"]);
});
