/** What go-nitro and its contracts compute, we compute. The data is in `test/vectors`. */
import { describe, expect } from "bun:test";
import { golden } from "../../test/kind.ts";
import vectors from "../../test/vectors/nitro.json";
import { type Address, parseAddress } from "../crypto/address.ts";
import { keccak256 } from "../crypto/keccak.ts";
import { personalDigest } from "../crypto/personal-message.ts";
import type { Hash, PrivateKey, Signature } from "../crypto/signature.ts";
import { signatureBackend } from "../crypto/signatures.ts";
import { type Hex, toHex } from "../primitives/hex.ts";
import { type ChannelId, channelIdOf } from "./channel-id.ts";
import {
  addressOfDestination,
  type Destination,
  externalDestination,
  isExternal,
} from "./destination.ts";
import type { FixedPart } from "./fixed-part.ts";
import { decodeGuarantee, encodeGuarantee } from "./guarantee.ts";
import { depositSafetyThreshold, type Outcome, totalPerAsset } from "./outcome.ts";
import { encodeOutcome, outcomeHash } from "./outcome-encoding.ts";
import { isSupported, withSignature } from "./signed-state.ts";
import { encodeState, stateHash, type VariablePart } from "./state.ts";
import { challengeHash } from "./state-challenge.ts";
import { encodeVoucher, voucherHash } from "./voucher.ts";

type FixedPartText = {
  readonly participants: readonly string[];
  readonly channelNonce: string;
  readonly appDefinition: string;
  readonly challengeDuration: number;
};

type ExitText = readonly {
  readonly asset: string;
  readonly assetMetadata: { readonly assetType: number; readonly metadata: string };
  readonly allocations: readonly {
    readonly destination: string;
    readonly amount: string;
    readonly allocationType: number;
    readonly metadata: string;
  }[];
}[];

type StateText = FixedPartText & {
  readonly appData: string;
  readonly outcome: ExitText;
  readonly turnNum: number;
  readonly isFinal: boolean;
};

const { derived, vectors: stated } = vectors;

const agreesWith = (id: keyof typeof stated | keyof typeof derived, run: () => void): void =>
  golden(`gives what the vector ${id} says`, run);

function address(text: string): Address {
  const parsed = parseAddress(text);
  if (!parsed.ok) throw new Error(`not an address: ${text}`);
  return parsed.value;
}

function outcomeOf(exits: ExitText): Outcome {
  return exits.map(({ allocations, asset, assetMetadata: { assetType, metadata } }) => ({
    asset: address(asset),
    assetMetadata: { assetType, metadata: metadata as Hex },
    allocations: allocations.map((allocation) => ({
      destination: allocation.destination as Destination,
      amount: BigInt(allocation.amount),
      allocationType: allocation.allocationType,
      metadata: allocation.metadata as Hex,
    })),
  }));
}

function fixedPartOf(fixedPart: FixedPartText): FixedPart {
  return {
    participants: fixedPart.participants.map(address),
    channelNonce: BigInt(fixedPart.channelNonce),
    appDefinition: address(fixedPart.appDefinition),
    challengeDurationSec: fixedPart.challengeDuration,
  };
}

function variablePartOf({ appData, isFinal, outcome, turnNum }: StateText): VariablePart {
  return { outcome: outcomeOf(outcome), appData: appData as Hex, turnNum, isFinal };
}

function hashOf(state: StateText): Hash {
  return stateHash(channelIdOf(fixedPartOf(state)), variablePartOf(state));
}

function sign(hash: Hash, privateKey: string): Signature {
  return signatureBackend.signHash(hash, privateKey as PrivateKey);
}

const amounts = (expected: Readonly<Record<string, string>>): ReadonlyMap<Address, bigint> =>
  new Map(Object.entries(expected).map(([asset, amount]) => [address(asset), BigInt(amount)]));

describe("channel id and state", () => {
  agreesWith("state-channelId", () => {
    const { expected, input } = stated["state-channelId"];

    expect<string>(channelIdOf(fixedPartOf(input.fixedPart))).toBe(expected.channelId);
  });

  agreesWith("state-hash", () => {
    const { expected, input } = stated["state-hash"];

    expect<string>(hashOf(input.state)).toBe(expected.stateHash);
  });

  agreesWith("state-preimage", () => {
    const { expected, input } = derived["state-preimage"];
    const fixedPart = fixedPartOf(input.state);
    const encoded = toHex(encodeState(channelIdOf(fixedPart), variablePartOf(input.state)));
    const [, secondKey] = SIGNERS_OF_TEST_STATE;

    expect<string>(encoded).toBe(expected.encoded);
    expect<string>(toHex(keccak256(Buffer.from(expected.channelIdPreimage.slice(2), "hex")))).toBe(
      channelIdOf(fixedPart),
    );
    expect<string>(outcomeHash(variablePartOf(input.state).outcome)).toBe(expected.outcomeHash);
    expect<string>(toHex(personalDigest(hashOf(input.state)))).toBe(expected.eip191Digest);
    expect<string>(sign(hashOf(input.state), secondKey)).toBe(expected.signatureByParticipant1);
  });

  agreesWith("state-equal-isFinal", () => {
    const { input } = stated["state-equal-isFinal"];

    expect(hashOf({ ...input.state })).toBe(hashOf(input.state));
    expect(hashOf({ ...input.state, ...input.change })).not.toBe(hashOf(input.state));
  });

  for (const id of ["ledger-state-0", "ledger-state-1-after-add"] as const) {
    agreesWith(id, () => {
      const { expected, input } = derived[id];
      const asType2 = structuredClone(input.state);
      for (const allocation of asType2.outcome.flatMap((exit) => exit.allocations)) {
        allocation.allocationType *= 2;
      }

      expectLedger(input.state, expected);
      expect<string>(hashOf(asType2)).toBe(expected.stateHashIfGuaranteeTypeWere2);
    });
  }

  agreesWith("ledger-state-1-after-remove", () => {
    const { expected, input } = derived["ledger-state-1-after-remove"];

    expectLedger(input.state, expected);
  });

  for (const id of ["setup-directfund", "setup-virtual-single-hop"] as const) {
    agreesWith(id, () => {
      const { expected, input } = derived[id];
      const channelId = channelIdOf(fixedPartOf(input.prefund));

      expect<string>(channelId).toBe(expected.channelId);
      expect<string>(hashOf(input.prefund)).toBe(expected.prefundHash);
      expect<string>(hashOf({ ...input.prefund, turnNum: 1 })).toBe(expected.postfundHash);
    });
  }
});

describe("signatures", () => {
  agreesWith("state-sign", () => {
    const { expected, input } = stated["state-sign"];
    const v = expected.v.toString(16);

    expect<string>(sign(hashOf(input.state), input.privateKey)).toBe(
      `${expected.r}${expected.s.slice(2)}${v}`,
    );
  });

  agreesWith("state-recover", () => {
    const { expected, input } = stated["state-recover"];
    const signer = signatureBackend.recoverSigner(hashOf(input.state), input.signature as Hex);

    expect(signer).toBe(address(expected.signer));
  });

  agreesWith("ts-recoverSigner", () => {
    const { expected, input } = stated["ts-recoverSigner"];
    const hash = toHex(keccak256(new TextEncoder().encode("Hello World"))) as Hash;
    const signature = sign(hash, input.privateKey);

    expect(signatureBackend.recoverSigner(hash, signature)).toBe(address(expected.signer));
    expect(signatureBackend.addressOf(input.privateKey as PrivateKey)).toBe(
      address(expected.signer),
    );
  });

  agreesWith("challenge-message", () => {
    const { expected, input } = derived["challenge-message"];
    const hash = challengeHash(hashOf(input.state));

    expect<string>(hash).toBe(expected.challengeHash);
    expect<string>(sign(hash, input.privateKey)).toBe(expected.signature);
  });

  for (const id of ["voucher-20", "voucher-40"] as const) {
    agreesWith(id, () => {
      const { expected, input } = derived[id];
      const channelId = input.channelId as ChannelId;
      const hash = voucherHash(channelId, BigInt(input.amount));

      expect<string>(toHex(encodeVoucher(channelId, BigInt(input.amount)))).toBe(expected.preimage);
      expect<string>(hash).toBe(expected.hash);
      expect<string>(sign(hash, input.privateKey)).toBe(expected.signature);
    });
  }

  agreesWith("signedstate-getters", () => {
    const { expected, input } = stated["signedstate-getters"];

    expect(isSupported(signedBy(input.state, input.signedBy))).toBe(expected.hasAllSignatures);
  });

  agreesWith("signedstate-merge", () => {
    const { input } = stated["signedstate-merge"];

    expect(isSupported(signedBy(input.state, input.a))).toBe(false);
    expect(isSupported(signedBy(input.state, [...input.a, ...input.b]))).toBe(true);
    expect(signedBy(input.state, [...input.aDup, ...input.bDup])).toEqual(
      signedBy(input.state, [0, 1]),
    );
  });
});

describe("outcomes", () => {
  agreesWith("exit-encode", () => {
    const { expected, input } = stated["exit-encode"];

    expect<string>(toHex(encodeOutcome(outcomeOf(input.exit)))).toBe(expected.encoded);
  });

  agreesWith("exit-hash", () => {
    const { expected, input } = derived["exit-hash"];

    expect<string>(outcomeHash(outcomeOf(input.exit))).toBe(expected.hash);
  });

  agreesWith("exit-distinct", () => {
    const { input } = stated["exit-distinct"];
    const outcomes = [input.base, ...input.each].map((exit) => outcomeHash(outcomeOf(exit)));

    expect(new Set(outcomes).size).toBe(input.each.length + 1);
  });

  for (const id of ["deposit-safety-alice", "deposit-safety-bob"] as const) {
    agreesWith(id, () => {
      const { expected, input } = stated[id];
      const thresholds = depositSafetyThreshold(
        outcomeOf(input.exit),
        input.interest as Destination,
      );

      expect(thresholds).toEqual(amounts(expected));
    });
  }

  agreesWith("exit-totalAllocated", () => {
    const { expected, input } = stated["exit-totalAllocated"];

    expect(totalPerAsset(outcomeOf(input.exit))).toEqual(amounts(expected));
  });

  agreesWith("exit-total-allocsX", () => {
    const { expected, input } = stated["exit-total-allocsX"];
    const [exit] = stated["exit-totalAllocated"].input.exit;
    const outcome = outcomeOf([{ ...exit, allocations: input.allocations } as ExitText[number]]);

    expect([...totalPerAsset(outcome).values()]).toEqual([BigInt(expected.total)]);
  });

  for (const id of ["exit-totalFor-alice", "exit-totalFor-bob"] as const) {
    agreesWith(id, () => {
      const { expected, input } = stated[id];
      const owned = outcomeOf(input.exit).map((exit) => ({
        ...exit,
        allocations: exit.allocations.filter(
          ({ destination }) => destination === (input.destination as Destination),
        ),
      }));

      expect(totalPerAsset(owned)).toEqual(amounts(expected));
    });
  }
});

describe("guarantees", () => {
  agreesWith("guarantee-encode", () => {
    const { expected, input } = stated["guarantee-encode"];
    const { left, right } = input as { left: Destination; right: Destination };

    expect<string>(encodeGuarantee({ left, right })).toBe(expected.encoded);
    expect(decodeGuarantee(expected.encoded as Hex)).toEqual({ ok: true, value: { left, right } });
  });

  agreesWith("ts-guarantee-roundtrip", () => {
    const { input } = stated["ts-guarantee-roundtrip"];
    const { left, right } = input as { left: Destination; right: Destination };

    expect(decodeGuarantee(encodeGuarantee({ left, right }))).toEqual({
      ok: true,
      value: { left, right },
    });
  });
});

describe("destinations", () => {
  agreesWith("dest-isExternal", () => {
    const { expected, input } = stated["dest-isExternal"];

    expect(isExternal(input.external as Hex)).toBe(expected.external);
    expect(isExternal(input.internal as Hex)).toBe(expected.internal);
  });

  agreesWith("dest-toAddress", () => {
    const { input } = stated["dest-toAddress"];

    for (const [account = "", destination = ""] of input.pairs) {
      expect<string>(externalDestination(address(account))).toBe(destination);
      expect(addressOfDestination(destination as Destination)).toBe(address(account));
    }
    for (const destination of input.notExternal) {
      expect(() => addressOfDestination(destination as Destination)).toThrow("only an external");
    }
  });

  agreesWith("dest-text", () => {
    const { expected, input } = stated["dest-text"];
    const account = addressOfDestination(input.destination as Destination);

    expect<string>(externalDestination(account)).toBe(expected.text);
  });

  agreesWith("ts-isExternalDestination", () => {
    const { expected, input } = stated["ts-isExternalDestination"];
    const results = input.cases.map((text) => isExternal(text as Hex));

    expect(results).toEqual(expected.results);
  });

  agreesWith("ts-bytes32ToAddress", () => {
    for (const [destination = "", account = ""] of stated["ts-bytes32ToAddress"].input.pairs) {
      expect(addressOfDestination(destination as Destination)).toBe(address(account));
    }
  });
});

/** The keys of the participants of the state that most vectors share. */
const SIGNERS_OF_TEST_STATE = [
  stated["state-sign"].input.privateKey,
  "0x62ecd49c4ccb41a70ad46532aed63cf815de15864bc415c87d507afd6a5e8da2",
] as const;

function signedBy(state: StateText, indices: readonly number[]) {
  const hash = hashOf(state);
  const signatures = state.participants.map(() => undefined);
  const unsigned = { variablePart: variablePartOf(state), hash, signatures };
  return indices.reduce(
    (signed, index) =>
      withSignature(signed, index, sign(hash, SIGNERS_OF_TEST_STATE[index === 0 ? 0 : 1])),
    unsigned as Parameters<typeof withSignature>[0],
  );
}

type LedgerExpectation = Readonly<
  Record<"channelId" | "stateHash" | "outcomeHash" | "sigAlice" | "sigBob", string>
>;

function expectLedger(state: StateText, expected: LedgerExpectation): void {
  const { alice, bob } = vectors.actors;
  const hash = hashOf(state);

  expect<string>(channelIdOf(fixedPartOf(state))).toBe(expected.channelId);
  expect<string>(hash).toBe(expected.stateHash);
  expect<string>(outcomeHash(outcomeOf(state.outcome))).toBe(expected.outcomeHash);
  expect<string>(sign(hash, alice.privateKey)).toBe(expected.sigAlice);
  expect<string>(sign(hash, bob.privateKey)).toBe(expected.sigBob);
}
