// What bytes spell is printed or saved; rows have texts of files and of functions of texts
let parts = rows([[104, 105], [104, 111]])
print utf8([104, 105])
print parts |> map(b => utf8(b))

//= error
// error: a row is made of numbers, strings, tensors, lists and records of them, this is the text of utf8, which is printed or saved as a whole
//   --> text_of_bytes_in_a_row.hs:4:20
//  4 | print parts |> map(b => utf8(b))
//    |                    ^^^^^^^^^^^^
// exit 2
