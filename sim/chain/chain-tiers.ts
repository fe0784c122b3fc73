/** Every way to a local chain, for the tests that all of them must pass. */
import { connectEthereumHttp } from "../../src/adapters/ethereum-http.ts";
import { assertDefined } from "../../src/primitives/assert.ts";
import { startAnvil } from "./anvil.ts";
import { startEvm } from "./evm.ts";
import type { LocalChain, LocalChainOptions } from "./local-chain.ts";
import { startModel } from "./model.ts";

/** A chain, and the road that calls take to it. */
export type ChainRoad = {
  readonly name: string;
  readonly start: (options: LocalChainOptions) => Promise<LocalChain>;
};

/** Longest that one call over HTTP may take in a test, in milliseconds: a machine may be under heavy load. */
const HTTP_TIMEOUT_MS = 10_000;

/** The in-process EVM, Anvil by both of its doors, and the model. */
export const CHAIN_ROADS: readonly ChainRoad[] = [
  { name: "evm", start: startEvm },
  { name: "anvil over a socket", start: startAnvil },
  { name: "anvil over HTTP", start: startAnvilOverHttp },
  { name: "model", start: startModel },
];

async function startAnvilOverHttp(options: LocalChainOptions): Promise<LocalChain> {
  const chain = await startAnvil({ ...options, tellUrl: true });
  const url = assertDefined(chain.url, "the address of an Anvil that was asked to tell it");
  return { ...chain, rpc: connectEthereumHttp(url, { timeoutMs: HTTP_TIMEOUT_MS }) };
}
