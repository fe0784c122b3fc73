/** The secure transport of two nodes in one process: what each frame and each handshake pay for being secure. */
import { createCipheriv, createDecipheriv } from "node:crypto";
import { type ActorName, keyOf } from "../sim/actors.ts";
import { drawBytes } from "../sim/keyed-random.ts";
import type { Address } from "../src/crypto/address.ts";
import type { Hash } from "../src/crypto/signature.ts";
import { signatureBackend } from "../src/crypto/signatures.ts";
import { SecureTransport } from "../src/network/secure/secure-transport.ts";
import type { Endpoint, Transport } from "../src/ports/transport.ts";
import { assert } from "../src/primitives/assert.ts";
import type { Benchmark, Figure } from "./benchmark.ts";
import { ratesPerSecond } from "./rate.ts";

/**
 * A payment is a frame of some 256 bytes; the largest payload is 64 KiB. There the memory for each frame costs more
 * than its cipher.
 */
const SIZES = [
  { sizeBytes: 256, goal: 0.25 },
  { sizeBytes: 65_536, goal: 0.25 },
] as const;

/** Virtual milliseconds between two frames: so slow that no rate of a peer is exceeded. */
const FRAME_MS = 10;

export const benchmark: Benchmark = {
  name: "secure",
  question: "How many frames, bytes and handshakes go through the secure transport in a second?",
  run: async () => ({ figures: [...SIZES.flatMap(throughput), handshakes()] }),
};

/** One direction of an open session: sealed, carried, opened, handed over. */
function throughput({ goal, sizeBytes }: (typeof SIZES)[number]): readonly Figure[] {
  const { alice, heard } = createPair();
  const { address } = identityOf("bob");
  alice.dial(address);
  const frame = new Uint8Array(sizeBytes).fill(0x5a);
  const before = heard.count;
  let sent = 0;
  const rates = ratesPerSecond({
    bare: () => bareCipher(frame),
    secure: () => {
      sent += 1;
      alice.transport.send(address, frame);
    },
  });
  assert(heard.count - before === sent, "every frame arrives");
  const what = `frames of ${sizeBytes} bytes each, sealed, carried and opened`;
  return [
    {
      what,
      value: rates.secure,
      unit: "frames/s",
      yardstick: "AES-256-GCM of the same bytes, sealed and opened",
      ratio: rates.secure / rates.bare,
      floor: 0.15,
      goal,
    },
    { what: "the same, in bytes", value: (rates.secure * sizeBytes) / 2 ** 20, unit: "MiB/s" },
  ];
}

/** What no transport can do without. */
function bareCipher(frame: Uint8Array): void {
  const cipher = createCipheriv("aes-256-gcm", KEY, NONCE);
  const sealed = cipher.update(frame);
  cipher.final();
  const decipher = createDecipheriv("aes-256-gcm", KEY, NONCE);
  decipher.setAuthTag(cipher.getAuthTag());
  decipher.update(sealed);
  decipher.final();
}

const KEY: Uint8Array = new Uint8Array(32).fill(1);
const NONCE: Uint8Array = new Uint8Array(12);

/** Both sides of a handshake, from the first frame to the first ping. */
function handshakes(): Figure {
  const digest = `0x${"5a".repeat(32)}` as Hash;
  const key = keyOf("alice");
  const { address } = identityOf("bob");
  const rates = ratesPerSecond({
    secure: () => {
      const { alice } = createPair();
      alice.dial(address);
      assert(alice.peers().length === 1, "the two find each other");
    },
    signatures: () => {
      for (const _ of ["initiator", "responder"]) {
        const signature = signatureBackend.signDigest(digest, key);
        signatureBackend.recoverDigestSigner(digest, signature);
      }
    },
  });
  return {
    what: "handshakes, both sides, with the two nodes made for each",
    value: rates.secure,
    unit: "handshakes/s",
    yardstick: "its two signatures and two recoveries",
    ratio: rates.secure / rates.signatures,
    floor: 0.1,
    goal: 0.3,
  };
}

/** Two nodes on a wire without delay, and a count of what the second one hears. */
function createPair(): { readonly alice: SecureTransport; readonly heard: { count: number } } {
  const listeners = new Map<Endpoint, Parameters<Transport["listen"]>[0]>();
  const heard = { count: 0 };
  const alice = createNode("alice", listeners);
  const bob = createNode("bob", listeners);
  bob.transport.listen(() => {
    heard.count += 1;
  });
  return { alice, heard };
}

function createNode(
  name: ActorName,
  listeners: Map<Endpoint, Parameters<Transport["listen"]>[0]>,
): SecureTransport {
  let nowMs = 0;
  let drawn = 0;
  return new SecureTransport({
    transport: {
      send: (to, frame) => listeners.get(to)?.(name, frame),
      listen: (onFrame) => {
        listeners.set(name, onFrame);
      },
    },
    clock: {
      nowMs: () => {
        nowMs += FRAME_MS;
        return nowMs;
      },
      // Nothing is lost here, so no timer has anything to do.
      after: () => () => undefined,
    },
    random: { bytes: (sizeBytes) => drawBytes(1, "bench", name, drawn++).slice(0, sizeBytes) },
    identity: identityOf(name),
    chainId: 1n,
    adjudicator: `0x${"ad".repeat(20)}` as Address,
    profiles: ["enforceable"],
    placesOf: () => ["bob"],
    isWelcome: () => true,
  });
}

function identityOf(name: ActorName) {
  const key = keyOf(name);
  return {
    address: signatureBackend.addressOf(key),
    signDigest: (digest: Hash) => signatureBackend.signDigest(digest, key),
  };
}
