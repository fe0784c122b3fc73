/** One step in the making: what would change if its events were appended. */

import type { Channel } from "../channel/channel.ts";
import type { ChannelId } from "../channel/channel-id.ts";
import { isShaken } from "../channel/remembered-facts.ts";
import { TURN } from "../channel/state.ts";
import type { NodeEvent } from "../events/event.ts";
import { assert, assertDefined } from "../primitives/assert.ts";
import { mark } from "../primitives/mark.ts";
import type { Effect } from "../protocols/effects.ts";
import { evolveNode } from "./evolve-node.ts";
import { ALL_AGREED, isDoubted, isHeld, type Life } from "./fence.ts";
import { NEW_PEER, type NodeState, type NodeTables, type Table } from "./node-state.ts";

/** A table over another one: reads fall through, writes stay here until they are committed. */
class Layer<Key, Value> implements Table<Key, Value> {
  readonly #below: Table<Key, Value>;
  /** Undefined while nothing was: a step changes two or three of its tables. */
  #changed: Map<Key, Value | undefined> | undefined;

  constructor(below: Table<Key, Value>) {
    this.#below = below;
  }

  get(key: Key): Value | undefined {
    const changed = this.#changed?.get(key);
    // Most of what is read was not changed; what was deleted is told by the key alone.
    const isChanged = changed !== undefined || this.#changed?.has(key) === true;
    return isChanged ? changed : this.#below.get(key);
  }

  set(key: Key, value: Value): void {
    this.#changed ??= new Map();
    this.#changed.set(key, value);
  }

  delete(key: Key): void {
    this.#changed ??= new Map();
    this.#changed.set(key, undefined);
  }

  commit(): void {
    for (const [key, value] of this.#changed ?? []) {
      if (value === undefined) this.#below.delete(key);
      else this.#below.set(key, value);
    }
  }
}

/**
 * Collects the events of one step over a node's state, which stays as it is until `commit`. Dropping
 * the draft drops the step: a refused message leaves no trace.
 */
export class Draft {
  readonly events: NodeEvent[] = [];
  readonly #layers: { readonly [Name in keyof NodeTables]: Layer<never, never> };
  readonly tables: NodeTables;
  readonly life: Life;

  constructor(state: NodeState, life: Life = ALL_AGREED) {
    this.life = life;
    const layers = {
      objectives: new Layer(state.objectives),
      channels: new Layer(state.channels),
      desks: new Layer(state.desks),
      peers: new Layer(state.peers),
      messages: new Layer(state.messages),
      transactions: new Layer(state.transactions),
      facts: new Layer(state.facts),
    };
    this.tables = layers;
    this.#layers = layers as never;
  }

  /** Adds facts, and shows them at once to whoever reads the tables of this draft. */
  record(...events: readonly NodeEvent[]): void {
    for (const event of events) {
      if (event.type === "StateSigned") {
        this.#assertMaySign(event.channelId, event.variablePart.turnNum);
      } else if (event.type === "ProposalSigned") {
        this.#assertMaySign(event.channelId, event.turnNum);
      } else if (event.type === "VoucherIssued") {
        this.#assertMaySign(event.channelId, Number.POSITIVE_INFINITY);
      }
      this.events.push(event);
      evolveNode(this.tables, event);
    }
  }

  /** True while nothing may be signed in the channel. */
  isHeld(channel: Channel): boolean {
    if (isShaken(channel)) mark("reorg/channel-held");
    const isUnsafe = isShaken(channel) || !this.life.isChainTrusted();
    if (!this.life.isChainTrusted()) mark("chain/nothing-signed-untrusted");
    return isUnsafe || isHeld(channel, this.tables, this.life);
  }

  /** True while this log may have lost what it once knew of the channel. */
  isDoubted(channel: Channel): boolean {
    return isDoubted(channel, this.tables);
  }

  /** The one door through which every signature of this node goes. */
  #assertMaySign(channelId: ChannelId, turnNum: number): void {
    const channel = assertDefined(this.tables.channels.get(channelId), "the channel");
    assert(!this.isHeld(channel), "nothing is signed before what was signed is known");
    const isSettled = channel.missingMax === 0 || turnNum <= TURN.postfund;
    assert(isSettled, "a turn in doubt is passed over, not signed");
  }

  /** Adds effects as the events that keep them: an outbox entry each, in this same batch. */
  request(...effects: readonly Effect[]): void {
    for (const effect of effects) this.record(this.#outboxEntry(effect));
  }

  /** Makes the changes part of the state. Called once, after the events are durable. */
  commit(): void {
    for (const layer of Object.values(this.#layers)) layer.commit();
  }

  #outboxEntry(effect: Effect): NodeEvent {
    if (effect.type === "SendMessage") {
      const { message, to } = effect;
      const { lastSent } = this.tables.peers.get(to) ?? NEW_PEER;
      return { type: "MessageSent", to, sequence: lastSent + 1, message };
    }
    const { call, id: effectId, objectiveId } = effect;
    const { channelId } = assertDefined(this.tables.objectives.get(objectiveId), "the objective");
    return { type: "TransactionRequested", effectId, objectiveId, channelId, call };
  }
}
