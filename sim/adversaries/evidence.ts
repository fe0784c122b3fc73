/** What an adversary can show on the chain: every state of her channels that all others have ever signed. */
import type { Claim } from "../../src/chain/adjudicator.ts";
import type { Channel } from "../../src/channel/channel.ts";
import type { ChannelId } from "../../src/channel/channel-id.ts";
import type { SignedState } from "../../src/channel/signed-state.ts";
import { stateHash } from "../../src/channel/state.ts";
import type { Hash, Signature } from "../../src/crypto/signature.ts";
import type { NodeEvent } from "../../src/events/event.ts";
import type { EventRecord } from "../../src/events/record.ts";
import type { ActorName } from "../actors.ts";
import { createMirror, foldRecord, isNext, type NodeMirror } from "../checkers/node-mirror.ts";

/** Reads her log as it grows. Her own signature is never missing: she gives it when she wants to. */
export class Evidence {
  readonly #mirror: NodeMirror;
  /** By channel, then by turn, the first state of that turn that she could complete. */
  readonly #states = new Map<ChannelId, Map<number, SignedState>>();
  #isCut = false;

  constructor(name: ActorName) {
    this.#mirror = createMirror(name);
  }

  /** Takes in the next record. A log that was cut says nothing new any more. */
  read(record: EventRecord<NodeEvent>): void {
    // Once it has grown to its old length again, what comes next would not fit what was read before.
    this.#isCut ||= !isNext(this.#mirror, record);
    if (this.#isCut) return;
    const step = foldRecord(this.#mirror, record);
    if (step !== undefined && step.after !== step.before) this.#learn(step.after);
  }

  /** Her channels, in the order in which she got to know them. */
  channels(): readonly Channel[] {
    return [...this.#mirror.channels.values()];
  }

  channel(channelId: ChannelId): Channel | undefined {
    return this.#mirror.channels.get(channelId);
  }

  /** The states that she can show of a channel, oldest first. */
  statesOf(channelId: ChannelId): readonly SignedState[] {
    const states = [...(this.#states.get(channelId)?.values() ?? [])];
    return states.sort((one, other) => one.variablePart.turnNum - other.variablePart.turnNum);
  }

  #learn(channel: Channel): void {
    const states = this.#states.get(channel.id) ?? new Map<number, SignedState>();
    this.#states.set(channel.id, states);
    const { myIndex, pending, supported } = channel;
    for (const state of [...(supported === undefined ? [] : [supported]), ...pending.values()]) {
      const isWhole = state.signatures.every(
        (one, index) => index === myIndex || one !== undefined,
      );
      const { turnNum } = state.variablePart;
      if (isWhole && !states.has(turnNum)) states.set(turnNum, state);
    }
  }
}

/** The claim that shows a state, completed by her own signature. */
export function claimOf(
  { fixedPart, id, myIndex }: Channel,
  { signatures, variablePart }: SignedState,
  sign: (hash: Hash) => Signature,
): Claim {
  const whole = signatures.map((one, index) =>
    index === myIndex || one === undefined ? sign(stateHash(id, variablePart)) : one,
  );
  return { fixedPart, proof: [], candidate: { variablePart, signatures: whole } };
}
