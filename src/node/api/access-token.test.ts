/** Tokens: what they allow, until when, and what happens to those that somebody changed. */
import { describe, expect } from "bun:test";
import fc from "fast-check";
import { adversarial, property, unit } from "../../../test/kind.ts";
import { checkToken, isAllowed, makeToken, SCOPES, type TokenClaims } from "./access-token.ts";

const secret = new Uint8Array(32).fill(1);
const claims: TokenClaims = { scopes: ["read", "pay"], expiresAtSec: 1_000, name: "till" };

describe("a token", () => {
  unit("says what it allows, until it ends", () => {
    const token = makeToken(secret, claims);

    expect(checkToken(secret, token, 999_999)).toEqual({ ok: true, value: claims });
    expect(checkToken(secret, token, 1_000_000)).toEqual({
      ok: false,
      reason: { code: "Expired" },
    });
  });

  unit("of another secret is forged", () => {
    const token = makeToken(new Uint8Array(32).fill(2), claims);

    expect(checkToken(secret, token, 0)).toEqual({ ok: false, reason: { code: "Forged" } });
  });

  unit("allows a scope with all before it", () => {
    const allowed = SCOPES.map((scope) => SCOPES.filter((wanted) => isAllowed([scope], wanted)));

    expect(allowed).toEqual([["read"], ["read", "pay"], ["read", "pay", "manage"]]);
    expect(isAllowed([], "read")).toBe(false);
  });

  property("is not taken once any character of it is another one", () => {
    const token = makeToken(secret, claims);
    fc.assert(
      fc.property(fc.nat(token.length - 1), fc.constantFrom(..."Aa0._-="), (at, other) => {
        const changed = `${token.slice(0, at)}${other}${token.slice(at + 1)}`;
        return changed === token || !checkToken(secret, changed, 0).ok;
      }),
    );
  });

  adversarial("has one form: other texts for the same bytes are not taken", () => {
    const token = makeToken(secret, claims);
    const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    const last = alphabet.indexOf(token.at(-1) ?? "");
    // The last letter carries four bits of the signature, and two that stand for nothing.
    const twin = `${token.slice(0, -1)}${alphabet[last ^ 1]}`;
    const bytesOf = (text: string) => Buffer.from(text.split(".")[2] ?? "", "base64url");

    expect(bytesOf(twin)).toEqual(bytesOf(token));
    expect(checkToken(secret, twin, 0)).toEqual({ ok: false, reason: { code: "Forged" } });
    expect(checkToken(secret, `${token}=`, 0).ok).toBe(false);
  });

  adversarial("of garbage is refused, and never throws", () => {
    const garbage = [
      "",
      ".",
      "..",
      "cht1..",
      "cht1.e30.AAAA",
      "cht2.a.b",
      "x".repeat(100_000),
      "\0",
    ];
    for (const one of garbage) expect(checkToken(secret, one, 0).ok).toBe(false);
    fc.assert(fc.property(fc.string(), (text) => !checkToken(secret, text, 0).ok));
  });
});
