/** examples/logistic.hs against scikit-learn. */
import { expect, test } from "vitest";
import { user } from "./user.ts";

test("finds the optimum that scikit-learn finds", { timeout: 120_000 }, () => {
  const { hsc } = user("logistic.hs");
  const [right, loss] = hsc("run", "logistic.hs").trim().split("\n");
  // python -c "import numpy as np; from sklearn.datasets import load_svmlight_file as f; from sklearn.linear_model import LogisticRegression as L;
  //   from sklearn.metrics import log_loss; x, y = f('iris.libsvm'); m = L(C=np.inf, max_iter=100000, tol=1e-12).fit(x, y);
  //   print((m.predict(x) == y).sum(), log_loss(y, m.predict_proba(x)))"    (scikit-learn 1.9.1)
  expect(right).toBe("right = 148");
  const found = Number(loss!.replace("loss = ", ""));
  // a mean over 150 records in f32; the least loss has no gradient: what the weights lack does not count
  expect(Math.abs(found - 0.03966176639512416)).toBeLessThanOrEqual(150 * 2 ** -24 * 0.04);
});
