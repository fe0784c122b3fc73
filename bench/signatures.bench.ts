/** Signing and recovering, the two costs that every promise between participants has. */
import { createNativeBackend } from "../src/crypto/native-secp256k1.ts";
import { nobleBackend } from "../src/crypto/noble-secp256k1.ts";
import type { Hash, PrivateKey, SignatureBackend } from "../src/crypto/signature.ts";
import { assertDefined } from "../src/primitives/assert.ts";
import type { Benchmark } from "./benchmark.ts";
import { ratesPerSecond } from "./rate.ts";

/** Fewer than twice the rate of JavaScript would not pay for native code. */
const FLOOR = 2;

const key = `0x${"07".repeat(32)}` as PrivateKey;

/** Different hashes in turn: one that repeats would tell nothing about a cache, if there were one. */
const hashes: readonly Hash[] = Array.from(
  { length: 256 },
  (_, number) => `0x${number.toString(16).padStart(2, "0").repeat(32)}` as Hash,
);

export const benchmark: Benchmark = {
  name: "signatures",
  question: "How fast does native code sign and recover, against the same in JavaScript?",
  run: async () => {
    const native = assertDefined(createNativeBackend(), "a native secp256k1 for this platform");
    const rates = ratesPerSecond({
      sign: signing(native),
      nobleSign: signing(nobleBackend),
      recover: recovering(native),
      nobleRecover: recovering(nobleBackend),
    });
    const common = { unit: "/s", yardstick: "noble, the same bytes", floor: FLOOR } as const;
    return {
      figures: [
        {
          what: "hashes signed",
          value: rates.sign,
          ratio: rates.sign / rates.nobleSign,
          ...common,
        },
        {
          what: "signers recovered",
          value: rates.recover,
          ratio: rates.recover / rates.nobleRecover,
          ...common,
        },
      ],
    };
  },
};

function signing(backend: SignatureBackend): () => unknown {
  const next = inTurn(hashes);
  return () => backend.signHash(next(), key);
}

function recovering(backend: SignatureBackend): () => unknown {
  const next = inTurn(hashes.map((hash) => ({ hash, signature: backend.signHash(hash, key) })));
  return () => {
    const { hash, signature } = next();
    return backend.recoverSigner(hash, signature);
  };
}

function inTurn<Item>(items: readonly Item[]): () => Item {
  let count = 0;
  return () => assertDefined(items[count++ % items.length], "one of the items");
}
