/** What a ledger channel can still carry, in every state that may appear on chain. */
import { describe, expect } from "bun:test";
import { unit } from "../../test/kind.ts";
import {
  addition,
  agree,
  agreed,
  changeOf,
  countersign,
  hear,
  learn,
  ledgerOutcome,
  openPair,
  PARTIES,
  propose,
  refused,
  TOKEN,
  targetAt,
} from "../../test/ledger-pair.ts";
import { type Channel, createChannel } from "../channel/channel.ts";
import { externalDestination } from "../channel/destination.ts";
import { GUARANTEES_MAX } from "../channel/ledger-limits.ts";
import { directDefundId } from "../channel/objective-id.ts";
import { type Address, ZERO_ADDRESS } from "../crypto/address.ts";
import { assertDefined } from "../primitives/assert.ts";
import { checkCapacity, checkFunds, findLedger, isOpenLedger } from "./ledger-capacity.ts";
import { createNodeState, type NodeState } from "./node-state.ts";

const [ME, PEER] = PARTIES as readonly [Address, Address];
const coin = (amount: bigint) => [{ asset: ZERO_ADDRESS, amount }];

/** A node that has the ledger channel, and all that was deposited for it. */
function nodeWith(...ledgers: readonly Channel[]): NodeState {
  const state = createNodeState();
  for (const ledger of ledgers) state.channels.set(ledger.id, ledger);
  return state;
}

const funded = (channel: Channel): Channel => ({
  ...channel,
  holdings: new Map([[ZERO_ADDRESS, 100n]]),
});

function codeOf(ledger: Channel, amount: bigint, state = nodeWith(ledger)): string | undefined {
  const checked = checkCapacity(state, ledger, coin(amount));
  return checked.ok ? undefined : checked.reason.code;
}

const reserve = (channel: Channel, number: number, amount: bigint): Channel =>
  learn(channel, [
    {
      type: "CapacityReserved",
      channelId: channel.id,
      objectiveId: changeOf(addition(number)).objectiveId,
      amounts: coin(amount),
    },
  ]);

describe("checkCapacity", () => {
  unit("allows all of my own free money and no more, of an asset that the ledger holds", () => {
    const [leader, follower] = openPair();
    const token = checkCapacity(nodeWith(), leader, [{ asset: TOKEN, amount: 0n }]);

    expect([codeOf(leader, 60n), codeOf(leader, 61n)]).toEqual([undefined, "InsufficientFunds"]);
    expect([codeOf(follower, 40n), codeOf(follower, 41n)]).toEqual([
      undefined,
      "InsufficientFunds",
    ]);
    expect(token).toMatchObject({ reason: { code: "AssetMismatch" } });
  });

  unit("counts what is set aside once: apart from the guarantee, or as the guarantee", () => {
    const [leader] = agreed(addition(1));
    const kept = reserve(leader, 1, 5n);
    const [proposed] = propose(kept);

    expect([codeOf(kept, 55n), codeOf(kept, 56n)]).toEqual([undefined, "InsufficientFunds"]);
    expect([codeOf(proposed, 55n), codeOf(proposed, 56n)]).toEqual([
      undefined,
      "InsufficientFunds",
    ]);
  });

  unit(
    "keeps what a refused state locks up until both have signed a higher turn without it",
    () => {
      const [leader, follower] = agreed(addition(1));
      const [proposed, message] = propose(leader);
      const withdrawn = learn(refused(proposed, 2), [
        {
          type: "ProposalWithdrawn",
          channelId: leader.id,
          objectiveId: changeOf(addition(1)).objectiveId,
        },
      ]);
      const [skipped, skip] = propose(withdrawn);
      const heard = hear(refused(hear(follower, message), 2), skip);
      const [after] = countersign(skipped, heard);

      expect([codeOf(withdrawn, 55n), codeOf(withdrawn, 56n)]).toEqual([
        undefined,
        "InsufficientFunds",
      ]);
      expect(codeOf(skipped, 56n)).toBe("InsufficientFunds");
      expect(codeOf(after, 60n)).toBeUndefined();
    },
  );

  unit(
    "leaves no more room than for as many guarantees as there may be, those set aside included",
    () => {
      const [leader] = openPair("enforceable", [[1_000n, 1_000n]]);
      let full = leader;
      for (let number = 1; number < GUARANTEES_MAX; number++) full = reserve(full, number, 1n);

      expect(codeOf(full, 1n)).toBeUndefined();
      expect(codeOf(reserve(full, GUARANTEES_MAX, 1n), 1n)).toBe("GuaranteesFull");
      expect(checkFunds(nodeWith(), reserve(full, GUARANTEES_MAX, 1n), coin(1n)).ok).toBe(true);
      expect(checkFunds(nodeWith(), full, coin(902n))).toMatchObject({ ok: false });
    },
  );

  unit("holds back a fee until the channel that it was given for has been open", () => {
    const fee = 7n;
    const [leader, follower] = agreed(addition(1, [5n, 3n], fee));
    const [proposed, message] = propose(leader);
    const [, mine] = countersign(proposed, hear(follower, message));
    const target = virtualChannel(mine, fee);
    const state = nodeWith(mine, target);
    const opened = nodeWith(mine, { ...target, wasOpen: true });

    expect([codeOf(mine, 37n, state), codeOf(mine, 38n, state)]).toEqual([
      undefined,
      "InsufficientFunds",
    ]);
    expect(codeOf(mine, 44n, opened)).toBeUndefined();
  });
});

/** The channel that the guarantee is for, as its only intermediary has it. */
function virtualChannel(left: Channel, fee: bigint): Channel {
  const participants = [ME, PEER, `0x${"b0".repeat(20)}` as Address];
  const outcome = ledgerOutcome([[5n, 3n]]).map((exit) => ({
    ...exit,
    allocations: exit.allocations.map((one, at) => ({
      ...one,
      destination: externalDestination(assertDefined(participants[2 * at], "an end")),
    })),
  }));
  return createChannel({
    type: "ChannelCreated",
    channelId: targetAt(1),
    fixedPart: { ...left.fixedPart, participants },
    myIndex: 1,
    outcome,
    appData: "0x",
    use: { type: "Virtual", profile: "enforceable", fees: [fee], left: left.id, right: undefined },
  });
}

describe("isOpenLedger and findLedger", () => {
  const ledger = funded(openPair()[0]);
  const hop = { profile: "enforceable", peer: PEER, amounts: coin(60n) } as const;

  unit("take a running ledger of the profile with the peer, and no other channel", () => {
    const state = nodeWith(ledger);
    const isOpen = (channel: Channel | undefined): boolean =>
      isOpenLedger(state, channel, "enforceable", PEER);

    expect(isOpen(ledger)).toBe(true);
    expect(isOpen(undefined)).toBe(false);
    expect(isOpen({ ...ledger, ledger: undefined })).toBe(false);
    expect(isOpen({ ...ledger, finalSignedByMe: true })).toBe(false);
    expect(isOpenLedger(state, ledger, "go-nitro", PEER)).toBe(false);
    expect(isOpenLedger(state, ledger, "enforceable", TOKEN)).toBe(false);
  });

  unit("take none that is being closed", () => {
    const state = nodeWith(ledger);
    const id = directDefundId(ledger.id);
    const about = { id, channelId: ledger.id, goal: { type: "DirectDefund" }, status: "Approved" };
    state.objectives.set(id, about as never);

    expect(isOpenLedger(state, ledger, "enforceable", PEER)).toBe(false);
    state.objectives.set(id, { ...about, status: "Rejected" } as never);
    expect(isOpenLedger(state, ledger, "enforceable", PEER)).toBe(true);
  });

  unit("find the ledger that was opened last of those that can carry it", () => {
    const other = { ...ledger, id: targetAt(1) };
    const poor = agree({ ...reserve(ledger, 1, 1n), id: targetAt(0) });
    const state = nodeWith(ledger, other, poor);

    expect(findLedger(state, [ledger.id, other.id, poor.id], hop)?.id).toBe(other.id);
    expect(findLedger(state, [other.id, ledger.id, poor.id], hop)?.id).toBe(ledger.id);
    expect(findLedger(nodeWith(poor), [ledger.id, poor.id], hop)).toBeUndefined();
  });
});
