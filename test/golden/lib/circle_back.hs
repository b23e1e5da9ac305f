// imported by circle.hs
import "circle.hs"
