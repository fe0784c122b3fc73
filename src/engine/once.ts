/**
 * Wishes that count once. A user who got no answer cannot know whether the node did what he asked; with a key of
 * his own he asks again, and is told what came of it the first time. The answer lies in the log, in the same batch
 * as what was done, and is found by a tag: it costs no memory, and outlives every restart. Source: ADR 0036.
 */
import type { ChannelId } from "../channel/channel-id.ts";
import type { ObjectiveId } from "../channel/objective-id.ts";
import type { Voucher } from "../channel/voucher.ts";
import type { Hash } from "../crypto/signature.ts";
import type { NodeEvent } from "../events/event.ts";
import { requestTag } from "../events/tags.ts";
import { assertDefined } from "../primitives/assert.ts";
import { accept, reject } from "../primitives/result.ts";
import type { EventStore } from "../store/event-store.ts";
import type { Draft } from "./draft.ts";
import type { Input } from "./input.ts";
import type { Wish } from "./waiting-room.ts";

/** Names a wish, so that it is granted once. */
export type Once = {
  /** Hash of the key that the user chose. */
  readonly key: Hash;
  /** Hash of what she asked for: another wish under the same key is a mistake. */
  readonly wish: Hash;
};

type Answered = NodeEvent & { readonly type: "RequestAnswered" };

/** True for a wish with a key. */
export function isOnce(input: Input): input is KeyedWish {
  return (input.type === "Request" || input.type === "Payment") && input.once !== undefined;
}

type KeyedWish = Exclude<Wish, { readonly type: "Handover" }> & { readonly once: Once };

/** Answers a wish that was granted before. False: it never was, and is to be decided now. */
export async function answerFromLog(
  store: Pick<EventStore<NodeEvent>, "readTagged">,
  input: KeyedWish,
): Promise<boolean> {
  const { key, wish } = input.once;
  const answered = await findAnswered(store, key);
  if (answered === undefined) return false;
  if (answered.wish !== wish) input.answer(reject({ code: "KeyReused" }));
  else if (input.type === "Request") input.answer(accept(objectiveOf(answered)));
  else input.answer(accept(assertDefined(answered.voucher, "the voucher of a payment")));
  return true;
}

/** Keeps the answer to a wish that the draft grants. */
export function keepAnswer(draft: Draft, input: Input, objectiveId: ObjectiveId | undefined): void {
  if (!isOnce(input)) return;
  const voucher = input.type === "Payment" ? issuedIn(draft, input.channelId) : undefined;
  draft.record({ type: "RequestAnswered", ...input.once, objectiveId, voucher });
}

async function findAnswered(
  store: Pick<EventStore<NodeEvent>, "readTagged">,
  key: Hash,
): Promise<Answered | undefined> {
  for await (const { event } of store.readTagged(requestTag(key), 0, undefined, {
    check: "None",
  })) {
    if (event.type === "RequestAnswered" && event.key === key) return event;
  }
  return undefined;
}

const objectiveOf = ({ objectiveId }: Answered): ObjectiveId =>
  assertDefined(objectiveId, "the objective of a request");

function issuedIn(draft: Draft, channelId: ChannelId): Voucher {
  const issued = draft.tables.channels.get(channelId)?.vouchers.issued;
  return assertDefined(issued, "the voucher of a payment");
}
