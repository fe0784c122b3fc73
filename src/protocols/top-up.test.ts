/** What the ladder of a top-up does, and above all what it does not do yet. */
import { describe, expect } from "bun:test";
import { invariant, unit } from "../../test/kind.ts";
import type { PureNetwork } from "../../test/pure-network.ts";
import { channelAt, DEPOSIT, openLedger, TOKEN } from "../../test/wishful-ledger.ts";
import { type Channel, ledgerOf } from "../channel/channel.ts";
import type { WaitingStep } from "../channel/ledger.ts";
import { assertDefined } from "../primitives/assert.ts";
import type { Effect, EffectId } from "./effects.ts";
import type { Objective } from "./objective.ts";
import { evolveSubject, type Subject } from "./subject.ts";
import { crank } from "./top-up.ts";

const AMOUNT = 7n;

/** The leader's top-up, signed by both, a moment before its deposit is asked for. */
function signedTopUp(): { readonly network: PureNetwork; readonly subject: Subject } {
  const { ledgerId, network } = openLedger();
  const id = network.ask(0, { type: "TopUp", channelId: ledgerId, asset: TOKEN, amount: AMOUNT });
  while (network.node(0).state.transactions.size === 0) network.act(0);
  const asked = assertDefined(network.node(0).state.objectives.get(id), "the objective");
  const objective: Objective = { ...asked, transactions: new Map() };
  return { network, subject: { objective, channel: channelAt(network, 0, ledgerId) } };
}

const climb = (network: PureNetwork, subject: Subject) =>
  crank(subject, network.node(0).rules.context);

const withHeld = (channel: Channel, amount: bigint): Channel => ({
  ...channel,
  holdings: new Map(channel.holdings).set(TOKEN, amount),
});

const depositsOf = (effects: readonly Effect[]): readonly unknown[] =>
  effects.flatMap((effect) =>
    effect.type === "SubmitTransaction" && effect.call.type === "Deposit" ? [effect.call] : [],
  );

describe("the deposit of a top-up", () => {
  unit("is made on top of all that is held, with an approval before it", () => {
    const { network, subject } = signedTopUp();
    const { effects, waitingFor } = climb(network, subject);

    expect(waitingFor).toBe("FundingComplete");
    expect(effects).toHaveLength(2);
    expect(depositsOf(effects)).toEqual([
      {
        type: "Deposit",
        channelId: subject.channel.id,
        asset: TOKEN,
        expectedHeld: 2n * DEPOSIT,
        amount: AMOUNT,
      },
    ]);
  });

  unit("waits where less is held than the ledger owes without it", () => {
    const { network, subject } = signedTopUp();
    const channel = withHeld(subject.channel, 2n * DEPOSIT - 1n);

    expect(depositsOf(climb(network, { ...subject, channel }).effects)).toEqual([]);
  });

  unit("is made although strangers have covered it", () => {
    const { network, subject } = signedTopUp();
    const channel = withHeld(subject.channel, 2n * DEPOSIT + 1_000n);
    const { effects, waitingFor } = climb(network, { ...subject, channel });

    expect(waitingFor).toBe("FundingComplete");
    expect(depositsOf(effects)).toHaveLength(1);
  });

  unit("is tried again only when the one before is known to have failed", () => {
    const { network, subject } = signedTopUp();
    const before = `${subject.objective.id}/deposit/1` as EffectId;
    const after = (status: "Requested" | "Submitted" | "Failed" | "Confirmed"): number => {
      const objective = { ...subject.objective, transactions: new Map([[before, status]]) };
      return depositsOf(climb(network, { ...subject, objective }).effects).length;
    };

    expect(after("Requested")).toBe(0);
    expect(after("Submitted")).toBe(0);
    expect(after("Confirmed")).toBe(0);
    expect(after("Failed")).toBe(1);
  });

  unit("waits while a state that was built before the top-up may still count", () => {
    const { network, subject } = signedTopUp();
    const turnNum = assertDefined(subject.channel.supported, "it").variablePart.turnNum;
    const older: WaitingStep = {
      turnNum: turnNum + 1,
      baseTurnNum: turnNum - 1,
      changes: [],
      isRefused: true,
    };
    const ledger = {
      ...ledgerOf(subject.channel),
      waiting: new Map([[older.turnNum, older]]),
    };
    const { effects, waitingFor } = climb(network, {
      ...subject,
      channel: { ...subject.channel, ledger },
    });

    expect(waitingFor).toBe("TopUpSigned");
    expect(depositsOf(effects)).toEqual([]);
  });
});

describe("the merge of a top-up", () => {
  unit("is agreed to by the other one once the holdings cover it, whoever paid", () => {
    const { network, subject } = signedTopUp();
    const channel = withHeld(subject.channel, 2n * DEPOSIT + AMOUNT);
    const others = { ...subject, channel: { ...channel, myIndex: 1 } };

    const { events, waitingFor } = climb(network, others);

    expect(waitingFor).toBe("Merged");
    expect(events.map(({ type }) => type)).toEqual(["ObjectiveCranked", "ProposalAgreed"]);
    const short = { ...subject.channel, myIndex: 1 };
    expect(climb(network, { ...others, channel: short }).events).toEqual([]);
  });

  invariant("is agreed to once: a second crank asks for nothing", () => {
    const { network, subject } = signedTopUp();
    const channel = { ...withHeld(subject.channel, 2n * DEPOSIT + AMOUNT), myIndex: 1 };
    const before = { ...subject, channel };
    const merging = climb(network, before).events.reduce(evolveSubject, before);

    expect(merging.objective.askedTurnNum).toBeDefined();
    expect(climb(network, merging)).toEqual({ events: [], effects: [], waitingFor: "Merged" });
  });
});
