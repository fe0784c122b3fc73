/** What transactions offer, and when they offer more. */
import { describe, expect } from "bun:test";
import fc from "fast-check";
import { property, unit } from "../../test/kind.ts";
import { NodeError } from "../primitives/node-error.ts";
import type { ChainCall } from "../protocols/effects.ts";
import { ETHEREUM, LOCAL } from "./chain-profile.ts";
import {
  bumpBlocks,
  capOf,
  morePressed,
  offer,
  PATIENT,
  raise,
  readTip,
  urgencyOf,
} from "./fees.ts";

const URGENT = { isUrgent: true, deadlineSec: undefined };
const GWEI_WEI = 1_000_000_000n;
const wei = fc.bigInt(1n, 10_000n * GWEI_WEI);

describe("offer", () => {
  property("stays under the cap, and above the base fee unless it is urgent", () => {
    fc.assert(
      fc.property(wei, wei, fc.boolean(), (baseFeeWei, tipWei, isUrgent) => {
        const urgency = { isUrgent, deadlineSec: undefined };
        const cap = capOf(LOCAL.fees, urgency);
        const fees = offer(LOCAL.fees, urgency, { baseFeeWei, tipWei });

        if (fees === undefined)
          expect([isUrgent, baseFeeWei + tipWei > cap]).toEqual([false, true]);
        else {
          expect(fees.maxFeeWei <= cap && fees.tipWei <= fees.maxFeeWei).toBe(true);
          expect(fees.maxFeeWei >= baseFeeWei + tipWei || fees.maxFeeWei === cap).toBe(true);
        }
      }),
    );
  });
});

describe("raise", () => {
  property("is what nodes take in place of the old one, or nothing", () => {
    fc.assert(
      fc.property(wei, wei, wei, wei, (tipWei, rest, cap, baseFeeWei) => {
        const old = { maxFeeWei: tipWei + rest, tipWei };
        const fresh = offer(LOCAL.fees, URGENT, { baseFeeWei, tipWei: GWEI_WEI });
        const raised = raise(old, fresh, cap);

        if (raised === undefined) expect(cap * 8n < old.maxFeeWei * 9n + 9n).toBe(true);
        else {
          expect(raised.maxFeeWei <= cap && raised.tipWei <= raised.maxFeeWei).toBe(true);
          expect(raised.maxFeeWei * 8n >= old.maxFeeWei * 9n).toBe(true);
          expect(raised.tipWei * 8n >= old.tipWei * 9n).toBe(true);
        }
      }),
    );
  });
});

describe("bumpBlocks", () => {
  unit("are fewer as the deadline comes near, and never none", () => {
    const at = (headSec: number): number =>
      bumpBlocks(LOCAL, { isUrgent: true, deadlineSec: 10_000 }, headSec);
    const { patientBumpBlocks, urgentBumpBlocks } = LOCAL.fees;

    expect([at(0), at(9_800), at(9_950), at(11_000)]).toEqual([urgentBumpBlocks, 2, 1, 1]);
    expect(bumpBlocks(LOCAL, URGENT, 0)).toBe(urgentBumpBlocks);
    expect(bumpBlocks(LOCAL, PATIENT, 0)).toBe(patientBumpBlocks);
  });
});

describe("urgencyOf", () => {
  unit("is that of a challenge, and of a conclusion that answers one", () => {
    const of = (type: string, deadlineSec?: number) =>
      urgencyOf({ type, deadlineSec } as unknown as ChainCall);

    expect([of("Challenge"), of("Challenge", 9), of("Conclude"), of("Conclude", 9)]).toEqual([
      URGENT,
      { isUrgent: true, deadlineSec: 9 },
      PATIENT,
      { isUrgent: true, deadlineSec: 9 },
    ]);
    expect([of("Deposit"), of("TransferAllAssets")]).toEqual([PATIENT, PATIENT]);
    expect(morePressed(of("Challenge", 9), of("Challenge", 7)).deadlineSec).toBe(7);
    expect(morePressed(PATIENT, of("Challenge"))).toEqual(URGENT);
  });
});

describe("readTip", () => {
  const { tip } = ETHEREUM.fees;
  const bounds = tip.type === "FeeHistory" ? [tip.tipMinWei, tip.tipMaxWei] : [];
  const answering = (...tips: readonly bigint[]) => ({
    request: async () => ({ reward: tips.map((each) => [`0x${each.toString(16)}`]) }),
  });

  unit("is what half of the others give, within its bounds", async () => {
    expect(await readTip(answering(1n, 2n * GWEI_WEI, 3n * GWEI_WEI), tip)).toBe(2n * GWEI_WEI);
    expect(await readTip(answering(0n), tip)).toBe(bounds[0] ?? 0n);
    expect(await readTip(answering(90n * GWEI_WEI), tip)).toBe(bounds[1] ?? 0n);
  });

  unit("is the least where the endpoint does not know", async () => {
    const refuse = async (): Promise<never> => {
      throw new NodeError("RpcRefused", "no such method");
    };

    expect(await readTip({ request: refuse }, tip)).toBe(bounds[0] ?? 0n);
  });
});
