// figures: NumPy
let x = npy("../data/matrix.npy")
let v = [1.0, -1.0, 2.0, 0.5]
print x @ v
print [1.0, 0.0, -1.0] @ x
print v @ v
print x @ transpose(x)
print transpose(x) @ x |> shape
let a = f32(reshape(range(24), [2, 3, 4]))
print a @ transpose(x)[:, 0:2]
print einsum("ijk,lk->jil", a, x[0:2])
print outer([1, 2], [3, 4, 5])
print dot(v, v)

//= run
// [7, 17, 27]
// [-8, -8, -8, -8]
// 6.25
// [[30, 70, 110], [70, 174, 278], [110, 278, 446]]
// [4, 4]
// [[[20, 44], [60, 148], [100, 252]], [[140, 356], [180, 460], [220, 564]]]
// [[[20, 44], [140, 356]], [[60, 148], [180, 460]], [[100, 252], [220, 564]]]
// [[3, 4, 5], [6, 8, 10]]
// 6.25
