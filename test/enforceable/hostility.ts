/** When hostile calls are made: at once, before each transaction of the honest one, and around the end of a window. */
import { promisesIn } from "../../sim/checkers/promises.ts";
import { createStage } from "../../sim/stage.ts";
import type { MinedBlock } from "../../sim/witness.ts";
import { CONCLUDED_STATE_HASH } from "../../src/channel/adjudication.ts";
import type { ChannelId } from "../../src/channel/channel-id.ts";
import type { NodeEvent } from "../../src/events/event.ts";
import { contractCallOf, type HostileCall, type Shown, shownBy } from "./hostile-calls.ts";
import type { Hostility, Scene } from "./play.ts";

/** When a call is made. */
export const MOMENTS = [
  /** Before the honest one has begun to claim anything. */
  "first",
  /** In the block of each of her transactions, before it. */
  "before hers",
  /** In the last block in which a challenge can be answered. */
  "at the end",
  /** In the first block in which it cannot be any more, before everything else. */
  "behind the end",
] as const;
export type AttackMoment = (typeof MOMENTS)[number];

/** One call at one moment. */
export type Attack = { readonly call: HostileCall; readonly moment: AttackMoment };

/** Times that one attack is made: again and again costs the attacker, and changes nothing after the second time. */
const TIMES_MAX = 2;

/** Seconds between blocks. */
const BLOCK_SEC = 12;

/** The attacks, each at its moment, in their order. */
export function hostilityOf(attacks: readonly Attack[]): Hostility {
  return (scene) => {
    const crowd = new HostileCrowd(scene, attacks);
    crowd.strike("first");
    return crowd;
  };
}

/** Everybody but the honest one. */
class HostileCrowd {
  readonly #scene: Scene;
  readonly #attacks: readonly Attack[];
  readonly #shown = new Map<ChannelId, Shown>();
  readonly #times = new Map<Attack, number>();
  #isOver = false;

  constructor(scene: Scene, attacks: readonly Attack[]) {
    this.#scene = scene;
    this.#attacks = attacks;
  }

  stop(): void {
    this.#isOver = true;
  }

  sawRecord(event: NodeEvent): void {
    if (event.type === "TransactionSubmitted") this.strike("before hers");
  }

  sawBlock({ logs }: MinedBlock): void {
    for (const log of logs) {
      if (log.type === "ChallengeRegistered") {
        this.#shown.set(log.channelId, shownBy(log.channelId, log.candidate.variablePart));
        this.#await(log.finalizesAtSec);
      } else if (log.type === "Concluded") this.#noteFinal(log.channelId);
    }
  }

  /** Makes every call of that moment, one behind the other. */
  strike(moment: AttackMoment): void {
    const attacks = this.#attacks.filter((one) => one.moment === moment);
    void this.#strikeAll(attacks);
  }

  async #strikeAll(attacks: readonly Attack[]): Promise<void> {
    const { world } = this.#scene;
    for (const attack of attacks) {
      const times = this.#times.get(attack) ?? 0;
      if (this.#isOver || times >= TIMES_MAX) continue;
      this.#times.set(attack, times + 1);
      const promises = promisesIn(this.#scene.events());
      const call = await contractCallOf({ world, promises, shown: this.#shown }, attack.call);
      if (call === undefined) continue;
      const label = `${attack.call.type} ${attack.moment}`;
      // A full pool, or a call that no block could hold: nothing was won.
      await createStage(world, {})
        .chain.asStranger(call, { isFirst: true, label })
        .catch(() => {});
    }
  }

  /** Half a block before the block that is meant. */
  #await(finalizesAtSec: number): void {
    const { timeline, options } = this.#scene.world;
    const blocks = Math.ceil((finalizesAtSec - options.chain.startSec) / BLOCK_SEC);
    const firstBehindSec = options.chain.startSec + blocks * BLOCK_SEC;
    const at = (sec: number, moment: AttackMoment): void => {
      const delayMs = (sec - BLOCK_SEC / 2) * 1_000 - timeline.nowMs;
      timeline.after(Math.max(0, delayMs), () => this.strike(moment));
    };
    at(firstBehindSec - BLOCK_SEC, "at the end");
    at(firstBehindSec, "behind the end");
  }

  #noteFinal(channelId: ChannelId): void {
    const channel = promisesIn(this.#scene.events()).get(channelId);
    const final = [...(channel?.states.values() ?? [])].find(
      ({ variablePart }) => variablePart.isFinal,
    );
    if (final === undefined) return;
    const { outcome } = final.variablePart;
    this.#shown.set(channelId, { outcome, stateHash: CONCLUDED_STATE_HASH });
  }
}
