/** Runs effects: after the append that holds them, and again after a restart. */
import type { ChainService } from "../chain/chain-service.ts";
import type { Address } from "../crypto/address.ts";
import type { NodeEvent } from "../events/event.ts";
import { encodeMessage } from "../messages/codec.ts";
import type { Numbered } from "../network/incoming.ts";
import type { Session } from "../network/session.ts";
import { messageKey, NEW_PEER, type NodeState } from "./node-state.ts";

/** Carries what the log says is to be sent. It has no memory: the log is the list of what is open. */
export class Outbox {
  readonly #session: Session;
  readonly #chain: ChainService;

  constructor(session: Session, chain: ChainService) {
    this.#session = session;
    this.#chain = chain;
  }

  /** Sends what these events, just made durable, ask for. */
  run(events: readonly NodeEvent[]): void {
    for (const event of events) {
      if (event.type === "MessageSent") {
        // To whom the conversation has not begun, `resume` sends it.
        if (this.#session.isSilent(event.to)) continue;
        this.#session.send(event.to, event.sequence, encodeMessage(event.message));
      } else if (event.type === "TransactionRequested") {
        const { call, effectId } = event;
        this.#chain.submit({ effectId, call, raw: undefined, transactionHash: undefined });
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
    this.#session.resume(peer, { lastSent, lastReceived, unacknowledged });
  }

  /** Sends again, after a restart, the transactions that are not settled yet. */
  resumeTransactions(state: NodeState): void {
    for (const transaction of state.transactions.values()) this.#chain.submit(transaction);
  }
}
