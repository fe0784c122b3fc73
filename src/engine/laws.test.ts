/** Laws that every node keeps, whatever the order of what it hears. */
import { describe, expect } from "bun:test";
import fc from "fast-check";
import { property } from "../../test/kind.ts";
import { APP, PureNetwork } from "../../test/pure-network.ts";
import { phaseOf } from "../channel/channel.ts";
import { externalDestination } from "../channel/destination.ts";
import { directDefundId, directFundId, updateId } from "../channel/objective-id.ts";
import type { Outcome } from "../channel/outcome.ts";
import type { Address } from "../crypto/address.ts";
import type { NodeEvent } from "../events/event.ts";
import { assertDefined } from "../primitives/assert.ts";
import { jsonOf } from "../primitives/json.ts";
import { isActive } from "../protocols/objective.ts";
import { evolveNode } from "./evolve-node.ts";
import { createNodeState } from "./node-state.ts";

/** Stories of each law, at least. `check` tells some dozens; `bun run laws`, which sets CHANNELS_LAWS, tells 1,000. */
const STORIES_MIN = Number(process.env["CHANNELS_LAWS"] ?? 0) / 10;

/** A story takes up to a tenth of a second; milliseconds. */
const TIME_MAX_MS: number = 120_000 + 500 * STORIES_MIN;

/** What participants put in and pay each other, and the order in which things happen. */
type Story = {
  readonly size: number;
  /** Per asset, the deposit of each participant; some are zero, never all. */
  readonly deposits: readonly (readonly bigint[])[];
  /** Who pays how many times: one unit of the first asset to the next participant. */
  readonly payments: readonly number[];
  readonly closer: number;
  readonly choices: readonly number[];
};

const story: fc.Arbitrary<Story> = fc
  .record({ size: fc.constantFrom(2, 2, 3, 3, 5), assets: fc.integer({ min: 1, max: 3 }) })
  .chain(({ assets, size }) =>
    fc.record({
      size: fc.constant(size),
      deposits: fc.array(
        fc
          .array(fc.oneof(fc.constant(0n), fc.bigInt({ min: 2n, max: 2n ** 200n })), {
            minLength: size,
            maxLength: size,
          })
          .filter((amounts) => amounts.some((amount) => amount > 0n)),
        { minLength: assets, maxLength: assets },
      ),
      payments: fc.array(fc.nat(2), { minLength: size, maxLength: size }),
      closer: fc.nat(size - 1),
      choices: fc.array(fc.nat(60), { minLength: 20, maxLength: 400 }),
    }),
  );

const assetAt = (index: number): Address =>
  (index === 0 ? `0x${"00".repeat(20)}` : `0x${"c0".repeat(19)}0${index}`) as Address;

function outcomeOf(network: PureNetwork, { deposits }: Story): Outcome {
  return deposits.map((amounts, asset) => ({
    asset: assetAt(asset),
    assetMetadata: { assetType: 0, metadata: "0x" },
    allocations: amounts.map((amount, index) => ({
      destination: externalDestination(network.node(index).rules.me),
      amount,
      allocationType: 0,
      metadata: "0x",
    })),
  }));
}

/** Payments that a participant can always make: with nothing of her own she makes none. */
function paymentsOf({ deposits, payments }: Story, index: number): number {
  return (deposits[0]?.[index] ?? 0n) > 0n ? (payments[index] ?? 0) : 0;
}

/** Plays the story in the order of its choices; `look` sees the network after each step. */
function play(
  told: Story,
  look: (network: PureNetwork) => void,
  mayClose: typeof isAllPaid = isAllPaid,
): PureNetwork {
  const network = new PureNetwork(told.size);
  const participants = network.nodes.map(({ rules }) => rules.me);
  network.ask(0, {
    type: "FundDirectly",
    participants,
    outcome: outcomeOf(network, told),
    appDefinition: APP,
    appData: "0x",
    challengeDurationSec: 86_400,
  });
  const asked = new Set<number>();
  let isClosing = false;
  for (let step = 0; ; step++) {
    askForPayments(network, told, asked);
    if (!isClosing && mayClose(network, told)) {
      isClosing = true;
      const { id } = assertDefined(network.channelOf(told.closer), "the channel");
      network.ask(told.closer, { type: "DefundDirectly", channelId: id });
    }
    if (!network.act(told.choices[step] ?? step)) return network;
    look(network);
  }
}

/**
 * Everybody pays as soon as her own node has the channel running, be it before the others'; but for
 * those who hear first that it is being closed, whose nodes take no new wishes.
 */
function askForPayments(network: PureNetwork, told: Story, asked: Set<number>): void {
  for (const index of network.nodes.keys()) {
    const channel = network.channelOf(index);
    if (channel === undefined || asked.has(index) || phaseOf(channel) !== "Running") continue;
    asked.add(index);
    if (network.node(index).state.objectives.has(directDefundId(channel.id))) continue;
    for (let count = 0; count < paymentsOf(told, index); count++) {
      const to = (index + 1) % told.size;
      const change = { type: "Pay", asset: assetAt(0), to, amount: 1n } as const;
      network.ask(index, { type: "UpdateChannel", channelId: channel.id, change });
    }
  }
}

function isAllPaid(network: PureNetwork, told: Story): boolean {
  return network.nodes.every(({ state }, node) => {
    const channel = network.channelOf(node);
    if (channel === undefined) return false;
    const isDone = (id: ReturnType<typeof directFundId>): boolean =>
      state.objectives.get(id)?.status === "Completed";
    const updates = network.nodes.flatMap((_, by) =>
      Array.from({ length: paymentsOf(told, by) }, (_update, n) => updateId(channel.id, by, n)),
    );
    return isDone(directFundId(channel.id)) && updates.every(isDone);
  });
}

/** In the middle of everything, for whoever closes. */
function isRunningForCloser(network: PureNetwork, { closer }: Story): boolean {
  const channel = network.channelOf(closer);
  return channel !== undefined && phaseOf(channel) === "Running";
}

function check(predicate: (told: Story) => void, numRuns: number): void {
  fc.assert(fc.property(story, predicate), { numRuns: Math.max(numRuns, STORIES_MIN) });
}

describe("a node", () => {
  property(
    "asks for nothing when it is cranked a second time, in any state that it can reach",
    () => {
      check((told) => {
        play(told, (network) => {
          for (const index of network.nodes.keys()) {
            expect(network.eventsOfSecondCrank(index)).toEqual([]);
          }
        });
      }, 45);
    },
    TIME_MAX_MS,
  );

  property(
    "is what a replay of its log gives, at every moment",
    () => {
      check((told) => {
        const replays = Array.from({ length: told.size }, () => ({
          at: 0,
          state: createNodeState(),
        }));
        play(told, (network) => {
          for (const [index, replay] of replays.entries()) {
            const { log, state } = network.node(index);
            if (replay.at === log.length) continue;
            for (; replay.at < log.length; replay.at++) {
              evolveNode(replay.state, assertDefined(log[replay.at], "an event"));
            }
            expect(jsonOf(replay.state)).toBe(jsonOf(state));
          }
        });
      }, 30);
    },
    TIME_MAX_MS,
  );

  property(
    "ends in the same states whatever the order in which it hears of things, and however often",
    () => {
      check((told) => {
        const ends = [
          told,
          { ...told, choices: told.choices.toReversed() },
          { ...told, choices: [] },
        ];
        const [one, ...others] = ends.map((each) =>
          endOf(
            play(each, () => {}),
            told,
          ),
        );
        for (const other of others) expect(other).toEqual(one);
      }, 45);
    },
    TIME_MAX_MS,
  );

  property(
    "closes its channel with the others, however many updates are under way",
    () => {
      check((told) => expectClosed(play(told, () => {}, isRunningForCloser)), 100);
    },
    TIME_MAX_MS,
  );

  property(
    "signs one state for a turn, and turns only rise",
    () => {
      check((told) => {
        for (const { log } of play(told, () => {}).nodes) {
          const turns = log.flatMap((event) =>
            event.type === "StateSigned" ? [event.variablePart.turnNum] : [],
          );
          expect(turns.length).toBeGreaterThanOrEqual(3);
          expect(turns).toEqual([...new Set(turns)].toSorted((a, b) => a - b));
        }
      }, 45);
    },
    TIME_MAX_MS,
  );

  property(
    "deposits its share of each asset and no more, once the prefund is signed and all before it paid",
    () => {
      check((told) => {
        const network = play(told, () => {});
        for (const [index, { log }] of network.nodes.entries()) checkDeposits(log, told, index);
      }, 45);
    },
    TIME_MAX_MS,
  );
});

/** Everything is over at every node, the same state is the last, and all of it was paid out. */
function expectClosed(network: PureNetwork): void {
  const ends = network.nodes.map(({ state }, index) => {
    const open = [...state.objectives.values()].filter(isActive).map(({ id }) => id);
    const channel = assertDefined(network.channelOf(index), "the channel");
    const held = [...channel.holdings.values()].filter((amount) => amount !== 0n);
    return { open, held, last: channel.supported?.variablePart };
  });
  expect(ends).toEqual(ends.map(() => ({ open: [], held: [], last: ends[0]?.last })));
  expect(ends[0]?.last?.isFinal).toBe(true);
}

/** What all nodes have in the end; asserts that the story was told to its end. */
function endOf(network: PureNetwork, told: Story): unknown {
  expect(network.refusals).toEqual([]);
  const channels = network.nodes.map((_, index) =>
    assertDefined(network.channelOf(index), "the channel"),
  );
  const [channel] = channels;
  const { id } = assertDefined(channel, "somebody's channel");
  for (const { state } of network.nodes) {
    expect(state.objectives.get(directDefundId(id))?.status).toBe("Completed");
    expect([...state.objectives.values()].map(({ status }) => status)).not.toContain("Rejected");
    expect(state.transactions.size).toBe(0);
  }
  const moves = network.nodes.reduce((sum, _, index) => sum + paymentsOf(told, index), 0);
  for (const one of channels) {
    expect(one.supported?.variablePart.turnNum).toBe(2 + moves);
    expect([...one.holdings.values()].every((held) => held === 0n)).toBe(true);
  }
  return channels.map(({ supported }) => supported?.variablePart);
}

/** Walks a log and holds each deposit against what the node knew at that moment. */
function checkDeposits(log: readonly NodeEvent[], { deposits }: Story, index: number): void {
  const held = new Map<Address, bigint>();
  const paid = new Map<Address, bigint>();
  const isCovered = (amounts: readonly bigint[], asset: number): boolean =>
    (held.get(assetAt(asset)) ?? 0n) >= amounts.slice(0, index).reduce((sum, one) => sum + one, 0n);
  for (const [offset, event] of log.entries()) {
    if (event.type === "DepositDetected") held.set(event.asset, event.holdings);
    if (event.type !== "TransactionRequested" || event.call.type !== "Deposit") continue;
    const { amount, asset, expectedHeld } = event.call;
    const isPrefunded = log.slice(0, offset).some(({ type }) => type === "SupportedStateAdvanced");
    expect([isPrefunded, deposits.every(isCovered)]).toEqual([true, true]);
    expect(expectedHeld).toBe(held.get(asset) ?? 0n);
    paid.set(asset, (paid.get(asset) ?? 0n) + amount);
  }
  for (const [each, amounts] of deposits.entries()) {
    expect(paid.get(assetAt(each)) ?? 0n).toBe(amounts[index] ?? 0n);
  }
}
