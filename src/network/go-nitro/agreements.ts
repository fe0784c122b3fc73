/** What this node agreed to as the follower of a ledger, as go-nitro's leaders are to hear it: with the proposal. */
import { type Channel, ledgerOf } from "../../channel/channel.ts";
import type { ChannelId } from "../../channel/channel-id.ts";
import { FOLLOWER } from "../../channel/ledger.ts";
import { guaranteesFor } from "../../channel/ledger-outcome.ts";
import { targetOf, virtualDefundId } from "../../channel/objective-id.ts";
import { TURN } from "../../channel/state.ts";
import type { GoNitroProposal, GoNitroSignedProposal } from "../../messages/go-nitro/message.ts";
import type { LedgerMessage } from "../../messages/message.ts";
import { AGREEMENTS_MAX } from "./limits.ts";
import { type GoNitroView, knownFinal } from "./view.ts";

type Countersignature = LedgerMessage & { readonly type: "LedgerCountersignature" };
type ByTurn = Map<number, GoNitroSignedProposal>;

/**
 * The agreements of this life, and the proposals that they are to. After a restart the newest one is made out of
 * the ledger itself.
 */
export class Agreements {
  readonly #heard = new Map<ChannelId, ByTurn>();
  readonly #agreed = new Map<ChannelId, ByTurn>();
  /** By ledger: every agreement below this turn has reached its leader. */
  readonly #reached = new Map<ChannelId, number>();

  /** A leader has proposed, in a line that begins with this turn: it has heard of every agreement below. */
  hear(proposal: GoNitroSignedProposal, lowestTurnNum: number): void {
    const { ledgerId } = proposal;
    keep(this.#heard, proposal);
    if (lowestTurnNum <= this.#reachedBy(ledgerId)) return;
    this.#reached.set(ledgerId, lowestTurnNum);
    for (const table of [this.#heard, this.#agreed]) {
      const byTurn = table.get(ledgerId);
      for (const turnNum of byTurn?.keys() ?? []) {
        if (turnNum < lowestTurnNum) byTurn?.delete(turnNum);
      }
    }
  }

  /** Our engine agreed. */
  agree({ channelId, signature, turnNum }: Countersignature): void {
    const proposal = this.#heard.get(channelId)?.get(turnNum);
    if (proposal !== undefined) keep(this.#agreed, { ...proposal, signature });
  }

  /** All that is to be said about a ledger, oldest first. */
  of(view: GoNitroView, ledger: Channel): readonly GoNitroSignedProposal[] {
    const agreed = [...(this.#agreed.get(ledger.id)?.values() ?? [])];
    if (agreed.length > 0) return agreed;
    const newest = newestAgreement(view, ledger);
    return newest === undefined || newest.turnNum < this.#reachedBy(ledger.id) ? [] : [newest];
  }

  #reachedBy(ledgerId: ChannelId): number {
    return this.#reached.get(ledgerId) ?? TURN.prefund;
  }
}

function keep(table: Map<ChannelId, ByTurn>, signed: GoNitroSignedProposal): void {
  const byTurn = table.get(signed.ledgerId) ?? new Map<number, GoNitroSignedProposal>();
  byTurn.set(signed.turnNum, signed);
  const [oldest] = byTurn.keys();
  if (byTurn.size > AGREEMENTS_MAX && oldest !== undefined) byTurn.delete(oldest);
  table.set(signed.ledgerId, byTurn);
}

/** The newest agreement of a ledger: its one change is what the supported state has settled. */
export function newestAgreement(
  view: GoNitroView,
  ledger: Channel,
): GoNitroSignedProposal | undefined {
  const { id: ledgerId, myIndex, supported } = ledger;
  const signature = supported?.signatures[FOLLOWER];
  const turnNum = supported?.variablePart.turnNum ?? TURN.prefund;
  const isPlain = turnNum > TURN.postfund && supported?.variablePart.isFinal === false;
  const [settled] = ledgerOf(ledger).settled;
  if (myIndex !== FOLLOWER || signature === undefined || !isPlain || settled === undefined) {
    return undefined;
  }
  const added = targetOf(settled);
  const proposal = added === undefined ? removalOf(view, settled) : additionOf(view, ledger, added);
  return proposal && { ledgerId, turnNum, proposal, signature };
}

function additionOf(
  { channels }: GoNitroView,
  { supported }: Channel,
  target: ChannelId,
): GoNitroProposal | undefined {
  const [guarantee] = guaranteesFor(supported?.variablePart.outcome ?? [], target);
  const leftDeposit = channels.get(target)?.fundingOutcome[0]?.allocations[0]?.amount;
  if (guarantee === undefined || leftDeposit === undefined) return undefined;
  const { amount, metadata } = guarantee;
  const left = metadata.slice(0, 66) as typeof guarantee.destination;
  const right = `0x${metadata.slice(66)}` as typeof guarantee.destination;
  return { type: "Add", target, left, right, amount, leftDeposit };
}

function removalOf(
  { channels, objectives }: GoNitroView,
  objectiveId: Parameters<typeof targetOf>[0],
): GoNitroProposal | undefined {
  const target = objectives.get(objectiveId)?.channelId;
  if (target === undefined || objectiveId !== virtualDefundId(target)) return undefined;
  const channel = channels.get(target);
  const final = channel && knownFinal(channel);
  const leftAmount = final?.variablePart.outcome[0]?.allocations[0]?.amount;
  return leftAmount === undefined ? undefined : { type: "Remove", target, leftAmount };
}
