/** The two methods of byte arrays that older Node.js lacks, for the build of the sandbox that runs there. */

const proto = Uint8Array.prototype as { toHex?: () => string };
const maker = Uint8Array as { fromHex?: (text: string) => Uint8Array };

proto.toHex ??= function toHex(this: Uint8Array): string {
  return Array.from(this, (byte) => byte.toString(16).padStart(2, "0")).join("");
};

maker.fromHex ??= (text) =>
  Uint8Array.from({ length: text.length / 2 }, (_, index) =>
    Number.parseInt(text.slice(2 * index, 2 * index + 2), 16),
  );
