/**
 * Says whether a token can be money in channels, by trying it: deposits and payouts by the adjudicator's own code,
 * in calls that no block ever holds. Nothing is sent, and nobody's money is touched.
 */
import adjudicatorArtifact from "@statechannels/nitro-protocol/dist/artifacts/contracts/NitroAdjudicator.sol/NitroAdjudicator.json" with {
  type: "json",
};
import { encodeFunctionData, keccak256, numberToHex, parseAbi, stringToHex } from "viem";
import { HARDENED_ADJUDICATOR } from "../../contracts/hardened-adjudicator.ts";
import type { Address } from "../crypto/address.ts";
import type { EthereumRpc } from "../ports/ethereum-rpc.ts";
import { type Hex, hexSizeBytes, isHex } from "../primitives/hex.ts";
import { accept, type Result, reject } from "../primitives/result.ts";
import type { AdjudicatorKind } from "./deployment-plan.ts";
import { balanceOfCall } from "./erc20.ts";
import { rebasesOf, refusableOf } from "./token-check-levers.ts";
import {
  askWord,
  type Overrides,
  type ProbedChain,
  probe,
  withAccount,
} from "./token-check-probe.ts";
import {
  type Cast,
  channelSteps,
  directSteps,
  TRIAL_ADJUDICATOR,
  TRIAL_HOLDER,
} from "./token-check-story.ts";
import { type TokenCheck, type TokenFacts, verdictsOf } from "./token-check-verdicts.ts";
import {
  type BalanceWord,
  findBalanceWord,
  readWord,
  TRIAL_AMOUNT,
  withWords,
} from "./token-check-words.ts";

/** How to try a token. */
export type TokenCheckOptions = {
  /** Whose payouts are tried; the published adjudicator's when not given. */
  readonly adjudicator?: AdjudicatorKind;
  /** An account that owns some of the token, for tokens whose balances cannot be found. It is asked nothing. */
  readonly holder?: Address;
};

/** What was found out about a token. */
export type TokenReport = {
  readonly token: Address;
  readonly chainId: bigint;
  /** The block at which the token was tried. */
  readonly blockNumber: number;
  readonly adjudicator: AdjudicatorKind;
  /** True when nothing failed. Warnings do not count. */
  readonly passed: boolean;
  readonly checks: readonly TokenCheck[];
};

/** `NoTokensToTry`: no balance could be found or made. Name a holder that owns at least three units. */
export type TokenCheckRejection = { readonly code: "NoTokensToTry" };

/**
 * Tries a token at the chain's newest block. Passes on what the endpoint refuses; `RpcRefused` when it does not
 * know state overrides.
 */
export async function checkToken(
  rpc: EthereumRpc,
  token: Address,
  options: TokenCheckOptions = {},
): Promise<Result<TokenReport, TokenCheckRejection>> {
  const { adjudicator = "published", holder = TRIAL_HOLDER } = options;
  const chainId = BigInt((await rpc.request("eth_chainId", [])) as Hex);
  const block = (await rpc.request("eth_blockNumber", [])) as Hex;
  const chain = { rpc, block };
  const about = { token, chainId, blockNumber: Number(block), adjudicator };
  const code = await rpc.request("eth_getCode", [token, block]);
  if (!isHex(code) || code === "0x") return accept({ ...about, passed: false, checks: [noCode] });

  // Without overrides everything after this would be a mistake.
  await probe(chain, holder, {}, {});
  const cast: Cast = { token, adjudicator: TRIAL_ADJUDICATOR, holder };
  const purse = await fill(chain, cast);
  if (purse === undefined) return reject({ code: "NoTokensToTry" });
  const facts = await tryOut(chain, cast, purse, adjudicator);
  const checks = verdictsOf({ ...facts, codeBytes: hexSizeBytes(code) });
  return accept({ ...about, passed: checks.every(({ outcome }) => outcome !== "failed"), checks });
}

const noCode: TokenCheck = {
  code: "Code",
  outcome: "failed",
  found: "there is no code at this address",
  follows: "it is no token: correct the address, or the chain",
};

/** What the holder owns in every trial, and the world in which that is so. */
type Purse = {
  readonly owned: bigint;
  readonly overrides: Overrides;
  /** Undefined where the holder owns it on the chain, and no word of it was found. */
  readonly word: BalanceWord | undefined;
};

/** A deposit is a third of it. */
const OWNED_MIN = 3n;

async function fill(chain: ProbedChain, { holder, token }: Cast): Promise<Purse | undefined> {
  const call = balanceOfCall(token, holder);
  const word = await findBalanceWord(chain, token, holder);
  const overrides = word === undefined ? {} : withWords({}, [word], TRIAL_AMOUNT);
  const owned = await askWord(chain, call, overrides);
  return owned === undefined || owned < OWNED_MIN ? undefined : { owned, overrides, word };
}

const CODES: Readonly<Record<AdjudicatorKind, Hex>> = {
  published: adjudicatorArtifact.deployedBytecode as Hex,
  hardened: HARDENED_ADJUDICATOR.deployedBytecode,
};

async function tryOut(
  chain: ProbedChain,
  cast: Cast,
  { overrides, owned, word }: Purse,
  adjudicator: AdjudicatorKind,
): Promise<Omit<TokenFacts, "codeBytes">> {
  const { holder, token } = cast;
  const world = withAccount(overrides, cast.adjudicator, { code: CODES[adjudicator] });
  const trial = { chain, token, holder, owned, word };
  return {
    adjudicator,
    owned,
    decimals: await askWord(chain, decimalsCall(token)),
    implementation: await implementationOf(chain, token),
    direct: await probe(chain, holder, overrides, directSteps(cast, owned)),
    channel: await probe(chain, holder, world, channelSteps(cast, owned)),
    rebases: word && (await rebasesOf({ ...trial, word })),
    refusable: word && (await refusableOf({ ...trial, word })),
  };
}

const ABI = parseAbi(["function decimals() view returns (uint8)"]);

const decimalsCall = (token: Address) => ({
  to: token,
  data: encodeFunctionData({ abi: ABI, functionName: "decimals" }),
  valueWei: 0n,
});

const slotNamed = (name: string, minus: bigint): Hex =>
  numberToHex(BigInt(keccak256(stringToHex(name))) - minus, { size: 32 });

/** Where proxies keep the address of their code, or of the beacon that knows it. */
const IMPLEMENTATION_SLOTS: readonly Hex[] = [
  // Source: ERC-1967.
  slotNamed("eip1967.proxy.implementation", 1n),
  slotNamed("eip1967.proxy.beacon", 1n),
  // Source: ERC-1822.
  slotNamed("PROXIABLE", 0n),
  // The proxies of the main chain's USDC and of its time. Source: ZeppelinOS 2.
  slotNamed("org.zeppelinos.proxy.implementation", 0n),
];

async function implementationOf(chain: ProbedChain, token: Address): Promise<Address | undefined> {
  for (const slot of IMPLEMENTATION_SLOTS) {
    const value = await readWord(chain, { at: token, slot });
    if (value !== 0n) return numberToHex(value & (2n ** 160n - 1n), { size: 20 }) as Address;
  }
  return undefined;
}
