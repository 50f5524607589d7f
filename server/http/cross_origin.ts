/**
 * What pages of other origins may do: nothing, unless they are named.
 *
 * A browser asks before it sends JSON to another origin (OPTIONS), and does not
 * let a page read an answer that does not name its origin.
 *
 * @module
 */

/** The origins whose pages may ask; `*`: all. */
export type Origins = readonly string[] | "*";

/** The headers that let the page that asks read the answer. */
export function crossOriginHeaders(
  request: Request,
  origins: Origins,
): Record<string, string> {
  const origin = request.headers.get("origin");
  if (origin === null) return {};
  if (origins === "*") return { "access-control-allow-origin": "*" };
  const vary = { vary: "origin" };
  return origins.includes(origin)
    ? { ...vary, "access-control-allow-origin": origin }
    : vary;
}

/** The answer to a browser that asks what a page may send. */
export function preflightResponse(
  request: Request,
  origins: Origins,
): Response {
  const headers = crossOriginHeaders(request, origins);
  if (headers["access-control-allow-origin"] === undefined) {
    return new Response(null, { status: 403, headers });
  }
  return new Response(null, {
    status: 204,
    headers: {
      ...headers,
      "access-control-allow-methods": "GET, POST",
      "access-control-allow-headers": "authorization, content-type, accept",
      "access-control-max-age": "600",
    },
  });
}
