/** The chain that all tests of one file share: started before the first, ended after the last. */
import { afterAll, beforeAll } from "bun:test";
import {
  type ChainTier,
  type SimulatedChain,
  startSimulatedChain,
} from "../sim/simulated-chain.ts";
import { assertDefined } from "../src/primitives/assert.ts";

/** Milliseconds in which a chain starts and has its contracts, on a machine that is under load. */
const START_TIME_MAX_MS = 60_000;

/**
 * The chain of tests that are about channels and not about the chain: our model of the contracts, which takes half
 * the time. `CHANNELS_CHAIN=evm bun test test/crash test/adversarial test/watchtower` has the contracts themselves.
 */
const TIER_OF_CHANNELS = (process.env["CHANNELS_CHAIN"] ?? "model") as ChainTier;

/** Call it at the top of a test file; inside a test the function that it gives has the chain. */
export function chainOfFile(tier: ChainTier = TIER_OF_CHANNELS): () => SimulatedChain {
  let chain: SimulatedChain | undefined;
  beforeAll(async () => {
    chain = await startSimulatedChain(tier);
  }, START_TIME_MAX_MS);
  afterAll(() => chain?.local.stop());
  return () => assertDefined(chain, "a chain, inside a test");
}
