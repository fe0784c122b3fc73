/** What the build compiles: each contract with all that it imports, and the one word that it changes. */
import { dirname, join } from "node:path";
import { assert } from "../src/primitives/assert.ts";
import { ADJUDICATOR_COMPILER, COMPILER, type CompilerSettings } from "./artifact.ts";

/** A contract to compile. */
export type ContractSource = {
  /** Its file, from this folder, or in a package. The contract has the name of the file. */
  readonly path: string;
  readonly compiler: CompilerSettings;
  readonly change: SourceChange | undefined;
};

/** Text of one file that is compiled as another text. */
export type SourceChange = {
  readonly path: string;
  /** Occurs once in the file, or the build fails. */
  readonly published: string;
  readonly compiled: string;
};

/** Texts by their paths, in the order in which the imports name them; the contract itself is the first. */
export type SourceTexts = ReadonlyMap<string, string>;

/**
 * What the hardened adjudicator has instead of the published one's payout, which ignores what the token
 * answers. `safeTransfer` is at hand there: the published deposit uses the same library.
 */
export const CHECKED_PAYOUT: SourceChange = {
  path: "@statechannels/nitro-protocol/contracts/MultiAssetHolder.sol",
  published: "IERC20(asset).transfer(destination, amount);",
  compiled: "IERC20(asset).safeTransfer(destination, amount);",
};

/** The published adjudicator, which the build compiles to see that its own compiler makes the same code. */
export const PUBLISHED_ADJUDICATOR: ContractSource = {
  path: "@statechannels/nitro-protocol/contracts/NitroAdjudicator.sol",
  compiler: ADJUDICATOR_COMPILER,
  change: undefined,
};

const plain = (path: string): ContractSource => ({ path, compiler: COMPILER, change: undefined });

/** Contracts to compile. */
export const CONTRACTS: readonly ContractSource[] = [
  plain("AgreedLog.sol"),
  plain("PaymentApp.sol"),
  plain("RockPaperScissors.sol"),
  plain("Tactics.sol"),
  plain("TestToken.sol"),
  plain("TokenProbe.sol"),
  plain("test-tokens/BlocklistToken.sol"),
  plain("test-tokens/FalsePayoutToken.sol"),
  plain("test-tokens/FalseToken.sol"),
  plain("test-tokens/FeeToken.sol"),
  plain("test-tokens/HiddenToken.sol"),
  plain("test-tokens/HookRegistry.sol"),
  plain("test-tokens/HookThief.sol"),
  plain("test-tokens/HookedToken.sol"),
  plain("test-tokens/InterestToken.sol"),
  plain("test-tokens/LateInterestToken.sol"),
  plain("test-tokens/NewcomerRefusingToken.sol"),
  plain("test-tokens/NoDecimalsToken.sol"),
  plain("test-tokens/NoReturnToken.sol"),
  plain("test-tokens/PackedListToken.sol"),
  plain("test-tokens/PlainToken.sol"),
  plain("test-tokens/RebaseToken.sol"),
  plain("test-tokens/TokenProxy.sol"),
  plain("test-tokens/ZeroRefusingToken.sol"),
  { path: "HardenedAdjudicator.sol", compiler: ADJUDICATOR_COMPILER, change: CHECKED_PAYOUT },
];

/** The text of a contract and of all that it imports, with its change. Throws where the change has no place. */
export async function readSources({ change, path }: ContractSource): Promise<SourceTexts> {
  const texts = new Map<string, string>();
  await readWithImports(path, texts);
  if (change === undefined) return texts;
  const text = texts.get(change.path) ?? "";
  assert(text.split(change.published).length === 2, "the changed text occurs once");
  return texts.set(change.path, text.replace(change.published, change.compiled));
}

async function readWithImports(path: string, texts: Map<string, string>): Promise<void> {
  if (texts.has(path)) return;
  const folder = path.startsWith("@") ? join(import.meta.dir, "../node_modules") : import.meta.dir;
  const text = await Bun.file(join(folder, path)).text();
  texts.set(path, text);
  for (const [, imported = ""] of text.matchAll(/^import\s[^'"]*['"]([^'"]+)['"];/gm)) {
    await readWithImports(
      imported.startsWith(".") ? join(dirname(path), imported) : imported,
      texts,
    );
  }
}
