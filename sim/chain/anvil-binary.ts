/** Where the Anvil program of this system lies. */
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { NodeError } from "../../src/primitives/node-error.ts";

/** Names of the architectures in the packages that carry the program. */
const ARCHITECTURES: Readonly<Record<string, string>> = { x64: "amd64", arm64: "arm64" };

/**
 * Path of the program itself. The launcher that the main package brings would start a second process
 * and take three times as long.
 *
 * Throws `NodeError` with `ChainMissing` when it is not installed.
 */
export function anvilBinary(
  system: string = process.platform,
  arch: string = process.arch,
): string {
  const platformPackage = `@foundry-rs/anvil-${system}-${ARCHITECTURES[arch] ?? arch}`;
  try {
    // Some installers hide a package from all but those that ask for it: the main package asks for it.
    const mainPackage = createRequire(import.meta.url).resolve("@foundry-rs/anvil/package.json");
    const path = createRequire(mainPackage).resolve(`${platformPackage}/bin/anvil`);
    if (existsSync(path)) return path;
  } catch (cause) {
    throw missing(platformPackage, cause);
  }
  throw missing(platformPackage);
}

function missing(platformPackage: string, cause?: unknown): NodeError {
  return new NodeError(
    "ChainMissing",
    `the chain "anvil" is not installed: ${platformPackage} is missing; run "bun install", or use another chain`,
    { data: { package: platformPackage }, cause },
  );
}
