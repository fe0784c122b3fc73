/** Runs effects: after the append that holds them, and again after a restart. */
import type { ChainService } from "../chain/chain-service.ts";
import type { Address } from "../crypto/address.ts";
import type { NodeEvent } from "../events/event.ts";
import { encodeMessage } from "../messages/codec.ts";
import type { Session } from "../network/session.ts";
import { NEW_PEER, type NodeState } from "./node-state.ts";

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
        this.#session.send(event.to, event.sequence, encodeMessage(event.message));
      } else if (event.type === "TransactionRequested") {
        const { call, effectId } = event;
        this.#chain.submit({ effectId, call, raw: undefined, transactionHash: undefined });
      } else if (event.type === "TransactionSubmitted") {
        this.#chain.broadcast(event.effectId, event.raw, event.transactionHash);
      }
    }
  }

  /** Sends again, after a restart, whatever nobody has settled yet. */
  resume(state: NodeState, peers: readonly Address[]): void {
    const open = Map.groupBy(state.messages.values(), ({ to }) => to);
    for (const peer of new Set([...peers, ...state.peers.keys()])) {
      const { lastReceived } = state.peers.get(peer) ?? NEW_PEER;
      const unacknowledged = (open.get(peer) ?? []).map(({ message, sequence }) => ({
        sequence,
        payload: encodeMessage(message),
      }));
      this.#session.resume(peer, { lastReceived, unacknowledged });
    }
    for (const transaction of state.transactions.values()) this.#chain.submit(transaction);
  }
}
