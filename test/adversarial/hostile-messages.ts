/** How the hostile messages of the tests are made. */
import type { Change } from "../../src/channel/change.ts";
import type { VariablePart } from "../../src/channel/state.ts";
import { type Address, ZERO_ADDRESS } from "../../src/crypto/address.ts";
import type { Signature } from "../../src/crypto/signature.ts";
import type { Message } from "../../src/messages/message.ts";
import { finalOf, next, nextId, type Scene, type Stage } from "./hostile-scene.ts";
import { fixedPartOf, outcomeOf, prefundOf, stateOf } from "./puppet.ts";

/** One hostile message, and the code that Alice answers. */
export type Row = {
  readonly name: string;
  readonly code: string;
  readonly stage: Stage;
  readonly message: (scene: Scene) => Message | Uint8Array;
  /** A stranger to the channel says it, if not Eve. */
  readonly by?: "ivan";
};

/** Rows for one stage of the channel. */
export function rowsAt(stage: Stage, rows: readonly Omit<Row, "stage">[]): readonly Row[] {
  return rows.map((row) => ({ stage, ...row }));
}

/** The order of the curve. Source: SEC 2, secp256k1. */
const ORDER = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;

/** A channel of its own that Eve proposes, with something wrong in it. */
export const prefund = (
  changes: Parameters<typeof fixedPartOf>[1],
  amounts: readonly bigint[] = [0n, 10n],
  asset: Address = ZERO_ADDRESS,
): Row["message"] => {
  return ({ eve, world }) => {
    const fixedPart = fixedPartOf(world, { channelNonce: 8n, ...changes });
    const { length } = fixedPart.participants;
    const each = Array.from({ length }, (_, index) => amounts[index] ?? 0n);
    return prefundOf(eve, fixedPart, outcomeOf(fixedPart.participants, each, asset));
  };
};

/** Eve's next move, with something wrong in it. */
export const move = (changes: (scene: Scene) => Partial<VariablePart>): Row["message"] => {
  return (scene) => stateOf(scene.eve, scene.channelId, next(scene, changes(scene)), nextId(scene));
};

/** The final state, with something wrong in it. */
export const final = (changes: (scene: Scene) => Partial<VariablePart>): Row["message"] => {
  return (scene) => finalOf(scene, changes(scene));
};

/** Eve's next move as it should be, but with another signature under it. */
export const moveSigned = (
  sign: (scene: Scene, honest: Signature) => Signature,
): Row["message"] => {
  return (scene) => {
    const message = stateOf(scene.eve, scene.channelId, next(scene), nextId(scene));
    return { ...message, signature: sign(scene, message.signature) };
  };
};

/** Asks Alice to sign a payment first, with something wrong in it. */
export const wish = (
  changes: (scene: Scene) => Partial<Message & { readonly type: "UpdateRequest" }>,
): Row["message"] => {
  return (scene) => ({
    type: "UpdateRequest",
    objectiveId: nextId(scene),
    channelId: scene.channelId,
    turnNum: 5,
    change: { type: "Pay", asset: ZERO_ADDRESS, to: 1, amount: 1n },
    ...changes(scene),
  });
};

/** A payment to Alice, with something wrong in it. */
export const pay = (changes: Partial<Change & { readonly type: "Pay" }>) => () => ({
  change: { type: "Pay", asset: ZERO_ADDRESS, to: 1, amount: 1n, ...changes } as Change,
});

/** Says that Eve does not take part in an objective. */
export const leave = (named: (scene: Scene) => string): Row["message"] => {
  return (scene) => ({
    type: "ObjectiveRejection",
    objectiveId: named(scene) as ReturnType<typeof nextId>,
    channelId: scene.channelId,
    code: "PolicyRefused",
  });
};

/** The other signature that the same key and message have. Contracts and nodes take only the low one. */
export function malleated(signature: Signature): Signature {
  const s = ORDER - BigInt(`0x${signature.slice(66, 130)}`);
  const v = signature.endsWith("1b") ? "1c" : "1b";
  return `${signature.slice(0, 66)}${s.toString(16).padStart(64, "0")}${v}` as Signature;
}

/** An account that nobody knows. */
export const stranger: Address = `0x${"77".repeat(20)}` as Address;
