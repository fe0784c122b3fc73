/** The forms of go-nitro's payloads and results. Like Go's reader they let fields be that they do not know. */
import { z } from "zod";
import type { Destination } from "../../channel/destination.ts";
import { AMOUNT_MAX, type Outcome } from "../../channel/outcome.ts";
import { type Hex, toHex } from "../../primitives/hex.ts";
import { accept } from "../../primitives/result.ts";
import { type ApiResult, fault } from "./api-error.ts";
import { addressIn } from "./asking.ts";
import type {
  NitroLedger,
  NitroOutcome,
  NitroPayment,
  NitroVoucher,
  WireInteger,
} from "./nitro-types.ts";

const integer: z.ZodType<WireInteger> = z
  .custom<WireInteger>(
    (value) =>
      (typeof value === "bigint" && value >= 0n && value <= AMOUNT_MAX) ||
      (Number.isSafeInteger(value) && Number(value) >= 0),
    "no whole number from 0 to the largest uint256",
  )
  .meta({ type: "integer", minimum: 0 });

const address = z.string().regex(/^0x[0-9a-fA-F]{40}$/);

/** Read as Go does: what is shorter than 32 bytes has zeros in front. */
const destination: z.ZodType<string> = z.string().regex(/^(?:0x)?[0-9a-fA-F]{0,64}$/);

const text = z.string();
const status = z.enum(["Proposed", "Open", "Closing", "Complete"]);
const base64 = z.string().max(8_192).nullish();

const ledgerInfo: z.ZodType<NitroLedger> = z.object({
  ID: text,
  Status: status,
  Balance: z.object({
    AssetAddress: text,
    Me: text,
    Them: text,
    MyBalance: text,
    TheirBalance: text,
  }),
});

const paymentInfo: z.ZodType<NitroPayment> = z.object({
  ID: text,
  Status: status,
  Balance: z.object({
    AssetAddress: text,
    Payee: text,
    Payer: text,
    PaidSoFar: text,
    RemainingFunds: text,
  }),
});

const signature = z.string().regex(/^0x[0-9a-fA-F]{130}$/);

const voucher: z.ZodType<NitroVoucher> = z.object({
  ChannelId: destination,
  Amount: integer,
  Signature: signature,
});

/** The parts that methods are put together from. */
export const payloads: {
  readonly integer: z.ZodType<WireInteger>;
  readonly address: z.ZodType<string>;
  readonly destination: z.ZodType<string>;
  readonly signature: z.ZodType<string>;
  /** uint32, seconds. */
  readonly duration: z.ZodType<number>;
  readonly text: z.ZodType<string>;
  readonly ledgerInfo: z.ZodType<NitroLedger>;
  readonly paymentInfo: z.ZodType<NitroPayment>;
  readonly voucher: z.ZodType<NitroVoucher>;
  readonly opened: z.ZodType<{ readonly Id: string; readonly ChannelId: string }>;
} = {
  integer,
  address,
  destination,
  signature,
  duration: z
    .number()
    .int()
    .min(0)
    .max(2 ** 32 - 1),
  text,
  ledgerInfo,
  paymentInfo,
  voucher,
  opened: z.object({ Id: text, ChannelId: text }),
};

/** go-nitro's outcome. */
export const nitroOutcome: z.ZodType<NitroOutcome> = z
  .array(
    z.object({
      Asset: address,
      AssetMetadata: z.object({ AssetType: z.number().int().min(0).max(255), Metadata: base64 }),
      Allocations: z
        .array(
          z.object({
            Destination: destination,
            Amount: integer,
            AllocationType: z.number().int().min(0).max(255),
            Metadata: base64,
          }),
        )
        .max(255),
    }),
  )
  .max(16);

/** The outcome as the engine has it. An outcome for opening has two allocations of each asset. */
export function outcomeIn(outcome: NitroOutcome): ApiResult<Outcome> {
  const isForTwo = outcome.every(({ Allocations }) => Allocations.length === 2);
  if (outcome.length === 0 || !isForTwo) {
    return fault("InvalidParams", { problems: ["Outcome: two allocations of each asset"] });
  }
  return accept(
    outcome.map(({ Allocations, Asset, AssetMetadata }) => ({
      asset: addressIn(Asset),
      assetMetadata: {
        assetType: AssetMetadata.AssetType,
        metadata: bytesIn(AssetMetadata.Metadata),
      },
      allocations: Allocations.map((one) => ({
        destination: destinationIn(one.Destination),
        amount: BigInt(one.Amount),
        allocationType: one.AllocationType,
        metadata: bytesIn(one.Metadata),
      })),
    })),
  );
}

/** 32 bytes, with zeros in front of what is shorter. */
export function destinationIn(written: string): Destination {
  return `0x${written.replace(/^0x/, "").toLowerCase().padStart(64, "0")}` as Destination;
}

const bytesIn = (base: string | null | undefined): Hex => toHex(Buffer.from(base ?? "", "base64"));
