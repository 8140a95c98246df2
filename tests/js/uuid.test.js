import assert from "node:assert/strict";
import { describe, it } from "node:test";

import { uuid4 } from "../../static/js/annotate/uuid.js";

const UUID4 = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

describe("uuid4", () => {
  it("is a random UUID", () => assert.match(uuid4(), UUID4));

  it("is one also where the page has no TLS", () => {
    Object.defineProperty(crypto, "randomUUID", { value: undefined, configurable: true });
    const uuids = Array.from({ length: 200 }, uuid4);
    for (const uuid of uuids) assert.match(uuid, UUID4);
    assert.equal(new Set(uuids).size, 200);
    delete crypto.randomUUID; // the prototype's is back
    assert.equal(typeof crypto.randomUUID, "function");
  });
});
