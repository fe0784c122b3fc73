/** The forms of what methods take and give, as the documents and the checks have them. */
import { z } from "zod";
import { AMOUNT_MAX } from "../../channel/outcome.ts";
import type {
  AskedView,
  AssetAmount,
  AssetShares,
  ChannelView,
  EventView,
  NodeView,
  ObjectiveView,
  OpenedView,
  PaidView,
  PaymentView,
  PeerView,
  VoucherView,
} from "./api-types.ts";

/** Entries of a list in a request or a page: 1,000. */
export const PAGE_MAX = 1_000;

/** Entries of a page where nobody asks for more or fewer. */
export const PAGE_DEFAULT = 100;

/** Assets that one request can name: as many as an outcome has. */
const ASSETS_MAX = 16;

const TEXT_MAX = 512;

/** 20 bytes as hex, in any capitals. */
export const address: z.ZodType<string> = z.string().regex(/^0x[0-9a-fA-F]{40}$/);

/** 32 bytes as hex, in any capitals. */
export const hash: z.ZodType<string> = z.string().regex(/^0x[0-9a-fA-F]{64}$/);

/** The name of an objective. */
export const objectiveId: z.ZodType<string> = z
  .string()
  .regex(/^[A-Za-z]+-0x[0-9a-f]{64}[-\d]*$/)
  .max(200);

const DECIMAL = /^(?:0|[1-9]\d{0,77})$/;

/** A uint256 as decimal text. What is no number at all is told once, by its form. */
export const amount: z.ZodType<string> = z
  .string()
  .regex(DECIMAL)
  .refine((digits) => !DECIMAL.test(digits) || BigInt(digits) <= AMOUNT_MAX, "above a uint256");

/** A whole number from 0. */
export const count: z.ZodType<number> = z.number().int().nonnegative().max(Number.MAX_SAFE_INTEGER);

/** Seconds of a challenge. The node's own bounds are narrower. */
export const durationSec: z.ZodType<number> = z
  .number()
  .int()
  .positive()
  .max(2 ** 32 - 1);

/** Bytes as hex. */
export const bytes: z.ZodType<string> = z.string().regex(/^0x(?:[0-9a-fA-F]{2}){0,4096}$/);

/** Who pursues which rules. */
export const profile: z.ZodType<"enforceable" | "go-nitro"> = z.enum(["enforceable", "go-nitro"]);

/** Fields of a request that is granted once. */
export const once: { readonly idempotencyKey: z.ZodType<string | undefined> } = {
  idempotencyKey: z.string().min(1).max(128).optional(),
};

/** Fields of a request for a page. */
export const page: {
  readonly cursor: z.ZodType<string | undefined>;
  readonly limit: z.ZodType<number | undefined>;
} = {
  cursor: z.string().max(200).optional(),
  limit: z.number().int().min(1).max(PAGE_MAX).optional(),
};

/** One amount. */
export const assetAmount: z.ZodType<AssetAmount> = z.strictObject({ asset: address, amount });

const shares: z.ZodType<AssetShares> = z.strictObject({
  asset: address,
  mine: amount,
  theirs: amount,
});

/** Shares of one to sixteen assets. */
export const sharesList: z.ZodType<readonly AssetShares[]> = z.array(shares).min(1).max(ASSETS_MAX);

const text = z.string().max(TEXT_MAX);

const payment: z.ZodType<PaymentView> = z.strictObject({
  asset: address,
  paid: amount,
  received: amount,
  remaining: amount,
  remainingOfOther: amount,
});

/** A channel. */
export const channelView: z.ZodType<ChannelView> = z.strictObject({
  channelId: hash,
  use: z.enum(["Direct", "MessageLog", "Ledger", "Virtual"]),
  profile: z.union([profile, z.null()]),
  phase: z.enum(["Funding", "Running", "Closing", "Finalized", "Disputed", "Concluded"]),
  participants: z.array(address),
  myIndex: count,
  challengeDurationSec: count,
  appDefinition: address,
  turnNum: z.union([count, z.null()]),
  balances: z.array(shares),
  holdings: z.array(assetAmount),
  funds: z.array(hash),
  payments: z.array(payment),
  fees: z.array(amount),
  ledgers: z.array(hash),
});

/** An objective. */
export const objectiveView: z.ZodType<ObjectiveView> = z.strictObject({
  objectiveId: text,
  channelId: hash,
  goal: text,
  status: z.enum(["Unapproved", "Approved", "Rejected", "Completed"]),
  isMine: z.boolean(),
  waitingFor: text,
  rejectionCode: z.union([text, z.null()]),
  transactions: z.array(z.strictObject({ effectId: text, status: text })),
});

/** A peer. */
export const peerView: z.ZodType<PeerView> = z.strictObject({
  address,
  name: z.union([text, z.null()]),
  places: z.array(text),
  origin: z.enum(["Configuration", "Request", "Log", "Stranger"]),
  connection: z.union([
    z.strictObject({
      place: text,
      connectedSinceMs: count,
      roundTripMs: z.union([z.number(), z.null()]),
      bytesIn: count,
      bytesOut: count,
      messagesIn: count,
      messagesOut: count,
    }),
    z.null(),
  ]),
  refusals: count,
});

/** An event. */
export const eventView: z.ZodType<EventView> = z.strictObject({
  offset: count,
  timeMs: count,
  hash,
  contentId: z.string(),
  type: text,
  tags: z.array(z.string()),
  fields: z.record(z.string(), z.unknown()),
});

/** The node. */
export const nodeView: z.ZodType<NodeView> = z.strictObject({
  address,
  chainId: z.string(),
  version: text,
  places: z.array(text),
  contracts: z.record(z.string(), address),
  log: z.strictObject({ logId: z.string(), length: count, hash }),
  live: z.boolean(),
  ready: z.boolean(),
  notReady: z.array(text),
  channels: count,
  openObjectives: count,
  peers: count,
  connectedPeers: count,
});

const signature = z.string().regex(/^0x[0-9a-fA-F]{130}$/);
const counter = z
  .number()
  .int()
  .positive()
  .max(2 ** 32 - 1);
const amounts = z.array(amount).min(1).max(ASSETS_MAX);

/** A voucher. */
export const voucherView: z.ZodType<VoucherView> = z.strictObject({
  channelId: hash,
  counter,
  amounts,
  signature,
  counted: z.union([z.strictObject({ counter, amounts, signature, receipt: signature }), z.null()]),
});

/** What a payment comes to. */
export const paidView: z.ZodType<PaidView> = z.strictObject({
  voucher: voucherView,
  payments: z.array(payment),
});

/** What opening comes to. */
export const openedView: z.ZodType<OpenedView> = z.strictObject({
  objectiveId: text,
  channelId: hash,
});

/** What anything else that was asked for comes to. */
export const askedView: z.ZodType<AskedView> = z.strictObject({ objectiveId: text });

/** The end of a page: where the next one begins. */
export const next: z.ZodType<string | null> = z.union([z.string(), z.null()]);

/** No parameters. */
export const nothing: z.ZodType<Readonly<Record<string, never>>> = z.strictObject({});
