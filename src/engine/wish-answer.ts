/** What a user is told once her wish is decided, and which wishes have to wait. */
import type { Address } from "../crypto/address.ts";
import { assertDefined } from "../primitives/assert.ts";
import { accept } from "../primitives/result.ts";
import type { Agreement } from "./agreement.ts";
import type { Verdict } from "./decide-input.ts";
import { isHeld } from "./fence.ts";
import type { Answer, Input } from "./input.ts";
import { NEW_PEER, type NodeState } from "./node-state.ts";
import type { Wish } from "./waiting-room.ts";

/** What was received in the channel of a voucher that is handed over: to be looked at before it is taken. */
export function receivedBefore(state: NodeState, input: Input): readonly bigint[] {
  if (input.type !== "Handover") return [];
  return state.channels.get(input.channelId)?.vouchers.received?.amounts ?? [];
}

/** Answers a wish by the state that followed from it, and by what was received before. */
export function answerWish(
  input: Wish,
  verdict: Verdict,
  state: NodeState,
  before: readonly bigint[],
): void {
  if (input.type === "Request") {
    // A request that is accepted always names its objective.
    input.answer(verdict as Answer);
    return;
  }
  if (!verdict.ok) {
    input.answer(verdict);
    return;
  }
  const vouchers = state.channels.get(input.channelId)?.vouchers;
  if (input.type === "Payment") {
    input.answer(accept(assertDefined(vouchers?.issued, "the voucher of a payment")));
    return;
  }
  const { amounts: total } = assertDefined(vouchers?.received, "the voucher that was taken");
  const delta = total.map((amount, index) => amount - (before[index] ?? 0n));
  input.answer(accept({ total, delta }));
}

/** A wish for a channel that may be an old one here, or that the log may have lost altogether. */
export function mustWait(
  input: Wish,
  state: NodeState,
  agreement: Agreement,
  peers: () => ReadonlySet<Address>,
): boolean {
  const wish = input.type === "Request" ? input.request : input;
  if (wish.type === "FundDirectly" || wish.type === "FundVirtually") return false;
  const channel = state.channels.get(wish.channelId);
  // A dispute is for peers that do not answer.
  if (channel !== undefined && wish.type === "Dispute") return false;
  if (channel !== undefined) return isHeld(channel, state, agreement);
  return [...peers()].some((peer) => {
    const { resync } = state.peers.get(peer) ?? NEW_PEER;
    return resync.type !== "None" || !agreement.isAgreed(peer);
  });
}
