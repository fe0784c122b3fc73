/** Holds up everything that comes to a process that stands still, and lets it come in order when it goes on. */
import type { Clock } from "../../src/ports/clock.ts";
import type { EthereumRpc } from "../../src/ports/ethereum-rpc.ts";
import type { Transport } from "../../src/ports/transport.ts";
import type { Timeline } from "../timeline.ts";

/** One process, which is one life of a node. */
export class Gate {
  readonly #timeline: Timeline;
  readonly #waiting: (() => void)[] = [];
  #isFrozen = false;
  /** True from the end of a freeze until all that waited has come. */
  #isDraining = false;
  #isDead = false;

  constructor(timeline: Timeline) {
    this.#timeline = timeline;
  }

  /** True while the process stands still. */
  get isFrozen(): boolean {
    return this.#isFrozen;
  }

  /** The process stands still. */
  freeze(): void {
    this.#isFrozen = true;
  }

  /** The process goes on: what waited comes one by one, before everything else. */
  thaw(): void {
    if (!this.#isFrozen) return;
    this.#isFrozen = false;
    if (this.#isDraining) return;
    this.#isDraining = true;
    this.#timeline.after(0, () => this.#drain());
  }

  /** The process is gone, and what waited for it is lost. */
  end(): void {
    this.#isDead = true;
    this.#waiting.length = 0;
  }

  /** Runs something now, or behind what waits. */
  pass(run: () => void): void {
    if (this.#isDead) return;
    if (this.#isFrozen || this.#isDraining) this.#waiting.push(run);
    else run();
  }

  /** The clock of the process. `skewMs` is how far it is ahead; timers keep their durations. */
  clock(skewMs: () => number): Clock {
    const timeline = this.#timeline;
    return {
      nowMs: () => timeline.nowMs + skewMs(),
      after: (delayMs, run) => {
        let isCancelled = false;
        const cancel = timeline.after(delayMs, () =>
          this.pass(() => {
            if (!isCancelled) run();
          }),
        );
        return () => {
          isCancelled = true;
          cancel();
        };
      },
    };
  }

  /** Frames come through the gate. What is sent was sent before the process stood still. */
  transport({ listen, ...rest }: Transport): Transport {
    return {
      ...rest,
      listen: (onFrame, onLost, onFound) => {
        listen(
          (from, frame) => this.pass(() => onFrame(from, frame)),
          (endpoint) => this.pass(() => onLost?.(endpoint)),
          (endpoint) => this.pass(() => onFound?.(endpoint)),
        );
      },
    };
  }

  /** Answers come through the gate. */
  rpc(rpc: EthereumRpc): EthereumRpc {
    return {
      request: (method, params) =>
        new Promise((resolve, reject) => {
          rpc.request(method, params).then(
            (answer) => this.pass(() => resolve(answer)),
            (error: unknown) => this.pass(() => reject(error)),
          );
        }),
    };
  }

  #drain(): void {
    // Frozen again meanwhile: the rest waits for the next time.
    const next = this.#isFrozen ? undefined : this.#waiting.shift();
    if (next === undefined) {
      this.#isDraining = false;
      return;
    }
    next();
    this.#timeline.after(0, () => this.#drain());
  }
}
