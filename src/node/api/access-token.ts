/**
 * Tokens that let a program use the API: scopes and an end, signed with a secret that only the node's data
 * directory holds. Nothing of a token is kept, so a node that starts anew takes the ones from before.
 */
import { createHmac, timingSafeEqual } from "node:crypto";
import { z } from "zod";
import { assert } from "../../primitives/assert.ts";
import { accept, type Result, reject } from "../../primitives/result.ts";

/** What a token allows, each with all before it: look, spend what channels hold, and open and close them. */
export const SCOPES = ["read", "pay", "manage"] as const;

/** One of `SCOPES`. */
export type Scope = (typeof SCOPES)[number];

/** Who calls, as a token proves it. */
export type TokenClaims = {
  readonly scopes: readonly Scope[];
  /** Seconds since 1970 at which the token stops being valid. */
  readonly expiresAtSec: number;
  /** Tells tokens apart: limits are counted by it. 1 to 64 characters. */
  readonly name: string;
};

/** Why a token is not taken. */
export type TokenRejection = { readonly code: "Malformed" | "Forged" | "Expired" };

/** Bytes of the secret: as many as SHA-256 gives. */
export const SECRET_BYTES = 32;

/** Characters of a token: a longer one is not even looked at. */
const TOKEN_LENGTH_MAX = 1_024;

/** Begins every token, so that a program which finds one in a text knows it: "channels token, form 1". */
const PREFIX = "cht1";

const claimsSchema = z.strictObject({
  s: z.array(z.enum(SCOPES)).min(1).max(SCOPES.length),
  e: z.number().int().nonnegative(),
  n: z.string().min(1).max(64),
});

/** Makes a token. Whoever has it can do what its scopes allow until it ends. */
export function makeToken(secret: Uint8Array, { expiresAtSec, name, scopes }: TokenClaims): string {
  assert(secret.length === SECRET_BYTES, "the secret has its 32 bytes");
  const claims = { s: [...scopes], e: expiresAtSec, n: name };
  const body = Buffer.from(JSON.stringify(claimsSchema.parse(claims))).toString("base64url");
  return `${PREFIX}.${body}.${macOf(secret, body).toString("base64url")}`;
}

/** Reads a token. Whether its signature is right takes the same time whatever is wrong with it. */
export function checkToken(
  secret: Uint8Array,
  token: string,
  nowMs: number,
): Result<TokenClaims, TokenRejection> {
  if (token.length > TOKEN_LENGTH_MAX) return reject({ code: "Malformed" });
  const [prefix, body = "", mac = "", ...rest] = token.split(".");
  if (prefix !== PREFIX || rest.length > 0) return reject({ code: "Malformed" });
  const right = macOf(secret, body);
  const given = Buffer.from(mac, "base64url");
  // The text as well: several texts stand for the same bytes, and one token should have one form.
  const isTrue = given.length === right.length && timingSafeEqual(given, right);
  if (!isTrue || given.toString("base64url") !== mac) return reject({ code: "Forged" });
  const claims = claimsSchema.safeParse(JSON.parse(Buffer.from(body, "base64url").toString()));
  if (!claims.success) return reject({ code: "Malformed" });
  const { e: expiresAtSec, n: name, s: scopes } = claims.data;
  if (nowMs >= expiresAtSec * 1_000) return reject({ code: "Expired" });
  return accept({ scopes, expiresAtSec, name });
}

/** True when `scopes` allow what needs `wanted`. */
export function isAllowed(scopes: readonly Scope[], wanted: Scope): boolean {
  return scopes.some((scope) => SCOPES.indexOf(scope) >= SCOPES.indexOf(wanted));
}

/** Of the body with its prefix: no other program's use of the secret can be mistaken for a token. */
function macOf(secret: Uint8Array, body: string): Buffer {
  return createHmac("sha256", secret).update(`${PREFIX}.${body}`).digest();
}
