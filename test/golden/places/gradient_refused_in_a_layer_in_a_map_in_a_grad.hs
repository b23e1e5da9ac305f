let d = npy("../data/matrix.npy") |> rows
layer worst(x: f32[n]) -> f32 = {
  weight w: f32[n] = 1
  max(d, r => sum(r * x * w))
}
model Net(x: f32[4]) -> f32 = worst(x)
let net = init(Net)
print grad(w => sum(map([1.0, 2.0], x => net(x * w))))(zeros([4]))

//= error
// error: no gradient flows through the max of an rdd
//   --> gradient_refused_in_a_layer_in_a_map_in_a_grad.hs:4:3
//  4 |   max(d, r => sum(r * x * w))
//    |   ^^^^^^^^^^^^^^^^^^^^^^^^^^^
// help: stop_gradient(..) of it where none is meant; sum and mean of an rdd have one
// exit 2
