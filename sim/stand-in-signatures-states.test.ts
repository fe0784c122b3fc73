/** What a call shows to the adjudicator is signed for real as its signers would have signed it for real. */
import { describe, expect } from "bun:test";
import { type Claim, challengeCall, checkpointCall } from "../src/chain/adjudicator.ts";
import { channelIdOf } from "../src/channel/channel-id.ts";
import { paymentVoucherHash, voucherReceiptHash } from "../src/channel/payment-voucher.ts";
import { type ReceiptedVoucher, redemptionState } from "../src/channel/redemption.ts";
import { stateHash, type VariablePart } from "../src/channel/state.ts";
import { challengeHash } from "../src/channel/state-challenge.ts";
import type { Address } from "../src/crypto/address.ts";
import type { Hash, Signature, SignatureBackend } from "../src/crypto/signature.ts";
import { signatureBackend } from "../src/crypto/signatures.ts";
import { assert } from "../src/primitives/assert.ts";
import type { Hex } from "../src/primitives/hex.ts";
import { adversarial, unit } from "../test/kind.ts";
import { postfundOf, SOME_TOKEN, virtualChannel, virtualExit } from "../test/sample-payments.ts";
import { type ActorName, keyOf } from "./actors.ts";
import { standInSignatures } from "./stand-in-signatures.ts";
import { changedHashes } from "./stand-in-signatures-states.ts";

const ADJUDICATOR = `0x${"ad".repeat(20)}` as Address;
const LINE: readonly ActorName[] = ["alice", "irene", "bob"];
const CHANNEL = {
  ...virtualChannel(`0x${"a9".repeat(20)}` as Address),
  participants: LINE.map((name) => signatureBackend.addressOf(keyOf(name))),
};
const CHANNEL_ID = channelIdOf(CHANNEL);
const FUNDING = [virtualExit(SOME_TOKEN, [30n, 10n])];
const POSTFUND = postfundOf(FUNDING);

/** A redemption by Alice and her challenge with it, all signed by one backend. */
type Shown = {
  readonly claim: Claim;
  readonly redeemed: VariablePart;
  readonly voucher: ReceiptedVoucher;
  readonly challengerSignature: Signature;
};

/** What is signed instead of the hashes of the redemption and of the challenge. */
type Instead = {
  readonly state?: (hash: Hash) => Hash;
  readonly challenge?: (hash: Hash) => Hash;
};

function shownBy({ signHash }: SignatureBackend, { challenge, state }: Instead = {}): Shown {
  const promise = { counter: 3, amounts: [12n] };
  const hash = paymentVoucherHash({ channelId: CHANNEL_ID, ...promise });
  const signature = signHash(hash, keyOf("alice"));
  const receipt = signHash(voucherReceiptHash(hash), keyOf("bob"));
  const voucher = { ...promise, signature, receipt };
  const redeemed = redemptionState(FUNDING, { left: voucher, right: undefined });
  assert(redeemed.ok, "the voucher is covered");
  const postfundHash = stateHash(CHANNEL_ID, POSTFUND);
  const redeemedHash = stateHash(CHANNEL_ID, redeemed.value);
  const proof = {
    variablePart: POSTFUND,
    signatures: LINE.map((name) => signHash(postfundHash, keyOf(name))),
  };
  const candidate = {
    variablePart: redeemed.value,
    signatures: [signHash(state?.(redeemedHash) ?? redeemedHash, keyOf("alice"))],
  };
  const challenged = challenge?.(redeemedHash) ?? challengeHash(redeemedHash);
  return {
    claim: { fixedPart: CHANNEL, proof: [proof], candidate },
    redeemed: redeemed.value,
    voucher,
    challengerSignature: signHash(challenged, keyOf("alice")),
  };
}

function challengeOf({ challengerSignature, claim }: Shown): Hex {
  return challengeCall(ADJUDICATOR, claim, challengerSignature).data;
}

describe("makeReal", () => {
  unit("makes a shown redemption the very bytes that real signatures would have made", () => {
    const backend = standInSignatures();
    const [standIn, real] = [shownBy(backend), shownBy(signatureBackend)];
    const checkpointOf = ({ claim }: Shown): Hex => checkpointCall(ADJUDICATOR, claim).data;

    expect(backend.makeReal(challengeOf(standIn))).toBe(challengeOf(real));
    expect(backend.makeReal(checkpointOf(standIn))).toBe(checkpointOf(real));
  });

  unit("lets who reads the call on the chain know the signers of what is real in it", () => {
    const backend = standInSignatures();
    const real = shownBy(signatureBackend);
    const [signature = "0x"] = real.claim.candidate.signatures;
    const hash = stateHash(CHANNEL_ID, real.redeemed);
    const standIn = shownBy(backend);
    expect(backend.recoverSigner(hash, signature)).toBeUndefined();

    backend.makeReal(challengeOf(standIn));

    const alice = backend.addressOf(keyOf("alice"));
    const voucherHash = paymentVoucherHash({ channelId: CHANNEL_ID, ...real.voucher });
    expect(backend.recoverSigner(hash, signature)).toBe(alice);
    expect(backend.recoverSigner(challengeHash(hash), real.challengerSignature)).toBe(alice);
    expect(backend.recoverSigner(voucherHash, real.voucher.signature)).toBe(alice);
    expect(backend.recoverSigner(voucherReceiptHash(voucherHash), real.voucher.receipt)).toBe(
      backend.addressOf(keyOf("bob")),
    );
    expect(backend.recoverSigner(stateHash(CHANNEL_ID, standIn.redeemed), signature)).toBe(
      undefined,
    );
  });

  unit(
    "signs over the hash that a state has in this very call, whatever call showed it before",
    () => {
      const backend = standInSignatures();
      const standIn = shownBy(backend);
      const [signature = "0x"] = standIn.claim.candidate.signatures;
      const words = `${"0".repeat(62)}${signature.slice(130)}${signature.slice(2, 130)}`;
      const hash = stateHash(CHANNEL_ID, standIn.redeemed);
      const real = signatureBackend.signHash(hash, keyOf("alice"));
      const realWords = `${"0".repeat(62)}${real.slice(130)}${real.slice(2, 130)}`;

      for (const _ of ["anew", "from memory"]) {
        // Alone it is over the hash that was signed; in a challenge over that of the state with real vouchers.
        expect(backend.makeReal(`0x${words}`)).toBe(`0x${realWords}`);
        expect(backend.makeReal(challengeOf(standIn))).toBe(challengeOf(shownBy(signatureBackend)));
      }
    },
  );

  adversarial("leaves wrong what was signed over something else", () => {
    const postfundHash = stateHash(CHANNEL_ID, POSTFUND);
    const wrongs: readonly Instead[] = [
      { state: () => postfundHash },
      { state: challengeHash },
      { challenge: (hash) => hash },
      { challenge: () => challengeHash(postfundHash) },
    ];
    for (const wrong of wrongs) {
      const backend = standInSignatures();
      const real = challengeOf(shownBy(signatureBackend, wrong));

      expect(backend.makeReal(challengeOf(shownBy(backend, wrong)))).toBe(real);
      expect(real).not.toBe(challengeOf(shownBy(signatureBackend)));
    }
  });
});

describe("changedHashes", () => {
  unit("names the state whose app data changes and its challenge, and no other", () => {
    const shown = shownBy(signatureBackend);
    const change = (appData: Hex): Hex => (appData === "0x" ? appData : "0x07");
    const before = stateHash(CHANNEL_ID, shown.redeemed);
    const after = stateHash(CHANNEL_ID, { ...shown.redeemed, appData: "0x07" });

    expect([...changedHashes(challengeOf(shown), change)]).toEqual([
      [before, after],
      [challengeHash(before), challengeHash(after)],
    ]);
    expect(changedHashes(challengeOf(shown), (appData) => appData).size).toBe(0);
  });

  adversarial("names nothing in calls that show no state, or that nobody can read", () => {
    const data = challengeOf(shownBy(signatureBackend));
    const cut: Hex = `0x${data.slice(2, -64 * 40)}`;

    for (const other of ["0x", "0x12345678", cut] as const) {
      expect(changedHashes(other, () => "0x07").size).toBe(0);
    }
  });
});
