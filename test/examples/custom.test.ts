/** examples/custom.hs: a loss, an optimizer, a schedule and an initialiser of the user's own train a classifier. */
import { expect, test } from "vitest";
import { user } from "./user.ts";

test("custom.hs learns, and prints the same digits on every run", { timeout: 240_000 }, () => {
  const { hsc } = user("custom.hs");
  const out = hsc("run", "custom.hs");
  expect(Number(/^accuracy = (.*)\n$/.exec(out)?.[1])).toBeGreaterThan(0.85);
  expect(hsc("run", "custom.hs")).toBe(out);
});
