let days: rdd { day: time, temp_max: string } = csv("../data/semicolons.csv")
print days

//= error
// error: no column `day` in ../data/semicolons.csv
//   --> csv_of_semicolons.hs:1:17
//  1 | let days: rdd { day: time, temp_max: string } = csv("../data/semicolons.csv")
//    |                 ^^^ did you mean `day;temp_max;wind`?
// note: columns: day;temp_max;wind string
// help: csv("..", delimiter: ";")
// exit 2
