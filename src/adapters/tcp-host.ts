/** Which connections come from one host, as far as addresses tell. */

/** Groups of an IPv6 address that name a network: one host commonly has all addresses of one. */
const NETWORK_GROUPS = 4;

/** How IPv6 writes an IPv4 address. */
const MAPPED = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i;

/** The host of an address: an IPv4 address itself, the first 64 bits of an IPv6 address. */
export function hostOf(address: string): string {
  const mapped = MAPPED.exec(address)?.[1];
  if (mapped !== undefined) return mapped;
  if (!address.includes(":")) return address;
  const [head = "", tail] = (address.split("%")[0] ?? "").toLowerCase().split("::");
  const before = head.split(":").filter(Boolean);
  const after = (tail ?? "").split(":").filter(Boolean);
  const zeros = Math.max(0, 2 * NETWORK_GROUPS - before.length - after.length);
  const groups = tail === undefined ? before : [...before, ...Array(zeros).fill("0"), ...after];
  const network = groups.slice(0, NETWORK_GROUPS).map((group) => Number.parseInt(group, 16));
  return network.map((group) => group.toString(16)).join(":");
}
