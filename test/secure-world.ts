/** A few secure transports on a wire on which a test does as it likes. */
import { type ActorName, keyOf } from "../sim/actors.ts";
import { drawBytes } from "../sim/keyed-random.ts";
import { Timeline } from "../sim/timeline.ts";
import type { Address } from "../src/crypto/address.ts";
import { signatureBackend } from "../src/crypto/signatures.ts";
import type {
  PeerChange,
  SecureFault,
  SecureOptions,
} from "../src/network/secure/secure-options.ts";
import { SecureTransport } from "../src/network/secure/secure-transport.ts";
import type { Endpoint, Transport } from "../src/ports/transport.ts";

/** A frame that somebody sent. */
export type Passage = {
  readonly from: Endpoint;
  readonly to: Endpoint;
  readonly frame: Uint8Array;
};

/** A copy of it that arrives, or of another one. */
export type Arrival = Passage & { readonly delayMs: number };

type WireListener = Parameters<Transport["listen"]>;

/** One node: what it was told, and by whom. */
export type SecureNode = {
  readonly name: ActorName;
  readonly address: Address;
  readonly secure: SecureTransport;
  /** Texts that came, each with the address it came from. */
  readonly inbox: (readonly [from: Address, text: string])[];
  readonly changes: PeerChange[];
  readonly faults: SecureFault[];
  /** Endpoints whose connections it ended. */
  readonly dropped: Endpoint[];
  readonly say: (to: SecureNode, text: string) => void;
};

/** The wire, the time, and the nodes that are started on it. */
export type SecureWorld = {
  readonly timeline: Timeline;
  /** Everything that was sent. */
  readonly passages: Passage[];
  /** What the wire does with a frame: by default it arrives after 10 ms. */
  meddle: (passage: Passage) => readonly Arrival[];
  /** Starts a node; one of the same name before it hears nothing any more. */
  readonly start: (name: ActorName, options?: Partial<SecureOptions>) => SecureNode;
  readonly deliver: (passage: Passage) => void;
  /** Tells a node that its connection with an endpoint is gone. */
  readonly cut: (at: Endpoint, endpoint: Endpoint) => void;
  readonly run: (durationMs: number) => void;
};

/** The address of an actor. */
export function addressOf(name: ActorName): Address {
  return signatureBackend.addressOf(keyOf(name));
}

/** Where everybody is: at the endpoint of the same name. */
export const EVERYBODY: readonly ActorName[] = ["alice", "bob", "irene", "eve"];

/** The frame arrives as it was sent, after 10 ms. */
export function honestly(passage: Passage): readonly Arrival[] {
  return [{ ...passage, delayMs: 10 }];
}

/** Makes an empty world. */
export function createSecureWorld(seed = 1): SecureWorld {
  const timeline = new Timeline(1_700_000_000_000);
  const listeners = new Map<Endpoint, WireListener>();
  const passages: Passage[] = [];
  const deliver = ({ frame, from, to }: Passage): void => listeners.get(to)?.[0](from, frame);
  const world: SecureWorld = {
    timeline,
    passages,
    meddle: honestly,
    deliver,
    cut: (at, endpoint) => listeners.get(at)?.[1]?.(endpoint),
    start: (name, options) => {
      lives += 1;
      return startNode({ name, seed: seed * 1_000 + lives, world, listeners }, options);
    },
    run: (durationMs) => {
      const untilMs = timeline.nowMs + durationMs;
      timeline.after(durationMs, () => undefined);
      while ((timeline.nextMs ?? Number.POSITIVE_INFINITY) <= untilMs) timeline.step();
    },
  };
  let lives = 0;
  return world;
}

type Start = {
  readonly name: ActorName;
  readonly seed: number;
  readonly world: SecureWorld;
  readonly listeners: Map<Endpoint, WireListener>;
};

function startNode(start: Start, options: Partial<SecureOptions> = {}): SecureNode {
  const { name, seed, world } = start;
  const { timeline } = world;
  const address = addressOf(name);
  const [changes, faults, dropped]: [PeerChange[], SecureFault[], Endpoint[]] = [[], [], []];
  const inbox: (readonly [Address, string])[] = [];
  const places = new Map(EVERYBODY.map((other) => [addressOf(other), other]));
  let drawn = 0;
  const secure = new SecureTransport({
    transport: { ...wireOf(start), drop: (endpoint) => dropped.push(endpoint) },
    clock: { nowMs: () => timeline.nowMs, after: (delayMs, run) => timeline.after(delayMs, run) },
    random: { bytes: (size) => drawBytes(seed, "random", name, drawn++).slice(0, size) },
    identity: {
      address,
      signDigest: (digest) => signatureBackend.signDigest(digest, keyOf(name)),
    },
    chainId: 1n,
    adjudicator: `0x${"ad".repeat(20)}` as Address,
    profiles: ["enforceable"],
    placesOf: (peer) => [places.get(peer) ?? []].flat(),
    isWelcome: () => true,
    onPeer: (change) => changes.push(change),
    report: (fault) => faults.push(fault),
    ...options,
  });
  secure.transport.listen((from, frame) => {
    inbox.push([from as Address, new TextDecoder().decode(frame)]);
  });
  const say: SecureNode["say"] = (to, text) =>
    secure.transport.send(to.address, new TextEncoder().encode(text));
  return { name, address, secure, inbox, changes, faults, dropped, say };
}

/** The raw wire of one node, which its next life takes over. */
function wireOf({ listeners, name, world }: Start): Transport {
  return {
    send: (to, sent) => {
      const passage = { from: name, to, frame: sent.slice() };
      world.passages.push(passage);
      for (const arrival of world.meddle(passage)) {
        world.timeline.after(arrival.delayMs, () => world.deliver(arrival));
      }
    },
    listen: (...listener) => {
      listeners.set(name, listener);
    },
  };
}
