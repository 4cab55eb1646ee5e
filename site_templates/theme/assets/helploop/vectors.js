/*
 * Vectors: what a text is about, as the normalised sum of its words' rows in a table that `helploop tune` has fitted
 * onto an encoder. Plain script without dependencies; gives the global HelploopVectors.
 *
 * Rows are kept with 4 bits a number (16 of them, 15 used: -7 to 7), two in a byte, in base64. Their directions are
 * rotated at random by the one that makes the table, so that every number of a row is about as large; what is larger
 * than CLIP times the root mean square is cut. Of Banking77's queries .1 less come first than with whole numbers; with
 * the largest number as the scale it was .7.
 */
var HelploopVectors = (function () {
  "use strict";

  var TABLE_VERSION = 1;
  var LEVELS = 7;
  var CLIP = 2.4;
  var SIGNS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  // An article is as near as its nearest text and its nearest six together: .8 and three were .7 less first (Banking77,
  // rows of train).
  var NEAREST_WORTH = 0.6;
  var NEAREST = 6;

  var VALUES = new Uint8Array(128); // character code -> what it stands for in base64
  Array.from(SIGNS).forEach(function (sign, value) { VALUES[sign.charCodeAt(0)] = value; });

  // ------------------------------------------------------------------------------------------ bytes

  function toBytes(base64) {
    var text = base64.replace(/=+$/, "");
    var bytes = new Uint8Array(Math.floor(text.length * 3 / 4));
    var value = 0;
    var bits = 0;
    var at = 0;
    for (var i = 0; i < text.length; i++) {
      value = value << 6 | VALUES[text.charCodeAt(i)];
      bits += 6;
      if (bits >= 8) {
        bits -= 8;
        bytes[at++] = value >> bits & 255;
        value &= (1 << bits) - 1;
      }
    }
    return bytes;
  }

  function toBase64(bytes) {
    var text = "";
    for (var i = 0; i < bytes.length; i += 3) {
      var value = bytes[i] << 16 | (bytes[i + 1] || 0) << 8 | (bytes[i + 2] || 0);
      text += SIGNS[value >> 18] + SIGNS[value >> 12 & 63] +
        (i + 1 < bytes.length ? SIGNS[value >> 6 & 63] : "=") + (i + 2 < bytes.length ? SIGNS[value & 63] : "=");
    }
    return text;
  }

  /** Adds a vector to bytes, two numbers each. */
  function pack(vector, bytes) {
    var squares = 0;
    for (var i = 0; i < vector.length; i++) squares += vector[i] * vector[i];
    var step = CLIP * Math.sqrt(squares / vector.length) / LEVELS || 1;
    function level(k) {
      return Math.max(-LEVELS, Math.min(LEVELS, Math.round((vector[k] || 0) / step))) + LEVELS;
    }
    for (var j = 0; j < vector.length; j += 2) bytes.push(level(j) << 4 | level(j + 1));
  }

  /** All rows of the bytes, one behind the other, each of length 1. */
  function unpack(bytes, dimensions) {
    var width = Math.ceil(dimensions / 2);
    var count = Math.floor(bytes.length / width);
    var rows = new Float32Array(count * dimensions);
    for (var r = 0; r < count; r++) {
      var start = r * dimensions;
      for (var k = 0; k < dimensions; k++) {
        var byte = bytes[r * width + (k >> 1)];
        rows[start + k] = (k & 1 ? byte & 15 : byte >> 4) - LEVELS;
      }
      makeUnit(rows, start, dimensions);
    }
    return rows;
  }

  /** Divides by the length, in place; false where there is none. */
  function makeUnit(values, start, dimensions) {
    var squares = 0;
    for (var k = start; k < start + dimensions; k++) squares += values[k] * values[k];
    if (!squares) return false;
    var length = Math.sqrt(squares);
    for (var j = start; j < start + dimensions; j++) values[j] /= length;
    return true;
  }

  // ------------------------------------------------------------------------------------------ the table

  /**
   * data: {v, dimensions, words: one for each stem, joined by spaces; rows: base64; norms: base64, a byte a row, in
   * units of top / 255; top}. stemOf: of a word. -> {dimensions, words, has(stem), add(sum, stem, times)}
   */
  function createTable(data, stemOf) {
    if (data.v !== TABLE_VERSION) throw new Error("a word table of version " + data.v + ", not " + TABLE_VERSION);
    var known = data.words ? data.words.split(" ") : [];
    var dimensions = data.dimensions;
    var norms = toBytes(data.norms);
    var rows = unpack(toBytes(data.rows), dimensions);
    if (rows.length !== known.length * dimensions || norms.length !== known.length) {
      throw new Error("a word table of " + known.length + " words that is cut short");
    }
    var places = new Map();
    known.forEach(function (word, i) { places.set(stemOf(word), i); });
    return {
      dimensions: dimensions,
      words: known,
      has: function (stem) { return places.has(stem); },
      /** Adds a word's row to a sum; nothing for a word that it does not know. */
      add: function (sum, stem, times) {
        var place = places.get(stem);
        if (place === undefined) return;
        var factor = times * norms[place] * data.top / 255;
        for (var k = 0; k < dimensions; k++) sum[k] += factor * rows[place * dimensions + k];
      }
    };
  }

  /** The unit vector of these stems: [{stem, times}]; null when the table knows none of them. */
  function vectorOf(table, counted) {
    var sum = new Float32Array(table.dimensions);
    counted.forEach(function (one) { table.add(sum, one.stem, one.times); });
    return makeUnit(sum, 0, table.dimensions) ? sum : null;
  }

  // ------------------------------------------------------------------------------------------ nearness

  /**
   * rows: unit rows of all documents' texts, one behind the other; counts: how many each document has. -> for each
   * document -1..1, how near a query's vector is to its nearest texts; 0 for one without texts.
   */
  function nearness(vector, rows, counts) {
    var row = 0;
    return counts.map(function (count) {
      var near = [];
      for (var end = row + count; row < end; row++) {
        var product = 0;
        for (var k = 0, at = row * vector.length; k < vector.length; k++, at++) product += vector[k] * rows[at];
        near.push(product);
      }
      if (!count) return 0;
      near.sort(function (a, b) { return b - a; });
      var few = near.slice(0, NEAREST);
      var mean = few.reduce(function (sum, one) { return sum + one; }, 0) / few.length;
      return NEAREST_WORTH * near[0] + (1 - NEAREST_WORTH) * mean;
    });
  }

  return {
    version: TABLE_VERSION, createTable: createTable, vectorOf: vectorOf, nearness: nearness, pack: pack,
    unpack: unpack, toBytes: toBytes, toBase64: toBase64
  };
})();
