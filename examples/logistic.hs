// Multinomial logistic regression by L-BFGS on a libsvm file: a label per line, then index:value, zeros left out.
let flowers = libsvm("data/iris.libsvm")                     // rdd { label: f32, features: f32[4] }

model Logistic(x: f32[4]) -> f32[3] = x |> dense(3, init: zeros_init())

let net = train(Logistic, flowers,
  loss: (m, r) => cross_entropy(m(r.features), i32(r.label)),
  optimizer: lbfgs(), steps: 100)
print right = flowers |> sum(r => argmax(net(r.features)) == i32(r.label))
print loss = flowers |> mean(r => cross_entropy(net(r.features), i32(r.label)))

//= run
// right = 148
// loss = 0.039661687
