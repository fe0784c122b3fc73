/** What one node of go-nitro has said and our engine has yet to hear: in a bounded queue, one item at a time. */
import { type Hearing, isEarlyCode } from "./hearing.ts";
import type { Item } from "./item.ts";
import { EARLY_ITEMS_MAX, EARLY_MS_MAX, ITEMS_WAITING_MAX, WAITING_BYTES_MAX } from "./limits.ts";

/**
 * How an item ended: our engine took it; it said nothing new; or it was refused for good.
 */
export type Ending =
  | { readonly type: "Taken" }
  | { readonly type: "Known" }
  | { readonly type: "Refused"; readonly code: string };

/** An item as it waits. */
type Waiting = { readonly item: Item; readonly sizeBytes: number; readonly sinceMs: number };

type Options = {
  readonly nowMs: () => number;
  /** What is made of an item now. */
  readonly hear: (item: Item) => Hearing;
  /** True when our session can be told the next message. */
  readonly isFree: () => boolean;
  readonly deliver: (message: (Hearing & { readonly type: "Say" })["message"]) => void;
  readonly onEnd: (item: Item, ending: Ending) => void;
  readonly report: (code: string) => void;
};

/** The items of one peer. */
export class Listener {
  readonly #options: Options;
  #waiting: Waiting[] = [];
  #waitingBytes = 0;
  #early: Waiting[] = [];
  #underWay: Waiting | undefined;

  constructor(options: Options) {
    this.#options = options;
  }

  /** Items that are kept, and their bytes. */
  kept(): { readonly items: number; readonly early: number; readonly bytes: number } {
    const early = this.#early.length;
    const bytes = [...this.#early, ...this.#waiting].reduce((sum, one) => sum + one.sizeBytes, 0);
    return { items: this.#waiting.length + early, early, bytes };
  }

  /** Takes items that came in one line of `sizeBytes`. What has no room is dropped, and not asked for again. */
  take(items: readonly Item[], sizeBytes: number): void {
    const hasRoom =
      this.#waiting.length + items.length <= ITEMS_WAITING_MAX &&
      this.#waitingBytes + sizeBytes <= WAITING_BYTES_MAX;
    if (!hasRoom) {
      this.#options.report("TooMuchWaits");
      return;
    }
    const share = Math.ceil(sizeBytes / Math.max(1, items.length));
    for (const item of items)
      this.#push({ item, sizeBytes: share, sinceMs: this.#options.nowMs() });
    this.go();
  }

  /** Looks again at what came too early: something has changed. */
  lookAgain(): void {
    const { nowMs } = this.#options;
    const fresh = this.#early.filter(({ sinceMs }) => nowMs() - sinceMs <= EARLY_MS_MAX);
    this.#early = [];
    for (const one of fresh) this.#push(one);
    this.go();
  }

  /** Goes on, as far as our session takes it. */
  go(): void {
    while (this.#underWay === undefined && this.#options.isFree()) {
      const next = this.#waiting.shift();
      if (next === undefined) return;
      this.#waitingBytes -= next.sizeBytes;
      this.#look(next);
    }
  }

  /** Our engine has settled what was under way. */
  settle(code: string | undefined): void {
    const waiting = this.#underWay;
    this.#underWay = undefined;
    if (waiting === undefined) return;
    if (code !== undefined && isEarlyCode(code)) this.#keepEarly(waiting);
    else this.#end(waiting, code === undefined ? { type: "Taken" } : { type: "Refused", code });
    this.go();
  }

  #look(waiting: Waiting): void {
    const { deliver, hear } = this.#options;
    const heard = hear(waiting.item);
    switch (heard.type) {
      case "Say":
        this.#underWay = waiting;
        deliver(heard.message);
        break;
      case "Known":
        this.#end(waiting, heard);
        break;
      case "Early":
        this.#keepEarly(waiting);
        break;
      case "Refused":
        this.#end(waiting, heard);
        break;
    }
  }

  #end({ item }: Waiting, ending: Ending): void {
    if (ending.type === "Refused") this.#options.report(ending.code);
    this.#options.onEnd(item, ending);
  }

  #keepEarly(waiting: Waiting): void {
    this.#early.push(waiting);
    if (this.#early.length > EARLY_ITEMS_MAX) {
      this.#early.shift();
      this.#options.report("TooMuchIsEarly");
    }
  }

  #push(waiting: Waiting): void {
    this.#waiting.push(waiting);
    this.#waitingBytes += waiting.sizeBytes;
  }
}
