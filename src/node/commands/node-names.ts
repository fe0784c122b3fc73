/** Names of peers, channels and assets on the command line, and what they stand for in a node. */

import { InvalidArgumentError, Option } from "commander";
import { parseAddress, ZERO_ADDRESS } from "../../crypto/address.ts";
import { parseAmount } from "../amount-text.ts";
import type { ChannelView, PeerView } from "../api/api-types.ts";
import type { NodeClient } from "../client/node-client.ts";
import { type IdLength, shortenIds } from "../short-ids.ts";
import { wrongUsage } from "./command-shell.ts";

/** Peers that are named to somebody who meant none of them. */
const NAMED_MAX = 5;

/** The names in the address book of a node. */
export type Names = {
  readonly me: string;
  readonly peers: readonly PeerView[];
};

/** Reads the address book. */
export async function namesOf(client: NodeClient): Promise<Names> {
  const [{ address: me }, { peers }] = await Promise.all([
    client.call("node_info", {}),
    client.call("peers_list", {}),
  ]);
  return { me, peers };
}

/** The address of somebody in the address book: by name, by address, or by its first digits. */
export function peerNamed({ peers }: Names, text: string): string {
  const parsed = parseAddress(text);
  if (parsed.ok) return parsed.value;
  const wanted = text.toLowerCase();
  const found = peers.filter(
    ({ address, name }) =>
      name?.toLowerCase() === wanted || (wanted.startsWith("0x") && address.startsWith(wanted)),
  );
  const [only] = found;
  if (found.length === 1 && only !== undefined) return only.address;
  const known = peers.slice(0, NAMED_MAX).map(({ address, name }) => name ?? address);
  const list = known.length === 0 ? "it knows nobody" : `it knows ${known.join(", ")}`;
  throw wrongUsage(
    found.length > 1
      ? `${found.length} peers begin with ${text}; write more digits`
      : `the node knows no peer ${text}: ${list}`,
  );
}

/** A name for an address: from the address book, or the address itself. */
export function nameOf({ me, peers }: Names, address: string, ids: IdLength): string {
  if (address === me) return "me";
  const name = peers.find((peer) => peer.address === address)?.name;
  return name ?? shortenIds(address, ids);
}

/** All channels of a node, page by page. */
export async function allChannels(client: NodeClient): Promise<readonly ChannelView[]> {
  const all: ChannelView[] = [];
  let cursor: string | undefined;
  do {
    const { channels, next } = await client.call("channels_list", { limit: 1_000, cursor });
    all.push(...channels);
    cursor = next ?? undefined;
  } while (cursor !== undefined);
  return all;
}

/** The channel whose id begins like this. */
export async function channelNamed(client: NodeClient, text: string): Promise<ChannelView> {
  const wanted = text.toLowerCase();
  if (/^0x[0-9a-f]{64}$/.test(wanted)) return client.call("channels_get", { channelId: wanted });
  if (!/^0x[0-9a-f]+$/.test(wanted)) {
    throw wrongUsage(`${text} is no channel: write its id, or its first digits, as 0x1a2b`);
  }
  const all = await allChannels(client);
  const found = all.filter(({ channelId }) => channelId.startsWith(wanted));
  const [only] = found;
  if (found.length === 1 && only !== undefined) return only;
  throw wrongUsage(
    found.length === 0
      ? `the node has no channel ${text}; \`channels node channels\` lists what it has`
      : `${found.length} channels begin with ${text}; write more digits`,
  );
}

/** Reads an amount of the command line. */
export function readAmount(text: string): bigint {
  const amount = parseAmount(text);
  if (amount !== undefined) return amount;
  throw new InvalidArgumentError(
    "An amount is a whole number of wei, or has a unit: 5, 20gwei, 0.01eth.",
  );
}

/** An option for an amount, 0 where it is not given. The help cannot write large integers by itself. */
export function amountOption(flags: string, words: string): Option {
  return new Option(flags, words).argParser(readAmount).default(0n, "0");
}

/** Reads an asset of the command line: a token's address, or the chain's own coin. */
export function readAsset(text: string): string {
  if (text === "eth" || text === "coin") return ZERO_ADDRESS;
  const parsed = parseAddress(text);
  if (parsed.ok) return parsed.value;
  throw new InvalidArgumentError("An asset is the address of a token, or `eth`.");
}
