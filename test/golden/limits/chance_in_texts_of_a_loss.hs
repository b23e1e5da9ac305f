// What a loss draws is another draw in each step, when the rows are there; what data draw is drawn before their epoch
let sales: rdd { id: i32, user: string, price: f32 } = csv("../data/sales.csv")
model M(x: f32) -> f32 = unsqueeze(x, 0) |> dense(1) |> reshape([])
let net = train(M, sales, loss: (m, r) => mse(m(r.price), f32(length(substring(r.user, randint(0, 3), 2)))), optimizer: sgd(0.01), epochs: 2)
print net(1.0)

//= error
// limit: a text of what a loss draws in each step is not built yet
//   --> chance_in_texts_of_a_loss.hs:4:88
//  4 | let net = train(M, sales, loss: (m, r) => mse(m(r.price), f32(length(substring(r.user, randint(0, 3), 2)))), optimizer: sgd(0.01), epochs: 2)
//    |                                                                                        ^^^^^^^^^^^^^
// help: the draw, and what is made of the text, in a map of the data: anew in each epoch
// exit 2
