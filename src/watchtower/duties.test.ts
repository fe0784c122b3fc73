/** What a tower does over each state of its knowledge, and what it leaves. */
import { describe, expect } from "bun:test";
import { invariant, unit } from "../../test/kind.ts";
import { repeated, SAMPLE_FIXED_PART, SAMPLE_SIGNATURE } from "../../test/sample-messages.ts";
import { callOf } from "../chain/adjudicator-calls.ts";
import type { ChannelId } from "../channel/channel-id.ts";
import { channelDestination, externalDestination } from "../channel/destination.ts";
import { encodeGuarantee } from "../channel/guarantee.ts";
import { ALLOCATION_TYPE, type Allocation, type Outcome } from "../channel/outcome.ts";
import { REORG_DEPTH_MAX } from "../channel/remembered-facts.ts";
import { type Address, ZERO_ADDRESS } from "../crypto/address.ts";
import type { Hash } from "../crypto/signature.ts";
import { assertDefined } from "../primitives/assert.ts";
import type { ChainCall } from "../protocols/effects.ts";
import type { App } from "../protocols/protocol.ts";
import { type Appointment, channelOf } from "./appointment.ts";
import { decideDuties, decideEndings } from "./tower-decisions.ts";
import type { SightEvent, TowerEvent } from "./tower-event.ts";
import { createTowerState, evolveTower, type TowerState } from "./tower-state.ts";

const ALICE = repeated("a1", 20) as Address;
const BOB = repeated("b0", 20) as Address;
const LEDGER_APP = repeated("1e", 20) as Address;
const PAYMENT_APP = repeated("9a", 20) as Address;
const HASH = repeated("b0", 32) as Hash;
const rules = {
  appOf: (app: Address): App | undefined =>
    app === PAYMENT_APP
      ? { type: "Virtual", profile: "enforceable" }
      : { type: "Ledger", profile: "enforceable" },
  recoverSigner: () => undefined,
  channelsPerClientMax: 10,
};

const [left, right] = [externalDestination(ALICE), externalDestination(BOB)];
const simple = (amounts: readonly [bigint, bigint]): readonly Allocation[] =>
  amounts.map((amount, index) => ({
    destination: index === 0 ? left : right,
    amount,
    allocationType: ALLOCATION_TYPE.simple,
    metadata: "0x",
  }));
const outcomeOf = (...allocations: readonly Allocation[]): Outcome => [
  { asset: ZERO_ADDRESS, assetMetadata: { assetType: 0, metadata: "0x" }, allocations },
];
const guaranteeFor = (target: ChannelId, amount: bigint): Allocation => ({
  destination: channelDestination(target),
  amount,
  allocationType: ALLOCATION_TYPE.guarantee,
  metadata: encodeGuarantee({ left, right }),
});

type State = Appointment["candidate"]["variablePart"];

function appointment(change: Partial<State>, more: Partial<Appointment> = {}): Appointment {
  const outcome = outcomeOf(...simple([6n, 4n]));
  const variablePart: State = { outcome, appData: "0x", turnNum: 7, isFinal: false, ...change };
  return {
    fixedPart: { ...SAMPLE_FIXED_PART, participants: [ALICE, BOB], appDefinition: LEDGER_APP },
    candidate: { variablePart, signatures: [SAMPLE_SIGNATURE, SAMPLE_SIGNATURE] },
    proof: [],
    challengerSignature: undefined,
    closing: undefined,
    ...more,
  };
}

/** A virtual channel between the two, whose vouchers the appointment redeems. */
const redeemed = appointment(
  { turnNum: 3, outcome: outcomeOf(...simple([2n, 3n])) },
  {
    fixedPart: { ...SAMPLE_FIXED_PART, participants: [ALICE, BOB], appDefinition: PAYMENT_APP },
    proof: [appointment({ turnNum: 1 }).candidate],
    challengerSignature: SAMPLE_SIGNATURE,
  },
);
const virtualId = channelOf(redeemed);

type Placeless<Event> = Event extends unknown ? Omit<Event, "position"> : never;

/** A tower that was told all this, and the block in which each of it happened. */
class Told {
  readonly state: TowerState = createTowerState();
  #block = 1;

  keep(one: Appointment, client = BOB): this {
    return this.tell({
      type: "AppointmentKept",
      client,
      channelId: channelOf(one),
      appointment: one,
    });
  }

  challenge(one: Appointment, change: Partial<State> = {}): this {
    const variablePart = { ...one.candidate.variablePart, ...change };
    const shown = { finalizesAtSec: 600, variablePart };
    return this.see({ type: "ChallengeSeen", channelId: channelOf(one), ...shown });
  }

  expire(): this {
    const block = { blockNumber: ++this.#block, blockHash: HASH };
    return this.tell({ type: "ChainFollowed", block, blockTimeSec: 600 });
  }

  see(event: Placeless<SightEvent>): this {
    const blockNumber = ++this.#block;
    const position = { blockNumber, blockHash: HASH, logIndex: 0, transactionHash: HASH };
    return this.tell({ ...event, position } as SightEvent);
  }

  tell(event: TowerEvent): this {
    evolveTower(this.state, event);
    return this;
  }

  /** What the tower asks for now. Asked again, it asks for nothing. */
  duties(): readonly ChainCall[] {
    const all = decideDuties(this.state, this.state.channels.keys(), rules);
    expect(decideDuties(this.state, this.state.channels.keys(), rules)).toEqual([]);
    return all.map((event) => (event as TowerEvent & { type: "CallRequested" }).call);
  }

  /** Whatever is open is refused by the contract. */
  refuse(): this {
    for (const { channelId, effectId, status } of [...this.state.calls.values()]) {
      if (status !== "Requested") continue;
      this.tell({ type: "CallPointless", channelId, effectId, reason: "no" });
    }
    return this;
  }
}

describe("a challenge", () => {
  unit("with an older turn is answered by the newest of all clients, before it ends", () => {
    const newer = appointment({ turnNum: 9 });
    const told = new Told()
      .keep(appointment({}))
      .keep(newer, ALICE)
      .challenge(newer, { turnNum: 2 });
    expect(told.duties()).toEqual([
      {
        type: "Checkpoint",
        channelId: channelOf(newer),
        fixedPart: newer.fixedPart,
        candidate: newer.candidate,
        proof: [],
        deadlineSec: 600,
      },
    ]);
  });

  unit(
    "with vouchers behind it is answered by a challenge, and with a final state by a conclusion",
    () => {
      const [challenge] = new Told().keep(redeemed).challenge(redeemed, { turnNum: 1 }).duties();
      expect(challenge).toMatchObject({ type: "Challenge", challengerSignature: SAMPLE_SIGNATURE });
      const final = appointment({ isFinal: true });
      const [conclude] = new Told().keep(final).challenge(final, { turnNum: 2 }).duties();
      expect(conclude).toMatchObject({ type: "Conclude", deadlineSec: 600 });
    },
  );

  unit("with the newest turn or a newer one is left alone, and so is a channel without any", () => {
    const one = appointment({});
    expect(new Told().keep(one).duties()).toEqual([]);
    expect(new Told().keep(one).challenge(one).duties()).toEqual([]);
    expect(new Told().keep(one).challenge(one, { turnNum: 8 }).duties()).toEqual([]);
  });

  unit("is answered three times at most over the same facts, and anew over others", () => {
    const one = appointment({});
    const told = new Told().keep(one).challenge(one, { turnNum: 2 });
    for (let attempt = 0; attempt < 3; attempt++) {
      expect(told.duties()).toHaveLength(1);
      told.refuse();
    }
    expect(told.duties()).toEqual([]);
    expect(told.challenge(one, { turnNum: 3 }).duties()).toHaveLength(1);
  });
});

describe("a channel that is final", () => {
  const one = appointment({});
  const channelId = channelOf(one);

  unit("is paid out to all, and where that is refused to each alone", () => {
    const told = new Told().keep(one).challenge(one).expire();
    const indices: (readonly number[])[] = [];
    for (let attempt = 0; attempt < 3; attempt++) {
      expect(told.duties()).toMatchObject([{ type: "TransferAllAssets", channelId }]);
      told.refuse();
    }
    const [first] = told.duties();
    if (first?.type === "Transfer") indices.push(first.indices);
    const paid = { assetIndex: 0, initialHoldings: 10n, finalHoldings: 4n, indices: [0] };
    told.refuse().see({ type: "PayoutSeen", channelId, ...paid });
    for (let attempt = 0; attempt < 3; attempt++) {
      told.duties();
      told.refuse();
    }
    const [second] = told.duties();
    if (second?.type === "Transfer") indices.push(second.indices);
    expect(indices).toEqual([[0], [1]]);
  });

  unit("is left alone once nothing is held, or where nobody knows what it pays", () => {
    const held = new Told().keep(one).challenge(one).expire();
    const paid = { assetIndex: 0, initialHoldings: 6n, finalHoldings: 0n, indices: [0] };
    expect(held.see({ type: "PayoutSeen", channelId, ...paid }).duties()).toEqual([]);
    const concluded = { type: "ConclusionSeen", channelId } as const;
    expect(new Told().keep(one).see(concluded).duties()).toEqual([]);
    const closing = outcomeOf(...simple([1n, 9n]));
    const known = new Told().keep({ ...one, closing }).see(concluded);
    expect(known.duties()).toMatchObject([{ type: "TransferAllAssets", outcome: closing }]);
  });

  const ledger = appointment({
    outcome: outcomeOf(guaranteeFor(virtualId, 5n), ...simple([6n, 4n])),
  });
  const ledgerId = channelOf(ledger);

  unit("has its guarantees reclaimed first, as soon as their channels are final, too", () => {
    const told = new Told().keep(ledger).keep(redeemed).challenge(ledger).expire();
    expect(told.duties()).toEqual([]);
    told.challenge(redeemed, { turnNum: 3 }).expire();
    expect(told.duties()).toMatchObject([
      { type: "Reclaim", channelId: ledgerId, targetId: virtualId, indexOfTargetInSource: 0 },
    ]);
    const shares = { assetIndex: 0, target: virtualId, left: 2n, right: 3n };
    told.refuse().see({ type: "ReclaimSeen", channelId: ledgerId, ...shares });
    const outcome = outcomeOf(...simple([8n, 7n]));
    expect(told.duties()).toMatchObject([{ type: "TransferAllAssets", outcome }]);
  });

  unit("and virtual pays nothing itself", () => {
    expect(new Told().keep(redeemed).challenge(redeemed).expire().duties()).toEqual([]);
  });

  unit("is watched no more when all is paid, and no reorganisation reaches that", () => {
    const told = new Told().keep(one).keep(one, ALICE).challenge(one).expire();
    const paid = { assetIndex: 0, initialHoldings: 10n, finalHoldings: 0n, indices: [] };
    told.see({ type: "PayoutSeen", channelId, ...paid });
    const last = assertDefined(told.state.channels.get(channelId)?.lastLog, "a payout").blockNumber;
    const follow = (blockNumber: number) => {
      const block = { blockNumber, blockHash: HASH };
      return told.tell({ type: "ChainFollowed", block, blockTimeSec: 900 });
    };
    expect(decideEndings(follow(last + REORG_DEPTH_MAX).state, rules)).toEqual([]);
    const endings = decideEndings(follow(last + REORG_DEPTH_MAX + 1).state, rules);
    expect(endings).toEqual([
      { type: "AppointmentEnded", client: BOB, channelId },
      { type: "AppointmentEnded", client: ALICE, channelId },
    ]);
    for (const event of endings) told.tell(event);
    expect([told.state.channels.size, told.state.watchedBy.size]).toEqual([0, 0]);
  });
});

describe("whatever a tower sends", () => {
  invariant("carries no coin", () => {
    const final = appointment({ isFinal: true });
    const one = appointment({});
    const calls = [
      ...new Told().keep(one).challenge(one, { turnNum: 2 }).duties(),
      ...new Told().keep(final).challenge(final, { turnNum: 2 }).duties(),
      ...new Told().keep(redeemed).challenge(redeemed, { turnNum: 1 }).duties(),
      ...new Told().keep(one).challenge(one).expire().duties(),
    ];
    expect(calls).toHaveLength(4);
    for (const call of calls) expect(callOf(ALICE, call).valueWei).toBe(0n);
  });
});
