/** A chain for as long as it is measured. */
import {
  type ChainTier,
  type SimulatedChain,
  startSimulatedChain,
} from "../sim/simulated-chain.ts";

/** Starts one, and stops it whatever `run` comes to. */
export async function onChain<Value>(
  tier: ChainTier,
  run: (chain: SimulatedChain) => Promise<Value>,
): Promise<Value> {
  const chain = await startSimulatedChain(tier);
  try {
    return await run(chain);
  } finally {
    await chain.local.stop();
  }
}
