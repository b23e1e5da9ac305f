layer centred(x: f32[2]) -> f32[2] = x - mean(over_batch(x), axis: 0)
model M(x: f32[2]) -> f32 = x |> centred |> dense(1) |> sum
print over_batch([1.0])
print init(M)([1.0, 2.0])
print rows([1.0]) |> map(x => sum(over_batch(x)))

//= error
// error: `over_batch` without a batch: only the loss of a training has one
//   --> over_batch_without_a_batch.hs:1:47
//  1 | layer centred(x: f32[2]) -> f32[2] = x - mean(over_batch(x), axis: 0)
//    |                                               ^^^^^^^^^^^^^
// help: if training then .. over_batch(x) .. else ..
//
// error: `over_batch` without a batch: only the loss of a training has one
//   --> over_batch_without_a_batch.hs:3:7
//  3 | print over_batch([1.0])
//    |       ^^^^^^^^^^^^^^^^^
// help: if training then .. over_batch([1.0]) .. else ..
//
// error: `over_batch` without a batch: only the loss of a training has one
//   --> over_batch_without_a_batch.hs:5:35
//  5 | print rows([1.0]) |> map(x => sum(over_batch(x)))
//    |                                   ^^^^^^^^^^^^^
// help: if training then .. over_batch(x) .. else ..
// exit 2
