// imported by a golden: an imported file may not have effects
fn double(x) = x + x
print double(1)
