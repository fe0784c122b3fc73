/** Tests of what the register of signatures says of final states that a log has lost. */
import { describe, expect } from "bun:test";
import type { Address } from "../../src/crypto/address.ts";
import { unit } from "../../test/kind.ts";
import { repeated } from "../../test/sample-messages.ts";
import {
  createSignatureRegister,
  forgetLost,
  learnSignatures,
  type SignatureRegister,
} from "./double-signature.ts";
import type { ChannelStep } from "./node-mirror.ts";

const ALICE = repeated("a1", 20) as Address;
const BOB = repeated("b0", 20) as Address;

/** Where the final state stands in Alice's log. */
const FINAL_OFFSET = 66;

/** Alice's signature on a turn, as it comes into her own log or into Bob's. */
function signed(
  node: "alice" | "bob",
  turnNum: number,
  isFinal: boolean,
  offset = 70,
): ChannelStep {
  const myIndex = node === "alice" ? 0 : 1;
  const state = { variablePart: { turnNum, isFinal }, signature: `0x${turnNum}` };
  const event = myIndex === 0 ? { type: "StateSigned" } : { type: "StateReceived", by: 0 };
  return {
    after: {
      id: "0xc1",
      myIndex,
      fixedPart: { participants: [ALICE, BOB] },
      pending: new Map(),
    },
    event: { ...event, ...state },
    mirror: { node },
    offset,
  } as unknown as ChannelStep;
}

/** A register that has seen Alice sign turn 2 as final, in her own log alone. */
function withFinal(): SignatureRegister {
  const register = createSignatureRegister(new Set([ALICE]));
  expect(learnSignatures(register, signed("alice", 2, true, FINAL_OFFSET))).toEqual([]);
  return register;
}

describe("learnSignatures", () => {
  unit("finds what is signed after a final state that is still in a log", () => {
    const register = withFinal();
    forgetLost(register, ALICE, FINAL_OFFSET + 1);
    forgetLost(register, BOB, 0);

    expect(learnSignatures(register, signed("bob", 9, false))).toEqual([
      `bob's log at offset 70: ${ALICE} signed turn 9 of 0xc1 after the final state of turn 2`,
    ]);
  });

  unit("lets be what is signed after one that was lost with the only log that had it", () => {
    const register = withFinal();
    forgetLost(register, ALICE, FINAL_OFFSET);

    expect(learnSignatures(register, signed("bob", 9, false))).toEqual([]);
    expect(learnSignatures(register, signed("bob", 2, true))).toEqual([
      `bob's log at offset 70: ${ALICE} signed turn 2 of 0xc1 as final, below turn 9`,
    ]);
  });

  unit("lets a turn be signed again that the only log which had it has lost", () => {
    const again = (judged: readonly Address[], isHeard: boolean): readonly string[] => {
      const register = createSignatureRegister(new Set(judged));
      learnSignatures(register, signed("alice", 2, false, 30));
      if (isHeard) learnSignatures(register, signed("bob", 2, false));
      forgetLost(register, ALICE, 30);
      const step = signed("alice", 2, false, 30);
      const event = { type: "ProposalSigned", turnNum: 2, signature: "0xother" };
      return learnSignatures(register, { ...step, event } as unknown as ChannelStep);
    };

    expect(again([ALICE, BOB], false)).toEqual([]);
    expect(again([ALICE, BOB], true)).toHaveLength(1);
    // He may have kept it, and shows no log.
    expect(again([ALICE], false)).toHaveLength(1);
  });

  unit("lets be what a log that is read late says before its own final state", () => {
    const register = createSignatureRegister(new Set([ALICE]));
    expect(learnSignatures(register, signed("bob", 9, true))).toEqual([]);

    expect(learnSignatures(register, signed("alice", 8, false, 30))).toEqual([]);
    expect(learnSignatures(register, signed("alice", 9, true, 50))).toEqual([]);
    expect(learnSignatures(register, signed("alice", 7, false, 60))).toEqual([
      `alice's log at offset 60: ${ALICE} signed turn 7 of 0xc1 after the final state of turn 9`,
    ]);
  });

  unit("asks of whom knows that she has forgotten something for no turn twice, and no more", () => {
    const register = withFinal();
    learnSignatures(register, signed("bob", 9, false), "Turns");
    const event = { type: "ProposalReceived", by: 0, turnNum: 9, signature: "0xother" };
    const other = { ...signed("bob", 9, false), event } as unknown as ChannelStep;

    expect(learnSignatures(register, signed("bob", 8, false), "Turns")).toEqual([]);
    expect(learnSignatures(register, other, "Nothing")).toEqual([]);
    expect(learnSignatures(register, other, "Turns")).toEqual([
      `bob's log at offset 70: ${ALICE} signed turn 9 of 0xc1 as two states, the other one in bob's log at offset 70`,
    ]);
  });

  unit(
    "knows a proposal's state by what it comes to: its stand-in may come back as another one",
    () => {
      const proposed = (signature: string, appData: string): ChannelStep => {
        const step = signed("bob", 9, false);
        const event = { type: "ProposalReceived", by: 0, turnNum: 9, signature };
        const variablePart = { turnNum: 9, isFinal: false, outcome: [], appData };
        const pending = new Map([[9, { variablePart, signatures: [signature] }]]);
        return {
          ...step,
          event,
          after: { ...step.after, id: repeated("c1", 32), pending },
        } as unknown as ChannelStep;
      };
      const register = createSignatureRegister(new Set([ALICE]));
      learnSignatures(register, proposed("0x11", "0x"));

      expect(learnSignatures(register, proposed("0x22", "0x"))).toEqual([]);
      expect(learnSignatures(register, proposed("0x33", "0xab"))).toHaveLength(1);
    },
  );

  unit("finds who takes a voucher that one which she has receipted would outbid", () => {
    const use = { type: "Virtual", profile: "enforceable" };
    const fixedPart = { participants: [BOB, ALICE] };
    const step = (event: object): ChannelStep =>
      ({
        after: { id: "0xc1", myIndex: 1, fixedPart, use },
        event,
        mirror: { node: "alice" },
        offset: 70,
      }) as unknown as ChannelStep;
    const taken = (counter: number, signature: string) =>
      step({ type: "VoucherReceived", by: 0, counter, signature, counted: undefined });
    const register = createSignatureRegister(new Set([ALICE]));
    const counted = { counter: 2, signature: "0x22" };
    for (const one of [
      taken(1, "0x11"),
      taken(2, "0x22"),
      step({ type: "VoucherIssued", to: 0, counter: 1, signature: "0x01", counted }),
      // Her log lost its end, and goes on anew.
      taken(1, "0x11"),
      taken(2, "0x22"),
      taken(3, "0x33"),
    ]) {
      expect(learnSignatures(register, one, "Turns")).toEqual([]);
    }

    expect(learnSignatures(register, taken(2, "0x2b"), "Nothing")).toEqual([]);
    expect(learnSignatures(register, taken(2, "0x2c"), "Turns")).toEqual([
      `alice's log at offset 70: ${ALICE} takes voucher 2 of 0xc1 for money, and has receipted another one with counter 2`,
    ]);
  });

  unit("still knows one that another log has", () => {
    const register = withFinal();
    expect(learnSignatures(register, signed("bob", 2, true))).toEqual([]);
    forgetLost(register, ALICE, 0);

    expect(learnSignatures(register, signed("bob", 9, false))).toHaveLength(1);
  });
});
