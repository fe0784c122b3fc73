/** The payment app, rule by rule: each case is judged off chain and by the contract, which must agree. */
import { afterAll, beforeAll, describe, expect } from "bun:test";
import {
  agreed,
  CHANNEL,
  claimChanged,
  exitChanged,
  FUNDING,
  type PaymentJudges,
  POSTFUND,
  REDEEMED,
  recovered,
  redeemed,
  redeeming,
  showing,
  startJudges,
} from "../../test/judged-payments.ts";
import { adversarial, unit } from "../../test/kind.ts";
import {
  ALICE,
  paidByAlice,
  paidByBob,
  postfundOf,
  SOME_TOKEN,
  virtualCoins,
  virtualExit,
} from "../../test/sample-payments.ts";
import type { FixedPart } from "../channel/fixed-part.ts";
import { type Allocation, AMOUNT_MAX, type Outcome } from "../channel/outcome.ts";
import { COUNTER_MAX, VIRTUAL_FINAL_TURN } from "../channel/payment-voucher.ts";
import { TURN_NUM_MAX } from "../channel/state.ts";
import type { RecoveredState, SupportClaim } from "./payment-rule.ts";

let judges: PaymentJudges;
const judge = (claim: SupportClaim): Promise<string> => judges.judge(claim);

beforeAll(async () => {
  judges = await startJudges();
});
afterAll(() => judges.stop());

const withPostfund = (postfund: RecoveredState): SupportClaim => ({
  ...redeeming(),
  proof: [postfund],
});

describe("a state without proof", () => {
  unit("is supported at any turn, final or not, once all signed", async () => {
    for (const turnNum of [0, 1, 2, 7, VIRTUAL_FINAL_TURN, TURN_NUM_MAX]) {
      expect(await judge(agreed({ turnNum }))).toBe("");
      expect(await judge(agreed({ turnNum, isFinal: true }))).toBe("");
    }
  });

  adversarial(
    "is not supported while one signature is missing, or one more is claimed",
    async () => {
      for (const signedBy of [0n, 0b011n, 0b101n, 0b110n, 0b1111n, 1n << 255n]) {
        expect(await judge(agreed({}, signedBy))).toBe("NotUnanimous");
      }
    },
  );

  adversarial("has at least one asset, of two guarantees each", async () => {
    const [left, right] = FUNDING[0]?.allocations ?? [];
    const three = [left, right, right].filter((claim) => claim !== undefined);
    const both = [...FUNDING, virtualExit(SOME_TOKEN, [1n, 2n])];

    expect(await judge(agreed({ outcome: both }))).toBe("");
    expect(await judge(agreed({ outcome: [] }))).toBe("NoAsset");
    for (const allocations of [[], three.slice(0, 1), three]) {
      const outcome = exitChanged({ allocations });
      expect(await judge(agreed({ outcome }))).toBe("NotTwoAllocations");
      expect(await judge(agreed({ outcome: [...both].reverse().concat(outcome) }))).toBe(
        "NotTwoAllocations",
      );
    }
    for (const allocationType of [0, 1, 3, 255]) {
      for (const at of [0, 1]) {
        const outcome = claimChanged(at, { allocationType });
        expect(await judge(agreed({ outcome }))).toBe("NotGuarantees");
      }
    }
  });

  adversarial("is of 2 to 255 participants", async () => {
    const participants = (count: number): FixedPart => ({
      ...CHANNEL,
      participants: Array.from({ length: count }, () => ALICE.address),
    });
    const judged = (count: number, signedBy: bigint) =>
      judge({ ...agreed({}, signedBy), fixedPart: participants(count) });

    expect(await judged(0, 0n)).toBe("ParticipantCountOutOfRange");
    expect(await judged(1, 1n)).toBe("ParticipantCountOutOfRange");
    expect(await judged(2, 3n)).toBe("");
    expect(await judged(255, 2n ** 255n - 1n)).toBe("");
    expect(await judged(256, AMOUNT_MAX)).toBe("ParticipantCountOutOfRange");
  });
});

describe("the proof of a redemption", () => {
  unit("is one postfund that all signed", async () => {
    expect(await judge(redeeming())).toBe("");
  });

  adversarial("is no other state, and not more than one", async () => {
    const twice = { ...redeeming(), proof: [recovered(POSTFUND), recovered(POSTFUND)] };

    expect(await judge(twice)).toBe("ProofTooLong");
    for (const turnNum of [0, 2, VIRTUAL_FINAL_TURN]) {
      const other = recovered({ ...POSTFUND, turnNum });
      expect(await judge(withPostfund(other))).toBe("ProofNotPostfund");
    }
    const final = recovered({ ...POSTFUND, isFinal: true });
    expect(await judge(withPostfund(final))).toBe("ProofFinal");
  });

  adversarial("is signed by all", async () => {
    for (const signedBy of [0n, 0b101n, 0b011n, 0b1111n]) {
      expect(await judge(withPostfund(recovered(POSTFUND, signedBy)))).toBe("ProofNotUnanimous");
    }
  });

  adversarial("has the shape of every state", async () => {
    const simple = claimChanged(1, { allocationType: 0 });

    expect(await judge(withPostfund(recovered({ ...POSTFUND, outcome: [] })))).toBe("NoAsset");
    expect(await judge(withPostfund(recovered({ ...POSTFUND, outcome: simple })))).toBe(
      "NotGuarantees",
    );
  });
});

describe("a redemption", () => {
  unit("is signed by the first participant or the last", async () => {
    for (const signedBy of [0b001n, 0b100n, 0b101n, 0b110n, 0b111n]) {
      expect(await judge(redeeming({}, signedBy))).toBe("");
    }
    for (const signedBy of [0n, 0b010n, 0b1010n]) {
      expect(await judge(redeeming({}, signedBy))).toBe("NotSignedByAnEnd");
    }
  });

  unit("shows one voucher or both, in any number of assets", async () => {
    const funding = [...FUNDING, virtualExit(SOME_TOKEN, [7n, 5n])];
    const left = paidByAlice(CHANNEL, 1, 100n, 0n);
    const right = paidByBob(CHANNEL, COUNTER_MAX, 0n, 5n);
    for (const vouchers of [{ left }, { right }, { left, right }]) {
      const state = redeemed(vouchers, funding);
      const proof = [recovered(postfundOf(funding))];

      const claim = { fixedPart: CHANNEL, proof, candidate: recovered(state, 1n) };
      expect(await judge(claim)).toBe("");
    }
  });

  unit("is not final", async () => {
    expect(await judge(redeeming({ isFinal: true }))).toBe("RedemptionFinal");
  });

  unit("has the turn 1 plus both counters, below every final state's", async () => {
    for (const turnNum of [0, 1, 5, 7, VIRTUAL_FINAL_TURN]) {
      expect(await judge(redeeming({ turnNum }))).toBe("TurnWrong");
    }
    const last = {
      left: paidByAlice(CHANNEL, COUNTER_MAX, 1n),
      right: paidByBob(CHANNEL, COUNTER_MAX, 2n),
    };
    const state = redeemed(last);
    expect(await judge(redeeming(state))).toBe("");
    expect(state.turnNum).toBe(VIRTUAL_FINAL_TURN - 1);
  });

  adversarial("shows at least one voucher", async () => {
    expect(await judge(showing(undefined, undefined))).toBe("NothingRedeemed");
  });

  adversarial("keeps assets, destinations and all metadata", async () => {
    const { outcome } = REDEEMED;
    const changed: readonly Outcome[] = [
      [...outcome, virtualExit(SOME_TOKEN, [0n, 0n])],
      exitChanged({ asset: SOME_TOKEN }, outcome),
      exitChanged({ assetMetadata: { assetType: 1, metadata: "0x" } }, outcome),
      exitChanged({ assetMetadata: { assetType: 0, metadata: "0x00" } }, outcome),
      ...[0, 1].flatMap((at) => [
        claimChanged(
          at,
          { destination: `0x${"0d".repeat(32)}` as Allocation["destination"] },
          outcome,
        ),
        claimChanged(at, { metadata: "0x01" }, outcome),
      ]),
    ];

    for (const other of changed) {
      expect(await judge(redeeming({ outcome: other }))).toBe("OutcomeChanged");
    }
  });

  adversarial("keeps the type of both allocations", async () => {
    for (const at of [0, 1]) {
      const outcome = claimChanged(at, { allocationType: 0 }, REDEEMED.outcome);
      expect(await judge(redeeming({ outcome }))).toBe("NotGuarantees");
    }
  });

  adversarial("pays exactly what the vouchers say", async () => {
    // 100 - 30 + 50 and 20 + 30 - 50.
    for (const amounts of [
      [121n, 0n],
      [119n, 1n],
      [120n, 1n],
      [0n, 120n],
      [119n, 0n],
    ]) {
      const [left, right] = amounts as [bigint, bigint];
      const outcome = virtualCoins(left, right);
      expect(await judge(redeeming({ outcome }))).toBe("AmountWrong");
    }
  });

  adversarial("takes from nobody more than there is", async () => {
    expect(await judge(showing(paidByAlice(CHANNEL, 3, 101n), undefined))).toBe("Overdrawn");
    expect(await judge(showing(undefined, paidByBob(CHANNEL, 3, 21n)))).toBe("Overdrawn");
    expect(await judge(showing(paidByAlice(CHANNEL, 3, AMOUNT_MAX), undefined))).toBe("Overdrawn");
    // Each more than there is, and both together not.
    const left = paidByAlice(CHANNEL, 3, AMOUNT_MAX);
    const right = paidByBob(CHANNEL, 3, AMOUNT_MAX - 1n);
    expect(await judge(redeeming(redeemed({ left, right })))).toBe("");
  });

  adversarial("does not overflow where the postfund does", async () => {
    const outcome = virtualCoins(AMOUNT_MAX, 1n);
    const claim = { ...redeeming({ outcome }), proof: [recovered(postfundOf(outcome))] };

    expect(await judge(claim)).toBe("SumTooLarge");
  });
});
