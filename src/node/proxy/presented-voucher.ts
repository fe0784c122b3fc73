/** The voucher that comes with a request, and what is left of the request without it. */

/** A voucher as a request shows it. Amounts are of the channel's first asset, in its smallest unit. */
export type PresentedVoucher = {
  readonly channelId: string;
  readonly amount: bigint;
  readonly signature: string;
  /** Of the enforceable profile; found by trying where absent. */
  readonly counter: number | undefined;
};

/** The names of the parts in the query, as go-nitro has them, and `counter`, which is ours. */
const QUERY_NAMES = ["channelId", "amount", "signature", "counter"] as const;

/** The same in headers, which no log of addresses shows. */
export const VOUCHER_HEADERS: Readonly<Record<(typeof QUERY_NAMES)[number], string>> = {
  channelId: "x-payment-channel",
  amount: "x-payment-amount",
  signature: "x-payment-signature",
  counter: "x-payment-counter",
};

/** The voucher of a request; undefined when there is none, or none that can be one. Headers count before the query. */
export function voucherOf(url: URL, headers: Headers): PresentedVoucher | undefined {
  const part = (name: (typeof QUERY_NAMES)[number]): string =>
    headers.get(VOUCHER_HEADERS[name]) ?? url.searchParams.get(name) ?? "";
  const channelId = part("channelId").toLowerCase();
  const amount = part("amount");
  const signature = part("signature").toLowerCase();
  const counter = part("counter");
  const isWhole =
    /^0x[0-9a-f]{64}$/.test(channelId) &&
    /^\d{1,78}$/.test(amount) &&
    /^0x[0-9a-f]{130}$/.test(signature) &&
    /^\d{0,10}$/.test(counter);
  if (!isWhole) return undefined;
  return {
    channelId,
    amount: BigInt(amount),
    signature,
    counter: counter === "" ? undefined : Number(counter),
  };
}

/** The query without the voucher: what is behind the proxy need not see it. */
export function queryWithoutVoucher({ searchParams }: URL): string {
  const rest = new URLSearchParams(searchParams);
  for (const name of QUERY_NAMES) rest.delete(name);
  const text = rest.toString();
  return text === "" ? "" : `?${text}`;
}

/** A voucher as headers. */
export function voucherHeaders(voucher: PresentedVoucher): Readonly<Record<string, string>> {
  const { amount, channelId, counter, signature } = voucher;
  return {
    [VOUCHER_HEADERS.channelId]: channelId,
    [VOUCHER_HEADERS.amount]: `${amount}`,
    [VOUCHER_HEADERS.signature]: signature,
    ...(counter === undefined ? {} : { [VOUCHER_HEADERS.counter]: `${counter}` }),
  };
}
