param x = 1.5
print f16(x) * 2

//= error
// limit: f16 on a CPU is not built yet
//   --> f16_on_a_cpu.hs:2:7
//  2 | print f16(x) * 2
//    |       ^^^^^^
// help: f32(..)
// exit 2
