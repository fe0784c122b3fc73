/** Checks signatures on all cores. Where there are no threads, it checks them itself. */
import { isTrue, type SignatureClaim } from "../engine/signature-claims.ts";

/** Claims that are handed over together: about 20 ms of work, far more than handing them over costs. */
const BATCH_CLAIMS = 256;

/** Batches that a thread has at most: one is worked on, one is ready. */
const BATCHES_PER_THREAD = 2;

type Batch = readonly SignatureClaim[];

/** A thread and what it has not answered yet, oldest first. */
type Thread = { readonly worker: Worker; readonly open: Batch[] };

/** One check of many signatures. `close` ends its threads. */
export class SignaturePool {
  /** Offsets of events with a wrong signature, in the order of the answers. */
  readonly #wrong: number[] = [];
  readonly #queue: Batch[] = [];
  #threads: readonly Thread[];
  #gathered: SignatureClaim[] = [];
  #checked = 0;
  #waiters: (() => void)[] = [];

  /** `threads` is how many at most; 0 checks in this one. */
  constructor(threads: number) {
    this.#threads = this.#start(threads);
  }

  /** Claims that were judged. */
  get checked(): number {
    return this.#checked;
  }

  /** Takes claims. Whoever has many more waits for `room`. */
  add(claims: readonly SignatureClaim[]): void {
    this.#gathered.push(...claims);
    while (this.#gathered.length >= BATCH_CLAIMS) {
      this.#queue.push(this.#gathered.splice(0, BATCH_CLAIMS));
    }
    this.#feed();
  }

  /** Resolves when no more waits than the threads can soon begin with; undefined when it is so already. */
  room(): Promise<void> | undefined {
    return this.#queue.length <= this.#threads.length ? undefined : this.#untilRoom();
  }

  /** Resolves once all claims are judged, with the offsets of the wrong ones, in order. */
  async finish(): Promise<readonly number[]> {
    this.#queue.push(this.#gathered.splice(0));
    this.#feed();
    while (this.#threads.some(({ open }) => open.length > 0)) await this.#change();
    return this.#wrong.toSorted((one, other) => one - other);
  }

  /** Ends the threads, whatever they do. */
  close(): void {
    for (const { worker } of this.#threads) worker.terminate();
    this.#threads = [];
  }

  #start(count: number): readonly Thread[] {
    try {
      return Array.from({ length: count }, () => this.#startThread());
    } catch {
      // A runtime without threads: this one does the work.
      return [];
    }
  }

  #startThread(): Thread {
    const worker = new Worker(new URL("./signature-worker.ts", import.meta.url).href);
    const thread: Thread = { worker, open: [] };
    worker.onmessage = ({ data }: MessageEvent<readonly number[]>) => {
      this.#note(thread.open.shift() ?? [], data);
      this.#feed();
    };
    worker.onerror = () => this.#giveUp(thread);
    return thread;
  }

  /** Hands the waiting batches to threads that have room, or judges them here where there are none. */
  #feed(): void {
    for (let next = this.#queue.shift(); next !== undefined; next = this.#queue.shift()) {
      const thread = this.#threads.toSorted((one, other) => one.open.length - other.open.length)[0];
      if (thread === undefined) {
        this.#note(next, wrongIn(next));
      } else if (thread.open.length < BATCHES_PER_THREAD) {
        thread.open.push(next);
        thread.worker.postMessage(next);
      } else {
        this.#queue.unshift(next);
        return;
      }
    }
  }

  /** A thread that died: its work goes to the others. */
  #giveUp(dead: Thread): void {
    this.#threads = this.#threads.filter((thread) => thread !== dead);
    this.#queue.unshift(...dead.open.splice(0));
    this.#feed();
    this.#wake();
  }

  #note(batch: Batch, wrong: readonly number[]): void {
    for (const index of wrong) this.#wrong.push(batch[index]?.offset ?? 0);
    this.#checked += batch.length;
    this.#wake();
  }

  #wake(): void {
    for (const wake of this.#waiters.splice(0)) wake();
  }

  async #untilRoom(): Promise<void> {
    while (this.#queue.length > this.#threads.length) await this.#change();
  }

  #change(): Promise<void> {
    return new Promise((resolve) => {
      this.#waiters.push(resolve);
    });
  }
}

function wrongIn(batch: Batch): readonly number[] {
  return [...batch.entries()].filter(([, claim]) => !isTrue(claim)).map(([index]) => index);
}
