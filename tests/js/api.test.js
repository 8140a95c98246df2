import assert from "node:assert/strict";
import { describe, it } from "node:test";

import "./page.js";
import { api, ApiError, messageOf, requestOptions } from "../../static/js/api.js";

const respond = (status, content) => {
  const calls = [];
  globalThis.fetch = async (address, options) => {
    calls.push([address, options]);
    return new Response(content, { status });
  };
  return calls;
};

describe("api", () => {
  it("sends JSON with the CSRF token, and returns JSON", async () => {
    const calls = respond(201, '{"id": 3}');
    assert.deepEqual(await api("POST", "projects/", { name: "ä" }), { id: 3 });
    const [address, { method, headers, body, credentials }] = calls[0];
    assert.deepEqual(
      [address, method, body, credentials],
      ["/api/v1/projects/", "POST", '{"name":"ä"}', "same-origin"],
    );
    assert.equal(headers["X-CSRFToken"], "secret");
    assert.equal(headers["X-Margin-User"], "3");
    assert.equal(headers["Content-Type"], "application/json");
  });

  it("returns null for an empty response", async () => {
    respond(204, null);
    assert.equal(await api("DELETE", "projects/3/"), null);
  });

  it("throws the server's error", async () => {
    respond(400, '{"error": {"code": "invalid", "message": "No.", "details": {"name": 1}}}');
    await assert.rejects(api("POST", "projects/", {}), (error) => {
      assert.ok(error instanceof ApiError);
      assert.deepEqual([error.status, error.code, error.message, error.details], [400, "invalid", "No.", { name: 1 }]);
      return true;
    });
  });

  it("throws an error of its own where the response is a page", async () => {
    respond(502, "<h1>Bad gateway</h1>");
    await assert.rejects(api("GET", "projects/"), { status: 502, message: "The server could not answer." });
  });

  it("throws status 0 where there is no response", async () => {
    globalThis.fetch = () => Promise.reject(new TypeError("Failed to fetch"));
    await assert.rejects(api("GET", "projects/"), { status: 0, code: "offline" });
  });

  it("lets the caller's own abort through, but takes a time-out for a lost connection", async () => {
    globalThis.fetch = () => Promise.reject(new DOMException("", "AbortError"));
    await assert.rejects(api("GET", "projects/"), { name: "AbortError" });
    globalThis.fetch = () => Promise.reject(new DOMException("", "TimeoutError"));
    await assert.rejects(api("GET", "projects/"), { status: 0 });
  });
});

describe("ApiError.isTransient", () => {
  it("is true where the same request may succeed later", () => {
    const isTransient = (status) => new ApiError(status, {}).isTransient;
    assert.deepEqual([0, 408, 425, 429, 500, 503].map(isTransient), Array(6).fill(true));
    assert.deepEqual([400, 401, 403, 404, 409, 422].map(isTransient), Array(6).fill(false));
  });
});

describe("requestOptions", () => {
  it("leaves the content type of a form to the browser", () => {
    const { headers, body } = requestOptions("POST", new FormData());
    assert.ok(body instanceof FormData);
    assert.equal("Content-Type" in headers, false);
  });
});

describe("messageOf", () => {
  it("has words for whatever is thrown", () => {
    assert.equal(messageOf(new ApiError(400, { message: "No." })), "No.");
    assert.equal(messageOf("odd"), "odd");
  });
});
