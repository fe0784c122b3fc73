/**
 * Nodes as people run them: processes, sockets, a chain. The short form is for `check`;
 * `bun run processes` takes the long one.
 */
import { describe, expect } from "bun:test";
import { crash, integration } from "../kind.ts";
import type { Daemon, DaemonOptions } from "./daemon.ts";
import { close, openLedger, openVirtual, type ThreeNodes, withThreeNodes } from "./three-nodes.ts";

const IS_LONG = process.env["CHANNELS_PROCESSES"] === "all";

/** Payments in one virtual channel. */
const PAYMENTS = IS_LONG ? 1_000 : 25;

/** Kills are for the long form alone: each costs the start of a process. */
const crashAtLength: typeof crash = IS_LONG ? crash : () => undefined;

/** Kills over one story, at least and at most. */
const KILLS = 50;
const KILLS_MAX = 200;

/** Longest time of a story, in milliseconds. */
const TIME_MAX_MS = IS_LONG ? 1_800_000 : 240_000;

/** One payment, in wei: all of them together are more than any gas, so that gas hides nothing. */
const PAYMENT_WEI = 10n ** 14n;

const ALL_WEI: bigint = PAYMENT_WEI * BigInt(PAYMENTS);

/** Longest time for which a node is away, and between two kills, in milliseconds: few are spread over the story. */
const AWAY_MS_MAX = 600;
const PEACE_MS_MAX = IS_LONG ? 600 : 2_000;

/** What each side puts into its ledger, in wei. */
const SHARE_WEI = 10n ** 18n;

/** The most that the transactions of one side may cost, in wei: some hundred thousand gas at 2 gwei. */
const GAS_WEI_MAX = 10n ** 15n;

/** Opens both ledgers and the virtual channel. */
async function open({ alice, bob, irene }: ThreeNodes): Promise<Opened> {
  const [left, right] = await Promise.all([alice, bob].map((node) => openLedger(node, irene)));
  const wanted = { amount: ALL_WEI, hub: irene, payee: bob, name: "for payments" };
  const virtual = await openVirtual(alice, wanted);
  return { left: left ?? "", right: right ?? "", virtual };
}

type Opened = { readonly left: string; readonly right: string; readonly virtual: string };

/** What the payee can prove in a channel. */
async function receivedBy(node: Daemon, channelId: string): Promise<bigint> {
  const { payments } = await node.insist("channels_get", { channelId });
  return BigInt(payments[0]?.received ?? 0);
}

async function until(isSo: () => Promise<boolean>): Promise<void> {
  const deadlineMs = performance.now() + 60_000;
  while (!(await isSo().catch(() => false))) {
    if (performance.now() > deadlineMs) throw new Error("it did not come about in a minute");
    await Bun.sleep(20);
  }
}

/** Closes all, and compares what the chain paid with what was paid by voucher. */
async function settle({ alice, bob, chain }: ThreeNodes, opened: Opened): Promise<void> {
  const owned = (): Promise<bigint[]> =>
    Promise.all([alice, bob].map(({ address }) => chain.balanceOf(address)));
  const [aliceBefore = 0n, bobBefore = 0n] = await owned();
  await close(alice, opened.virtual);
  await close(alice, opened.left);
  await close(bob, opened.right);
  const [aliceAfter = 0n, bobAfter = 0n] = await owned();
  for (const [gained, due] of [
    [aliceAfter - aliceBefore, SHARE_WEI - ALL_WEI],
    [bobAfter - bobBefore, SHARE_WEI + ALL_WEI],
  ] as const) {
    expect(gained).toBeLessThanOrEqual(due);
    expect(gained).toBeGreaterThan(due - GAS_WEI_MAX);
  }
}

const wires: readonly DaemonOptions["wire"][] = ["tcp", "libp2p"];

/** `check` has time for one story on each wire: the one with kills on TCP. */
const told = (wire: string, isDeadly: boolean): boolean => IS_LONG || (wire === "tcp") === isDeadly;

for (const wire of wires) {
  describe(`three nodes over ${wire}`, () => {
    if (told(wire, false)) {
      integration(
        "open ledgers and a virtual channel, pay, and close",
        () => withThreeNodes({ wire }, payInPeace),
        TIME_MAX_MS,
      );
    }
    if (told(wire, true)) {
      crashAtLength(
        "lose nothing when one of them is killed again and again",
        () => withThreeNodes({ wire }, payUnderKills),
        TIME_MAX_MS,
      );
    }
  });
}

async function payInPeace(nodes: ThreeNodes): Promise<void> {
  await playWhole(nodes);
  for (const node of [nodes.alice, nodes.bob, nodes.irene]) {
    expect(await node.stop()).toBe(143);
  }
}

/** The kills begin before the first channel and end with the last one. */
async function payUnderKills(nodes: ThreeNodes): Promise<void> {
  let isOver = false;
  const kills = killAtRandom(nodes, () => isOver);
  try {
    await playWhole(nodes, kills.many);
  } finally {
    isOver = true;
    await kills.ended;
  }
  expect(kills.count()).toBeGreaterThanOrEqual(KILLS);
}

/** Opens, pays, closes. While there have been too few kills, small channels are opened and closed besides. */
async function playWhole(nodes: ThreeNodes, isEnough: () => boolean = () => true): Promise<void> {
  const { alice, bob, irene } = nodes;
  const opened = await open(nodes);
  for (let paid = 0; paid < PAYMENTS; paid++) await pay(alice, opened.virtual, paid);
  for (let round = 0; !isEnough(); round++) {
    const wanted = { amount: 1n, hub: irene, payee: bob, name: `for round ${round}` };
    await close(alice, await openVirtual(alice, wanted));
  }
  await until(async () => (await receivedBy(bob, opened.virtual)) === ALL_WEI);
  await settle(nodes, opened);
}

/** Kills one of the nodes after another, each time a different while after the last one is back. */
function killAtRandom(nodes: ThreeNodes, isOver: () => boolean) {
  const victims = [nodes.irene, nodes.bob, nodes.alice];
  let kills = 0;
  const run = async (): Promise<void> => {
    while (!isOver() && kills < KILLS_MAX) {
      await Bun.sleep(PEACE_MS_MAX * Math.random());
      const victim = victims[Math.floor(Math.random() * victims.length)];
      await victim?.kill();
      await Bun.sleep(AWAY_MS_MAX * Math.random());
      await victim?.start();
      kills += 1;
    }
  };
  return { ended: run(), count: () => kills, many: () => kills >= KILLS };
}

/** Asked for again under the same key, a payment is not made twice. */
async function pay(payer: Daemon, channelId: string, count: number): Promise<void> {
  const amount = `${PAYMENT_WEI}`;
  await payer.insist("payments_pay", { channelId, amount, idempotencyKey: `payment ${count}` });
}
