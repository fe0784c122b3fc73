/** From where a request may come. A page in a browser must not reach the API of a node on the same machine. */

/** What an operator allows besides. */
export type AllowedPlaces = {
  /** Names, without ports, by which this node may be called besides addresses and `localhost`. */
  readonly hosts: readonly string[];
  /** Origins of pages that may use the API, as browsers write them. */
  readonly origins: readonly string[];
};

/** Why a request is not looked at. */
export type PlaceRefusal = "HostNotAllowed" | "OriginNotAllowed";

/**
 * Checks what a browser says truly whatever page it shows. A page on a name that was made to point here would come
 * with that name as `Host`: addresses cannot be made to point elsewhere, so they are fine. Any page says its
 * `Origin`; programs say none.
 */
export function checkPlace(
  headers: Headers,
  { hosts, origins }: AllowedPlaces,
): PlaceRefusal | undefined {
  const host = hostIn(headers.get("host") ?? "");
  const isNumbered = /^(?:\d{1,3}(?:\.\d{1,3}){3}|\[[0-9a-f:.]+\])$/.test(host);
  if (!isNumbered && host !== "localhost" && !hosts.includes(host)) return "HostNotAllowed";
  const origin = headers.get("origin");
  return origin === null || origins.includes(origin) ? undefined : "OriginNotAllowed";
}

/** The name in `name:port`. */
function hostIn(text: string): string {
  return text.toLowerCase().replace(/:\d{1,5}$/, "");
}

/** Headers by which a proxy says for whom it asks: then its own address tells nothing. */
const FORWARDING = ["forwarded", "x-forwarded-for", "x-real-ip", "via"];

/** True for a program on this very machine that asks for itself. */
export function isNear(address: string, headers: Headers): boolean {
  return isLoopback(address) && !FORWARDING.some((name) => headers.has(name));
}

/** True for an address of this very machine. */
export function isLoopback(address: string): boolean {
  return /^(?:127\.|::1$|::ffff:127\.)/.test(address);
}
