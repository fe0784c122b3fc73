/** The loop of a node: one input at a time is decided, made durable, and only then acted upon. */

import {
  type Account,
  type ChainNews,
  ChainService,
  type ChainSettings,
} from "../chain/chain-service.ts";
import type { Channel } from "../channel/channel.ts";
import type { ChannelId } from "../channel/channel-id.ts";
import type { ObjectiveId } from "../channel/objective-id.ts";
import type { Address } from "../crypto/address.ts";
import type { NodeEvent } from "../events/event.ts";
import { Session, type SessionFault } from "../network/session.ts";
import type { Clock } from "../ports/clock.ts";
import type { EthereumRpc } from "../ports/ethereum-rpc.ts";
import type { Random } from "../ports/random.ts";
import type { Endpoint, Transport } from "../ports/transport.ts";
import type { NodeError } from "../primitives/node-error.ts";
import { reject } from "../primitives/result.ts";
import { isActive, type Objective } from "../protocols/objective.ts";
import type { EventStore } from "../store/event-store.ts";
import { subjectOf, type WaitingFor, waitingFor } from "./crank-channel.ts";
import { decideInput, type Verdict } from "./decide-input.ts";
import { Draft } from "./draft.ts";
import { evolveNode } from "./evolve-node.ts";
import { Inbox, REQUESTS_WAITING_MAX } from "./inbox.ts";
import type { Answer, Input } from "./input.ts";
import { createNodeState, NO_FACTS, type NodeState, type NodeView } from "./node-state.ts";
import { Outbox } from "./outbox.ts";
import type { Request } from "./request.ts";
import type { Rules } from "./rules.ts";

/** Where the peers of a node are. */
export type AddressBook = {
  readonly peers: readonly Address[];
  readonly endpointOf: (peer: Address) => Endpoint | undefined;
  readonly peerAt: (endpoint: Endpoint) => Address | undefined;
};

/** Something that went wrong outside, or in this program, and that the owner of the node must know. */
export type EngineFault =
  | { readonly type: "Peer"; readonly fault: SessionFault }
  | { readonly type: "Refusal"; readonly from: Address; readonly code: string }
  | { readonly type: "Chain"; readonly error: NodeError }
  /** The engine has stopped. A bug or a failed disk; the log holds what was acknowledged. */
  | { readonly type: "Crash"; readonly error: unknown };

/** Everything that an engine needs, each part already open. */
export type EngineOptions = {
  readonly rules: Rules;
  readonly store: EventStore<NodeEvent>;
  readonly clock: Clock;
  readonly random: Random;
  readonly transport: Transport;
  readonly addressBook: AddressBook;
  readonly rpc: EthereumRpc;
  readonly chain: ChainSettings;
  readonly account: Account;
  readonly onFault: (fault: EngineFault) => void;
};

/** One node. Its state is the fold of its log; whoever reads it sees only durable facts. */
export class Engine {
  readonly #options: EngineOptions;
  readonly #state: NodeState;
  readonly #inbox: Inbox<Input>;
  readonly #session: Session;
  readonly #chain: ChainService;
  readonly #outbox: Outbox;
  readonly #waiters = new Map<ObjectiveId, ((objective: Objective) => void)[]>();

  private constructor(options: EngineOptions, state: NodeState) {
    this.#options = options;
    this.#state = state;
    this.#inbox = new Inbox(
      (input) => this.#process(input),
      (error) => this.#crash(error),
    );
    this.#session = this.#openSession();
    this.#chain = this.#openChain();
    this.#outbox = new Outbox(this.#session, this.#chain);
  }

  /** Reads the log, and goes on where it ends: what was not done yet is done now. */
  static async start(options: EngineOptions): Promise<Engine> {
    const state = createNodeState();
    for await (const { event } of options.store.readFrom(0)) evolveNode(state, event);
    const engine = new Engine(options, state);
    engine.#outbox.resume(state, options.addressBook.peers);
    engine.#chain.start();
    engine.#inbox.put({ type: "Restarted" });
    return engine;
  }

  /** Asks for something. The answer comes once it is durable, or refused; refused changes nothing. */
  submit(request: Request): Promise<Answer> {
    if (this.#inbox.length >= REQUESTS_WAITING_MAX) {
      return Promise.resolve(reject({ code: "InboxFull" }));
    }
    const channelNonce = this.#drawNonce();
    return new Promise((answer) => {
      this.#inbox.put({ type: "Request", request, channelNonce, answer });
    });
  }

  /** Resolves once the objective is completed or rejected. */
  settled(objectiveId: ObjectiveId): Promise<Objective> {
    const objective = this.#state.objectives.get(objectiveId);
    if (objective !== undefined && !isActive(objective)) return Promise.resolve(objective);
    return new Promise((resolve) => {
      const waiters = this.#waiters.get(objectiveId) ?? [];
      this.#waiters.set(objectiveId, [...waiters, resolve]);
    });
  }

  channel(channelId: ChannelId): Channel | undefined {
    return this.#state.channels.get(channelId);
  }

  channels(): readonly Channel[] {
    return [...this.#state.channels.values()];
  }

  objective(objectiveId: ObjectiveId): Objective | undefined {
    return this.#state.objectives.get(objectiveId);
  }

  objectives(): readonly Objective[] {
    return [...this.#state.objectives.values()];
  }

  /** Every open objective, and what it waits for. */
  waits(): readonly { readonly id: ObjectiveId; readonly waitingFor: WaitingFor }[] {
    const open = this.objectives().filter(isActive);
    const { context } = this.#options.rules;
    return open.map(({ id }) => ({
      id,
      waitingFor: waitingFor(subjectOf(this.#state, id), context),
    }));
  }

  /** The whole state, to be read: a fold of the log must give the same. */
  view(): NodeView {
    return this.#state;
  }

  /** True when nothing waits to be processed, to be acknowledged by a peer, or to be mined. */
  isIdle(): boolean {
    const { messages, transactions } = this.#state;
    return this.#inbox.isEmpty && messages.size === 0 && transactions.size === 0;
  }

  /** Stops at once, as a crash would: nothing is appended or sent any more. */
  stop(): void {
    for (const input of this.#inbox.close()) abandon(input);
    this.#session.close();
    this.#chain.stop();
  }

  async #process(input: Input): Promise<void> {
    try {
      await this.#step(input);
    } catch (error) {
      abandon(input);
      throw error;
    }
  }

  async #step(input: Input): Promise<void> {
    const { clock, rules, store } = this.#options;
    const draft = new Draft(this.#state);
    const verdict = decideInput(draft, this.#state, input, rules);
    const events = verdict.ok ? draft.events : [];
    if (events.length > 0) {
      await store.append(events, store.length, clock.nowMs());
      draft.commit();
      this.#outbox.run(events);
      this.#wake(events);
    }
    this.#reply(input, verdict);
  }

  #reply(input: Input, verdict: Verdict): void {
    if (input.type === "Request") {
      // A request that is accepted always names its objective.
      input.answer(verdict as Answer);
      return;
    }
    if (input.type !== "Message") return;
    const { from, sequence } = input;
    if (verdict.ok) {
      this.#session.settle(from, sequence, { type: "Accepted" });
      return;
    }
    const { code } = verdict.reason;
    this.#options.onFault({ type: "Refusal", from, code });
    this.#session.settle(from, sequence, { type: "Refused", code });
  }

  #wake(events: readonly NodeEvent[]): void {
    for (const event of events) {
      if (event.type !== "ObjectiveCompleted" && event.type !== "ObjectiveRejected") continue;
      const objective = this.#state.objectives.get(event.objectiveId);
      const waiters = this.#waiters.get(event.objectiveId);
      this.#waiters.delete(event.objectiveId);
      if (objective === undefined) continue;
      for (const resolve of waiters ?? []) resolve(objective);
    }
  }

  #crash(error: unknown): void {
    this.stop();
    this.#options.onFault({ type: "Crash", error });
  }

  /** 64 bits: two nodes that open a channel with the same participants never meet by chance. */
  #drawNonce(): bigint {
    return new DataView(this.#options.random.bytes(8).buffer).getBigUint64(0);
  }

  #openSession(): Session {
    const { addressBook, clock, onFault, transport } = this.#options;
    const { endpointOf, peerAt } = addressBook;
    return new Session(
      { transport, clock, endpointOf, peerAt },
      {
        deliver: (from, sequence, payload) =>
          this.#inbox.put({ type: "Message", from, sequence, payload }),
        acknowledged: (peer, upTo) => this.#inbox.put({ type: "Acknowledged", peer, upTo }),
        refused: (peer, sequence, code) =>
          this.#inbox.put({ type: "Refused", peer, sequence, code }),
        report: (fault) => onFault({ type: "Peer", fault }),
      },
    );
  }

  #openChain(): ChainService {
    const { account, chain, clock, onFault, rpc } = this.#options;
    const { cursor, nextNonce } = this.#state.facts.get("node") ?? NO_FACTS;
    return new ChainService(
      {
        rpc,
        clock,
        settings: chain,
        account,
        onNews: (news: ChainNews) => this.#inbox.put({ type: "Chain", news }),
        onFault: (error) => onFault({ type: "Chain", error }),
      },
      // The block of the last event is read again: it may hold more logs than that one.
      cursor === undefined ? -1 : cursor.blockNumber - 1,
      nextNonce,
    );
  }
}

/** Nobody will decide this input: whoever waits for an answer must not wait for ever. */
function abandon(input: Input): void {
  if (input.type === "Request") input.answer(reject({ code: "NodeStopped" }));
}
