/** Plays random calls on the contracts and on the model, and compares all that can be seen. */
import { storageCell } from "../../sim/chain/model/cells.ts";
import { askChain, cellMismatches, compareBlock } from "../../sim/chain/model/found-block.ts";
import type { ReplicaOptions } from "../../sim/chain/model/replica.ts";
import { reasonOf } from "../../sim/chain/model/revert.ts";
import { statusSlot } from "../../sim/chain/model/status.ts";
import type { ContractCall } from "../../src/chain/adjudicator.ts";
import { emptyBook } from "./book.ts";
import { type Drawing, type DrawnCall, drawCall } from "./calls.ts";
import { chanceOf } from "./chance.ts";
import { drawChannel } from "./channels.ts";
import { assetsOf, type Stage, send, setStage } from "./stage.ts";

/** How much is played. */
export type DifferentialOptions = ReplicaOptions & {
  readonly seed: number;
  readonly transactions: number;
  /** Ends the run at the first mismatch. */
  readonly stopsAtMismatch?: boolean;
  readonly onProgress?: (transactions: number) => void;
};

/** What a run found. */
export type DifferentialResult = {
  readonly transactions: number;
  readonly blocks: number;
  readonly mismatches: readonly string[];
  /** By function, calls that succeeded and all calls. */
  readonly counts: ReadonlyMap<string, readonly [succeeded: number, all: number]>;
  /** Different reasons with which calls were refused. */
  readonly reasons: ReadonlyMap<string, number>;
};

/** Channels that calls are about at one time, and blocks until one of them gives way to a new one. */
const CHANNELS = 16;
const BLOCKS_PER_CHANNEL = 4;

/** Most calls of one block. */
const CALLS_MAX = 8;

/** Blocks between two looks at every cell that was ever written. */
const BLOCKS_PER_REVIEW = 200;

/** Plays until so many transactions are in blocks. */
export async function runDifferential(options: DifferentialOptions): Promise<DifferentialResult> {
  const { onProgress, seed, stopsAtMismatch = false, transactions } = options;
  const stage = await setStage(options);
  const player = new Player(stage, seed);
  try {
    while (player.played < transactions) {
      await player.playBlock(transactions - player.played);
      if (stopsAtMismatch && player.mismatches.length > 0) break;
      onProgress?.(player.played);
    }
    await player.review();
  } finally {
    await stage.chain.stop();
  }
  const { blocks, counts, mismatches, played, reasons } = player;
  return { transactions: played, blocks, mismatches, counts, reasons };
}

/** One run. */
class Player {
  readonly mismatches: string[] = [];
  readonly counts: Map<string, readonly [succeeded: number, all: number]> = new Map();
  readonly reasons: Map<string, number> = new Map();
  played = 0;
  blocks = 0;
  readonly #stage: Stage;
  readonly #drawing: Drawing;
  readonly #channels: ReturnType<typeof drawChannel>[];
  readonly #written = new Set<string>();

  constructor(stage: Stage, seed: number) {
    const chance = chanceOf(seed);
    const assets = assetsOf(stage);
    this.#stage = stage;
    this.#channels = Array.from({ length: CHANNELS }, () => drawChannel(chance, stage, assets));
    this.#drawing = { chance, stage, book: emptyBook(), channels: this.#channels };
  }

  /** Makes one block of a few calls. */
  async playBlock(callsMax: number): Promise<void> {
    const { chance } = this.#drawing;
    const count = Math.min(callsMax, 1 + chance.below(CALLS_MAX));
    const calls: DrawnCall[] = [];
    for (let index = 0; index < count; index++) calls.push(await this.#makeCall());
    const { chain, replica } = this.#stage;
    this.#stage.timestampSec = this.#drawTime();
    await chain.mine(this.#stage.timestampSec);
    const { forecast, mismatches } = await compareBlock(chain.rpc, replica);
    this.#report(mismatches);
    if (forecast.outcomes.length !== calls.length) this.#report(["not every call was mined"]);
    for (const [index, call] of calls.entries()) {
      const outcome = forecast.outcomes[index];
      if (outcome?.succeeded) call.learn(outcome.logs);
      this.#count(call.name, outcome?.succeeded === true);
    }
    for (const name of forecast.changes.keys()) this.#written.add(name);
    this.played += calls.length;
    this.blocks += 1;
    if (this.blocks % BLOCKS_PER_CHANNEL === 0) this.#renew();
    if (this.blocks % BLOCKS_PER_REVIEW === 0) await this.review();
  }

  /** Looks at every cell that was ever written. */
  async review(): Promise<void> {
    const { chain, replica } = this.#stage;
    const cells = new Map([...this.#written].map((name) => [name, replica.read(name)]));
    this.#report(await cellMismatches(chain.rpc, cells));
    this.#written.clear();
  }

  async #makeCall(): Promise<DrawnCall> {
    const call = drawCall(this.#drawing);
    const { from, ...rest } = call;
    await this.#ask({ from: from.address, to: rest.to, data: rest.data, valueWei: rest.valueWei });
    const { data, to, valueWei } = call;
    await send(this.#stage, from, { data, to, valueWei } as ContractCall);
    return call;
  }

  /** Compares the answer, or the refusal to the byte, before anything is sent. */
  async #ask(call: Parameters<typeof askChain>[1]): Promise<void> {
    const { chain, replica } = this.#stage;
    const found = await askChain(chain.rpc, call);
    if (found === undefined) return;
    const said = replica.ask(call);
    if (!found.succeeded) {
      const reason = reasonOf(found.answer) ?? found.answer;
      this.reasons.set(reason, (this.reasons.get(reason) ?? 0) + 1);
    }
    if (found.succeeded === said.succeeded && found.answer === said.answer) return;
    const text = (one: typeof said): string =>
      `${one.succeeded ? "answers" : "refuses"} ${one.answer}`;
    this.#report([
      `asked ${JSON.stringify(call, bigintAsText)} it ${text(found)}; by the model it ${text(said)}`,
    ]);
  }

  /** Soon, at once, or about the time at which a challenge ends. */
  #drawTime(): number {
    const { chance } = this.#drawing;
    const { adjudicators, replica, timestampSec } = this.#stage;
    const step = chance.pick([0, 1, 12, 12, 60]);
    if (!chance.isOneIn(3)) return timestampSec + step;
    const ends = this.#channels.flatMap(({ channelId }) =>
      adjudicators.map((one) => replica.read(storageCell(one, statusSlot(channelId)))),
    );
    const soon = ends
      .map((word) => Number(BigInt.asUintN(48, word >> 160n)))
      .filter((sec) => sec > timestampSec && sec < timestampSec + 10_000);
    if (soon.length === 0) return timestampSec + step;
    return chance.pick(soon) + chance.pick([-1, 0, 1]);
  }

  #renew(): void {
    const { chance, stage } = this.#drawing;
    const index = chance.below(CHANNELS);
    this.#channels[index] = drawChannel(chance, stage, assetsOf(stage));
  }

  #count(name: string, succeeded: boolean): void {
    const [done, all] = this.counts.get(name) ?? [0, 0];
    this.counts.set(name, [done + (succeeded ? 1 : 0), all + 1]);
  }

  #report(found: readonly string[]): void {
    this.mismatches.push(...found.map((text) => `block ${this.blocks + 1}: ${text}`));
  }
}

function bigintAsText(_: string, value: unknown): unknown {
  return typeof value === "bigint" ? `${value}` : value;
}
