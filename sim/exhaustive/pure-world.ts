/**
 * Two nodes without a shell, all that is on its way between them and the chain, and the chain: as plain data that
 * can be copied, so that whoever enumerates can go on from one moment in every way.
 */
import type { AdjudicatorEvent } from "../../src/chain/adjudicator-logs.ts";
import type { ChainNews } from "../../src/chain/chain-news.ts";
import { decideInput, type Verdict } from "../../src/engine/decide-input.ts";
import { Draft } from "../../src/engine/draft.ts";
import type { Input } from "../../src/engine/input.ts";
import { createNodeState, type NodeState } from "../../src/engine/node-state.ts";
import type { Request } from "../../src/engine/request.ts";
import type { Rules } from "../../src/engine/rules.ts";
import type { NodeEvent } from "../../src/events/event.ts";
import { encodeMessage } from "../../src/messages/codec.ts";
import { assert, assertDefined } from "../../src/primitives/assert.ts";
import { jsonOf } from "../../src/primitives/json.ts";
import { execute, type PureChain, type PureTransaction } from "./pure-chain.ts";

/** Something that is on its way. */
export type PureItem =
  | {
      readonly type: "Wish";
      readonly to: number;
      readonly request: Request;
      readonly nonce: bigint;
    }
  | { readonly type: "Heard"; readonly to: number; readonly input: Input & { type: "Message" } }
  | {
      readonly type: "Answered";
      readonly to: number;
      readonly by: number;
      readonly sequence: number;
      readonly code: string | undefined;
    }
  | { readonly type: "Signed"; readonly by: number; readonly transaction: PureTransaction }
  | { readonly type: "Told"; readonly to: number; readonly news: ChainNews };

/** One moment. Whoever changes it works on a copy. */
export type PureWorld = {
  readonly rules: readonly Rules[];
  readonly states: readonly NodeState[];
  /** What is on its way, by queue: of one queue only the first can arrive. */
  readonly queues: Map<string, readonly PureItem[]>;
  /** Messages that were heard, and may come once more. */
  readonly heard: (PureItem & { type: "Heard" })[];
  /** Codes of what somebody refused. */
  readonly refusals: string[];
  readonly chain: PureChain;
};

/** A world in which nothing has happened yet. */
export function createPureWorld(rules: readonly Rules[]): PureWorld {
  const states = rules.map(() => createNodeState());
  const chain = { holdings: new Map(), logs: [], transactions: [] };
  return { rules, states, queues: new Map(), heard: [], refusals: [], chain };
}

/** The same moment once more. Everything inside the tables is immutable. */
export function copyWorld({ chain, heard, queues, refusals, rules, states }: PureWorld): PureWorld {
  const { holdings, logs, transactions } = chain;
  return {
    rules,
    states: states.map(copyState),
    queues: new Map(queues),
    heard: [...heard],
    refusals: [...refusals],
    chain: { holdings: new Map(holdings), logs: [...logs], transactions: [...transactions] },
  };
}

function copyState(state: NodeState): NodeState {
  return {
    objectives: new Map(state.objectives),
    channels: new Map(state.channels),
    desks: new Map(state.desks),
    peers: new Map(state.peers),
    messages: new Map(state.messages),
    transactions: new Map(state.transactions),
    facts: new Map(state.facts),
  };
}

/** Queues in which something can arrive next. */
export function openQueues({ queues }: PureWorld): readonly string[] {
  return [...queues].filter(([, items]) => items.length > 0).map(([name]) => name);
}

/** Lets the first of a queue arrive. */
export function arrive(world: PureWorld, queue: string): void {
  const [item, ...rest] = world.queues.get(queue) ?? [];
  world.queues.set(queue, rest);
  take(world, assertDefined(item, "something that is on its way"));
}

/** Puts a wish of a user before her node; it is asked when it is its turn. */
export function wish(world: PureWorld, to: number, request: Request): void {
  const count = [...world.queues.values()].flat().length;
  enqueue(world, `user ${to}`, { type: "Wish", to, request, nonce: BigInt(1 + count) });
}

function take(world: PureWorld, item: PureItem): void {
  switch (item.type) {
    case "Wish": {
      const { nonce: channelNonce, request, to } = item;
      decide(world, to, { type: "Request", request, channelNonce, answer: () => {} });
      return;
    }
    case "Heard":
      hear(world, item);
      return;
    case "Answered": {
      const { by, code, sequence, to } = item;
      const peer = meOf(world, by);
      if (code !== undefined) decide(world, to, { type: "Refused", peer, sequence, code });
      decide(world, to, { type: "Acknowledged", peer, upTo: sequence, head: undefined });
      return;
    }
    case "Signed":
      mine(world, item.by, item.transaction);
      return;
    case "Told":
      decide(world, item.to, { type: "Chain", news: item.news });
      return;
  }
}

function hear(world: PureWorld, item: PureItem & { type: "Heard" }): void {
  const { input, to } = item;
  const { from, sequence } = input;
  const code = decide(world, to, input);
  if (code === undefined) world.heard.push(item);
  const by = to;
  const sender = world.rules.findIndex(({ me }) => me === from);
  const answered = { type: "Answered", to: sender, by, sequence, code } as const;
  enqueue(world, `answers of ${by} to ${sender}`, answered);
}

/** Decides an input for a node, and follows what it says. Gives the code of a refusal. */
function decide(world: PureWorld, index: number, input: Input): string | undefined {
  const { draft, verdict } = consider(world, index, input);
  if (!verdict.ok) {
    world.refusals.push(verdict.reason.code);
    return verdict.reason.code;
  }
  draft.commit();
  for (const event of draft.events) follow(world, index, event);
  return undefined;
}

/** What a node would do, and whether it takes what it was given. */
export type Considered = { readonly draft: Draft; readonly verdict: Verdict };

/** What a node would say to an input. Nothing happens. */
export function consider(world: PureWorld, index: number, input: Input): Considered {
  const state = assertDefined(world.states[index], "a node");
  const draft = new Draft(state);
  const rules = assertDefined(world.rules[index], "its rules");
  const verdict = decideInput(draft, state, input, rules);
  return { draft, verdict };
}

function follow(world: PureWorld, index: number, event: NodeEvent): void {
  if (event.type === "MessageSent") {
    const to = world.rules.findIndex(({ me }) => me === event.to);
    const from = meOf(world, index);
    const { message, sequence } = event;
    const input = { type: "Message", from, sequence, payload: encodeMessage(message) } as const;
    enqueue(world, `${index} to ${to}`, { type: "Heard", to, input });
  } else if (event.type === "TransactionRequested") {
    const { call, effectId } = event;
    enqueue(world, `account ${index}`, {
      type: "Signed",
      by: index,
      transaction: { call, effectId },
    });
  }
}

/** Signs, sends and mines one transaction, and tells everybody. */
function mine(world: PureWorld, by: number, transaction: PureTransaction): void {
  const { logs, mined, signed } = execute(world.chain, by, transaction);
  decide(world, by, { type: "Chain", news: signed });
  enqueue(world, `chain to ${by}`, { type: "Told", to: by, news: mined });
  if (logs.length === 0) return;
  for (const to of world.rules.keys()) {
    enqueue(world, `chain to ${to}`, { type: "Told", to, news: confirmed(logs) });
  }
}

function confirmed(logs: readonly AdjudicatorEvent[]): ChainNews {
  const { blockHash, blockNumber } = assertDefined(logs.at(-1), "a log").position;
  const block = { blockNumber, blockHash };
  return { type: "LogsConfirmed", logs, block, blockTimeSec: blockNumber * 12 };
}

function enqueue({ queues }: PureWorld, queue: string, item: PureItem): void {
  queues.set(queue, [...(queues.get(queue) ?? []), item]);
}

function meOf({ rules }: PureWorld, index: number) {
  return assertDefined(rules[index], "a node").me;
}

/** Texts of values that never change. */
const TEXTS = new WeakMap<object, string>();

/** A text that two moments share exactly when everything in them is the same. */
export function keyOfWorld({ chain, queues, states }: PureWorld): string {
  const tables = states.flatMap((state) => Object.values(state).map(textOfTable));
  const waiting = [...queues]
    .filter(([, items]) => items.length > 0)
    .toSorted(([one], [other]) => (one < other ? -1 : 1))
    .map(([name, items]) => `${name}: ${items.map(textOf).join(",")}`);
  const { holdings, logs, transactions } = chain;
  const mined = `${logs.length} logs, ${transactions.toSorted()}`;
  return [...tables, ...waiting, textOfTable(holdings), mined].join("\n");
}

function textOfTable(table: ReadonlyMap<string, unknown>): string {
  const keys = [...table.keys()].toSorted();
  return keys.map((key) => `${key}=${textOf(table.get(key))}`).join(";");
}

function textOf(value: unknown): string {
  if (typeof value !== "object" || value === null) return String(value);
  const known = TEXTS.get(value) ?? jsonOf(value);
  TEXTS.set(value, known);
  assert(known !== undefined, "a value has a text");
  return known;
}
