/** The account of a party says record by record what reading her whole log says. */
import { describe, expect } from "bun:test";
import fc from "fast-check";
import type { ChannelId } from "../../src/channel/channel-id.ts";
import type { ChannelUse } from "../../src/channel/channel-use.ts";
import { type Destination, externalDestination } from "../../src/channel/destination.ts";
import { directFundId } from "../../src/channel/objective-id.ts";
import type { Allocation, Outcome } from "../../src/channel/outcome.ts";
import { type Address, ZERO_ADDRESS } from "../../src/crypto/address.ts";
import type { Signature } from "../../src/crypto/signature.ts";
import type { NodeEvent } from "../../src/events/event.ts";
import { assertDefined } from "../../src/primitives/assert.ts";
import { property } from "../../test/kind.ts";
import { repeated } from "../../test/sample-messages.ts";
import { type Account, dueIn, lossOf, openAccount, takeDeposits, takeEvent } from "./account.ts";
import { type Deposited, dueOf, lossMax } from "./due.ts";
import { promisesIn } from "./promises.ts";

const [ALICE, BOB, IRENE] = ["a1", "b0", "1e"].map((one) => repeated(one, 20) as Address) as [
  Address,
  Address,
  Address,
];
const TOKEN = repeated("70", 20) as Address;
const ASSETS: readonly Address[] = [ZERO_ADDRESS, TOKEN];
const SIGNATURE = repeated("51", 65) as Signature;

/** Irene is the hub: two ledgers, two channels over both, and what one of the ledgers goes on as. */
const LEFT = repeated("c1", 32) as ChannelId;
const RIGHT = repeated("c2", 32) as ChannelId;
const NEXT = repeated("c3", 32) as ChannelId;
const LEDGERS = [LEFT, RIGHT, NEXT];
const TARGETS = ["f1", "f2", "f3"].map((one) => repeated(one, 32) as ChannelId);

const simple = (destination: Destination, amount: bigint): Allocation => {
  return { destination, amount, allocationType: 0, metadata: "0x" };
};
const exitOf = (asset: Address, allocations: readonly Allocation[]): Outcome[number] => {
  return { asset, assetMetadata: { assetType: 0, metadata: "0x" }, allocations };
};
const destinationOf = (id: ChannelId): Destination => id as string as Destination;

function created(channelId: ChannelId, outcome: Outcome, use: ChannelUse): NodeEvent {
  const participants = use.type === "Virtual" ? [ALICE, IRENE, BOB] : partnersOf(channelId);
  const appDefinition = repeated("a9", 20) as Address;
  const fixedPart = { participants, channelNonce: 1n, appDefinition, challengeDurationSec: 300 };
  const myIndex = participants.indexOf(IRENE);
  return {
    type: "ChannelCreated",
    channelId,
    fixedPart,
    myIndex,
    outcome,
    appData: "0x",
    use,
  };
}

function partnersOf(ledger: ChannelId): readonly Address[] {
  return ledger === RIGHT ? [IRENE, BOB] : [ALICE, IRENE];
}

type Signed = {
  readonly channelId: ChannelId;
  readonly turnNum: number;
  readonly outcome: Outcome;
  readonly isFinal: boolean;
  /** Undefined for Irene's own. */
  readonly by: number | undefined;
};

function signed({ by, channelId, isFinal, outcome, turnNum }: Signed): NodeEvent {
  const variablePart = { outcome, appData: "0x", turnNum, isFinal } as const;
  const objectiveId = directFundId(channelId);
  const about = { channelId, objectiveId, variablePart, signature: SIGNATURE };
  return by === undefined
    ? { type: "StateSigned", ...about }
    : { type: "StateReceived", by, ...about };
}

const amounts = fc.bigInt({ min: 0n, max: 9n });

/** Guarantees of some channels, balances, and at times a claim of the ledger that follows. */
function ledgerOutcome(ledger: ChannelId): fc.Arbitrary<Outcome> {
  const [first, second] = partnersOf(ledger).map(externalDestination);
  const [one, other] = [assertDefined(first, "one"), assertDefined(second, "other")];
  const exit = (asset: Address): fc.Arbitrary<Outcome[number]> =>
    fc
      .record({ with: fc.subarray(TARGETS), balances: fc.tuple(amounts, amounts), rest: amounts })
      .chain(({ balances: [mine, theirs], rest, with: targets }) =>
        fc.boolean().map((goesOn) => {
          const guarantees = targets.map(
            (target): Allocation => ({
              destination: destinationOf(target),
              amount: 5n,
              allocationType: 2,
              metadata: `${one}${other.slice(2)}` as Allocation["metadata"],
            }),
          );
          const claims = [simple(one, mine), simple(other, theirs)];
          const next = goesOn && ledger === LEFT ? [simple(destinationOf(NEXT), rest)] : [];
          return exitOf(asset, [...guarantees, ...claims, ...next]);
        }),
      );
  return fc.tuple(...ASSETS.map(exit));
}

/** Five of each asset, shared somehow; at times one too many. */
const virtualOutcome: fc.Arbitrary<Outcome> = fc.tuple(
  ...ASSETS.map((asset) =>
    fc
      .tuple(fc.bigInt({ min: 0n, max: 5n }), fc.integer({ min: 0, max: 20 }))
      .map(([left, chance]) => {
        const right = 5n - left + (chance === 0 ? 1n : 0n);
        return exitOf(asset, [
          simple(externalDestination(ALICE), left),
          simple(externalDestination(BOB), right),
        ]);
      }),
  ),
);

const OPENED: readonly NodeEvent[] = [
  ...LEDGERS.map((id) => {
    const [one, other] = partnersOf(id).map(externalDestination);
    const claims = [simple(assertDefined(one, "one"), 9n), simple(assertDefined(other, "two"), 9n)];
    const outcome = ASSETS.map((asset) => exitOf(asset, claims));
    return created(id, outcome, { type: "Ledger", profile: "enforceable" });
  }),
  ...TARGETS.map((id) => {
    const ends = [ALICE, BOB].map(externalDestination);
    const claims = [
      simple(assertDefined(ends[0], "left"), 2n),
      simple(assertDefined(ends[1], "right"), 3n),
    ];
    const outcome = ASSETS.map((asset) => exitOf(asset, claims));
    const use = {
      type: "Virtual",
      profile: "enforceable",
      fees: [1n],
      left: LEFT,
      right: RIGHT,
    } as const;
    return created(id, outcome, use);
  }),
];

/** Every ledger guarantees every channel, and Irene is bound to whatever the two ends make of them. */
const RUNNING: readonly NodeEvent[] = [
  ...[LEFT, RIGHT].flatMap((channelId) => {
    const [one, other] = partnersOf(channelId).map(externalDestination);
    const guarantees = TARGETS.map(
      (target): Allocation => ({
        destination: destinationOf(target),
        amount: 5n,
        allocationType: 2,
        metadata: `${one}${other?.slice(2)}` as Allocation["metadata"],
      }),
    );
    const claims = [simple(assertDefined(one, "one"), 4n), simple(assertDefined(other, "two"), 6n)];
    const outcome = ASSETS.map((asset) => exitOf(asset, [...guarantees, ...claims]));
    const about = { channelId, turnNum: 1, outcome, isFinal: false };
    const theirs = channelId === LEFT ? 0 : 1;
    return [signed({ ...about, by: undefined }), signed({ ...about, by: theirs })];
  }),
  ...TARGETS.map((channelId) => {
    const outcome = OPENED.flatMap((event) =>
      event.type === "ChannelCreated" && event.channelId === channelId ? event.outcome : [],
    );
    return signed({ channelId, turnNum: 1, outcome, isFinal: false, by: undefined });
  }),
];

const signing: fc.Arbitrary<NodeEvent> = fc
  .record({
    channelId: fc.constantFrom(...LEDGERS, ...TARGETS),
    turnNum: fc.integer({ min: 0, max: 4 }),
    isFinal: fc.integer({ min: 0, max: 9 }).map((chance) => chance === 0),
    who: fc.integer({ min: 0, max: 2 }),
  })
  .chain(({ channelId, isFinal, turnNum, who }) => {
    const isVirtual = TARGETS.includes(channelId);
    const count = isVirtual ? 3 : 2;
    const me = isVirtual ? 1 : partnersOf(channelId).indexOf(IRENE);
    const by = who % count === me ? undefined : who % count;
    const outcomes = isVirtual ? virtualOutcome : ledgerOutcome(channelId);
    return outcomes.map((outcome) => signed({ channelId, turnNum, outcome, isFinal, by }));
  });

type Step = { readonly event: NodeEvent } | { readonly into: ChannelId; readonly amount: bigint };

const steps: fc.Arbitrary<readonly Step[]> = fc.array(
  fc.oneof(
    { arbitrary: signing.map((event) => ({ event })), weight: 8 },
    {
      arbitrary: fc.record({
        into: fc.constantFrom(...LEDGERS),
        amount: fc.bigInt({ min: 0n, max: 60n }),
      }),
      weight: 2,
    },
  ),
  { maxLength: 16 },
);

/** What the account says of one asset, and what the whole log says. */
function bothOf(account: Account, events: readonly NodeEvent[], asset: Address, held: Deposited) {
  const channels = promisesIn(events);
  const later = new Map([...held].filter(([id]) => account.paidInto.has(id)));
  const { least, most } = dueOf(channels, held, later);
  const fast = [...(dueIn(account, asset, held) ?? []), lossOf(account, asset)];
  return { fast, slow: [least.get(asset), most.get(asset), lossMax(channels, asset)] };
}

/** Plays the steps, and compares behind each of them. */
function compareAll(isRunning: boolean, drawn: readonly Step[]): void {
  const account = openAccount();
  const events = [...OPENED, ...(isRunning ? RUNNING : [])];
  const held = new Map<ChannelId, Map<Address, bigint>>();
  const hold = (id: ChannelId, amount: bigint): void => {
    held.set(id, new Map(ASSETS.map((asset) => [asset, amount])));
    takeDeposits(account);
  };
  for (const id of isRunning ? [LEFT, RIGHT] : []) hold(id, 40n);
  for (const event of events) takeEvent(account, event);
  for (const step of drawn) {
    if ("into" in step) hold(step.into, step.amount);
    else {
      events.push(step.event);
      takeEvent(account, step.event);
    }
    for (const asset of ASSETS) {
      const { fast, slow } = bothOf(account, events, asset, held);
      expect<readonly (bigint | undefined)[]>(fast).toEqual(slow);
    }
  }
}

describe("the account of a party", () => {
  property("says what her whole log says, whatever is signed and deposited", () => {
    fc.assert(fc.property(fc.boolean(), steps, compareAll), { numRuns: 60 });
  });
});
