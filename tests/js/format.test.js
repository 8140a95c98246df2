import assert from "node:assert/strict";
import { describe, it } from "node:test";

import "./page.js"; // its reader is in Shanghai
import { hour, time } from "../../static/js/dashboard/format.js";

describe("times", () => {
  it("are in the reader's time zone, which they name", () => {
    assert.match(time("2026-01-02T23:30:00Z"), /^Jan 3, 07:30:00.AM GMT\+8$/);
    assert.match(hour("2026-01-02T23:30:00Z"), /^7.AM$/);
  });

  it("leave out the day of today, as the reader has it", () => {
    assert.match(time(new Date().toISOString()), /^\d\d:\d\d:\d\d.[AP]M GMT\+8$/);
  });
});
