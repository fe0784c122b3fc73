/** Steps of stories in which nodes of ours meet nodes of go-nitro. */
import type { ActorName } from "../../sim/actors.ts";
import { type ChannelId, channelIdOf } from "../../src/channel/channel-id.ts";
import {
  directDefundId,
  directFundId,
  type ObjectiveId,
  virtualDefundId,
  virtualFundId,
} from "../../src/channel/objective-id.ts";
import { ZERO_ADDRESS } from "../../src/crypto/address.ts";
import type { Engine } from "../../src/engine/engine.ts";
import { goNitroObjectiveOf } from "../../src/messages/go-nitro/objective.ts";
import type { GoWorld } from "./go-world.ts";

/** Milliseconds between two looks of somebody who waits. */
const LOOK_MS = 100;

/** Milliseconds after which a story stands still: half an hour. */
const PATIENCE_MS = 1_800_000;

/** Opens a ledger that `leader` asks for, and waits until both sides see it run. */
export async function openLedger(
  go: GoWorld,
  leader: ActorName,
  follower: ActorName,
  [first, second]: readonly [bigint, bigint],
  nonce = 7n,
): Promise<ChannelId> {
  const { goNitroLedgerApp } = go.world.options.chain.deployment;
  const parts = [
    [leader, first],
    [follower, second],
  ] as const;
  const outcome = go.outcome(parts);
  const fixedPart = go.fixedPart([leader, follower], nonce, goNitroLedgerApp);
  if (isOurs(go, leader)) {
    const { appDefinition, challengeDurationSec, participants } = fixedPart;
    const id = await ask(go, leader, {
      type: "FundDirectly",
      participants,
      outcome,
      appDefinition,
      appData: "0x",
      challengeDurationSec,
    });
    await done(go, id, [leader, follower]);
    return channelOf(id);
  }
  const channelId = channelIdOf(fixedPart);
  go.go(leader).engine.createLedger(fixedPart, outcome);
  await done(go, directFundId(channelId), [leader, follower]);
  return channelId;
}

function channelOf(id: ObjectiveId): ChannelId {
  const named = goNitroObjectiveOf(id);
  if (!named.ok) throw new Error(named.reason.code);
  return named.value.channelId;
}

/** The same world for somebody who waits for nobody else: it goes on when `name` has completed what it began. */
export const hasty = (go: GoWorld, name: ActorName): GoWorld => ({ ...go, waitsFor: [name] });

/** Waits until everybody named has completed an objective. */
export async function done(
  go: GoWorld,
  id: ObjectiveId,
  names: readonly ActorName[],
): Promise<void> {
  for (const name of names.filter((one) => go.waitsFor.includes(one))) {
    await until(go, `${name} to complete ${id}`, () => statusAt(go, name, id) === "Completed");
  }
}

/** Waits for something, and gives up when it stands still. */
export async function until(go: GoWorld, what: string, isSo: () => boolean): Promise<void> {
  const { world } = go;
  const endMs = world.virtualMs + PATIENCE_MS;
  while (!isSo()) {
    if (world.virtualMs > endMs) throw new Error(`${what} stands still: ${waitsOf(go)}`);
    await world.pause(LOOK_MS);
  }
}

function waitsOf(go: GoWorld): string {
  const ours = [...go.world.nodes.values()].flatMap((node) =>
    node.isRunning
      ? node.engine.waits().map((one) => `${node.parts.name}: ${one.waitingFor} of ${one.id}`)
      : [],
  );
  const theirs = go.theirs.flatMap((name) =>
    [...go.go(name).engine.objectives.values()]
      .filter(({ status }) => status !== "Completed")
      .map(({ id, status }) => `${name}: ${status} ${id}`),
  );
  const faults = go.faults.map(({ at, code, peer }) => `${at}: ${code} of ${peer}`);
  return [...ours, ...theirs, ...faults].join("; ");
}

function statusAt(go: GoWorld, name: ActorName, id: ObjectiveId): string | undefined {
  if (!isOurs(go, name)) return go.go(name).engine.objectives.get(id)?.status;
  const node = go.world.node(name);
  return node.isRunning ? node.engine.objective(id)?.status : undefined;
}

/** Asks a node of ours, once it runs. */
async function ask(
  go: GoWorld,
  name: ActorName,
  request: Parameters<Engine["submit"]>[0],
): Promise<ObjectiveId> {
  const node = go.world.node(name);
  for (;;) {
    await until(go, `${name} to run`, () => node.isRunning);
    const answer = await Promise.race([node.engine.submit(request), gone(go, name)]);
    if (answer?.ok === true) return answer.value;
    if (answer?.ok === false && answer.reason.code !== "NodeStopped") {
      throw new Error(answer.reason.code);
    }
    // What was asked of a node that crashed may have happened.
    const known = objectiveFor(go, name, request);
    if (known !== undefined) return known;
  }
}

async function gone(go: GoWorld, name: ActorName): Promise<undefined> {
  const node = go.world.node(name);
  const { store } = node;
  while (node.isRunning && node.store === store) await go.world.pause(LOOK_MS);
  await until(go, `${name} to run`, () => node.isRunning);
  return undefined;
}

function objectiveFor(
  go: GoWorld,
  name: ActorName,
  request: Parameters<Engine["submit"]>[0],
): ObjectiveId | undefined {
  const goals = { FundDirectly: "DirectFund", DefundDirectly: "DirectDefund" } as const;
  const others = { FundVirtually: "VirtualFund", DefundVirtually: "VirtualDefund" } as const;
  const goal: string | undefined = { ...goals, ...others }[request.type as keyof typeof goals];
  const wanted = go.world
    .node(name)
    .engine.objectives()
    .find(
      (one) =>
        one.goal.type === goal &&
        (!("channelId" in request) || one.channelId === request.channelId) &&
        one.status !== "Completed",
    );
  return wanted?.id;
}

function isOurs(go: GoWorld, name: ActorName): boolean {
  return !go.theirs.includes(name);
}

/** The three of a story, and their ledgers: alice leads the first, if not irene, and bob or irene the second. */
export const THREE = ["alice", "irene", "bob"] as const;

/** Both ledgers of the route. */
export async function openRoute(
  go: GoWorld,
  secondLeader: "bob" | "irene" = "irene",
  firstLeader: "alice" | "irene" = "alice",
): Promise<{ readonly left: ChannelId; readonly right: ChannelId }> {
  const left =
    firstLeader === "alice"
      ? await openLedger(go, "alice", "irene", [60n, 40n], 1n)
      : await openLedger(go, "irene", "alice", [40n, 60n], 1n);
  const other = secondLeader === "irene" ? "bob" : "irene";
  const right = await openLedger(go, secondLeader, other, [50n, 50n], 2n);
  return { left, right };
}

/** Opens a virtual channel from alice to bob over irene. */
export async function openVirtual(
  go: GoWorld,
  [left, right]: readonly [bigint, bigint],
  nonce = 3n,
): Promise<ChannelId> {
  const outcome = go.outcome([
    ["alice", left],
    ["bob", right],
  ]);
  const fixedPart = go.fixedPart(THREE, nonce, ZERO_ADDRESS);
  if (isOurs(go, "alice")) {
    const id = await ask(go, "alice", {
      type: "FundVirtually",
      payee: go.address("bob"),
      route: { intermediaries: [go.address("irene")], fees: [0n] },
      ledgerId: undefined,
      shares: [{ asset: ZERO_ADDRESS, left, right }],
      appDefinition: ZERO_ADDRESS,
      challengeDurationSec: fixedPart.challengeDurationSec,
    });
    await done(go, id, THREE);
    return channelOf(id);
  }
  go.go("alice").engine.createVirtual(fixedPart, outcome);
  const channelId = channelIdOf(fixedPart);
  await done(go, virtualFundId(channelId), THREE);
  return channelId;
}

/** Alice pays bob, and he hears of it. */
export async function payVirtual(go: GoWorld, channelId: ChannelId, amount: bigint): Promise<void> {
  const before = receivedBy(go, channelId);
  await promise(go, channelId, amount);
  await until(go, "a voucher", () => receivedBy(go, channelId) >= before + amount);
}

/** Alice pays bob, who may not hear of it before the end. */
export async function promise(go: GoWorld, channelId: ChannelId, amount: bigint): Promise<void> {
  if (isOurs(go, "alice")) {
    await until(go, "alice to run", () => go.world.node("alice").isRunning);
    const answer = await go.world
      .node("alice")
      .engine.pay(channelId, { asset: ZERO_ADDRESS, amount });
    if (!answer.ok) throw new Error(answer.reason.code);
  } else go.go("alice").engine.pay(channelId, amount);
}

/** What bob has been promised, as he knows it. */
export function receivedBy(go: GoWorld, channelId: ChannelId): bigint {
  if (!isOurs(go, "bob")) return go.go("bob").engine.vouchers.paid(channelId);
  return go.world.node("bob").engine.channel(channelId)?.vouchers.received?.amounts[0] ?? 0n;
}

/** Somebody closes the virtual channel, and everybody is done with it. */
export async function closeVirtual(
  go: GoWorld,
  channelId: ChannelId,
  closer: ActorName,
): Promise<void> {
  if (isOurs(go, closer)) {
    await ask(go, closer, { type: "DefundVirtually", channelId });
  } else go.go(closer).engine.closeVirtual(channelId);
  await done(go, virtualDefundId(channelId), THREE);
}

/** One side closes a ledger, and both are paid out. */
export async function closeLedger(
  go: GoWorld,
  ledger: ChannelId,
  closer: ActorName,
  peer: ActorName,
): Promise<void> {
  if (isOurs(go, closer)) {
    await ask(go, closer, { type: "DefundDirectly", channelId: ledger });
  } else go.go(closer).engine.closeLedger(ledger);
  await done(go, directDefundId(ledger), [closer, peer]);
}

/** What leader and follower have free in a ledger, as one of them knows it. */
export function balancesOf(go: GoWorld, ledger: ChannelId, name: ActorName): readonly bigint[] {
  if (!isOurs(go, name)) return go.go(name).engine.ledgers.get(ledger)?.current.balances ?? [];
  const outcome = go.world.node(name).engine.channel(ledger)?.supported?.variablePart.outcome;
  return outcome?.[0]?.allocations.slice(0, 2).map(({ amount }) => amount) ?? [];
}
