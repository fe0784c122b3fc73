/** A channel of one participant, who signs for everybody: the shortest way to any call of a dispute. */
import { keyOf } from "../sim/actors.ts";
import type { TestAccount } from "../sim/chain/test-account.ts";
import { type ChannelId, channelIdOf } from "../src/channel/channel-id.ts";
import { externalDestination } from "../src/channel/destination.ts";
import type { Outcome } from "../src/channel/outcome.ts";
import { stateHash, type VariablePart } from "../src/channel/state.ts";
import { challengeHash } from "../src/channel/state-challenge.ts";
import { type Address, ZERO_ADDRESS } from "../src/crypto/address.ts";
import type { Hash } from "../src/crypto/signature.ts";
import { signatureBackend } from "../src/crypto/signatures.ts";
import type { ChainCall } from "../src/protocols/effects.ts";

const KEY = keyOf("alice");

/** Alice, as an account that signs. */
export const ALICE: TestAccount = {
  key: KEY,
  address: signatureBackend.addressOf(KEY),
  signDigest: (digest) => signatureBackend.signDigest(digest, KEY),
  signHash: (hash) => signatureBackend.signHash(hash, KEY),
};

/** Seconds that a challenge in the channel runs. */
const CHALLENGE_DURATION_SEC = 600;

/** What it pays: six coins to Alice. */
const OUTCOME: Outcome = [
  {
    asset: ZERO_ADDRESS,
    assetMetadata: { assetType: 0, metadata: "0x" },
    allocations: [
      {
        destination: externalDestination(ALICE.address),
        amount: 6n,
        allocationType: 0,
        metadata: "0x",
      },
    ],
  },
];

/** The calls of the channel. */
export class LoneChannel {
  readonly id: ChannelId;
  readonly #fixedPart: ReturnType<typeof fixedPartOf>;

  constructor(consensusApp: Address) {
    this.#fixedPart = fixedPartOf(consensusApp);
    this.id = channelIdOf(this.#fixedPart);
  }

  /** The hash of the state of that turn. */
  hashOf(turnNum: number, isFinal: boolean = false): Hash {
    return stateHash(this.id, stateOf(turnNum, isFinal));
  }

  deposit(): ChainCall {
    const channelId = this.id;
    return { type: "Deposit", channelId, asset: ZERO_ADDRESS, expectedHeld: 0n, amount: 6n };
  }

  /** A challenge with the state of that turn, signed as the state of `signedTurn` would be. */
  challenge(turnNum: number, deadlineSec?: number, signedTurn: number = turnNum): ChainCall {
    return {
      type: "Challenge",
      channelId: this.id,
      fixedPart: this.#fixedPart,
      proof: [],
      candidate: this.#signed(turnNum, false),
      challengerSignature: ALICE.signHash(challengeHash(this.hashOf(signedTurn))),
      deadlineSec,
    };
  }

  conclude(turnNum: number, isFinal: boolean = true): ChainCall & { readonly type: "Conclude" } {
    const { fixedPart } = { fixedPart: this.#fixedPart };
    const signed = this.#signed(turnNum, isFinal);
    return { type: "Conclude", channelId: this.id, fixedPart, ...signed, deadlineSec: undefined };
  }

  /** Pays out; without a state hash, as after a conclude. */
  payOut(hash: Hash = `0x${"00".repeat(32)}` as Hash): ChainCall {
    return { type: "TransferAllAssets", channelId: this.id, outcome: OUTCOME, stateHash: hash };
  }

  #signed(turnNum: number, isFinal: boolean) {
    const variablePart = stateOf(turnNum, isFinal);
    return { variablePart, signatures: [ALICE.signHash(stateHash(this.id, variablePart))] };
  }
}

function fixedPartOf(consensusApp: Address) {
  return {
    participants: [ALICE.address],
    channelNonce: 7n,
    appDefinition: consensusApp,
    challengeDurationSec: CHALLENGE_DURATION_SEC,
  };
}

function stateOf(turnNum: number, isFinal: boolean): VariablePart {
  return { outcome: OUTCOME, appData: "0x", turnNum, isFinal };
}
