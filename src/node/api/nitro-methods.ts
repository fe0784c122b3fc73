/**
 * go-nitro's methods, so that its clients work unchanged. Parameters come as `params.payload`; what the node refuses
 * is -32603 with the reason as its message. Source: go-nitro, rpc/server.go and rpc/serde.
 */
import { z } from "zod";
import { guaranteedIn } from "../../channel/ledger-outcome.ts";
import { ZERO_ADDRESS } from "../../crypto/address.ts";
import type { Request } from "../../engine/request.ts";
import { accept } from "../../primitives/result.ts";
import { type ApiResult, fault } from "./api-error.ts";
import { addressIn, CHALLENGE_DURATION_SEC, channelIdIn } from "./asking.ts";
import { profileTowards } from "./channel-methods.ts";
import { checksumAddress } from "./checksum-address.ts";
import { EXAMPLE } from "./examples.ts";
import type { ApiContext, MethodsOf } from "./method.ts";
import { nitroOutcome, outcomeIn, payloads } from "./nitro-payloads.ts";
import type { NitroMethods, NitroOutcome } from "./nitro-types.ts";
import { isNitroLedger, nitroLedger, nitroPayment } from "./nitro-views.ts";
import { createVoucher, payByVoucher, receiveVoucher } from "./nitro-vouchers.ts";

const { destination, integer, ledgerInfo, opened, paymentInfo, text, voucher } = payloads;

const paying = z.object({ Amount: integer, Channel: destination });
const noPayload: z.ZodType<Readonly<Record<string, unknown>>> = z.record(z.string(), z.unknown());

/** go-nitro's clients always ask for a challenge of 0 seconds, which would be none: then the node chooses. */
const durationOf = (asked: number): number => (asked === 0 ? CHALLENGE_DURATION_SEC : asked);

/** The methods by name. */
export const nitroMethods: MethodsOf<NitroMethods> = {
  get_auth_token: {
    scope: "none",
    summary: "gives a token to whoever asks, as go-nitro does",
    description:
      "Answered only where the operator opened this door with `--go-nitro-auth`, and only to this machine. Elsewhere tokens come from `channels node token`.",
    params: z.object({ Id: z.string().max(64).optional() }),
    result: text,
    errors: ["InvalidToken"],
    example: {},
    run: ({ Id = "" }, { goNitroToken }, { isLoopback }) => {
      if (goNitroToken === undefined || !isLoopback) return fault("InvalidToken");
      return accept(goNitroToken(Id));
    },
  },
  get_address: {
    scope: "none",
    summary: "tells the address of this node, with its checksum",
    params: noPayload,
    result: text,
    errors: [],
    example: {},
    run: (_params, { node }) => accept(checksumAddress(node.address)),
  },
  version: {
    scope: "none",
    summary: "tells the version of this program",
    params: noPayload,
    result: text,
    errors: [],
    example: {},
    run: (_params, { version }) => accept(version),
  },
  create_ledger_channel: {
    scope: "manage",
    summary: "opens a ledger channel with a peer",
    params: z.object({
      CounterParty: payloads.address,
      ChallengeDuration: payloads.duration,
      Outcome: nitroOutcome,
    }),
    result: opened,
    errors: ["InternalError"],
    example: { CounterParty: EXAMPLE.peer, ChallengeDuration: 0, Outcome: exampleOutcome("100") },
    run: ({ ChallengeDuration, CounterParty, Outcome }, context) => {
      const { deployment, address: me } = context.node;
      const peer = addressIn(CounterParty);
      const outcome = outcomeIn(Outcome);
      if (!outcome.ok) return outcome;
      const isGo = profileTowards(context, peer) === "go-nitro";
      return submit(context, {
        type: "FundDirectly",
        participants: [me, peer],
        outcome: outcome.value,
        appDefinition: isGo ? deployment.goNitroLedgerApp : deployment.ledgerApp,
        appData: "0x",
        challengeDurationSec: durationOf(ChallengeDuration),
      });
    },
  },
  close_ledger_channel: {
    scope: "manage",
    summary: "closes a ledger channel",
    params: z.object({ ChannelId: destination }),
    result: text,
    errors: ["InternalError"],
    example: { ChannelId: EXAMPLE.channelId },
    run: async ({ ChannelId }, context) =>
      idOf(await submit(context, { type: "DefundDirectly", channelId: channelIdIn(ChannelId) })),
  },
  create_payment_channel: {
    scope: "manage",
    summary: "opens a payment channel over intermediaries",
    params: z.object({
      Intermediaries: z.array(payloads.address).max(10).nullish(),
      CounterParty: payloads.address,
      ChallengeDuration: payloads.duration,
      Outcome: nitroOutcome,
    }),
    result: opened,
    errors: ["InternalError"],
    example: {
      Intermediaries: [EXAMPLE.hub],
      CounterParty: EXAMPLE.peer,
      ChallengeDuration: 0,
      Outcome: exampleOutcome("0"),
    },
    run: openPayment,
  },
  close_payment_channel: {
    scope: "manage",
    summary: "closes a payment channel",
    params: z.object({ ChannelId: destination }),
    result: text,
    errors: ["InternalError"],
    example: { ChannelId: EXAMPLE.channelId },
    run: async ({ ChannelId }, context) =>
      idOf(await submit(context, { type: "DefundVirtually", channelId: channelIdIn(ChannelId) })),
  },
  pay: {
    scope: "pay",
    summary: "pays in a payment channel, and sends the voucher",
    description:
      "Unlike go-nitro's, the answer comes once the payment is durable, or says why there is none.",
    params: paying,
    result: paying,
    errors: ["InvalidParams", "InternalError"],
    example: { Amount: 5, Channel: EXAMPLE.channelId },
    run: payByVoucher,
  },
  create_voucher: {
    scope: "pay",
    summary: "makes a voucher that pays more by an amount; the caller gives it to the payee",
    params: paying,
    result: voucher,
    errors: ["InternalError"],
    example: { Amount: 5, Channel: EXAMPLE.channelId },
    run: createVoucher,
  },
  receive_voucher: {
    scope: "pay",
    summary: "takes a voucher that somebody brought, and says what it adds",
    description:
      "`Total` and `Delta` are decimal text, as go-nitro's client in TypeScript wants them; its client in Go gets numbers, as it wants them.",
    params: z.object({
      ChannelId: destination,
      Amount: integer,
      Signature: payloads.signature,
      Counter: z
        .number()
        .int()
        .positive()
        .max(2 ** 32 - 1)
        .optional(),
    }),
    result: z.object({ Total: z.union([text, integer]), Delta: z.union([text, integer]) }),
    errors: ["InternalError"],
    example: { ChannelId: EXAMPLE.channelId, Amount: 5, Signature: EXAMPLE.signature },
    run: receiveVoucher,
  },
  get_payment_channel: {
    scope: "read",
    summary: "tells of a payment channel",
    params: z.object({ Id: destination }),
    result: paymentInfo,
    errors: ["InvalidParams", "InternalError"],
    example: { Id: EXAMPLE.channelId },
    run: ({ Id }, { node }) => {
      if (isZero(Id)) return fault("InvalidParams");
      const channel = node.engine.channel(channelIdIn(Id));
      if (channel?.use.type !== "Virtual") return notFound(Id);
      return accept(nitroPayment(channel));
    },
  },
  get_ledger_channel: {
    scope: "read",
    summary: "tells of a ledger channel",
    params: z.object({ Id: destination }),
    result: ledgerInfo,
    errors: ["InternalError"],
    example: { Id: EXAMPLE.channelId },
    run: ({ Id }, { node }) => {
      const channel = node.engine.channel(channelIdIn(Id));
      if (channel === undefined || !isNitroLedger(channel)) return notFound(Id);
      return accept(nitroLedger(channel));
    },
  },
  get_payment_channels_by_ledger: {
    scope: "read",
    summary: "lists the payment channels that a ledger channel funds",
    params: z.object({ LedgerId: destination }),
    result: z.array(paymentInfo),
    errors: ["InvalidParams"],
    example: { LedgerId: EXAMPLE.channelId },
    run: ({ LedgerId }, { node }) => {
      if (isZero(LedgerId)) return fault("InvalidParams");
      const ledger = node.engine.channel(channelIdIn(LedgerId));
      const funded = guaranteedIn(ledger?.supported?.variablePart.outcome ?? []);
      return accept(
        funded.flatMap((id) => {
          const channel = node.engine.channel(id);
          return channel === undefined ? [] : [nitroPayment(channel)];
        }),
      );
    },
  },
  get_all_ledger_channels: {
    scope: "read",
    summary: "lists all ledger channels",
    params: noPayload,
    result: z.array(ledgerInfo),
    errors: [],
    example: {},
    run: (_params, { node }) => {
      const ledgers = node.engine.channels().filter(({ use }) => use.type === "Ledger");
      return accept(ledgers.map(nitroLedger));
    },
  },
};

type Opened = NitroMethods["create_ledger_channel"]["result"];

async function submit({ node }: ApiContext, request: Request): Promise<ApiResult<Opened>> {
  const answer = await node.engine.submit(request);
  if (!answer.ok) return fault("InternalError", { code: answer.reason.code }, answer.reason.code);
  const Id = answer.value;
  return accept({ Id, ChannelId: Id.slice(Id.indexOf("-") + 1) });
}

function idOf(answer: ApiResult<Opened>): ApiResult<string> {
  return answer.ok ? accept(answer.value.Id) : answer;
}

async function openPayment(
  params: NitroMethods["create_payment_channel"]["params"],
  context: ApiContext,
): Promise<ApiResult<Opened>> {
  const { ChallengeDuration, CounterParty, Outcome } = params;
  const outcome = outcomeIn(Outcome);
  if (!outcome.ok) return outcome;
  const intermediaries = params.Intermediaries?.map(addressIn) ?? [];
  const [first] = intermediaries;
  const isGo = first !== undefined && profileTowards(context, first) === "go-nitro";
  return submit(context, {
    type: "FundVirtually",
    payee: addressIn(CounterParty),
    // Its clients say nothing about fees, and without intermediaries the node looks for a way.
    route: first === undefined ? undefined : { intermediaries, fees: intermediaries.map(() => 0n) },
    ledgerId: undefined,
    shares: outcome.value.map(({ allocations: [left, right], asset }) => ({
      asset,
      left: left?.amount ?? 0n,
      right: right?.amount ?? 0n,
    })),
    appDefinition: isGo ? ZERO_ADDRESS : context.node.deployment.paymentApp,
    challengeDurationSec: durationOf(ChallengeDuration),
  });
}

const isZero = (id: string): boolean => /^0x0*$/.test(id);

function notFound(id: string): ApiResult<never> {
  const known = channelIdIn(id);
  return fault(
    "InternalError",
    { code: "UnknownChannel" },
    `could not find channel with id ${known}`,
  );
}

function exampleOutcome(theirs: string): NitroOutcome {
  const side = (who: string, amount: string) => ({
    Destination: `0x${"00".repeat(12)}${who.slice(2)}`,
    Amount: Number(amount),
    AllocationType: 0,
    Metadata: null,
  });
  return [
    {
      Asset: EXAMPLE.coin,
      AssetMetadata: { AssetType: 0, Metadata: null },
      Allocations: [side(EXAMPLE.hub, "100"), side(EXAMPLE.peer, theirs)],
    },
  ];
}
