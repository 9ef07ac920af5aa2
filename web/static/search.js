// A list under the search box while one types: waits for a pause, moves by keys, leaves the form as it is without scripts.
(function () {
  "use strict";
  var box = document.getElementById("search");
  if (!box || !window.fetch) { return; }
  var list = document.getElementById("search-list");
  var timer = null, asked = 0, active = -1;

  function close() {
    list.hidden = true;
    active = -1;
    box.setAttribute("aria-expanded", "false");
    box.removeAttribute("aria-activedescendant");
  }

  function mark(place) {
    var options = list.children;
    if (active >= 0 && options[active]) { options[active].setAttribute("aria-selected", "false"); }
    active = place;
    if (active < 0) { box.removeAttribute("aria-activedescendant"); return; }
    options[active].setAttribute("aria-selected", "true");
    options[active].scrollIntoView({ block: "nearest" });
    box.setAttribute("aria-activedescendant", options[active].id);
  }

  function show(rows) {
    list.textContent = "";
    active = -1;
    rows.forEach(function (row, place) {
      var option = document.createElement("li");
      option.id = "search-option-" + place;
      option.setAttribute("role", "option");
      option.setAttribute("aria-selected", "false");
      option.dataset.address = row.address;
      [["kind", row.kind], ["title", row.title], ["detail", row.detail]].forEach(function (part) {
        var span = document.createElement("span");
        span.className = part[0];
        span.textContent = part[1];
        option.appendChild(span);
      });
      list.appendChild(option);
    });
    list.hidden = rows.length === 0;
    box.setAttribute("aria-expanded", rows.length ? "true" : "false");
    box.removeAttribute("aria-activedescendant");
  }

  function ask() {
    var text = box.value.trim();
    var turn = ++asked;
    if (!text) { close(); return; }
    window.fetch(box.form.dataset.suggest + "?text=" + encodeURIComponent(text), { headers: { Accept: "application/json" } })
      .then(function (answer) { return answer.ok ? answer.json() : []; })
      .then(function (rows) { if (turn === asked && document.activeElement === box) { show(rows); } })
      .catch(function () { if (turn === asked) { close(); } });
  }

  function go(option) {
    if (option && option.dataset.address) { window.location.href = option.dataset.address; } else { box.form.submit(); }
  }

  box.addEventListener("input", function () {
    window.clearTimeout(timer);
    timer = window.setTimeout(ask, 150);
  });
  box.addEventListener("keydown", function (event) {
    var count = list.hidden ? 0 : list.children.length;
    if (event.isComposing) { return; }
    if (event.key === "ArrowDown" && count) { event.preventDefault(); mark((active + 1) % count); }
    else if (event.key === "ArrowUp" && count) { event.preventDefault(); mark(active <= 0 ? count - 1 : active - 1); }
    else if (event.key === "Enter" && count && active >= 0) { event.preventDefault(); go(list.children[active]); }
    else if (event.key === "Escape" && count) { event.preventDefault(); close(); }
  });
  box.addEventListener("blur", function () { window.setTimeout(close, 150); });
  list.addEventListener("mousedown", function (event) {
    var option = event.target.closest("li");
    if (option) { event.preventDefault(); go(option); }
  });
  document.addEventListener("keydown", function (event) {
    var inField = /^(INPUT|TEXTAREA|SELECT)$/.test(document.activeElement.tagName);
    if (event.key === "/" && !inField && !event.ctrlKey && !event.metaKey) { event.preventDefault(); box.focus(); }
  });
})();
