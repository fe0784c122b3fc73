/** A peer without a node: it has a key and speaks the wire protocol, and says whatever a test wants. */
import { type ActorName, keyOf } from "../../sim/actors.ts";
import type { World } from "../../sim/world.ts";
import { type ChannelId, channelIdOf } from "../../src/channel/channel-id.ts";
import { externalDestination } from "../../src/channel/destination.ts";
import type { FixedPart } from "../../src/channel/fixed-part.ts";
import { directFundId, type ObjectiveId } from "../../src/channel/objective-id.ts";
import { ALLOCATION_TYPE, type Outcome } from "../../src/channel/outcome.ts";
import { stateHash, type VariablePart } from "../../src/channel/state.ts";
import { type Address, ZERO_ADDRESS } from "../../src/crypto/address.ts";
import type { Signature } from "../../src/crypto/signature.ts";
import type { RecordHash } from "../../src/events/record.ts";
import type { LogHead } from "../../src/events/record-head.ts";
import { decodeMessage, encodeMessage } from "../../src/messages/codec.ts";
import type { Message } from "../../src/messages/message.ts";
import { decodeFrame } from "../../src/network/frame.ts";
import { Session } from "../../src/network/session.ts";
import type { Transport } from "../../src/ports/transport.ts";
import { assertDefined } from "../../src/primitives/assert.ts";

/** Puts words into the mouth of one actor, all towards Alice. */
export class Puppet {
  readonly name: ActorName;
  readonly address: Address;
  readonly heard: Message[] = [];
  /** The heads in Alice's answers to greetings. */
  readonly welcomes: (LogHead | undefined)[] = [];
  /** What this actor says of a log that it does not have. */
  readonly ownHead: LogHead = { length: 123, hash: `0x${"55".repeat(32)}` as RecordHash };
  /** What it says that Alice has told of hers. */
  #claimed: LogHead | undefined;
  readonly #world: World;
  readonly #session: Session;
  readonly #answers = new Map<number, (answer: string) => void>();
  #sent: number;

  /** `standing` is how far its conversation with Alice is, where a node has begun it. */
  constructor(world: World, name: ActorName, standing = { lastSent: 0, lastReceived: 0 }) {
    this.name = name;
    this.#sent = standing.lastSent;
    this.#world = world;
    this.address = world.node(name).address;
    const victim = world.node("alice").address;
    const { timeline } = world;
    this.#session = new Session(
      {
        transport: this.#transport(),
        heads: { mine: () => this.ownHead, heldOf: () => this.#claimed },
        clock: { nowMs: () => timeline.nowMs, after: (ms, run) => timeline.after(ms, run) },
        endpointOf: () => "alice",
        peerAt: (endpoint) => (endpoint === "alice" ? victim : undefined),
      },
      {
        deliver: (from, sequence, payload) => {
          const message = decodeMessage(payload);
          if (message.ok) this.heard.push(message.value);
          this.#session.settle(from, sequence, { type: "Accepted" });
        },
        welcomed: () => undefined,
        doubted: () => undefined,
        acknowledged: (_, upTo) => this.#answer((sequence) => sequence <= upTo, "Accepted"),
        refused: (_, refused, code) => this.#answer((sequence) => sequence === refused, code),
      },
    );
    this.#session.resume(victim, { ...standing, unacknowledged: [] });
  }

  /** Says something, and returns `Accepted` or the code with which Alice refuses it. */
  say(what: Message | Uint8Array): Promise<string> {
    const payload = what instanceof Uint8Array ? what : encodeMessage(what);
    const sequence = ++this.#sent;
    return new Promise((resolve) => {
      this.#answers.set(sequence, resolve);
      this.#session.send(this.#world.node("alice").address, sequence, payload);
    });
  }

  /** From now on, tells Alice when she greets that this is the newest head of her log. */
  claimHead(head: LogHead): void {
    this.#claimed = head;
  }

  /** Puts bytes on the wire that no session would send. */
  throwFrame(frame: Uint8Array): void {
    this.#world.wire.transportOf(this.name).send("alice", frame);
  }

  sign(channelId: ChannelId, variablePart: VariablePart): Signature {
    return this.#world.options.signatures.signHash(
      stateHash(channelId, variablePart),
      keyOf(this.name),
    );
  }

  /** Ends the session, so that nothing is repeated when the story is over. */
  leave(): void {
    this.#session.close();
  }

  #transport(): Transport {
    const transport = this.#world.wire.transportOf(this.name);
    return {
      ...transport,
      listen: (onFrame) =>
        transport.listen((from, bytes) => {
          const frame = decodeFrame(bytes);
          if (frame.ok && frame.value.type === "Welcome") this.welcomes.push(frame.value.head);
          onFrame(from, bytes);
        }),
    };
  }

  #answer(isMeant: (sequence: number) => boolean, answer: string): void {
    for (const [sequence, resolve] of [...this.#answers]) {
      if (!isMeant(sequence)) continue;
      this.#answers.delete(sequence);
      resolve(answer);
    }
  }
}

/** The channel of the stories: Eve is first and puts in nothing, Alice is second and puts in ten. */
export function fixedPartOf(world: World, changes: Partial<FixedPart> = {}): FixedPart {
  return {
    participants: [world.node("eve").address, world.node("alice").address],
    channelNonce: 7n,
    appDefinition: world.options.chain.deployment.consensusApp,
    challengeDurationSec: 86_400,
    ...changes,
  };
}

/** What the channel pays, in wei, to participants in order. */
export function outcomeOf(
  participants: readonly Address[],
  amounts: readonly bigint[],
  asset: Address = ZERO_ADDRESS,
): Outcome {
  const allocations = participants.map((participant, index) => ({
    destination: externalDestination(participant),
    amount: assertDefined(amounts[index], "an amount"),
    allocationType: ALLOCATION_TYPE.simple,
    metadata: "0x" as const,
  }));
  return [{ asset, assetMetadata: { assetType: 0, metadata: "0x" }, allocations }];
}

/** A prefund that Eve signs. */
export function prefundOf(eve: Puppet, fixedPart: FixedPart, outcome: Outcome): Message {
  const opening = { outcome, appData: "0x", turnNum: 0, isFinal: false } as const;
  const signature = eve.sign(channelIdOf(fixedPart), opening);
  return { type: "Prefund", fixedPart, outcome, appData: "0x", signature };
}

/** A later state that Eve signs, for the postfund when no objective is named. */
export function stateOf(
  eve: Puppet,
  channelId: ChannelId,
  variablePart: VariablePart,
  objectiveId: ObjectiveId = directFundId(channelId),
): Message & { readonly type: "SignedState" } {
  const signature = eve.sign(channelId, variablePart);
  const baseSignatures: Signature[] = [];
  const about = { type: "SignedState", objectiveId, channelId } as const;
  return { ...about, variablePart, signature, baseSignatures, moverSignature: undefined };
}
