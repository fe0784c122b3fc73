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

/** Call it at the top of a test file; inside a test the function that it gives has the chain. */
export function chainOfFile(tier: ChainTier): () => SimulatedChain {
  let chain: SimulatedChain | undefined;
  beforeAll(async () => {
    chain = await startSimulatedChain(tier);
  }, START_TIME_MAX_MS);
  afterAll(() => chain?.local.stop());
  return () => assertDefined(chain, "a chain, inside a test");
}
