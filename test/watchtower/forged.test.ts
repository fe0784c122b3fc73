/** What a watchtower refuses: appointments that the chain would not take, that are no news, or that are too much. */
import { beforeAll, describe, expect } from "bun:test";
import { ALLOCATION_TYPE, type Outcome } from "../../src/channel/outcome.ts";
import { encodeRedemption } from "../../src/channel/redemption.ts";
import { stateHash } from "../../src/channel/state.ts";
import { challengeHash } from "../../src/channel/state-challenge.ts";
import { ZERO_ADDRESS } from "../../src/crypto/address.ts";
import { assertDefined } from "../../src/primitives/assert.ts";
import { type Appointment, channelOf } from "../../src/watchtower/appointment.ts";
import { APPOINTMENT_BYTES_MAX, checkAppointment } from "../../src/watchtower/appointment-check.ts";
import { decideAppointment, decideEnd } from "../../src/watchtower/tower-decisions.ts";
import {
  createTowerState,
  evolveTower,
  type TowerState,
} from "../../src/watchtower/tower-state.ts";
import { chainOfFile } from "../chain-of-file.ts";
import { adversarial, unit } from "../kind.ts";
import { repeated } from "../sample-messages.ts";
import { addressOf, type Genuine, genuineAppointments, resigned, signedBy } from "./genuine.ts";

const chainOf = chainOfFile();
let genuine: Genuine | undefined;
const known = (): Genuine => assertDefined(genuine, "appointments, inside a test");

beforeAll(async () => {
  genuine = await genuineAppointments(chainOf());
}, 60_000);

const NOBODY = repeated("0b", 20) as typeof ZERO_ADDRESS;

/** What the check says, in one word, with the reason behind it where there is one. */
function verdict(appointment: Appointment, client = known().bob): string {
  const checked = checkAppointment(client, appointment, known().rules);
  if (checked.ok) return "taken";
  return "why" in checked.reason
    ? `${checked.reason.code} ${checked.reason.why}`
    : checked.reason.code;
}

/** The appointment with its candidate changed, under the signatures that it had. */
function altered(
  appointment: Appointment,
  change: Partial<Appointment["candidate"]["variablePart"]>,
): Appointment {
  const { candidate } = appointment;
  const variablePart = { ...candidate.variablePart, ...change };
  return { ...appointment, candidate: { ...candidate, variablePart } };
}

/** One wei more for whoever comes last. */
function richer(outcome: Outcome): Outcome {
  return outcome.map((exit) => ({
    ...exit,
    allocations: exit.allocations.map((one, index) =>
      index === exit.allocations.length - 1 ? { ...one, amount: one.amount + 1n } : one,
    ),
  }));
}

/** An outcome of many claims: a little below what a state may have. */
function large(): Outcome {
  const allocation = {
    destination:
      `0x${"00".repeat(12)}${"a1".repeat(20)}` as Outcome[0]["allocations"][0]["destination"],
    amount: 1n,
    allocationType: ALLOCATION_TYPE.simple,
    metadata: `0x${"00".repeat(160)}` as const,
  };
  const assetMetadata = { assetType: 0, metadata: "0x" } as const;
  return [{ asset: ZERO_ADDRESS, assetMetadata, allocations: new Array(190).fill(allocation) }];
}

describe("what nodes give", () => {
  unit("is taken, whatever the use of the channel", () => {
    const { direct, ledger, redemption } = known();
    expect([direct, ledger, redemption].map((one) => verdict(one))).toEqual([
      "taken",
      "taken",
      "taken",
    ]);
    expect(redemption.proof).toHaveLength(1);
  });

  unit("is taken with what the client alone has signed to close by", () => {
    const { direct } = known();
    const closing = richer(direct.candidate.variablePart.outcome);
    expect(verdict({ ...direct, closing })).toBe("taken");
  });
});

describe("a forged appointment", () => {
  adversarial(
    "of a channel that the client is not in, or of an app that supports nothing, is refused",
    () => {
      const { direct, redemption } = known();
      const withApp = (one: Appointment, appDefinition: typeof ZERO_ADDRESS): Appointment => ({
        ...one,
        fixedPart: { ...one.fixedPart, appDefinition },
      });
      expect(verdict(direct, addressOf("eve"))).toBe("NotAParticipant");
      expect(verdict(withApp(direct, NOBODY))).toBe("AppUnknown");
      expect(verdict(withApp(redemption, ZERO_ADDRESS))).toBe("NotEnforceable");
      const twice = { ...direct.fixedPart, participants: [known().bob, known().bob] };
      expect(verdict({ ...direct, fixedPart: twice })).toBe("Unreadable DuplicateParticipant");
    },
  );

  adversarial("that says another turn or outcome than was signed is refused", () => {
    for (const one of [known().direct, known().ledger, known().redemption]) {
      const { outcome, turnNum } = one.candidate.variablePart;
      expect(verdict(altered(one, { turnNum: turnNum + 1 }))).toBe("WrongSignature");
      expect(verdict(altered(one, { outcome: richer(outcome) }))).toBe("WrongSignature");
      expect(verdict(altered(one, { isFinal: true }))).toBe("WrongSignature");
    }
  });

  adversarial(
    "whose state not all have signed is refused, be a signature there twice or of a stranger",
    () => {
      const { direct } = known();
      const { candidate } = direct;
      const [first, second] = candidate.signatures;
      const hash = stateHash(channelOf(direct), candidate.variablePart);
      const sign = (signatures: typeof candidate.signatures): Appointment => ({
        ...direct,
        candidate: { ...candidate, signatures },
      });
      const one = assertDefined(first, "a signature");
      expect(second).toBeDefined();
      expect(verdict(sign([one]))).toBe("NotSupported NotUnanimous");
      expect(verdict(sign([]))).toBe("NotSupported NotUnanimous");
      expect(verdict(sign([one, one]))).toBe("WrongSignature");
      expect(verdict(sign([one, signedBy("eve", hash)]))).toBe("WrongSignature");
      expect(verdict({ ...direct, proof: [candidate] })).toBe("NotSupported ProofTooLong");
    },
  );

  adversarial("that redeems more than was promised is refused, though the client signs it", () => {
    const { redemption } = known();
    const { outcome, turnNum } = redemption.candidate.variablePart;
    expect(verdict(resigned(redemption, {}))).toBe("taken");
    expect(verdict(resigned(redemption, { outcome: richer(outcome) }))).toBe(
      "NotSupported AmountWrong",
    );
    expect(verdict(resigned(redemption, { turnNum: turnNum + 1 }))).toBe("NotSupported TurnWrong");
    const left = {
      counter: 9,
      amounts: [310n],
      signature: signedBy(
        "bob",
        stateHash(channelOf(redemption), redemption.candidate.variablePart),
      ),
      receipt: signedBy("bob", stateHash(channelOf(redemption), redemption.candidate.variablePart)),
    };
    const [exit] = outcome;
    const [payer, payee] = assertDefined(exit, "an asset").allocations;
    const all = [
      {
        ...assertDefined(exit, "an asset"),
        allocations: [
          { ...assertDefined(payer, "Alice"), amount: 0n },
          { ...assertDefined(payee, "Bob"), amount: 317n },
        ],
      },
    ];
    const appData = encodeRedemption({ left, right: undefined }, 1);
    const forged = resigned(redemption, { outcome: all, appData, turnNum: 10 });
    expect(verdict(forged)).toBe("NotSupported VoucherNotSigned");
  });

  adversarial(
    "without the client's own signature on the challenge is refused, and one too many as well",
    () => {
      const { direct, redemption } = known();
      const hash = stateHash(channelOf(redemption), redemption.candidate.variablePart);
      const by = (name: "alice" | "bob", over = challengeHash(hash)): Appointment => ({
        ...redemption,
        challengerSignature: signedBy(name, over),
      });
      expect(verdict(by("bob"))).toBe("taken");
      expect(verdict(by("alice"))).toBe("WrongChallenger");
      expect(verdict(by("bob", hash))).toBe("WrongChallenger");
      expect(verdict({ ...redemption, challengerSignature: undefined })).toBe("WrongChallenger");
      const needless = signedBy(
        "bob",
        challengeHash(stateHash(channelOf(direct), direct.candidate.variablePart)),
      );
      expect(verdict({ ...direct, challengerSignature: needless })).toBe("WrongChallenger");
    },
  );
});

describe("a huge appointment", () => {
  adversarial("is refused before its signatures are looked at", () => {
    const { direct, redemption, rules, bob } = known();
    let looks = 0;
    const counting = {
      ...rules,
      recoverSigner: (...given: Parameters<typeof rules.recoverSigner>) => {
        looks += 1;
        return rules.recoverSigner(...given);
      },
    };
    const [signature] = direct.candidate.signatures;
    const many = new Array(300).fill(signature);
    const [postfund] = redemption.proof;
    const state = assertDefined(postfund, "the postfund");
    const heavy = altered(direct, { outcome: large() });
    const cases: readonly (readonly [Appointment, string])[] = [
      [{ ...direct, candidate: { ...direct.candidate, signatures: many } }, "TooLarge"],
      [{ ...redemption, proof: [state, state] }, "TooLarge"],
      [{ ...heavy, closing: large() }, "TooLarge"],
      [altered(direct, { appData: `0x${"00".repeat(5_000)}` }), "Unreadable"],
      [{ ...direct, closing: [...large(), ...large()] }, "Unreadable"],
    ];
    for (const [appointment, code] of cases) {
      const checked = checkAppointment(bob, appointment, counting);
      expect(checked.ok ? "taken" : checked.reason.code).toBe(code as "TooLarge");
    }
    expect(looks).toBe(0);
    expect(verdict(heavy)).toBe("WrongSignature");
    expect(APPOINTMENT_BYTES_MAX).toBeLessThan(128 * 1024);
  });
});

describe("what the tower keeps", () => {
  const take = (state: TowerState, appointment: Appointment, client = known().bob): string => {
    const decided = decideAppointment(state, client, appointment, known().rules);
    if (!decided.ok) return decided.reason.code;
    for (const event of decided.value) evolveTower(state, event);
    return decided.value.length === 0 ? "known" : "kept";
  };

  adversarial("is never replaced by an older state, nor by another one of the same turn", () => {
    const { redemption } = known();
    const state = createTowerState();
    const postfund = assertDefined(redemption.proof[0], "the postfund");
    const older: Appointment = {
      ...redemption,
      candidate: postfund,
      proof: [],
      challengerSignature: undefined,
    };
    expect(take(state, older)).toBe("kept");
    expect(take(state, redemption)).toBe("kept");
    expect(take(state, redemption)).toBe("known");
    expect(take(state, older)).toBe("Older");
    const { outcome } = redemption.candidate.variablePart;
    const closing = richer(outcome);
    expect(take(state, { ...redemption, closing })).toBe("kept");
    expect(take(state, { ...redemption, closing: outcome })).toBe("Older");
    expect(take(state, redemption)).toBe("Older");
    const kept = state.appointments.get(channelOf(redemption))?.get(known().bob);
    expect(kept?.closing).toEqual(closing);
  });

  adversarial(
    "is bounded for each client by itself, and room comes back when a channel is over",
    () => {
      const { bob, direct, ledger, redemption, rules } = known();
      const state = createTowerState();
      const strict = { ...rules, channelsPerClientMax: 2 };
      const give = (appointment: Appointment, client = bob): string => {
        const decided = decideAppointment(state, client, appointment, strict);
        if (!decided.ok) return decided.reason.code;
        for (const event of decided.value) evolveTower(state, event);
        return "kept";
      };
      expect([give(direct), give(ledger), give(redemption)]).toEqual([
        "kept",
        "kept",
        "TooManyChannels",
      ]);
      expect(give(direct, addressOf("alice"))).toBe("kept");
      for (const event of decideEnd(state, bob, channelOf(direct))) evolveTower(state, event);
      expect(give(redemption)).toBe("kept");
      expect(state.appointments.get(channelOf(direct))?.size).toBe(1);
      expect(decideEnd(state, bob, channelOf(direct))).toEqual([]);
    },
  );
});
