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
// stderr:
// step 1/100  loss 0.8477
// step 2/100  loss 0.5038
// step 3/100  loss 0.379
// step 4/100  loss 0.272
// step 5/100  loss 0.2138
// step 6/100  loss 0.164
// step 7/100  loss 0.1031
// step 8/100  loss 0.07168
// step 9/100  loss 0.05823
// step 10/100  loss 0.05083
// step 11/100  loss 0.04443
// step 12/100  loss 0.04162
// step 13/100  loss 0.04157
// step 14/100  loss 0.04004
// step 15/100  loss 0.03982
// step 16/100  loss 0.03977
// step 17/100  loss 0.03976
// step 18/100  loss 0.03974
// step 19/100  loss 0.03974
// step 20/100  loss 0.03973
// step 21/100  loss 0.03971
// step 22/100  loss 0.0397
// step 23/100  loss 0.03969
// step 24/100  loss 0.03968
// step 25/100  loss 0.03968
// step 26/100  loss 0.03967
// step 27/100  loss 0.03967
// step 28/100  loss 0.03966
// step 29/100  loss 0.03966
// step 30/100  loss 0.03966
// step 31/100  loss 0.03966
// step 32/100  loss 0.03966
// step 33/100  loss 0.03966
// step 34/100  loss 0.03966
// step 35/100  loss 0.03966
// step 36/100  loss 0.03966
// step 37/100  loss 0.03966
// step 38/100  loss 0.03966
// step 39/100  loss 0.03966
// step 40/100  loss 0.03966
// step 41/100  loss 0.03966
// step 42/100  loss 0.03966
