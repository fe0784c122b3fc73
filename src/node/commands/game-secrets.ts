/** Hidden choices of rock, paper, scissors, kept in files for their owner alone, from before they are committed to. */
import { randomBytes } from "node:crypto";
import { closeSync, fsyncSync, mkdirSync, openSync } from "node:fs";
import { join } from "node:path";
import {
  commitmentOf,
  ROCK_PAPER_SCISSORS_CHOICES,
  type RockPaperScissorsChoice,
} from "../../../contracts/rock-paper-scissors.ts";
import { errnoOf, onDisk } from "../../adapters/disk-error.ts";
import type { ChannelId } from "../../channel/channel-id.ts";
import { concatBytes } from "../../primitives/bytes.ts";
import { fromHex, type Hex, toHex } from "../../primitives/hex.ts";
import { NodeError } from "../../primitives/node-error.ts";
import { DATA_NAMES } from "../daemon/data-directory.ts";
import { readSecretFile, writeSecretFile } from "../keystore/secret-file.ts";
import { wrongUsage } from "./command-shell.ts";

/** Bytes beside the choice: nobody finds the choice by trying all of them. */
const SALT_BYTES = 32;

/** The choice, the salt, and the end of the line, in hex. */
const FILE_BYTES_MAX = 2 * (1 + SALT_BYTES) + 3;

/** Whose choice it is: a commitment holds for one player of one channel. */
export type Hider = { readonly channelId: string; readonly player: number };

/**
 * Draws a salt, keeps it with the choice in the data directory of a node, and gives the commitment once a power cut
 * cannot take that file any more. Each commitment has a file of its own, which is never removed nor written over.
 */
export function hideChoice(directory: string, hider: Hider, choice: RockPaperScissorsChoice): Hex {
  const number = ROCK_PAPER_SCISSORS_CHOICES.indexOf(choice);
  const opening = concatBytes(Uint8Array.of(number), randomBytes(SALT_BYTES));
  const commitment = commitmentIn(hider, opening);
  const folder = folderOf(directory, hider);
  onDisk("make", folder, () => mkdirSync(folder, { recursive: true, mode: 0o700 }));
  const written = writeSecretFile(join(folder, commitment), `${toHex(opening)}\n`);
  if (!written.ok) throw wrongUsage(`${written.reason.path}: ${written.reason.advice}`);
  for (const one of [folder, join(directory, DATA_NAMES.games), directory]) syncFolder(one);
  return commitment;
}

/** What opens a commitment. Throws one clear line where the file is not there, or is not its. */
export function openChoice(directory: string, hider: Hider, commitment: string): Hex {
  const path = join(
    folderOf(directory, hider),
    /^0x[0-9a-f]{64}$/.test(commitment) ? commitment : "",
  );
  const text = readKept(path);
  const opening = /^0x[0-9a-f]{66}$/.test(text) ? (text as Hex) : undefined;
  if (opening === undefined || commitmentIn(hider, fromHex(opening)) !== commitment) {
    throw wrongUsage(`${path} does not open the commitment: put the right file back in its place`);
  }
  return opening;
}

function readKept(path: string): string {
  try {
    const read = readSecretFile(path, FILE_BYTES_MAX);
    if (read.ok) return read.value.trim();
    throw wrongUsage(`${path} is not taken (${read.reason.code}): ${read.reason.advice}`);
  } catch (error) {
    if (!(error instanceof NodeError) || errnoOf(error.cause) !== "ENOENT") throw error;
    throw wrongUsage(
      `the hidden choice is not in ${path}: reveal it where it was made, with the same --data; who has lost it loses the round`,
    );
  }
}

const commitmentIn = ({ channelId, player }: Hider, opening: Uint8Array): Hex =>
  toHex(commitmentOf(channelId as ChannelId, player, opening));

/** A node that is asked over the network may answer anything: its words choose no other folder. */
function folderOf(directory: string, { channelId }: Hider): string {
  if (/^0x[0-9a-f]{64}$/.test(channelId)) return join(directory, DATA_NAMES.games, channelId);
  throw wrongUsage("the node tells of a channel whose id is none");
}

/** A file is safe once the folder that names it is. Windows has no such call. */
function syncFolder(path: string): void {
  if (process.platform === "win32") return;
  onDisk("write", path, () => {
    const folder = openSync(path, "r");
    try {
      fsyncSync(folder);
    } finally {
      closeSync(folder);
    }
  });
}
