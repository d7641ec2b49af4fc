;; Block quantization with SIMD. The definition, number by number, is js-kernel.ts; both give identical bytes.
;; Memory: 0 sum of squares (f64), 8 sum of squared errors (f64), 16 largest error (f32), 32 smallest and 48 largest values
;; (f32x4), 64 the block as float32 (256 at most). Everything else is where the caller puts it.
(module
  (memory (import "env" "memory") 1)

  ;; Widens a block to 64.., leaves its four smallest and largest values. kind: 0 float16, 1 bfloat16, 2 float32.
  (func $widen (param $src i32) (param $kind i32) (param $n i32)
    (local $at i32) (local $end i32) (local $h v128) (local $a v128) (local $b v128) (local $min v128) (local $max v128)
    (local $nan v128) (local $magnitude v128) (local $sign v128) (local $bias v128)
    (local.set $magnitude (i32x4.splat (i32.const 0x7fff)))
    (local.set $sign (i32x4.splat (i32.const 0x8000)))
    (local.set $bias (f32x4.splat (f32.const 0x1p112)))
    (local.set $at (i32.const 64))
    (local.set $end (i32.add (i32.const 64) (i32.shl (local.get $n) (i32.const 2))))
    (local.set $min (f32x4.splat (f32.const inf)))
    (local.set $max (f32x4.splat (f32.const -inf)))
    (loop $more
      (if (i32.eq (local.get $kind) (i32.const 2))
        (then
          (local.set $a (v128.load (local.get $src)))
          (local.set $b (v128.load offset=16 (local.get $src)))
          (local.set $src (i32.add (local.get $src) (i32.const 32))))
        (else
          (local.set $h (v128.load (local.get $src)))
          (local.set $src (i32.add (local.get $src) (i32.const 16)))
          (local.set $a (i32x4.extend_low_i16x8_u (local.get $h)))
          (local.set $b (i32x4.extend_high_i16x8_u (local.get $h)))
          (if (local.get $kind)
            (then
              (local.set $a (i32x4.shl (local.get $a) (i32.const 16)))
              (local.set $b (i32x4.shl (local.get $b) (i32.const 16))))
            (else
              ;; Exponent and fraction moved into place, the exponent's bias mended by a product: exact, subnormal or not.
              (local.set $a (v128.or
                (f32x4.mul (i32x4.shl (v128.and (local.get $a) (local.get $magnitude)) (i32.const 13)) (local.get $bias))
                (i32x4.shl (v128.and (local.get $a) (local.get $sign)) (i32.const 16))))
              (local.set $b (v128.or
                (f32x4.mul (i32x4.shl (v128.and (local.get $b) (local.get $magnitude)) (i32.const 13)) (local.get $bias))
                (i32x4.shl (v128.and (local.get $b) (local.get $sign)) (i32.const 16))))))))
      (v128.store (local.get $at) (local.get $a))
      (v128.store offset=16 (local.get $at) (local.get $b))
      ;; pmin and pmax are one instruction each, and lose a NaN.
      (local.set $min (f32x4.pmin (f32x4.pmin (local.get $min) (local.get $a)) (local.get $b)))
      (local.set $max (f32x4.pmax (f32x4.pmax (local.get $max) (local.get $a)) (local.get $b)))
      (local.set $nan (v128.or (v128.or (local.get $nan) (f32x4.ne (local.get $a) (local.get $a))) (f32x4.ne (local.get $b) (local.get $b))))
      (br_if $more (i32.lt_u (local.tee $at (i32.add (local.get $at) (i32.const 32))) (local.get $end))))
    (if (v128.any_true (local.get $nan)) (then (local.set $max (f32x4.splat (f32.const inf)))))
    (v128.store (i32.const 32) (local.get $min))
    (v128.store (i32.const 48) (local.get $max)))

  ;; 1 / scale, 0 for 0.
  (func $inverse (param $scale f32) (result f32)
    (if (result f32) (f32.eq (local.get $scale) (f32.const 0))
      (then (f32.const 0))
      (else (f32.div (f32.const 1) (local.get $scale)))))

  (func $lanes (param $v v128) (result f32)
    (f32.add
      (f32.add (f32x4.extract_lane 0 (local.get $v)) (f32x4.extract_lane 1 (local.get $v)))
      (f32.add (f32x4.extract_lane 2 (local.get $v)) (f32x4.extract_lane 3 (local.get $v)))))

  ;; Weighted squared error of the block under a scale.
  (func $error (param $scale f32) (param $n i32) (param $half f32) (param $weights i32) (result f32)
    (local $at i32) (local $end i32) (local $s v128) (local $r v128) (local $lo v128) (local $hi v128) (local $magic v128)
    (local $v v128) (local $e v128) (local $sum v128)
    (local.set $at (i32.const 64))
    (local.set $end (i32.add (i32.const 64) (i32.shl (local.get $n) (i32.const 2))))
    (local.set $s (f32x4.splat (local.get $scale)))
    (local.set $r (f32x4.splat (call $inverse (local.get $scale))))
    (local.set $lo (f32x4.splat (f32.neg (local.get $half))))
    (local.set $hi (f32x4.splat (f32.sub (local.get $half) (f32.const 1))))
    (local.set $magic (f32x4.splat (f32.const 12582912)))
    (loop $more
      (local.set $v (v128.load (local.get $at)))
      (local.set $e (f32x4.sub (local.get $v) (f32x4.mul (local.get $s) (f32x4.sub
        (f32x4.add (f32x4.pmin (f32x4.pmax (f32x4.mul (local.get $v) (local.get $r)) (local.get $lo)) (local.get $hi)) (local.get $magic))
        (local.get $magic)))))
      (local.set $sum (f32x4.add (local.get $sum) (f32x4.mul (f32x4.mul (local.get $e) (local.get $e)) (v128.load (local.get $weights)))))
      (local.set $weights (i32.add (local.get $weights) (i32.const 16)))
      (br_if $more (i32.lt_u (local.tee $at (i32.add (local.get $at) (i32.const 16))) (local.get $end))))
    (call $lanes (local.get $sum)))

  ;; The scale of least weighted squared error for the integers that another scale gives; 0 where there is none.
  (func $fitted (param $scale f32) (param $n i32) (param $half f32) (param $weights i32) (result f32)
    (local $at i32) (local $end i32) (local $r v128) (local $lo v128) (local $hi v128) (local $magic v128)
    (local $v v128) (local $q v128) (local $w v128) (local $vq v128) (local $qq v128) (local $b f32)
    (local.set $at (i32.const 64))
    (local.set $end (i32.add (i32.const 64) (i32.shl (local.get $n) (i32.const 2))))
    (local.set $r (f32x4.splat (call $inverse (local.get $scale))))
    (local.set $lo (f32x4.splat (f32.neg (local.get $half))))
    (local.set $hi (f32x4.splat (f32.sub (local.get $half) (f32.const 1))))
    (local.set $magic (f32x4.splat (f32.const 12582912)))
    (loop $more
      (local.set $v (v128.load (local.get $at)))
      (local.set $q (f32x4.sub
        (f32x4.add (f32x4.pmin (f32x4.pmax (f32x4.mul (local.get $v) (local.get $r)) (local.get $lo)) (local.get $hi)) (local.get $magic))
        (local.get $magic)))
      (local.set $w (f32x4.mul (local.get $q) (v128.load (local.get $weights))))
      (local.set $vq (f32x4.add (local.get $vq) (f32x4.mul (local.get $w) (local.get $v))))
      (local.set $qq (f32x4.add (local.get $qq) (f32x4.mul (local.get $w) (local.get $q))))
      (local.set $weights (i32.add (local.get $weights) (i32.const 16)))
      (br_if $more (i32.lt_u (local.tee $at (i32.add (local.get $at) (i32.const 16))) (local.get $end))))
    (local.set $b (call $lanes (local.get $qq)))
    (if (result f32) (f32.gt (local.get $b) (f32.const 0))
      (then (f32.div (call $lanes (local.get $vq)) (local.get $b)))
      (else (f32.const 0))))

  ;; A scale as it is kept: no NaN, no infinity, nothing subnormal, which 1 / scale could not answer.
  (func $usable (param $scale f32) (result f32)
    (select (local.get $scale) (f32.const 0)
      (i32.and
        (f32.ge (f32.abs (local.get $scale)) (f32.const 0x1p-126))
        (f32.lt (f32.abs (local.get $scale)) (f32.const inf)))))

  ;; Tries every ratio at candidates, with both signs, then fits twice. Returns the best scale.
  (func $search (param $scale f32) (param $n i32) (param $half f32) (param $weights i32) (param $candidates i32) (param $count i32) (result f32)
    (local $base f32) (local $best f32) (local $trial f32) (local $error f32) (local $i i32)
    (local.set $base (local.get $scale))
    (local.set $best (call $error (local.get $scale) (local.get $n) (local.get $half) (local.get $weights)))
    (loop $more
      (local.set $trial (call $usable (f32.mul (local.get $base) (f32.load (i32.add (local.get $candidates) (i32.shl (local.get $i) (i32.const 2)))))))
      (local.set $error (call $error (local.get $trial) (local.get $n) (local.get $half) (local.get $weights)))
      (if (f32.lt (local.get $error) (local.get $best))
        (then (local.set $best (local.get $error)) (local.set $scale (local.get $trial))))
      (br_if $more (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (local.get $count))))
    (local.set $i (i32.const 0))
    (loop $again
      (local.set $trial (call $usable (call $fitted (local.get $scale) (local.get $n) (local.get $half) (local.get $weights))))
      (local.set $error (call $error (local.get $trial) (local.get $n) (local.get $half) (local.get $weights)))
      (if (f32.lt (local.get $error) (local.get $best))
        (then (local.set $best (local.get $error)) (local.set $scale (local.get $trial))))
      (br_if $again (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 2))))
    (local.get $scale))

  ;; Writes the block's integers, adds to the sums.
  (func $store (param $scale f32) (param $n i32) (param $half f32) (param $bits i32) (param $dst i32)
    (local $at i32) (local $end i32) (local $s v128) (local $r v128) (local $lo v128) (local $hi v128) (local $magic v128) (local $zero v128)
    (local $v v128) (local $e v128) (local $err v128) (local $sq v128) (local $max v128)
    (local $a v128) (local $b v128) (local $c v128) (local $d v128)
    (local.set $at (i32.const 64))
    (local.set $end (i32.add (i32.const 64) (i32.shl (local.get $n) (i32.const 2))))
    (local.set $s (f32x4.splat (local.get $scale)))
    (local.set $r (f32x4.splat (call $inverse (local.get $scale))))
    (local.set $lo (f32x4.splat (f32.neg (local.get $half))))
    (local.set $hi (f32x4.splat (f32.sub (local.get $half) (f32.const 1))))
    (local.set $magic (f32x4.splat (f32.const 12582912)))
    ;; Bits of magic, less what makes the integers begin at 0.
    (local.set $zero (i32x4.splat (i32.sub (i32.const 0x4b400000) (i32.trunc_f32_s (local.get $half)))))
    (loop $more
      (local.set $v (v128.load (local.get $at)))
      (local.set $a (f32x4.add (f32x4.pmin (f32x4.pmax (f32x4.mul (local.get $v) (local.get $r)) (local.get $lo)) (local.get $hi)) (local.get $magic)))
      (local.set $e (f32x4.sub (local.get $v) (f32x4.mul (local.get $s) (f32x4.sub (local.get $a) (local.get $magic)))))
      (local.set $err (f32x4.add (local.get $err) (f32x4.mul (local.get $e) (local.get $e))))
      (local.set $sq (f32x4.add (local.get $sq) (f32x4.mul (local.get $v) (local.get $v))))
      (local.set $max (f32x4.pmax (local.get $max) (f32x4.abs (local.get $e))))
      (local.set $v (v128.load offset=16 (local.get $at)))
      (local.set $b (f32x4.add (f32x4.pmin (f32x4.pmax (f32x4.mul (local.get $v) (local.get $r)) (local.get $lo)) (local.get $hi)) (local.get $magic)))
      (local.set $e (f32x4.sub (local.get $v) (f32x4.mul (local.get $s) (f32x4.sub (local.get $b) (local.get $magic)))))
      (local.set $err (f32x4.add (local.get $err) (f32x4.mul (local.get $e) (local.get $e))))
      (local.set $sq (f32x4.add (local.get $sq) (f32x4.mul (local.get $v) (local.get $v))))
      (local.set $max (f32x4.pmax (local.get $max) (f32x4.abs (local.get $e))))
      (local.set $v (v128.load offset=32 (local.get $at)))
      (local.set $c (f32x4.add (f32x4.pmin (f32x4.pmax (f32x4.mul (local.get $v) (local.get $r)) (local.get $lo)) (local.get $hi)) (local.get $magic)))
      (local.set $e (f32x4.sub (local.get $v) (f32x4.mul (local.get $s) (f32x4.sub (local.get $c) (local.get $magic)))))
      (local.set $err (f32x4.add (local.get $err) (f32x4.mul (local.get $e) (local.get $e))))
      (local.set $sq (f32x4.add (local.get $sq) (f32x4.mul (local.get $v) (local.get $v))))
      (local.set $max (f32x4.pmax (local.get $max) (f32x4.abs (local.get $e))))
      (local.set $v (v128.load offset=48 (local.get $at)))
      (local.set $d (f32x4.add (f32x4.pmin (f32x4.pmax (f32x4.mul (local.get $v) (local.get $r)) (local.get $lo)) (local.get $hi)) (local.get $magic)))
      (local.set $e (f32x4.sub (local.get $v) (f32x4.mul (local.get $s) (f32x4.sub (local.get $d) (local.get $magic)))))
      (local.set $err (f32x4.add (local.get $err) (f32x4.mul (local.get $e) (local.get $e))))
      (local.set $sq (f32x4.add (local.get $sq) (f32x4.mul (local.get $v) (local.get $v))))
      (local.set $max (f32x4.pmax (local.get $max) (f32x4.abs (local.get $e))))
      ;; Sixteen integers as bytes.
      (local.set $a (i8x16.narrow_i16x8_u
        (i16x8.narrow_i32x4_s (i32x4.sub (local.get $a) (local.get $zero)) (i32x4.sub (local.get $b) (local.get $zero)))
        (i16x8.narrow_i32x4_s (i32x4.sub (local.get $c) (local.get $zero)) (i32x4.sub (local.get $d) (local.get $zero)))))
      (if (i32.eq (local.get $bits) (i32.const 8))
        (then
          (v128.store (local.get $dst) (local.get $a))
          (local.set $dst (i32.add (local.get $dst) (i32.const 16))))
        (else
          ;; Each pair of bytes becomes one: the first is its low half.
          (local.set $a (v128.and (v128.or (local.get $a) (i16x8.shr_u (local.get $a) (i32.const 4))) (i16x8.splat (i32.const 0xff))))
          (v128.store64_lane 0 (local.get $dst) (i8x16.narrow_i16x8_u (local.get $a) (local.get $a)))
          (local.set $dst (i32.add (local.get $dst) (i32.const 8)))))
      (br_if $more (i32.lt_u (local.tee $at (i32.add (local.get $at) (i32.const 64))) (local.get $end))))
    (f64.store (i32.const 0) (f64.add (f64.load (i32.const 0)) (f64.promote_f32 (call $lanes (local.get $sq)))))
    (f64.store (i32.const 8) (f64.add (f64.load (i32.const 8)) (f64.promote_f32 (call $lanes (local.get $err)))))
    (f32.store (i32.const 16) (f32.max (f32.load (i32.const 16)) (f32.max
      (f32.max (f32x4.extract_lane 0 (local.get $max)) (f32x4.extract_lane 1 (local.get $max)))
      (f32.max (f32x4.extract_lane 2 (local.get $max)) (f32x4.extract_lane 3 (local.get $max)))))))

  ;; Quantizes blocks one after another. weights: one per column of a row of `row` blocks. Returns the first block that holds
  ;; NaN or infinity, -1 for none.
  (func (export "quantize")
    (param $src i32) (param $kind i32) (param $blocks i32) (param $n i32) (param $bits i32) (param $dst i32) (param $scales i32)
    (param $candidates i32) (param $count i32) (param $weights i32) (param $row i32) (result i32)
    (local $i i32) (local $v v128) (local $low f32) (local $high f32) (local $scale f32) (local $half f32) (local $limit f32)
    (local $column i32) (local $itemBytes i32)
    (local.set $half (f32.convert_i32_s (i32.shl (i32.const 1) (i32.sub (local.get $bits) (i32.const 1)))))
    ;; Widened, float16's infinities and NaN are 65536 and more.
    (local.set $limit (select (f32.const inf) (f32.const 65536) (local.get $kind)))
    (local.set $itemBytes (select (i32.const 4) (i32.const 2) (i32.eq (local.get $kind) (i32.const 2))))
    (block $done
      (br_if $done (i32.eqz (local.get $blocks)))
      (loop $more
        (call $widen (local.get $src) (local.get $kind) (local.get $n))
        (local.set $v (v128.load (i32.const 32)))
        (local.set $low (f32.min
          (f32.min (f32x4.extract_lane 0 (local.get $v)) (f32x4.extract_lane 1 (local.get $v)))
          (f32.min (f32x4.extract_lane 2 (local.get $v)) (f32x4.extract_lane 3 (local.get $v)))))
        (local.set $v (v128.load (i32.const 48)))
        (local.set $high (f32.max
          (f32.max (f32x4.extract_lane 0 (local.get $v)) (f32x4.extract_lane 1 (local.get $v)))
          (f32.max (f32x4.extract_lane 2 (local.get $v)) (f32x4.extract_lane 3 (local.get $v)))))
        (if (i32.eqz (i32.and (f32.lt (local.get $high) (local.get $limit)) (f32.gt (local.get $low) (f32.neg (local.get $limit)))))
          (then (return (local.get $i))))
        ;; The value farthest from 0 becomes the lowest integer, there being one more below 0 than above.
        (local.set $scale (call $usable (f32.div
          (select (local.get $high) (local.get $low) (f32.gt (local.get $high) (f32.neg (local.get $low))))
          (f32.neg (local.get $half)))))
        (if (i32.and (i32.ne (local.get $count) (i32.const 0)) (f32.ne (local.get $scale) (f32.const 0)))
          (then (local.set $scale (call $search (local.get $scale) (local.get $n) (local.get $half)
            (i32.add (local.get $weights) (i32.shl (i32.mul (local.get $column) (local.get $n)) (i32.const 2)))
            (local.get $candidates) (local.get $count)))))
        (call $store (local.get $scale) (local.get $n) (local.get $half) (local.get $bits) (local.get $dst))
        (f32.store (local.get $scales) (local.get $scale))
        (local.set $scales (i32.add (local.get $scales) (i32.const 4)))
        (local.set $src (i32.add (local.get $src) (i32.mul (local.get $n) (local.get $itemBytes))))
        (local.set $dst (i32.add (local.get $dst) (i32.shr_u (i32.mul (local.get $n) (local.get $bits)) (i32.const 3))))
        (local.set $column (i32.add (local.get $column) (i32.const 1)))
        (if (i32.eq (local.get $column) (local.get $row)) (then (local.set $column (i32.const 0))))
        (br_if $more (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (local.get $blocks)))))
    (i32.const -1))

  ;; The largest element of 16-byte groups, sign bits cleared: as unsigned 16-bit (wide 0) or 32-bit (wide 1) integers.
  (func (export "largest") (param $src i32) (param $bytes i32) (param $wide i32) (result i32)
    (local $end i32) (local $max v128) (local $i i32) (local $found i32)
    (local.set $end (i32.add (local.get $src) (local.get $bytes)))
    (block $done
      (br_if $done (i32.ge_u (local.get $src) (local.get $end)))
      (if (local.get $wide)
        (then
          (loop $more
            (local.set $max (i32x4.max_u (local.get $max) (v128.and (v128.load (local.get $src)) (i32x4.splat (i32.const 0x7fffffff)))))
            (br_if $more (i32.lt_u (local.tee $src (i32.add (local.get $src) (i32.const 16))) (local.get $end))))
          (v128.store (i32.const 32) (local.get $max))
          (loop $lanes
            (if (i32.gt_u (i32.load offset=32 (i32.shl (local.get $i) (i32.const 2))) (local.get $found))
              (then (local.set $found (i32.load offset=32 (i32.shl (local.get $i) (i32.const 2))))))
            (br_if $lanes (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 4)))))
        (else
          (loop $more
            (local.set $max (i16x8.max_u (local.get $max) (v128.and (v128.load (local.get $src)) (i16x8.splat (i32.const 0x7fff)))))
            (br_if $more (i32.lt_u (local.tee $src (i32.add (local.get $src) (i32.const 16))) (local.get $end))))
          (v128.store (i32.const 32) (local.get $max))
          (loop $lanes
            (if (i32.gt_u (i32.load16_u offset=32 (i32.shl (local.get $i) (i32.const 1))) (local.get $found))
              (then (local.set $found (i32.load16_u offset=32 (i32.shl (local.get $i) (i32.const 1))))))
            (br_if $lanes (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 8)))))))
    (local.get $found)))
