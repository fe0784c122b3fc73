/** Which outcomes the chain has made final: what stands on it in a challenge that nobody can answer any more. */
import type { ChannelId } from "../../src/channel/channel-id.ts";
import type { VariablePart } from "../../src/channel/state.ts";
import type { MinedBlock, TakenBack } from "../witness.ts";

/** A challenge, or its end. */
type Fact = {
  readonly block: number;
  readonly channelId: ChannelId;
  /** Undefined once it was answered. */
  readonly shown: VariablePart | undefined;
  readonly finalizesAtSec: number;
};

/**
 * Reads challenges from blocks. What has become final stays so, whatever is challenged in the same channel later:
 * a payout clears its place for that, and what comes then is another story.
 */
export class Settlements {
  #facts: Fact[] = [];
  readonly #open = new Map<ChannelId, Fact>();
  readonly #settled = new Set<ChannelId>();

  read({ logs, number }: Pick<MinedBlock, "logs" | "number">): void {
    for (const log of logs) {
      const { channelId } = log;
      const about = { block: number, channelId };
      if (log.type === "ChallengeRegistered") {
        const { candidate, finalizesAtSec } = log;
        this.#take({ ...about, shown: candidate.variablePart, finalizesAtSec });
      } else if (log.type === "ChallengeCleared" || log.type === "Concluded") {
        this.#take({ ...about, shown: undefined, finalizesAtSec: 0 });
      }
    }
  }

  /** What has become final since it was last asked, now that the newest block is of this time. */
  newAt(newestSec: number): readonly (readonly [ChannelId, VariablePart])[] {
    if (this.#open.size === 0) return [];
    const found: (readonly [ChannelId, VariablePart])[] = [];
    for (const [channelId, { finalizesAtSec, shown }] of this.#open) {
      if (shown === undefined || finalizesAtSec > newestSec) continue;
      this.#settled.add(channelId);
      this.#open.delete(channelId);
      found.push([channelId, shown]);
    }
    return found;
  }

  /** Forgets what stood in blocks that are gone. Gives the channels that may not be settled any more. */
  takeBack({ fork }: Pick<TakenBack, "fork">): ReadonlySet<ChannelId> {
    const doubted = new Set(this.#settled);
    const kept = this.#facts.filter(({ block }) => block <= fork);
    this.#facts = [];
    this.#settled.clear();
    this.#open.clear();
    for (const fact of kept) this.#take(fact);
    return doubted;
  }

  #take(fact: Fact): void {
    this.#facts.push(fact);
    if (this.#settled.has(fact.channelId)) return;
    if (fact.shown === undefined) this.#open.delete(fact.channelId);
    else this.#open.set(fact.channelId, fact);
  }
}
