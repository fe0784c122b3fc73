/** Oracle: no coin appears or vanishes. What wallets lose, gas or the adjudicator has. */

import { ETH } from "../assets.ts";
import type { Balances } from "../balances.ts";
import { balanceOf } from "../balances.ts";
import type { Violation, World } from "../world.ts";

/** Per asset: what the wallets lost is what the adjudicator's own account holds, and the gas that was paid. */
export async function checkConservation(
  world: World,
  balances: readonly Balances[],
): Promise<Violation[]> {
  const { chain } = world.options;
  const violations: Violation[] = [];
  for (const asset of [ETH, chain.token]) {
    const lost = balances.reduce(
      (sum, { after, before }) => sum + (before[asset.symbol] ?? 0n) - (after[asset.symbol] ?? 0n),
      0n,
    );
    const held = await balanceOf(chain, chain.deployment.adjudicator, asset);
    const fees = world.miner.receipts.reduce((sum, { feeWei }) => sum + feeWei, 0n);
    const explained = held + (asset === ETH ? fees : 0n);
    if (lost === explained) continue;
    const message = `the wallets lost ${lost} ${asset.unit} of ${asset.symbol}; channels and gas explain ${explained}`;
    violations.push({ oracle: "conservation", message });
  }
  return violations;
}
