/** Chains that a process keeps: each run goes back to where a chain begins, so that one is enough. */
import { type ChainTier, type SimulatedChain, startSimulatedChain } from "../simulated-chain.ts";

const kept = new Map<ChainTier, Promise<SimulatedChain>>();

/** The chain of a tier, started when it is first asked for. One run at a time may use it. */
export function keptChain(tier: ChainTier): Promise<SimulatedChain> {
  const known = kept.get(tier);
  if (known !== undefined) return known;
  const started = startSimulatedChain(tier);
  kept.set(tier, started);
  // What failed to start is started anew by whoever asks next.
  started.catch(() => kept.delete(tier));
  return started;
}
