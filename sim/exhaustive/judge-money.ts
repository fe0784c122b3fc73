/** Whether everybody has got what the chain owes her by her own log, and is no poorer than by what she signed away. */
import type { NodeEvent } from "../../src/events/event.ts";
import { assertDefined } from "../../src/primitives/assert.ts";
import type { ActorName } from "../actors.ts";
import { type Asset, ETH } from "../assets.ts";
import { depositsBy, OnChainDeposits } from "../checkers/deposits.ts";
import { dueOf, lossMax } from "../checkers/due.ts";
import { promisesIn } from "../checkers/promises.ts";
import { walletOf } from "../wallets.ts";
import type { World } from "../world.ts";

/** What somebody owned before the story, by asset. */
type Purse = ReadonlyMap<Asset, bigint>;

/** Looks on while a story is told, and says at the end who has lost. */
export class Money {
  readonly #world: World;
  readonly #before = new Map<ActorName, Purse>();
  readonly #deposits = new OnChainDeposits();

  constructor(world: World) {
    this.#world = world;
    world.witnesses.push({
      sawRecord: () => {},
      sawBlock: async (block) => {
        this.#deposits.read(block);
      },
      sawReorg: async () => {},
    });
  }

  /** Counts what everybody owns. The world runs, and nobody has spent anything. */
  async count(): Promise<void> {
    for (const name of this.#world.nodes.keys()) this.#before.set(name, await this.#purseOf(name));
  }

  /** What somebody has lost. `events` are all that her log has ever held; `isWhole` that it holds them still. */
  async problemsOf(
    name: ActorName,
    events: readonly NodeEvent[],
    isWhole: boolean,
  ): Promise<readonly string[]> {
    const promises = promisesIn(events);
    const { least, most } = dueOf(promises, this.#deposits.amounts);
    const own = depositsBy(events);
    const problems: string[] = [];
    for (const [asset, after] of await this.#purseOf(name)) {
      const { address, symbol } = asset;
      const before = assertDefined(this.#before.get(name)?.get(asset), "hers before");
      const gained = after - before;
      const payout = gained + (own.get(address) ?? 0n);
      const loss = lossMax(promises, address);
      if (gained < -loss) problems.push(`${name} is poorer by ${-gained} ${symbol}, not ${loss}`);
      if (!isWhole) continue;
      const [low, high] = [least.get(address) ?? 0n, most.get(address) ?? 0n];
      if (payout < low) problems.push(`${name} was paid ${payout} ${symbol} of ${low}`);
      if (payout > high) problems.push(`${name} was paid ${payout} ${symbol}, more than ${high}`);
    }
    return problems;
  }

  async #purseOf(name: ActorName): Promise<Purse> {
    const { token } = this.#world.options.chain;
    const purse = new Map<Asset, bigint>();
    for (const asset of [ETH, token]) purse.set(asset, await walletOf(this.#world, name, asset));
    return purse;
  }
}
