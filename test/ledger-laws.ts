/** The laws of ledger and virtual channels, held against every event of every node. */
import { type Channel, ledgerOf, supportedState } from "../src/channel/channel.ts";
import type { ChannelId } from "../src/channel/channel-id.ts";
import { LEADER } from "../src/channel/ledger.ts";
import { GUARANTEES_MAX } from "../src/channel/ledger-limits.ts";
import {
  freeBalance,
  guaranteeCount,
  guaranteesFor,
  includesGuarantee,
} from "../src/channel/ledger-outcome.ts";
import { targetOf } from "../src/channel/objective-id.ts";
import { type Outcome, totalOf } from "../src/channel/outcome.ts";
import { stateHash, TURN } from "../src/channel/state.ts";
import type { Address } from "../src/crypto/address.ts";
import { evolveNode } from "../src/engine/evolve-node.ts";
import { createNodeState, type NodeState } from "../src/engine/node-state.ts";
import type { NodeEvent } from "../src/events/event.ts";
import { assertDefined } from "../src/primitives/assert.ts";
import { law } from "./broken-law.ts";
import { PaymentLaws } from "./payment-laws.ts";
import type { PureNetwork } from "./pure-network.ts";

type Shadow = {
  at: number;
  readonly state: NodeState;
  /** Per channel, the newest turn that the node signed, and whether that was final. */
  readonly signed: Map<ChannelId, { readonly turnNum: number; readonly isFinal: boolean }>;
  /** Channels whose guarantee the node has signed away without a final state of theirs. */
  readonly undone: Set<ChannelId>;
};

/** Follows the logs of a network, and throws at the first event that breaks a law. */
export class LedgerLaws {
  readonly #shadows: Shadow[] = [];
  /** What the first who signed a turn of a channel signed, by channel and turn. */
  readonly #states = new Map<string, string>();
  readonly #payments = new PaymentLaws();

  /** Looks at what is new since the last look. */
  look(network: Pick<PureNetwork, "nodes">): void {
    for (const [index, { log }] of network.nodes.entries()) {
      const shadow = this.#shadows[index] ?? newShadow();
      this.#shadows[index] = shadow;
      for (; shadow.at < log.length; shadow.at++) {
        const event = assertDefined(log[shadow.at], "an event");
        this.#beforeFact(shadow, event);
        this.#payments.beforeFact(index, shadow.state, event);
        evolveNode(shadow.state, event);
        this.#afterFact(shadow, event);
      }
    }
  }

  #beforeFact({ signed, state, undone }: Shadow, event: NodeEvent): void {
    if (event.type !== "StateSigned" && event.type !== "ProposalSigned") return;
    const { channelId } = event;
    const turnNum = turnOf(event);
    const last = signed.get(channelId);
    law(
      last === undefined || (turnNum > last.turnNum && !last.isFinal),
      "turns rise to a final one",
    );
    signed.set(channelId, {
      turnNum,
      isFinal: event.type === "StateSigned" && event.variablePart.isFinal,
    });
    const channel = assertDefined(state.channels.get(channelId), "the channel");
    if (channel.use.type !== "Virtual" || turnNum !== TURN.postfund) return;
    law(!undone.has(channelId), "who undid a guarantee never signs the postfund");
    for (const id of [channel.use.left, channel.use.right]) {
      const ledger = id === undefined ? undefined : state.channels.get(id);
      if (ledger === undefined) continue;
      const isThere = outcomesOf(ledger).every((one) => includesGuarantee(one, channelId));
      law(isThere, "a postfund is signed over guarantees that no state lacks");
    }
  }

  #afterFact(shadow: Shadow, event: NodeEvent): void {
    if (!("channelId" in event) || event.channelId === undefined) return;
    const channel = shadow.state.channels.get(event.channelId);
    if (channel === undefined) return;
    if (event.type === "ProposalSigned" || event.type === "StateSigned") {
      this.#noteState(channel, turnOf(event));
    }
    if (channel.ledger === undefined || channel.supported === undefined) return;
    checkOutcomes(channel);
    checkReserved(channel);
    if (event.type === "ProposalSigned") checkPromises(shadow, channel, event.turnNum);
  }

  /** All who sign a turn of a channel sign the same. */
  #noteState(channel: Channel, turnNum: number): void {
    const state = channel.pending.get(turnNum) ?? supportedState(channel);
    // A state that was overtaken in the same step by a higher one is not there any more.
    if (state.variablePart.turnNum !== turnNum) return;
    const hash = stateHash(channel.id, state.variablePart);
    const key = `${channel.id} ${turnNum}`;
    const known = this.#states.get(key) ?? hash;
    this.#states.set(key, known);
    law(known === hash, "one state for one turn");
  }
}

/** States of a ledger channel that may appear on chain. */
export function outcomesOf(ledger: Channel): readonly Outcome[] {
  const states = [supportedState(ledger), ...ledger.pending.values()];
  return states.map(({ variablePart }) => variablePart.outcome);
}

function newShadow(): Shadow {
  return { at: 0, state: createNodeState(), signed: new Map(), undone: new Set() };
}

function turnOf(event: NodeEvent & { readonly type: "StateSigned" | "ProposalSigned" }): number {
  return event.type === "StateSigned" ? event.variablePart.turnNum : event.turnNum;
}

/** Each state holds the money that was deposited, each guarantee once, and not too many of them. */
function checkOutcomes(ledger: Channel): void {
  const due = ledger.fundingOutcome.map(totalOf);
  for (const outcome of outcomesOf(ledger)) {
    const sums = outcome.map(totalOf);
    law(
      sums.every((sum, asset) => sum === due[asset]),
      "a ledger keeps its sums",
    );
    law(guaranteeCount(outcome) <= GUARANTEES_MAX, "a ledger has room for its guarantees");
    for (const { allocations } of outcome) {
      const targets = allocations.map(({ destination }) => destination);
      law(new Set(targets).size === targets.length, "money is locked up once");
      law(
        allocations.every(({ amount }) => amount >= 0n),
        "no amount is below zero",
      );
    }
  }
}

/**
 * Whatever state appears on chain, what is set aside is there. Of the states that wait, the follower alone
 * decides which can appear, and signs none that takes what she has set aside for something else.
 */
function checkReserved(ledger: Channel): void {
  const { profile, reserved } = ledgerOf(ledger);
  const outcomes = ledger.myIndex === LEADER ? outcomesOf(ledger) : outcomesOf(ledger).slice(0, 1);
  for (const outcome of outcomes) {
    const wanted = new Map<Address, bigint>();
    for (const [objectiveId, amounts] of reserved) {
      const target = targetOf(objectiveId);
      if (target !== undefined && includesGuarantee(outcome, target)) continue;
      for (const { amount, asset } of amounts) {
        wanted.set(asset, (wanted.get(asset) ?? 0n) + amount);
      }
    }
    for (const [asset, amount] of wanted) {
      const free = freeBalance(profile, outcome, ledger.myIndex, asset) ?? 0n;
      law(
        amount <= free,
        `what is set aside is there in every state: ${amount} of ${free} in ${ledger.id}`,
      );
    }
  }
}

/** What a signature on a ledger state promises is covered by signatures of others. */
function checkPromises({ state, undone }: Shadow, ledger: Channel, turnNum: number): void {
  const proposed = ledger.pending.get(turnNum) ?? supportedState(ledger);
  if (proposed.variablePart.turnNum !== turnNum) return;
  const { outcome } = proposed.variablePart;
  const before = supportedState(ledger).variablePart.outcome;
  for (const channel of state.channels.values()) {
    const isThere = includesGuarantee(outcome, channel.id);
    if (isThere)
      law(channel.supported !== undefined, "no guarantee before the prefund is unanimous");
    if (isThere || !includesGuarantee(before, channel.id)) continue;
    const isFinal = channel.supported?.variablePart.isFinal ?? false;
    const hasPostfund = channel.pending.get(TURN.postfund)?.signatures[channel.myIndex];
    const isOpen = channel.wasOpen || hasPostfund !== undefined;
    law(isFinal || !isOpen, "a guarantee goes by a final state, or before the postfund");
    if (!isFinal) undone.add(channel.id);
  }
  const known = [...state.channels.values()].reduce(
    (count, { id }) => count + guaranteesFor(outcome, id).length,
    0,
  );
  law(known === guaranteeCount(outcome), "every guarantee is for a channel that is known");
}
