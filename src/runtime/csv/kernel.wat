;; Reads csv records into columns. `scan` finds where records end, `parse` turns fields into numbers; whatever either does not know is
;; handed to `odd` (in JavaScript), or is a surprise that ends the reading: result 0. Assembled by test/data/assemble.ts into kernel.ts.
;; Memory, as tables.ts lays it out: 0 results of scan, 1024 SHUFFLE, 8192 TEN, 16384 FIVE, 32768 columns (16 bytes each: kind, address of
;; the values, address of the words that tell which are there or 0, address of a dictionary), from 65536 text, then the columns' values.
;; Kinds: 0 skipped, 1 f64, 2 f32, 3 i32, 4 i64, 5 u8, 6 i8, 7 u16, 8 u32, 9 text: the number that it has in the dictionary.
;; A dictionary: number of its texts, slots less one, 8 bytes; slots of 4 bytes, number + 1 or 0; a text in 16: address, bytes, hash, 1 for doubled quotes.
(module
  ;; (address of a field, column, row) -> address of its end, or 0
  (import "csv" "odd" (func $odd (param i32 i32 i32) (result i32)))
  (memory (export "memory") 2)

  ;; [p, end) in blocks of 64 bytes, zeros behind it, the two bytes before it in front. Records end at a line feed outside of quotes; whether p
  ;; lies within quotes is not known here, so that both cases are counted: at 0: quotes are odd in number; 4, 8: line feeds behind an even,
  ;; odd number of quotes; 12, 16: the address behind the first of each, or 0; 20: 1 for an empty line, 2 for a CR without LF, 4 for bytes that are not ASCII
  (func (export "scan") (param $p i32) (param $end i32)
    (local $a v128) (local $b v128) (local $c v128) (local $d v128) (local $all v128)
    (local $lf i64) (local $cr i64) (local $quote i64) (local $lf0 i64) (local $cr0 i64) (local $afterCr i64) (local $valid i64) (local $both i64) (local $bit i64)
    (local $parity i32) (local $flags i32) (local $counts i32) (local $at i32)
    (i64.store (i32.const 0) (i64.const 0)) (i64.store (i32.const 8) (i64.const 0)) (i64.store (i32.const 16) (i64.const 0))
    (local.set $lf0 (i64.or
      (i64.shl (i64.extend_i32_u (i32.eq (i32.load8_u (i32.sub (local.get $p) (i32.const 1))) (i32.const 10))) (i64.const 63))
      (i64.shl (i64.extend_i32_u (i32.eq (i32.load8_u (i32.sub (local.get $p) (i32.const 2))) (i32.const 10))) (i64.const 62))))
    (local.set $cr0 (i64.shl (i64.extend_i32_u (i32.eq (i32.load8_u (i32.sub (local.get $p) (i32.const 1))) (i32.const 13))) (i64.const 63)))
    (block $over (loop $blocks
      (br_if $over (i32.ge_u (local.get $p) (local.get $end)))
      (local.set $a (v128.load (local.get $p)))
      (local.set $b (v128.load offset=16 (local.get $p)))
      (local.set $c (v128.load offset=32 (local.get $p)))
      (local.set $d (v128.load offset=48 (local.get $p)))
      (local.set $all (v128.or (local.get $all) (v128.or (v128.or (local.get $a) (local.get $b)) (v128.or (local.get $c) (local.get $d)))))
      (local.set $lf (call $mask (local.get $a) (local.get $b) (local.get $c) (local.get $d) (i8x16.splat (i32.const 10))))
      (local.set $cr (call $mask (local.get $a) (local.get $b) (local.get $c) (local.get $d) (i8x16.splat (i32.const 13))))
      (local.set $quote (call $mask (local.get $a) (local.get $b) (local.get $c) (local.get $d) (i8x16.splat (i32.const 34))))
      (local.set $valid (if (result i64) (i32.ge_u (i32.sub (local.get $end) (local.get $p)) (i32.const 64))
        (then (i64.const -1))
        (else (i64.sub (i64.shl (i64.const 1) (i64.extend_i32_u (i32.sub (local.get $end) (local.get $p)))) (i64.const 1)))))
      ;; bit i: the byte before byte i is a CR
      (local.set $afterCr (i64.and (local.get $valid) (i64.or (i64.shl (local.get $cr) (i64.const 1)) (i64.shr_u (local.get $cr0) (i64.const 63)))))
      (if (i64.ne (i64.and (local.get $afterCr) (i64.xor (local.get $lf) (i64.const -1))) (i64.const 0))
        (then (local.set $flags (i32.or (local.get $flags) (i32.const 2)))))
      ;; a line feed behind a line feed, with or without a CR between them
      (if (i64.ne (i64.const 0) (i64.and (local.get $lf) (i64.or
            (i64.or (i64.shl (local.get $lf) (i64.const 1)) (i64.shr_u (local.get $lf0) (i64.const 63)))
            (i64.and (local.get $afterCr) (i64.or (i64.shl (local.get $lf) (i64.const 2)) (i64.shr_u (local.get $lf0) (i64.const 62)))))))
        (then (local.set $flags (i32.or (local.get $flags) (i32.const 1)))))
      (if (i64.eqz (local.get $quote))
        (then
          (local.set $counts (i32.shl (local.get $parity) (i32.const 2)))
          (i32.store offset=4 (local.get $counts) (i32.add (i32.load offset=4 (local.get $counts)) (i32.wrap_i64 (i64.popcnt (local.get $lf)))))
          (if (i32.and (i64.ne (local.get $lf) (i64.const 0)) (i32.eqz (i32.load offset=12 (local.get $counts))))
            (then (i32.store offset=12 (local.get $counts)
              (i32.add (i32.add (local.get $p) (i32.const 1)) (i32.wrap_i64 (i64.ctz (local.get $lf))))))))
        (else
          (local.set $both (i64.or (local.get $quote) (local.get $lf)))
          (loop $bits
            (local.set $bit (i64.and (local.get $both) (i64.sub (i64.const 0) (local.get $both))))
            (if (i64.ne (i64.and (local.get $bit) (local.get $quote)) (i64.const 0))
              (then (local.set $parity (i32.xor (local.get $parity) (i32.const 1))))
              (else
                (local.set $counts (i32.shl (local.get $parity) (i32.const 2)))
                (i32.store offset=4 (local.get $counts) (i32.add (i32.load offset=4 (local.get $counts)) (i32.const 1)))
                (if (i32.eqz (i32.load offset=12 (local.get $counts)))
                  (then (i32.store offset=12 (local.get $counts)
                    (i32.add (i32.add (local.get $p) (i32.const 1)) (i32.wrap_i64 (i64.ctz (local.get $bit)))))))))
            (local.set $both (i64.xor (local.get $both) (local.get $bit)))
            (br_if $bits (i64.ne (local.get $both) (i64.const 0))))))
      (local.set $lf0 (local.get $lf))
      (local.set $cr0 (local.get $cr))
      (local.set $p (i32.add (local.get $p) (i32.const 64)))
      (br $blocks)))
    (if (i8x16.bitmask (local.get $all)) (then (local.set $flags (i32.or (local.get $flags) (i32.const 4)))))
    (i32.store (i32.const 0) (local.get $parity))
    (i32.store (i32.const 20) (local.get $flags)))

  ;; bit i: byte i of the 64 is that one
  (func $mask (param $a v128) (param $b v128) (param $c v128) (param $d v128) (param $byte v128) (result i64)
    (i64.or
      (i64.or
        (i64.extend_i32_u (i8x16.bitmask (i8x16.eq (local.get $a) (local.get $byte))))
        (i64.shl (i64.extend_i32_u (i8x16.bitmask (i8x16.eq (local.get $b) (local.get $byte)))) (i64.const 16)))
      (i64.or
        (i64.shl (i64.extend_i32_u (i8x16.bitmask (i8x16.eq (local.get $c) (local.get $byte)))) (i64.const 32))
        (i64.shl (i64.extend_i32_u (i8x16.bitmask (i8x16.eq (local.get $d) (local.get $byte)))) (i64.const 48)))))

  ;; `rows` records of `columns` fields from p; a quote and 63 zeros stand behind the text. Gives the address behind the last record
  (func (export "parse") (param $p i32) (param $rows i32) (param $columns i32) (param $delimiter i32) (param $crlf i32) (result i32)
    (local $row i32) (local $column i32) (local $about i32) (local $kind i32) (local $there i32)
    (local $q i32) (local $negative i32) (local $length i32) (local $point i32) (local $others i32) (local $places i32)
    (local $text v128) (local $digits v128) (local $low v128) (local $high v128) (local $between v128)
    (local $m i64) (local $x f64)
    (local.set $between (i8x16.splat (local.get $delimiter)))
    (block $surprise
    (loop $records
      (if (i32.eq (local.get $row) (local.get $rows)) (then (return (local.get $p))))
      (local.set $about (i32.const 32768))
      (local.set $column (i32.const 0))
      (loop $fields
        (block $ended
          (local.set $kind (i32.load (local.get $about)))
          (block $slow
            (if (i32.eqz (local.get $kind)) (then
              (local.set $p (call $skip (local.get $p) (local.get $between)))
              (br_if $surprise (i32.eqz (local.get $p)))
              (br $ended)))
            (if (i32.eq (local.get $kind) (i32.const 9)) (then
              (local.set $p (call $text (local.get $p) (local.get $about) (local.get $row) (local.get $between)))
              (br_if $surprise (i32.eqz (local.get $p)))
              (br $ended)))
            (local.set $q (i32.add (local.get $p) (local.tee $negative (i32.eq (i32.load8_u (local.get $p)) (i32.const 45)))))
            (local.set $text (v128.load (local.get $q)))
            ;; ends at the delimiter or a control character; which of them is looked at below
            (local.set $length (i32.ctz (i32.or (i32.const 0x10000) (i8x16.bitmask (v128.or
              (i8x16.eq (local.get $text) (local.get $between))
              (i8x16.lt_u (local.get $text) (i8x16.splat (i32.const 14))))))))
            (br_if $slow (i32.eq (local.get $length) (i32.const 16)))
            (local.set $there (i32.load offset=8 (local.get $about)))
            (if (i32.eqz (local.get $length)) (then
              (br_if $surprise (i32.or (local.get $negative) (i32.eqz (local.get $there))))
              (i32.store (i32.add (local.get $there) (i32.shl (local.get $row) (i32.const 2))) (i32.const 0))
              (call $put (local.get $about) (local.get $row) (i64.const 0))
              (br $ended)))
            (local.set $digits (i8x16.sub (local.get $text) (i8x16.splat (i32.const 48))))
            (local.set $others (i32.and
              (i8x16.bitmask (i8x16.gt_u (local.get $digits) (i8x16.splat (i32.const 9))))
              (i32.sub (i32.shl (i32.const 1) (local.get $length)) (i32.const 1))))
            (local.set $point (local.get $length))
            (local.set $places (i32.const 0))
            (if (local.get $others) (then
              (local.set $point (i32.ctz (local.get $others)))
              (br_if $slow (i32.or (i32.or
                (i32.ne (i32.and (local.get $others) (i32.sub (local.get $others) (i32.const 1))) (i32.const 0))
                (i32.ne (i32.load8_u (i32.add (local.get $q) (local.get $point))) (i32.const 46)))
                (i32.eq (local.get $length) (i32.const 1))))
              (local.set $places (i32.sub (i32.sub (local.get $length) (local.get $point)) (i32.const 1)))))
            ;; 16 digits, leading zeros first, without the point; then pairs of neighbours become one, thrice
            (local.set $digits (i8x16.swizzle (local.get $digits) (v128.load offset=1024
              (i32.shl (i32.add (i32.mul (local.get $length) (i32.const 17)) (local.get $point)) (i32.const 4)))))
            (local.set $low (i32x4.dot_i16x8_s (i16x8.extend_low_i8x16_u (local.get $digits)) (v128.const i16x8 10 1 10 1 10 1 10 1)))
            (local.set $high (i32x4.dot_i16x8_s (i16x8.extend_high_i8x16_u (local.get $digits)) (v128.const i16x8 10 1 10 1 10 1 10 1)))
            (local.set $low (i32x4.dot_i16x8_s (i16x8.narrow_i32x4_s (local.get $low) (local.get $high)) (v128.const i16x8 100 1 100 1 100 1 100 1)))
            (local.set $low (i32x4.dot_i16x8_s (i16x8.narrow_i32x4_s (local.get $low) (local.get $low)) (v128.const i16x8 10000 1 10000 1 10000 1 10000 1)))
            (local.set $m (i64.add
              (i64.mul (i64.extend_i32_u (i32x4.extract_lane 0 (local.get $low))) (i64.const 100000000))
              (i64.extend_i32_u (i32x4.extract_lane 1 (local.get $low)))))
            (if (i32.le_u (local.get $kind) (i32.const 2))
              (then
                ;; at most 15 digits: below 2^53, and a power of ten up to 22 is exact, so the quotient is rounded once
                (local.set $x (f64.convert_i64_s (local.get $m)))
                (if (local.get $places) (then
                  (local.set $x (f64.div (local.get $x) (f64.load offset=8192 (i32.shl (local.get $places) (i32.const 3)))))))
                (if (local.get $negative) (then (local.set $x (f64.neg (local.get $x)))))
                (if (i32.eq (local.get $kind) (i32.const 1))
                  (then (f64.store (i32.add (i32.load offset=4 (local.get $about)) (i32.shl (local.get $row) (i32.const 3))) (local.get $x)))
                  (else
                    ;; just between two numbers of f32: rounding twice might be wrong
                    (br_if $slow (i32.and
                      (i32.eq (i32.and (i32.wrap_i64 (i64.reinterpret_f64 (local.get $x))) (i32.const 0x1fffffff)) (i32.const 0x10000000))
                      (i32.ne (local.get $places) (i32.const 0))))
                    (f32.store (i32.add (i32.load offset=4 (local.get $about)) (i32.shl (local.get $row) (i32.const 2)))
                      (f32.demote_f64 (local.get $x))))))
              (else
                (br_if $slow (local.get $others))
                (br_if $slow (i32.eqz (call $whole (local.get $about) (local.get $row) (local.get $m) (local.get $negative))))))
            (if (local.get $there) (then
              (i32.store (i32.add (local.get $there) (i32.shl (local.get $row) (i32.const 2))) (i32.const 1))))
            (local.set $p (i32.add (local.get $q) (local.get $length)))
            (br $ended))
          (local.set $p (call $slow (local.get $p) (local.get $about) (local.get $column) (local.get $row) (local.get $delimiter)))
          (br_if $surprise (i32.eqz (local.get $p))))
        (local.set $about (i32.add (local.get $about) (i32.const 16)))
        (local.set $column (i32.add (local.get $column) (i32.const 1)))
        (if (i32.lt_u (local.get $column) (local.get $columns)) (then
          (br_if $surprise (i32.ne (i32.load8_u (local.get $p)) (local.get $delimiter)))
          (local.set $p (i32.add (local.get $p) (i32.const 1)))
          (br $fields))))
      (if (local.get $crlf)
        (then
          (br_if $surprise (i32.ne (i32.load16_u (local.get $p)) (i32.const 0x0a0d)))
          (local.set $p (i32.add (local.get $p) (i32.const 2))))
        (else
          (br_if $surprise (i32.ne (i32.load8_u (local.get $p)) (i32.const 10)))
          (local.set $p (i32.add (local.get $p) (i32.const 1)))))
      (local.set $row (i32.add (local.get $row) (i32.const 1)))
      (br $records)))
    (i32.const 0))

  ;; the end of a field that nobody reads; 0 where a quote stands within one that does not begin with it
  (func $skip (param $p i32) (param $between v128) (result i32)
    (local $text v128) (local $found i32)
    (if (i32.eq (i32.load8_u (local.get $p)) (i32.const 34)) (then
      (local.set $p (i32.add (local.get $p) (i32.const 1)))
      (loop $quoted
        (local.set $found (i8x16.bitmask (i8x16.eq (v128.load (local.get $p)) (i8x16.splat (i32.const 34)))))
        (if (i32.eqz (local.get $found)) (then
          (local.set $p (i32.add (local.get $p) (i32.const 16)))
          (br $quoted)))
        (local.set $p (i32.add (i32.add (local.get $p) (i32.ctz (local.get $found))) (i32.const 1)))
        ;; two of them are one within the text
        (if (i32.eq (i32.load8_u (local.get $p)) (i32.const 34)) (then
          (local.set $p (i32.add (local.get $p) (i32.const 1)))
          (br $quoted))))
      (return (local.get $p))))
    (loop $plain
      (local.set $text (v128.load (local.get $p)))
      (local.set $found (i8x16.bitmask (v128.or
        (v128.or (i8x16.eq (local.get $text) (local.get $between)) (i8x16.eq (local.get $text) (i8x16.splat (i32.const 10))))
        (v128.or (i8x16.eq (local.get $text) (i8x16.splat (i32.const 13))) (i8x16.eq (local.get $text) (i8x16.splat (i32.const 34)))))))
      (if (i32.eqz (local.get $found)) (then
        (local.set $p (i32.add (local.get $p) (i32.const 16)))
        (br $plain))))
    (local.set $p (i32.add (local.get $p) (i32.ctz (local.get $found))))
    (select (i32.const 0) (local.get $p) (i32.eq (i32.load8_u (local.get $p)) (i32.const 34))))

  ;; a field by its number among those that were met; gives the address of its end, or 0 where a quote stands within one that does not begin with it
  (func $text (param $p i32) (param $about i32) (param $row i32) (param $between v128) (result i32)
    (local $end i32) (local $after i32) (local $doubled i32) (local $found i32) (local $text v128) (local $hash i64) (local $q i32) (local $bytes i32)
    (local $dictionary i32) (local $mask i32) (local $texts i32) (local $slot i32) (local $number i32) (local $at i32) (local $there i32)
    (if (i32.eq (i32.load8_u (local.get $p)) (i32.const 34))
      (then
        (local.set $p (i32.add (local.get $p) (i32.const 1)))
        (local.set $end (local.get $p))
        (loop $quoted
          (local.set $found (i8x16.bitmask (i8x16.eq (v128.load (local.get $end)) (i8x16.splat (i32.const 34)))))
          (if (i32.eqz (local.get $found)) (then
            (local.set $end (i32.add (local.get $end) (i32.const 16)))
            (br $quoted)))
          (local.set $end (i32.add (local.get $end) (i32.ctz (local.get $found))))
          (if (i32.eq (i32.load8_u offset=1 (local.get $end)) (i32.const 34)) (then
            (local.set $doubled (i32.const 1))
            (local.set $end (i32.add (local.get $end) (i32.const 2)))
            (br $quoted))))
        (local.set $after (i32.add (local.get $end) (i32.const 1))))
      (else
        (local.set $end (call $skip (local.get $p) (local.get $between)))
        (if (i32.eqz (local.get $end)) (then (return (i32.const 0))))
        (local.set $after (local.get $end))))
    (local.set $bytes (i32.sub (local.get $end) (local.get $p)))
    (local.set $hash (i64.extend_i32_u (local.get $bytes)))
    (local.set $q (local.get $p))
    (block $hashed (loop $blocks
      (br_if $hashed (i32.ge_u (local.get $q) (local.get $end)))
      (local.set $text (call $block (local.get $q) (i32.sub (local.get $end) (local.get $q))))
      (local.set $hash (i64.mul (i64.xor (local.get $hash) (i64x2.extract_lane 0 (local.get $text))) (i64.const 0x9e3779b97f4a7c15)))
      (local.set $hash (i64.xor (local.get $hash) (i64.shr_u (local.get $hash) (i64.const 29))))
      (local.set $hash (i64.mul (i64.xor (local.get $hash) (i64x2.extract_lane 1 (local.get $text))) (i64.const 0xbf58476d1ce4e5b9)))
      (local.set $hash (i64.xor (local.get $hash) (i64.shr_u (local.get $hash) (i64.const 32))))
      (local.set $q (i32.add (local.get $q) (i32.const 16)))
      (br $blocks)))
    (local.set $dictionary (i32.load offset=12 (local.get $about)))
    (local.set $mask (i32.load offset=4 (local.get $dictionary)))
    (local.set $texts (i32.add (i32.add (local.get $dictionary) (i32.const 20)) (i32.shl (local.get $mask) (i32.const 2))))
    (local.set $slot (i32.and (i32.wrap_i64 (local.get $hash)) (local.get $mask)))
    (block $known (loop $probe
      (local.set $q (i32.add (local.get $dictionary) (i32.shl (local.get $slot) (i32.const 2))))
      (local.set $number (i32.load offset=16 (local.get $q)))
      (if (i32.eqz (local.get $number)) (then
        (local.set $at (i32.add (local.get $texts) (i32.shl (i32.load (local.get $dictionary)) (i32.const 4))))
        (local.set $number (i32.add (i32.load (local.get $dictionary)) (i32.const 1)))
        (i32.store (local.get $dictionary) (local.get $number))
        (i32.store offset=16 (local.get $q) (local.get $number))
        (i32.store (local.get $at) (local.get $p))
        (i32.store offset=4 (local.get $at) (local.get $bytes))
        (i32.store offset=8 (local.get $at) (i32.wrap_i64 (local.get $hash)))
        (i32.store offset=12 (local.get $at) (local.get $doubled))
        (br $known)))
      (local.set $at (i32.add (local.get $texts) (i32.shl (i32.sub (local.get $number) (i32.const 1)) (i32.const 4))))
      (if (i32.and
            (i32.eq (i32.load offset=8 (local.get $at)) (i32.wrap_i64 (local.get $hash)))
            (i32.eq (i32.load offset=4 (local.get $at)) (local.get $bytes)))
        (then (br_if $known (call $same (i32.load (local.get $at)) (local.get $p) (local.get $bytes)))))
      (local.set $slot (i32.and (i32.add (local.get $slot) (i32.const 1)) (local.get $mask)))
      (br $probe)))
    (i32.store (i32.add (i32.load offset=4 (local.get $about)) (i32.shl (local.get $row) (i32.const 2)))
      (i32.sub (local.get $number) (i32.const 1)))
    (local.set $there (i32.load offset=8 (local.get $about)))
    (if (local.get $there) (then
      (i32.store (i32.add (local.get $there) (i32.shl (local.get $row) (i32.const 2))) (i32.const 1))))
    (local.get $after))

  ;; 16 bytes, zeros where they are no longer the text's
  (func $block (param $p i32) (param $rest i32) (result v128)
    (if (result v128) (i32.ge_u (local.get $rest) (i32.const 16))
      (then (v128.load (local.get $p)))
      (else (v128.and (v128.load (local.get $p))
        (i8x16.lt_u (v128.const i8x16 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15) (i8x16.splat (local.get $rest)))))))
  ;; whether two texts of that many bytes are equal
  (func $same (param $a i32) (param $b i32) (param $rest i32) (result i32)
    (loop $blocks
      (if (v128.any_true (v128.xor (call $block (local.get $a) (local.get $rest)) (call $block (local.get $b) (local.get $rest))))
        (then (return (i32.const 0))))
      (if (i32.gt_u (local.get $rest) (i32.const 16)) (then
        (local.set $a (i32.add (local.get $a) (i32.const 16)))
        (local.set $b (i32.add (local.get $b) (i32.const 16)))
        (local.set $rest (i32.sub (local.get $rest) (i32.const 16)))
        (br $blocks))))
    (i32.const 1))

  ;; the bits of a value; f64 and i64 take all, the others the low ones
  (func $put (param $about i32) (param $row i32) (param $bits i64)
    (local $kind i32) (local $at i32)
    (local.set $kind (i32.load (local.get $about)))
    (local.set $at (i32.load offset=4 (local.get $about)))
    (if (i32.or (i32.eq (local.get $kind) (i32.const 1)) (i32.eq (local.get $kind) (i32.const 4))) (then
      (i64.store (i32.add (local.get $at) (i32.shl (local.get $row) (i32.const 3))) (local.get $bits)) (return)))
    (if (i32.or (i32.eq (local.get $kind) (i32.const 5)) (i32.eq (local.get $kind) (i32.const 6))) (then
      (i64.store8 (i32.add (local.get $at) (local.get $row)) (local.get $bits)) (return)))
    (if (i32.eq (local.get $kind) (i32.const 7)) (then
      (i64.store16 (i32.add (local.get $at) (i32.shl (local.get $row) (i32.const 1))) (local.get $bits)) (return)))
    (i64.store32 (i32.add (local.get $at) (i32.shl (local.get $row) (i32.const 2))) (local.get $bits)))

  ;; stores an integer of absolute value m (unsigned); 0: out of range
  (func $whole (param $about i32) (param $row i32) (param $m i64) (param $negative i32) (result i32)
    (local $kind i32) (local $most i64)
    (local.set $kind (i32.load (local.get $about)))
    (local.set $most (i64.const 0x7fffffff))
    (if (i32.eq (local.get $kind) (i32.const 4)) (then (local.set $most (i64.const 0x7fffffffffffffff))))
    (if (i32.eq (local.get $kind) (i32.const 5)) (then (local.set $most (i64.const 0xff))))
    (if (i32.eq (local.get $kind) (i32.const 6)) (then (local.set $most (i64.const 0x7f))))
    (if (i32.eq (local.get $kind) (i32.const 7)) (then (local.set $most (i64.const 0xffff))))
    (if (i32.eq (local.get $kind) (i32.const 8)) (then (local.set $most (i64.const 0xffffffff))))
    (if (local.get $negative) (then
      (if (i32.or (i32.or (i32.eq (local.get $kind) (i32.const 5)) (i32.eq (local.get $kind) (i32.const 7))) (i32.eq (local.get $kind) (i32.const 8)))
        (then (local.set $most (i64.const 0)))
        (else (local.set $most (i64.add (local.get $most) (i64.const 1)))))))
    (if (i64.gt_u (local.get $m) (local.get $most)) (then (return (i32.const 0))))
    (call $put (local.get $about) (local.get $row)
      (select (i64.sub (i64.const 0) (local.get $m)) (local.get $m) (local.get $negative)))
    (i32.const 1))

  ;; any number of up to 19 digits, with sign, point and exponent; gives the address of its end
  (func $slow (param $p i32) (param $about i32) (param $column i32) (param $row i32) (param $delimiter i32) (result i32)
    (local $q i32) (local $byte i32) (local $negative i32) (local $m i64) (local $count i32) (local $seen i32) (local $point i32) (local $places i32)
    (local $power i32) (local $down i32) (local $kind i32) (local $x f64) (local $there i32)
    (local.set $kind (i32.load (local.get $about)))
    (block $strange
      (local.set $q (local.get $p))
      (local.set $byte (i32.load8_u (local.get $q)))
      (local.set $negative (i32.eq (local.get $byte) (i32.const 45)))
      (if (i32.or (local.get $negative) (i32.eq (local.get $byte) (i32.const 43)))
        (then (local.set $q (i32.add (local.get $q) (i32.const 1)))))
      (block $number (loop $digits
        (local.set $byte (i32.sub (i32.load8_u (local.get $q)) (i32.const 48)))
        (if (i32.lt_u (local.get $byte) (i32.const 10))
          (then
            (local.set $m (i64.add (i64.mul (local.get $m) (i64.const 10)) (i64.extend_i32_u (local.get $byte))))
            (local.set $count (i32.add (local.get $count) (i64.ne (local.get $m) (i64.const 0))))
            (br_if $strange (i32.gt_u (local.get $count) (i32.const 19)))
            (local.set $seen (i32.const 1))
            (local.set $places (i32.add (local.get $places) (local.get $point))))
          (else
            (br_if $number (i32.or (i32.ne (local.get $byte) (i32.const -2)) (local.get $point)))
            (local.set $point (i32.const 1))))
        (local.set $q (i32.add (local.get $q) (i32.const 1)))
        (br $digits)))
      (br_if $strange (i32.eqz (local.get $seen)))
      (if (i32.eq (i32.or (i32.load8_u (local.get $q)) (i32.const 32)) (i32.const 101)) (then
        (local.set $point (i32.const 1))
        (local.set $q (i32.add (local.get $q) (i32.const 1)))
        (local.set $byte (i32.load8_u (local.get $q)))
        (local.set $down (i32.eq (local.get $byte) (i32.const 45)))
        (if (i32.or (local.get $down) (i32.eq (local.get $byte) (i32.const 43)))
          (then (local.set $q (i32.add (local.get $q) (i32.const 1)))))
        (local.set $seen (i32.const 0))
        (block $exponent (loop $digits
          (local.set $byte (i32.sub (i32.load8_u (local.get $q)) (i32.const 48)))
          (br_if $exponent (i32.ge_u (local.get $byte) (i32.const 10)))
          (local.set $power (i32.add (i32.mul (local.get $power) (i32.const 10)) (local.get $byte)))
          (local.set $seen (i32.const 1))
          (br_if $strange (i32.gt_u (local.get $power) (i32.const 9999)))
          (local.set $q (i32.add (local.get $q) (i32.const 1)))
          (br $digits)))
        (br_if $strange (i32.eqz (local.get $seen)))
        (if (local.get $down) (then (local.set $power (i32.sub (i32.const 0) (local.get $power)))))))
      (local.set $byte (i32.load8_u (local.get $q)))
      (br_if $strange (i32.and (i32.ne (local.get $byte) (local.get $delimiter)) (i32.ge_u (local.get $byte) (i32.const 14))))
      (if (i32.le_u (local.get $kind) (i32.const 2))
        (then
          (local.set $power (i32.sub (local.get $power) (local.get $places)))
          (local.set $x (call $decimal (local.get $m) (local.get $power)))
          (br_if $strange (f64.ne (local.get $x) (local.get $x)))
          (if (i32.eq (local.get $kind) (i32.const 2)) (then
            (br_if $strange (i32.eq (i32.and (i32.wrap_i64 (i64.reinterpret_f64 (local.get $x))) (i32.const 0x1fffffff)) (i32.const 0x10000000)))
            ;; subnormal or too large in f32
            (br_if $strange (i32.and (f64.ne (local.get $x) (f64.const 0))
              (i32.or (f64.lt (local.get $x) (f64.const 0x1p-126)) (f64.gt (local.get $x) (f64.const 0x1.fffffep127)))))))
          (if (local.get $negative) (then (local.set $x (f64.neg (local.get $x)))))
          (call $put (local.get $about) (local.get $row) (if (result i64) (i32.eq (local.get $kind) (i32.const 1))
            (then (i64.reinterpret_f64 (local.get $x)))
            (else (i64.extend_i32_u (i32.reinterpret_f32 (f32.demote_f64 (local.get $x))))))))
        (else
          (br_if $strange (local.get $point))
          (br_if $strange (i32.eqz (call $whole (local.get $about) (local.get $row) (local.get $m) (local.get $negative))))))
      (local.set $there (i32.load offset=8 (local.get $about)))
      (if (local.get $there) (then
        (i32.store (i32.add (local.get $there) (i32.shl (local.get $row) (i32.const 2))) (i32.const 1))))
      (return (local.get $q)))
    (call $odd (local.get $p) (local.get $column) (local.get $row)))

  ;; the f64 nearest to m * 10^power, m < 10^19 (unsigned); nan where it is not known. Lemire, Number Parsing at a Gigabyte per Second (2021)
  (func $decimal (param $m i64) (param $power i32) (result f64)
    (local $zeros i64) (local $at i32) (local $high i64) (local $low i64) (local $second i64) (local $upper i64) (local $mantissa i64) (local $exponent i64)
    (if (i64.eqz (local.get $m)) (then (return (f64.const 0))))
    (if (i64.le_u (local.get $m) (i64.const 0x20000000000000)) (then
      (if (i32.le_u (local.get $power) (i32.const 22))
        (then (return (f64.mul (f64.convert_i64_u (local.get $m)) (f64.load offset=8192 (i32.shl (local.get $power) (i32.const 3)))))))
      (if (i32.le_u (i32.sub (i32.const 0) (local.get $power)) (i32.const 22))
        (then (return (f64.div (f64.convert_i64_u (local.get $m))
          (f64.load offset=8192 (i32.shl (i32.sub (i32.const 0) (local.get $power)) (i32.const 3)))))))))
    (if (i32.or (i32.lt_s (local.get $power) (i32.const -342)) (i32.gt_s (local.get $power) (i32.const 308)))
      (then (return (f64.const nan))))
    (local.set $zeros (i64.clz (local.get $m)))
    (local.set $m (i64.shl (local.get $m) (local.get $zeros)))
    (local.set $at (i32.shl (i32.add (local.get $power) (i32.const 342)) (i32.const 4)))
    (local.set $high (call $upper (local.get $m) (i64.load offset=16384 (local.get $at))))
    (local.set $low (i64.mul (local.get $m) (i64.load offset=16384 (local.get $at))))
    (if (i64.eq (i64.and (local.get $high) (i64.const 0x1ff)) (i64.const 0x1ff)) (then
      (local.set $second (call $upper (local.get $m) (i64.load offset=16392 (local.get $at))))
      (local.set $low (i64.add (local.get $low) (local.get $second)))
      (if (i64.gt_u (local.get $second) (local.get $low)) (then (local.set $high (i64.add (local.get $high) (i64.const 1)))))))
    (local.set $upper (i64.shr_u (local.get $high) (i64.const 63)))
    (local.set $mantissa (i64.shr_u (local.get $high) (i64.add (local.get $upper) (i64.const 9))))
    ;; (152170 + 65536) * power >> 16 is the exponent of two of that power of ten
    (local.set $exponent (i64.add (i64.sub (i64.add
      (i64.extend_i32_s (i32.shr_s (i32.mul (i32.const 217706) (local.get $power)) (i32.const 16)))
      (i64.const 63)) (local.get $zeros)) (i64.add (local.get $upper) (i64.const 1023))))
    (if (i64.le_s (local.get $exponent) (i64.const 0)) (then (return (f64.const nan))))
    ;; just between two numbers: to the even one
    (if (i32.and
          (i32.and (i64.le_u (local.get $low) (i64.const 1)) (i64.eq (i64.and (local.get $mantissa) (i64.const 3)) (i64.const 1)))
          (i32.and (i32.ge_s (local.get $power) (i32.const -4)) (i32.le_s (local.get $power) (i32.const 23))))
      (then (if (i64.eq (i64.shl (local.get $mantissa) (i64.add (local.get $upper) (i64.const 9))) (local.get $high))
        (then (local.set $mantissa (i64.and (local.get $mantissa) (i64.const -2)))))))
    (local.set $mantissa (i64.shr_u (i64.add (local.get $mantissa) (i64.and (local.get $mantissa) (i64.const 1))) (i64.const 1)))
    (if (i64.ge_u (local.get $mantissa) (i64.const 0x20000000000000)) (then
      (local.set $mantissa (i64.const 0x10000000000000))
      (local.set $exponent (i64.add (local.get $exponent) (i64.const 1)))))
    (if (i64.ge_s (local.get $exponent) (i64.const 0x7ff)) (then (return (f64.const nan))))
    (f64.reinterpret_i64 (i64.or (i64.and (local.get $mantissa) (i64.const 0xfffffffffffff)) (i64.shl (local.get $exponent) (i64.const 52)))))

  ;; the upper half of the product of two words, unsigned
  (func $upper (param $a i64) (param $b i64) (result i64)
    (local $al i64) (local $ah i64) (local $bl i64) (local $bh i64) (local $cross i64)
    (local.set $al (i64.and (local.get $a) (i64.const 0xffffffff)))
    (local.set $ah (i64.shr_u (local.get $a) (i64.const 32)))
    (local.set $bl (i64.and (local.get $b) (i64.const 0xffffffff)))
    (local.set $bh (i64.shr_u (local.get $b) (i64.const 32)))
    (local.set $cross (i64.add (i64.mul (local.get $ah) (local.get $bl)) (i64.shr_u (i64.mul (local.get $al) (local.get $bl)) (i64.const 32))))
    ;; (2^32 - 1)^2 + 2^32 - 1 < 2^64, twice
    (local.set $bl (i64.add (i64.mul (local.get $al) (local.get $bh)) (i64.and (local.get $cross) (i64.const 0xffffffff))))
    (i64.add (i64.add (i64.mul (local.get $ah) (local.get $bh)) (i64.shr_u (local.get $cross) (i64.const 32))) (i64.shr_u (local.get $bl) (i64.const 32)))))
