/** What a signature of the channel key says in a handshake, and what it says nowhere else. */
import { describe, expect } from "bun:test";
import { keyOf } from "../../../sim/actors.ts";
import { adversarial, golden, unit } from "../../../test/kind.ts";
import { addressOf } from "../../../test/secure-world.ts";
import type { Address } from "../../crypto/address.ts";
import type { Hash } from "../../crypto/signature.ts";
import { signatureBackend } from "../../crypto/signatures.ts";
import { toHex } from "../../primitives/hex.ts";
import {
  agree,
  decodeIntroduction,
  encodeIntroduction,
  isSigned,
  sayHello,
  type Terms,
} from "./introduction.ts";

const TERMS: Terms = {
  versions: [1],
  profiles: ["enforceable", "go-nitro"],
  chainId: 1n,
  adjudicator: `0x${"ad".repeat(20)}` as Address,
  address: addressOf("alice"),
  frameBytesMax: 66_560,
};

const HASH = new Uint8Array(32).fill(7);

const identity = {
  address: addressOf("alice"),
  signDigest: (digest: Hash) => signatureBackend.signDigest(digest, keyOf("alice")),
};

const hello = sayHello(TERMS, { role: "initiator", hash: HASH }, identity);

describe("an introduction", () => {
  golden("has these bytes, for ever", () => {
    const bytes = encodeIntroduction(hello);

    expect(toHex(bytes)).toBe(
      "0x9801910192ab656e666f72636561626c65a8676f2d6e6974726f01c414adadadadadadadadadadadadadadadadadadadadc414a11ce2f7e9683e4ed7a19b8c1f26b846de104e8fce00010400c4418a3640d36e8467f6f84c3a56c032b4197600ff1527a5723aa678c537b9a51bf0394f0b4a7cbc0fc7e3d1d689a97c4f88aed0024e838c059d6841fe66101bdd1d1c",
    );
    expect(decodeIntroduction(bytes)).toEqual(hello);
  });

  unit("is signed by the channel key, for one handshake and one role", () => {
    expect(isSigned(hello, "initiator", HASH)).toBe(true);
    expect(isSigned(hello, "responder", HASH)).toBe(false);
    expect(isSigned(hello, "initiator", new Uint8Array(32).fill(8))).toBe(false);
  });

  adversarial("that says anything else is not what was signed", () => {
    const others: readonly Partial<Terms>[] = [
      { versions: [] },
      { versions: [1, 2] },
      { profiles: ["go-nitro"] },
      { profiles: ["go-nitro", "enforceable"] },
      { chainId: 2n },
      { adjudicator: `0x${"ae".repeat(20)}` as Address },
      { address: addressOf("bob") },
      { frameBytesMax: 66_561 },
    ];
    const signed = others.filter((other) => isSigned({ ...hello, ...other }, "initiator", HASH));

    expect(signed).toEqual([]);
  });

  adversarial("is signed over a digest that is none of a personal message", () => {
    const digests: Hash[] = [];
    sayHello(
      TERMS,
      { role: "initiator", hash: HASH },
      {
        address: TERMS.address,
        signDigest: (asked) => {
          digests.push(asked);
          return identity.signDigest(asked);
        },
      },
    );
    const [digest = toHex(HASH) as Hash] = digests;

    expect(digests.length).toBe(1);
    expect<string>(digest).not.toBe(toHex(HASH));
    // What a contract would recover, were the hash of a state or a voucher given in its place.
    expect(signatureBackend.recoverSigner(digest, hello.signature)).not.toBe(TERMS.address);
    expect(signatureBackend.recoverSigner(toHex(HASH) as Hash, hello.signature)).not.toBe(
      TERMS.address,
    );
  });

  adversarial("that is none is refused, whatever its bytes", () => {
    const bytes = encodeIntroduction(hello);
    for (let size = 0; size < bytes.length; size += 1) {
      expect(decodeIntroduction(bytes.subarray(0, size))).toBeUndefined();
    }
    const longer = { ...TERMS, profiles: Array<string>(9).fill("x") };
    expect(() => sayHello(longer, { role: "initiator", hash: HASH }, identity)).toThrow();
  });
});

describe("an agreement", () => {
  const BOB: Terms = { ...TERMS, address: addressOf("bob") };

  unit("takes profiles that this program does not know for nothing", () => {
    const theirs = { ...BOB, profiles: ["quantum", "go-nitro"], frameBytesMax: 1_000 };

    expect(agree(TERMS, theirs)).toEqual({
      ok: true,
      value: { version: 1, profiles: ["go-nitro"], frameBytesMax: 1_000 },
    });
  });

  unit("says what comes first of all that keeps two apart", () => {
    const chain = { ...BOB, chainId: 5n };
    const version = { ...chain, versions: [9] };
    const code = (theirs: Terms): string | undefined => {
      const judged = agree(TERMS, theirs);
      return judged.ok ? undefined : judged.reason.code;
    };

    expect([code(version), code(chain), code(TERMS), code(BOB)]).toEqual([
      "VersionUnknown",
      "OtherChain",
      "TalksToItself",
      undefined,
    ]);
  });
});
