/** What requests have written into the address book, kept in a file of the data directory. */
import { z } from "zod";
import type { Address } from "../../crypto/address.ts";
import type { Endpoint } from "../../ports/transport.ts";
import { NodeError } from "../../primitives/node-error.ts";
import { addressValue, isPlace, PEERS_MAX } from "../config/value-schemas.ts";

/** A peer, and where requests say that it is, the newest first. */
export type AddedPeer = { readonly address: Address; readonly places: readonly Endpoint[] };

/** Peers that requests may add, beyond those of the configuration. */
export const ADDED_PEERS_MAX: number = PEERS_MAX;

/** Places of one peer: the oldest makes room for a new one. */
export const PLACES_MAX = 8;

/** Version of the file's form. */
const VERSION = 1;

const schema = z.strictObject({
  version: z.literal(VERSION),
  peers: z
    .array(
      z.strictObject({
        address: addressValue,
        places: z.array(z.string().refine(isPlace)).max(PLACES_MAX),
      }),
    )
    .max(ADDED_PEERS_MAX),
});

/** The text of the file. */
export function addedPeersText(peers: readonly AddedPeer[]): string {
  return `${JSON.stringify({ version: VERSION, peers }, undefined, 2)}\n`;
}

/**
 * What a file holds; nobody where there is none. Throws `NodeError` with `DiskFailed` for a file of another form: it
 * was written by somebody else, and to go on would be to lose it with the next peer that is added.
 */
export function readAddedPeers(path: string, text: string | undefined): readonly AddedPeer[] {
  if (text === undefined) return [];
  const parsed = schema.safeParse(jsonIn(text));
  if (parsed.success) return parsed.data.peers;
  const where = parsed.error.issues[0]?.path.join(".") ?? "";
  const message = `${path} is not as a node writes it${where && `, at ${where}`}; mend it, or delete it and add the peers again`;
  throw new NodeError("DiskFailed", message, { data: { path }, cause: parsed.error });
}

function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Then it has no form at all, which the schema says.
    return undefined;
  }
}
