/**
 * The one way from the browser to the server: JSON to /api/v1/, with the CSRF token, errors in one form.
 *
 * Every call says whose page it is: when somebody else has signed in meanwhile, in another tab, the server refuses it
 * (401, `other_user`) instead of taking it in the other person's name.
 */

const UNREACHABLE = 0;
const TRANSIENT_STATUSES = [UNREACHABLE, 408, 425, 429];

/** A response of the server that is not 2xx, or (status 0) no response at all. */
export class ApiError extends Error {
  /** @param {number} status @param {{code?: string, message?: string, details?: Record<string, any>}} error */
  constructor(status, error) {
    super(error.message ?? "");
    this.status = status;
    this.code = error.code ?? "error";
    this.details = error.details ?? {};
  }

  /** Whether the same call may succeed later without anybody doing anything. */
  get isTransient() {
    return TRANSIENT_STATUSES.includes(this.status) || this.status >= 500;
  }
}

export function csrfToken() {
  return document.cookie.match(/(?:^|; )csrftoken=([^;]+)/)?.[1] ?? "";
}

/** The id of the user for whom the page was made; empty where nobody was signed in. */
function pageUser() {
  return document.documentElement.dataset.user ?? "";
}

/** The options of a call to the API, for fetch.
 * @param {string} method @param {any} [body] @returns {RequestInit} */
export function requestOptions(method, body) {
  /** @type {Record<string, string>} */
  const headers = { Accept: "application/json", "X-CSRFToken": csrfToken() };
  if (pageUser()) headers["X-Margin-User"] = pageUser();
  if (body === undefined) return { method, headers };
  if (body instanceof FormData) return { method, headers, body };
  return { method, headers: { ...headers, "Content-Type": "application/json" }, body: JSON.stringify(body) };
}

/** Call the API and return the JSON of its response (null when empty). Throws ApiError.
 * @param {string} method @param {string} path below /api/v1/ @param {any} [body] @param {RequestInit} [options]
 * @returns {Promise<any>} */
export async function api(method, path, body, options = {}) {
  const request = { ...requestOptions(method, body), credentials: /** @type {const} */ ("same-origin"), ...options };
  let response;
  try {
    response = await fetch(`/api/v1/${path}`, request);
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    throw new ApiError(UNREACHABLE, { code: "offline", message: gettext("The server cannot be reached.") });
  }
  const data = await response.json().catch(() => null);
  if (response.ok) return data;
  throw new ApiError(response.status, data?.error ?? { message: gettext("The server could not answer.") });
}

/** What to tell people about something that was thrown. @param {unknown} error */
export function messageOf(error) {
  return error instanceof Error ? error.message : String(error);
}
