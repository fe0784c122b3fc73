/** What is left in a virtual channel is what its ledger still holds for it, and in others what they hold themselves. */
import { describe, expect } from "bun:test";
import type { Adjudication } from "../../src/channel/adjudication.ts";
import type { Channel } from "../../src/channel/channel.ts";
import type { ChannelId } from "../../src/channel/channel-id.ts";
import { createLedger } from "../../src/channel/ledger.ts";
import {
  COIN,
  exitOf,
  finalTarget,
  runningLedger,
  STATE_HASH,
  target,
} from "../../test/disputed-channel.ts";
import { unit } from "../../test/kind.ts";
import { isSettled } from "./end-plan.ts";

const OUTCOME = [exitOf(COIN, 50n, 40n, { 1: 10n })];

/** A ledger that guarantees the first virtual channel with ten coins. */
const LEDGER: Channel = runningLedger(OUTCOME);

/** Its money was paid out. */
const EMPTY: Channel = { ...LEDGER, holdings: new Map() };

const challenged: Adjudication = {
  type: "Challenged",
  finalizesAtSec: 300,
  turnNum: 5,
  stateHash: STATE_HASH,
  outcome: OUTCOME,
  appData: "0x",
};

/** Whether the virtual channel is settled for who has these channels beside it, of which the first funds it. */
function isSettledBeside(ledger: Channel, ...others: readonly Channel[]): boolean {
  const use = {
    type: "Virtual",
    profile: "enforceable",
    fees: [],
    left: undefined,
    right: ledger.id,
  } as const;
  const channels = new Map([ledger, ...others].map((one) => [one.id, one]));
  const engine = { channel: (id: ChannelId) => channels.get(id), view: () => ({ channels }) };
  return isSettled(engine, { ...finalTarget(1, 10n, 0n), use });
}

describe("a virtual channel", () => {
  unit("is not settled while its ledger holds money for it", () => {
    expect(isSettledBeside(LEDGER)).toBe(false);
  });

  unit("is settled once its ledger is paid out, though an old state is shown again", () => {
    expect(isSettledBeside(EMPTY)).toBe(true);
    expect(isSettledBeside({ ...EMPTY, adjudication: challenged })).toBe(true);
  });

  unit("is not settled while the money of its ledger is still in the one before", () => {
    const before = { ...LEDGER, id: target(7) };
    const ledger = { ...createLedger("enforceable"), predecessor: before.id };

    expect(isSettledBeside({ ...EMPTY, ledger }, before)).toBe(false);
    expect(isSettledBeside({ ...EMPTY, ledger }, { ...before, holdings: new Map() })).toBe(true);
  });
});

describe("any other channel", () => {
  const engine = { channel: () => undefined, view: () => ({ channels: new Map() }) };

  unit("is not settled while it holds money, and is once it is empty", () => {
    expect(isSettled(engine, LEDGER)).toBe(false);
    expect(isSettled(engine, EMPTY)).toBe(true);
  });

  unit("is not settled while nobody has read what the ledger before it has paid into it", () => {
    const before = { ...EMPTY, id: target(7), concluded: true, paidOut: new Set([COIN]) };
    const ledger = { ...createLedger("enforceable"), predecessor: before.id };
    const beside = { ...engine, channel: () => before };

    expect(isSettled(beside, { ...EMPTY, ledger })).toBe(false);
    expect(isSettled(beside, { ...EMPTY, ledger, holdings: new Map([[COIN, 0n]]) })).toBe(true);
    expect(isSettled({ ...engine, channel: () => LEDGER }, { ...EMPTY, ledger })).toBe(true);
  });

  unit("is settled once what it holds behind its payout goes to others alone", () => {
    const [exit] = OUTCOME;
    const [mine, theirs] = LEDGER.fundingOutcome[0]?.allocations ?? [];
    if (exit === undefined || mine === undefined || theirs === undefined) throw new Error("two");
    const decided = (first: typeof mine, second: typeof mine): Channel => {
      const allocations = [first, second].map((one) => ({ ...one, amount: 5n }));
      const outcome = [{ ...exit, allocations }];
      const end = { type: "Final", turnNum: 5, stateHash: STATE_HASH, outcome } as const;
      return { ...LEDGER, holdings: new Map([[exit.asset, 1n]]), adjudication: end };
    };

    expect(isSettled(engine, decided(mine, theirs))).toBe(false);
    expect(isSettled(engine, decided(theirs, mine))).toBe(true);
    expect(isSettled(engine, { ...decided(mine, theirs), paidInFull: true })).toBe(true);
  });

  unit("is settled for whom it never began: what another has put in is not hers", () => {
    expect(isSettled(engine, { ...LEDGER, supported: undefined })).toBe(true);
  });
});
