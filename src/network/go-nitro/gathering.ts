/**
 * The prefunds of virtual channels, gathered. In go-nitro everybody signs at once and tells everybody; our engine
 * hears of a new channel from the one before it, with all signatures up to there, and then of all of them.
 */
import { type Channel, phaseOf } from "../../channel/channel.ts";
import { type ChannelId, channelIdOf } from "../../channel/channel-id.ts";
import type { FixedPart } from "../../channel/fixed-part.ts";
import { checkFixedPart } from "../../channel/fixed-part.ts";
import { virtualFundId } from "../../channel/objective-id.ts";
import { isSupported } from "../../channel/signed-state.ts";
import { checkVariablePart, stateHash, TURN, type VariablePart } from "../../channel/state.ts";
import type { Address } from "../../crypto/address.ts";
import type { Signature } from "../../crypto/signature.ts";
import { EMPTY_SIGNATURE, type GoNitroPayload } from "../../messages/go-nitro/message.ts";
import type { Message } from "../../messages/message.ts";
import type { Context } from "../../protocols/protocol.ts";
import { early, type Hearing, KNOWN, refused, say } from "./hearing.ts";
import { EARLY_MS_MAX, GATHERED_MAX } from "./limits.ts";
import { type GoNitroView, isGoNitroChannel, knownState } from "./view.ts";

/** What is known of the prefund of one channel. Every signature in it was checked. */
type Gathered = {
  readonly fixedPart: FixedPart;
  readonly variablePart: VariablePart;
  readonly signatures: readonly (Signature | undefined)[];
  /** Who told of it first, and when. */
  readonly teller: Address;
  readonly sinceMs: number;
};

type Prefund = GoNitroPayload & { readonly type: "SignedState" };

/** Signatures that wait for others. It holds a bounded number for each peer, and each for a bounded time. */
export class Gathering {
  readonly #me: Address;
  readonly #recoverSigner: Context["recoverSigner"];
  readonly #gathered = new Map<ChannelId, Gathered>();

  constructor(me: Address, recoverSigner: Context["recoverSigner"]) {
    this.#me = me;
    this.#recoverSigner = recoverSigner;
  }

  get size(): number {
    return this.#gathered.size;
  }

  /** Takes the signatures of a prefund. The channel whose next message may be complete; or why nothing was taken. */
  take(from: Address, prefund: Prefund, nowMs: number): Hearing | ChannelId {
    const channelId = channelIdOf(prefund.fixedPart);
    const { fixedPart, signatures, variablePart } = prefund;
    if (prefund.objectiveId !== virtualFundId(channelId)) return refused("UnknownObjective");
    const { participants } = fixedPart;
    if (!participants.includes(from) || !participants.includes(this.#me)) {
      return refused("NotAParticipant");
    }
    const isSound = checkFixedPart(fixedPart).ok && checkVariablePart(variablePart).ok;
    if (!isSound || variablePart.isFinal) return refused("RouteMalformed");
    this.#forgetOld(nowMs);
    const known = this.#gathered.get(channelId);
    if (known === undefined && this.#countOf(from) >= GATHERED_MAX) return refused("TooMuchWaits");
    const hash = stateHash(channelId, variablePart);
    if (known !== undefined && stateHash(channelId, known.variablePart) !== hash) {
      return refused("ConflictingState");
    }
    const before = known?.signatures ?? participants.map(() => undefined);
    const merged = participants.map((signer, index) => {
      const signature = signatures[index];
      if (before[index] !== undefined || signature === undefined) return before[index];
      return this.#recoverSigner(hash, signature) === signer ? signature : undefined;
    });
    if (merged[participants.indexOf(from)] === undefined) return refused("WrongSignature");
    const { sinceMs = nowMs, teller = from } = known ?? {};
    this.#gathered.set(channelId, { fixedPart, variablePart, signatures: merged, teller, sinceMs });
    return channelId;
  }

  /** Who our engine is to hear the next message from; undefined where that is not to be heard from a Go node. */
  tellerOf(view: GoNitroView, channelId: ChannelId): Address | undefined {
    const gathered = this.#gathered.get(channelId);
    if (gathered === undefined) return undefined;
    const { participants } = gathered.fixedPart;
    return view.channels.has(channelId)
      ? gathered.teller
      : participants[participants.indexOf(this.#me) - 1];
  }

  /** The next message of the opening, by what is gathered and by what this node knows of the channel. */
  hear(view: GoNitroView, channelId: ChannelId): Hearing {
    const gathered = this.#gathered.get(channelId);
    if (gathered === undefined) return KNOWN;
    const channel = view.channels.get(channelId);
    return channel === undefined
      ? this.#hearNew(view, gathered)
      : this.#hearKnown(channel, gathered);
  }

  /** Forgets a channel: its opening is over for this node, or was refused for good. */
  forget(channelId: ChannelId): void {
    this.#gathered.delete(channelId);
  }

  /** Who has signed the prefund, as far as it was told here. */
  signersOf(channelId: ChannelId): readonly Address[] {
    const { fixedPart, signatures = [] } = this.#gathered.get(channelId) ?? {};
    return (fixedPart?.participants ?? []).filter((_, index) => signatures[index] !== undefined);
  }

  #hearNew(view: GoNitroView, { fixedPart, signatures, variablePart }: Gathered): Hearing {
    const { participants } = fixedPart;
    const myIndex = participants.indexOf(this.#me);
    const before = participants[myIndex - 1];
    // A participant 0 that has lost its log learns of its own channel from nobody here.
    if (before === undefined) return refused("UnknownChannel");
    const told = signatures.slice(0, myIndex).filter((signature) => signature !== undefined);
    if (told.length < myIndex) return KNOWN;
    const ledger = ledgerWith(view, before);
    if (ledger === undefined) return early("NotALedger");
    const { appData, outcome } = variablePart;
    const fees = participants.slice(2).map(() => 0n);
    const opening = { fixedPart, outcome, appData, fees, ledgerId: ledger.id };
    return say({ type: "VirtualPrefund", ...opening, signatures: told });
  }

  #hearKnown(channel: Channel, { signatures }: Gathered): Hearing {
    const prefund = knownState(channel, TURN.prefund);
    if (prefund === undefined || isSupported(prefund)) return KNOWN;
    const whole = signatures.map((signature, index) => {
      if (index === channel.myIndex) return prefund.signatures[index] ?? EMPTY_SIGNATURE;
      return signature ?? prefund.signatures[index];
    });
    const all = whole.filter((signature) => signature !== undefined);
    return all.length < whole.length ? KNOWN : say(completePrefund(channel.id, all));
  }

  #countOf(teller: Address): number {
    return [...this.#gathered.values()].filter((one) => one.teller === teller).length;
  }

  #forgetOld(nowMs: number): void {
    for (const [channelId, { sinceMs }] of this.#gathered) {
      if (nowMs - sinceMs > EARLY_MS_MAX) this.#gathered.delete(channelId);
    }
  }
}

function completePrefund(channelId: ChannelId, signatures: readonly Signature[]): Message {
  return { type: "CompletePrefund", objectiveId: virtualFundId(channelId), channelId, signatures };
}

/** go-nitro has at most one ledger with each peer. */
function ledgerWith({ channels }: GoNitroView, peer: Address): Channel | undefined {
  return [...channels.values()].find(
    (one) =>
      one.use.type === "Ledger" &&
      isGoNitroChannel(one) &&
      one.fixedPart.participants.includes(peer) &&
      phaseOf(one) === "Running" &&
      !one.finalSignedByMe,
  );
}
