// On the page of all errors: a message is pasted, and the entries about it are listed.
// The page is complete without this.
"use strict";

(function () {
  // Each … of a message stands for any text of one line.
  function pattern(message) {
    const parts = message.split("…").map((one) => one.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
    return new RegExp(parts.join("[^\\n]*?"), "i");
  }

  function words(text) {
    return new Set(text.toLowerCase().match(/[\p{L}\p{N}_]{3,}/gu) || []);
  }

  // How well an entry fits: whole messages first, the longest of them; then a part of one, or its
  // heading; then common words.
  function score(entry, text, given) {
    const part = text.trim().toLowerCase();
    let best = pattern(entry.title).test(text) ? 500 + entry.title.length : 0;
    for (const message of entry.says) {
      if (pattern(message).test(text)) {
        best = Math.max(best, 1000 + message.length);
      }
      if (message.toLowerCase().includes(part)) {
        best = Math.max(best, 400);
      }
      const own = words(message);
      const common = [...own].filter((one) => given.has(one)).length;
      if (common >= 2) {
        best = Math.max(best, (100 * common) / own.size);
      }
    }
    return best;
  }

  function found(entries, text) {
    const given = words(text);
    const scored = entries.map((entry) => [score(entry, text, given), entry]);
    const most = Math.max(...scored.map((one) => one[0]));
    const least = most >= 1000 ? 1000 : most >= 400 ? 400 : 50;
    return scored
      .filter((one) => one[0] >= least)
      .sort((a, b) => b[0] - a[0])
      .slice(0, 8)
      .map((one) => one[1]);
  }

  function show(list, entries, text) {
    list.replaceChildren();
    if (text.trim().length < 4) {
      return;
    }
    for (const entry of found(entries, text)) {
      const item = list.appendChild(document.createElement("li"));
      const link = item.appendChild(document.createElement("a"));
      link.href = entry.page;
      link.textContent = entry.title;
    }
    if (!list.firstChild) {
      list.appendChild(document.createElement("li")).textContent =
        "no entry; storekeeper doctor --evidence FILE reads a whole log";
    }
  }

  function begin() {
    const entries = window.storekeeperErrors;
    const before = document.querySelector("section#what-the-error-means > section");
    if (!entries || !before) {
      return;
    }
    const box = document.createElement("div");
    box.className = "finder";
    const label = box.appendChild(document.createElement("label"));
    label.textContent = "Paste the message";
    const area = box.appendChild(document.createElement("textarea"));
    area.id = label.htmlFor = "finder-text";
    area.spellcheck = false;
    const list = box.appendChild(document.createElement("ul"));
    list.setAttribute("aria-live", "polite");
    before.before(box);
    area.addEventListener("input", () => show(list, entries, area.value));
    // A link can carry the message: index.html#q=...
    const given = /^#q=(.*)$/.exec(location.hash);
    if (given) {
      area.value = decodeURIComponent(given[1]);
      show(list, entries, area.value);
    }
  }

  document.addEventListener("DOMContentLoaded", begin);
})();
