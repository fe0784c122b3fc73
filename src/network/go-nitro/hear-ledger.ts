/** Proposals and vouchers of go-nitro in our own words. */
import { type Channel, stateAt, supportsTurn } from "../../channel/channel.ts";
import { LEADER } from "../../channel/ledger.ts";
import { TURN } from "../../channel/state.ts";
import type { Address } from "../../crypto/address.ts";
import type { GoNitroSignedProposal, GoNitroVoucher } from "../../messages/go-nitro/message.ts";
import { ledgerProposalOf, objectiveOfProposal } from "../../messages/go-nitro/proposal.ts";
import { early, type Hearing, KNOWN, refused, say } from "./hearing.ts";
import type { GoNitroView } from "./view.ts";

/** A leader's proposal; or a follower's agreement to one, which has the same form. */
export function hearProposal(
  { channels }: GoNitroView,
  from: Address,
  proposal: GoNitroSignedProposal,
): Hearing {
  const channel = channels.get(proposal.ledgerId);
  if (channel === undefined) return early("UnknownChannel");
  const { fixedPart, ledger } = channel;
  if (ledger === undefined) return refused("NotALedger");
  const by = fixedPart.participants.indexOf(from);
  if (by < 0) return refused("NotAParticipant");
  if (!supportsTurn(channel, TURN.postfund)) return early("ChannelNotRunning");
  if (supportsTurn(channel, proposal.turnNum)) return KNOWN;
  return by === LEADER ? hearLeader(channel, proposal) : hearFollower(proposal);
}

function hearLeader(channel: Channel, signed: GoNitroSignedProposal): Hearing {
  const { proposal, signature, turnNum } = signed;
  const known = stateAt(channel, turnNum)?.signatures[LEADER];
  if (known !== undefined) return known === signature ? KNOWN : refused("ConflictingState");
  const baseTurnNum = turnNum - 1;
  const base = stateAt(channel, baseTurnNum);
  if (base === undefined) return early("UnknownBase");
  const read = ledgerProposalOf(base.variablePart.outcome, proposal);
  if (!read.ok) return refused(read.reason.code);
  const changes = [{ objectiveId: objectiveOfProposal(proposal), proposal: read.value }];
  const channelId = channel.id;
  const step = { channelId, turnNum, baseTurnNum, changes };
  return say({ type: "LedgerProposal", ...step, evidence: [[]], signature });
}

const hearFollower = ({ ledgerId, signature, turnNum }: GoNitroSignedProposal): Hearing =>
  say({ type: "LedgerCountersignature", channelId: ledgerId, turnNum, signature });

/** A voucher: go-nitro's have no counter, so the larger one is the newer one. */
export function hearVoucher({ channels }: GoNitroView, voucher: GoNitroVoucher): Hearing {
  const { amount, channelId, signature } = voucher;
  const channel = channels.get(channelId);
  if (channel === undefined) return early("UnknownChannel");
  if (channel.use.type !== "Virtual") return refused("NotVirtual");
  const { amounts = [], counter = 0 } = channel.vouchers.received ?? {};
  if (amount <= (amounts[0] ?? 0n)) return KNOWN;
  return say({
    type: "Voucher",
    channelId,
    counter: counter + 1,
    amounts: [amount],
    signature,
    counted: undefined,
    postfundSignatures: [],
  });
}
