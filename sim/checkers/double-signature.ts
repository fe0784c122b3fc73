/**
 * Oracle: no key signs two different states for one turn of a channel, and none but the final state once it
 * has signed that; nor two different vouchers under one counter; nor takes anybody a
 * voucher that one which she has receipted would outbid. Looks at the logs of all nodes together, at
 * the moment of each signature. What was lost on the wire and then with the end of its signer's log binds nobody:
 * no one can give it back, or show it. Who cheats may have kept it all the same.
 *
 * A key signs the same bytes with the same signature every time (RFC 6979), and nodes check a signature
 * before they store it. So two signatures of one key for one turn are two states, and nothing is hashed here. Only
 * stand-ins come back from the chain as other signatures on the same state.
 */
import { type Channel, stateAt } from "../../src/channel/channel.ts";
import type { ChannelId } from "../../src/channel/channel-id.ts";
import { isSameState, type VariablePart } from "../../src/channel/state.ts";
import type { Voucher } from "../../src/channel/voucher.ts";
import type { Address } from "../../src/crypto/address.ts";
import type { Signature } from "../../src/crypto/signature.ts";
import { isCounted } from "../../src/protocols/payments.ts";
import type { Memory } from "../chain-faults.ts";
import type { ChannelStep } from "./node-mirror.ts";

/** One signature of one key on one turn. */
type SignedTurn = {
  readonly by: number;
  readonly turnNum: number;
  readonly isFinal: boolean;
  readonly signature: Signature;
  /** What was signed; undefined where the signer's peer has left that turn behind. */
  readonly variablePart?: VariablePart;
  /** True for the signer's own log: such signatures are seen in the order in which they were made. */
  readonly isMine: boolean;
};

/** A turn that was signed as final. */
type SignedFinal = {
  readonly turnNum: number;
  /** Where it stands in the log of its signer, as long as no other log has it. */
  readonly onlyAt: number | undefined;
  /** True once a log of its signer has shown it. A log that was cut is read last: what others hold says no order then. */
  readonly isOwn: boolean;
};

type Seen = {
  readonly signature: Signature;
  readonly seen: string;
  readonly variablePart?: VariablePart | undefined;
};

/** A turn that was signed. */
type SeenTurn = Seen & {
  /** As in `SignedFinal`. */
  readonly onlyAt: number | undefined;
};

type KeyRecord = {
  readonly channelId: ChannelId;
  readonly signer: Address;
  /** The other participants. */
  readonly others: readonly Address[];
  /** By counter. */
  readonly vouchers: Map<number, Seen>;
  /** Vouchers that she was paid with: a log that lost its end is told again. */
  readonly taken: Set<Signature>;
  /** Of the newest voucher that was receipted. */
  receipted: { readonly counter: number; readonly signature: Signature } | undefined;
  readonly turns: Map<number, SeenTurn>;
  highest: number;
  final: SignedFinal | undefined;
};

/** All signatures on states and vouchers that were ever seen. It outlives the logs that held them. */
export type SignatureRegister = {
  /** Whose signatures are judged: others may sign what they like. */
  readonly judged: Set<Address>;
  readonly channels: Map<ChannelId, Map<Address, KeyRecord>>;
};

/** A register without a signature. */
export function createSignatureRegister(judged: Set<Address>): SignatureRegister {
  return { judged, channels: new Map() };
}

/** Takes what one record of a log signs. Gives a sentence for each signature that must not be. */
export function learnSignatures(
  register: SignatureRegister,
  step: ChannelStep,
  memory: Memory = "All",
): readonly string[] {
  const { after, event, mirror, offset } = step;
  const seen = `${mirror.node}'s log at offset ${offset}`;
  if (event.type === "VoucherIssued" || event.type === "VoucherReceived") {
    const isMine = event.type === "VoucherIssued";
    const by = isMine ? after.myIndex : event.by;
    const payee = isMine ? event.to : after.myIndex;
    const twice = withKey(register, after, by, (record) => learnVoucher(record, event, seen));
    const beaten = isMine
      ? []
      : withKey(register, after, payee, (one) => beatenBy(one, event, seen));
    // In the order of her own log: others may be looked at before it.
    if (isMine) withKey(register, after, by, (record) => learnReceipt(record, event.counted));
    // go-nitro's vouchers have no counter that could be passed.
    const isPassed = memory === "Turns" && isCounted(after);
    return memory === "All" || isPassed ? [...twice, ...beaten] : [];
  }
  return signaturesIn(step).flatMap((signed) =>
    withKey(register, after, signed.by, (record) => {
      const { beside, twice } = learn(record, signed, { seen, offset });
      if (memory === "Nothing") return [];
      return memory === "All" ? [...twice, ...beside] : twice;
    }),
  );
}

/** Signatures that must not be: a second one for a turn, and those behind, or below, a final state. */
type Wrong = { readonly twice: readonly string[]; readonly beside: readonly string[] };

/**
 * Notes that a log has lost its end from an offset on: no one knows what was final there alone; nor what was signed
 * there alone, unless one of those whom it was for is no longer judged, and may keep what is in no log.
 */
export function forgetLost(
  { channels, judged }: SignatureRegister,
  signer: Address,
  from: number,
): void {
  for (const keys of channels.values()) {
    const record = keys.get(signer);
    if (record === undefined) continue;
    if ((record.final?.onlyAt ?? -1) >= from) record.final = undefined;
    if (!record.others.every((one) => judged.has(one))) continue;
    for (const [turnNum, { onlyAt = -1 }] of record.turns) {
      if (onlyAt >= from) record.turns.delete(turnNum);
    }
  }
}

function signaturesIn({ after, event }: ChannelStep): readonly SignedTurn[] {
  const mine = { by: after.myIndex, isMine: true };
  switch (event.type) {
    case "StateSigned":
      return [{ ...turnOf(event.variablePart), ...event, ...mine }];
    case "StateReceived":
      return [{ ...turnOf(event.variablePart), ...event, isMine: false }];
    case "ProposalSigned":
      return [{ ...event, ...changedIn(after, event), ...mine, isFinal: false }];
    case "ProposalReceived":
      return [{ ...event, ...changedIn(after, event), isFinal: false, isMine: false }];
    case "ChannelResynced":
      return event.signatures.flatMap((signature, by) =>
        signature === undefined
          ? []
          : { ...turnOf(event.variablePart), ...event, by, signature, isMine: false },
      );
    default:
      return [];
  }
}

/** The state that a proposal's changes come to: the event tells them alone. */
function changedIn(
  after: Channel,
  { turnNum }: { readonly turnNum: number },
): Pick<SignedTurn, "variablePart"> {
  const state = stateAt(after, turnNum);
  return state === undefined ? {} : { variablePart: state.variablePart };
}

function turnOf({ isFinal, turnNum }: VariablePart): Pick<SignedTurn, "isFinal" | "turnNum"> {
  return { isFinal, turnNum };
}

type Place = { readonly seen: string; readonly offset: number };

function learn(record: KeyRecord, signed: SignedTurn, { offset, seen }: Place): Wrong {
  const { isFinal, isMine, signature, turnNum, variablePart } = signed;
  const known = record.turns.get(turnNum);
  const about = `${seen}: ${record.signer} signed turn ${turnNum} of ${record.channelId}`;
  if (known !== undefined && !isSame(record.channelId, known, signed)) {
    return { twice: [`${about} as two states, the other one in ${known.seen}`], beside: [] };
  }
  const isNew = known === undefined || (isFinal && record.final === undefined);
  const wrong = isNew ? besideFinal(record, signed) : undefined;
  const onlyAt = isMine ? offset : undefined;
  if (known === undefined) record.turns.set(turnNum, { signature, seen, variablePart, onlyAt });
  else if (!isMine) record.turns.set(turnNum, { ...known, onlyAt });
  record.highest = Math.max(record.highest, turnNum);
  if (isFinal) record.final = finalAfter(record.final, turnNum, onlyAt);
  return { twice: [], beside: wrong === undefined ? [] : [`${about} ${wrong}`] };
}

function isSame(
  channelId: ChannelId,
  known: Seen,
  { signature, variablePart }: SignedTurn,
): boolean {
  if (known.signature === signature) return true;
  const isTold = known.variablePart !== undefined && variablePart !== undefined;
  return isTold && isSameState(channelId, known.variablePart, variablePart);
}

function finalAfter(
  before: SignedFinal | undefined,
  turnNum: number,
  onlyAt: number | undefined,
): SignedFinal {
  const isOwn = onlyAt !== undefined;
  if (before === undefined) return { turnNum, onlyAt, isOwn };
  return isOwn ? { ...before, isOwn } : { ...before, onlyAt };
}

function besideFinal(
  { final, highest }: KeyRecord,
  { isFinal, isMine, turnNum }: SignedTurn,
): string | undefined {
  // What a peer tells late may have been signed before the final state.
  if (final !== undefined && ((isMine && final.isOwn) || turnNum > final.turnNum)) {
    return `after the final state of turn ${final.turnNum}`;
  }
  return isFinal && turnNum < highest ? `as final, below turn ${highest}` : undefined;
}

function learnVoucher(
  { channelId, signer, vouchers }: KeyRecord,
  { counter, signature }: Voucher,
  seen: string,
): readonly string[] {
  const known = vouchers.get(counter);
  vouchers.set(counter, known ?? { signature, seen });
  if (known === undefined || known.signature === signature) return [];
  const text = `${seen}: ${signer} signed voucher ${counter} of ${channelId} twice`;
  return [`${text}, the other one in ${known.seen}`];
}

/** A receipt is of who pays back, for a voucher that she was paid with. */
function learnReceipt(record: KeyRecord, counted: Voucher | undefined): readonly string[] {
  if (counted !== undefined && counted.counter > (record.receipted?.counter ?? 0)) {
    record.receipted = { counter: counted.counter, signature: counted.signature };
  }
  return [];
}

/** The contract takes the higher counter: who has the receipt for it shows that, and not what came later. */
function beatenBy(
  { channelId, receipted, signer, taken }: KeyRecord,
  { counter, signature }: Voucher,
  seen: string,
): readonly string[] {
  const isKnown = taken.has(signature) || signature === receipted?.signature;
  taken.add(signature);
  if (isKnown || receipted === undefined || counter > receipted.counter) return [];
  const text = `${seen}: ${signer} takes voucher ${counter} of ${channelId} for money`;
  return [`${text}, and has receipted another one with counter ${receipted.counter}`];
}

function withKey(
  register: SignatureRegister,
  { fixedPart, id }: Channel,
  by: number,
  learnFrom: (record: KeyRecord) => readonly string[],
): readonly string[] {
  const signer = fixedPart.participants[by];
  if (signer === undefined || !register.judged.has(signer)) return [];
  const others = fixedPart.participants.filter((one) => one !== signer);
  return learnFrom(recordOf(register, { id, others, signer }));
}

function recordOf(
  { channels }: SignatureRegister,
  { id, others, signer }: Pick<KeyRecord, "others" | "signer"> & { readonly id: ChannelId },
): KeyRecord {
  const keys = channels.get(id) ?? new Map<Address, KeyRecord>();
  channels.set(id, keys);
  const record = keys.get(signer) ?? {
    channelId: id,
    signer,
    others,
    vouchers: new Map(),
    taken: new Set(),
    receipted: undefined,
    turns: new Map(),
    highest: -1,
    final: undefined,
  };
  keys.set(signer, record);
  return record;
}
