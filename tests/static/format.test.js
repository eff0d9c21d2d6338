import assert from "node:assert/strict";
import { test } from "node:test";

import { format, formatInto, padded, short } from "../../static/format.js";

test("an exact zero is 0 and a rounded one .00", () => {
  assert.equal(format(0), "0");
  assert.equal(format(-0), "0");
  assert.equal(format(0.001), ".00");
  assert.equal(format(-0.001), "−.00");
});

test("a leading zero is left out and the minus is a true minus", () => {
  assert.equal(format(-0.37), "−.37");
  assert.equal(format(2.674), "2.67");
  assert.equal(format(0.123456, 4), ".1235");
});

test("all digits read back as the same double", () => {
  for (const value of [0.1, -1 / 3, 1e-9, 12345.678]) {
    assert.equal(Number(format(value, 17).replaceAll("−", "-")), value);
  }
});

test("in a narrow cell decimals give way before the number does", () => {
  assert.equal(formatInto(-12.345, 2, 4), "−12.3");
  assert.equal(formatInto(-1.234, 2, 4), "−1.23");
  assert.equal(formatInto(1234.5, 2, 4), "1235");
});

test("a caption has two significant digits", () => {
  assert.equal(short(-0.00123), "−.0012");
  assert.equal(short(7.713), "7.7");
});

test("a count that grows keeps its place: figure spaces stand for the digits to come", () => {
  assert.equal(padded(7, 3), "\u2007\u20077");
  assert.equal(padded(1000000, 7), "1000000");
});
