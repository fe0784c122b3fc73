/** The handshake gives the bytes that others publish for it, and stands what a hostile other side writes. */
import { describe, expect } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { x25519 } from "@noble/curves/ed25519.js";
import fc from "fast-check";
import { adversarial, golden, property, unit } from "../../../test/kind.ts";
import { assertDefined } from "../../primitives/assert.ts";
import { open, seal } from "./cipher-state.ts";
import { keyPairOf, sharedSecret } from "./key-exchange.ts";
import {
  NOISE_PROTOCOL,
  type NoiseState,
  readNoise,
  splitNoise,
  startNoise,
  writeNoise,
} from "./noise-handshake.ts";

type Vector = {
  readonly protocol_name: string;
  readonly init_prologue: string;
  readonly init_static: string;
  readonly init_ephemeral: string;
  readonly resp_prologue: string;
  readonly resp_static: string;
  readonly resp_ephemeral: string;
  readonly handshake_hash: string;
  readonly messages: readonly { readonly payload: string; readonly ciphertext: string }[];
};

const file = join(import.meta.dir, "../../../test/vectors/noise.json");
const vectors = JSON.parse(readFileSync(file, "utf8")) as readonly Vector[];

const bytesOf = (hex: string): Uint8Array => Uint8Array.fromHex(hex);
const NOTHING = new Uint8Array();
const secret = (fill: number): Uint8Array => new Uint8Array(32).fill(fill);

function start(role: "initiator" | "responder", [own, ephemeral]: readonly [number, number]) {
  const staticKey = keyPairOf(secret(own));
  return startNoise({
    role,
    staticKey,
    ephemeralKey: keyPairOf(secret(ephemeral)),
    prologue: NOTHING,
  });
}

/** Both sides, with all messages said but the last. */
function almost(): { initiator: NoiseState; responder: NoiseState } {
  const first = assertDefined(
    writeNoise(start("initiator", [1, 2]), () => NOTHING),
    "message 1",
  );
  const heard = assertDefined(readNoise(start("responder", [3, 4]), first.message), "message 1");
  const second = assertDefined(
    writeNoise(heard.state, () => NOTHING),
    "message 2",
  );
  const answered = assertDefined(readNoise(first.state, second.message), "message 2");
  return { initiator: answered.state, responder: second.state };
}

/** The two sides of a vector, before the first message. */
function sidesOf(vector: Vector): [initiator: NoiseState, responder: NoiseState] {
  return [
    startNoise({
      role: "initiator",
      prologue: bytesOf(vector.init_prologue),
      staticKey: keyPairOf(bytesOf(vector.init_static)),
      ephemeralKey: keyPairOf(bytesOf(vector.init_ephemeral)),
    }),
    startNoise({
      role: "responder",
      prologue: bytesOf(vector.resp_prologue),
      staticKey: keyPairOf(bytesOf(vector.resp_static)),
      ephemeralKey: keyPairOf(bytesOf(vector.resp_ephemeral)),
    }),
  ];
}

function follow(vector: Vector): void {
  const [initiator, responder] = sidesOf(vector);
  let [writer, reader] = [initiator, responder];
  for (const { ciphertext, payload } of vector.messages.slice(0, 3)) {
    const payloadOf = (): Uint8Array => bytesOf(payload);
    const written = assertDefined(writeNoise(writer, payloadOf), "a message");
    const read = assertDefined(readNoise(reader, written.message), "a message");

    expect(written.message.toHex()).toBe(ciphertext);
    expect(read.payload.toHex()).toBe(payload);
    [writer, reader] = [read.state, written.state];
  }

  expect(writer.symmetric.hash.toHex()).toBe(vector.handshake_hash);
  expect(reader.symmetric.hash.toHex()).toBe(vector.handshake_hash);
  expect(splitNoise(writer).sendKey).toEqual(splitNoise(reader).receiveKey);
  const keys = [splitNoise(writer).sendKey, splitNoise(reader).sendKey];
  for (const [index, { ciphertext, payload }] of vector.messages.slice(3).entries()) {
    const key = assertDefined(keys[index % 2], "a key");
    const counter = Math.floor(index / 2);

    expect(seal(key, counter, NOTHING, bytesOf(payload)).toHex()).toBe(ciphertext);
    expect(open(key, counter, NOTHING, bytesOf(ciphertext))?.toHex()).toBe(payload);
  }
}

describe("the Noise handshake", () => {
  golden("writes and reads the published messages, and what follows them", () => {
    expect(vectors.map(({ protocol_name }) => protocol_name)).toEqual([NOISE_PROTOCOL]);
    for (const vector of vectors) follow(vector);
  });

  property("any changed byte of a message is found, and the handshake can go on", () => {
    const { initiator, responder } = almost();
    const { message } = assertDefined(
      writeNoise(initiator, () => bytesOf("abcd")),
      "message 3",
    );
    const places = fc.integer({ min: 0, max: message.length - 1 });
    fc.assert(
      fc.property(places, fc.integer({ min: 1, max: 255 }), (place, change) => {
        const changed = message.slice();
        changed[place] = (changed[place] ?? 0) ^ change;

        expect(readNoise(responder, changed)).toBeUndefined();
        expect(readNoise(responder, message)?.payload.toHex()).toBe("abcd");
      }),
      { numRuns: 50 },
    );
  });

  adversarial("a message that is too short is none", () => {
    const { initiator, responder } = almost();
    const { message } = assertDefined(
      writeNoise(initiator, () => NOTHING),
      "message 3",
    );

    for (let size = 0; size < message.length; size += 1) {
      expect(readNoise(responder, message.subarray(0, size))).toBeUndefined();
    }
    expect(readNoise(start("responder", [3, 4]), new Uint8Array(31))).toBeUndefined();
  });

  adversarial("an ephemeral key of low order ends the handshake", () => {
    const state = start("responder", [3, 4]);
    const read = assertDefined(readNoise(state, new Uint8Array(32)), "message 1, in the clear");

    expect(writeNoise(read.state, () => NOTHING)).toBeUndefined();
  });
});

/** All points of low order, and their copies above the prime. Source: RFC 7748; Curve25519 paper, section 3. */
const LOW_ORDER = [
  "0000000000000000000000000000000000000000000000000000000000000000",
  "0100000000000000000000000000000000000000000000000000000000000000",
  "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
  "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
  "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
  "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
  "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
];

describe("the key exchange", () => {
  property("gives what another implementation gives", () => {
    const secrets = fc.uint8Array({ minLength: 32, maxLength: 32 });
    fc.assert(
      fc.property(secrets, secrets, (mine, theirs) => {
        const pair = keyPairOf(mine);
        const other = x25519.getPublicKey(theirs);

        expect(pair.publicKey).toEqual(x25519.getPublicKey(mine));
        expect(sharedSecret(pair, other)).toEqual(x25519.getSharedSecret(mine, other));
      }),
      { numRuns: 20 },
    );
  });

  adversarial("refuses every key of low order", () => {
    expect(
      LOW_ORDER.filter((key) => sharedSecret(keyPairOf(secret(7)), bytesOf(key)) !== undefined),
    ).toEqual([]);
  });

  unit("takes the key that the standard has as its base point", () => {
    const base = new Uint8Array(32);
    base[0] = 9;

    expect(sharedSecret(keyPairOf(secret(7)), base)).toEqual(keyPairOf(secret(7)).publicKey);
  });
});
