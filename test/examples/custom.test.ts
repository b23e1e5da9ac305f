/** examples/custom.hs: a loss, an optimizer, a schedule and an initialiser of the user's own train a classifier. */
import { expect, test } from "vitest";
import { user } from "./user.ts";

test("custom.hs learns, and prints the same digits on every run", { timeout: 240_000 }, () => {
  const { hsc } = user("custom.hs");
  const out = hsc("run", "custom.hs");
  expect(out).toMatch(/^epoch {2}step {6}loss\n {4}1 {3}126 {2}0\.\d+ *\n {4}2 {3}252 {2}0\.\d+ *\naccuracy = /);
  expect(Number(/^accuracy = (.*)$/m.exec(out)?.[1])).toBeGreaterThan(0.85);
  expect(hsc("run", "custom.hs")).toBe(out);
});
