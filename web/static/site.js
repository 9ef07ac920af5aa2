// Small helps that no page depends on: closed menu on phones, no double submission, rows added to a form.
(function () {
  "use strict";
  if (window.matchMedia("(max-width: 820px)").matches) {
    document.querySelectorAll("details.nav").forEach(function (nav) { nav.removeAttribute("open"); });
  }
  document.addEventListener("submit", function (event) {
    var form = event.target;
    if (form.method !== "post") { return; }
    if (form.dataset.sent) { event.preventDefault(); return; }
    if (form.dataset.confirm && !window.confirm(form.dataset.confirm)) { event.preventDefault(); return; }
    form.dataset.sent = "1";
    window.setTimeout(function () { delete form.dataset.sent; }, 8000);
  });
  document.addEventListener("click", function (event) {
    var button = event.target.closest("[data-add-row]");
    if (!button) { return; }
    var body = document.getElementById(button.dataset.addRow);
    var rows = body.querySelectorAll("tr");
    var copy = rows[rows.length - 1].cloneNode(true);
    copy.querySelectorAll("input, select, textarea").forEach(function (field) {
      field.name = field.name.replace(/-(\d+)-/, function (_, n) { return "-" + (Number(n) + 1) + "-"; });
      field.removeAttribute("id");
      if (field.type !== "checkbox") { field.value = ""; }
    });
    body.appendChild(copy);
    copy.querySelector("input, select").focus();
  });
})();
