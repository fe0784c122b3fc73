/** Stories over ledger and virtual channels in which a node goes on from an old log, and what must be true then. */
import { expect } from "bun:test";
import type { ActorName } from "../../sim/actors.ts";
import { balanceOf, readBalances } from "../../sim/balances.ts";
import { checkCausality } from "../../sim/checkers/causality.ts";
import type { SimulatedChain } from "../../sim/simulated-chain.ts";
import type { SimulatedNode } from "../../sim/simulated-node.ts";
import type { World } from "../../sim/world.ts";
import { type Channel, phaseOf } from "../../src/channel/channel.ts";
import type { ChannelId } from "../../src/channel/channel-id.ts";
import { externalDestination } from "../../src/channel/destination.ts";
import { coversOpening } from "../../src/channel/holdings.ts";
import { ALLOCATION_TYPE } from "../../src/channel/outcome.ts";
import type { Engine } from "../../src/engine/engine.ts";
import type { Request } from "../../src/engine/request.ts";
import { assertDefined } from "../../src/primitives/assert.ts";
import { isActive } from "../../src/protocols/objective.ts";
import { playWorld } from "../played-world.ts";
import { type Head, recordsOf, rollBack, signedIn, signedTwice } from "./rolled-back.ts";

/** Alice pays Bob over Irene. */
export const LINE: readonly ActorName[] = ["alice", "irene", "bob"];

/** How far the story is told before the crash. */
export type Chapter = "opened" | "paid" | "closed" | "opened again" | "withdrawn";

/** A story in which logs become old. */
export type VirtualRestore = {
  readonly chapter: Chapter;
  readonly seed: number;
  readonly victims: readonly {
    readonly name: ActorName;
    /** Records that the old log has, of those there were. */
    readonly length: number;
    readonly head: Head;
  }[];
  /** Crashes the first victim when her log is so long, before its last record has effects. */
  readonly crashAtLength?: number;
};

/** Virtual milliseconds between two looks of a user at what the nodes have done. */
const LOOK_MS = 1_000;
/** Looks before a user gives up: twenty minutes. */
const LOOKS_MAX = 1_200;

const DEPOSIT = 100n;

/** Both ways, the last one out of what was paid before. In all Alice pays 8, and one more afterwards. */
const PAYMENTS: readonly (readonly [ActorName, bigint])[] = [
  ["alice", 6n],
  ["alice", 5n],
  ["bob", 4n],
  ["alice", 3n],
  ["bob", 2n],
];

/** How long each log is when nothing is restored. */
export async function lengthsOfLine(
  chain: SimulatedChain,
  chapter: Chapter,
): Promise<ReadonlyMap<ActorName, number>> {
  const lengths = new Map<ActorName, number>();
  await playWorld({ cast: LINE, seed: 1, chain }, async (world) => {
    await tell(world, chapter);
    for (const name of LINE) lengths.set(name, world.node(name).store.length);
  });
  return lengths;
}

/** Plays: open, crash, restore, close all. Asserts that nobody signs twice, and that all comes out right. */
export async function playVirtual(chain: SimulatedChain, restore: VirtualRestore): Promise<World> {
  const { chapter, crashAtLength, seed, victims } = restore;
  const twice: unknown[] = [];
  const world = await playWorld({ cast: LINE, seed, chain }, async (played) => {
    const told = tell(played, chapter);
    if (crashAtLength === undefined) await told;
    else await cutShort(played, told, assertDefined(victims[0], "a victim").name, crashAtLength);
    const lives = new Map<ActorName, ReturnType<typeof signedIn>>();
    for (const { head, length, name } of victims) {
      const node = played.node(name);
      const records = await recordsOf(node);
      lives.set(name, signedIn(records));
      node.crash();
      await rollBack(node, records, length, head);
    }
    await played.pause(500);
    for (const { name } of victims) await played.node(name).start();
    await see(played, "settle", () => isQuiet(played));
    if (chapter === "paid") {
      const [channel] = virtualChannels(played.node("alice").engine);
      await pay(played, "alice", assertDefined(channel, "the virtual channel").id, 1n);
    }
    await closeAll(played);
    for (const [name, earlier] of lives) {
      twice.push(...signedTwice([earlier, signedIn(await recordsOf(played.node(name)))]));
    }
  });
  expect(twice).toEqual([]);
  const broken = await Promise.all([...world.nodes.values()].map(checkCausality));
  expect(broken.flat().map(({ message }) => message)).toEqual([]);
  await checkMoney(world, chain, chapter === "paid" ? 9n : 0n);
  return world;
}

async function tell(world: World, chapter: Chapter): Promise<void> {
  await ask(world, "alice", ledgerBetween(world, "alice", "irene"));
  await ask(world, "irene", ledgerBetween(world, "irene", "bob"));
  await ask(world, "alice", virtualChannel(world));
  if (chapter === "opened") return;
  if (chapter === "withdrawn") {
    await ask(world, "irene", withdrawal(world));
    return;
  }
  const [channel] = virtualChannels(world.node("alice").engine);
  const { id: channelId } = assertDefined(channel, "the virtual channel");
  if (chapter === "paid") {
    for (const [payer, amount] of PAYMENTS) await pay(world, payer, channelId, amount);
    return;
  }
  await ask(world, "bob", { type: "DefundVirtually", channelId });
  if (chapter === "opened again") await ask(world, "alice", virtualChannel(world));
}

/** Pays, and waits until the payee has the voucher. */
async function pay(
  world: World,
  payer: ActorName,
  channelId: ChannelId,
  amount: bigint,
): Promise<void> {
  const asset = world.options.chain.token.address;
  const answer = await world.node(payer).engine.pay(channelId, { asset, amount });
  if (!answer.ok) throw new Error(`${payer} cannot pay: ${answer.reason.code}`);
  await see(world, "pay", () => LINE.every((name) => world.node(name).engine.isIdle()));
}

/** Lets a node stop before anybody hears of the last record of its log. */
async function cutShort(
  world: World,
  told: Promise<void>,
  name: ActorName,
  length: number,
): Promise<void> {
  told.catch(() => undefined);
  const node = world.node(name);
  const parts = node.parts as { onRecord: SimulatedNode["parts"]["onRecord"] };
  const record = parts.onRecord;
  const reached = new Promise<void>((resolve) => {
    parts.onRecord = (by, one) => {
      record(by, one);
      if (one.offset + 1 !== length) return;
      node.engine.stop();
      world.timeline.after(1, resolve);
    };
  });
  await Promise.race([told, reached]);
  parts.onRecord = record;
}

/** Waits until nothing is under way, and closes what is open: first what ledgers fund, then the ledgers. */
async function closeAll(world: World): Promise<void> {
  // What the contract holds is read again.
  await world.pause(60_000);
  for (const { id: channelId } of virtualChannels(world.node("alice").engine)) {
    const isRunning = LINE.every((name) => phaseAt(world, name, channelId) === "Running");
    if (isRunning) await ask(world, "alice", { type: "DefundVirtually", channelId });
  }
  await see(world, "free the ledgers", () => isQuiet(world));
  const { engine } = world.node("irene");
  for (const channel of engine.channels()) {
    const { id: channelId, ledger } = channel;
    // A ledger that was to take another one's place, and never did, holds nothing.
    if (ledger === undefined || !coversOpening(channel)) continue;
    if (phaseAt(world, "irene", channelId) !== "Running") continue;
    await ask(world, "irene", { type: "DefundDirectly", channelId });
  }
  await see(world, "end", () => isQuiet(world));
}

function isQuiet(world: World): boolean {
  return LINE.every((name) => {
    const node = world.node(name);
    return node.isRunning && node.engine.waits().length === 0 && node.engine.isIdle();
  });
}

function virtualChannels(engine: Engine): readonly Channel[] {
  return engine.channels().filter(({ use }) => use.type === "Virtual");
}

function phaseAt(world: World, name: ActorName, channelId: ChannelId): string | undefined {
  const channel = world.node(name).engine.channel(channelId);
  return channel && phaseOf(channel);
}

/** Asks, and waits until nobody has anything to do about it any more. */
async function ask(world: World, name: ActorName, request: Request): Promise<void> {
  const answer = await world.node(name).engine.submit(request);
  if (!answer.ok) {
    throw new Error(`${name}'s ${request.type}: ${answer.reason.code} ${describeAll(world)}`);
  }
  const id = answer.value;
  const ofAll = () => LINE.map((one) => world.node(one).engine.objective(id));
  await see(world, `${name}'s ${id}`, () => ofAll().every((one) => !one || !isActive(one)));
  const { rejectionCode, status } = assertDefined(
    world.node(name).engine.objective(id),
    "the objective",
  );
  expect([name, id, status, rejectionCode]).toEqual([name, id, "Completed", undefined]);
}

function ledgerBetween(world: World, left: ActorName, right: ActorName): Request {
  const { chain } = world.options;
  const participants = [left, right].map((name) => world.node(name).address);
  const allocations = participants.map((participant) => ({
    destination: externalDestination(participant),
    amount: DEPOSIT,
    allocationType: ALLOCATION_TYPE.simple,
    metadata: "0x" as const,
  }));
  const { address: asset } = chain.token;
  return {
    type: "FundDirectly",
    participants,
    outcome: [{ asset, assetMetadata: { assetType: 0, metadata: "0x" }, allocations }],
    appDefinition: chain.deployment.ledgerApp,
    appData: "0x",
    challengeDurationSec: 86_400,
  };
}

/** Part of both balances is paid out of the ledger that funds the channel on Alice's side. */
function withdrawal(world: World): Request {
  const { address: asset } = world.options.chain.token;
  const ledger = world
    .node("alice")
    .engine.channels()
    .find((one) => one.ledger !== undefined);
  const { id: channelId } = assertDefined(ledger, "Alice's ledger");
  return { type: "Withdraw", channelId, amounts: [{ asset, leader: 10n, follower: 30n }] };
}

function virtualChannel(world: World): Request {
  const { chain } = world.options;
  return {
    type: "FundVirtually",
    payee: world.node("bob").address,
    route: { intermediaries: [world.node("irene").address], fees: [3n] },
    ledgerId: undefined,
    shares: [{ asset: chain.token.address, left: 20n, right: 5n }],
    appDefinition: chain.deployment.paymentApp,
    challengeDurationSec: 86_400,
  };
}

async function see(world: World, what: string, isSo: () => boolean): Promise<void> {
  for (let look = 0; look < LOOKS_MAX; look++) {
    if (isSo()) return;
    await world.pause(LOOK_MS);
  }
  throw new Error(`${what} waits for ever: ${describeAll(world)}`);
}

function describeAll(world: World): string {
  const nodes = LINE.map((name) => {
    const { engine } = world.node(name);
    return {
      name,
      channels: engine
        .channels()
        .map((one) => [
          one.id.slice(0, 6),
          one.use.type,
          phaseOf(one),
          `supported ${one.supported?.variablePart.turnNum}`,
          `pending ${[...one.pending.keys()]}`,
          `mine ${one.mySignedTurn}`,
          `passed ${one.passedTurn}`,
          `missing ${one.missingMax}`,
          `agreed ${[...(one.ledger?.agreed.values() ?? [])].map((a) => `${a.proposal.type} ${a.objectiveId.slice(0, 18)}${a.isBlocked ? " blocked" : ""}`)}`,
          `waiting ${[...(one.ledger?.waiting.values() ?? [])].map((w) => `${w.turnNum}/${w.baseTurnNum}${w.isRefused ? "x" : ""}[${w.changes.map((c) => c.proposal.type)}]`)}`,
          `reserved ${one.ledger?.reserved.size}`,
        ]),
      objectives: engine
        .objectives()
        .map((o) => `${o.id.slice(0, 24)} ${o.status} ${o.rejectionCode ?? ""}`),
      waits: engine.waits().map(({ id, waitingFor }) => `${waitingFor} of ${id.slice(0, 24)}`),
      open: [...engine.view().messages.values()].map(
        ({ message, to }) => `${message.type} to ${to.slice(0, 6)}`,
      ),
      peers: [...engine.view().peers.values()].map(({ resync }) => resync.type),
    };
  });
  return JSON.stringify(nodes, undefined, 1);
}

/** Bob has what Alice paid, Irene her fees, and the contract nothing. */
async function checkMoney(world: World, chain: SimulatedChain, paid: bigint): Promise<void> {
  const balances = await readBalances(chain, LINE);
  const tokens = balances.map((one) => one.before["TOK"] ?? 0n);
  const start = 1_000n * 10n ** 18n;
  const held = await balanceOf(chain, chain.deployment.adjudicator, chain.token);
  const fees = feesOf(world);
  expect([held, ...tokens]).toEqual([0n, start - fees - paid, start + fees, start + paid]);
}

/** Irene keeps the fee of every channel that was open, whether she remembers it or not. */
function feesOf(world: World): bigint {
  const channels = LINE.flatMap((name) => virtualChannels(world.node(name).engine));
  const open = new Set(channels.filter(({ wasOpen }) => wasOpen).map(({ id }) => id));
  return 3n * BigInt(open.size);
}
