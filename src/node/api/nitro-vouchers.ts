/** Payments by go-nitro's methods. Its vouchers have no counter; ours do, so a counter that is missing is found. */
import type { Channel } from "../../channel/channel.ts";
import { promiseHash } from "../../channel/voucher.ts";
import type { Signature } from "../../crypto/signature.ts";
import { signatureBackend } from "../../crypto/signatures.ts";
import type { Hex } from "../../primitives/hex.ts";
import { accept } from "../../primitives/result.ts";
import { paymentEnd } from "../../protocols/payments.ts";
import { type ApiResult, fault } from "./api-error.ts";
import { channelIdIn } from "./asking.ts";
import type { ApiContext, Caller } from "./method.ts";
import type { NitroMethods, NitroVoucher } from "./nitro-types.ts";

type Pay = NitroMethods["pay"]["params"];
type Receive = NitroMethods["receive_voucher"];

/**
 * Counters that are tried for a voucher without one: 64, some 5 milliseconds of one processor. Vouchers that a
 * payer made and never brought lie between; the payer can name the counter instead.
 */
const COUNTERS_TRIED = 64;

/** `pay`. */
export async function payByVoucher(params: Pay, context: ApiContext): Promise<ApiResult<Pay>> {
  if (BigInt(params.Amount) === 0n || /^0x0*$/.test(params.Channel)) return fault("InvalidParams");
  const paid = await makeVoucher(params, context, false);
  return paid.ok ? accept(params) : paid;
}

/** `create_voucher`. */
export function createVoucher(params: Pay, context: ApiContext): Promise<ApiResult<NitroVoucher>> {
  return makeVoucher(params, context, true);
}

async function makeVoucher(
  params: Pay,
  { node }: ApiContext,
  isHandedOver: boolean,
): Promise<ApiResult<NitroVoucher>> {
  const channelId = channelIdIn(params.Channel);
  const asset = node.engine.channel(channelId)?.fundingOutcome[0]?.asset;
  if (asset === undefined) return unknownChannel();
  const payment = { asset, amount: BigInt(params.Amount) };
  const paid = await node.engine.pay(channelId, payment, { isHandedOver });
  if (!paid.ok) return fault("InternalError", { code: paid.reason.code }, paid.reason.code);
  const { amounts, signature } = paid.value;
  return accept({ ChannelId: channelId, Amount: plain(amounts[0] ?? 0n), Signature: signature });
}

/** `receive_voucher`. A voucher that pays no more than what is known adds nothing, and is no mistake. */
export async function receiveVoucher(
  params: Receive["params"],
  { node }: ApiContext,
  caller: Caller,
): Promise<ApiResult<Receive["result"]>> {
  const channelId = channelIdIn(params.ChannelId);
  const channel = node.engine.channel(channelId);
  if (channel === undefined) return unknownChannel();
  const amount = BigInt(params.Amount);
  const known = channel.vouchers.received?.amounts ?? [];
  const before = known[0] ?? 0n;
  if (amount <= before) return accept(summary(before, 0n, caller));
  const amounts = channel.fundingOutcome.map((_, index) =>
    index === 0 ? amount : (known[index] ?? 0n),
  );
  const signature = canonical(params.Signature);
  const counter = params.Counter ?? counterOf(channel, amounts, signature);
  if (counter === undefined)
    return fault("InternalError", { code: "WrongSignature" }, "WrongSignature");
  const voucher = { counter, amounts, signature, counted: undefined };
  const taken = await node.engine.handOver(channelId, voucher);
  if (!taken.ok) return fault("InternalError", { code: taken.reason.code }, taken.reason.code);
  const { delta, total } = taken.value;
  return accept(summary(total[0] ?? 0n, delta[0] ?? 0n, caller));
}

/** The counter under which the other end has signed these amounts; undefined when it did not, as far as is tried. */
function counterOf(
  channel: Channel,
  amounts: readonly bigint[],
  signature: Signature,
): number | undefined {
  const end = paymentEnd(channel);
  if (!end.ok) return undefined;
  const payer = channel.fixedPart.participants[end.value.other];
  const next = (channel.vouchers.received?.counter ?? 0) + 1;
  // go-nitro's signatures cover no counter: any fits, so the next one does.
  const count = end.value.profile === "go-nitro" ? 1 : COUNTERS_TRIED;
  return Array.from({ length: count }, (_, index) => next + index).find((counter) => {
    const hash = promiseHash(end.value.profile, channel.id, { counter, amounts });
    return signatureBackend.recoverSigner(hash, signature) === payer;
  });
}

/** go-nitro takes 0 and 1 for 27 and 28. */
function canonical(signature: string): Signature {
  const low = signature.toLowerCase();
  const last = Number.parseInt(low.slice(-2), 16);
  const fixed = last < 2 ? `${low.slice(0, -2)}${(last + 27).toString(16)}` : low;
  return fixed as Hex as Signature;
}

function summary(total: bigint, delta: bigint, { isGo }: Caller): Receive["result"] {
  if (isGo) return { Total: plain(total), Delta: plain(delta) };
  return { Total: `${total}`, Delta: `${delta}` };
}

const unknownChannel = (): ApiResult<never> =>
  fault("InternalError", { code: "UnknownChannel" }, "channel not registered");

/** A number where a double keeps it. */
const plain = (amount: bigint): number | bigint =>
  amount <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(amount) : amount;
