/**
 * Alice and Bob pay each other over Irene as fast as they can, in both directions, and somebody closes the channel
 * in the middle of it, while one of the nodes stops behind one of its appends and comes back.
 */
import { drawBetween } from "../../sim/keyed-random.ts";
import type { SimulatedChain } from "../../sim/simulated-chain.ts";
import { createStage } from "../../sim/stage.ts";
import { walletOf } from "../../sim/wallets.ts";
import type { World } from "../../sim/world.ts";
import { type Channel, phaseOf } from "../../src/channel/channel.ts";
import type { ChannelId } from "../../src/channel/channel-id.ts";
import type { Engine } from "../../src/engine/engine.ts";
import type { Journal } from "../../src/ports/journal.ts";
import { assertDefined } from "../../src/primitives/assert.ts";
import { bestRedemption } from "../../src/protocols/best-redemption.ts";
import { checkPaymentSupport } from "../../src/protocols/payment-rule.ts";
import type { Context } from "../../src/protocols/protocol.ts";
import { playWorld } from "../played-world.ts";

/** The ends, and the intermediary between them. */
export const PAYING_CAST = ["alice", "irene", "bob"] as const;

type Name = (typeof PAYING_CAST)[number];

/** Who stops at which of its appends, counted from the first payment, with or without what it appends. */
export type Stop = {
  readonly victim: Name;
  readonly append: number;
  readonly moment: "before" | "behind";
  readonly absenceMs: number;
};

/** What a story came to. */
export type PaidStory = {
  /** Appends of each node since the first payment. */
  readonly appends: Readonly<Record<string, number>>;
  /** Vouchers that were taken after their payee had heard of the end. */
  readonly takenLate: number;
  /** What is not as it should be. Empty when all is well. */
  readonly faults: readonly string[];
};

/** What each puts into the virtual channel: both have to pay back what they were paid. */
const PART = 6n;
/** What each puts into each of its ledger channels. */
const DEPOSIT = 20n;
const PAYMENTS = 24;
/** Virtual milliseconds between two payments of one end: a message takes longer than that. */
const PAUSE_MS = [0, 30] as const;
/** The signatures of all three. */
const ALL = 0b111n;
/** Virtual milliseconds after which nothing of the story is under way any more: a frame is repeated within 30 s. */
const REST_MS = 90_000;

/** Plays the story once; without a stop nobody stops. */
export async function playPayments(
  chain: SimulatedChain,
  seed: number,
  stop: Stop | undefined,
): Promise<PaidStory> {
  const appends: Record<string, number> = {};
  const faults: string[] = [];
  let takenLate = 0;
  let isOver = false;
  await playWorld({ seed, cast: PAYING_CAST, chain }, async (world) => {
    const { alice, bob, irene, token } = createStage(world, {});
    const before = await wallets(world);
    const deposits = [{ asset: token, amounts: [DEPOSIT, DEPOSIT] }];
    const left = await alice.openLedger(irene, deposits);
    const right = await irene.openLedger(bob, deposits);
    const channelId = await alice.openVirtual(bob, [{ asset: token, amounts: [PART, PART] }]);
    for (const name of PAYING_CAST) {
      hookDisk(world, name, stop, (count) => {
        if (!isOver) appends[name] = count;
        return !isOver;
      });
    }
    world.witnesses.push({
      sawRecord: (name, { event }) => {
        const objectives = engineOf(world, name)?.waits() ?? [];
        if (event.type === "VoucherReceived" && objectives.length > 0) takenLate += 1;
      },
      sawBlock: async () => {},
      sawReorg: async () => {},
    });
    await Promise.all([
      payAndClose(world, seed, channelId),
      watchRedemptions(world, channelId, (fault) => faults.push(fault)),
    ]);
    await world.pause(REST_MS + (stop?.absenceMs ?? 0));
    await closeAgain(world, channelId);
    isOver = true;
    faults.push(...faultsOf(world, channelId));
    if (faults.length > 0) return;
    const due = dueOf(channelAt(world, "alice", channelId));
    await alice.closeChannel(left);
    await bob.closeChannel(right);
    const after = await wallets(world);
    const gains = after.map((amount, index) => amount - (before[index] ?? 0n));
    if (`${gains}` !== `${[due, 0n, -due]}`) faults.push(`${gains} were won, and not ${due}`);
  });
  return { appends, takenLate, faults };
}

async function payAndClose(world: World, seed: number, channelId: ChannelId): Promise<void> {
  const asset = world.options.chain.token.address;
  const draw = (what: string, range: readonly [number, number], n: number): number =>
    Math.floor(drawBetween(range, seed, "paying", what, n));
  const payer = async (name: "alice" | "bob"): Promise<void> => {
    for (let n = 0; n < PAYMENTS; n++) {
      await world.pause(draw(`${name} pause`, PAUSE_MS, n));
      const amount = BigInt(1 + draw(`${name} amount`, [0, 5], n));
      // Refused once she has nothing left, or the end has begun; a node that is away pays nothing.
      void engineOf(world, name)?.pay(channelId, { asset, amount });
    }
  };
  const closer = async (): Promise<void> => {
    await world.pause(draw("close", [0, PAUSE_MS[1] * PAYMENTS], 0));
    const name = PAYING_CAST[seed % PAYING_CAST.length] ?? "bob";
    void engineOf(world, name)?.submit({ type: "DefundVirtually", channelId });
  };
  await Promise.all([payer("alice"), payer("bob"), closer()]);
}

/** At every moment each end that runs can show the contract, alone, a state that pays what it counts as its own. */
async function watchRedemptions(
  world: World,
  channelId: ChannelId,
  onFault: (fault: string) => void,
): Promise<void> {
  for (let look = 0; look < PAYMENTS; look++) {
    await world.pause(PAUSE_MS[1]);
    for (const name of ["alice", "bob"] as const) {
      const channel = engineOf(world, name)?.channel(channelId);
      const fault = channel && faultOfRedemption(channel, world.node(name).rules().context);
      if (fault !== undefined) onFault(`${name} ${fault}`);
    }
  }
}

function faultOfRedemption(channel: Channel, context: Context): string | undefined {
  const { fixedPart, myIndex } = channel;
  const { candidate, proof } = assertDefined(bestRedemption(channel, context), "a redemption");
  const signedBy = proof.length === 0 ? ALL : 1n << BigInt(myIndex);
  const claim = {
    fixedPart,
    proof: proof.map(({ variablePart }) => ({ variablePart, signedBy: ALL })),
    candidate: { variablePart: candidate.variablePart, signedBy },
  };
  const verdict = checkPaymentSupport(claim, context.recoverSigner);
  if (!verdict.ok) return `cannot redeem: ${verdict.reason.code}`;
  const [exit] = candidate.variablePart.outcome;
  const pays = assertDefined(exit?.allocations[myIndex === 0 ? 0 : 1], "her part").amount;
  const due = PART + dueOf(channel);
  return pays < due ? `can redeem ${pays} and not ${due}` : undefined;
}

/** Whoever had stopped may have forgotten the wish to close, which nobody else heard. */
async function closeAgain(world: World, channelId: ChannelId): Promise<void> {
  if (phaseOf(channelAt(world, "irene", channelId)) !== "Running") return;
  void engineOf(world, "irene")?.submit({ type: "DefundVirtually", channelId });
  await world.pause(REST_MS);
}

/** The end pays what each end has issued, the other end knows all of it, and nobody waits for anything. */
function faultsOf(world: World, channelId: ChannelId): readonly string[] {
  const [alice, irene, bob] = PAYING_CAST.map((name) => channelAt(world, name, channelId));
  const waits = PAYING_CAST.flatMap((name) =>
    (engineOf(world, name)?.waits() ?? []).map(({ waitingFor }) => `${name} waits: ${waitingFor}`),
  );
  if (waits.length > 0) return waits;
  const channels = [alice, irene, bob].map((one) => assertDefined(one, "a channel"));
  const open = channels.filter((one) => phaseOf(one) !== "Finalized");
  if (open.length > 0) return [`${open.length} have the channel ${open.map(phaseOf)}`];
  const shares = channels.map((one) => `${sharesOf(one)}`);
  const due = dueOf(channels[0]);
  const expected = `${[PART + due, PART - due]}`;
  const isKnown =
    `${paid(channels[0], "issued")}` === `${paid(channels[2], "received")}` &&
    `${paid(channels[2], "issued")}` === `${paid(channels[0], "received")}`;
  return [
    ...(shares.every((share) => share === expected) ? [] : [`${shares} is not ${expected}`]),
    ...(isKnown ? [] : ["an end does not know a payment that the other one made"]),
  ];
}

/** What a participant has won by the vouchers that she knows. */
function dueOf(channel: Channel | undefined): bigint {
  return paid(channel, "received") - paid(channel, "issued");
}

function paid(channel: Channel | undefined, direction: "issued" | "received"): bigint {
  return channel?.vouchers[direction]?.amounts[0] ?? 0n;
}

function sharesOf({ supported }: Channel): readonly (bigint | undefined)[] {
  const [exit] = assertDefined(supported, "a supported state").variablePart.outcome;
  return exit?.allocations.map(({ amount }) => amount) ?? [];
}

function channelAt(world: World, name: Name, channelId: ChannelId): Channel {
  return assertDefined(engineOf(world, name)?.channel(channelId), "the virtual channel");
}

function engineOf(world: World, name: Name | string): Engine | undefined {
  const node = [...world.nodes.values()].find(({ parts }) => parts.name === name);
  return node?.isRunning ? node.engine : undefined;
}

function wallets(world: World): Promise<readonly bigint[]> {
  const { token } = world.options.chain;
  return Promise.all(PAYING_CAST.map((name) => walletOf(world, name, token)));
}

/** Counts the appends of a node, and stops it at the one that is named, as long as it may still stop. */
function hookDisk(
  world: World,
  name: Name,
  stop: Stop | undefined,
  onAppend: (count: number) => boolean,
): void {
  const node = world.node(name);
  const journal = node.parts.disk.journal as { write: Journal["write"] };
  const { write } = journal;
  let count = 0;
  journal.write = async (position, bytes) => {
    const mayStop = node.isRunning && onAppend(++count);
    const isHit = mayStop && stop?.victim === name && stop.append === count;
    if (!isHit || stop.moment === "behind") await write(position, bytes);
    if (!isHit) return;
    node.crash();
    world.timeline.after(stop.absenceMs, () => void node.start());
    await new Promise(() => {});
  };
}
