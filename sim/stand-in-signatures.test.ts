/** Stand-ins are told apart like real signatures, and contracts get real ones. */
import { describe, expect } from "bun:test";
import { keccak256 } from "../src/crypto/keccak.ts";
import { personalDigest } from "../src/crypto/personal-message.ts";
import type { Hash, Signature } from "../src/crypto/signature.ts";
import { signatureBackend } from "../src/crypto/signatures.ts";
import { assertDefined } from "../src/primitives/assert.ts";
import { type Hex, toHex } from "../src/primitives/hex.ts";
import { chainOfFile } from "../test/chain-of-file.ts";
import { integration, unit } from "../test/kind.ts";
import { expectHeld, readStories } from "../test/stories.ts";
import { ACTOR_NAMES, keyOf } from "./actors.ts";
import { ecrecover } from "./chain/model/ecrecover.ts";
import { type RunResult, runScenario } from "./run-scenario.ts";
import { makeReal, standInSignatures } from "./stand-in-signatures.ts";
import type { TraceEntry } from "./trace.ts";

const chains = { evm: chainOfFile("evm"), model: chainOfFile("model") };
const stories = await readStories();

/** One that agrees, and those that dispute virtual channels: what they show holds signatures inside states. */
const STORIES = ["demo", "hop-vanishes", "hub-vanishes", "stranger-interferes", "watchtower"];

/** `check` tells each on one of the tiers, in turns; with CHANNELS_EVERY_SEED=1, as `bun run tiers` has it, on both. */
const IS_ALL = process.env["CHANNELS_EVERY_SEED"] === "1";

/** Milliseconds for a story told twice, on a machine that is under load. */
const STORY_TIME_MAX_MS = 60_000;

const hashOf = (n: number): Hash => toHex(keccak256(Uint8Array.of(n))) as Hash;

/** The three words that a signature is in calldata. */
function wordsOf(signature: Signature): string {
  return `${"0".repeat(62)}${signature.slice(130)}${signature.slice(2, 130)}`;
}

describe("standInSignatures", () => {
  unit("names the signer of a hash, and nobody for any other hash", () => {
    const backend = standInSignatures();
    for (const name of ACTOR_NAMES) {
      const signature = backend.signHash(hashOf(1), keyOf(name));

      expect(backend.recoverSigner(hashOf(1), signature)).toBe(backend.addressOf(keyOf(name)));
      expect(backend.recoverSigner(hashOf(2), signature)).toBeUndefined();
      expect(backend.addressOf(keyOf(name))).toBe(signatureBackend.addressOf(keyOf(name)));
    }
  });

  unit("takes no signature in which a byte was changed, cut or added", () => {
    const backend = standInSignatures();
    const signature = backend.signHash(hashOf(1), keyOf("alice"));
    for (let at = 2; at < signature.length; at++) {
      const other = signature[at] === "0" ? "1" : "0";
      const changed: Hex = `0x${signature.slice(2, at)}${other}${signature.slice(at + 1)}`;
      expect(backend.recoverSigner(hashOf(1), changed)).toBeUndefined();
    }
    for (const changed of [signature.slice(0, -2), `${signature}00`, "0x"]) {
      expect(backend.recoverSigner(hashOf(1), changed as Hex)).toBeUndefined();
    }
  });

  unit("takes only what this very backend signed", () => {
    const signature = standInSignatures().signHash(hashOf(1), keyOf("alice"));

    expect(standInSignatures().recoverSigner(hashOf(1), signature)).toBeUndefined();
  });
});

/** Whom the model's contracts take for the signer. */
function signerInModel(digest: Hash, signature: Signature): Hex | undefined {
  const [r, s]: readonly Hex[] = [`0x${signature.slice(2, 66)}`, `0x${signature.slice(66, 130)}`];
  return ecrecover(digest, { r: r ?? "0x", s: s ?? "0x", v: BigInt(`0x${signature.slice(130)}`) });
}

describe("makeReal", () => {
  unit("lets the model's contracts know nobody as a signer but who signed", () => {
    const backend = standInSignatures();
    for (const [index, name] of ACTOR_NAMES.entries()) {
      const hash = hashOf(100 + index);
      const ofTransaction = backend.signDigest(hash, keyOf(name));
      backend.makeReal(`0x${wordsOf(backend.signHash(hash, keyOf(name)))}`);
      const ofState = signatureBackend.signHash(hash, keyOf(name));

      expect(signerInModel(hash, ofTransaction)).toBe(
        signatureBackend.recoverDigestSigner(hash, ofTransaction),
      );
      expect(signerInModel(toHex(personalDigest(hash)) as Hash, ofState)).toBe(
        signatureBackend.recoverSigner(hash, ofState),
      );
      expect(signerInModel(hash, ofState)).not.toBe(backend.addressOf(keyOf(name)));
    }
  });

  unit("puts the real signature where a stand-in stood, and leaves all else", () => {
    const backend = standInSignatures();
    const standIn = backend.signHash(hashOf(1), keyOf("bob"));
    const real = signatureBackend.signHash(hashOf(1), keyOf("bob"));
    const before = "12".repeat(40);
    const data: Hex = `0x${before}${wordsOf(standIn)}${before}`;

    expect(makeReal(backend, data)).toBe(`0x${before}${wordsOf(real)}${before}`);
    expect(makeReal(signatureBackend, data)).toBe(data);
  });

  unit("replaces what was signed since it saw the same call", () => {
    const backend = standInSignatures();
    const standIn = standInSignatures().signHash(hashOf(1), keyOf("bob"));
    const real = signatureBackend.signHash(hashOf(1), keyOf("bob"));
    const data: Hex = `0x${wordsOf(standIn)}`;
    expect(makeReal(backend, data)).toBe(data);
    backend.signHash(hashOf(1), keyOf("bob"));

    expect(makeReal(backend, data)).toBe(`0x${wordsOf(real)}`);
    expect(makeReal(backend, data)).toBe(`0x${wordsOf(real)}`);
    expect(makeReal(backend, `0x12${data.slice(2)}`)).toBe(`0x12${wordsOf(real)}`);
  });

  for (const [nth, [tier, chain]] of Object.entries(chains).entries()) {
    for (const name of STORIES.filter((_, index) => IS_ALL || index % 2 === nth)) {
      integration(
        `lets a fast run of ${name} send the transactions of a real one, on ${tier}`,
        async () => {
          const story = assertDefined(
            stories.find((one) => one.name === name),
            name,
          );

          const fast = await runScenario(story, { seed: 3, chain: chain(), signatures: "fast" });
          const real = await runScenario(story, { seed: 3, chain: chain() });

          expectHeld(fast);
          expect(fast.signatures).toBe("stand-in");
          expect(onChain(fast)).toEqual(onChain(real));
          expect(fast.balances).toEqual(real.balances);
        },
        STORY_TIME_MAX_MS,
      );
    }
  }
});

/** Everything that everybody sees, with each transaction to the byte. */
function onChain({ trace }: RunResult): readonly TraceEntry[] {
  return trace.filter(({ type }) => type === "Arrow" || type === "Transaction");
}
