let x = npy("no_such_file.npy")
print sum(x)

//= error
// error: cannot read no_such_file.npy: no such file
//   --> missing_file.hs:1:13
//  1 | let x = npy("no_such_file.npy")
//    |             ^^^^^^^^^^^^^^^^^^
// exit 2
