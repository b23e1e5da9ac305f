// the trips that give the sum are those whose states the gradient goes back through: two loops, not three
let d = value_and_grad(w => sum(scan(normal([6, 3], seed: 1), w, (s, x) => tanh(s + x))))(normal([3], seed: 2))
print d

//= run
// { value: -4.731828, grad: [0.037676446, 1.920812, 0.52833617] }
//= count unite
// loop 2
