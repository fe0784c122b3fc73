/** A watchtower: answers on the chain for those who are away, from a log of its own and with no key of theirs. */

import { decodeStatus, statusCall } from "../chain/adjudicator.ts";
import type { ChainNews } from "../chain/chain-news.ts";
import { ChainService } from "../chain/chain-service.ts";
import type { Account, ChainSettings } from "../chain/chain-settings.ts";
import type { ChannelId } from "../channel/channel-id.ts";
import type { Address } from "../crypto/address.ts";
import type { Clock } from "../ports/clock.ts";
import type { EthereumRpc } from "../ports/ethereum-rpc.ts";
import type { Random } from "../ports/random.ts";
import { assertDefined } from "../primitives/assert.ts";
import { mark } from "../primitives/mark.ts";
import { NodeError } from "../primitives/node-error.ts";
import { accept, type Result } from "../primitives/result.ts";
import { EventStore } from "../store/event-store.ts";
import type { LogDisk } from "../store/log-disk.ts";
import type { Appointment } from "./appointment.ts";
import type { AppointmentRejection, TowerRules } from "./appointment-check.ts";
import { towerCodec } from "./tower-catalogue.ts";
import {
  decideAppointment,
  decideDuties,
  decideEnd,
  decideEndings,
  decideNews,
} from "./tower-decisions.ts";
import type { TowerEvent } from "./tower-event.ts";
import {
  createTowerState,
  evolveTower,
  openCalls,
  type TowerCall,
  type TowerState,
} from "./tower-state.ts";

/** Something that went wrong, and that whoever runs the tower must know. */
export type TowerFault =
  | { readonly type: "Chain"; readonly error: NodeError }
  /** The tower has stopped. A bug or a failed disk; the log holds what was acknowledged. */
  | { readonly type: "Crash"; readonly error: unknown };

/** Everything that a tower needs, each part already open. */
export type WatchtowerOptions = {
  readonly rules: TowerRules;
  readonly store: EventStore<TowerEvent>;
  readonly clock: Clock;
  readonly random: Random;
  /** Endpoints of the chain: the first is followed, the others watch it. At least one. */
  readonly rpcs: readonly EthereumRpc[];
  readonly chain: ChainSettings;
  /** Pays for gas, and for nothing else: no transaction of a tower carries a coin. */
  readonly account: Account;
  readonly onFault: (fault: TowerFault) => void;
};

/** Opens a tower's log, or creates it with `logId`, 16 bytes. Throws what `EventStore.open` throws. */
export function openTowerStore(disk: LogDisk, logId?: Uint8Array): Promise<EventStore<TowerEvent>> {
  return EventStore.open({ disk, codec: towerCodec, ...(logId === undefined ? {} : { logId }) });
}

/** One tower. Its state is the fold of its log; who called `give` and heard that it was accepted can go away. */
export class Watchtower {
  readonly #options: WatchtowerOptions;
  readonly #state: TowerState;
  readonly #chain: ChainService;
  /** Channels of which the chain may have told something before they were watched. */
  readonly #toLookUp: Set<ChannelId>;
  #isLookingUp = false;
  /** The last piece of work: the next one begins when it is over. */
  #last: Promise<void> = Promise.resolve();
  #waiting = 0;
  #isStopped = false;

  private constructor(options: WatchtowerOptions, state: TowerState) {
    const { account, chain, clock, onFault, random, rpcs } = options;
    const { blocks, nextNonce } = state.chain;
    this.#options = options;
    this.#state = state;
    this.#toLookUp = new Set(state.channels.keys());
    this.#chain = new ChainService(
      {
        rpcs,
        clock,
        random,
        settings: chain,
        account,
        isMine: (channelId) => state.channels.has(channelId),
        // An answer helps whoever is right: it is sent although endpoints disagree.
        onTrust: () => undefined,
        onNews: (news) => void this.#next(() => this.#hear(news)),
        onFault: (error) => onFault({ type: "Chain", error }),
      },
      // The newest block is read again: a batch may have ended within it.
      { scannedTo: (blocks.at(-1)?.blockNumber ?? 0) - 1, known: blocks },
      nextNonce,
    );
  }

  /** Reads the log, and goes on where it ends. */
  static async start(options: WatchtowerOptions): Promise<Watchtower> {
    const state = createTowerState();
    for await (const { event } of options.store.readFrom(0)) evolveTower(state, event);
    const tower = new Watchtower(options, state);
    for (const call of openCalls(state)) tower.#submit(call);
    tower.#chain.start();
    void tower.#lookUpAll();
    return tower;
  }

  /**
   * Takes an appointment from a client, whom the caller knows to be it. The answer comes once it is durable; one
   * that is kept already is accepted again, so that a client may give what it is not sure of twice.
   */
  give(
    client: Address,
    appointment: Appointment,
  ): Promise<Result<undefined, AppointmentRejection>> {
    return this.#next(async () => {
      const decided = decideAppointment(this.#state, client, appointment, this.#options.rules);
      if (!decided.ok) return decided;
      await this.#record(decided.value);
      const [kept] = decided.value;
      if (kept?.type === "AppointmentKept") this.#note(kept.channelId);
      return accept(undefined);
    });
  }

  /** A client needs a channel watched no more. */
  end(client: Address, channelId: ChannelId): Promise<void> {
    return this.#next(() => this.#record(decideEnd(this.#state, client, channelId)));
  }

  /** The state, to be read. */
  view(): TowerState {
    return this.#state;
  }

  /** True when nothing waits to be recorded or to be mined. */
  isIdle(): boolean {
    return this.#waiting === 0 && openCalls(this.#state).length === 0;
  }

  /** Stops at once, as a crash would: nothing is appended or sent any more. */
  stop(): void {
    this.#isStopped = true;
    this.#chain.stop();
  }

  /** One after the other. What is still waiting when the tower stops never ends. */
  #next<Value>(work: () => Promise<Value>): Promise<Value> {
    this.#waiting += 1;
    const { promise, resolve } = Promise.withResolvers<Value>();
    this.#last = this.#last.then(async () => {
      if (this.#isStopped) return;
      try {
        resolve(await work());
      } catch (error) {
        this.stop();
        this.#options.onFault({ type: "Crash", error });
      }
      this.#waiting -= 1;
    });
    return promise;
  }

  async #hear(news: ChainNews): Promise<void> {
    await this.#record(decideNews(this.#state, news));
    if (news.type !== "ChainReorged") return;
    // What had been mined above the fork is open again; sending it twice is harmless.
    for (const call of openCalls(this.#state)) {
      if (call.raw !== undefined) this.#submit(call);
    }
  }

  /** Folds the events and what follows from them, makes all of it durable, and only then acts upon it. */
  async #record(events: readonly TowerEvent[]): Promise<void> {
    if (events.length === 0) return;
    const { clock, rules, store } = this.#options;
    for (const event of events) evolveTower(this.#state, event);
    const duties = decideDuties(this.#state, this.#disputed(), rules);
    const endings = decideEndings(this.#state, rules);
    for (const event of endings) evolveTower(this.#state, event);
    const all = [...events, ...duties, ...endings];
    await store.append(all, store.length, clock.nowMs());
    if (this.#isStopped) return;
    for (const event of all) this.#act(event);
  }

  #disputed(): readonly ChannelId[] {
    const all = [...this.#state.channels.values()];
    return all.filter(({ adjudication }) => adjudication.type !== "Open").map(({ id }) => id);
  }

  #act(event: TowerEvent): void {
    if (event.type === "CallRequested") {
      this.#submit(assertDefined(this.#state.calls.get(event.effectId), "a call just asked for"));
    } else if (event.type === "CallSigned") {
      this.#chain.broadcast(event.effectId, event.raw, event.transactionHash);
    }
  }

  #submit({ call, earlier, effectId, raw, transactionHash }: TowerCall): void {
    this.#chain.submit({ effectId, call, raw, transactionHash, earlier });
  }

  #note(channelId: ChannelId): void {
    if (this.#state.channels.get(channelId)?.lastLog !== undefined) return;
    this.#toLookUp.add(channelId);
    void this.#lookUpAll();
  }

  /**
   * Asks the adjudicator about channels that are new here. Where a challenge runs, or has ended, its logs lie in
   * blocks that were read before the channel was watched, and those are read again.
   */
  async #lookUpAll(): Promise<void> {
    if (this.#isLookingUp) return;
    this.#isLookingUp = true;
    try {
      for (const channelId of this.#toLookUp) {
        if (this.#isStopped) return;
        await this.#lookUp(channelId);
        this.#toLookUp.delete(channelId);
      }
    } catch (error) {
      if (!(error instanceof NodeError)) throw error;
      this.#options.onFault({ type: "Chain", error });
      const { clock, chain } = this.#options;
      clock.after(chain.pollMs, () => void this.#lookUpAll());
    } finally {
      this.#isLookingUp = false;
    }
  }

  async #lookUp(channelId: ChannelId): Promise<void> {
    const { chain, rpcs } = this.#options;
    const { data, to } = statusCall(chain.adjudicator, channelId);
    const [rpc] = rpcs;
    const answer = await assertDefined(rpc, "an endpoint of the chain").request("eth_call", [
      { to, data },
      "latest",
    ]);
    if (decodeStatus(answer).finalizesAtSec !== 0) mark("tower/challenged-before-watch");
    if (decodeStatus(answer).finalizesAtSec !== 0) this.#chain.readAgain();
  }
}
