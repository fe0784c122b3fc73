/** Fetches what a payment proxy serves, and pays for it. */
import type { NodeClient } from "../client/node-client.ts";
import { type PresentedVoucher, voucherHeaders } from "./presented-voucher.ts";

/** From what is paid, and how much at most. */
export type PaidFetchOptions = {
  /** The node that pays, with a token of the scope `pay`. */
  readonly client: Pick<NodeClient, "call">;
  /** A virtual channel with the proxy's node. */
  readonly channelId: string;
  /** The most that this request may cost, in the smallest unit of the channel's first asset. */
  readonly budget: bigint;
  readonly init?: Omit<RequestInit, "body"> & { readonly body?: string };
};

/** An answer, and what it has cost. */
export type PaidAnswer = { readonly response: Response; readonly paid: bigint };

/** Payments for one request: one for the first byte, one for what is then known to be missing, and one to spare. */
const PAYMENTS_MAX = 3;

/**
 * Asks, pays what is asked for, and asks again. An answer with status 402 is given back as it is once the budget does
 * not reach; what was paid until then stays credit for the next request with the channel's newest voucher.
 */
export async function paidFetch(url: string | URL, options: PaidFetchOptions): Promise<PaidAnswer> {
  let paid = 0n;
  let voucher = await newestVoucher(options);
  let response = await ask(url, options, voucher);
  for (let payment = 0; payment < PAYMENTS_MAX && response.status === 402; payment += 1) {
    const missing = missingIn(await response.clone().json());
    if (missing === undefined || paid + missing > options.budget) break;
    voucher = await pay(options, missing);
    paid += missing;
    response = await ask(url, options, voucher);
  }
  return { response, paid };
}

function ask(
  url: string | URL,
  { init = {} }: PaidFetchOptions,
  voucher: PresentedVoucher | undefined,
): Promise<Response> {
  const headers = new Headers(init.headers);
  const shown = voucher === undefined ? {} : voucherHeaders(voucher);
  for (const [name, value] of Object.entries(shown)) headers.set(name, value);
  return fetch(url, { ...init, headers });
}

/** What the proxy asks for: what is missing, or the least that a request costs. */
function missingIn(body: unknown): bigint | undefined {
  const { code, missing, price } = body as {
    readonly code?: string;
    readonly missing?: string;
    readonly price?: { readonly perRequest: string; readonly perByte: string };
  };
  if (missing !== undefined) return BigInt(missing);
  if (code !== "VoucherMissing" || price === undefined) return undefined;
  return BigInt(price.perRequest) + BigInt(price.perByte);
}

async function pay(
  { channelId, client }: PaidFetchOptions,
  amount: bigint,
): Promise<PresentedVoucher> {
  const { voucher } = await client.call("vouchers_create", { channelId, amount: `${amount}` });
  return presented(voucher);
}

/** The last voucher of the channel may still have credit. Undefined where nothing was paid yet. */
async function newestVoucher({
  channelId,
  client,
}: PaidFetchOptions): Promise<PresentedVoucher | undefined> {
  const { voucher } = await client.call("vouchers_newest", { channelId });
  return voucher === null ? undefined : presented(voucher);
}

function presented({
  amounts,
  channelId,
  counter,
  signature,
}: {
  readonly amounts: readonly string[];
  readonly channelId: string;
  readonly counter: number;
  readonly signature: string;
}): PresentedVoucher {
  return { channelId, amount: BigInt(amounts[0] ?? "0"), counter, signature };
}
