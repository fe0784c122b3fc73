/**
 * Every order in which messages, acknowledgements, blocks and the wishes of users can arrive at two nodes. Moments
 * that are the same are looked at once; how many orders lead through them is counted.
 */

import type { ObjectiveId } from "../../src/channel/objective-id.ts";
import { keccak256 } from "../../src/crypto/keccak.ts";
import { subjectOf } from "../../src/engine/crank-channel.ts";
import { toHex } from "../../src/primitives/hex.ts";
import { isActive } from "../../src/protocols/objective.ts";
import type { OrderScript } from "./order-scripts.ts";
import {
  arrive,
  consider,
  copyWorld,
  keyOfWorld,
  openQueues,
  type PureWorld,
} from "./pure-world.ts";

/** What came of one script. */
export type OrderRow = {
  readonly script: string;
  /** Ways from the first moment to an end. */
  readonly orders: bigint;
  /** Moments that differ. */
  readonly states: number;
  /** Messages heard once more, at every moment behind the one at which they were first heard. */
  readonly duplicates: number;
  /** Ends that differ. */
  readonly endings: number;
  /** What is not as it should be, with the order that leads there. */
  readonly failures: readonly OrderFailure[];
};

/** Something that is not as it should be. */
export type OrderFailure = { readonly order: readonly string[]; readonly problem: string };

/** Failures after which nothing more is looked for. */
const FAILURES_MAX = 10;

/** Goes through all orders of a script. */
export function exploreOrders(script: OrderScript): OrderRow {
  const search = new Search(script);
  const orders = search.visit(script.begin(), []);
  return { script: script.name, orders, ...search.found() };
}

class Search {
  readonly #script: OrderScript;
  /** How many orders lead from a moment to an end. */
  readonly #orders = new Map<string, bigint>();
  readonly #endings = new Set<string>();
  readonly #failures: OrderFailure[] = [];
  #duplicates = 0;

  constructor(script: OrderScript) {
    this.#script = script;
  }

  found(): Omit<OrderRow, "script" | "orders"> {
    return {
      states: this.#orders.size,
      duplicates: this.#duplicates,
      endings: this.#endings.size,
      failures: this.#failures,
    };
  }

  /** Gives how many orders lead from here to an end. */
  visit(world: PureWorld, order: readonly string[]): bigint {
    const key = toHex(keccak256(new TextEncoder().encode(keyOfWorld(world))));
    const known = this.#orders.get(key);
    if (known !== undefined) return known;
    this.#look(world, order);
    const open = this.#failures.length < FAILURES_MAX ? openQueues(world) : [];
    if (open.length === 0) this.#end(world, order, key);
    let orders = open.length === 0 ? 1n : 0n;
    for (const queue of open) {
      const next = copyWorld(world);
      const longer = [...order, queue];
      const isTaken = this.#try(longer, () => arrive(next, queue));
      const { refusals } = next;
      if (refusals.length > world.refusals.length && !this.#script.mayRefuse) {
        this.#fail(longer, `somebody refuses: ${refusals.at(-1)}`);
      }
      if (isTaken) orders += this.visit(next, longer);
    }
    this.#orders.set(key, orders);
    return orders;
  }

  /** What must hold at every moment. */
  #look(world: PureWorld, order: readonly string[]): void {
    this.#try(order, () => {
      for (const { input, to } of world.heard) {
        this.#duplicates += 1;
        const { draft } = consider(world, to, input);
        if (draft.events.length > 0) this.#fail(order, "a message teaches something twice");
      }
      for (const index of world.states.keys()) {
        const { draft } = consider(world, index, { type: "Restarted" });
        if (draft.events.length > 0) this.#fail(order, `node ${index} would act once more`);
      }
      for (const problem of this.#script.problemsAlways(world)) this.#fail(order, problem);
    });
  }

  #end(world: PureWorld, order: readonly string[], key: string): void {
    this.#endings.add(key);
    for (const [index, state] of world.states.entries()) {
      for (const { id } of [...state.objectives.values()].filter(isActive)) {
        this.#fail(order, `node ${index} waits for ${this.#waitOf(world, index, id)} for ever`);
      }
      const refused = [...state.objectives.values()].find(({ status }) => status === "Rejected");
      if (refused !== undefined && !this.#script.mayRefuse) {
        this.#fail(order, `node ${index} gives up: ${refused.rejectionCode}`);
      }
      if (state.transactions.size + state.messages.size > 0) {
        this.#fail(order, `node ${index} has something open`);
      }
    }
    for (const problem of this.#script.problemsAtEnd(world)) this.#fail(order, problem);
  }

  #waitOf({ states }: PureWorld, index: number, id: ObjectiveId): string {
    const state = states[index];
    return state === undefined ? id : subjectOf(state, id).objective.goal.type;
  }

  #try(order: readonly string[], run: () => void): boolean {
    try {
      run();
      return true;
    } catch (error) {
      this.#fail(order, String(error));
      return false;
    }
  }

  #fail(order: readonly string[], problem: string): void {
    if (this.#failures.length < FAILURES_MAX) this.#failures.push({ order, problem });
  }
}
