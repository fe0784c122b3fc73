/** The loop of a node: one input at a time is decided, made durable, and only then acted upon. */

import type { ChainNews } from "../chain/chain-news.ts";
import { ChainService } from "../chain/chain-service.ts";
import type { Channel } from "../channel/channel.ts";
import type { ChannelId } from "../channel/channel-id.ts";
import type { ObjectiveId } from "../channel/objective-id.ts";
import type { Address } from "../crypto/address.ts";
import type { NodeEvent } from "../events/event.ts";
import { Session } from "../network/session.ts";
import { type Result, reject } from "../primitives/result.ts";
import { isActive, type Objective } from "../protocols/objective.ts";
import type { Payment } from "../protocols/payments.ts";
import type { Rejection } from "../protocols/rejection.ts";
import { Agreement } from "./agreement.ts";
import { chainStart } from "./chain-start.ts";
import { subjectOf, type WaitingFor, waitingFor } from "./crank-channel.ts";
import { Deadlines } from "./deadlines.ts";
import { decideInput, type Verdict } from "./decide-input.ts";
import { Draft } from "./draft.ts";
import type { EngineOptions } from "./engine-options.ts";
import { abandon, drawNonce, type EngineLoad, isLateChannel, isReopening } from "./engine-rules.ts";
import { isHeld, type Life, MISSING_UNKNOWN } from "./fence.ts";
import { isInLog } from "./held-head.ts";
import { Inbox, REQUESTS_WAITING_MAX } from "./inbox.ts";
import type {
  Answer,
  HandedVoucher,
  HandoverAnswer,
  Input,
  PaymentAnswer,
  PaymentWay,
} from "./input.ts";
import { NodeSnapshots } from "./node-snapshots.ts";
import { NO_FACTS, type NodeState, type NodeView } from "./node-state.ts";
import { ObjectiveWaiters } from "./objective-waiters.ts";
import { answerFromLog, isOnce, type Once } from "./once.ts";
import { Outbox } from "./outbox.ts";
import type { Request } from "./request.ts";
import { questionsAfter, questionsAtStart } from "./successor-holdings.ts";
import { TowerClient } from "./tower-client.ts";
import { withVanished } from "./vanished-transactions.ts";
import { isWish, WaitingRoom, type Wish } from "./waiting-room.ts";
import { answerWish, mustWait, receivedBefore } from "./wish-answer.ts";

/** One node. Its state is the fold of its log; whoever reads it sees only durable facts. */
export class Engine {
  readonly #options: EngineOptions;
  readonly #state: NodeState;
  readonly #snapshots: NodeSnapshots;
  readonly #inbox: Inbox<Input>;
  readonly #session: Session;
  readonly #chain: ChainService;
  readonly #outbox: Outbox;
  readonly #agreement: Agreement;
  readonly #life: Life;
  readonly #waitingRoom: WaitingRoom;
  readonly #deadlines: Deadlines;
  readonly #tower: TowerClient;
  readonly #waiters = new ObjectiveWaiters();

  private constructor(options: EngineOptions, inbox: Inbox<Input>, snapshots: NodeSnapshots) {
    const { state } = snapshots;
    this.#options = options;
    this.#inbox = inbox;
    this.#snapshots = snapshots;
    this.#state = state;
    this.#waitingRoom = new WaitingRoom(options.clock);
    this.#deadlines = new Deadlines(
      options.clock,
      state,
      {
        objective: (objectiveId) => inbox.put({ type: "Expired", objectiveId }),
        channel: (channelId) => inbox.put({ type: "Stuck", channelId }),
      },
      options.rules.disputeAfterMs,
    );
    this.#tower = new TowerClient(options.tower, state, options.rules.context);
    this.#session = this.#openSession();
    this.#agreement = new Agreement(this.#session, options.random, state);
    this.#chain = this.#openChain();
    const { isAgreed, isContradicted, wasDoubted } = this.#agreement;
    this.#life = {
      isAgreed,
      isContradicted,
      wasDoubted,
      chainLagSec: () => this.#chain.lagSec,
      isChainTrusted: () => this.#chain.isTrusted,
    };
    this.#outbox = new Outbox(this.#session, this.#chain);
  }

  /**
   * Reads the log, and goes on where it ends: what was not done yet is done now. In a channel nothing is
   * signed before its participants have answered; where the end of the log is not proven, not before they
   * have told what they hold.
   */
  static async start(options: EngineOptions): Promise<Engine> {
    const { clock, onFault, snapshots: settings, store } = options;
    const inbox: Inbox<Input> = new Inbox(
      (input) => engine.#process(input),
      (error) => engine.#crash(error),
    );
    const snapshots = await NodeSnapshots.open({
      store,
      settings,
      clock,
      onWritten: (written) => inbox.put({ type: "SnapshotWritten", ...written }),
      onProblem: (problem) => onFault({ type: "Snapshot", problem }),
    });
    const engine = new Engine(options, inbox, snapshots);
    await engine.#doubtEnd();
    engine.#outbox.resumeTransactions(snapshots.state, engine.#life);
    for (const peer of engine.#peers()) engine.#agreement.greet(peer);
    for (const question of questionsAtStart(snapshots.state)) engine.#chain.ask(question);
    engine.#chain.start();
    engine.#deadlines.begin();
    engine.#tower.begin();
    engine.#inbox.put({ type: "Restarted" });
    snapshots.checkRest().catch((error: unknown) => engine.#crash(error));
    return engine;
  }

  /**
   * Asks for something; with `once` no more than once, whoever may have asked before. The answer comes once it is
   * durable, or refused; refused changes nothing.
   */
  submit(request: Request, once?: Once): Promise<Answer> {
    return this.#ask((answer) => {
      const channelNonce = drawNonce(this.#options.random);
      return { type: "Request", request, channelNonce, answer, once };
    });
  }

  /**
   * Pays in a virtual channel by a voucher. The answer comes once it is durable; whether the payee has it is
   * seen when its message is settled. A refused payment changes nothing.
   */
  pay(channelId: ChannelId, payment: Payment, how: PaymentWay = {}): Promise<PaymentAnswer> {
    return this.#ask((answer) => ({ type: "Payment", channelId, payment, answer, ...how }));
  }

  /** Takes a voucher that came by another way than a message of its payer, and says what it pays. */
  handOver(channelId: ChannelId, voucher: HandedVoucher): Promise<HandoverAnswer> {
    return this.#ask((answer) => ({ type: "Handover", channelId, voucher, answer }));
  }

  /** Nobody waits for an answer that never comes: a node that is full, or has stopped, says so at once. */
  #ask<Value>(
    wishOf: (answer: (answer: Result<Value, Rejection>) => void) => Wish,
  ): Promise<Result<Value, Rejection>> {
    if (this.#inbox.isClosed) return Promise.resolve(reject({ code: "NodeStopped" }));
    const isFull = this.#inbox.length + this.#waitingRoom.size >= REQUESTS_WAITING_MAX;
    if (isFull) return Promise.resolve(reject({ code: "InboxFull" }));
    return new Promise((answer) => this.#inbox.put(wishOf(answer)));
  }

  /** Resolves once the objective is completed or rejected. */
  async settled(objectiveId: ObjectiveId): Promise<Objective> {
    await this.#snapshots.bring(objectiveId);
    const objective = this.#state.objectives.get(objectiveId);
    if (objective !== undefined && !isActive(objective)) return objective;
    return this.#waiters.wait(objectiveId);
  }

  channel(channelId: ChannelId): Channel | undefined {
    return this.#state.channels.get(channelId);
  }

  channels(): readonly Channel[] {
    return [...this.#state.channels.values()];
  }

  /** An objective, unless it is an update that was over before this start: see `settled`. */
  objective(objectiveId: ObjectiveId): Objective | undefined {
    return this.#state.objectives.get(objectiveId);
  }

  /** All objectives but updates that were over before this start. */
  objectives(): readonly Objective[] {
    return [...this.#state.objectives.values()];
  }

  /** Every open objective, and what it waits for. */
  waits(): readonly { readonly id: ObjectiveId; readonly waitingFor: WaitingFor }[] {
    const open = this.objectives().filter(isActive);
    const { context } = this.#options.rules;
    return open.map(({ id }) => ({
      id,
      waitingFor: this.#isHeld(id) ? "Resync" : waitingFor(subjectOf(this.#state, id), context),
    }));
  }

  /** The state, to be read, but for updates that were over before this start: they lie on the disk. */
  view(): NodeView {
    return this.#state;
  }

  /** The whole state, to be read: a fold of the log gives the same. */
  async readView(): Promise<NodeView> {
    await this.#snapshots.bringAll();
    return this.#state;
  }

  /** True when nothing waits to be processed, to be acknowledged by a peer but those who are gone, or to be mined. */
  isIdle(gone: ReadonlySet<Address> = new Set()): boolean {
    const { messages, transactions } = this.#state;
    const isWorking = !this.#inbox.isEmpty || this.#waitingRoom.size > 0;
    const isSent = [...messages.values()].every(({ to }) => gone.has(to));
    return !isWorking && isSent && transactions.size === 0;
  }

  /** What is kept in memory for others, to be read. */
  load(): EngineLoad {
    return { inputs: this.#inbox.load, wishes: this.#waitingRoom.size, kept: this.#session.kept() };
  }

  /** Somebody new is in the address book: asks her how far the two are, unless that was asked before. */
  meet(peer: Address): void {
    this.#agreement.meet(peer);
  }

  /** Somebody has left the address book of whom the log knows nothing: nothing of her is kept. */
  forget(peer: Address): void {
    if (!this.#state.peers.has(peer)) this.#agreement.forget(peer);
  }

  /** How the chain looks: see `ChainService`. */
  get chainSight(): { readonly lagSec: number; readonly isTrusted: boolean } {
    return { lagSec: this.#chain.lagSec, isTrusted: this.#chain.isTrusted };
  }

  /** Stops at once, as a crash would: nothing is appended or sent any more. */
  stop(): void {
    for (const input of [...this.#inbox.close(), ...this.#waitingRoom.empty()]) abandon(input);
    this.#deadlines.stop();
    this.#session.close();
    this.#chain.stop();
    this.#snapshots.stop();
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
    const isAnswered = isOnce(input) && (await answerFromLog(this.#options.store, input));
    if (isAnswered || this.#waits(input)) return;
    // A greeting that was repeated meanwhile is answered twice; and a peer may be forgotten meanwhile.
    if (input.type === "Welcomed" && !this.#session.isGreeting(input.peer)) return;
    await this.#snapshots.bringFor(input);
    const { clock, rules, store } = this.#options;
    if (input.type === "Welcomed") {
      this.#agreement.agree(input.peer, await isInLog(store, input.head));
    }
    const draft = new Draft(this.#state, this.#life);
    const verdict = decideInput(draft, this.#state, await withVanished(input, store), rules);
    const events = verdict.ok ? draft.events : [];
    const before = receivedBefore(this.#state, input);
    if (events.length > 0) {
      await store.append(events, store.length, clock.nowMs());
      draft.commit();
      this.#outbox.run(events, this.#state);
      this.#deadlines.follow(events);
      this.#tower.follow(events);
      for (const question of questionsAfter(this.#state, events)) this.#chain.ask(question);
      this.#follow(input, events);
      this.#waiters.wake(events, this.#state);
      this.#snapshots.boundary();
    }
    if (input.type === "Welcomed") this.#outbox.resume(this.#state, input.peer);
    this.#reply(input, verdict, before);
    if (isReopening(input, events)) {
      this.#outbox.resumeTransactions(this.#state, this.#life);
      for (const request of this.#waitingRoom.empty()) this.#inbox.put(request);
    }
  }

  /** What follows for this life from taking back what the log had lost. */
  #follow(input: Input, events: readonly NodeEvent[]): void {
    for (const event of events) {
      if (isLateChannel(event) && this.#state.facts.get("node")?.cursor === undefined) {
        this.#chain.readAgain();
      }
      if (event.type !== "ResyncStarted") continue;
      this.#agreement.noteDoubt(event.peer);
      const isAnswered = input.type === "Welcomed" && input.peer === event.peer;
      if (!isAnswered) this.#agreement.greet(event.peer);
    }
  }

  /** Notes in the log that its end is not proven, before anything else: then a crash forgets nothing. */
  async #doubtEnd(): Promise<void> {
    const { clock, store } = this.#options;
    const { end } = store.recovery;
    if (end.type === "Proven") return;
    const missingMax =
      end.type === "Behind" ? Math.max(1, end.anchor.length - store.length) : MISSING_UNKNOWN;
    const draft = new Draft(this.#state, this.#life);
    for (const peer of this.#peers()) {
      draft.record({ type: "ResyncStarted", peer, missingMax });
      this.#agreement.noteDoubt(peer);
    }
    // As long as there is nobody to ask, the doubt stays on the disk.
    if (draft.events.length === 0) return;
    await store.append(draft.events, store.length, clock.nowMs());
    draft.commit();
    await store.markProven();
  }

  #peers(): ReadonlySet<Address> {
    return new Set([...this.#options.addressBook.peers, ...this.#state.peers.keys()]);
  }

  #isHeld(objectiveId: ObjectiveId): boolean {
    const { channel } = subjectOf(this.#state, objectiveId);
    return isHeld(channel, this.#state, this.#agreement);
  }

  #waits(input: Input): boolean {
    if (!isWish(input)) return false;
    const isEarly = mustWait(input, this.#state, this.#agreement, () => this.#peers());
    if (isEarly) this.#waitingRoom.keep(input);
    return isEarly;
  }

  #reply(input: Input, verdict: Verdict, before: readonly bigint[]): void {
    if (isWish(input)) answerWish(input, verdict, this.#state, before);
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

  #crash(error: unknown): void {
    this.stop();
    this.#options.onFault({ type: "Crash", error });
  }

  #openSession(): Session {
    const { addressBook, clock, onFault, store, transport } = this.#options;
    const { endpointOf, peerAt } = addressBook;
    const heads = {
      mine: () => store.head,
      heldOf: (peer: Address) => this.#state.peers.get(peer)?.head,
    };
    return new Session(
      { transport, clock, endpointOf, peerAt, heads },
      {
        deliver: (from, sequence, payload) =>
          this.#inbox.put({ type: "Message", from, sequence, payload }),
        acknowledged: (peer, upTo, head) =>
          this.#inbox.put({ type: "Acknowledged", peer, upTo, head }),
        refused: (peer, sequence, code) =>
          this.#inbox.put({ type: "Refused", peer, sequence, code }),
        welcomed: (peer, standing, head) => {
          const gap = this.#agreement.drawGap();
          // What a peer promises is judged by the chain, too: nothing of it is heard before the chain was.
          void this.#chain.firstLook.then(() =>
            this.#inbox.put({ type: "Welcomed", peer, standing, head, gap }),
          );
        },
        doubted: (peer) => this.#agreement.doubt(peer),
        report: (fault) => onFault({ type: "Peer", fault }),
      },
    );
  }

  #openChain(): ChainService {
    const { account, chain, clock, onFault, random, rpcs } = this.#options;
    const facts = this.#state.facts.get("node") ?? NO_FACTS;
    return new ChainService(
      {
        rpcs,
        clock,
        random,
        settings: chain,
        account,
        isMine: (channelId) => this.#state.channels.has(channelId),
        onTrust: (isTrusted) => {
          if (isTrusted) this.#inbox.put({ type: "ChainTrusted" });
        },
        onNews: (news: ChainNews) => this.#inbox.put({ type: "Chain", news }),
        onFault: (error) => onFault({ type: "Chain", error }),
      },
      chainStart(facts, () => this.#state.channels.size === 0),
      facts.nextNonce,
    );
  }
}
