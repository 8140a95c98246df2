/** Whether this person labels by grids: remembered in this browser. */

const STORAGE_KEY = "margin:grids";

export function prefersGrids() {
  try {
    return localStorage.getItem(STORAGE_KEY) !== null;
  } catch {
    return false;
  }
}

/** @param {boolean} on */
export function rememberGrids(on) {
  try {
    if (on) localStorage.setItem(STORAGE_KEY, "1");
    else localStorage.removeItem(STORAGE_KEY);
  } catch {
    // not kept, but it holds for this page
  }
}
