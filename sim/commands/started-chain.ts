/** The chain of a command: started with a word to the user, and stopped when the program ends. */
import { type ChainTier, type SimulatedChain, startSimulatedChain } from "../simulated-chain.ts";
import type { Shell } from "./shell.ts";

/** The chain ends with the program, also when that ends while the chain is still starting. */
export async function startChain(tier: ChainTier, shell: Shell): Promise<SimulatedChain> {
  shell.progress(`starting the chain (${tier}) and deploying the contracts ...`);
  const starting = startSimulatedChain(tier);
  shell.onEnd(async () => (await starting).local.stop());
  return starting;
}

/** Throws once the chain dies. A run may never hear of it: a node that waits for nothing does not ask its chain. */
export function untilChainDies<Value>(
  { local }: SimulatedChain,
  run: Promise<Value>,
): Promise<Value> {
  if (local.died === undefined) return run;
  return Promise.race([run, local.died.then((error) => Promise.reject(error))]);
}
