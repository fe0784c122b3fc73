/** The secret that signs tokens, in the data directory of a node, for its owner alone. */
import { randomBytes } from "node:crypto";
import { mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { errnoOf, onDisk } from "../../adapters/disk-error.ts";
import { fromHex, type Hex } from "../../primitives/hex.ts";
import { NodeError } from "../../primitives/node-error.ts";
import { accept, type Result, reject } from "../../primitives/result.ts";
import { readSecretFile, type SecretFileFault, writeSecretFile } from "../keystore/secret-file.ts";
import { SECRET_BYTES } from "./access-token.ts";

/** Why there is no secret: the file is not its owner's alone, or is not ours. */
export type ApiSecretFault =
  | SecretFileFault
  | { readonly code: "NotASecret"; readonly path: string; readonly advice: string };

/** Digits, and the end of the line. */
const FILE_BYTES_MAX = 2 * SECRET_BYTES + 2;

/**
 * Reads the secret, and makes one where there is none yet: whoever is first, the node or a command, makes it for
 * both. Throws `NodeError` with `DiskFailed` or `DiskFull`.
 */
export function openApiSecret(path: string): Result<Uint8Array, ApiSecretFault> {
  const found = readIfThere(path);
  if (found !== undefined) return found.ok ? secretIn(found.value, path) : found;
  onDisk("make", dirname(path), () => mkdirSync(dirname(path), { recursive: true, mode: 0o700 }));
  const written = writeSecretFile(path, `${randomBytes(SECRET_BYTES).toString("hex")}\n`);
  if (!written.ok && written.reason.code !== "Exists") return written;
  // Somebody may have been faster: what is in the file counts.
  const text = readSecretFile(path, FILE_BYTES_MAX);
  return text.ok ? secretIn(text.value, path) : text;
}

function readIfThere(path: string): Result<string, SecretFileFault> | undefined {
  try {
    return readSecretFile(path, FILE_BYTES_MAX);
  } catch (error) {
    const cause = error instanceof NodeError ? error.cause : error;
    if (errnoOf(cause) === "ENOENT") return undefined;
    throw error;
  }
}

function secretIn(text: string, path: string): Result<Uint8Array, ApiSecretFault> {
  const digits = text.trim();
  if (digits.length === 2 * SECRET_BYTES && /^[0-9a-f]+$/.test(digits)) {
    return accept(fromHex(`0x${digits}` as Hex));
  }
  const advice = "move it away; the node makes a new one, and tokens have to be made anew";
  return reject({ code: "NotASecret", path, advice });
}
