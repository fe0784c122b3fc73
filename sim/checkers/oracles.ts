/** The oracles that look on while a world runs: at every record of every log, and at every block. */
import { confirmationSec } from "../../src/chain/chain-profile.ts";
import type { Channel } from "../../src/channel/channel.ts";
import type { ChannelId } from "../../src/channel/channel-id.ts";
import type { LogMessage } from "../../src/channel/message-log.ts";
import type { Outcome } from "../../src/channel/outcome.ts";
import type { Address } from "../../src/crypto/address.ts";
import type { NodeEvent } from "../../src/events/event.ts";
import type { EventRecord } from "../../src/events/record.ts";
import type { ActorName } from "../actors.ts";
import { ETH } from "../assets.ts";
import type { MinedBlock, TakenBack, Witness } from "../witness.ts";
import type { World } from "../world.ts";
import {
  addChannel,
  bookBlock,
  type ChainBooks,
  closeBooks,
  heldOnChain,
  openBooks,
  unbookBlocks,
} from "./chain-books.ts";
import { claimOf, countedOutcome, uncoveredAtNode, uncoveredClaim } from "./coverage.ts";
import { crashText, isFaultOfNode } from "./crash.ts";
import {
  createSignatureRegister,
  forgetLost,
  learnSignatures,
  type SignatureRegister,
} from "./double-signature.ts";
import { Games } from "./games.ts";
import { isCause, overgrown } from "./growth.ts";
import { brokenGuarantees } from "./guarantees.ts";
import { fallsWith } from "./monotone.ts";
import {
  type ChannelStep,
  createMirror,
  foldRecord,
  isNext,
  type NodeMirror,
} from "./node-mirror.ts";
import type { OracleName } from "./oracle-names.ts";
import { foretellWorld } from "./prediction.ts";
import { Restarts } from "./restarts.ts";
import { type Shortfall, Solvency } from "./solvency.ts";
import { type LoggedSignatures, noteSignatures, unloggedSignatures } from "./wire-signatures.ts";

/** Findings of one oracle that are told: what follows from one fault would fill pages. */
const FINDINGS_MAX = 10;

/** Oracles of what honest nodes are promised, as long as the assumptions hold under which it is. */
const SOLVENCY: readonly OracleName[] = ["coverage", "guarantees", "solvency", "paid"];

/** How to watch. */
export type WatchOptions = {
  /** Whose records are judged; everybody's but a cheater's when absent. The others may write what they like. */
  readonly honest?: readonly ActorName[];
};

/** Opens the books on the chain, and puts the oracles into a world that has not run yet. */
export async function watchWorld(
  world: World,
  { honest = withoutCheaters(world) }: WatchOptions = {},
): Promise<Oracles> {
  const oracles = new Oracles(world, await openBooks(world.options.chain), honest);
  world.witnesses.push(oracles);
  await foretellWorld(world);
  return oracles;
}

/** Whoever is to take any move of her own for a victory breaks the rules that others are judged by. */
function withoutCheaters({ options: { cast, cheating = [] } }: World): readonly ActorName[] {
  return cast.filter((name) => !cheating.includes(name));
}

/** All oracles of one run. What they find, they add to the violations of the world. */
export class Oracles implements Witness {
  readonly #world: World;
  readonly #books: ChainBooks;
  readonly #mirrors = new Map<ActorName, NodeMirror>();
  /** Nodes whose log was cut: theirs is read anew at the end. */
  readonly #cut = new Set<ActorName>();
  /** By node, the offset of its newest record. */
  readonly #lastOffsets = new Map<ActorName, number>();
  /** Channels of which a reorg took something back. */
  readonly #doubted = new Set<ChannelId>();
  readonly #honest: ReadonlyMap<ActorName, Address>;
  /** Honest ones whose disk was damaged: what they forgot is no fault of theirs. */
  readonly #forgotten = new Set<ActorName>();
  readonly #register: SignatureRegister;
  readonly #solvency: Solvency;
  readonly #games: Games;
  /** What each wallet had in the beginning, by owner and asset. */
  readonly #walletsBefore: ReadonlyMap<Address, ReadonlyMap<Address, bigint>>;
  readonly #restarts = new Restarts();
  /** By node, virtual milliseconds of its newest record. */
  readonly #lastSeenMs = new Map<ActorName, number>();
  /** By node, how many events of its log came from outside. */
  readonly #causes = new Map<ActorName, number>();
  readonly #logged: LoggedSignatures = new Map();
  readonly #told = new Map<string, Set<string>>();

  constructor(world: World, books: ChainBooks, honest: readonly ActorName[]) {
    this.#world = world;
    this.#books = books;
    this.#honest = new Map(honest.map((name) => [name, world.node(name).address]));
    this.#register = createSignatureRegister(new Set(this.#honest.values()));
    this.#solvency = new Solvency(this.#honest, books.assets);
    this.#games = new Games(world.options.chain.deployment);
    this.#walletsBefore = new Map(
      [...books.wallets].map(([owner, amounts]) => [owner, new Map(amounts)]),
    );
  }

  /** Judges a node no more, because its disk was damaged; but for what it signs twice, if all others are honest. */
  forget(name: ActorName): void {
    this.#forgotten.add(name);
    this.#solvency.forget(name);
    const address = this.#honest.get(name);
    const isAlone = this.#forgotten.size === 1 && this.#honest.size === this.#world.nodes.size;
    if (address !== undefined && !isAlone) this.#register.judged.delete(address);
  }

  /** To be called when users begin to close what is open: what is due now must be in wallets at the end. */
  beginEnding(): void {
    this.#solvency.beginEnding();
  }

  /** A user asks for a move of a game: from the first time on, her node may say nothing else in her name. */
  sawMoveWished(node: ActorName, channelId: ChannelId, messages: readonly LogMessage[]): void {
    this.#games.sawWish(node, channelId, messages);
  }

  /** Whoever cheats is not judged. */
  sawRecord(node: ActorName, record: EventRecord<NodeEvent>): void {
    const { event } = record;
    // What two who cheat pay into a channel of their own is in the adjudicator, too.
    if (event.type === "ChannelCreated") addChannel(this.#books, event.channelId);
    if (this.#world.adversaries.has(node)) return;
    noteSignatures(this.#logged, event, this.#world.virtualMs);
    if (!this.#isJudged(node)) return;
    this.#lastSeenMs.set(node, this.#world.virtualMs);
    if (isCause(event)) this.#causes.set(node, (this.#causes.get(node) ?? 0) + 1);
    const mirror = this.#mirrorOf(node);
    this.#noteLost(node, record.offset);
    if (!isNext(mirror, record)) this.#cut.add(node);
    if (this.#cut.has(node)) {
      this.#solvency.forget(node);
      return;
    }
    this.#look(mirror, record);
    this.#tellAll(
      "games",
      `${node}'s log at offset ${record.offset}`,
      this.#games.sawEvent(node, event),
    );
    this.#lookAtTime();
    this.#lookAtMoney(mirror, record);
  }

  /** A record that stands where there was one before: what was there is lost. */
  #noteLost(node: ActorName, offset: number): void {
    const address = this.#honest.get(node);
    const isAgain = offset <= (this.#lastOffsets.get(node) ?? -1);
    this.#lastOffsets.set(node, offset);
    if (isAgain && address !== undefined) forgetLost(this.#register, address, offset);
  }

  async sawBlock(block: MinedBlock): Promise<void> {
    const place = `block ${block.number}`;
    this.#lookAtTime();
    const short = this.#solvency.sawBlock(block, this.#world.miner.newestSec, (channelId, asset) =>
      heldOnChain(this.#books, channelId, asset),
    );
    this.#tellShort("solvency", place, short);
    this.#tellAll("conservation", place, await bookBlock(this.#books, block));
    for (const { channelId } of block.logs) this.#lookAtAll(channelId, place);
    if (block.isOnTime) this.#lookAtDoubted(place);
    await this.#lookAtNodes(place);
  }

  /** An honest node must not fall over what others do. True when that was told, and the run may go on without it. */
  sawCrash(node: ActorName, error: unknown): boolean {
    if (!isFaultOfNode(error)) return false;
    if (!this.#isJudged(node)) return true;
    this.#tell("crash", `${node} stops: ${crashText(error)}`, `${node}`);
    return true;
  }

  /** What the old blocks held of a channel may be in the new ones as well: it is asked once those are there. */
  async sawReorg(reorg: TakenBack): Promise<void> {
    const place = `the reorg back to block ${reorg.fork}`;
    const { imbalances, touched } = await unbookBlocks(this.#books, reorg);
    this.#solvency.sawReorg(reorg);
    this.#tellAll("conservation", place, imbalances);
    for (const channelId of touched) this.#doubted.add(channelId);
  }

  /**
   * Looks at what only the end shows: all books, the logs that were cut, what was on the wire; and, of the parties
   * named here, whether all that was due to them is in their wallets.
   */
  async finish(settled: readonly ActorName[] = []): Promise<void> {
    this.#tellAll("conservation", "the end", await closeBooks(this.#books));
    this.#lookAtDoubted("the end");
    this.#lookAtTime();
    const present = settled.filter((name) => this.#isJudged(name));
    const gainedOf = (name: ActorName, asset: Address): bigint => this.#gainedOf(name, asset);
    this.#tellShort("paid", "the end", this.#solvency.unpaid(present, gainedOf));
    for (const node of this.#cut) {
      if (!this.#isJudged(node)) continue;
      const mirror = createMirror(node);
      for await (const record of this.#world.node(node).store.readFrom(0)) {
        noteSignatures(this.#logged, record.event, 0);
        this.#look(mirror, record);
      }
    }
    const isNode = (endpoint: string): boolean =>
      this.#mirrors.has(endpoint as ActorName) && this.#isJudged(endpoint as ActorName);
    const unlogged = unloggedSignatures(this.#world.trace.entries, this.#logged, isNode);
    this.#tellAll("signatures on the wire", "", unlogged);
  }

  /**
   * What strangers have put into a channel, of one asset: what the adjudicator holds above all that its
   * newest supported outcome claims. Nobody's balance has it.
   */
  surplusOf(channelId: ChannelId, asset: Address): bigint {
    const outcome = this.#newestOutcome(channelId);
    const claimed = outcome === undefined ? 0n : claimOf(outcome, asset);
    const surplus = heldOnChain(this.#books, channelId, asset) - claimed;
    return surplus > 0n ? surplus : 0n;
  }

  #newestOutcome(channelId: ChannelId): Outcome | undefined {
    const known = [...this.#mirrors.values()].flatMap(
      ({ channels }) => channels.get(channelId) ?? [],
    );
    const isPaid = this.#books.paying.has(channelId);
    if (isPaid) return undefined;
    const [newest] = known.sort((one, other) => turnOf(other) - turnOf(one));
    return newest?.supported?.variablePart.outcome ?? newest?.fundingOutcome;
  }

  #look(mirror: NodeMirror, record: EventRecord<NodeEvent>): void {
    const place = `${mirror.node}'s log at offset ${record.offset}`;
    this.#tellAll("monotone", place, fallsWith(mirror, record.event));
    const step = this.#fold(mirror, record);
    if (step === undefined) return;
    const { after } = step;
    const { memory } = this.#world.faults;
    this.#tellAll("double signature", "", learnSignatures(this.#register, step, memory));
    this.#tellAll("guarantees", place, brokenGuarantees(step));
    if (!changesMoney(step)) return;
    const uncovered = uncoveredAtNode(mirror, after);
    if (uncovered !== undefined) {
      const text = `${place}: ${uncovered} in ${after.id}, as far as the node knows`;
      this.#tell("coverage", text, `node ${mirror.node} ${after.id}`);
    }
    this.#lookAtChain(mirror, after, place);
  }

  #isJudged(node: ActorName): boolean {
    return this.#honest.has(node) && !this.#forgotten.has(node);
  }

  /** True for whoever was gone before she could answer what came then, and is still, and whom no tower watches over. */
  #wasAway = (name: ActorName, sinceSec: number, needsHer: boolean): boolean => {
    const { faults, options, timeline, virtualMs } = this.#world;
    const { profile } = faults.conditions;
    const answeredSec = sinceSec + confirmationSec(profile) + profile.inclusionBoundSec;
    const answeredMs = answeredSec * 1_000 - (timeline.nowMs - virtualMs);
    const isWatched = !needsHer && (options.watched?.includes(name) ?? false);
    return (
      !isWatched &&
      !this.#world.node(name).isRunning &&
      (this.#lastSeenMs.get(name) ?? 0) <= answeredMs
    );
  };

  /** A challenge becomes final by time alone, in a block with nothing in it. */
  #lookAtTime(): void {
    const { newestSec, nextBlock } = this.#world.miner;
    this.#tellShort(
      "solvency",
      `block ${nextBlock - 1}`,
      this.#solvency.sawTime(newestSec, this.#wasAway),
    );
  }

  /** What a log says that cannot be is told by its fold. */
  #lookAtMoney({ node }: NodeMirror, { event, offset }: EventRecord<NodeEvent>): void {
    try {
      const short = this.#solvency.sawEvent(node, event);
      this.#tellShort("solvency", `${node}'s log at offset ${offset}`, short);
    } catch (error) {
      this.#solvency.forget(node);
      const problem = error instanceof Error ? error.message : String(error);
      this.#tell(
        "fold",
        `${node}'s log at offset ${offset}: promises of nothing known: ${problem}`,
      );
    }
  }

  /** What a wallet has more than in the beginning, and what it paid for gas. */
  #gainedOf(name: ActorName, asset: Address): bigint {
    const address = this.#world.node(name).address;
    const now = this.#books.wallets.get(address)?.get(asset) ?? 0n;
    const before = this.#walletsBefore.get(address)?.get(asset) ?? 0n;
    if (asset !== ETH.address) return now - before;
    const own = this.#world.miner.receipts.filter(({ from }) => from.toLowerCase() === address);
    return now - before + own.reduce((sum, { feeWei }) => sum + feeWei, 0n);
  }

  async #lookAtNodes(place: string): Promise<void> {
    for (const name of this.#honest.keys()) {
      const node = this.#world.node(name);
      if (!this.#isJudged(name) || !node.isRunning) continue;
      for (const { message, resource } of overgrown(node, this.#causes.get(name) ?? 0)) {
        this.#tell("growth", `${place}: ${message}`, `${name} ${resource}`);
      }
      for (const { message, oracle } of await this.#restarts.check(node)) {
        this.#tell(oracle, `${place}: ${message}`);
      }
    }
  }

  /** A fold that refuses is a broken log, not a broken simulation. */
  #fold(mirror: NodeMirror, record: EventRecord<NodeEvent>): ChannelStep | undefined {
    try {
      return foldRecord(mirror, record);
    } catch (error) {
      const problem = error instanceof Error ? error.message : String(error);
      const place = `${mirror.node}'s log at offset ${record.offset}`;
      this.#tell("fold", `${place}: a ${record.event.type} cannot stand here: ${problem}`);
      return undefined;
    }
  }

  #lookAtDoubted(place: string): void {
    for (const channelId of this.#doubted) this.#lookAtAll(channelId, place);
    this.#doubted.clear();
  }

  #lookAtAll(channelId: ChannelId, place: string): void {
    for (const mirror of this.#mirrors.values()) {
      const channel = mirror.channels.get(channelId);
      if (channel !== undefined) this.#lookAtChain(mirror, channel, place);
    }
  }

  #lookAtChain(mirror: NodeMirror, channel: Channel, place: string): void {
    const outcome = countedOutcome(mirror, channel);
    if (outcome === undefined || this.#books.paying.has(channel.id)) return;
    const heldOf = (asset: Address): bigint => heldOnChain(this.#books, channel.id, asset);
    const uncovered = uncoveredClaim(channel, outcome, heldOf);
    if (uncovered === undefined) return;
    const text = `${place}: ${mirror.node} counts on ${channel.id}; ${uncovered}, as the contract has it`;
    this.#tell("coverage", text, `chain ${mirror.node} ${channel.id}`);
  }

  #mirrorOf(node: ActorName): NodeMirror {
    const known = this.#mirrors.get(node) ?? createMirror(node);
    this.#mirrors.set(node, known);
    return known;
  }

  #tellShort(oracle: OracleName, place: string, found: readonly Shortfall[]): void {
    for (const { about, message } of found) this.#tell(oracle, `${place}: ${message}`, about);
  }

  #tellAll(oracle: OracleName, place: string, found: readonly string[]): void {
    for (const text of found) this.#tell(oracle, place === "" ? text : `${place}: ${text}`);
  }

  /** Findings about the same are told once: what comes later follows from the first. */
  #tell(oracle: OracleName, message: string, about: string = message): void {
    const isPromised = this.#world.faults.assumptions.length === 0;
    if (!isPromised && SOLVENCY.includes(oracle)) return;
    const told = this.#told.get(oracle) ?? new Set();
    this.#told.set(oracle, told);
    if (told.size >= FINDINGS_MAX || told.has(about)) return;
    told.add(about);
    this.#world.violations.push({ oracle, message });
  }
}

/** True when what the node counts on, or what it knows to be held, may be another than before. */
function changesMoney({ after, before, event }: ChannelStep): boolean {
  if (event.type === "ObjectiveCompleted") return true;
  return after.supported !== before?.supported || after.holdings !== before?.holdings;
}

function turnOf({ supported }: Channel): number {
  return supported?.variablePart.turnNum ?? -1;
}
