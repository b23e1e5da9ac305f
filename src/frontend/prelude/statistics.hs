// Statistics of the records of an rdd or of a tensor. Two passes: first the mean, then the squares around it.

fn var(c, f = none, axis = none) =
  if axis != none then mean((c - unsqueeze(mean(c, axis: axis), axis))^2, axis: axis)
  else {
    let value = if is_function(f) then f else x => x
    let m = mean(c, value)
    let there = if is_rdd(c) then drop_missing(map(c, value)) else map(c, value)
    mean(there, x => (x - m)^2)
  }
fn std(c, f = none, axis = none) = sqrt(var(c, f, axis))

fn moments(d, f = none) = { mean: mean(d, f), std: std(d, f) }
// a column that never varies has a deviation of 0 and is only centred
fn standardize(x, moments) = (x - moments.mean) / where(moments.std > 0, moments.std, 1)

// what max_by and min_by give: the first with this value
fn first_with(c, f, value) =
  if is_rdd(c) then first(c |> filter(r => f(r) == value)) else c[argmax(i32(map(c, f) == value))]

// the least value that at least the share q of the records do not exceed (NumPy's inverted_cdf): halved until no float lies between
// of a list or a tensor they are put in order
fn quantile(d, q, f = none) =
  if is_rdd(d) or is_list(d) then quantile_of_records(d, q, f)
  else {
    let values = sort(flatten(1.0 * (if is_function(f) then map(d, f) else d)))
    values[maximum(i32(ceil(q * f32(size(values)))), 1) - 1]
  }
fn quantile_of_records(d, q, f) = {
  let values = drop_missing(map(d, if is_function(f) then f else x => x)) |> map(x => 1.0 * x)
  let needed = q * f32(count(values))
  if is_list(d) then sort_by(values, x => x)[maximum(i32(ceil(needed)), 1) - 1]
  else in_halves(values, needed)
}
fn in_halves(values, needed) = {
  let least = min(values)
  let found = iterate({ low: least, high: max(values) }, s => {
    let middle = s.low + (s.high - s.low) / 2
    let enough = f32(count(values |> filter(x => x <= middle))) >= needed
    { low: if enough then s.low else middle, high: if enough then middle else s.high }
  }, times: 160, until: (old, new) => new.low == old.low and new.high == old.high)
  if f32(count(values |> filter(x => x <= least))) >= needed then least else found.high
}

fn rmse(d, predicted, actual) = sqrt(mean(d, r => (predicted(r) - actual(r))^2))
// rows are the actual classes, columns the predicted
fn confusion(d, predicted, actual, classes) =
  sum(d, r => i32(unsqueeze(range(classes) == actual(r), 1) and range(classes) == predicted(r)))
// of two classes, true and false or 1 and 0
fn f1(d, predicted, actual) = {
  let both = f32(count(d |> filter(r => bool(predicted(r)) and bool(actual(r)))))
  let one = f32(count(d |> filter(r => bool(predicted(r)) != bool(actual(r)))))
  2 * both / (2 * both + one)
}
// the share of the pairs of a positive and a negative that the score puts in order, ties half (Mann and Whitney 1947): by the ranks of the positives
fn auc(d, score, label) = {
  let ranked = d |> map(r => { score: score(r), yes: i32(label(r)) }) |> sort_by(.score) |> zip_index
  let ties = ranked |> group_by(.score, g => { yes: sum(g, .yes), all: count(g), rank: mean(g, .index) + 1 })
  let s = sum(ties, t => { ranks: f64(t.yes) * t.rank, yes: f64(t.yes), all: f64(t.all) })
  (s.ranks - s.yes * (s.yes + 1) / 2) / (s.yes * (s.all - s.yes))
}
fn top_k_accuracy(x: float[n], y: int, k) = sum(i32(x > x[y])) < k

// one tensor per group, its group's row filled: [groups, ...]
fn in_group(k, groups, v) = where(reshape(range(groups) == k, concat([[groups], shape(v) * 0 + 1])), unsqueeze(v, 0), 0)
fn sum_by(d, key, groups, value = none) =
  if is_function(value) then sum(d, r => in_group(key(r), groups, value(r))) else sum(d, r => i32(range(groups) == key(r)))
fn count_by(d, key, groups) = sum_by(d, key, groups)
fn mean_by(d, key, groups, value = none, empty = nan) = {
  let of = if is_function(value) then value else r => r
  let total = sum_by(d, key, groups, of)
  let n = reshape(count_by(d, key, groups), concat([[groups], shape(total)[1:] * 0 + 1]))
  where(n > 0, total / maximum(n, 1), empty)
}
