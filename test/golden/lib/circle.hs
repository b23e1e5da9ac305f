// imported by a golden: it imports itself by another file
import "circle_back.hs"
