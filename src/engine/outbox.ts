/** Runs effects: after the append that holds them, and again after a restart. */

import type { ChainService } from "../chain/chain-service.ts";
import type { Address } from "../crypto/address.ts";
import type { NodeEvent } from "../events/event.ts";
import { encodeMessage } from "../messages/codec.ts";
import type { Numbered } from "../network/incoming.ts";
import type { Session } from "../network/session.ts";
import { mark } from "../primitives/mark.ts";
import type { EffectId } from "../protocols/effects.ts";
import { isHeld, type Life } from "./fence.ts";
import { messageKey, NEW_PEER, type NodeState } from "./node-state.ts";

/** Carries what the log says is to be sent. It has no memory: the log is the list of what is open. */
export class Outbox {
  readonly #session: Session;
  readonly #chain: ChainService;
  /** Transactions that this life has handed on. */
  readonly #resumed = new Set<EffectId>();

  constructor(session: Session, chain: ChainService) {
    this.#session = session;
    this.#chain = chain;
  }

  /** Sends what these events, just made durable, ask for. */
  run(events: readonly NodeEvent[], state: NodeState): void {
    for (const event of events) {
      if (event.type === "MessageSent") {
        // To whom the conversation has not begun, `resume` sends it.
        if (this.#session.isSilent(event.to)) continue;
        this.#session.send(event.to, event.sequence, encodeMessage(event.message));
      } else if (event.type === "TransactionRequested") {
        const { call, effectId } = event;
        this.#resumed.add(effectId);
        this.#chain.submit({
          effectId,
          call,
          raw: undefined,
          transactionHash: undefined,
          earlier: [],
        });
      } else if (event.type === "TransactionFailed") {
        this.#chain.drop(event.effectId);
      } else if (event.type === "TransactionVanished") {
        this.#resume(state, event.effectId);
      } else if (event.type === "TransactionSubmitted") {
        this.#chain.broadcast(event.effectId, event.raw, event.transactionHash);
      }
    }
  }

  /** Goes on with a peer: sends again whatever it has not settled yet. */
  resume(state: NodeState, peer: Address): void {
    const { lastReceived, lastSent, ackedUpTo } = state.peers.get(peer) ?? NEW_PEER;
    const unacknowledged: Numbered[] = [];
    for (let sequence = ackedUpTo + 1; sequence <= lastSent; sequence++) {
      const open = state.messages.get(messageKey(peer, sequence));
      if (open === undefined) continue;
      unacknowledged.push({ sequence, payload: encodeMessage(open.message) });
    }
    if (unacknowledged.length > 0 && ackedUpTo > 0) mark("restart/messages-again");
    this.#session.resume(peer, { lastSent, lastReceived, unacknowledged });
  }

  /**
   * Goes on, after a restart, with the transactions that are not settled yet. A deposit that was never
   * signed waits while its channel is held: it may have been made in a part of the log that is lost.
   */
  resumeTransactions(state: NodeState, life: Life): void {
    for (const transaction of state.transactions.values()) {
      const { call, channelId, effectId, raw } = transaction;
      const channel = state.channels.get(channelId);
      const isSafe = call.type !== "Deposit" || raw !== undefined;
      const mayWait = !isSafe && channel !== undefined && isHeld(channel, state, life);
      if (mayWait) mark("restart/deposit-waits-for-peers");
      if (mayWait || this.#resumed.has(effectId)) continue;
      mark("restart/transaction-again");
      this.#resumed.add(effectId);
      this.#resume(state, effectId);
    }
  }

  #resume({ transactions }: NodeState, effectId: EffectId): void {
    const open = transactions.get(effectId);
    if (open === undefined) return;
    const { call, earlier, raw, transactionHash } = open;
    this.#chain.submit({ effectId, call, raw, transactionHash, earlier });
  }
}
