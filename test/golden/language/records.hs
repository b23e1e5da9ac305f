// spread, pick, drop, vector, keywords as fields; by hand
let r = { x: 1, y: 2.5, ok: true }
print r
print { ...r, x: 5, z: [1, 2] }
print pick(r, "x", "ok")
print drop(r, "y")
print vector(r)
let e = { to: 3, state: 4 }
print e.to + e.state
print { r.x, e.to }
print {}

//= run
// { x: 1, y: 2.5, ok: true }
// { x: 5, y: 2.5, ok: true, z: [1, 2] }
// { x: 1, ok: true }
// { x: 1, ok: true }
// [1, 2.5, 1]
// 7
// { x: 1, to: 3 }
// { }
