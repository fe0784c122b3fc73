/** Tests of what waits to be heard. */
import { describe, expect } from "bun:test";
import { adversarial, unit } from "../../../test/kind.ts";
import type { ChannelId } from "../../channel/channel-id.ts";
import { directDefundId, type ObjectiveId } from "../../channel/objective-id.ts";
import type { Message } from "../../messages/message.ts";
import { early, type Hearing, KNOWN, refused, say } from "./hearing.ts";
import type { Item } from "./item.ts";
import { EARLY_ITEMS_MAX, EARLY_MS_MAX, ITEMS_WAITING_MAX, WAITING_BYTES_MAX } from "./limits.ts";
import { type Ending, Listener } from "./listener.ts";

const channelId = `0x${"01".repeat(32)}` as ChannelId;
const MESSAGE: Message = {
  type: "DefundRequest",
  objectiveId: directDefundId(channelId),
  channelId,
};
const item = (name: string): Item => ({ type: "Rejection", objectiveId: name as ObjectiveId });

/** A listener to whom each item means what `means` says. */
function listen(means: (name: string) => Hearing) {
  const at = { nowMs: 0, isFree: true };
  const endings: [string, Ending["type"]][] = [];
  const codes: string[] = [];
  let delivered = 0;
  const nameOf = (one: Item): string => (one.type === "Rejection" ? one.objectiveId : "");
  const listener = new Listener({
    nowMs: () => at.nowMs,
    hear: (one) => means(nameOf(one)),
    isFree: () => at.isFree,
    deliver: () => {
      delivered += 1;
      at.isFree = false;
    },
    onEnd: (one, { type }) => endings.push([nameOf(one), type]),
    report: (code) => codes.push(code),
  });
  const settle = (code?: string): void => {
    at.isFree = true;
    listener.settle(code);
  };
  return { at, codes, deliveredCount: () => delivered, endings, listener, settle };
}

describe("Listener", () => {
  unit("says one item after the other, each by what is known then", () => {
    const { deliveredCount, endings, listener, settle } = listen((name) =>
      name === "b" ? KNOWN : say(MESSAGE),
    );
    listener.take([item("a"), item("b"), item("c")], 30);
    expect(deliveredCount()).toBe(1);
    settle();
    expect(endings).toEqual([
      ["a", "Taken"],
      ["b", "Known"],
    ]);
    expect(deliveredCount()).toBe(2);
    settle("WrongSignature");
    expect(endings.at(-1)).toEqual(["c", "Refused"]);
    expect(listener.kept()).toEqual({ items: 0, early: 0, bytes: 0 });
  });

  unit("keeps what is too early, for us or for our engine, and looks at it again", () => {
    let isTimely = false;
    const { endings, listener, settle } = listen((name) =>
      name === "a" && !isTimely ? early("UnknownChannel") : say(MESSAGE),
    );
    listener.take([item("a"), item("b")], 20);
    settle("NotOpen");
    expect(listener.kept()).toEqual({ items: 2, early: 2, bytes: 20 });
    isTimely = true;
    listener.lookAgain();
    settle();
    settle();
    expect(endings).toEqual([
      ["a", "Taken"],
      ["b", "Taken"],
    ]);
  });

  unit("forgets what was too early for too long", () => {
    const { at, endings, listener } = listen(() => early("UnknownChannel"));
    listener.take([item("a")], 10);
    at.nowMs = EARLY_MS_MAX;
    listener.lookAgain();
    expect(listener.kept().early).toBe(1);
    at.nowMs += 1;
    listener.lookAgain();
    expect(listener.kept().early).toBe(0);
    expect(endings).toEqual([]);
  });

  unit("reports what is refused at sight", () => {
    const { codes, listener } = listen(() => refused("UnknownObjective"));
    listener.take([item("a")], 10);
    expect(codes).toEqual(["UnknownObjective"]);
  });

  adversarial("drops whole lines above its limits, of items and of bytes", () => {
    const { at, codes, listener } = listen(() => KNOWN);
    at.isFree = false;
    const many = Array.from({ length: ITEMS_WAITING_MAX }, (_, index) => item(`${index}`));
    listener.take(many, 1_000);
    listener.take([item("one more")], 10);
    expect(listener.kept().items).toBe(ITEMS_WAITING_MAX);
    expect(codes).toEqual(["TooMuchWaits"]);
    at.isFree = true;
    listener.go();
    at.isFree = false;
    listener.take([item("large")], WAITING_BYTES_MAX);
    listener.take([item("small")], 1);
    expect(listener.kept().items).toBe(1);
  });

  adversarial("keeps no more than a few early items: the oldest makes room", () => {
    const { codes, listener } = listen(() => early("UnknownChannel"));
    for (let n = 0; n <= EARLY_ITEMS_MAX; n++) listener.take([item(`${n}`)], 10);
    expect(listener.kept().early).toBe(EARLY_ITEMS_MAX);
    expect(codes).toEqual(["TooMuchIsEarly"]);
  });
});
