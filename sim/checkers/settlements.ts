/** Which outcomes the chain has made final: what stands on it in a challenge that nobody can answer any more. */
import type { ChannelId } from "../../src/channel/channel-id.ts";
import type { VariablePart } from "../../src/channel/state.ts";
import type { MinedBlock, TakenBack } from "../witness.ts";

/** A challenge, or its end. */
type Fact = {
  readonly block: number;
  readonly channelId: ChannelId;
  /** When the block was made. */
  readonly atSec: number;
  readonly end: Challenged | "Answered" | "Concluded";
};

type Challenged = { readonly shown: Shown; readonly finalizesAtSec: number };

/** What was challenged with; or that all had signed it as the end, since the chain does not tell which end that was. */
export type Shown = VariablePart | "AgreedEnd";

/** An outcome that is final now. */
export type Settled = {
  readonly channelId: ChannelId;
  readonly shown: Shown;
  /** When it was put on the chain: from then on it could be answered. */
  readonly sinceSec: number;
};

/**
 * Reads challenges from blocks. What has become final stays so, whatever is challenged in the same channel later:
 * a payout clears its place for that, and what comes then is another story.
 */
export class Settlements {
  #facts: Fact[] = [];
  readonly #open = new Map<ChannelId, Settled & Challenged>();
  readonly #settled = new Set<ChannelId>();

  /** Reads a block that was made at `atSec`. */
  read({ logs, number }: Pick<MinedBlock, "logs" | "number">, atSec: number): void {
    for (const log of logs) {
      const about = { block: number, channelId: log.channelId, atSec };
      if (log.type === "ChallengeRegistered") {
        const { candidate, finalizesAtSec } = log;
        this.#take({ ...about, end: { shown: candidate.variablePart, finalizesAtSec } });
      } else if (log.type === "ChallengeCleared") this.#take({ ...about, end: "Answered" });
      else if (log.type === "Concluded") this.#take({ ...about, end: "Concluded" });
    }
  }

  /** What has become final by time since it was last asked, now that the newest block is of this time. */
  newAt(newestSec: number): readonly Settled[] {
    if (this.#open.size === 0) return [];
    const found = [...this.#open.values()].filter((one) => one.finalizesAtSec <= newestSec);
    for (const { channelId } of found) {
      this.#settled.add(channelId);
      this.#open.delete(channelId);
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
    const { atSec, channelId, end } = fact;
    this.#facts.push(fact);
    // What a reorg has left is read again at once: a challenge that was final before this one stays so.
    const isFinal = (this.#open.get(channelId)?.finalizesAtSec ?? Number.MAX_SAFE_INTEGER) <= atSec;
    if (this.#settled.has(channelId) || isFinal) return;
    if (end === "Answered") this.#open.delete(channelId);
    else {
      const ended =
        end === "Concluded" ? ({ shown: "AgreedEnd", finalizesAtSec: atSec } as const) : end;
      this.#open.set(channelId, { channelId, sinceSec: atSec, ...ended });
    }
  }
}
