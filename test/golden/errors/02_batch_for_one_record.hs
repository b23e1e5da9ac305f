model LeNet(x: f32[28, 28]) -> f32[10] = x |> flatten |> dense(10)
let net = init(LeNet)
let images = zeros([100, 28, 28])
print argmax(net(images))

//= error
// error: LeNet takes one f32[28, 28], this is f32[100, 28, 28]
//   --> 02_batch_for_one_record.hs:4:18
//  4 | print argmax(net(images))
//    |                  ^^^^^^ axis 0 has 100 records
// help: images |> map(x => net(x))          models are written for one record; the batch is added for you
// exit 2
