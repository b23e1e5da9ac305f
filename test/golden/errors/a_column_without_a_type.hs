let d = json("../data/grids.jsonl")
print d |> map(r => r.a)
let e: rdd { id: i32, a: list { grid: f32[2] } } = json("../data/grids.jsonl")
print e

//= error
// error: no column `a` in ../data/grids.jsonl
//   --> a_column_without_a_type.hs:2:23
//  2 | print d |> map(r => r.a)
//    |                       ^
// note: columns: id i64, a (STRUCT(grid UBIGINT[][])[], of which there is no type)
//
// error: column `a` of ../data/grids.jsonl is STRUCT(grid UBIGINT[][])[], of which there is no type
//   --> a_column_without_a_type.hs:3:23
//  3 | let e: rdd { id: i32, a: list { grid: f32[2] } } = json("../data/grids.jsonl")
//    |                       ^
// exit 2
