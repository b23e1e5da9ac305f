"""A sparse libsvm file as scikit-learn writes it, and the optimum of a logistic regression on it: `python test/oracle/sparse.py` in test/runtime (scikit-learn 1.9.1)."""
import numpy as np
import scipy.sparse as sp
from sklearn.datasets import dump_svmlight_file, load_svmlight_file
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import log_loss

rng = np.random.default_rng(5)
rows, width = 300, 40
x = sp.random(rows, width, density=0.12, random_state=5, data_rvs=lambda k: np.round(rng.normal(size=k), 3)).tocsr()
score = x @ rng.normal(size=width) + 0.3
y = np.where(rng.random(rows) < 1 / (1 + np.exp(-score)), 1, -1)
dump_svmlight_file(x, y, "sparse.libsvm", zero_based=False)
x, y = load_svmlight_file("sparse.libsvm", n_features=width)
model = LogisticRegression(C=np.inf, tol=1e-10, max_iter=10000).fit(x, y)
print(log_loss(y, model.predict_proba(x)), (model.predict(x) == y).sum())
