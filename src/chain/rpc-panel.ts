/** The endpoints of one chain: one is followed, the others watch it. */

import type { Clock } from "../ports/clock.ts";
import type { EthereumRpc } from "../ports/ethereum-rpc.ts";
import type { Random } from "../ports/random.ts";
import { assert } from "../primitives/assert.ts";
import { mark, marked } from "../primitives/mark.ts";
import { NodeError } from "../primitives/node-error.ts";
import { type BlockHeader, readHeader } from "./block-header.ts";
import type { ChainProfile } from "./chain-profile.ts";
import { backOffMs, RPC_TIMEOUT_MS, withMoreTries, withTimeout } from "./rpc-patience.ts";

/** What the others say to something that one endpoint claims. */
export type Opinion =
  /** All that must answer do, and say the same. */
  | "Agreed"
  /** One has not answered, or does not know yet, and is still waited for. */
  | "Waiting"
  /** One says something else. */
  | "Denied";

/** What another endpoint says: the same, something else, or that it does not know (yet). */
export type Verdict = "Same" | "Other" | "Unknown";

type Member = {
  readonly rpc: EthereumRpc;
  readonly number: number;
  /** Looks in a row without an answer. */
  silentLooks: number;
  failures: number;
  /** When it failed last, and how long it is left alone from then on, in milliseconds. */
  failedAtMs: number;
  pauseMs: number;
};

type Options = {
  readonly rpcs: readonly EthereumRpc[];
  readonly clock: Clock;
  readonly random: Random;
  readonly pollMs: number;
  readonly profile: ChainProfile;
  /** An endpoint fell silent. Told once until it answers again. */
  readonly onFault: (fault: NodeError) => void;
};

/** All endpoints of a node, with what is known of their health. */
export class RpcPanel {
  readonly #options: Options;
  readonly #members: readonly Member[];
  #leader: Member;

  constructor(options: Options) {
    this.#options = options;
    this.#members = options.rpcs.map((rpc, number) => ({
      // All tries together have the time of one.
      rpc: withTimeout(withMoreTries(rpc), options.clock, RPC_TIMEOUT_MS),
      number,
      silentLooks: 0,
      failures: 0,
      failedAtMs: 0,
      pauseMs: 0,
    }));
    const [first] = this.#members;
    assert(first !== undefined, "a chain has an endpoint");
    this.#leader = first;
  }

  /** The endpoint that is followed now: the first one, as long as it answers. */
  get leader(): EthereumRpc {
    return this.#leader.rpc;
  }

  /** All of them, the one that is followed first. */
  get all(): readonly EthereumRpc[] {
    return [this.#leader, ...this.#others()].map(({ rpc }) => rpc);
  }

  /**
   * The newest block of the first endpoint. Where that has been silent for too long, of the next one that
   * answers. Throws `NodeError` when there is none.
   */
  async newestBlock(): Promise<BlockHeader> {
    let failure: unknown;
    for (const member of this.#members) {
      try {
        const head = await this.#ask(member, (rpc) => readHeader(rpc, "latest"));
        if (head !== undefined) {
          if (member.number > 0) mark("chain/another-endpoint-followed");
          this.#leader = member;
          return head;
        }
      } catch (error) {
        failure ??= error;
      }
      if (member.silentLooks < this.#options.profile.patienceLooks) break;
    }
    throw failure ?? new NodeError("RpcUnreachable", "no endpoint has a newest block");
  }

  /** Asks all others about something that the followed one claims. */
  async opinion(question: (rpc: EthereumRpc) => Promise<Verdict>): Promise<Opinion> {
    const { answersMin, patienceLooks } = this.#options.profile;
    let answers = 1;
    for (const member of this.#others()) {
      const verdict = await this.#verdict(member, question);
      if (verdict === "Other") return marked("chain/endpoint-denies", "Denied");
      if (verdict === "Same") answers++;
      else if (member.silentLooks < patienceLooks)
        return marked("chain/endpoint-waited-for", "Waiting");
    }
    return answers >= Math.min(answersMin, this.#members.length) ? "Agreed" : "Waiting";
  }

  #others(): readonly Member[] {
    return this.#members.filter((member) => member !== this.#leader);
  }

  async #verdict(
    member: Member,
    question: (rpc: EthereumRpc) => Promise<Verdict>,
  ): Promise<Verdict> {
    if (isLeftAlone(member, this.#options.clock.nowMs())) {
      member.silentLooks++;
      return "Unknown";
    }
    try {
      const verdict = await this.#ask(member, question);
      // One that lags behind for long is as good as silent.
      if (verdict === "Unknown") member.silentLooks++;
      else member.silentLooks = 0;
      return verdict;
    } catch (error) {
      if (error instanceof NodeError)
        return error.code === "ChainContradicted" ? "Other" : "Unknown";
      throw error;
    }
  }

  async #ask<Answer>(
    member: Member,
    question: (rpc: EthereumRpc) => Promise<Answer>,
  ): Promise<Answer> {
    const { clock, onFault, pollMs, random } = this.#options;
    try {
      const answer = await question(member.rpc);
      member.failures = 0;
      if (member === this.#leader) member.silentLooks = 0;
      return answer;
    } catch (error) {
      if (!(error instanceof NodeError) || error.code === "ChainContradicted") throw error;
      member.silentLooks++;
      member.failures++;
      member.pauseMs = backOffMs(pollMs, member.failures, random);
      member.failedAtMs = clock.nowMs();
      if (member.failures === 1 && member !== this.#leader) onFault(error);
      throw error;
    }
  }
}

/** Not by a clock that has stepped back since: it would leave the endpoint alone for as long as that step is. */
function isLeftAlone({ failedAtMs, pauseMs }: Member, nowMs: number): boolean {
  const sinceMs = nowMs - failedAtMs;
  return sinceMs >= 0 && sinceMs < pauseMs;
}
