/** A channel as a go-nitro node keeps it while it opens or closes. Source: go-nitro, channel/channel.go. */
import { type ChannelId, channelIdOf } from "../../src/channel/channel-id.ts";
import type { FixedPart } from "../../src/channel/fixed-part.ts";
import { stateHash, type VariablePart } from "../../src/channel/state.ts";
import type { Signature } from "../../src/crypto/signature.ts";
import type { GoKey } from "./go-key.ts";

/** A state with a slot for each participant. Go does not check the signatures of a state that it reads. */
export type GoState = {
  readonly variablePart: VariablePart;
  readonly signatures: readonly (Signature | undefined)[];
};

/** What Go writes where no state is supported: its largest turn. */
const NONE_SUPPORTED = Number.POSITIVE_INFINITY;

export class GoChannel {
  readonly id: ChannelId;
  readonly fixedPart: FixedPart;
  readonly myIndex: number;
  readonly states: Map<number, GoState> = new Map();
  latestSupported: number = NONE_SUPPORTED;
  holdings = 0n;

  /** Keeps the state under turn 0, whatever its turn, and a copy of it under turn 1. */
  constructor(fixedPart: FixedPart, first: VariablePart, myIndex: number) {
    this.id = channelIdOf(fixedPart);
    this.fixedPart = fixedPart;
    this.myIndex = myIndex;
    const signatures = fixedPart.participants.map(() => undefined);
    this.states.set(0, { variablePart: first, signatures });
    this.states.set(1, { variablePart: { ...first, turnNum: 1 }, signatures });
  }

  /** False when nothing was taken. A state of a new turn is stored as it is, its signatures unchecked. */
  add(fixedPart: FixedPart, state: GoState, key: GoKey): boolean {
    const { turnNum } = state.variablePart;
    if (channelIdOf(fixedPart) !== this.id) return false;
    if (this.latestSupported !== NONE_SUPPORTED && turnNum < this.latestSupported) return false;
    const known = this.states.get(turnNum);
    const merged = known === undefined ? state : this.#merge(known, state, key);
    if (merged === undefined) return false;
    this.states.set(turnNum, merged);
    if (!merged.signatures.includes(undefined)) this.latestSupported = turnNum;
    return true;
  }

  /** Signs, and gives what is sent: the state with this node's signature alone. */
  sign(variablePart: VariablePart, key: GoKey): GoState {
    const signature = key.sign(stateHash(this.id, variablePart));
    const none = this.fixedPart.participants.map(() => undefined);
    const signed = { variablePart, signatures: none.with(this.myIndex, signature as never) };
    this.add(this.fixedPart, signed, key);
    return signed;
  }

  isSignedByMe(turnNum: number): boolean {
    return this.states.get(turnNum)?.signatures[this.myIndex] !== undefined;
  }

  isComplete(turnNum: number): boolean {
    return this.states.get(turnNum)?.signatures.includes(undefined) === false;
  }

  /** The entry with the largest turn, whoever has signed it. */
  latest(): GoState {
    const turns = [...this.states.keys()];
    return this.states.get(Math.max(...turns)) as GoState;
  }

  #merge(known: GoState, state: GoState, key: GoKey): GoState | undefined {
    const hash = stateHash(this.id, known.variablePart);
    if (stateHash(this.id, state.variablePart) !== hash) return undefined;
    let { signatures } = known;
    for (const [index, signature] of state.signatures.entries()) {
      if (signature === undefined || signatures[index] === signature) continue;
      if (signatures[index] !== undefined) return undefined;
      const signer = this.fixedPart.participants.indexOf(key.recover(hash, signature));
      if (signer < 0 || signatures[signer] !== undefined) return undefined;
      signatures = signatures.with(signer, signature);
    }
    return { variablePart: known.variablePart, signatures };
  }
}
