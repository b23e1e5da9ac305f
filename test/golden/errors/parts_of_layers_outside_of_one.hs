fn f(x) = {
  weight w: f32[2] = 0
  x * w
}
fn g(x) = {
  state s: f32 = 0 then s + 1
  x * s
}
fn h(x) = if training then x else 2 * x
print f([1.0, 2.0])
print g(1.0)
print h(1.0)

//= error
// error: `weight` outside a layer
//   --> parts_of_layers_outside_of_one.hs:2:3
//  2 |   weight w: f32[2] = 0
//    |   ^^^^^^^^^^^^^^^^^^^^
// help: write `layer` or `model` instead of `fn`
//
// error: `state` outside a layer
//   --> parts_of_layers_outside_of_one.hs:6:3
//  6 |   state s: f32 = 0 then s + 1
//    |   ^^^^^^^^^^^^^^^^^^^^^^^^^^^
// help: write `layer` or `model` instead of `fn`
//
// error: `training` outside a layer
//   --> parts_of_layers_outside_of_one.hs:9:14
//  9 | fn h(x) = if training then x else 2 * x
//    |              ^^^^^^^^
// help: it is known in a layer or model only
// exit 2
