// imported by goldens
param factor = 2
fn double(x) = x + x
fn scale(x) = x * factor
model Pair(x: f32[2]) -> f32[2] = dense(x, 2, init: constant_init(1))
