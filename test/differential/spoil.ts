/** What liars and fools make of good states, signatures and calldata. */
import type { ContractSignature } from "../../sim/chain/model/ecrecover.ts";
import type { ShownState } from "../../sim/chain/model/force-move.ts";
import type {
  Allocation,
  Exit,
  SignedVariablePart,
  VariablePart,
} from "../../sim/chain/model/structs.ts";
import { wordOf } from "../../sim/chain/model/words.ts";
import type { Hex } from "../../src/primitives/hex.ts";
import type { Chance } from "./chance.ts";
import type { Channel } from "./channels.ts";
import { CAST, PARTICIPANTS } from "./stage.ts";
import { contractSignature, signedBy, signState } from "./states.ts";

/** The order of the curve. Source: SEC 2, secp256k1. */
const ORDER = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;

type Spoil<Value> = (chance: Chance, value: Value) => Value;

const SIGNATURES: readonly Spoil<ContractSignature>[] = [
  (_, signature) => ({ ...signature, v: 55n - signature.v }),
  (chance, signature) => ({ ...signature, v: BigInt(chance.below(256)) }),
  (_, signature) => ({ ...signature, r: `0x${wordOf(0n)}` }),
  (_, signature) => ({ ...signature, s: `0x${wordOf(ORDER)}` }),
  // The other signature that says the same: whoever takes any s takes it.
  (_, signature) => ({
    r: signature.r,
    s: `0x${wordOf(BigInt.asUintN(256, ORDER - BigInt(signature.s)))}`,
    v: signature.v >= 27n ? 55n - signature.v : 27n,
  }),
  (chance) => contractSignature(chance.bytes(65)),
  (chance) => signedBy(chance.pick(CAST), chance.bytes(32)),
];

/** A signature that is another than it should be. */
export function spoilSignature(chance: Chance, signature: ContractSignature): ContractSignature {
  return chance.pick(SIGNATURES)(chance, signature);
}

const ALLOCATIONS: readonly Spoil<Allocation>[] = [
  (_, one) => ({ ...one, amount: BigInt.asUintN(256, one.amount + 2n) }),
  (_, one) => ({ ...one, amount: one.amount === 0n ? 1n : one.amount - 1n }),
  (_, one) => ({ ...one, amount: 2n ** 255n }),
  (chance, one) => ({ ...one, allocationType: BigInt(chance.below(4)) }),
  (chance, one) => ({ ...one, destination: chance.bytes(32) }),
  (chance, one) => ({ ...one, metadata: chance.bytes(chance.below(70)) }),
];

const EXITS: readonly Spoil<Exit>[] = [
  (chance, exit) => ({ ...exit, asset: chance.bytes(20) }),
  (chance, exit) => ({
    ...exit,
    assetMetadata: { ...exit.assetMetadata, metadata: chance.bytes(chance.below(40)) },
  }),
  (_, exit) => ({ ...exit, allocations: exit.allocations.slice(1) }),
  (_, exit) => ({ ...exit, allocations: [...exit.allocations, ...exit.allocations.slice(0, 1)] }),
  (chance, exit) => ({
    ...exit,
    allocations: exit.allocations.map((one) =>
      chance.isOneIn(2) ? one : chance.pick(ALLOCATIONS)(chance, one),
    ),
  }),
];

/** An outcome in which something is another. */
export function spoilOutcome(chance: Chance, outcome: readonly Exit[]): readonly Exit[] {
  if (chance.isOneIn(8)) return outcome.slice(1);
  if (chance.isOneIn(8)) return [...outcome, ...outcome];
  return outcome.map((exit) => (chance.isOneIn(3) ? exit : chance.pick(EXITS)(chance, exit)));
}

const PARTS: readonly Spoil<VariablePart>[] = [
  (chance, part) => ({ ...part, outcome: spoilOutcome(chance, part.outcome) }),
  (chance, part) => ({ ...part, turnNum: BigInt(chance.below(6)) }),
  (_, part) => ({ ...part, turnNum: 2n ** 48n - 1n }),
  (_, part) => ({ ...part, isFinal: !part.isFinal }),
  (chance, part) => ({ ...part, appData: chance.bytes(chance.below(200)) }),
  (_, part) => ({ ...part, appData: `${part.appData}00` as Hex }),
  (_, part) => ({
    ...part,
    appData: part.appData.slice(0, -64) as Hex,
  }),
  spoilWordOfAppData,
];

function spoilWordOfAppData(chance: Chance, part: VariablePart): VariablePart {
  const words = Math.floor((part.appData.length - 2) / 64);
  if (words === 0) return part;
  const at = 2 + 64 * chance.below(words);
  const was = BigInt(`0x${part.appData.slice(at, at + 64)}`);
  const word = chance.isOneIn(2) ? was + 1n : BigInt(chance.below(300));
  const rest = [part.appData.slice(0, at), part.appData.slice(at + 64)];
  return { ...part, appData: rest.join(wordOf(BigInt.asUintN(256, word))) as Hex };
}

/** A state in which something is another, signed anew by all or signed before. */
function spoilPart(
  chance: Chance,
  channel: Channel,
  signed: SignedVariablePart,
): SignedVariablePart {
  const variablePart = chance.pick(PARTS)(chance, signed.variablePart);
  const part = { ...variablePart, appData: evenHex(variablePart.appData) };
  if (chance.isOneIn(3)) return { ...signed, variablePart: part };
  return signState(channel, part, channel.signers);
}

function evenHex(bytes: Hex): Hex {
  return bytes.length < 2 || bytes.length % 2 === 1 ? "0x" : bytes;
}

const SIGNED: readonly Spoil<SignedVariablePart>[] = [
  (_, signed) => ({ ...signed, sigs: signed.sigs.slice(1) }),
  (_, signed) => ({ ...signed, sigs: [] }),
  (_, signed) => ({ ...signed, sigs: [...signed.sigs, ...signed.sigs] }),
  (_, signed) => ({ ...signed, sigs: signed.sigs.toReversed() }),
  (chance, signed) => ({
    ...signed,
    sigs: [signedBy(chance.pick(CAST), chance.bytes(32)), ...signed.sigs],
  }),
  (chance, signed) => ({
    ...signed,
    sigs: signed.sigs.map((one) => (chance.isOneIn(2) ? one : spoilSignature(chance, one))),
  }),
];

type SpoilShown = (chance: Chance, channel: Channel, shown: ShownState) => ShownState;

const SHOWN: readonly SpoilShown[] = [
  (chance, channel, shown) => ({
    ...shown,
    candidate: spoilPart(chance, channel, shown.candidate),
  }),
  (chance, _, shown) => ({ ...shown, candidate: chance.pick(SIGNED)(chance, shown.candidate) }),
  (chance, channel, shown) => ({
    ...shown,
    proof: shown.proof.map((one) => spoilPart(chance, channel, one)),
  }),
  (chance, _, shown) => ({
    ...shown,
    proof: shown.proof.map((one) => chance.pick(SIGNED)(chance, one)),
  }),
  (_, __, shown) => ({ ...shown, proof: [...shown.proof, shown.candidate] }),
  (_, __, shown) => ({ ...shown, proof: [] }),
  (chance, _, shown) => ({
    ...shown,
    fixedPart: { ...shown.fixedPart, channelNonce: BigInt(chance.below(9)) },
  }),
  (_, __, shown) => ({
    ...shown,
    fixedPart: { ...shown.fixedPart, challengeDuration: 2n ** 48n - 1n },
  }),
  (_, channel, shown) => signedForMore(channel, shown),
];

/** A state of a channel that has one participant more, who never signed. */
function signedForMore(_: Channel, shown: ShownState): ShownState {
  const { fixedPart } = shown;
  const more = PARTICIPANTS.map(({ address }) => address);
  return { ...shown, fixedPart: { ...fixedPart, participants: more } };
}

/** A state that is shown with something wrong. */
export function spoilShown(chance: Chance, channel: Channel, shown: ShownState): ShownState {
  return chance.pick(SHOWN)(chance, channel, shown);
}

const DATA: readonly Spoil<Hex>[] = [
  (chance, data) => data.slice(0, 2 + 2 * chance.below(data.length / 2)) as Hex,
  (chance, data) => `${data}${chance.bytes(chance.below(40)).slice(2)}`,
  (chance, data) => withWord(chance, data, BigInt(chance.below(2 ** 16))),
  (chance, data) => withWord(chance, data, 2n ** 64n + BigInt(chance.below(3)) - 1n),
  (chance, data) => withWord(chance, data, 2n ** 256n - 1n - BigInt(chance.below(64))),
  (chance, data) => withWord(chance, data, BigInt(chance.bytes(32))),
  (chance, data) => withWord(chance, data, BigInt(32 * chance.below(40))),
  (chance, data) => `${chance.bytes(4)}${data.slice(10)}`,
];

function withWord(chance: Chance, data: Hex, word: bigint): Hex {
  const words = Math.floor((data.length - 10) / 64);
  if (words <= 0) return data;
  const at = 10 + 64 * chance.below(words);
  return `${data.slice(0, at)}${wordOf(word)}${data.slice(at + 64)}` as Hex;
}

/** Calldata in which bytes are missing, added or others. */
export function spoilData(chance: Chance, data: Hex): Hex {
  return chance.pick(DATA)(chance, data);
}
