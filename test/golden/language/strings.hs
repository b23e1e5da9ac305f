// by hand
print "a" + "b"
print "tab\tquote\" \u{48}i"
let name = "x"
print label = if name == "x" then "yes" else "no"

//= run
// ab
// tab	quote" Hi
// label = yes
