/** What this hsc calls itself, in plans and to who asks; package.json says the same. */
export const VERSION = "0.1.0";
