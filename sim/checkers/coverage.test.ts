/** Holdings cover claims in the order of the allocations, or they do not. */
import { describe, expect } from "bun:test";
import { createChannel } from "../../src/channel/channel.ts";
import type { Allocation, Outcome } from "../../src/channel/outcome.ts";
import type { Address } from "../../src/crypto/address.ts";
import { unit } from "../../test/kind.ts";
import {
  SAMPLE_ADDRESS,
  SAMPLE_CHANNEL_ID,
  SAMPLE_FIXED_PART,
} from "../../test/sample-messages.ts";
import { claimOf, countedOutcome, uncoveredClaim } from "./coverage.ts";
import { createMirror } from "./node-mirror.ts";

const channel = { fixedPart: SAMPLE_FIXED_PART };

/** An outcome of one asset: guarantees first, then simple allocations. */
function outcomeOf(guarantees: readonly bigint[], simple: readonly bigint[]): Outcome {
  const allocation = (amount: bigint, allocationType: number): Allocation => ({
    destination: `0x${"d1".repeat(32)}` as Allocation["destination"],
    amount,
    allocationType,
    metadata: "0x",
  });
  const allocations = [
    ...guarantees.map((amount) => allocation(amount, 2)),
    ...simple.map((amount) => allocation(amount, 0)),
  ];
  const assetMetadata = { assetType: 0, metadata: "0x" } as const;
  return [{ asset: SAMPLE_ADDRESS, assetMetadata, allocations }];
}

const holding =
  (amount: bigint) =>
  (asset: Address): bigint =>
    asset === SAMPLE_ADDRESS ? amount : 0n;

describe("uncoveredClaim", () => {
  const cases: readonly [string, Outcome, bigint, string | undefined][] = [
    ["all that is claimed is held", outcomeOf([10n], [6n, 4n]), 20n, undefined],
    ["more is held than is claimed", outcomeOf([], [6n, 4n]), 99n, undefined],
    ["one unit is missing at the end", outcomeOf([10n], [6n, 4n]), 19n, "allocation 2 claims 4"],
    ["a guarantee is not covered", outcomeOf([10n], [0n, 0n]), 9n, "allocation 0 claims 10"],
    ["nothing is held and nothing claimed", outcomeOf([], [0n, 0n]), 0n, undefined],
    ["a deposit is under way behind all", outcomeOf([10n], [6n, 4n, 7n]), 20n, undefined],
    ["a deposit hides no gap before it", outcomeOf([10n], [6n, 4n, 7n]), 19n, "allocation 2"],
  ];
  for (const [when, outcome, held, expected] of cases) {
    unit(`finds ${expected ?? "nothing"} when ${when}`, () => {
      const found = uncoveredClaim(channel, outcome, holding(held));
      expect(found?.slice(0, expected?.length)).toBe(expected);
    });
  }
});

describe("claimOf", () => {
  unit("adds up one asset, deposits under way included", () => {
    expect(claimOf(outcomeOf([10n], [6n, 4n, 7n]), SAMPLE_ADDRESS)).toBe(27n);
    expect(claimOf([], SAMPLE_ADDRESS)).toBe(0n);
  });
});

describe("countedOutcome of a ledger that goes on with another one's money", () => {
  const opening = outcomeOf([], [6n, 4n]);
  const changed = outcomeOf([], [5n, 5n]);
  const ledger = createChannel({
    type: "ChannelCreated",
    channelId: SAMPLE_CHANNEL_ID,
    fixedPart: SAMPLE_FIXED_PART,
    myIndex: 0,
    outcome: opening,
    appData: "0x",
    use: { type: "Ledger", profile: "enforceable" },
  });

  /** What is counted with this newest state, before the node has the ledger as funded or after. */
  function counted(
    turnNum: number,
    state: { readonly outcome: Outcome; readonly isFinal: boolean },
    isFunded = false,
  ): Outcome | undefined {
    const mirror = createMirror("bob");
    if (isFunded) mirror.deposits.set(ledger.id, "Complete");
    const variablePart = { ...state, appData: "0x", turnNum } as const;
    return countedOutcome(mirror, { ...ledger, supported: { variablePart, signatures: [] } });
  }

  unit("is none while it is but open, and the first change once there is one", () => {
    expect(counted(1, { outcome: opening, isFinal: false })).toBeUndefined();
    expect(counted(2, { outcome: changed, isFinal: false })).toEqual(changed);
    expect(counted(3, { outcome: changed, isFinal: true })).toEqual(changed);
  });

  unit("is none when it ends as it was opened, until the node has it as funded", () => {
    const end = { outcome: opening, isFinal: true };
    expect([counted(2, end), counted(2, end, true)]).toEqual([undefined, opening]);
  });
});
