/** Methods that move money inside channels: updates, payments by voucher, and vouchers from hand to hand. */
import { z } from "zod";
import type { Change } from "../../channel/change.ts";
import type { Channel } from "../../channel/channel.ts";
import type { Outcome } from "../../channel/outcome.ts";
import type { ReceiptedVoucher } from "../../channel/redemption.ts";
import type { Signature } from "../../crypto/signature.ts";
import type { Hex } from "../../primitives/hex.ts";
import { accept } from "../../primitives/result.ts";
import { type ApiResult, fault } from "./api-error.ts";
import {
  address,
  amount,
  askedView,
  bytes,
  count,
  hash,
  once,
  paidView,
  voucherView as voucherSchema,
} from "./api-schemas.ts";
import type { ChangeParams, NodeMethods, PaidView, VoucherView } from "./api-types.ts";
import { addressIn, ask, channelIdIn, onceOf, refused } from "./asking.ts";
import { EXAMPLE } from "./examples.ts";
import type { ApiContext, MethodsOf } from "./method.ts";
import { paymentViews, voucherView } from "./views.ts";

type Names =
  | "channels_update"
  | "payments_pay"
  | "vouchers_create"
  | "vouchers_newest"
  | "vouchers_receive";

const paying = { ...once, channelId: hash, amount, asset: address.optional() };

const change: z.ZodType<ChangeParams> = z.union([
  z.strictObject({
    type: z.literal("Pay"),
    asset: address,
    amount,
    to: z.number().int().min(0).max(254).optional(),
  }),
  z.strictObject({
    type: z.literal("Replace"),
    baseTurnNum: count,
    balances: z
      .array(z.strictObject({ asset: address, amounts: z.array(amount).max(255) }))
      .max(16),
    appData: bytes,
  }),
]);

/** The methods by name. */
export const paymentMethods: MethodsOf<Pick<NodeMethods, Names>> = {
  channels_update: {
    scope: "pay",
    summary: "changes what a direct channel pays, once all have signed it",
    description:
      "`Pay` gives an amount of this node's to a participant. `Replace` names what everybody has from then on; it fits only the turn that it was made from.",
    params: z.strictObject({ ...once, channelId: hash, change }),
    result: askedView,
    errors: ["Refused", "NotFound", "KeyReused"],
    example: {
      channelId: EXAMPLE.channelId,
      change: { type: "Pay", asset: EXAMPLE.coin, amount: "5" },
    },
    run: (params, context) => {
      const channel = context.node.engine.channel(channelIdIn(params.channelId));
      if (channel === undefined) return fault("NotFound", { channelId: params.channelId });
      const made = changeOf(channel, params.change);
      if (!made.ok) return made;
      const request = { type: "UpdateChannel", channelId: channel.id, change: made.value } as const;
      return ask(context, request, onceOf("channels_update", params));
    },
  },
  payments_pay: {
    scope: "pay",
    summary: "pays the other end of a virtual channel by a voucher, and sends it",
    description:
      "`asset` is the channel's first one where absent. The answer comes once it is durable.",
    params: z.strictObject(paying),
    result: paidView,
    errors: ["Refused", "NotFound", "KeyReused"],
    example: { channelId: EXAMPLE.channelId, amount: "5", idempotencyKey: "invoice 17" },
    run: (params, context) => pay(context, "payments_pay", params, false),
  },
  vouchers_create: {
    scope: "pay",
    summary: "pays by a voucher that the caller gives to the payee himself",
    description:
      "Nothing is sent. The next payment covers it too, so one that gets lost costs the payee nothing but time.",
    params: z.strictObject(paying),
    result: paidView,
    errors: ["Refused", "NotFound", "KeyReused"],
    example: { channelId: EXAMPLE.channelId, amount: "5" },
    run: (params, context) => pay(context, "vouchers_create", params, true),
  },
  vouchers_newest: {
    scope: "pay",
    summary: "tells the newest voucher that this node has issued in a channel",
    params: z.strictObject({ channelId: hash }),
    result: z.strictObject({ voucher: z.union([voucherSchema, z.null()]) }),
    errors: ["NotFound"],
    example: { channelId: EXAMPLE.channelId },
    run: (params, { node }) => {
      const channelId = channelIdIn(params.channelId);
      const vouchers = node.engine.channel(channelId)?.vouchers;
      if (vouchers === undefined) return fault("NotFound", { channelId });
      const { issued, receivedReceipted } = vouchers;
      return accept({ voucher: issued ? voucherView(channelId, issued, receivedReceipted) : null });
    },
  },
  vouchers_receive: {
    scope: "pay",
    summary: "takes a voucher that came by another way than a message",
    description:
      "`delta` is what this voucher adds, per asset; nothing where it was known before. `total` is all that was ever received.",
    params: voucherSchema,
    result: z.strictObject({ total: z.array(amount), delta: z.array(amount) }),
    errors: ["Refused", "NotFound"],
    example: {
      channelId: EXAMPLE.channelId,
      counter: 1,
      amounts: ["5"],
      signature: EXAMPLE.signature,
      counted: null,
    },
    run: async (params, { node }) => {
      const { amounts, counted, counter, signature } = voucherIn(params);
      const voucher = { counter, amounts, signature, counted };
      const answer = await node.engine.handOver(channelIdIn(params.channelId), voucher);
      if (!answer.ok) return refused(answer.reason);
      const { delta, total } = answer.value;
      return accept({ total: total.map(String), delta: delta.map(String) });
    },
  },
};

/** The change as the engine takes it. */
function changeOf(channel: Channel, params: ChangeParams): ApiResult<Change> {
  const { fixedPart, myIndex, supported } = channel;
  if (params.type === "Pay") {
    const { asset, to = 1 - myIndex } = params;
    if (to < 0 || (params.to === undefined && fixedPart.participants.length > 2)) {
      return fault("InvalidParams", { problems: ["say which participant is paid"] });
    }
    return accept({ type: "Pay", asset: addressIn(asset), to, amount: BigInt(params.amount) });
  }
  if (supported === undefined) return fault("Refused", { code: "ChannelNotRunning" });
  const { appData, balances, baseTurnNum } = params;
  const outcome = withBalances(supported.variablePart.outcome, balances);
  return accept({ type: "Replace", baseTurnNum, outcome, appData: appData.toLowerCase() as Hex });
}

function withBalances(
  outcome: Outcome,
  balances: Extract<ChangeParams, { readonly type: "Replace" }>["balances"],
): Outcome {
  return outcome.map((exit) => {
    const told = balances.find(({ asset }) => addressIn(asset) === exit.asset)?.amounts;
    if (told === undefined) return exit;
    const allocations = exit.allocations.map((one, index) => ({
      ...one,
      amount: BigInt(told[index] ?? "0"),
    }));
    return { ...exit, allocations };
  });
}

async function pay(
  { node }: ApiContext,
  method: string,
  params: NodeMethods["payments_pay"]["params"],
  isHandedOver: boolean,
): Promise<ApiResult<PaidView>> {
  const channelId = channelIdIn(params.channelId);
  const known = node.engine.channel(channelId);
  if (known === undefined) return fault("NotFound", { channelId });
  const asset = params.asset ?? known.fundingOutcome[0]?.asset ?? "";
  const payment = { asset: addressIn(asset), amount: BigInt(params.amount) };
  const how = { once: onceOf(method, params), isHandedOver };
  const paid = await node.engine.pay(channelId, payment, how);
  if (!paid.ok) return refused(paid.reason);
  const channel = node.engine.channel(channelId) ?? known;
  const voucher = voucherView(channelId, paid.value, channel.vouchers.receivedReceipted);
  return accept({ voucher, payments: paymentViews(channel) });
}

/** A voucher as the engine has it. */
function voucherIn({ amounts, counted, counter, signature }: VoucherView) {
  return {
    counter,
    amounts: amounts.map(BigInt),
    signature: signature.toLowerCase() as Signature,
    counted: counted === null ? undefined : receiptedIn(counted),
  };
}

function receiptedIn(counted: NonNullable<VoucherView["counted"]>): ReceiptedVoucher {
  const { amounts, counter, receipt, signature } = counted;
  return {
    counter,
    amounts: amounts.map(BigInt),
    signature: signature.toLowerCase() as Signature,
    receipt: receipt.toLowerCase() as Signature,
  };
}
