"use strict";
// Hides rows that do not match; the page is complete without it. What is asked for stands in
// the address after "#", so that a link can carry it: #q=entrust&s=error&n=2
(function () {
  var form = document.getElementById("filter");
  var query = document.getElementById("f-q");
  var severity = document.getElementById("f-s");
  var store = document.getElementById("f-n");
  var said = document.getElementById("f-said");
  var opener = document.getElementById("f-open");
  var rows = Array.prototype.slice.call(document.querySelectorAll(".r"));
  var blocks = Array.prototype.slice.call(document.querySelectorAll(".block, .store, .hides, #chains, #waived, #trust, #stores"));
  var folds = Array.prototype.slice.call(document.querySelectorAll("details"));
  var before = folds.map(function (fold) { return fold.open; });
  var texts = [];
  var filtering = false;
  var waiting = 0;

  // Fingerprints are found with and without colons, names in any case.
  function plain(text) {
    return text.toLowerCase().replace(/\s+/g, " ").trim();
  }
  function hex(text) {
    var digits = text.replace(/[:\s…]/g, "");
    return /^[0-9a-f]{8,64}$/.test(digits) ? digits : "";
  }
  function textOf(at) {
    if (texts[at] === undefined) {
      var row = rows[at];
      var titles = "";
      row.querySelectorAll("[title]").forEach(function (one) { titles += " " + one.title; });
      texts[at] = plain(row.textContent + titles);
    }
    return texts[at];
  }
  function has(words, word) {
    return (" " + (words || "") + " ").indexOf(" " + word + " ") >= 0;
  }

  function apply() {
    var wanted = plain(query.value);
    var digits = hex(wanted);
    var active = Boolean(wanted || severity.value || store.value);
    if (active && !filtering) { before = folds.map(function (fold) { return fold.open; }); }
    var shown = 0;
    rows.forEach(function (row, at) {
      var keep = true;
      if (severity.value && row.dataset.s !== undefined) {
        keep = has(row.dataset.s, severity.value);
      }
      if (keep && store.value && row.dataset.n !== undefined) {
        keep = has(row.dataset.n, store.value);
      }
      if (keep && wanted) {
        var text = textOf(at);
        keep = text.indexOf(wanted) >= 0 ||
          Boolean(digits) && text.replace(/[:…]/g, "").indexOf(digits) >= 0;
      }
      row.hidden = !keep;
      if (keep) { shown += 1; }
    });
    blocks.forEach(function (block) {
      block.hidden = active && !block.querySelector(".r:not([hidden])");
    });
    folds.forEach(function (fold, at) {
      if (active && (wanted || severity.value)) {
        // A fold without rows of its own (more places) stays as it was.
        if (fold.querySelector(".r")) { fold.open = Boolean(fold.querySelector(".r:not([hidden])")); }
      } else if (filtering) {
        fold.open = before[at];
      }
    });
    filtering = active;
    document.body.classList.toggle("filtering", active);
    said.textContent = active ? shown + " of " + rows.length + " rows" : "";
    said.dataset.shown = String(shown);
  }

  function address() {
    var parts = [];
    [["q", query], ["s", severity], ["n", store]].forEach(function (pair) {
      if (pair[1].value) { parts.push(pair[0] + "=" + encodeURIComponent(pair[1].value)); }
    });
    try {
      history.replaceState(null, "", parts.length ? "#" + parts.join("&") : "#");
    } catch (refused) {
      // Some viewers show a page without an address of its own.
    }
  }

  function read() {
    var found = {};
    location.hash.slice(1).split("&").forEach(function (part) {
      var at = part.indexOf("=");
      if (at > 0) {
        try {
          found[part.slice(0, at)] = decodeURIComponent(part.slice(at + 1).replace(/\+/g, " "));
        } catch (malformed) {
          // A link somebody cut; the rest of it counts.
        }
      }
    });
    if (found.q === undefined && found.s === undefined && found.n === undefined) { return; }
    query.value = found.q || "";
    severity.value = found.s || "";
    store.value = found.n || "";
    if (severity.selectedIndex < 0) { severity.value = ""; }
    if (store.selectedIndex < 0) { store.value = ""; }
    apply();
  }

  function soon() {
    clearTimeout(waiting);
    waiting = setTimeout(function () { apply(); address(); }, 120);
  }

  form.hidden = false;
  form.addEventListener("submit", function (event) { event.preventDefault(); });
  form.addEventListener("input", soon);
  form.addEventListener("change", soon);
  form.addEventListener("reset", function () { setTimeout(function () { apply(); address(); }, 0); });
  opener.addEventListener("click", function () {
    var open = opener.dataset.open !== "1";
    folds.forEach(function (fold) { fold.open = open; });
    opener.dataset.open = open ? "1" : "";
    opener.textContent = open ? "Close all" : "Open all";
  });
  addEventListener("hashchange", read);
  read();
}());
