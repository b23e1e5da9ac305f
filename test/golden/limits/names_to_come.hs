let d = rows([1.0, 2.0])
print string(1.5)
print auc(d, x => x, x => x > 1)
print pad_to([1, 2], 4)
print d |> rename({ a: "b" })
print d |> repartition(4)

//= error
// limit: `string` is not built yet
//   --> names_to_come.hs:2:7
//  2 | print string(1.5)
//    |       ^^^^^^^^^^^
// help: print name = x
//
// limit: `auc` is not built yet
//   --> names_to_come.hs:3:7
//  3 | print auc(d, x => x, x => x > 1)
//    |       ^^^^^^^^^^^^^^^^^^^^^^^^^^
// help: mean(d, r => .. == ..), the accuracy
//
// limit: `pad_to` is not built yet
//   --> names_to_come.hs:4:7
//  4 | print pad_to([1, 2], 4)
//    |       ^^^^^^^^^^^^^^^^^
// help: pad(x, [[0, n]]) of a tensor
//
// limit: `rename` is not built yet
//   --> names_to_come.hs:5:12
//  5 | print d |> rename({ a: "b" })
//    |            ^^^^^^^^^^^^^^^^^^
// help: map(r => { new: r.old })
//
// limit: `repartition` is not built yet
//   --> names_to_come.hs:6:12
//  6 | print d |> repartition(4)
//    |            ^^^^^^^^^^^^^^
// help: leave it out: there is one partition
// exit 2
