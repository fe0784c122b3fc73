/** Stories in which a node goes on from an old log, and what must be true whatever that log was. */
import { expect } from "bun:test";
import type { ActorName } from "../../sim/actors.ts";
import { balanceOf, readBalances } from "../../sim/balances.ts";
import { checkCausality } from "../../sim/checkers/causality.ts";
import type { SimulatedChain } from "../../sim/simulated-chain.ts";
import type { SimulatedNode } from "../../sim/simulated-node.ts";
import type { NetworkConditions } from "../../sim/wire.ts";
import type { World } from "../../sim/world.ts";
import { phaseOf } from "../../src/channel/channel.ts";
import { externalDestination } from "../../src/channel/destination.ts";
import { directDefundId, type ObjectiveId } from "../../src/channel/objective-id.ts";
import { ALLOCATION_TYPE } from "../../src/channel/outcome.ts";
import type { Request } from "../../src/engine/request.ts";
import { assertDefined } from "../../src/primitives/assert.ts";
import { playWorld } from "../played-world.ts";
import { type Death, startDying } from "./dying-again.ts";
import { endOfStep, type Head, recordsOf, rollBack, signedIn, signedTwice } from "./rolled-back.ts";

/** A channel, and payments all round. */
export type Story = {
  readonly cast: readonly ActorName[];
  readonly seed: number;
  readonly network?: NetworkConditions;
  /** How often each node takes a snapshot; absent: too seldom for these stories. */
  readonly eventsPerSnapshot?: number;
  /** Crashes the first victim here; absent: all crash when everything that was asked for is done. */
  readonly crashAt?: CrashAt;
  /** Closes the channel before the crash. */
  readonly isClosed?: boolean;
};

/** A story in which logs become old: which ones, by how much, and what the disk says about it. */
export type Restore = Story & {
  readonly victims: readonly {
    readonly name: ActorName;
    /** Records that the old log has, of those there were; more than there were is all of them. */
    readonly length: number;
    readonly head: Head;
  }[];
  /** Kills the first victim once more, in the life that begins with the old log. */
  readonly diesAgain?: Death;
};

/** Where a node dies: when its log has become so long, before or after it could send what follows. */
export type CrashAt = {
  readonly length: number;
  readonly moment: "before its effects" | "after its effects";
};

/** What a user pays who does not wait: told apart from everything else that is paid. */
const IMPATIENT = 100n;

/** Virtual milliseconds between two looks of a user at what her node has done. */
const LOOK_MS = 1_000;
/** Looks before a user gives up: twenty minutes. */
const LOOKS_MAX = 1_200;

/** How long the log of each of the cast is when nothing is restored. */
export async function lengthsOf(
  chain: SimulatedChain,
  restore: Story,
): Promise<ReadonlyMap<ActorName, number>> {
  const lengths = new Map<ActorName, number>();
  await playWorld({ ...options(restore), chain }, async (world) => {
    await tellFirstPart(world, restore);
    for (const name of restore.cast) lengths.set(name, world.node(name).store.length);
  });
  return lengths;
}

/** Plays: fund, pay, crash, restore, pay, close. Asserts that nobody signs twice, and that all comes out right. */
export async function playRestored(chain: SimulatedChain, restore: Restore): Promise<World> {
  const twice: unknown[] = [];
  const world = await playWorld({ ...options(restore), chain }, async (played) => {
    await tellFirstPart(played, restore, restore.victims[0]?.name);
    const lives = new Map<ActorName, ReturnType<typeof signedIn>>();
    for (const { head, length, name } of restore.victims) {
      const node = played.node(name);
      const records = await recordsOf(node);
      lives.set(name, signedIn(records));
      node.crash();
      // One log alone is cut anywhere; where two are, each as a disk can leave it.
      const isAlone = restore.victims.length === 1;
      await rollBack(node, records, isAlone ? length : endOfStep(records, length), head);
    }
    await played.pause(500);
    for (const { name } of restore.victims) {
      const { diesAgain } = name === restore.victims[0]?.name ? restore : {};
      if (diesAgain === undefined) await played.node(name).start();
      else await startDying(played, name, diesAgain);
      void payAtOnce(played, restore.cast, name);
    }
    await tellSecondPart(played, restore);
    for (const [name, earlier] of lives) {
      const now = signedIn(await recordsOf(played.node(name)));
      twice.push(...signedTwice([earlier, now]));
    }
  });
  expect(twice).toEqual([]);
  const broken = await Promise.all([...world.nodes.values()].map(checkCausality));
  expect(broken.flat().map(({ message }) => message)).toEqual([]);
  await checkEnd(world, chain, restore);
  return world;
}

function options({ cast, eventsPerSnapshot, network = {}, seed }: Story) {
  return { cast, network, seed, ...(eventsPerSnapshot === undefined ? {} : { eventsPerSnapshot }) };
}

async function tellFirstPart(world: World, { cast, crashAt, isClosed }: Story, victim?: ActorName) {
  const [first] = cast;
  const told = (async () => {
    await world.node(first ?? "alice").engine.submit(opening(world, cast));
    await see(world, "fund", () => cast.every((name) => phaseAt(world, name) === "Running"));
    for (const [index, name] of cast.entries()) await pay(world, cast, name, BigInt(3 + index));
    if (isClosed) await close(world, cast);
  })();
  if (crashAt === undefined || victim === undefined) return told;
  told.catch(() => undefined);
  const parts = world.node(victim).parts as { onRecord: SimulatedNode["parts"]["onRecord"] };
  const record = parts.onRecord;
  await Promise.race([told, reached(world, victim, crashAt)]);
  parts.onRecord = record;
}

/** A user who asks before her node can have heard of anybody, and does not care what comes of it. */
async function payAtOnce(world: World, cast: readonly ActorName[], name: ActorName): Promise<void> {
  const { engine } = world.node(name);
  const channel = engine.channels().findLast((one) => phaseOf(one) === "Running");
  if (channel === undefined) return;
  const to = (cast.indexOf(name) + 1) % cast.length;
  const asset = world.options.chain.token.address;
  const change = { type: "Pay", asset, to, amount: IMPATIENT } as const;
  await engine.submit({ type: "UpdateChannel", channelId: channel.id, change });
}

/** Resolves when the log of a node has become so long. */
function reached(world: World, name: ActorName, { length, moment }: CrashAt): Promise<void> {
  const node = world.node(name);
  const parts = node.parts as { onRecord: SimulatedNode["parts"]["onRecord"] };
  const record = parts.onRecord;
  return new Promise((resolve) => {
    parts.onRecord = (by, one) => {
      record(by, one);
      if (one.offset + 1 !== length) return;
      if (moment === "before its effects") node.engine.stop();
      world.timeline.after(1, resolve);
    };
  });
}

async function tellSecondPart(world: World, { cast }: Restore): Promise<void> {
  const engines = () => cast.map((name) => world.node(name).engine);
  await see(
    world,
    "agree",
    () =>
      cast.every((name) => world.node(name).isRunning) &&
      engines().every((engine) =>
        engine.waits().every(({ waitingFor }) => waitingFor !== "Resync"),
      ),
  );
  // A channel that only one had heard of is lost with her log, and a new one is opened.
  const isKnown = () => engines().some((engine) => engine.channels().length > 0);
  await world.pause(60_000);
  if (!isKnown()) await world.node(cast[0] ?? "alice").engine.submit(opening(world, cast));
  await see(world, "settle", () => engines().every((engine) => engine.waits().length === 0));
  if (engines().every((engine) => engine.channels().some((one) => phaseOf(one) === "Running"))) {
    for (const name of cast) await pay(world, cast, name, 5n);
    for (const name of cast.toReversed()) await pay(world, cast, name, 5n);
    await close(world, cast);
  }
  await see(world, "end", () => engines().every((engine) => engine.waits().length === 0));
}

function phaseAt(world: World, name: ActorName) {
  const { engine } = world.node(name);
  const [channel] = engine.channels().slice(-1);
  return channel === undefined ? undefined : phaseOf(channel);
}

async function pay(world: World, cast: readonly ActorName[], name: ActorName, amount: bigint) {
  const { engine } = world.node(name);
  const channel = assertDefined(
    engine.channels().findLast((one) => phaseOf(one) === "Running"),
    "a running channel",
  );
  const to = (cast.indexOf(name) + 1) % cast.length;
  const asset = world.options.chain.token.address;
  const change = { type: "Pay", asset, to, amount } as const;
  await ask(world, cast, name, { type: "UpdateChannel", channelId: channel.id, change });
}

async function close(world: World, cast: readonly ActorName[]): Promise<void> {
  const [name] = cast.slice(-1);
  const { engine } = world.node(assertDefined(name, "somebody"));
  const channel = assertDefined(
    engine.channels().findLast((one) => phaseOf(one) === "Running"),
    "a running channel",
  );
  await ask(world, cast, assertDefined(name, "somebody"), {
    type: "DefundDirectly",
    channelId: channel.id,
  });
  const id = directDefundId(channel.id);
  await see(world, "close", () => cast.every((one) => isDone(world, one, id)));
}

async function ask(world: World, cast: readonly ActorName[], name: ActorName, request: Request) {
  const answer = await world.node(name).engine.submit(request);
  if (!answer.ok) throw new Error(`${name}'s ${request.type} is refused: ${answer.reason.code}`);
  const id = answer.value;
  await see(world, `${name}'s ${id}`, () => cast.every((one) => isDone(world, one, id)));
  for (const one of cast) {
    const { rejectionCode, status } = assertDefined(world.node(one).engine.objective(id), "it");
    expect([name, one, id, status, rejectionCode]).toEqual([name, one, id, "Completed", undefined]);
  }
}

function isDone(world: World, name: ActorName, id: ObjectiveId): boolean {
  const status = world.node(name).engine.objective(id)?.status;
  return status === "Completed" || status === "Rejected";
}

async function see(world: World, what: string, isSo: () => boolean): Promise<void> {
  for (let look = 0; look < LOOKS_MAX; look++) {
    if (isSo()) return;
    await world.pause(LOOK_MS);
  }
  const waits = [...world.nodes.values()].map(({ engine, parts }) => [
    parts.name,
    engine
      .channels()
      .map((one) => [
        phaseOf(one),
        one.supported?.variablePart.turnNum,
        [...one.pending.keys()],
        one.mySignedTurn,
        one.passedTurn,
      ]),
    engine.waits().map(({ id, waitingFor }) => `${waitingFor} of ${id.replace(/0x\w+/, "C")}`),
    [...engine.view().peers.values()].map((peer) => JSON.stringify(peer)),
  ]);
  throw new Error(`${what} waits for ever: ${JSON.stringify(waits, undefined, 1)}`);
}

function opening(world: World, cast: readonly ActorName[]): Request {
  const { chain } = world.options;
  const participants = cast.map((name) => world.node(name).address);
  const allocations = participants.map((participant) => ({
    destination: externalDestination(participant),
    amount: 1_000n,
    allocationType: ALLOCATION_TYPE.simple,
    metadata: "0x" as const,
  }));
  return {
    type: "FundDirectly",
    participants,
    outcome: [
      { asset: chain.token.address, assetMetadata: { assetType: 0, metadata: "0x" }, allocations },
    ],
    appDefinition: chain.deployment.consensusApp,
    appData: "0x",
    challengeDurationSec: 86_400,
  };
}

/** Nobody has more than one channel, it is paid out, and pays what all of them think that it pays. */
async function checkEnd(
  world: World,
  chain: SimulatedChain,
  { cast, crashAt, victims }: Restore,
): Promise<void> {
  const ends = cast.map((name) =>
    world
      .node(name)
      .engine.channels()
      // A channel that nobody else has heard of is as good as none.
      .filter(({ supported }) => supported !== undefined)
      .map(({ holdings, supported }) => [supported?.variablePart, [...holdings.values()]]),
  );
  for (const end of ends) expect(end).toEqual(assertDefined(ends[0], "an end"));
  const balances = await readBalances(chain, cast);
  const tokens = balances.map((one) => one.before["TOK"] ?? 0n);
  const start = 1_000n * 10n ** 18n;
  const held = await balanceOf(chain, chain.deployment.adjudicator, chain.token);
  expect(tokens.reduce((sum, one) => sum + one, held)).toBe(BigInt(cast.length) * start);
  // What was paid is known to nobody when all who signed it lose it.
  if (crashAt !== undefined || victims.length > 1) return;
  // Everybody paid 3 + index and twice 5 to the next, and was paid by the one before.
  const expected = cast.map((name, index) => {
    const from = (index + cast.length - 1) % cast.length;
    const payer = assertDefined(cast[from], "who pays");
    const paid = BigInt(3 + index) + paidAtOnce(world, name, index);
    return start - paid + BigInt(3 + from) + paidAtOnce(world, payer, from);
  });
  expect(tokens).toEqual(expected);
}

/** What a user who did not wait has paid in the end. */
function paidAtOnce(world: World, name: ActorName, index: number): bigint {
  const isPaid = world
    .node(name)
    .engine.objectives()
    .some(({ goal, openedBy, status }) => {
      const change = goal.type === "Update" && openedBy === index ? goal.change : undefined;
      return status === "Completed" && change?.type === "Pay" && change.amount === IMPATIENT;
    });
  return isPaid ? IMPATIENT : 0n;
}
