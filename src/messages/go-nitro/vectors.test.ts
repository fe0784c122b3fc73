/** What go-nitro writes, we read and write again, to the byte. The data is in `test/vectors`. */
import { describe, expect } from "bun:test";
import { golden } from "../../../test/kind.ts";
import vectors from "../../../test/vectors/go-nitro-messages.json";
import nitro from "../../../test/vectors/nitro.json";
import { type ChannelId, channelIdOf } from "../../channel/channel-id.ts";
import { externalDestination } from "../../channel/destination.ts";
import type { FixedPart } from "../../channel/fixed-part.ts";
import { stateHash, type VariablePart } from "../../channel/state.ts";
import { voucherHash } from "../../channel/voucher.ts";
import { type Address, parseAddress, ZERO_ADDRESS } from "../../crypto/address.ts";
import type { Hash, PrivateKey, Signature } from "../../crypto/signature.ts";
import { signatureBackend } from "../../crypto/signatures.ts";
import { decodeGoNitro, encodeGoNitro } from "./codec.ts";
import { EMPTY_SIGNATURE, type GoNitroMessage, type GoNitroPayload } from "./message.ts";

const { derived } = nitro;
const { vectors: stated } = vectors;
const { alice, bob } = nitro.actors;

const agreesWith = (
  id: keyof typeof stated | keyof typeof derived | keyof typeof nitro.vectors,
  run: () => void,
): void => golden(`go-nitro messages hold what the vector ${id} says`, run);

function addressOf(text: string): Address {
  const parsed = parseAddress(text);
  if (!parsed.ok) throw new Error(`not an address: ${text}`);
  return parsed.value;
}

function read(line: string): GoNitroMessage {
  const result = decodeGoNitro(line);
  if (!result.ok) throw new Error(result.reason.problem);
  return result.value;
}

/** A line of go-nitro with one list in it. */
function lineOf(field: string, items: string): string {
  const lists = ["ObjectivePayloads", "LedgerProposals", "Payments", "RejectedObjectives"].map(
    (name) => `"${name}":${name === field ? `[${items}]` : "null"}`,
  );
  return `{"To":"${ZERO_ADDRESS}","From":"${ZERO_ADDRESS}",${lists.join(",")}}`;
}

const payloadOf = (type: string, data: string): string =>
  lineOf(
    "ObjectivePayloads",
    `{"PayloadData":"${btoa(data)}","ObjectiveId":"some-objective","Type":"${type}"}`,
  );

/** The message that the line holds; the line is what the message is written as. */
function readAndWritten(line: string): GoNitroMessage {
  const message = read(line);
  expect(encodeGoNitro(message)).toBe(line);
  return message;
}

const sign = (hash: Hash, key: string): Signature =>
  signatureBackend.signHash(hash, key as PrivateKey);

type SignedState = GoNitroPayload & { readonly type: "SignedState" };

function onlyState({ payloads: [payload] }: GoNitroMessage): SignedState {
  if (payload?.type !== "SignedState") throw new Error("no signed state");
  return payload;
}

const hashOf = ({ fixedPart, variablePart }: SignedState): Hash =>
  stateHash(channelIdOf(fixedPart), variablePart);

describe("messages of go-nitro", () => {
  agreesWith("message-json", () => {
    const { json } = stated["message-json"].expected;
    // The test of go-nitro leaves out the type of its payload, with which no node can do anything.
    const untyped = decodeGoNitro(json);
    const line = json.replace('"Type":""', '"Type":"SignedStatePayload"');
    const message = readAndWritten(line);

    expect(untyped).toEqual({
      ok: false,
      reason: {
        code: "Undecodable",
        problem: "message.ObjectivePayloads[0]: a payload of an unknown type",
      },
    });
    expect(line).not.toBe(json);
    expect(onlyState(message).signatures).toEqual([undefined, undefined]);
    expect<string>(hashOf(onlyState(message))).toBe(nitro.vectors["state-hash"].expected.stateHash);
    expect({ ...message, payloads: [] }).toEqual({
      to: word<Address>("61", 20),
      from: ZERO_ADDRESS,
      payloads: [],
      ledgerProposals: [
        {
          ledgerId: word("6c"),
          turnNum: 0,
          proposal: {
            type: "Add",
            target: word("61"),
            left: word("62"),
            right: word("63"),
            amount: 1n,
            leftDeposit: 1n,
          },
          signature: EMPTY_SIGNATURE,
        },
        {
          ledgerId: word("6c"),
          turnNum: 0,
          proposal: { type: "Remove", target: word("61"), leftAmount: 1n },
          signature: EMPTY_SIGNATURE,
        },
      ],
      payments: [{ channelId: word("64"), amount: 123n, signature: EMPTY_SIGNATURE }],
      rejectedObjectives: ["say-hello-to-my-little-friend2" as never],
    });
  });

  agreesWith("signedstate-json", () => {
    const { expected, input } = stated["signedstate-json"];
    const state = onlyState(readAndWritten(payloadOf("SignedStatePayload", expected.json)));
    const [signature] = state.signatures;

    expect(state.signatures).toHaveLength(2);
    expect(signature).toBe(sign(hashOf(state), input.privateKey));
    expect(signatureBackend.recoverSigner(hashOf(state), signature ?? "0x")).toBe(
      state.fixedPart.participants[0],
    );
  });

  agreesWith("voucher-json", () => {
    const { json } = stated["voucher-json"].expected;

    expect(readAndWritten(lineOf("Payments", json)).payments).toEqual([
      {
        channelId: word("01"),
        amount: 2n,
        signature: JSON.parse(json).Signature,
      },
    ]);
  });

  agreesWith("ledger-json-Guarantee", () => expectGuarantee("ledger-json-Guarantee", 0n));
  agreesWith("ledger-json-Add", () => expectGuarantee("ledger-json-Add", 77n));

  agreesWith("ledger-json-ConsensusChannel", () => {
    const { json } = stated["ledger-json-ConsensusChannel"].expected;
    const queue = json.slice(json.indexOf('"ProposalQueue":[') + 17, -2);
    const message = readAndWritten(lineOf("LedgerProposals", queue));

    expect(message.ledgerProposals.map(({ proposal }) => proposal)).toEqual([
      {
        type: "Add",
        target: word("03"),
        left: externalDestination(addressOf(alice.address)),
        right: externalDestination(addressOf(bob.address)),
        amount: 1n,
        leftDeposit: 1n,
      },
      { type: "Remove", target: word("03"), leftAmount: 1n },
    ]);
  });

  agreesWith("store-bignum", () => {
    const { amount } = stated["store-bignum"].input;
    const line = lineOf(
      "Payments",
      `{"ChannelId":"${word("01")}","Amount":${amount},"Signature":"0x00"}`,
    );

    expect(readAndWritten(line).payments[0]?.amount).toBe(BigInt(amount));
  });
});

const word = <Text extends string = never>(first: string, sizeBytes = 32): Text =>
  `0x${first}${"00".repeat(sizeBytes - 1)}` as Text;

/** Both vectors are a part of a proposal: the guarantee, or it with the deposit. */
function expectGuarantee(
  id: "ledger-json-Guarantee" | "ledger-json-Add",
  leftDeposit: bigint,
): void {
  const { json } = stated[id].expected;
  const toAdd = json.startsWith('{"Guarantee"') ? json : `{"Guarantee":${json},"LeftDeposit":0}`;
  const toRemove = `{"Target":"${word("00")}","LeftAmount":null}`;
  const proposal = `{"LedgerID":"${word("01")}","ToAdd":${toAdd},"ToRemove":${toRemove}}`;
  const line = lineOf("LedgerProposals", `{"Signature":"0x00","Proposal":${proposal},"TurnNum":7}`);
  const account = externalDestination(addressOf(alice.address));

  expect(readAndWritten(line).ledgerProposals).toEqual([
    {
      ledgerId: word("01"),
      turnNum: 7,
      proposal: {
        type: "Add",
        target: word("63"),
        left: account,
        right: account,
        amount: 1n,
        leftDeposit,
      },
      signature: EMPTY_SIGNATURE,
    },
  ]);
}

type StateVector = {
  readonly participants: readonly string[];
  readonly channelNonce: string;
  readonly appDefinition: string;
  readonly challengeDuration: number;
  readonly appData: string;
  readonly turnNum: number;
  readonly isFinal: boolean;
  readonly outcome: readonly {
    readonly asset: string;
    readonly assetMetadata: { readonly assetType: number; readonly metadata: string };
    readonly allocations: readonly {
      readonly destination: string;
      readonly amount: string;
      readonly allocationType: number;
      readonly metadata: string;
    }[];
  }[];
};

function partsOf(state: StateVector): { fixedPart: FixedPart; variablePart: VariablePart } {
  const { appData, isFinal, outcome, turnNum } = state;
  return {
    fixedPart: {
      participants: state.participants.map(addressOf),
      channelNonce: BigInt(state.channelNonce),
      appDefinition: addressOf(state.appDefinition),
      challengeDurationSec: state.challengeDuration,
    },
    variablePart: {
      appData: appData as never,
      isFinal,
      turnNum,
      outcome: outcome.map((exit) => ({
        asset: addressOf(exit.asset),
        assetMetadata: exit.assetMetadata as never,
        allocations: exit.allocations.map((allocation) => ({
          destination: allocation.destination as never,
          amount: BigInt(allocation.amount),
          allocationType: allocation.allocationType,
          metadata: allocation.metadata as never,
        })),
      })),
    },
  };
}

const stateMessage = (state: Omit<SignedState, "type" | "objectiveId">): GoNitroMessage => ({
  to: addressOf(bob.address),
  from: addressOf(alice.address),
  payloads: [{ type: "SignedState", objectiveId: "VirtualFund-0x00" as never, ...state }],
  ledgerProposals: [],
  payments: [],
  rejectedObjectives: [],
});

describe("signatures that come in messages of go-nitro", () => {
  for (const id of ["ledger-state-0", "ledger-state-1-after-add"] as const) {
    agreesWith(id, () => {
      const { expected, input } = derived[id];
      const signatures = [expected.sigAlice, expected.sigBob] as Signature[];
      const sent = stateMessage({ ...partsOf(input.state), signatures });
      const state = onlyState(readAndWritten(encodeGoNitro(sent)));
      const signers = state.signatures.map((signature) =>
        signatureBackend.recoverSigner(hashOf(state), signature ?? "0x"),
      );
      const types = state.variablePart.outcome[0]?.allocations.map((one) => one.allocationType);

      expect(types?.slice(0, 3)).toEqual([0, 0, 1]);
      expect<string>(hashOf(state)).toBe(expected.stateHash);
      expect(signers).toEqual([addressOf(alice.address), addressOf(bob.address)]);
    });
  }

  agreesWith("setup-virtual-single-hop", () => {
    const { expected, input } = derived["setup-virtual-single-hop"];
    const parts = partsOf(input.prefund);
    const signature = sign(
      stateHash(channelIdOf(parts.fixedPart), parts.variablePart),
      alice.privateKey,
    );
    const sent = stateMessage({ ...parts, signatures: [signature, undefined, undefined] });
    const line = encodeGoNitro(sent);
    const state = onlyState(readAndWritten(line));
    const data = /"PayloadData":"([^"]*)"/.exec(line)?.[1] ?? "";

    expect(atob(data)).toEndWith(`"TurnNum":0,"IsFinal":false},"Sigs":{"0":"${signature}"}}`);
    expect<string>(channelIdOf(state.fixedPart)).toBe(expected.channelId);
    expect<string>(hashOf(state)).toBe(expected.prefundHash);
    expect(signatureBackend.recoverSigner(hashOf(state), signature)).toBe(addressOf(alice.address));
  });

  for (const id of ["voucher-20", "voucher-40"] as const) {
    agreesWith(id, () => {
      const { expected, input } = derived[id];
      const line = lineOf(
        "Payments",
        `{"ChannelId":"${input.channelId}","Amount":${input.amount},"Signature":"${expected.signature}"}`,
      );
      const [voucher] = readAndWritten(line).payments;
      const hash = voucherHash(voucher?.channelId as ChannelId, voucher?.amount ?? 0n);

      expect(signatureBackend.recoverSigner(hash, voucher?.signature ?? "0x")).toBe(
        addressOf(expected.signer),
      );
    });
  }

  golden("the signature that go-nitro leaves empty is nobody's", () => {
    const hash = voucherHash(word<ChannelId>("01"), 1n);

    expect(signatureBackend.recoverSigner(hash, EMPTY_SIGNATURE)).toBeUndefined();
  });
});
