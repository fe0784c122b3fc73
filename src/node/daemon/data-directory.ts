/** The folder of a node: its log, whose it is, and where its API is while it runs. */
import {
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { errnoOf, onDisk } from "../../adapters/disk-error.ts";
import type { Address } from "../../crypto/address.ts";
import { NodeError } from "../../primitives/node-error.ts";
import { OWNER_ONLY } from "../keystore/secret-file.ts";
import { type AddedPeer, addedPeersText, readAddedPeers } from "./added-peers.ts";

/**
 * The names in the folder.
 *
 * - `log`: the directory of the log, which `channels log` reads.
 * - `identity`: the channel key's address, the chain and the adjudicator, which a log belongs to for ever.
 * - `running`: where the API is; there while the node runs, and after it was killed.
 * - `tokens`: what the API makes its tokens from.
 * - `peers`: what requests have written into the address book.
 * - `games`: hidden choices of games, which their owner has still to reveal.
 * - `tables`: what the messages of channels come to, in the embedded database. It can be removed while no node runs.
 * - `reducers`: modules of reducers, as `*.wasm`, beside those that come with the program.
 */
export const DATA_NAMES = {
  log: "log",
  identity: "identity.json",
  running: "node.json",
  tokens: "tokens",
  peers: "peers.json",
  games: "games",
  tables: "tables",
  reducers: "reducers",
} as const;

/** What a log is of. States that were signed under one key mean nothing under another. */
export type NodeIdentity = {
  readonly address: Address;
  readonly chainId: bigint;
  readonly adjudicator: Address;
};

/** What commands on the same machine must know to ask a running node. */
export type RunningPlace = {
  readonly address: Address;
  /** Base URL of the API, without a slash at its end; undefined where the API is off. */
  readonly api: string | undefined;
  readonly processId: number;
};

/**
 * Makes the folder where it is missing, for its owner alone. Throws `NodeError`: `WrongChain` when it is of another
 * chain, `NotALog` when it is of another key or adjudicator, `DiskFailed`.
 */
export function openDataDirectory(directory: string, identity: NodeIdentity): void {
  onDisk("make", directory, () => mkdirSync(directory, { recursive: true, mode: 0o700 }));
  const found = readText(join(directory, DATA_NAMES.identity));
  if (found !== undefined && found !== identityText(identity)) {
    throw otherIdentity(directory, identity, found);
  }
}

/** Writes down whose the folder is, for ever. Called once the chain has not shown that it is another one. */
export function claimDataDirectory(directory: string, identity: NodeIdentity): void {
  const path = join(directory, DATA_NAMES.identity);
  if (readText(path) === undefined) replaceFile(path, identityText(identity));
}

function identityText({ address, adjudicator, chainId }: NodeIdentity): string {
  return `${JSON.stringify({ address, chainId: String(chainId), adjudicator })}\n`;
}

/** Tells commands on this machine where the node is. */
export function tellRunning(directory: string, place: RunningPlace): void {
  replaceFile(join(directory, DATA_NAMES.running), `${JSON.stringify(place)}\n`);
}

/** The node has ended. */
export function forgetRunning(directory: string): void {
  rmSync(join(directory, DATA_NAMES.running), { force: true });
}

/** Whom requests of earlier lives have added. Throws `NodeError` with `DiskFailed`. */
export function keptPeers(directory: string): readonly AddedPeer[] {
  const path = join(directory, DATA_NAMES.peers);
  return readAddedPeers(path, readText(path));
}

/** Keeps whom requests have added for later lives, before anybody is told so. Throws `NodeError`. */
export function keepPeers(directory: string, peers: readonly AddedPeer[]): void {
  replaceFile(join(directory, DATA_NAMES.peers), addedPeersText(peers));
}

function otherIdentity(directory: string, wanted: NodeIdentity, text: string): NodeError {
  const found = parsed(text);
  const data = { path: directory };
  if (found["chainId"] !== undefined && found["chainId"] !== String(wanted.chainId)) {
    const message = `${directory} is of a node on chain ${found["chainId"]}, and chain.id says ${wanted.chainId}; name another data directory, or correct chain.id`;
    return new NodeError("WrongChain", message, { data });
  }
  const [what, was, is] =
    found["address"] === wanted.address
      ? ["adjudicator", found["adjudicator"], wanted.adjudicator]
      : ["key", found["address"], wanted.address];
  const message = `${directory} is of a node whose ${what} is ${was}, and the one that is configured is ${is}; name another data directory, or configure the former`;
  return new NodeError("NotALog", message, { data });
}

function parsed(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? { ...value } : {};
  } catch {
    // Then it is of nobody that we know, and the caller says so.
    return {};
  }
}

function readText(path: string): string | undefined {
  return onDisk("read", path, () => {
    try {
      return readFileSync(path, "utf8");
    } catch (error) {
      if (errnoOf(error) === "ENOENT") return undefined;
      throw error;
    }
  });
}

/** Whoever reads the file sees the old text or the new one, after a power cut too. */
function replaceFile(path: string, text: string): void {
  onDisk("write", path, () => {
    const file = openSync(`${path}.new`, "w", OWNER_ONLY);
    try {
      writeFileSync(file, text);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(`${path}.new`, path);
  });
}
