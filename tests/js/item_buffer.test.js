import assert from "node:assert/strict";
import { describe, it } from "node:test";

import { ItemBuffer } from "../../static/js/annotate/item_buffer.js";

const single = (id) => ({ item: { id }, suggestion: null });
const tile = (id, label = "cat") => ({ item: { id }, suggestion: { labels: [label] }, together: true });
const ids = (assignments) => assignments.map(({ item }) => item.id);

/** A buffer with a server that gives these pages in turn, and what it was asked. */
function makeBuffer(pages, { busy = new Set(), sizes = null } = {}) {
  const requests = [];
  const buffer = new ItemBuffer(
    async (limit, grids) => {
      requests.push([limit, grids]);
      const page = pages.shift() ?? [];
      if (page instanceof Error) throw page;
      return page;
    },
    () => busy,
    sizes,
  );
  return { buffer, requests };
}

describe("ItemBuffer", () => {
  it("gives assignments in the server's order, then null", async () => {
    const { buffer } = makeBuffer([[single(1), single(2)]]);
    await buffer.fill();
    assert.deepEqual(ids(buffer.take()), [1]);
    assert.deepEqual(ids(buffer.take()), [2]);
    assert.equal(buffer.take(), null);
  });

  it("asks for ten and for what waits to be sent, a hundred at most", async () => {
    const busy = new Set([7, 8]);
    const { buffer, requests } = makeBuffer([[], []], { busy });
    await buffer.fill();
    for (let id = 100; id < 300; id += 1) busy.add(id);
    await buffer.fill();
    assert.deepEqual(requests, [
      [12, false],
      [100, false],
    ]);
  });

  it("takes no item that is buffered, on the screen, on its way, or answered", async () => {
    const { buffer } = makeBuffer([[single(1)], [single(1), single(2), single(3), single(4)]], { busy: new Set([2]) });
    await buffer.fill();
    buffer.answeredItems.add(3);
    await buffer.fill();
    assert.deepEqual(ids(buffer.assignments), [1, 4]);
  });

  it("takes no item that is answered while the request is under way", async () => {
    const busy = new Set();
    const { buffer } = makeBuffer([[single(1), single(2)]], { busy });
    const filled = buffer.fill();
    busy.add(1);
    await filled;
    assert.deepEqual(ids(buffer.assignments), [2]);
  });

  it("sends one request at a time", async () => {
    const { buffer, requests } = makeBuffer([[single(1)], [single(2)]]);
    await Promise.all([buffer.fill(), buffer.fill()]);
    assert.equal(requests.length, 1);
    await buffer.fill();
    assert.equal(requests.length, 2);
  });

  it("can be filled again after a request that failed", async () => {
    const { buffer } = makeBuffer([new Error("lost"), [single(1)]]);
    await assert.rejects(buffer.fill(), /lost/);
    assert.equal(buffer.isExhausted, false);
    await buffer.fill();
    assert.deepEqual(ids(buffer.assignments), [1]);
  });

  it("needs a refill at three, but not from a server that has nothing", async () => {
    const { buffer } = makeBuffer([[1, 2, 3, 4].map(single), []]);
    assert.equal(buffer.needsRefill, true);
    await buffer.fill();
    assert.equal(buffer.needsRefill, false);
    buffer.take();
    assert.equal(buffer.needsRefill, true);
    await buffer.fill();
    assert.equal(buffer.isExhausted, true);
    assert.equal(buffer.needsRefill, false);
  });

  it("starts over with what is still leased", async () => {
    const { buffer } = makeBuffer([[single(1), single(2)], [single(2)]]);
    await buffer.fill();
    await buffer.reload();
    assert.deepEqual(ids(buffer.assignments), [2]);
  });

  it("waits for a request under way before it starts over", async () => {
    const { buffer, requests } = makeBuffer([[single(1)], [single(2)]]);
    const filled = buffer.fill();
    await buffer.reload();
    await filled;
    assert.equal(requests.length, 2);
    assert.deepEqual(ids(buffer.assignments), [2]);
  });

  it("puts assignments back on top and drops one", async () => {
    const { buffer } = makeBuffer([[1, 2, 3].map(single)]);
    await buffer.fill();
    buffer.putBack(buffer.take());
    buffer.drop(2);
    assert.deepEqual(ids(buffer.assignments), [1, 3]);
  });
});

describe("ItemBuffer with grids", () => {
  const sizes = { size: 3, ahead: 8 };

  async function fillGrids(assignments) {
    const { buffer, requests } = makeBuffer([assignments], { sizes });
    buffer.usesGrids = true;
    await buffer.fill();
    return { buffer, requests };
  }

  it("gives what has the first one's suggestion, at most a grid", async () => {
    const { buffer } = await fillGrids([tile(1), tile(2, "dog"), tile(3), single(4), tile(5), tile(6)]);
    assert.deepEqual(ids(buffer.take()), [1, 3, 5]);
    assert.deepEqual(ids(buffer.assignments), [2, 4, 6]);
  });

  it("asks for as much as grids need", async () => {
    const { requests } = await fillGrids([tile(1)]);
    assert.deepEqual(requests, [[8, true]]);
  });

  it("gives assignments one by one while grids are off", async () => {
    const { buffer } = await fillGrids([tile(1), tile(2)]);
    buffer.usesGrids = false;
    assert.deepEqual(ids(buffer.take()), [1]);
    assert.deepEqual(ids(buffer.singles), [2]);
    assert.deepEqual(buffer.forGrids, []);
  });

  it("lets what was picked out come alone, and first", async () => {
    const { buffer } = await fillGrids([tile(1), tile(2), tile(3), tile(4)]);
    const grid = buffer.take();
    buffer.putBackAsSingles([grid[1]]);
    assert.deepEqual(ids(buffer.take()), [2]);
    assert.equal(buffer.tookGrid, false);
    assert.deepEqual(ids(buffer.forGrids), [4]);
  });

  it("brings the best grid to the top", async () => {
    const { buffer } = await fillGrids([single(1), tile(2), tile(3)]);
    buffer.putGridFirst();
    assert.deepEqual(ids(buffer.take()), [2, 3]);
  });

  it("refills after a grid as soon as there is no whole one left", async () => {
    const { buffer } = await fillGrids([1, 2, 3, 4, 5, 6].map((id) => tile(id)));
    buffer.take();
    assert.equal(buffer.needsRefill, false);
    buffer.take();
    assert.equal(buffer.needsRefill, true);
  });
});
