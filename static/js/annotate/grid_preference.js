/** Whether the person works by grids: remembered in this browser. */

const KEY = "margin:grids";

export function gridsWanted() {
  try {
    return localStorage.getItem(KEY) !== null;
  } catch {
    return false;
  }
}

/** @param {boolean} on */
export function wantGrids(on) {
  try {
    if (on) localStorage.setItem(KEY, "1");
    else localStorage.removeItem(KEY);
  } catch {
    // not kept, but it holds for this page
  }
}
