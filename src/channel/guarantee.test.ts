/** What is no guarantee is refused. */
import { describe, expect } from "bun:test";
import { adversarial } from "../../test/kind.ts";
import type { Hex } from "../primitives/hex.ts";
import { decodeGuarantee } from "./guarantee.ts";

describe("decodeGuarantee", () => {
  adversarial("refuses every length but 64 bytes", () => {
    for (const size of [0, 1, 32, 63, 65, 96, 128]) {
      const metadata: Hex = `0x${"0a".repeat(size)}`;
      expect(decodeGuarantee(metadata)).toEqual({ ok: false, reason: { code: "NotAGuarantee" } });
    }
  });
});
