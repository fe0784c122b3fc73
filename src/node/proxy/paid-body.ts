/** A body that is passed on as far as it is paid for. */

/** What a paid body tells whoever passes it on. */
export type PaidBodyEnds = {
  /** Hears how many bytes have gone, once, however the body ends. */
  readonly onEnd: (bytes: bigint) => void;
  /** Breaks the body off without losing what has gone before; a rejection breaks it off at once, and may lose it. */
  readonly breakOff: () => Promise<never>;
};

/**
 * Passes bytes on until `bytesMax` of them have gone; what comes behind breaks the body off, so that nobody takes a
 * part for the whole. A body that fails where it comes from is broken off as well.
 */
export function paidBody(
  body: ReadableStream<Uint8Array>,
  bytesMax: bigint,
  { breakOff, onEnd }: PaidBodyEnds,
): ReadableStream<Uint8Array> {
  const reader = body.getReader();
  let passed = 0n;
  let isOver = false;
  let isUsedUp = false;
  const end = (): void => {
    if (isOver) return;
    isOver = true;
    onEnd(passed);
  };
  /** Undefined where nothing more can be passed on. */
  const readPaid = async () => {
    try {
      if (isUsedUp) return undefined;
      const read = await reader.read();
      const room = bytesMax - passed;
      if (read.done || BigInt(read.value.length) <= room) return read;
      isUsedUp = true;
      await reader.cancel();
      const value = read.value.subarray(0, Number(room));
      return room === 0n ? undefined : { done: false as const, value };
    } catch {
      return undefined;
    }
  };
  return new ReadableStream<Uint8Array>({
    pull: async (controller) => {
      const read = await readPaid();
      if (read?.done === false) {
        passed += BigInt(read.value.length);
        controller.enqueue(read.value);
        return;
      }
      end();
      if (read === undefined) await breakOff();
      controller.close();
    },
    cancel: async (reason) => {
      end();
      await reader.cancel(reason);
    },
  });
}
