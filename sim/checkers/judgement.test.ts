/** Who is judged, what a crash is called, and what ledgers that change together come to. */
import { describe, expect } from "bun:test";
import type { ChannelId } from "../../src/channel/channel-id.ts";
import { externalDestination } from "../../src/channel/destination.ts";
import type { Allocation, Outcome } from "../../src/channel/outcome.ts";
import { type Address, ZERO_ADDRESS } from "../../src/crypto/address.ts";
import { NodeError } from "../../src/primitives/node-error.ts";
import { chainOfFile } from "../../test/chain-of-file.ts";
import { adversarial, unit } from "../../test/kind.ts";
import { playWorld } from "../../test/played-world.ts";
import { repeated } from "../../test/sample-messages.ts";
import { ETH } from "../assets.ts";
import { addressOf } from "../simulated-chain.ts";
import { createStage } from "../stage.ts";
import type { World } from "../world.ts";
import { crashText, isFaultOfNode } from "./crash.ts";
import { OnChainDeposits } from "./deposits.ts";
import { arrange, extremesOf } from "./extremes.ts";
import { type Doubts, isHopeless, livenessBoundMs, mayStayOpen, standstill } from "./liveness.ts";
import { type Oracles, watchWorld } from "./oracles.ts";
import type { Promises } from "./promises.ts";
import { layOut } from "./reckoning.ts";
import { Settlements } from "./settlements.ts";

const chain = chainOfFile("model");

/** What the oracles say of a lie in Alice's log, when `honest` are judged and `forgets` was called. */
async function lieOfAlice(honest: readonly ("alice" | "bob")[], forgets: boolean): Promise<number> {
  let oracles: Oracles | undefined;
  let found = -1;
  const prepare = async (world: World): Promise<void> => {
    oracles = await watchWorld(world, { honest });
  };
  const options = { seed: 3, cast: ["alice", "bob"], chain: chain(), isWatched: false } as const;
  await playWorld({ ...options, prepare }, async (world) => {
    const { alice, bob } = createStage(world, {});
    const channelId = await alice.openChannel([bob], [{ asset: ETH, amounts: [6n, 4n] }]);
    if (forgets) oracles?.forget("alice");
    const { length } = world.node("alice").store;
    const event = { type: "SupportedStateAdvanced", channelId, turnNum: 9 } as const;
    const about = { offset: length, timeMs: 0, hash: repeated("00", 32) as never };
    oracles?.sawRecord("alice", { ...about, event });
    await world.pause(30_000);
    expect(standstill(world, ["alice", "bob"])).toBeUndefined();
    found = world.violations.length;
    world.violations.length = 0;
  });
  return found;
}

describe("a log that says what cannot be", () => {
  adversarial("is told of an honest node, of no other, and not behind a damaged disk", async () => {
    expect(await lieOfAlice(["alice", "bob"], false)).toBe(1);
    expect(await lieOfAlice(["bob"], false)).toBe(0);
    expect(await lieOfAlice(["alice", "bob"], true)).toBe(0);
  });
});

describe("a crash", () => {
  unit("has one text for all its runs, without numbers and paths", () => {
    const text = (amount: number, id: string): string =>
      crashText(new Error(`${amount} wei of ${id} are missing`));
    const first = text(6, "0xa1");
    expect(first).toContain("Error: … wei of 0x… are missing < ");
    expect(first).toContain("sim/checkers/judgement.test.ts");
    expect(first.split(" < ")[0]).toBe(text(77, "0xb0").split(" < ")[0]);
    expect(first).not.toMatch(/[1-9]/);
  });

  unit("is not what fails outside of a node", () => {
    expect(isFaultOfNode(new Error("a rule is broken"))).toBe(true);
    expect(isFaultOfNode(new NodeError("ChainDied", "gone"))).toBe(false);
  });
});

describe("liveness", () => {
  unit("waits longer where challenges and nodes do", () => {
    const short = livenessBoundMs({ challengeDurationSec: 60, disputeAfterMs: 1_000 });
    const long = livenessBoundMs({ challengeDurationSec: 120, disputeAfterMs: 2_000 });
    expect(long - short).toBe(8 * 60_000 + 4 * 1_000);
  });

  unit("is not asked of whoever forgot what only those know who are gone, or who cheat", () => {
    const address = addressOf("bob");
    const participants = [addressOf("alice"), address];
    const adjudication = { type: "Open", turnNumRecord: 0 };
    const supported = { variablePart: { turnNum: 1 } };
    const direct = {
      adjudication,
      supported,
      fixedPart: { participants },
      myIndex: 0,
      use: { type: "Direct" },
    };
    const unnamed = { ...direct, use: { type: "Virtual", left: undefined, right: undefined } };
    const bob = { address, parts: { name: "bob" } };
    const isGivenUp = (
      resync: string,
      doubts: Partial<Doubts>,
      cheats: readonly string[] = [],
      channel: object = direct,
    ) =>
      isHopeless(
        { adversaries: new Set(cheats), nodes: new Map([["bob", bob]]) } as never,
        {
          engine: { view: () => ({ peers: new Map([[address, { resync: { type: resync } }]]) }) },
          parts: { name: "alice" },
        } as never,
        channel as never,
        { forgetful: new Set(), lost: new Set(), ...doubts },
      );
    const lost = new Set(["bob"] as const);
    const forgetful = new Set(["alice"] as const);

    expect(isGivenUp("Asked", { forgetful, lost })).toBe(true);
    expect(isGivenUp("Asked", {}, ["bob"])).toBe(true);
    expect(isGivenUp("None", { forgetful, lost }, ["bob"])).toBe(false);
    expect(isGivenUp("Asked", { forgetful })).toBe(false);
    expect(isGivenUp("Asked", { lost })).toBe(false);
    // Nor of whoever forgot a state that a cheat has put on record.
    const outpaced = { ...direct, adjudication: { type: "Open", turnNumRecord: 5 } };
    expect(isGivenUp("None", { forgetful }, ["bob"], outpaced)).toBe(true);
    expect(isGivenUp("None", { forgetful }, [], outpaced)).toBe(false);
    expect(isGivenUp("None", {}, ["bob"], outpaced)).toBe(false);
    // She may leave open which ledger it hangs on.
    expect(isGivenUp("None", {}, ["bob"], unnamed)).toBe(true);
    expect(isGivenUp("None", {}, [], unnamed)).toBe(false);
    // Nor can one who forgot it, as she herself has.
    const both = new Set(["alice", "bob"] as const);
    expect(isGivenUp("None", { forgetful: both }, [], unnamed)).toBe(true);
    expect(isGivenUp("None", { forgetful: both })).toBe(false);
    // Nor tell by what the chain has concluded it.
    const concluded = { ...direct, adjudication: { type: "Final", outcome: undefined } };
    expect(isGivenUp("None", { forgetful: both }, [], concluded)).toBe(true);
    expect(isGivenUp("None", { forgetful }, [], concluded)).toBe(false);
    expect(isGivenUp("None", { forgetful }, ["bob"], concluded)).toBe(true);
    expect(isGivenUp("None", {}, ["bob"], concluded)).toBe(false);
    expect(isGivenUp("None", { forgetful }, [], unnamed)).toBe(false);
  });

  unit(
    "is not asked of a ledger that the chain ended, and that guarantees nothing but such a channel",
    () => {
      const address = addressOf("bob");
      const virtual = {
        adjudication: { type: "Open", turnNumRecord: 0 },
        fixedPart: { participants: [addressOf("alice"), address] },
        use: { type: "Direct" },
      };
      const guarantee = { allocationType: 2, amount: 1n, destination: TARGET, metadata: "0x" };
      const ledgerIn = (type: string, allocations: readonly object[]) => ({
        fixedPart: { participants: [addressOf("alice"), addressOf("irene")] },
        ledger: {},
        adjudication: { type, outcome: [{ allocations }] },
        use: { type: "Ledger" },
      });
      const isGivenUp = (ledger: object, resync: string) =>
        isHopeless(
          {
            adversaries: new Set(),
            nodes: new Map([["bob", { address, parts: { name: "bob" } }]]),
          } as never,
          {
            engine: {
              channel: (id: string) => (id === TARGET ? virtual : undefined),
              view: () => ({ peers: new Map([[address, { resync: { type: resync } }]]) }),
            },
            parts: { name: "alice" },
          } as never,
          ledger as never,
          { forgetful: new Set(["alice"]), lost: new Set(["bob"]) },
        );

      expect(isGivenUp(ledgerIn("Final", [guarantee]), "Asked")).toBe(true);
      expect(isGivenUp(ledgerIn("Final", [guarantee]), "None")).toBe(false);
      expect(isGivenUp(ledgerIn("Open", [guarantee]), "Asked")).toBe(false);
      expect(isGivenUp(ledgerIn("Final", []), "Asked")).toBe(false);
      const other = { ...guarantee, destination: LEFT };
      expect(isGivenUp(ledgerIn("Final", [guarantee, other]), "Asked")).toBe(false);
    },
  );

  unit(
    "lets an update be that waits for somebody gone or cheating, where nobody closes the channel",
    () => {
      const address = addressOf("bob");
      const channel = { fixedPart: { participants: [addressOf("alice"), address] }, myIndex: 0 };
      const nodes = new Map([["bob", { address, parts: { name: "bob" } }]]);
      const isLeft = (type: string, doubts: Partial<Doubts>, cheats: readonly string[] = []) =>
        mayStayOpen(
          { adversaries: new Set(cheats), nodes } as never,
          { goal: { type } } as never,
          channel as never,
          { forgetful: new Set(), lost: new Set(), isResting: true, ...doubts },
        );
      const lost = new Set(["bob"] as const);

      expect(isLeft("Update", { lost })).toBe(true);
      expect(isLeft("Update", {}, ["bob"])).toBe(true);
      expect(isLeft("Update", {})).toBe(false);
      expect(isLeft("Update", { lost: new Set(["irene"] as const) })).toBe(false);
      expect(isLeft("Update", { lost, isResting: false })).toBe(false);
      expect(isLeft("DirectDefund", { lost })).toBe(false);
    },
  );
});

const [ALICE, IRENE, BOB] = ["a1", "1e", "b0"].map((one) => repeated(one, 20) as Address) as [
  Address,
  Address,
  Address,
];
const [LEFT, RIGHT, TARGET] = ["c1", "c2", "f1"].map((one) => repeated(one, 32) as ChannelId) as [
  ChannelId,
  ChannelId,
  ChannelId,
];

describe("two ledgers of a hub, of which each may end with a guarantee or without", () => {
  /** Irene's ledgers: both hold 10; where the channel is guaranteed it takes 4 of hers on the right. */
  const outcomeOf = (one: Address, other: Address, amounts: readonly bigint[]): Outcome => {
    const [first, second] = [externalDestination(one), externalDestination(other)];
    const claim = { allocationType: 0, metadata: "0x" } as const;
    const metadata = `${first}${second.slice(2)}` as Allocation["metadata"];
    const destination = TARGET as string as Allocation["destination"];
    const guarantee = { destination, amount: 4n, allocationType: 2, metadata };
    const [mine = 0n, theirs = 0n] = amounts;
    const allocations = [
      ...(mine + theirs === 6n ? [guarantee] : []),
      { ...claim, destination: first, amount: mine },
      { ...claim, destination: second, amount: theirs },
    ];
    return [{ asset: ZERO_ADDRESS, assetMetadata: { assetType: 0, metadata: "0x" }, allocations }];
  };
  const possible = new Map([
    [LEFT, [outcomeOf(ALICE, IRENE, [2n, 8n]), outcomeOf(ALICE, IRENE, [1n, 5n])]],
    [RIGHT, [outcomeOf(IRENE, BOB, [5n, 5n]), outcomeOf(IRENE, BOB, [1n, 5n])]],
  ]);
  const ledgers = layOut([LEFT, RIGHT], {
    asset: ZERO_ADDRESS,
    depositedIn: () => 10n,
    promisesOf: (id) => {
      const funding = possible.get(id)?.[0];
      return funding && ({ funding, me: id === LEFT ? 1 : 0 } as unknown as Promises);
    },
    possibleIn: (id) =>
      (possible.get(id) ?? []).map((outcome, turnNum) => ({
        variablePart: { outcome, appData: "0x", turnNum, isFinal: false },
        signatures: new Map(),
      })),
  });

  const layout = ledgers === "NotAdditive" ? ledgers : arrange(ledgers);

  unit("come to the worst and the best of all ways together", () => {
    // Left without a guarantee, right with one, all to Bob: 8 and 1. The other way round, all from Alice: 5 + 4 and 5.
    const endings = [
      { left: 4n, right: 0n },
      { left: 0n, right: 4n },
    ];
    expect(layout === "NotAdditive" ? layout : extremesOf(layout, () => endings)).toEqual([
      9n,
      14n,
    ]);
  });

  unit("are no sum where a channel may end with more than is guaranteed", () => {
    const endings = [{ left: 4n, right: 1n }];
    const extremes = layout === "NotAdditive" ? layout : extremesOf(layout, () => endings);
    expect(extremes).toBe("NotAdditive");
  });
});

describe("what a reorg takes back", () => {
  const deposited = (holdings: bigint) =>
    ({ type: "Deposited", channelId: LEFT, asset: ZERO_ADDRESS, holdings }) as never;

  unit("is deposited no more", () => {
    const deposits = new OnChainDeposits();
    deposits.read({ number: 5, logs: [deposited(6n)] });
    deposits.read({ number: 7, logs: [deposited(10n)] });
    deposits.takeBack({ fork: 6 });
    expect(deposits.amounts.get(LEFT)?.get(ZERO_ADDRESS)).toBe(6n);
    expect(deposits.read({ number: 7, logs: [deposited(9n)] })[0]?.amount).toBe(3n);
  });

  unit("is final no more, and may be answered", () => {
    const settlements = new Settlements();
    const about = { channelId: LEFT, candidate: { variablePart: { turnNum: 2 } } };
    const challenge = { type: "ChallengeRegistered", ...about, finalizesAtSec: 100 } as never;
    settlements.read({ number: 5, logs: [challenge] }, 40);
    expect(settlements.newAt(99)).toEqual([]);
    expect(settlements.newAt(100).map(({ channelId, sinceSec }) => [channelId, sinceSec])).toEqual([
      [LEFT, 40],
    ]);
    expect([...settlements.takeBack({ fork: 6 })]).toEqual([LEFT]);
    const answer = { type: "ChallengeCleared", channelId: LEFT, newTurnNumRecord: 3 } as never;
    settlements.read({ number: 7, logs: [answer] }, 64);
    expect(settlements.newAt(200)).toEqual([]);
  });
});
