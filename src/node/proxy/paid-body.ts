/** A body that is passed on as far as it is paid for. */

/**
 * Passes bytes on until `bytesMax` of them have gone; what comes behind breaks the body off with an error, so that
 * nobody takes a part for the whole. `onEnd` hears how many have gone, once, however the body ends.
 */
export function paidBody(
  body: ReadableStream<Uint8Array>,
  bytesMax: bigint,
  onEnd: (bytes: bigint) => void,
): ReadableStream<Uint8Array> {
  const reader = body.getReader();
  let passed = 0n;
  let isOver = false;
  const end = (): void => {
    if (isOver) return;
    isOver = true;
    onEnd(passed);
  };
  return new ReadableStream<Uint8Array>({
    pull: async (controller) => {
      try {
        const { done, value } = await reader.read();
        if (done) {
          end();
          controller.close();
          return;
        }
        const room = bytesMax - passed;
        const part = BigInt(value.length) > room ? value.subarray(0, Number(room)) : value;
        passed += BigInt(part.length);
        if (part.length > 0) controller.enqueue(part);
        if (part.length === value.length) return;
        end();
        await reader.cancel();
        controller.error(new Error("the payment is used up"));
      } catch (error) {
        end();
        controller.error(error);
      }
    },
    cancel: async (reason) => {
      end();
      await reader.cancel(reason);
    },
  });
}
