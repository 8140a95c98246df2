import assert from "node:assert/strict";
import { describe, it } from "node:test";

import "./page.js";
import { describeStatus } from "../../static/js/annotate/status.js";

const outbox = (more = {}) => ({ waiting: [], rejected: [], blocked: null, isOffline: false, failure: "", ...more });
const answers = (count) => Array.from({ length: count }, (_, id) => ({ id }));
const status = (more) => Object.values(describeStatus(outbox(more)));

describe("describeStatus", () => {
  it("says that all is saved", () => {
    assert.deepEqual(status(), ["saved", "All answers saved"]);
    assert.deepEqual(status({ isOffline: true }), ["saved", "Offline. All answers saved"]);
  });

  it("counts what waits", () => {
    assert.deepEqual(status({ waiting: answers(1) }), ["sending", "1 answer waiting, sending"]);
    assert.deepEqual(status({ waiting: answers(3) }), ["sending", "3 answers waiting, sending"]);
  });

  it("says what it waits for", () => {
    const waiting = answers(2);
    assert.deepEqual(status({ waiting, isOffline: true }), ["offline", "Offline: 2 answers kept in this browser"]);
    const text = "No connection: 2 answers kept in this browser, trying again";
    assert.deepEqual(status({ waiting, failure: "server" }), ["offline", text]);
  });

  it("says what was rejected once nothing waits", () => {
    assert.deepEqual(status({ rejected: answers(1) }), ["stopped", "1 answer not accepted"]);
    assert.equal(status({ rejected: answers(1), waiting: answers(1) })[0], "sending");
  });

  it("says first that the server refuses everything", () => {
    const [kind, text] = status({ waiting: answers(2), blocked: { status: 401, message: "" }, isOffline: true });
    assert.deepEqual([kind, text], ["stopped", "2 answers kept in this browser"]);
  });
});
