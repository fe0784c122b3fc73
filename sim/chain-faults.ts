/** The faults of the chain in one run: what its conditions say and what the script adds, each told once it strikes. */
import { confirmationSec } from "../src/chain/chain-profile.ts";
import type { Address } from "../src/crypto/address.ts";
import { assertDefined } from "../src/primitives/assert.ts";
import { counted } from "../src/primitives/counted.ts";
import type { Hex } from "../src/primitives/hex.ts";
import { ACTOR_NAMES, type ActorName } from "./actors.ts";
import {
  type BlockSpan,
  baseFeeOf,
  CALM_RPC,
  type Censorship,
  type ChainConditions,
  isInSpan,
  isInTime,
  type Reorg,
  type ReorgFates,
  type RpcConditions,
  rpcConditionsOf,
  type TimeSpan,
} from "./chain-conditions.ts";
import { drawBetween, drawFraction } from "./keyed-random.ts";
import type { Waiting } from "./mempool.ts";
import type { SentTransaction } from "./sent-transaction.ts";
import { addressOf } from "./simulated-chain.ts";
import type { Trace } from "./trace.ts";

/** What becomes of one transaction in a reorg. */
export type Fate = "Survives" | "Dropped" | "Delayed" | "Reordered" | "Replaced";

/** Which signatures a node must not contradict: all of its own, those on turns that are not final, or none. */
export type Memory = "All" | "Turns" | "Nothing";

/** First four bytes of a call, by the name of the adjudicator's function. */
const SELECTORS: Readonly<Record<string, Hex>> = {
  challenge: "0x8286a060",
  checkpoint: "0x6d2a9c92",
  conclude: "0xee049b50",
  concludeAndTransferAllAssets: "0xec346235",
  deposit: "0x2fb1d270",
  reclaim: "0xd3c4e738",
  transfer: "0x3033730e",
  transferAllAssets: "0x31afa0b4",
};

type Options = {
  readonly seed: number;
  readonly conditions: ChainConditions;
  readonly trace: Trace;
  /** Virtual milliseconds since the start. */
  readonly nowMs: () => number;
};

/** What a script says about one node's endpoints for a while. */
export type Trouble = TimeSpan & {
  readonly node: ActorName;
  /** The place of one among the node's endpoints; all of them when undefined. */
  readonly endpoint: number | undefined;
  readonly conditions: Partial<RpcConditions>;
};

/** One per world. Every draw is keyed by what it is for, so that one fault less leaves the others as they were. */
export class ChainFaults {
  readonly conditions: ChainConditions;
  readonly seed: number;
  /** What was promised to honest nodes and did not hold in this run, in words. */
  readonly assumptions: string[] = [];
  readonly #options: Options;
  readonly #censorship: (Censorship & BlockSpan)[];
  readonly #feeSpikes: (BlockSpan & { readonly baseFeeWei: bigint })[];
  readonly #troubles: Trouble[] = [];
  readonly #reorged = new Set<number>();
  readonly #told = new Set<string>();
  /** What the conditions of the run say of the endpoints of each node. */
  readonly #endpoints = new Map<ActorName, readonly RpcConditions[]>();
  #memory: Memory = "All";
  #areLiesOver = false;

  constructor(options: Options) {
    const { censorship, feeSpikes, rpcs } = options.conditions;
    this.#options = options;
    this.conditions = options.conditions;
    this.seed = options.seed;
    this.#censorship = [...censorship];
    this.#feeSpikes = [...feeSpikes];
    for (const node of Object.keys(rpcs) as ActorName[]) this.#checkHonesty(node);
  }

  /** Writes a fault down: an entry of the trace, and a note in the diagram. */
  tell(at: string, what: string, about: readonly string[] = []): void {
    const { nowMs, trace } = this.#options;
    const atMs = nowMs();
    trace.add({ type: "Fault", atMs, at, what, about });
    trace.add({ type: "Arrow", atMs, arrow: `Note over ${at}: ${what}` });
  }

  /** Like `tell`, the first time that it is told under this key. */
  tellOnce(key: string, at: string, what: string): void {
    if (this.#told.has(key)) return;
    this.#told.add(key);
    this.tell(at, what);
  }

  /**
   * A node has forgotten something that nobody there is bound to tell it. Who does not know what she has signed may
   * sign it otherwise: from then on that is no fault of hers. Who knows at least that something is missing passes all
   * turns that she may have signed, so that only what is final there binds her no more. Source: ADR 0019.
   */
  breakMemory(what: string, keeps: "Turns" | "Nothing" = "Nothing"): void {
    if (this.#memory !== "Nothing") this.#memory = keeps;
    this.breakAssumption(what);
  }

  /** Which signatures of her own a node still knows of, or knows to leave room for. */
  get memory(): Memory {
    return this.#memory;
  }

  /** Something happened against which no node is promised to hold. Told once. */
  breakAssumption(what: string): void {
    if (this.assumptions.includes(what)) return;
    this.assumptions.push(what);
    this.tell("chain", `assumption broken, ${what}`);
  }

  baseFeeOf(block: number): bigint {
    return baseFeeOf({ feeSpikes: this.#feeSpikes }, block);
  }

  /** The next three give what ends them before their time. */
  addFeeSpike(spike: BlockSpan & { readonly baseFeeWei: bigint }): () => void {
    return added(this.#feeSpikes, spike);
  }

  addCensorship(censorship: Censorship & BlockSpan): () => void {
    return added(this.#censorship, censorship);
  }

  addTrouble(trouble: Trouble): () => void {
    const end = added(this.#troubles, trouble);
    const { conditions, endpoint, node } = trouble;
    const strikesAll =
      endpoint === undefined || rpcConditionsOf(this.conditions, node).length === 1;
    if (strikesAll && !isHonest({ ...CALM_RPC, ...conditions })) this.#breakHonesty(node);
    return end;
  }

  /** From now on no endpoint says what is not true, nor keeps a log to itself for ever. */
  endLies(): void {
    this.#areLiesOver = true;
  }

  /** True for transactions that no miner takes into this block. */
  isCensored(sent: SentTransaction, block: number): boolean {
    const spans = this.#censorship.filter((span) => isInSpan(span, block));
    return spans.some((span) => isMeant(span, sent));
  }

  /** Tells the spans that begin with a block. */
  tellSpans(block: number): void {
    for (const { baseFeeWei, blocks, from } of this.#feeSpikes) {
      const key = `spike ${from} ${blocks} ${baseFeeWei}`;
      const what = `base fee of ${baseFeeWei} wei for ${counted(blocks, "block")}`;
      if (isInSpan({ from, blocks }, block)) this.tellOnce(key, "chain", what);
    }
    for (const span of this.#censorship) {
      const { blocks, from, function: called = "call", sender = "everybody" } = span;
      const what = `no ${called} of ${sender} is mined for ${counted(blocks, "block")}`;
      if (isInSpan(span, block)) this.tellOnce(`censorship ${from} ${what}`, "chain", what);
    }
  }

  /**
   * How a transaction that arrives before `block` waits. `nth` counts those with its sender and nonce: only the
   * first of them is delayed.
   */
  waitingOf(sent: SentTransaction, block: number, nth: number): Omit<Waiting, "isFirst"> {
    const { inclusionDelayBlocks, stuckFraction } = this.conditions;
    const key = `${sent.from} ${sent.nonce}`;
    const delay = nth > 0 ? 0 : this.#between(inclusionDelayBlocks, "inclusion delay", key, 0);
    const isStuck = this.#happens(stuckFraction, "stuck", key, nth);
    const who = nameOf(sent.from);
    if (isStuck) this.tell("chain", `no miner takes transaction ${sent.nonce} of ${who}`);
    else if (delay > 0) {
      this.tell("chain", `transaction ${sent.nonce} of ${who} waits ${counted(delay, "block")}`);
    }
    return { notBefore: block + delay, isStuck, since: block };
  }

  /** Seconds by which the `slot`-th block of the run comes late. */
  gapSec(slot: number): number {
    const { gapFraction, gapSec } = this.conditions;
    if (!this.#happens(gapFraction, "gap", "", slot)) return 0;
    const seconds = this.#between(gapSec, "gap length", "", slot);
    this.tell("chain", `a block comes ${seconds} s late`);
    return seconds;
  }

  /** The reorg that comes right before a block. `slot` counts the blocks of the run, taken back or not. */
  reorgBefore(block: number, slot: number): Reorg | undefined {
    const { reorgDepth, reorgFraction, reorgs } = this.conditions;
    const planned = this.#reorged.has(block) ? undefined : reorgs[block];
    this.#reorged.add(block);
    if (planned !== undefined) return planned;
    if (!this.#happens(reorgFraction, "reorg", "", slot)) return undefined;
    return { depth: this.#between(reorgDepth, "reorg depth", "", slot) };
  }

  /** What the `nth` reorg of the run does to a transaction, and for how many blocks it delays it. */
  fateOf(
    { from, nonce }: SentTransaction,
    reorg: Reorg,
    nth: number,
  ): { readonly fate: Fate; readonly delay: number } {
    if (reorg.of !== undefined && addressOf(reorg.of) !== from) {
      return { fate: "Survives", delay: 0 };
    }
    const fates: ReorgFates = { ...this.conditions.fates, ...reorg };
    const key = `${from} ${nonce}`;
    const drawn = drawFraction(this.seed, "fate", key, nth);
    const delay = this.#between(fates.delayBlocks, "fate delay", key, nth);
    return { fate: fateAt(fates, drawn), delay };
  }

  /** How an endpoint behaves now. */
  rpcNow(node: ActorName, index: number): RpcConditions {
    const endpoints = this.#endpoints.get(node) ?? rpcConditionsOf(this.conditions, node);
    this.#endpoints.set(node, endpoints);
    const told = assertDefined(endpoints[index], "an endpoint");
    const settings = this.#areLiesOver && !isHonest(told) ? { ...told, ...TRUTH } : told;
    if (this.#troubles.length === 0) return settings;
    const now = this.#options.nowMs();
    const mine = this.#troubles.filter(
      (one) => one.node === node && (one.endpoint ?? index) === index && isInTime(one, now),
    );
    return Object.assign({}, settings, ...mine.map(({ conditions }) => conditions));
  }

  /** A reorg took back so many blocks, be it some that honest nodes have taken for confirmed. */
  checkReorg(depth: number): void {
    const { profile, safeSec } = this.conditions;
    const { confirmation } = profile;
    const sec = confirmation.type === "Tag" ? safeSec : confirmationSec(profile);
    if (depth > Math.ceil(sec / profile.blockTimeSec)) {
      this.breakAssumption(
        `a reorg of ${counted(depth, "block")} is deeper than the confirmation depth`,
      );
    }
  }

  /** A transaction that pays its fee has waited since block `since`. */
  checkInclusion(sent: SentTransaction, waitedBlocks: number): void {
    const { blockTimeSec, inclusionBoundSec } = this.conditions.profile;
    if (waitedBlocks * blockTimeSec <= inclusionBoundSec) return;
    const whose = `transaction ${sent.nonce} of ${nameOf(sent.from)}`;
    this.breakAssumption(`${whose} waits longer than the inclusion bound`);
  }

  #checkHonesty(node: ActorName): void {
    const all = rpcConditionsOf(this.conditions, node);
    if (!all.some(isHonest)) this.#breakHonesty(node);
  }

  #breakHonesty(node: ActorName): void {
    this.breakAssumption(`no endpoint of ${node} tells the truth`);
  }

  #between(bounds: readonly [number, number], component: string, key: string, n: number): number {
    const [min, max] = bounds;
    return min === max ? min : drawBetween(bounds, this.seed, component, key, n);
  }

  #happens(fraction: number, component: string, key: string, n: number): boolean {
    return fraction > 0 && drawFraction(this.seed, component, key, n) < fraction;
  }
}

/** Adds an item, and gives what takes it out again. */
function added<Item>(items: Item[], item: Item): () => void {
  items.push(item);
  return () => {
    const at = items.indexOf(item);
    if (at >= 0) items.splice(at, 1);
  };
}

/** The name of whoever has this account; the account itself when it is nobody of the cast. */
export function nameOf(account: Address): string {
  return ACTOR_NAMES.find((name) => addressOf(name) === account) ?? account;
}

/** What an endpoint says that is right. */
const TRUTH = { lies: "Nothing", missingLogFraction: 0 } as const;

function isHonest({ lies, missingLogFraction }: RpcConditions): boolean {
  return lies === "Nothing" && missingLogFraction === 0;
}

function isMeant({ function: called, sender }: Censorship, { data, from }: SentTransaction) {
  const isOfSender = sender === undefined || addressOf(sender) === from;
  const selector = called === undefined ? "0x" : (SELECTORS[called] ?? called);
  return isOfSender && data.startsWith(selector);
}

function fateAt(fates: ReorgFates, drawn: number): Fate {
  const { delayedFraction, droppedFraction, reorderedFraction, replacedFraction } = fates;
  const parts: readonly (readonly [Fate, number])[] = [
    ["Dropped", droppedFraction],
    ["Delayed", delayedFraction],
    ["Reordered", reorderedFraction],
    ["Replaced", replacedFraction],
  ];
  let upTo = 0;
  for (const [fate, fraction] of parts) {
    upTo += fraction;
    if (drawn < upTo) return fate;
  }
  return "Survives";
}
