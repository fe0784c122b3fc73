/** Strategies of payers: vouchers that are worth nothing, or that would be worth more than there is. */
import type { ChannelId } from "../../src/channel/channel-id.ts";
import { promiseHash } from "../../src/channel/voucher.ts";
import { ZERO_ADDRESS } from "../../src/crypto/address.ts";
import type { Message } from "../../src/messages/message.ts";
import type { ActorName } from "../actors.ts";
import type { Adversary } from "./adversary.ts";
import { isEnding, malleated } from "./altering.ts";
import type { Strategy } from "./strategy.ts";

type VoucherMessage = Message & { readonly type: "Voucher" };

/** The largest uint256. */
const UINT256_MAX = 2n ** 256n - 1n;

/** Milliseconds after which a voucher that was held back goes out though no other one came. */
const HELD_MS = 20_000;

export const REPLAYED_VOUCHER: Strategy = {
  summary:
    "sends vouchers twice, sends old ones behind new ones, and in other channels of the payee",
  attack: "V1",
  role: "Payer",
  settings: { kind: [0, 2] },
  play: (adversary) => {
    const sent: { readonly to: ActorName; readonly voucher: VoucherMessage }[] = [];
    return {
      says: (to, message) => {
        if (message.type !== "Voucher") return [message];
        const before = sent.filter((one) => one.to === to).map(({ voucher }) => voucher);
        sent.push({ to, voucher: message });
        const again = replayed(adversary, message, before);
        if (again.length > 0) adversary.did("plays a voucher again");
        return [message, ...again];
      },
    };
  },
};

export const REUSED_SIGNATURE: Strategy = {
  summary: "signs no voucher but the first: the later ones carry its signature",
  attack: "V1",
  role: "Payer",
  settings: { afterVouchers: [1, 3] },
  play: (adversary) => {
    const signed = new Map<ChannelId, VoucherMessage[]>();
    return {
      says: (_, message) => {
        if (message.type !== "Voucher") return [message];
        const before = signed.get(message.channelId) ?? [];
        const last = before.at(-1);
        if (last === undefined || before.length < adversary.setting("afterVouchers")) {
          signed.set(message.channelId, [...before, message]);
          return [message];
        }
        adversary.did("signs with an old signature");
        return [{ ...message, signature: last.signature }];
      },
    };
  },
};

export const OVERSPENT_VOUCHER: Strategy = {
  summary:
    "promises more than she has, nothing at all, the largest number there is, or less than before: of all assets, or of the last one alone, and maybe not before she has paid",
  attack: "V3",
  role: "Payer",
  settings: { kind: [0, 3], beyond: [1, 1_000], of: [0, 1], afterVouchers: [0, 1] },
  play: (adversary) => {
    const paid = new Map<ChannelId, readonly bigint[]>();
    return {
      says: (_, message) => {
        if (message.type !== "Voucher") return [message];
        const before = paid.get(message.channelId);
        paid.set(message.channelId, message.amounts);
        const isFirst = before === undefined && adversary.setting("afterVouchers") === 1;
        if (isFirst) return [message];
        const first = adversary.setting("of") * (message.amounts.length - 1);
        const amounts = message.amounts.map((amount, at) =>
          at < first
            ? amount
            : overspent(adversary, message, { amount, before: before?.[at] ?? amount }),
        );
        adversary.did("promises what she has not");
        return [promised(adversary, { ...message, amounts })];
      },
    };
  },
};

export const MALLEATED_VOUCHER: Strategy = {
  summary:
    "sends each voucher with the other signature that the curve accepts for it, instead or besides",
  attack: "V6",
  role: "Payer",
  settings: { besides: [0, 1] },
  play: (adversary) => ({
    says: (_, message) => {
      if (message.type !== "Voucher") return [message];
      adversary.did("malleates a voucher");
      const other = { ...message, signature: malleated(message.signature) };
      return adversary.setting("besides") === 0 ? [other] : [message, other];
    },
  }),
};

export const DISORDERED_VOUCHERS: Strategy = {
  summary: "holds every n-th voucher back until a later one is out, or the end is signed",
  attack: "V2",
  role: "Payer",
  // What is held goes out behind the next one; where none comes, by `until`: 0 after a while, 1 right before she signs
  // the end, 2 right behind that.
  settings: { every: [1, 2], until: [0, 2] },
  play: (adversary) => {
    const held = new Map<ActorName, VoucherMessage>();
    let paid = 0;
    const release = (to: ActorName): readonly Message[] => {
      const message = held.get(to);
      held.delete(to);
      return message === undefined ? [] : [message];
    };
    return {
      says: (to, message) => {
        const until = adversary.setting("until");
        if (isEnding(message)) {
          return until === 1 ? [...release(to), message] : [message, ...release(to)];
        }
        if (message.type !== "Voucher") return [message];
        paid += 1;
        if (held.has(to) || paid % adversary.setting("every") !== 0) {
          return [message, ...release(to)];
        }
        adversary.did("holds a voucher back");
        held.set(to, message);
        if (until > 0) return [];
        adversary.after(HELD_MS, () => {
          for (const one of release(to)) adversary.tell(to, one);
        });
        return [];
      },
    };
  },
};

export const LATE_VOUCHER: Strategy = {
  summary: "pays once more when the end is signed: the end does not pay what the payee takes then",
  attack: "V4",
  role: "Payer",
  // 0 milliseconds: right behind the end, so that both come at once.
  settings: { beyond: [1, 5], afterMs: [0, 2_000] },
  play: (adversary) => {
    const newest = new Map<
      ChannelId,
      { readonly to: ActorName; readonly voucher: VoucherMessage }
    >();
    return {
      says: (to, message) => {
        if (message.type === "Voucher") newest.set(message.channelId, { to, voucher: message });
        if (message.type !== "SignedState" || !message.variablePart.isFinal) return [message];
        const paid = newest.get(message.channelId);
        if (paid?.to !== to) return [message];
        const amounts = paid.voucher.amounts.map(
          (one) => one + BigInt(adversary.setting("beyond")),
        );
        const counter = paid.voucher.counter + 1;
        const late = promised(adversary, { ...paid.voucher, amounts, counter });
        adversary.did("pays behind the end");
        const afterMs = adversary.setting("afterMs");
        if (afterMs === 0) return [message, late];
        adversary.after(afterMs, () => adversary.tell(to, late));
        return [message];
      },
    };
  },
};

function replayed(
  adversary: Adversary,
  message: VoucherMessage,
  before: readonly VoucherMessage[],
): readonly Message[] {
  switch (adversary.setting("kind")) {
    case 0:
      return [message, message];
    case 1:
      return before.toReversed();
    default: {
      const { channelId } = message;
      const others = adversary.evidence.channels().filter(({ id }) => id !== channelId);
      return others.map(({ id }) => ({ ...message, channelId: id }));
    }
  }
}

function overspent(
  adversary: Adversary,
  { channelId }: VoucherMessage,
  { amount, before }: { readonly amount: bigint; readonly before: bigint },
): bigint {
  const kind = adversary.setting("kind");
  if (kind === 1) return 0n;
  if (kind === 2) return UINT256_MAX;
  if (kind === 3) return before / 2n;
  const funding = adversary.evidence.channel(channelId)?.fundingOutcome ?? [];
  const all = funding.flatMap(({ allocations }) => allocations).map((one) => one.amount);
  return all.reduce((sum, one) => sum + one, amount) + BigInt(adversary.setting("beyond"));
}

/** The voucher, signed anew. */
export function promised(adversary: Adversary, message: VoucherMessage): VoucherMessage {
  const { channelId } = message;
  const app = adversary.evidence.channel(channelId)?.fixedPart.appDefinition;
  const profile = app === ZERO_ADDRESS ? "go-nitro" : "enforceable";
  return { ...message, signature: adversary.sign(promiseHash(profile, channelId, message)) };
}
