print images("../data/pets/", size: [4, 4])

//= error
// error: ../data/pets/cat is a folder, not a picture: "../data/pets/*/*" are the files of all folders there
//   --> folders_of_pictures.hs:1:14
//  1 | print images("../data/pets/", size: [4, 4])
//    |              ^^^^^^^^^^^^^^^
// exit 2
