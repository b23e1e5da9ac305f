// rows that are no records become the field `value`
print rows([5, 6]) |> zip_index |> collect

//= run
// { value: [5, 6], index: [0, 1] }
