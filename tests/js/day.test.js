import assert from "node:assert/strict";
import { describe, it } from "node:test";

import { dayOf } from "../../static/js/annotate/day.js";

describe("dayOf", () => {
  it("is the day of a time zone", () => {
    const moment = new Date("2026-11-30T23:30:00Z");
    assert.equal(dayOf(moment, "UTC"), "2026-11-30");
    assert.equal(dayOf(moment, "Asia/Shanghai"), "2026-12-01");
    assert.equal(dayOf(moment, "America/New_York"), "2026-11-30");
  });

  it("ends at midnight when the clocks are changed, too", () => {
    const timeZone = "Europe/Berlin"; // 25 hours long
    assert.equal(dayOf(new Date("2026-10-24T22:00:00Z"), timeZone), "2026-10-25");
    assert.equal(dayOf(new Date("2026-10-25T22:59:59Z"), timeZone), "2026-10-25");
    assert.equal(dayOf(new Date("2026-10-25T23:00:00Z"), timeZone), "2026-10-26");
  });
});
