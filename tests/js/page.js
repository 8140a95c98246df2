/** What a browser and Django give to the modules under test, as far as these need it. Import it before them. */

/** Django's own rules: %s in order, or %(name)s. */
function interpolate(format, values, named) {
  if (named) return format.replace(/%\((\w+)\)s/g, (_match, name) => String(values[name]));
  const rest = [...values];
  return format.replace(/%s/g, () => String(rest.shift()));
}

/** localStorage: its keys are those of the object. `quota` is the number of keys it takes. */
export class FakeStorage {
  #quota;

  constructor(quota = Infinity) {
    this.#quota = quota;
  }

  getItem(key) {
    return Object.hasOwn(this, key) ? this[key] : null;
  }

  setItem(key, value) {
    if (!Object.hasOwn(this, key) && Object.keys(this).length >= this.#quota) throw new Error("QuotaExceededError");
    this[key] = String(value);
  }

  removeItem(key) {
    delete this[key];
  }
}

class FakeElement extends EventTarget {
  constructor(selectors = []) {
    super();
    this.selectors = selectors;
  }

  /** One selector of a list is enough. */
  closest(list) {
    return list.split(", ").some((selector) => this.selectors.includes(selector)) ? this : null;
  }
}

let page = new EventTarget();

/** A page is loaded: nobody listens any more, nothing is stored, the network is there. */
export function loadPage() {
  page = new EventTarget();
  globalThis.document = Object.assign(new EventTarget(), {
    documentElement: { lang: "en", dataset: { timeZone: "Asia/Shanghai", user: "3" } },
    hidden: false,
    visibilityState: "visible",
    cookie: "a=b; csrftoken=secret; c=d",
  });
  globalThis.localStorage = new FakeStorage();
  setOnline(true);
}

/** Have the window hear of something: "online", "pagehide". */
export function dispatchToWindow(type) {
  page.dispatchEvent(new Event(type));
}

export function setOnline(isOnline) {
  Object.defineProperty(globalThis.navigator, "onLine", { value: isOnline, configurable: true });
}

Object.assign(globalThis, {
  gettext: (message) => message,
  ngettext: (singular, plural, count) => (count === 1 ? singular : plural),
  pgettext: (_context, message) => message,
  interpolate,
  Element: FakeElement,
  addEventListener: (...parameters) => page.addEventListener(...parameters),
});
delete globalThis.BroadcastChannel; // Node's would keep the process alive; a test that needs one brings its own
Object.defineProperty(globalThis, "localStorage", { writable: true, configurable: true });
loadPage();
