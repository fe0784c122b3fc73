/** So many of something, in words. */

/** `1 block`, `0 blocks`: for nouns whose plural ends with an s. */
export function counted(amount: number, noun: string): string {
  return `${amount} ${noun}${amount === 1 ? "" : "s"}`;
}
