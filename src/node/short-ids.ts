/** Ids, addresses and bytes in texts for people: whole, or cut to what tells them apart. */

/** Whether ids, addresses and bytes are cut to what tells them apart. */
export type IdLength = "Short" | "Whole";

/** Digits of a shortened id: enough to tell a few thousand of them apart. */
const SHORT_DIGITS = 8;

/**
 * Cuts every id, address and run of bytes in a text, unless they are to stay whole. A destination that is an
 * address behind zeros becomes the address: its first digits tell nobody apart.
 */
export function shortenIds(text: string, ids: IdLength): string {
  if (ids === "Whole") return text;
  return text.replace(/0x(?:0{24}(?=[0-9a-f]{40}\b))?([0-9a-f]{9,})/g, (_, digits: string) => {
    return `0x${digits.slice(0, SHORT_DIGITS)}`;
  });
}
