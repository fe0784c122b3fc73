/** go-nitro's notifications: what its clients are told over their WebSocket without having asked. */
import type { Channel } from "../../channel/channel.ts";
import type { ChannelId } from "../../channel/channel-id.ts";
import type { ObjectiveId } from "../../channel/objective-id.ts";
import type { NodeEvent } from "../../events/event.ts";
import type { RunningNode } from "../daemon/running-node.ts";
import { writeJson } from "./json-text.ts";
import { isNitroLedger, nitroLedger, nitroPayment } from "./nitro-views.ts";

/** Channels whose last notification is remembered, so that the same is not said twice: 10,000. */
const REMEMBERED_MAX = 10_000;

type Listener = (text: string) => void;

/** Follows the log as long as anybody listens. */
export class NitroNotifier {
  readonly #node: Pick<RunningNode, "engine" | "store">;
  readonly #listeners = new Set<Listener>();
  readonly #last = new Map<string, string>();
  /** What to tell of, in the order in which it happened; each channel once. */
  readonly #news = new Set<ChannelId | ObjectiveId>();
  #unsubscribe: (() => void) | undefined;
  #count = 0;

  constructor(node: Pick<RunningNode, "engine" | "store">) {
    this.#node = node;
  }

  /** Calls `listener` with each notification from now on, until the returned function is called. */
  listen(listener: Listener): () => void {
    this.#listeners.add(listener);
    this.#unsubscribe ??= this.#follow();
    return () => {
      this.#listeners.delete(listener);
      if (this.#listeners.size === 0) this.stop();
    };
  }

  stop(): void {
    this.#unsubscribe?.();
    this.#unsubscribe = undefined;
    this.#last.clear();
    this.#news.clear();
  }

  #follow(): () => void {
    const { store } = this.#node;
    return store.subscribe(
      store.length,
      ({ event }) => this.#note(event),
      () => {
        // Too far behind: what was missed is in the channels, and the next change tells of them.
        this.#unsubscribe = this.#listeners.size > 0 ? this.#follow() : undefined;
      },
    );
  }

  /** The engine's state follows the log within the same turn of the program: it is read in the next one. */
  #note(event: NodeEvent): void {
    const isFirst = this.#news.size === 0;
    if ("channelId" in event) this.#news.add(event.channelId);
    if (event.type === "ObjectiveCompleted") this.#news.add(event.objectiveId);
    if (isFirst && this.#news.size > 0) setImmediate(() => this.#tell());
  }

  #tell(): void {
    const news = [...this.#news];
    this.#news.clear();
    for (const id of news) {
      const channel = this.#node.engine.channel(id as ChannelId);
      if (channel !== undefined) this.#tellOf(channel);
      else if (!id.startsWith("0x")) this.#send("objective_completed", id);
    }
  }

  /** Of the channel as it is now. */
  #tellOf(channel: Channel): void {
    const isLedger = isNitroLedger(channel);
    if (!isLedger && channel.use.type !== "Virtual") return;
    const info = isLedger ? nitroLedger(channel) : nitroPayment(channel);
    const text = writeJson(info);
    if (this.#last.get(channel.id) === text) return;
    this.#last.delete(channel.id);
    this.#last.set(channel.id, text);
    const [oldest] = this.#last.keys();
    if (this.#last.size > REMEMBERED_MAX && oldest !== undefined) this.#last.delete(oldest);
    this.#send(isLedger ? "ledger_channel_updated" : "payment_channel_updated", info);
  }

  #send(method: string, payload: unknown): void {
    this.#count += 1;
    const params = { authtoken: "", payload };
    const text = writeJson({ jsonrpc: "2.0", id: this.#count, method, params });
    for (const listener of this.#listeners) listener(text);
  }
}
