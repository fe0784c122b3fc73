/** The example apps of the published package, which ships them as sources only: compiled when tests ask. */
import { dirname, join } from "node:path";
import { COMPILER } from "../contracts/artifact.ts";
import type { Hex } from "../src/primitives/hex.ts";

/** The apps, by their file in the package. */
const SOURCES = {
  TrivialApp: "@statechannels/nitro-protocol/contracts/TrivialApp.sol",
  CountingApp: "@statechannels/nitro-protocol/contracts/CountingApp.sol",
  SingleAssetPayments: "@statechannels/nitro-protocol/contracts/examples/SingleAssetPayments.sol",
  HashLockedSwap: "@statechannels/nitro-protocol/contracts/examples/HashLockedSwap.sol",
} as const;

/** One of the example apps. */
export type PublishedApp = keyof typeof SOURCES;

type CompilerOutput = {
  readonly contracts: Readonly<
    Record<
      string,
      Readonly<
        Record<string, { readonly evm: { readonly deployedBytecode: { readonly object: string } } }>
      >
    >
  >;
};

/** The code of each app, as it is on a chain. Not optimised, which halves the time to compile; about two seconds. */
export async function compilePublishedApps(): Promise<Readonly<Record<PublishedApp, Hex>>> {
  const solc = await import("solc");
  const sources: Record<string, { readonly content: string }> = {};
  for (const path of Object.values(SOURCES)) await readWithImports(path, sources);
  const outputSelection = { "*": { "*": ["evm.deployedBytecode.object"] } };
  const input = {
    language: "Solidity",
    sources,
    settings: { evmVersion: COMPILER.evmVersion, outputSelection },
  };
  const { contracts } = JSON.parse(solc.compile(JSON.stringify(input))) as CompilerOutput;
  const codes = Object.entries(SOURCES).map(([name, path]) => {
    const code = contracts[path]?.[name]?.evm.deployedBytecode.object;
    if (code === undefined) throw new Error(`${path} does not compile`);
    return [name, `0x${code}`] as const;
  });
  return Object.fromEntries(codes) as Record<PublishedApp, Hex>;
}

async function readWithImports(
  path: string,
  sources: Record<string, { readonly content: string }>,
): Promise<void> {
  if (sources[path] !== undefined) return;
  const file = join(import.meta.dir, "../node_modules", path);
  const content = await Bun.file(file).text();
  sources[path] = { content };
  for (const [, imported = ""] of content.matchAll(/^import\s[^'"]*['"]([^'"]+)['"];/gm)) {
    const target = imported.startsWith(".") ? join(dirname(path), imported) : imported;
    await readWithImports(target, sources);
  }
}
